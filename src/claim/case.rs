//! All runs of a method, as claims of evidence look at them.

use std::collections::BTreeSet;

use super::testimony::{Exhibit, Testimony};
use crate::registry::Change;
use crate::trace::{Artifact, EditMark, Event, EventOutcome, Outcome, Place, Rejection, Trace};
use crate::vocabulary::{Exposure, LifecycleStage};

/// Everything that was executed of a method.
#[derive(Clone, Debug)]
pub struct Case<'r> {
    /// Id of the actor that is provisioned.
    pub device: &'r str,
    /// The runs, the baseline first.
    pub runs: Vec<Run<'r>>,
    /// The baseline of another device.
    pub other_device: &'r Trace,
    /// What lints found in the baseline, accepted or not.
    pub findings: Vec<Found<'r>>,
}

/// A run with what it is for.
#[derive(Clone, Debug)]
pub struct Run<'r> {
    /// What happened.
    pub trace: &'r Trace,
    /// Title of the scenario.
    pub title: &'r str,
    /// What it is for.
    pub kind: RunKind<'r>,
    /// Id of the scenario that it changes; absent for the baseline.
    pub base: Option<&'r str>,
    /// Index of the first event that differs from its base; 0 for the baseline.
    pub first_edit: usize,
    /// Names of the claims that the threat tests which it executes.
    pub tests: &'r [String],
}

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunKind<'r> {
    /// The flow as written.
    Baseline,
    /// Later in the life of the device.
    Lifecycle(LifecycleStage),
    /// An attack on the flow as written, or on its later life.
    Attack,
    /// The flow with a mitigation.
    Mitigation,
    /// An attack on the flow with a mitigation.
    Mitigated {
        /// Id of the attack.
        attack: &'r str,
        /// Id of the mitigation.
        mitigation: &'r str,
    },
}

/// A finding of a lint.
#[derive(Clone, Debug)]
pub struct Found<'r> {
    /// Name of the lint.
    pub lint: &'r str,
    /// What is, as the lint says it.
    pub message: &'r str,
    /// Ids of the steps of the baseline that show it.
    pub evidence: &'r [String],
    /// Whether somebody on an exposed link, or with one more device, can use it.
    pub is_high: bool,
}

impl Run<'_> {
    /// The event of the step called `step`, as evidence.
    pub fn exhibit(&self, step: &str) -> Exhibit {
        Exhibit { scenario: self.trace.scenario.clone(), step: step.to_owned() }
    }

    /// Whether every step happened.
    pub fn is_complete(&self) -> bool {
        self.trace.outcome == Outcome::Completed
    }

    /// Whether nobody attacks and nothing was added to the method.
    pub fn is_genuine(&self) -> bool {
        match self.kind {
            RunKind::Baseline | RunKind::Lifecycle(_) => true,
            RunKind::Attack | RunKind::Mitigation | RunKind::Mitigated { .. } => false,
        }
    }

    /// The refusals at or after event number `first`, from 0.
    pub fn refusals(&self, first: usize) -> impl Iterator<Item = (&Event, &Rejection)> {
        self.trace.events.iter().skip(first).filter_map(|event| match &event.outcome {
            EventOutcome::Rejected(rejection) => Some((event, rejection)),
            EventOutcome::Done | EventOutcome::Stalled { .. } => None,
        })
    }

    /// The first event from number `first` on in which the registry notes a change that `is` accepts.
    pub fn noted(&self, first: usize, is: impl Fn(&Change) -> bool) -> Option<usize> {
        let steps: BTreeSet<&str> =
            self.trace.registry.log().changes().filter(|(.., change)| is(change)).map(|(_, step, _)| step).collect();
        let later = self.trace.events.iter().enumerate().skip(first);
        later.filter(|(_, event)| steps.contains(event.step.as_str())).map(|(index, _)| index).next()
    }

    /// The event with which an attack ended: where it was stopped, or else the last one that it changed.
    fn end(&self) -> Option<Exhibit> {
        let step = match &self.trace.outcome {
            Outcome::Rejected { step, .. } | Outcome::Stalled { step, .. } => Some(step),
            Outcome::Completed => {
                let changed = self.trace.events.iter().rev().find(|event| event.edit != EditMark::Original);
                changed.or(self.trace.events.last()).map(|event| &event.step)
            }
        };
        step.filter(|step| self.trace.event(step).is_some()).map(|step| self.exhibit(step))
    }
}

/// Attempts at what a claim says cannot be done.
#[derive(Debug, Default)]
pub struct Attempts<'c> {
    /// Titles of the attacks that were stopped, with where.
    pub stopped: Vec<(&'c str, Exhibit)>,
    /// Titles of the attacks that got through, with the last event that each changed.
    pub through: Vec<(&'c str, Exhibit)>,
    /// Ids of the mitigations with which one of those is stopped.
    pub remedies: Vec<String>,
}

impl<'r> Case<'r> {
    /// The flow as written.
    pub fn baseline(&self) -> &Run<'r> {
        &self.runs[0]
    }

    /// The runs in which nobody attacks and nothing was added.
    pub fn genuine(&self) -> impl Iterator<Item = &Run<'r>> {
        self.runs.iter().filter(|run| run.is_genuine())
    }

    /// The runs of a stage of the device's life.
    pub fn stage(&self, stage: LifecycleStage) -> impl Iterator<Item = &Run<'r>> {
        self.runs.iter().filter(move |run| run.kind == RunKind::Lifecycle(stage))
    }

    /// The attacks that test the claim called `claim`.
    pub fn attempts(&self, claim: &str) -> Attempts<'_> {
        self.attempts_of(|run| run.tests.iter().any(|tested| tested == claim))
    }

    /// The attacks that `is` accepts.
    pub fn attempts_of(&self, is: impl Fn(&Run<'r>) -> bool) -> Attempts<'_> {
        let mut attempts = Attempts::default();
        for run in self.runs.iter().filter(|run| run.kind == RunKind::Attack && is(run)) {
            let Some(end) = run.end() else { continue };
            if run.is_complete() {
                attempts.through.push((run.title, end));
                attempts.remedies.extend(self.remedies(&run.trace.scenario));
            } else {
                attempts.stopped.push((run.title, end));
            }
        }
        attempts.remedies.sort();
        attempts.remedies.dedup();
        attempts
    }

    /// The mitigations with which the attack called `id` is stopped.
    fn remedies<'c>(&'c self, id: &'c str) -> impl Iterator<Item = String> + 'c {
        self.runs.iter().filter(|run| !run.is_complete()).filter_map(move |run| match run.kind {
            RunKind::Mitigated { attack, mitigation } if attack == id => Some(mitigation.to_owned()),
            RunKind::Mitigated { .. }
            | RunKind::Baseline
            | RunKind::Lifecycle(_)
            | RunKind::Attack
            | RunKind::Mitigation => None,
        })
    }

    /// What attacks say that test the claim called `claim`; `untried` is what is missing where there is none.
    pub fn tried(&self, claim: &str, untried: &str) -> Testimony {
        self.attempts(claim).testimony(untried)
    }

    /// What findings of a lint say against a claim, where there are any that `is` accepts.
    pub fn found(&self, lint: &str, is: impl Fn(&Found<'_>) -> bool) -> Option<Testimony> {
        let found: Vec<&Found<'_>> = self.findings.iter().filter(|found| found.lint == lint && is(found)).collect();
        let messages: Vec<String> = found.iter().map(|found| format!("{}.", found.message.replace('`', ""))).collect();
        let steps = found.iter().flat_map(|found| found.evidence).map(|step| self.baseline().exhibit(step));
        (!found.is_empty()).then(|| Testimony::contradicted(messages.join(" "), steps))
    }

    /// Whether the event happens on a link on which somebody else is.
    pub fn is_exposed(trace: &Trace, event: &Event) -> bool {
        let Place::Between { link, .. } = &event.place else { return false };
        trace.link(link).is_some_and(|link| link.exposure != Exposure::None)
    }

    /// Whether the device takes part in the event.
    pub fn involves_device(&self, event: &Event) -> bool {
        match &event.place {
            Place::At { actor } => actor == self.device,
            Place::Setup { from, to } | Place::Between { from, to, .. } => from == self.device || to == self.device,
        }
    }

    /// The values in the device's store at the end of a run that are secret.
    pub fn secrets_of_device<'t>(&self, trace: &'t Trace) -> impl Iterator<Item = &'t Artifact> + use<'t> {
        let store = trace.stores.get(self.device).into_iter().flat_map(|store| store.values());
        store.map(|artifact| &**artifact).filter(|artifact| artifact.kind.is_secret())
    }
}

impl Attempts<'_> {
    /// What they say; `untried` is what is missing where there is none.
    pub fn testimony(self, untried: &str) -> Testimony {
        let Attempts { stopped, through, remedies } = self;
        let was = |list: &[(&str, Exhibit)]| if list.len() == 1 { "was" } else { "were" };
        let refused = format!("{} {} tried and stopped.", titles(&stopped), was(&stopped));
        if !through.is_empty() {
            let verb = if through.len() == 1 { "gets" } else { "get" };
            let mut reason = format!("{} {verb} through.", titles(&through));
            if !stopped.is_empty() {
                reason = format!("{reason} {refused}");
            }
            let exhibits = through.into_iter().chain(stopped).map(|(_, exhibit)| exhibit);
            return Testimony::contradicted(reason, exhibits).remedied_by(remedies);
        }
        if stopped.is_empty() {
            return Testimony::inconclusive(untried);
        }
        Testimony::shown(refused, stopped.into_iter().map(|(_, exhibit)| exhibit))
    }
}

fn titles(attacks: &[(&str, Exhibit)]) -> String {
    attacks.iter().map(|(title, _)| format!("“{title}”")).collect::<Vec<_>>().join(", ")
}

/// The bytes of a secret: the scalar of a private key, else its canonical encoding.
pub fn secret_bytes(artifact: &Artifact) -> &[u8] {
    &artifact.secret.as_ref().unwrap_or(&artifact.bytes).0
}

/// `n` with the right form of a noun.
pub fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
