//! Objects of Lightweight M2M, and the TLV format in which they are written and read (OMA `LwM2M` 1.0, section 6.4.3).

mod object;
mod tlv;

pub use self::object::{OBJECTS, Object, Resource, Type};
pub use self::tlv::{Content, Tlv, decode, encode};
use super::{Encoded, Malformed};

/// The value of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// `true` or `false`, a byte.
    Boolean(bool),
    /// A signed number in 1, 2, 4 or 8 bytes.
    Integer(i64),
    /// Bytes.
    Opaque(Vec<u8>),
    /// UTF-8.
    Text(String),
}

impl Data {
    /// The bytes in TLV (OMA `LwM2M` 1.0, appendix C).
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Boolean(flag) => vec![u8::from(*flag)],
            Self::Integer(number) => integer(*number),
            Self::Opaque(bytes) => bytes.clone(),
            Self::Text(text) => text.clone().into_bytes(),
        }
    }

    /// Reads the bytes of a resource of this type.
    pub fn read(of: Type, bytes: &[u8]) -> Result<Self, Malformed> {
        match of {
            Type::Boolean => match bytes {
                [0] => Ok(Self::Boolean(false)),
                [1] => Ok(Self::Boolean(true)),
                _ => Err(Malformed::new("a boolean is one byte, 0 or 1")),
            },
            Type::Integer => number(bytes).map(Self::Integer),
            Type::Opaque => Ok(Self::Opaque(bytes.to_vec())),
            Type::Text => String::from_utf8(bytes.to_vec()).map(Self::Text).map_err(|_| Malformed::new("no UTF-8")),
        }
    }

    /// For people.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Boolean(flag) => flag.to_string(),
            Self::Integer(number) => number.to_string(),
            Self::Opaque(bytes) => hex::encode(bytes),
            Self::Text(text) => text.clone(),
        }
    }
}

fn integer(number: i64) -> Vec<u8> {
    if let Ok(small) = i8::try_from(number) {
        return small.to_be_bytes().to_vec();
    }
    if let Ok(short) = i16::try_from(number) {
        return short.to_be_bytes().to_vec();
    }
    match i32::try_from(number) {
        Ok(long) => long.to_be_bytes().to_vec(),
        Err(_) => number.to_be_bytes().to_vec(),
    }
}

fn number(bytes: &[u8]) -> Result<i64, Malformed> {
    let first = *bytes.first().unwrap_or(&0);
    if !matches!(bytes.len(), 1 | 2 | 4 | 8) {
        return Err(Malformed::new(format!("an integer has 1, 2, 4 or 8 bytes, not {}", bytes.len())));
    }
    let sign = if first & 0x80 == 0 { 0 } else { -1 };
    Ok(bytes.iter().fold(sign, |number: i64, byte| number << 8 | i64::from(*byte)))
}

impl Object {
    /// Writes resources of one instance, in the order of their numbers.
    pub fn write(&self, resources: &[(&Resource, Data)]) -> Result<Encoded, Malformed> {
        let tlvs: Vec<Tlv> =
            resources.iter().map(|(resource, data)| Tlv::resource(resource.id, data.bytes())).collect();
        encode(&tlvs, Some(self))
    }

    /// Reads resources of one instance; those that the object does not have are left out (section 6.4.3).
    pub fn read(&self, bytes: &[u8]) -> Result<Vec<(&Resource, Data)>, Malformed> {
        let mut found: Vec<(&Resource, Data)> = Vec::new();
        for tlv in decode(bytes)? {
            let Content::Resource(value) = &tlv.content else {
                return Err(Malformed::new(format!("{} stands where a resource should", tlv.content.title())));
            };
            let Some(resource) = self.resources.iter().find(|resource| resource.id == tlv.id) else { continue };
            if found.iter().any(|(known, _)| known.id == resource.id) {
                return Err(Malformed::new(format!("`{}` comes twice", resource.name)));
            }
            let data = Data::read(resource.kind, value).map_err(|malformed| malformed.inside(resource.name))?;
            found.push((resource, data));
        }
        Ok(found)
    }
}

/// Explains bytes in TLV, which are those of an object where its number is known.
#[must_use]
pub fn explain(object: Option<u16>, bytes: &[u8]) -> Option<Encoded> {
    let object = OBJECTS.iter().find(|known| Some(known.id) == object);
    let tlvs = decode(bytes).ok()?;
    encode(&tlvs, object).ok().filter(|encoded| encoded.bytes == bytes)
}

#[cfg(test)]
mod tests;
