//! What editions and figures are written as.

#[cfg(feature = "png")]
pub mod png;
