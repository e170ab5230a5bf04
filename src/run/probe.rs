//! The engine's own attacks: every flight of the baseline that crosses a link on which an attacker can act is flipped,
//! truncated, dropped, replayed and forged, each time in a run of its own.
//!
//! The number of runs grows with the flights times the leaf fields of the messages in them.

use rayon::prelude::*;

use super::Env;
use super::budget;
use super::runner::Runner;
use super::tamper::{self, Recordings};
use crate::annotation::Layer;
use crate::flow::{
    ATTACKER, Actor, ActorId, Custody, Exposure, Flow, Instance, Interference, Scenario, Step, StepPlace, Tamper,
    Target,
};
use crate::operation::Shape;
use crate::trace::{Event, Flight, Outcome, Place, Probe, ProbeKind, ProbeLayer, ProbeOutcome, Trace};

/// Most attempts on one flow: what a stranger's flow can cost is bounded.
pub const MAX_PROBES: usize = 5_000;

/// Bytes of a TLS record before its content (RFC 8446, section 5.1).
const RECORD_HEADER: usize = 5;

/// An attempt before it is made.
struct Attempt {
    step: usize,
    flight: usize,
    layer: ProbeLayer,
    kind: ProbeKind,
    target: String,
    way: Way,
}

/// How an attempt is made.
enum Way {
    /// The bytes are changed, kept back, or come from elsewhere.
    Tamper(Tamper),
    /// The bytes are sent once more.
    Again,
    /// Somebody else acts in place of this actor.
    Forge(ActorId),
}

/// Why a flow is not probed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excess {
    /// There is more to try than [`MAX_PROBES`].
    Attempts,
    /// The attempts would cost this much, which is more than [`budget::MAX_PROBES`].
    Cost(u64),
}

impl Excess {
    /// What is wrong with the flow called `flow`, and what to do.
    pub fn words(self, flow: &str) -> (String, String) {
        match self {
            Self::Attempts => (
                format!("`{flow}` has more than {MAX_PROBES} bytes and fields to probe"),
                "split the method, or shorten its messages".to_owned(),
            ),
            Self::Cost(cost) => (
                format!("to probe `{flow}` costs as much as {cost} signatures, at most {} are allowed", budget::MAX_PROBES),
                "each field of a message that an attacker can reach is a run: split the method, shorten its messages, or use cheaper keys".to_owned(),
            ),
        }
    }
}

/// Attempts on every flight of the flow's baseline, whose run is `baseline`, in the order of its steps.
///
/// # Errors
/// Where there are too many of them, or they cost too much.
pub fn probe(flow: &Flow, env: &Env, baseline: &Trace) -> Result<Vec<Probe>, Excess> {
    probe_all(&Runner::new(flow, env), baseline)
}

/// The same with what a runner of the flow has made already.
///
/// # Errors
/// Where there are too many of them, or they cost too much.
pub fn probe_all(runner: &Runner<'_>, baseline: &Trace) -> Result<Vec<Probe>, Excess> {
    let flow = runner.flow();
    let attempts = attempts(flow, baseline);
    if attempts.len() > MAX_PROBES {
        return Err(Excess::Attempts);
    }
    let cost = budget::again(baseline) * attempts.len() as u64;
    if cost > budget::MAX_PROBES {
        return Err(Excess::Cost(cost));
    }
    let scenario = flow.baseline();
    let record = |instance| Some(runner.recording(scenario, instance));
    let recordings =
        Recordings { other_session: record(Instance::OTHER_SESSION), other_device: record(Instance::OTHER_DEVICE) };
    let probes = attempts.into_par_iter().map(|attempt| {
        let trace = attempt_run(runner, &recordings, &attempt);
        Probe {
            step: scenario.steps[attempt.step].id.clone(),
            flight: attempt.flight,
            layer: attempt.layer,
            kind: attempt.kind,
            outcome: outcome(flow, &trace, baseline),
            target: attempt.target,
        }
    });
    Ok(probes.collect())
}

/// How many attempts there are on the flow whose baseline ran as `baseline`; no more than one above [`MAX_PROBES`].
pub fn count(flow: &Flow, baseline: &Trace) -> usize {
    attempts(flow, baseline).len()
}

/// The attempts, or the first of them where there are more than may be made.
fn attempts(flow: &Flow, baseline: &Trace) -> Vec<Attempt> {
    let steps = flow.baseline().steps.iter().enumerate().zip(&baseline.events);
    steps
        .filter(|((_, step), _)| is_attackable(flow, step))
        .flat_map(|((index, step), event)| {
            let flights = event.flights.iter().enumerate();
            flights.flat_map(move |(number, flight)| on_flight(index, step, event, number, flight))
        })
        .take(MAX_PROBES + 1)
        .collect()
}

fn is_attackable(flow: &Flow, step: &Step) -> bool {
    match &step.place {
        StepPlace::Between { link, .. } => flow.links[link.0].exposure == Exposure::Active,
        StepPlace::At(_) | StepPlace::Setup { .. } => false,
    }
}

fn on_flight(index: usize, step: &Step, event: &Event, number: usize, flight: &Flight) -> Vec<Attempt> {
    let is_message = step.operation.spec().shape == Shape::Message;
    let is_clear = matches!(&step.place, StepPlace::Between { session: None, .. }) && is_message;
    let message = tamper::message(flight).filter(|_| is_message && number == 0);
    let mut attempts = Vec::new();
    let mut on = |layer: ProbeLayer, kind: ProbeKind, target: &str, way: Way| {
        attempts.push(Attempt { step: index, flight: number, layer, kind, target: target.to_owned(), way });
    };
    let tamper = |layer, how| Way::Tamper(Tamper { step: step.id.clone(), flight: number, layer, how });
    let layers = [ProbeLayer::Wire, ProbeLayer::Inside];
    for layer in layers.into_iter().take(if is_clear || message.is_none() { 1 } else { 2 }) {
        let fields = message.filter(|_| is_clear || layer == ProbeLayer::Inside).map(Layer::fields);
        match fields {
            Some(fields) => tamper::leaves(fields).into_iter().for_each(|(name, end)| {
                let how = Interference::Flip(Target::Byte(end - 1));
                on(layer, ProbeKind::Flip, &name, tamper(layer, how));
            }),
            None => record_parts(flight.wire.0.len()).into_iter().for_each(|(name, byte)| {
                on(layer, ProbeKind::Flip, name, tamper(layer, Interference::Flip(Target::Byte(byte))));
            }),
        }
        on(layer, ProbeKind::Truncate, "", tamper(layer, Interference::Truncate));
        on(layer, ProbeKind::Drop, "", tamper(layer, Interference::Drop));
        if number == 0 && step.operation.spec().shape != Shape::Close {
            on(layer, ProbeKind::ReplayRun, "", Way::Again);
        }
        let other = |instance| tamper(layer, Interference::Replace(instance));
        on(layer, ProbeKind::ReplaySession, "", other(Instance::OTHER_SESSION));
        on(layer, ProbeKind::ReplayDevice, "", other(Instance::OTHER_DEVICE));
    }
    if let Some(actor) = forgeable(step, event, number, flight) {
        on(ProbeLayer::Wire, ProbeKind::Forge, "", Way::Forge(actor));
    }
    attempts
}

/// Who an attacker with fresh credentials can stand in for: an end of a session in its first flight, or the sender of a
/// clear message. Inside of a session there is nobody else.
fn forgeable(step: &Step, event: &Event, number: usize, flight: &Flight) -> Option<ActorId> {
    let StepPlace::Between { from, to, session, .. } = &step.place else { return None };
    let is_first = event.flights.iter().position(|other| other.from == flight.from) == Some(number);
    let from_opener = event.flights.first().is_some_and(|first| first.from == flight.from);
    match step.operation.spec().shape {
        Shape::Session if is_first => Some(if from_opener { *from } else { *to }),
        Shape::Message if session.is_none() => Some(*from),
        Shape::Session | Shape::Message | Shape::Local | Shape::Setup | Shape::Close => None,
    }
}

/// Bytes of a flight of records: one in the header of the first, one in the middle, and the last, in the tag.
fn record_parts(n_bytes: usize) -> Vec<(&'static str, usize)> {
    match n_bytes {
        0 => Vec::new(),
        n if n <= RECORD_HEADER => vec![("record header", 0)],
        n => vec![
            ("record header", 0),
            ("record content", RECORD_HEADER + (n - RECORD_HEADER) / 2),
            ("last byte", n - 1),
        ],
    }
}

fn attempt_run(runner: &Runner<'_>, recordings: &Recordings, attempt: &Attempt) -> Trace {
    let baseline = runner.flow().baseline();
    match &attempt.way {
        Way::Tamper(tamper) => runner.run_with(baseline, recordings, Some(tamper)),
        Way::Again => {
            let mut scenario = baseline.clone();
            let again = Step::once_more(&scenario.steps, attempt.step, attempt.layer);
            let after = attempt.step + again.len();
            scenario.steps.splice(after..after, again);
            runner.run_with(&scenario, recordings, None)
        }
        Way::Forge(actor) => runner.run_with(&impersonated(baseline, attempt.step, *actor), recordings, None),
    }
}

/// The attacker in place of `actor`: in one clear message, or from the opening of a session on.
fn impersonated(baseline: &Scenario, first: usize, actor: ActorId) -> Scenario {
    let mut scenario = baseline.clone();
    let attacker = ActorId(scenario.actors.len());
    scenario.actors.push(Actor {
        id: ATTACKER.to_owned(),
        title: "Attacker".to_owned(),
        zone: None,
        role: "attacker".to_owned(),
        custody: Custody::None,
    });
    let n_steps = match scenario.steps[first].operation.spec().shape {
        Shape::Message => 1,
        Shape::Session | Shape::Local | Shape::Setup | Shape::Close => scenario.steps.len() - first,
    };
    for step in scenario.steps.iter_mut().skip(first).take(n_steps) {
        let mut is_taken = false;
        let mut take = |end: &mut ActorId| {
            if *end == actor {
                *end = attacker;
                is_taken = true;
            }
        };
        match &mut step.place {
            StepPlace::At(end) => take(end),
            StepPlace::Setup { from, to } | StepPlace::Between { from, to, .. } => {
                take(from);
                take(to);
            }
        }
        if is_taken {
            step.impersonated = Some(actor);
        }
    }
    // An attacker who acts for a party has no reason to check anything on its behalf.
    let is_idle = |step: &Step| step.place == StepPlace::At(attacker) && step.out.is_none();
    scenario.steps.retain(|step| !is_idle(step));
    scenario
}

fn outcome(flow: &Flow, trace: &Trace, baseline: &Trace) -> ProbeOutcome {
    match &trace.outcome {
        // An attacker that cannot go on leaves the other end waiting.
        Outcome::Rejected { step, rejection } if rejection.by == ATTACKER => {
            ProbeOutcome::Stalled { waiting: waiting(trace, step), at: step.clone() }
        }
        Outcome::Rejected { step, rejection } => ProbeOutcome::Rejected {
            by: rejection.by.clone(),
            at: step.clone(),
            code: rejection.code.clone(),
            message: rejection.message.clone(),
            origin: rejection.origin,
            other_end: rejection.other_end.clone(),
        },
        Outcome::Stalled { step, waiting } => ProbeOutcome::Stalled { waiting: waiting.clone(), at: step.clone() },
        Outcome::Completed => {
            let differs = differences(trace, baseline);
            if differs.is_empty() {
                return ProbeOutcome::Harmless;
            }
            let broken = flow.goals.iter().filter(|goal| goal.unmet.is_none());
            let broken = broken.filter(|goal| !goal.claim.judge(trace, &goal.with).held);
            ProbeOutcome::Undetected { differs, breaks: broken.map(|goal| goal.id.clone()).collect() }
        }
    }
}

/// Who waits while the attacker cannot go on: the other end of the step, or of the last one between two.
fn waiting(trace: &Trace, step: &str) -> String {
    let upto = trace.events.iter().rev().skip_while(|event| event.step != step);
    let other = upto.filter_map(|event| match &event.place {
        Place::Between { from, to, .. } => [from, to].into_iter().find(|end| *end != ATTACKER).cloned(),
        Place::At { .. } | Place::Setup { .. } => None,
    });
    other.into_iter().next().unwrap_or_default()
}

/// What is not in the end as it is without the probe: `actor/name` of a store, `registry/id` of a record.
fn differences(trace: &Trace, baseline: &Trace) -> Vec<String> {
    let mut found = Vec::new();
    for (actor, store) in &baseline.stores {
        let probed = trace.stores.get(actor);
        for (name, artifact) in store {
            let other = probed.and_then(|store| store.get(name));
            if other.is_none_or(|other| other.sha256 != artifact.sha256) {
                found.push(format!("{actor}/{name}"));
            }
        }
        let added = probed.into_iter().flatten().filter(|(name, _)| !store.contains_key(*name));
        found.extend(added.map(|(name, _)| format!("{actor}/{name}")));
    }
    found.extend(trace.registry.differences(&baseline.registry).into_iter().map(|id| format!("registry/{id}")));
    found
}
