//! What a change of one step changes in each writing: its own lines, and positions and numbers below it.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use trustlane::diagram::{DIAGRAMS, Diagram, Executed, Subject};
use trustlane::flow::Flow;
use trustlane::scene::{Element, Group, Outline, Role, Scene, Shape};
use trustlane::trace::{Outcome, Trace};
use trustlane::{mermaid, plain, svg, timeline};

use super::story::{self, Story};
use super::{any_story, characters::account, label, stories};
use crate::runs::{PROJECT, RUNS};

/// `line` of a picture without heights, times, and the numbers of steps.
fn still(line: &str) -> String {
    let mut out = String::new();
    for part in line.split_inclusive(' ') {
        let name = part.split('=').next().unwrap_or_default();
        match name {
            "y" | "cy" | "height" => {
                out.push_str(name);
                out.push_str(
                    part.trim_start_matches(|c: char| c != '"')
                        .trim_start_matches(|c: char| "\".-0123456789".contains(c)),
                );
            }
            _ => out.push_str(part),
        }
    }
    if let Some((before, rest)) = out.split_once(" d=\"")
        && let Some((path, after)) = rest.split_once('"')
    {
        return format!("{before} d={} {after}", abscissas(path));
    }
    if let Some((before, _)) = out.split_once(" style=\"--tl-") {
        return before.to_owned();
    }
    if let Some((number, rest)) = out.strip_prefix("<title>").and_then(|title| title.split_once(". "))
        && number.parse::<usize>().is_ok()
    {
        return format!("<title>{rest}");
    }
    let text = out.strip_suffix("</text>").and_then(|text| text.rsplit_once('>'));
    match text {
        Some((start, number)) if number.parse::<usize>().is_ok() => {
            start.split(" textLength").next().unwrap().to_owned()
        }
        _ => without_reference(&out),
    }
}

/// Every other number of a path.
fn abscissas(path: &str) -> String {
    let spaced: String = path.chars().map(|c| if c.is_ascii_alphabetic() { ' ' } else { c }).collect();
    spaced.split_whitespace().step_by(2).collect::<Vec<_>>().join(" ")
}

/// A line that names a step by its number, without it and what follows from its width.
fn without_reference(line: &str) -> String {
    match line.split_once("at step ") {
        Some((_, rest)) => rest.trim_start_matches(|c: char| c.is_ascii_digit()).to_owned(),
        None => line.to_owned(),
    }
}

/// The lines of a picture outside of `step`, without heights; head and description tell of the whole.
fn others(text: &str, step: &str) -> Vec<String> {
    let start = format!("<g id=\"story--{step}\"");
    let mut depth = 0_usize;
    let mut lines = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with("<desc") && !line.starts_with("<svg")) {
        if depth > 0 || line.starts_with(&start) {
            depth += usize::from(line.starts_with("<g "));
            depth -= usize::from(line == "</g>");
        } else {
            lines.push(still(line));
        }
    }
    lines
}

/// Where the lanes stand, how wide the picture is, and where rules end.
fn columns(scene: &Scene) -> Vec<String> {
    let elements = scene.groups.iter().flat_map(Group::elements);
    let lifelines = elements.filter_map(|element| match element {
        Element::Shape(Shape { role: Role::Lifeline, outline: Outline::Line { from, .. }, .. }) => Some(from.x),
        Element::Shape(_) | Element::Text(_) => None,
    });
    lifelines.chain([scene.width]).map(|x| format!("{x:.1}")).collect()
}

/// Lines between what both texts begin with and what both end with.
fn between<'t>(old: &[&'t str], new: &[&'t str]) -> (usize, usize) {
    let before = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()) - before;
    let after = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count().min(most);
    (old.len() - before - after, new.len() - before - after)
}

/// A story in every writing.
struct Writings {
    scene: Scene,
    plain: Vec<String>,
    mermaid: Vec<String>,
}

impl Writings {
    fn new(story: &Story) -> Self {
        Self { scene: story.draw(), plain: plain_lines(story), mermaid: mermaid_lines(story) }
    }

    fn svg(&self) -> String {
        svg::file(&self.scene, "story")
    }
}

fn rename(story: &mut Story, index: usize, title: &str) {
    title.clone_into(&mut story.trace.events[index].title);
}

/// Puts a step of its own at `index`.
fn insert(mut story: Story, index: usize) -> Story {
    let actor = story.scenario.actors[0].id.clone();
    story = story.at("new", "new", &actor);
    let mut event = story.trace.events.pop().unwrap();
    event.phase.clone_from(&story.trace.events[index - 1].phase);
    story.trace.events.insert(index, event);
    for (at, event) in story.trace.events.iter_mut().enumerate() {
        event.number = at + 1;
    }
    story
}

/// Of pictures whose lanes stand where they stood; the rest are no cases.
fn check_svg(old: &Writings, new: &Writings, step: &str) -> Result<(), TestCaseError> {
    prop_assume!(columns(&old.scene) == columns(&new.scene));
    let (old, new) = (others(&old.svg(), step), others(&new.svg(), step));
    for (one, other) in old.iter().zip(&new) {
        prop_assert_eq!(one, other);
    }
    prop_assert_eq!(old.len(), new.len());
    Ok(())
}

/// The text without the numbers of steps.
fn plain_lines(story: &Story) -> Vec<String> {
    let text = plain::swimlane(&account(story), plain::WIDTH, None);
    let number = |line: &str| match line.get(..4).and_then(|lead| lead.trim_start().parse::<usize>().ok()) {
        Some(_) => format!("   #{}", &line[4..]),
        None => without_reference(line),
    };
    text.lines().map(number).collect()
}

fn mermaid_lines(story: &Story) -> Vec<String> {
    let text = mermaid::sequence(&account(story), None);
    text.lines().filter(|line| !line.contains("accDescr")).map(without_reference).collect()
}

fn changed(old: &[String], new: &[String]) -> (usize, usize) {
    let (old, new): (Vec<&str>, Vec<&str>) =
        (old.iter().map(String::as_str).collect(), new.iter().map(String::as_str).collect());
    between(&old, &new)
}

/// Lines that a step has in the text, the empty one above it excepted.
fn height(lines: &[String], index: usize) -> usize {
    let starts: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].starts_with("   #")).collect();
    starts.get(index + 1).map_or(lines.len(), |end| *end) - starts[index]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: RngSeed::Fixed(2026), cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_step_with_another_title_changes_its_own_lines(mut story in any_story(), at in any::<prop::sample::Index>(), title in label()) {
        let index = at.index(story.trace.events.len());
        let old = Writings::new(&story);
        rename(&mut story, index, &title);
        let new = Writings::new(&story);
        let (lost, gained) = changed(&old.plain, &new.plain);
        prop_assert!(lost <= height(&old.plain, index) && gained <= height(&new.plain, index), "{} {}", lost, gained);
        let (lost, gained) = changed(&old.mermaid, &new.mermaid);
        prop_assert!(lost <= 1 && gained <= 1, "{} {}", lost, gained);
        check_svg(&old, &new, &format!("s{index}"))?;
    }

    #[test]
    fn a_step_more_changes_no_line_but_its_own(mut story in any_story(), at in any::<prop::sample::Index>()) {
        // A refusal is told at the end with the number of its step, which may be a digit longer now.
        story.trace.outcome = Outcome::Completed;
        let count = story.trace.events.len();
        // From a certain number of steps on, phases move as one.
        prop_assume!(count != 20);
        let index = 1 + at.index(count);
        let old = Writings::new(&story);
        let new = Writings::new(&insert(story, index));
        let (lost, gained) = changed(&old.plain, &new.plain);
        prop_assert!(lost == 0 && gained <= 5, "{} {}", lost, gained);
        let (lost, gained) = changed(&old.mermaid, &new.mermaid);
        prop_assert!(lost == 0 && gained == 1, "{} {}", lost, gained);
        check_svg(&old, &new, "new")?;
    }
}

/// Lanes stand on a grid, so that only a label at its limit moves them.
#[test]
fn a_title_that_is_a_letter_shorter_hardly_ever_moves_a_lane() {
    let (mut moved, mut count) = (0, 0);
    for mut story in stories() {
        let lanes = columns(&story.draw());
        for index in 0..story.trace.events.len() {
            let title = story.trace.events[index].title.clone();
            let shorter: String = title.chars().take(title.chars().count() - 1).collect();
            rename(&mut story, index, &shorter);
            moved += usize::from(columns(&story.draw()) != lanes);
            count += 1;
            rename(&mut story, index, &title);
        }
    }
    assert!(moved * 20 <= count, "{moved} of {count}");
}

/// As it stands in a review: lines that are really different.
#[test]
fn a_renamed_message_is_a_handful_of_lines() {
    let mut story = story::baseline();
    let old = Writings::new(&story).svg();
    rename(&mut story, 9, "voucher reply");
    let new = Writings::new(&story).svg();
    let lost = old.lines().filter(|line| !new.lines().any(|other| other == *line)).count();
    // The title of the group, the name, its lock of two elements, and the description.
    assert!(lost <= 5, "{lost}");
}

/// Every kind of every shipped method: the lines of the step that was renamed, and the description.
#[test]
fn a_renamed_step_changes_a_handful_of_lines_of_every_kind() {
    let mut n_compared = 0;
    for (flow, traces) in PROJECT.flows.iter().zip(&RUNS.traces) {
        let trace = &traces[0];
        for index in [4, trace.events.len() / 2, trace.events.len() - 2] {
            let mut renamed = trace.clone();
            // As wide as before, so that no lane moves.
            let title: Vec<&str> = trace.events[index].title.split(' ').rev().collect();
            renamed.events[index].title = title.join(" ");
            for kind in DIAGRAMS {
                let (Some(old), Some(new)) = (file(*kind, flow, trace), file(*kind, flow, &renamed)) else { continue };
                let kept: BTreeSet<&str> = new.lines().collect();
                let lost: Vec<&str> = old.lines().filter(|line| !kept.contains(line)).collect();
                let place = format!("{} of {}, `{}`", kind.name(), flow.id, trace.events[index].title);
                assert!(lost.len() <= 8, "{place}: {lost:#?}");
                n_compared += 1;
            }
        }
    }
    assert!(n_compared > 200, "{n_compared}");
}

/// A picture of a baseline as a file, where the kind has one.
fn file(kind: &dyn Diagram, flow: &Flow, trace: &Trace) -> Option<String> {
    let run = Executed { flow, scenario: flow.baseline(), trace };
    let (link, device) = timeline::own_pair(trace, &PROJECT.profiles);
    let timeline = &timeline::compute(trace, link, device, &PROJECT.profiles);
    let timed = || kind.draw(&Subject::Duration { run, timeline, link: &link.title, device: &device.title });
    let scene = kind.draw(&Subject::Run(run)).or_else(timed)?;
    Some(svg::file(&scene, "any"))
}
