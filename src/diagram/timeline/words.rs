//! What the picture says in words, and its text alternative.

use super::Chart;
use super::bar;
use crate::quantity;
use crate::timeline::{Obstacle, Part, StepTime, Times};
use crate::trace::Event;

/// The title for screen readers.
pub(super) fn title(chart: &Chart<'_>) -> String {
    format!("How long {} takes", chart.run.title())
}

/// The link and the device.
pub(super) fn pair(chart: &Chart<'_>) -> String {
    format!("over {}, with {}", chart.link, chart.device)
}

/// The whole picture in a few sentences.
pub(super) fn description(chart: &Chart<'_>) -> String {
    let total = &chart.timeline.total;
    let whole = quantity::duration(total.sum());
    let mut text = format!("{whole} {}: {}.", pair(chart), parts(total));
    for obstacle in &chart.timeline.obstacles {
        text = format!("{text} {}.", self::obstacle(obstacle));
    }
    text
}

/// The parts of a time in words.
fn parts(times: &Times) -> String {
    let words = bar::pieces(times).map(|(part, micros)| format!("{} {}", part.label(), quantity::duration(micros)));
    words.collect::<Vec<_>>().join(", ")
}

/// What part of the time is no machine's.
pub(super) fn estimate(total: &Times) -> Option<String> {
    let rest = total.sum().saturating_sub(total.people).saturating_sub(total.waiting);
    let people = (total.people > 0).then(|| format!("people take an estimated {}", quantity::duration(total.people)));
    let waiting = (total.waiting > 0).then(|| format!("waiting takes {}", quantity::duration(total.waiting)));
    let machines = format!("machines take {}", quantity::duration(rest));
    let words: Vec<String> = people.into_iter().chain(waiting).chain([machines]).collect();
    (words.len() > 1).then(|| format!("Of this, {}.", words.join(", ")))
}

/// Why the method cannot work.
pub(super) fn obstacle(obstacle: &Obstacle) -> String {
    format!(
        "It cannot work: the handshake “{}” takes {}, and a server waits {}",
        obstacle.step,
        quantity::duration(obstacle.takes),
        quantity::duration(obstacle.limit)
    )
}

/// What the axis of the steps leaves out.
pub(super) fn cut(factor: u64) -> String {
    let enlarged =
        if factor > 1 { format!(", and the axis is {factor} times as large as the one above") } else { String::new() };
    format!("What people and waiting take is cut out where the slanting marks are{enlarged}")
}

/// How many steps have no bar.
pub(super) fn untimed(count: usize) -> String {
    let verb = if count == 1 { "takes" } else { "take" };
    format!("{} {verb} no time here and {verb} no row.", quantity::count(count, "step", "steps"))
}

/// One line a step that takes time.
pub(super) fn steps(chart: &Chart<'_>) -> Vec<String> {
    let steps = chart.run.trace.events.iter().zip(&chart.timeline.steps);
    steps.filter(|(_, step)| step.times.sum() > 0).map(|(event, step)| sentence(event, step)).collect()
}

/// `event` as one line of the text alternative.
pub(super) fn sentence(event: &Event, step: &StepTime) -> String {
    let (begins, takes) = (quantity::duration(step.begins), quantity::duration(step.times.sum()));
    format!("{}. {}: begins after {begins}, takes {takes} ({})", event.number, event.title, parts(&step.times))
}

/// What a part of the legend says.
pub(super) fn part(part: Part, micros: u64) -> String {
    format!("{} {}", part.label(), quantity::duration(micros))
}
