//! Bytes, and what each of them means.

use std::fmt;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

/// One reading of bytes, with each byte explained.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Layer {
    /// What these bytes are: `TLS record`, `HTTP request`.
    pub name: String,
    /// Whether they were encrypted on the link and decrypted for display.
    pub decrypted: bool,
    /// The bytes.
    pub bytes: Bytes,
    /// Fields in order; together they cover every byte.
    pub fields: Vec<Field>,
}

/// A run of bytes with its meaning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Field {
    /// Name in the standard that defines it.
    pub name: String,
    /// First byte, counted in the layer.
    pub start: usize,
    /// First byte after the field.
    pub end: usize,
    /// The decoded value, for people.
    pub value: String,
}

/// Bytes that serialise as lower-case hexadecimal digits.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub Vec<u8>);

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", hex::encode(&self.0))
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(&self.0))
    }
}

impl JsonSchema for Bytes {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Bytes".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^([0-9a-f]{2})*$", "description": "bytes as lower-case hexadecimal digits" })
    }
}

impl Layer {
    /// Whether the fields follow each other without gap or overlap and cover every byte.
    pub fn is_complete(&self) -> bool {
        let mut at = 0;
        for field in &self.fields {
            if field.start != at || field.end <= field.start {
                return false;
            }
            at = field.end;
        }
        at == self.bytes.0.len()
    }
}

/// Reads bytes from front to back and notes what each of them means.
///
/// It never fails: a field that is cut short takes what is left and says so, which suits bytes that an attacker changed.
#[derive(Debug)]
pub struct Annotator<'a> {
    bytes: &'a [u8],
    at: usize,
    fields: Vec<Field>,
}

impl<'a> Annotator<'a> {
    /// Starts at the first of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, fields: vec![] }
    }

    /// Bytes that no field covers yet.
    pub fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    /// How many bytes no field covers yet.
    pub fn remaining(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// The next `n` bytes are the field `name`, whose value `show` decodes; gives those bytes, fewer at the end.
    pub fn field(&mut self, name: impl Into<String>, n: usize, show: impl FnOnce(&'a [u8]) -> String) -> &'a [u8] {
        let start = self.at;
        self.at = start.saturating_add(n).min(self.bytes.len());
        let content = &self.bytes[start..self.at];
        if !content.is_empty() {
            let value = if content.len() < n {
                format!("cut short after {} of {n} bytes", content.len())
            } else {
                show(content)
            };
            self.fields.push(Field { name: name.into(), start, end: self.at, value });
        }
        content
    }

    /// A big-endian number of `n` bytes, eight at most.
    pub fn number(&mut self, name: impl Into<String>, n: usize) -> usize {
        self.coded(name, n, |number| number.to_string())
    }

    /// A big-endian number of `n` bytes, shown by what it stands for.
    pub fn coded(&mut self, name: impl Into<String>, n: usize, show: impl FnOnce(usize) -> String) -> usize {
        let content = self.field(name, n, |content| show(big_endian(content)));
        big_endian(content)
    }

    /// Bytes without inner structure, shown as hexadecimal digits.
    pub fn opaque(&mut self, name: impl Into<String>, n: usize) -> &'a [u8] {
        self.field(name, n, hex::encode)
    }

    /// Takes over `fields` that somebody else found in the next bytes, counted from here; they must lie in the rest.
    pub fn nest(&mut self, fields: Vec<Field>) {
        let base = self.at;
        for field in fields {
            self.at = base + field.end;
            self.fields.push(Field { start: base + field.start, end: base + field.end, ..field });
        }
    }

    /// Ends the reading; bytes that are left over become a field of their own.
    pub fn finish(mut self) -> Vec<Field> {
        let n = self.remaining();
        self.opaque("unexpected bytes", n);
        self.fields
    }

    /// Ends the reading and makes a layer of it.
    pub fn layer(self, name: impl Into<String>, decrypted: bool) -> Layer {
        let bytes = Bytes(self.bytes.to_vec());
        Layer { name: name.into(), decrypted, bytes, fields: self.finish() }
    }
}

fn big_endian(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complete_layer_covers_each_byte_once() {
        let mut reader = Annotator::new(&[0, 2, 7, 8, 9]);
        let n = reader.number("length", 2);
        assert_eq!(reader.opaque("body", n), [7, 8]);
        let mut layer = reader.layer("test", false);
        assert!(layer.is_complete());
        assert_eq!(layer.fields[2].name, "unexpected bytes");
        layer.fields.remove(1);
        assert!(!layer.is_complete());
    }

    #[test]
    fn a_field_that_is_cut_short_says_so() {
        let mut reader = Annotator::new(&[1, 2]);
        assert_eq!(reader.opaque("body", 9), [1, 2]);
        assert_eq!(reader.number("length", 2), 0);
        let layer = reader.layer("test", false);
        assert!(layer.is_complete());
        assert_eq!(layer.fields[0].value, "cut short after 2 of 9 bytes");
    }
}
