//! Explanations of everything that has a name in a report: diagnostics, lints and claims.

pub mod example;

use serde::Serialize;

use crate::claim::{self, Claim, Evidence, Names};
use crate::diag::{Code, did_you_mean};
use crate::lint::{self, LINTS, Lint};

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
// In the order in which they are listed.
pub enum Kind {
    /// A code of a diagnostic.
    Diagnostic,
    /// A question that is asked of every flow.
    Lint,
    /// What a flow can claim of itself.
    Claim,
    /// What a control can name as evidence.
    Evidence,
}

/// A name explained.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Explanation {
    /// Name.
    pub name: &'static str,
    /// What the name stands for.
    pub kind: Kind,
    /// One sentence, or a few words.
    pub summary: &'static str,
    /// More about it, each a paragraph with its heading; may be empty.
    pub sections: Vec<(&'static str, String)>,
    /// What to do.
    pub fix: String,
    /// A piece of a file that shows it.
    pub example: String,
    /// Standards and weakness enumerations; may be empty.
    pub references: Vec<&'static str>,
}

/// Everything that can be explained: diagnostics, lints, claims of flows, evidence for controls, each by name.
pub fn all() -> Vec<Explanation> {
    let codes = Code::ALL.iter().filter(|code| lint::find(code.name()).is_none()).map(|code| diagnostic(*code));
    let lints = LINTS.iter().map(|lint| self::lint(*lint));
    let goals = claim::goals().map(goal);
    codes.chain(lints).chain(goals).chain(claim::evidence().map(evidence)).collect()
}

/// The explanation of `name`.
pub fn find(name: &str) -> Option<Explanation> {
    all().into_iter().find(|explanation| explanation.name == name)
}

/// The hint for a name that nothing has.
pub fn hint(name: &str) -> Option<String> {
    did_you_mean(name, all().iter().map(|explanation| explanation.name))
}

impl Kind {
    /// The word for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Diagnostic => "diagnostic",
            Self::Lint => "lint",
            Self::Claim => "claim",
            Self::Evidence => "evidence",
        }
    }
}

fn diagnostic(code: Code) -> Explanation {
    let shown = example::of(code);
    Explanation {
        name: code.name(),
        kind: Kind::Diagnostic,
        summary: code.explanation(),
        sections: Vec::new(),
        fix: shown.map_or_else(String::new, |shown| shown.fix.to_owned()),
        example: shown.map_or_else(String::new, |shown| format!("# {}\n{}", shown.file, shown.text.trim())),
        references: Vec::new(),
    }
}

fn lint(lint: &dyn Lint) -> Explanation {
    let spec = lint.spec();
    let accept = format!(
        "[[acknowledge]]\nlint = \"{}\"\nat = \"step, or actor/value\"\nreason = \"why it is as it should be\"",
        lint.name()
    );
    Explanation {
        name: lint.name(),
        kind: Kind::Lint,
        summary: spec.code.explanation(),
        sections: vec![("What is asked", spec.asks.to_owned()), ("Why it matters", spec.why.to_owned())],
        fix: format!("{} What is as it should be is acknowledged, with the reason:\n\n{accept}", spec.fix),
        example: spec.example.trim().to_owned(),
        references: spec.references.to_vec(),
    }
}

fn goal(claim: &dyn Claim) -> Explanation {
    let spec = claim.spec();
    let with: Vec<String> =
        spec.params.iter().map(|param| format!("{} = {}", param.name, sample(param.names))).collect();
    let with = if with.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", with.join(", ")) };
    let takes = spec.params.iter().map(|param| format!("{}: {}", param.name, param.summary)).collect::<Vec<_>>();
    let mut sections = vec![("What it does not show", spec.does_not_show.to_owned())];
    if !takes.is_empty() {
        sections.push(("What it takes", format!("{}.", takes.join("; "))));
    }
    Explanation {
        name: spec.name,
        kind: Kind::Claim,
        summary: spec.shows,
        sections,
        fix: "Where a goal is not borne out, the reason and the evidence name the step; change the flow there, or claim less.".to_owned(),
        example: format!("[[goal]]\nid = \"goal\"\nclaim = \"{}\"\nwith = {with}", spec.name),
        references: Vec::new(),
    }
}

fn evidence(evidence: &dyn Evidence) -> Explanation {
    let spec = evidence.spec();
    Explanation {
        name: spec.name,
        kind: Kind::Evidence,
        summary: spec.shows,
        sections: vec![("What it does not show", spec.does_not_show.to_owned())],
        fix: "Where it is contradicted, the reason and the events name what got through; change the flow, or leave the control unsupported. Where it is inconclusive, add the run that is missing.".to_owned(),
        example: format!("[[control]]\nid = \"1\"\nevidence = [\"{}\"]", spec.name),
        references: Vec::new(),
    }
}

/// An argument of a claim as a flow could write it.
fn sample(names: Names) -> &'static str {
    match names {
        Names::Actor => "\"device\"",
        Names::Actors => "[\"device\", \"server\"]",
        Names::State => "\"active\"",
        Names::Step => "\"connect\"",
        Names::Value => "\"device/key\"",
    }
}
