//! Trust boundaries: zones side by side, who lives in them, and every crossing of a border by messages of the run.

pub mod crossing;
mod nest;
mod paint;
mod plan;
mod track;
mod words;

use super::{Diagram, Executed, Subject};
use crate::scene::Scene;

/// Which messages leave one zone of trust for another, and how they are protected.
#[derive(Debug)]
pub struct Boundary;

impl Diagram for Boundary {
    fn name(&self) -> &'static str {
        "boundary"
    }

    fn summary(&self) -> &'static str {
        "Trust zones, who lives in them, and every crossing of a border, numbered, with its protection."
    }

    fn draw(&self, subject: &Subject<'_>) -> Option<Scene> {
        let Subject::Run(run) = subject else { return None };
        draw(run)
    }
}

fn draw(run: &Executed<'_>) -> Option<Scene> {
    let crossings = crossing::crossings(run);
    if crossings.is_empty() {
        return None;
    }
    Some(paint::scene(&plan::Plan::new(run, crossings)))
}
