//! Every change of a device's record is in a log that cannot be altered unnoticed.

use super::case::{Case, count};
use super::testimony::Testimony;
use super::{ClaimSpec, Evidence};
use crate::registry::log::verify;

/// Every change of a device's record is in a log that cannot be altered unnoticed.
pub struct AuditLog;

impl Evidence for AuditLog {
    fn spec(&self) -> &'static ClaimSpec {
        const {
            &ClaimSpec {
                name: "audit-log-verified",
                shows: "The registry noted every change with its moment, actor and step in a chain of hashes that is whole, and every attack with an altered or shortened log was noticed.",
                does_not_show: "That a copy of the log's end is kept where whoever alters it does not reach.",
                params: &[],
            }
        }
    }

    fn judge(&self, case: &Case<'_>) -> Testimony {
        let run = case.baseline();
        let log = run.trace.registry.log();
        let steps = log.entries().iter().map(|entry| entry.step.as_str());
        let steps: Vec<&str> = steps.filter(|step| run.trace.event(step).is_some()).collect();
        if steps.is_empty() {
            return Testimony::inconclusive("The method changes no registry, and so logs nothing.");
        }
        let noted = count(log.entries().len(), "change was noted", "changes were noted");
        let kept = match verify(&log.lines()) {
            Ok(_) => Testimony::shown(format!("{noted}, and the chain of their hashes is whole."), ends(run, &steps)),
            Err(_) => Testimony::contradicted(format!("{noted}, and the chain of their hashes is broken."), []),
        };
        kept.and(case.tried(self.spec().name, "No attack alters the log."))
    }
}

/// The first and the last of the steps; those between stand in the log itself.
fn ends(run: &super::Run<'_>, steps: &[&str]) -> Vec<super::Exhibit> {
    steps.first().into_iter().chain(steps.last()).map(|step| run.exhibit(step)).collect()
}
