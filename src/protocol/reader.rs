//! Reads a message field by field and explains every byte that it passes.

use super::{Malformed, count_bytes, ensure};
use crate::annotation::{Field, Kind};

/// A message being read.
pub(super) struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
    fields: Vec<Field>,
}

impl<'b> Reader<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, at: 0, fields: Vec::new() }
    }

    /// Reads `len` bytes as the field `name`; `decode` gives their value and its words for people.
    pub(super) fn field<T>(
        &mut self,
        name: &str,
        len: usize,
        decode: impl FnOnce(&'b [u8]) -> Result<(T, String), Malformed>,
    ) -> Result<T, Malformed> {
        let left = self.left();
        ensure(len <= left, || format!("`{name}` needs {}, {left} are left", count_bytes(len)))?;
        let (value, words) = decode(&self.bytes[self.at..self.at + len]).map_err(|malformed| malformed.inside(name))?;
        self.pass(name, len, words);
        Ok(value)
    }

    /// Reads one byte.
    pub(super) fn byte<T>(
        &mut self,
        name: &str,
        decode: impl FnOnce(u8) -> Result<(T, String), Malformed>,
    ) -> Result<T, Malformed> {
        self.field(name, 1, |bytes| decode(bytes[0]))
    }

    /// Reads two bytes, the most significant first.
    pub(super) fn number(
        &mut self,
        name: &str,
        check: impl FnOnce(u16) -> Result<(), Malformed>,
    ) -> Result<u16, Malformed> {
        self.field(name, 2, |bytes| {
            let number = u16::from_be_bytes([bytes[0], bytes[1]]);
            check(number)?;
            Ok((number, number.to_string()))
        })
    }

    /// How many bytes are left.
    pub(super) fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// The bytes not read yet.
    pub(super) fn rest(&self) -> &'b [u8] {
        &self.bytes[self.at..]
    }

    /// Refuses bytes after the end of the message.
    pub(super) fn end(&self) -> Result<(), Malformed> {
        let left = self.left();
        ensure(left == 0, || format!("{} after the end of the message", count_bytes(left)))
    }

    /// The fields so far; where reading failed, the last one says why and covers the bytes that were not read.
    pub(super) fn into_fields(mut self, malformed: Option<&Malformed>) -> Vec<Field> {
        let Some(Malformed { message }) = malformed else { return self.fields };
        let left = self.left();
        if left > 0 {
            self.pass("malformed", left, message.clone());
            if let Some(last) = self.fields.last_mut() {
                last.kind = Kind::Malformed;
            }
        } else if let Some(last) = self.fields.last_mut() {
            last.value = format!("{} (malformed: {message})", last.value);
        }
        self.fields
    }

    fn pass(&mut self, name: &str, len: usize, value: String) {
        if len > 0 {
            self.fields.push(Field::new(name, self.at..self.at + len, value));
        }
        self.at += len;
    }
}
