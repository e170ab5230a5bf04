//! The device makes its private keys itself, and they stay where they were made.

use super::case::Case;
use super::never_leaves::sightings;
use super::testimony::{Exhibit, Testimony};
use super::{ClaimSpec, Evidence};
use crate::trace::{Artifact, ArtifactKind, Provenance};

/// The device makes its private keys itself, and they stay where they were made.
pub struct KeyInCustody;

impl Evidence for KeyInCustody {
    fn spec(&self) -> &'static ClaimSpec {
        const {
            &ClaimSpec {
                name: "key-never-leaves-custody",
                shows: "In every run without an attacker the device made each of its private keys itself, and no key was in another store or in any message, encrypted or not.",
                does_not_show: "That the device's hardware would keep it: custody is declared, not measured. What an implementation writes into its log is not in it.",
                params: &[],
            }
        }
    }

    fn judge(&self, case: &Case<'_>) -> Testimony {
        let mut exhibits: Vec<Exhibit> = Vec::new();
        for run in case.genuine() {
            for key in keys(case.secrets_of_device(run.trace)) {
                let name = format!("{}/{}", case.device, key.name);
                if key.provenance != Provenance::Made {
                    let reason = format!("The device did not make {} itself.", key.name);
                    return Testimony::contradicted(reason, [run.exhibit(&key.step)]);
                }
                if let Some(sighting) = sightings(run.trace, &name).and_then(|(_, found)| found.into_iter().next()) {
                    let reason = format!("{} is elsewhere too.", key.name);
                    return Testimony::contradicted(reason, [run.exhibit(sighting.step())]);
                }
                if run.trace.events.iter().skip(run.first_edit).any(|event| event.step == key.step) {
                    exhibits.push(run.exhibit(&key.step));
                }
            }
        }
        if exhibits.is_empty() {
            return Testimony::not_applicable(
                "The device has no private key; what it shares with a service is known at both ends by design.",
            );
        }
        Testimony::shown(
            "The device makes its keys itself, and they are in no other store and in no message.",
            exhibits,
        )
    }
}

/// The private keys; a credential whose key has no name of its own counts as one.
fn keys<'t>(secrets: impl Iterator<Item = &'t Artifact>) -> Vec<&'t Artifact> {
    let mut keys: Vec<&Artifact> = Vec::new();
    let mut all: Vec<&Artifact> = secrets.filter(|artifact| artifact.secret.is_some()).collect();
    // The key itself before the credentials that it is part of.
    all.sort_by_key(|artifact| artifact.kind != ArtifactKind::PrivateKey);
    for artifact in all {
        if !keys.iter().any(|known| known.secret == artifact.secret) {
            keys.push(artifact);
        }
    }
    keys
}
