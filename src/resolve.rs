//! `*Def` → [`Project`]: every name becomes an index or an entry of a table.

use crate::chapter::Content;
use crate::config::Config;
use crate::flow::Flow;

/// A project, resolved.
#[derive(Debug)]
pub struct Project {
    /// `book.toml`.
    pub config: Config,
    /// Methods by family, then by id.
    pub flows: Vec<Flow>,
    /// Chapters and data that pages are made of.
    pub content: Content,
}

impl Project {
    /// The flow called `id`, with its index.
    pub fn flow(&self, id: &str) -> Option<(usize, &Flow)> {
        self.flows.iter().enumerate().find(|(_, flow)| flow.id == id)
    }
}
