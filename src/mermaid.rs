//! [`Account`] → a Mermaid sequence diagram, as GitHub renders it.
//!
//! Each step is one arrow, so that Mermaid's own numbers are those of the run.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use crate::diagram::account::{Account, Course, Remark, Session, Step};
use crate::trace::Protection;

/// The widest line of a label, in columns of a terminal.
const LABEL: usize = 44;

/// The sequence diagram of `account`; the step called `marked` has a mark.
pub fn sequence(account: &Account, marked: Option<&str>) -> String {
    let mut out = Text { out: "sequenceDiagram\n".to_owned(), depth: 1 };
    out.line(&format!("accTitle: {}", escape(&account.title)));
    out.line(&format!("accDescr: {}", escape(&account.description)));
    out.line(&format!("title {}", escape(&account.title)));
    out.line("autonumber");
    out.actors(account);
    let mut open: Vec<usize> = Vec::new();
    for (index, step) in account.steps.iter().enumerate() {
        out.close_sessions(&mut open, &account.sessions, index);
        out.phase(account, step);
        out.open_sessions(&mut open, &account.sessions, index);
        out.step(step, marked == Some(&step.id));
    }
    out.close_sessions(&mut open, &account.sessions, account.steps.len());
    if let Some(ending) = &account.ending {
        let rest = if ending.rest.is_empty() { String::new() } else { format!(": {}", ending.rest) };
        let words = label(&[format!("{}{rest}", ending.heading)]);
        out.line(&format!("Note over {}: {words}", across(account)));
    }
    out.out
}

/// The text in the making.
struct Text {
    out: String,
    depth: usize,
}

impl Text {
    fn line(&mut self, text: &str) {
        let indent = "    ".repeat(self.depth);
        writeln!(self.out, "{indent}{}", text.trim_end()).expect("writing to a string cannot fail");
    }

    fn open(&mut self, text: &str) {
        self.line(text);
        self.depth += 1;
    }

    fn close(&mut self) {
        self.depth -= 1;
        self.line("end");
    }

    fn actors(&mut self, account: &Account) {
        for (index, actor) in account.actors.iter().enumerate() {
            if let Some(zone) = account.zones.iter().find(|zone| zone.first == index) {
                self.open(&format!("box transparent {}", escape(&zone.title)));
            }
            let role = Some(&actor.role).filter(|role| !role.is_empty()).map(|role| format!("({role})"));
            let lines: Vec<String> = std::iter::once(actor.name.clone()).chain(role).collect();
            self.line(&format!("participant {} as {}", id(index), label(&lines)));
            if account.zones.iter().any(|zone| zone.last == index) {
                self.close();
            }
        }
    }

    /// Ends what does not reach the step `index`, with what was opened inside of it: blocks only nest.
    fn close_sessions(&mut self, open: &mut Vec<usize>, sessions: &[Session], index: usize) {
        let is_over = |session: &usize| {
            let session = &sessions[*session];
            session.last < index || session.raised == Some(index)
        };
        let Some(first) = open.iter().position(is_over) else { return };
        for _ in open.drain(first..) {
            self.close();
        }
    }

    /// Begins, once more where it was ended with another, what lives in the step `index`.
    fn open_sessions(&mut self, open: &mut Vec<usize>, sessions: &[Session], index: usize) {
        for (at, session) in sessions.iter().enumerate() {
            if session.first <= index && index <= session.last && !open.contains(&at) {
                let is_raised = session.raised.is_some_and(|raised| raised <= index);
                let protection = if is_raised { Protection::Protected } else { session.protection };
                self.open(&format!("rect {}", tint(protection)));
                open.push(at);
            }
        }
    }

    fn phase(&mut self, account: &Account, step: &Step) {
        if let Some(phase) = &step.phase {
            self.line(&format!("Note over {}: {}", across(account), label(&[phase.to_uppercase()])));
        }
    }

    fn step(&mut self, step: &Step, is_marked: bool) {
        if is_marked {
            self.open(&format!("rect {MARKED}"));
        }
        let mark = if is_marked { "▶ " } else { "" };
        let mut words = vec![format!("{mark}{}", step.title)];
        words.extend(Some(step.note()).filter(|notes| !notes.is_empty()));
        let arrow = match step.course {
            Course::At(actor) => format!("{}->>{}", id(actor), id(actor)),
            Course::Handed { from, to } => format!("{}-){}", id(from), id(to)),
            Course::Sent { from, to, protection, is_refused } => {
                format!("{}{}{}", id(from), arrow(protection, is_refused), id(to))
            }
        };
        self.line(&format!("{arrow}: {}", label(&words)));
        for remark in &step.remarks {
            self.remark(remark);
        }
        if is_marked {
            self.close();
        }
    }

    fn remark(&mut self, remark: &Remark) {
        let sign = match remark.held {
            None => "",
            Some(true) => "✓ ",
            Some(false) => "✗ ",
        };
        self.line(&format!("Note over {}: {}", id(remark.actor), label(&[format!("{sign}{}", remark.text)])));
    }
}

/// The tint behind the step that a reader asked for.
const MARKED: &str = "rgba(234, 179, 8, 0.25)";

/// The tint of a session, for light and for dark grounds; how it is protected is said in words at each message.
fn tint(protection: Protection) -> &'static str {
    match protection {
        Protection::Provisional => "rgba(122, 89, 0, 0.08)",
        Protection::None | Protection::Clear | Protection::Protected => "rgba(11, 110, 102, 0.08)",
    }
}

/// Only what is readable is dashed.
fn arrow(protection: Protection, is_refused: bool) -> &'static str {
    match (protection, is_refused) {
        (Protection::Clear, false) => "-->>",
        (Protection::Clear, true) => "--x",
        (Protection::None | Protection::Provisional | Protection::Protected, false) => "->>",
        (Protection::None | Protection::Provisional | Protection::Protected, true) => "-x",
    }
}

/// The identifier of an actor: names may be words of the language.
fn id(actor: usize) -> String {
    format!("p{}", actor + 1)
}

/// All actors, as a note names them.
fn across(account: &Account) -> String {
    match account.actors.len() {
        0 | 1 => id(0),
        n => format!("{},{}", id(0), id(n - 1)),
    }
}

/// Paragraphs as a label of several lines.
fn label(paragraphs: &[String]) -> String {
    let lines = paragraphs.iter().flat_map(|text| wrap(text)).map(|line| escape(&line.replace('\u{a0}', " ")));
    lines.collect::<Vec<_>>().join("<br/>")
}

/// Breaks at blanks only: Mermaid makes room for whatever a word needs.
fn wrap(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= LABEL => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// `text` as Mermaid shows it whole: what could be a sign of its language or of HTML stands as a numeric entity.
fn escape(text: &str) -> String {
    let is_special = |c: char| c.is_ascii_control() || "#;<>\"&%{}[]`$\\@".contains(c);
    let mut escaped = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if is_special(c) || begins_keyword(text, at) {
            write!(escaped, "#{};", u32::from(c)).expect("writing to a string cannot fail");
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// Words that change how Mermaid reads a line wherever they stand in it.
const KEYWORDS: [&str; 4] = ["classdef", "end", "style", "wrap"];

/// Whether one of [`KEYWORDS`] begins at `at`; `end` counts as a whole word only, as Mermaid has it.
fn begins_keyword(text: &str, at: usize) -> bool {
    let starts = |word: &&str| {
        text.as_bytes().get(at..at + word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()))
    };
    let Some(word) = KEYWORDS.iter().find(|word| starts(word)) else { return false };
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    *word != "end" || !(is_letter(text[..at].chars().next_back()) || is_letter(text[at + word.len()..].chars().next()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_the_language_stand_as_entities() {
        assert_eq!(escape("CSR (PKCS#10) v0"), "CSR (PKCS#35;10) v0");
        assert_eq!(escape("<serial> & \"a; b\""), "#60;serial#62; #38; #34;a#59; b#34;");
        assert_eq!(escape("send the end, vendor"), "send the #101;nd, vendor");
        assert_eq!(escape("a style: x"), "a #115;tyle: x");
        assert_eq!(escape("証明書 خدمة"), "証明書 خدمة");
    }

    #[test]
    fn a_long_label_has_several_lines() {
        let text = "the device refuses a voucher whose nonce is not the one that it sent before".to_owned();
        let label = label(&[text.clone(), "protected".to_owned()]);
        assert_eq!(label.matches("<br/>").count(), 2);
        assert_eq!(label.replace("<br/>", " "), format!("{text} protected"));
    }
}
