//! JSON Web Signatures.

use super::acting::wrong_kind;
use super::verify_chain::ANCHORS;
use super::{Accepts, Acting, Bearing, Operation, Refused, Shape, Spec, needs, takes};
use crate::crypto::certificate::Certificate;
use crate::crypto::chain::{self, Usage};
use crate::crypto::key::{PublicKey, SignatureForm, WRONG_ALGORITHM};
use crate::crypto::mac;
use crate::protocol::jws::{Jws, to_general, x5c};
use crate::trace::ArtifactKind;
use crate::value::{Value, from_json};

/// Signs.
pub struct JwsSign;

/// Verifies, and opens the payload.
pub struct JwsVerify;

impl Operation for JwsSign {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "jws-sign",
                summary: "Signs JSON as a JWS: HS256 with a secret; with a private key ES256, ES384, EdDSA or RS256, as the key is.",
                standard: "RFC 7515",
                shape: Shape::Local,
                params: &[
                    needs(
                        "key",
                        Accepts::Kinds(&[ArtifactKind::PrivateKey, ArtifactKind::Credential, ArtifactKind::Secret]),
                        "the key; the chain of a credential goes into the header as `x5c`",
                    ),
                    needs("payload", Accepts::Table, "members of the payload"),
                    takes("type", Accepts::Text, "`typ` of the header"),
                    takes(
                        "serialization",
                        Accepts::Choice(&["compact", "general-json"]),
                        "how it is written (RFC 7515, section 7); `compact` where absent",
                    ),
                ],
                result: Some(ArtifactKind::Token),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let args = &acting.args;
        let payload = args.find("payload").map(super::Arg::json).unwrap_or_default().to_string();
        let mut header = serde_json::Map::new();
        let key = args.need("key")?.clone();
        let algorithm = match &key {
            Value::Secret(_) => "HS256",
            _ => algorithm(&args.signing_key("key")?.public())?,
        };
        header.insert("alg".to_owned(), algorithm.into());
        header.extend(args.text("type").map(|text| ("typ".to_owned(), text.into())));
        if let Value::Credential(credential) = &key {
            let chain: Vec<&[u8]> = credential.chain.iter().map(Certificate::der).collect();
            header.insert("x5c".to_owned(), x5c(&chain));
        }
        let payload = payload.as_bytes();
        let token = Jws::encode(&header, payload, |input| match &key {
            Value::Secret(secret) => Ok(mac::hmac_sha256(secret, input).to_vec()),
            _ => args.signing_key("key").and_then(|key| Ok(key.sign(SignatureForm::JOSE, input)?)),
        })?;
        let is_general = args.text_or("serialization", "compact") == "general-json";
        Ok(Some(Value::Token(if is_general { to_general(&token) } else { token })))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { keys: &["key"], relies_on: &["key"], passes_on: &["payload"], ..Bearing::NONE } }
    }
}

impl Operation for JwsVerify {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "jws-verify",
                summary: "Verifies a JWS with a key, or with the chain in its header up to a trust anchor; the result is the payload's members.",
                standard: "RFC 7515, section 5.2",
                shape: Shape::Local,
                params: &[
                    needs("token", Accepts::Text, "the JWS"),
                    takes(
                        "key",
                        Accepts::Kinds(&[
                            ArtifactKind::PublicKey,
                            ArtifactKind::Certificate,
                            ArtifactKind::Chain,
                            ArtifactKind::Secret,
                        ]),
                        "the key that must have signed",
                    ),
                    takes("anchors", ANCHORS, "where the chain in the header must end, if no key is given"),
                    takes(
                        "type",
                        Accepts::Text,
                        "`typ` that the header must have, so that no token of another kind is taken for one (RFC 8725, section 3.11)",
                    ),
                ],
                result: Some(ArtifactKind::Members),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let token = acting.args.text_or("token", "");
        let jws = Jws::decode(&token)?;
        check_type(acting, &jws)?;
        match acting.args.value("key").cloned() {
            Some(Value::Secret(secret)) => {
                acting.check("the MAC of the token is right");
                check_algorithm(&jws, "HS256")?;
                let tag = mac::hmac_sha256(&secret, jws.signing_input.as_bytes());
                if tag.as_slice() != jws.signature {
                    return Err(Refused::policy("bad-signature", "the MAC of the token is wrong"));
                }
            }
            Some(key) => {
                acting.check("the signature of the token is right");
                verify_with_key(&jws, &key.public_key().ok_or_else(|| wrong_kind("key", &key))?)?;
            }
            None => verify_with_chain(acting, &jws)?,
        }
        let payload: serde_json::Value = serde_json::from_slice(&jws.payload)
            .map_err(|error| Refused::malformed(format!("the payload is no JSON: {error}")))?;
        Ok(Some(from_json(&payload)))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { verifies: &["token"], keys: &["key"], relies_on: &["anchors", "key"], ..Bearing::NONE } }
    }
}

/// Refuses a token that says that it is of another kind; kinds are compared without case (RFC 7519, section 5.1).
fn check_type(acting: &mut Acting<'_>, jws: &Jws) -> Result<(), Refused> {
    let Some(required) = acting.args.text("type") else { return Ok(()) };
    acting.check(format!("the token is of type `{required}`"));
    let found = jws.header.get("typ").and_then(serde_json::Value::as_str).unwrap_or_default();
    if found.eq_ignore_ascii_case(&required) {
        return Ok(());
    }
    Err(Refused::policy("wrong-type", format!("the token is of type `{found}`, `{required}` is required")))
}

fn verify_with_chain(acting: &mut Acting<'_>, jws: &Jws) -> Result<(), Refused> {
    acting.check("the signer's chain ends at a trust anchor");
    let anchors = acting.args.certificates("anchors")?;
    let chain: Vec<Certificate> =
        jws.certificates()?.iter().map(|der| Certificate::from_der(der)).collect::<Result<_, _>>()?;
    let signer = chain.first().ok_or_else(|| Refused::policy("no-certificate", "the header has no `x5c`"))?;
    chain::verify(&chain, &anchors, Usage::Any, None, &[], acting.clock)?;
    acting.check("the signature of the token is right");
    verify_with_key(jws, &signer.public_key())
}

fn verify_with_key(jws: &Jws, key: &PublicKey) -> Result<(), Refused> {
    check_algorithm(jws, algorithm(key)?)?;
    key.verify(SignatureForm::JOSE, jws.signing_input.as_bytes(), &jws.signature)?;
    Ok(())
}

/// The algorithm that goes with a key.
fn algorithm(key: &PublicKey) -> Result<&'static str, Refused> {
    let none = || Refused::policy(WRONG_ALGORITHM, format!("a key of {} signs no token", key.title()));
    key.algorithm().jws_name().ok_or_else(none)
}

/// The algorithm is the verifier's choice, never the token's (RFC 8725, section 3.1).
fn check_algorithm(jws: &Jws, algorithm: &str) -> Result<(), Refused> {
    if jws.algorithm() == algorithm {
        return Ok(());
    }
    Err(Refused::policy("wrong-algorithm", format!("the token says `{}`, `{algorithm}` is required", jws.algorithm())))
}
