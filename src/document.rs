//! A TOML file as a tree in which every key and every value knows its place.

use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use crate::diag::{Code, Sink};
use crate::source::Span;

/// A value with its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it is written.
    pub span: Span,
    /// What is written.
    pub value: NodeValue,
}

/// What is written.
#[derive(Clone, Debug)]
pub enum NodeValue {
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A list.
    List(Vec<Node>),
    /// Something that no format of ours uses: a date, a number with a fraction.
    Other(&'static str),
    /// A table, its entries in the order of the file.
    Table(Vec<Entry>),
    /// Text.
    Text(String),
}

/// A key with its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key is written.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

impl Node {
    /// What the value is, for messages.
    pub fn type_name(&self) -> &'static str {
        match &self.value {
            NodeValue::Boolean(_) => "true or false",
            NodeValue::Integer(_) => "a number",
            NodeValue::List(_) => "a list",
            NodeValue::Other(name) => name,
            NodeValue::Table(_) => "a table",
            NodeValue::Text(_) => "text",
        }
    }

    /// The entries of a table; none for anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            NodeValue::Table(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; none for anything else.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            NodeValue::List(items) => items,
            _ => &[],
        }
    }

    /// The member called `key`.
    pub fn find(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The text, where it is text.
    pub fn as_text(&self) -> Option<&str> {
        match &self.value {
            NodeValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// `true` or `false`, where it is one of them.
    pub fn as_boolean(&self) -> Option<bool> {
        match self.value {
            NodeValue::Boolean(flag) => Some(flag),
            _ => None,
        }
    }

    /// The number, where it is one.
    pub fn as_integer(&self) -> Option<i64> {
        match self.value {
            NodeValue::Integer(number) => Some(number),
            _ => None,
        }
    }

    /// The text of the member called `key`; empty where there is none.
    pub fn text(&self, key: &str) -> &str {
        self.find(key).and_then(Self::as_text).unwrap_or_default()
    }

    /// How much it is: a unit for each value in it, and for each 64 bytes of text.
    pub fn weight(&self) -> usize {
        1 + match &self.value {
            NodeValue::Boolean(_) | NodeValue::Integer(_) | NodeValue::Other(_) => 0,
            NodeValue::List(items) => items.iter().map(Self::weight).sum(),
            NodeValue::Table(entries) => {
                entries.iter().map(|entry| entry.key.len() / TEXT_UNIT + entry.value.weight()).sum()
            }
            NodeValue::Text(text) => text.len() / TEXT_UNIT,
        }
    }

    /// The texts of the list called `key`.
    pub fn texts(&self, key: &str) -> Vec<String> {
        self.find(key)
            .map(Self::items)
            .unwrap_or_default()
            .iter()
            .filter_map(Self::as_text)
            .map(str::to_owned)
            .collect()
    }
}

/// Bytes of text that weigh as much as a value.
const TEXT_UNIT: usize = 64;

/// Most bytes of a file; the largest that we ship has a fifth of it.
pub const MAX_BYTES: usize = 512 * 1024;

/// Reads the TOML text of the file at `path`; every mistake of syntax is reported.
pub fn parse(path: &Arc<str>, text: &str, sink: &mut Sink) -> Option<Node> {
    if text.len() > MAX_BYTES {
        let first_line = Span::new(path, 0..text.find('\n').unwrap_or(0));
        let message = format!("the file has {} bytes, at most {MAX_BYTES} are read", text.len());
        sink.error(Code::INVALID_VALUE, &first_line, message);
        return None;
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    let is_sound = errors.is_empty();
    for error in errors {
        let span = Span::new(path, error.span().unwrap_or(0..0));
        sink.error(Code::INVALID_TOML, &span, error.message().to_lowercase());
    }
    is_sound.then(|| Node { span: Span::new(path, 0..0), value: table_of(path, table.get_ref()) })
}

fn table_of(path: &Arc<str>, table: &DeTable<'_>) -> NodeValue {
    let mut entries: Vec<Entry> = table
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref().to_string(),
            key_span: Span::new(path, key.span()),
            value: node_of(path, value.span(), value.get_ref()),
        })
        .collect();
    entries.sort_by_key(|entry| entry.key_span.start);
    NodeValue::Table(entries)
}

fn node_of(path: &Arc<str>, range: std::ops::Range<usize>, value: &DeValue<'_>) -> Node {
    let value = match value {
        DeValue::String(text) => NodeValue::Text(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(NodeValue::Other("a number out of range"), NodeValue::Integer),
        DeValue::Float(_) => NodeValue::Other("a number with a fraction"),
        DeValue::Boolean(flag) => NodeValue::Boolean(*flag),
        DeValue::Datetime(_) => NodeValue::Other("a date"),
        DeValue::Array(items) => {
            NodeValue::List(items.iter().map(|item| node_of(path, item.span(), item.get_ref())).collect())
        }
        DeValue::Table(table) => table_of(path, table),
    };
    Node { span: Span::new(path, range), value }
}
