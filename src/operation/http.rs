//! HTTP/1.1 requests and responses.

use super::{
    Accepts, Acting, Arg, Layout, MAX_PATH, Members, Message, MessageField, Operation, Refused, Shape, Spec, needs,
    takes,
};
use crate::protocol::http::{Request, Response};
use crate::trace::ArtifactKind;
use crate::value::{Value, from_json};

/// A request.
pub struct HttpRequest;

/// A response.
pub struct HttpResponse;

const BODY: MessageField = MessageField { name: "body", kind: ArtifactKind::Bytes, summary: "content, as bytes" };
const TEXT: MessageField = MessageField { name: "text", kind: ArtifactKind::Text, summary: "content, as text" };
const TOKEN: MessageField =
    MessageField { name: "token", kind: ArtifactKind::Token, summary: "content, as a token such as a JWS" };
const JSON: MessageField =
    MessageField { name: "json.*", kind: ArtifactKind::Text, summary: "a text member of content in JSON" };
const HEADER: MessageField = MessageField {
    name: "header.*",
    kind: ArtifactKind::Text,
    summary: "a header field, its name as it was sent or in lower case",
};

impl Operation for HttpRequest {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "http-request",
                summary: "Sends an HTTP/1.1 request.",
                standard: "RFC 9112",
                shape: Shape::Message,
                params: &[
                    takes(
                        "method",
                        Accepts::Choice(&["DELETE", "GET", "PATCH", "POST", "PUT"]),
                        "`GET`, or `POST` where there is content",
                    ),
                    needs("path", Accepts::Text, "request target"),
                    takes("host", Accepts::Text, "Host header field; `localhost` where absent"),
                    takes("headers", Accepts::Table, "header fields"),
                    takes("body", Accepts::Any, "content, as canonical bytes"),
                    takes("json", Accepts::Table, "content as JSON"),
                ],
                result: None,
                fields: &[
                    MessageField { name: "method", kind: ArtifactKind::Text, summary: "request method" },
                    MessageField { name: "path", kind: ArtifactKind::Text, summary: "request target" },
                    MessageField {
                        name: "bearer-token",
                        kind: ArtifactKind::Token,
                        summary: "token of the Authorization header field (RFC 6750)",
                    },
                    MessageField {
                        name: "authorization",
                        kind: ArtifactKind::Token,
                        summary: "the Authorization header field",
                    },
                    BODY,
                    TEXT,
                    TOKEN,
                    JSON,
                    HEADER,
                ],
            }
        }
    }

    fn encode(&self, acting: &mut Acting<'_>) -> Result<Message, Refused> {
        let (mut headers, body) = content(acting)?;
        let has_body = acting.args.find("body").is_some() || acting.args.find("json").is_some();
        let method = acting.args.text_or("method", if has_body { "POST" } else { "GET" });
        let target = acting.args.text_or("path", "/");
        let label = format!("{method} {}", target.split('?').next().unwrap_or_default());
        headers.extend(acting.args.table_texts("headers"));
        let request = Request { method, target, headers, body };
        let encoded = request.encode(&acting.args.text_or("host", "localhost"))?;
        Ok(Message { label, layer: encoded.into_layer("HTTP request") })
    }

    fn decode(&self, bytes: &[u8], _: &Layout) -> Result<Members, String> {
        let request = Request::decode(bytes).map_err(|malformed| malformed.message)?;
        let mut members = content_members(&request.headers, &request.body);
        members.insert("method".to_owned(), Value::Text(request.method.clone()));
        members.insert("path".to_owned(), Value::Text(request.target.clone()));
        if let Some(token) = request.bearer_token() {
            members.insert("bearer-token".to_owned(), Value::Token(token.to_owned()));
        }
        if let Some(value) = request.header("Authorization") {
            members.insert("authorization".to_owned(), Value::Token(value.to_owned()));
        }
        Ok(members)
    }
}

impl Operation for HttpResponse {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "http-response",
                summary: "Sends an HTTP/1.1 response.",
                standard: "RFC 9112",
                shape: Shape::Message,
                params: &[
                    takes("status", Accepts::Number, "status code; 200 where absent"),
                    takes("headers", Accepts::Table, "header fields"),
                    takes("body", Accepts::Any, "content, as canonical bytes"),
                    takes("json", Accepts::Table, "content as JSON"),
                ],
                result: None,
                fields: &[
                    MessageField { name: "status", kind: ArtifactKind::Number, summary: "status code" },
                    BODY,
                    TEXT,
                    TOKEN,
                    JSON,
                    HEADER,
                ],
            }
        }
    }

    fn encode(&self, acting: &mut Acting<'_>) -> Result<Message, Refused> {
        let (mut headers, body) = content(acting)?;
        let status = u16::try_from(acting.args.number("status", 200))
            .map_err(|_| Refused::malformed("the status code is out of range"))?;
        headers.extend(acting.args.table_texts("headers"));
        let response = Response::new(status, headers, body);
        let label = format!("{status} {}", response.reason);
        Ok(Message { label, layer: response.encode()?.into_layer("HTTP response") })
    }

    fn decode(&self, bytes: &[u8], _: &Layout) -> Result<Members, String> {
        let response = Response::decode(bytes).map_err(|malformed| malformed.message)?;
        let mut members = content_members(&response.headers, &response.body);
        members.insert("status".to_owned(), Value::Number(response.status.into()));
        Ok(members)
    }
}

type Content = (Vec<(String, String)>, Vec<u8>);

fn content(acting: &Acting<'_>) -> Result<Content, Refused> {
    let args = &acting.args;
    match (args.find("json"), args.find("body")) {
        (Some(_), Some(_)) => Err(Refused::malformed("a message has `body` or `json`, not both")),
        (Some(json), None) => {
            let named = args.table_texts("headers").keys().any(|name| name.eq_ignore_ascii_case("content-type"));
            let header = ("Content-Type".to_owned(), "application/json".to_owned());
            Ok((if named { Vec::new() } else { vec![header] }, json.json().to_string().into_bytes()))
        }
        (None, Some(Arg::Value(value))) => Ok((Vec::new(), value.canonical())),
        (None, _) => Ok((Vec::new(), Vec::new())),
    }
}

fn content_members(headers: &[(String, String)], body: &[u8]) -> Members {
    let mut members = Members::new();
    for (name, value) in headers {
        // Names are compared without case (RFC 9110, section 5.1); both writings can be bound.
        members.insert(format!("header.{}", name.to_lowercase()), Value::Text(value.clone()));
        members.insert(format!("header.{name}"), Value::Text(value.clone()));
    }
    members.insert("body".to_owned(), Value::Bytes(body.to_vec()));
    if let Ok(text) = std::str::from_utf8(body) {
        members.insert("text".to_owned(), Value::Text(text.to_owned()));
        members.insert("token".to_owned(), Value::Token(text.to_owned()));
    }
    members.extend(json_members(body));
    members
}

/// The members of content in JSON, as `json.name`; none where it is not JSON.
pub fn json_members(body: &[u8]) -> Members {
    let Ok(json @ serde_json::Value::Object(_)) = serde_json::from_slice(body) else { return Members::new() };
    let mut members = Members::new();
    flatten("json", &from_json(&json), &mut members);
    members
}

/// Numbers come as text, so that the kind of a field does not depend on what was sent.
fn flatten(path: &str, value: &Value, into: &mut Members) {
    match value {
        // Names of names of names: their lengths together grow with the square of what was sent.
        _ if path.len() > MAX_PATH => {}
        Value::Members(members) => {
            for (name, value) in members {
                flatten(&format!("{path}.{name}"), value, into);
            }
        }
        other => drop(into.insert(path.to_owned(), Value::Text(other.text().unwrap_or_default()))),
    }
}
