//! Verdicts on controls: each leads to an event, none rests on nothing, and what gets through contradicts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use trustlane::assess::evidence::case;
use trustlane::assess::{self, Assessment, ControlVerdict, FlowAssessment, Standing, compliance};
use trustlane::claim::{self, Case, Evidence, Exhibit, Ruling, Run, RunKind};
use trustlane::config::{self, Config};
use trustlane::diag::Sink;
use trustlane::diag::render::{Colour, render};
use trustlane::flow::Flow;
use trustlane::framework::{Checked, Frameworks, parse};
use trustlane::registry::Registry;
use trustlane::source::{Origin, Sources};
use trustlane::trace::{Outcome, ProbeKind, ProbeLayer, ProbeOutcome, Protection, Provenance, Trace};

use crate::runs::{PROJECT, RUNS, SOURCES};

static ASSESSMENT: LazyLock<Assessment> = LazyLock::new(|| assess::assess(&PROJECT, &RUNS, &mut Sink::default()));

/// Claims that no shipped flow could show so far, with the reason.
const UNSHOWN: &[(&str, &str)] = &[
    ("attestation-verified", "no flow attests the state of a device"),
    ("update-verified", "no flow installs software"),
];

fn flows() -> impl Iterator<Item = (&'static Flow, &'static Vec<Trace>, &'static FlowAssessment)> {
    let flows = PROJECT.flows.iter().zip(&RUNS.traces).zip(&ASSESSMENT.flows);
    flows.map(|((flow, traces), assessed)| (flow, traces, assessed))
}

/// Every flow with all that its claims look at.
fn cases() -> impl Iterator<Item = (&'static Flow, Case<'static>)> {
    flows().zip(&RUNS.other_devices).map(|((flow, traces, assessed), other)| {
        (flow, case(flow, traces, other, &PROJECT.threats, &assessed.findings))
    })
}

fn is_event(flow: &Flow, traces: &[Trace], exhibit: &Exhibit) -> bool {
    let index = flow.scenarios.iter().position(|scenario| scenario.id == exhibit.scenario);
    index.is_some_and(|index| traces[index].event(&exhibit.step).is_some())
}

fn find(claim: &str) -> &'static dyn Evidence {
    claim::find_evidence(claim).unwrap()
}

#[test]
fn no_verdict_is_supported_without_an_event() {
    let mut n_supported = 0;
    for (flow, traces, assessed) in flows() {
        for verdict in assessed.controls.iter().chain(&assessed.criteria) {
            let place = format!("{}: {} {}", flow.id, verdict.framework, verdict.control);
            let needs = match verdict.verdict {
                Standing::SupportedByTheDesign | Standing::SupportedInPart => true,
                Standing::Contradicted | Standing::Inconclusive | Standing::Declared | Standing::NotApplicable => false,
            };
            n_supported += usize::from(needs);
            assert!(!needs || !verdict.exhibits.is_empty(), "{place} is supported, and no event shows it");
            assert!(!verdict.reason.is_empty() && verdict.reason.ends_with('.'), "{place}: {}", verdict.reason);
            for exhibit in &verdict.exhibits {
                assert!(is_event(flow, traces, exhibit), "{place}: {exhibit:?} is no event");
            }
        }
        for verdict in &assessed.evidence {
            for exhibit in &verdict.testimony.exhibits {
                assert!(is_event(flow, traces, exhibit), "{}: {}: {exhibit:?} is no event", flow.id, verdict.claim);
            }
        }
    }
    assert!(n_supported > 100, "{n_supported}");
}

#[test]
fn a_control_with_a_rest_is_supported_in_part_at_best() {
    for (flow, _, assessed) in flows() {
        for verdict in &assessed.controls {
            let is_whole = verdict.verdict == Standing::SupportedByTheDesign;
            assert!(!is_whole || verdict.remains.is_none(), "{}: {}", flow.id, verdict.control);
            let is_declared = verdict.verdict == Standing::Declared;
            assert_eq!(is_declared, verdict.claims.is_empty(), "{}: {}", flow.id, verdict.control);
        }
    }
}

#[test]
fn a_run_in_which_nothing_happens_shows_nothing() {
    for (flow, case) in cases() {
        let nothing = Trace {
            events: Vec::new(),
            stores: BTreeMap::new(),
            registry: Registry::default(),
            probes: Vec::new(),
            ..case.baseline().trace.clone()
        };
        let run = Run { trace: &nothing, ..case.baseline().clone() };
        let empty = Case { runs: vec![run], findings: Vec::new(), ..case.clone() };
        for claim in claim::evidence() {
            let testimony = claim.judge(&empty);
            let is_open = matches!(testimony.ruling, Ruling::Inconclusive | Ruling::NotApplicable);
            assert!(is_open && testimony.exhibits.is_empty(), "{}: {}: {testimony:?}", flow.id, claim.name());
            assert!(testimony.reason.ends_with('.'), "{}: {}", claim.name(), testimony.reason);
        }
    }
}

#[test]
fn an_attack_that_gets_through_is_never_silent() {
    let mut n_turned = 0;
    for (flow, case) in cases() {
        for (index, run) in case.runs.iter().enumerate().filter(|(_, run)| run.kind == RunKind::Attack) {
            if run.tests.is_empty() || run.is_complete() {
                continue;
            }
            let through = Trace { outcome: Outcome::Completed, ..run.trace.clone() };
            let mut turned = case.clone();
            turned.runs[index].trace = &through;
            for claim in run.tests {
                let ruling = find(claim).judge(&turned).ruling;
                let expected = if claim == "unique-key" { Ruling::Partly } else { Ruling::Contradicted };
                assert_eq!(ruling, expected, "{}: {} gets through: {claim}", flow.id, run.trace.scenario);
                n_turned += 1;
            }
        }
    }
    assert!(n_turned > 50, "{n_turned}");
}

#[test]
fn every_claim_is_shown_by_a_flow_and_named_by_a_control() {
    let unshown: BTreeSet<&str> = UNSHOWN.iter().map(|(name, _)| *name).collect();
    let mut shown = BTreeSet::new();
    for (_, _, assessed) in flows() {
        let of = assessed.evidence.iter();
        shown.extend(of.filter(|verdict| verdict.testimony.ruling <= Ruling::Shown).map(|verdict| verdict.claim));
    }
    let all: BTreeSet<&str> = claim::evidence().map(Evidence::name).collect();
    assert_eq!(all.difference(&shown).copied().collect::<BTreeSet<_>>(), unshown, "decided by a run of some flow");
    let controls = PROJECT.frameworks.frameworks.iter().flat_map(|framework| &framework.controls);
    let named: BTreeSet<&str> = controls.flat_map(|control| &control.evidence).map(|claim| claim.name()).collect();
    assert_eq!(all, named, "a claim that no control names is evidence of nothing");
}

/// The ruling on a claim once `change` was made to the baseline.
fn with_baseline(case: &Case<'_>, claim: &str, change: impl Fn(&mut Trace)) -> Ruling {
    let mut trace = case.baseline().trace.clone();
    change(&mut trace);
    let mut changed = case.clone();
    changed.runs[0].trace = &trace;
    find(claim).judge(&changed).ruling
}

fn case_of(flow: &str) -> Case<'static> {
    cases().find(|(known, _)| known.id == flow).unwrap().1
}

/// Turns the first probe of this layer and kind into one that nobody noticed and that broke a goal.
fn unnoticed(layer: ProbeLayer, kind: ProbeKind) -> impl Fn(&mut Trace) {
    move |trace| {
        let probe = trace.probes.iter_mut().find(|probe| (probe.layer, probe.kind) == (layer, kind)).unwrap();
        let breaks = vec!["goal".to_owned()];
        probe.outcome = ProbeOutcome::Undetected { differs: vec!["device/key".to_owned()], breaks };
    }
}

#[test]
fn what_a_run_shows_otherwise_contradicts() {
    let case = case_of("x509-factory");
    let shown = |claim: &str| assert_eq!(find(claim).judge(&case).ruling, Ruling::Shown, "{claim}");
    let broken = [
        ("input-refused", unnoticed(ProbeLayer::Inside, ProbeKind::Flip)),
        ("mutual-authentication", unnoticed(ProbeLayer::Wire, ProbeKind::Forge)),
        ("replays-refused", unnoticed(ProbeLayer::Wire, ProbeKind::ReplaySession)),
        ("tampering-refused", unnoticed(ProbeLayer::Wire, ProbeKind::Flip)),
    ];
    for (claim, change) in broken {
        shown(claim);
        assert_eq!(with_baseline(&case, claim, change), Ruling::Contradicted, "{claim}");
    }
    shown("unique-key");
    let same = Case { other_device: case.baseline().trace, ..case.clone() };
    assert_eq!(find("unique-key").judge(&same).ruling, Ruling::Contradicted);
    shown("key-never-leaves-custody");
    let given = |trace: &mut Trace| {
        for artifact in trace.stores.get_mut("device").unwrap().values_mut() {
            Arc::make_mut(artifact).provenance = Provenance::Received { from: "authority".to_owned() };
        }
    };
    assert_eq!(with_baseline(&case, "key-never-leaves-custody", given), Ruling::Contradicted);
}

#[test]
fn what_an_owner_gives_to_a_group_is_told_from_what_a_maker_gives_to_all() {
    let testimony = find("unique-key").judge(&case_of("matter"));
    assert_eq!(testimony.ruling, Ruling::Shown);
    assert!(testimony.reason.contains("The owner gives all of a group ipk"), "{}", testimony.reason);
}

#[test]
fn what_no_run_shows_any_more_is_not_shown() {
    let case = case_of("x509-factory");
    let unchecked = |trace: &mut Trace| trace.events.iter_mut().for_each(|event| event.checks.clear());
    let open = |trace: &mut Trace| trace.events.iter_mut().for_each(|event| event.protection = Protection::Clear);
    let forgotten = |trace: &mut Trace| trace.registry = Registry::default();
    assert_ne!(with_baseline(&case, "mutual-authentication", unchecked), Ruling::Shown);
    assert_eq!(with_baseline(&case, "audit-log-verified", forgotten), Ruling::Inconclusive);
    // The later life of the device is part of the runs.
    let young = Case { runs: vec![case.baseline().clone()], ..case.clone() };
    assert_eq!(with_baseline(&young, "channel-protected", open), Ruling::Inconclusive);
    let later = ["credential-replaced", "decommissioned-refused", "former-owner-refused", "revoked-refused"];
    for claim in later {
        assert_eq!(find(claim).judge(&case).ruling, Ruling::Shown, "{claim}");
        assert_eq!(find(claim).judge(&young).ruling, Ruling::Inconclusive, "{claim}");
    }
}

/// The frameworks of the shipped project, with more files and another `book.toml`.
fn frameworks(files: &[(&str, &str)]) -> (Frameworks, Config) {
    let mut sources: Sources = SOURCES.clone();
    for (path, text) in files {
        sources.insert(*path, text.as_bytes().to_vec(), Origin::Project);
    }
    let mut sink = Sink::default();
    let config = config::parse(&sources, &mut sink).unwrap();
    let frameworks = parse::parse(&sources, Some(&config), &mut sink);
    assert_eq!(render(&sink.into_sorted(), &sources, Colour::Never), "");
    (frameworks, config)
}

const BOOK: &str =
    "[book]\ntitle = \"Case\"\nversion = \"1\"\n[run]\nseed = \"case\"\nclock = \"2026-01-01T00:00:00Z\"\n";

fn n_unchecked(frameworks: &Frameworks) -> usize {
    let controls = frameworks.frameworks.iter().flat_map(|framework| &framework.controls);
    controls.filter(|control| control.checked == Checked::None).count()
}

#[test]
fn an_identifier_that_nobody_checked_is_shown_on_request_only() {
    assert_eq!(n_unchecked(&PROJECT.frameworks), 0);
    assert!(PROJECT.frameworks.find("ieee-8021ar").is_none(), "none of its identifiers was checked");
    let (all, _) = frameworks(&[("book.toml", &format!("{BOOK}[compliance]\nunverified = true\n"))]);
    assert_eq!(n_unchecked(&all), 9);
    let (flow, _, assessed) = flows().next().unwrap();
    let verdicts = compliance::controls(flow, &assessed.evidence, &all);
    assert_eq!(verdicts.iter().filter(|verdict| verdict.is_unverified).count(), 9, "and it is marked");
}

#[test]
fn a_project_chooses_its_frameworks() {
    let (chosen, _) = frameworks(&[("book.toml", &format!("{BOOK}[compliance]\nframeworks = [\"uk-psti\"]\n"))]);
    assert_eq!(chosen.frameworks.iter().map(|framework| framework.id.as_str()).collect::<Vec<_>>(), ["uk-psti"]);
}

fn verdict<'v>(verdicts: &'v [ControlVerdict], control: &str) -> &'v ControlVerdict {
    verdicts.iter().find(|verdict| verdict.control == control).unwrap()
}

const RULES: &str = r#"edition = 1
title = "Rules"
version = "7"
source = "Ours."

[[control]]
id = "R-1"
title = "No copies"
asks = "A copy is refused."
kind = "official"
checked = "primary"
tags = []
evidence = ["clone-refused"]

[[control]]
id = "R-2"
title = "A chip"
asks = "Keys are in a chip."
kind = "official"
checked = "primary"
tags = []

[[control]]
id = "R-3"
title = "A mesh"
asks = "Nobody joins the mesh twice."
kind = "official"
version = "6"
checked = "primary"
tags = []
evidence = ["unique-key"]
media = ["thread"]
"#;

const DECLARED: &str = r#"edition = 1

[[declaration]]
framework = "rules"
control = "R-1"
answer = "yes"
statement = "Copies are refused, we say."
by = "Somebody"

[[declaration]]
framework = "rules"
control = "R-2"
flow = "x509-factory"
answer = "yes"
statement = "They are."
by = "Somebody"
"#;

#[test]
fn a_framework_is_a_file_and_a_declaration_changes_no_verdict() {
    let files = [("content/compliance/rules.toml", RULES), ("data/declarations.toml", DECLARED)];
    let (frameworks, _) = frameworks(&files);
    let (flow, _, assessed) = flows().find(|(flow, ..)| flow.id == "x509-factory").unwrap();
    let verdicts = compliance::controls(flow, &assessed.evidence, &frameworks);
    let copies = verdict(&verdicts, "R-1");
    assert_eq!(copies.verdict, Standing::Contradicted, "{}", copies.reason);
    assert_eq!(copies.declared.len(), 1, "what is declared stands beside");
    let chip = verdict(&verdicts, "R-2");
    assert_eq!((chip.verdict, chip.declared.len()), (Standing::Declared, 1));
    let mesh = verdict(&verdicts, "R-3");
    assert_eq!((mesh.verdict, mesh.version.as_str()), (Standing::NotApplicable, "6"));
    let (other, _, assessed) = flows().find(|(flow, ..)| flow.id == "brski").unwrap();
    let verdicts = compliance::controls(other, &assessed.evidence, &frameworks);
    assert!(verdict(&verdicts, "R-2").declared.is_empty(), "it was declared for another flow");
}

#[test]
fn the_shipped_frameworks_are_whole() {
    let (all, _) = frameworks(&[("book.toml", &format!("{BOOK}[compliance]\nunverified = true\n"))]);
    assert!(all.frameworks.len() >= 16 && all.criteria.len() == 5);
    for framework in &all.frameworks {
        for control in &framework.controls {
            let place = format!("{}: {}", framework.id, control.id);
            assert!(!control.version.is_empty() && control.asks.ends_with('.'), "{place}");
            assert_eq!(control.checked == Checked::None, control.checked_at.is_empty(), "{place}");
            assert!(control.remains.as_ref().is_none_or(|rest| rest.ends_with('.')), "{place}");
            assert!(control.remains.is_none() || !control.evidence.is_empty(), "{place}: all of it is declared");
        }
    }
}
