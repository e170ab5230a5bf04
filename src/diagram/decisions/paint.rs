//! The placed tree → groups of a scene.

use super::place::{AIR, BRANCH, INSET, Layout, Leaf, MARGIN, PADDING, Placed, PlacedAnswer};
use crate::scene::geometry::{Rect, point};
use crate::scene::palette::Tone;
use crate::scene::{Anchor, Element, Group, GroupKind, Part, Role, Shape, glyph, runs};

/// Everything that is drawn, from the back to the front, and the height of the picture.
pub(super) fn groups(layout: &Layout<'_>) -> (Vec<Group>, f32) {
    let height = (layout.bottom + MARGIN).ceil();
    let paper = Rect::new(0.0, 0.0, layout.width, height);
    let paper = Shape::rect(paper, 0.0).fill(Tone::Paper, 1.0).into();
    let mut groups = vec![Group::new(GroupKind::Ground, "", vec![paper])];
    groups.extend(layout.questions.iter().map(question));
    (groups, height)
}

fn question(placed: &Placed<'_>) -> Group {
    let card = placed.card;
    let around = Rect::new(card.x - 4.0, card.y - 4.0, card.width + 8.0, card.height + 8.0);
    let mut elements =
        vec![Shape::rect(around, 12.0).role(Role::Focus).stroke(Tone::Ink, 1.4).stroke_opacity(0.0).into()];
    elements.push(Shape::rect(card, 9.0).role(Role::Card).fill(Tone::Ink, 1.0).into());
    elements.extend(runs(&placed.text, card.x + PADDING, card.y + INSET, Anchor::Start, Tone::Paper));
    elements.extend(trunk(placed));
    elements.extend(placed.answers.iter().flat_map(|answer| self::answer(placed, answer)));
    let leaves = placed.answers.iter().filter_map(|answer| answer.leaf.as_ref()).flat_map(leaf);
    let parts = vec![Part::new(elements), Part::new(leaves.collect())];
    Group {
        kind: GroupKind::Step(placed.question.id.clone()),
        label: placed.question.text.clone(),
        parts: parts.into_iter().filter(|part| !part.elements.is_empty()).collect(),
    }
}

fn trunk(placed: &Placed<'_>) -> Vec<Element> {
    let (Some(first), Some(last)) = (placed.answers.first(), placed.answers.last()) else { return Vec::new() };
    let x = placed.trunk;
    let y = placed.card.center().y;
    let stem = Shape::line(point(placed.card.right() + 1.0, y), point(x, y));
    let trunk = Shape::line(point(x, first.y - 0.6), point(x, last.y + 0.6));
    [stem, trunk].map(|line| line.role(Role::Message).stroke(Tone::Line, 1.3).into()).to_vec()
}

fn answer(placed: &Placed<'_>, answer: &PlacedAnswer) -> Vec<Element> {
    let x = placed.trunk;
    let line = |from: f32, to: f32| {
        let line = Shape::line(point(from, answer.y), point(to, answer.y));
        line.role(Role::Message).stroke(Tone::Line, 1.3).into()
    };
    let text = x + BRANCH;
    let mut elements = vec![line(x, text - AIR / 2.0)];
    elements.extend(runs(&answer.label, text, answer.y - answer.label.height() / 2.0, Anchor::Start, Tone::Ink));
    elements.push(line(text + answer.label.width() + AIR, answer.end - 8.0));
    elements.push(glyph::arrow_head(point(answer.end - 2.0, answer.y), true, Tone::Mute));
    elements
}

fn leaf(leaf: &Leaf) -> Vec<Element> {
    let card = leaf.card;
    let mut elements: Vec<Element> =
        vec![Shape::rect(card, 9.0).role(Role::Card).fill(Tone::Panel, 1.0).stroke(Tone::Line, 1.0).into()];
    let mut y = card.y + INSET;
    for method in &leaf.methods {
        elements.extend(runs(method, card.x + PADDING, y, Anchor::Start, Tone::Ink));
        y += method.height();
    }
    elements.extend(runs(&leaf.why, card.x + PADDING, y + 2.0, Anchor::Start, Tone::Mute));
    elements
}
