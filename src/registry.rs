//! The device registry: metadata about devices and the states they pass through, never their payloads.
//!
//! Every change goes through a method of [`Registry`] and is an entry of its [`Log`].

mod clone_rule;
pub mod ledger;
pub mod log;
pub mod policy;
pub mod record;
pub mod state;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

pub use ledger::Ledger;
pub use log::{Change, Entry, Log};
pub use policy::Policy;
pub use record::{Credential, CredentialKind, Record, Role};
pub use state::State;

use self::policy::Decision;
use crate::clock::Timestamp;
use crate::crypto::mac;
use crate::protocol::canonical_json;

/// Devices, what applies to them, and every change.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Registry {
    /// Records by device id.
    records: BTreeMap<String, Record>,
    /// Policies by name.
    policies: BTreeMap<String, Policy>,
    /// Policies of groups, by group.
    groups: BTreeMap<String, BTreeSet<String>>,
    /// Thing types with the attributes that their devices must have.
    types: BTreeMap<String, BTreeSet<String>>,
    /// One-time values and counters, by name.
    ledgers: BTreeMap<String, Ledger>,
    /// Every change, oldest first.
    log: Log,
}

/// Who changes the registry, in which step and when.
#[derive(Clone, Copy, Debug)]
pub struct Cause<'c> {
    /// The acting actor.
    pub actor: &'c str,
    /// The step's id.
    pub step: &'c str,
    /// The virtual clock.
    pub clock: Timestamp,
}

/// What the registry does not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Code of the reason.
    pub code: &'static str,
    /// The reason in words.
    pub message: String,
}

/// What a record begins with.
#[derive(Clone, Debug, Default)]
pub struct Entrance {
    /// Serial number.
    pub serial: Option<String>,
    /// Thing type.
    pub thing_type: Option<String>,
    /// Owner.
    pub owner: Option<String>,
    /// Whether it waits for an operator.
    pub is_staged: bool,
    /// Metadata.
    pub attributes: BTreeMap<String, String>,
}

/// The group whose policies alone apply to a quarantined device: what it needs to be repaired.
pub const QUARANTINE: &str = "quarantine";

impl Violation {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    fn unknown(id: &str) -> Self {
        Self::new("unknown-device", format!("`{id}` is not in the registry"))
    }
}

impl Registry {
    /// Records by device id.
    pub fn records(&self) -> &BTreeMap<String, Record> {
        &self.records
    }

    /// Policies by name.
    pub fn policies(&self) -> &BTreeMap<String, Policy> {
        &self.policies
    }

    /// Policies of groups, by group.
    pub fn groups(&self) -> &BTreeMap<String, BTreeSet<String>> {
        &self.groups
    }

    /// One-time values and counters, by name.
    pub fn ledgers(&self) -> &BTreeMap<String, Ledger> {
        &self.ledgers
    }

    /// Every change.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// The record called `id`.
    ///
    /// # Errors
    /// `unknown-device`.
    pub fn record(&self, id: &str) -> Result<&Record, Violation> {
        self.records.get(id).ok_or_else(|| Violation::unknown(id))
    }

    /// The steps in which a device entered `state`, in order.
    pub fn entered(&self, state: State) -> impl Iterator<Item = &str> {
        self.log.changes().filter(move |(.., change)| change.state() == Some(state)).map(|(_, step, _)| step)
    }

    /// Names of records and ledgers that are not the same in both; the moments of the changes may differ.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let timeless = |registry: &Self, id: &String| {
            let record = registry.records.get(id).cloned();
            record.map(|record| Record { since: Timestamp(0), last_seen: None, ..record })
        };
        let ids: BTreeSet<&String> = self.records.keys().chain(other.records.keys()).collect();
        let ids = ids.into_iter().filter(|id| timeless(self, id) != timeless(other, id));
        let ledgers: BTreeSet<&String> = self.ledgers.keys().chain(other.ledgers.keys()).collect();
        let ledgers = ledgers.into_iter().filter(|name| self.ledgers.get(*name) != other.ledgers.get(*name));
        ids.chain(ledgers).cloned().collect()
    }

    /// Adds a record in `state`.
    ///
    /// # Errors
    /// `already-registered`, `illegal-transition` where a device cannot begin in that state, `unknown-type`,
    /// `missing-attribute`.
    pub fn create(&mut self, id: &str, state: State, entrance: Entrance, cause: Cause<'_>) -> Result<(), Violation> {
        if let Some(record) = self.records.get(id) {
            let message = format!("`{id}` is in the registry already, {}", record.state.name());
            return Err(Violation::new("already-registered", message));
        }
        if !state.is_first() {
            return Err(Violation::new("illegal-transition", format!("no record begins as {}", state.name())));
        }
        let Entrance { serial, thing_type, owner, is_staged, attributes } = entrance;
        if let Some(name) = &thing_type {
            self.check_type(name, id, &attributes)?;
        }
        let record = Record {
            state,
            since: cause.clock,
            serial,
            thing_type,
            owner: owner.clone(),
            offered_to: None,
            identity: None,
            operational: None,
            retired: Vec::new(),
            is_staged,
            suspicion: None,
            groups: BTreeSet::new(),
            policies: BTreeSet::new(),
            sessions: BTreeMap::new(),
            last_seen: None,
            attributes: BTreeMap::new(),
        };
        self.records.insert(id.to_owned(), record);
        self.note(id, Change::Created { state }, cause);
        if let Some(owner) = owner {
            self.note(id, Change::OwnerChanged { from: None, to: Some(owner) }, cause);
        }
        self.set_attributes(id, attributes, cause)
    }

    /// Moves the record `id` to `to` and adds `attributes`; staying in the same state is allowed.
    ///
    /// # Errors
    /// `unknown-device`, `illegal-transition`, `not-approved` for a record that waits in the staging area,
    /// `suspected-clone` for one that the clone rule holds, `credential-not-used` for `active` before the operational
    /// credential was presented.
    pub fn change(
        &mut self,
        id: &str,
        to: State,
        attributes: BTreeMap<String, String>,
        cause: Cause<'_>,
    ) -> Result<(), Violation> {
        let record = self.record(id)?;
        let from = record.state;
        if from != to {
            if to == State::Active && from.may_become(to) && !record.operational.as_ref().is_some_and(|it| it.is_used) {
                let message = format!("`{id}` has not presented its operational credential");
                return Err(Violation::new("credential-not-used", message));
            }
            self.enter(id, to, cause)?;
        }
        self.set_attributes(id, attributes, cause)
    }

    /// Gives a device that nobody owns to `owner`.
    ///
    /// # Errors
    /// `unknown-device`, `wrong-owner` where it is another's.
    pub fn claim(&mut self, id: &str, owner: &str, cause: Cause<'_>) -> Result<(), Violation> {
        let record = self.records.get_mut(id).ok_or_else(|| Violation::unknown(id))?;
        match &record.owner {
            Some(known) if known == owner => return Ok(()),
            Some(_) => return Err(Violation::new("wrong-owner", format!("`{id}` belongs to somebody else"))),
            None => record.owner = Some(owner.to_owned()),
        }
        self.note(id, Change::OwnerChanged { from: None, to: Some(owner.to_owned()) }, cause);
        Ok(())
    }

    /// Lets a record out of the staging area, and withdraws a suspicion.
    ///
    /// # Errors
    /// `unknown-device`, `illegal-transition` where there is nothing to approve.
    pub fn approve(&mut self, id: &str, cause: Cause<'_>) -> Result<(), Violation> {
        let record = self.records.get_mut(id).ok_or_else(|| Violation::unknown(id))?;
        if !record.is_staged && record.suspicion.is_none() {
            return Err(Violation::new("illegal-transition", format!("`{id}` does not wait for an approval")));
        }
        (record.is_staged, record.suspicion) = (false, None);
        self.note(id, Change::Approved, cause);
        Ok(())
    }

    /// Binds a credential; a new operational credential retires the one before it.
    ///
    /// # Errors
    /// `unknown-device`, `wrong-state` for a device that is gone, `suspected-clone`, `wrong-serial` where the
    /// certificate names another device, and by the clone rule `duplicate-identity`.
    pub fn bind(&mut self, id: &str, role: Role, bound: Credential, cause: Cause<'_>) -> Result<(), Violation> {
        let record = self.record(id)?;
        Self::refuse_held(id, record)?;
        if matches!(record.state, State::Decommissioned | State::Quarantined | State::Transferring) {
            return Err(Violation::new("wrong-state", format!("`{id}` is {}", record.state.name())));
        }
        if let (Some(known), Some(named)) = (&record.serial, &bound.serial_number)
            && known != named
        {
            let message = format!("`{id}` has the serial number {known}, and the certificate is for {named}");
            return Err(Violation::new("wrong-serial", message));
        }
        self.refuse_clone(id, role, &bound, cause)?;
        let Some(record) = self.records.get_mut(id) else { return Err(Violation::unknown(id)) };
        if role == Role::Identity && record.serial.is_none() {
            record.serial.clone_from(&bound.serial_number);
        }
        let noted = Change::CredentialBound { role, sha256: bound.sha256.clone(), key: bound.key().to_owned() };
        let former = record.slot(role).replace(bound);
        if let Some(former) = former {
            self.retire(id, role, former, cause);
        }
        self.note(id, noted, cause);
        Ok(())
    }

    /// A device presents a credential in a session. Presenting the operational one makes it active.
    ///
    /// # Errors
    /// `unknown-device`, `suspected-clone`, `wrong-state` for a device that is quarantined, transferred or gone,
    /// `retired-credential`, `not-operational` or `not-identity` where the credential is not the bound one,
    /// `illegal-transition` where the device may not become active yet, and by the clone rule `duplicate-identity`.
    pub fn connect(
        &mut self,
        id: &str,
        role: Role,
        presented: &Credential,
        session: &str,
        cause: Cause<'_>,
    ) -> Result<(), Violation> {
        let record = self.record(id)?;
        Self::refuse_held(id, record)?;
        if matches!(record.state, State::Decommissioned | State::Quarantined | State::Transferring) {
            return Err(Violation::new("wrong-state", format!("`{id}` is {}", record.state.name())));
        }
        self.refuse_twin(id, role, presented, session, cause)?;
        let record = self.record(id)?;
        if !record.has_key(role, presented.key()) {
            let is_retired = record.retired.iter().any(|retired| retired.key() == presented.key());
            return Err(match (is_retired, role) {
                (true, _) => Violation::new("retired-credential", format!("`{id}` presents a retired credential")),
                (false, Role::Identity) => {
                    Violation::new("not-identity", format!("`{id}` presents another identity than the bound one"))
                }
                (false, Role::Operational) => {
                    Violation::new("not-operational", format!("what `{id}` presents is not its operational credential"))
                }
            });
        }
        if role == Role::Operational && record.state != State::Active {
            self.check_edge(id, State::Active)?;
        }
        self.seat(id, role, presented.key(), session, cause)
    }

    /// Notes a session, and the use of the operational credential.
    fn seat(&mut self, id: &str, role: Role, key: &str, session: &str, cause: Cause<'_>) -> Result<(), Violation> {
        let record = self.records.get_mut(id).ok_or_else(|| Violation::unknown(id))?;
        record.last_seen = Some(cause.clock);
        let is_new = record.sessions.insert(session.to_owned(), key.to_owned()).is_none();
        let state = record.state;
        let slot = record.slot(role).as_mut().filter(|bound| !bound.is_used);
        let first_use = slot.map(|bound| {
            bound.is_used = true;
            bound.sha256.clone()
        });
        if is_new {
            self.note(id, Change::Connected { role, session: session.to_owned() }, cause);
        }
        if let Some(sha256) = first_use.filter(|_| role == Role::Operational) {
            self.note(id, Change::CredentialUsed { sha256 }, cause);
        }
        if role == Role::Operational && state != State::Active {
            self.enter(id, State::Active, cause)?;
        }
        Ok(())
    }

    /// Ends the session called `session`, or all of them.
    ///
    /// # Errors
    /// `unknown-device`, `unknown-session`.
    pub fn disconnect(&mut self, id: &str, session: Option<&str>, cause: Cause<'_>) -> Result<(), Violation> {
        let record = self.record(id)?;
        if let Some(session) = session.filter(|session| !record.sessions.contains_key(*session)) {
            return Err(Violation::new("unknown-session", format!("`{id}` has no live session `{session}`")));
        }
        self.end_sessions(id, session, cause);
        Ok(())
    }

    /// `owner` offers its device to `to`.
    ///
    /// # Errors
    /// `unknown-device`, `wrong-owner`, `illegal-transition`.
    pub fn offer(&mut self, id: &str, owner: &str, to: &str, cause: Cause<'_>) -> Result<(), Violation> {
        if self.record(id)?.owner.as_deref() != Some(owner) {
            return Err(Violation::new("wrong-owner", format!("`{id}` does not belong to {owner}")));
        }
        self.enter(id, State::Transferring, cause)?;
        if let Some(record) = self.records.get_mut(id) {
            record.offered_to = Some(to.to_owned());
        }
        self.note(id, Change::TransferOffered { to: to.to_owned() }, cause);
        Ok(())
    }

    /// `owner` accepts a device that was offered to it: what its former owner gave it is retired.
    ///
    /// # Errors
    /// `unknown-device`, `wrong-owner`, `illegal-transition`.
    pub fn accept(&mut self, id: &str, owner: &str, cause: Cause<'_>) -> Result<(), Violation> {
        self.check_edge(id, State::Listed)?;
        if self.record(id)?.offered_to.as_deref() != Some(owner) {
            return Err(Violation::new("wrong-owner", format!("`{id}` was not offered to {owner}")));
        }
        self.enter(id, State::Listed, cause)?;
        self.claim(id, owner, cause)
    }

    /// Declares a thing type.
    pub fn declare_type(&mut self, name: &str, attributes: BTreeSet<String>, cause: Cause<'_>) {
        let noted = Change::TypeDeclared { attributes: attributes.iter().cloned().collect() };
        self.types.insert(name.to_owned(), attributes);
        self.note(name, noted, cause);
    }

    /// Gives a device another thing type, and takes nothing from it.
    ///
    /// # Errors
    /// `unknown-device`, `unknown-type`, `missing-attribute`.
    pub fn retype(&mut self, id: &str, name: &str, cause: Cause<'_>) -> Result<(), Violation> {
        self.check_type(name, id, &self.record(id)?.attributes)?;
        let record = self.records.get_mut(id).ok_or_else(|| Violation::unknown(id))?;
        let to = name.to_owned();
        let from = record.thing_type.replace(to.clone());
        self.note(id, Change::TypeChanged { from, to }, cause);
        Ok(())
    }

    /// Takes attributes away; those that it lacks are passed over.
    ///
    /// # Errors
    /// `unknown-device`.
    pub fn remove_attributes(&mut self, id: &str, names: &BTreeSet<String>, cause: Cause<'_>) -> Result<(), Violation> {
        let record = self.records.get_mut(id).ok_or_else(|| Violation::unknown(id))?;
        let names: BTreeSet<String> =
            names.iter().filter(|name| record.attributes.remove(*name).is_some()).cloned().collect();
        if !names.is_empty() {
            self.note(id, Change::AttributesRemoved { names }, cause);
        }
        Ok(())
    }

    /// Puts a device into a group, or takes it out.
    ///
    /// # Errors
    /// `unknown-device`, `wrong-state` for a device that is gone.
    pub fn group(&mut self, id: &str, group: &str, is_member: bool, cause: Cause<'_>) -> Result<(), Violation> {
        let record = self.records.get_mut(id).ok_or_else(|| Violation::unknown(id))?;
        if record.state == State::Decommissioned {
            return Err(Violation::new("wrong-state", format!("`{id}` is decommissioned")));
        }
        let group = group.to_owned();
        let is_changed = if is_member { record.groups.insert(group.clone()) } else { record.groups.remove(&group) };
        if is_changed {
            let change = if is_member { Change::GroupAdded { group } } else { Change::GroupRemoved { group } };
            self.note(id, change, cause);
        }
        Ok(())
    }

    /// Declares a policy; one of the same name is replaced.
    ///
    /// # Errors
    /// `malformed` where a pattern names no variable that there is.
    pub fn declare_policy(&mut self, name: &str, policy: Policy, cause: Cause<'_>) -> Result<(), Violation> {
        if let Some(pattern) = policy.mistake() {
            return Err(Violation::new("malformed", format!("`{pattern}` names no variable that there is")));
        }
        let json = serde_json::to_value(&policy).ok().and_then(|json| canonical_json::encode(&json));
        let sha256 = hex::encode(mac::sha256(json.unwrap_or_default().as_bytes()));
        self.policies.insert(name.to_owned(), policy);
        self.note(name, Change::PolicyDeclared { sha256 }, cause);
        Ok(())
    }

    /// Attaches a policy to a device, or takes it off.
    ///
    /// # Errors
    /// `unknown-policy`, `unknown-device`, `wrong-state` for a device that is gone.
    pub fn attach(&mut self, policy: &str, id: &str, applies: bool, cause: Cause<'_>) -> Result<(), Violation> {
        self.check_policy(policy)?;
        let record = self.records.get_mut(id).ok_or_else(|| Violation::unknown(id))?;
        if record.state == State::Decommissioned {
            return Err(Violation::new("wrong-state", format!("`{id}` is decommissioned")));
        }
        attach(&mut record.policies, policy, applies);
        self.note(id, attached(policy, applies), cause);
        Ok(())
    }

    /// Attaches a policy to a group, or takes it off.
    ///
    /// # Errors
    /// `unknown-policy`.
    pub fn attach_to_group(
        &mut self,
        policy: &str,
        group: &str,
        applies: bool,
        cause: Cause<'_>,
    ) -> Result<(), Violation> {
        self.check_policy(policy)?;
        attach(self.groups.entry(group.to_owned()).or_default(), policy, applies);
        self.note(group, attached(policy, applies), cause);
        Ok(())
    }

    /// The policy that lets `id` do `action` on `resource`.
    ///
    /// # Errors
    /// `unknown-device`, `not-authorized`.
    pub fn authorize(&self, id: &str, action: &str, resource: &str) -> Result<String, Violation> {
        let record = self.record(id)?;
        let refused = |why: String| Err(Violation::new("not-authorized", why));
        let own = match record.state {
            State::Provisioned | State::Active => Some(&record.policies),
            State::Quarantined => None,
            State::Listed | State::Pending | State::Inactive | State::Transferring | State::Decommissioned => {
                return refused(format!("`{id}` is {}", record.state.name()));
            }
        };
        let groups = record.groups.iter().map(String::as_str).chain([QUARANTINE]);
        let groups = groups.filter(|group| (*group == QUARANTINE) == own.is_none());
        let names: BTreeSet<&String> =
            own.into_iter().flatten().chain(groups.filter_map(|group| self.groups.get(group)).flatten()).collect();
        let policies = names.into_iter().filter_map(|name| Some((name.as_str(), self.policies.get(name)?)));
        match policy::decide(policies, &record.variables(id), action, resource) {
            Decision::Allowed(policy) => Ok(policy),
            Decision::Denied(policy) => refused(format!("the policy `{policy}` denies `{action}` on `{resource}`")),
            Decision::Unmentioned => refused(format!("no policy of `{id}` allows `{action}` on `{resource}`")),
        }
    }

    /// Uses a value that is good for one use.
    ///
    /// # Errors
    /// `token-already-used`.
    pub fn use_once(&mut self, ledger: &str, value: &[u8], cause: Cause<'_>) -> Result<(), Violation> {
        let book = self.ledgers.entry(ledger.to_owned()).or_default();
        if !book.enter(hex::encode(mac::sha256(value))) {
            return Err(Violation::new("token-already-used", format!("`{ledger}` has this value already")));
        }
        let uses = book.uses;
        self.note(ledger, Change::Counted { uses }, cause);
        Ok(())
    }

    /// Counts a use; `false` where there were `limit` uses before.
    pub fn count_use(&mut self, ledger: &str, limit: usize, cause: Cause<'_>) -> bool {
        let book = self.ledgers.entry(ledger.to_owned()).or_default();
        if book.uses >= limit {
            return false;
        }
        book.uses += 1;
        let uses = book.uses;
        self.note(ledger, Change::Counted { uses }, cause);
        true
    }

    fn note(&mut self, record: &str, change: Change, cause: Cause<'_>) {
        self.log.append(cause.clock, cause.step, cause.actor, record, change);
    }

    fn set_attributes(
        &mut self,
        id: &str,
        attributes: BTreeMap<String, String>,
        cause: Cause<'_>,
    ) -> Result<(), Violation> {
        if attributes.is_empty() {
            return Ok(());
        }
        let record = self.records.get_mut(id).ok_or_else(|| Violation::unknown(id))?;
        record.attributes.extend(attributes.clone());
        self.note(id, Change::AttributesSet { attributes }, cause);
        Ok(())
    }

    /// Whether a device with these attributes can be of the type `name`.
    fn check_type(&self, name: &str, id: &str, attributes: &BTreeMap<String, String>) -> Result<(), Violation> {
        let unknown = || Violation::new("unknown-type", format!("no thing type is called `{name}`"));
        let needed = self.types.get(name).ok_or_else(unknown)?;
        if let Some(missing) = needed.iter().find(|needed| !attributes.contains_key(*needed)) {
            let message = format!("a `{name}` has the attribute `{missing}`, and `{id}` has not");
            return Err(Violation::new("missing-attribute", message));
        }
        Ok(())
    }

    fn check_policy(&self, policy: &str) -> Result<(), Violation> {
        let unknown = || Violation::new("unknown-policy", format!("no policy is called `{policy}`"));
        self.policies.get(policy).map(|_| ()).ok_or_else(unknown)
    }

    /// Whether `id` may become `to`, with what holds it back.
    fn check_edge(&self, id: &str, to: State) -> Result<(), Violation> {
        let record = self.record(id)?;
        let from = record.state;
        if !from.may_become(to) {
            let message = format!("`{id}` is {} and cannot become {}", from.name(), to.name());
            return Err(Violation::new("illegal-transition", message));
        }
        if to == State::Provisioned && record.is_staged {
            return Err(Violation::new("not-approved", format!("`{id}` waits for an operator")));
        }
        if matches!(to, State::Provisioned | State::Active) {
            Self::refuse_held(id, record)?;
        }
        Ok(())
    }

    /// Moves a record along an edge, with what follows from the new state.
    fn enter(&mut self, id: &str, to: State, cause: Cause<'_>) -> Result<(), Violation> {
        self.check_edge(id, to)?;
        let record = self.records.get_mut(id).ok_or_else(|| Violation::unknown(id))?;
        let from = record.state;
        (record.state, record.since) = (to, cause.clock);
        if from == State::Quarantined {
            record.suspicion = None;
        }
        self.note(id, Change::State { from, to }, cause);
        match to {
            State::Pending | State::Provisioned | State::Active => {}
            State::Inactive | State::Quarantined | State::Transferring => self.end_sessions(id, None, cause),
            State::Listed => self.strip(id, &[Role::Operational], cause),
            State::Decommissioned => {
                self.strip(id, &[Role::Identity, Role::Operational], cause);
                self.note(id, Change::Tombstone, cause);
            }
        }
        Ok(())
    }

    /// Takes from a device what its owner gave it.
    fn strip(&mut self, id: &str, roles: &[Role], cause: Cause<'_>) {
        self.end_sessions(id, None, cause);
        let Some(record) = self.records.get_mut(id) else { return };
        record.offered_to = None;
        let (groups, policies) = (std::mem::take(&mut record.groups), std::mem::take(&mut record.policies));
        let owner = if record.state == State::Listed { record.owner.take() } else { None };
        let retired: Vec<_> = roles.iter().filter_map(|role| Some((*role, record.slot(*role).take()?))).collect();
        for (role, credential) in retired {
            self.retire(id, role, credential, cause);
        }
        for policy in policies {
            self.note(id, Change::PolicyDetached { policy }, cause);
        }
        for group in groups {
            self.note(id, Change::GroupRemoved { group }, cause);
        }
        if owner.is_some() {
            self.note(id, Change::OwnerChanged { from: owner, to: None }, cause);
        }
    }

    fn retire(&mut self, id: &str, role: Role, credential: Credential, cause: Cause<'_>) {
        let sha256 = credential.sha256.clone();
        if let Some(record) = self.records.get_mut(id) {
            record.retired.push(credential);
        }
        self.note(id, Change::CredentialRetired { role, sha256 }, cause);
    }

    fn end_sessions(&mut self, id: &str, session: Option<&str>, cause: Cause<'_>) {
        let Some(record) = self.records.get_mut(id) else { return };
        let (ended, kept) = std::mem::take(&mut record.sessions)
            .into_iter()
            .partition::<BTreeMap<_, _>, _>(|(name, _)| session.is_none_or(|session| session == name));
        record.sessions = kept;
        for session in ended.into_keys() {
            self.note(id, Change::Disconnected { session }, cause);
        }
    }
}

fn attach(policies: &mut BTreeSet<String>, policy: &str, applies: bool) {
    if applies {
        policies.insert(policy.to_owned());
    } else {
        policies.remove(policy);
    }
}

fn attached(policy: &str, applies: bool) -> Change {
    let policy = policy.to_owned();
    if applies { Change::PolicyAttached { policy } } else { Change::PolicyDetached { policy } }
}
