//! A registry state is reached only after a named check.

use super::{Claim, ClaimArgs, ClaimParam, ClaimSpec, Names, Verdict, one};
use crate::registry::State;
use crate::trace::{EventOutcome, Trace};

/// A registry state is reached only after a named check.
pub struct StateAfter;

impl Claim for StateAfter {
    fn spec(&self) -> &'static ClaimSpec {
        const {
            &ClaimSpec {
                name: "state-after",
                shows: "In this run no device entered the state before the step had happened and held.",
                does_not_show: "That a registry of another make would enforce the order.",
                params: &[
                    ClaimParam { name: "state", names: Names::State, summary: "the state" },
                    ClaimParam { name: "step", names: Names::Step, summary: "the check that must come first" },
                ],
            }
        }
    }

    fn statement(&self, with: &ClaimArgs) -> String {
        format!("the device becomes {} only after {}", one(with, "state"), one(with, "step"))
    }

    fn judge(&self, trace: &Trace, with: &ClaimArgs) -> Verdict {
        let (state, step) = (one(with, "state"), one(with, "step"));
        let position = |id: &str| trace.events.iter().position(|event| event.step == id);
        let checked =
            trace.events.iter().position(|event| event.step == step && matches!(event.outcome, EventOutcome::Done));
        let entered: Vec<&str> =
            State::find(state).into_iter().flat_map(|state| trace.registry.entered(state)).collect();
        let early = entered.iter().find(|id| checked.is_none_or(|checked| position(id).is_none_or(|at| at < checked)));
        match early {
            Some(id) => Verdict {
                held: false,
                reason: format!("a device becomes {state} in `{id}`, and `{step}` has not held before"),
                evidence: vec![(*id).to_owned()],
            },
            None if entered.is_empty() => {
                Verdict { held: true, reason: format!("no device becomes {state} in the run"), evidence: Vec::new() }
            }
            None => Verdict {
                held: true,
                reason: format!("`{step}` held before"),
                evidence: std::iter::once(step).chain(entered).map(str::to_owned).collect(),
            },
        }
    }
}
