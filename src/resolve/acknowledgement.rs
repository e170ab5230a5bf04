//! Acknowledgements of findings, their lints looked up.

use crate::diag::{Code, Sink, did_you_mean, error};
use crate::document::Node;
use crate::flow::Acknowledgement;
use crate::lint::{self, LINTS};

/// The acknowledgements of a flow file; `None` where one names no lint.
pub fn acknowledgements(node: &Node, sink: &mut Sink) -> Option<Vec<Acknowledgement>> {
    let written = node.find("acknowledge").map(Node::items).unwrap_or_default();
    let all: Vec<Option<Acknowledgement>> = written.iter().map(|one| acknowledgement(one, sink)).collect();
    all.into_iter().collect()
}

fn acknowledgement(node: &Node, sink: &mut Sink) -> Option<Acknowledgement> {
    let name = node.find("lint")?;
    let text = name.as_text()?;
    let Some(lint) = lint::find(text) else {
        let hint = did_you_mean(text, LINTS.iter().map(|lint| lint.name()));
        sink.push(error(Code::UNKNOWN_NAME, &name.span, format!("no lint is called `{text}`")).maybe_hint(hint));
        return None;
    };
    let (at, reason) = (node.text("at").to_owned(), node.text("reason").to_owned());
    Some(Acknowledgement { lint: lint.name(), at, reason, span: node.span.clone() })
}
