//! What templates make of an empty registry, and of one in which the thing exists.

use serde_json::{Value as Json, json};

use super::*;
use crate::clock::Timestamp;
use crate::registry::{Change, CredentialKind};

const CAUSE: Cause<'_> = Cause { actor: "cloud", step: "register", clock: Timestamp(0) };

fn bound(sha256: &str) -> Credential {
    Credential {
        kind: CredentialKind::X509,
        sha256: sha256.to_owned(),
        spki_sha256: Some(format!("key of {sha256}")),
        issuer: None,
        serial_number: Some("SN-1".to_owned()),
        not_after: None,
        is_used: false,
    }
}

/// A template for the thing `SN-1` with these overrides of its three properties.
fn template(overrides: &Json, policy: &Json) -> Json {
    json!({"Resources": {
        "certificate": {"Type": "AWS::IoT::Certificate", "Properties": {"CertificateId": "one"}},
        "policy": {"Type": "AWS::IoT::Policy", "Properties": policy},
        "thing": {"Type": "AWS::IoT::Thing", "OverrideSettings": overrides, "Properties": {
            "ThingName": "SN-1", "ThingTypeName": "sensor", "ThingGroups": ["new"], "AttributePayload": {"model": "B"},
        }},
    }})
}

fn all(setting: &str) -> Json {
    let of_type = if setting == "MERGE" { "REPLACE" } else { setting };
    json!({"AttributePayload": setting, "ThingTypeName": of_type, "ThingGroups": setting})
}

fn apply(registry: &mut Registry, template: &Json, certificate: &str) -> Result<Done, Refused> {
    let wanted = evaluate(&template.to_string(), &BTreeMap::new()).unwrap();
    let service = [("authority".to_owned(), "ours".to_owned())].into();
    register(registry, &wanted, bound(certificate), Some("owner".to_owned()), &service, CAUSE)
}

/// A registry with the types and the policy that the templates name.
fn registry() -> Registry {
    let mut registry = Registry::default();
    registry.declare_type("sensor", ["model".to_owned()].into(), CAUSE);
    registry.declare_type("old", BTreeSet::new(), CAUSE);
    registry.declare_policy("device", policy::Policy::default(), CAUSE).unwrap();
    registry
}

/// The same with the thing in it, of another type, group and model.
fn with_thing() -> Registry {
    let mut registry = registry();
    let attributes = [("authority", "ours"), ("model", "A"), ("room", "1")];
    let attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let entrance = Entrance { thing_type: Some("old".to_owned()), attributes, ..Entrance::default() };
    registry.create("SN-1", State::Pending, entrance, CAUSE).unwrap();
    registry.group("SN-1", "old-group", true, CAUSE).unwrap();
    registry
}

/// Type, groups, and attributes but for the service's own.
fn found(registry: &Registry) -> (String, Vec<String>, Vec<String>) {
    let record = registry.record("SN-1").unwrap();
    let own = |name: &&String| !["authority", CERTIFICATE, STATUS].contains(&name.as_str());
    let attributes = record.attributes.keys().filter(own).map(|name| format!("{name}={}", record.attributes[name]));
    (record.thing_type.clone().unwrap(), record.groups.iter().cloned().collect(), attributes.collect())
}

fn named() -> Json {
    json!({"PolicyName": "device"})
}

#[test]
fn a_new_thing_is_made_in_the_order_of_the_guide() {
    let mut registry = registry();
    let n_before = registry.log().entries().len();
    let done = apply(&mut registry, &template(&all("FAIL"), &named()), "one").unwrap();
    assert_eq!(done["thing"], "created");
    let record = registry.record("SN-1").unwrap();
    assert_eq!((record.state, record.owner.as_deref()), (State::Provisioned, Some("owner")));
    assert_eq!(record.attributes[STATUS], "ACTIVE");
    assert_eq!(record.attributes["authority"], "ours");
    let names: Vec<&str> = registry.log().entries()[n_before..]
        .iter()
        .filter_map(|entry| match &entry.change {
            Change::Created { .. } => Some("thing"),
            Change::PolicyAttached { .. } => Some("policy"),
            Change::CredentialBound { .. } => Some("certificate"),
            Change::State { .. } => Some("active"),
            _ => None,
        })
        .collect();
    assert_eq!(names, ["thing", "policy", "certificate", "active"]);
}

#[test]
fn override_settings_decide_about_a_thing_that_exists() {
    let after = |setting: &str| {
        let mut registry = with_thing();
        let done = apply(&mut registry, &template(&all(setting), &named()), "one").unwrap();
        assert_eq!(done["thing"], "there already");
        assert_eq!(registry.record("SN-1").unwrap().attributes["authority"], "ours");
        (done["groups"].clone(), found(&registry))
    };
    let of = |kind: &str, groups: &[&str], attributes: &[&str]| {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        (kind.to_owned(), owned(groups), owned(attributes))
    };
    assert_eq!(
        after("DO_NOTHING"),
        ("left as they were".to_owned(), of("old", &["old-group"], &["model=A", "room=1"]))
    );
    assert_eq!(after("MERGE"), ("merged".to_owned(), of("sensor", &["new", "old-group"], &["model=B", "room=1"])));
    assert_eq!(after("REPLACE"), ("replaced".to_owned(), of("sensor", &["new"], &["model=B"])));
    for setting in [all("FAIL"), json!({})] {
        let mut registry = with_thing();
        let refused = apply(&mut registry, &template(&setting, &named()), "one").unwrap_err();
        assert_eq!(refused.code, "resource-conflict");
        assert_eq!(found(&registry), of("old", &["old-group"], &["model=A", "room=1"]));
    }
}

#[test]
fn the_same_once_more_is_no_conflict_without_settings() {
    let mut registry = registry();
    apply(&mut registry, &template(&json!({}), &named()), "one").unwrap();
    let done = apply(&mut registry, &template(&json!({}), &named()), "one").unwrap();
    assert_eq!(done["attributes"], "left as they were");
    assert_eq!(registry.record("SN-1").unwrap().retired, Vec::new());
    let mut changed = template(&json!({}), &named());
    changed["Resources"]["certificate"]["OverrideSettings"] = json!({"Status": "FAIL"});
    assert_eq!(apply(&mut registry, &changed, "one").unwrap_err().code, "resource-conflict");
}

#[test]
fn what_was_made_before_a_failure_stays_and_stands_in_the_way() {
    let mut registry = registry();
    let unknown = json!({"PolicyName": "forgotten"});
    let refused = apply(&mut registry, &template(&all("FAIL"), &unknown), "one").unwrap_err();
    assert_eq!(refused.code, "unknown-policy");
    let left = registry.record("SN-1").unwrap();
    assert_eq!((left.state, &left.operational), (State::Pending, &None));
    assert_eq!(left.attributes[STATUS], "PENDING_ACTIVATION");
    let again = apply(&mut registry, &template(&all("FAIL"), &named()), "one").unwrap_err();
    assert_eq!(again.code, "resource-conflict");
    apply(&mut registry, &template(&all("DO_NOTHING"), &named()), "one").unwrap();
    assert_eq!(registry.record("SN-1").unwrap().state, State::Provisioned);
}

#[test]
fn a_policy_document_makes_a_policy_with_the_hash_of_its_text_as_its_name() {
    let mut registry = registry();
    let resource = "arn:aws:iot:eu-central-1:123456789012:topic/devices/${iot:Connection.Thing.ThingName}/*";
    let statement = json!({"Effect": "Allow", "Action": "iot:Publish", "Resource": resource});
    let document = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    apply(&mut registry, &template(&json!({}), &json!({"PolicyDocument": document})), "one").unwrap();
    let allowed = registry.authorize("SN-1", "iot:Publish", "topic/devices/SN-1/status").unwrap();
    assert_eq!(allowed, hex::encode(mac::sha256(document.as_bytes())));
    let refused = registry.authorize("SN-1", "iot:Publish", "topic/devices/SN-2/status").unwrap_err();
    assert_eq!(refused.code, "not-authorized");
}
