//! An attack beside the same attack on the method with a mitigation: where it got through, and where it was stopped.

use super::swimlane::{self, Excerpt};
use super::{Diagram, Executed, Subject};
use crate::scene::geometry::Rect;
use crate::scene::palette::Tone;
use crate::scene::text::{Font, Style, wrap};
use crate::scene::{Anchor, Cuts, Element, Group, GroupKind, Scene, Shape, Timeline, runs};
use crate::trace::{EditMark, Event, Outcome, Trace};

/// An attack beside what a mitigation makes of it.
#[derive(Debug)]
pub struct Attack;

impl Diagram for Attack {
    fn name(&self) -> &'static str {
        "attack"
    }

    fn summary(&self) -> &'static str {
        "An attack beside the same attack with a mitigation: the steps that differ, and how each of the two ends."
    }

    fn is_of_every_run(&self) -> bool {
        true
    }

    fn draw(&self, subject: &Subject<'_>) -> Option<Scene> {
        let Subject::Pair { attack, mitigated } = *subject else { return None };
        Some(draw(attack, mitigated))
    }
}

const HEADING: Style = Style::new(Font::Bold, 16.0);
const NOTE: Style = Style::new(Font::Regular, 12.0);
const MARGIN: f32 = 24.0;
/// Between the two halves.
const GUTTER: f32 = 28.0;
/// How many steps stand before one that differs, and before the end.
const BEFORE: usize = 1;
/// Of an attack that changes more steps than this, those are left out that are the same with the mitigation.
const MANY: usize = 16;
/// How many of the first steps of such an attack are shown all the same.
const FIRST: usize = 3;
/// Before the ids of steps of the mitigated half, so that no two in the picture are the same.
const MITIGATED: &str = "mitigated-";

/// A half of the picture.
struct Half<'a> {
    run: Executed<'a>,
    scene: Scene,
    heading: &'static str,
    /// How many steps are left out.
    n_hidden: usize,
    /// Whether some of them are the attacker's.
    is_cut: bool,
}

impl<'a> Half<'a> {
    fn new(run: Executed<'a>, other: &Trace, heading: &'static str) -> Self {
        let (events, is_cut) = shown(run.trace, other);
        let n_hidden = run.trace.events.len() - events.len();
        Self { run, scene: swimlane::draw(run, &Excerpt::of(events)), heading, n_hidden, is_cut }
    }

    fn note(&self) -> String {
        let title = &self.run.scenario.title;
        match self.n_hidden {
            0 => title.clone(),
            n if self.is_cut => format!("{title}. {n} steps are left out."),
            1 => format!("{title}. One step that nobody changed is left out."),
            n => format!("{title}. {n} steps that nobody changed are left out."),
        }
    }
}

fn draw(attack: Executed<'_>, mitigated: Executed<'_>) -> Scene {
    let halves =
        [Half::new(attack, mitigated.trace, "As it is"), Half::new(mitigated, attack.trace, "With the mitigation")];
    let head = |half: &Half<'_>| {
        let width = half.scene.width - 2.0 * MARGIN;
        (wrap(half.heading, HEADING, width), wrap(&half.note(), NOTE, width))
    };
    let heads = halves.each_ref().map(head);
    let tallest = heads.iter().map(|(heading, note)| heading.height() + note.height()).fold(0.0, f32::max);
    let top = MARGIN + tallest + 4.0;
    let width = halves[0].scene.width + GUTTER + halves[1].scene.width;
    let height = top + halves[0].scene.height.max(halves[1].scene.height);
    let ground = Shape::rect(Rect::new(0.0, 0.0, width, height), 0.0).fill(Tone::Paper, 1.0);
    let mut ground: Vec<Element> = vec![ground.into()];
    let lefts = [0.0, halves[0].scene.width + GUTTER];
    for ((heading, note), left) in heads.iter().zip(lefts) {
        ground.extend(runs(heading, left + MARGIN, MARGIN, Anchor::Start, Tone::Ink));
        ground.extend(runs(note, left + MARGIN, MARGIN + heading.height(), Anchor::Start, Tone::Mute));
    }
    let title = mitigated.title();
    let description = halves.each_ref().map(|half| format!("{}: {}", half.heading, half.scene.description)).join(" ");
    let mut groups = vec![Group::new(GroupKind::Ground, "", ground)];
    let mut timeline = Timeline::in_turn(&groups);
    let mut steps = Vec::new();
    for ((half, left), prefix) in halves.into_iter().zip(lefts).zip(["", MITIGATED]) {
        timeline = timeline.then(&half.scene.timeline);
        groups.extend(half.scene.groups.into_iter().map(|group| group.addressed(prefix).moved(left, top)));
        steps.extend(half.scene.steps.into_iter().map(|sentence| format!("{}: {sentence}", half.heading)));
    }
    Scene { title, description, width, height, groups, timeline, cuts: Cuts::default(), steps }
}

/// The steps that differ from the method, those before them, and the end; `true` where steps that differ are left out.
fn shown<'t>(trace: &'t Trace, other: &Trace) -> (Vec<&'t Event>, bool) {
    let end = end(trace);
    let edited = || (0..=end).filter(|index| trace.events[*index].edit != EditMark::Original);
    let is_many = edited().count() > MANY;
    let first: Vec<usize> = edited().take(FIRST).collect();
    let stopped = other.events.get(self::end(other)).map(|event| event.step.as_str());
    let is_key = |index: usize| {
        let event = &trace.events[index];
        let is_alike = is_many && other.event(&event.step).is_some_and(|same| same.edit == event.edit);
        let is_changed = event.edit != EditMark::Original && !is_alike;
        index == end || is_changed || first.contains(&index) || is_many && Some(event.step.as_str()) == stopped
    };
    let is_shown = |index: &usize| (*index..=(*index + BEFORE).min(end)).any(is_key);
    ((0..=end).filter(is_shown).map(|index| &trace.events[index]).collect(), is_many)
}

/// The place of the last step that matters: the one at which the run stopped, or its last.
fn end(trace: &Trace) -> usize {
    let last = trace.events.len().saturating_sub(1);
    match &trace.outcome {
        Outcome::Completed => last,
        Outcome::Rejected { step, .. } | Outcome::Stalled { step, .. } => {
            trace.events.iter().position(|event| event.step == *step).unwrap_or(last)
        }
    }
}
