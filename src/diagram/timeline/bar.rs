//! Parts of a time as bars: each part has its own pattern, so that none is told by colour alone.

use crate::scene::geometry::{Rect, point};
use crate::scene::palette::Tone;
use crate::scene::{Dash, Element, Outline, Segment, Shape};
use crate::timeline::{Part, Times};

/// Height of a bar.
pub(super) const HEIGHT: f32 = 12.0;
/// The least width of a bar, so that the shortest time is seen.
pub(super) const LEAST: f32 = 1.6;
/// A piece narrower than this is left to its neighbours.
const VISIBLE: f32 = 0.5;
const HATCH: f32 = 4.0;

/// The parts in the order in which they stand in a bar.
pub(super) const ORDER: [Part; 8] = [
    Part::People,
    Part::LinkSetUp,
    Part::Latency,
    Part::Transmission,
    Part::DutyCycle,
    Part::Device,
    Part::Others,
    Part::Waiting,
];

/// The parts of `times` in their order, without those that are nothing.
pub(super) fn pieces(times: &Times) -> impl Iterator<Item = (Part, u64)> {
    let times = *times;
    ORDER.into_iter().map(move |part| (part, times.part(part))).filter(|(_, micros)| *micros > 0)
}

/// The bar of `pieces`, each a part with its left edge and its width, centred on `y`; too short, it is one stroke.
pub(super) fn bar(pieces: &[(Part, f32, f32)], y: f32) -> Vec<Element> {
    let total: f32 = pieces.iter().map(|(_, _, width)| width).sum();
    let Some((longest, _, _)) = pieces.iter().max_by(|one, other| one.2.total_cmp(&other.2)) else { return Vec::new() };
    if total < LEAST {
        return piece(*longest, Rect::new(pieces[0].1, y - HEIGHT / 2.0, LEAST, HEIGHT));
    }
    let visible = pieces.iter().filter(|(_, _, width)| *width >= VISIBLE);
    visible.flat_map(|(part, x, width)| piece(*part, Rect::new(*x, y - HEIGHT / 2.0, *width, HEIGHT))).collect()
}

/// A part that fills `frame`.
pub(super) fn piece(part: Part, frame: Rect) -> Vec<Element> {
    let ground = Shape::rect(frame, 0.0);
    let inside = Rect::new(frame.x + 0.5, frame.y + 0.5, (frame.width - 1.0).max(0.4), frame.height - 1.0);
    let outlined = |tone: Tone| Shape::rect(inside, 0.0).fill(Tone::Paper, 1.0).stroke(tone, 1.0);
    match part {
        Part::Transmission => vec![ground.fill(Tone::Protected, 1.0).into()],
        Part::Latency => vec![ground.fill(Tone::Protected, 0.3).into()],
        Part::LinkSetUp => hatched(outlined(Tone::Protected), inside, Tone::Protected, false),
        Part::DutyCycle => vec![outlined(Tone::Protected).into()],
        Part::Device => vec![ground.fill(Tone::Ink, 1.0).into()],
        Part::Others => vec![ground.fill(Tone::Line, 1.0).into()],
        Part::People => hatched(outlined(Tone::Mute), inside, Tone::Ink, true),
        Part::Waiting => vec![outlined(Tone::Mute).dash(Dash::Dotted).into()],
    }
}

/// `ground` under slanting lines, all of them one path.
fn hatched(ground: Shape, frame: Rect, tone: Tone, is_falling: bool) -> Vec<Element> {
    let mut segments = Vec::new();
    let mut start = frame.x - frame.height + HATCH;
    while start < frame.right() {
        segments.extend(slant(frame, start, is_falling).into_iter().flatten());
        start += HATCH;
    }
    let mut elements = vec![ground.into()];
    if !segments.is_empty() {
        elements.push(Shape::new(Outline::Path(segments)).stroke(tone, 0.9).into());
    }
    elements
}

/// A line that rises to the right from `start` at the foot of `frame`, as far as it lies inside of it.
fn slant(frame: Rect, start: f32, is_falling: bool) -> Option<[Segment; 2]> {
    let (left, right) = (start.max(frame.x), (start + frame.height).min(frame.right()));
    if right - left < 1.0 {
        return None;
    }
    let y = |x: f32| if is_falling { frame.y + (x - start) } else { frame.bottom() - (x - start) };
    Some([Segment::Move(point(left, y(left))), Segment::Line(point(right, y(right)))])
}
