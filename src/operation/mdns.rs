//! Finding a service on the network of the place.

use super::{Accepts, Acting, Layout, Members, Message, MessageField, Operation, Refused, Shape, Spec, needs, takes};
use crate::protocol::mdns::{self, Instance};
use crate::trace::ArtifactKind;
use crate::value::Value;

/// A question.
pub struct MdnsQuery;

/// An answer.
pub struct MdnsResponse;

const SERVICE: MessageField =
    MessageField { name: "service", kind: ArtifactKind::Text, summary: "the service, such as `_hub._tcp.local`" };

impl Operation for MdnsQuery {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "mdns-query",
                summary: "Asks everybody on the network for the instances of a service.",
                standard: "RFC 6762, section 5.2; RFC 6763, section 4",
                shape: Shape::Message,
                params: &[needs("service", Accepts::Text, "the service, such as `_hub._tcp.local`")],
                result: None,
                fields: &[SERVICE],
            }
        }
    }

    fn encode(&self, acting: &mut Acting<'_>) -> Result<Message, Refused> {
        let service = acting.args.text_or("service", "");
        let encoded = mdns::query(&mdns::name(&service)?)?;
        Ok(Message { label: format!("PTR? {service}"), layer: encoded.into_layer("mDNS query") })
    }

    fn decode(&self, bytes: &[u8], _: &Layout) -> Result<Members, String> {
        let service = mdns::read_query(bytes).map_err(|malformed| malformed.message)?;
        Ok(Members::from([("service".to_owned(), Value::Text(service.join(".")))]))
    }
}

impl Operation for MdnsResponse {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "mdns-response",
                summary: "Says where an instance of a service is: name, host, address, port and attributes. Nothing in it is authenticated.",
                standard: "RFC 6762, section 6; RFC 6763, section 12.1",
                shape: Shape::Message,
                params: &[
                    needs("service", Accepts::Text, "the service, such as `_hub._tcp.local`"),
                    needs("instance", Accepts::Text, "what people call it"),
                    needs("host", Accepts::Text, "name of the host, such as `hub-1.local`"),
                    needs("address", Accepts::Text, "its IPv4 address"),
                    needs("port", Accepts::Number, "the port"),
                    takes("text", Accepts::Table, "attributes (RFC 6763, section 6)"),
                ],
                result: None,
                fields: &[
                    SERVICE,
                    MessageField { name: "instance", kind: ArtifactKind::Text, summary: "what people call it" },
                    MessageField { name: "host", kind: ArtifactKind::Text, summary: "name of the host" },
                    MessageField { name: "address", kind: ArtifactKind::Text, summary: "its IPv4 address" },
                    MessageField { name: "port", kind: ArtifactKind::Number, summary: "the port" },
                    MessageField { name: "text.*", kind: ArtifactKind::Text, summary: "an attribute" },
                ],
            }
        }
    }

    fn encode(&self, acting: &mut Acting<'_>) -> Result<Message, Refused> {
        let args = &acting.args;
        let [service, label, host, address] =
            ["service", "instance", "host", "address"].map(|name| args.text_or(name, ""));
        let port = args.number("port", 0);
        let instance = Instance {
            service: mdns::name(&service)?,
            host: mdns::name(&host)?,
            address: address.parse().map_err(|_| Refused::malformed(format!("`{address}` is no IPv4 address")))?,
            port: u16::try_from(port).map_err(|_| Refused::malformed(format!("{port} is no port")))?,
            text: args.table_texts("text"),
            label: label.clone(),
        };
        Ok(Message { label: format!("{label} at {host}"), layer: mdns::answer(&instance)?.into_layer("mDNS response") })
    }

    fn decode(&self, bytes: &[u8], _: &Layout) -> Result<Members, String> {
        let found = mdns::read_answer(bytes).map_err(|malformed| malformed.message)?;
        let mut members = Members::from([
            ("service".to_owned(), Value::Text(found.service.join("."))),
            ("instance".to_owned(), Value::Text(found.label)),
            ("host".to_owned(), Value::Text(found.host.join("."))),
            ("address".to_owned(), Value::Text(found.address.to_string())),
            ("port".to_owned(), Value::Number(found.port.into())),
        ]);
        members.extend(found.text.into_iter().map(|(name, value)| (format!("text.{name}"), Value::Text(value))));
        Ok(members)
    }
}
