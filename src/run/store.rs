//! Stores: what each actor holds, and how it came there.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::flow::{Argument, Expr, Part, Reference};
use crate::operation::acting::{MAX_ARGUMENT_BYTES, TOO_LARGE};
use crate::operation::{Arg, Args, Refused};
use crate::trace::Artifact;
use crate::value::{Value, filter, member};

/// A value, and what can be shown of it.
#[derive(Clone, Debug)]
pub struct Holding {
    /// The value.
    pub value: Arc<Value>,
    /// What the trace shows of it.
    pub artifact: Arc<Artifact>,
}

/// What one actor holds, by name.
pub type Store = BTreeMap<String, Holding>;

/// Looks up every name in `arguments`; `find` gives the value of a name, and of `words` each first one gives way to its
/// second wherever it is written.
pub fn look_up(
    arguments: &BTreeMap<String, Argument>,
    words: &[(String, String)],
    find: &mut dyn FnMut(&str) -> Result<Value, Refused>,
) -> Result<Args, Refused> {
    let mut lookup = Lookup { find, words, n_bytes: 0 };
    Ok(Args(lookup.table(arguments)?))
}

struct Lookup<'f> {
    words: &'f [(String, String)],
    find: &'f mut dyn FnMut(&str) -> Result<Value, Refused>,
    n_bytes: usize,
}

impl Lookup<'_> {
    fn table(&mut self, table: &BTreeMap<String, Argument>) -> Result<BTreeMap<String, Arg>, Refused> {
        let entry = |(name, argument): (&String, &Argument)| {
            self.count(name.len())?;
            Ok((name.clone(), self.arg(&argument.expr)?))
        };
        table.iter().map(entry).collect()
    }

    fn arg(&mut self, expr: &Expr) -> Result<Arg, Refused> {
        // What has no bytes of its own takes memory all the same.
        self.count(1)?;
        Ok(match expr {
            Expr::Boolean(flag) => Arg::Boolean(*flag),
            Expr::Layout(layout) => Arg::Layout(layout.clone()),
            Expr::List(items) => {
                Arg::List(items.iter().map(|item| self.arg(&item.expr)).collect::<Result<_, Refused>>()?)
            }
            Expr::Number(number) => Arg::Value(Value::Number(*number)),
            Expr::Reference(reference) => {
                let value = self.value(reference)?;
                self.count(value.size())?;
                Arg::Value(value)
            }
            Expr::Table(table) => Arg::Table(self.table(table)?),
            Expr::Template(parts) => Arg::Value(Value::Text(self.template(parts)?)),
        })
    }

    fn template(&mut self, parts: &[Part]) -> Result<String, Refused> {
        let mut text = String::new();
        for part in parts {
            let piece = match part {
                Part::Literal(literal) => replaced(literal, self.words, MAX_ARGUMENT_BYTES).ok_or_else(too_large)?,
                Part::Reference(reference) => self.text(reference)?,
            };
            self.count(piece.len())?;
            text.push_str(&piece);
        }
        Ok(text)
    }

    fn value(&mut self, reference: &Reference) -> Result<Value, Refused> {
        let mut value = (self.find)(&reference.name)?;
        for name in &reference.members {
            value = member::member(&value, name)
                .ok_or_else(|| Refused::policy("missing-value", format!("`{}` has no `{name}`", reference.name)))?;
        }
        Ok(value)
    }

    fn text(&mut self, reference: &Reference) -> Result<String, Refused> {
        let value = self.value(reference)?;
        filter::apply(&value, &reference.filters)
            .ok_or_else(|| Refused::policy("wrong-kind", format!("`{}` is a {}", reference.name, value.kind().title())))
    }

    fn count(&mut self, n_bytes: usize) -> Result<(), Refused> {
        self.n_bytes += n_bytes;
        if self.n_bytes > MAX_ARGUMENT_BYTES { Err(too_large()) } else { Ok(()) }
    }
}

fn too_large() -> Refused {
    Refused::policy(TOO_LARGE, format!("the arguments have more than {MAX_ARGUMENT_BYTES} bytes"))
}

/// `text` with each of `words` replaced, none of them twice; `None` where that has more than `most` bytes.
fn replaced(text: &str, words: &[(String, String)], most: usize) -> Option<String> {
    if words.is_empty() && text.len() <= most {
        return Some(text.to_owned());
    }
    let mut whole = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let found = words.iter().find(|(own, _)| !own.is_empty() && rest.starts_with(own.as_str()));
        if let Some((own, other)) = found {
            whole.push_str(other);
            rest = &rest[own.len()..];
        } else {
            whole.push(next);
            rest = &rest[next.len_utf8()..];
        }
        if whole.len() > most {
            return None;
        }
    }
    Some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[(&str, &str)]) -> Vec<(String, String)> {
        words.iter().map(|(own, other)| ((*own).to_owned(), (*other).to_owned())).collect()
    }

    #[test]
    fn words_give_way_once_and_longer_ones_first() {
        let words = words(&[("JT-01", "JT-02"), ("JT", "X"), ("X", "JT")]);
        assert_eq!(replaced("JT-01 JT X é", &words, 64).unwrap(), "JT-02 X JT é");
        assert_eq!(replaced("", &words, 0).unwrap(), "");
    }

    #[test]
    fn words_cannot_make_a_text_grow_without_bound() {
        let many = words(&[("a", &"b".repeat(1000))]);
        assert_eq!(replaced(&"a".repeat(200_000), &many, 1_000_000), None);
        // As many as fit, without a stack that grows with them.
        let one = words(&[("a", "b")]);
        assert_eq!(replaced(&"a".repeat(200_000), &one, 1_000_000).unwrap(), "b".repeat(200_000));
    }
}
