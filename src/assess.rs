//! Project × Runs → [`Assessment`]: what the runs bear out.

pub mod finding;

use std::collections::BTreeMap;

use serde::Serialize;

pub use finding::FindingVerdict;

use crate::claim::Verdict;
use crate::crypto::count::Counts;
use crate::diag::{Code, Diagnostic, Severity, Sink};
use crate::flow::{Flow, Goal};
use crate::resolve::Project;
use crate::resolve::flow::DEVICE_ROLE;
use crate::run::Runs;
use crate::trace::{Outcome, Place, Trace};

/// Verdicts and facts, flow by flow in the order of [`crate::resolve::Project::flows`].
#[derive(Clone, Debug, Serialize)]
pub struct Assessment {
    /// One entry a flow.
    pub flows: Vec<FlowAssessment>,
}

/// Verdicts and facts of one flow.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct FlowAssessment {
    /// Id of the flow.
    pub flow: String,
    /// The goals, in the order of the file, judged on the baseline.
    pub goals: Vec<GoalVerdict>,
    /// Attacks, in the order of the file.
    pub attacks: Vec<AttackVerdict>,
    /// What the lints found in the baseline, by lint and then by step.
    pub findings: Vec<FindingVerdict>,
    /// Figures of the baseline.
    pub facts: Facts,
}

/// Whether a goal is borne out.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct GoalVerdict {
    /// Id of the goal.
    pub goal: String,
    /// The claim in words, with its arguments.
    pub statement: String,
    /// Whether the baseline bears it out.
    pub held: bool,
    /// What decided, in words.
    pub reason: String,
    /// Steps whose events are the evidence.
    pub evidence: Vec<String>,
    /// Ids of the scenarios in which it does not hold.
    pub broken_by: Vec<String>,
}

/// What became of an attack.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct AttackVerdict {
    /// Id of the scenario.
    pub scenario: String,
    /// Whether it got through.
    pub accepted: bool,
    /// Ids of the goals that it breaks.
    pub breaks: Vec<String>,
}

/// Figures of a baseline run.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Facts {
    /// Steps in which bytes crossed a link or a session was opened.
    pub messages: usize,
    /// Sessions opened.
    pub sessions: usize,
    /// Bytes on all links.
    pub wire_bytes: usize,
    /// Bytes on the links of the device.
    pub device_wire_bytes: usize,
    /// Things that a person did.
    pub user_actions: usize,
    /// Steps.
    pub steps: usize,
    /// Checks executed.
    pub checks: usize,
    /// Attacks executed.
    pub attacks: usize,
    /// Attacks that got through.
    pub attacks_accepted: usize,
    /// Cryptographic operations, by actor id.
    pub counts: BTreeMap<String, Counts>,
    /// Id of the actor whose role is the device.
    pub device: String,
    /// Where the device keeps its key, in words.
    pub custody: String,
}

/// Judges every goal on every run; a goal that the baseline does not bear out is reported.
pub fn assess(project: &Project, runs: &Runs, sink: &mut Sink) -> Assessment {
    let flows = project.flows.iter().zip(&runs.traces).map(|(flow, traces)| assess_flow(flow, traces, sink)).collect();
    Assessment { flows }
}

fn assess_flow(flow: &Flow, traces: &[Trace], sink: &mut Sink) -> FlowAssessment {
    let goals: Vec<GoalVerdict> = flow.goals.iter().map(|goal| judge(flow, goal, traces)).collect();
    for (goal, verdict) in flow.goals.iter().zip(&goals).filter(|(_, verdict)| !verdict.held) {
        sink.push(Diagnostic {
            severity: Severity::Error,
            code: Code::UNMET_GOAL,
            message: format!("the baseline of `{}` does not bear out `{}`: {}", flow.id, goal.id, verdict.reason),
            span: Some(goal.span.clone()),
            hints: vec![format!("the goal says: {}", verdict.statement)],
        });
    }
    let attacks = flow.scenarios.iter().zip(traces).skip(1).map(|(scenario, trace)| AttackVerdict {
        scenario: scenario.id.clone(),
        accepted: trace.outcome == Outcome::Completed,
        breaks: goals
            .iter()
            .filter(|goal| goal.broken_by.contains(&scenario.id))
            .map(|goal| goal.goal.clone())
            .collect(),
    });
    let attacks: Vec<AttackVerdict> = attacks.collect();
    let facts = facts(&traces[0], &attacks);
    let findings = finding::findings(flow, &traces[0], sink);
    FlowAssessment { flow: flow.id.clone(), goals, attacks, findings, facts }
}

fn judge(flow: &Flow, goal: &Goal, traces: &[Trace]) -> GoalVerdict {
    let mut verdicts = traces.iter().map(|trace| goal.claim.judge(trace, &goal.with));
    let Verdict { held, reason, evidence } = verdicts.next().expect("a flow has at least the trace of its baseline");
    let broken_by = flow.attacks().iter().zip(verdicts).filter(|(_, verdict)| !verdict.held);
    GoalVerdict {
        goal: goal.id.clone(),
        statement: goal.claim.statement(&goal.with),
        held,
        reason,
        evidence,
        broken_by: broken_by.map(|(scenario, _)| scenario.id.clone()).collect(),
    }
}

fn facts(trace: &Trace, attacks: &[AttackVerdict]) -> Facts {
    let device = trace.actors.iter().find(|actor| actor.role == DEVICE_ROLE);
    let device_id = device.map_or_else(String::new, |device| device.id.clone());
    let mut counts: BTreeMap<String, Counts> = BTreeMap::new();
    for (actor, counted) in trace.events.iter().flat_map(|event| &event.counts) {
        counts.entry(actor.clone()).or_default().add(*counted);
    }
    let device_flights =
        trace.events.iter().filter(|event| touches(&event.place, &device_id)).flat_map(|event| &event.flights);
    let of = |operation: &str| trace.events.iter().filter(|event| event.operation == operation).count();
    Facts {
        messages: trace.events.iter().filter(|event| !event.flights.is_empty()).count(),
        sessions: trace.events.iter().filter(|event| event.session.as_ref() == Some(&event.step)).count(),
        wire_bytes: trace.wire_bytes(),
        device_wire_bytes: device_flights.map(|flight| flight.wire.0.len()).sum(),
        user_actions: of("human"),
        steps: trace.events.len(),
        checks: trace.events.iter().map(|event| event.checks.len()).sum(),
        attacks: attacks.len(),
        attacks_accepted: attacks.iter().filter(|attack| attack.accepted).count(),
        counts,
        custody: device.map_or_else(String::new, |device| device.custody.title().to_owned()),
        device: device_id,
    }
}

fn touches(place: &Place, actor: &str) -> bool {
    match place {
        Place::At { .. } | Place::Setup { .. } => false,
        Place::Between { from, to, .. } => from == actor || to == actor,
    }
}
