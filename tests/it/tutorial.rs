//! The tutorial is true: its files are written, its commands run, and what it shows of their output is in it.
//!
//! A fenced block whose first line is a comment with a path is that file; with `, continued` it is a part more of it.
//! A block in `console` has commands after `$ `, each followed by lines that its output has, in this order.

use std::fs;
use std::path::Path;
use std::process::Command;

const PAGE: &str = "content/reference/writing-a-method.md";

/// Something that a reader of the page does.
#[derive(Debug)]
enum Act {
    /// Writes a file, or a part more of it.
    Write { path: String, text: String, is_part: bool },
    /// Runs a command and looks for these lines.
    Run { command: String, shown: Vec<String> },
}

/// The fenced blocks of a page, as language and text.
fn blocks(page: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open: Option<(&str, &str, String)> = None;
    for line in page.lines() {
        let ticks = &line[..line.find(|c| c != '`').unwrap_or(line.len())];
        match open.take() {
            None if ticks.len() >= 3 => open = Some((ticks, &line[ticks.len()..], String::new())),
            None => {}
            Some((fence, language, text)) if line == fence => found.push((language.to_owned(), text)),
            Some((fence, language, text)) => open = Some((fence, language, format!("{text}{line}\n"))),
        }
    }
    assert!(open.is_none(), "a block is not closed");
    found
}

/// The path in the comment with which a file begins, and whether the block is a part more of it.
fn path(first: &str) -> Option<(String, bool)> {
    let comment = first.strip_prefix("# ").or_else(|| first.strip_prefix("<!-- ")?.strip_suffix(" -->"))?;
    let (path, is_part) = comment.strip_suffix(", continued").map_or((comment, false), |path| (path, true));
    let is_path = [".toml", ".md"].iter().any(|ending| path.ends_with(ending)) && !path.contains(' ');
    is_path.then(|| (path.to_owned(), is_part))
}

fn acts(page: &str) -> Vec<Act> {
    let mut acts = Vec::new();
    for (language, text) in blocks(page) {
        if language == "console" {
            for part in text.split("$ ").skip(1) {
                let mut lines = part.lines().map(str::to_owned);
                acts.push(Act::Run { command: lines.next().unwrap(), shown: lines.collect() });
            }
            continue;
        }
        let (first, rest) = text.split_once('\n').unwrap();
        let Some((path, is_part)) = path(first) else { panic!("no file is named in the block of `{first}`") };
        // The comment stays in TOML; front matter must be the first thing in a chapter.
        let text = if language == "toml" { text.clone() } else { rest.to_owned() };
        acts.push(Act::Write { path, text, is_part });
    }
    acts
}

fn write(root: &Path, path: &str, text: &str, is_part: bool) {
    let file = root.join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    assert_eq!(file.exists(), is_part, "{path}: a first part is the first, and another is `continued`");
    let before = if is_part { format!("{}\n", fs::read_to_string(&file).unwrap()) } else { String::new() };
    fs::write(file, before + text).unwrap();
}

fn execute(root: &Path, command: &str, shown: &[String]) {
    let mut words = command.split(' ');
    assert_eq!(words.next(), Some("trustlane"), "{command}");
    let output = Command::new(env!("CARGO_BIN_EXE_trustlane")).args(words).current_dir(root).output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    let shows = |what: &str| shown.iter().any(|line| line.starts_with(what));
    assert_eq!(output.status.success(), !shows("error["), "{command}: {errors}");
    assert_eq!(errors.is_empty(), !shows("error[") && !shows("warning["), "{command}: {errors}");
    let printed = String::from_utf8(output.stdout).unwrap() + &errors;
    let mut lines = printed.lines();
    for line in shown {
        assert!(
            lines.any(|printed| printed.contains(line.trim())),
            "{command} does not print, or not in this order: {line}\n{printed}"
        );
    }
}

#[test]
fn who_follows_the_tutorial_gets_what_it_shows_and_a_site() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let mut n_runs = 0;
    for act in acts(&page) {
        match act {
            Act::Write { path, text, is_part } => write(root, &path, &text, is_part),
            Act::Run { command, shown } => {
                execute(root, &command, &shown);
                n_runs += 1;
            }
        }
    }
    assert!(n_runs >= 5, "{n_runs} commands");
    // The page of the method, and those of its bytes.
    let pages =
        walkdir::WalkDir::new(root.join("public/1/methods")).into_iter().map(|entry| entry.unwrap().into_path());
    let html: String = pages
        .filter(|path| path.extension().is_some_and(|ending| ending == "html"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    for shown in ["DevEUI", "EUI-64 of the device", "HMAC-SHA-256 over the body", "the network key and its tag", "<svg"]
    {
        assert!(html.contains(shown), "the pages of the method do not show `{shown}`");
    }
    let picture = fs::read_to_string(root.join("sensor-join.svg")).unwrap();
    assert!(picture.starts_with("<svg") || picture.starts_with("<?xml"), "a picture");
}

#[test]
fn blocks_name_their_files() {
    assert_eq!(path("# flows/a.toml"), Some(("flows/a.toml".to_owned(), false)));
    assert_eq!(path("<!-- content/a.md -->"), Some(("content/a.md".to_owned(), false)));
    assert_eq!(path("# flows/a.toml, continued"), Some(("flows/a.toml".to_owned(), true)));
    assert_eq!(path("# A heading"), None);
    let found = blocks("````markdown\n```x\n```\n````\n");
    assert_eq!(found, [("markdown".to_owned(), "```x\n```\n".to_owned())]);
}
