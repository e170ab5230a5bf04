//! The figures that are compared, a column each.

use super::Measured;
use crate::quantity;

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Metric {
    /// Messages.
    Messages,
    /// Bytes on the links of the device.
    Bytes,
    /// Signatures of the device.
    Signs,
    /// Verifications of the device.
    Verifies,
    /// What machines take.
    Time,
    /// Things that people do.
    People,
    /// Attacks, and those that got through.
    Attacks,
}

impl Metric {
    /// Every column, from the left.
    pub(super) const ALL: [Self; 7] =
        [Self::Messages, Self::Bytes, Self::Signs, Self::Verifies, Self::Time, Self::People, Self::Attacks];

    /// What it counts, and of whom.
    pub(super) fn head(self) -> (&'static str, &'static str) {
        match self {
            Self::Messages => ("Messages", "over any link"),
            Self::Bytes => ("Bytes", "on links of the device"),
            Self::Signs => ("Signatures", "by the device"),
            Self::Verifies => ("Verifications", "by the device"),
            Self::Time => ("Time", "of machines alone"),
            Self::People => ("User actions", "by hand"),
            Self::Attacks => ("Attacks", "tried; filled: got through"),
        }
    }

    /// How long its bar is, in the unit of the column.
    pub(super) fn value(self, method: &Measured) -> u64 {
        let number = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        match self {
            Self::Messages => number(method.messages),
            Self::Bytes => number(method.device_bytes),
            Self::Signs => number(method.signs),
            Self::Verifies => number(method.verifies),
            Self::Time => method.machines,
            Self::People => number(method.user_actions),
            Self::Attacks => number(method.attacks),
        }
    }

    /// What stands beside its bar.
    pub(super) fn word(self, method: &Measured) -> String {
        match self {
            Self::Messages => quantity::number(method.messages),
            Self::Bytes => quantity::short_bytes(method.device_bytes),
            Self::Signs => quantity::number(method.signs),
            Self::Verifies => quantity::number(method.verifies),
            Self::Time => quantity::duration(method.machines),
            Self::People => quantity::number(method.user_actions),
            Self::Attacks => format!("{}\u{a0}of\u{a0}{}", method.accepted, method.attacks),
        }
    }
}
