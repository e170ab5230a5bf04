//! Writes a message and the explanation of its bytes in one pass, so that neither can drift from the other.

use super::Encoded;
use crate::annotation::{Field, Kind, Layer};

/// A message being written.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
    fields: Vec<Field>,
}

impl Writer {
    /// Appends `bytes`, explained as `value`; nothing happens where there are none.
    pub fn field(&mut self, name: impl Into<String>, bytes: &[u8], value: impl Into<String>) {
        self.of(Kind::Plain, name, bytes, value);
    }

    /// Appends `bytes` of this kind, explained as `value`; nothing happens where there are none.
    pub fn of(&mut self, kind: Kind, name: impl Into<String>, bytes: &[u8], value: impl Into<String>) {
        if bytes.is_empty() {
            return;
        }
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        self.push(Field::new(name, start..self.bytes.len(), value).of(kind));
    }

    /// Appends what `write` writes as one field with fields in it.
    pub fn within(&mut self, name: impl Into<String>, value: impl Into<String>, write: impl FnOnce(&mut Self)) {
        let before = std::mem::take(&mut self.fields);
        let start = self.bytes.len();
        write(self);
        let inside = std::mem::replace(&mut self.fields, before);
        self.push(Field::new(name, start..self.bytes.len(), value).with_fields(inside));
    }

    /// Appends `encoded`, which is an encoding of the bytes of `layer`.
    pub fn decoding_to(&mut self, layer: Layer, name: impl Into<String>, encoded: &[u8], value: impl Into<String>) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(encoded);
        self.push(Field::new(name, start..self.bytes.len(), value).decoding_to(layer));
    }

    /// Appends the bytes of `encoded` as one field with its fields in it.
    pub fn nested(&mut self, name: impl Into<String>, encoded: Encoded) {
        let start = self.bytes.len();
        self.bytes.extend(encoded.bytes);
        let inside = encoded.fields.into_iter().map(|field| field.shifted(start)).collect();
        self.push(Field::new(name, start..self.bytes.len(), "").with_fields(inside));
    }

    fn push(&mut self, field: Field) {
        if field.start < field.end {
            self.fields.push(field);
        }
    }

    /// Appends text that explains itself.
    pub fn text(&mut self, name: impl Into<String>, text: &str) {
        self.field(name, text.as_bytes(), text);
    }

    /// Appends bytes of which nothing is known but what they show.
    pub fn opaque(&mut self, name: impl Into<String>, bytes: &[u8]) {
        self.field(name, bytes, shown(bytes));
    }

    /// The finished message.
    #[must_use]
    pub fn finish(self) -> Encoded {
        Encoded { bytes: self.bytes, fields: self.fields }
    }
}

/// Bytes for people: as text where they are printable, else as hexadecimal digits, shortened beyond 64 bytes.
#[must_use]
pub fn shown(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.chars().all(|c| !c.is_control() || c == '\n') => text.to_owned(),
        Ok(_) | Err(_) if bytes.len() <= LONGEST_SHOWN => hex::encode(bytes),
        Ok(_) | Err(_) => format!("{}… ({} bytes)", hex::encode(&bytes[..LONGEST_SHOWN]), bytes.len()),
    }
}

const LONGEST_SHOWN: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::testing::explained;

    #[test]
    fn fields_follow_one_another() {
        let mut writer = Writer::default();
        writer.text("prefix", "MT:");
        writer.field("nothing", b"", "");
        writer.opaque("nonce", &[0, 1, 255]);
        let encoded = writer.finish();
        assert_eq!(encoded.fields.len(), 2);
        assert_eq!(encoded.fields[1].value, "0001ff");
        assert_eq!(explained(encoded), b"MT:\x00\x01\xff");
    }

    #[test]
    fn long_bytes_are_shortened() {
        assert!(shown(&[0; 65]).ends_with("… (65 bytes)"));
        assert_eq!(shown("grüß".as_bytes()), "grüß");
    }
}
