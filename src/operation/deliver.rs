//! Values handed over on a link whose real framing is not modelled: a serial line in a factory, a shipment file.

use std::collections::BTreeMap;

use super::{Accepts, Acting, Arg, Layout, Members, Message, MessageField, Operation, Refused, Shape, Spec, takes};
use crate::crypto::certificate::Certificate;
use crate::crypto::crl::CertificateRevocationList;
use crate::crypto::csr::CertificateSigningRequest;
use crate::crypto::key::{PrivateKey, PublicKey};
use crate::crypto::refusal::Refusal;
use crate::protocol::{Malformed, handover};
use crate::trace::ArtifactKind;
use crate::value::Value;

/// Hands values over.
pub struct Deliver;

impl Operation for Deliver {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "deliver",
                summary: "Hands values over, each under its name, as a CBOR map whose layout both ends agreed on beforehand.",
                standard: "RFC 8949, section 4.2.1",
                shape: Shape::Message,
                params: &[takes("*", Accepts::Any, "a value to hand over, under a name of the author's choice")],
                result: None,
                fields: &[MessageField {
                    name: "*",
                    kind: ArtifactKind::Bytes,
                    summary: "a value that was handed over, of the kind that it had",
                }],
            }
        }
    }

    fn encode(&self, acting: &mut Acting<'_>) -> Result<Message, Refused> {
        let values: BTreeMap<String, handover::Value> = acting
            .args
            .0
            .iter()
            .filter_map(|(name, arg)| match arg {
                Arg::Value(value) => Some((name.clone(), written(value))),
                Arg::Boolean(_) | Arg::Layout(_) | Arg::List(_) | Arg::Table(_) => None,
            })
            .collect();
        let label = values.keys().cloned().collect::<Vec<_>>().join(", ");
        Ok(Message { label, layer: handover::encode(&values).into_layer("CBOR map") })
    }

    fn decode(&self, bytes: &[u8], layout: &Layout) -> Result<Members, String> {
        let values = handover::decode(bytes).map_err(|malformed| malformed.message)?;
        values
            .into_iter()
            .map(|(name, value)| {
                let kind = layout.get(&name).ok_or_else(|| format!("`{name}` was not agreed on"))?;
                read(kind, value).map(|value| (name.clone(), value)).map_err(|why| format!("`{name}`: {why}"))
            })
            .collect()
    }
}

fn written(value: &Value) -> handover::Value {
    match value {
        Value::Number(number) => handover::Value::Integer(*number),
        Value::QrPayload(text) | Value::Text(text) | Value::Token(text) => handover::Value::Text(text.clone()),
        Value::Chain(chain) | Value::TrustAnchors(chain) => {
            handover::Value::Array(chain.iter().map(|certificate| certificate.der().to_vec()).collect())
        }
        other => handover::Value::Bytes(other.canonical()),
    }
}

fn read(kind: ArtifactKind, value: handover::Value) -> Result<Value, String> {
    match (kind, value) {
        (ArtifactKind::Number, handover::Value::Integer(number)) => Ok(Value::Number(number)),
        (ArtifactKind::Text, handover::Value::Text(text)) => Ok(Value::Text(text)),
        (ArtifactKind::Token, handover::Value::Text(text)) => Ok(Value::Token(text)),
        (ArtifactKind::QrPayload, handover::Value::Text(text)) => Ok(Value::QrPayload(text)),
        (ArtifactKind::Chain, handover::Value::Array(items)) => certificates(&items).map(Value::Chain),
        (ArtifactKind::TrustAnchors, handover::Value::Array(items)) => certificates(&items).map(Value::TrustAnchors),
        (kind, handover::Value::Bytes(bytes)) => from_bytes(kind, bytes),
        (kind, _) => Err(format!("the bytes are no {}", kind.title())),
    }
}

/// The value of kind `kind` whose canonical encoding is `bytes`.
pub(super) fn from_bytes(kind: ArtifactKind, bytes: Vec<u8>) -> Result<Value, String> {
    let refused = |refusal: Refusal| refusal.message;
    match kind {
        ArtifactKind::Bytes => Ok(Value::Bytes(bytes)),
        ArtifactKind::Secret => Ok(Value::Secret(bytes)),
        ArtifactKind::Certificate => Certificate::from_der(&bytes).map(Value::Certificate).map_err(refused),
        ArtifactKind::CertificateSigningRequest => {
            CertificateSigningRequest::from_der(&bytes).map(Value::CertificateSigningRequest).map_err(refused)
        }
        ArtifactKind::CertificateRevocationList => {
            CertificateRevocationList::from_der(&bytes).map(Value::CertificateRevocationList).map_err(refused)
        }
        ArtifactKind::PrivateKey => PrivateKey::from_pkcs8_der(&bytes).map(Value::PrivateKey).map_err(refused),
        ArtifactKind::PublicKey => PublicKey::from_spki_der(&bytes).map(Value::PublicKey).map_err(refused),
        ArtifactKind::Token => String::from_utf8(bytes).map(Value::Token).map_err(|error| error.to_string()),
        ArtifactKind::Chain
        | ArtifactKind::Credential
        | ArtifactKind::Members
        | ArtifactKind::Number
        | ArtifactKind::QrPayload
        | ArtifactKind::Session
        | ArtifactKind::Text
        | ArtifactKind::TrustAnchors => Err(format!("the bytes are no {}", kind.title())),
    }
}

fn certificates(items: &[Vec<u8>]) -> Result<Vec<Certificate>, String> {
    items.iter().map(|der| Certificate::from_der(der).map_err(|refusal| refusal.message)).collect()
}

impl From<Malformed> for Refused {
    fn from(malformed: Malformed) -> Self {
        Self::malformed(malformed.message)
    }
}
