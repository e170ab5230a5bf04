//! What the documents say is true of the program.

use std::fs;
use std::path::Path;

use trustlane::diag::Sink;
use trustlane::diag::render::{Colour, render};
use trustlane::flow::layout::TYPES;
use trustlane::protocol::layout::BytesKind;
use trustlane::source::Origin;
use trustlane::{env, load, project, run};

fn document(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == extension)
}

/// The text of the fenced blocks in `language`, one after the other.
fn blocks(text: &str, language: &str) -> String {
    let fence = format!("```{language}");
    let mut found = String::new();
    let mut is_inside = false;
    for line in text.lines() {
        match (is_inside, line.trim_end()) {
            (false, line) if line == fence => is_inside = true,
            (true, "```") => is_inside = false,
            (true, line) => found.extend([line, "\n"]),
            (false, _) => {}
        }
    }
    found
}

#[test]
fn the_examples_of_the_flow_language_are_one_flow_that_runs_as_it_declares() {
    let flow = blocks(&document("content/reference/flow-language.md"), "toml");
    let mut sources = load::shipped();
    sources.insert("flows/enrolment-token.toml", flow.into_bytes(), Origin::Project);
    let mut sink = Sink::default();
    let project = project(&sources, &mut sink);
    let runs = project.as_ref().and_then(|project| run::run_all(project, &env(project), &mut sink));
    let found = render(&sink.into_sorted(), &sources, Colour::Never);
    assert_eq!(found, "");
    assert!(runs.unwrap().traces[0].len() > 1, "the examples have attacks");
}

#[test]
fn the_flow_language_has_a_row_for_every_type_of_a_field() {
    let text = document("content/reference/flow-language.md");
    for kind in TYPES {
        let summary = kind.summary.split(';').next().unwrap();
        assert!(text.contains(&format!("\n| `{}` | {summary}", kind.name)), "no row for `{}`: {summary}", kind.name);
        for key in kind.keys {
            let row = text.lines().find(|line| line.starts_with(&format!("| `{}` |", kind.name))).unwrap();
            assert!(row.contains(&format!("`{key}`")), "the row of `{}` lacks `{key}`", kind.name);
        }
    }
    for word in BytesKind::WORDS {
        assert!(text.contains(&format!("`{word}`")), "`{word}` is not explained");
    }
}

#[test]
fn the_architecture_names_files_that_exist() {
    let text = document("ARCHITECTURE.md");
    let named = text.split('`').skip(1).step_by(2).filter(|name| has_extension(name, "rs"));
    let missing: Vec<&str> = named
        .filter(|name| {
            !Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(name.trim_start_matches("src/")).is_file()
        })
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}

/// Files below a folder of the project, by name.
fn names(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.is_file());
    files.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn every_template_and_script_is_documented() {
    let text = document("content/reference/site.md");
    for template in names("templates") {
        assert!(text.contains(&format!("`{template}`")), "{template}");
    }
    for script in names("static").into_iter().filter(|name| has_extension(name, "js")) {
        assert!(text.contains(&format!("`static/{script}`")), "{script}");
    }
}

#[test]
fn the_readme_shows_a_picture_that_exists() {
    let text = document("README.md");
    let pictures: Vec<&str> = text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter(|path| has_extension(path, "png"))
        .collect();
    assert!(!pictures.is_empty());
    for picture in pictures {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(picture).is_file(), "{picture}");
    }
}
