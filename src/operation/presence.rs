//! Credentials of registered devices: bound, presented, and the sessions in which they are live.

use super::acting::wrong_kind;
use super::{Accepts, Acting, Bearing, Operation, Refused, Shape, Spec, needs, takes};
use crate::crypto::certificate::Certificate;
use crate::crypto::mac;
use crate::registry::{Credential, CredentialKind, Role};
use crate::trace::ArtifactKind;
use crate::value::Value;

/// Binds a credential to a device.
pub struct RegistryBind;

/// A device presents a credential.
pub struct RegistryConnect;

/// A session of a device ends.
pub struct RegistryDisconnect;

/// What can be bound or presented.
pub(super) const PRESENTED: Accepts = Accepts::Kinds(&[
    ArtifactKind::Certificate,
    ArtifactKind::Chain,
    ArtifactKind::Credential,
    ArtifactKind::PublicKey,
    ArtifactKind::Secret,
    ArtifactKind::Session,
    ArtifactKind::Token,
]);

const ROLES: Accepts = Accepts::Choice(&["identity", "operational"]);

impl Operation for RegistryBind {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "registry-bind",
                summary: "Binds a credential to a device; a second identity key for one serial number is refused by the clone rule.",
                standard: "",
                shape: Shape::Local,
                params: &[
                    needs("id", Accepts::Text, "id of the device"),
                    needs("as", ROLES, "what it is to the device"),
                    needs(
                        "credential",
                        PRESENTED,
                        "certificate, key or shared secret; of a session, what the peer presented",
                    ),
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let id = acting.args.text_or("id", "");
        let bound = credential(acting.args.need("credential")?)?;
        acting.check(format!("the key belongs to {id} alone"));
        acting.registry.bind(&id, role(acting), bound, acting.cause())?;
        Ok(None)
    }
}

impl Operation for RegistryConnect {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "registry-connect",
                summary: "Notes that a device presents a credential in a session: its operational one makes it active, and a key in two live sessions is refused by the clone rule.",
                standard: "",
                shape: Shape::Local,
                params: &[
                    needs("id", Accepts::Text, "id of the device"),
                    needs("credential", PRESENTED, "what it presents; of a session, what the peer presented in it"),
                    takes("as", ROLES, "which of its credentials it must be; `operational` where absent"),
                    takes(
                        "session",
                        Accepts::Text,
                        "name of the session; that of `credential`, or the id of the step, where absent",
                    ),
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let id = acting.args.text_or("id", "");
        let value = acting.args.need("credential")?;
        let presented = credential(value)?;
        let own = match value {
            Value::Session(session) => session.id.clone(),
            _ => acting.step.to_owned(),
        };
        let session = acting.args.text_or("session", &own);
        let role = role(acting);
        acting.check(format!("the {} credential of {id}, in one place only", role.name()));
        acting.registry.connect(&id, role, &presented, &session, acting.cause())?;
        Ok(None)
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { matches: &["credential", "id"], revocation: &["credential"], ..Bearing::NONE } }
    }
}

impl Operation for RegistryDisconnect {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "registry-disconnect",
                summary: "Notes that a session of a device has ended.",
                standard: "",
                shape: Shape::Local,
                params: &[
                    needs("id", Accepts::Text, "id of the device"),
                    takes("session", Accepts::Text, "name of the session; all of them where absent"),
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let id = acting.args.text_or("id", "");
        let session = acting.args.text("session");
        acting.registry.disconnect(&id, session.as_deref(), acting.cause())?;
        Ok(None)
    }
}

/// Metadata of a credential. A shared key or token is known by its digest alone; it has to be long and random, or the
/// digest gives it away.
pub(super) fn credential(value: &Value) -> Result<Credential, Refused> {
    let certificates = match value {
        Value::Session(session) => Some(session.peer_chain.clone()),
        other => other.certificates(),
    };
    if let Some(chain) = certificates {
        let missing = || Refused::policy("no-certificate", "the peer presented no certificate");
        return Ok(of_certificate(chain.first().ok_or_else(missing)?));
    }
    let (kind, spki_sha256) = match value {
        Value::PublicKey(key) => (CredentialKind::PublicKey, Some(hex::encode(key.spki_sha256()))),
        Value::Secret(_) | Value::Token(_) => (CredentialKind::SharedKey, None),
        other => return Err(wrong_kind("credential", other)),
    };
    let sha256 = hex::encode(mac::sha256(&value.canonical()));
    Ok(Credential { kind, sha256, spki_sha256, issuer: None, serial_number: None, not_after: None, is_used: false })
}

fn of_certificate(certificate: &Certificate) -> Credential {
    Credential {
        kind: CredentialKind::X509,
        sha256: certificate.sha256(),
        spki_sha256: Some(hex::encode(certificate.public_key().spki_sha256())),
        issuer: Some(certificate.issuer()),
        serial_number: certificate.subject_serial_number(),
        not_after: Some(certificate.not_after()),
        is_used: false,
    }
}

fn role(acting: &Acting<'_>) -> Role {
    // The word was checked before the run.
    match acting.args.text_or("as", "operational").as_str() {
        "identity" => Role::Identity,
        _ => Role::Operational,
    }
}
