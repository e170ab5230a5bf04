//! Comparisons that an actor makes.

use super::{Accepts, Acting, Bearing, Operation, Refused, Shape, Spec, needs, takes};
use crate::trace::ArtifactKind;
use crate::value::Value;

/// Two values must be equal.
pub struct CheckEqual;

/// A value must stand in a list.
pub struct CheckListed;

impl Operation for CheckEqual {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "check-equal",
                summary: "Refuses unless two values have the same canonical bytes.",
                standard: "",
                shape: Shape::Local,
                params: &[
                    needs("left", Accepts::Any, "one value"),
                    needs("right", Accepts::Any, "the other"),
                    needs("code", Accepts::Text, "the code with which to refuse"),
                    takes("what", Accepts::Text, "what is compared, in words"),
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let what = acting.args.text_or("what", "the two values are equal");
        acting.check(what.clone());
        if acting.args.bytes("left")? == acting.args.bytes("right")? {
            return Ok(None);
        }
        Err(Refused::policy(acting.args.text_or("code", "different"), format!("does not hold: {what}")))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { compares: &["left", "right"], ..Bearing::NONE } }
    }
}

impl Operation for CheckListed {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "check-listed",
                summary: "Refuses unless a value is one of a list.",
                standard: "",
                shape: Shape::Local,
                params: &[
                    needs("value", Accepts::Text, "the value"),
                    needs("list", Accepts::ListOf(&[ArtifactKind::Text]), "the list"),
                    needs("code", Accepts::Text, "the code with which to refuse"),
                    takes("what", Accepts::Text, "what is looked up, in words"),
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let value = acting.args.text_or("value", "");
        acting.check(acting.args.text_or("what", "the value is on the list"));
        if acting.args.texts("list").contains(&value) {
            return Ok(None);
        }
        Err(Refused::policy(acting.args.text_or("code", "not-listed"), format!("`{value}` is not on the list")))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { compares: &["list", "value"], ..Bearing::NONE } }
    }
}
