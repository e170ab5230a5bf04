//! The index of words, in parts that a page loads as scripts when a reader searches: so it works from a disk as well.

use std::collections::BTreeMap;

use super::{Exporter, Output};
use crate::book::search::{Entry, entries};
use crate::diag::Sink;
use crate::edition::Edition;

/// Writes what can be found, and for each first letter the words that begin with it.
pub struct Search;

/// What a word in a title weighs against one in the text.
const TITLE: u32 = 12;
/// The same of the title of the page on which it stands.
const PAGE: u32 = 3;
/// Most that repetitions in the text count.
const REPEATED: u32 = 4;
/// Words that stand in more than this share of all entries tell nothing.
const COMMON: f64 = 0.3;

/// For each word the entries that have it, by index, with its weight there.
type Postings = BTreeMap<String, BTreeMap<usize, u32>>;

impl Exporter for Search {
    fn name(&self) -> &'static str {
        "search"
    }

    fn summary(&self) -> &'static str {
        "Writes the index of words that the search loads, a part for each first letter."
    }

    fn export(&self, edition: &Edition, _: &mut Sink) -> Vec<Output> {
        let entries = entries(&edition.book, &edition.project.content);
        let mut parts: BTreeMap<char, BTreeMap<&str, Vec<i64>>> = BTreeMap::new();
        let (postings, common) = postings(&entries);
        for (word, entries) in &postings {
            parts.entry(part_of(word)).or_default().insert(word, steps(entries));
        }
        let titles: Vec<_> = entries.iter().map(|entry| (&entry.title, &entry.path, &entry.page)).collect();
        let names: String = parts.keys().collect();
        let mut outputs = vec![Output::new("search/entries.js", call("entries", &(titles, names, common)))];
        let words = parts
            .iter()
            .map(|(part, words)| Output::new(format!("search/words-{part}.js"), call("words", &(part, words))));
        outputs.extend(words);
        outputs
    }
}

/// A script that hands `value` to the search of the page.
fn call(name: &str, value: &impl serde::Serialize) -> String {
    let value = serde_json::to_string(value).expect("titles and words serialise");
    format!("trustlaneSearch.{name}({value});\n")
}

/// The way from each entry to the next, from before the first; where it is negative, a weight follows, which is else 1.
/// Most weights are, and ways are shorter to write than entries.
fn steps(entries: &BTreeMap<usize, u32>) -> Vec<i64> {
    let (mut steps, mut before) = (Vec::new(), -1);
    for (entry, weight) in entries {
        let entry = i64::try_from(*entry).unwrap_or(i64::MAX);
        let step = entry - before;
        match weight {
            1 => steps.push(step),
            _ => steps.extend([-step, i64::from(*weight)]),
        }
        before = entry;
    }
    steps
}

/// The part of the index in which a word stands: its first letter or digit, or `_` for what is neither in ASCII.
fn part_of(word: &str) -> char {
    word.chars().next().filter(char::is_ascii_alphanumeric).unwrap_or('_')
}

/// The words that tell entries apart, and those that do not, so that a search passes over them.
fn postings(entries: &[Entry]) -> (Postings, Vec<String>) {
    let mut postings = Postings::new();
    for (index, entry) in entries.iter().enumerate() {
        let mut weights: BTreeMap<String, u32> = BTreeMap::new();
        for word in words(&entry.text) {
            let weight = weights.entry(word).or_default();
            *weight = (*weight + 1).min(REPEATED);
        }
        for (text, weight) in [(&entry.title, TITLE), (&entry.page, PAGE)] {
            for word in words(text) {
                *weights.entry(word).or_default() += weight;
            }
        }
        for (word, weight) in weights {
            postings.entry(word).or_default().insert(index, weight);
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a book has less entries than a float has digits")]
    let is_telling = |count: usize| count < 12 || (count as f64) < COMMON * entries.len() as f64;
    let (telling, common): (Postings, Postings) =
        postings.into_iter().partition(|(_, entries)| is_telling(entries.len()));
    (telling, common.into_keys().collect())
}

/// The words of `text` in lower case: letters and digits; those joined by hyphens also as one.
fn words(text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let is_joined = |c: char| c.is_alphanumeric() || c == '-';
    let mut words = Vec::new();
    for joined in text.split(|c| !is_joined(c)).map(|word| word.trim_matches('-')).filter(|word| !word.is_empty()) {
        let parts: Vec<&str> = joined.split('-').filter(|part| !part.is_empty()).collect();
        if parts.len() > 1 {
            words.push(joined.to_owned());
        }
        words.extend(parts.into_iter().map(str::to_owned));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(title: &str, text: &str) -> Entry {
        Entry { title: title.into(), page: "Page".into(), path: "a.html".into(), text: text.into() }
    }

    #[test]
    fn words_are_letters_and_digits_and_joined_ones_too() {
        assert_eq!(
            words("X.509: the x509-factory’s Schlüssel"),
            ["x", "509", "the", "x509-factory", "x509", "factory", "s", "schlüssel"]
        );
        assert_eq!(words("-- TLS-"), ["tls"]);
        assert_eq!([part_of("tls"), part_of("802"), part_of("ключ")], ['t', '8', '_']);
    }

    #[test]
    fn entries_are_written_as_the_way_between_them() {
        assert_eq!(steps(&BTreeMap::from([(0, 1), (4, 12), (5, 1)])), [1, -4, 12, 1]);
    }

    #[test]
    fn a_word_in_a_title_weighs_more_than_many_in_a_text() {
        let (found, _) =
            postings(&[entry("Voucher", ""), entry("Other", "voucher voucher voucher voucher voucher voucher")]);
        assert_eq!(found["voucher"], BTreeMap::from([(0, TITLE), (1, REPEATED)]));
    }

    #[test]
    fn what_stands_everywhere_is_not_kept() {
        let entries: Vec<Entry> =
            (0..40).map(|n| entry(&format!("t{n}"), if n < 9 { "some the" } else { "the" })).collect();
        let (found, common) = postings(&entries);
        assert!(!found.contains_key("the") && found.contains_key("some"));
        assert_eq!(common, ["page", "the"], "a search passes over them");
    }
}
