//! Names of object identifiers.

/// The standards' names of the identifiers that we meet, by number.
const NAMES: &[(&str, &str)] = &[
    ("0.9.2342.19200300.100.1.1", "userId"),
    ("0.9.2342.19200300.100.1.25", "domainComponent"),
    ("1.2.840.10045.2.1", "id-ecPublicKey"),
    ("1.2.840.10045.3.1.7", "secp256r1"),
    ("1.2.840.10045.4.3.2", "ecdsa-with-SHA256"),
    ("1.2.840.10045.4.3.3", "ecdsa-with-SHA384"),
    ("1.2.840.113549.1.1.1", "rsaEncryption"),
    ("1.2.840.113549.1.1.11", "sha256WithRSAEncryption"),
    ("1.2.840.113549.1.7.1", "id-data"),
    ("1.2.840.113549.1.7.2", "id-signedData"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
    ("1.2.840.113549.1.9.14", "extensionRequest"),
    ("1.2.840.113549.1.9.16.1.40", "id-ct-animaJSONVoucher"),
    ("1.2.840.113549.1.9.3", "contentType"),
    ("1.2.840.113549.1.9.4", "messageDigest"),
    ("1.2.840.113549.1.9.5", "signingTime"),
    ("1.2.840.113549.1.9.7", "challengePassword"),
    ("1.3.101.112", "Ed25519"),
    ("1.3.132.0.34", "secp384r1"),
    ("1.3.6.1.4.1.37244.1.1", "matter-node-id"),
    ("1.3.6.1.4.1.37244.1.2", "matter-firmware-signing-id"),
    ("1.3.6.1.4.1.37244.1.3", "matter-icac-id"),
    ("1.3.6.1.4.1.37244.1.4", "matter-rcac-id"),
    ("1.3.6.1.4.1.37244.1.5", "matter-fabric-id"),
    ("1.3.6.1.4.1.37244.1.6", "matter-noc-cat"),
    ("1.3.6.1.4.1.37244.2.1", "matter-vendor-id"),
    ("1.3.6.1.4.1.37244.2.2", "matter-product-id"),
    ("1.3.6.1.5.5.7.1.1", "authorityInfoAccess"),
    ("1.3.6.1.5.5.7.1.32", "masaUrl"),
    ("1.3.6.1.5.5.7.3.1", "serverAuth"),
    ("1.3.6.1.5.5.7.3.2", "clientAuth"),
    ("1.3.6.1.5.5.7.3.27", "cmcCA"),
    ("1.3.6.1.5.5.7.3.28", "cmcRA"),
    ("1.3.6.1.5.5.7.3.3", "codeSigning"),
    ("1.3.6.1.5.5.7.3.4", "emailProtection"),
    ("1.3.6.1.5.5.7.3.8", "timeStamping"),
    ("1.3.6.1.5.5.7.3.9", "OCSPSigning"),
    ("1.3.6.1.5.5.7.48.1", "ocsp"),
    ("1.3.6.1.5.5.7.48.2", "caIssuers"),
    ("1.3.6.1.5.5.7.8.4", "hardwareModuleName"),
    ("2.16.840.1.101.3.4.2.1", "sha256"),
    ("2.16.840.1.101.3.4.2.2", "sha384"),
    ("2.5.29.14", "subjectKeyIdentifier"),
    ("2.5.29.15", "keyUsage"),
    ("2.5.29.17", "subjectAltName"),
    ("2.5.29.18", "issuerAltName"),
    ("2.5.29.19", "basicConstraints"),
    ("2.5.29.20", "cRLNumber"),
    ("2.5.29.21", "reasonCode"),
    ("2.5.29.24", "invalidityDate"),
    ("2.5.29.28", "issuingDistributionPoint"),
    ("2.5.29.30", "nameConstraints"),
    ("2.5.29.31", "cRLDistributionPoints"),
    ("2.5.29.32", "certificatePolicies"),
    ("2.5.29.35", "authorityKeyIdentifier"),
    ("2.5.29.36", "policyConstraints"),
    ("2.5.29.37", "extKeyUsage"),
    ("2.5.4.10", "organizationName"),
    ("2.5.4.11", "organizationalUnitName"),
    ("2.5.4.3", "commonName"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.6", "countryName"),
    ("2.5.4.7", "localityName"),
    ("2.5.4.8", "stateOrProvinceName"),
    ("2.5.4.97", "organizationIdentifier"),
];

/// The name of an object identifier, or the numbers themselves where we know no name.
pub fn oid_name(dotted: &str) -> String {
    let found = NAMES.binary_search_by_key(&dotted, |(number, _)| number);
    found.map_or(dotted, |position| NAMES[position].1).to_owned()
}

/// The dotted form of an identifier's content (X.690, section 8.19); `None` where it is malformed.
pub(super) fn dotted(content: &[u8]) -> Option<String> {
    let mut arcs: Vec<u64> = vec![];
    let mut arc: u64 = 0;
    let mut is_open = true;
    for byte in content {
        arc = arc.checked_mul(0x80)? + u64::from(byte & 0x7f);
        is_open = byte & 0x80 != 0;
        if !is_open {
            arcs.push(std::mem::take(&mut arc));
        }
    }
    if is_open {
        return None;
    }
    // The first two arcs share a number.
    let first = *arcs.first()?;
    let root = (first / 40).min(2);
    let mut numbers = vec![root, first - root * 40];
    numbers.extend(&arcs[1..]);
    Some(numbers.iter().map(u64::to_string).collect::<Vec<_>>().join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_lists_nothing_twice() {
        assert!(NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        let names: std::collections::BTreeSet<_> = NAMES.iter().map(|(_, name)| name).collect();
        assert_eq!(names.len(), NAMES.len());
    }

    #[test]
    fn identifiers_are_read() {
        assert_eq!(dotted(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]).as_deref(), Some("1.2.840.10045.2.1"));
        assert_eq!(dotted(&[0x55, 4, 3]).as_deref(), Some("2.5.4.3"));
        assert_eq!(dotted(&[0x2a, 0x86]), None);
        assert_eq!(dotted(&[]), None);
        assert_eq!(dotted(&[0xff; 12]), None);
    }
}
