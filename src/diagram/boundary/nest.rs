//! Zones within zones: the order of their columns, and the frames around several of them.

use super::plan::Column;
use crate::flow::{Flow, Zone};
use crate::scene::geometry::Rect;
use crate::scene::text::Block;

/// Between the border of a zone and that of a zone in it.
pub(super) const NEST: f32 = 16.0;

/// A zone with zones in it.
#[derive(Debug)]
pub(super) struct Outer {
    /// Index in the flow's zones.
    pub(super) zone: usize,
    /// The leftmost of the columns in it.
    pub(super) first: usize,
    /// The rightmost of the columns in it.
    pub(super) last: usize,
    /// In how many others it lies.
    pub(super) depth: usize,
    /// Its name as it is set.
    pub(super) title: Block,
    /// How far it is trusted, as it is set.
    pub(super) trust_text: Block,
    /// Its border.
    pub(super) frame: Rect,
}

impl Outer {
    /// Height of what stands at its upper edge.
    pub(super) fn header(&self) -> f32 {
        self.title.height() + self.trust_text.height()
    }
}

/// Zones in the order of the file, but that those of one zone stand beside each other.
pub(super) fn order(zones: &[Zone]) -> Vec<usize> {
    let mut order = Vec::with_capacity(zones.len());
    put(zones, None, &mut order);
    order
}

/// Adds the zones that lie in `parent`, and itself among them.
fn put(zones: &[Zone], parent: Option<usize>, order: &mut Vec<usize>) {
    let within = (0..zones.len()).filter(|zone| zones[*zone].inside == parent);
    let mut items: Vec<(usize, usize)> = within.map(|zone| (first(zones, zone), zone)).collect();
    items.extend(parent.map(|parent| (parent, parent)));
    items.sort_unstable();
    for (_, zone) in items {
        if Some(zone) == parent { order.push(zone) } else { put(zones, Some(zone), order) }
    }
}

/// The place in the file of `zone`, or of the first that lies in it.
fn first(zones: &[Zone], zone: usize) -> usize {
    let within = (0..zones.len()).filter(|other| zones[*other].inside == Some(zone));
    within.map(|other| first(zones, other)).min().map_or(zone, |other| other.min(zone))
}

/// The zones in which a zone lies, from the inside.
pub(super) fn around(flow: &Flow, zone: Option<usize>) -> impl Iterator<Item = usize> {
    let outside = |zone: usize| flow.zones.get(zone).and_then(|zone| zone.inside);
    std::iter::successors(zone.and_then(outside), move |zone| outside(*zone))
}

/// The frames around `columns`, whose zones stand in their order; the outermost first.
pub(super) fn outers(flow: &Flow, columns: &mut [Column]) -> Vec<Outer> {
    let mut outers: Vec<Outer> = Vec::new();
    for (index, column) in columns.iter().enumerate() {
        for zone in around(flow, column.zone) {
            if let Some(known) = outers.iter_mut().find(|outer| outer.zone == zone) {
                known.last = index;
                continue;
            }
            let (title, trust_text) = Column::head(&flow.zones[zone].title, flow.zones[zone].trust.title());
            let (depth, frame) = (around(flow, Some(zone)).count(), Rect::default());
            outers.push(Outer { zone, first: index, last: index, depth, title, trust_text, frame });
        }
    }
    for (index, column) in columns.iter_mut().enumerate() {
        if let Some(outer) = outers.iter_mut().find(|outer| Some(outer.zone) == column.zone) {
            (outer.first, outer.last) = (outer.first.min(index), outer.last.max(index));
            column.open();
        }
    }
    outers.sort_by_key(|outer| outer.depth);
    outers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Trust;

    fn zones(inside: &[Option<usize>]) -> Vec<Zone> {
        let zone = |inside: &Option<usize>| Zone {
            id: String::new(),
            title: String::new(),
            trust: Trust::Trusted,
            inside: *inside,
        };
        inside.iter().map(zone).collect()
    }

    #[test]
    fn zones_of_one_zone_stand_beside_each_other() {
        assert_eq!(order(&zones(&[None, None, None])), [0, 1, 2]);
        assert_eq!(order(&zones(&[None, Some(2), None, None])), [0, 1, 2, 3]);
        assert_eq!(order(&zones(&[None, None, Some(0)])), [0, 2, 1]);
        assert_eq!(order(&zones(&[Some(3), None, Some(3), None])), [0, 2, 3, 1]);
        assert_eq!(order(&zones(&[None, Some(0), None, Some(1)])), [0, 1, 3, 2]);
    }
}
