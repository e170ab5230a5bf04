//! Runs of one flow, which share what they have in common.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use super::Env;
use super::machine::Machine;
use super::tamper::Recordings;
use crate::crypto::key::memory::Memory;
use crate::flow::{Flow, Instance, Scenario, Tamper};
use crate::trace::Trace;

/// Executes scenarios of one flow.
///
/// Keys and signatures that several runs make alike are made once, and a run from which others take bytes happens once.
/// Neither changes a trace: both are functions of the flow and [`Env`] alone.
#[derive(Debug)]
pub struct Runner<'r> {
    flow: &'r Flow,
    env: &'r Env,
    memory: Arc<Memory>,
    /// Runs from which bytes are taken, by scenario.
    recorded: Mutex<BTreeMap<(&'r str, Instance), Recording>>,
    n_runs: AtomicUsize,
}

/// A run that one of several threads executes, and for which the others wait.
type Recording = Arc<OnceLock<Arc<Trace>>>;

impl<'r> Runner<'r> {
    /// A runner that has not run anything.
    pub fn new(flow: &'r Flow, env: &'r Env) -> Self {
        Self { flow, env, memory: Memory::shared(), recorded: Mutex::default(), n_runs: AtomicUsize::new(0) }
    }

    /// The flow.
    pub fn flow(&self) -> &'r Flow {
        self.flow
    }

    /// Runs that were executed so far.
    pub fn n_runs(&self) -> usize {
        self.n_runs.load(Ordering::Relaxed)
    }

    /// Runs one scenario for a certain device and session.
    pub fn run_as(&self, scenario: &Scenario, instance: Instance) -> Trace {
        let base = scenario.base.as_ref().and_then(|base| self.flow.scenario(base));
        let record = |other: Instance| {
            base.filter(|_| Recordings::needs(scenario, other)).map(|base| self.recording(base, other))
        };
        let recordings =
            Recordings { other_session: record(Instance::OTHER_SESSION), other_device: record(Instance::OTHER_DEVICE) };
        self.execute(scenario, instance, &recordings, None)
    }

    /// Runs a scenario of the flow's first instance with these recordings, and with one more interference.
    pub fn run_with(&self, scenario: &Scenario, recordings: &Recordings, probe: Option<&Tamper>) -> Trace {
        self.execute(scenario, Instance::FIRST, recordings, probe)
    }

    /// A run of a scenario of the flow by somebody else, from which bytes are taken.
    pub fn recording(&self, scenario: &'r Scenario, instance: Instance) -> Arc<Trace> {
        let mut recorded = self.recorded.lock().expect("no thread panics while it looks up a recording");
        let recording = Arc::clone(recorded.entry((&scenario.id, instance)).or_default());
        drop(recorded);
        Arc::clone(recording.get_or_init(|| Arc::new(self.run_as(scenario, instance))))
    }

    fn execute(
        &self,
        scenario: &Scenario,
        instance: Instance,
        recordings: &Recordings,
        probe: Option<&Tamper>,
    ) -> Trace {
        self.n_runs.fetch_add(1, Ordering::Relaxed);
        let machine = Machine::new(self.flow, scenario, self.env, instance, recordings);
        machine.remembering(&self.memory).probed(probe).run()
    }
}
