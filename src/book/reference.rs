//! Reference tables, made from the tables that the code itself reads.

use serde::Serialize;

use super::words;
use crate::chapter::{ASSERTIONS, CALLOUTS, DIRECTIVES, ROLES};
use crate::claim::{self, Claim, Evidence};
use crate::config::BOOK;
use crate::diag::Code;
use crate::fact::{FACTS, Fact};
use crate::grammar::{Key, Shape as FileShape};
use crate::lint::{LINTS, Lint};
use crate::operation::{Accepts, End, Operation, Shape};
use crate::trace::ArtifactKind;
use crate::value::filter::{FILTERS, Filter};
use crate::value::member::{MEMBERS, Member};

/// An operation.
#[derive(Clone, Debug, Serialize)]
pub struct OperationView {
    /// Name.
    pub name: &'static str,
    /// Its anchor.
    pub anchor: String,
    /// Its page; absent where nobody made one.
    pub page: Option<String>,
    /// What it does.
    pub summary: &'static str,
    /// The standard that defines it; may be empty.
    pub standard: &'static str,
    /// Where a step with it happens.
    pub shape: &'static str,
    /// What it takes.
    pub params: Vec<ParamView>,
    /// What `out` stores; may be empty.
    pub result: &'static str,
    /// What a receiver can bind.
    pub fields: Vec<EntryView>,
}

/// A parameter.
#[derive(Clone, Debug, Serialize)]
pub struct ParamView {
    /// Name with the table that it stands in.
    pub name: String,
    /// What it accepts.
    pub accepts: String,
    /// Whether it must be given.
    pub required: bool,
    /// What it is.
    pub summary: &'static str,
}

/// A name with its meaning.
#[derive(Clone, Debug, Serialize)]
pub struct EntryView {
    /// How it is written.
    pub name: String,
    /// What it is.
    pub summary: String,
    /// Its page; absent where nobody made one.
    pub page: Option<String>,
}

impl EntryView {
    fn new(name: String, summary: String) -> Self {
        Self { name, summary, page: None }
    }
}

/// A lint.
#[derive(Clone, Debug, Serialize)]
pub struct LintView {
    /// Name.
    pub name: &'static str,
    /// Its anchor.
    pub anchor: String,
    /// Its page; absent where nobody made one.
    pub page: Option<String>,
    /// The bad thing in a few words.
    pub title: &'static str,
    /// What is asked.
    pub asks: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What to do.
    pub fix: &'static str,
    /// Where it is written.
    pub references: &'static [&'static str],
}

/// What chapters can embed.
#[derive(Clone, Debug, Serialize)]
pub struct DirectivesView {
    /// Fenced directives, with their options.
    pub directives: Vec<DirectiveView>,
    /// Roles.
    pub roles: Vec<EntryView>,
    /// Callouts.
    pub callouts: Vec<EntryView>,
    /// What assertions can say.
    pub assertions: Vec<EntryView>,
}

/// A directive.
#[derive(Clone, Debug, Serialize)]
pub struct DirectiveView {
    /// How it is written.
    pub name: String,
    /// What it shows.
    pub summary: &'static str,
    /// Its options.
    pub options: Vec<EntryView>,
}

/// The reference of operations.
pub fn operations(operations: &[&'static dyn Operation]) -> Vec<OperationView> {
    let view = |operation: &&'static dyn Operation| {
        let spec = operation.spec();
        OperationView {
            page: None,
            name: spec.name,
            anchor: operation_anchor(spec.name),
            summary: spec.summary,
            standard: spec.standard,
            shape: shape(spec.shape),
            params: spec
                .params
                .iter()
                .map(|param| ParamView {
                    name: format!("{}.{}", end(param.end), param.name),
                    accepts: accepts(param.accepts),
                    required: param.required,
                    summary: param.summary,
                })
                .collect(),
            result: spec.result.map_or("", words::kind),
            fields: spec
                .fields
                .iter()
                .map(|field| {
                    EntryView::new(field.name.to_owned(), format!("{} ({})", field.summary, words::kind(field.kind)))
                })
                .collect(),
        }
    };
    operations.iter().map(view).collect()
}

/// The anchor of an operation in the reference.
pub fn operation_anchor(name: &str) -> String {
    format!("operation-{name}")
}

/// The reference of claims.
pub fn claims() -> Vec<EntryView> {
    let view = |claim: &'static dyn Claim| {
        let spec = claim.spec();
        let params = spec.params.iter().map(|param| format!("{}: {}", param.name, param.summary));
        let params = params.collect::<Vec<_>>().join("; ");
        let params = if params.is_empty() { "nothing".to_owned() } else { params };
        let summary =
            format!("{} It does not show: {} It takes {params}.", spec.shows, lower_first(spec.does_not_show));
        EntryView::new(spec.name.to_owned(), summary)
    };
    claim::goals().map(view).collect()
}

/// The reference of claims that controls name as evidence.
pub fn evidence() -> Vec<EntryView> {
    let view = |evidence: &'static dyn Evidence| {
        let spec = evidence.spec();
        let summary = format!("{} It does not show: {}", spec.shows, lower_first(spec.does_not_show));
        EntryView::new(spec.name.to_owned(), summary)
    };
    claim::evidence().map(view).collect()
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

fn upper_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The reference of `book.toml`, each key with the tables that it stands in.
pub fn book() -> Vec<EntryView> {
    let mut entries = Vec::new();
    add_keys(BOOK, "", &mut entries);
    entries
}

fn add_keys(keys: &[Key], above: &str, entries: &mut Vec<EntryView>) {
    for key in keys {
        let name = if above.is_empty() { key.name.to_owned() } else { format!("{above}.{}", key.name) };
        if let FileShape::Table(below) = key.shape {
            add_keys(below, &name, entries);
            continue;
        }
        let must = if key.is_required { "" } else { " May be absent." };
        entries.push(EntryView::new(name, format!("{}.{must}", upper_first(key.summary))));
    }
}

/// The reference of figures.
pub fn facts() -> Vec<EntryView> {
    let view = |fact: &Fact| EntryView::new(fact.name.to_owned(), format!("{}.", upper_first(fact.summary)));
    FACTS.iter().map(view).collect()
}

/// The reference of filters.
pub fn filters() -> Vec<EntryView> {
    let view = |filter: &Filter| EntryView::new(filter.name.to_owned(), format!("{}.", filter.summary));
    FILTERS.iter().map(view).collect()
}

/// The reference of members; a name that several kinds have in the same sense stands once.
pub fn members() -> Vec<EntryView> {
    let view = |member: &Member| {
        let of = member.of.iter().map(|kind| words::kind(*kind)).collect::<Vec<_>>().join(", ");
        let summary = format!("{}: {}. Of: {of}.", words::kind(member.kind), member.summary);
        EntryView::new(member.name.to_owned(), summary)
    };
    MEMBERS.iter().map(view).collect()
}

/// The reference of diagnostics.
pub fn diagnostics() -> Vec<EntryView> {
    let view = |code: &Code| EntryView::new(code.name().to_owned(), code.explanation().to_owned());
    Code::ALL.iter().map(view).collect()
}

/// The reference of lints.
pub fn lints() -> Vec<LintView> {
    let view = |lint: &&'static dyn Lint| {
        let spec = lint.spec();
        LintView {
            page: None,
            name: lint.name(),
            anchor: format!("lint-{}", lint.name()),
            title: spec.title,
            asks: spec.asks,
            why: spec.why,
            fix: spec.fix,
            references: spec.references,
        }
    };
    LINTS.iter().map(view).collect()
}

/// The reference of what chapters can embed.
pub fn directives() -> DirectivesView {
    let directives = DIRECTIVES.iter().map(|directive| DirectiveView {
        name: match directive.argument {
            "" => format!("{{{}}}", directive.name),
            argument => format!("{{{}}} <{argument}>", directive.name),
        },
        summary: directive.summary,
        options: directive
            .options
            .iter()
            .map(|option| EntryView::new(format!(":{}:", option.name), option.summary.to_owned()))
            .collect(),
    });
    let roles = ROLES.iter().map(|role| EntryView::new(role.form(), role.summary.to_owned()));
    let callouts =
        CALLOUTS.iter().map(|callout| EntryView::new(format!("> [!{}]", callout.word), callout.summary.to_owned()));
    let assertions =
        ASSERTIONS.iter().map(|assertion| EntryView::new(assertion.words.to_owned(), assertion.summary.to_owned()));
    DirectivesView {
        directives: directives.collect(),
        roles: roles.collect(),
        callouts: callouts.collect(),
        assertions: assertions.collect(),
    }
}

fn shape(shape: Shape) -> &'static str {
    match shape {
        Shape::Local => "at one actor",
        Shape::Setup => "between two actors, before the method begins",
        Shape::Message => "a message over a link or in a session",
        Shape::Session => "opens a session over a link",
        Shape::Close => "closes a session",
    }
}

fn end(end: End) -> &'static str {
    match end {
        End::With => "with",
        End::Client => "client",
        End::Server => "server",
    }
}

fn accepts(accepts: Accepts) -> String {
    match accepts {
        Accepts::Any => "any value".to_owned(),
        Accepts::Boolean => "true or false".to_owned(),
        Accepts::Choice(choices) => format!("one of {}", choices.join(", ")),
        Accepts::Field => "what the layout asks for".to_owned(),
        Accepts::Kinds(kinds) => kind_list(kinds, " or "),
        Accepts::Layout => "name of a message layout".to_owned(),
        Accepts::ListOf(kinds) => format!("one or more: {}", kind_list(kinds, " or ")),
        Accepts::Metadata => "table of metadata".to_owned(),
        Accepts::Number => "number".to_owned(),
        Accepts::Parts => "any value, or a list of values".to_owned(),
        Accepts::Table => "table".to_owned(),
        Accepts::Text => "text".to_owned(),
    }
}

fn kind_list(kinds: &[ArtifactKind], between: &str) -> String {
    kinds.iter().map(|kind| words::kind(*kind)).collect::<Vec<_>>().join(between)
}
