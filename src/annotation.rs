//! Bytes, and what each of them means.

use std::fmt;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

/// One reading of bytes, with each byte explained.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Layer {
    /// What these bytes are: `TLS record`, `HTTP request`.
    pub name: String,
    /// Whether they were encrypted on the link and decrypted for display.
    pub decrypted: bool,
    /// The bytes.
    pub bytes: Bytes,
    /// Fields in order; together they cover every byte.
    pub fields: Vec<Field>,
}

/// A run of bytes with its meaning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Field {
    /// Name in the standard that defines it.
    pub name: String,
    /// First byte, counted in the layer.
    pub start: usize,
    /// First byte after the field.
    pub end: usize,
    /// The decoded value, for people.
    pub value: String,
}

/// Bytes that serialise as lower-case hexadecimal digits.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub Vec<u8>);

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", hex::encode(&self.0))
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(&self.0))
    }
}

impl JsonSchema for Bytes {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Bytes".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^([0-9a-f]{2})*$", "description": "bytes as lower-case hexadecimal digits" })
    }
}

impl Layer {
    /// Whether the fields follow each other without gap or overlap and cover every byte.
    pub fn is_complete(&self) -> bool {
        let mut at = 0;
        for field in &self.fields {
            if field.start != at || field.end <= field.start {
                return false;
            }
            at = field.end;
        }
        at == self.bytes.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(bytes: &[u8], fields: &[(usize, usize)]) -> Layer {
        let field = |&(start, end): &(usize, usize)| Field { name: String::new(), start, end, value: String::new() };
        let fields = fields.iter().map(field).collect();
        Layer { name: String::new(), decrypted: false, bytes: Bytes(bytes.to_vec()), fields }
    }

    #[test]
    fn a_complete_layer_covers_each_byte_once() {
        assert!(layer(b"", &[]).is_complete());
        assert!(layer(b"abc", &[(0, 1), (1, 3)]).is_complete());
        assert!(!layer(b"abc", &[(0, 1)]).is_complete(), "bytes are left over");
        assert!(!layer(b"abc", &[(0, 1), (2, 3)]).is_complete(), "a gap");
        assert!(!layer(b"abc", &[(0, 2), (1, 3)]).is_complete(), "an overlap");
        assert!(!layer(b"abc", &[(0, 3), (3, 3)]).is_complete(), "an empty field");
    }
}
