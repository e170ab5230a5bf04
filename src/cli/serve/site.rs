//! A built site in memory: what is at an address, and what has changed since another build.

use std::collections::BTreeMap;

use hyper::body::Bytes;
use sha2::{Digest, Sha256};

use crate::export::Output;

/// Every file of a site, as `build` would have written them.
#[derive(Debug)]
pub(super) struct Site {
    version: String,
    files: BTreeMap<String, Bytes>,
    /// Digest of the files that every page uses.
    shared: String,
}

/// What is at an address.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<'s> {
    /// A file, with its path.
    File(&'s str, &'s Bytes),
    /// A folder with a page, whose address ends with a slash.
    Folder,
    /// Nothing.
    Nothing,
}

impl Site {
    /// The site of `version`, from the files that would be written.
    pub(super) fn new(version: &str, files: Vec<Output>) -> Self {
        let mut files: BTreeMap<String, Bytes> = files.into_iter().map(|file| (file.path, file.bytes.into())).collect();
        if let Some(page) = files.get_mut(&missing(version)) {
            *page = from_anywhere(page, &format!("/{version}/")).into();
        }
        let folder = format!("{version}/static/");
        let mut hash = Sha256::new();
        for (path, bytes) in files.iter().filter(|(path, _)| path.starts_with(&folder)) {
            hash.update(path.as_bytes());
            hash.update(Sha256::digest(bytes));
        }
        Self { version: version.to_owned(), files, shared: short(&hash.finalize()) }
    }

    /// What is at `path`, which has no percent signs and no slash at its beginning.
    ///
    /// A path is a key and nothing else: no `..` is looked at, and nothing is read from a disk.
    pub(super) fn find(&self, path: &str) -> Found<'_> {
        if let Some((path, bytes)) = self.files.get_key_value(page(path).as_str()) {
            return Found::File(path, bytes);
        }
        if self.files.contains_key(&format!("{path}/index.html")) { Found::Folder } else { Found::Nothing }
    }

    /// The page that says that nothing is there.
    pub(super) fn missing(&self) -> Option<&Bytes> {
        self.files.get(&missing(&self.version))
    }

    /// Digest of what is at `path`.
    pub(super) fn digest(&self, path: &str) -> Option<String> {
        self.files.get(path).map(|bytes| digest(bytes))
    }

    /// Digest of the files that every page uses.
    pub(super) fn shared(&self) -> &str {
        &self.shared
    }

    /// How many pages there are.
    pub(super) fn n_pages(&self) -> usize {
        self.files.keys().filter(|path| is_page(path)).count()
    }

    /// The paths at which something else is than in `before`, each with the digest of what is there now.
    pub(super) fn changed_since(&self, before: &Self) -> BTreeMap<String, Option<String>> {
        let ours = self.files.iter().filter(|(path, bytes)| before.files.get(*path) != Some(*bytes));
        let gone = before.files.keys().filter(|path| !self.files.contains_key(*path));
        let ours = ours.map(|(path, bytes)| (path.clone(), Some(digest(bytes))));
        ours.chain(gone.map(|path| (path.clone(), None))).collect()
    }
}

/// The page of a version that says that nothing is there.
fn missing(version: &str) -> String {
    format!("{version}/404.html")
}

/// A page whose links lead from any address to where they lead from `base`: it answers for addresses of any depth.
fn from_anywhere(page: &[u8], base: &str) -> String {
    let mut html = String::from_utf8_lossy(page).into_owned();
    for attribute in [" href=\"", " src=\"", " data-root=\""] {
        let mut parts = html.split(attribute);
        let mut whole = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let link = part.split('"').next().unwrap_or_default();
            let is_relative = !link.starts_with(['#', '/']) && !link.contains(':');
            whole.push_str(attribute);
            whole.push_str(if is_relative { base } else { "" });
            whole.push_str(part);
        }
        html = whole;
    }
    html
}

/// The file that an address means: that of a folder is its index.
pub(super) fn page(path: &str) -> String {
    if path.is_empty() || path.ends_with('/') { format!("{path}index.html") } else { path.to_owned() }
}

/// Whether what is at `path` is shown as a page.
pub(super) fn is_page(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, ending)| ending == "html")
}

/// Tells builds of one page apart.
pub(super) fn digest(bytes: &[u8]) -> String {
    short(&Sha256::digest(bytes))
}

fn short(digest: &[u8]) -> String {
    hex::encode(&digest[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(files: &[(&str, &str)]) -> Site {
        Site::new("1", files.iter().map(|(path, text)| Output::new(*path, *text)).collect())
    }

    #[test]
    fn the_page_of_what_is_missing_works_at_any_address() {
        let page = "<a href=\"a.html\"><a href=\"#a\"><a href=\"https://a.example\"><b data-root=\"\"><i src=\"/a\">";
        let site = site(&[("1/404.html", page), ("1/a.html", page)]);
        let whole = page.replace("\"a.html", "\"/1/a.html").replace("root=\"\"", "root=\"/1/\"");
        assert_eq!(site.missing().unwrap(), whole.as_bytes());
        assert_eq!(site.files["1/a.html"], page.as_bytes(), "other pages stay as they are published");
    }

    #[test]
    fn an_address_is_a_key() {
        let site = site(&[("index.html", "a"), ("1/index.html", "b"), ("1/x.css", "c"), ("1/404.html", "d")]);
        let at = |path: &str| match site.find(path) {
            Found::File(path, _) => path.to_owned(),
            other => format!("{other:?}"),
        };
        assert_eq!([at(""), at("1/"), at("1/x.css")], ["index.html", "1/index.html", "1/x.css"]);
        assert_eq!(at("1"), "Folder");
        for path in ["/", "2/", "1/../index.html", "..", "1/x.css/", "//1/x.css", "1\\x.css", "static"] {
            assert_eq!(at(path), "Nothing", "{path}");
        }
        assert_eq!(site.missing().unwrap(), "d");
    }

    #[test]
    fn what_differs_is_changed() {
        let before = site(&[("1/a.html", "a"), ("1/b.html", "b"), ("1/c.html", "c"), ("1/static/s.css", "s")]);
        let after = site(&[("1/a.html", "a"), ("1/b.html", "B"), ("1/d.html", "d"), ("1/static/s.css", "s")]);
        let changed = after.changed_since(&before);
        assert_eq!(changed.keys().collect::<Vec<_>>(), ["1/b.html", "1/c.html", "1/d.html"]);
        assert_eq!((&changed["1/b.html"], &changed["1/c.html"]), (&Some(digest(b"B")), &None));
        assert_eq!(before.shared(), after.shared());
        let restyled = site(&[("1/static/s.css", "t")]);
        assert_ne!(before.shared(), restyled.shared());
    }
}
