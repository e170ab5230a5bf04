//! The device gets another trust anchor later in its life, and none that nobody vouched for.

use super::case::{Case, Run};
use super::testimony::Testimony;
use super::{ClaimSpec, Evidence};
use crate::crypto::certificate::Certificate;
use crate::trace::{Artifact, ArtifactKind};

/// The device gets another trust anchor later in its life, and none that nobody vouched for.
pub struct AnchorReplaced;

impl Evidence for AnchorReplaced {
    fn spec(&self) -> &'static ClaimSpec {
        const {
            &ClaimSpec {
                name: "anchor-replaced-safely",
                shows: "Later in its life the device took a new trust anchor and verified its peer by it, and every attack on that replacement was stopped.",
                does_not_show: "That the device cannot lose its only anchor, or that the new one is the right one.",
                params: &[],
            }
        }
    }

    fn judge(&self, case: &Case<'_>) -> Testimony {
        let replaced: Vec<(&Run<'_>, Vec<&str>)> =
            case.genuine().filter_map(|run| Some((run, replacement(case, run)?))).collect();
        if replaced.is_empty() {
            return Testimony::inconclusive("No run replaces a trust anchor of the device.");
        }
        let titles: Vec<String> = replaced.iter().map(|(run, _)| format!("“{}”", run.title)).collect();
        let exhibits = replaced.iter().flat_map(|(run, steps)| steps.iter().map(|step| run.exhibit(step)));
        let lived = Testimony::shown(format!("The device takes another anchor in {}.", titles.join(", ")), exhibits);
        let attacked = |base: Option<&str>| replaced.iter().any(|(run, _)| base == Some(&run.trace.scenario));
        let attacks = case.attempts_of(|run| attacked(run.base));
        lived.and(attacks.testimony("No attack tries to have another anchor taken."))
    }
}

/// The step in which the device stores an anchor that its life so far had not, and those in which it then verifies its
/// peer.
fn replacement<'r>(case: &Case<'r>, run: &Run<'r>) -> Option<Vec<&'r str>> {
    let later = || run.trace.events.iter().enumerate().skip(run.first_edit.max(1));
    // An authority's certificate serves as an anchor where a later step names it so.
    let takes = |artifact: &Artifact| match artifact.kind {
        ArtifactKind::TrustAnchors => true,
        ArtifactKind::Certificate => {
            Certificate::from_der(&artifact.bytes.0).is_ok_and(|certificate| certificate.is_authority())
        }
        _ => false,
    };
    let (at, taken) = later()
        .find(|(_, event)| event.stored.iter().any(|artifact| artifact.actor == case.device && takes(artifact)))?;
    // The baseline takes its first anchors; only what comes on top of it replaces one.
    run.base?;
    let verifies = later().skip_while(|(index, _)| *index <= at).filter(|(_, event)| {
        event.checks.iter().any(|check| check.held && check.by == case.device && check.of.is_some())
    });
    let verified: Vec<&str> = verifies.map(|(_, event)| event.step.as_str()).collect();
    (!verified.is_empty()).then(|| std::iter::once(taken.step.as_str()).chain(verified).collect())
}
