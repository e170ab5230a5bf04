//! Certification path validation (RFC 5280, section 6) against the anchors that a verifier believes.

use rustls::pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, ServerName, SignatureVerificationAlgorithm, TrustAnchor,
    UnixTime,
};
use webpki::{
    CertRevocationList, EndEntityCert, Error, ExtendedKeyUsageValidator, KeyPurposeIdIter, KeyUsage,
    OwnedCertRevocationList, RevocationCheckDepth, RevocationOptionsBuilder, anchor_from_trusted_cert,
};

use super::certificate::Certificate;
use super::crl::CertificateRevocationList;
use super::party::count;
use super::refusal::Refusal;
use crate::clock::Timestamp;

/// ECDSA on P-256 with SHA-256, each verification counted: the one algorithm in paths and in handshakes.
pub(super) static ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] = &[&Counted];

/// id-kp-cmcRA as [`Certificate::extended_key_usages`] names it.
const CMC_RA: &str = "cmcRA";

/// What the end entity's key is about to be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// Anything: extended key usages are not looked at.
    Any,
    /// Authentication of a TLS client.
    Client,
    /// Service as a registration authority; the usage id-kp-cmcRA must be present (RFC 6402, section 2.10).
    RegistrationAuthority,
    /// Authentication of a TLS server.
    Server,
}

/// Verifies that `chain` leads from its first certificate to one of `anchors`.
///
/// `name` must be among the subject alternative names. Without `crls` revocation is not checked; with them the end
/// entity's status must be known, while lists past their next update still count, as TLS libraries have it.
/// An anchor that equals the first certificate is a pin: the path is empty, validity and purpose are checked still.
pub fn verify(
    chain: &[Certificate],
    anchors: &[Certificate],
    usage: Usage,
    name: Option<&str>,
    crls: &[CertificateRevocationList],
    now: Timestamp,
) -> Result<(), Refusal> {
    let Some(leaf) = chain.first() else {
        return Err(Refusal::from(&rustls::Error::NoCertificatesPresented));
    };
    let name = name.map(|name| ServerName::try_from(name.to_owned())).transpose();
    let name = name.map_err(|error| Refusal::new("wrong-name", error.to_string()))?;
    let path = Path {
        chain: &chain.iter().map(|certificate| CertificateDer::from(certificate.der())).collect::<Vec<_>>(),
        anchors: &anchors.iter().map(|certificate| CertificateDer::from(certificate.der())).collect::<Vec<_>>(),
        usage,
        name: name.as_ref(),
        crls: &crls.iter().map(CertificateRevocationList::der).collect::<Vec<_>>(),
        now: unix_time(now),
    };
    path.verify()?;
    // Only the end entity needs this usage, and the path builder does not tell which certificate it asks about.
    if usage == Usage::RegistrationAuthority && !leaf.extended_key_usages().iter().any(|usage| usage == CMC_RA) {
        return Err(Refusal::new("wrong-purpose", "certificate does not allow extended key usage for id-kp-cmcRA"));
    }
    Ok(())
}

/// The virtual clock as the libraries read it.
pub(super) fn unix_time(now: Timestamp) -> UnixTime {
    UnixTime::since_unix_epoch(std::time::Duration::from_secs(u64::try_from(now.0).unwrap_or(0)))
}

/// A path to validate, in the form in which a handshake has it too.
pub(super) struct Path<'a> {
    /// End entity first.
    pub(super) chain: &'a [CertificateDer<'a>],
    pub(super) anchors: &'a [CertificateDer<'a>],
    pub(super) usage: Usage,
    pub(super) name: Option<&'a ServerName<'a>>,
    pub(super) crls: &'a [&'a [u8]],
    pub(super) now: UnixTime,
}

impl Path<'_> {
    /// Validates the path; the error is the path builder's.
    pub(super) fn verify(&self) -> Result<(), Error> {
        let (leaf, intermediates) = self.chain.split_first().ok_or(Error::UnknownIssuer)?;
        let end_entity = EndEntityCert::try_from(leaf)?;
        if self.anchors.contains(leaf) {
            self.verify_pinned(&end_entity)?;
        } else {
            let anchors: Vec<_> =
                self.anchors.iter().filter_map(|anchor| anchor_from_trusted_cert(anchor).ok()).collect();
            self.build(&end_entity, &anchors, intermediates)?;
        }
        self.name.map_or(Ok(()), |name| end_entity.verify_is_valid_for_subject_name(name))
    }

    fn build(
        &self,
        end_entity: &EndEntityCert<'_>,
        anchors: &[TrustAnchor<'_>],
        intermediates: &[CertificateDer<'_>],
    ) -> Result<(), Error> {
        let lists = self.crls.iter().map(|der| OwnedCertRevocationList::from_der(der).map(CertRevocationList::from));
        let lists = lists.collect::<Result<Vec<_>, _>>()?;
        let lists: Vec<_> = lists.iter().collect();
        let revocation = RevocationOptionsBuilder::new(&lists)
            .ok()
            .map(|builder| builder.with_depth(RevocationCheckDepth::EndEntity).build());
        let (now, usage) = (self.now, self.usage);
        end_entity.verify_for_usage(ALGORITHMS, anchors, intermediates, now, usage, revocation, None).map(|_| ())
    }

    /// The end entity is believed itself, so that no signature is left to verify.
    ///
    /// RFC 8995, section 5.6.2: a pinned domain certificate may be the registrar's own.
    fn verify_pinned(&self, end_entity: &EndEntityCert<'_>) -> Result<(), Error> {
        // Validity and purpose are judged before an issuer is looked for, of which there is none here on purpose.
        match self.build(end_entity, &[], &[]) {
            Err(Error::UnknownIssuer | Error::CaUsedAsEndEntity) | Ok(()) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl ExtendedKeyUsageValidator for Usage {
    fn validate(&self, usages: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        match self {
            Usage::Any | Usage::RegistrationAuthority => Ok(()),
            Usage::Client => KeyUsage::client_auth().validate(usages),
            Usage::Server => KeyUsage::server_auth().validate(usages),
        }
    }
}

/// The library's verification, charged to the acting party.
#[derive(Debug)]
struct Counted;

impl SignatureVerificationAlgorithm for Counted {
    fn verify_signature(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        count(|counts| counts.verify += 1);
        webpki::ring::ECDSA_P256_SHA256.verify_signature(public_key, message, signature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        webpki::ring::ECDSA_P256_SHA256.public_key_alg_id()
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        webpki::ring::ECDSA_P256_SHA256.signature_alg_id()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::certificate::{Credential, Profile, Purpose, issue, self_signed};
    use crate::crypto::key::PrivateKey;
    use crate::crypto::party::{Party, act};
    use crate::crypto::subject::Subject;

    const NOW: Timestamp = Timestamp(1_767_225_600);
    const DAY: i64 = 86_400;

    fn profile(name: &str, purpose: Purpose) -> Profile {
        Profile {
            subject: Subject::named(name),
            purpose,
            dns_names: vec![],
            not_before: NOW,
            not_after: Timestamp(NOW.0 + 100 * DAY),
            serial: None,
            masa_url: None,
        }
    }

    struct Pki {
        root: Credential,
        issuing: Credential,
        leaf: Credential,
    }

    fn crl(of: &Credential, revoked: &[(Vec<u8>, Timestamp)]) -> CertificateRevocationList {
        CertificateRevocationList::create(of, revoked, NOW, Timestamp(NOW.0 + DAY), 1).unwrap()
    }

    fn pki(seed: &str, purpose: Purpose) -> Pki {
        act(&mut Party::new(seed, &["pki"]), || {
            let below = |name: &str, purpose, issuer: &Credential| {
                let key = PrivateKey::generate();
                let mut profile = profile(name, purpose);
                profile.dns_names = if name == "leaf" { vec!["leaf.example".to_owned()] } else { vec![] };
                let mut chain = vec![issue(&profile, key.public(), issuer).unwrap()];
                chain.extend(issuer.chain.iter().filter(|above| !above.is_self_issued()).cloned());
                Credential { chain, key }
            };
            let key = PrivateKey::generate();
            let root = self_signed(&profile("Root", Purpose::Authority { path_len: Some(1) }), &key).unwrap();
            let root = Credential { chain: vec![root], key };
            let issuing = below("Issuing", Purpose::Authority { path_len: Some(0) }, &root);
            let leaf = below("leaf", purpose, &issuing);
            Pki { root, issuing, leaf }
        })
    }

    fn code(result: Result<(), Refusal>) -> &'static str {
        result.map_or_else(|refusal| refusal.code, |()| "held")
    }

    #[test]
    fn signatures_on_the_path_are_counted() {
        let pki = pki("seed", Purpose::Client);
        let mut party = Party::new("seed", &["verifier"]);
        act(&mut party, || verify(&pki.leaf.chain, &pki.root.chain, Usage::Client, None, &[], NOW)).unwrap();
        assert_eq!(party.counts.verify, 2);
    }

    #[test]
    fn each_defect_has_its_code() {
        let pki = pki("seed", Purpose::Client);
        let other = self::pki("other", Purpose::Client);
        let (chain, root) = (&pki.leaf.chain[..], &pki.root.chain[..]);
        let check = |chain, anchors, usage, name, now| code(verify(chain, anchors, usage, name, &[], Timestamp(now)));
        let now = NOW.0;
        assert_eq!(check(chain, root, Usage::Client, Some("leaf.example"), now), "held");
        assert_eq!(check(chain, root, Usage::Client, Some("other.example"), now), "wrong-name");
        assert_eq!(check(chain, root, Usage::Client, Some("not a name"), now), "wrong-name");
        assert_eq!(check(chain, root, Usage::Server, None, now), "wrong-purpose");
        assert_eq!(check(chain, root, Usage::RegistrationAuthority, None, now), "wrong-purpose");
        assert_eq!(check(chain, root, Usage::Any, None, now), "held");
        assert_eq!(check(chain, root, Usage::Client, None, now + 101 * DAY), "expired");
        assert_eq!(check(chain, root, Usage::Client, None, now - DAY), "not-yet-valid");
        assert_eq!(check(&chain[..1], root, Usage::Client, None, now), "unknown-issuer");
        assert_eq!(check(chain, &[], Usage::Client, None, now), "unknown-issuer");
        assert_eq!(check(chain, &other.root.chain, Usage::Client, None, now), "bad-signature");
        assert_eq!(check(&[], root, Usage::Client, None, now), "no-certificate");
    }

    #[test]
    fn registration_authorities_need_their_usage() {
        let pki = pki("seed", Purpose::RegistrationAuthority);
        verify(&pki.leaf.chain, &pki.root.chain, Usage::RegistrationAuthority, None, &[], NOW).unwrap();
    }

    #[test]
    fn signers_need_neither_usage_nor_name() {
        let pki = pki("seed", Purpose::Signer);
        verify(&pki.leaf.chain, &pki.root.chain, Usage::Any, None, &[], NOW).unwrap();
    }

    #[test]
    fn an_anchor_may_be_the_end_entity() {
        let pki = pki("seed", Purpose::Server);
        let pin = &pki.leaf.chain[..1];
        let check = |usage, now| code(verify(pin, pin, usage, None, &[], Timestamp(now)));
        assert_eq!(check(Usage::Any, NOW.0), "held");
        assert_eq!(check(Usage::Server, NOW.0), "held");
        assert_eq!(check(Usage::Client, NOW.0), "wrong-purpose");
        assert_eq!(check(Usage::Any, NOW.0 + 101 * DAY), "expired");
        verify(&pki.root.chain, &pki.root.chain, Usage::Any, None, &[], NOW).unwrap();
    }

    #[test]
    fn revocation_is_judged_by_the_issuers_list() {
        let pki = pki("seed", Purpose::Client);
        let check = |crl| code(verify(&pki.leaf.chain, &pki.root.chain, Usage::Client, None, &[crl], NOW));
        let serial = pki.leaf.chain[0].serial();
        assert_eq!(check(crl(&pki.issuing, &[])), "held");
        assert_eq!(check(crl(&pki.issuing, &[(serial, NOW)])), "revoked");
        assert_eq!(check(crl(&pki.root, &[])), "unknown-revocation-status");
        let forged = Credential { key: pki.leaf.key.clone(), chain: pki.issuing.chain.clone() };
        assert_eq!(check(crl(&forged, &[])), "invalid-revocation-list");
    }

    #[test]
    fn every_structure_is_explained_byte_by_byte() {
        use crate::crypto::csr::CertificateSigningRequest;
        use crate::crypto::der::{layer, schema};
        let pki = pki("seed", Purpose::RegistrationAuthority);
        let crl = crl(&pki.issuing, &[(pki.leaf.chain[0].serial(), NOW)]);
        let csr = CertificateSigningRequest::create(&Subject::named("leaf"), &pki.leaf.key, Some("secret")).unwrap();
        let layers = [
            layer("certificate", pki.leaf.chain[0].der(), &schema::CERTIFICATE),
            layer("certificate", pki.root.chain[0].der(), &schema::CERTIFICATE),
            layer("list", crl.der(), &schema::CERTIFICATE_LIST),
            layer("request", csr.der(), &schema::CERTIFICATION_REQUEST),
            layer("key", &pki.leaf.key.pkcs8_der(), &schema::PRIVATE_KEY_INFO),
        ];
        let opaque =
            ["subjectPublicKey", ".r", ".s", "privateKey", "publicKey", "keyIdentifier", "KeyIdentifier", "dNSName"];
        for layer in layers {
            assert!(layer.is_complete(), "{}", layer.name);
            for field in &layer.fields {
                let is_opaque = opaque.iter().any(|kind| field.name.contains(kind));
                assert!(field.end - field.start <= 16 || is_opaque, "{} {field:?}", layer.name);
                assert!(!field.name.contains("malformed"), "{field:?}");
            }
        }
    }
}
