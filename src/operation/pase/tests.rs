//! Sessions from a passcode, established, refused, and used.

use super::*;
use crate::clock::Timestamp;
use crate::operation::channel::{EndRefused, Sent};
use crate::operation::matter_session::{DUPLICATE_MESSAGE, UNKNOWN_SESSION, message_of};
use crate::operation::{Arg, find};
use crate::protocol::matter::message::PayloadKind;
use crate::registry::Registry;
use crate::trace::Protection;

fn args<const N: usize>(args: [(&str, Value); N]) -> Args {
    Args(args.map(|(name, value)| (name.to_owned(), Arg::Value(value))).into())
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn verifier(passcode: &str) -> Value {
    let args = args([
        ("passcode", text(passcode)),
        ("salt", Value::Bytes(SALT.to_vec())),
        ("iterations", Value::Number(1000)),
    ]);
    let mut registry = Registry::default();
    let mut acting = Acting::new(args, "verifier", Timestamp(0), &mut registry);
    find("pase-verifier").unwrap().perform(&mut acting).unwrap().unwrap()
}

fn open(
    passcode: &str,
    session: &str,
    recorded: Option<Vec<Vec<u8>>>,
    alter: &mut dyn FnMut(bool, &mut Vec<u8>),
) -> Opened {
    let opening = Opening {
        client: args([("passcode", text(passcode))]),
        server: args([
            ("verifier", verifier("20202021")),
            ("salt", Value::Bytes(SALT.to_vec())),
            ("iterations", Value::Number(1000)),
        ]),
        with: args([("transport", text("udp"))]),
        client_party: Party::new("seed", &["phone", session]),
        server_party: Party::new("seed", &["device", session]),
        client_clock: Timestamp(0),
        server_clock: Timestamp(0),
        alter,
        recorded,
        step: "pase",
    };
    Pase.open(opening).unwrap()
}

fn established() -> Opened {
    let opened = open("20202021", "1", None, &mut |_, _| {});
    assert!(opened.refused.is_none() && opened.waiting.is_none());
    opened
}

fn labels(flights: &[Sent]) -> Vec<&str> {
    flights.iter().map(|flight| flight.label.as_str()).collect()
}

#[track_caller]
fn refused(opened: &Opened, by_opener: bool, code: &str) {
    let found = opened.refused.as_ref().expect("the session is refused");
    assert_eq!((found.by_opener, found.refused.code.as_str()), (by_opener, code), "{found:?}");
}

fn command() -> Vec<u8> {
    message_of(PayloadKind { protocol: 1, opcode: 8 }, b"\x15\x18")
}

fn answer() -> Vec<u8> {
    message_of(PayloadKind { protocol: 1, opcode: 9 }, b"\x15\x18")
}

#[test]
fn both_ends_have_the_keys_and_every_byte_is_explained() {
    let mut opened = established();
    let expected = ["PBKDFParamRequest", "PBKDFParamResponse", "Pake1", "Pake2", "Pake3", "StatusReport"];
    assert_eq!(labels(&opened.flights), expected);
    for layer in opened.flights.iter().flat_map(|flight| &flight.layers) {
        assert!(layer.is_complete());
        assert_eq!(layer.unexplained(), Vec::<String>::new());
    }
    let (phone, device) = (opened.channel.view(true), opened.channel.view(false));
    assert_eq!((phone.exporter.len(), phone.protection), (16, Protection::Protected));
    assert_eq!(phone.exporter, device.exporter);
    let (phone, device) = opened.channel.take_counts();
    // The passcode is stretched to three blocks; the device keeps the result of that.
    assert!(phone.hmac > 3_000 && device.hmac < 20);
    assert_eq!((phone.agree, device.agree), (5, 5));
}

#[test]
fn a_wrong_passcode_is_found_out_by_who_knows_it_and_the_device_learns_nothing() {
    let opened = open("20202022", "1", None, &mut |_, _| {});
    refused(&opened, true, "wrong-proof");
    assert_eq!(opened.refused.as_ref().unwrap().other_end, "StatusReport FAILURE, INVALID_PARAMETER");
    assert_eq!(labels(&opened.flights)[3..], ["Pake2", "StatusReport"]);
    assert_eq!(opened.checks.len(), 1);
}

#[test]
fn whatever_is_changed_on_the_way_is_refused_for_its_reason() {
    // Flight, byte from its end, who refuses (the opener?), and why.
    let table = [
        // In hasPBKDFParameters and in initiatorRandom: the context differs.
        (0, 2, true, "wrong-proof"),
        (0, 40, true, "invalid-parameter"),
        // In the salt: another passcode.
        (1, 10, true, "wrong-proof"),
        // In the share, and in the confirmation.
        (2, 10, false, "invalid-parameter"),
        (3, 10, true, "wrong-proof"),
        (4, 10, false, "wrong-proof"),
        (5, 1, true, "status-report"),
    ];
    for (flight, from_end, by_opener, code) in table {
        let mut number = 0;
        let opened = open("20202021", "1", None, &mut |_, wire| {
            if number == flight {
                let at = wire.len() - from_end - 1;
                wire[at] ^= 1;
            }
            number += 1;
        });
        refused(&opened, by_opener, code);
    }
}

#[test]
fn a_message_that_is_lost_leaves_its_receiver_waiting() {
    for (flight, opener_waits) in [(0, false), (1, true), (2, false), (5, true)] {
        let mut number = 0;
        let opened = open("20202021", "1", None, &mut |_, wire| {
            if number == flight {
                wire.clear();
            }
            number += 1;
        });
        assert_eq!((opened.waiting, opened.refused.is_none()), (Some(opener_waits), true));
    }
}

#[test]
fn a_recording_of_the_phone_does_not_know_what_the_device_draws_now() {
    let wires = |opened: Opened| {
        let own = opened.flights.into_iter().filter(|flight| flight.from_opener);
        own.map(|flight| flight.wire).collect::<Vec<_>>()
    };
    let opened = open("20202021", "2", Some(wires(established())), &mut |_, _| {});
    refused(&opened, false, "wrong-proof");
}

#[test]
fn what_is_sent_is_encrypted_and_answered_in_its_exchange() {
    let mut channel = established().channel;
    let (sent, read) = channel.send(true, &command(), &mut |_| {});
    assert_eq!(read.unwrap(), command());
    assert!(!sent[0].wire.windows(2).any(|two| two == b"\x15\x18"));
    assert_eq!(sent[0].layers.len(), 2);
    assert!(sent[0].layers[1].decrypted);
    for layer in &sent[0].layers {
        assert!(layer.is_complete() && layer.unexplained().is_empty());
    }
    let (_, read) = channel.send(false, &answer(), &mut |_| {});
    assert_eq!(read.unwrap(), answer());
    let exchange = |sent: &Sent| sent.layers[1].fields()[2].value.clone();
    let (next, _) = channel.send(true, &command(), &mut |_| {});
    assert_eq!(exchange(&next[0]).parse::<u32>().unwrap(), exchange(&sent[0]).parse::<u32>().unwrap() + 1);
    let (closed, refused) = channel.close(true, &mut |_| {});
    assert!(refused.is_none() && !channel.is_open());
    assert_eq!(labels(&closed), ["StatusReport"]);
}

#[test]
fn a_message_is_read_once_and_as_it_was_sent() {
    let code = |result: Result<Vec<u8>, EndRefused>| result.unwrap_err().refused.code;
    let mut channel = established().channel;
    let (sent, _) = channel.send(true, &command(), &mut |_| {});
    assert_eq!(code(channel.inject(true, &sent[0].wire).1), DUPLICATE_MESSAGE);
    // The other direction has another key.
    assert_eq!(code(channel.inject(false, &sent[0].wire).1), UNKNOWN_SESSION);
    let flip = |at: usize| move |wire: &mut Vec<u8>| wire[at] ^= 1;
    assert_eq!(code(channel.send(true, &command(), &mut flip(1)).1), UNKNOWN_SESSION);
    assert_eq!(code(channel.send(true, &command(), &mut flip(4)).1), "decrypt-error");
    assert_eq!(code(channel.send(true, &command(), &mut flip(20)).1), "decrypt-error");
    assert_eq!(code(channel.send(true, &command(), &mut |wire| wire.truncate(3)).1), "malformed");
    let (_, lost) = channel.send(true, &command(), &mut Vec::clear);
    assert_eq!(lost.unwrap(), Vec::<u8>::new());
    channel.send(false, &answer(), &mut |_| {}).1.unwrap();
    // Another session has other keys, and other numbers.
    let mut other = open("20202021", "2", None, &mut |_, _| {}).channel;
    assert!([UNKNOWN_SESSION, "decrypt-error"].contains(&code(other.inject(true, &sent[0].wire).1).as_str()));
}

#[test]
fn parameters_out_of_range_are_refused_before_anything_is_computed() {
    assert_eq!(check_iterations(999).unwrap_err().code, INVALID_PARAMETER);
    assert_eq!(check_iterations(100_001).unwrap_err().code, INVALID_PARAMETER);
    assert_eq!(check_salt(&[0; 33]).unwrap_err().code, INVALID_PARAMETER);
    assert_eq!(passcode(&args([("passcode", text("11111111"))])).unwrap_err().code, "malformed");
}

const SALT: &[u8; 16] = b"SPAKE2P Key Salt";
