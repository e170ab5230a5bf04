//! Packet → bytes, through `mqtt-protocol-core`.

use mqtt_protocol_core::mqtt::packet::{self as wire, v3_1_1};
use mqtt_protocol_core::mqtt::result_code::{ConnectReturnCode, MqttError, SubackReturnCode};

use super::{
    Connect, Delivery, Malformed, Packet, Publish, Qos, ReturnCode, Subscribe, check_answer, check_credentials,
    check_filters, check_packet_id, check_text, check_topic,
};

pub(super) fn write(packet: &Packet) -> Result<Vec<u8>, Malformed> {
    check(packet)?;
    // The library says which rule was broken with a number at most; `check` has asked before, in words.
    build(packet).map_err(|error| Malformed::new(format!("{} cannot be written: {error:?}", packet.name())))
}

fn check(packet: &Packet) -> Result<(), Malformed> {
    match packet {
        Packet::Connect(connect) => {
            check_text(&connect.client_id)?;
            check_text(connect.user_name.as_deref().unwrap_or_default())?;
            check_credentials(connect.user_name.is_some(), connect.password.is_some())
        }
        Packet::ConnAck(ack) => check_answer(ack.session_present, ack.return_code),
        Packet::Publish(publish) => {
            check_text(&publish.topic)?;
            check_topic(&publish.topic)?;
            match publish.delivery {
                Delivery::AtMostOnce => Ok(()),
                Delivery::AtLeastOnce { packet_id, .. } => check_packet_id(packet_id),
            }
        }
        Packet::PubAck { packet_id } => check_packet_id(*packet_id),
        Packet::Subscribe(subscribe) => {
            check_packet_id(subscribe.packet_id)?;
            subscribe.filters.iter().try_for_each(|(filter, _)| check_text(filter))?;
            check_filters(subscribe.filters.len())
        }
        Packet::SubAck(ack) => {
            check_packet_id(ack.packet_id)?;
            check_filters(ack.granted.len())
        }
        Packet::Disconnect => Ok(()),
    }
}

fn build(packet: &Packet) -> Result<Vec<u8>, MqttError> {
    Ok(match packet {
        Packet::Connect(connect) => build_connect(connect)?,
        Packet::ConnAck(ack) => v3_1_1::Connack::builder()
            .session_present(ack.session_present)
            .return_code(return_code(ack.return_code))
            .build()?
            .to_continuous_buffer(),
        Packet::Publish(publish) => build_publish(publish)?,
        Packet::PubAck { packet_id } => v3_1_1::Puback::builder().packet_id(*packet_id).build()?.to_continuous_buffer(),
        Packet::Subscribe(subscribe) => build_subscribe(subscribe)?,
        Packet::SubAck(ack) => {
            let codes = ack.granted.iter().copied().map(suback_code).collect();
            v3_1_1::Suback::builder().packet_id(ack.packet_id).return_codes(codes).build()?.to_continuous_buffer()
        }
        Packet::Disconnect => v3_1_1::Disconnect::new().to_continuous_buffer(),
    })
}

fn build_connect(connect: &Connect) -> Result<Vec<u8>, MqttError> {
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

fn build_publish(publish: &Publish) -> Result<Vec<u8>, MqttError> {
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

fn build_subscribe(subscribe: &Subscribe) -> Result<Vec<u8>, MqttError> {
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
