//! Credentials that an attacker makes in place of genuine ones: the same names, vouched for by nobody whom anyone trusts.

use super::certificate::{self, Certificate, Credential, Profile, Purpose, Subject};
use super::key::{Algorithm, PrivateKey};
use super::matter_certificate;
use super::refusal::Refusal;
use crate::clock::Timestamp;

/// Seconds.
const DAY: i64 = 86_400;

/// A credential of the attacker's own that names whom `genuine` names, for the same purpose, from an authority of its
/// own making; of an authority's, another authority.
pub fn credential_like(genuine: &Credential, clock: Timestamp) -> Result<Credential, Refusal> {
    // Of the same algorithm, so that what refuses it is that nobody vouches for it.
    let algorithm = genuine.key.algorithm();
    let authority = attacker_authority(algorithm, clock)?;
    let Some(leaf) = genuine.chain.first() else { return Ok(authority) };
    if leaf.is_authority() {
        return Ok(authority);
    }
    let (not_before, not_after) = (clock, clock.plus(365 * DAY));
    let key = PrivateKey::generate_for(algorithm);
    let node = matter_certificate::forged(leaf, &key.public(), &authority.key, (not_before, not_after));
    if let Some(certificate) = node {
        return Ok(Credential { chain: vec![certificate], key });
    }
    let profile = Profile {
        subject: Subject {
            common_name: leaf.common_name(),
            serial_number: leaf.subject_serial_number(),
            vendor_id: leaf.subject_fields().vendor_id.clone(),
            product_id: leaf.subject_fields().product_id.clone(),
            ..Subject::default()
        },
        purpose: purpose_of(leaf),
        dns_names: leaf.dns_names(),
        not_before,
        not_after,
        serial: None,
        masa_url: leaf.masa_url(),
    };
    let certificate = certificate::issue(profile, &key.public(), &authority)?;
    Ok(Credential { chain: vec![certificate], key })
}

fn attacker_authority(algorithm: Algorithm, clock: Timestamp) -> Result<Credential, Refusal> {
    let (not_before, not_after) = (clock, clock.plus(3650 * DAY));
    let profile = Profile {
        subject: Subject { common_name: Some("Attacker CA".to_owned()), ..Subject::default() },
        purpose: Purpose::Authority { path_len: Some(0) },
        dns_names: Vec::new(),
        not_before,
        not_after,
        serial: None,
        masa_url: None,
    };
    let key = PrivateKey::generate_for(algorithm);
    let certificate = certificate::self_signed(profile, &key)?;
    Ok(Credential { chain: vec![certificate], key })
}

fn purpose_of(certificate: &Certificate) -> Purpose {
    let usages = certificate.extended_key_usages();
    let has = |name: &str| usages.iter().any(|usage| usage == name);
    match (has("serverAuth"), has("clientAuth")) {
        (true, true) => Purpose::ClientAndServer,
        (true, false) if has("cmcRA") => Purpose::RegistrationAuthority,
        (true, false) => Purpose::Server,
        (false, true) => Purpose::Client,
        (false, false) => Purpose::Signer,
    }
}
