//! Primitives of Matter's sessions.

use trustlane::crypto::pbkdf2::pbkdf2_hmac_sha256;
use trustlane::crypto::spake2plus::{Agreement, Password, Prover, Record, Schedule, Verifier};
use trustlane::operation::matter_session::{decrypt, encrypt};
use trustlane::protocol::matter::message::MessageHeader;
use trustlane::value;

use super::crypto::{code, perform};
use super::{Answer, Given, Value, members};

/// Both ends with the scalars of the vector; the verifier has read its record.
pub(super) fn spake2plus(given: &Given) -> Answer {
    let agreement = Agreement {
        schedule: if given.text("schedule") == "rfc9383" { Schedule::Rfc9383 } else { Schedule::Draft01 },
        context: given.bytes("context"),
        prover: given.bytes("prover"),
        verifier: given.bytes("verifier"),
    };
    let password = Password::from_scalars(given.bytes("w0"), given.bytes("w1")).map_err(code)?;
    let record = Record::from_bytes(&password.record().to_bytes()).map_err(code)?;
    let prover = Prover::with_scalar(password, given.bytes("x")).map_err(code)?;
    let verifier = Verifier::with_scalar(record, given.bytes("y")).map_err(code)?;
    let keys = prover.finish(agreement, &verifier.share).map_err(code)?;
    assert!(verifier.finish(agreement, &prover.share).map_err(code)? == keys, "both ends have the same keys");
    Ok(members([
        ("prover-share", Value::Bytes(prover.share)),
        ("verifier-share", Value::Bytes(verifier.share)),
        ("main", Value::Bytes(keys.main)),
        ("prover-key", Value::Bytes(keys.prover_key)),
        ("verifier-key", Value::Bytes(keys.verifier_key)),
        ("prover-confirms", Value::bytes(keys.prover_confirms)),
        ("verifier-confirms", Value::bytes(keys.verifier_confirms)),
        ("shared", Value::Bytes(keys.shared)),
    ]))
}

#[expect(clippy::unnecessary_wraps, reason = "primitives stand in one table")]
pub(super) fn pbkdf2(given: &Given) -> Answer {
    let (password, salt) = (given.bytes("password"), given.bytes("salt"));
    let key = pbkdf2_hmac_sha256(password, salt, given.number("iterations"), given.number("length"));
    Ok(members([("key", Value::Bytes(key))]))
}

pub(super) fn pase_verifier(given: &Given) -> Answer {
    let arguments = [
        ("passcode", value::Value::Text(given.text("passcode").to_owned())),
        ("salt", value::Value::Bytes(given.bytes("salt").to_vec())),
        ("iterations", value::Value::Number(given.number("iterations"))),
    ];
    Ok(members([("verifier", Value::Bytes(perform("pase-verifier", arguments)?))]))
}

pub(super) fn matter_message(given: &Given) -> Answer {
    let (key, wire) = (given.bytes("key"), given.bytes("message"));
    let node = given.number("node");
    let inside = decrypt(key, node, wire).map_err(|refused| refused.code)?;
    let (header, _) = MessageHeader::decode(wire).map_err(|_| "malformed")?;
    assert_eq!(encrypt(key, node, &header, &inside).map_err(code)?, wire, "the message is reproduced");
    Ok(members([("inside", Value::Bytes(inside))]))
}
