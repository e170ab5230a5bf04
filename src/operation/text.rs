//! Values that are written down rather than computed.

use super::{Accepts, Acting, Operation, Refused, Shape, Spec, needs};
use crate::trace::ArtifactKind;
use crate::value::Value;

/// Text that an actor was given: a serial number, an address.
pub struct Constant;

/// A text with a part of it replaced.
pub struct ReplaceText;

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

impl Operation for ReplaceText {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "replace-text",
                summary: "Replaces a part of a text wherever it occurs, as a forger does; a text without it is refused.",
                standard: "",
                shape: Shape::Local,
                params: &[
                    needs("value", Accepts::Text, "the text"),
                    needs("find", Accepts::Text, "the part"),
                    needs("replace", Accepts::Text, "what takes its place"),
                ],
                result: Some(ArtifactKind::Text),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let [value, find, replace] = ["value", "find", "replace"].map(|name| acting.args.text_or(name, ""));
        if find.is_empty() || !value.contains(&find) {
            return Err(Refused::policy("not-found", format!("the text has no `{find}`")));
        }
        Ok(Some(Value::Text(value.replace(&find, &replace))))
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
