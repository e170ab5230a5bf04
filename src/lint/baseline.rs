//! The finished baseline as lints read it: steps with their events, arguments with their values, values with their origin.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::claim::never_leaves::contains;
use crate::crypto::certificate::{Certificate, Credential};
use crate::crypto::crl::CertificateRevocationList;
use crate::crypto::csr::CertificateSigningRequest;
use crate::crypto::key::{PrivateKey, PublicKey};
use crate::flow::{Argument, Expr, Flow, Part, Reference, Step, StepPlace};
use crate::operation::{Makes, Shape};
use crate::protocol::encoding;
use crate::trace::{Artifact, ArtifactKind, Event, EventOutcome, Flight, Trace};
use crate::value::{SessionView, Value, filter, from_json, member};

/// A flow as written and what its run produced.
pub struct Baseline<'r> {
    /// The flow.
    pub flow: &'r Flow,
    /// Its baseline.
    pub trace: &'r Trace,
    /// The baseline of another device of the same flow, where it was run.
    pub other_device: Option<&'r Trace>,
    /// What each name stands for: names are written once, so one value serves for the whole run.
    values: BTreeMap<&'r str, BTreeMap<&'r str, Value>>,
}

/// A step that happened, with its number from 0.
#[derive(Clone, Copy)]
pub struct Happened<'r> {
    /// Its place in the order.
    pub index: usize,
    /// The step.
    pub step: &'r Step,
    /// Its event.
    pub event: &'r Event,
}

/// An argument of a step, at whose end it was resolved.
#[derive(Clone)]
pub struct Given<'r> {
    /// Id of the actor that gave it.
    pub actor: &'r str,
    /// Name of the parameter as [`crate::operation::Bearing`] writes it; `*` for one of the author's choice.
    pub param: String,
    /// What was given.
    pub argument: &'r Argument,
}

impl<'r> Baseline<'r> {
    /// Reads a finished run of the flow as written.
    pub fn new(flow: &'r Flow, trace: &'r Trace, other_device: Option<&'r Trace>) -> Self {
        let store = |store: &'r BTreeMap<String, Arc<Artifact>>| {
            store.values().filter_map(|held| Some((held.name.as_str(), value(held)?))).collect()
        };
        let values = trace.stores.iter().map(|(actor, held)| (actor.as_str(), store(held))).collect();
        let mut baseline = Self { flow, trace, other_device, values };
        for (actor, name, session) in baseline.sessions() {
            baseline.values.entry(actor).or_default().insert(name, session);
        }
        baseline
    }

    /// The steps that happened and did what they should, in order.
    pub fn steps(&self) -> impl Iterator<Item = Happened<'r>> + use<'r> {
        let pairs = self.flow.baseline().steps.iter().zip(&self.trace.events).enumerate();
        pairs
            .map(|(index, (step, event))| Happened { index, step, event })
            .filter(|happened| matches!(happened.event.outcome, EventOutcome::Done))
    }

    /// Every artifact, in the order in which they came to be.
    pub fn artifacts(&self) -> impl Iterator<Item = (usize, &'r Artifact)> + use<'r> {
        let events = self.trace.events.iter().enumerate();
        events.flat_map(|(index, event)| event.stored.iter().map(move |artifact| (index, &**artifact)))
    }

    /// The value called `name` in the store of `actor`.
    pub fn value(&self, actor: &str, name: &str) -> Option<&Value> {
        self.values.get(actor)?.get(name)
    }

    /// Id of the actor whose role is the device.
    pub fn device(&self) -> Option<&'r str> {
        let device = self.trace.actors.iter().find(|actor| actor.role == DEVICE_ROLE);
        device.map(|device| device.id.as_str())
    }

    /// The arguments of a step, each at its end.
    pub fn arguments(&self, step: &'r Step) -> Vec<Given<'r>> {
        let (first, second) = match &step.place {
            StepPlace::At(actor) => (actor, actor),
            StepPlace::Setup { from, to } | StepPlace::Between { from, to, .. } => (from, to),
        };
        let actor = |id: &crate::flow::ActorId| self.flow.baseline().actors[id.0].id.as_str();
        let params = step.operation.spec().params;
        let named = |end: &'static str, name: &str| {
            let known = params.iter().find(|param| param.name == name && end_name(param.end) == end);
            known.map_or("*", |param| param.name)
        };
        let ends = [(first, "with", &step.with), (first, "client", &step.client), (second, "server", &step.server)];
        ends.into_iter()
            .flat_map(|(at, end, arguments)| arguments.iter().map(move |(name, argument)| (at, end, name, argument)))
            .map(|(at, end, name, argument)| Given {
                actor: actor(at),
                param: qualified(end, named(end, name)),
                argument,
            })
            .collect()
    }

    /// The arguments of a step that stand for the parameters in `params`.
    pub fn given(&self, step: &'r Step, params: &[&str]) -> Vec<Given<'r>> {
        self.arguments(step).into_iter().filter(|given| params.contains(&given.param.as_str())).collect()
    }

    /// The values of an argument; lists and tables give each of theirs, a template its text.
    pub fn evaluate(&self, actor: &str, expr: &Expr) -> Vec<Value> {
        match expr {
            Expr::Boolean(_) | Expr::Layout(_) => Vec::new(),
            Expr::List(items) => items.iter().flat_map(|item| self.evaluate(actor, &item.expr)).collect(),
            Expr::Number(number) => vec![Value::Number(*number)],
            Expr::Reference(reference) => self.look_up(actor, reference).into_iter().collect(),
            Expr::Table(table) => table.values().flat_map(|item| self.evaluate(actor, &item.expr)).collect(),
            Expr::Template(parts) => {
                let part = |part: &Part| match part {
                    Part::Literal(text) => Some(text.clone()),
                    Part::Reference(reference) => filter::apply(&self.look_up(actor, reference)?, &reference.filters),
                };
                parts.iter().map(part).collect::<Option<String>>().map(Value::Text).into_iter().collect()
            }
        }
    }

    /// The value of a reference with its members.
    pub fn look_up(&self, actor: &str, reference: &Reference) -> Option<Value> {
        let whole = self.value(actor, &reference.name)?.clone();
        reference.members.iter().try_fold(whole, |value, name| member::member(&value, name))
    }

    /// `name` and everything that `actor` itself made of it, directly or by way of something else.
    pub fn made_of(&self, actor: &str, name: &str) -> BTreeSet<String> {
        let mut names = BTreeSet::from([name.to_owned()]);
        for happened in self.steps() {
            let Some(out) = happened.step.out.as_ref().filter(|_| is_at(self.flow, happened.step, actor)) else {
                continue;
            };
            let given = self.arguments(happened.step);
            let uses = given.iter().flat_map(|given| references(&given.argument.expr));
            if uses.into_iter().any(|reference| names.contains(&reference.name)) {
                names.insert(out.clone());
            }
        }
        names
    }

    /// What each end of a session knows of it; the chain that the other end presented is that of its credential.
    fn sessions(&self) -> Vec<(&'r str, &'r str, Value)> {
        let mut sessions = Vec::new();
        for happened in self.steps().filter(|happened| happened.step.operation.spec().shape == Shape::Session) {
            let given = self.arguments(happened.step);
            let presented = |end: &str| {
                let credential = given.iter().find(|given| given.param == format!("{end}.credential"));
                let values =
                    credential.map(|given| self.evaluate(given.actor, &given.argument.expr)).unwrap_or_default();
                values.iter().filter_map(Value::certificates).flatten().collect::<Vec<_>>()
            };
            let asks = given.iter().any(|given| given.param == "server.trusts");
            let StepPlace::Between { from, to, .. } = &happened.step.place else { continue };
            let client = if asks { presented("client") } else { Vec::new() };
            let identity = given.iter().find(|given| given.param == "client.identity");
            let identity = identity
                .and_then(|given| self.evaluate(given.actor, &given.argument.expr).first().and_then(Value::text));
            for (actor, peer_chain, identity) in [(from, presented("server"), None), (to, client, identity)] {
                let actor = self.flow.baseline().actors[actor.0].id.as_str();
                let held = self.trace.stores.get(actor).and_then(|store| store.get(&happened.step.id));
                let view = SessionView {
                    id: happened.step.id.clone(),
                    protocol: String::new(),
                    cipher_suite: String::new(),
                    protection: happened.event.protection,
                    peer_chain,
                    exporter: held.map(|held| held.bytes.0.clone()).unwrap_or_default(),
                    identity,
                };
                sessions.push((actor, happened.step.id.as_str(), Value::Session(Arc::new(view))));
            }
        }
        sessions
    }

    /// Whether `bytes` are what a step signed something with.
    pub fn is_signature(&self, bytes: &[u8]) -> bool {
        let signing = self.steps().filter(|happened| happened.step.operation.bearing().makes == Makes::Signature);
        signing.flat_map(|happened| &happened.event.stored).any(|signature| signature.bytes.0 == bytes)
    }

    /// Whether the value made in the step called `step` is a tag, and nothing in the run uses it as a key.
    pub fn is_mere_tag(&self, artifact: &Artifact) -> bool {
        let maker = self.steps().find(|happened| happened.step.id == artifact.step);
        if maker.is_none_or(|maker| maker.step.operation.bearing().makes != Makes::Tag) {
            return false;
        }
        let is_key = |happened: Happened<'r>| {
            let keys = self.given(happened.step, happened.step.operation.bearing().keys);
            keys.iter().any(|key| {
                self.evaluate(key.actor, &key.argument.expr).iter().any(|value| value.canonical() == artifact.bytes.0)
            })
        };
        !self.steps().any(is_key)
    }
}

/// The role of the actor that is provisioned.
const DEVICE_ROLE: &str = "device";

/// Whether a step is a local one of `actor`.
pub fn is_at(flow: &Flow, step: &Step, actor: &str) -> bool {
    matches!(&step.place, StepPlace::At(at) if flow.baseline().actors[at.0].id == actor)
}

/// Every name that an argument uses.
pub fn references(expr: &Expr) -> Vec<&Reference> {
    match expr {
        Expr::Boolean(_) | Expr::Layout(_) | Expr::Number(_) => Vec::new(),
        Expr::List(items) => items.iter().flat_map(|item| references(&item.expr)).collect(),
        Expr::Reference(reference) => vec![reference],
        Expr::Table(table) => table.values().flat_map(|item| references(&item.expr)).collect(),
        Expr::Template(parts) => {
            let of = |part| match part {
                &Part::Literal(_) => None,
                Part::Reference(reference) => Some(reference),
            };
            parts.iter().filter_map(of).collect()
        }
    }
}

/// The bytes and, where they are long enough not to be met by chance, their usual writings as text.
pub fn writings(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut all = vec![bytes.to_vec()];
    if bytes.len() >= LONG_ENOUGH {
        let texts = [encoding::hex(bytes), encoding::base64(bytes), encoding::base64url(bytes)];
        all.extend(texts.map(String::into_bytes));
    }
    all
}

/// 128 bits.
const LONG_ENOUGH: usize = 16;

/// Whether any of `needles` is in `bytes`.
pub fn has(bytes: &[u8], needles: &[Vec<u8>]) -> bool {
    needles.iter().any(|needle| contains(bytes, needle))
}

/// Whether any of `needles` is on the wire or in a layer of a flight.
pub fn carries(flight: &Flight, needles: &[Vec<u8>]) -> bool {
    flight.layers.iter().map(|layer| &layer.bytes.0).chain([&flight.wire.0]).any(|bytes| has(bytes, needles))
}

fn qualified(end: &str, name: &str) -> String {
    if end == "with" { name.to_owned() } else { format!("{end}.{name}") }
}

fn end_name(end: crate::operation::End) -> &'static str {
    match end {
        crate::operation::End::With => "with",
        crate::operation::End::Client => "client",
        crate::operation::End::Server => "server",
    }
}

/// The value of an artifact; sessions are added once the arguments of the steps that opened them can be read.
fn value(artifact: &Artifact) -> Option<Value> {
    let bytes = &artifact.bytes.0;
    let text = || String::from_utf8(bytes.clone()).ok();
    match artifact.kind {
        ArtifactKind::Bytes => Some(Value::Bytes(bytes.clone())),
        ArtifactKind::Certificate => Certificate::from_der(bytes).ok().map(Value::Certificate),
        ArtifactKind::Chain => chain(artifact).map(Value::Chain),
        ArtifactKind::CertificateSigningRequest => {
            CertificateSigningRequest::from_der(bytes).ok().map(Value::CertificateSigningRequest)
        }
        ArtifactKind::Credential => {
            let chain = chain(artifact)?;
            let n_certified: usize = chain.iter().map(|certificate| certificate.der().len()).sum();
            let key = PrivateKey::from_pkcs8_der(bytes.get(n_certified..)?).ok()?;
            Some(Value::Credential(Credential { chain, key }))
        }
        ArtifactKind::CertificateRevocationList => {
            CertificateRevocationList::from_der(bytes).ok().map(Value::CertificateRevocationList)
        }
        ArtifactKind::Members => serde_json::from_slice(bytes).ok().map(|json| from_json(&json)),
        ArtifactKind::Number => text()?.parse().ok().map(Value::Number),
        ArtifactKind::PrivateKey => PrivateKey::from_pkcs8_der(bytes).ok().map(Value::PrivateKey),
        ArtifactKind::PublicKey => PublicKey::from_spki_der(bytes).ok().map(Value::PublicKey),
        ArtifactKind::QrPayload => text().map(Value::QrPayload),
        ArtifactKind::Secret => Some(Value::Secret(bytes.clone())),
        ArtifactKind::Session => None,
        ArtifactKind::Text => text().map(Value::Text),
        ArtifactKind::Token => text().map(Value::Token),
        ArtifactKind::TrustAnchors => chain(artifact).map(Value::TrustAnchors),
    }
}

/// The certificates at the beginning of an artifact, one DER after the other.
fn chain(artifact: &Artifact) -> Option<Vec<Certificate>> {
    let mut rest = artifact.bytes.0.as_slice();
    let mut certificates = Vec::new();
    let end = artifact.secret.as_ref().map_or(0, |_| 1);
    while let Some(der) = first_der(rest).filter(|_| !rest.is_empty()) {
        match Certificate::from_der(der) {
            Ok(certificate) => certificates.push(certificate),
            // What follows the certificates of a credential is its key.
            Err(_) if end == 1 => break,
            Err(_) => return None,
        }
        rest = &rest[der.len()..];
    }
    (!certificates.is_empty()).then_some(certificates)
}

/// The first DER element of `bytes`, tag and length included (X.690, section 8.1.3).
fn first_der(bytes: &[u8]) -> Option<&[u8]> {
    let first = usize::from(*bytes.get(1)?);
    let n_length = if first < 0x80 { 0 } else { first & 0x7f };
    let length = bytes.get(2..2 + n_length)?.iter().fold(0_usize, |length, byte| (length << 8) | usize::from(*byte));
    let content = if n_length == 0 { first } else { length };
    bytes.get(..content.checked_add(2 + n_length)?)
}
