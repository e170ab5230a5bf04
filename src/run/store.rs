//! Stores: what each actor holds, and how it came there.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::flow::{Argument, Expr, Part, Reference};
use crate::operation::{Arg, Args, Refused};
use crate::trace::Artifact;
use crate::value::{Value, filter, member};

/// A value, and what can be shown of it.
#[derive(Clone, Debug)]
pub struct Holding {
    /// The value.
    pub value: Arc<Value>,
    /// What the trace shows of it.
    pub artifact: Artifact,
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

/// Most bytes that the arguments of a step may have together.
///
/// Whatever a step makes it makes from its arguments, so this bounds every value of a run: a flow whose values double
/// in every step must not take the machine's memory.
const MAX_ARGUMENT_BYTES: usize = 256 * 1024;

struct Lookup<'f> {
    words: &'f [(String, String)],
    find: &'f mut dyn FnMut(&str) -> Result<Value, Refused>,
    n_bytes: usize,
}

impl Lookup<'_> {
    fn table(&mut self, table: &BTreeMap<String, Argument>) -> Result<BTreeMap<String, Arg>, Refused> {
        table.iter().map(|(name, argument)| Ok((name.clone(), self.arg(&argument.expr)?))).collect()
    }

    fn arg(&mut self, expr: &Expr) -> Result<Arg, Refused> {
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
                Part::Literal(literal) => replaced(literal, self.words),
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
        if self.n_bytes > MAX_ARGUMENT_BYTES {
            let message = format!("the arguments have more than {MAX_ARGUMENT_BYTES} bytes");
            return Err(Refused::policy("too-large", message));
        }
        Ok(())
    }
}

/// `text` with each of `words` replaced, none of them twice.
fn replaced(text: &str, words: &[(String, String)]) -> String {
    let Some(((own, other), at)) =
        words.iter().filter_map(|pair| text.find(&pair.0).map(|at| (pair, at))).min_by_key(|(_, at)| *at)
    else {
        return text.to_owned();
    };
    format!("{}{other}{}", &text[..at], replaced(&text[at + own.len()..], words))
}
