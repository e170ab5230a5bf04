//! `trustlane explain`.

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use super::{Ending, say};
use crate::explain::{self, Explanation};

/// Arguments of `explain`.
#[derive(Args, Debug)]
pub struct Explain {
    /// Code of a diagnostic, or name of a lint or claim; all are listed where absent
    name: Option<String>,
    /// What to print
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Text for people
    Text,
    /// Everything, machine-readable
    Json,
}

impl Explain {
    /// Prints the explanation.
    pub fn execute(self) -> Result<Ending> {
        let chosen = match &self.name {
            None => explain::all(),
            Some(name) => vec![explain::find(name).with_context(|| unknown(name))?],
        };
        let text = match (self.format, &self.name, &chosen[..]) {
            (Format::Json, Some(_), [one]) => format!("{}\n", serde_json::to_string_pretty(one)?),
            (Format::Json, ..) => format!("{}\n", serde_json::to_string_pretty(&chosen)?),
            (Format::Text, Some(_), [one]) => told(one),
            (Format::Text, ..) => listed(&chosen),
        };
        say(&text)?;
        Ok(Ending::Well)
    }
}

fn unknown(name: &str) -> String {
    let hint = explain::hint(name).map(|hint| format!("; {hint}")).unwrap_or_default();
    format!("nothing is called `{name}`{hint}")
}

/// Columns of text; as wide as a terminal is at least.
const WIDTH: usize = 80;

/// The explanation in full.
fn told(explanation: &Explanation) -> String {
    let mut text = format!("{} ({})\n\n", explanation.name, explanation.kind.title());
    text.push_str(&wrapped(explanation.summary, 0));
    for (heading, section) in &explanation.sections {
        section_of(&mut text, heading, &wrapped(section, 2));
    }
    section_of(&mut text, "What to do", &wrapped(&explanation.fix, 2));
    section_of(&mut text, "Example", &indented(&explanation.example));
    if !explanation.references.is_empty() {
        section_of(&mut text, "See", &wrapped(&explanation.references.join("; "), 2));
    }
    text
}

fn section_of(text: &mut String, heading: &str, body: &str) {
    text.extend(["\n", heading, "\n", body]);
}

/// Every name with its sentence.
fn listed(all: &[Explanation]) -> String {
    let mut text = String::new();
    let width = all.iter().map(|explanation| explanation.name.len()).max().unwrap_or_default();
    let mut kind = None;
    for explanation in all {
        if kind != Some(explanation.kind) {
            let space = if kind.is_some() { "\n" } else { "" };
            text.extend([space, explanation.kind.title(), "s\n"]);
            kind = Some(explanation.kind);
        }
        let body = wrapped(explanation.summary, width + 4);
        text.extend([format!("  {:width$}  {}\n", explanation.name, body.trim())]);
    }
    text
}

/// Paragraphs broken at spaces, each line `indent` columns in; lines of a file stay as they are.
fn wrapped(text: &str, indent: usize) -> String {
    let mut all = String::new();
    for (index, paragraph) in text.split("\n\n").enumerate() {
        if index > 0 {
            all.push('\n');
        }
        if paragraph.contains('\n') {
            all.push_str(&indented(paragraph));
            continue;
        }
        let mut line = " ".repeat(indent);
        for word in paragraph.split_whitespace() {
            let is_first = line.trim().is_empty();
            if !is_first && line.chars().count() + 1 + word.chars().count() > WIDTH {
                all.extend([line.as_str(), "\n"]);
                line = " ".repeat(indent);
            }
            if !line.trim().is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        all.extend([line.as_str(), "\n"]);
    }
    all
}

fn indented(text: &str) -> String {
    text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") }).collect()
}
