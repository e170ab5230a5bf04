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
use crate::trace::{EditMark, ProbeKind, ProbeLayer};
pub use crate::vocabulary::{Custody, Exposure, LifecycleStage, Medium, Trust};

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
    /// The baseline first, then life cycle, attacks and mitigations in the order of the file; after each mitigation
    /// the attacks that are executed again with it.
    pub scenarios: Vec<Scenario>,
    /// Findings that the author accepts, with reasons.
    pub acknowledgements: Vec<Acknowledgement>,
    /// What another device has in place of this one's own words, such as its serial number.
    pub other_device: Vec<(String, String)>,
    /// Probes that the author knows to go undetected, and why.
    pub undetected: Vec<DeclaredProbe>,
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
    /// The zone in which it lies, by index in [`Flow::zones`]; never itself, nor through others.
    pub inside: Option<usize>,
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
    /// Who relays every byte on it, unchanged; nobody where absent.
    pub through: Option<ActorId>,
}

/// One way to run the flow.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Id; `baseline` for the flow as written.
    pub id: String,
    /// What it is for.
    pub kind: ScenarioKind,
    /// Id of the scenario that it changes; absent for the baseline.
    pub base: Option<String>,
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
    /// What happens to flights on their way.
    pub tampers: Vec<Tamper>,
    /// Clocks that are wrong.
    pub clocks: Vec<WrongClock>,
    /// What must follow.
    pub expect: Expectation,
    /// Index of the first step that differs from its base; absent for the baseline.
    pub first_edit: Option<usize>,
    /// Where it is written.
    pub span: Span,
}

/// What a scenario is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScenarioKind {
    /// The flow as written.
    Baseline,
    /// What happens later in the life of a device.
    Lifecycle(LifecycleStage),
    /// An attack; the text says why nothing mitigates it, where it gets through and that is so.
    Attack {
        /// Why there is no mitigation.
        no_mitigation: Option<String>,
    },
    /// The flow with a mitigation, without an attack.
    Mitigation,
    /// An attack, executed again with a mitigation.
    Mitigated {
        /// Id of the attack.
        attack: String,
        /// Id of the mitigation.
        mitigation: String,
    },
}

impl ScenarioKind {
    /// Whether somebody attacks.
    pub fn is_attack(&self) -> bool {
        match self {
            Self::Attack { .. } | Self::Mitigated { .. } => true,
            Self::Baseline | Self::Lifecycle(_) | Self::Mitigation => false,
        }
    }
}

/// Interference with one flight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tamper {
    /// Id of the step.
    pub step: String,
    /// Number of the flight in the step, from 0; of the message itself, where it acts inside of a session.
    pub flight: usize,
    /// On the link, or by the end that sends.
    pub layer: ProbeLayer,
    /// What is done.
    pub how: Interference,
}

/// Bytes that are sent once more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// Id of the step that sent them first.
    pub step: String,
    /// On the link, or by the end that sent them.
    pub layer: ProbeLayer,
}

/// What is done to a flight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Interference {
    /// The lowest bit of one byte is changed.
    Flip(Target),
    /// The second half is missing.
    Truncate,
    /// It does not arrive.
    Drop,
    /// The same flight of another instance arrives in its place.
    Replace(Instance),
}

/// The byte that is hit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Counted from the start of the flight.
    Byte(usize),
    /// The one in the middle of the flight.
    Middle,
    /// The last byte of a field, by its names from the outside in; of the message inside, or of a clear one.
    Field(String),
}

/// Which device, and which of its sessions, a run is of; both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instance {
    /// The device.
    pub device: u8,
    /// Its session.
    pub session: u8,
}

impl Instance {
    /// The one that everything is shown of.
    pub const FIRST: Self = Self { device: 1, session: 1 };
    /// The same device, another time.
    pub const OTHER_SESSION: Self = Self { device: 1, session: 2 };
    /// Another device of the same owner.
    pub const OTHER_DEVICE: Self = Self { device: 2, session: 1 };
}

/// How often a step happens: its randomness is named after what it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// Once, for every device.
    Fleet,
    /// Once for all devices of one owner: a network, a fabric, a tenant.
    Owner,
    /// Once for each device.
    Device,
    /// Each time that the device goes through the method.
    Session,
}

impl Per {
    /// Whether another device of the same owner finds it done.
    pub fn is_shared(self) -> bool {
        match self {
            Self::Fleet | Self::Owner => true,
            Self::Device | Self::Session => false,
        }
    }
}

/// A clock that shows another time than the run's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongClock {
    /// Whose.
    pub actor: ActorId,
    /// How far it is ahead, in seconds.
    pub ahead: i64,
    /// Id of the first step in which it is wrong.
    pub from: String,
}

/// Probes of a step that the author knows to go undetected.
#[derive(Clone, Debug)]
pub struct DeclaredProbe {
    /// Id of the step.
    pub step: String,
    /// What is attempted.
    pub kind: ProbeKind,
    /// Where.
    pub layer: ProbeLayer,
    /// Why that is so, and what follows.
    pub reason: String,
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
    /// Nobody refuses, and an actor waits.
    Stalled {
        /// Id of the step.
        step: String,
        /// Id of the actor that waits.
        by: String,
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
    /// How often it happens.
    pub per: Per,
    /// What the scenario did to it.
    pub edit: EditMark,
    /// The actor in whose place the attacker acts here.
    pub impersonated: Option<ActorId>,
    /// The earlier step whose bytes are sent once more here.
    pub repeats: Option<Repeat>,
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
    /// Why the baseline does not bear it out, where the author knows that.
    pub unmet: Option<String>,
    /// Why it matters, in the author's words.
    pub why: String,
    /// Where it is written.
    pub span: Span,
}

/// A finding of a lint that the author accepts.
#[derive(Clone, Debug)]
pub struct Acknowledgement {
    /// Name of the lint.
    pub lint: &'static str,
    /// Id of the step in which it is found, or what it is about as `actor/value`.
    pub at: String,
    /// Why it is as it should be.
    pub reason: String,
    /// Where it is written.
    pub span: Span,
}

impl Tamper {
    /// Sending again, on the link, what crossed it in `step`.
    pub fn replay(step: &str) -> Self {
        let how = Interference::Replace(Instance::FIRST);
        Self { step: step.to_owned(), flight: 0, layer: ProbeLayer::Wire, how }
    }
}

impl StepPlace {
    /// Who acts, or acts first.
    pub fn acts(&self) -> ActorId {
        match self {
            Self::At(actor) => *actor,
            Self::Setup { from, .. } | Self::Between { from, .. } => *from,
        }
    }
}

impl Step {
    /// The steps in which the bytes of `steps[position]` arrive once more and the receiver deals with them again: the
    /// message itself, and what the receiver does until somebody else acts.
    pub fn once_more(steps: &[Self], position: usize, layer: ProbeLayer) -> Vec<Self> {
        let sent = &steps[position];
        let StepPlace::Between { to, .. } = &sent.place else { return Vec::new() };
        let reaction = steps[position + 1..].iter().take_while(|step| step.place == StepPlace::At(*to));
        let mut again: Vec<Self> = std::iter::once(sent).chain(reaction).cloned().collect();
        for step in &mut again {
            step.id = format!("again-{}", step.id);
            step.title = format!("again: {}", step.title);
            step.edit = EditMark::Replayed;
            step.impersonated = None;
        }
        again[0].repeats = Some(Repeat { step: sent.id.clone(), layer });
        again
    }
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

    /// The attacks with their places in [`Flow::scenarios`], in the order of the file.
    pub fn attacks(&self) -> impl Iterator<Item = (usize, &Scenario)> {
        let numbered = self.scenarios.iter().enumerate();
        numbered.filter(|(_, scenario)| matches!(scenario.kind, ScenarioKind::Attack { .. }))
    }
}

/// Role of the one actor of each flow that is provisioned.
pub const DEVICE_ROLE: &str = "device";

/// Id of the actor that attacks; no flow may use it for another.
pub const ATTACKER: &str = "attacker";

/// Id of the scenario that is the flow as written.
pub const BASELINE: &str = "baseline";
