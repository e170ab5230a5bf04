//! Records: what a registry knows about one device and its credentials.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::State;
use super::policy::Variables;
use crate::clock::Timestamp;

/// What a registry knows about one device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Record {
    /// The state now.
    pub state: State,
    /// The virtual clock when it entered the state.
    pub since: Timestamp,
    /// Serial number, where one is known.
    pub serial: Option<String>,
    /// Thing type, where it has one.
    pub thing_type: Option<String>,
    /// Who owns the device; absent while it is only listed.
    pub owner: Option<String>,
    /// To whom the owner has offered it.
    pub offered_to: Option<String>,
    /// What the device is, for all owners.
    pub identity: Option<Credential>,
    /// With what it works for its owner.
    pub operational: Option<Credential>,
    /// Credentials that are not accepted any more, oldest first.
    pub retired: Vec<Credential>,
    /// Whether it waits in the staging area for an operator.
    pub is_staged: bool,
    /// Why the clone rule holds it.
    pub suspicion: Option<String>,
    /// Groups.
    pub groups: BTreeSet<String>,
    /// Policies attached to the device itself.
    pub policies: BTreeSet<String>,
    /// Live sessions, with the SHA-256 of the key that was presented in each.
    pub sessions: BTreeMap<String, String>,
    /// When it presented a credential at last.
    pub last_seen: Option<Timestamp>,
    /// Metadata to which no rule looks: manufacturer, model, firmware, endpoint, method.
    pub attributes: BTreeMap<String, String>,
}

/// What a credential is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The identity of the device, from its manufacturer.
    Identity,
    /// The credential of its owner's service.
    Operational,
}

/// What a credential is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialKind {
    /// A public key without a certificate.
    PublicKey,
    /// A key that both ends know; only its digest is kept.
    SharedKey,
    /// An X.509 certificate.
    X509,
}

/// Metadata of a credential; never the credential itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Credential {
    /// What it is.
    pub kind: CredentialKind,
    /// SHA-256 of the certificate's DER, the SubjectPublicKeyInfo or the shared key, hexadecimal digits.
    pub sha256: String,
    /// SHA-256 of the SubjectPublicKeyInfo; absent for a shared key.
    pub spki_sha256: Option<String>,
    /// Issuer's distinguished name, of a certificate.
    pub issuer: Option<String>,
    /// serialNumber attribute of the subject, of a certificate that has one.
    pub serial_number: Option<String>,
    /// End of the validity, of a certificate.
    pub not_after: Option<Timestamp>,
    /// Whether the device has presented it since it was bound.
    pub is_used: bool,
}

impl Role {
    /// The name as flows write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Operational => "operational",
        }
    }
}

impl CredentialKind {
    /// The words for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::PublicKey => "public key",
            Self::SharedKey => "shared key",
            Self::X509 => "X.509 certificate",
        }
    }
}

impl Credential {
    /// Digest of the key in it, which stays the same when a certificate is renewed over the same key.
    pub fn key(&self) -> &str {
        self.spki_sha256.as_deref().unwrap_or(&self.sha256)
    }
}

impl Record {
    /// The credential bound as `role`.
    pub fn credential(&self, role: Role) -> Option<&Credential> {
        match role {
            Role::Identity => self.identity.as_ref(),
            Role::Operational => self.operational.as_ref(),
        }
    }

    pub(super) fn has_key(&self, role: Role, key: &str) -> bool {
        self.credential(role).is_some_and(|bound| bound.key() == key)
    }

    pub(super) fn slot(&mut self, role: Role) -> &mut Option<Credential> {
        match role {
            Role::Identity => &mut self.identity,
            Role::Operational => &mut self.operational,
        }
    }

    pub(super) fn variables(&self, id: &str) -> Variables {
        let named = [("owner", &self.owner), ("serial", &self.serial), ("type", &self.thing_type)];
        let named = named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)));
        let attributes = self.attributes.iter().map(|(name, value)| (format!("attribute.{name}"), value.clone()));
        named.chain(attributes).chain([("thing".to_owned(), id.to_owned())]).collect()
    }
}
