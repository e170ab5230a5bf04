//! Keys of a TPM 2.0, and credentials that only that TPM can read.

use super::acting::Args;
use super::{Accepts, Acting, Bearing, Operation, Param, Refused, Shape, Spec, needs};
use crate::annotation::Kind;
use crate::crypto::key::{self, Algorithm, PrivateKey, PublicKey};
use crate::crypto::mac::sha256;
use crate::crypto::tpm::Agreement;
use crate::protocol::tpm::{CredentialBlob, MAX_CREDENTIAL, Point, SHA256, Template};
use crate::trace::ArtifactKind;
use crate::value::Value;

/// The public area of a key.
pub struct TpmPublic;

/// The name of a key.
pub struct TpmName;

/// Makes a credential.
pub struct TpmMakeCredential;

/// Reads a credential.
pub struct TpmActivateCredential;

const PUBLIC: Accepts = Accepts::Kinds(&[ArtifactKind::Bytes]);
const NAME: Param = needs("name", PUBLIC, "name of the object to which the credential is bound, 34 bytes");

impl Operation for TpmPublic {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "tpm-public",
                summary: "Writes the public area of a P-256 key as a TPM shows it, with its size (`TPM2B_PUBLIC`).",
                standard: "TCG TPM 2.0 Library, part 2, section 12.2.5",
                shape: Shape::Local,
                params: &[
                    needs("key", Accepts::Kinds(&[ArtifactKind::PrivateKey, ArtifactKind::PublicKey]), "the key"),
                    needs(
                        "template",
                        Accepts::Choice(&["endorsement", "storage"]),
                        "attributes and policy: of an endorsement key or of a storage root key",
                    ),
                ],
                result: Some(ArtifactKind::Bytes),
                fields: &[],
            }
        }
    }

    fn makes(&self) -> Kind {
        Kind::Key
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let args = &acting.args;
        let storage = args.text_or("template", "endorsement") == "storage";
        let template = if storage { Template::Storage } else { Template::Endorsement };
        let encoded = template.public(point(&args.public_key("key")?)?);
        let bytes = encoded.bytes.clone();
        acting.layer = Some(encoded.into_layer("TPM2B_PUBLIC"));
        Ok(Some(Value::Bytes(bytes)))
    }
}

impl Operation for TpmName {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "tpm-name",
                summary: "Computes the name of an object: the hash algorithm, and the digest of its public area.",
                standard: "TCG TPM 2.0 Library, part 1, section 16",
                shape: Shape::Local,
                params: &[needs("public", PUBLIC, "its public area, `TPM2B_PUBLIC`")],
                result: Some(ArtifactKind::Bytes),
                fields: &[],
            }
        }
    }

    fn makes(&self) -> Kind {
        Kind::Digest
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let (template, point) = public(&acting.args, "public")?;
        let digest = sha256(&template.public_area(point).bytes);
        Ok(Some(Value::Bytes([&SHA256[..], &digest].concat())))
    }
}

impl Operation for TpmMakeCredential {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "tpm-make-credential",
                summary: "Encrypts a secret for the TPM that holds an endorsement key and the object of a name (`TPM2_MakeCredential`).",
                standard: "TCG TPM 2.0 Library, part 1, section 24",
                shape: Shape::Local,
                params: &[
                    needs("endorsement", PUBLIC, "public area of the endorsement key, `TPM2B_PUBLIC`"),
                    NAME,
                    needs("secret", Accepts::Kinds(&[ArtifactKind::Secret]), "the credential, at most 32 bytes"),
                ],
                result: Some(ArtifactKind::Bytes),
                fields: &[],
            }
        }
    }

    fn makes(&self) -> Kind {
        Kind::Ciphertext
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let args = &acting.args;
        let (_, endorsement) = public(args, "endorsement")?;
        let secret = args.bytes("secret")?;
        if secret.len() > MAX_CREDENTIAL {
            let message = format!("a credential has at most {MAX_CREDENTIAL} bytes, not {}", secret.len());
            return Err(Refused::policy("wrong-length", message));
        }
        let ephemeral = PrivateKey::generate();
        let own = point(&ephemeral.public())?;
        let shared = key::agree(&ephemeral, &public_key(endorsement)?)?;
        let agreement = Agreement { shared: &shared, ephemeral: &own.x, endorsement: &endorsement.x };
        let (integrity, identity) = agreement.seal(&args.bytes("name")?, &secret);
        let encoded = CredentialBlob { integrity, identity, point: own }.encode();
        let bytes = encoded.bytes.clone();
        acting.layer = Some(encoded.into_layer("TPM credential"));
        Ok(Some(Value::Bytes(bytes)))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { relies_on: &["endorsement"], passes_on: &["secret"], ..Bearing::NONE } }
    }
}

impl Operation for TpmActivateCredential {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "tpm-activate-credential",
                summary: "Decrypts a credential and refuses one for another endorsement key or for an object of another name (`TPM2_ActivateCredential`).",
                standard: "TCG TPM 2.0 Library, part 1, section 24",
                shape: Shape::Local,
                params: &[
                    needs("key", Accepts::Kinds(&[ArtifactKind::PrivateKey]), "the endorsement key"),
                    NAME,
                    needs("credential", PUBLIC, "what `tpm-make-credential` gave"),
                ],
                result: Some(ArtifactKind::Secret),
                fields: &[],
            }
        }
    }

    fn makes(&self) -> Kind {
        Kind::Key
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        acting.check("the credential is for this endorsement key and this object");
        let args = &acting.args;
        let blob = CredentialBlob::decode(&args.bytes("credential")?)
            .map_err(|malformed| Refused::malformed(malformed.message))?;
        let own = args.private_key("key")?;
        let endorsement = point(&own.public())?;
        let shared = key::agree(&own, &public_key(blob.point)?)?;
        let agreement = Agreement { shared: &shared, ephemeral: &blob.point.x, endorsement: &endorsement.x };
        let secret = agreement.open(&args.bytes("name")?, &blob.integrity, &blob.identity)?;
        Ok(Some(Value::Secret(secret)))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { verifies: &["credential"], keys: &["key"], ..Bearing::NONE } }
    }
}

/// The public area called `name`.
fn public(args: &Args, name: &str) -> Result<(Template, Point), Refused> {
    Template::read(&args.bytes(name)?).map_err(|malformed| Refused::malformed(malformed.message))
}

/// The coordinates of a P-256 key.
fn point(key: &PublicKey) -> Result<Point, Refused> {
    let coordinates = match key.bits() {
        [0x04, rest @ ..] => rest.split_first_chunk::<32>(),
        _ => None,
    };
    let point = coordinates.and_then(|(x, y)| Some(Point { x: *x, y: <[u8; 32]>::try_from(y).ok()? }));
    point.ok_or_else(|| Refused::policy(key::WRONG_ALGORITHM, format!("a key of {} is none of P-256", key.title())))
}

fn public_key(point: Point) -> Result<PublicKey, Refused> {
    let bits = [&[0x04][..], &point.x, &point.y].concat();
    Ok(PublicKey::from_bits(Algorithm::P256, &bits)?)
}
