//! Commands of Matter's clusters, sent through a session.

use super::deliver::from_bytes;
use super::matter_session::{message_of, split_message};
use super::{
    Accepts, Acting, Args, Layout, Members, Message, MessageField, Operation, Refused, Shape, Spec, needs, takes,
};
use crate::annotation::{Field, Layer};
use crate::protocol::content;
use crate::protocol::matter::interaction::{
    Body, Command, CommandField, Form, INVOKE_REQUEST, INVOKE_RESPONSE, Invocation,
};
use crate::protocol::matter::message::{INTERACTION_MODEL, PayloadKind};
use crate::protocol::matter::tlv::Element;
use crate::trace::ArtifactKind;
use crate::value::Value;

/// Invokes a command.
pub struct Invoke;

/// Answers a command.
pub struct Respond;

const ANY_FIELD: MessageField =
    MessageField { name: "*", kind: ArtifactKind::Bytes, summary: "a field of the command, of the kind that it had" };

impl Operation for Invoke {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "matter-invoke",
                summary: "Invokes a command of a cluster at endpoint 0; what it carries stands under the names of the standard.",
                standard: "Matter Core Specification, section 10.7.9",
                shape: Shape::Message,
                params: &[
                    needs("command", Accepts::Text, "the command, such as `ArmFailSafe`"),
                    takes("*", Accepts::Any, "a field of the command, such as `ExpiryLengthSeconds`"),
                ],
                result: None,
                fields: &[
                    MessageField { name: "command", kind: ArtifactKind::Text, summary: "the command" },
                    ANY_FIELD,
                ],
            }
        }
    }

    fn encode(&self, acting: &mut Acting<'_>) -> Result<Message, Refused> {
        let command = named(&acting.args, false)?;
        let invocation = invocation(command, Body::Fields(fields(command, &acting.args)?));
        Ok(message(command.name.to_owned(), INVOKE_REQUEST, &invocation.encode_request()))
    }

    fn decode(&self, bytes: &[u8], layout: &Layout) -> Result<Members, String> {
        let invocation = Invocation::decode_request(payload(bytes, INVOKE_REQUEST)?).map_err(|why| why.message)?;
        members(&invocation, false, layout)
    }
}

impl Operation for Respond {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "matter-respond",
                summary: "Answers a command: with a command of its own, or with a status alone.",
                standard: "Matter Core Specification, section 10.7.10",
                shape: Shape::Message,
                params: &[
                    needs(
                        "command",
                        Accepts::Text,
                        "the answer, such as `ArmFailSafeResponse`, or the command that has none",
                    ),
                    takes("status", Accepts::Number, "the status of a command that has no answer; 0 is success"),
                    takes("*", Accepts::Any, "a field of the answer, such as `ErrorCode`"),
                ],
                result: None,
                fields: &[
                    MessageField { name: "command", kind: ArtifactKind::Text, summary: "the answer" },
                    MessageField {
                        name: "status",
                        kind: ArtifactKind::Number,
                        summary: "the status of a command that has no answer",
                    },
                    ANY_FIELD,
                ],
            }
        }
    }

    fn encode(&self, acting: &mut Acting<'_>) -> Result<Message, Refused> {
        let args = &acting.args;
        let is_status = args.find("status").is_some();
        let command = named(args, !is_status)?;
        let (label, body) = if is_status {
            let status = args.number("status", 0);
            let status = u8::try_from(status).map_err(|_| wrong_value(format!("{status} is no status")))?;
            (format!("status of {}", command.name), Body::Status(status))
        } else {
            (command.name.to_owned(), Body::Fields(fields(command, args)?))
        };
        Ok(message(label, INVOKE_RESPONSE, &invocation(command, body).encode_response()))
    }

    fn decode(&self, bytes: &[u8], layout: &Layout) -> Result<Members, String> {
        let invocation = Invocation::decode_response(payload(bytes, INVOKE_RESPONSE)?).map_err(|why| why.message)?;
        members(&invocation, true, layout)
    }
}

/// The command that the arguments name.
fn named(args: &Args, is_response: bool) -> Result<&'static Command, Refused> {
    let name = args.text_or("command", "");
    let command = Command::find(&name).filter(|command| command.is_response == is_response);
    command.ok_or_else(|| {
        let what = if is_response { "answer" } else { "command" };
        Refused::policy("unknown-command", format!("no {what} is called `{name}`"))
    })
}

fn invocation(command: &Command, body: Body) -> Invocation {
    Invocation { endpoint: 0, cluster_id: command.cluster_id, command_id: command.id, body }
}

/// The fields that were given, in the order of their tags.
fn fields(command: &Command, args: &Args) -> Result<Element, Refused> {
    let is_ours = |name: &str| name == "command" || command.fields.iter().any(|field| field.name == name);
    if let Some(name) = args.0.keys().find(|name| !is_ours(name)) {
        return Err(wrong_value(format!("`{}` has no field `{name}`", command.name)));
    }
    let given = command.fields.iter().filter_map(|field| Some((field, args.value(field.name)?)));
    let elements = given.map(|(field, value)| Ok((field.tag, element(field, value)?)));
    Ok(Element::Structure(elements.collect::<Result<_, Refused>>()?))
}

fn element(field: &CommandField, value: &Value) -> Result<Element, Refused> {
    let found = match field.form {
        Form::Boolean => value.text().and_then(|text| text.parse().ok()).map(Element::Boolean),
        Form::Octets => Some(Element::Octets(value.canonical())),
        Form::Text => value.text().map(Element::Text),
        Form::Unsigned => value.text().and_then(|text| text.parse().ok()).map(Element::Unsigned),
    };
    found.ok_or_else(|| wrong_value(format!("`{}` cannot be a {}", field.name, value.kind().title())))
}

fn wrong_value(message: impl Into<String>) -> Refused {
    Refused::policy("wrong-value", message)
}

fn message(label: String, opcode: u8, payload: &[u8]) -> Message {
    let kind = PayloadKind { protocol: INTERACTION_MODEL, opcode };
    let describe = |bytes: &[u8]| {
        let mut fields = match split_message(bytes) {
            Ok((kind, _)) => vec![
                Field::new("Protocol Opcode", 0..1, format!("{:#04x}: {}", kind.opcode, kind.title())),
                Field::new("Protocol ID", 1..3, kind.protocol.to_string()),
            ],
            Err(_) => Vec::new(),
        };
        if let Ok((kind, payload)) = split_message(bytes) {
            fields.extend(kind.describe(payload).into_iter().map(|field| field.shifted(3)));
        }
        fields
    };
    let layer = Layer::explained_by(kind.title(), message_of(kind, payload), move |bytes, known| {
        content::complete(describe(bytes), bytes, known)
    });
    Message { label, layer }
}

/// The payload of a message that must be of this opcode.
fn payload(bytes: &[u8], opcode: u8) -> Result<&[u8], String> {
    let (kind, payload) = split_message(bytes).map_err(|refused| refused.message)?;
    let wanted = PayloadKind { protocol: INTERACTION_MODEL, opcode };
    if kind == wanted { Ok(payload) } else { Err(format!("{} where {} is expected", kind.title(), wanted.title())) }
}

/// What the receiver reads, each of the kind that its sender gave it.
fn members(invocation: &Invocation, is_response: bool, layout: &Layout) -> Result<Members, String> {
    let Invocation { endpoint, cluster_id, command_id, body } = invocation;
    if *endpoint != 0 {
        return Err(format!("there is no endpoint {endpoint}"));
    }
    let command = Command::numbered(*cluster_id, *command_id)
        .ok_or_else(|| format!("the cluster {cluster_id:#06x} has no command {command_id:#04x}"))?;
    let mut members = Members::from([("command".to_owned(), Value::Text(command.name.to_owned()))]);
    let fields = match body {
        Body::Status(status) => {
            members.insert("status".to_owned(), Value::Number((*status).into()));
            return Ok(members);
        }
        Body::Fields(_) if command.is_response != is_response => {
            return Err(format!("{} goes the other way", command.name));
        }
        Body::Fields(fields) => fields,
    };
    for field in command.fields {
        if fields.find(field.tag).is_some() {
            let value = value(field, fields, layout).map_err(|why| format!("`{}`: {why}", field.name))?;
            members.insert(field.name.to_owned(), value);
        }
    }
    Ok(members)
}

fn value(field: &CommandField, fields: &Element, layout: &Layout) -> Result<Value, String> {
    let CommandField { tag, name, form } = *field;
    let kind = layout.get(name);
    let read = match form {
        Form::Boolean => fields.boolean(tag, name).map(|flag| Value::Text(flag.to_string())),
        Form::Text => fields.text(tag, name).map(|text| Value::Text(text.to_owned())),
        Form::Unsigned => fields.number(tag, name).map(Value::Number),
        Form::Octets => match (kind, fields.octets(tag, name)) {
            (Some(ArtifactKind::Text), Ok(bytes)) => {
                return String::from_utf8(bytes.to_vec()).map(Value::Text).map_err(|error| error.to_string());
            }
            (kind, Ok(bytes)) => return from_bytes(kind.unwrap_or(ArtifactKind::Bytes), bytes.to_vec()),
            (_, Err(malformed)) => Err(malformed),
        },
    };
    read.map_err(|malformed| malformed.message)
}
