//! Tests of the whole, by area.
#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

mod browser;
mod cli;
mod diagnostics;
mod pictures;
mod runs;
mod site;
mod tidy;
mod tls;
mod vectors;
