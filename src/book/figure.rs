//! The pictures of a book: one of each kind for a method, some for each of its runs, and those of all methods.

use super::comparison;
use crate::diagram::comparison::Measured;
use crate::diagram::swimlane::SWIMLANE;
use crate::diagram::{DIAGRAMS, Executed, Subject};
use crate::flow::{BASELINE, Flow, Scenario, ScenarioKind};
use crate::profile::Profiles;
use crate::resolve::Project;
use crate::scene::Scene;
use crate::timeline::FlowTimelines;
use crate::trace::Trace;

/// A picture.
#[derive(Debug)]
pub struct Figure {
    /// Prefix of its identifiers.
    pub id: String,
    /// Where its file is.
    pub path: String,
    /// Name of its kind.
    pub kind: &'static str,
    /// Id of the flow that it is about; empty for a picture of the whole book.
    pub flow: String,
    /// Id of the scenario that it is about; empty for a picture of the whole book.
    pub scenario: String,
    /// The picture.
    pub scene: Scene,
}

impl Figure {
    fn new(flow: &Flow, scenario: &Scenario, kind: &'static str, scene: Scene) -> Self {
        let id = id(flow, &scenario.id, kind);
        let path = path(flow, &scenario.id, kind);
        Self { id, path, kind, flow: flow.id.clone(), scenario: scenario.id.clone(), scene }
    }

    /// A picture of the whole book, called like its kind.
    fn of_book(kind: &'static str, scene: Scene) -> Self {
        let path = format!("figures/{kind}.svg");
        Self { id: kind.to_owned(), path, kind, flow: String::new(), scenario: String::new(), scene }
    }
}

/// Prefix of the identifiers in a picture; a swimlane is the picture of its run, and bears its name alone.
pub fn id(flow: &Flow, scenario: &str, kind: &str) -> String {
    let run = if scenario == BASELINE { flow.id.clone() } else { format!("{}-{scenario}", flow.id) };
    if kind == SWIMLANE { run } else { format!("{run}.{kind}") }
}

/// Path of the file with a picture.
pub fn path(flow: &Flow, scenario: &str, kind: &str) -> String {
    format!("figures/{}.svg", id(flow, scenario, kind))
}

/// All pictures of a method.
pub fn figures(flow: &Flow, traces: &[Trace], timelines: &FlowTimelines, profiles: &Profiles) -> Vec<Figure> {
    let mut figures = Vec::new();
    for (scenario, trace) in flow.scenarios.iter().zip(traces) {
        let run = Executed { flow, scenario, trace };
        for subject in subjects(run, traces, timelines, profiles) {
            for diagram in DIAGRAMS.iter().filter(|diagram| scenario.id == BASELINE || diagram.is_of_every_run()) {
                let scene = diagram.draw(&subject);
                figures.extend(scene.map(|scene| Figure::new(flow, scenario, diagram.name(), scene)));
            }
        }
    }
    figures
}

/// The pictures that a book has once; `measured` are its methods in figures.
pub fn of_book(project: &Project, measured: &[Measured]) -> Vec<Figure> {
    let (link, device) = comparison::pair(&project.profiles);
    let titles: Vec<(String, String)> =
        project.flows.iter().map(|flow| (flow.id.clone(), flow.title.clone())).collect();
    let subjects = [
        Subject::Methods { methods: measured, link: &link.title, device: &device.title },
        Subject::Decisions { decisions: &project.decisions, titles: &titles },
    ];
    let drawn = subjects.iter().flat_map(|subject| {
        DIAGRAMS.iter().filter_map(|diagram| Some(Figure::of_book(diagram.name(), diagram.draw(subject)?)))
    });
    drawn.collect()
}

/// What pictures of a run can be drawn from.
fn subjects<'a>(
    run: Executed<'a>,
    traces: &'a [Trace],
    timelines: &'a FlowTimelines,
    profiles: &'a Profiles,
) -> Vec<Subject<'a>> {
    let mut subjects = vec![Subject::Run(run)];
    if run.scenario.id == BASELINE {
        subjects.extend(duration(run, timelines, profiles));
    }
    subjects.extend(pair(run, traces));
    subjects
}

fn duration<'a>(run: Executed<'a>, timelines: &'a FlowTimelines, profiles: &'a Profiles) -> Option<Subject<'a>> {
    let timeline =
        timelines.pairs.iter().find(|pair| pair.link == timelines.link && pair.device == timelines.device)?;
    let link = profiles.links.iter().find(|link| link.id == timeline.link)?;
    let device = profiles.devices.iter().find(|device| device.id == timeline.device)?;
    Some(Subject::Duration { run, timeline, link: &link.title, device: &device.title })
}

fn pair<'a>(run: Executed<'a>, traces: &'a [Trace]) -> Option<Subject<'a>> {
    let scenario = attacked(run.flow, run.scenario)?;
    let index = run.flow.scenarios.iter().position(|other| other.id == scenario.id)?;
    let attack = Executed { flow: run.flow, scenario, trace: traces.get(index)? };
    Some(Subject::Pair { attack, mitigated: run })
}

/// The attack that `scenario` is, executed with a mitigation.
pub fn attacked<'f>(flow: &'f Flow, scenario: &Scenario) -> Option<&'f Scenario> {
    let ScenarioKind::Mitigated { attack, .. } = &scenario.kind else { return None };
    flow.scenarios.iter().find(|other| other.id == *attack)
}
