//! What is judged about runs: one table of claims.
//!
//! To add one: a file in `src/claim/` with a unit struct and its `impl Claim`, and a line in [`CLAIMS`].

pub mod authenticated_before;
pub mod identity_unique;
pub mod known_only_to;
pub mod never_leaves;
pub mod replay_refused;
pub mod state_after;

use std::collections::BTreeMap;
use std::fmt;

use crate::trace::Trace;

/// Every claim, by name.
pub const CLAIMS: &[&dyn Claim] = &[
    &authenticated_before::AuthenticatedBefore,
    &identity_unique::IdentityUnique,
    &known_only_to::KnownOnlyTo,
    &never_leaves::NeverLeaves,
    &replay_refused::ReplayRefused,
    &state_after::StateAfter,
];

/// The claim called `name`.
pub fn find(name: &str) -> Option<&'static dyn Claim> {
    CLAIMS.iter().find(|claim| claim.name() == name).copied()
}

/// Arguments of a claim: each a list of texts, of one text where the parameter takes one.
pub type ClaimArgs = BTreeMap<String, Vec<String>>;

/// A claim that a flow can make of itself.
pub trait Claim: Sync {
    /// Name, parameters and meaning; the parser, the reference and the hints all read this.
    fn spec(&self) -> &'static ClaimSpec;

    /// The claim in words, with its arguments.
    fn statement(&self, with: &ClaimArgs) -> String;

    /// Whether `trace` bears it out.
    fn judge(&self, trace: &Trace, with: &ClaimArgs) -> Verdict;

    /// Name, kebab case.
    fn name(&self) -> &'static str {
        self.spec().name
    }
}

impl fmt::Debug for dyn Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a claim is called, takes and means.
#[derive(Debug)]
pub struct ClaimSpec {
    /// Name, kebab case.
    pub name: &'static str,
    /// What a run that bears it out shows.
    pub shows: &'static str,
    /// What it does not show.
    pub does_not_show: &'static str,
    /// What it takes.
    pub params: &'static [ClaimParam],
}

/// A parameter of a claim; all are required.
#[derive(Debug)]
pub struct ClaimParam {
    /// Name, kebab case.
    pub name: &'static str,
    /// What it names.
    pub names: Names,
    /// What it is for.
    pub summary: &'static str,
}

/// What an argument of a claim names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// An actor.
    Actor,
    /// A list of actors.
    Actors,
    /// A state of the registry.
    State,
    /// A step.
    Step,
    /// A stored value, `actor/name`.
    Value,
}

/// Whether a claim holds, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the run bears it out.
    pub held: bool,
    /// What decided, in words.
    pub reason: String,
    /// Steps whose events are the evidence.
    pub evidence: Vec<String>,
}

/// The one text of the parameter `name`.
pub fn one<'a>(with: &'a ClaimArgs, name: &str) -> &'a str {
    with.get(name).and_then(|texts| texts.first()).map_or("", String::as_str)
}
