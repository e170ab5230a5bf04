//! Fresh randomness, derived from the public seed by actor and step.

use super::Accepts::Number;
use super::{Acting, Bearing, Makes, Operation, Refused, Shape, Spec, takes};
use crate::annotation::Kind;
use crate::crypto::party;
use crate::trace::ArtifactKind;
use crate::value::Value;

/// Secret random bytes.
pub struct Random;

/// Public random bytes.
pub struct Nonce;

const MAX_BYTES: i64 = 1024;

impl Operation for Random {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "random",
                summary: "Makes random bytes that must stay secret: a symmetric key, a token.",
                standard: "",
                shape: Shape::Local,
                params: &[takes("bytes", Number, "how many bytes, 1 to 1024; 32 where absent")],
                result: Some(ArtifactKind::Secret),
                fields: &[],
            }
        }
    }

    fn makes(&self) -> Kind {
        Kind::Random
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        Ok(Some(Value::Secret(fresh(acting, 32)?)))
    }
}

impl Operation for Nonce {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "nonce",
                summary: "Makes random bytes that are used once and may be known.",
                standard: "",
                shape: Shape::Local,
                params: &[takes("bytes", Number, "how many bytes, 1 to 1024; 16 where absent")],
                result: Some(ArtifactKind::Bytes),
                fields: &[],
            }
        }
    }

    fn makes(&self) -> Kind {
        Kind::Random
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        Ok(Some(Value::Bytes(fresh(acting, 16)?)))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { makes: Makes::Nonce, ..Bearing::NONE } }
    }
}

fn fresh(acting: &Acting<'_>, default: i64) -> Result<Vec<u8>, Refused> {
    let length = acting.args.number("bytes", default);
    if !(1..=MAX_BYTES).contains(&length) {
        return Err(Refused::policy(
            "wrong-length",
            format!("{length} bytes were asked for, 1 to {MAX_BYTES} can be made"),
        ));
    }
    let mut bytes = vec![0; usize::try_from(length).expect("the length was checked to be positive")];
    party::fill(&mut bytes);
    Ok(bytes)
}
