//! Encodings and message formats. What encodes is also decoded, and must give the members that it was made from.

use std::collections::BTreeMap;

use trustlane::crypto::mac::hmac_sha256;
use trustlane::protocol::matter_payload::{self as matter, CommissioningFlow, ManualCode, OnboardingPayload};
use trustlane::protocol::mqtt::{self, Connect, Delivery, Packet, Publish, Qos, Subscribe};
use trustlane::protocol::wifi_payload::WifiPayload;
use trustlane::protocol::{
    Malformed, canonical_json, coap as coap_message, encoding, handover as cbor, http, lwm2m, sas,
};

use super::{Answer, Given, Members, Value, members};

fn code(_: Malformed) -> String {
    "malformed".to_owned()
}

/// Nothing was to be compared, only to be read.
const READ: Answer = Ok(Members::new());

pub(super) fn base38(given: &Given) -> Answer {
    if given.has("text") {
        matter::from_base38(given.text("text")).map_err(code)?;
        return READ;
    }
    let text = matter::base38(given.bytes("bytes"));
    assert_eq!(matter::from_base38(&text).unwrap(), given.bytes("bytes"));
    Ok(members([("text", Value::bytes(text))]))
}

pub(super) fn base64(given: &Given) -> Answer {
    if given.has("standard") {
        encoding::from_base64(given.text("standard")).map_err(code)?;
        return READ;
    }
    if given.has("url") {
        encoding::from_base64url(given.text("url")).map_err(code)?;
        return READ;
    }
    let bytes = given.bytes("bytes");
    let (standard, url) = (encoding::base64(bytes), encoding::base64url(bytes));
    assert_eq!(encoding::from_base64(&standard).unwrap(), bytes);
    assert_eq!(encoding::from_base64url(&url).unwrap(), bytes);
    Ok(members([("standard", Value::bytes(standard)), ("url", Value::bytes(url))]))
}

pub(super) fn canonical_json(given: &Given) -> Answer {
    let value = serde_json::from_str(given.text("json")).unwrap();
    let canonical = canonical_json::encode(&value).ok_or("malformed")?;
    assert_eq!(serde_json::from_str::<serde_json::Value>(&canonical).unwrap(), value);
    Ok(members([("canonical", Value::bytes(canonical))]))
}

pub(super) fn percent_encoding(given: &Given) -> Answer {
    if given.has("encoded") {
        encoding::percent_decode(given.text("encoded")).map_err(code)?;
        return READ;
    }
    let encoded = encoding::percent_encode(given.text("text"));
    assert_eq!(encoding::percent_decode(&encoded).unwrap(), given.text("text"));
    Ok(members([("encoded", Value::bytes(encoded))]))
}

pub(super) fn handover(given: &Given) -> Answer {
    if given.has("bytes") {
        cbor::decode(given.bytes("bytes")).map_err(code)?;
        return READ;
    }
    let values: BTreeMap<String, cbor::Value> =
        given.0.keys().map(|name| (name.clone(), cbor::Value::Text(given.text(name).to_owned()))).collect();
    let encoded = cbor::encode(&values);
    assert_eq!(cbor::decode(&encoded.bytes).unwrap(), values);
    Ok(members([("bytes", Value::Bytes(encoded.bytes))]))
}

/// Header fields as `header-<name>`, the first of each name.
fn header_members(headers: &[(String, String)]) -> Members {
    let named = headers.iter().rev();
    named.map(|(name, value)| (format!("header-{}", name.to_lowercase()), Value::bytes(value.as_str()))).collect()
}

pub(super) fn http_request(given: &Given) -> Answer {
    let message = given.bytes("message");
    let request = http::Request::decode(message).map_err(code)?;
    assert_eq!(request.encode("unused").unwrap().bytes, message);
    let mut found = header_members(&request.headers);
    found.extend(members([
        ("method", Value::bytes(request.method)),
        ("target", Value::bytes(request.target)),
        ("body", Value::bytes(request.body)),
    ]));
    Ok(found)
}

pub(super) fn http_response(given: &Given) -> Answer {
    let message = given.bytes("message");
    let response = http::Response::decode(message).map_err(code)?;
    assert_eq!(response.encode().unwrap().bytes, message);
    let mut found = header_members(&response.headers);
    found.extend(members([
        ("status", Value::Number(response.status.into())),
        ("reason", Value::bytes(response.reason)),
        ("body", Value::bytes(response.body)),
    ]));
    Ok(found)
}

pub(super) fn matter_manual_code(given: &Given) -> Answer {
    if given.has("text") {
        ManualCode::decode(given.text("text")).map_err(code)?;
        return READ;
    }
    // The code carries the upper 4 of 12 bits.
    let short_discriminator = u8::try_from(given.number::<u16>("discriminator") >> 8).unwrap();
    let ids = given.has("vendor-id").then(|| (given.number("vendor-id"), given.number("product-id")));
    let manual = ManualCode { short_discriminator, passcode: given.number("passcode"), ids };
    let text = manual.encode().map_err(code)?;
    assert_eq!(ManualCode::decode(&text).unwrap(), manual);
    Ok(members([("text", Value::bytes(text))]))
}

pub(super) fn matter_payload(given: &Given) -> Answer {
    if given.has("text") {
        OnboardingPayload::decode(given.text("text")).map_err(code)?;
        return READ;
    }
    let payload = OnboardingPayload {
        vendor_id: given.number("vendor-id"),
        product_id: given.number("product-id"),
        flow: CommissioningFlow::find(given.number("flow")).map_err(code)?,
        discovery: given.number("discovery"),
        discriminator: given.number("discriminator"),
        passcode: given.number("passcode"),
        extension: Vec::new(),
    };
    let packed = payload.pack().map_err(code)?.bytes;
    let text = payload.encode().map_err(code)?;
    assert_eq!(OnboardingPayload::decode(&text).unwrap(), payload);
    Ok(members([("packed", Value::Bytes(packed)), ("text", Value::bytes(text))]))
}

fn packet(given: &Given, packet: impl FnOnce() -> Packet) -> Answer {
    if given.has("bytes") {
        Packet::decode(given.bytes("bytes")).map_err(code)?;
        return READ;
    }
    let packet = packet();
    let bytes = packet.encode().map_err(code)?.bytes;
    assert_eq!(Packet::decode(&bytes).unwrap(), packet);
    Ok(members([("bytes", Value::Bytes(bytes))]))
}

pub(super) fn mqtt_connect(given: &Given) -> Answer {
    packet(given, || {
        Packet::Connect(Connect {
            client_id: given.text("client-id").to_owned(),
            clean_session: given.flag("clean-session"),
            keep_alive: given.number("keep-alive"),
            user_name: given.has("user-name").then(|| given.text("user-name").to_owned()),
            password: given.has("password").then(|| given.bytes("password").to_owned()),
        })
    })
}

pub(super) fn mqtt_publish(given: &Given) -> Answer {
    packet(given, || {
        let delivery = if given.has("packet-id") {
            Delivery::AtLeastOnce { packet_id: given.number("packet-id"), dup: false }
        } else {
            Delivery::AtMostOnce
        };
        let (topic, payload) = (given.text("topic").to_owned(), given.bytes("payload").to_owned());
        Packet::Publish(Publish { topic, payload, delivery, retain: false })
    })
}

pub(super) fn mqtt_remaining_length(given: &Given) -> Answer {
    if given.has("bytes") {
        mqtt::read_remaining_length(given.bytes("bytes")).map_err(code)?;
        return READ;
    }
    let length: u32 = given.number("length");
    let bytes = mqtt::remaining_length(length).map_err(code)?;
    assert_eq!(mqtt::read_remaining_length(&bytes).unwrap(), (usize::try_from(length).unwrap(), bytes.len()));
    Ok(members([("bytes", Value::Bytes(bytes))]))
}

pub(super) fn mqtt_subscribe(given: &Given) -> Answer {
    let filter = |(filter, qos): (&Value, &Value)| match (filter, qos) {
        (Value::Bytes(filter), Value::Number(qos)) => {
            let qos = [Qos::AtMostOnce, Qos::AtLeastOnce, Qos::ExactlyOnce][usize::try_from(*qos).unwrap()];
            (String::from_utf8(filter.clone()).unwrap(), qos)
        }
        other => panic!("a filter cannot be {other:?}"),
    };
    packet(given, || {
        Packet::Subscribe(Subscribe {
            packet_id: given.number("packet-id"),
            filters: given.list("filter").iter().zip(given.list("qos")).map(filter).collect(),
        })
    })
}

pub(super) fn sas_device_key(given: &Given) -> Answer {
    let id = sas::registration_id(given.text("registration-id")).map_err(code)?;
    Ok(members([("device-key", Value::bytes(hmac_sha256(given.bytes("group-key"), id.as_bytes())))]))
}

pub(super) fn sas_token(given: &Given) -> Answer {
    let key = given.bytes("key");
    if given.has("token") {
        let token = sas::SasToken::decode(given.text("token")).map_err(code)?;
        let tag = hmac_sha256(key, token.string_to_sign().as_bytes());
        return if token.signature == tag { READ } else { Err("bad-signature".to_owned()) };
    }
    let key_name = given.has("key-name").then(|| given.text("key-name"));
    let sign = |text: &[u8]| hmac_sha256(key, text).to_vec();
    let token = sas::SasToken::sign(given.text("resource"), given.number("expiry"), key_name, sign);
    let encoded = token.encode().bytes;
    assert_eq!(sas::SasToken::decode(std::str::from_utf8(&encoded).unwrap()).unwrap(), token);
    Ok(members([("token", Value::Bytes(encoded))]))
}

pub(super) fn wifi_payload(given: &Given) -> Answer {
    if given.has("text") {
        WifiPayload::decode(given.text("text")).map_err(code)?;
        return READ;
    }
    let passphrase = given.has("passphrase").then(|| given.text("passphrase").to_owned());
    let payload = WifiPayload { ssid: given.text("ssid").to_owned(), passphrase, hidden: false };
    let text = payload.encode().map_err(code)?;
    assert_eq!(WifiPayload::decode(&text).unwrap(), payload);
    Ok(members([("text", Value::bytes(text))]))
}

pub(super) fn coap(given: &Given) -> Answer {
    let message = given.bytes("message");
    let read = coap_message::Message::decode(message).map_err(code)?;
    assert_eq!(read.encode().unwrap().bytes, message);
    let options = |number| read.texts(number).map(Value::bytes).collect();
    Ok(members([
        ("type", Value::bytes(read.kind.name())),
        ("code", Value::bytes(read.code.dotted())),
        ("message-id", Value::Number(read.message_id.into())),
        ("path", Value::bytes(read.path())),
        ("query", Value::List(options(coap_message::option::URI_QUERY))),
        ("location", Value::List(options(coap_message::option::LOCATION_PATH))),
        ("content-format", Value::Number(read.format().map_or(-1, i64::from))),
        ("token", Value::bytes(read.token)),
        ("payload", Value::bytes(read.payload)),
    ]))
}

/// Each value by the numbers that lead to it, with slashes between them.
pub(super) fn lwm2m_tlv(given: &Given) -> Answer {
    fn add(path: &str, tlvs: &[lwm2m::Tlv], found: &mut Members) {
        for tlv in tlvs {
            let path = format!("{path}{}", tlv.id);
            match &tlv.content {
                lwm2m::Content::ObjectInstance(inner) | lwm2m::Content::MultipleResource(inner) => {
                    add(&format!("{path}/"), inner, found);
                }
                lwm2m::Content::ResourceInstance(value) | lwm2m::Content::Resource(value) => {
                    found.insert(path, Value::bytes(value.clone()));
                }
            }
        }
    }
    let tlvs = lwm2m::decode(given.bytes("bytes")).map_err(code)?;
    assert_eq!(lwm2m::encode(&tlvs, None).unwrap().bytes, given.bytes("bytes"));
    let mut found = Members::new();
    add("", &tlvs, &mut found);
    Ok(found)
}
