//! Pages that moved: addresses of before lead to what is there now.

use super::PageLink;
use super::links::Destinations;
use crate::config::Redirect;
use crate::diag::{Code, Sink, did_you_mean, error};

/// From the paths of pages that were to those that are; what does not lead from nothing to something goes into `sink`.
pub fn redirects(written: &[Redirect], destinations: &Destinations, sink: &mut Sink) -> Vec<PageLink> {
    written.iter().filter_map(|redirect| resolve(redirect, destinations, sink)).collect()
}

fn resolve(redirect: &Redirect, destinations: &Destinations, sink: &mut Sink) -> Option<PageLink> {
    let Redirect { from, to, span } = redirect;
    if destinations.pages.contains_key(from) {
        let found = error(Code::DUPLICATE_NAME, span, format!("there is a page `{from}`, which cannot lead elsewhere"));
        sink.push(found.hint("remove the redirect, or rename the page"));
        return None;
    }
    let (page, anchor) = to.split_once('#').unwrap_or((to, ""));
    let Some(anchors) = destinations.pages.get(page) else {
        let known = destinations.pages.keys().map(String::as_str);
        let found = error(Code::BROKEN_LINK, span, format!("there is no page `{page}`"));
        sink.push(found.maybe_hint(did_you_mean(page, known)));
        return None;
    };
    if !anchor.is_empty() && !anchors.contains(anchor) {
        let found = error(Code::BROKEN_LINK, span, format!("page `{page}` has no anchor `{anchor}`"));
        sink.push(found.maybe_hint(did_you_mean(anchor, anchors.iter().map(String::as_str))));
        return None;
    }
    Some(PageLink { title: from.clone(), path: to.clone() })
}
