//! SHA-2, HMAC, HKDF and the PRF of TLS 1.2.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256, Sha384};

use super::party::count;
use super::refusal::Refusal;

/// A hash function (FIPS 180-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
}

impl Hash {
    /// Bytes of a digest.
    pub fn length(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
        }
    }

    /// The digest.
    pub fn digest(self, data: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => sha256(data).to_vec(),
            Self::Sha384 => {
                count(|counts| {
                    counts.hash += 1;
                    counts.hash_bytes += data.len() as u64;
                });
                Sha384::digest(data).to_vec()
            }
        }
    }

    /// HMAC (RFC 2104).
    pub fn hmac(self, key: &[u8], data: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => hmac_sha256(key, data).to_vec(),
            Self::Sha384 => {
                self.count_hmac(key.len(), data.len());
                sha384_keyed(key, data).finalize().into_bytes().to_vec()
            }
        }
    }

    /// Compares `tag` with the HMAC, in constant time.
    pub fn verify_hmac(self, key: &[u8], data: &[u8], tag: &[u8]) -> Result<(), Refusal> {
        self.count_hmac(key.len(), data.len());
        match self {
            Self::Sha256 => sha256_keyed(key, &[data]).verify_slice(tag),
            Self::Sha384 => sha384_keyed(key, data).verify_slice(tag),
        }
        .map_err(|error| Refusal::new("bad-mac", error))
    }

    /// HKDF, extract and expand (RFC 5869, section 2); at most 255 digests.
    pub fn hkdf(self, salt: &[u8], key: &[u8], info: &[u8], n_bytes: usize) -> Vec<u8> {
        self.count_hmac(salt.len(), key.len());
        for block in 0..n_bytes.div_ceil(self.length()) {
            // Each block hashes the one before it, the context and a counter.
            let before = if block == 0 { 0 } else { self.length() };
            self.count_hmac(self.length(), before + info.len() + 1);
        }
        let mut derived = vec![0; n_bytes];
        match self {
            Self::Sha256 => hkdf::Hkdf::<Sha256>::new(Some(salt), key).expand(info, &mut derived),
            Self::Sha384 => hkdf::Hkdf::<Sha384>::new(Some(salt), key).expand(info, &mut derived),
        }
        .expect("the length is at most 255 blocks");
        derived
    }

    /// Counts one HMAC over `n_bytes` with what it hashes: two pads and the inner digest, and first a key that is
    /// longer than a block (RFC 2104, section 2).
    fn count_hmac(self, n_key: usize, n_bytes: usize) {
        let block = match self {
            Self::Sha256 => 64,
            Self::Sha384 => 128,
        };
        let key = if n_key > block { n_key } else { 0 };
        count(|counts| {
            counts.hmac += 1;
            counts.hash_bytes += (key + block + n_bytes + block + self.length()) as u64;
        });
    }
}

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
    Hash::Sha256.count_hmac(key.len(), data.len());
    mac(key, &[data])
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

/// The PRF of TLS 1.2 with SHA-256 (RFC 5246, section 5); each HMAC in it counts.
pub fn tls12_prf_sha256(secret: &[u8], label: &str, seed: &[u8], n_bytes: usize) -> Vec<u8> {
    let seed = [label.as_bytes(), seed].concat();
    let mut chain = hmac_sha256(secret, &seed);
    let mut output = Vec::new();
    while output.len() < n_bytes {
        output.extend(hmac_sha256(secret, &[&chain[..], &seed].concat()));
        if output.len() < n_bytes {
            chain = hmac_sha256(secret, &chain);
        }
    }
    output.truncate(n_bytes);
    output
}

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    sha256_keyed(key, parts).finalize().into_bytes().into()
}

fn sha256_keyed(key: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac
}

fn sha384_keyed(key: &[u8], data: &[u8]) -> Hmac<Sha384> {
    Hmac::<Sha384>::new_from_slice(key).expect("HMAC takes keys of any length").chain_update(data)
}
