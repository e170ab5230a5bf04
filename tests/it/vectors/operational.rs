//! Matter's certificates, declarations and sessions, through the operations that steps name.

use trustlane::clock::Timestamp;
use trustlane::crypto::case;
use trustlane::crypto::key::{Algorithm, PublicKey};
use trustlane::crypto::matter_certificate::{OperationalCertificate, compressed_fabric_id, operational_group_key};
use trustlane::operation::{self, Acting, Arg, Args};
use trustlane::protocol::matter::{attestation, certificate};
use trustlane::registry::Registry;
use trustlane::value::Value as Held;

use super::crypto::code;
use super::{Answer, Given, Value, members};

/// What the operation `name` gives.
fn perform<const N: usize>(name: &str, args: [(&str, Held); N]) -> Result<Held, String> {
    let args = Args(args.map(|(name, value)| (name.to_owned(), Arg::Value(value))).into());
    let mut registry = Registry::default();
    let mut acting = Acting::new(args, "vector", Timestamp(0), &mut registry);
    let result = operation::find(name).unwrap().perform(&mut acting);
    result.map(Option::unwrap).map_err(|refused| refused.code)
}

fn read(tlv: &[u8], kind: &str) -> Result<Held, String> {
    perform("decode", [("value", Held::Bytes(tlv.to_vec())), ("as", Held::Text(kind.to_owned()))])
}

pub(super) fn matter_certificate(given: &Given) -> Answer {
    let tlv = given.bytes("tlv");
    let Held::Certificate(found) = read(tlv, "matter-certificate")? else { panic!("no certificate") };
    let written = perform("matter-certificate", [("certificate", Held::Certificate(found.clone()))])?;
    assert_eq!(hex::encode(written.canonical()), hex::encode(tlv), "the other way");
    let own = OperationalCertificate::from_certificate(&found).map_err(code)?;
    assert_eq!(certificate::decode(tlv).unwrap(), own);
    Ok(members([("der", Value::bytes(found.der())), ("tbs", Value::Bytes(own.tbs_der().map_err(code)?))]))
}

pub(super) fn matter_declaration(given: &Given) -> Answer {
    let tlv = given.bytes("tlv");
    let Held::Members(found) = read(tlv, "matter-declaration")? else { panic!("no members") };
    let written = attestation::CertificationDeclaration::decode(tlv).unwrap().encode();
    assert_eq!(hex::encode(written.bytes), hex::encode(tlv), "the other way");
    let value = |value: &Held| match value {
        Held::Number(number) => Value::Number(*number),
        Held::Members(items) => {
            Value::bytes(items.values().map(|item| item.text().unwrap_or_default()).collect::<Vec<_>>().join(" "))
        }
        other => Value::bytes(other.canonical()),
    };
    Ok(found.iter().map(|(name, found)| (name.clone(), value(found))).collect())
}

fn root_key(given: &Given) -> Result<PublicKey, String> {
    PublicKey::from_bits(Algorithm::P256, given.bytes("root-key")).map_err(code)
}

fn identifier(given: &Given, name: &str) -> u64 {
    u64::from_be_bytes(given.bytes(name).try_into().unwrap())
}

pub(super) fn matter_destination_id(given: &Given) -> Answer {
    let (fabric_id, node_id) = (identifier(given, "fabric-id"), identifier(given, "node-id"));
    let id = case::destination_id(given.bytes("ipk"), given.bytes("random"), &root_key(given)?, fabric_id, node_id);
    Ok(members([("destination-id", Value::bytes(id))]))
}

pub(super) fn matter_fabric(given: &Given) -> Answer {
    let compressed = compressed_fabric_id(&root_key(given)?, identifier(given, "fabric-id"));
    let key = operational_group_key(given.bytes("epoch-key"), &compressed);
    Ok(members([("compressed-fabric-id", Value::Bytes(compressed)), ("operational-key", Value::Bytes(key))]))
}
