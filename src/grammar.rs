//! What a file may contain: one table of keys feeds the check, the JSON Schema, the hints and the reference.

use serde_json::{Value, json};

use crate::diag::{Code, Sink, did_you_mean, error};
use crate::document::{Node, NodeValue};
use crate::source::Span;

/// A key of a table.
#[derive(Debug)]
pub struct Key {
    /// As it is written.
    pub name: &'static str,
    /// What its value looks like.
    pub shape: Shape,
    /// Whether the table must have it.
    pub is_required: bool,
    /// What it means, for editors and the reference.
    pub summary: &'static str,
}

/// What a value looks like.
#[derive(Debug)]
pub enum Shape {
    /// Arguments of an operation: a table of anything; the operation's parameters are checked where names are resolved.
    Arguments,
    /// `true` or `false`.
    Boolean,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A list of such values.
    List(&'static Shape),
    /// A table from names of the author's choice to such values.
    Map(&'static Shape),
    /// A whole number from the first to the second.
    Number(i64, i64),
    /// A table with these keys.
    Table(&'static [Key]),
    /// Text of at most so many characters.
    Text(usize),
}

/// An id: lower-case letters, digits and hyphens.
pub const ID: Shape = Shape::Text(MAX_ID);
/// A line of text.
pub const LINE: Shape = Shape::Text(240);
/// A paragraph.
pub const PROSE: Shape = Shape::Text(4000);

const MAX_ID: usize = 48;

/// A key that must be there.
pub const fn required(name: &'static str, shape: Shape, summary: &'static str) -> Key {
    Key { name, shape, is_required: true, summary }
}

/// A key that may be absent.
pub const fn optional(name: &'static str, shape: Shape, summary: &'static str) -> Key {
    Key { name, shape, is_required: false, summary }
}

/// Checks `node` against `shape`; `what` names the thing in messages. Whether nothing was wrong.
pub fn check(node: &Node, shape: &Shape, what: &str, sink: &mut Sink) -> bool {
    match (shape, &node.value) {
        (Shape::Table(keys), NodeValue::Table(_)) => check_table(node, keys, what, sink),
        (Shape::Map(shape), NodeValue::Table(entries)) => {
            // Every entry is checked, also after a mistake.
            let n_wrong = entries.iter().filter(|entry| !check(&entry.value, shape, &entry.key, sink)).count();
            n_wrong == 0
        }
        (Shape::List(shape), NodeValue::List(items)) => {
            let n_wrong = items.iter().filter(|item| !check(item, shape, what, sink)).count();
            n_wrong == 0
        }
        (Shape::Arguments, NodeValue::Table(_)) | (Shape::Boolean, NodeValue::Boolean(_)) => true,
        (Shape::Choice(words), NodeValue::Text(text)) => check_choice(text, words, what, &node.span, sink),
        (Shape::Number(least, most), NodeValue::Integer(number)) => {
            let fits = (least..=most).contains(&number);
            if !fits {
                sink.error(
                    Code::INVALID_VALUE,
                    &node.span,
                    format!("`{what}` is {number}, outside of {least} to {most}"),
                );
            }
            fits
        }
        (Shape::Text(most), NodeValue::Text(text)) => {
            let length = text.chars().count();
            if length > *most {
                sink.error(
                    Code::INVALID_VALUE,
                    &node.span,
                    format!("`{what}` has {length} characters, at most {most} are allowed"),
                );
            }
            length <= *most
        }
        _ => {
            let message = format!("`{what}` is {}, expected {}", node.type_name(), type_name(shape));
            sink.error(Code::WRONG_TYPE, &node.span, message);
            false
        }
    }
}

fn check_table(node: &Node, keys: &[Key], what: &str, sink: &mut Sink) -> bool {
    let mut sound = true;
    for entry in node.entries() {
        if let Some(key) = keys.iter().find(|key| key.name == entry.key) {
            sound &= check(&entry.value, &key.shape, key.name, sink);
        } else {
            sound = false;
            let hint = did_you_mean(&entry.key, keys.iter().map(|key| key.name));
            sink.push(
                error(Code::UNKNOWN_KEY, &entry.key_span, format!("unknown key `{}` in {what}", entry.key))
                    .maybe_hint(hint),
            );
        }
    }
    for key in keys.iter().filter(|key| key.is_required && node.find(key.name).is_none()) {
        sound = false;
        let message = format!("{what} has no `{}`", key.name);
        sink.push(error(Code::MISSING_KEY, &node.span, message).hint(format!("add `{}`: {}", key.name, key.summary)));
    }
    sound
}

fn check_choice(text: &str, words: &[&str], what: &str, span: &Span, sink: &mut Sink) -> bool {
    let is_known = words.contains(&text);
    if !is_known {
        let hint = did_you_mean(text, words.iter().copied());
        sink.push(error(Code::INVALID_VALUE, span, format!("`{what}` cannot be `{text}`")).maybe_hint(hint));
    }
    is_known
}

/// Checks that `text` can be an id: it becomes part of file names and anchors.
pub fn check_id(text: &str, span: &Span, sink: &mut Sink) -> bool {
    let fits = text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.len() <= MAX_ID
        && !text.ends_with('-')
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !fits {
        let message = format!("`{text}` cannot be an id");
        sink.push(error(Code::INVALID_VALUE, span, message).hint(format!(
            "an id begins with a lower-case letter and has lower-case letters, digits and hyphens, {MAX_ID} at most"
        )));
    }
    fits
}

fn type_name(shape: &Shape) -> &'static str {
    match shape {
        Shape::Arguments | Shape::Map(_) | Shape::Table(_) => "a table",
        Shape::Boolean => "true or false",
        Shape::Choice(_) | Shape::Text(_) => "text",
        Shape::List(_) => "a list",
        Shape::Number(..) => "a number",
    }
}

/// The JSON Schema (draft 2020-12) of a value.
pub fn schema(shape: &Shape) -> Value {
    match shape {
        Shape::Arguments => json!({ "type": "object" }),
        Shape::Boolean => json!({ "type": "boolean" }),
        Shape::Choice(words) => json!({ "enum": words }),
        Shape::List(shape) => json!({ "type": "array", "items": schema(shape) }),
        Shape::Map(shape) => json!({ "type": "object", "additionalProperties": schema(shape) }),
        Shape::Number(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Shape::Table(keys) => table_schema(keys),
        Shape::Text(most) => json!({ "type": "string", "maxLength": most }),
    }
}

fn table_schema(keys: &[Key]) -> Value {
    let properties: serde_json::Map<String, Value> = keys
        .iter()
        .map(|key| {
            let mut property = schema(&key.shape);
            property["description"] = Value::from(key.summary);
            (key.name.to_owned(), property)
        })
        .collect();
    let required: Vec<&str> = keys.iter().filter(|key| key.is_required).map(|key| key.name).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}
