//! What a step can do: one table of operations.
//!
//! To add one: a file in `src/operation/` with a unit struct and its `impl Operation`, a line in [`OPERATIONS`],
//! and known answers in `tests/vectors/`.

pub mod acting;
pub mod aead;
pub mod audit;
pub mod authority;
pub mod bearing;
pub mod channel;
pub mod compare;
pub mod crl;
pub mod csr;
pub mod decode;
pub mod deliver;
pub mod derive;
pub mod http;
pub mod human;
pub mod issue;
pub mod jws;
pub mod keygen;
pub mod ledger;
pub mod message;
pub mod moment;
pub mod mqtt;
pub mod ownership;
pub mod policy;
pub mod presence;
pub mod random;
pub mod registry;
pub mod scan;
pub mod sign;
pub mod text;
pub mod tls;
pub mod tpm;
pub mod verify_chain;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

pub use acting::{Acting, Arg, Args, Refused};
pub use bearing::{Bearing, Makes};
pub use channel::{Channel, Opened, Opening};

use crate::annotation::{Kind, Layer};
use crate::protocol::layout::MessageLayout;
use crate::trace::ArtifactKind;
use crate::value::Value;

/// Every operation, by name.
pub const OPERATIONS: &[&dyn Operation] = &[
    &derive::Agree,
    &authority::Authority,
    &policy::Authorize,
    &moment::CheckBefore,
    &compare::CheckEqual,
    &compare::CheckListed,
    &audit::CheckLog,
    &tls::CheckPinned,
    &channel::Close,
    &text::Constant,
    &ledger::CountUse,
    &authority::Credential,
    &crl::Crl,
    &csr::Csr,
    &decode::Decode,
    &deliver::Deliver,
    &derive::Digest,
    &derive::Hkdf,
    &derive::Hmac,
    &http::HttpRequest,
    &http::HttpResponse,
    &human::Human,
    &authority::InstallAnchor,
    &issue::Issue,
    &issue::IssueCredential,
    &jws::JwsSign,
    &jws::JwsVerify,
    &keygen::Keygen,
    &message::Send,
    &moment::Moment,
    &mqtt::MqttConnack,
    &mqtt::MqttConnect,
    &mqtt::MqttPuback,
    &mqtt::MqttPublish,
    &mqtt::MqttSuback,
    &mqtt::MqttSubscribe,
    &random::Nonce,
    &aead::Open,
    &message::Pack,
    &policy::Policy,
    &policy::PolicyAttach,
    &random::Random,
    &ownership::RegistryAccept,
    &registry::RegistryAdd,
    &registry::RegistryApprove,
    &presence::RegistryBind,
    &registry::RegistryCheck,
    &presence::RegistryConnect,
    &ownership::RegistryDecommission,
    &presence::RegistryDisconnect,
    &audit::RegistryExport,
    &policy::RegistryGroup,
    &registry::RegistrySet,
    &ownership::RegistryTransfer,
    &text::ReplaceText,
    &scan::Scan,
    &aead::Seal,
    &sign::Sign,
    &policy::ThingType,
    &tls::Tls,
    &text::Token,
    &tpm::TpmActivateCredential,
    &tpm::TpmMakeCredential,
    &tpm::TpmName,
    &tpm::TpmPublic,
    &message::Unpack,
    &ledger::UseOnce,
    &sign::Verify,
    &verify_chain::VerifyChain,
    &csr::VerifyCsr,
    &derive::VerifyMac,
    &human::Wait,
];

/// The operation called `name`.
pub fn find(name: &str) -> Option<&'static dyn Operation> {
    OPERATIONS.iter().find(|operation| operation.spec().name == name).copied()
}

/// Values by name: what a message carries.
pub type Members = BTreeMap<String, Value>;

/// What both ends of a message agreed on beforehand.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// The kinds of the values that the sender put in; with dots for a member of a member.
    pub kinds: BTreeMap<String, ArtifactKind>,
    /// The layout of the message, where the flow declares it.
    pub message: Option<Arc<MessageLayout>>,
}

impl Layout {
    /// What a message with these arguments is read with.
    pub fn of(args: &Args) -> Self {
        let mut kinds = BTreeMap::new();
        for (name, arg) in &args.0 {
            add_kinds(name, arg, &mut kinds);
        }
        Self { kinds, message: args.layout("read-as").or_else(|_| args.layout("layout")).ok() }
    }

    /// The kind of what the sender put in as `name`.
    pub fn get(&self, name: &str) -> Option<ArtifactKind> {
        self.kinds.get(name).copied()
    }
}

/// Longest name, in bytes, of a member within members that is listed; what is deeper can be reached member by member.
pub const MAX_PATH: usize = 256;

fn add_kinds(name: &str, arg: &Arg, kinds: &mut BTreeMap<String, ArtifactKind>) {
    if name.len() > MAX_PATH {
        return;
    }
    match arg {
        Arg::Value(value) => {
            kinds.insert(name.to_owned(), value.kind());
            if let Value::Members(members) = value {
                for (member, value) in members {
                    add_kinds(&format!("{name}.{member}"), &Arg::Value(value.clone()), kinds);
                }
            }
        }
        Arg::Table(table) => {
            for (member, arg) in table {
                add_kinds(&format!("{name}.{member}"), arg, kinds);
            }
        }
        Arg::Boolean(_) | Arg::Layout(_) | Arg::List(_) => {}
    }
}

/// The field of a decoded message called `path`, or the member of a member that the dots in it lead to.
pub fn field<'f>(fields: &'f Members, path: &str) -> Option<&'f Value> {
    if let Some(value) = fields.get(path) {
        return Some(value);
    }
    let (name, rest) = path.split_once('.')?;
    match fields.get(name)? {
        Value::Members(inner) => field(inner, rest),
        _ => None,
    }
}

/// A message as its sender writes it.
#[derive(Debug)]
pub struct Message {
    /// A few words: `POST /enrol`.
    pub label: String,
    /// The bytes, each explained.
    pub layer: Layer,
}

/// An operation that steps can name.
///
/// Of the methods beside `spec`, an operation has those of its shape; the others are never called.
pub trait Operation: Sync {
    /// Name, parameters and results; the parser, the reference, the schema and the hints all read this.
    fn spec(&self) -> &'static Spec;

    /// The kind of what `out` stores; `written` gives the text of an argument where it is written out.
    fn result(&self, written: &dyn Fn(&str) -> Option<String>) -> Option<ArtifactKind> {
        let _ = written;
        self.spec().result
    }

    /// The kind of the bytes that it makes; `Plain` where they explain themselves or another operation made them.
    fn makes(&self) -> Kind {
        Kind::Plain
    }

    /// Executes a local or setup operation; the result is what `out` stores.
    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let _ = acting;
        unreachable!("`{}` is not executed at one actor", self.spec().name)
    }

    /// Writes a message.
    fn encode(&self, acting: &mut Acting<'_>) -> Result<Message, Refused> {
        let _ = acting;
        unreachable!("`{}` is not a message", self.spec().name)
    }

    /// Reads what arrived; the error says why it cannot be read.
    fn decode(&self, bytes: &[u8], layout: &Layout) -> Result<Members, String> {
        let _ = (bytes, layout);
        unreachable!("`{}` is not a message", self.spec().name)
    }

    /// Opens a session.
    fn open(&self, opening: Opening<'_>) -> Result<Opened, Refused> {
        let _ = opening;
        unreachable!("`{}` opens no session", self.spec().name)
    }

    /// What it does to the trust in its arguments; what lints know of it.
    fn bearing(&self) -> &'static Bearing {
        &Bearing::NONE
    }
}

impl fmt::Debug for dyn Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.spec().name)
    }
}

/// What an operation is called, takes and gives.
#[derive(Debug)]
pub struct Spec {
    /// Name, kebab case.
    pub name: &'static str,
    /// What it does, one sentence.
    pub summary: &'static str,
    /// The standard that defines it; empty where there is none.
    pub standard: &'static str,
    /// Where a step with it happens.
    pub shape: Shape,
    /// What it takes.
    pub params: &'static [Param],
    /// The kind of the value that `out` stores; absent where it has no result.
    pub result: Option<ArtifactKind>,
    /// What a receiver can bind of a message.
    pub fields: &'static [MessageField],
}

/// Where an operation happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// At one actor.
    Local,
    /// Arranged between two actors before the method begins.
    Setup,
    /// A message from one actor to another.
    Message,
    /// A session that two actors open over a link.
    Session,
    /// The end of a session.
    Close,
}

/// A parameter.
#[derive(Debug)]
pub struct Param {
    /// Name, kebab case; with dots for a member of a table.
    pub name: &'static str,
    /// At whose end it is resolved.
    pub end: End,
    /// What it accepts.
    pub accepts: Accepts,
    /// Whether it must be given.
    pub required: bool,
    /// What it is, with units.
    pub summary: &'static str,
}

/// At whose end an argument is resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// `with`: the acting actor or the sender.
    With,
    /// `client`: who opens a session.
    Client,
    /// `server`: who accepts it.
    Server,
}

/// What a parameter accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepts {
    /// Any stored value, or text.
    Any,
    /// `true` or `false`.
    Boolean,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// What the layout of the message asks for in the field.
    Field,
    /// Values of these kinds.
    Kinds(&'static [ArtifactKind]),
    /// The name of a message in `[messages]`.
    Layout,
    /// A list of values of these kinds, or one such value.
    ListOf(&'static [ArtifactKind]),
    /// A table of text and numbers that a registry may keep: no secret, no token, no message.
    Metadata,
    /// A whole number.
    Number,
    /// Any stored value or text, or a list of them, of which the canonical bytes stand one after the other.
    Parts,
    /// A table whose values are text, numbers, lists and tables of them.
    Table,
    /// Text; stored values need a filter or are text already.
    Text,
}

/// Something that a receiver can bind.
#[derive(Debug)]
pub struct MessageField {
    /// Name; one that ends in `.*` stands for a family, such as `header.*`; `*` for every argument of the sender,
    /// which keeps its kind.
    pub name: &'static str,
    /// Its kind once decoded.
    pub kind: ArtifactKind,
    /// What it is.
    pub summary: &'static str,
}

impl Accepts {
    /// The words for messages and the reference.
    pub fn describe(&self) -> String {
        match self {
            Self::Any => "any value".to_owned(),
            Self::Boolean => "true or false".to_owned(),
            Self::Choice(words) => format!("one of {}", quoted(words)),
            Self::Field => "what the layout asks for".to_owned(),
            Self::Kinds(kinds) => kinds.iter().map(|kind| kind.title()).collect::<Vec<_>>().join(" or "),
            Self::Layout => "the name of a message layout".to_owned(),
            Self::ListOf(kinds) => {
                format!("a list of {}", kinds.iter().map(|kind| kind.title()).collect::<Vec<_>>().join(" or "))
            }
            Self::Metadata => "a table of metadata".to_owned(),
            Self::Number => "a whole number".to_owned(),
            Self::Parts => "any value, or a list of values".to_owned(),
            Self::Table => "a table".to_owned(),
            Self::Text => "text".to_owned(),
        }
    }
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// A parameter that must be given in `with`.
pub const fn needs(name: &'static str, accepts: Accepts, summary: &'static str) -> Param {
    Param { name, end: End::With, accepts, required: true, summary }
}

/// A parameter that may be given in `with`.
pub const fn takes(name: &'static str, accepts: Accepts, summary: &'static str) -> Param {
    Param { name, end: End::With, accepts, required: false, summary }
}
