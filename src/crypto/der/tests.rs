use proptest::prelude::*;

use super::describe;
use crate::annotation::Field;

const CERTIFICATE: &str = include_str!("tests/certificate.hex");
const CERTIFICATE_LIST: &str = include_str!("tests/certificate_list.hex");
const CERTIFICATION_REQUEST: &str = include_str!("tests/certification_request.hex");
const CONTENT_INFO: &str = include_str!("tests/content_info.hex");
const PRIVATE_KEY_INFO: &str = include_str!("tests/private_key_info.hex");
const ALL: [&str; 5] = [CERTIFICATE, CERTIFICATE_LIST, CERTIFICATION_REQUEST, CONTENT_INFO, PRIVATE_KEY_INFO];

fn bytes(digits: &str) -> Vec<u8> {
    hex::decode(digits.replace('\n', "")).unwrap()
}

fn fields(digits: &str) -> Vec<Field> {
    explained(&bytes(digits))
}

/// The fields, after a look that they cover every byte once and in order.
fn explained(der: &[u8]) -> Vec<Field> {
    let fields = describe(der);
    let mut at = 0;
    for field in &fields {
        assert_eq!(field.start, at, "{field:?}");
        assert!(field.end > at, "{field:?}");
        at = field.end;
    }
    assert_eq!(at, der.len());
    fields
}

#[test]
fn dump() {
    for der in ALL {
        for f in fields(der) {
            println!("{:4}..{:4} {:40} {}", f.start, f.end, f.name, f.value);
        }
        println!();
    }
}
