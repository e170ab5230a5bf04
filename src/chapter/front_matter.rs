//! The TOML between `+++` lines at the head of a chapter.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;
use toml::Spanned;

use crate::diag::{Code, Sink, did_you_mean, error};
use crate::source::Span;

/// What a chapter says about itself.
#[derive(Debug, Default)]
pub struct FrontMatter {
    /// Title; where absent, the first heading.
    pub title: Option<String>,
    /// One or two sentences under the title.
    pub lede: Option<String>,
    /// The line of capitals above the title.
    pub kicker: Option<String>,
    /// What kind of page it makes.
    pub kind: ChapterKind,
    /// Id of the flow, for a method.
    pub method: Option<(String, Span)>,
}

/// What kind of page a chapter makes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChapterKind {
    /// Text, with what it embeds.
    #[default]
    Chapter,
    /// A list of points to tick.
    Checklist,
    /// The entrance.
    Home,
    /// The prose of a method page; everything else on it comes from the runs.
    Method,
}

const KEYS: [&str; 5] = ["title", "lede", "kicker", "kind", "method"];
const KINDS: [(&str, ChapterKind); 4] = [
    ("chapter", ChapterKind::Chapter),
    ("checklist", ChapterKind::Checklist),
    ("home", ChapterKind::Home),
    ("method", ChapterKind::Method),
];

const FENCE: &str = "+++";

/// Where the front matter of `text` stands, and where the Markdown begins.
pub fn split(text: &str) -> (Option<Range<usize>>, usize) {
    let Some(first_line_end) = text.find('\n').filter(|end| text[..*end].trim_end() == FENCE) else {
        return (None, 0);
    };
    let start = first_line_end + 1;
    let mut line_start = start;
    for line in text[start..].split_inclusive('\n') {
        if line.trim_end() == FENCE {
            return (Some(start..line_start), line_start + line.len());
        }
        line_start += line.len();
    }
    (Some(start..text.len()), text.len())
}

/// Reads the front matter at `range` of `text`.
pub fn parse(path: &Arc<str>, text: &str, range: Range<usize>, sink: &mut Sink) -> FrontMatter {
    let offset = range.start;
    let at = |range: Range<usize>| Span::new(path, range.start + offset..range.end + offset);
    let table = match toml::from_str::<BTreeMap<Spanned<String>, Spanned<toml::Value>>>(&text[range.clone()]) {
        Ok(table) => table,
        Err(cause) => {
            let place = cause.span().unwrap_or(0..0);
            sink.error(Code::INVALID_TOML, &at(place), cause.message().to_owned());
            return FrontMatter::default();
        }
    };
    let mut front_matter = FrontMatter::default();
    for (key, value) in table {
        let span = at(value.span());
        let Some(text) = value.get_ref().as_str().map(str::to_owned) else {
            sink.error(Code::WRONG_TYPE, &span, format!("`{}` is not text", key.get_ref()));
            continue;
        };
        match key.get_ref().as_str() {
            "title" => front_matter.title = Some(text),
            "lede" => front_matter.lede = Some(text),
            "kicker" => front_matter.kicker = Some(text),
            "kind" => front_matter.kind = kind(&text, &span, sink),
            "method" => front_matter.method = Some((text, span)),
            unknown => sink.push(
                error(Code::UNKNOWN_KEY, &at(key.span()), format!("unknown key `{unknown}` in front matter"))
                    .maybe_hint(did_you_mean(unknown, KEYS)),
            ),
        }
    }
    front_matter
}

fn kind(text: &str, span: &Span, sink: &mut Sink) -> ChapterKind {
    if let Some((_, kind)) = KINDS.iter().find(|(name, _)| *name == text) {
        return *kind;
    }
    sink.push(
        error(Code::INVALID_VALUE, span, format!("unknown kind of chapter `{text}`"))
            .maybe_hint(did_you_mean(text, KINDS.map(|(name, _)| name))),
    );
    ChapterKind::default()
}
