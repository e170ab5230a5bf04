//! Reads DER (X.690) element by element, as a schema asks for it.

use super::Element;
use crate::crypto::refusal::Refusal;

/// What is left to read of the content of an element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Reader<'b> {
    /// Reads the elements of `bytes`.
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The one element of `bytes`, which has this tag.
    pub(crate) fn only(bytes: &'b [u8], tag: u8, what: &str) -> Result<Self, Refusal> {
        let mut reader = Self::new(bytes);
        let content = reader.take(tag, what)?;
        reader.finish(what)?;
        Ok(content)
    }

    /// Whether nothing is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.at == self.bytes.len()
    }

    /// What is left.
    pub(crate) fn rest(&self) -> &'b [u8] {
        &self.bytes[self.at..]
    }

    /// The content of the next element, called `what`, which has this tag.
    pub(crate) fn take(&mut self, tag: u8, what: &str) -> Result<Self, Refusal> {
        let element = self.next(what)?;
        if element.tag != tag {
            return Err(Refusal::malformed(format!("`{what}` has the tag {:#04x}, not {tag:#04x}", element.tag)));
        }
        Ok(Self::new(element.content(self.bytes)))
    }

    /// The same, where the next element has this tag; else nothing is read.
    pub(crate) fn take_if(&mut self, tag: u8, what: &str) -> Result<Option<Self>, Refusal> {
        if self.rest().first() == Some(&tag) { self.take(tag, what).map(Some) } else { Ok(None) }
    }

    /// The next element as it is written, with tag and length.
    pub(crate) fn raw(&mut self, what: &str) -> Result<&'b [u8], Refusal> {
        let element = self.next(what)?;
        Ok(&self.bytes[element.start..element.end])
    }

    /// Refuses what follows the last member of `what`.
    pub(crate) fn finish(self, what: &str) -> Result<(), Refusal> {
        match self.rest().len() {
            0 => Ok(()),
            left => Err(Refusal::malformed(format!("{left} bytes after `{what}`"))),
        }
    }

    fn next(&mut self, what: &str) -> Result<Element, Refusal> {
        let element = Element::read(self.bytes, self.at, self.bytes.len())
            .map_err(|why| Refusal::malformed(format!("`{what}`: {why}")))?;
        self.at = element.end;
        Ok(element)
    }
}

/// A SET OF these elements: in ascending order of their encodings (X.690, section 11.6), under this tag.
pub(crate) fn set_of(tag: u8, mut elements: Vec<Vec<u8>>) -> Vec<u8> {
    elements.sort();
    super::element(tag, &elements.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_in_order_and_nothing_is_left_unnoticed() {
        let mut members = Reader::only(&[0x30, 5, 2, 1, 7, 5, 0], 0x30, "pair").unwrap();
        assert_eq!(members.take_if(5, "null").unwrap().map(|null| null.is_empty()), None);
        assert_eq!(members.take(2, "number").unwrap().rest(), [7]);
        assert_eq!(members.finish("pair").unwrap_err().message, "2 bytes after `pair`");
        assert_eq!(members.raw("null").unwrap(), [5, 0]);
        assert!(members.is_empty());
        assert_eq!(members.take(5, "more").unwrap_err().code, "malformed");
        assert_eq!(Reader::only(&[0x31, 0], 0x30, "pair").unwrap_err().message, "`pair` has the tag 0x31, not 0x30");
        assert_eq!(Reader::only(&[0x30, 0, 0], 0x30, "pair").unwrap_err().message, "1 bytes after `pair`");
    }

    #[test]
    fn a_set_is_in_the_order_of_its_encodings() {
        assert_eq!(
            set_of(0x31, vec![vec![4, 1, 0], vec![2, 1, 9], vec![2, 1, 3]]),
            [0x31, 9, 2, 1, 3, 2, 1, 9, 4, 1, 0]
        );
    }
}
