//! Chapters and runs in, pages and diagnostics out.

use std::path::Path;

use super::fixture::{ABSENT, OPERATIONS, material, sources};
use super::*;
use crate::diag::Diagnostic;
use crate::export::{Output, export_all};
use crate::source::line_and_column;

fn compose_with(chapters: &[(&str, &str)]) -> (Option<Edition>, Vec<Diagnostic>, Sources) {
    let sources = sources(chapters);
    let mut sink = Sink::default();
    let (project, runs, assessment) = material(&sources, &mut sink);
    let edition = compose(project, runs, assessment, OPERATIONS, &sources, &mut sink);
    (edition, sink.into_sorted(), sources)
}

/// Each diagnostic as `path:line:column code message (hint)`.
fn reports(chapters: &[(&str, &str)]) -> Vec<String> {
    let (_, diagnostics, sources) = compose_with(chapters);
    let report = |diagnostic: Diagnostic| {
        let place = diagnostic.span.map_or_else(String::new, |span| {
            let (line, column) = line_and_column(sources.text(&span.path).unwrap_or_default(), span.start);
            format!("{}:{line}:{column} ", span.path)
        });
        let hints = diagnostic.hints.join("; ");
        format!("{place}{} {} ({hints})", diagnostic.code.name(), diagnostic.message)
    };
    diagnostics.into_iter().map(report).collect()
}

fn outputs() -> Vec<Output> {
    outputs_with(&[])
}

fn outputs_with(chapters: &[(&str, &str)]) -> Vec<Output> {
    let (edition, diagnostics, _) = compose_with(chapters);
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    let mut sink = Sink::default();
    let outputs = export_all(&edition.unwrap(), &mut sink);
    let diagnostics = sink.into_sorted();
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    outputs.unwrap()
}

fn page(path: &str) -> String {
    page_with(&[], path)
}

fn page_with(chapters: &[(&str, &str)], path: &str) -> String {
    let outputs = outputs_with(chapters);
    let output = outputs.iter().find(|output| output.path == path).unwrap();
    String::from_utf8(output.bytes.clone()).unwrap()
}

/// Writes the site into the folder for temporary files, to be looked at.
#[test]
#[ignore = "for people"]
fn look() {
    let folder = std::env::temp_dir().join("trustlane-site");
    crate::write::write(&outputs(), Path::new(&folder), "0.1.0", "Trustlane").unwrap();
}

#[test]
fn every_mistake_of_a_chapter_is_reported_with_its_place() {
    let chapter = "+++\ntitel = \"x\"\n+++\n\n# T\n\nSee [a](comparision.md), [b](security.md#nothing), [c](javascript:alert(1)).\n\n\
                   ```{figur} x\n```\n\n```{figure} enrolment-tokn\n```\n\n\
                   ```{figure} enrolment-token\n:scenario: rogue\n:captoin: x\n```\n\n\
                   {fact}`enrolment-token wire-byte` {byte}`x y` {value}`enrolment-token device/toke` {bytes}`enrolment-token`\n\n> [!NOTES]\n> x\n";
    let found = reports(&[("content/visualizer.md", chapter)]);
    let expected = [
        "content/visualizer.md:2:1 unknown-key unknown key `titel` in front matter (did you mean `title`?)",
        "content/visualizer.md:7:5 broken-link there is no page or file `comparision.md` (did you mean `comparison.md`?)",
        "content/visualizer.md:7:26 broken-link page `security.html` has no anchor `nothing` \
         (known here: `attacks-that-get-through`, `what-an-attack-is-here`)",
        "content/visualizer.md:7:52 broken-link links of scheme `javascript` are not published \
         (known here: `https`, `http`, `mailto`)",
        "content/visualizer.md:9:1 unknown-directive unknown directive `figur` (did you mean `figure`?)",
        "content/visualizer.md:12:1 unknown-name there is no flow `enrolment-tokn` (did you mean `enrolment-token`?)",
        "content/visualizer.md:16:1 unknown-name `enrolment-token` has no scenario `rogue` \
         (known here: `baseline`, `rogue-service`, `stolen-token`)",
        "content/visualizer.md:17:1 unknown-argument `figure` has no option `captoin` (did you mean `caption`?)",
        "content/visualizer.md:20:1 unknown-name there is no figure `wire-byte` (did you mean `wire-bytes`?)",
        "content/visualizer.md:20:35 unknown-directive unknown role `byte` (did you mean `bytes`?)",
        "content/visualizer.md:20:47 unknown-name no actor of `enrolment-token` holds `device/toke` \
         (did you mean `device/token`?)",
        "content/visualizer.md:20:84 missing-argument `bytes` has 1 words, not 2 (write it as {bytes}`flow step`)",
        "content/visualizer.md:22:1 unknown-directive unknown callout `[!NOTES]` (did you mean `[!NOTE]`?)",
    ];
    assert_eq!(found, expected.map(|line| line.replace("`[!NOTE]`?", "`NOTE`?")));
}

#[test]
fn a_method_without_chapter_is_reported() {
    let other = "+++\nkind = \"chapter\"\n+++\ntext\n";
    let found = reports(&[("content/methods/enrolment-token.md", other)]);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].contains("missing-chapter method `enrolment-token` has no chapter"), "{found:#?}");
}

#[test]
fn html_of_an_author_is_text() {
    let chapter = "# T\n\n<script>alert(1)</script>\n\nA <b onclick=\"x\">b</b> and ![x\" onerror=\"y](https://e.example/i.png)\n";
    let (edition, diagnostics, _) = compose_with(&[("content/visualizer.md", chapter)]);
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    let outputs = export_all(&edition.unwrap(), &mut Sink::default()).unwrap();
    let page = outputs.iter().find(|output| output.path == "visualizer.html").unwrap();
    let html = String::from_utf8_lossy(&page.bytes);
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(!html.contains("<script>alert") && !html.contains("<b onclick") && !html.contains("x\" onerror"));
}

#[test]
fn prose_quotes_the_run() {
    let html = page("methods/enrolment-token.html");
    for quoted in ["11\u{a0}423\u{a0}B", "93\u{a0}B", "kq3Vh7pT0yXc2mZr", "unknown-issuer, “invalid peer certificate"]
    {
        assert!(html.contains(quoted), "the page does not quote {quoted}");
    }
}

#[test]
fn a_question_is_answered_by_the_run() {
    let chapter = "# Questions\n\n```{question} enrolment-token\n:scenario: rogue-service\nDoes the device\nbelieve <it>?\n```\n\n\
                   ```{question} enrolment-token\n:scenario: stolen-token\nAnd a thief?\n```\n\n\
                   ```{question} enrolment-token\nDoes it work?\n```\n";
    let text = page_with(&[("content/visualizer.md", chapter)], "visualizer.html");
    let answers: Vec<&str> = text.split("class=\"self-check\"").skip(1).collect();
    let [refused, through, method] = answers[..] else { panic!("{} answers", answers.len()) };
    assert!(refused.contains("<p>Does the device believe &lt;it&gt;?</p>") && refused.contains("refuses"), "{refused}");
    assert!(refused.find("<details>").unwrap() < refused.find("refuses").unwrap(), "the answer is folded");
    assert!(through.contains("gets through") && method.contains("It completes."), "{through}{method}");
}

#[test]
fn pages_ask_for_nothing_outside() {
    for output in outputs().iter().filter(|output| is(output, "html") || is(output, "css")) {
        let text = String::from_utf8_lossy(&output.bytes);
        for outside in ["src=\"http", "src=\"/", "href=\"/", "url(http", "url(\"/", "url(\"http", "@import"] {
            assert!(!text.contains(outside), "{} has {outside}", output.path);
        }
    }
}

#[test]
fn every_internal_reference_of_every_page_leads_somewhere() {
    let outputs = outputs();
    let paths: BTreeSet<&str> = outputs.iter().map(|output| output.path.as_str()).collect();
    for output in outputs.iter().filter(|output| is(output, "html")) {
        let html = String::from_utf8_lossy(&output.bytes);
        let folder = output.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let references = html.split("href=\"").chain(html.split("src=\"")).skip(1);
        for reference in references.filter_map(|rest| rest.split('"').next()) {
            if reference.contains(':') || reference.contains('<') || reference.ends_with("../index.html") {
                continue;
            }
            let (path, anchor) = reference.split_once('#').unwrap_or((reference, ""));
            let target = if path.is_empty() { output.path.clone() } else { joined(folder, path) };
            assert!(paths.contains(target.as_str()), "{}: {reference}", output.path);
            let page = outputs.iter().find(|other| other.path == target).unwrap();
            let has_anchor = || String::from_utf8_lossy(&page.bytes).contains(&format!("id=\"{anchor}\""));
            assert!(anchor.is_empty() || has_anchor(), "{}: {reference}", output.path);
        }
    }
}

fn is(output: &Output, extension: &str) -> bool {
    output.path.rsplit_once('.').is_some_and(|(_, found)| found == extension)
}

fn joined(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}

#[test]
fn anchors_of_a_page_are_unique() {
    for output in outputs().iter().filter(|output| is(output, "html")) {
        let html = String::from_utf8_lossy(&output.bytes);
        let mut seen = BTreeSet::new();
        for id in html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(seen.insert(id.to_owned()), "{}: {id} twice", output.path);
        }
    }
}

#[test]
fn a_project_may_override_a_template() {
    let (edition, _, _) = compose_with(&[("templates/home.html", "mine: {{ page.title }}")]);
    let outputs = export_all(&edition.unwrap(), &mut Sink::default()).unwrap();
    let home = outputs.iter().find(|output| output.path == "index.html").unwrap();
    assert!(home.bytes.starts_with(b"mine: "));
}

#[test]
fn a_template_that_fails_is_reported() {
    let (edition, _, _) = compose_with(&[("templates/home.html", "{{ get_env(name=\"HOME\") }}")]);
    let mut sink = Sink::default();
    assert!(export_all(&edition.unwrap(), &mut sink).is_none());
    let found = sink.into_sorted();
    assert_eq!(found[0].code, Code::INVALID_TEMPLATE);
    assert!(found[0].message.contains("get_env"), "{}", found[0].message);
}

#[test]
fn two_chapters_of_one_page_are_reported() {
    let found = reports(&[("content/README.md", "# Twin\n")]);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(
        found[0].contains("duplicate-name another chapter or run makes the page `index.html` already"),
        "{found:#?}"
    );
}

#[test]
fn a_chapter_may_bear_another_name_than_its_method() {
    let chapter = "+++\nkind = \"method\"\nmethod = \"enrolment-token\"\n+++\n";
    let link = "# T\n\n[there](door/token.md#step-tls)\n";
    let (edition, diagnostics, _) = compose_with(&[
        ("content/door/token.md", chapter),
        ("content/visualizer.md", link),
        ("content/methods/enrolment-token.md", ABSENT),
        ("content/SUMMARY.md", "- [Home](index.md)\n- [Token](door/token.md)\n"),
    ]);
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    let book = edition.unwrap().book;
    let page = book.pages.iter().find(|page| page.path == "methods/enrolment-token.html").unwrap();
    assert_eq!(page.previous.as_ref().unwrap().path, "index.html");
}
