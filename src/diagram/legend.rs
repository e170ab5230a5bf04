//! What the signs of a picture mean, in lines below it.

use super::swimlane::paint::{protection_dash, protection_lock, protection_tone};
use crate::scene::geometry::{Point, point};
use crate::scene::glyph;
use crate::scene::palette::Tone;
use crate::scene::text::{Font, Style, wrap};
use crate::scene::{Anchor, Element, Shape, runs};
use crate::trace::Protection;

/// How words of a legend are set.
pub(super) const WORDS: Style = Style::new(Font::Regular, 10.5);
const GAP: f32 = 22.0;
const LINE_GAP: f32 = 9.0;

/// A sign with its meaning.
pub(super) struct Entry {
    width: f32,
    words: String,
    sign: Box<dyn Fn(Point) -> Vec<Element>>,
}

impl Entry {
    /// A sign that takes `width`; `sign` draws it with its left end at a point, centred on it in height.
    pub(super) fn new(width: f32, words: impl Into<String>, sign: impl Fn(Point) -> Vec<Element> + 'static) -> Self {
        Self { width, words: words.into(), sign: Box::new(sign) }
    }

    /// A line with its lock, as a message is drawn that is protected so.
    pub(super) fn sent(protection: Protection, words: impl Into<String>) -> Self {
        Self::new(48.0, words, move |at| {
            let tone = protection_tone(protection);
            let line = Shape::line(point(at.x + 16.0, at.y), point(at.x + 41.0, at.y));
            let lock = protection_lock(protection).map(|lock| glyph::lock(lock, point(at.x + 5.0, at.y + 5.0), tone));
            let mut elements = lock.unwrap_or_default();
            elements.push(line.stroke(tone, 1.8).dash(protection_dash(protection)).into());
            elements
        })
    }
}

/// The entries from `left` to `right`, in as many lines as they need, and their lower edge.
pub(super) fn draw(entries: &[Entry], left: f32, right: f32, top: f32) -> (Vec<Element>, f32) {
    let (mut x, mut y, mut lowest) = (left, top, top);
    let mut elements = Vec::new();
    for entry in entries {
        let text = wrap(&entry.words, WORDS, right - left - entry.width);
        let width = entry.width + text.width();
        if x > left && x + width > right {
            (x, y) = (left, lowest + LINE_GAP);
        }
        elements.extend((entry.sign)(point(x, y + WORDS.leading / 2.0)));
        elements.extend(runs(&text, x + entry.width, y, Anchor::Start, Tone::Mute));
        lowest = lowest.max(y + text.height());
        x += width + GAP;
    }
    (elements, lowest)
}
