//! MQTT 3.1.1 control packets, as far as provisioning needs them: no will, no `QoS` 2.
//!
//! The bytes are written by `mqtt-protocol-core` and read by the one reader here that also explains them, so that a
//! packet of either end is checked by code that did not write it.

mod read;
mod write;

use mqtt_protocol_core::mqtt::packet::VariableByteInteger;

use super::reader::Reader;
use super::{Encoded, Malformed, count_bytes, ensure};
use crate::annotation::Field;

/// A control packet.
#[derive(Clone, Debug, PartialEq, Eq)]
// In the order of the packet types (MQTT 3.1.1, table 2.1).
pub enum Packet {
    /// The client asks for a connection.
    Connect(Connect),
    /// The server accepts or refuses it.
    ConnAck(ConnAck),
    /// A message for a topic.
    Publish(Publish),
    /// A message with `QoS` 1 has arrived.
    PubAck {
        /// Of the message.
        packet_id: u16,
    },
    /// The client asks for the messages of some topics.
    Subscribe(Subscribe),
    /// The server answers for each of them.
    SubAck(SubAck),
    /// The client leaves.
    Disconnect,
}

/// Body of CONNECT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connect {
    /// Client identifier; may be empty in a clean session.
    pub client_id: String,
    /// Whether the server forgets earlier sessions of this client.
    pub clean_session: bool,
    /// Seconds after which silence ends the connection; 0 for never.
    pub keep_alive: u16,
    /// User name.
    pub user_name: Option<String>,
    /// Password; only together with a user name.
    pub password: Option<Vec<u8>>,
}

/// Body of CONNACK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnAck {
    /// Whether the server remembers an earlier session; never with a refusal.
    pub session_present: bool,
    /// Whether the client may go on, or why not.
    pub return_code: ReturnCode,
}

/// Body of PUBLISH.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publish {
    /// Topic name, without wildcards.
    pub topic: String,
    /// Application message.
    pub payload: Vec<u8>,
    /// Whether the receiver acknowledges.
    pub delivery: Delivery,
    /// Whether the server keeps it for later subscribers.
    pub retain: bool,
}

/// How a message is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// `QoS` 0: not acknowledged.
    AtMostOnce,
    /// `QoS` 1: acknowledged with PUBACK.
    AtLeastOnce {
        /// Ties the acknowledgement to the message; not 0.
        packet_id: u16,
        /// Whether it was sent before.
        dup: bool,
    },
}

/// Body of SUBSCRIBE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscribe {
    /// Ties the answer to the request; not 0.
    pub packet_id: u16,
    /// Topic filters with the highest `QoS` that the client wants; at least one.
    pub filters: Vec<(String, Qos)>,
}

/// Body of SUBACK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubAck {
    /// Of the SUBSCRIBE.
    pub packet_id: u16,
    /// For each filter the granted `QoS`; `None` where the server refuses.
    pub granted: Vec<Option<Qos>>,
}

/// Quality of service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Qos {
    /// 0.
    AtMostOnce,
    /// 1.
    AtLeastOnce,
    /// 2.
    ExactlyOnce,
}

/// What a server says to CONNECT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
// In the order of their numbers (MQTT 3.1.1, table 3.1).
pub enum ReturnCode {
    /// 0.
    Accepted,
    /// 1.
    UnacceptableProtocolVersion,
    /// 2.
    IdentifierRejected,
    /// 3.
    ServerUnavailable,
    /// 4.
    BadUserNameOrPassword,
    /// 5.
    NotAuthorized,
}

impl ReturnCode {
    /// All codes; the index is the number on the link.
    pub const ALL: [Self; 6] = [
        Self::Accepted,
        Self::UnacceptableProtocolVersion,
        Self::IdentifierRejected,
        Self::ServerUnavailable,
        Self::BadUserNameOrPassword,
        Self::NotAuthorized,
    ];

    /// The standard's words for it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Accepted => "connection accepted",
            Self::UnacceptableProtocolVersion => "connection refused, unacceptable protocol version",
            Self::IdentifierRejected => "connection refused, identifier rejected",
            Self::ServerUnavailable => "connection refused, server unavailable",
            Self::BadUserNameOrPassword => "connection refused, bad user name or password",
            Self::NotAuthorized => "connection refused, not authorized",
        }
    }
}

impl Packet {
    /// Writes the packet.
    pub fn encode(&self) -> Result<Encoded, Malformed> {
        let bytes = write::write(self)?;
        let mut reader = Reader::new(&bytes);
        read::read(&mut reader)?;
        Ok(Encoded { fields: reader.into_fields(None), bytes })
    }

    /// Reads exactly one packet.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        read::read(&mut Reader::new(bytes))
    }

    /// The name of its type in the standard.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Connect(_) => "CONNECT",
            Self::ConnAck(_) => "CONNACK",
            Self::Publish(_) => "PUBLISH",
            Self::PubAck { .. } => "PUBACK",
            Self::Subscribe(_) => "SUBSCRIBE",
            Self::SubAck(_) => "SUBACK",
            Self::Disconnect => "DISCONNECT",
        }
    }
}

/// Explains every byte; where bytes are malformed, the last field says why and covers what was not understood.
#[must_use]
pub fn describe(bytes: &[u8]) -> Vec<Field> {
    let mut reader = Reader::new(bytes);
    let malformed = read::read(&mut reader).err();
    reader.into_fields(malformed.as_ref())
}

/// The remaining length as it stands in the fixed header (MQTT 3.1.1, section 2.2.3).
pub fn remaining_length(length: u32) -> Result<Vec<u8>, Malformed> {
    VariableByteInteger::from_u32(length)
        .map(|length| length.as_bytes().to_vec())
        .ok_or_else(|| Malformed::new(format!("a packet of {length} bytes is too long")))
}

/// Reads a remaining length at the start of `bytes`: its value, and how many bytes it takes.
pub fn read_remaining_length(bytes: &[u8]) -> Result<(usize, usize), Malformed> {
    let mut length = 0;
    for (idx, byte) in bytes.iter().take(4).enumerate() {
        length |= usize::from(byte & 0x7f) << (7 * idx);
        if byte & 0x80 == 0 {
            return Ok((length, idx + 1));
        }
    }
    ensure(bytes.len() >= 4, || "the remaining length is not complete".to_owned())?;
    Err(Malformed::new("the remaining length takes more than 4 bytes"))
}

/// MQTT-2.3.1-1.
fn check_packet_id(packet_id: u16) -> Result<(), Malformed> {
    ensure(packet_id != 0, || "the packet identifier is 0".to_owned())
}

/// MQTT-3.3.2-2 and MQTT-4.7.3-1.
fn check_topic(topic: &str) -> Result<(), Malformed> {
    ensure(!topic.is_empty(), || "the topic name is empty".to_owned())?;
    ensure(!topic.contains(['#', '+']), || format!("the topic name `{topic}` has a wildcard"))
}

/// MQTT-1.5.3-2; the length takes two bytes.
fn check_text(text: &str) -> Result<(), Malformed> {
    ensure(u16::try_from(text.len()).is_ok(), || format!("text of {} is too long", count_bytes(text.len())))?;
    ensure(!text.contains('\0'), || "text has a null character".to_owned())
}

/// MQTT-3.1.2-22.
fn check_credentials(has_user_name: bool, has_password: bool) -> Result<(), Malformed> {
    ensure(has_user_name || !has_password, || "a password without a user name".to_owned())
}

/// MQTT-3.8.3-3; the answer has a return code for each.
fn check_filters(count: usize) -> Result<(), Malformed> {
    ensure(count > 0, || "there is no topic filter".to_owned())
}

/// MQTT-3.2.2-4.
fn check_answer(session_present: bool, return_code: ReturnCode) -> Result<(), Malformed> {
    ensure(!session_present || return_code == ReturnCode::Accepted, || "a refusal with a session present".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::testing::{assert_explained, explained};
    use proptest::prelude::*;

    fn every_packet() -> Vec<Packet> {
        let connect = Connect {
            client_id: "sn-007".to_owned(),
            clean_session: true,
            keep_alive: 60,
            user_name: Some("hub/sn-007".to_owned()),
            password: Some(b"SharedAccessSignature sr=x".to_vec()),
        };
        let publish = Publish {
            topic: "$dps/registrations/PUT/iotdps-register/?$rid=1".to_owned(),
            payload: br#"{"registrationId":"sn-007"}"#.to_vec(),
            delivery: Delivery::AtMostOnce,
            retain: false,
        };
        let delivery = Delivery::AtLeastOnce { packet_id: 10, dup: true };
        let refused = ConnAck { session_present: false, return_code: ReturnCode::NotAuthorized };
        let filters =
            vec![("$dps/registrations/res/#".to_owned(), Qos::AtLeastOnce), ("a/+".to_owned(), Qos::AtMostOnce)];
        vec![
            Packet::Connect(Connect { user_name: None, password: None, ..connect.clone() }),
            Packet::Connect(connect),
            Packet::ConnAck(ConnAck { session_present: true, return_code: ReturnCode::Accepted }),
            Packet::ConnAck(refused),
            Packet::Publish(Publish { delivery, retain: true, payload: vec![], ..publish.clone() }),
            Packet::Publish(publish),
            Packet::PubAck { packet_id: 10 },
            Packet::Subscribe(Subscribe { packet_id: 1, filters }),
            Packet::SubAck(SubAck { packet_id: 1, granted: vec![Some(Qos::AtLeastOnce), None] }),
            Packet::Disconnect,
        ]
    }

    #[test]
    fn every_packet_comes_back() {
        for packet in every_packet() {
            let bytes = explained(packet.encode().unwrap());
            assert_eq!(Packet::decode(&bytes).unwrap(), packet);
        }
    }

    #[test]
    fn every_byte_of_connect_is_explained() {
        let names: Vec<_> =
            every_packet()[1].encode().unwrap().fields.into_iter().map(|field| (field.name, field.value)).collect();
        let password = "SharedAccessSignature sr=x";
        let expected = [
            ("packet type and flags", "CONNECT"),
            ("remaining length", "58"),
            ("protocol name length", "4"),
            ("protocol name", "MQTT"),
            ("protocol level", "4 (MQTT 3.1.1)"),
            ("connect flags", "user name, password, clean session"),
            ("keep alive", "60 s"),
            ("client identifier length", "6"),
            ("client identifier", "sn-007"),
            ("user name length", "10"),
            ("user name", "hub/sn-007"),
            ("password length", "26"),
            ("password", password),
        ];
        assert_eq!(names, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn a_packet_is_refused_for_the_stated_reason() {
        let refused = |bytes: &[u8]| Packet::decode(bytes).unwrap_err().message;
        assert_eq!(refused(&[]), "`packet type and flags` needs 1 byte, 0 are left");
        assert_eq!(refused(&[0xe0]), "the remaining length is not complete");
        assert_eq!(refused(&[0xe0, 0x80, 0x80, 0x80, 0x80, 1]), "the remaining length takes more than 4 bytes");
        assert_eq!(refused(&[0xe0, 1]), "the remaining length is 1, but 0 bytes follow");
        assert_eq!(refused(&[0xe0, 1, 0]), "1 byte after the end of the message");
        assert_eq!(refused(&[0xe1, 0]), "`packet type and flags`: the reserved flags of DISCONNECT are 0001, not 0000");
        assert_eq!(refused(&[0xc0, 0]), "`packet type and flags`: packet type 12 is not supported");
        assert_eq!(refused(&[0x36, 0]), "`packet type and flags`: 3 is not a QoS");
        assert_eq!(refused(&[0x38, 0]), "`packet type and flags`: DUP is set on a message with QoS 0");
        assert_eq!(refused(&[0x40, 2, 0, 0]), "`packet identifier`: the packet identifier is 0");
        assert_eq!(refused(&[0x20, 2, 0, 6]), "`connect return code`: 6 is reserved");
        assert_eq!(refused(&[0x20, 2, 1, 5]), "`connect return code`: a refusal with a session present");
        assert_eq!(refused(&[0x82, 2, 0, 1]), "there is no topic filter");
        assert_eq!(refused(&[0x30, 3, 0, 1, b'#']), "`topic name`: the topic name `#` has a wildcard");
        assert_eq!(refused(&[0x30, 3, 0, 1, 0]), "`topic name`: text has a null character");
        assert_eq!(refused(&[0x30, 4, 0, 3, b'a', b'b']), "`topic name` needs 3 bytes, 2 are left");
        let connect = |name: &[u8; 4], level, flags| {
            refused(&[&[0x10, 12, 0, 4], name.as_slice(), &[level, flags, 0, 0, 0, 0]].concat())
        };
        assert_eq!(connect(b"MQTX", 4, 2), "`protocol name`: `MQTX` is not `MQTT`");
        assert_eq!(connect(b"MQTT", 5, 2), "`protocol level`: 5 is not 4");
        assert_eq!(connect(b"MQTT", 4, 3), "`connect flags`: the reserved bit is set");
        assert_eq!(connect(b"MQTT", 4, 4), "`connect flags`: a will is not supported");
        assert_eq!(connect(b"MQTT", 4, 0x40), "`connect flags`: a password without a user name");
    }

    #[test]
    fn what_cannot_be_written_is_refused() {
        let refused = |packet: Packet| packet.encode().unwrap_err().message;
        let connect = |client_id: String, password| {
            refused(Packet::Connect(Connect {
                client_id,
                clean_session: true,
                keep_alive: 0,
                user_name: None,
                password,
            }))
        };
        assert_eq!(connect("c".repeat(65_536), None), "text of 65536 bytes is too long");
        assert_eq!(connect("c".to_owned(), Some(vec![1])), "a password without a user name");
        let publish = |topic: &str| {
            let (topic, delivery) = (topic.to_owned(), Delivery::AtMostOnce);
            refused(Packet::Publish(Publish { topic, payload: vec![], delivery, retain: false }))
        };
        assert_eq!(publish("a/+"), "the topic name `a/+` has a wildcard");
        assert_eq!(publish(""), "the topic name is empty");
        assert_eq!(refused(Packet::PubAck { packet_id: 0 }), "the packet identifier is 0");
        assert_eq!(refused(Packet::Subscribe(Subscribe { packet_id: 1, filters: vec![] })), "there is no topic filter");
        let refusal = ConnAck { session_present: true, return_code: ReturnCode::NotAuthorized };
        assert_eq!(refused(Packet::ConnAck(refusal)), "a refusal with a session present");
    }

    #[test]
    fn malformed_bytes_are_explained_to_the_end() {
        let bytes = [0x40, 2, 0, 0, 9];
        let fields = describe(&bytes);
        assert_explained(&bytes, &fields);
        assert_eq!(fields.last().unwrap().value, "the remaining length is 2, but 3 bytes follow");
        let fields = describe(&[0x82, 2, 0, 1]);
        assert_eq!(fields.last().unwrap().value, "1 (malformed: there is no topic filter)");
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes: Vec<u8>) {
            assert_explained(&bytes, &describe(&bytes));
        }

        #[test]
        fn no_change_of_a_packet_makes_the_reader_panic(which in 0..10_usize, at: prop::sample::Index, byte: u8) {
            let mut bytes = every_packet()[which].encode().unwrap().bytes;
            let at = at.index(bytes.len());
            bytes[at] = byte;
            assert_explained(&bytes, &describe(&bytes));
        }

        #[test]
        fn remaining_lengths_come_back(length in 0..268_435_456_u32) {
            let bytes = remaining_length(length).unwrap();
            prop_assert_eq!(read_remaining_length(&bytes).unwrap(), (length as usize, bytes.len()));
        }
    }
}
