//! Reads nested vectors (RFC 8446 3.4) and explains every byte that it passes.

use crate::annotation::Field;
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
        self.pass(name, self.left(), words);
    }

    /// Reads a big-endian number of up to four bytes, explained by `words`.
    pub(super) fn number(&mut self, name: &str, len: usize, words: impl FnOnce(u32) -> String) -> Option<u32> {
        let number = self.peek(len)?.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
        self.pass(name, len, words(number));
        Some(number)
    }

    /// Reads bytes that have no structure.
    pub(super) fn opaque(&mut self, name: &str, len: usize) -> Option<&'b [u8]> {
        let bytes = self.peek(len)?;
        self.pass(name, len, der::shown(bytes));
        Some(bytes)
    }

    /// Reads text.
    pub(super) fn text(&mut self, name: &str, len: usize) -> Option<()> {
        let bytes = self.peek(len)?;
        let words =
            std::str::from_utf8(bytes).map_or_else(|_| der::shown(bytes), |text| text.escape_debug().to_string());
        self.pass(name, len, words);
        Some(())
    }

    /// Reads what is left in the innermost vector as bytes without structure.
    #[expect(clippy::unnecessary_wraps, reason = "ends the readers of vectors")]
    pub(super) fn rest(&mut self, name: &str) -> Option<()> {
        self.opaque(name, self.left());
        Some(())
    }

    /// Reads what is left in the innermost vector as text.
    pub(super) fn rest_text(&mut self, name: &str) -> Option<()> {
        self.text(name, self.left())
    }

    /// Reads what is left in the innermost vector as DER where it is, else as bytes without structure.
    pub(super) fn rest_der(&mut self, name: &str) -> Option<()> {
        let bytes = &self.bytes[self.at..self.end];
        if !der::is_sequence(bytes) {
            return self.rest(name);
        }
        let shift = self.at;
        self.fields.extend(der::describe(bytes).into_iter().map(|field| field.shifted(shift)));
        self.at = self.end;
        Some(())
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

    fn pass(&mut self, name: &str, len: usize, value: String) {
        if len > 0 {
            self.fields.push(Field::new(name, self.at..self.at + len, value));
        }
        self.at += len;
    }
}
