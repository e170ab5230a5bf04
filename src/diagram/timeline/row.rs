//! What stands in the row of each step that takes time, measured but not placed.

use crate::quantity;
use crate::scene::text::{Block, Font, Style, wrap};
use crate::timeline::{Part, StepTime, Timeline, Times};
use crate::trace::{Event, Trace};

const TITLE: Style = Style::new(Font::Regular, 12.0);
const TIME: Style = Style::new(Font::Regular, 11.0);
const PHASE: Style = Style::new(Font::Bold, 9.5).tracked(0.8);
const TITLE_TEXT: f32 = 224.0;
const CUT_TEXT: f32 = 150.0;

/// How times share the axis of the steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    /// What people and waiting take is cut out: beside it nothing else could be seen.
    Machines,
    /// Everything has its place.
    Whole,
}

/// A step that takes time.
#[derive(Debug)]
pub(super) struct Row<'a> {
    /// The event.
    pub(super) event: &'a Event,
    /// Its times.
    pub(super) step: &'a StepTime,
    /// The phase that begins with it.
    pub(super) phase: Option<Phase>,
    /// A few words for it.
    pub(super) title: Block,
    /// When its bar begins, in microseconds on the axis of the steps.
    pub(super) begins: u64,
    /// The parts that its bar has.
    pub(super) shown: Times,
    /// What its bar takes.
    pub(super) time: Block,
    /// What is cut out of the axis where its bar stands; without lines where nothing is.
    pub(super) cut: Block,
}

/// The head of a phase.
#[derive(Debug)]
pub(super) struct Phase {
    /// Its name.
    pub(super) name: Block,
    /// What its bars take.
    pub(super) time: Block,
}

impl Scale {
    /// The scale of a run that takes `total`.
    pub(super) fn of(total: &Times) -> Self {
        let cut = cut_of(total);
        let machines = total.sum().saturating_sub(cut);
        if machines > 0 && cut > machines / 2 { Self::Machines } else { Self::Whole }
    }

    /// The parts of `times` that its axis has.
    pub(super) fn shown(self, times: &Times) -> Times {
        match self {
            Self::Machines => Times { people: 0, waiting: 0, ..*times },
            Self::Whole => *times,
        }
    }
}

/// What people and waiting take.
fn cut_of(times: &Times) -> u64 {
    times.people.saturating_add(times.waiting)
}

/// The rows of all steps that take time, in order.
pub(super) fn rows<'a>(trace: &'a Trace, timeline: &'a Timeline, scale: Scale) -> Vec<Row<'a>> {
    let mut rows: Vec<Row<'a>> = Vec::new();
    let mut begins = 0_u64;
    for (event, step) in trace.events.iter().zip(&timeline.steps) {
        let shown = scale.shown(&step.times);
        if step.times.sum() > 0 {
            let is_new = rows.last().is_none_or(|row| row.event.phase != event.phase);
            let phase = is_new.then(|| phase(timeline, event, scale));
            rows.push(row(event, step, phase, begins, shown));
        }
        begins = begins.saturating_add(shown.sum());
    }
    rows
}

fn row<'a>(event: &'a Event, step: &'a StepTime, phase: Option<Phase>, begins: u64, shown: Times) -> Row<'a> {
    let title = if event.title.trim().is_empty() { &event.step } else { &event.title };
    let title = wrap(title, TITLE, TITLE_TEXT);
    let cut = if shown == step.times { String::new() } else { cut_words(&step.times) };
    Row { event, step, phase, title, begins, shown, time: time(shown.sum()), cut: wrap(&cut, TIME, CUT_TEXT) }
}

fn phase(timeline: &Timeline, event: &Event, scale: Scale) -> Phase {
    let times = timeline.phases.iter().find(|phase| phase.phase == event.phase).map(|phase| phase.times);
    let shown = scale.shown(&times.unwrap_or_default());
    Phase { name: wrap(&event.phase.to_uppercase(), PHASE, TITLE_TEXT), time: time(shown.sum()) }
}

fn time(micros: u64) -> Block {
    if micros == 0 { Block::empty(TIME) } else { wrap(&quantity::duration(micros), TIME, f32::INFINITY) }
}

/// What people do and what is waited for, in words.
fn cut_words(times: &Times) -> String {
    let word = |part: Part| match (part, times.part(part)) {
        (_, 0) => None,
        (Part::People, micros) => Some(format!("≈\u{a0}{}", quantity::duration(micros))),
        (_, micros) => Some(format!("waits\u{a0}{}", quantity::duration(micros))),
    };
    [Part::People, Part::Waiting].into_iter().filter_map(word).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_cut_out_only_where_nothing_else_could_be_seen() {
        let times = |people, device| Times { device, people, ..Times::default() };
        assert_eq!(Scale::of(&times(40_000_000, 3_000)), Scale::Machines);
        assert_eq!(Scale::of(&times(1_000, 3_000)), Scale::Whole);
        assert_eq!(Scale::of(&times(40_000_000, 0)), Scale::Whole);
    }
}
