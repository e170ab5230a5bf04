//! A device that asks for more than its own is refused.

use super::case::{Case, Run};
use super::testimony::Testimony;
use super::{ClaimSpec, Evidence};
use crate::trace::Outcome;

/// A device that asks for more than its own is refused.
pub struct LeastPrivilege;

/// What authorisation answers to somebody who is known and asks for what it may not have.
const CODES: [&str; 5] =
    ["client-id-mismatch", "not-authorized", "subject-changed", "subject-mismatch", "wrong-resource"];

impl Evidence for LeastPrivilege {
    fn spec(&self) -> &'static ClaimSpec {
        const {
            &ClaimSpec {
                name: "least-privilege",
                shows: "Every attack in which a known device asks for the name, the topic or the rights of another was stopped.",
                does_not_show: "That the rights it has are the fewest it could do with.",
                params: &[],
            }
        }
    }

    fn judge(&self, case: &Case<'_>) -> Testimony {
        let name = self.spec().name;
        let is_refused = |run: &Run<'_>| match &run.trace.outcome {
            Outcome::Rejected { rejection, .. } => CODES.contains(&rejection.code.as_str()),
            Outcome::Completed | Outcome::Stalled { .. } => false,
        };
        let attempts = case.attempts_of(|run| is_refused(run) || run.tests.iter().any(|tested| tested == name));
        attempts.testimony("No attack asks for more than the device's own.")
    }
}
