//! The way of a record through the states, from the log of the registry.

use std::collections::BTreeMap;

use crate::registry::{Change, State};
use crate::trace::{Event, Trace};

/// The way of one device.
#[derive(Debug)]
pub struct Journey<'t> {
    /// Name of the record.
    pub record: &'t str,
    /// What it passed, in order.
    pub passages: Vec<Passage<'t>>,
}

/// One change of a record's state.
#[derive(Clone, Copy, Debug)]
pub struct Passage<'t> {
    /// Number from 1.
    pub number: usize,
    /// The state before; absent where the record was made.
    pub from: Option<State>,
    /// The state after.
    pub to: State,
    /// Id of the step that caused it.
    pub step: &'t str,
    /// The step as it happened.
    pub event: Option<&'t Event>,
    /// How often the record had gone the same way before.
    pub repeated: usize,
}

/// The way of the record that passed the most states, the first of those that passed as many; none where the run
/// registers no device.
pub fn journey(trace: &Trace) -> Option<Journey<'_>> {
    let mut journeys: Vec<Journey<'_>> = Vec::new();
    for (record, step, change) in trace.registry.log().changes() {
        let Some(to) = change.state() else { continue };
        let from = match change {
            Change::State { from, .. } => Some(*from),
            _ => None,
        };
        let at = journeys.iter().position(|journey| journey.record == record).unwrap_or_else(|| {
            journeys.push(Journey { record, passages: Vec::new() });
            journeys.len() - 1
        });
        let passages = &mut journeys[at].passages;
        let repeated = passages.iter().filter(|other| (other.from, other.to) == (from, to)).count();
        passages.push(Passage { number: passages.len() + 1, from, to, step, event: trace.event(step), repeated });
    }
    let longest = journeys.iter().map(|journey| journey.passages.len()).max()?;
    journeys.into_iter().find(|journey| journey.passages.len() == longest)
}

impl Journey<'_> {
    /// The numbers of the passages from one state to another, by edge.
    pub fn edges(&self) -> BTreeMap<(Option<State>, State), Vec<usize>> {
        let mut edges: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for passage in &self.passages {
            edges.entry((passage.from, passage.to)).or_default().push(passage.number);
        }
        edges
    }

    /// Whether the record was in `state`.
    pub fn visited(&self, state: State) -> bool {
        self.passages.iter().any(|passage| passage.to == state)
    }

    /// The state in which it ended.
    pub fn end(&self) -> Option<State> {
        self.passages.last().map(|passage| passage.to)
    }
}

impl Passage<'_> {
    /// The address, which stays when steps are inserted.
    pub fn id(&self) -> String {
        let from = self.from.map_or("start", State::name);
        let repeated = if self.repeated == 0 { String::new() } else { format!("-{}", self.repeated + 1) };
        format!("{from}-{}{repeated}", self.to.name())
    }
}
