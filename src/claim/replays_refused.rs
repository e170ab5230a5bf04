//! What crossed a link once is of no use a second time.

use super::case::{Case, count};
use super::testimony::Testimony;
use super::{ClaimSpec, Evidence};
use crate::trace::{ProbeKind, ProbeLayer, ProbeOutcome};

/// What crossed a link once is of no use a second time.
pub struct ReplaysRefused;

impl Evidence for ReplaysRefused {
    fn spec(&self) -> &'static ClaimSpec {
        const {
            &ClaimSpec {
                name: "replays-refused",
                shows: "The engine sent every flight of an exposed link once more, and in its place those of another session and of another device, and every attack did so with what it had recorded; nothing of it went unnoticed.",
                does_not_show: "That bytes of one step are of no use in another step, or after changes.",
                params: &[],
            }
        }
    }

    fn judge(&self, case: &Case<'_>) -> Testimony {
        let run = case.baseline();
        let probes = run.trace.probes.iter().filter(|probe| match (probe.layer, probe.kind) {
            (ProbeLayer::Wire, ProbeKind::ReplayRun | ProbeKind::ReplaySession | ProbeKind::ReplayDevice) => true,
            (ProbeLayer::Inside | ProbeLayer::Wire, _) => false,
        });
        let (mut noticed, mut harmless, mut broken) = (Vec::new(), Vec::new(), Vec::new());
        for probe in probes {
            let exhibit = run.exhibit(&probe.step);
            match &probe.outcome {
                ProbeOutcome::Rejected { .. } | ProbeOutcome::Stalled { .. } => noticed.push(exhibit),
                ProbeOutcome::Undetected { breaks, .. } if breaks.is_empty() => harmless.push(exhibit),
                ProbeOutcome::Undetected { .. } => broken.push(exhibit),
                ProbeOutcome::Harmless => {}
            }
        }
        let replays = count(noticed.len(), "replay", "replays");
        let probed = if !broken.is_empty() {
            let n = count(broken.len(), "replay goes unnoticed and breaks", "replays go unnoticed and break");
            Testimony::contradicted(format!("{n} a goal."), broken)
        } else if noticed.is_empty() {
            Testimony::inconclusive("No flight could be replayed: no link is exposed.")
        } else if harmless.is_empty() {
            Testimony::shown(format!("The engine tried {replays}, and all were stopped."), noticed)
        } else {
            let n =
                count(harmless.len(), "went unnoticed and changed something", "went unnoticed and changed something");
            let reason = format!("The engine tried {replays} that were stopped; {n} without breaking a goal.");
            Testimony::partly(reason, noticed.into_iter().chain(harmless))
        };
        probed.or(case.tried(self.spec().name, ""))
    }
}
