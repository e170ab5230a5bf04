//! What may be used once, or a number of times.

use super::{Accepts, Acting, Bearing, Operation, Refused, Shape, Spec, needs, takes};
use crate::value::Value;

/// Counts a use and refuses beyond a limit.
pub struct CountUse;

/// Uses a value that is good for one use.
pub struct UseOnce;

impl Operation for CountUse {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "count-use",
                summary: "Counts a use, such as an attempt or an issued certificate, and refuses beyond a limit.",
                standard: "",
                shape: Shape::Local,
                params: &[
                    needs("ledger", Accepts::Text, "what is counted"),
                    needs("limit", Accepts::Number, "how many uses are allowed"),
                    takes(
                        "code",
                        Accepts::Text,
                        "the code with which to refuse, such as `attempt-limit-reached`; `quota-exceeded` where absent",
                    ),
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let ledger = acting.args.text_or("ledger", "");
        let limit = usize::try_from(acting.args.number("limit", 0)).unwrap_or(0);
        acting.check(format!("no more than {limit} uses of {ledger}"));
        if acting.registry.count_use(&ledger, limit, acting.cause()) {
            return Ok(None);
        }
        let code = acting.args.text_or("code", "quota-exceeded");
        Err(Refused::policy(code, format!("`{ledger}` was used {limit} times")))
    }
}

impl Operation for UseOnce {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "use-once",
                summary: "Uses a value that is good for one use, such as a token; a second use is refused. Only its digest is kept.",
                standard: "",
                shape: Shape::Local,
                params: &[
                    needs("ledger", Accepts::Text, "where the uses are noted"),
                    needs("value", Accepts::Any, "the value"),
                    takes(
                        "code",
                        Accepts::Text,
                        "the code with which to refuse, such as `key-already-used`; `token-already-used` where absent",
                    ),
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let ledger = acting.args.text_or("ledger", "");
        let value = acting.args.bytes("value")?;
        acting.check(format!("the value was not used before in {ledger}"));
        match (acting.registry.use_once(&ledger, &value, acting.cause()), acting.args.text("code")) {
            (Ok(()), _) => Ok(None),
            (Err(violation), None) => Err(violation.into()),
            (Err(violation), Some(code)) => Err(Refused::policy(code, violation.message)),
        }
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { matches: &["value"], ..Bearing::NONE } }
    }
}
