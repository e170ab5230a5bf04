//! Object identifiers by name.

/// An object identifier and its name in the standard that defines it.
#[derive(Debug)]
pub(super) struct Oid {
    pub(super) dotted: &'static str,
    pub(super) name: &'static str,
}

/// The known identifier written `dotted`.
pub(super) fn find(dotted: &str) -> Option<&'static Oid> {
    OIDS.iter().find(|oid| oid.dotted == dotted)
}

const fn oid(dotted: &'static str, name: &'static str) -> Oid {
    Oid { dotted, name }
}

/// By registration arc.
static OIDS: &[Oid] = &[
    oid("0.9.2342.19200300.100.1.1", "userId"),
    oid("0.9.2342.19200300.100.1.25", "domainComponent"),
    oid("1.2.840.10045.2.1", "id-ecPublicKey"),
    oid("1.2.840.10045.3.1.7", "secp256r1"),
    oid("1.2.840.10045.4.3.2", "ecdsa-with-SHA256"),
    oid("1.2.840.10045.4.3.3", "ecdsa-with-SHA384"),
    oid("1.2.840.10045.4.3.4", "ecdsa-with-SHA512"),
    oid("1.2.840.113549.1.1.1", "rsaEncryption"),
    oid("1.2.840.113549.1.1.10", "id-RSASSA-PSS"),
    oid("1.2.840.113549.1.1.11", "sha256WithRSAEncryption"),
    oid("1.2.840.113549.1.1.12", "sha384WithRSAEncryption"),
    oid("1.2.840.113549.1.1.13", "sha512WithRSAEncryption"),
    oid("1.2.840.113549.1.7.1", "id-data"),
    oid("1.2.840.113549.1.7.2", "id-signedData"),
    oid("1.2.840.113549.1.7.3", "id-envelopedData"),
    oid("1.2.840.113549.1.9.1", "emailAddress"),
    oid("1.2.840.113549.1.9.3", "id-contentType"),
    oid("1.2.840.113549.1.9.4", "id-messageDigest"),
    oid("1.2.840.113549.1.9.5", "id-signingTime"),
    oid("1.2.840.113549.1.9.7", "challengePassword"),
    oid("1.2.840.113549.1.9.14", "extensionRequest"),
    oid("1.2.840.113549.1.9.15", "smimeCapabilities"),
    oid("1.2.840.113549.1.9.16.1.40", "id-ct-animaJSONVoucher"),
    oid("1.2.840.113549.2.9", "hmacWithSHA256"),
    oid("1.3.101.110", "id-X25519"),
    oid("1.3.101.112", "id-Ed25519"),
    oid("1.3.132.0.34", "secp384r1"),
    oid("1.3.132.0.35", "secp521r1"),
    oid("1.3.6.1.4.1.37244.1.1", "matter-node-id"),
    oid("1.3.6.1.4.1.37244.1.2", "matter-firmware-signing-id"),
    oid("1.3.6.1.4.1.37244.1.3", "matter-icac-id"),
    oid("1.3.6.1.4.1.37244.1.4", "matter-rcac-id"),
    oid("1.3.6.1.4.1.37244.1.5", "matter-fabric-id"),
    oid("1.3.6.1.4.1.37244.1.6", "matter-noc-cat"),
    oid("1.3.6.1.4.1.37244.2.1", "matter-vendor-id"),
    oid("1.3.6.1.4.1.37244.2.2", "matter-product-id"),
    oid("1.3.6.1.5.5.7.1.1", "authorityInfoAccess"),
    oid("1.3.6.1.5.5.7.1.11", "subjectInfoAccess"),
    oid("1.3.6.1.5.5.7.1.32", "id-pe-masa-url"),
    oid("1.3.6.1.5.5.7.3.1", "id-kp-serverAuth"),
    oid("1.3.6.1.5.5.7.3.2", "id-kp-clientAuth"),
    oid("1.3.6.1.5.5.7.3.3", "id-kp-codeSigning"),
    oid("1.3.6.1.5.5.7.3.8", "id-kp-timeStamping"),
    oid("1.3.6.1.5.5.7.3.9", "id-kp-OCSPSigning"),
    oid("1.3.6.1.5.5.7.3.27", "id-kp-cmcCA"),
    oid("1.3.6.1.5.5.7.3.28", "id-kp-cmcRA"),
    oid("1.3.6.1.5.5.7.8.4", "id-on-hardwareModuleName"),
    oid("1.3.6.1.5.5.7.48.1", "id-ad-ocsp"),
    oid("1.3.6.1.5.5.7.48.2", "id-ad-caIssuers"),
    oid("2.5.4.3", "commonName"),
    oid("2.5.4.4", "surname"),
    oid("2.5.4.5", "serialNumber"),
    oid("2.5.4.6", "countryName"),
    oid("2.5.4.7", "localityName"),
    oid("2.5.4.8", "stateOrProvinceName"),
    oid("2.5.4.10", "organizationName"),
    oid("2.5.4.11", "organizationalUnitName"),
    oid("2.5.4.46", "dnQualifier"),
    oid("2.5.4.65", "pseudonym"),
    oid("2.5.29.14", "subjectKeyIdentifier"),
    oid("2.5.29.15", "keyUsage"),
    oid("2.5.29.17", "subjectAltName"),
    oid("2.5.29.18", "issuerAltName"),
    oid("2.5.29.19", "basicConstraints"),
    oid("2.5.29.20", "cRLNumber"),
    oid("2.5.29.21", "cRLReason"),
    oid("2.5.29.24", "invalidityDate"),
    oid("2.5.29.28", "issuingDistributionPoint"),
    oid("2.5.29.30", "nameConstraints"),
    oid("2.5.29.31", "cRLDistributionPoints"),
    oid("2.5.29.32", "certificatePolicies"),
    oid("2.5.29.32.0", "anyPolicy"),
    oid("2.5.29.35", "authorityKeyIdentifier"),
    oid("2.5.29.37", "extKeyUsage"),
    oid("2.16.840.1.101.3.4.1.6", "aes128-GCM"),
    oid("2.16.840.1.101.3.4.2.1", "id-sha256"),
    oid("2.16.840.1.101.3.4.2.2", "id-sha384"),
    oid("2.16.840.1.101.3.4.2.3", "id-sha512"),
];
