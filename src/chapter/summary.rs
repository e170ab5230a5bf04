//! `SUMMARY.md`: the order of the book, written as for mdBook.

use std::sync::Arc;

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};

use super::Chapter;
use crate::source::Span;

/// The order of the book.
#[derive(Debug, Default)]
pub struct Summary {
    /// Parts, in order.
    pub parts: Vec<SummaryPart>,
}

/// A part of the book.
#[derive(Debug, Default)]
pub struct SummaryPart {
    /// Its title; absent for chapters before the first part.
    pub title: Option<String>,
    /// Its chapters.
    pub entries: Vec<SummaryEntry>,
}

/// A chapter in the summary.
#[derive(Debug)]
pub struct SummaryEntry {
    /// Its title here.
    pub title: String,
    /// Its path below `content/`; absent for a chapter that is not written yet.
    pub path: Option<String>,
    /// Chapters below it.
    pub children: Vec<SummaryEntry>,
    /// Where it is written.
    pub span: Span,
}

impl Summary {
    /// The summary of a project that wrote none.
    pub fn in_order_of_paths<'c>(chapters: impl Iterator<Item = &'c Chapter>) -> Self {
        let entry = |chapter: &Chapter| SummaryEntry {
            title: chapter.title(),
            path: Some(chapter.path.clone()),
            children: Vec::new(),
            span: chapter.span.clone(),
        };
        Self { parts: vec![SummaryPart { title: None, entries: chapters.map(entry).collect() }] }
    }

    /// All entries that have a chapter, in reading order.
    pub fn walk(&self) -> Vec<&SummaryEntry> {
        fn visit<'s>(entries: &'s [SummaryEntry], found: &mut Vec<&'s SummaryEntry>) {
            for entry in entries {
                found.push(entry);
                visit(&entry.children, found);
            }
        }
        let mut found = Vec::new();
        for part in &self.parts {
            visit(&part.entries, &mut found);
        }
        found.retain(|entry| entry.path.is_some());
        found
    }
}

/// Reads a summary.
pub fn parse(path: &Arc<str>, text: &str) -> Summary {
    let mut reader = Reader { path, parts: vec![SummaryPart::default()], depth: 0, words: None };
    for (event, range) in Parser::new(text).into_offset_iter() {
        reader.event(event, range);
    }
    reader.parts.retain(|part| part.title.is_some() || !part.entries.is_empty());
    Summary { parts: reader.parts }
}

/// Deepest nesting of chapters; what is deeper stands there.
const MAX_DEPTH: usize = 8;

struct Reader<'t> {
    path: &'t Arc<str>,
    parts: Vec<SummaryPart>,
    depth: usize,
    /// The words of the heading or link that is being read.
    words: Option<String>,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, range: std::ops::Range<usize>) {
        match event {
            Event::Start(Tag::Heading { .. }) => self.words = Some(String::new()),
            Event::End(TagEnd::Heading(level)) => self.heading(level),
            Event::Start(Tag::List(_)) => self.depth += 1,
            Event::End(TagEnd::List(_)) => self.depth -= 1,
            Event::Start(Tag::Link { dest_url, .. }) => {
                self.words = Some(String::new());
                let target = dest_url.trim_start_matches("./");
                let path = Some(target.to_owned()).filter(|target| !target.is_empty());
                let span = Span::new(self.path, range);
                self.entries().push(SummaryEntry { title: String::new(), path, children: Vec::new(), span });
            }
            Event::End(TagEnd::Link) => {
                let words = self.words.take().unwrap_or_default();
                self.entries().last_mut().expect("the link's start added an entry").title = words;
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some(words) = &mut self.words {
                    words.push_str(&text);
                }
            }
            _ => {}
        }
    }

    fn heading(&mut self, level: HeadingLevel) {
        let title = self.words.take().unwrap_or_default();
        // mdBook's summaries begin with `# Summary`, which is no part.
        if level == HeadingLevel::H1 && title != "Summary" {
            self.parts.push(SummaryPart { title: Some(title), entries: Vec::new() });
        }
    }

    /// The entries at the depth that is being read.
    fn entries(&mut self) -> &mut Vec<SummaryEntry> {
        let mut entries = &mut self.parts.last_mut().expect("there is a part from the start").entries;
        for _ in 1..self.depth.min(MAX_DEPTH) {
            if entries.is_empty() {
                break;
            }
            entries = &mut entries.last_mut().expect("it is not empty").children;
        }
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_nested_chapters_keep_their_order() {
        let text = "# Summary\n\n- [Home](index.md)\n\n# Course\n\n- [A](a.md)\n  - [B `x`](./b.md)\n- [Later]()\n- [C](c.md)\n";
        let summary = parse(&Arc::from("content/SUMMARY.md"), text);
        let titles: Vec<_> = summary.parts.iter().map(|part| part.title.as_deref()).collect();
        assert_eq!(titles, [None, Some("Course")]);
        let order: Vec<_> =
            summary.walk().into_iter().map(|entry| (entry.title.as_str(), entry.path.as_deref())).collect();
        let expected = [("Home", "index.md"), ("A", "a.md"), ("B x", "b.md"), ("C", "c.md")];
        assert_eq!(order, expected.map(|(title, path)| (title, Some(path))));
    }
}
