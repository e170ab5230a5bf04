//! Every threat that a flow has to answer is executed there, or a reason says why it cannot arise.

use std::collections::BTreeSet;
use std::fmt::Write;

use trustlane::diag::Sink;
use trustlane::diag::render::{Colour, render};
use trustlane::flow::{Expectation, ScenarioKind};
use trustlane::load;
use trustlane::project;
use trustlane::resolve::Project;
use trustlane::threat::Expected;

fn shipped() -> Project {
    let sources = load::shipped();
    let mut sink = Sink::default();
    let found = project(&sources, &mut sink);
    assert_eq!(render(&sink.into_sorted(), &sources, Colour::Never), "");
    found.unwrap()
}

/// Pairs of flow and threat, by ids.
type Pairs = BTreeSet<(String, String)>;

/// What the families of threats ask of the flows; what no run can execute is left out.
fn asked(project: &Project) -> Pairs {
    let pairs = project.flows.iter().flat_map(|flow| {
        let threats = project.threats.threats.iter().filter(|threat| threat.expected != Expected::Analysis);
        threats
            .filter(|threat| project.threats.applies(threat, &flow.id))
            .map(|threat| (flow.id.clone(), threat.id.clone()))
    });
    pairs.collect()
}

fn executed(project: &Project) -> Pairs {
    let pairs = project.flows.iter().flat_map(|flow| {
        let threats = flow.scenarios.iter().filter_map(|scenario| scenario.threat.clone());
        threats.map(|threat| (flow.id.clone(), threat))
    });
    pairs.collect()
}

fn excused(project: &Project) -> Pairs {
    project.threats.not_applicable.iter().map(|entry| (entry.flow.clone(), entry.threat.clone())).collect()
}

/// The pairs with the names of the threats, flow by flow.
fn listed(project: &Project, pairs: &Pairs) -> String {
    let mut text = String::new();
    for (flow, threat) in pairs {
        let name = project.threats.find(threat).map_or("", |threat| threat.name.as_str());
        writeln!(text, "{flow}: {threat} {name}").unwrap();
    }
    text
}

#[test]
fn every_threat_that_applies_is_executed_or_has_a_reason() {
    let project = shipped();
    let answered: Pairs = executed(&project).union(&excused(&project)).cloned().collect();
    let missing: Pairs = asked(&project).difference(&answered).cloned().collect();
    let listed = listed(&project, &missing);
    assert!(missing.is_empty(), "{} pairs of flow and threat have neither attack nor reason:\n{listed}", missing.len());
}

#[test]
fn no_reason_is_stale() {
    let project = shipped();
    let excused = excused(&project);
    assert_eq!(excused.len(), project.threats.not_applicable.len(), "a reason stands twice");
    let both: Pairs = excused.intersection(&executed(&project)).cloned().collect();
    assert!(both.is_empty(), "executed, and said not to arise:\n{}", listed(&project, &both));
    let asked = asked(&project);
    let idle: Pairs = excused.difference(&asked).cloned().collect();
    assert!(idle.is_empty(), "a reason where nothing is asked:\n{}", listed(&project, &idle));
}

#[test]
fn the_catalogue_is_whole() {
    let project = shipped();
    let threats = &project.threats;
    let ids: Vec<String> = threats.threats.iter().map(|threat| threat.id.clone()).collect();
    assert_eq!(ids, (1..=40).map(|number| format!("PT-{number:02}")).collect::<Vec<_>>());
    for threat in &threats.threats {
        assert!(!threat.stride.is_empty() && !threat.references.is_empty(), "{}", threat.id);
        for reference in &threat.references {
            assert!(reference.is_verified && reference.url().is_some(), "{}: {}", threat.id, reference.id);
        }
    }
    let named: BTreeSet<&str> =
        threats.threats.iter().flat_map(|threat| &threat.applies_to).map(String::as_str).collect();
    let families: BTreeSet<&str> = threats.families.iter().map(|family| family.name.as_str()).collect();
    assert_eq!(named, families, "a family is named by a threat and explained under `applies`");
    let placed: BTreeSet<&String> = threats.families.iter().flat_map(|family| &family.flows).collect();
    let flows: BTreeSet<&String> = project.flows.iter().map(|flow| &flow.id).collect();
    assert_eq!(placed, flows, "every flow belongs to a family");
}

#[test]
fn what_cannot_be_executed_is_analysed() {
    let project = shipped();
    for threat in &project.threats.threats {
        let is_analysed = threat.analysis.as_ref().is_some_and(|text| text.ends_with('.'));
        assert_eq!(is_analysed, threat.expected == Expected::Analysis, "{}", threat.id);
        let is_executed = executed(&project).iter().any(|(_, executed)| *executed == threat.id);
        assert!(!(is_analysed && is_executed), "{} is executed and need not be analysed", threat.id);
    }
}

/// Evidence counts attacks by their threats: one without would contradict nothing.
#[test]
fn an_attack_that_gets_through_is_of_a_threat() {
    let project = shipped();
    let attacks = project.flows.iter().flat_map(|flow| flow.scenarios.iter().map(move |scenario| (flow, scenario)));
    let through = attacks.filter(|(_, scenario)| {
        matches!(scenario.kind, ScenarioKind::Attack { .. }) && matches!(scenario.expect, Expectation::Completed(_))
    });
    let unnamed: Vec<String> = through
        .filter(|(_, scenario)| scenario.threat.is_none())
        .map(|(flow, scenario)| format!("{}: {}", flow.id, scenario.id))
        .collect();
    assert!(unnamed.is_empty(), "without a threat: {unnamed:?}");
}
