//! DER (ITU-T X.690): single elements, and a walk that explains every byte of a structure.

mod oid;
pub mod schema;
mod walk;

pub use oid::oid_name;
pub use walk::{describe, layer};

/// Tag of a `BOOLEAN`.
pub const BOOLEAN: u8 = 0x01;
/// Tag of an `INTEGER`.
pub const INTEGER: u8 = 0x02;
/// Tag of a `BIT STRING`.
pub const BIT_STRING: u8 = 0x03;
/// Tag of an `OCTET STRING`.
pub const OCTET_STRING: u8 = 0x04;
/// Tag of a `NULL`.
pub const NULL: u8 = 0x05;
/// Tag of an `OBJECT IDENTIFIER`.
pub const OBJECT_IDENTIFIER: u8 = 0x06;
/// Tag of an `ENUMERATED`.
pub const ENUMERATED: u8 = 0x0a;
/// Tag of a `UTF8String`.
pub const UTF8_STRING: u8 = 0x0c;
/// Tag of a `PrintableString`.
pub const PRINTABLE_STRING: u8 = 0x13;
/// Tag of an `IA5String`.
pub const IA5_STRING: u8 = 0x16;
/// Tag of a `UTCTime`.
pub const UTC_TIME: u8 = 0x17;
/// Tag of a `GeneralizedTime`.
pub const GENERALIZED_TIME: u8 = 0x18;
/// Tag of a `SEQUENCE`.
pub const SEQUENCE: u8 = 0x30;
/// Tag of a `SET`.
pub const SET: u8 = 0x31;
/// ecdsa-with-SHA256 (RFC 5758, section 3.2).
pub const ECDSA_WITH_SHA256: &str = "1.2.840.10045.4.3.2";

/// Marks a tag as constructed (X.690, section 8.1.2.5).
const CONSTRUCTED: u8 = 0x20;

/// An element at the start of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Element {
    tag: u8,
    /// Bytes of tag and length.
    header: usize,
    /// Bytes of the content.
    content: usize,
}

impl Element {
    /// Reads the header of the element with which `bytes` begin; `None` unless all of the element is there.
    ///
    /// Tags above 30 and the indefinite length do not occur in what we read (X.690, sections 8.1.2.4 and 10.1).
    fn at_start(bytes: &[u8]) -> Option<Self> {
        let (&tag, &first) = (bytes.first()?, bytes.get(1)?);
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (header, content) = if first < 0x80 {
            (2, usize::from(first))
        } else {
            let n = usize::from(first & 0x7f);
            if n == 0 || n > 4 {
                return None;
            }
            let length = bytes.get(2..2 + n)?;
            (2 + n, length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)))
        };
        (bytes.len() >= header + content).then_some(Self { tag, header, content })
    }

    fn len(self) -> usize {
        self.header + self.content
    }

    fn is_constructed(self) -> bool {
        self.tag & CONSTRUCTED != 0
    }
}

/// An element with `tag` and `content`.
pub fn encode(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut der = vec![tag];
    let length = content.len().to_be_bytes();
    let significant = &length[length.iter().take_while(|byte| **byte == 0).count()..];
    match significant {
        [] => der.push(0),
        [short] if *short < 0x80 => der.push(*short),
        long => {
            der.push(0x80 | u8::try_from(long.len()).expect("a length has eight bytes at most"));
            der.extend(long);
        }
    }
    der.extend(content);
    der
}

/// Tag and content of the one element that `der` is.
pub fn single(der: &[u8]) -> Option<(u8, &[u8])> {
    let element = Element::at_start(der)?;
    (element.len() == der.len()).then(|| (element.tag, &der[element.header..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_their_short_and_long_forms() {
        assert_eq!(encode(SEQUENCE, &[]), [0x30, 0]);
        assert_eq!(encode(INTEGER, &[5]), [2, 1, 5]);
        assert_eq!(encode(OCTET_STRING, &[0; 0x80])[..3], [4, 0x81, 0x80]);
        assert_eq!(encode(OCTET_STRING, &[0; 0x100])[..4], [4, 0x82, 1, 0]);
    }

    #[test]
    fn single_elements_have_nothing_behind_them() {
        assert_eq!(single(&[2, 1, 5]), Some((INTEGER, &[5][..])));
        assert_eq!(single(&[2, 1, 5, 0]), None);
        assert_eq!(single(&[2, 2, 5]), None);
        assert_eq!(single(&[0x30, 0x80, 0, 0]), None);
    }
}
