//! A value becomes known to nobody but the named actors.

use super::{Claim, ClaimArgs, ClaimParam, ClaimSpec, Names, Verdict, one};
use crate::claim::never_leaves::{Sighting, sightings};
use crate::trace::Trace;

/// A value becomes known to nobody but the named actors.
pub struct KnownOnlyTo;

impl Claim for KnownOnlyTo {
    fn spec(&self) -> &'static ClaimSpec {
        const {
            &ClaimSpec {
                name: "known-only-to",
                shows: "In this run the value is in no other actor's store and in no message that others can read on an exposed link.",
                does_not_show: "That nobody can compute it from what they know, or that an actor keeps it safe.",
                params: &[
                    ClaimParam { name: "value", names: Names::Value, summary: "the value, as `actor/name`" },
                    ClaimParam { name: "actors", names: Names::Actors, summary: "who may know it" },
                ],
            }
        }
    }

    fn statement(&self, with: &ClaimArgs) -> String {
        let actors = with.get("actors").map(|actors| actors.join(", ")).unwrap_or_default();
        format!("{} is known only to {actors}", one(with, "value"))
    }

    fn judge(&self, trace: &Trace, with: &ClaimArgs) -> Verdict {
        let allowed = with.get("actors").cloned().unwrap_or_default();
        let Some((born, found)) = sightings(trace, one(with, "value")) else {
            return super::never_leaves::absent(one(with, "value"));
        };
        let leak = found.into_iter().find_map(|sighting| match sighting {
            Sighting::Held { actor, step } if !allowed.contains(&actor) => Some((format!("`{actor}` holds it"), step)),
            Sighting::InClear { link, step } => Some((format!("it crosses `{link}` readable"), step)),
            Sighting::Sent { from, to, step } if !(allowed.contains(&from) && allowed.contains(&to)) => {
                Some((format!("`{from}` sends it to `{to}`"), step))
            }
            Sighting::Held { .. } | Sighting::Sent { .. } => None,
        });
        match leak {
            Some((reason, step)) => Verdict { held: false, reason, evidence: vec![step] },
            None => Verdict {
                held: true,
                reason: "it is in no other store and in no readable message of the run".to_owned(),
                evidence: vec![born],
            },
        }
    }
}
