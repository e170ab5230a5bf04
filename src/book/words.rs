//! The words that readers see for closed sets, and figures as they are printed.

use crate::flow::{Medium, Registration};
use crate::trace::{ArtifactKind, EditMark, Protection, Provenance};

/// Space that no line breaks at; it groups digits and keeps a unit with its figure.
const NBSP: char = '\u{a0}';

/// A whole number with its digits in groups of three.
pub fn number(value: usize) -> String {
    let digits = value.to_string();
    if digits.len() <= 3 {
        return digits;
    }
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(NBSP);
        }
        grouped.push(digit);
    }
    grouped
}

/// A number of bytes, exact.
pub fn bytes(value: usize) -> String {
    format!("{}{NBSP}B", number(value))
}

/// A number of bytes for a headline: exact below 1000, then in kilobytes with one decimal.
pub fn short_bytes(value: usize) -> String {
    if value < 1000 {
        return bytes(value);
    }
    let tenths = (value + 50) / 100;
    format!("{}.{}{NBSP}kB", number(tenths / 10), tenths % 10)
}

/// A time for people, of microseconds: two figures of precision and more.
pub fn duration(micros: u64) -> String {
    const SECOND: u64 = 1_000_000;
    const MINUTE: u64 = 60 * SECOND;
    let rounded = |unit: u64| micros.saturating_add(unit / 2) / unit;
    let pair = |n: u64, of: u64, large: &str, small: &str| {
        let whole = format!("{}{NBSP}{large}", number(usize::try_from(n / of).unwrap_or(usize::MAX)));
        if n.is_multiple_of(of) { whole } else { format!("{whole} {}{NBSP}{small}", n % of) }
    };
    match micros {
        0..1_000 => format!("{micros}{NBSP}µs"),
        1_000..9_950 => format!("{}.{}{NBSP}ms", rounded(100) / 10, rounded(100) % 10),
        9_950..999_500 => format!("{}{NBSP}ms", rounded(1_000)),
        999_500..59_950_000 => format!("{}.{}{NBSP}s", rounded(100_000) / 10, rounded(100_000) % 10),
        59_950_000..3_599_500_000 => pair(rounded(SECOND), 60, "min", "s"),
        3_599_500_000..172_770_000_000 => pair(rounded(MINUTE), 60, "h", "min"),
        _ => pair(rounded(60 * MINUTE), 24, "days", "h"),
    }
}

/// `n` with the right form of a noun.
pub fn count(n: usize, one: &str, many: &str) -> String {
    format!("{}{NBSP}{}", number(n), if n == 1 { one } else { many })
}

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

/// Whether a value must stay with those that are meant to have it.
pub fn is_secret(kind: ArtifactKind) -> bool {
    match kind {
        ArtifactKind::Credential | ArtifactKind::PrivateKey | ArtifactKind::Secret | ArtifactKind::Token => true,
        ArtifactKind::Bytes
        | ArtifactKind::Certificate
        | ArtifactKind::Chain
        | ArtifactKind::CertificateSigningRequest
        | ArtifactKind::CertificateRevocationList
        | ArtifactKind::Members
        | ArtifactKind::Number
        | ArtifactKind::PublicKey
        | ArtifactKind::QrPayload
        | ArtifactKind::Session
        | ArtifactKind::Text
        | ArtifactKind::TrustAnchors => false,
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
    fn figures_are_grouped_and_rounded() {
        let plain = |text: String| text.replace(NBSP, " ");
        assert_eq!(plain(number(999)), "999");
        assert_eq!(plain(number(1_234_567)), "1 234 567");
        assert_eq!(plain(bytes(1604)), "1 604 B");
        assert_eq!(plain(short_bytes(999)), "999 B");
        assert_eq!(plain(short_bytes(11_423)), "11.4 kB");
        assert_eq!(plain(short_bytes(9_950)), "10.0 kB");
        let times =
            [0, 999, 1_000, 9_949, 9_950, 999_499, 999_500, 59_949_999, 59_950_000, 3_599_499_999, 3_599_500_000];
        let told =
            ["0 µs", "999 µs", "1.0 ms", "9.9 ms", "10 ms", "999 ms", "1.0 s", "59.9 s", "1 min", "59 min 59 s", "1 h"];
        assert_eq!(times.map(|micros| plain(duration(micros))), told);
        assert_eq!(plain(duration(300_000_000_000)), "3 days 11 h");
        assert_eq!(plain(count(1, "session", "sessions")), "1 session");
    }

    #[test]
    fn long_values_are_shortened() {
        assert_eq!(hex_pairs(&[0, 255, 16]), "00 ff 10");
        assert_eq!(short_hex(&[1, 2, 3], 2), "0102…");
        assert_eq!(short_hex(&[1, 2], 2), "0102");
    }
}
