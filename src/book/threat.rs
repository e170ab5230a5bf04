//! Threats as readers see them: beside an attack, and all of them against all methods.

use serde::Serialize;

use super::{PageLink, attack};
use crate::assess::{Assessment, FlowAssessment};
use crate::flow::Flow;
use crate::resolve::Project;
use crate::threat::{Catalogue, Expected, Reference, Stride, Threat};

/// A threat beside an attack.
#[derive(Clone, Debug, Serialize)]
pub struct ThreatView {
    /// Id in the catalogue.
    pub id: String,
    /// Its anchor on the page of the catalogue.
    pub anchor: String,
    /// Name; empty where the project has no catalogue.
    pub name: String,
    /// What it violates.
    pub stride: Vec<&'static str>,
    /// Entries of public catalogues.
    pub references: Vec<ReferenceView>,
}

/// An entry of a public catalogue.
#[derive(Clone, Debug, Serialize)]
pub struct ReferenceView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it is explained; absent for one that nobody looked up.
    pub url: Option<String>,
}

/// All threats against all methods.
#[derive(Clone, Debug, Serialize)]
pub struct ThreatsView {
    /// The methods, a column each.
    pub flows: Vec<PageLink>,
    /// The threats.
    pub rows: Vec<ThreatRow>,
    /// Families that threats name, with why they have the flows that they have.
    pub families: Vec<FamilyRow>,
}

/// A threat against all methods.
#[derive(Clone, Debug, Serialize)]
pub struct ThreatRow {
    /// The threat.
    #[serde(flatten)]
    pub threat: ThreatView,
    /// What is tried.
    pub description: String,
    /// What decides.
    pub layer: &'static str,
    /// What becomes of it where both ends prove themselves by certificates.
    pub expected: &'static str,
    /// Codes with which it is refused.
    pub codes: Vec<String>,
    /// When it is refused and when not; may be empty.
    pub outcome: String,
    /// The reasoning that stands in for a run.
    pub analysis: Option<String>,
    /// Tags of controls.
    pub controls: Vec<String>,
    /// One for each method, in the order of the columns.
    pub cells: Vec<CellView>,
}

/// What a method has to say to a threat.
#[derive(Clone, Debug, Serialize)]
pub struct CellView {
    /// Title of the method.
    pub method: String,
    /// Which of the answers it is.
    pub answer: Answer,
    /// Attacks that execute it, with whether they got through.
    pub attacks: Vec<ExecutedView>,
    /// Why it cannot arise; empty for every other answer.
    pub reason: String,
}

/// The answer of a method to a threat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// No run can execute it.
    Analysis,
    /// An attack executes it.
    Executed,
    /// It belongs to other families of methods.
    NotOfFamily,
    /// It cannot arise, for a reason.
    NotApplicable,
    /// It arises, and nobody has executed it.
    Open,
}

/// An attack that executes a threat.
#[derive(Clone, Debug, Serialize)]
pub struct ExecutedView {
    /// Its page.
    pub link: PageLink,
    /// Whether it got through.
    pub accepted: bool,
}

/// A family of methods.
#[derive(Clone, Debug, Serialize)]
pub struct FamilyRow {
    /// Its name.
    pub name: String,
    /// Methods of this book that belong to it.
    pub flows: Vec<PageLink>,
    /// Why they do, or what is missing.
    pub why: String,
}

/// The threat called `id`.
pub fn view(id: &str, catalogue: &Catalogue) -> ThreatView {
    let found = catalogue.find(id);
    ThreatView {
        id: id.to_owned(),
        anchor: format!("threat-{}", id.to_lowercase()),
        name: found.map(|threat| threat.name.clone()).unwrap_or_default(),
        stride: found.into_iter().flat_map(|threat| &threat.stride).copied().map(Stride::title).collect(),
        references: found.into_iter().flat_map(|threat| &threat.references).map(reference).collect(),
    }
}

fn reference(reference: &Reference) -> ReferenceView {
    ReferenceView { id: reference.id.clone(), name: reference.name.clone(), url: reference.url() }
}

/// Every threat of the catalogue against every method of the project.
pub fn threats(project: &Project, assessment: &Assessment) -> ThreatsView {
    let catalogue = &project.threats;
    let flows = || project.flows.iter().zip(&assessment.flows);
    let rows = catalogue.threats.iter().map(|threat| ThreatRow {
        threat: view(&threat.id, catalogue),
        description: threat.description.clone(),
        layer: threat.layer.title(),
        expected: match threat.expected {
            Expected::Accepted => "gets through",
            Expected::Analysis => "analysed",
            Expected::Rejected => "refused",
        },
        codes: threat.codes.clone(),
        outcome: threat.outcome.clone(),
        analysis: threat.analysis.clone(),
        controls: threat.controls.clone(),
        cells: flows().map(|(flow, assessed)| cell(threat, flow, assessed, catalogue)).collect(),
    });
    let families = catalogue.families.iter().map(|family| FamilyRow {
        name: family.name.clone(),
        flows: project.flows.iter().filter(|flow| family.flows.contains(&flow.id)).map(method_link).collect(),
        why: family.why.clone(),
    });
    ThreatsView {
        flows: project.flows.iter().map(method_link).collect(),
        rows: rows.collect(),
        families: families.collect(),
    }
}

fn method_link(flow: &Flow) -> PageLink {
    PageLink { title: flow.title.clone(), path: attack::method_path(flow) }
}

fn cell(threat: &Threat, flow: &Flow, assessed: &FlowAssessment, catalogue: &Catalogue) -> CellView {
    let executed = assessed.attacks.iter().filter_map(|verdict| {
        let scenario = flow.scenario(&verdict.scenario)?;
        let link = PageLink { title: scenario.title.clone(), path: attack::scenario_path(flow, &scenario.id) };
        let is_own = scenario.threat.as_deref() == Some(threat.id.as_str());
        is_own.then_some(ExecutedView { link, accepted: verdict.accepted })
    });
    let attacks: Vec<ExecutedView> = executed.collect();
    let reason = catalogue.reason(&threat.id, &flow.id).unwrap_or_default();
    let answer = if !attacks.is_empty() {
        Answer::Executed
    } else if !catalogue.applies(threat, &flow.id) {
        Answer::NotOfFamily
    } else if threat.expected == Expected::Analysis {
        Answer::Analysis
    } else if reason.is_empty() {
        Answer::Open
    } else {
        Answer::NotApplicable
    };
    CellView { method: flow.title.clone(), answer, attacks, reason: reason.to_owned() }
}
