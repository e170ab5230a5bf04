//! Project × Runs → [`Assessment`]: what the runs bear out.

pub mod compliance;
pub mod evidence;
pub mod fact;
pub mod finding;
pub mod score;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

pub use compliance::{ControlVerdict, Standing};
pub use evidence::EvidenceVerdict;
pub use finding::FindingVerdict;
pub use score::ScoreVerdict;

use crate::claim::Verdict;
use crate::crypto::count::Counts;
use crate::diag::{Code, Diagnostic, Severity, Sink};
use crate::flow::{Flow, Goal, Scenario, ScenarioKind};
use crate::resolve::Project;
use crate::resolve::flow::DEVICE_ROLE;
use crate::run::Runs;
use crate::source::Span;
use crate::trace::{Outcome, Place, ProbeKind, ProbeLayer, ProbeOutcome, Trace};

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
    /// What claims of evidence say of all runs, by name.
    pub evidence: Vec<EvidenceVerdict>,
    /// How the flow stands against the criteria of secure provisioning, in their order.
    pub criteria: Vec<ControlVerdict>,
    /// How it stands against the controls of frameworks, in their order.
    pub controls: Vec<ControlVerdict>,
    /// Scores after the rubric, in its order.
    pub scores: Vec<ScoreVerdict>,
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
    /// Why it does not, where the flow declares that.
    pub unmet: Option<String>,
    /// What decided, in words.
    pub reason: String,
    /// Steps whose events are the evidence.
    pub evidence: Vec<String>,
    /// Ids of the scenarios in which it does not hold.
    pub broken_by: Vec<String>,
    /// Ids of the mitigations whose runs bear it out although the baseline does not.
    pub kept_by: Vec<String>,
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
    /// Ids of the goals that the method does not keep anyhow, of which it makes use and which a mitigation of it keeps.
    pub uses: Vec<String>,
    /// What it comes to with each mitigation.
    pub mitigations: Vec<MitigationVerdict>,
    /// Why there is no mitigation.
    pub no_mitigation: Option<String>,
}

/// What an attack comes to with a mitigation.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct MitigationVerdict {
    /// Id of the mitigation.
    pub mitigation: String,
    /// Id of the scenario in which the attack is executed again with it.
    pub scenario: String,
    /// Whether the attack gets through all the same.
    pub accepted: bool,
    /// Ids of the goals that it breaks all the same.
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
    /// How long people take for them, in seconds, as the authors estimate.
    pub people_seconds: usize,
    /// Actors that take part.
    pub parties: usize,
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
    let runs = runs.traces.iter().zip(&runs.other_devices);
    let assessed =
        |(flow, (traces, other)): (&Flow, (&Vec<Trace>, &Arc<Trace>))| assess_flow(project, flow, traces, other, sink);
    Assessment { flows: project.flows.iter().zip(runs).map(assessed).collect() }
}

fn assess_flow(
    project: &Project,
    flow: &Flow,
    traces: &[Trace],
    other_device: &Trace,
    sink: &mut Sink,
) -> FlowAssessment {
    let goals: Vec<GoalVerdict> = flow.goals.iter().map(|goal| judge(flow, goal, traces, sink)).collect();
    let attacks: Vec<AttackVerdict> =
        flow.attacks().map(|(index, scenario)| attack(flow, scenario, &traces[index], traces, &goals)).collect();
    for (verdict, (_, scenario)) in attacks.iter().zip(flow.attacks()) {
        check_harm(flow, scenario, verdict, sink);
        check_mitigations(flow, scenario, verdict, sink);
    }
    check_probes(flow, &traces[0], sink);
    let facts = facts(&traces[0], &attacks);
    let findings = finding::findings(flow, &traces[0], other_device, sink);
    let evidence = evidence::evidence(&evidence::case(flow, traces, other_device, &project.threats, &findings));
    let criteria = compliance::criteria(flow, &evidence, &project.frameworks);
    let controls = compliance::controls(flow, &evidence, &project.frameworks);
    let (flow_id, scores) = (flow.id.clone(), Vec::new());
    let mut assessed =
        FlowAssessment { flow: flow_id, goals, attacks, findings, evidence, criteria, controls, scores, facts };
    assessed.scores = score::scores(flow, &assessed, &project.rubric);
    assessed
}

fn found(code: Code, span: &Span, message: String) -> Diagnostic {
    Diagnostic { severity: Severity::Error, code, message, span: Some(span.clone()), hints: Vec::new() }
}

/// The goal on every run. Runs in which nobody attacks must bear it out, unless the flow says that it is unmet.
fn judge(flow: &Flow, goal: &Goal, traces: &[Trace], sink: &mut Sink) -> GoalVerdict {
    let verdicts: Vec<Verdict> = traces.iter().map(|trace| goal.claim.judge(trace, &goal.with)).collect();
    let statement = goal.claim.statement(&goal.with);
    let baseline = &verdicts[0];
    let broken_by = flow.scenarios.iter().zip(&verdicts).skip(1).filter(|(_, verdict)| !verdict.held);
    for (scenario, verdict) in flow.scenarios.iter().zip(&verdicts) {
        if goal.unmet.is_none() && !verdict.held && !scenario.kind.is_attack() {
            let message =
                format!("`{}` of `{}` does not bear out `{}`: {}", scenario.id, flow.id, goal.id, verdict.reason);
            let found = found(Code::UNMET_GOAL, &goal.span, message).hint(format!("the goal says: {statement}"));
            sink.push(found.hint("where the method is really so, declare it: `unmet = \"why\"`"));
        }
    }
    if goal.unmet.is_some() && baseline.held {
        let message = format!("`{}` of `{}` is declared unmet, and the baseline bears it out", goal.id, flow.id);
        sink.push(found(Code::STALE_DECLARATION, &goal.span, message).hint("remove `unmet`"));
    }
    let kept_by = flow.scenarios.iter().zip(&verdicts).filter(|(scenario, verdict)| {
        !baseline.held && verdict.held && matches!(scenario.kind, ScenarioKind::Mitigation)
    });
    GoalVerdict {
        goal: goal.id.clone(),
        kept_by: kept_by.map(|(scenario, _)| scenario.id.clone()).collect(),
        statement,
        held: baseline.held,
        unmet: goal.unmet.clone(),
        reason: baseline.reason.clone(),
        evidence: baseline.evidence.clone(),
        // What no run keeps, no attack breaks.
        broken_by: broken_by.filter(|_| baseline.held).map(|(scenario, _)| scenario.id.clone()).collect(),
    }
}

fn attack(flow: &Flow, scenario: &Scenario, trace: &Trace, traces: &[Trace], goals: &[GoalVerdict]) -> AttackVerdict {
    let breaks = |id: &String| {
        let broken = goals.iter().filter(|goal| goal.held && goal.broken_by.contains(id));
        broken.map(|goal| goal.goal.clone()).collect::<Vec<_>>()
    };
    let mitigations = flow.scenarios.iter().zip(traces).filter_map(|(again, trace)| match &again.kind {
        ScenarioKind::Mitigated { attack, mitigation } if *attack == scenario.id => Some(MitigationVerdict {
            mitigation: mitigation.clone(),
            scenario: again.id.clone(),
            accepted: trace.outcome == Outcome::Completed,
            breaks: breaks(&again.id),
        }),
        ScenarioKind::Mitigated { .. }
        | ScenarioKind::Baseline
        | ScenarioKind::Lifecycle(_)
        | ScenarioKind::Attack { .. }
        | ScenarioKind::Mitigation => None,
    });
    let no_mitigation = match &scenario.kind {
        ScenarioKind::Attack { no_mitigation } => no_mitigation.clone(),
        ScenarioKind::Baseline
        | ScenarioKind::Lifecycle(_)
        | ScenarioKind::Mitigation
        | ScenarioKind::Mitigated { .. } => None,
    };
    let mitigations: Vec<MitigationVerdict> = mitigations.collect();
    let uses = flow.goals.iter().zip(goals).filter(|(goal, verdict)| {
        let is_kept = mitigations.iter().any(|again| verdict.kept_by.contains(&again.mitigation));
        is_kept && !goal.claim.judge(trace, &goal.with).held
    });
    AttackVerdict {
        scenario: scenario.id.clone(),
        accepted: trace.outcome == Outcome::Completed,
        breaks: breaks(&scenario.id),
        uses: uses.map(|(goal, _)| goal.id.clone()).collect(),
        mitigations,
        no_mitigation,
    }
}

/// An attack that gets through harms something that the flow promises, or does not promise and says so.
fn check_harm(flow: &Flow, scenario: &Scenario, verdict: &AttackVerdict, sink: &mut Sink) {
    if verdict.accepted && verdict.breaks.is_empty() && verdict.uses.is_empty() {
        let message = format!("`{}` of `{}` gets through, and no goal says what it harms", scenario.id, flow.id);
        let hint = "add a `[[goal]]` that it breaks, or one that is `unmet` and that a mitigation of it keeps";
        sink.push(found(Code::UNSTATED_HARM, &scenario.span, message).hint(hint));
    }
}

/// An attack that gets through names a mitigation that stops or lessens it, or says why there is none.
fn check_mitigations(flow: &Flow, scenario: &Scenario, verdict: &AttackVerdict, sink: &mut Sink) {
    let id = &scenario.id;
    if verdict.accepted && verdict.mitigations.is_empty() && verdict.no_mitigation.is_none() {
        let message = format!("`{id}` of `{}` gets through, and the flow names no mitigation", flow.id);
        let hint = format!("add a `[[mitigation]]` with `against.{id}`, or say `no-mitigation = \"why\"`");
        sink.push(found(Code::NO_MITIGATION, &scenario.span, message).hint(hint));
    }
    if verdict.no_mitigation.is_some() && (!verdict.accepted || !verdict.mitigations.is_empty()) {
        let why = if verdict.accepted { "a mitigation is named" } else { "the attack is stopped" };
        let message = format!("`{id}` of `{}` says that nothing mitigates it, but {why}", flow.id);
        sink.push(found(Code::STALE_DECLARATION, &scenario.span, message).hint("remove `no-mitigation`"));
    }
    for again in verdict.mitigations.iter().filter(|again| again.accepted) {
        let lessens = again.breaks.len() < verdict.breaks.len();
        if !lessens {
            let message = format!("`{}` does not mitigate `{id}` of `{}`: it gets through", again.mitigation, flow.id);
            let span = flow.scenario(&again.scenario).map_or(&scenario.span, |scenario| &scenario.span);
            sink.push(found(Code::NO_MITIGATION, span, message).hint("and it breaks no fewer goals than without"));
        }
    }
}

/// A probe that goes undetected and breaks a goal is declared, and what is declared is so.
fn check_probes(flow: &Flow, baseline: &Trace, sink: &mut Sink) {
    let undetected = |step: &str, kind: ProbeKind, layer: ProbeLayer| {
        baseline.probes.iter().any(|probe| {
            (probe.step.as_str(), probe.kind, probe.layer) == (step, kind, layer)
                && matches!(probe.outcome, ProbeOutcome::Undetected { .. })
        })
    };
    for probe in &baseline.probes {
        let ProbeOutcome::Undetected { breaks, differs } = &probe.outcome else { continue };
        let is_declared = flow
            .undetected
            .iter()
            .any(|declared| (&declared.step, declared.kind, declared.layer) == (&probe.step, probe.kind, probe.layer));
        if !breaks.is_empty() && !is_declared {
            let step = flow.baseline().steps.iter().find(|step| step.id == probe.step);
            let span = step.map_or(&flow.span, |step| &step.span);
            let message = format!(
                "nobody in `{}` notices `{}` of `{}`, and it breaks {}",
                flow.id,
                probe.kind.name(),
                probe.step,
                breaks.join(", ")
            );
            let hint = format!("what differs in the end: {}", differs.join(", "));
            sink.push(
                found(Code::UNDETECTED_PROBE, span, message)
                    .hint(hint)
                    .hint("add the check that would notice it, or declare it as `[[undetected]]` with the reason"),
            );
        }
    }
    if baseline.probes.is_empty() {
        return;
    }
    for declared in &flow.undetected {
        if !undetected(&declared.step, declared.kind, declared.layer) {
            let message =
                format!("`{}` of `{}` is declared undetected, and is noticed", declared.kind.name(), declared.step);
            sink.push(found(Code::STALE_DECLARATION, &declared.span, message).hint("remove the declaration"));
        }
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
        people_seconds: trace.events.iter().map(|event| event.person_seconds as usize).sum(),
        parties: trace.actors.len(),
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
