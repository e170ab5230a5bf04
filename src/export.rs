//! [`Edition`] → [`Output`]s: one table of output formats.
//!
//! To add one: a file in `src/export/` with a unit struct and its `impl Exporter`, and a line in [`EXPORTERS`].

pub mod capture;
pub mod html;
pub mod json;
pub mod map;
#[cfg(feature = "png")]
pub mod png;
pub mod search;

use std::fmt;

use crate::diag::{Sink, did_you_mean};
use crate::edition::Edition;

/// A file to write.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Output {
    /// Path below the folder of the version.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Output {
    /// An output of text or bytes.
    pub fn new(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), bytes: bytes.into() }
    }
}

/// An output format.
pub trait Exporter: Sync {
    /// Name, kebab case.
    fn name(&self) -> &'static str;

    /// What it writes, one sentence.
    fn summary(&self) -> &'static str;

    /// The files of `edition`; what the author should know goes into `sink`.
    fn export(&self, edition: &Edition, sink: &mut Sink) -> Vec<Output>;
}

impl fmt::Debug for dyn Exporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// All output formats, by name.
pub const EXPORTERS: &[&dyn Exporter] = &[&capture::Capture, &html::Html, &json::Json, &map::Map, &search::Search];

/// The files of all formats, by path; `None` where something cannot be published.
pub fn export_all(edition: &Edition, sink: &mut Sink) -> Option<Vec<Output>> {
    let mut found = Sink::default();
    let mut outputs: Vec<Output> = EXPORTERS.iter().flat_map(|exporter| exporter.export(edition, &mut found)).collect();
    outputs.sort();
    let is_publishable = !found.has_errors();
    sink.append(found);
    is_publishable.then_some(outputs)
}

/// The exporter called `name`, or the hint for a misspelt name.
pub fn find(name: &str) -> Result<&'static dyn Exporter, Option<String>> {
    let found = EXPORTERS.iter().copied().find(|exporter| exporter.name() == name);
    found.ok_or_else(|| did_you_mean(name, EXPORTERS.iter().map(|exporter| exporter.name())))
}
