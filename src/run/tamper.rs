//! What happens to the bytes of a flight on their way.

use crate::annotation::{Field, Layer};
use crate::flow::{Instance, Interference, Scenario, Tamper, Target};
use crate::trace::{Flight, ProbeLayer, Trace};

/// Runs of the same steps by others, from which an attacker or a dishonest end takes bytes.
#[derive(Debug, Default)]
pub struct Recordings {
    /// Another session of the same device.
    pub other_session: Option<Trace>,
    /// A session of another device.
    pub other_device: Option<Trace>,
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

/// Changes `bytes` as `how` says; `fields` are those of the message in them, `recorded` what takes their place.
pub fn alter(how: &Interference, bytes: &mut Vec<u8>, fields: &[Field], recorded: Option<&[u8]>) {
    match how {
        Interference::Flip(target) => {
            let index = match target {
                Target::Byte(index) => Some(*index),
                Target::Middle => Some(bytes.len() / 2),
                Target::Field(path) => field(fields, path).map(|field| field.end - 1),
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

/// The field called `path`.
pub fn field<'f>(fields: &'f [Field], path: &str) -> Option<&'f Field> {
    fields.iter().find(|field| field.name == path)
}

/// What is shown of bytes that are no longer what their sender wrote.
pub fn altered_layer(name: &str, bytes: &[u8]) -> Layer {
    let value = format!("{} bytes, changed on their way", bytes.len());
    let field = Field::new("changed bytes", 0..bytes.len(), value);
    Layer::new(name, bytes.to_vec(), if bytes.is_empty() { Vec::new() } else { vec![field] })
}
