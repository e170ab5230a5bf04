//! Attacks and goals as readers see them.

use serde::Serialize;

use super::PageLink;
use super::step::RejectionView;
use super::step::actor_title;
use crate::assess::FlowAssessment;
use crate::flow::{Expectation, Flow, Scenario};
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
    /// Id in the threat catalogue; may be empty.
    pub threat: String,
    /// Whether it got through.
    pub accepted: bool,
    /// With what consequence, where it got through.
    pub consequence: Option<String>,
    /// The step in which it was stopped.
    pub stopped_at: Option<PageLink>,
    /// The refusal.
    pub rejection: Option<RejectionView>,
    /// Goals that it breaks.
    pub breaks: Vec<PageLink>,
    /// Its picture.
    pub figure: String,
    /// Prefix of the identifiers in the picture, and the id of the whole.
    pub figure_id: String,
    /// Its page.
    pub page: String,
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
    /// What decided.
    pub reason: String,
    /// Events that are the evidence.
    pub evidence: Vec<PageLink>,
    /// Attacks in which it does not hold.
    pub broken_by: Vec<PageLink>,
}

/// The attacks of a flow; `own` is the path of the page of the method.
pub fn attacks(flow: &Flow, traces: &[Trace], assessment: &FlowAssessment, prefix: &str, own: &str) -> Vec<AttackView> {
    let runs = flow.attacks().map(|(index, scenario)| (scenario, &traces[index]));
    runs.map(|(scenario, trace)| attack(flow, scenario, trace, assessment, prefix, own)).collect()
}

/// The card of one attack.
pub fn attack(
    flow: &Flow,
    scenario: &Scenario,
    trace: &Trace,
    assessment: &FlowAssessment,
    prefix: &str,
    own: &str,
) -> AttackView {
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
    let breaks = verdict.map(|verdict| verdict.breaks.as_slice()).unwrap_or_default();
    AttackView {
        anchor: format!("{prefix}attack-{}", scenario.id),
        title: scenario.title.clone(),
        why: scenario.why.clone(),
        threat: scenario.threat.clone().unwrap_or_default(),
        accepted: verdict.map_or(rejection.is_none(), |verdict| verdict.accepted),
        consequence: match &scenario.expect {
            Expectation::Completed(consequence) if !consequence.is_empty() => Some(consequence.clone()),
            Expectation::Completed(_) | Expectation::Rejected { .. } | Expectation::Stalled { .. } => None,
        },
        stopped_at,
        rejection,
        breaks: breaks.iter().map(|goal| goal_link(assessment, goal, own)).collect(),
        figure: figure_path(flow, &scenario.id),
        figure_id: figure_id(flow, &scenario.id),
        page,
    }
}

/// The goals of a flow; `own` is the path of the page of the method.
pub fn goals(flow: &Flow, trace: &Trace, assessment: &FlowAssessment, prefix: &str, own: &str) -> Vec<GoalView> {
    let views = assessment.goals.iter().map(|verdict| GoalView {
        anchor: format!("{prefix}goal-{}", verdict.goal),
        statement: verdict.statement.clone(),
        why: flow.goals.iter().find(|goal| goal.id == verdict.goal).map(|goal| goal.why.clone()).unwrap_or_default(),
        held: verdict.held,
        reason: verdict.reason.clone(),
        evidence: verdict.evidence.iter().filter_map(|step| step_link(trace, step, own)).collect(),
        broken_by: verdict.broken_by.iter().filter_map(|id| attack_link(flow, id)).collect(),
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

/// Path of the picture of a scenario.
pub fn figure_path(flow: &Flow, scenario: &str) -> String {
    format!("figures/{}.svg", figure_id(flow, scenario))
}

/// Prefix of the identifiers in the picture of a scenario.
pub fn figure_id(flow: &Flow, scenario: &str) -> String {
    if scenario == crate::flow::BASELINE { flow.id.clone() } else { format!("{}-{scenario}", flow.id) }
}

fn goal_link(assessment: &FlowAssessment, goal: &str, own: &str) -> PageLink {
    let verdict = assessment.goals.iter().find(|verdict| verdict.goal == goal);
    let title = verdict.map_or_else(|| goal.to_owned(), |verdict| verdict.statement.clone());
    PageLink { title, path: format!("{own}#goal-{goal}") }
}

/// The step called `step` on the page of the method.
pub fn step_link(trace: &Trace, step: &str, own: &str) -> Option<PageLink> {
    let event = trace.event(step)?;
    Some(PageLink { title: format!("{} {}", event.number, event.title), path: format!("{own}#step-{step}") })
}

fn attack_link(flow: &Flow, scenario: &str) -> Option<PageLink> {
    let title = flow.scenario(scenario)?.title.clone();
    Some(PageLink { title, path: scenario_path(flow, scenario) })
}
