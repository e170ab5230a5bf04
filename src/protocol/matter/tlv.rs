//! Matter's tag-length-value encoding (Matter Core Specification, appendix A).
//!
//! Integers and lengths are written in the fewest bytes; any width is read. Tags are anonymous or context-specific, which
//! is all that Matter's own messages and certificates use; profile-specific tags and floating-point numbers are refused.

use crate::annotation::{Field, Kind};
use crate::protocol::writer::shown;
use crate::protocol::{Encoded, Malformed, count_bytes, ensure};

/// A value with what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Element {
    /// A number with a sign.
    Signed(i64),
    /// A number without a sign.
    Unsigned(u64),
    /// True or false.
    Boolean(bool),
    /// UTF-8 text.
    Text(String),
    /// Bytes.
    Octets(Vec<u8>),
    /// No value.
    Null,
    /// Members with a tag each, in the order written.
    Structure(Vec<(u8, Element)>),
    /// Elements without tags.
    Array(Vec<Element>),
    /// Elements with or without tags, whose order has a meaning.
    List(Vec<(Option<u8>, Element)>),
}

/// What a context tag stands for in a structure or list.
#[derive(Debug)]
pub struct Member {
    /// The tag; absent for the elements of an array, and for those of a list without a tag.
    pub tag: Option<u8>,
    /// The name in the standard.
    pub name: &'static str,
    /// What is in it.
    pub holds: Holds,
}

/// What is in an element, for the explanation of its bytes.
#[derive(Clone, Copy, Debug)]
pub enum Holds {
    /// A value of this kind.
    A(Kind),
    /// A container of these members.
    Members(&'static [Member]),
    /// A byte string that is TLV itself: a structure of these members.
    Tlv(&'static [Member]),
}

/// A member that is a plain value.
pub const fn plain(tag: u8, name: &'static str) -> Member {
    kind(tag, name, Kind::Plain)
}

/// A member that is a value of this kind.
pub const fn kind(tag: u8, name: &'static str, kind: Kind) -> Member {
    Member { tag: Some(tag), name, holds: Holds::A(kind) }
}

/// A member that is a container of `members`.
pub const fn of(tag: u8, name: &'static str, members: &'static [Member]) -> Member {
    Member { tag: Some(tag), name, holds: Holds::Members(members) }
}

/// A member that is a byte string with TLV in it.
pub const fn tlv(tag: u8, name: &'static str, members: &'static [Member]) -> Member {
    Member { tag: Some(tag), name, holds: Holds::Tlv(members) }
}

/// Elements of an array, each called `name`; where they are structures, with these members.
pub const fn each(name: &'static str, members: &'static [Member]) -> Member {
    Member { tag: None, name, holds: Holds::Members(members) }
}

impl Element {
    /// Writes the element without a tag; `members` names what is in it.
    #[must_use]
    pub fn encode(&self, members: &'static [Member]) -> Encoded {
        let bytes = self.to_bytes();
        let fields = describe(&bytes, members);
        Encoded { bytes, fields }
    }

    /// Its bytes, without a tag.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(None, &mut bytes);
        bytes
    }

    /// Reads one element without a tag that fills `bytes`.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let (element, fields) = read_all(bytes, &[]);
        drop(fields);
        element
    }

    /// A structure of those `members` that are there.
    pub fn structure(members: impl IntoIterator<Item = (u8, Option<Self>)>) -> Self {
        Self::Structure(members.into_iter().filter_map(|(tag, element)| Some((tag, element?))).collect())
    }

    /// The member of a structure or list with this tag.
    #[must_use]
    pub fn find(&self, tag: u8) -> Option<&Self> {
        match self {
            Self::Structure(members) => members.iter().find(|member| member.0 == tag).map(|member| &member.1),
            Self::List(members) => members.iter().find(|member| member.0 == Some(tag)).map(|member| &member.1),
            _ => None,
        }
    }

    /// The member with this tag, which the standard calls `name`.
    pub fn need(&self, tag: u8, name: &str) -> Result<&Self, Malformed> {
        self.find(tag).ok_or_else(|| Malformed::new(format!("`{name}` (context tag {tag}) is missing")))
    }

    /// The member as a number without a sign.
    pub fn unsigned(&self, tag: u8, name: &str) -> Result<u64, Malformed> {
        match self.need(tag, name)? {
            Self::Unsigned(number) => Ok(*number),
            other => Err(other.not("an unsigned integer", name)),
        }
    }

    /// The member as a number without a sign that fits into `T`.
    pub fn number<T: TryFrom<u64>>(&self, tag: u8, name: &str) -> Result<T, Malformed> {
        let number = self.unsigned(tag, name)?;
        T::try_from(number).map_err(|_| Malformed::new(format!("`{name}` is {number}, which is out of range")))
    }

    /// The member as bytes.
    pub fn octets(&self, tag: u8, name: &str) -> Result<&[u8], Malformed> {
        match self.need(tag, name)? {
            Self::Octets(bytes) => Ok(bytes),
            other => Err(other.not("an octet string", name)),
        }
    }

    /// The member as exactly `N` bytes.
    pub fn fixed<const N: usize>(&self, tag: u8, name: &str) -> Result<[u8; N], Malformed> {
        let bytes = self.octets(tag, name)?;
        bytes.try_into().map_err(|_| Malformed::new(format!("`{name}` has {}, not {N}", count_bytes(bytes.len()))))
    }

    /// The member as text.
    pub fn text(&self, tag: u8, name: &str) -> Result<&str, Malformed> {
        match self.need(tag, name)? {
            Self::Text(text) => Ok(text),
            other => Err(other.not("UTF-8 text", name)),
        }
    }

    /// The member as true or false.
    pub fn boolean(&self, tag: u8, name: &str) -> Result<bool, Malformed> {
        match self.need(tag, name)? {
            Self::Boolean(flag) => Ok(*flag),
            other => Err(other.not("a boolean", name)),
        }
    }

    /// The member as the elements of an array.
    pub fn array(&self, tag: u8, name: &str) -> Result<&[Self], Malformed> {
        match self.need(tag, name)? {
            Self::Array(items) => Ok(items),
            other => Err(other.not("an array", name)),
        }
    }

    fn not(&self, wanted: &str, name: &str) -> Malformed {
        Malformed::new(format!("`{name}` is {}, not {wanted}", self.title()))
    }

    /// What it is, for people.
    fn title(&self) -> &'static str {
        match self {
            Self::Signed(_) => "a signed integer",
            Self::Unsigned(_) => "an unsigned integer",
            Self::Boolean(_) => "a boolean",
            Self::Text(_) => "UTF-8 text",
            Self::Octets(_) => "an octet string",
            Self::Null => "null",
            Self::Structure(_) => "a structure",
            Self::Array(_) => "an array",
            Self::List(_) => "a list",
        }
    }

    /// Section A.7: control octet, tag, length, value.
    fn write(&self, tag: Option<u8>, to: &mut Vec<u8>) {
        let mut head = |kind: u8| {
            to.push(if tag.is_some() { CONTEXT_TAG << 5 } else { 0 } | kind);
            to.extend(tag);
        };
        match self {
            Self::Signed(number) => {
                let width = (0..3).find(|width| fits(*number, *width)).unwrap_or(3);
                head(SIGNED | width);
                to.extend_from_slice(&number.to_le_bytes()[..1 << width]);
            }
            Self::Unsigned(number) => {
                let width = width_of(*number);
                head(UNSIGNED | width);
                to.extend_from_slice(&number.to_le_bytes()[..1 << width]);
            }
            Self::Boolean(flag) => head(if *flag { TRUE } else { FALSE }),
            Self::Null => head(NULL),
            Self::Text(text) => write_string(TEXT, tag, text.as_bytes(), to),
            Self::Octets(bytes) => write_string(OCTETS, tag, bytes, to),
            Self::Structure(members) => {
                head(STRUCTURE);
                for (tag, element) in members {
                    element.write(Some(*tag), to);
                }
                to.push(END);
            }
            Self::Array(items) => {
                head(ARRAY);
                for item in items {
                    item.write(None, to);
                }
                to.push(END);
            }
            Self::List(members) => {
                head(LIST);
                for (tag, element) in members {
                    element.write(*tag, to);
                }
                to.push(END);
            }
        }
    }
}

/// Explains every byte of one element without a tag; where it cannot be read, the last field says why.
#[must_use]
pub fn describe(bytes: &[u8], members: &'static [Member]) -> Vec<Field> {
    match read_all(bytes, members) {
        (Ok(_), fields) => fields,
        (Err(malformed), _) => Encoded::unexplained(bytes, malformed).fields,
    }
}

fn write_string(kind: u8, tag: Option<u8>, bytes: &[u8], to: &mut Vec<u8>) {
    let len = bytes.len() as u64;
    let width = width_of(len);
    to.push(if tag.is_some() { CONTEXT_TAG << 5 } else { 0 } | kind | width);
    to.extend(tag);
    to.extend_from_slice(&len.to_le_bytes()[..1 << width]);
    to.extend_from_slice(bytes);
}

/// The fewest bytes for `number`, as a power of two.
fn width_of(number: u64) -> u8 {
    match number {
        0..=0xff => 0,
        0x100..=0xffff => 1,
        0x1_0000..=0xffff_ffff => 2,
        _ => 3,
    }
}

fn fits(number: i64, width: u8) -> bool {
    let bits = 8 << width;
    number >= -(1 << (bits - 1)) && number < 1 << (bits - 1)
}

fn read_all(bytes: &[u8], members: &'static [Member]) -> (Result<Element, Malformed>, Vec<Field>) {
    if bytes.len() > MAX_BYTES {
        return (Err(Malformed::new(format!("{}, at most {MAX_BYTES} are read", count_bytes(bytes.len())))), vec![]);
    }
    let mut reading = Reading { bytes, at: 0 };
    let mut fields = Vec::new();
    let result = reading.whole(members, &mut fields);
    (result, fields)
}

struct Reading<'b> {
    bytes: &'b [u8],
    at: usize,
}

/// What stands before a value.
struct Head {
    kind: u8,
    tag: Option<u8>,
}

/// Where tags must be, and where they must not.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tags {
    Either,
    Never,
    Once,
}

impl<'b> Reading<'b> {
    /// One element without a tag, and nothing after it.
    fn whole(&mut self, members: &'static [Member], fields: &mut Vec<Field>) -> Result<Element, Malformed> {
        let head = self.head()?;
        ensure(head.tag.is_none(), || "the outermost element has a tag".to_owned())?;
        let element = self.value(&head, 0, Holds::Members(members), fields)?;
        let left = self.bytes.len() - self.at;
        ensure(left == 0, || format!("{} after the end of the element", count_bytes(left)))?;
        Ok(element)
    }

    fn take(&mut self, len: usize) -> Result<&'b [u8], Malformed> {
        let left = self.bytes.len() - self.at;
        ensure(len <= left, || format!("{} more are needed, {left} are left", count_bytes(len)))?;
        self.at += len;
        Ok(&self.bytes[self.at - len..self.at])
    }

    /// Control octet and tag (sections A.7.1 and A.7.2).
    fn head(&mut self) -> Result<Head, Malformed> {
        let control = self.take(1)?[0];
        let kind = control & 0x1f;
        ensure(kind <= END, || format!("the element type {kind:#04x} is reserved"))?;
        let tag = match control >> 5 {
            0 => None,
            CONTEXT_TAG => Some(self.take(1)?[0]),
            form => return Err(Malformed::new(format!("a tag of the profile-specific form {form} is not read here"))),
        };
        Ok(Head { kind, tag })
    }

    /// A little-endian number of `1 << width` bytes.
    fn unsigned(&mut self, width: u8) -> Result<u64, Malformed> {
        Ok(self.take(1 << width)?.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// The value after its head; its explanation, the head included, goes to `fields`.
    fn value(
        &mut self,
        head: &Head,
        depth: usize,
        holds: Holds,
        fields: &mut Vec<Field>,
    ) -> Result<Element, Malformed> {
        let start = self.at - 1 - usize::from(head.tag.is_some());
        let form = |kind: &str| head.tag.map_or_else(|| kind.to_owned(), |tag| format!("{kind}, context tag {tag}"));
        let width = head.kind & 3;
        match head.kind {
            SIGNED..=0x03 => {
                let control = self.at;
                let number = self.unsigned(width)?;
                // The sign bit of the width that was written.
                let unused = 64 - (8 << width);
                let number = (number << unused).cast_signed() >> unused;
                fields.push(Field::new("control", start..control, form("signed integer")));
                fields.push(Field::new("value", control..self.at, number.to_string()));
                Ok(Element::Signed(number))
            }
            UNSIGNED..=0x07 => {
                let control = self.at;
                let number = self.unsigned(width)?;
                fields.push(Field::new("control", start..control, form("unsigned integer")));
                fields.push(Field::new("value", control..self.at, words_of(number)));
                Ok(Element::Unsigned(number))
            }
            FALSE | TRUE => {
                let flag = head.kind == TRUE;
                fields.push(Field::new("control", start..self.at, form(if flag { "true" } else { "false" })));
                Ok(Element::Boolean(flag))
            }
            TEXT..=0x0f => {
                let bytes = self.string(start, &form("UTF-8 text"), fields)?;
                let text = std::str::from_utf8(bytes).map_err(|_| Malformed::new("text is not UTF-8"))?;
                self.content(bytes, text.to_owned(), holds, Kind::Text, fields);
                Ok(Element::Text(text.to_owned()))
            }
            OCTETS..=0x13 => {
                let bytes = self.string(start, &form("octet string"), fields)?;
                self.content(bytes, shown(bytes), holds, Kind::Plain, fields);
                Ok(Element::Octets(bytes.to_vec()))
            }
            NULL => {
                fields.push(Field::new("control", start..self.at, form("null")));
                Ok(Element::Null)
            }
            STRUCTURE | ARRAY | LIST => self.container(head, start, depth, holds, fields),
            END => Err(Malformed::new("the end of a container stands where a value should")),
            kind => Err(Malformed::new(format!("the element type {kind:#04x} is not read here"))),
        }
    }

    /// The length of a string and the string; explains the length.
    fn string(&mut self, start: usize, form: &str, fields: &mut Vec<Field>) -> Result<&'b [u8], Malformed> {
        let width = self.bytes[start] & 3;
        let len = self.unsigned(width)?;
        fields.push(Field::new("control", start..self.at, format!("{form}, length {len}")));
        let left = self.bytes.len() - self.at;
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        ensure(len <= left, || format!("a string of {}, {left} are left", count_bytes(len)))?;
        self.take(len)
    }

    /// Explains a string that was just read.
    fn content(&self, bytes: &[u8], words: String, holds: Holds, usual: Kind, fields: &mut Vec<Field>) {
        if bytes.is_empty() {
            return;
        }
        let start = self.at - bytes.len();
        let field = Field::new("value", start..self.at, words);
        fields.push(match holds {
            Holds::Tlv(members) if Element::decode(bytes).is_ok() => {
                let inner = describe(bytes, members).into_iter().map(|field| field.shifted(start)).collect();
                Field { value: "TLV".to_owned(), ..field }.with_fields(inner)
            }
            Holds::A(kind) if kind != Kind::Plain => field.of(kind),
            Holds::A(_) | Holds::Members(_) | Holds::Tlv(_) => field.of(usual),
        });
    }

    fn container(
        &mut self,
        head: &Head,
        start: usize,
        depth: usize,
        holds: Holds,
        fields: &mut Vec<Field>,
    ) -> Result<Element, Malformed> {
        ensure(depth < MAX_DEPTH, || format!("containers are nested more than {MAX_DEPTH} deep"))?;
        let (title, tags) = match head.kind {
            STRUCTURE => ("structure", Tags::Once),
            ARRAY => ("array", Tags::Never),
            _ => ("list", Tags::Either),
        };
        let form = head.tag.map_or_else(|| title.to_owned(), |tag| format!("{title}, context tag {tag}"));
        fields.push(Field::new("control", start..self.at, form));
        let mut elements: Vec<(Option<u8>, Element)> = Vec::new();
        loop {
            let from = self.at;
            let head = self.head()?;
            if head.kind == END {
                ensure(head.tag.is_none(), || "the end of a container has a tag".to_owned())?;
                fields.push(Field::new("end of container", from..self.at, ""));
                break;
            }
            check_tag(tags, &head, &elements)?;
            let member = member_of(holds, head.tag);
            let name = match (member, head.tag) {
                (Some(member), _) => member.name.to_owned(),
                (None, Some(tag)) => format!("tag {tag}"),
                (None, None) => format!("element {}", elements.len()),
            };
            let mut inside = Vec::new();
            let element = self
                .value(&head, depth + 1, member.map_or(Holds::A(Kind::Plain), |member| member.holds), &mut inside)
                .map_err(|malformed| malformed.inside(&name))?;
            fields.push(Field::new(name, from..self.at, "").with_fields(inside));
            elements.push((head.tag, element));
        }
        Ok(match tags {
            Tags::Once => {
                Element::Structure(elements.into_iter().filter_map(|(tag, element)| Some((tag?, element))).collect())
            }
            Tags::Never => Element::Array(elements.into_iter().map(|(_, element)| element).collect()),
            Tags::Either => Element::List(elements),
        })
    }
}

/// Sections A.5.1 to A.5.3: members of structures have distinct tags, elements of arrays have none.
fn check_tag(tags: Tags, head: &Head, before: &[(Option<u8>, Element)]) -> Result<(), Malformed> {
    match (tags, head.tag) {
        (Tags::Never, Some(tag)) => Err(Malformed::new(format!("an element of an array has the tag {tag}"))),
        (Tags::Once, None) => Err(Malformed::new("a member of a structure has no tag")),
        (Tags::Once, Some(tag)) if before.iter().any(|(seen, _)| *seen == Some(tag)) => {
            Err(Malformed::new(format!("the context tag {tag} occurs twice in a structure")))
        }
        (Tags::Either | Tags::Never, _) | (Tags::Once, Some(_)) => Ok(()),
    }
}

fn member_of(holds: Holds, tag: Option<u8>) -> Option<&'static Member> {
    match holds {
        Holds::Members(members) => members.iter().find(|member| member.tag == tag),
        Holds::A(_) | Holds::Tlv(_) => None,
    }
}

/// A number, with its hexadecimal digits where they are easier to recognise.
fn words_of(number: u64) -> String {
    if number < 0x1000 { number.to_string() } else { format!("{number} ({number:#x})") }
}

/// Deepest nesting that is read; Matter's own messages need half of it.
const MAX_DEPTH: usize = 16;
/// Longest element that is read, in bytes; no Matter message is as long.
const MAX_BYTES: usize = 64 * 1024;

const CONTEXT_TAG: u8 = 1;
const SIGNED: u8 = 0x00;
const UNSIGNED: u8 = 0x04;
const FALSE: u8 = 0x08;
const TRUE: u8 = 0x09;
const TEXT: u8 = 0x0c;
const OCTETS: u8 = 0x10;
const NULL: u8 = 0x14;
const STRUCTURE: u8 = 0x15;
const ARRAY: u8 = 0x16;
const LIST: u8 = 0x17;
const END: u8 = 0x18;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::annotation::leaves;
    use crate::protocol::testing::{assert_explained, explained};

    /// The examples of appendix A.12.
    #[test]
    fn the_examples_of_the_specification_come_out() {
        let table: &[(Element, &str)] = &[
            (Element::Boolean(false), "08"),
            (Element::Boolean(true), "09"),
            (Element::Signed(42), "002a"),
            (Element::Signed(-17), "00ef"),
            (Element::Unsigned(42), "042a"),
            (Element::Signed(-170_000), "02f067fdff"),
            (Element::Signed(40_000_000_000), "0300902f5009000000"),
            (Element::Text("Hello!".to_owned()), "0c0648656c6c6f21"),
            (Element::Text("Tschüs".to_owned()), "0c0754736368c3bc73"),
            (Element::Octets(vec![0, 1, 2, 3, 4]), "10050001020304"),
            (Element::Null, "14"),
            (Element::Structure(vec![]), "1518"),
            (Element::Array(vec![]), "1618"),
            (Element::List(vec![]), "1718"),
            (Element::Structure(vec![(0, Element::Signed(42)), (1, Element::Signed(-17))]), "1520002a2001ef18"),
            (Element::Array((0..5).map(Element::Signed).collect()), "1600000001000200030004 18"),
            (
                Element::List(vec![
                    (None, Element::Signed(1)),
                    (Some(0), Element::Signed(42)),
                    (None, Element::Signed(2)),
                    (None, Element::Signed(3)),
                    (Some(0), Element::Signed(-17)),
                ]),
                "17000120002a000200032000ef18",
            ),
        ];
        for (element, bytes) in table {
            let bytes = bytes.replace(' ', "");
            assert_eq!(hex::encode(explained(element.encode(&[]))), bytes, "{element:?}");
            assert_eq!(&Element::decode(&hex::decode(bytes).unwrap()).unwrap(), element);
        }
    }

    #[test]
    fn wide_numbers_and_lengths_are_read() {
        let read = |hex_digits: &str| Element::decode(&hex::decode(hex_digits).unwrap()).unwrap();
        assert_eq!(read("072a00000000000000"), Element::Unsigned(42));
        assert_eq!(read("01efff"), Element::Signed(-17));
        assert_eq!(read("110200aabb"), Element::Octets(vec![0xaa, 0xbb]));
    }

    #[test]
    fn what_does_not_fit_is_refused_for_its_reason() {
        let table = [
            ("", "1 byte more are needed, 0 are left"),
            ("0401ff", "1 byte after the end of the element"),
            ("24012a", "the outermost element has a tag"),
            ("15", "1 byte more are needed, 0 are left"),
            ("18", "the end of a container stands where a value should"),
            ("1504 2a18", "a member of a structure has no tag"),
            ("1524012a24012b18", "the context tag 1 occurs twice in a structure"),
            ("1624012a18", "an element of an array has the tag 1"),
            ("153001ff18", "`tag 1`: a string of 255 bytes, 1 are left"),
            ("13ffffffffffffffff00", "a string of 18446744073709551615 bytes, 1 are left"),
            ("0c01ff", "text is not UTF-8"),
            ("0a00000000", "the element type 0x0a is not read here"),
            ("19", "the element type 0x19 is reserved"),
            ("4401002a", "a tag of the profile-specific form 2 is not read here"),
            ("153801", "the end of a container has a tag"),
        ];
        for (bytes, message) in table {
            let bytes = hex::decode(bytes.replace(' ', "")).unwrap();
            assert_eq!(Element::decode(&bytes).unwrap_err().message, message, "{}", hex::encode(&bytes));
            assert_explained(&bytes, &describe(&bytes, &[]));
        }
        let deep = [vec![0x17; 18], vec![0x18; 18]].concat();
        assert!(Element::decode(&deep).unwrap_err().message.ends_with("containers are nested more than 16 deep"));
        assert!(Element::decode(&vec![0x15; MAX_BYTES + 1]).unwrap_err().message.ends_with("are read"));
    }

    #[test]
    fn members_are_found_and_checked() {
        let element = Element::structure([(1, Some(Element::Octets(vec![7; 32]))), (2, None)]);
        assert_eq!(element.fixed::<32>(1, "random").unwrap(), [7; 32]);
        assert_eq!(element.fixed::<16>(1, "random").unwrap_err().message, "`random` has 32 bytes, not 16");
        assert_eq!(element.unsigned(2, "id").unwrap_err().message, "`id` (context tag 2) is missing");
        assert_eq!(element.text(1, "name").unwrap_err().message, "`name` is an octet string, not UTF-8 text");
        let number = Element::structure([(3, Some(Element::Unsigned(65_536)))]);
        assert_eq!(number.number::<u16>(3, "id").unwrap_err().message, "`id` is 65536, which is out of range");
    }

    #[test]
    fn names_and_kinds_come_from_the_table() {
        const INNER: &[Member] = &[kind(1, "nonce", Kind::Random)];
        const OUTER: &[Member] = &[tlv(0, "elements", INNER), of(1, "items", &[each("item", INNER)])];
        let inner = Element::structure([(1, Some(Element::Octets(vec![1; 20])))]);
        let outer =
            Element::structure([(0, Some(Element::Octets(inner.to_bytes()))), (1, Some(Element::Array(vec![inner])))]);
        let encoded = outer.encode(OUTER);
        assert_eq!(encoded.fields[1].name, "elements");
        assert_eq!(leaves(&encoded.fields).iter().filter(|leaf| leaf.kind == Kind::Random).count(), 2);
        let layer = encoded.into_layer("message");
        assert!(layer.is_complete() && layer.unexplained().is_empty());
    }

    fn elements() -> impl Strategy<Value = Element> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(Element::Signed),
            any::<u64>().prop_map(Element::Unsigned),
            any::<bool>().prop_map(Element::Boolean),
            ".{0,300}".prop_map(Element::Text),
            proptest::collection::vec(any::<u8>(), 0..300).prop_map(Element::Octets),
            Just(Element::Null),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            let many = proptest::collection::vec(inner, 0..4);
            prop_oneof![
                many.clone().prop_map(Element::Array),
                many.clone().prop_map(|items| Element::Structure((0..).zip(items).collect())),
                many.prop_map(|items| Element::List(items.into_iter().map(|item| (None, item)).collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(element in elements()) {
            let encoded = element.encode(&[]);
            assert_explained(&encoded.bytes, &encoded.fields);
            prop_assert_eq!(Element::decode(&encoded.bytes).unwrap(), element);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            assert_explained(&bytes, &describe(&bytes, &[]));
        }
    }
}
