//! SHA-256, HMAC-SHA256, HKDF-SHA256 and the PRF of TLS 1.2.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::party::count;

/// SHA-256 (FIPS 180-4, section 6.2).
pub fn sha256(data: &[u8]) -> [u8; 32] {
    count(|counts| {
        counts.hash += 1;
        counts.hash_bytes += data.len() as u64;
    });
    Sha256::digest(data).into()
}

/// HMAC-SHA256 (RFC 2104).
pub fn hmac_sha256(key: &[u8], data: &[u8]) -> [u8; 32] {
    count_hmac(key.len(), data.len());
    mac(key, &[data])
}

/// HKDF-SHA256, extract and expand (RFC 5869, section 2); at most 255 × 32 bytes.
pub fn hkdf_sha256(salt: &[u8], key: &[u8], info: &[u8], n_bytes: usize) -> Vec<u8> {
    count_hmac(salt.len(), key.len());
    for block in 0..n_bytes.div_ceil(DIGEST) {
        // Each block hashes the one before it, the context and a counter.
        count_hmac(DIGEST, if block == 0 { 0 } else { DIGEST } + info.len() + 1);
    }
    let mut derived = vec![0; n_bytes];
    hkdf::Hkdf::<Sha256>::new(Some(salt), key).expand(info, &mut derived).expect("the length is at most 255 blocks");
    derived
}

/// HKDF-Expand-Label (RFC 8446, section 7.1).
pub fn hkdf_expand_label(secret: &[u8], label: &str, context: &[u8], n_bytes: usize) -> Vec<u8> {
    let label = format!("tls13 {label}");
    let mut info = u16::try_from(n_bytes).expect("keys of TLS are short").to_be_bytes().to_vec();
    info.push(u8::try_from(label.len()).expect("labels of TLS are short"));
    info.extend(label.as_bytes());
    info.push(u8::try_from(context.len()).expect("a context is a digest or empty"));
    info.extend(context);
    let mut derived = vec![0; n_bytes];
    hkdf::Hkdf::<Sha256>::from_prk(secret)
        .and_then(|prk| prk.expand(&info, &mut derived).map_err(|_| hkdf::InvalidPrkLength))
        .expect("a traffic secret has 32 bytes and keys are short");
    derived
}

/// The PRF of TLS 1.2 with SHA-256 (RFC 5246, section 5).
pub fn tls12_prf_sha256(secret: &[u8], label: &str, seed: &[u8], n_bytes: usize) -> Vec<u8> {
    let seed = [label.as_bytes(), seed].concat();
    let mut chain = mac(secret, &[&seed]);
    let mut output = Vec::new();
    while output.len() < n_bytes {
        output.extend(mac(secret, &[&chain, &seed]));
        chain = mac(secret, &[&chain]);
    }
    output.truncate(n_bytes);
    output
}

/// Bytes of a digest of SHA-256.
const DIGEST: usize = 32;
/// Bytes of a block of SHA-256.
const BLOCK: usize = 64;

/// Counts one HMAC over `n_bytes` with what it hashes: two pads and the inner digest, and first a key that is longer
/// than a block (RFC 2104, section 2).
fn count_hmac(n_key: usize, n_bytes: usize) {
    let key = if n_key > BLOCK { n_key } else { 0 };
    count(|counts| {
        counts.hmac += 1;
        counts.hash_bytes += (key + BLOCK + n_bytes + BLOCK + DIGEST) as u64;
    });
}

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}
