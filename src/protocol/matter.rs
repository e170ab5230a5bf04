//! Formats of Matter: TLV, and what is built on it (Matter Core Specification).

pub mod attestation;
pub mod certificate;
pub mod interaction;
pub mod message;
pub mod pase;
pub mod tlv;
