//! The deterministic crypto core; it knows no flow.
//!
//! **Never make real keys with it.** Every key comes from a public seed, so that everyone can recompute it.

pub mod count;
