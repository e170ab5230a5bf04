//! What a library refuses, in its own words, with a code for each reason.

use rustls::{AlertDescription, CertificateError, Error, ExtendedKeyPurpose, OtherError};

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
        match worded(error) {
            Ok(certificate) => Self::new(certificate_code(&certificate), certificate),
            Err(error) => Self::new(path_code(&error), error),
        }
    }
}

/// An error of the path builder as the TLS library words it, where it does, so that a chain is refused for the same
/// reason inside and outside of a handshake.
fn worded(error: webpki::Error) -> Result<CertificateError, webpki::Error> {
    use CertificateError as C;
    use webpki::Error as E;
    Ok(match error {
        E::BadDer | E::BadDerTime | E::TrailingData(_) => C::BadEncoding,
        E::CertExpired { time, not_after } => C::ExpiredContext { time, not_after },
        E::CertNotValidForName(context) => {
            C::NotValidForNameContext { expected: context.expected, presented: context.presented }
        }
        E::CertNotValidYet { time, not_before } => C::NotValidYetContext { time, not_before },
        E::CertRevoked => C::Revoked,
        E::CrlExpired { time, next_update } => C::ExpiredRevocationListContext { time, next_update },
        E::InvalidCertValidity => C::Expired,
        E::InvalidSignatureForPublicKey => C::BadSignature,
        E::RequiredEkuNotFoundContext(context) => C::InvalidPurposeContext {
            required: purpose(context.required.oid_values().collect()),
            presented: context.present.into_iter().map(purpose).collect(),
        },
        E::UnknownIssuer => C::UnknownIssuer,
        E::UnknownRevocationStatus => C::UnknownRevocationStatus,
        other => return Err(other),
    })
}

fn purpose(oid: Vec<usize>) -> ExtendedKeyPurpose {
    match oid[..] {
        // RFC 5280, section 4.2.1.12: serverAuth and clientAuth.
        [1, 3, 6, 1, 5, 5, 7, 3, 1] => ExtendedKeyPurpose::ServerAuth,
        [1, 3, 6, 1, 5, 5, 7, 3, 2] => ExtendedKeyPurpose::ClientAuth,
        _ => ExtendedKeyPurpose::Other(oid),
    }
}

/// The code of an error that only the path builder knows.
fn path_code(error: &webpki::Error) -> &'static str {
    use webpki::Error as E;
    match error {
        E::CaUsedAsEndEntity => "authority-as-end-entity",
        E::EndEntityUsedAsCa => "end-entity-as-authority",
        E::InvalidCrlSignatureForPublicKey | E::IssuerNotCrlSigner => "bad-revocation-list",
        E::PathLenConstraintViolated => "path-too-long",
        _ => "bad-certificate",
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
        E::Other(OtherError(cause)) => cause.downcast_ref().map_or("bad-certificate", path_code),
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

#[cfg(test)]
mod tests {
    use rustls::{PeerIncompatible, PeerMisbehaved};

    use super::*;

    #[test]
    fn each_reason_has_its_code() {
        use CertificateError as C;
        let table: [(Error, &str); 15] = [
            (C::BadEncoding.into(), "malformed"),
            (C::BadSignature.into(), "bad-signature"),
            (C::Expired.into(), "expired"),
            (C::ExpiredRevocationList.into(), "expired-revocation-list"),
            (C::InvalidPurpose.into(), "wrong-purpose"),
            (C::NotValidForName.into(), "wrong-name"),
            (C::NotValidYet.into(), "not-yet-valid"),
            (C::Revoked.into(), "revoked"),
            (C::UnknownIssuer.into(), "unknown-issuer"),
            (C::UnknownRevocationStatus.into(), "unknown-revocation-status"),
            (Error::AlertReceived(AlertDescription::UnknownCA), "alert"),
            (Error::DecryptError, "decrypt-error"),
            (Error::NoCertificatesPresented, "no-certificate"),
            (PeerIncompatible::NoCipherSuitesInCommon.into(), "incompatible"),
            (PeerMisbehaved::InvalidKeyShare.into(), "misbehaved"),
        ];
        for (error, code) in table {
            assert_eq!(Refusal::from(error.clone()).code, code, "{error:?}");
        }
    }

    #[test]
    fn the_path_builder_uses_the_same_codes() {
        use webpki::Error as E;
        let table = [
            (E::BadDer, "malformed"),
            (E::CaUsedAsEndEntity, "authority-as-end-entity"),
            (E::CertRevoked, "revoked"),
            (E::InvalidCrlSignatureForPublicKey, "bad-revocation-list"),
            (E::InvalidSignatureForPublicKey, "bad-signature"),
            (E::PathLenConstraintViolated, "path-too-long"),
            (E::UnknownIssuer, "unknown-issuer"),
            (E::UnknownRevocationStatus, "unknown-revocation-status"),
        ];
        for (error, code) in table {
            assert_eq!(Refusal::from(error.clone()).code, code, "{error:?}");
        }
        let wrapped = OtherError(std::sync::Arc::new(E::PathLenConstraintViolated));
        let wrapped = Error::from(CertificateError::Other(wrapped));
        assert_eq!(Refusal::from(wrapped).code, "path-too-long");
    }

    #[test]
    fn the_words_are_the_librarys() {
        assert_eq!(Refusal::from(Error::DecryptError).message, "cannot decrypt peer's message");
    }
}
