//! The log of the registry holds no secret.

use super::case::{Case, secret_bytes};
use super::never_leaves::contains;
use super::testimony::Testimony;
use super::{ClaimSpec, Evidence};
use crate::protocol::encoding;

/// The log of the registry holds no secret.
pub struct LogWithoutSecrets;

/// Bytes from which on a secret is not met by chance.
const TELLING: usize = 16;

impl Evidence for LogWithoutSecrets {
    fn spec(&self) -> &'static ClaimSpec {
        const {
            &ClaimSpec {
                name: "log-without-secrets",
                shows: "In every run without an attacker no private key, secret or token of 16 bytes or more is in the log of the registry, neither as it is nor in hexadecimal or base64.",
                does_not_show: "That a device or a service of another make writes none into a log of its own.",
                params: &[],
            }
        }
    }

    fn judge(&self, case: &Case<'_>) -> Testimony {
        let mut exhibits = Vec::new();
        for run in case.genuine() {
            let log = run.trace.registry.log();
            let lines = log.lines();
            let held =
                run.trace.events.iter().flat_map(|event| &event.stored).filter(|artifact| artifact.kind.is_secret());
            for artifact in held.filter(|artifact| secret_bytes(artifact).len() >= TELLING) {
                let bytes = secret_bytes(artifact);
                let texts = [encoding::hex(bytes), encoding::base64(bytes), encoding::base64url(bytes)];
                let mut needles = texts.iter().map(String::as_bytes).chain([bytes]);
                if needles.any(|needle| contains(lines.as_bytes(), needle)) {
                    let reason = format!("{} of {} is in the log.", artifact.name, artifact.actor);
                    return Testimony::contradicted(reason, [run.exhibit(&artifact.step)]);
                }
            }
            let noted = log.entries().iter().map(|entry| entry.step.as_str());
            let last = noted.filter(|step| run.trace.event(step).is_some()).last();
            exhibits.extend(last.map(|step| run.exhibit(step)));
        }
        if exhibits.is_empty() {
            return Testimony::inconclusive("The method changes no registry, and so logs nothing.");
        }
        Testimony::shown("No secret of any run is in the log of the registry at its end.", exhibits)
    }
}
