//! A small project that nobody executed, for tests of pages.

use std::collections::BTreeMap;
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};

use crate::annotation::{Bytes, Field, Layer};
use crate::assess::{Assessment, AttackVerdict, Facts, FlowAssessment, GoalVerdict};
use crate::chapter;
use crate::clock::Timestamp;
use crate::config::Config;
use crate::crypto::count::Counts;
use crate::diag::Sink;
use crate::flow::{
    Actor, ActorId, BASELINE, Course, Custody, Expectation, Exposure, Family, Flow, Link, Medium, Registration,
    Scenario, ScenarioKind, Trust, Zone,
};
use crate::operation::{Accepts, End, MessageField, Operation, Param, Shape, Spec};
use crate::profile;
use crate::registry::{Cause, Entrance, Registry, State};
use crate::resolve::Project;
use crate::run::Runs;
use crate::scene::text::Fonts;
use crate::source::{Origin, Sources, Span};
use crate::trace::{
    Artifact, ArtifactKind, Check, EditMark, Event, EventOutcome, Flight, Outcome, Place, Protection, Provenance,
    Rejection, RejectionOrigin, Trace,
};

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");
static STATICS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/static");
static DATA: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/data");
static CONTENT: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/tests/suite/site/content");

const CLOCK: i64 = 1_790_000_000;

pub(super) struct Randomly;

static RANDOM: Spec = Spec {
    name: "random",
    summary: "Makes bytes that nobody can guess.",
    standard: "",
    shape: Shape::Local,
    params: &[Param {
        name: "bytes",
        end: End::With,
        accepts: Accepts::Number,
        required: true,
        summary: "how many bytes",
    }],
    result: Some(ArtifactKind::Bytes),
    fields: &[MessageField { name: "header.*", kind: ArtifactKind::Text, summary: "a header" }],
};

impl Operation for Randomly {
    fn spec(&self) -> &'static Spec {
        &RANDOM
    }
}

pub(super) static OPERATIONS: &[&dyn Operation] = &[&Randomly];

const METHOD: &str = "+++\nkind = \"method\"\n+++\n\n## Why it exists\n\nA token opens the door once; on the wire that costs {fact}`enrolment-token wire-bytes`, of which the request is {bytes}`enrolment-token enrol`. It begins with {value}`enrolment-token device/token`. A rogue service gets nothing: {rejection}`enrolment-token rogue-service`. See [the handshake](#step-tls) or [the comparison](../comparison.md).\n\n> [!TAKEAWAYS]\n> A bearer token is worth what its channel is worth.\n";

fn embed(sources: &mut Sources, folder: &'static str, dir: &'static Dir<'static>) {
    for file in dir.files() {
        let path = format!("{folder}/{}", file.path().display());
        sources.insert(path, file.contents(), Origin::Shipped);
    }
    for below in dir.dirs() {
        embed(sources, folder, below);
    }
}

/// In place of a chapter's text: there is no such chapter.
pub(super) const ABSENT: &str = "\0";

/// The shipped templates and static files, the chapters of `tests/suite/site`, and a method chapter; `chapters` are added, or replace them.
pub(super) fn sources(chapters: &[(&str, &str)]) -> Sources {
    let mut sources = Sources::default();
    embed(&mut sources, "templates", &TEMPLATES);
    embed(&mut sources, "static", &STATICS);
    embed(&mut sources, "data", &DATA);
    embed(&mut sources, "content", &CONTENT);
    if !chapters.iter().any(|(_, text)| *text == ABSENT) {
        sources.insert("content/methods/enrolment-token.md", METHOD.as_bytes(), Origin::Project);
    }
    let summary = sources.text("content/SUMMARY.md").unwrap_or_default();
    let summary = summary
        .replace("# Reference", "# Methods\n\n- [One-time enrolment token](methods/enrolment-token.md)\n\n# Reference");
    sources.insert("content/SUMMARY.md", summary.into_bytes(), Origin::Project);
    for (path, text) in chapters.iter().filter(|(_, text)| *text != ABSENT) {
        sources.insert(*path, text.as_bytes().to_vec(), Origin::Project);
    }
    sources
}

pub(super) fn material(sources: &Sources, sink: &mut Sink) -> (Project, Runs, Assessment) {
    let config = Config {
        methods: None,
        fonts: Vec::new(),
        url: None,
        edit_url: None,
        redirects: Vec::new(),
        compliance: crate::config::Compliance::default(),
        title: "Trustlane".into(),
        description: "Provisioning methods, executed.".into(),
        language: "en".into(),
        version: "0.1.0".into(),
        seed: "trustlane public seed 1".into(),
        clock: Timestamp(CLOCK),
    };
    let profiles = profile::parse::parse(sources, sink).expect("the shipped profiles are whole");
    let threats = crate::threat::parse(sources, sink);
    let decisions = crate::decision::parse(sources, sink);
    let glossary = crate::glossary::parse(sources, sink);
    let rubric = crate::rubric::parse(sources, sink);
    let frameworks = crate::framework::parse::parse(sources, Some(&config), sink);
    let content = chapter::parse(sources, sink);
    let fonts = Fonts::default();
    let project = Project {
        config,
        threats,
        decisions,
        glossary,
        rubric,
        frameworks,
        flows: vec![flow()],
        content,
        profiles,
        fonts,
    };
    let traces = vec![vec![baseline(), rogue_service(), stolen_token()]];
    let runs = Runs { traces, other_devices: vec![Arc::new(baseline())], n_executed: 0 };
    (project, runs, assessment())
}

fn span() -> Span {
    Span::new(&Arc::from("flows/enrolment-token.toml"), 0..0)
}

fn actors() -> Vec<Actor> {
    let actor = |id: &str, title: &str, zone, role: &str, custody| Actor {
        id: id.into(),
        title: title.into(),
        zone: Some(zone),
        role: role.into(),
        custody,
    };
    vec![
        actor("device", "Device", 0, "device", Custody::Flash),
        actor("service", "Service", 1, "provisioning service", Custody::Hsm),
    ]
}

fn flow() -> Flow {
    let link = |id: &str, medium, exposure| Link {
        id: id.into(),
        ends: [ActorId(0), ActorId(1)],
        medium,
        exposure,
        through: None,
    };
    Flow {
        id: "enrolment-token".into(),
        title: "One-time enrolment token".into(),
        summary: "A secret given to one device in the factory opens the door to the owner's cloud once.".into(),
        family: Family::Token,
        standards: vec!["RFC 6750".into(), "RFC 8446".into()],
        registration: Registration::Lazy,
        course: Course { level: "Medium".into(), best_for: "small fleets".into() },
        omits: vec!["Expiry of the token".into()],
        simulates: vec!["The serial line in the factory".into()],
        zones: vec![
            Zone { id: "field".into(), title: "Field".into(), trust: Trust::Untrusted, inside: None },
            Zone { id: "cloud".into(), title: "Owner's cloud".into(), trust: Trust::Trusted, inside: None },
        ],
        actors: actors(),
        layouts: Vec::new(),
        links: vec![
            link("bench", Medium::Serial, Exposure::None),
            link("internet", Medium::Internet, Exposure::Active),
        ],
        goals: vec![],
        other_device: vec![],
        undetected: vec![],
        scenarios: vec![
            scenario(BASELINE, "Baseline", None, Expectation::Completed(String::new())),
            scenario(
                "rogue-service",
                "A rogue service asks for the token",
                Some(2),
                Expectation::Rejected { step: "tls".into(), by: "device".into(), code: "unknown-issuer".into() },
            ),
            scenario(
                "stolen-token",
                "A stolen token is used first",
                Some(3),
                Expectation::Completed("The thief is enrolled in the device's name.".into()),
            ),
        ],
        acknowledgements: Vec::new(),
        span: span(),
    }
}

fn scenario(id: &str, title: &str, first_edit: Option<usize>, expect: Expectation) -> Scenario {
    let mut actors = actors();
    if first_edit.is_some() {
        actors.push(Actor {
            id: "attacker".into(),
            title: "Attacker".into(),
            zone: None,
            role: "attacker".into(),
            custody: Custody::None,
        });
    }
    let kind = match first_edit {
        None => ScenarioKind::Baseline,
        Some(_) => ScenarioKind::Attack { no_mitigation: Some("This is only an example.".into()) },
    };
    Scenario {
        id: id.into(),
        kind,
        base: first_edit.map(|_| BASELINE.into()),
        title: title.into(),
        why: if first_edit.is_some() {
            "Somebody on the internet answers in place of the service.".into()
        } else {
            String::new()
        },
        threat: first_edit.map(|_| "PT-01".into()),
        actors,
        steps: vec![],
        leaks: vec![],
        tampers: vec![],
        clocks: vec![],
        expect,
        first_edit,
        span: span(),
    }
}

fn layer(name: &str, decrypted: bool, fields: &[(&str, &[u8], &str)]) -> Layer {
    let mut bytes = Vec::new();
    let fields = fields
        .iter()
        .map(|(name, content, value)| {
            let start = bytes.len();
            bytes.extend_from_slice(content);
            Field::new(*name, start..bytes.len(), *value)
        })
        .collect();
    Layer::new(name, bytes, fields).decrypted(decrypted)
}

fn artifact(
    actor: &str,
    name: &str,
    step: &str,
    kind: ArtifactKind,
    provenance: Provenance,
    bytes: &[u8],
) -> Arc<Artifact> {
    Arc::new(Artifact {
        secret: None,
        actor: actor.into(),
        name: name.into(),
        step: step.into(),
        kind,
        provenance,
        bytes: Bytes(bytes.to_vec()),
        sha256: hex::encode(Sha256::digest(bytes)),
        pem: None.into(),
        summary: format!("{} bytes", bytes.len()).into(),
        decoded: vec![("length".into(), bytes.len().to_string())].into(),
        layer: Some(Arc::new(layer("bytes", false, &[("value", bytes, "random")]))),
    })
}

fn event(number: usize, step: &str, title: &str, phase: &str, place: Place) -> Event {
    Event {
        number,
        step: step.into(),
        title: title.into(),
        phase: phase.into(),
        why: "A token nobody can guess, for this one device; it is worth exactly what the channel is worth.".into(),
        clause: String::new(),
        clock: Timestamp(CLOCK),
        place,
        operation: "random".into(),
        edit: EditMark::Original,
        protection: Protection::None,
        session: None,
        flights: vec![],
        key_log: vec![],
        counts: BTreeMap::new(),
        person_seconds: 0,
        stored: vec![],
        checks: vec![],
        learned: vec![],
        outcome: EventOutcome::Done,
    }
}

fn between(link: &str) -> Place {
    Place::Between { from: "device".into(), to: "service".into(), link: link.into() }
}

fn tls() -> Event {
    let mut tls = event(3, "tls", "TLS 1.3, server only", "enrol", between("internet"));
    let hello = [0x5a; 32];
    let client_hello = layer(
        "TLS record",
        false,
        &[
            ("type", &[22], "handshake"),
            ("legacy version", &[3, 1], "1.0"),
            ("length", &[0, 37], "37"),
            ("message type", &[1], "ClientHello"),
            ("random", &hello, "32 bytes"),
            ("cipher suites", &[0x13, 1, 0x13, 2], "AES-128-GCM, AES-256-GCM"),
        ],
    );
    let wire = client_hello.bytes.clone();
    let flight = |from: &str, to: &str, label: &str| Flight {
        from: from.into(),
        to: to.into(),
        label: label.into(),
        wire: wire.clone(),
        layers: vec![client_hello.clone()],
    };
    tls.flights = vec![
        flight("device", "service", "ClientHello"),
        flight("service", "device", "ServerHello, Certificate, Finished"),
        flight("device", "service", "Finished"),
    ];
    tls.protection = Protection::Protected;
    tls.session = Some("tls".into());
    tls.clause = "RFC 8446, section 4".into();
    tls.checks =
        vec![Check { by: "device".into(), of: None, what: "verifies the chain of enrol.example".into(), held: true }];
    tls.counts = BTreeMap::from([
        ("device".into(), Counts { ephemeral: 1, verify: 2, agree: 1, ..Counts::default() }),
        ("service".into(), Counts { ephemeral: 1, sign: 1, agree: 1, ..Counts::default() }),
    ]);
    tls
}

fn events() -> Vec<Event> {
    let token = b"kq3Vh7pT0yXc2mZr";
    let at_service = || Place::At { actor: "service".into() };
    let mut mint = event(1, "mint", "Make a token", "manufacture", at_service());
    mint.stored = vec![artifact("service", "token", "mint", ArtifactKind::Secret, Provenance::Made, token)];
    let setup = Place::Between { from: "service".into(), to: "device".into(), link: "bench".into() };
    let mut inject = event(2, "inject", "Give it to the device", "manufacture", setup);
    let received = Provenance::Received { from: "service".into() };
    inject.stored = vec![artifact("device", "token", "inject", ArtifactKind::Secret, received, token)];
    inject.protection = Protection::Clear;
    inject.flights = vec![Flight {
        from: "service".into(),
        to: "device".into(),
        label: "token".into(),
        wire: Bytes(token.to_vec()),
        layers: vec![layer("token", false, &[("token", token, "16 bytes")])],
    }];
    let mut enrol = event(4, "enrol", "POST /enrol", "enrol", between("internet"));
    let request = layer(
        "HTTP request",
        true,
        &[
            ("request line", b"POST /enrol HTTP/1.1\r\n", "POST /enrol"),
            ("Authorization", b"Authorization: Bearer a3EzVmg3cFQweVhjMm1acg==\r\n\r\n", "Bearer"),
        ],
    );
    enrol.flights = vec![Flight {
        from: "device".into(),
        to: "service".into(),
        label: "POST /enrol".into(),
        wire: Bytes([&[23, 3, 3, 0, 88][..], &[0xc3; 88]].concat()),
        layers: vec![
            layer(
                "TLS record",
                false,
                &[("header", &[23, 3, 3, 0, 88], "application data"), ("ciphertext", &[0xc3; 88], "88 bytes")],
            ),
            request,
        ],
    }];
    enrol.protection = Protection::Protected;
    enrol.session = Some("tls".into());
    let mut known = event(5, "token-known", "Compare the token", "enrol", at_service());
    known.checks = vec![Check {
        by: "service".into(),
        of: None,
        what: "compares the token with the one it made".into(),
        held: true,
    }];
    vec![mint, inject, tls(), enrol, known]
}

fn trace(scenario: &str, events: Vec<Event>, outcome: Outcome) -> Trace {
    let mut stores: BTreeMap<String, BTreeMap<String, Arc<Artifact>>> = BTreeMap::new();
    for artifact in events.iter().flat_map(|event| &event.stored) {
        stores.entry(artifact.actor.clone()).or_default().insert(artifact.name.clone(), artifact.clone());
    }
    let mut registry = Registry::default();
    let cause = Cause { actor: "service", step: "token-known", clock: Timestamp(CLOCK) };
    let attributes = BTreeMap::from([("model".into(), "TL-200".into())]);
    let entrance = Entrance { serial: Some("TL-0042".into()), attributes, ..Entrance::default() };
    let created = registry.create("TL-0042", State::Pending, entrance, cause);
    let changed = registry.change("TL-0042", State::Provisioned, BTreeMap::new(), cause);
    assert_eq!((created, changed), (Ok(()), Ok(())));
    Trace {
        notice: Trace::NOTICE.to_owned(),
        actors: Vec::new(),
        links: Vec::new(),
        format: Trace::FORMAT,
        flow: "enrolment-token".into(),
        scenario: scenario.into(),
        started: Timestamp(CLOCK),
        events,
        outcome,
        stores,
        registry,
        probes: vec![],
    }
}

pub(super) fn baseline() -> Trace {
    trace(BASELINE, events(), Outcome::Completed)
}

fn rogue_service() -> Trace {
    let mut events = events();
    events.truncate(3);
    let rejection = Rejection {
        by: "device".into(),
        code: "unknown-issuer".into(),
        message: "invalid peer certificate: UnknownIssuer".into(),
        origin: RejectionOrigin::Library,
        other_end: Some("received fatal alert: UnknownCA".into()),
        expected: false,
    };
    let last = &mut events[2];
    last.edit = EditMark::Impersonated;
    last.place = Place::Between { from: "device".into(), to: "attacker".into(), link: "internet".into() };
    last.flights.truncate(2);
    last.flights[0].to = "attacker".into();
    last.flights[1].from = "attacker".into();
    last.protection = Protection::Provisional;
    last.checks[0].held = false;
    last.outcome = EventOutcome::Rejected(rejection.clone());
    trace("rogue-service", events, Outcome::Rejected { step: "tls".into(), rejection })
}

fn stolen_token() -> Trace {
    let mut events = events();
    events[3].edit = EditMark::Impersonated;
    events[3].flights[0].from = "attacker".into();
    events[3].place = Place::Between { from: "attacker".into(), to: "service".into(), link: "internet".into() };
    trace("stolen-token", events, Outcome::Completed)
}

fn assessment() -> Assessment {
    let verdict = |scenario: &str, accepted, breaks: &[&str]| AttackVerdict {
        scenario: scenario.into(),
        accepted,
        mitigations: vec![],
        no_mitigation: None,
        breaks: breaks.iter().map(|goal| (*goal).to_owned()).collect(),
        uses: vec![],
    };
    Assessment {
        flows: vec![FlowAssessment {
            flow: "enrolment-token".into(),
            goals: vec![GoalVerdict {
                goal: "token-secret".into(),
                statement: "Only Device and Service know service/token".into(),
                unmet: None,
                held: true,
                reason: "nobody else held it, and it crossed exposed links encrypted only".into(),
                evidence: vec!["inject".into(), "enrol".into()],
                broken_by: vec!["stolen-token".into()],
                kept_by: vec![],
            }],
            attacks: vec![verdict("rogue-service", false, &[]), verdict("stolen-token", true, &["token-secret"])],
            findings: vec![],
            evidence: vec![],
            criteria: vec![],
            controls: vec![],
            scores: vec![],
            facts: Facts {
                messages: 3,
                sessions: 1,
                wire_bytes: 11_423,
                device_wire_bytes: 1104,
                user_actions: 0,
                people_seconds: 0,
                parties: 2,
                steps: 5,
                checks: 2,
                attacks: 2,
                attacks_accepted: 1,
                counts: BTreeMap::from([("device".into(), Counts { verify: 2, sign: 1, ..Counts::default() })]),
                device: "device".into(),
                custody: "key in flash".into(),
            },
        }],
    }
}
