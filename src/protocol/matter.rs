//! Formats of Matter: TLV, and what is built on it (Matter Core Specification).

pub mod attestation;
pub mod case;
pub mod certificate;
pub mod interaction;
pub mod message;
pub mod pase;
pub mod tlv;

use crate::annotation::Field;

/// Explains `bytes` where they are one of the structures that travel as octets inside of other things; each is told
/// from the others by its members.
#[must_use]
pub fn describe(bytes: &[u8]) -> Option<Vec<Field>> {
    if certificate::decode(bytes).is_ok() {
        return Some(tlv::describe(bytes, certificate::MEMBERS));
    }
    attestation::describe(bytes)
}
