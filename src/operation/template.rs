//! Provisioning templates: what they ask for, and doing it.

use std::collections::{BTreeMap, BTreeSet};

use super::presence::credential;
use super::{Accepts, Acting, Bearing, Operation, Param, Refused, Shape, Spec, needs, takes};
use crate::crypto::certificate::Certificate;
use crate::crypto::mac;
use crate::protocol::provisioning_template::{Fault, Override, Policy, Statement, Thing, Wanted, evaluate};
use crate::registry::policy;
use crate::registry::{Cause, Credential, Entrance, Registry, Role, State, Violation};
use crate::trace::ArtifactKind;
use crate::value::Value;

/// Fills a template in.
pub struct ProvisioningTemplate;

/// Makes what a template asks for.
pub struct RegisterThing;

/// Parameters that are taken from the subject, with the short names of its attributes (AWS IoT Core Developer Guide,
/// "Just-in-time provisioning").
const FROM_SUBJECT: &[(&str, &str)] = &[
    ("AWS::IoT::Certificate::CommonName", "CN"),
    ("AWS::IoT::Certificate::Country", "C"),
    ("AWS::IoT::Certificate::DistinguishedNameQualifier", "dnQualifier"),
    ("AWS::IoT::Certificate::Organization", "O"),
    ("AWS::IoT::Certificate::OrganizationalUnit", "OU"),
    ("AWS::IoT::Certificate::SerialNumber", "serialNumber"),
    ("AWS::IoT::Certificate::StateName", "ST"),
];

/// The one that the service makes: here the SHA-256 of the certificate.
const ID: &str = "AWS::IoT::Certificate::Id";

/// What the service keeps of a certificate beside the template's attributes.
const CERTIFICATE: &str = "certificate";
const STATUS: &str = "status";

const CERTIFIED: Accepts =
    Accepts::Kinds(&[ArtifactKind::Certificate, ArtifactKind::Chain, ArtifactKind::Credential, ArtifactKind::Session]);

const TEMPLATE: Param = needs("template", Accepts::Text, "the template, JSON");
const OF: Param = needs(
    "certificate",
    CERTIFIED,
    "the device's certificate, from whose subject the parameters are; of a session, what the peer presented",
);
const GIVEN: Param = takes("parameters", Accepts::Table, "parameters that somebody gives beside those of the subject");

impl Operation for ProvisioningTemplate {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "provisioning-template",
                summary: "Fills a provisioning template in with what the subject of a certificate says; a parameter without value and without default is refused.",
                standard: "AWS IoT Core Developer Guide, provisioning templates",
                shape: Shape::Local,
                params: &[TEMPLATE, OF, GIVEN],
                result: Some(ArtifactKind::Members),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let (wanted, _) = wanted(acting)?;
        let text = |text: &str| Value::Text(text.to_owned());
        let texts = |texts: &BTreeMap<String, String>| {
            Value::Members(texts.iter().map(|(name, value)| (name.clone(), text(value))).collect())
        };
        let groups = wanted.thing.groups.iter().flatten().cloned().collect::<Vec<_>>().join(", ");
        let members = [
            ("attributes", texts(&wanted.thing.attributes.clone().unwrap_or_default())),
            ("certificate", text(&wanted.certificate.id)),
            ("groups", Value::Text(groups)),
            ("policies", Value::Text(wanted.policies.iter().map(policy_name).collect::<Vec<_>>().join(", "))),
            ("status", text(status(wanted.certificate.is_active))),
            ("thing", text(&wanted.thing.name)),
            ("type", text(&wanted.thing.thing_type.unwrap_or_default())),
        ];
        Ok(Some(Value::Members(members.map(|(name, value)| (name.to_owned(), value)).into())))
    }

    fn bearing(&self) -> &'static Bearing {
        &Bearing::NONE
    }
}

impl Operation for RegisterThing {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "register-thing",
                summary: "Makes what a provisioning template asks for, in this order: thing, policy, both attachments, status of the certificate; for a thing that exists, the template's override settings decide.",
                standard: "AWS IoT Core Developer Guide, just-in-time provisioning; AWS IoT API, RegisterThing",
                shape: Shape::Local,
                params: &[
                    TEMPLATE,
                    OF,
                    GIVEN,
                    takes("owner", Accepts::Text, "whose account it is"),
                    takes("attributes", Accepts::Metadata, "metadata that the service keeps beside the template's"),
                    takes(
                        "on-failure",
                        Accepts::Choice(&["leave", "roll-back"]),
                        "what becomes of what was made before something could not be: `leave` where absent",
                    ),
                ],
                result: Some(ArtifactKind::Members),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let (wanted, certificate) = wanted(acting)?;
        let bound = credential(&Value::Certificate(certificate))?;
        acting.check("the template is for the certificate that was shown");
        if wanted.certificate.id != bound.sha256 {
            let message = "`CertificateId` is another than that of the certificate that was shown";
            return Err(Refused::policy("wrong-certificate", message));
        }
        acting.check(format!("nothing that exists stands against `{}`", wanted.thing.name));
        let service = acting.args.table_texts("attributes");
        let owner = acting.args.text("owner");
        let cause = acting.cause();
        let done = if acting.args.text_or("on-failure", "leave") == "roll-back" {
            let mut copy = acting.registry.clone();
            let done = register(&mut copy, &wanted, bound, owner, &service, cause)?;
            *acting.registry = copy;
            done
        } else {
            register(acting.registry, &wanted, bound, owner, &service, cause)?
        };
        let members = done.into_iter().map(|(name, what)| (name.to_owned(), Value::Text(what)));
        Ok(Some(Value::Members(members.collect())))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { matches: &["certificate"], ..Bearing::NONE } }
    }
}

/// What the template asks for, and the certificate that it is for.
fn wanted(acting: &mut Acting<'_>) -> Result<(Wanted, Certificate), Refused> {
    let value = acting.args.need("certificate")?;
    let chain = match value {
        Value::Session(session) => Some(session.peer_chain.clone()),
        other => other.certificates(),
    };
    let missing = || Refused::policy("no-certificate", "the peer presented no certificate");
    let certificate = chain.and_then(|chain| chain.first().cloned()).ok_or_else(missing)?;
    let subject = certificate.subject_attributes();
    let mut given: BTreeMap<String, String> = acting.args.table_texts("parameters");
    given.extend(
        FROM_SUBJECT.iter().filter_map(|(name, short)| Some(((*name).to_owned(), subject.get(short)?.clone()))),
    );
    given.insert(ID.to_owned(), certificate.sha256());
    acting.check("the subject has every parameter of the template");
    let wanted = evaluate(&acting.args.text_or("template", ""), &given)?;
    Ok((wanted, certificate))
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::policy(fault.code, fault.message)
    }
}

/// What was done, by what it was done to.
type Done = BTreeMap<&'static str, String>;

fn register(
    registry: &mut Registry,
    wanted: &Wanted,
    bound: Credential,
    owner: Option<String>,
    service: &BTreeMap<String, String>,
    cause: Cause<'_>,
) -> Result<Done, Refused> {
    let id = wanted.thing.name.as_str();
    let mut done = Done::from([(CERTIFICATE, bound.sha256.clone())]);
    let is_known_certificate = registry
        .records()
        .get(id)
        .and_then(|record| record.credential(Role::Operational))
        .is_some_and(|known| known.sha256 == bound.sha256);
    if registry.records().contains_key(id) {
        keep(registry, &wanted.thing, service, cause, &mut done)?;
    } else {
        create(registry, &wanted.thing, bound.serial_number.clone(), owner, service, cause)?;
        done.insert("thing", "created".to_owned());
    }
    for wanted in &wanted.policies {
        let name = policy_name(wanted);
        if let Policy::Document { statements, .. } = wanted {
            registry.declare_policy(&name, policy_of(statements), cause)?;
        }
        registry.attach(&name, id, true, cause)?;
    }
    if is_known_certificate {
        match wanted.certificate.on_status {
            Some(Override::Fail) => return Err(conflict("the certificate")),
            Some(Override::DoNothing) => {
                done.insert(STATUS, "left as it was".to_owned());
                return Ok(done);
            }
            Some(Override::Merge | Override::Replace) | None => {}
        }
    } else {
        let sha256 = bound.sha256.clone();
        registry.bind(id, Role::Operational, bound, cause)?;
        let state = registry.record(id)?.state;
        registry.change(id, state, [(CERTIFICATE.to_owned(), sha256)].into(), cause)?;
    }
    let is_active = wanted.certificate.is_active;
    let state = registry.record(id)?.state;
    let state = if is_active && state == State::Pending { State::Provisioned } else { state };
    registry.change(id, state, [(STATUS.to_owned(), status(is_active).to_owned())].into(), cause)?;
    done.insert(STATUS, status(is_active).to_owned());
    Ok(done)
}

fn create(
    registry: &mut Registry,
    thing: &Thing,
    serial: Option<String>,
    owner: Option<String>,
    service: &BTreeMap<String, String>,
    cause: Cause<'_>,
) -> Result<(), Violation> {
    let mut attributes = service.clone();
    attributes.extend(thing.attributes.clone().unwrap_or_default());
    // "The JITP workflow first registers a certificate with a status value of PENDING_ACTIVATION."
    attributes.insert(STATUS.to_owned(), "PENDING_ACTIVATION".to_owned());
    let entrance = Entrance { serial, thing_type: thing.thing_type.clone(), owner, is_staged: false, attributes };
    registry.create(&thing.name, State::Pending, entrance, cause)?;
    for group in thing.groups.iter().flatten() {
        registry.group(&thing.name, group, true, cause)?;
    }
    Ok(())
}

/// What a template does to a thing that exists.
fn keep(
    registry: &mut Registry,
    thing: &Thing,
    service: &BTreeMap<String, String>,
    cause: Cause<'_>,
    done: &mut Done,
) -> Result<(), Refused> {
    let id = thing.name.as_str();
    let record = registry.record(id)?.clone();
    if record.state == State::Decommissioned {
        return Err(Refused::policy("wrong-state", format!("`{id}` is decommissioned")));
    }
    let own = |name: &str| name == CERTIFICATE || name == STATUS || service.contains_key(name);
    let payload: BTreeMap<String, String> = record
        .attributes
        .iter()
        .filter(|(name, _)| !own(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    // Every setting is read before anything is changed: one property that refuses, refuses the request.
    let attributes = decide(thing.attributes.as_ref(), &payload, thing.on_attributes, "the attributes")?;
    let wanted_type = thing.thing_type.is_some().then_some(&thing.thing_type);
    let of_type = decide(wanted_type, &record.thing_type, thing.on_type, "the type")?;
    let groups = decide(thing.groups.as_ref(), &record.groups, thing.on_groups, "the groups")?;
    if let (Some(wanted), true) = (&thing.attributes, attributes.changes()) {
        if attributes == Decision::Replace {
            let gone: BTreeSet<String> = payload.keys().filter(|name| !wanted.contains_key(*name)).cloned().collect();
            registry.remove_attributes(id, &gone, cause)?;
        }
        registry.change(id, record.state, wanted.clone(), cause)?;
    }
    if let (Some(wanted), true) = (&thing.thing_type, of_type.changes()) {
        registry.retype(id, wanted, cause)?;
    }
    if let (Some(wanted), true) = (&thing.groups, groups.changes()) {
        if groups == Decision::Replace {
            for group in record.groups.difference(wanted) {
                registry.group(id, group, false, cause)?;
            }
        }
        for group in wanted {
            registry.group(id, group, true, cause)?;
        }
    }
    done.extend([("thing", "there already".to_owned())]);
    done.extend(
        [("attributes", attributes), ("type", of_type), ("groups", groups)].map(|(name, it)| (name, it.words())),
    );
    Ok(())
}

/// What happens to a property of a thing that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    Leave,
    Merge,
    Replace,
}

impl Decision {
    fn changes(self) -> bool {
        match self {
            Self::Leave => false,
            Self::Merge | Self::Replace => true,
        }
    }

    fn words(self) -> String {
        match self {
            Self::Leave => "left as they were",
            Self::Merge => "merged",
            Self::Replace => "replaced",
        }
        .to_owned()
    }
}

/// Without a setting, the same is no conflict and something else is one: so the API answers who creates a thing of the
/// same name (AWS IoT API, `CreateThing`, `ResourceAlreadyExistsException`).
fn decide<T: PartialEq>(
    wanted: Option<&T>,
    found: &T,
    setting: Option<Override>,
    what: &str,
) -> Result<Decision, Refused> {
    match (wanted, setting) {
        (_, Some(Override::Fail)) => Err(conflict(what)),
        (None, _) | (_, Some(Override::DoNothing)) => Ok(Decision::Leave),
        (_, Some(Override::Merge)) => Ok(Decision::Merge),
        (_, Some(Override::Replace)) => Ok(Decision::Replace),
        (Some(wanted), None) if wanted == found => Ok(Decision::Leave),
        (Some(_), None) => Err(conflict(what)),
    }
}

fn conflict(what: &str) -> Refused {
    // `ResourceConflictsException` in the words of the service.
    Refused::policy(
        "resource-conflict",
        format!("the thing exists, and the template does not let {what} be as they are"),
    )
}

fn status(is_active: bool) -> &'static str {
    if is_active { "ACTIVE" } else { "INACTIVE" }
}

/// "Defaults to a hash of the policy document."
fn policy_name(policy: &Policy) -> String {
    match policy {
        Policy::Document { text, .. } => hex::encode(mac::sha256(text.as_bytes())),
        Policy::Named(name) => name.clone(),
    }
}

/// The service's variables as the registry calls them.
const VARIABLES: &[(&str, &str)] =
    &[("${iot:Connection.Thing.ThingName}", "${thing}"), ("${iot:Connection.Thing.ThingTypeName}", "${type}")];

fn policy_of(statements: &[Statement]) -> policy::Policy {
    let mut policy = policy::Policy::default();
    for statement in statements {
        let rules = if statement.allows { &mut policy.allow } else { &mut policy.deny };
        for action in &statement.actions {
            let resources = statement.resources.iter().map(|resource| {
                VARIABLES.iter().fold(resource.clone(), |text, (theirs, ours)| text.replace(theirs, ours))
            });
            rules.entry(action.clone()).or_default().extend(resources);
        }
    }
    policy
}

#[cfg(test)]
mod tests;
