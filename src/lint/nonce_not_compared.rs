//! A nonce is sent, and nobody looks whether it comes back.

use std::collections::BTreeSet;

use super::baseline::{Baseline, Given, Happened, has, is_at, references, writings};
use super::{Finding, Lint, LintSpec, Risk};
use crate::diag::Code;
use crate::operation::{Makes, Shape};
use crate::trace::Artifact;

/// A nonce is sent, and nobody looks whether it comes back.
pub struct NonceNotCompared;

impl Lint for NonceNotCompared {
    fn spec(&self) -> &'static LintSpec {
        const {
            &LintSpec {
                code: Code::NONCE_NOT_COMPARED,
                title: "a nonce that nobody compares",
                asks: "Every nonce that its maker sends, as it is or as part of something, must be compared by its maker in a later step: itself, as a member of something that was received, or in a MAC or digest that the maker computed over it. An initialisation vector is no such nonce; it must not repeat, and there is nothing to compare it to.",
                why: "A nonce shows that an answer was made for this question. Where nobody compares it, an old answer does as well, and a recording is as good as the device.",
                references: &["CWE-294", "RFC 8995, section 5.6.1", "RFC 9334, section 10.2"],
                fix: "Put the nonce into what the other end signs or authenticates, and compare it with `check-equal` when the answer is there.",
                example: r#"
[[step]]
id = "nonce"
at = "device"
op = "nonce"
out = "nonce"

[[step]]
id = "ask"
from = "device"
to = "server"
via = "net"
op = "deliver"
with.nonce = "$nonce"
receive.nonce = "nonce"

[[step]]
id = "answer"
from = "server"
to = "device"
via = "net"
op = "deliver"
with.nonce = "$nonce"
receive.answered = "nonce"
"#,
            }
        }
    }

    fn findings(&self, baseline: &Baseline<'_>) -> Vec<Finding> {
        let is_nonce = |happened: &Happened<'_>| happened.step.operation.bearing().makes == Makes::Nonce;
        let made = baseline.steps().filter(is_nonce);
        let nonces = made.flat_map(|happened| happened.event.stored.iter().map(move |nonce| (happened.index, nonce)));
        nonces.filter_map(|(index, nonce)| unanswered(baseline, index, nonce)).collect()
    }
}

fn unanswered(baseline: &Baseline<'_>, index: usize, nonce: &Artifact) -> Option<Finding> {
    let nonce_names = baseline.made_of(&nonce.actor, &nonce.name);
    let later: Vec<Happened<'_>> = baseline.steps().filter(|happened| happened.index > index).collect();
    let sent = later.iter().find(|happened| is_sent(baseline, happened, &nonce.actor, &nonce_names))?;
    if later
        .iter()
        .any(|happened| is_vector(baseline, happened, nonce) || is_compared(baseline, happened, nonce, &nonce_names))
    {
        return None;
    }
    let subject = format!("{}/{}", nonce.actor, nonce.name);
    Some(Finding {
        step: nonce.step.clone(),
        message: format!(
            "`{}` sends the nonce `{}` and compares it with nothing that comes back",
            nonce.actor, nonce.name
        ),
        subject,
        risk: Risk::High,
        evidence: vec![nonce.step.clone(), sent.step.id.clone()],
    })
}

fn is_sent(baseline: &Baseline<'_>, happened: &Happened<'_>, maker: &str, names: &BTreeSet<String>) -> bool {
    let is_message = happened.step.operation.spec().shape == Shape::Message;
    is_message
        && baseline.arguments(happened.step).iter().any(|given| {
            given.actor == maker
                && references(&given.argument.expr).iter().any(|reference| names.contains(&reference.name))
        })
}

/// Whether the nonce is the initialisation vector of a cipher.
fn is_vector(baseline: &Baseline<'_>, happened: &Happened<'_>, nonce: &Artifact) -> bool {
    let vectors = baseline.given(happened.step, happened.step.operation.bearing().initialises);
    vectors.iter().any(|given| {
        given.actor == nonce.actor
            && baseline
                .evaluate(given.actor, &given.argument.expr)
                .iter()
                .any(|value| value.canonical() == nonce.bytes.0)
    })
}

/// Whether its maker compares it: with something of its own making, or with a record.
fn is_compared(baseline: &Baseline<'_>, happened: &Happened<'_>, nonce: &Artifact, names: &BTreeSet<String>) -> bool {
    if !is_at(baseline.flow, happened.step, &nonce.actor) {
        return false;
    }
    let needles = writings(&nonce.bytes.0);
    let shows = |given: &Given<'_>| {
        let values = baseline.evaluate(given.actor, &given.argument.expr);
        values.iter().any(|value| has(&value.canonical(), &needles))
    };
    // A MAC over the nonce does not show it, and is compared all the same.
    let is_own = |given: &Given<'_>| {
        let used = references(&given.argument.expr);
        used.iter().any(|used| names.contains(&used.name) && (used.members.is_empty() || shows(given)))
    };
    let bearing = happened.step.operation.bearing();
    // A signature or MAC that is verified over the own nonce is an answer to it.
    let own: Vec<&str> = [bearing.compares, bearing.verifies].concat();
    baseline.given(happened.step, &own).iter().any(is_own)
        || baseline.given(happened.step, bearing.matches).iter().any(|given| shows(given) || is_own(given))
}
