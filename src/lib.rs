//! Trustlane executes IoT device provisioning methods with real cryptography and publishes what really happened.
//!
//! ```text
//! project folder ─load─▶ Sources ─parse─▶ *Def ─resolve─▶ Project ─run─▶ Runs (a Trace per flow and scenario)
//!                                                                         │
//!                                           assess: claims over Runs ──▶ Assessment
//!                                           draw:   Subject ──▶ Scene (per figure)
//!                                           compose ──▶ Edition { project, runs, assessment, book }
//!                                                          └─export─▶ Outputs ─write─▶ public/<version>/
//! ```
//!
//! **The crypto core must never make real keys.** All randomness is derived from a public seed, so that everyone can
//! recompute every key, certificate and handshake.
//!
//! Modules stand in the order of their layers: each uses only those above it.

// Types and tables.
pub mod source;
pub mod diag;
pub mod document;
pub mod grammar;
pub mod clock;
pub mod quantity;
pub mod vocabulary;
pub mod config;
pub mod threat;
pub mod decision;
pub mod fact;
pub mod rubric;
pub mod glossary;
pub mod annotation;
pub mod crypto;
pub mod protocol;
pub mod registry;
pub mod trace;
pub mod value;
pub mod operation;
pub mod claim;
pub mod framework;
pub mod flow;
pub mod lint;
pub mod explain;
pub mod profile;
pub mod timeline;
pub mod scene;
pub mod diagram;
pub mod chapter;
// Stages.
pub mod load;
pub mod starter;
pub mod resolve;
pub mod run;
pub mod assess;
pub mod capture;
pub mod mermaid;
pub mod plain;
pub mod svg;
pub mod book;
pub mod edition;
pub mod export;
pub mod write;
pub mod schema;
pub mod cli;

use crate::diag::Sink;
use crate::edition::Edition;
use crate::export::Output;
use crate::resolve::scope::Scope;
use crate::resolve::{Defs, Project};
use crate::run::Env;
use crate::source::Sources;

/// Builds everything in memory; what the author should know goes into `sink`.
pub fn build(sources: &Sources, sink: &mut Sink) -> Option<Vec<Output>> {
    export::export_all(&check(sources, sink)?, sink)
}

/// The same pipeline up to the pages, of which nothing is written.
pub fn check(sources: &Sources, sink: &mut Sink) -> Option<Edition> {
    let project = project(sources, sink)?;
    let runs = run::run_all(&project, &env(&project), sink)?;
    let assessment = assess::assess(&project, &runs, sink);
    edition::compose(project, runs, assessment, operation::OPERATIONS, sources, sink)
}

/// The project, every name looked up.
pub fn project(sources: &Sources, sink: &mut Sink) -> Option<Project> {
    part(sources, Scope::Whole, sink)
}

/// As much of the project as `scope` says; mistakes elsewhere are not looked for.
pub fn part(sources: &Sources, scope: Scope<'_>, sink: &mut Sink) -> Option<Project> {
    resolve::resolve(parse(sources, scope, sink)?, scope, sink)
}

/// What every run of the project depends on.
pub fn env(project: &Project) -> Env {
    Env { seed: project.config.seed.clone(), clock: project.config.clock }
}

/// Reads every file in `scope`; one that cannot be read does not hide the mistakes of the others.
fn parse(sources: &Sources, scope: Scope<'_>, sink: &mut Sink) -> Option<Defs> {
    let config = config::parse(sources, sink);
    let threats = scope.of_book(|| threat::parse(sources, sink));
    let decisions = scope.of_book(|| decision::parse(sources, sink));
    let glossary = scope.of_book(|| glossary::parse(sources, sink));
    let rubric = scope.of_book(|| rubric::parse(sources, sink));
    let chosen = config.as_ref().map(|config| config::choose(sources, config));
    let sources = chosen.as_ref().unwrap_or(sources);
    let flows = sources
        .below("flows", ".toml")
        .filter(|(path, _)| scope.has_flow(config::method_of(path)))
        .filter_map(|(path, _)| flow::parse::parse(path, sources.text(path).unwrap_or_default(), sink))
        .collect();
    let content = scope.of_book(|| chapter::parse(sources, sink));
    let profiles = profile::parse::parse(sources, sink);
    let frameworks = scope.of_book(|| framework::parse::parse(sources, config.as_ref(), sink));
    Some(Defs {
        config: config?,
        threats,
        decisions,
        glossary,
        rubric,
        frameworks,
        flows,
        content,
        profiles: profiles?,
    })
}
