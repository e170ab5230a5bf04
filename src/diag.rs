//! What the author of a project should know: mistakes with their place and a hint, all at once.

pub mod code;
pub mod render;

pub use code::Code;

use crate::source::Span;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is published.
    Error,
    /// Published, but worth a look.
    Warning,
}

/// One mistake, with its place.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What kind of mistake.
    pub code: Code,
    /// What is: lower case, no full stop, names in backticks.
    pub message: String,
    /// Where; absent where the mistake is that something is not there at all.
    pub span: Option<Span>,
    /// What to do.
    pub hints: Vec<String>,
}

impl Diagnostic {
    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds what to do, where there is something.
    #[must_use]
    pub fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.hints.extend(hint);
        self
    }
}

/// Collects diagnostics; the stages of the pipeline report into it and go on.
#[derive(Clone, Debug, Default)]
pub struct Sink {
    diagnostics: Vec<Diagnostic>,
}

impl Sink {
    /// Reports a diagnostic.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Reports an error at `span`.
    pub fn error(&mut self, code: Code, span: &Span, message: impl Into<String>) {
        self.push(error(code, span, message));
    }

    /// Whether anything keeps the project from being published.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Everything reported, by place, without repetitions.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.diagnostics.sort_by(|a, b| (&a.span, a.severity, &a.message).cmp(&(&b.span, b.severity, &b.message)));
        self.diagnostics.dedup_by(|a, b| a.span == b.span && a.code == b.code && a.message == b.message);
        self.diagnostics
    }

    /// Takes over what another sink collected.
    pub fn append(&mut self, mut other: Self) {
        self.diagnostics.append(&mut other.diagnostics);
    }
}

/// A mistake that is in the sink already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reported;

/// An error at `span`.
#[must_use]
pub fn error(code: Code, span: &Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic { severity: Severity::Error, code, message: message.into(), span: Some(span.clone()), hints: Vec::new() }
}

/// The hint for a misspelt name: the nearest of `known`, or all of them where there are few.
pub fn did_you_mean<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    let nearest = known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(written, name), *name))
        .filter(|(distance, name)| *distance <= 1 + name.chars().count().max(written.chars().count()) / 4)
        .min();
    match nearest {
        Some((_, name)) => Some(format!("did you mean `{name}`?")),
        None if known.is_empty() => None,
        None if known.len() <= 12 => {
            Some(format!("known here: {}", known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")))
        }
        None => None,
    }
}
