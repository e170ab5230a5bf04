//! Reads nested vectors (RFC 8446 3.4) and explains every byte that it passes.

use crate::annotation::{Field, Kind};
use crate::crypto::der;

/// Bytes being read; `end` is that of the innermost vector.
pub(super) struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
    end: usize,
    fields: Vec<Field>,
}

impl<'b> Reader<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, at: 0, end: bytes.len(), fields: Vec::new() }
    }

    pub(super) fn finish(self) -> Vec<Field> {
        self.fields
    }

    pub(super) fn left(&self) -> usize {
        self.end - self.at
    }

    pub(super) fn starts_with(&self, bytes: &[u8]) -> bool {
        self.bytes[self.at..self.end].starts_with(bytes)
    }

    /// Reads up to the end with `read`; bytes that it leaves are explained as such.
    pub(super) fn whole(&mut self, read: impl FnOnce(&mut Self) -> Option<()>) {
        let was_read = read(self).is_some();
        let name = if was_read { "rest" } else { "malformed" };
        let words = der::shown(&self.bytes[self.at..self.end]);
        let kind = if was_read { Kind::Plain } else { Kind::Malformed };
        self.pass(name, self.left(), words, kind);
    }

    /// Reads a big-endian number of up to four bytes, explained by `words`.
    pub(super) fn number(&mut self, name: &str, len: usize, words: impl FnOnce(u32) -> String) -> Option<u32> {
        let number = self.peek(len)?.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
        self.pass(name, len, words(number), Kind::Plain);
        Some(number)
    }

    /// Reads bytes that have no structure.
    pub(super) fn opaque(&mut self, kind: Kind, name: &str, len: usize) -> Option<&'b [u8]> {
        let bytes = self.peek(len)?;
        self.pass(name, len, der::shown(bytes), kind);
        Some(bytes)
    }

    /// Reads bytes that `words` explains.
    pub(super) fn opaque_as(
        &mut self,
        kind: Kind,
        name: &str,
        len: usize,
        words: impl FnOnce(&[u8]) -> String,
    ) -> Option<()> {
        let bytes = self.peek(len)?;
        self.pass(name, len, words(bytes), kind);
        Some(())
    }

    /// Reads text.
    pub(super) fn text(&mut self, name: &str, len: usize) -> Option<()> {
        let bytes = self.peek(len)?;
        let words =
            std::str::from_utf8(bytes).map_or_else(|_| der::shown(bytes), |text| text.escape_debug().to_string());
        self.pass(name, len, words, Kind::Text);
        Some(())
    }

    /// Reads what is left in the innermost vector as bytes without structure.
    #[expect(clippy::unnecessary_wraps, reason = "ends the readers of vectors")]
    pub(super) fn rest(&mut self, kind: Kind, name: &str) -> Option<()> {
        self.opaque(kind, name, self.left());
        Some(())
    }

    /// Reads what is left in the innermost vector as text.
    pub(super) fn rest_text(&mut self, name: &str) -> Option<()> {
        self.text(name, self.left())
    }

    /// Reads what is left in the innermost vector as DER where it is, else as bytes of this kind.
    pub(super) fn rest_der(&mut self, kind: Kind, name: &str) -> Option<()> {
        let bytes = &self.bytes[self.at..self.end];
        if !der::is_sequence(bytes) {
            return self.rest(kind, name);
        }
        self.rest_fields(name, der::describe(bytes))
    }

    /// Reads `len` bytes as one field with `fields` in it, which are counted from its start.
    pub(super) fn explained(&mut self, name: &str, len: usize, fields: Vec<Field>) -> Option<()> {
        self.peek(len)?;
        if len > 0 {
            let inside = fields.into_iter().map(|field| field.shifted(self.at)).collect();
            self.fields.push(Field::new(name, self.at..self.at + len, "").with_fields(inside));
            self.at += len;
        }
        Some(())
    }

    /// The same with what is left in the innermost vector.
    pub(super) fn rest_fields(&mut self, name: &str, fields: Vec<Field>) -> Option<()> {
        self.explained(name, self.left(), fields)
    }

    /// The bytes left in the innermost vector.
    pub(super) fn peek_rest(&self) -> &'b [u8] {
        &self.bytes[self.at..self.end]
    }

    /// Reads a vector: a length of `len` bytes, then content for `read`, which cannot look beyond it.
    pub(super) fn vector(&mut self, name: &str, len: usize, read: impl FnOnce(&mut Self) -> Option<()>) -> Option<()> {
        let n_bytes = self.number(name, len, |number| number.to_string())? as usize;
        let outer = self.end;
        if n_bytes > self.left() {
            return None;
        }
        self.end = self.at + n_bytes;
        self.whole(read);
        self.end = outer;
        Some(())
    }

    /// Reads elements with `read` up to the end of the innermost vector.
    pub(super) fn each(&mut self, mut read: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        while self.left() > 0 {
            let before = self.at;
            read(self)?;
            if self.at == before {
                return None;
            }
        }
        Some(())
    }

    fn peek(&self, len: usize) -> Option<&'b [u8]> {
        self.bytes[self.at..self.end].get(..len)
    }

    fn pass(&mut self, name: &str, len: usize, value: String, kind: Kind) {
        if len > 0 {
            self.fields.push(Field::new(name, self.at..self.at + len, value).of(kind));
        }
        self.at += len;
    }
}
