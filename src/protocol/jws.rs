//! JSON Web Signatures in the compact and the general JSON serialisation (RFC 7515); it knows no keys, callers sign and
//! verify.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::encoding::{base64, base64url, from_base64, from_base64url};
use super::writer::Writer;
use super::{Encoded, Malformed, content, ensure};
use crate::annotation::Kind;

/// A JWS, taken apart; nothing is verified yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jws {
    /// Protected header.
    pub header: Map<String, Value>,
    /// Payload.
    pub payload: Vec<u8>,
    /// What was signed: the first two parts as they were received.
    pub signing_input: String,
    /// Signature or MAC; 64 bytes, r then s, for ES256 (RFC 7518, section 3.4).
    pub signature: Vec<u8>,
}

impl Jws {
    /// Writes the token; `sign` gets the signing input and gives the signature or MAC (RFC 7515, section 5.1).
    pub fn encode<E>(
        header: &Map<String, Value>,
        payload: &[u8],
        sign: impl FnOnce(&[u8]) -> Result<Vec<u8>, E>,
    ) -> Result<String, E> {
        let header = Value::Object(header.clone()).to_string();
        let signing_input = format!("{}.{}", base64url(header.as_bytes()), base64url(payload));
        let signature = base64url(&sign(signing_input.as_bytes())?);
        Ok(format!("{signing_input}.{signature}"))
    }

    /// Takes a token apart, in either serialisation; which algorithms are acceptable is for the caller to say.
    pub fn decode(text: &str) -> Result<Self, Malformed> {
        if text.starts_with('{') { Self::decode_compact(&to_compact(text)?) } else { Self::decode_compact(text) }
    }

    fn decode_compact(text: &str) -> Result<Self, Malformed> {
        let parts: Vec<&str> = text.split('.').collect();
        let [header, payload, signature] = parts[..] else {
            return Err(Malformed::new(format!("a compact JWS has 3 parts, not {}", parts.len())));
        };
        let signing_input = format!("{header}.{payload}");
        let header = from_base64url(header).map_err(|malformed| malformed.inside("header"))?;
        let header: Map<String, Value> = serde_json::from_slice(&header)
            .map_err(|error| Malformed::new(format!("not a JSON object: {error}")).inside("header"))?;
        // RFC 7515, section 4.1.11: whoever does not understand what is critical must refuse.
        ensure(!header.contains_key("crit"), || {
            "`header`: `crit` names an extension that is not supported".to_owned()
        })?;
        ensure(header.get("alg").is_some_and(Value::is_string), || "`header`: there is no `alg`".to_owned())?;
        let payload = from_base64url(payload).map_err(|malformed| malformed.inside("payload"))?;
        let signature = from_base64url(signature).map_err(|malformed| malformed.inside("signature"))?;
        Ok(Self { header, payload, signing_input, signature })
    }

    /// The algorithm that the header claims; it may be `none`.
    pub fn algorithm(&self) -> &str {
        self.header.get("alg").and_then(Value::as_str).unwrap_or_default()
    }

    /// The certificates of `x5c` as DER, the signer's first; none where the header has no such member.
    pub fn certificates(&self) -> Result<Vec<Vec<u8>>, Malformed> {
        let Some(x5c) = self.header.get("x5c") else { return Ok(Vec::new()) };
        let entries = x5c.as_array().filter(|entries| !entries.is_empty());
        let entries = entries.ok_or_else(|| Malformed::new("`x5c` is not a list of certificates"))?;
        let one = |entry: &Value| {
            let text = entry.as_str().ok_or_else(|| Malformed::new("not a string"))?;
            from_base64(text)
        };
        entries.iter().map(|entry| one(entry).map_err(|malformed| malformed.inside("x5c"))).collect()
    }
}

/// The general JSON serialisation (RFC 7515, section 7.2.1), as far as it is accepted: one signature, and no header
/// that it does not protect.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct General {
    payload: String,
    signatures: Vec<Signed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Signed {
    protected: String,
    signature: String,
}

/// A compact JWS in the general JSON serialisation; what was signed stays the same.
#[must_use]
pub fn to_general(compact: &str) -> String {
    general_pieces(compact).into_iter().map(|(_, piece)| piece).collect()
}

/// A JWS in the general JSON serialisation as a compact one.
pub fn to_compact(general: &str) -> Result<String, Malformed> {
    let General { payload, signatures } =
        serde_json::from_str(general).map_err(|error| Malformed::new(format!("no JWS in JSON: {error}")))?;
    let [Signed { protected, signature }] = &signatures[..] else {
        return Err(Malformed::new(format!("one signature is expected, not {}", signatures.len())));
    };
    Ok(format!("{protected}.{payload}.{signature}"))
}

/// What the general JSON serialisation consists of, in order; parts of the JWS with their names.
fn general_pieces(compact: &str) -> [(Option<&'static str>, &str); 7] {
    let mut parts = compact.splitn(3, '.');
    let mut part = || parts.next().unwrap_or_default();
    let (header, payload, signature) = (part(), part(), part());
    [
        (None, r#"{"payload":""#),
        (Some(PAYLOAD), payload),
        (None, r#"","signatures":[{"protected":""#),
        (Some(HEADER), header),
        (None, r#"","signature":""#),
        (Some(SIGNATURE), signature),
        (None, r#""}]}"#),
    ]
}

const HEADER: &str = "JWS protected header";
const PAYLOAD: &str = "JWS payload";
const SIGNATURE: &str = "JWS signature";

/// The header member `x5c` for certificates as DER: standard base64, not base64url (RFC 7515, section 4.1.6).
#[must_use]
pub fn x5c(certificates: &[impl AsRef<[u8]>]) -> Value {
    certificates.iter().map(|der| Value::String(base64(der.as_ref()))).collect()
}

/// Explains every byte of a token; one that is no JWS is a single field that says why.
#[must_use]
pub fn describe(text: &str) -> Encoded {
    let jws = match Jws::decode(text) {
        Ok(jws) => jws,
        Err(malformed) => return Encoded::unexplained(text.as_bytes(), malformed),
    };
    let compact = format!("{}.{}", jws.signing_input, base64url(&jws.signature));
    let compact = if text.starts_with('{') { compact } else { text.to_owned() };
    let pieces: Vec<(Option<&str>, &str)> = if text.starts_with('{') {
        general_pieces(&compact).into()
    } else {
        let mut parts = compact.splitn(3, '.');
        let mut part = || parts.next().unwrap_or_default();
        vec![(Some(HEADER), part()), (None, "."), (Some(PAYLOAD), part()), (None, "."), (Some(SIGNATURE), part())]
    };
    if pieces.iter().map(|(_, piece)| *piece).collect::<String>() != text {
        return Encoded::unexplained(text.as_bytes(), Malformed::new("a JWS in JSON, written in another order"));
    }
    // RFC 7518, section 3.1: the algorithms that begin with `HS` are MACs.
    let kind = if jws.algorithm().starts_with("HS") { Kind::Digest } else { Kind::Signature };
    let mut writer = Writer::default();
    for (name, piece) in pieces {
        match name {
            Some(SIGNATURE) => writer.of(kind, SIGNATURE, piece.as_bytes(), hex::encode(&jws.signature)),
            Some(name) => {
                let decoded = from_base64url(piece).unwrap_or_default();
                writer.decoding_to(content::layer("JSON", decoded), name, piece.as_bytes(), "base64url");
            }
            None if piece == "." => writer.text("separator", piece),
            None => writer.of(Kind::Text, "JSON", piece.as_bytes(), piece),
        }
    }
    writer.finish()
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::annotation::Inside;
    use crate::protocol::testing::explained;
    use proptest::prelude::*;
    use serde_json::json;

    fn header(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn token(header_value: &Value) -> String {
        Jws::encode(&header(header_value), b"{}", |_| Ok::<_, Infallible>(vec![1; 64])).unwrap()
    }

    #[test]
    fn a_token_comes_back() {
        let mut signed = Vec::new();
        let text = Jws::encode(&header(&json!({"typ": "JWT", "alg": "ES256"})), br#"{"sub":"x"}"#, |input| {
            signed = input.to_vec();
            Ok::<_, Infallible>(vec![7; 64])
        })
        .unwrap();
        let jws = Jws::decode(&text).unwrap();
        assert_eq!(jws.signing_input.as_bytes(), signed);
        assert_eq!(jws.algorithm(), "ES256");
        assert_eq!(jws.payload, br#"{"sub":"x"}"#);
        assert_eq!(jws.signature, [7; 64]);
        let encoded = describe(&text);
        let Inside::Decoded(layer) = &encoded.fields[0].inside else { panic!("the header is not decoded") };
        assert_eq!(layer.bytes.0, br#"{"alg":"ES256","typ":"JWT"}"#);
        assert_eq!(encoded.fields[4].kind, Kind::Signature);
        assert_eq!(encoded.fields.len(), 5);
        assert_eq!(explained(encoded), text.as_bytes());
    }

    #[test]
    fn the_general_serialisation_carries_the_same_signature() {
        let compact = token(&json!({"alg": "ES256"}));
        let general = to_general(&compact);
        let (header, rest) = compact.split_once('.').unwrap();
        let (payload, signature) = rest.split_once('.').unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(&general).unwrap(),
            json!({"payload": payload, "signatures": [{"protected": header, "signature": signature}]})
        );
        assert_eq!(Jws::decode(&general).unwrap(), Jws::decode(&compact).unwrap());
        assert_eq!(describe(&general).fields.len(), 7);
        assert_eq!(explained(describe(&general)), general.as_bytes());
    }

    #[test]
    fn a_general_serialisation_is_refused_for_the_stated_reason() {
        let refused = |value: &Value| Jws::decode(&value.to_string()).unwrap_err().message;
        assert_eq!(refused(&json!({"payload": "", "signatures": []})), "one signature is expected, not 0");
        let unprotected = json!({"payload": "", "signatures": [{"protected": "", "header": {}, "signature": ""}]});
        assert!(refused(&unprotected).contains("unknown field `header`"));
        let spaced = json!({"payload": "", "signatures": [{"signature": "", "protected": "eyJhbGciOiJub25lIn0"}]});
        let spaced = serde_json::to_string_pretty(&spaced).unwrap();
        assert_eq!(Jws::decode(&spaced).unwrap().algorithm(), "none");
        assert_eq!(explained(describe(&spaced)), spaced.as_bytes());
    }

    #[test]
    fn certificates_travel_in_the_header() {
        let jws = Jws::decode(&token(&json!({"alg": "ES256", "x5c": x5c(&[vec![0xfb, 0xff], vec![1]])}))).unwrap();
        assert_eq!(jws.header["x5c"], json!(["+/8=", "AQ=="]));
        assert_eq!(jws.certificates().unwrap(), [vec![0xfb, 0xff], vec![1]]);
        assert!(Jws::decode(&token(&json!({"alg": "ES256"}))).unwrap().certificates().unwrap().is_empty());
        for wrong in [json!([]), json!("+/8="), json!([1]), json!(["-_8"])] {
            assert!(Jws::decode(&token(&json!({"alg": "ES256", "x5c": wrong}))).unwrap().certificates().is_err());
        }
    }

    #[test]
    fn a_token_is_refused_for_the_stated_reason() {
        let refused = |text: &str| Jws::decode(text).unwrap_err().message;
        assert_eq!(refused("a.b"), "a compact JWS has 3 parts, not 2");
        assert!(refused("a=.b.c").starts_with("`header`: not base64"));
        assert!(refused("bnVsbA..").starts_with("`header`: not a JSON object"));
        assert_eq!(refused(&token(&json!({}))), "`header`: there is no `alg`");
        assert!(refused(&token(&json!({"alg": "ES256", "crit": ["exp"]}))).contains("`crit`"));
        assert!(refused("eyJhbGciOiJub25lIn0.$.").starts_with("`payload`: not base64"));
        assert_eq!(Jws::decode("eyJhbGciOiJub25lIn0..").unwrap().algorithm(), "none");
        assert_eq!(explained(describe("a.b")), b"a.b");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_decoder_panic(text in "[A-Za-z0-9_.=-]{0,40}") {
            prop_assert_eq!(explained(describe(&text)), text.as_bytes());
        }
    }
}
