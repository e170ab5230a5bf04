//! Directives: what a chapter embeds.

use serde::Serialize;

use super::PageLink;
use super::artifact::{ArtifactView, Files};
use super::assertion;
use super::attack::{self, AttackView, Attacks, GoalView};
use super::comparison::{self, ComparisonView, FamilyView};
use super::compliance::{self, OverviewView};
use super::decision::{self, QuestionView};
use super::figure::{self, Figure};
use super::glossary::{self, TermView};
use super::links::Labels;
use super::reference::{self, DirectivesView, EntryView, LintView, OperationView};
use super::score::{self, ScoresView};
use super::step::{Run, StepView};
use super::threat::{self, ThreatsView};
use super::timeline::{self, ProfilesView, TimelineView};
use crate::assess::Assessment;
use crate::chapter::{Block, Chapter, ChapterKind, DirectiveKind, DirectiveUse, Item};
use crate::diag::{Code, Sink, did_you_mean, error};
use crate::diagram::DIAGRAMS;
use crate::diagram::comparison::COMPARISON;
use crate::diagram::decisions::DECISIONS;
use crate::diagram::swimlane::SWIMLANE;
use crate::flow::{BASELINE, Flow, Scenario};
use crate::operation::Operation;
use crate::resolve::Project;
use crate::run::Runs;
use crate::timeline::Timelines;

/// What a directive became.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "component", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "`DIRECTIVES` says what each is")]
pub enum Embed {
    Artifacts { values: Vec<ArtifactView> },
    Assert { assertions: Vec<PageLink> },
    Attacks { attacks: Vec<AttackView> },
    Checklists { checklists: Vec<ChecklistCard> },
    Comparison(ComparisonView),
    Decisions(QuestionView),
    Entries { prefix: &'static str, entries: Vec<EntryView> },
    Directives(DirectivesView),
    Figure(FigureUse),
    Frameworks(OverviewView),
    Glossary { terms: Vec<TermView> },
    Goals { goals: Vec<GoalView> },
    Lints { lints: Vec<LintView> },
    Methods { families: Vec<FamilyView> },
    Operations { operations: Vec<OperationView> },
    Profiles(ProfilesView),
    Question(Box<SelfCheck>),
    Scores(ScoresView),
    Steps { steps: Vec<StepView> },
    Threats(ThreatsView),
    Timeline(Box<TimelineView>),
}

/// A card of a checklist.
#[derive(Clone, Debug, Serialize)]
pub struct ChecklistCard {
    /// Title.
    pub title: String,
    /// Its sentences.
    pub lede: String,
    /// Its page.
    pub page: String,
    /// How many points it has.
    pub points: usize,
}

/// A question to the reader with the run that answers it.
#[derive(Clone, Debug, Serialize)]
pub struct SelfCheck {
    /// The question, in the author's words.
    pub question: String,
    /// Whether the run is an attack, and not a life cycle or the method itself.
    pub is_attack: bool,
    /// What became of the run.
    pub answer: AttackView,
}

/// A picture in a text.
#[derive(Clone, Debug, Serialize)]
pub struct FigureUse {
    /// Id in [`super::Book::figures`].
    pub figure: String,
    /// Name of its kind.
    pub kind: String,
    /// Prefix of its identifiers on this page, other than that of the same picture elsewhere on it.
    pub inline_id: String,
    /// What the reader should see.
    pub caption: String,
    /// Its number on the page.
    pub number: usize,
    /// Its anchor; absent where it has no name.
    pub anchor: Option<String>,
    /// Its file.
    pub file: String,
    /// The page with all about the run.
    pub page: String,
}

impl Embed {
    /// Name of its template, without folder and extension.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Artifacts { .. } => "artifacts",
            Self::Assert { .. } => "assert",
            Self::Attacks { .. } => "attacks",
            Self::Checklists { .. } => "checklists",
            Self::Comparison(_) => "comparison",
            Self::Decisions(_) => "decisions",
            Self::Directives(_) => "directives",
            Self::Entries { .. } => "entries",
            Self::Figure(_) => "figure",
            Self::Frameworks(_) => "frameworks",
            Self::Glossary { .. } => "glossary",
            Self::Goals { .. } => "goals",
            Self::Lints { .. } => "lints",
            Self::Methods { .. } => "methods",
            Self::Operations { .. } => "operations",
            Self::Profiles(_) => "profiles",
            Self::Question(_) => "question",
            Self::Scores(_) => "scores",
            Self::Steps { .. } => "steps",
            Self::Threats(_) => "threats",
            Self::Timeline(_) => "timeline",
        }
    }

    /// Id of the picture that its template sets, in [`super::Book::figures`].
    pub fn picture(&self) -> Option<&str> {
        match self {
            Self::Comparison(_) => Some(COMPARISON),
            Self::Decisions(_) => Some(DECISIONS),
            Self::Figure(used) => Some(&used.figure),
            Self::Artifacts { .. }
            | Self::Assert { .. }
            | Self::Attacks { .. }
            | Self::Checklists { .. }
            | Self::Directives(_)
            | Self::Entries { .. }
            | Self::Frameworks(_)
            | Self::Glossary { .. }
            | Self::Goals { .. }
            | Self::Lints { .. }
            | Self::Methods { .. }
            | Self::Operations { .. }
            | Self::Profiles(_)
            | Self::Question(_)
            | Self::Scores(_)
            | Self::Steps { .. }
            | Self::Threats(_)
            | Self::Timeline(_) => None,
        }
    }

    /// The anchors that it brings to its page.
    pub fn anchors(&self) -> Vec<String> {
        match self {
            Self::Artifacts { values } => values.iter().map(|value| value.anchor.clone()).collect(),
            Self::Attacks { attacks } => attacks.iter().map(|attack| attack.anchor.clone()).collect(),
            Self::Glossary { terms } => terms.iter().map(|term| term.anchor.clone()).collect(),
            Self::Goals { goals } => goals.iter().map(|goal| goal.anchor.clone()).collect(),
            Self::Lints { lints } => lints.iter().map(|lint| lint.anchor.clone()).collect(),
            Self::Operations { operations } => operations.iter().map(|operation| operation.anchor.clone()).collect(),
            Self::Entries { prefix, entries } => {
                entries.iter().map(|entry| format!("{prefix}-{}", entry.name)).collect()
            }
            Self::Steps { steps } => step_anchors(steps),
            Self::Figure(figure) => {
                [Some(figure.inline_id.clone()), figure.anchor.clone()].into_iter().flatten().collect()
            }
            Self::Profiles(view) => {
                view.groups.iter().flat_map(|group| &group.profiles).map(|profile| profile.anchor.clone()).collect()
            }
            Self::Frameworks(view) => view.criteria.iter().map(|row| row.anchor.clone()).collect(),
            Self::Threats(view) => view.rows.iter().map(|row| row.threat.anchor.clone()).collect(),
            Self::Assert { .. }
            | Self::Checklists { .. }
            | Self::Comparison(_)
            | Self::Decisions(_)
            | Self::Directives(_)
            | Self::Methods { .. }
            | Self::Question(_)
            | Self::Scores(_)
            | Self::Timeline(_) => Vec::new(),
        }
    }
}

/// The anchors of steps and of the values stored in them.
pub fn step_anchors(steps: &[StepView]) -> Vec<String> {
    let values = steps.iter().flat_map(|step| &step.stored).map(|value| value.anchor.clone());
    steps.iter().map(|step| step.anchor.clone()).chain(values).collect()
}

/// What directives are made from.
pub struct Material<'p> {
    /// The project.
    pub project: &'p Project,
    /// Its runs.
    pub runs: &'p Runs,
    /// What they bear out.
    pub assessment: &'p Assessment,
    /// How long they take.
    pub timelines: &'p Timelines,
    /// The operations of the reference.
    pub operations: &'p [&'static dyn Operation],
    /// Files to download, flow by flow.
    pub files: &'p [Files],
    /// The pictures of all methods.
    pub figures: &'p [Figure],
    /// Figures and tables by the names that chapters give them.
    pub labels: &'p Labels,
}

impl Material<'_> {
    /// What the directive at `index` of `chapter` shows; `own` is the flow whose page the chapter makes.
    pub fn embed(&self, chapter: &Chapter, index: usize, own: Option<&str>, sink: &mut Sink) -> Option<Embed> {
        let directive = &chapter.directives[index];
        match directive.directive.kind {
            DirectiveKind::Book => Some(Embed::Entries { prefix: "key", entries: reference::book() }),
            DirectiveKind::Checklists => Some(Embed::Checklists { checklists: self.checklists() }),
            DirectiveKind::Comparison => {
                Some(Embed::Comparison(comparison::comparison(&self.project.flows, self.assessment)))
            }
            DirectiveKind::Decisions => self.decisions(directive, sink),
            DirectiveKind::Claims => Some(Embed::Entries { prefix: "claim", entries: reference::claims() }),
            DirectiveKind::Diagnostics => Some(Embed::Entries { prefix: "code", entries: reference::diagnostics() }),
            DirectiveKind::Evidence => Some(Embed::Entries { prefix: "evidence", entries: reference::evidence() }),
            DirectiveKind::Frameworks => {
                Some(Embed::Frameworks(compliance::overview(self.project, &self.runs.traces, self.assessment)))
            }
            DirectiveKind::Facts => Some(Embed::Entries { prefix: "fact", entries: reference::facts() }),
            DirectiveKind::Filters => Some(Embed::Entries { prefix: "filter", entries: reference::filters() }),
            DirectiveKind::Glossary => Some(Embed::Glossary { terms: glossary::terms(&self.project.glossary) }),
            DirectiveKind::Lints => Some(Embed::Lints { lints: reference::lints() }),
            DirectiveKind::Members => Some(Embed::Entries { prefix: "member", entries: reference::members() }),
            DirectiveKind::Directives => Some(Embed::Directives(reference::directives())),
            DirectiveKind::Methods => {
                Some(Embed::Methods { families: comparison::families(&self.project.flows, self.assessment) })
            }
            DirectiveKind::Operations => Some(Embed::Operations { operations: reference::operations(self.operations) }),
            DirectiveKind::Scores => self.scores(directive, sink),
            DirectiveKind::Threats => Some(Embed::Threats(threat::threats(self.project, self.assessment))),
            DirectiveKind::Profiles => Some(Embed::Profiles(timeline::profiles(&self.project.profiles))),
            DirectiveKind::Artifacts
            | DirectiveKind::Assert
            | DirectiveKind::Attacks
            | DirectiveKind::Goals
            | DirectiveKind::Question
            | DirectiveKind::Steps
            | DirectiveKind::Figure
            | DirectiveKind::Timeline => self.of_flow(chapter, index, own, sink),
        }
    }

    fn of_flow(&self, chapter: &Chapter, index: usize, own: Option<&str>, sink: &mut Sink) -> Option<Embed> {
        let directive = &chapter.directives[index];
        let Some((flow_index, flow)) = self.project.flow(&directive.argument) else {
            let known = self.project.flows.iter().map(|flow| flow.id.as_str());
            sink.push(
                error(Code::UNKNOWN_NAME, &directive.span, format!("there is no flow `{}`", directive.argument))
                    .maybe_hint(did_you_mean(&directive.argument, known)),
            );
            return None;
        };
        let scenario_index = scenario(flow, directive, sink)?;
        // Two directives of one page must not bring the same anchor; the first that stands in for a section of
        // the method's own page brings the anchors of that section.
        let is_section = own == Some(flow.id.as_str())
            && scenario_index == 0
            && directive.directive.kind != DirectiveKind::Artifacts
            && !chapter.directives[..index].iter().any(|before| before.directive.kind == directive.directive.kind);
        let prefix = if is_section { String::new() } else { format!("{}-{index}-", flow.id) };
        let traces = &self.runs.traces[flow_index];
        let scenario = &flow.scenarios[scenario_index];
        let run = Run {
            flow,
            scenario,
            trace: &traces[scenario_index],
            files: &self.files[flow_index],
            seed: &self.project.config.seed,
            prefix: &prefix,
            detailed_from: 0,
            only_actor: directive.option("actor"),
        };
        let assessed = &self.assessment.flows[flow_index];
        let page = attack::method_path(flow);
        let threats = &self.project.threats;
        let attacks = Attacks { flow, traces, assessment: assessed, threats, prefix: &prefix, own: &page };
        match directive.directive.kind {
            DirectiveKind::Artifacts => artifacts(&run, directive, sink),
            DirectiveKind::Assert => {
                Some(Embed::Assert { assertions: assertion::lines(directive, flow, traces, assessed, sink) })
            }
            DirectiveKind::Attacks => Some(Embed::Attacks { attacks: attacks.cards() }),
            DirectiveKind::Figure => self.figure(&run, directive, index, sink),
            DirectiveKind::Goals => {
                Some(Embed::Goals { goals: attack::goals(flow, &traces[0], assessed, &prefix, &page) })
            }
            DirectiveKind::Question => Some(Embed::Question(Box::new(SelfCheck {
                question: directive.lines.iter().map(|(line, _)| line.as_str()).collect::<Vec<_>>().join(" "),
                is_attack: scenario.kind.is_attack(),
                answer: attacks.card(scenario_index),
            }))),
            DirectiveKind::Steps => Some(Embed::Steps { steps: run.steps() }),
            DirectiveKind::Timeline => self.timeline(flow_index, directive, sink),
            DirectiveKind::Book
            | DirectiveKind::Checklists
            | DirectiveKind::Comparison
            | DirectiveKind::Claims
            | DirectiveKind::Decisions
            | DirectiveKind::Diagnostics
            | DirectiveKind::Directives
            | DirectiveKind::Evidence
            | DirectiveKind::Facts
            | DirectiveKind::Filters
            | DirectiveKind::Frameworks
            | DirectiveKind::Glossary
            | DirectiveKind::Lints
            | DirectiveKind::Members
            | DirectiveKind::Methods
            | DirectiveKind::Operations
            | DirectiveKind::Profiles
            | DirectiveKind::Scores
            | DirectiveKind::Threats => unreachable!("they are of no flow"),
        }
    }

    /// What pages of compliance link to of the flow at `index`.
    pub fn runs_of(&self, index: usize) -> compliance::Runs<'_> {
        let (flow, traces) = (&self.project.flows[index], &self.runs.traces[index]);
        compliance::Runs { flow, traces, assessment: &self.assessment.flows[index] }
    }

    /// The timeline on the page of the flow at `index`.
    pub fn own_timeline(&self, index: usize) -> Option<TimelineView> {
        let timelines = &self.timelines.flows[index];
        timeline::view(timelines, &self.project.profiles, &timelines.link, &timelines.device)
    }

    fn figure(&self, run: &Run<'_>, directive: &DirectiveUse, index: usize, sink: &mut Sink) -> Option<Embed> {
        let kind = directive.option("kind").unwrap_or(SWIMLANE);
        let scenario = &run.scenario.id;
        let id = figure::id(run.flow, scenario, kind);
        let has = |kind: &str| {
            let id = figure::id(run.flow, scenario, kind);
            self.figures.iter().any(|figure| figure.id == id)
        };
        if !has(kind) {
            let known = DIAGRAMS.iter().map(|diagram| diagram.name()).filter(|name| has(name));
            let message = format!("there is no picture of kind `{kind}` of this run");
            let found = error(Code::UNKNOWN_NAME, directive.option_span("kind"), message);
            sink.push(found.maybe_hint(did_you_mean(kind, known)));
            return None;
        }
        Some(Embed::Figure(FigureUse {
            inline_id: inline_id(index, &id),
            figure: id,
            kind: kind.to_owned(),
            caption: directive.option("caption").unwrap_or_default().to_owned(),
            number: directive.number.unwrap_or_default(),
            anchor: directive.option("name").map(|name| format!("figure-{name}")),
            file: figure::path(run.flow, scenario, kind),
            page: attack::scenario_path(run.flow, scenario),
        }))
    }

    fn timeline(&self, flow: usize, directive: &DirectiveUse, sink: &mut Sink) -> Option<Embed> {
        let (timelines, profiles) = (&self.timelines.flows[flow], &self.project.profiles);
        let links: Vec<&str> = profiles.link_choices().map(|link| link.id.as_str()).collect();
        let devices: Vec<&str> = profiles.device_choices().map(|device| device.id.as_str()).collect();
        let mut chosen = |option: &str, default: &str, known: &[&str]| {
            let id = directive.option(option).unwrap_or(default);
            if !known.contains(&id) {
                let found =
                    error(Code::UNKNOWN_NAME, directive.option_span(option), format!("there is no {option} `{id}`"));
                sink.push(found.maybe_hint(did_you_mean(id, known.iter().copied())));
            }
            id.to_owned()
        };
        let (link, device) = (chosen("link", &timelines.link, &links), chosen("device", &timelines.device, &devices));
        timeline::view(timelines, profiles, &link, &device).map(|view| Embed::Timeline(Box::new(view)))
    }

    /// The questions; a project without any has nothing to show.
    fn decisions(&self, directive: &DirectiveUse, sink: &mut Sink) -> Option<Embed> {
        let view = decision::first(&self.project.decisions, &self.project.flows);
        if view.is_none() {
            let message = format!("there are no questions in `{}`", crate::decision::PATH);
            sink.push(error(Code::UNKNOWN_NAME, &directive.span, message));
        }
        view.map(Embed::Decisions)
    }

    /// The scores; a project without a rubric has none.
    fn scores(&self, directive: &DirectiveUse, sink: &mut Sink) -> Option<Embed> {
        let view = score::view(self.project, self.assessment);
        if view.is_none() {
            let message = format!("there is no rubric in `{}`", crate::rubric::PATH);
            sink.push(error(Code::UNKNOWN_NAME, &directive.span, message));
        }
        view.map(Embed::Scores)
    }

    fn checklists(&self) -> Vec<ChecklistCard> {
        let chapters = &self.project.content.chapters;
        let checklists = chapters.values().filter(|chapter| chapter.front_matter.kind == ChapterKind::Checklist);
        let card = |chapter: &Chapter| ChecklistCard {
            title: chapter.title(),
            lede: chapter.front_matter.lede.clone().unwrap_or_default(),
            page: super::links::page_path(&chapter.path),
            points: n_points(&chapter.blocks),
        };
        checklists.map(card).collect()
    }
}

/// Prefix of the identifiers of a picture in the directive at `index` of a page.
pub fn inline_id(index: usize, figure: &str) -> String {
    format!("figure-{index}-{figure}")
}

fn artifacts(run: &Run<'_>, directive: &DirectiveUse, sink: &mut Sink) -> Option<Embed> {
    let actor = directive.option("actor");
    if let Some(unknown) = actor.filter(|id| !run.scenario.actors.iter().any(|actor| actor.id == **id)) {
        let known = run.scenario.actors.iter().map(|actor| actor.id.as_str());
        sink.push(
            error(Code::UNKNOWN_NAME, directive.option_span("actor"), format!("there is no actor `{unknown}`"))
                .maybe_hint(did_you_mean(unknown, known)),
        );
        return None;
    }
    Some(Embed::Artifacts { values: run.values() })
}

fn scenario(flow: &Flow, directive: &DirectiveUse, sink: &mut Sink) -> Option<usize> {
    let id = directive.option("scenario").unwrap_or(BASELINE);
    let found = flow.scenarios.iter().position(|scenario: &Scenario| scenario.id == id);
    if found.is_none() {
        let known = flow.scenarios.iter().map(|scenario| scenario.id.as_str());
        let message = format!("`{}` has no scenario `{id}`", flow.id);
        sink.push(
            error(Code::UNKNOWN_NAME, directive.option_span("scenario"), message).maybe_hint(did_you_mean(id, known)),
        );
    }
    found
}

fn n_points(blocks: &[Block]) -> usize {
    let in_item = |item: &Item| usize::from(item.checked.is_some()) + n_points(&item.blocks);
    let in_block = |block: &Block| match block {
        Block::List { items, .. } => items.iter().map(in_item).sum(),
        Block::Callout { blocks, .. } | Block::Quote(blocks) => n_points(blocks),
        Block::Code { .. }
        | Block::Directive(_)
        | Block::Heading { .. }
        | Block::Paragraph(_)
        | Block::Rule
        | Block::Table { .. } => 0,
    };
    blocks.iter().map(in_block).sum()
}
