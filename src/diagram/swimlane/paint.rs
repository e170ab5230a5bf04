//! Rows, bands and columns → groups of a scene.

use super::Layout;
use super::band::{self, Band, CAPTION, DIAMOND, DISC, LINE_GAP, PHASE_GAP};
use super::column::Columns;
use super::lane::{Cast, Lane, ZONE, ZONE_INSET};
use super::row::{Body, CARD_SPACING, Card, CardKind, CardLine, LOCK_INDENT, PILL_INDENT, Row, Sign};
use super::words;
use crate::diagram::legend::{self, Entry};
use crate::scene::geometry::{Point, Rect, point};
use crate::scene::glyph::{self, Lock};
use crate::scene::palette::{TINTS, Tone};
use crate::scene::text::{Block, Font, Style, wrap};
use crate::scene::{Anchor, Dash, Element, Entrance, Group, GroupKind, Part, Role, Shape, runs};
use crate::trace::Protection;

const NUMBER: Style = Style::new(Font::Bold, 11.0);
const ENDING: Style = Style::new(Font::Bold, 13.0);
const ENDING_TEXT: Style = Style::new(Font::Regular, 12.0);

const TOP: f32 = 20.0;
const CARD_TOP_PADDING: f32 = 10.0;
const OUTSET: f32 = 14.0;

/// Where zone names and actor cards stand.
#[derive(Debug)]
pub(super) struct Header {
    zones: Vec<Block>,
    cards: Rect,
    /// Where the rows begin.
    pub(super) bottom: f32,
}

impl Header {
    /// Measures the head of the picture.
    pub(super) fn new(cast: &Cast, columns: &Columns) -> Self {
        let name = |zone: &super::lane::ZoneColumn| {
            let (left, right) = columns.zone(cast, zone.first, zone.last);
            wrap(&zone.title, ZONE, right - left - 2.0 * ZONE_INSET)
        };
        let zones: Vec<Block> = cast.zones.iter().map(name).collect();
        let names = zones.iter().map(Block::height).fold(0.0, f32::max);
        let text = cast.lanes.iter().map(Lane::text_height).fold(0.0, f32::max);
        let cards = Rect::new(0.0, TOP + 12.0 + names + 8.0, 0.0, text + 2.0 * CARD_TOP_PADDING);
        Self { zones, cards, bottom: cards.bottom() + 12.0 }
    }
}

/// Everything that is drawn, from the back to the front, and the height of the picture.
pub(super) fn groups(layout: &Layout<'_>) -> (Vec<Group>, f32) {
    let lanes_end = layout.bands.last().map_or(layout.header.bottom, |band| band.bottom) + 10.0;
    let zones_end = lanes_end + 10.0;
    let (ending, ending_end) = ending(layout, zones_end + 14.0);
    let (legend, legend_end) = legend(layout, ending_end + 12.0);
    let height = (legend_end + 18.0).ceil();
    let mut ground =
        vec![Shape::rect(Rect::new(0.0, 0.0, layout.columns.width, height), 0.0).fill(Tone::Paper, 1.0).into()];
    ground.extend(zones(layout, zones_end));
    ground.extend(actors(layout, lanes_end));
    ground.extend(phases(layout));
    let mut groups = vec![Group::new(GroupKind::Ground, "", ground)];
    groups.extend(capsules(layout));
    groups.extend(layout.rows.iter().zip(&layout.bands).map(|(row, band)| step(layout, row, band)));
    groups.extend(ending);
    if !legend.is_empty() {
        groups.push(Group::new(GroupKind::Ground, "", legend));
    }
    (groups, height)
}

fn zones(layout: &Layout<'_>, bottom: f32) -> Vec<Element> {
    let mut elements = Vec::new();
    for (zone, name) in layout.cast.zones.iter().zip(&layout.header.zones) {
        let (left, right) = layout.columns.zone(&layout.cast, zone.first, zone.last);
        let frame = Rect::new(left, TOP, right - left, bottom - TOP);
        elements.push(Shape::rect(frame, 10.0).fill(Tone::Zone, 1.0).stroke(Tone::Edge, 1.0).into());
        elements.extend(runs(name, frame.center().x, TOP + 12.0, Anchor::Middle, Tone::Mute));
    }
    elements
}

fn actors(layout: &Layout<'_>, bottom: f32) -> Vec<Element> {
    let mut elements = Vec::new();
    for (index, lane) in layout.cast.lanes.iter().enumerate() {
        let x = layout.columns.lane(index);
        let cards = layout.header.cards;
        let frame = Rect::new(x - lane.half, cards.y, 2.0 * lane.half, cards.height);
        let line = Shape::line(point(x, frame.bottom()), point(x, bottom)).role(Role::Lifeline);
        let card = Shape::rect(frame, 8.0).role(Role::Card).fill(Tone::Panel, 1.0);
        let mut y = frame.center().y - lane.text_height() / 2.0;
        let (title, rest) = if lane.is_attacker() {
            elements.push(line.stroke(Tone::Refused, 1.3).stroke_opacity(0.55).into());
            elements.push(card.stroke(Tone::Refused, 1.4).into());
            elements.push(
                Shape::rect(Rect::new(frame.x, frame.y + 9.0, 4.0, frame.height - 18.0), 0.0)
                    .fill(Tone::Refused, 1.0)
                    .into(),
            );
            (Tone::Refused, Tone::Mute)
        } else {
            elements.push(line.stroke(Tone::Line, 1.3).into());
            elements.push(card.stroke(Tone::Line, 1.0).into());
            (Tone::Ink, Tone::Mute)
        };
        for (block, tone) in [(&lane.title, title), (&lane.role, rest), (&lane.custody, rest)] {
            elements.extend(runs(block, x, y, Anchor::Middle, tone));
            y += block.height();
        }
    }
    elements
}

fn phases(layout: &Layout<'_>) -> Vec<Element> {
    let mut elements = Vec::new();
    for (row, band) in layout.rows.iter().zip(&layout.bands) {
        let Some(phase) = &row.phase else { continue };
        let y = band.top - PHASE_GAP / 2.0;
        let columns = &layout.columns;
        let rule = Shape::line(point(columns.margin, y), point(columns.size_end, y));
        elements.push(rule.stroke(Tone::Ink, 1.0).stroke_opacity(0.2).dash(Dash::Dotted).into());
        elements.extend(runs(phase, columns.margin, band.top, Anchor::Start, Tone::Mute));
    }
    elements
}

/// The row with which each part of each capsule appears, in the order in which they are drawn.
pub(super) fn capsule_rows(layout: &Layout<'_>) -> Vec<usize> {
    layout.capsules.iter().flat_map(|capsule| std::iter::once(capsule.first).chain(capsule.raised)).collect()
}

fn capsules(layout: &Layout<'_>) -> Vec<Group> {
    let mut groups = Vec::new();
    for capsule in &layout.capsules {
        let (first, last) = (&layout.bands[capsule.first], &layout.bands[capsule.last]);
        let outset = (OUTSET - 4.0 * f32::from(capsule.depth)).max(4.0);
        let left = layout.columns.lane(capsule.left) - outset;
        let width = layout.columns.lane(capsule.right) + outset - left;
        let (top, bottom) = (first.top + 2.0, last.bottom - 1.0);
        let tint = TINTS.get(usize::from(capsule.depth)).copied().unwrap_or(0.0);
        let mut add = |top: f32, bottom: f32, protection: Protection| {
            let frame = Rect::new(left, top, width, bottom - top);
            let (tone, dash) = match protection {
                Protection::Provisional => (Tone::Provisional, Dash::Dotted),
                Protection::None | Protection::Clear | Protection::Protected => (Tone::Protected, Dash::Solid),
            };
            let shape = Shape::rect(frame, 13.0).fill(tone, tint).stroke(tone, 1.1).stroke_opacity(0.55).dash(dash);
            groups.push(Group::new(GroupKind::Passing, "", vec![shape.into()]));
        };
        match capsule.raised.map(|index| (&layout.rows[index], &layout.bands[index])) {
            None => add(top, bottom, capsule.protection),
            Some((row, band)) => {
                let below = row.raised.as_ref().is_some_and(|raised| raised.below);
                let split = if below { band.bottom - CAPTION } else { band.top + 2.0 };
                add(top, split - 1.0, Protection::Provisional);
                add(split + 1.0, bottom, Protection::Protected);
            }
        }
    }
    groups
}

fn step(layout: &Layout<'_>, row: &Row<'_>, band: &Band) -> Group {
    let columns = &layout.columns;
    let focus = Rect::new(8.0, band.top + 1.0, columns.width - 16.0, band.bottom - band.top - 2.0);
    let mut together =
        vec![Shape::rect(focus, 9.0).role(Role::Focus).stroke(Tone::Ink, 1.4).stroke_opacity(0.0).into()];
    together.extend(number(row, band, columns));
    if let Some(raised) = &row.raised {
        let top = if raised.below { band.bottom - CAPTION + 3.0 } else { band.top + 5.0 };
        let x = columns.lane(raised.lane) + 14.0;
        together.extend(runs(&raised.caption, x, top, Anchor::Start, Tone::Protected));
    }
    let mut travelling = None;
    match &row.body {
        Body::Cards => {}
        Body::Message { from, to, through, name, note, size } => {
            let message = Message { row, axis: band.axis, from: *from, to: *to };
            together.extend(message.line(columns));
            together.extend(through.map(|relay| message.relay(relay, columns)));
            together.extend(message.labels(columns, name, note));
            together.extend(runs(size, columns.size_end, band.axis - size.height() / 2.0, Anchor::End, Tone::Mute));
            travelling = Some(message.head(columns));
        }
        Body::Pill { lane, name, note, is_setup } => {
            together.extend(pill(row, point(columns.lane(*lane), band.axis), name, note, *is_setup));
        }
    }
    let cards = |is_stored: bool| {
        let cards =
            row.cards.iter().zip(&band.cards).filter(move |(card, _)| (card.kind == CardKind::Stored) == is_stored);
        cards.flat_map(|(item, frame)| card(item, *frame)).collect::<Vec<Element>>()
    };
    let mut checked = cards(false);
    if let Body::Cards = row.body {
        together.append(&mut checked);
    }
    let mut parts = vec![Part::new(together)];
    parts.extend(travelling);
    parts.push(Part::new(checked));
    parts.push(Part { entrance: Entrance::Settling, elements: cards(true) });
    parts.retain(|part| !part.elements.is_empty());
    let kind = GroupKind::Step(row.event.step.clone());
    Group { kind, label: words::sentence(&layout.cast, row.event), parts }
}

fn number(row: &Row<'_>, band: &Band, columns: &Columns) -> Vec<Element> {
    let center = point(columns.margin + DISC, band.axis);
    let text = wrap(&row.event.number.to_string(), NUMBER, f32::INFINITY);
    let mut elements = Vec::new();
    let tone = if let Some(change) = row.edited {
        elements.push(glyph::diamond(center, DIAMOND, change).into());
        Tone::Paper
    } else if row.compact {
        let disc = Shape::circle(center, DISC - 0.6).fill(Tone::Paper, 1.0).stroke(Tone::Mute, 1.2);
        elements.push(disc.into());
        Tone::Ink
    } else {
        elements.push(Shape::circle(center, DISC).fill(Tone::Ink, 1.0).into());
        Tone::Paper
    };
    elements.extend(runs(&text, center.x, center.y - text.height() / 2.0, Anchor::Middle, tone));
    if let (Some(mark), Some(change)) = (&row.mark, row.edited) {
        elements.extend(runs(mark, columns.margin, center.y + DISC + 4.0, Anchor::Start, change));
    }
    elements
}

/// A message between two lanes.
struct Message<'a> {
    row: &'a Row<'a>,
    axis: f32,
    from: usize,
    to: usize,
}

impl Message<'_> {
    fn is_rightwards(&self) -> bool {
        self.to > self.from
    }

    /// Edited steps are told by colour, diamond and word; the rhythm of the line stays that of its protection.
    fn tone(&self) -> Tone {
        match self.row.edited {
            Some(Tone::Refused) => Tone::Refused,
            _ => protection_tone(self.row.protection),
        }
    }

    fn ends(&self, columns: &Columns) -> (Point, Point) {
        let sign = if self.is_rightwards() { 1.0 } else { -1.0 };
        let start = point(columns.lane(self.from) + 5.0 * sign, self.axis);
        (start, point(columns.lane(self.to) - 4.0 * sign, self.axis))
    }

    fn line(&self, columns: &Columns) -> [Element; 2] {
        let (start, tip) = self.ends(columns);
        let back = if self.is_rightwards() { -7.0 } else { 7.0 };
        let line = Shape::line(start, point(tip.x + back, tip.y)).role(Role::Message).stroke(self.tone(), 1.8);
        let dash = protection_dash(self.row.protection);
        let origin = Shape::circle(point(columns.lane(self.from), self.axis), 2.6).fill(self.tone(), 1.0);
        [line.dash(dash).into(), origin.into()]
    }

    /// A ring on the line of whoever passes the bytes on.
    fn relay(&self, lane: usize, columns: &Columns) -> Element {
        Shape::circle(point(columns.lane(lane), self.axis), 4.2).fill(Tone::Paper, 1.0).stroke(self.tone(), 1.6).into()
    }

    fn head(&self, columns: &Columns) -> Part {
        let (start, tip) = self.ends(columns);
        let elements = vec![glyph::arrow_head(tip, self.is_rightwards(), self.tone())];
        Part { entrance: Entrance::Travelling(start.x - tip.x), elements }
    }

    fn labels(&self, columns: &Columns, name: &Block, note: &Block) -> Vec<Element> {
        let center = columns.label_center(self.from, self.to);
        let top = self.axis - LINE_GAP - name.height();
        let protection = self.row.protection;
        let first = name.lines.first().map_or(0.0, |(_, width)| *width);
        let mut elements = Vec::new();
        let mut text_center = center;
        if let Some(lock) = protection_lock(protection) {
            // Of a name of several lines, the lock stands before the first.
            text_center += LOCK_INDENT / 2.0;
            let at = point(text_center - first / 2.0 - LOCK_INDENT + glyph::LOCK_WIDTH / 2.0, top + 13.2);
            elements.extend(glyph::lock(lock, at, protection_tone(protection)));
        }
        elements.extend(runs(name, text_center, top, Anchor::Middle, self.tone()));
        elements.extend(runs(note, center, self.axis + LINE_GAP, Anchor::Middle, Tone::Mute));
        elements
    }
}

/// The colour of what is sent.
pub(in crate::diagram) fn protection_tone(protection: Protection) -> Tone {
    match protection {
        Protection::None => Tone::Mute,
        Protection::Clear => Tone::Clear,
        Protection::Provisional => Tone::Provisional,
        Protection::Protected => Tone::Protected,
    }
}

/// The sign of what is sent.
pub(in crate::diagram) fn protection_lock(protection: Protection) -> Option<Lock> {
    match protection {
        Protection::None => None,
        Protection::Clear => Some(Lock::Open),
        Protection::Provisional => Some(Lock::Hollow),
        Protection::Protected => Some(Lock::Closed),
    }
}

/// Only what is readable is dashed.
pub(in crate::diagram) fn protection_dash(protection: Protection) -> Dash {
    match protection {
        Protection::Clear => Dash::Dashed,
        Protection::None | Protection::Provisional | Protection::Protected => Dash::Solid,
    }
}

fn pill(row: &Row<'_>, center: Point, name: &Block, note: &Block, is_setup: bool) -> Vec<Element> {
    let text = name.height() + note.height();
    let (width, height) = (Body::pill_width(name, note), band::pill_height(text));
    let frame = Rect::new(center.x - width / 2.0, center.y - height / 2.0, width, height);
    let is_hostile = row.edited == Some(Tone::Refused);
    let tone = if is_hostile { Tone::Refused } else { Tone::Mute };
    let pill = Shape::rect(frame, (height / 2.0).min(13.0)).role(Role::Card).fill(Tone::Panel, 1.0);
    let top = center.y - text / 2.0;
    let sign = point(frame.x + 16.0, if note.is_empty() && name.lines.len() == 1 { center.y } else { top + 8.0 });
    let sign = if is_setup { glyph::tray(sign, tone) } else { glyph::work(sign, tone) };
    let name_tone = if is_hostile { Tone::Refused } else { Tone::Ink };
    let mut elements = vec![pill.stroke(tone, 1.0).stroke_opacity(0.75).into(), sign];
    elements.extend(runs(name, frame.x + PILL_INDENT, top, Anchor::Start, name_tone));
    elements.extend(runs(note, frame.x + PILL_INDENT, top + name.height(), Anchor::Start, Tone::Mute));
    elements
}

fn card(card: &Card, frame: Rect) -> Vec<Element> {
    let ground = Shape::rect(frame, 5.0).role(Role::Card).fill(Tone::Panel, 1.0);
    let mut elements = Vec::new();
    match card.kind {
        CardKind::Check => elements.push(ground.stroke(Tone::Line, 1.0).into()),
        CardKind::Refusal => {
            elements.push(ground.stroke(Tone::Refused, 1.2).into());
            let bar = Rect::new(frame.x, frame.y + 5.0, 4.0, frame.height - 10.0);
            elements.push(Shape::rect(bar, 0.0).fill(Tone::Refused, 1.0).into());
        }
        CardKind::Seen => elements.push(ground.stroke(Tone::Line, 1.0).dash(Dash::Dotted).into()),
        CardKind::Stored => elements.push(ground.stroke(Tone::Mute, 0.8).stroke_opacity(0.6).into()),
    }
    let mut y = frame.y + card.inset();
    for line in &card.lines {
        let tone = line_tone(card.kind, line);
        let at = point(frame.x + card.padding() + 4.0, y + line.text.style.leading / 2.0);
        elements.extend(line.sign.map(|sign| self::sign(sign, at)).unwrap_or_default());
        elements.extend(runs(&line.text, frame.x + card.indent(), y, Anchor::Start, tone));
        y += line.text.height() + CARD_SPACING;
    }
    elements
}

fn sign(sign: Sign, center: Point) -> Vec<Element> {
    match sign {
        Sign::Cross => glyph::cross(center),
        Sign::Key => glyph::key(center, Tone::Mute),
        Sign::Sheet => glyph::sheet(center, Tone::Mute),
        Sign::Tick => glyph::tick(center),
    }
}

fn line_tone(kind: CardKind, line: &CardLine) -> Tone {
    match (kind, line.is_muted) {
        (CardKind::Refusal, false) => Tone::Refused,
        (_, true) => Tone::Mute,
        (CardKind::Check | CardKind::Seen | CardKind::Stored, false) => Tone::Ink,
    }
}

/// The last band: outlined where an attack was stopped, filled where it got through.
fn ending(layout: &Layout<'_>, top: f32) -> (Option<Group>, f32) {
    let Some((heading, rest, got_through)) = words::ending(&layout.cast, layout.scenario, layout.trace) else {
        return (None, top - 14.0);
    };
    let (left, right) = (layout.columns.margin, layout.columns.size_end);
    let limit = (right - left - 62.0).min(640.0);
    let (heading, rest) = (wrap(&heading, ENDING, limit), wrap(&rest, ENDING_TEXT, limit));
    let text = heading.height() + rest.height();
    let frame = Rect::new(left, top, right - left, text + 22.0);
    let ground = Shape::rect(frame, 8.0).role(Role::Card);
    let (ground, tone, rest_tone) = if got_through {
        (ground.fill(Tone::Refused, 1.0), Tone::Paper, Tone::Paper)
    } else {
        (ground.fill(Tone::Panel, 1.0).stroke(Tone::Refused, 1.6), Tone::Refused, Tone::Ink)
    };
    let mut elements: Vec<Element> = vec![ground.into()];
    let sign = point(left + 22.0, top + 11.0 + heading.style.leading / 2.0);
    if got_through {
        elements.push(glyph::arrow_head(point(sign.x + 8.0, sign.y), true, Tone::Paper));
        let line = Shape::line(point(sign.x - 8.0, sign.y), point(sign.x + 1.0, sign.y));
        elements.push(line.stroke(Tone::Paper, 1.8).into());
    } else {
        elements.extend(glyph::cross(sign));
    }
    elements.extend(runs(&heading, left + 42.0, top + 11.0, Anchor::Start, tone));
    elements.extend(runs(&rest, left + 42.0, top + 11.0 + heading.height(), Anchor::Start, rest_tone));
    (Some(Group::new(GroupKind::Passing, "", elements)), frame.bottom())
}

/// What the signs of this picture mean.
fn legend(layout: &Layout<'_>, top: f32) -> (Vec<Element>, f32) {
    let is_sent = |row: &Row<'_>, protection| matches!(row.body, Body::Message { .. }) && row.protection == protection;
    let mut entries: Vec<Entry> = Vec::new();
    for protection in [Protection::Protected, Protection::Provisional, Protection::Clear] {
        if layout.rows.iter().any(|row| is_sent(row, protection)) {
            entries.push(Entry::sent(protection, words::legend(protection)));
        }
    }
    if let Some(change) = layout.rows.iter().find_map(|row| row.edited) {
        let words = if change == Tone::Refused { "changed by the attack" } else { "differs from the baseline" };
        let sign = move |at: Point| vec![glyph::diamond(point(at.x + 6.0, at.y), 6.4, change).into()];
        entries.push(Entry::new(19.0, words, sign));
    }
    for (sign, words) in [(Sign::Key, "stored, and secret"), (Sign::Sheet, "stored")] {
        let mut lines = layout.rows.iter().flat_map(|row| &row.cards).flat_map(|card| &card.lines);
        if lines.any(|line| line.sign == Some(sign)) {
            entries.push(Entry::new(19.0, words, move |at| self::sign(sign, point(at.x + 6.0, at.y))));
        }
    }
    if layout.rows.iter().any(|row| row.compact) {
        let disc =
            |at: Point| Shape::circle(point(at.x + 6.0, at.y), 5.4).fill(Tone::Paper, 1.0).stroke(Tone::Mute, 1.2);
        entries.push(Entry::new(19.0, "as in the baseline", move |at| vec![disc(at).into()]));
    }
    legend::draw(&entries, layout.columns.margin, layout.columns.size_end, top)
}
