//! AES-128-GCM (NIST SP 800-38D) with nonces that the caller chooses.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes128Gcm, Nonce};

use super::party::count;
use super::refusal::Refusal;

/// Bytes of a key.
pub const KEY_LEN: usize = 16;
/// Bytes of a nonce.
pub const NONCE_LEN: usize = 12;
/// Bytes of the tag behind each ciphertext.
pub const TAG_LEN: usize = 16;

/// Encrypts `plaintext` and authenticates it together with `aad`; the tag follows the ciphertext.
pub fn seal(key: &[u8; KEY_LEN], nonce: &[u8; NONCE_LEN], aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
    count(|counts| counts.aead_bytes += plaintext.len() as u64);
    Aes128Gcm::new(&(*key).into())
        .encrypt(&Nonce::from(*nonce), Payload { msg: plaintext, aad })
        .expect("a plaintext in memory is shorter than GCM's limit of 64 GiB")
}

/// Decrypts what [`seal`] made, or refuses it with `decrypt-error`.
pub fn open(key: &[u8; KEY_LEN], nonce: &[u8; NONCE_LEN], aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Refusal> {
    count(|counts| counts.aead_bytes += sealed.len().saturating_sub(TAG_LEN) as u64);
    Aes128Gcm::new(&(*key).into())
        .decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad })
        .map_err(|error| Refusal::new("decrypt-error", error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test case 4 of the GCM specification by its authors, which NIST adopted.
    #[test]
    fn known_answer() {
        let key = hex::decode("feffe9928665731c6d6a8f9467308308").unwrap().try_into().unwrap();
        let nonce = hex::decode("cafebabefacedbaddecaf888").unwrap().try_into().unwrap();
        let aad = hex::decode("feedfacedeadbeeffeedfacedeadbeefabaddad2").unwrap();
        let plaintext = hex::decode(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        )
        .unwrap();
        let sealed = seal(&key, &nonce, &aad, &plaintext);
        assert!(hex::encode(&sealed).starts_with("42831ec2217774244b7221b784d0d49c"));
        assert!(hex::encode(&sealed).ends_with("5bc94fbc3221a5db94fae95ae7121a47"));
        assert_eq!(open(&key, &nonce, &aad, &sealed).unwrap(), plaintext);
    }

    #[test]
    fn a_flipped_bit_is_refused() {
        let mut sealed = seal(&[1; 16], &[2; 12], b"aad", b"text");
        sealed[0] ^= 1;
        assert_eq!(open(&[1; 16], &[2; 12], b"aad", &sealed).unwrap_err().code, "decrypt-error");
        assert_eq!(open(&[1; 16], &[2; 12], b"aad", b"short").unwrap_err().code, "decrypt-error");
    }
}
