//! Certificate revocation lists (RFC 5280, section 5).

use std::fmt;

use rcgen::{CertificateRevocationListParams, KeyIdMethod, RevocationReason, RevokedCertParams, SerialNumber};
use x509_parser::prelude::FromDer;
use x509_parser::revocation_list::CertificateRevocationList as Parsed;

use super::certificate::{Certificate, Credential, authority, extension_value, is_sound, moment};
use super::refusal::Refusal;
use super::subject::{one_line, unencodable};
use super::{der, pem};
use crate::clock::Timestamp;

/// A signed list of certificates that hold no longer.
#[derive(Clone, PartialEq, Eq)]
pub struct CertificateRevocationList {
    der: Vec<u8>,
}

impl CertificateRevocationList {
    /// A list by `issuer` of the serial numbers in `revoked`, each with the moment since when its key counts as stolen.
    pub fn create(
        issuer: &Credential,
        revoked: &[(Vec<u8>, Timestamp)],
        this_update: Timestamp,
        next_update: Timestamp,
        number: u64,
    ) -> Result<Self, Refusal> {
        let key_id = issuer.chain.first().and_then(Certificate::subject_key_id);
        let parameters = CertificateRevocationListParams {
            this_update: moment(this_update)?,
            next_update: moment(next_update)?,
            crl_number: SerialNumber::from(number),
            issuing_distribution_point: None,
            revoked_certs: revoked.iter().map(entry).collect::<Result<_, _>>()?,
            key_identifier_method: key_id.map_or(KeyIdMethod::Sha256, KeyIdMethod::PreSpecified),
        };
        let list = parameters.signed_by(&authority(issuer)?).map_err(|error| unencodable(&error))?;
        Self::from_der(list.der())
    }

    /// Reads a list; its signature is verified together with the chain that it is used for.
    pub fn from_der(der: &[u8]) -> Result<Self, Refusal> {
        let (rest, parsed) = Parsed::from_der(der).map_err(|error| Refusal::malformed(error.to_string()))?;
        if !rest.is_empty() || !is_sound(parsed.issuer()) {
            return Err(Refusal::malformed("bytes that are not part of a certificate revocation list"));
        }
        Ok(Self { der: der.to_vec() })
    }

    /// The canonical encoding.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The textual encoding.
    pub fn pem(&self) -> String {
        pem::encode("X509 CRL", &self.der)
    }

    /// The issuer on one line, as RFC 4514 writes names.
    pub fn issuer(&self) -> String {
        self.read(|list| one_line(list.issuer()))
    }

    /// Serial numbers of the revoked certificates, big-endian, without leading zeros.
    pub fn revoked(&self) -> Vec<Vec<u8>> {
        self.read(|list| list.iter_revoked_certificates().map(|entry| entry.user_certificate.to_bytes_be()).collect())
    }

    /// All members for people, in the order of the encoding.
    pub fn decoded(&self) -> Vec<(String, String)> {
        self.read(|list| {
            let mut members = vec![
                ("issuer".to_owned(), one_line(list.issuer())),
                ("thisUpdate".to_owned(), Timestamp(list.last_update().timestamp()).to_string()),
            ];
            if let Some(next) = list.next_update() {
                members.push(("nextUpdate".to_owned(), Timestamp(next.timestamp()).to_string()));
            }
            for entry in list.iter_revoked_certificates() {
                let since = Timestamp(entry.revocation_date.timestamp());
                let reason = entry.reason_code().map_or_else(String::new, |(_, reason)| format!(", {reason}"));
                let serial = hex::encode(entry.user_certificate.to_bytes_be());
                members.push(("revokedCertificate".to_owned(), format!("{serial} since {since}{reason}")));
            }
            for extension in list.extensions() {
                members.push((der::oid_name(&extension.oid.to_id_string()), extension_value(extension)));
            }
            members.push(("signature".to_owned(), hex::encode(&list.signature_value.data)));
            members
        })
    }

    fn read<T>(&self, read: impl FnOnce(&Parsed<'_>) -> T) -> T {
        let (_, parsed) = Parsed::from_der(&self.der).expect("it was read when it was made");
        read(&parsed)
    }
}

impl fmt::Debug for CertificateRevocationList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CertificateRevocationList({}, {} entries)", self.issuer(), self.revoked().len())
    }
}

fn entry((serial, since): &(Vec<u8>, Timestamp)) -> Result<RevokedCertParams, Refusal> {
    Ok(RevokedCertParams {
        serial_number: SerialNumber::from_slice(serial),
        revocation_time: moment(*since)?,
        reason_code: Some(RevocationReason::KeyCompromise),
        invalidity_date: None,
    })
}
