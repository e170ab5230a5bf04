//! A plan → groups of a scene.

use super::crossing::Crossing;
use super::plan::{Bundle, HEADER_INSET, INNER_INDENT, Inner, LABEL_INDENT, Plan};
use super::track::Route;
use super::words;
use crate::diagram::legend::{self, Entry};
use crate::diagram::swimlane::paint::{protection_dash, protection_lock, protection_tone};
use crate::diagram::swimlane::words::legend as protection_words;
use crate::scene::geometry::{Point, Rect, point};
use crate::scene::glyph;
use crate::scene::palette::Tone;
use crate::scene::text::{Font, Style, wrap};
use crate::scene::{Anchor, Cuts, Element, Group, GroupKind, Role, Scene, Shape, Timeline, runs};
use crate::trace::{EditMark, Protection};

const NUMBER: Style = Style::new(Font::Bold, 10.5);
/// Radius of the disc of a crossing's number.
const DISC: f32 = 9.5;
/// From a card to the beginning of a line.
const AWAY: f32 = 4.0;

/// The whole picture.
pub(super) fn scene(plan: &Plan<'_>) -> Scene {
    let (legend, bottom) = legend::draw(&entries(plan), plan.left, plan.width - plan.left, plan.bottom + 22.0);
    let height = (bottom + 18.0).ceil();
    let mut ground = vec![Shape::rect(Rect::new(0.0, 0.0, plan.width, height), 0.0).fill(Tone::Paper, 1.0).into()];
    ground.extend(zones(plan));
    ground.extend(plan.inner.iter().flat_map(|link| inner(plan, link)));
    ground.extend(actors(plan));
    ground.extend(plan.bundles.iter().flat_map(|bundle| label(plan, bundle)));
    let mut groups = vec![Group::new(GroupKind::Ground, "", ground)];
    let mut routes: Vec<&Route> = plan.routes.iter().collect();
    routes.sort_by_key(|route| plan.bundles[route.bundle].crossings[route.line]);
    groups.extend(routes.into_iter().map(|route| step(plan, route)));
    groups.push(Group::new(GroupKind::Ground, "", legend));
    Scene {
        title: words::title(plan.run),
        description: words::description(plan),
        width: plan.width,
        height,
        timeline: Timeline::in_turn(&groups),
        cuts: Cuts::default(),
        groups,
        steps: plan.crossings.iter().map(|crossing| words::sentence(plan, crossing)).collect(),
    }
}

fn zones(plan: &Plan<'_>) -> Vec<Element> {
    let mut elements = Vec::new();
    for outer in &plan.outers {
        elements.push(Shape::rect(outer.frame, 12.0).fill(Tone::Zone, 0.5).stroke(Tone::Line, 1.0).into());
        let (x, top) = (outer.frame.center().x, outer.frame.y + HEADER_INSET);
        elements.extend(runs(&outer.title, x, top, Anchor::Middle, Tone::Mute));
        elements.extend(runs(&outer.trust_text, x, top + outer.title.height(), Anchor::Middle, Tone::Mute));
    }
    for column in plan.columns.iter().filter(|column| !column.is_open) {
        let border = Shape::rect(column.frame, 10.0).stroke(Tone::Line, 1.0);
        elements.push(if column.zone.is_some() { border.fill(Tone::Zone, 1.0).into() } else { border.into() });
        let (x, top) = (column.frame.center().x, column.frame.y + HEADER_INSET);
        elements.extend(runs(&column.title, x, top, Anchor::Middle, Tone::Mute));
        elements.extend(runs(&column.trust_text, x, top + column.title.height(), Anchor::Middle, Tone::Mute));
    }
    elements
}

fn actors(plan: &Plan<'_>) -> Vec<Element> {
    let mut elements = Vec::new();
    for (lane, frame) in plan.cast.lanes.iter().zip(&plan.frames) {
        let card = Shape::rect(*frame, 8.0).role(Role::Card).fill(Tone::Panel, 1.0);
        let tone = if lane.is_attacker() { Tone::Refused } else { Tone::Ink };
        let card = if lane.is_attacker() { card.stroke(Tone::Refused, 1.4) } else { card.stroke(Tone::Line, 1.0) };
        elements.push(card.into());
        let mut y = frame.center().y - lane.text_height() / 2.0;
        for (block, tone) in [(&lane.title, tone), (&lane.role, Tone::Mute), (&lane.custody, Tone::Mute)] {
            elements.extend(runs(block, frame.center().x, y, Anchor::Middle, tone));
            y += block.height();
        }
    }
    elements
}

/// A line between two actors of one zone: straight, or around those between them.
fn inner(plan: &Plan<'_>, link: &Inner) -> Vec<Element> {
    let (upper, lower) = (plan.frames[link.upper], plan.frames[link.lower]);
    let above = plan.inner.iter().take_while(|other| !std::ptr::eq(*other, link));
    let above: f32 = above.filter(|other| other.lower == link.lower).map(|other| other.text.height()).sum();
    let all: f32 = plan.inner.iter().filter(|other| other.lower == link.lower).map(|other| other.text.height()).sum();
    let way = if link.is_adjacent {
        let x = lower.x + INNER_INDENT / 2.0;
        vec![point(x, upper.bottom()), point(x, lower.y)]
    } else {
        // Four of them stand side by side in the margin of a zone.
        #[expect(clippy::cast_precision_loss, reason = "less than four")]
        let x = lower.x - 7.0 - 4.0 * ((link.around - 1) % 4) as f32;
        vec![
            point(upper.x, upper.bottom() - 12.0),
            point(x, upper.bottom() - 12.0),
            point(x, lower.y + 12.0),
            point(lower.x, lower.y + 12.0),
        ]
    };
    let mut elements = vec![Shape::way(&way).stroke(Tone::Mute, 1.2).into()];
    elements.extend(runs(&link.text, lower.x + INNER_INDENT, lower.y - 9.0 - all + above, Anchor::Start, Tone::Mute));
    elements
}

fn label(plan: &Plan<'_>, bundle: &Bundle) -> Vec<Element> {
    let x = plan.labels[plan.column(bundle.left)];
    let exposure_top = bundle.left_top + bundle.name.height();
    let mut elements = runs(&bundle.name, x, bundle.left_top, Anchor::Start, Tone::Ink);
    let indent = if bundle.is_exposed { LABEL_INDENT } else { 0.0 };
    if bundle.is_exposed {
        let at = point(x + 6.0, exposure_top + bundle.exposure.style.leading / 2.0);
        elements.extend(glyph::eye(at, Tone::Mute));
    }
    elements.extend(runs(&bundle.exposure, x + indent, exposure_top, Anchor::Start, Tone::Mute));
    elements
}

fn step(plan: &Plan<'_>, route: &Route) -> Group {
    let bundle = &plan.bundles[route.bundle];
    let crossing = &plan.crossings[bundle.crossings[route.line]];
    let is_rightwards = plan.cast.lane(&crossing.from) == bundle.left;
    let tone = if is_edited(plan, crossing) { Tone::Refused } else { protection_tone(crossing.protection) };
    let mut elements = line(plan, route, crossing.protection, tone, is_rightwards);
    elements.extend(disc(plan, route, crossing, is_rightwards));
    let x = plan.labels[plan.column(bundle.left)];
    let text = &bundle.texts[route.line];
    let top = route.left - 3.0 - text.style.leading;
    if let Some(lock) = protection_lock(crossing.protection) {
        elements.extend(glyph::lock(lock, point(x + 5.0, top + 11.5), protection_tone(crossing.protection)));
    }
    elements.extend(runs(text, x + LABEL_INDENT, top, Anchor::Start, tone));
    Group::new(GroupKind::Step(crossing.id()), words::sentence(plan, crossing), elements)
}

/// The line in two pieces, with room for the number between them, and its head.
fn line(plan: &Plan<'_>, route: &Route, protection: Protection, tone: Tone, is_rightwards: bool) -> Vec<Element> {
    let bundle = &plan.bundles[route.bundle];
    let start = point(plan.frames[bundle.left].right() + AWAY, route.left);
    let end = point(plan.frames[bundle.right].x - AWAY, route.right);
    let mut way = vec![start];
    way.extend(route.corners());
    way.push(end);
    if !is_rightwards {
        way.reverse();
    }
    let forwards = if is_rightwards { 1.0 } else { -1.0 };
    let last = way.len() - 1;
    let tip = way[last];
    way[last].x -= 7.0 * forwards;
    let (border, is_leaving) = border(plan, route, is_rightwards);
    let before = point(border.x - (DISC + 1.0) * forwards, border.y);
    let after = point(border.x + (DISC + 1.0) * forwards, border.y);
    let rest = way.split_off(if is_leaving { 1 } else { last });
    way.push(before);
    let draw = |shape: Shape| shape.role(Role::Message).stroke(tone, 1.8).dash(protection_dash(protection)).into();
    vec![
        draw(Shape::way(&way)),
        draw(Shape::way(&[vec![after], rest].concat())),
        glyph::arrow_head(tip, is_rightwards, tone),
    ]
}

/// Where the line leaves the sender's zone, and whether it does: a zone in it may stand in its way, and then it is where
/// the line comes into the receiver's.
fn border(plan: &Plan<'_>, route: &Route, is_rightwards: bool) -> (Point, bool) {
    let bundle = &plan.bundles[route.bundle];
    let (left, right) = (plan.column(bundle.left), plan.column(bundle.right));
    let of_left = point(plan.columns[left].frame.right(), route.left);
    let of_right = point(plan.columns[right].frame.x, route.right);
    let (is_left_closed, is_right_closed) =
        (plan.is_edge(left, |outer| outer.last), plan.is_edge(right, |outer| outer.first));
    match is_rightwards {
        true if is_left_closed || !is_right_closed => (of_left, true),
        true => (of_right, false),
        false if is_right_closed || !is_left_closed => (of_right, true),
        false => (of_left, false),
    }
}

fn disc(plan: &Plan<'_>, route: &Route, crossing: &Crossing, is_rightwards: bool) -> Vec<Element> {
    let (center, _) = border(plan, route, is_rightwards);
    let text = wrap(&crossing.number.to_string(), NUMBER, f32::INFINITY);
    let ground = if is_edited(plan, crossing) {
        glyph::diamond(center, DISC + 3.0, Tone::Refused)
    } else {
        Shape::circle(center, DISC).fill(Tone::Ink, 1.0)
    };
    let mut elements = vec![ground.into()];
    elements.extend(runs(&text, center.x, center.y - text.height() / 2.0, Anchor::Middle, Tone::Paper));
    elements
}

/// Whether an attack changed what crosses.
fn is_edited(plan: &Plan<'_>, crossing: &Crossing) -> bool {
    let mut events = crossing.steps.iter().filter_map(|step| plan.run.trace.event(step));
    plan.run.scenario.kind.is_attack() && events.any(|event| event.edit != EditMark::Original)
}

fn entries(plan: &Plan<'_>) -> Vec<Entry> {
    let mut entries = vec![Entry::new(19.0, "a crossing, in the order of first use", |at| {
        vec![Shape::circle(point(at.x + 6.0, at.y), 5.4).fill(Tone::Ink, 1.0).into()]
    })];
    if plan.crossings.iter().any(|crossing| is_edited(plan, crossing)) {
        let draw = |at: Point| vec![glyph::diamond(point(at.x + 6.0, at.y), 6.4, Tone::Refused).into()];
        entries.push(Entry::new(19.0, "changed by the attack", draw));
    }
    for protection in [Protection::Protected, Protection::Provisional, Protection::Clear] {
        if plan.crossings.iter().any(|crossing| crossing.protection == protection) {
            entries.push(Entry::sent(protection, protection_words(protection)));
        }
    }
    if plan.bundles.iter().any(|bundle| bundle.is_exposed) {
        let draw = |at: Point| glyph::eye(point(at.x + 6.0, at.y), Tone::Mute);
        entries.push(Entry::new(19.0, "exposed: somebody else may be on the link", draw));
    }
    entries
}
