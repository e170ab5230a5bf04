//! Message → bytes, each explained.

use super::table::{Format, OptionFormat, spec};
use super::{Code, Kind, LONGEST_TOKEN, Message, links, uint};
use crate::annotation::Kind as Bytes;
use crate::protocol::writer::{Writer, shown};
use crate::protocol::{Encoded, Malformed, ensure, lwm2m};

const PAYLOAD_MARKER: u8 = 0xff;

impl Message {
    /// The message as it goes into a datagram. Its options must be in the order of their numbers.
    pub fn encode(&self) -> Result<Encoded, Malformed> {
        ensure(self.token.len() <= LONGEST_TOKEN, || format!("a token has at most {LONGEST_TOKEN} bytes"))?;
        ensure(self.options.is_sorted_by_key(|(number, _)| *number), || {
            "options stand in the order of their numbers".to_owned()
        })?;
        let is_bare = self.token.is_empty() && self.options.is_empty() && self.payload.is_empty();
        ensure(self.code != Code::EMPTY || is_bare, || "an empty message has a header and nothing else".to_owned())?;
        let mut writer = Writer::default();
        let n_payload = self.payload.len();
        ensure(n_payload <= LONGEST_PAYLOAD, || {
            format!(
                "a payload of {n_payload} bytes, at most {LONGEST_PAYLOAD} fit a message without block-wise transfer"
            )
        })?;
        self.header(&mut writer);
        let mut last = 0;
        for (number, value) in &self.options {
            option(&mut writer, *number, *number - last, value)?;
            last = *number;
        }
        if !self.payload.is_empty() {
            writer.field("payload marker", &[PAYLOAD_MARKER], "what follows is the payload");
            self.explain_payload(&mut writer);
        }
        Ok(writer.finish())
    }

    /// RFC 7252, section 3.
    fn header(&self, writer: &mut Writer) {
        let kind = Kind::ALL.iter().position(|kind| *kind == self.kind).unwrap_or_default();
        let length = self.token.len();
        let first = VERSION << 6 | u8::try_from(kind << 4 | length).unwrap_or_default();
        let words = format!("version {VERSION}, {} ({kind}), token of {length} bytes", self.kind.name());
        writer.field("Ver, T, TKL", &[first], words);
        writer.field("Code", &[self.code.0], format!("{} {}", self.code.dotted(), self.code.name()));
        writer.field("Message ID", &self.message_id.to_be_bytes(), self.message_id.to_string());
        writer.of(Bytes::Random, "Token", &self.token, hex::encode(&self.token));
    }

    fn explain_payload(&self, writer: &mut Writer) {
        let encoded = match self.format() {
            Some(TLV) => lwm2m::explain(self.object(), &self.payload),
            Some(LINK_FORMAT) => std::str::from_utf8(&self.payload).ok().and_then(explained_links),
            Some(TEXT) => Some(text(&self.payload)),
            Some(_) | None => None,
        };
        match encoded {
            Some(encoded) => writer.nested("payload", encoded),
            None => writer.opaque("payload", &self.payload),
        }
    }
}

const VERSION: u8 = 1;
/// RFC 7252, section 4.6: where nothing is known of the path, messages should not be longer than that.
const LONGEST_PAYLOAD: usize = 1024;

/// Numbers of the content formats whose payloads are looked into.
const TEXT: u16 = 0;
const LINK_FORMAT: u16 = 40;
const TLV: u16 = 11542;

fn text(payload: &[u8]) -> Encoded {
    let mut writer = Writer::default();
    writer.of(Bytes::Text, "text", payload, shown(payload));
    writer.finish()
}

/// Links with the commas between them (RFC 6690, section 2).
fn explained_links(text: &str) -> Option<Encoded> {
    links(text).ok()?;
    let mut writer = Writer::default();
    for (index, link) in text.split(',').enumerate() {
        if index > 0 {
            writer.text("comma", ",");
        }
        writer.of(Bytes::Text, "link", link.as_bytes(), link);
    }
    Some(writer.finish())
}

/// RFC 7252, section 3.1.
fn option(writer: &mut Writer, number: u16, delta: u16, value: &[u8]) -> Result<(), Malformed> {
    let spec = spec(number);
    let name = spec.map_or_else(|| format!("option {number}"), |spec| spec.name.to_owned());
    let longest = spec.map_or(usize::from(u16::MAX), |spec| spec.longest);
    ensure(value.len() <= longest, || format!("`{name}` has {} bytes, at most {longest} fit", value.len()))?;
    let length = u16::try_from(value.len()).map_err(|_| Malformed::new(format!("`{name}` is too long")))?;
    let ((delta_nibble, delta_more), (length_nibble, length_more)) = (nibble(delta), nibble(length));
    let words = described(number, value);
    writer.within(name, words.clone(), |writer| {
        let words_of_both = format!("option {number}, {delta} after the one before; {length} bytes");
        writer.field("Option Delta, Option Length", &[delta_nibble << 4 | length_nibble], words_of_both);
        writer.field("Option Delta (extended)", &delta_more, delta.to_string());
        writer.field("Option Length (extended)", &length_more, length.to_string());
        let kind = match spec.map(|spec| spec.format) {
            Some(OptionFormat::Text) => Bytes::Text,
            Some(OptionFormat::Empty | OptionFormat::Media | OptionFormat::Opaque | OptionFormat::Uint) | None => {
                Bytes::Plain
            }
        };
        writer.of(kind, "Option Value", value, words);
    });
    Ok(())
}

fn described(number: u16, value: &[u8]) -> String {
    match spec(number).map(|spec| spec.format) {
        Some(OptionFormat::Media) => {
            let number = uint(value);
            let name = u16::try_from(number).ok().and_then(Format::of).map_or("unknown", |format| format.name);
            format!("{name} ({number})")
        }
        Some(OptionFormat::Uint) => uint(value).to_string(),
        Some(OptionFormat::Empty | OptionFormat::Opaque | OptionFormat::Text) | None => shown(value),
    }
}

/// A number in four bits, and the bytes of what does not fit.
fn nibble(number: u16) -> (u8, Vec<u8>) {
    match number {
        0..=12 => (u8::try_from(number).unwrap_or_default(), Vec::new()),
        13..=268 => (13, vec![u8::try_from(number - 13).unwrap_or_default()]),
        269.. => (14, (number - 269).to_be_bytes().to_vec()),
    }
}
