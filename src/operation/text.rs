//! Values that are written down rather than computed.

use super::acting::check_size;
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
        let n_found = value.matches(&find).count();
        check_size((value.len() - n_found * find.len()).saturating_add(n_found.saturating_mul(replace.len())))?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::operation::{Arg, Args};
    use crate::registry::Registry;

    fn replace(value: &str, find: &str, replace: &str) -> Result<Option<Value>, Refused> {
        let args = [("value", value), ("find", find), ("replace", replace)];
        let args = args.map(|(name, text)| (name.to_owned(), Arg::Value(Value::Text(text.to_owned()))));
        let mut registry = Registry::default();
        ReplaceText.perform(&mut Acting::new(Args(args.into()), "replace", Timestamp(0), &mut registry))
    }

    #[test]
    fn every_occurrence_is_replaced_and_none_is_refused() {
        assert_eq!(replace("abab", "b", "cc").unwrap(), Some(Value::Text("accacc".to_owned())));
        assert_eq!(replace("abab", "", "c").unwrap_err().code, "not-found");
        assert_eq!(replace("abab", "c", "b").unwrap_err().code, "not-found");
    }

    #[test]
    fn a_text_does_not_grow_with_the_square_of_what_was_written() {
        let refused = replace(&"a".repeat(100_000), "a", &"b".repeat(100_000)).unwrap_err();
        assert_eq!(refused.code, "too-large");
        assert_eq!(refused.message, "the value has 10000000000 bytes, at most 1048576 can be kept");
    }
}
