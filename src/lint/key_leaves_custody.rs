//! A private key is somewhere else than where it was made.

use std::sync::Arc;

use super::baseline::{Baseline, carries, has, writings};
use super::{Finding, Lint, LintSpec, Risk};
use crate::diag::Code;
use crate::trace::Artifact;
use crate::vocabulary::Custody;

/// A private key is somewhere else than where it was made.
pub struct KeyLeavesCustody;

impl Lint for KeyLeavesCustody {
    fn spec(&self) -> &'static LintSpec {
        const {
            &LintSpec {
                code: Code::KEY_LEAVES_CUSTODY,
                title: "a key leaves its custody",
                asks: "The scalar of every private key, alone or in a credential, is looked for in every store but that of the actor that first held it, and in every message, encrypted or not. The risk is high where that actor keeps its keys in an HSM, a TPM or a secure element: hardware that gives its key away protects nothing.",
                why: "A key that was in two places proves neither of them. A signature no longer says who signed, and a revocation no longer says whose key it was.",
                references: &["CWE-522", "NIST SP 800-57 Part 1, section 8.1.5.1", "IEC 62443-4-2, CR 1.9 RE 1"],
                fix: "Make the key where it is used, with `keygen`, and let only a request (`csr`) or the public key leave.",
                example: r#"
[[step]]
id = "key"
at = "server"
op = "keygen"
out = "key"

[[step]]
id = "tls"
from = "device"
to = "server"
via = "net"
op = "tls"
client = { trusts = "$root", name = "server.example" }
server = { credential = "$server-tls" }

[[step]]
id = "hand-out"
from = "server"
to = "device"
in = "tls"
op = "mqtt-publish"
with = { topic = "key", payload = "$key" }
"#,
            }
        }
    }

    fn findings(&self, baseline: &Baseline<'_>) -> Vec<Finding> {
        let mut seen: Vec<&[u8]> = Vec::new();
        let mut findings = Vec::new();
        for (index, artifact) in baseline.artifacts() {
            let Some(scalar) = artifact.secret.as_ref().filter(|scalar| !seen.contains(&scalar.0.as_slice())) else {
                continue;
            };
            seen.push(&scalar.0);
            findings.extend(leaving(baseline, index, artifact, &scalar.0));
        }
        findings
    }
}

/// Where the key of `first`, made in the event at `index`, leaves its actor.
fn leaving(baseline: &Baseline<'_>, index: usize, first: &Artifact, scalar: &[u8]) -> Option<Finding> {
    let needles = writings(scalar);
    let held = |artifact: &&Arc<Artifact>| {
        let is_same = artifact.secret.as_ref().is_some_and(|secret| secret.0 == scalar);
        artifact.actor != first.actor && (is_same || has(&artifact.bytes.0, &needles))
    };
    let steps: Vec<(String, String)> = baseline.trace.events[index..]
        .iter()
        .filter_map(|event| {
            let sent = event.flights.iter().find(|flight| carries(flight, &needles));
            let to = sent.map(|flight| format!("is sent to `{}`", flight.to));
            let copy = || event.stored.iter().find(held).map(|copy| format!("is held by `{}` too", copy.actor));
            Some((event.step.clone(), to.or_else(copy)?))
        })
        .collect();
    let (step, how) = steps.first()?.clone();
    let custody = baseline.trace.actors.iter().find(|actor| actor.id == first.actor)?.custody;
    let subject = format!("{}/{}", first.actor, first.name);
    let message = format!("the private key in `{subject}` {how}");
    let evidence = std::iter::once(first.step.clone()).chain(steps.into_iter().map(|(step, _)| step)).collect();
    Some(Finding { step, subject, message, risk: risk(custody), evidence })
}

fn risk(custody: Custody) -> Risk {
    match custody {
        Custody::Hsm | Custody::SecureElement | Custody::Tpm => Risk::High,
        Custody::Flash | Custody::Human | Custody::Label | Custody::None => Risk::Low,
    }
}
