//! What an impersonating attacker uses in place of values that it does not know.
//!
//! Keys, secrets and credentials are made anew; what is public is used as it is. A forged certificate has the names
//! and purposes of the genuine one and is issued by an authority of the attacker's own.

use crate::clock::Timestamp;
use crate::crypto::forgery::credential_like;
use crate::crypto::key::PrivateKey;
use crate::crypto::party;
use crate::operation::Refused;
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
