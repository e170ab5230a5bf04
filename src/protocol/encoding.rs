//! Bytes as text and back: base64 (RFC 4648), hexadecimal digits, percent-encoding (RFC 3986), PEM (RFC 7468).

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::{Malformed, ensure};

/// Standard alphabet with padding (RFC 4648, section 4).
#[must_use]
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// URL-safe alphabet without padding (RFC 4648, section 5), as JOSE wants it (RFC 7515, section 2).
#[must_use]
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads [`base64()`] and nothing else: padding is required, and unused bits must be zero.
pub fn from_base64(text: &str) -> Result<Vec<u8>, Malformed> {
    STANDARD.decode(text).map_err(|error| not_base64(&error))
}

/// Reads [`base64url()`] and nothing else: no padding, no line breaks, and unused bits must be zero.
pub fn from_base64url(text: &str) -> Result<Vec<u8>, Malformed> {
    URL_SAFE_NO_PAD.decode(text).map_err(|error| not_base64(&error))
}

/// Reads either alphabet, but not both in one text; padding may be absent, and white space is passed over.
pub fn from_base64_lenient(text: &str) -> Result<Vec<u8>, Malformed> {
    let compact: String = text.split_ascii_whitespace().collect();
    let digits = compact.trim_end_matches('=');
    ensure(compact.len() - digits.len() <= 2, || "not base64: more than two padding characters".to_owned())?;
    let engine = if digits.contains(['-', '_']) { &URL_SAFE_NO_PAD } else { &STANDARD_NO_PAD };
    engine.decode(digits).map_err(|error| not_base64(&error))
}

/// Lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    hex::encode(bytes)
}

/// Reads hexadecimal digits of either case.
pub fn from_hex(text: &str) -> Result<Vec<u8>, Malformed> {
    hex::decode(text).map_err(|error| Malformed::new(format!("not hexadecimal digits: {}", lower_first(&error))))
}

/// Percent-encodes everything but the unreserved characters, with upper-case digits (RFC 3986, sections 2.1 and 2.3).
#[must_use]
pub fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("a string takes every write");
        }
    }
    encoded
}

/// Reads percent-encoded UTF-8 text; `+` stands for itself.
pub fn percent_decode(text: &str) -> Result<String, Malformed> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let digits = after.get(..2).ok_or_else(|| Malformed::new("`%` is not followed by two digits"))?;
            let mut byte = [0];
            hex::decode_to_slice(digits, &mut byte)
                .map_err(|_| Malformed::new("`%` is not followed by two hexadecimal digits"))?;
            bytes.push(byte[0]);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8(bytes).map_err(|_| Malformed::new("the decoded octets are not UTF-8"))
}

/// One PEM block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pem {
    /// What is inside: `CERTIFICATE`, `PRIVATE KEY`.
    pub label: String,
    /// The bytes inside.
    pub der: Vec<u8>,
}

impl Pem {
    /// Writes the block with lines of 64 characters (RFC 7468, section 2).
    #[must_use]
    pub fn encode(&self) -> String {
        crate::crypto::pem(&self.label, &self.der)
    }

    /// Reads every block of `text`; what stands between blocks is explanatory and passed over (RFC 7468, section 5.2).
    pub fn decode_all(text: &str) -> Result<Vec<Self>, Malformed> {
        let mut blocks = Vec::new();
        let mut lines = text.lines().map(str::trim_end);
        while let Some(line) = lines.next() {
            let Some(label) = boundary(line, "-----BEGIN ") else { continue };
            blocks.push(Self { label: label.to_owned(), der: block(&mut lines, label)? });
        }
        ensure(!blocks.is_empty(), || "there is no PEM block".to_owned())?;
        Ok(blocks)
    }
}

fn block<'t>(lines: &mut impl Iterator<Item = &'t str>, label: &str) -> Result<Vec<u8>, Malformed> {
    let mut body = String::new();
    for line in lines {
        if let Some(end) = boundary(line, "-----END ") {
            ensure(end == label, || format!("`BEGIN {label}` is closed by `END {end}`"))?;
            return from_base64(&body).map_err(|malformed| malformed.inside(label));
        }
        body.push_str(line.trim());
    }
    Err(Malformed::new(format!("`BEGIN {label}` is not closed")))
}

fn boundary<'l>(line: &'l str, prefix: &str) -> Option<&'l str> {
    line.strip_prefix(prefix)?.strip_suffix("-----")
}

fn not_base64(error: &base64::DecodeError) -> Malformed {
    Malformed::new(format!("not base64: {}", lower_first(error)))
}

/// A library's message in the form of ours.
fn lower_first(error: &impl ToString) -> String {
    let text = error.to_string();
    let mut chars = text.trim_end_matches('.').chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn strict_base64_refuses_what_another_writer_may_have_changed() {
        assert_eq!(from_base64("Zm9vYg==").unwrap(), b"foob");
        assert!(from_base64("Zm9vYg").is_err(), "padding is missing");
        assert!(from_base64("Zm9vYh==").is_err(), "unused bits are set");
        assert!(from_base64url("Zm9vYg==").is_err(), "padding is present");
        assert!(from_base64url("Zm9v\nYg").is_err(), "a line break");
    }

    #[test]
    fn lenient_base64_reads_both_alphabets() {
        for text in ["-_-_", "+/+/"] {
            assert_eq!(from_base64_lenient(text).unwrap(), [0xfb, 0xff, 0xbf]);
        }
        assert_eq!(from_base64_lenient("Zm9v\r\n Yg==").unwrap(), b"foob");
        assert_eq!(from_base64_lenient("Zm9vYg").unwrap(), b"foob");
        assert!(from_base64_lenient("-_+/").is_err());
        assert!(from_base64_lenient("Zg===").unwrap_err().message.contains("padding"));
    }

    #[test]
    fn hexadecimal_digits_come_in_pairs() {
        assert_eq!(from_hex("00fF").unwrap(), [0, 255]);
        assert_eq!(from_hex("0").unwrap_err().message, "not hexadecimal digits: odd number of digits");
    }

    #[test]
    fn percent_encoding_is_upper_case() {
        assert_eq!(percent_encode("hub/devices/a~b-c_d.e é"), "hub%2Fdevices%2Fa~b-c_d.e%20%C3%A9");
        assert_eq!(percent_decode("a%2fb+%C3%A9").unwrap(), "a/b+é");
        assert!(percent_decode("%2").unwrap_err().message.contains("two digits"));
        assert!(percent_decode("%zz").unwrap_err().message.contains("hexadecimal"));
        assert!(percent_decode("%ff").unwrap_err().message.contains("UTF-8"));
    }

    #[test]
    fn pem_blocks_keep_their_label() {
        let pem = Pem { label: "X".to_owned(), der: vec![7; 100] };
        let text = pem.encode();
        assert_eq!(text.lines().nth(1).unwrap().len(), 64);
        let both = format!("subject=…\n{text}{text}");
        assert_eq!(Pem::decode_all(&both).unwrap(), [pem.clone(), pem]);
        assert_eq!(
            Pem::decode_all(&text.replace("END X", "END Y")).unwrap_err().message,
            "`BEGIN X` is closed by `END Y`"
        );
        assert_eq!(Pem::decode_all("-----BEGIN X-----\nAA").unwrap_err().message, "`BEGIN X` is not closed");
        assert_eq!(Pem::decode_all("text").unwrap_err().message, "there is no PEM block");
    }

    proptest! {
        #[test]
        fn everything_comes_back(bytes: Vec<u8>, text: String) {
            prop_assert_eq!(from_base64(&base64(&bytes)).unwrap(), bytes.clone());
            prop_assert_eq!(from_base64url(&base64url(&bytes)).unwrap(), bytes.clone());
            prop_assert_eq!(from_base64_lenient(&base64url(&bytes)).unwrap(), bytes.clone());
            prop_assert_eq!(percent_decode(&percent_encode(&text)).unwrap(), text.clone());
            let _ = (from_base64_lenient(&text), percent_decode(&text), Pem::decode_all(&text));
        }
    }
}
