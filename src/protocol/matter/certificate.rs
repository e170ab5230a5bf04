//! Operational certificates in Matter's own encoding (Matter Core Specification, section 6.5).

use super::tlv::{Element, Member, kind, of, plain};
use crate::annotation::Kind;
use crate::crypto::key::{Algorithm, PublicKey};
use crate::crypto::matter_certificate::{
    ATTRIBUTES, Attribute, AttributeValue, Extension, Form, OperationalCertificate,
};
use crate::protocol::{Encoded, Malformed, ensure};

/// What the tags of a certificate stand for (section 6.5.2).
pub const MEMBERS: &[Member] = &[
    kind(1, "serial-num", Kind::Random),
    plain(2, "sig-algo"),
    of(3, "issuer", NAME),
    plain(4, "not-before"),
    plain(5, "not-after"),
    of(6, "subject", NAME),
    plain(7, "pub-key-algo"),
    plain(8, "ec-curve-id"),
    kind(9, "ec-pub-key", Kind::Key),
    of(10, "extensions", EXTENSIONS),
    kind(11, "signature", Kind::Signature),
];

const NAME: &[Member] = &[
    plain(1, "common-name"),
    plain(2, "surname"),
    plain(3, "serial-num"),
    plain(4, "country-name"),
    plain(5, "locality-name"),
    plain(6, "state-or-province-name"),
    plain(7, "org-name"),
    plain(8, "org-unit-name"),
    plain(9, "title"),
    plain(10, "name"),
    plain(11, "given-name"),
    plain(12, "initials"),
    plain(13, "gen-qualifier"),
    plain(14, "dn-qualifier"),
    plain(15, "pseudonym"),
    plain(16, "domain-component"),
    plain(17, "matter-node-id"),
    plain(18, "matter-firmware-signing-id"),
    plain(19, "matter-icac-id"),
    plain(20, "matter-rcac-id"),
    plain(21, "matter-fabric-id"),
    plain(22, "matter-noc-cat"),
];

const EXTENSIONS: &[Member] = &[
    of(1, "basic-cnstr", &[plain(1, "is-ca"), plain(2, "path-len-constraint")]),
    plain(2, "key-usage"),
    of(3, "extended-key-usage", &[]),
    kind(4, "subject-key-id", Kind::Digest),
    kind(5, "authority-key-id", Kind::Digest),
    plain(6, "future-extension"),
];

/// signature-algorithm: ecdsa-with-sha256.
const ECDSA_WITH_SHA256: u64 = 1;
/// public-key-algorithm: ec.
const EC: u64 = 1;
/// elliptic-curve-id: prime256v1.
const PRIME256V1: u64 = 1;
/// Added to the tag of an attribute whose value is a `PrintableString` (section 6.5.6.1).
const PRINTABLE: u8 = 0x80;
/// Longest certificate in this encoding (section 6.1.3).
pub const MAX_BYTES: usize = 400;

/// Writes the certificate.
#[must_use]
pub fn encode(certificate: &OperationalCertificate) -> Encoded {
    element(certificate).encode(MEMBERS)
}

/// Reads a certificate; nothing is verified.
pub fn decode(bytes: &[u8]) -> Result<OperationalCertificate, Malformed> {
    ensure(bytes.len() <= MAX_BYTES, || {
        format!("a certificate of {} bytes, at most {MAX_BYTES} are allowed", bytes.len())
    })?;
    read(&Element::decode(bytes)?)
}

fn element(certificate: &OperationalCertificate) -> Element {
    Element::Structure(vec![
        (1, Element::Octets(certificate.serial.clone())),
        (2, Element::Unsigned(ECDSA_WITH_SHA256)),
        (3, name(&certificate.issuer)),
        (4, Element::Unsigned(certificate.not_before.into())),
        (5, Element::Unsigned(certificate.not_after.into())),
        (6, name(&certificate.subject)),
        (7, Element::Unsigned(EC)),
        (8, Element::Unsigned(PRIME256V1)),
        (9, Element::Octets(certificate.key.bits().to_vec())),
        (10, Element::List(certificate.extensions.iter().map(extension).collect())),
        (11, Element::Octets(certificate.signature.clone())),
    ])
}

fn name(attributes: &[Attribute]) -> Element {
    let attribute = |attribute: &Attribute| match &attribute.value {
        AttributeValue::Number(number) => (Some(attribute.spec.tag), Element::Unsigned(*number)),
        AttributeValue::Printable(text) => (Some(attribute.spec.tag | PRINTABLE), Element::Text(text.clone())),
        AttributeValue::Text(text) => (Some(attribute.spec.tag), Element::Text(text.clone())),
    };
    Element::List(attributes.iter().map(attribute).collect())
}

fn extension(extension: &Extension) -> (Option<u8>, Element) {
    match extension {
        Extension::AuthorityKeyId(id) => (Some(5), Element::Octets(id.to_vec())),
        Extension::BasicConstraints { is_authority, path_len } => {
            let path_len = path_len.map(|length| Element::Unsigned(length.into()));
            (Some(1), Element::structure([(1, Some(Element::Boolean(*is_authority))), (2, path_len)]))
        }
        Extension::ExtendedKeyUsage(purposes) => {
            (Some(3), Element::Array(purposes.iter().map(|number| Element::Unsigned((*number).into())).collect()))
        }
        Extension::Future(der) => (Some(6), Element::Octets(der.clone())),
        Extension::KeyUsage(bits) => (Some(2), Element::Unsigned((*bits).into())),
        Extension::SubjectKeyId(id) => (Some(4), Element::Octets(id.to_vec())),
    }
}

fn read(element: &Element) -> Result<OperationalCertificate, Malformed> {
    check_order(element)?;
    let is = |tag: u8, name: &str, expected: u64| {
        let found = element.unsigned(tag, name)?;
        ensure(found == expected, || format!("`{name}` is {found}, and only {expected} is known"))
    };
    is(2, "sig-algo", ECDSA_WITH_SHA256)?;
    is(7, "pub-key-algo", EC)?;
    is(8, "ec-curve-id", PRIME256V1)?;
    let point = element.fixed::<65>(9, "ec-pub-key")?;
    let key = PublicKey::from_bits(Algorithm::P256, &point)
        .map_err(|refusal| Malformed::new(refusal.message).inside("ec-pub-key"))?;
    Ok(OperationalCertificate {
        serial: element.octets(1, "serial-num")?.to_vec(),
        issuer: read_name(element, 3, "issuer")?,
        not_before: element.number(4, "not-before")?,
        not_after: element.number(5, "not-after")?,
        subject: read_name(element, 6, "subject")?,
        key,
        extensions: read_extensions(element)?,
        signature: element.fixed::<64>(11, "signature")?.to_vec(),
    })
}

/// Every member once, in the order of the tags: the encoding is to be unique (section 6.5.2).
fn check_order(element: &Element) -> Result<(), Malformed> {
    let Element::Structure(members) = element else {
        return Err(Malformed::new("a certificate is a structure"));
    };
    let is_ordered = members.iter().map(|(tag, _)| *tag).eq(1..=11);
    ensure(is_ordered, || "a certificate has the members 1 to 11, each once and in order".to_owned())
}

fn list<'e>(element: &'e Element, tag: u8, name: &str) -> Result<&'e [(Option<u8>, Element)], Malformed> {
    match element.need(tag, name)? {
        Element::List(members) => Ok(members),
        _ => Err(Malformed::new(format!("`{name}` is no list"))),
    }
}

fn read_name(element: &Element, tag: u8, name: &str) -> Result<Vec<Attribute>, Malformed> {
    let attributes = list(element, tag, name)?;
    attributes.iter().map(|found| read_attribute(found).map_err(|malformed| malformed.inside(name))).collect()
}

fn read_attribute((tag, value): &(Option<u8>, Element)) -> Result<Attribute, Malformed> {
    let tag = tag.ok_or_else(|| Malformed::new("an attribute has no tag"))?;
    let spec = ATTRIBUTES.iter().find(|spec| spec.tag == tag & !PRINTABLE);
    let spec = spec.ok_or_else(|| Malformed::new(format!("no attribute has the tag {tag}")))?;
    let value = match (spec.form, value) {
        (Form::Digits(n_digits), Element::Unsigned(number)) if tag & PRINTABLE == 0 => {
            // Only the CAT is shorter than the number that can be written.
            let is_short = n_digits >= 16 || *number >> (4 * n_digits) == 0;
            ensure(is_short, || format!("`{}` has more than {n_digits} digits", spec.name))?;
            AttributeValue::Number(*number)
        }
        (Form::Text, Element::Text(text)) if tag & PRINTABLE != 0 => AttributeValue::Printable(text.clone()),
        (Form::Ia5 | Form::Text, Element::Text(text)) if tag & PRINTABLE == 0 => AttributeValue::Text(text.clone()),
        (Form::Digits(_) | Form::Ia5 | Form::Text, _) => {
            return Err(Malformed::new(format!("`{}` has a value of another type", spec.name)));
        }
    };
    Ok(Attribute { spec, value })
}

fn read_extensions(element: &Element) -> Result<Vec<Extension>, Malformed> {
    let extensions = list(element, 10, "extensions")?;
    extensions.iter().map(|found| read_extension(found).map_err(|malformed| malformed.inside("extensions"))).collect()
}

fn read_extension((tag, value): &(Option<u8>, Element)) -> Result<Extension, Malformed> {
    // In a structure of its own the value is read like any other member.
    let tag = tag.ok_or_else(|| Malformed::new("an extension has no tag"))?;
    let alone = Element::Structure(vec![(tag, value.clone())]);
    Ok(match tag {
        1 => {
            let path_len = value.find(2).is_some().then(|| value.number(2, "path-len-constraint")).transpose()?;
            Extension::BasicConstraints { is_authority: value.boolean(1, "is-ca")?, path_len }
        }
        2 => Extension::KeyUsage(alone.number(2, "key-usage")?),
        3 => Extension::ExtendedKeyUsage(
            alone.array(3, "extended-key-usage")?.iter().map(key_purpose).collect::<Result<_, _>>()?,
        ),
        4 => Extension::SubjectKeyId(alone.fixed(4, "subject-key-id")?),
        5 => Extension::AuthorityKeyId(alone.fixed(5, "authority-key-id")?),
        6 => Extension::Future(alone.octets(6, "future-extension")?.to_vec()),
        tag => return Err(Malformed::new(format!("no extension has the tag {tag}"))),
    })
}

fn key_purpose(element: &Element) -> Result<u8, Malformed> {
    match element {
        Element::Unsigned(number @ 1..=6) => Ok(u8::try_from(*number).unwrap_or_default()),
        _ => Err(Malformed::new("a key purpose is a number from 1 to 6")),
    }
}
