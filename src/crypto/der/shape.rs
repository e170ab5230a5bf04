//! The shapes of known structures: they name the members, and recognise a structure by its members.

use self::Content::{Any, Carried, Choice, Flags, Of, Opaque, Open, OpenOf, OpenWraps, Sequence, Text, Wraps};
use super::oid::Oid;
use super::{BIT_STRING, Element, GENERALIZED_TIME, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, SET, UTC_TIME};
use crate::annotation::Kind;

/// What stands in an element.
#[derive(Debug)]
pub(super) enum Content {
    /// Unknown; named by tags.
    Any,
    /// A message of another format, which whoever knows formats explains.
    Carried,
    /// One element, told by its tag.
    Choice(&'static [Member]),
    /// A BIT STRING whose bits have names.
    Flags(&'static [&'static str]),
    /// Any number of the same.
    Of(&'static Member),
    /// Bytes, or a number, without structure.
    Opaque(Kind),
    /// What the identifier before the element says.
    Open,
    /// A SET of what the identifier before the element says.
    OpenOf,
    /// A string that holds DER of what the identifier before the element says.
    OpenWraps,
    /// Members in order.
    Sequence(&'static [Member]),
    /// Text under an implicit tag.
    Text,
    /// A string that holds DER, of the first of these that fits, or else bytes of this kind.
    Wraps(&'static [Member], Kind),
}

/// A named element of a structure.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: &'static str,
    /// The tags that it may have; any where empty.
    tags: &'static [u8],
    pub(super) content: Content,
    presence: Presence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presence {
    Optional,
    Required,
}

impl Member {
    pub(super) fn takes(&self, tag: u8) -> bool {
        self.tags.is_empty() || self.tags.contains(&tag)
    }

    /// Whether `element` can be this member, looking `depth` levels into it.
    pub(super) fn fits(&self, bytes: &[u8], element: &Element, depth: usize) -> bool {
        self.takes(element.tag) && (depth == 0 || self.content.fits(bytes, element, depth - 1))
    }
}

impl Content {
    fn fits(&self, bytes: &[u8], element: &Element, depth: usize) -> bool {
        match self {
            Self::Sequence(members) => element.children(bytes).is_some_and(|all| in_order(members, &all, bytes, depth)),
            Self::Of(member) => {
                element.children(bytes).is_some_and(|all| all.iter().all(|child| member.fits(bytes, child, depth)))
            }
            Self::Any
            | Self::Carried
            | Self::Choice(_)
            | Self::Flags(_)
            | Self::Opaque(_)
            | Self::Open
            | Self::OpenOf
            | Self::OpenWraps
            | Self::Text
            | Self::Wraps(..) => true,
        }
    }
}

fn in_order(members: &[Member], elements: &[Element], bytes: &[u8], depth: usize) -> bool {
    let mut elements = elements.iter().peekable();
    for member in members {
        if elements.next_if(|element| member.fits(bytes, element, depth)).is_none()
            && member.presence == Presence::Required
        {
            return false;
        }
    }
    elements.next().is_none()
}

/// Finds the member that each element of a structure is.
pub(super) struct Cursor {
    content: &'static Content,
    n_passed: usize,
}

impl Cursor {
    pub(super) fn new(content: &'static Content) -> Self {
        Self { content, n_passed: 0 }
    }

    /// Name and content of the next element, which has this tag and follows this identifier.
    pub(super) fn next(&mut self, tag: u8, oid: Option<&'static Oid>) -> (Option<&'static str>, &'static Content) {
        match self.content {
            Sequence(members) => {
                let found = members[self.n_passed..].iter().position(|member| member.takes(tag));
                let Some(n_skipped) = found else { return (None, &Any) };
                self.n_passed += n_skipped + 1;
                members[self.n_passed - 1].named(tag, oid)
            }
            Of(member) if member.takes(tag) => member.named(tag, oid),
            Choice(members) => choose(members, tag).unwrap_or((None, &Any)),
            OpenOf => opened(oid, tag),
            Any | Carried | Flags(_) | Of(_) | Opaque(_) | Open | OpenWraps | Text | Wraps(..) => (None, &Any),
        }
    }
}

impl Member {
    fn named(&'static self, tag: u8, oid: Option<&'static Oid>) -> (Option<&'static str>, &'static Content) {
        match &self.content {
            Choice(members) => choose(members, tag).unwrap_or((Some(self.name), &Any)),
            Open => opened(oid, tag),
            content => (Some(self.name), content),
        }
    }
}

fn choose(members: &'static [Member], tag: u8) -> Option<(Option<&'static str>, &'static Content)> {
    members.iter().find(|member| member.takes(tag)).map(|member| (Some(member.name), &member.content))
}

fn opened(oid: Option<&'static Oid>, tag: u8) -> (Option<&'static str>, &'static Content) {
    match oid.and_then(open).filter(|member| member.takes(tag)) {
        Some(member) => (Some(member.name), &member.content),
        None => (oid.map(|oid| oid.name), &Any),
    }
}

/// What the value of a known extension or attribute is.
pub(super) fn open(oid: &'static Oid) -> Option<&'static Member> {
    OPEN.iter().find(|(name, _)| *name == oid.name).map(|(_, member)| *member)
}

/// The content of a file that holds the first known structure that `root` fits.
pub(super) fn frame(bytes: &[u8], root: &Element) -> Option<&'static Content> {
    FRAMES.iter().find(|content| matches!(content, Of(member) if member.fits(bytes, root, 3)))
}

const fn one(name: &'static str, tags: &'static [u8], content: Content) -> Member {
    Member { name, tags, content, presence: Presence::Required }
}

const fn opt(name: &'static str, tags: &'static [u8], content: Content) -> Member {
    Member { name, tags, content, presence: Presence::Optional }
}

const TIME: &[u8] = &[UTC_TIME, GENERALIZED_TIME];
const OID: &[u8] = &[OBJECT_IDENTIFIER];
const SEQ: &[u8] = &[SEQUENCE];
const INT: &[u8] = &[INTEGER];
const OCTETS: &[u8] = &[OCTET_STRING];
const BITS: &[u8] = &[BIT_STRING];

/// Structures that come alone, most specific first.
static FRAMES: &[Content] = &[
    Of(&one("Certificate", SEQ, CERTIFICATE)),
    Of(&one("CertificationRequest", SEQ, CERTIFICATION_REQUEST)),
    Of(&one("CertificateList", SEQ, CERTIFICATE_LIST)),
    Of(&one("ContentInfo", SEQ, CONTENT_INFO)),
    Of(&one("PrivateKeyInfo", SEQ, PRIVATE_KEY_INFO)),
    Of(&one("ECPrivateKey", SEQ, EC_PRIVATE_KEY)),
    Of(&one("SubjectPublicKeyInfo", SEQ, PUBLIC_KEY_INFO)),
    Of(&one("Ecdsa-Sig-Value", SEQ, ECDSA_SIGNATURE)),
    Of(&one("Extensions", SEQ, Of(&EXTENSION))),
    Of(&one("Name", SEQ, NAME)),
];

const ALGORITHM: Content = Sequence(&[one("algorithm", OID, Any), opt("parameters", &[], Any)]);
const ECDSA_SIGNATURE: Content =
    Sequence(&[one("r", INT, Opaque(Kind::Signature)), one("s", INT, Opaque(Kind::Signature))]);
const SIGNATURE: Content = Wraps(&[one("Ecdsa-Sig-Value", SEQ, ECDSA_SIGNATURE)], Kind::Signature);
const NAME: Content = Of(&RDN);
static RDN: Member = one("RelativeDistinguishedName", &[SET], Of(&ATTRIBUTE_TYPE_AND_VALUE));
static ATTRIBUTE_TYPE_AND_VALUE: Member =
    one("AttributeTypeAndValue", SEQ, Sequence(&[one("type", OID, Any), one("value", &[], Open)]));

// RFC 5280 4.1
const CERTIFICATE: Content = Sequence(&[
    one("tbsCertificate", SEQ, TBS_CERTIFICATE),
    one("signatureAlgorithm", SEQ, ALGORITHM),
    one("signatureValue", BITS, SIGNATURE),
]);
const TBS_CERTIFICATE: Content = Sequence(&[
    opt("version", &[0xa0], Of(&VERSION)),
    one("serialNumber", INT, Opaque(Kind::Random)),
    one("signature", SEQ, ALGORITHM),
    one("issuer", SEQ, NAME),
    one("validity", SEQ, Sequence(&[one("notBefore", TIME, Any), one("notAfter", TIME, Any)])),
    one("subject", SEQ, NAME),
    one("subjectPublicKeyInfo", SEQ, PUBLIC_KEY_INFO),
    opt("issuerUniqueID", &[0x81], Opaque(Kind::Plain)),
    opt("subjectUniqueID", &[0x82], Opaque(Kind::Plain)),
    opt("extensions", &[0xa3], Of(&EXTENSIONS)),
]);
static VERSION: Member = one("version number", INT, Any);
static EXTENSIONS: Member = one("Extensions", SEQ, Of(&EXTENSION));
static EXTENSION: Member = one(
    "Extension",
    SEQ,
    Sequence(&[one("extnID", OID, Any), opt("critical", &[0x01], Any), one("extnValue", OCTETS, OpenWraps)]),
);
const PUBLIC_KEY_INFO: Content =
    Sequence(&[one("algorithm identifier", SEQ, ALGORITHM), one("subjectPublicKey", BITS, PUBLIC_KEY)]);
const PUBLIC_KEY: Content = Wraps(
    &[one("RSAPublicKey", SEQ, Sequence(&[one("modulus", INT, Opaque(Kind::Key)), one("publicExponent", INT, Any)]))],
    Kind::Key,
);

// RFC 2986 4
const CERTIFICATION_REQUEST_INFO: Content = Sequence(&[
    one("version", INT, Any),
    one("subject", SEQ, NAME),
    one("subjectPKInfo", SEQ, PUBLIC_KEY_INFO),
    one("attributes", &[0xa0], Of(&ATTRIBUTE)),
]);
const CERTIFICATION_REQUEST: Content = Sequence(&[
    one("certificationRequestInfo", SEQ, CERTIFICATION_REQUEST_INFO),
    one("signatureAlgorithm", SEQ, ALGORITHM),
    one("signature", BITS, SIGNATURE),
]);
static ATTRIBUTE: Member = one("Attribute", SEQ, Sequence(&[one("type", OID, Any), one("values", &[SET], OpenOf)]));

// RFC 5280 5.1
const TBS_CERT_LIST: Content = Sequence(&[
    opt("version", INT, Any),
    one("signature", SEQ, ALGORITHM),
    one("issuer", SEQ, NAME),
    one("thisUpdate", TIME, Any),
    opt("nextUpdate", TIME, Any),
    opt("revokedCertificates", SEQ, Of(&REVOKED)),
    opt("crlExtensions", &[0xa0], Of(&EXTENSIONS)),
]);
const CERTIFICATE_LIST: Content = Sequence(&[
    one("tbsCertList", SEQ, TBS_CERT_LIST),
    one("signatureAlgorithm", SEQ, ALGORITHM),
    one("signatureValue", BITS, SIGNATURE),
]);
static REVOKED: Member = one(
    "revokedCertificate",
    SEQ,
    Sequence(&[
        one("userCertificate", INT, Opaque(Kind::Random)),
        one("revocationDate", TIME, Any),
        opt("crlEntryExtensions", SEQ, Of(&EXTENSION)),
    ]),
);

// RFC 5958 2, RFC 5915 3, RFC 8410 7
const PRIVATE_KEY_INFO: Content = Sequence(&[
    one("version", INT, Any),
    one("privateKeyAlgorithm", SEQ, ALGORITHM),
    one(
        "privateKey",
        OCTETS,
        Wraps(
            &[
                one("ECPrivateKey", SEQ, EC_PRIVATE_KEY),
                one("RSAPrivateKey", SEQ, RSA_PRIVATE_KEY),
                one("CurvePrivateKey", OCTETS, Opaque(Kind::Key)),
            ],
            Kind::Key,
        ),
    ),
    opt("attributes", &[0xa0], Of(&ATTRIBUTE)),
    opt("publicKey", &[0x81], Opaque(Kind::Key)),
]);
const EC_PRIVATE_KEY: Content = Sequence(&[
    one("version", INT, Any),
    one("privateKey", OCTETS, Opaque(Kind::Key)),
    opt("parameters", &[0xa0], Of(&NAMED_CURVE)),
    opt("publicKey", &[0xa1], Of(&EC_POINT)),
]);
static NAMED_CURVE: Member = one("namedCurve", OID, Any);
static EC_POINT: Member = one("ECPoint", BITS, Opaque(Kind::Key));

// RFC 8017 A.1.2
const RSA_PRIVATE_KEY: Content = Sequence(&[
    one("version", INT, Any),
    one("modulus", INT, Opaque(Kind::Key)),
    one("publicExponent", INT, Any),
    one("privateExponent", INT, Opaque(Kind::Key)),
    one("prime1", INT, Opaque(Kind::Key)),
    one("prime2", INT, Opaque(Kind::Key)),
    one("exponent1", INT, Opaque(Kind::Key)),
    one("exponent2", INT, Opaque(Kind::Key)),
    one("coefficient", INT, Opaque(Kind::Key)),
]);

// RFC 5652 3 and 5
const CONTENT_INFO: Content = Sequence(&[one("contentType", OID, Any), one("content", &[0xa0], Of(&SIGNED_DATA))]);
static SIGNED_DATA: Member = one(
    "SignedData",
    SEQ,
    Sequence(&[
        one("version", INT, Any),
        one("digestAlgorithms", &[SET], Of(&DIGEST_ALGORITHM)),
        one(
            "encapContentInfo",
            SEQ,
            Sequence(&[one("eContentType", OID, Any), opt("eContent", &[0xa0], Of(&E_CONTENT))]),
        ),
        opt("certificates", &[0xa0], Of(&CERTIFICATE_CHOICE)),
        opt("crls", &[0xa1], Of(&CRL_CHOICE)),
        one("signerInfos", &[SET], Of(&SIGNER_INFO)),
    ]),
);
static DIGEST_ALGORITHM: Member = one("digestAlgorithm", SEQ, ALGORITHM);
static E_CONTENT: Member = one("eContent octets", OCTETS, Carried);
static CERTIFICATE_CHOICE: Member = one("Certificate", SEQ, CERTIFICATE);
static CRL_CHOICE: Member = one("CertificateList", SEQ, CERTIFICATE_LIST);
static SIGNER_INFO: Member = one(
    "SignerInfo",
    SEQ,
    Sequence(&[
        one("version", INT, Any),
        opt(
            "issuerAndSerialNumber",
            SEQ,
            Sequence(&[one("issuer", SEQ, NAME), one("serialNumber", INT, Opaque(Kind::Random))]),
        ),
        opt("subjectKeyIdentifier", &[0x80], Opaque(Kind::Digest)),
        one("digestAlgorithm", SEQ, ALGORITHM),
        opt("signedAttrs", &[0xa0], Of(&ATTRIBUTE)),
        one("signatureAlgorithm", SEQ, ALGORITHM),
        one("signature", OCTETS, SIGNATURE),
        opt("unsignedAttrs", &[0xa1], Of(&ATTRIBUTE)),
    ]),
);

// RFC 5280 4.2
static GENERAL_NAME: Member = one(
    "GeneralName",
    &[],
    Choice(&[
        one("otherName", &[0xa0], Sequence(&[one("type-id", OID, Any), one("value", &[0xa0], Any)])),
        one("rfc822Name", &[0x81], Text),
        one("dNSName", &[0x82], Text),
        one("directoryName", &[0xa4], Of(&DIRECTORY_NAME)),
        one("uniformResourceIdentifier", &[0x86], Text),
        one("iPAddress", &[0x87], Opaque(Kind::Plain)),
        one("registeredID", &[0x88], Opaque(Kind::Plain)),
    ]),
);
static DIRECTORY_NAME: Member = one("Name", SEQ, NAME);
static KEY_PURPOSE: Member = one("KeyPurposeId", OID, Any);
static ACCESS_DESCRIPTION: Member = one(
    "AccessDescription",
    SEQ,
    Sequence(&[one("accessMethod", OID, Any), one("accessLocation", &[], Choice(&[one("URI", &[0x86], Text)]))]),
);
static DISTRIBUTION_POINT: Member = one(
    "DistributionPoint",
    SEQ,
    Sequence(&[
        opt("distributionPoint", &[0xa0], Choice(&[one("fullName", &[0xa0], Of(&GENERAL_NAME))])),
        opt("reasons", &[0x81], Opaque(Kind::Plain)),
        opt("cRLIssuer", &[0xa2], Of(&GENERAL_NAME)),
    ]),
);
static POLICY: Member =
    one("PolicyInformation", SEQ, Sequence(&[one("policyIdentifier", OID, Any), opt("policyQualifiers", SEQ, Any)]));
const KEY_USAGE: &[&str] = &[
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
];

static AUTHORITY_KEY_IDENTIFIER: Member = one(
    "AuthorityKeyIdentifier",
    SEQ,
    Sequence(&[
        opt("keyIdentifier", &[0x80], Opaque(Kind::Digest)),
        opt("authorityCertIssuer", &[0xa1], Of(&GENERAL_NAME)),
        opt("authorityCertSerialNumber", &[0x82], Opaque(Kind::Random)),
    ]),
);
static BASIC_CONSTRAINTS: Member =
    one("BasicConstraints", SEQ, Sequence(&[opt("cA", &[0x01], Any), opt("pathLenConstraint", INT, Any)]));

/// By the name of the identifier.
static OPEN: &[(&str, &Member)] = &[
    ("authorityInfoAccess", &one("AuthorityInfoAccessSyntax", SEQ, Of(&ACCESS_DESCRIPTION))),
    ("authorityKeyIdentifier", &AUTHORITY_KEY_IDENTIFIER),
    ("basicConstraints", &BASIC_CONSTRAINTS),
    ("cRLDistributionPoints", &one("CRLDistributionPoints", SEQ, Of(&DISTRIBUTION_POINT))),
    ("cRLNumber", &one("CRLNumber", INT, Any)),
    ("cRLReason", &one("CRLReason", &[0x0a], Any)),
    ("certificatePolicies", &one("certificatePolicies", SEQ, Of(&POLICY))),
    ("extKeyUsage", &one("ExtKeyUsageSyntax", SEQ, Of(&KEY_PURPOSE))),
    ("extensionRequest", &EXTENSIONS),
    ("id-messageDigest", &one("MessageDigest", OCTETS, Opaque(Kind::Digest))),
    ("id-pe-masa-url", &one("MASAURLSyntax", &[0x16], Any)),
    ("issuerAltName", &one("GeneralNames", SEQ, Of(&GENERAL_NAME))),
    ("keyUsage", &one("KeyUsage", BITS, Flags(KEY_USAGE))),
    ("subjectAltName", &one("GeneralNames", SEQ, Of(&GENERAL_NAME))),
    ("subjectKeyIdentifier", &one("KeyIdentifier", OCTETS, Opaque(Kind::Digest))),
];
