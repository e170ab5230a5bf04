//! P-256 keys: deterministic signatures (RFC 6979), ECDH.

use std::fmt;

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, Signature, SigningKey, VerifyingKey};
use p256::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePublicKey};

use super::mac::sha256;
use super::party::{self, count};
use super::refusal::Refusal;

/// A private key, together with its public key.
#[derive(Clone)]
pub struct PrivateKey {
    secret: SigningKey,
    public: PublicKey,
}

/// A public key.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    key: VerifyingKey,
    // Uncompressed point, 65 bytes (SEC 1, section 2.3.3); rcgen borrows it.
    sec1: Vec<u8>,
}

/// The first line of every private key that is shown.
pub const THROW_AWAY: &str =
    "# THROW-AWAY KEY: derived from the book's public seed; everyone can compute it. Never use it.\n";

/// A P-256 key as `PrivateKeyInfo` (RFC 5958) over `ECPrivateKey` (RFC 5915), up to the 32 bytes of the scalar.
const PKCS8_BEFORE_SCALAR: &[u8] = &[
    0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
    0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x6d, 0x30, 0x6b, 0x02, 0x01, 0x01, 0x04, 0x20,
];
/// What stands between the scalar and the 65 bytes of the point: the tags of `publicKey`.
const PKCS8_BEFORE_POINT: &[u8] = &[0xa1, 0x44, 0x03, 0x42, 0x00];

impl PrivateKey {
    /// A new key from the acting party's stream.
    pub fn generate() -> Self {
        count(|counts| counts.keygen += 1);
        Self::draw()
    }

    /// Draws scalars until one is in range (FIPS 186-5, section A.2.2), so that the result depends on the stream alone
    /// and not on a library's way of sampling.
    fn draw() -> Self {
        loop {
            let mut scalar = [0; 32];
            party::fill(&mut scalar);
            if let Ok(secret) = SigningKey::from_slice(&scalar) {
                return Self::from_secret(secret);
            }
        }
    }

    fn from_secret(secret: SigningKey) -> Self {
        let public = PublicKey::from_key(*secret.verifying_key());
        Self { secret, public }
    }

    /// The key whose scalar is `bytes`, 32 of them.
    pub fn from_scalar(bytes: &[u8]) -> Result<Self, Refusal> {
        SigningKey::from_slice(bytes).map(Self::from_secret).map_err(Refusal::malformed)
    }

    /// Reads PKCS#8.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, Refusal> {
        SigningKey::from_pkcs8_der(der).map(Self::from_secret).map_err(Refusal::malformed)
    }

    /// The public key.
    pub fn public(&self) -> PublicKey {
        self.public.clone()
    }

    /// An ECDSA signature with SHA-256 in DER (RFC 3279, section 2.2.3).
    pub fn sign_der(&self, message: &[u8]) -> Vec<u8> {
        count_sign(message);
        let signature: DerSignature = self.secret.sign(message);
        signature.as_bytes().to_vec()
    }

    /// An ECDSA signature with SHA-256 as r and s of 32 bytes each (RFC 7518, section 3.4).
    pub fn sign_fixed(&self, message: &[u8]) -> [u8; 64] {
        count_sign(message);
        let signature: Signature = self.secret.sign(message);
        signature.to_bytes().into()
    }

    /// The scalar, 32 bytes.
    pub fn scalar_bytes(&self) -> Vec<u8> {
        self.secret.to_bytes().to_vec()
    }

    /// PKCS#8 (RFC 5958).
    pub fn pkcs8_der(&self) -> Vec<u8> {
        // The encoder of p256 computes the public key once more each time, which we hold already.
        [PKCS8_BEFORE_SCALAR, &self.scalar_bytes(), PKCS8_BEFORE_POINT, self.public.sec1()].concat()
    }

    /// PKCS#8 as PEM, under a line that says that the key is a throw-away.
    pub fn pkcs8_pem(&self) -> String {
        format!("{THROW_AWAY}{}", super::pem("PRIVATE KEY", &self.pkcs8_der()))
    }
}

impl PartialEq for PrivateKey {
    fn eq(&self, other: &Self) -> bool {
        self.public == other.public
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({:?})", self.public)
    }
}

impl PublicKey {
    fn from_key(key: VerifyingKey) -> Self {
        Self { key, sec1: key.to_sec1_point(false).as_bytes().to_vec() }
    }

    /// Reads a point, compressed or not (SEC 1, section 2.3.4).
    pub fn from_sec1(bytes: &[u8]) -> Result<Self, Refusal> {
        let key = VerifyingKey::from_sec1_bytes(bytes).map_err(|error| Refusal::new("invalid-public-key", error))?;
        Ok(Self::from_key(key))
    }

    /// Reads a SubjectPublicKeyInfo (RFC 5480).
    pub fn from_spki_der(der: &[u8]) -> Result<Self, Refusal> {
        VerifyingKey::from_public_key_der(der).map(Self::from_key).map_err(Refusal::malformed)
    }

    /// The uncompressed point, 65 bytes.
    pub fn sec1(&self) -> &[u8] {
        &self.sec1
    }

    /// SubjectPublicKeyInfo.
    pub fn spki_der(&self) -> Vec<u8> {
        self.key.to_public_key_der().expect("a point can be encoded").as_bytes().to_vec()
    }

    /// SubjectPublicKeyInfo as PEM.
    pub fn spki_pem(&self) -> String {
        super::pem("PUBLIC KEY", &self.spki_der())
    }

    /// SHA-256 of the SubjectPublicKeyInfo (RFC 7469, section 2.4).
    pub fn spki_sha256(&self) -> [u8; 32] {
        sha256(&self.spki_der())
    }

    /// Verifies a signature in DER.
    pub fn verify_der(&self, message: &[u8], signature: &[u8]) -> Result<(), Refusal> {
        count_verify(message);
        self.verify(message, &DerSignature::from_bytes(signature).map_err(bad_signature)?)
    }

    /// Verifies a signature of r and s.
    pub fn verify_fixed(&self, message: &[u8], signature: &[u8]) -> Result<(), Refusal> {
        count_verify(message);
        self.verify(message, &Signature::from_slice(signature).map_err(bad_signature)?.to_der())
    }

    /// With ring, which verifies chains and handshakes too and is several times faster than p256.
    fn verify(&self, message: &[u8], signature: &DerSignature) -> Result<(), Refusal> {
        webpki::ring::ECDSA_P256_SHA256
            .verify_signature(&self.sec1, message, signature.as_bytes())
            .map_err(|_| webpki::Error::InvalidSignatureForPublicKey.into())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "P-256 {}…", hex::encode(&self.sec1[1..9]))
    }
}

/// ECDSA hashes the message first (FIPS 186-5, section 6.4).
fn count_sign(message: &[u8]) {
    count(|counts| {
        counts.sign += 1;
        counts.hash_bytes += message.len() as u64;
    });
}

fn count_verify(message: &[u8]) {
    count(|counts| {
        counts.verify += 1;
        counts.hash_bytes += message.len() as u64;
    });
}

fn bad_signature(error: p256::ecdsa::Error) -> Refusal {
    Refusal::new("bad-signature", error)
}

/// The x-coordinate that both parties compute (NIST SP 800-56A, section 5.7.1.2).
pub fn agree(private: &PrivateKey, public: &PublicKey) -> [u8; 32] {
    count(|counts| counts.agree += 1);
    let shared = p256::ecdh::diffie_hellman(private.secret.as_nonzero_scalar(), public.key.as_affine());
    let mut bytes = [0; 32];
    bytes.copy_from_slice(shared.raw_secret_bytes());
    bytes
}

impl rcgen::PublicKeyData for PublicKey {
    fn der_bytes(&self) -> &[u8] {
        // The content of the bit string, not the whole SubjectPublicKeyInfo.
        &self.sec1
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

impl rcgen::PublicKeyData for PrivateKey {
    fn der_bytes(&self) -> &[u8] {
        &self.public.sec1
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

impl rcgen::SigningKey for PrivateKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(self.sign_der(message))
    }
}

#[cfg(test)]
mod tests {
    use p256::pkcs8::{EncodePrivateKey, LineEnding};

    use super::*;
    use crate::crypto::party::{Party, act};

    #[test]
    fn pkcs8_is_what_another_encoder_writes() {
        act(&mut Party::new("seed", &["key"]), || {
            let key = PrivateKey::generate();
            let other = p256::SecretKey::from(&key.secret).to_pkcs8_der().unwrap();
            assert_eq!(key.pkcs8_der(), other.as_bytes());
            assert!(key.pkcs8_pem().ends_with(&*other.to_pem("PRIVATE KEY", LineEnding::LF).unwrap()));
            assert_eq!(PrivateKey::from_pkcs8_der(&key.pkcs8_der()).unwrap(), key);
        });
    }
}
