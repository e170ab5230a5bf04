//! Tests of the whole, by area.
#![expect(clippy::disallowed_methods, reason = "cases, goldens and outputs are files")]
#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

mod browser;
mod capture;
mod cbor;
mod claim;
mod cli;
mod cms;
mod compliance;
mod counts;
mod diagnostics;
mod docs;
mod dtls;
mod fabric;
mod hostile;
mod join_proxy;
mod jwt;
mod keys;
mod layouts;
mod lint;
mod mdns;
mod onboarding;
mod pictures;
mod prose;
mod registry;
mod runs;
mod serve;
mod site;
mod stage;
mod survey;
mod threats;
mod tidy;
mod timelines;
mod tls;
mod tools;
mod tutorial;
mod vectors;
