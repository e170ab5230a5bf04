//! A flow as its author wrote it, and the table of keys that a flow file has.

use crate::document::Node;
use crate::flow::Tamper;
use crate::flow::layout::MESSAGE;
use crate::grammar::{ID, Key, LINE, PROSE, Shape, optional, required};
use crate::source::Span;
use crate::trace::{EditMark, ProbeLayer};

/// A name with its place.
#[derive(Clone, Debug)]
pub struct Name {
    /// The name.
    pub text: String,
    /// Where it is written.
    pub span: Span,
}

/// A flow file whose keys and types are right; its names are not looked up yet.
#[derive(Clone, Debug)]
pub struct FlowDef {
    /// The whole file.
    pub node: Node,
    /// The steps, setup expanded from `authorities`, `credentials` and `trusts` first.
    pub steps: Vec<StepDef>,
}

/// A step as written.
#[derive(Clone, Debug)]
pub struct StepDef {
    /// Id.
    pub id: Name,
    /// Phase, its own or the one that holds since an earlier step.
    pub phase: String,
    /// The table of the step; edits work on it.
    pub node: Node,
    /// What a scenario did to it.
    pub edit: EditMark,
    /// The actor whose place the attacker takes in this step.
    pub impersonated: Option<String>,
}

/// The steps of a scenario with its edits made; its names are not looked up yet.
#[derive(Clone, Debug)]
pub struct ScenarioDef {
    /// The steps.
    pub steps: Vec<StepDef>,
    /// What happens to flights on their way.
    pub tampers: Vec<TamperDef>,
    /// Steps whose bytes are sent once more.
    pub repeats: Vec<RepeatDef>,
    /// Clocks that are wrong.
    pub clocks: Vec<ClockDef>,
    /// Index of the first step that differs from the base.
    pub first_edit: usize,
}

/// Interference with a flight, and where it is written.
#[derive(Clone, Debug)]
pub struct TamperDef {
    /// The interference.
    pub tamper: Tamper,
    /// Where it is written.
    pub span: Span,
}

/// A step whose bytes are sent once more after the receiver has dealt with them.
#[derive(Clone, Debug)]
pub struct RepeatDef {
    /// Id of the step.
    pub step: String,
    /// On the link, or by the end that sent them.
    pub layer: ProbeLayer,
}

/// A clock that is wrong.
#[derive(Clone, Debug)]
pub struct ClockDef {
    /// Id of the actor, as written.
    pub actor: Node,
    /// Seconds by which it is ahead.
    pub ahead: i64,
    /// Id of the first step in which it is wrong.
    pub from: String,
}

impl ScenarioDef {
    /// A scenario that changes nothing of `steps`.
    pub fn of(steps: &[StepDef]) -> Self {
        let original = |step: &StepDef| StepDef { edit: EditMark::Original, ..step.clone() };
        Self {
            steps: steps.iter().map(original).collect(),
            tampers: Vec::new(),
            repeats: Vec::new(),
            clocks: Vec::new(),
            first_edit: steps.len(),
        }
    }

    /// The same, as the base of another scenario.
    #[must_use]
    pub fn as_base(&self) -> Self {
        let original = Self::of(&self.steps);
        Self { steps: original.steps, first_edit: original.first_edit, ..self.clone() }
    }
}

/// Newest edition of the flow language; the only one so far.
pub const EDITION: i64 = 1;

const TRUST: Shape = Shape::Choice(&["trusted", "semi-trusted", "untrusted"]);

/// Keys of a zone that is written as a table.
pub const ZONE: &[Key] = &[
    required("trust", TRUST, "how far the zone is trusted"),
    optional("title", LINE, "name for people"),
    optional("inside", LINE, "id of the zone in which it lies"),
];

const COURSE: &[Key] = &[
    required("level", LINE, "the course's judgement of the method's security"),
    required("best-for", LINE, "where the course recommends the method"),
];

const USE: Shape = Shape::Choice(crate::operation::issue::USES);

const SIGNING: Shape = Shape::Choice(crate::operation::keygen::SIGNING);

const AUTHORITY: &[Key] = &[
    required("at", ID, "the actor that holds the authority's key"),
    optional("name", LINE, "common name; the id where absent"),
    optional("organization", LINE, "organization in the subject"),
    optional("issuer", ID, "the authority that issues this one; self-signed where absent"),
    optional("days", Shape::Number(1, 36500), "validity in days; 7300 where absent"),
    optional("algorithm", SIGNING, "what its key is for; `p256` where absent"),
];

const CREDENTIAL: &[Key] = &[
    required("issuer", ID, "the authority that issues it"),
    required("use", USE, "what the certificate may be used for"),
    required("name", LINE, "common name, and DNS name of a server"),
    optional("serial-number", LINE, "serialNumber attribute of the subject"),
    optional("organization", LINE, "organization in the subject"),
    optional("days", Shape::Number(1, 36500), "validity in days; 365 where absent"),
    optional("algorithm", SIGNING, "what its key is for; `p256` where absent"),
];

const ACTOR: &[Key] = &[
    required("zone", ID, "the zone it is in"),
    required("role", LINE, "what it does; exactly one actor of a flow has the role `device`"),
    optional("title", LINE, "name for people"),
    required(
        "custody",
        Shape::Choice(&["flash", "hsm", "human", "label", "none", "secure-element", "tpm"]),
        "where its keys are kept",
    ),
    optional("trusts", Shape::List(&ID), "authorities whose certificates it was provisioned with as trust anchors"),
    optional("credentials", Shape::Map(&Shape::Table(CREDENTIAL)), "keys and certificates it was provisioned with"),
];

const LINK: &[Key] = &[
    required("between", Shape::List(&ID), "the two actors it joins"),
    required(
        "medium",
        Shape::Choice(&[
            "ble", "cellular", "ethernet", "human", "internet", "lorawan", "nb-iot", "optical", "serial", "thread",
            "wi-fi",
        ]),
        "what carries the bytes",
    ),
    required("exposure", Shape::Choice(&["none", "passive", "active"]), "what an attacker on it can do"),
    optional("through", ID, "the actor that relays every byte on it, unchanged"),
];

const REJECTED: &[Key] = &[
    optional("step", ID, "the step in which it is refused"),
    required("by", ID, "the actor that refuses"),
    required("code", ID, "the code of the reason"),
];

const STEP_EXPECT: &[Key] =
    &[required("rejected", Shape::Table(REJECTED), "a refusal that must happen here; the run goes on")];

/// Keys of a step.
pub const STEP: &[Key] = &[
    required("id", ID, "id, unique in the flow"),
    optional("title", LINE, "a few words; the operation's name where absent"),
    optional("phase", LINE, "phase; it holds until another step names one"),
    optional("at", ID, "the actor of a local operation"),
    optional("from", ID, "who sends a message, opens a session or hands over"),
    optional("to", ID, "who receives"),
    optional("via", ID, "the link"),
    optional("in", ID, "the session: the id of the step that opened it"),
    optional("reply-to", ID, "the step that this message answers"),
    required("op", ID, "the operation"),
    optional("with", Shape::Arguments, "arguments, resolved at the acting actor or the sender"),
    optional("client", Shape::Arguments, "arguments of a session, resolved at the end that opens it"),
    optional("server", Shape::Arguments, "arguments of a session, resolved at the end that accepts it"),
    optional("out", ID, "the name under which the acting actor stores the result"),
    optional("receive", Shape::Map(&LINE), "what the receiver stores: name = field of the message"),
    optional("expect", Shape::Table(STEP_EXPECT), "a refusal that must happen here"),
    optional(
        "per",
        Shape::Choice(&["fleet", "owner", "device", "session"]),
        "how often it happens: once for all devices, once a device, or each time",
    ),
    optional("why", PROSE, "why the step exists"),
    optional("clause", LINE, "the clause of the standard that asks for it"),
];

const GOAL: &[Key] = &[
    required("id", ID, "id, unique in the flow"),
    required("claim", ID, "the claim"),
    required("with", Shape::Arguments, "arguments of the claim"),
    optional("unmet", PROSE, "why the flow does not bear it out, where it does not"),
    optional("why", PROSE, "why it matters"),
];

/// Keys of an edit: those that name the change, and those of a step for `set`.
pub const EDIT: &[Key] = &[
    optional("set", ID, "a step; the other keys replace its own, arguments one by one"),
    optional("drop", ID, "a step that does not happen"),
    optional("insert", Shape::Table(STEP), "a step to add, `after` or `before` another"),
    optional("replace", ID, "a step that gives way to `step`"),
    optional("step", Shape::Table(STEP), "the step that takes the place; it keeps its own id"),
    optional("impersonate", ID, "an actor in whose place the attacker acts, `from` a step on"),
    optional("move", ID, "a step that happens `after` or `before` another than its own"),
    optional("replay", ID, "a step whose bytes are sent again, or come from elsewhere: `of`"),
    optional("tamper", ID, "a step whose bytes are changed or kept back on their way: `how`"),
    optional("clock", ID, "an actor whose clock is wrong `from` a step on: `ahead`, in seconds"),
    optional(
        "of",
        Shape::Choice(&["run", "session", "device"]),
        "with `replay`: this run, another session of the device, another device",
    ),
    optional("how", Shape::Choice(&["flip", "truncate", "drop"]), "with `tamper`, what happens to the bytes"),
    optional("field", LINE, "with `tamper`, the field in which a bit is flipped, such as `body/nonce`"),
    optional(
        "flight",
        Shape::Number(1, 16),
        "with `replay` and `tamper`, which flight of the step; the first if absent",
    ),
    optional(
        "layer",
        Shape::Choice(&["wire", "inside"]),
        "with `replay` and `tamper`, on the link, or inside of the session by the end that sends; `wire` if absent",
    ),
    optional(
        "ahead",
        Shape::Number(-4_000_000_000, 4_000_000_000),
        "with `clock`, seconds by which it is ahead; negative where it is behind",
    ),
    optional("after", ID, "the step after which to insert or move"),
    optional("before", ID, "the step before which to insert or move"),
    optional("from", ID, "the first step of an impersonation or of a wrong clock; with `set`, the sender"),
    optional("to", ID, "with `set`, the receiver"),
    optional("at", ID, "with `set`, the actor"),
    optional("via", ID, "with `set`, the link"),
    optional("in", ID, "with `set`, the session"),
    optional("op", ID, "with `set`, the operation"),
    optional("with", Shape::Arguments, "with `set`, arguments that replace the step's"),
    optional("client", Shape::Arguments, "with `set`, arguments that replace the client's"),
    optional("server", Shape::Arguments, "with `set`, arguments that replace the server's"),
    optional("out", ID, "with `set`, the name of the result"),
    optional("receive", Shape::Map(&LINE), "with `set`, bindings that replace the receiver's"),
    optional("expect", Shape::Table(STEP_EXPECT), "with `set`, a refusal that must happen in the step"),
    optional("reply-to", ID, "with `set`, the step that the message answers"),
    optional("clause", LINE, "with `set`, the clause of the standard"),
    optional("title", LINE, "with `set`, the title"),
    optional("why", PROSE, "with `set`, why"),
];

const STALLED: &[Key] =
    &[required("step", ID, "the step in which it waits"), required("by", ID, "the actor that waits")];

const EXPECT: &[Key] = &[
    optional("rejected", Shape::Table(REJECTED), "the refusal that must follow"),
    optional("accepted", PROSE, "it gets through; the text says with what consequence"),
    optional("stalled", Shape::Table(STALLED), "nobody refuses, and an actor waits for ever"),
];

const EDITS: Shape = Shape::List(&Shape::Table(EDIT));

const ATTACK: &[Key] = &[
    required("id", ID, "id, unique in the flow"),
    required("title", LINE, "title"),
    optional("threat", LINE, "id in the threat catalogue"),
    optional("base", ID, "the life cycle scenario that it attacks; the baseline where absent"),
    optional("why", PROSE, "what is tried and what follows"),
    optional("leak", Shape::List(&LINE), "values that the attacker knows from the start, as `actor/name`"),
    optional("edit", EDITS, "changes to the flow, in order"),
    optional("step", Shape::List(&Shape::Table(STEP)), "steps that follow at the end"),
    required("expect", Shape::Table(EXPECT), "what must follow"),
    optional("no-mitigation", PROSE, "why nothing mitigates it, where it gets through"),
];

const LIFECYCLE: &[Key] = &[
    required("id", ID, "id, unique in the flow"),
    required("title", LINE, "title"),
    required(
        "shows",
        Shape::Choice(&["rotation", "revocation", "ownership-transfer", "decommissioning", "lost-connection"]),
        "what it shows of a device's life",
    ),
    optional("why", PROSE, "what happens and why"),
    optional("edit", EDITS, "changes to the flow, in order"),
    optional("step", Shape::List(&Shape::Table(STEP)), "steps that follow at the end"),
    optional("expect", Shape::Table(EXPECT), "what must follow; it runs to its end where absent"),
];

const MITIGATION: &[Key] = &[
    required("id", ID, "id, unique in the flow"),
    required("title", LINE, "title"),
    optional("base", ID, "the life cycle scenario that it changes; the baseline where absent"),
    optional("why", PROSE, "what it changes, and what it costs"),
    optional("edit", EDITS, "changes to the flow, in order"),
    optional("step", Shape::List(&Shape::Table(STEP)), "steps that follow at the end"),
    required(
        "against",
        Shape::Map(&Shape::Table(EXPECT)),
        "the attacks that are executed again with it, and what must follow then",
    ),
];

const UNDETECTED: &[Key] = &[
    required("step", ID, "the step"),
    required(
        "probes",
        Shape::List(&Shape::Choice(&[
            "flip",
            "truncate",
            "drop",
            "replay-run",
            "replay-session",
            "replay-device",
            "forge",
        ])),
        "what goes undetected",
    ),
    optional("layer", Shape::Choice(&["wire", "inside"]), "on the link, or inside of the session; `wire` if absent"),
    required("reason", PROSE, "why that is so, and what follows"),
];

const ACKNOWLEDGE: &[Key] = &[
    required("lint", ID, "the lint whose finding is accepted"),
    required("at", LINE, "the step in which it is found, or what it is about as `actor/value`"),
    required("reason", PROSE, "why it is as it should be"),
];

const FRAGMENT: &[Key] = &[required("step", Shape::List(&Shape::Table(STEP)), "the steps; their ids get the prefix")];

const USE_FRAGMENT: &[Key] = &[
    required("fragment", ID, "the fragment"),
    required("prefix", ID, "put before the id of each of its steps"),
    required("after", ID, "the step after which its steps stand"),
];

/// Keys of a flow file.
pub const FLOW: &[Key] = &[
    required("edition", Shape::Number(1, EDITION), "edition of the flow language"),
    required("id", ID, "id, equal to the file's name"),
    required("title", LINE, "title"),
    required("summary", PROSE, "one or two sentences on what the method does"),
    required(
        "family",
        Shape::Choice(&["zero-touch", "qr-app", "x509", "token", "manufacturer-certificate", "just-in-time"]),
        "family of methods",
    ),
    required(
        "registration",
        Shape::Choice(&["bulk", "on-demand", "lazy"]),
        "when devices become known to the registry",
    ),
    optional("standards", Shape::List(&LINE), "standards that define the method"),
    required("course", Shape::Table(COURSE), "what the course says of the method"),
    optional("omits", Shape::List(&PROSE), "what the flow leaves out of the standard"),
    optional("simulates", Shape::List(&PROSE), "what is simulated, and how"),
    required("zones", Shape::Arguments, "trust zones: name = trust, or a table with `trust`, `title` and `inside`"),
    optional("authorities", Shape::Map(&Shape::Table(AUTHORITY)), "certificate authorities; they expand into steps"),
    required("actors", Shape::Map(&Shape::Table(ACTOR)), "the parties"),
    optional("messages", Shape::Map(&Shape::Table(MESSAGE)), "layouts of messages of the method's own"),
    required("links", Shape::Map(&Shape::Table(LINK)), "paths between two actors"),
    optional("fragments", Shape::Map(&Shape::Table(FRAGMENT)), "steps to use several times"),
    optional("use", Shape::List(&Shape::Table(USE_FRAGMENT)), "places where a fragment stands"),
    required("step", Shape::List(&Shape::Table(STEP)), "the steps, in order"),
    optional("goal", Shape::List(&Shape::Table(GOAL)), "security claims that the run must bear out"),
    optional("lifecycle", Shape::List(&Shape::Table(LIFECYCLE)), "what happens later in the life of a device"),
    optional("attack", Shape::List(&Shape::Table(ATTACK)), "attacks, with the outcome that must follow"),
    optional(
        "acknowledge",
        Shape::List(&Shape::Table(ACKNOWLEDGE)),
        "findings of lints that are accepted, with reasons",
    ),
    optional("mitigation", Shape::List(&Shape::Table(MITIGATION)), "changes that stop attacks, or lessen them"),
    optional("undetected", Shape::List(&Shape::Table(UNDETECTED)), "probes that are known to go undetected"),
    optional(
        "other-device",
        Shape::Arguments,
        "words of this device, such as its serial number, and what another device has in their place",
    ),
];
