//! Elements there and back, and bytes that are none.

use proptest::prelude::*;

use super::*;
use crate::protocol::testing::explained;

fn security() -> Vec<(&'static Resource, Data)> {
    let resources = OBJECTS[0].resources;
    vec![
        (&resources[0], Data::Text("coaps://lwm2m.example:5684".to_owned())),
        (&resources[1], Data::Boolean(false)),
        (&resources[2], Data::Integer(0)),
        (&resources[3], Data::Opaque(b"urn:7".to_vec())),
        (&resources[5], Data::Opaque(vec![9; 300])),
        (&resources[6], Data::Integer(123)),
        (&resources[7], Data::Integer(-70_000)),
    ]
}

#[test]
fn an_instance_comes_back_and_every_byte_is_explained() {
    let bytes = explained(OBJECTS[0].write(&security()).unwrap());
    let read = OBJECTS[0].read(&bytes).unwrap();
    let named = |resources: &[(&Resource, Data)]| {
        resources.iter().map(|(resource, data)| (resource.name, data.clone())).collect::<Vec<_>>()
    };
    assert_eq!(named(&read), named(&security()));
    let layer = explain(Some(0), &bytes).unwrap().into_layer("TLV");
    assert_eq!(layer.unexplained(), Vec::<String>::new());
}

#[test]
fn numbers_take_as_few_bytes_as_they_may() {
    for (value, bytes) in
        [(0, "00"), (-1, "ff"), (128, "0080"), (-32_768, "8000"), (86_400, "00015180"), (1 << 40, "0000010000000000")]
    {
        assert_eq!(hex::encode(Data::Integer(value).bytes()), bytes);
        assert_eq!(Data::read(Type::Integer, &hex::decode(bytes).unwrap()), Ok(Data::Integer(value)));
    }
}

#[test]
fn what_is_no_instance_is_refused_for_its_reason() {
    let cases: [(&[u8], &str); 9] = [
        (&[0xc1], "an identifier needs 1 bytes, 0 are left"),
        (&[0xc1, 0], "a value needs 1 bytes, 0 are left"),
        (&[0xc8, 0], "a length needs 1 bytes, 0 are left"),
        (&[0x41, 0, 1], "resource instance 0 does not belong here"),
        (&[0x83, 0, 0xc1, 0, 1], "resource 0 does not belong here"),
        (&[0x00, 0], "object instance stands where a resource should"),
        (&[0xc1, 1, 2], "`bootstrap-server`: a boolean is one byte, 0 or 1"),
        (&[0xc3, 2, 0, 0, 0], "`security-mode`: an integer has 1, 2, 4 or 8 bytes, not 3"),
        (&[0xc1, 2, 0, 0xc1, 2, 0], "`security-mode` comes twice"),
    ];
    for (bytes, reason) in cases {
        assert_eq!(OBJECTS[0].read(bytes).unwrap_err().message, reason, "{bytes:02x?}");
    }
    assert_eq!(OBJECTS[0].read(&[0xc1, 99, 2]).unwrap().len(), 0, "an unknown resource is skipped");
}

#[test]
fn tables_are_in_the_order_of_their_numbers() {
    assert!(OBJECTS.is_sorted_by(|a, b| a.id < b.id));
    for object in OBJECTS {
        assert!(object.resources.is_sorted_by(|a, b| a.id < b.id), "{}", object.name);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        if let Ok(tlvs) = decode(&bytes) {
            let again = explained(encode(&tlvs, Some(&OBJECTS[1])).unwrap());
            prop_assert_eq!(decode(&again).unwrap(), tlvs);
        }
    }
}
