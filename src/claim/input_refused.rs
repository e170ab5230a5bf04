//! What is not well formed is refused, and what is changed breaks nothing unnoticed.

use super::case::{Case, count};
use super::testimony::Testimony;
use super::{ClaimSpec, Evidence};
use crate::trace::{ProbeKind, ProbeLayer, ProbeOutcome};

/// What is not well formed is refused, and what is changed breaks nothing unnoticed.
pub struct InputRefused;

impl Evidence for InputRefused {
    fn spec(&self) -> &'static ClaimSpec {
        const {
            &ClaimSpec {
                name: "input-refused",
                shows: "The engine changed every field of every message at the end that sends, and cut each message in half; receivers refused what was not well formed, and nothing that went unnoticed broke a goal.",
                does_not_show: "That the receiver of a product parses as ours does.",
                params: &[],
            }
        }
    }

    fn judge(&self, case: &Case<'_>) -> Testimony {
        let run = case.baseline();
        let probes = run.trace.probes.iter().filter(|probe| match (probe.layer, probe.kind) {
            (ProbeLayer::Inside, ProbeKind::Flip | ProbeKind::Truncate) => true,
            (ProbeLayer::Inside | ProbeLayer::Wire, _) => false,
        });
        let mut refused = Vec::new();
        let (mut n_unnoticed, mut broken) = (0, Vec::new());
        for probe in probes {
            match &probe.outcome {
                ProbeOutcome::Rejected { code, .. } if code == "malformed" => refused.push(run.exhibit(&probe.step)),
                ProbeOutcome::Undetected { breaks, .. } if breaks.is_empty() => n_unnoticed += 1,
                ProbeOutcome::Undetected { .. } => broken.push(run.exhibit(&probe.step)),
                ProbeOutcome::Rejected { .. } | ProbeOutcome::Stalled { .. } | ProbeOutcome::Harmless => {}
            }
        }
        if !broken.is_empty() {
            let n = count(broken.len(), "change goes unnoticed and breaks", "changes go unnoticed and break");
            return Testimony::contradicted(format!("{n} a goal."), broken);
        }
        if refused.is_empty() {
            return Testimony::inconclusive("No malformed message reached a receiver.");
        }
        let unnoticed = match n_unnoticed {
            0 => String::new(),
            n => format!(" {} taken as sent and broke no goal.", count(n, "changed field was", "changed fields were")),
        };
        let n = count(refused.len(), "malformed message was refused", "malformed messages were refused");
        Testimony::shown(format!("{n}.{unnoticed}"), refused)
    }
}
