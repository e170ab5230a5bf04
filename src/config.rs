//! `book.toml` → [`Config`].

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::diag::{Code, Sink, error};
use crate::document;
use crate::grammar::{Key, LINE, PROSE, Shape, check, optional, required};
use crate::source::{Sources, Span};

/// What `book.toml` says.
#[derive(Clone, Debug)]
pub struct Config {
    /// Title of the site.
    pub title: String,
    /// One sentence about it.
    pub description: String,
    /// Language of the chapters, as a BCP 47 tag.
    pub language: String,
    /// Version of the edition; the folder below `public/`.
    pub version: String,
    /// The public seed of all randomness.
    pub seed: String,
    /// The virtual clock when each run begins.
    pub clock: Timestamp,
}

/// Path of the file in a project.
pub const PATH: &str = "book.toml";

/// Keys of `book.toml`.
pub const BOOK: &[Key] = &[
    required("book", Shape::Table(ABOUT), "the site"),
    required("run", Shape::Table(RUN), "what every run depends on"),
];

const ABOUT: &[Key] = &[
    required("title", LINE, "title of the site"),
    optional("description", PROSE, "one sentence about the site"),
    optional("language", LINE, "language of the chapters, as a BCP 47 tag; `en` where absent"),
    required("version", Shape::Text(32), "version of the edition; the folder below `public/`"),
];

const RUN: &[Key] = &[
    required("seed", LINE, "the public seed of all randomness; whoever knows it can recompute every key"),
    required("clock", LINE, "the virtual clock when each run begins, RFC 3339 in UTC"),
];

/// Reads `book.toml`.
pub fn parse(sources: &Sources, sink: &mut Sink) -> Option<Config> {
    let path: Arc<str> = PATH.into();
    let span = Span::new(&path, 0..0);
    let Some(text) = sources.text(PATH) else {
        sink.error(Code::MISSING_KEY, &span, "the project has no `book.toml`");
        return None;
    };
    let mut node = document::parse(&path, text, sink)?;
    node.span = Span::new(&path, 0..text.find('\n').unwrap_or(text.len()));
    if !check(&node, &Shape::Table(BOOK), "the book", sink) {
        return None;
    }
    let (book, run) = (node.find("book")?, node.find("run")?);
    let clock = run.find("clock")?;
    let moment = Timestamp::parse(clock.as_text()?);
    if moment.is_none() {
        let message = format!("`{}` is no moment", clock.as_text()?);
        sink.push(
            error(Code::INVALID_VALUE, &clock.span, message)
                .hint("write RFC 3339 in UTC, such as `2026-01-01T00:00:00Z`"),
        );
    }
    let version = book.find("version")?;
    let is_folder = version.as_text()?.chars().all(|c| c.is_ascii_alphanumeric() || ".-+".contains(c));
    if !is_folder || version.as_text()?.starts_with('.') || version.as_text()?.is_empty() {
        let message = format!("`{}` cannot be a folder's name", version.as_text()?);
        sink.push(error(Code::INVALID_VALUE, &version.span, message).hint("use letters, digits, `.`, `-` and `+`"));
        return None;
    }
    let language = book.text("language");
    Some(Config {
        title: book.text("title").to_owned(),
        description: book.text("description").to_owned(),
        language: if language.is_empty() { "en".to_owned() } else { language.to_owned() },
        version: version.as_text()?.to_owned(),
        seed: run.text("seed").to_owned(),
        clock: moment?,
    })
}
