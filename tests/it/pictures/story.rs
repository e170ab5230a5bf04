//! Runs that nobody executed, for pictures only: a builder of flows, scenarios and traces.

use std::collections::BTreeMap;
use std::sync::Arc;

use trustlane::annotation::Bytes;
use trustlane::clock::Timestamp;
use trustlane::flow::{
    Actor, ActorId, BASELINE, Course, Custody, Expectation, Exposure, Family, Flow, Link, Medium, Registration,
    Scenario, ScenarioKind, Trust, Zone,
};
use trustlane::registry::Registry;
use trustlane::scene::Scene;
use trustlane::source::Span;
use trustlane::trace::{
    Artifact, ArtifactKind, Check, EditMark, Event, EventOutcome, Flight, Lazy, Outcome, Place, Protection, Provenance,
    Rejection, RejectionOrigin, Trace,
};

/// What a picture is drawn from.
#[derive(Debug)]
pub(crate) struct Story {
    pub(crate) flow: Flow,
    pub(crate) scenario: Scenario,
    pub(crate) trace: Trace,
    phase: String,
}

impl Story {
    pub(crate) fn new(title: &str) -> Self {
        let span = Span::new(&Arc::from("flows/story.toml"), 0..0);
        let flow = Flow {
            id: "story".into(),
            title: title.into(),
            summary: String::new(),
            family: Family::Token,
            standards: vec![],
            registration: Registration::Lazy,
            course: Course::default(),
            omits: vec![],
            simulates: vec![],
            zones: vec![],
            actors: vec![],
            layouts: vec![],
            links: vec![],
            goals: vec![],
            other_device: vec![],
            undetected: vec![],
            scenarios: vec![],
            acknowledgements: Vec::new(),
            span: span.clone(),
        };
        let scenario = Scenario {
            id: BASELINE.into(),
            kind: ScenarioKind::Baseline,
            base: None,
            title: "Baseline".into(),
            why: String::new(),
            threat: None,
            actors: vec![],
            steps: vec![],
            leaks: vec![],
            tampers: vec![],
            clocks: vec![],
            expect: Expectation::Completed(String::new()),
            first_edit: None,
            span,
        };
        let trace = Trace {
            notice: Trace::NOTICE.to_owned(),
            actors: Vec::new(),
            links: Vec::new(),
            format: Trace::FORMAT,
            flow: "story".into(),
            scenario: BASELINE.into(),
            started: Timestamp(0),
            events: vec![],
            outcome: Outcome::Completed,
            stores: BTreeMap::new(),
            registry: Registry::default(),
            probes: vec![],
        };
        Self { flow, scenario, trace, phase: String::new() }
    }

    pub(crate) fn zone(self, title: &str) -> Self {
        self.zone_in(title, None)
    }

    pub(crate) fn zone_in(mut self, title: &str, inside: Option<usize>) -> Self {
        let id = format!("zone-{}", self.flow.zones.len());
        self.flow.zones.push(Zone { id, title: title.into(), trust: Trust::Trusted, inside });
        self
    }

    pub(crate) fn actor(mut self, id: &str, title: &str, role: &str, zone: Option<usize>, custody: Custody) -> Self {
        self.scenario.actors.push(Actor { id: id.into(), title: title.into(), zone, role: role.into(), custody });
        self
    }

    pub(crate) fn link(mut self, id: &str, medium: Medium, exposure: Exposure) -> Self {
        self.flow.links.push(Link { id: id.into(), ends: [ActorId(0), ActorId(1)], medium, exposure, through: None });
        self
    }

    pub(crate) fn attack(mut self, id: &str, title: &str, consequence: &str) -> Self {
        self.scenario.id = id.into();
        self.scenario.kind = ScenarioKind::Attack { no_mitigation: None };
        self.scenario.title = title.into();
        self.scenario.expect = Expectation::Completed(consequence.into());
        self
    }

    pub(crate) fn phase(mut self, phase: &str) -> Self {
        self.phase = phase.into();
        self
    }

    pub(crate) fn event(mut self, step: &str, title: &str, place: Place) -> Self {
        self.trace.events.push(Event {
            number: self.trace.events.len() + 1,
            step: step.into(),
            title: title.into(),
            phase: self.phase.clone(),
            why: String::new(),
            clause: String::new(),
            clock: Timestamp(0),
            place,
            operation: "deliver".into(),
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
        });
        self
    }

    pub(crate) fn at(self, step: &str, title: &str, actor: &str) -> Self {
        self.event(step, title, Place::At { actor: actor.into() })
    }

    pub(crate) fn setup(self, step: &str, title: &str, from: &str, to: &str) -> Self {
        self.event(step, title, Place::Setup { from: from.into(), to: to.into() })
    }

    pub(crate) fn message(self, step: &str, title: &str, ends: [&str; 2], link: &str, protection: Protection) -> Self {
        let [from, to] = ends;
        let mut story = self.event(step, title, Place::Between { from: from.into(), to: to.into(), link: link.into() });
        story.last().protection = protection;
        story
    }

    pub(crate) fn flight(mut self, label: &str, bytes: usize) -> Self {
        let (from, to, label) = (String::new(), String::new(), label.into());
        let wire = Bytes(vec![0; bytes]);
        self.last().flights.push(Flight { from, to, label, wire, layers: vec![] });
        self
    }

    pub(crate) fn session(mut self, session: &str) -> Self {
        self.last().session = Some(session.into());
        self
    }

    pub(crate) fn edit(mut self, edit: EditMark) -> Self {
        self.last().edit = edit;
        self
    }

    pub(crate) fn clause(mut self, clause: &str) -> Self {
        self.last().clause = clause.into();
        self
    }

    pub(crate) fn check(mut self, by: &str, what: &str, held: bool) -> Self {
        self.last().checks.push(Check { by: by.into(), of: None, what: what.into(), held });
        self
    }

    pub(crate) fn stores(mut self, actor: &str, name: &str, kind: ArtifactKind) -> Self {
        self.last().stored.push(artifact(actor, name, "", kind));
        self
    }

    pub(crate) fn rejected(mut self, by: &str, code: &str, message: &str, other_end: Option<&str>) -> Self {
        let rejection = Rejection {
            by: by.into(),
            code: code.into(),
            message: message.into(),
            origin: RejectionOrigin::Policy,
            other_end: other_end.map(str::to_owned),
            expected: false,
        };
        self.last().outcome = EventOutcome::Rejected(rejection.clone());
        let step = self.last().step.clone();
        self.trace.outcome = Outcome::Rejected { step, rejection };
        self
    }

    pub(crate) fn last(&mut self) -> &mut Event {
        self.trace.events.last_mut().unwrap()
    }

    pub(crate) fn draw(&self) -> Scene {
        self.draw_kind("swimlane").unwrap()
    }

    pub(crate) fn draw_kind(&self, kind: &str) -> Option<Scene> {
        let Self { flow, scenario, trace, .. } = self;
        let subject = trustlane::diagram::Subject::Run(trustlane::diagram::Executed { flow, scenario, trace });
        trustlane::diagram::find(kind).unwrap().draw(&subject)
    }
}

/// Something in the store of `actor`.
pub(crate) fn artifact(actor: &str, name: &str, sha256: &str, kind: ArtifactKind) -> Arc<Artifact> {
    Arc::new(Artifact {
        actor: actor.into(),
        name: name.into(),
        step: String::new(),
        kind,
        provenance: Provenance::Made,
        bytes: Bytes(Vec::new()),
        sha256: sha256.into(),
        pem: Lazy::from(None),
        summary: Lazy::from(String::new()),
        decoded: Lazy::from(Vec::new()),
        layer: None,
        secret: None,
    })
}

fn pledge(title: &str) -> Story {
    Story::new(title)
        .zone("Field")
        .zone("Owner's network")
        .zone("Manufacturer's cloud")
        .actor("pledge", "Pledge", "device", Some(0), Custody::SecureElement)
        .actor("registrar", "Registrar", "join registrar", Some(1), Custody::Hsm)
        .actor("masa", "MASA", "manufacturer service", Some(2), Custody::Hsm)
        .link("lan", Medium::Ethernet, Exposure::Active)
        .link("wan", Medium::Internet, Exposure::Active)
}

fn opening(story: Story) -> Story {
    story
        .phase("manufacture")
        .at("key", "make P-256 key", "pledge")
        .stores("pledge", "idevid-key", ArtifactKind::PrivateKey)
        .setup("idevid", "install IDevID certificate", "masa", "pledge")
        .phase("discover")
        .message("mdns", "mDNS answer", ["registrar", "pledge"], "lan", Protection::Clear)
        .flight("_brski-proxy._tcp.local", 148)
        .message("tls", "TLS 1.3, provisional", ["pledge", "registrar"], "lan", Protection::Provisional)
        .session("tls")
        .flight("ClientHello", 240)
        .flight("ServerHello", 1100)
        .flight("Finished", 264)
        .check("registrar", "the IDevID certificate chains to the manufacturer's CA", true)
        .phase("voucher")
        .message("request", "voucher request", ["pledge", "registrar"], "lan", Protection::Provisional)
        .session("tls")
        .flight("POST /.well-known/brski/requestvoucher", 1118)
        .message("masa-tls", "TLS 1.3", ["registrar", "masa"], "wan", Protection::Protected)
        .session("masa-tls")
        .flight("ClientHello", 1604)
        .message("forward", "registrar voucher request", ["registrar", "masa"], "wan", Protection::Protected)
        .session("masa-tls")
        .flight("prior request enclosed", 2391)
        .at("audit", "judge the request", "masa")
        .check("masa", "serial number, nonce and proximity certificate agree", true)
        .clause("RFC 8995, section 5.5")
        .message("answer", "voucher", ["masa", "registrar"], "wan", Protection::Protected)
        .session("masa-tls")
        .flight("pins the owner's CA", 1206)
}

/// A method with a provisional session.
pub(crate) fn baseline() -> Story {
    opening(pledge("Joining by voucher"))
        .message("voucher", "voucher", ["registrar", "pledge"], "lan", Protection::Provisional)
        .session("tls")
        .flight("forwarded unchanged", 1206)
        .stores("pledge", "voucher", ArtifactKind::Bytes)
        .at("accept", "accept the voucher", "pledge")
        .check("pledge", "the signature is the manufacturer's", true)
        .check("pledge", "serial number and nonce are mine", true)
        .check("pledge", "the TLS chain of the registrar ends at the pinned certificate", true)
        .clause("RFC 8995, section 5.6.1")
        .phase("enrol")
        .message("enrol", "simpleenroll", ["pledge", "registrar"], "lan", Protection::Protected)
        .session("tls")
        .flight("PKCS#10 for the LDevID key", 742)
        .message("certificate", "LDevID certificate", ["registrar", "pledge"], "lan", Protection::Protected)
        .session("tls")
        .flight("PKCS#7, certs only", 1031)
        .stores("pledge", "ldevid-certificate", ArtifactKind::Certificate)
}

/// The same with a replay that is refused.
pub(crate) fn refused() -> Story {
    opening(pledge("Joining by voucher").attack("replay", "a voucher of an earlier run", ""))
        .message("voucher", "voucher of an earlier run", ["registrar", "pledge"], "lan", Protection::Provisional)
        .session("tls")
        .flight("replayed, signature valid", 1206)
        .edit(EditMark::Altered)
        .at("accept", "accept the voucher", "pledge")
        .check("pledge", "the signature is the manufacturer's", true)
        .check("pledge", "the nonce is the one that was sent", false)
        .clause("RFC 8995, section 5.6.1")
        .rejected("pledge", "nonce-mismatch", "nonce differs from the one it sent", None)
}

/// An attack with a lane of its own that gets through.
pub(crate) fn accepted() -> Story {
    let consequence = "The service takes the attacker for the device until the token expires.";
    Story::new("One-time token")
        .zone("Field")
        .zone("Owner's cloud")
        .actor("device", "Device", "device", Some(0), Custody::Flash)
        .actor("gateway", "Gateway", "field gateway", Some(0), Custody::Tpm)
        .actor("service", "Service", "provisioning service", Some(1), Custody::Hsm)
        .actor("attacker", "Attacker", "on the link", None, Custody::None)
        .link("bench", Medium::Serial, Exposure::None)
        .link("net", Medium::WiFi, Exposure::Active)
        .attack("stolen", "a token that was read on the way", consequence)
        .phase("manufacture")
        .at("mint", "mint a token", "service")
        .message("inject", "token", ["service", "device"], "bench", Protection::Clear)
        .flight("deliver", 32)
        .phase("enrol")
        .message("hello", "token in clear", ["device", "service"], "net", Protection::Clear)
        .flight("POST /enrol", 210)
        .stores("service", "shown", ArtifactKind::Token)
        .stores("attacker", "token", ArtifactKind::Token)
        .at("keep", "keep the token", "attacker")
        .edit(EditMark::Inserted)
        .message("attacker-tls", "TLS 1.3", ["attacker", "service"], "net", Protection::Protected)
        .session("attacker-tls")
        .flight("ClientHello", 240)
        .flight("Finished", 1300)
        .edit(EditMark::Impersonated)
        .check("attacker", "the service's certificate chains to its CA", true)
        .message("enrol", "enrol with the token", ["attacker", "service"], "net", Protection::Protected)
        .session("attacker-tls")
        .flight("POST /enrol", 412)
        .edit(EditMark::Impersonated)
        .at("known", "look the token up", "service")
        .check("service", "the token is one that was minted", true)
}

/// A handshake that the client refuses.
pub(crate) fn handshake() -> Story {
    Story::new("Certificate")
        .zone("Field")
        .zone("Internet")
        .actor("device", "Device", "device", Some(0), Custody::Flash)
        .actor("service", "Service", "provisioning service", Some(1), Custody::Hsm)
        .actor("attacker", "Attacker", "in place of the service", None, Custody::None)
        .link("net", Medium::Internet, Exposure::Active)
        .attack("rogue", "a rogue service", "")
        .phase("enrol")
        .at("key", "make P-256 key", "device")
        .message("tls", "TLS 1.3", ["device", "attacker"], "net", Protection::Protected)
        .session("tls")
        .flight("ClientHello", 240)
        .flight("Alert", 7)
        .edit(EditMark::Impersonated)
        .check("device", "the server's chain ends at a trusted authority", false)
        .rejected(
            "device",
            "unknown-issuer",
            "invalid peer certificate: UnknownIssuer",
            Some("received fatal alert: UnknownCA"),
        )
}
