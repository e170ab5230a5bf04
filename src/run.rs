//! Flow × Scenario → [`Trace`].

use crate::trace::Trace;

/// The traces of a project.
#[derive(Debug)]
pub struct Runs {
    /// By index of the flow, then by index of the scenario.
    pub traces: Vec<Vec<Trace>>,
}

impl Runs {
    /// The run of the flow as written.
    pub fn baseline(&self, flow: usize) -> &Trace {
        &self.traces[flow][0]
    }
}
