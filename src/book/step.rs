//! Steps as readers see them.

use serde::Serialize;

use super::PageLink;
use super::artifact::{self, ArtifactView, Files, LayerView, Showcase};
use super::attack::method_path;
use super::words;
use crate::clock::Timestamp;
use crate::crypto::count::Counts;
use crate::flow::{Flow, Scenario};
use crate::trace::{
    Artifact, Check, Event, EventOutcome, Flight, Place, Protection, Rejection, RejectionOrigin, Trace,
};

/// One step of a run.
#[derive(Clone, Debug, Serialize)]
pub struct StepView {
    /// Number beside it in the picture.
    pub number: usize,
    /// Id.
    pub id: String,
    /// Its anchor.
    pub anchor: String,
    /// A few words.
    pub title: String,
    /// The phase, where it begins with this step.
    pub new_phase: Option<String>,
    /// Who acts.
    pub from: String,
    /// Who receives; absent for a step at one actor.
    pub to: Option<String>,
    /// Name of the operation.
    pub operation: String,
    /// Why, in the author's words; may be empty.
    pub why: String,
    /// Clause of the standard; may be empty.
    pub clause: String,
    /// How its bytes were protected.
    pub protection: ProtectionView,
    /// The link; absent where nothing crosses one.
    pub link: Option<LinkView>,
    /// The session's opening step; absent outside of sessions and for the step that opens one.
    pub session: Option<PageLink>,
    /// Bytes that crossed the link; absent where none did.
    pub bytes: Option<String>,
    /// What is read aloud of it: who, what, and how its bytes were protected or what came of it.
    pub said: String,
    /// What the scenario did to it; empty in the baseline.
    pub edit: &'static str,
    /// The virtual clock.
    pub clock: String,
    /// The bytes, message by message.
    pub flights: Vec<FlightView>,
    /// What was verified.
    pub checks: Vec<CheckView>,
    /// Cryptographic operations, in words.
    pub work: Vec<String>,
    /// What entered a store.
    pub stored: Vec<ArtifactView>,
    /// The refusal; absent where the step did what it should.
    pub rejection: Option<RejectionView>,
    /// Whether bytes and values are shown here; they are not where they equal the baseline's.
    pub is_detailed: bool,
}

/// Protection of the bytes of a step.
#[derive(Clone, Debug, Serialize)]
pub struct ProtectionView {
    /// For style sheets.
    pub class: &'static str,
    /// One or two words.
    pub word: &'static str,
    /// A sentence.
    pub sentence: &'static str,
}

/// The link of a step.
#[derive(Clone, Debug, Serialize)]
pub struct LinkView {
    /// What carries the bytes.
    pub medium: &'static str,
    /// What an attacker on it can do.
    pub exposure: &'static str,
}

/// Bytes in one direction.
#[derive(Clone, Debug, Serialize)]
pub struct FlightView {
    /// A few words.
    pub label: String,
    /// Sender.
    pub from: String,
    /// Receiver.
    pub to: String,
    /// How many on the link.
    pub bytes: String,
    /// Their readings.
    pub layers: Vec<LayerView>,
}

/// A check.
#[derive(Clone, Debug, Serialize)]
pub struct CheckView {
    /// Who.
    pub by: String,
    /// What.
    pub what: String,
    /// Whether it held.
    pub held: bool,
}

/// A refusal.
#[derive(Clone, Debug, Serialize)]
pub struct RejectionView {
    /// Who refused.
    pub by: String,
    /// Code of the reason.
    pub code: String,
    /// The reason in words.
    pub message: String,
    /// Whose words they are.
    pub origin: &'static str,
    /// What the other end saw.
    pub other_end: Option<String>,
    /// Whether the flow declared it and went on.
    pub is_expected: bool,
}

impl RejectionView {
    /// The view of a refusal.
    pub fn new(rejection: &Rejection, title: impl Fn(&str) -> String) -> Self {
        Self {
            by: title(&rejection.by),
            code: rejection.code.clone(),
            message: rejection.message.clone(),
            origin: match rejection.origin {
                RejectionOrigin::Library => "In the library's own words.",
                RejectionOrigin::Policy => "A rule of the flow, in our words.",
            },
            other_end: rejection.other_end.clone(),
            is_expected: rejection.expected,
        }
    }
}

/// A run with what its views need.
pub struct Run<'p> {
    /// The flow.
    pub flow: &'p Flow,
    /// The scenario.
    pub scenario: &'p Scenario,
    /// What happened.
    pub trace: &'p Trace,
    /// The flow's files.
    pub files: &'p Files,
    /// The seed.
    pub seed: &'p str,
    /// Put before each anchor; empty on the method's own page.
    pub prefix: &'p str,
    /// Index of the first step that is shown with bytes and values.
    pub detailed_from: usize,
    /// The only actor whose values are shown; absent for all.
    pub only_actor: Option<&'p str>,
}

impl Run<'_> {
    /// Title of the actor called `id`.
    pub fn actor(&self, id: &str) -> String {
        actor_title(self.scenario, id)
    }

    /// The anchor of a step.
    pub fn step_anchor(&self, step: &str) -> String {
        format!("{}step-{step}", self.prefix)
    }

    /// The steps.
    pub fn steps(&self) -> Vec<StepView> {
        let mut phase = "";
        let mut views = Vec::new();
        for (index, event) in self.trace.events.iter().enumerate() {
            let new_phase = (event.phase != phase).then(|| event.phase.clone());
            phase = &event.phase;
            views.push(self.step(event, new_phase, index >= self.detailed_from));
        }
        views
    }

    /// What the stores hold at the end.
    pub fn values(&self) -> Vec<ArtifactView> {
        let is_shown = |actor: &str| self.only_actor.is_none_or(|only| only == actor);
        let stores = self.trace.stores.iter().filter(|(id, _)| is_shown(id));
        let clock = |step: &str| self.trace.event(step).map_or(self.trace.started, |event| event.clock);
        stores.flat_map(|(_, store)| store.values()).map(|value| self.value(value, clock(&value.step))).collect()
    }

    fn value(&self, artifact: &Artifact, clock: Timestamp) -> ArtifactView {
        let title = |id: &str| self.actor(id);
        let place = |first: &Artifact| self.place(first);
        let showcase = Showcase {
            trace: self.trace,
            files: self.files,
            seed: self.seed,
            title: &title,
            prefix: self.prefix,
            place: &place,
        };
        showcase.view(artifact, clock)
    }

    /// Where a value is shown: on this page, or, where it equals the baseline's, on the method's.
    fn place(&self, artifact: &Artifact) -> Option<String> {
        let index = self.trace.events.iter().position(|event| event.step == artifact.step)?;
        let is_here = index >= self.detailed_from && self.only_actor.is_none_or(|only| only == artifact.actor);
        let anchor = |prefix| artifact::anchor(prefix, &artifact.actor, &artifact.name);
        if is_here {
            return Some(format!("#{}", anchor(self.prefix)));
        }
        let equals_baseline = self.scenario.first_edit.is_none_or(|edit| index < edit);
        equals_baseline.then(|| format!("{}#{}", method_path(self.flow), anchor("")))
    }

    fn step(&self, event: &Event, new_phase: Option<String>, is_detailed: bool) -> StepView {
        let (from, to) = match &event.place {
            Place::At { actor } => (actor, None),
            Place::Setup { from, to } | Place::Between { from, to, .. } => (from, Some(to)),
        };
        let title = |id: &str| self.actor(id);
        let stored = event.stored.iter().filter(|_| is_detailed);
        let n_bytes: usize = event.flights.iter().map(|flight| flight.wire.0.len()).sum();
        StepView {
            number: event.number,
            id: event.step.clone(),
            anchor: self.step_anchor(&event.step),
            title: event.title.clone(),
            new_phase,
            from: self.actor(from),
            to: to.map(|id| self.actor(id)),
            operation: event.operation.clone(),
            why: event.why.clone(),
            clause: event.clause.clone(),
            protection: protection(event),
            link: self.link(event),
            session: self.session(event),
            bytes: (!event.flights.is_empty()).then(|| words::bytes(n_bytes)),
            said: self.said(event),
            edit: words::edit(event.edit),
            clock: event.clock.to_string(),
            flights: event.flights.iter().filter(|_| is_detailed).map(|flight| self.flight(flight)).collect(),
            checks: event.checks.iter().map(|check| self.check(check)).collect(),
            work: event.counts.iter().filter_map(|(id, counts)| self.work(id, *counts)).collect(),
            stored: stored.map(|artifact| self.value(artifact, event.clock)).collect(),
            rejection: match &event.outcome {
                EventOutcome::Done | EventOutcome::Stalled { .. } => None,
                EventOutcome::Rejected(rejection) => Some(RejectionView::new(rejection, title)),
            },
            is_detailed,
        }
    }

    fn said(&self, event: &Event) -> String {
        let (who, came) = match &event.place {
            Place::At { actor } => (self.actor(actor), checked(event).unwrap_or_else(|| "done".to_owned())),
            Place::Setup { from, to } => {
                (format!("{} to {}", self.actor(from), self.actor(to)), "before the method begins".to_owned())
            }
            Place::Between { from, to, .. } => {
                (format!("{} to {}", self.actor(from), self.actor(to)), words::channel(event.protection).to_owned())
            }
        };
        let end = match &event.outcome {
            EventOutcome::Done => String::new(),
            EventOutcome::Rejected(rejection) => {
                format!(", {} refuses, {}", self.actor(&rejection.by), rejection.code)
            }
            EventOutcome::Stalled { waiting } => format!(", nobody refuses, and {} waits", self.actor(waiting)),
        };
        format!("{who}, {}, {came}{end}", event.title)
    }

    fn link(&self, event: &Event) -> Option<LinkView> {
        let Place::Between { link, .. } = &event.place else { return None };
        let link = self.flow.links.iter().find(|candidate| candidate.id == *link)?;
        Some(LinkView { medium: words::medium(link.medium), exposure: link.exposure.title() })
    }

    fn session(&self, event: &Event) -> Option<PageLink> {
        let opener = self.trace.event(event.session.as_ref()?).filter(|opener| opener.number != event.number)?;
        let title = format!("{} {}", opener.number, opener.title);
        Some(PageLink { title, path: format!("#{}", self.step_anchor(&opener.step)) })
    }

    fn flight(&self, flight: &Flight) -> FlightView {
        FlightView {
            label: flight.label.clone(),
            from: self.actor(&flight.from),
            to: self.actor(&flight.to),
            bytes: words::bytes(flight.wire.0.len()),
            layers: flight.layers.iter().map(LayerView::new).collect(),
        }
    }

    fn check(&self, check: &Check) -> CheckView {
        CheckView { by: self.actor(&check.by), what: check.what.clone(), held: check.held }
    }

    fn work(&self, actor: &str, counts: Counts) -> Option<String> {
        let parts = counts_in_words(counts);
        (!parts.is_empty()).then(|| format!("{}: {}", self.actor(actor), parts.join(", ")))
    }
}

/// Title of the actor called `id` in a scenario; the id where there is none.
pub fn actor_title(scenario: &Scenario, id: &str) -> String {
    scenario.actors.iter().find(|actor| actor.id == id).map_or_else(|| id.to_owned(), |actor| actor.title.clone())
}

/// The members that are not zero, in words.
pub fn counts_in_words(counts: Counts) -> Vec<String> {
    let members: [(u64, &str, &str); 13] = [
        (counts.keygen.into(), "key pair made", "key pairs made"),
        (counts.ephemeral.into(), "ephemeral key pair", "ephemeral key pairs"),
        (counts.sign.into(), "signature", "signatures"),
        (counts.verify.into(), "verification", "verifications"),
        (counts.agree.into(), "key agreement", "key agreements"),
        (counts.p384.into(), "operation over P-384", "operations over P-384"),
        (counts.ed25519.into(), "operation with Ed25519", "operations with Ed25519"),
        (counts.rsa_keygen.into(), "RSA key pair made", "RSA key pairs made"),
        (counts.rsa_private.into(), "RSA signature", "RSA signatures"),
        (counts.rsa_public.into(), "RSA verification", "RSA verifications"),
        (counts.hmac.into(), "HMAC", "HMACs"),
        (counts.hash.into(), "hash", "hashes"),
        (counts.aead_bytes, "byte through the AEAD", "bytes through the AEAD"),
    ];
    let present = members.into_iter().filter(|(n, ..)| *n > 0);
    present.map(|(n, one, many)| words::count(usize::try_from(n).unwrap_or(usize::MAX), one, many)).collect()
}

/// How the checks of a step ended; absent for a step without any.
fn checked(event: &Event) -> Option<String> {
    let n_held = event.checks.iter().filter(|check| check.held).count();
    match event.checks.len() {
        0 => None,
        1 if n_held == 1 => Some("check holds".to_owned()),
        n if n == n_held => Some(format!("{n} checks hold")),
        n => Some(format!("{n_held} of {n} checks hold")),
    }
}

/// How the bytes of a step were protected.
pub fn protection(event: &Event) -> ProtectionView {
    let class = words::protection_class(event.protection);
    if event.protection == Protection::None && !event.flights.is_empty() {
        return ProtectionView {
            class,
            word: "no session",
            sentence: "The handshake was refused; no session came to be.",
        };
    }
    let (word, sentence) = words::protection(event.protection);
    ProtectionView { class, word, sentence }
}
