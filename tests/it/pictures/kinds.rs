//! Kinds of picture beside the swimlane.

use std::collections::{BTreeMap, BTreeSet};

use trustlane::book::figure;
use trustlane::clock::Timestamp;
use trustlane::diagram::{self, DIAGRAMS, Executed, Subject};
use trustlane::registry::{Cause, Entrance, State};
use trustlane::scene::geometry::Rect;
use trustlane::scene::palette::Tone;
use trustlane::scene::{self, Element, GroupKind, Outline, Shape};
use trustlane::svg;

use super::story::{self, Story};
use super::{check_addresses, check_geometry, check_timeline};
use crate::runs::{PROJECT, RUNS};

fn with_record(states: &[State]) -> Story {
    let mut story = story::baseline();
    let steps = ["mdns", "audit", "accept", "enrol"];
    for (state, step) in states.iter().zip(steps) {
        let cause = Cause { actor: "registrar", step, clock: Timestamp(0) };
        let registry = &mut story.trace.registry;
        if registry.records().is_empty() {
            registry.create("TL-0042", *state, Entrance::default(), cause).unwrap();
        } else {
            registry.change("TL-0042", *state, BTreeMap::new(), cause).unwrap();
        }
    }
    story
}

#[test]
fn a_run_that_registers_nothing_has_no_life_cycle() {
    assert!(story::baseline().draw_kind("lifecycle").is_none());
}

#[test]
fn the_life_cycle_numbers_what_the_record_passed_and_names_the_step_that_caused_it() {
    let story = with_record(&[State::Listed, State::Pending, State::Decommissioned]);
    let scene = story.draw_kind("lifecycle").unwrap();
    check_geometry(&scene).unwrap();
    assert_eq!(scene.step_ids().collect::<Vec<_>>(), ["start-listed", "listed-pending", "pending-decommissioned"]);
    assert_eq!(scene.steps[1], "2. listed → pending: step 8, Registrar: judge the request");
    assert!(scene.description.contains("ends as decommissioned"), "{}", scene.description);
}

#[test]
fn zones_show_each_crossing_once_and_in_the_order_of_first_use() {
    let scene = story::baseline().draw_kind("boundary").unwrap();
    check_geometry(&scene).unwrap();
    let ids = scene.step_ids().collect::<Vec<_>>();
    assert_eq!(ids[0], "lan.registrar.pledge.clear");
    assert_eq!(ids[1], "lan.pledge.registrar.provisional");
    assert_eq!(scene.steps.len(), 7, "{:#?}", scene.steps);
    assert!(scene.steps[1].contains("provisional: encrypted, peer not yet verified; steps 4, 5"), "{:#?}", scene.steps);
}

#[test]
fn an_attack_marks_the_crossing_that_it_changed() {
    let scene = story::refused().draw_kind("boundary").unwrap();
    let text = svg::file(&scene, "zones");
    assert!(text.contains("changed by the attack"));
    assert!(!svg::file(&story::baseline().draw_kind("boundary").unwrap(), "zones").contains("changed by the attack"));
}

#[test]
fn a_message_inserted_into_a_crossing_changes_only_its_own_lines() {
    let old = story::baseline().draw_kind("boundary").unwrap();
    let mut story = story::baseline();
    let mut event = story.trace.events.last().unwrap().clone();
    (event.number, event.step) = (event.number + 1, "again".to_owned());
    story.trace.events.push(event);
    let new = story.draw_kind("boundary").unwrap();
    let changed = old.groups.iter().zip(&new.groups).filter(|(old, new)| old != new);
    let changed: Vec<_> = changed.map(|(old, _)| &old.kind).collect();
    assert_eq!(changed, [&GroupKind::Step("lan.registrar.pledge.protected".into())]);
}

/// The shipped flows have certificates, registries and zones, which stories have not.
#[test]
fn every_kind_of_picture_of_every_shipped_method_is_clean() {
    let mut drawn = BTreeSet::new();
    for (flow, traces) in PROJECT.flows.iter().zip(&RUNS.traces) {
        let subject = Subject::Run(Executed { flow, scenario: flow.baseline(), trace: &traces[0] });
        for diagram in DIAGRAMS {
            let Some(scene) = diagram.draw(&subject) else { continue };
            check_geometry(&scene).unwrap_or_else(|why| panic!("{} of {}: {why}", diagram.name(), flow.id));
            drawn.insert(diagram.name());
        }
    }
    for kind in ["anchors", "boundary", "chain", "lifecycle"] {
        assert!(drawn.contains(kind), "{kind}");
    }
}

#[test]
fn every_shipped_attack_beside_its_mitigation_is_clean() {
    let kind = diagram::find("attack").unwrap();
    let mut n_drawn = 0;
    for (flow, traces) in PROJECT.flows.iter().zip(&RUNS.traces) {
        for (scenario, trace) in flow.scenarios.iter().zip(traces) {
            let Some(base) = figure::attacked(flow, scenario) else { continue };
            let index = flow.scenarios.iter().position(|other| other.id == base.id).unwrap();
            let attack = Executed { flow, scenario: base, trace: &traces[index] };
            let mitigated = Executed { flow, scenario, trace };
            let scene = kind.draw(&Subject::Pair { attack, mitigated }).unwrap();
            let checked = check_geometry(&scene).and_then(|()| check_timeline(&scene));
            let checked = checked.and_then(|()| check_addresses(&scene));
            checked.unwrap_or_else(|why| panic!("{} {}: {why}", flow.id, scenario.id));
            n_drawn += 1;
        }
    }
    assert!(n_drawn > 50, "{n_drawn}");
}

#[test]
fn a_run_without_certificates_has_neither_anchors_nor_chains() {
    for kind in ["anchors", "chain"] {
        assert!(story::baseline().draw_kind(kind).is_none(), "{kind}");
    }
}

#[test]
fn a_message_travels_and_then_what_it_brought_settles() {
    let scene = story::baseline().draw();
    let group = scene.groups.iter().find(|group| group.kind == GroupKind::Step("voucher".into())).unwrap();
    let manners: Vec<scene::Entrance> = group.parts.iter().map(|part| part.entrance).collect();
    assert!(
        matches!(manners[..], [scene::Entrance::Appearing, scene::Entrance::Travelling(_), scene::Entrance::Settling]),
        "{manners:?}"
    );
    let text = svg::file(&scene, "any");
    assert!(text.contains("<g class=\"tl-settling\" style=\"--tl-turn:2\">"));
    assert!(scene.steps.iter().any(|step| step.ends_with("Pledge stores voucher")), "{:#?}", scene.steps);
}

#[test]
fn a_long_swimlane_has_pages_each_below_the_heads_of_its_actors() {
    let scene = story::baseline().draw();
    assert!(scene.height > scene.width, "it is longer than a page");
    let pages = svg::pages(&scene, "any");
    let n_pages = pages.matches("class=\"tl-page\"").count();
    // The first shows the head by itself, the others above what they show.
    assert!(n_pages > 1 && pages.matches("<use href=\"#any\"/>").count() == 2 * n_pages - 1, "{pages}");
    assert_eq!(svg::pages(&story::baseline().draw_kind("boundary").unwrap(), "any"), "", "the rest stays whole");
}

#[test]
fn a_zone_within_another_has_its_frame_within_the_others() {
    // The registrar's site, with the network in it to which the pledge connects.
    let mut story = story::baseline();
    story.flow.zones[0].inside = Some(1);
    let scene = story.draw_kind("boundary").unwrap();
    check_geometry(&scene).unwrap();
    let plain = story::baseline().draw_kind("boundary").unwrap();
    assert_eq!(scene.step_ids().collect::<Vec<_>>(), plain.step_ids().collect::<Vec<_>>(), "the crossings stay");
    assert!(scene.description.contains("Field (trusted, in Owner's network): Pledge"), "{}", scene.description);
    let zones: Vec<Rect> = scene.groups[0].elements().filter_map(zone).collect();
    let [outer, inner, apart] = zones[..] else { panic!("{zones:?}") };
    assert!(outer.contains(inner, -1.0) && !outer.overlaps(apart), "{zones:?}");
}

/// The frame of a zone.
fn zone(element: &Element) -> Option<Rect> {
    let Element::Shape(Shape { outline: Outline::Rect { frame, .. }, fill: Some(fill), .. }) = element else {
        return None;
    };
    (fill.tone == Tone::Zone).then_some(*frame)
}
