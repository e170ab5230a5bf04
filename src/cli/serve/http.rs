//! Answers to a browser on this machine.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HOST, LOCATION};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use tokio::net::TcpListener;
use tokio::sync::mpsc::UnboundedReceiver;

use super::live::{Live, Told, shared};
use super::site::{Found, Site, digest, is_page, page};
use crate::export::html::prose::escape;

/// The script that a served page has and a published one has not.
const SCRIPT: &str = include_str!("live.js");
/// Where it is. No version has a name that begins with a dot.
const SCRIPT_PATH: &str = ".trustlane/live.js";
/// Where pages hear of changes.
const EVENTS_PATH: &str = ".trustlane/events";
/// How long to wait when no connection can be taken, because too many are open.
const PAUSE: Duration = Duration::from_millis(100);

/// Answers whoever connects.
pub(super) async fn answer_all(listener: TcpListener, live: Arc<Live>) -> Infallible {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let live = Arc::clone(&live);
        let service = service_fn(move |request: Request<Incoming>| {
            let answer = answer(&live, &request);
            async move { Ok::<_, Infallible>(answer) }
        });
        // A browser that hangs up is no fault.
        tokio::spawn(async move { drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await) });
    }
}

/// What an answer carries.
#[derive(Debug)]
enum Payload {
    /// All of it, until it is sent.
    Whole(Option<Bytes>),
    /// Events, as they come.
    Events(UnboundedReceiver<Bytes>),
}

impl Body for Payload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take()),
            Self::Events(events) => events.poll_recv(context),
        };
        next.map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Events(_) => SizeHint::default(),
        }
    }
}

type Answer = Response<Payload>;

fn answer<B>(live: &Live, request: &Request<B>) -> Answer {
    if !is_local(request.headers()) {
        return plain(StatusCode::FORBIDDEN, "This server answers to `localhost` and `127.0.0.1` only.\n");
    }
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        let answer = plain(StatusCode::METHOD_NOT_ALLOWED, "Pages are read, and nothing else.\n");
        return with(answer, ALLOW, "GET, HEAD");
    }
    let path = request.uri().path();
    let Ok(path) = percent_decode_str(path.strip_prefix('/').unwrap_or(path)).decode_utf8() else {
        return plain(StatusCode::NOT_FOUND, "An address is written in UTF-8.\n");
    };
    match &*path {
        SCRIPT_PATH => whole(StatusCode::OK, content_type(SCRIPT_PATH), SCRIPT),
        EVENTS_PATH => events(live, request.uri()),
        path => at(live, path, request.uri()),
    }
}

/// A page of another origin may have its name lead here and then read our answers as its own, so only names that are
/// always this machine's are answered.
fn is_local(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let Ok(host) = host.to_str() else { return false };
    let (name, port) = host.rsplit_once(':').filter(|(name, _)| !name.ends_with(':')).unwrap_or((host, ""));
    port.bytes().all(|byte| byte.is_ascii_digit()) && ["127.0.0.1", "localhost"].contains(&&*name.to_lowercase())
}

/// The news for the page that asks.
fn events(live: &Live, uri: &Uri) -> Answer {
    let asked = uri.query().unwrap_or_default().strip_prefix("page=").unwrap_or_default();
    let path = percent_decode_str(asked).decode_utf8_lossy();
    answer_with(StatusCode::OK, "text/event-stream", Payload::Events(live.listen(&path)))
}

/// What is at `path`.
fn at(live: &Live, path: &str, uri: &Uri) -> Answer {
    let (site, told) = live.now();
    let shared = shared(site.as_deref(), &told);
    let script = |digest: &str| script(&page(path), digest, &shared);
    let Some(site) = site else {
        return whole(StatusCode::SERVICE_UNAVAILABLE, HTML, waiting(&told, &script("")));
    };
    match site.find(path) {
        Found::File(path, bytes) if is_page(path) => {
            whole(StatusCode::OK, HTML, with_script(bytes, &script(&digest(bytes))))
        }
        Found::File(path, bytes) => whole(StatusCode::OK, content_type(path), bytes.clone()),
        Found::Folder => {
            let answer = plain(StatusCode::FOUND, "This is a folder.\n");
            with(answer, LOCATION, &format!("/{}/", uri.path().trim_matches('/')))
        }
        Found::Nothing => whole(StatusCode::NOT_FOUND, HTML, missing(&site, &script(""))),
    }
}

/// What is shown where nothing is.
fn missing(site: &Site, script: &str) -> Bytes {
    const BODY: &str = "<p>No page has this address. <a href=\"/\">The beginning of the book</a></p>";
    site.missing().map_or_else(|| small_page("Nothing is here", BODY, script).into(), |page| with_script(page, script))
}

/// What is shown before the first site.
fn waiting(told: &Told, script: &str) -> String {
    if told.text.is_empty() {
        return small_page("The site is being built", "<p>It is shown here as soon as it is there.</p>", script);
    }
    let text = escape(&told.text);
    small_page(
        "The project has mistakes",
        &format!("<p>The site is shown here as soon as they are mended.</p>\n<pre>{text}</pre>"),
        script,
    )
}

/// A page of our own.
fn small_page(title: &str, body: &str, script: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n{script}</head>\n\
         <body style=\"font:16px/1.6 system-ui,sans-serif;max-width:60rem;margin:4rem auto;padding:0 1.5rem\">\n\
         <main>\n<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )
}

/// The element that keeps the page at `path` what it is; it knows of which build the page is.
fn script(path: &str, digest: &str, shared: &str) -> String {
    let path = escape(path);
    format!(
        "<script src=\"/{SCRIPT_PATH}\" data-page=\"{path}\" data-digest=\"{digest}\" data-shared=\"{shared}\"></script>\n"
    )
}

/// The page with `script` at the end of its head, or at its own where a template has none.
fn with_script(page: &[u8], script: &str) -> Bytes {
    const END: &[u8] = b"</head>";
    let at = page.windows(END.len()).position(|window| window == END).unwrap_or(page.len());
    [&page[..at], script.as_bytes(), &page[at..]].concat().into()
}

const HTML: &str = "text/html; charset=utf-8";

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "css" => "text/css; charset=utf-8",
        "html" => HTML,
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "jsonl" | "log" | "md" | "mmd" | "pem" | "toml" | "txt" => "text/plain; charset=utf-8",
        "pdf" => "application/pdf",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "ttf" => "font/ttf",
        "woff2" => "font/woff2",
        "xml" => "application/xml",
        _ => "application/octet-stream",
    }
}

fn plain(status: StatusCode, text: &'static str) -> Answer {
    whole(status, "text/plain; charset=utf-8", text)
}

fn whole(status: StatusCode, content_type: &'static str, bytes: impl Into<Bytes>) -> Answer {
    answer_with(status, content_type, Payload::Whole(Some(bytes.into())))
}

fn answer_with(status: StatusCode, content_type: &'static str, payload: Payload) -> Answer {
    let mut answer = Response::new(payload);
    *answer.status_mut() = status;
    let answer = with(answer, CONTENT_TYPE, content_type);
    // The next build may have other bytes at the same address.
    let answer = with(answer, CACHE_CONTROL, "no-cache");
    let answer = with(answer, "x-content-type-options", "nosniff");
    // Pages of other origins cannot load what is served as their own pictures and scripts.
    with(answer, "cross-origin-resource-policy", "same-origin")
}

/// The answer with a header more.
fn with(mut answer: Answer, name: impl hyper::header::IntoHeaderName, value: &str) -> Answer {
    if let Ok(value) = value.parse() {
        answer.headers_mut().insert(name, value);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::Output;

    #[test]
    fn only_names_of_this_machine_are_answered() {
        let is_local = |hosts: &[&str]| {
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(HOST, host.parse().unwrap());
            }
            is_local(&headers)
        };
        for host in ["localhost", "localhost:3000", "127.0.0.1:3000", "LOCALHOST:1"] {
            assert!(is_local(&[host]), "{host}");
        }
        let foreign = ["", "evil.example", "localhost.evil.example", "evil.example:80", "127.0.0.1.evil.example:3000"];
        for host in foreign.iter().chain(&["localhost:x", "localhost:1:2", "0.0.0.0:3000", "[::1]:3000"]) {
            assert!(!is_local(&[host]), "{host}");
        }
        assert!(!is_local(&[]) && !is_local(&["localhost", "localhost"]));
    }

    #[test]
    fn the_script_is_the_last_of_the_head() {
        let page = with_script(b"<head><title>t</title></head><body></head>", "<s>");
        assert_eq!(page, "<head><title>t</title><s></head><body></head>");
        assert_eq!(with_script(b"no head", "<s>"), "no head<s>");
        assert!(script("1/\"><b>.html", "d", "s").contains("data-page=\"1/&quot;&gt;&lt;b&gt;.html\""));
    }
    #[test]
    fn what_is_missing_is_told_by_the_book_where_it_can() {
        let told = |files: Vec<Output>| {
            let live = Live::default();
            live.publish(Site::new("1", files), Told::default());
            let request = Request::get("/1/nowhere.html").header(HOST, "localhost").body(()).unwrap();
            let answer = answer(&live, &request);
            let Payload::Whole(Some(bytes)) = answer.body() else { panic!("{answer:?}") };
            (answer.status(), String::from_utf8(bytes.to_vec()).unwrap())
        };
        let (status, own) = told(vec![]);
        assert!(status == StatusCode::NOT_FOUND && own.contains("No page has this address"), "{own}");
        let (status, book) = told(vec![Output::new("1/404.html", "<head></head>our own")]);
        assert!(status == StatusCode::NOT_FOUND && book.ends_with("</script>\n</head>our own"), "{book}");
        assert!(book.contains("data-page=\"1/nowhere.html\" data-digest=\"\""), "{book}");
    }
}
