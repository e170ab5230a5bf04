//! What an event puts into the stores of actors, as far as the picture shows it.

use super::lane::Cast;
use crate::trace::{Artifact, ArtifactKind, Event, Place};

/// The lanes into whose stores `event` puts something, each with what it is.
///
/// Sessions are capsules, what is set up beforehand is named by its step, and plain words are what messages are made of.
pub(super) fn stored<'e>(cast: &Cast, event: &'e Event) -> Vec<(usize, Vec<&'e Artifact>)> {
    let mut stores: Vec<(usize, Vec<&Artifact>)> = Vec::new();
    if let Place::Setup { .. } = event.place {
        return stores;
    }
    for artifact in event.stored.iter().filter(|artifact| is_shown(artifact.kind)) {
        let Some(lane) = cast.find(&artifact.actor) else { continue };
        match stores.iter_mut().find(|(other, _)| *other == lane) {
            Some((_, artifacts)) => artifacts.push(artifact),
            None => stores.push((lane, vec![artifact])),
        }
    }
    stores
}

fn is_shown(kind: ArtifactKind) -> bool {
    match kind {
        ArtifactKind::Bytes
        | ArtifactKind::Certificate
        | ArtifactKind::CertificateRevocationList
        | ArtifactKind::CertificateSigningRequest
        | ArtifactKind::Chain
        | ArtifactKind::Credential
        | ArtifactKind::PrivateKey
        | ArtifactKind::PublicKey
        | ArtifactKind::QrPayload
        | ArtifactKind::Secret
        | ArtifactKind::Token
        | ArtifactKind::TrustAnchors => true,
        ArtifactKind::Members | ArtifactKind::Number | ArtifactKind::Session | ArtifactKind::Text => false,
    }
}
