//! The states of a device's life, and the edges between them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// State of a device in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
// In the order of a device's life.
pub enum State {
    /// Identity known from a manifest, ticket or voucher; no owner yet.
    Listed,
    /// Seen, not approved.
    Pending,
    /// Credential and record exist, not used yet.
    Provisioned,
    /// Authenticated operational traffic was seen.
    Active,
    /// Set aside by an operator or by silence.
    Inactive,
    /// Suspected of being cloned or compromised.
    Quarantined,
    /// Between two owners.
    Transferring,
    /// Credentials revoked; the record is kept.
    Decommissioned,
}

impl State {
    /// All states in the order of a device's life.
    pub const ALL: [Self; 8] = [
        Self::Listed,
        Self::Pending,
        Self::Provisioned,
        Self::Active,
        Self::Inactive,
        Self::Quarantined,
        Self::Transferring,
        Self::Decommissioned,
    ];

    /// The name as flows write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Pending => "pending",
            Self::Provisioned => "provisioned",
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Quarantined => "quarantined",
            Self::Transferring => "transferring",
            Self::Decommissioned => "decommissioned",
        }
    }

    /// What it says of a device, in a few words.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Listed => "known, no owner yet",
            Self::Pending => "seen, not approved",
            Self::Provisioned => "credential and record exist",
            Self::Active => "authenticated traffic was seen",
            Self::Inactive => "set aside",
            Self::Quarantined => "suspected of compromise",
            Self::Transferring => "between two owners",
            Self::Decommissioned => "credentials revoked, record kept",
        }
    }

    /// The state called `name`.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether a record may begin in it.
    pub fn is_first(self) -> bool {
        match self {
            Self::Listed | Self::Pending | Self::Provisioned => true,
            Self::Active | Self::Inactive | Self::Quarantined | Self::Transferring | Self::Decommissioned => false,
        }
    }

    /// Whether a device may go from `self` to `to` in one change.
    pub fn may_become(self, to: Self) -> bool {
        match self {
            Self::Listed => matches!(to, Self::Pending | Self::Decommissioned),
            Self::Pending => matches!(to, Self::Provisioned | Self::Decommissioned),
            Self::Provisioned => matches!(to, Self::Active | Self::Decommissioned),
            Self::Active => {
                matches!(to, Self::Inactive | Self::Quarantined | Self::Transferring | Self::Decommissioned)
            }
            Self::Inactive => matches!(to, Self::Active | Self::Transferring | Self::Decommissioned),
            Self::Quarantined => matches!(to, Self::Active | Self::Decommissioned),
            Self::Transferring => matches!(to, Self::Listed | Self::Decommissioned),
            Self::Decommissioned => false,
        }
    }
}
