//! The registry on the page of a method: records, policies, and every change with its place in the hash chain.

use serde::Serialize;

use super::commands::Command;
use super::step::Run;
use super::{PageLink, words};
use crate::flow::{BASELINE, Flow};
use crate::registry::{Change, Credential, Entry, Policy, Record, Role};
use crate::trace::Trace;

/// The registry at the end of a run.
#[derive(Clone, Debug, Serialize)]
pub struct RegistryView {
    /// Records by id.
    pub records: Vec<RecordView>,
    /// Policies by name.
    pub policies: Vec<PolicyView>,
    /// One-time values and counters with the uses so far.
    pub ledgers: Vec<(String, String)>,
    /// Every change, oldest first.
    pub history: Vec<EntryView>,
    /// Hash of the last entry.
    pub head: String,
    /// The audit log; absent on the page of an attack.
    pub log: Option<LogView>,
}

/// The audit log as a file, with the command that verifies it.
#[derive(Clone, Debug, Serialize)]
pub struct LogView {
    /// Path of the file.
    pub path: String,
    /// The folder in which the command runs.
    pub folder: String,
    /// The command.
    pub command: Command,
}

/// A record.
#[derive(Clone, Debug, Serialize)]
pub struct RecordView {
    /// Id of the device.
    pub id: String,
    /// Its state.
    pub state: &'static str,
    /// What the state means.
    pub meaning: &'static str,
    /// The states that it was in, oldest first.
    pub path: Vec<StateView>,
    /// Serial number, owner, groups, policies and attributes, as name and value.
    pub members: Vec<(String, String)>,
    /// Bound and retired credentials.
    pub credentials: Vec<CredentialView>,
}

/// A state on the path of a record.
#[derive(Clone, Debug, Serialize)]
pub struct StateView {
    /// The state.
    pub state: &'static str,
    /// The step in which it was entered.
    pub step: PageLink,
}

/// A credential of a record.
#[derive(Clone, Debug, Serialize)]
pub struct CredentialView {
    /// What it is to the device, in words.
    pub role: String,
    /// What it is, issuer and end of validity, as name and value.
    pub members: Vec<(&'static str, String)>,
}

/// A policy.
#[derive(Clone, Debug, Serialize)]
pub struct PolicyView {
    /// Name.
    pub name: String,
    /// Verb, action and resources.
    pub rules: Vec<(&'static str, String, String)>,
    /// The devices and groups that it is attached to.
    pub attached: String,
}

/// An entry of the log.
#[derive(Clone, Debug, Serialize)]
pub struct EntryView {
    /// Its number.
    pub sequence: usize,
    /// The virtual clock.
    pub clock: String,
    /// The step that made it.
    pub step: PageLink,
    /// Who made it.
    pub actor: String,
    /// What was changed.
    pub record: String,
    /// The change, in words.
    pub change: String,
    /// Its hash in full.
    pub hash: String,
    /// The first digits of its hash.
    pub short_hash: String,
}

/// The view of the registry at the end of `run`.
pub fn view(run: &Run<'_>) -> RegistryView {
    let registry = &run.trace.registry;
    let history: Vec<EntryView> = registry.log().entries().iter().map(|it| entry(run, it)).collect();
    RegistryView {
        records: registry.records().iter().map(|(id, known)| record(run, id, known)).collect(),
        policies: registry.policies().iter().map(|(name, known)| policy(run.trace, name, known)).collect(),
        ledgers: registry
            .ledgers()
            .iter()
            .map(|(name, ledger)| (name.clone(), words::count(ledger.uses, "use", "uses")))
            .collect(),
        head: registry.log().head().to_owned(),
        log: (run.scenario.id == BASELINE && !history.is_empty()).then(|| LogView {
            path: log_path(run.flow),
            folder: folder(run.flow),
            command: command(registry.log().head()),
        }),
        history,
    }
}

/// The audit log of the baseline with its path; absent where nothing was registered.
pub fn download(flow: &Flow, trace: &Trace) -> Option<(String, Vec<u8>)> {
    let log = trace.registry.log();
    (!log.entries().is_empty()).then(|| (log_path(flow), log.lines().into_bytes()))
}

/// Verifies a log with nothing but Python: each line follows the one before it, and has the hash that it says. An
/// altered log ends in an error that names the entry.
pub const VERIFY: &str = r#"python3 -c '
import hashlib, json
head = "0" * 64
for number, line in enumerate(open("audit.jsonl", encoding="utf-8"), 1):
    entry = json.loads(line)
    stated = entry.pop("hash")
    text = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    right = hashlib.sha256(text.encode()).hexdigest()
    if (entry["sequence"], entry["previous"], stated) != (number, head, right):
        raise SystemExit(f"entry {number} is not what was written")
    head = stated
print(head)
'"#;

fn command(head: &str) -> Command {
    Command { line: VERIFY.to_owned(), prints: Some(head.to_owned()) }
}

fn folder(flow: &Flow) -> String {
    format!("data/{}", flow.id)
}

fn log_path(flow: &Flow) -> String {
    format!("{}/audit.jsonl", folder(flow))
}

fn link(run: &Run<'_>, step: &str) -> PageLink {
    let event = run.trace.event(step);
    PageLink {
        title: event.map_or_else(|| step.to_owned(), |event| format!("{} {}", event.number, event.title)),
        path: format!("#{}", run.step_anchor(step)),
    }
}

fn record(run: &Run<'_>, id: &str, record: &Record) -> RecordView {
    let entries = run.trace.registry.log().entries().iter().filter(|entry| entry.record == id);
    let path = entries
        .filter_map(|entry| Some(StateView { state: entry.change.state()?.name(), step: link(run, &entry.step) }));
    RecordView {
        id: id.to_owned(),
        state: record.state.name(),
        meaning: record.state.meaning(),
        path: path.collect(),
        members: members(record),
        credentials: credentials(record),
    }
}

fn members(record: &Record) -> Vec<(String, String)> {
    let listed = |names: &std::collections::BTreeSet<String>| {
        (!names.is_empty()).then(|| names.iter().map(String::as_str).collect::<Vec<_>>().join(", "))
    };
    let sessions: Vec<&str> = record.sessions.keys().map(String::as_str).collect();
    let fixed = [
        ("serial number", record.serial.clone()),
        ("thing type", record.thing_type.clone()),
        ("owner", record.owner.clone()),
        ("offered to", record.offered_to.clone()),
        ("held by the clone rule", record.suspicion.clone()),
        ("staging area", record.is_staged.then(|| "waits for an operator".to_owned())),
        ("groups", listed(&record.groups)),
        ("policies", listed(&record.policies)),
        ("live sessions", (!sessions.is_empty()).then(|| sessions.join(", "))),
        ("last seen", record.last_seen.map(|clock| clock.to_string())),
    ];
    let fixed = fixed.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    fixed.chain(record.attributes.iter().map(|(name, value)| (name.clone(), value.clone()))).collect()
}

fn credentials(record: &Record) -> Vec<CredentialView> {
    let bound = [Role::Identity, Role::Operational].into_iter().filter_map(|role| {
        let credential = record.credential(role)?;
        let used = if credential.is_used { "used" } else { "not used yet" };
        Some(self::credential(format!("{} credential, {used}", role.name()), credential))
    });
    let retired = record.retired.iter().map(|credential| self::credential("retired credential".to_owned(), credential));
    bound.chain(retired).collect()
}

fn credential(role: String, credential: &Credential) -> CredentialView {
    let members = [
        ("type", Some(credential.kind.title().to_owned())),
        ("SHA-256", Some(credential.sha256.clone())),
        ("SHA-256 of the public key", credential.spki_sha256.clone()),
        ("issuer", credential.issuer.clone()),
        ("serial number", credential.serial_number.clone()),
        ("valid until", credential.not_after.map(|clock| clock.to_string())),
    ];
    let members = members.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    CredentialView { role, members }
}

fn policy(trace: &Trace, name: &str, policy: &Policy) -> PolicyView {
    let rules = |verb: &'static str, rules: &crate::registry::policy::Rules| {
        rules.iter().map(|(action, resources)| (verb, action.clone(), resources.join(", "))).collect::<Vec<_>>()
    };
    let registry = &trace.registry;
    let devices =
        registry.records().iter().filter(|(_, record)| record.policies.contains(name)).map(|(id, _)| id.clone());
    let groups = registry.groups().iter().filter(|(_, policies)| policies.contains(name));
    let groups = groups.map(|(group, _)| format!("group {group}"));
    PolicyView {
        name: name.to_owned(),
        rules: [rules("allow", &policy.allow), rules("deny", &policy.deny)].concat(),
        attached: devices.chain(groups).collect::<Vec<_>>().join(", "),
    }
}

fn entry(run: &Run<'_>, entry: &Entry) -> EntryView {
    let actor = run.trace.actors.iter().find(|actor| actor.id == entry.actor);
    EntryView {
        sequence: entry.sequence,
        clock: entry.clock.to_string(),
        step: link(run, &entry.step),
        actor: actor.map_or_else(|| entry.actor.clone(), |actor| actor.title.clone()),
        record: entry.record.clone(),
        change: change(&entry.change),
        hash: entry.hash.clone(),
        short_hash: entry.hash.chars().take(12).collect(),
    }
}

fn change(change: &Change) -> String {
    let short = |digest: &str| digest.chars().take(12).collect::<String>();
    match change {
        Change::Approved => "approved".to_owned(),
        Change::AttributesSet { attributes } => {
            let names: Vec<&str> = attributes.keys().map(String::as_str).collect();
            format!("attributes: {}", names.join(", "))
        }
        Change::AttributesRemoved { names } => {
            format!("attributes taken away: {}", names.iter().map(String::as_str).collect::<Vec<_>>().join(", "))
        }
        Change::Connected { role, session } => format!("presents its {} credential in {session}", role.name()),
        Change::Counted { uses } => words::count(*uses, "use", "uses"),
        Change::Created { state } => format!("created as {}", state.name()),
        Change::CredentialBound { role, sha256, .. } => {
            format!("{} credential {}… bound", role.name(), short(sha256))
        }
        Change::CredentialRetired { role, sha256 } => {
            format!("{} credential {}… retired", role.name(), short(sha256))
        }
        Change::CredentialUsed { sha256 } => format!("operational credential {}… used", short(sha256)),
        Change::Disconnected { session } => format!("session {session} ended"),
        Change::GroupAdded { group } => format!("put into the group {group}"),
        Change::GroupRemoved { group } => format!("taken out of the group {group}"),
        Change::OwnerChanged { from, to } => {
            let name = |owner: &Option<String>| owner.clone().unwrap_or_else(|| "nobody".to_owned());
            format!("owner: {} → {}", name(from), name(to))
        }
        Change::PolicyAttached { policy } => format!("policy {policy} attached"),
        Change::PolicyDeclared { sha256 } => format!("policy {}… declared", short(sha256)),
        Change::PolicyDetached { policy } => format!("policy {policy} taken off"),
        Change::State { from, to } => format!("{} → {}", from.name(), to.name()),
        Change::Suspected { reason } => format!("suspected: {reason}"),
        Change::Tombstone => "tombstone".to_owned(),
        Change::TransferOffered { to } => format!("offered to {to}"),
        Change::TypeChanged { from: Some(from), to } => format!("type: {from} → {to}"),
        Change::TypeChanged { from: None, to } => format!("type: {to}"),
        Change::TypeDeclared { attributes } => format!("type with {}", attributes.join(", ")),
    }
}
