//! Bytes → message.

use super::table::{OptionFormat, spec};
use super::{Code, Kind, LONGEST_TOKEN, Message};
use crate::protocol::{Malformed, ensure};

impl Message {
    /// Reads a datagram.
    ///
    /// # Errors
    /// Where the bytes are no message (RFC 7252, section 3), or have a critical option that is not understood
    /// (section 5.4.1), or one that is longer than it may be.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut rest = bytes;
        let header = take(&mut rest, 4, "header")?;
        let (version, kind, length) = (header[0] >> 6, usize::from(header[0] >> 4 & 3), usize::from(header[0] & 15));
        ensure(version == 1, || format!("the version is {version}"))?;
        ensure(length <= LONGEST_TOKEN, || format!("a token of {length} bytes"))?;
        let code = Code(header[1]);
        ensure(code != Code::EMPTY || bytes.len() == 4, || {
            "an empty message has a header and nothing else".to_owned()
        })?;
        ensure(code == Code::EMPTY || code.is_request() || code.is_response(), || {
            format!("the code {} is reserved", code.dotted())
        })?;
        let token = take(&mut rest, length, "token")?.to_vec();
        let (options, payload) = options(rest)?;
        let message_id = u16::from_be_bytes([header[2], header[3]]);
        Ok(Self { kind: Kind::ALL[kind], code, message_id, token, options, payload })
    }
}

type Options = Vec<(u16, Vec<u8>)>;

fn options(mut rest: &[u8]) -> Result<(Options, Vec<u8>), Malformed> {
    let mut options = Vec::new();
    let mut number = 0_u16;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first == 0xff {
            ensure(!rest.is_empty(), || "a payload marker without a payload".to_owned())?;
            return Ok((options, rest.to_vec()));
        }
        let delta = extended(first >> 4, &mut rest)?;
        let length = extended(first & 15, &mut rest)?;
        number = number.checked_add(delta).ok_or_else(|| Malformed::new("an option number above 65535"))?;
        let value = take(&mut rest, usize::from(length), "option")?;
        check(number, value)?;
        options.push((number, value.to_vec()));
    }
    Ok((options, Vec::new()))
}

fn check(number: u16, value: &[u8]) -> Result<(), Malformed> {
    let Some(spec) = spec(number) else {
        // An elective option that nobody knows is ignored; a critical one must not be (RFC 7252, section 5.4.1).
        return ensure(number.is_multiple_of(2), || format!("the critical option {number} is not understood"));
    };
    let n_bytes = value.len();
    ensure(n_bytes <= spec.longest, || format!("`{}` has {n_bytes} bytes, at most {} fit", spec.name, spec.longest))?;
    let is_text = spec.format != OptionFormat::Text || std::str::from_utf8(value).is_ok();
    ensure(is_text, || format!("`{}` is no UTF-8", spec.name))
}

fn extended(nibble: u8, rest: &mut &[u8]) -> Result<u16, Malformed> {
    match nibble {
        0..=12 => Ok(u16::from(nibble)),
        13 => Ok(u16::from(take(rest, 1, "option")?[0]) + 13),
        14 => {
            let more = take(rest, 2, "option")?;
            let number = u16::from_be_bytes([more[0], more[1]]);
            number.checked_add(269).ok_or_else(|| Malformed::new("an option number or length above 65535"))
        }
        _ => Err(Malformed::new("15 is reserved in the first byte of an option")),
    }
}

fn take<'b>(rest: &mut &'b [u8], n_bytes: usize, what: &str) -> Result<&'b [u8], Malformed> {
    let (taken, after) = rest
        .split_at_checked(n_bytes)
        .ok_or_else(|| Malformed::new(format!("the {what} needs {n_bytes} bytes, {} are left", rest.len())))?;
    *rest = after;
    Ok(taken)
}
