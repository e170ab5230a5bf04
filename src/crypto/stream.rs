//! Randomness by name: each path under a seed has its own stream of bytes.

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sha2::{Digest, Sha256};

/// The stream that belongs to `path` under `seed`.
///
/// Each part is hashed behind its length (64 bits, big-endian), so that no two paths meet by concatenation.
pub fn stream(seed: &str, path: &[&str]) -> ChaCha20Rng {
    let mut hash = Sha256::new();
    for part in std::iter::once(seed).chain(path.iter().copied()) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    ChaCha20Rng::from_seed(hash.finalize().into())
}

#[cfg(test)]
mod tests {
    use rand_core::Rng;

    use super::stream;

    fn first(seed: &str, path: &[&str]) -> [u8; 16] {
        let mut bytes = [0; 16];
        stream(seed, path).fill_bytes(&mut bytes);
        bytes
    }

    #[test]
    fn equal_names_give_equal_bytes() {
        assert_eq!(first("seed", &["device", "key"]), first("seed", &["device", "key"]));
    }

    #[test]
    fn paths_do_not_meet_by_concatenation() {
        let all = [first("s", &["ab", "c"]), first("s", &["a", "bc"]), first("s", &["abc"]), first("sa", &["bc"])];
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }

    /// SHA-256 of the length-prefixed parts, used as a `ChaCha20` key: computed apart from this code.
    #[test]
    fn known_answer() {
        use rand_core::SeedableRng;
        use sha2::Digest;
        let key = sha2::Sha256::digest(b"\0\0\0\0\0\0\0\x04seed\0\0\0\0\0\0\0\x01a");
        let mut expected = [0; 16];
        rand_chacha::ChaCha20Rng::from_seed(key.into()).fill_bytes(&mut expected);
        assert_eq!(first("seed", &["a"]), expected);
    }
}
