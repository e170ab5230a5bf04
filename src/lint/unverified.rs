//! Something signed is believed, and nobody verified it.

use std::collections::BTreeSet;

use super::baseline::{Baseline, Given, Happened, carries, has, references, writings};
use super::{Finding, Lint, LintSpec, Risk};
use crate::crypto::certificate::Certificate;
use crate::crypto::cms::SignedData;
use crate::crypto::mac;
use crate::diag::Code;
use crate::flow::StepPlace;
use crate::operation::{Bearing, Shape};
use crate::protocol::jws::Jws;
use crate::protocol::sas::SasToken;
use crate::trace::{Artifact, Protection, Provenance};
use crate::value::Value;

/// Something signed is believed, and nobody verified it.
pub struct Unverified;

impl Lint for Unverified {
    fn spec(&self) -> &'static LintSpec {
        const {
            &LintSpec {
                code: Code::UNVERIFIED,
                title: "a signature or chain that nobody verifies",
                asks: "Every request, certificate, chain, revocation list, signed message and signed token that comes to an actor from another must be verified by that actor: by an operation that verifies it, by a comparison with its fingerprint, its public key's digest or its signature, or as part of something that was verified. Who only hands it on is not asked, nor is the holder of the key that a certificate is for. A provisional session must be judged by `check-pinned`.",
                why: "A signature protects only where somebody verifies it. What is used without that is what anybody on the way wanted it to be.",
                references: &["CWE-347", "CWE-295", "RFC 5280, section 6.1", "RFC 8995, section 5.6.2"],
                fix: "Add the check where the value is received: `verify-csr`, `verify-chain`, `cms-verify`, `jws-verify`, `check-pinned`, the list as `crls` of the step that needs it, or `check-equal` with a fingerprint that came another way.",
                example: r#"
[[step]]
id = "key"
at = "device"
op = "keygen"
out = "key"

[[step]]
id = "request"
at = "device"
op = "csr"
with = { key = "$key", common-name = "device-7" }
out = "request"

[[step]]
id = "send"
from = "device"
to = "server"
via = "net"
op = "deliver"
with.request = "$request"
receive.request = "request"

[[step]]
id = "issue"
at = "server"
op = "issue"
with = { issuer = "$root", csr = "$request", use = "client", days = 7 }
out = "certificate"
"#,
            }
        }
    }

    fn findings(&self, baseline: &Baseline<'_>) -> Vec<Finding> {
        let mut findings: Vec<Finding> = sessions(baseline).collect();
        for (actor, store) in &baseline.trace.stores {
            let mut seen: Vec<Vec<u8>> = Vec::new();
            let mut held: Vec<&Artifact> = store.values().map(|artifact| &**artifact).collect();
            held.sort_by_key(|artifact| position(baseline, &artifact.step));
            for artifact in held {
                for signed in signed_in(baseline, actor, artifact) {
                    if !seen.contains(&signed.bytes) && is_foreign(baseline, actor, artifact, &signed) {
                        findings.extend(believed(baseline, actor, artifact, &signed));
                    }
                    seen.push(signed.bytes);
                }
            }
        }
        findings.sort_by_key(|finding| position(baseline, &finding.step));
        findings
    }
}

/// Something that bears a signature or a MAC.
struct Signed {
    /// What it is, for people.
    what: &'static str,
    bytes: Vec<u8>,
    /// What stands for it where it is compared: its digest, its key's digest, its signature.
    marks: Vec<Vec<u8>>,
    /// The key that it certifies.
    key: Option<crate::crypto::key::PublicKey>,
}

fn signed_in(baseline: &Baseline<'_>, actor: &str, artifact: &Artifact) -> Vec<Signed> {
    match baseline.value(actor, &artifact.name) {
        // What an actor presents as its own is for those to verify to whom it does.
        Some(Value::Credential(_) | Value::Session(_)) | None => Vec::new(),
        Some(Value::Bytes(bytes)) if baseline.is_signature(bytes) => vec![plain("signature", bytes)],
        Some(value) => signed(value),
    }
}

fn signed(value: &Value) -> Vec<Signed> {
    match value {
        Value::Certificate(certificate) => vec![certified(certificate)],
        Value::Chain(chain) | Value::TrustAnchors(chain) => chain.iter().map(certified).collect(),
        Value::Credential(credential) => credential.chain.iter().map(certified).collect(),
        Value::CertificateSigningRequest(request) => vec![plain("request", request.der())],
        Value::CertificateRevocationList(list) => vec![plain("revocation list", list.der())],
        Value::Token(text) => token(text).into_iter().collect(),
        Value::Bytes(der) if SignedData::from_der(der).is_ok_and(|message| message.need_signer().is_ok()) => {
            vec![plain("signed message", der)]
        }
        Value::Bytes(_)
        | Value::Members(_)
        | Value::Number(_)
        | Value::PrivateKey(_)
        | Value::PublicKey(_)
        | Value::QrPayload(_)
        | Value::Secret(_)
        | Value::Session(_)
        | Value::Text(_) => Vec::new(),
    }
}

fn certified(certificate: &Certificate) -> Signed {
    let key = certificate.public_key();
    let marks = vec![mac::sha256(certificate.der()).to_vec(), key.spki_sha256().to_vec()];
    Signed { what: "certificate", bytes: certificate.der().to_vec(), marks, key: Some(key) }
}

fn plain(what: &'static str, bytes: &[u8]) -> Signed {
    Signed { what, bytes: bytes.to_vec(), marks: vec![mac::sha256(bytes).to_vec()], key: None }
}

/// A signed token; one that bears no signature is a secret and nothing to verify.
fn token(text: &str) -> Option<Signed> {
    let signature = match (Jws::decode(text), SasToken::decode(text)) {
        (Ok(jws), _) => jws.signature,
        (_, Ok(token)) => token.signature,
        _ => return None,
    };
    Some(Signed { marks: vec![signature], ..plain("token", text.as_bytes()) })
}

/// Whether it came from somebody else, other than before the method began.
fn is_foreign(baseline: &Baseline<'_>, actor: &str, artifact: &Artifact, object: &Signed) -> bool {
    if artifact.provenance == Provenance::Provisioned {
        return false;
    }
    let holds = |artifact: &Artifact| {
        let value = baseline.value(&artifact.actor, &artifact.name);
        artifact.bytes.0 == object.bytes
            || value.is_some_and(|value| signed(value).iter().any(|known| known.bytes == object.bytes))
    };
    let maker = baseline.artifacts().find(|(_, artifact)| holds(artifact)).map(|(_, artifact)| artifact.actor.as_str());
    let needles = writings(&object.bytes);
    let came = |happened: Happened<'_>| {
        happened.event.flights.iter().any(|flight| flight.to == actor && carries(flight, &needles))
    };
    let is_before = |happened: &Happened<'_>| happened.index <= position(baseline, &artifact.step);
    maker != Some(actor) || baseline.steps().filter(is_before).any(came)
}

/// What an actor does with something signed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Believes,
    HandsOn,
    Verifies,
}

/// The finding where `actor` uses or keeps `object` without verifying it.
fn believed(baseline: &Baseline<'_>, actor: &str, artifact: &Artifact, object: &Signed) -> Option<Finding> {
    if is_own(baseline, actor, object) || is_part_of_verified(baseline, actor, object) {
        return None;
    }
    let uses = uses(baseline, actor, object);
    let first = uses.iter().find(|(_, how)| *how == Use::Believes).map(|(step, _)| step.clone());
    let is_handed_on = uses.iter().any(|(_, how)| *how == Use::HandsOn);
    if uses.iter().any(|(_, how)| *how == Use::Verifies) || (first.is_none() && is_handed_on) {
        return None;
    }
    let subject = format!("{actor}/{}", artifact.name);
    let message = match &first {
        Some(step) => {
            format!("`{actor}` uses the {} `{}` in `{step}` and verifies it nowhere", object.what, artifact.name)
        }
        None => format!("`{actor}` keeps the {} `{}` and verifies it nowhere", object.what, artifact.name),
    };
    let evidence = std::iter::once(artifact.step.clone()).chain(first).collect();
    Some(Finding { step: artifact.step.clone(), subject, message, risk: Risk::High, evidence })
}

/// Whether the actor has the key that the certificate is for.
fn is_own(baseline: &Baseline<'_>, actor: &str, object: &Signed) -> bool {
    let store = baseline.trace.stores.get(actor);
    let mut keys =
        store.into_iter().flat_map(|store| store.values()).filter_map(|held| match baseline.value(actor, &held.name) {
            Some(Value::PrivateKey(key)) => Some(key.public()),
            Some(Value::Credential(credential)) => Some(credential.key.public()),
            _ => None,
        });
    object.key.as_ref().is_some_and(|own| keys.any(|key| key == *own))
}

/// Whether it stands in what a verification at `actor` gave: the payload of a token, the plaintext of a ciphertext.
fn is_part_of_verified(baseline: &Baseline<'_>, actor: &str, object: &Signed) -> bool {
    let needles = writings(&object.bytes);
    baseline.steps().filter(|happened| !happened.step.operation.bearing().verifies.is_empty()).any(|happened| {
        happened.event.stored.iter().any(|result| result.actor == actor && has(&result.bytes.0, &needles))
    })
}

/// Each use of `object` by `actor`, with its step.
fn uses(baseline: &Baseline<'_>, actor: &str, object: &Signed) -> Vec<(String, Use)> {
    let mut names = names(baseline, actor, object);
    let mut uses = Vec::new();
    for happened in baseline.steps() {
        let bearing = happened.step.operation.bearing();
        for given in baseline.arguments(happened.step).iter().filter(|given| given.actor == actor) {
            let values = baseline.evaluate(actor, &given.argument.expr);
            let is_named = references(&given.argument.expr).iter().any(|reference| names.contains(&reference.name));
            let is_inside = values.iter().flat_map(signed).any(|inside| inside.bytes == object.bytes);
            if !is_named && !is_inside {
                continue;
            }
            match how(happened, bearing, given, &values, object) {
                Some(how) => uses.push((happened.step.id.clone(), how)),
                // It only reads or writes it in another form, so what counts is what becomes of that.
                None => names.extend(happened.step.out.clone()),
            }
        }
    }
    uses
}

/// The names under which `actor` holds it.
fn names(baseline: &Baseline<'_>, actor: &str, object: &Signed) -> BTreeSet<String> {
    let store = baseline.trace.stores.get(actor);
    let held = store.into_iter().flat_map(|store| store.values());
    held.filter(|held| signed_in(baseline, actor, held).iter().any(|known| known.bytes == object.bytes))
        .map(|held| held.name.clone())
        .collect()
}

fn how(happened: Happened<'_>, bearing: &Bearing, given: &Given<'_>, values: &[Value], object: &Signed) -> Option<Use> {
    let is = |params: &[&str]| params.contains(&given.param.as_str());
    let is_marked = || {
        values.iter().any(|value| {
            let bytes = value.canonical();
            bytes == object.bytes || object.marks.iter().any(|mark| has(&bytes, &writings(mark)))
        })
    };
    let has_object = || values.iter().flat_map(signed).any(|inside| inside.bytes == object.bytes);
    if is(bearing.verifies) && (has_object() || values.iter().any(|value| value.canonical() == object.bytes))
        || ((is(bearing.compares) || is(bearing.matches)) && is_marked())
    {
        return Some(Use::Verifies);
    }
    if happened.step.operation.spec().shape == Shape::Message || is(bearing.passes_on) {
        return Some(Use::HandsOn);
    }
    let is_transformed = happened.step.out.is_some() && bearing.params().next().is_none();
    (!is_transformed).then_some(Use::Believes)
}

/// Provisional sessions whose opener never judges the other end.
fn sessions<'b>(baseline: &'b Baseline<'_>) -> impl Iterator<Item = Finding> + 'b {
    let is_opened = |happened: &Happened<'_>| {
        happened.event.protection == Protection::Provisional
            && happened.event.session.as_deref() == Some(happened.step.id.as_str())
            && happened.step.operation.spec().shape == Shape::Session
    };
    baseline.steps().filter(is_opened).filter(|opened| !is_judged(baseline, &opened.step.id)).filter_map(|opened| {
        let StepPlace::Between { from, .. } = &opened.step.place else { return None };
        let opener = &baseline.flow.baseline().actors[from.0].id;
        Some(Finding {
            step: opened.step.id.clone(),
            subject: format!("{opener}/{}", opened.step.id),
            message: format!("`{opener}` never judges who answered in the provisional session `{}`", opened.step.id),
            risk: Risk::High,
            evidence: vec![opened.step.id.clone()],
        })
    })
}

fn is_judged(baseline: &Baseline<'_>, session: &str) -> bool {
    baseline.steps().any(|happened| {
        baseline.given(happened.step, happened.step.operation.bearing().verifies).iter().any(|given| {
            let values = baseline.evaluate(given.actor, &given.argument.expr);
            values.iter().any(|value| matches!(value, Value::Session(view) if view.id == session))
        })
    })
}

fn position(baseline: &Baseline<'_>, step: &str) -> usize {
    baseline.trace.events.iter().position(|event| event.step == step).unwrap_or(usize::MAX)
}
