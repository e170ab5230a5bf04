//! A value never leaves the actor that made it.

use super::{Claim, ClaimArgs, ClaimParam, ClaimSpec, Names, Verdict, one};
use crate::protocol::encoding;
use crate::trace::{Artifact, ArtifactKind, Flight, Place, Protection, Trace};

/// A value never leaves the actor that made it.
pub struct NeverLeaves;

/// Where a value was seen outside of its owner's store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sighting {
    /// Another actor holds the same value.
    Held {
        /// Who.
        actor: String,
        /// The step in which it came there.
        step: String,
    },
    /// It crossed an exposed link unencrypted.
    InClear {
        /// The link.
        link: String,
        /// The step.
        step: String,
    },
    /// It was part of a message that others on the link could not read.
    Sent {
        /// Sender.
        from: String,
        /// Receiver.
        to: String,
        /// The step.
        step: String,
    },
}

impl Sighting {
    /// The step in which it was seen.
    pub fn step(&self) -> &str {
        match self {
            Self::Held { step, .. } | Self::InClear { step, .. } | Self::Sent { step, .. } => step,
        }
    }
}

impl Claim for NeverLeaves {
    fn spec(&self) -> &'static ClaimSpec {
        const {
            &ClaimSpec {
                name: "never-leaves",
                shows: "In this run the value is in no other actor's store and in no message, encrypted or not.",
                does_not_show: "That the actor's hardware would keep it: custody is declared, not measured.",
                params: &[ClaimParam { name: "value", names: Names::Value, summary: "the value, as `actor/name`" }],
            }
        }
    }

    fn statement(&self, with: &ClaimArgs) -> String {
        let (actor, name) = one(with, "value").split_once('/').unwrap_or_default();
        format!("{name} never leaves {actor}")
    }

    fn judge(&self, trace: &Trace, with: &ClaimArgs) -> Verdict {
        let Some((born, found)) = sightings(trace, one(with, "value")) else { return absent(one(with, "value")) };
        match found.into_iter().next() {
            None => Verdict {
                held: true,
                reason: "it is in no other store and in no message of the run".to_owned(),
                evidence: vec![born],
            },
            Some(Sighting::Held { actor, step }) => {
                Verdict { held: false, reason: format!("`{actor}` holds it"), evidence: vec![step] }
            }
            Some(Sighting::InClear { link, step }) => {
                Verdict { held: false, reason: format!("it crosses `{link}` readable"), evidence: vec![step] }
            }
            Some(Sighting::Sent { from, to, step }) => {
                Verdict { held: false, reason: format!("`{from}` sends it to `{to}`"), evidence: vec![step] }
            }
        }
    }
}

/// The verdict where the run ended before the value existed.
pub fn absent(value: &str) -> Verdict {
    Verdict { held: true, reason: format!("the run ends before `{value}` exists"), evidence: Vec::new() }
}

/// The step in which `actor/name` came to be, and where else its bytes are in the run; `None` where it never was.
pub fn sightings(trace: &Trace, value: &str) -> Option<(String, Vec<Sighting>)> {
    let (owner, name) = value.split_once('/')?;
    let artifact = trace.stores.get(owner)?.get(name)?;
    let needles = needles(artifact);
    let mut found = Vec::new();
    for (actor, store) in trace.stores.iter().filter(|(actor, _)| *actor != owner) {
        let held = store.values().find(|held| needles.iter().any(|needle| contains(&held.bytes.0, needle)));
        found.extend(held.map(|held| Sighting::Held { actor: actor.clone(), step: held.step.clone() }));
    }
    for event in &trace.events {
        let Place::Between { link, .. } = &event.place else { continue };
        let is_exposed = trace.link(link).is_some_and(|link| link.exposure != crate::vocabulary::Exposure::None);
        for flight in event.flights.iter().filter(|flight| carries(flight, &needles)) {
            // A handshake is not encrypted in every version of TLS: what is on the link as it is can be read.
            let is_readable = event.protection == Protection::Clear || is_in(&flight.wire.0, &needles);
            found.push(if is_readable && is_exposed {
                Sighting::InClear { link: link.clone(), step: event.step.clone() }
            } else {
                Sighting::Sent { from: flight.from.clone(), to: flight.to.clone(), step: event.step.clone() }
            });
        }
    }
    Some((artifact.step.clone(), found))
}

/// The secret bytes, and their usual writings as text.
fn needles(artifact: &Artifact) -> Vec<Vec<u8>> {
    let bytes = match artifact.kind {
        // The 32 bytes of the scalar, wherever the key is wrapped in.
        ArtifactKind::PrivateKey | ArtifactKind::Credential => {
            artifact.secret.clone().map_or_else(|| artifact.bytes.0.clone(), |secret| secret.0)
        }
        _ => artifact.bytes.0.clone(),
    };
    let written = [hex::encode(&bytes), encoding::base64(&bytes), encoding::base64url(&bytes)];
    std::iter::once(bytes).chain(written.into_iter().map(String::into_bytes)).collect()
}

fn carries(flight: &Flight, needles: &[Vec<u8>]) -> bool {
    let layers = flight.layers.iter().map(|layer| &layer.bytes.0);
    layers.chain([&flight.wire.0]).any(|bytes| is_in(bytes, needles))
}

fn is_in(bytes: &[u8], needles: &[Vec<u8>]) -> bool {
    needles.iter().any(|needle| contains(bytes, needle))
}

/// Whether `needle` is in `bytes`; nothing is in anything.
pub fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    !needle.is_empty() && bytes.windows(needle.len()).any(|window| window == needle)
}
