//! Lines of a terminal: text by columns, and what stands where no text is.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::scene::text::is_leftwards;

/// Columns that `text` takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// `text` in lines of at most `limit` columns; a word that is too wide is broken. At least one line.
pub(super) fn wrap(text: &str, limit: usize) -> Vec<String> {
    let limit = limit.max(2);
    let mut lines = vec![String::new()];
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let last = lines.last_mut().expect("there is a line from the beginning");
        let gap = usize::from(!last.is_empty());
        if width(last) + gap + width(word) <= limit {
            last.push_str(&" ".repeat(gap));
            last.push_str(word);
            continue;
        }
        let mut parts = broken(word, limit).into_iter();
        if last.is_empty() {
            last.extend(parts.next());
        }
        lines.extend(parts);
    }
    lines
}

/// `word` in parts of at most `limit` columns; marks stay with their base.
fn broken(word: &str, limit: usize) -> Vec<String> {
    let mut parts = vec![String::new()];
    for c in word.chars() {
        let last = parts.last_mut().expect("there is a part from the beginning");
        last.push(c);
        if width(last) > limit && c.width() != Some(0) {
            last.pop();
            parts.push(c.to_string());
        }
    }
    parts
}

/// A line in the making: lifelines with text and signs before them.
#[derive(Debug)]
pub(super) struct Line {
    /// Column and text; no two of them overlap.
    pieces: Vec<(usize, String)>,
}

impl Line {
    pub(super) fn new() -> Self {
        Self { pieces: Vec::new() }
    }

    /// The line with `text` at the column `at`.
    pub(super) fn with(mut self, at: usize, text: impl Into<String>) -> Self {
        self.pieces.push((at, text.into()));
        self
    }

    /// The line as text; at `lanes` a lifeline stands where nothing else is, nor right beside it.
    pub(super) fn finish(mut self, lanes: &[usize]) -> String {
        self.pieces.retain(|(_, text)| !text.is_empty());
        let is_free = |lane: usize| {
            let touches = |(at, text): &(usize, String)| {
                let slack = usize::from(!text.starts_with(JOINING));
                lane + slack >= *at && lane < at + width(text) + usize::from(!text.ends_with(JOINING))
            };
            !self.pieces.iter().any(touches)
        };
        let lines = lanes.iter().filter(|lane| is_free(**lane)).map(|lane| (*lane, "│".to_owned()));
        let mut pieces: Vec<(usize, String)> = lines.collect();
        pieces.append(&mut self.pieces);
        pieces.sort_by_key(|(at, _)| *at);
        let mut out = String::new();
        let mut column = 0;
        for (at, text) in pieces {
            out.push_str(&" ".repeat(at.saturating_sub(column)));
            out.push_str(&text);
            column = at.max(column) + width(&text);
            if text.contains(is_leftwards) {
                // Keeps what follows in its place: a lifeline between two such texts would turn with them.
                out.push('\u{200e}');
            }
        }
        out.trim_end().replace('\u{a0}', " ")
    }
}

/// Lines that lead up to a lifeline.
const JOINING: [char; 12] = ['═', '─', '╌', '·', '├', '┤', '▶', '◀', '✗', '╎', '│', '▷'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_wrapped_by_columns_and_not_by_characters() {
        assert_eq!(wrap("証明書の署名要求", 8), ["証明書の", "署名要求"]);
        assert_eq!(wrap("e\u{301}e\u{301}e\u{301}", 2), ["e\u{301}e\u{301}", "e\u{301}"]);
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("", 7), [""]);
    }

    #[test]
    fn a_lifeline_gives_way_to_text() {
        let lanes = [1, 5, 9];
        assert_eq!(Line::new().finish(&lanes), " │   │   │");
        assert_eq!(Line::new().with(3, "text").finish(&lanes), " │ text  │");
        assert_eq!(Line::new().with(3, "tex").finish(&lanes), " │ tex   │");
        assert_eq!(Line::new().with(1, "├──▶").finish(&lanes), " ├──▶│   │");
    }

    #[test]
    fn a_lifeline_keeps_its_place_between_texts_from_the_right() {
        let line = Line::new().with(3, "אב").with(11, "גד").finish(&[1, 9]);
        assert_eq!(line, " │ אב\u{200e}    │ גד\u{200e}");
    }
}
