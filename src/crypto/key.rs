//! Keys: deterministic signatures, key agreement, and their encodings.
//!
//! ECDSA is RFC 6979, Ed25519 needs no randomness, and the salt of RSASSA-PSS comes from the acting party.

pub mod algorithm;
pub mod memory;
mod rsa;

use std::fmt;
use std::sync::Arc;

use p256::ecdsa::signature::Signer;
use p256::pkcs8::der::Encode;
use p256::pkcs8::spki::SubjectPublicKeyInfoRef;
use p256::pkcs8::{DecodePrivateKey, PrivateKeyInfoRef};
use ring::signature::{self, Ed25519KeyPair, KeyPair, UnparsedPublicKey, VerificationAlgorithm};

pub use self::algorithm::{Algorithm, EcdsaForm, RsaPadding, SignatureForm};
use self::memory::recall;
use self::rsa::RsaKey;
use super::count::Counts;
use super::der::element;
use super::mac::sha256;
use super::party::{self, count};
use super::refusal::Refusal;

/// A private key, together with its public key.
#[derive(Clone)]
pub struct PrivateKey(Arc<Pair>);

/// Shared by the copies of a key, of which every step makes some.
struct Pair {
    secret: Secret,
    public: PublicKey,
}

enum Secret {
    Ed25519([u8; 32]),
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
    Rsa(Arc<RsaKey>),
    X25519(x25519_dalek::StaticSecret),
}

/// A public key.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    algorithm: Algorithm,
    bits: Arc<[u8]>,
}

/// The first line of every private key that is shown.
pub const THROW_AWAY: &str =
    "# THROW-AWAY KEY: derived from the book's public seed; everyone can compute it. Never use it.\n";

/// The code of what needs a key of another algorithm.
pub const WRONG_ALGORITHM: &str = "wrong-algorithm";

impl PrivateKey {
    /// A new P-256 key from the acting party's stream.
    pub fn generate() -> Self {
        Self::generate_for(Algorithm::P256)
    }

    /// A new key from the acting party's stream.
    pub fn generate_for(algorithm: Algorithm) -> Self {
        count(|counts| match algorithm {
            Algorithm::Ed25519 => counts.ed25519 += 1,
            Algorithm::P256 => counts.keygen += 1,
            Algorithm::P384 => counts.p384 += 1,
            Algorithm::Rsa => counts.rsa_keygen += 1,
            Algorithm::X25519 => counts.ephemeral += 1,
        });
        match algorithm {
            Algorithm::P256 => {
                draw::<32>(algorithm, |scalar| p256::ecdsa::SigningKey::from_slice(scalar).ok().map(Secret::P256))
            }
            Algorithm::P384 => {
                draw::<48>(algorithm, |scalar| p384::ecdsa::SigningKey::from_slice(scalar).ok().map(Secret::P384))
            }
            Algorithm::Ed25519 => draw(algorithm, |seed: &[u8; 32]| Some(Secret::Ed25519(*seed))),
            Algorithm::X25519 => draw(algorithm, |seed: &[u8; 32]| Some(Secret::X25519((*seed).into()))),
            Algorithm::Rsa => Secret::Rsa(RsaKey::draw()).into(),
        }
    }

    /// The key whose scalar (P-256, P-384) or seed (Ed25519, X25519) is `bytes`.
    pub fn from_secret_bytes(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, Refusal> {
        let seed = || <[u8; 32]>::try_from(bytes).map_err(Refusal::malformed);
        let secret = match algorithm {
            Algorithm::Ed25519 => Secret::Ed25519(seed()?),
            Algorithm::P256 => Secret::P256(p256::ecdsa::SigningKey::from_slice(bytes).map_err(Refusal::malformed)?),
            Algorithm::P384 => Secret::P384(p384::ecdsa::SigningKey::from_slice(bytes).map_err(Refusal::malformed)?),
            Algorithm::Rsa => return Err(Refusal::malformed("an RSA key has no scalar")),
            Algorithm::X25519 => Secret::X25519(seed()?.into()),
        };
        Ok(secret.into())
    }

    /// Reads PKCS#8.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, Refusal> {
        let info = PrivateKeyInfoRef::try_from(der).map_err(Refusal::malformed)?;
        let inner = info.private_key.as_bytes();
        let secret = match known(&info.algorithm)? {
            Algorithm::P256 => Secret::P256(p256::ecdsa::SigningKey::from_pkcs8_der(der).map_err(Refusal::malformed)?),
            Algorithm::P384 => Secret::P384(p384::ecdsa::SigningKey::from_pkcs8_der(der).map_err(Refusal::malformed)?),
            Algorithm::Rsa => Secret::Rsa(RsaKey::from_pkcs8_der(der, inner)?),
            algorithm @ (Algorithm::Ed25519 | Algorithm::X25519) => {
                // CurvePrivateKey, an OCTET STRING inside of the other (RFC 8410, section 7).
                let [0x04, 0x20, seed @ ..] = inner else {
                    return Err(Refusal::malformed("a private key that is no CurvePrivateKey"));
                };
                return Self::from_secret_bytes(algorithm, seed);
            }
        };
        Ok(secret.into())
    }

    /// The public key.
    pub fn public(&self) -> PublicKey {
        self.0.public.clone()
    }

    /// What it is for.
    pub fn algorithm(&self) -> Algorithm {
        self.0.public.algorithm
    }

    /// Signs: ECDSA over P-256 with SHA-256 and over P-384 with SHA-384 (RFC 6979), Ed25519 (RFC 8032), RSA with
    /// SHA-256 (RFC 8017). A key that signs nothing is refused.
    pub fn sign(&self, form: SignatureForm, message: &[u8]) -> Result<Vec<u8>, Refusal> {
        if !self.algorithm().signs() {
            return Err(signs_nothing(self.algorithm()));
        }
        count_signature(self.algorithm(), Side::Private, message);
        let (form_name, is_repeatable) = match (self.algorithm(), form.ecdsa, form.rsa) {
            // Its salt is the acting party's.
            (Algorithm::Rsa, _, RsaPadding::Pss) => ("pss", false),
            (Algorithm::Rsa, _, RsaPadding::Pkcs1) => ("pkcs1", true),
            (Algorithm::Ed25519 | Algorithm::X25519, ..) => ("", true),
            (Algorithm::P256 | Algorithm::P384, EcdsaForm::Der, _) => ("der", true),
            (Algorithm::P256 | Algorithm::P384, EcdsaForm::Raw, _) => ("raw", true),
        };
        if !is_repeatable {
            return Ok(self.signature(form, message));
        }
        let from = [self.algorithm().identifier(), self.0.public.bits(), form_name.as_bytes(), message];
        Ok(recall(|memory| &memory.signatures, &from, || self.signature(form, message)))
    }

    /// The signature of a key that signs.
    fn signature(&self, form: SignatureForm, message: &[u8]) -> Vec<u8> {
        match (&self.0.secret, form.ecdsa) {
            (Secret::Ed25519(seed), _) => ed25519(seed).sign(message).as_ref().to_vec(),
            (Secret::P256(key), EcdsaForm::Der) => {
                let signature: p256::ecdsa::DerSignature = key.sign(message);
                signature.as_bytes().to_vec()
            }
            (Secret::P256(key), EcdsaForm::Raw) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.to_bytes().to_vec()
            }
            (Secret::P384(key), EcdsaForm::Der) => {
                let signature: p384::ecdsa::DerSignature = key.sign(message);
                signature.as_bytes().to_vec()
            }
            (Secret::P384(key), EcdsaForm::Raw) => {
                let signature: p384::ecdsa::Signature = key.sign(message);
                signature.to_bytes().to_vec()
            }
            (Secret::Rsa(key), _) => key.sign(form.rsa, message),
            (Secret::X25519(_), _) => Vec::new(),
        }
    }

    /// The bytes that give the key away: scalar, seed, or the first prime of RSA.
    pub fn secret_bytes(&self) -> Vec<u8> {
        match &self.0.secret {
            Secret::Ed25519(seed) => seed.to_vec(),
            Secret::P256(key) => key.to_bytes().to_vec(),
            Secret::P384(key) => key.to_bytes().to_vec(),
            Secret::Rsa(key) => key.prime.clone(),
            Secret::X25519(secret) => secret.to_bytes().to_vec(),
        }
    }

    /// PKCS#8 (RFC 5958): of elliptic curves with the public key (RFC 5915), of RFC 8410 with the seed alone.
    pub fn pkcs8_der(&self) -> Vec<u8> {
        let inner = match &self.0.secret {
            Secret::P256(_) | Secret::P384(_) => {
                let point = element(0xa1, &element(0x03, &[&[0], self.0.public.bits()].concat()));
                element(0x30, &[&[0x02, 0x01, 0x01], &element(0x04, &self.secret_bytes())[..], &point].concat())
            }
            Secret::Ed25519(_) | Secret::X25519(_) => element(0x04, &self.secret_bytes()),
            Secret::Rsa(key) => key.private_der.clone(),
        };
        let version: &[u8] = &[0x02, 0x01, 0x00];
        element(0x30, &[version, self.algorithm().identifier(), &element(0x04, &inner)].concat())
    }

    /// PKCS#8 as PEM, under a line that says that the key is a throw-away.
    pub fn pkcs8_pem(&self) -> String {
        format!("{THROW_AWAY}{}", super::pem("PRIVATE KEY", &self.pkcs8_der()))
    }
}

/// Draws bytes until they make a key (FIPS 186-5, section A.2.2), so that the result depends on the stream alone and
/// not on a library's way of sampling.
fn draw<const N: usize>(algorithm: Algorithm, make: impl Fn(&[u8; N]) -> Option<Secret>) -> PrivateKey {
    loop {
        let mut bytes = [0; N];
        party::fill(&mut bytes);
        let from = [algorithm.identifier(), &bytes];
        if let Some(key) = recall(|memory| &memory.keys, &from, || make(&bytes).map(PrivateKey::from)) {
            return key;
        }
    }
}

fn ed25519(seed: &[u8; 32]) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(seed).expect("a seed has 32 bytes")
}

fn signs_nothing(algorithm: Algorithm) -> Refusal {
    Refusal::new(WRONG_ALGORITHM, format!("a key of {} cannot sign", algorithm.title()))
}

/// Who computes: the holder of a private key, or of the public one.
#[derive(Clone, Copy)]
enum Side {
    Private,
    Public,
}

/// Counts a signature, made or verified, with the message that is hashed for it.
fn count_signature(algorithm: Algorithm, side: Side, message: &[u8]) {
    count(|counts| {
        *signatures(counts, algorithm, side) += 1;
        counts.hash_bytes += message.len() as u64;
    });
}

/// The member that counts signatures, made or verified.
fn signatures(counts: &mut Counts, algorithm: Algorithm, side: Side) -> &mut u32 {
    match (algorithm, side) {
        (Algorithm::Ed25519, _) => &mut counts.ed25519,
        (Algorithm::P384, _) => &mut counts.p384,
        (Algorithm::Rsa, Side::Private) => &mut counts.rsa_private,
        (Algorithm::Rsa, Side::Public) => &mut counts.rsa_public,
        (Algorithm::P256 | Algorithm::X25519, Side::Private) => &mut counts.sign,
        (Algorithm::P256 | Algorithm::X25519, Side::Public) => &mut counts.verify,
    }
}

impl From<Secret> for PrivateKey {
    fn from(secret: Secret) -> Self {
        let (algorithm, bits) = match &secret {
            Secret::Ed25519(seed) => (Algorithm::Ed25519, ed25519(seed).public_key().as_ref().to_vec()),
            Secret::P256(key) => (Algorithm::P256, key.verifying_key().to_sec1_point(false).as_bytes().to_vec()),
            Secret::P384(key) => (Algorithm::P384, key.verifying_key().to_sec1_point(false).as_bytes().to_vec()),
            Secret::Rsa(key) => (Algorithm::Rsa, key.public_der.clone()),
            Secret::X25519(secret) => (Algorithm::X25519, x25519_dalek::PublicKey::from(secret).to_bytes().to_vec()),
        };
        Self(Arc::new(Pair { secret, public: PublicKey { algorithm, bits: bits.into() } }))
    }
}

impl PartialEq for PrivateKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.public == other.0.public
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({:?})", self.0.public)
    }
}

/// The algorithm of a key by its `AlgorithmIdentifier`.
fn known(found: &impl Encode) -> Result<Algorithm, Refusal> {
    let identifier = found.to_der().map_err(Refusal::malformed)?;
    Algorithm::ALL.into_iter().find(|algorithm| algorithm.identifier() == identifier).ok_or_else(|| {
        let titles: Vec<&str> = Algorithm::ALL.into_iter().map(Algorithm::title).collect();
        Refusal::malformed(format!("the key is of none of {}", titles.join(", ")))
    })
}

impl PublicKey {
    /// Reads the content of `subjectPublicKey`: a point, compressed or not (SEC 1, section 2.3.4), the 32 bytes of
    /// RFC 8410, or an `RSAPublicKey` of 2048 to 8192 bits.
    pub fn from_bits(algorithm: Algorithm, bits: &[u8]) -> Result<Self, Refusal> {
        let invalid = |error: p256::elliptic_curve::Error| Refusal::new("invalid-public-key", error);
        let bits = match algorithm {
            Algorithm::P256 => {
                let key = p256::PublicKey::from_sec1_bytes(bits).map_err(invalid)?;
                p256::elliptic_curve::sec1::ToSec1Point::to_sec1_point(&key, false).as_bytes().to_vec()
            }
            Algorithm::P384 => {
                let key = p384::PublicKey::from_sec1_bytes(bits).map_err(invalid)?;
                p384::elliptic_curve::sec1::ToSec1Point::to_sec1_point(&key, false).as_bytes().to_vec()
            }
            Algorithm::Ed25519 | Algorithm::X25519 if bits.len() == 32 => bits.to_vec(),
            Algorithm::Ed25519 | Algorithm::X25519 => {
                return Err(Refusal::malformed(format!("a key of {} with {} bytes", algorithm.title(), bits.len())));
            }
            Algorithm::Rsa => match rsa::modulus_bits(bits).map_err(Refusal::malformed)? {
                2048..=8192 => bits.to_vec(),
                n_bits => return Err(Refusal::malformed(format!("an RSA key of {n_bits} bits"))),
            },
        };
        Ok(Self { algorithm, bits: bits.into() })
    }

    /// Reads a SubjectPublicKeyInfo (RFC 5480, RFC 8410, RFC 3279).
    pub fn from_spki_der(der: &[u8]) -> Result<Self, Refusal> {
        let info = SubjectPublicKeyInfoRef::try_from(der).map_err(Refusal::malformed)?;
        let algorithm = known(&info.algorithm)?;
        let bits = info.subject_public_key.as_bytes();
        let bits = bits.ok_or_else(|| Refusal::malformed("a public key that is no whole number of bytes"))?;
        Self::from_bits(algorithm, bits).map_err(|refusal| Refusal::malformed(refusal.message))
    }

    /// What it is for.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The algorithm with its size, for people: `P-256`, `RSA-2048`.
    pub fn title(&self) -> String {
        match self.algorithm {
            Algorithm::Rsa => format!("RSA-{}", rsa::modulus_bits(&self.bits).unwrap_or_default()),
            algorithm => algorithm.title().to_owned(),
        }
    }

    /// The content of `subjectPublicKey`: an uncompressed point, 32 bytes, or an `RSAPublicKey`.
    pub fn bits(&self) -> &[u8] {
        &self.bits
    }

    /// Modulus and exponent of an RSA key, without leading zeros; `None` for any other key.
    pub fn rsa_numbers(&self) -> Option<(Vec<u8>, Vec<u8>)> {
        match self.algorithm {
            Algorithm::Rsa => {
                rsa::public_numbers(&self.bits).ok().map(|(modulus, exponent)| (modulus.to_vec(), exponent.to_vec()))
            }
            Algorithm::Ed25519 | Algorithm::P256 | Algorithm::P384 | Algorithm::X25519 => None,
        }
    }

    /// SubjectPublicKeyInfo.
    pub fn spki_der(&self) -> Vec<u8> {
        element(0x30, &[self.algorithm.identifier(), &element(0x03, &[&[0], self.bits()].concat())].concat())
    }

    /// SubjectPublicKeyInfo as PEM.
    pub fn spki_pem(&self) -> String {
        super::pem("PUBLIC KEY", &self.spki_der())
    }

    /// SHA-256 of the SubjectPublicKeyInfo (RFC 7469, section 2.4).
    pub fn spki_sha256(&self) -> [u8; 32] {
        sha256(&self.spki_der())
    }

    /// Verifies a signature with ring, which verifies chains and handshakes too; a key that signs nothing is refused.
    pub fn verify(&self, form: SignatureForm, message: &[u8], signature: &[u8]) -> Result<(), Refusal> {
        let verification = self.verification(form).ok_or_else(|| signs_nothing(self.algorithm))?;
        count_signature(self.algorithm, Side::Public, message);
        UnparsedPublicKey::new(verification, self.bits())
            .verify(message, signature)
            .map_err(|_| webpki::Error::InvalidSignatureForPublicKey.into())
    }

    fn verification(&self, form: SignatureForm) -> Option<&'static dyn VerificationAlgorithm> {
        match (self.algorithm, form.ecdsa, form.rsa) {
            (Algorithm::Ed25519, ..) => Some(&signature::ED25519),
            (Algorithm::P256, EcdsaForm::Der, _) => Some(&signature::ECDSA_P256_SHA256_ASN1),
            (Algorithm::P256, EcdsaForm::Raw, _) => Some(&signature::ECDSA_P256_SHA256_FIXED),
            (Algorithm::P384, EcdsaForm::Der, _) => Some(&signature::ECDSA_P384_SHA384_ASN1),
            (Algorithm::P384, EcdsaForm::Raw, _) => Some(&signature::ECDSA_P384_SHA384_FIXED),
            (Algorithm::Rsa, _, RsaPadding::Pkcs1) => Some(&signature::RSA_PKCS1_2048_8192_SHA256),
            (Algorithm::Rsa, _, RsaPadding::Pss) => Some(&signature::RSA_PSS_2048_8192_SHA256),
            (Algorithm::X25519, ..) => None,
        }
    }

    /// Whether a certificate can be issued for it; a key that signs nothing is refused.
    fn certified(&self) -> Result<&'static rcgen::SignatureAlgorithm, Refusal> {
        self.algorithm.x509().ok_or_else(|| signs_nothing(self.algorithm))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The first byte of a point says only how it is encoded.
        write!(f, "{} {}…", self.title(), hex::encode(&self.bits[1..9]))
    }
}

/// The secret that both parties compute: the x-coordinate of a point (NIST SP 800-56A, section 5.7.1.2), or the result
/// of X25519 (RFC 7748, section 6.1), which must not be zero.
pub fn agree(private: &PrivateKey, public: &PublicKey) -> Result<Vec<u8>, Refusal> {
    if private.algorithm() != public.algorithm {
        let (own, other) = (private.algorithm().title(), public.algorithm.title());
        return Err(Refusal::new(WRONG_ALGORITHM, format!("a key of {own} cannot agree with one of {other}")));
    }
    let invalid = |error: p256::elliptic_curve::Error| Refusal::new("invalid-public-key", error);
    match &private.0.secret {
        Secret::P256(key) => {
            count(|counts| counts.agree += 1);
            let public = p256::PublicKey::from_sec1_bytes(public.bits()).map_err(invalid)?;
            let shared = p256::ecdh::diffie_hellman(key.as_nonzero_scalar(), public.as_affine());
            Ok(shared.raw_secret_bytes().to_vec())
        }
        Secret::P384(key) => {
            count(|counts| counts.p384 += 1);
            let public = p384::PublicKey::from_sec1_bytes(public.bits()).map_err(invalid)?;
            let shared = p384::ecdh::diffie_hellman(key.as_nonzero_scalar(), public.as_affine());
            Ok(shared.raw_secret_bytes().to_vec())
        }
        Secret::X25519(secret) => {
            count(|counts| counts.agree += 1);
            let public = <[u8; 32]>::try_from(public.bits()).map_err(Refusal::malformed)?;
            let shared = secret.diffie_hellman(&public.into());
            if !shared.was_contributory() {
                return Err(Refusal::new("invalid-public-key", "the result of X25519 is zero"));
            }
            Ok(shared.to_bytes().to_vec())
        }
        Secret::Ed25519(_) | Secret::Rsa(_) => {
            let message = format!("a key of {} agrees on nothing", private.algorithm().title());
            Err(Refusal::new(WRONG_ALGORITHM, message))
        }
    }
}

/// A key as the writer of X.509 sees it: one that can be certified.
pub(super) struct Certified<'k> {
    key: &'k PublicKey,
    algorithm: &'static rcgen::SignatureAlgorithm,
}

/// A key that signs certificates, requests and revocation lists.
pub(super) struct Issuing<'k> {
    key: &'k PrivateKey,
    algorithm: &'static rcgen::SignatureAlgorithm,
}

impl<'k> TryFrom<&'k PublicKey> for Certified<'k> {
    type Error = Refusal;

    fn try_from(key: &'k PublicKey) -> Result<Self, Refusal> {
        Ok(Self { key, algorithm: key.certified()? })
    }
}

impl<'k> TryFrom<&'k PrivateKey> for Issuing<'k> {
    type Error = Refusal;

    fn try_from(key: &'k PrivateKey) -> Result<Self, Refusal> {
        Ok(Self { key, algorithm: key.0.public.certified()? })
    }
}

impl rcgen::PublicKeyData for Certified<'_> {
    fn der_bytes(&self) -> &[u8] {
        // The content of the bit string, not the whole SubjectPublicKeyInfo.
        self.key.bits()
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        self.algorithm
    }
}

impl rcgen::PublicKeyData for Issuing<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.key.0.public.bits()
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        self.algorithm
    }
}

impl rcgen::SigningKey for Issuing<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.key.sign(SignatureForm::X509, message).map_err(|_| rcgen::Error::RemoteKeyError)
    }
}

#[cfg(test)]
mod tests {
    use p256::pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding};

    use super::*;
    use crate::crypto::party::{Party, act};

    fn keys() -> Vec<PrivateKey> {
        act(&mut Party::new("seed", &["key"]), || Algorithm::ALL.map(PrivateKey::generate_for).to_vec())
    }

    #[test]
    fn pkcs8_is_what_another_encoder_writes() {
        for key in keys() {
            let (private, public) = match &key.0.secret {
                Secret::P256(key) => (
                    p256::SecretKey::from(key).to_pkcs8_der().unwrap(),
                    key.verifying_key().to_public_key_der().unwrap(),
                ),
                Secret::P384(key) => (
                    p384::SecretKey::from(key).to_pkcs8_der().unwrap(),
                    key.verifying_key().to_public_key_der().unwrap(),
                ),
                // `openssl pkey` reads the others in tests/it.
                Secret::Ed25519(_) | Secret::Rsa(_) | Secret::X25519(_) => continue,
            };
            assert_eq!(key.pkcs8_der(), private.as_bytes());
            assert_eq!(key.0.public.spki_der(), public.as_bytes());
            assert!(key.pkcs8_pem().ends_with(&*private.to_pem("PRIVATE KEY", LineEnding::LF).unwrap()));
        }
    }

    #[test]
    fn every_key_is_read_again() {
        for key in keys() {
            let read = PrivateKey::from_pkcs8_der(&key.pkcs8_der()).unwrap();
            assert_eq!(read, key);
            assert_eq!(read.secret_bytes(), key.secret_bytes());
            assert_eq!(PublicKey::from_spki_der(&key.public().spki_der()).unwrap(), key.public());
        }
    }

    #[test]
    fn a_key_verifies_what_it_signed_and_nothing_else() {
        let forms = [SignatureForm::JOSE, SignatureForm::TLS, SignatureForm::X509];
        act(&mut Party::new("seed", &["sign"]), || {
            for (key, form) in keys().iter().flat_map(|key| forms.map(|form| (key, form))) {
                if !key.algorithm().signs() {
                    assert_eq!(key.sign(form, b"message").unwrap_err().code, WRONG_ALGORITHM);
                    assert_eq!(key.public().verify(form, b"message", &[]).unwrap_err().code, WRONG_ALGORITHM);
                    continue;
                }
                let mut signature = key.sign(form, b"message").unwrap();
                key.public().verify(form, b"message", &signature).unwrap();
                assert_eq!(key.public().verify(form, b"massage", &signature).unwrap_err().code, "bad-signature");
                signature.pop();
                assert_eq!(key.public().verify(form, b"message", &signature).unwrap_err().code, "bad-signature");
            }
        });
    }

    #[test]
    fn parties_agree_over_one_curve_only() {
        let (own, other) = (
            keys(),
            act(&mut Party::new("seed", &["other"]), || Algorithm::ALL.map(PrivateKey::generate_for).to_vec()),
        );
        for (ours, theirs) in own.iter().flat_map(|ours| other.iter().map(move |theirs| (ours, theirs))) {
            let agrees = matches!(ours.algorithm(), Algorithm::P256 | Algorithm::P384 | Algorithm::X25519);
            match agree(ours, &theirs.public()) {
                Ok(secret) => {
                    assert!(agrees && ours.algorithm() == theirs.algorithm());
                    assert_eq!(secret, agree(theirs, &ours.public()).unwrap());
                }
                Err(refusal) => {
                    assert!(!agrees || ours.algorithm() != theirs.algorithm());
                    assert_eq!(refusal.code, WRONG_ALGORITHM);
                }
            }
        }
    }
}
