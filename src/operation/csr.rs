//! Certificate signing requests.

use super::acting::wrong_kind;
use super::{Accepts, Acting, Bearing, Operation, Refused, Shape, Spec, needs, takes};
use crate::crypto::certificate::Subject;
use crate::crypto::csr::CertificateSigningRequest;
use crate::trace::ArtifactKind;
use crate::value::Value;

/// Makes a request.
pub struct Csr;

/// Verifies a request's own signature.
pub struct VerifyCsr;

impl Operation for Csr {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "csr",
                summary: "Makes a PKCS#10 certificate signing request, signed with the key that it carries.",
                standard: "RFC 2986",
                shape: Shape::Local,
                params: &[
                    needs("key", Accepts::Kinds(&[ArtifactKind::PrivateKey]), "the key to certify"),
                    needs("common-name", Accepts::Text, "CN of the subject"),
                    takes("serial-number", Accepts::Text, "serialNumber attribute of the subject"),
                    takes("organization", Accepts::Text, "O of the subject"),
                    takes("challenge", Accepts::Text, "challengePassword attribute (RFC 2985, section 5.4.1)"),
                ],
                result: Some(ArtifactKind::CertificateSigningRequest),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let subject = Subject {
            common_name: acting.args.text("common-name"),
            serial_number: acting.args.text("serial-number"),
            organization: acting.args.text("organization"),
            ..Subject::default()
        };
        let key = acting.args.signing_key("key")?;
        let challenge = acting.args.text("challenge");
        let request = CertificateSigningRequest::create(&subject, &key, challenge.as_deref())?;
        Ok(Some(Value::CertificateSigningRequest(request)))
    }
}

impl Operation for VerifyCsr {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "verify-csr",
                summary: "Checks the request's own signature: its sender possesses the private key.",
                standard: "RFC 2986, section 4.2",
                shape: Shape::Local,
                params: &[needs("csr", Accepts::Kinds(&[ArtifactKind::CertificateSigningRequest]), "the request")],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        acting.check("the request is signed with the key that it carries");
        match acting.args.need("csr")? {
            Value::CertificateSigningRequest(request) => request.verify().map(|()| None).map_err(Refused::from),
            other => Err(wrong_kind("csr", other)),
        }
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { verifies: &["csr"], ..Bearing::NONE } }
    }
}
