//! Mistakes of authors: tiny projects in `tests/suite/diagnostics`, each with what must be reported as comments in it.
//!
//! A case is a folder. Its `flow.toml` may leave out everything that [`HEADER`] has; other files replace those of the
//! smallest project. At the end of a file stands what is reported for it: `# error[code]: 4:6-4:12 message`, each
//! followed by its hints. Lines and columns count from 1; a place in the header is `-`. `UPDATE=1` rewrites them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use trustlane::diag::{Code, Diagnostic, Severity, Sink};
use trustlane::explain::example::EXAMPLES;
use trustlane::source::{Origin, Sources, line_and_column};
use trustlane::{env, load, project, run};

/// What a flow file that does not say `edition` begins with.
const HEADER: &str = r#"edition = 1
id = "case"
title = "Case"
summary = "As small as a flow can be."
family = "token"
registration = "on-demand"
course = { level = "Low", best-for = "Tests" }
[zones]
field = "untrusted"
cloud = "trusted"
[actors.device]
zone = "field"
role = "device"
custody = "flash"
[actors.server]
zone = "cloud"
role = "server"
custody = "hsm"
[actors.clerk]
zone = "cloud"
role = "clerk"
custody = "human"
[links.net]
between = ["device", "server"]
medium = "internet"
exposure = "active"
[links.desk]
between = ["clerk", "server"]
medium = "ethernet"
exposure = "passive"
"#;

const BOOK: &str = r#"[book]
title = "Case"
version = "1"
[run]
seed = "case"
clock = "2026-01-01T00:00:00Z"
"#;

/// What a file of the case begins with, and what of it is the author's.
struct File {
    /// In the case's folder.
    place: PathBuf,
    /// In the project.
    path: String,
    header: &'static str,
    /// The file without what is expected.
    text: String,
    expected: String,
}

fn suite() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/diagnostics")
}

fn is_update() -> bool {
    std::env::var_os("UPDATE").is_some()
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap()
}

fn write(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

/// How a comment begins and ends in the file.
fn comment(file: &Path) -> (&'static str, &'static str) {
    match file.extension().and_then(|ending| ending.to_str()) {
        Some("md") => ("<!-- ", " -->"),
        Some("html") => ("{# ", " #}"),
        _ => ("# ", ""),
    }
}

fn is_expectation(line: &str, opening: &str) -> bool {
    let words = line.strip_prefix(opening).unwrap_or_default();
    ["error[", "warning[", "hint: "].iter().any(|word| words.starts_with(word))
}

fn open(file: PathBuf) -> File {
    let name = file.file_name().unwrap().to_str().unwrap();
    let whole = read(&file);
    let path = match name.rsplit_once('.').unwrap() {
        ("flow", _) => "flows/case.toml".to_owned(),
        ("book", _) => "book.toml".to_owned(),
        (
            "decisions" | "declarations" | "devices" | "glossary" | "identifiers" | "links" | "rubric" | "threats",
            "toml",
        ) => {
            format!("data/{name}")
        }
        ("framework", "toml") => format!("content/compliance/{name}"),
        (_, "html") => format!("templates/{name}"),
        (_, "md") => format!("content/{name}"),
        (_, _) => format!("flows/{name}"),
    };
    let is_whole = name != "flow.toml" || whole.lines().any(|line| line.starts_with("edition"));
    let (opening, _) = comment(&file);
    let (expected, own): (Vec<&str>, Vec<&str>) =
        whole.split_inclusive('\n').partition(|line| is_expectation(line, opening));
    File {
        path,
        header: if is_whole { "" } else { HEADER },
        text: own.concat(),
        expected: expected.concat(),
        place: file,
    }
}

fn cases() -> Vec<(String, Vec<File>)> {
    let mut folders: Vec<PathBuf> = fs::read_dir(suite()).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
        .into_iter()
        .map(|folder| {
            let mut files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
            files.sort();
            (folder.file_name().unwrap().to_str().unwrap().to_owned(), files.into_iter().map(open).collect())
        })
        .collect()
}

/// The smallest project around the files of a case.
fn sources(files: &[File]) -> Sources {
    let shipped = load::shipped();
    let mut sources = Sources::default();
    for (path, file) in
        shipped.below("", "").filter(|(path, _)| ["data/", "templates/"].iter().any(|it| path.starts_with(it)))
    {
        sources.insert(path.as_ref(), file.bytes.clone(), Origin::Shipped);
    }
    let default = [
        ("book.toml", BOOK),
        ("content/SUMMARY.md", "# Summary\n\n- [Case](index.md)\n"),
        ("content/index.md", "# Case\n"),
        ("content/case.md", "+++\nkind = \"method\"\nmethod = \"case\"\n+++\n\n# Case\n"),
    ];
    let has_flow = files.iter().any(|file| file.path == "flows/case.toml");
    for (path, text) in default.into_iter().take(if has_flow { 4 } else { 3 }) {
        sources.insert(path, text.as_bytes(), Origin::Project);
    }
    for file in files {
        sources.insert(file.path.as_str(), format!("{}{}", file.header, file.text).into_bytes(), Origin::Project);
    }
    sources
}

fn diagnose(files: &[File]) -> Vec<Diagnostic> {
    let mut sink = Sink::default();
    drop(trustlane::build(&sources(files), &mut sink));
    sink.into_sorted()
}

/// What was reported, as it stands in the file.
fn reported(diagnostics: &[Diagnostic], file: &File, is_first: bool) -> String {
    let (opening, closing) = comment(&file.place);
    let whole = format!("{}{}", file.header, file.text);
    let n_lines = file.header.lines().count();
    let mut text = String::new();
    for diagnostic in diagnostics {
        let place = match &diagnostic.span {
            None if is_first => String::new(),
            Some(span) if *span.path == *file.path => {
                let (from, to) = (line_and_column(&whole, span.start), line_and_column(&whole, span.end));
                match from.0.checked_sub(n_lines) {
                    Some(line @ 1..) => format!("{line}:{}-{}:{} ", from.1, to.0 - n_lines, to.1),
                    _ => "- ".to_owned(),
                }
            }
            _ => continue,
        };
        let severity = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let message = diagnostic.message.replace('\n', "\\n");
        writeln!(text, "{opening}{severity}[{}]: {place}{message}{closing}", diagnostic.code.name()).unwrap();
        for hint in &diagnostic.hints {
            writeln!(text, "{opening}hint: {hint}{closing}").unwrap();
        }
    }
    text
}

#[test]
fn every_case_reports_what_it_says() {
    let mut wrong = String::new();
    for (name, files) in cases() {
        let diagnostics = diagnose(&files);
        for diagnostic in &diagnostics {
            let is_known = |span: &trustlane::source::Span| files.iter().any(|file| *span.path == *file.path);
            assert!(diagnostic.span.as_ref().is_none_or(is_known), "{name}: {diagnostic:?}");
        }
        for (index, file) in files.iter().enumerate() {
            let got = reported(&diagnostics, file, index == 0);
            if got != file.expected && is_update() {
                write(&file.place, &format!("{}{got}", file.text));
            } else if got != file.expected {
                let place = file.place.display();
                writeln!(wrong, "{place}\nexpected:\n{}got:\n{got}", file.expected).unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}UPDATE=1 rewrites what is expected");
}

#[test]
fn every_case_says_first_what_it_is_about() {
    for (name, files) in cases() {
        assert!(!files.is_empty(), "{name} has no file");
        let first = files.iter().find(|file| {
            let (opening, _) = comment(&file.place);
            file.text.trim_start_matches("+++\n# ").len() < file.text.len() || file.text.starts_with(opening)
        });
        assert!(first.is_some(), "no file of {name} begins with a comment that says what is wrong");
    }
}

#[test]
fn every_code_has_a_case() {
    let mut seen: BTreeMap<Code, String> = BTreeMap::new();
    for (name, files) in cases() {
        seen.extend(diagnose(&files).into_iter().map(|diagnostic| (diagnostic.code, name.clone())));
    }
    let missing: Vec<&str> = Code::ALL.iter().filter(|code| !seen.contains_key(code)).map(|code| code.name()).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}

#[test]
fn the_example_of_every_code_raises_it() {
    for example in EXAMPLES {
        let header = if example.file.starts_with("flows/") && !example.text.contains("edition") { HEADER } else { "" };
        let file = File {
            place: PathBuf::from(example.file),
            path: example.file.to_owned(),
            header,
            text: example.text.to_owned(),
            expected: String::new(),
        };
        // A template is used by the page of its kind.
        let home = File {
            place: PathBuf::from("index.md"),
            path: "content/index.md".to_owned(),
            header: "",
            text: "+++\nkind = \"home\"\n+++\n\n# Case\n".to_owned(),
            expected: String::new(),
        };
        let is_template = example.file.starts_with("templates/");
        // A chapter may speak of a flow.
        let flow = File {
            place: PathBuf::from("flow.toml"),
            path: "flows/case.toml".to_owned(),
            header: HEADER,
            text: "[[step]]\nid = \"number\"\nat = \"device\"\nop = \"nonce\"\nout = \"number\"\n".to_owned(),
            expected: String::new(),
        };
        let is_of_flow = example.text.contains("<case ");
        let others = is_template.then_some(home).into_iter().chain(is_of_flow.then_some(flow));
        let files: Vec<File> = std::iter::once(file).chain(others).collect();
        let found: Vec<Code> = diagnose(&files).iter().map(|diagnostic| diagnostic.code).collect();
        assert!(found.contains(&example.code), "{}: {found:?}", example.code.name());
    }
}

#[test]
fn every_message_keeps_the_style() {
    for (name, files) in cases() {
        for diagnostic in diagnose(&files) {
            let message = &diagnostic.message;
            let first = message.chars().next().unwrap();
            // A name may begin the message, and names are as they are written.
            assert!(!first.is_ascii_uppercase(), "{name}: `{message}` begins with a capital");
            assert!(!message.ends_with('.'), "{name}: `{message}` ends with a full stop");
        }
    }
}

/// The case with the most mistakes, as a project on the disk.
fn several(root: &Path) {
    let (_, files) = cases().into_iter().find(|(name, _)| name == "several-at-once").unwrap();
    for file in &files {
        write(&root.join(&file.path), &format!("{}{}", file.header, file.text));
    }
    write(&root.join("book.toml"), BOOK);
    write(&root.join("content/SUMMARY.md"), "# Summary\n\n- [Case](index.md)\n");
    write(&root.join("content/index.md"), "# Case\n");
}

#[test]
fn all_mistakes_of_a_file_are_reported_together_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    several(folder.path());
    let out = folder.path().join("public");
    let output = Command::new(env!("CARGO_BIN_EXE_trustlane"))
        .arg("build")
        .arg(folder.path())
        .arg("-o")
        .arg(&out)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert!(!out.exists(), "nothing is written");
    let text = String::from_utf8(output.stderr).unwrap();
    let (_, files) = cases().into_iter().find(|(name, _)| name == "several-at-once").unwrap();
    let expected: Vec<&str> = files[0].expected.lines().filter(|line| line.starts_with("# error[")).collect();
    assert!(expected.len() >= 8, "{}", expected.len());
    for line in &expected {
        let (code, rest) = line.trim_start_matches("# ").split_once(": ").unwrap();
        let (place, message) = rest.split_once(' ').unwrap();
        assert!(text.contains(&format!("{code}: {message}")), "{line}\n{text}");
        let (line, column) = place.split_once('-').unwrap().0.split_once(':').unwrap();
        let line = line.parse::<usize>().unwrap() + HEADER.lines().count();
        assert!(text.contains(&format!("flows/case.toml:{line}:{column}")), "{place}\n{text}");
    }
    assert!(text.ends_with(&format!("{} errors, nothing written\n", expected.len())), "{text}");
    assert!(text.contains("^^^"), "a pointer");
}

/// The flow that is mutated, with the place of every word.
const FLOW: &str = include_str!("../../flows/x509-factory.toml");

/// Pieces that confuse readers of flow files.
const PIECES: &[&str] = &[
    "\"",
    "'",
    "\"\"\"",
    "[",
    "]",
    "{",
    "}",
    "=",
    ",",
    ".",
    "$",
    "${",
    "$$",
    "|",
    "\n",
    "\u{feff}",
    "\u{202e}",
    "🔑",
    "é",
    "\0",
    "-1",
    "99999999999999999999",
    "1.5",
    "true",
    "2026-01-01",
    "[[step]]\n",
    "[attack]\n",
    "[[attack]]\n",
    "with = {}\n",
    "$device-key",
    "${csr|base64}",
    "attacker",
    "device",
    "impersonate",
    "insert",
    "id = \"tls\"\n",
];

#[derive(Clone, Debug)]
enum Mutation {
    /// Removes so many bytes.
    Cut(usize, usize),
    /// Puts a piece in.
    Put(usize, usize),
    /// Swaps two lines.
    Swap(usize, usize),
    /// Writes a line again elsewhere.
    Repeat(usize, usize),
    /// Replaces a word by another word of the file.
    Word(usize, usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = || 0..100_000_usize;
    prop_oneof![
        (at(), 0..40_usize).prop_map(|(at, length)| Mutation::Cut(at, length)),
        (at(), at()).prop_map(|(at, piece)| Mutation::Put(at, piece)),
        (at(), at()).prop_map(|(one, other)| Mutation::Swap(one, other)),
        (at(), at()).prop_map(|(line, at)| Mutation::Repeat(line, at)),
        (at(), at()).prop_map(|(one, other)| Mutation::Word(one, other)),
        (at(), at()).prop_map(|(one, other)| Mutation::Word(one, other)),
    ]
}

fn boundary(text: &str, at: usize) -> usize {
    let mut at = at % (text.len() + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn words(text: &str) -> Vec<(usize, &str)> {
    let is_part = |c: char| c.is_alphanumeric() || c == '-' || c == '$';
    let starts = text.match_indices(is_part).map(|(at, _)| at);
    let starts = starts.filter(|at| !text[..*at].ends_with(is_part));
    starts.map(|at| (at, text[at..].split(|c| !is_part(c)).next().unwrap())).collect()
}

fn mutated(text: &str, mutation: &Mutation) -> String {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    match *mutation {
        _ if text.is_empty() => String::new(),
        Mutation::Cut(at, length) => {
            let start = boundary(text, at);
            let end = boundary(text, (start + length).min(text.len())).max(start);
            format!("{}{}", &text[..start], &text[end..])
        }
        Mutation::Put(at, piece) => {
            let at = boundary(text, at);
            format!("{}{}{}", &text[..at], PIECES[piece % PIECES.len()], &text[at..])
        }
        Mutation::Swap(one, other) => {
            let n_lines = lines.len();
            lines.swap(one % n_lines, other % n_lines);
            lines.concat()
        }
        Mutation::Repeat(line, at) => {
            let line = lines[line % lines.len()];
            lines.insert(at % lines.len(), line);
            lines.concat()
        }
        Mutation::Word(one, other) => {
            let words = words(text);
            if words.is_empty() {
                return text.to_owned();
            }
            let ((at, old), (_, new)) = (words[one % words.len()], words[other % words.len()]);
            format!("{}{new}{}", &text[..at], &text[at + old.len()..])
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: RngSeed::Fixed(2026), cases: 600, max_shrink_iters: 200, ..ProptestConfig::default() })]

    /// A flow file never makes the program panic: it is refused with a place that exists, or it runs.
    #[test]
    fn no_flow_file_makes_it_panic(mutations in prop::collection::vec(mutation(), 1..6)) {
        let text = mutations.iter().fold(FLOW.to_owned(), |text, mutation| mutated(&text, mutation));
        let mut sources = load::shipped().filtered(|path, _| path.starts_with("data/"));
        sources.insert("book.toml", BOOK.as_bytes(), Origin::Project);
        sources.insert("flows/x509-factory.toml", text.clone().into_bytes(), Origin::Project);
        let mut sink = Sink::default();
        if let Some(project) = project(&sources, &mut sink) {
            for flow in &project.flows {
                let trace = run::run(flow, &flow.scenarios[0], &env(&project));
                drop(serde_json::to_string(&trace).unwrap());
            }
        } else {
            prop_assert!(sink.has_errors(), "refused without a reason");
        }
        let diagnostics = sink.into_sorted();
        for span in diagnostics.iter().filter_map(|diagnostic| diagnostic.span.as_ref()) {
            prop_assert!(span.start <= span.end && span.end <= sources.text(&span.path).unwrap().len(), "{span:?}");
        }
        drop(trustlane::diag::render::render(&diagnostics, &sources, trustlane::diag::render::Colour::Never));
    }
}
