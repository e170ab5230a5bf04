//! PKCS#10 certificate signing requests (RFC 2986).

use std::sync::Arc;

use rcgen::{Attribute, CertificateParams};
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::cri_attributes::ParsedCriAttribute;
use x509_parser::prelude::FromDer;

use super::der;
use super::key::{Issuing, PrivateKey, PublicKey, SignatureForm};
use super::name::{Subject, check_name, one_line};
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
    // AlgorithmIdentifier.
    signature_algorithm: Vec<u8>,
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
            .serialize_request_with_attributes(&Issuing::try_from(key)?, attributes.into_iter().collect())
            .map_err(Refusal::malformed)?;
        Self::from_der(request.der())
    }

    /// Reads a request; its signature is not verified yet.
    pub fn from_der(bytes: &[u8]) -> Result<Self, Refusal> {
        let (rest, parsed) = X509CertificationRequest::from_der(bytes).map_err(Refusal::malformed)?;
        if !rest.is_empty() {
            return Err(Refusal::malformed(format!("{} bytes after the request", rest.len())));
        }
        let info = &parsed.certification_request_info;
        // The parser passes over tags that the signature does not cover, which DER leaves no choice about.
        let mut algorithm = der::element(0x06, parsed.signature_algorithm.algorithm.as_bytes());
        // NULL is the one parameter of the algorithms that we know (RFC 4055, section 5).
        if parsed.signature_algorithm.parameters.is_some() {
            algorithm.extend([0x05, 0x00]);
        }
        let algorithm = der::element(0x30, &algorithm);
        let signature = der::element(0x03, &[&[0], &parsed.signature_value.data[..]].concat());
        if der::element(0x30, &[info.raw, &algorithm, &signature].concat()) != bytes {
            return Err(Refusal::malformed(
                "the request is not in DER, or names parameters of its signature algorithm other than NULL",
            ));
        }
        check_name(&info.subject)?;
        let challenge = info.iter_attributes().find_map(|attribute| match attribute.parsed_attribute() {
            ParsedCriAttribute::ChallengePassword(password) => Some(password.0.clone()),
            _ => None,
        });
        Ok(Self(Arc::new(Parsed {
            der: bytes.to_vec(),
            subject: one_line(&info.subject),
            subject_fields: Subject::from_name(&info.subject),
            key: PublicKey::from_spki_der(info.subject_pki.raw)?,
            challenge,
            info: info.raw.to_vec(),
            signature_algorithm: algorithm,
            signature: parsed.signature_value.data.to_vec(),
        })))
    }

    /// Verifies the request's own signature: its sender possesses the private key.
    pub fn verify(&self) -> Result<(), Refusal> {
        // The signature does not cover the name of its own algorithm (RFC 2986, section 4.2).
        if self.0.key.algorithm().x509_identifier() != Some(&self.0.signature_algorithm) {
            let message =
                format!("the request names a signature algorithm that is not for its {} key", self.0.key.title());
            return Err(Refusal::new("unsupported-algorithm", message));
        }
        self.0.key.verify(SignatureForm::X509, &self.0.info, &self.0.signature)
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
            (
                "subjectPKInfo".to_owned(),
                format!("{}, SHA-256 {}", self.0.key.title(), hex::encode(self.0.key.spki_sha256())),
            ),
        ];
        members.extend(self.0.challenge.clone().map(|text| ("challengePassword".to_owned(), text)));
        members.push(("signature".to_owned(), hex::encode(&self.0.signature)));
        members
    }
}

/// A SET of one `PrintableString`, or `UTF8String` where that cannot hold it.
fn set_of_text(text: &str) -> Result<Vec<u8>, Refusal> {
    let is_printable = text.chars().all(|c| c.is_ascii_alphanumeric() || " '()+,-./:=?".contains(c));
    let tag = if is_printable { 0x13 } else { 0x0c };
    let length = u8::try_from(text.len()).ok().filter(|length| *length <= 125);
    let length = length.ok_or_else(|| Refusal::malformed("a challenge password of more than 125 bytes"))?;
    Ok([&[0x31, length + 2, tag, length], text.as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::party::{Party, act};

    fn request(challenge: Option<&str>) -> CertificateSigningRequest {
        let subject = Subject { common_name: Some("device".to_owned()), ..Subject::default() };
        act(&mut Party::new("seed", &["csr"]), || {
            CertificateSigningRequest::create(&subject, &PrivateKey::generate(), challenge).unwrap()
        })
    }

    /// The request with the last byte of the last occurrence of `pattern` flipped.
    fn changed(request: &CertificateSigningRequest, pattern: &[u8]) -> CertificateSigningRequest {
        let mut der = request.der().to_vec();
        let start = der.windows(pattern.len()).rposition(|window| window == pattern).unwrap();
        der[start + pattern.len() - 1] ^= 1;
        CertificateSigningRequest::from_der(&der).unwrap()
    }

    #[test]
    fn a_request_proves_possession() {
        let mut party = Party::new("seed", &["authority"]);
        act(&mut party, || request(None).verify()).unwrap();
        assert_eq!(party.counts.verify, 1);
    }

    #[test]
    fn a_challenge_password_arrives_as_it_was_given() {
        let request = request(Some("c2VjcmV0"));
        assert_eq!(request.challenge_password().as_deref(), Some("c2VjcmV0"));
        request.verify().unwrap();
    }

    #[test]
    fn a_changed_subject_is_refused() {
        assert_eq!(changed(&request(None), b"device").verify().unwrap_err().code, "bad-signature");
    }

    #[test]
    fn a_changed_algorithm_is_refused() {
        let identifier = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
        assert_eq!(changed(&request(None), &identifier).verify().unwrap_err().code, "unsupported-algorithm");
    }

    #[test]
    fn each_flipped_bit_is_refused() {
        let request = request(Some("password"));
        for position in 0..request.der().len() {
            for bit in 0..8 {
                let mut der = request.der().to_vec();
                der[position] ^= 1 << bit;
                if let Ok(read) = CertificateSigningRequest::from_der(&der) {
                    assert!(read.verify().is_err(), "byte {position}, bit {bit}");
                }
            }
        }
    }
}
