//! Comparisons that an actor makes.

use super::{Accepts, Acting, Bearing, Operation, Refused, Shape, Spec, needs, takes};
use crate::trace::ArtifactKind;
use crate::value::Value;

/// Two values must be equal.
pub struct CheckEqual;

/// A value must stand in a list.
pub struct CheckListed;

/// Members must be there, and must not contradict each other.
pub struct CheckMembers;

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

impl Operation for CheckMembers {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "check-members",
                summary: "Refuses decoded members where one that is required is missing (`missing-member`), or where of some that exclude each other there is not exactly one (`missing-member`, `contradicting-members`).",
                standard: "RFC 7950, sections 7.5.3 and 7.6.5",
                shape: Shape::Local,
                params: &[
                    needs("value", Accepts::Kinds(&[ArtifactKind::Members]), "the members"),
                    takes("required", Accepts::ListOf(&[ArtifactKind::Text]), "names that must be there"),
                    takes("one-of", Accepts::ListOf(&[ArtifactKind::Text]), "names of which exactly one must be there"),
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        acting.check("every member that must be there is there, and none contradicts another");
        let Value::Members(members) = acting.args.need("value")? else {
            return Err(super::acting::wrong_kind("value", acting.args.need("value")?));
        };
        let missing = |name: &str| Refused::policy("missing-member", format!("there is no `{name}`"));
        if let Some(name) = acting.args.texts("required").iter().find(|name| !members.contains_key(*name)) {
            return Err(missing(name));
        }
        let names = acting.args.texts("one-of");
        let there: Vec<&String> = names.iter().filter(|name| members.contains_key(*name)).collect();
        match there[..] {
            [] if !names.is_empty() => Err(missing(&names.join("` or `"))),
            [] | [_] => Ok(None),
            [first, second, ..] => {
                let message = format!("there are both `{first}` and `{second}`, which exclude each other");
                Err(Refused::policy("contradicting-members", message))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::operation::{Arg, Args};
    use crate::registry::Registry;

    fn check(there: &[&str], required: &[&str], one_of: &[&str]) -> Result<Option<Value>, Refused> {
        let text = |name: &&str| Value::Text((*name).to_owned());
        let members = there.iter().map(|name| ((*name).to_owned(), text(name))).collect();
        let list = |names: &[&str]| Arg::List(names.iter().map(|name| Arg::Value(text(name))).collect());
        let args =
            [("value", Arg::Value(Value::Members(members))), ("required", list(required)), ("one-of", list(one_of))];
        let args = Args(args.map(|(name, arg)| (name.to_owned(), arg)).into());
        CheckMembers.perform(&mut Acting::new(args, "check", Timestamp(0), &mut Registry::default()))
    }

    #[test]
    fn members_are_there_and_do_not_contradict_each_other() {
        assert!(check(&["nonce", "pin"], &["pin"], &["expires-on", "nonce"]).is_ok());
        assert!(check(&["pin"], &["pin"], &[]).is_ok());
        let refused = check(&["nonce"], &["pin"], &[]).unwrap_err();
        assert_eq!((&*refused.code, &*refused.message), ("missing-member", "there is no `pin`"));
        let refused = check(&["pin"], &[], &["expires-on", "nonce"]).unwrap_err();
        assert_eq!((&*refused.code, &*refused.message), ("missing-member", "there is no `expires-on` or `nonce`"));
        let refused = check(&["expires-on", "nonce"], &[], &["expires-on", "nonce"]).unwrap_err();
        assert_eq!(refused.code, "contradicting-members");
    }
}
