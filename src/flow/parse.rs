//! `flows/*.toml` → [`FlowDef`]: keys and types are checked, shorthands become steps.

use std::sync::Arc;

use crate::diag::{Code, Sink, did_you_mean, error};
use crate::document::{self, Entry, Node, NodeValue};
use crate::flow::def::{EDITION, FLOW, FlowDef, Name, StepDef};
use crate::grammar::{Shape, check, check_id};
use crate::source::Span;
use crate::trace::EditMark;

/// Most steps that a flow may have once its shorthands are expanded.
pub const MAX_STEPS: usize = 400;

/// The phase of what was arranged before the method begins.
pub const SETUP_PHASE: &str = "setup";

/// Reads the flow file at `path`.
pub fn parse(path: &Arc<str>, text: &str, sink: &mut Sink) -> Option<FlowDef> {
    let mut node = document::parse(path, text, sink)?;
    node.span = Span::new(path, 0..text.find('\n').unwrap_or(text.len()));
    check_edition(&node, sink)?;
    if !check(&node, &Shape::Table(FLOW), "a flow", sink) {
        return None;
    }
    let mut steps = expand_setup(&node, sink);
    steps.extend(written_steps(&node));
    let steps = expand_fragments(&node, steps, sink)?;
    for step in &steps {
        check_id(&step.id.text, &step.id.span, sink);
    }
    Some(FlowDef { node, steps })
}

/// Reports that what `what` names has more steps than a run may have.
pub fn too_many_steps(what: &str, n_steps: usize, span: &Span, sink: &mut Sink) {
    let message = format!("{what} has {n_steps} steps, at most {MAX_STEPS} are allowed");
    sink.push(error(Code::INVALID_VALUE, span, message).hint("split the method into several flows"));
}

/// A file of another edition is not read any further: its keys may mean something else.
fn check_edition(node: &Node, sink: &mut Sink) -> Option<()> {
    let Some(edition) = node.find("edition") else { return Some(()) };
    let Some(number) = edition.as_integer().filter(|number| !(1..=EDITION).contains(number)) else { return Some(()) };
    let message = format!("the flow is written in edition {number}, this version reads 1 to {EDITION}");
    let found = error(Code::UNSUPPORTED_EDITION, &edition.span, message);
    sink.push(found.hint("take a version of Trustlane that reads it"));
    None
}

/// A step from its table; `phase` holds where the table names none.
pub fn step_def(node: &Node, phase: &str, edit: EditMark) -> StepDef {
    let id = node.find("id").map_or_else(
        || Name { text: String::new(), span: node.span.clone() },
        |id| Name { text: id.as_text().unwrap_or_default().to_owned(), span: id.span.clone() },
    );
    let own = node.text("phase");
    let phase = if own.is_empty() { phase } else { own };
    StepDef { id, phase: phase.to_owned(), node: node.clone(), edit, impersonated: None }
}

fn written_steps(node: &Node) -> Vec<StepDef> {
    let mut phase = String::from("run");
    node.find("step")
        .map(Node::items)
        .unwrap_or_default()
        .iter()
        .map(|step| {
            let step = step_def(step, &phase, EditMark::Original);
            phase.clone_from(&step.phase);
            step
        })
        .collect()
}

/// Steps for `authorities`, `credentials` and `trusts`, in the order in which one needs the other.
fn expand_setup(node: &Node, sink: &mut Sink) -> Vec<StepDef> {
    let authorities = node.find("authorities").map(Node::entries).unwrap_or_default();
    let mut steps: Vec<StepDef> = authorities.iter().map(authority_step).collect();
    for actor in node.find("actors").map(Node::entries).unwrap_or_default() {
        for credential in actor.value.find("credentials").map(Node::entries).unwrap_or_default() {
            if let Some(issuer) = find_authority(authorities, credential.value.find("issuer"), sink) {
                steps.push(credential_step(actor, credential, issuer));
            }
        }
        for anchor in actor.value.find("trusts").map(Node::items).unwrap_or_default() {
            if let Some(authority) = find_authority(authorities, Some(anchor), sink)
                && authority.value.text("at") != actor.key
            {
                steps.push(anchor_step(actor, anchor, authority));
            }
        }
    }
    steps
}

fn find_authority<'a>(authorities: &'a [Entry], name: Option<&Node>, sink: &mut Sink) -> Option<&'a Entry> {
    let name = name?;
    let text = name.as_text()?;
    let found = authorities.iter().find(|authority| authority.key == text);
    if found.is_none() {
        let hint = did_you_mean(text, authorities.iter().map(|authority| authority.key.as_str()));
        sink.push(error(Code::UNKNOWN_NAME, &name.span, format!("no authority is called `{text}`")).maybe_hint(hint));
    }
    found
}

fn authority_step(authority: &Entry) -> StepDef {
    let span = &authority.key_span;
    let mut with = copied(&authority.value, &["name", "organization", "days", "algorithm"]);
    if authority.value.find("name").is_none() {
        with.push(entry(span, "name", &authority.key));
    }
    if let Some(issuer) = authority.value.find("issuer") {
        with.push(entry(&issuer.span, "issuer", &format!("${}", issuer.as_text().unwrap_or_default())));
    }
    let title = format!("make the authority {}", authority.key);
    setup_step(
        span,
        &authority.key,
        vec![
            entry(span, "at", authority.value.text("at")),
            entry(span, "op", "authority"),
            entry(span, "clause", "RFC 5280, section 4.2.1.9"),
            entry(span, "title", &title),
            entry(span, "out", &authority.key),
            table(span, "with", with),
        ],
    )
}

fn credential_step(actor: &Entry, credential: &Entry, issuer: &Entry) -> StepDef {
    let span = &credential.key_span;
    let mut with = copied(&credential.value, &["use", "name", "serial-number", "organization", "days", "algorithm"]);
    with.push(entry(span, "issuer", &format!("${}", issuer.key)));
    let title = format!("provide {} from {}", credential.key, issuer.key);
    setup_step(
        span,
        &credential.key,
        vec![
            entry(span, "from", issuer.value.text("at")),
            entry(span, "to", &actor.key),
            entry(span, "op", "issue-credential"),
            entry(span, "clause", "RFC 5280, section 4.1"),
            entry(span, "title", &title),
            entry(span, "out", &credential.key),
            table(span, "with", with),
        ],
    )
}

fn anchor_step(actor: &Entry, anchor: &Node, authority: &Entry) -> StepDef {
    let span = &anchor.span;
    let with = vec![entry(span, "certificate", &format!("${}", authority.key))];
    let title = format!("trust {}", authority.key);
    setup_step(
        span,
        &format!("{}-trusts-{}", actor.key, authority.key),
        vec![
            entry(span, "from", authority.value.text("at")),
            entry(span, "to", &actor.key),
            entry(span, "op", "install-anchor"),
            entry(span, "clause", "RFC 5280, section 6.1.1"),
            entry(span, "title", &title),
            entry(span, "out", &authority.key),
            table(span, "with", with),
        ],
    )
}

fn setup_step(span: &Span, id: &str, mut entries: Vec<Entry>) -> StepDef {
    entries.push(entry(span, "id", id));
    let node = Node { span: span.clone(), value: NodeValue::Table(entries) };
    step_def(&node, SETUP_PHASE, EditMark::Original)
}

fn copied(from: &Node, keys: &[&str]) -> Vec<Entry> {
    from.entries().iter().filter(|entry| keys.contains(&entry.key.as_str())).cloned().collect()
}

fn entry(span: &Span, key: &str, text: &str) -> Entry {
    let value = Node { span: span.clone(), value: NodeValue::Text(text.to_owned()) };
    Entry { key: key.to_owned(), key_span: span.clone(), value }
}

fn table(span: &Span, key: &str, entries: Vec<Entry>) -> Entry {
    let value = Node { span: span.clone(), value: NodeValue::Table(entries) };
    Entry { key: key.to_owned(), key_span: span.clone(), value }
}

/// Puts the steps of each used fragment after the step that its use names; `None` where there are too many steps.
fn expand_fragments(node: &Node, mut steps: Vec<StepDef>, sink: &mut Sink) -> Option<Vec<StepDef>> {
    let fragments = node.find("fragments").map(Node::entries).unwrap_or_default();
    if steps.len() > MAX_STEPS {
        too_many_steps("the flow", steps.len(), &node.span, sink);
        return None;
    }
    for used in node.find("use").map(Node::items).unwrap_or_default() {
        let name = used.text("fragment");
        let Some(fragment) = fragments.iter().find(|fragment| fragment.key == name) else {
            let hint = did_you_mean(name, fragments.iter().map(|fragment| fragment.key.as_str()));
            sink.push(
                error(Code::UNKNOWN_NAME, span_of(used, "fragment"), format!("no fragment is called `{name}`"))
                    .maybe_hint(hint),
            );
            continue;
        };
        let after = used.text("after");
        let Some(position) = steps.iter().position(|step| step.id.text == after) else {
            let hint = did_you_mean(after, steps.iter().map(|step| step.id.text.as_str()));
            let found = error(Code::UNKNOWN_NAME, span_of(used, "after"), format!("no step is called `{after}`"));
            sink.push(found.maybe_hint(hint));
            continue;
        };
        // A file that uses a long fragment many times is short, and its steps are not.
        let n_steps = steps.len() + fragment.value.find("step").map_or(0, |steps| steps.items().len());
        if n_steps > MAX_STEPS {
            too_many_steps("the flow", n_steps, &used.span, sink);
            return None;
        }
        let phase = steps[position].phase.clone();
        let prefixed = prefixed_steps(&fragment.value, used.text("prefix"), &phase);
        steps.splice((position + 1)..=position, prefixed);
    }
    Some(steps)
}

/// Where the member `key` is written, or else the table.
fn span_of<'n>(node: &'n Node, key: &str) -> &'n Span {
    node.find(key).map_or(&node.span, |member| &member.span)
}

/// The steps of a fragment; its own step ids get the prefix wherever they stand: as id, session, answer or stored name.
fn prefixed_steps(fragment: &Node, prefix: &str, phase: &str) -> Vec<StepDef> {
    let steps = fragment.find("step").map(Node::items).unwrap_or_default();
    let mut own: Vec<&str> = Vec::new();
    for step in steps {
        own.extend([step.text("id"), step.text("out")]);
        own.extend(step.find("receive").map(Node::entries).unwrap_or_default().iter().map(|entry| entry.key.as_str()));
    }
    own.retain(|name| !name.is_empty());
    steps
        .iter()
        .map(|step| {
            let mut step = step_def(&prefixed(step, prefix, &own), phase, EditMark::Original);
            step.id.text = format!("{prefix}-{}", step.id.text.trim_start_matches(&format!("{prefix}-")));
            step
        })
        .collect()
}

fn prefixed(node: &Node, prefix: &str, own: &[&str]) -> Node {
    let value = match &node.value {
        NodeValue::Text(text) => NodeValue::Text(prefixed_text(text, prefix, own)),
        NodeValue::List(items) => NodeValue::List(items.iter().map(|item| prefixed(item, prefix, own)).collect()),
        NodeValue::Table(entries) => NodeValue::Table(
            entries
                .iter()
                .map(|entry| {
                    let is_name = matches!(entry.key.as_str(), "id" | "out" | "in" | "reply-to");
                    let value = match (&entry.value.value, is_name) {
                        (NodeValue::Text(text), true) if own.contains(&text.as_str()) => {
                            Node { span: entry.value.span.clone(), value: NodeValue::Text(format!("{prefix}-{text}")) }
                        }
                        (_, true) => entry.value.clone(),
                        _ if entry.key == "receive" => prefixed_receive(&entry.value, prefix),
                        _ => prefixed(&entry.value, prefix, own),
                    };
                    Entry { value, ..entry.clone() }
                })
                .collect(),
        ),
        other => other.clone(),
    };
    Node { span: node.span.clone(), value }
}

fn prefixed_receive(node: &Node, prefix: &str) -> Node {
    let entries =
        node.entries().iter().map(|entry| Entry { key: format!("{prefix}-{}", entry.key), ..entry.clone() }).collect();
    Node { span: node.span.clone(), value: NodeValue::Table(entries) }
}

/// Rewrites `$own` and `${own` in text.
fn prefixed_text(text: &str, prefix: &str, own: &[&str]) -> String {
    own.iter().fold(text.to_owned(), |text, name| {
        if text == format!("${name}") || text.starts_with(&format!("${name}.")) {
            return text.replacen(&format!("${name}"), &format!("${prefix}-{name}"), 1);
        }
        [".", "|", "}"]
            .iter()
            .fold(text, |text, end| text.replace(&format!("${{{name}{end}"), &format!("${{{prefix}-{name}{end}")))
    })
}
