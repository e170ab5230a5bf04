//! AES-128-GCM (NIST SP 800-38D).

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes128Gcm, Nonce};

use super::party::count;
use super::refusal::Refusal;

/// Ciphertext and 16-byte tag.
pub fn seal(key: &[u8; 16], nonce: &[u8; 12], aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
    count(|counts| counts.aead_bytes += plaintext.len() as u64);
    cipher(key)
        .encrypt(&Nonce::from(*nonce), Payload { msg: plaintext, aad })
        .expect("a message of a flow is shorter than the limit of GCM")
}

/// The plaintext of `sealed`, which is ciphertext and tag.
pub fn open(key: &[u8; 16], nonce: &[u8; 12], aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Refusal> {
    count(|counts| counts.aead_bytes += sealed.len().saturating_sub(16) as u64);
    cipher(key)
        .decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad })
        .map_err(|error| Refusal::new("decrypt-error", format!("AES-128-GCM: {error}")))
}

fn cipher(key: &[u8; 16]) -> Aes128Gcm {
    Aes128Gcm::new(&(*key).into())
}
