//! Key pairs.

use super::{Accepts, Acting, Args, Operation, Refused, Shape, Spec, takes};
use crate::crypto::key::{Algorithm, PrivateKey};
use crate::trace::ArtifactKind;
use crate::value::Value;

/// A key pair.
pub struct Keygen;

const ALGORITHMS: &[&str] = &["ed25519", "p256", "p384", "rsa-2048", "x25519"];

/// The algorithms of keys that sign, and so can be certified.
pub const SIGNING: &[&str] = &["ed25519", "p256", "p384", "rsa-2048"];

/// The algorithm that the argument `algorithm` names.
pub fn algorithm(args: &Args) -> Algorithm {
    match args.text_or("algorithm", "p256").as_str() {
        "ed25519" => Algorithm::Ed25519,
        "p384" => Algorithm::P384,
        "rsa-2048" => Algorithm::Rsa,
        "x25519" => Algorithm::X25519,
        _ => Algorithm::P256,
    }
}

impl Operation for Keygen {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "keygen",
                summary: "Makes a key pair; the public key is its member `public-key`.",
                standard: "FIPS 186-5, sections A.1.3 and A.2.2; RFC 8032, section 5.1.5; RFC 7748, section 6.1",
                shape: Shape::Local,
                params: &[takes(
                    "algorithm",
                    Accepts::Choice(ALGORITHMS),
                    "what the key is for; `p256` where absent; `rsa-2048` and `ed25519` sign, `x25519` agrees, the curves do both",
                )],
                result: Some(ArtifactKind::PrivateKey),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        Ok(Some(Value::PrivateKey(PrivateKey::generate_for(algorithm(&acting.args)))))
    }
}
