//! Pictures: nothing overlaps, nothing leaves its shape, and both writings say the same.

mod story;

use proptest::prelude::*;
use story::Story;
use trustlane::flow::{Custody, Exposure, Medium};
use trustlane::scene::geometry::{Rect, point};
use trustlane::scene::{Element, Group, GroupKind, Outline, Role, Scene, Shape, TextRun};
use trustlane::svg;
use trustlane::trace::{EditMark, Protection};

/// Writes the pictures into the folder for temporary files, to be looked at.
#[test]
#[ignore = "for people"]
#[expect(clippy::disallowed_methods, reason = "a look at the pictures needs files")]
fn look() {
    let folder = std::env::temp_dir().join("trustlane-look");
    std::fs::create_dir_all(&folder).unwrap();
    let stories = [
        ("baseline", story::baseline()),
        ("refused", story::refused()),
        ("accepted", story::accepted()),
        ("handshake", story::handshake()),
    ];
    for (name, story) in stories {
        let scene = story.draw();
        let text = svg::file(&scene, name);
        std::fs::write(folder.join(format!("{name}.svg")), &text).unwrap();
        std::fs::write(folder.join(format!("{name}.txt")), scene.steps.join("\n")).unwrap();
        #[cfg(feature = "png")]
        std::fs::write(folder.join(format!("{name}.png")), trustlane::export::png::render(&text, 1.5)).unwrap();
    }
}

fn texts(scene: &Scene) -> Vec<&TextRun> {
    let elements = scene.groups.iter().flat_map(Group::elements);
    elements.filter_map(|element| if let Element::Text(run) = element { Some(run) } else { None }).collect()
}

fn shapes(scene: &Scene, role: Role) -> Vec<&Shape> {
    let elements = scene.groups.iter().flat_map(Group::elements);
    let shapes = elements.filter_map(|element| if let Element::Shape(shape) = element { Some(shape) } else { None });
    shapes.filter(|shape| shape.role == role).collect()
}

/// The space of a shape; a line is one pixel thick.
fn frame(shape: &Shape) -> Rect {
    match &shape.outline {
        Outline::Circle { center, radius } => {
            Rect::new(center.x - radius, center.y - radius, 2.0 * radius, 2.0 * radius)
        }
        Outline::Line { from, to } => {
            let (left, top) = (from.x.min(to.x), from.y.min(to.y));
            Rect::new(left - 0.5, top - 0.5, (from.x - to.x).abs() + 1.0, (from.y - to.y).abs() + 1.0)
        }
        Outline::Path(_) => Rect::default(),
        Outline::Rect { frame, .. } => *frame,
    }
}

/// What must hold of every picture.
fn check_geometry(scene: &Scene) -> Result<(), String> {
    let canvas = Rect::new(0.0, 0.0, scene.width, scene.height);
    let texts = texts(scene);
    let cards: Vec<Rect> = shapes(scene, Role::Card).into_iter().map(frame).collect();
    let messages: Vec<Rect> = shapes(scene, Role::Message).into_iter().map(frame).collect();
    let lifelines: Vec<Rect> = shapes(scene, Role::Lifeline).into_iter().map(frame).collect();
    for (index, text) in texts.iter().enumerate() {
        let rect = text.rect();
        if !canvas.contains(rect, 0.0) {
            return Err(format!("`{}` leaves the canvas: {rect:?}", text.text));
        }
        if let Some(other) = texts[index + 1..].iter().find(|other| other.rect().overlaps(rect)) {
            return Err(format!("`{}` overlaps `{}`: {rect:?} {:?}", text.text, other.text, other.rect()));
        }
        if let Some(card) = cards.iter().find(|card| card.overlaps(rect) && !card.contains(rect, 0.1)) {
            return Err(format!("`{}` leaves its card: {rect:?} {card:?}", text.text));
        }
        if messages.iter().any(|line| line.overlaps(rect)) {
            return Err(format!("an arrow goes through `{}`: {rect:?}", text.text));
        }
        let is_on_card = cards.iter().any(|card| card.contains(rect, 0.1));
        if !is_on_card && lifelines.iter().any(|line| line.overlaps(rect)) {
            return Err(format!("a lifeline goes through `{}`: {rect:?}", text.text));
        }
    }
    for (index, card) in cards.iter().enumerate() {
        if !canvas.contains(*card, 0.0) {
            return Err(format!("a card leaves the canvas: {card:?}"));
        }
        if let Some(other) = cards[index + 1..].iter().find(|other| other.overlaps(*card)) {
            return Err(format!("cards overlap: {card:?} {other:?}"));
        }
        if let Some(line) = messages.iter().find(|line| line.overlaps(*card)) {
            return Err(format!("an arrow goes through a card: {card:?} {line:?}"));
        }
    }
    Ok(())
}

#[test]
fn pictures_of_the_stories_are_clean() {
    for story in [story::baseline(), story::refused(), story::accepted(), story::handshake()] {
        check_geometry(&story.draw()).unwrap();
    }
}
