//! `data/threats.toml` → [`Catalogue`]: threats to provisioning, and which flows have to answer them.

pub mod identifier;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::diag::{Code, Sink, did_you_mean, error};
use crate::document::{self, Entry, Node};
use crate::grammar::{ID, Key, LINE, PROSE, Shape, check, optional, required};
use crate::source::{Origin, Sources, Span};

/// Path of the catalogue in a project.
pub const PATH: &str = "data/threats.toml";

/// Newest edition of the catalogue's format.
const EDITION: i64 = 1;

/// Threats, the flows that their families stand for, and why some do not arise.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// Threats, in the order of the file.
    pub threats: Vec<Threat>,
    /// Families of methods that threats name, in the order of the file.
    pub families: Vec<Family>,
    /// Pairs of flow and threat in which the threat cannot arise.
    pub not_applicable: Vec<NotApplicable>,
}

/// Something that an attacker may want to do to a method.
#[derive(Clone, Debug)]
pub struct Threat {
    /// Id, such as `PT-01`.
    pub id: String,
    /// Name, a few words.
    pub name: String,
    /// What it violates.
    pub stride: Vec<Stride>,
    /// What is tried, one or two sentences.
    pub description: String,
    /// Families of methods in which it arises.
    pub applies_to: Vec<String>,
    /// What becomes of it where both ends prove themselves by certificates.
    pub expected: Expected,
    /// What decides.
    pub layer: Layer,
    /// Codes with which it is refused.
    pub codes: Vec<String>,
    /// When it is refused and when not; may be empty.
    pub outcome: String,
    /// The reasoning that stands in for a run; only where none can be executed.
    pub analysis: Option<String>,
    /// What helps against it, as tags that controls share.
    pub controls: Vec<String>,
    /// Names of the claims of evidence that an attempt at it tests.
    pub tests: Vec<String>,
    /// Where each of them is written.
    pub tests_spans: Vec<Span>,
    /// Entries of public catalogues that speak of it.
    pub references: Vec<Reference>,
    /// Where its id is written.
    pub span: Span,
}

/// What a threat violates (the STRIDE model).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stride {
    /// Authenticity.
    #[serde(rename = "S")]
    Spoofing,
    /// Integrity.
    #[serde(rename = "T")]
    Tampering,
    /// Non-repudiation.
    #[serde(rename = "R")]
    Repudiation,
    /// Confidentiality.
    #[serde(rename = "I")]
    InformationDisclosure,
    /// Availability.
    #[serde(rename = "D")]
    DenialOfService,
    /// Authorisation.
    #[serde(rename = "E")]
    ElevationOfPrivilege,
}

impl Stride {
    /// The name in the model.
    pub fn title(self) -> &'static str {
        match self {
            Self::Spoofing => "spoofing",
            Self::Tampering => "tampering",
            Self::Repudiation => "repudiation",
            Self::InformationDisclosure => "information disclosure",
            Self::DenialOfService => "denial of service",
            Self::ElevationOfPrivilege => "elevation of privilege",
        }
    }
}

/// What becomes of a threat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expected {
    /// It gets through unless something more is done.
    Accepted,
    /// No run can execute it; [`Threat::analysis`] says what can be said.
    Analysis,
    /// It is refused.
    Rejected,
}

/// What decides about a threat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// A signature, MAC or tag that does not fit.
    Crypto,
    /// The library that speaks the protocol.
    Library,
    /// Nothing.
    None,
    /// A rule of the service or the device.
    Policy,
}

impl Layer {
    /// The layer in words.
    pub fn title(self) -> &'static str {
        match self {
            Self::Crypto => "a cryptographic check",
            Self::Library => "the protocol's library",
            Self::None => "nothing",
            Self::Policy => "a rule of the service or the device",
        }
    }
}

/// An entry of a public catalogue.
#[derive(Clone, Debug)]
pub struct Reference {
    /// Its id there: `CWE-295`, `CAPEC-94`, `T0830` (ATT&CK for ICS), `TID-316` (EMB3D).
    pub id: String,
    /// Its name there.
    pub name: String,
    /// Whether it was looked up there under this id and name.
    pub is_verified: bool,
}

impl Reference {
    /// Where its publisher explains it; only for one that was looked up.
    pub fn url(&self) -> Option<String> {
        let site = PUBLISHERS.iter().find_map(|(prefix, before, after)| {
            let number = self.id.strip_prefix(prefix)?;
            let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| format!("{before}{number}{after}"))
        });
        site.filter(|_| self.is_verified)
    }
}

/// How ids begin, and what stands before and after their number in the address of an entry.
const PUBLISHERS: [(&str, &str, &str); 4] = [
    ("CAPEC-", "https://capec.mitre.org/data/definitions/", ".html"),
    ("CWE-", "https://cwe.mitre.org/data/definitions/", ".html"),
    ("T", "https://attack.mitre.org/techniques/T", "/"),
    ("TID-", "https://emb3d.mitre.org/threats/TID-", ".html"),
];

/// A family of methods.
#[derive(Clone, Debug)]
pub struct Family {
    /// Name, as threats write it.
    pub name: String,
    /// Flows that belong to it.
    pub flows: Vec<String>,
    /// Why they do, or why there is none.
    pub why: String,
    /// Where the name is written.
    pub span: Span,
}

/// A threat that a flow has not to answer although its family has.
#[derive(Clone, Debug)]
pub struct NotApplicable {
    /// Id of the flow.
    pub flow: String,
    /// Id of the threat.
    pub threat: String,
    /// Why it cannot arise there.
    pub reason: String,
}

impl Catalogue {
    /// The threat called `id`.
    pub fn find(&self, id: &str) -> Option<&Threat> {
        self.threats.iter().find(|threat| threat.id == id)
    }

    /// Whether `threat` arises in a family to which `flow` belongs.
    pub fn applies(&self, threat: &Threat, flow: &str) -> bool {
        let own = self.families.iter().filter(|family| family.flows.iter().any(|known| known == flow));
        own.map(|family| &family.name).any(|name| threat.applies_to.contains(name))
    }

    /// Why `threat` cannot arise in `flow`, where somebody said so.
    pub fn reason(&self, threat: &str, flow: &str) -> Option<&str> {
        let found = self.not_applicable.iter().find(|entry| entry.threat == threat && entry.flow == flow);
        found.map(|entry| entry.reason.as_str())
    }
}

const REFERENCE: &[Key] = &[
    required("id", ID, "id: `CWE-…`, `CAPEC-…`, `T…` of ATT&CK for ICS, `TID-…` of EMB3D"),
    required("name", LINE, "the name that its publisher gives it"),
    required("verified", Shape::Boolean, "whether it was looked up there under this id and name"),
];

const THREAT: &[Key] = &[
    required("id", ID, "id, with which attacks name the threat"),
    required("name", LINE, "name, a few words"),
    required(
        "stride",
        Shape::List(&Shape::Choice(&["S", "T", "R", "I", "D", "E"])),
        "what it violates, by the letters of STRIDE",
    ),
    required("description", PROSE, "what is tried"),
    required("applies-to", Shape::List(&ID), "families of methods in which it arises, as in `applies`"),
    required(
        "expected",
        Shape::Choice(&["accepted", "analysis", "rejected"]),
        "what becomes of it where both ends prove themselves by certificates",
    ),
    required("layer", Shape::Choice(&["crypto", "library", "none", "policy"]), "what decides"),
    optional("codes", Shape::List(&ID), "codes with which it is refused"),
    optional("outcome", PROSE, "when it is refused and when not"),
    optional("analysis", PROSE, "for `expected = \"analysis\"`: the reasoning that stands in for a run"),
    required("controls", Shape::List(&ID), "what helps, as tags that controls share"),
    optional("tests", Shape::List(&ID), "claims of evidence that an attempt at it puts to the test"),
    required("references", Shape::List(&Shape::Table(REFERENCE)), "entries of public catalogues that speak of it"),
];

const FAMILY: &[Key] = &[
    required("flows", Shape::List(&ID), "flows that belong to the family; none where no flow does yet"),
    required("why", PROSE, "why they do, or what is missing"),
];

const NOT_APPLICABLE: &[Key] = &[
    required("flow", ID, "the flow"),
    required("threat", ID, "the threat"),
    required("reason", PROSE, "why it cannot arise there"),
];

/// Keys of the catalogue.
pub const CATALOGUE: &[Key] = &[
    required("edition", Shape::Number(1, EDITION), "edition of the format"),
    required("threat", Shape::List(&Shape::Table(THREAT)), "the threats"),
    required("applies", Shape::Map(&Shape::Table(FAMILY)), "families that threats name, with their flows"),
    optional("not-applicable", Shape::List(&Shape::Table(NOT_APPLICABLE)), "threats that cannot arise in a flow"),
];

/// Reads the catalogue; a project without one knows no threat. The shipped one speaks of every shipped flow, also of
/// those that the project does not choose.
pub fn parse(sources: &Sources, sink: &mut Sink) -> Catalogue {
    let Some(text) = sources.text(PATH) else { return Catalogue::default() };
    let path: Arc<str> = PATH.into();
    let Some(mut node) = document::parse(&path, text, sink) else { return Catalogue::default() };
    node.span = Span::new(&path, 0..text.find('\n').unwrap_or(text.len()));
    if !check(&node, &Shape::Table(CATALOGUE), "the catalogue", sink) {
        return Catalogue::default();
    }
    let items = |key: &str| node.find(key).map(Node::items).unwrap_or_default();
    let families = node.find("applies").map(Node::entries).unwrap_or_default();
    let catalogue = Catalogue {
        threats: items("threat").iter().filter_map(threat).collect(),
        families: families.iter().map(family).collect(),
        not_applicable: items("not-applicable").iter().map(not_applicable).collect(),
    };
    check_names(&node, &catalogue, sources, sink);
    catalogue
}

fn threat(node: &Node) -> Option<Threat> {
    let stride = node.texts("stride").iter().filter_map(|letter| word(letter)).collect();
    let references = node.find("references").map(Node::items).unwrap_or_default();
    Some(Threat {
        id: node.text("id").to_owned(),
        name: node.text("name").to_owned(),
        stride,
        description: node.text("description").to_owned(),
        applies_to: node.texts("applies-to"),
        expected: word(node.text("expected"))?,
        layer: word(node.text("layer"))?,
        codes: node.texts("codes"),
        outcome: node.text("outcome").to_owned(),
        analysis: node.find("analysis").and_then(Node::as_text).map(str::to_owned),
        controls: node.texts("controls"),
        tests: node.texts("tests"),
        tests_spans: node.find("tests").map(Node::items).unwrap_or_default().iter().map(|it| it.span.clone()).collect(),
        references: references.iter().map(reference).collect(),
        span: node.find("id").map_or(&node.span, |id| &id.span).clone(),
    })
}

/// One of a closed set of words; the grammar has checked that it is one.
fn word<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::from(text)).ok()
}

fn reference(node: &Node) -> Reference {
    Reference {
        id: node.text("id").to_owned(),
        name: node.text("name").to_owned(),
        is_verified: node.find("verified").and_then(Node::as_boolean).unwrap_or_default(),
    }
}

fn family(entry: &Entry) -> Family {
    Family {
        name: entry.key.clone(),
        flows: entry.value.texts("flows"),
        why: entry.value.text("why").to_owned(),
        span: entry.key_span.clone(),
    }
}

fn not_applicable(node: &Node) -> NotApplicable {
    NotApplicable {
        flow: node.text("flow").to_owned(),
        threat: node.text("threat").to_owned(),
        reason: node.text("reason").to_owned(),
    }
}

/// Reports names that do not exist, ids that stand twice, and an analysis that is missing or out of place.
fn check_names(node: &Node, catalogue: &Catalogue, sources: &Sources, sink: &mut Sink) {
    let flows: Vec<&str> = sources
        .below("flows", ".toml")
        .filter_map(|(path, _)| path.rsplit('/').next()?.strip_suffix(".toml"))
        .collect();
    let families: Vec<&str> = catalogue.families.iter().map(|family| family.name.as_str()).collect();
    let threats: Vec<&str> = catalogue.threats.iter().map(|threat| threat.id.as_str()).collect();
    let items = |key: &str| node.find(key).map(Node::items).unwrap_or_default();
    for (index, threat) in catalogue.threats.iter().enumerate() {
        if threats[..index].contains(&threat.id.as_str()) {
            sink.error(Code::DUPLICATE_NAME, &threat.span, format!("a threat is called `{}` already", threat.id));
        }
        if (threat.expected == Expected::Analysis) != threat.analysis.is_some() {
            let message = format!("`{}` has an analysis if and only if no run can execute it", threat.id);
            let found = error(Code::INVALID_VALUE, &threat.span, message);
            sink.push(found.hint("write `analysis` for `expected = \"analysis\"`, and for nothing else"));
        }
    }
    for names in items("threat").iter().filter_map(|threat| threat.find("applies-to")) {
        names.items().iter().for_each(|name| check_name(name, "family", &families, sink));
    }
    identifier::check(items("threat").iter().filter_map(|threat| threat.find("references")), sources, sink);
    for entry in items("not-applicable") {
        entry.find("threat").into_iter().for_each(|name| check_name(name, "threat", &threats, sink));
    }
    if sources.find(PATH).is_some_and(|file| file.origin == Origin::Project) {
        let families = node.find("applies").into_iter().flat_map(Node::entries);
        let named = families.filter_map(|entry| entry.value.find("flows")).flat_map(Node::items);
        let excused = items("not-applicable").iter().filter_map(|entry| entry.find("flow"));
        named.chain(excused).for_each(|name| check_name(name, "flow", &flows, sink));
    }
}

/// Reports `name` where it is none of `known`.
pub fn check_name(name: &Node, what: &str, known: &[&str], sink: &mut Sink) {
    let text = name.as_text().unwrap_or_default();
    if !known.contains(&text) {
        let found = error(Code::UNKNOWN_NAME, &name.span, format!("no {what} is called `{text}`"));
        sink.push(found.maybe_hint(did_you_mean(text, known.iter().copied())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_leads_to_its_publisher_if_it_was_looked_up() {
        let url = |id: &str, is_verified| Reference { id: id.to_owned(), name: String::new(), is_verified }.url();
        let table = [
            ("CAPEC-94", Some("https://capec.mitre.org/data/definitions/94.html")),
            ("CWE-295", Some("https://cwe.mitre.org/data/definitions/295.html")),
            ("T0830", Some("https://attack.mitre.org/techniques/T0830/")),
            ("TID-316", Some("https://emb3d.mitre.org/threats/TID-316.html")),
            ("CVE-2024-1", None),
            ("CWE-", None),
        ];
        for (id, expected) in table {
            assert_eq!(url(id, true).as_deref(), expected, "{id}");
            assert_eq!(url(id, false), None, "{id}");
        }
    }
}
