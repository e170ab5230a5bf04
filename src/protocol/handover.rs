//! Values that cross a link whose real framing is not modelled, such as a serial line in a factory or a person:
//! a CBOR map from names to values in the core deterministic encoding (RFC 8949, section 4.2.1).

use std::collections::BTreeMap;

use minicbor::Decoder;
use minicbor::data::Type;
use minicbor::decode::Error;

use super::writer::{Writer, shown};
use super::{Encoded, Malformed, count_bytes, ensure};

/// A value that is handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Byte strings, such as the certificates of a chain.
    Array(Vec<Vec<u8>>),
    /// A byte string.
    Bytes(Vec<u8>),
    /// A whole number.
    Integer(i64),
    /// Text.
    Text(String),
}

/// Writes the values, sorted by the encodings of their names.
#[must_use]
pub fn encode(values: &BTreeMap<String, Value>) -> Encoded {
    let mut writer = Writer::default();
    let n_values = values.len();
    let counted = format!("{n_values} value{}", if n_values == 1 { "" } else { "s" });
    writer.field("map", &head(5, n_values as u64), counted);
    let mut entries: Vec<_> = values.iter().collect();
    // The bytewise order of encoded names: the head tells their length, so that shorter ones come first.
    entries.sort_by_key(|(name, _)| (name.len(), name.as_str()));
    for (name, value) in entries {
        write_item(&mut writer, 3, "text string", "name", name.as_bytes());
        write_value(&mut writer, name, value);
    }
    writer.finish()
}

/// Reads the values; an encoding that is not deterministic is refused.
pub fn decode(bytes: &[u8]) -> Result<BTreeMap<String, Value>, Malformed> {
    let mut decoder = Decoder::new(bytes);
    let values =
        read_map(&mut decoder).map_err(|error| Malformed::new(format!("not a CBOR map of values: {error}")))?;
    let left = bytes.len() - decoder.position();
    ensure(left == 0, || format!("{} after the end of the map", count_bytes(left)))?;
    // Deterministic means that there is one encoding only: this refuses long heads, another order and repeated names.
    ensure(encode(&values).bytes == bytes, || "the CBOR is not in the deterministic encoding".to_owned())?;
    Ok(values)
}

/// Explains every byte; bytes that are not the encoding of values are a single field that says why.
#[must_use]
pub fn describe(bytes: &[u8]) -> Encoded {
    match decode(bytes) {
        // There is one encoding only, so that this gives the same bytes.
        Ok(values) => encode(&values),
        Err(malformed) => Encoded::unexplained(bytes, malformed),
    }
}

fn write_value(writer: &mut Writer, name: &str, value: &Value) {
    match value {
        Value::Array(items) => {
            writer.field("array", &head(4, items.len() as u64), format!("{} items", items.len()));
            for item in items {
                write_item(writer, 2, "byte string", name, item);
            }
        }
        Value::Bytes(bytes) => write_item(writer, 2, "byte string", name, bytes),
        // RFC 8949, section 3.1: a negative number n is written as -1 - n.
        Value::Integer(number) if *number < 0 => {
            writer.field(name, &head(1, (!number).unsigned_abs()), number.to_string());
        }
        Value::Integer(number) => writer.field(name, &head(0, number.unsigned_abs()), number.to_string()),
        Value::Text(text) => write_item(writer, 3, "text string", name, text.as_bytes()),
    }
}

fn write_item(writer: &mut Writer, major_type: u8, kind: &str, name: &str, content: &[u8]) {
    writer.field(kind, &head(major_type, content.len() as u64), count_bytes(content.len()));
    writer.field(name, content, shown(content));
}

/// Major type and argument in the shortest form (RFC 8949, section 3).
fn head(major_type: u8, argument: u64) -> Vec<u8> {
    let mut encoder = minicbor::Encoder::new(Vec::new());
    encoder.u64(argument).expect("a vector takes every write");
    let mut bytes = encoder.into_writer();
    bytes[0] |= major_type << 5;
    bytes
}

fn read_map(decoder: &mut Decoder<'_>) -> Result<BTreeMap<String, Value>, Error> {
    let len = decoder.map()?.ok_or_else(|| Error::message("a map of unknown length"))?;
    let mut values = BTreeMap::new();
    for _ in 0..len {
        values.insert(decoder.str()?.to_owned(), read_value(decoder)?);
    }
    Ok(values)
}

fn read_value(decoder: &mut Decoder<'_>) -> Result<Value, Error> {
    match decoder.datatype()? {
        Type::Array => {
            let len = decoder.array()?.unwrap_or(0);
            // The items are collected one by one: the length is the sender's word, not a reason to reserve memory.
            let items = (0..len).map(|_| Ok(decoder.bytes()?.to_vec())).collect::<Result<_, Error>>()?;
            Ok(Value::Array(items))
        }
        Type::Bytes => Ok(Value::Bytes(decoder.bytes()?.to_vec())),
        Type::String => Ok(Value::Text(decoder.str()?.to_owned())),
        Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::Int => {
            Ok(Value::Integer(decoder.i64()?))
        }
        kind => Err(Error::message(format!("`{kind}` is none of bytes, text, whole number and array of bytes"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::testing::explained;
    use proptest::prelude::*;

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            any::<Vec<u8>>().prop_map(Value::Bytes),
            any::<i64>().prop_map(Value::Integer),
            any::<String>().prop_map(Value::Text),
            any::<Vec<Vec<u8>>>().prop_map(Value::Array),
        ]
    }

    #[test]
    fn names_are_sorted_as_they_are_encoded() {
        let values = [("b", Value::Integer(-1)), ("aa", Value::Text("x".to_owned())), ("a", Value::Bytes(vec![9]))];
        let encoded = encode(&values.map(|(name, value)| (name.to_owned(), value)).into());
        let names: Vec<_> = encoded.fields.iter().map(|field| field.value.as_str()).collect();
        assert_eq!(
            names,
            ["3 values", "1 byte", "a", "1 byte", "09", "1 byte", "b", "-1", "2 bytes", "aa", "1 byte", "x"]
        );
        // a3 = map(3); 61 61 = "a"; 41 09; 61 62 = "b"; 20 = -1; 62 61 61 = "aa"; 61 78 = "x"
        assert_eq!(hex::encode(explained(encoded)), "a361614109616220626161".to_owned() + "6178");
    }

    #[test]
    fn another_encoding_of_the_same_values_is_refused() {
        let refused = |digits: &str| decode(&hex::decode(digits).unwrap()).unwrap_err().message;
        let not_deterministic = "the CBOR is not in the deterministic encoding";
        assert!(decode(&hex::decode("a2616101616202").unwrap()).is_ok());
        assert_eq!(refused("a2616202616101"), not_deterministic, "another order");
        assert_eq!(refused("a2616101616101"), not_deterministic, "a repeated name");
        assert_eq!(refused("a161611801"), not_deterministic, "a long head");
        assert!(
            refused("a161619f4109ff")
                .ends_with("`indefinite array` is none of bytes, text, whole number and array of bytes")
        );
        assert_eq!(refused("a161610100"), "1 byte after the end of the map");
    }

    #[test]
    fn what_is_no_map_of_values_is_refused() {
        let refused = |digits: &str| decode(&hex::decode(digits).unwrap()).unwrap_err().message;
        for digits in
            ["", "01", "a1", "a10101", "a16161", "a16161f6", "a16161a0", "bf616101ff", "a161619bffffffffffffffff"]
        {
            assert!(refused(digits).starts_with("not a CBOR map of values: "), "{digits}");
        }
    }

    proptest! {
        #[test]
        fn values_come_back(values in prop::collection::btree_map(any::<String>(), value(), 0..6)) {
            prop_assert_eq!(decode(&explained(encode(&values))).unwrap(), values);
        }

        #[test]
        fn no_bytes_make_the_decoder_panic(bytes: Vec<u8>) {
            prop_assert_eq!(explained(describe(&bytes)), bytes.clone());
            let _ = decode(&[b"\xa2\x61a".as_slice(), &bytes].concat());
        }
    }
}
