//! Values of stores → [`Artifact`]s that can be shown, downloaded and checked.

use std::sync::Arc;

use crate::annotation::{Bytes, Field, Kind, Known, LONGEST_PLAIN, Layer};
use crate::crypto::certificate::Certificate;
use crate::crypto::key::Algorithm;
use crate::crypto::{der, mac};
use crate::protocol::{content, jws, qr};
use crate::trace::{Artifact, Lazy, Provenance};
use crate::value::{SessionView, Value};

/// The artifact of `value`, which `actor` holds as `name` since `step`; `known` is what the run knows of its bytes.
pub fn artifact(
    actor: &str,
    name: &str,
    value: &Arc<Value>,
    step: &str,
    provenance: Provenance,
    known: &Known,
) -> Artifact {
    let bytes = value.canonical();
    Artifact {
        actor: actor.to_owned(),
        name: name.to_owned(),
        step: step.to_owned(),
        kind: value.kind(),
        provenance,
        sha256: hex::encode(mac::sha256(&bytes)),
        pem: shown(value, pem),
        summary: shown(value, summary),
        decoded: shown(value, decoded),
        layer: layer(value, &bytes).map(|layer| Arc::new(layer.knowing(known.clone()))),
        secret: secret(value),
        bytes: Bytes(bytes),
    }
}

fn shown<T: 'static>(value: &Arc<Value>, show: fn(&Value) -> T) -> Lazy<T> {
    let value = Arc::clone(value);
    Lazy::new(move || show(&value))
}

fn secret(value: &Value) -> Option<Bytes> {
    match value {
        Value::PrivateKey(_) | Value::Credential(_) => Some(Bytes(value.secret_bytes())),
        _ => None,
    }
}

fn pem(value: &Value) -> Option<String> {
    match value {
        Value::Certificate(certificate) => Some(certificate.pem()),
        Value::CertificateSigningRequest(request) => Some(request.pem()),
        Value::CertificateRevocationList(list) => Some(list.pem()),
        Value::Chain(chain) | Value::TrustAnchors(chain) => Some(pems(chain)),
        Value::Credential(credential) => Some(format!("{}{}", credential.key.pkcs8_pem(), pems(&credential.chain))),
        Value::PrivateKey(key) => Some(key.pkcs8_pem()),
        Value::PublicKey(key) => Some(key.spki_pem()),
        Value::Bytes(_)
        | Value::Members(_)
        | Value::Number(_)
        | Value::QrPayload(_)
        | Value::Secret(_)
        | Value::Session(_)
        | Value::Text(_)
        | Value::Token(_) => None,
    }
}

fn pems(chain: &[Certificate]) -> String {
    chain.iter().map(Certificate::pem).collect()
}

fn summary(value: &Value) -> String {
    match value {
        Value::Certificate(certificate) => certified(certificate),
        Value::Chain(chain) | Value::TrustAnchors(chain) => match chain.split_first() {
            Some((first, [])) => certified(first),
            Some((first, rest)) => format!("{}, and {} more", certified(first), rest.len()),
            None => "no certificate".to_owned(),
        },
        Value::Credential(credential) => credential.chain.first().map_or_else(String::new, |leaf| {
            format!("{} key with certificate {}", credential.key.public().title(), certified(leaf))
        }),
        Value::CertificateSigningRequest(request) => format!("request of {}", request.subject()),
        Value::CertificateRevocationList(list) => format!("{} revoked", list.revoked_serials().len()),
        Value::PrivateKey(key) => {
            let public = key.public();
            format!("{}, public key {}…", public.title(), &hex::encode(public.spki_sha256())[..16])
        }
        Value::PublicKey(key) => format!("{}, SHA-256 {}…", key.title(), &hex::encode(key.spki_sha256())[..16]),
        Value::Bytes(bytes) | Value::Secret(bytes) => shortened_bytes(bytes),
        Value::Number(number) => number.to_string(),
        Value::QrPayload(text) | Value::Text(text) | Value::Token(text) => shortened(text),
        Value::Session(session) => format!("{}, {}", session.protocol, session.cipher_suite),
        Value::Members(members) => members.keys().cloned().collect::<Vec<_>>().join(", "),
    }
}

fn certified(certificate: &Certificate) -> String {
    format!("{}, issued by {}", certificate.subject(), certificate.issuer())
}

fn shortened(text: &str) -> String {
    let flat = text.replace(['\r', '\n'], " ");
    if flat.chars().count() <= 64 { flat } else { format!("{}…", flat.chars().take(63).collect::<String>()) }
}

fn shortened_bytes(bytes: &[u8]) -> String {
    let hex = hex::encode(&bytes[..bytes.len().min(16)]);
    format!("{} bytes: {hex}{}", bytes.len(), if bytes.len() > 16 { "…" } else { "" })
}

fn decoded(value: &Value) -> Vec<(String, String)> {
    match value {
        Value::Certificate(certificate) => certificate.decoded(),
        Value::Chain(chain) | Value::TrustAnchors(chain) => {
            let several = chain.len() > 1;
            chain
                .iter()
                .enumerate()
                .flat_map(|(index, certificate)| {
                    certificate.decoded().into_iter().map(move |(name, value)| {
                        (if several { format!("{}. {name}", index + 1) } else { name }, value)
                    })
                })
                .collect()
        }
        Value::Credential(credential) => credential.chain.first().map(Certificate::decoded).unwrap_or_default(),
        Value::CertificateSigningRequest(request) => request.decoded(),
        Value::CertificateRevocationList(list) => list.decoded(),
        Value::Members(members) => members.iter().map(|(name, value)| (name.clone(), member_text(value))).collect(),
        Value::Session(session) => session_members(session),
        Value::Token(text) => token_members(text),
        Value::QrPayload(text) => qr_members(text),
        Value::Bytes(bytes) | Value::Secret(bytes) => vec![("length".to_owned(), format!("{} bytes", bytes.len()))],
        Value::PrivateKey(_) | Value::PublicKey(_) => {
            let Some(key) = value.public_key() else { return Vec::new() };
            let (name, title) = match key.algorithm() {
                Algorithm::P256 | Algorithm::P384 => ("curve", key.title()),
                Algorithm::Ed25519 | Algorithm::Rsa | Algorithm::X25519 => ("algorithm", key.title()),
            };
            let digest = hex::encode(key.spki_sha256());
            vec![(name.to_owned(), title), ("SHA-256 of the public key".to_owned(), digest)]
        }
        Value::Number(_) | Value::Text(_) => Vec::new(),
    }
}

fn member_text(value: &Value) -> String {
    match value {
        Value::Members(members) => {
            let inner: Vec<String> =
                members.iter().map(|(name, value)| format!("{name} = {}", member_text(value))).collect();
            inner.join("; ")
        }
        other => other.text().unwrap_or_else(|| summary(other)),
    }
}

fn session_members(session: &SessionView) -> Vec<(String, String)> {
    let mut members = vec![
        ("protocol".to_owned(), session.protocol.clone()),
        ("cipher suite".to_owned(), session.cipher_suite.clone()),
        ("tls-exporter (RFC 9266)".to_owned(), hex::encode(&session.exporter)),
    ];
    let peers = session.peer_chain.iter().map(|certificate| ("peer presented".to_owned(), certificate.subject()));
    members.extend(peers);
    members
}

fn token_members(text: &str) -> Vec<(String, String)> {
    let Ok(jws) = jws::Jws::decode(text) else { return Vec::new() };
    let header = serde_json::Value::Object(jws.header.clone()).to_string();
    let payload = String::from_utf8_lossy(&jws.payload).into_owned();
    vec![
        ("header".to_owned(), header),
        ("payload".to_owned(), payload),
        ("signature".to_owned(), hex::encode(&jws.signature)),
    ]
}

fn qr_members(text: &str) -> Vec<(String, String)> {
    let mut members = vec![("payload".to_owned(), text.to_owned())];
    if let Ok(symbol) = qr::Symbol::encode(text, qr::Level::M) {
        let modules = symbol.modules.len();
        members
            .push(("symbol".to_owned(), format!("version {}, level M, {modules} × {modules} modules", symbol.version)));
    }
    members
}

/// The canonical encoding, explained when it is shown; none for what its summary says in full.
fn layer(value: &Value, bytes: &[u8]) -> Option<Layer> {
    let text = |name: &str| (bytes.len() > LONGEST_PLAIN).then(|| content::layer(name, bytes.to_vec()));
    match value {
        Value::Certificate(_)
        | Value::CertificateSigningRequest(_)
        | Value::CertificateRevocationList(_)
        | Value::PrivateKey(_)
        | Value::PublicKey(_)
        | Value::Chain(_)
        | Value::Credential(_)
        | Value::TrustAnchors(_) => Some(Layer::explained_by("DER", bytes.to_vec(), |der, _| der::describe(der))),
        Value::Bytes(_) => text("bytes"),
        Value::Members(_) => text("members"),
        Value::QrPayload(_) => text("QR payload"),
        Value::Text(_) => text("text"),
        Value::Token(_) => text("token"),
        Value::Secret(_) => text("secret"),
        Value::Session(_) => {
            let exporter = Field::new("tls-exporter", 0..bytes.len(), hex::encode(bytes)).of(Kind::Key);
            (!bytes.is_empty()).then(|| Layer::new("exported keying material", bytes.to_vec(), vec![exporter]))
        }
        Value::Number(_) => None,
    }
}
