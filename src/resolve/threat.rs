//! The threats that a flow names are in the catalogue, and what threats test is in the table of claims.

use crate::claim;
use crate::diag::{Code, Sink, did_you_mean, error};
use crate::document::Node;
use crate::flow::def::FlowDef;
use crate::threat::{Catalogue, check_name};

/// Reports every `threat` of `def` that `catalogue` does not have; a project without a catalogue may name any.
pub fn check(def: &FlowDef, catalogue: &Catalogue, sink: &mut Sink) {
    if catalogue.threats.is_empty() {
        return;
    }
    let known: Vec<&str> = catalogue.threats.iter().map(|threat| threat.id.as_str()).collect();
    let named = def.node.entries().iter().flat_map(|entry| entry.value.items()).filter_map(|item| item.find("threat"));
    named.filter(|name: &&Node| name.as_text().is_some()).for_each(|name| check_name(name, "threat", &known, sink));
}

/// Reports every claim that a threat tests and that the table does not have.
pub fn check_tests(catalogue: &Catalogue, sink: &mut Sink) {
    let known: Vec<&str> = claim::evidence().map(claim::Evidence::name).collect();
    let named = catalogue.threats.iter().flat_map(|threat| threat.tests.iter().zip(&threat.tests_spans));
    for (name, span) in named.filter(|(name, _)| !known.contains(&name.as_str())) {
        let found = error(Code::UNKNOWN_NAME, span, format!("no claim of evidence is called `{name}`"));
        sink.push(found.maybe_hint(did_you_mean(name, known.iter().copied())));
    }
}
