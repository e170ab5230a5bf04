//! Runs, verdicts and anchors in machine-readable form.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Exporter, Output};
use crate::book::method::trace_path;
use crate::diag::Sink;
use crate::edition::Edition;

/// Writes each trace, the timelines, the assessment, and the anchors of each page.
pub struct Json;

impl Exporter for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn summary(&self) -> &'static str {
        "Writes every run, the timelines, the verdicts and the anchors of every page as JSON."
    }

    fn export(&self, edition: &Edition, _: &mut Sink) -> Vec<Output> {
        let flows = edition.project.flows.iter().zip(&edition.runs.traces);
        let traces = flows.flat_map(|(flow, traces)| {
            flow.scenarios.iter().zip(traces).map(move |(scenario, trace)| {
                let bytes = match scenario.first_edit {
                    Some(first) => json(&trace.explained_from(first)),
                    None => json(trace),
                };
                Output::new(trace_path(flow, &trace.scenario), bytes)
            })
        });
        let mut outputs: Vec<Output> = traces.collect();
        let timelines = edition.timelines.flows.iter();
        outputs.extend(timelines.map(|flow| Output::new(format!("data/{}/timeline.json", flow.flow), json(flow))));
        outputs.push(Output::new("data/assessment.json", json(&edition.assessment)));
        let anchors: BTreeMap<_, _> =
            edition.book.pages.iter().map(|page| (page.path.as_str(), &page.anchors)).collect();
        outputs.push(Output::new("data/anchors.json", json(&anchors)));
        outputs
    }
}

fn json(value: &impl Serialize) -> Vec<u8> {
    let mut text = serde_json::to_vec(value).expect("our types serialise: every map has text keys");
    text.push(b'\n');
    text
}
