//! What people do, and what only takes time.

use super::{Accepts, Acting, Operation, Refused, Shape, Spec, needs};
use crate::value::Value;

/// Something that a person does.
pub struct Human;

/// Time that passes.
pub struct Wait;

const MAX_SECONDS: i64 = 400 * 366 * 86_400;

impl Operation for Human {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "human",
                summary: "A person does something; the time it takes is an estimate and is labelled so.",
                standard: "",
                shape: Shape::Local,
                params: &[
                    needs("action", Accepts::Text, "what the person does"),
                    needs("seconds", Accepts::Number, "how long it takes, estimated"),
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        // The estimate feeds the computed timeline; the virtual clock moves by `wait` alone.
        let seconds = acting.args.number("seconds", 0).clamp(0, MAX_SECONDS);
        acting.person_seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
        Ok(None)
    }
}

impl Operation for Wait {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "wait",
                summary: "Moves the virtual clock on.",
                standard: "",
                shape: Shape::Local,
                params: &[needs("seconds", Accepts::Number, "by how much, at least 1")],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        acting.waits = acting.args.number("seconds", 0).clamp(0, MAX_SECONDS);
        Ok(None)
    }
}
