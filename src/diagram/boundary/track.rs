//! The ways of lines between zones, so that none runs through a card or a label.

use super::plan::{Bundle, Plan};
use crate::scene::geometry::{Point, point};

/// How near the two ends of a straight line are in height.
const STRAIGHT: f32 = 0.5;
const BELOW_ZONES: f32 = 20.0;
const BELOW_EACH_OTHER: f32 = 14.0;

/// The way of one crossing, from the actor on the left to the one on the right.
#[derive(Debug)]
pub(super) struct Route {
    /// Its bundle, by index.
    pub(super) bundle: usize,
    /// Its place in the bundle.
    pub(super) line: usize,
    /// Height at the actor on the left.
    pub(super) left: f32,
    /// Height at the actor on the right.
    pub(super) right: f32,
    /// The height at which it passes below other zones.
    pub(super) below: Option<f32>,
    /// Where it turns in the gap beside the actor on the left.
    first_turn: Option<f32>,
    /// Where it turns in the gap beside the actor on the right.
    second_turn: Option<f32>,
}

impl Route {
    /// Its corners between the two ends.
    pub(super) fn corners(&self) -> Vec<Point> {
        let (first, second) = (self.first_turn, self.second_turn);
        match (self.below, first, second) {
            (Some(below), Some(first), Some(second)) => {
                vec![point(first, self.left), point(first, below), point(second, below), point(second, self.right)]
            }
            (_, Some(turn), _) => vec![point(turn, self.left), point(turn, self.right)],
            (_, None, _) => Vec::new(),
        }
    }
}

/// The ways of all crossings, bundle by bundle, without their turns; `floor` is the lower edge of the zones.
pub(super) fn routes(plan: &Plan<'_>, floor: f32) -> Vec<Route> {
    let route = |bundle: usize, line: usize, of: &Bundle| Route {
        bundle,
        line,
        left: of.left_top + of.line(line),
        right: of.right_top + of.line(line),
        below: None,
        first_turn: None,
        second_turn: None,
    };
    let bundles = plan.bundles.iter().enumerate();
    let mut routes: Vec<Route> =
        bundles.flat_map(|(index, of)| (0..of.crossings.len()).map(move |line| route(index, line, of))).collect();
    let mut long: Vec<&mut Route> = routes.iter_mut().filter(|route| is_long(plan, route)).collect();
    // The highest passes nearest below the zones, so that lines that turn down side by side do not cross.
    long.sort_by(|a, b| a.left.total_cmp(&b.left));
    let mut y = floor + BELOW_ZONES;
    for route in long {
        route.below = Some(y);
        y += BELOW_EACH_OTHER;
    }
    routes
}

fn is_long(plan: &Plan<'_>, route: &Route) -> bool {
    let bundle = &plan.bundles[route.bundle];
    plan.column(bundle.right) > plan.column(bundle.left) + 1
}

/// Gives each line that turns in the gap right of `column` a track of its own, at `x` of the track; how many there are.
pub(super) fn assign(plan: &Plan<'_>, routes: &mut [Route], column: usize, x: impl Fn(usize) -> f32) -> usize {
    let mut turning: Vec<(usize, Turn)> = Vec::new();
    for (index, route) in routes.iter().enumerate() {
        let bundle = &plan.bundles[route.bundle];
        let (left, right) = (plan.column(bundle.left), plan.column(bundle.right));
        match route.below {
            Some(below) if left == column => turning.push((index, Turn::first(route.left, below))),
            Some(below) if right == column + 1 => turning.push((index, Turn::second(below, route.right))),
            None if left == column && (route.left - route.right).abs() > STRAIGHT => {
                turning.push((index, Turn::first(route.left, route.right)));
            }
            Some(_) | None => {}
        }
    }
    turning.sort_by(|(_, a), (_, b)| a.order().0.cmp(&b.order().0).then(a.order().1.total_cmp(&b.order().1)));
    for (track, (index, turn)) in turning.iter().enumerate() {
        let route = &mut routes[*index];
        let place = if turn.is_first { &mut route.first_turn } else { &mut route.second_turn };
        *place = Some(x(track));
    }
    turning.len()
}

/// A vertical piece of a line.
struct Turn {
    from: f32,
    to: f32,
    is_first: bool,
}

impl Turn {
    fn first(from: f32, to: f32) -> Self {
        Self { from, to, is_first: true }
    }

    fn second(from: f32, to: f32) -> Self {
        Self { from, to, is_first: false }
    }

    /// Lines that go up turn the further left the higher they end, lines that go down the further right the higher they
    /// begin: then neighbours do not cross.
    fn order(&self) -> (bool, f32) {
        if self.to < self.from { (false, self.to) } else { (true, -self.from) }
    }
}
