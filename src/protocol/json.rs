//! Explains the members of JSON text (RFC 8259).

use super::content;
use crate::annotation::{Field, Kind, LONGEST_PLAIN};

/// Explains the text of an object or an array: each string, number and word is a field called by its path, and what
/// stands between them is text. `None` where it is no such text.
#[must_use]
pub fn describe(text: &str) -> Option<Vec<Field>> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let mut scanner = Scanner { text, at: 0, between: 0, fields: Vec::new() };
    scanner.value("", DEEPEST)?;
    (scanner.at == text.len()).then(|| scanner.finish())
}

/// Nesting of real messages stays below 8; more would only cost stack.
const DEEPEST: usize = 32;

/// Longest path, in characters; every value has one, and a long name must not be there once for each of them.
const LONGEST_PATH: usize = 120;

/// The path of what is called `name` within `path`, its middle left out where it is long.
fn below(path: &str, name: &str) -> String {
    let whole = format!("{path}{name}");
    let n_chars = whole.chars().count();
    if n_chars <= LONGEST_PATH {
        return whole;
    }
    let half = LONGEST_PATH / 2;
    whole.chars().take(half).chain(['…']).chain(whole.chars().skip(n_chars - half)).collect()
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    /// Where the punctuation before the next value began.
    between: usize,
    fields: Vec<Field>,
}

impl<'t> Scanner<'t> {
    fn value(&mut self, path: &str, depth: usize) -> Option<()> {
        self.white_space();
        let depth = depth.checked_sub(1)?;
        match self.rest().chars().next()? {
            '{' => self.items('}', |scanner, _| {
                let name: String = serde_json::from_str(scanner.string()?).ok()?;
                scanner.white_space();
                scanner.take(':')?;
                scanner.value(&below(path, &if path.is_empty() { name } else { format!(".{name}") }), depth)
            }),
            '[' => self.items(']', |scanner, index| scanner.value(&below(path, &format!("[{index}]")), depth)),
            '"' => {
                let start = self.at + 1;
                let value = serde_json::from_str(self.string()?).ok()?;
                self.leaf(path, start, self.at - 1, value);
                Some(())
            }
            _ => {
                let start = self.at;
                self.at += self.rest().find([',', ']', '}', ' ', '\t', '\r', '\n']).unwrap_or(self.rest().len());
                let word = &self.text[start..self.at];
                serde_json::from_str::<serde_json::Value>(word).ok()?;
                self.leaf(path, start, self.at, word.to_owned());
                Some(())
            }
        }
    }

    /// Members or elements up to `end`, each read by `item`.
    fn items(&mut self, end: char, mut item: impl FnMut(&mut Self, usize) -> Option<()>) -> Option<()> {
        self.at += 1;
        self.white_space();
        if self.take(end).is_some() {
            return Some(());
        }
        for index in 0.. {
            self.white_space();
            item(self, index)?;
            self.white_space();
            if self.take(',').is_none() {
                break;
            }
        }
        self.take(end)
    }

    /// A string with its quotation marks and escapes.
    fn string(&mut self) -> Option<&'t str> {
        let start = self.at;
        self.take('"')?;
        let mut is_escaped = false;
        let end = self.rest().bytes().position(|byte| {
            let ends = byte == b'"' && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            ends
        })?;
        self.at += end + 1;
        Some(&self.text[start..self.at])
    }

    fn leaf(&mut self, path: &str, start: usize, end: usize, value: String) {
        if start == end {
            return;
        }
        self.punctuation(start);
        let name = if path.is_empty() { "value" } else { path };
        let is_escaped = value != self.text[start..end];
        self.fields.push(if is_escaped && end - start > LONGEST_PLAIN {
            let layer = content::layer("text", value.into_bytes());
            Field::new(name, start..end, "escaped text").decoding_to(layer)
        } else {
            Field::new(name, start..end, value)
        });
        self.between = end;
    }

    fn punctuation(&mut self, end: usize) {
        if self.between < end {
            let text = &self.text[self.between..end];
            self.fields.push(Field::new("JSON", self.between..end, text).of(Kind::Text));
        }
    }

    fn finish(mut self) -> Vec<Field> {
        self.punctuation(self.text.len());
        self.fields
    }

    fn white_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    }

    fn take(&mut self, c: char) -> Option<()> {
        self.rest().starts_with(c).then(|| self.at += 1)
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::Inside;
    use crate::protocol::testing::assert_explained;
    use proptest::prelude::*;

    #[test]
    fn members_are_called_by_their_paths() {
        let text = r#"{"a":{"b":["x\"",12]}, "c" : null,"d":"","e":[]}"#;
        let fields = describe(text).unwrap();
        assert_explained(text.as_bytes(), &fields);
        let values: Vec<_> = fields.iter().map(|field| (field.name.as_str(), field.value.as_str())).collect();
        let expected = [
            ("JSON", r#"{"a":{"b":[""#),
            ("a.b[0]", "x\""),
            ("JSON", "\","),
            ("a.b[1]", "12"),
            ("JSON", r#"]}, "c" : "#),
            ("c", "null"),
            ("JSON", r#","d":"","e":[]}"#),
        ];
        assert_eq!(values, expected);
    }

    #[test]
    fn escaped_text_is_decoded() {
        let inner = r#"{"words":"the quick brown fox"}"#;
        let text = serde_json::json!({ "text": inner }).to_string();
        let fields = describe(&text).unwrap();
        let Inside::Decoded(layer) = &fields[1].inside else { panic!("{fields:?}") };
        assert_eq!(layer.bytes.0, inner.as_bytes());
        assert_eq!(layer.fields()[1].name, "words");
    }

    #[test]
    fn a_long_name_is_not_there_once_for_every_value_in_it() {
        let text = format!("{{\"{}\":[{}1]}}", "n".repeat(50_000), "1,".repeat(10_000));
        let fields = describe(&text).unwrap();
        assert_explained(text.as_bytes(), &fields);
        let names: usize = fields.iter().map(|field| field.name.len()).sum();
        assert!(names < 3_000_000, "{names}");
        assert!(fields[3].name.starts_with("nnn") && fields[3].name.ends_with("nnn[1]"), "{}", fields[3].name);
    }

    #[test]
    fn other_text_is_not_explained() {
        for text in ["", "x", "\"x\"", "{", "{}x", r#"{"a"}"#, r#"{"a":}"#, "[1,]", "[wrong]", &"[".repeat(100)] {
            assert!(describe(text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_serde_writes_is_explained(values in prop::collection::btree_map(".{0,6}", ".{0,9}", 0..5)) {
            let text = serde_json::json!({ "values": values, "n": [1, -2.5, true] }).to_string();
            assert_explained(text.as_bytes(), &describe(&text).unwrap());
        }

        #[test]
        fn no_text_makes_the_scanner_panic(text in r#"[{\["a:,\\é1 \]}]{0,30}"#) {
            if let Some(fields) = describe(&text) {
                assert_explained(text.as_bytes(), &fields);
            }
        }
    }
}
