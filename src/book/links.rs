//! Links between pages: written as paths of chapters, checked against every page, anchor and file of the edition.

use std::collections::{BTreeMap, BTreeSet};

use super::Target;
use crate::chapter::{Chapter, LinkUse};
use crate::diag::{Code, Sink, did_you_mean, error};

/// Everything that can be linked to.
#[derive(Debug, Default)]
pub struct Destinations {
    /// The page of each chapter, by the chapter's path.
    pub chapters: BTreeMap<String, String>,
    /// Anchors by page.
    pub pages: BTreeMap<String, BTreeSet<String>>,
    /// Files that are no pages.
    pub files: BTreeSet<String>,
}

/// Figures and tables by the names that chapters give them.
pub type Labels = BTreeMap<String, Label>;

/// A figure or table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// What it is called: `Figure 2`.
    pub words: String,
    /// Its page and anchor.
    pub path: String,
    /// The file in which it stands.
    pub chapter: String,
    /// Title of that.
    pub title: String,
}

/// The labels of all chapters, whose pages `page_of` tells; a name that stands twice goes into `sink`.
pub fn labels<'c>(
    chapters: impl Iterator<Item = &'c Chapter>,
    page_of: impl Fn(&Chapter) -> String,
    sink: &mut Sink,
) -> Labels {
    let mut labels = Labels::new();
    for chapter in chapters {
        for used in &chapter.labels {
            let label = Label {
                words: used.words.clone(),
                path: format!("{}#{}", page_of(chapter), used.anchor),
                chapter: chapter.span.path.to_string(),
                title: chapter.title(),
            };
            if let Some(taken) = labels.insert(used.name.clone(), label) {
                let message = format!("`{}` is called `{}` already, in `{}`", taken.words, used.name, taken.chapter);
                sink.push(
                    error(Code::DUPLICATE_NAME, &used.span, message)
                        .hint("names of figures and tables are one set in the book"),
                );
            }
        }
    }
    labels
}

/// Schemes that a chapter may link to; others could run script.
const SCHEMES: [&str; 3] = ["https", "http", "mailto"];

/// The page of the chapter at `path` below `content/`.
pub fn page_path(path: &str) -> String {
    let stem = path.strip_suffix(".md").unwrap_or(path);
    let stem = match stem.strip_suffix("README") {
        Some(folder) if folder.is_empty() || folder.ends_with('/') => format!("{folder}index"),
        _ => stem.to_owned(),
    };
    format!("{stem}.html")
}

/// Where the links of `chapter`, whose page is `page`, lead; those that lead nowhere go into `sink`.
pub fn targets(chapter: &Chapter, page: &str, destinations: &Destinations, sink: &mut Sink) -> Vec<Option<Target>> {
    chapter.links.iter().map(|link| target(link, chapter, page, destinations, sink)).collect()
}

fn target(
    link: &LinkUse,
    chapter: &Chapter,
    page: &str,
    destinations: &Destinations,
    sink: &mut Sink,
) -> Option<Target> {
    if let Some(scheme) = scheme(&link.target) {
        if SCHEMES.contains(&scheme.to_ascii_lowercase().as_str()) {
            return Some(Target::External(link.target.clone()));
        }
        sink.push(
            error(Code::BROKEN_LINK, &link.span, format!("links of scheme `{scheme}` are not published"))
                .maybe_hint(did_you_mean(scheme, SCHEMES)),
        );
        return None;
    }
    let (path, anchor) = link.target.split_once('#').unwrap_or((&link.target, ""));
    let found = if path.is_empty() { Some(page.to_owned()) } else { find(path, chapter, destinations) };
    let Some(found) = found else {
        let wanted = join(&chapter.path, path);
        let known = destinations.chapters.keys().map(String::as_str);
        sink.push(
            error(Code::BROKEN_LINK, &link.span, format!("there is no page or file `{path}`"))
                .maybe_hint(did_you_mean(&wanted, known)),
        );
        return None;
    };
    if anchor.is_empty() {
        return Some(Target::Internal(found));
    }
    let anchors = destinations.pages.get(&found).cloned().unwrap_or_default();
    if !anchors.contains(anchor) {
        sink.push(
            error(Code::BROKEN_LINK, &link.span, format!("page `{found}` has no anchor `{anchor}`"))
                .maybe_hint(did_you_mean(anchor, anchors.iter().map(String::as_str))),
        );
        return None;
    }
    Some(if path.is_empty() {
        Target::Anchor(anchor.to_owned())
    } else {
        Target::Internal(format!("{found}#{anchor}"))
    })
}

/// The page or file at `path`, relative to the chapter.
fn find(path: &str, chapter: &Chapter, destinations: &Destinations) -> Option<String> {
    let joined = join(&chapter.path, path);
    if let Some(page) = destinations.chapters.get(&joined) {
        return Some(page.clone());
    }
    (destinations.pages.contains_key(&joined) || destinations.files.contains(&joined)).then_some(joined)
}

/// `path` relative to the folder of the file `from`, without `.` and `..`.
fn join(from: &str, path: &str) -> String {
    let mut parts: Vec<&str> = match path.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => from.split('/').collect(),
    };
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// The scheme of an absolute URL; RFC 3986, section 3.1.
fn scheme(target: &str) -> Option<&str> {
    if let Some(rest) = target.strip_prefix("//") {
        return Some(&rest[..0]);
    }
    let (scheme, _) = target.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    is_scheme.then_some(scheme)
}
