//! What readers find by its words: pages, their sections, steps, and the entries of the reference.

use super::embed::Embed;
use super::{Book, Page, PageKind};
use crate::chapter::{Block, Chapter, Content, Inline, Item, plain_text};

/// Something that can be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its title.
    pub title: String,
    /// Title of its page, or for a scenario that of its method; empty for another page.
    pub page: String,
    /// Path, with an anchor where one is meant.
    pub path: String,
    /// What it says.
    pub text: String,
}

/// Everything that can be found in `book`, in the order of its pages.
pub fn entries(book: &Book, content: &Content) -> Vec<Entry> {
    let pages = book.pages.iter().filter(|page| page.kind != PageKind::Missing);
    pages.flat_map(|page| of_page(page, content)).collect()
}

fn of_page(page: &Page, content: &Content) -> Vec<Entry> {
    let chapter = page.chapter.as_ref().and_then(|path| content.chapters.get(path));
    let whole = format!("{} {}", page.kicker, page.lede);
    // A scenario is found by its method too.
    let method = page.method.as_ref().filter(|method| method.page != page.path);
    let mut entries = vec![Entry {
        title: page.title.clone(),
        page: method.map_or_else(String::new, |method| method.title.clone()),
        path: page.path.clone(),
        text: whole,
    }];
    if let Some(chapter) = chapter {
        sections(page, chapter, &mut entries);
    }
    // The steps of other scenarios are those of the method, but for a few.
    if let Some(method) = page.method.as_ref().filter(|method| method.page == page.path) {
        entries
            .extend(method.steps.iter().map(|step| below(page, &step.title, &step.anchor, &[&step.why, &step.clause])));
    }
    entries.extend(page.embeds.iter().flatten().flat_map(|embed| of_embed(page, embed)));
    entries
}

/// Adds the sections of a chapter; what stands before the first heading belongs to the page.
fn sections(page: &Page, chapter: &Chapter, entries: &mut Vec<Entry>) {
    for block in &chapter.blocks {
        match block {
            Block::Heading { level: 2 | 3, id, content } => entries.push(below(page, &plain_text(content), id, &[])),
            other => {
                if let Some(entry) = entries.last_mut() {
                    collect(other, &mut entry.text);
                }
            }
        }
    }
}

fn of_embed(page: &Page, embed: &Embed) -> Vec<Entry> {
    match embed {
        Embed::Entries { prefix, entries } => {
            let entry = |entry: &super::reference::EntryView| {
                below(page, &entry.name, &format!("{prefix}-{}", entry.name), &[&entry.summary])
            };
            entries.iter().map(entry).collect()
        }
        Embed::Glossary { terms } => terms
            .iter()
            .map(|term| below(page, &term.name, &term.anchor, &[&term.text, &term.also.join(" ")]))
            .collect(),
        Embed::Lints { lints } => {
            lints.iter().map(|lint| below(page, lint.name, &lint.anchor, &[lint.title])).collect()
        }
        Embed::Operations { operations } => {
            let entry = |operation: &super::reference::OperationView| {
                below(page, operation.name, &operation.anchor, &[operation.summary, operation.standard])
            };
            operations.iter().map(entry).collect()
        }
        Embed::Threats(view) => {
            let threats = view.rows.iter().map(|row| &row.threat);
            threats.map(|threat| below(page, &format!("{} {}", threat.id, threat.name), &threat.anchor, &[])).collect()
        }
        Embed::Artifacts { .. }
        | Embed::Assert { .. }
        | Embed::Attacks { .. }
        | Embed::Checklists { .. }
        | Embed::Comparison(_)
        | Embed::Decisions(_)
        | Embed::Directives(_)
        | Embed::Figure(_)
        | Embed::Frameworks(_)
        | Embed::Goals { .. }
        | Embed::Methods { .. }
        | Embed::Profiles(_)
        | Embed::Question(_)
        | Embed::Scores(_)
        | Embed::Steps { .. }
        | Embed::Timeline(_) => Vec::new(),
    }
}

fn below(page: &Page, title: &str, anchor: &str, texts: &[&str]) -> Entry {
    let path = format!("{}#{anchor}", page.path);
    Entry { title: title.to_owned(), page: page.title.clone(), path, text: texts.join(" ") }
}

/// Adds the words of `block` to `text`.
fn collect(block: &Block, text: &mut String) {
    let add = |inlines: &[Inline], text: &mut String| {
        text.push(' ');
        text.push_str(&plain_text(inlines));
    };
    match block {
        Block::Callout { blocks, .. } | Block::Quote(blocks) => blocks.iter().for_each(|block| collect(block, text)),
        Block::Code { text: code, .. } => {
            text.push(' ');
            text.push_str(code);
        }
        Block::Heading { content, .. } | Block::Paragraph(content) => add(content, text),
        Block::List { items, .. } => {
            let blocks = items.iter().flat_map(|item: &Item| &item.blocks);
            blocks.for_each(|block| collect(block, text));
        }
        Block::Table { head, rows, caption, .. } => {
            let caption = caption.iter().map(|caption| &caption.content);
            caption.chain(head).chain(rows.iter().flatten()).for_each(|cell| add(cell, text));
        }
        Block::Directive(_) | Block::Rule => {}
    }
}
