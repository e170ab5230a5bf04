//! Authorities, credentials and trust anchors.

use super::issue::validity_in_days;
use super::keygen::{self, SIGNING};
use super::{Accepts, Acting, Bearing, Operation, Refused, Shape, Spec, needs, takes};
use crate::crypto::certificate::{self, Profile, Purpose, Subject};
use crate::crypto::key::PrivateKey;
use crate::trace::ArtifactKind;
use crate::value::Value;

/// A certificate authority with a new key.
pub struct Authority;

/// A key with its certificates.
pub struct Credential;

/// A certificate that is believed without proof.
pub struct InstallAnchor;

impl Operation for Authority {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "authority",
                summary: "Makes the key and certificate of a certificate authority, self-signed or issued by another.",
                standard: "RFC 5280, section 3.2",
                shape: Shape::Local,
                params: &[
                    needs("name", Accepts::Text, "CN of the subject"),
                    takes("organization", Accepts::Text, "O of the subject"),
                    takes("vendor-id", Accepts::Text, "matter-vendor-id of the subject, 4 hexadecimal digits"),
                    takes("product-id", Accepts::Text, "matter-product-id of the subject, 4 hexadecimal digits"),
                    takes(
                        "issuer",
                        Accepts::Kinds(&[ArtifactKind::Credential]),
                        "the issuing authority; self-signed where absent",
                    ),
                    takes("days", Accepts::Number, "validity in days; 7300 where absent"),
                    takes("algorithm", Accepts::Choice(SIGNING), "what the key is for; `p256` where absent"),
                ],
                result: Some(ArtifactKind::Credential),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let args = &acting.args;
        let subject = Subject {
            common_name: args.text("name"),
            organization: args.text("organization"),
            vendor_id: args.text("vendor-id"),
            product_id: args.text("product-id"),
            ..Subject::default()
        };
        let (not_before, not_after) = validity_in_days(acting.clock, args.number("days", 7300))?;
        let issuer = args.value("issuer").map(|_| args.credential("issuer")).transpose()?;
        // A root may certify issuing authorities; one that is issued certifies end entities only.
        let path_len = Some(u8::from(issuer.is_none()));
        let profile = Profile {
            subject,
            purpose: Purpose::Authority { path_len },
            dns_names: Vec::new(),
            not_before,
            not_after,
            serial: None,
            masa_url: None,
        };
        let key = PrivateKey::generate_for(keygen::algorithm(args));
        let chain = match issuer {
            None => vec![certificate::self_signed(profile, &key)?],
            Some(issuer) => {
                let mut chain = vec![certificate::issue(profile, &key.public(), &issuer)?];
                chain.extend(issuer.chain);
                chain
            }
        };
        Ok(Some(Value::Credential(certificate::Credential { chain, key })))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { relies_on: &["issuer"], ..Bearing::NONE } }
    }
}

impl Operation for Credential {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "credential",
                summary: "Joins a private key with its certificate and the certificates of the issuers.",
                standard: "",
                shape: Shape::Local,
                params: &[
                    needs("key", Accepts::Kinds(&[ArtifactKind::PrivateKey]), "the key"),
                    needs(
                        "chain",
                        Accepts::ListOf(&[ArtifactKind::Certificate, ArtifactKind::Chain]),
                        "certificates, end entity first",
                    ),
                ],
                result: Some(ArtifactKind::Credential),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let key = acting.args.private_key("key")?;
        let chain = acting.args.certificates("chain")?;
        let certified = chain.first().map(certificate::Certificate::public_key);
        acting.check("the certificate is for this key");
        if certified != Some(key.public()) {
            return Err(Refused::policy("wrong-key", "the certificate is for another key"));
        }
        Ok(Some(Value::Credential(certificate::Credential { chain, key })))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { passes_on: &["chain"], ..Bearing::NONE } }
    }
}

impl Operation for InstallAnchor {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "install-anchor",
                summary: "Gives an actor a certificate to believe without proof, before the method begins.",
                standard: "RFC 5280, section 6.1.1",
                shape: Shape::Setup,
                params: &[needs(
                    "certificate",
                    Accepts::Kinds(&[ArtifactKind::Certificate, ArtifactKind::Credential]),
                    "the certificate, or the credential of the authority; its key is not handed over",
                )],
                result: Some(ArtifactKind::TrustAnchors),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let certificates = acting.args.certificates("certificate")?;
        Ok(Some(Value::TrustAnchors(certificates.into_iter().take(1).collect())))
    }
}
