//! The certificates that actors of a run hold, each once, and who issued whom.

use crate::crypto::certificate::Certificate;
use crate::crypto::der::read::Reader;
use crate::trace::{Artifact, ArtifactKind, Trace};

/// Certificates of a run; an issuer stands before those whom it certified, wherever nobody certified each other.
#[derive(Debug)]
pub struct Certificates {
    /// The certificates, in the order in which actors and names are sorted.
    pub held: Vec<Held>,
}

/// A certificate with whoever holds it.
#[derive(Debug)]
pub struct Held {
    /// The certificate.
    pub certificate: Certificate,
    /// Index of the certificate of its issuer; absent for one that is its own issuer, or whose issuer nobody holds.
    pub issuer: Option<usize>,
    /// In whose stores it is.
    pub holders: Vec<Holder>,
}

/// A value with a certificate in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Id of the actor.
    pub actor: String,
    /// Name of the value in its store.
    pub name: String,
    /// As what it is held.
    pub kind: ArtifactKind,
    /// Whether it is the end entity, and not a certificate above it.
    pub is_first: bool,
}

impl Certificates {
    /// Those in the stores at the end of a run.
    pub fn of(trace: &Trace) -> Self {
        let mut held: Vec<Held> = Vec::new();
        for (actor, store) in &trace.stores {
            for (name, artifact) in store {
                for (position, certificate) in read(artifact).into_iter().enumerate() {
                    let (actor, name) = (actor.clone(), name.clone());
                    let holder = Holder { actor, name, kind: artifact.kind, is_first: position == 0 };
                    match held.iter_mut().find(|known| known.certificate.der() == certificate.der()) {
                        Some(known) => known.holders.push(holder),
                        None => held.push(Held { certificate, issuer: None, holders: vec![holder] }),
                    }
                }
            }
        }
        let issuers: Vec<Option<usize>> = (0..held.len()).map(|index| issuer(&held, index)).collect();
        held.iter_mut().zip(issuers).for_each(|(held, issuer)| held.issuer = issuer);
        Self { held }
    }

    /// Index of the certificate with this encoding.
    pub fn find(&self, certificate: &Certificate) -> Option<usize> {
        self.held.iter().position(|known| known.certificate.der() == certificate.der())
    }

    /// The certificates that have no issuer among them.
    pub fn roots(&self) -> impl Iterator<Item = usize> {
        (0..self.held.len()).filter(|index| self.held[*index].issuer.is_none())
    }

    /// The certificates that `issuer` signed.
    pub fn issued(&self, issuer: usize) -> impl Iterator<Item = usize> {
        (0..self.held.len()).filter(move |index| self.held[*index].issuer == Some(issuer))
    }

    /// The certificates below `anchor`, from the top.
    pub fn below(&self, anchor: usize) -> Vec<usize> {
        let mut found: Vec<usize> = self.issued(anchor).collect();
        let mut next = 0;
        while let Some(index) = found.get(next) {
            found.extend(self.issued(*index).collect::<Vec<_>>());
            next += 1;
        }
        found
    }
}

/// The certificates in `artifact`, end entity first.
pub fn read(artifact: &Artifact) -> Vec<Certificate> {
    let has_certificates = matches!(
        artifact.kind,
        ArtifactKind::Certificate | ArtifactKind::Chain | ArtifactKind::Credential | ArtifactKind::TrustAnchors
    );
    let mut reader = Reader::new(&artifact.bytes.0);
    let mut certificates = Vec::new();
    while has_certificates && !reader.is_empty() {
        // After the certificates of a credential comes its key.
        let Some(certificate) = reader.raw("certificate").ok().and_then(|der| Certificate::from_der(der).ok()) else {
            break;
        };
        certificates.push(certificate);
    }
    certificates
}

/// Names may be shared, keys are not: where both certificates say whose key it is, that decides (RFC 5280, section
/// 4.2.1.1).
fn issuer(held: &[Held], index: usize) -> Option<usize> {
    let own = &held[index].certificate;
    if own.issuer_der() == own.subject_der() {
        return None;
    }
    let is_issuer = |(at, other): &(usize, &Held)| {
        let other = &other.certificate;
        let is_key = match (own.authority_key_id(), other.subject_key_id()) {
            (Some(named), Some(known)) => named == known,
            (None, _) | (_, None) => true,
        };
        *at != index && other.is_authority() && other.subject_der() == own.issuer_der() && is_key
    };
    held.iter().enumerate().find(is_issuer).map(|(at, _)| at)
}

/// The name for people: the common name, else the first attribute of the subject.
pub fn name(certificate: &Certificate) -> String {
    certificate.common_name().filter(|name| !name.trim().is_empty()).unwrap_or_else(|| {
        let subject = certificate.subject();
        subject.split(", ").next().unwrap_or_default().to_owned()
    })
}
