//! Signatures over any bytes.

use super::{Accepts, Acting, Args, Bearing, Makes, Operation, Param, Refused, Shape, Spec, needs, takes};
use crate::annotation::Kind;
use crate::crypto::key::{EcdsaForm, RsaPadding, SignatureForm, WRONG_ALGORITHM};
use crate::trace::ArtifactKind;
use crate::value::Value;

/// Signs.
pub struct Sign;

/// Verifies.
pub struct Verify;

const STANDARD: &str = "FIPS 186-5, section 6; RFC 6979; RFC 8032; RFC 8017, section 8";
const FORMAT: Param = takes(
    "format",
    Accepts::Choice(&["der", "raw"]),
    "how r and s of ECDSA are written: in DER (RFC 3279), or one after the other (RFC 7518); `raw` where absent",
);
const SCHEME: Param = takes(
    "scheme",
    Accepts::Choice(&["pkcs1", "pss"]),
    "for RSA: RSASSA-PKCS1-v1_5 or RSASSA-PSS, with SHA-256; `pss` where absent",
);

impl Operation for Sign {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "sign",
                summary: "Signs bytes; the algorithm follows from the key: ECDSA with SHA-256 (P-256) or SHA-384 (P-384), Ed25519, RSA.",
                standard: STANDARD,
                shape: Shape::Local,
                params: &[
                    needs(
                        "key",
                        Accepts::Kinds(&[ArtifactKind::PrivateKey, ArtifactKind::Credential]),
                        "the private key",
                    ),
                    needs("data", Accepts::Parts, "what to sign; of a list the items, one after the other"),
                    FORMAT,
                    SCHEME,
                ],
                result: Some(ArtifactKind::Bytes),
                fields: &[],
            }
        }
    }

    fn makes(&self) -> Kind {
        Kind::Signature
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let args = &acting.args;
        let key = args.signing_key("key")?;
        Ok(Some(Value::Bytes(key.sign(form(args), &args.joined("data")?)?)))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { relies_on: &["key"], keys: &["key"], makes: Makes::Signature, ..Bearing::NONE } }
    }
}

impl Operation for Verify {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "verify",
                summary: "Verifies a signature over bytes with a public key, and refuses any other.",
                standard: STANDARD,
                shape: Shape::Local,
                params: &[
                    needs(
                        "key",
                        Accepts::Kinds(&[ArtifactKind::PublicKey, ArtifactKind::Certificate, ArtifactKind::Chain]),
                        "the key that must have signed; of a certificate only the key counts, see `verify-chain`",
                    ),
                    needs(
                        "data",
                        Accepts::Parts,
                        "what must have been signed; of a list the items, one after the other",
                    ),
                    needs("signature", Accepts::Kinds(&[ArtifactKind::Bytes]), "the signature"),
                    FORMAT,
                    SCHEME,
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        acting.check("the signature is right");
        let args = &acting.args;
        let key = args.public_key("key")?;
        if !key.algorithm().signs() {
            return Err(Refused::policy(WRONG_ALGORITHM, format!("a key of {} signs nothing", key.title())));
        }
        key.verify(form(args), &args.joined("data")?, &args.bytes("signature")?)?;
        Ok(None)
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { verifies: &["data", "signature"], relies_on: &["key"], ..Bearing::NONE } }
    }
}

fn form(args: &Args) -> SignatureForm {
    SignatureForm {
        ecdsa: if args.text_or("format", "raw") == "der" { EcdsaForm::Der } else { EcdsaForm::Raw },
        rsa: if args.text_or("scheme", "pss") == "pkcs1" { RsaPadding::Pkcs1 } else { RsaPadding::Pss },
    }
}
