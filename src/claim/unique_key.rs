//! Each device has keys and secrets of its own.

use super::case::{Case, secret_bytes};
use super::testimony::{Ruling, Testimony};
use super::{ClaimSpec, Evidence};
use crate::trace::Artifact;

/// Each device has keys and secrets of its own.
pub struct UniqueKey;

impl Evidence for UniqueKey {
    fn spec(&self) -> &'static ClaimSpec {
        const {
            &ClaimSpec {
                name: "unique-key",
                shows: "The method was run for a second device, and no private key, secret or token that the one holds at the end is held by the other, but for what its owner gave to a group of devices.",
                does_not_show: "That keys are drawn well: those of the runs are public by intention.",
                params: &[],
            }
        }
    }

    fn judge(&self, case: &Case<'_>) -> Testimony {
        if let Some(shared) = case.found("shared-credential", |found| found.is_high) {
            return shared;
        }
        let run = case.baseline();
        let of_a_group = |secret: &&Artifact| {
            let mut shared = case.findings.iter().filter(|found| found.lint == "shared-credential");
            shared.any(|found| found.evidence.contains(&secret.step))
        };
        let others: Vec<&[u8]> = case.secrets_of_device(case.other_device).map(secret_bytes).collect();
        let (group, own): (Vec<_>, Vec<_>) = case.secrets_of_device(run.trace).partition(of_a_group);
        if own.is_empty() {
            return Testimony::not_applicable("The device holds no key, secret or token.");
        }
        if others.is_empty() {
            return Testimony::inconclusive("The run of a second device ended before it held a key.");
        }
        if let Some(shared) = own.iter().find(|artifact| others.contains(&secret_bytes(artifact))) {
            let reason = format!("Another device holds the same {}.", shared.name);
            return Testimony::contradicted(reason, [run.exhibit(&shared.step)]);
        }
        let exhibits = own.iter().map(|artifact| run.exhibit(&artifact.step));
        let mut reason = format!("Another device holds none of {}.", names(&own));
        if !group.is_empty() {
            reason = format!("{reason} The owner gives all of a group {}.", names(&group));
        }
        let differ = Testimony::shown(reason, exhibits.filter(|exhibit| run.trace.event(&exhibit.step).is_some()));
        let mut tried = case.tried(self.spec().name, "");
        // A secret from which those of all devices are made does not make them the same.
        if tried.ruling == Ruling::Contradicted {
            tried.ruling = Ruling::Partly;
        }
        if tried.ruling == Ruling::Inconclusive { differ } else { differ.and(tried) }
    }
}

fn names(secrets: &[&Artifact]) -> String {
    secrets.iter().map(|secret| secret.name.as_str()).collect::<Vec<_>>().join(", ")
}
