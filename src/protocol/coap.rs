//! `CoAP` messages (RFC 7252), as far as provisioning needs them: no block-wise transfer, no observation.

mod read;
mod table;
mod write;

pub use self::table::{CODES, FORMATS, Format, Named, OPTIONS};
use super::Malformed;

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Whether it asks for an acknowledgement, or is one.
    pub kind: Kind,
    /// Method or response code.
    pub code: Code,
    /// Ties an acknowledgement to what it acknowledges.
    pub message_id: u16,
    /// Ties a response to its request; at most 8 bytes.
    pub token: Vec<u8>,
    /// Option numbers with their values, in the order of the numbers.
    pub options: Vec<(u16, Vec<u8>)>,
    /// The payload; may be empty.
    pub payload: Vec<u8>,
}

/// The type of a message (RFC 7252, section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
// In the order of their numbers.
pub enum Kind {
    /// CON: is to be acknowledged.
    Confirmable,
    /// NON.
    NonConfirmable,
    /// ACK.
    Acknowledgement,
    /// RST: could not be processed.
    Reset,
}

/// Class and detail: `0.02` is POST, `2.04` is Changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code(pub u8);

/// Numbers of the options that requests and responses are made of (RFC 7252, section 5.10).
pub mod option {
    /// Segment of the path of what was created.
    pub const LOCATION_PATH: u16 = 8;
    /// Segment of the path.
    pub const URI_PATH: u16 = 11;
    /// What the payload is.
    pub const CONTENT_FORMAT: u16 = 12;
    /// Argument.
    pub const URI_QUERY: u16 = 15;
    /// What the payload of the answer should be.
    pub const ACCEPT: u16 = 17;
}

/// Most bytes of a token.
pub const LONGEST_TOKEN: usize = 8;

impl Kind {
    /// Every type, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::Confirmable, Self::NonConfirmable, Self::Acknowledgement, Self::Reset];

    /// As the standard abbreviates it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Confirmable => "CON",
            Self::NonConfirmable => "NON",
            Self::Acknowledgement => "ACK",
            Self::Reset => "RST",
        }
    }
}

impl Code {
    /// No method and no response: an acknowledgement or a reset alone.
    pub const EMPTY: Self = Self(0);

    /// The code of a method such as `POST`, or of a response such as `2.04`.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        let known = |named: &&Named| named.name == word || Self(named.code).dotted() == word;
        CODES.iter().find(known).map(|named| Self(named.code))
    }

    /// `2.04`.
    #[must_use]
    pub fn dotted(self) -> String {
        format!("{}.{:02}", self.0 >> 5, self.0 & 31)
    }

    /// `POST`, `Changed`; `unknown` where no standard names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        CODES.iter().find(|named| named.code == self.0).map_or("unknown", |named| named.name)
    }

    /// Whether it is a method (class 0, and not empty).
    #[must_use]
    pub fn is_request(self) -> bool {
        self.0 != 0 && self.0 >> 5 == 0
    }

    /// Whether it is a response (classes 2, 4 and 5).
    #[must_use]
    pub fn is_response(self) -> bool {
        matches!(self.0 >> 5, 2 | 4 | 5)
    }
}

impl Message {
    /// The texts of the options of this number.
    pub fn texts(&self, number: u16) -> impl Iterator<Item = String> {
        let values = self.options.iter().filter(move |(option, _)| *option == number);
        values.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
    }

    /// The number that the first option of this number holds.
    #[must_use]
    pub fn number(&self, number: u16) -> Option<u32> {
        self.options.iter().find(|(option, _)| *option == number).map(|(_, value)| uint(value))
    }

    /// The path with a slash before each segment, and one alone where there are none.
    #[must_use]
    pub fn path(&self) -> String {
        let segments: Vec<String> = self.texts(option::URI_PATH).collect();
        format!("/{}", segments.join("/"))
    }

    /// What the payload is, by the number of its format.
    #[must_use]
    pub fn format(&self) -> Option<u16> {
        self.number(option::CONTENT_FORMAT).and_then(|number| u16::try_from(number).ok())
    }

    /// The `LwM2M` object that the path names.
    #[must_use]
    pub fn object(&self) -> Option<u16> {
        self.texts(option::URI_PATH).next()?.parse().ok()
    }
}

/// A number as an option holds it: as few bytes as it takes, none for zero (RFC 7252, section 3.2).
#[must_use]
pub fn uint_bytes(number: u32) -> Vec<u8> {
    number.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect()
}

fn uint(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number: u32, byte| number.wrapping_shl(8) | u32::from(*byte))
}

/// The targets of links in the format of RFC 6690: `</1/1>,</3/0>;ver=1.1`.
pub fn links(text: &str) -> Result<Vec<String>, Malformed> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let target = |link: &str| {
        let rest = link.strip_prefix('<')?;
        let (target, parameters) = rest.split_once('>')?;
        let are_parameters = parameters.is_empty() || (parameters.starts_with(';') && parameters.len() > 1);
        (!target.contains('<') && are_parameters).then(|| target.to_owned())
    };
    text.split(',').map(|link| target(link).ok_or_else(|| Malformed::new(format!("`{link}` is no link")))).collect()
}

#[cfg(test)]
mod tests;
