//! Explains DER: every byte becomes part of one field.

use super::schema::{Part, member};
use super::{
    BIT_STRING, BOOLEAN, ENUMERATED, Element, GENERALIZED_TIME, INTEGER, NULL, OBJECT_IDENTIFIER, OCTET_STRING,
    SEQUENCE, SET, UTC_TIME, oid,
};
use crate::annotation::{Bytes, Field, Layer};

/// Deeper nesting than any structure has; what lies deeper is shown as a whole.
const MAX_DEPTH: usize = 32;

/// Fields that cover `der` without gaps, named by `schema` as far as it reaches.
///
/// Tag and length of an element are one field, its content another, or those of the elements inside.
/// Bytes that are no DER become one field that says so.
pub fn describe(der: &[u8], schema: &'static Part) -> Vec<Field> {
    let mut walk = Walk { der, fields: vec![] };
    let end = walk.element(0, der.len(), &Name { context: "", part: Some(schema) }, 0).unwrap_or(0);
    walk.push("malformed", end, der.len(), format!("{} bytes that are no DER", der.len() - end));
    walk.fields
}

/// A layer called `name` over `der`.
pub fn layer(name: impl Into<String>, der: &[u8], schema: &'static Part) -> Layer {
    Layer { name: name.into(), decrypted: false, bytes: Bytes(der.to_vec()), fields: describe(der, schema) }
}

/// What an element is called: its part of the schema, if that reaches so far, within a named surrounding.
struct Name<'a> {
    context: &'a str,
    part: Option<&'static Part>,
}

impl Name<'_> {
    fn text(&self, tag: u8) -> String {
        match (self.context, self.part.map_or("", |part| part.name)) {
            ("", "") => type_name(tag).to_owned(),
            (context, "") if self.part.is_none() => {
                format!("{context}.{}", member(context, tag).unwrap_or(type_name(tag)))
            }
            (context, "") => context.to_owned(),
            ("", name) => name.to_owned(),
            (context, name) => format!("{context}.{name}"),
        }
    }

    /// The surrounding of the elements inside: the nearest name.
    fn context_within(&self) -> String {
        let name = self.part.map_or("", |part| part.name);
        if name.is_empty() { self.context.to_owned() } else { name.to_owned() }
    }
}

struct Walk<'a> {
    der: &'a [u8],
    fields: Vec<Field>,
}

impl Walk<'_> {
    fn push(&mut self, name: impl Into<String>, start: usize, end: usize, value: String) {
        if start < end {
            self.fields.push(Field { name: name.into(), start, end, value });
        }
    }

    /// Explains the element at `start`; its end, or `None` (and no fields) where there is none before `end`.
    fn element(&mut self, start: usize, end: usize, name: &Name<'_>, depth: usize) -> Option<usize> {
        let element = Element::at_start(&self.der[start..end])?;
        let (content, stop) = (start + element.header, start + element.len());
        let text = name.text(element.tag);
        // RFC 5280's bit strings that wrap DER or a point have no unused bits; their count goes with the header.
        let content = if element.tag == BIT_STRING && element.content > 0 { content + 1 } else { content };
        let n = stop - content;
        self.push(&text, start, content, format!("{}, {n} {}", type_name(element.tag), plural(n)));
        if element.is_constructed() && depth < MAX_DEPTH {
            self.elements(content, stop, name, depth);
        } else if !self.wrapped(element.tag, content, stop, name, depth) {
            self.push(&text, content, stop, value(element.tag, &self.der[content..stop], self.der[content - 1]));
        }
        Some(stop)
    }

    /// Explains the elements from `start` to `end`, each named by the next part of the schema whose tag fits.
    fn elements(&mut self, start: usize, end: usize, name: &Name<'_>, depth: usize) {
        let mut parts = name.part.map_or(&[][..], |part| part.parts);
        let mut context = name.context_within();
        let mut at = start;
        while at < end {
            let tag = self.der[at];
            let skip = parts.iter().position(|part| part.tag == 0 || part.tag == tag);
            let part = skip.map(|skip| &parts[skip]);
            if let (Some(skip), Some(part)) = (skip, part) {
                parts = &parts[if part.many { skip } else { skip + 1 }..];
            }
            let Some(next) = self.element(at, end, &Name { context: &context, part }, depth + 1) else {
                self.push(format!("{context}.malformed"), at, end, format!("{} bytes that are no DER", end - at));
                return;
            };
            // An extension or attribute is best known by its type.
            if tag == OBJECT_IDENTIFIER && part.is_some_and(|part| matches!(part.name, "extnID" | "type")) {
                let identifier = self.fields.last().map(|field| field.value.clone()).unwrap_or_default();
                let kind = identifier.split(' ').next().unwrap_or_default();
                context = if context == "extension" || context == "attribute" {
                    kind.to_owned()
                } else {
                    format!("{context}.{kind}")
                };
            }
            at = next;
        }
    }

    /// Explains the DER inside of a string, where the schema says that there is some; whether it was there.
    fn wrapped(&mut self, tag: u8, start: usize, end: usize, name: &Name<'_>, depth: usize) -> bool {
        let Some(inner) = name.part.and_then(|part| part.parts.first()) else { return false };
        if !matches!(tag, BIT_STRING | OCTET_STRING) || depth >= MAX_DEPTH {
            return false;
        }
        let is_whole = Element::at_start(&self.der[start..end]).is_some_and(|element| element.len() == end - start);
        if is_whole {
            let context = if inner.name.is_empty() { name.context.to_owned() } else { name.context_within() };
            self.element(start, end, &Name { context: &context, part: Some(inner) }, depth + 1);
        }
        is_whole
    }
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "byte" } else { "bytes" }
}

/// The content of a primitive element for people; `before` is the byte in front of it.
fn value(tag: u8, content: &[u8], before: u8) -> String {
    match tag {
        BOOLEAN => if content == [0] { "FALSE" } else { "TRUE" }.to_owned(),
        INTEGER | ENUMERATED if content.len() < 8 => integer(content).to_string(),
        OBJECT_IDENTIFIER => oid::dotted(content).map_or_else(|| hex::encode(content), |dotted| identifier(&dotted)),
        UTC_TIME | GENERALIZED_TIME => time(tag, content),
        // Short bit strings are sets of named bits, which the decoded view names.
        BIT_STRING if content.len() <= 2 => {
            let bits: Vec<_> = content.iter().map(|byte| format!("{byte:08b}")).collect();
            format!("{}, {before} unused", bits.concat())
        }
        0x0c | 0x12..=0x14 | 0x16 | 0x1a => String::from_utf8_lossy(content).into_owned(),
        // Names of alternative names (RFC 5280, section 4.2.1.6): rfc822Name, dNSName, URI.
        0x81 | 0x82 | 0x86 if content.is_ascii() && content.iter().all(|byte| !byte.is_ascii_control()) => {
            String::from_utf8_lossy(content).into_owned()
        }
        _ => hex::encode(content),
    }
}

/// Two's complement, most significant byte first (X.690, section 8.3).
fn integer(content: &[u8]) -> i64 {
    let sign = if content.first().is_some_and(|byte| byte & 0x80 != 0) { -1 } else { 0 };
    content.iter().fold(sign, |number, byte| number << 8 | i64::from(*byte))
}

fn identifier(dotted: &str) -> String {
    let name = oid::oid_name(dotted);
    if name == dotted { name } else { format!("{name} ({dotted})") }
}

/// RFC 5280, section 4.1.2.5: `YYMMDDHHMMSSZ` up to 2049, `YYYYMMDDHHMMSSZ` from 2050 on.
fn time(tag: u8, content: &[u8]) -> String {
    let text = String::from_utf8_lossy(content).into_owned();
    let is_time = text.ends_with('Z') && text[..text.len() - 1].bytes().all(|byte| byte.is_ascii_digit());
    let digits = match (tag, text.len()) {
        (UTC_TIME, 13) if is_time => format!("{}{text}", if text.as_str() < "50" { "20" } else { "19" }),
        (GENERALIZED_TIME, 15) if is_time => text,
        _ => return text,
    };
    let part = |from: usize, to: usize| &digits[from..to];
    format!("{}-{}-{}T{}:{}:{}Z", part(0, 4), part(4, 6), part(6, 8), part(8, 10), part(10, 12), part(12, 14))
}

fn type_name(tag: u8) -> &'static str {
    match tag {
        BOOLEAN => "BOOLEAN",
        INTEGER => "INTEGER",
        BIT_STRING => "BIT STRING",
        OCTET_STRING => "OCTET STRING",
        NULL => "NULL",
        OBJECT_IDENTIFIER => "OBJECT IDENTIFIER",
        ENUMERATED => "ENUMERATED",
        0x0c => "UTF8String",
        0x12 => "NumericString",
        0x13 => "PrintableString",
        0x14 => "TeletexString",
        0x16 => "IA5String",
        0x1a => "VisibleString",
        UTC_TIME => "UTCTime",
        GENERALIZED_TIME => "GeneralizedTime",
        SEQUENCE => "SEQUENCE",
        SET => "SET",
        0x80 | 0xa0 => "[0]",
        0x81 | 0xa1 => "[1]",
        0x82 | 0xa2 => "[2]",
        0x83 | 0xa3 => "[3]",
        0x84 | 0xa4 => "[4]",
        0x86 | 0xa6 => "[6]",
        0x87 | 0xa7 => "[7]",
        _ => "element",
    }
}

#[cfg(test)]
mod tests {
    use super::super::{encode, schema};
    use super::*;

    #[test]
    fn each_byte_belongs_to_one_field() {
        let der = encode(SEQUENCE, &[encode(INTEGER, &[0x7f]), encode(OCTET_STRING, b"0123456789abcdefghij")].concat());
        let layer = layer("test", &der, &schema::ANY);
        assert!(layer.is_complete());
        let values: Vec<_> = layer.fields.iter().map(|field| field.value.as_str()).collect();
        assert_eq!(values[..3], ["SEQUENCE, 25 bytes", "INTEGER, 1 byte", "127"]);
    }

    #[test]
    fn rubbish_is_covered_too() {
        for der in [&b""[..], b"\x30", b"\x30\x05\x02\x09\x01", b"\x30\x80\0\0", b"\xff\xff", b"\x03\x01\x00\x09"] {
            assert!(layer("test", der, &schema::CERTIFICATE).is_complete(), "{der:x?}");
        }
    }

    #[test]
    fn integers_and_times_are_decoded() {
        assert_eq!((integer(&[0, 0x80]), integer(&[0xff])), (128, -1));
        assert_eq!(time(UTC_TIME, b"260101000000Z"), "2026-01-01T00:00:00Z");
        assert_eq!(time(UTC_TIME, b"991231235959Z"), "1999-12-31T23:59:59Z");
        assert_eq!(time(GENERALIZED_TIME, b"99991231235959Z"), "9999-12-31T23:59:59Z");
        assert_eq!(time(UTC_TIME, "é0101000000Z".as_bytes()), "é0101000000Z");
    }
}
