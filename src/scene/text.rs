//! The only place that measures text: shaping with the shipped fonts, and wrapping by measured width.

use std::sync::LazyLock;

use harfrust::{Direction, FontRef, ShapeOptions, ShaperData, UnicodeBuffer};

/// Space above the base line that a line of text needs, as a share of its size.
pub const ASCENT: f32 = 0.95;
/// Space below the base line that a line of text needs, as a share of its size.
pub const DESCENT: f32 = 0.25;

/// A shipped typeface in one weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
// By weight, the monospaced one last.
pub enum Font {
    /// Inter 400.
    Regular,
    /// Inter 600.
    SemiBold,
    /// Inter 700.
    Bold,
    /// `JetBrains Mono` 400.
    Mono,
}

/// The shipped fonts as TrueType files, in the order of [`Font`].
pub const FONT_FILES: [&[u8]; 4] = [
    include_bytes!("../../static/fonts/Inter-Regular.ttf"),
    include_bytes!("../../static/fonts/Inter-SemiBold.ttf"),
    include_bytes!("../../static/fonts/Inter-Bold.ttf"),
    include_bytes!("../../static/fonts/JetBrainsMono-Regular.ttf"),
];

struct Face {
    font: FontRef<'static>,
    shaper: ShaperData,
    units_per_em: f32,
}

static FACES: LazyLock<[Face; 4]> = LazyLock::new(|| {
    FONT_FILES.map(|file| {
        let font = FontRef::new(file).expect("the shipped fonts are well formed");
        let shaper = ShaperData::new(&font);
        let units_per_em = shaper.shaper(&font).build().units_per_em();
        #[expect(clippy::cast_precision_loss, reason = "at most 16384, by the OpenType specification")]
        Face { font, shaper, units_per_em: units_per_em as f32 }
    })
});

/// `text` as it can be shown: white space is one blank, what XML 1.0 cannot hold and marks of direction are gone.
pub fn clean(text: &str) -> String {
    let printable = |c: char| {
        !c.is_control()
            && !matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let spaced: String = text.chars().map(|c| if c.is_whitespace() && c != '\u{a0}' { ' ' } else { c }).collect();
    let kept: String = spaced.chars().filter(|c| printable(*c)).collect();
    kept.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Width of `text`; a character that the font has no glyph for counts one em.
pub fn measure(text: &str, font: Font, size: f32) -> f32 {
    let face = &FACES[font as usize];
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(text);
    // The sum of the advances is the same in either direction, but marks stay with their base only in the text's own.
    buffer.guess_segment_properties();
    if !matches!(buffer.direction(), Direction::LeftToRight | Direction::RightToLeft) {
        buffer.set_direction(Direction::LeftToRight);
    }
    let shaped = face.shaper.shaper(&face.font).build().shape(buffer, ShapeOptions::new());
    let advances = shaped.glyph_infos().iter().zip(shaped.glyph_positions());
    advances
        .map(|(glyph, position)| match glyph.glyph_id {
            0 => size,
            #[expect(clippy::cast_precision_loss, reason = "advances are 16-bit numbers")]
            _ => position.x_advance as f32 / face.units_per_em * size,
        })
        .sum()
}

/// Whether `text` holds letters that join: stretching it to a measured width would tear them apart.
pub fn is_cursive(text: &str) -> bool {
    text.chars().any(|c| {
        matches!(c,
            '\u{0600}'..='\u{08ff}' | '\u{0900}'..='\u{109f}' | '\u{1800}'..='\u{18af}'
            | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}' | '\u{10ac0}'..='\u{10aff}' | '\u{1e900}'..='\u{1e95f}')
    })
}

/// How text is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style {
    /// Typeface and weight.
    pub font: Font,
    /// Size in pixels.
    pub size: f32,
    /// Extra space after each character, in pixels.
    pub tracking: f32,
    /// From base line to base line.
    pub leading: f32,
}

impl Style {
    /// A style without tracking and with the usual leading.
    pub const fn new(font: Font, size: f32) -> Self {
        Self { font, size, tracking: 0.0, leading: size * 1.3 }
    }

    /// The style with `tracking`.
    #[must_use]
    pub const fn tracked(mut self, tracking: f32) -> Self {
        self.tracking = tracking;
        self
    }

    /// Width of one line.
    pub fn measure(&self, text: &str) -> f32 {
        let tracking = if self.tracking == 0.0 { 0.0 } else { count(text) * self.tracking };
        measure(text, self.font, self.size) + tracking
    }
}

#[expect(clippy::cast_precision_loss, reason = "labels are short")]
fn count(text: &str) -> f32 {
    text.chars().count() as f32
}

/// Text broken into lines.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// How it is set.
    pub style: Style,
    /// Each line with its width.
    pub lines: Vec<(String, f32)>,
}

impl Block {
    /// A block without lines.
    pub fn empty(style: Style) -> Self {
        Self { style, lines: Vec::new() }
    }

    /// Width of the widest line.
    pub fn width(&self) -> f32 {
        self.lines.iter().map(|(_, width)| *width).fold(0.0, f32::max)
    }

    /// Height of all lines.
    pub fn height(&self) -> f32 {
        self.lines.iter().map(|_| self.style.leading).sum()
    }

    /// Whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

/// Breaks `text` into lines of at most `limit` pixels, as even as the number of lines allows.
///
/// Lines break at blanks; a word that is too wide for a line is broken, after punctuation where it can be.
pub fn wrap(text: &str, style: Style, limit: f32) -> Block {
    let text = clean(text);
    if text.is_empty() {
        return Block::empty(style);
    }
    let width = style.measure(&text);
    if width <= limit {
        return Block { style, lines: vec![(text, width)] };
    }
    let words = pieces(&text, style, limit);
    let greedy = fill(&words, style, limit);
    let even = narrowest(&words, style, limit, greedy.len());
    let lines = if even.len() == greedy.len() { even } else { greedy };
    let measured = lines.into_iter().map(|line| (style.measure(&line), line)).map(|(width, line)| (line, width));
    Block { style, lines: measured.collect() }
}

/// A word, or a piece of a word that was too wide.
struct Piece {
    text: String,
    width: f32,
    /// Whether a blank stands before it.
    spaced: bool,
}

fn pieces(text: &str, style: Style, limit: f32) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for word in text.split(' ') {
        let width = style.measure(word);
        if width <= limit {
            pieces.push(Piece { text: word.to_owned(), width, spaced: true });
        } else {
            for (index, part) in break_word(word, style, limit).into_iter().enumerate() {
                pieces.push(Piece { width: style.measure(&part), text: part, spaced: index == 0 });
            }
        }
    }
    pieces
}

/// The parts of a word that is wider than `limit`; a part holds at least one character.
fn break_word(word: &str, style: Style, limit: f32) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = word;
    while !rest.is_empty() {
        let mut end = rest.len();
        let mut width = 0.0;
        for (at, c) in rest.char_indices() {
            // Marks stay with their base.
            width += if is_mark(c) { 0.0 } else { style.measure(c.encode_utf8(&mut [0; 4])) };
            if width > limit && at > 0 && !is_mark(c) {
                end = soft_break(&rest[..at]);
                break;
            }
        }
        parts.push(rest[..end].to_owned());
        rest = &rest[end..];
    }
    parts
}

/// Where to break a line that is full: after the last punctuation of its second half, else at its end.
fn soft_break(line: &str) -> usize {
    let found = line.char_indices().rev().find(|(_, c)| matches!(c, '-' | '/' | '.' | '_' | ':' | ',' | '、' | '。'));
    found.map(|(at, c)| at + c.len_utf8()).filter(|at| *at * 2 >= line.len()).unwrap_or(line.len())
}

fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{0300}'..='\u{036f}' | '\u{0483}'..='\u{0489}' | '\u{0591}'..='\u{05bd}' | '\u{064b}'..='\u{065f}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{200c}'..='\u{200d}' | '\u{20d0}'..='\u{20ff}'
        | '\u{3099}'..='\u{309a}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}' | '\u{1f3fb}'..='\u{1f3ff}')
}

fn fill(pieces: &[Piece], style: Style, limit: f32) -> Vec<String> {
    let blank = style.measure(" ");
    let mut lines: Vec<(String, f32)> = Vec::new();
    for piece in pieces {
        let gap = if piece.spaced { blank } else { 0.0 };
        match lines.last_mut() {
            Some((line, width)) if *width + gap + piece.width <= limit => {
                if piece.spaced {
                    line.push(' ');
                }
                line.push_str(&piece.text);
                *width += gap + piece.width;
            }
            _ => lines.push((piece.text.clone(), piece.width)),
        }
    }
    lines.into_iter().map(|(line, _)| line).collect()
}

/// The same number of lines at the smallest limit, so that no last line is left with one word.
fn narrowest(pieces: &[Piece], style: Style, limit: f32, count: usize) -> Vec<String> {
    let (mut low, mut high) = (pieces.iter().map(|piece| piece.width).fold(0.0, f32::max), limit);
    for _ in 0..6 {
        let middle = f32::midpoint(low, high);
        if fill(pieces, style, middle).len() <= count {
            high = middle;
        } else {
            low = middle;
        }
    }
    fill(pieces, style, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: Style = Style::new(Font::Regular, 13.0);

    #[test]
    fn a_missing_glyph_counts_one_em() {
        assert!((measure("証明書", Font::Regular, 10.0) - 30.0).abs() < 0.01);
    }

    #[test]
    fn widths_are_those_of_the_typeface() {
        assert!((measure("0000", Font::Mono, 10.0) - 24.0).abs() < 0.01);
        assert!(measure("Wide", Font::Bold, 10.0) > measure("Wide", Font::Regular, 10.0));
    }

    #[test]
    fn lines_keep_the_limit_and_every_word() {
        let text = "the device refuses a voucher whose nonce is not the one that it sent";
        let block = wrap(text, TEXT, 120.0);
        assert!(block.lines.len() > 1);
        assert!(block.width() <= 120.5, "{block:?}");
        let joined: Vec<_> = block.lines.iter().map(|(line, _)| line.as_str()).collect();
        assert_eq!(joined.join(" "), text);
    }

    #[test]
    fn a_long_word_is_broken_after_punctuation() {
        let block = wrap("urn:example:provisioning-service.example/enrol", TEXT, 130.0);
        assert!(block.lines.len() > 1 && block.width() <= 130.5);
        assert!(block.lines[0].0.ends_with([':', '-', '.', '/']), "{block:?}");
    }

    #[test]
    fn what_xml_cannot_hold_is_gone() {
        assert_eq!(clean("a\u{0}\u{1b}[1m b\n\u{202e}c"), "a[1m b c");
    }
}
