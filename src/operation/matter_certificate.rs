//! Operational certificates of Matter: authorities of a fabric, nodes, and the encoding in which they travel.

use super::acting::wrong_kind;
use super::issue::validity_in_days;
use super::{Accepts, Acting, Args, Bearing, Operation, Refused, Shape, Spec, needs, takes};
use crate::clock::Timestamp;
use crate::crypto::certificate::Credential;
use crate::crypto::key::PrivateKey;
use crate::crypto::matter_certificate::{self, OperationalCertificate, Role};
use crate::protocol::matter::certificate;
use crate::trace::ArtifactKind;
use crate::value::Value;

/// A root or intermediate authority of a fabric, with a new key.
pub struct MatterAuthority;

/// Writes a certificate in Matter's encoding.
pub struct MatterCertificate;

/// Issues the certificate of a node.
pub struct MatterIssue;

const DIGITS: &str = "16 hexadecimal digits";

impl Operation for MatterAuthority {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "matter-authority",
                summary: "Makes the key and certificate of a fabric's root (RCAC), or of an intermediate (ICAC) that another issues.",
                standard: "Matter Core Specification, section 6.5",
                shape: Shape::Local,
                params: &[
                    needs("id", Accepts::Text, "matter-rcac-id or matter-icac-id, 16 hexadecimal digits"),
                    takes("fabric-id", Accepts::Text, "matter-fabric-id, where it is for one fabric alone"),
                    takes(
                        "issuer",
                        Accepts::Kinds(&[ArtifactKind::Credential]),
                        "the root that issues an intermediate; self-signed where absent",
                    ),
                    takes("days", Accepts::Number, "validity in days; no well-defined end where absent or 0"),
                ],
                result: Some(ArtifactKind::Credential),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let args = &acting.args;
        let id = identifier(args, "id")?;
        let fabric_id = args.text("fabric-id").map(|_| identifier(args, "fabric-id")).transpose()?;
        let validity = validity(args, acting.clock)?;
        let issuer = args.value("issuer").map(|_| args.credential("issuer")).transpose()?;
        let key = PrivateKey::generate();
        let chain = match issuer {
            None => vec![matter_certificate::self_signed(&Role::Root { id, fabric_id }, &key, validity)?],
            Some(issuer) => {
                let role = Role::Intermediate { id, fabric_id };
                let own = matter_certificate::issue(&role, &key.public(), &issuer, validity)?;
                std::iter::once(own).chain(issuer.chain).collect()
            }
        };
        Ok(Some(Value::Credential(Credential { chain, key })))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { relies_on: &["issuer"], ..Bearing::NONE } }
    }
}

impl Operation for MatterIssue {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "matter-issue",
                summary: "Issues the operational certificate of a node (NOC).",
                standard: "Matter Core Specification, section 6.5",
                shape: Shape::Local,
                params: &[
                    needs(
                        "issuer",
                        Accepts::Kinds(&[ArtifactKind::Credential]),
                        "an authority made with `matter-authority`",
                    ),
                    needs("node-id", Accepts::Text, "matter-node-id, 16 hexadecimal digits"),
                    needs("fabric-id", Accepts::Text, "matter-fabric-id, 16 hexadecimal digits"),
                    takes(
                        "cats",
                        Accepts::ListOf(&[ArtifactKind::Text]),
                        "matter-noc-cat: at most 3, of 8 hexadecimal digits",
                    ),
                    needs(
                        "public-key",
                        Accepts::Kinds(&[ArtifactKind::PublicKey, ArtifactKind::CertificateSigningRequest]),
                        "the key to certify, or the request with it",
                    ),
                    takes("days", Accepts::Number, "validity in days; no well-defined end where absent or 0"),
                ],
                result: Some(ArtifactKind::Certificate),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let args = &acting.args;
        let (id, fabric_id) = (identifier(args, "node-id")?, identifier(args, "fabric-id")?);
        let role = Role::Node { id, fabric_id, cats: cats(args)? };
        let validity = validity(args, acting.clock)?;
        let certificate =
            matter_certificate::issue(&role, &args.public_key("public-key")?, &args.credential("issuer")?, validity)?;
        Ok(Some(Value::Certificate(certificate)))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { relies_on: &["issuer"], ..Bearing::NONE } }
    }
}

impl Operation for MatterCertificate {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "matter-certificate",
                summary: "Writes an operational certificate in Matter's encoding; `decode` with `as = \"matter-certificate\"` reads it.",
                standard: "Matter Core Specification, section 6.5",
                shape: Shape::Local,
                params: &[needs(
                    "certificate",
                    Accepts::Kinds(&[ArtifactKind::Certificate, ArtifactKind::Chain, ArtifactKind::Credential]),
                    "the certificate; of a chain or credential the first",
                )],
                result: Some(ArtifactKind::Bytes),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let certificates = acting.args.certificates("certificate")?;
        let first = certificates
            .first()
            .ok_or_else(|| Refused::policy("no-certificate", "there is no certificate to write"))?;
        let encoded = certificate::encode(&OperationalCertificate::from_certificate(first)?);
        let bytes = encoded.bytes.clone();
        acting.layer = Some(encoded.into_layer("Matter certificate"));
        Ok(Some(Value::Bytes(bytes)))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { passes_on: &["certificate"], ..Bearing::NONE } }
    }
}

/// The number that `name` has in hexadecimal digits.
pub fn identifier(args: &Args, name: &str) -> Result<u64, Refused> {
    let text = args.text(name).ok_or_else(|| wrong_kind(name, &Value::Text(String::new())))?;
    let number = u64::from_str_radix(&text, 16).ok().filter(|_| text.len() == 16 && !text.starts_with('+'));
    number.ok_or_else(|| Refused::policy("malformed", format!("`{name}` is `{text}`, not {DIGITS}")))
}

fn cats(args: &Args) -> Result<Vec<u32>, Refused> {
    let texts = args.texts("cats");
    if texts.len() > 3 {
        return Err(Refused::malformed(format!("{} tags, at most 3 stand in a certificate", texts.len())));
    }
    let cat =
        |text: &String| u32::from_str_radix(text, 16).map_err(|error| Refused::malformed(format!("`cats`: {error}")));
    texts.iter().map(cat).collect()
}

fn validity(args: &Args, clock: Timestamp) -> Result<(Timestamp, Timestamp), Refused> {
    match args.number("days", 0) {
        0 => Ok((clock, Timestamp::LAST)),
        days => validity_in_days(clock, days),
    }
}
