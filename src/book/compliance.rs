//! How methods stand against controls, as readers see it: by criterion, by framework, and page by page.

use serde::Serialize;

use super::PageLink;
use super::attack::{method_path, scenario_path, step_link};
use super::words;
use crate::assess::{Assessment, ControlVerdict, FlowAssessment, Standing};
use crate::claim::{self, Exhibit, Ruling};
use crate::flow::Flow;
use crate::framework::{Checked, Control, Framework, IdKind, Obligation};
use crate::resolve::Project;
use crate::trace::Trace;

/// What a page of compliance shows.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum ComplianceView {
    /// A framework across methods.
    Framework(Box<FrameworkView>),
    /// A method across frameworks.
    Method(Box<MethodView>),
}

/// A method across frameworks.
#[derive(Clone, Debug, Serialize)]
pub struct MethodView {
    /// The method.
    pub method: PageLink,
    /// What each claim of evidence says of it.
    pub evidence: Vec<EvidenceView>,
    /// The frameworks.
    pub frameworks: Vec<PartView>,
}

/// What a claim of evidence says of a method.
#[derive(Clone, Debug, Serialize)]
pub struct EvidenceView {
    /// Its anchor.
    pub anchor: String,
    /// Name of the claim.
    pub claim: &'static str,
    /// What a run that bears it out shows.
    pub shows: &'static str,
    /// What it does not show.
    pub does_not_show: &'static str,
    /// The answer.
    pub badge: BadgeView,
    /// What decided.
    pub reason: String,
    /// Events that show it.
    pub exhibits: Vec<PageLink>,
    /// Mitigations with which what contradicts it is stopped.
    pub remedies: Vec<PageLink>,
}

/// A verdict as a badge.
#[derive(Clone, Debug, Serialize)]
pub struct BadgeView {
    /// Name for style sheets.
    pub class: &'static str,
    /// The word.
    pub word: &'static str,
}

/// A framework on the page of a method.
#[derive(Clone, Debug, Serialize)]
pub struct PartView {
    /// Its anchor.
    pub anchor: String,
    /// Its page.
    pub link: PageLink,
    /// The edition whose identifiers these are.
    pub version: String,
    /// How many controls stand in each way.
    pub tallies: Vec<TallyView>,
    /// Its controls.
    pub rows: Vec<ControlView>,
}

/// How many controls stand in one way.
#[derive(Clone, Debug, Serialize)]
pub struct TallyView {
    /// The way.
    pub badge: BadgeView,
    /// How many.
    pub count: usize,
}

/// A control with how a method stands.
#[derive(Clone, Debug, Serialize)]
pub struct ControlView {
    /// Its anchor.
    pub anchor: String,
    /// What is said of it in its framework.
    pub control: AskedView,
    /// How the method stands.
    pub badge: BadgeView,
    /// What decided.
    pub reason: String,
    /// Claims that are its evidence, where they are explained.
    pub claims: Vec<PageLink>,
    /// A few of the events that show it, the last with how many more there are.
    pub exhibits: Vec<PageLink>,
    /// How many more there are.
    pub n_more: usize,
    /// What somebody declares beside.
    pub declared: Vec<DeclaredView>,
}

/// A control as its framework has it.
#[derive(Clone, Debug, Serialize)]
pub struct AskedView {
    /// Identifier.
    pub id: String,
    /// A few words.
    pub title: String,
    /// What it asks.
    pub asks: String,
    /// Whose the identifier is; empty for the framework's own.
    pub kind: &'static str,
    /// How strongly it asks; empty where that makes no difference.
    pub obligation: &'static str,
    /// The edition, where it is not that of the framework.
    pub version: String,
    /// Whether nobody checked the identifier.
    pub is_unverified: bool,
    /// How far the identifier was checked, and against what.
    pub checked: String,
    /// Whether it bears on provisioning more than others.
    pub is_core: bool,
    /// What no run shows of it; empty where that is nothing.
    pub remains: String,
}

/// What somebody declares.
#[derive(Clone, Debug, Serialize)]
pub struct DeclaredView {
    /// The answer in words.
    pub answer: &'static str,
    /// What is declared.
    pub statement: String,
    /// Who declares it.
    pub by: String,
}

/// A framework across methods.
#[derive(Clone, Debug, Serialize)]
pub struct FrameworkView {
    /// The edition whose identifiers these are.
    pub version: String,
    /// Who publishes it, and on what terms.
    pub source: String,
    /// The methods, a column each.
    pub flows: Vec<PageLink>,
    /// A row for each control.
    pub rows: Vec<FrameworkRow>,
    /// How many controls stand in each way, method by method.
    pub tallies: Vec<Vec<TallyView>>,
    /// Whether a control is shown whose identifier nobody checked.
    pub has_unverified: bool,
}

/// A control across methods.
#[derive(Clone, Debug, Serialize)]
pub struct FrameworkRow {
    /// Its anchor.
    pub anchor: String,
    /// The control.
    pub control: AskedView,
    /// Claims that are its evidence.
    pub claims: Vec<ClaimView>,
    /// How each method stands, with where it says why.
    pub cells: Vec<CellView>,
}

/// A claim of evidence as it is explained.
#[derive(Clone, Debug, Serialize)]
pub struct ClaimView {
    /// Name.
    pub name: &'static str,
    /// What a run that bears it out shows.
    pub shows: &'static str,
    /// What it does not show.
    pub does_not_show: &'static str,
}

/// How a method stands, with where it says why.
#[derive(Clone, Debug, Serialize)]
pub struct CellView {
    /// The verdict.
    pub badge: BadgeView,
    /// What decided.
    pub reason: String,
    /// Where it is justified.
    pub path: String,
}

/// All frameworks and the criteria across methods.
#[derive(Clone, Debug, Serialize)]
pub struct OverviewView {
    /// The methods, a column each, with their pages of compliance.
    pub flows: Vec<PageLink>,
    /// The criteria.
    pub criteria: Vec<FrameworkRow>,
    /// The frameworks.
    pub frameworks: Vec<OverviewRow>,
}

/// A framework across methods, in numbers.
#[derive(Clone, Debug, Serialize)]
pub struct OverviewRow {
    /// Its page.
    pub link: PageLink,
    /// Its edition.
    pub version: String,
    /// How many controls it has here.
    pub n_controls: usize,
    /// How many stand in each way, method by method.
    pub tallies: Vec<Vec<TallyView>>,
}

/// What the page of a method says of it in short.
#[derive(Clone, Debug, Serialize)]
pub struct ShortView {
    /// The page with everything.
    pub page: String,
    /// How the method stands against the criteria.
    pub criteria: Vec<ControlView>,
    /// The frameworks with their numbers.
    pub frameworks: Vec<ShortRow>,
}

/// A framework on the page of a method, in numbers.
#[derive(Clone, Debug, Serialize)]
pub struct ShortRow {
    /// Where the method stands control by control.
    pub link: PageLink,
    /// How many stand in each way.
    pub tallies: Vec<TallyView>,
}

/// Events that are linked from a control itself; the claims link them all.
const FEW: usize = 4;

/// Path of the page of a framework.
pub fn framework_path(framework: &Framework) -> String {
    format!("compliance/{}.html", framework.id)
}

/// Path of the page on which a method stands against every framework.
pub fn page_path(flow: &Flow) -> String {
    format!("compliance/methods/{}.html", flow.id)
}

/// The anchor of a control on the page of a method.
fn anchor(framework: &str, control: &Control) -> String {
    format!("control-{framework}-{}", control.slug())
}

impl BadgeView {
    fn standing(standing: Standing) -> Self {
        Self { class: standing.name(), word: standing.title() }
    }

    fn ruling(ruling: Ruling) -> Self {
        let class = match ruling {
            Ruling::Contradicted => "contradicted",
            Ruling::Partly => "supported-in-part",
            Ruling::Shown => "supported-by-the-design",
            Ruling::Inconclusive => "inconclusive",
            Ruling::NotApplicable => "not-applicable",
        };
        Self { class, word: ruling.title() }
    }
}

impl AskedView {
    fn new(control: &Control, version: &str) -> Self {
        let checked = match control.checked_at.as_str() {
            "" => control.checked.title().to_owned(),
            at => format!("{}: {at}", control.checked.title()),
        };
        Self {
            id: control.id.clone(),
            title: control.title.clone(),
            asks: control.asks.clone(),
            kind: match control.kind {
                IdKind::Local => "identifier of ours",
                IdKind::Official => "",
                IdKind::Range => "a range of identifiers",
            },
            obligation: control.obligation.map_or("", Obligation::title),
            version: if control.version == version { String::new() } else { control.version.clone() },
            is_unverified: control.checked == Checked::None,
            checked,
            is_core: control.is_core,
            remains: control.remains.clone().unwrap_or_default(),
        }
    }
}

/// What of a method's runs its pages of compliance link to.
#[derive(Clone, Copy)]
pub struct Runs<'a> {
    /// The flow.
    pub flow: &'a Flow,
    /// Its runs, one a scenario.
    pub traces: &'a [Trace],
    /// Its verdicts.
    pub assessment: &'a FlowAssessment,
}

impl Runs<'_> {
    /// What the page of the method says in short.
    pub fn short(self, project: &Project) -> Option<ShortView> {
        let criteria = project.frameworks.criteria.iter().zip(&self.assessment.criteria);
        let criteria: Vec<ControlView> = criteria
            .map(|(control, verdict)| self.control(control, verdict, format!("criterion-{}", control.slug()), ""))
            .collect();
        let frameworks = project.frameworks.frameworks.iter().map(|framework| ShortRow {
            link: PageLink {
                title: framework.title.clone(),
                path: format!("{}#framework-{}", page_path(self.flow), framework.id),
            },
            tallies: tallies(self.verdicts(framework).map(|(_, verdict)| verdict)),
        });
        let frameworks: Vec<ShortRow> = frameworks.collect();
        let is_empty = criteria.is_empty() && frameworks.is_empty();
        (!is_empty).then(|| ShortView { page: page_path(self.flow), criteria, frameworks })
    }

    /// Everything about the method.
    pub fn method(self, project: &Project) -> MethodView {
        let evidence = claim::evidence().zip(&self.assessment.evidence).map(|(claim, verdict)| EvidenceView {
            anchor: format!("evidence-{}", verdict.claim),
            claim: verdict.claim,
            shows: claim.spec().shows,
            does_not_show: claim.spec().does_not_show,
            badge: BadgeView::ruling(verdict.testimony.ruling),
            reason: verdict.testimony.reason.clone(),
            exhibits: verdict.testimony.exhibits.iter().filter_map(|exhibit| self.exhibit(exhibit)).collect(),
            remedies: verdict.testimony.remedies.iter().filter_map(|id| self.scenario(id)).collect(),
        });
        let parts = project.frameworks.frameworks.iter().map(|framework| PartView {
            anchor: format!("framework-{}", framework.id),
            link: PageLink { title: framework.title.clone(), path: framework_path(framework) },
            version: framework.version.clone(),
            tallies: tallies(self.verdicts(framework).map(|(_, verdict)| verdict)),
            rows: self
                .verdicts(framework)
                .map(|(control, verdict)| {
                    self.control(control, verdict, anchor(&framework.id, control), &framework.version)
                })
                .collect(),
        });
        MethodView {
            method: PageLink { title: self.flow.title.clone(), path: method_path(self.flow) },
            evidence: evidence.collect(),
            frameworks: parts.collect(),
        }
    }

    /// The controls of a framework with the verdicts on them.
    fn verdicts<'f>(self, framework: &'f Framework) -> impl Iterator<Item = (&'f Control, &'f ControlVerdict)>
    where
        Self: 'f,
    {
        let own = self.assessment.controls.iter().filter(|verdict| verdict.framework == framework.id);
        framework.controls.iter().zip(own)
    }

    fn control(self, control: &Control, verdict: &ControlVerdict, anchor: String, version: &str) -> ControlView {
        let few = verdict.exhibits.iter().take(FEW);
        ControlView {
            anchor,
            control: AskedView::new(control, if version.is_empty() { &control.version } else { version }),
            badge: BadgeView::standing(verdict.verdict),
            reason: verdict.reason.clone(),
            claims: verdict.claims.iter().map(|name| self.claim(name)).collect(),
            exhibits: few.filter_map(|exhibit| self.exhibit(exhibit)).collect(),
            n_more: verdict.exhibits.len().saturating_sub(FEW),
            declared: verdict
                .declared
                .iter()
                .map(|one| DeclaredView {
                    answer: one.answer.title(),
                    statement: one.statement.clone(),
                    by: one.by.clone(),
                })
                .collect(),
        }
    }

    fn claim(self, name: &str) -> PageLink {
        PageLink { title: name.to_owned(), path: format!("{}#evidence-{name}", page_path(self.flow)) }
    }

    /// The event of a run, with the scenario where it is not the baseline.
    fn exhibit(self, exhibit: &Exhibit) -> Option<PageLink> {
        let index = self.flow.scenarios.iter().position(|scenario| scenario.id == exhibit.scenario)?;
        let link = step_link(&self.traces[index], &exhibit.step, &scenario_path(self.flow, &exhibit.scenario))?;
        let title =
            if index == 0 { link.title } else { format!("{}: {}", self.flow.scenarios[index].title, link.title) };
        Some(PageLink { title, path: link.path })
    }

    fn scenario(self, id: &str) -> Option<PageLink> {
        let title = self.flow.scenario(id)?.title.clone();
        Some(PageLink { title, path: scenario_path(self.flow, id) })
    }
}

/// How many verdicts stand in each way, those of none left out.
fn tallies<'v>(verdicts: impl Iterator<Item = &'v ControlVerdict>) -> Vec<TallyView> {
    let verdicts: Vec<Standing> = verdicts.map(|verdict| verdict.verdict).collect();
    let tally = |standing: Standing| TallyView {
        badge: BadgeView::standing(standing),
        count: verdicts.iter().filter(|verdict| **verdict == standing).count(),
    };
    Standing::ALL.into_iter().map(tally).filter(|tally| tally.count > 0).collect()
}

/// Every flow with what its pages link to.
fn all<'a>(
    project: &'a Project,
    traces: &'a [Vec<Trace>],
    assessment: &'a Assessment,
) -> impl Iterator<Item = Runs<'a>> {
    let flows = project.flows.iter().zip(traces).zip(&assessment.flows);
    flows.map(|((flow, traces), assessment)| Runs { flow, traces, assessment })
}

/// The page of a framework.
pub fn framework(
    framework: &Framework,
    project: &Project,
    traces: &[Vec<Trace>],
    assessment: &Assessment,
) -> FrameworkView {
    let flows: Vec<Runs<'_>> = all(project, traces, assessment).collect();
    let rows = framework.controls.iter().enumerate().map(|(index, control)| FrameworkRow {
        anchor: format!("control-{}", control.slug()),
        control: AskedView::new(control, &framework.version),
        claims: claims(control),
        cells: flows
            .iter()
            .filter_map(|runs| {
                Some(cell(runs.flow, runs.verdicts(framework).nth(index)?.1, &anchor(&framework.id, control)))
            })
            .collect(),
    });
    FrameworkView {
        version: framework.version.clone(),
        source: framework.source.clone(),
        flows: flows
            .iter()
            .map(|runs| PageLink { title: runs.flow.title.clone(), path: page_path(runs.flow) })
            .collect(),
        rows: rows.collect(),
        tallies: flows.iter().map(|runs| tallies(runs.verdicts(framework).map(|(_, verdict)| verdict))).collect(),
        has_unverified: framework.controls.iter().any(|control| control.checked == Checked::None),
    }
}

fn claims(control: &Control) -> Vec<ClaimView> {
    let view = |claim: &&'static dyn claim::Evidence| {
        let spec = claim.spec();
        ClaimView { name: spec.name, shows: spec.shows, does_not_show: spec.does_not_show }
    };
    control.evidence.iter().map(view).collect()
}

fn cell(flow: &Flow, verdict: &ControlVerdict, anchor: &str) -> CellView {
    CellView {
        badge: BadgeView::standing(verdict.verdict),
        reason: verdict.reason.clone(),
        path: format!("{}#{anchor}", page_path(flow)),
    }
}

/// All frameworks and the criteria across methods.
pub fn overview(project: &Project, traces: &[Vec<Trace>], assessment: &Assessment) -> OverviewView {
    let flows: Vec<Runs<'_>> = all(project, traces, assessment).collect();
    let criteria = project.frameworks.criteria.iter().enumerate().map(|(index, control)| FrameworkRow {
        anchor: format!("criterion-{}", control.slug()),
        control: AskedView::new(control, &control.version),
        claims: claims(control),
        cells: flows
            .iter()
            .filter_map(|runs| {
                let verdict = runs.assessment.criteria.get(index)?;
                let path = format!("{}#criterion-{}", method_path(runs.flow), control.slug());
                Some(CellView { badge: BadgeView::standing(verdict.verdict), reason: verdict.reason.clone(), path })
            })
            .collect(),
    });
    let frameworks = project.frameworks.frameworks.iter().map(|framework| OverviewRow {
        link: PageLink { title: framework.title.clone(), path: framework_path(framework) },
        version: framework.version.clone(),
        n_controls: framework.controls.len(),
        tallies: flows.iter().map(|runs| tallies(runs.verdicts(framework).map(|(_, verdict)| verdict))).collect(),
    });
    OverviewView {
        flows: flows
            .iter()
            .map(|runs| PageLink { title: runs.flow.title.clone(), path: page_path(runs.flow) })
            .collect(),
        criteria: criteria.collect(),
        frameworks: frameworks.collect(),
    }
}

impl ComplianceView {
    /// The anchors of a page that shows it, with the headings of its list of contents.
    pub fn anchors(&self) -> Vec<String> {
        match self {
            Self::Framework(view) => view.rows.iter().map(|row| row.anchor.clone()).collect(),
            Self::Method(view) => {
                let evidence = view.evidence.iter().map(|evidence| evidence.anchor.clone());
                let rows = view.frameworks.iter().flat_map(|part| &part.rows).map(|row| row.anchor.clone());
                evidence.chain(rows).chain(view.frameworks.iter().map(|part| part.anchor.clone())).collect()
            }
        }
    }

    /// The sections of a page that shows it, as title and anchor.
    pub fn sections(&self) -> Vec<(String, String)> {
        let section = |title: &str, anchor: &str| (title.to_owned(), anchor.to_owned());
        match self {
            Self::Framework(_) => vec![section("Across methods", "matrix"), section("Control by control", "controls")],
            Self::Method(view) => {
                let parts = view.frameworks.iter().map(|part| section(&part.link.title, &part.anchor));
                std::iter::once(section("Evidence", "evidence")).chain(parts).collect()
            }
        }
    }
}

/// A few words for the number of controls of a framework.
pub fn n_controls(n: usize) -> String {
    words::count(n, "control", "controls")
}
