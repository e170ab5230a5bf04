//! Whoever presents a public key or certificate proves that it has the private key.

use super::case::Case;
use super::testimony::Testimony;
use super::{ClaimSpec, Evidence};

/// Whoever presents a public key or certificate proves that it has the private key.
pub struct PossessionOfKey;

impl Evidence for PossessionOfKey {
    fn spec(&self) -> &'static ClaimSpec {
        const {
            &ClaimSpec {
                name: "possession-of-key",
                shows: "A party verified that the device has the private key of the certificate or request that it presented, and every attack without that key was stopped.",
                does_not_show: "That nobody else has the key too.",
                params: &[],
            }
        }
    }

    fn judge(&self, case: &Case<'_>) -> Testimony {
        let run = case.baseline();
        let proves = |check: &crate::trace::Check| {
            check.held && check.by != case.device && check.of.as_deref() == Some(case.device)
        };
        let events = run.trace.events.iter().filter(|event| event.checks.iter().any(proves));
        let exhibits: Vec<_> = events.map(|event| run.exhibit(&event.step)).collect();
        let seen = if exhibits.is_empty() {
            Testimony::inconclusive("No check shows that the device has the key that it presents.")
        } else {
            Testimony::shown("The device signs with the key that it presents, and its peer verifies it.", exhibits)
        };
        seen.or(case.tried(self.spec().name, ""))
    }
}
