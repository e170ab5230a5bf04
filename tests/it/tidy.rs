//! Rules of the code base, read from its source.

use std::fs;
use std::path::{Path, PathBuf};

use trustlane::chapter::directive::DIRECTIVES;
use trustlane::claim::CLAIMS;
use trustlane::diag::Code;
use trustlane::flow::layout::TYPES;
use trustlane::operation::{OPERATIONS, Shape};
use trustlane::value::filter::FILTERS;
use trustlane::value::member::MEMBERS;

/// A file of the source.
struct Source {
    /// Below `src`, with `/` between parts.
    path: String,
    text: String,
}

impl Source {
    /// The layer: the name of the top module.
    fn layer(&self) -> &str {
        self.path.split('/').next().unwrap().trim_end_matches(".rs")
    }

    /// The text without the unit tests, which may use anything.
    fn code(&self) -> &str {
        self.text.split("\n#[cfg(test)]\nmod tests").next().unwrap()
    }

    /// Whether it is compiled for tests only.
    fn is_test(&self) -> bool {
        ["tests.rs", "fixture.rs"].iter().any(|end| self.path.ends_with(end)) || self.path.contains("/tests/")
    }

    /// The numbered lines of code without comments that have one of `words`.
    fn lines_with<'s>(&'s self, words: &'s [&'s str]) -> impl Iterator<Item = String> + 's {
        let lines = self.code().lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
        let found = lines.filter(|(_, line)| words.iter().any(|word| line.contains(word)));
        found.map(|(index, line)| format!("src/{}:{}: {}", self.path, index + 1, line.trim()))
    }
}

fn files(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let walked = walkdir::WalkDir::new(root).sort_by_file_name().into_iter().map(|entry| entry.unwrap().into_path());
    walked.filter(|path| path.extension().is_some_and(|ending| ending == "rs")).collect()
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap()
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let path = |file: &Path| {
        let parts = file.strip_prefix(&root).unwrap().components();
        parts.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect::<Vec<_>>().join("/")
    };
    files("src").iter().map(|file| Source { path: path(file), text: read(file) }).collect()
}

fn product() -> Vec<Source> {
    sources().into_iter().filter(|source| !source.is_test()).collect()
}

/// Fails with everything that breaks the rule.
fn none(rule: &str, found: impl IntoIterator<Item = String>) {
    let found: Vec<String> = found.into_iter().collect();
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

/// The modules of `lib.rs`, lowest layer first.
fn layers() -> Vec<String> {
    let text = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs"));
    let names = text.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    names.map(str::to_owned).collect()
}

/// Top modules that a line of code names after `crate::`.
fn named(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        let line = code[..at].matches('\n').count() + 1;
        let group = rest.strip_prefix('{').map(|inside| inside.split("};").next().unwrap());
        // In a group, what stands after an inner path or brace is no top module.
        let mut depth = 0_usize;
        for part in group.unwrap_or(rest.split([';', ' ', '(', ')']).next().unwrap()).split_inclusive(['{', ',', '}']) {
            let name: String =
                part.trim_start().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            if depth == 0 && !name.is_empty() {
                found.push((line, name));
            }
            if group.is_none() {
                break;
            }
            depth = if part.ends_with('{') { depth + 1 } else { depth };
            depth = if part.ends_with('}') { depth.saturating_sub(1) } else { depth };
        }
    }
    found
}

#[test]
fn a_module_uses_only_modules_above_it() {
    let layers = layers();
    let rank = |name: &str| layers.iter().position(|layer| layer == name);
    let mut wrong = Vec::new();
    for source in product() {
        let Some(own) = rank(source.layer()) else {
            assert!(["lib.rs", "main.rs"].contains(&source.path.as_str()), "{} is in no layer", source.path);
            continue;
        };
        for (line, name) in named(source.code()) {
            if rank(&name).is_some_and(|other| other > own) {
                wrong.push(format!("src/{}:{line} uses `{name}`", source.path));
            }
        }
    }
    none("a module uses only those that stand above it in lib.rs", wrong);
}

#[test]
fn uses_are_found_in_every_form() {
    let code = "use crate::flow::{Flow, def::FLOW};\nuse crate::{env, load::load, run::{a, b}, svg};\nlet x = crate::trace::Trace;";
    let names: Vec<String> = named(code).into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["flow", "env", "load", "run", "svg", "trace"]);
}

#[test]
fn only_load_reads_and_only_write_writes() {
    let reads = ["fs::read", "File::open", "read_dir(", "WalkDir", "OpenOptions", "fs::metadata", "current_dir("];
    let writes = ["fs::write", "File::create", "create_dir", "fs::rename", "fs::remove", "fs::copy", "set_permissions"];
    let own = product();
    let readers = own.iter().filter(|source| !["load.rs", "write.rs"].contains(&source.path.as_str()));
    none("only load.rs reads files", readers.flat_map(|source| source.lines_with(&reads)));
    let writers = own.iter().filter(|source| source.path != "write.rs");
    none("only write.rs writes files", writers.flat_map(|source| source.lines_with(&writes)));
}

#[test]
fn only_the_command_line_prints_and_looks_at_environment_and_clock() {
    let words = [
        "print!(",
        "println!(",
        "eprintln!(",
        "dbg!(",
        "stdout(",
        "stderr(",
        "env::var",
        "env::args",
        "SystemTime",
        "Instant::now",
        "OsRng",
        "getrandom",
        "thread_rng",
        "now_utc",
        "now_local",
    ];
    let own = product();
    let core = own.iter().filter(|source| source.layer() != "cli" && source.path != "main.rs");
    none("only cli prints, reads the environment and looks at the clock", core.flat_map(|it| it.lines_with(&words)));
}

/// Whatever reaches out of the process; `std::path` is names, and `std::time::Duration` is a number.
#[test]
fn nothing_between_reading_and_writing_reaches_files_network_or_clock() {
    let words = [
        "std::env",
        "std::fs",
        "std::io",
        "std::net",
        "std::os",
        "std::process",
        "std::thread",
        "std::time::Instant",
        "std::time::SystemTime",
        "TcpStream",
        "UdpSocket",
        "UnixStream",
        "include_dir!",
        "extern ",
        "Tera::new",
    ];
    let rim = ["cli.rs", "load.rs", "main.rs", "write.rs"];
    let own = product();
    let core = own.iter().filter(|source| !rim.contains(&source.path.as_str()) && source.layer() != "cli");
    let found = core.flat_map(|source| source.lines_with(&words));
    // The ends of a TLS session in memory read and write through these traits.
    let found = found.filter(|line| !line.ends_with(": use std::io::{Read, Write};"));
    none("only load, write and cli reach out of the process", found);
}

/// A step is data: what it takes is a value, and none of them is a place that somebody opens.
#[test]
fn operations_see_their_arguments_and_nothing_else() {
    let own = product();
    let operations =
        own.iter().filter(|source| ["operation", "claim", "crypto", "protocol", "value"].contains(&source.layer()));
    let words = ["crate::load", "crate::write", "crate::source", "std::path", "include_bytes!", "include_str!"];
    none("operations know no files", operations.flat_map(|source| source.lines_with(&words)));
}

#[test]
fn pictures_and_verdicts_know_no_output_format_and_outputs_no_input() {
    let own = product();
    let neutral = own.iter().filter(|source| ["assess", "claim", "diagram", "scene"].contains(&source.layer()));
    none(
        "pictures and verdicts know no format",
        neutral.flat_map(|it| it.lines_with(&["crate::export", "crate::svg"])),
    );
    let outputs = own.iter().filter(|source| ["export", "svg"].contains(&source.layer()));
    none("outputs know no TOML and no crypto", outputs.flat_map(|it| it.lines_with(&["crate::crypto", "toml::"])));
    let crypto = own.iter().filter(|source| source.layer() == "crypto");
    none("the crypto core knows no flow", crypto.flat_map(|it| it.lines_with(&["crate::flow", "crate::trace"])));
}

#[test]
fn every_file_says_what_it_is_and_is_short_enough_to_read() {
    let all = ["src", "tests", "benches"].into_iter().flat_map(files).map(|file| (read(&file), file));
    for (text, file) in all {
        let name = file.display();
        assert!(text.starts_with("//! "), "{name} does not begin with what it is");
        let n_lines = text.lines().count();
        assert!(n_lines <= 800, "{name} has {n_lines} lines");
        assert!(text.ends_with('\n') && !text.contains('\r') && !text.contains('\t'), "{name}: white space");
    }
}

#[test]
fn no_lint_is_switched_off_and_nothing_is_left_to_do() {
    // In two parts, so that this file does not find itself.
    let words = [["allow", "("].concat(), ["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["todo", "!("].concat()];
    let mut wrong = Vec::new();
    for file in ["src", "tests", "benches"].into_iter().flat_map(files) {
        for (index, line) in read(&file).lines().enumerate() {
            if words.iter().any(|word| line.contains(word.as_str())) {
                wrong.push(format!("{}:{}: {}", file.display(), index + 1, line.trim()));
            }
        }
    }
    none("a lint is expected with a reason, and what is to do is an issue", wrong);
}

/// Whatever is true of one method is data of its flow: the engine and what shows its runs know none by name.
#[test]
fn no_stage_after_reading_knows_a_method() {
    // Names that a shipped flow or the words of its family bear, as whole words of code.
    let words =
        ["aws", "azure", "brski", "dps", "fdo", "idevid", "jitp", "jitr", "ldevid", "lwm2m", "matter", "softap"];
    let flows = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("flows")).unwrap();
    let flows: Vec<String> =
        flows.map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned()).collect();
    assert!(flows.len() >= 6);
    let knows = |line: &str| {
        let line = line.to_lowercase();
        // Front matter is what stands before a chapter.
        let line = line.replace("front matter", "").replace("front_matter", "");
        let parts: Vec<&str> = line.split(|c: char| !c.is_ascii_alphanumeric()).collect();
        words.iter().any(|word| parts.contains(word))
            || flows.iter().any(|flow| flow.contains('-') && line.contains(flow.as_str()))
    };
    assert!(knows(r#"if flow.id == "brski" {"#) && knows("x509-factory") && !knows("let words = 1;"));
    let stages = ["book", "diagram", "edition", "export", "run"];
    let own = product();
    let mut found = Vec::new();
    for source in own.iter().filter(|source| stages.contains(&source.layer())) {
        let lines = source.code().lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
        found.extend(
            lines
                .filter(|(_, line)| knows(line))
                .map(|(index, line)| format!("src/{}:{}: {}", source.path, index + 1, line.trim())),
        );
    }
    none("a method is data", found);
}

fn check_sorted(table: &str, names: &[&str]) {
    for pair in names.windows(2) {
        assert!(pair[0] < pair[1], "{table}: `{}` stands before `{}`", pair[0], pair[1]);
    }
}

fn is_kebab(name: &str) -> bool {
    name.split('-').all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()))
}

#[test]
fn tables_are_sorted_by_name() {
    let tables: [(&str, Vec<&str>); 6] = [
        ("OPERATIONS", OPERATIONS.iter().map(|operation| operation.spec().name).collect()),
        ("CLAIMS", CLAIMS.iter().map(|claim| claim.name()).collect()),
        ("Code::ALL", Code::ALL.iter().map(|code| code.name()).collect()),
        ("DIRECTIVES", DIRECTIVES.iter().map(|directive| directive.name).collect()),
        ("TYPES", TYPES.iter().map(|kind| kind.name).collect()),
        ("FILTERS", FILTERS.iter().map(|filter| filter.name).collect()),
    ];
    for (table, names) in &tables {
        check_sorted(table, names);
        assert!(names.iter().all(|name| is_kebab(name)), "{table}: {names:?}");
    }
    assert!(MEMBERS.is_sorted_by_key(|member| member.name), "MEMBERS");
}

#[test]
fn every_entry_says_what_it_is() {
    for operation in OPERATIONS {
        let spec = operation.spec();
        assert!(spec.summary.ends_with('.'), "{}: {}", spec.name, spec.summary);
        for param in spec.params {
            assert!(!param.summary.is_empty() && !param.summary.ends_with('.'), "{}: {}", spec.name, param.name);
        }
        let mut names: Vec<_> = spec.params.iter().map(|param| (param.end, param.name)).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), spec.params.len(), "{} has two parameters of one name", spec.name);
        let sends = matches!(spec.shape, Shape::Message);
        assert!(sends || spec.fields.is_empty(), "{} is no message and has fields", spec.name);
    }
    for code in Code::ALL {
        assert!(is_kebab(code.name()) && code.explanation().ends_with('.'), "{}", code.name());
    }
}

/// The shape of an operation as its `impl` says it, with the methods that the block has.
#[test]
fn an_operation_has_the_methods_of_its_shape_and_a_line_in_the_table() {
    let table = product().into_iter().find(|source| source.path == "operation.rs").unwrap();
    let mut n_found = 0;
    for source in product().iter().filter(|source| source.path.starts_with("operation/")) {
        let module = source.path.trim_start_matches("operation/").trim_end_matches(".rs");
        for block in source.code().split("\nimpl Operation for ").skip(1) {
            let (name, rest) = block.split_once(" {\n").unwrap();
            let block = rest.split("\n}\n").next().unwrap();
            n_found += 1;
            assert!(table.text.contains(&format!("&{module}::{name},")), "{module}::{name} is not in OPERATIONS");
            let written = block.split("name: \"").nth(1).unwrap().split('"').next().unwrap();
            let operation = trustlane::operation::find(written).unwrap();
            let needed: &[&str] = match operation.spec().shape {
                Shape::Local | Shape::Setup => &["perform"],
                Shape::Message => &["encode", "decode"],
                Shape::Session => &["open"],
                Shape::Close => &[],
            };
            for method in ["perform", "encode", "decode", "open"] {
                let has = block.contains(&format!("fn {method}("));
                assert_eq!(has, needed.contains(&method), "`{written}`: `{method}`");
            }
        }
    }
    assert_eq!(n_found, OPERATIONS.len());
}
