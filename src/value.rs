//! Values in the stores of actors.

pub mod filter;
pub mod member;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::crypto::certificate::{Certificate, Credential};
use crate::crypto::crl::CertificateRevocationList;
use crate::crypto::csr::CertificateSigningRequest;
use crate::crypto::key::{Algorithm, PrivateKey, PublicKey};
use crate::trace::{ArtifactKind, Protection};

/// A value in a store.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// Public bytes.
    Bytes(Vec<u8>),
    /// X.509 certificate.
    Certificate(Certificate),
    /// PKCS#10 request.
    CertificateSigningRequest(CertificateSigningRequest),
    /// Certificate revocation list.
    CertificateRevocationList(CertificateRevocationList),
    /// Certificates, end entity first.
    Chain(Vec<Certificate>),
    /// Private key with its chain.
    Credential(Credential),
    /// Decoded members.
    Members(BTreeMap<String, Value>),
    /// A whole number.
    Number(i64),
    /// A private key.
    PrivateKey(PrivateKey),
    /// A public key.
    PublicKey(PublicKey),
    /// The payload of a QR symbol.
    QrPayload(String),
    /// Bytes that must stay secret.
    Secret(Vec<u8>),
    /// What an end of a session knows of it.
    Session(Arc<SessionView>),
    /// Plain text.
    Text(String),
    /// Text whose possession grants something.
    Token(String),
    /// Certificates that are believed without proof.
    TrustAnchors(Vec<Certificate>),
}

/// What an end of a session knows of it.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionView {
    /// Id of the step that opened it.
    pub id: String,
    /// Protocol and version, such as `TLS 1.3`.
    pub protocol: String,
    /// Cipher suite.
    pub cipher_suite: String,
    /// How far it is protected.
    pub protection: Protection,
    /// The chain that the other end presented; empty where it presented none.
    pub peer_chain: Vec<Certificate>,
    /// Channel binding: the `tls-exporter` of RFC 9266.
    pub exporter: Vec<u8>,
    /// The name under which the opener presented itself without a certificate, such as its PSK identity; known to the
    /// other end and absent where the protocol has none.
    pub identity: Option<String>,
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind().title())
    }
}

impl Value {
    /// What it is.
    pub fn kind(&self) -> ArtifactKind {
        match self {
            Self::Bytes(_) => ArtifactKind::Bytes,
            Self::Certificate(_) => ArtifactKind::Certificate,
            Self::CertificateSigningRequest(_) => ArtifactKind::CertificateSigningRequest,
            Self::CertificateRevocationList(_) => ArtifactKind::CertificateRevocationList,
            Self::Chain(_) => ArtifactKind::Chain,
            Self::Credential(_) => ArtifactKind::Credential,
            Self::Members(_) => ArtifactKind::Members,
            Self::Number(_) => ArtifactKind::Number,
            Self::PrivateKey(_) => ArtifactKind::PrivateKey,
            Self::PublicKey(_) => ArtifactKind::PublicKey,
            Self::QrPayload(_) => ArtifactKind::QrPayload,
            Self::Secret(_) => ArtifactKind::Secret,
            Self::Session(_) => ArtifactKind::Session,
            Self::Text(_) => ArtifactKind::Text,
            Self::Token(_) => ArtifactKind::Token,
            Self::TrustAnchors(_) => ArtifactKind::TrustAnchors,
        }
    }

    /// The canonical encoding: DER for X.509 objects and keys, UTF-8 for text, else the bytes themselves.
    /// A credential is its certificates and its key, one after the other.
    pub fn canonical(&self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) | Self::Secret(bytes) => bytes.clone(),
            Self::Certificate(certificate) => certificate.der().to_vec(),
            Self::CertificateSigningRequest(request) => request.der().to_vec(),
            Self::CertificateRevocationList(list) => list.der().to_vec(),
            Self::Chain(chain) | Self::TrustAnchors(chain) => concatenated(chain),
            Self::Credential(credential) => {
                let mut bytes = concatenated(&credential.chain);
                bytes.extend(credential.key.pkcs8_der());
                bytes
            }
            Self::Members(members) => members_json(members).to_string().into_bytes(),
            Self::Number(number) => number.to_string().into_bytes(),
            Self::PrivateKey(key) => key.pkcs8_der(),
            Self::PublicKey(key) => key.spki_der(),
            Self::QrPayload(text) | Self::Text(text) | Self::Token(text) => text.clone().into_bytes(),
            Self::Session(session) => session.exporter.clone(),
        }
    }

    /// About how many bytes it takes: the length of its canonical encoding, without making it.
    pub fn size(&self) -> usize {
        let of_chain = |chain: &[Certificate]| chain.iter().map(|certificate| certificate.der().len()).sum();
        match self {
            Self::Bytes(bytes) | Self::Secret(bytes) => bytes.len(),
            Self::Certificate(certificate) => certificate.der().len(),
            Self::CertificateSigningRequest(request) => request.der().len(),
            Self::CertificateRevocationList(list) => list.der().len(),
            Self::Chain(chain) | Self::TrustAnchors(chain) => of_chain(chain),
            Self::Credential(credential) => of_chain(&credential.chain) + key_bytes(credential.key.algorithm()),
            Self::Members(members) => members.iter().map(|(name, value)| name.len() + value.size()).sum(),
            Self::Number(_) => size_of::<i64>(),
            Self::PrivateKey(key) => key_bytes(key.algorithm()),
            Self::PublicKey(key) => key_bytes(key.algorithm()),
            Self::QrPayload(text) | Self::Text(text) | Self::Token(text) => text.len(),
            Self::Session(session) => session.exporter.len(),
        }
    }

    /// The text that it is, or can be written as without a choice of encoding.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::QrPayload(text) | Self::Text(text) | Self::Token(text) => Some(text.clone()),
            Self::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// The public key in it.
    pub fn public_key(&self) -> Option<PublicKey> {
        match self {
            Self::PublicKey(key) => Some(key.clone()),
            Self::PrivateKey(key) => Some(key.public()),
            Self::Certificate(certificate) => Some(certificate.public_key()),
            Self::Chain(chain) => Some(chain.first()?.public_key()),
            Self::Credential(credential) => Some(credential.key.public()),
            Self::CertificateSigningRequest(request) => Some(request.public_key()),
            _ => None,
        }
    }

    /// The certificates in it.
    pub fn certificates(&self) -> Option<Vec<Certificate>> {
        match self {
            Self::Certificate(certificate) => Some(vec![certificate.clone()]),
            Self::Chain(chain) | Self::TrustAnchors(chain) => Some(chain.clone()),
            Self::Credential(credential) => Some(credential.chain.clone()),
            _ => None,
        }
    }

    /// The bytes that must not become known where the value is to stay secret.
    pub fn secret_bytes(&self) -> Vec<u8> {
        match self {
            Self::PrivateKey(key) => key.secret_bytes(),
            Self::Credential(credential) => credential.key.secret_bytes(),
            other => other.canonical(),
        }
    }
}

/// PKCS#8 of a key, about.
fn key_bytes(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::Ed25519 | Algorithm::X25519 => 48,
        Algorithm::P256 => 138,
        Algorithm::P384 => 185,
        Algorithm::Rsa => 1217,
    }
}

fn concatenated(chain: &[Certificate]) -> Vec<u8> {
    chain.iter().flat_map(|certificate| certificate.der().to_vec()).collect()
}

fn members_json(members: &BTreeMap<String, Value>) -> serde_json::Value {
    let member = |value: &Value| match value {
        Value::Members(members) => members_json(members),
        Value::Number(number) => (*number).into(),
        other => other.text().unwrap_or_else(|| hex::encode(other.canonical())).into(),
    };
    serde_json::Value::Object(members.iter().map(|(name, value)| (name.clone(), member(value))).collect())
}

/// A JSON value as a value of a store; text stays text, an object becomes members, a list is numbered from 0.
pub fn from_json(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Object(members) => {
            Value::Members(members.iter().map(|(name, value)| (name.clone(), from_json(value))).collect())
        }
        serde_json::Value::Array(items) => {
            Value::Members(items.iter().enumerate().map(|(index, item)| (index.to_string(), from_json(item))).collect())
        }
        serde_json::Value::Number(number) => {
            number.as_i64().map_or_else(|| Value::Text(number.to_string()), Value::Number)
        }
        serde_json::Value::String(text) => Value::Text(text.clone()),
        serde_json::Value::Bool(flag) => Value::Text(flag.to_string()),
        serde_json::Value::Null => Value::Text(String::new()),
    }
}
