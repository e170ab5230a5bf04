//! A provisioning method, resolved: every name is an index or an entry of a table.

pub mod def;
pub mod edit;
pub mod layout;
pub mod parse;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::claim::Claim;
use crate::operation::Operation;
use crate::protocol::layout::MessageLayout;
use crate::source::Span;
use crate::trace::EditMark;
pub use crate::vocabulary::{Custody, Exposure, Medium, Trust};

/// Index of an actor in [`Flow::actors`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActorId(pub usize);

/// Index of a link in [`Flow::links`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub usize);

/// A provisioning method with all its scenarios.
#[derive(Debug)]
pub struct Flow {
    /// Id, equal to the file's name without `.toml`.
    pub id: String,
    /// Title.
    pub title: String,
    /// One or two sentences on what the method does.
    pub summary: String,
    /// Family of methods.
    pub family: Family,
    /// Standards that define the method, as their organisations cite them.
    pub standards: Vec<String>,
    /// When devices become known to the registry.
    pub registration: Registration,
    /// What the course says of the method.
    pub course: Course,
    /// What this flow leaves out of the standard.
    pub omits: Vec<String>,
    /// What is simulated, and how.
    pub simulates: Vec<String>,
    /// Trust zones in the order of the file.
    pub zones: Vec<Zone>,
    /// Actors in the order of the file; in scenarios with an attacker, the attacker is the last.
    pub actors: Vec<Actor>,
    /// Links in the order of the file.
    pub links: Vec<Link>,
    /// Layouts of the messages of its own, in the order of the file.
    pub layouts: Vec<Arc<MessageLayout>>,
    /// Security claims that the runs must bear out.
    pub goals: Vec<Goal>,
    /// The baseline first, then the attacks in the order of the file.
    pub scenarios: Vec<Scenario>,
    /// The file.
    pub span: Span,
}

/// The course's own judgement of a method; labelled as such wherever it is shown.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Course {
    /// Security level, such as `Very high`.
    pub level: String,
    /// Where the course recommends the method.
    pub best_for: String,
}

/// Family of provisioning methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
// In the order in which the course presents them.
pub enum Family {
    /// The device finds its owner by itself.
    ZeroTouch,
    /// A person scans a code or uses an app.
    QrApp,
    /// A certificate from a private authority.
    X509,
    /// A shared secret or a token.
    Token,
    /// A certificate that the manufacturer installed.
    ManufacturerCertificate,
    /// The cloud creates the record when the device first connects.
    JustInTime,
}

impl Family {
    /// All families in the course's order.
    pub const ALL: [Self; 6] =
        [Self::ZeroTouch, Self::QrApp, Self::X509, Self::Token, Self::ManufacturerCertificate, Self::JustInTime];

    /// The name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::ZeroTouch => "Zero-touch",
            Self::QrApp => "QR code or app",
            Self::X509 => "X.509 certificate",
            Self::Token => "Token or pre-shared key",
            Self::ManufacturerCertificate => "Manufacturer certificate",
            Self::JustInTime => "Just-in-time",
        }
    }
}

/// When a device becomes known to the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Registration {
    /// Before devices are shipped, many at once.
    Bulk,
    /// When the device first connects.
    OnDemand,
    /// When somebody first asks for the device.
    Lazy,
}

/// A trust zone.
#[derive(Clone, Debug)]
pub struct Zone {
    /// Id.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// How far it is trusted.
    pub trust: Trust,
}

/// A party of the method; a lane of its picture.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Id.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// Index in [`Flow::zones`]; the attacker is in none.
    pub zone: Option<usize>,
    /// What it does, such as `device` or `join registrar`.
    pub role: String,
    /// Where its keys are kept.
    pub custody: Custody,
}

/// A path between two actors.
#[derive(Clone, Debug)]
pub struct Link {
    /// Id.
    pub id: String,
    /// The two ends.
    pub ends: [ActorId; 2],
    /// What carries the bytes.
    pub medium: Medium,
    /// What an attacker on it can do.
    pub exposure: Exposure,
}

/// One way to run the flow.
#[derive(Debug)]
pub struct Scenario {
    /// Id; `baseline` for the flow as written.
    pub id: String,
    /// Title.
    pub title: String,
    /// What is tried and what follows from it, in the author's words.
    pub why: String,
    /// Id in the threat catalogue; absent for the baseline.
    pub threat: Option<String>,
    /// Actors of this scenario; those of the flow, and the attacker where it acts.
    pub actors: Vec<Actor>,
    /// The steps, edits applied.
    pub steps: Vec<Step>,
    /// Values that the attacker knows from the start.
    pub leaks: Vec<Leak>,
    /// What must follow.
    pub expect: Expectation,
    /// Index of the first step that differs from the baseline; absent for the baseline.
    pub first_edit: Option<usize>,
    /// Where it is written.
    pub span: Span,
}

/// A value that the attacker knows: `actor/name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// Whose value.
    pub actor: ActorId,
    /// Its name in that actor's store.
    pub name: String,
}

/// What must follow from a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// Every step happens: the baseline, or an attack that gets through; the text says with what consequence.
    Completed(String),
    /// An actor refuses.
    Rejected {
        /// Id of the step.
        step: String,
        /// Id of the actor.
        by: String,
        /// Code of the reason.
        code: String,
    },
}

/// One thing that happens.
#[derive(Debug, Clone)]
pub struct Step {
    /// Id, unique in the flow.
    pub id: String,
    /// A few words.
    pub title: String,
    /// Phase.
    pub phase: String,
    /// Where.
    pub place: StepPlace,
    /// What.
    pub operation: &'static dyn Operation,
    /// Arguments of the acting actor, or of the sender.
    pub with: BTreeMap<String, Argument>,
    /// Arguments that are resolved at the client's end of a two-party operation.
    pub client: BTreeMap<String, Argument>,
    /// Arguments that are resolved at the server's end.
    pub server: BTreeMap<String, Argument>,
    /// Name under which the acting actor stores the result.
    pub out: Option<String>,
    /// What the receiver stores: name → field of the message.
    pub receive: BTreeMap<String, String>,
    /// The request that this message answers.
    pub reply_to: Option<String>,
    /// A refusal that must happen here, after which the run goes on.
    pub expect_rejected: Option<ExpectedRejection>,
    /// Why, in the author's words.
    pub why: String,
    /// Clause of the standard.
    pub clause: String,
    /// What the scenario did to it.
    pub edit: EditMark,
    /// The actor in whose place the attacker acts here.
    pub impersonated: Option<ActorId>,
    /// Where it is written.
    pub span: Span,
}

/// A refusal that a step declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedRejection {
    /// Id of the actor.
    pub by: String,
    /// Code of the reason.
    pub code: String,
}

/// Where a step happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepPlace {
    /// At one actor.
    At(ActorId),
    /// Arranged out of band before the method begins.
    Setup {
        /// Who hands over.
        from: ActorId,
        /// Who receives.
        to: ActorId,
    },
    /// Over a link, in clear or through a session.
    Between {
        /// Sender, or client.
        from: ActorId,
        /// Receiver, or server.
        to: ActorId,
        /// The link.
        link: LinkId,
        /// Id of the step that opened the session through which it is sent.
        session: Option<String>,
    },
}

/// An argument as the operation will see it once the names are looked up.
#[derive(Clone, Debug)]
pub struct Argument {
    /// The value.
    pub expr: Expr,
    /// Where it is written.
    pub span: Span,
}

/// The value of an argument.
#[derive(Clone, Debug)]
pub enum Expr {
    /// `true` or `false`.
    Boolean(bool),
    /// A message layout of the flow.
    Layout(Arc<MessageLayout>),
    /// A list.
    List(Vec<Argument>),
    /// A whole number.
    Number(i64),
    /// `$name` or `$name.field`: a stored value as it is.
    Reference(Reference),
    /// A table.
    Table(BTreeMap<String, Argument>),
    /// Text with `${name|filter}` in it.
    Template(Vec<Part>),
}

/// A piece of a template.
#[derive(Clone, Debug)]
pub enum Part {
    /// Text as it stands.
    Literal(String),
    /// A stored value, turned into text by its filters.
    Reference(Reference),
}

/// A name in the acting actor's store, with members and filters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Name in the store.
    pub name: String,
    /// Members, from the outside in.
    pub members: Vec<String>,
    /// Filters, in order.
    pub filters: Vec<String>,
}

/// A security claim that a flow makes.
#[derive(Debug)]
pub struct Goal {
    /// Id.
    pub id: String,
    /// The claim.
    pub claim: &'static dyn Claim,
    /// Its arguments: texts, or lists of texts.
    pub with: BTreeMap<String, Vec<String>>,
    /// Why it matters, in the author's words.
    pub why: String,
    /// Where it is written.
    pub span: Span,
}

impl Flow {
    /// The scenario called `id`.
    pub fn scenario(&self, id: &str) -> Option<&Scenario> {
        self.scenarios.iter().find(|scenario| scenario.id == id)
    }

    /// The flow as written.
    pub fn baseline(&self) -> &Scenario {
        &self.scenarios[0]
    }

    /// The attacks, in the order of the file.
    pub fn attacks(&self) -> &[Scenario] {
        &self.scenarios[1..]
    }
}

/// Id of the actor that attacks; no flow may use it for another.
pub const ATTACKER: &str = "attacker";

/// Id of the scenario that is the flow as written.
pub const BASELINE: &str = "baseline";
