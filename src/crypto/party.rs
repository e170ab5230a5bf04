//! The party on whose behalf cryptography runs right now: it brings the randomness and is charged for the work.
//!
//! The acting party is thread-local, because a TLS library's provider hooks take no context.

use std::cell::RefCell;
use std::mem;

use rand_chacha::ChaCha20Rng;
use rand_core::Rng;

use super::count::Counts;
use super::stream::stream;

thread_local! {
    static ACTING: RefCell<Option<Party>> = const { RefCell::new(None) };
}

/// Someone with randomness and an account of operations.
pub struct Party {
    /// Where its random bytes come from.
    pub stream: ChaCha20Rng,
    /// What it has computed so far.
    pub counts: Counts,
}

impl Party {
    /// A party that draws from the stream called `path` under `seed`, and has computed nothing yet.
    pub fn new(seed: &str, path: &[&str]) -> Self {
        Self { stream: stream(seed, path), counts: Counts::default() }
    }

    /// The same randomness and account, for the time it acts; not public, since a cloned stream repeats itself.
    fn lend(&self) -> Self {
        Self { stream: self.stream.clone(), counts: self.counts }
    }
}

impl std::fmt::Debug for Party {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Party").field("counts", &self.counts).finish_non_exhaustive()
    }
}

/// Runs `work` on behalf of `party`; whoever acted before acts again afterwards, also when `work` panics.
pub fn act<T>(party: &mut Party, work: impl FnOnce() -> T) -> T {
    let before = ACTING.with(|acting| acting.replace(Some(party.lend())));
    let _turn = Turn { party: Some(party), before };
    work()
}

/// Runs `work` on behalf of nobody: what we compute to show something is charged to no one.
pub fn unobserved<T>(work: impl FnOnce() -> T) -> T {
    let before = ACTING.with(RefCell::take);
    let _turn = Turn { party: None, before };
    work()
}

/// Fills `bytes` from the stream of the acting party.
pub fn fill(bytes: &mut [u8]) {
    ACTING.with_borrow_mut(|acting| {
        acting.as_mut().expect("randomness is only drawn inside of `act`").stream.fill_bytes(bytes);
    });
}

/// Changes the account of the acting party; does nothing while nobody acts.
pub fn count(change: impl FnOnce(&mut Counts)) {
    ACTING.with_borrow_mut(|acting| {
        if let Some(party) = acting {
            change(&mut party.counts);
        }
    });
}

/// Ends a turn when it is dropped, so that a panic cannot leave a party installed.
struct Turn<'a> {
    party: Option<&'a mut Party>,
    before: Option<Party>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let acted = ACTING.with(|acting| mem::replace(&mut *acting.borrow_mut(), self.before.take()));
        if let (Some(party), Some(acted)) = (self.party.take(), acted) {
            *party = acted;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    fn draw() -> [u8; 8] {
        let mut bytes = [0; 8];
        fill(&mut bytes);
        bytes
    }

    #[test]
    fn a_stream_goes_on_where_it_stopped() {
        let mut at_once = Party::new("seed", &["a"]);
        let whole = act(&mut at_once, || [draw(), draw()]);
        let mut in_turns = Party::new("seed", &["a"]);
        let parts = [act(&mut in_turns, draw), act(&mut in_turns, draw)];
        assert_eq!(whole, parts);
        assert_ne!(parts[0], parts[1]);
    }

    #[test]
    fn turns_nest() {
        let (mut outer, mut inner) = (Party::new("seed", &["outer"]), Party::new("seed", &["inner"]));
        act(&mut outer, || {
            count(|counts| counts.sign += 1);
            act(&mut inner, || count(|counts| counts.verify += 1));
            unobserved(|| count(|counts| counts.hash += 1));
            count(|counts| counts.sign += 1);
        });
        assert_eq!(outer.counts, Counts { sign: 2, ..Counts::default() });
        assert_eq!(inner.counts, Counts { verify: 1, ..Counts::default() });
    }

    #[test]
    fn a_panic_ends_the_turn() {
        let mut party = Party::new("seed", &["a"]);
        let result = catch_unwind(AssertUnwindSafe(|| {
            act(&mut party, || {
                count(|counts| counts.sign += 1);
                panic!("in the middle");
            });
        }));
        assert!(result.is_err());
        assert_eq!(party.counts.sign, 1);
        assert!(catch_unwind(draw).is_err(), "nobody acts any more");
    }
}
