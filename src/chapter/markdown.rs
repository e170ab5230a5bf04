//! Markdown events → [`Block`]s.
//!
//! Raw HTML becomes text: chapters of strangers must not bring scripts into a page.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::{CodeBlockKind, Event, OffsetIter, Options, Parser, Tag};

use super::directive::{find_callout, find_directive, find_role};
use super::{
    Alignment, Block, CALLOUTS, Caption, DIRECTIVES, Directive, DirectiveKind, DirectiveUse, Inline, Item, LabelUse,
    LinkUse, ROLES, Role, RoleUse, plain_text,
};
use crate::diag::{Code, Sink, did_you_mean, error};
use crate::grammar::check_id;
use crate::source::Span;

/// The parts of a chapter that come from its Markdown.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The text.
    pub blocks: Vec<Block>,
    /// Directives, in order.
    pub directives: Vec<DirectiveUse>,
    /// Roles, in order.
    pub roles: Vec<RoleUse>,
    /// Links and images, in order.
    pub links: Vec<LinkUse>,
    /// Figures and tables with a name, in order.
    pub labels: Vec<LabelUse>,
}

/// Reads the Markdown of `text` from `body` on; spans count from the start of `text`.
pub fn parse(path: &Arc<str>, text: &str, body: usize, sink: &mut Sink) -> Parsed {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let events = Parser::new_ext(&text[body..], options).into_offset_iter().peekable();
    let mut reader = Reader {
        path,
        text,
        body,
        events,
        sink,
        parsed: Parsed::default(),
        ids: BTreeMap::new(),
        n_figures: 0,
        n_tables: 0,
        checked: None,
        depth: 0,
    };
    let blocks = reader.blocks();
    Parsed { blocks, ..reader.parsed }
}

/// Options by name, with their place.
type Given = BTreeMap<&'static str, (String, Span)>;

struct Reader<'t> {
    path: &'t Arc<str>,
    text: &'t str,
    /// Where the Markdown begins in `text`.
    body: usize,
    events: Peekable<OffsetIter<'t>>,
    sink: &'t mut Sink,
    parsed: Parsed,
    /// Anchors given so far, each with the last number that was added to it.
    ids: BTreeMap<String, usize>,
    /// Figures read so far, and tables with a caption.
    n_figures: usize,
    n_tables: usize,
    /// The tick of the list item that is being read.
    checked: Option<bool>,
    /// How many blocks and inlines are being read, one within the other.
    depth: usize,
}

/// Deepest nesting of quotes, lists, emphasis and links: what is deeper only costs stack.
const MAX_DEPTH: usize = 32;

impl<'t> Reader<'t> {
    /// Reads blocks up to the end of what contains them, and leaves that end to the caller.
    fn blocks(&mut self) -> Vec<Block> {
        let mut blocks = Vec::new();
        while let Some((event, range)) = self.events.peek() {
            match event {
                Event::End(_) => break,
                Event::Start(tag) if is_block(tag) => {
                    let range = range.clone();
                    blocks.extend(self.block());
                    self.set_caption(&mut blocks, range);
                }
                Event::Rule => {
                    self.events.next();
                    blocks.push(Block::Rule);
                }
                Event::TaskListMarker(checked) => {
                    self.checked = Some(*checked);
                    self.events.next();
                }
                // The text of a tight list item has no paragraph of its own.
                _ => blocks.push(Block::Paragraph(self.inlines())),
            }
        }
        blocks
    }

    fn block(&mut self) -> Option<Block> {
        let (Event::Start(tag), range) = self.events.next()? else { unreachable!("a start was peeked") };
        if self.depth == MAX_DEPTH {
            self.skip(range);
            return None;
        }
        self.depth += 1;
        let block = self.block_of(tag, range);
        self.depth -= 1;
        block
    }

    /// Leaves out what has just begun and is nested too deep.
    fn skip(&mut self, range: Range<usize>) {
        let span = self.span(range);
        let message = format!("text is nested more than {MAX_DEPTH} deep");
        self.sink.push(error(Code::INVALID_VALUE, &span, message).hint("quotes, lists, emphasis and links count"));
        let mut n_open = 1;
        while n_open > 0 {
            match self.events.next() {
                Some((Event::Start(_), _)) => n_open += 1,
                Some((Event::End(_), _)) => n_open -= 1,
                Some(_) => {}
                None => break,
            }
        }
    }

    fn block_of(&mut self, tag: Tag<'t>, range: Range<usize>) -> Option<Block> {
        let block = match tag {
            Tag::Heading { level, .. } => {
                let content = self.inlines();
                Block::Heading { level: level as u8, id: self.anchor(&plain_text(&content)), content }
            }
            Tag::BlockQuote(_) => self.quote(range.clone()),
            Tag::CodeBlock(kind) => return self.code_block(&kind, range),
            Tag::List(start) => Block::List { start, items: self.items() },
            Tag::Table(alignments) => self.table(&alignments),
            // Raw HTML, as text.
            Tag::Paragraph | Tag::HtmlBlock => Block::Paragraph(self.inlines()),
            other => unreachable!("{other:?} is no block of the enabled options"),
        };
        self.events.next();
        Some(block)
    }

    fn items(&mut self) -> Vec<Item> {
        let mut items = Vec::new();
        while let Some((Event::Start(Tag::Item), _)) = self.events.peek() {
            self.events.next();
            self.checked = None;
            // A nested list has ticks of its own: the marker comes first in its item.
            if let Some((Event::TaskListMarker(checked), _)) = self.events.peek() {
                self.checked = Some(*checked);
                self.events.next();
            }
            let checked = self.checked.take();
            let blocks = self.blocks();
            self.events.next();
            items.push(Item { checked: checked.or(self.checked.take()), blocks });
        }
        items
    }

    fn table(&mut self, alignments: &[pulldown_cmark::Alignment]) -> Block {
        let mut rows = Vec::new();
        while let Some((Event::Start(Tag::TableHead | Tag::TableRow), _)) = self.events.peek() {
            self.events.next();
            let mut cells = Vec::new();
            while let Some((Event::Start(Tag::TableCell), _)) = self.events.peek() {
                self.events.next();
                cells.push(self.inlines());
                self.events.next();
            }
            self.events.next();
            rows.push(cells);
        }
        let alignments = alignments.iter().map(|alignment| match alignment {
            pulldown_cmark::Alignment::Center => Alignment::Center,
            pulldown_cmark::Alignment::Right => Alignment::Right,
            pulldown_cmark::Alignment::None | pulldown_cmark::Alignment::Left => Alignment::Left,
        });
        let alignments = alignments.collect();
        let head = if rows.is_empty() { Vec::new() } else { rows.remove(0) };
        Block::Table { alignments, head, rows, caption: None }
    }

    /// Makes a paragraph that begins with a colon the caption of the table right before it, as Pandoc does; `{#name}` at
    /// its end is the name of the table.
    fn set_caption(&mut self, blocks: &mut Vec<Block>, range: Range<usize>) {
        let [.., Block::Table { caption: caption @ None, .. }, Block::Paragraph(content)] = blocks.as_mut_slice()
        else {
            return;
        };
        let Some(Inline::Text(first)) = content.first_mut() else { return };
        let Some(words) = first.strip_prefix(": ") else { return };
        *first = words.to_owned();
        self.n_tables += 1;
        let number = self.n_tables;
        let mut content = std::mem::take(content);
        let name = content.last_mut().and_then(take_name);
        let span = self.span(range);
        let anchor = name.and_then(|name| self.label(name, span, "table", &format!("Table {number}")));
        *caption = Some(Caption { number, content, anchor });
        blocks.pop();
    }

    /// Notes a name of a figure or table; the result is its anchor.
    fn label(&mut self, name: String, span: Span, kind: &str, words: &str) -> Option<String> {
        if !check_id(&name, &span, self.sink) {
            return None;
        }
        let anchor = format!("{kind}-{name}");
        self.parsed.labels.push(LabelUse { name, words: words.to_owned(), anchor: anchor.clone(), span });
        Some(anchor)
    }

    fn quote(&mut self, range: Range<usize>) -> Block {
        let mut blocks = self.blocks();
        let Some(word) = callout_word(&blocks) else { return Block::Quote(blocks) };
        let Some(callout) = find_callout(&word) else {
            let span = self.span(range);
            let words = CALLOUTS.iter().map(|callout| callout.word);
            self.sink.push(
                error(Code::UNKNOWN_DIRECTIVE, &span, format!("unknown callout `[!{word}]`"))
                    .maybe_hint(did_you_mean(&word, words)),
            );
            return Block::Quote(blocks);
        };
        strip_callout_word(&mut blocks, word.len() + "[!]".len());
        Block::Callout { callout, blocks }
    }

    fn code_block(&mut self, kind: &CodeBlockKind<'_>, range: Range<usize>) -> Option<Block> {
        let mut text = String::new();
        while let Some((Event::Text(piece), _)) = self.events.peek() {
            text.push_str(piece);
            self.events.next();
        }
        self.events.next();
        let info = match kind {
            CodeBlockKind::Fenced(info) => info.trim(),
            CodeBlockKind::Indented => "",
        };
        if let Some((name, argument)) = info.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
            return self.directive(name, argument.trim(), &text, range);
        }
        let language = info.split([' ', ',']).next().unwrap_or_default().to_owned();
        Some(Block::Code { language, text })
    }

    fn directive(&mut self, name: &str, argument: &str, text: &str, range: Range<usize>) -> Option<Block> {
        let start = range.start + self.body;
        let first_line = start..self.text[start..].find('\n').map_or(self.text.len(), |length| start + length);
        let span = Span::new(self.path, first_line);
        let Some(directive) = find_directive(name) else {
            self.sink.push(
                error(Code::UNKNOWN_DIRECTIVE, &span, format!("unknown directive `{name}`"))
                    .maybe_hint(did_you_mean(name, DIRECTIVES.iter().map(|directive| directive.name))),
            );
            return None;
        };
        if directive.argument.is_empty() != argument.is_empty() {
            let (code, what) = if argument.is_empty() {
                (Code::MISSING_ARGUMENT, format!("`{name}` needs the id of a {}", directive.argument))
            } else {
                (Code::UNKNOWN_ARGUMENT, format!("`{name}` takes no argument, but `{argument}` was given"))
            };
            self.sink.error(code, &span, what);
            return None;
        }
        let (options, lines) = self.lines(directive, text, range);
        if !directive.lines.is_empty() && lines.is_empty() {
            let message = format!("`{}` has no {}", directive.name, directive.lines);
            self.sink.push(
                error(Code::MISSING_ARGUMENT, &span, message).hint(format!("write each {} on a line", directive.lines)),
            );
        }
        let number = (directive.kind == DirectiveKind::Figure).then(|| {
            self.n_figures += 1;
            self.n_figures
        });
        if let (Some(number), Some((name, span))) = (number, options.get("name").cloned()) {
            self.label(name, span, "figure", &format!("Figure {number}"));
        }
        let argument = argument.to_owned();
        self.parsed.directives.push(DirectiveUse { directive, argument, options, lines, number, span });
        Some(Block::Directive(self.parsed.directives.len() - 1))
    }

    /// The options in the text of a directive, and its other lines.
    fn lines(
        &mut self,
        directive: &'static Directive,
        text: &str,
        range: Range<usize>,
    ) -> (Given, Vec<(String, Span)>) {
        let (mut options, mut lines) = (Given::new(), Vec::new());
        let mut searched = range.start;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            // Lines come in order, so that one that stands twice is found where it stands.
            let source = &self.text[searched + self.body..range.end + self.body];
            let line = line.trim();
            let at = searched + source.find(line).unwrap_or(0);
            searched = at + line.len();
            let span = self.span(at..searched);
            let Some((name, value)) = line.strip_prefix(':').and_then(|rest| rest.split_once(':')) else {
                if !directive.lines.is_empty() {
                    lines.push((line.to_owned(), span));
                    continue;
                }
                self.sink.push(
                    error(Code::INVALID_VALUE, &span, format!("`{}` has options only, no text", directive.name))
                        .hint("write an option as `:name: value`"),
                );
                continue;
            };
            let Some(option) = directive.options.iter().find(|option| option.name == name) else {
                self.sink.push(
                    error(Code::UNKNOWN_ARGUMENT, &span, format!("`{}` has no option `{name}`", directive.name))
                        .maybe_hint(did_you_mean(name, directive.options.iter().map(|option| option.name))),
                );
                continue;
            };
            options.insert(option.name, (value.trim().to_owned(), span));
        }
        (options, lines)
    }

    /// Reads running text up to the end of what contains it, or to a block in it.
    fn inlines(&mut self) -> Vec<Inline> {
        let mut inlines = Vec::new();
        while let Some((event, _)) = self.events.peek() {
            let stops = match event {
                Event::End(_) | Event::Rule => true,
                Event::Start(tag) => is_block(tag),
                _ => false,
            };
            if stops {
                break;
            }
            let Some((event, range)) = self.events.next() else { break };
            self.inline(event, range, &mut inlines);
        }
        inlines
    }

    fn inline(&mut self, event: Event<'t>, range: Range<usize>, inlines: &mut Vec<Inline>) {
        match event {
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => push_text(inlines, &text),
            Event::SoftBreak => push_text(inlines, " "),
            Event::HardBreak => inlines.push(Inline::Break),
            Event::Code(text) => self.code(&text, range, inlines),
            Event::TaskListMarker(checked) => self.checked = Some(checked),
            Event::Start(_) if self.depth == MAX_DEPTH => self.skip(range),
            Event::Start(tag) => {
                let link = match &tag {
                    Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => Some(self.link(dest_url, range)),
                    _ => None,
                };
                self.depth += 1;
                let content = self.inlines();
                self.depth -= 1;
                self.events.next();
                inlines.push(match (tag, link) {
                    (Tag::Link { .. }, Some(link)) => Inline::Link(link, content),
                    (Tag::Image { .. }, Some(link)) => Inline::Image(link, plain_text(&content)),
                    (Tag::Strong, _) => Inline::Strong(content),
                    (Tag::Strikethrough, _) => Inline::Strikethrough(content),
                    _ => Inline::Emphasis(content),
                });
            }
            Event::End(_)
            | Event::Rule
            | Event::FootnoteReference(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_) => unreachable!("read by the caller, or not enabled"),
        }
    }

    fn link(&mut self, target: &str, range: Range<usize>) -> usize {
        let span = self.span(range);
        self.parsed.links.push(LinkUse { target: target.to_owned(), span });
        self.parsed.links.len() - 1
    }

    /// Code in the line; with `{name}` right before it, a role.
    fn code(&mut self, text: &str, range: Range<usize>, inlines: &mut Vec<Inline>) {
        let Some(name) = inlines.last().and_then(role_name).map(str::to_owned) else {
            inlines.push(Inline::Code(text.to_owned()));
            return;
        };
        let length = name.len() + "{}".len();
        if let Some(Inline::Text(before)) = inlines.last_mut() {
            before.truncate(before.len() - length);
        }
        let span = self.span(range.start.saturating_sub(length)..range.end);
        let Some(role) = find_role(&name) else {
            self.sink.push(
                error(Code::UNKNOWN_DIRECTIVE, &span, format!("unknown role `{name}`"))
                    .maybe_hint(did_you_mean(&name, ROLES.iter().map(|role| role.name))),
            );
            return;
        };
        let Some((title, words)) = role_words(role, text) else {
            let n_words = text.split_whitespace().count();
            let message = if role.has_title {
                format!("`{name}` has no words to print, or none in angle brackets after them")
            } else {
                format!("`{name}` has {n_words} words, not {}", role.words.len())
            };
            let found = error(Code::MISSING_ARGUMENT, &span, message);
            self.sink.push(found.hint(format!("write it as {}", role.form())));
            return;
        };
        self.parsed.roles.push(RoleUse { role, words, title, span });
        inlines.push(Inline::Role(self.parsed.roles.len() - 1));
    }

    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.path, range.start + self.body..range.end + self.body)
    }

    /// An anchor made of `words`, unique in the chapter.
    fn anchor(&mut self, words: &str) -> String {
        let base = slug(words);
        let mut id = base.clone();
        // Headings of the same words go on where the last one stopped: a chapter may have very many.
        let mut number = self.ids.get(&base).copied().unwrap_or(1);
        while self.ids.contains_key(&id) {
            number += 1;
            id = format!("{base}-{number}");
        }
        self.ids.insert(base, number);
        self.ids.entry(id.clone()).or_insert(1);
        id
    }
}

/// The words of a heading as an anchor: lower case, `-` between words, also for other scripts.
pub fn slug(words: &str) -> String {
    let lower = words.to_lowercase();
    let parts = lower.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    let slug = parts.collect::<Vec<_>>().join("-");
    if slug.is_empty() { "section".to_owned() } else { slug }
}

fn is_block(tag: &Tag<'_>) -> bool {
    matches!(
        tag,
        Tag::Paragraph
            | Tag::Heading { .. }
            | Tag::BlockQuote(_)
            | Tag::CodeBlock(_)
            | Tag::HtmlBlock
            | Tag::List(_)
            | Tag::Table(_)
    )
}

fn push_text(inlines: &mut Vec<Inline>, text: &str) {
    if let Some(Inline::Text(before)) = inlines.last_mut() {
        before.push_str(text);
    } else {
        inlines.push(Inline::Text(text.to_owned()));
    }
}

/// Takes ` {#name}` from the end of a text.
fn take_name(inline: &mut Inline) -> Option<String> {
    let Inline::Text(text) = inline else { return None };
    let (words, name) = text.trim_end().strip_suffix('}')?.rsplit_once("{#")?;
    let name = name.to_owned();
    *text = words.trim_end().to_owned();
    Some(name)
}

fn role_name(inline: &Inline) -> Option<&str> {
    let Inline::Text(before) = inline else { return None };
    let name = before.strip_suffix('}')?.rsplit_once('{')?.1;
    (!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')).then_some(name)
}

/// What a role prints, where its author says so, and its words; `None` where there are too few or too many.
fn role_words(role: &Role, text: &str) -> Option<(Option<String>, Vec<String>)> {
    let (title, words) = match text.trim_end().strip_suffix('>').and_then(|text| text.split_once('<')) {
        Some((title, words)) if role.has_title => (Some(title.trim().to_owned()), words),
        _ => (None, text),
    };
    let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
    let fits = if role.has_title {
        title.as_ref().is_some_and(|title| !title.is_empty()) && words.len() >= role.words.len()
    } else {
        words.len() == role.words.len()
    };
    fits.then_some((title, words))
}

/// The word of `[!WORD]` at the head of a quotation.
fn callout_word(blocks: &[Block]) -> Option<String> {
    let Block::Paragraph(inlines) = blocks.first()? else { return None };
    let Inline::Text(text) = inlines.first()? else { return None };
    Some(text.strip_prefix("[!")?.split_once(']')?.0.to_owned())
}

fn strip_callout_word(blocks: &mut Vec<Block>, length: usize) {
    let Some(Block::Paragraph(inlines)) = blocks.first_mut() else { return };
    if let Some(Inline::Text(text)) = inlines.first_mut() {
        text.drain(..length);
        *text = text.trim_start().to_owned();
        if !text.is_empty() {
            return;
        }
    }
    inlines.remove(0);
    if inlines.is_empty() {
        blocks.remove(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Parsed {
        let mut sink = Sink::default();
        let parsed = parse(&Arc::from("content/x.md"), text, 0, &mut sink);
        assert!(sink.into_sorted().is_empty());
        parsed
    }

    #[test]
    fn anchors_are_unique_and_keep_other_scripts() {
        let parsed = read("# Ключ A\n\n## CSR (PKCS#10) v0\n\n## CSR (PKCS#10) v0\n\n## !\n");
        let ids = parsed.blocks.iter().filter_map(|block| match block {
            Block::Heading { id, .. } => Some(id.as_str()),
            _ => None,
        });
        assert_eq!(ids.collect::<Vec<_>>(), ["ключ-a", "csr-pkcs-10-v0", "csr-pkcs-10-v0-2", "section"]);
    }

    #[test]
    fn deep_text_is_a_mistake_and_no_end_of_the_stack() {
        for deep in [">".repeat(50_000), "- ".repeat(50_000), format!("{}x", "*_".repeat(50_000)), "[".repeat(50_000)] {
            let mut sink = Sink::default();
            let parsed = parse(&"content/a.md".into(), &format!("{deep} a\n\nb\n"), 0, &mut sink);
            assert!(!parsed.blocks.is_empty());
            let messages: Vec<String> = sink.into_sorted().into_iter().map(|found| found.message).collect();
            assert!(messages.iter().all(|message| message == "text is nested more than 32 deep"), "{messages:?}");
        }
        let mut sink = Sink::default();
        parse(&"content/a.md".into(), &format!("{} a\n", ">".repeat(50)), 0, &mut sink);
        assert_eq!(sink.into_sorted().len(), 1);
    }

    #[test]
    fn many_equal_headings_take_no_time() {
        let parsed = read(&"# a\n".repeat(20_000));
        let Some(Block::Heading { id, .. }) = parsed.blocks.last() else { panic!("no heading") };
        assert_eq!(id, "a-20000");
    }

    #[test]
    fn ticks_belong_to_their_own_item() {
        let parsed = read("- [x] outer\n  - [ ] inner\n- plain\n\n1. [ ] loose\n\n2. second\n");
        let ticks = parsed.blocks.iter().filter_map(|block| match block {
            Block::List { items, .. } => Some(items.iter().map(|item| item.checked).collect::<Vec<_>>()),
            _ => None,
        });
        assert_eq!(ticks.collect::<Vec<_>>(), [vec![Some(true), None], vec![Some(false), None]]);
    }

    #[test]
    fn a_role_is_no_code_and_its_name_is_no_text() {
        let parsed = read("It costs {fact}`brski messages` and `{fact}` here.\n");
        assert_eq!(parsed.roles[0].words, ["brski", "messages"]);
        let Block::Paragraph(inlines) = &parsed.blocks[0] else { panic!("no paragraph") };
        assert_eq!(plain_text(inlines), "It costs … and {fact} here.");
    }

    #[test]
    fn callouts_lose_their_word_only() {
        for text in ["> [!TIP]\n> do *it*\n", "> [!TIP]\n>\n> do *it*\n"] {
            let parsed = read(text);
            let Block::Callout { callout, blocks } = &parsed.blocks[0] else { panic!("no callout") };
            let Block::Paragraph(inlines) = &blocks[0] else { panic!("no paragraph") };
            assert_eq!((callout.title, plain_text(inlines).as_str()), ("Tip", "do it"));
        }
    }
}
