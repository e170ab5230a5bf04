//! Tests of the whole, by area.
#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]
#![expect(clippy::disallowed_methods, reason = "tests read what was written")]

mod browser;
mod cli;
mod diagnostics;
mod pictures;
mod runs;
mod site;
mod tidy;
mod tls;
mod vectors;
