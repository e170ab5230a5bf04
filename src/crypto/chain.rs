//! Certification paths (RFC 5280, section 6), outside of a handshake.

use std::time::Duration;

use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use webpki::{
    BorrowedCertRevocationList, CertRevocationList, EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter,
    KeyUsage, RevocationCheckDepth, RevocationOptionsBuilder, anchor_from_trusted_cert,
};

use super::certificate::Certificate;
use super::crl::CertificateRevocationList;
use super::refusal::Refusal;
use super::verifier;
use crate::clock::Timestamp;

/// What the end entity's certificate must be good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// Anything, named or not.
    Any,
    /// clientAuth.
    Client,
    /// serverAuth.
    Server,
    /// cmcRA (RFC 6402, section 2.10): may ask for certificates, and for vouchers, on behalf of devices.
    RegistrationAuthority,
}

/// Verifies `chain`, end entity first, up to one of `anchors` at `now`; where `crls` are given, the end entity's issuer
/// must have one of them.
pub fn verify(
    chain: &[Certificate],
    anchors: &[Certificate],
    usage: Usage,
    name: Option<&str>,
    crls: &[CertificateRevocationList],
    now: Timestamp,
) -> Result<(), Refusal> {
    let (leaf, rest) =
        chain.split_first().ok_or_else(|| Refusal::new("no-certificate", "no certificate was presented"))?;
    if anchors.contains(leaf) {
        // A pin may be the end entity's own certificate (RFC 8995, section 5.6.2); there is no path to build.
        return within_validity(leaf, now);
    }
    let leaf_der = CertificateDer::from(leaf.der());
    let end_entity = EndEntityCert::try_from(&leaf_der)?;
    let anchor_ders: Vec<CertificateDer<'_>> =
        anchors.iter().map(|anchor| CertificateDer::from(anchor.der())).collect();
    let anchors = anchor_ders.iter().map(anchor_from_trusted_cert).collect::<Result<Vec<_>, _>>()?;
    let intermediates: Vec<CertificateDer<'_>> = rest.iter().map(|link| CertificateDer::from(link.der())).collect();
    let lists = crls
        .iter()
        .map(|list| BorrowedCertRevocationList::from_der(list.der()).map(CertRevocationList::from))
        .collect::<Result<Vec<_>, _>>()?;
    let lists: Vec<&CertRevocationList<'_>> = lists.iter().collect();
    let revocation = RevocationOptionsBuilder::new(&lists)
        .ok()
        .map(|options| options.with_depth(RevocationCheckDepth::EndEntity).build());
    let time = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(now.0).unwrap_or_default()));
    end_entity.verify_for_usage(verifier::ALL, &anchors, &intermediates, time, usage, revocation, None)?;
    if let Some(name) = name {
        let server = ServerName::try_from(name).map_err(|error| Refusal::new("wrong-name", error))?;
        end_entity.verify_is_valid_for_subject_name(&server)?;
    }
    Ok(())
}

fn within_validity(certificate: &Certificate, now: Timestamp) -> Result<(), Refusal> {
    if now < certificate.not_before() {
        let message = format!("the certificate is not valid before {}", certificate.not_before());
        return Err(Refusal::new("not-yet-valid", message));
    }
    if now > certificate.not_after() {
        return Err(Refusal::new("expired", format!("the certificate is not valid after {}", certificate.not_after())));
    }
    Ok(())
}

/// 1.3.6.1.5.5.7.3.28 in DER, without tag and length.
const CMC_RA: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 28];

impl ExtendedKeyUsageValidator for Usage {
    fn validate(&self, purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        match self {
            Self::Any => Ok(()),
            Self::Client => KeyUsage::client_auth().validate(purposes),
            Self::Server => KeyUsage::server_auth().validate(purposes),
            Self::RegistrationAuthority => KeyUsage::required(CMC_RA).validate(purposes),
        }
    }
}
