//! Project × Runs → [`Assessment`]: what the runs bear out.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::crypto::count::Counts;

/// Verdicts and facts, flow by flow in the order of [`crate::resolve::Project::flows`].
#[derive(Clone, Debug, Serialize)]
pub struct Assessment {
    /// One entry a flow.
    pub flows: Vec<FlowAssessment>,
}

/// Verdicts and facts of one flow.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct FlowAssessment {
    /// Id of the flow.
    pub flow: String,
    /// The goals, in the order of the file, judged on the baseline.
    pub goals: Vec<GoalVerdict>,
    /// Attacks, in the order of the file.
    pub attacks: Vec<AttackVerdict>,
    /// Figures of the baseline.
    pub facts: Facts,
}

/// Whether a goal is borne out.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct GoalVerdict {
    /// Id of the goal.
    pub goal: String,
    /// The claim in words, with its arguments.
    pub statement: String,
    /// Whether the baseline bears it out.
    pub held: bool,
    /// What decided, in words.
    pub reason: String,
    /// Steps whose events are the evidence.
    pub evidence: Vec<String>,
    /// Ids of the scenarios in which it does not hold.
    pub broken_by: Vec<String>,
}

/// What became of an attack.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct AttackVerdict {
    /// Id of the scenario.
    pub scenario: String,
    /// Whether it got through.
    pub accepted: bool,
    /// Ids of the goals that it breaks.
    pub breaks: Vec<String>,
}

/// Figures of a baseline run.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Facts {
    /// Steps in which bytes crossed a link or a session was opened.
    pub messages: usize,
    /// Sessions opened.
    pub sessions: usize,
    /// Bytes on all links.
    pub wire_bytes: usize,
    /// Bytes on the links of the device.
    pub device_wire_bytes: usize,
    /// Things that a person did.
    pub user_actions: usize,
    /// Steps.
    pub steps: usize,
    /// Checks executed.
    pub checks: usize,
    /// Attacks executed.
    pub attacks: usize,
    /// Attacks that got through.
    pub attacks_accepted: usize,
    /// Cryptographic operations, by actor id.
    pub counts: BTreeMap<String, Counts>,
    /// Id of the actor whose role is the device.
    pub device: String,
    /// Where the device keeps its key, in words.
    pub custody: String,
}
