//! Text and bytes → typed values.

use super::{Accepts, Acting, Operation, Refused, Shape, Spec, needs, takes};
use crate::crypto::certificate::Certificate;
use crate::crypto::crl::CertificateRevocationList;
use crate::crypto::csr::CertificateSigningRequest;
use crate::crypto::key::PublicKey;
use crate::protocol::encoding::{self, Pem};
use crate::trace::ArtifactKind;
use crate::value::{Value, from_json};

/// Decodes a value that came as text or bytes.
pub struct Decode;

const KINDS: &[&str] = &["bytes", "certificate", "chain", "crl", "csr", "json", "public-key", "secret", "text"];
const ENCODINGS: &[&str] = &["base64", "base64url", "hex", "none", "pem"];

impl Operation for Decode {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "decode",
                summary: "Reads text or bytes as a typed value, and refuses what is malformed.",
                standard: "RFC 4648; RFC 7468",
                shape: Shape::Local,
                params: &[
                    needs("value", Accepts::Any, "what to read"),
                    takes("encoding", Accepts::Choice(ENCODINGS), "how the bytes are written; `none` where absent"),
                    needs("as", Accepts::Choice(KINDS), "what it is to become"),
                ],
                // Of the kind that `as` names; see `kind`.
                result: Some(ArtifactKind::Bytes),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let encoding = acting.args.text_or("encoding", "none");
        let kind = acting.args.text_or("as", "bytes");
        let raw = acting.args.bytes("value")?;
        let items = undo(&encoding, &raw)?;
        let first = items.first().cloned().unwrap_or_default();
        Ok(Some(match kind.as_str() {
            "certificate" => Value::Certificate(Certificate::from_der(&first).map_err(malformed)?),
            "chain" => Value::Chain(
                items.iter().map(|der| Certificate::from_der(der)).collect::<Result<_, _>>().map_err(malformed)?,
            ),
            "crl" => Value::CertificateRevocationList(CertificateRevocationList::from_der(&first).map_err(malformed)?),
            "csr" => Value::CertificateSigningRequest(CertificateSigningRequest::from_der(&first).map_err(malformed)?),
            "json" => from_json(
                &serde_json::from_slice(&first).map_err(|error| Refused::malformed(format!("no JSON: {error}")))?,
            ),
            "public-key" => Value::PublicKey(PublicKey::from_spki_der(&first).map_err(malformed)?),
            "secret" => Value::Secret(first),
            "text" => {
                Value::Text(String::from_utf8(first).map_err(|error| Refused::malformed(format!("no UTF-8: {error}")))?)
            }
            _ => Value::Bytes(first),
        }))
    }
}

/// The kind of the result where `as` says so.
pub fn kind(word: &str) -> Option<ArtifactKind> {
    Some(match word {
        "bytes" => ArtifactKind::Bytes,
        "certificate" => ArtifactKind::Certificate,
        "chain" => ArtifactKind::Chain,
        "crl" => ArtifactKind::CertificateRevocationList,
        "csr" => ArtifactKind::CertificateSigningRequest,
        "json" => ArtifactKind::Members,
        "public-key" => ArtifactKind::PublicKey,
        "secret" => ArtifactKind::Secret,
        "text" => ArtifactKind::Text,
        _ => return None,
    })
}

fn undo(encoding: &str, raw: &[u8]) -> Result<Vec<Vec<u8>>, Refused> {
    if encoding == "none" {
        return Ok(vec![raw.to_vec()]);
    }
    let text = std::str::from_utf8(raw).map_err(|error| Refused::malformed(format!("no text: {error}")))?;
    Ok(match encoding {
        "base64" => vec![encoding::from_base64_lenient(text)?],
        "base64url" => vec![encoding::from_base64url(text)?],
        "hex" => vec![encoding::from_hex(text)?],
        _ => Pem::decode_all(text)?.into_iter().map(|pem| pem.der).collect(),
    })
}

/// A parser's refusal is always `malformed` here, whatever the library calls it.
fn malformed(refusal: crate::crypto::refusal::Refusal) -> Refused {
    Refused { code: "malformed".to_owned(), ..Refused::from(refusal) }
}
