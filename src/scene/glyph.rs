//! Small signs drawn as paths: locks, ticks, crosses, arrow heads.

use super::geometry::{Point, Rect, point};
use super::palette::Tone;
use super::{Element, Outline, Segment, Shape};

/// Width of a lock, with the open shackle.
pub const LOCK_WIDTH: f32 = 9.0;

/// What a lock says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// Encrypted and authenticated.
    Closed,
    /// Encrypted, but nobody knows yet for whom: the body is hollow, and its shackle is a question mark.
    Hollow,
    /// Readable.
    Open,
}

/// A lock whose body is centred on `at.x` and stands on `at.y`.
pub fn lock(lock: Lock, at: Point, tone: Tone) -> Vec<Element> {
    // An open lock stands a little to the left, so that its shackle keeps away from the text.
    let at = if lock == Lock::Open { point(at.x - 2.5, at.y) } else { at };
    let body = Rect::new(at.x - 4.2, at.y - 6.6, 8.4, 6.6);
    let shackle = Shape::new(Outline::Path(shackle(lock, at))).stroke(tone, 1.4);
    let body = match lock {
        Lock::Closed | Lock::Open => Shape::rect(body, 1.4).fill(tone, 1.0),
        Lock::Hollow => Shape::rect(Rect::new(at.x - 4.0, at.y - 4.9, 8.0, 4.9), 1.3).stroke(tone, 1.3),
    };
    vec![shackle.into(), body.into()]
}

/// What rises from the body of a lock; the three differ in their outlines, so that the smallest is told by its shadow.
fn shackle(lock: Lock, at: Point) -> Vec<Segment> {
    let on = |x: f32, y: f32| point(at.x + x, at.y - y);
    match lock {
        Lock::Closed => vec![
            Segment::Move(on(-2.7, 6.6)),
            Segment::Line(on(-2.7, 8.6)),
            Segment::Curve(on(-2.7, 12.2), on(2.7, 12.2), on(2.7, 8.6)),
            Segment::Line(on(2.7, 6.6)),
        ],
        Lock::Hollow => vec![
            Segment::Move(on(-2.6, 9.4)),
            Segment::Curve(on(-2.6, 12.9), on(2.6, 12.9), on(2.6, 9.7)),
            Segment::Curve(on(2.6, 7.8), on(0.0, 8.0), on(0.0, 5.6)),
        ],
        // Lifted and swung out: the free end hangs beside the body.
        Lock::Open => vec![
            Segment::Move(on(1.2, 6.6)),
            Segment::Line(on(1.2, 9.4)),
            Segment::Curve(on(1.2, 12.8), on(6.2, 12.8), on(6.2, 9.4)),
            Segment::Line(on(6.2, 8.6)),
        ],
    }
}

/// A disc with a tick: a check that held.
pub fn tick(center: Point) -> Vec<Element> {
    let mark = Outline::Path(vec![
        Segment::Move(point(center.x - 3.5, center.y + 0.2)),
        Segment::Line(point(center.x - 1.0, center.y + 2.9)),
        Segment::Line(point(center.x + 3.6, center.y - 2.5)),
    ]);
    vec![Shape::circle(center, 7.0).fill(Tone::Held, 1.0).into(), Shape::new(mark).stroke(Tone::Paper, 1.7).into()]
}

/// A disc with a cross: a check that did not hold.
pub fn cross(center: Point) -> Vec<Element> {
    let mark = Outline::Path(vec![
        Segment::Move(point(center.x - 2.9, center.y - 2.9)),
        Segment::Line(point(center.x + 2.9, center.y + 2.9)),
        Segment::Move(point(center.x + 2.9, center.y - 2.9)),
        Segment::Line(point(center.x - 2.9, center.y + 2.9)),
    ]);
    vec![Shape::circle(center, 7.0).fill(Tone::Refused, 1.0).into(), Shape::new(mark).stroke(Tone::Paper, 1.8).into()]
}

/// The head of an arrow whose tip is at `tip`, pointing right where `rightwards`.
pub fn arrow_head(tip: Point, rightwards: bool, tone: Tone) -> Element {
    let back = if rightwards { -9.5 } else { 9.5 };
    let head = Outline::Path(vec![
        Segment::Move(tip),
        Segment::Line(point(tip.x + back, tip.y - 4.7)),
        Segment::Line(point(tip.x + back * 0.78, tip.y)),
        Segment::Line(point(tip.x + back, tip.y + 4.7)),
        Segment::Close,
    ]);
    Shape::new(head).fill(tone, 1.0).into()
}

/// A diamond: a step that an attack changed.
pub fn diamond(center: Point, radius: f32, tone: Tone) -> Shape {
    Shape::new(Outline::Path(vec![
        Segment::Move(point(center.x, center.y - radius)),
        Segment::Line(point(center.x + radius, center.y)),
        Segment::Line(point(center.x, center.y + radius)),
        Segment::Line(point(center.x - radius, center.y)),
        Segment::Close,
    ]))
    .fill(tone, 1.0)
}

/// A key-shaped sign for work that an actor does by itself: a small square.
pub fn work(center: Point, tone: Tone) -> Element {
    Shape::rect(Rect::new(center.x - 3.6, center.y - 3.6, 7.2, 7.2), 1.4).fill(tone, 1.0).into()
}

/// An arrow into a tray: something handed over before the method begins.
pub fn tray(center: Point, tone: Tone) -> Element {
    let sign = Outline::Path(vec![
        Segment::Move(point(center.x, center.y - 5.0)),
        Segment::Line(point(center.x, center.y + 1.6)),
        Segment::Move(point(center.x - 2.6, center.y - 1.0)),
        Segment::Line(point(center.x, center.y + 1.6)),
        Segment::Line(point(center.x + 2.6, center.y - 1.0)),
        Segment::Move(point(center.x - 4.6, center.y + 1.4)),
        Segment::Line(point(center.x - 4.6, center.y + 4.6)),
        Segment::Line(point(center.x + 4.6, center.y + 4.6)),
        Segment::Line(point(center.x + 4.6, center.y + 1.4)),
    ]);
    Shape::new(sign).stroke(tone, 1.3).into()
}

/// A key: something secret in a store.
pub fn key(center: Point, tone: Tone) -> Vec<Element> {
    let at = |x: f32, y: f32| point(center.x + x, center.y + y);
    let blade = Outline::Path(vec![
        Segment::Move(at(-0.6, 0.0)),
        Segment::Line(at(5.4, 0.0)),
        Segment::Line(at(5.4, 2.6)),
        Segment::Move(at(3.0, 0.0)),
        Segment::Line(at(3.0, 2.2)),
    ]);
    vec![Shape::circle(at(-2.8, 0.0), 2.3).stroke(tone, 1.3).into(), Shape::new(blade).stroke(tone, 1.3).into()]
}

/// A sheet with a folded corner: something else in a store.
pub fn sheet(center: Point, tone: Tone) -> Vec<Element> {
    let at = |x: f32, y: f32| point(center.x + x, center.y + y);
    let sheet = Outline::Path(vec![
        Segment::Move(at(1.0, -4.6)),
        Segment::Line(at(-3.4, -4.6)),
        Segment::Line(at(-3.4, 4.6)),
        Segment::Line(at(3.4, 4.6)),
        Segment::Line(at(3.4, -2.2)),
        Segment::Close,
        Segment::Move(at(-1.4, 0.4)),
        Segment::Line(at(1.4, 0.4)),
        Segment::Move(at(-1.4, 2.4)),
        Segment::Line(at(1.4, 2.4)),
    ]);
    vec![Shape::new(sheet).stroke(tone, 1.1).into()]
}

/// An eye: somebody else is on the link.
pub fn eye(center: Point, tone: Tone) -> Vec<Element> {
    let at = |x: f32, y: f32| point(center.x + x, center.y + y);
    let lids = Outline::Path(vec![
        Segment::Move(at(-6.0, 0.0)),
        Segment::Curve(at(-3.0, -4.8), at(3.0, -4.8), at(6.0, 0.0)),
        Segment::Curve(at(3.0, 4.8), at(-3.0, 4.8), at(-6.0, 0.0)),
        Segment::Close,
    ]);
    vec![Shape::new(lids).stroke(tone, 1.2).into(), Shape::circle(center, 1.7).fill(tone, 1.0).into()]
}
