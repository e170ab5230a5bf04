//! Printed codes.

use super::{Accepts, Acting, Layout, Members, Message, MessageField, Operation, Refused, Shape, Spec, needs};
use crate::protocol::qr::{Level, Symbol};
use crate::protocol::writer::Writer;
use crate::trace::ArtifactKind;
use crate::value::Value;

/// A camera reads a QR symbol.
pub struct Scan;

impl Operation for Scan {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "scan",
                summary: "A camera reads a QR symbol; what crosses is its payload, and the symbol is really made.",
                standard: "ISO/IEC 18004",
                shape: Shape::Message,
                params: &[needs(
                    "payload",
                    Accepts::Kinds(&[ArtifactKind::QrPayload, ArtifactKind::Text]),
                    "what the symbol says",
                )],
                result: None,
                fields: &[
                    MessageField { name: "payload", kind: ArtifactKind::QrPayload, summary: "what the symbol says" },
                    MessageField {
                        name: "json.*",
                        kind: ArtifactKind::Token,
                        summary: "a member of a payload in JSON",
                    },
                ],
            }
        }
    }

    fn encode(&self, acting: &mut Acting<'_>) -> Result<Message, Refused> {
        let payload = acting.args.text_or("payload", "");
        let symbol = Symbol::encode(&payload, Level::M)?;
        let modules = symbol.modules.len();
        let value =
            format!("QR version {}, level {}, {modules} × {modules} modules", symbol.version, symbol.level.name());
        let mut writer = Writer::default();
        writer.field("payload", payload.as_bytes(), value);
        let layer = writer.finish().into_layer("QR payload");
        Ok(Message { label: "QR symbol".to_owned(), layer })
    }

    fn decode(&self, bytes: &[u8], _: &Layout) -> Result<Members, String> {
        let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
        let mut members = Members::from([("payload".to_owned(), Value::QrPayload(text.to_owned()))]);
        if let Ok(serde_json::Value::Object(object)) = serde_json::from_str(text) {
            for (name, value) in object {
                if let Some(text) = value.as_str() {
                    members.insert(format!("json.{name}"), Value::Token(text.to_owned()));
                }
            }
        }
        Ok(members)
    }
}
