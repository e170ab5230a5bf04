//! Values → bytes, each explained.

use super::super::writer::{Writer, shown};
use super::super::{Encoded, Malformed, count_bytes, ensure};
use super::{Extent, Form, Integer, Item, Items, LayoutField, MessageLayout, Named, decode};

/// Writes the fields of `layout`; constants need no value. The error says which value does not fit its field.
pub fn encode(layout: &MessageLayout, items: &Items) -> Result<Encoded, Malformed> {
    let mut writer = Writer::default();
    write(&mut writer, "", layout, items).map_err(|malformed| malformed.inside(&layout.name))?;
    let encoded = writer.finish();
    ensure(!encoded.bytes.is_empty(), || format!("`{}` would have no bytes", layout.name))?;
    Ok(encoded)
}

fn write(writer: &mut Writer, path: &str, layout: &MessageLayout, items: &Items) -> Result<(), Malformed> {
    layout.fields.iter().try_for_each(|field| {
        let name = format!("{path}{}", field.name);
        write_field(writer, &name, field, items.get(&field.name)).map_err(|malformed| malformed.inside(&field.name))
    })
}

fn write_field(writer: &mut Writer, name: &str, field: &LayoutField, item: Option<&Item>) -> Result<(), Malformed> {
    if let Form::Constant(constant) = &field.form {
        ensure(item.is_none_or(|item| *item == constant.item()), || format!("it is always {}", constant.words()))?;
        writer.field(name, &constant.bytes(), meant(constant.words(), &field.meaning));
        return Ok(());
    }
    let item = item.ok_or_else(|| Malformed::new("it has no value"))?;
    match (&field.form, item) {
        (Form::Bytes { extent, .. }, Item::Bytes(bytes)) => {
            write_bytes(writer, name, *extent, bytes, meant(shown(bytes), &field.meaning))
        }
        (Form::Enumeration { number, values }, item) => {
            let value = enumerated(values, item)?;
            let words = described(&format!("{} = {}", value.number, value.name), &value.meaning);
            writer.field(name, &number.write(value.number), meant(words, &field.meaning));
            Ok(())
        }
        (Form::Flags { number, flags }, item) => {
            let bits = flagged(flags, item)?;
            writer.field(name, &number.write(bits), meant(flag_words(*number, flags, bits), &field.meaning));
            Ok(())
        }
        (Form::Nested { layout, prefix }, item) => write_nested(writer, name, layout, *prefix, item),
        (Form::Text(extent), Item::Text(text)) => write_text(writer, name, *extent, text, &field.meaning),
        (Form::Unsigned(integer), Item::Number(number)) => {
            fits(*integer, *number)?;
            writer.field(name, &integer.write(*number), meant(number.to_string(), &field.meaning));
            Ok(())
        }
        (Form::Bytes { .. }, _) => Err(Malformed::new("bytes are needed")),
        (Form::Text(_), _) => Err(Malformed::new("text is needed")),
        (Form::Unsigned(_), _) => Err(Malformed::new("a number is needed")),
        (Form::Constant(_), _) => unreachable!("constants are written above"),
    }
}

fn write_bytes(writer: &mut Writer, name: &str, extent: Extent, bytes: &[u8], words: String) -> Result<(), Malformed> {
    match extent {
        Extent::Fixed(size) => ensure(bytes.len() == size, || {
            format!("it has {}, the layout has room for {size}", count_bytes(bytes.len()))
        })?,
        Extent::Prefixed(prefix) => write_length(writer, name, prefix, bytes.len())?,
        Extent::Rest => {}
    }
    writer.field(name, bytes, words);
    Ok(())
}

fn write_length(writer: &mut Writer, name: &str, prefix: Integer, length: usize) -> Result<(), Malformed> {
    let number = u64::try_from(length).unwrap_or(u64::MAX);
    ensure(number <= prefix.max(), || {
        format!("it has {length} bytes, a length of {} can say {} at most", count_bytes(prefix.size), prefix.max())
    })?;
    writer.field(format!("{name} length"), &prefix.write(number), count_bytes(length));
    Ok(())
}

/// Text of a fixed length is filled up with zero bytes, so that it cannot have any itself.
fn write_text(writer: &mut Writer, name: &str, extent: Extent, text: &str, meaning: &str) -> Result<(), Malformed> {
    let Extent::Fixed(size) = extent else {
        return write_bytes(writer, name, extent, text.as_bytes(), meant(text.to_owned(), meaning));
    };
    ensure(!text.contains('\0'), || "text of a fixed length has no zero bytes".to_owned())?;
    ensure(text.len() <= size, || format!("it has {}, the layout has room for {size}", count_bytes(text.len())))?;
    writer.field(name, text.as_bytes(), meant(text.to_owned(), meaning));
    writer.field(format!("{name} padding"), &vec![0; size - text.len()], format!("zero bytes up to {size}"));
    Ok(())
}

fn write_nested(
    writer: &mut Writer,
    name: &str,
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
    let path = format!("{name}.");
    if let Some(prefix) = prefix {
        // Written twice: the length stands before what it counts.
        let mut inner = Writer::default();
        write(&mut inner, &path, layout, items)?;
        write_length(writer, name, prefix, inner.finish().bytes.len())?;
    }
    write(writer, &path, layout, items)
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
