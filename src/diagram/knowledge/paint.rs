//! The matrix → groups of a scene.

use super::holding::{Holding, How, Matrix, Party, Secret};
use super::{mark, words};
use crate::diagram::legend::{self, Entry};
use crate::scene::geometry::{Rect, point};
use crate::scene::palette::Tone;
use crate::scene::text::{Block, Font, Style, wrap};
use crate::scene::{Anchor, Element, Group, GroupKind, Role, Shape, runs};

const HEADLINE: Style = Style::new(Font::Bold, 15.0);
const PARTY: Style = Style::new(Font::SemiBold, 11.5);
const SORT: Style = Style::new(Font::Bold, 9.5).tracked(0.8);
const NAME: Style = Style::new(Font::Mono, 11.5);
const OTHER: Style = Style::new(Font::Regular, 10.0);
const NUMBER: Style = Style::new(Font::SemiBold, 10.5);

const MARGIN: f32 = 24.0;
const TOP: f32 = 22.0;
const NAME_TEXT: f32 = 210.0;
const PARTY_TEXT: f32 = 104.0;
const COLUMN: f32 = 78.0;
const COLUMN_PADDING: f32 = 10.0;
const NAMES_GAP: f32 = 20.0;
/// Left of the attacker's column.
const APART: f32 = 16.0;
const ROW: f32 = 31.0;
const MARK: f32 = 21.0;
/// The headline is not set narrower than this.
const LEAST_WIDTH: f32 = 520.0;

/// A column with its place.
struct Column {
    title: Block,
    left: f32,
    width: f32,
}

/// A row with its place.
struct Row {
    /// The head of a sort of secrets that begins here.
    sort: Option<Block>,
    name: Block,
    other: Block,
    head: f32,
    top: f32,
    bottom: f32,
}

/// Things with their places.
pub(super) struct Layout<'a> {
    matrix: &'a Matrix<'a>,
    headline: Block,
    columns: Vec<Column>,
    rows: Vec<Row>,
    /// Where the heads of columns end.
    heads_end: f32,
    /// Where the rows end.
    rows_end: f32,
    right: f32,
    /// Width of the picture.
    pub(super) width: f32,
}

impl<'a> Layout<'a> {
    /// Gives everything its room.
    pub(super) fn new(matrix: &'a Matrix<'a>) -> Self {
        let texts: Vec<(Block, Block)> = matrix.secrets.iter().map(names).collect();
        let name = texts.iter().map(|(name, other)| name.width().max(other.width())).fold(120.0, f32::max).ceil();
        let columns = columns(&matrix.parties, MARGIN + name + NAMES_GAP);
        let end = columns.last().map_or(MARGIN, |column| column.left + column.width);
        let right = end.max(MARGIN + LEAST_WIDTH);
        let headline = wrap(&words::headline(matrix), HEADLINE, right - MARGIN);
        let heads = columns.iter().map(|column| column.title.height()).fold(0.0, f32::max);
        let heads_end = TOP + headline.height() + 20.0 + heads + 12.0;
        let rows = rows(matrix, texts, heads_end);
        let rows_end = rows.last().map_or(heads_end, |row| row.bottom);
        Self { matrix, headline, columns, rows, heads_end, rows_end, right, width: right + MARGIN }
    }
}

fn names(secret: &Secret) -> (Block, Block) {
    let other = if secret.others.is_empty() { String::new() } else { format!("also {}", secret.others.join(", ")) };
    (wrap(&secret.name, NAME, NAME_TEXT), wrap(&other, OTHER, NAME_TEXT))
}

fn columns(parties: &[Party], left: f32) -> Vec<Column> {
    let mut x = left;
    let column = |party: &Party| {
        let title = wrap(&party.title, PARTY, PARTY_TEXT);
        let width = title.width().ceil().max(COLUMN - 2.0 * COLUMN_PADDING) + 2.0 * COLUMN_PADDING;
        let left = if party.is_attacker { x + APART } else { x };
        x = left + width;
        Column { title, left, width }
    };
    parties.iter().map(column).collect()
}

fn rows(matrix: &Matrix<'_>, texts: Vec<(Block, Block)>, top: f32) -> Vec<Row> {
    let mut y = top;
    let mut rows: Vec<Row> = Vec::with_capacity(texts.len());
    for (index, (name, other)) in texts.into_iter().enumerate() {
        let sort = matrix.secrets[index].sort;
        let is_new = index.checked_sub(1).is_none_or(|before| matrix.secrets[before].sort != sort);
        let head = y;
        let sort = is_new.then(|| wrap(words::sort(sort), SORT, NAME_TEXT));
        y += sort.as_ref().map_or(0.0, |sort| sort.height() + 18.0);
        let top = y;
        y += ROW.max(name.height() + other.height() + 10.0);
        rows.push(Row { sort, name, other, head, top, bottom: y });
    }
    rows
}

/// Everything that is drawn, from the back to the front, and the height of the picture.
pub(super) fn groups(layout: &Layout<'_>) -> (Vec<Group>, f32) {
    let area = Rect::new(MARGIN, layout.rows_end + 18.0, layout.right - MARGIN, 0.0);
    let (legend, end) = legend::draw(&entries(layout.matrix), area.x, area.right(), area.y);
    // The signs of the legend stand in frames, which are higher than its words.
    let end = end + 7.0;
    let note = wrap("The number is that of the step since which it is there.", legend::WORDS, area.width);
    let height = (end + note.height() + 18.0).ceil();
    let mut ground: Vec<Element> =
        vec![Shape::rect(Rect::new(0.0, 0.0, layout.width, height), 0.0).fill(Tone::Paper, 1.0).into()];
    ground.extend(runs(&layout.headline, MARGIN, TOP, Anchor::Start, Tone::Ink));
    ground.extend(heads(layout));
    ground.extend(layout.rows.iter().flat_map(|row| row_head(layout, row)));
    ground.extend(legend);
    ground.extend(runs(&note, MARGIN, end, Anchor::Start, Tone::Mute));
    let mut groups = vec![Group::new(GroupKind::Ground, "", ground)];
    groups.extend(layout.matrix.steps().map(|step| self::step(layout, step)));
    (groups, height)
}

fn heads(layout: &Layout<'_>) -> Vec<Element> {
    let mut elements = Vec::new();
    for (column, party) in layout.columns.iter().zip(&layout.matrix.parties) {
        let center = column.left + column.width / 2.0;
        let top = layout.heads_end - 12.0 - column.title.height();
        let tone = if party.is_attacker { Tone::Refused } else { Tone::Ink };
        if party.is_attacker {
            let frame = Rect::new(column.left, top - 10.0, column.width, layout.rows_end - top + 16.0);
            elements.push(Shape::rect(frame, 9.0).stroke(Tone::Refused, 1.0).stroke_opacity(0.5).into());
        } else {
            let frame = Rect::new(column.left + 2.0, top - 10.0, column.width - 4.0, layout.rows_end - top + 16.0);
            elements.push(Shape::rect(frame, 9.0).fill(Tone::Zone, 1.0).into());
        }
        elements.extend(runs(&column.title, center, top, Anchor::Middle, tone));
    }
    elements
}

fn row_head(layout: &Layout<'_>, row: &Row) -> Vec<Element> {
    let mut elements = Vec::new();
    let rule = |y: f32, tone: Tone| Shape::line(point(MARGIN, y), point(layout.right, y)).stroke(tone, 1.0).into();
    if let Some(sort) = &row.sort {
        elements.push(rule(row.head + 0.5, Tone::Edge));
        elements.extend(runs(sort, MARGIN, row.head + 12.0, Anchor::Start, Tone::Mute));
    } else {
        elements.push(rule(row.top, Tone::Edge));
    }
    let text = row.name.height() + row.other.height();
    let top = f32::midpoint(row.top, row.bottom) - text / 2.0;
    elements.extend(runs(&row.name, MARGIN, top, Anchor::Start, Tone::Ink));
    elements.extend(runs(&row.other, MARGIN, top + row.name.height(), Anchor::Start, Tone::Mute));
    elements
}

/// Every mark that a step brings.
fn step(layout: &Layout<'_>, step: usize) -> Group {
    let matrix = layout.matrix;
    let event = &matrix.run.trace.events[step];
    let number = wrap(&event.number.to_string(), NUMBER, f32::INFINITY);
    let own = matrix.holdings.iter().filter(|holding| holding.event == step);
    let elements = own.flat_map(|holding| cell(layout, holding, &number)).collect();
    Group::new(GroupKind::Step(event.step.clone()), words::sentence(matrix, step), elements)
}

fn cell(layout: &Layout<'_>, holding: &Holding, number: &Block) -> Vec<Element> {
    let (column, row) = (&layout.columns[holding.party], &layout.rows[holding.secret]);
    let is_loss = layout.matrix.parties[holding.party].is_attacker && holding.how.is_loss();
    let width = 8.0 + mark::SIGN + 3.0 + number.width() + 9.0;
    let center = point(column.left + column.width / 2.0, f32::midpoint(row.top, row.bottom));
    let frame = Rect::new(center.x - width / 2.0, center.y - MARK / 2.0, width, MARK);
    let around = Rect::new(frame.x - 3.0, frame.y - 3.0, frame.width + 6.0, frame.height + 6.0);
    let tone = mark::tone(holding.how, is_loss);
    let focus = Shape::rect(around, MARK / 2.0 + 3.0).role(Role::Focus).stroke(Tone::Ink, 1.4).stroke_opacity(0.0);
    let mut elements = vec![focus.into(), mark::frame(holding.how, is_loss, frame)];
    elements.extend(mark::sign(holding.how, point(frame.x + 8.0 + mark::SIGN / 2.0, center.y), tone));
    let text = frame.x + 8.0 + mark::SIGN + 3.0;
    elements.extend(runs(number, text, center.y - number.height() / 2.0, Anchor::Start, tone));
    elements
}

/// The marks that this picture has.
fn entries(matrix: &Matrix<'_>) -> Vec<Entry> {
    let mut present: Vec<(How, bool)> = matrix
        .holdings
        .iter()
        .map(|holding| (holding.how, matrix.parties[holding.party].is_attacker && holding.how.is_loss()))
        .collect();
    present.sort_unstable();
    present.dedup_by_key(|(how, _)| *how);
    let entry = |(how, is_loss): (How, bool)| {
        Entry::new(32.0, words::how(how), move |at| {
            let frame = Rect::new(at.x, at.y - 8.5, 26.0, 17.0);
            let sign = mark::sign(how, point(at.x + 13.0, at.y), mark::tone(how, is_loss));
            let ground = match mark::frame(how, is_loss, frame) {
                Element::Shape(shape) => shape.role(Role::Ornament).into(),
                text @ Element::Text(_) => text,
            };
            std::iter::once(ground).chain(sign).collect()
        })
    };
    present.into_iter().map(entry).collect()
}
