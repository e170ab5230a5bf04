//! What a step can do: one table of operations.
//!
//! To add one: a file in `src/operation/` with a unit struct and its `impl Operation`, a line in [`OPERATIONS`],
//! and known answers in `tests/vectors/`.

use std::fmt;

use crate::trace::ArtifactKind;

/// An operation that steps can name.
pub trait Operation: Sync {
    /// Name, parameters and results; the parser, the reference, the schema and the hints all read this.
    fn spec(&self) -> &'static Spec;
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
    /// Values of these kinds.
    Kinds(&'static [ArtifactKind]),
    /// A list of values of these kinds, or one such value.
    ListOf(&'static [ArtifactKind]),
    /// A whole number.
    Number,
    /// A table whose values are text, numbers, lists and tables of them.
    Table,
    /// Text; stored values need a filter or are text already.
    Text,
}

/// Something that a receiver can bind.
#[derive(Debug)]
pub struct MessageField {
    /// Name; one that ends in `.*` stands for a family, such as `header.*`.
    pub name: &'static str,
    /// Its kind once decoded.
    pub kind: ArtifactKind,
    /// What it is.
    pub summary: &'static str,
}
