//! The colours of every picture: one table, light and dark.

/// A colour by its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
// Grounds first, then ink and lines, then the colours that carry a meaning.
pub enum Tone {
    /// The ground of a page.
    Paper,
    /// The ground of a card.
    Panel,
    /// The tint of a trust zone.
    Zone,
    /// The edge of a zone.
    Edge,
    /// Text.
    Ink,
    /// Secondary text.
    Mute,
    /// Hairlines between things.
    Hair,
    /// Lifelines and the edges of cards.
    Line,
    /// What is encrypted and authenticated.
    Protected,
    /// What is encrypted while a peer is not verified.
    Provisional,
    /// What is readable by whoever is on the link.
    Clear,
    /// A check that stopped something, and an attack that got through.
    Refused,
    /// A check that held.
    Held,
}

/// Which of the two colour schemes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Dark ink on light paper.
    Light,
    /// Light ink on dark paper.
    Dark,
}

/// A tone's name and its two colours.
#[derive(Clone, Copy, Debug)]
pub struct Swatch {
    /// The tone.
    pub tone: Tone,
    /// Its name in classes and custom properties.
    pub name: &'static str,
    /// The colour on light paper, as `#rrggbb`.
    pub light: &'static str,
    /// The colour on dark paper, as `#rrggbb`.
    pub dark: &'static str,
}

/// Every tone, in the order of [`Tone`].
pub const SWATCHES: [Swatch; 13] = [
    Swatch { tone: Tone::Paper, name: "paper", light: "#fdfcf9", dark: "#14171b" },
    Swatch { tone: Tone::Panel, name: "panel", light: "#ffffff", dark: "#20252b" },
    Swatch { tone: Tone::Zone, name: "zone", light: "#f4f2eb", dark: "#1a1e23" },
    Swatch { tone: Tone::Edge, name: "edge", light: "#dfdbd0", dark: "#2b3138" },
    Swatch { tone: Tone::Ink, name: "ink", light: "#1c2127", dark: "#e8e6e1" },
    Swatch { tone: Tone::Mute, name: "mute", light: "#5b6572", dark: "#9aa3ae" },
    Swatch { tone: Tone::Hair, name: "hair", light: "#e4e0d6", dark: "#2b3138" },
    Swatch { tone: Tone::Line, name: "line", light: "#c5c1b6", dark: "#434a53" },
    Swatch { tone: Tone::Protected, name: "protected", light: "#0b6e66", dark: "#4fc3b5" },
    Swatch { tone: Tone::Provisional, name: "provisional", light: "#7a5900", dark: "#e8c468" },
    Swatch { tone: Tone::Clear, name: "clear", light: "#a9420b", dark: "#f08a4b" },
    Swatch { tone: Tone::Refused, name: "refused", light: "#b3231b", dark: "#f2695f" },
    Swatch { tone: Tone::Held, name: "held", light: "#1a7f37", dark: "#57c06f" },
];

/// Opacity of a tint upon so many others, deeper ones having none: text stays readable on all of them.
pub const TINTS: [f32; 2] = [0.07, 0.03];

impl Tone {
    /// Name and colours.
    pub fn swatch(self) -> &'static Swatch {
        &SWATCHES[self as usize]
    }

    /// The name in classes and custom properties.
    pub fn name(self) -> &'static str {
        self.swatch().name
    }

    /// The colour in `theme`, as `#rrggbb`.
    pub fn color(self, theme: Theme) -> &'static str {
        match theme {
            Theme::Light => self.swatch().light,
            Theme::Dark => self.swatch().dark,
        }
    }
}

/// The custom properties `--tl-…` that a page has to set for inline figures, as declarations of CSS.
pub fn custom_properties(theme: Theme) -> String {
    let declarations = SWATCHES.map(|swatch| format!("--tl-{}:{};", swatch.name, swatch.tone.color(theme)));
    declarations.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channels(color: &str) -> [f64; 3] {
        [1, 3, 5].map(|at| f64::from(u8::from_str_radix(&color[at..at + 2], 16).unwrap()) / 255.0)
    }

    // WCAG 2.2, relative luminance.
    fn luminance(color: [f64; 3]) -> f64 {
        let linear = color.map(|c| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    fn over(tint: [f64; 3], opacity: f64, ground: [f64; 3]) -> [f64; 3] {
        [0, 1, 2].map(|at| tint[at] * opacity + ground[at] * (1.0 - opacity))
    }

    #[test]
    fn swatches_stand_in_the_order_of_tones() {
        for (index, swatch) in SWATCHES.iter().enumerate() {
            assert_eq!(swatch.tone as usize, index);
        }
    }

    /// Text lies on a card, or on paper or a zone with up to two tints upon it.
    #[test]
    fn text_has_a_contrast_of_four_and_a_half_on_every_ground() {
        let texts = [Tone::Ink, Tone::Mute, Tone::Protected, Tone::Provisional, Tone::Clear, Tone::Refused];
        for theme in [Theme::Light, Theme::Dark] {
            let color = |tone: Tone| channels(tone.color(theme));
            let mut grounds = vec![color(Tone::Panel)];
            for ground in [Tone::Paper, Tone::Zone].map(color) {
                grounds.push(ground);
                for (tint, upon) in [
                    (Tone::Protected, Tone::Protected),
                    (Tone::Protected, Tone::Provisional),
                    (Tone::Provisional, Tone::Provisional),
                    (Tone::Provisional, Tone::Protected),
                ] {
                    let once = over(color(tint), f64::from(TINTS[0]), ground);
                    grounds.push(once);
                    grounds.push(over(color(upon), f64::from(TINTS[1]), once));
                }
            }
            for text in texts {
                for ground in &grounds {
                    let ratio = contrast(color(text), *ground);
                    assert!(ratio >= 4.5, "{text:?} in {theme:?} on {ground:?}: {ratio:.2}");
                }
            }
            for (text, ground) in [(Tone::Paper, Tone::Refused), (Tone::Paper, Tone::Ink), (Tone::Paper, Tone::Held)] {
                let ratio = contrast(color(text), color(ground));
                assert!(ratio >= 4.5, "{text:?} on {ground:?} in {theme:?}: {ratio:.2}");
            }
        }
    }
}
