//! Digests, MACs, key derivation and key agreement.

use super::{Accepts, Acting, Args, Bearing, Makes, Operation, Param, Refused, Shape, Spec, needs, takes};
use crate::annotation::Kind;
use crate::crypto::key::{self, Algorithm, WRONG_ALGORITHM};
use crate::crypto::mac::Hash;
use crate::trace::ArtifactKind;
use crate::value::Value;

/// SHA-2.
pub struct Digest;

/// HMAC.
pub struct Hmac;

/// HKDF.
pub struct Hkdf;

/// Diffie-Hellman.
pub struct Agree;

/// Compares an HMAC.
pub struct VerifyMac;

const HASH: Param = takes("hash", Accepts::Choice(&["sha256", "sha384"]), "the hash function; `sha256` where absent");

fn hash(args: &Args) -> Hash {
    if args.text_or("hash", "sha256") == "sha384" { Hash::Sha384 } else { Hash::Sha256 }
}

impl Operation for Digest {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "digest",
                summary: "SHA-256 or SHA-384 of a value's canonical bytes.",
                standard: "FIPS 180-4, sections 6.2 and 6.5",
                shape: Shape::Local,
                params: &[
                    needs("data", Accepts::Parts, "what to hash; of a list the items, one after the other"),
                    HASH,
                ],
                result: Some(ArtifactKind::Bytes),
                fields: &[],
            }
        }
    }

    fn makes(&self) -> Kind {
        Kind::Digest
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        Ok(Some(Value::Bytes(hash(&acting.args).digest(&acting.args.joined("data")?))))
    }
}

impl Operation for Hmac {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "hmac",
                summary: "HMAC with SHA-256 or SHA-384; the result is secret, because it may serve as a key.",
                standard: "RFC 2104",
                shape: Shape::Local,
                params: &[
                    needs("key", Accepts::Kinds(&[ArtifactKind::Secret]), "the key"),
                    needs("data", Accepts::Parts, "what to authenticate; of a list the items, one after the other"),
                    HASH,
                ],
                result: Some(ArtifactKind::Secret),
                fields: &[],
            }
        }
    }

    fn makes(&self) -> Kind {
        Kind::Digest
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let args = &acting.args;
        Ok(Some(Value::Secret(hash(args).hmac(&args.bytes("key")?, &args.joined("data")?))))
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
                summary: "Derives a key with HKDF, extract and expand.",
                standard: "RFC 5869, section 2",
                shape: Shape::Local,
                params: &[
                    needs("key", Accepts::Kinds(&[ArtifactKind::Secret]), "input keying material"),
                    takes("salt", Accepts::Any, "salt; empty where absent"),
                    takes("info", Accepts::Any, "context and application; empty where absent"),
                    takes("bytes", Accepts::Number, "length of the key, at most 255 digests; 32 where absent"),
                    HASH,
                ],
                result: Some(ArtifactKind::Secret),
                fields: &[],
            }
        }
    }

    fn makes(&self) -> Kind {
        Kind::Key
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let args = &acting.args;
        let optional = |name| args.value(name).map(Value::canonical).unwrap_or_default();
        let length = args.number("bytes", 32);
        let hash = hash(args);
        let longest = 255 * hash.length();
        let Some(length) = usize::try_from(length).ok().filter(|length| (1..=longest).contains(length)) else {
            return Err(Refused::policy("wrong-length", format!("{length} bytes cannot be derived")));
        };
        let key = hash.hkdf(&optional("salt"), &args.bytes("key")?, &optional("info"), length);
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
                summary: "Computes the secret that a private key and the other party's public key share: ECDH over P-256 or P-384, or X25519.",
                standard: "NIST SP 800-56A, section 5.7.1.2; RFC 7748, section 6.1",
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

    fn makes(&self) -> Kind {
        Kind::Key
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let (own, other) = (acting.args.private_key("key")?, acting.args.public_key("public-key")?);
        let agrees = match own.algorithm() {
            Algorithm::P256 | Algorithm::P384 | Algorithm::X25519 => own.algorithm() == other.algorithm(),
            Algorithm::Ed25519 | Algorithm::Rsa => false,
        };
        if !agrees {
            let (own, other) = (own.public().title(), other.title());
            let message = format!("a key of {own} cannot agree on a secret with a key of {other}");
            return Err(Refused::policy(WRONG_ALGORITHM, message));
        }
        Ok(Some(Value::Secret(key::agree(&own, &other)?)))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { keys: &["key"], ..Bearing::NONE } }
    }
}

impl Operation for VerifyMac {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "verify-mac",
                summary: "Computes an HMAC and refuses a tag that is not equal to it; compares in constant time.",
                standard: "RFC 2104",
                shape: Shape::Local,
                params: &[
                    needs("key", Accepts::Kinds(&[ArtifactKind::Secret]), "the key"),
                    needs(
                        "data",
                        Accepts::Parts,
                        "what must have been authenticated; of a list the items, one after the other",
                    ),
                    needs("tag", Accepts::Kinds(&[ArtifactKind::Bytes, ArtifactKind::Secret]), "the tag, whole"),
                    HASH,
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        acting.check("the MAC is right");
        let args = &acting.args;
        hash(args).verify_hmac(&args.bytes("key")?, &args.joined("data")?, &args.bytes("tag")?)?;
        Ok(None)
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { verifies: &["data", "tag"], keys: &["key"], ..Bearing::NONE } }
    }
}
