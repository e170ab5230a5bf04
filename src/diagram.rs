//! Subject → [`Scene`]: one table of diagram kinds.
//!
//! To add one: a file in `src/diagram/` with a unit struct and its `impl Diagram`, and a line in [`DIAGRAMS`].

pub mod swimlane;

use std::fmt;

use crate::flow::{Flow, Scenario};
use crate::scene::Scene;
use crate::trace::Trace;

/// The kinds of diagram, by name.
pub const DIAGRAMS: &[&dyn Diagram] = &[&swimlane::Swimlane];

/// What a picture is drawn from.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// A run of one scenario.
    Run {
        /// The method.
        flow: &'a Flow,
        /// The way in which it was run.
        scenario: &'a Scenario,
        /// What happened.
        trace: &'a Trace,
    },
}

/// A kind of diagram.
pub trait Diagram: Sync {
    /// Name, kebab case; the directive of a chapter and the argument of `draw`.
    fn name(&self) -> &'static str;

    /// The picture of `subject`.
    fn draw(&self, subject: &Subject<'_>) -> Scene;
}

impl fmt::Debug for dyn Diagram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The kind called `name`.
pub fn find(name: &str) -> Option<&'static dyn Diagram> {
    DIAGRAMS.iter().copied().find(|diagram| diagram.name() == name)
}
