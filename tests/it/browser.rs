//! Headless Chromium, driven over the `WebDriver` protocol.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

/// A browser that is closed when it is dropped.
pub(crate) struct Browser {
    driver: Child,
    port: u16,
    session: String,
    _profile: tempfile::TempDir,
}

const FLAGS: [&str; 8] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--allow-file-access-from-files",
];

impl Browser {
    pub(crate) fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed: `bash .ci/test` installs it");
        let profile = tempfile::tempdir().unwrap();
        let mut arguments: Vec<String> = FLAGS.iter().map(|flag| (*flag).to_owned()).collect();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        let mut browser = Self { driver, port, session: String::new(), _profile: profile };
        browser.wait_for_driver();
        let capabilities = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        } } });
        let value = browser.ask("POST", "/session", Some(&capabilities));
        browser.session = format!("/session/{}", value["sessionId"].as_str().unwrap());
        browser
    }

    /// Shows pages as on a phone of this width, in pixels, from now on.
    pub(crate) fn become_phone(&self, width: u32) {
        let metrics = json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": true });
        self.tell("Emulation.setDeviceMetricsOverride", &metrics);
    }

    /// The same while `look` looks.
    pub(crate) fn as_phone<T>(&self, width: u32, look: impl FnOnce() -> T) -> T {
        self.become_phone(width);
        let seen = look();
        self.tell("Emulation.clearDeviceMetricsOverride", &json!({}));
        seen
    }

    /// Runs no script of a page while `look` looks.
    pub(crate) fn without_scripts<T>(&self, look: impl FnOnce() -> T) -> T {
        self.tell("Emulation.setScriptExecutionDisabled", &json!({ "value": true }));
        let seen = look();
        self.tell("Emulation.setScriptExecutionDisabled", &json!({ "value": false }));
        seen
    }

    /// Prefers the dark theme, or the light one.
    pub(crate) fn become_dark(&self, is_dark: bool) {
        let value = if is_dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.tell("Emulation.setEmulatedMedia", &features);
    }

    /// Tells the browser something that only its own protocol knows.
    fn tell(&self, command: &str, parameters: &Value) {
        self.ask_session("POST", "/goog/cdp/execute", Some(&json!({ "cmd": command, "params": parameters })));
    }

    /// How wide the page is that was opened, in pixels.
    pub(crate) fn page_width(&self) -> u64 {
        self.evaluate("return document.documentElement.scrollWidth").as_u64().unwrap()
    }

    /// Opens the page and returns what the browser logs about it: errors of scripts and failed requests.
    pub(crate) fn complaints_of(&self, page: &Path) -> Vec<Value> {
        self.open(&format!("file://{}", page.display()));
        self.complaints()
    }

    /// Opens the page at this address.
    pub(crate) fn open(&self, address: &str) {
        self.ask_session("POST", "/url", Some(&json!({ "url": address })));
    }

    /// What the browser has logged since it was last asked.
    pub(crate) fn complaints(&self) -> Vec<Value> {
        let log = self.ask_session("POST", "/se/log", Some(&json!({ "type": "browser" })));
        log.as_array().unwrap().clone()
    }

    /// The visible text of the page's main part, or of all of it where it has none, and its headings.
    pub(crate) fn text_and_headings(&self) -> (String, Vec<String>) {
        let found = self.evaluate(
            "const main = document.querySelector('main') ?? document.body;
             return [main.innerText, [...main.querySelectorAll('h1, h2, h3')].map(heading => heading.innerText)]",
        );
        let headings = found[1].as_array().unwrap().iter().map(|heading| heading.as_str().unwrap().to_owned());
        (found[0].as_str().unwrap().to_owned(), headings.collect())
    }

    /// Types into the element that `selector` finds first.
    pub(crate) fn type_into(&self, selector: &str, keys: &str) {
        let element = &self.find_all(selector)[0];
        self.ask_session("POST", &format!("/element/{element}/value"), Some(&json!({ "text": keys })));
    }

    /// Clicks the element that `selector` finds first.
    pub(crate) fn click(&self, selector: &str) {
        let element = &self.find_all(selector)[0];
        self.ask_session("POST", &format!("/element/{element}/click"), Some(&json!({})));
    }

    /// The visible texts of what `selector` finds.
    pub(crate) fn texts(&self, selector: &str) -> Vec<String> {
        self.find_all(selector).iter().map(|element| self.text_of(element)).collect()
    }

    /// What a script returns.
    pub(crate) fn evaluate(&self, script: &str) -> Value {
        self.ask_session("POST", "/execute/sync", Some(&json!({ "script": script, "args": [] })))
    }

    /// What a script hands over later, to the function that is its last argument.
    pub(crate) fn evaluate_later(&self, script: &str) -> Value {
        self.ask_session("POST", "/execute/async", Some(&json!({ "script": script, "args": [] })))
    }

    fn find_all(&self, selector: &str) -> Vec<String> {
        let query = json!({ "using": "css selector", "value": selector });
        let found = self.ask_session("POST", "/elements", Some(&query));
        let ids = found.as_array().unwrap().iter().map(|element| element.as_object().unwrap().values().next().unwrap());
        ids.map(|id| id.as_str().unwrap().to_owned()).collect()
    }

    fn text_of(&self, element: &str) -> String {
        self.ask_session("GET", &format!("/element/{element}/text"), None).as_str().unwrap().to_owned()
    }

    fn wait_for_driver(&self) {
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("chromedriver does not listen");
    }

    fn ask_session(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        self.ask(method, &format!("{}{path}", self.session), body)
    }

    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut answer = vec![0; length];
        reader.read_exact(&mut answer).unwrap();
        let mut answer: Value = serde_json::from_slice(&answer).unwrap();
        let value = answer["value"].take();
        assert!(value.get("error").is_none(), "{method} {path}: {value}");
        value
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() && !std::thread::panicking() {
            self.ask_session("DELETE", "", None);
        }
        drop(self.driver.kill());
        drop(self.driver.wait());
    }
}
