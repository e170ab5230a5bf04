//! The published site: the same bytes everywhere, commands that work as printed, pages that open without a complaint.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use trustlane::book::attack;
use trustlane::diag::Sink;
use trustlane::{load, project};

use crate::browser::{Browser, Scripting};
use crate::runs::PROJECT;

/// The shipped book, built once for all tests of this file.
static SITE: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
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

fn version_folder() -> PathBuf {
    let public = SITE.path().join("public");
    let versions: serde_json::Value = serde_json::from_slice(&fs::read(public.join("versions.json")).unwrap()).unwrap();
    public.join(versions[0]["path"].as_str().unwrap())
}

fn files(root: &Path, ending: &str) -> Vec<PathBuf> {
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
    for printed in &printed_commands() {
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

/// Every page, and of the scenarios of a method one of each kind: their pages come from one template.
fn pages_of_each_kind() -> Vec<PathBuf> {
    let (sources, mut sink) = (load::shipped(), Sink::default());
    let project = project(&sources, &mut sink).expect("the shipped book is sound");
    let mut left_out = BTreeSet::new();
    for flow in &project.flows {
        let mut kinds = Vec::new();
        for scenario in &flow.scenarios {
            let kind = std::mem::discriminant(&scenario.kind);
            if kinds.contains(&kind) {
                left_out.insert(version_folder().join(attack::scenario_path(flow, &scenario.id)));
            }
            kinds.push(kind);
        }
    }
    let pages: Vec<PathBuf> =
        files(&version_folder(), ".html").into_iter().filter(|page| !left_out.contains(page)).collect();
    assert!(pages.len() > 5 * project.flows.len(), "{} pages", pages.len());
    pages
}

#[test]
fn pages_open_without_a_complaint() {
    let browser = Browser::start(Scripting::On);
    for page in pages_of_each_kind() {
        let complaints = browser.complaints_of(&page);
        assert!(complaints.is_empty(), "{}: {complaints:#?}", page.display());
    }
    let complaints = browser.complaints_of(&SITE.path().join("public/index.html"));
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[test]
fn pages_are_complete_without_scripting() {
    let (with, without) = (Browser::start(Scripting::On), Browser::start(Scripting::Off));
    for page in pages_of_each_kind() {
        drop(with.complaints_of(&page));
        drop(without.complaints_of(&page));
        let (rich, plain) = (with.main_text(), without.main_text());
        assert!(!plain.is_empty(), "{} is empty without scripting", page.display());
        // Script adds controls; it must not be needed for any word of the content.
        for heading in with.headings() {
            assert!(plain.contains(&heading), "{} lacks `{heading}` without scripting", page.display());
        }
        assert!(plain.len() * 100 >= rich.len() * 95, "{} has less text without scripting", page.display());
    }
}

#[test]
fn no_page_scrolls_sideways_on_a_phone() {
    const WIDTH: u32 = 390;
    let browser = Browser::start(Scripting::On);
    browser.become_phone(WIDTH);
    let methods = PROJECT.flows.iter().map(|flow| version_folder().join(format!("methods/{}.html", flow.id)));
    for page in pages_of_each_kind().into_iter().chain(methods) {
        drop(browser.complaints_of(&page));
        let width = browser.page_width();
        assert!(width <= u64::from(WIDTH), "{} is {width} pixels wide", page.display());
    }
}

/// The texts of `selector` as soon as there are any.
fn awaited(browser: &Browser, selector: &str) -> Vec<String> {
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
    let browser = Browser::start(Scripting::On);
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
    let browser = Browser::start(Scripting::On);
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

/// Opens the page of BRSKI, at a fragment or from the top.
fn open_brski(browser: &Browser, fragment: &str) {
    let complaints = browser.complaints_of(&version_folder().join(format!("methods/brski.html{fragment}")));
    assert!(complaints.is_empty(), "{complaints:#?}");
}

/// What a script returns, which must be a text.
fn told(browser: &Browser, script: &str) -> String {
    browser.evaluate(script).as_str().unwrap_or_else(|| panic!("`{script}` returns no text")).to_owned()
}

const COUNT: &str = "return document.querySelector('.stage .count').textContent";
const SAID: &str = "return document.querySelector('.stage .said').textContent";

#[test]
fn keys_step_on_the_stepper_alone_and_each_step_is_said_and_has_an_address() {
    const END: &str = "\u{e010}";
    const ESCAPE: &str = "\u{e00c}";
    const LEFT: &str = "\u{e012}";
    const RIGHT: &str = "\u{e014}";
    let browser = Browser::start(Scripting::On);
    open_brski(&browser, "");
    let all = told(&browser, COUNT);
    let n_steps = all.split(' ').next().unwrap().to_owned();
    // Elsewhere the keys belong to the reader and to the screen reader.
    browser.type_into("body", RIGHT);
    browser.type_into(".overview a", &format!("{RIGHT}{END}"));
    browser.type_into(".steps summary", RIGHT);
    assert_eq!((told(&browser, COUNT), told(&browser, SAID)), (all.clone(), String::new()));
    browser.type_into(".stage .picture", &format!("{RIGHT}{RIGHT}{RIGHT}{LEFT}"));
    assert_eq!(told(&browser, COUNT), format!("Step 2 of {n_steps}"));
    browser.type_into("[data-do=back]", END);
    assert_eq!(told(&browser, COUNT), format!("Step {n_steps} of {n_steps}"));
    browser.type_into(".stage .picture", ESCAPE);
    assert_eq!(told(&browser, COUNT), all);
    // Space plays on the picture, and pauses again.
    browser.type_into(".stage .picture", " ");
    assert_eq!(awaited(&browser, "[data-do=play]"), ["Pause"]);
    browser.type_into(".stage .picture", " ");
    assert_eq!(awaited(&browser, "[data-do=play]"), ["Play"]);
    // One sentence says where the step is, who acts, what, and how it was protected.
    let number = told(
        &browser,
        "const say = 'Pledge to Registrar, voucher-request, peer not yet verified';
         const link = document.querySelector(`[data-say=\"${say}\"]`);
         link.click();
         return link.querySelector('.number').textContent",
    );
    let place = format!("Step {number} of {n_steps}");
    assert_eq!(told(&browser, SAID), format!("{place}, Pledge to Registrar, voucher-request, peer not yet verified"));
    let regions =
        browser.evaluate("return document.querySelectorAll('.stage [role=status], .stage [aria-live]').length");
    assert_eq!(regions, 1);
    // The address leads to the step, in the stage and in the list.
    let fragment = told(&browser, "return location.hash");
    assert!(fragment.starts_with("#run-step-"), "{fragment}");
    open_brski(&browser, "");
    assert_eq!(told(&browser, COUNT), all);
    open_brski(&browser, &fragment);
    assert_eq!(told(&browser, COUNT), place);
    open_brski(&browser, "");
    open_brski(&browser, &fragment.replace("#run-step-", "#step-"));
    assert_eq!(told(&browser, COUNT), place);
}

#[test]
fn the_speed_and_the_chosen_link_and_device_are_kept() {
    let browser = Browser::start(Scripting::On);
    open_brski(&browser, "");
    browser.evaluate(
        "for (const [selector, value] of [['.speed', '2'], ['select.link', '7'], ['select.device', '0']]) {
             const select = document.querySelector(selector);
             select.value = value;
             select.dispatchEvent(new Event('change'));
         }",
    );
    open_brski(&browser, "");
    assert_eq!(told(&browser, "return document.querySelector('.speed').value"), "2");
    let (link, device, time) = (
        told(&browser, "return document.querySelector('.durations thead tr').children[8].textContent"),
        told(&browser, "return document.querySelector('.durations tbody tr').children[0].textContent"),
        told(&browser, "return document.querySelector('.durations tbody tr').children[8].firstChild.textContent"),
    );
    let chosen = told(&browser, "return document.querySelector('.chosen').textContent");
    assert!(chosen.starts_with(time.trim()), "{chosen}");
    assert!(chosen.contains(&format!("{device} over {link}")), "{chosen}");
    // What does not work is said with its reason.
    assert!(chosen.contains(&format!("Over {link} it cannot work: the handshake")), "{chosen}");
}

#[test]
fn on_a_phone_the_step_comes_first_and_the_picture_follows_in_its_frame() {
    let browser = Browser::start(Scripting::On);
    browser.become_phone(390);
    open_brski(&browser, "");
    let script = "const stage = document.getElementById('run-stage'), frame = stage.querySelector('.picture');
        stage.scrollIntoView({ behavior: 'instant' });
        const before = window.scrollY;
        stage.querySelector('[data-do=next]').click();
        const moved = window.scrollY - before;
        stage.querySelector('[data-do=last]').click();
        const current = stage.querySelector('.tl-current').getBoundingClientRect(), view = frame.getBoundingClientRect();
        const targets = Array.from(stage.querySelectorAll('.stepper button, .stepper select, .scenarios summary'));
        const sizes = targets.map(target => target.getBoundingClientRect());
        const top = selector => stage.querySelector(selector).getBoundingClientRect().top;
        return {
            moved,
            first: top('.current') < top('.picture'),
            shown: current.top >= view.top && current.bottom <= view.bottom,
            low: sizes.filter(size => size.height < 44 || size.width < 44).length,
            targets: sizes.length,
        }";
    let found = browser.evaluate(script);
    assert_eq!(found["moved"], 0, "the page moves under the thumb: {found}");
    assert_eq!(found["first"], true, "{found}");
    assert_eq!(found["shown"], true, "{found}");
    assert_eq!(found["targets"], 8, "{found}");
    assert_eq!(found["low"], 0, "a target is too small: {found}");
}

#[test]
fn two_methods_go_side_by_side_in_step() {
    const END: &str = "\u{e010}";
    let browser = Browser::start(Scripting::On);
    open_brski(&browser, "");
    browser.evaluate("document.querySelector(\".beside a[href$='enrolment-token.html']\").click()");
    for _ in 0..200 {
        if told(&browser, COUNT).ends_with(" moments") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    // Every moment, as the two lines above the frames say it: "Step 3 of 111 · setup".
    let moments = browser.evaluate(
        "const next = document.querySelector('[data-do=next]'), lines = [];
         while (!next.disabled) {
             next.click();
             lines.push(Array.from(document.querySelectorAll('.twin .where'), line => line.textContent));
         }
         return lines",
    );
    let moments: Vec<[String; 2]> = serde_json::from_value(moments).unwrap();
    let phase = |line: &str| line.split(" · ").nth(1).unwrap().to_owned();
    let begins = |side: usize, name: &str| moments.iter().position(|lines| phase(&lines[side]) == name);
    let names: BTreeSet<String> = moments.iter().map(|lines| phase(&lines[0])).collect();
    let shared: Vec<&String> = names.iter().filter(|name| begins(1, name).is_some()).collect();
    assert!(shared.len() > 1, "{names:?}");
    for name in shared {
        assert_eq!(begins(0, name), begins(1, name), "`{name}` does not begin in both at once");
    }
    // Both arrive, and one stepper has the keys.
    browser.type_into("[data-do=back]", END);
    for line in browser.texts(".twin .where") {
        let words: Vec<&str> = line.split(' ').collect();
        assert_eq!(words[1], words[3], "{line}");
    }
    let log = browser.complaints_of(&version_folder().join("index.html"));
    assert!(log.is_empty(), "{log:#?}");
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
