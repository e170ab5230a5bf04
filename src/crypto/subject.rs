//! Names of certificate subjects.

use rcgen::string::PrintableString;
use rcgen::{DistinguishedName, DnType, DnValue};
use x509_parser::x509::X509Name;

use super::refusal::Refusal;

/// serialNumber (2.5.4.5), which names a device in IEEE 802.1AR identities.
const SERIAL_NUMBER: [u64; 4] = [2, 5, 4, 5];

/// A distinguished name with at most one attribute of each type, written in the order of these fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// Two letters (`C`).
    pub country: Option<String>,
    /// `O`.
    pub organization: Option<String>,
    /// `OU`.
    pub organizational_unit: Option<String>,
    /// `CN`.
    pub common_name: Option<String>,
    /// The device's serial number, not the certificate's.
    pub serial_number: Option<String>,
}

impl Subject {
    /// A subject with nothing but a common name.
    pub fn named(common_name: impl Into<String>) -> Self {
        Self { common_name: Some(common_name.into()), ..Self::default() }
    }

    /// In the form of the X.509 library; text that its ASN.1 type cannot hold is refused as `unencodable`.
    pub(super) fn distinguished_name(&self) -> Result<DistinguishedName, Refusal> {
        let mut name = DistinguishedName::new();
        let utf8 = |text: &String| Ok(DnValue::Utf8String(text.clone()));
        // RFC 5280, appendix A.1: X520countryName and X520SerialNumber are PrintableStrings.
        let attributes = [
            (DnType::CountryName, self.country.as_deref().map(printable)),
            (DnType::OrganizationName, self.organization.as_ref().map(utf8)),
            (DnType::OrganizationalUnitName, self.organizational_unit.as_ref().map(utf8)),
            (DnType::CommonName, self.common_name.as_ref().map(utf8)),
            (DnType::CustomDnType(SERIAL_NUMBER.to_vec()), self.serial_number.as_deref().map(printable)),
        ];
        for (attribute, value) in attributes {
            if let Some(value) = value {
                name.push(attribute, value?);
            }
        }
        Ok(name)
    }
}

fn printable(text: &str) -> Result<DnValue, Refusal> {
    PrintableString::try_from(text).map(DnValue::PrintableString).map_err(|error| unencodable(&error))
}

/// A value of the author that ASN.1 cannot hold, in the encoder's words.
pub(super) fn unencodable(error: &rcgen::Error) -> Refusal {
    Refusal::new("unencodable", error.to_string())
}

/// One line in the manner of RFC 4514: the last attribute first, special characters escaped.
pub(super) fn one_line(name: &X509Name<'_>) -> String {
    let attributes: Vec<_> =
        name.iter_rdn().map(|rdn| rdn.iter().map(attribute).collect::<Vec<_>>().join("+")).collect();
    attributes.into_iter().rev().collect::<Vec<_>>().join(",")
}

fn attribute(attribute: &x509_parser::x509::AttributeTypeAndValue<'_>) -> String {
    let oid = attribute.attr_type().to_id_string();
    let kind = match oid.as_str() {
        // RFC 4514, section 3.
        "2.5.4.3" => "CN",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        // Not in that table, but everyone's short form.
        "2.5.4.5" => "serialNumber",
        other => other,
    };
    let value = attribute.as_str().map_or_else(|_| format!("#{}", hex::encode(attribute.attr_value().data)), escape);
    format!("{kind}={value}")
}

/// RFC 4514, section 2.4.
fn escape(text: &str) -> String {
    let last = text.chars().count().saturating_sub(1);
    let mut escaped = String::new();
    for (position, character) in text.chars().enumerate() {
        let special = matches!(character, '"' | '+' | ',' | ';' | '<' | '>' | '\\')
            || (position == 0 && matches!(character, ' ' | '#'))
            || (position == last && character == ' ');
        if special {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_are_escaped() {
        assert_eq!(escape("#a, b "), "\\#a\\, b\\ ");
        assert_eq!(escape("a b"), "a b");
    }

    #[test]
    fn serial_numbers_are_printable_strings() {
        let subject = Subject { serial_number: Some("gerät".to_owned()), ..Subject::default() };
        assert_eq!(subject.distinguished_name().unwrap_err().code, "unencodable");
    }
}
