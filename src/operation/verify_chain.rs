//! Certification paths.

use super::acting::wrong_kind;
use super::{Accepts, Acting, Bearing, Operation, Refused, Shape, Spec, needs, takes};
use crate::crypto::chain::{self, Usage};
use crate::crypto::crl::CertificateRevocationList;
use crate::trace::ArtifactKind;
use crate::value::Value;

/// Verifies a chain up to a trust anchor.
pub struct VerifyChain;

impl Operation for VerifyChain {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "verify-chain",
                summary: "Verifies a chain up to a trust anchor: signatures, validity, purpose, revocation.",
                standard: "RFC 5280, section 6.1",
                shape: Shape::Local,
                params: &[
                    needs("chain", CHAIN, "certificates, end entity first"),
                    needs("anchors", ANCHORS, "what is believed without proof"),
                    takes(
                        "use",
                        Accepts::Choice(&["any", "client", "registration-authority", "server"]),
                        "purpose that the end entity must have; `any` where absent",
                    ),
                    takes("name", Accepts::Text, "DNS name that the end entity must have"),
                    takes(
                        "crls",
                        Accepts::ListOf(&[ArtifactKind::CertificateRevocationList]),
                        "revocation lists; each issuer's must be among them where any is given",
                    ),
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let chain = acting.args.certificates("chain")?;
        let anchors = acting.args.certificates("anchors")?;
        let usage = match acting.args.text_or("use", "any").as_str() {
            "client" => Usage::Client,
            "registration-authority" => Usage::RegistrationAuthority,
            "server" => Usage::Server,
            _ => Usage::Any,
        };
        let name = acting.args.text("name");
        let crls = revocation_lists(acting)?;
        acting.check("the chain ends at a trust anchor and is valid now");
        chain::verify(&chain, &anchors, usage, name.as_deref(), &crls, acting.clock)?;
        Ok(None)
    }

    fn bearing(&self) -> &'static Bearing {
        const {
            &Bearing {
                verifies: &["chain", "crls"],
                relies_on: &["anchors", "chain"],
                revocation: &["crls"],
                ..Bearing::NONE
            }
        }
    }
}

const CHAIN: Accepts = Accepts::ListOf(&[ArtifactKind::Certificate, ArtifactKind::Chain, ArtifactKind::Credential]);

/// What can serve as trust anchors.
pub const ANCHORS: Accepts =
    Accepts::ListOf(&[ArtifactKind::TrustAnchors, ArtifactKind::Certificate, ArtifactKind::Credential]);

/// The lists given as `crls`.
pub fn revocation_lists(acting: &Acting<'_>) -> Result<Vec<CertificateRevocationList>, Refused> {
    lists(&acting.args)
}

/// The lists among arguments given as `crls`.
pub fn lists(args: &super::Args) -> Result<Vec<CertificateRevocationList>, Refused> {
    args.values("crls")
        .into_iter()
        .map(|value| match value {
            Value::CertificateRevocationList(list) => Ok(list.clone()),
            other => Err(wrong_kind("crls", other)),
        })
        .collect()
}
