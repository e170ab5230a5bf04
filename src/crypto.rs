//! The deterministic crypto core; it knows no flow.
//!
//! **Never make real keys with it.** Every key comes from a public seed, so that everyone can recompute it.

pub mod aead;
pub mod certificate;
pub mod chain;
pub mod count;
pub mod crl;
pub mod csr;
pub mod der;
pub mod key;
pub mod mac;
pub mod name;
pub mod party;
pub mod refusal;
pub mod stream;
pub mod tls;
pub mod tpm;
pub mod verifier;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// PEM with lines of 64 characters (RFC 7468, section 2).
pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in base64.as_bytes().chunks(64) {
        text.push_str(std::str::from_utf8(line).expect("base64 is ASCII"));
        text.push('\n');
    }
    text + &format!("-----END {label}-----\n")
}
