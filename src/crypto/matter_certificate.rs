//! Matter's operational certificates as X.509 (Matter Core Specification, section 6.5): what they say, their DER, and
//! their issue.
//!
//! Matter sends them in an encoding of its own, from which every byte of the X.509 certificate can be made again, since
//! that is what is signed.

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use x509_parser::der_parser::der::parse_der_sequence;
use x509_parser::prelude::{FromDer, ParsedExtension, X509Certificate, X509Extension, X509Name};

use super::certificate::{Certificate, Credential, fresh_serial};
use super::der::element;
use super::key::{Algorithm, PrivateKey, PublicKey, SignatureForm, WRONG_ALGORITHM};
use super::party::count;
use super::refusal::Refusal;
use crate::clock::Timestamp;

/// What an operational certificate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationalCertificate {
    /// Serial number as DER has it: big-endian, 1 to 20 bytes.
    pub serial: Vec<u8>,
    /// Issuer.
    pub issuer: Vec<Attribute>,
    /// notBefore, seconds since 2000-01-01T00:00:00Z.
    pub not_before: u32,
    /// notAfter, seconds since 2000-01-01T00:00:00Z; 0 for 9999-12-31T23:59:59Z.
    pub not_after: u32,
    /// Subject.
    pub subject: Vec<Attribute>,
    /// The certified key, which is of P-256.
    pub key: PublicKey,
    /// Extensions in the order of the certificate.
    pub extensions: Vec<Extension>,
    /// r and s, 32 bytes each.
    pub signature: Vec<u8>,
}

/// An attribute of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its row in [`ATTRIBUTES`].
    pub spec: &'static AttributeSpec,
    /// Its value.
    pub value: AttributeValue,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeValue {
    /// Of those that Matter defines.
    Number(u64),
    /// A `PrintableString`.
    Printable(String),
    /// A `UTF8String`, or the `IA5String` of a domainComponent.
    Text(String),
}

/// An attribute that names can have (section 6.5.6.1, table "Matter Certificate DN Encodings").
#[derive(Debug, PartialEq, Eq)]
pub struct AttributeSpec {
    /// Context tag in Matter's encoding.
    pub tag: u8,
    /// Name in the standard.
    pub name: &'static str,
    /// Object identifier in DER, without tag and length.
    pub oid: &'static [u8],
    /// How its value is written.
    pub form: Form,
}

/// How the value of an attribute is written in X.509.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A number as so many upper-case hexadecimal digits, in a `UTF8String`.
    Digits(usize),
    /// An `IA5String`.
    Ia5,
    /// A `UTF8String` or `PrintableString`.
    Text,
}

/// An extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extension {
    /// authorityKeyIdentifier.
    AuthorityKeyId([u8; 20]),
    /// basicConstraints, critical.
    BasicConstraints {
        /// cA.
        is_authority: bool,
        /// pathLenConstraint.
        path_len: Option<u8>,
    },
    /// extKeyUsage, critical: numbers of [`PURPOSES`].
    ExtendedKeyUsage(Vec<u8>),
    /// Any other, as the DER of the whole extension (section 6.5.11.6).
    Future(Vec<u8>),
    /// keyUsage, critical; bit 0 is digitalSignature.
    KeyUsage(u16),
    /// subjectKeyIdentifier.
    SubjectKeyId([u8; 20]),
}

/// What the certificate is for, and who it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// ICAC: issues certificates of nodes.
    Intermediate {
        /// matter-icac-id.
        id: u64,
        /// matter-fabric-id, where it is for one fabric alone.
        fabric_id: Option<u64>,
    },
    /// NOC: a node of a fabric.
    Node {
        /// matter-node-id.
        id: u64,
        /// matter-fabric-id.
        fabric_id: u64,
        /// matter-noc-cat, at most three.
        cats: Vec<u32>,
    },
    /// RCAC: the root of a fabric.
    Root {
        /// matter-rcac-id.
        id: u64,
        /// matter-fabric-id, where it is for one fabric alone.
        fabric_id: Option<u64>,
    },
}

/// Every attribute, by tag.
pub const ATTRIBUTES: &[AttributeSpec] = &[
    text(1, "common-name", &[0x55, 4, 3]),
    text(2, "surname", &[0x55, 4, 4]),
    text(3, "serial-num", &[0x55, 4, 5]),
    text(4, "country-name", &[0x55, 4, 6]),
    text(5, "locality-name", &[0x55, 4, 7]),
    text(6, "state-or-province-name", &[0x55, 4, 8]),
    text(7, "org-name", &[0x55, 4, 10]),
    text(8, "org-unit-name", &[0x55, 4, 11]),
    text(9, "title", &[0x55, 4, 12]),
    text(10, "name", &[0x55, 4, 41]),
    text(11, "given-name", &[0x55, 4, 42]),
    text(12, "initials", &[0x55, 4, 43]),
    text(13, "gen-qualifier", &[0x55, 4, 44]),
    text(14, "dn-qualifier", &[0x55, 4, 46]),
    text(15, "pseudonym", &[0x55, 4, 65]),
    AttributeSpec {
        tag: 16,
        name: "domain-component",
        oid: &[9, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 100, 1, 25],
        form: Form::Ia5,
    },
    number(NODE_ID, "matter-node-id", &[0x2b, 6, 1, 4, 1, 0x82, 0xa2, 0x7c, 1, 1], 16),
    number(18, "matter-firmware-signing-id", &[0x2b, 6, 1, 4, 1, 0x82, 0xa2, 0x7c, 1, 2], 16),
    number(ICAC_ID, "matter-icac-id", &[0x2b, 6, 1, 4, 1, 0x82, 0xa2, 0x7c, 1, 3], 16),
    number(RCAC_ID, "matter-rcac-id", &[0x2b, 6, 1, 4, 1, 0x82, 0xa2, 0x7c, 1, 4], 16),
    number(FABRIC_ID, "matter-fabric-id", &[0x2b, 6, 1, 4, 1, 0x82, 0xa2, 0x7c, 1, 5], 16),
    number(NOC_CAT, "matter-noc-cat", &[0x2b, 6, 1, 4, 1, 0x82, 0xa2, 0x7c, 1, 6], 8),
];

const NODE_ID: u8 = 17;
const ICAC_ID: u8 = 19;
const RCAC_ID: u8 = 20;
const FABRIC_ID: u8 = 21;
const NOC_CAT: u8 = 22;

/// Purposes of keys by their numbers in Matter's encoding (section 6.5.11.3), with the last arc of 1.3.6.1.5.5.7.3.
pub const PURPOSES: &[(u8, u8, &str)] = &[
    (1, 1, "serverAuth"),
    (2, 2, "clientAuth"),
    (3, 3, "codeSigning"),
    (4, 4, "emailProtection"),
    (5, 8, "timeStamping"),
    (6, 9, "OCSPSigning"),
];

/// 2000-01-01T00:00:00Z, in seconds since 1970 (section 7.19.2.5, epoch-s).
pub const EPOCH: i64 = 946_684_800;

const fn text(tag: u8, name: &'static str, oid: &'static [u8]) -> AttributeSpec {
    AttributeSpec { tag, name, oid, form: Form::Text }
}

const fn number(tag: u8, name: &'static str, oid: &'static [u8], n_digits: usize) -> AttributeSpec {
    AttributeSpec { tag, name, oid, form: Form::Digits(n_digits) }
}

/// The moment in seconds since 2000; one that the 32 bits of Matter cannot hold is refused.
pub fn epoch_seconds(moment: Timestamp) -> Result<u32, Refusal> {
    u32::try_from(moment.0 - EPOCH)
        .map_err(|_| Refusal::new(NOT_CONVERTIBLE, format!("Matter has no number for the moment {moment}")))
}

/// The attribute `name` of the certificate's subject: of Matter's own the hexadecimal digits.
pub fn subject_attribute(certificate: &Certificate, name: &str) -> Option<String> {
    let spec = ATTRIBUTES.iter().find(|spec| spec.name == name)?;
    let (_, parsed) = X509Certificate::from_der(certificate.der()).ok()?;
    let attribute =
        parsed.subject().iter_attributes().find(|attribute| attribute.attr_type().as_bytes() == spec.oid)?;
    attribute.as_str().ok().map(str::to_owned)
}

/// The compressed fabric identifier, 8 bytes, by which a fabric is found in operational discovery (section 4.3.2.2).
pub fn compressed_fabric_id(root: &PublicKey, fabric_id: u64) -> Vec<u8> {
    // The point without the byte that says that it is uncompressed.
    super::mac::Hash::Sha256.hkdf(&fabric_id.to_be_bytes(), &root.bits()[1..], b"CompressedFabric", 8)
}

/// The operational key of a group from its epoch key (section 4.17.2.1).
pub fn operational_group_key(epoch_key: &[u8], compressed_fabric_id: &[u8]) -> Vec<u8> {
    super::mac::Hash::Sha256.hkdf(compressed_fabric_id, epoch_key, b"GroupKey v1.0", 16)
}

/// A new root of a fabric.
pub fn self_signed(role: &Role, key: &PrivateKey, validity: (Timestamp, Timestamp)) -> Result<Certificate, Refusal> {
    let subject = role.subject();
    let issuer = Issuer { name: subject.clone(), key, key_id: key_id(&key.public()) };
    unsigned(role, subject, &key.public(), &issuer, validity)?.signed(key)
}

/// A certificate for `key` by `issuer`, whose own certificate must be an operational one.
pub fn issue(
    role: &Role,
    key: &PublicKey,
    issuer: &Credential,
    validity: (Timestamp, Timestamp),
) -> Result<Certificate, Refusal> {
    let authority =
        issuer.chain.first().ok_or_else(|| Refusal::new("no-certificate", "the issuer has no certificate"))?;
    let authority = OperationalCertificate::from_certificate(authority)?;
    let key_id = authority.subject_key_id().unwrap_or_else(|| key_id(&authority.key));
    let by = Issuer { name: authority.subject, key: &issuer.key, key_id };
    unsigned(role, role.subject(), key, &by, validity)?.signed(by.key)
}

/// A certificate of the attacker's own that names whom `genuine` names; `None` where that is no node's.
pub fn forged(
    genuine: &Certificate,
    key: &PublicKey,
    by: &PrivateKey,
    validity: (Timestamp, Timestamp),
) -> Option<Certificate> {
    let genuine = OperationalCertificate::from_certificate(genuine).ok()?;
    let id = genuine.subject_number(NODE_ID)?;
    let fabric_id = genuine.subject_number(FABRIC_ID)?;
    let role = Role::Node { id, fabric_id, cats: Vec::new() };
    let authority = Role::Root { id: ATTACKER_RCAC_ID, fabric_id: None };
    let issuer = Issuer { name: authority.subject(), key: by, key_id: key_id(&by.public()) };
    unsigned(&role, role.subject(), key, &issuer, validity).ok()?.signed(by).ok()
}

/// The name of an authority that no fabric has.
const ATTACKER_RCAC_ID: u64 = 0xBAD0_0000_0000_0001;

/// Who issues.
struct Issuer<'k> {
    name: Vec<Attribute>,
    key: &'k PrivateKey,
    key_id: [u8; 20],
}

fn unsigned(
    role: &Role,
    subject: Vec<Attribute>,
    key: &PublicKey,
    issuer: &Issuer<'_>,
    (not_before, not_after): (Timestamp, Timestamp),
) -> Result<OperationalCertificate, Refusal> {
    for algorithm in [key.algorithm(), issuer.key.algorithm()] {
        if algorithm != Algorithm::P256 {
            let message = format!("certificates of Matter are for keys of P-256, not of {}", algorithm.title());
            return Err(Refusal::new(WRONG_ALGORITHM, message));
        }
    }
    let not_after = if not_after == Timestamp::LAST { 0 } else { epoch_seconds(not_after)? };
    Ok(OperationalCertificate {
        serial: fresh_serial(),
        issuer: issuer.name.clone(),
        not_before: epoch_seconds(not_before)?,
        not_after,
        subject,
        key: key.clone(),
        extensions: role.extensions(key_id(key), issuer.key_id),
        signature: Vec::new(),
    })
}

impl Role {
    fn subject(&self) -> Vec<Attribute> {
        let fabric = |id: &Option<u64>| id.map(|id| Attribute::number(FABRIC_ID, id));
        match self {
            Self::Intermediate { id, fabric_id } => {
                std::iter::once(Attribute::number(ICAC_ID, *id)).chain(fabric(fabric_id)).collect()
            }
            Self::Node { id, fabric_id, cats } => {
                let ids = [Attribute::number(NODE_ID, *id), Attribute::number(FABRIC_ID, *fabric_id)];
                ids.into_iter().chain(cats.iter().map(|cat| Attribute::number(NOC_CAT, u64::from(*cat)))).collect()
            }
            Self::Root { id, fabric_id } => {
                std::iter::once(Attribute::number(RCAC_ID, *id)).chain(fabric(fabric_id)).collect()
            }
        }
    }

    /// Section 6.5.11: in this order.
    fn extensions(&self, own: [u8; 20], issuer: [u8; 20]) -> Vec<Extension> {
        let identifiers = [Extension::SubjectKeyId(own), Extension::AuthorityKeyId(issuer)];
        let usage = match self {
            Self::Intermediate { .. } | Self::Root { .. } => {
                let path_len = matches!(self, Self::Intermediate { .. }).then_some(0);
                vec![
                    Extension::BasicConstraints { is_authority: true, path_len },
                    Extension::KeyUsage(KEY_CERT_SIGN | CRL_SIGN),
                ]
            }
            Self::Node { .. } => vec![
                Extension::BasicConstraints { is_authority: false, path_len: None },
                Extension::KeyUsage(DIGITAL_SIGNATURE),
                Extension::ExtendedKeyUsage(vec![CLIENT_AUTH, SERVER_AUTH]),
            ],
        };
        usage.into_iter().chain(identifiers).collect()
    }
}

const DIGITAL_SIGNATURE: u16 = 1;
const KEY_CERT_SIGN: u16 = 1 << 5;
const CRL_SIGN: u16 = 1 << 6;
const SERVER_AUTH: u8 = 1;
const CLIENT_AUTH: u8 = 2;

/// SHA-1 of the point (RFC 5280, section 4.2.1.2, method 1), which section 6.5.11.4 asks for.
fn key_id(key: &PublicKey) -> [u8; 20] {
    count(|counts| {
        counts.hash += 1;
        counts.hash_bytes += key.bits().len() as u64;
    });
    let mut id = [0; 20];
    id.copy_from_slice(digest(&SHA1_FOR_LEGACY_USE_ONLY, key.bits()).as_ref());
    id
}

impl Attribute {
    /// The attribute of Matter's own with this tag.
    fn number(tag: u8, number: u64) -> Self {
        let spec = ATTRIBUTES.iter().find(|spec| spec.tag == tag).expect("Matter's own attributes stand in the table");
        Self { spec, value: AttributeValue::Number(number) }
    }

    /// The string and its tag in DER.
    fn string(&self) -> (u8, Vec<u8>) {
        match (&self.value, self.spec.form) {
            (AttributeValue::Number(number), Form::Digits(n_digits)) => {
                (UTF8_STRING, format!("{number:0n_digits$X}").into_bytes())
            }
            (AttributeValue::Number(number), Form::Ia5 | Form::Text) => (UTF8_STRING, number.to_string().into_bytes()),
            (AttributeValue::Printable(text), _) => (PRINTABLE_STRING, text.clone().into_bytes()),
            (AttributeValue::Text(text), Form::Ia5) => (IA5_STRING, text.clone().into_bytes()),
            (AttributeValue::Text(text), _) => (UTF8_STRING, text.clone().into_bytes()),
        }
    }

    fn read(oid: &[u8], tag: u32, content: &[u8]) -> Result<Self, Refusal> {
        let spec = ATTRIBUTES.iter().find(|spec| spec.oid == oid);
        let spec = spec.ok_or_else(|| Refusal::new(NOT_CONVERTIBLE, "a name has an attribute without a number"))?;
        let text = std::str::from_utf8(content).map_err(Refusal::malformed)?;
        let value = match spec.form {
            Form::Digits(_) => AttributeValue::Number(
                u64::from_str_radix(text, 16)
                    .map_err(|error| Refusal::malformed(format!("`{}` is `{text}`: {error}", spec.name)))?,
            ),
            Form::Text if tag == u32::from(PRINTABLE_STRING) => AttributeValue::Printable(text.to_owned()),
            Form::Ia5 | Form::Text => AttributeValue::Text(text.to_owned()),
        };
        Ok(Self { spec, value })
    }
}

const BOOLEAN_TRUE: &[u8] = &[0x01, 0x01, 0xff];
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTF8_STRING: u8 = 0x0c;
const PRINTABLE_STRING: u8 = 0x13;
const IA5_STRING: u8 = 0x16;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
/// The code of what X.509 can say and Matter's encoding cannot.
const NOT_CONVERTIBLE: &str = "not-convertible";

impl OperationalCertificate {
    /// Reads an X.509 certificate; one that Matter's encoding cannot carry byte for byte is refused.
    pub fn from_certificate(certificate: &Certificate) -> Result<Self, Refusal> {
        let (_, parsed) = X509Certificate::from_der(certificate.der()).map_err(Refusal::malformed)?;
        let signature = p256::ecdsa::Signature::from_der(&parsed.signature_value.data).map_err(Refusal::malformed)?;
        let not_after = certificate.not_after();
        let own = Self {
            serial: parsed.raw_serial().to_vec(),
            issuer: attributes(parsed.issuer())?,
            not_before: epoch_seconds(certificate.not_before())?,
            not_after: if not_after == Timestamp::LAST { 0 } else { epoch_seconds(not_after)? },
            subject: attributes(parsed.subject())?,
            key: certificate.public_key(),
            extensions: parsed.extensions().iter().map(extension).collect::<Result<_, _>>()?,
            signature: signature.to_bytes().to_vec(),
        };
        if own.der()? != certificate.der() {
            let message = "the certificate is written otherwise than Matter's encoding can say";
            return Err(Refusal::new(NOT_CONVERTIBLE, message));
        }
        Ok(own)
    }

    /// The X.509 certificate.
    pub fn to_certificate(&self) -> Result<Certificate, Refusal> {
        Certificate::from_der(&self.der()?)
    }

    /// The number of the subject's first attribute with this tag.
    fn subject_number(&self, tag: u8) -> Option<u64> {
        self.subject.iter().find(|attribute| attribute.spec.tag == tag).and_then(|attribute| match attribute.value {
            AttributeValue::Number(number) => Some(number),
            AttributeValue::Printable(_) | AttributeValue::Text(_) => None,
        })
    }

    /// matter-node-id of the subject.
    pub fn node_id(&self) -> Option<u64> {
        self.subject_number(NODE_ID)
    }

    /// matter-fabric-id of the subject.
    pub fn fabric_id(&self) -> Option<u64> {
        self.subject_number(FABRIC_ID)
    }

    fn subject_key_id(&self) -> Option<[u8; 20]> {
        self.extensions.iter().find_map(|extension| match extension {
            Extension::SubjectKeyId(id) => Some(*id),
            _ => None,
        })
    }

    fn signed(self, key: &PrivateKey) -> Result<Certificate, Refusal> {
        let signature = key.sign(SignatureForm::JOSE, &self.tbs_der()?)?;
        Self { signature, ..self }.to_certificate()
    }

    /// What the signature is over: `TBSCertificate` of the X.509 certificate (RFC 5280, section 4.1).
    pub fn tbs_der(&self) -> Result<Vec<u8>, Refusal> {
        if !matches!(self.serial.len(), 1..=20) {
            return Err(Refusal::malformed(format!("a serial number of {} bytes", self.serial.len())));
        }
        let extensions = self.extensions.iter().map(Extension::der).collect::<Result<Vec<_>, _>>()?.concat();
        let validity = [moment(self.not_before)?, not_after(self.not_after)?].concat();
        let members = [
            element(0xa0, &element(INTEGER, &[2])),
            element(INTEGER, &self.serial),
            signature_algorithm().to_vec(),
            name(&self.issuer),
            element(SEQUENCE, &validity),
            name(&self.subject),
            self.key.spki_der(),
            element(0xa3, &element(SEQUENCE, &extensions)),
        ];
        Ok(element(SEQUENCE, &members.concat()))
    }

    fn der(&self) -> Result<Vec<u8>, Refusal> {
        let signature = p256::ecdsa::Signature::from_slice(&self.signature).map_err(Refusal::malformed)?;
        let signature = element(BIT_STRING, &[&[0], signature.to_der().as_bytes()].concat());
        Ok(element(SEQUENCE, &[self.tbs_der()?, signature_algorithm().to_vec(), signature].concat()))
    }
}

/// ecdsa-with-SHA256, the only one that Matter uses (section 6.5.5).
fn signature_algorithm() -> &'static [u8] {
    Algorithm::P256.x509_identifier().unwrap_or_default()
}

fn name(attributes: &[Attribute]) -> Vec<u8> {
    let relative = attributes.iter().map(|attribute| {
        let (tag, string) = attribute.string();
        let pair = [element(OBJECT_IDENTIFIER, attribute.spec.oid), element(tag, &string)].concat();
        element(SET, &element(SEQUENCE, &pair))
    });
    element(SEQUENCE, &relative.collect::<Vec<_>>().concat())
}

fn attributes(name: &X509Name<'_>) -> Result<Vec<Attribute>, Refusal> {
    name.iter_attributes()
        .map(|found| Attribute::read(found.attr_type().as_bytes(), found.attr_value().tag().0, found.attr_value().data))
        .collect()
}

/// `UTCTime` until 2049, `GeneralizedTime` after it (RFC 5280, section 4.1.2.5).
fn moment(seconds: u32) -> Result<Vec<u8>, Refusal> {
    let moment = time::OffsetDateTime::from_unix_timestamp(EPOCH + i64::from(seconds)).map_err(Refusal::malformed)?;
    let (tag, year) = match moment.year() {
        year @ ..2050 => (UTC_TIME, format!("{:02}", year % 100)),
        year => (GENERALIZED_TIME, format!("{year:04}")),
    };
    let (date, time) = (moment.date(), moment.time());
    let (month, day) = (u8::from(date.month()), date.day());
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    let text = format!("{year}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    Ok(element(tag, text.as_bytes()))
}

fn not_after(seconds: u32) -> Result<Vec<u8>, Refusal> {
    // Section 6.5.7: 0 means that the certificate has no well-defined end (RFC 5280, section 4.1.2.5).
    if seconds == 0 { Ok(element(GENERALIZED_TIME, b"99991231235959Z")) } else { moment(seconds) }
}

impl Extension {
    fn der(&self) -> Result<Vec<u8>, Refusal> {
        let written = |arc: u8, critical: &[u8], value: &[u8]| {
            let members = [&element(OBJECT_IDENTIFIER, &[0x55, 29, arc]), critical, &element(OCTET_STRING, value)];
            element(SEQUENCE, &members.concat())
        };
        Ok(match self {
            Self::AuthorityKeyId(id) => written(35, &[], &element(SEQUENCE, &element(0x80, id))),
            Self::BasicConstraints { is_authority, path_len } => {
                let mut constraints = if *is_authority { BOOLEAN_TRUE.to_vec() } else { Vec::new() };
                constraints.extend(path_len.map(|length| element(INTEGER, &[length])).unwrap_or_default());
                written(19, BOOLEAN_TRUE, &element(SEQUENCE, &constraints))
            }
            Self::ExtendedKeyUsage(purposes) => {
                let oids = purposes.iter().map(|number| {
                    let known = PURPOSES.iter().find(|purpose| purpose.0 == *number);
                    let arc = known.map(|purpose| purpose.1);
                    let arc =
                        arc.ok_or_else(|| Refusal::malformed(format!("no key purpose has the number {number}")))?;
                    Ok(element(OBJECT_IDENTIFIER, &[&KEY_PURPOSE[..], &[arc]].concat()))
                });
                let oids = oids.collect::<Result<Vec<_>, Refusal>>()?.concat();
                written(37, BOOLEAN_TRUE, &element(SEQUENCE, &oids))
            }
            Self::Future(der) => der.clone(),
            Self::KeyUsage(bits) => written(15, BOOLEAN_TRUE, &bit_string(*bits)),
            Self::SubjectKeyId(id) => written(14, &[], &element(OCTET_STRING, id)),
        })
    }
}

/// id-kp in DER, without tag and length.
const KEY_PURPOSE: [u8; 7] = [0x2b, 6, 1, 5, 5, 7, 3];

/// A named bit list without trailing zeros (X.690, section 11.2.2); bit 0 is the first.
fn bit_string(bits: u16) -> Vec<u8> {
    let [first, second] = bits.to_le_bytes().map(u8::reverse_bits);
    let content = match (first, second) {
        (0, 0) => vec![0],
        (first, 0) => vec![unused(first), first],
        (first, second) => vec![unused(second), first, second],
    };
    element(BIT_STRING, &content)
}

fn unused(last: u8) -> u8 {
    u8::try_from(last.trailing_zeros()).unwrap_or_default()
}

fn extension(found: &X509Extension<'_>) -> Result<Extension, Refusal> {
    let key_id = |bytes: &[u8]| {
        <[u8; 20]>::try_from(bytes)
            .map_err(|_| Refusal::new(NOT_CONVERTIBLE, format!("a key identifier of {} bytes, not 20", bytes.len())))
    };
    Ok(match found.parsed_extension() {
        ParsedExtension::AuthorityKeyIdentifier(id) => {
            Extension::AuthorityKeyId(key_id(id.key_identifier.as_ref().map_or(&[][..], |id| id.0))?)
        }
        ParsedExtension::BasicConstraints(constraints) => {
            let path_len = constraints.path_len_constraint.map(u8::try_from).transpose().map_err(Refusal::malformed)?;
            Extension::BasicConstraints { is_authority: constraints.ca, path_len }
        }
        ParsedExtension::ExtendedKeyUsage(_) => Extension::ExtendedKeyUsage(purposes(found.value)?),
        ParsedExtension::KeyUsage(usage) => Extension::KeyUsage(usage.flags),
        ParsedExtension::SubjectKeyIdentifier(id) => Extension::SubjectKeyId(key_id(id.0)?),
        _ => {
            let critical = if found.critical { BOOLEAN_TRUE } else { &[] };
            let oid = element(OBJECT_IDENTIFIER, found.oid.as_bytes());
            let members = [&oid, critical, &element(OCTET_STRING, found.value)];
            Extension::Future(element(SEQUENCE, &members.concat()))
        }
    })
}

/// The numbers of the purposes in an extKeyUsage, in its order, which the parser does not keep.
fn purposes(value: &[u8]) -> Result<Vec<u8>, Refusal> {
    let (_, sequence) = parse_der_sequence(value).map_err(Refusal::malformed)?;
    let oids = sequence.as_sequence().map_err(Refusal::malformed)?;
    oids.iter()
        .map(|oid| {
            let oid = oid.as_oid_val().map_err(Refusal::malformed)?;
            let arc = oid.as_bytes().strip_prefix(&KEY_PURPOSE[..]);
            let known = PURPOSES.iter().find(|purpose| arc == Some(&[purpose.1][..]));
            known
                .map(|purpose| purpose.0)
                .ok_or_else(|| Refusal::new(NOT_CONVERTIBLE, format!("the key purpose {oid} has no number")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::chain::{self, Usage};
    use crate::crypto::party::{Party, act};

    const NOW: Timestamp = Timestamp(1_767_225_600);
    const NEVER: (Timestamp, Timestamp) = (NOW, Timestamp::LAST);

    fn fabric() -> (Credential, Credential, Certificate) {
        act(&mut Party::new("seed", &["fabric"]), || {
            let below = |role: &Role, issuer: &Credential| {
                let key = PrivateKey::generate();
                let mut chain = vec![issue(role, &key.public(), issuer, NEVER).unwrap()];
                chain.extend(issuer.chain.clone());
                Credential { chain, key }
            };
            let key = PrivateKey::generate();
            let root = self_signed(&Role::Root { id: 1, fabric_id: None }, &key, NEVER).unwrap();
            let root = Credential { chain: vec![root], key };
            let intermediate = below(&Role::Intermediate { id: 2, fabric_id: Some(7) }, &root);
            let node = Role::Node { id: 0xDEDE_DEDE_0001_0001, fabric_id: 7, cats: vec![0x000A_0001] };
            let node = below(&node, &intermediate).chain[0].clone();
            (root, intermediate, node)
        })
    }

    #[test]
    fn what_is_issued_verifies_and_converts() {
        let (root, intermediate, node) = fabric();
        let chain = [node.clone(), intermediate.chain[0].clone()];
        for usage in [Usage::Client, Usage::Server] {
            chain::verify(&chain, &root.chain, usage, None, &[], NOW).unwrap();
        }
        for certificate in [&root.chain[0], &intermediate.chain[0], &node] {
            let own = OperationalCertificate::from_certificate(certificate).unwrap();
            assert_eq!(own.to_certificate().unwrap().der(), certificate.der());
            assert_eq!(own.not_after, 0);
        }
        assert_eq!(subject_attribute(&node, "matter-node-id").as_deref(), Some("DEDEDEDE00010001"));
        assert_eq!(subject_attribute(&node, "matter-noc-cat").as_deref(), Some("000A0001"));
        assert_eq!(subject_attribute(&node, "matter-rcac-id"), None);
    }

    #[test]
    fn bits_of_a_key_usage_are_written_without_trailing_zeros() {
        assert_eq!(bit_string(DIGITAL_SIGNATURE), [3, 2, 7, 0x80]);
        assert_eq!(bit_string(KEY_CERT_SIGN | CRL_SIGN), [3, 2, 1, 6]);
        assert_eq!(bit_string(1 << 8), [3, 3, 7, 0, 0x80]);
        assert_eq!(bit_string(0), [3, 1, 0]);
    }

    #[test]
    fn what_matter_cannot_say_is_refused() {
        let refused = |key: &PrivateKey, validity| {
            self_signed(&Role::Root { id: 1, fabric_id: None }, key, validity).unwrap_err().code
        };
        let (root, intermediate, _) = fabric();
        let before = (Timestamp(0), NOW);
        assert_eq!(act(&mut Party::new("seed", &["serial"]), || refused(&root.key, before)), NOT_CONVERTIBLE);
        let other = act(&mut Party::new("seed", &["other"]), || PrivateKey::generate_for(Algorithm::P384));
        assert_eq!(refused(&other, NEVER), WRONG_ALGORITHM);
        let mut changed = OperationalCertificate::from_certificate(&intermediate.chain[0]).unwrap();
        changed.extensions.push(Extension::ExtendedKeyUsage(vec![9]));
        assert_eq!(changed.tbs_der().unwrap_err().message, "no key purpose has the number 9");
        changed.serial.clear();
        assert_eq!(changed.tbs_der().unwrap_err().code, "malformed");
    }

    #[test]
    fn moments_after_2049_are_of_the_other_type() {
        assert_eq!(moment(0).unwrap(), b"\x17\x0d000101000000Z");
        assert_eq!(moment(u32::MAX).unwrap(), b"\x18\x0f21360207062815Z");
    }
}
