//! The text of a project and places in it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;

/// Where a file of [`Sources`] comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Read from the project folder.
    Project,
    /// Embedded in the binary, used where the project has no file of that path.
    Shipped,
}

/// One file in memory.
#[derive(Clone, Debug)]
pub struct File {
    /// The file's bytes, unchanged.
    pub bytes: Cow<'static, [u8]>,
    /// Whether the project brought it.
    pub origin: Origin,
}

/// Every file that a build may use, by path relative to the project with `/` between parts.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: BTreeMap<Arc<str>, File>,
}

impl Sources {
    /// Adds a file; one of the same path is replaced.
    pub fn insert(&mut self, path: impl Into<Arc<str>>, bytes: impl Into<Cow<'static, [u8]>>, origin: Origin) {
        self.files.insert(path.into(), File { bytes: bytes.into(), origin });
    }

    /// The file at `path`.
    pub fn find(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }

    /// The text at `path`; `None` where there is no such file or it is not UTF-8.
    pub fn text(&self, path: &str) -> Option<&str> {
        std::str::from_utf8(&self.find(path)?.bytes).ok()
    }

    /// All files below `folder` (`""` for all) whose name ends with `suffix`, in the order of their paths.
    pub fn below<'s>(&'s self, folder: &'s str, suffix: &'s str) -> impl Iterator<Item = (&'s Arc<str>, &'s File)> {
        self.files.iter().filter(move |(path, _)| {
            path.ends_with(suffix)
                && (folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
        })
    }

    /// The files that `keep` keeps.
    #[must_use]
    pub fn filtered(&self, keep: impl Fn(&str, &File) -> bool) -> Self {
        let kept = self.files.iter().filter(|(path, file)| keep(path, file));
        Self { files: kept.map(|(path, file)| (Arc::clone(path), file.clone())).collect() }
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is no file at all.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

/// A stretch of a source file, in bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file's path in [`Sources`].
    pub path: Arc<str>,
    /// First byte.
    pub start: usize,
    /// First byte after the stretch.
    pub end: usize,
}

impl Span {
    /// A span of the file at `path`.
    pub fn new(path: &Arc<str>, range: Range<usize>) -> Self {
        Self { path: Arc::clone(path), start: range.start, end: range.end }
    }

    /// The stretch as a range of bytes.
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}..{}", self.path, self.start, self.end)
    }
}

/// Line and column of a byte offset, both from 1; the column counts characters.
pub fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}
