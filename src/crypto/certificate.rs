//! X.509 certificates (RFC 5280): read, shown, and issued from a profile.

mod decode;
mod issue;

use std::fmt;

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer;
use x509_parser::x509::AttributeTypeAndValue;

use super::der;
use super::key::{PrivateKey, PublicKey};
use super::refusal::Refusal;
use super::subject::one_line;
use super::{mac, pem};
use crate::clock::Timestamp;

pub(super) use decode::{extension_value, is_sound};
pub use issue::{Profile, Purpose, issue, self_signed};
pub(super) use issue::{authority, moment};

/// id-pe-masa-url (RFC 8995, section 2.3.2).
const MASA_URL: &str = "1.3.6.1.5.5.7.1.32";
/// serialNumber of a subject (X.520, section 6.2.9).
const SERIAL_NUMBER: &str = "2.5.4.5";

/// A certificate for a key on P-256.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    public_key: PublicKey,
}

/// A private key with its certificates, end entity first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The certificate of the key, then those of its issuers as far as they are presented.
    pub chain: Vec<Certificate>,
    /// The key of the first certificate; of another one only where a scenario wants it so.
    pub key: PrivateKey,
}

impl Certificate {
    /// Reads a certificate; bytes behind it, and keys that do not lie on P-256, are refused.
    pub fn from_der(der: &[u8]) -> Result<Self, Refusal> {
        let (rest, parsed) = X509Certificate::from_der(der).map_err(|error| Refusal::malformed(error.to_string()))?;
        if !rest.is_empty() || !is_sound(parsed.subject()) || !is_sound(parsed.issuer()) {
            return Err(Refusal::malformed("bytes that are not part of a certificate"));
        }
        let public_key = PublicKey::from_spki_der(parsed.public_key().raw)?;
        Ok(Self { der: der.to_vec(), public_key })
    }

    /// The canonical encoding.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The textual encoding.
    pub fn pem(&self) -> String {
        pem::encode("CERTIFICATE", &self.der)
    }

    /// SHA-256 of the encoding, the usual fingerprint.
    pub fn sha256(&self) -> [u8; 32] {
        mac::sha256(&self.der)
    }

    /// The key that the certificate speaks for.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The subject on one line, as RFC 4514 writes names.
    pub fn subject(&self) -> String {
        self.read(|certificate| one_line(certificate.subject()))
    }

    /// The subject's DER.
    pub fn subject_der(&self) -> Vec<u8> {
        self.read(|certificate| certificate.subject().as_raw().to_vec())
    }

    /// The issuer on one line, as RFC 4514 writes names.
    pub fn issuer(&self) -> String {
        self.read(|certificate| one_line(certificate.issuer()))
    }

    /// The subject's common name.
    pub fn common_name(&self) -> Option<String> {
        self.read(|certificate| {
            certificate.subject().iter_common_name().next().and_then(|name| name.as_str().ok().map(str::to_owned))
        })
    }

    /// The subject's serialNumber attribute, which names a device.
    pub fn subject_serial_number(&self) -> Option<String> {
        self.read(|certificate| {
            let is_serial_number = |name: &&AttributeTypeAndValue<'_>| name.attr_type().to_id_string() == SERIAL_NUMBER;
            let serial_number = certificate.subject().iter_attributes().find(is_serial_number)?;
            serial_number.as_str().ok().map(str::to_owned)
        })
    }

    /// The certificate's own serial number, big-endian, without a leading zero.
    pub fn serial(&self) -> Vec<u8> {
        self.read(|certificate| certificate.tbs_certificate.serial.to_bytes_be())
    }

    /// The certificate's own serial number as hexadecimal digits.
    pub fn serial_hex(&self) -> String {
        hex::encode(self.serial())
    }

    /// First moment of validity.
    pub fn not_before(&self) -> Timestamp {
        self.read(|certificate| Timestamp(certificate.validity().not_before.timestamp()))
    }

    /// Last moment of validity.
    pub fn not_after(&self) -> Timestamp {
        self.read(|certificate| Timestamp(certificate.validity().not_after.timestamp()))
    }

    /// Whether it may issue certificates (RFC 5280, section 4.2.1.9).
    pub fn is_authority(&self) -> bool {
        self.read(|certificate| certificate.is_ca())
    }

    /// Whether subject and issuer are one, which says nothing about the signature.
    pub fn is_self_issued(&self) -> bool {
        self.read(|certificate| certificate.subject().as_raw() == certificate.issuer().as_raw())
    }

    /// RFC 5280, section 4.2.1.2.
    pub fn subject_key_id(&self) -> Option<Vec<u8>> {
        self.extension(|extension| match extension {
            ParsedExtension::SubjectKeyIdentifier(id) => Some(id.0.to_vec()),
            _ => None,
        })
    }

    /// RFC 5280, section 4.2.1.1.
    pub fn authority_key_id(&self) -> Option<Vec<u8>> {
        self.extension(|extension| match extension {
            ParsedExtension::AuthorityKeyIdentifier(id) => id.key_identifier.as_ref().map(|id| id.0.to_vec()),
            _ => None,
        })
    }

    /// DNS names among the subject's alternative names.
    pub fn dns_names(&self) -> Vec<String> {
        let names = self.extension(|extension| match extension {
            ParsedExtension::SubjectAlternativeName(names) => {
                Some(names.general_names.iter().filter_map(dns).collect())
            }
            _ => None,
        });
        names.unwrap_or_default()
    }

    /// Where the manufacturer's voucher service is (RFC 8995, section 2.3.2).
    pub fn masa_url(&self) -> Option<String> {
        self.read(|certificate| {
            let extension =
                certificate.extensions().iter().find(|extension| extension.oid.to_id_string() == MASA_URL)?;
            let (_, content) = der::single(extension.value)?;
            str::from_utf8(content).ok().map(str::to_owned)
        })
    }

    /// Names of the extended key usages; empty where the extension is absent.
    pub fn extended_key_usages(&self) -> Vec<String> {
        let usages = self.extension(|extension| match extension {
            ParsedExtension::ExtendedKeyUsage(usage) => Some(decode::extended_key_usages(usage)),
            _ => None,
        });
        usages.unwrap_or_default()
    }

    /// All members for people, in the order of the encoding.
    pub fn decoded(&self) -> Vec<(String, String)> {
        self.read(decode::decoded)
    }

    fn read<T>(&self, read: impl FnOnce(&X509Certificate<'_>) -> T) -> T {
        let (_, parsed) = X509Certificate::from_der(&self.der).expect("it was read when it was made");
        read(&parsed)
    }

    fn extension<T>(&self, pick: impl Fn(&ParsedExtension<'_>) -> Option<T>) -> Option<T> {
        self.read(|certificate| {
            certificate.extensions().iter().find_map(|extension| pick(extension.parsed_extension()))
        })
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.subject())
    }
}

fn dns(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        _ => None,
    }
}
