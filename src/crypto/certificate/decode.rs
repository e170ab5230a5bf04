//! What a certificate says, for people.

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{ExtendedKeyUsage, GeneralName, KeyUsage, ParsedExtension, X509Extension};
use x509_parser::x509::X509Name;

use crate::clock::Timestamp;
use crate::crypto::der;
use crate::crypto::subject::one_line;

/// Members in the order of the encoding.
pub(super) fn decoded(certificate: &X509Certificate<'_>) -> Vec<(String, String)> {
    let validity = certificate.validity();
    let mut members: Vec<(String, String)> = [
        ("version", certificate.version().to_string().to_lowercase()),
        ("serialNumber", hex::encode(certificate.tbs_certificate.serial.to_bytes_be())),
        ("issuer", one_line(certificate.issuer())),
        ("notBefore", Timestamp(validity.not_before.timestamp()).to_string()),
        ("notAfter", Timestamp(validity.not_after.timestamp()).to_string()),
        ("subject", one_line(certificate.subject())),
        ("publicKey", hex::encode(&certificate.public_key().subject_public_key.data)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    members.extend(certificate.extensions().iter().map(extension));
    members.push((
        "signatureAlgorithm".to_owned(),
        der::oid_name(&certificate.signature_algorithm.algorithm.to_id_string()),
    ));
    members.push(("signature".to_owned(), hex::encode(&certificate.signature_value.data)));
    members
}

fn extension(extension: &X509Extension<'_>) -> (String, String) {
    let name = der::oid_name(&extension.oid.to_id_string());
    let mark = if extension.critical { " (critical)" } else { "" };
    (format!("{name}{mark}"), extension_value(extension))
}

/// An extension's value in a few words; hexadecimal digits where we have no words.
pub(in crate::crypto) fn extension_value(extension: &X509Extension<'_>) -> String {
    match extension.parsed_extension() {
        ParsedExtension::AuthorityKeyIdentifier(id) => {
            id.key_identifier.as_ref().map_or_else(String::new, |id| hex::encode(id.0))
        }
        ParsedExtension::BasicConstraints(constraints) => match (constraints.ca, constraints.path_len_constraint) {
            (false, _) => "cA: false".to_owned(),
            (true, None) => "cA: true".to_owned(),
            (true, Some(n)) => format!("cA: true, pathLenConstraint: {n}"),
        },
        ParsedExtension::CRLNumber(number) => number.to_string(),
        ParsedExtension::ExtendedKeyUsage(usage) => extended_key_usages(usage).join(", "),
        ParsedExtension::KeyUsage(usage) => key_usages(*usage).join(", "),
        ParsedExtension::ReasonCode(reason) => reason.to_string(),
        ParsedExtension::SubjectAlternativeName(names) => {
            names.general_names.iter().map(general_name).collect::<Vec<_>>().join(", ")
        }
        ParsedExtension::SubjectKeyIdentifier(id) => hex::encode(id.0),
        _ => match der::single(extension.value) {
            Some((der::IA5_STRING, text)) => String::from_utf8_lossy(text).into_owned(),
            _ => hex::encode(extension.value),
        },
    }
}

/// RFC 5280, section 4.2.1.6.
fn general_name(name: &GeneralName<'_>) -> String {
    match name {
        GeneralName::DNSName(name) => format!("DNS:{name}"),
        GeneralName::IPAddress(bytes) => format!("IP:{}", address(bytes)),
        GeneralName::RFC822Name(name) => format!("email:{name}"),
        GeneralName::URI(uri) => format!("URI:{uri}"),
        GeneralName::DirectoryName(name) => format!("directory:{}", one_line(name)),
        GeneralName::RegisteredID(oid) => format!("registeredID:{}", oid.to_id_string()),
        GeneralName::OtherName(oid, value) => {
            format!("otherName:{} {}", der::oid_name(&oid.to_id_string()), hex::encode(value))
        }
        GeneralName::X400Address(_) | GeneralName::EDIPartyName(_) | GeneralName::Invalid(..) => {
            "unreadable".to_owned()
        }
    }
}

fn address(bytes: &[u8]) -> String {
    if let Ok(v4) = <[u8; 4]>::try_from(bytes) {
        return std::net::Ipv4Addr::from(v4).to_string();
    }
    <[u8; 16]>::try_from(bytes).map_or_else(|_| hex::encode(bytes), |v6| std::net::Ipv6Addr::from(v6).to_string())
}

/// Names of the bits that are set (RFC 5280, section 4.2.1.3).
fn key_usages(usage: KeyUsage) -> Vec<&'static str> {
    let bits = [
        (usage.digital_signature(), "digitalSignature"),
        (usage.non_repudiation(), "nonRepudiation"),
        (usage.key_encipherment(), "keyEncipherment"),
        (usage.data_encipherment(), "dataEncipherment"),
        (usage.key_agreement(), "keyAgreement"),
        (usage.key_cert_sign(), "keyCertSign"),
        (usage.crl_sign(), "cRLSign"),
        (usage.encipher_only(), "encipherOnly"),
        (usage.decipher_only(), "decipherOnly"),
    ];
    bits.into_iter().filter_map(|(set, name)| set.then_some(name)).collect()
}

/// RFC 5280, section 4.2.1.12.
pub(super) fn extended_key_usages(usage: &ExtendedKeyUsage<'_>) -> Vec<String> {
    let known = [
        (usage.any, "anyExtendedKeyUsage"),
        (usage.server_auth, "serverAuth"),
        (usage.client_auth, "clientAuth"),
        (usage.code_signing, "codeSigning"),
        (usage.email_protection, "emailProtection"),
        (usage.time_stamping, "timeStamping"),
        (usage.ocsp_signing, "OCSPSigning"),
    ];
    let known = known.into_iter().filter(|(set, _)| *set).map(|(_, name)| name.to_owned());
    known.chain(usage.other.iter().map(|oid| der::oid_name(&oid.to_id_string()))).collect()
}

/// Whether each relative name holds an attribute, as X.501 demands; the X.509 library relies on it.
pub(in crate::crypto) fn is_sound(name: &X509Name<'_>) -> bool {
    name.iter_rdn().all(|rdn| rdn.iter().next().is_some())
}
