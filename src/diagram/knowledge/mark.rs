//! The marks of the matrix: a sign and a frame for each way in which a secret comes to somebody.

use super::holding::How;
use crate::scene::geometry::{Point, Rect, point};
use crate::scene::glyph::{self, Lock};
use crate::scene::palette::Tone;
use crate::scene::{Dash, Element, Outline, Role, Segment, Shape};

/// Width that the sign takes.
pub(super) const SIGN: f32 = 15.0;

/// The frame of a mark; one that is filled stands for a loss.
pub(super) fn frame(how: How, is_loss: bool, frame: Rect) -> Element {
    let shape = Shape::rect(frame, frame.height / 2.0).role(Role::Card);
    if is_loss {
        return shape.fill(Tone::Refused, 1.0).into();
    }
    let shape = shape.fill(Tone::Panel, 1.0);
    match how {
        How::Made | How::Derived | How::Installed | How::Forged => shape.stroke(Tone::Line, 1.0),
        How::Protected => shape.stroke(Tone::Protected, 1.2),
        How::Provisional => shape.stroke(Tone::Provisional, 1.2).dash(Dash::Dotted),
        How::Unread => shape.stroke(Tone::Mute, 1.0).dash(Dash::Dashed),
        How::Clear => shape.stroke(Tone::Clear, 1.2).dash(Dash::Dashed),
        How::Overheard | How::Leaked => shape.stroke(Tone::Refused, 1.2),
        How::Sealed => shape.stroke(Tone::Hair, 1.0),
    }
    .into()
}

/// The colour of a mark's sign and number.
pub(super) fn tone(how: How, is_loss: bool) -> Tone {
    if is_loss {
        return Tone::Paper;
    }
    match how {
        How::Made | How::Derived | How::Installed | How::Forged => Tone::Ink,
        How::Protected => Tone::Protected,
        How::Provisional => Tone::Provisional,
        How::Clear => Tone::Clear,
        How::Overheard | How::Leaked => Tone::Refused,
        How::Sealed | How::Unread => Tone::Mute,
    }
}

/// The sign of `how`, centred on `at`.
pub(super) fn sign(how: How, at: Point, tone: Tone) -> Vec<Element> {
    let lock = |kind: Lock| glyph::lock(kind, point(at.x, at.y + 5.4), tone);
    match how {
        How::Made => vec![glyph::work(at, tone)],
        How::Derived => vec![Shape::rect(Rect::new(at.x - 3.4, at.y - 3.4, 6.8, 6.8), 1.2).stroke(tone, 1.3).into()],
        How::Installed => vec![glyph::tray(at, tone)],
        How::Protected => lock(Lock::Closed),
        How::Provisional => lock(Lock::Hollow),
        How::Unread | How::Clear => lock(Lock::Open),
        How::Overheard => glyph::eye(at, tone),
        How::Leaked => vec![drop(at, tone)],
        How::Forged => vec![glyph::diamond(at, 4.6, tone).into()],
        How::Sealed => envelope(at, tone),
    }
}

fn drop(at: Point, tone: Tone) -> Element {
    let (top, foot) = (point(at.x, at.y - 5.4), point(at.x, at.y + 4.6));
    let outline = vec![
        Segment::Move(top),
        Segment::Curve(point(at.x + 1.4, at.y - 2.2), point(at.x + 7.4, at.y + 4.6), foot),
        Segment::Curve(point(at.x - 7.4, at.y + 4.6), point(at.x - 1.4, at.y - 2.2), top),
        Segment::Close,
    ];
    Shape::new(Outline::Path(outline)).fill(tone, 1.0).into()
}

fn envelope(at: Point, tone: Tone) -> Vec<Element> {
    let flap = vec![
        Segment::Move(point(at.x - 5.0, at.y - 3.2)),
        Segment::Line(point(at.x, at.y + 0.8)),
        Segment::Line(point(at.x + 5.0, at.y - 3.2)),
    ];
    let cover = Shape::rect(Rect::new(at.x - 5.2, at.y - 3.8, 10.4, 7.6), 1.0).stroke(tone, 1.1);
    vec![cover.into(), Shape::new(Outline::Path(flap)).stroke(tone, 1.1).into()]
}
