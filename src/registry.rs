//! The device registry: metadata about devices and the states they pass through, never their payloads.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// All records, by device id.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Registry {
    /// Records by device id.
    pub records: BTreeMap<String, Record>,
}

/// What a registry knows about one device.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Record {
    /// The state now.
    pub state: State,
    /// Attributes such as serial number, credential fingerprint, owner.
    pub attributes: BTreeMap<String, String>,
    /// Every change, oldest first; entries are only ever added.
    pub history: Vec<Change>,
}

/// One change of a record.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Change {
    /// The virtual clock.
    pub clock: Timestamp,
    /// The step that made it.
    pub step: String,
    /// The state before; absent for the first entry.
    pub from: Option<State>,
    /// The state after.
    pub to: State,
}

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

    /// The state called `name`.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
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

impl Registry {
    /// Ids of the records that are not in the same state, with the same attributes, in both.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let ids: BTreeSet<&String> = self.records.keys().chain(other.records.keys()).collect();
        let of = |registry: &Self, id: &String| {
            registry.records.get(id).map(|record| (record.state, record.attributes.clone()))
        };
        ids.into_iter().filter(|id| of(self, id) != of(other, id)).cloned().collect()
    }

    /// Adds a record in `state`.
    ///
    /// # Errors
    /// The state that a record of this id is in already.
    pub fn create(
        &mut self,
        id: &str,
        state: State,
        attributes: BTreeMap<String, String>,
        step: &str,
        clock: Timestamp,
    ) -> Result<(), State> {
        if let Some(record) = self.records.get(id) {
            return Err(record.state);
        }
        let history = vec![Change { clock, step: step.to_owned(), from: None, to: state }];
        self.records.insert(id.to_owned(), Record { state, attributes, history });
        Ok(())
    }

    /// Moves the record `id` to `to` and adds `attributes`; staying in the same state is allowed and changes attributes only.
    ///
    /// # Errors
    /// `None` where there is no such record, `Some(state)` where the record may not go from that state to `to`.
    pub fn change(
        &mut self,
        id: &str,
        to: State,
        attributes: BTreeMap<String, String>,
        step: &str,
        clock: Timestamp,
    ) -> Result<(), Option<State>> {
        let record = self.records.get_mut(id).ok_or(None)?;
        let from = record.state;
        if from != to {
            if !from.may_become(to) {
                return Err(Some(from));
            }
            record.history.push(Change { clock, step: step.to_owned(), from: Some(from), to });
            record.state = to;
        }
        record.attributes.extend(attributes);
        Ok(())
    }
}
