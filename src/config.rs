//! `book.toml` → [`Config`].

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::diag::{Code, Reported, Sink, did_you_mean, error};
use crate::document::{self, Node};
use crate::grammar::{ID, Key, LINE, PROSE, Shape, check, optional, required};
use crate::source::{Origin, Sources, Span};

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
    /// Shipped methods to use beside the project's own, by id; every one where the project has none of its own.
    pub methods: Option<Vec<String>>,
    /// Fonts of the project's own, for scripts that the shipped ones lack.
    pub fonts: Vec<FontFile>,
    /// Where the site will stand, with `/` at its end; absent where it can stand anywhere.
    pub url: Option<String>,
    /// Where a file of the project can be edited; `{path}` stands for its path.
    pub edit_url: Option<String>,
    /// Addresses of pages that moved.
    pub redirects: Vec<Redirect>,
    /// What is shown of compliance frameworks.
    pub compliance: Compliance,
    /// The public seed of all randomness.
    pub seed: String,
    /// The virtual clock when each run begins.
    pub clock: Timestamp,
}

/// What is shown of compliance frameworks.
#[derive(Clone, Debug, Default)]
pub struct Compliance {
    /// Frameworks to judge methods by, by id and where it is written; every one of the project where absent.
    pub frameworks: Option<Vec<(String, Span)>>,
    /// Whether controls whose identifiers nobody checked are shown, and marked.
    pub is_unverified_shown: bool,
}

/// A page that moved.
#[derive(Clone, Debug)]
pub struct Redirect {
    /// Path of the page that was.
    pub from: String,
    /// Path of the page that is, with an anchor where one is meant.
    pub to: String,
    /// Where that is written.
    pub span: Span,
}

/// A file that should be a font.
#[derive(Clone, Debug)]
pub struct FontFile {
    /// Its path in the project.
    pub path: String,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
    /// Where it is named.
    pub span: Span,
}

/// Path of the file in a project.
pub const PATH: &str = "book.toml";

/// Keys of `book.toml`.
pub const BOOK: &[Key] = &[
    required("book", Shape::Table(ABOUT), "the site"),
    required("run", Shape::Table(RUN), "what every run depends on"),
    optional(
        "redirects",
        Shape::Map(&LINE),
        "pages that moved: from the path of the page that was, such as `methods/old.html`, to that of the page that is",
    ),
    optional("compliance", Shape::Table(COMPLIANCE), "what is shown of compliance frameworks"),
];

const COMPLIANCE: &[Key] = &[
    optional("frameworks", Shape::List(&ID), "frameworks to judge methods by, by id; every one where absent"),
    optional("unverified", Shape::Boolean, "whether controls whose identifiers nobody checked are shown, and marked"),
];

const ABOUT: &[Key] = &[
    required("title", LINE, "title of the site"),
    optional("description", PROSE, "one sentence about the site"),
    optional("language", LINE, "language of the chapters, as a BCP 47 tag; `en` where absent"),
    required("version", Shape::Text(32), "version of the edition; the folder below `public/`"),
    optional(
        "url",
        LINE,
        "where the site will stand, `https://…/`; it gives the site a map and pages their canonical address",
    ),
    optional("edit-url", LINE, "where readers can propose changes; `{path}` stands for the path of the file"),
    optional("methods", Shape::List(&ID), "shipped methods to use beside the project's own, by id"),
    optional(
        "fonts",
        Shape::List(&LINE),
        "fonts for scripts that the shipped ones lack: TrueType or OpenType files of the project, by path; pictures are measured with them",
    ),
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
        methods: chosen_methods(book.find("methods"), sources, sink).ok()?,
        fonts: book.find("fonts").map(|list| fonts(list, sources, sink)).unwrap_or_default(),
        url: book
            .find("url")
            .map(|url| web_address(url, sink))
            .map(|url| if url.ends_with('/') { url } else { url + "/" }),
        edit_url: book.find("edit-url").map(|url| edit_url(url, sink)),
        redirects: node.find("redirects").map(|node| redirects(node, sink)).unwrap_or_default(),
        compliance: node.find("compliance").map(compliance).unwrap_or_default(),
        seed: run.text("seed").to_owned(),
        clock: moment?,
    })
}

/// An address that a page may link to; another could run script.
fn web_address(node: &Node, sink: &mut Sink) -> String {
    let text = node.as_text().unwrap_or_default();
    let is_web = ["https://", "http://"].iter().any(|scheme| text.starts_with(scheme));
    if !is_web || text.contains(char::is_whitespace) {
        let found = error(Code::INVALID_VALUE, &node.span, format!("`{text}` is no address of the web"));
        sink.push(found.hint("write it as `https://example.org/book/`"));
    }
    text.to_owned()
}

fn edit_url(node: &Node, sink: &mut Sink) -> String {
    let url = web_address(node, sink);
    if !url.contains(PATH_IN_URL) {
        let found =
            error(Code::INVALID_VALUE, &node.span, format!("`{url}` does not say where the path of the file goes"));
        sink.push(found.hint(format!("write `{PATH_IN_URL}` where it goes")));
    }
    url
}

/// What stands for the path of a file in the address where it is edited.
pub const PATH_IN_URL: &str = "{path}";

fn redirects(node: &Node, sink: &mut Sink) -> Vec<Redirect> {
    let mut redirects = Vec::new();
    for entry in node.entries() {
        let (from, span) = (entry.key.as_str(), &entry.value.span);
        let is_page =
            from.strip_suffix(".html").is_some() && from.split('/').all(|part| !matches!(part, "" | "." | ".."));
        if !is_page || from.contains(['\\', ':', '#', '?']) {
            let found = error(Code::INVALID_VALUE, &entry.key_span, format!("`{from}` cannot be the path of a page"));
            sink.push(found.hint("write the path below the folder of the version, such as `methods/old.html`"));
            continue;
        }
        let to = entry.value.as_text().unwrap_or_default().to_owned();
        redirects.push(Redirect { from: from.to_owned(), to, span: span.clone() });
    }
    redirects
}

fn compliance(node: &Node) -> Compliance {
    let named = |list: &Node| {
        let items = list.items().iter();
        items.map(|item| (item.as_text().unwrap_or_default().to_owned(), item.span.clone())).collect()
    };
    Compliance {
        frameworks: node.find("frameworks").map(named),
        is_unverified_shown: node.find("unverified").and_then(Node::as_boolean).unwrap_or_default(),
    }
}

/// The files that `list` names; only what was read with the project can be one.
fn fonts(list: &Node, sources: &Sources, sink: &mut Sink) -> Vec<FontFile> {
    let mut fonts = Vec::new();
    for item in list.items() {
        let path = item.as_text().unwrap_or_default();
        if let Some(file) = sources.find(path) {
            fonts.push(FontFile { path: path.to_owned(), bytes: (*file.bytes).into(), span: item.span.clone() });
        } else {
            let hint = did_you_mean(path, sources.below("static", "").map(|(path, _)| &**path));
            sink.push(
                error(Code::UNKNOWN_NAME, &item.span, format!("the project has no file `{path}`"))
                    .maybe_hint(hint.or_else(|| Some("put it below `static/`".to_owned()))),
            );
        }
    }
    fonts
}

fn chosen_methods(node: Option<&Node>, sources: &Sources, sink: &mut Sink) -> Result<Option<Vec<String>>, Reported> {
    let Some(node) = node else { return Ok(None) };
    let known: Vec<&str> = sources.below("flows", ".toml").map(|(path, _)| method_of(path)).collect();
    let mut chosen = Vec::new();
    for item in node.items() {
        let id = item.as_text().unwrap_or_default();
        if !known.contains(&id) {
            let hint = did_you_mean(id, known.iter().copied());
            sink.push(error(Code::UNKNOWN_NAME, &item.span, format!("no method is called `{id}`")).maybe_hint(hint));
            return Err(Reported);
        }
        chosen.push(id.to_owned());
    }
    Ok(Some(chosen))
}

/// The files that the project uses: its own, every shipped template and static file, the shipped methods that it
/// chooses with their chapters, and the other shipped chapters where it has neither methods nor chapters of its own.
pub fn choose(sources: &Sources, config: &Config) -> Sources {
    let has_own = |folder: &str| sources.below(folder, "").any(|(_, file)| file.origin == Origin::Project);
    let (has_flows, has_chapters) = (has_own("flows"), has_own("content"));
    let has_own_frameworks = has_own("content/compliance");
    let uses = |id: &str| match &config.methods {
        Some(chosen) => chosen.iter().any(|method| method == id),
        None => !has_flows,
    };
    sources.filtered(|path, file| {
        let is_method_chapter = path.strip_prefix("content/methods/").is_some_and(|rest| !rest.contains('/'));
        file.origin == Origin::Project
            || match path.split('/').next() {
                Some("flows") => uses(method_of(path)),
                Some("content") if is_method_chapter => uses(method_of(path)),
                // Frameworks speak of no method, and a project that names them has them.
                Some("content") if path.starts_with("content/compliance/") => {
                    config.compliance.frameworks.is_some() || !has_own_frameworks
                }
                // They speak of every shipped method.
                Some("content") => !has_chapters && !has_flows && config.methods.is_none(),
                _ => true,
            }
    })
}

/// The id of the method to which a flow file or a chapter belongs, by its name.
pub fn method_of(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.split('.').next().unwrap_or(file)
}
