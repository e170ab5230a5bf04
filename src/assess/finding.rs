//! Findings of lints, each open or acknowledged.

use serde::Serialize;

use crate::diag::{Code, Diagnostic, Severity, Sink, did_you_mean, error};
use crate::flow::{Acknowledgement, Flow};
use crate::lint::{self, Baseline, Finding, Lint, Risk};
use crate::trace::Trace;

/// What a lint found, and whether the author accepts it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct FindingVerdict {
    /// Name of the lint.
    pub lint: &'static str,
    /// The bad thing in a few words.
    pub title: &'static str,
    /// Id of the step.
    pub step: String,
    /// What it is about: `actor/value`.
    pub subject: String,
    /// What is.
    pub message: String,
    /// How bad it is.
    pub risk: Risk,
    /// Steps whose events are the evidence.
    pub evidence: Vec<String>,
    /// Why the author accepts it; absent where it is open.
    pub acknowledged: Option<String>,
}

/// Asks every lint; what is open and what no lint finds any more is reported.
pub fn findings(flow: &Flow, trace: &Trace, other_device: &Trace, sink: &mut Sink) -> Vec<FindingVerdict> {
    let found = lint::ask(&Baseline::new(flow, trace, Some(other_device)));
    for stale in
        flow.acknowledgements.iter().filter(|one| !found.iter().any(|(lint, finding)| accepts(one, *lint, finding)))
    {
        sink.push(stale_diagnostic(stale, &found));
    }
    let verdict = |(lint, finding): (&'static dyn Lint, Finding)| {
        let acknowledged = flow.acknowledgements.iter().find(|one| accepts(one, lint, &finding));
        if acknowledged.is_none() {
            sink.push(open_diagnostic(flow, lint, &finding));
        }
        FindingVerdict {
            lint: lint.name(),
            title: lint.spec().title,
            step: finding.step,
            subject: finding.subject,
            message: finding.message,
            risk: finding.risk,
            evidence: finding.evidence,
            acknowledged: acknowledged.map(|one| one.reason.clone()),
        }
    };
    found.into_iter().map(verdict).collect()
}

fn accepts(one: &Acknowledgement, lint: &dyn Lint, finding: &Finding) -> bool {
    one.lint == lint.name() && (one.at == finding.step || one.at == finding.subject)
}

fn open_diagnostic(flow: &Flow, lint: &dyn Lint, finding: &Finding) -> Diagnostic {
    let step = flow.baseline().steps.iter().find(|step| step.id == finding.step);
    Diagnostic {
        severity: Severity::Warning,
        code: lint.spec().code,
        message: finding.message.clone(),
        span: Some(step.map_or(&flow.span, |step| &step.span).clone()),
        hints: vec![format!("`trustlane explain {}` says why it matters and what to do", lint.name())],
    }
}

fn stale_diagnostic(stale: &Acknowledgement, found: &[(&'static dyn Lint, Finding)]) -> Diagnostic {
    let places = found.iter().filter(|(lint, _)| lint.name() == stale.lint);
    let places = places.flat_map(|(_, finding)| [finding.step.as_str(), finding.subject.as_str()]);
    let message = format!("`{}` finds nothing at `{}`", stale.lint, stale.at);
    error(Code::STALE_ACKNOWLEDGEMENT, &stale.span, message)
        .maybe_hint(did_you_mean(&stale.at, places).or_else(|| Some("take the acknowledgement away".to_owned())))
}
