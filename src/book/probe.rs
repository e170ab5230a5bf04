//! What the engine attempted on each flight, as a matrix.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::PageLink;
use super::attack::step_link;
use crate::assess::FlowAssessment;
use crate::flow::Flow;
use crate::trace::{Probe, ProbeKind, ProbeLayer, ProbeOutcome, Trace};

/// The attempts on a baseline, step by kind.
#[derive(Clone, Debug, Serialize)]
pub struct MatrixView {
    /// How many attempts there were.
    pub n_probes: usize,
    /// How many of them ended in each way, as words and number, those of no attempt left out.
    pub totals: Vec<(&'static str, usize)>,
    /// What was attempted, a column each.
    pub columns: Vec<&'static str>,
    /// A row for each flight and layer.
    pub rows: Vec<RowView>,
    /// Attempts that nobody noticed.
    pub undetected: Vec<UndetectedView>,
}

/// The attempts on one flight, on one layer.
#[derive(Clone, Debug, Serialize)]
pub struct RowView {
    /// The step.
    pub step: PageLink,
    /// Which of the step's flights, where it has several; otherwise empty.
    pub flight: String,
    /// On the link, or inside of the session.
    pub layer: &'static str,
    /// What came of each kind; empty where there was no attempt.
    pub cells: Vec<CellView>,
}

/// The attempts of one kind on one flight.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CellView {
    /// Ways in which they ended, the worst first.
    pub endings: Vec<EndingView>,
}

/// One way in which attempts ended.
#[derive(Clone, Debug, Serialize)]
pub struct EndingView {
    /// The word.
    pub word: &'static str,
    /// Name of the style.
    pub class: &'static str,
    /// How many ended so; empty for one.
    pub count: String,
    /// By whom and why, each once.
    pub details: String,
}

/// An attempt that nobody noticed.
#[derive(Clone, Debug, Serialize)]
pub struct UndetectedView {
    /// The step.
    pub step: PageLink,
    /// What was attempted, where, and on what.
    pub attempt: String,
    /// What differs in the end.
    pub differs: Vec<String>,
    /// Goals that no longer hold.
    pub breaks: Vec<PageLink>,
    /// Why that is so, where the author declares it.
    pub reason: String,
}

/// The matrix of `trace`; `own` is the path of the method's page.
pub fn matrix(flow: &Flow, trace: &Trace, assessment: &FlowAssessment, own: &str) -> Option<MatrixView> {
    let mut rows: Vec<(Key<'_>, Vec<&Probe>)> = Vec::new();
    for probe in &trace.probes {
        let key = (probe.step.as_str(), probe.flight, probe.layer);
        match rows.iter_mut().find(|(known, _)| *known == key) {
            Some((_, probes)) => probes.push(probe),
            None => rows.push((key, vec![probe])),
        }
    }
    let undetected = trace.probes.iter().filter_map(|probe| undetected(flow, trace, assessment, probe, own));
    (!rows.is_empty()).then(|| MatrixView {
        n_probes: trace.probes.len(),
        totals: totals(&trace.probes),
        columns: ProbeKind::ALL.map(title).to_vec(),
        undetected: undetected.collect(),
        rows: rows
            .iter()
            .filter_map(|((step, flight, layer), probes)| {
                let n_flights = trace.event(step).map_or(0, |event| event.flights.len());
                Some(RowView {
                    step: step_link(trace, step, own)?,
                    flight: if n_flights > 1 { format!("flight {} of {n_flights}", flight + 1) } else { String::new() },
                    layer: layer_title(*layer),
                    cells: ProbeKind::ALL.map(|kind| cell(trace, probes, kind)).to_vec(),
                })
            })
            .collect(),
    })
}

/// Step, flight and layer: what makes a row.
type Key<'t> = (&'t str, usize, ProbeLayer);

/// How many ended in each way, in words; those of no attempt left out.
pub fn totals(probes: &[Probe]) -> Vec<(&'static str, usize)> {
    let counted =
        ENDINGS.map(|(word, _)| (word, probes.iter().filter(|probe| ending(&probe.outcome).0 == word).count()));
    counted.into_iter().filter(|(_, n)| *n > 0).collect()
}

/// The words for what can come of an attempt, with the style of each, the worst first.
const ENDINGS: [(&str, &str); 4] =
    [("undetected", "through"), ("harmless", "harmless"), ("stalled", "stalled"), ("refused", "refused")];

fn ending(outcome: &ProbeOutcome) -> (&'static str, &'static str) {
    match outcome {
        ProbeOutcome::Undetected { .. } => ENDINGS[0],
        ProbeOutcome::Harmless => ENDINGS[1],
        ProbeOutcome::Stalled { .. } => ENDINGS[2],
        ProbeOutcome::Rejected { .. } => ENDINGS[3],
    }
}

fn cell(trace: &Trace, probes: &[&Probe], kind: ProbeKind) -> CellView {
    let of_kind: Vec<&&Probe> = probes.iter().filter(|probe| probe.kind == kind).collect();
    let endings = ENDINGS.iter().filter_map(|(word, class)| {
        let so: Vec<&&&Probe> = of_kind.iter().filter(|probe| ending(&probe.outcome).0 == *word).collect();
        let mut details: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (who, what) in so.iter().flat_map(|probe| detail(trace, &probe.outcome)) {
            details.entry(who).or_default().insert(what);
        }
        let details = details.into_iter().map(|(who, what)| {
            let what: Vec<String> = what.into_iter().collect();
            if who.is_empty() { what.join(", ") } else { format!("{who}: {}", what.join(", ")) }
        });
        let details: Vec<String> = details.collect();
        let count = if so.len() == 1 { String::new() } else { so.len().to_string() };
        (!so.is_empty()).then(|| EndingView { word, class, count, details: details.join("; ") })
    });
    CellView { endings: endings.collect() }
}

/// By whom and why, in a few words; nothing for an attempt without consequence.
fn detail(trace: &Trace, outcome: &ProbeOutcome) -> Vec<(String, String)> {
    let name = |id: &str| {
        let party = trace.actors.iter().find(|party| party.id == id);
        party.map_or_else(|| id.to_owned(), |party| party.title.clone())
    };
    match outcome {
        ProbeOutcome::Rejected { by, code, .. } => vec![(name(by), code.clone())],
        ProbeOutcome::Stalled { waiting, .. } => vec![(String::new(), format!("{} waits", name(waiting)))],
        ProbeOutcome::Undetected { differs, .. } => differs.iter().map(|name| (String::new(), name.clone())).collect(),
        ProbeOutcome::Harmless => Vec::new(),
    }
}

fn undetected(
    flow: &Flow,
    trace: &Trace,
    assessment: &FlowAssessment,
    probe: &Probe,
    own: &str,
) -> Option<UndetectedView> {
    let ProbeOutcome::Undetected { differs, breaks } = &probe.outcome else { return None };
    let declared = flow
        .undetected
        .iter()
        .find(|known| (&known.step, known.kind, known.layer) == (&probe.step, probe.kind, probe.layer));
    let on = if probe.target.is_empty() { String::new() } else { format!(": {}", probe.target) };
    Some(UndetectedView {
        step: step_link(trace, &probe.step, own)?,
        attempt: format!("{}, {}{on}", title(probe.kind), layer_title(probe.layer)),
        differs: differs.clone(),
        breaks: breaks.iter().map(|goal| super::attack::goal_link(assessment, goal, own)).collect(),
        reason: declared.map(|known| known.reason.clone()).unwrap_or_default(),
    })
}

fn title(kind: ProbeKind) -> &'static str {
    match kind {
        ProbeKind::Flip => "bit flipped",
        ProbeKind::Truncate => "cut short",
        ProbeKind::Drop => "dropped",
        ProbeKind::ReplayRun => "sent twice",
        ProbeKind::ReplaySession => "from another session",
        ProbeKind::ReplayDevice => "from another device",
        ProbeKind::Forge => "forged",
    }
}

fn layer_title(layer: ProbeLayer) -> &'static str {
    match layer {
        ProbeLayer::Wire => "on the link",
        ProbeLayer::Inside => "inside",
    }
}
