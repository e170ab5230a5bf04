//! What claims of evidence say of all runs of a flow.

use serde::Serialize;

use super::FindingVerdict;
use crate::claim::case::Found;
use crate::claim::{self, Case, Run, RunKind, Testimony};
use crate::flow::{Flow, Scenario, ScenarioKind};
use crate::lint::Risk;
use crate::resolve::flow::DEVICE_ROLE;
use crate::threat::Catalogue;
use crate::trace::Trace;

/// What a claim of evidence says of a flow.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct EvidenceVerdict {
    /// Name of the claim.
    pub claim: &'static str,
    /// What the runs say.
    #[serde(flatten)]
    pub testimony: Testimony,
}

/// Everything that was executed of a flow, as claims look at it.
pub fn case<'r>(
    flow: &'r Flow,
    traces: &'r [Trace],
    other_device: &'r Trace,
    threats: &'r Catalogue,
    findings: &'r [FindingVerdict],
) -> Case<'r> {
    let device = flow.actors.iter().find(|actor| actor.role == DEVICE_ROLE);
    let run = |(scenario, trace): (&'r Scenario, &'r Trace)| Run {
        trace,
        title: &scenario.title,
        kind: kind(&scenario.kind),
        base: scenario.base.as_deref(),
        first_edit: scenario.first_edit.unwrap_or(0).min(trace.events.len()),
        tests: scenario.threat.as_deref().and_then(|id| threats.find(id)).map_or(&[], |threat| threat.tests.as_slice()),
    };
    let found = |finding: &'r FindingVerdict| Found {
        lint: finding.lint,
        message: &finding.message,
        evidence: &finding.evidence,
        is_high: finding.risk == Risk::High,
    };
    Case {
        device: device.map_or("", |device| device.id.as_str()),
        runs: flow.scenarios.iter().zip(traces).map(run).collect(),
        other_device,
        findings: findings.iter().map(found).collect(),
    }
}

/// What every claim of evidence says, by name.
pub fn evidence(case: &Case<'_>) -> Vec<EvidenceVerdict> {
    claim::evidence().map(|claim| EvidenceVerdict { claim: claim.name(), testimony: claim.judge(case) }).collect()
}

fn kind(kind: &ScenarioKind) -> RunKind<'_> {
    match kind {
        ScenarioKind::Baseline => RunKind::Baseline,
        ScenarioKind::Lifecycle(stage) => RunKind::Lifecycle(*stage),
        ScenarioKind::Attack { .. } => RunKind::Attack,
        ScenarioKind::Mitigation => RunKind::Mitigation,
        ScenarioKind::Mitigated { attack, mitigation } => RunKind::Mitigated { attack, mitigation },
    }
}
