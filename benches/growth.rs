//! How the cost of a book grows with its pages, and what mdBook takes for the same pages: whole processes, in one run.
//!
//! The pages are this repository's own chapters, without what a run tells, again and again until there are enough.
//! `MDBOOK=/path/to/mdbook cargo bench --bench growth`; without it, Trustlane is measured alone.

#![expect(clippy::unwrap_used, reason = "a bench that cannot begin may panic")]
#![expect(clippy::disallowed_methods, reason = "books to build are files")]
#![expect(clippy::print_stdout, reason = "what was measured is told")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Pages of the small and of the large book.
const PAGES: [usize; 2] = [50, 500];
/// Times that each is built; the quickest counts, since other work only adds.
const REPEATED: usize = 3;

/// What a process took.
#[derive(Clone, Copy)]
struct Cost {
    time: Duration,
    /// Most memory that it had, in kibibytes.
    peak: u64,
}

/// Runs a command; its peak is asked of the kernel while it runs.
fn cost(command: &mut Command) -> Cost {
    let begun = Instant::now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let ended = loop {
        if let Some(ended) = child.try_wait().unwrap() {
            break ended;
        }
        let line = fs::read_to_string(&status).unwrap_or_default();
        let line = line.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(peak);
        std::thread::sleep(Duration::from_millis(1));
    };
    assert!(ended.success(), "{command:?}");
    Cost { time: begun.elapsed(), peak }
}

fn quickest(mut command: impl FnMut() -> Command) -> Cost {
    (0..REPEATED).map(|_| cost(&mut command())).min_by_key(|cost| cost.time).unwrap()
}

/// The chapters as any Markdown tool reads them: without directives, roles and front matter, and without links to pages,
/// which the copies do not have.
fn chapters() -> Vec<String> {
    let content = Path::new(env!("CARGO_MANIFEST_DIR")).join("content");
    let mut paths: Vec<PathBuf> = walk(&content);
    paths.sort();
    let texts = paths.iter().map(|path| plain(&fs::read_to_string(path).unwrap()));
    texts.filter(|text| text.len() > 1_000).collect()
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let below = entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] });
    let is_chapter = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "md");
    below.filter(is_chapter).filter(|path| !path.ends_with("SUMMARY.md")).collect()
}

fn plain(text: &str) -> String {
    let title = text.lines().find_map(|line| line.strip_prefix("title = ")).unwrap_or("\"Chapter\"").trim_matches('"');
    let body = text.split("\n+++\n").nth(1).unwrap_or(text);
    let mut plain = format!("# {title}\n");
    let mut fence = None;
    for line in body.lines() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        match fence {
            None if ticks >= 3 && line[ticks..].starts_with('{') => fence = Some(ticks),
            Some(open) if ticks == open => fence = None,
            // The name of a table stands once in a book.
            None if line.starts_with(": ") => {}
            Some(_) => {}
            None => writeln!(plain, "{}", without_roles(&without_links(line))).unwrap(),
        }
    }
    plain
}

/// `{role}` before code goes, so that code stays.
fn without_roles(line: &str) -> String {
    let mut rest = line;
    let mut plain = String::new();
    while let Some((before, after)) = rest.split_once("}`") {
        let role = before.rfind('{').filter(|at| before[at + 1..].chars().all(|c| c.is_ascii_lowercase()));
        plain.push_str(&before[..role.unwrap_or(before.len())]);
        plain.push_str(if role.is_some() { "`" } else { "}`" });
        rest = after;
    }
    plain + rest
}

/// `[words](path.md)` becomes its words.
fn without_links(line: &str) -> String {
    let mut plain = line.to_owned();
    while let Some(middle) = plain.find("](") {
        let (Some(from), Some(to)) = (plain[..middle].rfind('['), plain[middle..].find(')')) else { break };
        plain = format!("{}{}{}", &plain[..from], &plain[from + 1..middle], &plain[middle + to + 1..]);
    }
    plain
}

/// A book of `n` pages for both tools.
fn write_book(folder: &Path, chapters: &[String], n: usize) {
    let (ours, theirs) = (folder.join("content"), folder.join("src"));
    fs::create_dir_all(&ours).unwrap();
    fs::create_dir_all(&theirs).unwrap();
    let mut summary = String::from("# Summary\n\n- [Home](index.md)\n");
    for at in 1..n {
        let text = &chapters[at % chapters.len()];
        for folder in [&ours, &theirs] {
            fs::write(folder.join(format!("page-{at}.md")), text).unwrap();
        }
        writeln!(summary, "- [Page {at}](page-{at}.md)").unwrap();
    }
    for folder in [&ours, &theirs] {
        fs::write(folder.join("index.md"), "# Home\n\nA book to measure.\n").unwrap();
        fs::write(folder.join("SUMMARY.md"), &summary).unwrap();
    }
    // mdBook reads the same file, and passes over what it does not know.
    let run = "[run]\nseed = \"bench\"\nclock = \"2026-01-01T00:00:00Z\"\n";
    fs::write(
        folder.join("trustlane.toml"),
        format!("[book]\ntitle = \"Bench\"\nversion = \"1\"\nmethods = []\n\n{run}"),
    )
    .unwrap();
    fs::write(folder.join("mdbook.toml"), "[book]\ntitle = \"Bench\"\n").unwrap();
}

/// Bytes of the files below `folder` whose names `is_meant` accepts.
fn bytes(folder: &Path, is_meant: &dyn Fn(&Path) -> bool) -> u64 {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let sizes = entries.map(|path| match path.is_dir() {
        true => bytes(&path, is_meant),
        false if is_meant(&path) => path.metadata().unwrap().len(),
        false => 0,
    });
    sizes.sum()
}

/// A tool: the name of its settings, and the command that builds a folder.
type Tool<'t> = (&'t str, &'t str, &'t dyn Fn(&Path) -> Command);

fn measure(tools: &[Tool<'_>], chapters: &[String]) -> Vec<(String, Vec<Cost>)> {
    let mut found = Vec::new();
    for (name, settings, command) in tools {
        let mut costs = Vec::new();
        for n in PAGES {
            let folder = tempfile::tempdir().unwrap();
            write_book(folder.path(), chapters, n);
            fs::rename(folder.path().join(settings), folder.path().join("book.toml")).unwrap();
            costs.push(quickest(|| command(folder.path())));
            if *name == "trustlane" {
                let search = bytes(folder.path(), &|path| path.parent().is_some_and(|it| it.ends_with("search")));
                println!("search index of {n} pages: {:.2} MB", mega(search));
            }
        }
        found.push(((*name).to_owned(), costs));
    }
    found
}

#[expect(clippy::cast_precision_loss, reason = "sizes are far below what a float holds exactly")]
fn mega(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn main() {
    let chapters = chapters();
    let trustlane = |folder: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trustlane"));
        command.arg("build").arg(folder).arg("-o").arg(folder.join("out"));
        command
    };
    let mdbook = std::env::var_os("MDBOOK");
    let other = |folder: &Path| {
        let mut command = Command::new(mdbook.as_ref().unwrap());
        command.arg("build").arg(folder).arg("-d").arg(folder.join("out"));
        command
    };
    let mut tools: Vec<Tool<'_>> = vec![("trustlane", "trustlane.toml", &trustlane)];
    if mdbook.is_some() {
        tools.push(("mdbook", "mdbook.toml", &other));
    }
    let found = measure(&tools, &chapters);
    for (name, costs) in &found {
        for (n, cost) in PAGES.iter().zip(costs) {
            println!("{name} {n} pages: {:.3} s, {:.1} MB", cost.time.as_secs_f64(), mega(cost.peak * 1024));
        }
        let growth = costs[1].time.as_secs_f64() / costs[0].time.as_secs_f64();
        println!("{name}: ten times the pages take {growth:.1} times as long");
    }
    if let [(_, ours), (_, theirs)] = found.as_slice() {
        for ((n, ours), theirs) in PAGES.iter().zip(ours).zip(theirs) {
            let time = ours.time.as_secs_f64() / theirs.time.as_secs_f64();
            println!("{n} pages: {time:.2} of mdbook's time, {:.2} of its memory", mega(ours.peak) / mega(theirs.peak));
        }
    }
}
