//! JSON in its canonical form (RFC 8785), without fractions: what is hashed or signed has one spelling only.

use serde_json::Value;

/// Largest whole number that every reader of JSON keeps exactly (RFC 8785, appendix D).
const MAX_SAFE: u64 = (1 << 53) - 1;

/// `value` in canonical form; `None` where it has a number that is no whole one or exceeds 2⁵³ − 1.
pub fn encode(value: &Value) -> Option<String> {
    let mut text = String::new();
    write(value, &mut text)?;
    Some(text)
}

fn write(value: &Value, text: &mut String) -> Option<()> {
    match value {
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(index, text);
                write(item, text)?;
            }
            text.push(']');
        }
        Value::Object(members) => {
            // RFC 8785, section 3.2.3: by UTF-16 code units, which is not the order of code points.
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            text.push('{');
            for (index, (name, member)) in sorted.into_iter().enumerate() {
                separate(index, text);
                write_text(name, text);
                text.push(':');
                write(member, text)?;
            }
            text.push('}');
        }
        Value::Number(number) => {
            let is_safe = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs))? <= MAX_SAFE;
            text.push_str(&is_safe.then(|| number.to_string())?);
        }
        Value::String(string) => write_text(string, text),
        Value::Bool(_) | Value::Null => text.push_str(&value.to_string()),
    }
    Some(())
}

fn separate(index: usize, text: &mut String) {
    if index > 0 {
        text.push(',');
    }
}

/// RFC 8785, section 3.2.2.2: what must be escaped is, by the short form where there is one; nothing else is.
fn write_text(string: &str, text: &mut String) {
    text.push('"');
    for c in string.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\u{8}' => text.push_str("\\b"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\u{c}' => text.push_str("\\f"),
            '\r' => text.push_str("\\r"),
            // Below U+0020, two digits suffice.
            '\0'..='\u{1f}' => text.extend(["\\u00", &hex::encode([u8::try_from(c).unwrap_or_default()])]),
            _ => text.push(c),
        }
    }
    text.push('"');
}
