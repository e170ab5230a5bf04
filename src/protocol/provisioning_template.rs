//! Provisioning templates of AWS IoT: what to create for a device that is seen for the first time.
//!
//! AWS IoT Core Developer Guide, "Provisioning templates". Of the two kinds this is the one for just-in-time
//! provisioning and bulk registration, which knows no function but `Ref`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::Malformed;

/// Longest template, in characters (AWS IoT API, `RegistrationConfig`).
pub const MAX_CHARACTERS: usize = 10_240;

/// What a template asks for, with its parameters filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The thing.
    pub thing: Thing,
    /// Its certificate.
    pub certificate: Certificate,
    /// Policies, in the order of their logical names.
    pub policies: Vec<Policy>,
}

/// A resource of the type `AWS::IoT::Thing`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thing {
    /// `ThingName`.
    pub name: String,
    /// `AttributePayload`; absent where the template says nothing of it.
    pub attributes: Option<BTreeMap<String, String>>,
    /// `ThingTypeName`.
    pub thing_type: Option<String>,
    /// `ThingGroups`; absent where the template says nothing of them.
    pub groups: Option<BTreeSet<String>>,
    /// What to do with the attributes of a thing that exists.
    pub on_attributes: Option<Override>,
    /// What to do with its type.
    pub on_type: Option<Override>,
    /// What to do with its groups.
    pub on_groups: Option<Override>,
}

/// A resource of the type `AWS::IoT::Certificate`, which just-in-time provisioning names by its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// `CertificateId`.
    pub id: String,
    /// `Status`; `true` for `ACTIVE`, which it is where absent.
    pub is_active: bool,
    /// What to do with the status of a certificate that exists.
    pub on_status: Option<Override>,
}

/// A resource of the type `AWS::IoT::Policy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Policy {
    /// `PolicyDocument`: a policy of its own.
    Document {
        /// The text, of which a hash names the policy.
        text: String,
        /// Its statements.
        statements: Vec<Statement>,
    },
    /// `PolicyName`: one that exists.
    Named(String),
}

/// A statement of a policy document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Whether it allows; it denies otherwise.
    pub allows: bool,
    /// Actions, such as `iot:Publish`.
    pub actions: Vec<String>,
    /// Resources by their names, with patterns and variables as they are written.
    pub resources: Vec<String>,
}

/// What to do with a property of something that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Override {
    /// Leave it.
    DoNothing,
    /// Refuse the whole request.
    Fail,
    /// Add to it; for attributes and groups.
    Merge,
    /// Put that of the template in its place.
    Replace,
}

/// Why a template cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// `malformed`, or `missing-parameter`, or `unknown-parameter`.
    pub code: &'static str,
    /// The reason, in words.
    pub message: String,
}

impl From<Malformed> for Fault {
    fn from(malformed: Malformed) -> Self {
        Self { code: "malformed", message: malformed.message }
    }
}

type Found<T> = Result<T, Fault>;

/// Reads the template `text` and fills it in with `given` parameters, by name.
///
/// # Errors
/// `malformed` for what is no template, `missing-parameter` where a declared parameter is neither given nor has a
/// default, `unknown-parameter` where `Ref` names one that is not declared.
pub fn evaluate(text: &str, given: &BTreeMap<String, String>) -> Found<Wanted> {
    if text.chars().count() > MAX_CHARACTERS {
        return Err(malformed(format!("the template has more than {MAX_CHARACTERS} characters")));
    }
    let json: Value = serde_json::from_str(text).map_err(|error| malformed(format!("no JSON: {error}")))?;
    let template = object(&json, "the template")?;
    known_only(template, "the template", &["Parameters", "Resources"])?;
    let parameters = parameters(template, given)?;
    let resources = object(member(template, "Resources", "the template")?, "Resources")?;
    let mut wanted = Resources::default();
    for (name, resource) in resources {
        wanted.add(name, object(resource, name)?, &parameters)?;
    }
    let lacks = |what: &str| malformed(format!("the template has no resource of the type `AWS::IoT::{what}`"));
    Ok(Wanted {
        thing: wanted.thing.ok_or_else(|| lacks("Thing"))?,
        certificate: wanted.certificate.ok_or_else(|| lacks("Certificate"))?,
        policies: wanted.policies,
    })
}

#[derive(Default)]
struct Resources {
    thing: Option<Thing>,
    certificate: Option<Certificate>,
    policies: Vec<Policy>,
}

impl Resources {
    fn add(&mut self, name: &str, resource: &Map<String, Value>, parameters: &Parameters) -> Found<()> {
        known_only(resource, name, &["OverrideSettings", "Properties", "Type"])?;
        let properties = object(member(resource, "Properties", name)?, name)?;
        let overrides = match resource.get("OverrideSettings") {
            Some(settings) => Some(object(settings, name)?),
            None => None,
        };
        match member(resource, "Type", name)?.as_str() {
            Some("AWS::IoT::Thing") => put(&mut self.thing, name, thing(name, properties, overrides, parameters)?),
            Some("AWS::IoT::Certificate") => {
                put(&mut self.certificate, name, certificate(name, properties, overrides, parameters)?)
            }
            Some("AWS::IoT::Policy") if overrides.is_some() => {
                Err(malformed(format!("`{name}`: a policy has no `OverrideSettings`")))
            }
            Some("AWS::IoT::Policy") => {
                self.policies.push(policy(name, properties, parameters)?);
                Ok(())
            }
            _ => Err(malformed(format!("`{name}` is of no type that there is"))),
        }
    }
}

fn put<T>(place: &mut Option<T>, name: &str, resource: T) -> Found<()> {
    if place.replace(resource).is_some() {
        return Err(malformed(format!("`{name}` is the second resource of its type")));
    }
    Ok(())
}

/// Parameters with their values, by name.
type Parameters = BTreeMap<String, String>;

fn parameters(template: &Map<String, Value>, given: &BTreeMap<String, String>) -> Found<Parameters> {
    let Some(declared) = template.get("Parameters") else { return Ok(Parameters::new()) };
    let mut values = Parameters::new();
    for (name, declaration) in object(declared, "Parameters")? {
        let declaration = object(declaration, name)?;
        known_only(declaration, name, &["Default", "Type"])?;
        if member(declaration, "Type", name)?.as_str() != Some("String") {
            return Err(malformed(format!("`{name}` is of another type than `String`")));
        }
        let default = declaration.get("Default").map(|default| string(default, name)).transpose()?;
        let missing = || Fault {
            code: "missing-parameter",
            message: format!("`{name}` has no value: the certificate's subject has none, and there is no default"),
        };
        values.insert(name.clone(), given.get(name).cloned().or(default).ok_or_else(missing)?);
    }
    Ok(values)
}

fn thing(
    name: &str,
    properties: &Map<String, Value>,
    overrides: Option<&Map<String, Value>>,
    parameters: &Parameters,
) -> Found<Thing> {
    known_only(properties, name, &["AttributePayload", "BillingGroup", "ThingGroups", "ThingName", "ThingTypeName"])?;
    let settings = ["AttributePayload", "ThingGroups", "ThingTypeName"];
    let overrides = override_settings(name, overrides, &settings)?;
    if overrides.get("ThingTypeName") == Some(&Override::Merge) {
        return Err(malformed(format!("`{name}`: a type cannot be merged with another")));
    }
    let attributes = match properties.get("AttributePayload") {
        Some(payload) => {
            let values = object(payload, "AttributePayload")?.iter();
            Some(values.map(|(key, value)| Ok((key.clone(), text(value, key, parameters)?))).collect::<Found<_>>()?)
        }
        None => None,
    };
    let groups = match properties.get("ThingGroups") {
        Some(groups) => Some(texts(groups, "ThingGroups", parameters)?.into_iter().collect()),
        None => None,
    };
    let thing_type = properties.get("ThingTypeName");
    Ok(Thing {
        name: text(member(properties, "ThingName", name)?, "ThingName", parameters)?,
        attributes,
        thing_type: thing_type.map(|value| text(value, "ThingTypeName", parameters)).transpose()?,
        groups,
        on_attributes: overrides.get("AttributePayload").copied(),
        on_type: overrides.get("ThingTypeName").copied(),
        on_groups: overrides.get("ThingGroups").copied(),
    })
}

fn certificate(
    name: &str,
    properties: &Map<String, Value>,
    overrides: Option<&Map<String, Value>>,
    parameters: &Parameters,
) -> Found<Certificate> {
    // "You must use `CertificateId` in a template that's used for JIT provisioning."
    known_only(properties, name, &["CertificateId", "Status"])?;
    let overrides = override_settings(name, overrides, &["Status"])?;
    if overrides.get("Status") == Some(&Override::Merge) {
        return Err(malformed(format!("`{name}`: a status cannot be merged with another")));
    }
    let status = properties.get("Status").map(|value| text(value, "Status", parameters)).transpose()?;
    let is_active = match status.as_deref() {
        None | Some("ACTIVE") => true,
        Some("INACTIVE") => false,
        Some(other) => return Err(malformed(format!("`{name}`: `{other}` is no status"))),
    };
    let id = text(member(properties, "CertificateId", name)?, "CertificateId", parameters)?;
    Ok(Certificate { id, is_active, on_status: overrides.get("Status").copied() })
}

fn policy(name: &str, properties: &Map<String, Value>, parameters: &Parameters) -> Found<Policy> {
    known_only(properties, name, &["PolicyDocument", "PolicyName"])?;
    match (properties.get("PolicyName"), properties.get("PolicyDocument")) {
        (Some(named), None) => Ok(Policy::Named(text(named, "PolicyName", parameters)?)),
        (None, Some(document)) => {
            let text = text(document, "PolicyDocument", parameters)?;
            let statements = statements(&text).map_err(|malformed| malformed.inside("PolicyDocument"))?;
            Ok(Policy::Document { text, statements })
        }
        (Some(_), Some(_)) | (None, None) => {
            Err(malformed(format!("`{name}` has `PolicyName` or `PolicyDocument`, and one of them")))
        }
    }
}

/// The statements of a policy document; a member that is not understood is refused, since it could be a condition.
fn statements(text: &str) -> Result<Vec<Statement>, Malformed> {
    let json: Value = serde_json::from_str(text).map_err(|error| Malformed::new(format!("no JSON: {error}")))?;
    let wrong = |what: &str| Malformed::new(what.to_owned());
    let document = json.as_object().ok_or_else(|| wrong("the document is no object"))?;
    if document.get("Version").and_then(Value::as_str) != Some("2012-10-17") {
        return Err(wrong("the version is not 2012-10-17"));
    }
    let written = document.get("Statement").ok_or_else(|| wrong("there is no `Statement`"))?;
    let one = |value: &Value| {
        let statement = value.as_object().ok_or_else(|| wrong("a statement is no object"))?;
        if let Some(unknown) = statement.keys().find(|key| !["Action", "Effect", "Resource", "Sid"].contains(&&***key))
        {
            return Err(Malformed::new(format!("`{unknown}` is not understood in a statement")));
        }
        let list = |name: &str| {
            let value = statement.get(name).ok_or_else(|| Malformed::new(format!("a statement has no `{name}`")))?;
            plain_texts(value).ok_or_else(|| Malformed::new(format!("`{name}` is neither text nor a list of text")))
        };
        let allows = match statement.get("Effect").and_then(Value::as_str) {
            Some("Allow") => true,
            Some("Deny") => false,
            _ => return Err(wrong("a statement allows or denies")),
        };
        let resources = list("Resource")?.iter().map(|resource| resource_name(resource)).collect::<Result<_, _>>()?;
        Ok(Statement { allows, actions: list("Action")?, resources })
    };
    match written {
        Value::Array(statements) => statements.iter().map(one).collect(),
        statement => Ok(vec![one(statement)?]),
    }
}

/// What an Amazon Resource Name is about: `topic/a` of `arn:aws:iot:eu-central-1:123456789012:topic/a`.
fn resource_name(arn: &str) -> Result<String, Malformed> {
    if arn == "*" {
        return Ok(arn.to_owned());
    }
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts[..] {
        ["arn", _, "iot", _, _, name] => Ok(name.to_owned()),
        _ => Err(Malformed::new(format!("`{arn}` is no name of a resource of AWS IoT"))),
    }
}

fn plain_texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(vec![text.clone()]),
        Value::Array(items) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

fn override_settings(
    name: &str,
    settings: Option<&Map<String, Value>>,
    known: &[&str],
) -> Found<BTreeMap<String, Override>> {
    let Some(settings) = settings else { return Ok(BTreeMap::new()) };
    known_only(settings, name, known)?;
    let one = |(property, value): (&String, &Value)| {
        let setting = match value.as_str() {
            Some("DO_NOTHING") => Override::DoNothing,
            Some("FAIL") => Override::Fail,
            Some("MERGE") => Override::Merge,
            Some("REPLACE") => Override::Replace,
            _ => return Err(malformed(format!("`{name}`: `{property}` has no setting that there is"))),
        };
        Ok((property.clone(), setting))
    };
    settings.iter().map(one).collect()
}

/// A text, or the value of the parameter that `{"Ref": …}` names.
fn text(value: &Value, name: &str, parameters: &Parameters) -> Found<String> {
    let Some(reference) = value.as_object() else { return string(value, name) };
    let (Some(Value::String(named)), 1) = (reference.get("Ref"), reference.len()) else {
        return Err(malformed(format!("`{name}`: a template for just-in-time provisioning has only `Ref`")));
    };
    let unknown =
        || Fault { code: "unknown-parameter", message: format!("`{name}` refers to `{named}`, which is not declared") };
    parameters.get(named).cloned().ok_or_else(unknown)
}

fn texts(value: &Value, name: &str, parameters: &Parameters) -> Found<Vec<String>> {
    let items = value.as_array().ok_or_else(|| malformed(format!("`{name}` is no list")))?;
    items.iter().map(|item| text(item, name, parameters)).collect()
}

fn string(value: &Value, name: &str) -> Found<String> {
    value.as_str().map(str::to_owned).ok_or_else(|| malformed(format!("`{name}` is no text")))
}

fn object<'v>(value: &'v Value, name: &str) -> Found<&'v Map<String, Value>> {
    value.as_object().ok_or_else(|| malformed(format!("`{name}` is no object")))
}

fn member<'v>(object: &'v Map<String, Value>, member: &str, name: &str) -> Found<&'v Value> {
    object.get(member).ok_or_else(|| malformed(format!("`{name}` has no `{member}`")))
}

fn known_only(object: &Map<String, Value>, name: &str, known: &[&str]) -> Found<()> {
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        Some(unknown) => {
            Err(malformed(format!("`{name}`: there is no `{unknown}` in a template for just-in-time provisioning")))
        }
        None => Ok(()),
    }
}

fn malformed(message: String) -> Fault {
    Fault { code: "malformed", message }
}

#[cfg(test)]
mod tests;
