//! Signed messages of the Cryptographic Message Syntax (RFC 5652), in DER.
//!
//! A message is written and read by hand: what is signed are bytes as they arrived, and a refusal names the member
//! that it is about.

use super::certificate::{Certificate, Credential};
use super::der::element;
use super::der::read::{Reader, set_of};
use super::key::{Algorithm, PublicKey, SignatureForm, WRONG_ALGORITHM};
use super::mac::Hash;
use super::refusal::Refusal;
use crate::clock::Timestamp;

/// A type of content, by its object identifier.
#[derive(Debug, PartialEq, Eq)]
pub struct ContentType {
    /// Its name in the standard, without `id-` and `id-ct-`.
    pub name: &'static str,
    /// Its object identifier in DER, without tag and length.
    oid: &'static [u8],
}

/// The types that messages are written with, by name.
pub const CONTENT_TYPES: &[ContentType] = &[
    // 1.2.840.113549.1.9.16.1.40 (RFC 8366, section 8.4).
    ContentType { name: "animaJSONVoucher", oid: &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x28] },
    // 1.2.840.113549.1.7.1 (RFC 5652, section 4).
    ContentType { name: "data", oid: &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01] },
];

/// The type called `name`.
pub fn content_type(name: &str) -> Option<&'static ContentType> {
    CONTENT_TYPES.iter().find(|content_type| content_type.name == name)
}

/// How a message names the certificate of its signer (RFC 5652, section 5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identifier {
    /// Issuer and serial number.
    IssuerAndSerialNumber,
    /// The subjectKeyIdentifier extension, which the certificate must have.
    SubjectKeyIdentifier,
}

/// Which certificates a message carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Included {
    /// All of the credential.
    Chain,
    /// None: the receiver knows the signer.
    None,
    /// The signer's.
    Signer,
}

/// What to sign, and how.
#[derive(Clone, Copy, Debug)]
pub struct Signing<'s> {
    /// Type of the content.
    pub content_type: &'static ContentType,
    /// The content.
    pub content: &'s [u8],
    /// The key that signs, with its chain.
    pub signer: &'s Credential,
    /// signingTime, next to the attributes contentType and messageDigest; without it there are no signed attributes, and
    /// the signature is over the content itself.
    pub time: Option<Timestamp>,
    /// How the signer's certificate is named.
    pub identifier: Identifier,
    /// Which certificates go along.
    pub included: Included,
}

/// A message as it was read; nothing is verified yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedData {
    /// Its certificates, in the order of the message.
    pub certificates: Vec<Certificate>,
    /// The content; absent where the message has none or signs one that travels elsewhere.
    pub content: Option<Vec<u8>>,
    content_type: Vec<u8>,
    signers: Vec<SignerInfo>,
}

/// A signature with what it is over (RFC 5652, section 5.3).
#[derive(Clone, Debug, PartialEq, Eq)]
struct SignerInfo {
    identifier: SignerIdentifier,
    hash: Hash,
    attributes: Option<Attributes>,
    /// `AlgorithmIdentifier`, as it was written.
    algorithm: Vec<u8>,
    signature: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum SignerIdentifier {
    IssuerAndSerialNumber { issuer: Vec<u8>, serial: Vec<u8> },
    SubjectKeyIdentifier(Vec<u8>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Attributes {
    /// What the signature is over: the attributes under the tag of a SET (RFC 5652, section 5.4).
    signed: Vec<u8>,
    content_type: Vec<u8>,
    digest: Vec<u8>,
}

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const OID: u8 = 0x06;

/// 1.2.840.113549.1.7.2.
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
/// 1.2.840.113549.1.9.3, .4 and .5 (RFC 5652, sections 11.1 to 11.3).
const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];
const SIGNING_TIME: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x05];

/// 2.16.840.1.101.3.4.2.1 and .2.
const SHA256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
const SHA384: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02];

/// Most certificates of a message that are looked at.
const MOST_CERTIFICATES: usize = 32;

/// Signs, and gives the message in DER.
pub fn sign(signing: &Signing<'_>) -> Result<Vec<u8>, Refusal> {
    let Signing { content_type, content, signer, time, identifier, included } = *signing;
    let certificate = signer.chain.first().ok_or_else(no_certificate)?;
    let (hash, algorithm) = algorithms(&signer.key.public())?;
    let attributes = time.map(|time| attributes(content_type, &hash.digest(content), time)).transpose()?;
    let signature = match &attributes {
        Some(attributes) => signer.key.sign(SignatureForm::X509, &set_of(SET, attributes.clone()))?,
        None => signer.key.sign(SignatureForm::X509, content)?,
    };
    // Version 3 is for a subjectKeyIdentifier (RFC 5652, section 5.3).
    let (version, named) = match identifier {
        Identifier::IssuerAndSerialNumber => {
            let serial = element(INTEGER, &certificate.serial_bytes());
            (1, element(SEQUENCE, &[certificate.issuer_der(), &serial].concat()))
        }
        Identifier::SubjectKeyIdentifier => {
            let id = certificate.subject_key_id();
            let id = id.ok_or_else(|| Refusal::new("bad-certificate", "the signer's has no subjectKeyIdentifier"))?;
            (3, element(0x80, id))
        }
    };
    let digest_algorithm = element(SEQUENCE, &element(OID, digest_oid(hash)));
    let signer_info = [
        element(INTEGER, &[version]),
        named,
        digest_algorithm.clone(),
        attributes.map(|attributes| set_of(0xa0, attributes)).unwrap_or_default(),
        algorithm.to_vec(),
        element(OCTET_STRING, &signature),
    ];
    let certificates: &[Certificate] = match included {
        Included::Chain => &signer.chain,
        Included::None => &[],
        Included::Signer => &signer.chain[..1],
    };
    // RFC 5652, section 5.1: version 3 for content that is not id-data, or a signer of version 3.
    let version = if content_type.name == "data" && version == 1 { 1 } else { 3 };
    Ok(signed_data(
        version,
        &[digest_algorithm],
        &encapsulated(content_type, Some(content)),
        certificates,
        &[element(SEQUENCE, &signer_info.concat())],
    ))
}

/// A message that only carries certificates: no content and no signer (RFC 7030, section 4.1.3; RFC 8951).
pub fn certificates_only(certificates: &[Certificate]) -> Vec<u8> {
    let data = content_type("data").expect("the type is in the table");
    signed_data(1, &[], &encapsulated(data, None), certificates, &[])
}

fn signed_data(
    version: u8,
    digest_algorithms: &[Vec<u8>],
    encapsulated: &[u8],
    certificates: &[Certificate],
    signers: &[Vec<u8>],
) -> Vec<u8> {
    let certificates: Vec<Vec<u8>> = certificates.iter().map(|certificate| certificate.der().to_vec()).collect();
    let members = [
        element(INTEGER, &[version]),
        set_of(SET, digest_algorithms.to_vec()),
        encapsulated.to_vec(),
        if certificates.is_empty() { Vec::new() } else { set_of(0xa0, certificates) },
        set_of(SET, signers.to_vec()),
    ];
    let content = element(0xa0, &element(SEQUENCE, &members.concat()));
    element(SEQUENCE, &[element(OID, SIGNED_DATA), content].concat())
}

fn encapsulated(content_type: &ContentType, content: Option<&[u8]>) -> Vec<u8> {
    let content = content.map(|content| element(0xa0, &element(OCTET_STRING, content))).unwrap_or_default();
    element(SEQUENCE, &[element(OID, content_type.oid), content].concat())
}

/// contentType, messageDigest and signingTime, each as DER.
fn attributes(content_type: &ContentType, digest: &[u8], time: Timestamp) -> Result<Vec<Vec<u8>>, Refusal> {
    let one = |oid: &[u8], value: Vec<u8>| element(SEQUENCE, &[element(OID, oid), element(SET, &value)].concat());
    Ok(vec![
        one(CONTENT_TYPE, element(OID, content_type.oid)),
        one(MESSAGE_DIGEST, element(OCTET_STRING, digest)),
        one(SIGNING_TIME, written_time(time)?),
    ])
}

/// `UTCTime` until 2049, `GeneralizedTime` from then on (RFC 5652, section 11.3).
fn written_time(time: Timestamp) -> Result<Vec<u8>, Refusal> {
    let moment = super::certificate::moment(time)?;
    let (month, day) = (u8::from(moment.month()), moment.day());
    let (hour, minute, second) = moment.to_hms();
    let rest = format!("{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    Ok(match moment.year() {
        year @ ..2050 => element(0x17, format!("{:02}{rest}", year % 100).as_bytes()),
        year => element(0x18, format!("{year:04}{rest}").as_bytes()),
    })
}

/// The hash function and the signature algorithm that go with a key (RFC 5754, section 3).
fn algorithms(key: &PublicKey) -> Result<(Hash, &'static [u8]), Refusal> {
    let none = || Refusal::new(WRONG_ALGORITHM, format!("a key of {} signs no CMS message here", key.title()));
    let hash = match key.algorithm() {
        Algorithm::P256 | Algorithm::Rsa => Hash::Sha256,
        Algorithm::P384 => Hash::Sha384,
        // RFC 8419, section 3.1, asks for SHA-512.
        Algorithm::Ed25519 | Algorithm::X25519 => return Err(none()),
    };
    Ok((hash, key.algorithm().x509_identifier().ok_or_else(none)?))
}

fn digest_oid(hash: Hash) -> &'static [u8] {
    match hash {
        Hash::Sha256 => SHA256,
        Hash::Sha384 => SHA384,
    }
}

fn no_certificate() -> Refusal {
    Refusal::new("no-certificate", "the certificate of the signer is not there")
}

impl SignedData {
    /// Reads a message; no signature is verified.
    pub fn from_der(der: &[u8]) -> Result<Self, Refusal> {
        let mut info = Reader::only(der, SEQUENCE, "ContentInfo")?;
        if info.take(OID, "contentType")?.rest() != SIGNED_DATA {
            return Err(Refusal::malformed("the message is no SignedData"));
        }
        let content = info.take(0xa0, "content")?;
        info.finish("content")?;
        let mut signed = Reader::only(content.rest(), SEQUENCE, "SignedData")?;
        signed.take(INTEGER, "version")?;
        signed.take(SET, "digestAlgorithms")?;
        let mut encapsulated = signed.take(SEQUENCE, "encapContentInfo")?;
        let content_type = encapsulated.take(OID, "eContentType")?.rest().to_vec();
        let content = encapsulated.take_if(0xa0, "eContent")?;
        encapsulated.finish("eContent")?;
        let content = content.map(|content| Reader::only(content.rest(), OCTET_STRING, "eContent")).transpose()?;
        let certificates = signed.take_if(0xa0, "certificates")?;
        let certificates = certificates.map(read_certificates).transpose()?.unwrap_or_default();
        signed.take_if(0xa1, "crls")?;
        let mut infos = signed.take(SET, "signerInfos")?;
        signed.finish("signerInfos")?;
        let mut signers = Vec::new();
        while !infos.is_empty() {
            signers.push(SignerInfo::read(infos.take(SEQUENCE, "SignerInfo")?)?);
        }
        let content = content.map(|content| content.rest().to_vec());
        Ok(Self { certificates, content, content_type, signers })
    }

    /// The chain of the signer as far as the message has it, the signer's certificate first; empty where the message
    /// has no signer, or not its certificate.
    pub fn signer(&self) -> Vec<Certificate> {
        let Some(signer) = self.signers.first() else { return Vec::new() };
        let first = self.certificates.iter().find(|certificate| signer.identifier.names(certificate));
        ordered(first.cloned(), &self.certificates)
    }

    /// Its certificates, end entity first, each followed by its issuer as far as the message has it.
    pub fn chain(&self) -> Vec<Certificate> {
        let issues = |one: &Certificate| {
            self.certificates.iter().any(|other| other != one && other.issuer_der() == one.subject_der())
        };
        let first = self.certificates.iter().find(|certificate| !issues(certificate));
        let chain = ordered(first.or(self.certificates.first()).cloned(), &self.certificates);
        let others = self.certificates.iter().filter(|certificate| !chain.contains(certificate)).cloned();
        [chain.clone(), others.collect()].concat()
    }

    /// Verifies that it is of this type, and that `key` signed it (RFC 5652, sections 5.4 and 5.6); gives the content.
    ///
    /// Refused with `wrong-content-type`, `no-content`, `no-signer`, `several-signers`, `wrong-algorithm`,
    /// `no-signed-attributes`, `wrong-digest` or `bad-signature`.
    pub fn verify(&self, content_type: &ContentType, key: &PublicKey) -> Result<&[u8], Refusal> {
        self.check_type(content_type)?;
        let signer = self.only_signer()?;
        let content =
            self.content.as_deref().ok_or_else(|| Refusal::new("no-content", "the message has no content"))?;
        let (hash, algorithm) = algorithms(key)?;
        if signer.algorithm != algorithm || signer.hash != hash {
            let message = format!("the message names other algorithms than those of a {} key", key.title());
            return Err(Refusal::new(WRONG_ALGORITHM, message));
        }
        let Some(attributes) = &signer.attributes else {
            // RFC 5652, section 5.3: without them, the type is not signed, and must be the one that says nothing.
            if content_type.name != "data" {
                let message = "content other than id-data is signed through attributes, and there are none";
                return Err(Refusal::new("no-signed-attributes", message));
            }
            key.verify(SignatureForm::X509, content, &signer.signature)?;
            return Ok(content);
        };
        if attributes.content_type != self.content_type {
            return Err(Refusal::new(WRONG_CONTENT_TYPE, "the signed attribute contentType is not eContentType"));
        }
        key.verify(SignatureForm::X509, &attributes.signed, &signer.signature)?;
        if attributes.digest != hash.digest(content) {
            return Err(Refusal::new("wrong-digest", "the signed attribute messageDigest is not the content's digest"));
        }
        Ok(content)
    }

    /// Refuses content of any other type.
    pub fn check_type(&self, content_type: &ContentType) -> Result<(), Refusal> {
        if self.content_type == content_type.oid {
            return Ok(());
        }
        Err(Refusal::new(WRONG_CONTENT_TYPE, format!("the content is not of the type {}", content_type.name)))
    }

    fn only_signer(&self) -> Result<&SignerInfo, Refusal> {
        match &self.signers[..] {
            [signer] => Ok(signer),
            [] => Err(Refusal::new("no-signer", "nobody signed the message")),
            several => Err(Refusal::new("several-signers", format!("{} signed the message", several.len()))),
        }
    }

    /// Refuses a message that nobody signed, or of which the signer's certificate is not there; gives its chain.
    pub fn need_signer(&self) -> Result<Vec<Certificate>, Refusal> {
        self.only_signer()?;
        let chain = self.signer();
        if chain.is_empty() { Err(no_certificate()) } else { Ok(chain) }
    }
}

const WRONG_CONTENT_TYPE: &str = "wrong-content-type";

fn read_certificates(mut reader: Reader<'_>) -> Result<Vec<Certificate>, Refusal> {
    let mut certificates = Vec::new();
    while !reader.is_empty() {
        if certificates.len() == MOST_CERTIFICATES {
            return Err(Refusal::malformed(format!("more than {MOST_CERTIFICATES} certificates")));
        }
        certificates.push(Certificate::from_der(reader.raw("Certificate")?)?);
    }
    Ok(certificates)
}

/// `first`, and each time the issuer of the last, which is not there already.
fn ordered(first: Option<Certificate>, certificates: &[Certificate]) -> Vec<Certificate> {
    let mut chain: Vec<Certificate> = first.into_iter().collect();
    while let Some(last) = chain.last() {
        let issuer = certificates
            .iter()
            .find(|certificate| certificate.subject_der() == last.issuer_der() && !chain.contains(certificate));
        let Some(issuer) = issuer.cloned() else { break };
        chain.push(issuer);
    }
    chain
}

impl SignerInfo {
    fn read(mut members: Reader<'_>) -> Result<Self, Refusal> {
        members.take(INTEGER, "version")?;
        let identifier = if let Some(id) = members.take_if(0x80, "subjectKeyIdentifier")? {
            SignerIdentifier::SubjectKeyIdentifier(id.rest().to_vec())
        } else {
            let mut pair = members.take(SEQUENCE, "issuerAndSerialNumber")?;
            let issuer = pair.raw("issuer")?.to_vec();
            let serial = pair.take(INTEGER, "serialNumber")?.rest().to_vec();
            pair.finish("serialNumber")?;
            SignerIdentifier::IssuerAndSerialNumber { issuer, serial }
        };
        let mut digest = members.take(SEQUENCE, "digestAlgorithm")?;
        let hash = match digest.take(OID, "digestAlgorithm")?.rest() {
            SHA256 => Hash::Sha256,
            SHA384 => Hash::Sha384,
            _ => return Err(Refusal::new("unsupported-algorithm", "the digest is neither SHA-256 nor SHA-384")),
        };
        // Absent, or NULL from those who learned it from RSA (RFC 5754, section 2).
        digest.take_if(0x05, "parameters")?;
        digest.finish("parameters")?;
        let attributes = members.take_if(0xa0, "signedAttrs")?.map(Attributes::read).transpose()?;
        let algorithm = members.raw("signatureAlgorithm")?.to_vec();
        let signature = members.take(OCTET_STRING, "signature")?.rest().to_vec();
        members.take_if(0xa1, "unsignedAttrs")?;
        members.finish("unsignedAttrs")?;
        Ok(Self { identifier, hash, attributes, algorithm, signature })
    }
}

impl SignerIdentifier {
    fn names(&self, certificate: &Certificate) -> bool {
        match self {
            Self::IssuerAndSerialNumber { issuer, serial } => {
                certificate.issuer_der() == issuer && certificate.serial_bytes() == *serial
            }
            Self::SubjectKeyIdentifier(id) => certificate.subject_key_id() == Some(id),
        }
    }
}

impl Attributes {
    fn read(mut members: Reader<'_>) -> Result<Self, Refusal> {
        let (mut content_type, mut digest) = (None, None);
        let mut written = Vec::new();
        while !members.is_empty() {
            let raw = members.raw("Attribute")?;
            written.push(raw.to_vec());
            let mut attribute = Reader::only(raw, SEQUENCE, "Attribute")?;
            let oid = attribute.take(OID, "attrType")?.rest();
            let values = attribute.take(SET, "attrValues")?;
            attribute.finish("attrValues")?;
            // Each of these has one value, and stands there once (RFC 5652, section 11).
            let seen = match oid {
                CONTENT_TYPE => content_type.replace(Reader::only(values.rest(), OID, "contentType")?.rest()),
                MESSAGE_DIGEST => digest.replace(Reader::only(values.rest(), OCTET_STRING, "messageDigest")?.rest()),
                // When the signer says it signed is for people: its clock need not be right (RFC 5652, section 11.3).
                _ => None,
            };
            if seen.is_some() {
                return Err(Refusal::malformed("an attribute stands there twice"));
            }
        }
        if !written.is_sorted() {
            return Err(Refusal::malformed("the signed attributes are not in the order of DER"));
        }
        let there = |name: &str, found: Option<&[u8]>| {
            let found = found.ok_or_else(|| Refusal::malformed(format!("there is no signed attribute {name}")))?;
            Ok::<_, Refusal>(found.to_vec())
        };
        Ok(Self {
            signed: element(SET, &written.concat()),
            content_type: there("contentType", content_type)?,
            digest: there("messageDigest", digest)?,
        })
    }
}

#[cfg(test)]
mod tests;
