//! Randomness by name: one independent stream for each path of names.

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sha2::{Digest, Sha256};

/// The stream of `path` under `seed`. Each part goes in with its length before it, so that no two paths collide.
pub fn stream(seed: &str, path: &[&str]) -> ChaCha20Rng {
    let mut hash = Sha256::new();
    for part in std::iter::once(&seed).chain(path) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    ChaCha20Rng::from_seed(hash.finalize().into())
}
