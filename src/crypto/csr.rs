//! PKCS#10 certificate signing requests (RFC 2986).

use std::sync::Arc;

use rcgen::{Attribute, CertificateParams};
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::cri_attributes::ParsedCriAttribute;
use x509_parser::prelude::FromDer;

use super::key::{PrivateKey, PublicKey};
use super::name::{Subject, one_line};
use super::refusal::Refusal;

/// A request, parsed once.
#[derive(Clone, Debug, PartialEq)]
pub struct CertificateSigningRequest(Arc<Parsed>);

#[derive(Debug, PartialEq)]
struct Parsed {
    der: Vec<u8>,
    subject: String,
    subject_fields: Subject,
    key: PublicKey,
    challenge: Option<String>,
    // What the signature covers: CertificationRequestInfo.
    info: Vec<u8>,
    signature: Vec<u8>,
}

/// challengePassword (RFC 2985, section 5.4.1).
const CHALLENGE_PASSWORD: &[u64] = &[1, 2, 840, 113_549, 1, 9, 7];

impl CertificateSigningRequest {
    /// A request for `key`, signed with it.
    pub fn create(subject: &Subject, key: &PrivateKey, challenge: Option<&str>) -> Result<Self, Refusal> {
        let mut params = CertificateParams::default();
        params.distinguished_name = subject.to_distinguished_name()?;
        let attributes = challenge
            .map(|text| Ok::<_, Refusal>(Attribute { oid: CHALLENGE_PASSWORD, values: set_of_text(text)? }))
            .transpose()?;
        let request = params
            .serialize_request_with_attributes(key, attributes.into_iter().collect())
            .map_err(Refusal::malformed)?;
        Self::from_der(request.der())
    }

    /// Reads a request for a P-256 key; its signature is not verified yet.
    pub fn from_der(der: &[u8]) -> Result<Self, Refusal> {
        let (rest, parsed) = X509CertificationRequest::from_der(der).map_err(Refusal::malformed)?;
        if !rest.is_empty() {
            return Err(Refusal::malformed(format!("{} bytes after the request", rest.len())));
        }
        let info = &parsed.certification_request_info;
        let challenge = info.iter_attributes().find_map(|attribute| match attribute.parsed_attribute() {
            ParsedCriAttribute::ChallengePassword(password) => Some(password.0.clone()),
            _ => None,
        });
        Ok(Self(Arc::new(Parsed {
            der: der.to_vec(),
            subject: one_line(&info.subject),
            subject_fields: Subject::from_name(&info.subject),
            key: PublicKey::from_spki_der(info.subject_pki.raw)?,
            challenge,
            info: info.raw.to_vec(),
            signature: parsed.signature_value.data.to_vec(),
        })))
    }

    /// Verifies the request's own signature: its sender possesses the private key.
    pub fn verify(&self) -> Result<(), Refusal> {
        self.0.key.verify_der(&self.0.info, &self.0.signature)
    }

    /// DER.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// PEM (RFC 7468, section 7).
    pub fn pem(&self) -> String {
        super::pem("CERTIFICATE REQUEST", &self.0.der)
    }

    /// Subject, on one line.
    pub fn subject(&self) -> String {
        self.0.subject.clone()
    }

    /// Subject, attribute by attribute.
    pub fn subject_fields(&self) -> Subject {
        self.0.subject_fields.clone()
    }

    /// The key to certify.
    pub fn public_key(&self) -> PublicKey {
        self.0.key.clone()
    }

    /// The challengePassword attribute.
    pub fn challenge_password(&self) -> Option<String> {
        self.0.challenge.clone()
    }

    /// Every member for people.
    pub fn decoded(&self) -> Vec<(String, String)> {
        let mut members = vec![
            ("subject".to_owned(), self.0.subject.clone()),
            ("subjectPKInfo".to_owned(), format!("P-256, SHA-256 {}", hex::encode(self.0.key.spki_sha256()))),
        ];
        members.extend(self.0.challenge.clone().map(|text| ("challengePassword".to_owned(), text)));
        members.push(("signature".to_owned(), hex::encode(&self.0.signature)));
        members
    }
}

/// A SET of one PrintableString, or UTF8String where that cannot hold it.
fn set_of_text(text: &str) -> Result<Vec<u8>, Refusal> {
    let is_printable = text.chars().all(|c| c.is_ascii_alphanumeric() || " '()+,-./:=?".contains(c));
    let tag = if is_printable { 0x13 } else { 0x0c };
    let length = u8::try_from(text.len()).ok().filter(|length| *length <= 125);
    let length = length.ok_or_else(|| Refusal::malformed("a challenge password of more than 125 bytes"))?;
    Ok([&[0x31, length + 2, tag, length], text.as_bytes()].concat())
}
