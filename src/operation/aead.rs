//! Authenticated encryption for methods that bring their own channel.

use super::{Accepts, Acting, Bearing, Operation, Refused, Shape, Spec, needs, takes};
use crate::crypto::aead;
use crate::trace::ArtifactKind;
use crate::value::Value;

/// Encrypts with AES-128-GCM.
pub struct Seal;

/// Decrypts with AES-128-GCM.
pub struct Open;

const KEY: Accepts = Accepts::Kinds(&[ArtifactKind::Secret]);

impl Operation for Seal {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "seal",
                summary: "Encrypts with AES-128-GCM; the result is ciphertext and tag.",
                standard: "NIST SP 800-38D, section 7.1",
                shape: Shape::Local,
                params: &[
                    needs("key", KEY, "16 bytes"),
                    needs("nonce", Accepts::Kinds(&[ArtifactKind::Bytes]), "12 bytes, used once with this key"),
                    needs("plaintext", Accepts::Any, "what to encrypt"),
                    takes("aad", Accepts::Any, "what to authenticate beside it"),
                ],
                result: Some(ArtifactKind::Bytes),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let (key, nonce, aad) = inputs(acting)?;
        Ok(Some(Value::Bytes(aead::seal(&key, &nonce, &aad, &acting.args.bytes("plaintext")?))))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { keys: &["key"], passes_on: &["plaintext"], initialises: &["nonce"], ..Bearing::NONE } }
    }
}

impl Operation for Open {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "open",
                summary: "Decrypts with AES-128-GCM and refuses what was not sealed with this key, nonce and data.",
                standard: "NIST SP 800-38D, section 7.2",
                shape: Shape::Local,
                params: &[
                    needs("key", KEY, "16 bytes"),
                    needs("nonce", Accepts::Kinds(&[ArtifactKind::Bytes]), "12 bytes"),
                    needs("ciphertext", Accepts::Kinds(&[ArtifactKind::Bytes]), "ciphertext and tag"),
                    takes("aad", Accepts::Any, "what was authenticated beside it"),
                ],
                result: Some(ArtifactKind::Secret),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let (key, nonce, aad) = inputs(acting)?;
        acting.check("the ciphertext was sealed with this key");
        Ok(Some(Value::Secret(aead::open(&key, &nonce, &aad, &acting.args.bytes("ciphertext")?)?)))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { verifies: &["ciphertext"], keys: &["key"], initialises: &["nonce"], ..Bearing::NONE } }
    }
}

type Inputs = ([u8; 16], [u8; 12], Vec<u8>);

fn inputs(acting: &Acting<'_>) -> Result<Inputs, Refused> {
    let args = &acting.args;
    let aad = args.value("aad").map(Value::canonical).unwrap_or_default();
    Ok((sized(args.bytes("key")?, "key")?, sized(args.bytes("nonce")?, "nonce")?, aad))
}

fn sized<const N: usize>(bytes: Vec<u8>, name: &str) -> Result<[u8; N], Refused> {
    let length = bytes.len();
    bytes
        .try_into()
        .map_err(|_| Refused::policy("wrong-length", format!("`{name}` has {length} bytes, {N} are needed")))
}
