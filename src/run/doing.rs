//! What a step does, collected while it happens, and why it stops.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::crypto::count::Counts;
use crate::crypto::mac;
use crate::flow::{ActorId, Step};
use crate::operation::channel::EndRefused;
use crate::operation::{Members, Refused};
use crate::trace::{Artifact, Check, Flight, Learned, Protection, Provenance};

/// What a step has done so far; it becomes an [`Event`](crate::trace::Event).
#[derive(Default)]
pub struct Doing {
    /// What crossed the link, in order.
    pub flights: Vec<Flight>,
    /// Lines of the key log of a session that was opened.
    pub key_log: Vec<String>,
    /// What each actor computed.
    pub counts: BTreeMap<String, Counts>,
    /// What entered a store.
    pub stored: Vec<Arc<Artifact>>,
    /// Time that a person takes, in seconds.
    pub person_seconds: u32,
    /// What was verified.
    pub checks: Vec<Check>,
    /// What actors know from now on.
    pub learned: Vec<Learned>,
    /// How the bytes on the link were protected.
    pub protection: Option<Protection>,
    /// The session that the step opened or used.
    pub session: Option<String>,
}

/// Why a step did not happen as it should.
pub enum Stopped {
    /// An actor refused.
    Refused(Refusing),
    /// Nobody refused, and this actor waits.
    Waiting(ActorId),
}

/// A refusal with the actor that refuses and what the other end saw.
pub struct Refusing {
    /// Who refuses.
    pub by: ActorId,
    /// Why.
    pub refused: Refused,
    /// What the other end of the session saw, where there is one.
    pub other_end: Option<String>,
}

impl From<Refusing> for Stopped {
    fn from(refusing: Refusing) -> Self {
        Self::Refused(refusing)
    }
}

impl Doing {
    /// A value enters a store, and its owner knows it from then on.
    pub fn store(&mut self, artifact: &Arc<Artifact>) {
        self.learned.push(Learned {
            actor: artifact.actor.clone(),
            name: artifact.name.clone(),
            sha256: artifact.sha256.clone(),
            how: artifact.provenance.clone(),
            sealed: false,
        });
        self.stored.push(Arc::clone(artifact));
    }

    /// Whoever relays the link has the bytes that crossed it; those of a session it cannot read.
    pub fn relayed(&mut self, step: &Step, relay: Option<&str>) {
        let sealed = self.session.is_some();
        let known = relay.into_iter().flat_map(|relay| {
            self.flights.iter().map(move |flight| Learned {
                actor: relay.to_owned(),
                name: step.id.clone(),
                sha256: hex::encode(mac::sha256(&flight.wire.0)),
                how: Provenance::Received { from: flight.from.clone() },
                sealed,
            })
        });
        self.learned.extend(known);
    }

    /// `relay` reads the fields of a message that it relays in clear.
    pub fn read(&mut self, step: &Step, relay: &str, from: &str, fields: &Members) {
        self.learned.extend(fields.iter().map(|(name, value)| Learned {
            actor: relay.to_owned(),
            name: format!("{}.{name}", step.id),
            sha256: hex::encode(mac::sha256(&value.canonical())),
            how: Provenance::Received { from: from.to_owned() },
            sealed: false,
        }));
    }

    /// `actor` has computed this as well.
    pub fn count(&mut self, actor: &str, counts: Counts) {
        if !counts.is_zero() {
            self.counts.entry(actor.to_owned()).or_default().add(counts);
        }
    }

    /// Every check held, except the last one of an operation that refused.
    pub fn checked(&mut self, actor: &str, checks: Vec<String>, refused: bool) {
        let last = checks.len().saturating_sub(1);
        self.checks.extend(checks.into_iter().enumerate().map(|(index, what)| Check {
            by: actor.to_owned(),
            of: None,
            what,
            held: !(refused && index == last),
        }));
    }
}

/// The refusal of one of the `ends`, opener first, of a session.
pub fn refusing_end(refused: EndRefused, ends: [ActorId; 2]) -> Refusing {
    let by = if refused.by_opener { ends[0] } else { ends[1] };
    Refusing { by, refused: refused.refused, other_end: Some(refused.other_end) }
}

/// The refusal to use a session that is not open.
pub fn closed(by: ActorId, session: &str) -> Refusing {
    Refusing {
        by,
        refused: Refused::policy("session-closed", format!("the session `{session}` is not open")),
        other_end: None,
    }
}
