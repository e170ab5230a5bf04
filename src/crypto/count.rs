//! Counting of cryptographic operations.

use schemars::JsonSchema;
use serde::Serialize;

/// Cryptographic operations, counted where they are executed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Counts {
    /// Key pairs made (P-256), ephemeral ones excepted.
    pub keygen: u32,
    /// Ephemeral key pairs made for a key agreement.
    pub ephemeral: u32,
    /// ECDSA signatures made.
    pub sign: u32,
    /// ECDSA signatures verified.
    pub verify: u32,
    /// Diffie-Hellman results computed.
    pub agree: u32,
    /// HMACs computed outside of a TLS library.
    pub hmac: u32,
    /// Messages hashed outside of a TLS library.
    pub hash: u32,
    /// Bytes hashed outside of a TLS library: messages, what is signed or verified, and what HMAC adds.
    pub hash_bytes: u64,
    /// Bytes encrypted or decrypted in records or with an AEAD.
    pub aead_bytes: u64,
}

impl Counts {
    /// Adds `other` member by member.
    pub fn add(&mut self, other: Self) {
        self.keygen += other.keygen;
        self.ephemeral += other.ephemeral;
        self.sign += other.sign;
        self.verify += other.verify;
        self.agree += other.agree;
        self.hmac += other.hmac;
        self.hash += other.hash;
        self.hash_bytes += other.hash_bytes;
        self.aead_bytes += other.aead_bytes;
    }

    /// What was counted since `earlier`, which is a state of the same counters.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            keygen: self.keygen - earlier.keygen,
            ephemeral: self.ephemeral - earlier.ephemeral,
            sign: self.sign - earlier.sign,
            verify: self.verify - earlier.verify,
            agree: self.agree - earlier.agree,
            hmac: self.hmac - earlier.hmac,
            hash: self.hash - earlier.hash,
            hash_bytes: self.hash_bytes - earlier.hash_bytes,
            aead_bytes: self.aead_bytes - earlier.aead_bytes,
        }
    }

    /// Whether nothing was counted.
    pub fn is_zero(self) -> bool {
        self == Self::default()
    }
}
