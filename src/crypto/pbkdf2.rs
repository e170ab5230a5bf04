//! PBKDF2 (RFC 8018, section 5.2) with HMAC-SHA-256.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::party::count;

/// Stretches `password` to `n_bytes`; each block of 32 bytes takes `iterations` HMACs.
pub fn pbkdf2_hmac_sha256(password: &[u8], salt: &[u8], iterations: u32, n_bytes: usize) -> Vec<u8> {
    // The pads are hashed once; each HMAC goes on from there.
    let keyed = Hmac::<Sha256>::new_from_slice(password).expect("HMAC takes keys of any length");
    let mut stretched = Vec::new();
    let mut number = 1_u32;
    while stretched.len() < n_bytes {
        stretched.extend(block(&keyed, salt, iterations, number));
        number += 1;
    }
    stretched.truncate(n_bytes);
    stretched
}

/// The function F: the exclusive or of the HMACs, each over the one before it.
fn block(keyed: &Hmac<Sha256>, salt: &[u8], iterations: u32, number: u32) -> [u8; 32] {
    count(|counts| {
        counts.hmac += iterations;
        counts.hash_bytes += u64::from(iterations) * BYTES_AN_ITERATION;
    });
    let mut last: [u8; 32] =
        keyed.clone().chain_update(salt).chain_update(number.to_be_bytes()).finalize().into_bytes().into();
    let mut sum = last;
    for _ in 1..iterations {
        last = keyed.clone().chain_update(last).finalize().into_bytes().into();
        sum.iter_mut().zip(last).for_each(|(sum, byte)| *sum ^= byte);
    }
    sum
}

/// The inner digest and the outer one take a block of 64 bytes each, padding included.
const BYTES_AN_ITERATION: u64 = 128;
