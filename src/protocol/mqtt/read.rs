//! Bytes → packet, each byte explained on the way.

use super::{
    ConnAck, Connect, Delivery, Malformed, Packet, Publish, Qos, ReturnCode, SubAck, Subscribe, check_answer,
    check_credentials, check_filters, check_packet_id, check_text, check_topic, read_remaining_length,
};
use crate::protocol::reader::Reader;
use crate::protocol::writer::shown;
use crate::protocol::{count_bytes, ensure};

pub(super) fn read(reader: &mut Reader<'_>) -> Result<Packet, Malformed> {
    let header = reader.byte("packet type and flags", fixed_header)?;
    let (length, len) = read_remaining_length(reader.rest())?;
    reader.field("remaining length", len, |_| Ok(((), length.to_string())))?;
    let left = reader.left();
    ensure(left == length, || format!("the remaining length is {length}, but {} follow", count_bytes(left)))?;
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

/// Connect flags that are set (MQTT 3.1.1, section 3.1.2.3).
struct ConnectFlags {
    user_name: bool,
    password: bool,
    clean_session: bool,
}

fn read_connect(reader: &mut Reader<'_>) -> Result<Connect, Malformed> {
    text(reader, "protocol name", |protocol| ensure(protocol == "MQTT", || format!("`{protocol}` is not `MQTT`")))?;
    reader.byte("protocol level", |level| {
        ensure(level == 4, || format!("{level} is not 4"))?;
        Ok(((), "4 (MQTT 3.1.1)".to_owned()))
    })?;
    let flags = reader.byte("connect flags", connect_flags)?;
    let keep_alive = reader.field("keep alive", 2, |bytes| {
        let seconds = u16::from_be_bytes([bytes[0], bytes[1]]);
        Ok((seconds, format!("{seconds} s")))
    })?;
    let client_id = text(reader, "client identifier", |_| Ok(()))?;
    let user_name = if flags.user_name { Some(text(reader, "user name", |_| Ok(()))?) } else { None };
    let password = if flags.password { Some(binary(reader, "password")?) } else { None };
    Ok(Connect { client_id, clean_session: flags.clean_session, keep_alive, user_name, password })
}

fn connect_flags(byte: u8) -> Result<(ConnectFlags, String), Malformed> {
    // MQTT-3.1.2-3.
    ensure(byte & 0x01 == 0, || "the reserved bit is set".to_owned())?;
    ensure(byte & 0x3c == 0, || "a will is not supported".to_owned())?;
    let flags =
        ConnectFlags { user_name: byte & 0x80 != 0, password: byte & 0x40 != 0, clean_session: byte & 0x02 != 0 };
    check_credentials(flags.user_name, flags.password)?;
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
        check_answer(session_present, code)?;
        Ok((code, format!("{byte} ({})", code.title())))
    })?;
    Ok(ConnAck { session_present, return_code })
}

fn read_publish(reader: &mut Reader<'_>, dup: bool, qos: Qos, retain: bool) -> Result<Publish, Malformed> {
    let topic = text(reader, "topic name", check_topic)?;
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
        let filter = text(reader, "topic filter", |filter| {
            // MQTT-4.7.3-1.
            ensure(!filter.is_empty(), || "is empty".to_owned())
        })?;
        let qos = reader.byte("requested QoS", |byte| Ok((qos(byte)?, byte.to_string())))?;
        filters.push((filter, qos));
    }
    check_filters(filters.len())?;
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
    check_filters(granted.len())?;
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
    reader.number("packet identifier", check_packet_id)
}

/// Text with its length before it (MQTT 3.1.1, section 1.5.3).
fn text(
    reader: &mut Reader<'_>,
    name: &str,
    check: impl FnOnce(&str) -> Result<(), Malformed>,
) -> Result<String, Malformed> {
    let len = length(reader, name)?;
    reader.field(name, len, |bytes| {
        let text = std::str::from_utf8(bytes).map_err(|_| Malformed::new("not UTF-8"))?;
        check_text(text)?;
        check(text)?;
        Ok((text.to_owned(), text.to_owned()))
    })
}

/// Bytes with their length before them.
fn binary(reader: &mut Reader<'_>, name: &str) -> Result<Vec<u8>, Malformed> {
    let len = length(reader, name)?;
    reader.field(name, len, |bytes| Ok((bytes.to_vec(), shown(bytes))))
}

fn length(reader: &mut Reader<'_>, name: &str) -> Result<usize, Malformed> {
    reader.number(&format!("{name} length"), |_| Ok(())).map(usize::from)
}
