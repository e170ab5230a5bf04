//! Type, length and value (OMA `LwM2M` 1.0, section 6.4.3): bytes both ways, each explained where they are written.

use super::object::{Object, Resource};
use super::{Data, Encoded, Malformed};
use crate::annotation::Kind;
use crate::protocol::ensure;
use crate::protocol::writer::{Writer, shown};

/// An element with its identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tlv {
    /// Number of the instance or resource.
    pub id: u16,
    /// What it is, with what is in it.
    pub content: Content,
}

/// What an element is.
#[derive(Clone, Debug, PartialEq, Eq)]
// In the order of their numbers in the type.
pub enum Content {
    /// An instance of an object, with resources.
    ObjectInstance(Vec<Tlv>),
    /// One of the values of a resource with several.
    ResourceInstance(Vec<u8>),
    /// A resource with several values.
    MultipleResource(Vec<Tlv>),
    /// A resource with its value.
    Resource(Vec<u8>),
}

impl Content {
    /// What it is called.
    #[must_use]
    pub fn title(&self) -> &'static str {
        TITLES[self.number()]
    }

    fn number(&self) -> usize {
        match self {
            Self::ObjectInstance(_) => 0,
            Self::ResourceInstance(_) => 1,
            Self::MultipleResource(_) => 2,
            Self::Resource(_) => 3,
        }
    }
}

/// In the order of their numbers.
const TITLES: [&str; 4] = ["object instance", "resource instance", "multiple resource", "resource"];

impl Tlv {
    /// A resource with one value.
    #[must_use]
    pub fn resource(id: u16, value: Vec<u8>) -> Self {
        Self { id, content: Content::Resource(value) }
    }
}

/// Longest value: a length has three bytes.
const LONGEST: usize = 0x00ff_ffff;

/// Writes elements, with the names that `object` has for them.
pub fn encode(tlvs: &[Tlv], object: Option<&Object>) -> Result<Encoded, Malformed> {
    let mut writer = Writer::default();
    for tlv in tlvs {
        element(&mut writer, tlv, object, None)?;
    }
    Ok(writer.finish())
}

fn element(writer: &mut Writer, tlv: &Tlv, object: Option<&Object>, of: Option<&Resource>) -> Result<(), Malformed> {
    let resource = match tlv.content {
        Content::MultipleResource(_) | Content::Resource(_) => {
            object.and_then(|object| object.resources.iter().find(|resource| resource.id == tlv.id))
        }
        Content::ResourceInstance(_) => of,
        Content::ObjectInstance(_) => None,
    };
    let mut inside = Writer::default();
    match &tlv.content {
        Content::ObjectInstance(tlvs) | Content::MultipleResource(tlvs) => {
            for tlv in tlvs {
                element(&mut inside, tlv, object, resource)?;
            }
        }
        Content::ResourceInstance(bytes) | Content::Resource(bytes) => value(&mut inside, bytes, resource),
    }
    let inside = inside.finish();
    let title = tlv.content.title();
    let name = resource.filter(|_| !matches!(tlv.content, Content::ResourceInstance(_)));
    let name = name.map_or_else(|| format!("{title} {}", tlv.id), |resource| resource.title.to_owned());
    let length = inside.bytes.len();
    ensure(length <= LONGEST, || format!("a value has {length} bytes, at most {LONGEST} fit"))?;
    writer.within(name, "", |writer| {
        header(writer, tlv, length);
        writer.nested("Value", inside);
    });
    Ok(())
}

fn header(writer: &mut Writer, tlv: &Tlv, length: usize) {
    let (n_length, short) = match length {
        0..=7 => (0, u8::try_from(length).unwrap_or_default()),
        8..=0xff => (1, 0),
        0x100..=0xffff => (2, 0),
        _ => (3, 0),
    };
    let is_wide = tlv.id > 0xff;
    let number = u8::try_from(tlv.content.number()).unwrap_or_default();
    let first = number << 6 | u8::from(is_wide) << 5 | n_length << 3 | short;
    let words = if n_length == 0 {
        format!("{}, length of {length} in it", tlv.content.title())
    } else {
        format!("{}, length in {n_length} bytes", tlv.content.title())
    };
    writer.field("Type", &[first], words);
    let id = tlv.id.to_be_bytes();
    writer.field("Identifier", if is_wide { &id } else { &id[1..] }, tlv.id.to_string());
    let bytes = u32::try_from(length).unwrap_or_default().to_be_bytes();
    writer.field("Length", &bytes[4 - usize::from(n_length)..], length.to_string());
}

fn value(writer: &mut Writer, bytes: &[u8], resource: Option<&Resource>) {
    let Some(resource) = resource else { return writer.opaque("bytes", bytes) };
    let read = Data::read(resource.kind, bytes);
    let is_text = std::str::from_utf8(bytes).is_ok_and(|text| !text.chars().any(char::is_control));
    let (kind, words) = match &read {
        _ if resource.is_secret => (Kind::Key, hex::encode(bytes)),
        Ok(Data::Opaque(_) | Data::Text(_)) if is_text => (Kind::Text, shown(bytes)),
        Ok(data @ (Data::Boolean(_) | Data::Integer(_) | Data::Opaque(_) | Data::Text(_))) => {
            (Kind::Plain, data.words())
        }
        Err(malformed) => (Kind::Malformed, malformed.message.clone()),
    };
    writer.of(kind, "value", bytes, words);
}

/// Reads elements.
pub fn decode(bytes: &[u8]) -> Result<Vec<Tlv>, Malformed> {
    elements(bytes, &[0, 2, 3])
}

/// Elements of these numbers: what may stand in each other is bounded, and so is how deep.
fn elements(mut rest: &[u8], allowed: &[u8]) -> Result<Vec<Tlv>, Malformed> {
    let mut tlvs = Vec::new();
    while !rest.is_empty() {
        let first = number(&mut rest, 1, "a type")?;
        let kind = u8::try_from(first >> 6).unwrap_or_default();
        let id = number(&mut rest, 1 + (first >> 5 & 1), "an identifier")?;
        let length = match first >> 3 & 3 {
            0 => first & 7,
            n_bytes => number(&mut rest, n_bytes, "a length")?,
        };
        let value = take(&mut rest, length, "a value")?;
        ensure(allowed.contains(&kind), || format!("{} {id} does not belong here", TITLES[usize::from(kind)]))?;
        let content = match kind {
            0 => Content::ObjectInstance(elements(value, &[2, 3])?),
            1 => Content::ResourceInstance(value.to_vec()),
            2 => Content::MultipleResource(elements(value, &[1])?),
            _ => Content::Resource(value.to_vec()),
        };
        tlvs.push(Tlv { id: u16::try_from(id).unwrap_or_default(), content });
    }
    Ok(tlvs)
}

fn number(rest: &mut &[u8], n_bytes: usize, what: &str) -> Result<usize, Malformed> {
    Ok(take(rest, n_bytes, what)?.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
}

fn take<'b>(rest: &mut &'b [u8], n_bytes: usize, what: &str) -> Result<&'b [u8], Malformed> {
    let (taken, after) = rest
        .split_at_checked(n_bytes)
        .ok_or_else(|| Malformed::new(format!("{what} needs {n_bytes} bytes, {} are left", rest.len())))?;
    *rest = after;
    Ok(taken)
}
