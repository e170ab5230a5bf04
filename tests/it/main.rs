//! Tests of the whole, by area.
#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

mod pictures;
