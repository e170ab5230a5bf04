//! MQTT 3.1.1 control packets.

use super::http::json_members;
use super::{Accepts, Acting, Layout, Members, Message, MessageField, Operation, Refused, Shape, Spec, needs, takes};
use crate::protocol::mqtt::{ConnAck, Connect, Delivery, Packet, Publish, Qos, ReturnCode, SubAck, Subscribe};
use crate::trace::ArtifactKind;
use crate::value::Value;

/// CONNECT.
pub struct MqttConnect;

/// CONNACK.
pub struct MqttConnack;

/// SUBSCRIBE.
pub struct MqttSubscribe;

/// SUBACK.
pub struct MqttSuback;

/// PUBLISH.
pub struct MqttPublish;

/// PUBACK.
pub struct MqttPuback;

const STANDARD: &str = "MQTT 3.1.1";

impl Operation for MqttConnect {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "mqtt-connect",
                summary: "Asks an MQTT server for a connection.",
                standard: "MQTT 3.1.1, section 3.1",
                shape: Shape::Message,
                params: &[
                    needs("client-id", Accepts::Text, "client identifier"),
                    takes("username", Accepts::Text, "user name"),
                    takes("password", Accepts::Text, "password"),
                    takes("keep-alive", Accepts::Number, "keep alive in seconds; 60 where absent"),
                ],
                result: None,
                fields: &[
                    MessageField { name: "client-id", kind: ArtifactKind::Text, summary: "client identifier" },
                    MessageField { name: "username", kind: ArtifactKind::Text, summary: "user name" },
                    MessageField { name: "password", kind: ArtifactKind::Token, summary: "password" },
                ],
            }
        }
    }

    fn encode(&self, acting: &mut Acting<'_>) -> Result<Message, Refused> {
        let args = &acting.args;
        message(&Packet::Connect(Connect {
            client_id: args.text_or("client-id", ""),
            clean_session: true,
            keep_alive: u16::try_from(args.number("keep-alive", 60)).unwrap_or(u16::MAX),
            user_name: args.text("username"),
            password: args.text("password").map(String::into_bytes),
        }))
    }

    fn decode(&self, bytes: &[u8], _: &Layout) -> Result<Members, String> {
        let Packet::Connect(connect) = packet(bytes)? else { return Err(unexpected("CONNECT")) };
        let mut members = Members::from([("client-id".to_owned(), Value::Text(connect.client_id))]);
        members.extend(connect.user_name.map(|name| ("username".to_owned(), Value::Text(name))));
        let password = connect.password.map(|password| String::from_utf8_lossy(&password).into_owned());
        members.extend(password.map(|password| ("password".to_owned(), Value::Token(password))));
        Ok(members)
    }
}

impl Operation for MqttConnack {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "mqtt-connack",
                summary: "Answers CONNECT.",
                standard: "MQTT 3.1.1, section 3.2",
                shape: Shape::Message,
                params: &[takes("code", Accepts::Number, "return code, 0 to 5; 0 (accepted) where absent")],
                result: None,
                fields: &[MessageField { name: "code", kind: ArtifactKind::Number, summary: "return code" }],
            }
        }
    }

    fn encode(&self, acting: &mut Acting<'_>) -> Result<Message, Refused> {
        let number = acting.args.number("code", 0);
        let code = usize::try_from(number).ok().and_then(|index| RETURN_CODES.get(index)).copied();
        let return_code = code.ok_or_else(|| Refused::malformed(format!("{number} is no return code")))?;
        message(&Packet::ConnAck(ConnAck { session_present: false, return_code }))
    }

    fn decode(&self, bytes: &[u8], _: &Layout) -> Result<Members, String> {
        let Packet::ConnAck(answer) = packet(bytes)? else { return Err(unexpected("CONNACK")) };
        let code = RETURN_CODES.iter().position(|code| *code == answer.return_code).unwrap_or_default();
        Ok(Members::from([("code".to_owned(), Value::Number(i64::try_from(code).unwrap_or_default()))]))
    }
}

/// In the order of their numbers.
const RETURN_CODES: [ReturnCode; 6] = [
    ReturnCode::Accepted,
    ReturnCode::UnacceptableProtocolVersion,
    ReturnCode::IdentifierRejected,
    ReturnCode::ServerUnavailable,
    ReturnCode::BadUserNameOrPassword,
    ReturnCode::NotAuthorized,
];

impl Operation for MqttSubscribe {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "mqtt-subscribe",
                summary: "Asks for messages of a topic.",
                standard: "MQTT 3.1.1, section 3.8",
                shape: Shape::Message,
                params: &[
                    needs("topic", Accepts::Text, "topic filter"),
                    takes("packet-id", Accepts::Number, "packet identifier; 1 where absent"),
                ],
                result: None,
                fields: &[MessageField { name: "topic", kind: ArtifactKind::Text, summary: "topic filter" }],
            }
        }
    }

    fn encode(&self, acting: &mut Acting<'_>) -> Result<Message, Refused> {
        let filters = vec![(acting.args.text_or("topic", ""), Qos::AtLeastOnce)];
        message(&Packet::Subscribe(Subscribe { packet_id: packet_id(acting), filters }))
    }

    fn decode(&self, bytes: &[u8], _: &Layout) -> Result<Members, String> {
        let Packet::Subscribe(subscribe) = packet(bytes)? else { return Err(unexpected("SUBSCRIBE")) };
        let topic = subscribe.filters.into_iter().next().map(|(topic, _)| topic).unwrap_or_default();
        Ok(Members::from([("topic".to_owned(), Value::Text(topic))]))
    }
}

impl Operation for MqttSuback {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "mqtt-suback",
                summary: "Grants a subscription with QoS 1.",
                standard: "MQTT 3.1.1, section 3.9",
                shape: Shape::Message,
                params: &[takes("packet-id", Accepts::Number, "packet identifier of the SUBSCRIBE; 1 where absent")],
                result: None,
                fields: &[],
            }
        }
    }

    fn encode(&self, acting: &mut Acting<'_>) -> Result<Message, Refused> {
        message(&Packet::SubAck(SubAck { packet_id: packet_id(acting), granted: vec![Some(Qos::AtLeastOnce)] }))
    }

    fn decode(&self, bytes: &[u8], _: &Layout) -> Result<Members, String> {
        let Packet::SubAck(_) = packet(bytes)? else { return Err(unexpected("SUBACK")) };
        Ok(Members::new())
    }
}

impl Operation for MqttPublish {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "mqtt-publish",
                summary: "Sends a message to a topic with QoS 1.",
                standard: "MQTT 3.1.1, section 3.3",
                shape: Shape::Message,
                params: &[
                    needs("topic", Accepts::Text, "topic name"),
                    takes("payload", Accepts::Any, "application message, as canonical bytes"),
                    takes("json", Accepts::Table, "application message as JSON"),
                    takes("packet-id", Accepts::Number, "packet identifier; 1 where absent"),
                ],
                result: None,
                fields: &[
                    MessageField { name: "topic", kind: ArtifactKind::Text, summary: "topic name" },
                    MessageField { name: "payload", kind: ArtifactKind::Bytes, summary: "application message" },
                    MessageField {
                        name: "json.*",
                        kind: ArtifactKind::Text,
                        summary: "a text member of an application message in JSON",
                    },
                ],
            }
        }
    }

    fn encode(&self, acting: &mut Acting<'_>) -> Result<Message, Refused> {
        let args = &acting.args;
        let payload = match args.find("json") {
            Some(json) => json.json().to_string().into_bytes(),
            None => args.value("payload").map(Value::canonical).unwrap_or_default(),
        };
        let delivery = Delivery::AtLeastOnce { packet_id: packet_id(acting), dup: false };
        message(&Packet::Publish(Publish { topic: args.text_or("topic", ""), payload, delivery, retain: false }))
    }

    fn decode(&self, bytes: &[u8], _: &Layout) -> Result<Members, String> {
        let Packet::Publish(publish) = packet(bytes)? else { return Err(unexpected("PUBLISH")) };
        let mut members = json_members(&publish.payload);
        members.insert("topic".to_owned(), Value::Text(publish.topic));
        members.insert("payload".to_owned(), Value::Bytes(publish.payload));
        Ok(members)
    }
}

impl Operation for MqttPuback {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "mqtt-puback",
                summary: "Acknowledges a PUBLISH.",
                standard: "MQTT 3.1.1, section 3.4",
                shape: Shape::Message,
                params: &[takes("packet-id", Accepts::Number, "packet identifier of the PUBLISH; 1 where absent")],
                result: None,
                fields: &[],
            }
        }
    }

    fn encode(&self, acting: &mut Acting<'_>) -> Result<Message, Refused> {
        message(&Packet::PubAck { packet_id: packet_id(acting) })
    }

    fn decode(&self, bytes: &[u8], _: &Layout) -> Result<Members, String> {
        let Packet::PubAck { .. } = packet(bytes)? else { return Err(unexpected("PUBACK")) };
        Ok(Members::new())
    }
}

fn packet_id(acting: &Acting<'_>) -> u16 {
    u16::try_from(acting.args.number("packet-id", 1)).unwrap_or(1).max(1)
}

fn message(packet: &Packet) -> Result<Message, Refused> {
    let label = packet.name().to_owned();
    Ok(Message { layer: packet.encode()?.into_layer(format!("{STANDARD} {label}")), label })
}

fn packet(bytes: &[u8]) -> Result<Packet, String> {
    Packet::decode(bytes).map_err(|malformed| malformed.message)
}

fn unexpected(name: &str) -> String {
    format!("the packet is no {name}")
}
