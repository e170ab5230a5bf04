//! What the pages are told while they are open: which of them changed, and what is wrong with the sources.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use hyper::body::Bytes;
use serde::Serialize;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::site::{Site, digest, is_page};

/// The site as it is now, and who wants to hear of the next one.
#[derive(Debug, Default)]
pub(super) struct Live(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// The last site without mistakes; absent before the first.
    site: Option<Arc<Site>>,
    told: Told,
    listeners: Vec<UnboundedSender<Bytes>>,
}

/// What the last build had to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// Whether the site is older than its sources, because of what is told.
    pub(super) is_wrong: bool,
    /// The diagnostics as on the terminal; empty where there are none.
    pub(super) text: String,
}

/// What is sent to a page. It says what is and not what happened, so that one that missed something learns it with the
/// next news, and one that came late with the first.
#[derive(Debug, Serialize)]
struct News<'n> {
    /// Digest of the files that every page uses.
    shared: &'n str,
    /// Paths with the digest of what is there, or nothing where nothing is.
    changed: &'n BTreeMap<String, Option<String>>,
    is_wrong: bool,
    text: &'n str,
}

/// How a site differs from the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Difference {
    /// There was none before.
    First {
        /// Pages of the site.
        n_pages: usize,
    },
    /// There was one.
    Next {
        /// Pages that came, went, or are not what they were.
        n_changed: usize,
    },
}

impl Difference {
    /// What was done.
    pub(super) fn verb(self) -> &'static str {
        match self {
            Self::First { .. } => "built",
            Self::Next { .. } => "rebuilt",
        }
    }

    /// What came of it.
    pub(super) fn pages(self) -> String {
        let counted = |n: usize| format!("{n} page{}", if n == 1 { "" } else { "s" });
        match self {
            Self::First { n_pages } => counted(n_pages),
            Self::Next { n_changed } => format!("{} changed", counted(n_changed)),
        }
    }
}

impl Live {
    /// The site, or what keeps it from being there.
    pub(super) fn now(&self) -> (Option<Arc<Site>>, Told) {
        let state = self.state();
        (state.site.clone(), state.told.clone())
    }

    /// The site stays, and this is why.
    pub(super) fn tell(&self, told: Told) {
        let mut state = self.state();
        state.told = told;
        state.send(&BTreeMap::new());
    }

    /// Puts `site` in the place of the one before.
    pub(super) fn publish(&self, site: Site, told: Told) -> Difference {
        let mut state = self.state();
        let before = state.site.take();
        let changed = before.as_ref().map(|before| site.changed_since(before));
        let n_pages = site.n_pages();
        state.site = Some(Arc::new(site));
        state.told = told;
        state.send(changed.as_ref().unwrap_or(&BTreeMap::new()));
        changed.map_or(Difference::First { n_pages }, |changed| Difference::Next {
            n_changed: changed.keys().filter(|path| is_page(path)).count(),
        })
    }

    /// News for somebody who looks at the file `path`, what is now first.
    pub(super) fn listen(&self, path: &str) -> UnboundedReceiver<Bytes> {
        let mut state = self.state();
        let now = state.site.as_ref().and_then(|site| site.digest(path));
        let (sender, receiver) = unbounded_channel();
        // The other end is in our hands.
        drop(sender.send(state.news(&BTreeMap::from([(path.to_owned(), now)]))));
        state.listeners.push(sender);
        receiver
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no thread panics while it holds the state")
    }
}

impl State {
    /// Sends to everybody, and forgets who has gone.
    fn send(&mut self, changed: &BTreeMap<String, Option<String>>) {
        let news = self.news(changed);
        self.listeners.retain(|listener| listener.send(news.clone()).is_ok());
    }

    /// An event in the format of server-sent events: JSON has no line breaks of its own.
    fn news(&self, changed: &BTreeMap<String, Option<String>>) -> Bytes {
        let shared = shared(self.site.as_deref(), &self.told);
        // Before the first site, the page itself shows what is wrong.
        let text = if self.site.is_some() { self.told.text.as_str() } else { "" };
        let news = News { shared: &shared, changed, is_wrong: self.told.is_wrong, text };
        let json = serde_json::to_string(&news).expect("words, and maps whose keys are words");
        format!("data: {json}\n\n").into()
    }
}

/// The digest with which a page compares the files that it shares with others; where there is no site, of what is told
/// in its place, so that it differs from that of every site.
pub(super) fn shared(site: Option<&Site>, told: &Told) -> String {
    site.map_or_else(|| format!("told-{}", digest(told.text.as_bytes())), |site| site.shared().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::Output;

    fn heard(receiver: &mut UnboundedReceiver<Bytes>) -> serde_json::Value {
        let event = receiver.try_recv().unwrap();
        let text = std::str::from_utf8(&event).unwrap();
        serde_json::from_str(text.strip_prefix("data: ").unwrap().strip_suffix("\n\n").unwrap()).unwrap()
    }

    fn site(text: &str) -> Site {
        Site::new("1", vec![Output::new("1/a.html", text), Output::new("1/b.html", "b")])
    }

    #[test]
    fn whoever_listens_hears_what_is_and_then_what_becomes() {
        let live = Live::default();
        let mut early = live.listen("1/a.html");
        let nothing = heard(&mut early);
        assert!(nothing["changed"]["1/a.html"].is_null(), "{nothing}");
        assert_eq!(live.publish(site("a"), Told::default()).pages(), "2 pages");
        assert_ne!(heard(&mut early)["shared"], nothing["shared"], "an early page is built now");
        let mut late = live.listen("1/a.html");
        assert_eq!(heard(&mut late)["changed"]["1/a.html"], digest(b"a").as_str());
        assert_eq!(live.publish(site("A"), Told::default()).pages(), "1 page changed");
        let news = heard(&mut late);
        assert_eq!(news["changed"], serde_json::json!({ "1/a.html": digest(b"A") }));
        live.tell(Told { is_wrong: true, text: "error: <one>\n\nand\n".to_owned() });
        assert_eq!(heard(&mut late)["text"], "error: <one>\n\nand\n");
        assert_eq!(live.now().0.unwrap().digest("1/a.html"), Some(digest(b"A")), "the last good site stays");
    }

    #[test]
    fn who_has_gone_is_forgotten() {
        let live = Live::default();
        drop(live.listen("1/a.html"));
        live.publish(site("a"), Told::default());
        assert!(live.state().listeners.is_empty());
    }
}
