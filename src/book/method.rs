//! The page of a method: everything on it that comes from its runs.

use serde::Serialize;

use super::artifact::{Download, Files};
use super::attack::{self, AttackView, Attacks, GoalView};
use super::boundary::{self, CrossingView};
use super::compliance::ShortView;
use super::finding::{self, FindingView};
use super::knowledge::{self, KnowerView};
use super::lifecycle::{self, LifecycleView};
use super::probe::{self, MatrixView};
use super::registry::{self, RegistryView};
use super::step::{Run, StepView, counts_in_words};
use super::surface::{self, SurfaceRow};
use super::timeline::TimelineView;
use super::{commands, figure, words};
use crate::assess::FlowAssessment;
use crate::crypto::count::Counts;
use crate::diagram::certificate;
use crate::diagram::swimlane::SWIMLANE;
use crate::flow::{BASELINE, Flow, Scenario};
use crate::threat::Catalogue;
use crate::trace::{ArtifactKind, Outcome, Trace};

/// A run of a method with what is known about it.
#[derive(Clone, Debug, Serialize)]
pub struct MethodView {
    /// Id of the flow.
    pub id: String,
    /// Title of the flow.
    pub title: String,
    /// Page of the method.
    pub page: String,
    /// Id of the picture.
    pub figure: String,
    /// The picture's file.
    pub figure_file: String,
    /// The run in machine-readable form.
    pub trace_file: String,
    /// The bytes of the run for packet analysers; on the method's page alone.
    pub capture: Option<CaptureView>,
    /// Five figures under the title.
    pub facts: Vec<FactView>,
    /// Zones with who lives in them.
    pub zones: Vec<ZoneView>,
    /// All scenarios.
    pub scenarios: Vec<ScenarioOption>,
    /// The steps.
    pub steps: Vec<StepView>,
    /// Number of the first step that the scenario changes; absent for the baseline.
    pub first_changed: Option<usize>,
    /// The attack itself, on its own page.
    pub attack: Option<AttackView>,
    /// All attacks, on the method's page.
    pub attacks: Vec<AttackView>,
    /// What happens later in the life of a device, on the method's page.
    pub lifecycle: Vec<LifecycleView>,
    /// What an attacker can reach, step by step, on the method's page.
    pub surface: Vec<SurfaceRow>,
    /// What the engine attempted, on the method's page.
    pub matrix: Option<MatrixView>,
    /// What crosses the borders of zones, on the method's page.
    pub crossings: Vec<CrossingView>,
    /// Whether somebody relies on a certificate or holds one, on the method's page.
    pub has_anchors: bool,
    /// Who knows what.
    pub knowledge: Vec<KnowerView>,
    /// Goals, on the method's page.
    pub goals: Vec<GoalView>,
    /// How long it takes, on the method's page.
    pub timeline: Option<TimelineView>,
    /// How it stands against the criteria and frameworks, on the method's page.
    pub compliance: Option<ShortView>,
    /// Findings of lints, on the method's page.
    pub findings: Vec<FindingView>,
    /// The registry at the end.
    pub registry: RegistryView,
    /// When devices become known.
    pub registration: &'static str,
    /// What the flow leaves out of the standard.
    pub omits: Vec<String>,
    /// What is simulated.
    pub simulates: Vec<String>,
    /// Standards that define it.
    pub standards: Vec<String>,
    /// The course's level of security; may be empty.
    pub course_level: String,
    /// Where the course recommends it; may be empty.
    pub course_best_for: String,
    /// Whether private keys are on the page.
    pub has_keys: bool,
    /// The public seed.
    pub seed: String,
    /// Names of the sections that the chapter places by a directive, so that they do not follow again.
    pub placed: Vec<&'static str>,
}

/// A run as a capture.
#[derive(Clone, Debug, Serialize)]
pub struct CaptureView {
    /// The capture, with the command that opens it.
    pub download: Download,
    /// The secrets of its sessions alone; absent where it has none.
    pub key_log_file: Option<String>,
}

/// A figure under the title.
#[derive(Clone, Debug, Serialize)]
pub struct FactView {
    /// What it counts.
    pub label: &'static str,
    /// The figure.
    pub value: String,
    /// A few words beside it; may be empty.
    pub note: String,
}

/// A trust zone.
#[derive(Clone, Debug, Serialize)]
pub struct ZoneView {
    /// Name.
    pub title: String,
    /// How far it is trusted.
    pub trust: &'static str,
    /// Name of the zone in which it lies; may be empty.
    pub inside: String,
    /// Who lives in it.
    pub actors: Vec<ActorView>,
}

/// An actor.
#[derive(Clone, Debug, Serialize)]
pub struct ActorView {
    /// Name.
    pub title: String,
    /// What it does.
    pub role: String,
    /// Where its keys are.
    pub custody: &'static str,
}

/// A scenario to choose.
#[derive(Clone, Debug, Serialize)]
pub struct ScenarioOption {
    /// Title.
    pub title: String,
    /// Its page.
    pub page: String,
    /// Whether it is the one on this page.
    pub current: bool,
    /// How it ended, in a word.
    pub outcome: &'static str,
}

/// The view of the scenario at `index` of `flow`.
pub fn view(
    flow: &Flow,
    traces: &[Trace],
    index: usize,
    assessment: &FlowAssessment,
    threats: &Catalogue,
    files: &Files,
    seed: &str,
) -> MethodView {
    let (scenario, trace) = (&flow.scenarios[index], &traces[index]);
    let page = attack::method_path(flow);
    let is_baseline = index == 0;
    let first_changed = scenario.first_edit.filter(|_| !is_baseline).map(|edit| edit.min(trace.events.len()));
    let detailed_from = first_changed.unwrap_or(0);
    let run = Run { flow, scenario, trace, files, seed, prefix: "", detailed_from, only_actor: None };
    let steps = run.steps();
    let attacks = Attacks { flow, traces, assessment, threats, prefix: "", own: &page };
    MethodView {
        id: flow.id.clone(),
        title: flow.title.clone(),
        figure: figure::id(flow, &scenario.id, SWIMLANE),
        figure_file: figure::path(flow, &scenario.id, SWIMLANE),
        trace_file: trace_path(flow, &scenario.id),
        capture: is_baseline.then(|| capture(flow, trace)),
        facts: facts(assessment),
        zones: zones(flow),
        scenarios: scenarios(flow, traces, index),
        first_changed: first_changed.map(|edit| edit + 1),
        attack: scenario.kind.is_attack().then(|| attacks.card(index)),
        lifecycle: if is_baseline { lifecycle::lifecycle(flow, traces) } else { Vec::new() },
        surface: if is_baseline { surface::surface(attacks) } else { Vec::new() },
        matrix: probe::matrix(flow, trace, assessment, &page),
        crossings: if is_baseline { boundary::view(flow, traces, threats) } else { Vec::new() },
        has_anchors: is_baseline && has_certificates(trace),
        knowledge: knowledge::knowledge(scenario, trace, &attack::scenario_path(flow, &scenario.id)),
        attacks: if is_baseline { attacks.cards() } else { Vec::new() },
        goals: if is_baseline { attack::goals(flow, trace, assessment, "", &page) } else { Vec::new() },
        compliance: None,
        timeline: None,
        findings: if is_baseline { finding::findings(trace, assessment, &page) } else { Vec::new() },
        registry: registry::view(&run),
        registration: words::registration(flow.registration),
        omits: flow.omits.clone(),
        simulates: flow.simulates.clone(),
        standards: flow.standards.clone(),
        course_level: flow.course.level.clone(),
        course_best_for: flow.course.best_for.clone(),
        has_keys: trace.events.iter().flat_map(|event| &event.stored).any(|artifact| {
            matches!(artifact.kind, ArtifactKind::PrivateKey | ArtifactKind::Credential | ArtifactKind::Secret)
        }),
        seed: seed.to_owned(),
        placed: Vec::new(),
        page,
        steps,
    }
}

fn has_certificates(trace: &Trace) -> bool {
    trace.stores.values().flat_map(|store| store.values()).any(|artifact| !certificate::read(artifact).is_empty())
}

/// Path of a run in machine-readable form.
pub fn trace_path(flow: &Flow, scenario: &str) -> String {
    format!("data/{}/{scenario}.json", flow.id)
}

/// Path of the baseline as a capture.
pub fn capture_path(flow: &Flow) -> String {
    format!("data/{}/{}", flow.id, capture_file())
}

/// Path of the secrets that decrypt it.
pub fn key_log_path(flow: &Flow) -> String {
    format!("data/{}/{BASELINE}.keys", flow.id)
}

fn capture(flow: &Flow, trace: &Trace) -> CaptureView {
    CaptureView {
        download: Download {
            path: capture_path(flow),
            command: commands::open_capture(trace, &capture_file()),
            file: capture_file(),
        },
        key_log_file: trace.has_key_log().then(|| key_log_path(flow)),
    }
}

fn capture_file() -> String {
    format!("{BASELINE}.pcapng")
}

fn facts(assessment: &FlowAssessment) -> Vec<FactView> {
    let facts = &assessment.facts;
    let device = facts.counts.get(&facts.device).copied().unwrap_or_default();
    let sessions = match facts.sessions {
        0 => "no session".to_owned(),
        n => format!("in {}", words::count(n, "session", "sessions")),
    };
    vec![
        FactView { label: "Messages", value: words::number(facts.messages), note: sessions },
        FactView {
            label: "On the wire",
            value: words::short_bytes(facts.wire_bytes),
            note: format!("device {}", words::short_bytes(facts.device_wire_bytes)),
        },
        device_work(device),
        FactView { label: "User actions", value: words::number(facts.user_actions), note: String::new() },
        FactView {
            label: "Attacks tried",
            value: words::number(facts.attacks),
            note: match facts.attacks_accepted {
                1 => "1 gets through".to_owned(),
                n => format!("{n} get through"),
            },
        },
    ]
}

/// Signatures made and verified by the device: what costs it most; without any, what else it computes.
fn device_work(counts: Counts) -> FactView {
    let n_others = counts.p384 + counts.ed25519 + counts.rsa_private + counts.rsa_public;
    if n_others > 0 {
        let note = counts_in_words(counts).join(", ");
        let value = (counts.sign + counts.verify + n_others).to_string();
        return FactView { label: "Public-key operations of the device", value, note };
    }
    let n_signatures = counts.sign + counts.verify;
    let (value, note) = if n_signatures > 0 {
        (n_signatures.to_string(), format!("{} made, {} verified", counts.sign, counts.verify))
    } else {
        ("0".to_owned(), counts_in_words(counts).into_iter().next().unwrap_or_default())
    };
    FactView { label: "Device signatures", value, note }
}

fn zones(flow: &Flow) -> Vec<ZoneView> {
    let zone = |(index, zone): (usize, &crate::flow::Zone)| ZoneView {
        title: zone.title.clone(),
        trust: zone.trust.title(),
        inside: zone.inside.map_or_else(String::new, |outer| flow.zones[outer].title.clone()),
        actors: flow
            .actors
            .iter()
            .filter(|actor| actor.zone == Some(index))
            .map(|actor| ActorView {
                title: actor.title.clone(),
                role: actor.role.clone(),
                custody: actor.custody.title(),
            })
            .collect(),
    };
    flow.zones.iter().enumerate().map(zone).collect()
}

fn scenarios(flow: &Flow, traces: &[Trace], current: usize) -> Vec<ScenarioOption> {
    let option = |(index, (scenario, trace)): (usize, (&Scenario, &Trace))| ScenarioOption {
        title: scenario.title.clone(),
        page: attack::scenario_path(flow, &scenario.id),
        current: index == current,
        outcome: match (&trace.outcome, scenario.kind.is_attack()) {
            (Outcome::Completed, true) => "gets through",
            (Outcome::Completed, false) => "",
            (Outcome::Rejected { .. }, _) => "refused",
            (Outcome::Stalled { .. }, _) => "stalled",
        },
    };
    flow.scenarios.iter().zip(traces).enumerate().map(option).collect()
}
