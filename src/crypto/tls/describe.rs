//! Explains TLS 1.2 (RFC 5246) and 1.3 (RFC 8446) records and messages: every byte as a field.

pub mod dtls;
mod extension;
mod message;
mod name;
mod reader;

pub use self::name::{alert_name, content_type_name, handshake_name};
use self::reader::Reader;
use super::wire::handshakes;
use crate::annotation::{Field, Kind};

/// How the fragment of a record is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// Not at all.
    None,
    /// Ciphertext, then a tag of 16 bytes (RFC 8446 5.2).
    Tls13Gcm,
    /// Explicit nonce of 8 bytes, ciphertext, tag of 16 bytes (RFC 5288 3).
    Tls12Gcm,
}

/// The version of the protocol that a message belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// TLS 1.2.
    V12,
    /// TLS 1.3.
    V13,
}

/// Explains one record, header included; messages that are not encrypted are those of `version`.
#[must_use]
pub fn record(bytes: &[u8], encrypted: Encryption, version: Tls) -> Vec<Field> {
    let mut reader = Reader::new(bytes);
    reader.whole(|reader| {
        let content_type = reader.number("content type", 1, name::content_type)?;
        reader.number("legacy_record_version", 2, name::version)?;
        reader.vector("length", 2, |reader| {
            // A `change_cipher_spec` is never encrypted (RFC 8446 5; in TLS 1.2 it precedes encryption).
            let encryption = if content_type == name::CHANGE_CIPHER_SPEC { Encryption::None } else { encrypted };
            fragment(reader, content_type, encryption, version)
        })
    });
    reader.finish()
}

fn fragment(reader: &mut Reader<'_>, content_type: u32, encryption: Encryption, version: Tls) -> Option<()> {
    match encryption {
        Encryption::None => clear(reader, content_type, version),
        Encryption::Tls13Gcm => {
            let len = reader.left().checked_sub(TAG_LEN)?;
            reader.opaque(Kind::Ciphertext, "encrypted_record", len)?;
            reader.rest(Kind::Digest, "authentication tag")
        }
        Encryption::Tls12Gcm => {
            let len = reader.left().checked_sub(NONCE_EXPLICIT_LEN + TAG_LEN)?;
            reader.opaque(Kind::Random, "nonce_explicit", NONCE_EXPLICIT_LEN)?;
            reader.opaque(Kind::Ciphertext, "ciphertext", len)?;
            reader.rest(Kind::Digest, "authentication tag")
        }
    }
}

/// The messages of a record that is not encrypted; what is none of them is ciphertext without its key.
fn clear(reader: &mut Reader<'_>, content_type: u32, version: Tls) -> Option<()> {
    let bytes = reader.peek_rest();
    let messages = handshakes(bytes);
    let is_whole = messages.iter().map(|message| message.len()).sum::<usize>() == bytes.len();
    match content_type {
        name::ALERT => reader.rest_fields("Alert", alert(bytes)),
        name::CHANGE_CIPHER_SPEC => reader.rest_fields("ChangeCipherSpec", change_cipher_spec(bytes)),
        name::HANDSHAKE if is_whole => {
            for message in messages {
                reader.explained(handshake_name(message[0]), message.len(), handshake(message, version))?;
            }
            Some(())
        }
        _ => reader.rest(Kind::Ciphertext, "fragment"),
    }
}

const NONCE_EXPLICIT_LEN: usize = 8;
const TAG_LEN: usize = 16;
/// The tag of the suites whose names end in `CCM_8` (RFC 6655 4).
const TAG8_LEN: usize = 8;

/// Explains one handshake message, header of four bytes included.
#[must_use]
pub fn handshake(bytes: &[u8], version: Tls) -> Vec<Field> {
    let mut reader = Reader::new(bytes);
    reader.whole(|reader| {
        let message_type = reader.number("msg_type", 1, name::handshake)?;
        reader.vector("length", 3, |reader| message::body(reader, message_type, version))
    });
    reader.finish()
}

/// Explains the content of an alert record.
#[must_use]
pub fn alert(bytes: &[u8]) -> Vec<Field> {
    let mut reader = Reader::new(bytes);
    reader.whole(|reader| {
        reader.number("level", 1, |code| match code {
            1 => "warning (1)".to_owned(),
            2 => "fatal (2)".to_owned(),
            _ => format!("unknown ({code})"),
        })?;
        reader.number("description", 1, name::alert)?;
        Some(())
    });
    reader.finish()
}

/// Explains the content of a `change_cipher_spec` record.
#[must_use]
pub fn change_cipher_spec(bytes: &[u8]) -> Vec<Field> {
    let mut reader = Reader::new(bytes);
    reader.whole(|reader| {
        reader.number("type", 1, |code| {
            name::with_code(if code == 1 { "change_cipher_spec" } else { "unknown" }, code)
        })?;
        Some(())
    });
    reader.finish()
}

#[cfg(test)]
mod tests;
