//! Issues certificates from profiles.

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, ExtendedKeyUsagePurpose as Extended, IsCa, Issuer,
    KeyUsagePurpose, SanType, SerialNumber,
};
use rustls::pki_types::CertificateDer;
use time::OffsetDateTime;

use super::{Certificate, Credential};
use crate::clock::Timestamp;
use crate::crypto::der;
use crate::crypto::key::{PrivateKey, PublicKey};
use crate::crypto::party::fill;
use crate::crypto::refusal::Refusal;
use crate::crypto::subject::{Subject, unencodable};

/// Bytes of a serial number that we draw; RFC 5280, section 4.1.2.2, allows up to 20.
const SERIAL_LEN: usize = 16;
/// id-kp-cmcRA (RFC 6402, section 2.10).
const CMC_RA: [u64; 9] = [1, 3, 6, 1, 5, 5, 7, 3, 28];
/// id-pe-masa-url (RFC 8995, section 2.3.2).
const MASA_URL: [u64; 9] = [1, 3, 6, 1, 5, 5, 7, 1, 32];
/// Years that RFC 5280, section 4.1.2.5, can write.
const YEARS: std::ops::RangeInclusive<i32> = 1950..=9999;

/// What a certificate says.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Whom it names.
    pub subject: Subject,
    /// What its key is for.
    pub purpose: Purpose,
    /// Subject alternative names: DNS names, or IP addresses in text form.
    pub dns_names: Vec<String>,
    /// First moment of validity.
    pub not_before: Timestamp,
    /// Last moment of validity; 9999-12-31T23:59:59Z stands for "never" (RFC 5280, section 4.1.2.5).
    pub not_after: Timestamp,
    /// The serial number, big-endian; absent: drawn from the acting party's stream.
    pub serial: Option<Vec<u8>>,
    /// Where the manufacturer's voucher service is (RFC 8995, section 2.3.2).
    pub masa_url: Option<String>,
}

/// What a certified key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Issues certificates and revocation lists.
    Authority {
        /// How many authorities may follow below; absent: any number.
        path_len: Option<u8>,
    },
    /// Authenticates TLS clients.
    Client,
    /// Authenticates TLS clients and servers.
    ClientAndServer,
    /// Authenticates a TLS server that is a registration authority (RFC 6402, section 2.10).
    RegistrationAuthority,
    /// Authenticates TLS servers.
    Server,
    /// Signs; no extended key usage restricts it.
    Signer,
}

/// A certificate of `key` for itself.
pub fn self_signed(profile: &Profile, key: &PrivateKey) -> Result<Certificate, Refusal> {
    let parameters = parameters(profile)?;
    let certificate = parameters.self_signed(key).map_err(|error| unencodable(&error))?;
    Certificate::from_der(certificate.der())
}

/// A certificate of `subject_key`, signed by `issuer`.
///
/// Nothing is judged: whether the issuer may issue is what a verifier has to find out.
pub fn issue(profile: &Profile, subject_key: &PublicKey, issuer: &Credential) -> Result<Certificate, Refusal> {
    let mut parameters = parameters(profile)?;
    parameters.use_authority_key_identifier_extension = true;
    let certificate = parameters.signed_by(subject_key, &authority(issuer)?).map_err(|error| unencodable(&error))?;
    Certificate::from_der(certificate.der())
}

/// A credential in the form of the X.509 library.
pub(in crate::crypto) fn authority(credential: &Credential) -> Result<Issuer<'static, &PrivateKey>, Refusal> {
    let Some(certificate) = credential.chain.first() else {
        return Err(Refusal::new("no-certificate", "the issuer's credential holds no certificate"));
    };
    Issuer::from_ca_cert_der(&CertificateDer::from(certificate.der()), &credential.key)
        .map_err(|error| unencodable(&error))
}

/// A moment in the form of the X.509 library.
pub(in crate::crypto) fn moment(timestamp: Timestamp) -> Result<OffsetDateTime, Refusal> {
    OffsetDateTime::from_unix_timestamp(timestamp.0)
        .ok()
        .filter(|moment| YEARS.contains(&moment.year()))
        .ok_or_else(|| Refusal::new("unencodable", "a moment outside of the years 1950 to 9999"))
}

fn parameters(profile: &Profile) -> Result<CertificateParams, Refusal> {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = profile.subject.distinguished_name()?;
    parameters.subject_alt_names =
        profile.dns_names.iter().map(|name| alternative_name(name)).collect::<Result<_, _>>()?;
    parameters.not_before = moment(profile.not_before)?;
    parameters.not_after = moment(profile.not_after)?;
    parameters.serial_number = Some(SerialNumber::from(profile.serial.clone().unwrap_or_else(draw_serial)));
    parameters.is_ca = match profile.purpose {
        Purpose::Authority { path_len: Some(n) } => IsCa::Ca(BasicConstraints::Constrained(n)),
        Purpose::Authority { path_len: None } => IsCa::Ca(BasicConstraints::Unconstrained),
        // Explicit, because the library writes the subject key identifier only together with it.
        _ => IsCa::ExplicitNoCa,
    };
    parameters.key_usages = match profile.purpose {
        Purpose::Authority { .. } => vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign],
        _ => vec![KeyUsagePurpose::DigitalSignature],
    };
    parameters.extended_key_usages = match profile.purpose {
        Purpose::Authority { .. } | Purpose::Signer => vec![],
        Purpose::Client => vec![Extended::ClientAuth],
        Purpose::ClientAndServer => vec![Extended::ClientAuth, Extended::ServerAuth],
        Purpose::RegistrationAuthority => vec![Extended::ServerAuth, Extended::Other(CMC_RA.to_vec())],
        Purpose::Server => vec![Extended::ServerAuth],
    };
    if let Some(url) = &profile.masa_url {
        parameters.custom_extensions.push(masa_url(url)?);
    }
    Ok(parameters)
}

fn alternative_name(name: &str) -> Result<SanType, Refusal> {
    if let Ok(address) = name.parse() {
        return Ok(SanType::IpAddress(address));
    }
    Ok(SanType::DnsName(name.try_into().map_err(|error| unencodable(&error))?))
}

fn masa_url(url: &str) -> Result<CustomExtension, Refusal> {
    if !url.is_ascii() {
        return Err(Refusal::new("unencodable", "a MASA URL with characters outside of IA5String"));
    }
    Ok(CustomExtension::from_oid_content(&MASA_URL, der::encode(der::IA5_STRING, url.as_bytes())))
}

/// Positive, and never with a leading zero, so that all serial numbers have one length.
fn draw_serial() -> Vec<u8> {
    let mut serial = [0; SERIAL_LEN];
    fill(&mut serial);
    serial[0] = serial[0] & 0x3f | 0x40;
    serial.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::party::{Party, act};

    const NOW: Timestamp = Timestamp(1_767_225_600);
    /// 9999-12-31T23:59:59Z.
    const NEVER: Timestamp = Timestamp(253_402_300_799);

    fn profile(name: &str, purpose: Purpose) -> Profile {
        Profile {
            subject: Subject::named(name),
            purpose,
            dns_names: vec![],
            not_before: NOW,
            not_after: NEVER,
            serial: None,
            masa_url: None,
        }
    }

    fn device() -> (Credential, Certificate) {
        act(&mut Party::new("seed", &["issue"]), || {
            let key = PrivateKey::generate();
            let root = self_signed(&profile("Root", Purpose::Authority { path_len: Some(0) }), &key).unwrap();
            let root = Credential { chain: vec![root], key };
            let mut profile = profile("device, 1", Purpose::Client);
            profile.subject.serial_number = Some("SN-0001".to_owned());
            profile.dns_names = vec!["device.example".to_owned(), "192.0.2.7".to_owned()];
            profile.masa_url = Some("https://masa.example".to_owned());
            let device = issue(&profile, PrivateKey::generate().public(), &root).unwrap();
            (root, device)
        })
    }

    #[test]
    fn a_certificate_says_what_its_profile_says() {
        let (root, device) = device();
        assert_eq!(device.subject(), "serialNumber=SN-0001,CN=device\\, 1");
        assert_eq!(device.issuer(), "CN=Root");
        assert_eq!(device.common_name().as_deref(), Some("device, 1"));
        assert_eq!(device.subject_serial_number().as_deref(), Some("SN-0001"));
        assert_eq!((device.not_before(), device.not_after()), (NOW, NEVER));
        assert_eq!(device.dns_names(), ["device.example"]);
        assert_eq!(device.masa_url().as_deref(), Some("https://masa.example"));
        assert_eq!(device.extended_key_usages(), ["clientAuth"]);
        assert_eq!(device.serial().len(), SERIAL_LEN);
        assert!(!device.is_authority() && root.chain[0].is_authority());
        assert!(device.subject_key_id().is_some());
        assert_eq!(device.authority_key_id(), root.chain[0].subject_key_id());
        assert_eq!(device.public_key().spki_der().len(), 91);
    }

    /// RFC 5280, section 4.1.2.5: `GeneralizedTime` from 2050 on; IEEE 802.1AR wants exactly this moment.
    #[test]
    fn never_expires_as_generalized_time() {
        let (_, device) = device();
        let expected = der::encode(0x18, b"99991231235959Z");
        assert!(device.der().windows(expected.len()).any(|window| window == expected));
    }

    #[test]
    fn serial_numbers_of_devices_are_printable_strings() {
        let (_, device) = device();
        let expected = der::encode(0x13, b"SN-0001");
        assert!(device.der().windows(expected.len()).any(|window| window == expected));
    }

    #[test]
    fn the_same_stream_gives_the_same_certificate() {
        assert_eq!(device().1.der(), device().1.der());
    }

    #[test]
    fn decoded_shows_each_extension() {
        let (_, device) = device();
        let names: Vec<_> = device.decoded().into_iter().map(|(name, _)| name).collect();
        for name in ["keyUsage (critical)", "extKeyUsage", "subjectAltName", "authorityKeyIdentifier", "masaUrl"] {
            assert!(names.iter().any(|have| have == name), "{name} in {names:?}");
        }
    }

    #[test]
    fn flipped_bytes_never_panic() {
        let (_, device) = device();
        for position in 0..device.der().len() {
            let mut der = device.der().to_vec();
            der[position] ^= 0x04;
            if let Ok(certificate) = Certificate::from_der(&der) {
                let _ = (certificate.decoded(), certificate.dns_names(), certificate.masa_url());
            }
        }
        assert_eq!(Certificate::from_der(b"0").unwrap_err().code, "malformed");
    }

    #[test]
    fn what_asn1_cannot_hold_is_refused() {
        let key = act(&mut Party::new("seed", &["key"]), PrivateKey::generate);
        let mut bad = profile("a", Purpose::Server);
        bad.dns_names = vec!["gerät.example".to_owned()];
        bad.serial = Some(vec![1]);
        assert_eq!(self_signed(&bad, &key).unwrap_err().code, "unencodable");
    }
}
