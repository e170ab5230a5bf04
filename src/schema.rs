//! JSON Schemas with which editors complete and check what authors write, and readers check what we print.

use serde_json::{Map, Value, json};

use crate::config::BOOK;
use crate::decision::DECISIONS;
use crate::flow::def::{FLOW, STEP};
use crate::framework::parse::{DECLARED, FRAMEWORK};
use crate::glossary::GLOSSARY;
use crate::grammar::{self, Shape};
use crate::operation::{Accepts, End, OPERATIONS, Spec};
use crate::rubric::RUBRIC;
use crate::threat::CATALOGUE;
use crate::timeline::FlowTimelines;
use crate::trace::Trace;

/// The dialect of every schema.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema of `book.toml`.
pub fn book() -> Value {
    titled(grammar::schema(&Shape::Table(BOOK)), "Trustlane book.toml")
}

/// The schema of a flow file: the keys, and for each operation its arguments.
pub fn flow() -> Value {
    let mut schema = titled(grammar::schema(&Shape::Table(FLOW)), "Trustlane flow");
    schema["$defs"] = json!({ "step": step() });
    for pointer in ["/properties/step/items", "/properties/fragments/additionalProperties/properties/step/items"] {
        refer(&mut schema, pointer);
    }
    let edits = "/properties/attack/items/properties/edit/items/properties";
    refer(&mut schema, &format!("{edits}/insert"));
    refer(&mut schema, &format!("{edits}/step"));
    schema
}

/// The schema of the threat catalogue.
pub fn threats() -> Value {
    titled(grammar::schema(&Shape::Table(CATALOGUE)), "Trustlane threat catalogue")
}

/// The schema of the questions that lead to methods.
pub fn decisions() -> Value {
    titled(grammar::schema(&Shape::Table(DECISIONS)), "Trustlane decisions")
}

/// The schema of the glossary.
pub fn glossary() -> Value {
    titled(grammar::schema(&Shape::Table(GLOSSARY)), "Trustlane glossary")
}

/// The schema of the rubric.
pub fn rubric() -> Value {
    titled(grammar::schema(&Shape::Table(RUBRIC)), "Trustlane rubric")
}

/// The schema of a compliance framework.
pub fn framework() -> Value {
    titled(grammar::schema(&Shape::Table(FRAMEWORK)), "Trustlane compliance framework")
}

/// The schema of declarations on controls.
pub fn declarations() -> Value {
    titled(grammar::schema(&Shape::Table(DECLARED)), "Trustlane declarations")
}

/// The schema of a trace, as `trustlane run --format json` prints it.
pub fn trace() -> Value {
    let mut schema = schemars::schema_for!(Trace).to_value();
    schema["title"] = "Trustlane trace".into();
    schema
}

/// The schema of the timelines of a flow, `data/<flow>/timeline.json`.
pub fn timeline() -> Value {
    let mut schema = schemars::schema_for!(FlowTimelines).to_value();
    schema["title"] = "Trustlane timelines".into();
    schema
}

fn titled(mut schema: Value, title: &str) -> Value {
    schema["$schema"] = DIALECT.into();
    schema["title"] = title.into();
    schema
}

fn refer(schema: &mut Value, pointer: &str) {
    *schema.pointer_mut(pointer).expect("the flow grammar has steps at these places") =
        json!({ "$ref": "#/$defs/step" });
}

fn step() -> Value {
    let mut schema = grammar::schema(&Shape::Table(STEP));
    let names: Vec<&str> = OPERATIONS.iter().map(|operation| operation.spec().name).collect();
    schema["properties"]["op"]["enum"] = names.into();
    schema["allOf"] = OPERATIONS.iter().map(|operation| arguments(operation.spec())).collect();
    schema
}

/// If the operation is this one, its arguments are these; an end for which it takes none has none.
fn arguments(spec: &Spec) -> Value {
    let ends = [(End::With, "with"), (End::Client, "client"), (End::Server, "server")];
    let properties: Map<String, Value> =
        ends.into_iter().map(|(end, key)| (key.to_owned(), table(spec, end))).collect();
    json!({
        "if": { "properties": { "op": { "const": spec.name } }, "required": ["op"] },
        "then": { "properties": properties, "description": spec.summary },
    })
}

fn table(spec: &Spec, end: End) -> Value {
    let own = || spec.params.iter().filter(move |param| param.end == end);
    let properties: Map<String, Value> = own()
        .filter(|param| param.name != "*")
        .map(|param| {
            let mut property = accepted(&param.accepts);
            property["description"] = param.summary.into();
            (param.name.to_owned(), property)
        })
        .collect();
    let required: Vec<&str> = own().filter(|param| param.required).map(|param| param.name).collect();
    let is_open = own().any(|param| param.name == "*");
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": is_open })
}

/// A `$` reference is text, so most parameters accept text beside what they are.
fn accepted(accepts: &Accepts) -> Value {
    match accepts {
        Accepts::Any => json!({ "type": ["string", "integer"] }),
        Accepts::Boolean => json!({ "type": "boolean" }),
        Accepts::Choice(words) => json!({ "enum": words }),
        Accepts::Field => json!({}),
        Accepts::Kinds(_) | Accepts::Layout | Accepts::Text => json!({ "type": "string" }),
        Accepts::ListOf(_) => json!({ "type": ["array", "string"], "items": { "type": "string" } }),
        Accepts::Metadata => {
            json!({ "type": "object", "additionalProperties": { "type": ["string", "integer", "boolean"] } })
        }
        Accepts::Number => json!({ "anyOf": [{ "type": "integer" }, { "type": "string", "pattern": "^\\$[^$]" }] }),
        Accepts::Parts => {
            json!({ "type": ["array", "string", "integer"], "items": { "type": ["string", "integer"] } })
        }
        Accepts::Table => json!({ "type": ["object", "string"] }),
    }
}
