//! Handshakes recorded with OpenSSL: every byte is explained.

use proptest::prelude::*;

use super::*;
use crate::annotation::{Inside, Layer};

const TLS12: &str = include_str!("tests/tls12.txt");
const TLS13: &str = include_str!("tests/tls13.txt");

/// Messages of a handshake recorded with OpenSSL: name and bytes.
fn messages(text: &'static str) -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    text.lines().map(|line| {
        let (name, digits) = line.split_once(' ').unwrap();
        (name, hex::decode(digits).unwrap())
    })
}

/// `fields`, after a look that they cover `len` bytes once and in order.
fn covering(fields: Vec<Field>, len: usize) -> Vec<Field> {
    assert!(Layer::new("TLS", vec![0; len], fields.clone()).is_complete(), "{fields:?}");
    fields
}

fn explained(bytes: &[u8], version: Tls) -> Vec<Field> {
    covering(handshake(bytes, version), bytes.len())
}

fn value<'f>(fields: &'f [Field], name: &str) -> &'f str {
    find(fields, name).unwrap_or_else(|| panic!("no `{name}`"))
}

fn find<'f>(fields: &'f [Field], name: &str) -> Option<&'f str> {
    fields.iter().find_map(|field| match &field.inside {
        _ if field.name == name => Some(field.value.as_str()),
        Inside::Fields(fields) => find(fields, name),
        Inside::Decoded(_) | Inside::Nothing => None,
    })
}

/// The message `name` of a recorded handshake, explained.
fn recorded(name: &str, version: Tls) -> Vec<Field> {
    let (_, bytes) = messages(match version {
        Tls::V12 => TLS12,
        Tls::V13 => TLS13,
    })
    .find(|(known, _)| *known == name)
    .unwrap();
    explained(&bytes, version)
}

#[test]
fn recorded_handshakes_hold_nothing_unknown() {
    for (text, version) in [(TLS12, Tls::V12), (TLS13, Tls::V13)] {
        for (name, bytes) in messages(text) {
            let fields = explained(&bytes, version);
            assert_eq!(fields[0].value, format!("{name} ({})", bytes[0]));
            let unread = ["malformed", "rest", "body", "extension_data"];
            assert!(fields.iter().all(|field| !unread.contains(&&*field.name)), "{name}: {fields:?}");
        }
    }
}

#[test]
fn hellos_of_tls_1_3() {
    let client = recorded("ClientHello", Tls::V13);
    assert_eq!(value(&client, "legacy_version"), "TLS 1.2 (0x0303)");
    assert_eq!(value(&client, "cipher_suite"), "TLS_AES_256_GCM_SHA384 (0x1302)");
    assert_eq!(value(&client, "host_name"), "localhost");
    assert_eq!(value(&client, "protocol_name"), "http/1.1");
    assert_eq!(value(&client, "version"), "TLS 1.3 (0x0304)");
    assert_eq!(value(&client, "group"), "x25519 (0x001d)");
    assert_eq!(value(&client, "ke_mode"), "psk_dhe_ke (1)");
    let server = recorded("ServerHello", Tls::V13);
    assert_eq!(value(&server, "selected_version"), "TLS 1.3 (0x0304)");
    assert_eq!(value(&server, "key_exchange length"), "32");
}

#[test]
fn key_exchange_of_tls_1_2() {
    let client = recorded("ClientHello", Tls::V12);
    assert_eq!(value(&client, "client_version"), "TLS 1.2 (0x0303)");
    assert_eq!(value(&client, "compression_method"), "null (0)");
    let server = recorded("ServerKeyExchange", Tls::V12);
    assert_eq!(value(&server, "curve_type"), "named_curve (3)");
    assert_eq!(value(&server, "algorithm"), "ecdsa_secp256r1_sha256 (0x0403)");
    assert_eq!(value(&server, "Ecdsa-Sig-Value"), "SEQUENCE, 69 bytes");
    assert_eq!(value(&recorded("ClientKeyExchange", Tls::V12), "ecdh_Yc length"), "32");
    assert_eq!(value(&recorded("CertificateRequest", Tls::V12), "commonName"), "ca");
}

#[test]
fn certificates_are_explained_down_to_their_members() {
    for version in [Tls::V12, Tls::V13] {
        let fields = recorded("Certificate", version);
        assert!(value(&fields, "notAfter").starts_with("2036-11-18T"));
    }
}

#[test]
fn hello_retry_request_selects_a_group() {
    let digits = concat!(
        "020000340303",
        "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c",
        "00130100000c002b00020304003300020017",
    );
    let bytes = hex::decode(digits).unwrap();
    let fields = explained(&bytes, Tls::V13);
    assert_eq!(value(&fields, "selected_group"), "secp256r1 (0x0017)");
}

#[test]
fn records() {
    let explain = |digits: &str, encryption| {
        let bytes = hex::decode(digits).unwrap();
        covering(record(&bytes, encryption, Tls::V12), bytes.len())
    };
    let clear = explain("16030100040e000000", Encryption::None);
    assert_eq!(value(&clear, "content type"), "handshake (22)");
    assert_eq!(value(&clear, "legacy_record_version"), "TLS 1.0 (0x0301)");
    assert_eq!(value(&clear, "msg_type"), "ServerHelloDone (14)");
    let tls13 = explain(&format!("1703030013aabbcc{}", "11".repeat(16)), Encryption::Tls13Gcm);
    assert_eq!(value(&tls13, "encrypted_record"), "aabbcc");
    assert_eq!(value(&tls13, "authentication tag"), "11".repeat(16));
    let tls12 = explain(&format!("170303001a0102030405060708aabb{}", "11".repeat(16)), Encryption::Tls12Gcm);
    assert_eq!(value(&tls12, "nonce_explicit"), "0102030405060708");
    assert_eq!(value(&tls12, "ciphertext"), "aabb");
    let compatibility = explain("140303000101", Encryption::Tls13Gcm);
    assert_eq!(value(&compatibility, "type"), "change_cipher_spec (1)");
    assert_eq!(value(&explain("17030300021111", Encryption::Tls13Gcm), "malformed"), "1111");
}

#[test]
fn alerts_by_name() {
    let fields = covering(alert(&[2, 42]), 2);
    assert_eq!((value(&fields, "level"), value(&fields, "description")), ("fatal (2)", "bad_certificate (42)"));
    assert_eq!(value(&covering(change_cipher_spec(&[1]), 1), "type"), "change_cipher_spec (1)");
    assert_eq!((alert_name(116), alert_name(255)), ("certificate_required", "unknown"));
    assert_eq!((handshake_name(20), content_type_name(23)), ("Finished", "application_data"));
}

#[test]
fn a_length_beyond_its_vector_is_malformed() {
    let fields = explained(&hex::decode("0f00000604030048aabb").unwrap(), Tls::V13);
    assert_eq!(value(&fields, "malformed"), "aabb");
}

proptest! {
    #[test]
    fn every_byte_is_explained(message_type in 0_u8..30, body in prop::collection::vec(any::<u8>(), 0..200)) {
        let len = u8::try_from(body.len()).unwrap();
        let bytes = [&[message_type, 0, 0, len], &*body].concat();
        for version in [Tls::V12, Tls::V13] {
            explained(&bytes, version);
            explained(&body, version);
        }
        for encryption in [Encryption::None, Encryption::Tls12Gcm, Encryption::Tls13Gcm] {
            covering(record(&body, encryption, Tls::V12), body.len());
        }
        covering(alert(&body), body.len());
        covering(change_cipher_spec(&body), body.len());
    }

    #[test]
    fn every_byte_of_a_damaged_message_is_explained(
        which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), byte in any::<u8>(),
        n_cut in 0_usize..20,
    ) {
        let all: Vec<_> = messages(TLS12).chain(messages(TLS13)).map(|(_, bytes)| bytes).collect();
        let mut bytes = all[which.index(all.len())].clone();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        bytes.truncate(bytes.len().saturating_sub(n_cut));
        explained(&bytes, Tls::V12);
        explained(&bytes, Tls::V13);
    }
}
