//! Attacks and goals as readers see them.

use serde::Serialize;

use super::step::RejectionView;
use super::step::actor_title;
use super::threat::{self, ThreatView};
use super::{PageLink, figure};
use crate::assess::FlowAssessment;
use crate::diagram::swimlane::SWIMLANE;
use crate::flow::{Expectation, Flow};
use crate::threat::Catalogue;
use crate::trace::{Outcome, Trace};

/// A card of an attack.
#[derive(Clone, Debug, Serialize)]
pub struct AttackView {
    /// Its anchor.
    pub anchor: String,
    /// Title.
    pub title: String,
    /// What is tried, in the author's words.
    pub why: String,
    /// The threat of the catalogue that it executes.
    pub threat: Option<ThreatView>,
    /// Whether it got through.
    pub accepted: bool,
    /// With what consequence, where it got through.
    pub consequence: Option<String>,
    /// The step in which it was stopped.
    pub stopped_at: Option<PageLink>,
    /// The refusal.
    pub rejection: Option<RejectionView>,
    /// Who waits, where nobody refused.
    pub waiting: Option<String>,
    /// Goals that it breaks.
    pub breaks: Vec<PageLink>,
    /// Goals that the method does not keep anyhow and of which it makes use.
    pub uses: Vec<PageLink>,
    /// What it comes to with each mitigation.
    pub mitigations: Vec<MitigationView>,
    /// Why there is no mitigation.
    pub no_mitigation: Option<String>,
    /// Its picture.
    pub figure: String,
    /// Prefix of the identifiers in the picture, and the id of the whole.
    pub figure_id: String,
    /// Its page.
    pub page: String,
}

/// An attack, executed again with a mitigation.
#[derive(Clone, Debug, Serialize)]
pub struct MitigationView {
    /// The mitigation, with the page of the method that has it.
    pub mitigation: PageLink,
    /// What it changes and costs, in the author's words.
    pub why: String,
    /// The attack with it, without mitigations of its own.
    pub again: AttackView,
}

/// A goal with its verdict.
#[derive(Clone, Debug, Serialize)]
pub struct GoalView {
    /// Its anchor.
    pub anchor: String,
    /// The claim in words.
    pub statement: String,
    /// Why it matters; may be empty.
    pub why: String,
    /// Whether the baseline bears it out.
    pub held: bool,
    /// Why it is not, where the flow declares that.
    pub unmet: Option<String>,
    /// What decided.
    pub reason: String,
    /// Events that are the evidence.
    pub evidence: Vec<PageLink>,
    /// Attacks in which it does not hold.
    pub broken_by: Vec<PageLink>,
    /// Mitigations that keep it where the method does not.
    pub kept_by: Vec<PageLink>,
}

/// What the cards of a flow's attacks are made from.
#[derive(Clone, Copy)]
pub struct Attacks<'a> {
    /// The flow.
    pub flow: &'a Flow,
    /// Its runs, one a scenario.
    pub traces: &'a [Trace],
    /// Its verdicts.
    pub assessment: &'a FlowAssessment,
    /// The threat catalogue.
    pub threats: &'a Catalogue,
    /// Before each anchor.
    pub prefix: &'a str,
    /// Path of the method's page.
    pub own: &'a str,
}

impl Attacks<'_> {
    /// All of them.
    pub fn cards(self) -> Vec<AttackView> {
        self.flow.attacks().map(|(index, _)| self.card(index)).collect()
    }

    /// The scenario at `index`, which is an attack.
    pub fn card(self, index: usize) -> AttackView {
        let Attacks { flow, traces, assessment, threats, prefix, own } = self;
        let (scenario, trace) = (&flow.scenarios[index], &traces[index]);
        let mitigated = assessment.attacks.iter().flat_map(|verdict| &verdict.mitigations);
        let again = mitigated.into_iter().find(|again| again.scenario == scenario.id);
        let verdict = assessment.attacks.iter().find(|verdict| verdict.scenario == scenario.id);
        let page = scenario_path(flow, &scenario.id);
        let (stopped_at, rejection) = match &trace.outcome {
            Outcome::Completed | Outcome::Stalled { .. } => (None, None),
            Outcome::Rejected { step, rejection } => {
                let event = trace.event(step);
                let title = event.map_or_else(|| step.clone(), |event| format!("{} {}", event.number, event.title));
                let link = PageLink { title, path: format!("{page}#step-{step}") };
                (Some(link), Some(RejectionView::new(rejection, |id| actor_title(scenario, id))))
            }
        };
        let waiting = match &trace.outcome {
            Outcome::Stalled { waiting, .. } => Some(actor_title(scenario, waiting)),
            Outcome::Completed | Outcome::Rejected { .. } => None,
        };
        let breaks = verdict.map(|verdict| &verdict.breaks).or(again.map(|again| &again.breaks));
        let breaks = breaks.map(Vec::as_slice).unwrap_or_default();
        let uses = verdict.map(|verdict| verdict.uses.as_slice()).unwrap_or_default();
        let mitigations = verdict.map(|verdict| verdict.mitigations.as_slice()).unwrap_or_default();
        let mitigations = mitigations.iter().filter_map(|again| {
            let index = flow.scenarios.iter().position(|known| known.id == again.scenario)?;
            let mitigation = flow.scenario(&again.mitigation)?;
            let link = PageLink { title: mitigation.title.clone(), path: scenario_path(flow, &mitigation.id) };
            Some(MitigationView { mitigation: link, why: mitigation.why.clone(), again: self.card(index) })
        });
        AttackView {
            anchor: format!("{prefix}attack-{}", scenario.id),
            title: scenario.title.clone(),
            why: scenario.why.clone(),
            threat: scenario.threat.as_deref().map(|id| threat::view(id, threats)),
            accepted: trace.outcome == Outcome::Completed,
            consequence: match &scenario.expect {
                Expectation::Completed(consequence) if !consequence.is_empty() => Some(consequence.clone()),
                Expectation::Completed(_) | Expectation::Rejected { .. } | Expectation::Stalled { .. } => None,
            },
            stopped_at,
            rejection,
            waiting,
            mitigations: mitigations.collect(),
            no_mitigation: verdict.and_then(|verdict| verdict.no_mitigation.clone()),
            breaks: breaks.iter().map(|goal| goal_link(assessment, goal, own)).collect(),
            uses: uses.iter().map(|goal| goal_link(assessment, goal, own)).collect(),
            figure: figure::path(flow, &scenario.id, SWIMLANE),
            figure_id: figure::id(flow, &scenario.id, SWIMLANE),
            page,
        }
    }
}

/// The goals of a flow; `own` is the path of the page of the method.
pub fn goals(flow: &Flow, trace: &Trace, assessment: &FlowAssessment, prefix: &str, own: &str) -> Vec<GoalView> {
    let views = assessment.goals.iter().map(|verdict| GoalView {
        anchor: format!("{prefix}goal-{}", verdict.goal),
        statement: verdict.statement.clone(),
        why: flow.goals.iter().find(|goal| goal.id == verdict.goal).map(|goal| goal.why.clone()).unwrap_or_default(),
        held: verdict.held,
        unmet: verdict.unmet.clone(),
        reason: verdict.reason.clone(),
        evidence: verdict.evidence.iter().filter_map(|step| step_link(trace, step, own)).collect(),
        broken_by: verdict.broken_by.iter().filter_map(|id| scenario_link(flow, id)).collect(),
        kept_by: verdict.kept_by.iter().filter_map(|id| scenario_link(flow, id)).collect(),
    });
    views.collect()
}

/// Path of the page of a method.
pub fn method_path(flow: &Flow) -> String {
    format!("methods/{}.html", flow.id)
}

/// Path of the page of a scenario; the baseline's is the method's.
pub fn scenario_path(flow: &Flow, scenario: &str) -> String {
    if scenario == crate::flow::BASELINE {
        return method_path(flow);
    }
    format!("methods/{}/{scenario}.html", flow.id)
}

/// A link to a goal of the method whose page is `own`.
pub(super) fn goal_link(assessment: &FlowAssessment, goal: &str, own: &str) -> PageLink {
    let verdict = assessment.goals.iter().find(|verdict| verdict.goal == goal);
    let title = verdict.map_or_else(|| goal.to_owned(), |verdict| verdict.statement.clone());
    PageLink { title, path: format!("{own}#goal-{goal}") }
}

/// The step called `step` on the page of the method.
pub fn step_link(trace: &Trace, step: &str, own: &str) -> Option<PageLink> {
    let event = trace.event(step)?;
    Some(PageLink { title: format!("{} {}", event.number, event.title), path: format!("{own}#step-{step}") })
}

fn scenario_link(flow: &Flow, scenario: &str) -> Option<PageLink> {
    let title = flow.scenario(scenario)?.title.clone();
    Some(PageLink { title, path: scenario_path(flow, scenario) })
}
