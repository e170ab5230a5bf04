//! The legend of a picture: signs with their words, in as many lines as they need.

use crate::scene::geometry::{Point, Rect, point};
use crate::scene::palette::Tone;
use crate::scene::text::{Block, Font, Style, wrap};
use crate::scene::{Anchor, Element, runs};

/// How words of a legend are set.
pub(super) const WORDS: Style = Style::new(Font::Regular, 10.5);
/// From line to line.
const LINE: f32 = 23.0;
/// Between one entry and the next.
const GAP: f32 = 22.0;

/// A sign and what it means.
pub(super) struct Entry {
    /// Width of the sign, with the space behind it.
    pub(super) indent: f32,
    /// What it means.
    pub(super) words: String,
    /// The sign with its left end at a point, centred on its height.
    pub(super) sign: Box<dyn Fn(Point) -> Vec<Element>>,
}

impl Entry {
    /// An entry whose sign takes `indent` pixels.
    pub(super) fn new(indent: f32, words: impl Into<String>, sign: impl Fn(Point) -> Vec<Element> + 'static) -> Self {
        Self { indent, words: words.into(), sign: Box::new(sign) }
    }
}

/// `entries` from `area.y` downwards, within the left and right edge of `area`, and where they end.
pub(super) fn legend(entries: &[Entry], area: Rect) -> (Vec<Element>, f32) {
    let (mut x, mut y) = (area.x, area.y);
    let mut elements = Vec::new();
    for entry in entries {
        let text: Block = wrap(&entry.words, WORDS, (area.width - entry.indent).max(40.0));
        let width = entry.indent + text.width();
        if x > area.x && x + width > area.right() {
            (x, y) = (area.x, y + LINE);
        }
        elements.extend((entry.sign)(point(x, y + WORDS.leading / 2.0)));
        elements.extend(runs(&text, x + entry.indent, y, Anchor::Start, Tone::Mute));
        y += text.height() - WORDS.leading;
        x += width + GAP;
    }
    (elements, if entries.is_empty() { area.y } else { y + LINE })
}
