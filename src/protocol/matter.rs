//! Formats of Matter: TLV, and what is built on it (Matter Core Specification).

pub mod interaction;
pub mod message;
pub mod pase;
pub mod tlv;
