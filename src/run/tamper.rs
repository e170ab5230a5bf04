//! What happens to the bytes of a flight on their way.

use std::sync::Arc;

use crate::annotation::{Field, Inside, Layer};
use crate::flow::{Instance, Interference, Scenario, Tamper, Target};
use crate::trace::{Flight, ProbeLayer, Trace};

/// Runs of the same steps by others, from which an attacker or a dishonest end takes bytes.
#[derive(Debug, Default)]
pub struct Recordings {
    /// Another session of the same device.
    pub other_session: Option<Arc<Trace>>,
    /// A session of another device.
    pub other_device: Option<Arc<Trace>>,
}

impl Recordings {
    /// Whether `scenario` takes bytes from `instance`.
    pub fn needs(scenario: &Scenario, instance: Instance) -> bool {
        scenario.tampers.iter().any(|tamper| tamper.how == Interference::Replace(instance))
    }

    /// What crossed the link in flight number `flight` of `step` in the run of `instance`.
    pub fn flight(&self, instance: Instance, step: &str, flight: usize) -> Option<&Flight> {
        let trace = if instance == Instance::OTHER_DEVICE { &self.other_device } else { &self.other_session };
        trace.as_ref()?.event(step)?.flights.get(flight)
    }
}

/// The message that a flight carried, decrypted where it was encrypted.
pub fn message(flight: &Flight) -> Option<&Layer> {
    flight.layers.last()
}

/// What `tampers` do to flight number `flight` of `step`.
pub fn find<'t>(
    tampers: impl IntoIterator<Item = &'t Tamper>,
    step: &str,
    flight: usize,
    layer: ProbeLayer,
) -> Option<&'t Interference> {
    let is_it = |tamper: &&Tamper| (tamper.step.as_str(), tamper.flight, tamper.layer) == (step, flight, layer);
    tampers.into_iter().find(is_it).map(|tamper| &tamper.how)
}

/// Changes `bytes` as `how` says; `message` is what they are where they are one, `recorded` what takes their place.
pub fn alter(how: &Interference, bytes: &mut Vec<u8>, message: Option<&Layer>, recorded: Option<&[u8]>) {
    match how {
        Interference::Flip(target) => {
            let index = match target {
                Target::Byte(index) => Some(*index),
                Target::Middle => Some(bytes.len() / 2),
                Target::Field(path) => message.and_then(|message| last_byte(message.fields(), path)),
            };
            if let Some(byte) = index.and_then(|index| bytes.get_mut(index)) {
                *byte ^= 1;
            }
        }
        Interference::Truncate => bytes.truncate(bytes.len() / 2),
        Interference::Drop => bytes.clear(),
        Interference::Replace(_) => *bytes = recorded.map(<[u8]>::to_vec).unwrap_or_default(),
    }
}

/// Whether `message` has a field of these names from the outside in.
pub fn has_field(message: &Layer, path: &str) -> bool {
    last_byte(message.fields(), path).is_some()
}

/// The last byte of the field whose names from the outside in are `path`, with `/` between them.
fn last_byte(fields: &[Field], path: &str) -> Option<usize> {
    named(fields).into_iter().find(|(name, _)| name == path).map(|(_, field)| field.end - 1)
}

/// Every field by its names from the outside in, with its end; those that have others in them first.
fn named(fields: &[Field]) -> Vec<(String, &Field)> {
    fields
        .iter()
        .flat_map(|field| {
            let inside = match &field.inside {
                Inside::Fields(fields) => named(fields),
                Inside::Decoded(_) | Inside::Nothing => Vec::new(),
            };
            let inside = inside.into_iter().map(|(name, inner)| (format!("{}/{name}", field.name), inner));
            std::iter::once((field.name.clone(), field)).chain(inside).collect::<Vec<_>>()
        })
        .collect()
}

/// The fields with no other fields in them, by their names from the outside in, with their ends.
pub fn leaves(fields: &[Field]) -> Vec<(String, usize)> {
    let named = named(fields).into_iter();
    let leaf = named.filter(|(_, field)| !matches!(field.inside, Inside::Fields(_)));
    leaf.map(|(name, field)| (name, field.end)).collect()
}
