//! What a run of a flow produced: the one record from which every picture, page and verdict is made.
//!
//! A trace serialises to exactly what `trustlane run --format json` prints; its schema is derived from these types.

pub mod lazy;

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

pub use self::lazy::Lazy;

use crate::annotation::{Bytes, Layer};
use crate::clock::Timestamp;
use crate::crypto::count::Counts;
use crate::registry::Registry;
use crate::vocabulary::{Custody, Exposure, Medium};

/// A run of one scenario of a flow.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Trace {
    /// Edition of this format; it grows when a field changes its meaning.
    pub format: u32,
    /// That every key in it is a throw-away.
    pub notice: String,
    /// Id of the flow.
    pub flow: String,
    /// Id of the scenario; `baseline` for the flow as written.
    pub scenario: String,
    /// The virtual clock when the run began, RFC 3339 in UTC.
    pub started: Timestamp,
    /// The parties, in the order of their lanes; the attacker, where it acts, is the last.
    pub actors: Vec<Party>,
    /// The paths between them.
    pub links: Vec<Path>,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// How the run ended.
    pub outcome: Outcome,
    /// What each actor holds at the end, by actor id and name; the event that stored a value explains its bytes.
    #[serde(serialize_with = "without_layers")]
    pub stores: Stores,
    /// The device registry at the end.
    pub registry: Registry,
    /// What the engine attempted on each flight; of the baseline alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub probes: Vec<Probe>,
}

/// An actor of the run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Party {
    /// Id.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// Id of its trust zone; the attacker is in none.
    pub zone: Option<String>,
    /// What it does.
    pub role: String,
    /// Where its keys are kept.
    pub custody: Custody,
}

/// A link of the run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Path {
    /// Id.
    pub id: String,
    /// Ids of the two actors that it joins.
    pub between: [String; 2],
    /// What carries the bytes.
    pub medium: Medium,
    /// What an attacker on it can do.
    pub exposure: Exposure,
    /// Id of the actor that relays every byte on it, unchanged; absent where nobody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<String>,
}

/// One step as it happened.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Event {
    /// Number of the event from 1; it is also the number beside the step in a picture.
    pub number: usize,
    /// Id of the step.
    pub step: String,
    /// A few words for the step.
    pub title: String,
    /// The phase that the step belongs to.
    pub phase: String,
    /// Why the step exists, in the author's words; empty where the author gave none.
    pub why: String,
    /// Where a standard asks for it; empty where none is named.
    pub clause: String,
    /// The virtual clock when the step began.
    pub clock: Timestamp,
    /// Who acts, and between whom.
    pub place: Place,
    /// The operation's name in the operation table.
    pub operation: String,
    /// How an attack changed the step; `original` in every baseline.
    pub edit: EditMark,
    /// How the bytes of this step were protected on their way.
    pub protection: Protection,
    /// The session that this step opened, or through which it was sent.
    pub session: Option<String>,
    /// The bytes that crossed a link, in order.
    pub flights: Vec<Flight>,
    /// Secrets of the session that this step opened, a line each, as `SSLKEYLOGFILE` has them; others decrypt the flights
    /// with them. They are throw-away like every key here.
    pub key_log: Vec<String>,
    /// Cryptographic operations by actor.
    pub counts: BTreeMap<String, Counts>,
    /// How long a person takes for it, in seconds, as the author estimates; 0 where nobody does anything.
    pub person_seconds: u32,
    /// Values that entered a store.
    pub stored: Vec<Arc<Artifact>>,
    /// What was verified, and by whom.
    pub checks: Vec<Check>,
    /// What each actor knows since this step, an attacker on the links included.
    pub learned: Vec<Learned>,
    /// Whether the step did what it should.
    pub outcome: EventOutcome,
}

/// Where a step happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Place {
    /// At one actor.
    At {
        /// The actor's id.
        actor: String,
    },
    /// Arranged between two actors before the method begins, out of band.
    Setup {
        /// Who hands over.
        from: String,
        /// Who receives.
        to: String,
    },
    /// A message or handshake between two actors.
    Between {
        /// Who sends, or opens the session.
        from: String,
        /// Who receives.
        to: String,
        /// The link's id.
        link: String,
    },
}

/// What a scenario did to a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EditMark {
    /// The step stands in the flow as it is.
    Original,
    /// An argument was changed.
    Altered,
    /// The step was added.
    Inserted,
    /// The attacker acts in place of one of its actors.
    Impersonated,
    /// Bytes that crossed the link before are sent again.
    Replayed,
    /// The bytes are changed or kept back on their way, or a dishonest end sends others.
    Tampered,
}

/// Whether someone on the link could read or change what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Protection {
    /// Nothing was sent, or no session came to be.
    None,
    /// Readable by whoever is on the link.
    Clear,
    /// Encrypted, but a peer is not verified yet.
    Provisional,
    /// Encrypted and authenticated.
    Protected,
}

/// Bytes that crossed a link in one direction.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Flight {
    /// Sender.
    pub from: String,
    /// Receiver.
    pub to: String,
    /// A few words: `ClientHello`, `POST /enrol`.
    pub label: String,
    /// The bytes as they were on the link.
    pub wire: Bytes,
    /// What the bytes contain, from the outside in: records, decrypted handshake messages, application messages.
    pub layers: Vec<Layer>,
}

/// A value in a store, as it can be shown and downloaded.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Artifact {
    /// Who holds it.
    pub actor: String,
    /// Its name in that actor's store.
    pub name: String,
    /// The step in which it entered the store.
    pub step: String,
    /// What it is.
    pub kind: ArtifactKind,
    /// How it came there.
    pub provenance: Provenance,
    /// Its canonical encoding: DER for X.509 objects and keys, UTF-8 for text, else the bytes themselves.
    pub bytes: Bytes,
    /// SHA-256 of the canonical encoding, as lower-case hexadecimal digits.
    pub sha256: String,
    /// PEM, where the kind has one.
    #[schemars(with = "Option<String>")]
    pub pem: Lazy<Option<String>>,
    /// One line for people.
    #[schemars(with = "String")]
    pub summary: Lazy<String>,
    /// Decoded members in order, as name and value.
    #[schemars(with = "Vec<(String, String)>")]
    pub decoded: Lazy<Vec<(String, String)>>,
    /// The canonical encoding with each byte explained; absent for numbers and short text.
    pub layer: Option<Arc<Layer>>,
    /// The scalar of a private key, so that claims can look for it wherever it is wrapped in.
    #[serde(skip)]
    pub secret: Option<Bytes>,
}

/// The type of an artifact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ArtifactKind {
    /// Public bytes: nonce, digest, signature.
    Bytes,
    /// X.509 certificate.
    Certificate,
    /// Certificates, end entity first.
    Chain,
    /// PKCS#10 request.
    CertificateSigningRequest,
    /// Private key with its certificate chain.
    Credential,
    /// Certificate revocation list.
    CertificateRevocationList,
    /// Decoded members of a message or of a signed payload.
    Members,
    /// A whole number.
    Number,
    /// A private key.
    PrivateKey,
    /// A public key.
    PublicKey,
    /// The payload of a QR symbol.
    QrPayload,
    /// Symmetric key or another byte string that must stay secret.
    Secret,
    /// An open channel.
    Session,
    /// Plain text.
    Text,
    /// Text whose possession grants something: JWS, SAS token, password.
    Token,
    /// Certificates that are believed without proof.
    TrustAnchors,
}

/// How a value came into a store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "how", rename_all = "kebab-case")]
pub enum Provenance {
    /// The actor computed it.
    Made,
    /// It was installed before the method began.
    Provisioned,
    /// It arrived in a message.
    Received {
        /// Who sent it.
        from: String,
    },
    /// The attacker read it on an exposed link.
    Overheard,
    /// The scenario says that it leaked to the attacker.
    Leaked {
        /// Whose store it leaked from.
        from: String,
    },
    /// The attacker made a value of its own in place of one it does not know.
    Forged,
    /// The value is public by its nature and the attacker is taken to know it, although it saw it nowhere in this run.
    Presumed,
}

/// Something that an actor knows since a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Learned {
    /// Who knows it.
    pub actor: String,
    /// Its name: in the actor's store, or `step.field` of a message that was read, or `step` for bytes that were not.
    pub name: String,
    /// SHA-256 of the canonical encoding, by which the same value is recognised under another name.
    pub sha256: String,
    /// How the actor came to know it.
    pub how: Provenance,
    /// Whether the actor has only the encrypted bytes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sealed: bool,
}

/// Something that an actor verified.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Check {
    /// Who verified.
    pub by: String,
    /// The actor that was authenticated by it, where one was.
    pub of: Option<String>,
    /// What was verified, in words.
    pub what: String,
    /// Whether it held.
    pub held: bool,
}

/// How a step ended.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "result", rename_all = "kebab-case")]
pub enum EventOutcome {
    /// It did what it should.
    Done,
    /// An actor refused.
    Rejected(Rejection),
    /// Nobody refused, and somebody waits for bytes that do not come.
    Stalled {
        /// Id of the actor that waits.
        waiting: String,
    },
}

/// A refusal, with what each end saw of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Rejection {
    /// Who refused.
    pub by: String,
    /// Code of the reason, such as `unknown-issuer`.
    pub code: String,
    /// The reason in words: the library's own where a library decided.
    pub message: String,
    /// Whose words the message is.
    pub origin: RejectionOrigin,
    /// What the other end saw; absent for a local check.
    pub other_end: Option<String>,
    /// Whether the flow declared it, so that the run went on.
    pub expected: bool,
}

/// Who decided that something is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RejectionOrigin {
    /// A cryptographic or protocol library; the message is its own error text.
    Library,
    /// A rule of the flow, executed by Trustlane; the message is ours.
    Policy,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "result", rename_all = "kebab-case")]
pub enum Outcome {
    /// Every step happened.
    Completed,
    /// An actor refused, and the run ended there.
    Rejected {
        /// Id of the step.
        step: String,
        /// The refusal.
        #[serde(flatten)]
        rejection: Rejection,
    },
    /// Nobody refused, and the run cannot go on.
    Stalled {
        /// Id of the step.
        step: String,
        /// Id of the actor that waits.
        waiting: String,
    },
}

/// One attempt of the engine on one flight of the baseline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Probe {
    /// Id of the step.
    pub step: String,
    /// Number of the flight in the step, from 0.
    pub flight: usize,
    /// Where it is attempted.
    pub layer: ProbeLayer,
    /// What is attempted.
    pub kind: ProbeKind,
    /// What is hit, where the attempt hits one thing: a part of a record, a field of a message.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub target: String,
    /// What came of it.
    pub outcome: ProbeOutcome,
}

/// Where a probe acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProbeLayer {
    /// On the link, by somebody who is no end.
    Wire,
    /// Inside of the session, by the end that sends.
    Inside,
}

/// What a probe does to a flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProbeKind {
    /// One bit is changed.
    Flip,
    /// The second half is missing.
    Truncate,
    /// It does not arrive.
    Drop,
    /// It arrives twice.
    ReplayRun,
    /// The same flight of another session of this device arrives in its place.
    ReplaySession,
    /// The same flight of another device arrives in its place.
    ReplayDevice,
    /// Somebody with fresh credentials of the same type sends it.
    Forge,
}

/// What came of a probe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "result", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum ProbeOutcome {
    /// An actor refused.
    Rejected {
        /// Who.
        by: String,
        /// The step in which it refused.
        at: String,
        /// Code of the reason.
        code: String,
        /// The reason in words.
        message: String,
        /// Whose words the message is.
        origin: RejectionOrigin,
        /// What the other end saw.
        other_end: Option<String>,
    },
    /// Nobody refused, and somebody waits.
    Stalled {
        /// Who waits.
        waiting: String,
        /// The step in which it waits.
        at: String,
    },
    /// The run completed, and stores and registry are in the end what they are without the probe.
    Harmless,
    /// The run completed, and they differ.
    Undetected {
        /// What differs: `actor/name`, or `registry/id`.
        differs: Vec<String>,
        /// Ids of the goals that do not hold.
        breaks: Vec<String>,
    },
}

impl ProbeKind {
    /// Every kind, in the order of the matrix.
    pub const ALL: [Self; 7] =
        [Self::Flip, Self::Truncate, Self::Drop, Self::ReplayRun, Self::ReplaySession, Self::ReplayDevice, Self::Forge];

    /// The kind called `name`.
    pub fn find(name: impl AsRef<str>) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name.as_ref())
    }

    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flip => "flip",
            Self::Truncate => "truncate",
            Self::Drop => "drop",
            Self::ReplayRun => "replay-run",
            Self::ReplaySession => "replay-session",
            Self::ReplayDevice => "replay-device",
            Self::Forge => "forge",
        }
    }
}

/// What actors hold, by actor id and name.
pub type Stores = BTreeMap<String, BTreeMap<String, Arc<Artifact>>>;

fn without_layers<S: Serializer>(stores: &Stores, serializer: S) -> Result<S::Ok, S::Error> {
    let stores = stores.iter().map(|(actor, store)| {
        let store = store.iter().map(|(name, artifact)| (name, Artifact { layer: None, ..Artifact::clone(artifact) }));
        (actor, store.collect::<BTreeMap<_, _>>())
    });
    serializer.collect_map(stores)
}

impl Trace {
    /// What every trace says of its keys.
    pub const NOTICE: &str =
        "every key and secret in this trace is a throw-away, derived from a public seed; never use one";

    /// The format written by this version.
    pub const FORMAT: u32 = 1;

    /// The event of the step called `step`.
    pub fn event(&self, step: &str) -> Option<&Event> {
        self.events.iter().find(|event| event.step == step)
    }

    /// The same without the explanation of bytes before event number `first`, from 0: what comes before the first edit
    /// of a scenario is explained in its base, byte for byte the same.
    #[must_use]
    pub fn explained_from(&self, first: usize) -> Self {
        let mut trace = self.clone();
        for event in trace.events.iter_mut().take(first) {
            event.flights.iter_mut().for_each(|flight| flight.layers.clear());
            event.stored.iter_mut().for_each(|artifact| Arc::make_mut(artifact).layer = None);
        }
        trace
    }

    /// What `actor` knows once the first `n_events` steps have happened, in the order in which it learned it.
    pub fn known<'t>(&'t self, actor: &'t str, n_events: usize) -> impl Iterator<Item = &'t Learned> {
        let events = self.events.iter().take(n_events);
        events.flat_map(|event| &event.learned).filter(move |learned| learned.actor == actor)
    }

    /// The link called `id`.
    pub fn link(&self, id: &str) -> Option<&Path> {
        self.links.iter().find(|link| link.id == id)
    }

    /// Whether there are secrets with which others can decrypt a session.
    pub fn has_key_log(&self) -> bool {
        self.events.iter().any(|event| !event.key_log.is_empty())
    }

    /// Bytes on all links.
    pub fn wire_bytes(&self) -> usize {
        self.events.iter().flat_map(|event| &event.flights).map(|flight| flight.wire.0.len()).sum()
    }
}

impl ArtifactKind {
    /// Whether a value of this kind grants something to whoever has it, and must stay with those who are meant to.
    pub fn is_secret(self) -> bool {
        match self {
            Self::Credential | Self::PrivateKey | Self::Secret | Self::Token => true,
            Self::Bytes
            | Self::Certificate
            | Self::Chain
            | Self::CertificateSigningRequest
            | Self::CertificateRevocationList
            | Self::Members
            | Self::Number
            | Self::PublicKey
            | Self::QrPayload
            | Self::Session
            | Self::Text
            | Self::TrustAnchors => false,
        }
    }

    /// The name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Certificate => "certificate",
            Self::Chain => "certificate chain",
            Self::CertificateSigningRequest => "certificate signing request",
            Self::Credential => "credential",
            Self::CertificateRevocationList => "certificate revocation list",
            Self::Members => "members",
            Self::Number => "number",
            Self::PrivateKey => "private key",
            Self::PublicKey => "public key",
            Self::QrPayload => "QR payload",
            Self::Secret => "secret",
            Self::Session => "session",
            Self::Text => "text",
            Self::Token => "token",
            Self::TrustAnchors => "trust anchors",
        }
    }
}
