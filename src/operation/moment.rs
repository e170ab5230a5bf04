//! Moments of the virtual clock: when something expires, and whether it has.

use super::{Accepts, Acting, Bearing, Operation, Param, Refused, Shape, Spec, needs, takes};
use crate::clock::Timestamp;
use crate::trace::ArtifactKind;
use crate::value::Value;

/// A moment as a number.
pub struct Moment;

/// The clock must have reached a moment.
pub struct CheckAfter;

/// The clock must stand before a moment.
pub struct CheckBefore;

impl Operation for Moment {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "moment",
                summary: "Reads the virtual clock as seconds since 1970, and adds a span: the expiry of a token.",
                standard: "RFC 7519, section 2 (NumericDate)",
                shape: Shape::Local,
                params: &[takes("plus", Accepts::Number, "seconds to add; 0 where absent")],
                result: Some(ArtifactKind::Number),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        Ok(Some(Value::Number(acting.clock.0.saturating_add(acting.args.number("plus", 0)))))
    }
}

impl Operation for CheckAfter {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "check-after",
                summary: "Refuses unless the virtual clock has reached a moment, such as the one from which a token is valid.",
                standard: "RFC 7519, section 4.1.5",
                shape: Shape::Local,
                params: MOMENT,
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let moment = written_moment(acting)?;
        acting.check(acting.args.text_or("what", "it is valid already"));
        // "The current date/time MUST be after or equal to the not-before date/time" (RFC 7519, section 4.1.5).
        if acting.clock >= moment {
            return Ok(None);
        }
        let message = format!("it is valid from {}, the clock says {}", moment.0, acting.clock.0);
        Err(Refused::policy(acting.args.text_or("code", "not-yet-valid"), message))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { matches: &["moment"], ..Bearing::NONE } }
    }
}

impl Operation for CheckBefore {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "check-before",
                summary: "Refuses unless the virtual clock stands before a moment, such as the expiry of a token.",
                standard: "RFC 7519, section 4.1.4",
                shape: Shape::Local,
                params: MOMENT,
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let moment = written_moment(acting)?;
        acting.check(acting.args.text_or("what", "it has not expired"));
        // "on or after which the JWT MUST NOT be accepted" (RFC 7519, section 4.1.4).
        if acting.clock < moment {
            return Ok(None);
        }
        let message = format!("it expired at {}, the clock says {}", moment.0, acting.clock.0);
        Err(Refused::policy(acting.args.text_or("code", "expired"), message))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { matches: &["moment"], ..Bearing::NONE } }
    }
}

/// What both comparisons with the clock take.
const MOMENT: &[Param] = &[
    needs("moment", Accepts::Text, "seconds since 1970, or date and time (RFC 3339) in UTC"),
    needs("code", Accepts::Text, "the code with which to refuse"),
    takes("what", Accepts::Text, "what is compared, in words"),
];

/// The argument `moment`.
fn written_moment(acting: &Acting<'_>) -> Result<Timestamp, Refused> {
    let written = acting.args.text_or("moment", "");
    let moment = written.parse().ok().map(Timestamp).or_else(|| Timestamp::parse(&written));
    moment.ok_or_else(|| Refused::malformed(format!("`{written}` is neither a number of seconds nor a date")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::{Arg, Args};
    use crate::registry::Registry;

    fn check(moment: Value, clock: i64) -> Result<Option<Value>, Refused> {
        let code = Value::Text("expired-token".to_owned());
        let args = [("moment", moment), ("code", code)].map(|(name, value)| (name.to_owned(), Arg::Value(value)));
        let mut registry = Registry::default();
        CheckBefore.perform(&mut Acting::new(Args(args.into()), "check", Timestamp(clock), &mut registry))
    }

    #[test]
    fn the_last_second_is_the_one_before_the_moment() {
        assert!(check(Value::Number(100), 99).is_ok());
        let refused = check(Value::Text("100".to_owned()), 100).unwrap_err();
        assert_eq!(refused.code, "expired-token");
        assert_eq!(refused.message, "it expired at 100, the clock says 100");
        assert!(check(Value::Text("1970-01-01T00:01:40Z".to_owned()), 99).is_ok());
        assert_eq!(check(Value::Text("1970-01-01T00:01:40Z".to_owned()), 100).unwrap_err().code, "expired-token");
    }

    #[test]
    fn the_first_second_is_the_moment_itself() {
        let check = |clock| {
            let args = [("moment", Value::Number(100)), ("code", Value::Text("not-yet-valid".to_owned()))];
            let args = args.map(|(name, value)| (name.to_owned(), Arg::Value(value)));
            let mut registry = Registry::default();
            CheckAfter.perform(&mut Acting::new(Args(args.into()), "check", Timestamp(clock), &mut registry))
        };
        assert!(check(100).is_ok());
        let refused = check(99).unwrap_err();
        assert_eq!(refused.code, "not-yet-valid");
        assert_eq!(refused.message, "it is valid from 100, the clock says 99");
    }

    #[test]
    fn what_is_no_number_is_malformed() {
        assert_eq!(check(Value::Text("soon".to_owned()), 0).unwrap_err().code, "malformed");
    }

    #[test]
    fn a_moment_is_the_clock_and_a_span() {
        let args = Args([("plus".to_owned(), Arg::Value(Value::Number(60)))].into());
        let mut registry = Registry::default();
        let mut acting = Acting::new(args, "expiry", Timestamp(1_000), &mut registry);
        assert_eq!(Moment.perform(&mut acting).unwrap(), Some(Value::Number(1_060)));
    }
}
