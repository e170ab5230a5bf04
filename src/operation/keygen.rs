//! Key pairs.

use super::{Acting, Operation, Refused, Shape, Spec};
use crate::crypto::key::PrivateKey;
use crate::trace::ArtifactKind;
use crate::value::Value;

/// A P-256 key pair.
pub struct Keygen;

impl Operation for Keygen {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "keygen",
                summary: "Makes a P-256 key pair; the public key is its member `public-key`.",
                standard: "FIPS 186-5, section A.2.2",
                shape: Shape::Local,
                params: &[],
                result: Some(ArtifactKind::PrivateKey),
                fields: &[],
            }
        }
    }

    fn perform(&self, _: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        Ok(Some(Value::PrivateKey(PrivateKey::generate())))
    }
}
