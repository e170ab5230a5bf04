//! The flow gives a credential that nobody can take back.

use super::baseline::{Baseline, Happened, references};
use super::{Finding, Lint, LintSpec, Risk};
use crate::diag::Code;
use crate::flow::{Expectation, LifecycleStage, Scenario, ScenarioKind, StepPlace};
use crate::operation::Shape;
use crate::value::Value;

/// The flow gives a credential that nobody can take back.
pub struct NoRevocation;

impl Lint for NoRevocation {
    fn spec(&self) -> &'static LintSpec {
        const {
            &LintSpec {
                code: Code::NO_REVOCATION,
                title: "a credential that nobody can revoke",
                asks: "The last credential with which the device identifies itself must be one that can be taken back. One of these suffices: who relies on it consults a revocation list, or a record of the registry in a certain state, when the device connects or later; the certificate is valid for at most 30 days; or a scenario shows that a revoked credential is refused. The bound of 30 days is ours; public authorities count less than that as short.",
                why: "Devices are sold, stolen and taken apart. A credential that is believed until its end gives whoever has it the same time.",
                references: &["CWE-299", "RFC 5280, section 3.3", "NIST SP 800-57 Part 1, section 8.3.5", "RFC 8739"],
                fix: "Give the server `crls`, ask with `registry-check` for the record's `state`, or issue short-lived certificates and renew them.",
                example: r#"
[[step]]
id = "identity"
from = "server"
to = "device"
op = "issue-credential"
with = { issuer = "$root", use = "client", name = "device-7", days = 3650 }
out = "identity"

[[step]]
id = "tls"
from = "device"
to = "server"
via = "net"
op = "tls"
client = { trusts = "$root", name = "server.example", credential = "$identity" }
server = { credential = "$server-tls", trusts = "$root" }
"#,
            }
        }
    }

    fn findings(&self, baseline: &Baseline<'_>) -> Vec<Finding> {
        let Some(shown) = baseline.device().and_then(|device| last_shown(baseline, device)) else { return Vec::new() };
        let can_be_revoked =
            is_short_lived(baseline, &shown) || is_consulted(baseline, &shown) || is_shown_refused(baseline);
        if can_be_revoked {
            return Vec::new();
        }
        let subject = format!("{}/{}", shown.device, shown.name);
        vec![Finding {
            step: shown.happened.step.id.clone(),
            message: format!("`{}` believes `{subject}` and nobody can revoke it", shown.relying),
            subject,
            risk: Risk::High,
            evidence: vec![shown.happened.step.id.clone()],
        }]
    }
}

/// The last time that the device showed who it is.
struct Shown<'r> {
    happened: Happened<'r>,
    device: &'r str,
    /// Id of the actor that believes it.
    relying: &'r str,
    /// Name of the credential in the device's store.
    name: String,
}

/// A session that the device opened with a certificate, or else a message with something made of a secret of its own.
fn last_shown<'r>(baseline: &Baseline<'r>, device: &'r str) -> Option<Shown<'r>> {
    let steps: Vec<Happened<'r>> = baseline.steps().collect();
    let in_session = |happened: &Happened<'r>| {
        (happened.step.operation.spec().shape == Shape::Session)
            .then(|| shown(baseline, *happened, device, is_certified))?
    };
    let in_message = |happened: &Happened<'r>| {
        (happened.step.operation.spec().shape == Shape::Message)
            .then(|| shown(baseline, *happened, device, is_own_secret))?
    };
    steps.iter().rev().find_map(in_session).or_else(|| steps.iter().rev().find_map(in_message))
}

type IsMeant = fn(&Baseline<'_>, &str, &str) -> bool;

fn shown<'r>(baseline: &Baseline<'r>, happened: Happened<'r>, device: &'r str, is_meant: IsMeant) -> Option<Shown<'r>> {
    let StepPlace::Between { from, to, .. } = &happened.step.place else { return None };
    let actors = &baseline.flow.baseline().actors;
    if actors[from.0].id != device {
        return None;
    }
    let given = baseline.arguments(happened.step);
    let used = given.iter().filter(|given| given.actor == device).flat_map(|given| references(&given.argument.expr));
    // A member, such as a public key or a serial number, is not the credential itself.
    let mut whole = used.filter(|reference| reference.members.is_empty()).map(|reference| reference.name.clone());
    let name = whole.find(|name| is_meant(baseline, device, name))?;
    Some(Shown { happened, device, relying: &actors[to.0].id, name })
}

fn is_certified(baseline: &Baseline<'_>, device: &str, name: &str) -> bool {
    matches!(baseline.value(device, name), Some(Value::Credential(_)))
}

/// Whether `name` is a token, or another secret, that the device holds.
fn is_own_secret(baseline: &Baseline<'_>, device: &str, name: &str) -> bool {
    let held = baseline.trace.stores.get(device).and_then(|store| store.get(name));
    held.is_some_and(|held| {
        held.kind.is_secret() && !matches!(baseline.value(device, name), Some(Value::Credential(_)))
    })
}

/// Most days for which a certificate may be valid and still needs no revocation.
const SHORT_LIVED: i64 = 30;

fn is_short_lived(baseline: &Baseline<'_>, shown: &Shown<'_>) -> bool {
    let certificates = baseline.value(shown.device, &shown.name).and_then(Value::certificates).unwrap_or_default();
    let days = |end: i64, beginning: i64| (end - beginning) / 86_400;
    certificates.first().is_some_and(|leaf| days(leaf.not_after().0, leaf.not_before().0) <= SHORT_LIVED)
}

/// Whether who relies on it learns of a revocation when it is shown, or later.
fn is_consulted(baseline: &Baseline<'_>, shown: &Shown<'_>) -> bool {
    baseline.steps().filter(|happened| happened.index >= shown.happened.index).any(|happened| {
        let given = baseline.given(happened.step, happened.step.operation.bearing().revocation);
        given.iter().any(|given| given.actor == shown.relying)
    })
}

/// Whether a scenario shows that what was revoked is refused.
fn is_shown_refused(baseline: &Baseline<'_>) -> bool {
    let takes_back = |scenario: &Scenario| match scenario.kind {
        ScenarioKind::Lifecycle(LifecycleStage::Revocation | LifecycleStage::Decommissioning) => true,
        ScenarioKind::Lifecycle(
            LifecycleStage::Rotation | LifecycleStage::OwnershipTransfer | LifecycleStage::LostConnection,
        )
        | ScenarioKind::Attack { .. }
        | ScenarioKind::Baseline
        | ScenarioKind::Mitigated { .. }
        | ScenarioKind::Mitigation => false,
    };
    baseline.flow.scenarios.iter().any(|scenario| match &scenario.expect {
        Expectation::Rejected { code, .. } => code == "revoked" || takes_back(scenario),
        Expectation::Completed(_) | Expectation::Stalled { .. } => {
            takes_back(scenario) && scenario.steps.iter().any(|step| step.expect_rejected.is_some())
        }
    })
}
