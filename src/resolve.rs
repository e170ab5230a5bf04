//! `*Def` → [`Project`]: every name becomes an index or an entry of a table.

pub mod acknowledgement;
pub mod argument;
pub mod flow;
pub mod font;
pub mod layout;
pub mod scenario;
pub mod scope;
pub mod step;
pub mod threat;

use crate::chapter::Content;
use crate::config::Config;
use crate::decision::Decisions;
use crate::diag::{Code, Sink, error};
use crate::flow::Flow;
use crate::flow::def::FlowDef;
use crate::framework::Frameworks;
use crate::glossary::Glossary;
use crate::profile::Profiles;
use crate::rubric::Rubric;
use crate::scene::text::Fonts;
use crate::threat::Catalogue;

use scope::Scope;

/// A project as parsed.
#[derive(Debug)]
pub struct Defs {
    /// `book.toml`.
    pub config: Config,
    /// The threat catalogue.
    pub threats: Catalogue,
    /// Questions that lead to methods.
    pub decisions: Decisions,
    /// Terms of the field.
    pub glossary: Glossary,
    /// How figures become scores.
    pub rubric: Rubric,
    /// Compliance frameworks, the criteria and what is declared.
    pub frameworks: Frameworks,
    /// Flow files whose keys and types are right.
    pub flows: Vec<FlowDef>,
    /// Chapters and data that pages are made of.
    pub content: Content,
    /// What links and devices cost.
    pub profiles: Profiles,
}

/// A project, resolved.
#[derive(Debug)]
pub struct Project {
    /// `book.toml`.
    pub config: Config,
    /// The threat catalogue.
    pub threats: Catalogue,
    /// Questions that lead to methods.
    pub decisions: Decisions,
    /// Terms of the field.
    pub glossary: Glossary,
    /// How figures become scores.
    pub rubric: Rubric,
    /// Compliance frameworks, the criteria and what is declared.
    pub frameworks: Frameworks,
    /// Methods by family, then by id.
    pub flows: Vec<Flow>,
    /// Chapters and data that pages are made of.
    pub content: Content,
    /// What links and devices cost.
    pub profiles: Profiles,
    /// Fonts of its own, which pictures are drawn with.
    pub fonts: Fonts,
}

impl Project {
    /// The flow called `id`, with its index.
    pub fn flow(&self, id: &str) -> Option<(usize, &Flow)> {
        self.flows.iter().enumerate().find(|(_, flow)| flow.id == id)
    }
}

/// Looks up every name in `scope`; `None` where a flow has a mistake, once all of them are reported.
pub fn resolve(defs: Defs, scope: Scope<'_>, sink: &mut Sink) -> Option<Project> {
    threat::check_tests(&defs.threats, sink);
    defs.flows.iter().for_each(|def| threat::check(def, &defs.threats, sink));
    let flows: Vec<Option<Flow>> = defs.flows.iter().map(|def| flow::resolve(def, scope, sink)).collect();
    let mut flows: Vec<Flow> = flows.into_iter().collect::<Option<_>>()?;
    flows.sort_by(|a, b| (a.family, &a.id).cmp(&(b.family, &b.id)));
    for pair in flows.windows(2).filter(|pair| pair[0].id == pair[1].id) {
        sink.push(error(Code::DUPLICATE_NAME, &pair[1].span, format!("a flow is called `{}` already", pair[1].id)));
    }
    let Defs { config, threats, decisions, glossary, rubric, frameworks, content, profiles, .. } = defs;
    let fonts = font::resolve(&config, sink);
    let project = Project { config, threats, decisions, glossary, rubric, frameworks, flows, content, profiles, fonts };
    (!sink.has_errors()).then_some(project)
}
