//! What is changed on its way is noticed.

use super::case::{Case, count};
use super::testimony::Testimony;
use super::{ClaimSpec, Evidence};
use crate::trace::{ProbeKind, ProbeLayer, ProbeOutcome};

/// What is changed on its way is noticed.
pub struct TamperingRefused;

impl Evidence for TamperingRefused {
    fn spec(&self) -> &'static ClaimSpec {
        const {
            &ClaimSpec {
                name: "tampering-refused",
                shows: "The engine changed and cut every flight of an exposed link on its way, and attacks changed what they had in mind; each time somebody refused or waited in vain, or the run ended as without it.",
                does_not_show: "That a change inside of an end is noticed.",
                params: &[],
            }
        }
    }

    fn judge(&self, case: &Case<'_>) -> Testimony {
        let run = case.baseline();
        let probes = run.trace.probes.iter().filter(|probe| match (probe.layer, probe.kind) {
            (ProbeLayer::Wire, ProbeKind::Flip | ProbeKind::Truncate) => true,
            (ProbeLayer::Inside | ProbeLayer::Wire, _) => false,
        });
        let (mut noticed, mut unnoticed) = (Vec::new(), Vec::new());
        for probe in probes {
            match &probe.outcome {
                ProbeOutcome::Rejected { .. } | ProbeOutcome::Stalled { .. } => noticed.push(run.exhibit(&probe.step)),
                ProbeOutcome::Undetected { .. } => unnoticed.push(run.exhibit(&probe.step)),
                ProbeOutcome::Harmless => {}
            }
        }
        let probed = if !unnoticed.is_empty() {
            let n = count(unnoticed.len(), "change goes unnoticed", "changes go unnoticed");
            Testimony::contradicted(format!("{n} on the way."), unnoticed)
        } else if noticed.is_empty() {
            Testimony::inconclusive("No flight could be changed: no link is exposed.")
        } else {
            let n = count(noticed.len(), "change", "changes");
            Testimony::shown(format!("The engine made {n} on the way, and all were noticed."), noticed)
        };
        probed.or(case.tried(self.spec().name, ""))
    }
}
