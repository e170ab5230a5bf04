//! The textual encoding of DER (RFC 7468).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Characters per line of base64 (RFC 7468, section 2).
const LINE: usize = 64;

/// `der` between the boundaries of `label`, ending in a line feed.
pub fn encode(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in body.as_bytes().chunks(LINE) {
        text.push_str(str::from_utf8(line).expect("base64 is ASCII"));
        text.push('\n');
    }
    text + "-----END " + label + "-----\n"
}

#[cfg(test)]
mod tests {
    #[test]
    fn lines_have_64_characters() {
        let text = super::encode("X", &[0; 49]);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 4);
        assert_eq!(
            (lines[0], lines[1].len(), lines[2], lines[3]),
            ("-----BEGIN X-----", 64, "AA==", "-----END X-----")
        );
    }
}
