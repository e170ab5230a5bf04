//! `trustlane draw`.

use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, ValueEnum};

use super::run::Chosen;
use super::{Ending, report, say};
use crate::book::figure::{self, Figure};
use crate::diag::{Sink, did_you_mean};
use crate::diagram::account::Account;
use crate::diagram::swimlane::SWIMLANE;
use crate::diagram::{self, DIAGRAMS, Diagram, Executed, Subject};
use crate::edition::Edition;
use crate::profile::Profiles;
use crate::resolve::Project;
use crate::run::Env;
use crate::scene::Scene;
use crate::scene::text::Fonts;
use crate::source::Sources;
use crate::timeline;
use crate::{check, env, mermaid, plain, run, svg, write};

/// Arguments of `draw`.
#[derive(Args, Debug)]
pub struct Draw {
    /// Id of the flow; a picture of the whole book where absent
    flow: Option<String>,
    #[command(flatten)]
    chosen: Chosen,
    /// Kind of picture
    #[arg(long, default_value = SWIMLANE)]
    kind: String,
    /// Format; that of the file's ending where absent
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Id of the link over which a timeline is drawn; the method's own where absent
    #[arg(long, value_name = "ID")]
    link: Option<String>,
    /// Id of the device with which a timeline is drawn; that of the book where absent
    #[arg(long, value_name = "ID")]
    device: Option<String>,
    /// Id of the step to mark
    #[arg(long, value_name = "ID")]
    step: Option<String>,
    /// Pixels of a PNG for each of the picture
    #[arg(long, default_value = "2", value_parser = clap::value_parser!(u8).range(1..=4))]
    scale: u8,
    /// File to write; what is text is printed where absent
    #[arg(short, long)]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A file for browsers, with its own style and motion
    Svg,
    /// Pixels
    Png,
    /// Characters, for terminals and commit messages
    Txt,
    /// A sequence diagram, as GitHub renders it
    Mermaid,
}

/// A picture in the forms from which formats are written.
struct Drawn {
    /// Prefix of its identifiers.
    id: String,
    scene: Scene,
    /// Absent where the kind does not tell a run step by step.
    account: Option<Account>,
}

impl Draw {
    /// Runs the scenario and draws it.
    pub fn execute(self) -> Result<Ending> {
        let (sources, mut sink) = (self.chosen.load()?, Sink::default());
        let kinds = || DIAGRAMS.iter().map(|diagram| diagram.name());
        let kind = diagram::find(&self.kind).ok_or_else(|| unknown("kind of picture", &self.kind, kinds()))?;
        let drawn = match &self.flow {
            Some(flow) => self.of_flow(flow, kind, &sources, &mut sink)?,
            None => self.of_book(kind, &sources, &mut sink)?,
        };
        let Some((Drawn { id, scene, account }, fonts)) = drawn else { return Ok(report(sink, &sources)) };
        if let Some(step) = self.step.as_deref().filter(|step| scene.step_ids().all(|id| id != *step)) {
            return Err(unknown("step in the picture", step, scene.step_ids()));
        }
        let step = self.step.as_deref();
        let bytes = match (self.format()?, &account) {
            (Format::Svg, _) => svg::marked(&scene, &id, step).into_bytes(),
            (Format::Png, _) => png(&svg::marked(&scene, &id, step), self.scale, &fonts)?,
            (Format::Txt, Some(account)) => plain::swimlane(account, plain::WIDTH, step).into_bytes(),
            (Format::Txt, None) => plain::words(&scene, plain::WIDTH, step).into_bytes(),
            (Format::Mermaid, Some(account)) => mermaid::sequence(account, step).into_bytes(),
            (Format::Mermaid, None) => {
                bail!("a picture of kind `{}` has no Mermaid: use `--kind {SWIMLANE}`", self.kind)
            }
        };
        match &self.output {
            Some(file) => {
                write::file(file, &bytes)?;
                say(&format!("{}\n", file.display()))?;
            }
            None => say(std::str::from_utf8(&bytes).map_err(|_| anyhow!("a PNG needs a file: name one by `-o`"))?)?,
        }
        Ok(report(sink, &sources))
    }

    fn format(&self) -> Result<Format> {
        let ending = self.output.as_ref().map(|file| file.extension().and_then(|ending| ending.to_str()));
        match (self.format, ending) {
            (Some(format), _) => Ok(format),
            (None, None | Some(Some("svg"))) => Ok(Format::Svg),
            (None, Some(Some("png"))) => Ok(Format::Png),
            (None, Some(Some("txt"))) => Ok(Format::Txt),
            (None, Some(Some("mmd"))) => Ok(Format::Mermaid),
            (None, Some(_)) => {
                bail!("the name of the file says no format: end it in .svg, .png, .txt or .mmd, or give `--format`")
            }
        }
    }

    /// A picture of all methods, for which all of them are run; `None` where they have mistakes.
    fn of_book(&self, kind: &dyn Diagram, sources: &Sources, sink: &mut Sink) -> Result<Option<(Drawn, Fonts)>> {
        if !kind.is_of_book() {
            bail!("a picture of kind `{}` is of one flow: name it, as in `trustlane draw FLOW`", kind.name());
        }
        if !self.chosen.is_baseline() || self.link.is_some() || self.device.is_some() {
            bail!("`--scenario`, `--link` and `--device` are of one flow: name it, or leave them out");
        }
        let Some(edition) = check(sources, sink) else { return Ok(None) };
        let Edition { project, book, .. } = edition;
        let figure = book.figures.into_iter().find(|figure| figure.flow.is_empty() && figure.kind == kind.name());
        let Figure { id, scene, .. } =
            figure.with_context(|| format!("the book has no picture of kind `{}`", kind.name()))?;
        Ok(Some((Drawn { id, scene, account: None }, project.fonts)))
    }

    /// A picture of one run; `None` where its flow has mistakes.
    fn of_flow(
        &self,
        flow: &str,
        kind: &dyn Diagram,
        sources: &Sources,
        sink: &mut Sink,
    ) -> Result<Option<(Drawn, Fonts)>> {
        let Some(project) = self.chosen.project(flow, sources, sink) else { return Ok(None) };
        let drawn = project.fonts.within(|| self.draw(flow, kind, &project))?;
        Ok(Some((drawn, project.fonts)))
    }

    fn draw(&self, flow: &str, kind: &dyn Diagram, project: &Project) -> Result<Drawn> {
        let (flow, scenario) = self.chosen.find(flow, project)?;
        if kind.is_of_book() {
            bail!("a picture of kind `{}` is of the whole book: leave the flow out", kind.name());
        }
        let env = env(project);
        let trace = run::run(flow, scenario, &env);
        let executed = Executed { flow, scenario, trace: &trace };
        let timed = self.duration(executed, &project.profiles, kind)?;
        if timed.is_none() && (self.link.is_some() || self.device.is_some()) {
            bail!("a picture of kind `{}` is of no link and device: leave `--link` and `--device` out", kind.name());
        }
        let scene = timed.or_else(|| kind.draw(&Subject::Run(executed))).or_else(|| beside(executed, &env, kind));
        let scene = scene
            .ok_or_else(|| anyhow!("`{}` has no picture of kind `{}` for `{}`", flow.id, kind.name(), scenario.id))?;
        let account = kind.account(&Subject::Run(executed));
        Ok(Drawn { id: figure::id(flow, &scenario.id, kind.name()), scene, account })
    }

    /// A picture of how long the run takes, over the link and with the device that were asked for.
    fn duration(&self, run: Executed<'_>, profiles: &Profiles, kind: &dyn Diagram) -> Result<Option<Scene>> {
        let (own_link, own_device) = timeline::own_pair(run.trace, profiles);
        let link = match &self.link {
            None => own_link,
            Some(id) => chosen("link", id, profiles.link_choices().map(|link| (link.id.as_str(), link)))?,
        };
        let device = match &self.device {
            None => own_device,
            Some(id) => chosen("device", id, profiles.device_choices().map(|device| (device.id.as_str(), device)))?,
        };
        let timeline = timeline::compute(run.trace, link, device, profiles);
        let (link, device) = (link.title.as_str(), device.title.as_str());
        Ok(kind.draw(&Subject::Duration { run, timeline: &timeline, link, device }))
    }
}

/// The profile called `id`.
fn chosen<'p, P>(what: &str, id: &str, known: impl Iterator<Item = (&'p str, &'p P)>) -> Result<&'p P> {
    let known: Vec<_> = known.collect();
    let found = known.iter().find(|(name, _)| *name == id).map(|(_, profile)| *profile);
    found.ok_or_else(|| unknown(what, id, known.iter().map(|(name, _)| *name)))
}

fn unknown<'k>(what: &str, id: &str, known: impl IntoIterator<Item = &'k str>) -> anyhow::Error {
    let hint = did_you_mean(id, known).map_or_else(String::new, |hint| format!(" ({hint})"));
    anyhow!("there is no {what} `{id}`{hint}")
}

/// A picture of an attack on a mitigated method beside the attack itself, which is run too.
fn beside(mitigated: Executed<'_>, env: &Env, kind: &dyn Diagram) -> Option<Scene> {
    let scenario = figure::attacked(mitigated.flow, mitigated.scenario)?;
    let trace = run::run(mitigated.flow, scenario, env);
    let attack = Executed { flow: mitigated.flow, scenario, trace: &trace };
    kind.draw(&Subject::Pair { attack, mitigated })
}

#[cfg(feature = "png")]
#[expect(clippy::unnecessary_wraps, reason = "a binary without the feature fails")]
fn png(picture: &str, scale: u8, fonts: &Fonts) -> Result<Vec<u8>> {
    Ok(crate::export::png::render_with(picture, f32::from(scale), fonts))
}

#[cfg(not(feature = "png"))]
fn png(_: &str, _: u8, _: &Fonts) -> Result<Vec<u8>> {
    bail!("this binary was built without the feature `png`")
}
