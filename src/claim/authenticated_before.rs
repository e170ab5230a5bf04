//! An actor verifies who its peer is before a step.

use super::{Claim, ClaimArgs, ClaimParam, ClaimSpec, Names, Verdict, one};
use crate::trace::{EditMark, EventOutcome, Place, Trace};

/// An actor verifies who its peer is before a step.
pub struct AuthenticatedBefore;

impl Claim for AuthenticatedBefore {
    fn spec(&self) -> &'static ClaimSpec {
        const {
            &ClaimSpec {
                name: "authenticated-before",
                shows: "In this run the verifier authenticated the peer with a check that held, before the step began.",
                does_not_show: "That the verifier's trust anchors are the right ones.",
                params: &[
                    ClaimParam { name: "peer", names: Names::Actor, summary: "who is authenticated" },
                    ClaimParam { name: "by", names: Names::Actor, summary: "who verifies" },
                    ClaimParam {
                        name: "step",
                        names: Names::Step,
                        summary: "the step before which it must have happened",
                    },
                ],
            }
        }
    }

    fn statement(&self, with: &ClaimArgs) -> String {
        format!("{} authenticates {} before {}", one(with, "by"), one(with, "peer"), one(with, "step"))
    }

    fn judge(&self, trace: &Trace, with: &ClaimArgs) -> Verdict {
        let (peer, by, step) = (one(with, "peer"), one(with, "by"), one(with, "step"));
        let Some(position) = trace.events.iter().position(|event| event.step == step) else {
            return Verdict { held: true, reason: format!("the run ends before `{step}`"), evidence: Vec::new() };
        };
        // A verifier in whose place the attacker acts has nothing to verify: it takes no part in the step.
        if trace.events[position].edit == EditMark::Impersonated && !takes_part(&trace.events[position].place, by) {
            let reason = format!("the attacker acts in place of `{by}`, which takes no part in `{step}`");
            return Verdict { held: true, reason, evidence: Vec::new() };
        }
        let found = trace.events[..position].iter().rev().find(|event| {
            matches!(event.outcome, EventOutcome::Done)
                && event.checks.iter().any(|check| check.held && check.by == by && check.of.as_deref() == Some(peer))
        });
        match found {
            Some(event) => Verdict {
                held: true,
                reason: format!("`{by}` verified `{peer}` in `{}`", event.step),
                evidence: vec![event.step.clone()],
            },
            None => Verdict {
                held: false,
                reason: format!("nothing before `{step}` authenticates `{peer}` to `{by}`"),
                evidence: vec![step.to_owned()],
            },
        }
    }
}

fn takes_part(place: &Place, actor: &str) -> bool {
    match place {
        Place::At { actor: at } => at == actor,
        Place::Setup { from, to } | Place::Between { from, to, .. } => from == actor || to == actor,
    }
}
