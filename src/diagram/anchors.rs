//! Trust anchors: who relies on which, what chains to it, and which steps break when it is lost.

pub mod reliance;

use self::reliance::{Reliance, TrustAnchor, anchors};
use super::certificate::{Certificates, name};
use super::{Diagram, Executed, Subject};
use crate::quantity::count;
use crate::scene::geometry::{Rect, point};
use crate::scene::palette::Tone;
use crate::scene::text::{Block, Font, Style, wrap};
use crate::scene::{Anchor, Cuts, Element, Group, GroupKind, Role, Scene, Shape, Timeline, glyph, runs};
use crate::trace::{ArtifactKind, Event};

const HEADING: Style = Style::new(Font::Bold, 9.5).tracked(0.8);
const NAME: Style = Style::new(Font::Bold, 13.0);
const TEXT: Style = Style::new(Font::Regular, 11.0);
const MARGIN: f32 = 24.0;
const WIDTH: f32 = 236.0;
const MIDDLE: f32 = 280.0;
const GUTTER: f32 = 62.0;
const INSET: f32 = 12.0;
const GAP: f32 = 12.0;
const BAND_GAP: f32 = 34.0;
const CENTER: f32 = MARGIN + WIDTH + GUTTER;
const RIGHT: f32 = CENTER + MIDDLE + GUTTER;

/// Trust anchors with those who rely on them and what they vouch for.
#[derive(Debug)]
pub struct Anchors;

impl Diagram for Anchors {
    fn name(&self) -> &'static str {
        "anchors"
    }

    fn summary(&self) -> &'static str {
        "Who relies on which trust anchor, what chains to it, and which steps break when it is lost."
    }

    fn draw(&self, subject: &Subject<'_>) -> Option<Scene> {
        let Subject::Run(run) = subject else { return None };
        draw(run)
    }
}

/// An opaque ground with paragraphs.
struct Card {
    lines: Vec<(Block, Tone)>,
    width: f32,
}

impl Card {
    fn new(title: &str, rest: &[(String, Tone)], width: f32) -> Self {
        let limit = width - 2.0 * INSET;
        let mut lines = vec![(wrap(title, NAME, limit), Tone::Ink)];
        lines.extend(rest.iter().map(|(text, tone)| (wrap(text, TEXT, limit), *tone)));
        Self { lines, width }
    }

    fn height(&self) -> f32 {
        self.lines.iter().map(|(block, _)| block.height()).sum::<f32>() + 2.0 * (INSET - 3.0)
    }

    fn paint(&self, x: f32, y: f32, is_anchor: bool) -> Vec<Element> {
        let ground = Shape::rect(Rect::new(x, y, self.width, self.height()), 8.0).role(Role::Card);
        let ground = ground.fill(Tone::Panel, 1.0);
        let mut elements =
            vec![if is_anchor { ground.stroke(Tone::Ink, 1.6) } else { ground.stroke(Tone::Line, 1.0) }.into()];
        let mut top = y + INSET - 3.0;
        for (block, tone) in &self.lines {
            elements.extend(runs(block, x + INSET, top, Anchor::Start, *tone));
            top += block.height();
        }
        elements
    }
}

fn draw(run: &Executed<'_>) -> Option<Scene> {
    let certificates = Certificates::of(run.trace);
    let anchors = anchors(run, &certificates);
    if anchors.is_empty() {
        return None;
    }
    let width = RIGHT + WIDTH + MARGIN;
    let mut ground = Vec::new();
    for (x, text) in [(MARGIN, "relies on it"), (CENTER, "trust anchor"), (RIGHT, "chains to it")] {
        ground.extend(runs(&wrap(&text.to_uppercase(), HEADING, WIDTH), x, MARGIN, Anchor::Start, Tone::Mute));
    }
    let mut y = MARGIN + HEADING.leading + 14.0;
    let (mut groups, mut steps) = (Vec::new(), Vec::new());
    for (index, anchor) in anchors.iter().enumerate() {
        let (elements, bottom) = band(run, &certificates, anchor, y);
        let sentence = format!("{}. {}", index + 1, sentence(run, &certificates, anchor));
        let id = format!("anchor-{}", &certificates.held[anchor.certificate].certificate.sha256()[..12]);
        groups.push(Group::new(GroupKind::Step(id), sentence.clone(), elements));
        steps.push(sentence);
        y = bottom + BAND_GAP;
    }
    let height = (y - BAND_GAP + MARGIN).ceil();
    ground.insert(0, Shape::rect(Rect::new(0.0, 0.0, width, height), 0.0).fill(Tone::Paper, 1.0).into());
    groups.insert(0, Group::new(GroupKind::Ground, "", ground));
    Some(Scene {
        title: format!("{}: trust anchors", run.title()),
        description: format!("{} believed without proof.", count(anchors.len(), "certificate is", "certificates are")),
        width,
        height,
        timeline: Timeline::in_turn(&groups),
        cuts: Cuts::default(),
        groups,
        steps,
    })
}

/// An anchor between those who rely on it and what chains to it, from `top` down; and its lower edge.
fn band(run: &Executed<'_>, certificates: &Certificates, anchor: &TrustAnchor, top: f32) -> (Vec<Element>, f32) {
    let relying: Vec<Card> = anchor.relying.iter().map(|reliance| relying_card(run, reliance)).collect();
    let certified: Vec<Card> = anchor.below.iter().map(|index| certified_card(run, certificates, *index)).collect();
    let middle = anchor_card(run, certificates, anchor);
    let height = |cards: &[Card]| cards.iter().map(|card| card.height() + GAP).sum::<f32>() - GAP;
    let whole = height(&relying).max(height(&certified)).max(middle.height());
    let axis = top + whole / 2.0;
    let mut elements = Vec::new();
    let stack = |cards: &[Card], x: f32, elements: &mut Vec<Element>| {
        let mut y = axis - height(cards) / 2.0;
        let mut middles = Vec::new();
        for card in cards {
            elements.extend(card.paint(x, y, false));
            middles.push(y + card.height() / 2.0);
            y += card.height() + GAP;
        }
        middles
    };
    let on_left = stack(&relying, MARGIN, &mut elements);
    let on_right = stack(&certified, RIGHT, &mut elements);
    elements.extend(middle.paint(CENTER, axis - middle.height() / 2.0, true));
    for y in &on_left {
        elements.extend(edge(MARGIN + WIDTH, *y, CENTER, axis));
    }
    for y in &on_right {
        elements.extend(edge(CENTER + MIDDLE, axis, RIGHT, *y));
    }
    (elements, top + whole)
}

/// A line from the right side of one card to the left side of another.
fn edge(left: f32, from: f32, right: f32, to: f32) -> Vec<Element> {
    let turn = f32::midpoint(left, right);
    let corners = [point(left + 2.0, from), point(turn, from), point(turn, to), point(right - 8.0, to)];
    let straight = [corners[0], corners[3]];
    let way = if (from - to).abs() < 0.5 { Shape::way(&straight) } else { Shape::way(&corners) };
    vec![
        way.role(Role::Message).stroke(Tone::Mute, 1.3).into(),
        glyph::arrow_head(point(right - 1.0, to), true, Tone::Mute),
    ]
}

fn relying_card(run: &Executed<'_>, reliance: &Reliance) -> Card {
    let stored = format!("holds it as {}", reliance.names.join(", "));
    let events: Vec<&Event> = reliance.steps.iter().filter_map(|step| run.trace.event(step)).collect();
    let used = if events.is_empty() {
        "not used in this run".to_owned()
    } else {
        format!("believes it in {}", numbers(&events))
    };
    Card::new(&title(run, &reliance.actor), &[(used, Tone::Ink), (stored, Tone::Mute)], WIDTH)
}

fn anchor_card(run: &Executed<'_>, certificates: &Certificates, anchor: &TrustAnchor) -> Card {
    let certificate = &certificates.held[anchor.certificate].certificate;
    let until = certificate.not_after().to_string().chars().take(10).collect::<String>();
    let mut rest = vec![(format!("{}, until {until}", certificate.public_key().title()), Tone::Mute)];
    rest.push((lost(run, anchor), Tone::Refused));
    Card::new(&name(certificate), &rest, MIDDLE)
}

/// What breaks when the anchor is lost.
fn lost(run: &Executed<'_>, anchor: &TrustAnchor) -> String {
    match anchor.steps(run).as_slice() {
        [] => "if it is lost, no step of this run breaks".to_owned(),
        events => format!("if it is lost, nothing is verified in {}", numbers(events)),
    }
}

fn certified_card(run: &Executed<'_>, certificates: &Certificates, index: usize) -> Card {
    let held = &certificates.held[index];
    let has_key = held.holders.iter().filter(|holder| holder.kind == ArtifactKind::Credential && holder.is_first);
    let mut actors: Vec<String> = has_key.map(|holder| title(run, &holder.actor)).collect();
    actors.dedup();
    let role = if held.certificate.is_authority() { "authority" } else { "end entity" };
    let key = if actors.is_empty() {
        "nobody keeps its key with it".to_owned()
    } else {
        format!("key with {}", actors.join(", "))
    };
    Card::new(&name(&held.certificate), &[(key, Tone::Ink), (role.to_owned(), Tone::Mute)], WIDTH)
}

fn title(run: &Executed<'_>, id: &str) -> String {
    run.scenario.actors.iter().find(|actor| actor.id == id).map_or_else(|| id.to_owned(), |actor| actor.title.clone())
}

fn numbers(events: &[&Event]) -> String {
    let numbers: Vec<String> = events.iter().map(|event| event.number.to_string()).collect();
    format!("{} {}", if numbers.len() == 1 { "step" } else { "steps" }, numbers.join(", "))
}

fn sentence(run: &Executed<'_>, certificates: &Certificates, anchor: &TrustAnchor) -> String {
    let who: Vec<String> = anchor.relying.iter().map(|reliance| title(run, &reliance.actor)).collect();
    let below: Vec<String> = anchor.below.iter().map(|index| name(&certificates.held[*index].certificate)).collect();
    let below = if below.is_empty() { "nothing in the stores".to_owned() } else { below.join(", ") };
    let anchor_name = name(&certificates.held[anchor.certificate].certificate);
    format!("{} rely on {anchor_name}; {below} chains to it; {}", who.join(", "), lost(run, anchor))
}
