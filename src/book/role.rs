//! Roles: figures of runs in running text.

use super::embed::Material;
use super::links::Labels;
use super::step::actor_title;
use super::{RoleText, assertion, attack, words};
use crate::assess::FlowAssessment;
use crate::assess::fact::number;
use crate::chapter::{RoleKind, RoleUse};
use crate::diag::{Code, Diagnostic, Sink, did_you_mean, error};
use crate::fact::{self, FACTS, Unit};
use crate::flow::Flow;
use crate::resolve::Project;
use crate::timeline::FlowTimelines;
use crate::trace::{Artifact, Outcome, Trace};

/// What a role prints; a name that does not exist goes into `sink`.
pub fn text(role: &RoleUse, material: &Material<'_>, sink: &mut Sink) -> RoleText {
    let Material { project, runs, assessment, timelines, .. } = *material;
    let (Some(flow_id), Some(name)) = (role.words.first(), role.words.get(1).or(role.words.first())) else {
        return RoleText::default();
    };
    if role.role.kind == RoleKind::Ref {
        return reference(role, name, material.labels, sink);
    }
    let Some((index, flow)) = project.flow(flow_id) else {
        sink.push(unknown_flow(role, flow_id, project));
        return RoleText::default();
    };
    let found = match role.role.kind {
        RoleKind::Assert => assertion::role(role, flow, &runs.traces[index], &assessment.flows[index]),
        RoleKind::Bytes => step_bytes(role, flow, &runs.traces[index][0], name),
        RoleKind::Fact => match name.strip_prefix("time.") {
            Some(pair) => time(role, flow, &timelines.flows[index], pair),
            None => figure(role, flow, &assessment.flows[index], name),
        },
        RoleKind::Ref => unreachable!("it is of no flow"),
        RoleKind::Rejection => rejection(role, flow, &runs.traces[index], name),
        RoleKind::Value => value(role, flow, &runs.traces[index][0], name),
    };
    found.unwrap_or_else(|diagnostic| {
        sink.push(*diagnostic);
        RoleText::default()
    })
}

/// The number of a figure or table.
fn reference(role: &RoleUse, name: &str, labels: &Labels, sink: &mut Sink) -> RoleText {
    let Some(label) = labels.get(name) else {
        sink.push(unknown(role, "no figure or table is called", name, labels.keys().map(String::as_str)));
        return RoleText::default();
    };
    let is_here = label.chapter == role.span.path.as_ref();
    let text = if is_here { label.words.clone() } else { format!("{} of “{}”", label.words, label.title) };
    RoleText { text, is_code: false, source: Some(label.path.clone()) }
}

type Found = Result<RoleText, Box<Diagnostic>>;

fn unknown_flow(role: &RoleUse, id: &str, project: &Project) -> Diagnostic {
    error(Code::UNKNOWN_NAME, &role.span, format!("there is no flow `{id}`"))
        .maybe_hint(did_you_mean(id, project.flows.iter().map(|flow| flow.id.as_str())))
}

fn unknown<'k>(role: &RoleUse, what: &str, name: &str, known: impl IntoIterator<Item = &'k str>) -> Diagnostic {
    error(Code::UNKNOWN_NAME, &role.span, format!("{what} `{name}`")).maybe_hint(did_you_mean(name, known))
}

fn plain(text: String, source: String) -> RoleText {
    RoleText { text, is_code: false, source: Some(source) }
}

fn step_bytes(role: &RoleUse, flow: &Flow, trace: &Trace, step: &str) -> Found {
    let Some(event) = trace.event(step) else {
        let known = trace.events.iter().map(|event| event.step.as_str());
        return Err(Box::new(unknown(role, &format!("`{}` has no step", flow.id), step, known)));
    };
    let n_bytes = event.flights.iter().map(|flight| flight.wire.0.len()).sum();
    Ok(plain(words::bytes(n_bytes), format!("{}#step-{step}", attack::method_path(flow))))
}

/// The time of a pair of profiles, `link.device`.
fn time(role: &RoleUse, flow: &Flow, timelines: &FlowTimelines, name: &str) -> Found {
    if let Some(pair) = name.split_once('.').and_then(|(link, device)| timelines.pair(link, device)) {
        return Ok(plain(words::duration(pair.total.sum()), attack::method_path(flow)));
    }
    let known: Vec<String> = timelines.pairs.iter().map(|pair| format!("{}.{}", pair.link, pair.device)).collect();
    let known = known.iter().map(String::as_str);
    Err(Box::new(unknown(role, "there is no pair of link and device", name, known)))
}

fn figure(role: &RoleUse, flow: &Flow, assessment: &FlowAssessment, name: &str) -> Found {
    let declared = declared(flow);
    if let Some((_, words)) = declared.iter().find(|(known, _)| *known == name) {
        return Ok(plain((*words).to_owned(), format!("{}#run-limits", attack::method_path(flow))));
    }
    if let Some(number) = number(flow, assessment, name) {
        return Ok(plain(in_words(number, unit(name)), attack::method_path(flow)));
    }
    let known = FACTS.iter().map(|fact| fact.name).chain(declared.map(|(known, _)| known));
    Err(Box::new(unknown(role, "there is no figure", name, known)))
}

/// What the figure called `name` counts; one of an actor counts what that of the device does.
fn unit(name: &str) -> Unit {
    let of_device = name.split_once('.').map(|(_, member)| format!("device.{member}"));
    fact::find(of_device.as_deref().unwrap_or(name)).map_or(Unit::Count, |fact| fact.unit)
}

/// A figure as a text has it.
pub fn in_words(number: usize, unit: Unit) -> String {
    match unit {
        Unit::Bytes => words::bytes(number),
        Unit::Count => words::number(number),
        Unit::Percent => format!("{number} %"),
        Unit::Seconds => words::count(number, "second", "seconds"),
        Unit::Truth => (if number == 0 { "no" } else { "yes" }).to_owned(),
    }
}

/// What the flow says of itself: the course's judgement, and how devices become known.
fn declared(flow: &Flow) -> [(&'static str, &str); 3] {
    [
        ("best-for", &flow.course.best_for),
        ("level", &flow.course.level),
        ("registration", words::registration(flow.registration)),
    ]
}

fn rejection(role: &RoleUse, flow: &Flow, traces: &[Trace], scenario: &str) -> Found {
    let Some(trace) = traces.iter().find(|trace| trace.scenario == scenario) else {
        let known = flow.scenarios.iter().map(|scenario| scenario.id.as_str());
        return Err(Box::new(unknown(role, &format!("`{}` has no scenario", flow.id), scenario, known)));
    };
    match &trace.outcome {
        Outcome::Rejected { rejection, .. } => {
            let by =
                flow.scenario(scenario).map_or_else(|| rejection.by.clone(), |found| actor_title(found, &rejection.by));
            let text = format!("{by}: {}, “{}”", rejection.code, rejection.message);
            Ok(plain(text, attack::scenario_path(flow, scenario)))
        }
        Outcome::Completed | Outcome::Stalled { .. } => Err(Box::new(
            error(
                Code::INVALID_VALUE,
                &role.span,
                format!("scenario `{scenario}` of `{}` ended without a refusal", flow.id),
            )
            .hint("quote a scenario that is refused, or say in words that this one gets through"),
        )),
    }
}

fn value(role: &RoleUse, flow: &Flow, trace: &Trace, name: &str) -> Found {
    let found = name.split_once('/').and_then(|(actor, name)| trace.stores.get(actor)?.get(name));
    let Some(artifact) = found else {
        let known: Vec<String> = trace
            .stores
            .iter()
            .flat_map(|(actor, store)| store.keys().map(move |name| format!("{actor}/{name}")))
            .collect();
        let known = known.iter().map(String::as_str);
        return Err(Box::new(unknown(role, &format!("no actor of `{}` holds", flow.id), name, known)));
    };
    let source = format!("{}#step-{}", attack::method_path(flow), artifact.step);
    Ok(RoleText { text: short_value(artifact), is_code: true, source: Some(source) })
}

/// How many characters or bytes of a value stand in running text.
const SHORT_TEXT: usize = 40;
const SHORT_BYTES: usize = 8;

fn short_value(artifact: &Artifact) -> String {
    let bytes = &artifact.bytes.0;
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.is_empty() && !text.chars().any(char::is_control) => {
            let short: String = text.chars().take(SHORT_TEXT).collect();
            if short.len() < text.len() { format!("{short}…") } else { short }
        }
        _ => words::short_hex(bytes, SHORT_BYTES),
    }
}
