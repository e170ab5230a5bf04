//! The lanes of the whole run: the network, whoever computes, waiting, and people apart from all of them.

use crate::timeline::{Part, Times};

/// A lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// What the links take.
    Network,
    /// What computing takes.
    Compute,
    /// What is waited for.
    Waiting,
    /// What people take.
    People,
}

impl Lane {
    /// Every lane, from the top.
    pub(super) const ALL: [Self; 4] = [Self::Network, Self::Compute, Self::Waiting, Self::People];

    /// The lane of a part.
    pub(super) fn of(part: Part) -> Self {
        match part {
            Part::LinkSetUp | Part::Transmission | Part::DutyCycle | Part::Latency => Self::Network,
            Part::Device | Part::Others => Self::Compute,
            Part::Waiting => Self::Waiting,
            Part::People => Self::People,
        }
    }

    /// Its name.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Network => "Network of the device",
            Self::Compute => "Device and others",
            Self::Waiting => "Waiting",
            Self::People => "People, estimated",
        }
    }

    /// What it takes of `times`, in microseconds.
    pub(super) fn time(self, times: &Times) -> u64 {
        let own = times.parts().into_iter().filter(|(part, _)| Self::of(*part) == self);
        own.fold(0, |sum, (_, micros)| sum.saturating_add(micros))
    }
}
