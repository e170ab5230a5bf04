//! Counting of cryptographic operations.

use schemars::JsonSchema;
use serde::Serialize;

/// Cryptographic operations, counted where they are executed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Counts {
    /// Key pairs made over P-256, with those that a CASE session throws away and without those of TLS.
    pub keygen: u32,
    /// Key pairs made over X25519: the ephemeral ones of TLS, and those of steps.
    pub ephemeral: u32,
    /// ECDSA signatures made over P-256.
    pub sign: u32,
    /// ECDSA signatures verified over P-256.
    pub verify: u32,
    /// Diffie-Hellman results computed over P-256 and X25519, and multiples of points in SPAKE2+.
    pub agree: u32,
    /// Key pairs made, signatures made and verified, and results of key agreements over P-384.
    pub p384: u32,
    /// Key pairs made, and signatures made and verified with Ed25519.
    pub ed25519: u32,
    /// RSA key pairs made.
    pub rsa_keygen: u32,
    /// RSA signatures made.
    pub rsa_private: u32,
    /// RSA signatures verified.
    pub rsa_public: u32,
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
        self.p384 += other.p384;
        self.ed25519 += other.ed25519;
        self.rsa_keygen += other.rsa_keygen;
        self.rsa_private += other.rsa_private;
        self.rsa_public += other.rsa_public;
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
            p384: self.p384 - earlier.p384,
            ed25519: self.ed25519 - earlier.ed25519,
            rsa_keygen: self.rsa_keygen - earlier.rsa_keygen,
            rsa_private: self.rsa_private - earlier.rsa_private,
            rsa_public: self.rsa_public - earlier.rsa_public,
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
