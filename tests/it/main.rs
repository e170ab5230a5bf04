//! Tests of the whole, by area.
#![expect(clippy::disallowed_methods, reason = "cases, goldens and outputs are files")]
#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

mod browser;
mod cli;
mod diagnostics;
mod docs;
mod keys;
mod layouts;
mod pictures;
mod runs;
mod site;
mod tidy;
mod tls;
mod tutorial;
mod vectors;
