//! Flow × Scenario → [`Trace`].
//!
//! Randomness is derived by name (seed, flow, instance, actor, step, purpose), never by order and never by scenario:
//! an edited run equals its baseline byte for byte up to the first edit.

pub mod artifact;
pub mod forge;
pub mod machine;
pub mod probe;
pub mod store;
pub mod tamper;

use rayon::prelude::*;

use crate::clock::Timestamp;
use crate::diag::{Code, Diagnostic, Severity, Sink, error};
use crate::flow::{BASELINE, Expectation, Flow, Instance, Scenario};
use crate::resolve::Project;
use crate::run::machine::Machine;
use crate::run::tamper::Recordings;
use crate::trace::{EventOutcome, Outcome, Rejection, Trace};

/// What a run depends on beside the flow.
#[derive(Clone, Debug)]
pub struct Env {
    /// The public seed.
    pub seed: String,
    /// The virtual clock when a run begins.
    pub clock: Timestamp,
}

/// The traces of a project.
#[derive(Debug)]
pub struct Runs {
    /// By index of the flow, then by index of the scenario.
    pub traces: Vec<Vec<Trace>>,
}

impl Runs {
    /// The run of the flow as written.
    pub fn baseline(&self, flow: usize) -> &Trace {
        &self.traces[flow][0]
    }
}

/// Runs one scenario of a flow.
pub fn run(flow: &Flow, scenario: &Scenario, env: &Env) -> Trace {
    run_as(flow, scenario, env, Instance::FIRST)
}

/// Runs one scenario of a flow for a certain device and session.
pub fn run_as(flow: &Flow, scenario: &Scenario, env: &Env, instance: Instance) -> Trace {
    let base = scenario.base.as_ref().and_then(|base| flow.scenario(base));
    let record = |other: Instance| {
        base.filter(|_| Recordings::needs(scenario, other)).map(|base| run_as(flow, base, env, other))
    };
    let recordings =
        Recordings { other_session: record(Instance::OTHER_SESSION), other_device: record(Instance::OTHER_DEVICE) };
    Machine::new(flow, scenario, env, instance, &recordings).run()
}

/// Runs every scenario of every flow, side by side; `None` where an outcome differs from what a flow declares.
pub fn run_all(project: &Project, env: &Env, sink: &mut Sink) -> Option<Runs> {
    let jobs: Vec<(usize, &Flow, &Scenario)> = project
        .flows
        .iter()
        .enumerate()
        .flat_map(|(index, flow)| flow.scenarios.iter().map(move |scenario| (index, flow, scenario)))
        .collect();
    let traces: Vec<Trace> = jobs.par_iter().map(|(_, flow, scenario)| run(flow, scenario, env)).collect();
    let mut runs = Runs { traces: project.flows.iter().map(|_| Vec::new()).collect() };
    let mut sound = true;
    for ((index, flow, scenario), trace) in jobs.into_iter().zip(traces) {
        for found in unexpected(flow, scenario, &trace) {
            sound = false;
            sink.push(found);
        }
        runs.traces[index].push(trace);
    }
    if !sound {
        return None;
    }
    for (flow, traces) in project.flows.iter().zip(&mut runs.traces) {
        match probe::probe(flow, env, &traces[0]) {
            Ok(probes) => traces[0].probes = probes,
            Err(n_probes) => {
                let message = format!("`{}` has {n_probes} bytes and fields to probe", flow.id);
                let most =
                    format!("at most {} are tried; split the method, or shorten its messages", probe::MAX_PROBES);
                sink.push(error(Code::INVALID_VALUE, &flow.span, message).hint(most));
                sound = false;
            }
        }
    }
    sound.then_some(runs)
}

/// Where the run ended otherwise than the flow declares.
pub fn unexpected(flow: &Flow, scenario: &Scenario, trace: &Trace) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = scenario
        .steps
        .iter()
        .zip(&trace.events)
        .filter_map(|(step, event)| match (&step.expect_rejected, &event.outcome) {
            (Some(expected), EventOutcome::Done) => Some(diagnostic(
                &step.span,
                format!(
                    "`{}` of `{}` was to be refused by `{}` with `{}`, and was not",
                    step.id, flow.id, expected.by, expected.code
                ),
            )),
            _ => None,
        })
        .collect();
    match (&scenario.expect, &trace.outcome) {
        (Expectation::Completed(_), Outcome::Completed) => {}
        (Expectation::Rejected { step, by, code }, Outcome::Rejected { step: at, rejection })
            if (step, by, code) == (at, &rejection.by, &rejection.code) => {}
        (Expectation::Stalled { step, by }, Outcome::Stalled { step: at, waiting }) if (step, by) == (at, waiting) => {}
        (expected, outcome) => {
            let span = match outcome {
                // A baseline is refused in a step, and the mistake is there.
                Outcome::Rejected { step, .. } if scenario.id == BASELINE => {
                    scenario.steps.iter().find(|known| known.id == *step).map_or(&scenario.span, |step| &step.span)
                }
                _ => &scenario.span,
            };
            let message = format!("`{}` of `{}` {}", scenario.id, flow.id, happened(outcome));
            found.push(diagnostic(span, message).hint(declared(expected)));
        }
    }
    found
}

fn diagnostic(span: &crate::source::Span, message: String) -> Diagnostic {
    Diagnostic {
        severity: Severity::Error,
        code: Code::UNEXPECTED_OUTCOME,
        message,
        span: Some(span.clone()),
        hints: Vec::new(),
    }
}

fn happened(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Completed => "ran to its end".to_owned(),
        Outcome::Rejected { step, rejection: Rejection { by, code, message, .. } } => {
            format!("was refused by `{by}` in `{step}` with `{code}`: {message}")
        }
        Outcome::Stalled { step, waiting } => format!("came to a standstill in `{step}`, where `{waiting}` waits"),
    }
}

fn declared(expected: &Expectation) -> String {
    match expected {
        Expectation::Completed(_) => "the flow declares that it runs to its end".to_owned(),
        Expectation::Rejected { step, by, code } => {
            format!("the flow declares that `{by}` refuses in `{step}` with `{code}`")
        }
        Expectation::Stalled { step, by } => format!("the flow declares that `{by}` waits in `{step}`"),
    }
}
