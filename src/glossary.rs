//! `data/glossary.toml` → [`Glossary`]: terms of the field, and where they stand in a text.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::diag::{Code, Sink, error};
use crate::document::{self, Node};
use crate::grammar::{ID, Key, LINE, PROSE, Shape, check, check_id, optional, required};
use crate::source::{Sources, Span};

/// Where the terms are.
pub const PATH: &str = "data/glossary.toml";
/// The edition of the format.
const EDITION: i64 = 1;
/// A glossary with more terms is a dictionary.
const MOST: usize = 1000;

/// Terms of the field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Glossary {
    /// The terms, in the order of the file.
    pub terms: Vec<Term>,
    /// What is linked to a term, by its first letter in lower case, long spellings first.
    spellings: BTreeMap<char, Vec<(String, usize)>>,
}

/// A term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Id.
    pub id: String,
    /// The term.
    pub name: String,
    /// Other spellings.
    pub also: Vec<String>,
    /// What it means.
    pub text: String,
    /// Where that is written; empty for a word of our own.
    pub source: String,
}

const TERM: &[Key] = &[
    required("id", ID, "id of the term"),
    required("name", LINE, "the term"),
    optional("also", Shape::List(&LINE), "other spellings, plurals and abbreviations"),
    required("text", PROSE, "what it means, in a sentence or two"),
    optional("source", LINE, "where that is written"),
    optional("linked", Shape::Boolean, "whether texts link to it where it first occurs; `false` for everyday words"),
];

/// Keys of the file.
pub const GLOSSARY: &[Key] = &[
    required("edition", Shape::Number(1, EDITION), "edition of the format"),
    required("term", Shape::List(&Shape::Table(TERM)), "the terms"),
];

/// Reads the terms; none where the file is missing or wrong.
pub fn parse(sources: &Sources, sink: &mut Sink) -> Glossary {
    let Some(text) = sources.text(PATH) else { return Glossary::default() };
    let path: Arc<str> = PATH.into();
    let Some(mut node) = document::parse(&path, text, sink) else { return Glossary::default() };
    node.span = Span::new(&path, 0..text.find('\n').unwrap_or(text.len()));
    if !check(&node, &Shape::Table(GLOSSARY), "the glossary", sink) {
        return Glossary::default();
    }
    let written = node.find("term").map(Node::items).unwrap_or_default();
    if let Some(one_more) = written.get(MOST) {
        sink.error(Code::INVALID_VALUE, &one_more.span, format!("there are more than {MOST} terms"));
        return Glossary::default();
    }
    let mut glossary = Glossary::default();
    for node in written {
        glossary.add(node, sink);
    }
    for spellings in glossary.spellings.values_mut() {
        spellings.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    }
    glossary
}

impl Glossary {
    fn add(&mut self, node: &Node, sink: &mut Sink) {
        let (id, index) = (node.text("id"), self.terms.len());
        let id_span = node.find("id").map_or(&node.span, |id| &id.span);
        if !check_id(id, id_span, sink) {
            return;
        }
        if self.terms.iter().any(|term| term.id == id) {
            sink.error(Code::DUPLICATE_NAME, id_span, format!("a term is called `{id}` already"));
            return;
        }
        let is_linked = node.find("linked").and_then(Node::as_boolean).unwrap_or(true);
        let also = node.find("also").map(Node::items).unwrap_or_default();
        for spelling in node.find("name").into_iter().chain(also).filter(|_| is_linked) {
            self.spell(spelling, index, sink);
        }
        self.terms.push(Term {
            id: id.to_owned(),
            name: node.text("name").to_owned(),
            also: node.texts("also"),
            text: node.text("text").to_owned(),
            source: node.text("source").to_owned(),
        });
    }

    fn spell(&mut self, node: &Node, index: usize, sink: &mut Sink) {
        let text = node.as_text().unwrap_or_default().trim();
        let Some(first) = text.chars().next() else { return };
        let spellings = self.spellings.entry(lower(first)).or_default();
        if spellings.iter().any(|(known, _)| known == text) {
            let found = error(Code::DUPLICATE_NAME, &node.span, format!("`{text}` stands for a term already"));
            sink.push(found.hint("give each spelling to one term, or say `linked = false`"));
            return;
        }
        spellings.push((text.to_owned(), index));
    }

    /// Where terms stand in `text`, as whole words: their places in bytes, and their indices. Of two that begin at the
    /// same place the longer one counts. A spelling that begins with a small letter may begin a sentence.
    pub fn find(&self, text: &str) -> Vec<(Range<usize>, usize)> {
        let mut found = Vec::new();
        let (mut end, mut before) = (0, ' ');
        for (at, letter) in text.char_indices() {
            if at >= end && !is_of_word(before) {
                let spellings = self.spellings.get(&lower(letter)).map(Vec::as_slice).unwrap_or_default();
                if let Some((spelling, index)) = spellings.iter().find(|(spelling, _)| begins(&text[at..], spelling)) {
                    end = at + spelling.len();
                    found.push((at..end, *index));
                }
            }
            before = letter;
        }
        found
    }
}

/// Whether `text` begins with `spelling` as a whole word.
fn begins(text: &str, spelling: &str) -> bool {
    let (mut letters, mut wanted) = (text.chars(), spelling.chars());
    let (Some(letter), Some(first)) = (letters.next(), wanted.next()) else { return false };
    let is_first =
        letter == first || (first.is_lowercase() && lower(letter) == first && letter.len_utf8() == first.len_utf8());
    let rest = letters.as_str();
    is_first
        && rest.starts_with(wanted.as_str())
        && !rest[wanted.as_str().len()..].chars().next().is_some_and(is_of_word)
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '-'
}

fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Origin;

    fn glossary(terms: &str) -> Glossary {
        let mut sources = Sources::default();
        sources.insert(PATH, format!("edition = 1\n{terms}").into_bytes(), Origin::Project);
        let mut sink = Sink::default();
        let glossary = parse(&sources, &mut sink);
        assert!(!sink.has_errors(), "{sink:?}");
        glossary
    }

    const TERMS: &str = "[[term]]\nid = \"voucher\"\nname = \"voucher\"\nalso = [\"vouchers\", \"voucher request\"]\ntext = \"t\"\n\
                         [[term]]\nid = \"tls\"\nname = \"TLS\"\ntext = \"t\"\n\
                         [[term]]\nid = \"key\"\nname = \"key\"\ntext = \"t\"\nlinked = false\n";

    #[test]
    fn terms_are_found_as_whole_words_and_the_longest_counts() {
        let glossary = glossary(TERMS);
        let found = |text: &str| -> Vec<String> {
            glossary
                .find(text)
                .into_iter()
                .map(|(range, index)| format!("{}={}", &text[range], glossary.terms[index].id))
                .collect()
        };
        assert_eq!(
            found("Vouchers, and a voucher request over TLS."),
            ["Vouchers=voucher", "voucher request=voucher", "TLS=tls"]
        );
        assert_eq!(found("voucherless pre-voucher voucher-like tls DTLS key"), [""; 0], "parts of words are none");
        assert_eq!(found("„voucher“ é voucher"), ["voucher=voucher", "voucher=voucher"]);
    }
}
