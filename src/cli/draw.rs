//! `trustlane draw`.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use super::run::Chosen;
use super::{Ending, report, say};
use crate::diag::Sink;
use crate::diagram::{Diagram, Subject, swimlane::Swimlane};
use crate::flow::BASELINE;
use crate::{env, project, run, svg, write};

/// Arguments of `draw`.
#[derive(Args, Debug)]
pub struct Draw {
    #[command(flatten)]
    chosen: Chosen,
    /// File to write; its ending says which format: .svg or .png
    #[arg(short, long)]
    output: PathBuf,
}

impl Draw {
    /// Runs the scenario and draws it.
    pub fn execute(self) -> Result<Ending> {
        let (sources, mut sink) = (self.chosen.load()?, Sink::default());
        let Some(project) = project(&sources, &mut sink) else { return Ok(report(sink, &sources)) };
        let (flow, scenario) = self.chosen.find(&project)?;
        let trace = run::run(flow, scenario, &env(&project));
        let scene = Swimlane.draw(&Subject::Run { flow, scenario, trace: &trace });
        let id = if scenario.id == BASELINE { flow.id.clone() } else { format!("{}-{}", flow.id, scenario.id) };
        let picture = svg::file(&scene, &id);
        let bytes = match self.output.extension().and_then(|ending| ending.to_str()) {
            Some("svg") => picture.into_bytes(),
            #[cfg(feature = "png")]
            Some("png") => crate::export::png::render(&picture, 2.0),
            #[cfg(not(feature = "png"))]
            Some("png") => bail!("this binary was built without the feature `png`"),
            _ => bail!("`{}` ends neither in .svg nor in .png", self.output.display()),
        };
        write::file(&self.output, &bytes)?;
        say(&format!("{}\n", self.output.display()))?;
        Ok(report(sink, &sources))
    }
}
