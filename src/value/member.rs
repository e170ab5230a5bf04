//! Typed members of values: `$device-certificate.common-name`.

use crate::crypto::certificate::Certificate;
use crate::crypto::cms::SignedData;
use crate::crypto::matter_certificate::subject_attribute;
use crate::protocol::jwk;
use crate::protocol::jws::Jws;
use crate::trace::ArtifactKind as Kind;
use crate::value::Value;

/// A member that values of some kind have.
pub struct Member {
    /// The kinds that have it.
    pub of: &'static [Kind],
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// What it means.
    pub summary: &'static str,
    take: fn(&Value) -> Option<Value>,
}

const CERTIFIED: &[Kind] = &[Kind::Certificate, Kind::Chain, Kind::Credential];
const KEYED: &[Kind] =
    &[Kind::Certificate, Kind::Chain, Kind::Credential, Kind::CertificateSigningRequest, Kind::PrivateKey];

const KEYED_OR_KEY: &[Kind] = &[
    Kind::Certificate,
    Kind::Chain,
    Kind::Credential,
    Kind::CertificateSigningRequest,
    Kind::PrivateKey,
    Kind::PublicKey,
];

/// Every member, by name.
pub const MEMBERS: &[Member] = &[
    Member {
        of: &[Kind::Session],
        name: "attestation-challenge",
        kind: Kind::Bytes,
        summary: "what both ends of a Matter session derived for attestation, 16 bytes (Matter Core Specification, section 4.14.1.3)",
        take: attestation_challenge,
    },
    Member {
        of: CERTIFIED,
        name: "authority-key-id",
        kind: Kind::Bytes,
        summary: "keyIdentifier of the authorityKeyIdentifier (RFC 5280, section 4.2.1.1)",
        take: |value| first_bytes(value, Certificate::authority_key_id),
    },
    Member {
        of: &[Kind::Credential, Kind::Chain],
        name: "certificate",
        kind: Kind::Certificate,
        summary: "the end entity's certificate",
        take: first_certificate,
    },
    Member {
        of: &[Kind::Credential],
        name: "chain",
        kind: Kind::Chain,
        summary: "its certificates, end entity first",
        take: |value| value.certificates().map(Value::Chain),
    },
    Member {
        of: &[Kind::CertificateSigningRequest],
        name: "challenge",
        kind: Kind::Text,
        summary: "the challengePassword attribute",
        take: challenge,
    },
    Member {
        of: CERTIFIED,
        name: "common-name",
        kind: Kind::Text,
        summary: "CN of the subject",
        take: |value| first(value, Certificate::common_name),
    },
    Member {
        of: &[Kind::Session],
        name: "exporter",
        kind: Kind::Bytes,
        summary: "channel binding `tls-exporter`, 32 bytes (RFC 9266)",
        take: exporter,
    },
    Member {
        of: CERTIFIED,
        name: "fabric-id",
        kind: Kind::Text,
        summary: "matter-fabric-id of the subject, 16 hexadecimal digits",
        take: |value| first(value, |certificate| subject_attribute(certificate, "matter-fabric-id")),
    },
    Member {
        of: CERTIFIED,
        name: "fingerprint",
        kind: Kind::Text,
        summary: "SHA-256 of the certificate's DER, hexadecimal digits",
        take: |value| first(value, |certificate| Some(certificate.sha256())),
    },
    Member {
        of: &[Kind::Session],
        name: "identity",
        kind: Kind::Text,
        summary: "the name under which the opener presented itself without a certificate: its PSK identity (RFC 4279, section 2); only the other end has it",
        take: identity,
    },
    Member {
        of: CERTIFIED,
        name: "issuer",
        kind: Kind::Text,
        summary: "issuer's distinguished name",
        take: |value| first(value, |certificate| Some(certificate.issuer())),
    },
    Member {
        of: KEYED_OR_KEY,
        name: "jwk-thumbprint",
        kind: Kind::Text,
        summary: "SHA-256 thumbprint of the public key as a JWK, base64url (RFC 7638)",
        take: |value| value.public_key().map(|key| Value::Text(jwk::thumbprint(&key))),
    },
    Member { of: &[Kind::Credential], name: "key", kind: Kind::PrivateKey, summary: "its private key", take: key },
    Member {
        of: &[Kind::Credential, Kind::Chain],
        name: "last",
        kind: Kind::Certificate,
        summary: "the last of its certificates, nearest to the root",
        take: |value| value.certificates()?.last().cloned().map(Value::Certificate),
    },
    Member {
        of: CERTIFIED,
        name: "masa-url",
        kind: Kind::Text,
        summary: "MASA URL extension (RFC 8995, section 2.3.2)",
        take: |value| first(value, Certificate::masa_url),
    },
    Member {
        of: CERTIFIED,
        name: "node-id",
        kind: Kind::Text,
        summary: "matter-node-id of the subject, 16 hexadecimal digits",
        take: |value| first(value, |certificate| subject_attribute(certificate, "matter-node-id")),
    },
    Member {
        of: &[Kind::Session],
        name: "peer",
        kind: Kind::Chain,
        summary: "the chain that the other end presented",
        take: peer,
    },
    Member {
        of: CERTIFIED,
        name: "product-id",
        kind: Kind::Text,
        summary: "matter-product-id of the subject, 4 hexadecimal digits",
        take: |value| first(value, |certificate| certificate.subject_fields().product_id.clone()),
    },
    Member {
        of: KEYED,
        name: "public-key",
        kind: Kind::PublicKey,
        summary: "the public key",
        take: |value| value.public_key().map(Value::PublicKey),
    },
    Member {
        of: CERTIFIED,
        name: "serial",
        kind: Kind::Text,
        summary: "the certificate's serial number, hexadecimal digits",
        take: |value| first(value, |certificate| Some(certificate.serial_hex())),
    },
    Member {
        of: CERTIFIED,
        name: "serial-number",
        kind: Kind::Text,
        summary: "serialNumber attribute of the subject",
        take: |value| first(value, Certificate::subject_serial_number),
    },
    Member {
        of: &[Kind::Bytes, Kind::Token],
        name: "signer",
        kind: Kind::Chain,
        summary: "the signer's chain in a CMS message, or in the header of a JWS (`x5c`), not verified yet",
        take: signer,
    },
    Member {
        of: KEYED,
        name: "spki-sha256",
        kind: Kind::Text,
        summary: "SHA-256 of the SubjectPublicKeyInfo, hexadecimal digits",
        take: |value| value.public_key().map(|key| Value::Text(hex::encode(key.spki_sha256()))),
    },
    Member {
        of: &[Kind::Certificate, Kind::Chain, Kind::Credential, Kind::CertificateSigningRequest],
        name: "subject",
        kind: Kind::Text,
        summary: "subject's distinguished name",
        take: subject,
    },
    Member {
        of: CERTIFIED,
        name: "subject-key-id",
        kind: Kind::Bytes,
        summary: "the subjectKeyIdentifier (RFC 5280, section 4.2.1.2)",
        take: |value| first_bytes(value, Certificate::subject_key_id),
    },
    Member {
        of: CERTIFIED,
        name: "vendor-id",
        kind: Kind::Text,
        summary: "matter-vendor-id of the subject, 4 hexadecimal digits",
        take: |value| first(value, |certificate| certificate.subject_fields().vendor_id.clone()),
    },
];

/// The kind of the member `name` of a value of kind `kind`: `Err` with the known members where there is no such,
/// `Ok(None)` where only the run can tell.
pub fn kind_of(kind: Option<Kind>, name: &str) -> Result<Option<Kind>, Vec<&'static str>> {
    match kind {
        None | Some(Kind::Members) => Ok(None),
        Some(kind) => {
            let own: Vec<&Member> = MEMBERS.iter().filter(|member| member.of.contains(&kind)).collect();
            own.iter()
                .find(|member| member.name == name)
                .map(|member| Some(member.kind))
                .ok_or_else(|| own.iter().map(|member| member.name).collect())
        }
    }
}

/// The member `name` of `value`, where it has it.
pub fn member(value: &Value, name: &str) -> Option<Value> {
    if let Value::Members(members) = value {
        return members.get(name).cloned();
    }
    let kind = value.kind();
    MEMBERS
        .iter()
        .find(|member| member.name == name && member.of.contains(&kind))
        .and_then(|member| (member.take)(value))
}

fn first(value: &Value, take: impl Fn(&Certificate) -> Option<String>) -> Option<Value> {
    take(value.certificates()?.first()?).map(Value::Text)
}

fn first_bytes(value: &Value, take: impl Fn(&Certificate) -> Option<&[u8]>) -> Option<Value> {
    take(value.certificates()?.first()?).map(|bytes| Value::Bytes(bytes.to_vec()))
}

fn first_certificate(value: &Value) -> Option<Value> {
    Some(Value::Certificate(value.certificates()?.first()?.clone()))
}

fn key(value: &Value) -> Option<Value> {
    match value {
        Value::Credential(credential) => Some(Value::PrivateKey(credential.key.clone())),
        _ => None,
    }
}

fn subject(value: &Value) -> Option<Value> {
    match value {
        Value::CertificateSigningRequest(request) => Some(Value::Text(request.subject())),
        other => first(other, |certificate| Some(certificate.subject())),
    }
}

fn challenge(value: &Value) -> Option<Value> {
    match value {
        Value::CertificateSigningRequest(request) => request.challenge_password().map(Value::Text),
        _ => None,
    }
}

fn signer(value: &Value) -> Option<Value> {
    let chain: Vec<Certificate> = match value {
        Value::Bytes(der) => SignedData::from_der(der).ok()?.signer(),
        Value::Token(text) => {
            let chain = Jws::decode(text).ok()?.certificates().ok()?;
            chain.iter().map(|der| Certificate::from_der(der).ok()).collect::<Option<_>>()?
        }
        _ => return None,
    };
    (!chain.is_empty()).then_some(Value::Chain(chain))
}

fn attestation_challenge(value: &Value) -> Option<Value> {
    match value {
        Value::Session(session) if session.protocol.starts_with("Matter") => exporter(value),
        _ => None,
    }
}

fn exporter(value: &Value) -> Option<Value> {
    match value {
        Value::Session(session) => Some(Value::Bytes(session.exporter.clone())),
        _ => None,
    }
}

fn identity(value: &Value) -> Option<Value> {
    match value {
        Value::Session(session) => session.identity.clone().map(Value::Text),
        _ => None,
    }
}

fn peer(value: &Value) -> Option<Value> {
    match value {
        Value::Session(session) if !session.peer_chain.is_empty() => Some(Value::Chain(session.peer_chain.clone())),
        _ => None,
    }
}
