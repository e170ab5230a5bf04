//! A linear axis of time with round ticks.

use crate::quantity;

const MILLISECOND: u64 = 1_000;
const SECOND: u64 = 1_000_000;
const MINUTE: u64 = 60 * SECOND;
/// Steps of an axis above ten seconds, in seconds; up to there, 1, 2 and 5 times a power of ten.
const SECONDS: [u64; 14] = [15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400];
/// At most so many steps on an axis: each has room for its words.
const MOST: u64 = 8;

/// An axis from nothing to a round time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Axis {
    /// Where it begins, in pixels from the left.
    pub(super) left: f32,
    /// How long it is, in pixels.
    pub(super) width: f32,
    /// Its end, in microseconds.
    pub(super) span: u64,
    /// From tick to tick, in microseconds.
    step: u64,
}

impl Axis {
    /// An axis that holds `longest` microseconds.
    pub(super) fn new(left: f32, width: f32, longest: u64) -> Self {
        let step = steps().find(|step| longest.div_ceil(*step) <= MOST).unwrap_or_else(|| longest.div_ceil(MOST));
        Self { left, width, span: longest.div_ceil(step).max(1) * step, step }
    }

    /// Where a moment is.
    pub(super) fn x(&self, micros: u64) -> f32 {
        self.left + self.length(micros)
    }

    /// How long a time is.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a pixel is coarser")]
    pub(super) fn length(&self, micros: u64) -> f32 {
        (micros as f64 / self.span as f64) as f32 * self.width
    }

    /// Where its ticks are, and what they say.
    pub(super) fn ticks(&self) -> impl Iterator<Item = (f32, String)> {
        (0..=self.span / self.step).map(|n| (self.x(n * self.step), self.word(n * self.step)))
    }

    fn word(&self, micros: u64) -> String {
        let (unit, sign) = match self.step {
            0..100 => (1, "µs"),
            100..100_000 => (MILLISECOND, "ms"),
            _ if micros < MINUTE => (SECOND, "s"),
            _ => return quantity::duration(micros),
        };
        match (micros, self.step.is_multiple_of(unit)) {
            (0, _) => "0".to_owned(),
            (_, true) => format!("{}\u{a0}{sign}", micros / unit),
            (_, false) => format!("{}.{}\u{a0}{sign}", micros / unit, micros % unit * 10 / unit),
        }
    }
}

fn steps() -> impl Iterator<Item = u64> {
    let decades = (0..8_u32).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_u64.pow(power)));
    decades.take_while(|step| *step <= 10 * SECOND).chain(SECONDS.map(|seconds| seconds * SECOND))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(longest: u64) -> Vec<String> {
        Axis::new(0.0, 100.0, longest).ticks().map(|(_, word)| word.replace('\u{a0}', " ")).collect()
    }

    #[test]
    fn ticks_are_round_and_hold_the_longest_time() {
        assert_eq!(
            words(355_000),
            ["0", "50 ms", "100 ms", "150 ms", "200 ms", "250 ms", "300 ms", "350 ms", "400 ms"]
        );
        assert_eq!(words(1_200_000), ["0", "0.2 s", "0.4 s", "0.6 s", "0.8 s", "1.0 s", "1.2 s"]);
        assert_eq!(words(40 * SECOND), ["0", "5 s", "10 s", "15 s", "20 s", "25 s", "30 s", "35 s", "40 s"]);
        assert_eq!(words(157 * SECOND), ["0", "30 s", "1 min", "1 min 30 s", "2 min", "2 min 30 s", "3 min"]);
        assert_eq!(words(10 * MINUTE), ["0", "2 min", "4 min", "6 min", "8 min", "10 min"]);
    }

    #[test]
    fn every_time_has_its_place_on_its_axis() {
        for longest in [0, 1, 7, 999, 1_001, 123_456_789, 86_400 * SECOND, u64::MAX / 4] {
            let axis = Axis::new(10.0, 100.0, longest);
            assert!((10.0..=110.1).contains(&axis.x(longest)), "{longest} {axis:?}");
            assert!(axis.ticks().count() <= 10, "{longest}");
        }
    }
}
