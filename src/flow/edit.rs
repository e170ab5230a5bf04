//! The changes that a scenario makes to a flow.
//!
//! `set` replaces members of a step, `drop` removes one, `insert` adds one, `replace` puts another in its place,
//! `move` lets one happen elsewhere, and `impersonate` lets the attacker act in the place of an actor from a step on.
//! `replay` and `tamper` leave the steps as they are and interfere with their bytes; `clock` makes a clock wrong.

use crate::diag::{Code, Sink, did_you_mean, error};
use crate::document::{Entry, Node, NodeValue};
use crate::flow::def::{ClockDef, RepeatDef, ScenarioDef, StepDef, TamperDef};
use crate::flow::parse::step_def;
use crate::flow::{ATTACKER, Instance, Interference, Tamper, Target};
use crate::trace::{EditMark, ProbeLayer};

/// Keys of which an edit has exactly one.
pub const KINDS: [&str; 9] = ["set", "drop", "insert", "replace", "move", "impersonate", "replay", "tamper", "clock"];

/// Makes the edits in `scenario`; `None` where one cannot be made.
pub fn apply(scenario: &mut ScenarioDef, edits: &[Node], sink: &mut Sink) -> Option<()> {
    let mut sound = Some(());
    for edit in edits {
        match apply_one(scenario, edit, sink) {
            Some(position) => scenario.first_edit = scenario.first_edit.min(position),
            None => sound = None,
        }
    }
    sound
}

/// The index of the first step that differs.
fn apply_one(scenario: &mut ScenarioDef, edit: &Node, sink: &mut Sink) -> Option<usize> {
    let kinds: Vec<&str> = KINDS.into_iter().filter(|kind| edit.find(kind).is_some()).collect();
    let [kind] = kinds[..] else {
        let message = format!("an edit names one change, this one names {}", kinds.len());
        let hint = format!("give exactly one of {}", KINDS.map(|kind| format!("`{kind}`")).join(", "));
        sink.push(error(Code::INVALID_EDIT, &edit.span, message).hint(hint));
        return None;
    };
    check_keys(edit, kind, sink)?;
    let steps = &mut scenario.steps;
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
        "move" => {
            let from = find_step(steps, edit, "move", sink)?;
            let mut moved = steps.remove(from);
            moved.edit = EditMark::Altered;
            let Some(to) = beside(steps, edit, sink) else {
                steps.insert(from, moved);
                return None;
            };
            steps.insert(to, moved);
            Some(from.min(to))
        }
        "replay" => replay(scenario, edit, sink),
        "tamper" => tamper(scenario, edit, sink),
        "clock" => clock(scenario, edit, sink),
        _ => impersonate(steps, edit, sink),
    }
}

/// What the members that `replay` and `tamper` share say: the step, its flight from 0, and the layer.
fn flight_of(edit: &Node) -> (usize, ProbeLayer) {
    let number = edit.find("flight").and_then(Node::as_integer).unwrap_or(1);
    let layer = if edit.text("layer") == "inside" { ProbeLayer::Inside } else { ProbeLayer::Wire };
    (usize::try_from(number - 1).unwrap_or_default(), layer)
}

fn replay(scenario: &mut ScenarioDef, edit: &Node, sink: &mut Sink) -> Option<usize> {
    let position = find_step(&scenario.steps, edit, "replay", sink)?;
    let step = scenario.steps[position].id.text.clone();
    let (flight, layer) = flight_of(edit);
    let other = match edit.text("of") {
        "run" => {
            scenario.repeats.push(RepeatDef { step, layer });
            return Some(position + 1);
        }
        "session" => Instance::OTHER_SESSION,
        "device" => Instance::OTHER_DEVICE,
        _ => {
            let found = error(Code::MISSING_KEY, &edit.span, "`replay` does not say `of` what");
            sink.push(found.hint("say `run`, `session` or `device`: where the bytes were recorded"));
            return None;
        }
    };
    scenario.steps[position].edit = EditMark::Replayed;
    let tamper = Tamper { step, flight, layer, how: Interference::Replace(other) };
    scenario.tampers.push(TamperDef { tamper, span: edit.span.clone() });
    Some(position)
}

fn tamper(scenario: &mut ScenarioDef, edit: &Node, sink: &mut Sink) -> Option<usize> {
    let position = find_step(&scenario.steps, edit, "tamper", sink)?;
    let step = scenario.steps[position].id.text.clone();
    let (flight, layer) = flight_of(edit);
    let field = edit.text("field");
    let target = if field.is_empty() { Target::Middle } else { Target::Field(field.to_owned()) };
    let how = match edit.text("how") {
        "truncate" => Interference::Truncate,
        "drop" => Interference::Drop,
        "flip" => Interference::Flip(target),
        _ => {
            let found = error(Code::MISSING_KEY, &edit.span, "`tamper` does not say `how`");
            sink.push(found.hint("say `flip`, `truncate` or `drop`"));
            return None;
        }
    };
    scenario.steps[position].edit = EditMark::Tampered;
    scenario.tampers.push(TamperDef { tamper: Tamper { step, flight, layer, how }, span: edit.span.clone() });
    Some(position)
}

fn clock(scenario: &mut ScenarioDef, edit: &Node, sink: &mut Sink) -> Option<usize> {
    let Some(ahead) = edit.find("ahead").and_then(Node::as_integer) else {
        let found = error(Code::MISSING_KEY, &edit.span, "`clock` does not say how far it is `ahead`");
        sink.push(found.hint("give seconds; a negative number where the clock is behind"));
        return None;
    };
    let position = if edit.find("from").is_some() { find_step(&scenario.steps, edit, "from", sink)? } else { 0 };
    let from = scenario.steps.get(position)?.id.text.clone();
    scenario.clocks.push(ClockDef { actor: edit.find("clock")?.clone(), ahead, from });
    Some(position)
}

/// An edit has only the keys that its kind reads; another would be ignored in silence.
fn check_keys(edit: &Node, kind: &str, sink: &mut Sink) -> Option<()> {
    let allowed: &[&str] = match kind {
        "drop" => &["drop"],
        "insert" => &["insert", "after", "before"],
        "move" => &["move", "after", "before"],
        "replay" => &["replay", "of", "flight", "layer"],
        "tamper" => &["tamper", "how", "field", "flight", "layer"],
        "clock" => &["clock", "ahead", "from"],
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
    let position = beside(steps, edit, sink)?;
    // A step takes the phase of the one beside it, which is before it unless it comes first.
    let phase = steps[position.saturating_sub(usize::from(edit.find("after").is_some()))].phase.clone();
    steps.insert(position, step_def(edit.find("insert")?, &phase, EditMark::Inserted));
    Some(position)
}

/// The index at which a step stands that comes `after` or `before` another.
fn beside(steps: &[StepDef], edit: &Node, sink: &mut Sink) -> Option<usize> {
    match (edit.find("after").is_some(), edit.find("before").is_some()) {
        (true, false) => Some(find_step(steps, edit, "after", sink)? + 1),
        (false, true) => find_step(steps, edit, "before", sink),
        _ => {
            let found = error(Code::INVALID_EDIT, &edit.span, "the step needs a place: either `after` or `before`");
            sink.push(found.hint("name the step beside which it stands"));
            None
        }
    }
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
