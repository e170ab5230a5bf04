//! Claims about the registry, each on a small run that bears it out and on one that differs by one edit and does not.

use trustlane::claim::{self, ClaimArgs};
use trustlane::diag::Sink;
use trustlane::source::{Origin, Sources};
use trustlane::{env, load, project, run};

const FLOW: &str = r#"edition = 1
id = "case"
title = "Case"
summary = "Two devices in one registry."
family = "x509"
registration = "bulk"
course = { level = "Low", best-for = "Tests" }
zones = { field = "untrusted", cloud = "trusted" }
authorities.root = { at = "server" }
links = {}
[actors.device]
zone = "field"
role = "device"
custody = "flash"
credentials.one = { issuer = "root", use = "client", name = "device-1", serial-number = "SN-1" }
credentials.two = { issuer = "root", use = "client", name = "device-2", serial-number = "SN-2" }
credentials.twin = { issuer = "root", use = "client", name = "device-1", serial-number = "SN-1" }
[actors.server]
zone = "cloud"
role = "server"
custody = "hsm"
[[step]]
id = "first"
at = "device"
op = "registry-add"
with = { id = "device-1", state = "listed", attributes = { certificate = "$one.fingerprint", key = "$one.spki-sha256", owner = "the same", serial = "$one.serial-number" } }
[[step]]
id = "second"
at = "device"
op = "registry-add"
with = { id = "device-2", state = "listed", attributes = { certificate = "$two.fingerprint", key = "$two.spki-sha256", serial = "$two.serial-number", owner = "the same" } }
"#;

/// Whether identities are unique after the flow with `before` replaced by `after`, and why.
fn judged(before: &str, after: &str) -> (bool, String) {
    assert!(FLOW.contains(before), "{before}");
    let mut sources = Sources::default();
    for (path, file) in load::shipped().below("data", ".toml") {
        sources.insert(path.as_ref(), file.bytes.clone(), Origin::Shipped);
    }
    let book = "[book]\ntitle = \"Case\"\nversion = \"1\"\n[run]\nseed = \"case\"\nclock = \"2026-01-01T00:00:00Z\"\n";
    sources.insert("book.toml", book.as_bytes().to_vec(), Origin::Project);
    sources.insert("flows/case.toml", FLOW.replace(before, after).into_bytes(), Origin::Project);
    let mut sink = Sink::default();
    let project = project(&sources, &mut sink).unwrap_or_else(|| panic!("{:#?}", sink.into_sorted()));
    let trace = run::run(&project.flows[0], project.flows[0].baseline(), &env(&project));
    assert_eq!(trace.outcome, trustlane::trace::Outcome::Completed);
    let verdict = claim::find("identity-unique").unwrap().judge(&trace, &ClaimArgs::new());
    assert!(verdict.evidence.iter().all(|step| trace.event(step).is_some()));
    (verdict.held, verdict.reason)
}

#[test]
fn an_identity_is_in_the_registry_once_and_with_one_key() {
    let same = |what: &str| (false, format!("the records `device-1` and `device-2` have the same {what}"));
    assert!(judged("owner = \"the same\"", "owner = \"another\"").0);
    assert_eq!(judged("$two.fingerprint", "$one.fingerprint"), same("certificate"));
    assert_eq!(judged("$two.spki-sha256", "$one.spki-sha256"), same("key"));
    assert_eq!(judged("$two.serial-number", "$one.serial-number"), same("serial number"));
    let (held, reason) = judged("$two.fingerprint", "$twin.fingerprint");
    assert!(!held && reason.ends_with("is registered with two keys") && reason.contains("CN=device-1"), "{reason}");
}

/// In `stolen-identity` of the factory method the attacker acts as the device: the broker takes it for the device, and
/// the device itself, which takes no part any more, is deceived by nobody.
#[test]
fn only_a_verifier_that_takes_part_can_be_deceived() {
    let sources = load::shipped();
    let project = project(&sources, &mut Sink::default()).unwrap();
    let (_, flow) = project.flow("x509-factory").unwrap();
    let trace = run::run(flow, flow.scenario("stolen-identity").unwrap(), &env(&project));
    let held = |goal: &str| {
        let goal = flow.goals.iter().find(|known| known.id == goal).unwrap();
        goal.claim.judge(&trace, &goal.with).held
    };
    assert!(held("broker-first"));
    assert!(!held("device-first"));
}
