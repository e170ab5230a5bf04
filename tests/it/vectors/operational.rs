//! Matter's certificates, declarations and sessions, through the operations that steps name.

use trustlane::clock::Timestamp;
use trustlane::crypto::matter_certificate::OperationalCertificate;
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
