//! What a device shows of itself while it is commissioned: the certification declaration, and the elements that its
//! attestation key signs (Matter Core Specification, sections 6.3.1 and 11.18.4).

use super::tlv::{Element, Member, kind, of, plain, tlv};
use crate::annotation::{Field, Kind};
use crate::crypto::der;
use crate::protocol::{Encoded, Malformed, ensure};

/// What the certification declaration says (section 6.3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificationDeclaration {
    /// `vendor_id`.
    pub vendor_id: u16,
    /// `product_id_array`, 1 to 100.
    pub product_ids: Vec<u16>,
    /// `device_type_id`.
    pub device_type_id: u32,
    /// `certificate_id`, 19 characters.
    pub certificate_id: String,
    /// `security_level`, 0 so far.
    pub security_level: u8,
    /// `security_information`, 0 so far.
    pub security_information: u16,
    /// `version_number`.
    pub version_number: u16,
    /// `certification_type`: 0 for development and test, 1 provisional, 2 official.
    pub certification_type: u8,
    /// `dac_origin_vendor_id` and `dac_origin_product_id`, where the attestation certificates are of another product.
    pub dac_origin: Option<(u16, u16)>,
    /// `authorized_paa_list`: subject key identifiers of 20 bytes; empty where any authority will do.
    pub authorized_paas: Vec<Vec<u8>>,
}

/// What the device signs to show what it is (section 11.18.4.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttestationElements {
    /// `certification_declaration`: a CMS message.
    pub declaration: Vec<u8>,
    /// `attestation_nonce`.
    pub nonce: [u8; 32],
    /// `timestamp`, seconds since 2000; 0 where the device has no clock.
    pub timestamp: u32,
    /// `firmware_information`.
    pub firmware: Option<Vec<u8>>,
}

/// What the device signs to show that a new operational key is its own (section 11.18.4.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NocsrElements {
    /// `csr`: a PKCS#10 request in DER.
    pub csr: Vec<u8>,
    /// `CSRNonce`.
    pub nonce: [u8; 32],
}

const DECLARATION: &[Member] = &[
    plain(0, "format_version"),
    plain(1, "vendor_id"),
    of(2, "product_id_array", &[]),
    plain(3, "device_type_id"),
    kind(4, "certificate_id", Kind::Text),
    plain(5, "security_level"),
    plain(6, "security_information"),
    plain(7, "version_number"),
    plain(8, "certification_type"),
    plain(9, "dac_origin_vendor_id"),
    plain(10, "dac_origin_product_id"),
    of(
        11,
        "authorized_paa_list",
        &[Member { tag: None, name: "authorized_paa", holds: super::tlv::Holds::A(Kind::Digest) }],
    ),
];

const ELEMENTS: &[Member] = &[
    plain(1, "certification_declaration"),
    kind(2, "attestation_nonce", Kind::Random),
    plain(3, "timestamp"),
    tlv(4, "firmware_information", &[]),
];

const NOCSR: &[Member] = &[
    plain(1, "csr"),
    kind(2, "CSRNonce", Kind::Random),
    plain(3, "vendor_reserved1"),
    plain(4, "vendor_reserved2"),
    plain(5, "vendor_reserved3"),
];

/// The only version of the declaration.
const FORMAT_VERSION: u16 = 1;
const MAX_PRODUCTS: usize = 100;
const MAX_AUTHORITIES: usize = 10;

impl CertificationDeclaration {
    /// Writes the declaration, which is then signed as the content of a CMS message.
    #[must_use]
    pub fn encode(&self) -> Encoded {
        let number = |number: u64| Some(Element::Unsigned(number));
        let products = self.product_ids.iter().map(|id| Element::Unsigned((*id).into()));
        let authorities: Vec<Element> = self.authorized_paas.iter().cloned().map(Element::Octets).collect();
        Element::structure([
            (0, number(FORMAT_VERSION.into())),
            (1, number(self.vendor_id.into())),
            (2, Some(Element::Array(products.collect()))),
            (3, number(self.device_type_id.into())),
            (4, Some(Element::Text(self.certificate_id.clone()))),
            (5, number(self.security_level.into())),
            (6, number(self.security_information.into())),
            (7, number(self.version_number.into())),
            (8, number(self.certification_type.into())),
            (9, self.dac_origin.and_then(|(vendor, _)| number(vendor.into()))),
            (10, self.dac_origin.and_then(|(_, product)| number(product.into()))),
            (11, (!authorities.is_empty()).then_some(Element::Array(authorities))),
        ])
        .encode(DECLARATION)
    }

    /// Reads a declaration; whether it fits the device is for the caller to say.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let (version, declaration) = Self::of_any_version(bytes)?;
        ensure(version == FORMAT_VERSION, || {
            format!("`format_version` is {version}, and only {FORMAT_VERSION} is known")
        })?;
        Ok(declaration)
    }

    /// Reads what has the members of a declaration, with the version that it claims.
    fn of_any_version(bytes: &[u8]) -> Result<(u16, Self), Malformed> {
        let element = Element::decode(bytes)?;
        check_order(&element, 11)?;
        let version = element.number(0, "format_version")?;
        let certificate_id = element.text(4, "certificate_id")?;
        ensure(certificate_id.len() == 19, || {
            format!("`certificate_id` has {} characters, not 19", certificate_id.len())
        })?;
        let origin = |tag, name| element.find(tag).is_some().then(|| element.number(tag, name)).transpose();
        let dac_origin = match (origin(9, "dac_origin_vendor_id")?, origin(10, "dac_origin_product_id")?) {
            (Some(vendor), Some(product)) => Some((vendor, product)),
            (None, None) => None,
            _ => return Err(Malformed::new("one of `dac_origin_vendor_id` and `dac_origin_product_id` is missing")),
        };
        let declaration = Self {
            vendor_id: element.number(1, "vendor_id")?,
            product_ids: products(&element)?,
            device_type_id: element.number(3, "device_type_id")?,
            certificate_id: certificate_id.to_owned(),
            security_level: element.number(5, "security_level")?,
            security_information: element.number(6, "security_information")?,
            version_number: element.number(7, "version_number")?,
            certification_type: element.number(8, "certification_type")?,
            dac_origin,
            authorized_paas: authorities(&element)?,
        };
        Ok((version, declaration))
    }
}

fn products(element: &Element) -> Result<Vec<u16>, Malformed> {
    let products = element.array(2, "product_id_array")?;
    ensure((1..=MAX_PRODUCTS).contains(&products.len()), || {
        format!("`product_id_array` has {} entries, not 1 to {MAX_PRODUCTS}", products.len())
    })?;
    let product = |product: &Element| match product {
        Element::Unsigned(id) => u16::try_from(*id).ok(),
        _ => None,
    };
    let products: Option<Vec<u16>> = products.iter().map(product).collect();
    products.ok_or_else(|| Malformed::new("`product_id_array` has an entry that is no number of 16 bits"))
}

fn authorities(element: &Element) -> Result<Vec<Vec<u8>>, Malformed> {
    if element.find(11).is_none() {
        return Ok(Vec::new());
    }
    let authorities = element.array(11, "authorized_paa_list")?;
    ensure((1..=MAX_AUTHORITIES).contains(&authorities.len()), || {
        format!("`authorized_paa_list` has {} entries, not 1 to {MAX_AUTHORITIES}", authorities.len())
    })?;
    let authority = |authority: &Element| match authority {
        Element::Octets(id) if id.len() == 20 => Some(id.clone()),
        _ => None,
    };
    let authorities: Option<Vec<Vec<u8>>> = authorities.iter().map(authority).collect();
    authorities.ok_or_else(|| Malformed::new("`authorized_paa_list` has an entry that is no key identifier"))
}

/// Members stand in the order of their tags, and none has a tag above `last`.
fn check_order(element: &Element, last: u8) -> Result<(), Malformed> {
    let Element::Structure(members) = element else { return Err(Malformed::new("the element is no structure")) };
    let tags: Vec<u8> = members.iter().map(|(tag, _)| *tag).collect();
    ensure(tags.is_sorted() && tags.iter().all(|tag| *tag <= last), || {
        format!("members have the tags {tags:?}, which are not in order or beyond {last}")
    })
}

/// Explains `bytes` where they are a declaration or elements.
pub(super) fn describe(bytes: &[u8]) -> Option<Vec<Field>> {
    let members = if CertificationDeclaration::of_any_version(bytes).is_ok() {
        DECLARATION
    } else if AttestationElements::decode(bytes).is_ok_and(|elements| der::is_sequence(&elements.declaration)) {
        ELEMENTS
    } else if NocsrElements::decode(bytes).is_ok_and(|elements| der::is_sequence(&elements.csr)) {
        NOCSR
    } else {
        return None;
    };
    Some(super::tlv::describe(bytes, members))
}

impl AttestationElements {
    /// Writes the elements.
    #[must_use]
    pub fn encode(&self) -> Encoded {
        Element::structure([
            (1, Some(Element::Octets(self.declaration.clone()))),
            (2, Some(Element::Octets(self.nonce.to_vec()))),
            (3, Some(Element::Unsigned(self.timestamp.into()))),
            (4, self.firmware.clone().map(Element::Octets)),
        ])
        .encode(ELEMENTS)
    }

    /// Reads the elements; their signature is the caller's to verify.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let element = Element::decode(bytes)?;
        check_order(&element, 4)?;
        let firmware = element.find(4).is_some().then(|| element.octets(4, "firmware_information")).transpose()?;
        Ok(Self {
            declaration: element.octets(1, "certification_declaration")?.to_vec(),
            nonce: element.fixed(2, "attestation_nonce")?,
            timestamp: element.number(3, "timestamp")?,
            firmware: firmware.map(<[u8]>::to_vec),
        })
    }
}

impl NocsrElements {
    /// Writes the elements.
    #[must_use]
    pub fn encode(&self) -> Encoded {
        let members = [(1, self.csr.clone()), (2, self.nonce.to_vec())];
        Element::structure(members.map(|(tag, bytes)| (tag, Some(Element::Octets(bytes))))).encode(NOCSR)
    }

    /// Reads the elements; what is reserved for the vendor is passed over, and the signature is the caller's to verify.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let element = Element::decode(bytes)?;
        check_order(&element, 5)?;
        Ok(Self { csr: element.octets(1, "csr")?.to_vec(), nonce: element.fixed(2, "CSRNonce")? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::testing::explained;

    fn declaration() -> CertificationDeclaration {
        CertificationDeclaration {
            vendor_id: 0xfff1,
            product_ids: vec![0x8000, 0x8001],
            device_type_id: 0x1234,
            certificate_id: "ZIG20141ZB330001-24".to_owned(),
            security_level: 0,
            security_information: 0,
            version_number: 1,
            certification_type: 0,
            dac_origin: Some((0xfff1, 0x8000)),
            authorized_paas: vec![vec![7; 20]],
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes = explained(declaration().encode());
        assert_eq!(CertificationDeclaration::decode(&bytes).unwrap(), declaration());
        let elements = AttestationElements {
            declaration: vec![0x30, 0],
            nonce: [1; 32],
            timestamp: 0,
            firmware: Some(vec![1; 40]),
        };
        assert_eq!(AttestationElements::decode(&explained(elements.encode())).unwrap(), elements);
        let nocsr = NocsrElements { csr: vec![0x30, 0], nonce: [2; 32] };
        assert_eq!(NocsrElements::decode(&explained(nocsr.encode())).unwrap(), nocsr);
        // A structure ends with one byte, before which the vendor may add members.
        let mut longer = nocsr.encode().bytes;
        longer.splice(longer.len() - 1.., [0x30, 3, 1, 0xff, 0x18]);
        assert_eq!(NocsrElements::decode(&longer).unwrap(), nocsr);
        longer[1 + 2 + 2 + 2] = 6;
        assert!(NocsrElements::decode(&longer).is_err());
    }

    #[test]
    fn a_declaration_is_refused_for_the_stated_reason() {
        let refused = |change: &dyn Fn(&mut CertificationDeclaration)| {
            let mut declaration = declaration();
            change(&mut declaration);
            CertificationDeclaration::decode(&declaration.encode().bytes).unwrap_err().message
        };
        assert_eq!(refused(&|it| it.certificate_id.clear()), "`certificate_id` has 0 characters, not 19");
        assert_eq!(refused(&|it| it.product_ids.clear()), "`product_id_array` has 0 entries, not 1 to 100");
        assert_eq!(refused(&|it| it.product_ids = vec![1; 101]), "`product_id_array` has 101 entries, not 1 to 100");
        assert_eq!(
            refused(&|it| it.authorized_paas = vec![vec![7; 19]]),
            "`authorized_paa_list` has an entry that is no key identifier"
        );
        let mut bytes = declaration().encode().bytes;
        bytes[3] = 2;
        let error = CertificationDeclaration::decode(&bytes).unwrap_err();
        assert_eq!(error.message, "`format_version` is 2, and only 1 is known");
    }
}
