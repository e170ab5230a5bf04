//! Values → bytes, each explained.

use super::super::writer::shown;
use super::super::{Encoded, Malformed, count_bytes, ensure};
use super::{BytesKind, Extent, Form, Integer, Item, Items, LayoutField, MessageLayout, Named, decode};
use crate::annotation::{Field, Kind};

/// Writes the fields of `layout`; constants need no value. The error says which value does not fit its field.
pub fn encode(layout: &MessageLayout, items: &Items) -> Result<Encoded, Malformed> {
    let mut pen = Pen::default();
    write(&mut pen, layout, items).map_err(|malformed| malformed.inside(&layout.name))?;
    ensure(!pen.bytes.is_empty(), || format!("`{}` would have no bytes", layout.name))?;
    Ok(Encoded { bytes: pen.bytes, fields: pen.fields })
}

/// A message being written.
#[derive(Default)]
struct Pen {
    bytes: Vec<u8>,
    fields: Vec<Field>,
}

impl Pen {
    /// Appends `bytes` of this kind; nothing happens where there are none.
    fn field(&mut self, name: &str, bytes: &[u8], words: String, kind: Kind) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        if !bytes.is_empty() {
            self.fields.push(Field::new(name, start..self.bytes.len(), words).of(kind));
        }
    }

    /// Appends what `inner` has written, as the fields of one.
    fn group(&mut self, name: &str, inner: Self, meaning: &str) {
        let start = self.bytes.len();
        self.bytes.extend(inner.bytes);
        if !inner.fields.is_empty() {
            let fields = inner.fields.into_iter().map(|field| field.shifted(start)).collect();
            self.fields.push(Field::new(name, start..self.bytes.len(), meaning).with_fields(fields));
        }
    }
}

fn write(pen: &mut Pen, layout: &MessageLayout, items: &Items) -> Result<(), Malformed> {
    layout.fields.iter().try_for_each(|field| {
        write_field(pen, field, items.get(&field.name)).map_err(|malformed| malformed.inside(&field.name))
    })
}

fn write_field(pen: &mut Pen, field: &LayoutField, item: Option<&Item>) -> Result<(), Malformed> {
    let (name, meaning) = (&field.name, &field.meaning);
    if let Form::Constant(constant) = &field.form {
        ensure(item.is_none_or(|item| *item == constant.item()), || format!("it is always {}", constant.words()))?;
        pen.field(name, &constant.bytes(), meant(constant.words(), meaning), Kind::Plain);
        return Ok(());
    }
    let item = item.ok_or_else(|| Malformed::new("it has no value"))?;
    match (&field.form, item) {
        (Form::Bytes { extent, kind }, Item::Bytes(bytes)) => {
            write_bytes(pen, name, *extent, bytes, meant(shown(bytes), meaning), annotated(*kind))
        }
        (Form::Enumeration { number, values }, item) => {
            let value = enumerated(values, item)?;
            let words = described(&format!("{} = {}", value.number, value.name), &value.meaning);
            pen.field(name, &number.write(value.number), meant(words, meaning), Kind::Plain);
            Ok(())
        }
        (Form::Flags { number, flags }, item) => {
            let bits = flagged(flags, item)?;
            pen.field(name, &number.write(bits), meant(flag_words(*number, flags, bits), meaning), Kind::Plain);
            Ok(())
        }
        (Form::Nested { layout, prefix }, item) => write_nested(pen, field, layout, *prefix, item),
        (Form::Text(extent), Item::Text(text)) => write_text(pen, name, *extent, text, meaning),
        (Form::Unsigned(integer), Item::Number(number)) => {
            fits(*integer, *number)?;
            pen.field(name, &integer.write(*number), meant(number.to_string(), meaning), Kind::Plain);
            Ok(())
        }
        (Form::Bytes { .. }, _) => Err(Malformed::new("bytes are needed")),
        (Form::Text(_), _) => Err(Malformed::new("text is needed")),
        (Form::Unsigned(_), _) => Err(Malformed::new("a number is needed")),
        (Form::Constant(_), _) => unreachable!("constants are written above"),
    }
}

fn annotated(kind: Option<BytesKind>) -> Kind {
    match kind {
        Some(BytesKind::Ciphertext) => Kind::Ciphertext,
        Some(BytesKind::Digest | BytesKind::Mac) => Kind::Digest,
        Some(BytesKind::Key | BytesKind::PublicKey) => Kind::Key,
        Some(BytesKind::Random) => Kind::Random,
        Some(BytesKind::Signature) => Kind::Signature,
        Some(BytesKind::Identifier) | None => Kind::Plain,
    }
}

fn write_bytes(
    pen: &mut Pen,
    name: &str,
    extent: Extent,
    bytes: &[u8],
    words: String,
    kind: Kind,
) -> Result<(), Malformed> {
    match extent {
        Extent::Fixed(size) => ensure(bytes.len() == size, || {
            format!("it has {}, the layout has room for {size}", count_bytes(bytes.len()))
        })?,
        Extent::Prefixed(prefix) => write_length(pen, name, prefix, bytes.len())?,
        Extent::Rest => {}
    }
    pen.field(name, bytes, words, kind);
    Ok(())
}

fn write_length(pen: &mut Pen, name: &str, prefix: Integer, length: usize) -> Result<(), Malformed> {
    let number = u64::try_from(length).unwrap_or(u64::MAX);
    ensure(number <= prefix.max(), || {
        format!("it has {length} bytes, a length of {} can say {} at most", count_bytes(prefix.size), prefix.max())
    })?;
    pen.field(&format!("{name} length"), &prefix.write(number), count_bytes(length), Kind::Plain);
    Ok(())
}

/// Text of a fixed length is filled up with zero bytes, so that it cannot have any itself.
fn write_text(pen: &mut Pen, name: &str, extent: Extent, text: &str, meaning: &str) -> Result<(), Malformed> {
    let Extent::Fixed(size) = extent else {
        return write_bytes(pen, name, extent, text.as_bytes(), meant(text.to_owned(), meaning), Kind::Text);
    };
    ensure(!text.contains('\0'), || "text of a fixed length has no zero bytes".to_owned())?;
    ensure(text.len() <= size, || format!("it has {}, the layout has room for {size}", count_bytes(text.len())))?;
    pen.field(name, text.as_bytes(), meant(text.to_owned(), meaning), Kind::Text);
    pen.field(
        &format!("{name} padding"),
        &vec![0; size - text.len()],
        format!("zero bytes up to {size}"),
        Kind::Padding,
    );
    Ok(())
}

fn write_nested(
    pen: &mut Pen,
    field: &LayoutField,
    layout: &MessageLayout,
    prefix: Option<Integer>,
    item: &Item,
) -> Result<(), Malformed> {
    let decoded;
    let items = match item {
        Item::Members(items) => items,
        Item::Bytes(bytes) => {
            decoded = decode(layout, bytes)?;
            &decoded
        }
        Item::Number(_) | Item::Text(_) => {
            return Err(Malformed::new(format!("fields of `{}`, or their bytes, are needed", layout.name)));
        }
    };
    let mut inner = Pen::default();
    write(&mut inner, layout, items)?;
    if let Some(prefix) = prefix {
        write_length(pen, &field.name, prefix, inner.bytes.len())?;
    }
    pen.group(&field.name, inner, &field.meaning);
    Ok(())
}

fn enumerated<'v>(values: &'v [Named], item: &Item) -> Result<&'v Named, Malformed> {
    let found = values.iter().find(|value| match item {
        Item::Number(number) => value.number == *number,
        Item::Text(name) => value.name == *name,
        Item::Bytes(_) | Item::Members(_) => false,
    });
    found.ok_or_else(|| Malformed::new(format!("it is none of {}", known(values))))
}

fn flagged(flags: &[Named], item: &Item) -> Result<u64, Malformed> {
    match item {
        Item::Number(number) => {
            let all = flags.iter().fold(0, |bits, flag| bits | 1 << flag.number);
            ensure(number & !all == 0, || "it sets bits that no flag names".to_owned())?;
            Ok(*number)
        }
        Item::Members(members) => members.iter().try_fold(0, |bits, (name, item)| {
            let flag = flags.iter().find(|flag| flag.name == *name);
            let flag = flag.ok_or_else(|| Malformed::new(format!("`{name}` is none of its flags")))?;
            Ok(if *item == Item::Text("true".to_owned()) { bits | 1 << flag.number } else { bits })
        }),
        Item::Bytes(_) | Item::Text(_) => Err(Malformed::new("the names of flags are needed")),
    }
}

fn flag_words(integer: Integer, flags: &[Named], bits: u64) -> String {
    let set: Vec<String> = flags
        .iter()
        .filter(|flag| bits >> flag.number & 1 == 1)
        .map(|flag| described(&flag.name, &flag.meaning))
        .collect();
    let names = if set.is_empty() { "none set".to_owned() } else { set.join(", ") };
    format!("0x{bits:0width$x} = {names}", width = 2 * integer.size)
}

fn fits(integer: Integer, number: u64) -> Result<(), Malformed> {
    ensure(number <= integer.max(), || {
        format!("{number} does not fit {}, at most {} does", count_bytes(integer.size), integer.max())
    })
}

/// The numbers and names of an enumeration, for messages.
pub(super) fn known(values: &[Named]) -> String {
    values.iter().map(|value| format!("{} ({})", value.number, value.name)).collect::<Vec<_>>().join(", ")
}

fn described(name: &str, meaning: &str) -> String {
    if meaning.is_empty() { name.to_owned() } else { format!("{name} ({meaning})") }
}

fn meant(words: String, meaning: &str) -> String {
    if meaning.is_empty() { words } else { format!("{words}; {meaning}") }
}
