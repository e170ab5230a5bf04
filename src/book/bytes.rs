//! Pages of bytes: what a step of a method's own run sent and stored, field by field.
//!
//! The page of a method would be some megabytes with all of them. It names each reading of bytes and where it is shown;
//! a page with script brings it in when a reader opens it.

use std::collections::BTreeSet;

use super::artifact::LayerView;
use super::step::StepView;
use super::{Page, PageKind, PageLink};

/// Takes the fields of all bytes out of the page of a method, and makes a page for each step that has any.
pub fn pages(method: &mut Page) -> Vec<Page> {
    let (path, title) = (method.path.clone(), method.title.clone());
    let Some(view) = &mut method.method else { return Vec::new() };
    let mut pages = Vec::new();
    for step in &mut view.steps {
        if layers(step).next().is_none() {
            continue;
        }
        let own = page_path(&path, &step.id);
        let whole = elsewhere(step.clone(), &path);
        for (index, layer) in layers(step).enumerate() {
            layer.page = Some(own.clone());
            layer.index = index;
            layer.n_fields = layer.fields.iter().filter(|field| !field.hex.is_empty()).count();
            layer.fields.clear();
        }
        pages.push(page(own, &title, whole));
    }
    connect(&mut pages);
    pages
}

/// The page of the bytes of `step`, of the method at `method`.
fn page_path(method: &str, step: &str) -> String {
    format!("{}/bytes/{step}.html", method.trim_end_matches(".html"))
}

/// All readings of bytes of a step, in the order in which a page has them.
fn layers(step: &mut StepView) -> impl Iterator<Item = &mut LayerView> {
    let sent = step.flights.iter_mut().flat_map(|flight| &mut flight.layers);
    sent.chain(step.stored.iter_mut().filter_map(|value| value.layer.as_mut()))
}

/// The step as it stands on a page of its own: what led to places of the method's page leads there from outside.
fn elsewhere(mut step: StepView, method: &str) -> StepView {
    let moved = |path: &mut String| {
        if path.starts_with('#') {
            path.insert_str(0, method);
        }
    };
    if let Some(session) = &mut step.session {
        moved(&mut session.path);
    }
    step.stored.iter_mut().filter_map(|value| value.same_as.as_mut()).for_each(moved);
    step.new_phase = None;
    step
}

fn page(path: String, method: &str, step: StepView) -> Page {
    let mut anchors = BTreeSet::from([step.anchor.clone()]);
    anchors.extend(step.stored.iter().map(|value| value.anchor.clone()));
    Page {
        path,
        kind: PageKind::Bytes,
        title: step.title.clone(),
        kicker: format!("{method} · bytes of step {}", step.number),
        lede: String::new(),
        chapter: None,
        method: None,
        step: Some(Box::new(step)),
        entry: None,
        compliance: None,
        embeds: Vec::new(),
        texts: Vec::new(),
        targets: Vec::new(),
        anchors,
        edits: Vec::new(),
        contents: Vec::new(),
        previous: None,
        next: None,
    }
}

/// Tells each page which step with bytes comes before and after its own.
fn connect(pages: &mut [Page]) {
    let links: Vec<PageLink> =
        pages.iter().map(|page| PageLink { title: page.title.clone(), path: page.path.clone() }).collect();
    for (at, page) in pages.iter_mut().enumerate() {
        page.previous = at.checked_sub(1).map(|before| links[before].clone());
        page.next = links.get(at + 1).cloned();
    }
}
