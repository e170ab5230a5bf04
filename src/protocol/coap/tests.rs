//! Messages there and back, and bytes that are none.

use proptest::prelude::*;

use super::*;
use crate::protocol::testing::explained;

fn message() -> Message {
    Message {
        kind: Kind::Confirmable,
        code: Code::find("POST").unwrap(),
        message_id: 0x7d34,
        token: vec![1, 2, 3, 4],
        options: vec![
            (option::URI_PATH, b"rd".to_vec()),
            (option::CONTENT_FORMAT, uint_bytes(40)),
            (option::URI_QUERY, b"ep=urn:7".to_vec()),
            (60, uint_bytes(300)),
            (2000, vec![7; 300]),
        ],
        payload: b"</1/1>,</3/0>".to_vec(),
    }
}

#[test]
fn a_message_comes_back_and_every_byte_is_explained() {
    let bytes = explained(message().encode().unwrap());
    let read = Message::decode(&bytes).unwrap();
    assert_eq!(read, message());
    assert_eq!((read.path().as_str(), read.format(), read.number(60)), ("/rd", Some(40), Some(300)));
}

#[test]
fn what_is_no_message_is_refused_for_its_reason() {
    let cases: [(&[u8], &str); 11] = [
        (&[0x40, 1, 0], "the header needs 4 bytes, 3 are left"),
        (&[0x80, 1, 0, 0], "the version is 2"),
        (&[0x49, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "a token of 9 bytes"),
        (&[0x42, 1, 0, 0, 0], "the token needs 2 bytes, 1 are left"),
        (&[0x60, 0, 0, 0, 0xff, 1], "an empty message has a header and nothing else"),
        (&[0x40, 0x21, 0, 0], "the code 1.01 is reserved"),
        (&[0x40, 1, 0, 0, 0xff], "a payload marker without a payload"),
        (&[0x40, 1, 0, 0, 0xf0], "15 is reserved in the first byte of an option"),
        (&[0x40, 1, 0, 0, 0xb2, b'a'], "the option needs 2 bytes, 1 are left"),
        (&[0x40, 1, 0, 0, 0x90], "the critical option 9 is not understood"),
        (&[0x40, 1, 0, 0, 0xb1, 0xff], "`Uri-Path` is no UTF-8"),
    ];
    for (bytes, reason) in cases {
        assert_eq!(Message::decode(bytes).unwrap_err().message, reason, "{bytes:02x?}");
    }
}

#[test]
fn what_cannot_be_written_is_refused() {
    let long = Message { token: vec![0; 9], ..message() };
    assert_eq!(long.encode().unwrap_err().message, "a token has at most 8 bytes");
    let unsorted = Message { options: vec![(12, vec![]), (11, vec![])], ..message() };
    assert_eq!(unsorted.encode().unwrap_err().message, "options stand in the order of their numbers");
    let large = Message { payload: vec![0; 1025], ..message() };
    assert!(large.encode().unwrap_err().message.starts_with("a payload of 1025 bytes, at most 1024 fit"));
    let path = Message { options: vec![(11, vec![b'a'; 256])], ..message() };
    assert_eq!(path.encode().unwrap_err().message, "`Uri-Path` has 256 bytes, at most 255 fit");
    let empty = Message { code: Code::EMPTY, ..message() };
    assert_eq!(empty.encode().unwrap_err().message, "an empty message has a header and nothing else");
}

#[test]
fn links_are_read() {
    assert_eq!(links("").unwrap(), Vec::<String>::new());
    assert_eq!(links("</1/1>,</3/0>;ver=1.1").unwrap(), ["/1/1", "/3/0"]);
    for text in ["</1/1>,", "/1/1", "</1", "</1>ver", "</1>;", "<<>"] {
        assert!(links(text).is_err(), "{text}");
    }
}

#[test]
fn tables_are_in_the_order_of_their_numbers() {
    assert!(CODES.is_sorted_by(|a, b| a.code < b.code));
    assert!(OPTIONS.is_sorted_by(|a, b| a.number < b.number));
    assert!(FORMATS.is_sorted_by(|a, b| a.number < b.number));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        if let Ok(message) = Message::decode(&bytes) {
            let again = explained(message.encode().unwrap());
            prop_assert_eq!(Message::decode(&again).unwrap(), message);
        }
    }
}
