//! Bytes → values; whatever is wrong is said with the field and the byte at which it begins.

use super::super::{Malformed, count_bytes, ensure};
use super::encode::known;
use super::{Extent, Form, Integer, Item, Items, LayoutField, MessageLayout, Named};

/// Reads the fields of `layout`.
pub fn decode(layout: &MessageLayout, bytes: &[u8]) -> Result<Items, Malformed> {
    let mut cursor = Cursor { bytes, at: 0, end: bytes.len() };
    let items = read(&mut cursor, "", layout).and_then(|items| cursor.finish(&layout.name).map(|()| items));
    items.map_err(|malformed| malformed.inside(&layout.name))
}

/// A place in a message, up to the end of what is being read.
struct Cursor<'b> {
    bytes: &'b [u8],
    at: usize,
    end: usize,
}

impl<'b> Cursor<'b> {
    fn left(&self) -> usize {
        self.end - self.at
    }

    /// The next `length` bytes, which belong to `name`.
    fn take(&mut self, name: &str, length: usize) -> Result<&'b [u8], Malformed> {
        let left = self.left();
        ensure(length <= left, || {
            let verb = if left == 1 { "is" } else { "are" };
            format!("{} needs {}, {left} {verb} left", place(name, self.at), count_bytes(length))
        })?;
        self.at += length;
        Ok(&self.bytes[self.at - length..self.at])
    }

    fn number(&mut self, name: &str, integer: Integer) -> Result<u64, Malformed> {
        Ok(integer.read(self.take(name, integer.size)?))
    }

    fn length(&mut self, name: &str, prefix: Integer) -> Result<usize, Malformed> {
        let number = self.number(&format!("{name} length"), prefix)?;
        // A length that is out of range is more than what is left.
        Ok(usize::try_from(number).unwrap_or(usize::MAX))
    }

    fn extent(&mut self, name: &str, extent: Extent) -> Result<&'b [u8], Malformed> {
        let length = match extent {
            Extent::Fixed(size) => size,
            Extent::Prefixed(prefix) => self.length(name, prefix)?,
            Extent::Rest => self.left(),
        };
        self.take(name, length)
    }

    fn finish(&self, name: &str) -> Result<(), Malformed> {
        let left = self.left();
        ensure(left == 0, || format!("`{name}` ends at byte {}, after it {}", self.at, more(left)))
    }
}

fn more(left: usize) -> String {
    if left == 1 { "there is 1 byte more".to_owned() } else { format!("there are {left} bytes more") }
}

fn place(name: &str, at: usize) -> String {
    format!("`{name}` at byte {at}")
}

fn read(cursor: &mut Cursor<'_>, path: &str, layout: &MessageLayout) -> Result<Items, Malformed> {
    let read_one = |field: &LayoutField| {
        let name = format!("{path}{}", field.name);
        Ok((field.name.clone(), read_field(cursor, &name, &field.form)?))
    };
    layout.fields.iter().map(read_one).collect()
}

fn read_field(cursor: &mut Cursor<'_>, name: &str, form: &Form) -> Result<Item, Malformed> {
    let at = cursor.at;
    match form {
        Form::Bytes { extent, .. } => cursor.extent(name, *extent).map(|bytes| Item::Bytes(bytes.to_vec())),
        Form::Constant(constant) => {
            let expected = constant.bytes();
            let found = cursor.take(name, expected.len())?;
            ensure(found == expected, || {
                format!("{} is {}, always {}", place(name, at), hex::encode(found), hex::encode(&expected))
            })?;
            Ok(constant.item())
        }
        Form::Enumeration { number, values } => {
            let number = cursor.number(name, *number)?;
            let found = values.iter().find(|value| value.number == number);
            let unknown = || Malformed::new(format!("{} is {number}, none of {}", place(name, at), known(values)));
            found.map(|value| Item::Text(value.name.clone())).ok_or_else(unknown)
        }
        Form::Flags { number, flags } => flags_of(cursor.number(name, *number)?, flags, &place(name, at)),
        Form::Nested { layout, prefix } => read_nested(cursor, name, layout, *prefix).map(Item::Members),
        Form::Text(extent) => {
            let bytes = cursor.extent(name, *extent)?;
            text(bytes, *extent, &place(name, cursor.at - bytes.len())).map(Item::Text)
        }
        Form::Unsigned(integer) => {
            let number = cursor.number(name, *integer)?;
            ensure(number <= integer.max(), || {
                format!("{} is {number}, numbers end at {}", place(name, at), integer.max())
            })?;
            Ok(Item::Number(number))
        }
    }
}

fn read_nested(
    cursor: &mut Cursor<'_>,
    name: &str,
    layout: &MessageLayout,
    prefix: Option<Integer>,
) -> Result<Items, Malformed> {
    let path = format!("{name}.");
    let Some(prefix) = prefix else { return read(cursor, &path, layout) };
    let length = cursor.length(name, prefix)?;
    let at = cursor.at;
    cursor.take(name, length)?;
    let mut inner = Cursor { bytes: cursor.bytes, at, end: cursor.at };
    let items = read(&mut inner, &path, layout)?;
    inner.finish(name)?;
    Ok(items)
}

fn flags_of(bits: u64, flags: &[Named], place: &str) -> Result<Item, Malformed> {
    let all = flags.iter().fold(0, |all, flag| all | 1 << flag.number);
    let strange = bits & !all;
    ensure(strange == 0, || format!("{place} sets bit {}, which no flag names", strange.trailing_zeros()))?;
    let item = |flag: &Named| (flag.name.clone(), Item::Text((bits >> flag.number & 1 == 1).to_string()));
    Ok(Item::Members(flags.iter().map(item).collect()))
}

fn text(bytes: &[u8], extent: Extent, place: &str) -> Result<String, Malformed> {
    let content = match extent {
        Extent::Fixed(_) => {
            let length = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
            &bytes[..length]
        }
        Extent::Prefixed(_) | Extent::Rest => bytes,
    };
    let is_padded = matches!(extent, Extent::Fixed(_));
    ensure(!(is_padded && content.contains(&0)), || format!("{place} goes on after a zero byte"))?;
    let text = str::from_utf8(content).map_err(|error| Malformed::new(format!("{place} is no UTF-8: {error}")))?;
    Ok(text.to_owned())
}
