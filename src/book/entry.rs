//! Pages of the reference: one for each operation, diagnostic and lint that a chapter lists.

use std::collections::BTreeSet;

use serde::Serialize;

use super::attack::method_path;
use super::reference::OperationView;
use super::{Embed, Page, PageKind, PageLink};
use crate::explain::{self, Explanation};
use crate::flow::Flow;

/// What such a page shows.
#[derive(Clone, Debug, Serialize)]
pub struct EntryPage {
    /// The list in which it stands.
    pub list: PageLink,
    /// An operation; absent for what is explained.
    pub operation: Option<OperationView>,
    /// Steps that carry the operation out, method by method.
    pub used: Vec<Use>,
    /// A diagnostic or a lint; absent for an operation.
    pub explanation: Option<Explanation>,
}

/// Steps of a method.
#[derive(Clone, Debug, Serialize)]
pub struct Use {
    /// The method.
    pub method: PageLink,
    /// Its steps.
    pub steps: Vec<PageLink>,
}

/// A page for each entry of the lists on `page`, which then link to it.
pub fn pages(page: &mut Page, flows: &[Flow]) -> Vec<Page> {
    let list = PageLink { title: page.title.clone(), path: page.path.clone() };
    let folder = page.path.trim_end_matches(".html").to_owned();
    let mut pages = Vec::new();
    for embed in page.embeds.iter_mut().flatten() {
        match embed {
            Embed::Operations { operations } => {
                for operation in operations {
                    let path = format!("{folder}/{}.html", operation.name);
                    operation.page = Some(path.clone());
                    let used = uses(operation.name, flows);
                    pages.push(entry(
                        path,
                        operation.name,
                        operation.summary,
                        EntryPage { list: list.clone(), operation: Some(operation.clone()), used, explanation: None },
                    ));
                }
            }
            Embed::Entries { prefix: "code", entries } => {
                for entry in entries {
                    let path = format!("{folder}/{}.html", entry.name);
                    pages.extend(
                        explained(&entry.name, path, &list).inspect(|page| entry.page = Some(page.path.clone())),
                    );
                }
            }
            Embed::Lints { lints } => {
                for lint in lints {
                    let path = format!("{folder}/{}.html", lint.name);
                    pages.extend(explained(lint.name, path, &list).inspect(|page| lint.page = Some(page.path.clone())));
                }
            }
            _ => {}
        }
    }
    pages
}

fn explained(name: &str, path: String, list: &PageLink) -> Option<Page> {
    let explanation = explain::find(name)?;
    let shown =
        EntryPage { list: list.clone(), operation: None, used: Vec::new(), explanation: Some(explanation.clone()) };
    Some(entry(path, name, explanation.summary, shown))
}

/// The steps of methods that name the operation.
fn uses(operation: &str, flows: &[Flow]) -> Vec<Use> {
    let of_flow = |flow: &Flow| {
        let page = method_path(flow);
        let steps = flow.baseline().steps.iter().filter(|step| step.operation.spec().name == operation);
        let steps: Vec<PageLink> = steps
            .map(|step| PageLink { title: step.title.clone(), path: format!("{page}#step-{}", step.id) })
            .collect();
        let method = PageLink { title: flow.title.clone(), path: page };
        (!steps.is_empty()).then_some(Use { method, steps })
    };
    flows.iter().filter_map(of_flow).collect()
}

fn entry(path: String, title: &str, lede: &str, shown: EntryPage) -> Page {
    Page {
        path,
        kind: PageKind::Entry,
        title: title.to_owned(),
        kicker: shown.list.title.clone(),
        lede: lede.to_owned(),
        chapter: None,
        method: None,
        step: None,
        entry: Some(Box::new(shown)),
        compliance: None,
        embeds: Vec::new(),
        texts: Vec::new(),
        targets: Vec::new(),
        anchors: BTreeSet::new(),
        edits: Vec::new(),
        contents: Vec::new(),
        previous: None,
        next: None,
    }
}
