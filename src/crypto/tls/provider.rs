//! What the TLS library needs from outside: randomness, key exchange and signatures of the acting party, the clock.

use std::sync::{Arc, Mutex};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring::cipher_suite;
use rustls::crypto::{
    self, ActiveKeyExchange, CryptoProvider, GetRandomFailed, KeyProvider, SecureRandom, SharedSecret,
    SupportedKxGroup, WebPkiSupportedAlgorithms,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::sign::{Signer, SigningKey};
use rustls::time_provider::TimeProvider;
use rustls::{DigitallySignedStruct, Error, KeyLog, NamedGroup, PeerMisbehaved, SignatureAlgorithm, SignatureScheme};

use super::Version;
use crate::crypto::key::{Algorithm, PrivateKey, PublicKey, SignatureForm, agree};
use crate::crypto::party;

/// A provider for one version; a suite of the other one would be offered although it cannot be chosen.
///
/// The signature algorithms that it offers are `signatures`.
pub(super) fn provider(version: Version, signatures: WebPkiSupportedAlgorithms) -> Arc<CryptoProvider> {
    let suite = match version {
        Version::Tls12 => cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        Version::Tls13 => cipher_suite::TLS13_AES_128_GCM_SHA256,
    };
    Arc::new(CryptoProvider {
        cipher_suites: vec![suite],
        kx_groups: vec![&X25519],
        signature_verification_algorithms: signatures,
        secure_random: &PartyRandom,
        key_provider: &NoFiles,
    })
}

/// Randomness of the acting party.
#[derive(Debug)]
struct PartyRandom;

impl SecureRandom for PartyRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), GetRandomFailed> {
        party::fill(bytes);
        Ok(())
    }
}

/// Keys come from credentials, never from files.
#[derive(Debug)]
struct NoFiles;

impl KeyProvider for NoFiles {
    fn load_private_key(&self, _: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, Error> {
        Err(Error::General("keys are given by a resolver".to_owned()))
    }
}

/// X25519 (RFC 7748) with the ephemeral key of the acting party.
#[derive(Debug)]
struct X25519;

struct Ephemeral(PrivateKey, PublicKey);

impl SupportedKxGroup for X25519 {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let key = PrivateKey::generate_for(Algorithm::X25519);
        let public = key.public();
        Ok(Box::new(Ephemeral(key, public)))
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::X25519
    }
}

impl ActiveKeyExchange for Ephemeral {
    fn complete(self: Box<Self>, peer: &[u8]) -> Result<SharedSecret, Error> {
        // RFC 8446, section 7.4.2: a share of another length and an all-zero result are refused.
        let shared = PublicKey::from_bits(Algorithm::X25519, peer).and_then(|peer| agree(&self.0, &peer));
        Ok(SharedSecret::from(shared.map_err(|_| Error::from(PeerMisbehaved::InvalidKeyShare))?))
    }

    fn pub_key(&self) -> &[u8] {
        self.1.bits()
    }

    fn group(&self) -> NamedGroup {
        NamedGroup::X25519
    }
}

/// A key that signs handshakes.
#[derive(Clone, Debug)]
pub(super) struct TlsKey(pub(super) PrivateKey);

impl SigningKey for TlsKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let is_offered = scheme(self.0.algorithm()).is_some_and(|own| offered.contains(&own));
        is_offered.then(|| Box::new(self.clone()) as Box<dyn Signer>)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        match self.0.algorithm() {
            Algorithm::P256 | Algorithm::P384 => SignatureAlgorithm::ECDSA,
            Algorithm::Rsa => SignatureAlgorithm::RSA,
            // A key of X25519 has no scheme, and so is never chosen.
            Algorithm::Ed25519 | Algorithm::X25519 => SignatureAlgorithm::ED25519,
        }
    }

    fn public_key(&self) -> Option<SubjectPublicKeyInfoDer<'_>> {
        Some(SubjectPublicKeyInfoDer::from(self.0.public().spki_der()))
    }
}

impl Signer for TlsKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        self.0.sign(SignatureForm::TLS, message).map_err(|refusal| Error::General(refusal.message))
    }

    fn scheme(&self) -> SignatureScheme {
        scheme(self.0.algorithm()).unwrap_or(SignatureScheme::Unknown(0))
    }
}

/// The scheme with which such a key signs a handshake (RFC 8446, section 4.2.3).
fn scheme(algorithm: Algorithm) -> Option<SignatureScheme> {
    match algorithm {
        Algorithm::Ed25519 => Some(SignatureScheme::ED25519),
        Algorithm::P256 => Some(SignatureScheme::ECDSA_NISTP256_SHA256),
        Algorithm::P384 => Some(SignatureScheme::ECDSA_NISTP384_SHA384),
        Algorithm::Rsa => Some(SignatureScheme::RSA_PSS_SHA256),
        Algorithm::X25519 => None,
    }
}

/// The virtual clock.
#[derive(Debug)]
pub(super) struct Clock(pub(super) UnixTime);

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(self.0)
    }
}

/// Accepts every chain for now, and verifies every signature of a handshake (RFC 8995, section 5.1).
#[derive(Debug)]
pub(super) struct Provisional(pub(super) WebPkiSupportedAlgorithms);

impl ServerCertVerifier for Provisional {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        crypto::verify_tls12_signature(message, certificate, signature, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        crypto::verify_tls13_signature(message, certificate, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

/// A secret as the library logs it: label, client random, secret.
type LoggedSecret = (String, Vec<u8>, Vec<u8>);

/// The secrets of one connection.
#[derive(Debug, Default)]
pub(super) struct KeyStore(Mutex<Vec<LoggedSecret>>);

impl KeyStore {
    /// The secret with this label.
    pub(super) fn find(&self, label: &str) -> Option<Vec<u8>> {
        let secrets = self.0.lock().expect("no thread panics while it logs");
        secrets.iter().find(|(known, ..)| known == label).map(|(.., secret)| secret.clone())
    }

    /// Lines in the format of NSS.
    pub(super) fn lines(&self) -> String {
        let secrets = self.0.lock().expect("no thread panics while it logs");
        let line = |(label, random, secret): &LoggedSecret| {
            format!("{label} {} {}\n", hex::encode(random), hex::encode(secret))
        };
        secrets.iter().map(line).collect()
    }
}

impl KeyLog for KeyStore {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let mut secrets = self.0.lock().expect("no thread panics while it logs");
        let secret = (label.to_owned(), client_random.to_vec(), secret.to_vec());
        // Both ends log the same secrets; the first to know one is enough.
        if !secrets.contains(&secret) {
            secrets.push(secret);
        }
    }
}
