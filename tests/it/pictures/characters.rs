//! The swimlane in characters and as Mermaid: whatever anybody writes stays whole and within its bounds.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use trustlane::diagram::account::Account;
use trustlane::flow::{Custody, Exposure, Medium};
use trustlane::trace::Protection;
use trustlane::{mermaid, plain};
use unicode_width::UnicodeWidthStr;

use super::story::{self, Story};
use super::{any_story, stories};

pub(super) fn account(story: &Story) -> Account {
    let Story { flow, scenario, trace, .. } = story;
    let subject = trustlane::diagram::Subject::Run(trustlane::diagram::Executed { flow, scenario, trace });
    trustlane::diagram::find("swimlane").unwrap().account(&subject).unwrap()
}

/// Letters and digits without blanks and breaks, which wrapping moves.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn check_plain(account: &Account, width: usize) -> Result<(), String> {
    let text = plain::swimlane(account, width, None);
    if let Some(line) = text.lines().find(|line| line.width() > width) {
        return Err(format!("{} columns: {line}", line.width()));
    }
    if let Some(c) = text.chars().find(|c| (c.is_control() && *c != '\n') || *c == '\u{a0}') {
        return Err(format!("{c:?} in the text"));
    }
    for step in &account.steps {
        let lead = format!("{:>4}", step.number);
        if text.lines().filter(|line| line.starts_with(&lead)).count() != 1 {
            return Err(format!("step {} does not begin one line", step.number));
        }
    }
    let missing = account.steps.iter().flat_map(|step| step.title.chars()).find(|c| !text.contains(*c));
    missing.map_or(Ok(()), |c| Err(format!("{c:?} is not in the text")))
}

/// What this writer may use of the language, judged line by line.
fn check_mermaid(account: &Account, text: &str) -> Result<(), String> {
    let mut lines = text.lines().map(str::trim_start);
    if lines.next() != Some("sequenceDiagram") {
        return Err("no sequence diagram".into());
    }
    let (mut depth, mut arrows) = (0_usize, 0_usize);
    let actors: BTreeSet<String> = (1..=account.actors.len()).map(|n| format!("p{n}")).collect();
    for line in lines {
        let (words, label) = line.split_once(": ").unwrap_or((line, ""));
        match words.split(' ').next().unwrap_or_default() {
            "accTitle" | "accDescr" | "autonumber" => {}
            "box" | "rect" => depth += 1,
            "end" => depth = depth.checked_sub(1).ok_or("a block ends that did not begin")?,
            "participant" | "title" => check_label(words)?,
            "Note" => {
                let over = words.strip_prefix("Note over ").ok_or(line)?;
                if !over.split(',').all(|actor| actors.contains(actor)) || label.is_empty() {
                    return Err(format!("a note over nobody: {line}"));
                }
            }
            arrow => {
                arrows += 1;
                let known = ["-->>", "->>", "--x", "-x", "-)"];
                let ends = known.iter().find_map(|known| arrow.split_once(known)).ok_or(line)?;
                if !actors.contains(ends.0) || !actors.contains(ends.1) || label.is_empty() {
                    return Err(format!("a message between nobody: {line}"));
                }
            }
        }
        check_label(label)?;
    }
    if depth > 0 || arrows != account.steps.len() {
        return Err(format!("{depth} open blocks, {arrows} arrows for {} steps", account.steps.len()));
    }
    Ok(())
}

/// Free of what Mermaid treats specially, entities and line breaks excepted.
fn check_label(label: &str) -> Result<(), String> {
    let mut rest = label.replace("<br/>", " ");
    while let Some((before, after)) = rest.split_once('#') {
        let (number, after) = after.split_once(';').ok_or_else(|| format!("half an entity: {label}"))?;
        number.parse::<u32>().map_err(|_| format!("no entity: #{number};"))?;
        rest = format!("{before}{after}");
    }
    match rest.chars().find(|c| "#;<>\"&%{}$".contains(*c) || c.is_control()) {
        None => Ok(()),
        Some(c) => Err(format!("{c:?} in {label}")),
    }
}

/// `text` with its entities as the characters that they stand for.
fn shown(text: &str) -> String {
    let mut parts = text.split('#');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, rest) = part.split_once(';').unwrap();
        out.push(char::from_u32(number.parse().unwrap()).unwrap());
        out.push_str(rest);
    }
    out.replace("<br/>", " ")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: RngSeed::Fixed(2026), cases: 96, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_story_is_told_within_its_columns(story in any_story(), width in 60..140_usize) {
        let account = account(&story);
        check_plain(&account, plain::WIDTH).map_err(TestCaseError::fail)?;
        check_plain(&account, width).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn any_story_is_mermaid(story in any_story()) {
        let account = account(&story);
        let text = mermaid::sequence(&account, Some("s0"));
        check_mermaid(&account, &text).map_err(TestCaseError::fail)?;
        let shown = letters(&shown(&text));
        for step in &account.steps {
            prop_assert!(shown.contains(&letters(&step.title)), "{}", step.title);
        }
    }
}

#[test]
fn names_that_are_words_of_mermaid_arrive_whole() {
    let story = Story::new("end; style a:#b; \"<x>\"")
        .zone("end")
        .zone("rgb(1,2,3) box")
        .actor("end", "end", "loop; as", Some(0), Custody::Flash)
        .actor("note", "Note over p1: %%{init}%%", "設備 خدمة", Some(1), Custody::Hsm)
        .link("net", Medium::WiFi, Exposure::Active)
        .message("end", "wrap: CSR (PKCS#10) v0", ["end", "note"], "net", Protection::Clear)
        .at("note", "end", "note");
    let account = account(&story);
    let text = mermaid::sequence(&account, None);
    check_mermaid(&account, &text).unwrap();
    let shown = shown(&text);
    for part in ["wrap: CSR (PKCS#10) v0", "end; style a:#b; \"<x>\"", "Note over p1: %%{init}%%", "設備 خدمة"] {
        assert!(shown.contains(part), "{part}");
    }
}

#[test]
fn blocks_of_crossing_sessions_nest() {
    let message = |story: Story, step: &str, ends, session| {
        story.message(step, step, ends, "net", Protection::Protected).session(session).flight("x", 1)
    };
    let story = Story::new("Crossing")
        .actor("a", "A", "", None, Custody::Flash)
        .actor("b", "B", "", None, Custody::Flash)
        .actor("c", "C", "", None, Custody::Flash)
        .link("net", Medium::WiFi, Exposure::Active);
    let story = message(story, "one", ["a", "b"], "one");
    let story = message(story, "two", ["b", "c"], "two");
    let story = message(story, "three", ["a", "b"], "one");
    let story = message(story, "four", ["b", "c"], "two");
    let account = account(&story);
    let text = mermaid::sequence(&account, None);
    check_mermaid(&account, &text).unwrap();
    // The second is cut where the first one ends.
    assert_eq!(text.matches("rect ").count(), 3);
}

#[test]
fn the_step_that_was_asked_for_is_marked() {
    let account = account(&story::baseline());
    let (plain, marked) = (plain::swimlane(&account, 100, None), plain::swimlane(&account, 100, Some("voucher")));
    let changed: Vec<(&str, &str)> = plain.lines().zip(marked.lines()).filter(|(a, b)| a != b).collect();
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0].1, changed[0].0.replacen(' ', "▶", 1));
    let marked = mermaid::sequence(&account, Some("voucher"));
    assert_eq!(marked.matches("▶ voucher<br/>").count(), 1);
    assert_eq!(marked.matches("rect ").count(), mermaid::sequence(&account, None).matches("rect ").count() + 1);
}

#[test]
fn only_what_is_readable_is_dashed() {
    for story in stories() {
        let account = account(&story);
        let clear = story.trace.events.iter().filter(|event| event.protection == Protection::Clear).count();
        let text = mermaid::sequence(&account, None);
        assert_eq!(
            text.lines().filter(|line| line.trim_start().starts_with('p') && line.contains("--")).count(),
            clear
        );
        let text = plain::swimlane(&account, 100, None);
        let legend = usize::from(clear > 0);
        assert_eq!(text.lines().filter(|line| line.contains('╌')).count(), clear + legend);
    }
}

/// Writes stories as Mermaid into the folder for temporary files, for its own parser.
#[test]
#[ignore = "for people"]
#[expect(clippy::disallowed_methods, reason = "another program reads files")]
fn look_at_mermaid() {
    use proptest::strategy::ValueTree;
    let folder = std::env::temp_dir().join("trustlane-mermaid");
    std::fs::create_dir_all(&folder).unwrap();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for index in 0..120 {
        let story = any_story().new_tree(&mut runner).unwrap().current();
        let text = mermaid::sequence(&account(&story), Some("s0"));
        std::fs::write(folder.join(format!("any-{index:03}-{}.mmd", story.trace.events.len())), text).unwrap();
    }
}
