//! What the elements of the structures that we show are called, as their ASN.1 modules name them.

use super::{BIT_STRING, BOOLEAN, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, SET};

/// One element of a structure, and those inside of it in order.
#[derive(Debug)]
pub struct Part {
    /// Its name; empty for a mere wrapper, whose bytes go under the name of what surrounds it.
    pub name: &'static str,
    /// Its tag; 0 for any.
    pub tag: u8,
    /// Whether it may occur any number of times.
    pub many: bool,
    /// What is inside.
    pub parts: &'static [Part],
}

const fn one(name: &'static str, tag: u8, parts: &'static [Part]) -> Part {
    Part { name, tag, many: false, parts }
}

const fn many(name: &'static str, tag: u8, parts: &'static [Part]) -> Part {
    Part { name, tag, many: true, parts }
}

/// A structure of which nothing is known.
pub const ANY: Part = one("", 0, &[]);

/// RFC 5280, section 4.1.
pub const CERTIFICATE: Part = one(
    "Certificate",
    SEQUENCE,
    &[
        one(
            "tbsCertificate",
            SEQUENCE,
            &[
                one("version", 0xa0, &[]),
                one("serialNumber", INTEGER, &[]),
                one("signature", SEQUENCE, ALGORITHM),
                one("issuer", SEQUENCE, NAME),
                one("validity", SEQUENCE, &[one("notBefore", 0, &[]), one("notAfter", 0, &[])]),
                one("subject", SEQUENCE, NAME),
                PUBLIC_KEY_INFO,
                one("extensions", 0xa3, EXTENSIONS),
            ],
        ),
        one("signatureAlgorithm", SEQUENCE, ALGORITHM),
        one("signatureValue", BIT_STRING, SIGNATURE),
    ],
);

/// RFC 2986, section 4.
pub const CERTIFICATION_REQUEST: Part = one(
    "CertificationRequest",
    SEQUENCE,
    &[
        one(
            "certificationRequestInfo",
            SEQUENCE,
            &[
                one("version", INTEGER, &[]),
                one("subject", SEQUENCE, NAME),
                PUBLIC_KEY_INFO,
                one(
                    "attributes",
                    0xa0,
                    &[many("attribute", SEQUENCE, &[one("type", OBJECT_IDENTIFIER, &[]), one("values", SET, &[])])],
                ),
            ],
        ),
        one("signatureAlgorithm", SEQUENCE, ALGORITHM),
        one("signature", BIT_STRING, SIGNATURE),
    ],
);

/// RFC 5280, section 5.1.
pub const CERTIFICATE_LIST: Part = one(
    "CertificateList",
    SEQUENCE,
    &[
        one(
            "tbsCertList",
            SEQUENCE,
            &[
                one("version", INTEGER, &[]),
                one("signature", SEQUENCE, ALGORITHM),
                one("issuer", SEQUENCE, NAME),
                one("thisUpdate", 0, &[]),
                one("nextUpdate", 0, &[]),
                one(
                    "revokedCertificates",
                    SEQUENCE,
                    &[many(
                        "revokedCertificate",
                        SEQUENCE,
                        &[
                            one("userCertificate", INTEGER, &[]),
                            one("revocationDate", 0, &[]),
                            one("crlEntryExtensions", SEQUENCE, EXTENSION),
                        ],
                    )],
                ),
                one("crlExtensions", 0xa0, EXTENSIONS),
            ],
        ),
        one("signatureAlgorithm", SEQUENCE, ALGORITHM),
        one("signatureValue", BIT_STRING, SIGNATURE),
    ],
);

/// RFC 5958, section 2, with the key of RFC 5915, section 3.
pub const PRIVATE_KEY_INFO: Part = one(
    "PrivateKeyInfo",
    SEQUENCE,
    &[
        one("version", INTEGER, &[]),
        one("privateKeyAlgorithm", SEQUENCE, ALGORITHM),
        one(
            "privateKey",
            OCTET_STRING,
            &[one(
                "ECPrivateKey",
                SEQUENCE,
                &[
                    one("version", INTEGER, &[]),
                    one("privateKey", OCTET_STRING, &[]),
                    one("parameters", 0xa0, &[]),
                    one("publicKey", 0xa1, &[one("publicKey", BIT_STRING, &[])]),
                ],
            )],
        ),
    ],
);

/// RFC 5280, section 4.1.2.7.
pub const PUBLIC_KEY_INFO: Part = one(
    "subjectPublicKeyInfo",
    SEQUENCE,
    &[one("algorithm", SEQUENCE, ALGORITHM), one("subjectPublicKey", BIT_STRING, &[])],
);

/// RFC 3279, section 2.2.3.
pub const ECDSA_SIGNATURE: Part = one("Ecdsa-Sig-Value", SEQUENCE, &[one("r", INTEGER, &[]), one("s", INTEGER, &[])]);

/// A distinguished name alone (RFC 5280, section 4.1.2.4).
pub const DISTINGUISHED_NAME: Part = one("name", SEQUENCE, NAME);

/// Members of values whose structure depends on the extension: its name, the member's tag, the member's name.
const MEMBERS: &[(&str, u8, &str)] = &[
    ("authorityKeyIdentifier", 0x80, "keyIdentifier"),
    ("basicConstraints", BOOLEAN, "cA"),
    ("basicConstraints", INTEGER, "pathLenConstraint"),
    ("extKeyUsage", OBJECT_IDENTIFIER, "KeyPurposeId"),
    ("subjectAltName", 0x82, "dNSName"),
    ("subjectAltName", 0x86, "uniformResourceIdentifier"),
    ("subjectAltName", 0x87, "iPAddress"),
];

/// The name of a member with `tag` inside of the extension `context`, where RFC 5280, section 4.2.1, gives one.
pub(super) fn member(context: &str, tag: u8) -> Option<&'static str> {
    MEMBERS.iter().find(|(extension, of, _)| *extension == context && *of == tag).map(|(.., name)| *name)
}

const ALGORITHM: &[Part] = &[one("algorithm", OBJECT_IDENTIFIER, &[]), one("parameters", 0, &[])];
const NAME: &[Part] =
    &[many("", SET, &[many("", SEQUENCE, &[one("type", OBJECT_IDENTIFIER, &[]), one("value", 0, &[])])])];
const EXTENSIONS: &[Part] = &[one("", SEQUENCE, EXTENSION)];
const EXTENSION: &[Part] = &[many(
    "extension",
    SEQUENCE,
    &[
        one("extnID", OBJECT_IDENTIFIER, &[]),
        one("critical", BOOLEAN, &[]),
        one("extnValue", OCTET_STRING, &[one("", 0, &[])]),
    ],
)];
const SIGNATURE: &[Part] = &[ECDSA_SIGNATURE];
