//! `[messages]` → [`MessageLayout`]s, and the arguments of steps against them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::argument::{Held, expression_kind};
use crate::diag::{Code, Reported, Sink, did_you_mean, error};
use crate::document::{Entry, Node};
use crate::flow::layout::{FieldType, NESTED, TYPES};
use crate::flow::{Argument, Expr, Part};
use crate::grammar::check_id;
use crate::operation::message::{RESERVED, decoded_kind, is_accepted, needed};
use crate::protocol::layout::{
    ByteOrder, BytesKind, Constant, Extent, Form, Integer, LayoutField, MessageLayout, Named,
};
use crate::source::Span;
use crate::trace::ArtifactKind;

/// Layouts by name; `None` for one with a mistake, which is reported once and not wherever it is used.
#[derive(Clone, Debug, Default)]
pub struct Layouts(BTreeMap<String, Option<Arc<MessageLayout>>>);

/// Most layouts of a flow.
const MAX_LAYOUTS: usize = 64;
/// Most fields of a layout, those of nested layouts counted.
const MAX_FIELDS: usize = 256;
/// Most layouts inside of each other.
const MAX_DEPTH: usize = 4;
/// Most values of an enumeration.
const MAX_VALUES: usize = 256;

impl Layouts {
    /// The layouts that a flow file declares.
    pub fn of(node: &Node, sink: &mut Sink) -> Self {
        let entries = node.find("messages").map(Node::entries).unwrap_or_default();
        if let Some(entry) = entries.get(MAX_LAYOUTS) {
            let message = format!("the flow has {} layouts, at most {MAX_LAYOUTS} are allowed", entries.len());
            sink.error(Code::INVALID_VALUE, &entry.key_span, message);
            return Self(entries.iter().map(|entry| (entry.key.clone(), None)).collect());
        }
        let mut reader = Reader { entries, done: Self::default(), open: Vec::new(), sink };
        for entry in entries {
            check_id(&entry.key, &entry.key_span, reader.sink);
            if TYPES.iter().any(|known| known.name == entry.key) {
                let message = format!("`{}` is the name of a type", entry.key);
                reader.sink.push(error(Code::INVALID_LAYOUT, &entry.key_span, message).hint("choose another name"));
            }
            reader.layout(entry);
        }
        reader.done
    }

    /// Those without mistakes, in the order of the file.
    pub fn in_order(&self, node: &Node) -> Vec<Arc<MessageLayout>> {
        let entries = node.find("messages").map(Node::entries).unwrap_or_default();
        entries.iter().filter_map(|entry| self.0.get(&entry.key)?.clone()).collect()
    }

    /// The layout that `node` names.
    pub fn find(&self, node: &Node, sink: &mut Sink) -> Option<Arc<MessageLayout>> {
        let Some(text) = node.as_text() else {
            let message = format!("a layout is named by {}, expected text", node.type_name());
            sink.error(Code::WRONG_TYPE, &node.span, message);
            return None;
        };
        if let Some(found) = self.0.get(text) {
            return found.clone();
        }
        let hint = did_you_mean(text, self.0.keys().map(String::as_str))
            .unwrap_or_else(|| "declare it in `[messages]`".to_owned());
        sink.push(error(Code::UNKNOWN_NAME, &node.span, format!("no message is called `{text}`")).hint(hint));
        None
    }
}

struct Reader<'r> {
    entries: &'r [Entry],
    done: Layouts,
    /// Layouts that are being read, from the outside in.
    open: Vec<&'r str>,
    sink: &'r mut Sink,
}

impl<'r> Reader<'r> {
    fn layout(&mut self, entry: &'r Entry) -> Option<Arc<MessageLayout>> {
        if let Some(done) = self.done.0.get(&entry.key) {
            return done.clone();
        }
        self.open.push(&entry.key);
        let found = self.read(entry).map(Arc::new);
        self.open.pop();
        self.done.0.insert(entry.key.clone(), found.clone());
        found
    }

    fn read(&mut self, entry: &'r Entry) -> Option<MessageLayout> {
        let node = &entry.value;
        let written = node.find("field").map(Node::items).unwrap_or_default();
        if written.is_empty() {
            self.wrong(&entry.key_span, format!("`{}` has no field", entry.key), "a message has a byte at least");
            return None;
        }
        let mut names: BTreeSet<&str> = BTreeSet::new();
        let fields: Vec<Option<LayoutField>> = written
            .iter()
            .map(|field| {
                let is_named = self.check_name(field, &mut names);
                self.field(field).filter(|_| is_named)
            })
            .collect();
        let fields: Vec<LayoutField> = fields.into_iter().collect::<Option<_>>()?;
        let is_ordered = self.check_open_ends(&fields, written);
        let title = node.text("title");
        let layout = MessageLayout {
            name: entry.key.clone(),
            title: if title.is_empty() { entry.key.clone() } else { title.to_owned() },
            standard: node.text("standard").to_owned(),
            clause: node.text("clause").to_owned(),
            fields,
        };
        (self.check_bounds(&layout, &entry.key_span) && is_ordered).then_some(layout)
    }

    fn check_bounds(&mut self, layout: &MessageLayout, span: &Span) -> bool {
        let (depth, n_fields) = (layout.depth(), layout.n_fields());
        if depth > MAX_DEPTH {
            let message = format!("`{}` has layouts nested {depth} deep, at most {MAX_DEPTH} are allowed", layout.name);
            self.sink.error(Code::INVALID_LAYOUT, span, message);
        }
        if n_fields > MAX_FIELDS {
            let message = format!("`{}` has {n_fields} fields, at most {MAX_FIELDS} are allowed", layout.name);
            self.sink.error(Code::INVALID_LAYOUT, span, message);
        }
        depth <= MAX_DEPTH && n_fields <= MAX_FIELDS
    }

    fn check_name(&mut self, field: &'r Node, names: &mut BTreeSet<&'r str>) -> bool {
        let Some(name) = field.find("name") else { return false };
        let text = name.as_text().unwrap_or_default();
        let is_name = text.starts_with(|first: char| first.is_ascii_alphabetic())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
        if !is_name || RESERVED.contains(&text) {
            let message = format!("`{text}` cannot be the name of a field");
            let hint = if is_name {
                "it is an argument of the operation `message`"
            } else {
                "a field's name begins with a letter and has letters, digits, hyphens and underscores"
            };
            self.sink.push(error(Code::INVALID_VALUE, &name.span, message).hint(hint));
            return false;
        }
        let is_new = names.insert(text);
        if !is_new {
            self.sink.error(Code::DUPLICATE_NAME, &name.span, format!("a field is called `{text}` already"));
        }
        is_new
    }

    fn check_open_ends(&mut self, fields: &[LayoutField], written: &[Node]) -> bool {
        let mut sound = true;
        let before_last = fields.len().saturating_sub(1);
        for (field, node) in fields[..before_last].iter().zip(written) {
            if field.form.is_open() {
                sound = false;
                let message = format!("`{}` takes all bytes that are left, and fields follow", field.name);
                self.wrong(&node.span, message, "give it a `size` or a `prefix`, or put it last");
            }
        }
        sound
    }

    fn field(&mut self, node: &'r Node) -> Option<LayoutField> {
        let kind = node.find("type")?;
        let text = kind.as_text()?;
        let known = TYPES.iter().find(|known| known.name == text);
        let is_nested = self.entries.iter().any(|entry| entry.key == text);
        let kind_of_field = known.or(is_nested.then_some(&NESTED));
        let are_known = kind_of_field.is_none_or(|kind| self.check_keys(node, kind, text));
        let form = match text {
            "bytes" => self.extent(node).map(|extent| Form::Bytes { extent, kind: bytes_kind(node) }),
            "constant" => self.constant(node).map(Form::Constant),
            "enum" => self.enumeration(node),
            "flags" => self.flags(node),
            "text" => self.extent(node).map(Form::Text),
            "uint" => self.integer(node).map(Form::Unsigned),
            _ => self.nested(node, kind, text),
        };
        let (name, meaning) = (node.text("name").to_owned(), node.text("meaning").to_owned());
        are_known.then_some(LayoutField { name, form: form?, meaning })
    }

    /// Whether the field has the keys of its type and no others.
    fn check_keys(&mut self, node: &Node, kind: &FieldType, text: &str) -> bool {
        let mut sound = true;
        for entry in node.entries() {
            let key = entry.key.as_str();
            if !["meaning", "name", "type"].contains(&key) && !kind.keys.contains(&key) {
                sound = false;
                let hint = format!(
                    "it may have {}",
                    kind.keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")
                );
                self.wrong(&entry.key_span, format!("a field of type `{text}` has no `{key}`"), &hint);
            }
        }
        for key in kind.needs.iter().filter(|key| node.find(key).is_none()) {
            sound = false;
            let hint = format!("`{}` is {}", kind.name, kind.summary);
            self.wrong(&node.span, format!("a field of type `{text}` needs `{key}`"), &hint);
        }
        sound
    }

    fn wrong(&mut self, span: &Span, message: String, hint: &str) {
        self.sink.push(error(Code::INVALID_LAYOUT, span, message).hint(hint));
    }

    /// The number whose length is `size`.
    fn integer(&mut self, node: &Node) -> Option<Integer> {
        let size = node.find("size")?;
        let number = size.as_integer()?;
        if !(1..=8).contains(&number) {
            self.wrong(&size.span, format!("a number of {number} bytes"), "a number has 1 to 8 bytes");
            return None;
        }
        Some(Integer { size: usize::try_from(number).ok()?, order: order(node) })
    }

    /// The length before the field, where it has one.
    fn prefix(&mut self, node: &Node) -> Result<Option<Integer>, Reported> {
        let Some(prefix) = node.find("prefix") else {
            let Some(order) = node.find("order") else { return Ok(None) };
            self.wrong(&order.span, "`order` without a number".to_owned(), "it is the order of a `prefix`");
            return Err(Reported);
        };
        match prefix.as_integer() {
            Some(1) => Ok(Some(Integer { size: 1, order: order(node) })),
            Some(2) => Ok(Some(Integer { size: 2, order: order(node) })),
            Some(4) => Ok(Some(Integer { size: 4, order: order(node) })),
            Some(number) => {
                self.wrong(&prefix.span, format!("a length of {number} bytes"), "a length has 1, 2 or 4 bytes");
                Err(Reported)
            }
            None => Err(Reported),
        }
    }

    fn extent(&mut self, node: &Node) -> Option<Extent> {
        match (node.find("size"), self.prefix(node).ok()?) {
            (None, None) => Some(Extent::Rest),
            (None, Some(prefix)) => Some(Extent::Prefixed(prefix)),
            (Some(size), None) => Some(Extent::Fixed(usize::try_from(size.as_integer()?).ok()?)),
            (Some(size), Some(_)) => {
                self.wrong(&size.span, "both `size` and `prefix`".to_owned(), "a length is fixed, or it is sent");
                None
            }
        }
    }

    fn constant(&mut self, node: &Node) -> Option<Constant> {
        let given: Vec<&str> = ["hex", "text", "value"].into_iter().filter(|key| node.find(key).is_some()).collect();
        let [key] = given[..] else {
            let message = format!("a constant has one of `hex`, `text` and `value`, this one has {}", given.len());
            self.wrong(&node.span, message, "say what it always is");
            return None;
        };
        let written = node.find(key)?;
        if key == "value" {
            let number = u64::try_from(written.as_integer()?).ok()?;
            if node.find("size").is_none() {
                self.wrong(&node.span, "a number needs `size`".to_owned(), "say in how many bytes it is written");
                return None;
            }
            let integer = self.integer(node)?;
            return self.fits(number, integer, &written.span).then_some(Constant::Number(integer, number));
        }
        let text = written.as_text()?;
        let constant = match (key, hex::decode(text)) {
            ("text", _) => Constant::Text(text.to_owned()),
            (_, Ok(bytes)) => Constant::Bytes(bytes),
            (_, Err(why)) => {
                let why = why.to_string().to_lowercase();
                self.wrong(&written.span, format!("`{text}` is no bytes: {why}"), "write two digits for each byte");
                return None;
            }
        };
        self.check_constant_size(node, &constant, &written.span).then_some(constant)
    }

    fn check_constant_size(&mut self, node: &Node, constant: &Constant, span: &Span) -> bool {
        let length = constant.bytes().len();
        if length == 0 {
            self.wrong(span, "a constant without bytes".to_owned(), "say what it always is");
        }
        let size = node.find("size").and_then(Node::as_integer).and_then(|size| usize::try_from(size).ok());
        let fits = size.is_none_or(|size| size == length);
        if !fits {
            let message = format!("the constant has {length} bytes, its `size` is {}", size.unwrap_or_default());
            self.wrong(span, message, "leave `size` out: the constant has the length that it has");
        }
        fits && length > 0
    }

    fn fits(&mut self, number: u64, integer: Integer, span: &Span) -> bool {
        let fits = number <= integer.max();
        if !fits {
            let message =
                format!("{number} does not fit in {} byte{}", integer.size, if integer.size == 1 { "" } else { "s" });
            self.wrong(span, message, &format!("at most {} does", integer.max()));
        }
        fits
    }

    fn enumeration(&mut self, node: &Node) -> Option<Form> {
        let number = self.integer(node)?;
        let values = self.named(node.find("values")?, "value")?;
        let spans = node.find("values").map(Node::items).unwrap_or_default();
        let fit = values.iter().zip(spans).filter(|(value, span)| self.fits(value.number, number, &span.span)).count();
        (fit == values.len()).then_some(Form::Enumeration { number, values })
    }

    fn flags(&mut self, node: &Node) -> Option<Form> {
        let number = self.integer(node)?;
        let flags = self.named(node.find("flags")?, "bit")?;
        let n_bits = 8 * number.size;
        let written = node.find("flags").map(Node::items).unwrap_or_default();
        let mut sound = true;
        for (flag, node) in flags.iter().zip(written) {
            if flag.number >= n_bits as u64 {
                sound = false;
                let message = format!("`{}` is bit {}, the field has {n_bits} bits", flag.name, flag.number);
                self.wrong(&node.span, message, "the least significant bit is 0");
            }
        }
        sound.then_some(Form::Flags { number, flags })
    }

    /// The names of numbers, each number and each name once.
    fn named(&mut self, node: &Node, key: &str) -> Option<Vec<Named>> {
        let items = node.items();
        if items.is_empty() || items.len() > MAX_VALUES {
            let message = format!("{} names, expected 1 to {MAX_VALUES}", items.len());
            self.wrong(&node.span, message, "name every number that occurs");
            return None;
        }
        let mut found: Vec<Named> = Vec::new();
        let mut sound = true;
        for item in items {
            let number = item.find(key).and_then(Node::as_integer).and_then(|number| u64::try_from(number).ok())?;
            let name = item.text("name").to_owned();
            if let Some(other) = found.iter().find(|other| other.number == number || other.name == name) {
                sound = false;
                let message = format!("`{name}` = {number} beside `{}` = {}", other.name, other.number);
                self.sink.error(Code::DUPLICATE_NAME, &item.span, message);
            }
            found.push(Named { number, name, meaning: item.text("meaning").to_owned() });
        }
        sound.then_some(found)
    }

    fn nested(&mut self, node: &'r Node, kind: &Node, text: &str) -> Option<Form> {
        let entries = self.entries;
        let Some(entry) = entries.iter().find(|entry| entry.key == text) else {
            let names = TYPES.iter().map(|known| known.name).chain(entries.iter().map(|entry| entry.key.as_str()));
            let hint = did_you_mean(text, names)
                .unwrap_or_else(|| "a type, or the name of another message of the flow".to_owned());
            let message = format!("no type and no message is called `{text}`");
            self.sink.push(error(Code::UNKNOWN_NAME, &kind.span, message).hint(hint));
            return None;
        };
        if self.open.contains(&entry.key.as_str()) {
            let way = self.open.iter().skip_while(|name| **name != entry.key).map(|name| format!("`{name}`"));
            let way = way.chain([format!("`{text}`")]).collect::<Vec<_>>().join(" → ");
            self.wrong(&kind.span, format!("a layout contains itself: {way}"), "a message has an end");
            return None;
        }
        let prefix = self.prefix(node).ok()?;
        Some(Form::Nested { layout: self.layout(entry)?, prefix })
    }
}

fn order(node: &Node) -> ByteOrder {
    if node.text("order") == "little" { ByteOrder::Little } else { ByteOrder::Big }
}

fn bytes_kind(node: &Node) -> Option<BytesKind> {
    let word = node.text("kind");
    BytesKind::ALL.iter().find(|(name, _)| *name == word).map(|(_, kind)| *kind)
}

/// The layout that an argument carries.
pub fn layout_of<'a>(arguments: &'a BTreeMap<String, Argument>, name: &str) -> Option<&'a Arc<MessageLayout>> {
    match &arguments.get(name)?.expr {
        Expr::Layout(layout) => Some(layout),
        _ => None,
    }
}

/// Checks the fields that `arguments`, written at `node`, give for `layout`; whether nothing was wrong.
pub fn check_fields(
    layout: &MessageLayout,
    node: &Node,
    arguments: &BTreeMap<String, Argument>,
    held: &Held,
    sink: &mut Sink,
) -> bool {
    Fields { held, sink, sound: true }.table(layout, node, arguments)
}

struct Fields<'f> {
    held: &'f Held,
    sink: &'f mut Sink,
    sound: bool,
}

impl Fields<'_> {
    fn table(&mut self, layout: &MessageLayout, node: &Node, arguments: &BTreeMap<String, Argument>) -> bool {
        for entry in node.entries().iter().filter(|entry| !RESERVED.contains(&entry.key.as_str())) {
            match (layout.field(&entry.key), arguments.get(&entry.key)) {
                (None, _) => {
                    let hint = did_you_mean(&entry.key, layout.fields.iter().map(|field| field.name.as_str()));
                    let message = format!("`{}` has no field `{}`", layout.name, entry.key);
                    self.push(error(Code::UNKNOWN_ARGUMENT, &entry.key_span, message).maybe_hint(hint));
                }
                (Some(LayoutField { form: Form::Constant(_), .. }), _) => {
                    let message = format!("`{}` is a constant of `{}`", entry.key, layout.name);
                    let found = error(Code::UNKNOWN_ARGUMENT, &entry.key_span, message);
                    self.push(found.hint("leave it out: it is written by itself"));
                }
                (Some(field), Some(argument)) => self.field(field, &entry.value, argument),
                // A name in it could not be looked up, which is reported.
                (Some(_), None) => {}
            }
        }
        for field in &layout.fields {
            if !matches!(field.form, Form::Constant(_)) && node.find(&field.name).is_none() {
                let message = format!("`{}` needs `{}`", layout.name, field.name);
                let what = if field.meaning.is_empty() { String::new() } else { format!(": {}", field.meaning) };
                let hint = format!("it is {}{what}", needed(&field.form));
                self.push(error(Code::MISSING_ARGUMENT, &node.span, message).hint(hint));
            }
        }
        self.sound
    }

    fn push(&mut self, found: crate::diag::Diagnostic) {
        self.sound = false;
        self.sink.push(found);
    }

    fn field(&mut self, field: &LayoutField, node: &Node, argument: &Argument) {
        let fits = match (&field.form, &argument.expr) {
            (Form::Unsigned(integer), Expr::Number(number)) => return self.number(field, *integer, *number, node),
            (Form::Enumeration { values, .. }, Expr::Number(number)) => {
                let is_known = values.iter().any(|value| i64::try_from(value.number) == Ok(*number));
                return self.one_of(field, values, &number.to_string(), is_known, node);
            }
            (Form::Enumeration { values, .. }, Expr::Template(parts)) => match &parts[..] {
                [Part::Literal(text)] => {
                    let is_known = values.iter().any(|value| value.name == *text);
                    return self.one_of(field, values, text, is_known, node);
                }
                _ => true,
            },
            (Form::Flags { flags, .. }, Expr::List(_)) => return self.flags(field, flags, node),
            (Form::Nested { layout, .. }, Expr::Table(inner)) => {
                self.table(layout, node, inner);
                return;
            }
            (form, Expr::Number(_) | Expr::Reference(_) | Expr::Template(_)) => {
                expression_kind(&argument.expr, self.held).is_none_or(|kind| is_accepted(form, kind))
            }
            (_, Expr::Boolean(_) | Expr::Layout(_) | Expr::List(_) | Expr::Table(_)) => false,
        };
        if !fits {
            let written = expression_kind(&argument.expr, self.held).map_or(node.type_name(), ArtifactKind::title);
            let message = format!("`{}` is {}, expected {}", field.name, with_article(written), needed(&field.form));
            let found = error(Code::WRONG_TYPE, &node.span, message);
            let is_text = matches!(field.form, Form::Bytes { .. }) && written == ArtifactKind::Text.title();
            self.push(if is_text { found.hint("make bytes of it with the operation `decode`") } else { found });
        }
    }

    fn number(&mut self, field: &LayoutField, integer: Integer, number: i64, node: &Node) {
        if u64::try_from(number).is_ok_and(|number| number <= integer.max()) {
            return;
        }
        let plural = if integer.size == 1 { "" } else { "s" };
        let message = format!("{number} does not fit `{}`, which has {} byte{plural}", field.name, integer.size);
        self.push(error(Code::INVALID_VALUE, &node.span, message).hint(format!("0 to {} do", integer.max())));
    }

    fn one_of(&mut self, field: &LayoutField, values: &[Named], text: &str, is_known: bool, node: &Node) {
        if !is_known {
            let names = || values.iter().map(|value| value.name.as_str());
            let all =
                || format!("its values are {}", names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "));
            let hint = did_you_mean(text, names()).unwrap_or_else(all);
            let message = format!("`{}` cannot be `{text}`", field.name);
            self.push(error(Code::INVALID_VALUE, &node.span, message).hint(hint));
        }
    }

    fn flags(&mut self, field: &LayoutField, flags: &[Named], node: &Node) {
        for item in node.items() {
            if let Some(text) = item.as_text() {
                self.one_of(field, flags, text, flags.iter().any(|flag| flag.name == text), item);
            } else {
                let message = format!("a flag is {}, expected text", item.type_name());
                self.push(error(Code::WRONG_TYPE, &item.span, message));
            }
        }
    }
}

fn with_article(what: &str) -> String {
    match what {
        "bytes" | "text" | "true or false" => what.to_owned(),
        _ if what.starts_with("a ") => what.to_owned(),
        _ => format!("a {what}"),
    }
}

/// The kind of the field that `path` leads to in a message whose arguments are known: `Err` with the names that there
/// are where it leads nowhere, `Ok(None)` where only the run can tell.
pub fn field_kind(
    layout: &MessageLayout,
    path: &str,
    arguments: &BTreeMap<String, Argument>,
    held: &Held,
) -> Result<Option<ArtifactKind>, Vec<String>> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let names = || layout.fields.iter().map(|field| field.name.clone()).collect::<Vec<_>>();
    let field = layout.field(name).ok_or_else(names)?;
    let argument = arguments.get(name);
    match (&field.form, rest) {
        (Form::Nested { layout, .. }, Some(rest)) => {
            let none = BTreeMap::new();
            let inner = match argument.map(|argument| &argument.expr) {
                Some(Expr::Table(inner)) => inner,
                // What is in there was looked at when it was made.
                Some(_) => return inner_kind(layout, rest),
                None => &none,
            };
            field_kind(layout, rest, inner, held).map_err(|names| prefixed(name, names))
        }
        (Form::Flags { flags, .. }, Some(rest)) => {
            let is_known = flags.iter().any(|flag| flag.name == rest);
            let all = || flags.iter().map(|flag| format!("{name}.{}", flag.name)).collect();
            if is_known { Ok(Some(ArtifactKind::Text)) } else { Err(all()) }
        }
        (_, Some(_)) => Err(names()),
        (form, None) => {
            let sent = argument.map(|argument| expression_kind(&argument.expr, held));
            // A kind that is not known yet may be any that the field takes.
            let is_open = sent == Some(None) && matches!(form, Form::Bytes { .. } | Form::Text(_));
            Ok((!is_open).then(|| decoded_kind(form, sent.flatten())))
        }
    }
}

/// The kind of a field of a nested layout whose values are not written out; text and bytes keep any that they have.
fn inner_kind(layout: &MessageLayout, path: &str) -> Result<Option<ArtifactKind>, Vec<String>> {
    let kind = field_kind(layout, path, &BTreeMap::new(), &Held::new())?;
    Ok(kind.filter(|kind| matches!(kind, ArtifactKind::Members | ArtifactKind::Number)))
}

fn prefixed(name: &str, names: Vec<String>) -> Vec<String> {
    names.into_iter().map(|inner| format!("{name}.{inner}")).collect()
}
