//! X.509 certificates (RFC 5280).

use std::fmt;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyUsagePurpose,
    SanType, SerialNumber,
};
use x509_parser::der_parser::Oid;
use x509_parser::prelude::{FromDer, GeneralName, KeyUsage, ParsedExtension, X509Certificate};

pub use super::name::Subject;

use super::key::{Certified, Issuing, PrivateKey, PublicKey};
use super::mac::sha256;
use super::name::{check_name, one_line};
use super::party;
use super::refusal::Refusal;
use crate::clock::Timestamp;

/// A certificate, parsed once.
#[derive(Clone)]
pub struct Certificate(Arc<Parsed>);

struct Parsed {
    der: Vec<u8>,
    subject: String,
    issuer: String,
    subject_fields: Subject,
    subject_der: Vec<u8>,
    issuer_der: Vec<u8>,
    serial: Vec<u8>,
    not_before: Timestamp,
    not_after: Timestamp,
    key: PublicKey,
    is_authority: bool,
    path_len: Option<u32>,
    subject_key_id: Option<Vec<u8>>,
    authority_key_id: Option<Vec<u8>>,
    dns_names: Vec<String>,
    key_usages: Vec<String>,
    extended_key_usages: Vec<String>,
    masa_url: Option<String>,
    signature_algorithm: String,
}

/// A private key with its chain, end entity first.
#[derive(Clone, Debug, PartialEq)]
pub struct Credential {
    /// The chain.
    pub chain: Vec<Certificate>,
    /// The key of its first certificate.
    pub key: PrivateKey,
}

/// What a certificate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Issues certificates and revocation lists, with at most so many authorities below it.
    Authority {
        /// pathLenConstraint.
        path_len: Option<u8>,
    },
    /// clientAuth.
    Client,
    /// clientAuth and serverAuth.
    ClientAndServer,
    /// serverAuth and cmcRA (RFC 6402, section 2.10): an EST registration authority.
    RegistrationAuthority,
    /// serverAuth.
    Server,
    /// Signs documents such as vouchers; no extended key usage.
    Signer,
}

/// What goes into a certificate beside the key.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Subject.
    pub subject: Subject,
    /// What it is for.
    pub purpose: Purpose,
    /// subjectAltName, DNS names.
    pub dns_names: Vec<String>,
    /// notBefore.
    pub not_before: Timestamp,
    /// notAfter.
    pub not_after: Timestamp,
    /// Serial number; 16 bytes of the acting party where absent.
    pub serial: Option<Vec<u8>>,
    /// MASA URL extension (RFC 8995, section 2.3.2).
    pub masa_url: Option<String>,
}

/// id-kp-cmcRA.
const CMC_RA: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 3, 28];
/// id-pe-masa-url.
const MASA_URL: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 1, 32];
/// The same in DER, without tag and length.
const MASA_URL_DER: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 32];

/// Issues the certificate of `key` by itself.
pub fn self_signed(profile: Profile, key: &PrivateKey) -> Result<Certificate, Refusal> {
    let certificate = params(profile)?.self_signed(&Issuing::try_from(key)?).map_err(refused)?;
    Certificate::from_der(certificate.der())
}

/// Issues a certificate for `key` by `issuer`.
pub fn issue(profile: Profile, key: &PublicKey, issuer: &Credential) -> Result<Certificate, Refusal> {
    let authority =
        issuer.chain.first().ok_or_else(|| Refusal::new("no-certificate", "the issuer has no certificate"))?;
    let issuer = Issuer::from_ca_cert_der(&authority.der().into(), Issuing::try_from(&issuer.key)?).map_err(refused)?;
    let certificate = params(profile)?.signed_by(&Certified::try_from(key)?, &issuer).map_err(refused)?;
    Certificate::from_der(certificate.der())
}

fn refused(error: rcgen::Error) -> Refusal {
    Refusal::new("bad-certificate", error)
}

fn params(profile: Profile) -> Result<CertificateParams, Refusal> {
    let mut params = CertificateParams::default();
    params.distinguished_name = profile.subject.to_distinguished_name()?;
    params.serial_number = Some(SerialNumber::from(profile.serial.unwrap_or_else(fresh_serial)));
    params.not_before = moment(profile.not_before)?;
    params.not_after = moment(profile.not_after)?;
    params.use_authority_key_identifier_extension = true;
    params.subject_alt_names = profile
        .dns_names
        .into_iter()
        .map(|name| name.try_into().map(SanType::DnsName).map_err(refused))
        .collect::<Result<_, _>>()?;
    (params.is_ca, params.key_usages, params.extended_key_usages) = usages(profile.purpose);
    if let Some(url) = profile.masa_url {
        params.custom_extensions.push(CustomExtension::from_oid_content(MASA_URL, ia5_string(&url)?));
    }
    Ok(params)
}

fn usages(purpose: Purpose) -> (IsCa, Vec<KeyUsagePurpose>, Vec<ExtendedKeyUsagePurpose>) {
    use ExtendedKeyUsagePurpose::{ClientAuth, Other, ServerAuth};
    let end_entity = |extended| (IsCa::ExplicitNoCa, vec![KeyUsagePurpose::DigitalSignature], extended);
    match purpose {
        Purpose::Authority { path_len } => {
            let constraints = path_len.map_or(BasicConstraints::Unconstrained, BasicConstraints::Constrained);
            (IsCa::Ca(constraints), vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign], Vec::new())
        }
        Purpose::Client => end_entity(vec![ClientAuth]),
        Purpose::ClientAndServer => end_entity(vec![ServerAuth, ClientAuth]),
        Purpose::RegistrationAuthority => end_entity(vec![ServerAuth, Other(CMC_RA.to_vec())]),
        Purpose::Server => end_entity(vec![ServerAuth]),
        Purpose::Signer => end_entity(Vec::new()),
    }
}

/// 127 bits of the acting party: positive, never shortened, more than the 64 bits that the CA/Browser Forum asks for.
pub(super) fn fresh_serial() -> Vec<u8> {
    let mut serial = [0; 16];
    party::fill(&mut serial);
    serial[0] = (serial[0] & 0x7f) | 0x40;
    serial.to_vec()
}

/// A moment that X.509 can write; the encoder panics on years before 0.
pub(super) fn moment(timestamp: Timestamp) -> Result<time::OffsetDateTime, Refusal> {
    let moment = time::OffsetDateTime::from_unix_timestamp(timestamp.0).map_err(Refusal::malformed)?;
    if moment.year() < FIRST_YEAR {
        return Err(Refusal::malformed(format!("the year {} in a certificate", moment.year())));
    }
    Ok(moment)
}

/// `UTCTime` begins here, and `GeneralizedTime` is for what follows after it (RFC 5280, section 4.1.2.5).
const FIRST_YEAR: i32 = 1950;

fn ia5_string(text: &str) -> Result<Vec<u8>, Refusal> {
    let length = u8::try_from(text.len()).ok().filter(|length| *length < 0x80 && text.is_ascii());
    let length = length.ok_or_else(|| Refusal::malformed("a URL of more than 127 characters, or not in ASCII"))?;
    Ok([&[0x16, length], text.as_bytes()].concat())
}

impl Certificate {
    /// Reads a certificate.
    pub fn from_der(der: &[u8]) -> Result<Self, Refusal> {
        let (rest, parsed) = X509Certificate::from_der(der).map_err(Refusal::malformed)?;
        if !rest.is_empty() {
            return Err(Refusal::malformed(format!("{} bytes after the certificate", rest.len())));
        }
        check_name(parsed.subject())?;
        check_name(parsed.issuer())?;
        Ok(Self(Arc::new(Parsed {
            der: der.to_vec(),
            subject: one_line(parsed.subject()),
            issuer: one_line(parsed.issuer()),
            subject_fields: Subject::from_name(parsed.subject()),
            subject_der: parsed.subject().as_raw().to_vec(),
            issuer_der: parsed.issuer().as_raw().to_vec(),
            serial: parsed.raw_serial().to_vec(),
            not_before: Timestamp(parsed.validity().not_before.timestamp()),
            not_after: Timestamp(parsed.validity().not_after.timestamp()),
            key: PublicKey::from_spki_der(parsed.public_key().raw)?,
            is_authority: parsed.is_ca(),
            path_len: parsed.basic_constraints().ok().flatten().and_then(|found| found.value.path_len_constraint),
            subject_key_id: find(&parsed, |extension| match extension {
                ParsedExtension::SubjectKeyIdentifier(id) => Some(id.0.to_vec()),
                _ => None,
            }),
            authority_key_id: find(&parsed, |extension| match extension {
                ParsedExtension::AuthorityKeyIdentifier(id) => id.key_identifier.as_ref().map(|id| id.0.to_vec()),
                _ => None,
            }),
            dns_names: dns_names(&parsed),
            key_usages: find(&parsed, |extension| match extension {
                ParsedExtension::KeyUsage(usage) => Some(key_usages(*usage)),
                _ => None,
            })
            .unwrap_or_default(),
            extended_key_usages: extended_key_usages(&parsed),
            masa_url: masa_url(&parsed),
            signature_algorithm: signature_algorithm(&parsed.signature_algorithm.algorithm),
        })))
    }

    /// DER.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// PEM (RFC 7468).
    pub fn pem(&self) -> String {
        super::pem("CERTIFICATE", &self.0.der)
    }

    /// SHA-256 of the DER, as lower-case hexadecimal digits.
    pub fn sha256(&self) -> String {
        hex::encode(sha256(&self.0.der))
    }

    /// The certified key.
    pub fn public_key(&self) -> PublicKey {
        self.0.key.clone()
    }

    /// Subject, on one line.
    pub fn subject(&self) -> String {
        self.0.subject.clone()
    }

    /// Issuer, on one line.
    pub fn issuer(&self) -> String {
        self.0.issuer.clone()
    }

    /// CN of the subject.
    pub fn common_name(&self) -> Option<String> {
        self.0.subject_fields.common_name.clone()
    }

    /// serialNumber of the subject.
    pub fn subject_serial_number(&self) -> Option<String> {
        self.0.subject_fields.serial_number.clone()
    }

    /// The attributes of the subject.
    pub fn subject_fields(&self) -> &Subject {
        &self.0.subject_fields
    }

    /// The serial number, as lower-case hexadecimal digits.
    pub fn serial_hex(&self) -> String {
        hex::encode(&self.0.serial)
    }

    /// The serial number, big-endian.
    pub fn serial_bytes(&self) -> Vec<u8> {
        self.0.serial.clone()
    }

    /// Subject in DER.
    pub fn subject_der(&self) -> &[u8] {
        &self.0.subject_der
    }

    /// Issuer in DER.
    pub fn issuer_der(&self) -> &[u8] {
        &self.0.issuer_der
    }

    /// keyIdentifier of the authorityKeyIdentifier extension (RFC 5280, section 4.2.1.1).
    pub fn authority_key_id(&self) -> Option<&[u8]> {
        self.0.authority_key_id.as_deref()
    }

    /// The subjectKeyIdentifier extension (RFC 5280, section 4.2.1.2).
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        self.0.subject_key_id.as_deref()
    }

    /// notBefore.
    pub fn not_before(&self) -> Timestamp {
        self.0.not_before
    }

    /// notAfter.
    pub fn not_after(&self) -> Timestamp {
        self.0.not_after
    }

    /// Whether it may issue certificates.
    pub fn is_authority(&self) -> bool {
        self.0.is_authority
    }

    /// DNS names of the subjectAltName.
    pub fn dns_names(&self) -> Vec<String> {
        self.0.dns_names.clone()
    }

    /// Extended key usages by name, such as `clientAuth`.
    pub fn extended_key_usages(&self) -> Vec<String> {
        self.0.extended_key_usages.clone()
    }

    /// MASA URL.
    pub fn masa_url(&self) -> Option<String> {
        self.0.masa_url.clone()
    }

    /// Every member for people, in the order of the encoding.
    pub fn decoded(&self) -> Vec<(String, String)> {
        let own = &self.0;
        let authority = match (own.is_authority, own.path_len) {
            (false, _) => "no authority".to_owned(),
            (true, None) => "authority".to_owned(),
            (true, Some(length)) => format!("authority, at most {length} below it"),
        };
        let optional = |id: &Option<Vec<u8>>| id.as_ref().map(hex::encode).unwrap_or_default();
        [
            ("serialNumber", hex::encode(&own.serial)),
            ("signature", own.signature_algorithm.clone()),
            ("issuer", own.issuer.clone()),
            ("notBefore", own.not_before.to_string()),
            ("notAfter", own.not_after.to_string()),
            ("subject", own.subject.clone()),
            ("subjectPublicKeyInfo", format!("{}, SHA-256 {}", own.key.title(), hex::encode(own.key.spki_sha256()))),
            ("basicConstraints", authority),
            ("keyUsage", own.key_usages.join(", ")),
            ("extKeyUsage", own.extended_key_usages.join(", ")),
            ("subjectAltName", own.dns_names.join(", ")),
            ("subjectKeyIdentifier", optional(&own.subject_key_id)),
            ("authorityKeyIdentifier", optional(&own.authority_key_id)),
            ("id-pe-masa-url", own.masa_url.clone().unwrap_or_default()),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.0.der == other.0.der
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.0.subject)
    }
}

fn find<T>(parsed: &X509Certificate<'_>, take: impl Fn(&ParsedExtension<'_>) -> Option<T>) -> Option<T> {
    parsed.extensions().iter().find_map(|extension| take(extension.parsed_extension()))
}

fn dns_names(parsed: &X509Certificate<'_>) -> Vec<String> {
    find(parsed, |extension| match extension {
        ParsedExtension::SubjectAlternativeName(names) => Some(
            names
                .general_names
                .iter()
                .filter_map(|name| match name {
                    GeneralName::DNSName(name) => Some((*name).to_owned()),
                    _ => None,
                })
                .collect(),
        ),
        _ => None,
    })
    .unwrap_or_default()
}

/// By the names of RFC 5280, section 4.2.1.3.
fn key_usages(usage: KeyUsage) -> Vec<String> {
    let known = [
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
    known.into_iter().filter(|(is_set, _)| *is_set).map(|(_, name)| name.to_owned()).collect()
}

fn extended_key_usages(parsed: &X509Certificate<'_>) -> Vec<String> {
    find(parsed, |extension| match extension {
        ParsedExtension::ExtendedKeyUsage(usage) => {
            let known = [
                (usage.any, "anyExtendedKeyUsage"),
                (usage.server_auth, "serverAuth"),
                (usage.client_auth, "clientAuth"),
            ];
            let names = known.into_iter().filter(|(is_set, _)| *is_set).map(|(_, name)| name.to_owned());
            let other = usage.other.iter().map(|oid| match oid.to_id_string().as_str() {
                "1.3.6.1.5.5.7.3.28" => "cmcRA".to_owned(),
                other => other.to_owned(),
            });
            Some(names.chain(other).collect())
        }
        _ => None,
    })
    .unwrap_or_default()
}

/// An `IA5String` inside of the extension (RFC 8995, section 2.3.2).
fn masa_url(parsed: &X509Certificate<'_>) -> Option<String> {
    let extension = parsed.extensions().iter().find(|extension| extension.oid.as_bytes() == MASA_URL_DER)?;
    match extension.value {
        [0x16, length, text @ ..] if usize::from(*length) == text.len() => String::from_utf8(text.to_vec()).ok(),
        _ => None,
    }
}

fn signature_algorithm(oid: &Oid<'_>) -> String {
    match oid.as_bytes() {
        // 1.2.840.10045.4.3.x
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2] => "ecdsa-with-SHA256".to_owned(),
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3] => "ecdsa-with-SHA384".to_owned(),
        // 1.2.840.113549.1.1.11
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 11] => "sha256WithRSAEncryption".to_owned(),
        // 1.3.101.112
        [0x2b, 101, 112] => "Ed25519".to_owned(),
        _ => oid.to_id_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::party::{Party, act};

    const NOW: Timestamp = Timestamp(1_767_225_600);
    /// 9999-12-31T23:59:59Z.
    const NEVER: Timestamp = Timestamp(253_402_300_799);

    fn profile(purpose: Purpose) -> Profile {
        Profile {
            subject: Subject { serial_number: Some("SN-0001".to_owned()), ..Subject::default() },
            purpose,
            dns_names: vec!["device.example".to_owned()],
            not_before: NOW,
            not_after: NEVER,
            serial: None,
            masa_url: Some("https://masa.example".to_owned()),
        }
    }

    fn device() -> (Credential, Certificate) {
        act(&mut Party::new("seed", &["issue"]), || {
            let key = PrivateKey::generate();
            let root = self_signed(profile(Purpose::Authority { path_len: Some(0) }), &key).unwrap();
            let root = Credential { chain: vec![root], key };
            let device = issue(profile(Purpose::RegistrationAuthority), &PrivateKey::generate().public(), &root);
            (root, device.unwrap())
        })
    }

    fn holds(certificate: &Certificate, der: &[u8]) -> bool {
        certificate.der().windows(der.len()).any(|window| window == der)
    }

    #[test]
    fn a_certificate_says_what_its_profile_says() {
        let (root, device) = device();
        assert_eq!(device.subject_serial_number().as_deref(), Some("SN-0001"));
        assert_eq!(device.masa_url().as_deref(), Some("https://masa.example"));
        assert_eq!(device.dns_names(), ["device.example"]);
        assert_eq!((device.not_before(), device.not_after()), (NOW, NEVER));
        assert_eq!(device.extended_key_usages().len(), 2);
        assert_eq!(device.serial_bytes().len(), 16);
        assert!(root.chain[0].is_authority() && !device.is_authority());
    }

    /// RFC 5280, sections 4.1.2.5 and 4.2.1.1, and appendix A.1.
    #[test]
    fn the_encoding_is_the_one_that_the_profiles_of_devices_ask_for() {
        let (root, device) = device();
        assert!(holds(&device, b"\x18\x0f99991231235959Z"), "GeneralizedTime");
        assert!(holds(&device, b"\x06\x03\x55\x04\x05\x13\x07SN-0001"), "PrintableString");
        assert_eq!(device.0.authority_key_id, root.chain[0].0.subject_key_id);
        assert!(device.0.subject_key_id.is_some() && device.0.authority_key_id.is_some());
    }

    #[test]
    fn the_same_stream_gives_the_same_certificate() {
        assert_eq!(device().1.der(), device().1.der());
    }

    #[test]
    fn what_x509_cannot_write_is_refused() {
        let key = act(&mut Party::new("seed", &["key"]), PrivateKey::generate);
        let refused = |change: &dyn Fn(&mut Profile)| {
            let mut profile = profile(Purpose::Client);
            profile.serial = Some(vec![1]);
            change(&mut profile);
            assert!(self_signed(profile, &key).is_err());
        };
        refused(&|profile| profile.dns_names = vec!["gerät.example".to_owned()]);
        refused(&|profile| profile.subject.serial_number = Some("gerät".to_owned()));
        refused(&|profile| profile.subject.country = Some("é".to_owned()));
        refused(&|profile| profile.masa_url = Some("https://é".to_owned()));
        refused(&|profile| profile.not_before = Timestamp(-99_999_999_999));
        refused(&|profile| profile.not_after = Timestamp(i64::MAX));
    }

    #[test]
    fn flipped_bits_never_panic() {
        let (_, device) = device();
        let key = act(&mut Party::new("seed", &["key"]), PrivateKey::generate);
        for position in 0..device.der().len() {
            for bit in [0, 2, 7] {
                let mut der = device.der().to_vec();
                der[position] ^= 1 << bit;
                if let Ok(read) = Certificate::from_der(&der) {
                    assert!(!read.decoded().is_empty());
                    let issuer = Credential { chain: vec![read], key: key.clone() };
                    act(&mut Party::new("seed", &["serial"]), || {
                        drop(issue(profile(Purpose::Client), &key.public(), &issuer));
                    });
                }
            }
        }
    }
}
