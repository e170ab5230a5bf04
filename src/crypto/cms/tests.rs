//! Messages that are written, read, and refused for one reason each.

use super::*;
use crate::crypto::certificate::{Profile, Purpose, Subject, issue, self_signed};
use crate::crypto::key::PrivateKey;
use crate::crypto::party::{Party, act};

const NOW: Timestamp = Timestamp(1_767_225_600);
const CONTENT: &[u8] = br#"{"a":1}"#;

fn profile(name: &str, purpose: Purpose) -> Profile {
    Profile {
        subject: Subject { common_name: Some(name.to_owned()), ..Subject::default() },
        purpose,
        dns_names: Vec::new(),
        not_before: NOW,
        not_after: Timestamp(NOW.0 + 86_400),
        serial: None,
        masa_url: None,
    }
}

/// A signer with a chain of two, whose key is of this algorithm.
fn signer(algorithm: Algorithm) -> Credential {
    act(&mut Party::new("seed", &["cms"]), || {
        let key = PrivateKey::generate();
        let root = self_signed(profile("root", Purpose::Authority { path_len: Some(0) }), &key).unwrap();
        let root = Credential { chain: vec![root], key };
        let key = PrivateKey::generate_for(algorithm);
        let own = issue(profile("signer", Purpose::Signer), &key.public(), &root).unwrap();
        Credential { chain: vec![own, root.chain[0].clone()], key }
    })
}

fn voucher() -> &'static ContentType {
    content_type("animaJSONVoucher").unwrap()
}

fn data() -> &'static ContentType {
    content_type("data").unwrap()
}

fn signing(signer: &Credential) -> Signing<'_> {
    Signing {
        content_type: voucher(),
        content: CONTENT,
        signer,
        time: Some(NOW),
        identifier: Identifier::IssuerAndSerialNumber,
        included: Included::Chain,
    }
}

fn code<T>(result: Result<T, Refusal>) -> &'static str {
    result.map_or_else(|refusal| refusal.code, |_| "held")
}

/// `der` with the first occurrence of `from` replaced by as many bytes.
fn changed(der: &[u8], from: &[u8], to: &[u8]) -> SignedData {
    assert_eq!(from.len(), to.len());
    let at = der.windows(from.len()).position(|window| window == from).unwrap();
    SignedData::from_der(&[&der[..at], to, &der[at + from.len()..]].concat()).unwrap()
}

#[test]
fn what_is_signed_is_verified_by_each_kind_of_key_that_signs_messages() {
    for algorithm in [Algorithm::P256, Algorithm::P384] {
        let signer = signer(algorithm);
        for identifier in [Identifier::IssuerAndSerialNumber, Identifier::SubjectKeyIdentifier] {
            for (time, content_type) in [(Some(NOW), voucher()), (Some(NOW), data()), (None, data())] {
                let der = sign(&Signing { content_type, time, identifier, ..signing(&signer) }).unwrap();
                let message = SignedData::from_der(&der).unwrap();
                assert_eq!(message.signer(), signer.chain);
                assert_eq!(message.verify(content_type, &signer.key.public()).unwrap(), CONTENT);
            }
        }
    }
    let other = signer(Algorithm::Ed25519);
    assert_eq!(code(sign(&signing(&other))), "wrong-algorithm");
}

#[test]
fn each_defect_has_its_code() {
    let own = signer(Algorithm::P256);
    let key = own.key.public();
    let der = sign(&signing(&own)).unwrap();
    let verify = |message: &SignedData| code(message.verify(voucher(), &key));
    assert_eq!(verify(&SignedData::from_der(&der).unwrap()), "held");
    assert_eq!(verify(&changed(&der, CONTENT, br#"{"a":2}"#)), "wrong-digest");
    // A certificate would have the same date, and stand before the attribute.
    let bare = sign(&Signing { included: Included::None, ..signing(&own) }).unwrap();
    assert_eq!(verify(&changed(&bare, b"260101000000Z", b"260101000001Z")), "bad-signature");
    let other = act(&mut Party::new("seed", &["other"]), PrivateKey::generate).public();
    assert_eq!(code(SignedData::from_der(&der).unwrap().verify(voucher(), &other)), "bad-signature");
    assert_eq!(code(SignedData::from_der(&der).unwrap().verify(data(), &key)), "wrong-content-type");
    // The first of the two places that name the type is not signed, the attribute is.
    let (from, to) = (voucher().oid, [&voucher().oid[..10], &[0x29]].concat());
    assert_eq!(verify(&changed(&der, from, &to)), "wrong-content-type");
    let at = der.windows(from.len()).rposition(|window| window == from).unwrap();
    let attribute = [&der[..at], &to, &der[at + from.len()..]].concat();
    assert_eq!(verify(&SignedData::from_der(&attribute).unwrap()), "wrong-content-type");
    let without = sign(&Signing { time: None, ..signing(&own) }).unwrap();
    assert_eq!(verify(&SignedData::from_der(&without).unwrap()), "no-signed-attributes");
    let p384 = signer(Algorithm::P384);
    assert_eq!(code(SignedData::from_der(&der).unwrap().verify(voucher(), &p384.key.public())), "wrong-algorithm");
}

#[test]
fn attributes_are_not_taken_for_content() {
    // Whoever takes the signed attributes of a message for its content has a signature over them (RFC 5652, section
    // 5.3, asks for attributes where the content has another type than id-data, for this reason).
    let own = signer(Algorithm::P256);
    let message = SignedData::from_der(&sign(&signing(&own)).unwrap()).unwrap();
    let info = message.signers[0].clone();
    let attributes = info.attributes.clone().unwrap();
    let twisted = SignedData {
        content: Some(attributes.signed),
        content_type: voucher().oid.to_vec(),
        signers: vec![SignerInfo { attributes: None, ..info }],
        ..message
    };
    assert_eq!(code(twisted.verify(voucher(), &own.key.public())), "no-signed-attributes");
}

#[test]
fn who_signed_must_be_told() {
    let own = signer(Algorithm::P256);
    let without = sign(&Signing { included: Included::None, ..signing(&own) }).unwrap();
    let without = SignedData::from_der(&without).unwrap();
    assert_eq!(code(without.need_signer()), "no-certificate");
    assert_eq!(without.verify(voucher(), &own.key.public()).unwrap(), CONTENT);
    let alone = sign(&Signing { included: Included::Signer, ..signing(&own) }).unwrap();
    assert_eq!(SignedData::from_der(&alone).unwrap().need_signer().unwrap(), own.chain[..1]);
    let only = SignedData::from_der(&certificates_only(&own.chain)).unwrap();
    assert_eq!(code(only.need_signer()), "no-signer");
    assert_eq!(code(only.verify(data(), &own.key.public())), "no-signer");
    let twice = SignedData { signers: [&without.signers[..], &without.signers[..]].concat(), ..without };
    assert_eq!(code(twice.need_signer()), "several-signers");
}

#[test]
fn certificates_come_back_in_the_order_of_a_chain() {
    let own = signer(Algorithm::P256);
    let reversed: Vec<Certificate> = own.chain.iter().rev().cloned().collect();
    for chain in [&own.chain, &reversed] {
        let message = SignedData::from_der(&certificates_only(chain)).unwrap();
        assert_eq!(message.content, None);
        assert_eq!(message.chain(), own.chain);
    }
    assert_eq!(SignedData::from_der(&certificates_only(&[])).unwrap().chain(), []);
}

#[test]
fn the_signing_time_is_written_for_its_century() {
    assert_eq!(written_time(NOW).unwrap(), b"\x17\x0d260101000000Z");
    assert_eq!(written_time(Timestamp(2_524_608_000)).unwrap(), b"\x18\x0f20500101000000Z");
}

#[test]
fn each_flipped_bit_is_refused_or_changes_nothing_that_is_believed() {
    let own = signer(Algorithm::P256);
    let der = sign(&Signing { included: Included::None, ..signing(&own) }).unwrap();
    for position in 0..der.len() {
        for bit in 0..8 {
            let mut changed = der.clone();
            changed[position] ^= 1 << bit;
            let Ok(message) = SignedData::from_der(&changed) else { continue };
            if let Ok(content) = message.verify(voucher(), &own.key.public()) {
                assert_eq!(content, CONTENT, "byte {position}, bit {bit}");
            }
        }
    }
}
