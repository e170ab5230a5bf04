//! Explains DTLS 1.2 (RFC 6347) records and messages with a pre-shared key (RFC 4279): every byte as a field.

use super::extension::Place;
use super::message::{compression, extensions};
use super::reader::Reader;
use super::{TAG8_LEN, alert, change_cipher_spec, handshake_name, name};
use crate::annotation::{Field, Kind};

/// Bytes of a record before its fragment (RFC 6347 4.1).
pub const RECORD_HEADER: usize = 13;
/// Bytes of a handshake message before its body (RFC 6347 4.2.2).
pub const HANDSHAKE_HEADER: usize = 12;

/// Explains one record, header included; from epoch 1 on it is protected with AES-CCM and a tag of 8 bytes (RFC 6655).
#[must_use]
pub fn record(bytes: &[u8]) -> Vec<Field> {
    let mut reader = Reader::new(bytes);
    reader.whole(|reader| {
        let content_type = reader.number("type", 1, name::content_type)?;
        reader.number("version", 2, name::version)?;
        let epoch = reader.number("epoch", 2, |epoch| epoch.to_string())?;
        sequence_number(reader)?;
        reader.vector("length", 2, |reader| if epoch == 0 { clear(reader, content_type) } else { sealed(reader) })
    });
    reader.finish()
}

fn sequence_number(reader: &mut Reader<'_>) -> Option<()> {
    reader.opaque_as(Kind::Plain, "sequence_number", 6, |bytes| {
        bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte)).to_string()
    })
}

fn sealed(reader: &mut Reader<'_>) -> Option<()> {
    let len = reader.left().checked_sub(NONCE_EXPLICIT_LEN + TAG8_LEN)?;
    reader.opaque_as(Kind::Plain, "nonce_explicit", NONCE_EXPLICIT_LEN, |bytes| {
        format!("epoch and sequence number: {}", hex::encode(bytes))
    })?;
    reader.opaque(Kind::Ciphertext, "ciphertext", len)?;
    reader.rest(Kind::Digest, "authentication tag")
}

const NONCE_EXPLICIT_LEN: usize = 8;

fn clear(reader: &mut Reader<'_>, content_type: u32) -> Option<()> {
    let bytes = reader.peek_rest();
    match content_type {
        name::ALERT => reader.rest_fields("Alert", alert(bytes)),
        name::CHANGE_CIPHER_SPEC => reader.rest_fields("ChangeCipherSpec", change_cipher_spec(bytes)),
        name::HANDSHAKE if !bytes.is_empty() => reader.rest_fields(handshake_name(bytes[0]), handshake(bytes)),
        _ => reader.rest(Kind::Malformed, "fragment"),
    }
}

/// Explains one handshake message, header of twelve bytes included.
#[must_use]
pub fn handshake(bytes: &[u8]) -> Vec<Field> {
    let mut reader = Reader::new(bytes);
    reader.whole(|reader| {
        let message_type = reader.number("msg_type", 1, name::handshake)?;
        reader.number("length", 3, |length| length.to_string())?;
        reader.number("message_seq", 2, |number| number.to_string())?;
        reader.number("fragment_offset", 3, |offset| offset.to_string())?;
        reader.vector("fragment_length", 3, |reader| body(reader, message_type))
    });
    reader.finish()
}

fn body(reader: &mut Reader<'_>, message_type: u32) -> Option<()> {
    match message_type {
        1 => client_hello(reader),
        2 => server_hello(reader),
        // RFC 6347 4.2.1
        3 => {
            reader.number("server_version", 2, name::version)?;
            reader.vector("cookie length", 1, |reader| reader.rest(Kind::Random, "cookie"))
        }
        // RFC 4279 2
        12 => reader.vector("psk_identity_hint length", 2, |reader| reader.rest_text("psk_identity_hint")),
        14 => Some(()),
        16 => reader.vector("psk_identity length", 2, |reader| reader.rest_text("psk_identity")),
        20 => reader.rest(Kind::Digest, "verify_data"),
        _ => reader.rest(Kind::Malformed, "body"),
    }
}

// RFC 6347 4.2.1
fn client_hello(reader: &mut Reader<'_>) -> Option<()> {
    reader.number("client_version", 2, name::version)?;
    reader.opaque(Kind::Random, "random", 32)?;
    reader.vector("session_id length", 1, |reader| reader.rest(Kind::Random, "session_id"))?;
    reader.vector("cookie length", 1, |reader| reader.rest(Kind::Random, "cookie"))?;
    reader.vector("cipher_suites length", 2, |reader| {
        reader.each(|reader| reader.number("cipher_suite", 2, name::cipher_suite).map(drop))
    })?;
    reader.vector("compression_methods length", 1, |reader| {
        reader.each(|reader| reader.number("compression_method", 1, compression).map(drop))
    })?;
    extensions(reader, Place::ClientHello)
}

fn server_hello(reader: &mut Reader<'_>) -> Option<()> {
    reader.number("server_version", 2, name::version)?;
    reader.opaque(Kind::Random, "random", 32)?;
    reader.vector("session_id length", 1, |reader| reader.rest(Kind::Random, "session_id"))?;
    reader.number("cipher_suite", 2, name::cipher_suite)?;
    reader.number("compression_method", 1, compression)?;
    extensions(reader, Place::ServerHello)
}
