//! Certificate revocation lists (RFC 5280, section 5).

use std::sync::Arc;

use rcgen::{CertificateRevocationListParams, Issuer, KeyIdMethod, RevocationReason, RevokedCertParams, SerialNumber};
use x509_parser::prelude::{CertificateRevocationList as ParsedList, FromDer};

use super::certificate::{Credential, moment};
use super::key::Issuing;
use super::name::{check_name, one_line};
use super::refusal::Refusal;
use crate::clock::Timestamp;

/// A revocation list.
#[derive(Clone, Debug, PartialEq)]
pub struct CertificateRevocationList(Arc<List>);

#[derive(Debug, PartialEq)]
struct List {
    der: Vec<u8>,
    issuer: String,
    revoked: Vec<String>,
    this_update: Timestamp,
    next_update: Option<Timestamp>,
}

impl CertificateRevocationList {
    /// A list of `issuer`; each entry is a serial number with the moment of its revocation, for key compromise.
    pub fn create(
        issuer: &Credential,
        revoked: &[(Vec<u8>, Timestamp)],
        this_update: Timestamp,
        next_update: Timestamp,
        number: u64,
    ) -> Result<Self, Refusal> {
        let authority =
            issuer.chain.first().ok_or_else(|| Refusal::new("no-certificate", "the issuer has no certificate"))?;
        let signer = Issuer::from_ca_cert_der(&authority.der().into(), Issuing::try_from(&issuer.key)?)
            .map_err(Refusal::malformed)?;
        let entries = revoked
            .iter()
            .map(|(serial, at)| {
                Ok(RevokedCertParams {
                    serial_number: SerialNumber::from_slice(serial),
                    revocation_time: moment(*at)?,
                    reason_code: Some(RevocationReason::KeyCompromise),
                    invalidity_date: None,
                })
            })
            .collect::<Result<_, Refusal>>()?;
        let params = CertificateRevocationListParams {
            this_update: moment(this_update)?,
            next_update: moment(next_update)?,
            crl_number: SerialNumber::from(number),
            issuing_distribution_point: None,
            revoked_certs: entries,
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let list = params.signed_by(&signer).map_err(|error| Refusal::new("bad-revocation-list", error))?;
        Self::from_der(list.der())
    }

    /// Reads a list; its signature is verified where it is used.
    pub fn from_der(der: &[u8]) -> Result<Self, Refusal> {
        let (rest, parsed) = ParsedList::from_der(der).map_err(Refusal::malformed)?;
        if !rest.is_empty() {
            return Err(Refusal::malformed(format!("{} bytes after the list", rest.len())));
        }
        check_name(parsed.issuer())?;
        Ok(Self(Arc::new(List {
            der: der.to_vec(),
            issuer: one_line(parsed.issuer()),
            revoked: parsed.iter_revoked_certificates().map(|entry| hex::encode(entry.raw_serial())).collect(),
            this_update: Timestamp(parsed.last_update().timestamp()),
            next_update: parsed.next_update().map(|at| Timestamp(at.timestamp())),
        })))
    }

    /// DER.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// PEM (RFC 7468, section 6).
    pub fn pem(&self) -> String {
        super::pem("X509 CRL", &self.0.der)
    }

    /// Serial numbers on the list, as lower-case hexadecimal digits.
    pub fn revoked_serials(&self) -> &[String] {
        &self.0.revoked
    }

    /// Every member for people.
    pub fn decoded(&self) -> Vec<(String, String)> {
        let mut members = vec![
            ("issuer".to_owned(), self.0.issuer.clone()),
            ("thisUpdate".to_owned(), self.0.this_update.to_string()),
        ];
        members.extend(self.0.next_update.map(|at| ("nextUpdate".to_owned(), at.to_string())));
        members.extend(self.0.revoked.iter().map(|serial| ("revoked".to_owned(), serial.clone())));
        members
    }
}
