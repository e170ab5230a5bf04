//! Message formats: encode, decode, and explain every byte; they know neither keys nor flows.

pub mod canonical_json;
pub mod content;
pub mod encoding;
pub mod handover;
pub mod http;
pub mod json;
pub mod jws;
pub mod layout;
pub mod matter_payload;
pub mod mqtt;
pub mod provisioning_payload;
pub mod qr;
mod reader;
pub mod sas;
pub mod tpm;
pub mod wifi_payload;
pub mod writer;

use std::fmt;

use crate::annotation::{Field, Kind, Layer};

/// A message as it goes over a link, with each byte explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Fields in order; each begins where the one before it ends.
    pub fields: Vec<Field>,
}

impl Encoded {
    /// Bytes of which only `why` they are not understood can be said.
    fn unexplained(bytes: &[u8], why: Malformed) -> Self {
        let mut writer = writer::Writer::default();
        writer.of(Kind::Malformed, "malformed", bytes, why.message);
        writer.finish()
    }

    /// The message as a layer called `name`, not encrypted on the link; what its values hold is told when it is shown.
    #[must_use]
    pub fn into_layer(self, name: impl Into<String>) -> Layer {
        let fields = self.fields;
        Layer::explained_by(name, self.bytes, move |bytes, known| content::complete(fields.clone(), bytes, known))
    }
}

/// Why bytes or values do not fit a format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// What is wrong: lower case, no full stop, names in backticks.
    pub message: String,
}

impl Malformed {
    /// The error that says `message`.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    /// Puts what was being read in front: `` `x5c`: … ``.
    #[must_use]
    pub fn inside(self, name: &str) -> Self {
        Self::new(format!("`{name}`: {}", self.message))
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Malformed {}

/// Refuses with `message` where `condition` does not hold.
fn ensure(condition: bool, message: impl FnOnce() -> String) -> Result<(), Malformed> {
    if condition { Ok(()) } else { Err(Malformed::new(message())) }
}

/// `1 byte`, `2 bytes`.
fn count_bytes(count: usize) -> String {
    if count == 1 { "1 byte".to_owned() } else { format!("{count} bytes") }
}

#[cfg(test)]
pub(crate) mod testing {
    use super::{Encoded, Field, Layer};

    /// Asserts that the fields explain every byte exactly once and in order.
    #[track_caller]
    pub(crate) fn assert_explained(bytes: &[u8], fields: &[Field]) {
        let layer = Layer::new("message", bytes.to_vec(), fields.to_vec());
        assert!(layer.is_complete(), "a gap, an overlap or an empty field: {fields:?}");
    }

    /// Asserts the same of an encoder's result, and gives its bytes.
    #[track_caller]
    pub(crate) fn explained(encoded: Encoded) -> Vec<u8> {
        assert_explained(&encoded.bytes, &encoded.fields);
        encoded.bytes
    }
}
