//! A journey → groups of a scene.

use super::map::{self, Way};
use super::passage::{Journey, Passage};
use crate::diagram::Executed;
use crate::registry::State;
use crate::scene::geometry::{Point, Rect, point};
use crate::scene::palette::Tone;
use crate::scene::text::{Block, Font, Style, wrap};
use crate::scene::{Anchor, Cuts, Element, Group, GroupKind, Outline, Role, Scene, Segment, Shape, Timeline, runs};

const NAME: Style = Style::new(Font::Bold, 13.0);
const MEANING: Style = Style::new(Font::Regular, 10.0);
const NUMBER: Style = Style::new(Font::Bold, 10.5);
const ROW: Style = Style::new(Font::SemiBold, 12.0);
const CAUSE: Style = Style::new(Font::Regular, 12.0);
const HEADING: Style = Style::new(Font::Bold, 9.5).tracked(0.8);
const DISC: f32 = 9.5;
const WAY_TEXT: f32 = 210.0;
const ROW_GAP: f32 = 9.0;
/// The most numbers that stand on an edge.
const FEW: usize = 2;

/// The whole picture.
pub(super) fn scene(run: &Executed<'_>, journey: &Journey<'_>) -> Scene {
    let width = 2.0 * map::LEFT + map::SPAN;
    let mut groups = vec![Group::new(GroupKind::Ground, "", Vec::new())];
    let mut y = map::BOTTOM + 30.0;
    let heading = wrap(&format!("The way of {}", journey.record).to_uppercase(), HEADING, map::SPAN);
    let mut ground = runs(&heading, map::LEFT, y, Anchor::Start, Tone::Mute);
    y += heading.height() + ROW_GAP;
    for passage in &journey.passages {
        let (elements, bottom) = row(run, passage, y);
        let mut all = passed(journey, passage);
        all.extend(elements);
        groups.push(Group::new(GroupKind::Step(passage.id()), sentence(run, passage), all));
        y = bottom + ROW_GAP;
    }
    let height = (y + 14.0).ceil();
    let mut all: Vec<Element> =
        vec![Shape::rect(Rect::new(0.0, 0.0, width, height), 0.0).fill(Tone::Paper, 1.0).into()];
    all.extend(edges(journey));
    all.append(&mut ground);
    groups[0] = Group::new(GroupKind::Ground, "", all);
    let states = State::ALL.into_iter().flat_map(|state| card(journey, state)).collect();
    groups.insert(1, Group::new(GroupKind::Ground, "", states));
    Scene {
        title: title(run),
        description: description(journey),
        width,
        height,
        timeline: Timeline::in_turn(&groups),
        cuts: Cuts::default(),
        groups,
        steps: journey.passages.iter().map(|passage| sentence(run, passage)).collect(),
    }
}

fn title(run: &Executed<'_>) -> String {
    format!("{}: states of the device", run.title())
}

fn description(journey: &Journey<'_>) -> String {
    let not_passed: Vec<&str> =
        State::ALL.into_iter().filter(|state| !journey.visited(*state)).map(State::name).collect();
    let end = journey.end().map_or("", State::name);
    let rest = if not_passed.is_empty() { "no state".to_owned() } else { not_passed.join(", ") };
    format!("The record {} ends as {end}. It was never: {rest}.", journey.record)
}

fn sentence(run: &Executed<'_>, passage: &Passage<'_>) -> String {
    format!("{}. {}: {}", passage.number, change(passage), cause(run, passage))
}

/// From which state to which.
fn change(passage: &Passage<'_>) -> String {
    match passage.from {
        Some(from) => format!("{} → {}", from.name(), passage.to.name()),
        None => format!("created as {}", passage.to.name()),
    }
}

/// The step that caused it, and whose it is.
fn cause(run: &Executed<'_>, passage: &Passage<'_>) -> String {
    let Some(event) = passage.event else { return format!("step {}", passage.step) };
    let acting = run.trace.registry.log().entries().iter().find(|entry| entry.step == passage.step);
    let actor = acting.and_then(|entry| run.scenario.actors.iter().find(|actor| actor.id == entry.actor));
    match actor {
        Some(actor) => format!("step {}, {}: {}", event.number, actor.title, event.title),
        None => format!("step {}: {}", event.number, event.title),
    }
}

fn card(journey: &Journey<'_>, state: State) -> Vec<Element> {
    let frame = map::frame(state);
    let is_end = journey.end() == Some(state);
    let card = Shape::rect(frame, 8.0).role(Role::Card);
    let (card, name_tone, meaning_tone) = match (is_end, journey.visited(state)) {
        (true, _) => (card.fill(Tone::Ink, 1.0), Tone::Paper, Tone::Paper),
        (false, true) => (card.fill(Tone::Panel, 1.0).stroke(Tone::Ink, 1.6), Tone::Ink, Tone::Mute),
        (false, false) => (card.fill(Tone::Paper, 1.0).stroke(Tone::Line, 1.0), Tone::Mute, Tone::Mute),
    };
    let name = if is_end { format!("{} at the end", state.name()) } else { state.name().to_owned() };
    let (name, meaning) = (wrap(&name, NAME, frame.width - 8.0), wrap(state.meaning(), MEANING, frame.width - 10.0));
    let (name, meaning) = if name.lines.len() > 1 { (name, Block::empty(MEANING)) } else { (name, meaning) };
    let top = frame.center().y - f32::midpoint(name.height(), meaning.height());
    let mut elements = vec![card.into()];
    elements.extend(runs(&name, frame.center().x, top, Anchor::Middle, name_tone));
    elements.extend(runs(&meaning, frame.center().x, top + name.height(), Anchor::Middle, meaning_tone));
    elements
}

/// What the registry allows and the run did not do.
fn edges(journey: &Journey<'_>) -> Vec<Element> {
    let passed = journey.edges();
    let pairs = State::ALL.into_iter().flat_map(|from| State::ALL.map(|to| (from, to)));
    let mut elements = Vec::new();
    for (from, to) in pairs.filter(|(from, to)| from.may_become(*to) && !passed.contains_key(&(Some(*from), *to))) {
        elements.extend(line(&map::way(from, to).points, Tone::Line, 1.1));
    }
    for first in State::ALL.into_iter().filter(|state| state.is_first() && !passed.contains_key(&(None, *state))) {
        elements.extend(begin(&map::entry(first), Tone::Line, 1.1));
    }
    elements
}

/// An edge that was passed, with its numbers; it appears with the first of them.
fn passed(journey: &Journey<'_>, passage: &Passage<'_>) -> Vec<Element> {
    let way = match passage.from {
        Some(from) => map::way(from, passage.to),
        None => map::entry(passage.to),
    };
    if passage.repeated > 0 {
        return Vec::new();
    }
    let mut elements = match passage.from {
        Some(_) => line(&way.points, Tone::Ink, 1.8),
        None => begin(&way, Tone::Ink, 1.8),
    };
    let numbers = &journey.edges()[&(passage.from, passage.to)];
    let text = match numbers.as_slice() {
        few if few.len() <= FEW => few.iter().map(usize::to_string).collect::<Vec<_>>().join(", "),
        many => format!("{} +{}", many[0], many.len() - 1),
    };
    elements.extend(number(&text, way.number));
    elements
}

/// A dot, and a line into the first state.
fn begin(way: &Way, tone: Tone, width: f32) -> Vec<Element> {
    let mut elements = line(&way.points, tone, width);
    elements.push(Shape::circle(way.points[0], 4.0).fill(tone, 1.0).into());
    elements
}

fn line(points: &[Point], tone: Tone, width: f32) -> Vec<Element> {
    let mut points = points.to_vec();
    let last = points.len() - 1;
    let (before, tip) = (points[last - 1], points[last]);
    let tip = tip.towards(before, 1.5);
    points[last] = tip.towards(before, 6.0);
    vec![Shape::way(&points).role(Role::Lifeline).stroke(tone, width).into(), head(before, tip, tone)]
}

/// The head of an arrow from `before` to `tip`.
fn head(before: Point, tip: Point, tone: Tone) -> Element {
    let length = before.distance(tip);
    let along = point((tip.x - before.x) / length, (tip.y - before.y) / length);
    let at =
        |back: f32, side: f32| point(tip.x - along.x * back - along.y * side, tip.y - along.y * back + along.x * side);
    let corners = vec![
        Segment::Move(tip),
        Segment::Line(at(8.5, 4.2)),
        Segment::Line(at(6.6, 0.0)),
        Segment::Line(at(8.5, -4.2)),
        Segment::Close,
    ];
    Shape::new(Outline::Path(corners)).fill(tone, 1.0).into()
}

/// A disc with a number; longer where there are several.
fn number(text: &str, center: Point) -> Vec<Element> {
    let text = wrap(text, NUMBER, f32::INFINITY);
    let width = (text.width() + 10.0).max(2.0 * DISC);
    let frame = Rect::new(center.x - width / 2.0, center.y - DISC, width, 2.0 * DISC);
    let mut elements: Vec<Element> =
        vec![Shape::rect(frame, DISC).role(Role::Card).fill(Tone::Ink, 1.0).stroke(Tone::Paper, 2.0).into()];
    elements.extend(runs(&text, center.x, center.y - text.height() / 2.0, Anchor::Middle, Tone::Paper));
    elements
}

/// A passage in words, from `top` down; and its lower edge.
fn row(run: &Executed<'_>, passage: &Passage<'_>, top: f32) -> (Vec<Element>, f32) {
    let way = wrap(&change(passage), ROW, WAY_TEXT);
    let left = map::LEFT + 2.0 * DISC + 12.0;
    let text = wrap(&cause(run, passage), CAUSE, map::LEFT + map::SPAN - left - WAY_TEXT - 12.0);
    let mut elements = number(&passage.number.to_string(), point(map::LEFT + DISC, top + ROW.leading / 2.0));
    elements.extend(runs(&way, left, top, Anchor::Start, Tone::Ink));
    elements.extend(runs(&text, left + WAY_TEXT + 12.0, top, Anchor::Start, Tone::Mute));
    (elements, top + way.height().max(text.height()).max(2.0 * DISC))
}
