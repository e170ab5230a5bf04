//! Credentials that only the TPM which holds two keys can read: what `TPM2_MakeCredential` and
//! `TPM2_ActivateCredential` compute (TCG TPM 2.0 Library, part 1, section 24).
//!
//! Whoever makes a credential encrypts it for an endorsement key and binds it to the name of another object. The TPM
//! gives it away only where it holds both.

use aes_gcm::aes::Aes128;
use aes_gcm::aes::cipher::{Array, BlockCipherEncrypt, KeyInit};

use super::mac::{Hash, sha256};
use super::party::count;
use super::refusal::Refusal;

/// The secret that both sides compute, from an ephemeral key and the endorsement key.
///
/// `shared` is the x-coordinate of their Diffie-Hellman, `ephemeral` and `endorsement` are those of the public keys.
#[derive(Clone, Copy, Debug)]
pub struct Agreement<'a> {
    /// x-coordinate of the shared point.
    pub shared: &'a [u8],
    /// x-coordinate of the ephemeral public key.
    pub ephemeral: &'a [u8],
    /// x-coordinate of the endorsement key.
    pub endorsement: &'a [u8],
}

impl Agreement<'_> {
    /// `KDFe` with SHA-256 (part 1, section 11.4.10.3); one block is as long as the seed.
    fn seed(&self) -> [u8; 32] {
        sha256(&[&[0, 0, 0, 1], self.shared, b"IDENTITY\0", self.ephemeral, self.endorsement].concat())
    }

    /// Encrypts `credential` for the holder of the endorsement key and of the object called `name`: the HMAC over the
    /// ciphertext and the name, and the ciphertext.
    pub fn seal(&self, name: &[u8], credential: &[u8]) -> ([u8; 32], Vec<u8>) {
        let seed = self.seed();
        let length = u16::try_from(credential.len()).unwrap_or(u16::MAX).to_be_bytes();
        let identity = cfb(&storage_key(&seed, name), &[&length, credential].concat(), Direction::Encrypt);
        (integrity(&seed, name, &identity), identity)
    }

    /// Decrypts what [`seal`](Self::seal) encrypted.
    ///
    /// # Errors
    /// `integrity` where it is for another endorsement key, for an object of another name, or was changed;
    /// `malformed` where the credential is not as long as it says.
    pub fn open(&self, name: &[u8], hmac: &[u8; 32], identity: &[u8]) -> Result<Vec<u8>, Refusal> {
        let seed = self.seed();
        let key = integrity_key(&seed);
        Hash::Sha256
            .verify_hmac(&key, &[identity, name].concat(), hmac)
            .map_err(|refusal| Refusal::new("integrity", refusal.message))?;
        let plain = cfb(&storage_key(&seed, name), identity, Direction::Decrypt);
        match plain.split_first_chunk::<2>() {
            Some((length, credential)) if usize::from(u16::from_be_bytes(*length)) == credential.len() => {
                Ok(credential.to_vec())
            }
            _ => Err(Refusal::malformed("the credential is not as long as it says")),
        }
    }
}

/// `KDFa` with SHA-256 (part 1, section 11.4.10.2), at most one block.
fn kdfa(key: &[u8], label: &str, context: &[u8], n_bits: u32) -> Vec<u8> {
    let input = [&[0, 0, 0, 1], label.as_bytes(), &[0], context, &n_bits.to_be_bytes()].concat();
    let mut derived = Hash::Sha256.hmac(key, &input);
    derived.truncate(n_bits as usize / 8);
    derived
}

fn storage_key(seed: &[u8], name: &[u8]) -> Vec<u8> {
    kdfa(seed, "STORAGE", name, 128)
}

fn integrity_key(seed: &[u8]) -> Vec<u8> {
    kdfa(seed, "INTEGRITY", &[], 256)
}

fn integrity(seed: &[u8], name: &[u8], identity: &[u8]) -> [u8; 32] {
    super::mac::hmac_sha256(&integrity_key(seed), &[identity, name].concat())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Decrypt,
    Encrypt,
}

/// AES-128 in cipher feedback mode with whole blocks and an initialisation vector of zeros (ISO/IEC 10116, section 8);
/// each key is used once.
fn cfb(key: &[u8], data: &[u8], direction: Direction) -> Vec<u8> {
    count(|counts| counts.aead_bytes += data.len() as u64);
    let cipher = Aes128::new_from_slice(key).expect("the key is derived with 128 bits");
    let mut feedback = Array::from([0; 16]);
    let mut output = Vec::with_capacity(data.len());
    for chunk in data.chunks(16) {
        cipher.encrypt_block(&mut feedback);
        let mixed: Vec<u8> = chunk.iter().zip(feedback.iter()).map(|(byte, mask)| byte ^ mask).collect();
        let ciphertext = if direction == Direction::Encrypt { &mixed } else { chunk };
        feedback[..ciphertext.len()].copy_from_slice(ciphertext);
        output.extend(mixed);
    }
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGREEMENT: Agreement<'_> = Agreement { shared: &[1; 32], ephemeral: &[2; 32], endorsement: &[3; 32] };

    #[test]
    fn a_credential_opens_for_its_key_and_its_name_alone() {
        for n_bytes in [0, 1, 14, 15, 32] {
            let credential = vec![7; n_bytes];
            let (hmac, identity) = AGREEMENT.seal(b"name", &credential);
            assert_eq!(AGREEMENT.open(b"name", &hmac, &identity).unwrap(), credential);
            assert_eq!(AGREEMENT.open(b"other", &hmac, &identity).unwrap_err().code, "integrity");
            let other = Agreement { shared: &[4; 32], ..AGREEMENT };
            assert_eq!(other.open(b"name", &hmac, &identity).unwrap_err().code, "integrity");
            for at in 0..identity.len() {
                let mut changed = identity.clone();
                changed[at] ^= 1;
                assert_eq!(AGREEMENT.open(b"name", &hmac, &changed).unwrap_err().code, "integrity");
            }
        }
    }
}
