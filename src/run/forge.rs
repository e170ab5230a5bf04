//! What an impersonating attacker uses in place of values that it does not know.
//!
//! Keys, secrets and credentials are made anew; what is public is used as it is. A forged certificate has the names
//! and purposes of the genuine one and is issued by an authority of the attacker's own.

use crate::clock::Timestamp;
use crate::crypto::certificate::{self, Certificate, Credential, Profile, Purpose, Subject};
use crate::crypto::key::{Algorithm, PrivateKey};
use crate::crypto::matter_certificate;
use crate::crypto::party;
use crate::operation::Refused;
use crate::operation::issue::{DAY, validity};
use crate::protocol::{encoding, jws};
use crate::value::Value;

/// A value of the attacker's own in place of `genuine`; `None` where that is public, and used as it is. Call it as the
/// acting party.
pub fn forge(name: &str, genuine: &Value, clock: Timestamp) -> Result<Option<Value>, Refused> {
    Ok(Some(match genuine {
        Value::PrivateKey(key) => Value::PrivateKey(PrivateKey::generate_for(key.algorithm())),
        Value::Credential(credential) => Value::Credential(credential_like(credential, clock)?),
        Value::Secret(bytes) => Value::Secret(random(bytes.len())),
        Value::Token(text) => Value::Token(token_like(text)),
        Value::QrPayload(text) => Value::QrPayload(token_like(text)),
        Value::Session(_) => {
            return Err(Refused::policy("not-held", format!("the attacker is no end of the session `{name}`")));
        }
        Value::Bytes(_)
        | Value::Certificate(_)
        | Value::CertificateSigningRequest(_)
        | Value::CertificateRevocationList(_)
        | Value::Chain(_)
        | Value::Members(_)
        | Value::Number(_)
        | Value::PublicKey(_)
        | Value::Text(_)
        | Value::TrustAnchors(_) => return Ok(None),
    }))
}

fn random(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    party::fill(&mut bytes);
    bytes
}

/// The same text up to its last dot, where a JWS has its signature, and randomness of the same length after it.
fn token_like(text: &str) -> String {
    if let Ok(compact) = jws::to_compact(text) {
        return jws::to_general(&token_like(&compact));
    }
    let (kept, end) = text.split_at(text.rfind('.').map_or(0, |dot| dot + 1));
    if !end.is_empty() && end.bytes().all(|byte| byte.is_ascii_digit()) {
        // A passcode: other digits, so that what refuses it is that it is the wrong one.
        let digits: String = random(end.len()).iter().map(|byte| char::from(b'0' + byte % 10)).collect();
        return format!("{kept}{digits}");
    }
    // Whole bytes are replaced, so that the end of a JWS stays base64url and what is refused is the signature.
    let forged = match encoding::from_base64url(end) {
        Ok(bytes) => encoding::base64url(&random(bytes.len())),
        Err(_) => encoding::base64url(&random(end.len())).chars().take(end.chars().count()).collect(),
    };
    format!("{kept}{forged}")
}

fn credential_like(genuine: &Credential, clock: Timestamp) -> Result<Credential, Refused> {
    // Of the same algorithm, so that what refuses it is that nobody vouches for it.
    let algorithm = genuine.key.algorithm();
    let authority = attacker_authority(algorithm, clock)?;
    let Some(leaf) = genuine.chain.first() else { return Ok(authority) };
    if leaf.is_authority() {
        return Ok(authority);
    }
    let (not_before, not_after) = validity(clock, 365 * DAY);
    let key = PrivateKey::generate_for(algorithm);
    let node = matter_certificate::forged(leaf, &key.public(), &authority.key, (not_before, not_after));
    if let Some(certificate) = node {
        return Ok(Credential { chain: vec![certificate], key });
    }
    let profile = Profile {
        subject: Subject {
            common_name: leaf.common_name(),
            serial_number: leaf.subject_serial_number(),
            vendor_id: leaf.subject_fields().vendor_id.clone(),
            product_id: leaf.subject_fields().product_id.clone(),
            ..Subject::default()
        },
        purpose: purpose_of(leaf),
        dns_names: leaf.dns_names(),
        not_before,
        not_after,
        serial: None,
        masa_url: leaf.masa_url(),
    };
    let certificate = certificate::issue(profile, &key.public(), &authority)?;
    Ok(Credential { chain: vec![certificate], key })
}

fn attacker_authority(algorithm: Algorithm, clock: Timestamp) -> Result<Credential, Refused> {
    let (not_before, not_after) = validity(clock, 3650 * DAY);
    let profile = Profile {
        subject: Subject { common_name: Some("Attacker CA".to_owned()), ..Subject::default() },
        purpose: Purpose::Authority { path_len: Some(0) },
        dns_names: Vec::new(),
        not_before,
        not_after,
        serial: None,
        masa_url: None,
    };
    let key = PrivateKey::generate_for(algorithm);
    let certificate = certificate::self_signed(profile, &key)?;
    Ok(Credential { chain: vec![certificate], key })
}

fn purpose_of(certificate: &Certificate) -> Purpose {
    let usages = certificate.extended_key_usages();
    let has = |name: &str| usages.iter().any(|usage| usage == name);
    match (has("serverAuth"), has("clientAuth")) {
        (true, true) => Purpose::ClientAndServer,
        (true, false) if has("cmcRA") => Purpose::RegistrationAuthority,
        (true, false) => Purpose::Server,
        (false, true) => Purpose::Client,
        (false, false) => Purpose::Signer,
    }
}
