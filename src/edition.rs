//! Project × Runs × Assessment → [`Edition`]: everything that exporters need.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::assess::Assessment;
use crate::book::artifact::Files;
use crate::book::compliance::{self, ComplianceView};
use crate::book::embed::{Material, step_anchors};
use crate::book::links::{Destinations, labels, page_path, targets};
use crate::book::navigation::{connect, navigation};
use crate::book::redirect::redirects;
use crate::book::{
    Book, ContentsEntry, Figure, MethodView, Page, PageKind, PageLink, attack, bytes, comparison, entry, figure,
    lifecycle, method, registry, role,
};
use crate::chapter::{Block, Chapter, ChapterKind, plain_text};
use crate::config::PATH_IN_URL;
use crate::diag::{Code, Sink, did_you_mean, error};
use crate::diagram::comparison::Measured;
use crate::flow::{Flow, ScenarioKind};
use crate::operation::Operation;
use crate::resolve::Project;
use crate::run::Runs;
use crate::source::{Origin, Sources, Span};
use crate::timeline::{Timelines, timelines};

/// A book with what it is made from.
#[derive(Debug)]
pub struct Edition {
    /// Flows and chapters.
    pub project: Project,
    /// What happened.
    pub runs: Runs,
    /// What it bears out.
    pub assessment: Assessment,
    /// How long it takes.
    pub timelines: Timelines,
    /// Pages, pictures and files.
    pub book: Book,
}

/// Composes the book; `operations` are those of the reference, `sources` bring templates and static files.
pub fn compose(
    project: Project,
    runs: Runs,
    assessment: Assessment,
    operations: &[&'static dyn Operation],
    sources: &Sources,
    sink: &mut Sink,
) -> Option<Edition> {
    let mut found = Sink::default();
    let seed = &project.config.seed;
    let flows = || project.flows.iter().zip(&runs.traces);
    let files: Vec<Files> = flows().map(|(flow, traces)| Files::collect(flow, traces, seed)).collect();
    let timelines = timelines(runs.traces.iter().map(|traces| &traces[0]), &project.profiles);
    let figures = figures(&project, &runs, &timelines, &comparison::measured(&project, &timelines, &assessment));
    let labels = labels(project.content.chapters.values(), |chapter| page_of(chapter, &project), &mut found);
    let material = Material {
        project: &project,
        runs: &runs,
        assessment: &assessment,
        timelines: &timelines,
        operations,
        files: &files,
        figures: &figures,
        labels: &labels,
    };
    let mut pages = chapter_pages(&material, &mut found);
    let entries: Vec<Page> = pages.iter_mut().flat_map(|page| entry::pages(page, &project.flows)).collect();
    pages.extend(entries);
    let bytes: Vec<Page> =
        pages.iter_mut().filter(|page| page.kind == PageKind::Method).flat_map(bytes::pages).collect();
    pages.extend(bytes);
    pages.extend(scenario_pages(&material));
    pages.extend(compliance_pages(&material));
    pages.push(missing_page());
    report_twins(&pages, &project, &mut found);
    let navigation = navigation(&project.content.summary, &pages_of_chapters(&pages));
    connect(&navigation, &mut pages);
    add_edits(&mut pages, &project, sources);
    let mut book = Book {
        navigation,
        redirects: Vec::new(),
        figures: Vec::new(),
        statics: statics(sources),
        templates: templates(sources),
        downloads: BTreeMap::new(),
        pages: Vec::new(),
    };
    book.figures = figures;
    book.downloads = files.into_iter().flat_map(Files::into_downloads).collect();
    book.downloads.extend(flows().filter_map(|(flow, traces)| registry::download(flow, &traces[0])));
    let destinations = destinations(&pages, &book);
    resolve_links(&mut pages, &project, &destinations, sources, &mut found);
    book.redirects = redirects(&project.config.redirects, &destinations, &mut found);
    pages.sort_by(|a, b| a.path.cmp(&b.path));
    book.pages = pages;
    let is_publishable = !found.has_errors();
    sink.append(found);
    is_publishable.then_some(Edition { project, runs, assessment, timelines, book })
}

/// All pictures, with the fonts of the project.
fn figures(project: &Project, runs: &Runs, timelines: &Timelines, measured: &[Measured]) -> Vec<Figure> {
    let methods = project.flows.par_iter().zip(&runs.traces).zip(&timelines.flows);
    let drawn = methods.flat_map_iter(|((flow, traces), times)| {
        project.fonts.within(|| figure::figures(flow, traces, times, &project.profiles))
    });
    let mut figures: Vec<Figure> = drawn.collect();
    figures.extend(project.fonts.within(|| figure::of_book(project, measured)));
    figures
}

/// The page of each chapter.
fn pages_of_chapters(pages: &[Page]) -> BTreeMap<String, String> {
    pages.iter().filter_map(|page| Some((page.chapter.clone()?, page.path.clone()))).collect()
}

/// Reports chapters that make the same page as another one.
fn report_twins(pages: &[Page], project: &Project, sink: &mut Sink) {
    let mut taken = BTreeSet::new();
    // Pages of scenarios first: they have no chapter that could be moved.
    let (with_chapter, without): (Vec<&Page>, Vec<&Page>) = pages.iter().partition(|page| page.chapter.is_some());
    for page in without.into_iter().chain(with_chapter) {
        let is_new = taken.insert(page.path.as_str());
        let chapter = page.chapter.as_ref().and_then(|path| project.content.chapters.get(path));
        if let Some(chapter) = chapter.filter(|_| !is_new) {
            let message = format!("another chapter or run makes the page `{}` already", page.path);
            sink.push(
                error(Code::DUPLICATE_NAME, &chapter.span, message).hint("rename the file, or drop one of the two"),
            );
        }
    }
}

fn chapter_pages(material: &Material<'_>, sink: &mut Sink) -> Vec<Page> {
    let content = &material.project.content;
    let mut written = BTreeSet::new();
    let mut pages = Vec::new();
    for chapter in content.chapters.values() {
        let own = own_flow(chapter, material.project, sink);
        written.extend(own.map(|(_, flow)| flow.id.clone()));
        pages.push(chapter_page(chapter, own, material, sink));
    }
    if !content.chapters.contains_key("index.md") {
        let span = Span::new(&"content/index.md".into(), 0..0);
        let found = error(Code::MISSING_CHAPTER, &span, "the book has no first page");
        sink.push(found.hint("write `content/index.md`"));
    }
    for flow in material.project.flows.iter().filter(|flow| !written.contains(&flow.id)) {
        let id = &flow.id;
        sink.push(
            error(Code::MISSING_CHAPTER, &flow.span, format!("method `{id}` has no chapter"))
                .hint(format!("write `content/methods/{id}.md` with `kind = \"method\"` in its front matter")),
        );
    }
    pages
}

/// The flow whose page a chapter makes.
fn own_flow<'p>(chapter: &Chapter, project: &'p Project, sink: &mut Sink) -> Option<(usize, &'p Flow)> {
    if chapter.front_matter.kind != ChapterKind::Method {
        return None;
    }
    let name = chapter.path.rsplit('/').next().unwrap_or(&chapter.path);
    let stem = (name.trim_end_matches(".md").to_owned(), chapter.span.clone());
    let (id, span) = chapter.front_matter.method.as_ref().unwrap_or(&stem);
    let found = project.flow(id);
    if found.is_none() {
        let known = project.flows.iter().map(|flow| flow.id.as_str());
        sink.push(
            error(Code::UNKNOWN_NAME, span, format!("there is no flow `{id}`")).maybe_hint(did_you_mean(id, known)),
        );
    }
    found
}

/// The path of the page that a chapter makes.
fn page_of(chapter: &Chapter, project: &Project) -> String {
    match own_flow(chapter, project, &mut Sink::default()) {
        Some((_, flow)) => attack::method_path(flow),
        None => page_path(&chapter.path),
    }
}

fn chapter_page(chapter: &Chapter, own: Option<(usize, &Flow)>, material: &Material<'_>, sink: &mut Sink) -> Page {
    let own_id = own.map(|(_, flow)| flow.id.as_str());
    let embeds: Vec<_> =
        (0..chapter.directives.len()).map(|index| material.embed(chapter, index, own_id, sink)).collect();
    let mut method = own.map(|(index, flow)| {
        let traces = &material.runs.traces[index];
        let assessed = &material.assessment.flows[index];
        let project = material.project;
        method::view(flow, traces, 0, assessed, &project.threats, &material.files[index], &project.config.seed)
    });
    if let Some(view) = &mut method {
        view.placed = placed(chapter, &view.id);
        view.timeline = own.and_then(|(index, _)| material.own_timeline(index));
        view.compliance = own.and_then(|(index, _)| material.runs_of(index).short(material.project));
    }
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut page = Page {
        path: page_of(chapter, material.project),
        kind: match chapter.front_matter.kind {
            ChapterKind::Chapter => PageKind::Chapter,
            ChapterKind::Checklist => PageKind::Checklist,
            ChapterKind::Home => PageKind::Home,
            ChapterKind::Method => PageKind::Method,
        },
        title: chapter.title(),
        kicker: text(&chapter.front_matter.kicker),
        lede: text(&chapter.front_matter.lede),
        chapter: Some(chapter.path.clone()),
        method: method.map(Box::new),
        step: None,
        entry: None,
        compliance: None,
        texts: chapter.roles.iter().map(|role| role::text(role, material, sink)).collect(),
        targets: Vec::new(),
        anchors: BTreeSet::new(),
        edits: Vec::new(),
        contents: contents(&chapter.blocks),
        previous: None,
        next: None,
        embeds,
    };
    if let Some((_, flow)) = own {
        fill_in(&mut page, chapter, flow);
    }
    page.anchors = anchors(&page, &chapter.blocks);
    page
}

/// The sections of a method page that its chapter places itself.
fn placed(chapter: &Chapter, flow: &str) -> Vec<&'static str> {
    let uses = chapter.directives.iter().filter(|used| used.argument == flow && used.option("scenario").is_none());
    uses.map(|used| used.directive.name).collect()
}

/// What a method page says where its chapter is silent.
fn fill_in(page: &mut Page, chapter: &Chapter, flow: &Flow) {
    if chapter.front_matter.title.is_none() && page.title == chapter.path {
        page.title.clone_from(&flow.title);
    }
    if page.lede.is_empty() {
        page.lede.clone_from(&flow.summary);
    }
    if page.kicker.is_empty() {
        page.kicker = kicker(flow);
    }
    if let Some(view) = &page.method {
        page.contents.extend(sections(view));
    }
}

fn kicker(flow: &Flow) -> String {
    match flow.standards.first() {
        Some(standard) => format!("{} · {standard}", flow.family.title()),
        None => flow.family.title().to_owned(),
    }
}

/// The headings that the template of a method page sets, in its order.
fn sections(view: &MethodView) -> Vec<ContentsEntry> {
    let sections = [
        ("run-steps", "Step by step", !view.steps.is_empty() && !view.placed.contains(&"steps")),
        ("run-boundaries", "Trust boundaries", !view.crossings.is_empty()),
        ("run-attacks", "Attacks", !view.attacks.is_empty() && !view.placed.contains(&"attacks")),
        ("run-surface", "Attack surface", !view.surface.is_empty()),
        ("run-probes", "What the engine tried", view.matrix.is_some()),
        ("run-lifecycle", "Later in its life", !view.lifecycle.is_empty()),
        ("run-goals", "Goals", !view.goals.is_empty() && !view.placed.contains(&"goals")),
        ("run-compliance", "Compliance", view.compliance.is_some()),
        ("run-findings", "Findings", !view.findings.is_empty()),
        ("run-knowledge", "Who knows what", !view.knowledge.is_empty()),
        ("run-anchors", "Trust anchors", view.has_anchors),
        ("run-timeline", "Timeline", view.timeline.is_some() && !view.placed.contains(&"timeline")),
        ("run-registry", "Registry", !view.registry.history.is_empty()),
        ("run-capture", "Capture", view.capture.is_some()),
        ("run-limits", "What this run is not", true),
    ];
    let present = sections.into_iter().filter(|(.., is_present)| *is_present);
    present
        .map(|(anchor, title, _)| ContentsEntry { level: 2, title: title.to_owned(), anchor: anchor.to_owned() })
        .collect()
}

fn contents(blocks: &[Block]) -> Vec<ContentsEntry> {
    let entries = blocks.iter().filter_map(|block| match block {
        Block::Heading { level: level @ 2..=3, id, content } => {
            Some(ContentsEntry { level: *level, title: plain_text(content), anchor: id.clone() })
        }
        _ => None,
    });
    entries.collect()
}

/// Every anchor of a page.
fn anchors(page: &Page, blocks: &[Block]) -> BTreeSet<String> {
    let mut anchors: BTreeSet<String> = page.contents.iter().map(|entry| entry.anchor.clone()).collect();
    collect_headings(blocks, &mut anchors);
    anchors.extend(page.embeds.iter().flatten().flat_map(crate::book::Embed::anchors));
    if let Some(view) = &page.method {
        anchors.insert("run-stage".to_owned());
        anchors.extend(step_anchors(&view.steps));
        anchors.extend(view.attacks.iter().map(|attack| attack.anchor.clone()));
        anchors.extend(view.goals.iter().map(|goal| goal.anchor.clone()));
        anchors.extend(view.lifecycle.iter().map(|scenario| scenario.anchor.clone()));
        anchors.extend(view.findings.iter().map(|finding| finding.anchor.clone()));
        anchors.extend(view.compliance.iter().flat_map(|view| &view.criteria).map(|row| row.anchor.clone()));
    }
    anchors
}

fn collect_headings(blocks: &[Block], anchors: &mut BTreeSet<String>) {
    for block in blocks {
        match block {
            Block::Heading { level: 2.., id, .. } => {
                anchors.insert(id.clone());
            }
            Block::Callout { blocks, .. } | Block::Quote(blocks) => collect_headings(blocks, anchors),
            Block::List { items, .. } => items.iter().for_each(|item| collect_headings(&item.blocks, anchors)),
            Block::Table { caption: Some(caption), .. } => anchors.extend(caption.anchor.clone()),
            // A heading of level 1 is the title, which the template sets without an anchor.
            Block::Code { .. }
            | Block::Directive(_)
            | Block::Heading { .. }
            | Block::Paragraph(_)
            | Block::Rule
            | Block::Table { .. } => {}
        }
    }
}

fn scenario_pages(material: &Material<'_>) -> Vec<Page> {
    let mut pages = Vec::new();
    for (index, flow) in material.project.flows.iter().enumerate() {
        for scenario_index in 1..flow.scenarios.len() {
            pages.push(scenario_page(index, flow, scenario_index, material));
        }
    }
    pages
}

fn scenario_page(index: usize, flow: &Flow, scenario_index: usize, material: &Material<'_>) -> Page {
    let scenario = &flow.scenarios[scenario_index];
    let traces = &material.runs.traces[index];
    let assessed = &material.assessment.flows[index];
    let seed = &material.project.config.seed;
    let threats = &material.project.threats;
    let view = method::view(flow, traces, scenario_index, assessed, threats, &material.files[index], seed);
    let entry =
        |title: &str, anchor: &str| ContentsEntry { level: 2, title: title.to_owned(), anchor: anchor.to_owned() };
    let mut contents = vec![entry("Step by step", "run-steps")];
    if view.attack.as_ref().is_some_and(|attack| !attack.mitigations.is_empty()) {
        contents.insert(0, entry("With a mitigation", "run-mitigations"));
    }
    if matches!(scenario.kind, ScenarioKind::Mitigated { .. }) {
        contents.insert(0, entry("Beside the attack itself", "run-pair"));
    }
    contents.push(entry("Who knows what", "run-knowledge"));
    let mut page = Page {
        path: attack::scenario_path(flow, &scenario.id),
        kind: PageKind::Scenario,
        title: scenario.title.clone(),
        kicker: format!("{} · {}", flow.title, lifecycle::shows(&scenario.kind).unwrap_or("Attack").to_lowercase()),
        lede: scenario.why.clone(),
        chapter: None,
        method: Some(Box::new(view)),
        step: None,
        entry: None,
        compliance: None,
        embeds: Vec::new(),
        texts: Vec::new(),
        targets: Vec::new(),
        anchors: BTreeSet::new(),
        edits: Vec::new(),
        contents,
        previous: None,
        next: None,
    };
    page.anchors = anchors(&page, &[]);
    page
}

/// A page for each framework, and one for each method with all of them.
fn compliance_pages(material: &Material<'_>) -> Vec<Page> {
    let Material { project, runs, assessment, .. } = *material;
    let frameworks = &project.frameworks.frameworks;
    if frameworks.is_empty() && project.frameworks.criteria.is_empty() {
        return Vec::new();
    }
    let across = frameworks.iter().map(|framework| {
        let view = compliance::framework(framework, project, &runs.traces, assessment);
        let lede = format!("{}, edition {}", compliance::n_controls(framework.controls.len()), framework.version);
        let view = ComplianceView::Framework(Box::new(view));
        compliance_page(compliance::framework_path(framework), PageKind::Framework, &framework.title, lede, view)
    });
    let methods = project.flows.iter().enumerate().map(|(index, flow)| {
        let view = ComplianceView::Method(Box::new(material.runs_of(index).method(project)));
        let title = format!("{}: compliance", flow.title);
        let lede = "What the executed design supports of each control, and what it does not.".to_owned();
        compliance_page(compliance::page_path(flow), PageKind::Compliance, &title, lede, view)
    });
    across.chain(methods).collect()
}

fn compliance_page(path: String, kind: PageKind, title: &str, lede: String, view: ComplianceView) -> Page {
    let sections = view.sections().into_iter();
    let contents: Vec<ContentsEntry> =
        sections.map(|(title, anchor)| ContentsEntry { level: 2, title, anchor }).collect();
    let anchors = contents.iter().map(|entry| entry.anchor.clone()).chain(view.anchors()).collect();
    Page {
        path,
        kind,
        title: title.to_owned(),
        kicker: "Compliance".to_owned(),
        lede,
        chapter: None,
        method: None,
        step: None,
        entry: None,
        compliance: Some(view),
        embeds: Vec::new(),
        texts: Vec::new(),
        targets: Vec::new(),
        anchors,
        edits: Vec::new(),
        contents,
        previous: None,
        next: None,
    }
}

/// What a server shows where there is no page.
fn missing_page() -> Page {
    Page {
        path: "404.html".to_owned(),
        kind: PageKind::Missing,
        title: "There is no such page".to_owned(),
        kicker: String::new(),
        lede: "It may have moved, or it belongs to another version.".to_owned(),
        chapter: None,
        method: None,
        step: None,
        entry: None,
        compliance: None,
        embeds: Vec::new(),
        texts: Vec::new(),
        targets: Vec::new(),
        anchors: BTreeSet::new(),
        edits: Vec::new(),
        contents: Vec::new(),
        previous: None,
        next: None,
    }
}

/// Tells each page where its chapter and its flow can be edited; files that the binary brings are not the project's.
fn add_edits(pages: &mut [Page], project: &Project, sources: &Sources) {
    let Some(url) = &project.config.edit_url else { return };
    let edit = |title: &str, path: &str| {
        let is_own = sources.find(path).is_some_and(|file| file.origin == Origin::Project);
        is_own.then(|| PageLink { title: title.to_owned(), path: url.replace(PATH_IN_URL, path) })
    };
    for page in pages {
        let chapter = page.chapter.as_ref().and_then(|path| project.content.chapters.get(path));
        let flow = page.method.as_ref().and_then(|method| project.flow(&method.id));
        let chapter = chapter.and_then(|chapter| edit("Edit this chapter", &chapter.span.path));
        let flow = flow.and_then(|(_, flow)| edit("Edit the flow", &flow.span.path));
        page.edits = chapter.into_iter().chain(flow).collect();
    }
}

/// Everything that can be linked to.
fn destinations(pages: &[Page], book: &Book) -> Destinations {
    Destinations {
        chapters: pages_of_chapters(pages),
        pages: pages.iter().map(|page| (page.path.clone(), page.anchors.clone())).collect(),
        files: book
            .downloads
            .keys()
            .chain(book.statics.keys())
            .cloned()
            .chain(book.figures.iter().map(|figure| figure.path.clone()))
            .collect(),
    }
}

fn resolve_links(
    pages: &mut [Page],
    project: &Project,
    destinations: &Destinations,
    sources: &Sources,
    sink: &mut Sink,
) {
    for page in pages {
        let Some(chapter) = page.chapter.as_ref().and_then(|path| project.content.chapters.get(path)) else { continue };
        let mut found = Sink::default();
        page.targets = targets(chapter, &page.path, destinations, &mut found);
        // A shipped chapter may lead to a method that the project did not choose; the words stay, the link goes.
        let is_own = sources.find(&chapter.span.path).is_none_or(|file| file.origin == Origin::Project);
        if is_own {
            sink.append(found);
        }
    }
}

fn statics(sources: &Sources) -> BTreeMap<String, Vec<u8>> {
    sources.below("static", "").map(|(path, file)| (path.to_string(), file.bytes.to_vec())).collect()
}

fn templates(sources: &Sources) -> BTreeMap<String, String> {
    let files = sources.below("templates", ".html");
    files
        .map(|(path, file)| (path["templates/".len()..].to_owned(), String::from_utf8_lossy(&file.bytes).into_owned()))
        .collect()
}

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;
