//! The threats that a flow names are in the catalogue.

use crate::diag::Sink;
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
