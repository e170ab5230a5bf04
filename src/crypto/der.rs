//! Explains DER (X.690): every byte of a certificate, request, revocation list, key or CMS message as a field.

mod oid;
pub(crate) mod read;
mod shape;
mod value;

use self::oid::Oid;
use self::shape::{Content, Member};
use crate::annotation::{Field, Kind, LONGEST_PLAIN};

/// Explains `der` as fields that are sorted, contiguous and cover every byte.
///
/// What is not DER becomes one field `malformed` up to the end of the element that holds it.
#[must_use]
pub fn describe(der: &[u8]) -> Vec<Field> {
    let mut walker = Walker { bytes: der, fields: Vec::new() };
    let mut at = 0;
    // A file may hold several, such as a chain and a key.
    while at < der.len() {
        let root = Element::read(der, at, der.len()).ok();
        let end = root.map_or(der.len(), |root| root.end);
        let frame = root.filter(|root| root.len() > 0).and_then(|root| shape::frame(der, &root));
        walker.children(at..end, frame.unwrap_or(&Content::Any), None, DEEPEST);
        at = end;
    }
    walker.fields
}

/// An element with this tag and content, its length in the shortest form (X.690, section 10.1).
pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length: Vec<u8> = content.len().to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    let header = match length[..] {
        [] => vec![tag, 0],
        [short @ 0..0x80] => vec![tag, short],
        _ => [&[tag, 0x80 | u8::try_from(length.len()).expect("a length has eight bytes")], &length[..]].concat(),
    };
    [&header, content].concat()
}

/// Whether `der` is one SEQUENCE from its first byte to its last.
pub(crate) fn is_sequence(der: &[u8]) -> bool {
    Element::read(der, 0, der.len()).is_ok_and(|root| root.tag == SEQUENCE && root.end == der.len())
}

/// Bytes for people, as hexadecimal digits, shortened beyond 65 bytes.
#[must_use]
pub(crate) fn shown(bytes: &[u8]) -> String {
    if bytes.len() <= LONGEST_SHOWN {
        hex::encode(bytes)
    } else {
        format!("{}… ({} bytes)", hex::encode(&bytes[..LONGEST_SHOWN]), bytes.len())
    }
}

/// `1 byte`, `2 bytes`.
pub(crate) fn bytes_of(len: usize) -> String {
    format!("{len} byte{}", if len == 1 { "" } else { "s" })
}

/// Nesting of real certificates stays below 16; more would only cost stack.
const DEEPEST: usize = 32;
/// An uncompressed P-256 point is shown whole.
const LONGEST_SHOWN: usize = 65;

const BOOLEAN: u8 = 0x01;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const NULL: u8 = 0x05;
const OBJECT_IDENTIFIER: u8 = 0x06;
const ENUMERATED: u8 = 0x0a;
const UTF8_STRING: u8 = 0x0c;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const BMP_STRING: u8 = 0x1e;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;

/// Tag and length of an element, and where it stands.
#[derive(Clone, Copy, Debug)]
struct Element {
    start: usize,
    /// Identifier octet: class, whether constructed, low tag number.
    tag: u8,
    number: u32,
    /// First byte of the content.
    content: usize,
    end: usize,
}

impl Element {
    /// Reads the tag and length at `start`; the element must end by `end`.
    fn read(bytes: &[u8], start: usize, end: usize) -> Result<Self, String> {
        let mut octets = bytes[start..end].iter().copied();
        let mut next = || octets.next().ok_or_else(|| "the element ends in its tag or length".to_owned());
        let tag = next()?;
        let number = tag_number(tag, &mut next)?;
        let len = length(&mut next)?;
        let content = end - octets.len();
        let left = end - content;
        if len > left {
            return Err(format!("{} announced, {left} left", bytes_of(len)));
        }
        Ok(Self { start, tag, number, content, end: content + len })
    }

    fn is_constructed(self) -> bool {
        self.tag & 0x20 != 0
    }

    fn len(self) -> usize {
        self.end - self.content
    }

    fn content(self, bytes: &[u8]) -> &[u8] {
        &bytes[self.content..self.end]
    }

    /// The elements of a constructed element, or none where they are not DER.
    fn children(self, bytes: &[u8]) -> Option<Vec<Self>> {
        if !self.is_constructed() {
            return None;
        }
        let mut children = Vec::new();
        let mut at = self.content;
        while at < self.end {
            let child = Self::read(bytes, at, self.end).ok()?;
            at = child.end;
            children.push(child);
        }
        Some(children)
    }

    /// Whether this and everything in it is DER with plausible values.
    fn is_valid(self, bytes: &[u8], depth: usize) -> bool {
        if depth == 0 {
            return false;
        }
        if self.is_constructed() {
            return self.children(bytes).is_some_and(|all| all.iter().all(|child| child.is_valid(bytes, depth - 1)));
        }
        value::is_plausible(self.tag, self.content(bytes))
    }
}

/// Tag numbers above 30 follow the identifier octet, seven bits a byte (X.690 8.1.2.4).
fn tag_number(tag: u8, next: &mut impl FnMut() -> Result<u8, String>) -> Result<u32, String> {
    if tag & 0x1f != 0x1f {
        return Ok(u32::from(tag & 0x1f));
    }
    let mut number = 0_u32;
    for _ in 0..4 {
        let octet = next()?;
        number = number << 7 | u32::from(octet & 0x7f);
        if octet & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err("the tag number is too large".to_owned())
}

/// Lengths are definite and in their shortest form (X.690 10.1).
fn length(next: &mut impl FnMut() -> Result<u8, String>) -> Result<usize, String> {
    let first = next()?;
    if first < 0x80 {
        return Ok(usize::from(first));
    }
    let n_octets = usize::from(first & 0x7f);
    if n_octets == 0 {
        return Err("an indefinite length is not DER".to_owned());
    }
    if n_octets > 4 {
        return Err("the length is too large".to_owned());
    }
    let mut len = 0_u32;
    for _ in 0..n_octets {
        len = len << 8 | u32::from(next()?);
    }
    if len < 0x80 || len.leading_zeros() as usize >= 8 * (5 - n_octets) {
        return Err("a length that is not in its shortest form is not DER".to_owned());
    }
    usize::try_from(len).map_err(|_| "the length is too large".to_owned())
}

struct Walker<'b> {
    bytes: &'b [u8],
    fields: Vec<Field>,
}

impl Walker<'_> {
    /// Explains the elements in `range`, the content of an element whose content is `content`.
    fn children(
        &mut self,
        range: std::ops::Range<usize>,
        content: &'static Content,
        attribute: Option<&'static Oid>,
        depth: usize,
    ) {
        if depth == 0 {
            return self.field("rest", range, "nested too deep to explain".to_owned(), Kind::Malformed);
        }
        let mut cursor = shape::Cursor::new(content);
        // What the next element of an open type means is said by the OID before it.
        let mut oid = attribute;
        let mut at = range.start;
        while at < range.end {
            match Element::read(self.bytes, at, range.end) {
                Err(why) => return self.field("malformed", at..range.end, why, Kind::Malformed),
                Ok(element) => {
                    let member = cursor.next(element.tag, oid);
                    self.element(element, member, oid, depth);
                    if element.tag == OBJECT_IDENTIFIER {
                        oid = value::dotted(element.content(self.bytes)).and_then(|dotted| oid::find(&dotted));
                    }
                    at = element.end;
                }
            }
        }
    }

    fn element(
        &mut self,
        element: Element,
        (name, content): (Option<&str>, &'static Content),
        oid: Option<&'static Oid>,
        depth: usize,
    ) {
        let kind = value::tag_name(element.tag, element.number);
        let name = name.unwrap_or(&kind);
        if element.is_constructed() {
            let value = if name == kind { bytes_of(element.len()) } else { header(&kind, element) };
            return self.within(name, element.start..element.end, value, |walker| {
                walker.field("tag and length", element.start..element.content, String::new(), Kind::Plain);
                walker.children(element.content..element.end, content, oid, depth - 1);
            });
        }
        match (element.tag, element.content(self.bytes)) {
            (BIT_STRING, &[unused, ref bits @ ..]) => {
                let words = header(&kind, element);
                self.field(&format!("{name} tag and length"), element.start..element.content, words, Kind::Plain);
                let unused_bits = element.content..element.content + 1;
                self.field("unused bits", unused_bits, unused.to_string(), Kind::Plain);
                let words = value::bits(unused, bits, content);
                self.wrapped(name, element.content + 1..element.end, content, oid, depth, words);
            }
            (OCTET_STRING, octets) if self.inner(element.content..element.end, content, oid).is_some() => {
                self.field(name, element.start..element.content, header(&kind, element), Kind::Plain);
                let words = shown(octets);
                self.wrapped(name, element.content..element.end, content, oid, depth, words);
            }
            (tag, octets) => {
                self.primitive(name, element, &kind, value::words(tag, octets, content), value::kind(tag, content));
            }
        }
    }

    fn primitive(&mut self, name: &str, element: Element, tag: &str, words: String, kind: Kind) {
        if element.end - element.start <= LONGEST_PLAIN {
            return self.field(name, element.start..element.end, words, kind);
        }
        let head = element.start..element.content;
        self.field(&format!("{name} tag and length"), head, header(tag, element), Kind::Plain);
        self.field(name, element.content..element.end, words, kind);
    }

    /// Explains the content of a string: as DER where it is, else as `words`.
    fn wrapped(
        &mut self,
        name: &str,
        range: std::ops::Range<usize>,
        content: &'static Content,
        oid: Option<&'static Oid>,
        depth: usize,
        words: String,
    ) {
        match self.inner(range.clone(), content, oid) {
            Some((element, member)) if depth > 1 => self.element(element, member, oid, depth - 1),
            Some(_) | None => self.field(name, range, words, value::kind(OCTET_STRING, content)),
        }
    }

    /// The one element that fills `range`, where a string with this content may hold one, and what it is.
    fn inner(
        &self,
        range: std::ops::Range<usize>,
        content: &'static Content,
        oid: Option<&'static Oid>,
    ) -> Option<(Element, (Option<&'static str>, &'static Content))> {
        let element = Element::read(self.bytes, range.start, range.end).ok().filter(|inner| inner.end == range.end)?;
        let named = |member: &'static Member| (Some(member.name), &member.content);
        match content {
            Content::Any => element.is_valid(self.bytes, DEEPEST).then_some((element, (None, &Content::Any))),
            Content::Wraps(members, _) => {
                let member = members.iter().find(|member| member.fits(self.bytes, &element, 1))?;
                Some((element, named(member)))
            }
            Content::OpenWraps => match oid.and_then(shape::open) {
                Some(member) => member.takes(element.tag).then(|| (element, named(member))),
                None => element.is_valid(self.bytes, DEEPEST).then_some((element, (None, &Content::Any))),
            },
            Content::Carried
            | Content::Choice(_)
            | Content::Flags(_)
            | Content::Of(_)
            | Content::Opaque(_)
            | Content::Open
            | Content::OpenOf
            | Content::Sequence(_)
            | Content::Text => None,
        }
    }

    fn field(&mut self, name: &str, range: std::ops::Range<usize>, value: String, kind: Kind) {
        if !range.is_empty() {
            self.fields.push(Field::new(name, range, value).of(kind));
        }
    }

    /// A field with those in it that `explain` finds.
    fn within(&mut self, name: &str, range: std::ops::Range<usize>, value: String, explain: impl FnOnce(&mut Self)) {
        let before = std::mem::take(&mut self.fields);
        explain(self);
        let inside = std::mem::replace(&mut self.fields, before);
        self.fields.push(Field::new(name, range, value).with_fields(inside));
    }
}

fn header(kind: &str, element: Element) -> String {
    format!("{kind}, {}", bytes_of(element.len()))
}

#[cfg(test)]
mod tests;
