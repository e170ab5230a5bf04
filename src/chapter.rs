//! Chapters: Markdown with directives and roles, as a small tree.

pub mod directive;
pub mod front_matter;
pub mod markdown;
pub mod parse;
pub mod summary;

use std::collections::BTreeMap;

pub use directive::{
    ASSERTIONS, Assertion, AssertionKind, CALLOUTS, Callout, DIRECTIVES, Directive, DirectiveKind, ROLES, Role,
    RoleKind,
};
pub use front_matter::{ChapterKind, FrontMatter};
pub use parse::parse;
pub use summary::{Summary, SummaryEntry, SummaryPart};

use crate::source::Span;

/// Everything under `content/`.
#[derive(Debug, Default)]
pub struct Content {
    /// The order of the book.
    pub summary: Summary,
    /// Chapters by path below `content/`, such as `methods/brski.md`.
    pub chapters: BTreeMap<String, Chapter>,
}

/// One Markdown file.
#[derive(Debug)]
pub struct Chapter {
    /// Path below `content/`.
    pub path: String,
    /// The file.
    pub span: Span,
    /// What stands between the `+++` lines.
    pub front_matter: FrontMatter,
    /// The text.
    pub blocks: Vec<Block>,
    /// Directives, in order; [`Block::Directive`] is an index into them.
    pub directives: Vec<DirectiveUse>,
    /// Roles, in order; [`Inline::Role`] is an index into them.
    pub roles: Vec<RoleUse>,
    /// Links and images, in order; [`Inline::Link`] and [`Inline::Image`] hold an index into them.
    pub links: Vec<LinkUse>,
    /// Figures and tables with a name, in order.
    pub labels: Vec<LabelUse>,
}

impl Chapter {
    /// The title: the front matter's, or the first heading of level 1, or the path.
    pub fn title(&self) -> String {
        if let Some(title) = &self.front_matter.title {
            return title.clone();
        }
        let heading = self.blocks.iter().find_map(|block| match block {
            Block::Heading { level: 1, content, .. } => Some(plain_text(content)),
            _ => None,
        });
        heading.unwrap_or_else(|| self.path.clone())
    }
}

/// A block of a chapter.
#[derive(Debug)]
pub enum Block {
    /// `> [!NOTE]` and its kin.
    Callout {
        /// Which.
        callout: &'static Callout,
        /// What it says.
        blocks: Vec<Block>,
    },
    /// Code, as it stands.
    Code {
        /// First word of the info string; empty where there is none.
        language: String,
        /// The code.
        text: String,
    },
    /// A fenced directive: index into [`Chapter::directives`].
    Directive(usize),
    /// A heading.
    Heading {
        /// 1 to 6.
        level: u8,
        /// Its anchor, unique in the chapter.
        id: String,
        /// Its words.
        content: Vec<Inline>,
    },
    /// A list.
    List {
        /// First number; absent for a list of points.
        start: Option<u64>,
        /// Its items.
        items: Vec<Item>,
    },
    /// A paragraph, or the text of a tight list item.
    Paragraph(Vec<Inline>),
    /// A quotation.
    Quote(Vec<Block>),
    /// A thematic break.
    Rule,
    /// A table.
    Table {
        /// Alignment of each column.
        alignments: Vec<Alignment>,
        /// The head row.
        head: Vec<Vec<Inline>>,
        /// The body rows.
        rows: Vec<Vec<Vec<Inline>>>,
        /// What stands over it, where a paragraph that begins with a colon follows it.
        caption: Option<Caption>,
    },
}

/// An item of a list.
#[derive(Debug, Default)]
pub struct Item {
    /// Whether a task is ticked; absent for an ordinary item.
    pub checked: Option<bool>,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// Alignment of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alignment {
    /// Centred.
    Center,
    /// At the left, also where the author says nothing.
    Left,
    /// At the right.
    Right,
}

/// A piece of running text.
#[derive(Debug)]
pub enum Inline {
    /// A forced line break.
    Break,
    /// Code in the line.
    Code(String),
    /// Emphasised text.
    Emphasis(Vec<Inline>),
    /// An image: index into [`Chapter::links`], and what is said in its place.
    Image(usize, String),
    /// A link: index into [`Chapter::links`], and its words.
    Link(usize, Vec<Inline>),
    /// A role: index into [`Chapter::roles`].
    Role(usize),
    /// Text struck through.
    Strikethrough(Vec<Inline>),
    /// Strong text.
    Strong(Vec<Inline>),
    /// Text; raw HTML arrives here too, and is shown as it was written.
    Text(String),
}

/// The caption of a table.
#[derive(Debug)]
pub struct Caption {
    /// Its number among the tables of the chapter that have one.
    pub number: usize,
    /// Its words.
    pub content: Vec<Inline>,
    /// Its anchor; absent where it has no name.
    pub anchor: Option<String>,
}

/// A name that a chapter gives to a figure or a table, so that texts can refer to it.
#[derive(Debug)]
pub struct LabelUse {
    /// The name, one in the book.
    pub name: String,
    /// What is called so: `Figure 2`.
    pub words: String,
    /// Its anchor on the page.
    pub anchor: String,
    /// Where it is written.
    pub span: Span,
}

/// A directive as a chapter uses it.
#[derive(Debug)]
pub struct DirectiveUse {
    /// Which.
    pub directive: &'static Directive,
    /// What follows the name; empty where nothing does.
    pub argument: String,
    /// Options by name, with their place.
    pub options: BTreeMap<&'static str, (String, Span)>,
    /// Lines that are no options, with their place.
    pub lines: Vec<(String, Span)>,
    /// Its number among the figures of the chapter; absent for a directive that is none.
    pub number: Option<usize>,
    /// Where it is written.
    pub span: Span,
}

impl DirectiveUse {
    /// The value of an option.
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(|(value, _)| value.as_str())
    }

    /// The place of an option, or of the directive where it is not given.
    pub fn option_span(&self, name: &str) -> &Span {
        self.options.get(name).map_or(&self.span, |(_, span)| span)
    }
}

/// A role as a chapter uses it.
#[derive(Debug)]
pub struct RoleUse {
    /// Which.
    pub role: &'static Role,
    /// The words between the backticks.
    pub words: Vec<String>,
    /// What it prints, for a role with words of the author.
    pub title: Option<String>,
    /// Where it is written.
    pub span: Span,
}

/// The target of a link as written.
#[derive(Debug)]
pub struct LinkUse {
    /// The target.
    pub target: String,
    /// Where it is written.
    pub span: Span,
}

/// The words of running text without its marks.
pub fn plain_text(inlines: &[Inline]) -> String {
    let mut text = String::new();
    for inline in inlines {
        match inline {
            Inline::Break => text.push(' '),
            Inline::Code(code) => text.push_str(code),
            Inline::Emphasis(content)
            | Inline::Strong(content)
            | Inline::Strikethrough(content)
            | Inline::Link(_, content) => text.push_str(&plain_text(content)),
            Inline::Image(_, alternative) => text.push_str(alternative),
            Inline::Role(_) => text.push('…'),
            Inline::Text(words) => text.push_str(words),
        }
    }
    text
}
