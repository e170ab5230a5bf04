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
    has_errors: bool,
    n_left_out: usize,
}

/// Most diagnostics that are kept: nobody mends more at once, and each is shown with its line.
const MAX_DIAGNOSTICS: usize = 1_000;
/// Longest name, in bytes, for which a similar one is looked for: that takes time with the square of the length.
const LONGEST_NAME: usize = 120;

impl Sink {
    /// Reports a diagnostic.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.has_errors |= diagnostic.severity == Severity::Error;
        if self.diagnostics.len() < MAX_DIAGNOSTICS {
            self.diagnostics.push(diagnostic);
        } else {
            self.n_left_out += 1;
        }
    }

    /// Reports an error at `span`.
    pub fn error(&mut self, code: Code, span: &Span, message: impl Into<String>) {
        self.push(error(code, span, message));
    }

    /// Whether anything keeps the project from being published.
    pub fn has_errors(&self) -> bool {
        self.has_errors
    }

    /// Everything reported, by place, without repetitions.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.diagnostics.sort_by(|a, b| (&a.span, a.severity, &a.message).cmp(&(&b.span, b.severity, &b.message)));
        self.diagnostics.dedup_by(|a, b| a.span == b.span && a.code == b.code && a.message == b.message);
        if let (Some(last), 1..) = (self.diagnostics.last_mut(), self.n_left_out) {
            last.hints.push(format!("{} more mistakes were found and are not shown", self.n_left_out));
        }
        self.diagnostics
    }

    /// Takes over what another sink collected.
    pub fn append(&mut self, other: Self) {
        self.n_left_out += other.n_left_out;
        self.has_errors |= other.has_errors;
        other.diagnostics.into_iter().for_each(|diagnostic| self.push(diagnostic));
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
    let known: Vec<&str> = known.into_iter().filter(|name| name.len() <= LONGEST_NAME).collect();
    if written.len() > LONGEST_NAME {
        return None;
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_shown_is_counted_and_an_error_stays_one() {
        let span = Span::new(&"flows/a.toml".into(), 0..1);
        let mut sink = Sink::default();
        for index in 0..MAX_DIAGNOSTICS {
            let found = error(Code::INVALID_VALUE, &span, format!("mistake {index}"));
            sink.push(Diagnostic { severity: Severity::Warning, ..found });
        }
        assert!(!sink.has_errors());
        sink.error(Code::INVALID_VALUE, &span, "the worst");
        sink.error(Code::INVALID_VALUE, &span, "another");
        assert!(sink.has_errors());
        let shown = sink.into_sorted();
        assert_eq!(shown.len(), MAX_DIAGNOSTICS);
        assert_eq!(shown.last().unwrap().hints, ["2 more mistakes were found and are not shown"]);
    }

    #[test]
    fn long_names_are_not_compared() {
        let long = "n".repeat(1_000_000);
        assert_eq!(did_you_mean(&long, [long.as_str()]), None);
        assert_eq!(did_you_mean("devise", [long.as_str(), "device"]).unwrap(), "did you mean `device`?");
    }
}
