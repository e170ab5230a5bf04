//! What pages offer beyond reading: weights, questions, columns, versions, and addresses that moved.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::browser::Browser;
use crate::site::{awaited, version_folder};

const ENTER: &str = "\u{e007}";
const RIGHT: &str = "\u{e014}";
const SPACE: &str = " ";

fn open(page: &Path) -> Browser {
    let browser = Browser::start();
    let complaints = browser.complaints_of(page);
    assert!(complaints.is_empty(), "{}: {complaints:#?}", page.display());
    browser
}

/// What the page at `path` says in each `<td class="… mean">`, as it was published.
fn published_means(path: &Path) -> Vec<String> {
    let html = fs::read_to_string(path).unwrap();
    html.split("mean\">").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

#[test]
fn weights_order_the_methods_as_the_rubric_would() {
    let page = version_folder().join("comparison.html");
    let browser = open(&page);
    let means = || browser.texts(".scored .mean");
    assert_eq!(means(), published_means(&page), "weights that are alike give the means of the build");
    let titles = browser.texts(".scored tbody th");
    assert!(awaited(&browser, ".weights .first")[0].contains(&titles[0]));
    // Only the first score, of which less is better.
    for other in ["security", "friction", "scalability"] {
        browser.type_into(&format!(".weights input[name={other}]"), "\u{e012}");
    }
    let tenths = browser.evaluate(
        "return [...document.querySelectorAll('.scored tbody tr')].map(row => 100 - row.querySelector('[data-tenths]').dataset.tenths)",
    );
    let tenths: Vec<u64> = tenths.as_array().unwrap().iter().map(|value| value.as_u64().unwrap()).collect();
    assert!(tenths.is_sorted_by(|a, b| a >= b), "{tenths:?}");
    assert_eq!(means(), tenths.iter().map(|it| format!("{}.{}", it / 10, it % 10)).collect::<Vec<_>>());
    assert_ne!(browser.texts(".scored tbody th"), titles, "another method is the simplest");
    browser.type_into(".weights input[name=security]", RIGHT);
    browser.click(".weights [data-do=even]");
    assert_eq!(browser.texts(".scored tbody th"), titles);
}

#[test]
fn questions_lead_to_methods_one_at_a_time_and_back() {
    let browser = open(&version_folder().join("comparison.html"));
    let first = browser.texts(".guide .ask");
    let mut n_asked = 0;
    while browser.texts(".guide .fit a").is_empty() {
        browser.type_into(".guide .choices button:last-child", ENTER);
        n_asked += 1;
        assert_eq!(browser.texts(".guide .way li").len(), n_asked, "each answer stands in the way so far");
        assert!(browser.evaluate("return document.activeElement.className").as_str() == Some("ask"));
    }
    assert!(n_asked > 1, "the questions are more than one");
    browser.click(".guide .way li:first-child button");
    assert_eq!(browser.texts(".guide .ask"), first);
}

#[test]
fn columns_can_be_left_out_and_methods_sorted() {
    let browser = open(&version_folder().join("comparison.html"));
    let heads = || browser.texts(".comparison thead th").into_iter().filter(|text| !text.is_empty()).count();
    let before = heads();
    browser.click(".column-choice summary");
    browser.type_into(".column-choice input", SPACE);
    assert_eq!(heads(), before - 1);
    let titles = browser.texts(".comparison tbody th");
    browser.click(".comparison thead th:first-child button");
    browser.click(".comparison thead th:first-child button");
    let mut sorted = titles.clone();
    sorted.sort_by_key(|title| std::cmp::Reverse(title.to_lowercase()));
    assert_eq!(browser.texts(".comparison tbody th"), sorted);
}

fn trustlane(arguments: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_trustlane")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A small book in two versions: the later one has renamed a chapter, and says where it is now.
fn two_versions(folder: &Path) {
    let (project, out) = (folder.join("book"), folder.join("public"));
    let (project_path, out_path) = (project.to_str().unwrap(), out.to_str().unwrap());
    trustlane(&["init", project_path]);
    let book = fs::read_to_string(project.join("book.toml")).unwrap();
    let version = book.lines().find(|line| line.starts_with("version")).unwrap().to_owned();
    let content = project.join("content");
    fs::write(content.join("notes.md"), "# Notes\n\nWhat is to be known.\n").unwrap();
    let summary = fs::read_to_string(content.join("SUMMARY.md")).unwrap();
    fs::write(content.join("SUMMARY.md"), format!("{summary}\n- [Notes](notes.md)\n")).unwrap();
    fs::write(project.join("book.toml"), book.replace(&version, "version = \"1.0\"")).unwrap();
    trustlane(&["build", project_path, "-o", out_path]);
    fs::rename(content.join("notes.md"), content.join("remarks.md")).unwrap();
    fs::write(content.join("SUMMARY.md"), format!("{summary}\n- [Notes](remarks.md)\n")).unwrap();
    let book = book.replace(&version, "version = \"1.1\"\nurl = \"https://book.example/\"");
    fs::write(project.join("book.toml"), book + "\n[redirects]\n\"notes.html\" = \"remarks.html\"\n").unwrap();
    trustlane(&["build", project_path, "-o", out_path]);
}

#[test]
fn an_old_version_says_so_and_leads_to_the_same_page_of_the_latest() {
    let folder = tempfile::tempdir().unwrap();
    two_versions(folder.path());
    let public = folder.path().join("public");
    let browser = open(&public.join("1.0/notes.html"));
    assert!(awaited(&browser, "main .old")[0].contains("version 1.0"));
    let address = || browser.evaluate("return location.pathname").as_str().unwrap().to_owned();
    // The page was renamed; its redirect is a page of the later version.
    browser.click("main .old a");
    for _ in 0..100 {
        if address().ends_with("1.1/remarks.html") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(address().ends_with("1.1/remarks.html"), "{}", address());
    assert_eq!(browser.texts("main .old"), [""; 0], "the latest version is not marked");
    let options = awaited(&browser, ".top select option");
    assert_eq!(options, ["version 1.1 (latest)", "version 1.0"]);
    // The older version has no such page, so its first one is shown.
    browser.type_into(".top select", "version 1.0");
    for _ in 0..100 {
        if address().ends_with("1.0/index.html") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(address().ends_with("1.0/index.html"), "{}", address());
}

#[test]
fn the_map_has_every_page_and_a_missing_page_finds_home() {
    let folder = tempfile::tempdir().unwrap();
    two_versions(folder.path());
    let version = folder.path().join("public/1.1");
    let map = fs::read_to_string(version.join("sitemap.xml")).unwrap();
    for page in ["index.html", "remarks.html"] {
        assert!(map.contains(&format!("<loc>https://book.example/1.1/{page}</loc>")), "{map}");
    }
    assert!(!map.contains("404.html") && !map.contains("notes.html"));
    let missing = fs::read_to_string(version.join("404.html")).unwrap();
    assert!(missing.contains("href=\"https://book.example/1.1/static/site.css\""), "it is shown at any address");
    assert!(fs::read_to_string(folder.path().join("public/404.html")).unwrap().contains("1.1/index.html"));
    assert!(!folder.path().join("public/1.0/sitemap.xml").exists(), "a map has whole addresses only");
}
