//! What is asked of every flow: one table of lints.
//!
//! To add one: a file in `src/lint/` with a unit struct and its `impl Lint`, a line in [`LINTS`], a code of its name in
//! `diag/code.rs`, and a case in `tests/suite/lint/` with the one edit that makes it clean.

pub mod baseline;
pub mod key_leaves_custody;
pub mod no_revocation;
pub mod nonce_not_compared;
pub mod secret_in_clear;
pub mod shared_credential;
pub mod unverified;
pub mod used_after_end;

use std::fmt;

use serde::Serialize;

pub use baseline::Baseline;

use crate::diag::Code;

/// Every lint, by name.
pub const LINTS: &[&dyn Lint] = &[
    &key_leaves_custody::KeyLeavesCustody,
    &no_revocation::NoRevocation,
    &nonce_not_compared::NonceNotCompared,
    &secret_in_clear::SecretInClear,
    &shared_credential::SharedCredential,
    &unverified::Unverified,
    &used_after_end::UsedAfterEnd,
];

/// The lint called `name`.
pub fn find(name: &str) -> Option<&'static dyn Lint> {
    LINTS.iter().find(|lint| lint.name() == name).copied()
}

/// A question that is asked of every flow.
pub trait Lint: Sync {
    /// Name, question and remedy; the hints, the reference and `trustlane explain` all read this.
    fn spec(&self) -> &'static LintSpec;

    /// Where the answer is bad, in the order of the steps.
    fn findings(&self, baseline: &Baseline<'_>) -> Vec<Finding>;

    /// Name, kebab case; that of its code.
    fn name(&self) -> &'static str {
        self.spec().code.name()
    }
}

impl fmt::Debug for dyn Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a lint asks, why, and what to do.
#[derive(Debug)]
pub struct LintSpec {
    /// Code under which its findings are reported; its name is the lint's.
    pub code: Code,
    /// The bad thing in a few words.
    pub title: &'static str,
    /// What is asked, and how the answer is found.
    pub asks: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// Where it is written: standards and weakness enumeration.
    pub references: &'static [&'static str],
    /// What to do.
    pub fix: &'static str,
    /// Steps that raise it, after a flow's zones, actors and links.
    pub example: &'static str,
}

/// A place of a flow where a lint's answer is bad.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Id of the step.
    pub step: String,
    /// What it is about: `actor/value`.
    pub subject: String,
    /// What is, as a diagnostic says it.
    pub message: String,
    /// How bad it is.
    pub risk: Risk,
    /// Ids of the steps that show it.
    pub evidence: Vec<String>,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// Whoever is on an exposed link, or has one more device, can use it.
    High,
    /// It takes access to a place that the method itself relies on.
    Low,
}

impl Risk {
    /// The word for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Low => "low",
        }
    }
}

/// Every finding with the lint that made it, by lint and then by step.
pub fn ask(baseline: &Baseline<'_>) -> Vec<(&'static dyn Lint, Finding)> {
    let of = |lint: &&'static dyn Lint| {
        lint.findings(baseline).into_iter().map(|finding| (*lint, finding)).collect::<Vec<_>>()
    };
    LINTS.iter().flat_map(of).collect()
}
