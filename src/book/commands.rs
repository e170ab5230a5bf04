//! The command of a public tool with which a reader can check an artifact.
//!
//! Each runs in the folder of the downloads exactly as it is printed, on any day: what depends on time names the moment.

use serde::Serialize;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::{FromDer, ParsedExtension, X509Certificate};

use crate::trace::{Artifact, ArtifactKind, Trace};

/// A command with what it must print.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Command {
    /// The line for a shell.
    pub line: String,
    /// What it must print, where that is one short line.
    pub prints: Option<String>,
}

/// A certificate with the file in which it can be downloaded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Certificate {
    /// File name in the download folder.
    pub file: String,
    /// DER.
    pub der: Vec<u8>,
}

/// The certificates that a reader can download, among which issuers are sought.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    certificates: Vec<Certificate>,
}

/// How many certificates may stand above one; the flows have three levels at most.
const MAX_DEPTH: usize = 8;

impl Shelf {
    /// Adds a certificate; the first file of the same bytes stays.
    pub fn add(&mut self, file: &str, der: &[u8]) {
        if !self.certificates.iter().any(|certificate| certificate.der == der) {
            self.certificates.push(Certificate { file: file.to_owned(), der: der.to_vec() });
        }
    }

    /// The certificates above `der`, nearest first; the last is self-signed unless it is not on the shelf.
    fn issuers(&self, der: &[u8]) -> Vec<&Certificate> {
        let mut found: Vec<&Certificate> = Vec::new();
        let mut current = der;
        while found.len() < MAX_DEPTH && !is_self_signed(current) {
            let Some(issuer) = self.certificates.iter().find(|candidate| has_issued(&candidate.der, current)) else {
                break;
            };
            found.push(issuer);
            current = &issuer.der;
        }
        found
    }

    /// The authority that signed a list of revoked certificates.
    fn issuer_of_list(&self, der: &[u8]) -> Option<&Certificate> {
        let (_, list) = x509_parser::revocation_list::CertificateRevocationList::from_der(der).ok()?;
        self.certificates.iter().find(|candidate| {
            X509Certificate::from_der(&candidate.der).is_ok_and(|(_, issuer)| {
                issuer.subject() == list.issuer() && list.verify_signature(issuer.public_key()).is_ok()
            })
        })
    }
}

/// The command that checks `artifact`, whose file is `file`, at the moment `clock` of the run.
pub fn check(artifact: &Artifact, file: &str, clock: i64, shelf: &Shelf) -> Command {
    let der = &artifact.bytes.0;
    let is_pem = has_extension(file, "pem");
    let inform = if is_pem { "" } else { "-inform DER " };
    match artifact.kind {
        ArtifactKind::Certificate => certificate(der, file, clock, shelf),
        ArtifactKind::Chain => match X509Certificate::from_der(der) {
            Ok((rest, _)) if is_pem => chain(&der[..der.len() - rest.len()], file, clock, shelf),
            _ => list_certificates(file),
        },
        ArtifactKind::TrustAnchors => match X509Certificate::from_der(der) {
            Ok((rest, _)) if is_pem && rest.is_empty() => certificate(der, file, clock, shelf),
            _ => list_certificates(file),
        },
        // An attack may have made one that proves nothing, and `openssl` rightly refuses it.
        ArtifactKind::CertificateSigningRequest if !proves_possession(der) => {
            plain(format!("openssl req -text {inform}-noout -in {file}"))
        }
        ArtifactKind::CertificateSigningRequest => prints(
            format!("openssl req -verify -noout {inform}-in {file}"),
            "Certificate request self-signature verify OK",
        ),
        ArtifactKind::CertificateRevocationList => match shelf.issuer_of_list(der) {
            Some(issuer) => {
                prints(format!("openssl crl {inform}-CAfile {} -noout -in {file}", issuer.file), "verify OK")
            }
            None => plain(format!("openssl crl {inform}-text -noout -in {file}")),
        },
        ArtifactKind::Credential | ArtifactKind::PrivateKey => {
            prints(format!("openssl pkey {inform}-check -noout -in {file}"), "Key is valid")
        }
        ArtifactKind::PublicKey => {
            prints(format!("openssl pkey {inform}-pubin -pubcheck -noout -in {file}"), "Key is valid")
        }
        ArtifactKind::Bytes if has_extension(file, "der") => plain(format!("openssl asn1parse -inform DER -in {file}")),
        ArtifactKind::Bytes
        | ArtifactKind::Members
        | ArtifactKind::Number
        | ArtifactKind::QrPayload
        | ArtifactKind::Secret
        | ArtifactKind::Session
        | ArtifactKind::Text
        | ArtifactKind::Token => digest(file, &artifact.sha256),
    }
}

/// The command that opens the capture of `trace`, whose file is `file`.
pub fn open_capture(trace: &Trace, file: &str) -> Command {
    let layers = trace.events.iter().flat_map(|event| &event.flights).flat_map(|flight| &flight.layers);
    let messages: Vec<_> = layers
        .filter(|layer| layer.name.starts_with("HTTP "))
        .map(|layer| String::from_utf8_lossy(&layer.bytes.0))
        .collect();
    let is_sent = |media_type: &&&str| messages.iter().any(|message| message.contains(**media_type));
    let sent = BASE64.iter().filter(is_sent).map(|media_type| format!("-d media_type=={media_type},data-text-lines"));
    let words: Vec<String> =
        std::iter::once("tshark".to_owned()).chain(sent).chain(std::iter::once(format!("-r {file}"))).collect();
    plain(words.join(" "))
}

/// Media types that EST sends as Base64 (RFC 7030, sections 4.1.3 and 4.2.1), which Wireshark takes for DER unless it is
/// told otherwise: certificates, and a certificate signing request (RFC 5967, section 2).
const BASE64: &[&str] = &["application/pkcs7-mime", "application/pkcs10"];

/// Whether a request is signed with the key that it is for (RFC 2986, section 4.2).
fn proves_possession(der: &[u8]) -> bool {
    X509CertificationRequest::from_der(der).is_ok_and(|(_, request)| request.verify_signature().is_ok())
}

/// Whether bytes are one whole DER structure.
pub fn is_der(bytes: &[u8]) -> bool {
    bytes.first() == Some(&0x30) && x509_parser::der_parser::parse_der(bytes).is_ok_and(|(rest, _)| rest.is_empty())
}

fn certificate(der: &[u8], file: &str, clock: i64, shelf: &Shelf) -> Command {
    let Ok((_, parsed)) = X509Certificate::from_der(der) else { return list_certificates(file) };
    let issuers = shelf.issuers(der);
    let all: Vec<&[u8]> = std::iter::once(der).chain(issuers.iter().map(|issuer| issuer.der.as_slice())).collect();
    let is_path = all.iter().all(|certificate| is_valid_at(certificate, clock)) && keeps_path_lengths(&all);
    let (Some(root), true) = (all.last(), is_path) else {
        return plain(format!("openssl x509 -text -noout -in {file}"));
    };
    if !is_self_signed(root) && issuers.is_empty() {
        return plain(format!("openssl x509 -text -noout -in {file}"));
    }
    let partial = if is_self_signed(root) { "" } else { "-partial_chain " };
    let (anchor, between) = match issuers.split_last() {
        Some((anchor, between)) => (anchor.file.as_str(), between),
        None => (file, &[][..]),
    };
    let mut untrusted = String::new();
    for intermediate in between {
        untrusted.push_str("-untrusted ");
        untrusted.push_str(&intermediate.file);
        untrusted.push(' ');
    }
    let purpose = purpose(&parsed);
    prints(
        format!("openssl verify -attime {clock} -purpose {purpose} {partial}-CAfile {anchor} {untrusted}{file}"),
        &format!("{file}: OK"),
    )
}

/// Whether no authority in `chain`, end entity first, has more authorities below it than its pathLenConstraint allows
/// (RFC 5280, section 4.2.1.9); an attack may have issued such a chain, and `openssl verify` rightly refuses it.
fn keeps_path_lengths(chain: &[&[u8]]) -> bool {
    chain.iter().enumerate().skip(1).all(|(position, der)| {
        let parsed = X509Certificate::from_der(der).ok();
        let constraints = parsed.as_ref().and_then(|(_, authority)| authority.basic_constraints().ok().flatten());
        let most = constraints.and_then(|constraints| constraints.value.path_len_constraint);
        most.is_none_or(|most| position - 1 <= most as usize)
    })
}

fn chain(end_entity: &[u8], file: &str, clock: i64, shelf: &Shelf) -> Command {
    let command = certificate(end_entity, file, clock, shelf);
    if command.prints.is_some() { command } else { list_certificates(file) }
}

fn list_certificates(file: &str) -> Command {
    plain(format!("openssl crl2pkcs7 -nocrl -certfile {file} | openssl pkcs7 -print_certs -noout"))
}

fn digest(file: &str, sha256: &str) -> Command {
    prints(format!("openssl dgst -sha256 {file}"), &format!("SHA2-256({file})= {sha256}"))
}

fn plain(line: String) -> Command {
    Command { line, prints: None }
}

fn prints(line: String, printed: &str) -> Command {
    Command { line, prints: Some(printed.to_owned()) }
}

fn has_extension(file: &str, extension: &str) -> bool {
    file.rsplit_once('.').is_some_and(|(_, found)| found == extension)
}

/// What the extended key usage allows, in OpenSSL's words; RFC 5280, section 4.2.1.12.
fn purpose(certificate: &X509Certificate<'_>) -> &'static str {
    match certificate.extended_key_usage() {
        Ok(Some(usage)) if usage.value.server_auth => "sslserver",
        Ok(Some(usage)) if usage.value.client_auth => "sslclient",
        _ => "any",
    }
}

fn is_self_signed(der: &[u8]) -> bool {
    X509Certificate::from_der(der).is_ok_and(|(_, certificate)| {
        certificate.subject() == certificate.issuer() && certificate.verify_signature(None).is_ok()
    })
}

fn is_valid_at(der: &[u8], clock: i64) -> bool {
    X509Certificate::from_der(der).is_ok_and(|(_, certificate)| {
        let validity = certificate.validity();
        (validity.not_before.timestamp()..=validity.not_after.timestamp()).contains(&clock)
    })
}

/// Whether `issuer` is the certificate above `subject`: names, key identifiers where both have them, and the signature.
fn has_issued(issuer: &[u8], subject: &[u8]) -> bool {
    let (Ok((_, issuer)), Ok((_, subject))) = (X509Certificate::from_der(issuer), X509Certificate::from_der(subject))
    else {
        return false;
    };
    let same_key = match (authority_key(&subject), subject_key(&issuer)) {
        (Some(wanted), Some(held)) => wanted == held,
        _ => true,
    };
    issuer.is_ca()
        && issuer.subject() == subject.issuer()
        && same_key
        && subject.verify_signature(Some(issuer.public_key())).is_ok()
}

fn authority_key(certificate: &X509Certificate<'_>) -> Option<Vec<u8>> {
    certificate.iter_extensions().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::AuthorityKeyIdentifier(key) => key.key_identifier.as_ref().map(|id| id.0.to_vec()),
        _ => None,
    })
}

fn subject_key(certificate: &X509Certificate<'_>) -> Option<Vec<u8>> {
    certificate.iter_extensions().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::SubjectKeyIdentifier(id) => Some(id.0.to_vec()),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
