//! The words that readers see for closed sets, and figures as they are printed.

pub use crate::quantity::{bytes, count, duration, number, short_bytes};

use crate::flow::{Medium, Registration};
use crate::trace::{ArtifactKind, EditMark, Protection, Provenance};

/// What protected the bytes of a step, as a badge and as a sentence.
pub fn protection(protection: Protection) -> (&'static str, &'static str) {
    match protection {
        Protection::None => ("local", "Nothing crosses a link."),
        Protection::Clear => ("in clear", "Whoever is on the link can read it."),
        Protection::Provisional => ("provisional session", "Encrypted, but a peer is not verified yet."),
        Protection::Protected => ("protected", "Encrypted and authenticated."),
    }
}

/// Class of a protection, for style sheets.
pub fn protection_class(protection: Protection) -> &'static str {
    match protection {
        Protection::None => "none",
        Protection::Clear => "clear",
        Protection::Provisional => "provisional",
        Protection::Protected => "protected",
    }
}

/// A protection as it is read aloud.
pub fn channel(protection: Protection) -> &'static str {
    match protection {
        Protection::None => "no session",
        Protection::Clear => "readable on the link",
        Protection::Provisional => "peer not yet verified",
        Protection::Protected => "encrypted and authenticated",
    }
}

/// What carries the bytes.
pub fn medium(medium: Medium) -> &'static str {
    match medium {
        Medium::Ble => "Bluetooth LE",
        Medium::Cellular => "cellular",
        Medium::Ethernet => "Ethernet",
        Medium::Human => "a person",
        Medium::Internet => "internet",
        Medium::Lorawan => "LoRaWAN",
        Medium::NbIot => "NB-IoT",
        Medium::Optical => "camera and code",
        Medium::Serial => "serial line",
        Medium::Thread => "Thread",
        Medium::WiFi => "Wi-Fi",
    }
}

/// When devices become known.
pub fn registration(registration: Registration) -> &'static str {
    match registration {
        Registration::Bulk => "in bulk, before shipping",
        Registration::OnDemand => "on demand, at first connection",
        Registration::Lazy => "lazily, when first asked for",
    }
}

/// The type of an artifact.
pub fn kind(kind: ArtifactKind) -> &'static str {
    match kind {
        ArtifactKind::Bytes => "bytes",
        ArtifactKind::Certificate => "X.509 certificate",
        ArtifactKind::Chain => "certificate chain",
        ArtifactKind::CertificateSigningRequest => "certificate signing request",
        ArtifactKind::Credential => "private key with its chain",
        ArtifactKind::CertificateRevocationList => "certificate revocation list",
        ArtifactKind::Members => "decoded members",
        ArtifactKind::Number => "number",
        ArtifactKind::PrivateKey => "private key",
        ArtifactKind::PublicKey => "public key",
        ArtifactKind::QrPayload => "QR payload",
        ArtifactKind::Secret => "secret",
        ArtifactKind::Session => "open session",
        ArtifactKind::Text => "text",
        ArtifactKind::Token => "token",
        ArtifactKind::TrustAnchors => "trust anchors",
    }
}

/// How a value came into a store.
pub fn provenance(provenance: &Provenance, title: impl Fn(&str) -> String) -> String {
    match provenance {
        Provenance::Made => "made here".to_owned(),
        Provenance::Provisioned => "installed before the method began".to_owned(),
        Provenance::Received { from } => format!("received from {}", title(from)),
        Provenance::Overheard => "overheard on an exposed link".to_owned(),
        Provenance::Leaked { from } => format!("leaked from {}", title(from)),
        Provenance::Forged => "forged".to_owned(),
        Provenance::Presumed => "public, taken to be known".to_owned(),
    }
}

/// How a scenario changed a step; empty for a step of the flow.
pub fn edit(edit: EditMark) -> &'static str {
    match edit {
        EditMark::Original => "",
        EditMark::Altered => "altered",
        EditMark::Inserted => "added",
        EditMark::Impersonated => "the attacker acts in its place",
        EditMark::Replayed => "bytes that were sent before",
        EditMark::Tampered => "bytes changed on their way",
    }
}

/// Bytes as pairs of digits with spaces between.
pub fn hex_pairs(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 3);
    for (index, byte) in bytes.iter().enumerate() {
        if index > 0 {
            text.push(' ');
        }
        text.push_str(&hex::encode([*byte]));
    }
    text
}

/// The first bytes of a value, with `…` where there are more.
pub fn short_hex(bytes: &[u8], length: usize) -> String {
    let digits = hex::encode(&bytes[..bytes.len().min(length)]);
    if bytes.len() > length { format!("{digits}…") } else { digits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_shortened() {
        assert_eq!(hex_pairs(&[0, 255, 16]), "00 ff 10");
        assert_eq!(short_hex(&[1, 2, 3], 2), "0102…");
        assert_eq!(short_hex(&[1, 2], 2), "0102");
    }
}
