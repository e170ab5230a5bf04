//! How high each row is, and where its things stand in it.

use super::column::Columns;
use super::row::{Body, Card, Row};
use crate::scene::geometry::Rect;

const PADDING: f32 = 9.0;
const COMPACT_PADDING: f32 = 6.0;
/// Radius of the disc of a step's number.
pub(super) const DISC: f32 = 11.0;
/// From the middle to the tip of the diamond that stands behind the number of a changed step.
pub(super) const DIAMOND: f32 = DISC + 3.5;
/// Height of the words where a session becomes protected.
pub(super) const CAPTION: f32 = 19.0;
/// Space between a message's line and the text above and below it.
pub(super) const LINE_GAP: f32 = 6.0;
const CARD_GAP: f32 = 7.0;
/// Space above a row in which a phase begins.
pub(super) const PHASE_GAP: f32 = 14.0;

/// The place of a row.
#[derive(Debug)]
pub(super) struct Band {
    /// Upper edge, below the rule of a phase.
    pub(super) top: f32,
    /// The height on which number, line and size stand.
    pub(super) axis: f32,
    /// Frames of the cards, in the order of the row.
    pub(super) cards: Vec<Rect>,
    /// Lower edge.
    pub(super) bottom: f32,
}

/// The bands of `rows` from `top` downwards.
pub(super) fn bands(rows: &[Row<'_>], columns: &Columns, top: f32) -> Vec<Band> {
    let mut bands: Vec<Band> = Vec::with_capacity(rows.len());
    let mut y = top;
    for row in rows {
        if row.phase.is_some() {
            y += PHASE_GAP;
        }
        let band = band(row, columns, y);
        y = band.bottom;
        bands.push(band);
    }
    bands
}

fn band(row: &Row<'_>, columns: &Columns, top: f32) -> Band {
    let padding = if row.compact { COMPACT_PADDING } else { PADDING };
    let (above, below) = reach(&row.body, &row.cards);
    let caption_above = row.raised.as_ref().is_some_and(|raised| !raised.below);
    let caption_below = row.raised.as_ref().is_some_and(|raised| raised.below);
    let sign = if row.edited.is_some() { DIAMOND } else { DISC };
    let phase = row.phase.as_ref().map_or(0.0, |phase| phase.height() + 3.0 + sign);
    let lead = if caption_above { CAPTION } else { 0.0 };
    let axis = top + (padding + lead + above).max(phase).max(sign + 2.0);
    let mut cards = Vec::with_capacity(row.cards.len());
    let mut y = match row.body {
        Body::Cards => axis - above,
        Body::Message { .. } | Body::Pill { .. } => axis + below + if row.cards.is_empty() { 0.0 } else { CARD_GAP },
    };
    let mut line_bottom = y;
    for card in &row.cards {
        let mut frame = columns.card(card.lane, y, card.width(), card.height());
        let near = |other: &Rect| Rect::new(other.x - 10.0, other.y, other.width + 20.0, other.height).overlaps(frame);
        if cards.iter().any(near) {
            y = line_bottom + CARD_GAP;
            frame.y = y;
        }
        line_bottom = line_bottom.max(frame.bottom());
        cards.push(frame);
    }
    let mark = row.mark.as_ref().map_or(0.0, |mark| mark.height() + 4.0);
    let content = match row.body {
        Body::Cards => line_bottom,
        Body::Message { .. } | Body::Pill { .. } => line_bottom.max(axis + below),
    };
    let bottom = content.max(axis + DISC + mark - padding + 3.0) + padding + if caption_below { CAPTION } else { 0.0 };
    Band { top, axis, cards, bottom }
}

/// How far the content of a row reaches above and below its axis.
fn reach(body: &Body, cards: &[Card]) -> (f32, f32) {
    match body {
        Body::Cards => (cards.first().map_or(DISC, first_line), 0.0),
        Body::Message { name, note, .. } => (name.height() + LINE_GAP, LINE_GAP + note.height()),
        Body::Pill { name, note, .. } => {
            let half = pill_height(name.height() + note.height()) / 2.0;
            (half, half)
        }
    }
}

/// Height of a pill with text of this height.
pub(super) fn pill_height(text: f32) -> f32 {
    text + 10.0
}

/// From the top of `card` to the middle of its first line.
fn first_line(card: &Card) -> f32 {
    card.inset() + card.lines.first().map_or(0.0, |line| line.text.style.leading / 2.0)
}
