//! Device and service verify each other before the first secret, and an impostor on either side is refused.

use super::case::Case;
use super::testimony::{Exhibit, Testimony};
use super::{ClaimSpec, Evidence};
use crate::registry::State;
use crate::trace::{ArtifactKind, Event, Place, ProbeKind, ProbeLayer, ProbeOutcome, Provenance, Trace};

/// Device and service verify each other before the first secret, and an impostor on either side is refused.
pub struct MutualAuthentication;

impl Evidence for MutualAuthentication {
    fn spec(&self) -> &'static ClaimSpec {
        const {
            &ClaimSpec {
                name: "mutual-authentication",
                shows: "Before the first secret reached the device over an exposed link, or else before the registry made it active, the device had verified its peer and a peer the device, each by a check that held; and every attack by an impostor on either side was stopped.",
                does_not_show: "That the trust anchors are the right ones, or that the peer is the owner.",
                params: &[],
            }
        }
    }

    fn judge(&self, case: &Case<'_>) -> Testimony {
        let run = case.baseline();
        if let Some(forged) = forged(case) {
            return forged.and(case.tried(self.spec().name, ""));
        }
        let Some((last, before)) = decisive(case, run.trace) else {
            return Testimony::inconclusive("The device meets nobody over an exposed link.");
        };
        let verified = |by_device: bool| -> Option<Exhibit> {
            let events = run.trace.events.iter().take(last + 1);
            let is = |event: &&Event| {
                event.checks.iter().any(|check| {
                    let of = check.of.as_deref();
                    let (by, other) = (check.by == case.device, of == Some(case.device));
                    check.held && of.is_some() && if by_device { by && !other } else { !by && other }
                })
            };
            events.rev().find(is).map(|event| run.exhibit(&event.step))
        };
        let both = match (verified(true), verified(false)) {
            (Some(peer), Some(device)) => {
                Testimony::shown(format!("Device and service had verified each other before {before}."), [peer, device])
            }
            (Some(peer), None) => Testimony::partly(
                format!(
                    "The device had verified its service before {before}; no check in a session verified the device, only what it sent."
                ),
                [peer],
            ),
            (None, Some(device)) => {
                Testimony::partly(format!("Only the device had been verified before {before}."), [device])
            }
            (None, None) => Testimony::inconclusive(format!("No check verified anybody before {before}.")),
        };
        both.and(case.tried(self.spec().name, "No attack puts an impostor in either place."))
    }
}

/// The event before which both must be verified, with what happens in it.
fn decisive(case: &Case<'_>, trace: &Trace) -> Option<(usize, &'static str)> {
    let position = |is: &dyn Fn(&Event) -> bool| trace.events.iter().position(is);
    let receives = |event: &Event| {
        use ArtifactKind::{Credential, PrivateKey, Secret, Token};
        let secret = |kind| matches!(kind, Credential | PrivateKey | Secret | Token);
        let is_sent = |how: &Provenance| matches!(how, Provenance::Received { .. });
        let stored = &event.stored;
        stored.iter().any(|value| value.actor == case.device && secret(value.kind) && is_sent(&value.provenance))
    };
    let active: Vec<&str> = trace.registry.entered(State::Active).collect();
    let meets = |event: &Event| Case::is_exposed(trace, event) && case.involves_device(event);
    position(&|event| meets(event) && receives(event))
        .map(|at| (at, "the first secret reached the device over an exposed link"))
        .or_else(|| position(&|event| active.contains(&event.step.as_str())).map(|at| (at, "the device became active")))
        .or_else(|| {
            let last = trace.events.iter().rposition(meets);
            last.map(|at| (at, "the last message of the device"))
        })
}

/// What the engine forged on a link of the device, that nobody noticed and that broke a goal.
fn forged(case: &Case<'_>) -> Option<Testimony> {
    let run = case.baseline();
    let steps = run.trace.probes.iter().filter(|probe| {
        let is_broken = matches!(&probe.outcome, ProbeOutcome::Undetected { breaks, .. } if !breaks.is_empty());
        let event = run.trace.event(&probe.step);
        let is_own = event.is_some_and(|event| case.involves_device(event) && !matches!(event.place, Place::At { .. }));
        probe.kind == ProbeKind::Forge && probe.layer == ProbeLayer::Wire && is_broken && is_own
    });
    let exhibits: Vec<Exhibit> = steps.map(|probe| run.exhibit(&probe.step)).collect();
    let reason = "Somebody with fresh credentials took the device's or its peer's place, and nobody noticed.";
    (!exhibits.is_empty()).then(|| Testimony::contradicted(reason, exhibits))
}
