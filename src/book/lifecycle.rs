//! What happens later in the life of a device, as readers see it.

use serde::Serialize;

use super::attack::scenario_path;
use super::figure;
use super::step::{RejectionView, actor_title};
use crate::diagram::swimlane::SWIMLANE;
use crate::flow::{Flow, Scenario, ScenarioKind};
use crate::trace::{EventOutcome, Outcome, Trace};

/// A card of a scenario of the life cycle, or of a mitigation.
#[derive(Clone, Debug, Serialize)]
pub struct LifecycleView {
    /// Its anchor.
    pub anchor: String,
    /// Title.
    pub title: String,
    /// What it shows, in a word or two.
    pub shows: &'static str,
    /// What happens, in the author's words.
    pub why: String,
    /// How it ended, in words.
    pub ending: String,
    /// Refusals that the scenario expects on its way, or with which it ends.
    pub refusals: Vec<RejectionView>,
    /// Its picture.
    pub figure: String,
    /// Prefix of the identifiers in the picture.
    pub figure_id: String,
    /// Its page.
    pub page: String,
}

/// The cards of a flow, life cycle first.
pub fn lifecycle(flow: &Flow, traces: &[Trace]) -> Vec<LifecycleView> {
    let runs = flow.scenarios.iter().zip(traces);
    runs.filter_map(|(scenario, trace)| Some(view(flow, scenario, trace, shows(&scenario.kind)?))).collect()
}

/// What a scenario shows in which nobody attacks.
pub fn shows(kind: &ScenarioKind) -> Option<&'static str> {
    match kind {
        ScenarioKind::Lifecycle(stage) => Some(stage.title()),
        ScenarioKind::Mitigation => Some("Mitigation"),
        ScenarioKind::Baseline | ScenarioKind::Attack { .. } | ScenarioKind::Mitigated { .. } => None,
    }
}

fn view(flow: &Flow, scenario: &Scenario, trace: &Trace, shows: &'static str) -> LifecycleView {
    let refusals = trace.events.iter().filter_map(|event| match &event.outcome {
        EventOutcome::Rejected(rejection) => Some(RejectionView::new(rejection, |id| actor_title(scenario, id))),
        EventOutcome::Done | EventOutcome::Stalled { .. } => None,
    });
    LifecycleView {
        anchor: format!("scenario-{}", scenario.id),
        title: scenario.title.clone(),
        shows,
        why: scenario.why.clone(),
        ending: match &trace.outcome {
            Outcome::Completed => "runs to its end".to_owned(),
            Outcome::Rejected { rejection, .. } => {
                format!("ends with a refusal by {}", actor_title(scenario, &rejection.by))
            }
            Outcome::Stalled { waiting, .. } => format!("ends with {} waiting", actor_title(scenario, waiting)),
        },
        refusals: refusals.collect(),
        figure: figure::path(flow, &scenario.id, SWIMLANE),
        figure_id: figure::id(flow, &scenario.id, SWIMLANE),
        page: scenario_path(flow, &scenario.id),
    }
}
