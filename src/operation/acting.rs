//! What an operation sees while it runs: its arguments, the clock, the registry, and nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::annotation::Layer;
use crate::clock::Timestamp;
use crate::crypto::certificate::{Certificate, Credential};
use crate::crypto::key::{PrivateKey, PublicKey, WRONG_ALGORITHM};
use crate::crypto::refusal::Refusal;
use crate::protocol::layout::MessageLayout;
use crate::registry::{Cause, Registry, Violation};
use crate::trace::RejectionOrigin;
use crate::value::Value;

/// Most bytes that the arguments of a step may have together.
///
/// Whatever a step makes it makes from its arguments, so this bounds every value of a run: a flow whose values double
/// in every step must not take the machine's memory.
pub const MAX_ARGUMENT_BYTES: usize = 256 * 1024;

/// Most bytes that a value may have: an encoding is longer than what it encodes.
pub const MAX_VALUE_BYTES: usize = 4 * MAX_ARGUMENT_BYTES;

/// Code with which arguments and values beyond these bounds are refused.
pub const TOO_LARGE: &str = "too-large";

/// An argument with its names looked up.
#[derive(Clone, Debug)]
pub enum Arg {
    /// `true` or `false`.
    Boolean(bool),
    /// A message layout of the flow.
    Layout(Arc<MessageLayout>),
    /// A list.
    List(Vec<Arg>),
    /// A table.
    Table(BTreeMap<String, Arg>),
    /// A value, or text or a number that was written.
    Value(Value),
}

/// Arguments by name. Names and kinds were checked before the run; only members of decoded messages can still be of
/// a kind that does not fit, and then the operation refuses.
#[derive(Clone, Debug, Default)]
pub struct Args(pub BTreeMap<String, Arg>);

/// A refusal inside of a flow; data of the trace, not an error of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Code of the reason.
    pub code: String,
    /// The reason in words.
    pub message: String,
    /// Whose words they are.
    pub origin: RejectionOrigin,
}

/// One operation in execution.
pub struct Acting<'r> {
    /// The arguments.
    pub args: Args,
    /// Who acts; empty outside of a run.
    pub actor: &'r str,
    /// The step's id.
    pub step: &'r str,
    /// The virtual clock.
    pub clock: Timestamp,
    /// The device registry.
    pub registry: &'r mut Registry,
    /// Seconds by which the step moves the clock.
    pub waits: i64,
    /// Seconds that a person takes, estimated; the clock does not move.
    pub person_seconds: u32,
    /// What was verified, in words.
    pub checks: Vec<String>,
    /// The request that a message answers, as whoever answers received it; where the step says `reply-to`.
    pub asked: Option<Arc<[u8]>>,
    /// The session whose peer a check has verified at last.
    pub verifies_session: Option<String>,
    /// The bytes of the result explained, where the operation knows more of them than their kind tells.
    pub layer: Option<Layer>,
}

impl Refused {
    /// A rule of the flow refuses.
    pub fn policy(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), origin: RejectionOrigin::Policy }
    }

    /// A decoder refuses.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::policy("malformed", message)
    }
}

/// Refuses a value of `n_bytes` that is larger than values may be.
pub fn check_size(n_bytes: usize) -> Result<(), Refused> {
    if n_bytes <= MAX_VALUE_BYTES {
        return Ok(());
    }
    Err(Refused::policy(TOO_LARGE, format!("the value has {n_bytes} bytes, at most {MAX_VALUE_BYTES} can be kept")))
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { code: refusal.code.to_owned(), message: refusal.message, origin: RejectionOrigin::Library }
    }
}

impl From<Violation> for Refused {
    fn from(violation: Violation) -> Self {
        Self::policy(violation.code, violation.message)
    }
}

impl<'r> Acting<'r> {
    /// An operation that has done nothing yet.
    pub fn new(args: Args, step: &'r str, clock: Timestamp, registry: &'r mut Registry) -> Self {
        Self {
            args,
            actor: "",
            step,
            clock,
            registry,
            waits: 0,
            person_seconds: 0,
            checks: Vec::new(),
            asked: None,
            verifies_session: None,
            layer: None,
        }
    }

    /// Who changes the registry, in which step and when.
    pub fn cause(&self) -> Cause<'r> {
        Cause { actor: self.actor, step: self.step, clock: self.clock }
    }

    /// The same operation, acted by `actor`.
    #[must_use]
    pub fn by(self, actor: &'r str) -> Self {
        Self { actor, ..self }
    }

    /// Notes that something is verified; called before the verdict, which the run adds.
    pub fn check(&mut self, what: impl Into<String>) {
        self.checks.push(what.into());
    }
}

impl Args {
    /// The argument called `name`.
    pub fn find(&self, name: &str) -> Option<&Arg> {
        self.0.get(name)
    }

    /// The value called `name`, where it was given.
    pub fn value(&self, name: &str) -> Option<&Value> {
        match self.find(name) {
            Some(Arg::Value(value)) => Some(value),
            _ => None,
        }
    }

    /// The whole number called `name`, or `default`.
    pub fn number(&self, name: &str, default: i64) -> i64 {
        match self.value(name) {
            Some(Value::Number(number)) => *number,
            _ => default,
        }
    }

    /// The flag called `name`; `false` where it was not given.
    pub fn is_set(&self, name: &str) -> bool {
        matches!(self.find(name), Some(Arg::Boolean(true)))
    }

    /// The text called `name`, or `default`.
    pub fn text_or(&self, name: &str, default: &str) -> String {
        self.text(name).unwrap_or_else(|| default.to_owned())
    }

    /// The text called `name`; a number is written in decimal digits.
    pub fn text(&self, name: &str) -> Option<String> {
        self.find(name).and_then(Arg::text)
    }

    /// The canonical bytes of the value called `name`.
    pub fn bytes(&self, name: &str) -> Result<Vec<u8>, Refused> {
        Ok(self.need(name)?.canonical())
    }

    /// The message layout called `name`, which was checked to be there.
    pub fn layout(&self, name: &str) -> Result<Arc<MessageLayout>, Refused> {
        match self.find(name) {
            Some(Arg::Layout(layout)) => Ok(layout.clone()),
            _ => Err(Refused::policy("missing-value", format!("`{name}` has no value"))),
        }
    }

    /// The private key called `name`; that of a credential counts.
    pub fn private_key(&self, name: &str) -> Result<PrivateKey, Refused> {
        match self.need(name)? {
            Value::PrivateKey(key) => Ok(key.clone()),
            Value::Credential(credential) => Ok(credential.key.clone()),
            other => Err(wrong_kind(name, other)),
        }
    }

    /// The private key called `name`, which must be one that signs.
    pub fn signing_key(&self, name: &str) -> Result<PrivateKey, Refused> {
        let key = self.private_key(name)?;
        if key.algorithm().signs() {
            return Ok(key);
        }
        let message = format!("`{name}` is a key of {}, which signs nothing", key.algorithm().title());
        Err(Refused::policy(WRONG_ALGORITHM, message))
    }

    /// The canonical bytes of the value called `name`, or of the items of the list, one after the other.
    pub fn joined(&self, name: &str) -> Result<Vec<u8>, Refused> {
        match self.find(name) {
            Some(Arg::List(_)) => Ok(self.values(name).into_iter().flat_map(Value::canonical).collect()),
            _ => self.bytes(name),
        }
    }

    /// The public key called `name`; those of private keys, certificates and requests count.
    pub fn public_key(&self, name: &str) -> Result<PublicKey, Refused> {
        let value = self.need(name)?;
        value.public_key().ok_or_else(|| wrong_kind(name, value))
    }

    /// The credential called `name`.
    pub fn credential(&self, name: &str) -> Result<Credential, Refused> {
        match self.need(name)? {
            Value::Credential(credential) => Ok(credential.clone()),
            other => Err(wrong_kind(name, other)),
        }
    }

    /// Every certificate in the value or list called `name`, in order; none where it was not given.
    pub fn certificates(&self, name: &str) -> Result<Vec<Certificate>, Refused> {
        self.values(name).into_iter().try_fold(Vec::new(), |mut all, value| {
            all.extend(value.certificates().ok_or_else(|| wrong_kind(name, value))?);
            Ok(all)
        })
    }

    /// The items of the list called `name`, or the one value.
    pub fn values(&self, name: &str) -> Vec<&Value> {
        match self.find(name) {
            Some(Arg::List(items)) => items.iter().filter_map(Arg::as_value).collect(),
            Some(Arg::Value(value)) => vec![value],
            Some(Arg::Boolean(_) | Arg::Layout(_) | Arg::Table(_)) | None => Vec::new(),
        }
    }

    /// The texts of the list called `name`.
    pub fn texts(&self, name: &str) -> Vec<String> {
        match self.find(name) {
            Some(Arg::List(items)) => items.iter().filter_map(Arg::text).collect(),
            Some(one) => one.text().into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// The texts of the table called `name`, by key.
    pub fn table_texts(&self, name: &str) -> BTreeMap<String, String> {
        match self.find(name) {
            Some(Arg::Table(table)) => table.iter().filter_map(|(key, arg)| Some((key.clone(), arg.text()?))).collect(),
            _ => BTreeMap::new(),
        }
    }

    /// The lists of texts of the table called `name`, by key; one text counts as a list.
    pub fn table_lists(&self, name: &str) -> BTreeMap<String, Vec<String>> {
        let texts = |arg: &Arg| match arg {
            Arg::List(items) => items.iter().filter_map(Arg::text).collect(),
            one => one.text().into_iter().collect(),
        };
        match self.find(name) {
            Some(Arg::Table(table)) => table.iter().map(|(key, arg)| (key.clone(), texts(arg))).collect(),
            _ => BTreeMap::new(),
        }
    }

    /// The value called `name`, which was checked to be there.
    pub fn need(&self, name: &str) -> Result<&Value, Refused> {
        self.value(name).ok_or_else(|| Refused::policy("missing-value", format!("`{name}` has no value")))
    }
}

impl Arg {
    fn as_value(&self) -> Option<&Value> {
        match self {
            Self::Value(value) => Some(value),
            Self::Boolean(_) | Self::Layout(_) | Self::List(_) | Self::Table(_) => None,
        }
    }

    /// The text that it is or can be written as.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Value(value) => value.text(),
            Self::Boolean(flag) => Some(flag.to_string()),
            Self::Layout(_) | Self::List(_) | Self::Table(_) => None,
        }
    }

    /// As JSON, for bodies: bytes do not occur, they need a filter.
    pub fn json(&self) -> serde_json::Value {
        match self {
            Self::Boolean(flag) => (*flag).into(),
            Self::Layout(layout) => layout.name.clone().into(),
            Self::List(items) => items.iter().map(Self::json).collect(),
            Self::Table(table) => {
                serde_json::Value::Object(table.iter().map(|(key, arg)| (key.clone(), arg.json())).collect())
            }
            Self::Value(Value::Number(number)) => (*number).into(),
            Self::Value(value) => value.text().map_or(serde_json::Value::Null, Into::into),
        }
    }
}

/// The refusal of a value that is of another kind than the operation can use.
pub fn wrong_kind(name: &str, value: &Value) -> Refused {
    Refused::policy("wrong-kind", format!("`{name}` is {}", value.kind().title()))
}
