//! Authenticated encryption for methods that bring their own channel.

use super::{Accepts, Acting, Bearing, Operation, Param, Refused, Shape, Spec, needs, takes};
use crate::annotation::Kind;
use crate::crypto::aead::{CIPHERS, Cipher, Inputs};
use crate::trace::ArtifactKind;
use crate::value::Value;

/// Encrypts.
pub struct Seal;

/// Decrypts.
pub struct Open;

const KEY: Param =
    needs("key", Accepts::Kinds(&[ArtifactKind::Secret]), "16 bytes for AES-128, 32 bytes for the others");
const NONCE: Accepts = Accepts::Kinds(&[ArtifactKind::Bytes]);
const NAMES: [&str; CIPHERS.len()] = {
    let mut names = [""; CIPHERS.len()];
    let mut n = 0;
    while n < names.len() {
        names[n] = CIPHERS[n].name;
        n += 1;
    }
    names
};
const CIPHER: Param = takes(
    "cipher",
    Accepts::Choice(&NAMES),
    "the cipher; `aes-128-gcm` where absent; `aes-128-ccm` has a tag of 16 bytes, `aes-128-ccm-8` one of 8",
);

impl Operation for Seal {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "seal",
                summary: "Encrypts with an AEAD; the result is ciphertext and tag.",
                standard: "RFC 5116; NIST SP 800-38D; RFC 3610; RFC 8439",
                shape: Shape::Local,
                params: &[
                    CIPHER,
                    KEY,
                    needs("nonce", NONCE, "12 bytes, for CCM 12 or 13, used once with this key"),
                    needs("plaintext", Accepts::Any, "what to encrypt"),
                    takes("aad", Accepts::Any, "what to authenticate beside it"),
                ],
                result: Some(ArtifactKind::Bytes),
                fields: &[],
            }
        }
    }

    fn makes(&self) -> Kind {
        Kind::Ciphertext
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let (cipher, key, nonce, aad) = inputs(acting)?;
        let inputs = Inputs { key: &key, nonce: &nonce, aad: &aad };
        Ok(Some(Value::Bytes(cipher.seal(inputs, &acting.args.bytes("plaintext")?)?)))
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
                summary: "Decrypts with an AEAD and refuses what was not sealed with this key, nonce and data.",
                standard: "RFC 5116; NIST SP 800-38D; RFC 3610; RFC 8439",
                shape: Shape::Local,
                params: &[
                    CIPHER,
                    KEY,
                    needs("nonce", NONCE, "12 bytes, for CCM 12 or 13"),
                    needs("ciphertext", Accepts::Kinds(&[ArtifactKind::Bytes]), "ciphertext and tag"),
                    takes("aad", Accepts::Any, "what was authenticated beside it"),
                ],
                result: Some(ArtifactKind::Secret),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let (cipher, key, nonce, aad) = inputs(acting)?;
        acting.check("the ciphertext was sealed with this key");
        let inputs = Inputs { key: &key, nonce: &nonce, aad: &aad };
        Ok(Some(Value::Secret(cipher.open(inputs, &acting.args.bytes("ciphertext")?)?)))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { verifies: &["ciphertext"], keys: &["key"], initialises: &["nonce"], ..Bearing::NONE } }
    }
}

/// Cipher, key, nonce and associated data.
type Given = (Cipher, Vec<u8>, Vec<u8>, Vec<u8>);

/// The arguments, the lengths of which fit.
fn inputs(acting: &Acting<'_>) -> Result<Given, Refused> {
    let args = &acting.args;
    let name = args.text_or("cipher", Cipher::Aes128Gcm.spec().name);
    let spec = CIPHERS.iter().find(|spec| spec.name == name);
    let spec = spec.ok_or_else(|| Refused::policy("wrong-algorithm", format!("no cipher is called `{name}`")))?;
    let (key, nonce) = (args.bytes("key")?, args.bytes("nonce")?);
    check_length("key", &key, &[spec.key])?;
    check_length("nonce", &nonce, spec.nonces)?;
    Ok((spec.cipher, key, nonce, args.value("aad").map(Value::canonical).unwrap_or_default()))
}

fn check_length(name: &str, bytes: &[u8], lengths: &[usize]) -> Result<(), Refused> {
    if lengths.contains(&bytes.len()) {
        return Ok(());
    }
    let needed = lengths.iter().map(usize::to_string).collect::<Vec<_>>().join(" or ");
    Err(Refused::policy("wrong-length", format!("`{name}` has {} bytes, {needed} are needed", bytes.len())))
}
