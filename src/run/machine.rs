//! The machine that executes the steps of one scenario.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Env;
use super::artifact;
use super::forge;
use super::store::{Holding, Store, look_up};
use crate::annotation::{Bytes, Layer};
use crate::clock::Timestamp;
use crate::crypto::count::Counts;
use crate::crypto::party::{self, Party};
use crate::flow::{ATTACKER, ActorId, Argument, Exposure, Flow, LinkId, Scenario, Step, StepPlace};
use crate::operation::channel::{EndCheck, EndRefused, Sent};
use crate::operation::{Acting, Arg, Args, Channel, Layout, Members, Opening, Refused, Shape};
use crate::registry::Registry;
use crate::trace::{
    Artifact, ArtifactKind, Check, Event, EventOutcome, Flight, Outcome, Party as TraceParty, Path, Place, Protection,
    Provenance, Rejection, Trace,
};
use crate::value::Value;

/// Executes one scenario.
pub struct Machine<'r> {
    flow: &'r Flow,
    scenario: &'r Scenario,
    env: &'r Env,
    clock: Timestamp,
    stores: Vec<Store>,
    sessions: BTreeMap<String, OpenSession>,
    registry: Registry,
}

struct OpenSession {
    channel: Box<dyn Channel>,
    opener: ActorId,
    accepter: ActorId,
}

/// What a step has done so far; it becomes an [`Event`].
#[derive(Default)]
struct Doing {
    flights: Vec<Flight>,
    counts: BTreeMap<String, Counts>,
    stored: Vec<Artifact>,
    checks: Vec<Check>,
    protection: Option<Protection>,
    session: Option<String>,
}

/// A refusal with the actor that refuses and what the other end saw.
struct Refusing {
    by: ActorId,
    refused: Refused,
    other_end: Option<String>,
}

/// The one device of a run; other devices and sessions of the same flow have names of their own.
const INSTANCE: &str = "device-1";

impl<'r> Machine<'r> {
    /// A machine before the first step.
    pub fn new(flow: &'r Flow, scenario: &'r Scenario, env: &'r Env) -> Self {
        let stores = scenario.actors.iter().map(|_| Store::new()).collect();
        let (sessions, registry) = (BTreeMap::new(), Registry::default());
        Self { flow, scenario, env, clock: env.clock, stores, sessions, registry }
    }

    /// Executes the steps until the end or the first refusal that the flow does not expect.
    pub fn run(mut self) -> Trace {
        let scenario = self.scenario;
        let mut events = Vec::new();
        let mut outcome = Outcome::Completed;
        for (index, step) in scenario.steps.iter().enumerate() {
            let event = self.event(index + 1, step);
            let refused = match &event.outcome {
                EventOutcome::Rejected(rejection) if !rejection.expected => Some(rejection.clone()),
                EventOutcome::Rejected(_) | EventOutcome::Done => None,
            };
            events.push(event);
            if let Some(rejection) = refused {
                outcome = Outcome::Rejected { step: step.id.clone(), rejection };
                break;
            }
        }
        self.trace(events, outcome)
    }

    fn trace(self, events: Vec<Event>, outcome: Outcome) -> Trace {
        let stores = self
            .scenario
            .actors
            .iter()
            .zip(self.stores)
            .map(|(actor, store)| {
                let artifacts = store.into_iter().map(|(name, held)| (name, held.artifact));
                (actor.id.clone(), artifacts.collect())
            })
            .collect();
        Trace {
            format: Trace::FORMAT,
            notice: Trace::NOTICE.to_owned(),
            flow: self.flow.id.clone(),
            scenario: self.scenario.id.clone(),
            started: self.env.clock,
            actors: parties(self.flow, self.scenario),
            links: paths(self.flow),
            events,
            outcome,
            stores,
            registry: self.registry,
        }
    }

    fn event(&mut self, number: usize, step: &Step) -> Event {
        let clock = self.clock;
        let mut doing = Doing::default();
        let result = match &step.place {
            StepPlace::At(actor) => self.perform(step, *actor, *actor, &mut doing),
            StepPlace::Setup { from, to } => self.perform(step, *from, *to, &mut doing),
            StepPlace::Between { from, to, link, session } => match step.operation.spec().shape {
                Shape::Session => self.open(step, *from, *to, &mut doing),
                Shape::Close => self.close(step, *from, session.as_deref(), &mut doing),
                Shape::Local | Shape::Message | Shape::Setup => {
                    self.deliver(step, [*from, *to], *link, session.as_deref(), &mut doing)
                }
            },
        };
        self.leak(&mut doing);
        let outcome = match result {
            Ok(()) => EventOutcome::Done,
            Err(refusing) => EventOutcome::Rejected(self.rejection(step, refusing)),
        };
        Event {
            number,
            step: step.id.clone(),
            title: step.title.clone(),
            phase: step.phase.clone(),
            why: step.why.clone(),
            clause: step.clause.clone(),
            clock,
            place: self.place(step),
            operation: step.operation.spec().name.to_owned(),
            edit: step.edit,
            protection: doing.protection.unwrap_or(Protection::None),
            session: doing.session,
            flights: doing.flights,
            counts: doing.counts,
            stored: doing.stored,
            checks: doing.checks,
            outcome,
        }
    }

    fn rejection(&self, step: &Step, refusing: Refusing) -> Rejection {
        let by = self.actor(refusing.by).to_owned();
        let expected = step
            .expect_rejected
            .as_ref()
            .is_some_and(|expected| expected.by == by && expected.code == refusing.refused.code);
        Rejection {
            by,
            code: refusing.refused.code,
            message: refusing.refused.message,
            origin: refusing.refused.origin,
            other_end: refusing.other_end,
            expected,
        }
    }

    fn place(&self, step: &Step) -> Place {
        let name = |actor: ActorId| self.actor(actor).to_owned();
        match &step.place {
            StepPlace::At(actor) => Place::At { actor: name(*actor) },
            StepPlace::Setup { from, to } => Place::Setup { from: name(*from), to: name(*to) },
            StepPlace::Between { from, to, link, .. } => {
                Place::Between { from: name(*from), to: name(*to), link: self.flow.links[link.0].id.clone() }
            }
        }
    }

    fn actor(&self, actor: ActorId) -> &'r str {
        &self.scenario.actors[actor.0].id
    }

    fn party(&self, actor: ActorId, step: &Step, purpose: &str) -> Party {
        Party::new(&self.env.seed, &[&self.flow.id, INSTANCE, self.actor(actor), &step.id, purpose])
    }

    /// A local or setup operation of `actor`, whose result `holder` stores.
    fn perform(&mut self, step: &Step, actor: ActorId, holder: ActorId, doing: &mut Doing) -> Result<(), Refusing> {
        let args = self.args(step, &step.with, actor, doing)?;
        let mut party = self.party(actor, step, "operation");
        let mut acting = Acting::new(args, &step.id, self.clock, &mut self.registry);
        let result = party::act(&mut party, || step.operation.perform(&mut acting));
        let (checks, waits, verifies_session) = (acting.checks, acting.waits, acting.verifies_session);
        let layer = acting.layer;
        doing.count(self.actor(actor), party.counts);
        doing.checked(self.actor(actor), checks, result.is_err());
        self.clock.0 += waits;
        let value = result.map_err(|refused| Refusing { by: actor, refused, other_end: None })?;
        if let Some(id) = verifies_session {
            self.verified(&id, actor, doing);
        }
        if let (Some(name), Some(value)) = (&step.out, value) {
            let provenance = match &step.place {
                StepPlace::Setup { .. } => Provenance::Provisioned,
                StepPlace::At(_) | StepPlace::Between { .. } => Provenance::Made,
            };
            self.store(holder, name, value, step, provenance, doing);
            if let Some(layer) = layer {
                self.explain(holder, name, layer, doing);
            }
        }
        Ok(())
    }

    /// A check that had been put off holds: the session is no longer provisional.
    fn verified(&mut self, id: &str, actor: ActorId, doing: &mut Doing) {
        let Some(session) = self.sessions.get_mut(id) else { return };
        session.channel.peer_verified();
        let peer = if session.opener == actor { session.accepter } else { session.opener };
        doing.session = Some(id.to_owned());
        if let Some(check) = doing.checks.last_mut() {
            check.of = Some(self.scenario.actors[peer.0].id.clone());
        }
    }

    fn open(&mut self, step: &Step, from: ActorId, to: ActorId, doing: &mut Doing) -> Result<(), Refusing> {
        let with = self.args(step, &step.with, from, doing)?;
        let client = self.args(step, &step.client, from, doing)?;
        let server = self.args(step, &step.server, to, doing)?;
        let opening = Opening {
            client,
            server,
            with,
            client_party: self.party(from, step, "session"),
            server_party: self.party(to, step, "session"),
            clock: self.clock,
            step: &step.id,
        };
        let mut opened =
            step.operation.open(opening).map_err(|refused| Refusing { by: from, refused, other_end: None })?;
        doing.protection = opened.refused.is_none().then(|| opened.channel.protection());
        doing.session = Some(step.id.clone());
        self.fly(opened.flights, [from, to], doing);
        self.count_channel(&mut *opened.channel, [from, to], doing);
        let refused_by = opened.refused.as_ref().map(|refused| refused.by_opener);
        doing.checks.extend(opened.checks.iter().map(|check| self.end_check(check, [from, to], refused_by)));
        if let Some(refused) = opened.refused {
            return Err(refusing_end(refused, [from, to]));
        }
        for (end, of_opener) in [(from, true), (to, false)] {
            let view = Value::Session(opened.channel.view(of_opener));
            self.store(end, &step.id, view, step, Provenance::Made, doing);
        }
        let session = OpenSession { channel: opened.channel, opener: from, accepter: to };
        self.sessions.insert(step.id.clone(), session);
        Ok(())
    }

    fn end_check(&self, check: &EndCheck, ends: [ActorId; 2], refused_by_opener: Option<bool>) -> Check {
        let [by, of] = if check.by_opener { ends } else { [ends[1], ends[0]] };
        Check {
            by: self.actor(by).to_owned(),
            of: check.authenticates.then(|| self.actor(of).to_owned()),
            what: check.what.clone(),
            held: refused_by_opener != Some(check.by_opener),
        }
    }

    fn close(&mut self, step: &Step, from: ActorId, session: Option<&str>, doing: &mut Doing) -> Result<(), Refusing> {
        let Some((id, mut open)) = session.and_then(|id| self.sessions.remove_entry(id)) else {
            return Err(closed(from, &step.id));
        };
        let ends = [open.opener, open.accepter];
        doing.protection = Some(open.channel.protection());
        let sent = open.channel.close(open.opener == from);
        self.fly(sent, ends, doing);
        self.count_channel(&mut *open.channel, ends, doing);
        doing.session = Some(id);
        Ok(())
    }

    /// A message, in clear or through a session.
    fn deliver(
        &mut self,
        step: &Step,
        ends: [ActorId; 2],
        link: LinkId,
        session: Option<&str>,
        doing: &mut Doing,
    ) -> Result<(), Refusing> {
        let [from, to] = ends;
        let args = self.args(step, &step.with, from, doing)?;
        let layout = layout(&args);
        let mut party = self.party(from, step, "message");
        let mut acting = Acting::new(args, &step.id, self.clock, &mut self.registry);
        let message = party::act(&mut party, || step.operation.encode(&mut acting));
        doing.count(self.actor(from), party.counts);
        let message = message.map_err(|refused| Refusing { by: from, refused, other_end: None })?;
        let received = match session {
            None => self.send_clear(message.label, message.layer, ends, doing),
            Some(id) => self.send_through(id, message.label, message.layer, ends, doing)?,
        };
        let fields = step.operation.decode(&received, &layout).map_err(|why| Refusing {
            by: to,
            refused: Refused::malformed(why),
            other_end: None,
        })?;
        if session.is_none() && self.flow.links[link.0].exposure != Exposure::None {
            self.overhear(step, ends, &fields, doing);
        }
        self.bind(step, ends, &fields, doing)
    }

    fn send_clear(&self, label: String, layer: Layer, ends: [ActorId; 2], doing: &mut Doing) -> Vec<u8> {
        doing.protection = Some(Protection::Clear);
        let wire = layer.bytes.clone();
        let [from, to] = ends.map(|end| self.actor(end).to_owned());
        doing.flights.push(Flight { from, to, label, wire: wire.clone(), layers: vec![layer] });
        wire.0
    }

    fn send_through(
        &mut self,
        id: &str,
        label: String,
        layer: Layer,
        ends: [ActorId; 2],
        doing: &mut Doing,
    ) -> Result<Vec<u8>, Refusing> {
        doing.session = Some(id.to_owned());
        let mut session =
            self.sessions.remove(id).filter(|session| session.channel.is_open()).ok_or_else(|| closed(ends[0], id))?;
        let pair = [session.opener, session.accepter];
        doing.protection = Some(session.channel.protection());
        let (mut sent, result) = session.channel.send(session.opener == ends[0], &layer.bytes.0);
        if let Some(first) = sent.first_mut() {
            first.label = label;
            first.layers.push(layer.decrypted(true));
        }
        self.fly(sent, pair, doing);
        self.count_channel(&mut *session.channel, pair, doing);
        self.sessions.insert(id.to_owned(), session);
        result.map_err(|refused| refusing_end(refused, pair))
    }

    /// What the receiver stores of a message.
    fn bind(&mut self, step: &Step, ends: [ActorId; 2], fields: &Members, doing: &mut Doing) -> Result<(), Refusing> {
        let [from, to] = ends;
        let provenance = Provenance::Received { from: self.actor(from).to_owned() };
        for (name, field) in &step.receive {
            let Some(value) = member(fields, field) else {
                let refused = Refused::malformed(format!("the message has no `{field}`"));
                return Err(Refusing { by: to, refused, other_end: None });
            };
            self.store(to, name, value.clone(), step, provenance.clone(), doing);
        }
        Ok(())
    }

    /// Notes what the bytes mean that were stored last, as the operation that made them explains them.
    fn explain(&mut self, actor: ActorId, name: &str, layer: Layer, doing: &mut Doing) {
        let layer = Some(Arc::new(layer));
        if let (Some(shown), Some(held)) = (doing.stored.last_mut(), self.stores[actor.0].get_mut(name)) {
            shown.layer.clone_from(&layer);
            held.artifact.layer = layer;
        }
    }

    fn overhear(&mut self, step: &Step, ends: [ActorId; 2], fields: &Members, doing: &mut Doing) {
        let Some(attacker) = self.attacker().filter(|attacker| !ends.contains(attacker)) else { return };
        let value = Value::Members(fields.clone());
        self.store(attacker, &step.id, value, step, Provenance::Overheard, doing);
    }

    fn attacker(&self) -> Option<ActorId> {
        self.scenario.actors.iter().position(|actor| actor.id == ATTACKER).map(ActorId)
    }

    /// Gives the attacker what leaks, as soon as its owner holds it.
    fn leak(&mut self, doing: &mut Doing) {
        let Some(attacker) = self.attacker() else { return };
        for leak in &self.scenario.leaks {
            let Some(held) = self.stores[leak.actor.0].get(&leak.name).cloned() else { continue };
            if !self.stores[attacker.0].contains_key(&leak.name) {
                let provenance = Provenance::Leaked { from: self.actor(leak.actor).to_owned() };
                let artifact = Artifact { actor: ATTACKER.to_owned(), provenance, ..held.artifact };
                doing.stored.push(artifact.clone());
                self.stores[attacker.0].insert(leak.name.clone(), Holding { value: held.value, artifact });
            }
        }
    }

    fn store(
        &mut self,
        actor: ActorId,
        name: &str,
        value: Value,
        step: &Step,
        provenance: Provenance,
        doing: &mut Doing,
    ) {
        let artifact = artifact::artifact(self.actor(actor), name, &value, &step.id, provenance);
        doing.stored.push(artifact.clone());
        self.stores[actor.0].insert(name.to_owned(), Holding { value, artifact });
    }

    /// Looks up the names in `arguments` at `actor`; an impersonating attacker forges what it does not hold.
    fn args(
        &mut self,
        step: &Step,
        arguments: &BTreeMap<String, Argument>,
        actor: ActorId,
        doing: &mut Doing,
    ) -> Result<Args, Refusing> {
        let mut find = |name: &str| match self.stores[actor.0].get(name) {
            Some(held) => Ok(held.value.clone()),
            None => self.forged(step, name, actor, doing),
        };
        look_up(arguments, &mut find).map_err(|refused| Refusing { by: actor, refused, other_end: None })
    }

    fn forged(&mut self, step: &Step, name: &str, actor: ActorId, doing: &mut Doing) -> Result<Value, Refused> {
        let genuine = step
            .impersonated
            .filter(|_| self.actor(actor) == ATTACKER)
            .and_then(|impersonated| self.stores[impersonated.0].get(name))
            .map(|held| held.value.clone())
            .ok_or_else(|| Refused::policy("not-held", format!("`{}` does not hold `{name}`", self.actor(actor))))?;
        let mut party = self.party(actor, step, &format!("forge {name}"));
        let value = party::act(&mut party, || forge::forge(name, &genuine, self.clock))?;
        doing.count(self.actor(actor), party.counts);
        self.store(actor, name, value.clone(), step, Provenance::Forged, doing);
        Ok(value)
    }

    fn fly(&self, sent: Vec<Sent>, ends: [ActorId; 2], doing: &mut Doing) {
        let [opener, accepter] = ends.map(|end| self.actor(end).to_owned());
        doing.flights.extend(sent.into_iter().map(|sent| {
            let (from, to) =
                if sent.from_opener { (opener.clone(), accepter.clone()) } else { (accepter.clone(), opener.clone()) };
            Flight { from, to, label: sent.label, wire: Bytes(sent.wire), layers: sent.layers }
        }));
    }

    fn count_channel(&self, channel: &mut dyn Channel, ends: [ActorId; 2], doing: &mut Doing) {
        let (opener, accepter) = channel.take_counts();
        doing.count(self.actor(ends[0]), opener);
        doing.count(self.actor(ends[1]), accepter);
    }
}

impl Doing {
    fn count(&mut self, actor: &str, counts: Counts) {
        if !counts.is_zero() {
            self.counts.entry(actor.to_owned()).or_default().add(counts);
        }
    }

    /// Every check held, except the last one of an operation that refused.
    fn checked(&mut self, actor: &str, checks: Vec<String>, refused: bool) {
        let last = checks.len().saturating_sub(1);
        self.checks.extend(checks.into_iter().enumerate().map(|(index, what)| Check {
            by: actor.to_owned(),
            of: None,
            what,
            held: !(refused && index == last),
        }));
    }
}

fn refusing_end(refused: EndRefused, ends: [ActorId; 2]) -> Refusing {
    let by = if refused.by_opener { ends[0] } else { ends[1] };
    Refusing { by, refused: refused.refused, other_end: Some(refused.other_end) }
}

fn closed(by: ActorId, session: &str) -> Refusing {
    Refusing {
        by,
        refused: Refused::policy("session-closed", format!("the session `{session}` is not open")),
        other_end: None,
    }
}

/// What both ends know of a message: the kinds of what the sender puts in, and the layout with which it is read.
fn layout(args: &Args) -> Layout {
    let mut kinds = BTreeMap::new();
    for (name, arg) in &args.0 {
        add_kinds(name, arg, &mut kinds);
    }
    Layout { kinds, message: args.layout("read-as").or_else(|_| args.layout("layout")).ok() }
}

fn add_kinds(name: &str, arg: &Arg, kinds: &mut BTreeMap<String, ArtifactKind>) {
    match arg {
        Arg::Value(value) => {
            kinds.insert(name.to_owned(), value.kind());
            if let Value::Members(members) = value {
                for (member, value) in members {
                    add_kinds(&format!("{name}.{member}"), &Arg::Value(value.clone()), kinds);
                }
            }
        }
        Arg::Table(table) => {
            for (member, arg) in table {
                add_kinds(&format!("{name}.{member}"), arg, kinds);
            }
        }
        Arg::Boolean(_) | Arg::Layout(_) | Arg::List(_) => {}
    }
}

/// The field called `path`, or the member of a member that the dots in it lead to.
fn member<'f>(fields: &'f Members, path: &str) -> Option<&'f Value> {
    if let Some(value) = fields.get(path) {
        return Some(value);
    }
    let (name, rest) = path.split_once('.')?;
    match fields.get(name)? {
        Value::Members(inner) => member(inner, rest),
        _ => None,
    }
}

fn parties(flow: &Flow, scenario: &Scenario) -> Vec<TraceParty> {
    scenario
        .actors
        .iter()
        .map(|actor| TraceParty {
            id: actor.id.clone(),
            title: actor.title.clone(),
            zone: actor.zone.map(|zone| flow.zones[zone].id.clone()),
            role: actor.role.clone(),
            custody: actor.custody,
        })
        .collect()
}

fn paths(flow: &Flow) -> Vec<Path> {
    flow.links
        .iter()
        .map(|link| Path {
            id: link.id.clone(),
            between: link.ends.map(|end| flow.actors[end.0].id.clone()),
            medium: link.medium,
            exposure: link.exposure,
        })
        .collect()
}
