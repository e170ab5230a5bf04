//! What an operation does to the trust in its arguments, as data that lints read.
//!
//! Parameters are named as in [`super::Spec::params`]; those of a session with their end: `server.crls`.

/// What an operation does to the trust in its arguments.
#[derive(Clone, Copy, Debug)]
pub struct Bearing {
    /// Parameters whose signature, MAC or chain it verifies.
    pub verifies: &'static [&'static str],
    /// Parameters that it compares with each other.
    pub compares: &'static [&'static str],
    /// Parameters that it compares with what the actor keeps: a record, the clock.
    pub matches: &'static [&'static str],
    /// Parameters whose certificates it presents, or verifies or signs with, in the moment of the step.
    pub relies_on: &'static [&'static str],
    /// Parameters that it hands on unjudged; whoever receives them judges them.
    pub passes_on: &'static [&'static str],
    /// Parameters that serve as keys, so that who knows them can do the same.
    pub keys: &'static [&'static str],
    /// Initialisation vectors: used once with a key, with nothing to compare them to (RFC 5116, section 3.1).
    pub initialises: &'static [&'static str],
    /// Parameters by which it learns that something was revoked.
    pub revocation: &'static [&'static str],
    /// What its result is beside its kind.
    pub makes: Makes,
}

/// What a result is beside its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Makes {
    /// Bytes that are used once and show that an answer is fresh.
    Nonce,
    /// What its kind says.
    Plain,
    /// A signature on its own, as bytes.
    Signature,
    /// A tag that is sent to be compared, or a key where something uses it as one.
    Tag,
}

impl Bearing {
    /// It neither judges nor uses its arguments, and its result is what they are.
    pub const NONE: Self = Self {
        verifies: &[],
        compares: &[],
        matches: &[],
        relies_on: &[],
        passes_on: &[],
        keys: &[],
        initialises: &[],
        revocation: &[],
        makes: Makes::Plain,
    };

    /// Every parameter that it names.
    pub fn params(&self) -> impl Iterator<Item = &'static str> {
        let lists = [
            self.verifies,
            self.compares,
            self.matches,
            self.relies_on,
            self.passes_on,
            self.keys,
            self.initialises,
            self.revocation,
        ];
        lists.into_iter().flatten().copied()
    }
}
