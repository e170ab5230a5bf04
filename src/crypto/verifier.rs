//! Signature verification that counts: ring's algorithms, each behind a counter.

use rustls::SignatureScheme;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm};

use super::party::count;

#[derive(Debug)]
struct Counting(&'static dyn SignatureVerificationAlgorithm);

impl SignatureVerificationAlgorithm for Counting {
    fn verify_signature(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        count(|counts| {
            counts.verify += 1;
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

static P256_SHA256: Counting = Counting(webpki::ring::ECDSA_P256_SHA256);
static P256_SHA384: Counting = Counting(webpki::ring::ECDSA_P256_SHA384);
static P384_SHA256: Counting = Counting(webpki::ring::ECDSA_P384_SHA256);
static P384_SHA384: Counting = Counting(webpki::ring::ECDSA_P384_SHA384);

/// For certificates.
pub const ALL: &[&dyn SignatureVerificationAlgorithm] = &[&P256_SHA256, &P256_SHA384, &P384_SHA256, &P384_SHA384];

/// For certificates and handshakes of TLS.
pub const SUPPORTED: WebPkiSupportedAlgorithms = WebPkiSupportedAlgorithms {
    all: ALL,
    mapping: &[
        // TLS 1.2 does not bind the scheme to a curve (RFC 8446, section 4.2.3).
        (SignatureScheme::ECDSA_NISTP256_SHA256, &[&P256_SHA256, &P384_SHA256]),
        (SignatureScheme::ECDSA_NISTP384_SHA384, &[&P384_SHA384, &P256_SHA384]),
    ],
};
