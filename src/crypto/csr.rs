//! Certificate signing requests (PKCS#10, RFC 2986).

use std::fmt;

use rcgen::{Attribute, CertificateParams};
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::cri_attributes::ParsedCriAttribute;
use x509_parser::prelude::FromDer;

use super::certificate::is_sound;
use super::key::{PrivateKey, PublicKey};
use super::refusal::Refusal;
use super::subject::{Subject, one_line, unencodable};
use super::{der, pem};

/// challengePassword (RFC 2985, section 5.4.1).
const CHALLENGE_PASSWORD: &[u64] = &[1, 2, 840, 113_549, 1, 9, 7];

/// A request for a certificate of a key on P-256, which it proves to hold by its signature.
#[derive(Clone, PartialEq, Eq)]
pub struct CertificateSigningRequest {
    der: Vec<u8>,
    public_key: PublicKey,
}

impl CertificateSigningRequest {
    /// A request by the holder of `key`; EST puts a channel binding into `challenge_password` (RFC 7030, section 3.5).
    pub fn create(subject: &Subject, key: &PrivateKey, challenge_password: Option<&str>) -> Result<Self, Refusal> {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name = subject.distinguished_name()?;
        let attributes = challenge_password.map(challenge).transpose()?.into_iter().collect();
        let request =
            parameters.serialize_request_with_attributes(key, attributes).map_err(|error| unencodable(&error))?;
        Self::from_der(request.der())
    }

    /// Reads a request; its signature is not verified yet.
    pub fn from_der(der: &[u8]) -> Result<Self, Refusal> {
        let (rest, parsed) =
            X509CertificationRequest::from_der(der).map_err(|error| Refusal::malformed(error.to_string()))?;
        let info = &parsed.certification_request_info;
        if !rest.is_empty() || !is_sound(&info.subject) {
            return Err(Refusal::malformed("bytes that are not part of a certificate signing request"));
        }
        let public_key = PublicKey::from_spki_der(info.subject_pki.raw)?;
        Ok(Self { der: der.to_vec(), public_key })
    }

    /// The canonical encoding.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The textual encoding.
    pub fn pem(&self) -> String {
        pem::encode("CERTIFICATE REQUEST", &self.der)
    }

    /// The wanted subject on one line, as RFC 4514 writes names.
    pub fn subject(&self) -> String {
        self.read(|request| one_line(&request.certification_request_info.subject))
    }

    /// The wanted subject in parts; attributes that [`Subject`] does not know are left out.
    pub fn requested_subject(&self) -> Subject {
        self.read(|request| {
            let name = &request.certification_request_info.subject;
            let text = |oid: &str| {
                let value = name.iter_attributes().find(|attribute| attribute.attr_type().to_id_string() == oid)?;
                value.as_str().ok().map(str::to_owned)
            };
            Subject {
                country: text("2.5.4.6"),
                organization: text("2.5.4.10"),
                organizational_unit: text("2.5.4.11"),
                common_name: text("2.5.4.3"),
                serial_number: text("2.5.4.5"),
            }
        })
    }

    /// The key to be certified.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The challenge password, where there is one (RFC 2985, section 5.4.1).
    pub fn challenge_password(&self) -> Option<String> {
        self.read(|request| {
            request.certification_request_info.iter_attributes().find_map(|attribute| {
                match attribute.parsed_attribute() {
                    ParsedCriAttribute::ChallengePassword(password) => Some(password.0.clone()),
                    _ => None,
                }
            })
        })
    }

    /// Verifies the proof of possession: the signature by the key to be certified (RFC 2986, section 4.2).
    pub fn verify(&self) -> Result<(), Refusal> {
        self.read(|request| {
            let algorithm = request.signature_algorithm.algorithm.to_id_string();
            if algorithm != der::ECDSA_WITH_SHA256 {
                return Err(Refusal::new(
                    "unsupported-algorithm",
                    format!("signature by {}", der::oid_name(&algorithm)),
                ));
            }
            self.public_key.verify_der(request.certification_request_info.raw, &request.signature_value.data)
        })
    }

    /// All members for people, in the order of the encoding.
    pub fn decoded(&self) -> Vec<(String, String)> {
        let mut members =
            vec![("subject".to_owned(), self.subject()), ("publicKey".to_owned(), hex::encode(self.public_key.sec1()))];
        self.read(|request| {
            for attribute in request.certification_request_info.iter_attributes() {
                let value = match attribute.parsed_attribute() {
                    ParsedCriAttribute::ChallengePassword(password) => password.0.clone(),
                    _ => hex::encode(attribute.value),
                };
                members.push((der::oid_name(&attribute.oid.to_id_string()), value));
            }
            let algorithm = der::oid_name(&request.signature_algorithm.algorithm.to_id_string());
            members.push(("signatureAlgorithm".to_owned(), algorithm));
            members.push(("signature".to_owned(), hex::encode(&request.signature_value.data)));
        });
        members
    }

    fn read<T>(&self, read: impl FnOnce(&X509CertificationRequest<'_>) -> T) -> T {
        let (_, parsed) = X509CertificationRequest::from_der(&self.der).expect("it was read when it was made");
        read(&parsed)
    }
}

impl fmt::Debug for CertificateSigningRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CertificateSigningRequest({})", self.subject())
    }
}

/// RFC 2985, section 5.4.1: a `DirectoryString`, preferably a `PrintableString`.
fn challenge(password: &str) -> Result<Attribute, Refusal> {
    let text = rcgen::string::PrintableString::try_from(password).map_err(|error| unencodable(&error))?;
    let value = der::encode(der::PRINTABLE_STRING, text.as_str().as_bytes());
    Ok(Attribute { oid: CHALLENGE_PASSWORD, values: der::encode(der::SET, &value) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::party::{Party, act};

    fn request(password: Option<&str>) -> CertificateSigningRequest {
        act(&mut Party::new("seed", &["csr"]), || {
            CertificateSigningRequest::create(&Subject::named("device"), &PrivateKey::generate(), password).unwrap()
        })
    }

    #[test]
    fn proves_possession() {
        let mut party = Party::new("seed", &["verifier"]);
        act(&mut party, || request(None).verify()).unwrap();
        assert_eq!(party.counts.verify, 1);
        assert_eq!(request(None).requested_subject(), Subject::named("device"));
    }

    #[test]
    fn carries_a_challenge_password() {
        let request = request(Some("c2VjcmV0"));
        assert_eq!(request.challenge_password().as_deref(), Some("c2VjcmV0"));
        request.verify().unwrap();
        assert!(request.decoded().contains(&("challengePassword".to_owned(), "c2VjcmV0".to_owned())));
    }

    #[test]
    fn a_changed_subject_is_refused() {
        let mut der = request(None).der().to_vec();
        let position = der.windows(6).position(|window| window == b"device").unwrap();
        der[position] ^= 1;
        assert_eq!(CertificateSigningRequest::from_der(&der).unwrap().verify().unwrap_err().code, "bad-signature");
    }

    #[test]
    fn flipped_bytes_never_panic() {
        let request = request(Some("password"));
        for position in 0..request.der().len() {
            let mut der = request.der().to_vec();
            der[position] ^= 0x04;
            if let Ok(request) = CertificateSigningRequest::from_der(&der) {
                let _ = (request.decoded(), request.verify(), request.requested_subject());
            }
        }
    }
}
