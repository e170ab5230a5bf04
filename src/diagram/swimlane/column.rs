//! Where the lanes stand: each label asks for its room, and the lanes move right until all have it.

use super::lane::Cast;
use super::row::{Body, LOCK_INDENT, Row};
use crate::scene::geometry::{Rect, on_grid};
use crate::scene::text::Block;

const MARGIN: f32 = 24.0;
/// At least what stands beside a zone's name.
const ZONE_PADDING: f32 = 20.0;
const ZONE_GAP: f32 = 28.0;
const LANE_GAP: f32 = 22.0;
const LABEL_GAP: f32 = 40.0;
const CLEARANCE: f32 = 14.0;

/// The places of lanes and margins, in pixels from the left.
#[derive(Debug)]
pub(super) struct Columns {
    /// The left edge of the lanes, then each lane's line, then the right edge.
    nodes: Vec<f32>,
    /// Where numbers and phases begin.
    pub(super) margin: f32,
    /// Where sizes end.
    pub(super) size_end: f32,
    /// Width of the picture.
    pub(super) width: f32,
}

/// Two nodes stand at least this far apart.
struct Gap {
    left: usize,
    right: usize,
    distance: f32,
}

impl Gap {
    fn on_grid(self) -> Self {
        Self { distance: on_grid(self.distance), ..self }
    }
}

impl Columns {
    /// The narrowest places that give every label its room.
    pub(super) fn new(cast: &Cast, rows: &[Row<'_>]) -> Self {
        let mut gaps = header(cast);
        for row in rows {
            gaps.extend(row_gaps(row).into_iter().map(Gap::on_grid));
        }
        let margin_text = rows.iter().flat_map(|row| [&row.phase, &row.mark]).flatten().map(Block::width);
        let start = MARGIN + margin_text.fold(22.0, f32::max) + 18.0;
        let mut nodes = vec![start; cast.lanes.len() + 2];
        for right in 1..nodes.len() {
            let reach = gaps.iter().filter(|gap| gap.right == right).map(|gap| nodes[gap.left] + gap.distance);
            nodes[right] = reach.fold(start, f32::max).ceil();
        }
        let sizes = rows.iter().filter_map(|row| match &row.body {
            Body::Message { size, .. } => Some(size.width()),
            Body::Cards | Body::Pill { .. } => None,
        });
        let size_end = nodes[nodes.len() - 1] + 16.0 + sizes.fold(0.0, f32::max).ceil();
        Self { nodes, margin: MARGIN, size_end, width: size_end + MARGIN }
    }

    /// The line of the lane `index`.
    pub(super) fn lane(&self, index: usize) -> f32 {
        self.nodes[index + 1]
    }

    /// What a card at the lane `index` may cover: up to the neighbours' lines, or to the edge.
    pub(super) fn bounds(&self, index: usize) -> (f32, f32) {
        let left = if index == 0 { self.nodes[0] } else { self.nodes[index] + CLEARANCE };
        let last = index + 3 == self.nodes.len();
        let right = if last { self.nodes[index + 2] } else { self.nodes[index + 2] - CLEARANCE };
        (left, right)
    }

    /// Left and right edge of the zone from lane `first` to lane `last`.
    pub(super) fn zone(&self, cast: &Cast, first: usize, last: usize) -> (f32, f32) {
        let left = self.lane(first) - cast.lanes[first].reach - ZONE_PADDING;
        (left, self.lane(last) + cast.lanes[last].reach + ZONE_PADDING)
    }

    /// The middle of the gap in which the label of a message stands: the one beside its sender.
    pub(super) fn label_center(&self, from: usize, to: usize) -> f32 {
        let neighbour = if to > from { from + 1 } else { from - 1 };
        f32::midpoint(self.lane(from), self.lane(neighbour))
    }

    /// The frame of a card of `width` and `height` at the lane `index`: centred, or moved away from the bounds.
    pub(super) fn card(&self, index: usize, top: f32, width: f32, height: f32) -> Rect {
        let (left, right) = self.bounds(index);
        let x = (self.lane(index) - width / 2.0).min(right - width).max(left);
        Rect::new(x, top, width, height)
    }
}

fn header(cast: &Cast) -> Vec<Gap> {
    let padding = |index: usize| match cast.lanes[index].zone {
        Some(_) => ZONE_PADDING,
        None => 0.0,
    };
    let last = cast.lanes.len().saturating_sub(1);
    let mut gaps = Vec::new();
    for (index, lane) in cast.lanes.iter().enumerate() {
        let node = index + 1;
        if index == 0 {
            gaps.push(Gap { left: 0, right: node, distance: lane.reach + ZONE_PADDING });
        } else {
            let before = &cast.lanes[index - 1];
            let between =
                if before.zone == lane.zone { LANE_GAP } else { padding(index - 1) + ZONE_GAP + padding(index) };
            gaps.push(Gap { left: node - 1, right: node, distance: before.reach + between + lane.reach });
        }
        if index == last {
            gaps.push(Gap { left: node, right: node + 1, distance: lane.reach + ZONE_PADDING });
        }
    }
    gaps
}

fn row_gaps(row: &Row<'_>) -> Vec<Gap> {
    let mut gaps = Vec::new();
    match &row.body {
        Body::Cards => {}
        Body::Message { from, to, name, note, .. } => {
            let text = (LOCK_INDENT + name.width()).max(note.width());
            let left = if to > from { from + 1 } else { *from };
            gaps.push(Gap { left, right: left + 1, distance: text + LABEL_GAP });
        }
        Body::Pill { lane, name, note, .. } => {
            let distance = Body::pill_width(name, note) / 2.0 + CLEARANCE;
            gaps.push(Gap { left: *lane, right: lane + 1, distance });
            gaps.push(Gap { left: lane + 1, right: lane + 2, distance });
        }
    }
    for card in &row.cards {
        gaps.push(Gap { left: card.lane, right: card.lane + 2, distance: card.width() + 2.0 * CLEARANCE });
    }
    if let Some(raised) = &row.raised {
        let distance = raised.caption.width() + LABEL_GAP;
        gaps.push(Gap { left: raised.lane + 1, right: raised.lane + 2, distance });
    }
    gaps
}
