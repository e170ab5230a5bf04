//! Chapters of methods quote their runs: what a run can tell is not typed by hand.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use trustlane::diag::Sink;
use trustlane::flow::Expectation;
use trustlane::{load, project};

use crate::runs::PROJECT;

/// Units behind which a number is a size.
const UNITS: [&str; 8] = ["b", "byte", "bytes", "kb", "kib", "mb", "mib", "octets"];
/// Hexadecimal digits from which on they are a value of a run and no word.
const HEX_DIGITS: usize = 8;

/// `line` without its roles, which are quotations.
fn without_roles(line: &str) -> String {
    let mut kept = String::new();
    let mut rest = line;
    while let Some(at) = rest.find("}`") {
        let Some(open) = rest[..at].rfind('{') else { break };
        let Some(length) = rest[at + 2..].find('`') else { break };
        kept.push_str(&rest[..open]);
        rest = &rest[at + 2 + length + 1..];
    }
    kept + rest
}

fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit()) && word.chars().all(|c| c.is_ascii_digit() || ".,".contains(c))
}

fn is_hex(word: &str) -> bool {
    let digits = word.strip_prefix("0x").unwrap_or(word).replace(':', "");
    digits.len() >= HEX_DIGITS
        && digits.chars().all(|c| c.is_ascii_hexdigit())
        && digits.chars().any(|c| c.is_ascii_digit())
}

/// What of `line` is typed where it should be quoted.
fn typed(line: &str, codes: &BTreeSet<String>) -> Vec<String> {
    let line = without_roles(line);
    let is_mark = |c: char| !c.is_alphanumeric();
    let words: Vec<&str> = line.split_whitespace().map(|word| word.trim_matches(is_mark)).collect();
    let mut found: Vec<String> = words
        .windows(2)
        .filter(|pair| is_number(pair[0]) && UNITS.contains(&pair[1].to_lowercase().as_str()))
        .map(|pair| pair.join(" "))
        .collect();
    let is_joined = |word: &&&str| {
        let number = word.trim_end_matches(|c: char| c.is_alphabetic());
        is_number(number) && UNITS.contains(&word[number.len()..].to_lowercase().as_str())
    };
    found.extend(words.iter().filter(is_joined).map(|word| (*word).to_owned()));
    found.extend(words.iter().filter(|word| is_hex(word)).map(|word| (*word).to_owned()));
    let in_code = line.split('`').skip(1).step_by(2);
    found.extend(in_code.filter(|code| codes.contains(*code)).map(str::to_owned));
    found
}

/// The codes with which attacks on shipped methods are refused; a run that refuses with another is an error.
fn codes() -> BTreeSet<String> {
    let project = project(&load::shipped(), &mut Sink::default()).unwrap();
    let scenarios = project.flows.iter().flat_map(|flow| &flow.scenarios);
    let mut codes = BTreeSet::new();
    for scenario in scenarios {
        if let Expectation::Rejected { code, .. } = &scenario.expect {
            codes.insert(code.clone());
        }
    }
    codes
}

#[test]
fn chapters_of_methods_quote_what_runs_tell() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("content/methods");
    let codes = codes();
    assert!(codes.contains("unknown-issuer"));
    let mut wrong = Vec::new();
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        for (index, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            wrong.extend(typed(line, &codes).into_iter().map(|found| format!("{name}:{}: {found}", index + 1)));
        }
    }
    assert!(
        wrong.is_empty(),
        "quote it with a role ({{bytes}}, {{fact}}, {{value}}, {{rejection}}):\n{}",
        wrong.join("\n")
    );
}

#[test]
fn what_is_typed_is_found_and_what_is_quoted_is_not() {
    let codes = BTreeSet::from(["wrong-name".to_owned(), "expired".to_owned()]);
    let table: [(&str, &[&str]); 8] = [
        ("The handshake takes 1,234 bytes.", &["1,234 bytes"]),
        ("It is 12kB, or (3.5 kB) at most.", &["3.5 kB", "12kB"]),
        ("The fingerprint `9f86d081884c7d65` and 0xDEADBEEF01.", &["9f86d081884c7d65", "0xDEADBEEF01"]),
        ("It reports `wrong-name`, since it is expired.", &["wrong-name"]),
        ("It takes {bytes}`brski tls` and {value}`brski pledge/nonce` of 16 tries.", &[]),
        ("RFC 8995 of 2021 and SHA-256 have no facade or deadbeef.", &[]),
        ("{assert}`The device refuses <brski attack x is refused by pledge with wrong-name>`.", &[]),
        ("A `code` of TLS 1.3 in `{bytes}` style", &[]),
    ];
    for (line, expected) in table {
        assert_eq!(typed(line, &codes), expected, "{line}");
    }
}

/// A step that no standard asks for says so, and what decides instead.
#[test]
fn every_step_of_a_method_names_the_clause_that_asks_for_it() {
    let nowhere: Vec<String> = PROJECT
        .flows
        .iter()
        .flat_map(|flow| flow.baseline().steps.iter().map(move |step| (flow, step)))
        .filter(|(_, step)| step.clause.trim_start_matches("no standard:").trim().is_empty())
        .map(|(flow, step)| format!("{}: {}", flow.id, step.id))
        .collect();
    assert!(nowhere.is_empty(), "without a clause: {nowhere:?}");
}
