//! Where states stand, and the way of every edge between them.
//!
//! States follow each other from the left in the order of a life; a device may leave for good from everywhere, so
//! that state lies below all of them.

use crate::registry::State;
use crate::scene::geometry::{Point, Rect, point};

/// Size of a state.
const WIDTH: f32 = 124.0;
const HEIGHT: f32 = 50.0;
const PITCH: f32 = 170.0;
/// Left edge of the first state.
pub(super) const LEFT: f32 = 28.0;
const ROW: f32 = 116.0;
const SECOND_ROW: f32 = 226.0;
const LAST_ROW: f32 = 332.0;
/// Width of all states.
pub(super) const SPAN: f32 = 5.0 * PITCH + WIDTH;
/// Height of the arc that leads over one state, and of the one that leads back to the beginning.
const LOW_ARC: f32 = 82.0;
const HIGH_ARC: f32 = 36.0;
/// Where the line of a new record begins.
const ENTRY: f32 = 66.0;
/// Between two lines that go to and fro.
const APART: f32 = 22.0;

/// Lower edge of the map.
pub(super) const BOTTOM: f32 = LAST_ROW + HEIGHT;

/// The frame of `state`.
pub(super) fn frame(state: State) -> Rect {
    let at = |column: f32, y: f32| Rect::new(LEFT + PITCH * column, y, WIDTH, HEIGHT);
    match state {
        State::Listed => at(0.0, ROW),
        State::Pending => at(1.0, ROW),
        State::Provisioned => at(2.0, ROW),
        State::Active => at(3.0, ROW),
        State::Inactive => at(4.0, ROW),
        State::Transferring => at(5.0, ROW),
        State::Quarantined => at(3.5, SECOND_ROW),
        State::Decommissioned => Rect::new(LEFT, LAST_ROW, SPAN, HEIGHT),
    }
}

/// The way of an edge.
#[derive(Debug)]
pub(super) struct Way {
    /// Its corners, both ends included.
    pub(super) points: Vec<Point>,
    /// Where its number stands: on the line.
    pub(super) number: Point,
}

/// The way into `to` for a record that is new.
pub(super) fn entry(to: State) -> Way {
    let x = frame(to).center().x;
    let points = vec![point(x, ENTRY), point(x, frame(to).y)];
    Way { number: point(x, f32::midpoint(ENTRY, frame(to).y)), points }
}

/// The way from `from` to `to`.
pub(super) fn way(from: State, to: State) -> Way {
    match (from, to) {
        (_, State::Decommissioned) => leaving(from),
        (State::Active, State::Transferring) => arc(point(APART, LOW_ARC), from, to, -APART),
        (State::Transferring, State::Listed) => arc(point(APART, HIGH_ARC), from, to, -APART * 1.5),
        (State::Active, State::Quarantined) => down(from, to, 58.0),
        (State::Quarantined, State::Active) => down(from, to, 58.0 - APART),
        (State::Active, State::Inactive) => across(from, to, -APART / 2.0),
        (State::Inactive, State::Active) => across(from, to, APART / 2.0),
        _ => across(from, to, 0.0),
    }
}

/// Straight down to the state below all.
fn leaving(from: State) -> Way {
    let card = frame(from);
    // Below the active state stands the quarantine.
    let x = if from == State::Active { card.x + 22.0 } else { card.center().x };
    let end = frame(State::Decommissioned).y;
    Way { points: vec![point(x, card.bottom()), point(x, end)], number: point(x, end - 34.0) }
}

/// From side to side, `drop` below the middle.
fn across(from: State, to: State, drop: f32) -> Way {
    let (one, other) = (frame(from), frame(to));
    let y = one.center().y + drop;
    let (start, end) = if one.x < other.x { (one.right(), other.x) } else { (one.x, other.right()) };
    Way { points: vec![point(start, y), point(end, y)], number: point(f32::midpoint(start, end), y) }
}

/// Up or down, `right` of the middle of the upper state.
fn down(from: State, to: State, right: f32) -> Way {
    let (one, other) = (frame(from), frame(to));
    let x = frame(State::Active).center().x + right;
    let (start, end) = if one.y < other.y { (one.bottom(), other.y) } else { (one.y, other.bottom()) };
    Way { points: vec![point(x, start), point(x, end)], number: point(x, f32::midpoint(start, end)) }
}

/// Over other states: from `start.x` right of the middle up to `start.y`, and down `end` right of the other's middle.
fn arc(start: Point, from: State, to: State, end: f32) -> Way {
    let (one, other) = (frame(from), frame(to));
    let (left, right) = (one.center().x + start.x, other.center().x + end);
    Way {
        points: vec![point(left, one.y), point(left, start.y), point(right, start.y), point(right, other.y)],
        number: point(f32::midpoint(left, right), start.y),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges() -> impl Iterator<Item = (State, State)> {
        let pairs = State::ALL.into_iter().flat_map(|from| State::ALL.map(|to| (from, to)));
        pairs.filter(|(from, to)| from.may_become(*to))
    }

    #[test]
    fn every_edge_leads_from_the_rim_of_one_state_to_the_rim_of_the_other() {
        for (from, to) in edges() {
            let way = way(from, to);
            for (end, state) in [(way.points[0], from), (way.points[way.points.len() - 1], to)] {
                let card = frame(state);
                let is = |one: f32, other: f32| (one - other).abs() < 0.01;
                let on_side = (is(end.x, card.x) || is(end.x, card.right())) && end.y > card.y && end.y < card.bottom();
                let on_top = (is(end.y, card.y) || is(end.y, card.bottom())) && end.x > card.x && end.x < card.right();
                assert!(on_side || on_top, "{from:?} to {to:?}: {end:?} is not on the rim of {card:?}");
            }
        }
    }

    #[test]
    fn no_edge_runs_through_a_state_or_through_the_number_of_another() {
        let ways: Vec<_> = edges().map(|(from, to)| (from, to, way(from, to))).collect();
        for (from, to, way) in &ways {
            for pair in way.points.windows(2) {
                let (low, high) = (pair[0], pair[1]);
                let piece =
                    Rect::new(low.x.min(high.x), low.y.min(high.y), (low.x - high.x).abs(), (low.y - high.y).abs());
                let wide = Rect::new(piece.x - 0.1, piece.y - 0.1, piece.width + 0.2, piece.height + 0.2);
                for state in State::ALL {
                    let card = frame(state);
                    let inside = Rect::new(card.x + 1.0, card.y + 1.0, card.width - 2.0, card.height - 2.0);
                    assert!(!inside.overlaps(wide), "{from:?} to {to:?} runs through {state:?}");
                }
                for (other_from, other_to, other) in &ways {
                    let number = Rect::new(other.number.x - 10.0, other.number.y - 10.0, 20.0, 20.0);
                    let is_own = (other_from, other_to) == (from, to);
                    assert!(is_own || !number.overlaps(wide), "{from:?} to {to:?}, {other_from:?} to {other_to:?}");
                }
            }
        }
    }
}
