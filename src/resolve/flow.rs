//! [`FlowDef`] → [`Flow`]: the baseline and every scenario, with names looked up.

use serde::de::DeserializeOwned;

use super::acknowledgement;
use super::argument::Held;
use super::layout::Layouts;
use super::scenario::Scenarios;
use super::scope::Scope;
use super::step::Stage;
use crate::claim::{self, ClaimArgs, Names};
use crate::diag::{Code, Sink, did_you_mean, error};
use crate::document::{Entry, Node, NodeValue};
use crate::flow::def::{FlowDef, StepDef, ZONE};
use crate::flow::{ATTACKER, Actor, ActorId, Course, Custody, DeclaredProbe, Flow, Goal, Link, Step, Trust, Zone};
use crate::grammar::{Shape, check, check_id};
use crate::registry::State;
use crate::trace::{ProbeKind, ProbeLayer};

/// Resolves what is in `scope` of a flow; `None` where it has a mistake.
pub fn resolve(def: &FlowDef, scope: Scope<'_>, sink: &mut Sink) -> Option<Flow> {
    let node = &def.node;
    check_file_name(node, sink);
    let zones = zones(node, sink);
    let actors = actors(node, &zones, sink);
    let links = links(node, &actors, sink);
    let layouts = Layouts::of(node, sink);
    let mut stage = Stage::new(&actors, &links, &layouts, sink);
    let steps: Vec<Option<Step>> = def.steps.iter().map(|step| stage.step(step)).collect();
    let held = stage.into_held();
    let names = Known { actors: &actors, held: &held, steps: &def.steps, mitigations: mitigation_steps(node) };
    let goals = goals(node, &names, sink);
    let undetected = undetected(node, &def.steps, sink);
    let other_device = other_device(node, sink);
    let baseline: Option<Vec<Step>> = steps.into_iter().collect();
    let scenarios = Scenarios { def, scope, actors: &actors, links: &links, layouts: &layouts, held: &held }
        .resolve(baseline, sink);
    let course = node.find("course")?;
    Some(Flow {
        id: node.text("id").to_owned(),
        title: node.text("title").to_owned(),
        summary: node.text("summary").to_owned(),
        family: word(node, "family")?,
        standards: node.texts("standards"),
        registration: word(node, "registration")?,
        course: Course { level: course.text("level").to_owned(), best_for: course.text("best-for").to_owned() },
        omits: node.texts("omits"),
        simulates: node.texts("simulates"),
        zones,
        actors,
        links,
        layouts: layouts.in_order(node),
        goals: goals?,
        scenarios: scenarios?,
        acknowledgements: acknowledgement::acknowledgements(node, sink)?,
        other_device,
        undetected: undetected?,
        span: node.span.clone(),
    })
}

/// One of a closed set of words; the grammar has checked that it is one.
pub(super) fn word<T: DeserializeOwned>(node: &Node, key: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::from(node.text(key))).ok()
}

fn check_file_name(node: &Node, sink: &mut Sink) {
    let Some(id) = node.find("id") else { return };
    let text = id.as_text().unwrap_or_default();
    let file = node.span.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".toml");
    check_id(text, &id.span, sink);
    if text != file {
        let found = error(Code::INVALID_VALUE, &id.span, format!("the flow is called `{text}`, its file `{file}`"));
        sink.push(found.hint(format!("rename the file to `{text}.toml`, or the flow to `{file}`")));
    }
}

fn zones(node: &Node, sink: &mut Sink) -> Vec<Zone> {
    let entries = node.find("zones").map(Node::entries).unwrap_or_default();
    let mut zones: Vec<Zone> = entries.iter().map(|entry| zone(entry, sink)).collect();
    // All first, since a zone may name one that comes later.
    let outers: Vec<Option<usize>> = entries.iter().map(|entry| outer(entry, &zones, sink)).collect();
    for (index, entry) in entries.iter().enumerate() {
        // One more than is allowed is enough to tell, and ends where zones lie in each other.
        let around: Vec<usize> =
            std::iter::successors(outers[index], |zone| outers[*zone]).take(MAX_NESTING + 1).collect();
        let span = entry.value.find("inside").map_or(&entry.key_span, |inside| &inside.span);
        if around.contains(&index) {
            sink.error(Code::INVALID_VALUE, span, format!("`{}` would lie inside of itself", entry.key));
        } else if around.len() > MAX_NESTING {
            let message = format!("`{}` would lie in more than {MAX_NESTING} zones, one within the other", entry.key);
            sink.error(Code::INVALID_VALUE, span, message);
        } else {
            zones[index].inside = outers[index];
        }
    }
    zones
}

/// The zone in which the one of `entry` is said to lie.
fn outer(entry: &Entry, zones: &[Zone], sink: &mut Sink) -> Option<usize> {
    let inside = entry.value.find("inside")?;
    let name = inside.as_text()?;
    let found = zones.iter().position(|zone| zone.id == name);
    if found.is_none() {
        unknown_zone(name, inside, zones, sink);
    }
    found
}

fn unknown_zone(name: &str, node: &Node, zones: &[Zone], sink: &mut Sink) {
    let hint = did_you_mean(name, zones.iter().map(|zone| zone.id.as_str()));
    sink.push(error(Code::UNKNOWN_NAME, &node.span, format!("no zone is called `{name}`")).maybe_hint(hint));
}

/// Most zones in which a zone lies: a picture of more cannot be read.
const MAX_NESTING: usize = 3;

fn zone(entry: &Entry, sink: &mut Sink) -> Zone {
    check_id(&entry.key, &entry.key_span, sink);
    let as_table = match &entry.value.value {
        NodeValue::Text(_) => Node {
            span: entry.value.span.clone(),
            value: NodeValue::Table(vec![Entry { key: "trust".to_owned(), ..entry.clone() }]),
        },
        _ => entry.value.clone(),
    };
    check(&as_table, &Shape::Table(ZONE), "a zone", sink);
    // A zone with a mistake is there all the same, so that its actors are not reported as well.
    let trust: Trust = word(&as_table, "trust").unwrap_or(Trust::Untrusted);
    Zone { id: entry.key.clone(), title: title(&as_table, &entry.key), trust, inside: None }
}

/// The title that was given, or the id with a capital and spaces.
fn title(node: &Node, id: &str) -> String {
    let own = node.text("title");
    if !own.is_empty() {
        return own.to_owned();
    }
    let spaced = id.replace('-', " ");
    let mut letters = spaced.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn actors(node: &Node, zones: &[Zone], sink: &mut Sink) -> Vec<Actor> {
    let entries = node.find("actors").map(Node::entries).unwrap_or_default();
    let actors: Vec<Actor> = entries.iter().filter_map(|entry| actor(entry, zones, sink)).collect();
    let n_devices = actors.iter().filter(|actor| actor.role == DEVICE_ROLE).count();
    if n_devices != 1 && actors.len() == entries.len() {
        let message = format!("{n_devices} actors have the role `{DEVICE_ROLE}`");
        let span = node.find("actors").map_or(&node.span, |actors| &actors.span);
        sink.push(
            error(Code::INVALID_VALUE, span, message).hint("exactly one actor is the device that is provisioned"),
        );
    }
    actors
}

pub use crate::flow::DEVICE_ROLE;

fn actor(entry: &Entry, zones: &[Zone], sink: &mut Sink) -> Option<Actor> {
    check_id(&entry.key, &entry.key_span, sink);
    if entry.key == ATTACKER {
        let found = error(Code::INVALID_VALUE, &entry.key_span, format!("`{ATTACKER}` is the attacker of every flow"));
        sink.push(found.hint("call the actor something else"));
        return None;
    }
    let zone = entry.value.find("zone")?;
    let name = zone.as_text()?;
    let index = zones.iter().position(|zone| zone.id == name);
    if index.is_none() {
        unknown_zone(name, zone, zones, sink);
    }
    let custody: Custody = word(&entry.value, "custody")?;
    let role = entry.value.text("role").to_owned();
    Some(Actor { id: entry.key.clone(), title: title(&entry.value, &entry.key), zone: index, role, custody })
}

fn links(node: &Node, actors: &[Actor], sink: &mut Sink) -> Vec<Link> {
    let entries = node.find("links").map(Node::entries).unwrap_or_default();
    entries.iter().filter_map(|entry| link(entry, actors, sink)).collect()
}

fn link(entry: &Entry, actors: &[Actor], sink: &mut Sink) -> Option<Link> {
    check_id(&entry.key, &entry.key_span, sink);
    let between = entry.value.find("between")?;
    let ends = between.items().iter().map(|end| actor_of_link(end, actors, sink)).collect::<Option<Vec<_>>>()?;
    let through = match entry.value.find("through") {
        Some(relay) => Some(actor_of_link(relay, actors, sink)?),
        None => None,
    };
    let (medium, exposure) = (word(&entry.value, "medium")?, word(&entry.value, "exposure")?);
    match ends[..] {
        [first, second] if first != second => {
            if let Some(relay) = entry.value.find("through").filter(|_| through.is_some_and(|id| ends.contains(&id))) {
                sink.error(Code::INVALID_VALUE, &relay.span, "an end of a link does not relay what is on it");
            }
            Some(Link { id: entry.key.clone(), ends: [first, second], medium, exposure, through })
        }
        _ => {
            sink.error(Code::INVALID_VALUE, &between.span, "a link joins two different actors");
            None
        }
    }
}

/// The actor that a link names.
fn actor_of_link(node: &Node, actors: &[Actor], sink: &mut Sink) -> Option<ActorId> {
    let text = node.as_text()?;
    let index = actors.iter().position(|actor| actor.id == text);
    if index.is_none() {
        let hint = did_you_mean(text, actors.iter().map(|actor| actor.id.as_str()));
        sink.push(error(Code::UNKNOWN_NAME, &node.span, format!("no actor is called `{text}`")).maybe_hint(hint));
    }
    index.map(ActorId)
}

/// Names that goals can use.
struct Known<'k> {
    actors: &'k [Actor],
    held: &'k [Held],
    steps: &'k [StepDef],
    /// Ids of the steps that only mitigations have.
    mitigations: Vec<&'k str>,
}

/// Ids of the steps that mitigations insert or put in place of others.
fn mitigation_steps(node: &Node) -> Vec<&str> {
    let mitigations = node.find("mitigation").map(Node::items).unwrap_or_default();
    let edits = mitigations.iter().flat_map(|mitigation| mitigation.find("edit").map(Node::items).unwrap_or_default());
    edits.filter_map(|edit| edit.find("insert").or(edit.find("step"))).map(|step| step.text("id")).collect()
}

fn goals(node: &Node, known: &Known<'_>, sink: &mut Sink) -> Option<Vec<Goal>> {
    let mut ids: Vec<&str> = Vec::new();
    let goals = node.find("goal").map(Node::items).unwrap_or_default();
    goals
        .iter()
        .map(|goal| {
            check_unique(goal, &mut ids, "goal", sink);
            self::goal(goal, known, sink)
        })
        .collect::<Vec<_>>()
        .into_iter()
        .collect()
}

pub(super) fn check_unique<'n>(node: &'n Node, ids: &mut Vec<&'n str>, what: &str, sink: &mut Sink) {
    let Some(id) = node.find("id") else { return };
    let text = id.as_text().unwrap_or_default();
    check_id(text, &id.span, sink);
    if ids.contains(&text) {
        sink.error(Code::DUPLICATE_NAME, &id.span, format!("a {what} is called `{text}` already"));
    }
    ids.push(text);
}

fn goal(node: &Node, known: &Known<'_>, sink: &mut Sink) -> Option<Goal> {
    let name = node.find("claim")?;
    let text = name.as_text()?;
    let Some(claim) = claim::find(text) else {
        let hint = did_you_mean(text, claim::goals().map(claim::Claim::name));
        sink.push(error(Code::UNKNOWN_NAME, &name.span, format!("no claim is called `{text}`")).maybe_hint(hint));
        return None;
    };
    let arguments = node.find("with")?;
    let params = claim.spec().params;
    let unmet = node.find("unmet").and_then(Node::as_text).map(str::to_owned);
    let mut with = ClaimArgs::new();
    let mut sound = true;
    for entry in arguments.entries() {
        let Some(param) = params.iter().find(|param| param.name == entry.key) else {
            sound = false;
            let hint = did_you_mean(&entry.key, params.iter().map(|param| param.name));
            let message = format!("`{text}` has no argument `{}`", entry.key);
            sink.push(error(Code::UNKNOWN_ARGUMENT, &entry.key_span, message).maybe_hint(hint));
            continue;
        };
        match claim_argument(&entry.value, param.names, unmet.is_some(), known, sink) {
            Some(texts) => drop(with.insert(entry.key.clone(), texts)),
            None => sound = false,
        }
    }
    for param in params.iter().filter(|param| arguments.find(param.name).is_none()) {
        sound = false;
        let found = error(Code::MISSING_ARGUMENT, &arguments.span, format!("`{text}` needs `with.{}`", param.name));
        sink.push(found.hint(format!("{}: {}", param.name, param.summary)));
    }
    let (id, why) = (node.text("id").to_owned(), node.text("why").to_owned());
    sound.then_some(Goal { id, claim, with, unmet, why, span: node.span.clone() })
}

fn claim_argument(node: &Node, names: Names, unmet: bool, known: &Known<'_>, sink: &mut Sink) -> Option<Vec<String>> {
    let items: Vec<&Node> = match (names, &node.value) {
        (Names::Actors, NodeValue::List(items)) => items.iter().collect(),
        (Names::Actor | Names::State | Names::Step | Names::Value, NodeValue::Text(_)) => vec![node],
        _ => {
            sink.error(Code::WRONG_TYPE, &node.span, format!("{} does not fit here", node.type_name()));
            return None;
        }
    };
    items.into_iter().map(|item| claim_name(item, names, unmet, known, sink)).collect()
}

fn claim_name(node: &Node, names: Names, unmet: bool, known: &Known<'_>, sink: &mut Sink) -> Option<String> {
    let text = node.as_text().unwrap_or_default();
    let candidates: Vec<String> = match names {
        Names::Actor | Names::Actors => known.actors.iter().map(|actor| actor.id.clone()).collect(),
        Names::State => State::ALL.iter().map(|state| state.name().to_owned()).collect(),
        Names::Step => {
            let written = known.steps.iter().map(|step| step.id.text.clone());
            // What the method does not keep may be what a step of a mitigation would keep.
            let added = known.mitigations.iter().filter(|_| unmet).map(|id| (*id).to_owned());
            written.chain(added).collect()
        }
        Names::Value => value_names(known),
    };
    if candidates.iter().any(|candidate| candidate == text) {
        return Some(text.to_owned());
    }
    let what = match names {
        Names::Actor | Names::Actors => "actor",
        Names::State => "state",
        Names::Step => "step",
        Names::Value => "value",
    };
    let hint = did_you_mean(text, candidates.iter().map(String::as_str));
    sink.push(error(Code::UNKNOWN_NAME, &node.span, format!("no {what} is called `{text}`")).maybe_hint(hint));
    None
}

fn value_names(known: &Known<'_>) -> Vec<String> {
    let holders = known.actors.iter().zip(known.held);
    holders.flat_map(|(actor, held)| held.keys().map(move |name| format!("{}/{name}", actor.id))).collect()
}

/// The probes that are declared to go undetected, one entry each.
fn undetected(node: &Node, steps: &[StepDef], sink: &mut Sink) -> Option<Vec<DeclaredProbe>> {
    let mut declared = Vec::new();
    let mut sound = true;
    for entry in node.find("undetected").map(Node::items).unwrap_or_default() {
        let step = entry.text("step");
        if !steps.iter().any(|known| known.id.text == step) {
            let span = entry.find("step").map_or(&entry.span, |step| &step.span);
            let hint = did_you_mean(step, steps.iter().map(|known| known.id.text.as_str()));
            sink.push(error(Code::UNKNOWN_NAME, span, format!("no step is called `{step}`")).maybe_hint(hint));
            sound = false;
        }
        let layer = word(entry, "layer").unwrap_or(ProbeLayer::Wire);
        let kinds = entry.texts("probes").into_iter();
        declared.extend(kinds.filter_map(ProbeKind::find).map(|kind| DeclaredProbe {
            step: step.to_owned(),
            kind,
            layer,
            reason: entry.text("reason").to_owned(),
            span: entry.span.clone(),
        }));
    }
    sound.then_some(declared)
}

/// Most words of a device that another has in other words: each is looked for in every text.
const MAX_WORDS: usize = 32;

/// Words of this device, and those of another in their place; longer words first, since one may be part of another.
fn other_device(node: &Node, sink: &mut Sink) -> Vec<(String, String)> {
    let mut words = Vec::new();
    let entries = node.find("other-device").map(Node::entries).unwrap_or_default();
    if let Some(entry) = entries.get(MAX_WORDS) {
        let message = format!("`other-device` has {} words, at most {MAX_WORDS} are allowed", entries.len());
        sink.error(Code::INVALID_VALUE, &entry.key_span, message);
        return words;
    }
    for entry in entries {
        match entry.value.as_text() {
            Some(text) if !entry.key.is_empty() => words.push((entry.key.clone(), text.to_owned())),
            _ => sink.error(Code::WRONG_TYPE, &entry.value.span, "the words of another device are text"),
        }
    }
    words.sort_by_key(|(own, _)| std::cmp::Reverse(own.len()));
    words
}
