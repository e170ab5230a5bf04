//! The registry knows each device once.

use super::case::Case;
use super::identity_unique::IdentityUnique;
use super::testimony::Testimony;
use super::{Claim, ClaimArgs, ClaimSpec, Evidence};

/// The registry knows each device once.
pub struct RegisteredOnce;

impl Evidence for RegisteredOnce {
    fn spec(&self) -> &'static ClaimSpec {
        const {
            &ClaimSpec {
                name: "registered-once",
                shows: "At the end of every run without an attacker the device has a record in the registry, and no two records name the same certificate, key or serial number.",
                does_not_show: "That every device of a fleet is registered, or that no copy of a key exists.",
                params: &[],
            }
        }
    }

    fn judge(&self, case: &Case<'_>) -> Testimony {
        let mut exhibits = Vec::new();
        for run in case.genuine().filter(|run| !run.trace.registry.records().is_empty()) {
            let verdict = IdentityUnique.judge(run.trace, &ClaimArgs::new());
            let steps = verdict.evidence.iter().filter(|step| run.trace.event(step).is_some());
            let steps = steps.map(|step| run.exhibit(step));
            if !verdict.held {
                return Testimony::contradicted(format!("{}.", verdict.reason.replace('`', "")), steps);
            }
            // What a later run shares with the baseline is shown there.
            exhibits.extend(steps.take(if run.base.is_none() { usize::MAX } else { 0 }));
        }
        if exhibits.is_empty() {
            return Testimony::inconclusive("No device is entered in a registry.");
        }
        Testimony::shown("Each device has one record, and no two records are of the same device.", exhibits)
    }
}
