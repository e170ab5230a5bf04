//! Keys of CASE, in which two nodes of a Matter fabric authenticate each other with their operational certificates
//! (Matter Core Specification, section 4.14.2).

use super::aead::{Cipher, Inputs};
use super::key::PublicKey;
use super::mac::{Hash, hmac_sha256};
use super::refusal::Refusal;

/// Keys of a session (section 4.14.2.6.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionKeys {
    /// For what the initiator sends.
    pub initiator_to_responder: Vec<u8>,
    /// For what the responder sends.
    pub responder_to_initiator: Vec<u8>,
    /// `AttestationChallenge`.
    pub challenge: Vec<u8>,
}

/// What is encrypted inside of a message of the handshake, each under a key of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encrypted {
    /// In Sigma2.
    Sigma2,
    /// In Sigma3.
    Sigma3,
}

/// The messages of the handshake so far, as they were sent: each key depends on all before it.
#[derive(Clone, Copy, Debug)]
pub struct Transcript<'a> {
    /// What both ends computed from their ephemeral keys: the x-coordinate.
    pub shared: &'a [u8],
    /// Identity protection key of the fabric, the operational one.
    pub ipk: &'a [u8],
    /// Payload of Sigma1.
    pub sigma1: &'a [u8],
}

/// The identifier by which an initiator tells those who know the fabric which of its nodes it means
/// (section 4.14.2.4.1); of the root and the fabric it gives nothing away.
pub fn destination_id(ipk: &[u8], random: &[u8], root: &PublicKey, fabric_id: u64, node_id: u64) -> [u8; 32] {
    let message = [random, root.bits(), &fabric_id.to_le_bytes(), &node_id.to_le_bytes()].concat();
    hmac_sha256(ipk, &message)
}

impl Transcript<'_> {
    /// S2K, the key of what is encrypted in Sigma2.
    pub fn sigma2_key(&self, responder_random: &[u8], responder_key: &[u8]) -> Vec<u8> {
        let salt = [self.ipk, responder_random, responder_key, &hash(&[self.sigma1])].concat();
        self.derive(&salt, b"Sigma2", 16)
    }

    /// S3K, the key of what is encrypted in Sigma3.
    pub fn sigma3_key(&self, sigma2: &[u8]) -> Vec<u8> {
        self.derive(&[self.ipk, &hash(&[self.sigma1, sigma2])].concat(), b"Sigma3", 16)
    }

    /// The keys of the session.
    pub fn session_keys(&self, sigma2: &[u8], sigma3: &[u8]) -> SessionKeys {
        let keys = self.derive(&[self.ipk, &hash(&[self.sigma1, sigma2, sigma3])].concat(), b"SessionKeys", 48);
        let part = |index: usize| keys[16 * index..16 * (index + 1)].to_vec();
        SessionKeys { initiator_to_responder: part(0), responder_to_initiator: part(1), challenge: part(2) }
    }

    fn derive(&self, salt: &[u8], info: &[u8], n_bytes: usize) -> Vec<u8> {
        Hash::Sha256.hkdf(salt, self.shared, info, n_bytes)
    }
}

fn hash(messages: &[&[u8]]) -> Vec<u8> {
    Hash::Sha256.digest(&messages.concat())
}

impl Encrypted {
    fn nonce(self) -> &'static [u8] {
        match self {
            Self::Sigma2 => b"NCASE_Sigma2N",
            Self::Sigma3 => b"NCASE_Sigma3N",
        }
    }

    fn inputs(self, key: &[u8]) -> Inputs<'_> {
        Inputs { key, nonce: self.nonce(), aad: &[] }
    }

    /// Encrypts under the key of the message.
    pub fn seal(self, key: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, Refusal> {
        Cipher::Aes128Ccm.seal(self.inputs(key), plaintext)
    }

    /// Decrypts, and refuses what was not encrypted under the key with `decrypt-error`.
    pub fn open(self, key: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Refusal> {
        Cipher::Aes128Ccm.open(self.inputs(key), sealed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_depends_on_every_message_before_it() {
        let transcript = |sigma1| Transcript { shared: &[1; 32], ipk: &[2; 16], sigma1 };
        let (one, other) = (transcript(b"one"), transcript(b"other"));
        assert_ne!(one.sigma2_key(&[3; 32], &[4; 65]), other.sigma2_key(&[3; 32], &[4; 65]));
        assert_ne!(one.sigma2_key(&[3; 32], &[4; 65]), one.sigma2_key(&[0; 32], &[4; 65]));
        assert_ne!(one.sigma3_key(b"two"), other.sigma3_key(b"two"));
        assert_ne!(one.sigma3_key(b"two"), one.sigma3_key(b"otherwise"));
        assert_ne!(one.session_keys(b"two", b"three"), one.session_keys(b"two", b"otherwise"));
        let keys = one.session_keys(b"two", b"three");
        assert!(
            [&keys.initiator_to_responder, &keys.responder_to_initiator, &keys.challenge]
                .iter()
                .all(|key| key.len() == 16)
        );
        assert_ne!(keys.initiator_to_responder, keys.responder_to_initiator);
    }

    #[test]
    fn what_is_encrypted_in_one_message_is_not_in_the_other() {
        let sealed = Encrypted::Sigma2.seal(&[1; 16], b"certificates").unwrap();
        assert_eq!(Encrypted::Sigma2.open(&[1; 16], &sealed).unwrap(), b"certificates");
        assert_eq!(Encrypted::Sigma3.open(&[1; 16], &sealed).unwrap_err().code, "decrypt-error");
        assert_eq!(Encrypted::Sigma2.open(&[2; 16], &sealed).unwrap_err().code, "decrypt-error");
    }
}
