//! Certification paths (RFC 5280, section 6), outside of a handshake.

use std::time::Duration;

use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use webpki::{
    BorrowedCertRevocationList, CertRevocationList, EndEntityCert, ExpirationPolicy, ExtendedKeyUsageValidator,
    KeyPurposeIdIter, KeyUsage, RevocationCheckDepth, RevocationOptionsBuilder, anchor_from_trusted_cert,
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
///
/// An anchor may be the end entity itself (RFC 8995, section 5.6.2): then there is no path and no revocation to check,
/// but validity, usage and name count as ever.
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
    let leaf_der = CertificateDer::from(leaf.der());
    let end_entity = EndEntityCert::try_from(&leaf_der)?;
    let time = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(now.0).unwrap_or_default()));
    if anchors.contains(leaf) {
        verify_pinned(&end_entity, usage, time)?;
    } else {
        verify_path(&end_entity, rest, anchors, usage, crls, time)?;
    }
    // The path has no chance to ask for it: authorities above need not name the purposes of those whom they certify.
    if usage == Usage::RegistrationAuthority && !leaf.extended_key_usages().iter().any(|usage| usage == CMC_RA_NAME) {
        return Err(Refusal::new("wrong-purpose", "certificate does not allow extended key usage for cmcRA"));
    }
    if let Some(name) = name {
        let server = ServerName::try_from(name).map_err(|error| Refusal::new("wrong-name", error))?;
        end_entity.verify_is_valid_for_subject_name(&server)?;
    }
    Ok(())
}

fn verify_path(
    end_entity: &EndEntityCert<'_>,
    rest: &[Certificate],
    anchors: &[Certificate],
    usage: Usage,
    crls: &[CertificateRevocationList],
    time: UnixTime,
) -> Result<(), Refusal> {
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
        // RFC 5280, section 6.3.3, (a): a list that has run out says nothing of those who were revoked since.
        .map(|options| {
            options
                .with_depth(RevocationCheckDepth::EndEntity)
                .with_expiration_policy(ExpirationPolicy::Enforce)
                .build()
        });
    end_entity.verify_for_usage(verifier::ALL, &anchors, &intermediates, time, usage, revocation, None)?;
    Ok(())
}

/// The end entity is believed itself, so that no signature is left to verify.
fn verify_pinned(end_entity: &EndEntityCert<'_>, usage: Usage, time: UnixTime) -> Result<(), Refusal> {
    // The library judges validity and usage before it looks for an issuer, of whom it is told none.
    match end_entity.verify_for_usage(verifier::ALL, &[], &[], time, usage, None, None) {
        Ok(_) | Err(webpki::Error::UnknownIssuer | webpki::Error::CaUsedAsEndEntity) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// 1.3.6.1.5.5.7.3.28 in DER, without tag and length.
const CMC_RA: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 28];
/// The same as certificates give it.
const CMC_RA_NAME: &str = "cmcRA";

impl ExtendedKeyUsageValidator for Usage {
    fn validate(&self, purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        match self {
            Self::Any => Ok(()),
            Self::Client => KeyUsage::client_auth().validate(purposes),
            Self::Server => KeyUsage::server_auth().validate(purposes),
            Self::RegistrationAuthority => KeyUsage::required_if_present(CMC_RA).validate(purposes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::certificate::{Credential, Profile, Purpose, Subject, issue, self_signed};
    use crate::crypto::key::PrivateKey;
    use crate::crypto::party::{Party, act};

    const NOW: Timestamp = Timestamp(1_767_225_600);
    const DAY: i64 = 86_400;

    struct Pki {
        root: Credential,
        issuing: Credential,
        leaf: Credential,
    }

    fn profile(name: &str, purpose: Purpose) -> Profile {
        Profile {
            subject: Subject { common_name: Some(name.to_owned()), ..Subject::default() },
            purpose,
            dns_names: vec![name.to_owned()],
            not_before: NOW,
            not_after: Timestamp(NOW.0 + 100 * DAY),
            serial: None,
            masa_url: None,
        }
    }

    fn pki(seed: &str, purpose: Purpose) -> Pki {
        act(&mut Party::new(seed, &["pki"]), || {
            let below = |issuer: &Credential, profile| {
                let key = PrivateKey::generate();
                let mut chain = vec![issue(profile, &key.public(), issuer).unwrap()];
                chain.extend(issuer.chain.iter().filter(|link| link.subject() != link.issuer()).cloned());
                Credential { chain, key }
            };
            let key = PrivateKey::generate();
            let root = self_signed(profile("root.example", Purpose::Authority { path_len: Some(1) }), &key).unwrap();
            let root = Credential { chain: vec![root], key };
            let issuing = below(&root, profile("ca.example", Purpose::Authority { path_len: Some(0) }));
            let leaf = below(&issuing, profile("leaf.example", purpose));
            Pki { root, issuing, leaf }
        })
    }

    fn code(result: Result<(), Refusal>) -> &'static str {
        result.map_or_else(|refusal| refusal.code, |()| "held")
    }

    #[test]
    fn each_defect_has_its_code() {
        let (pki, other) = (pki("seed", Purpose::Client), pki("other", Purpose::Client));
        let (chain, root) = (&pki.leaf.chain[..], &pki.root.chain[..]);
        let check = |chain, anchors, usage, name, now| code(verify(chain, anchors, usage, name, &[], Timestamp(now)));
        let now = NOW.0;
        assert_eq!(check(chain, root, Usage::Client, Some("leaf.example"), now), "held");
        assert_eq!(check(chain, root, Usage::Any, None, now), "held");
        assert_eq!(check(chain, root, Usage::Client, Some("other.example"), now), "wrong-name");
        assert_eq!(check(chain, root, Usage::Client, Some("not a name"), now), "wrong-name");
        assert_eq!(check(chain, root, Usage::Server, None, now), "wrong-purpose");
        assert_eq!(check(chain, root, Usage::Client, None, now + 101 * DAY), "expired");
        assert_eq!(check(chain, root, Usage::Client, None, now - DAY), "not-yet-valid");
        assert_eq!(check(&chain[..1], root, Usage::Client, None, now), "unknown-issuer");
        assert_eq!(check(chain, &[], Usage::Client, None, now), "unknown-issuer");
        assert_eq!(check(chain, &other.root.chain, Usage::Client, None, now), "bad-signature");
        assert_eq!(check(&[], root, Usage::Client, None, now), "no-certificate");
    }

    #[test]
    fn each_signature_on_the_path_is_counted() {
        let pki = pki("seed", Purpose::Client);
        let mut party = Party::new("seed", &["verifier"]);
        act(&mut party, || verify(&pki.leaf.chain, &pki.root.chain, Usage::Client, None, &[], NOW)).unwrap();
        assert_eq!(party.counts.verify, 2);
    }

    #[test]
    fn a_signer_needs_no_usage() {
        let pki = pki("seed", Purpose::Signer);
        verify(&pki.leaf.chain, &pki.root.chain, Usage::Any, None, &[], NOW).unwrap();
    }

    #[test]
    fn a_registration_authority_is_one_below_any_number_of_authorities() {
        let code_of = |purpose, usage| {
            let pki = pki("seed", purpose);
            code(verify(&pki.leaf.chain, &pki.root.chain, usage, None, &[], NOW))
        };
        assert_eq!(code_of(Purpose::RegistrationAuthority, Usage::RegistrationAuthority), "held");
        assert_eq!(code_of(Purpose::Server, Usage::RegistrationAuthority), "wrong-purpose");
        assert_eq!(code_of(Purpose::Signer, Usage::RegistrationAuthority), "wrong-purpose");
        assert_eq!(code_of(Purpose::RegistrationAuthority, Usage::Server), "held");
    }

    #[test]
    fn a_pin_replaces_the_path_and_nothing_else() {
        let pki = pki("seed", Purpose::Server);
        let pin = &pki.leaf.chain[..1];
        let check = |usage, name, now| code(verify(pin, pin, usage, name, &[], Timestamp(now)));
        assert_eq!(check(Usage::Any, None, NOW.0), "held");
        assert_eq!(check(Usage::Server, Some("leaf.example"), NOW.0), "held");
        assert_eq!(check(Usage::Server, Some("other.example"), NOW.0), "wrong-name");
        assert_eq!(check(Usage::Client, None, NOW.0), "wrong-purpose");
        assert_eq!(check(Usage::Any, None, NOW.0 + 101 * DAY), "expired");
        assert_eq!(check(Usage::Any, None, NOW.0 - DAY), "not-yet-valid");
        verify(&pki.root.chain, &pki.root.chain, Usage::Any, None, &[], NOW).unwrap();
    }

    #[test]
    fn revocation_is_judged_by_the_issuers_list() {
        let pki = pki("seed", Purpose::Client);
        let list = |issuer: &Credential, revoked: &[_]| {
            CertificateRevocationList::create(issuer, revoked, NOW, Timestamp(NOW.0 + DAY), 1).unwrap()
        };
        let check = |crl| code(verify(&pki.leaf.chain, &pki.root.chain, Usage::Client, None, &[crl], NOW));
        let serial = pki.leaf.chain[0].serial_bytes();
        assert_eq!(check(list(&pki.issuing, &[])), "held");
        assert_eq!(check(list(&pki.issuing, &[(serial, NOW)])), "revoked");
        assert_eq!(check(list(&pki.root, &[])), "unknown-revocation-status");
        let later = Timestamp(NOW.0 + DAY + 1);
        let late = verify(&pki.leaf.chain, &pki.root.chain, Usage::Client, None, &[list(&pki.issuing, &[])], later);
        assert_eq!(code(late), "expired-revocation-list");
        let forger = Credential { key: pki.leaf.key.clone(), chain: pki.issuing.chain.clone() };
        assert_eq!(check(list(&forger, &[])), "bad-revocation-list");
    }
}
