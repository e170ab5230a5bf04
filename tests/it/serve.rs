//! `trustlane serve`: what a browser gets, hears and keeps while an author saves files.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::browser::Browser;

/// No answer takes so long; a test waits for what it expects, and for this only where it has failed.
const BOUND: Duration = Duration::from_mins(2);
const HOME: &str = "0.1/index.html";
const METHOD: &str = "0.1/methods/first-method.html";
const CHAPTER: &str = "content/index.md";
const MISTAKE: &str = "\n[nowhere](no-such-chapter.md) & <b>so</b>\n";

fn trustlane(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trustlane"));
    command.args(arguments);
    command
}

fn done(arguments: &[&str]) -> Output {
    trustlane(arguments).output().unwrap()
}

/// A project as `init` begins it.
struct Project(tempfile::TempDir);

impl Project {
    fn new() -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        assert!(done(&["init", project.path()]).status.success());
        project
    }

    fn path(&self) -> &str {
        self.0.path().to_str().unwrap()
    }

    /// Saves a file at one stroke, as editors do: no reader meets half of it.
    fn write(&self, path: &str, text: &str) {
        let file = self.0.path().join(path);
        let unfinished = file.with_file_name(".saving.tmp");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&unfinished, text).unwrap();
        fs::rename(unfinished, file).unwrap();
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.0.path().join(path)).unwrap()
    }

    fn append(&self, path: &str, text: &str) {
        self.write(path, &format!("{}{text}", self.text(path)));
    }

    fn serve(&self) -> Server {
        Server::start(self.path())
    }
}

/// Every file below `root` with its bytes.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let walked = walkdir::WalkDir::new(root).into_iter().map(|entry| entry.unwrap().into_path());
    let files = walked.filter(|path| path.is_file());
    files.map(|file| (file.strip_prefix(root).unwrap().display().to_string(), fs::read(&file).unwrap())).collect()
}

/// A server that ends when it is dropped.
struct Server {
    process: Child,
    said: BufReader<ChildStdout>,
    port: u16,
}

struct Answer {
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// The text without the script that only a served page has.
    fn published(&self) -> String {
        let text = self.text();
        let (before, rest) = text.split_once("<script src=\"/.trustlane/live.js\"").expect("a served page has it");
        format!("{before}{}", rest.split_once("</script>\n").unwrap().1)
    }
}

impl Server {
    fn start(project: &str) -> Self {
        let mut process =
            trustlane(&["serve", project, "--port", "0"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut said = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        let port = line.strip_prefix("http://127.0.0.1:").and_then(|rest| rest.split('/').next());
        let port = port.unwrap_or_else(|| panic!("no address: {line}")).parse().unwrap();
        Self { process, said, port }
    }

    /// The next line that it prints.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        line
    }

    fn ask(&self, method: &str, path: &str, host: &str) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(BOUND)).unwrap();
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
        stream
    }

    fn answer(&self, method: &str, path: &str, host: &str) -> Answer {
        let mut bytes = Vec::new();
        self.ask(method, path, host).read_to_end(&mut bytes).unwrap();
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        Answer { head: String::from_utf8(bytes[..end].to_vec()).unwrap(), body: bytes[end + 4..].to_vec() }
    }

    fn get(&self, path: &str) -> Answer {
        self.answer("GET", path, &format!("localhost:{}", self.port))
    }

    fn page(&self, path: &str) -> Answer {
        self.get(&format!("/{path}"))
    }

    /// What somebody hears who looks at `page`, what is now first.
    fn listen(&self, page: &str) -> News {
        let stream = self.ask("GET", &format!("/.trustlane/events?page={page}"), "127.0.0.1");
        News(BufReader::new(stream))
    }

    /// The news of somebody who looks at `page`, from the first good build on.
    fn listen_when_built(&self, page: &str) -> News {
        let mut news = self.listen(page);
        news.next();
        while self.page(page).status() == 503 {
            news.next();
        }
        // What was said before is another listener's.
        let mut news = self.listen(page);
        news.next();
        news
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

struct News(BufReader<TcpStream>);

impl News {
    fn next(&mut self) -> Value {
        loop {
            let mut line = String::new();
            assert_ne!(self.0.read_line(&mut line).unwrap(), 0, "the server has hung up");
            if let Some(news) = line.strip_prefix("data: ") {
                return serde_json::from_str(news).unwrap();
            }
        }
    }
}

#[test]
fn pages_are_served_as_they_would_be_written_and_nothing_is_written() {
    let project = Project::new();
    let before = files(project.0.path());
    let out = tempfile::tempdir().unwrap();
    assert!(done(&["build", project.path(), "-o", out.path().to_str().unwrap()]).status.success());
    let server = project.serve();
    server.listen_when_built(HOME);
    let written = files(out.path());
    assert!(written.contains_key(METHOD) && written.contains_key("versions.json"));
    for (path, bytes) in &written {
        let answer = server.page(path);
        assert_eq!(answer.status(), 200, "{path}");
        if path.ends_with("404.html") {
            // It answers for addresses of any depth, so its links begin at the root.
            continue;
        }
        let is_page = Path::new(path).extension().is_some_and(|ending| ending == "html");
        let served = if is_page { answer.published().into_bytes() } else { answer.body.clone() };
        assert!(served == *bytes, "{path} is served otherwise than it is written");
        assert!(!is_page || answer.head.contains("content-type: text/html; charset=utf-8"), "{}", answer.head);
    }
    assert_eq!(server.get("/").published().into_bytes(), written["index.html"], "it leads to the version");
    let folder = server.get("/0.1");
    assert!(folder.status() == 302 && folder.head.contains("location: /0.1/\r\n"), "{}", folder.head);
    assert_eq!(server.get("/0.1/").published().into_bytes(), written[HOME]);
    let answer = server.answer("HEAD", "/0.1/", "localhost");
    assert!(answer.status() == 200 && answer.body.is_empty());
    assert_eq!(files(project.0.path()), before);
}

#[test]
fn a_change_arrives_and_a_mistake_leaves_the_page_as_it_was() {
    let project = Project::new();
    let mut server = project.serve();
    let mut news = server.listen_when_built(HOME);
    assert!(server.line().starts_with("built in "));
    let sound = project.text(CHAPTER);

    project.append(CHAPTER, "\nA first change.\n");
    let changed = news.next();
    assert!(changed["changed"][HOME].is_string() && changed["changed"].get(METHOD).is_none(), "{changed}");
    assert!(server.page(HOME).text().contains("A first change."));
    assert!(server.page(HOME).text().contains(changed["changed"][HOME].as_str().unwrap()), "a page knows its digest");
    let told = server.line();
    assert!(told.starts_with("rebuilt in ") && told.ends_with(" s, 1 page changed\n"), "{told}");

    project.append(CHAPTER, MISTAKE);
    let wrong = news.next();
    assert_eq!(wrong["is_wrong"], true, "{wrong}");
    let checked = done(&["check", project.path()]);
    assert_eq!(wrong["text"], String::from_utf8(checked.stderr).unwrap().as_str(), "as on the terminal");
    assert_eq!(wrong["shared"], changed["shared"]);
    assert!(server.page(HOME).text().contains("A first change."), "the last good page stays");
    assert_eq!(server.listen(METHOD).next()["text"], wrong["text"], "who comes late is told too");

    project.write(CHAPTER, &sound);
    let mended = news.next();
    assert_eq!((&mended["is_wrong"], &mended["text"]), (&false.into(), &"".into()));
    assert!(mended["changed"][HOME].is_string() && !server.page(HOME).text().contains("A first change."));

    project.write("static/site.css", "main { color: red }");
    assert_ne!(news.next()["shared"], changed["shared"], "a new folder is watched, and a style concerns all pages");
    assert_eq!(server.get("/0.1/static/site.css").text(), "main { color: red }");
}

#[test]
fn what_editors_and_builds_leave_behind_is_no_change() {
    let project = Project::new();
    let server = project.serve();
    let mut news = server.listen_when_built(HOME);
    for path in ["content/.index.md.swp", "content/index.md~", "flows/4913", "public/0.1/index.html", "notes.txt"] {
        project.write(path, "x");
    }
    project.write(CHAPTER, &project.text(CHAPTER));
    for n in 0..20 {
        project.append(CHAPTER, &format!("\nChange {n}.\n"));
    }
    let changed = news.next();
    assert!(changed["changed"][HOME].is_string(), "the first news is of a chapter: {changed}");
    while !server.page(HOME).text().contains("Change 19.") {
        news.next();
    }
}

#[test]
fn a_project_that_begins_with_mistakes_is_shown_with_them_until_they_are_mended() {
    let project = Project::new();
    let sound = project.text(CHAPTER);
    project.append(CHAPTER, MISTAKE);
    let server = project.serve();
    let mut news = server.listen(HOME);
    while !news.next()["is_wrong"].as_bool().unwrap() {}
    let answer = server.get("/");
    assert_eq!(answer.status(), 503);
    let text = answer.text();
    assert!(text.contains("error[broken-link]") && text.contains("&lt;b&gt;so") && !text.contains("<b>so"), "{text}");
    project.write(CHAPTER, &sound);
    while server.page(HOME).status() != 200 {
        news.next();
    }
}

#[test]
fn strangers_get_nothing() {
    let project = Project::new();
    let server = project.serve();
    server.listen_when_built(HOME);
    for host in ["evil.example", "localhost.evil.example:80", ""] {
        for path in ["/0.1/index.html", "/.trustlane/events?page=0.1/index.html"] {
            let answer = server.answer("GET", path, host);
            assert_eq!(answer.status(), 403, "{host}{path}");
            assert!(!answer.text().contains("My methods"));
        }
    }
    let outside =
        ["/../book.toml", "/0.1/../../book.toml", "/%2e%2e/book.toml", "/0.1/..%2f..%2fbook.toml", "/book.toml"];
    for path in outside.into_iter().chain(["//0.1/index.html", "/0.1/no-such-page.html", "/%ff"]) {
        let answer = server.get(path);
        assert_eq!(answer.status(), 404, "{path}");
        assert!(!answer.text().contains("[book]"), "{path}");
    }
    assert_eq!(server.answer("POST", "/0.1/index.html", "localhost").status(), 405);
    let missing = server.get("/0.1/no-such-page.html").published();
    let own = server.get("/0.1/404.html");
    assert!(missing.contains("<h1") && (own.status() == 404 || own.published() == missing), "it is told on a page");
}

#[test]
fn a_port_in_use_is_said_with_what_to_do() {
    let project = Project::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = done(&["serve", project.path(), "--port", &port]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains(&format!("error: port {port} is in use already")) && said.contains("`--port 0`"), "{said}");
    let output = done(&["serve", "no-such-folder", "--port", "0"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "error: `no-such-folder` is not a folder\n");
}

#[test]
fn ctrl_c_ends_it_well() {
    let project = Project::new();
    let mut server = project.serve();
    server.listen_when_built(HOME);
    assert!(Command::new("kill").args(["-INT", &server.process.id().to_string()]).status().unwrap().success());
    assert_eq!(server.process.wait().unwrap().code(), Some(0));
}

/// Waits until a script returns true.
fn awaited(browser: &Browser, script: &str) {
    for _ in 0..1_200 {
        if browser.evaluate(script) == Value::Bool(true) {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("never true: {script}; {:#?}", browser.complaints());
}

#[test]
fn an_open_page_reloads_where_it_was_and_shows_what_is_wrong() {
    let project = Project::new();
    let server = project.serve();
    server.listen_when_built(METHOD);
    let browser = Browser::start();
    browser.open(&format!("http://127.0.0.1:{}/{METHOD}", server.port));
    // The reader goes to a step, folds something open or shut, and scrolls.
    let place = "location.hash + [].map.call(document.querySelectorAll('details[id]'), function (it) { return it.id + it.open; }) \
                 + document.querySelector('.stage .count').textContent";
    browser.evaluate(
        "location.hash = document.querySelector('.steps .step').id;
         var folded = document.querySelector('details[id]');
         folded.open = !folded.open;
         window.scrollTo({ top: 431, behavior: 'instant' });
         window.isBefore = true;",
    );
    let before = browser.evaluate(&format!("return {place}"));
    assert!(before.as_str().unwrap().starts_with('#') && before.as_str().unwrap().contains("Step "), "{before}");

    project.append("content/methods/first-method.md", "\nA change below.\n");
    awaited(&browser, "return !window.isBefore && document.readyState === 'complete'");
    assert!(browser.text_and_headings().0.contains("A change below."));
    assert_eq!(browser.evaluate(&format!("return {place}")), before);
    awaited(&browser, "return window.scrollY === 431");

    // A change of another page leaves this one alone, and a mistake is told on each.
    browser.evaluate("window.isBefore = true;");
    project.append(CHAPTER, "\nElsewhere.\n");
    project.append(CHAPTER, MISTAKE);
    let box_text = "document.getElementById('trustlane-live').shadowRoot.querySelector('pre').textContent";
    awaited(&browser, "return document.getElementById('trustlane-live') !== null");
    let told = browser.evaluate(&format!("return {box_text}"));
    assert!(told.as_str().unwrap().contains("error[broken-link]"), "{told}");
    project.write(CHAPTER, &project.text(CHAPTER).replace(MISTAKE, ""));
    awaited(&browser, "return window.isBefore === true && document.getElementById('trustlane-live') === null");
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{complaints:#?}");
}
