//! Authenticated encryption: AES-GCM, AES-CCM and ChaCha20-Poly1305.

use aes_gcm::aead::consts::{U8, U12, U13, U16};
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::aes::Aes128;
use aes_gcm::{Aes128Gcm, Aes256Gcm};
use ccm::Ccm;
use chacha20poly1305::ChaCha20Poly1305;

use super::party::count;
use super::refusal::Refusal;

/// A cipher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cipher {
    /// With a tag of 16 bytes (NIST SP 800-38C; RFC 3610).
    Aes128Ccm,
    /// With a tag of 8 bytes.
    Aes128Ccm8,
    /// NIST SP 800-38D.
    Aes128Gcm,
    /// NIST SP 800-38D.
    Aes256Gcm,
    /// RFC 8439, section 2.8.
    ChaCha20Poly1305,
}

/// What a cipher is called, and the lengths in bytes that it needs.
#[derive(Debug)]
pub struct CipherSpec {
    /// The cipher.
    pub cipher: Cipher,
    /// Name in flow files.
    pub name: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// Length of the key.
    pub key: usize,
    /// Lengths that a nonce may have.
    pub nonces: &'static [usize],
    /// Length of the tag.
    pub tag: usize,
}

/// Every cipher, by name.
pub const CIPHERS: &[CipherSpec] = &[
    CipherSpec {
        cipher: Cipher::Aes128Ccm,
        name: "aes-128-ccm",
        title: "AES-128-CCM",
        key: 16,
        nonces: &[12, 13],
        tag: 16,
    },
    CipherSpec {
        cipher: Cipher::Aes128Ccm8,
        name: "aes-128-ccm-8",
        title: "AES-128-CCM with a tag of 8 bytes",
        key: 16,
        nonces: &[12, 13],
        tag: 8,
    },
    CipherSpec {
        cipher: Cipher::Aes128Gcm,
        name: "aes-128-gcm",
        title: "AES-128-GCM",
        key: 16,
        nonces: &[12],
        tag: 16,
    },
    CipherSpec {
        cipher: Cipher::Aes256Gcm,
        name: "aes-256-gcm",
        title: "AES-256-GCM",
        key: 32,
        nonces: &[12],
        tag: 16,
    },
    CipherSpec {
        cipher: Cipher::ChaCha20Poly1305,
        name: "chacha20-poly1305",
        title: "ChaCha20-Poly1305",
        key: 32,
        nonces: &[12],
        tag: 16,
    },
];

/// What a cipher works with beside the message.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// As long as the cipher's specification says.
    pub key: &'a [u8],
    /// As long as the cipher's specification says; used once with this key.
    pub nonce: &'a [u8],
    /// What is authenticated beside the message.
    pub aad: &'a [u8],
}

#[derive(Clone, Copy)]
enum Direction {
    Open,
    Seal,
}

impl Cipher {
    /// Names and lengths.
    ///
    /// # Panics
    /// Never: every cipher stands in the table, which a test checks.
    pub fn spec(self) -> &'static CipherSpec {
        CIPHERS.iter().find(|spec| spec.cipher == self).expect("every cipher stands in the table")
    }

    /// Ciphertext and tag.
    pub fn seal(self, inputs: Inputs<'_>, plaintext: &[u8]) -> Result<Vec<u8>, Refusal> {
        count(|counts| counts.aead_bytes += plaintext.len() as u64);
        self.apply(Direction::Seal, inputs, plaintext)
    }

    /// The plaintext of `sealed`, which is ciphertext and tag.
    pub fn open(self, inputs: Inputs<'_>, sealed: &[u8]) -> Result<Vec<u8>, Refusal> {
        count(|counts| counts.aead_bytes += sealed.len().saturating_sub(self.spec().tag) as u64);
        self.apply(Direction::Open, inputs, sealed)
    }

    fn apply(self, direction: Direction, inputs: Inputs<'_>, message: &[u8]) -> Result<Vec<u8>, Refusal> {
        let spec = self.spec();
        let has_length = inputs.key.len() == spec.key && spec.nonces.contains(&inputs.nonce.len());
        if !has_length {
            let (key, nonce) = (inputs.key.len(), inputs.nonce.len());
            let message = format!("{}: a key of {key} bytes with a nonce of {nonce}", spec.title);
            return Err(Refusal::new("wrong-length", message));
        }
        let result = match (self, inputs.nonce.len()) {
            (Self::Aes128Ccm, 13) => run::<Ccm<Aes128, U16, U13>>(direction, inputs, message),
            (Self::Aes128Ccm, _) => run::<Ccm<Aes128, U16, U12>>(direction, inputs, message),
            (Self::Aes128Ccm8, 13) => run::<Ccm<Aes128, U8, U13>>(direction, inputs, message),
            (Self::Aes128Ccm8, _) => run::<Ccm<Aes128, U8, U12>>(direction, inputs, message),
            (Self::Aes128Gcm, _) => run::<Aes128Gcm>(direction, inputs, message),
            (Self::Aes256Gcm, _) => run::<Aes256Gcm>(direction, inputs, message),
            (Self::ChaCha20Poly1305, _) => run::<ChaCha20Poly1305>(direction, inputs, message),
        };
        // CCM with a nonce of 13 bytes ends at 65 535 bytes, where it refuses to encrypt.
        let code = match direction {
            Direction::Open => "decrypt-error",
            Direction::Seal => "wrong-length",
        };
        result.map_err(|error| Refusal::new(code, format!("{}: {error}", spec.title)))
    }
}

fn run<C: Aead + KeyInit>(
    direction: Direction,
    inputs: Inputs<'_>,
    message: &[u8],
) -> Result<Vec<u8>, aes_gcm::aead::Error> {
    let cipher = C::new_from_slice(inputs.key).map_err(|_| aes_gcm::aead::Error)?;
    let nonce = inputs.nonce.try_into().map_err(|_| aes_gcm::aead::Error)?;
    let payload = Payload { msg: message, aad: inputs.aad };
    match direction {
        Direction::Open => cipher.decrypt(nonce, payload),
        Direction::Seal => cipher.encrypt(nonce, payload),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_and_nothing_else_does() {
        for spec in CIPHERS {
            assert_eq!(spec.cipher.spec().name, spec.name);
            for n_nonce in spec.nonces {
                let (key, nonce) = (vec![1; spec.key], vec![2; *n_nonce]);
                let inputs = Inputs { key: &key, nonce: &nonce, aad: b"header" };
                let sealed = spec.cipher.seal(inputs, b"message").unwrap();
                assert_eq!(sealed.len(), 7 + spec.tag);
                assert_eq!(spec.cipher.open(inputs, &sealed).unwrap(), b"message");
                let other = Inputs { aad: b"heeder", ..inputs };
                assert_eq!(spec.cipher.open(other, &sealed).unwrap_err().code, "decrypt-error");
                let short = Inputs { key: &key[1..], ..inputs };
                assert_eq!(spec.cipher.open(short, &sealed).unwrap_err().code, "wrong-length");
            }
        }
        let inputs = Inputs { key: &[1; 16], nonce: &[2; 13], aad: &[] };
        assert_eq!(Cipher::Aes128Ccm8.seal(inputs, &vec![0; 65_536]).unwrap_err().code, "wrong-length");
    }
}
