//! Hashes, message authentication and the key derivations made of them.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::party::count;
use super::refusal::Refusal;

/// Bytes of a SHA-256 digest.
pub const DIGEST_LEN: usize = 32;

/// SHA-256 (FIPS 180-4).
pub fn sha256(data: &[u8]) -> [u8; DIGEST_LEN] {
    count(|counts| counts.hash += 1);
    Sha256::digest(data).into()
}

/// HMAC with SHA-256 (RFC 2104).
pub fn hmac_sha256(key: &[u8], data: &[u8]) -> [u8; DIGEST_LEN] {
    count(|counts| counts.hmac += 1);
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("an HMAC takes keys of every length");
    mac.update(data);
    mac.finalize().into_bytes().into()
}

/// HKDF with SHA-256: extract, then expand to `n` bytes (RFC 5869, sections 2.2 and 2.3).
pub fn hkdf_sha256(salt: &[u8], ikm: &[u8], info: &[u8], n: usize) -> Result<Vec<u8>, Refusal> {
    count(|counts| counts.hmac += 1);
    let (_, hkdf) = Hkdf::<Sha256>::extract(Some(salt), ikm);
    expand(&hkdf, info, n)
}

/// The expand half of HKDF alone, from a uniform `key` of at least 32 bytes (RFC 5869, section 2.3).
pub fn hkdf_expand_sha256(key: &[u8], info: &[u8], n: usize) -> Result<Vec<u8>, Refusal> {
    let hkdf = Hkdf::<Sha256>::from_prk(key).map_err(|error| Refusal::new("wrong-length", error.to_string()))?;
    expand(&hkdf, info, n)
}

fn expand(hkdf: &Hkdf<Sha256>, info: &[u8], n: usize) -> Result<Vec<u8>, Refusal> {
    let mut output = vec![0; n];
    hkdf.expand(info, &mut output).map_err(|error| Refusal::new("wrong-length", error.to_string()))?;
    count(|counts| counts.hmac += blocks(n));
    Ok(output)
}

/// The pseudorandom function of TLS 1.2 with SHA-256 (RFC 5246, section 5).
pub fn tls12_prf_sha256(secret: &[u8], label: &[u8], seed: &[u8], n: usize) -> Vec<u8> {
    let label_and_seed = [label, seed].concat();
    let mut output = Vec::with_capacity(n + DIGEST_LEN);
    let mut a = label_and_seed.clone();
    while output.len() < n {
        a = hmac_sha256(secret, &a).to_vec();
        output.extend(hmac_sha256(secret, &[&a[..], &label_and_seed].concat()));
    }
    output.truncate(n);
    output
}

fn blocks(n: usize) -> u32 {
    u32::try_from(n.div_ceil(DIGEST_LEN)).expect("HKDF gives 255 blocks at most")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::party::{Party, act};

    /// The vector that the IETF TLS list agreed on for the TLS 1.2 PRF with SHA-256.
    #[test]
    fn prf_of_tls12() {
        let secret = hex::decode("9bbe436ba940f017b17652849a71db35").unwrap();
        let seed = hex::decode("a0ba9f936cda311827a6f796ffd5198c").unwrap();
        let expected = "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af0\
            fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66";
        let output = tls12_prf_sha256(&secret, b"test label", &seed, expected.len() / 2);
        assert_eq!(hex::encode(output), expected);
    }

    /// RFC 5869, appendix A.1.
    #[test]
    fn hkdf() {
        let salt = hex::decode("000102030405060708090a0b0c").unwrap();
        let info = hex::decode("f0f1f2f3f4f5f6f7f8f9").unwrap();
        let output = hkdf_sha256(&salt, &[0x0b; 22], &info, 42).unwrap();
        let expected = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
        assert_eq!(hex::encode(output), expected);
    }

    #[test]
    fn hkdf_refuses_more_than_255_blocks() {
        assert_eq!(hkdf_sha256(&[], &[], &[], 255 * 32 + 1).unwrap_err().code, "wrong-length");
    }

    /// RFC 4231, section 4.3.
    #[test]
    fn hmac() {
        let mac = hmac_sha256(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(hex::encode(mac), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn hmacs_are_counted() {
        let mut party = Party::new("seed", &[]);
        act(&mut party, || hkdf_sha256(b"salt", b"key", b"", 33)).unwrap();
        assert_eq!(party.counts.hmac, 3);
    }
}
