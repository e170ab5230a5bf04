//! Two devices hold the same secret.

use std::collections::BTreeSet;

use super::baseline::Baseline;
use super::{Finding, Lint, LintSpec, Risk};
use crate::claim::case::secret_bytes;
use crate::diag::Code;
use crate::flow::{Per, StepPlace};
use crate::trace::Artifact;

/// Two devices hold the same secret.
pub struct SharedCredential;

impl Lint for SharedCredential {
    fn spec(&self) -> &'static LintSpec {
        const {
            &LintSpec {
                code: Code::SHARED_CREDENTIAL,
                title: "a credential shared by devices",
                asks: "The flow is run for a second device too, and the private keys, secrets, tokens and credentials in the stores of the two are compared byte by byte; what both hold is shared. What is made once for all devices says so in the flow: `per = \"fleet\"`. The risk is low where `per = \"owner\"` says that the devices of one owner share it, and it came to the device after it had left its maker: a passphrase, the key of a group.",
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
        let held = other.stores.get(device).into_iter().flat_map(|store| store.values());
        let others: Vec<&[u8]> = held.filter(|held| held.kind.is_secret()).map(|held| secret_bytes(held)).collect();
        let mut seen = BTreeSet::new();
        let mut findings = Vec::new();
        let secrets = baseline.artifacts().map(|(_, artifact)| artifact);
        for artifact in secrets.filter(|artifact| artifact.actor == device && artifact.kind.is_secret()) {
            let bytes = secret_bytes(artifact);
            if others.contains(&bytes) && seen.insert(bytes) {
                findings.push(found(baseline, artifact));
            }
        }
        findings
    }
}

/// What is, in the step in which the secret came to the device.
fn found(baseline: &Baseline<'_>, artifact: &Artifact) -> Finding {
    let risk = if is_of_a_group(baseline, artifact) { Risk::Low } else { Risk::High };
    let whose = match risk {
        Risk::High => "another device",
        Risk::Low => "another device of the same owner",
    };
    let (name, kind) = (format!("{}/{}", artifact.actor, artifact.name), artifact.kind.title());
    Finding {
        step: artifact.step.clone(),
        message: format!("{whose} holds the same {kind} in `{name}`"),
        subject: name,
        risk,
        evidence: vec![artifact.step.clone()],
    }
}

/// Whether a secret was made for the devices of one owner, and came to this one once it had left its maker.
fn is_of_a_group(baseline: &Baseline<'_>, artifact: &Artifact) -> bool {
    let bytes = secret_bytes(artifact);
    let origin = baseline.artifacts().find(|(_, made)| made.kind.is_secret() && secret_bytes(made) == bytes);
    let step = |id: &str| baseline.steps().find(|happened| happened.step.id == id).map(|happened| happened.step);
    let is_of_owner = origin.and_then(|(_, made)| step(&made.step)).is_some_and(|step| step.per == Per::Owner);
    let was_installed = step(&artifact.step).is_none_or(|step| matches!(step.place, StepPlace::Setup { .. }));
    is_of_owner && !was_installed
}
