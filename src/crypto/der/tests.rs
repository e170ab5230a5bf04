//! DER of every shape: fields cover every byte, and nothing makes the walker panic.

use proptest::prelude::*;

use super::describe;
use crate::annotation::{Field, Inside, Layer, leaves};

const CERTIFICATE: &str = include_str!("tests/certificate.hex");
const CERTIFICATE_LIST: &str = include_str!("tests/certificate_list.hex");
const CERTIFICATION_REQUEST: &str = include_str!("tests/certification_request.hex");
const CONTENT_INFO: &str = include_str!("tests/content_info.hex");
const PRIVATE_KEY_INFO: &str = include_str!("tests/private_key_info.hex");
const ALL: [&str; 5] = [CERTIFICATE, CERTIFICATE_LIST, CERTIFICATION_REQUEST, CONTENT_INFO, PRIVATE_KEY_INFO];

fn bytes(digits: &str) -> Vec<u8> {
    hex::decode(digits.replace('\n', "")).unwrap()
}

fn fields(digits: &str) -> Vec<Field> {
    explained(&bytes(digits))
}

/// The fields, after a look that they cover every byte once and in order.
fn explained(der: &[u8]) -> Vec<Field> {
    let fields = describe(der);
    assert!(Layer::new("DER", der.to_vec(), fields.clone()).is_complete(), "{fields:?}");
    flat(fields)
}

/// Each field, and after it those in it.
fn flat(fields: Vec<Field>) -> Vec<Field> {
    let mut all = Vec::new();
    for mut field in fields {
        let inside = match std::mem::take(&mut field.inside) {
            Inside::Fields(fields) => flat(fields),
            Inside::Decoded(_) | Inside::Nothing => Vec::new(),
        };
        all.push(field);
        all.extend(inside);
    }
    all
}

fn value(fields: &[Field], name: &str) -> Vec<String> {
    fields.iter().filter(|field| field.name == name).map(|field| field.value.clone()).collect()
}

#[test]
fn names_the_members_of_a_certificate() {
    let fields = fields(CERTIFICATE);
    assert_eq!(fields[0].name, "Certificate");
    assert_eq!(value(&fields, "tbsCertificate"), ["SEQUENCE, 301 bytes"]);
    assert_eq!(value(&fields, "serialNumber"), ["4660"]);
    assert_eq!(value(&fields, "notBefore"), ["2026-11-21T11:14:42Z"]);
    assert_eq!(value(&fields, "commonName"), ["Test CA", "Test CA"]);
    assert_eq!(value(&fields, "KeyUsage"), ["keyCertSign"]);
    assert_eq!(value(&fields, "dNSName"), ["ca.example"]);
    assert_eq!(value(&fields, "KeyIdentifier"), ["7a90b4d8983e42938ad3d46d9bff5a246e57e602"]);
    assert_eq!(fields.last().unwrap().name, "s");
}

#[test]
fn names_the_members_of_a_request() {
    let fields = fields(CERTIFICATION_REQUEST);
    assert_eq!(fields[0].name, "CertificationRequest");
    assert_eq!(value(&fields, "type"), ["2.5.4.3 commonName", "1.2.840.113549.1.9.14 extensionRequest"]);
    assert_eq!(value(&fields, "dNSName"), ["s.example"]);
}

#[test]
fn names_the_members_of_a_revocation_list() {
    let fields = fields(CERTIFICATE_LIST);
    assert_eq!(fields[0].name, "CertificateList");
    assert_eq!(value(&fields, "userCertificate"), ["10"]);
    assert_eq!(value(&fields, "revocationDate"), ["2025-01-02T03:04:05Z"]);
    assert_eq!(value(&fields, "CRLNumber"), ["1"]);
}

#[test]
fn names_the_members_of_a_private_key() {
    let fields = fields(PRIVATE_KEY_INFO);
    assert_eq!(fields[0].name, "PrivateKeyInfo");
    assert_eq!(value(&fields, "ECPrivateKey"), ["SEQUENCE, 107 bytes"]);
    assert_eq!(value(&fields, "privateKey").len(), 2);
}

#[test]
fn names_the_members_of_a_signed_message() {
    let fields = fields(CONTENT_INFO);
    assert_eq!(fields[0].name, "ContentInfo");
    assert_eq!(value(&fields, "id-signingTime"), ["2026-11-21T11:20:32Z"]);
    assert!(value(&fields, "eContent octets")[0].starts_with("[req]"));
}

#[test]
fn long_leaves_are_opaque_or_text() {
    for der in ALL.map(bytes) {
        let mut unexplained = Layer::new("DER", der.clone(), describe(&der)).unexplained();
        unexplained.retain(|path| !path.contains("/ eContent octets "));
        assert_eq!(unexplained, Vec::<String>::new(), "what a message carries is for those who know its format");
        let fields = describe(&der);
        let long = leaves(&fields).into_iter().filter(|field| field.end - field.start > 16).cloned();
        for field in long {
            let opaque = [
                "subjectPublicKey",
                "r",
                "s",
                "KeyIdentifier",
                "keyIdentifier",
                "MessageDigest",
                "privateKey",
                "ECPoint",
            ];
            assert!(opaque.contains(&&*field.name) || field.name == "eContent octets", "{field:?}");
        }
    }
}

#[test]
fn says_what_is_not_der() {
    for (digits, why) in [
        ("30", "the element ends in its tag or length"),
        ("3080", "an indefinite length is not DER"),
        ("308101", "a length that is not in its shortest form is not DER"),
        ("0405aa", "5 bytes announced, 1 left"),
        ("3085", "the length is too large"),
        ("1fffffffffff", "the tag number is too large"),
    ] {
        let fields = fields(digits);
        assert_eq!((fields.len(), &*fields[0].name, &*fields[0].value), (1, "malformed", why));
    }
    assert_eq!(fields("3003020105ff").last().unwrap().name, "malformed");
}

#[test]
fn stops_where_nesting_is_too_deep() {
    let mut der = Vec::new();
    for _ in 0..60 {
        der.splice(0..0, [0x30, u8::try_from(der.len()).unwrap()]);
    }
    assert_eq!(explained(&der).last().unwrap().name, "rest");
}

#[test]
fn reads_primitives() {
    for (digits, value) in [
        ("0101ff", "TRUE"),
        ("020180", "-128"),
        ("0209008000000000000000", "008000000000000000"),
        ("0603550403", "2.5.4.3 commonName"),
        ("06082b06010505070120", "1.3.6.1.5.5.7.1.32 id-pe-masa-url"),
        ("0500", "NULL"),
        ("1e0400480069", "Hi"),
        ("170d3439313233313233353935395a", "2049-12-31T23:59:59Z"),
        ("170d3530303130313030303030305a", "1950-01-01T00:00:00Z"),
        ("0404deadbeef", "deadbeef"),
    ] {
        assert_eq!(fields(digits)[0].value, value, "{digits}");
    }
}

proptest! {
    #[test]
    fn every_byte_is_explained(der in prop::collection::vec(any::<u8>(), 0..300)) {
        explained(&der);
    }

    #[test]
    fn every_byte_of_a_damaged_structure_is_explained(
        which in 0..ALL.len(), at in any::<prop::sample::Index>(), byte in any::<u8>(), n_cut in 0_usize..40,
    ) {
        let mut der = bytes(ALL[which]);
        let at = at.index(der.len());
        der[at] = byte;
        explained(&der);
        der.truncate(der.len() - n_cut);
        explained(&der);
    }
}
