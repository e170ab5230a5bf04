//! What runs may cost: a flow from a stranger must not keep a machine busy for hours.
//!
//! Costs are counted and not measured, so that a flow that is refused is refused everywhere. A unit is about what an
//! ECDSA signature over P-256 takes.

use crate::crypto::count::Counts;
use crate::operation::Refused;
use crate::trace::{Event, Trace};

/// Most that one run may cost; ours stay below a twentieth of it.
pub const MAX_RUN: u64 = 10_000;

/// Most that the probes of a flow may cost together; ours stay below a tenth of it.
pub const MAX_PROBES: u64 = 3_000_000;

/// Code with which a step is refused once a run has cost as much as it may.
pub const TOO_COSTLY: &str = "too-costly";

/// The search for the primes of an RSA key.
const RSA_KEY: u64 = 1_300;
/// An RSA signature.
const RSA_SIGNATURE: u64 = 18;
/// Curves of 384 bits.
const P384: u64 = 10;
/// Bytes that are copied, hashed, encrypted and explained at the cost of a unit.
const BYTES: u64 = 8 * 1024;

/// What a run has cost so far.
#[derive(Debug, Default)]
pub struct Budget(u64);

impl Budget {
    /// Adds what a step has cost.
    pub fn spend(&mut self, event: &Event) {
        self.0 = self.0.saturating_add(cost_of_step(event, RSA_KEY));
    }

    /// The refusal of any further step, where the run has cost as much as it may.
    ///
    /// # Errors
    /// [`TOO_COSTLY`].
    pub fn check(&self) -> Result<(), Refused> {
        if self.0 <= MAX_RUN {
            return Ok(());
        }
        let message = format!(
            "the steps so far cost as much as {} signatures, at most {MAX_RUN} are allowed; use fewer and cheaper keys, or shorter messages",
            self.0
        );
        Err(Refused::policy(TOO_COSTLY, message))
    }
}

/// What a run like `trace` costs once more: an RSA key is kept once it is found.
pub fn again(trace: &Trace) -> u64 {
    trace.events.iter().map(|event| cost_of_step(event, 1)).sum()
}

fn cost_of_step(event: &Event, rsa_key: u64) -> u64 {
    let computed: u64 = event.counts.values().map(|counts| computing(*counts, rsa_key)).sum();
    let sent: usize = event.flights.iter().map(|flight| flight.wire.0.len()).sum();
    let kept: usize = event.stored.iter().map(|artifact| artifact.bytes.0.len()).sum();
    1 + computed + (sent + kept) as u64 / BYTES
}

fn computing(counts: Counts, rsa_key: u64) -> u64 {
    let Counts {
        keygen,
        ephemeral,
        sign,
        verify,
        agree,
        p384,
        ed25519,
        rsa_keygen,
        rsa_private,
        rsa_public,
        hmac,
        hash,
        hash_bytes,
        aead_bytes,
    } = counts;
    let quick = [keygen, ephemeral, sign, verify, agree, ed25519, rsa_public].into_iter().map(u64::from).sum::<u64>();
    let small = (u64::from(hmac) + u64::from(hash)) / 64;
    quick
        + small
        + P384 * u64::from(p384)
        + rsa_key * u64::from(rsa_keygen)
        + RSA_SIGNATURE * u64::from(rsa_private)
        + (hash_bytes + aead_bytes) / BYTES
}
