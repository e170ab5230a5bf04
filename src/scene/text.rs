//! The only place that measures text: shaping with the shipped fonts, and wrapping by measured width.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use harfrust::{
    Direction, FontRef, GlyphBuffer, ShapeOptions, ShapePlan, ShapePlanKey, Shaper, ShaperData, UnicodeBuffer, script,
};

/// Space above the base line that a line of text needs, as a share of its size.
pub const ASCENT: f32 = 0.95;
/// Space below the base line that a line of text needs, as a share of its size.
pub const DESCENT: f32 = 0.25;

/// A shipped typeface in one weight; Arabic and Hebrew stand in Noto Sans of that weight, bold for 600.
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

/// The shipped fonts as TrueType files: in the order of [`Font`], then those of scripts that these lack.
pub const FONT_FILES: [&[u8]; 8] = [
    include_bytes!("../../static/fonts/Inter-Regular.ttf"),
    include_bytes!("../../static/fonts/Inter-SemiBold.ttf"),
    include_bytes!("../../static/fonts/Inter-Bold.ttf"),
    include_bytes!("../../static/fonts/JetBrainsMono-Regular.ttf"),
    include_bytes!("../../static/fonts/NotoSansArabic-Regular.ttf"),
    include_bytes!("../../static/fonts/NotoSansHebrew-Regular.ttf"),
    include_bytes!("../../static/fonts/NotoSansArabic-Bold.ttf"),
    include_bytes!("../../static/fonts/NotoSansHebrew-Bold.ttf"),
];

/// A font that can be measured with.
struct Face {
    bytes: Cow<'static, [u8]>,
    shaper: ShaperData,
    units_per_em: f32,
    /// How a script is shaped in a direction: to plan it takes longer than to shape a label.
    plans: RwLock<Vec<Arc<ShapePlan>>>,
}

impl Face {
    /// The font in a TrueType or OpenType file of one face; `None` where it is none.
    fn read(bytes: Cow<'static, [u8]>) -> Option<Self> {
        let font = FontRef::new(&bytes).ok()?;
        let shaper = ShaperData::new(&font);
        #[expect(clippy::cast_precision_loss, reason = "at most 16384, by the OpenType specification")]
        let units_per_em = shaper.shaper(&font).build().units_per_em() as f32;
        let plans = RwLock::default();
        (units_per_em >= 16.0).then_some(Self { bytes, shaper, units_per_em, plans })
    }

    fn shape(&self, mut buffer: UnicodeBuffer) -> GlyphBuffer {
        // The sum of the advances is the same in either direction, but marks stay with their base only in the text's own.
        buffer.guess_segment_properties();
        if !matches!(buffer.direction(), Direction::LeftToRight | Direction::RightToLeft) {
            buffer.set_direction(Direction::LeftToRight);
        }
        let font = FontRef::new(&self.bytes).expect("it was read once");
        let shaper = self.shaper.shaper(&font).build();
        let plan = self.plan(&shaper, &buffer);
        shaper.shape(buffer, ShapeOptions::new().plan(Some(&plan)))
    }

    /// The plan for text with the script and direction of `buffer`, made when the first such text comes.
    fn plan(&self, shaper: &Shaper<'_>, buffer: &UnicodeBuffer) -> Arc<ShapePlan> {
        let script = Some(buffer.script()).filter(|script| *script != script::UNKNOWN);
        let direction = buffer.direction();
        let key = ShapePlanKey::new(script, direction);
        let found = |plans: &Vec<Arc<ShapePlan>>| plans.iter().find(|plan| key.matches(plan)).cloned();
        let kept = found(&self.plans.read().unwrap_or_else(PoisonError::into_inner));
        kept.unwrap_or_else(|| {
            let plan = Arc::new(ShapePlan::new(shaper, direction, script, None, &[]));
            self.plans.write().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&plan));
            plan
        })
    }

    fn has_glyph(&self, c: char) -> bool {
        let mut buffer = UnicodeBuffer::new();
        buffer.add(c, 0);
        self.shape(buffer).glyph_infos().iter().all(|glyph| glyph.glyph_id != 0)
    }

    /// Width of what the font can set of `text`, in ems, and the stretches that it cannot.
    fn advance<'t>(&self, text: &'t str) -> (f32, Vec<&'t str>) {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        let shaped = self.shape(buffer);
        let mut width = 0.0;
        let mut clusters = Vec::with_capacity(text.len());
        for (glyph, position) in shaped.glyph_infos().iter().zip(shaped.glyph_positions()) {
            clusters.push((glyph.cluster as usize, glyph.glyph_id == 0));
            if glyph.glyph_id != 0 {
                #[expect(clippy::cast_precision_loss, reason = "advances are 16-bit numbers")]
                let advance = position.x_advance as f32;
                width += advance / self.units_per_em;
            }
        }
        let is_whole = clusters.iter().all(|(_, is_missing)| !is_missing);
        (width, if is_whole { Vec::new() } else { missing(text, clusters) })
    }
}

/// Each made when it is first needed: most pictures need two.
static FACES: [OnceLock<Face>; FONT_FILES.len()] = [const { OnceLock::new() }; FONT_FILES.len()];

fn face(index: usize) -> &'static Face {
    FACES[index].get_or_init(|| Face::read(FONT_FILES[index].into()).expect("the shipped fonts are well formed"))
}

/// Fonts that a project brings, for scripts that the shipped ones lack.
#[derive(Clone, Default)]
pub struct Fonts(Arc<Vec<Face>>);

impl Fonts {
    /// Adds the font in a TrueType or OpenType file of one face; `false` where it is none.
    pub fn add(&mut self, bytes: &[u8]) -> bool {
        let Some(face) = Face::read(bytes.to_vec().into()) else { return false };
        let faces = Arc::get_mut(&mut self.0).expect("fonts are added before they are shared");
        faces.push(face);
        true
    }

    /// The files, in their order.
    pub fn files(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(|face| &*face.bytes)
    }

    /// Which of the fonts have a glyph for `c`, by index.
    pub fn with_glyph(&self, c: char) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().filter(move |(_, face)| face.has_glyph(c)).map(|(index, _)| index)
    }

    /// Does `work`, which measures with these fonts too.
    pub fn within<T>(&self, work: impl FnOnce() -> T) -> T {
        /// Takes the fonts away also where `work` panics.
        struct Turn(Desk);
        impl Drop for Turn {
            fn drop(&mut self) {
                DESK.replace(std::mem::take(&mut self.0));
            }
        }
        let _turn = Turn(DESK.replace(Desk { fonts: self.clone(), ..Desk::default() }));
        work()
    }
}

impl fmt::Debug for Fonts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} fonts", self.0.len())
    }
}

/// What a thread measures with.
#[derive(Default)]
struct Desk {
    /// The fonts of the project whose pictures it draws.
    fonts: Fonts,
    /// What it measured, in ems, by [`Font`]: pictures of one method say the same again and again.
    widths: [BTreeMap<String, f32>; 4],
}

thread_local! {
    static DESK: RefCell<Desk> = RefCell::default();
}

impl Desk {
    /// Most texts in one font whose widths are kept.
    const MAX_KEPT: usize = 1 << 14;

    fn ems(&mut self, text: &str, font: Font) -> f32 {
        let kept = &mut self.widths[font as usize];
        if let Some(width) = kept.get(text) {
            return *width;
        }
        let width = ems(text, font, &self.fonts);
        if kept.len() == Self::MAX_KEPT {
            kept.clear();
        }
        kept.insert(text.to_owned(), width);
        width
    }
}

impl Font {
    /// The fonts that are asked for a glyph, one after the other, by index of [`FONT_FILES`].
    const fn chain(self) -> &'static [usize] {
        match self {
            Self::Regular => &[0, 4, 5],
            Self::SemiBold => &[1, 6, 7],
            Self::Bold => &[2, 6, 7],
            Self::Mono => &[3, 0, 4, 5],
        }
    }
}

/// The fonts that stand in for the one at `index` of [`FONT_FILES`], in the order in which they are asked.
pub fn substitutes(index: usize) -> &'static [usize] {
    let chains = [Font::Regular, Font::SemiBold, Font::Bold, Font::Mono].map(Font::chain);
    chains.iter().find(|chain| chain[0] == index).map_or(&[], |chain| &chain[1..])
}

/// Whether the font at `index` of [`FONT_FILES`] has a glyph for `c`.
pub fn has_glyph(index: usize, c: char) -> bool {
    face(index).has_glyph(c)
}

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

/// Width of `text`, each stretch in the first font that has its glyphs; a character that none has counts one em.
pub fn measure(text: &str, font: Font, size: f32) -> f32 {
    size * DESK.with_borrow_mut(|desk| desk.ems(text, font))
}

fn ems(text: &str, font: Font, own: &Fonts) -> f32 {
    let mut width = 0.0;
    let mut rest = vec![text];
    for face in font.chain().iter().map(|index| face(*index)).chain(own.0.iter()) {
        let mut missing = Vec::new();
        for stretch in rest {
            let (advance, lacking) = face.advance(stretch);
            width += advance;
            missing.extend(lacking);
        }
        rest = missing;
        if rest.is_empty() {
            break;
        }
    }
    let without = rest.iter().flat_map(|stretch| stretch.chars()).filter(|c| !is_mark(*c));
    width + without.map(|_| 1.0).sum::<f32>()
}

/// The stretches of `text` without glyphs; `clusters` say where each begins, in bytes, and whether it lacks one.
fn missing(text: &str, mut clusters: Vec<(usize, bool)>) -> Vec<&str> {
    clusters.sort_unstable();
    clusters.dedup_by_key(|(at, _)| *at);
    let mut stretches: Vec<(usize, usize)> = Vec::new();
    let ends = clusters.iter().skip(1).map(|(at, _)| *at).chain([text.len()]);
    for ((at, _), end) in clusters.iter().zip(ends).filter(|((_, is_missing), _)| *is_missing) {
        match stretches.last_mut() {
            Some(last) if last.1 == *at => last.1 = end,
            _ => stretches.push((*at, end)),
        }
    }
    stretches.iter().map(|(from, to)| &text[*from..*to]).collect()
}

/// Whether `text` holds letters that join: stretching it to a measured width would tear them apart.
pub fn is_cursive(text: &str) -> bool {
    text.chars().any(|c| {
        matches!(c,
            '\u{0600}'..='\u{08ff}' | '\u{0900}'..='\u{109f}' | '\u{1800}'..='\u{18af}'
            | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}' | '\u{10ac0}'..='\u{10aff}' | '\u{1e900}'..='\u{1e95f}')
    })
}

/// Whether `c` is a letter of a script that is written from the right to the left.
pub fn is_leftwards(c: char) -> bool {
    matches!(c, '\u{0590}'..='\u{08ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}')
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

/// Whether `c` stands upon the character before it, or joins it to the next.
pub fn is_mark(c: char) -> bool {
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
    fn fonts_of_a_project_are_asked_last_and_only_within_its_pictures() {
        let mut fonts = Fonts::default();
        assert!(!fonts.add(b"no font"));
        // Stands for one of a script of its own: it has the letters that a monospaced text asks for first.
        assert!(fonts.add(FONT_FILES[3]));
        assert_eq!(fonts.with_glyph('a').collect::<Vec<_>>(), [0]);
        let alone = measure("証明書 a", Font::Regular, 10.0);
        assert!((fonts.within(|| measure("証明書 a", Font::Regular, 10.0)) - alone).abs() < 0.01);
        let box_drawing = '\u{2591}';
        if !has_glyph(0, box_drawing) && has_glyph(3, box_drawing) {
            assert!(fonts.within(|| measure("\u{2591}", Font::Regular, 10.0)) < 10.0);
        }
    }

    #[test]
    fn scripts_from_the_right_have_fonts() {
        let ems = |text: &str, font| measure(text, font, 10.0) / 10.0;
        for (text, n_letters) in [("خدمة", 4.0), ("שירות", 5.0)] {
            assert!(ems(text, Font::Regular) < 0.8 * n_letters, "{text}");
            assert!(ems(text, Font::Bold) > ems(text, Font::Regular), "{text}");
            assert!((ems(text, Font::SemiBold) - ems(text, Font::Bold)).abs() < 0.001, "{text}");
        }
    }

    #[test]
    fn a_text_of_several_scripts_is_as_wide_as_its_parts() {
        let parts = ["CSR ", "خدمة", " ", "שירות", " v0 ", "証明書"];
        let sum: f32 = parts.iter().map(|part| measure(part, Font::Regular, 10.0)).sum();
        // The pairs at the joints may be kerned.
        assert!((measure(&parts.concat(), Font::Regular, 10.0) - sum).abs() < 1.0);
    }

    #[test]
    fn letters_that_join_are_measured_joined() {
        let apart: f32 = "بيت".chars().map(|c| measure(&c.to_string(), Font::Regular, 10.0)).sum();
        assert!(measure("بيت", Font::Regular, 10.0) < apart);
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
