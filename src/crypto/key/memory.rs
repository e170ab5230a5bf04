//! What was made before: a key is a function of the bytes that it is drawn from, a deterministic signature of key and
//! message.
//!
//! The runs of a flow begin alike, so a party that acts with a memory computes each key and signature once for all of
//! them. Nothing else is kept: whatever a party verifies, agrees on or decrypts, it computes every time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use sha2::{Digest, Sha256};

use super::PrivateKey;
use crate::crypto::party;

/// Keys and signatures, by the digest of what they were made from.
#[derive(Debug, Default)]
pub struct Memory {
    pub(super) keys: Made<Option<PrivateKey>>,
    pub(super) signatures: Made<Vec<u8>>,
}

/// Results of one kind.
#[derive(Debug)]
pub(super) struct Made<T>(Mutex<BTreeMap<[u8; 32], T>>);

impl<T> Default for Made<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Made<T> {
    /// The result of `make`, which depends on `from` alone.
    fn get_or_make(&self, from: &[&[u8]], make: impl FnOnce() -> T) -> T {
        let name = name(from);
        let known = || self.0.lock().expect("no thread panics while it holds a memory");
        if let Some(made) = known().get(&name) {
            return made.clone();
        }
        // Not under the lock: two threads may make the same thing, and it is the same.
        let made = make();
        known().insert(name, made.clone());
        made
    }
}

/// The result of `make`, which depends on `from` alone: out of the acting party's memory, where it has one.
pub(super) fn recall<T: Clone>(of: impl Fn(&Memory) -> &Made<T>, from: &[&[u8]], make: impl FnOnce() -> T) -> T {
    match party::memory() {
        Some(memory) => of(&memory).get_or_make(from, make),
        None => make(),
    }
}

/// Each part goes in with its length before it, so that no two lists collide.
fn name(from: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in from {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

impl Memory {
    /// How many keys and signatures it holds.
    pub fn n_made(&self) -> [usize; 2] {
        let [keys, signatures] = [self.keys.len(), self.signatures.len()];
        [keys, signatures]
    }

    /// A memory that several parties share.
    pub fn shared() -> Arc<Self> {
        Arc::default()
    }
}

impl<T> Made<T> {
    fn len(&self) -> usize {
        self.0.lock().expect("no thread panics while it holds a memory").len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::count::Counts;
    use crate::crypto::key::{Algorithm, EcdsaForm, RsaPadding, SignatureForm};
    use crate::crypto::party::{Party, act};

    /// Keys, signatures in every form, and counts of a party with this memory.
    fn made(memory: Option<Arc<Memory>>) -> (Vec<Vec<u8>>, Counts) {
        let mut party = Party::new("seed", &["party"]).remembering(memory);
        let made = act(&mut party, || {
            let mut made = Vec::new();
            for algorithm in Algorithm::ALL {
                let key = PrivateKey::generate_for(algorithm);
                made.extend([key.pkcs8_der(), key.public().spki_der()]);
                for ecdsa in [EcdsaForm::Der, EcdsaForm::Raw] {
                    for rsa in [RsaPadding::Pkcs1, RsaPadding::Pss] {
                        let signature = key.sign(SignatureForm { ecdsa, rsa }, b"message");
                        made.push(signature.unwrap_or_else(|refusal| refusal.message.into_bytes()));
                    }
                }
            }
            made
        });
        (made, party.counts)
    }

    #[test]
    fn what_is_recalled_is_what_would_be_made_and_counts_as_much() {
        let memory = Memory::shared();
        let first = made(Some(Arc::clone(&memory)));
        let n_made = memory.n_made();
        let again = made(Some(Arc::clone(&memory)));
        assert_eq!(first, made(None));
        assert_eq!(again, first);
        assert_eq!(memory.n_made(), n_made, "the second time nothing is made");
        // RSA keeps its keys itself; of its signatures only the one without a salt is a function of the message.
        assert_eq!(n_made, [4, 2 + 2 + 1 + 1]);
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(name(&[b"ab", b"c"]), name(&[b"a", b"bc"]));
    }
}
