//! Filters that turn a value into text inside of a template: `${csr|base64}`.

use crate::clock::Timestamp;
use crate::crypto::certificate::Certificate;
use crate::protocol::encoding;
use crate::value::Value;

/// A filter.
pub struct Filter {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub summary: &'static str,
    apply: fn(&Value) -> Option<String>,
}

/// Every filter, by name.
pub const FILTERS: &[Filter] = &[
    Filter {
        name: "base64",
        summary: "canonical bytes in base64 with padding (RFC 4648, section 4)",
        apply: |value| Some(encoding::base64(&value.canonical())),
    },
    Filter {
        name: "base64url",
        summary: "canonical bytes in base64url without padding (RFC 4648, section 5)",
        apply: |value| Some(encoding::base64url(&value.canonical())),
    },
    Filter {
        name: "date-time",
        summary: "seconds since 1970 as date and time (RFC 3339)",
        apply: |value| {
            value.text()?.parse().ok().map(Timestamp).filter(|at| *at == at.plus(0)).map(|at| at.to_string())
        },
    },
    Filter {
        name: "hex",
        summary: "canonical bytes as lower-case hexadecimal digits",
        apply: |value| Some(hex::encode(value.canonical())),
    },
    Filter {
        name: "lower",
        summary: "text in lower case",
        apply: |value| value.text().map(|text| text.to_lowercase()),
    },
    Filter { name: "pem", summary: "PEM (RFC 7468)", apply: pem },
    Filter {
        name: "percent",
        summary: "text with reserved characters percent-encoded (RFC 3986, section 2.1)",
        apply: |value| value.text().map(|text| encoding::percent_encode(&text)),
    },
    Filter {
        name: "sha256",
        summary: "SHA-256 of the canonical bytes, hexadecimal digits",
        apply: |value| Some(hex::encode(crate::crypto::mac::sha256(&value.canonical()))),
    },
];

/// The filter called `name`.
pub fn find(name: &str) -> Option<&'static Filter> {
    FILTERS.iter().find(|filter| filter.name == name)
}

/// Most filters on one value: each may double its length.
pub const MAX_FILTERS: usize = 4;

/// Applies `filters` one after the other; without a filter, only text and numbers are text.
pub fn apply(value: &Value, filters: &[String]) -> Option<String> {
    let Some((first, rest)) = filters.split_first() else { return value.text() };
    let text = (find(first)?.apply)(value)?;
    rest.iter().try_fold(text, |text, name| (find(name)?.apply)(&Value::Text(text)))
}

fn pem(value: &Value) -> Option<String> {
    match value {
        Value::Certificate(certificate) => Some(certificate.pem()),
        Value::CertificateSigningRequest(request) => Some(request.pem()),
        Value::CertificateRevocationList(list) => Some(list.pem()),
        Value::Chain(chain) | Value::TrustAnchors(chain) => Some(chain.iter().map(Certificate::pem).collect()),
        Value::PublicKey(key) => Some(key.spki_pem()),
        _ => None,
    }
}
