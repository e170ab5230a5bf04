//! What the picture says in words, and its text alternative.

use super::holding::{Holding, How, Matrix, Sort};
use crate::diagram::Executed;
use crate::quantity;

/// The title for screen readers.
pub(super) fn title(run: Executed<'_>) -> String {
    format!("Who holds which secret: {}", run.title())
}

/// The head of a sort of secrets.
pub(super) fn sort(sort: Sort) -> &'static str {
    match sort {
        Sort::Credential => "CREDENTIALS",
        Sort::PrivateKey => "PRIVATE KEYS",
        Sort::Secret => "SHARED SECRETS",
        Sort::Token => "TOKENS",
    }
}

/// What a mark means.
pub(super) fn how(how: How) -> &'static str {
    match how {
        How::Made => "made here",
        How::Derived => "worked out here from what it has",
        How::Installed => "installed before the method begins",
        How::Protected => "received, encrypted and authenticated",
        How::Provisional => "received, encrypted, peer not yet verified",
        How::Unread => "received in clear, nobody else on the link",
        How::Clear => "received in clear, readable on the link",
        How::Overheard => "overheard in clear",
        How::Leaked => "leaked",
        How::Forged => "forged: one of its own",
        How::Sealed => "has the bytes, cannot open them",
    }
}

/// What the attacker comes to hold.
pub(super) fn headline(matrix: &Matrix<'_>) -> String {
    let attacker = matrix.parties.iter().find(|party| party.is_attacker).map_or("", |party| party.title.as_str());
    let (all, lost) = (matrix.secrets.len(), matrix.losses());
    let names: Vec<&str> = lost.iter().map(|secret| matrix.secrets[*secret].name.as_str()).collect();
    match (names.as_slice(), all) {
        ([], 1) => format!("{attacker} does not learn the one secret"),
        ([], all) => format!("{attacker} learns none of {all} secrets"),
        (names, all) => {
            format!(
                "{attacker} learns {} of {}: {}",
                names.len(),
                quantity::count(all, "secret", "secrets"),
                names.join(", ")
            )
        }
    }
}

/// The whole picture in two sentences.
pub(super) fn description(matrix: &Matrix<'_>) -> String {
    let parties: Vec<&str> = matrix.parties.iter().map(|party| party.title.as_str()).collect();
    let secrets = quantity::count(matrix.secrets.len(), "secret", "secrets");
    format!("Matrix of {secrets} and who holds each: {}. {}.", parties.join(", "), headline(matrix))
}

/// What happens in the event at `step`, as one line.
pub(super) fn sentence(matrix: &Matrix<'_>, step: usize) -> String {
    let event = &matrix.run.trace.events[step];
    let told = matrix.holdings.iter().filter(|holding| holding.event == step);
    let words = |holding: &Holding| {
        let (party, secret) = (&matrix.parties[holding.party], &matrix.secrets[holding.secret]);
        format!("{}, {}: {}", party.title, secret.name, how(holding.how))
    };
    format!("{}. {}: {}", event.number, event.title, told.map(words).collect::<Vec<_>>().join("; "))
}
