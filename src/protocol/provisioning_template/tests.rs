//! The example of the developer guide, and what is refused.

use proptest::prelude::*;
use serde_json::json;

use super::*;

const CN: &str = "AWS::IoT::Certificate::CommonName";
const ID: &str = "AWS::IoT::Certificate::Id";

/// The template for just-in-time provisioning of the developer guide, "Template example for just-in-time provisioning".
fn example() -> Value {
    let document = r#"{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action":["iot:Publish"], "Resource": ["arn:aws:iot:us-east-1:123456789012:topic/foo/bar"] }] }"#;
    let string = json!({"Type": "String"});
    json!({
        "Parameters": {
            CN: string, "AWS::IoT::Certificate::SerialNumber": string, "AWS::IoT::Certificate::Country": string, ID: string,
        },
        "Resources": {
            "thing": {
                "Type": "AWS::IoT::Thing",
                "Properties": {
                    "ThingName": {"Ref": CN},
                    "AttributePayload": {"version": "v1", "serialNumber": {"Ref": "AWS::IoT::Certificate::SerialNumber"}},
                    "ThingTypeName": "lightBulb-versionA",
                    "ThingGroups": ["v1-lightbulbs", {"Ref": "AWS::IoT::Certificate::Country"}],
                },
                "OverrideSettings": {"AttributePayload": "MERGE", "ThingTypeName": "REPLACE", "ThingGroups": "DO_NOTHING"},
            },
            "certificate": {
                "Type": "AWS::IoT::Certificate",
                "Properties": {"CertificateId": {"Ref": ID}, "Status": "ACTIVE"},
                "OverrideSettings": {"Status": "DO_NOTHING"},
            },
            "policy": {"Type": "AWS::IoT::Policy", "Properties": {"PolicyDocument": document}},
        },
    })
}

fn given() -> BTreeMap<String, String> {
    let given = [
        (CN, "bulb-1"),
        ("AWS::IoT::Certificate::SerialNumber", "SN-1"),
        ("AWS::IoT::Certificate::Country", "DE"),
        (ID, "0a0b"),
    ];
    given.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

fn evaluated(template: &Value) -> Found<Wanted> {
    evaluate(&template.to_string(), &given())
}

#[test]
fn the_example_of_the_guide_asks_for_a_thing_a_certificate_and_a_policy() {
    let Wanted { thing, certificate, policies } = evaluated(&example()).unwrap();
    assert_eq!(thing.name, "bulb-1");
    let attributes = [("serialNumber", "SN-1"), ("version", "v1")];
    assert_eq!(thing.attributes, Some(attributes.map(|(name, value)| (name.to_owned(), value.to_owned())).into()));
    assert_eq!(thing.thing_type.as_deref(), Some("lightBulb-versionA"));
    assert_eq!(thing.groups, Some(["DE".to_owned(), "v1-lightbulbs".to_owned()].into()));
    let overrides = [thing.on_attributes, thing.on_type, thing.on_groups, certificate.on_status];
    assert_eq!(overrides, [Override::Merge, Override::Replace, Override::DoNothing, Override::DoNothing].map(Some));
    assert_eq!((certificate.id.as_str(), certificate.is_active), ("0a0b", true));
    let [Policy::Document { statements, .. }] = &policies[..] else { panic!("{policies:?}") };
    let resources = vec!["topic/foo/bar".to_owned()];
    assert_eq!(statements, &[Statement { allows: true, actions: vec!["iot:Publish".to_owned()], resources }]);
}

#[test]
fn a_parameter_comes_from_the_subject_or_from_its_default() {
    let mut template = example();
    let without: BTreeMap<String, String> =
        given().into_iter().filter(|(name, _)| !name.ends_with("Country")).collect();
    let missing = evaluate(&template.to_string(), &without).unwrap_err();
    assert_eq!(missing.code, "missing-parameter");
    assert!(missing.message.starts_with("`AWS::IoT::Certificate::Country` has no value"));
    template["Parameters"]["AWS::IoT::Certificate::Country"]["Default"] = "WA".into();
    let wanted = evaluate(&template.to_string(), &without).unwrap();
    assert!(wanted.thing.groups.unwrap().contains("WA"));
    let own = evaluate(&template.to_string(), &given()).unwrap();
    assert!(own.thing.groups.unwrap().contains("DE"), "a value goes before the default");
    template["Resources"]["thing"]["Properties"]["ThingName"] = json!({"Ref": "Location"});
    assert_eq!(evaluate(&template.to_string(), &given()).unwrap_err().code, "unknown-parameter");
}

#[test]
fn what_a_template_for_just_in_time_provisioning_cannot_say_is_refused() {
    let refused = |path: &str, value: Value| {
        let mut template = example();
        *template.pointer_mut(path).unwrap() = value;
        let fault = evaluated(&template).unwrap_err();
        assert_eq!(fault.code, "malformed", "{path}");
        fault.message
    };
    let thing = "/Resources/thing/Properties/ThingName";
    assert!(refused(thing, json!({"Fn::Join": ["", ["a"]]})).contains("only `Ref`"));
    assert!(refused(thing, json!({"Ref": CN, "Default": "a"})).contains("only `Ref`"));
    assert!(refused("/Resources/thing/Type", "AWS::IoT::Gadget".into()).contains("no type that there is"));
    assert!(refused("/Resources/thing/OverrideSettings/ThingTypeName", "MERGE".into()).contains("cannot be merged"));
    assert!(refused("/Resources/certificate/OverrideSettings/Status", "MERGE".into()).contains("cannot be merged"));
    assert!(refused("/Resources/thing/OverrideSettings/ThingGroups", "KEEP".into()).contains("no setting"));
    assert!(refused("/Resources/certificate/Properties/Status", "Asleep".into()).contains("no status"));
    assert!(
        refused("/Resources/certificate/Properties", json!({"CertificateSigningRequest": "…"}))
            .contains("no `CertificateSigningRequest`")
    );
    let both = json!({"PolicyName": "a", "PolicyDocument": "{}"});
    assert!(refused("/Resources/policy/Properties", both).contains("and one of them"));
    assert!(refused("/Resources/policy/Properties", json!({})).contains("and one of them"));
    assert!(refused("/Resources/policy", example()["Resources"]["thing"].clone()).contains("second resource"));
    assert!(refused("/Resources", json!({})).contains("no resource of the type `AWS::IoT::Thing`"));
    assert!(refused("/Parameters", json!({"a": {"Type": "Number"}})).contains("another type"));
    assert!(evaluate(&" ".repeat(MAX_CHARACTERS + 1), &given()).unwrap_err().message.contains("10240"));
}

#[test]
fn a_policy_document_is_understood_or_refused() {
    let document = |statement: Value| json!({"Version": "2012-10-17", "Statement": statement}).to_string();
    let arn = "arn:aws:iot:eu-central-1:123456789012:topic/a";
    let allowed = json!({"Effect": "Deny", "Action": "iot:*", "Resource": "*"});
    let statement = Statement { allows: false, actions: vec!["iot:*".to_owned()], resources: vec!["*".to_owned()] };
    assert_eq!(statements(&document(allowed)).unwrap(), [statement]);
    let refused = |statement: Value| statements(&document(statement)).unwrap_err().message;
    let conditional = json!({"Effect": "Allow", "Action": "iot:Publish", "Resource": arn, "Condition": {}});
    assert_eq!(refused(conditional), "`Condition` is not understood in a statement");
    assert!(refused(json!({"Effect": "Maybe", "Action": "a", "Resource": arn})).contains("allows or denies"));
    assert!(refused(json!({"Effect": "Allow", "Action": "a", "Resource": "topic/a"})).contains("is no name"));
    assert!(refused(json!({"Effect": "Allow", "Action": 1, "Resource": arn})).contains("`Action`"));
    assert!(statements(r#"{"Version":"2008-10-17","Statement":[]}"#).unwrap_err().message.contains("2012-10-17"));
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in r#"[{}\[\]":,ReftypsPa ]{0,60}"#) {
        let _ = evaluate(&text, &given());
    }
}
