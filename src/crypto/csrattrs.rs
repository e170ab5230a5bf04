//! What an EST server asks of certificate signing requests: CSR attributes (RFC 7030, section 4.5.2).

use super::csr::CertificateSigningRequest;
use super::der::read::Reader;
use super::der::{self, element};
use super::key::{Algorithm, WRONG_ALGORITHM};
use super::refusal::Refusal;

/// What is asked for, in the order of the answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CsrAttributes {
    /// Object identifiers that stand alone: attributes to be filled in by the client, or algorithms to be used.
    pub identifiers: Vec<String>,
    /// Attributes by their type, each with the values of its SET, in DER.
    pub attributes: Vec<(String, Vec<Vec<u8>>)>,
}

/// challengePassword (RFC 2985, section 5.4.1).
pub const CHALLENGE_PASSWORD: &str = "1.2.840.113549.1.9.7";
/// extensionRequest (RFC 2985, section 5.4.2).
pub const EXTENSION_REQUEST: &str = "1.2.840.113549.1.9.14";
/// id-ecPublicKey and rsaEncryption, which name the key to be certified.
const EC_PUBLIC_KEY: &str = "1.2.840.10045.2.1";
const RSA: &str = "1.2.840.113549.1.1.1";

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OID: u8 = 0x06;

/// Most entries that are read.
const MOST_ENTRIES: usize = 64;

/// 1.2.840.113549.1.9.7 in DER.
const CHALLENGE_PASSWORD_DER: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x07];
/// 1.2.840.10045.2.1 in DER.
const EC_PUBLIC_KEY_DER: &[u8] = &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];

/// The attributes that ask for a key of `algorithm` on an elliptic curve, for its signature algorithm, and for a
/// challenge password where `challenge` holds; in DER.
pub fn encode(algorithm: Algorithm, challenge: bool) -> Result<Vec<u8>, Refusal> {
    let curve: &[u8] = match algorithm {
        // 1.2.840.10045.3.1.7 and 1.3.132.0.34.
        Algorithm::P256 => &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07],
        Algorithm::P384 => &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22],
        Algorithm::Ed25519 | Algorithm::Rsa | Algorithm::X25519 => {
            let message = format!("a key of {} is on no curve that can be asked for", algorithm.title());
            return Err(Refusal::new(WRONG_ALGORITHM, message));
        }
    };
    let key = element(SEQUENCE, &[EC_PUBLIC_KEY_DER, &element(SET, curve)].concat());
    let identifier = algorithm.x509_identifier().unwrap_or_default();
    // Without parameters, an AlgorithmIdentifier is a SEQUENCE of its object identifier.
    let signature = Reader::only(identifier, SEQUENCE, "AlgorithmIdentifier")?.rest();
    let challenge = if challenge { CHALLENGE_PASSWORD_DER } else { &[] };
    Ok(element(SEQUENCE, &[challenge, &key, signature].concat()))
}

impl CsrAttributes {
    /// Reads `CsrAttrs`.
    pub fn from_der(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut entries = Reader::only(bytes, SEQUENCE, "CsrAttrs")?;
        let mut found = Self::default();
        while !entries.is_empty() {
            if found.identifiers.len() + found.attributes.len() == MOST_ENTRIES {
                return Err(Refusal::malformed(format!("more than {MOST_ENTRIES} attributes")));
            }
            if let Some(oid) = entries.take_if(OID, "AttrOrOID")? {
                found.identifiers.push(dotted(oid.rest())?);
                continue;
            }
            let mut attribute = entries.take(SEQUENCE, "Attribute")?;
            let oid = dotted(attribute.take(OID, "type")?.rest())?;
            let mut set = attribute.take(SET, "values")?;
            attribute.finish("values")?;
            let mut values = Vec::new();
            while !set.is_empty() {
                values.push(set.raw("value")?.to_vec());
            }
            found.attributes.push((oid, values));
        }
        Ok(found)
    }

    /// Whether a challenge password is asked for, which ties the request to its session (RFC 7030, section 3.5).
    pub fn asks_challenge(&self) -> bool {
        self.identifiers.iter().any(|oid| oid == CHALLENGE_PASSWORD)
    }

    /// The extensions that the request is to ask for, as dotted object identifiers.
    pub fn extensions(&self) -> Vec<String> {
        self.oids_in(EXTENSION_REQUEST)
    }

    /// The key that is asked for; refused where it is one that we do not know.
    pub fn key(&self) -> Result<Option<Algorithm>, Refusal> {
        if self.identifiers.iter().chain(self.attributes.iter().map(|(oid, _)| oid)).any(|oid| oid == RSA) {
            return Ok(Some(Algorithm::Rsa));
        }
        match self.oids_in(EC_PUBLIC_KEY).first().map(String::as_str) {
            None => Ok(None),
            Some("1.2.840.10045.3.1.7") => Ok(Some(Algorithm::P256)),
            Some("1.3.132.0.34") => Ok(Some(Algorithm::P384)),
            Some(curve) => Err(Refusal::new(WRONG_ALGORITHM, format!("a key on the curve {curve} is asked for"))),
        }
    }

    fn oids_in(&self, attribute: &str) -> Vec<String> {
        let values = self.attributes.iter().filter(|(oid, _)| oid == attribute).flat_map(|(_, values)| values);
        values.filter_map(|value| dotted(Reader::only(value, OID, "value").ok()?.rest()).ok()).collect()
    }

    /// Refuses a request that lacks what is asked for: `wrong-algorithm` for its key, `missing-attribute` else.
    pub fn check(&self, request: &CertificateSigningRequest) -> Result<(), Refusal> {
        let key = request.public_key();
        if let Some(algorithm) = self.key()?.filter(|algorithm| *algorithm != key.algorithm()) {
            let message =
                format!("a key of {} is asked for, the request has one of {}", algorithm.title(), key.title());
            return Err(Refusal::new(WRONG_ALGORITHM, message));
        }
        if self.asks_challenge() && request.challenge_password().is_none() {
            return Err(missing("challengePassword"));
        }
        // Our requests ask for no extensions, so that any that is asked for is missing.
        self.extensions().first().map_or(Ok(()), |extension| Err(missing(extension)))
    }
}

fn missing(name: &str) -> Refusal {
    Refusal::new("missing-attribute", format!("the request has no {name}, which is asked for"))
}

fn dotted(octets: &[u8]) -> Result<String, Refusal> {
    der::dotted(octets).ok_or_else(|| Refusal::malformed("an object identifier that is none"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::key::PrivateKey;
    use crate::crypto::name::Subject;
    use crate::crypto::party::{Party, act};

    fn request(algorithm: Algorithm, challenge: Option<&str>) -> CertificateSigningRequest {
        act(&mut Party::new("seed", &["csrattrs"]), || {
            let subject = Subject { common_name: Some("device".to_owned()), ..Subject::default() };
            CertificateSigningRequest::create(&subject, &PrivateKey::generate_for(algorithm), challenge).unwrap()
        })
    }

    #[test]
    fn what_is_asked_for_is_read_again() {
        let asked = CsrAttributes::from_der(&encode(Algorithm::P256, true).unwrap()).unwrap();
        assert_eq!(asked.identifiers, [CHALLENGE_PASSWORD, "1.2.840.10045.4.3.2"]);
        assert_eq!(asked.key().unwrap(), Some(Algorithm::P256));
        assert!(asked.asks_challenge());
        let asked = CsrAttributes::from_der(&encode(Algorithm::P384, false).unwrap()).unwrap();
        assert_eq!((asked.key().unwrap(), asked.asks_challenge()), (Some(Algorithm::P384), false));
        assert_eq!(encode(Algorithm::Rsa, false).unwrap_err().code, "wrong-algorithm");
    }

    #[test]
    fn a_request_without_what_is_asked_for_is_refused() {
        let code =
            |asked: &CsrAttributes, request| asked.check(&request).map_or_else(|refusal| refusal.code, |()| "held");
        let mut asked = CsrAttributes::from_der(&encode(Algorithm::P256, true).unwrap()).unwrap();
        assert_eq!(code(&asked, request(Algorithm::P256, Some("secret"))), "held");
        assert_eq!(code(&asked, request(Algorithm::P256, None)), "missing-attribute");
        assert_eq!(code(&asked, request(Algorithm::P384, Some("secret"))), "wrong-algorithm");
        let extension = element(OID, &[0x2b, 6, 1, 1, 1, 1, 0x16]);
        asked.attributes.push((EXTENSION_REQUEST.to_owned(), vec![extension]));
        assert_eq!(code(&asked, request(Algorithm::P256, Some("secret"))), "missing-attribute");
        assert_eq!(asked.extensions(), ["1.3.6.1.1.1.1.22"]);
        assert_eq!(code(&CsrAttributes::default(), request(Algorithm::P384, None)), "held");
    }

    #[test]
    fn what_is_no_list_of_attributes_is_refused() {
        for bytes in
            [&[0x31, 0][..], &[0x30, 2, 5, 0], &[0x30, 3, 6, 1, 0x80], &[0x30, 4, 0x30, 2, 6, 0], &[0x30, 0, 0]]
        {
            assert_eq!(CsrAttributes::from_der(bytes).unwrap_err().code, "malformed");
        }
        let many = element(SEQUENCE, &CHALLENGE_PASSWORD_DER.repeat(65));
        assert_eq!(CsrAttributes::from_der(&many).unwrap_err().code, "malformed");
    }
}
