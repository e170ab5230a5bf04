//! Digests, MACs, key derivation and key agreement.

use super::{Accepts, Acting, Bearing, Makes, Operation, Refused, Shape, Spec, needs, takes};
use crate::crypto::{key, mac};
use crate::trace::ArtifactKind;
use crate::value::Value;

/// SHA-256.
pub struct Digest;

/// HMAC-SHA256.
pub struct Hmac;

/// HKDF-SHA256.
pub struct Hkdf;

/// ECDH.
pub struct Agree;

impl Operation for Digest {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "digest",
                summary: "SHA-256 of a value's canonical bytes.",
                standard: "FIPS 180-4, section 6.2",
                shape: Shape::Local,
                params: &[needs("data", Accepts::Any, "what to hash")],
                result: Some(ArtifactKind::Bytes),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        Ok(Some(Value::Bytes(mac::sha256(&acting.args.bytes("data")?).to_vec())))
    }
}

impl Operation for Hmac {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "hmac",
                summary: "HMAC-SHA256; the result is secret where it serves as a key.",
                standard: "RFC 2104",
                shape: Shape::Local,
                params: &[
                    needs("key", Accepts::Kinds(&[ArtifactKind::Secret]), "the key"),
                    needs("data", Accepts::Any, "what to authenticate"),
                ],
                result: Some(ArtifactKind::Secret),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let tag = mac::hmac_sha256(&acting.args.bytes("key")?, &acting.args.bytes("data")?);
        Ok(Some(Value::Secret(tag.to_vec())))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { keys: &["key"], makes: Makes::Tag, ..Bearing::NONE } }
    }
}

impl Operation for Hkdf {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "hkdf",
                summary: "Derives a key with HKDF-SHA256, extract and expand.",
                standard: "RFC 5869, section 2",
                shape: Shape::Local,
                params: &[
                    needs("key", Accepts::Kinds(&[ArtifactKind::Secret]), "input keying material"),
                    takes("salt", Accepts::Any, "salt; empty where absent"),
                    takes("info", Accepts::Any, "context and application; empty where absent"),
                    takes("bytes", Accepts::Number, "length of the key, 1 to 255 × 32; 32 where absent"),
                ],
                result: Some(ArtifactKind::Secret),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let args = &acting.args;
        let optional = |name| args.value(name).map(Value::canonical).unwrap_or_default();
        let length = args.number("bytes", 32);
        let Some(length) = usize::try_from(length).ok().filter(|length| (1..=255 * 32).contains(length)) else {
            return Err(Refused::policy("wrong-length", format!("{length} bytes cannot be derived")));
        };
        let key = mac::hkdf_sha256(&optional("salt"), &args.bytes("key")?, &optional("info"), length);
        Ok(Some(Value::Secret(key)))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { keys: &["key", "salt"], ..Bearing::NONE } }
    }
}

impl Operation for Agree {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "agree",
                summary: "Computes the secret that a private key and the other party's public key share (ECDH over P-256).",
                standard: "NIST SP 800-56A, section 5.7.1.2",
                shape: Shape::Local,
                params: &[
                    needs("key", Accepts::Kinds(&[ArtifactKind::PrivateKey]), "the own private key"),
                    needs("public-key", Accepts::Kinds(&[ArtifactKind::PublicKey]), "the other party's public key"),
                ],
                result: Some(ArtifactKind::Secret),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let secret = key::agree(&acting.args.private_key("key")?, &acting.args.public_key("public-key")?);
        Ok(Some(Value::Secret(secret.to_vec())))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { keys: &["key"], ..Bearing::NONE } }
    }
}
