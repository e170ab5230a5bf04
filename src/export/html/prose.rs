//! Chapters → HTML; everything that an author wrote is escaped.

use std::fmt::Write;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use crate::book::{Page, RoleText, Target, glossary};
use crate::chapter::{Alignment, Block, Caption, Inline, Item};
use crate::glossary::Glossary;

/// Writes the blocks of one page.
pub struct Prose<'p> {
    /// The page.
    pub page: &'p Page,
    /// The way from it to the root.
    pub root: &'p str,
    /// Its directives, as HTML.
    pub components: &'p [String],
    /// What links terms; absent on a page that does not.
    pub terms: Option<Terms<'p>>,
}

/// Links each term where it first occurs on a page.
pub struct Terms<'p> {
    glossary: &'p Glossary,
    /// Path of the page that lists the terms.
    page: &'p str,
    /// Those that were linked, by index.
    linked: RefCell<BTreeSet<usize>>,
    /// Whether the words that are being written can be a link.
    is_allowed: Cell<bool>,
}

impl<'p> Terms<'p> {
    /// For a page; `page` lists the terms.
    pub fn new(glossary: &'p Glossary, page: &'p str) -> Self {
        Self { glossary, page, linked: RefCell::default(), is_allowed: Cell::new(true) }
    }

    /// `text` as HTML, with links.
    fn text(&self, text: &str, root: &str) -> String {
        let (mut html, mut written) = (String::new(), 0);
        for (range, index) in self.glossary.find(text) {
            if !self.is_allowed.get() || !self.linked.borrow_mut().insert(index) {
                continue;
            }
            let term = &self.glossary.terms[index];
            html.push_str(&escape(&text[written..range.start]));
            let _ = write!(
                html,
                "<a class=\"term\" href=\"{root}{}#{}\" title=\"{}\">{}</a>",
                escape(self.page),
                glossary::anchor(&term.id),
                escape(&term.text),
                escape(&text[range.clone()])
            );
            written = range.end;
        }
        html + &escape(&text[written..])
    }
}

impl Prose<'_> {
    /// The HTML of `blocks`.
    pub fn blocks(&self, blocks: &[Block]) -> String {
        blocks.iter().map(|block| self.block(block)).collect()
    }

    fn block(&self, block: &Block) -> String {
        match block {
            Block::Callout { callout, blocks } => format!(
                "<div role=\"note\" class=\"callout callout-{}\"><p class=\"callout-title\">{}</p>\n{}</div>\n",
                callout.word.to_lowercase(),
                callout.title,
                self.blocks(blocks)
            ),
            Block::Code { language, text } => {
                let class = if language.is_empty() {
                    String::new()
                } else {
                    format!(" class=\"language-{}\"", escape(language))
                };
                format!("<pre class=\"code\" tabindex=\"0\"><code{class}>{}</code></pre>\n", escape(text))
            }
            Block::Directive(index) => self.components.get(*index).cloned().unwrap_or_default(),
            Block::Heading { level, id, content } => self.heading(*level, id, content),
            Block::List { start, items } => self.list(*start, items),
            Block::Paragraph(content) => format!("<p>{}</p>\n", self.inlines(content)),
            Block::Quote(blocks) => format!("<blockquote>\n{}</blockquote>\n", self.blocks(blocks)),
            Block::Rule => "<hr>\n".to_owned(),
            Block::Table { alignments, head, rows, caption } => self.table(alignments, head, rows, caption.as_ref()),
        }
    }

    fn heading(&self, level: u8, id: &str, content: &[Inline]) -> String {
        // The template sets the page's title; a heading of level 1 in the text would be a second one.
        if level == 1 {
            return String::new();
        }
        let (id, words) = (escape(id), self.without_terms(content));
        format!(
            "<h{level} id=\"{id}\"><a class=\"anchor\" href=\"#{id}\" aria-hidden=\"true\" tabindex=\"-1\">#</a>{words}</h{level}>\n"
        )
    }

    fn list(&self, start: Option<u64>, items: &[Item]) -> String {
        let is_tasks = items.iter().any(|item| item.checked.is_some());
        let class = if is_tasks { " class=\"tasks\"" } else { "" };
        let items: String = items.iter().map(|item| self.item(item)).collect();
        match start {
            None => format!("<ul{class}>\n{items}</ul>\n"),
            Some(1) => format!("<ol{class}>\n{items}</ol>\n"),
            Some(start) => format!("<ol{class} start=\"{start}\">\n{items}</ol>\n"),
        }
    }

    fn item(&self, item: &Item) -> String {
        // A tight item has its words without a paragraph around them.
        let content: String = match item.blocks.as_slice() {
            [Block::Paragraph(content), rest @ ..] => format!("{}{}", self.inlines(content), self.blocks(rest)),
            blocks => self.blocks(blocks),
        };
        match item.checked {
            None => format!("<li>{content}</li>\n"),
            Some(checked) => {
                let checked = if checked { " checked" } else { "" };
                format!(
                    "<li class=\"task\"><label><input type=\"checkbox\"{checked}><span>{content}</span></label></li>\n"
                )
            }
        }
    }

    fn table(
        &self,
        alignments: &[Alignment],
        head: &[Vec<Inline>],
        rows: &[Vec<Vec<Inline>>],
        caption: Option<&Caption>,
    ) -> String {
        let row = |cells: &[Vec<Inline>], tag: &str| {
            let mut html = String::from("<tr>");
            for (index, cell) in cells.iter().enumerate() {
                let class = match alignments.get(index) {
                    Some(Alignment::Center) => " class=\"center\"",
                    Some(Alignment::Right) => " class=\"right\"",
                    Some(Alignment::Left) | None => "",
                };
                let scope = if tag == "th" { " scope=\"col\"" } else { "" };
                let _ = write!(html, "<{tag}{class}{scope}>{}</{tag}>", self.inlines(cell));
            }
            html + "</tr>\n"
        };
        let body: String = rows.iter().map(|cells| row(cells, "td")).collect();
        let head = row(head, "th");
        let caption = caption.map(|caption| self.caption(caption)).unwrap_or_default();
        format!(
            "<div class=\"scroll\" tabindex=\"0\"><table>\n{caption}<thead>{head}</thead>\n<tbody>\n{body}</tbody></table></div>\n"
        )
    }

    fn caption(&self, caption: &Caption) -> String {
        let id = caption.anchor.as_ref().map(|anchor| format!(" id=\"{}\"", escape(anchor))).unwrap_or_default();
        format!("<caption{id}><b>Table {}</b> {}</caption>\n", caption.number, self.inlines(&caption.content))
    }

    /// Words in which nothing is linked that the author did not link.
    fn without_terms(&self, inlines: &[Inline]) -> String {
        let Some(terms) = &self.terms else { return self.inlines(inlines) };
        let was_allowed = terms.is_allowed.replace(false);
        let html = self.inlines(inlines);
        terms.is_allowed.set(was_allowed);
        html
    }

    fn inlines(&self, inlines: &[Inline]) -> String {
        inlines.iter().map(|inline| self.inline(inline)).collect()
    }

    fn inline(&self, inline: &Inline) -> String {
        match inline {
            Inline::Break => "<br>".to_owned(),
            Inline::Code(code) => format!("<code>{}</code>", escape(code)),
            Inline::Emphasis(content) => format!("<em>{}</em>", self.inlines(content)),
            Inline::Image(link, alternative) => match self.href(*link) {
                Some((href, _)) => format!("<img src=\"{href}\" alt=\"{}\">", escape(alternative)),
                None => escape(alternative),
            },
            Inline::Link(link, content) => match self.href(*link) {
                Some((href, class)) => format!("<a href=\"{href}\"{class}>{}</a>", self.without_terms(content)),
                None => self.inlines(content),
            },
            Inline::Role(index) => self.page.texts.get(*index).map(|text| self.role(text)).unwrap_or_default(),
            Inline::Strikethrough(content) => format!("<del>{}</del>", self.inlines(content)),
            Inline::Strong(content) => format!("<strong>{}</strong>", self.inlines(content)),
            Inline::Text(text) => match &self.terms {
                Some(terms) => terms.text(text, self.root),
                None => escape(text),
            },
        }
    }

    fn role(&self, text: &RoleText) -> String {
        let words = escape(&text.text);
        let words = if text.is_code { format!("<code>{words}</code>") } else { words };
        match &text.source {
            Some(source) => {
                format!(
                    "<a class=\"quoted\" href=\"{}{}\" title=\"computed in this build\">{words}</a>",
                    self.root,
                    escape(source)
                )
            }
            None => words,
        }
    }

    /// The URL of a link, and its class.
    fn href(&self, link: usize) -> Option<(String, &'static str)> {
        Some(match self.page.targets.get(link)?.as_ref()? {
            Target::Anchor(anchor) => (format!("#{}", escape(anchor)), ""),
            Target::External(url) => (escape(url), " class=\"external\" rel=\"noopener noreferrer\""),
            Target::Internal(path) => (format!("{}{}", self.root, escape(path)), ""),
        })
    }
}

/// Text that HTML reads as text, also in attributes.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
