//! Messages whose layout a flow declares: `tests/suite/layout` has flows that run, with the refusals that they show.
//!
//! A file leaves out the header of a flow. At its end stands each refusal, `# refused: STEP: reason`; `UPDATE=1`
//! rewrites them. A refusal that a step does not expect, and a diagnostic, fails.

use std::fs;
use std::path::{Path, PathBuf};

use trustlane::annotation::Layer;
use trustlane::diag::Sink;
use trustlane::diag::render::{Colour, render};
use trustlane::source::Origin;
use trustlane::trace::{ArtifactKind, EventOutcome, Outcome, Trace};
use trustlane::{env, load, project, run};

const HEADER: &str = r#"edition = 1
id = "case"
title = "Case"
summary = "Messages of its own."
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
[links.net]
between = ["device", "server"]
medium = "lorawan"
exposure = "none"
"#;

const REFUSED: &str = "# refused: ";

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/layout");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// The run of the baseline of a case.
fn run_of(name: &str, text: &str) -> Trace {
    let mut sources = load::shipped().filtered(|path, _| path.starts_with("data/"));
    let book = "[book]\ntitle = \"Case\"\nversion = \"1\"\n[run]\nseed = \"case\"\nclock = \"2026-01-01T00:00:00Z\"\n";
    sources.insert("book.toml", book.as_bytes(), Origin::Project);
    sources.insert("flows/case.toml", format!("{HEADER}{text}").into_bytes(), Origin::Project);
    let mut sink = Sink::default();
    let project = project(&sources, &mut sink);
    let found = render(&sink.into_sorted(), &sources, Colour::Never);
    assert_eq!(found, "", "{name}");
    let project = project.unwrap();
    run::run(&project.flows[0], project.flows[0].baseline(), &env(&project))
}

fn named(name: &str) -> Trace {
    let file = files().into_iter().find(|file| file.file_stem().unwrap() == name).unwrap();
    run_of(name, &fs::read_to_string(file).unwrap())
}

#[test]
fn every_refusal_has_the_reason_that_the_file_says() {
    for file in files() {
        let name = file.display().to_string();
        let text = fs::read_to_string(&file).unwrap();
        let trace = run_of(&name, &text);
        let refused = trace.events.iter().filter_map(|event| match &event.outcome {
            EventOutcome::Rejected(rejection) => Some(format!("{REFUSED}{}: {}\n", event.step, rejection.message)),
            EventOutcome::Done | EventOutcome::Stalled { .. } => None,
        });
        let refused: String = refused.collect();
        assert_eq!(trace.outcome, Outcome::Completed, "{name}:\n{refused}");
        let (expected, own): (Vec<&str>, Vec<&str>) =
            text.split_inclusive('\n').partition(|line| line.starts_with(REFUSED));
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&file, format!("{}{refused}", own.concat())).unwrap();
        } else {
            assert_eq!(refused, expected.concat(), "{name}; UPDATE=1 rewrites what is expected");
        }
    }
}

#[test]
fn every_byte_of_a_message_is_explained_under_the_names_of_its_layout() {
    let trace = named("on-a-link");
    let layer: &Layer = &trace.event("hello").unwrap().flights[0].layers[0];
    assert!(layer.is_complete());
    assert_eq!(layer.name, "Hello");
    let names = |fields: &[trustlane::annotation::Field]| {
        trustlane::annotation::leaves(fields).iter().map(|field| field.name.clone()).collect::<Vec<_>>()
    };
    let expected = ["version", "role", "key", "options", "password length", "password", "certificate"];
    assert_eq!(names(layer.fields()), expected);
    assert_eq!(layer.unexplained(), Vec::<String>::new());
    let packed = trace.stores["server"]["body-bytes"].layer.as_ref().unwrap();
    assert_eq!(packed.bytes, trace.stores["server"]["body-bytes"].bytes);
    assert_eq!(names(packed.fields()), expected[3..]);
}

#[test]
fn what_is_received_is_of_the_kind_that_was_sent() {
    let trace = named("on-a-link");
    let kind = |actor: &str, name: &str| trace.stores[actor][name].kind;
    assert_eq!(kind("server", "key"), ArtifactKind::Secret);
    assert_eq!(kind("server", "password"), ArtifactKind::Token);
    assert_eq!(kind("server", "certificate"), ArtifactKind::PublicKey);
    assert_eq!(kind("server", "version"), ArtifactKind::Number);
    assert_eq!(kind("server", "body-bytes"), ArtifactKind::Secret, "a token is in it");
    assert_eq!(kind("device", "returned"), ArtifactKind::Text, "the bytes do not say what was in them");
}
