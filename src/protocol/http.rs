//! HTTP/1.1 messages (RFC 9110, RFC 9112), without transfer codings.

use super::writer::{Writer, shown};
use super::{Encoded, Malformed, count_bytes, ensure};
use crate::annotation::LONGEST_PLAIN;

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Method, upper case.
    pub method: String,
    /// Request target: path and query.
    pub target: String,
    /// Header fields in order; encoding adds what is missing and leaves the rest as it is.
    pub headers: Vec<(String, String)>,
    /// Content.
    pub body: Vec<u8>,
}

impl Request {
    /// Writes the request; `Host` and `Content-Length` are added where absent (RFC 9112, sections 3.2 and 6.3).
    pub fn encode(&self, host: &str) -> Result<Encoded, Malformed> {
        ensure(is_token(&self.method), || format!("`{}` is not a method", shown(self.method.as_bytes())))?;
        let is_target = !self.target.is_empty() && self.target.bytes().all(|byte| byte.is_ascii_graphic());
        ensure(is_target, || format!("`{}` is not a request target", shown(self.target.as_bytes())))?;
        let mut headers = Vec::new();
        if find(&self.headers, "Host").is_none() {
            // RFC 9110, section 7.2: it goes first, so that a proxy can route before it has read the rest.
            headers.push(("Host", host));
        }
        headers.extend(self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let length = self.body.len().to_string();
        // RFC 9110, section 8.6: a method that anticipates content says that there is none.
        let anticipates = matches!(self.method.as_str(), "PATCH" | "POST" | "PUT") || !self.body.is_empty();
        if anticipates && find(&self.headers, "Content-Length").is_none() {
            headers.push(("Content-Length", &length));
        }
        let mut writer = Writer::default();
        writer.text("method", &self.method);
        writer.field("SP", b" ", "separates method and target");
        writer.text("request-target", &self.target);
        writer.field("SP", b" ", "separates target and version");
        writer.text("HTTP-version", VERSION);
        write_rest(writer, &headers, &self.body)
    }

    /// Reads a whole request and nothing after it.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut storage = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut request = httparse::Request::new(&mut storage);
        let head = head_length(request.parse(bytes))?;
        check_version(request.version)?;
        let headers = owned(request.headers)?;
        // RFC 9112, section 3.2: without exactly one `Host`, a server answers 400.
        let hosts = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("Host")).count();
        ensure(hosts == 1, || format!("`Host` is there {hosts} times, not once"))?;
        let body = content(&headers, &bytes[head..], content_length(&headers)?.unwrap_or(0))?;
        let (Some(method), Some(target)) = (request.method, request.path) else {
            return Err(Malformed::new("the request line is not complete"));
        };
        Ok(Self { method: method.to_owned(), target: target.to_owned(), headers, body })
    }

    /// The value of the header field `name`, which is compared without case; the first where there are several.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// The token of `Authorization: Bearer …` (RFC 6750, section 2.1).
    pub fn bearer_token(&self) -> Option<&str> {
        let (scheme, token) = self.header("Authorization")?.split_once(' ')?;
        let token = token.trim_start();
        (scheme.eq_ignore_ascii_case("Bearer") && !token.is_empty()).then_some(token)
    }
}

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Status code, three digits.
    pub status: u16,
    /// Reason phrase; may be empty.
    pub reason: String,
    /// Header fields in order; encoding adds what is missing and leaves the rest as it is.
    pub headers: Vec<(String, String)>,
    /// Content.
    pub body: Vec<u8>,
}

impl Response {
    /// A response with the reason phrase of RFC 9110.
    pub fn new(status: u16, headers: Vec<(String, String)>, body: Vec<u8>) -> Self {
        Self { status, reason: reason_phrase(status).to_owned(), headers, body }
    }

    /// Writes the response; `Content-Length` is added where it is absent and allowed.
    pub fn encode(&self) -> Result<Encoded, Malformed> {
        let is_status = (100..=999).contains(&self.status);
        ensure(is_status, || format!("`{}` is not a status code of three digits", self.status))?;
        check_value("reason-phrase", &self.reason)?;
        let mut headers: Vec<_> = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let length = self.body.len().to_string();
        if has_no_content(self.status) {
            ensure(self.body.is_empty(), || format!("a response with status {} has no content", self.status))?;
        } else if find(&self.headers, "Content-Length").is_none() {
            headers.push(("Content-Length", &length));
        }
        let mut writer = Writer::default();
        writer.text("HTTP-version", VERSION);
        writer.field("SP", b" ", "separates version and status");
        writer.text("status-code", &self.status.to_string());
        writer.field("SP", b" ", "separates status and reason");
        writer.text("reason-phrase", &self.reason);
        write_rest(writer, &headers, &self.body)
    }

    /// Reads a whole response and nothing after it.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut storage = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut response = httparse::Response::new(&mut storage);
        let head = head_length(response.parse(bytes))?;
        check_version(response.version)?;
        let headers = owned(response.headers)?;
        let status = response.code.ok_or_else(|| Malformed::new("the status line is not complete"))?;
        ensure((100..=999).contains(&status), || format!("`{status}` is not a status code of three digits"))?;
        let rest = &bytes[head..];
        // RFC 9112, section 6.3: no content whatever the fields say, else the length, else up to the connection's end.
        let length = if has_no_content(status) { 0 } else { content_length(&headers)?.unwrap_or(rest.len()) };
        let body = content(&headers, rest, length)?;
        Ok(Self { status, reason: response.reason.unwrap_or_default().to_owned(), headers, body })
    }

    /// The value of the header field `name`, which is compared without case; the first where there are several.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }
}

/// The reason phrase of a status code (RFC 9110, section 15); empty where it is not defined there.
#[must_use]
pub fn reason_phrase(status: u16) -> &'static str {
    REASON_PHRASES.iter().find(|(code, _)| *code == status).map_or("", |(_, phrase)| phrase)
}

fn write_rest(mut writer: Writer, headers: &[(&str, &str)], body: &[u8]) -> Result<Encoded, Malformed> {
    writer.field("CRLF", b"\r\n", "ends the start line");
    for (name, value) in headers {
        ensure(is_token(name), || format!("`{}` is not the name of a header field", shown(name.as_bytes())))?;
        check_value(name, value)?;
        ensure(!name.eq_ignore_ascii_case("Transfer-Encoding"), || NO_CODINGS.to_owned())?;
        write_header(&mut writer, name, value);
    }
    writer.field("CRLF", b"\r\n", "ends the header fields");
    writer.opaque("content", body);
    Ok(writer.finish())
}

/// One header field; a long value is a field of its own, since it may have a structure.
fn write_header(writer: &mut Writer, name: &str, value: &str) {
    if value.len() <= LONGEST_PLAIN {
        return writer.field(name, format!("{name}: {value}\r\n").as_bytes(), value);
    }
    writer.within(name, "", |writer| {
        writer.field("field-name", format!("{name}: ").as_bytes(), name);
        // RFC 9110, section 11.4: a scheme, then what it defines.
        match value.split_once(' ') {
            Some((scheme @ ("Basic" | "Bearer"), credentials)) => {
                writer.field("auth-scheme", format!("{scheme} ").as_bytes(), scheme);
                writer.text("credentials", credentials);
            }
            Some(_) | None => writer.text("field-value", value),
        }
        writer.field("CRLF", b"\r\n", "ends the header field");
    });
}

fn head_length(parsed: httparse::Result<usize>) -> Result<usize, Malformed> {
    match parsed {
        Ok(httparse::Status::Complete(length)) => Ok(length),
        Ok(httparse::Status::Partial) => Err(Malformed::new("the header fields do not end with an empty line")),
        Err(error) => Err(Malformed::new(error.to_string())),
    }
}

fn check_version(minor: Option<u8>) -> Result<(), Malformed> {
    ensure(minor == Some(1), || format!("the version is not `{VERSION}`"))
}

fn owned(headers: &[httparse::Header<'_>]) -> Result<Vec<(String, String)>, Malformed> {
    let one = |header: &httparse::Header<'_>| {
        let value = std::str::from_utf8(header.value).map_err(|_| Malformed::new("not UTF-8").inside(header.name))?;
        Ok((header.name.to_owned(), value.to_owned()))
    };
    headers.iter().map(one).collect()
}

fn content(headers: &[(String, String)], rest: &[u8], length: usize) -> Result<Vec<u8>, Malformed> {
    ensure(find(headers, "Transfer-Encoding").is_none(), || NO_CODINGS.to_owned())?;
    ensure(rest.len() == length, || format!("the content has {}, not {length}", count_bytes(rest.len())))?;
    Ok(rest.to_vec())
}

fn content_length(headers: &[(String, String)]) -> Result<Option<usize>, Malformed> {
    let mut values = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("Content-Length"));
    let Some((_, value)) = values.next() else { return Ok(None) };
    // Two lengths let two readers see two different messages (RFC 9112, section 11.2).
    ensure(values.next().is_none(), || "`Content-Length` is there more than once".to_owned())?;
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let length = if is_number { value.parse().ok() } else { None };
    length.map(Some).ok_or_else(|| Malformed::new(format!("`Content-Length: {value}` is not a length")))
}

fn find<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// A token (RFC 9110, section 5.6.2).
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// A line break in a value would begin another header field (RFC 9110, section 5.5).
fn check_value(name: &str, value: &str) -> Result<(), Malformed> {
    let fits = |c: char| c == '\t' || !c.is_control();
    ensure(value.chars().all(fits), || format!("`{name}` has a control character"))?;
    ensure(value.trim_matches([' ', '\t']) == value, || format!("`{name}` begins or ends with white space"))
}

/// Whether a response never has content (RFC 9110, sections 15.2, 15.3.5 and 15.4.5).
fn has_no_content(status: u16) -> bool {
    status < 200 || status == 204 || status == 304
}

const VERSION: &str = "HTTP/1.1";
const MOST_HEADERS: usize = 64;
const NO_CODINGS: &str = "`Transfer-Encoding` is not supported";

const REASON_PHRASES: [(u16, &str); 31] = [
    (100, "Continue"),
    (101, "Switching Protocols"),
    (200, "OK"),
    (201, "Created"),
    (202, "Accepted"),
    (204, "No Content"),
    (206, "Partial Content"),
    (301, "Moved Permanently"),
    (302, "Found"),
    (303, "See Other"),
    (304, "Not Modified"),
    (307, "Temporary Redirect"),
    (308, "Permanent Redirect"),
    (400, "Bad Request"),
    (401, "Unauthorized"),
    (403, "Forbidden"),
    (404, "Not Found"),
    (405, "Method Not Allowed"),
    (406, "Not Acceptable"),
    (408, "Request Timeout"),
    (409, "Conflict"),
    (410, "Gone"),
    (411, "Length Required"),
    (412, "Precondition Failed"),
    (413, "Content Too Large"),
    (415, "Unsupported Media Type"),
    (422, "Unprocessable Content"),
    (500, "Internal Server Error"),
    (501, "Not Implemented"),
    (502, "Bad Gateway"),
    (503, "Service Unavailable"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::testing::explained;
    use proptest::prelude::*;

    fn enrol() -> Request {
        Request {
            method: "POST".to_owned(),
            target: "/.well-known/est/simpleenroll".to_owned(),
            headers: vec![("Content-Type".to_owned(), "application/pkcs10".to_owned())],
            body: b"MIIB".to_vec(),
        }
    }

    #[test]
    fn a_request_gets_host_and_length() {
        let bytes = explained(enrol().encode("est.example").unwrap());
        assert_eq!(
            std::str::from_utf8(&bytes).unwrap(),
            "POST /.well-known/est/simpleenroll HTTP/1.1\r\nHost: est.example\r\n\
             Content-Type: application/pkcs10\r\nContent-Length: 4\r\n\r\nMIIB"
        );
        let request = Request::decode(&bytes).unwrap();
        assert_eq!(request.header("content-type"), Some("application/pkcs10"));
        assert_eq!(request.body, b"MIIB");
        assert_eq!(request.encode("elsewhere.example").unwrap().bytes, bytes, "what is there is not added again");
    }

    #[test]
    fn a_response_gets_a_length_where_it_may_have_one() {
        let bytes =
            explained(Response::new(202, vec![("Retry-After".to_owned(), "3".to_owned())], vec![]).encode().unwrap());
        assert_eq!(bytes, b"HTTP/1.1 202 Accepted\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(Response::decode(&bytes).unwrap().header("retry-after"), Some("3"));
        let bytes = Response::new(204, vec![], vec![]).encode().unwrap().bytes;
        assert_eq!(bytes, b"HTTP/1.1 204 No Content\r\n\r\n");
        assert!(Response::new(204, vec![], vec![1]).encode().is_err());
        let bytes = Response { reason: String::new(), ..Response::new(200, vec![], vec![9]) }.encode().unwrap().bytes;
        assert_eq!(Response::decode(&bytes).unwrap().reason, "");
        assert_eq!(Response::decode(b"HTTP/1.1 200 OK\r\n\r\nall the rest").unwrap().body, b"all the rest");
    }

    #[test]
    fn a_value_cannot_bring_a_header_field_of_its_own() {
        let mut request = enrol();
        request.headers[0].1 = "x\r\nAuthorization: Bearer stolen".to_owned();
        assert_eq!(request.encode("h").unwrap_err().message, "`Content-Type` has a control character");
        let request = Request { target: "/a b".to_owned(), ..enrol() };
        assert_eq!(request.encode("h").unwrap_err().message, "`/a b` is not a request target");
        let request = Request { method: "GET\r\n".to_owned(), ..enrol() };
        assert!(request.encode("h").unwrap_err().message.ends_with("is not a method"));
        assert_eq!(enrol().encode("h ").unwrap_err().message, "`Host` begins or ends with white space");
    }

    #[test]
    fn a_request_is_refused_for_the_stated_reason() {
        let refused = |text: &str| Request::decode(text.as_bytes()).unwrap_err().message;
        assert_eq!(refused("GET / HTTP/1.1\r\nHost: h\r\n"), "the header fields do not end with an empty line");
        assert_eq!(refused("GET / HTTP/1.0\r\nHost: h\r\n\r\n"), "the version is not `HTTP/1.1`");
        assert_eq!(refused("GET / HTTP/1.1\r\n\r\n"), "`Host` is there 0 times, not once");
        assert_eq!(refused("GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n"), "`Host` is there 2 times, not once");
        assert_eq!(refused("GET / HTTP/1.1\r\nHost: h\r\n\r\nx"), "the content has 1 byte, not 0");
        assert_eq!(refused("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nx"), "the content has 1 byte, not 4");
        assert_eq!(
            refused("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\nx"),
            "`Content-Length: +1` is not a length"
        );
        assert_eq!(
            refused("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx"),
            "`Content-Length` is there more than once"
        );
        assert_eq!(
            refused("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"),
            "`Transfer-Encoding` is not supported"
        );
        assert_eq!(refused("GE\u{7f}T / HTTP/1.1\r\n\r\n"), "invalid token");
    }

    #[test]
    fn the_scheme_of_a_bearer_token_has_no_case() {
        let mut request = enrol();
        assert_eq!(request.bearer_token(), None);
        request.headers.push(("authorization".to_owned(), "bearer abc".to_owned()));
        assert_eq!(request.bearer_token(), Some("abc"));
        request.headers[1].1 = "Basic abc".to_owned();
        assert_eq!(request.bearer_token(), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_decoders_panic(bytes: Vec<u8>) {
            let _ = (Request::decode(&bytes), Response::decode(&bytes));
            let after_line = [b"GET / HTTP/1.1\r\n".as_slice(), &bytes].concat();
            let _ = Request::decode(&after_line);
        }

        #[test]
        fn what_is_encoded_is_decoded(target in "/[!-~]{0,20}", value in "[!-~]([ -~]*[!-~])?", body: Vec<u8>) {
            let headers = vec![("X-Value".to_owned(), value.clone())];
            let request = Request { method: "PUT".to_owned(), target: target.clone(), headers, body: body.clone() };
            let decoded = Request::decode(&explained(request.encode("h").unwrap())).unwrap();
            prop_assert_eq!(decoded.header("x-value"), Some(value.as_str()));
            prop_assert_eq!((decoded.target, decoded.body), (target, body));
        }
    }
}
