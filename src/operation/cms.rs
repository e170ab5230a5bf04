//! Signed messages of the Cryptographic Message Syntax.

use super::acting::wrong_kind;
use super::verify_chain::ANCHORS;
use super::{Accepts, Acting, Arg, Bearing, Operation, Refused, Shape, Spec, needs, takes};
use crate::crypto::chain::{self, Usage};
use crate::crypto::cms::{self, ContentType, Identifier, Included, SignedData, Signing};
use crate::trace::ArtifactKind;
use crate::value::{Value, from_json};

/// Carries certificates, signed by nobody.
pub struct CmsCertificates;

/// Signs.
pub struct CmsSign;

/// Verifies, and opens the content.
pub struct CmsVerify;

const CONTENT_TYPES: Accepts = Accepts::Choice(&["animaJSONVoucher", "data"]);

impl Operation for CmsCertificates {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "cms-certificates",
                summary: "Puts certificates into a CMS message without content and signer (certs-only), as EST answers; `decode` as `certs-only` takes them out.",
                standard: "RFC 7030, section 4.1.3; RFC 5652, section 5",
                shape: Shape::Local,
                params: &[needs(
                    "certificates",
                    Accepts::ListOf(&[
                        ArtifactKind::Certificate,
                        ArtifactKind::Chain,
                        ArtifactKind::Credential,
                        ArtifactKind::TrustAnchors,
                    ]),
                    "the certificates",
                )],
                result: Some(ArtifactKind::Bytes),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        Ok(Some(Value::Bytes(cms::certificates_only(&acting.args.certificates("certificates")?))))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { passes_on: &["certificates"], ..Bearing::NONE } }
    }
}

impl Operation for CmsSign {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "cms-sign",
                summary: "Signs content as a CMS message (SignedData) in DER, with SHA-256 or, by a key of P-384, SHA-384.",
                standard: "RFC 5652, section 5",
                shape: Shape::Local,
                params: &[
                    needs("key", Accepts::Kinds(&[ArtifactKind::Credential]), "the key, with its chain"),
                    takes("content", Accepts::Any, "what is signed, as canonical bytes"),
                    takes("json", Accepts::Table, "what is signed, as JSON"),
                    takes("content-type", CONTENT_TYPES, "eContentType; `data` where absent"),
                    takes(
                        "signed-attributes",
                        Accepts::Choice(&["none", "usual"]),
                        "`usual` is contentType, signingTime by the virtual clock, and messageDigest, and is meant where absent; with `none` the signature is over the content itself",
                    ),
                    takes(
                        "certificates",
                        Accepts::Choice(&["chain", "none", "signer"]),
                        "which certificates go along; `chain` where absent",
                    ),
                    takes(
                        "signer-identifier",
                        Accepts::Choice(&["issuer-and-serial-number", "subject-key-identifier"]),
                        "how the signer's certificate is named; `issuer-and-serial-number` where absent",
                    ),
                ],
                result: Some(ArtifactKind::Bytes),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let args = &acting.args;
        let content = match (args.find("json"), args.find("content")) {
            (Some(json), None) => json.json().to_string().into_bytes(),
            (None, Some(Arg::Value(value))) => value.canonical(),
            _ => return Err(Refused::malformed("a signed message has either `content` or `json`")),
        };
        let message = cms::sign(&Signing {
            content_type: content_type(acting)?,
            content: &content,
            signer: &args.credential("key")?,
            time: (args.text_or("signed-attributes", "usual") == "usual").then_some(acting.clock),
            identifier: match args.text_or("signer-identifier", "").as_str() {
                "subject-key-identifier" => Identifier::SubjectKeyIdentifier,
                _ => Identifier::IssuerAndSerialNumber,
            },
            included: match args.text_or("certificates", "chain").as_str() {
                "none" => Included::None,
                "signer" => Included::Signer,
                _ => Included::Chain,
            },
        })?;
        Ok(Some(Value::Bytes(message)))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { keys: &["key"], relies_on: &["key"], passes_on: &["content", "json"], ..Bearing::NONE } }
    }
}

impl Operation for CmsVerify {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "cms-verify",
                summary: "Verifies a signed CMS message with a key, or with the chain in it up to a trust anchor; the result is its content.",
                standard: "RFC 5652, section 5.6",
                shape: Shape::Local,
                params: &[
                    needs("message", Accepts::Any, "the message, in DER"),
                    takes(
                        "key",
                        Accepts::Kinds(&[ArtifactKind::PublicKey, ArtifactKind::Certificate, ArtifactKind::Chain]),
                        "the key that must have signed",
                    ),
                    takes("anchors", ANCHORS, "where the signer's chain in the message must end, if no key is given"),
                    takes("content-type", CONTENT_TYPES, "eContentType that it must have; `data` where absent"),
                    takes(
                        "as",
                        Accepts::Choice(&["bytes", "json", "text"]),
                        "what the content is to become; `bytes` where absent",
                    ),
                ],
                // Of the kind that `as` names; see `result`.
                result: Some(ArtifactKind::Bytes),
                fields: &[],
            }
        }
    }

    fn result(&self, written: &dyn Fn(&str) -> Option<String>) -> Option<ArtifactKind> {
        Some(match written("as").as_deref() {
            Some("json") => ArtifactKind::Members,
            Some("text") => ArtifactKind::Text,
            Some(_) | None => ArtifactKind::Bytes,
        })
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let message = SignedData::from_der(&acting.args.bytes("message")?)?;
        let content_type = content_type(acting)?;
        acting.check(format!("the message is signed content of the type {}", content_type.name));
        message.check_type(content_type)?;
        let key = if let Some(key) = acting.args.value("key").cloned() {
            key.public_key().ok_or_else(|| wrong_kind("key", &key))?
        } else {
            let signer = message.need_signer()?;
            acting.check("the signer's chain ends at a trust anchor");
            chain::verify(&signer, &acting.args.certificates("anchors")?, Usage::Any, None, &[], acting.clock)?;
            signer[0].public_key()
        };
        acting.check("the signature of the message is right, and its digest is the content's");
        let content = message.verify(content_type, &key)?;
        Ok(Some(match acting.args.text_or("as", "bytes").as_str() {
            "json" => {
                let json: serde_json::Value = serde_json::from_slice(content)
                    .map_err(|error| Refused::malformed(format!("the content is no JSON: {error}")))?;
                from_json(&json)
            }
            "text" => Value::Text(
                String::from_utf8(content.to_vec())
                    .map_err(|error| Refused::malformed(format!("the content is no text: {error}")))?,
            ),
            _ => Value::Bytes(content.to_vec()),
        }))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { verifies: &["message"], keys: &["key"], relies_on: &["anchors", "key"], ..Bearing::NONE } }
    }
}

fn content_type(acting: &Acting<'_>) -> Result<&'static ContentType, Refused> {
    let name = acting.args.text_or("content-type", "data");
    cms::content_type(&name).ok_or_else(|| Refused::malformed(format!("`{name}` is no type of content")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_content_can_be_named() {
        let names: Vec<&str> = cms::CONTENT_TYPES.iter().map(|content_type| content_type.name).collect();
        let Accepts::Choice(words) = CONTENT_TYPES else { panic!("{CONTENT_TYPES:?}") };
        assert_eq!(words, names);
    }
}
