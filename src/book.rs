//! The book: pages of text and data that know no output format.
//!
//! Paths in it count from the root of the edition, so that each exporter can make them relative to a page.

pub mod artifact;
pub mod assertion;
pub mod attack;
pub mod boundary;
pub mod bytes;
pub mod commands;
pub mod comparison;
pub mod compliance;
pub mod decision;
pub mod embed;
pub mod entry;
pub mod figure;
pub mod finding;
pub mod glossary;
pub mod knowledge;
pub mod lifecycle;
pub mod links;
pub mod method;
pub mod navigation;
pub mod probe;
pub mod redirect;
pub mod reference;
pub mod registry;
pub mod role;
pub mod score;
pub mod search;
pub mod step;
pub mod surface;
pub mod threat;
pub mod timeline;
pub mod words;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

pub use embed::Embed;
pub use figure::Figure;
pub use method::MethodView;
pub use navigation::{Navigation, NavigationEntry};

/// Everything that an edition says and shows.
#[derive(Debug, Default)]
pub struct Book {
    /// Its parts and chapters.
    pub navigation: Navigation,
    /// Pages, by path.
    pub pages: Vec<Page>,
    /// Pages that moved: paths of before as titles, with those of now.
    pub redirects: Vec<PageLink>,
    /// Pictures, by path.
    pub figures: Vec<Figure>,
    /// Files that readers can download, by path.
    pub downloads: BTreeMap<String, Vec<u8>>,
    /// Files that pages need, as they are, by path.
    pub statics: BTreeMap<String, Vec<u8>>,
    /// Templates by name, the project's before ours.
    pub templates: BTreeMap<String, String>,
}

impl Book {
    /// The figure called `id`.
    pub fn figure(&self, id: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.id == id)
    }

    /// The figures of a run, in the order in which a page shows them.
    pub fn figures_of(&self, flow: &str, scenario: &str) -> impl Iterator<Item = &Figure> {
        self.figures.iter().filter(move |figure| figure.flow == flow && figure.scenario == scenario)
    }
}

/// A page.
#[derive(Debug, Serialize)]
pub struct Page {
    /// Where it is.
    pub path: String,
    /// What it is.
    pub kind: PageKind,
    /// Title.
    pub title: String,
    /// The line above the title; may be empty.
    pub kicker: String,
    /// The sentences under the title; may be empty.
    pub lede: String,
    /// Path of its chapter in [`crate::chapter::Content::chapters`]; absent where the page is made of data only.
    pub chapter: Option<String>,
    /// What the runs tell, for a method and its scenarios.
    pub method: Option<Box<MethodView>>,
    /// The step whose bytes it shows, on a page of nothing else.
    pub step: Option<Box<step::StepView>>,
    /// The entry of the reference that it shows, on a page of nothing else.
    pub entry: Option<Box<entry::EntryPage>>,
    /// How methods stand against controls, on a page of nothing else.
    #[serde(skip)]
    pub compliance: Option<compliance::ComplianceView>,
    /// What the chapter's directives became, in their order.
    #[serde(skip)]
    pub embeds: Vec<Option<Embed>>,
    /// What the chapter's roles became, in their order.
    #[serde(skip)]
    pub texts: Vec<RoleText>,
    /// Where the chapter's links lead, in their order; absent where a link leads nowhere.
    #[serde(skip)]
    pub targets: Vec<Option<Target>>,
    /// Every anchor that others can link to.
    pub anchors: BTreeSet<String>,
    /// Where its sources can be edited; none where the project does not say.
    pub edits: Vec<PageLink>,
    /// Headings, for the list of contents.
    pub contents: Vec<ContentsEntry>,
    /// The page before it in reading order.
    pub previous: Option<PageLink>,
    /// The page after it.
    pub next: Option<PageLink>,
}

/// What a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageKind {
    /// The bytes of a step.
    Bytes,
    /// Text.
    Chapter,
    /// Points to tick.
    Checklist,
    /// A method across frameworks.
    Compliance,
    /// An entry of the reference.
    Entry,
    /// A framework across methods.
    Framework,
    /// The entrance.
    Home,
    /// A method.
    Method,
    /// What a server shows where there is no page.
    Missing,
    /// An attack on a method.
    Scenario,
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Somewhere on the same page.
    Anchor(String),
    /// Out of the site.
    External(String),
    /// A page or file of the site, with its anchor where one is named.
    Internal(String),
}

/// What a role prints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleText {
    /// The words.
    pub text: String,
    /// Whether they are bytes or a code, set in the type of code.
    pub is_code: bool,
    /// Where the figure comes from; absent where nothing was found.
    pub source: Option<String>,
}

/// A line of the list of contents.
#[derive(Clone, Debug, Serialize)]
pub struct ContentsEntry {
    /// 2 or 3.
    pub level: u8,
    /// Words of the heading.
    pub title: String,
    /// Its anchor.
    pub anchor: String,
}

/// A page as others name it.
#[derive(Clone, Debug, Serialize)]
pub struct PageLink {
    /// Title.
    pub title: String,
    /// Path, with an anchor where one is meant.
    pub path: String,
}
