//! Where everything is: a map for search engines, the list of pages for other versions, and pages that moved.

use std::fmt::Write;

use super::html::prose::escape;
use super::html::{address, root};
use super::{Exporter, Output};
use crate::book::{PageKind, PageLink};
use crate::diag::Sink;
use crate::edition::Edition;

/// Writes `sitemap.xml`, `pages.js`, and a page at each address of a page that moved.
pub struct Map;

impl Exporter for Map {
    fn name(&self) -> &'static str {
        "map"
    }

    fn summary(&self) -> &'static str {
        "Writes the map of the site, the list of its pages, and pages at addresses that moved."
    }

    fn export(&self, edition: &Edition, _: &mut Sink) -> Vec<Output> {
        let pages = edition.book.pages.iter().filter(|page| page.kind != PageKind::Missing);
        let paths: Vec<&str> = pages.map(|page| page.path.as_str()).collect();
        let moved = &edition.book.redirects;
        let mut outputs = vec![Output::new("pages.js", list(&paths, moved))];
        // A map has whole addresses only; sitemaps.org, protocol 0.9.
        outputs.extend(address(edition).map(|address| Output::new("sitemap.xml", sitemap(&address, &paths))));
        outputs.extend(moved.iter().map(|link| Output::new(link.title.clone(), page(link))));
        outputs
    }
}

/// A script that hands the pages to whoever asks from another version: from a disk a page may load scripts and read no file.
fn list(paths: &[&str], moved: &[PageLink]) -> String {
    let paths: Vec<&str> = paths.iter().copied().chain(moved.iter().map(|link| link.title.as_str())).collect();
    format!("trustlanePages({});\n", serde_json::to_string(&paths).expect("paths serialise"))
}

fn sitemap(address: &str, paths: &[&str]) -> String {
    let mut map = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    for path in paths {
        let _ = writeln!(map, "<url><loc>{}{}</loc></url>", escape(address), escape(path));
    }
    map + "</urlset>\n"
}

/// A page that leads on without script.
fn page(link: &PageLink) -> String {
    let target = format!("{}{}", escape(&root(&link.title)), escape(&link.path));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"robots\" content=\"noindex\">\n\
         <meta http-equiv=\"refresh\" content=\"0; url={target}\">\n<link rel=\"canonical\" href=\"{target}\">\n\
         <title>This page has moved</title>\n</head>\n<body>\n<main>\n<h1>This page has moved</h1>\n\
         <p><a href=\"{target}\">It is here now.</a></p>\n</main>\n</body>\n</html>\n"
    )
}
