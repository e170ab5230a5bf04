//! Diagnostics for people, as rustc prints them.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Diagnostic, Severity};
use crate::source::{Sources, line_and_column};

/// Every diagnostic, one after the other, with a line that counts them.
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, colour: Colour) -> String {
    let renderer = match colour {
        Colour::Never => Renderer::plain(),
        Colour::Always => Renderer::styled(),
    };
    let mut text = String::new();
    for diagnostic in diagnostics {
        text.push_str(&renderer.render(&groups(diagnostic, sources)));
        text.push_str("\n\n");
    }
    text + &count(diagnostics)
}

/// Whether to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// ANSI escapes.
    Always,
    /// Plain text.
    Never,
}

fn groups<'d>(diagnostic: &'d Diagnostic, sources: &'d Sources) -> Vec<Group<'d>> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(&*diagnostic.message).id(diagnostic.code.name());
    let mut group = match diagnostic.span.as_ref().and_then(|span| Some((span, sources.text(&span.path)?))) {
        Some((span, text)) => {
            let end = span.end.min(text.len());
            let range = span.start.min(end)..end;
            let snippet = Snippet::source(text).path(&*span.path).annotation(AnnotationKind::Primary.span(range));
            title.element(snippet)
        }
        None => Group::with_title(title),
    };
    for hint in &diagnostic.hints {
        group = group.element(Level::HELP.message(&**hint));
    }
    vec![group]
}

fn count(diagnostics: &[Diagnostic]) -> String {
    let n_errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    let n_warnings = diagnostics.len() - n_errors;
    let counted = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    match (n_errors, n_warnings) {
        (0, 0) => String::new(),
        (0, n) => format!("{}\n", counted(n, "warning")),
        (n, 0) => format!("{}, nothing written\n", counted(n, "error")),
        (n, m) => format!("{} and {}, nothing written\n", counted(n, "error"), counted(m, "warning")),
    }
}

/// `path:line:column`, where the diagnostic has a place.
pub fn place(diagnostic: &Diagnostic, sources: &Sources) -> Option<String> {
    let span = diagnostic.span.as_ref()?;
    let (line, column) = line_and_column(sources.text(&span.path)?, span.start);
    Some(format!("{}:{line}:{column}", span.path))
}
