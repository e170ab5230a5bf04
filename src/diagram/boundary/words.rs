//! What the picture says in words, and its text alternative.

use super::crossing::Crossing;
use super::nest;
use super::plan::Plan;
use crate::diagram::Executed;
use crate::diagram::swimlane::words::{self, legend};
use crate::flow::{Exposure, Flow};
use crate::trace::Trace;

/// The most numbers of steps that stand on a line.
const MANY: usize = 4;

/// The numbers of the steps in which something crosses.
pub(super) fn steps(trace: &Trace, crossing: &Crossing) -> String {
    let numbers: Vec<String> =
        crossing.steps.iter().filter_map(|step| trace.event(step)).map(|event| event.number.to_string()).collect();
    match numbers.as_slice() {
        [only] => format!("step {only}"),
        few if few.len() <= MANY => format!("steps {}", few.join(", ")),
        many => format!("{} steps, {} to {}", many.len(), many[0], many[many.len() - 1]),
    }
}

/// What carries the bytes of `link`, and who passes them on.
pub(super) fn carrier(flow: &Flow, link: &str) -> String {
    let Some(found) = flow.links.iter().find(|known| known.id == link) else { return link.to_owned() };
    match words::through(flow, link).and_then(|id| flow.actors.iter().find(|actor| actor.id == id)) {
        Some(relay) => format!("{} through {}", words::medium(found.medium), relay.title),
        None => words::medium(found.medium).to_owned(),
    }
}

/// What an attacker can do on `link`.
pub(super) fn exposure(flow: &Flow, link: &str) -> Exposure {
    flow.links.iter().find(|known| known.id == link).map_or(Exposure::Active, |link| link.exposure)
}

/// A crossing as one line of the text alternative.
pub(super) fn sentence(plan: &Plan<'_>, crossing: &Crossing) -> String {
    let Executed { flow, trace, .. } = *plan.run;
    format!(
        "{}. {} to {}, {} ({}): {}; {}",
        crossing.number,
        plan.cast.name(&crossing.from),
        plan.cast.name(&crossing.to),
        carrier(flow, &crossing.link),
        exposure(flow, &crossing.link).title(),
        legend(crossing.protection),
        steps(trace, crossing),
    )
}

/// The title of the picture.
pub(super) fn title(run: &Executed<'_>) -> String {
    format!("{}: trust boundaries", run.title())
}

/// One or two sentences on the whole picture.
pub(super) fn description(plan: &Plan<'_>) -> String {
    let zones = plan.columns.iter().map(|column| {
        let names: Vec<&str> = column.lanes.iter().map(|lane| plan.cast.lanes[*lane].name.as_str()).collect();
        let inside = nest::around(plan.run.flow, column.zone).next().map(|zone| &plan.run.flow.zones[zone].title);
        let inside = inside.map_or_else(String::new, |outer| format!(", in {outer}"));
        format!("{} ({}{inside}): {}", column.name, column.trust, names.join(", "))
    });
    let zones: Vec<String> = zones.collect();
    let crossings = if plan.crossings.len() == 1 { "crossing" } else { "crossings" };
    format!("{} {crossings} between zones of trust. {}.", plan.crossings.len(), zones.join("; "))
}
