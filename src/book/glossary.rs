//! Terms of the field, as a page lists them.

use serde::Serialize;

use crate::glossary::{Glossary, Term};

/// A term.
#[derive(Clone, Debug, Serialize)]
pub struct TermView {
    /// Its anchor.
    pub anchor: String,
    /// The term.
    pub name: String,
    /// Other spellings.
    pub also: Vec<String>,
    /// What it means.
    pub text: String,
    /// Where that is written; may be empty.
    pub source: String,
}

/// The terms by name.
pub fn terms(glossary: &Glossary) -> Vec<TermView> {
    let mut terms: Vec<TermView> = glossary.terms.iter().map(view).collect();
    terms.sort_by_key(|term| term.name.to_lowercase());
    terms
}

fn view(term: &Term) -> TermView {
    let Term { id, name, also, text, source } = term.clone();
    TermView { anchor: anchor(&id), name, also, text, source }
}

/// The anchor of the term `id` on the page that lists them.
pub fn anchor(id: &str) -> String {
    format!("term-{id}")
}
