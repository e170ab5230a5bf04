//! `trustlane build` and `trustlane check`.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::progress::Progress;
use super::{Ending, Strictness, report_as, root, say};
use crate::diag::Sink;
use crate::export::Output;
use crate::source::Sources;
use crate::{assess, edition, env, export, load, operation, project, run, write};

/// Arguments of `build`.
#[derive(Args, Debug)]
pub struct Build {
    /// Folder of the project; the current one where absent
    project: Option<PathBuf>,
    /// Folder to write to
    #[arg(short, long, default_value = "public")]
    output: PathBuf,
    /// Take warnings for mistakes: with any, nothing is written and the exit code is 1
    #[arg(long)]
    strict: bool,
}

/// Arguments of `check`.
#[derive(Args, Debug)]
pub struct Check {
    /// Folder of the project; the current one where absent
    project: Option<PathBuf>,
    /// Take warnings for mistakes: with any, the exit code is 1
    #[arg(long)]
    strict: bool,
}

impl Build {
    /// Builds and writes the site.
    pub fn execute(self) -> Result<Ending> {
        let sources = load::load(root(self.project.as_ref()))?;
        let mut sink = Sink::default();
        let built = outputs(&sources, &mut sink);
        let ending = report_as(sink, &sources, strictness(self.strict));
        if let (Some((outputs, edition)), Ending::Well) = (built, ending) {
            let config = &edition.project.config;
            write::write(&outputs, &self.output, &config.version, &config.title)?;
            let n_runs: usize = edition.runs.traces.iter().map(Vec::len).sum();
            let n_methods = edition.project.flows.len();
            let place = self.output.join(&config.version).join("index.html");
            say(&format!(
                "{n_methods} method{}, {n_runs} runs, {} files: {}\n",
                if n_methods == 1 { "" } else { "s" },
                outputs.len(),
                place.display()
            ))?;
        }
        Ok(ending)
    }
}

impl Check {
    /// Does all that `build` does, and writes nothing.
    pub fn execute(self) -> Result<Ending> {
        let sources = load::load(root(self.project.as_ref()))?;
        let mut sink = Sink::default();
        if let Some(edition) = compose(&sources, &mut sink) {
            export::export_all(&edition, &mut sink);
        }
        Ok(report_as(sink, &sources, strictness(self.strict)))
    }
}

fn strictness(is_strict: bool) -> Strictness {
    if is_strict { Strictness::Warnings } else { Strictness::Errors }
}

/// [`crate::build`], telling how far it is; with the edition that the outputs are of.
pub(super) fn outputs(sources: &Sources, sink: &mut Sink) -> Option<(Vec<Output>, edition::Edition)> {
    let edition = compose(sources, sink)?;
    let progress = Progress::start("writing pages");
    let outputs = export::export_all(&edition, sink);
    progress.end();
    Some((outputs?, edition))
}

/// [`crate::check`], telling how far it is.
fn compose(sources: &Sources, sink: &mut Sink) -> Option<edition::Edition> {
    let progress = Progress::start("reading");
    let project = project(sources, sink);
    progress.end();
    let project = project?;
    let progress = Progress::start("running every flow");
    let runs = run::run_all(&project, &env(&project), sink);
    progress.end();
    let runs = runs?;
    let assessment = assess::assess(&project, &runs, sink);
    let progress = Progress::start("composing pages");
    let edition = edition::compose(project, runs, assessment, operation::OPERATIONS, sources, sink);
    progress.end();
    edition
}
