//! `trustlane run`.

use std::io::IsTerminal;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, ValueEnum};

use super::transcript::{Paint, transcript};
use super::{Ending, report, root, say};
use crate::diag::{Sink, did_you_mean};
use crate::flow::{BASELINE, Flow, Scenario};
use crate::resolve::Project;
use crate::resolve::scope::Scope;
use crate::run::probe;
use crate::source::Sources;
use crate::{capture, env, load, part, project, run, write};

/// Arguments of `run`.
#[derive(Args, Debug)]
pub struct Run {
    /// Id of the flow
    flow: String,
    #[command(flatten)]
    chosen: Chosen,
    /// What to print
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Attacks every flight of the baseline as well, and tells what came of it
    #[arg(long)]
    probes: bool,
    /// Writes the bytes of every link as pcapng, with the TLS secrets inside
    #[arg(long, value_name = "FILE")]
    capture: Option<PathBuf>,
    /// Writes the TLS secrets as other tools read them from `SSLKEYLOGFILE`
    #[arg(long, value_name = "FILE")]
    key_log: Option<PathBuf>,
}

/// Which run of a flow is meant.
#[derive(Args, Debug)]
pub struct Chosen {
    /// Id of the scenario
    #[arg(long, default_value = BASELINE)]
    scenario: String,
    /// Folder of the project; the current one where absent
    #[arg(long)]
    project: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A transcript for people
    Text,
    /// The whole trace
    Json,
}

impl Run {
    /// Runs the scenario and prints what happened.
    pub fn execute(self) -> Result<Ending> {
        let (sources, mut sink) = (self.chosen.load()?, Sink::default());
        let Some(project) = self.chosen.project(&self.flow, &sources, &mut sink) else {
            return Ok(report(sink, &sources));
        };
        let (flow, scenario) = self.chosen.find(&self.flow, &project)?;
        let mut trace = run::run(flow, scenario, &env(&project));
        if self.probes {
            if scenario.id != BASELINE {
                bail!("only the baseline is probed; leave `--scenario` out");
            }
            let probes = probe::probe(flow, &env(&project), &trace);
            trace.probes = probes.map_err(|excess| anyhow!("{}", excess.words(&flow.id).0))?;
        }
        match self.format {
            Format::Json => say(&format!("{}\n", serde_json::to_string_pretty(&trace)?))?,
            Format::Text => {
                let paint = if std::io::stdout().is_terminal() { Paint::Colour } else { Paint::Plain };
                say(&transcript(flow, scenario, &trace, paint))?;
            }
        }
        if let Some(file) = &self.capture {
            write::file(file, &capture::pcapng(&trace))?;
        }
        if let Some(file) = &self.key_log {
            write::file(file, capture::key_log(&trace).as_bytes())?;
        }
        for found in run::unexpected(flow, scenario, &trace) {
            sink.push(found);
        }
        Ok(report(sink, &sources))
    }
}

impl Chosen {
    /// Whether no scenario is asked for.
    pub fn is_baseline(&self) -> bool {
        self.scenario == BASELINE
    }

    /// The project's files.
    pub fn load(&self) -> Result<Sources> {
        load::load(root(self.project.as_ref()))
    }

    /// What the run takes of the project; all of it where there is no such run, so that a name can be proposed.
    pub fn project(&self, flow: &str, sources: &Sources, sink: &mut Sink) -> Option<Project> {
        let scope = Scope::Run { flow, scenario: &self.scenario };
        let mut own = Sink::default();
        let part = part(sources, scope, &mut own);
        if part.as_ref().is_none_or(|part| self.find(flow, part).is_ok()) {
            sink.append(own);
            return part;
        }
        project(sources, sink)
    }

    /// The flow called `id`, and the scenario.
    pub fn find<'p>(&self, id: &str, project: &'p Project) -> Result<(&'p Flow, &'p Scenario)> {
        let flows = || project.flows.iter().map(|flow| flow.id.as_str());
        let (_, flow) = project.flow(id).with_context(|| unknown("flow", id, flows()))?;
        let scenarios = || flow.scenarios.iter().map(|scenario| scenario.id.as_str());
        let scenario =
            flow.scenario(&self.scenario).with_context(|| unknown("scenario", &self.scenario, scenarios()))?;
        Ok((flow, scenario))
    }
}

fn unknown<'k>(what: &str, name: &str, known: impl Iterator<Item = &'k str>) -> String {
    let hint = did_you_mean(name, known).map(|hint| format!("; {hint}")).unwrap_or_default();
    format!("no {what} is called `{name}`{hint}")
}
