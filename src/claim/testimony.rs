//! What the runs of a method say to a claim, and the events that show it.

use serde::Serialize;

/// What the runs of a method say to a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Testimony {
    /// The answer.
    pub ruling: Ruling,
    /// What decided, in sentences; what is missing, where that decides.
    pub reason: String,
    /// Events that show it, each once, in the order in which they were found.
    pub exhibits: Vec<Exhibit>,
    /// Ids of mitigations whose runs refuse an attack that contradicts the claim.
    pub remedies: Vec<String>,
}

/// What the runs of a method answer to a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
// From what weighs most to what weighs least, when several answers meet.
pub enum Ruling {
    /// A run shows the opposite.
    Contradicted,
    /// Runs show a part; the reason says which is missing.
    Partly,
    /// Runs show it.
    Shown,
    /// No run could show it; the reason says what is missing.
    Inconclusive,
    /// It cannot arise in the method; the reason says why.
    NotApplicable,
}

/// An event of a trace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Exhibit {
    /// Id of the scenario; `baseline` for the flow as written.
    pub scenario: String,
    /// Id of the step.
    pub step: String,
}

impl Ruling {
    /// The words for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Contradicted => "contradicted",
            Self::Partly => "shown in part",
            Self::Shown => "shown",
            Self::Inconclusive => "inconclusive",
            Self::NotApplicable => "not applicable",
        }
    }
}

impl Testimony {
    /// The claim is shown by `exhibits`, of which there is at least one; without any it is not.
    pub fn shown(reason: impl Into<String>, exhibits: impl IntoIterator<Item = Exhibit>) -> Self {
        Self::with(Ruling::Shown, reason, exhibits).grounded()
    }

    /// A part is shown by `exhibits`, of which there is at least one.
    pub fn partly(reason: impl Into<String>, exhibits: impl IntoIterator<Item = Exhibit>) -> Self {
        Self::with(Ruling::Partly, reason, exhibits).grounded()
    }

    /// A run shows the opposite.
    pub fn contradicted(reason: impl Into<String>, exhibits: impl IntoIterator<Item = Exhibit>) -> Self {
        Self::with(Ruling::Contradicted, reason, exhibits)
    }

    /// No run could show it; `missing` says what is missing.
    pub fn inconclusive(missing: impl Into<String>) -> Self {
        Self::with(Ruling::Inconclusive, missing, [])
    }

    /// It cannot arise, for this reason.
    pub fn not_applicable(reason: impl Into<String>) -> Self {
        Self::with(Ruling::NotApplicable, reason, [])
    }

    fn with(ruling: Ruling, reason: impl Into<String>, exhibits: impl IntoIterator<Item = Exhibit>) -> Self {
        let mut own = Self { ruling, reason: reason.into(), exhibits: Vec::new(), remedies: Vec::new() };
        own.add(exhibits);
        own
    }

    /// What no event shows is not shown.
    fn grounded(mut self) -> Self {
        if self.exhibits.is_empty() {
            self.ruling = Ruling::Inconclusive;
        }
        self
    }

    fn add(&mut self, exhibits: impl IntoIterator<Item = Exhibit>) {
        for exhibit in exhibits {
            if !self.exhibits.contains(&exhibit) {
                self.exhibits.push(exhibit);
            }
        }
    }

    /// The mitigations that refuse what contradicts it.
    #[must_use]
    pub fn remedied_by(mut self, remedies: Vec<String>) -> Self {
        self.remedies = remedies;
        self
    }

    /// Both are needed: with one of them alone it is shown in part.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let both = match (self.ruling, other.ruling) {
            (Ruling::Shown, Ruling::Inconclusive) | (Ruling::Inconclusive, Ruling::Shown) => Ruling::Partly,
            (one, another) => one.min(another),
        };
        self.joined(other, both)
    }

    /// Either is enough; what is missing of the other is not said.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let either = self.ruling.min(other.ruling);
        match (self.ruling, other.ruling) {
            (Ruling::Inconclusive | Ruling::NotApplicable, ruling) if ruling < Ruling::Inconclusive => other,
            (ruling, Ruling::Inconclusive | Ruling::NotApplicable) if ruling < Ruling::Inconclusive => self,
            _ => self.joined(other, either),
        }
    }

    fn joined(mut self, other: Self, ruling: Ruling) -> Self {
        let separator = if self.reason.is_empty() || other.reason.is_empty() { "" } else { " " };
        self.reason = format!("{}{separator}{}", self.reason, other.reason);
        self.ruling = ruling;
        self.add(other.exhibits);
        self.remedies.extend(other.remedies);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exhibit() -> Exhibit {
        Exhibit { scenario: "baseline".to_owned(), step: "tls".to_owned() }
    }

    #[test]
    fn what_no_event_shows_is_not_shown() {
        assert_eq!(Testimony::shown("Said.", []).ruling, Ruling::Inconclusive);
        assert_eq!(Testimony::partly("Said.", []).ruling, Ruling::Inconclusive);
        assert_eq!(Testimony::shown("Seen.", [exhibit(), exhibit()]).exhibits, [exhibit()]);
    }

    #[test]
    fn what_contradicts_weighs_more_than_anything() {
        let all = || {
            [
                Testimony::shown("Seen.", [exhibit()]),
                Testimony::partly("Half.", [exhibit()]),
                Testimony::inconclusive("Missing."),
                Testimony::not_applicable("Never."),
            ]
        };
        for other in all() {
            let against = || Testimony::contradicted("Broken.", [exhibit()]);
            assert_eq!(against().and(other.clone()).ruling, Ruling::Contradicted);
            assert_eq!(other.clone().and(against()).ruling, Ruling::Contradicted);
            assert_eq!(against().or(other.clone()).ruling, Ruling::Contradicted);
            assert_eq!(other.or(against()).ruling, Ruling::Contradicted);
        }
    }

    #[test]
    fn half_of_two_needs_is_a_part_and_one_of_two_ways_is_enough() {
        let (seen, missing) = (|| Testimony::shown("Seen.", [exhibit()]), || Testimony::inconclusive("Missing."));
        assert_eq!(seen().and(missing()).ruling, Ruling::Partly);
        assert_eq!(missing().and(seen()).reason, "Missing. Seen.");
        assert_eq!(seen().or(missing()), seen());
        assert_eq!(missing().or(seen()), seen());
        assert_eq!(missing().and(missing()).ruling, Ruling::Inconclusive);
        assert_eq!(seen().and(Testimony::not_applicable("Never.")).ruling, Ruling::Shown);
    }
}
