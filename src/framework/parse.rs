//! `content/compliance/*.toml`, `data/criteria.toml`, `data/declarations.toml` → [`Frameworks`].

use std::sync::Arc;

use super::{Checked, Control, Declaration, Framework, Frameworks};
use crate::claim;
use crate::config::Config;
use crate::diag::{Code, Sink, did_you_mean, error};
use crate::document::{self, Node};
use crate::grammar::{ID, Key, LINE, PROSE, Shape, check, check_id, optional, required};
use crate::source::{Sources, Span};
use crate::threat::check_name;
use crate::vocabulary::Medium;

/// Folder of the frameworks in a project.
pub const FOLDER: &str = "content/compliance";
/// Path of the criteria in a project.
pub const CRITERIA: &str = "data/criteria.toml";
/// Path of the declarations in a project.
pub const DECLARATIONS: &str = "data/declarations.toml";

/// Newest edition of the formats.
const EDITION: i64 = 1;

const CONTROL: &[Key] = &[
    required("id", LINE, "identifier, as the framework writes it where it has one"),
    required("title", LINE, "a few words for it"),
    required("asks", PROSE, "what it asks, in words of your own"),
    required(
        "kind",
        Shape::Choice(&["local", "official", "range"]),
        "whose the identifier is: yours, the framework's, or a range of the framework's",
    ),
    optional("obligation", Shape::Choice(&["shall", "should"]), "how strongly it asks, where that makes a difference"),
    optional("core", Shape::Boolean, "whether it bears on provisioning more than others"),
    required(
        "checked",
        Shape::Choice(&["none", "primary", "secondary"]),
        "whether the identifier was checked at its publisher, against a copy, or not; `none` is shown only on request",
    ),
    optional("checked-at", PROSE, "against what it was checked"),
    optional("version", LINE, "edition in which it has this identifier, where it is not the framework's"),
    required("tags", Shape::List(&ID), "what it is about, as tags that threats share"),
    optional("evidence", Shape::List(&ID), "claims that are its evidence; it can only be declared where there is none"),
    optional("remains", PROSE, "what no run shows of it; with such a rest it is supported in part at best"),
    optional(
        "media",
        Shape::List(&Shape::Choice(&MEDIA)),
        "it applies where a link of the method is one of these; everywhere where none is named",
    ),
];

/// Names of media, as flows write them.
const MEDIA: [&str; 11] =
    ["ble", "cellular", "ethernet", "human", "internet", "lorawan", "nb-iot", "optical", "serial", "thread", "wi-fi"];

/// Keys of a framework.
pub const FRAMEWORK: &[Key] = &[
    required("edition", Shape::Number(1, EDITION), "edition of the format"),
    required("title", LINE, "title of the framework"),
    required("version", LINE, "the edition whose identifiers these are"),
    required("source", PROSE, "who publishes it, and on what terms"),
    required("control", Shape::List(&Shape::Table(CONTROL)), "what it asks"),
];

const DECLARATION: &[Key] = &[
    required("framework", ID, "id of the framework"),
    required("control", LINE, "identifier of the control"),
    optional("flow", ID, "id of the flow; every one where absent"),
    required("answer", Shape::Choice(&["no", "not-applicable", "yes"]), "whether it is met"),
    required("statement", PROSE, "what is declared"),
    required("by", LINE, "who declares it"),
];

/// Keys of the declarations.
pub const DECLARED: &[Key] = &[
    required("edition", Shape::Number(1, EDITION), "edition of the format"),
    required("declaration", Shape::List(&Shape::Table(DECLARATION)), "answers where no run can tell"),
];

/// Reads the frameworks that the project chooses, the criteria and the declarations.
pub fn parse(sources: &Sources, config: Option<&Config>, sink: &mut Sink) -> Frameworks {
    let chosen = config.and_then(|config| config.compliance.frameworks.as_ref());
    let files: Vec<(Arc<str>, String)> = sources
        .below(FOLDER, ".toml")
        .map(|(path, _)| (Arc::clone(path), sources.text(path).unwrap_or_default().to_owned()))
        .collect();
    let known: Vec<&str> = files.iter().map(|(path, _)| id_of(path)).collect();
    for (id, span) in chosen.into_iter().flatten() {
        if !known.contains(&id.as_str()) {
            let found = error(Code::UNKNOWN_NAME, span, format!("no framework is called `{id}`"));
            sink.push(found.maybe_hint(did_you_mean(id, known.iter().copied())));
        }
    }
    let with_unverified = config.is_some_and(|config| config.compliance.is_unverified_shown);
    let is_chosen = |path: &str| chosen.is_none_or(|chosen| chosen.iter().any(|(id, _)| id == id_of(path)));
    let all = files.iter().filter_map(|(path, text)| framework(path, text, sink)).collect::<Vec<_>>();
    let criteria = sources.text(CRITERIA).and_then(|text| framework(&CRITERIA.into(), text, sink));
    // Declarations may speak of every control that a file has, shown or not.
    let declarations = declarations(sources, &all, sink);
    let mut frameworks: Vec<Framework> = all.into_iter().filter(|one| is_chosen(&one.span.path)).collect();
    for framework in &mut frameworks {
        framework.controls.retain(|control| with_unverified || control.checked != Checked::None);
    }
    frameworks.retain(|framework| !framework.controls.is_empty());
    Frameworks { frameworks, criteria: criteria.map(|file| file.controls).unwrap_or_default(), declarations }
}

/// A framework's id: its file's name without `.toml`.
fn id_of(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.strip_suffix(".toml").unwrap_or(file)
}

fn read(path: &Arc<str>, text: &str, keys: &'static [Key], what: &str, sink: &mut Sink) -> Option<Node> {
    let mut node = document::parse(path, text, sink)?;
    node.span = Span::new(path, 0..text.find('\n').unwrap_or(text.len()));
    check(&node, &Shape::Table(keys), what, sink).then_some(node)
}

fn framework(path: &Arc<str>, text: &str, sink: &mut Sink) -> Option<Framework> {
    let node = read(path, text, FRAMEWORK, "the framework", sink)?;
    let id = id_of(path);
    check_id(id, &node.span, sink);
    let version = node.text("version");
    let items = node.find("control").map(Node::items).unwrap_or_default();
    let controls: Vec<Control> = items.iter().filter_map(|item| control(item, version, sink)).collect();
    for (index, control) in controls.iter().enumerate() {
        let slug = control.slug();
        if slug.is_empty() {
            let message = format!("`{}` cannot be an identifier", control.id);
            sink.push(error(Code::INVALID_VALUE, &control.span, message).hint("it needs a letter or a digit"));
        }
        if controls[..index].iter().any(|before| before.slug() == slug) {
            let message = format!("a control is called `{}` already", control.id);
            let found = error(Code::DUPLICATE_NAME, &control.span, message);
            sink.push(found.hint("identifiers differ by more than punctuation"));
        }
    }
    let text = |key: &str| node.text(key).to_owned();
    let span = node.span.clone();
    Some(Framework {
        id: id.to_owned(),
        title: text("title"),
        version: text("version"),
        source: text("source"),
        controls,
        span,
    })
}

fn control(node: &Node, version: &str, sink: &mut Sink) -> Option<Control> {
    let text = |key: &str| node.text(key).to_owned();
    let own = node.text("version");
    let names: Vec<&str> = claim::evidence().map(claim::Evidence::name).collect();
    let named = node.find("evidence").map(Node::items).unwrap_or_default();
    for name in named {
        check_name(name, "claim of evidence", &names, sink);
    }
    let media = node.texts("media");
    Some(Control {
        id: text("id"),
        version: if own.is_empty() { version.to_owned() } else { own.to_owned() },
        title: text("title"),
        asks: text("asks"),
        kind: word(node.text("kind"))?,
        obligation: word(node.text("obligation")),
        is_core: node.find("core").and_then(Node::as_boolean).unwrap_or_default(),
        checked: word(node.text("checked"))?,
        checked_at: text("checked-at"),
        tags: node.texts("tags"),
        evidence: named.iter().filter_map(Node::as_text).filter_map(claim::find_evidence).collect(),
        remains: node.find("remains").and_then(Node::as_text).map(str::to_owned),
        media: media.iter().filter_map(|name| word::<Medium>(name)).collect(),
        span: node.find("id").map_or(&node.span, |id| &id.span).clone(),
    })
}

/// One of a closed set of words; the grammar has checked that it is one.
fn word<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::from(text)).ok()
}

fn declarations(sources: &Sources, frameworks: &[Framework], sink: &mut Sink) -> Vec<Declaration> {
    let Some(text) = sources.text(DECLARATIONS) else { return Vec::new() };
    let path: Arc<str> = DECLARATIONS.into();
    let Some(node) = read(&path, text, DECLARED, "the file of declarations", sink) else { return Vec::new() };
    let flows: Vec<&str> = sources.below("flows", ".toml").map(|(path, _)| id_of(path)).collect();
    let ids: Vec<&str> = frameworks.iter().map(|framework| framework.id.as_str()).collect();
    let items = node.find("declaration").map(Node::items).unwrap_or_default();
    items.iter().filter_map(|item| declaration(item, frameworks, &ids, &flows, sink)).collect()
}

fn declaration(
    node: &Node,
    frameworks: &[Framework],
    ids: &[&str],
    flows: &[&str],
    sink: &mut Sink,
) -> Option<Declaration> {
    check_name(node.find("framework")?, "framework", ids, sink);
    node.find("flow").into_iter().for_each(|flow| check_name(flow, "flow", flows, sink));
    if let Some(framework) = frameworks.iter().find(|framework| framework.id == node.text("framework")) {
        let known: Vec<&str> = framework.controls.iter().map(|control| control.id.as_str()).collect();
        check_name(node.find("control")?, "control", &known, sink);
    }
    let text = |key: &str| node.text(key).to_owned();
    Some(Declaration {
        framework: text("framework"),
        control: text("control"),
        flow: node.find("flow").and_then(Node::as_text).map(str::to_owned),
        answer: word(node.text("answer"))?,
        statement: text("statement"),
        by: text("by"),
    })
}
