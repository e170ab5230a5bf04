//! The changes that a scenario makes to a flow.
//!
//! `set` replaces members of a step, `drop` removes one, `insert` adds one, `replace` puts another in its place,
//! and `impersonate` lets the attacker act in the place of an actor from a step on.

use crate::diag::{Code, Sink, did_you_mean, error};
use crate::document::{Entry, Node, NodeValue};
use crate::flow::ATTACKER;
use crate::flow::def::StepDef;
use crate::flow::parse::step_def;
use crate::trace::EditMark;

/// Keys of which an edit has exactly one.
pub const KINDS: [&str; 5] = ["set", "drop", "insert", "replace", "impersonate"];

/// `steps` after the edits, with the index of the first step that differs; `None` where an edit cannot be made.
pub fn apply(steps: &[StepDef], edits: &[Node], sink: &mut Sink) -> Option<(Vec<StepDef>, usize)> {
    let mut edited = steps.to_vec();
    let mut first = edited.len();
    let mut sound = true;
    for edit in edits {
        match apply_one(&mut edited, edit, sink) {
            Some(position) => first = first.min(position),
            None => sound = false,
        }
    }
    sound.then_some((edited, first))
}

fn apply_one(steps: &mut Vec<StepDef>, edit: &Node, sink: &mut Sink) -> Option<usize> {
    let kinds: Vec<&str> = KINDS.into_iter().filter(|kind| edit.find(kind).is_some()).collect();
    let [kind] = kinds[..] else {
        let message = format!("an edit names one change, this one names {}", kinds.len());
        let hint = format!("give exactly one of {}", KINDS.map(|kind| format!("`{kind}`")).join(", "));
        sink.push(error(Code::INVALID_EDIT, &edit.span, message).hint(hint));
        return None;
    };
    check_keys(edit, kind, sink)?;
    match kind {
        "set" => {
            let position = find_step(steps, edit, "set", sink)?;
            merge(&mut steps[position].node, edit);
            steps[position].edit = EditMark::Altered;
            Some(position)
        }
        "drop" => {
            let position = find_step(steps, edit, "drop", sink)?;
            steps.remove(position);
            Some(position)
        }
        "insert" => insert(steps, edit, sink),
        "replace" => {
            let position = find_step(steps, edit, "replace", sink)?;
            let phase = steps[position].phase.clone();
            steps[position] = step_def(edit.find("step")?, &phase, EditMark::Altered);
            Some(position)
        }
        _ => impersonate(steps, edit, sink),
    }
}

/// An edit has only the keys that its kind reads; another would be ignored in silence.
fn check_keys(edit: &Node, kind: &str, sink: &mut Sink) -> Option<()> {
    let allowed: &[&str] = match kind {
        "drop" => &["drop"],
        "insert" => &["insert", "after", "before"],
        "replace" => &["replace", "step"],
        "impersonate" => &["impersonate", "from"],
        _ => return Some(()),
    };
    let mut sound = Some(());
    for entry in edit.entries().iter().filter(|entry| !allowed.contains(&entry.key.as_str())) {
        let message = format!("`{}` means nothing in an edit that says `{kind}`", entry.key);
        sink.error(Code::INVALID_EDIT, &entry.key_span, message);
        sound = None;
    }
    if kind == "replace" && edit.find("step").is_none() {
        sink.push(
            error(Code::MISSING_KEY, &edit.span, "`replace` has no `step`").hint("add the step that takes the place"),
        );
        sound = None;
    }
    sound
}

fn insert(steps: &mut Vec<StepDef>, edit: &Node, sink: &mut Sink) -> Option<usize> {
    let (key, offset) = match (edit.find("after").is_some(), edit.find("before").is_some()) {
        (true, false) => ("after", 1),
        (false, true) => ("before", 0),
        _ => {
            let found = error(Code::INVALID_EDIT, &edit.span, "`insert` needs either `after` or `before`");
            sink.push(found.hint("name the step beside which the new one stands"));
            return None;
        }
    };
    let beside = find_step(steps, edit, key, sink)?;
    let step = step_def(edit.find("insert")?, &steps[beside].phase, EditMark::Inserted);
    steps.insert(beside + offset, step);
    Some(beside + offset)
}

fn impersonate(steps: &mut [StepDef], edit: &Node, sink: &mut Sink) -> Option<usize> {
    if edit.find("from").is_none() {
        let found = error(Code::MISSING_KEY, &edit.span, "`impersonate` has no `from`");
        sink.push(found.hint("name the first step in which the attacker acts"));
        return None;
    }
    let first = find_step(steps, edit, "from", sink)?;
    let actor = edit.text("impersonate");
    let mut taken = None;
    for (position, step) in steps.iter_mut().enumerate().skip(first) {
        if take_place(&mut step.node, actor) {
            step.impersonated = Some(actor.to_owned());
            step.edit = EditMark::Impersonated;
            taken = taken.or(Some(position));
        }
    }
    if taken.is_none() {
        let message = format!("`{actor}` does nothing from `{}` on", edit.text("from"));
        sink.error(Code::INVALID_EDIT, &edit.find("impersonate")?.span, message);
    }
    taken
}

fn take_place(step: &mut Node, actor: &str) -> bool {
    let mut taken = false;
    if let NodeValue::Table(entries) = &mut step.value {
        for entry in entries.iter_mut().filter(|entry| matches!(entry.key.as_str(), "at" | "from" | "to")) {
            if entry.value.as_text() == Some(actor) {
                entry.value.value = NodeValue::Text(ATTACKER.to_owned());
                taken = true;
            }
        }
    }
    taken
}

fn find_step(steps: &[StepDef], edit: &Node, key: &str, sink: &mut Sink) -> Option<usize> {
    let name = edit.find(key)?;
    let text = name.as_text()?;
    let found = steps.iter().position(|step| step.id.text == text);
    if found.is_none() {
        let hint = did_you_mean(text, steps.iter().map(|step| step.id.text.as_str()));
        sink.push(error(Code::UNKNOWN_NAME, &name.span, format!("no step is called `{text}`")).maybe_hint(hint));
    }
    found
}

/// Lays the members of `over` on `node`: tables member by member, anything else as a whole.
fn merge(node: &mut Node, over: &Node) {
    let NodeValue::Table(entries) = &mut node.value else { return };
    for new in over.entries().iter().filter(|entry| entry.key != "set") {
        match entries.iter_mut().find(|entry| entry.key == new.key) {
            Some(old) if matches!((&old.value.value, &new.value.value), (NodeValue::Table(_), NodeValue::Table(_))) => {
                merge(&mut old.value, &new.value);
            }
            Some(old) => old.value = new.value.clone(),
            None => entries.push(Entry::clone(new)),
        }
    }
}
