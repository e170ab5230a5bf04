//! [`Sources`] → [`Content`].

use std::sync::Arc;

use super::summary::Summary;
use super::{Chapter, Content, front_matter, markdown, summary};
use crate::diag::{Code, Sink, did_you_mean, error};
use crate::source::{File, Sources, Span};

const FOLDER: &str = "content";
const SUMMARY: &str = "content/SUMMARY.md";

/// Reads the summary and every chapter under `content/`; where there is no summary, the chapters stand in the order of
/// their paths.
pub fn parse(sources: &Sources, sink: &mut Sink) -> Content {
    let mut content = Content::default();
    for (path, file) in sources.below(FOLDER, ".md") {
        let Some(text) = text(path, file, sink) else { continue };
        if &**path == SUMMARY {
            content.summary = summary::parse(path, text);
        } else {
            let chapter = chapter(path, text, sink);
            content.chapters.insert(chapter.path.clone(), chapter);
        }
    }
    if sources.find(SUMMARY).is_none() {
        content.summary = Summary::in_order_of_paths(content.chapters.values());
    } else if content.summary.parts.is_empty() {
        let span = Span::new(&SUMMARY.into(), 0..0);
        let found = error(Code::MISSING_CHAPTER, &span, format!("`{SUMMARY}` names no chapter"));
        sink.push(found.hint("list the chapters in it as for mdBook: `- [Title](file.md)`"));
    }
    check_summary(&content, sink);
    content
}

fn text<'f>(path: &Arc<str>, file: &'f File, sink: &mut Sink) -> Option<&'f str> {
    match std::str::from_utf8(&file.bytes) {
        Ok(text) => Some(text),
        Err(cause) => {
            let at = cause.valid_up_to();
            sink.error(Code::INVALID_VALUE, &Span::new(path, at..at), "the chapter is not UTF-8");
            None
        }
    }
}

fn chapter(path: &Arc<str>, text: &str, sink: &mut Sink) -> Chapter {
    let (head, body) = front_matter::split(text);
    let front_matter = head.map(|range| front_matter::parse(path, text, range, sink)).unwrap_or_default();
    let parsed = markdown::parse(path, text, body, sink);
    Chapter {
        path: path[FOLDER.len() + 1..].to_owned(),
        span: Span::new(path, 0..0),
        front_matter,
        blocks: parsed.blocks,
        directives: parsed.directives,
        roles: parsed.roles,
        links: parsed.links,
        labels: parsed.labels,
    }
}

fn check_summary(content: &Content, sink: &mut Sink) {
    for entry in content.summary.walk() {
        let Some(path) = &entry.path else { continue };
        if !content.chapters.contains_key(path) {
            sink.push(
                error(Code::MISSING_CHAPTER, &entry.span, format!("there is no chapter `{FOLDER}/{path}`"))
                    .maybe_hint(did_you_mean(path, content.chapters.keys().map(String::as_str))),
            );
        }
    }
}
