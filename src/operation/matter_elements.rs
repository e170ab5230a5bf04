//! What a Matter device shows of itself: the certification declaration, and the elements that its attestation key
//! signs.

use std::collections::BTreeMap;

use super::{Accepts, Acting, Args, Bearing, Operation, Refused, Shape, Spec, needs, takes};
use crate::crypto::matter_certificate::epoch_seconds;
use crate::protocol::matter::attestation::{AttestationElements, CertificationDeclaration, NocsrElements};
use crate::protocol::matter::certificate;
use crate::protocol::{Encoded, Malformed};
use crate::trace::ArtifactKind;
use crate::value::Value;

/// Writes the elements of an attestation.
pub struct MatterAttestationElements;

/// Writes a certification declaration.
pub struct MatterDeclaration;

/// Writes the elements that go with a request for an operational certificate.
pub struct MatterNocsrElements;

impl Operation for MatterAttestationElements {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "matter-attestation-elements",
                summary: "Writes what a device signs to show what it is: declaration, nonce, time.",
                standard: "Matter Core Specification, section 11.18.4.4",
                shape: Shape::Local,
                params: &[
                    needs(
                        "declaration",
                        Accepts::Kinds(&[ArtifactKind::Bytes]),
                        "the signed certification declaration",
                    ),
                    needs("nonce", Accepts::Kinds(&[ArtifactKind::Bytes]), "the commissioner's nonce, 32 bytes"),
                ],
                result: Some(ArtifactKind::Bytes),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let elements = AttestationElements {
            declaration: acting.args.bytes("declaration")?,
            nonce: nonce(&acting.args)?,
            timestamp: epoch_seconds(acting.clock)?,
            firmware: None,
        };
        Ok(Some(made(acting, elements.encode(), "attestation elements")))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { passes_on: &["declaration"], ..Bearing::NONE } }
    }
}

impl Operation for MatterDeclaration {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "matter-declaration",
                summary: "Writes what a certification declaration says of a product; `cms-sign` without signed attributes signs it.",
                standard: "Matter Core Specification, section 6.3.1",
                shape: Shape::Local,
                params: &[
                    needs("vendor-id", Accepts::Text, "vendor_id, 4 hexadecimal digits"),
                    needs(
                        "product-ids",
                        Accepts::ListOf(&[ArtifactKind::Text]),
                        "product_id_array, 4 hexadecimal digits each",
                    ),
                    needs("device-type", Accepts::Number, "device_type_id"),
                    needs("certificate-id", Accepts::Text, "certificate_id, 19 characters"),
                    takes("version", Accepts::Number, "version_number; 1 where absent"),
                    takes(
                        "certification-type",
                        Accepts::Choice(&["development", "official", "provisional"]),
                        "certification_type; `official` where absent",
                    ),
                    takes(
                        "authorized-paas",
                        Accepts::ListOf(&[
                            ArtifactKind::Certificate,
                            ArtifactKind::Credential,
                            ArtifactKind::TrustAnchors,
                        ]),
                        "authorized_paa_list, as the authorities' certificates; any where absent",
                    ),
                ],
                result: Some(ArtifactKind::Bytes),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let args = &acting.args;
        let product_ids = args.texts("product-ids");
        let product_ids = product_ids.iter().map(|id| short(id, "product-ids"));
        let declaration = CertificationDeclaration {
            vendor_id: short(&args.text_or("vendor-id", ""), "vendor-id")?,
            product_ids: product_ids.collect::<Result<_, _>>()?,
            device_type_id: number(args, "device-type", 0)?,
            certificate_id: args.text_or("certificate-id", ""),
            security_level: 0,
            security_information: 0,
            version_number: number(args, "version", 1)?,
            certification_type: match args.text_or("certification-type", "official").as_str() {
                "development" => 0,
                "provisional" => 1,
                _ => 2,
            },
            dac_origin: None,
            authorized_paas: authorities(args)?,
        };
        let encoded = declaration.encode();
        // What nobody could read is not signed either.
        CertificationDeclaration::decode(&encoded.bytes)?;
        Ok(Some(made(acting, encoded, "certification declaration")))
    }
}

impl Operation for MatterNocsrElements {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "matter-nocsr-elements",
                summary: "Writes what a device signs to show that a new operational key is its own: request and nonce.",
                standard: "Matter Core Specification, section 11.18.4.7",
                shape: Shape::Local,
                params: &[
                    needs("csr", Accepts::Kinds(&[ArtifactKind::CertificateSigningRequest]), "the request"),
                    needs("nonce", Accepts::Kinds(&[ArtifactKind::Bytes]), "the commissioner's nonce, 32 bytes"),
                ],
                result: Some(ArtifactKind::Bytes),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let elements = NocsrElements { csr: acting.args.bytes("csr")?, nonce: nonce(&acting.args)? };
        Ok(Some(made(acting, elements.encode(), "NOCSR elements")))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { passes_on: &["csr"], ..Bearing::NONE } }
    }
}

/// The result, whose bytes the operation explains.
fn made(acting: &mut Acting<'_>, encoded: Encoded, title: &str) -> Value {
    let bytes = encoded.bytes.clone();
    acting.layer = Some(encoded.into_layer(title));
    Value::Bytes(bytes)
}

fn nonce(args: &Args) -> Result<[u8; 32], Refused> {
    let nonce = args.bytes("nonce")?;
    let n_bytes = nonce.len();
    nonce.try_into().map_err(|_| Refused::policy("wrong-length", format!("a nonce has 32 bytes, not {n_bytes}")))
}

fn short(digits: &str, name: &str) -> Result<u16, Refused> {
    let number = u16::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 4 && !digits.starts_with('+'));
    number.ok_or_else(|| Refused::malformed(format!("`{name}` has `{digits}`, not 4 hexadecimal digits")))
}

fn number<N: TryFrom<i64>>(args: &Args, name: &str, default: i64) -> Result<N, Refused> {
    let number = args.number(name, default);
    N::try_from(number).map_err(|_| Refused::malformed(format!("`{name}` is {number}, which is out of range")))
}

fn authorities(args: &Args) -> Result<Vec<Vec<u8>>, Refused> {
    let key_id = |certificate: &crate::crypto::certificate::Certificate| {
        let id = certificate.subject_key_id().map(<[u8]>::to_vec);
        id.ok_or_else(|| Refused::policy("bad-certificate", "an authority has no subject key identifier"))
    };
    args.certificates("authorized-paas")?.iter().map(key_id).collect()
}

/// What `decode` makes of bytes in one of Matter's encodings; `None` where `kind` names none.
pub fn decode(kind: &str, bytes: &[u8]) -> Option<Result<Value, Refused>> {
    Some(match kind {
        "matter-attestation-elements" => AttestationElements::decode(bytes).map(attestation).map_err(Refused::from),
        "matter-certificate" => operational(bytes),
        "matter-declaration" => CertificationDeclaration::decode(bytes).map(declared).map_err(Refused::from),
        "matter-nocsr-elements" => {
            NocsrElements::decode(bytes).map_err(Refused::from).and_then(|elements| nocsr(&elements))
        }
        _ => return None,
    })
}

fn operational(bytes: &[u8]) -> Result<Value, Refused> {
    let certificate = certificate::decode(bytes)?.to_certificate();
    certificate.map(Value::Certificate).map_err(|refusal| Malformed::new(refusal.message).into())
}

fn members<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Members(members.map(|(name, value)| (name.to_owned(), value)).into())
}

fn attestation(elements: AttestationElements) -> Value {
    members([
        ("declaration", Value::Bytes(elements.declaration)),
        ("nonce", Value::Bytes(elements.nonce.to_vec())),
        ("timestamp", Value::Number(elements.timestamp.into())),
    ])
}

fn nocsr(elements: &NocsrElements) -> Result<Value, Refused> {
    let csr = crate::crypto::csr::CertificateSigningRequest::from_der(&elements.csr)
        .map_err(|refusal| Malformed::new(refusal.message).inside("csr"))?;
    Ok(members([("csr", Value::CertificateSigningRequest(csr)), ("nonce", Value::Bytes(elements.nonce.to_vec()))]))
}

fn declared(declaration: CertificationDeclaration) -> Value {
    let numbered = |values: Vec<Value>| {
        Value::Members(values.into_iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect())
    };
    let text = |number: u16| Value::Text(format!("{number:04X}"));
    let kind = match declaration.certification_type {
        0 => "development".to_owned(),
        1 => "provisional".to_owned(),
        2 => "official".to_owned(),
        other => other.to_string(),
    };
    let mut found = BTreeMap::from(
        [
            ("authorized-paas", numbered(declaration.authorized_paas.into_iter().map(Value::Bytes).collect())),
            ("certificate-id", Value::Text(declaration.certificate_id)),
            ("certification-type", Value::Text(kind)),
            ("device-type", Value::Number(declaration.device_type_id.into())),
            ("product-ids", numbered(declaration.product_ids.into_iter().map(text).collect())),
            ("vendor-id", text(declaration.vendor_id)),
            ("version", Value::Number(declaration.version_number.into())),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    if let Some((vendor, product)) = declaration.dac_origin {
        found.insert("dac-origin-product-id".to_owned(), text(product));
        found.insert("dac-origin-vendor-id".to_owned(), text(vendor));
    }
    Value::Members(found)
}
