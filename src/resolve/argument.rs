//! Text and values of arguments → expressions whose names are known to be held.

use std::collections::BTreeMap;

use super::layout::Layouts;
use crate::diag::{Code, Reported, Sink, did_you_mean, error};
use crate::document::{Node, NodeValue};
use crate::flow::{Argument, Expr, Part, Reference};
use crate::operation::{Accepts, Param};
use crate::source::Span;
use crate::trace::ArtifactKind;
use crate::value::{filter, member};

/// Names in a store, with the kind of each where it is known before the run.
pub type Held = BTreeMap<String, Option<ArtifactKind>>;

/// Deepest nesting of tables and lists in an argument.
const MAX_DEPTH: usize = 8;

/// Looks up names for one acting actor.
pub struct Scope<'s> {
    /// Who acts, for messages.
    pub actor: &'s str,
    /// What it holds; in an impersonated step also what the impersonated actor holds.
    pub held: &'s Held,
    /// The layouts of the flow.
    pub layouts: &'s Layouts,
    /// Steps that come later and would store a name, for hints.
    pub sink: &'s mut Sink,
}

impl Scope<'_> {
    /// The argument written at `node` for `param`.
    pub fn argument(&mut self, node: &Node, param: &Param) -> Option<Argument> {
        if param.accepts == Accepts::Layout {
            let layout = self.layouts.find(node, self.sink)?;
            return Some(Argument { expr: Expr::Layout(layout), span: node.span.clone() });
        }
        let argument = self.expression(node, 0)?;
        self.fits(&argument, node, param.name, &param.accepts).then_some(argument)
    }

    fn expression(&mut self, node: &Node, depth: usize) -> Option<Argument> {
        if depth > MAX_DEPTH {
            self.sink.error(Code::INVALID_VALUE, &node.span, format!("nested more than {MAX_DEPTH} deep"));
            return None;
        }
        let expr = match &node.value {
            NodeValue::Boolean(flag) => Expr::Boolean(*flag),
            NodeValue::Integer(number) => Expr::Number(*number),
            NodeValue::List(items) => {
                Expr::List(items.iter().map(|item| self.expression(item, depth + 1)).collect::<Option<_>>()?)
            }
            NodeValue::Table(entries) => Expr::Table(
                entries
                    .iter()
                    .map(|entry| Some((entry.key.clone(), self.expression(&entry.value, depth + 1)?)))
                    .collect::<Option<_>>()?,
            ),
            NodeValue::Text(text) => self.text(text, &node.span)?,
            NodeValue::Other(name) => {
                self.sink.error(Code::WRONG_TYPE, &node.span, format!("{name} cannot be an argument"));
                return None;
            }
        };
        Some(Argument { expr, span: node.span.clone() })
    }

    fn text(&mut self, text: &str, span: &Span) -> Option<Expr> {
        match parse_text(text) {
            Ok(expr) => {
                let are_held = references(&expr).into_iter().all(|reference| self.kind_of(reference, span).is_ok());
                are_held.then_some(expr)
            }
            Err(message) => {
                let hint = "write `$name`, `$name.member`, `${name|filter}`, or `$$` for a dollar";
                self.sink.push(error(Code::INVALID_REFERENCE, span, message).hint(hint));
                None
            }
        }
    }

    /// The kind of what `reference` leads to; `None` where only the run can tell.
    fn kind_of(&mut self, reference: &Reference, span: &Span) -> Result<Option<ArtifactKind>, Reported> {
        let Some(kind) = self.held.get(&reference.name) else {
            let hint = did_you_mean(&reference.name, self.held.keys().map(String::as_str));
            let message = format!("`{}` does not hold `{}`", self.actor, reference.name);
            self.sink.push(error(Code::NOT_HELD, span, message).maybe_hint(hint));
            return Err(Reported);
        };
        let mut kind = *kind;
        for name in &reference.members {
            match member::kind_of(kind, name) {
                Ok(next) => kind = next,
                Err(known) => {
                    let of = kind.map_or("value", ArtifactKind::title);
                    let message = format!("a {of} has no member `{name}`");
                    let hint = did_you_mean(name, known);
                    self.sink.push(error(Code::INVALID_REFERENCE, span, message).maybe_hint(hint));
                    return Err(Reported);
                }
            }
        }
        if reference.filters.len() > filter::MAX_FILTERS {
            let n_filters = reference.filters.len();
            let message = format!("{n_filters} filters, at most {} are allowed", filter::MAX_FILTERS);
            self.sink.error(Code::INVALID_REFERENCE, span, message);
            return Err(Reported);
        }
        for name in &reference.filters {
            if filter::find(name).is_none() {
                let hint = did_you_mean(name, filter::FILTERS.iter().map(|filter| filter.name));
                self.sink.push(
                    error(Code::INVALID_REFERENCE, span, format!("no filter is called `{name}`")).maybe_hint(hint),
                );
                return Err(Reported);
            }
        }
        Ok(if reference.filters.is_empty() { kind } else { Some(ArtifactKind::Text) })
    }

    fn fits(&mut self, argument: &Argument, node: &Node, name: &str, accepts: &Accepts) -> bool {
        let fits = match (accepts, &argument.expr) {
            // Whether it fits its field is for the layout to say, once all fields are read.
            (Accepts::Field, _)
            | (Accepts::Any | Accepts::Parts, Expr::Reference(_) | Expr::Template(_) | Expr::Number(_))
            | (Accepts::Boolean, Expr::Boolean(_))
            | (Accepts::Number, Expr::Number(_))
            | (Accepts::Table, Expr::Table(_)) => true,
            (Accepts::Number, Expr::Reference(reference)) => self.is_of(reference, &node.span, &[ArtifactKind::Number]),
            (Accepts::Table, Expr::Reference(reference)) => self.is_of(reference, &node.span, &[ArtifactKind::Members]),
            (Accepts::Choice(words), Expr::Template(parts)) => return self.is_choice(parts, node, name, words),
            (Accepts::Kinds(kinds) | Accepts::ListOf(kinds), Expr::Reference(reference)) => {
                self.is_of(reference, &node.span, kinds)
            }
            (Accepts::ListOf(kinds), Expr::List(items)) => {
                return items
                    .iter()
                    .zip(node.items())
                    .fold(true, |sound, (item, node)| self.fits(item, node, name, &Accepts::Kinds(kinds)) && sound);
            }
            (Accepts::Parts, Expr::List(items)) => {
                return items
                    .iter()
                    .zip(node.items())
                    .fold(true, |sound, (item, node)| self.fits(item, node, name, &Accepts::Any) && sound);
            }
            (Accepts::ListOf(kinds) | Accepts::Kinds(kinds), Expr::Template(_)) => kinds.contains(&ArtifactKind::Text),
            (Accepts::Metadata, Expr::Table(_)) => return self.is_metadata(argument, node),
            (Accepts::Text, Expr::Template(parts)) => {
                return parts.iter().fold(true, |sound, part| match part {
                    Part::Reference(reference) => self.is_text(reference, node) && sound,
                    Part::Literal(_) => sound,
                });
            }
            (Accepts::Text, Expr::Reference(reference)) => return self.is_text(reference, node),
            _ => false,
        };
        if !fits {
            let written = self.describe(&argument.expr, &node.span);
            let message = format!("`{name}` is {written}, expected {}", accepts.describe());
            self.sink.error(Code::WRONG_TYPE, &node.span, message);
        }
        fits
    }

    fn is_choice(&mut self, parts: &[Part], node: &Node, name: &str, words: &[&str]) -> bool {
        let text = node.as_text().unwrap_or_default();
        let is_known = matches!(parts, [] | [Part::Literal(_)]) && words.contains(&text);
        if !is_known {
            let hint = did_you_mean(text, words.iter().copied());
            self.sink
                .push(error(Code::INVALID_VALUE, &node.span, format!("`{name}` cannot be `{text}`")).maybe_hint(hint));
        }
        is_known
    }

    fn is_of(&mut self, reference: &Reference, span: &Span, kinds: &[ArtifactKind]) -> bool {
        self.kind_of(reference, span).is_ok_and(|kind| kind.is_none_or(|kind| kinds.contains(&kind)))
    }

    fn is_text(&mut self, reference: &Reference, node: &Node) -> bool {
        let texts = [ArtifactKind::Text, ArtifactKind::Token, ArtifactKind::QrPayload, ArtifactKind::Number];
        let Ok(kind) = self.kind_of(reference, &node.span) else { return false };
        let Some(kind) = kind.filter(|kind| !texts.contains(kind)) else { return true };
        let message = format!("`{}` is a {}, which is no text", reference.name, kind.title());
        let hint = format!("choose an encoding, such as `${{{}|base64}}`", reference.name);
        self.sink.push(error(Code::WRONG_TYPE, &node.span, message).hint(hint));
        false
    }

    /// Whether each member of a table is metadata, which a registry may keep and anyone may read.
    fn is_metadata(&mut self, argument: &Argument, node: &Node) -> bool {
        let Expr::Table(members) = &argument.expr else { return false };
        members.iter().fold(true, |sound, (name, member)| {
            let is_scalar = match &member.expr {
                Expr::Boolean(_) | Expr::Number(_) | Expr::Reference(_) | Expr::Template(_) => true,
                Expr::Layout(_) | Expr::List(_) | Expr::Table(_) => false,
            };
            if !is_scalar {
                let message = format!(
                    "`{name}` is {}, and a record has metadata only",
                    self.describe(&member.expr, &member.span)
                );
                self.sink.error(Code::WRONG_TYPE, &member.span, message);
                return false;
            }
            let is_plain =
                references(&member.expr).into_iter().all(|reference| self.is_plain(reference, name, &member.span));
            // A decoded message is no text; templates need a filter, and a reference alone must be text.
            let is_text = is_plain
                && match &member.expr {
                    Expr::Reference(reference) => self.is_text(reference, node),
                    Expr::Template(parts) => parts.iter().all(|part| match part {
                        Part::Reference(reference) => self.is_text(reference, node),
                        Part::Literal(_) => true,
                    }),
                    Expr::Boolean(_) | Expr::Layout(_) | Expr::List(_) | Expr::Number(_) | Expr::Table(_) => true,
                };
            is_text && sound
        })
    }

    /// Whether what `reference` leads to may be known to everyone: no secret, unless only its digest is kept, and no
    /// message, of which a registry keeps nothing.
    fn is_plain(&mut self, reference: &Reference, name: &str, span: &Span) -> bool {
        let own = Reference { filters: Vec::new(), ..reference.clone() };
        let Ok(Some(kind)) = self.kind_of(&own, span) else { return true };
        let what = match kind {
            ArtifactKind::Credential
            | ArtifactKind::PrivateKey
            | ArtifactKind::QrPayload
            | ArtifactKind::Secret
            | ArtifactKind::Session
            | ArtifactKind::Token
                if reference.filters.iter().all(|filter| filter != "sha256") =>
            {
                kind.title()
            }
            ArtifactKind::Members => {
                let message = format!("`{name}` is a decoded message, and a record has metadata only");
                self.sink.push(error(Code::WRONG_TYPE, span, message).hint("name the one member that is metadata"));
                return false;
            }
            _ => return true,
        };
        let message = format!("`{name}` is a {what}, and a record has metadata only");
        let hint = format!("keep its digest, `${{{}|sha256}}`", reference.name);
        self.sink.push(error(Code::WRONG_TYPE, span, message).hint(hint));
        false
    }

    fn describe(&mut self, expr: &Expr, span: &Span) -> String {
        match expr {
            Expr::Boolean(_) => "true or false".to_owned(),
            Expr::Layout(_) => "a layout".to_owned(),
            Expr::List(_) => "a list".to_owned(),
            Expr::Number(_) => "a number".to_owned(),
            Expr::Table(_) => "a table".to_owned(),
            Expr::Template(_) => "text".to_owned(),
            Expr::Reference(reference) => self
                .kind_of(reference, span)
                .ok()
                .flatten()
                .map_or("a value".to_owned(), |kind| format!("a {}", kind.title())),
        }
    }
}

/// The kind that an expression has, where it is known before the run.
pub fn expression_kind(expr: &Expr, held: &Held) -> Option<ArtifactKind> {
    match expr {
        Expr::Number(_) => Some(ArtifactKind::Number),
        Expr::Reference(reference) => reference
            .members
            .iter()
            .try_fold(held.get(&reference.name).copied().flatten(), |kind, name| member::kind_of(kind, name))
            .ok()
            .flatten(),
        Expr::Boolean(_) | Expr::Layout(_) | Expr::List(_) | Expr::Table(_) => None,
        Expr::Template(_) => Some(ArtifactKind::Text),
    }
}

fn references(expr: &Expr) -> Vec<&Reference> {
    match expr {
        Expr::Reference(reference) => vec![reference],
        Expr::Template(parts) => parts
            .iter()
            .filter_map(|part| match part {
                Part::Reference(reference) => Some(reference),
                Part::Literal(_) => None,
            })
            .collect(),
        Expr::Boolean(_) | Expr::Layout(_) | Expr::List(_) | Expr::Number(_) | Expr::Table(_) => Vec::new(),
    }
}

/// Reads `$name.member` as a reference and anything else as a template.
pub fn parse_text(text: &str) -> Result<Expr, String> {
    if let Some(path) = text.strip_prefix('$').filter(|rest| !rest.starts_with(['$', '{'])) {
        return Ok(Expr::Reference(parse_reference(path)?));
    }
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(dollar) = rest.find('$') {
        literal.push_str(&rest[..dollar]);
        let after = &rest[dollar + 1..];
        if let Some(next) = after.strip_prefix('$') {
            literal.push('$');
            rest = next;
        } else if let Some(inside) = after.strip_prefix('{') {
            let end = inside.find('}').ok_or("`${` has no `}`")?;
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
            }
            parts.push(Part::Reference(parse_reference(&inside[..end])?));
            rest = &inside[end + 1..];
        } else {
            return Err("a `$` inside of text needs braces".to_owned());
        }
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        parts.push(Part::Literal(literal));
    }
    Ok(Expr::Template(parts))
}

fn parse_reference(text: &str) -> Result<Reference, String> {
    let mut filters = text.split('|').map(str::trim);
    let mut path = filters.next().unwrap_or_default().split('.');
    let name = path.next().unwrap_or_default();
    let reference = Reference {
        name: name.to_owned(),
        members: path.map(str::to_owned).collect(),
        filters: filters.map(str::to_owned).collect(),
    };
    let is_name = |name: &String| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "-_:".contains(c));
    let all_named = is_name(&reference.name) && reference.members.iter().chain(&reference.filters).all(is_name);
    all_named.then_some(reference).ok_or_else(|| format!("`{text}` is not a name with members and filters"))
}
