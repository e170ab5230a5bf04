//! Distinguished names.

use rcgen::{DistinguishedName, DnType, DnValue};
use x509_parser::prelude::X509Name;

use super::refusal::Refusal;

/// The attributes of a subject that we write, in the order in which they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// C.
    pub country: Option<String>,
    /// O.
    pub organization: Option<String>,
    /// OU.
    pub organizational_unit: Option<String>,
    /// serialNumber.
    pub serial_number: Option<String>,
    /// CN.
    pub common_name: Option<String>,
    /// matter-vendor-id, 4 upper-case hexadecimal digits (Matter Core Specification, section 6.2.2).
    pub vendor_id: Option<String>,
    /// matter-product-id, 4 upper-case hexadecimal digits.
    pub product_id: Option<String>,
}

/// serialNumber of X.520; a `PrintableString` (RFC 5280, appendix A.1).
const SERIAL_NUMBER: &[u64] = &[2, 5, 4, 5];
const MATTER_VENDOR_ID: &[u64] = &[1, 3, 6, 1, 4, 1, 37244, 2, 1];
const MATTER_PRODUCT_ID: &[u64] = &[1, 3, 6, 1, 4, 1, 37244, 2, 2];

impl Subject {
    /// As rcgen writes it; a serial number or country that is no `PrintableString` is refused.
    pub fn to_distinguished_name(&self) -> Result<DistinguishedName, Refusal> {
        let mut name = DistinguishedName::new();
        if let Some(country) = &self.country {
            name.push(DnType::CountryName, printable(country)?);
        }
        if let Some(organization) = &self.organization {
            name.push(DnType::OrganizationName, organization.as_str());
        }
        if let Some(unit) = &self.organizational_unit {
            name.push(DnType::OrganizationalUnitName, unit.as_str());
        }
        if let Some(serial_number) = &self.serial_number {
            name.push(DnType::CustomDnType(SERIAL_NUMBER.to_vec()), printable(serial_number)?);
        }
        if let Some(common_name) = &self.common_name {
            name.push(DnType::CommonName, common_name.as_str());
        }
        for (kind, id) in [(MATTER_VENDOR_ID, &self.vendor_id), (MATTER_PRODUCT_ID, &self.product_id)] {
            if let Some(id) = id {
                name.push(DnType::CustomDnType(kind.to_vec()), four_digits(id)?);
            }
        }
        Ok(name)
    }

    /// The attributes of a parsed name; others are dropped.
    pub fn from_name(name: &X509Name<'_>) -> Self {
        let of = |short: &str| {
            name.iter_attributes()
                .find(|attribute| known_name(attribute) == Some(short))
                .and_then(|attribute| attribute.as_str().ok())
                .map(str::to_owned)
        };
        Self {
            country: of("C"),
            organization: of("O"),
            organizational_unit: of("OU"),
            serial_number: of("serialNumber"),
            common_name: of("CN"),
            vendor_id: of("Mvid"),
            product_id: of("Mpid"),
        }
    }
}

fn four_digits(text: &str) -> Result<DnValue, Refusal> {
    let is_number = text.len() == 4 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'));
    if is_number {
        return Ok(DnValue::Utf8String(text.to_owned()));
    }
    Err(Refusal::malformed(format!("`{text}` is no identifier of 4 upper-case hexadecimal digits")))
}

fn printable(text: &str) -> Result<DnValue, Refusal> {
    rcgen::string::PrintableString::try_from(text).map(DnValue::PrintableString).map_err(Refusal::malformed)
}

/// Refuses names that the encoder cannot write again, for it panics: each relative name holds an attribute, and the type
/// of an attribute begins with a root that exists (X.660, section 7.6).
pub(super) fn check_name(name: &X509Name<'_>) -> Result<(), Refusal> {
    let is_known = |attribute: &x509_parser::x509::AttributeTypeAndValue<'_>| {
        let arcs: Vec<u64> = attribute.attr_type().iter().map(Iterator::collect).unwrap_or_default();
        matches!(arcs[..], [0 | 1, 0..40, ..] | [2, ..]) && arcs.len() > 1
    };
    if name.iter_rdn().all(|relative| relative.iter().next().is_some() && relative.iter().all(is_known)) {
        return Ok(());
    }
    Err(Refusal::malformed("a distinguished name with an empty part, or an attribute of no known root"))
}

/// One line, as in RFC 4514 but in the order of the encoding: `O=Example, serialNumber=1, CN=device`.
pub fn one_line(name: &X509Name<'_>) -> String {
    let attributes = name.iter_attributes().map(|attribute| {
        format!("{}={}", short_name(attribute), attribute.as_str().unwrap_or("?").replace(',', "\\,"))
    });
    attributes.collect::<Vec<_>>().join(", ")
}

fn short_name(attribute: &x509_parser::x509::AttributeTypeAndValue<'_>) -> String {
    known_name(attribute).map_or_else(|| attribute.attr_type().to_id_string(), str::to_owned)
}

/// By the type as it is encoded: to write it in decimal digits takes longer than all the rest.
fn known_name(attribute: &x509_parser::x509::AttributeTypeAndValue<'_>) -> Option<&'static str> {
    Some(match attribute.attr_type().as_bytes() {
        // 2.5.4.x
        [0x55, 4, 3] => "CN",
        [0x55, 4, 5] => "serialNumber",
        [0x55, 4, 6] => "C",
        [0x55, 4, 7] => "L",
        [0x55, 4, 8] => "ST",
        [0x55, 4, 10] => "O",
        [0x55, 4, 11] => "OU",
        [0x55, 4, 46] => "dnQualifier",
        // 0.9.2342.19200300.100.1.25
        [9, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 100, 1, 25] => "DC",
        // 1.3.6.1.4.1.37244.1.x
        [0x2b, 6, 1, 4, 1, 0x82, 0xa2, 0x7c, 1, 1] => "matter-node-id",
        [0x2b, 6, 1, 4, 1, 0x82, 0xa2, 0x7c, 1, 3] => "matter-icac-id",
        [0x2b, 6, 1, 4, 1, 0x82, 0xa2, 0x7c, 1, 4] => "matter-rcac-id",
        [0x2b, 6, 1, 4, 1, 0x82, 0xa2, 0x7c, 1, 5] => "matter-fabric-id",
        [0x2b, 6, 1, 4, 1, 0x82, 0xa2, 0x7c, 1, 6] => "matter-noc-cat",
        // 1.3.6.1.4.1.37244.2.x
        [0x2b, 6, 1, 4, 1, 0x82, 0xa2, 0x7c, 2, 1] => "Mvid",
        [0x2b, 6, 1, 4, 1, 0x82, 0xa2, 0x7c, 2, 2] => "Mpid",
        _ => return None,
    })
}
