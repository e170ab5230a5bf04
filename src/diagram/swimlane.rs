//! The swimlane: zones, actors, sessions, and every step of a run from the top to the bottom.

mod account;
mod band;
mod column;
pub(super) mod lane;
pub(super) mod paint;
mod row;
mod session;
mod store;
pub(super) mod words;

use super::account::Account;
use super::{Diagram, Executed, Subject};
use crate::flow::Scenario;
use crate::scene::{Cuts, Group, Scene, Timeline};
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
        cuts: Cuts { head: layout.header.bottom, at: layout.bands.iter().map(|band| band.bottom).collect() },
        groups,
        steps: excerpt.events.iter().map(sentence).collect(),
    }
}

/// Step after step, or phase after phase; a session appears with the step that opens or raises it, the ending last.
fn timeline(layout: &Layout<'_>, groups: &[Group]) -> Timeline {
    let steps = Timeline::turns(layout.rows.iter().map(|row| row.phase.is_some()));
    let ending = steps.last().map_or(0, |turn| turn + 1);
    let capsules = paint::capsule_rows(layout).into_iter().map(|row| steps[row]);
    Timeline::in_turns(groups, capsules.chain(steps.iter().copied()).chain([ending]))
}
