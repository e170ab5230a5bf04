//! Findings of lints as readers see them.

use serde::Serialize;

use super::PageLink;
use super::attack::step_link;
use crate::assess::FlowAssessment;
use crate::trace::Trace;

/// A finding, open or acknowledged.
#[derive(Clone, Debug, Serialize)]
pub struct FindingView {
    /// Its anchor.
    pub anchor: String,
    /// Name of the lint.
    pub lint: &'static str,
    /// The bad thing in a few words.
    pub title: &'static str,
    /// What is.
    pub message: String,
    /// How bad it is, in a word.
    pub risk: &'static str,
    /// Why the author accepts it; absent where it is open.
    pub acknowledged: Option<String>,
    /// Events that are the evidence.
    pub evidence: Vec<PageLink>,
}

/// The findings of a flow; `own` is the path of the page of the method.
pub fn findings(trace: &Trace, assessment: &FlowAssessment, own: &str) -> Vec<FindingView> {
    let views = assessment.findings.iter().enumerate().map(|(index, verdict)| FindingView {
        anchor: format!("finding-{}", index + 1),
        lint: verdict.lint,
        title: verdict.title,
        message: sentence(&verdict.message),
        risk: verdict.risk.title(),
        acknowledged: verdict.acknowledged.clone(),
        evidence: verdict.evidence.iter().filter_map(|step| step_link(trace, step, own)).collect(),
    });
    views.collect()
}

/// What a diagnostic says, as a sentence: names without backticks, a capital and a full stop.
fn sentence(message: &str) -> String {
    let plain = message.replace('`', "");
    // A name at the beginning is written as it is.
    let begins_with_name = message.starts_with('`');
    let mut letters = plain.chars();
    match letters.next() {
        Some(first) if !begins_with_name => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        _ => format!("{plain}."),
    }
}
