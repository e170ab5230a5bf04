//! The registry: its edges, its refusals, and a log in which nothing can be altered unnoticed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use proptest::prelude::*;
use trustlane::book::registry::VERIFY;
use trustlane::clock::Timestamp;
use trustlane::diag::Sink;
use trustlane::diag::render::{Colour, render};
use trustlane::registry::log::{Broken, verify, verify_against};
use trustlane::registry::{Cause, Change, Credential, CredentialKind, Entrance, Registry, Role, State};
use trustlane::{env, load, project, run};

fn suite() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/registry")
}

#[test]
fn the_edges_are_those_of_the_table() {
    let table: toml::Table = fs::read_to_string(suite().join("edges.toml")).unwrap().parse().unwrap();
    let edges = table["edges"].as_table().unwrap();
    assert_eq!(edges.len(), State::ALL.len());
    for from in State::ALL {
        let allowed: BTreeSet<&str> =
            edges[from.name()].as_array().unwrap().iter().map(|to| to.as_str().unwrap()).collect();
        let found: BTreeSet<&str> = State::ALL.into_iter().filter(|to| from.may_become(*to)).map(State::name).collect();
        assert_eq!(found, allowed, "from {}", from.name());
    }
}

/// Every attack of the flow declares the code with which it is refused; a difference is a diagnostic.
#[test]
fn the_life_of_a_device_and_every_refusal_are_as_declared() {
    let sources = load::load(&suite()).unwrap();
    let mut sink = Sink::default();
    let runs = project(&sources, &mut sink).and_then(|project| {
        let runs = run::run_all(&project, &env(&project), &mut sink)?;
        Some((project, runs))
    });
    let (project, runs) = runs.unwrap_or_else(|| panic!("{}", render(&sink.into_sorted(), &sources, Colour::Never)));
    let mut n_entries = 0;
    assert_eq!(project.flows.len(), 1, "the flows of this folder, and no others");
    for trace in runs.traces.iter().flatten() {
        let log = trace.registry.log();
        assert_eq!(verify(&log.lines()), Ok((log.head().to_owned(), log.entries().len())), "{}", trace.scenario);
        n_entries += log.entries().len();
        check_edges(&trace.registry);
    }
    assert!(project.flows[0].scenarios.len() > 40 && n_entries > 1000, "{n_entries}");
}

/// Each device entered its states along allowed edges, and is in the last of them.
fn check_edges(registry: &Registry) {
    let mut states: BTreeMap<&str, State> = BTreeMap::new();
    for entry in registry.log().entries() {
        match &entry.change {
            Change::Created { state } => {
                assert_eq!(states.insert(&entry.record, *state), None, "{entry:?}");
                assert!(state.is_first(), "{entry:?}");
            }
            Change::State { from, to } => {
                assert_eq!(states.insert(&entry.record, *to), Some(*from), "{entry:?}");
                assert!(from.may_become(*to), "{entry:?}");
            }
            _ => {}
        }
    }
    for (id, record) in registry.records() {
        assert_eq!(states[id.as_str()], record.state, "{id}");
        // Active means that the operational credential was used.
        let was_used = registry
            .log()
            .entries()
            .iter()
            .any(|entry| entry.record == *id && matches!(entry.change, Change::CredentialUsed { .. }));
        assert!(record.state != State::Active || was_used, "{id}");
    }
}

const CLOCK: Timestamp = Timestamp(1_767_225_600);

fn cause(step: &str) -> Cause<'_> {
    Cause { actor: "service", step, clock: CLOCK }
}

fn credential(key: u8) -> Credential {
    Credential {
        kind: CredentialKind::PublicKey,
        sha256: format!("{key:064}"),
        spki_sha256: Some(format!("{key:064}")),
        issuer: None,
        serial_number: None,
        not_after: None,
        is_used: false,
    }
}

/// Something that is done to a registry: which, to which device, and with what.
type Deed = (u8, u8, u8);

/// What is refused is part of the game; what it leaves behind is checked.
fn act(registry: &mut Registry, (deed, device, what): Deed) {
    let (id, cause) = (format!("unit-{device}"), cause("step"));
    let state = State::ALL[usize::from(what) % State::ALL.len()];
    let role = if what % 2 == 0 { Role::Identity } else { Role::Operational };
    let attributes = BTreeMap::from([("firmware".to_owned(), format!("1.{what} \"€\u{1f}\u{7f}😀\""))]);
    let refused = match deed {
        0 => {
            let serial = (what > 3).then(|| format!("SN-{}", what % 2));
            let entrance =
                Entrance { serial, owner: Some("a".to_owned()), is_staged: what == 1, ..Entrance::default() };
            registry.create(&id, state, entrance, cause)
        }
        1 | 2 => registry.change(&id, state, attributes, cause),
        3 | 4 => registry.bind(&id, role, credential(device * 2 + what % 3), cause),
        5 | 6 => registry.connect(&id, role, &credential(device * 2 + what % 3), &format!("s{}", what % 2), cause),
        7 => registry.disconnect(&id, None, cause),
        8 => registry.offer(&id, "a", "b", cause),
        9 => registry.accept(&id, "b", cause),
        10 => registry.approve(&id, cause),
        11 => registry.group(&id, "north", what % 2 == 0, cause),
        12 => registry.use_once("tokens", &[what], cause),
        _ => {
            registry.count_use("quota", 3, cause);
            Ok(())
        }
    };
    drop(refused);
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    prop::collection::vec((0..14_u8, 0..3_u8, 0..8_u8), 1..80)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_tried_every_edge_is_legal_and_the_log_only_grows(deeds in deeds()) {
        let mut registry = Registry::default();
        for deed in deeds {
            let before = registry.log().entries().to_vec();
            act(&mut registry, deed);
            let after = registry.log().entries();
            prop_assert_eq!(after.get(..before.len()), Some(before.as_slice()));
        }
        check_edges(&registry);
        let log = registry.log();
        prop_assert_eq!(verify(&log.lines()), Ok((log.head().to_owned(), log.entries().len())));
    }

    #[test]
    fn an_altered_entry_is_found_where_it_is(deeds in deeds(), at in any::<prop::sample::Index>(), how in 0..6_u8) {
        let mut registry = Registry::default();
        act(&mut registry, (0, 0, 0));
        for deed in deeds {
            act(&mut registry, deed);
        }
        let log = registry.log();
        let mut lines: Vec<String> = log.lines().lines().map(str::to_owned).collect();
        let line = at.index(lines.len());
        let n_lines = lines.len();
        match how {
            0 => lines[line] = lines[line].replace("service", "nobody"),
            1 => lines[line] = lines[line].replace("2026", "2027"),
            2 => lines[line] = lines[line].replace("\"hash\":\"", "\"hash\":\"0"),
            3 => lines[line].push(' '),
            4 => lines[line] = "not a line of a log".to_owned(),
            _ => drop(lines.remove(line)),
        }
        let text: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
        let found = verify_against(&text, log.head(), n_lines);
        // Without the last line the chain is whole, and only the checkpoint tells.
        let is_cut = how == 5 && line + 1 == n_lines;
        match found {
            Err(Broken::Altered { line: found, .. }) => prop_assert!(!is_cut && found == line + 1, "{found} is not {}", line + 1),
            Err(Broken::Truncated { n_entries, expected }) => prop_assert!(is_cut && n_entries + 1 == expected),
            Ok(_) => prop_assert!(false, "entry {} was altered", line + 1),
        }
    }
}

/// A registry with a few entries, one of which has characters that need care in JSON.
fn registry() -> Registry {
    let mut registry = Registry::default();
    for deed in [(0, 0, 0), (1, 0, 1), (3, 0, 1), (1, 0, 2), (5, 0, 1), (12, 0, 7)] {
        act(&mut registry, deed);
    }
    assert_eq!(registry.record("unit-0").unwrap().state, State::Active);
    registry
}

fn run_as_printed(log: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("audit.jsonl"), log).unwrap();
    Command::new("sh").args(["-c", VERIFY]).current_dir(folder.path()).output().unwrap()
}

#[test]
fn the_printed_command_verifies_a_log_and_names_what_was_altered() {
    let registry = registry();
    let log = registry.log();
    let output = run_as_printed(&log.lines());
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{}\n", log.head()));
    assert!(output.status.success());
    for (index, line) in log.lines().lines().enumerate() {
        let forged = log.lines().replace(line, &line.replace("service", "nobody"));
        let output = run_as_printed(&forged);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(&format!("entry {} is not what was written", index + 1)), "{said}");
        assert!(!output.status.success());
    }
}

#[test]
fn a_chain_that_was_computed_anew_is_told_by_the_checkpoint() {
    let (genuine, mut other) = (registry(), Registry::default());
    for deed in [(0, 1, 0), (1, 1, 1), (3, 1, 1), (1, 1, 2), (5, 1, 1), (12, 0, 7)] {
        act(&mut other, deed);
    }
    let n_entries = genuine.log().entries().len();
    assert_eq!(other.log().entries().len(), n_entries);
    let found = verify_against(&other.log().lines(), genuine.log().head(), n_entries);
    let reason = "its hash is not that of the checkpoint";
    assert_eq!(found, Err(Broken::Altered { line: n_entries, reason }));
}

#[test]
fn both_of_two_active_devices_with_one_key_are_quarantined() {
    let mut registry = Registry::default();
    let mut activate = |id: &str, key: u8| {
        let entrance = Entrance { serial: Some(id.to_owned()), ..Entrance::default() };
        registry.create(id, State::Provisioned, entrance, cause("add")).unwrap();
        registry.bind(id, Role::Operational, credential(key), cause("bind")).unwrap();
        registry.connect(id, Role::Operational, &credential(key), id, cause("connect")).unwrap();
    };
    activate("unit-1", 1);
    activate("unit-2", 2);
    // The second device shows the key of the first, which is live elsewhere.
    let refused = registry.connect("unit-2", Role::Operational, &credential(1), "copy", cause("copy")).unwrap_err();
    assert_eq!(refused.code, "duplicate-identity");
    for id in ["unit-1", "unit-2"] {
        let record = registry.record(id).unwrap();
        assert_eq!(record.state, State::Quarantined, "{id}");
        assert!(record.sessions.is_empty(), "{id}");
    }
}
