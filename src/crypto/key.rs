//! Key pairs on P-256 (FIPS 186-5), with signatures that need no randomness (RFC 6979).

use std::fmt;

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, Signature, SigningKey};
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use p256::{AffinePoint, NonZeroScalar, SecretKey};

use super::party::{count, fill};
use super::refusal::Refusal;
use super::{mac, pem};

/// Stands before the PEM boundary, where RFC 7468, section 2, allows explanatory text.
const WARNING: &str =
    "Throw-away key, derived from a public seed: everyone can recompute it. Never use it for anything.";

/// `SubjectPublicKeyInfo` of a P-256 key up to the point (RFC 5480, section 2): id-ecPublicKey, secp256r1, BIT STRING.
const SPKI_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// Bytes of an uncompressed point (SEC 1, section 2.3.3).
const POINT_LEN: usize = 65;

/// A private key on P-256. Its `Debug` shows the public key only.
#[derive(Clone)]
pub struct PrivateKey {
    signing: SigningKey,
    public: PublicKey,
}

impl PrivateKey {
    /// A new key pair from the acting party's stream, counted as key generation.
    pub fn generate() -> Self {
        count(|counts| counts.keygen += 1);
        Self::draw()
    }

    /// A new key pair for one key agreement, counted as ephemeral.
    pub fn generate_ephemeral() -> Self {
        count(|counts| counts.ephemeral += 1);
        Self::draw()
    }

    /// Draws candidates until one is a scalar of the curve (FIPS 186-5, appendix A.2.2).
    ///
    /// The sampling is ours, so that no release of a library changes the keys.
    fn draw() -> Self {
        loop {
            let mut candidate = [0; 32];
            fill(&mut candidate);
            if let Ok(key) = Self::from_scalar(&candidate) {
                return key;
            }
        }
    }

    /// The key whose private scalar is `bytes`, 32 of them, big-endian.
    pub fn from_scalar(bytes: &[u8]) -> Result<Self, Refusal> {
        let signing = SigningKey::from_slice(bytes).map_err(|error| Refusal::malformed(error.to_string()))?;
        let public = PublicKey::from_point(*signing.verifying_key().as_affine());
        Ok(Self { signing, public })
    }

    /// The key in a PKCS#8 structure (RFC 5958).
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, Refusal> {
        let secret = SecretKey::from_pkcs8_der(der).map_err(|error| Refusal::malformed(error.to_string()))?;
        Self::from_scalar(&secret.to_bytes())
    }

    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs the SHA-256 digest of `message`; ASN.1 encoding (RFC 3279, section 2.2.3), as in X.509 and TLS.
    pub fn sign_der(&self, message: &[u8]) -> Vec<u8> {
        count(|counts| counts.sign += 1);
        let signature: DerSignature = self.signing.sign(message);
        signature.as_bytes().to_vec()
    }

    /// Signs the SHA-256 digest of `message`; r and s side by side (RFC 7518, section 3.4), as in JWS and COSE.
    pub fn sign_fixed(&self, message: &[u8]) -> [u8; 64] {
        count(|counts| counts.sign += 1);
        let signature: Signature = self.signing.sign(message);
        signature.to_bytes().into()
    }

    /// The private scalar, 32 bytes, big-endian.
    pub fn scalar_bytes(&self) -> [u8; 32] {
        self.signing.to_bytes().into()
    }

    /// PKCS#8 structure (RFC 5958).
    pub fn pkcs8_der(&self) -> Vec<u8> {
        let document = SecretKey::from(&self.signing).to_pkcs8_der().expect("a P-256 key has a PKCS#8 form");
        document.as_bytes().to_vec()
    }

    /// PKCS#8 as PEM, behind a line that says that the key is worthless.
    pub fn pkcs8_pem(&self) -> String {
        format!("{WARNING}\n{}", pem::encode("PRIVATE KEY", &self.pkcs8_der()))
    }

    pub(super) fn scalar(&self) -> &NonZeroScalar {
        self.signing.as_nonzero_scalar()
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey(of {:?})", self.public)
    }
}

impl PartialEq for PrivateKey {
    fn eq(&self, other: &Self) -> bool {
        self.public == other.public
    }
}

impl Eq for PrivateKey {}

impl rcgen::PublicKeyData for PrivateKey {
    fn der_bytes(&self) -> &[u8] {
        self.public.sec1()
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

/// A public key on P-256.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    point: AffinePoint,
    sec1: [u8; POINT_LEN],
}

impl PublicKey {
    fn from_point(point: AffinePoint) -> Self {
        let sec1 = point.to_sec1_point(false).as_bytes().try_into().expect("an uncompressed point has 65 bytes");
        Self { point, sec1 }
    }

    /// The key in a point encoding, compressed or not (SEC 1, section 2.3.4); refused unless it lies on the curve.
    pub fn from_sec1(bytes: &[u8]) -> Result<Self, Refusal> {
        let key = p256::PublicKey::from_sec1_bytes(bytes).map_err(|error| Refusal::malformed(error.to_string()))?;
        Ok(Self::from_point(*key.as_affine()))
    }

    /// The key in a `SubjectPublicKeyInfo` (RFC 5280, section 4.1.2.7).
    pub fn from_spki_der(der: &[u8]) -> Result<Self, Refusal> {
        use p256::pkcs8::DecodePublicKey;
        let key = p256::PublicKey::from_public_key_der(der).map_err(|error| Refusal::malformed(error.to_string()))?;
        Ok(Self::from_point(*key.as_affine()))
    }

    /// The uncompressed point, 65 bytes (SEC 1, section 2.3.3).
    pub fn sec1(&self) -> &[u8] {
        &self.sec1
    }

    /// `SubjectPublicKeyInfo` (RFC 5280, section 4.1.2.7).
    pub fn spki_der(&self) -> Vec<u8> {
        [&SPKI_PREFIX[..], &self.sec1].concat()
    }

    /// `SubjectPublicKeyInfo` as PEM.
    pub fn spki_pem(&self) -> String {
        pem::encode("PUBLIC KEY", &self.spki_der())
    }

    /// SHA-256 of the `SubjectPublicKeyInfo`, as pins use it (RFC 7469, section 2.4).
    pub fn spki_sha256(&self) -> [u8; 32] {
        mac::sha256(&self.spki_der())
    }

    /// Verifies an ASN.1 signature over the SHA-256 digest of `message`.
    pub fn verify_der(&self, message: &[u8], signature: &[u8]) -> Result<(), Refusal> {
        count(|counts| counts.verify += 1);
        webpki::ring::ECDSA_P256_SHA256
            .verify_signature(&self.sec1, message, signature)
            .map_err(|error| Refusal::new("bad-signature", format!("{error:?}")))
    }

    /// Verifies a signature made of r and s side by side over the SHA-256 digest of `message`.
    pub fn verify_fixed(&self, message: &[u8], signature: &[u8]) -> Result<(), Refusal> {
        match Signature::from_slice(signature) {
            Ok(signature) => self.verify_der(message, signature.to_der().as_bytes()),
            Err(error) => Err(Refusal::new("bad-signature", error.to_string())),
        }
    }

    pub(super) fn point(&self) -> &AffinePoint {
        &self.point
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", hex::encode(&self.sec1[1..9]))
    }
}

impl rcgen::PublicKeyData for PublicKey {
    fn der_bytes(&self) -> &[u8] {
        &self.sec1
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::party::{Party, act};

    fn key(name: &str) -> PrivateKey {
        act(&mut Party::new("seed", &["key", name]), PrivateKey::generate)
    }

    /// RFC 6979, appendix A.2.5: P-256 with SHA-256, message "sample".
    #[test]
    fn deterministic_signature() {
        let scalar = hex::decode("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721").unwrap();
        let key = PrivateKey::from_scalar(&scalar).unwrap();
        let expected = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716\
            f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
        assert_eq!(hex::encode(key.sign_fixed(b"sample")), expected);
        assert!(hex::encode(key.public().sec1()).starts_with("0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa"));
    }

    #[test]
    fn signatures_verify_in_both_encodings() {
        let key = key("a");
        key.public().verify_der(b"text", &key.sign_der(b"text")).unwrap();
        key.public().verify_fixed(b"text", &key.sign_fixed(b"text")).unwrap();
        assert_eq!(key.public().verify_der(b"test", &key.sign_der(b"text")).unwrap_err().code, "bad-signature");
        assert_eq!(key.public().verify_fixed(b"text", &[0; 64]).unwrap_err().code, "bad-signature");
    }

    #[test]
    fn encodings_round_trip() {
        let key = key("a");
        assert_eq!(PrivateKey::from_pkcs8_der(&key.pkcs8_der()).unwrap(), key);
        assert_eq!(&PublicKey::from_spki_der(&key.public().spki_der()).unwrap(), key.public());
        let compressed = key.public().point().to_sec1_point(true);
        assert_eq!(&PublicKey::from_sec1(compressed.as_bytes()).unwrap(), key.public());
        assert_eq!(PublicKey::from_sec1(&[4; 65]).unwrap_err().code, "malformed");
    }

    #[test]
    fn pem_says_first_that_the_key_is_worthless() {
        let pem = key("a").pkcs8_pem();
        assert!(pem.starts_with("Throw-away key"));
        assert_eq!(pem.lines().nth(1), Some("-----BEGIN PRIVATE KEY-----"));
    }

    #[test]
    fn debug_hides_the_scalar() {
        let key = key("a");
        assert!(!format!("{key:?}").contains(&hex::encode(&key.scalar_bytes()[..8])));
    }
}
