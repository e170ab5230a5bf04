//! `CoAP` requests and responses.

use super::{Accepts, Acting, Layout, Members, Message, MessageField, Operation, Refused, Shape, Spec, needs, takes};
use crate::crypto::party::fill;
use crate::protocol::coap::{self, Code, Format, Kind, option, uint_bytes};
use crate::trace::ArtifactKind;
use crate::value::Value;

/// A request.
pub struct CoapRequest;

/// A response.
pub struct CoapResponse;

const FORMATS: &[&str] = &[
    "application/cbor",
    "application/json",
    "application/link-format",
    "application/octet-stream",
    "application/senml+cbor",
    "application/vnd.oma.lwm2m+json",
    "application/vnd.oma.lwm2m+tlv",
    "text/plain",
];

const RESPONSES: &[&str] = &[
    "2.01", "2.02", "2.03", "2.04", "2.05", "4.00", "4.01", "4.02", "4.03", "4.04", "4.05", "4.06", "4.12", "4.13",
    "4.15", "5.00", "5.01", "5.03",
];

/// Bytes of a token where the flow gives none; RFC 7252, section 5.3.1 asks for 32 random bits where there is no
/// security, and servers commonly get more.
const TOKEN_BYTES: usize = 4;

const PAYLOAD: [MessageField; 4] = [
    MessageField { name: "payload", kind: ArtifactKind::Bytes, summary: "the payload, as bytes" },
    MessageField { name: "secret", kind: ArtifactKind::Secret, summary: "the payload, as bytes that must stay secret" },
    MessageField { name: "text", kind: ArtifactKind::Text, summary: "the payload, as text" },
    MessageField { name: "content-format", kind: ArtifactKind::Text, summary: "media type of the payload" },
];
const TIES: [MessageField; 2] = [
    MessageField { name: "message-id", kind: ArtifactKind::Number, summary: "message id" },
    MessageField { name: "token", kind: ArtifactKind::Bytes, summary: "token" },
];

impl Operation for CoapRequest {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "coap-request",
                summary: "Sends a CoAP request.",
                standard: "RFC 7252, section 5.1",
                shape: Shape::Message,
                params: &[
                    needs("method", Accepts::Choice(&["DELETE", "GET", "POST", "PUT"]), "method"),
                    needs("path", Accepts::Text, "path, each segment an option of its own"),
                    takes("query", Accepts::Text, "arguments with `&` between them, each an option of its own"),
                    takes("content-format", Accepts::Choice(FORMATS), "media type of the payload"),
                    takes("accept", Accepts::Choice(FORMATS), "media type that the answer should have"),
                    takes("payload", Accepts::Any, "payload, as canonical bytes"),
                    takes(
                        "type",
                        Accepts::Choice(&["CON", "NON"]),
                        "whether it is to be acknowledged; `CON` where absent",
                    ),
                    takes("message-id", Accepts::Number, "message id, 0 to 65535; random where absent"),
                    takes("token", Accepts::Any, "token of at most 8 bytes; 4 random bytes where absent"),
                ],
                result: None,
                fields: &[
                    MessageField { name: "method", kind: ArtifactKind::Text, summary: "method" },
                    MessageField { name: "path", kind: ArtifactKind::Text, summary: "path" },
                    MessageField {
                        name: "query.*",
                        kind: ArtifactKind::Text,
                        summary: "an argument: `query.ep` is what stands behind `ep=`",
                    },
                    MessageField {
                        name: "links",
                        kind: ArtifactKind::Text,
                        summary: "the targets of links in the payload (RFC 6690), with commas between them",
                    },
                    PAYLOAD[0],
                    PAYLOAD[1],
                    PAYLOAD[2],
                    PAYLOAD[3],
                    TIES[0],
                    TIES[1],
                ],
            }
        }
    }

    fn encode(&self, acting: &mut Acting<'_>) -> Result<Message, Refused> {
        let args = &acting.args;
        let method = args.text_or("method", "GET");
        let code = Code::find(&method).ok_or_else(|| Refused::malformed(format!("`{method}` is no method")))?;
        let path = args.text_or("path", "/");
        let mut options = segments(option::URI_PATH, &path, '/');
        options.extend(format_option(acting, option::CONTENT_FORMAT, "content-format")?);
        options.extend(segments(option::URI_QUERY, &args.text_or("query", ""), '&'));
        options.extend(format_option(acting, option::ACCEPT, "accept")?);
        let kind = if args.text_or("type", "CON") == "NON" { Kind::NonConfirmable } else { Kind::Confirmable };
        let message_id = match message_id(acting)? {
            Some(number) => number,
            None => u16::from_be_bytes(random()),
        };
        let token = token(acting).unwrap_or_else(|| random::<TOKEN_BYTES>().to_vec());
        let message = coap::Message { kind, code, message_id, token, options, payload: payload(acting) };
        written(&message, format!("{method} {path}"), "CoAP request")
    }

    fn decode(&self, bytes: &[u8], _: &Layout) -> Result<Members, String> {
        let message = read(bytes)?;
        if !message.code.is_request() {
            return Err(format!("{} {} is no request", message.code.dotted(), message.code.name()));
        }
        let mut members = members(&message)?;
        members.insert("method".to_owned(), Value::Text(message.code.name().to_owned()));
        members.insert("path".to_owned(), Value::Text(message.path()));
        for argument in message.texts(option::URI_QUERY) {
            let (name, value) = argument.split_once('=').unwrap_or((&argument, ""));
            members.insert(format!("query.{name}"), Value::Text(value.to_owned()));
        }
        Ok(members)
    }
}

impl Operation for CoapResponse {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "coap-response",
                summary: "Sends a CoAP response in the acknowledgement of the request that `reply-to` names: message id and token are those of the request as it arrived, and whoever asked refuses others.",
                standard: "RFC 7252, section 5.2.1",
                shape: Shape::Message,
                params: &[
                    needs("code", Accepts::Choice(RESPONSES), "response code"),
                    takes("location", Accepts::Text, "path of what was created, each segment an option of its own"),
                    takes("content-format", Accepts::Choice(FORMATS), "media type of the payload"),
                    takes("payload", Accepts::Any, "payload, as canonical bytes"),
                    takes("message-id", Accepts::Number, "message id, 0 to 65535; that of the request where absent"),
                    takes("token", Accepts::Any, "token of at most 8 bytes; that of the request where absent"),
                ],
                result: None,
                fields: &[
                    MessageField { name: "code", kind: ArtifactKind::Text, summary: "response code: `2.04`" },
                    MessageField { name: "location", kind: ArtifactKind::Text, summary: "path of what was created" },
                    PAYLOAD[0],
                    PAYLOAD[1],
                    PAYLOAD[2],
                    PAYLOAD[3],
                    TIES[0],
                    TIES[1],
                ],
            }
        }
    }

    fn encode(&self, acting: &mut Acting<'_>) -> Result<Message, Refused> {
        let word = acting.args.text_or("code", "2.05");
        let code = Code::find(&word).ok_or_else(|| Refused::malformed(format!("`{word}` is no response code")))?;
        let asked = acting.asked.as_deref().map(read).transpose().map_err(Refused::malformed)?;
        let (message_id, token) = match (message_id(acting)?, token(acting), &asked) {
            (Some(number), Some(token), _) => (number, token),
            (number, token, Some(asked)) => {
                (number.unwrap_or(asked.message_id), token.unwrap_or_else(|| asked.token.clone()))
            }
            (_, _, None) => {
                return Err(Refused::policy("no-request", "a response needs `reply-to`, or message id and token"));
            }
        };
        // RFC 7252, section 5.2.3: what was not to be acknowledged is answered by a message that is not either.
        let is_acknowledged = asked.is_none_or(|asked| asked.kind == Kind::Confirmable);
        let kind = if is_acknowledged { Kind::Acknowledgement } else { Kind::NonConfirmable };
        let mut options = segments(option::LOCATION_PATH, &acting.args.text_or("location", ""), '/');
        options.extend(format_option(acting, option::CONTENT_FORMAT, "content-format")?);
        let message = coap::Message { kind, code, message_id, token, options, payload: payload(acting) };
        written(&message, format!("{word} {}", code.name()), "CoAP response")
    }

    fn decode(&self, bytes: &[u8], layout: &Layout) -> Result<Members, String> {
        let message = read(bytes)?;
        if !message.code.is_response() {
            return Err(format!("{} {} is no response", message.code.dotted(), message.code.name()));
        }
        if let Some(asked) = layout.asked.as_deref().map(read).transpose()? {
            check_answer(&asked, &message)?;
        }
        let mut members = members(&message)?;
        members.insert("code".to_owned(), Value::Text(message.code.dotted()));
        let location: Vec<String> = message.texts(option::LOCATION_PATH).map(|segment| format!("/{segment}")).collect();
        members.insert("location".to_owned(), Value::Text(location.concat()));
        Ok(members)
    }
}

/// RFC 7252, section 5.3.2: a response is matched by its token, and by its message id where it is an acknowledgement.
fn check_answer(asked: &coap::Message, answer: &coap::Message) -> Result<(), String> {
    let is_acknowledgement = answer.kind == Kind::Acknowledgement;
    if is_acknowledgement && answer.message_id != asked.message_id {
        return Err(format!(
            "the answer acknowledges message {}, and {} was sent",
            answer.message_id, asked.message_id
        ));
    }
    if answer.token != asked.token {
        let [answer, asked] = [answer, asked].map(|message| hex::encode(&message.token));
        return Err(format!("the answer has the token {answer}, and the request {asked}"));
    }
    Ok(())
}

/// Options for the segments of a text, none for an empty text.
fn segments(number: u16, text: &str, between: char) -> Vec<(u16, Vec<u8>)> {
    let text = text.strip_prefix('/').filter(|_| between == '/').unwrap_or(text);
    let parts = text.split(between).filter(|_| !text.is_empty());
    parts.map(|part| (number, part.as_bytes().to_vec())).collect()
}

type OptionValue = Option<(u16, Vec<u8>)>;

fn format_option(acting: &Acting<'_>, number: u16, name: &str) -> Result<OptionValue, Refused> {
    let Some(word) = acting.args.text(name) else { return Ok(None) };
    let format = Format::find(&word).ok_or_else(|| Refused::malformed(format!("`{word}` is no content format")))?;
    Ok(Some((number, uint_bytes(format.number.into()))))
}

fn message_id(acting: &Acting<'_>) -> Result<Option<u16>, Refused> {
    let Some(Value::Number(number)) = acting.args.value("message-id") else { return Ok(None) };
    u16::try_from(*number).map(Some).map_err(|_| Refused::malformed(format!("{number} is no message id")))
}

fn token(acting: &Acting<'_>) -> Option<Vec<u8>> {
    acting.args.value("token").map(Value::canonical)
}

fn payload(acting: &Acting<'_>) -> Vec<u8> {
    acting.args.value("payload").map(Value::canonical).unwrap_or_default()
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill(&mut bytes);
    bytes
}

fn written(message: &coap::Message, label: String, name: &str) -> Result<Message, Refused> {
    Ok(Message { label, layer: message.encode()?.into_layer(name) })
}

fn read(bytes: &[u8]) -> Result<coap::Message, String> {
    coap::Message::decode(bytes).map_err(|malformed| malformed.message)
}

/// What requests and responses have in common.
fn members(message: &coap::Message) -> Result<Members, String> {
    let mut members = Members::new();
    let mut put = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
    put("message-id", Value::Number(message.message_id.into()));
    put("token", Value::Bytes(message.token.clone()));
    put("payload", Value::Bytes(message.payload.clone()));
    put("secret", Value::Secret(message.payload.clone()));
    let format = message.format().and_then(Format::of);
    let text = std::str::from_utf8(&message.payload).ok();
    if let Some(text) = text {
        put("text", Value::Text(text.to_owned()));
    }
    if let Some(format) = format {
        put("content-format", Value::Text(format.name.to_owned()));
        if format.name == "application/link-format" {
            let links = coap::links(text.unwrap_or_default()).map_err(|malformed| malformed.message)?;
            put("links", Value::Text(links.join(",")));
        }
    }
    Ok(members)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::coap;

    #[test]
    fn the_words_of_the_specification_are_those_of_the_tables() {
        let mut formats: Vec<&str> = coap::FORMATS.iter().map(|format| format.name).collect();
        formats.sort_unstable();
        assert_eq!(FORMATS, formats);
        let known = |word: &&str| Code::find(word).is_some_and(Code::is_response);
        assert!(RESPONSES.is_sorted() && RESPONSES.iter().all(known));
    }

    #[test]
    fn an_answer_to_something_else_is_no_answer() {
        let asked = coap::Message {
            kind: Kind::Confirmable,
            code: Code::find("POST").unwrap(),
            message_id: 7,
            token: vec![1, 2],
            options: Vec::new(),
            payload: Vec::new(),
        };
        let answer = coap::Message { kind: Kind::Acknowledgement, code: Code::find("2.04").unwrap(), ..asked.clone() };
        let layout = Layout { asked: Some(asked.encode().unwrap().bytes.into()), ..Layout::default() };
        let read = |answer: &coap::Message| CoapResponse.decode(&answer.encode().unwrap().bytes, &layout);
        assert!(read(&answer).is_ok());
        let other = coap::Message { token: vec![1, 3], ..answer.clone() };
        assert_eq!(read(&other).unwrap_err(), "the answer has the token 0103, and the request 0102");
        let other = coap::Message { message_id: 8, ..answer.clone() };
        assert_eq!(read(&other).unwrap_err(), "the answer acknowledges message 8, and 7 was sent");
        // A separate response has a message id of its own (RFC 7252, section 5.2.2).
        let separate = coap::Message { kind: Kind::Confirmable, message_id: 8, ..answer };
        assert!(read(&separate).is_ok());
        assert_eq!(read(&asked).unwrap_err(), "0.02 POST is no response");
    }
}
