//! What is judged about runs: one table of claims.
//!
//! A goal is a claim that a flow makes, with arguments, and is judged run by run ([`Claim`]). Evidence is a claim that a
//! control names, without arguments, and is judged on all runs of a method together ([`Evidence`]).
//!
//! To add one: a file in `src/claim/` with a unit struct and its `impl Claim` or `impl Evidence`, and a line in
//! [`CLAIMS`].

pub mod anchor_replaced;
pub mod attempted;
pub mod audit_log;
pub mod authenticated_before;
pub mod case;
pub mod channel_protected;
pub mod guessing_refused;
pub mod identity_unique;
pub mod input_refused;
pub mod key_in_custody;
pub mod known_only_to;
pub mod later;
pub mod least_privilege;
pub mod log_without_secrets;
pub mod mutual_authentication;
pub mod never_leaves;
pub mod possession_of_key;
pub mod registered_once;
pub mod replay_refused;
pub mod replays_refused;
pub mod sessions;
pub mod state_after;
pub mod tampering_refused;
pub mod testimony;
pub mod unique_key;

use std::collections::BTreeMap;
use std::fmt;

pub use self::case::{Case, Run, RunKind};
pub use self::testimony::{Exhibit, Ruling, Testimony};

use crate::trace::Trace;

/// Every claim, by name.
pub const CLAIMS: &[Entry] = &[
    Entry::Method(&anchor_replaced::AnchorReplaced),
    Entry::Method(&attempted::ANCHORS_PROTECTED),
    Entry::Method(&attempted::ATTESTATION_VERIFIED),
    Entry::Method(&audit_log::AuditLog),
    Entry::Run(&authenticated_before::AuthenticatedBefore),
    Entry::Method(&attempted::CERTIFICATE_RULES),
    Entry::Method(&channel_protected::ChannelProtected),
    Entry::Method(&attempted::CLONE_REFUSED),
    Entry::Method(&attempted::COUNTERFEIT_REFUSED),
    Entry::Method(&later::CREDENTIAL_REPLACED),
    Entry::Method(&later::DECOMMISSIONED_REFUSED),
    Entry::Method(&later::EXPIRED_REFUSED),
    Entry::Method(&later::FORMER_OWNER_REFUSED),
    Entry::Method(&sessions::ForwardSecrecy),
    Entry::Method(&guessing_refused::GuessingRefused),
    Entry::Method(&attempted::IDENTITY_HIDDEN),
    Entry::Run(&identity_unique::IdentityUnique),
    Entry::Method(&input_refused::InputRefused),
    Entry::Method(&key_in_custody::KeyInCustody),
    Entry::Run(&known_only_to::KnownOnlyTo),
    Entry::Method(&least_privilege::LeastPrivilege),
    Entry::Method(&log_without_secrets::LogWithoutSecrets),
    Entry::Method(&mutual_authentication::MutualAuthentication),
    Entry::Run(&never_leaves::NeverLeaves),
    Entry::Method(&attempted::OVERLOAD_BOUNDED),
    Entry::Method(&attempted::OWNER_PROVEN),
    Entry::Method(&possession_of_key::PossessionOfKey),
    Entry::Method(&attempted::READ_OUT_REFUSED),
    Entry::Method(&registered_once::RegisteredOnce),
    Entry::Run(&replay_refused::ReplayRefused),
    Entry::Method(&replays_refused::ReplaysRefused),
    Entry::Method(&later::REVOKED_REFUSED),
    Entry::Run(&state_after::StateAfter),
    Entry::Method(&sessions::StrongCryptography),
    Entry::Method(&tampering_refused::TamperingRefused),
    Entry::Method(&unique_key::UniqueKey),
    Entry::Method(&attempted::UPDATE_VERIFIED),
];

/// A claim by what it is judged on.
#[derive(Clone, Copy, Debug)]
pub enum Entry {
    /// One run: a goal of a flow.
    Run(&'static dyn Claim),
    /// All runs of a method: evidence for a control.
    Method(&'static dyn Evidence),
}

impl Entry {
    /// Name, parameters and meaning.
    pub fn spec(self) -> &'static ClaimSpec {
        match self {
            Self::Run(claim) => claim.spec(),
            Self::Method(evidence) => evidence.spec(),
        }
    }

    /// Name, kebab case.
    pub fn name(self) -> &'static str {
        self.spec().name
    }
}

/// The claims that a flow can make as goals, by name.
pub fn goals() -> impl Iterator<Item = &'static dyn Claim> {
    CLAIMS.iter().filter_map(|entry| match entry {
        Entry::Run(claim) => Some(*claim),
        Entry::Method(_) => None,
    })
}

/// The claims that a control can name as evidence, by name.
pub fn evidence() -> impl Iterator<Item = &'static dyn Evidence> {
    CLAIMS.iter().filter_map(|entry| match entry {
        Entry::Run(_) => None,
        Entry::Method(evidence) => Some(*evidence),
    })
}

/// The claim called `name` that a flow can make as a goal.
pub fn find(name: &str) -> Option<&'static dyn Claim> {
    goals().find(|claim| claim.name() == name)
}

/// The claim called `name` that a control can name as evidence.
pub fn find_evidence(name: &str) -> Option<&'static dyn Evidence> {
    evidence().find(|evidence| evidence.name() == name)
}

/// A claim about a method, judged on all of its runs.
pub trait Evidence: Sync {
    /// Name and meaning; it has no parameters.
    fn spec(&self) -> &'static ClaimSpec;

    /// What the runs say, and the events that show it.
    fn judge(&self, case: &Case<'_>) -> Testimony;

    /// Name, kebab case.
    fn name(&self) -> &'static str {
        self.spec().name
    }
}

impl fmt::Debug for dyn Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
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
