//! Values that are written down rather than computed.

use super::{Accepts, Acting, Operation, Refused, Shape, Spec, needs};
use crate::trace::ArtifactKind;
use crate::value::Value;

/// Text that an actor was given: a serial number, an address.
pub struct Constant;

/// Text whose possession grants something, put together from values.
pub struct Token;

impl Operation for Constant {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "constant",
                summary: "Puts text into the store: a serial number, an address, a name.",
                standard: "",
                shape: Shape::Local,
                params: &[needs("value", Accepts::Text, "the text")],
                result: Some(ArtifactKind::Text),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        Ok(acting.args.text("value").map(Value::Text))
    }
}

impl Operation for Token {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "token",
                summary: "Puts text together whose possession grants something, such as a SAS token.",
                standard: "",
                shape: Shape::Local,
                params: &[needs("value", Accepts::Text, "the text")],
                result: Some(ArtifactKind::Token),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        Ok(acting.args.text("value").map(Value::Token))
    }
}
