//! The command line: what it prints, and with which code it ends.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A project whose flow does not change when the shipped ones do.
fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/run")
}

fn trustlane(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trustlane"));
    // The width of help texts follows the terminal, or this.
    command.args(arguments).env("COLUMNS", "100").current_dir(project()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What the command prints where all is well.
fn stdout(arguments: &[&str]) -> String {
    let output = trustlane(arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "", "{arguments:?}: quiet where it is no terminal");
    text(&output.stdout)
}

/// Compares with the golden in `tests/ref`; `UPDATE=1` rewrites it.
fn golden(name: &str, got: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ref").join(name);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&file, got).unwrap();
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(got, expected, "{name} differs; UPDATE=1 rewrites it");
}

const COMMANDS: [&str; 9] = ["build", "check", "completions", "draw", "explain", "init", "run", "schema", "serve"];

#[test]
fn help_says_what_each_command_does() {
    golden("help.txt", &stdout(&["--help"]));
    for command in COMMANDS {
        let help = stdout(&[command, "--help"]);
        golden(&format!("help-{command}.txt"), &help);
        assert!(help.contains("Example"), "{command} has no example");
        assert!(stdout(&["--help"]).contains(&format!("\n  {command} ")), "{command} is not in the help");
    }
    assert!(stdout(&["--version"]).starts_with("trustlane "));
}

#[test]
fn every_golden_is_used() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ref");
    let mut known: Vec<String> = COMMANDS.iter().map(|command| format!("help-{command}.txt")).collect();
    known.extend(["help.txt".to_owned()]);
    known.extend(WRITINGS.map(str::to_owned));
    known.extend(SCENARIOS.iter().map(|scenario| format!("run-enrol-{scenario}.txt")));
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(known.contains(&name), "nothing uses tests/ref/{name}");
    }
}

const SCENARIOS: [&str; 4] = ["baseline", "copied-token", "rogue-server", "wrong-token"];

#[test]
fn a_run_is_told_step_by_step() {
    for scenario in SCENARIOS {
        let told = stdout(&["run", "enrol", "--scenario", scenario]);
        assert!(!told.contains('\u{1b}'), "no colours where it is no terminal");
        golden(&format!("run-enrol-{scenario}.txt"), &told);
    }
    assert_eq!(stdout(&["run", "enrol"]), stdout(&["run", "enrol", "--scenario", "baseline"]));
}

#[test]
fn the_trace_is_printed_as_its_schema_says() {
    let schema: serde_json::Value = serde_json::from_str(&stdout(&["schema", "trace"])).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for scenario in SCENARIOS {
        let printed = stdout(&["run", "enrol", "--scenario", scenario, "--format", "json"]);
        let trace: serde_json::Value = serde_json::from_str(&printed).unwrap();
        assert_eq!((&trace["flow"], &trace["scenario"]), (&"enrol".into(), &scenario.into()));
        let found: Vec<String> = validator.iter_errors(&trace).map(|error| error.to_string()).collect();
        assert!(found.is_empty(), "{found:#?}");
    }
    for of in ["flow", "book"] {
        let schema: serde_json::Value = serde_json::from_str(&stdout(&["schema", of])).unwrap();
        jsonschema::validator_for(&schema).unwrap();
    }
    assert_eq!(stdout(&["schema"]), stdout(&["schema", "flow"]));
}

#[test]
fn a_picture_is_written_in_the_format_of_its_ending() {
    let folder = tempfile::tempdir().unwrap();
    let draw = |name: &str| {
        let file = folder.path().join(name);
        let path = file.to_str().unwrap();
        assert_eq!(stdout(&["draw", "enrol", "-o", path]), format!("{path}\n"));
        fs::read(file).unwrap()
    };
    assert!(draw("picture.svg").starts_with(b"<svg"));
    if cfg!(feature = "png") {
        assert!(draw("picture.png").starts_with(b"\x89PNG"));
    }
    let output = trustlane(&["draw", "enrol", "-o", folder.path().join("picture.gif").to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("end it in .svg, .png, .txt or .mmd"));
    assert!(!folder.path().join("picture.gif").exists());
}

/// The flows of the project as characters and as Mermaid.
const WRITINGS: [&str; 4] = ["draw-enrol.mmd", "draw-enrol.txt", "draw-own.mmd", "draw-own.txt"];

#[test]
fn a_swimlane_is_written_in_characters() {
    for name in WRITINGS {
        let (flow, format) = name.trim_start_matches("draw-").split_once('.').unwrap();
        let format = if format == "mmd" { "mermaid" } else { format };
        golden(name, &stdout(&["draw", flow, "--format", format]));
    }
    let marked = stdout(&["draw", "enrol", "--format", "txt", "--step", "report"]);
    assert_eq!(marked.lines().filter(|line| line.starts_with('▶')).count(), 1);
}

#[test]
fn a_picture_of_another_kind_is_told_in_words() {
    let told = stdout(&["draw", "enrol", "--kind", "knowledge", "--format", "txt"]);
    assert!(told.starts_with("Who holds which secret: Report with a token\n"), "{told}");
    assert!(told.lines().all(|line| line.chars().count() <= 100), "{told}");
    let over = |link: &str| stdout(&["draw", "enrol", "--kind", "timeline", "--format", "txt", "--link", link]);
    assert_ne!(over("wi-fi"), over("ethernet"), "the link decides how long a message takes");
}

#[test]
fn all_methods_are_drawn_together() {
    let told = stdout(&["draw", "--kind", "comparison", "--format", "txt"]);
    assert!(told.starts_with("The methods compared\n") && told.contains("Report with a token"), "{told}");
    assert!(stdout(&["draw", "--kind", "comparison"]).contains("id=\"comparison--enrol\""));
    refuses(&["draw", "--kind", "boundary"], 2, "a picture of kind `boundary` is of one flow: name it");
    refuses(&["draw", "--kind", "comparison", "--link", "wi-fi"], 2, "are of one flow: name it, or leave them out");
    refuses(&["draw", "enrol", "--kind", "comparison"], 2, "is of the whole book: leave the flow out");
}

#[test]
fn what_cannot_be_drawn_is_said() {
    refuses(
        &["draw", "enrol", "--kind", "knowledge", "--format", "mermaid"],
        2,
        "a picture of kind `knowledge` has no Mermaid: use `--kind swimlane`",
    );
    refuses(
        &["draw", "enrol", "--step", "reprot"],
        2,
        "there is no step in the picture `reprot` (did you mean `report`?)",
    );
    refuses(&["draw", "enrol", "--kind", "swimlan"], 2, "did you mean `swimlane`?");
    refuses(&["draw", "enrol", "--kind", "attack"], 2, "`enrol` has no picture of kind `attack` for `baseline`");
    refuses(&["draw", "enrol", "--link", "wi-fi"], 2, "is of no link and device: leave `--link` and `--device` out");
    refuses(
        &["draw", "enrol", "--kind", "timeline", "--link", "wfi"],
        2,
        "there is no link `wfi` (did you mean `wi-fi`?)",
    );
}

#[test]
fn every_name_is_explained_for_people_and_for_machines() {
    let listed = stdout(&["explain"]);
    for name in ["broken-link", "secret-in-clear", "never-leaves"] {
        assert!(listed.contains(&format!("\n  {name} ")), "{listed}");
    }
    let told = stdout(&["explain", "secret-in-clear"]);
    assert!(told.starts_with("secret-in-clear (lint)\n") && told.contains("CWE-319"), "{told}");
    assert!(told.lines().all(|line| line.chars().count() <= 80), "{told}");
    let all: serde_json::Value = serde_json::from_str(&stdout(&["explain", "--format", "json"])).unwrap();
    for explanation in all.as_array().unwrap() {
        let name = explanation["name"].as_str().unwrap();
        let one: serde_json::Value = serde_json::from_str(&stdout(&["explain", name, "--format", "json"])).unwrap();
        assert_eq!(one, *explanation);
    }
    refuses(
        &["explain", "secret-in-claer"],
        2,
        "error: nothing is called `secret-in-claer`; did you mean `secret-in-clear`?\n",
    );
}

/// Ends with `code`, prints nothing, and says `words`.
fn refuses(arguments: &[&str], code: i32, words: &str) {
    let output = trustlane(arguments);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    assert_eq!(text(&output.stdout), "", "{arguments:?}");
    assert!(said.contains(words), "{arguments:?}: {said}");
}

#[test]
fn a_name_that_is_not_there_is_answered_with_one_that_is() {
    refuses(&["run", "enrl"], 2, "error: no flow is called `enrl`; did you mean `enrol`?\n");
    refuses(
        &["run", "enrol", "--scenario", "rogue-servr"],
        2,
        "error: no scenario is called `rogue-servr`; did you mean `rogue-server`?\n",
    );
    refuses(&["draw", "enrl", "-o", "x.svg"], 2, "did you mean `enrol`?");
}

#[test]
fn wrong_arguments_end_with_two() {
    refuses(&[], 2, "Usage: trustlane");
    refuses(&["biuld"], 2, "build");
    refuses(&["run"], 2, "<FLOW>");
    refuses(&["run", "enrol", "--format", "yaml"], 2, "yaml");
    refuses(&["schema", "everything"], 2, "everything");
    refuses(&["check", "no-such-folder"], 2, "error: `no-such-folder` is not a folder\n");
}

#[test]
fn a_sound_project_ends_with_zero_and_one_with_mistakes_with_one() {
    assert_eq!(stdout(&["check"]), "");
    let folder = tempfile::tempdir().unwrap();
    let output = trustlane(&["build", "-o", folder.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let told = text(&output.stdout);
    assert!(told.starts_with("2 methods, 21 runs, "), "{told}");
    assert!(folder.path().join("1/index.html").is_file() && folder.path().join("versions.json").is_file());
    refuses(&["check", "../diagnostics/book-key"], 1, "error[unknown-key]: unknown key `versoin` in book");
}

#[test]
fn shells_complete_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = stdout(&["completions", shell]);
        for command in COMMANDS {
            assert!(script.contains(command), "{shell} does not know {command}");
        }
    }
}

#[test]
fn a_new_project_is_sound_and_nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("mine");
    let path = root.to_str().unwrap();
    let written = stdout(&["init", path]);
    assert!(written.lines().any(|line| line.ends_with("flows/first-method.toml")), "{written}");
    assert_eq!(stdout(&["check", path, "--strict"]), "");
    fs::write(root.join("flows/first-method.toml"), "mine").unwrap();
    fs::remove_file(root.join("book.toml")).unwrap();
    refuses(&["init", path], 2, "flows/first-method.toml already: nothing was written");
    assert_eq!(fs::read_to_string(root.join("flows/first-method.toml")).unwrap(), "mine");
    assert!(!root.join("book.toml").exists(), "nothing was written");
}

#[test]
fn the_course_can_be_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let written = stdout(&["init", "--course", path]);
    assert!(written.contains("content/overview.md") && !written.contains("methods/"), "{written}");
    let book = folder.path().join("book.toml");
    fs::write(&book, fs::read_to_string(&book).unwrap().replace("\"Trustlane\"", "\"Ours\"")).unwrap();
    let project = trustlane::load::load(folder.path()).unwrap();
    let mut sink = trustlane::diag::Sink::default();
    let project = trustlane::project(&project, &mut sink).unwrap();
    assert_eq!((project.config.title.as_str(), project.flows.len() > 10), ("Ours", true));
    assert!(project.content.chapters.contains_key("overview.md") && project.content.chapters.len() > 30);
}

#[test]
fn a_warning_is_a_mistake_where_one_asks_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let flow = fs::read_to_string(project().join("flows/enrol.toml")).unwrap();
    let files = [
        ("book.toml", fs::read_to_string(project().join("book.toml")).unwrap()),
        ("content/SUMMARY.md", "# Summary\n\n- [Case](index.md)\n".to_owned()),
        ("content/index.md", "# Case\n".to_owned()),
        ("content/enrol.md", "+++\nkind = \"method\"\n+++\n\n# Case\n".to_owned()),
        // Steps, and no acknowledgement.
        ("flows/enrol.toml", flow.split("[[goal]]").next().unwrap().split("[[attack]]").next().unwrap().to_owned()),
    ];
    for (file, text) in files {
        fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
        fs::write(root.join(file), text).unwrap();
    }
    let path = root.to_str().unwrap();
    let output = trustlane(&["check", path]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stderr).ends_with("\n2 warnings\n"), "{}", text(&output.stderr));
    refuses(&["check", path, "--strict"], 1, "warning[secret-in-clear]");
    let out = root.join("public");
    refuses(&["build", path, "--strict", "-o", out.to_str().unwrap()], 1, "warning[no-revocation]");
    assert!(!out.exists(), "nothing is written");
}

#[test]
fn a_reader_that_goes_away_is_no_fault() {
    let output = Command::new("sh")
        .args(["-c", "\"$0\" run enrol --format json | head -c 1"])
        .arg(env!("CARGO_BIN_EXE_trustlane"))
        .current_dir(project())
        .output()
        .unwrap();
    assert_eq!((text(&output.stdout), text(&output.stderr)), ("{".to_owned(), String::new()));
}

#[test]
fn a_project_uses_shipped_methods_beside_its_own_and_overrides_file_by_file() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir_all(root.join("content/methods")).unwrap();
    fs::create_dir_all(root.join("templates")).unwrap();
    let book = "[book]\ntitle = \"Ours\"\nversion = \"1\"\nmethods = [\"x509-factory\"]\n\n[run]\nseed = \"ours\"\nclock = \"2026-01-01T00:00:00Z\"\n";
    fs::write(root.join("book.toml"), book).unwrap();
    fs::write(root.join("content/index.md"), "# Ours\n\nHello.\n").unwrap();
    fs::write(root.join("templates/chapter.html"), "our template: {{ page.title }}").unwrap();
    let output = trustlane(&["build", root.to_str().unwrap(), "-o", root.join("public").to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).starts_with("1 method, "), "{}", text(&output.stdout));
    assert!(root.join("public/1/methods/x509-factory.html").is_file());
    assert!(!root.join("public/1/methods/brski.html").exists());
}
