//! Methods and figures → groups of a scene.

use super::Measured;
use super::metric::Metric;
use super::words;
use crate::flow::Family;
use crate::scene::geometry::{Rect, point};
use crate::scene::palette::Tone;
use crate::scene::text::{Block, Font, Style, wrap};
use crate::scene::{Anchor, Element, Group, GroupKind, Role, Shape, runs};

const HEAD: Style = Style::new(Font::SemiBold, 12.0);
const UNDER: Style = Style::new(Font::Regular, 10.0);
const FAMILY: Style = Style::new(Font::Bold, 9.5).tracked(0.8);
const TITLE: Style = Style::new(Font::SemiBold, 12.5);
const FIGURE: Style = Style::new(Font::Regular, 11.5);
const NOTE: Style = Style::new(Font::Regular, 10.5);

const MARGIN: f32 = 24.0;
const TOP: f32 = 22.0;
const TITLE_TEXT: f32 = 190.0;
const GAP: f32 = 24.0;
/// The longest bar of a column.
const BAR: f32 = 60.0;
const BAR_HEIGHT: f32 = 9.0;
/// Between a bar and its figure.
const FIGURE_GAP: f32 = 7.0;
const HEAD_TEXT: f32 = 96.0;
const ROW: f32 = 30.0;

/// A column with its place.
struct Column {
    metric: Metric,
    head: Block,
    under: Block,
    left: f32,
    /// The longest value in it.
    longest: u64,
}

/// A row with its place.
struct Row<'a> {
    method: &'a Measured,
    /// The head of a family that begins here.
    family: Option<Block>,
    title: Block,
    head: f32,
    top: f32,
    bottom: f32,
}

/// Things with their places.
pub(super) struct Layout<'a> {
    columns: Vec<Column>,
    rows: Vec<Row<'a>>,
    note: Block,
    heads_end: f32,
    right: f32,
    /// Width of the picture.
    pub(super) width: f32,
}

impl<'a> Layout<'a> {
    /// Gives everything its room.
    pub(super) fn new(methods: &[&'a Measured], link: &str, device: &str) -> Self {
        let titles: Vec<Block> = methods.iter().map(|method| wrap(&method.title, TITLE, TITLE_TEXT)).collect();
        let families = methods.iter().map(|method| family(method.family).width());
        let title = titles.iter().map(Block::width).chain(families).fold(0.0, f32::max).ceil();
        let (columns, right) = columns(methods, MARGIN + title + GAP);
        let heads = columns.iter().map(|column| column.head.height() + column.under.height());
        let heads_end = TOP + heads.fold(0.0, f32::max) + 10.0;
        let rows = rows(methods, titles, heads_end);
        let note = wrap(&words::pair(link, device), NOTE, right - MARGIN);
        Self { columns, rows, note, heads_end, right, width: right + MARGIN }
    }
}

fn family(family: Family) -> Block {
    wrap(&family.title().to_uppercase(), FAMILY, f32::INFINITY)
}

/// The columns from `left` on, and where the last ends.
fn columns(methods: &[&Measured], left: f32) -> (Vec<Column>, f32) {
    let mut x = left;
    let mut end = left;
    let column = |metric: Metric| {
        let (head, under) = metric.head();
        let (head, under) = (wrap(head, HEAD, HEAD_TEXT), wrap(under, UNDER, HEAD_TEXT));
        let longest = methods.iter().map(|method| metric.value(method)).max().unwrap_or(0);
        let figures = methods
            .iter()
            .map(|method| length(metric.value(method), longest) + FIGURE_GAP + FIGURE.measure(&metric.word(method)));
        let left = x;
        end = left + figures.fold(head.width().max(under.width()), f32::max).ceil();
        x = end + GAP;
        Column { metric, head, under, left, longest }
    };
    let columns = Metric::ALL.into_iter().map(column).collect();
    (columns, end)
}

fn rows<'a>(methods: &[&'a Measured], titles: Vec<Block>, top: f32) -> Vec<Row<'a>> {
    let mut y = top;
    let mut rows: Vec<Row<'a>> = Vec::with_capacity(methods.len());
    for (method, title) in methods.iter().zip(titles) {
        let is_new = rows.last().is_none_or(|row| row.method.family != method.family);
        let (head, family) = (y, is_new.then(|| family(method.family)));
        y += family.as_ref().map_or(0.0, |family| family.height() + 16.0);
        let top = y;
        y += ROW.max(title.height() + 10.0);
        rows.push(Row { method, family, title, head, top, bottom: y });
    }
    rows
}

/// How long the bar of `value` is.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a pixel is coarser")]
fn length(value: u64, longest: u64) -> f32 {
    match value {
        0 => 0.0,
        value => ((value as f64 / longest as f64) as f32 * BAR).max(1.5),
    }
}

/// Everything that is drawn, from the back to the front, and the height of the picture.
pub(super) fn groups(layout: &Layout<'_>) -> (Vec<Group>, f32) {
    let rows_end = layout.rows.last().map_or(layout.heads_end, |row| row.bottom);
    let height = (rows_end + 16.0 + layout.note.height() + 18.0).ceil();
    let paper = Rect::new(0.0, 0.0, layout.width, height);
    let mut ground: Vec<Element> = vec![Shape::rect(paper, 0.0).fill(Tone::Paper, 1.0).into()];
    for column in &layout.columns {
        let top = layout.heads_end - 10.0 - column.head.height() - column.under.height();
        ground.extend(runs(&column.head, column.left, top, Anchor::Start, Tone::Ink));
        ground.extend(runs(&column.under, column.left, top + column.head.height(), Anchor::Start, Tone::Mute));
        let (from, to) = (point(column.left, layout.heads_end + 6.0), point(column.left, rows_end));
        ground.push(Shape::line(from, to).stroke(Tone::Hair, 1.0).into());
    }
    ground.extend(layout.rows.iter().flat_map(|row| rule(layout, row)));
    ground.extend(runs(&layout.note, MARGIN, rows_end + 16.0, Anchor::Start, Tone::Mute));
    let mut groups = vec![Group::new(GroupKind::Ground, "", ground)];
    groups.extend(layout.rows.iter().map(|row| self::row(layout, row)));
    (groups, height)
}

fn rule(layout: &Layout<'_>, row: &Row<'_>) -> Vec<Element> {
    let Some(family) = &row.family else { return Vec::new() };
    let (from, to) = (point(MARGIN, row.head), point(layout.right, row.head));
    let mut elements = vec![Shape::line(from, to).stroke(Tone::Edge, 1.0).into()];
    elements.extend(runs(family, MARGIN, row.head + 12.0, Anchor::Start, Tone::Mute));
    elements
}

fn row(layout: &Layout<'_>, row: &Row<'_>) -> Group {
    let middle = f32::midpoint(row.top, row.bottom);
    let focus = Rect::new(8.0, row.top + 1.0, layout.width - 16.0, row.bottom - row.top - 2.0);
    let mut elements =
        vec![Shape::rect(focus, 7.0).role(Role::Focus).stroke(Tone::Ink, 1.4).stroke_opacity(0.0).into()];
    elements.extend(runs(&row.title, MARGIN, middle - row.title.height() / 2.0, Anchor::Start, Tone::Ink));
    for column in &layout.columns {
        elements.extend(cell(column, row.method, middle));
    }
    Group::new(GroupKind::Step(row.method.id.clone()), words::sentence(row.method), elements)
}

fn cell(column: &Column, method: &Measured, y: f32) -> Vec<Element> {
    let length = length(column.metric.value(method), column.longest);
    let frame = Rect::new(column.left, y - BAR_HEIGHT / 2.0, length, BAR_HEIGHT);
    let mut elements: Vec<Element> = Vec::new();
    match column.metric {
        _ if length == 0.0 => {}
        Metric::Attacks => elements.extend(attacks(column, method, frame)),
        Metric::Messages | Metric::Bytes | Metric::Signs | Metric::Verifies | Metric::Time | Metric::People => {
            elements.push(Shape::rect(frame, 1.0).fill(Tone::Ink, 0.78).into());
        }
    }
    let word = wrap(&column.metric.word(method), FIGURE, f32::INFINITY);
    elements.extend(runs(&word, frame.right() + FIGURE_GAP, y - word.height() / 2.0, Anchor::Start, Tone::Ink));
    elements
}

/// All attacks outlined, and filled those that got through.
fn attacks(column: &Column, method: &Measured, frame: Rect) -> Vec<Element> {
    let accepted = u64::try_from(method.accepted.min(method.attacks)).unwrap_or(u64::MAX);
    let through = length(accepted, column.longest).min(frame.width);
    let all = Rect::new(frame.x + 0.5, frame.y + 0.5, (frame.width - 1.0).max(0.5), frame.height - 1.0);
    let mut elements = vec![Shape::rect(all, 1.0).stroke(Tone::Refused, 1.0).into()];
    if through > 0.0 {
        elements.push(Shape::rect(Rect { width: through, ..frame }, 1.0).fill(Tone::Refused, 1.0).into());
    }
    elements
}
