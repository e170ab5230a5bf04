//! The states of a device's life: which of them a run's record passed, and in which steps.

mod map;
mod paint;
pub mod passage;

use super::{Diagram, Executed, Subject};
use crate::scene::Scene;

/// The states of the registry, and the way of a device through them.
#[derive(Debug)]
pub struct Lifecycle;

impl Diagram for Lifecycle {
    fn name(&self) -> &'static str {
        "lifecycle"
    }

    fn summary(&self) -> &'static str {
        "The states of a device in the registry, and the way that a run took through them, step by step."
    }

    fn draw(&self, subject: &Subject<'_>) -> Option<Scene> {
        let Subject::Run(run) = subject else { return None };
        draw(run)
    }
}

fn draw(run: &Executed<'_>) -> Option<Scene> {
    let journey = passage::journey(run.trace)?;
    Some(paint::scene(run, &journey))
}
