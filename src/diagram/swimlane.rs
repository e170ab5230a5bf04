//! The swimlane: zones, actors, sessions, and every step of a run from the top to the bottom.

mod account;
mod band;
mod column;
pub(super) mod lane;
pub(super) mod paint;
mod row;
mod session;
pub(super) mod words;

use super::account::Account;
use super::{Diagram, Executed, Subject};
use crate::flow::Scenario;
use crate::scene::{Beat, Entrance, Group, GroupKind, Scene, Timeline};
use crate::trace::{Event, Trace};
use band::Band;
use column::Columns;
use lane::Cast;
use row::Row;
use session::Capsule;

/// Who sends what to whom, when, and how it is protected.
#[derive(Debug)]
pub struct Swimlane;

/// The name of the kind.
pub const SWIMLANE: &str = "swimlane";

impl Diagram for Swimlane {
    fn name(&self) -> &'static str {
        SWIMLANE
    }

    fn summary(&self) -> &'static str {
        "Who sends what to whom, when, and how it is protected: zones, actors, sessions, and every step."
    }

    fn is_of_every_run(&self) -> bool {
        true
    }

    fn draw(&self, subject: &Subject<'_>) -> Option<Scene> {
        let Subject::Run(run) = *subject else { return None };
        Some(draw(run, &Excerpt::whole(run.trace)))
    }

    fn account(&self, subject: &Subject<'_>) -> Option<Account> {
        let Subject::Run(run) = *subject else { return None };
        Some(account::account(run))
    }
}

/// A picture whose things have their places.
struct Layout<'a> {
    scenario: &'a Scenario,
    trace: &'a Trace,
    cast: Cast,
    rows: Vec<Row<'a>>,
    capsules: Vec<Capsule>,
    columns: Columns,
    bands: Vec<Band>,
    header: paint::Header,
}

/// The events of a run that a picture shows, in their order.
pub(super) struct Excerpt<'a> {
    events: Vec<&'a Event>,
    /// Whether actors without an event are left out.
    is_part: bool,
}

impl<'a> Excerpt<'a> {
    /// All of them.
    pub(super) fn whole(trace: &'a Trace) -> Self {
        Self { events: trace.events.iter().collect(), is_part: false }
    }

    /// Some events, with the actors that take part in them.
    pub(super) fn of(events: Vec<&'a Event>) -> Self {
        Self { events, is_part: true }
    }
}

/// The swimlane of what `excerpt` holds of a run.
pub(super) fn draw(run: Executed<'_>, excerpt: &Excerpt<'_>) -> Scene {
    let Executed { flow, scenario, trace } = run;
    let cast = Cast::new(flow, scenario, excerpt);
    let mut rows = row::rows(flow, scenario, &cast, excerpt);
    let capsules = session::capsules(&cast, &mut rows);
    let columns = Columns::new(&cast, &rows);
    let header = paint::Header::new(&cast, &columns);
    let bands = band::bands(&rows, &columns, header.bottom);
    let layout = Layout { scenario, trace, cast, rows, capsules, columns, bands, header };
    let (groups, height) = paint::groups(&layout);
    let sentence = |event: &&Event| words::sentence(&layout.cast, event);
    Scene {
        title: run.title(),
        description: words::description(&layout.cast, scenario, trace, excerpt.events.len()),
        width: layout.columns.width,
        height,
        timeline: timeline(&layout, &groups),
        groups,
        steps: excerpt.events.iter().map(sentence).collect(),
    }
}

/// From this many steps on, whole phases appear at once.
const MANY_STEPS: usize = 20;

/// Step after step, or phase after phase; in each, what travels follows what appears, and what is checked comes last.
fn timeline(layout: &Layout<'_>, groups: &[Group]) -> Timeline {
    let rows = &layout.rows;
    let by_phase = rows.len() > MANY_STEPS;
    let mut turns: Vec<usize> = Vec::with_capacity(rows.len());
    for (index, row) in rows.iter().enumerate() {
        let turn = turns.last().map_or(0, |turn| turn + usize::from(!by_phase || row.phase.is_some()));
        turns.push(if index == 0 { 0 } else { turn });
    }
    let mut counts = vec![0_u8; turns.last().map_or(0, |turn| turn + 1)];
    let step_groups = groups.iter().filter(|group| matches!(group.kind, GroupKind::Step(_)));
    for (turn, group) in turns.iter().zip(step_groups) {
        counts[*turn] = counts[*turn].max(motions(group));
    }
    let total: f32 = counts.iter().map(|count| f32::from(*count)).sum::<f32>() + 1.0;
    let motion = (Timeline::LONGEST / total).min(Timeline::MOTION);
    let starts: Vec<f32> = counts
        .iter()
        .scan(0.0, |at, count| {
            let start = *at;
            *at += f32::from(*count) * motion;
            Some(start)
        })
        .collect();
    let end = (total - 1.0) * motion;
    let beat = |at: f32| Beat { at, departs: at + motion, settles: at + 2.0 * motion };
    let of_row = |index: usize| beat(turns.get(index).and_then(|turn| starts.get(*turn)).copied().unwrap_or(0.0));
    let mut capsules = paint::capsule_rows(layout).into_iter();
    let mut steps = 0..rows.len();
    let beats = groups.iter().map(|group| match group.kind {
        GroupKind::Ground => Beat::default(),
        GroupKind::Passing => capsules.next().map_or(beat(end), of_row),
        GroupKind::Step(_) => steps.next().map_or(beat(end), of_row),
    });
    Timeline { motion, beats: beats.collect() }
}

/// How many motions it takes until `group` is complete.
fn motions(group: &Group) -> u8 {
    let rank = |entrance: Entrance| match entrance {
        Entrance::Together => 1,
        Entrance::Travelling(_) => 2,
        Entrance::Afterwards => 3,
    };
    group.parts.iter().map(|part| rank(part.entrance)).max().unwrap_or(1)
}
