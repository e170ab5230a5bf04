//! Runs of every shipped flow: what they share with their attacks, what they print, and that each byte is explained.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;
use trustlane::annotation::Layer;
use trustlane::claim::never_leaves::{self, Sighting};
use trustlane::crypto::count::Counts;
use trustlane::diag::Sink;
use trustlane::diag::render::{Colour, render};
use trustlane::flow::{ATTACKER, BASELINE, Flow, Instance, Scenario};
use trustlane::operation::{self, Shape};
use trustlane::resolve::Project;
use trustlane::resolve::scope::Scope;
use trustlane::run::Runs;
use trustlane::run::tamper::Recordings;
use trustlane::source::{Origin, Sources};
use trustlane::trace::{ArtifactKind, EditMark, Event, EventOutcome, Flight, Protection, Provenance, Trace};
use trustlane::{env, load, part, project, run, schema};

pub(crate) static SOURCES: LazyLock<Sources> =
    LazyLock::new(|| load::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap());

pub(crate) static PROJECT: LazyLock<Project> = LazyLock::new(|| resolved(&SOURCES));

/// Every scenario of every shipped flow.
pub(crate) static RUNS: LazyLock<Runs> = LazyLock::new(|| {
    let mut sink = Sink::default();
    let runs = run::run_all(&PROJECT, &env(&PROJECT), &mut sink);
    runs.unwrap_or_else(|| panic!("{}", render(&sink.into_sorted(), &SOURCES, Colour::Never)))
});

fn resolved(sources: &Sources) -> Project {
    let mut sink = Sink::default();
    project(sources, &mut sink).unwrap_or_else(|| panic!("{}", render(&sink.into_sorted(), sources, Colour::Never)))
}

/// Every flow with the traces of its scenarios.
fn flows() -> impl Iterator<Item = (&'static Flow, &'static Vec<Trace>)> {
    PROJECT.flows.iter().zip(&RUNS.traces)
}

/// An event as it is printed, without what an attacker that reads along stores of it, and without the mark of what its
/// own base changed already.
fn printed(event: &Event) -> Value {
    let mut event = event.clone();
    event.edit = EditMark::Original;
    event.stored.retain(|artifact| artifact.actor != ATTACKER);
    event.learned.retain(|learned| learned.actor != ATTACKER);
    serde_json::to_value(event).unwrap()
}

#[test]
fn an_attacked_run_equals_the_baseline_up_to_its_first_edit() {
    let mut n_compared = 0;
    for (flow, traces) in flows() {
        for (scenario, trace) in flow.scenarios.iter().zip(traces).skip(1) {
            let first = scenario.first_edit.unwrap().min(trace.events.len());
            let base = flow.scenarios.iter().position(|base| Some(&base.id) == scenario.base.as_ref()).unwrap();
            for (attacked, genuine) in trace.events[..first].iter().zip(&traces[base].events) {
                assert_eq!(printed(attacked), printed(genuine), "{}: {}: {}", flow.id, scenario.id, genuine.step);
                n_compared += 1;
            }
        }
    }
    assert!(n_compared > 0);
}

/// The flow file at `path` with a step more before its `n`th.
fn with_step(text: &str, n: usize, device: &str) -> Option<String> {
    let step = "[[step]]\n";
    let (at, _) = text.match_indices(step).filter(|(at, _)| text[..*at].ends_with('\n')).nth(n)?;
    let extra = format!(
        "{step}id = \"extra-step\"\nat = \"{device}\"\nop = \"keygen\"\nout = \"inserted-key-of-the-test\"\n\n"
    );
    Some(format!("{}{extra}{}", &text[..at], &text[at..]))
}

#[test]
fn an_inserted_step_changes_no_artifact_that_does_not_depend_on_it() {
    for (flow, traces) in flows() {
        let path = format!("flows/{}.toml", flow.id);
        let text = SOURCES.text(&path).unwrap();
        let device = flow.actors.iter().find(|actor| actor.role == "device").unwrap();
        let n_steps = text.matches("\n[[step]]\n").count();
        for n in [0, n_steps / 2, n_steps - 1] {
            let mut sources = SOURCES.clone();
            let changed = with_step(text, n, &device.id).unwrap();
            sources.insert(path.as_str(), changed.into_bytes(), Origin::Project);
            let project = resolved(&sources);
            let (_, flow) = project.flow(&flow.id).unwrap();
            let trace = run::run(flow, &flow.scenarios[0], &env(&project));
            let mut events = trace.events.iter().filter(|event| event.step != "extra-step");
            for genuine in &traces[0].events {
                let found = Event { number: genuine.number, ..events.next().unwrap().clone() };
                assert_eq!(printed(&found), printed(genuine), "{}: {n}: {}", flow.id, genuine.step);
            }
            let mut stores = serde_json::to_value(&trace.stores).unwrap();
            assert!(stores[&device.id].as_object_mut().unwrap().remove("inserted-key-of-the-test").is_some());
            assert_eq!(stores, serde_json::to_value(&traces[0].stores).unwrap(), "{}: {n}", flow.id);
        }
    }
}

/// What is wrong with the explanation of a layer.
fn gaps(layer: &Layer, of: &str) -> Vec<String> {
    let incomplete = (!layer.is_complete()).then(|| format!("{of}: {}: bytes without a field", layer.name));
    let unexplained = layer.unexplained().into_iter().map(|path| format!("{of}: {path}"));
    incomplete.into_iter().chain(unexplained).collect()
}

/// Layers of which several may stand in a flight, one after the other.
const RECORDS: [&str; 2] = ["DTLS record", "TLS record"];

/// What of the flight stood on the wire: its records, or else its first layer.
fn carried(flight: &Flight) -> Vec<u8> {
    let records: Vec<&Layer> = flight.layers.iter().filter(|layer| RECORDS.contains(&layer.name.as_str())).collect();
    let outer = if records.is_empty() { flight.layers.iter().take(1).collect() } else { records };
    outer.into_iter().flat_map(|layer| layer.bytes.0.clone()).collect()
}

#[test]
fn every_byte_of_every_trace_is_explained() {
    let (mut n_layers, mut wrong) = (0, Vec::new());
    for trace in RUNS.traces.iter().flatten() {
        let of = format!("{}: {}", trace.flow, trace.scenario);
        for event in &trace.events {
            let of = format!("{of}: {}", event.step);
            for flight in &event.flights {
                let of = format!("{of}: {}", flight.label);
                assert_eq!(carried(flight), flight.wire.0, "{of}: layers and wire");
                wrong.extend(flight.layers.iter().flat_map(|layer| gaps(layer, &of)));
                n_layers += flight.layers.len();
            }
            for artifact in &event.stored {
                let of = format!("{of}: {}/{}", artifact.actor, artifact.name);
                wrong.extend(artifact.layer.iter().flat_map(|layer| gaps(layer, &of)));
                n_layers += usize::from(artifact.layer.is_some());
            }
        }
    }
    assert!(n_layers > 0);
    assert!(wrong.is_empty(), "{} fields are not explained:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_is_sent_through_a_protected_session_is_shown_and_not_readable() {
    for trace in RUNS.traces.iter().flatten() {
        let sent = trace.events.iter().filter(|event| {
            let operation = operation::find(&event.operation).unwrap();
            event.protection == Protection::Protected && operation.spec().shape == Shape::Message
        });
        for flight in sent.flat_map(|event| &event.flights) {
            let inner: Vec<&Layer> = flight.layers.iter().filter(|layer| layer.decrypted).collect();
            assert!(!inner.is_empty(), "{}: {}", trace.flow, flight.label);
            for layer in inner.iter().filter(|layer| layer.bytes.0.len() >= 8) {
                let is_readable = flight.wire.0.windows(layer.bytes.0.len()).any(|window| window == layer.bytes.0);
                assert!(!is_readable, "{}: {} is readable", trace.flow, layer.name);
            }
        }
    }
}

#[test]
fn a_refused_run_ends_with_its_refusal_and_an_expected_one_goes_on() {
    for trace in RUNS.traces.iter().flatten() {
        let (last, before) = trace.events.split_last().unwrap();
        for event in before {
            let goes_on = match &event.outcome {
                EventOutcome::Done => true,
                EventOutcome::Stalled { .. } => false,
                EventOutcome::Rejected(rejection) => rejection.expected,
            };
            assert!(goes_on, "{}: {}: {}", trace.flow, trace.scenario, event.step);
        }
        let is_completed = matches!(trace.outcome, trustlane::trace::Outcome::Completed);
        let is_refused = matches!(&last.outcome, EventOutcome::Rejected(rejection) if !rejection.expected);
        assert!(is_completed != is_refused, "{}: {}", trace.flow, trace.scenario);
    }
}

fn validator(schema: &Value) -> jsonschema::Validator {
    jsonschema::meta::validate(schema).unwrap();
    jsonschema::validator_for(schema).unwrap()
}

fn mistakes(validator: &jsonschema::Validator, value: &Value) -> Vec<String> {
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn every_trace_is_as_its_schema_says() {
    let validator = validator(&schema::trace());
    for trace in RUNS.traces.iter().flatten() {
        let found = mistakes(&validator, &serde_json::to_value(trace).unwrap());
        assert!(found.is_empty(), "{}: {}: {found:#?}", trace.flow, trace.scenario);
    }
    let mut strange = serde_json::to_value(&RUNS.traces[0][0]).unwrap();
    strange["events"][0]["place"] = "nowhere".into();
    assert!(!mistakes(&validator, &strange).is_empty());
}

/// Puts a mistake into a flow.
type Spoil = fn(&mut Value);

fn as_json(path: &str) -> Value {
    serde_json::to_value(SOURCES.text(path).unwrap().parse::<toml::Table>().unwrap()).unwrap()
}

#[test]
fn every_flow_file_is_as_its_schema_says_and_one_with_a_mistake_is_not() {
    let validator = validator(&schema::flow());
    for flow in &PROJECT.flows {
        let json = as_json(&format!("flows/{}.toml", flow.id));
        let found = mistakes(&validator, &json);
        assert!(found.is_empty(), "{}: {found:#?}", flow.id);
        let spoilt: [(&str, Spoil); 6] = [
            ("unknown key", |json| json["colour"] = "red".into()),
            ("unknown key of a step", |json| json["step"][0]["colour"] = "red".into()),
            ("unknown operation", |json| json["step"][0]["op"] = "keygne".into()),
            ("unknown argument", |json| json["step"][0]["with"] = serde_json::json!({ "colour": "red" })),
            ("wrong type", |json| json["step"][0]["id"] = 7.into()),
            ("missing key", |json| drop(json["step"][0].as_object_mut().unwrap().remove("op"))),
        ];
        for (what, spoil) in spoilt {
            let mut json = json.clone();
            spoil(&mut json);
            assert!(!mistakes(&validator, &json).is_empty(), "{}: {what} is accepted", flow.id);
        }
    }
}

#[test]
fn the_book_is_as_its_schema_says() {
    let validator = validator(&schema::book());
    let json = as_json("book.toml");
    assert_eq!(mistakes(&validator, &json), Vec::<String>::new());
    let mut strange = json;
    strange["book"]["colour"] = "red".into();
    assert!(!mistakes(&validator, &strange).is_empty());
}

#[test]
fn operations_of_a_mutual_handshake_are_counted() {
    let (flow, traces) = flows().find(|(flow, _)| flow.id == "x509-factory").unwrap();
    let tls = traces[0].event("tls").unwrap();
    assert!(flow.scenarios[0].steps.iter().any(|step| step.id == "tls"));
    let counted = |actor: &str| Counts { aead_bytes: 0, hash: 0, hash_bytes: 0, ..tls.counts[actor] };
    // The handshake's signature, and the broker's chain of two certificates.
    assert_eq!(counted("device"), Counts { ephemeral: 1, agree: 1, sign: 1, verify: 1 + 2, ..Counts::default() });
    // The same, and the revocation list.
    assert_eq!(counted("broker"), Counts { ephemeral: 1, agree: 1, sign: 1, verify: 1 + 2 + 1, ..Counts::default() });
    assert!(tls.counts["device"].aead_bytes > 0);
}

#[test]
fn runs_do_not_depend_on_each_other_or_on_the_thread() {
    let again: BTreeMap<&str, Value> = PROJECT
        .flows
        .iter()
        .map(|flow| {
            let work = || {
                let mut trace = run::run(flow, flow.baseline(), &env(&PROJECT));
                trace.probes = run::probe::probe(flow, &env(&PROJECT), &trace).unwrap();
                serde_json::to_value(trace).unwrap()
            };
            (flow.id.as_str(), std::thread::scope(|scope| scope.spawn(work).join().unwrap()))
        })
        .collect();
    for (flow, traces) in flows() {
        assert_eq!(again[flow.id.as_str()], serde_json::to_value(&traces[0]).unwrap(), "{}", flow.id);
    }
}

/// Scenarios, attempts, and the runs of others from which they take bytes; the lints look at one of these.
#[test]
fn nothing_is_run_twice() {
    let n_scenarios: usize = flows().map(|(flow, _)| flow.scenarios.len()).sum();
    let n_probes: usize = flows().map(|(_, traces)| traces[0].probes.len()).sum();
    let others = [Instance::OTHER_SESSION, Instance::OTHER_DEVICE];
    let recorded: BTreeSet<(&str, &str, Instance)> = flows()
        .flat_map(|(flow, _)| {
            let taken_from = flow.scenarios.iter().flat_map(|scenario| {
                let base = scenario.base.as_deref();
                let needed = others.into_iter().filter(|other| Recordings::needs(scenario, *other));
                needed.filter_map(move |other| base.map(|base| (base, other)))
            });
            let of_probes = others.map(|other| (BASELINE, other));
            taken_from.chain(of_probes).map(|(base, other)| (flow.id.as_str(), base, other)).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(RUNS.n_executed, n_scenarios + n_probes + recorded.len());
    assert_eq!(RUNS.other_devices.len(), PROJECT.flows.len());
}

#[test]
fn another_seed_gives_other_bytes_and_the_same_story() {
    for (flow, traces) in flows() {
        let env = run::Env { seed: "another seed".to_owned(), ..env(&PROJECT) };
        let other = run::run(flow, &flow.scenarios[0], &env);
        assert_eq!(other.outcome, traces[0].outcome, "{}", flow.id);
        assert_eq!(other.events.len(), traces[0].events.len(), "{}", flow.id);
        assert_ne!(serde_json::to_string(&other).unwrap(), serde_json::to_string(&traces[0]).unwrap(), "{}", flow.id);
    }
}

/// What is known by provenance, and what a search for bytes finds, in one direction and the other.
#[test]
fn what_an_attacker_reads_is_what_a_search_for_bytes_finds() {
    const LONG: usize = 16;
    let (mut n_read, mut n_searched) = (0, 0);
    for (flow, traces) in flows() {
        for trace in traces {
            let secrets = trace.stores.iter().flat_map(|(actor, store)| store.iter().map(move |held| (actor, held)));
            let secrets = secrets.filter(|(actor, (_, artifact))| {
                let is_secret = matches!(artifact.kind, ArtifactKind::Secret | ArtifactKind::Token);
                is_secret && artifact.bytes.0.len() >= LONG && actor.as_str() != ATTACKER
            });
            for (actor, (name, artifact)) in secrets {
                let (_, found) = never_leaves::sightings(trace, &format!("{actor}/{name}")).unwrap();
                n_searched += 1;
                for sighting in found {
                    let Sighting::InClear { step, .. } = sighting else { continue };
                    let event = trace.event(&step).unwrap();
                    let is_known = event.learned.iter().any(|known| known.actor == ATTACKER && !known.sealed);
                    let of = format!("{}: {}: {actor}/{name} in {step}", flow.id, trace.scenario);
                    assert!(is_known || event.flights.iter().any(|flight| flight.from == ATTACKER), "{of}");
                }
                let overheard = trace.known(ATTACKER, trace.events.len()).filter(|known| {
                    known.how == Provenance::Overheard && !known.sealed && known.sha256 == artifact.sha256
                });
                for known in overheard {
                    let step = known.name.split('.').next().unwrap();
                    let event = trace.event(step).unwrap();
                    let wire = event.flights.iter().flat_map(|flight| &flight.layers).any(|layer| {
                        let bytes = &artifact.bytes.0;
                        let written = [bytes.clone(), hex::encode(bytes).into_bytes()];
                        written.iter().any(|needle| layer.bytes.0.windows(needle.len()).any(|window| window == needle))
                    });
                    assert!(wire, "{}: {}: {actor}/{name} known from {}", flow.id, trace.scenario, known.name);
                    n_read += 1;
                }
            }
        }
    }
    assert!(n_searched > 100 && n_read > 0, "{n_searched} searched, {n_read} read");
}

/// Every actor holds at the end what it came to know, and the trace says how.
#[test]
fn what_is_held_is_known_since_a_step() {
    for (flow, traces) in flows() {
        for trace in traces {
            for (actor, store) in &trace.stores {
                for (name, artifact) in store {
                    let mut known = trace.known(actor, trace.events.len());
                    let is_known = known.any(|known| known.name == *name && known.sha256 == artifact.sha256);
                    assert!(is_known, "{}: {}: {actor}/{name}", flow.id, trace.scenario);
                }
            }
            let before = trace.known(ATTACKER, 0).count();
            assert_eq!(before, 0, "nothing is known before the first step");
        }
    }
}

/// What `run` and `draw` resolve of a flow is what the whole project has, with what a scenario builds upon.
#[test]
fn a_part_of_a_project_has_the_same_scenario() {
    let mut n_compared = 0;
    for flow in &PROJECT.flows {
        // Those with a base of their own, and some of the others: each resolves its flow once more.
        let picked = |(index, scenario): &(usize, &Scenario)| {
            index % 7 == 0 || scenario.base.as_ref().is_some_and(|base| base != BASELINE)
        };
        for (_, scenario) in flow.scenarios.iter().enumerate().filter(picked) {
            let scope = Scope::Run { flow: &flow.id, scenario: &scenario.id };
            let part = part(&SOURCES, scope, &mut Sink::default()).unwrap();
            let own = &part.flows[0];
            let needed = [Some(&scenario.id), scenario.base.as_ref()].into_iter().flatten();
            for id in needed {
                let same = format!("{:?}", own.scenario(id)) == format!("{:?}", flow.scenario(id));
                assert!(same, "{}: {id} for {}", flow.id, scenario.id);
            }
            assert!(own.scenarios.len() <= 4, "{}: {}: {}", flow.id, scenario.id, own.scenarios.len());
            n_compared += 1;
        }
    }
    assert!(n_compared > 100, "{n_compared}");
}
