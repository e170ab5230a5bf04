//! Policies: what a device may do, and where; whatever no policy allows is refused.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

/// Actions with the resources on which they are allowed or denied, each a pattern: `*` stands for any text, `?` for
/// one character, `${thing}` for a variable.
pub type Rules = BTreeMap<String, Vec<String>>;

/// A policy document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Policy {
    /// What is allowed.
    pub allow: Rules,
    /// What is denied, whatever else allows it.
    pub deny: Rules,
}

/// Variables of a device, by name.
pub type Variables = BTreeMap<String, String>;

/// What policies say of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// This policy allows it, and none denies it.
    Allowed(String),
    /// This policy denies it.
    Denied(String),
    /// No policy allows it.
    Unmentioned,
}

/// Names of variables; `attribute.` stands before the name of an attribute.
pub const VARIABLES: &[&str] = &["owner", "serial", "thing", "type"];

impl Policy {
    /// The first pattern that names a variable that does not exist, or does not close its brace.
    pub fn mistake(&self) -> Option<&str> {
        let resources = self.allow.values().chain(self.deny.values()).flatten();
        resources.map(String::as_str).find(|pattern| !is_sound(pattern))
    }
}

/// Decides by `policies`: a denial wins, and what no policy allows is refused.
pub fn decide<'p>(
    policies: impl Iterator<Item = (&'p str, &'p Policy)>,
    variables: &Variables,
    action: &str,
    resource: &str,
) -> Decision {
    let mut decision = Decision::Unmentioned;
    for (name, policy) in policies {
        if has(&policy.deny, variables, action, resource) {
            return Decision::Denied(name.to_owned());
        }
        if decision == Decision::Unmentioned && has(&policy.allow, variables, action, resource) {
            decision = Decision::Allowed(name.to_owned());
        }
    }
    decision
}

fn has(rules: &Rules, variables: &Variables, action: &str, resource: &str) -> bool {
    rules.iter().any(|(actions, resources)| {
        matches(actions, &Variables::new(), action)
            && resources.iter().any(|pattern| matches(pattern, variables, resource))
    })
}

/// A piece of a pattern; the value of a variable is literal, whatever characters it has.
#[derive(PartialEq)]
enum Piece {
    Any,
    Literal(char),
    One,
}

/// Whether `text` fits `pattern`; a pattern with a variable that the device does not have fits nothing.
fn matches(pattern: &str, variables: &Variables, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let Some(pieces) = pieces(pattern, variables, text.len()) else { return false };
    // The usual walk with one place to come back to: linear in pattern × text.
    let (mut at, mut piece) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while at < text.len() {
        match pieces.get(piece) {
            Some(Piece::Any) => {
                back = Some((at, piece));
                piece += 1;
            }
            Some(Piece::One) => (at, piece) = (at + 1, piece + 1),
            Some(Piece::Literal(c)) if *c == text[at] => (at, piece) = (at + 1, piece + 1),
            Some(Piece::Literal(_)) | None => match &mut back {
                Some((from, any)) => {
                    *from += 1;
                    (at, piece) = (*from, *any + 1);
                }
                None => return false,
            },
        }
    }
    pieces[piece..].iter().all(|piece| *piece == Piece::Any)
}

/// The pieces of `pattern`; `None` where it fits no text of `length` characters.
fn pieces(pattern: &str, variables: &Variables, length: usize) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        if let Some(inside) = rest.strip_prefix("${") {
            let (name, after) = inside.split_once('}')?;
            // Beyond the text there is nothing to compare, however often a pattern names a long variable.
            let left = (length + pattern.len()).checked_sub(pieces.len())?;
            pieces.extend(variables.get(name)?.chars().take(left).map(Piece::Literal));
            rest = after;
            continue;
        }
        pieces.push(match c {
            '*' => Piece::Any,
            '?' => Piece::One,
            c => Piece::Literal(c),
        });
        rest = &rest[c.len_utf8()..];
    }
    Some(pieces)
}

fn is_sound(pattern: &str) -> bool {
    pattern.split("${").skip(1).all(|rest| {
        rest.split_once('}').is_some_and(|(name, _)| {
            VARIABLES.contains(&name) || name.strip_prefix("attribute.").is_some_and(|name| !name.is_empty())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables() -> Variables {
        BTreeMap::from([("thing".to_owned(), "JT-0042".to_owned()), ("owner".to_owned(), "a*".to_owned())])
    }

    #[test]
    fn patterns_fit_as_the_table_says() {
        let table = [
            ("devices/${thing}/status", "devices/JT-0042/status", true),
            ("devices/${thing}/status", "devices/JT-0043/status", false),
            ("devices/${thing}/*", "devices/JT-0042/", true),
            ("devices/${thing}/*", "devices/JT-0042", false),
            ("*", "", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-b-b-", false),
            ("v?", "v1", true),
            ("v?", "v12", false),
            // A wildcard in the value of a variable is a character like any other.
            ("${owner}", "a*", true),
            ("${owner}", "ab", false),
            // A variable that the device does not have fits nothing.
            ("${type}*", "anything", false),
            // Wildcards of MQTT are no wildcards of a policy.
            ("devices/#", "devices/JT-0042", false),
        ];
        for (pattern, text, fits) in table {
            assert_eq!(matches(pattern, &variables(), text), fits, "`{pattern}` and `{text}`");
        }
    }

    #[test]
    fn a_denial_wins_and_silence_refuses() {
        let rules = |action: &str, resource: &str| Rules::from([(action.to_owned(), vec![resource.to_owned()])]);
        let wide = Policy { allow: rules("mqtt:*", "*"), deny: Rules::new() };
        let deny = Policy { allow: Rules::new(), deny: rules("mqtt:Publish", "fleet/*") };
        let both = [("wide", &wide), ("deny", &deny)];
        let ask = |policies: &[(&'static str, &Policy)], action: &str, resource: &str| {
            let policies: Vec<(&str, &Policy)> = policies.to_vec();
            decide(policies.into_iter(), &variables(), action, resource)
        };
        assert_eq!(ask(&both, "mqtt:Publish", "fleet/all"), Decision::Denied("deny".to_owned()));
        assert_eq!(ask(&both, "mqtt:Subscribe", "fleet/all"), Decision::Allowed("wide".to_owned()));
        assert_eq!(ask(&both, "http:Get", "fleet/all"), Decision::Unmentioned);
        assert_eq!(ask(&[], "mqtt:Publish", "x"), Decision::Unmentioned);
    }

    #[test]
    fn unknown_variables_are_found() {
        let of = |pattern: &str| Policy {
            allow: Rules::from([("a".to_owned(), vec![pattern.to_owned()])]),
            deny: Rules::new(),
        };
        assert_eq!(of("x/${thing}/${attribute.site}").mistake(), None);
        for pattern in ["${client}", "${thing", "${attribute.}"] {
            assert_eq!(of(pattern).mistake(), Some(pattern));
        }
    }
}
