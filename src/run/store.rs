//! Stores: what each actor holds, and how it came there.

use std::collections::BTreeMap;

use crate::flow::{Argument, Expr, Part, Reference};
use crate::operation::{Arg, Args, Refused};
use crate::trace::Provenance;
use crate::value::{Value, filter, member};

/// A value with its origin.
#[derive(Clone, Debug)]
pub struct Holding {
    /// The value.
    pub value: Value,
    /// The step in which it was stored.
    pub step: String,
    /// How it came there.
    pub provenance: Provenance,
}

/// What one actor holds, by name.
pub type Store = BTreeMap<String, Holding>;

/// Looks up every name in `arguments`; `find` gives the value of a name.
pub fn look_up(
    arguments: &BTreeMap<String, Argument>,
    find: &mut dyn FnMut(&str) -> Result<Value, Refused>,
) -> Result<Args, Refused> {
    let mut args = BTreeMap::new();
    let mut n_bytes = 0;
    for (name, argument) in arguments {
        let arg = arg(&argument.expr, find)?;
        n_bytes += size(&arg);
        // Whatever a step makes, it makes from its arguments, so this bounds every value of a run.
        if n_bytes > MAX_ARGUMENT_BYTES {
            let message = format!("the arguments have more than {MAX_ARGUMENT_BYTES} bytes");
            return Err(Refused::policy("too-large", message));
        }
        args.insert(name.clone(), arg);
    }
    Ok(Args(args))
}

/// Most bytes that the arguments of a step may have together. A flow whose values double in every step must not
/// take the machine's memory.
const MAX_ARGUMENT_BYTES: usize = 256 * 1024;

fn size(arg: &Arg) -> usize {
    match arg {
        Arg::Boolean(_) => 1,
        Arg::List(items) => items.iter().map(size).sum(),
        Arg::Table(table) => table.iter().map(|(name, arg)| name.len() + size(arg)).sum(),
        Arg::Value(value) => value.canonical().len(),
    }
}

fn arg(expr: &Expr, find: &mut dyn FnMut(&str) -> Result<Value, Refused>) -> Result<Arg, Refused> {
    Ok(match expr {
        Expr::Boolean(flag) => Arg::Boolean(*flag),
        Expr::List(items) => Arg::List(items.iter().map(|item| arg(&item.expr, find)).collect::<Result<_, Refused>>()?),
        Expr::Number(number) => Arg::Value(Value::Number(*number)),
        Expr::Reference(reference) => Arg::Value(dereference(reference, find)?),
        Expr::Table(table) => {
            let mut args = BTreeMap::new();
            for (name, argument) in table {
                args.insert(name.clone(), arg(&argument.expr, find)?);
            }
            Arg::Table(args)
        }
        Expr::Template(parts) => {
            let mut text = String::new();
            for part in parts {
                match part {
                    Part::Literal(literal) => text.push_str(literal),
                    Part::Reference(reference) => text.push_str(&as_text(reference, find)?),
                }
            }
            Arg::Value(Value::Text(text))
        }
    })
}

fn dereference(reference: &Reference, find: &mut dyn FnMut(&str) -> Result<Value, Refused>) -> Result<Value, Refused> {
    let mut value = find(&reference.name)?;
    for name in &reference.members {
        value = member::member(&value, name)
            .ok_or_else(|| Refused::policy("missing-value", format!("`{}` has no `{name}`", reference.name)))?;
    }
    Ok(value)
}

fn as_text(reference: &Reference, find: &mut dyn FnMut(&str) -> Result<Value, Refused>) -> Result<String, Refused> {
    let value = dereference(reference, find)?;
    filter::apply(&value, &reference.filters)
        .ok_or_else(|| Refused::policy("wrong-kind", format!("`{}` is a {}", reference.name, value.kind().title())))
}
