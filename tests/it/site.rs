//! The published site: the same bytes everywhere, commands that work as printed, pages that open without a complaint.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use crate::browser::Browser;
use crate::runs::PROJECT;

/// The shipped book, built once for all tests of this file.
pub(crate) static SITE: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    build(Path::new(env!("CARGO_MANIFEST_DIR")), &folder.path().join("public"), &[]);
    folder
});

fn build(project: &Path, out: &Path, environment: &[(&str, &str)]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trustlane"));
    command.arg("build").arg(project).arg("-o").arg(out).envs(environment.iter().copied());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

pub(crate) fn version_folder() -> PathBuf {
    let public = SITE.path().join("public");
    let versions: serde_json::Value = serde_json::from_slice(&fs::read(public.join("versions.json")).unwrap()).unwrap();
    public.join(versions[0]["path"].as_str().unwrap())
}

pub(crate) fn files(root: &Path, ending: &str) -> Vec<PathBuf> {
    let walked = walkdir::WalkDir::new(root).sort_by_file_name().into_iter().map(|entry| entry.unwrap().into_path());
    walked.filter(|path| path.is_file() && path.to_string_lossy().ends_with(ending)).collect()
}

#[test]
fn the_same_sources_give_the_same_bytes_in_another_folder_and_environment() {
    let there = tempfile::tempdir().unwrap();
    let project = there.path().join("a project elsewhere");
    for folder in ["content", "flows", "static", "templates"] {
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &project.join(folder));
    }
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("book.toml"), project.join("book.toml")).unwrap();
    let out = there.path().join("out");
    let home = there.path().to_string_lossy().into_owned();
    // A shell sets the umask, which no environment variable does.
    let output = Command::new("sh")
        .args(["-c", "umask 077; exec \"$0\" build \"$1\" -o \"$2\""])
        .arg(env!("CARGO_BIN_EXE_trustlane"))
        .args([&project, &out])
        .envs([("TZ", "Pacific/Kiritimati"), ("HOME", &home), ("LANG", "tr_TR.UTF-8"), ("LC_ALL", "tr_TR.UTF-8")])
        .env("RAYON_NUM_THREADS", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let difference = Command::new("diff").arg("-r").args([&SITE.path().join("public"), &out]).output().unwrap();
    assert!(difference.status.success(), "{}", String::from_utf8_lossy(&difference.stdout));
}

fn copy(from: &Path, to: &Path) {
    for file in files(from, "") {
        let target = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(&file, target).unwrap();
    }
}

/// A command on a page, with the folder in which it is to be run.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Printed {
    folder: PathBuf,
    line: String,
    prints: Option<String>,
}

/// Every command that the pages print.
fn printed_commands() -> BTreeSet<Printed> {
    let root = version_folder();
    let mut found = BTreeSet::new();
    for page in files(&root.join("methods"), ".html") {
        let text = fs::read_to_string(&page).unwrap();
        for part in text.split("<pre class=\"command\"").skip(1) {
            // A command says so where it does not run in the folder of the downloads.
            let own = part.split('>').next().unwrap().split("data-folder=\"").nth(1);
            let own = own.map(|own| root.join(own.split('"').next().unwrap()));
            let line = unescaped(between(part, "<code>", "</code>"));
            let rest = part.split("</pre>").nth(1).unwrap().trim_start();
            let prints =
                rest.starts_with("<p class=\"prints\">").then(|| unescaped(between(rest, "<code>", "</code>")));
            // Elsewhere it runs where the file is that stands below it to download.
            let folder = own.unwrap_or_else(|| {
                let file = unescaped(between(between(part, "<p class=\"files\">", "</p>"), "href=\"", "\""));
                page.parent().unwrap().join(file).parent().unwrap().canonicalize().unwrap()
            });
            found.insert(Printed { folder, line, prints });
        }
    }
    found
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    text.split(before).nth(1).and_then(|rest| rest.split(after).next()).unwrap()
}

fn unescaped(text: &str) -> String {
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&#x2F;", "/"),
        ("&amp;", "&"),
    ];
    entities.iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}

fn run_as_printed(printed: &Printed, date: Option<&str>) {
    let mut command = match date {
        None => Command::new("sh"),
        Some(date) => {
            let mut command = Command::new("faketime");
            command.args(["-f", date, "sh"]);
            command
        }
    };
    let output = command.args(["-c", &printed.line]).current_dir(&printed.folder).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "`{}` on {date:?} says: {said}", printed.line);
    if let Some(prints) = &printed.prints {
        assert!(said.contains(prints.as_str()), "`{}` says: {said}", printed.line);
    }
}

#[test]
fn every_printed_command_works_exactly_as_printed() {
    let commands = printed_commands();
    let verbs = [
        "openssl verify ",
        "openssl req -verify",
        "openssl crl ",
        "openssl pkey ",
        "tshark -r ",
        "tshark -d ",
        "python3 -c ",
    ];
    for verb in verbs {
        assert!(commands.iter().any(|command| command.line.starts_with(verb)), "no page prints `{verb}`");
    }
    for printed in &commands {
        run_as_printed(printed, None);
    }
}

#[test]
fn every_printed_command_still_works_in_ten_years() {
    let year = |date: &str| {
        let output = Command::new("faketime").args(["-f", date, "date", "+%Y"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().parse::<u32>().unwrap()
    };
    assert_eq!(year("+10y"), year("+0") + 10, "the date is not moved");
    // What only reads a file reads no clock.
    let reads = ["openssl pkey ", "openssl asn1parse ", "tshark "];
    let by_clock = |printed: &&Printed| !reads.iter().any(|verb| printed.line.starts_with(verb));
    let commands = printed_commands();
    assert!(commands.iter().filter(by_clock).count() > 50, "certificates are verified at a moment");
    for printed in commands.iter().filter(by_clock) {
        run_as_printed(printed, Some("+10y"));
    }
}

#[test]
fn openssl_reads_every_certificate_request_and_list_as_der() {
    for file in files(&version_folder().join("artifacts"), ".pem") {
        let text = fs::read_to_string(&file).unwrap();
        let output = Command::new("openssl").arg("asn1parse").arg("-in").arg(&file).output().unwrap();
        assert!(output.status.success(), "{}: {}", file.display(), String::from_utf8_lossy(&output.stderr));
        if text.contains("PRIVATE KEY") {
            let first = text.lines().next().unwrap();
            assert!(first.starts_with("# THROW-AWAY KEY"), "{} begins with `{first}`", file.display());
        }
    }
}

/// The texts of `selector` as soon as there are any.
pub(crate) fn awaited(browser: &Browser, selector: &str) -> Vec<String> {
    for _ in 0..100 {
        let texts: Vec<String> = browser.texts(selector).into_iter().filter(|text| !text.is_empty()).collect();
        if !texts.is_empty() {
            return texts;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("`{selector}` shows nothing");
}

#[test]
fn words_are_found_with_the_keyboard_and_without_a_server() {
    const DOWN: &str = "\u{e015}";
    const ENTER: &str = "\u{e007}";
    const ESCAPE: &str = "\u{e00c}";
    const BACKSPACE: &str = "\u{e003}";
    let browser = Browser::start();
    let page = version_folder().join("methods/brski.html");
    drop(browser.complaints_of(&page));
    browser.type_into("body", "/");
    // What stands nearly everywhere is passed over.
    browser.type_into(".search input", "the join prox");
    let found = awaited(&browser, ".search li");
    assert!(found[0].to_lowercase().contains("join proxy"), "{found:#?}");
    browser.type_into(".search input", ESCAPE);
    assert!(awaited(&browser, "h1")[0].contains("BRSKI") && browser.texts(".search li").iter().all(String::is_empty));
    browser.evaluate("document.querySelector('.search input').value = ''");
    browser.type_into(".search input", "xyzzy");
    assert_eq!(awaited(&browser, ".search .found p"), ["Nothing has all of these words."]);
    browser.evaluate("document.querySelector('.search input').value = ''");
    browser.type_into(".search input", "operations tls");
    drop(awaited(&browser, ".search li"));
    browser.type_into(".search input", DOWN);
    browser.type_into(".search li:first-child a", ESCAPE);
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert!(browser.texts(".search .found").iter().all(String::is_empty), "it stays closed from a result too");
    browser.type_into(".search input", BACKSPACE);
    drop(awaited(&browser, ".search li"));
    browser.type_into(".search input", DOWN);
    browser.type_into(".search li:first-child a", ENTER);
    let address = browser.evaluate("return location.href");
    assert!(address.as_str().unwrap().contains(".html"), "{address}");
    assert!(!address.as_str().unwrap().ends_with("brski.html"), "a page was opened: {address}");
}

#[test]
fn what_was_ticked_is_kept() {
    const SPACE: &str = " ";
    let browser = Browser::start();
    let page = version_folder().join("checklists/factory.html");
    let count = |browser: &Browser| awaited(browser, ".ticked span")[0].clone();
    drop(browser.complaints_of(&page));
    let none = count(&browser);
    assert!(none.starts_with("0 of "), "{none}");
    browser.type_into(".task input", SPACE);
    assert_eq!(count(&browser), none.replacen('0', "1", 1));
    let complaints = browser.complaints_of(&page);
    assert!(complaints.is_empty(), "{complaints:#?}");
    assert_eq!(count(&browser), none.replacen('0', "1", 1), "after the page was opened again");
    browser.type_into(".ticked button", SPACE);
    assert_eq!(count(&browser), none);
}

#[test]
fn every_page_forbids_scripts_that_stand_in_it() {
    for page in files(&version_folder(), ".html") {
        let text = fs::read_to_string(&page).unwrap();
        let policy = text.split("http-equiv=\"Content-Security-Policy\" content=\"").nth(1);
        let policy = policy.unwrap_or_else(|| panic!("{} has no policy", page.display())).split('"').next().unwrap();
        assert!(policy.contains("default-src 'none'; script-src 'self';"), "{}: {policy}", page.display());
        let mut scripts = text.split("<script").skip(1);
        assert!(scripts.all(|script| script.starts_with(" src=\"")), "{} has a script in it", page.display());
    }
}

#[test]
fn what_is_found_is_there_and_the_index_is_small() {
    let folder = version_folder().join("search");
    let index = fs::read_to_string(folder.join("entries.js")).unwrap();
    let index = index.strip_prefix("trustlaneSearch.entries(").unwrap().strip_suffix(");\n").unwrap();
    let (entries, parts, common): (Vec<(String, String, String)>, String, Vec<String>) =
        serde_json::from_str(index).unwrap();
    assert!(entries.len() > 1000, "{} entries", entries.len());
    assert!(common.contains(&"the".to_owned()) && common.len() < 40, "{common:?}");
    let anchors = fs::read_to_string(version_folder().join("data/anchors.json")).unwrap();
    let anchors: BTreeMap<String, BTreeSet<String>> = serde_json::from_str(&anchors).unwrap();
    for (title, path, _) in &entries {
        let (page, anchor) = path.split_once('#').unwrap_or((path, ""));
        let known = anchors.get(page).unwrap_or_else(|| panic!("`{title}` leads to {page}"));
        assert!(anchor.is_empty() || known.contains(anchor), "`{title}` leads to {path}");
    }
    let sizes = files(&folder, ".js").into_iter().map(|file| fs::metadata(file).unwrap().len());
    let sizes: Vec<u64> = sizes.collect();
    assert_eq!(sizes.len(), parts.chars().count() + 1);
    assert!(sizes.iter().sum::<u64>() < 1_500_000 && *sizes.iter().max().unwrap() < 400_000, "{sizes:?}");
}

/// Bytes of a file as servers send it.
fn compressed(file: &Path) -> usize {
    let output = Command::new("gzip").args(["-6", "-c"]).arg(file).output().unwrap();
    assert!(output.status.success(), "{}", file.display());
    output.stdout.len()
}

#[test]
fn a_method_loads_less_than_a_quarter_of_a_megabyte_fonts_included() {
    let root = version_folder();
    // Letters outside of Latin come only where a page has them.
    let fonts: u64 =
        files(&root.join("static/fonts"), "-Latin.woff2").iter().map(|font| font.metadata().unwrap().len()).sum();
    assert!(fonts > 0);
    for flow in &PROJECT.flows {
        let page = root.join(format!("methods/{}.html", flow.id));
        let text = fs::read_to_string(&page).unwrap();
        let named = |attribute: &str, ending: &str| -> usize {
            let links = text.split(attribute).skip(1).filter_map(|rest| rest.split('"').next());
            let files: BTreeSet<&str> =
                links.filter(|link| link.starts_with("../static/") && link.ends_with(ending)).collect();
            assert!(!files.is_empty(), "{attribute}{ending}");
            files.iter().map(|file| compressed(&root.join(file.trim_start_matches("../")))).sum()
        };
        let sum =
            compressed(&page) + named("href=\"", ".css") + named("src=\"", ".js") + usize::try_from(fonts).unwrap();
        assert!(sum < 250_000, "{}: {sum}", flow.id);
    }
    let scripts: usize = files(&root.join("static"), ".js").iter().map(|script| compressed(script)).sum();
    assert!(scripts < 40_000, "{scripts}");
}

#[test]
fn no_page_asks_for_anything_from_outside() {
    for file in files(&version_folder(), "").iter().filter(|file| {
        let name = file.to_string_lossy();
        [".html", ".css", ".js", ".svg"].iter().any(|ending| name.ends_with(ending))
    }) {
        let text = fs::read_to_string(file).unwrap();
        for trace in ["src=\"http", "href=\"//", "src=\"//", "url(http", "url(//", "@import"] {
            assert!(!text.contains(trace), "{} has `{trace}`", file.display());
        }
    }
}
