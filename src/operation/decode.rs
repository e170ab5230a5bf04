//! Text and bytes → typed values.

use std::collections::BTreeMap;

use super::matter_elements;
use super::{Accepts, Acting, Operation, Refused, Shape, Spec, needs, takes};
use crate::crypto::certificate::Certificate;
use crate::crypto::cms::SignedData;
use crate::crypto::crl::CertificateRevocationList;
use crate::crypto::csr::CertificateSigningRequest;
use crate::crypto::key::PublicKey;
use crate::protocol::encoding::{self, Pem};
use crate::protocol::sas::SasToken;
use crate::trace::ArtifactKind;
use crate::value::{Value, from_json};

/// Decodes a value that came as text or bytes.
pub struct Decode;

const KINDS: &[&str] = &[
    "bytes",
    "certificate",
    "certs-only",
    "chain",
    "crl",
    "csr",
    "json",
    "matter-attestation-elements",
    "matter-certificate",
    "matter-declaration",
    "matter-nocsr-elements",
    "public-key",
    "sas",
    "secret",
    "text",
];
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
                    needs(
                        "as",
                        Accepts::Choice(KINDS),
                        "what it is to become; `certs-only` is the chain in a CMS message without signer, `sas` a shared access signature",
                    ),
                ],
                // Of the kind that `as` names; see `result`.
                result: Some(ArtifactKind::Bytes),
                fields: &[],
            }
        }
    }

    fn result(&self, written: &dyn Fn(&str) -> Option<String>) -> Option<ArtifactKind> {
        kind(&written("as")?)
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let encoding = acting.args.text_or("encoding", "none");
        let kind = acting.args.text_or("as", "bytes");
        let raw = acting.args.bytes("value")?;
        let items = undo(&encoding, &raw)?;
        let first = items.first().cloned().unwrap_or_default();
        if let Some(read) = matter_elements::decode(&kind, &first) {
            return read.map(Some);
        }
        Ok(Some(match kind.as_str() {
            "certificate" => Value::Certificate(Certificate::from_der(&first).map_err(malformed)?),
            "certs-only" => Value::Chain(certificates_only(&first)?),
            "chain" => Value::Chain(
                items.iter().map(|der| Certificate::from_der(der)).collect::<Result<_, _>>().map_err(malformed)?,
            ),
            "crl" => Value::CertificateRevocationList(CertificateRevocationList::from_der(&first).map_err(malformed)?),
            "csr" => Value::CertificateSigningRequest(CertificateSigningRequest::from_der(&first).map_err(malformed)?),
            "json" => from_json(
                &serde_json::from_slice(&first).map_err(|error| Refused::malformed(format!("no JSON: {error}")))?,
            ),
            "public-key" => Value::PublicKey(PublicKey::from_spki_der(&first).map_err(malformed)?),
            "sas" => sas_members(&SasToken::decode(&utf8(first)?)?)?,
            "secret" => Value::Secret(first),
            "text" => Value::Text(utf8(first)?),
            _ => Value::Bytes(first),
        }))
    }
}

/// The kind that a word of `as` means.
fn kind(word: &str) -> Option<ArtifactKind> {
    Some(match word {
        "bytes" => ArtifactKind::Bytes,
        "certificate" | "matter-certificate" => ArtifactKind::Certificate,
        "certs-only" | "chain" => ArtifactKind::Chain,
        "crl" => ArtifactKind::CertificateRevocationList,
        "csr" => ArtifactKind::CertificateSigningRequest,
        "json" | "matter-attestation-elements" | "matter-declaration" | "matter-nocsr-elements" | "sas" => {
            ArtifactKind::Members
        }
        "public-key" => ArtifactKind::PublicKey,
        "secret" => ArtifactKind::Secret,
        "text" => ArtifactKind::Text,
        _ => return None,
    })
}

/// The chain in a certs-only message, end entity first (RFC 7030, section 4.1.3).
fn certificates_only(der: &[u8]) -> Result<Vec<Certificate>, Refused> {
    let chain = SignedData::from_der(der).map_err(malformed)?.chain();
    if chain.is_empty() { Err(Refused::malformed("the message has no certificate")) } else { Ok(chain) }
}

fn utf8(bytes: Vec<u8>) -> Result<String, Refused> {
    String::from_utf8(bytes).map_err(|error| Refused::malformed(format!("no UTF-8: {error}")))
}

/// Members of a shared access signature, and the text that its signature must be over.
fn sas_members(token: &SasToken) -> Result<Value, Refused> {
    let text = |name: &str, text: String| (name.to_owned(), Value::Text(text));
    let mut members = BTreeMap::from([
        text("expiry", token.expiry.to_string()),
        text("resource", token.resource()?),
        text("signed", token.string_to_sign()),
        ("signature".to_owned(), Value::Bytes(token.signature.clone())),
    ]);
    members.extend(token.key_name.clone().map(|name| text("key-name", name)));
    Ok(Value::Members(members))
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
