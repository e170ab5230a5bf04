//! The party on whose behalf crypto runs right now.
//!
//! The hooks of the TLS library take no context, so the party's randomness and counters are held per thread while it
//! acts. Nothing of it outlives [`act`].

use std::cell::RefCell;
use std::sync::Arc;

use rand_chacha::ChaCha20Rng;
use rand_core::Rng;

use super::count::Counts;
use super::key::memory::Memory;
use super::stream::stream;

/// Randomness and counters of one party.
#[derive(Clone, Debug)]
pub struct Party {
    /// Where its randomness comes from.
    pub stream: ChaCha20Rng,
    /// What it has computed.
    pub counts: Counts,
    /// What it need not compute once more; it counts all the same.
    memory: Option<Arc<Memory>>,
}

thread_local! {
    static ACTING: RefCell<Option<Party>> = const { RefCell::new(None) };
}

impl Party {
    /// The party whose randomness is the stream of `path` under `seed`.
    pub fn new(seed: &str, path: &[&str]) -> Self {
        Self { stream: stream(seed, path), counts: Counts::default(), memory: None }
    }

    /// The same with a memory that it shares with others.
    #[must_use]
    pub fn remembering(self, memory: Option<Arc<Memory>>) -> Self {
        Self { memory, ..self }
    }
}

/// Does `work` on behalf of `party`; one that acts already waits until it is done.
pub fn act<T>(party: &mut Party, work: impl FnOnce() -> T) -> T {
    let mut turn = Turn { waiting: ACTING.replace(Some(party.clone())), party, taken: false };
    let done = work();
    turn.end();
    done
}

/// Gives the thread back also where `work` panics.
struct Turn<'p> {
    party: &'p mut Party,
    waiting: Option<Party>,
    taken: bool,
}

impl Turn<'_> {
    fn end(&mut self) {
        if !self.taken {
            self.taken = true;
            if let Some(acted) = ACTING.replace(self.waiting.take()) {
                *self.party = acted;
            }
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.end();
    }
}

/// Fills `bytes` from the acting party's stream.
///
/// # Panics
/// Where no party acts: randomness without a name would not be reproducible.
pub fn fill(bytes: &mut [u8]) {
    ACTING.with_borrow_mut(|acting| {
        acting.as_mut().expect("randomness is drawn only while a party acts").stream.fill_bytes(bytes);
    });
}

/// The memory of the acting party.
pub(super) fn memory() -> Option<Arc<Memory>> {
    ACTING.with_borrow(|acting| acting.as_ref().and_then(|party| party.memory.clone()))
}

/// Counts for the acting party; nothing happens where none acts.
pub fn count(change: impl FnOnce(&mut Counts)) {
    ACTING.with_borrow_mut(|acting| {
        if let Some(party) = acting {
            change(&mut party.counts);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_party_that_waits_goes_on_with_its_own_stream() {
        let (mut outer, mut inner) = (Party::new("seed", &["outer"]), Party::new("seed", &["inner"]));
        let mut alone = [0; 64];
        act(&mut Party::new("seed", &["outer"]), || fill(&mut alone));
        let mut interrupted = [0; 64];
        act(&mut outer, || {
            fill(&mut interrupted[..32]);
            act(&mut inner, || {
                fill(&mut [0; 7]);
                count(|counts| counts.sign += 1);
            });
            fill(&mut interrupted[32..]);
        });
        assert_eq!(alone, interrupted);
        assert_eq!((outer.counts.sign, inner.counts.sign), (0, 1));
    }

    #[test]
    fn a_panic_ends_the_turn() {
        use std::panic::{AssertUnwindSafe, catch_unwind};
        let mut party = Party::new("seed", &["party"]);
        let work = || {
            count(|counts| counts.sign += 1);
            panic!("in the middle");
        };
        assert!(catch_unwind(AssertUnwindSafe(|| act(&mut party, work))).is_err());
        assert_eq!(party.counts.sign, 1, "what was done before counts");
        assert!(catch_unwind(|| fill(&mut [0])).is_err(), "nobody acts any more");
    }
}
