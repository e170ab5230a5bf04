//! Flow × Scenario → [`Trace`].
//!
//! Randomness is derived by name (seed, flow, instance, actor, step, purpose), never by order and never by scenario:
//! an edited run equals its baseline byte for byte up to the first edit.

pub mod artifact;
pub mod budget;
pub mod doing;
pub mod forge;
pub mod machine;
pub mod probe;
pub mod runner;
pub mod store;
pub mod tamper;

use std::sync::Arc;

use rayon::prelude::*;

use crate::clock::Timestamp;
use crate::diag::{Code, Diagnostic, Severity, Sink, error};
use crate::flow::{BASELINE, Expectation, Flow, Instance, Scenario};
use crate::resolve::Project;
use crate::run::runner::Runner;
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
    /// The baseline of another device, by index of the flow.
    pub other_devices: Vec<Arc<Trace>>,
    /// How many runs were executed for it: scenarios, probes, and the baselines of others from which bytes are taken.
    pub n_executed: usize,
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
    Runner::new(flow, env).run_as(scenario, instance)
}

/// Runs every scenario of every flow, side by side; `None` where an outcome differs from what a flow declares.
pub fn run_all(project: &Project, env: &Env, sink: &mut Sink) -> Option<Runs> {
    let runners: Vec<Runner<'_>> = project.flows.iter().map(|flow| Runner::new(flow, env)).collect();
    let jobs: Vec<(usize, &Runner<'_>, &Scenario)> = runners
        .iter()
        .enumerate()
        .flat_map(|(index, runner)| runner.flow().scenarios.iter().map(move |scenario| (index, runner, scenario)))
        .collect();
    let ran: Vec<Trace> =
        jobs.par_iter().map(|(_, runner, scenario)| runner.run_as(scenario, Instance::FIRST)).collect();
    let mut traces: Vec<Vec<Trace>> = project.flows.iter().map(|_| Vec::new()).collect();
    let mut sound = true;
    for ((index, runner, scenario), trace) in jobs.into_iter().zip(ran) {
        for found in unexpected(runner.flow(), scenario, &trace) {
            sound = false;
            sink.push(found);
        }
        traces[index].push(trace);
    }
    if !sound {
        return None;
    }
    for (runner, traces) in runners.iter().zip(&mut traces) {
        match probe::probe_all(runner, &traces[0]) {
            Ok(probes) => traces[0].probes = probes,
            Err(excess) => {
                let (message, hint) = excess.words(&runner.flow().id);
                sink.push(error(Code::INVALID_VALUE, &runner.flow().span, message).hint(hint));
                sound = false;
            }
        }
    }
    let other_device = |runner: &Runner<'_>| runner.recording(runner.flow().baseline(), Instance::OTHER_DEVICE);
    let other_devices = runners.iter().map(other_device).collect();
    let n_executed = runners.iter().map(Runner::n_runs).sum();
    sound.then_some(Runs { traces, other_devices, n_executed })
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
