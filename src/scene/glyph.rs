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
    /// Encrypted, but nobody knows yet for whom: the body is hollow, with a question in it.
    Hollow,
    /// Readable.
    Open,
}

/// A lock whose body is centred on `at.x` and stands on `at.y`.
pub fn lock(lock: Lock, at: Point, tone: Tone) -> Vec<Element> {
    // An open lock stands a little to the left, so that its shackle keeps away from the text.
    let at = if lock == Lock::Open { point(at.x - 2.5, at.y) } else { at };
    let body = Rect::new(at.x - 4.2, at.y - 6.6, 8.4, 6.6);
    let mut shackle = vec![
        Segment::Move(point(at.x - 2.7, at.y - 6.6)),
        Segment::Line(point(at.x - 2.7, at.y - 8.6)),
        Segment::Curve(point(at.x - 2.7, at.y - 12.2), point(at.x + 2.7, at.y - 12.2), point(at.x + 2.7, at.y - 8.6)),
    ];
    match lock {
        Lock::Closed | Lock::Hollow => shackle.push(Segment::Line(point(at.x + 2.7, at.y - 6.6))),
        // Lifted and swung out: the free end hangs beside the body.
        Lock::Open => {
            shackle = vec![
                Segment::Move(point(at.x + 1.2, at.y - 6.6)),
                Segment::Line(point(at.x + 1.2, at.y - 9.4)),
                Segment::Curve(
                    point(at.x + 1.2, at.y - 12.8),
                    point(at.x + 6.2, at.y - 12.8),
                    point(at.x + 6.2, at.y - 9.4),
                ),
                Segment::Line(point(at.x + 6.2, at.y - 8.6)),
            ];
        }
    }
    let shackle = Shape::new(Outline::Path(shackle)).stroke(tone, 1.4);
    match lock {
        Lock::Closed | Lock::Open => vec![shackle.into(), Shape::rect(body, 1.4).fill(tone, 1.0).into()],
        Lock::Hollow => {
            let inset = Rect::new(body.x + 0.6, body.y + 0.6, body.width - 1.2, body.height - 1.2);
            let hook = Outline::Path(vec![
                Segment::Move(point(at.x - 1.2, at.y - 4.3)),
                Segment::Curve(
                    point(at.x - 1.2, at.y - 5.6),
                    point(at.x + 1.4, at.y - 5.6),
                    point(at.x + 1.3, at.y - 4.2),
                ),
                Segment::Curve(point(at.x + 1.2, at.y - 3.4), point(at.x, at.y - 3.4), point(at.x, at.y - 2.5)),
            ]);
            vec![
                shackle.into(),
                Shape::rect(inset, 1.2).stroke(tone, 1.2).into(),
                Shape::new(hook).stroke(tone, 0.9).into(),
                Shape::circle(point(at.x, at.y - 1.5), 0.6).fill(tone, 1.0).into(),
            ]
        }
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
