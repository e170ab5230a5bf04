//! What a library refuses, in its own words, with a code for each reason.

use rustls::{AlertDescription, CertificateError, Error};

/// A refusal by a library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Code of the reason, kebab case.
    pub code: &'static str,
    /// The library's own words.
    pub message: String,
}

impl Refusal {
    /// A refusal of `code` with the words of its cause.
    pub fn new(code: &'static str, cause: impl std::fmt::Display) -> Self {
        Self { code, message: cause.to_string() }
    }

    /// Bytes that cannot be read.
    pub fn malformed(cause: impl std::fmt::Display) -> Self {
        Self::new("malformed", cause)
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::new(code_of(&error), error)
    }
}

impl From<webpki::Error> for Refusal {
    fn from(error: webpki::Error) -> Self {
        use webpki::Error as E;
        let code = match &error {
            E::CertExpired { .. } => "expired",
            E::CertNotValidYet { .. } => "not-yet-valid",
            E::CertRevoked => "revoked",
            E::UnknownRevocationStatus => "unknown-revocation-status",
            E::UnknownIssuer => "unknown-issuer",
            E::CertNotValidForName(_) => "wrong-name",
            E::RequiredEkuNotFoundContext(_) => "wrong-purpose",
            E::InvalidSignatureForPublicKey | E::InvalidCrlSignatureForPublicKey => "bad-signature",
            E::CaUsedAsEndEntity => "authority-as-end-entity",
            E::EndEntityUsedAsCa => "end-entity-as-authority",
            E::PathLenConstraintViolated => "path-too-long",
            _ => "bad-certificate",
        };
        Self::new(code, error)
    }
}

fn code_of(error: &Error) -> &'static str {
    match error {
        Error::InvalidCertificate(certificate) => certificate_code(certificate),
        Error::NoCertificatesPresented => "no-certificate",
        Error::DecryptError => "decrypt-error",
        Error::AlertReceived(_) => "alert",
        Error::InvalidMessage(_) | Error::InappropriateMessage { .. } | Error::InappropriateHandshakeMessage { .. } => {
            "malformed"
        }
        Error::PeerIncompatible(_) => "incompatible",
        Error::PeerMisbehaved(_) => "misbehaved",
        Error::PeerSentOversizedRecord => "oversized-record",
        Error::InvalidCertRevocationList(_) => "bad-revocation-list",
        _ => "handshake-failure",
    }
}

fn certificate_code(error: &CertificateError) -> &'static str {
    use CertificateError as E;
    match error {
        E::Expired | E::ExpiredContext { .. } => "expired",
        E::NotValidYet | E::NotValidYetContext { .. } => "not-yet-valid",
        E::Revoked => "revoked",
        E::UnknownRevocationStatus => "unknown-revocation-status",
        E::ExpiredRevocationList | E::ExpiredRevocationListContext { .. } => "expired-revocation-list",
        E::UnknownIssuer => "unknown-issuer",
        E::BadSignature => "bad-signature",
        E::NotValidForName | E::NotValidForNameContext { .. } => "wrong-name",
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => "wrong-purpose",
        E::BadEncoding => "malformed",
        _ => "bad-certificate",
    }
}

/// The alert that a peer reported, by its name in RFC 8446, section 6; `None` for any other error.
pub fn alert_of(error: &Error) -> Option<AlertDescription> {
    match error {
        Error::AlertReceived(alert) => Some(*alert),
        _ => None,
    }
}
