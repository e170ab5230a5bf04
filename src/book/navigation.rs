//! The order of the book: parts, pages, and what stands before and after each.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Page, PageLink};
use crate::chapter::{Summary, SummaryEntry};

/// Parts with their pages.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Navigation {
    /// The parts.
    pub parts: Vec<NavigationPart>,
}

/// A part.
#[derive(Clone, Debug, Serialize)]
pub struct NavigationPart {
    /// Its title; may be empty.
    pub title: String,
    /// Its pages, in order.
    pub entries: Vec<NavigationEntry>,
}

/// A page in the navigation.
#[derive(Clone, Debug, Serialize)]
pub struct NavigationEntry {
    /// Title.
    pub title: String,
    /// Its page; absent for a chapter that is not written yet.
    pub page: Option<String>,
    /// How deep it is nested, from 0.
    pub depth: usize,
}

/// The navigation that `summary` orders; `pages` are those of the chapters.
pub fn navigation(summary: &Summary, pages: &BTreeMap<String, String>) -> Navigation {
    let parts = summary.parts.iter().map(|part| {
        let mut entries = Vec::new();
        collect(&part.entries, 0, pages, &mut entries);
        NavigationPart { title: part.title.clone().unwrap_or_default(), entries }
    });
    Navigation { parts: parts.collect() }
}

fn collect(entries: &[SummaryEntry], depth: usize, pages: &BTreeMap<String, String>, found: &mut Vec<NavigationEntry>) {
    for entry in entries {
        let page = entry.path.as_ref().and_then(|path| pages.get(path).cloned());
        found.push(NavigationEntry { title: entry.title.clone(), page, depth });
        collect(&entry.children, depth + 1, pages, found);
    }
}

/// Tells each page what stands before and after it.
pub fn connect(navigation: &Navigation, pages: &mut [Page]) {
    let entries = navigation.parts.iter().flat_map(|part| &part.entries);
    let order: Vec<PageLink> =
        entries.filter_map(|entry| Some(PageLink { title: entry.title.clone(), path: entry.page.clone()? })).collect();
    let places: BTreeMap<&str, usize> = order.iter().enumerate().map(|(at, link)| (link.path.as_str(), at)).collect();
    for page in pages {
        let Some(at) = places.get(page.path.as_str()) else { continue };
        page.previous = at.checked_sub(1).map(|before| order[before].clone());
        page.next = order.get(at + 1).cloned();
    }
}
