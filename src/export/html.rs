//! [`Edition`] → HTML pages, pictures, style sheets and downloads.
//!
//! All URLs are relative, so that an edition works below any path and from a disk.

pub mod engine;
pub mod prose;

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;
use tera::{Context, Tera};

use self::prose::{Prose, Terms};
use super::{Exporter, Output};
use crate::book::embed::inline_id;
use crate::book::{ContentsEntry, Embed, Figure, Page, PageKind};
use crate::diag::{Code, Diagnostic, Severity, Sink};
use crate::edition::Edition;
use crate::scene::palette::{Theme, custom_properties};
use crate::svg;

/// Writes the site.
pub struct Html;

impl Exporter for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn summary(&self) -> &'static str {
        "Writes the site: pages, pictures, style sheets and downloads."
    }

    fn export(&self, edition: &Edition, sink: &mut Sink) -> Vec<Output> {
        let tera = match engine::engine(&edition.book.templates) {
            Ok(tera) => tera,
            Err(cause) => {
                sink.push(template_error(&cause));
                return Vec::new();
            }
        };
        let book = &edition.book;
        let html = |page: &Page| Ok(Output::new(page.path.clone(), page_html(edition, page, &tera)?));
        let with_bytes = book.pages.par_iter().filter(|page| page.kind == PageKind::Bytes);
        let rendered: Vec<Result<Output, tera::Error>> =
            book.pages.par_iter().map(html).chain(with_bytes.map(|page| bytes_script(page, &tera))).collect();
        let mut outputs = Vec::new();
        for output in rendered {
            match output {
                Ok(output) => outputs.push(output),
                Err(cause) => sink.push(template_error(&cause)),
            }
        }
        let figures = book.figures.par_iter();
        let figures: Vec<Output> =
            figures.map(|figure| Output::new(figure.path.clone(), svg::file(&figure.scene, &figure.id))).collect();
        outputs.extend(figures);
        outputs.push(Output::new("static/figures.css", figure_styles()));
        let files = book.statics.iter().chain(&book.downloads);
        outputs.extend(files.map(|(path, bytes)| Output::new(path.clone(), bytes.clone())));
        outputs
    }
}

/// What templates know of the book.
#[derive(Serialize)]
struct Site<'e> {
    title: &'e str,
    description: &'e str,
    language: &'e str,
    version: &'e str,
    seed: &'e str,
    clock: String,
    navigation: &'e crate::book::Navigation,
    /// Where the edition will stand; empty where it can stand anywhere.
    address: String,
    /// Path of the reference of operations; empty where no chapter has it.
    operations: &'e str,
    /// Path of the threat catalogue; empty where no chapter has it.
    threats: &'e str,
    /// Path of the reference of profiles; empty where no chapter has it.
    profiles: &'e str,
    /// Path of the overview of frameworks; empty where no chapter has it.
    frameworks: &'e str,
}

/// A figure as templates set it.
#[derive(Serialize)]
struct Picture<'e> {
    /// Prefix of its identifiers on the page.
    id: String,
    /// Name of its kind.
    kind: &'static str,
    /// The drawing.
    svg: String,
    /// The same in pieces for paper; empty where it stays whole.
    pages: String,
    /// Width in whole pixels.
    width: u32,
    /// Title.
    title: &'e str,
    /// Path of its file.
    file: &'e str,
    /// What it shows, line by line.
    words: Vec<String>,
}

impl<'e> Picture<'e> {
    fn new(figure: &'e Figure, id: String) -> Self {
        let scene = &figure.scene;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "pictures are some thousand pixels wide"
        )]
        let width = scene.width.ceil() as u32;
        let words = svg::text_alternative(scene);
        Self {
            svg: svg::inline(scene, &id),
            pages: svg::pages(scene, &id),
            id,
            kind: figure.kind,
            width,
            title: &scene.title,
            file: &figure.path,
            words,
        }
    }
}

fn page_html(edition: &Edition, page: &Page, tera: &Tera) -> Result<String, tera::Error> {
    let mut context = context(edition, page);
    let mut components = Vec::new();
    for (index, embed) in page.embeds.iter().enumerate() {
        components.push(match embed {
            Some(embed) => component(edition, (index, embed), &context, tera)?,
            None => String::new(),
        });
    }
    let prose = page.chapter.as_ref().and_then(|path| edition.project.content.chapters.get(path));
    let prose = prose.map(|chapter| {
        let root = root_of(edition, page);
        let list = page_with(edition, |embed| matches!(embed, Embed::Glossary { .. }));
        let terms = (!list.is_empty() && list != page.path).then(|| Terms::new(&edition.project.glossary, list));
        Prose { page, root: &root, components: &components, terms }.blocks(&chapter.blocks)
    });
    context.insert("prose", &prose.unwrap_or_default());
    if let Some(figure) = page.method.as_ref().and_then(|method| edition.book.figure(&method.figure)) {
        let pictures = edition.book.figures_of(&figure.flow, &figure.scenario);
        let pictures: BTreeMap<&str, Picture<'_>> =
            pictures.map(|figure| (figure.kind, Picture::new(figure, format!("stage-{}", figure.id)))).collect();
        context.insert("pictures", &pictures);
    }
    let template = match page.kind {
        PageKind::Bytes => "bytes.html",
        PageKind::Chapter => "chapter.html",
        PageKind::Checklist => "checklist.html",
        PageKind::Compliance => "compliance.html",
        PageKind::Entry => "entry.html",
        PageKind::Framework => "framework.html",
        PageKind::Home => "home.html",
        PageKind::Method => "method.html",
        PageKind::Missing => "missing.html",
        PageKind::Scenario => "scenario.html",
    };
    tera.render(template, &context)
}

/// A script that hands the bytes of a step to the page of its method: from a disk a page may load scripts and read no file.
fn bytes_script(page: &Page, tera: &Tera) -> Result<Output, tera::Error> {
    let name = page.path.trim_end_matches(".html");
    let step = page.step.as_deref();
    let sent = step.into_iter().flat_map(|step| &step.flights).flat_map(|flight| &flight.layers);
    let stored = step.into_iter().flat_map(|step| &step.stored).filter_map(|value| value.layer.as_ref());
    let mut layers = Vec::new();
    for layer in sent.chain(stored) {
        let mut context = Context::new();
        context.insert("layer", layer);
        layers.push(tera.render("layer.html", &context)?.trim().to_owned());
    }
    let layers = serde_json::to_string(&(name, layers)).map_err(tera::Error::json)?;
    Ok(Output::new(format!("{name}.js"), format!("trustlaneBytes({layers});\n")))
}

fn context(edition: &Edition, page: &Page) -> Context {
    let config = &edition.project.config;
    let mut context = Context::new();
    context.insert(
        "site",
        &Site {
            title: &config.title,
            description: &config.description,
            language: &config.language,
            version: &config.version,
            seed: &config.seed,
            clock: config.clock.to_string(),
            navigation: &edition.book.navigation,
            address: address(edition).unwrap_or_default(),
            operations: page_with(edition, |embed| matches!(embed, Embed::Operations { .. })),
            threats: page_with(edition, |embed| matches!(embed, Embed::Threats(_))),
            profiles: page_with(edition, |embed| matches!(embed, Embed::Profiles(_))),
            frameworks: page_with(edition, |embed| matches!(embed, Embed::Frameworks(_))),
        },
    );
    context.insert("page", page);
    context.insert("method", &page.method);
    context.insert("view", &page.compliance);
    context.insert("root", &root_of(edition, page));
    // The page of bytes lies two folders below that of its method.
    context.insert("method_page", &page.path.split("/bytes/").next().map(|method| format!("{method}.html")));
    let contents: Vec<&ContentsEntry> = page.contents.iter().filter(|entry| entry.level == 2).collect();
    context.insert("contents", &contents);
    context
}

/// The first page with such an embedding, to which others link; empty where there is none.
fn page_with(edition: &Edition, is_sought: impl Fn(&Embed) -> bool) -> &str {
    let has = |page: &&Page| page.embeds.iter().flatten().any(&is_sought);
    edition.book.pages.iter().find(has).map_or("", |page| page.path.as_str())
}

/// What the directive at an index of its page shows.
fn component(
    edition: &Edition,
    (index, embed): (usize, &Embed),
    context: &Context,
    tera: &Tera,
) -> Result<String, tera::Error> {
    let mut context = context.clone();
    context.insert("view", embed);
    if let Some(figure) = embed.picture().and_then(|id| edition.book.figure(id)) {
        context.insert("picture", &Picture::new(figure, inline_id(index, &figure.id)));
    }
    tera.render(&format!("components/{}.html", embed.name()), &context)
}

/// The colours of both themes as custom properties, and the rules of inline figures.
fn figure_styles() -> String {
    let (light, dark) = (custom_properties(Theme::Light), custom_properties(Theme::Dark));
    format!(
        ":root{{color-scheme:light;{light}}}\n\
         @media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light]){{color-scheme:dark;{dark}}}}}\n\
         @media screen{{:root[data-theme=dark]{{color-scheme:dark;{dark}}}}}\n{}",
        svg::inline_stylesheet()
    )
}

/// The way from a page to the root of the edition. A page that a server shows at any address needs the whole way, where
/// that is known.
fn root_of(edition: &Edition, page: &Page) -> String {
    match address(edition) {
        Some(address) if page.kind == PageKind::Missing => address,
        Some(_) | None => root(&page.path),
    }
}

/// Where the edition will stand, where that is known.
pub fn address(edition: &Edition) -> Option<String> {
    let config = &edition.project.config;
    config.url.as_ref().map(|url| format!("{url}{}/", config.version))
}

/// The way from a page to the root of the edition: empty, or `../` as often as needed.
pub fn root(path: &str) -> String {
    "../".repeat(path.matches('/').count())
}

fn template_error(cause: &tera::Error) -> Diagnostic {
    let mut message = format!("a template failed: {cause}");
    let mut source = std::error::Error::source(cause);
    while let Some(deeper) = source {
        message.push_str(": ");
        message.push_str(&deeper.to_string());
        source = deeper.source();
    }
    Diagnostic { severity: Severity::Error, code: Code::INVALID_TEMPLATE, message, span: None, hints: Vec::new() }
}
