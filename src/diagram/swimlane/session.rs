//! Sessions as capsules between two lifelines, as long as they live.

use super::lane::Cast;
use super::row::{self, Row};
use crate::trace::{EventOutcome, Place, Protection};

/// A session.
#[derive(Debug)]
pub(super) struct Capsule {
    /// The left lane.
    pub(super) left: usize,
    /// The right lane.
    pub(super) right: usize,
    /// The row that opened it.
    pub(super) first: usize,
    /// The last row in it.
    pub(super) last: usize,
    /// How it was protected when it was opened.
    pub(super) protection: Protection,
    /// The row in which it became protected, where it was provisional before.
    pub(super) raised: Option<usize>,
    /// How many capsules it lies upon.
    pub(super) depth: u8,
}

/// The sessions that `rows` opened, in order; the rows in which one became protected are told so.
pub(super) fn capsules(cast: &Cast, rows: &mut [Row<'_>]) -> Vec<Capsule> {
    let mut capsules: Vec<Capsule> = Vec::new();
    let mut known: Vec<&str> = Vec::new();
    for first in 0..rows.len() {
        let event = rows[first].event;
        let (Some(session), Place::Between { from, to, .. }) = (&event.session, &event.place) else { continue };
        if from == to || known.contains(&session.as_str()) || !is_open(event.protection, &event.outcome) {
            continue;
        }
        known.push(session);
        let (from, to) = (cast.lane(from), cast.lane(to));
        let (left, right) = (from.min(to), from.max(to));
        let inside = |row: &Row<'_>| row.event.session.as_ref() == Some(session);
        let last = rows.iter().rposition(inside).unwrap_or(first);
        let raised = match event.protection {
            Protection::Provisional => raise(rows, first, session),
            Protection::None | Protection::Clear | Protection::Protected => None,
        };
        if let Some(index) = raised {
            let below = matches!(rows[index].event.place, Place::At { .. });
            rows[index].raised = Some(row::raised(left, below));
        }
        let beneath = |other: &&Capsule| other.last >= first && other.left < right && left < other.right;
        let depth = capsules.iter().filter(beneath).map(|other| other.depth + 1).max().unwrap_or(0);
        capsules.push(Capsule { left, right, first, last, protection: event.protection, raised, depth });
    }
    capsules
}

fn is_open(protection: Protection, outcome: &EventOutcome) -> bool {
    matches!(outcome, EventOutcome::Done) && matches!(protection, Protection::Provisional | Protection::Protected)
}

fn raise(rows: &[Row<'_>], first: usize, session: &str) -> Option<usize> {
    let is_protected =
        |row: &Row<'_>| row.event.session.as_deref() == Some(session) && row.event.protection == Protection::Protected;
    rows.iter().enumerate().skip(first + 1).find(|(_, row)| is_protected(row)).map(|(index, _)| index)
}
