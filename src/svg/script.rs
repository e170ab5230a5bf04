//! Stretches of a text by script: each names its typeface and, where need be, the direction of the whole.
//!
//! Renderers that look for glyphs one by one lose letters that join into fewer glyphs than characters.

use super::escape;
use crate::scene::text::{is_leftwards, is_mark};

/// A script with a typeface of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    Arabic,
    Hebrew,
}

/// Rules for the classes of scripts, inside `scope`.
pub(super) fn rules(scope: &str) -> [String; 2] {
    [Script::Arabic, Script::Hebrew]
        .map(|script| format!("{scope}.{}{{font-family:'{}',Inter,sans-serif}}", script.class(), script.family()))
}

impl Script {
    fn of(c: char) -> Option<Self> {
        match c {
            '\u{0590}'..='\u{05ff}' | '\u{fb1d}'..='\u{fb4f}' => Some(Self::Hebrew),
            c if is_leftwards(c) => Some(Self::Arabic),
            _ => None,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Arabic => "tl-arabic",
            Self::Hebrew => "tl-hebrew",
        }
    }

    fn family(self) -> &'static str {
        match self {
            Self::Arabic => "Noto Sans Arabic",
            Self::Hebrew => "Noto Sans Hebrew",
        }
    }
}

/// The class of a `text` element for `text`, with a blank before it, and its content; `latin` is the class of the rest.
///
/// The element has the typeface of the letters that join, since renderers shape by the first typeface of a text.
pub(super) fn content(text: &str, latin: &str) -> (String, String) {
    let has = |script| text.chars().any(|c| Script::of(c) == Some(script));
    let Some(own) = [Script::Arabic, Script::Hebrew].into_iter().find(|script| has(*script)) else {
        return (String::new(), escape(text));
    };
    let stretches = stretches(text);
    let set = |(script, stretch): &(Option<Script>, &str)| match script {
        Some(script) if *script == own => escape(stretch),
        Some(script) => format!("<tspan class=\"{}\">{}</tspan>", script.class(), escape(stretch)),
        None => format!("<tspan class=\"{latin}\">{}</tspan>", escape(stretch)),
    };
    let mut out = stretches.iter().map(set).collect::<Vec<_>>().concat();
    let begins_right = text.chars().find(|c| c.is_alphabetic()).is_some_and(is_leftwards);
    if begins_right && stretches.len() > 1 {
        // Its parts follow each other from the right.
        out = format!("\u{202b}{out}\u{202c}");
    } else if stretches.len() > 1 {
        // Without a width: it makes the element's typeface the first.
        out.insert(0, '\u{200e}');
    }
    (format!(" {}", own.class()), out)
}

/// `text` in parts of one script; blanks and marks belong to what stands before them.
fn stretches(text: &str) -> Vec<(Option<Script>, &str)> {
    let mut parts: Vec<(Option<Script>, usize)> = Vec::new();
    for (at, c) in text.char_indices() {
        let script = Script::of(c);
        let is_carried = script.is_none() && (is_mark(c) || c == ' ');
        if parts.last().is_none_or(|(last, _)| *last != script && !is_carried) {
            parts.push((script, at));
        }
    }
    let ends = parts.iter().skip(1).map(|(_, at)| *at).chain([text.len()]);
    parts.iter().zip(ends).map(|((script, from), to)| (*script, &text[*from..to])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_where_its_script_changes() {
        let parts: Vec<&str> = stretches("CSR خدمة آمنة (שירות) v0").into_iter().map(|(_, part)| part).collect();
        assert_eq!(parts, ["CSR ", "خدمة آمنة ", "(", "שירות", ") v0"]);
        assert_eq!(content("a & b", "tl-latin"), (String::new(), "a &amp; b".to_owned()));
    }

    #[test]
    fn a_text_that_begins_from_the_right_goes_on_from_there() {
        let content = |text| content(text, "tl-latin");
        assert!(content("שירות (v0).").1.starts_with('\u{202b}'));
        assert!(!content("v0 שירות").1.contains('\u{202b}'));
        assert_eq!(content("خدمة آمنة"), (" tl-arabic".to_owned(), "خدمة آمنة".to_owned()));
        let mixed = content("خدمة v0").1;
        assert_eq!(mixed, "\u{202b}خدمة <tspan class=\"tl-latin\">v0</tspan>\u{202c}");
    }
}
