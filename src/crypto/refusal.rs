//! What a library refused: a code that flows can name, and the library's own words.

use rustls::CertificateError as C;
use rustls::{CertRevocationListError, Error as T, OtherError};
use webpki::Error as W;

/// A refusal by a cryptographic library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The reason, kebab case; stable, so that flows can expect it.
    pub code: &'static str,
    /// The reason in the words of whoever refused.
    pub message: String,
}

impl Refusal {
    /// A refusal for the reason `code`, with the words of the cause.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// Bytes that cannot be read as what they should be.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new("malformed", message)
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl From<&T> for Refusal {
    fn from(error: &T) -> Self {
        Self::new(tls_code(error), error.to_string())
    }
}

impl From<W> for Refusal {
    fn from(error: W) -> Self {
        match path_error(error) {
            // Outside of a handshake there is no peer, of whom the outer phrase speaks.
            T::InvalidCertificate(cause) => Self::new(certificate_code(&cause), cause.to_string()),
            other => Self::from(&other),
        }
    }
}

/// The code of an error of the TLS library.
fn tls_code(error: &T) -> &'static str {
    match error {
        T::InvalidCertificate(cause) => certificate_code(cause),
        T::NoCertificatesPresented => "no-certificate",
        T::UnsupportedNameType => "wrong-name",
        T::DecryptError => "decrypt-error",
        T::InvalidMessage(_) | T::PeerSentOversizedRecord => "malformed",
        T::InappropriateMessage { .. } | T::InappropriateHandshakeMessage { .. } => "unexpected-message",
        T::PeerIncompatible(_) => "handshake-failure",
        T::PeerMisbehaved(_) => "protocol-violation",
        T::AlertReceived(_) => "alert",
        T::NoApplicationProtocol => "no-application-protocol",
        T::InvalidCertRevocationList(_) => "invalid-revocation-list",
        T::InconsistentKeys(_) => "wrong-key",
        // The enumeration is open.
        _ => "tls-failure",
    }
}

/// The code of an error about a certificate.
fn certificate_code(error: &C) -> &'static str {
    match error {
        C::BadEncoding => "malformed",
        C::Expired | C::ExpiredContext { .. } => "expired",
        C::NotValidYet | C::NotValidYetContext { .. } => "not-yet-valid",
        C::Revoked => "revoked",
        C::UnhandledCriticalExtension => "unhandled-critical-extension",
        C::UnknownIssuer => "unknown-issuer",
        C::UnknownRevocationStatus => "unknown-revocation-status",
        C::ExpiredRevocationList | C::ExpiredRevocationListContext { .. } => "expired-revocation-list",
        C::BadSignature => "bad-signature",
        C::UnsupportedSignatureAlgorithmContext { .. } | C::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "unsupported-algorithm"
        }
        C::NotValidForName | C::NotValidForNameContext { .. } => "wrong-name",
        C::InvalidPurpose | C::InvalidPurposeContext { .. } => "wrong-purpose",
        C::Other(OtherError(cause)) => cause.downcast_ref().map_or("invalid-certificate", path_code),
        // The enumeration is open.
        _ => "invalid-certificate",
    }
}

/// The code of an error that only path building knows.
fn path_code(error: &W) -> &'static str {
    match error {
        W::CaUsedAsEndEntity => "ca-as-end-entity",
        W::EndEntityUsedAsCa => "end-entity-as-ca",
        W::PathLenConstraintViolated => "path-too-long",
        W::NameConstraintViolation => "name-constraint",
        W::InvalidCertValidity => "malformed",
        // The enumeration is open.
        _ => "invalid-certificate",
    }
}

/// The path builder's error as the TLS library words it, so that a chain is refused in the same words everywhere.
pub(super) fn path_error(error: W) -> T {
    let error = match error {
        W::InvalidCrlSignatureForPublicKey => return CertRevocationListError::BadSignature.into(),
        W::IssuerNotCrlSigner => return CertRevocationListError::IssuerInvalidForCrl.into(),
        W::BadDer | W::BadDerTime | W::TrailingData(_) => C::BadEncoding,
        W::CertExpired { time, not_after } => C::ExpiredContext { time, not_after },
        W::CertNotValidYet { time, not_before } => C::NotValidYetContext { time, not_before },
        W::CertNotValidForName(context) => {
            C::NotValidForNameContext { expected: context.expected, presented: context.presented }
        }
        W::CertRevoked => C::Revoked,
        W::CrlExpired { time, next_update } => C::ExpiredRevocationListContext { time, next_update },
        W::InvalidSignatureForPublicKey => C::BadSignature,
        W::UnknownIssuer => C::UnknownIssuer,
        W::UnknownRevocationStatus => C::UnknownRevocationStatus,
        W::UnsupportedCriticalExtension => C::UnhandledCriticalExtension,
        W::UnsupportedSignatureAlgorithmContext(context) => C::UnsupportedSignatureAlgorithmContext {
            signature_algorithm_id: context.signature_algorithm_id,
            supported_algorithms: context.supported_algorithms,
        },
        W::RequiredEkuNotFoundContext(context) => C::InvalidPurposeContext {
            required: purpose(context.required.oid_values().collect()),
            presented: context.present.into_iter().map(purpose).collect(),
        },
        other => C::Other(OtherError(std::sync::Arc::new(other))),
    };
    error.into()
}

fn purpose(oid: Vec<usize>) -> rustls::ExtendedKeyPurpose {
    use rustls::ExtendedKeyPurpose as P;
    match &oid[..] {
        webpki::KeyUsage::CLIENT_AUTH_REPR => P::ClientAuth,
        webpki::KeyUsage::SERVER_AUTH_REPR => P::ServerAuth,
        _ => P::Other(oid),
    }
}

#[cfg(test)]
mod tests {
    use rustls::{AlertDescription, PeerIncompatible, PeerMisbehaved};

    use super::*;

    #[test]
    fn each_reason_has_its_code() {
        let table: [(T, &str); 12] = [
            (C::UnknownIssuer.into(), "unknown-issuer"),
            (C::BadSignature.into(), "bad-signature"),
            (C::Expired.into(), "expired"),
            (C::NotValidYet.into(), "not-yet-valid"),
            (C::Revoked.into(), "revoked"),
            (C::UnknownRevocationStatus.into(), "unknown-revocation-status"),
            (C::InvalidPurpose.into(), "wrong-purpose"),
            (T::NoCertificatesPresented, "no-certificate"),
            (T::DecryptError, "decrypt-error"),
            (T::AlertReceived(AlertDescription::UnknownCA), "alert"),
            (PeerIncompatible::NoCipherSuitesInCommon.into(), "handshake-failure"),
            (PeerMisbehaved::InvalidKeyShare.into(), "protocol-violation"),
        ];
        for (error, code) in table {
            assert_eq!(Refusal::from(&error).code, code, "{error:?}");
        }
    }

    #[test]
    fn both_libraries_agree_on_codes() {
        let table = [
            (W::BadDer, "malformed"),
            (W::UnknownIssuer, "unknown-issuer"),
            (W::InvalidSignatureForPublicKey, "bad-signature"),
            (W::CertRevoked, "revoked"),
            (W::UnknownRevocationStatus, "unknown-revocation-status"),
            (W::UnsupportedCriticalExtension, "unhandled-critical-extension"),
            (W::CaUsedAsEndEntity, "ca-as-end-entity"),
            (W::PathLenConstraintViolated, "path-too-long"),
        ];
        for (error, code) in table {
            assert_eq!(Refusal::from(error).code, code);
        }
    }

    #[test]
    fn the_words_are_the_librarys() {
        assert_eq!(Refusal::from(&T::DecryptError).message, "cannot decrypt peer's message");
    }
}
