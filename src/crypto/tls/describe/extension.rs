//! Extensions (RFC 8446 4.2, RFC 6066, RFC 7301, RFC 8422), by the message that carries them.

use super::name;
use super::reader::Reader;
use crate::annotation::Kind;

/// The message that carries an extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Certificate,
    CertificateRequest,
    ClientHello,
    EncryptedExtensions,
    HelloRetryRequest,
    NewSessionTicket,
    ServerHello,
}

/// Reads type, length and content of one extension.
pub(super) fn extension(reader: &mut Reader<'_>, place: Place) -> Option<()> {
    let code = reader.number("extension_type", 2, |code| name::with_code(name::extension(code), code))?;
    let length = format!("{} length", name::extension(code));
    reader.vector(&length, 2, |reader| if reader.left() == 0 { Some(()) } else { content(reader, code, place) })
}

fn content(reader: &mut Reader<'_>, code: u32, place: Place) -> Option<()> {
    match (code, place) {
        (0, _) => server_name(reader),
        (5, Place::ClientHello) => status_request(reader),
        (5, Place::Certificate) => {
            reader.number("status_type", 1, status_type)?;
            reader.vector("response length", 3, |reader| reader.rest_der(Kind::Malformed, "OCSPResponse"))
        }
        (10, _) => list(reader, "named_group_list length", 2, "named_group", name::group),
        (11, _) => reader.vector("ec_point_format_list length", 1, |reader| {
            reader.each(|reader| reader.number("ec_point_format", 1, name::point_format).map(drop))
        }),
        (13 | 50, _) => {
            list(reader, "supported_signature_algorithms length", 2, "signature_scheme", name::signature_scheme)
        }
        (16, _) => reader.vector("protocol_name_list length", 2, |reader| {
            reader.each(|reader| reader.vector("protocol_name length", 1, |reader| reader.rest_text("protocol_name")))
        }),
        (35, _) => reader.rest(Kind::Ciphertext, "ticket"),
        (42, Place::NewSessionTicket) => reader.number("max_early_data_size", 4, |size| size.to_string()).map(drop),
        (43, Place::ClientHello) => list(reader, "versions length", 1, "version", name::version),
        (43, _) => reader.number("selected_version", 2, name::version).map(drop),
        (44, _) => reader.vector("cookie length", 2, |reader| reader.rest(Kind::Random, "cookie")),
        (45, _) => reader.vector("ke_modes length", 1, |reader| {
            reader.each(|reader| reader.number("ke_mode", 1, name::psk_mode).map(drop))
        }),
        (47, _) => authorities(reader),
        (51, Place::ClientHello) => reader.vector("client_shares length", 2, |reader| reader.each(key_share)),
        (51, Place::HelloRetryRequest) => reader.number("selected_group", 2, name::group).map(drop),
        (51, _) => key_share(reader),
        (65281, _) => reader
            .vector("renegotiated_connection length", 1, |reader| reader.rest(Kind::Digest, "renegotiated_connection")),
        _ => reader.rest(Kind::Plain, "extension_data"),
    }
}

/// A vector of codes of two bytes each.
fn list(reader: &mut Reader<'_>, length: &str, len: usize, element: &str, words: fn(u32) -> String) -> Option<()> {
    reader.vector(length, len, |reader| reader.each(|reader| reader.number(element, 2, words).map(drop)))
}

// RFC 6066 3
fn server_name(reader: &mut Reader<'_>) -> Option<()> {
    reader.vector("server_name_list length", 2, |reader| {
        reader.each(|reader| {
            reader.number("name_type", 1, |code| {
                name::with_code(if code == 0 { "host_name" } else { "unknown" }, code)
            })?;
            reader.vector("host_name length", 2, |reader| reader.rest_text("host_name"))
        })
    })
}

// RFC 6066 8
fn status_request(reader: &mut Reader<'_>) -> Option<()> {
    reader.number("status_type", 1, status_type)?;
    reader.vector("responder_id_list length", 2, |reader| reader.rest(Kind::Plain, "responder_id_list"))?;
    reader.vector("request_extensions length", 2, |reader| reader.rest(Kind::Plain, "request_extensions"))
}

fn status_type(code: u32) -> String {
    name::with_code(if code == 1 { "ocsp" } else { "unknown" }, code)
}

fn key_share(reader: &mut Reader<'_>) -> Option<()> {
    reader.number("group", 2, name::group)?;
    reader.vector("key_exchange length", 2, |reader| reader.rest(Kind::Key, "key_exchange"))
}

/// Names of acceptable authorities; TLS 1.2 has the same list in its `CertificateRequest`.
pub(super) fn authorities(reader: &mut Reader<'_>) -> Option<()> {
    reader.vector("certificate_authorities length", 2, |reader| {
        reader.each(|reader| {
            reader.vector("DistinguishedName length", 2, |reader| reader.rest_der(Kind::Malformed, "DistinguishedName"))
        })
    })
}
