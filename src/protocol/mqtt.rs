//! MQTT 3.1.1 control packets, as far as provisioning needs them: no will, no `QoS` 2.
//!
//! The bytes are written by `mqtt-protocol-core` and read by the one reader here that also explains them, so that a
//! packet of either end is checked by code that did not write it.

use mqtt_protocol_core::mqtt::packet::{self as wire, v3_1_1};
use mqtt_protocol_core::mqtt::result_code::{ConnectReturnCode, MqttError, SubackReturnCode};

use super::reader::Reader;
use super::writer::shown;
use super::{Encoded, Malformed, ensure};
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
        let bytes =
            write(self).map_err(|error| Malformed::new(format!("{} cannot be written: {error:?}", self.name())))?;
        let mut reader = Reader::new(&bytes);
        read(&mut reader)?;
        Ok(Encoded { fields: reader.into_fields(""), bytes })
    }

    /// Reads exactly one packet.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        read(&mut Reader::new(bytes))
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

/// Explains every byte; where bytes are malformed, the last field covers the rest and says why.
#[must_use]
pub fn describe(bytes: &[u8]) -> Vec<Field> {
    let mut reader = Reader::new(bytes);
    let unread = read(&mut reader).err().map_or_else(String::new, |malformed| malformed.message);
    reader.into_fields(&unread)
}

/// The remaining length as it stands in the fixed header (MQTT 3.1.1, section 2.2.3).
pub fn remaining_length(length: u32) -> Result<Vec<u8>, Malformed> {
    wire::VariableByteInteger::from_u32(length)
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

fn write(packet: &Packet) -> Result<Vec<u8>, MqttError> {
    Ok(match packet {
        Packet::Connect(connect) => write_connect(connect)?,
        Packet::ConnAck(ack) => v3_1_1::Connack::builder()
            .session_present(ack.session_present)
            .return_code(return_code(ack.return_code))
            .build()?
            .to_continuous_buffer(),
        Packet::Publish(publish) => write_publish(publish)?,
        Packet::PubAck { packet_id } => v3_1_1::Puback::builder().packet_id(*packet_id).build()?.to_continuous_buffer(),
        Packet::Subscribe(subscribe) => write_subscribe(subscribe)?,
        Packet::SubAck(ack) => {
            let codes = ack.granted.iter().copied().map(suback_code).collect();
            v3_1_1::Suback::builder().packet_id(ack.packet_id).return_codes(codes).build()?.to_continuous_buffer()
        }
        Packet::Disconnect => v3_1_1::Disconnect::new().to_continuous_buffer(),
    })
}

fn write_connect(connect: &Connect) -> Result<Vec<u8>, MqttError> {
    let mut builder = v3_1_1::Connect::builder()
        .client_id(connect.client_id.as_str())?
        .clean_session(connect.clean_session)
        .keep_alive(connect.keep_alive);
    if let Some(user_name) = &connect.user_name {
        builder = builder.user_name(user_name.as_str())?;
    }
    if let Some(password) = &connect.password {
        builder = builder.password(password)?;
    }
    Ok(builder.build()?.to_continuous_buffer())
}

fn write_publish(publish: &Publish) -> Result<Vec<u8>, MqttError> {
    let builder = v3_1_1::Publish::builder()
        .topic_name(publish.topic.as_str())?
        .payload(publish.payload.as_slice())
        .retain(publish.retain);
    let builder = match publish.delivery {
        Delivery::AtMostOnce => builder.qos(wire::Qos::AtMostOnce),
        Delivery::AtLeastOnce { packet_id, dup } => builder.qos(wire::Qos::AtLeastOnce).packet_id(packet_id).dup(dup),
    };
    Ok(builder.build()?.to_continuous_buffer())
}

fn write_subscribe(subscribe: &Subscribe) -> Result<Vec<u8>, MqttError> {
    let entry = |(filter, qos): &(String, Qos)| {
        let qos = match qos {
            Qos::AtMostOnce => wire::Qos::AtMostOnce,
            Qos::AtLeastOnce => wire::Qos::AtLeastOnce,
            Qos::ExactlyOnce => wire::Qos::ExactlyOnce,
        };
        wire::SubEntry::new(filter, wire::SubOpts::new().set_qos(qos))
    };
    let entries = subscribe.filters.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
    let packet = v3_1_1::Subscribe::builder().packet_id(subscribe.packet_id).entries(entries).build()?;
    Ok(packet.to_continuous_buffer())
}

fn return_code(code: ReturnCode) -> ConnectReturnCode {
    match code {
        ReturnCode::Accepted => ConnectReturnCode::Accepted,
        ReturnCode::UnacceptableProtocolVersion => ConnectReturnCode::UnacceptableProtocolVersion,
        ReturnCode::IdentifierRejected => ConnectReturnCode::IdentifierRejected,
        ReturnCode::ServerUnavailable => ConnectReturnCode::ServerUnavailable,
        ReturnCode::BadUserNameOrPassword => ConnectReturnCode::BadUserNameOrPassword,
        ReturnCode::NotAuthorized => ConnectReturnCode::NotAuthorized,
    }
}

fn suback_code(granted: Option<Qos>) -> SubackReturnCode {
    match granted {
        Some(Qos::AtMostOnce) => SubackReturnCode::SuccessMaximumQos0,
        Some(Qos::AtLeastOnce) => SubackReturnCode::SuccessMaximumQos1,
        Some(Qos::ExactlyOnce) => SubackReturnCode::SuccessMaximumQos2,
        None => SubackReturnCode::Failure,
    }
}

/// The first byte: the packet type, and four flags that mean something in PUBLISH only (MQTT 3.1.1, section 2.2.2).
#[derive(Clone, Copy)]
enum FixedHeader {
    Connect,
    ConnAck,
    Publish { dup: bool, qos: Qos, retain: bool },
    PubAck,
    Subscribe,
    SubAck,
    Disconnect,
}

fn fixed_header(byte: u8) -> Result<(FixedHeader, String), Malformed> {
    let flags = byte & 0x0f;
    let (header, name, reserved) = match byte >> 4 {
        1 => (FixedHeader::Connect, "CONNECT", 0),
        2 => (FixedHeader::ConnAck, "CONNACK", 0),
        3 => return publish_header(flags),
        4 => (FixedHeader::PubAck, "PUBACK", 0),
        8 => (FixedHeader::Subscribe, "SUBSCRIBE", 2),
        9 => (FixedHeader::SubAck, "SUBACK", 0),
        14 => (FixedHeader::Disconnect, "DISCONNECT", 0),
        kind => return Err(Malformed::new(format!("packet type {kind} is not supported"))),
    };
    ensure(flags == reserved, || format!("the reserved flags of {name} are {flags:04b}, not {reserved:04b}"))?;
    Ok((header, name.to_owned()))
}

fn publish_header(flags: u8) -> Result<(FixedHeader, String), Malformed> {
    let (dup, retain) = (flags & 8 != 0, flags & 1 != 0);
    let qos = qos(flags >> 1 & 3)?;
    ensure(qos != Qos::ExactlyOnce, || "a message with QoS 2 is not supported".to_owned())?;
    // MQTT-3.3.1-2.
    ensure(!dup || qos == Qos::AtLeastOnce, || "DUP is set on a message with QoS 0".to_owned())?;
    let words = format!("PUBLISH, QoS {}, DUP {}, RETAIN {}", flags >> 1 & 3, u8::from(dup), u8::from(retain));
    Ok((FixedHeader::Publish { dup, qos, retain }, words))
}

fn read(reader: &mut Reader<'_>) -> Result<Packet, Malformed> {
    let header = reader.byte("packet type and flags", fixed_header)?;
    let (length, len) = read_remaining_length(reader.rest())?;
    reader.field("remaining length", len, |_| Ok(((), length.to_string())))?;
    let left = reader.left();
    ensure(left == length, || format!("the remaining length is {length}, but {left} bytes follow"))?;
    let packet = match header {
        FixedHeader::Connect => Packet::Connect(read_connect(reader)?),
        FixedHeader::ConnAck => Packet::ConnAck(read_connack(reader)?),
        FixedHeader::Publish { dup, qos, retain } => Packet::Publish(read_publish(reader, dup, qos, retain)?),
        FixedHeader::PubAck => Packet::PubAck { packet_id: packet_id(reader)? },
        FixedHeader::Subscribe => Packet::Subscribe(read_subscribe(reader)?),
        FixedHeader::SubAck => Packet::SubAck(read_suback(reader)?),
        FixedHeader::Disconnect => Packet::Disconnect,
    };
    reader.end()?;
    Ok(packet)
}

/// Connect flags that are set (MQTT 3.1.1, section 3.1.2.3).
struct ConnectFlags {
    user_name: bool,
    password: bool,
    clean_session: bool,
}

fn read_connect(reader: &mut Reader<'_>) -> Result<Connect, Malformed> {
    let protocol = text(reader, "protocol name")?;
    ensure(protocol == "MQTT", || format!("the protocol name is `{protocol}`, not `MQTT`"))?;
    reader.byte("protocol level", |level| {
        ensure(level == 4, || format!("{level} is not 4"))?;
        Ok(((), "4 (MQTT 3.1.1)".to_owned()))
    })?;
    let flags = reader.byte("connect flags", connect_flags)?;
    let keep_alive = reader.field("keep alive", 2, |bytes| {
        let seconds = u16::from_be_bytes([bytes[0], bytes[1]]);
        Ok((seconds, format!("{seconds} s")))
    })?;
    let client_id = text(reader, "client identifier")?;
    let user_name = if flags.user_name { Some(text(reader, "user name")?) } else { None };
    let password = if flags.password { Some(binary(reader, "password")?) } else { None };
    Ok(Connect { client_id, clean_session: flags.clean_session, keep_alive, user_name, password })
}

fn connect_flags(byte: u8) -> Result<(ConnectFlags, String), Malformed> {
    // MQTT-3.1.2-3.
    ensure(byte & 0x01 == 0, || "the reserved bit is set".to_owned())?;
    ensure(byte & 0x3c == 0, || "a will is not supported".to_owned())?;
    let flags =
        ConnectFlags { user_name: byte & 0x80 != 0, password: byte & 0x40 != 0, clean_session: byte & 0x02 != 0 };
    // MQTT-3.1.2-22.
    ensure(flags.user_name || !flags.password, || "a password without a user name".to_owned())?;
    let named = [(flags.user_name, "user name"), (flags.password, "password"), (flags.clean_session, "clean session")];
    let set: Vec<&str> = named.iter().filter(|(is_set, _)| *is_set).map(|(_, name)| *name).collect();
    let words = if set.is_empty() { "none".to_owned() } else { set.join(", ") };
    Ok((flags, words))
}

fn read_connack(reader: &mut Reader<'_>) -> Result<ConnAck, Malformed> {
    let session_present = reader.byte("connect acknowledge flags", |flags| {
        ensure(flags <= 1, || "a reserved bit is set".to_owned())?;
        Ok((flags == 1, if flags == 1 { "session present" } else { "no session present" }.to_owned()))
    })?;
    let return_code = reader.byte("connect return code", |byte| {
        let code = ReturnCode::ALL.get(usize::from(byte)).copied();
        let code = code.ok_or_else(|| Malformed::new(format!("{byte} is reserved")))?;
        Ok((code, format!("{byte} ({})", code.title())))
    })?;
    // MQTT-3.2.2-4.
    ensure(!session_present || return_code == ReturnCode::Accepted, || "a refusal with a session present".to_owned())?;
    Ok(ConnAck { session_present, return_code })
}

fn read_publish(reader: &mut Reader<'_>, dup: bool, qos: Qos, retain: bool) -> Result<Publish, Malformed> {
    let topic = text(reader, "topic name")?;
    // MQTT-3.3.2-2 and MQTT-4.7.3-1.
    ensure(!topic.is_empty(), || "the topic name is empty".to_owned())?;
    ensure(!topic.contains(['#', '+']), || format!("the topic name `{topic}` has a wildcard"))?;
    let delivery = match qos {
        Qos::AtMostOnce => Delivery::AtMostOnce,
        Qos::AtLeastOnce | Qos::ExactlyOnce => Delivery::AtLeastOnce { packet_id: packet_id(reader)?, dup },
    };
    let payload = reader.field("application message", reader.left(), |bytes| Ok((bytes.to_vec(), shown(bytes))))?;
    Ok(Publish { topic, payload, delivery, retain })
}

fn read_subscribe(reader: &mut Reader<'_>) -> Result<Subscribe, Malformed> {
    let packet_id = packet_id(reader)?;
    let mut filters = Vec::new();
    while reader.left() > 0 {
        let filter = text(reader, "topic filter")?;
        ensure(!filter.is_empty(), || "a topic filter is empty".to_owned())?;
        let qos = reader.byte("requested QoS", |byte| Ok((qos(byte)?, byte.to_string())))?;
        filters.push((filter, qos));
    }
    // MQTT-3.8.3-3.
    ensure(!filters.is_empty(), || "there is no topic filter".to_owned())?;
    Ok(Subscribe { packet_id, filters })
}

fn read_suback(reader: &mut Reader<'_>) -> Result<SubAck, Malformed> {
    let packet_id = packet_id(reader)?;
    let mut granted = Vec::new();
    while reader.left() > 0 {
        granted.push(reader.byte("return code", |byte| match byte {
            0x80 => Ok((None, "failure".to_owned())),
            _ => Ok((Some(qos(byte)?), format!("granted, QoS {byte}"))),
        })?);
    }
    ensure(!granted.is_empty(), || "there is no return code".to_owned())?;
    Ok(SubAck { packet_id, granted })
}

fn qos(number: u8) -> Result<Qos, Malformed> {
    match number {
        0 => Ok(Qos::AtMostOnce),
        1 => Ok(Qos::AtLeastOnce),
        2 => Ok(Qos::ExactlyOnce),
        _ => Err(Malformed::new(format!("{number} is not a QoS"))),
    }
}

fn packet_id(reader: &mut Reader<'_>) -> Result<u16, Malformed> {
    let packet_id = reader.number("packet identifier")?;
    // MQTT-2.3.1-1.
    ensure(packet_id != 0, || "the packet identifier is 0".to_owned())?;
    Ok(packet_id)
}

/// Text with its length before it (MQTT 3.1.1, section 1.5.3).
fn text(reader: &mut Reader<'_>, name: &str) -> Result<String, Malformed> {
    let len = usize::from(reader.number(&format!("{name} length"))?);
    reader.field(name, len, |bytes| {
        let text = std::str::from_utf8(bytes).map_err(|_| Malformed::new("not UTF-8"))?;
        // MQTT-1.5.3-2.
        ensure(!text.contains('\0'), || "has a null character".to_owned())?;
        Ok((text.to_owned(), text.to_owned()))
    })
}

/// Bytes with their length before them.
fn binary(reader: &mut Reader<'_>, name: &str) -> Result<Vec<u8>, Malformed> {
    let len = usize::from(reader.number(&format!("{name} length"))?);
    reader.field(name, len, |bytes| Ok((bytes.to_vec(), shown(bytes))))
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
        assert_eq!(refused(&[]), "`packet type and flags` needs 1 bytes, 0 are left");
        assert_eq!(refused(&[0xe0]), "the remaining length is not complete");
        assert_eq!(refused(&[0xe0, 0x80, 0x80, 0x80, 0x80, 1]), "the remaining length takes more than 4 bytes");
        assert_eq!(refused(&[0xe0, 1]), "the remaining length is 1, but 0 bytes follow");
        assert_eq!(refused(&[0xe0, 1, 0]), "1 bytes follow the end of the message");
        assert_eq!(refused(&[0xe1, 0]), "`packet type and flags`: the reserved flags of DISCONNECT are 0001, not 0000");
        assert_eq!(refused(&[0xc0, 0]), "`packet type and flags`: packet type 12 is not supported");
        assert_eq!(refused(&[0x36, 0]), "`packet type and flags`: 3 is not a QoS");
        assert_eq!(refused(&[0x38, 0]), "`packet type and flags`: DUP is set on a message with QoS 0");
        assert_eq!(refused(&[0x40, 2, 0, 0]), "the packet identifier is 0");
        assert_eq!(refused(&[0x20, 2, 0, 6]), "`connect return code`: 6 is reserved");
        assert_eq!(refused(&[0x20, 2, 1, 5]), "a refusal with a session present");
        assert_eq!(refused(&[0x82, 2, 0, 1]), "there is no topic filter");
        assert_eq!(refused(&[0x30, 3, 0, 1, b'#']), "the topic name `#` has a wildcard");
        assert_eq!(refused(&[0x30, 3, 0, 1, 0]), "`topic name`: has a null character");
        assert_eq!(
            refused(&[0x10, 12, 0, 4, b'M', b'Q', b'T', b'T', 4, 0x40, 0, 0, 0, 0]),
            "`connect flags`: a password without a user name"
        );
        assert_eq!(
            refused(&[0x10, 12, 0, 4, b'M', b'Q', b'T', b'T', 4, 0x04, 0, 0, 0, 0]),
            "`connect flags`: a will is not supported"
        );
        assert_eq!(
            refused(&[0x10, 12, 0, 4, b'M', b'Q', b'T', b'T', 5, 2, 0, 0, 0, 0]),
            "`protocol level`: 5 is not 4"
        );
    }

    #[test]
    fn what_cannot_be_written_is_refused() {
        let connect = |client_id: String, user_name: Option<String>| {
            let password = Some(vec![1]);
            Packet::Connect(Connect { client_id, clean_session: true, keep_alive: 0, user_name, password }).encode()
        };
        assert!(connect("c".repeat(65_536), Some(String::new())).is_err());
        assert!(connect("c".to_owned(), None).is_err(), "a password without a user name");
        assert!(Packet::PubAck { packet_id: 0 }.encode().is_err());
        assert!(Packet::Subscribe(Subscribe { packet_id: 1, filters: vec![] }).encode().is_err());
        assert!(Packet::SubAck(SubAck { packet_id: 1, granted: vec![] }).encode().is_err());
    }

    #[test]
    fn malformed_bytes_are_explained_to_the_end() {
        let bytes = [0x40, 2, 0, 0, 9];
        let fields = describe(&bytes);
        assert_explained(&bytes, &fields);
        assert_eq!(fields.last().unwrap().value, "the remaining length is 2, but 3 bytes follow");
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
