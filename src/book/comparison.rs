//! All methods side by side, in figures of their runs.

use serde::Serialize;

use super::attack::method_path;
use super::words;
use crate::assess::{Assessment, FlowAssessment};
use crate::diagram::comparison::Measured;
use crate::flow::{Family, Flow};
use crate::profile::{DeviceProfile, LinkProfile, Profiles};
use crate::resolve::Project;
use crate::timeline::{Timelines, Times};

/// The table.
#[derive(Clone, Debug, Serialize)]
pub struct ComparisonView {
    /// Its columns, the method's name excepted.
    pub columns: Vec<Column>,
    /// One row a method.
    pub rows: Vec<Row>,
    /// Families in the table, for the filter.
    pub families: Vec<&'static str>,
}

/// A column.
#[derive(Clone, Debug, Serialize)]
pub struct Column {
    /// Its head.
    pub title: &'static str,
    /// Whether figures stand in it.
    pub numeric: bool,
    /// Whether it is the course's judgement, not computed.
    pub judged: bool,
}

/// A row.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Title of the method.
    pub title: String,
    /// Its page.
    pub page: String,
    /// Its family.
    pub family: &'static str,
    /// Cells, one a column.
    pub cells: Vec<Cell>,
}

/// A cell.
#[derive(Clone, Debug, Serialize)]
pub struct Cell {
    /// What it says.
    pub text: String,
    /// What it is sorted by: a figure, padded so that text order is its order, or the text.
    pub sort: String,
}

/// A card of a method.
#[derive(Clone, Debug, Serialize)]
pub struct MethodCard {
    /// Title.
    pub title: String,
    /// Its page.
    pub page: String,
    /// One or two sentences.
    pub summary: String,
    /// Standards.
    pub standards: String,
    /// A few figures in words.
    pub figures: String,
}

/// The cards of one family.
#[derive(Clone, Debug, Serialize)]
pub struct FamilyView {
    /// Name of the family.
    pub title: &'static str,
    /// Its methods.
    pub methods: Vec<MethodCard>,
}

/// The link and the device that are the same for all methods: those of the book.
pub fn pair(profiles: &Profiles) -> (&LinkProfile, &DeviceProfile) {
    (&profiles.links[profiles.default_link], &profiles.devices[profiles.default_device])
}

/// The figures of all methods, for a picture.
pub fn measured(project: &Project, timelines: &Timelines, assessment: &Assessment) -> Vec<Measured> {
    let (link, device) = pair(&project.profiles);
    let flows = project.flows.iter().zip(&assessment.flows).zip(&timelines.flows);
    let measured = flows.map(|((flow, assessed), times)| {
        let facts = &assessed.facts;
        let counts = facts.counts.get(&facts.device).copied().unwrap_or_default();
        let total = times.pair(&link.id, &device.id).map(|pair| pair.total).unwrap_or_default();
        Measured {
            id: flow.id.clone(),
            title: flow.title.clone(),
            family: flow.family,
            messages: facts.messages,
            device_bytes: facts.device_wire_bytes,
            signs: counts.sign as usize,
            verifies: counts.verify as usize,
            machines: Times { people: 0, waiting: 0, ..total }.sum(),
            user_actions: facts.user_actions,
            attacks: facts.attacks,
            accepted: facts.attacks_accepted,
        }
    });
    measured.collect()
}

const COLUMNS: [Column; 13] = [
    text("Family"),
    text("Registration"),
    figure("Messages"),
    figure("Sessions"),
    figure("On the wire"),
    figure("Device’s share"),
    figure("Device signs"),
    figure("Device verifies"),
    text("Device key"),
    figure("User actions"),
    figure("Attacks refused"),
    figure("Goals borne out"),
    Column { title: "Course’s level", numeric: false, judged: true },
];

const fn text(title: &'static str) -> Column {
    Column { title, numeric: false, judged: false }
}

const fn figure(title: &'static str) -> Column {
    Column { title, numeric: true, judged: false }
}

/// The table of all methods.
pub fn comparison(flows: &[Flow], assessment: &Assessment) -> ComparisonView {
    let rows = flows.iter().zip(&assessment.flows).map(|(flow, assessed)| Row {
        title: flow.title.clone(),
        page: method_path(flow),
        family: flow.family.title(),
        cells: cells(flow, assessed),
    });
    ComparisonView {
        columns: COLUMNS.to_vec(),
        rows: rows.collect(),
        families: families_of(flows).map(Family::title).collect(),
    }
}

/// Cards of all methods, family by family.
pub fn families(flows: &[Flow], assessment: &Assessment) -> Vec<FamilyView> {
    let cards = |family: Family| {
        let methods = flows.iter().zip(&assessment.flows).filter(|(flow, _)| flow.family == family);
        methods.map(|(flow, assessed)| card(flow, assessed)).collect()
    };
    families_of(flows).map(|family| FamilyView { title: family.title(), methods: cards(family) }).collect()
}

fn families_of(flows: &[Flow]) -> impl Iterator<Item = Family> {
    Family::ALL.into_iter().filter(|family| flows.iter().any(|flow| flow.family == *family))
}

fn card(flow: &Flow, assessed: &FlowAssessment) -> MethodCard {
    let facts = &assessed.facts;
    let figures = [
        words::count(facts.messages, "message", "messages"),
        words::short_bytes(facts.wire_bytes),
        format!("{} of {} attacks refused", facts.attacks - facts.attacks_accepted.min(facts.attacks), facts.attacks),
    ];
    MethodCard {
        title: flow.title.clone(),
        page: method_path(flow),
        summary: flow.summary.clone(),
        standards: flow.standards.join(", "),
        figures: figures.join(" · "),
    }
}

fn cells(flow: &Flow, assessed: &FlowAssessment) -> Vec<Cell> {
    let facts = &assessed.facts;
    let device = facts.counts.get(&facts.device).copied().unwrap_or_default();
    let n_held = assessed.goals.iter().filter(|goal| goal.held).count();
    let n_refused = facts.attacks - facts.attacks_accepted.min(facts.attacks);
    vec![
        word(flow.family.title()),
        word(words::registration(flow.registration)),
        plain(facts.messages),
        plain(facts.sessions),
        Cell { text: words::bytes(facts.wire_bytes), sort: key(facts.wire_bytes) },
        Cell { text: words::bytes(facts.device_wire_bytes), sort: key(facts.device_wire_bytes) },
        plain(device.sign as usize),
        plain(device.verify as usize),
        word(&facts.custody),
        plain(facts.user_actions),
        Cell { text: format!("{n_refused} of {}", facts.attacks), sort: key(n_refused) },
        Cell { text: format!("{n_held} of {}", assessed.goals.len()), sort: key(n_held) },
        word(if flow.course.level.is_empty() { "not judged" } else { &flow.course.level }),
    ]
}

fn word(text: &str) -> Cell {
    Cell { text: text.to_owned(), sort: text.to_lowercase() }
}

fn plain(value: usize) -> Cell {
    Cell { text: words::number(value), sort: key(value) }
}

fn key(value: usize) -> String {
    format!("{value:012}")
}
