//! Two devices hold the same secret.

use super::baseline::Baseline;
use super::{Finding, Lint, LintSpec, Risk};
use crate::claim::case::{is_secret, secret_bytes};
use crate::diag::Code;
use crate::trace::Trace;

/// Two devices hold the same secret.
pub struct SharedCredential;

impl Lint for SharedCredential {
    fn spec(&self) -> &'static LintSpec {
        const {
            &LintSpec {
                code: Code::SHARED_CREDENTIAL,
                title: "a credential shared by devices",
                asks: "The flow is run for a second device too, and the private keys, secrets, tokens and credentials in the stores of the two are compared byte by byte; what both hold is shared. What is made once for all devices says so in the flow: `per = \"fleet\"`.",
                why: "Who takes one device apart has the secret of all of them, and the one that was taken apart cannot be locked out without the rest.",
                references: &["CWE-321", "ETSI EN 303 645, provision 5.4-4", "NISTIR 8259A, device identification"],
                fix: "Give each device a secret of its own: make its key on the device, or derive it from the device's name as `hmac` does, and keep the master away from devices.",
                example: r#"
[[step]]
id = "master"
at = "server"
op = "random"
per = "fleet"
out = "master"

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
op = "deliver"
with.secret = "$master"
receive.secret = "secret"
"#,
            }
        }
    }

    fn findings(&self, baseline: &Baseline<'_>) -> Vec<Finding> {
        let Some((device, other)) = baseline.device().zip(baseline.other_device) else { return Vec::new() };
        shared(baseline.trace, other, device)
    }
}

/// The secrets that `device` holds in both runs, by the step in which they came there; each once.
pub fn shared(one: &Trace, other: &Trace, device: &str) -> Vec<Finding> {
    let held = |trace: &Trace| -> Vec<Vec<u8>> {
        let store = trace.stores.get(device).into_iter().flat_map(|store| store.values());
        store.filter(|artifact| is_secret(artifact)).map(|artifact| secret_bytes(artifact).to_vec()).collect()
    };
    let others = held(other);
    let mut seen: Vec<Vec<u8>> = Vec::new();
    let mut findings = Vec::new();
    let stored = one.events.iter().flat_map(|event| &event.stored);
    for artifact in stored.filter(|artifact| artifact.actor == device && is_secret(artifact)) {
        let bytes = secret_bytes(artifact).to_vec();
        if others.contains(&bytes) && !seen.contains(&bytes) {
            findings.push(Finding {
                step: artifact.step.clone(),
                subject: format!("{device}/{}", artifact.name),
                message: format!(
                    "another device holds the same {} in `{device}/{}`",
                    artifact.kind.title(),
                    artifact.name
                ),
                risk: Risk::High,
                evidence: vec![artifact.step.clone()],
            });
            seen.push(bytes);
        }
    }
    findings
}
