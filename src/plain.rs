//! [`Account`] → a swimlane in characters, for terminals and commit messages.
//!
//! Columns follow from the number of actors alone, so that a step changes no line but its own.

mod cells;

use self::cells::{Line, width, wrap};
use crate::diagram::account::{Account, Course, Remark, Step, Zone};
use crate::scene::Scene;
use crate::trace::Protection;

/// Columns of a page where nobody says otherwise.
pub const WIDTH: usize = 100;

/// Columns left of the first lane, for the mark and the number of a step.
const MARGIN: usize = 5;
/// The widest that lanes stand apart.
const WIDEST: usize = 34;
/// The narrowest that text is set, where the page has room for it.
const TEXT: usize = 34;

/// The swimlane of `account` in at most `width` columns; the step called `marked` has a mark.
pub fn swimlane(account: &Account, width: usize, marked: Option<&str>) -> String {
    let page = Page::new(account.actors.len(), width);
    let mut lines = wrap(&account.title, page.width);
    lines.push(String::new());
    lines.extend(page.head(account));
    for step in &account.steps {
        lines.extend(page.phase(step));
        lines.extend(page.step(step, marked == Some(&step.id)));
    }
    lines.push(page.line(Line::new()));
    lines.extend(page.foot(account));
    lines.join("\n") + "\n"
}

/// Any picture in words: its title, what it shows, and what it says line by line.
pub fn words(scene: &Scene, width: usize, marked: Option<&str>) -> String {
    let mut lines = wrap(&scene.title, width);
    lines.push(String::new());
    lines.extend(wrap(&scene.description, width));
    if !scene.steps.is_empty() {
        lines.push(String::new());
    }
    // A line belongs to an address where each thing that has one is told by one line.
    let ids: Vec<&str> = scene.step_ids().collect();
    for (index, step) in scene.steps.iter().enumerate() {
        let is_marked = ids.len() == scene.steps.len() && marked == Some(ids[index]);
        for (part, text) in wrap(&step.replace('\u{a0}', " "), width - 2).into_iter().enumerate() {
            let lead = if is_marked && part == 0 { "▶ " } else { "  " };
            lines.push(format!("{lead}{text}").trim_end().to_owned());
        }
    }
    lines.join("\n") + "\n"
}

/// Where things stand, in columns from the left.
struct Page {
    width: usize,
    /// From lane to lane.
    pitch: usize,
    lanes: Vec<usize>,
}

impl Page {
    fn new(n_actors: usize, width: usize) -> Self {
        let width = width.max(40);
        let n = n_actors.max(1);
        let pitch = ((width - MARGIN) / n).clamp(3, WIDEST);
        let lanes = (0..n_actors).map(|index| MARGIN + index * pitch + pitch / 2).collect();
        Self { width: width.max(MARGIN + n * pitch), pitch, lanes }
    }

    fn line(&self, line: Line) -> String {
        line.finish(&self.lanes)
    }

    /// Zones and actors.
    fn head(&self, account: &Account) -> Vec<String> {
        let mut lines = self.zones(&account.zones);
        let room = self.pitch.saturating_sub(2).max(2);
        let names = |text: fn(&crate::diagram::account::Actor) -> String| {
            let blocks: Vec<Vec<String>> = account.actors.iter().map(|actor| wrap(&text(actor), room)).collect();
            let height = blocks.iter().map(Vec::len).max().unwrap_or(0);
            (0..height).map(move |row| blocks.iter().map(|block| block.get(row).cloned().unwrap_or_default()).collect())
        };
        let named = names(|actor| actor.name.clone());
        let roles = names(|actor| actor.role.clone());
        for row in named.chain(roles) {
            let row: Vec<String> = row;
            let place = |line: Line, (lane, text): (&usize, String)| line.with(centered(*lane, &text), text);
            lines.push(self.lanes.iter().zip(row).fold(Line::new(), place).finish(&[]));
        }
        lines.retain(|line| !line.is_empty());
        lines.push(self.line(Line::new()));
        lines
    }

    /// The names of zones, and a bracket over the actors of each.
    fn zones(&self, zones: &[Zone]) -> Vec<String> {
        let edge = |lane: usize| MARGIN + lane * self.pitch;
        let blocks = zones.iter().map(|zone| wrap(&zone.title, edge(zone.last + 1) - edge(zone.first) - 1));
        let blocks: Vec<Vec<String>> = blocks.collect();
        let height = blocks.iter().map(Vec::len).max().unwrap_or(0);
        let mut lines = Vec::new();
        for row in 0..height {
            let mut line = Line::new();
            for (zone, block) in zones.iter().zip(&blocks) {
                // Shorter names stand at the bracket.
                let text = (row + block.len()).checked_sub(height).map_or("", |at| block[at].as_str());
                line = line.with(centered(usize::midpoint(edge(zone.first), edge(zone.last + 1)), text), text);
            }
            lines.push(line.finish(&[]));
        }
        let bracket = |line: Line, zone: &Zone| {
            let inside = (edge(zone.last + 1) - edge(zone.first)).saturating_sub(3);
            line.with(edge(zone.first), format!("╭{}╮", "─".repeat(inside)))
        };
        lines.push(zones.iter().fold(Line::new(), bracket).finish(&[]));
        lines
    }

    /// The rule and the name of the phase that begins with `step`.
    fn phase(&self, step: &Step) -> Vec<String> {
        let Some(phase) = &step.phase else { return Vec::new() };
        let mut lines = vec![self.line(Line::new())];
        lines.extend(wrap(&phase.to_uppercase(), self.width - MARGIN));
        if let Some(last) = lines.last_mut() {
            let rest = self.right().saturating_sub(width(last) + 1);
            let ruled = format!("{last} {}", "·".repeat(rest));
            ruled.trim_end().clone_into(last);
        }
        lines
    }

    /// The right end of the last lane's column.
    fn right(&self) -> usize {
        self.lanes.last().map_or(self.width, |lane| lane + self.pitch / 2)
    }

    fn step(&self, step: &Step, is_marked: bool) -> Vec<String> {
        let mut lines = match step.course {
            Course::At(lane) => self.local(lane, '■', step),
            Course::Handed { to, .. } => self.local(to, '▼', step),
            Course::Sent { from, to, protection, is_refused } => self.message(from, to, protection, is_refused, step),
        };
        for remark in &step.remarks {
            lines.extend(self.remark(remark));
        }
        let mark = if is_marked { '▶' } else { ' ' };
        let lead = format!("{mark}{:>3}", step.number);
        let mut finished = vec![self.line(Line::new())];
        for (index, line) in lines.into_iter().enumerate() {
            let line = if index == 0 { line.with(0, lead.trim_end()) } else { line };
            finished.push(self.line(line));
        }
        finished
    }

    /// Something that one actor does or is given.
    fn local(&self, lane: usize, sign: char, step: &Step) -> Vec<Line> {
        let text = if step.notes.is_empty() { step.title.clone() } else { format!("{} ({})", step.title, step.note()) };
        self.beside(lane, sign, &text)
    }

    fn remark(&self, remark: &Remark) -> Vec<Line> {
        let text = match remark.held {
            None => remark.text.clone(),
            Some(true) => format!("✓ {}", remark.text),
            Some(false) => format!("✗ {}", remark.text),
        };
        let is_left = self.is_left(remark.actor);
        self.beside(remark.actor, if is_left { '┤' } else { '├' }, &text)
    }

    /// Whether there is more room to the left of `lane`, and little to its right.
    fn is_left(&self, lane: usize) -> bool {
        let right = self.width - self.lanes[lane];
        right < TEXT + 2 && self.lanes[lane] - MARGIN > right
    }

    /// `text` beside a lane, which shows `sign` at the first line.
    fn beside(&self, lane: usize, sign: char, text: &str) -> Vec<Line> {
        let at = self.lanes[lane];
        let is_left = self.is_left(lane);
        let room = if is_left { at - 1 - MARGIN } else { self.width - at - 2 };
        let mut lines = Vec::new();
        for (index, text) in wrap(text, room.min(TEXT.max(self.pitch.saturating_sub(4)))).into_iter().enumerate() {
            let sign = if index == 0 { sign } else { '│' };
            let place = if is_left { at.saturating_sub(1 + width(&text)) } else { at + 2 };
            lines.push(Line::new().with(at, sign.to_string()).with(place, text));
        }
        lines
    }

    fn message(&self, from: usize, to: usize, protection: Protection, is_refused: bool, step: &Step) -> Vec<Line> {
        let (left, right) = (self.lanes[from.min(to)], self.lanes[from.max(to)]);
        let middle = usize::midpoint(left, right);
        let room = (right - left).saturating_sub(3).clamp(TEXT.min(self.width - MARGIN), 2 * TEXT);
        let text = |text: &str| {
            let place = |text: String| {
                let at = centered(middle, &text).max(MARGIN).min(self.width - width(&text));
                Line::new().with(at, text)
            };
            wrap(text, room).into_iter().map(place).collect::<Vec<_>>()
        };
        let mut lines = text(&step.title);
        lines.push(Line::new().with(left, arrow(right - left + 1, to > from, protection, is_refused)));
        if !step.notes.is_empty() {
            lines.extend(text(&step.note()));
        }
        lines
    }

    /// How it ended, and what the lines mean.
    fn foot(&self, account: &Account) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(ending) = &account.ending {
            let sign = if ending.got_through { '!' } else { '✗' };
            let rest = if ending.rest.is_empty() { String::new() } else { format!(": {}", ending.rest) };
            lines.push(String::new());
            lines.extend(wrap(&format!("{sign} {}{rest}", ending.heading), self.width));
        }
        let is_sent = |protection| {
            let sent = |step: &Step| matches!(step.course, Course::Sent { protection: of, .. } if of == protection);
            account.steps.iter().any(sent)
        };
        let known = [Protection::Protected, Protection::Provisional, Protection::Clear].into_iter();
        let entry = |protection| format!("{} {}", arrow(5, true, protection, false), meaning(protection));
        let legend: Vec<String> = known.filter(|protection| is_sent(*protection)).map(entry).collect();
        if !legend.is_empty() {
            lines.push(String::new());
            lines.extend(legend);
        }
        lines
    }
}

/// Where `text` begins when its middle is at `column`.
fn centered(column: usize, text: &str) -> usize {
    (column + 1).saturating_sub(width(text).div_ceil(2))
}

/// A line of `length` columns, both lifelines included; only what is readable is dashed.
fn arrow(length: usize, is_rightwards: bool, protection: Protection, is_refused: bool) -> String {
    let stroke = match protection {
        Protection::None => "·",
        Protection::Clear => "╌",
        Protection::Provisional => "─",
        Protection::Protected => "═",
    };
    let line = stroke.repeat(length.saturating_sub(3));
    match (is_rightwards, is_refused) {
        (true, false) => format!("├{line}▶│"),
        (true, true) => format!("├{line}✗│"),
        (false, false) => format!("│◀{line}┤"),
        (false, true) => format!("│✗{line}┤"),
    }
}

fn meaning(protection: Protection) -> &'static str {
    match protection {
        Protection::None => "nothing sent",
        Protection::Clear => "in clear: readable on the link",
        Protection::Provisional => "provisional: encrypted, peer not yet verified",
        Protection::Protected => "protected: encrypted and authenticated",
    }
}
