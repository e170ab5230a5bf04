//! Signature verification that counts: ring's algorithms, each behind a counter.

use rustls::SignatureScheme;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm};

use super::count::Counts;
use super::party::count;

#[derive(Debug)]
struct Counting(&'static dyn SignatureVerificationAlgorithm, fn(&mut Counts) -> &mut u32);

impl SignatureVerificationAlgorithm for Counting {
    fn verify_signature(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        count(|counts| {
            *self.1(counts) += 1;
            counts.hash_bytes += message.len() as u64;
        });
        self.0.verify_signature(key, message, signature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.0.public_key_alg_id()
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.0.signature_alg_id()
    }
}

static ED25519: Counting = Counting(webpki::ring::ED25519, |counts| &mut counts.ed25519);
static P256_SHA256: Counting = Counting(webpki::ring::ECDSA_P256_SHA256, |counts| &mut counts.verify);
static P256_SHA384: Counting = Counting(webpki::ring::ECDSA_P256_SHA384, |counts| &mut counts.verify);
static P384_SHA256: Counting = Counting(webpki::ring::ECDSA_P384_SHA256, |counts| &mut counts.p384);
static P384_SHA384: Counting = Counting(webpki::ring::ECDSA_P384_SHA384, |counts| &mut counts.p384);
static RSA_PKCS1_SHA256: Counting = Counting(webpki::ring::RSA_PKCS1_2048_8192_SHA256, |counts| &mut counts.rsa_public);
static RSA_PSS_SHA256: Counting =
    Counting(webpki::ring::RSA_PSS_2048_8192_SHA256_LEGACY_KEY, |counts| &mut counts.rsa_public);

/// For certificates.
pub const ALL: &[&dyn SignatureVerificationAlgorithm] =
    &[&P256_SHA256, &P256_SHA384, &P384_SHA256, &P384_SHA384, &ED25519, &RSA_PKCS1_SHA256];

/// For certificates and handshakes of TLS.
pub const SUPPORTED: WebPkiSupportedAlgorithms = WebPkiSupportedAlgorithms {
    all: ALL,
    mapping: &[
        // TLS 1.2 does not bind the scheme to a curve (RFC 8446, section 4.2.3).
        (SignatureScheme::ECDSA_NISTP256_SHA256, &[&P256_SHA256, &P384_SHA256]),
        (SignatureScheme::ECDSA_NISTP384_SHA384, &[&P384_SHA384, &P256_SHA384]),
    ],
};

/// The same where an end has to do with Ed25519 or RSA itself: the others do not offer what they have no use for.
pub const EXTENDED: WebPkiSupportedAlgorithms = WebPkiSupportedAlgorithms {
    all: ALL,
    mapping: &[
        (SignatureScheme::ECDSA_NISTP256_SHA256, &[&P256_SHA256, &P384_SHA256]),
        (SignatureScheme::ECDSA_NISTP384_SHA384, &[&P384_SHA384, &P256_SHA384]),
        (SignatureScheme::ED25519, &[&ED25519]),
        (SignatureScheme::RSA_PSS_SHA256, &[&RSA_PSS_SHA256]),
        (SignatureScheme::RSA_PKCS1_SHA256, &[&RSA_PKCS1_SHA256]),
    ],
};
