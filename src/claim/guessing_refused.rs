//! A short secret cannot be guessed.

use super::case::{Case, secret_bytes};
use super::testimony::Testimony;
use super::{ClaimSpec, Evidence};

/// A short secret cannot be guessed.
pub struct GuessingRefused;

/// Bytes from which on guessing is hopeless: 112 bits (NIST SP 800-57 Part 1, table 2).
const LONG_ENOUGH: usize = 14;

impl Evidence for GuessingRefused {
    fn spec(&self) -> &'static ClaimSpec {
        const {
            &ClaimSpec {
                name: "guessing-refused",
                shows: "Every attack that guesses a secret was stopped.",
                does_not_show: "That secrets are drawn well: randomness is not measured. Where the device does not tell, how long a guess takes.",
                params: &[],
            }
        }
    }

    fn judge(&self, case: &Case<'_>) -> Testimony {
        let events = &case.baseline().trace.events;
        let secrets = events.iter().flat_map(|event| &event.stored).filter(|artifact| artifact.kind.is_secret());
        let shortest = secrets.map(|artifact| secret_bytes(artifact).len()).min();
        let tried = case.attempts(self.spec().name);
        let untried = tried.stopped.is_empty() && tried.through.is_empty();
        match shortest {
            None if untried => Testimony::not_applicable("No secret is used that somebody could guess."),
            Some(n) if untried && n >= LONG_ENOUGH => Testimony::not_applicable(format!(
                "No secret is short enough to be guessed: the shortest has {n} bytes."
            )),
            _ => tried.testimony("A secret is short, and no attack guesses it."),
        }
    }
}
