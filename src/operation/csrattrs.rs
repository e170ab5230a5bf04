//! What an EST server asks of requests, and whether a request has it.

use super::acting::wrong_kind;
use super::{Accepts, Acting, Bearing, Operation, Refused, Shape, Spec, needs, takes};
use crate::crypto::csrattrs::{self, CsrAttributes};
use crate::crypto::key::Algorithm;
use crate::trace::ArtifactKind;
use crate::value::Value;

/// Checks a request against what was asked for.
pub struct CheckCsrattrs;

/// Asks.
pub struct Csrattrs;

impl Operation for CheckCsrattrs {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "check-csrattrs",
                summary: "Refuses a request that lacks what CSR attributes ask for: the algorithm of its key, a challenge password, extensions.",
                standard: "RFC 7030, section 4.5.2",
                shape: Shape::Local,
                params: &[
                    needs("csr", Accepts::Kinds(&[ArtifactKind::CertificateSigningRequest]), "the request"),
                    needs("attributes", Accepts::Kinds(&[ArtifactKind::Bytes]), "the CSR attributes, in DER"),
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        acting.check("the request has what was asked for");
        let attributes = CsrAttributes::from_der(&acting.args.bytes("attributes")?)?;
        match acting.args.need("csr")? {
            Value::CertificateSigningRequest(request) => Ok(attributes.check(request).map(|()| None)?),
            other => Err(wrong_kind("csr", other)),
        }
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { matches: &["attributes", "csr"], ..Bearing::NONE } }
    }
}

impl Operation for Csrattrs {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "csrattrs",
                summary: "Writes which key and attributes an EST server asks requests to have, in DER.",
                standard: "RFC 7030, section 4.5.2",
                shape: Shape::Local,
                params: &[
                    needs("key", Accepts::Choice(&["p256", "p384"]), "the curve of the key"),
                    takes(
                        "challenge",
                        Accepts::Boolean,
                        "whether a challengePassword is asked for, which ties the request to its session (RFC 7030, section 3.5)",
                    ),
                ],
                result: Some(ArtifactKind::Bytes),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let algorithm = if acting.args.text_or("key", "p256") == "p384" { Algorithm::P384 } else { Algorithm::P256 };
        Ok(Some(Value::Bytes(csrattrs::encode(algorithm, acting.args.is_set("challenge"))?)))
    }
}
