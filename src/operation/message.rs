//! Messages whose layout the flow declares: sent, packed into bytes, and unpacked.

use std::collections::BTreeMap;

use super::deliver::from_bytes;
use super::{
    Accepts, Acting, Arg, Layout, Members, Message, MessageField, Operation, Refused, Shape, Spec, needs, takes,
};
use crate::annotation::Layer;
use crate::protocol::layout::{self, BytesKind, Form, Item, Items, LayoutField, MessageLayout};
use crate::trace::ArtifactKind;
use crate::value::Value;

/// Sends a message.
pub struct Send;

/// Writes the fields of a layout into bytes.
pub struct Pack;

/// Reads bytes as the fields of a layout.
pub struct Unpack;

/// Arguments that are no fields; no field can be called like one of them.
pub const RESERVED: &[&str] = &["layout", "read-as"];

impl Operation for Send {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "message",
                summary: "Sends a message whose layout the flow declares in `[messages]`; the receiver reads it with the same layout.",
                standard: "",
                shape: Shape::Message,
                params: &[
                    needs("layout", Accepts::Layout, "the layout"),
                    takes("read-as", Accepts::Layout, "the layout with which the receiver reads, where it is another"),
                    takes("*", Accepts::Field, "a field of the layout; each but the constants must be given"),
                ],
                result: None,
                fields: &[MessageField {
                    name: "*",
                    kind: ArtifactKind::Bytes,
                    summary: "a field of the layout, with dots for one of a nested layout or a flag",
                }],
            }
        }
    }

    fn encode(&self, acting: &mut Acting<'_>) -> Result<Message, Refused> {
        let layout = acting.args.layout("layout")?;
        let layer = pack(&layout, acting)?;
        Ok(Message { label: layout.title.clone(), layer })
    }

    fn decode(&self, bytes: &[u8], agreed: &Layout) -> Result<Members, String> {
        let layout = agreed.message.as_ref().ok_or("no layout was agreed on")?;
        let items = layout::decode(layout, bytes).map_err(|malformed| malformed.message)?;
        members(layout, items, "", &|path| agreed.get(path))
    }
}

impl Operation for Pack {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "pack",
                summary: "Writes the fields of a layout that the flow declares into bytes, to be signed, authenticated or encrypted; the bytes are secret where a field is.",
                standard: "",
                shape: Shape::Local,
                params: &[
                    needs("layout", Accepts::Layout, "the layout"),
                    takes("*", Accepts::Field, "a field of the layout; each but the constants must be given"),
                ],
                result: Some(ArtifactKind::Bytes),
                fields: &[],
            }
        }
    }

    /// Only the run can tell whether a field is secret.
    fn result(&self, _: &dyn Fn(&str) -> Option<String>) -> Option<ArtifactKind> {
        None
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let layout = acting.args.layout("layout")?;
        let layer = pack(&layout, acting)?;
        let bytes = layer.bytes.0.clone();
        acting.layer = Some(layer);
        let is_secret = acting.args.0.values().any(is_secret);
        Ok(Some(if is_secret { Value::Secret(bytes) } else { Value::Bytes(bytes) }))
    }
}

impl Operation for Unpack {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "unpack",
                summary: "Reads bytes as the fields of a layout that the flow declares, and refuses what does not fit it.",
                standard: "",
                shape: Shape::Local,
                params: &[
                    needs("layout", Accepts::Layout, "the layout"),
                    needs(
                        "bytes",
                        Accepts::Kinds(&[ArtifactKind::Bytes, ArtifactKind::Secret]),
                        "the bytes, such as what `open` decrypted",
                    ),
                ],
                result: Some(ArtifactKind::Members),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let layout = acting.args.layout("layout")?;
        let items = layout::decode(&layout, &acting.args.bytes("bytes")?)?;
        let members = members(&layout, items, "", &|_| None).map_err(Refused::malformed)?;
        Ok(Some(Value::Members(members)))
    }
}

fn pack(layout: &MessageLayout, acting: &Acting<'_>) -> Result<Layer, Refused> {
    let items = items(layout, &acting.args.0)?;
    let encoded = layout::encode(layout, &items).map_err(|malformed| wrong_value(malformed.message))?;
    Ok(encoded.into_layer(&layout.title))
}

fn wrong_value(message: impl Into<String>) -> Refused {
    Refused::policy("wrong-value", message)
}

/// The values of arguments as items; what is no field was refused before the run.
fn items(layout: &MessageLayout, args: &BTreeMap<String, Arg>) -> Result<Items, Refused> {
    let given = layout.fields.iter().filter_map(|field| Some((field, args.get(&field.name)?)));
    given.map(|(field, arg)| Ok((field.name.clone(), item_of(field, arg)?))).collect()
}

fn item_of(field: &LayoutField, arg: &Arg) -> Result<Item, Refused> {
    let found = match (&field.form, arg) {
        (Form::Nested { layout, .. }, Arg::Table(table)) => Some(Item::Members(items(layout, table)?)),
        (Form::Nested { layout, .. }, Arg::Value(Value::Members(members))) => {
            let table = members.iter().map(|(name, value)| (name.clone(), Arg::Value(value.clone()))).collect();
            Some(Item::Members(items(layout, &table)?))
        }
        (Form::Flags { .. }, Arg::List(_)) => {
            let set = |arg: &Arg| Some((arg.text()?, Item::Text("true".to_owned())));
            let Arg::List(flags) = arg else { unreachable!("the pattern has matched a list") };
            Some(Item::Members(flags.iter().filter_map(set).collect()))
        }
        (Form::Flags { .. }, Arg::Value(Value::Members(members))) => {
            let item = |(name, value): (&String, &Value)| Some((name.clone(), Item::Text(value.text()?)));
            Some(Item::Members(members.iter().filter_map(item).collect()))
        }
        (form, Arg::Value(value)) => item(form, value),
        _ => None,
    };
    found.ok_or_else(|| {
        let given = match arg {
            Arg::Value(value) => value.kind().title(),
            Arg::Boolean(_) => "true or false",
            Arg::Layout(_) => "layout",
            Arg::List(_) => "list",
            Arg::Table(_) => "table",
        };
        wrong_value(format!("`{}` is {}, a {given} does not fit", field.name, needed(&field.form)))
    })
}

fn item(form: &Form, value: &Value) -> Option<Item> {
    match (form, value) {
        (Form::Bytes { .. }, value) if is_accepted(form, value.kind()) => Some(Item::Bytes(value.canonical())),
        (Form::Nested { .. } | Form::Constant(_), Value::Bytes(bytes))
        | (Form::Nested { .. }, Value::Secret(bytes)) => Some(Item::Bytes(bytes.clone())),
        (Form::Text(_) | Form::Enumeration { .. }, Value::QrPayload(text) | Value::Text(text) | Value::Token(text)) => {
            Some(Item::Text(text.clone()))
        }
        (
            Form::Constant(_) | Form::Enumeration { .. } | Form::Flags { .. } | Form::Unsigned(_),
            Value::Number(number),
        ) => u64::try_from(*number).ok().map(Item::Number),
        (Form::Constant(_), Value::Text(text)) => Some(Item::Text(text.clone())),
        _ => None,
    }
}

/// What a field takes, for messages.
pub fn needed(form: &Form) -> &'static str {
    match form {
        Form::Bytes { .. } => "bytes",
        Form::Constant(_) => "a constant",
        Form::Enumeration { .. } => "a name of its values",
        Form::Flags { .. } => "a list of its flags",
        Form::Nested { .. } => "a table of fields, or their bytes",
        Form::Text(_) => "text",
        Form::Unsigned(_) => "a number from 0",
    }
}

/// Whether a value of kind `kind` can be written into a field of this form.
pub fn is_accepted(form: &Form, kind: ArtifactKind) -> bool {
    let kinds: &[ArtifactKind] = match form {
        Form::Bytes { .. } => &[
            ArtifactKind::Bytes,
            ArtifactKind::Certificate,
            ArtifactKind::CertificateSigningRequest,
            ArtifactKind::CertificateRevocationList,
            ArtifactKind::PrivateKey,
            ArtifactKind::PublicKey,
            ArtifactKind::Secret,
            ArtifactKind::Token,
        ],
        Form::Constant(_) => &[],
        Form::Enumeration { .. } => &[ArtifactKind::Number, ArtifactKind::Text],
        Form::Flags { .. } => &[ArtifactKind::Members, ArtifactKind::Number],
        Form::Nested { .. } => &[ArtifactKind::Bytes, ArtifactKind::Members, ArtifactKind::Secret],
        Form::Text(_) => &[ArtifactKind::QrPayload, ArtifactKind::Text, ArtifactKind::Token],
        Form::Unsigned(_) => &[ArtifactKind::Number],
    };
    kinds.contains(&kind)
}

/// The kind that a decoded field has; `sent` is the kind of what its sender put in, where that is known.
pub fn decoded_kind(form: &Form, sent: Option<ArtifactKind>) -> ArtifactKind {
    match form {
        Form::Bytes { kind, .. } => sent.filter(|sent| is_accepted(form, *sent)).unwrap_or(match kind {
            Some(BytesKind::Key) => ArtifactKind::Secret,
            Some(
                BytesKind::Ciphertext
                | BytesKind::Digest
                | BytesKind::Identifier
                | BytesKind::Mac
                | BytesKind::PublicKey
                | BytesKind::Random
                | BytesKind::Signature,
            )
            | None => ArtifactKind::Bytes,
        }),
        Form::Constant(layout::Constant::Bytes(_)) => ArtifactKind::Bytes,
        Form::Constant(layout::Constant::Number(..)) | Form::Unsigned(_) => ArtifactKind::Number,
        Form::Constant(layout::Constant::Text(_)) | Form::Enumeration { .. } => ArtifactKind::Text,
        Form::Flags { .. } | Form::Nested { .. } => ArtifactKind::Members,
        Form::Text(_) => sent.filter(|sent| is_accepted(form, *sent)).unwrap_or(ArtifactKind::Text),
    }
}

type Sent<'s> = &'s dyn Fn(&str) -> Option<ArtifactKind>;

/// Decoded items as values, each of the kind that its sender gave it.
fn members(layout: &MessageLayout, mut items: Items, path: &str, sent: Sent<'_>) -> Result<Members, String> {
    let taken = layout.fields.iter().filter_map(|field| Some((field, items.remove(&field.name)?)));
    taken
        .map(|(field, item)| {
            let path = format!("{path}{}", field.name);
            let value = value(&field.form, item, &path, sent).map_err(|why| format!("`{path}`: {why}"))?;
            Ok((field.name.clone(), value))
        })
        .collect()
}

fn value(form: &Form, item: Item, path: &str, sent: Sent<'_>) -> Result<Value, String> {
    Ok(match (form, item) {
        (Form::Nested { layout, .. }, Item::Members(items)) => {
            Value::Members(members(layout, items, &format!("{path}."), sent)?)
        }
        (_, Item::Members(items)) => {
            let flag = |(name, item)| match item {
                Item::Text(text) => Some((name, Value::Text(text))),
                Item::Bytes(_) | Item::Members(_) | Item::Number(_) => None,
            };
            Value::Members(items.into_iter().filter_map(flag).collect())
        }
        (form, Item::Bytes(bytes)) => from_bytes(decoded_kind(form, sent(path)), bytes)?,
        (_, Item::Number(number)) => Value::Number(i64::try_from(number).map_err(|error| error.to_string())?),
        (form, Item::Text(text)) => match decoded_kind(form, sent(path)) {
            ArtifactKind::Token => Value::Token(text),
            ArtifactKind::QrPayload => Value::QrPayload(text),
            _ => Value::Text(text),
        },
    })
}

/// Whether a value that must stay secret is in it.
fn is_secret(arg: &Arg) -> bool {
    let secret = |value: &Value| match value {
        Value::Members(members) => members.values().any(|value| is_secret(&Arg::Value(value.clone()))),
        value => matches!(value.kind(), ArtifactKind::PrivateKey | ArtifactKind::Secret | ArtifactKind::Token),
    };
    match arg {
        Arg::Value(value) => secret(value),
        Arg::Table(table) => table.values().any(is_secret),
        Arg::Boolean(_) | Arg::Layout(_) | Arg::List(_) => false,
    }
}
