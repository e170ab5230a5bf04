//! Timelines: their geometry for any times, and what they say of people.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use trustlane::diagram::{self, Executed, Subject};
use trustlane::scene::{Dash, Scene};
use trustlane::timeline::{Obstacle, PhaseTime, StepTime, Timeline, Times, Traffic};

use super::story::{self, Story};
use super::{any_story, check_geometry, check_timeline, label, shapes, texts};
use trustlane::scene::Role;

/// The timeline of `story` in which its steps take `times`, and then nothing.
fn timeline(story: &Story, times: &[Times]) -> Timeline {
    let mut timeline = Timeline {
        link: "link".into(),
        device: "device".into(),
        total: Times::default(),
        traffic: Traffic::default(),
        phases: Vec::new(),
        steps: Vec::new(),
        obstacles: Vec::new(),
    };
    let times = times.iter().copied().chain(std::iter::repeat(Times::default()));
    for (event, times) in story.trace.events.iter().zip(times) {
        timeline.steps.push(StepTime { step: event.step.clone(), begins: timeline.total.sum(), times });
        timeline.phases.push(PhaseTime { phase: event.phase.clone(), times });
        timeline.total.add(times);
    }
    timeline
}

fn draw(story: &Story, timeline: &Timeline, link: &str, device: &str) -> Option<Scene> {
    let Story { flow, scenario, trace, .. } = story;
    let run = Executed { flow, scenario, trace };
    diagram::find("timeline").unwrap().draw(&Subject::Duration { run, timeline, link, device })
}

fn duration() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), 1..2_000_u64, 1_000..3_000_000_u64, 1_000_000..20_000_000_000_u64]
}

fn times() -> impl Strategy<Value = Times> {
    prop::array::uniform8(duration()).prop_map(
        |[set_up, transmission, duty, latency, device, others, people, waiting]| Times {
            link_set_up: set_up,
            transmission,
            duty_cycle: duty,
            latency,
            device,
            others,
            people,
            waiting,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: RngSeed::Fixed(2026), cases: 48, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_timeline_is_clean(
        story in any_story(),
        times in prop::collection::vec(times(), 1..=60),
        link in label(),
        device in label(),
        takes in duration(),
    ) {
        let mut timeline = timeline(&story, &times);
        timeline.obstacles.push(Obstacle { step: "s0".into(), bytes: 1, frames: 1, takes, limit: 60_000_000 });
        if let Some(scene) = draw(&story, &timeline, &link, &device) {
            check_geometry(&scene).map_err(TestCaseError::fail)?;
            check_timeline(&scene).map_err(TestCaseError::fail)?;
            prop_assert_eq!(scene.step_ids().count(), scene.steps.len());
        }
    }
}

const SECOND: u64 = 1_000_000;

#[test]
fn what_people_take_is_called_an_estimate() {
    let story = story::baseline();
    let people = Times { people: 40 * SECOND, ..Times::default() };
    let scene = draw(&story, &timeline(&story, &[people]), "Wi-Fi", "a device").unwrap();
    let told = texts(&scene).iter().filter(|run| run.text.contains("estimated")).count();
    assert!(told >= 3, "in the head, in the legend and beside the lane: {told}");
    assert!(scene.description.contains("people, estimated 40.0\u{a0}s"), "{}", scene.description);
}

#[test]
fn an_axis_without_people_says_so() {
    let story = story::baseline();
    let device = Times { device: 3_000, ..Times::default() };
    let people = Times { people: 40 * SECOND, ..device };
    let said = |times: &[Times]| {
        let scene = draw(&story, &timeline(&story, times), "Wi-Fi", "a device").unwrap();
        texts(&scene).iter().any(|run| run.text.contains("is cut out"))
    };
    assert!(said(&[device, people]));
    assert!(!said(&[device, device]));
}

#[test]
fn a_run_that_takes_no_time_has_no_timeline() {
    let story = story::baseline();
    assert_eq!(draw(&story, &timeline(&story, &[]), "Wi-Fi", "a device"), None);
}

#[test]
fn nothing_in_a_timeline_is_dashed() {
    let story = story::baseline();
    let all = Times { people: 5 * SECOND, waiting: 3 * SECOND, device: 900, latency: 70, ..Times::default() };
    let scene = draw(&story, &timeline(&story, &[all]), "Wi-Fi", "a device").unwrap();
    let ornaments = shapes(&scene, Role::Ornament);
    assert!(ornaments.iter().filter_map(|shape| shape.stroke).all(|stroke| stroke.dash != Dash::Dashed));
}
