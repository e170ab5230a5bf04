//! The audit log: every change of the registry, in an order that cannot be altered unnoticed.
//!
//! A line of the log is an entry as canonical JSON (RFC 8785). Its `hash` is the SHA-256 of the same entry without the
//! member `hash`; its `previous` is the hash of the entry before it, [`GENESIS`] for the first. So whoever knows the
//! hash of the last entry (the head) and the number of entries knows whether a line was changed, taken out or cut off.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{Role, State};
use crate::clock::Timestamp;
use crate::crypto::mac;
use crate::protocol::canonical_json;

/// What the first entry names as the hash before it.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// All changes, oldest first; entries are only ever added.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// The entries before they are chained: their hashes are empty.
    changes: Vec<Entry>,
    /// The same with their hashes, once somebody has asked: the log of most runs nobody reads.
    entries: OnceLock<Vec<Entry>>,
}

/// A log as it is written.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Log")]
struct Written<'l> {
    /// The entries, oldest first.
    entries: &'l [Entry],
    /// Hash of the last entry: the checkpoint against which a copy of the log is verified.
    head: &'l str,
}

/// One change of the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Entry {
    /// Number of the entry, from 1.
    pub sequence: usize,
    /// The virtual clock.
    pub clock: Timestamp,
    /// The step that made the change.
    pub step: String,
    /// The actor that made it.
    pub actor: String,
    /// The id of the device; the name of the policy, group, type or ledger for changes of those.
    pub record: String,
    /// What changed.
    pub change: Change,
    /// Hash of the entry before, 64 hexadecimal digits.
    pub previous: String,
    /// SHA-256 of the canonical JSON of the entry without this member, hexadecimal digits.
    pub hash: String,
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Change {
    /// An operator let a record out of the staging area, or withdrew a suspicion.
    Approved,
    /// Metadata was taken away.
    AttributesRemoved {
        /// Names of the attributes.
        names: BTreeSet<String>,
    },
    /// Metadata was added or replaced.
    AttributesSet {
        /// The attributes with their new values.
        attributes: BTreeMap<String, String>,
    },
    /// The device presented a credential.
    Connected {
        /// Which of its credentials.
        role: Role,
        /// The session.
        session: String,
    },
    /// A use was counted.
    Counted {
        /// Uses so far.
        uses: usize,
    },
    /// A record was made.
    Created {
        /// Its first state.
        state: State,
    },
    /// A credential was bound.
    CredentialBound {
        /// As what.
        role: Role,
        /// SHA-256 of the credential.
        sha256: String,
        /// SHA-256 of its SubjectPublicKeyInfo; of a shared key, the SHA-256 of the key.
        key: String,
    },
    /// A credential is not accepted any more.
    CredentialRetired {
        /// What it was.
        role: Role,
        /// SHA-256 of the credential.
        sha256: String,
    },
    /// The operational credential was used for the first time.
    CredentialUsed {
        /// SHA-256 of the credential.
        sha256: String,
    },
    /// A session ended.
    Disconnected {
        /// The session.
        session: String,
    },
    /// The record was put into a group.
    GroupAdded {
        /// The group.
        group: String,
    },
    /// The record was taken out of a group.
    GroupRemoved {
        /// The group.
        group: String,
    },
    /// The device has another owner.
    OwnerChanged {
        /// The owner before; absent where there was none.
        from: Option<String>,
        /// The owner now; absent where there is none.
        to: Option<String>,
    },
    /// A policy applies from now on.
    PolicyAttached {
        /// The policy.
        policy: String,
    },
    /// A policy was declared or replaced.
    PolicyDeclared {
        /// SHA-256 of its canonical JSON.
        sha256: String,
    },
    /// A policy does not apply any more.
    PolicyDetached {
        /// The policy.
        policy: String,
    },
    /// The record went from one state to another.
    State {
        /// The state before.
        from: State,
        /// The state after.
        to: State,
    },
    /// The clone rule found the device in two places.
    Suspected {
        /// Why.
        reason: String,
    },
    /// The device is gone; the record is kept.
    Tombstone,
    /// The owner offers the device to another one.
    TransferOffered {
        /// The owner to be.
        to: String,
    },
    /// The device is of another thing type.
    TypeChanged {
        /// The type before; absent where it had none.
        from: Option<String>,
        /// The type after.
        to: String,
    },
    /// A thing type was declared.
    TypeDeclared {
        /// Attributes that its devices must have.
        attributes: Vec<String>,
    },
}

/// Why a copy of the log is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The first entry that is not what was written.
    Altered {
        /// Its line, from 1.
        line: usize,
        /// What does not fit.
        reason: &'static str,
    },
    /// The chain is whole and ends before the checkpoint.
    Truncated {
        /// Entries in the copy.
        n_entries: usize,
        /// Entries at the checkpoint.
        expected: usize,
    },
}

impl Serialize for Log {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Written { entries: self.entries(), head: self.head() }.serialize(serializer)
    }
}

impl JsonSchema for Log {
    fn schema_name() -> Cow<'static, str> {
        Written::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Written::json_schema(generator)
    }
}

impl Log {
    /// The entries, oldest first.
    pub fn entries(&self) -> &[Entry] {
        self.entries.get_or_init(|| {
            let mut previous = GENESIS.to_owned();
            let chain = |change: &Entry| {
                let mut entry = Entry { previous: previous.clone(), ..change.clone() };
                entry.hash = hash(&entry.json());
                previous.clone_from(&entry.hash);
                entry
            };
            self.changes.iter().map(chain).collect()
        })
    }

    /// The changes with the records and steps of which they are, oldest first.
    pub fn changes(&self) -> impl Iterator<Item = (&str, &str, &Change)> {
        self.changes.iter().map(|entry| (&*entry.record, &*entry.step, &entry.change))
    }

    /// Hash of the last entry; [`GENESIS`] where there is none.
    pub fn head(&self) -> &str {
        self.entries().last().map_or(GENESIS, |entry| &entry.hash)
    }

    /// Adds an entry.
    pub(super) fn append(&mut self, clock: Timestamp, step: &str, actor: &str, record: &str, change: Change) {
        self.entries = OnceLock::new();
        self.changes.push(Entry {
            sequence: self.changes.len() + 1,
            clock,
            step: step.to_owned(),
            actor: actor.to_owned(),
            record: record.to_owned(),
            change,
            previous: String::new(),
            hash: String::new(),
        });
    }

    /// The log as it is exported: a line of canonical JSON for each entry, each ended by a line feed.
    pub fn lines(&self) -> String {
        self.entries().iter().flat_map(|entry| [canonical(&entry.json()), "\n".to_owned()]).collect()
    }
}

impl Change {
    /// The state that a device is in from now on; absent where the change is of another kind.
    pub fn state(&self) -> Option<State> {
        match self {
            Self::Created { state: to } | Self::State { to, .. } => Some(*to),
            _ => None,
        }
    }
}

impl Entry {
    fn json(&self) -> Value {
        // Text, small whole numbers and maps with text as keys always serialise.
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// Verifies the chain of an exported log; the head and the number of entries where it is whole.
///
/// # Errors
/// The first line that is not what was written.
pub fn verify(lines: &str) -> Result<(String, usize), Broken> {
    let mut head = GENESIS.to_owned();
    let mut n_entries = 0;
    for line in lines.lines() {
        n_entries += 1;
        let altered = |reason| Broken::Altered { line: n_entries, reason };
        let entry: Value = serde_json::from_str(line).map_err(|_| altered("it is no JSON"))?;
        if canonical(&entry) != line {
            return Err(altered("it is not written in canonical form"));
        }
        if entry["sequence"].as_u64() != u64::try_from(n_entries).ok() {
            return Err(altered("its number is another"));
        }
        if entry["previous"].as_str() != Some(&head) {
            return Err(altered("it does not follow the entry before it"));
        }
        let computed = hash(&entry);
        if entry["hash"].as_str() != Some(&computed) {
            return Err(altered("its hash is another"));
        }
        head = computed;
    }
    Ok((head, n_entries))
}

/// Verifies an exported log against a checkpoint: the head and the number of entries when it was made. Entries that
/// were added after the checkpoint are allowed.
///
/// # Errors
/// The first line that is not what was written, or how many entries are missing.
pub fn verify_against(lines: &str, head: &str, expected: usize) -> Result<usize, Broken> {
    let (_, n_entries) = verify(lines)?;
    if n_entries < expected {
        return Err(Broken::Truncated { n_entries, expected });
    }
    let at_checkpoint = expected.checked_sub(1).and_then(|index| lines.lines().nth(index));
    let found = at_checkpoint.and_then(|line| serde_json::from_str::<Value>(line).ok());
    let found = found.as_ref().and_then(|entry| entry["hash"].as_str()).unwrap_or(GENESIS);
    // A chain that was computed anew is whole, and only the checkpoint tells.
    if found != head {
        return Err(Broken::Altered { line: expected.max(1), reason: "its hash is not that of the checkpoint" });
    }
    Ok(n_entries)
}

fn hash(entry: &Value) -> String {
    let mut entry = entry.clone();
    if let Some(members) = entry.as_object_mut() {
        members.remove("hash");
    }
    hex::encode(mac::sha256(canonical(&entry).as_bytes()))
}

/// The canonical form; empty where there is none, which equals no line.
fn canonical(value: &Value) -> String {
    canonical_json::encode(value).unwrap_or_default()
}
