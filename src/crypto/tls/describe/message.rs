//! The bodies of handshake messages.

use super::Tls;
use super::extension::{self, Place};
use super::name;
use super::reader::Reader;
use crate::annotation::Kind;

/// Reads the body of the message that has this type.
pub(super) fn body(reader: &mut Reader<'_>, message_type: u32, version: Tls) -> Option<()> {
    match (message_type, version) {
        (1, _) => client_hello(reader, version),
        (2, _) => server_hello(reader, version),
        (4, Tls::V12) => {
            reader.number("ticket_lifetime_hint", 4, seconds)?;
            reader.vector("ticket length", 2, |reader| reader.rest(Kind::Ciphertext, "ticket"))
        }
        (4, Tls::V13) => new_session_ticket(reader),
        (8, Tls::V13) => extensions(reader, Place::EncryptedExtensions),
        (11, Tls::V12) => certificates(reader),
        (11, Tls::V13) => certificate_entries(reader),
        (12, Tls::V12) => server_key_exchange(reader),
        (13, Tls::V12) => certificate_request(reader),
        (13, Tls::V13) => {
            reader.vector("certificate_request_context length", 1, |reader| {
                reader.rest(Kind::Random, "certificate_request_context")
            })?;
            extensions(reader, Place::CertificateRequest)
        }
        (14, Tls::V12) => Some(()),
        (15, _) => signature(reader),
        (16, Tls::V12) => reader.vector("ecdh_Yc length", 1, |reader| reader.rest(Kind::Key, "ecdh_Yc")),
        (20, _) => reader.rest(Kind::Digest, "verify_data"),
        (24, Tls::V13) => {
            reader.number("request_update", 1, |code| match code {
                0 => "update_not_requested (0)".to_owned(),
                1 => "update_requested (1)".to_owned(),
                _ => format!("unknown ({code})"),
            })?;
            Some(())
        }
        _ => reader.rest(Kind::Plain, "body"),
    }
}

// RFC 8446 4.1.2, RFC 5246 7.4.1.2
fn client_hello(reader: &mut Reader<'_>, version: Tls) -> Option<()> {
    let legacy = legacy(version);
    reader.number(if version == Tls::V12 { "client_version" } else { "legacy_version" }, 2, name::version)?;
    reader.opaque(Kind::Random, "random", 32)?;
    reader.vector(&format!("{legacy}session_id length"), 1, |reader| {
        reader.rest(Kind::Random, &format!("{legacy}session_id"))
    })?;
    reader.vector("cipher_suites length", 2, |reader| {
        reader.each(|reader| reader.number("cipher_suite", 2, name::cipher_suite).map(drop))
    })?;
    reader.vector(&format!("{legacy}compression_methods length"), 1, |reader| {
        reader.each(|reader| reader.number("compression_method", 1, compression).map(drop))
    })?;
    extensions(reader, Place::ClientHello)
}

// RFC 8446 4.1.3, RFC 5246 7.4.1.3
fn server_hello(reader: &mut Reader<'_>, version: Tls) -> Option<()> {
    reader.number(if version == Tls::V12 { "server_version" } else { "legacy_version" }, 2, name::version)?;
    let is_retry = reader.starts_with(&HELLO_RETRY_REQUEST);
    reader.opaque(Kind::Random, if is_retry { "random of a HelloRetryRequest" } else { "random" }, 32)?;
    let session_id = if version == Tls::V12 { "session_id" } else { "legacy_session_id_echo" };
    reader.vector(&format!("{session_id} length"), 1, |reader| reader.rest(Kind::Random, session_id))?;
    reader.number("cipher_suite", 2, name::cipher_suite)?;
    reader.number(&format!("{}compression_method", legacy(version)), 1, compression)?;
    extensions(reader, if is_retry { Place::HelloRetryRequest } else { Place::ServerHello })
}

/// What TLS 1.3 puts before the names of fields that it keeps for the sake of TLS 1.2.
fn legacy(version: Tls) -> &'static str {
    match version {
        Tls::V12 => "",
        Tls::V13 => "legacy_",
    }
}

/// SHA-256 of `HelloRetryRequest` (RFC 8446 4.1.3).
const HELLO_RETRY_REQUEST: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11,
    0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// The extensions that end a message; TLS 1.2 may leave them out altogether.
pub(super) fn extensions(reader: &mut Reader<'_>, place: Place) -> Option<()> {
    if reader.left() == 0 {
        return Some(());
    }
    reader.vector("extensions length", 2, |reader| reader.each(|reader| extension::extension(reader, place)))
}

// RFC 8446 4.6.1
fn new_session_ticket(reader: &mut Reader<'_>) -> Option<()> {
    reader.number("ticket_lifetime", 4, seconds)?;
    reader.number("ticket_age_add", 4, |number| number.to_string())?;
    reader.vector("ticket_nonce length", 1, |reader| reader.rest(Kind::Random, "ticket_nonce"))?;
    reader.vector("ticket length", 2, |reader| reader.rest(Kind::Ciphertext, "ticket"))?;
    extensions(reader, Place::NewSessionTicket)
}

// RFC 5246 7.4.2
fn certificates(reader: &mut Reader<'_>) -> Option<()> {
    reader.vector("certificate_list length", 3, |reader| {
        reader.each(|reader| {
            reader.vector("certificate length", 3, |reader| reader.rest_der(Kind::Malformed, "certificate"))
        })
    })
}

// RFC 8446 4.4.2
fn certificate_entries(reader: &mut Reader<'_>) -> Option<()> {
    reader.vector("certificate_request_context length", 1, |reader| {
        reader.rest(Kind::Random, "certificate_request_context")
    })?;
    reader.vector("certificate_list length", 3, |reader| {
        reader.each(|reader| {
            reader.vector("cert_data length", 3, |reader| reader.rest_der(Kind::Malformed, "cert_data"))?;
            extensions(reader, Place::Certificate)
        })
    })
}

// RFC 8422 5.4
fn server_key_exchange(reader: &mut Reader<'_>) -> Option<()> {
    let curve_type = reader.number("curve_type", 1, |code| {
        name::with_code(if code == NAMED_CURVE { "named_curve" } else { "unknown" }, code)
    })?;
    if curve_type != NAMED_CURVE {
        return reader.rest(Kind::Plain, "body");
    }
    reader.number("namedcurve", 2, name::group)?;
    reader.vector("public length", 1, |reader| reader.rest(Kind::Key, "public"))?;
    signature(reader)
}

const NAMED_CURVE: u32 = 3;

// RFC 5246 7.4.4
fn certificate_request(reader: &mut Reader<'_>) -> Option<()> {
    reader.vector("certificate_types length", 1, |reader| {
        reader.each(|reader| reader.number("certificate_type", 1, name::certificate_type).map(drop))
    })?;
    reader.vector("supported_signature_algorithms length", 2, |reader| {
        reader.each(|reader| reader.number("signature algorithm", 2, name::signature_scheme).map(drop))
    })?;
    extension::authorities(reader)
}

fn signature(reader: &mut Reader<'_>) -> Option<()> {
    reader.number("algorithm", 2, name::signature_scheme)?;
    reader.vector("signature length", 2, |reader| reader.rest_der(Kind::Signature, "signature"))
}

fn seconds(number: u32) -> String {
    format!("{number} s")
}

pub(super) fn compression(code: u32) -> String {
    name::with_code(if code == 0 { "null" } else { "unknown" }, code)
}
