//! `data/identifiers.toml`: the entries of public catalogues that a project may name.

use std::sync::Arc;

use crate::diag::{Code, Sink, did_you_mean, error};
use crate::document::{self, Entry, Node};
use crate::grammar::{Key, LINE, Shape, required};
use crate::source::{Sources, Span};

/// Path of the list in a project.
pub const PATH: &str = "data/identifiers.toml";

/// Newest edition of the list's format.
const EDITION: i64 = 1;

const CATALOGUE: &[Key] = &[
    required("version", LINE, "what was looked up: its edition or date"),
    required("entries", Shape::Map(&LINE), "ids with the names that the publisher gives them"),
];

/// Keys of the list.
pub const IDENTIFIERS: &[Key] = &[
    required("edition", Shape::Number(1, EDITION), "edition of the format"),
    required("catalogues", Shape::Map(&Shape::Table(CATALOGUE)), "public catalogues, by name"),
];

/// Reports references, by `id` and `name`, that the list does not have; a project without a list may name any.
pub fn check<'n>(references: impl Iterator<Item = &'n Node>, sources: &Sources, sink: &mut Sink) {
    let Some(list) = parse(sources, sink) else { return };
    let catalogues = list.find("catalogues").map(Node::entries).unwrap_or_default();
    let known: Vec<&Entry> =
        catalogues.iter().filter_map(|catalogue| catalogue.value.find("entries")).flat_map(Node::entries).collect();
    for reference in references.flat_map(Node::items) {
        let (Some(id), Some(name)) = (reference.find("id"), reference.find("name")) else { continue };
        let text = id.as_text().unwrap_or_default();
        match known.iter().find(|entry| entry.key == text) {
            None => {
                let found = error(Code::UNKNOWN_NAME, &id.span, format!("no public catalogue has `{text}`"));
                let hint = format!("look it up at its publisher, and add it to `{PATH}`");
                let close = did_you_mean(text, known.iter().map(|entry| entry.key.as_str()));
                sink.push(found.maybe_hint(close).hint(hint));
            }
            Some(entry) if entry.value.as_text() != name.as_text() => {
                let published = entry.value.as_text().unwrap_or_default();
                let message = format!("`{text}` has another name at its publisher");
                sink.push(error(Code::INVALID_VALUE, &name.span, message).hint(format!("write `{published}`")));
            }
            Some(_) => {}
        }
    }
}

fn parse(sources: &Sources, sink: &mut Sink) -> Option<Node> {
    let text = sources.text(PATH)?;
    let path: Arc<str> = PATH.into();
    let mut node = document::parse(&path, text, sink)?;
    node.span = Span::new(&path, 0..text.find('\n').unwrap_or(text.len()));
    crate::grammar::check(&node, &Shape::Table(IDENTIFIERS), "the list of identifiers", sink).then_some(node)
}
