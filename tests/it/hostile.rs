//! Input from strangers: no flow makes a stage panic, go on for ever or take the machine's memory, and none reaches
//! anything outside of the project.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use trustlane::annotation::Layer;
use trustlane::clock::Timestamp;
use trustlane::crypto::party::{Party, act};
use trustlane::diag::Sink;
use trustlane::document::{Entry, Node, NodeValue};
use trustlane::operation::{Acting, Arg, Args, Layout, OPERATIONS, Shape};
use trustlane::registry::Registry;
use trustlane::resolve::Project;
use trustlane::run::{budget, probe};
use trustlane::source::{Origin, Sources};
use trustlane::trace::{Outcome, Trace};
use trustlane::value::Value;
use trustlane::{document, env, load, project, run};

const BOOK: &str =
    "[book]\ntitle = \"Case\"\nversion = \"1\"\n[run]\nseed = \"case\"\nclock = \"2026-01-01T00:00:00Z\"\n";

/// The smallest flow, to which a case adds its steps.
const HEADER: &str = r#"edition = 1
id = "case"
title = "Case"
summary = "As small as a flow can be."
family = "token"
registration = "on-demand"
course = { level = "Low", best-for = "Tests" }
zones = { field = "untrusted" }
[actors.device]
zone = "field"
role = "device"
custody = "flash"
[actors.server]
zone = "field"
role = "server"
custody = "hsm"
[links.net]
between = ["device", "server"]
medium = "internet"
exposure = "active"
"#;

fn resolved(name: &str, text: &str, sink: &mut Sink) -> Option<Project> {
    let mut sources = load::shipped().filtered(|path, _| path.starts_with("data/"));
    sources.insert("book.toml", BOOK.as_bytes(), Origin::Project);
    sources.insert(format!("flows/{name}.toml"), text.as_bytes().to_vec(), Origin::Project);
    project(&sources, sink)
}

/// What is reported of the flow, or how its baseline ends.
fn ends(steps: &str) -> String {
    let mut sink = Sink::default();
    let Some(project) = resolved("case", &format!("{HEADER}{steps}"), &mut sink) else {
        return sink.into_sorted().swap_remove(0).message;
    };
    match run::run(&project.flows[0], project.flows[0].baseline(), &env(&project)).outcome {
        Outcome::Completed => "completed".to_owned(),
        Outcome::Rejected { step, rejection } => format!("{step}: {}: {}", rejection.code, rejection.message),
        Outcome::Stalled { step, waiting } => format!("{step}: {waiting} waits"),
    }
}

fn step(id: &str, op: &str, with: &str) -> String {
    format!("[[step]]\nid = \"{id}\"\nat = \"device\"\nop = \"{op}\"\n{with}\n")
}

#[test]
fn numbers_at_their_ends_are_refused_or_kept_in_bounds() {
    let authority =
        |days: &str| step("ca", "authority", &format!("out = \"ca\"\nwith = {{ name = \"CA\", days = {days} }}"));
    assert_eq!(ends(&authority("9223372036854775807")), "completed");
    assert_eq!(ends(&authority("-1")), "ca: wrong-validity: -1 days is no validity");
    let crl = |days: &str| {
        authority("1") + &step("crl", "crl", &format!("out = \"crl\"\nwith = {{ issuer = \"$ca\", days = {days} }}"))
    };
    let refused = "crl: bad-revocation-list: Invalid CRL next update parameter";
    assert_eq!(ends(&crl("9223372036854775807")), "completed");
    assert_eq!(ends(&crl("-9223372036854775808")), refused);
    let waits: String =
        (0..60).map(|n| step(&format!("wait-{n}"), "wait", "with.seconds = 9223372036854775807")).collect();
    assert_eq!(ends(&waits), "completed");
    let date = step("at", "moment", "out = \"at\"\nwith.plus = 9223372036854775807")
        + &step("text", "constant", "out = \"text\"\nwith.value = \"${at|date-time}\"");
    assert_eq!(ends(&date), "text: wrong-kind: `at` is a number");
}

#[test]
fn nothing_that_a_flow_writes_grows_without_bound() {
    let text = |name: &str, length: usize| {
        step(name, "constant", &format!("out = \"{name}\"\nwith.value = \"{}\"", "a".repeat(length)))
    };
    let replace = text("long", 60_000)
        + &step(
            "more",
            "replace-text",
            "out = \"more\"\nwith = { value = \"$long\", find = \"a\", replace = \"$long\" }",
        );
    assert_eq!(ends(&replace), "more: too-large: the value has 3600000000 bytes, at most 1048576 can be kept");
    let filters = text("long", 9)
        + &step("hex", "constant", &format!("out = \"hex\"\nwith.value = \"${{long{}}}\"", "|hex".repeat(60)));
    assert_eq!(ends(&filters), "60 filters, at most 4 are allowed");
    let long = text("long", 600_000);
    let n_bytes = HEADER.len() + long.len();
    assert_eq!(ends(&long), format!("the file has {n_bytes} bytes, at most 524288 are read"));
    let uses = (0..2_000).fold(String::new(), |text, n| {
        text + &format!("[[use]]\nfragment = \"f\"\nafter = \"first\"\nprefix = \"p{n}\"\n")
    });
    let fragments = text("first", 1)
        + "[[fragments.f.step]]\nid = \"a\"\nat = \"device\"\nop = \"nonce\"\nout = \"a\"\n[[fragments.f.step]]\nid = \"b\"\nat = \"device\"\nop = \"nonce\"\nout = \"b\"\n"
        + &uses;
    assert_eq!(ends(&fragments), "the flow has 401 steps, at most 400 are allowed");
    let scenario = (0..500).fold(String::new(), |text, n| {
        text + &format!("[[attack.step]]\nid = \"s-{n}\"\nat = \"device\"\nop = \"nonce\"\nout = \"n\"\n")
    });
    let attack = "[[attack]]\nid = \"long\"\ntitle = \"Long\"\nthreat = \"x\"\nno-mitigation = \"x\"\nwhy = \"x\"\nexpect.accepted = \"x\"\n";
    let found = ends(&format!("{}{attack}{scenario}", text("first", 1)));
    assert_eq!(found, "`long` has 501 steps, at most 400 are allowed");
    let keys: String = (0..30)
        .map(|n| step(&format!("key-{n}"), "keygen", &format!("out = \"key-{n}\"\nwith.algorithm = \"rsa-2048\"")))
        .collect();
    assert!(ends(&keys).starts_with("key-8: too-costly: the steps so far cost as much as "), "{}", ends(&keys));
}

#[test]
fn shipped_flows_stay_far_below_what_runs_may_cost() {
    let mut sink = Sink::default();
    let project = project(&load::shipped(), &mut sink).unwrap();
    for flow in &project.flows {
        let trace = run::run(flow, flow.baseline(), &env(&project));
        let cost = budget::again(&trace);
        assert!(cost * 20 < budget::MAX_RUN, "{}: {cost}", flow.id);
        let n_probes = probe::count(flow, &trace) as u64;

        assert!(cost * n_probes * 5 < budget::MAX_PROBES, "{}: {cost} × {n_probes}", flow.id);
    }
}

#[cfg(unix)]
#[test]
fn no_link_leads_out_of_a_project() {
    let refused = |link: &str, target: &str| {
        let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::create_dir(folder.path().join("static")).unwrap();
        std::fs::write(outside.path().join("private.key"), "secret").unwrap();
        std::os::unix::fs::symlink(outside.path().join(target), folder.path().join(link)).unwrap();
        match load::load(folder.path()) {
            Ok(sources) => {
                assert!(sources.below("", "").all(|(_, file)| file.origin == Origin::Shipped), "{link}");
                String::new()
            }
            Err(error) => error.to_string().replace(&folder.path().display().to_string(), "project"),
        }
    };
    assert_eq!(refused("static/key.js", "private.key"), "");
    assert_eq!(refused("static/keys", ""), "");
    let why = "is a symbolic link, which may lead out of the project";
    assert_eq!(refused("content", ""), format!("`project/content` {why}"));
    assert_eq!(refused("book.toml", "private.key"), format!("`project/book.toml` {why}"));
}

/// TOML as it can be read again.
fn write(node: &Node, text: &mut String) {
    match &node.value {
        NodeValue::Boolean(flag) => write!(text, "{flag}").unwrap(),
        NodeValue::Integer(number) => write!(text, "{number}").unwrap(),
        NodeValue::Other(_) => text.push_str("1.5"),
        NodeValue::Text(words) => text.push_str(&serde_json::to_string(words).unwrap().replace('\u{7f}', "\\u007f")),
        NodeValue::List(items) => {
            text.push('[');
            for item in items {
                write(item, text);
                text.push(',');
            }
            text.push(']');
        }
        NodeValue::Table(entries) => {
            text.push('{');
            for (index, entry) in entries.iter().enumerate() {
                let separator = if index == 0 { "" } else { "," };
                write!(text, "{separator}{} = ", serde_json::to_string(&entry.key).unwrap()).unwrap();
                write(&entry.value, text);
            }
            text.push('}');
        }
    }
}

fn written(flow: &Node) -> String {
    flow.entries().iter().fold(String::new(), |mut text, entry| {
        write!(text, "{} = ", serde_json::to_string(&entry.key).unwrap()).unwrap();
        write(&entry.value, &mut text);
        text.push('\n');
        text
    })
}

/// The value number `at` of those below `node`, counted from the outside in.
fn pick<'n>(node: &'n mut Node, at: &mut usize) -> Option<&'n mut Node> {
    if *at == 0 {
        return Some(node);
    }
    *at -= 1;
    match &mut node.value {
        NodeValue::List(items) => items.iter_mut().find_map(|item| pick(item, at)),
        NodeValue::Table(entries) => entries.iter_mut().find_map(|entry| pick(&mut entry.value, at)),
        _ => None,
    }
}

fn count(node: &Node) -> usize {
    1 + node.items().iter().map(count).sum::<usize>()
        + node.entries().iter().map(|entry| count(&entry.value)).sum::<usize>()
}

/// A change of the tree: where, which of these changes, and what else it needs.
type Change = (usize, u8, usize);

const NUMBERS: &[i64] = &[i64::MIN, -1, 0, 1, 2, 16, 255, 256, 65_536, 4_000_000_000, i64::MAX];
const WORDS: &[&str] = &[
    "",
    "attacker",
    "device",
    "run",
    "session",
    "inside",
    "wire",
    "flip",
    "drop",
    "rest",
    "bytes",
    "rsa-2048",
    "$device-key",
    "${csr|hex|hex|hex}",
    "$csr.nothing",
    "\u{0}",
    "\u{202e}é",
    "9999999999999999999",
    "../../etc/passwd",
    "/dev/zero",
    "http://127.0.0.1/",
    "{{ get_env(name='HOME') }}",
];

fn change(flow: &mut Node, (at, kind, other): Change) {
    let n_values = count(flow);
    let copy = pick(&mut flow.clone(), &mut (other % n_values)).cloned();
    let Some(node) = pick(flow, &mut (1 + at % (n_values - 1))) else { return };
    match (kind, &mut node.value) {
        (0, NodeValue::List(items)) if !items.is_empty() => drop(items.remove(other % items.len())),
        (1, NodeValue::List(items)) if !items.is_empty() => items.push(items[other % items.len()].clone()),
        (2, NodeValue::List(items)) if items.len() > 1 => {
            let by = other % items.len();
            items.rotate_left(by);
        }
        (0 | 1, NodeValue::Table(entries)) if !entries.is_empty() => drop(entries.remove(other % entries.len())),
        (2, NodeValue::Table(entries)) if entries.len() > 1 => {
            let keys: Vec<String> = entries.iter().map(|entry| entry.key.clone()).collect();
            let shift = other % keys.len();
            entries.iter_mut().enumerate().for_each(|(n, entry)| entry.key.clone_from(&keys[(n + shift) % keys.len()]));
        }
        (_, NodeValue::Integer(number)) => *number = NUMBERS[other % NUMBERS.len()],
        (0..=3, NodeValue::Text(text)) => WORDS[other % WORDS.len()].clone_into(text),
        _ => {
            if let Some(copy) = copy {
                *node = copy;
            }
        }
    }
}

/// An edit of one of the kinds, of a step of the flow.
fn edit(flow: &Node, kind: usize, first: usize, second: usize) -> Node {
    let steps: Vec<&str> = flow.find("step").unwrap().items().iter().map(|step| step.text("id")).collect();
    let actors: Vec<&str> = flow.find("actors").unwrap().entries().iter().map(|actor| actor.key.as_str()).collect();
    let (step, other, actor) = (steps[first % steps.len()], steps[second % steps.len()], actors[second % actors.len()]);
    let written = flow.find("step").unwrap().items()[second % steps.len()].clone();
    let (number, how) = (NUMBERS[second % NUMBERS.len()], ["flip", "truncate", "drop"][second % 3]);
    let of = ["run", "session", "device"][second % 3];
    let layer = ["wire", "inside"][first % 2];
    let text = match kind {
        0 => format!("set = '{step}'\nwith = {{ days = {number} }}"),
        1 => format!("drop = '{step}'"),
        2 => format!("after = '{step}'"),
        3 => format!("replace = '{step}'"),
        4 => format!("move = '{step}'\nbefore = '{other}'"),
        5 => format!("impersonate = '{actor}'\nfrom = '{step}'"),
        6 => format!("replay = '{step}'\nof = '{of}'\nlayer = '{layer}'"),
        7 => format!("tamper = '{step}'\nhow = '{how}'\nlayer = '{layer}'"),
        _ => format!("clock = '{actor}'\nahead = {}\nfrom = '{step}'", number.clamp(-4_000_000_000, 4_000_000_000)),
    };
    let mut node = document::parse(&Arc::from("edit.toml"), &text, &mut Sink::default()).unwrap();
    if let (NodeValue::Table(entries), Some(key)) =
        (&mut node.value, [None, None, Some("insert"), Some("step")].get(kind).copied().flatten())
    {
        entries.push(Entry { key: key.to_owned(), key_span: node.span.clone(), value: written });
    }
    node
}

/// Puts `edit` before the edits of an attack of the flow.
fn attacked(flow: &mut Node, at: usize, edit: Node) {
    let NodeValue::Table(entries) = &mut flow.value else { return };
    let Some(attacks) = entries.iter_mut().find(|entry| entry.key == "attack") else { return };
    let NodeValue::List(attacks) = &mut attacks.value.value else { return };
    let n_attacks = attacks.len();
    let NodeValue::Table(attack) = &mut attacks[at % n_attacks].value else { return };
    let span = edit.span.clone();
    match attack.iter_mut().find(|entry| entry.key == "edit").map(|entry| &mut entry.value.value) {
        Some(NodeValue::List(edits)) => edits.insert(0, edit),
        _ => attack.push(Entry {
            key: "edit".to_owned(),
            key_span: span.clone(),
            value: Node { span, value: NodeValue::List(vec![edit]) },
        }),
    }
}

fn shipped(at: usize) -> (String, Node) {
    let sources: Sources = load::shipped();
    let files: Vec<_> = sources.below("flows", ".toml").collect();
    let (path, _) = files[at % files.len()];
    let node = document::parse(path, sources.text(path).unwrap(), &mut Sink::default()).unwrap();
    (path.trim_start_matches("flows/").trim_end_matches(".toml").to_owned(), node)
}

/// Explains every byte of a run, as its pages do.
fn explain(trace: &Trace) {
    for event in &trace.events {
        for layer in event.flights.iter().flat_map(|flight| &flight.layers) {
            assert!(layer.is_complete(), "{}: {}", event.step, layer.name);
        }
    }
    drop(serde_json::to_string(trace).unwrap());
}

fn runs_or_is_refused(name: &str, text: &str, scenario: usize) -> Result<bool, TestCaseError> {
    let mut sink = Sink::default();
    let Some(project) = resolved(name, text, &mut sink) else {
        prop_assert!(sink.has_errors(), "refused without a reason");
        return Ok(false);
    };
    for flow in &project.flows {
        let n_scenarios = flow.scenarios.len();
        for scenario in [&flow.scenarios[0], &flow.scenarios[scenario % n_scenarios], &flow.scenarios[n_scenarios - 1]]
        {
            explain(&run::run(flow, scenario, &env(&project)));
        }
    }
    Ok(true)
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(2026),
        cases,
        max_shrink_iters: 100,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(120))]

    /// Values of a shipped flow are removed, repeated, moved and replaced.
    #[test]
    fn no_change_of_a_shipped_flow_makes_it_panic(
        at in 0..64_usize,
        changes in prop::collection::vec((any::<usize>(), 0..6_u8, any::<usize>()), 1..4),
        scenario in any::<usize>(),
    ) {
        let (name, mut flow) = shipped(at);
        for made in changes {
            change(&mut flow, made);
        }
        runs_or_is_refused(&name, &written(&flow), scenario)?;
    }

    /// Scenarios of a shipped flow get edits of every kind.
    #[test]
    fn no_edit_makes_it_panic(
        at in 0..64_usize,
        edits in prop::collection::vec((any::<usize>(), 0..9_usize, any::<usize>(), any::<usize>()), 1..3),
    ) {
        let (name, mut flow) = shipped(at);
        let attack = edits[0].0;
        for (attack, kind, first, second) in edits {
            let made = edit(&flow, kind, first, second);
            attacked(&mut flow, attack, made);
        }
        let n_attacks = flow.find("attack").map_or(1, |attacks| attacks.items().len());
        let n_before = flow.find("lifecycle").map_or(0, |scenarios| scenarios.items().len());
        runs_or_is_refused(&name, &written(&flow), 1 + n_before + attack % n_attacks)?;
    }
}

/// Values of every kind that can be made without a run.
fn arguments() -> impl Strategy<Value = Arg> {
    let value = prop_oneof![
        any::<Vec<u8>>().prop_map(Value::Bytes),
        any::<Vec<u8>>().prop_map(Value::Secret),
        any::<String>().prop_map(Value::Text),
        any::<String>().prop_map(Value::Token),
        any::<String>().prop_map(Value::QrPayload),
        prop::sample::select(NUMBERS).prop_map(Value::Number),
        prop::sample::select(WORDS).prop_map(|word| Value::Text(word.to_owned())),
        Just(Value::Chain(Vec::new())),
        Just(Value::TrustAnchors(Vec::new())),
        prop::collection::btree_map("[a-z]{1,3}", any::<i64>().prop_map(Value::Number), 0..3).prop_map(Value::Members),
    ];
    let leaf = prop_oneof![8 => value.prop_map(Arg::Value), 1 => any::<bool>().prop_map(Arg::Boolean)];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Arg::List),
            prop::collection::btree_map("[a-z]{1,3}", inner, 0..3).prop_map(Arg::Table),
        ]
    })
}

proptest! {
    #![proptest_config(config(200))]

    /// Operations meet arguments of any kind: members of decoded messages are of a kind that only the run knows.
    #[test]
    fn no_argument_makes_an_operation_panic(values in prop::collection::vec(arguments(), 8), bytes: Vec<u8>) {
        for operation in OPERATIONS {
            let spec = operation.spec();
            let named = spec.params.iter().enumerate().map(|(index, param)| (param.name.to_owned(), values[index % values.len()].clone()));
            let args = Args(named.collect::<BTreeMap<_, _>>());
            let layout = Layout::of(&args);
            let mut registry = Registry::default();
            let mut acting = Acting::new(args, "case", Timestamp(0), &mut registry);
            act(&mut Party::new("case", &[spec.name]), || match spec.shape {
                Shape::Local | Shape::Setup => drop(operation.perform(&mut acting)),
                Shape::Message => {
                    if let Ok(message) = operation.encode(&mut acting) {
                        drop(operation.decode(&message.layer.bytes.0, &layout));
                        changed(&message.layer, &bytes);
                    }
                    drop(operation.decode(&bytes, &layout));
                }
                Shape::Session | Shape::Close => {}
            });
        }
    }
}

/// Other bytes in place of those of a layer are explained in full, or said to be malformed.
fn changed(layer: &Layer, bytes: &[u8]) {
    let own = &layer.bytes.0;
    let half = [&own[..own.len() / 2], bytes].concat();
    for other in [bytes.to_vec(), half, own[..own.len() / 2].to_vec()] {
        let layer = layer.with_bytes(other);
        assert!(layer.is_complete(), "{}: {:?}", layer.name, layer.bytes);
    }
}

#[test]
fn the_layers_of_shipped_runs_explain_any_bytes() {
    let mut sink = Sink::default();
    let project = project(&load::shipped(), &mut sink).unwrap();
    for flow in &project.flows {
        let trace = run::run(flow, flow.baseline(), &env(&project));
        let stored =
            trace.events.iter().flat_map(|event| &event.stored).filter_map(|artifact| artifact.layer.as_deref());
        let sent = trace.events.iter().flat_map(|event| &event.flights).flat_map(|flight| &flight.layers);
        for (number, layer) in sent.chain(stored).enumerate() {
            let own = &layer.bytes.0;
            let mut noise = vec![0; number % 70];
            act(&mut Party::new("noise", &[&flow.id, &number.to_string()]), || {
                trustlane::crypto::party::fill(&mut noise);
            });
            changed(layer, &noise);
            let mut flipped = own.clone();
            flipped.iter_mut().step_by(7).for_each(|byte| *byte ^= 1 << (number % 8));
            assert!(layer.with_bytes(flipped).is_complete(), "{}", layer.name);
        }
    }
}
