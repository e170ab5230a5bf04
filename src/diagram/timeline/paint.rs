//! Rows, lanes and axes → groups of a scene.

use super::axis::Axis;
use super::bar::{self, HEIGHT};
use super::lane::Lane;
use super::row::{Phase, Row, Scale};
use super::{Layout, MARGIN, TITLES, words};
use crate::diagram::legend::{self, Entry};
use crate::quantity;
use crate::scene::geometry::{Rect, point};
use crate::scene::palette::Tone;
use crate::scene::text::{Block, Font, Style, wrap};
use crate::scene::{Anchor, Element, Group, GroupKind, Outline, Role, Segment, Shape, glyph, runs};
use crate::timeline::{Part, Times};

const TOTAL: Style = Style::new(Font::Bold, 22.0);
const PAIR: Style = Style::new(Font::SemiBold, 12.5);
const TEXT: Style = Style::new(Font::Regular, 11.5);
const PANEL: Style = Style::new(Font::Bold, 9.5).tracked(0.8);
const LANE: Style = Style::new(Font::SemiBold, 12.0);
const TICK: Style = Style::new(Font::Regular, 10.0);
const NUMBER: Style = Style::new(Font::Bold, 10.0);

/// Room for the name of a lane.
pub(super) const LANE_TEXT: f32 = 140.0;
/// Room for the head over the times.
pub(super) const TIME_TEXT: f32 = 62.0;
/// Room for the head over what is cut out.
pub(super) const CUT_HEAD: f32 = 88.0;
const TOP: f32 = 22.0;
const ROW: f32 = 25.0;
const DISC: f32 = 10.5;

/// Everything that is drawn, from the back to the front, and the height of the picture.
pub(super) fn groups(layout: &Layout<'_>) -> (Vec<Group>, f32) {
    let (mut ground, head_end) = head(layout);
    let (lanes, lanes_end) = lanes(layout, head_end + 16.0);
    ground.extend(lanes);
    let (caption, top) = steps_head(layout, lanes_end + 24.0);
    ground.extend(caption);
    let (bands, bottom) = bands(layout, top);
    ground.extend(grid(&layout.steps, top, bottom));
    let mut groups = vec![Group::new(GroupKind::Ground, "", Vec::new())];
    for (row, band) in layout.rows.iter().zip(&bands) {
        ground.extend(row.phase.iter().flat_map(|phase| phase_head(layout, phase, band)));
        groups.push(step(layout, row, band));
    }
    let (foot, end) = foot(layout, bottom + 12.0);
    let height = (end + 18.0).ceil();
    let paper = Rect::new(0.0, 0.0, layout.right + MARGIN, height);
    ground.insert(0, Shape::rect(paper, 0.0).fill(Tone::Paper, 1.0).into());
    groups[0] = Group::new(GroupKind::Ground, "", ground);
    if !foot.is_empty() {
        groups.push(Group::new(GroupKind::Ground, "", foot));
    }
    (groups, height)
}

/// The whole time, for whom it holds, and what it is made of.
fn head(layout: &Layout<'_>) -> (Vec<Element>, f32) {
    let (chart, width) = (layout.chart, layout.right - MARGIN);
    let total = &chart.timeline.total;
    let mut y = TOP;
    let mut elements = Vec::new();
    let mut line = |block: Block, indent: f32, tone: Tone, y: &mut f32| {
        elements.extend(runs(&block, MARGIN + indent, *y, Anchor::Start, tone));
        *y += block.height();
    };
    line(wrap(&quantity::duration(total.sum()), TOTAL, width), 0.0, Tone::Ink, &mut y);
    line(wrap(&words::pair(chart), PAIR, width), 0.0, Tone::Ink, &mut y);
    y += 2.0;
    if let Some(estimate) = words::estimate(total) {
        line(wrap(&estimate, TEXT, width), 0.0, Tone::Mute, &mut y);
    }
    let mut crosses = Vec::new();
    for obstacle in &chart.timeline.obstacles {
        y += 4.0;
        crosses.extend(glyph::cross(point(MARGIN + 7.0, y + TEXT.leading / 2.0)));
        line(wrap(&words::obstacle(obstacle), TEXT, width - 22.0), 22.0, Tone::Refused, &mut y);
    }
    elements.extend(crosses);
    let (parts, end) = legend::draw(&entries(total), MARGIN, MARGIN + width, y + 12.0);
    elements.extend(parts);
    (elements, end)
}

fn entries(total: &Times) -> Vec<Entry> {
    let entry = |(part, micros): (Part, u64)| {
        Entry::new(28.0, words::part(part, micros), move |at| {
            bar::piece(part, Rect::new(at.x, at.y - HEIGHT / 2.0, 20.0, HEIGHT))
        })
    };
    bar::pieces(total).map(entry).collect()
}

/// The lanes of the whole run under their axis.
fn lanes(layout: &Layout<'_>, top: f32) -> (Vec<Element>, f32) {
    let total = &layout.chart.timeline.total;
    let lanes: Vec<Lane> = Lane::ALL.into_iter().filter(|lane| lane.time(total) > 0).collect();
    let mut elements = runs(&wrap("THE WHOLE RUN", PANEL, LANE_TEXT), MARGIN, top, Anchor::Start, Tone::Mute);
    let axis = &layout.whole;
    elements.extend(ticks(axis, top));
    let rule = top + TICK.leading + 5.0;
    let mut y = rule;
    let mut bars = Vec::new();
    for lane in lanes {
        let middle = y + ROW / 2.0;
        bars.extend(runs(
            &wrap(lane.title(), LANE, LANE_TEXT),
            MARGIN,
            middle - LANE.leading / 2.0,
            Anchor::Start,
            Tone::Ink,
        ));
        let time = wrap(&quantity::duration(lane.time(total)), TEXT, f32::INFINITY);
        bars.extend(runs(&time, layout.time_end, middle - TEXT.leading / 2.0, Anchor::End, Tone::Ink));
        bars.extend(lane_bars(layout, lane, middle));
        y += ROW;
        bars.push(hairline(MARGIN, layout.time_end, y));
    }
    elements.extend(grid(axis, rule, y));
    elements.extend(bars);
    (elements, y)
}

fn lane_bars(layout: &Layout<'_>, lane: Lane, y: f32) -> Vec<Element> {
    let axis = &layout.whole;
    let mut elements = Vec::new();
    for step in &layout.chart.timeline.steps {
        let mut at = step.begins;
        let mut own = Vec::new();
        for (part, micros) in bar::pieces(&step.times) {
            if Lane::of(part) == lane {
                own.push((part, axis.x(at), axis.length(micros)));
            }
            at = at.saturating_add(micros);
        }
        elements.extend(bar::bar(&own, y));
    }
    elements
}

/// The words over the axis of the steps, the axis, and where its rows begin.
fn steps_head(layout: &Layout<'_>, top: f32) -> (Vec<Element>, f32) {
    let mut elements = runs(&wrap("STEP BY STEP", PANEL, LANE_TEXT), MARGIN, top, Anchor::Start, Tone::Mute);
    let mut y = top;
    if layout.scale == Scale::Machines {
        let cut = wrap(&words::cut(factor(layout)), TEXT, layout.right - layout.steps.left);
        elements.extend(runs(&cut, layout.steps.left, top - 2.0, Anchor::Start, Tone::Mute));
        y += cut.height() + 4.0;
        let head = wrap("people, waiting", TICK, CUT_HEAD);
        elements.extend(runs(&head, layout.right, y, Anchor::End, Tone::Mute));
        elements.extend(runs(&wrap("machines", TICK, TIME_TEXT), layout.time_end, y, Anchor::End, Tone::Mute));
    } else {
        elements.extend(runs(&wrap("time", TICK, TIME_TEXT), layout.time_end, y, Anchor::End, Tone::Mute));
    }
    elements.extend(ticks(&layout.steps, y));
    (elements, y + TICK.leading + 5.0)
}

/// How much larger the axis of the steps is, two figures of it.
fn factor(layout: &Layout<'_>) -> u64 {
    let factor = layout.whole.span / layout.steps.span.max(1);
    let unit = 10_u64.pow(factor.checked_ilog10().unwrap_or(0).saturating_sub(1));
    factor / unit * unit
}

fn ticks(axis: &Axis, top: f32) -> Vec<Element> {
    let tick = |(x, word): (f32, String)| runs(&wrap(&word, TICK, f32::INFINITY), x, top, Anchor::Middle, Tone::Mute);
    axis.ticks().flat_map(tick).collect()
}

fn grid(axis: &Axis, top: f32, bottom: f32) -> Vec<Element> {
    let line = |(x, _): (f32, String)| Shape::line(point(x, top), point(x, bottom)).stroke(Tone::Hair, 1.0).into();
    axis.ticks().map(line).collect()
}

fn hairline(left: f32, right: f32, y: f32) -> Element {
    Shape::line(point(left, y), point(right, y)).stroke(Tone::Hair, 1.0).into()
}

/// The place of a row: the head of its phase, if any, then the row.
struct Band {
    head: f32,
    top: f32,
    bottom: f32,
}

fn bands(layout: &Layout<'_>, top: f32) -> (Vec<Band>, f32) {
    let mut y = top;
    let mut bands = Vec::with_capacity(layout.rows.len());
    for row in &layout.rows {
        let head = y;
        if let Some(phase) = &row.phase {
            y += 10.0 + phase.name.height().max(phase.time.height()) + 2.0;
        }
        let top = y;
        y += ROW.max(row.title.height().max(row.cut.height()) + 8.0);
        bands.push(Band { head, top, bottom: y });
    }
    (bands, y + 6.0)
}

fn phase_head(layout: &Layout<'_>, phase: &Phase, band: &Band) -> Vec<Element> {
    let y = band.head + 10.0;
    let mut elements = vec![hairline(MARGIN, layout.right, band.head + 3.0)];
    elements.extend(runs(&phase.name, MARGIN, y, Anchor::Start, Tone::Mute));
    elements.extend(runs(&phase.time, layout.time_end, y - 1.0, Anchor::End, Tone::Mute));
    elements
}

fn step(layout: &Layout<'_>, row: &Row<'_>, band: &Band) -> Group {
    let middle = f32::midpoint(band.top, band.bottom);
    let focus = Rect::new(8.0, band.top + 1.0, layout.right + MARGIN - 16.0, band.bottom - band.top - 2.0);
    let mut elements =
        vec![Shape::rect(focus, 7.0).role(Role::Focus).stroke(Tone::Ink, 1.4).stroke_opacity(0.0).into()];
    let center = point(MARGIN + DISC, middle);
    elements.push(Shape::circle(center, DISC).fill(Tone::Ink, 1.0).into());
    let number = wrap(&row.event.number.to_string(), NUMBER, f32::INFINITY);
    elements.extend(runs(&number, center.x, middle - number.height() / 2.0, Anchor::Middle, Tone::Paper));
    elements.extend(runs(&row.title, TITLES, middle - row.title.height() / 2.0, Anchor::Start, Tone::Ink));
    elements.extend(step_bar(layout, row, middle));
    elements.extend(runs(&row.time, layout.time_end, middle - row.time.height() / 2.0, Anchor::End, Tone::Ink));
    elements.extend(runs(&row.cut, layout.right, middle - row.cut.height() / 2.0, Anchor::End, Tone::Ink));
    Group::new(GroupKind::Step(row.event.step.clone()), words::sentence(row.event, row.step), elements)
}

fn step_bar(layout: &Layout<'_>, row: &Row<'_>, y: f32) -> Vec<Element> {
    let axis = &layout.steps;
    let mut at = row.begins;
    let pieces = bar::pieces(&row.shown).map(|(part, micros)| {
        let x = axis.x(at);
        at = at.saturating_add(micros);
        (part, x, axis.length(micros))
    });
    let pieces: Vec<_> = pieces.collect();
    let mut elements = bar::bar(&pieces, y);
    // People act before anything else happens in a step, and what is waited for comes last.
    let times = &row.step.times;
    if layout.scale == Scale::Machines && times.people > 0 {
        elements.push(break_mark(axis.x(row.begins) - 10.0, y));
    }
    if layout.scale == Scale::Machines && times.waiting > 0 {
        elements.push(break_mark(axis.x(at).max(axis.x(row.begins) + bar::LEAST) + 2.0, y));
    }
    elements
}

/// Two slanting strokes: here the axis leaves something out.
fn break_mark(x: f32, y: f32) -> Element {
    let stroke = |x: f32| [Segment::Move(point(x, y + 7.0)), Segment::Line(point(x + 4.0, y - 7.0))];
    let path: Vec<Segment> = [stroke(x), stroke(x + 4.0)].concat();
    Shape::new(Outline::Path(path)).stroke(Tone::Mute, 1.4).into()
}

fn foot(layout: &Layout<'_>, top: f32) -> (Vec<Element>, f32) {
    let untimed = layout.chart.run.trace.events.len() - layout.rows.len();
    if untimed == 0 {
        return (Vec::new(), top - 12.0);
    }
    let text = wrap(&words::untimed(untimed), legend::WORDS, layout.right - MARGIN);
    (runs(&text, MARGIN, top, Anchor::Start, Tone::Mute), top + text.height())
}
