//! The baseline of each flow as other tools read it: a capture, and the secrets that decrypt it.

use super::{Exporter, Output};
use crate::book::method::{capture_path, key_log_path};
use crate::capture;
use crate::diag::Sink;
use crate::edition::Edition;

/// Writes a capture of each baseline, and its key log where it has sessions.
pub struct Capture;

impl Exporter for Capture {
    fn name(&self) -> &'static str {
        "capture"
    }

    fn summary(&self) -> &'static str {
        "Writes the baseline of every flow as pcapng, and the secrets of its sessions as a key log."
    }

    fn export(&self, edition: &Edition, _: &mut Sink) -> Vec<Output> {
        let baselines =
            edition.project.flows.iter().zip(edition.runs.traces.iter().filter_map(|traces| traces.first()));
        let outputs = baselines.flat_map(|(flow, trace)| {
            let key_log = trace.has_key_log().then(|| Output::new(key_log_path(flow), capture::key_log(trace)));
            std::iter::once(Output::new(capture_path(flow), capture::pcapng(trace))).chain(key_log)
        });
        outputs.collect()
    }
}
