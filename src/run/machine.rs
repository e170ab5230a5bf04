//! The machine that executes the steps of one scenario.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Env;
use super::artifact;
use super::budget::Budget;
use super::doing::{Doing, Refusing, Stopped, closed, refusing_end};
use super::forge;
use super::store::{Holding, Store, look_up};
use super::tamper::{self, Recordings};
use crate::annotation::{Bytes, Kind, Known, Layer, leaves};
use crate::clock::Timestamp;
use crate::crypto::key::memory::Memory;
use crate::crypto::mac;
use crate::crypto::party::{self, Party};
use crate::flow::{
    ATTACKER, ActorId, Argument, Exposure, Flow, Instance, Interference, LinkId, Per, Scenario, Step, StepPlace,
    Tamper, Target,
};
use crate::operation::acting::check_size;
use crate::operation::channel::{EndCheck, Sent};
use crate::operation::{self, Acting, Args, Channel, Layout, Members, Message, Opening, Refused, Shape};
use crate::registry::Registry;
use crate::trace::{
    Artifact, Check, EditMark, Event, EventOutcome, Flight, Learned, Outcome, Party as TraceParty, Path, Place,
    ProbeLayer, Protection, Provenance, Rejection, Trace,
};
use crate::value::Value;

/// Executes one scenario.
pub struct Machine<'r> {
    flow: &'r Flow,
    scenario: &'r Scenario,
    env: &'r Env,
    instance: Instance,
    recordings: &'r Recordings,
    /// Interference beside that of the scenario.
    probe: Option<&'r Tamper>,
    memory: Option<Arc<Memory>>,
    clock: Timestamp,
    stores: Vec<Store>,
    sessions: BTreeMap<String, OpenSession>,
    registry: Registry,
    /// Requests so far by step, for those that answer them: as they were sent, and as they arrived.
    asked: BTreeMap<String, [Arc<[u8]>; 2]>,
    /// Flights so far by step, for those that are sent once more.
    sent: BTreeMap<String, Vec<Flight>>,
    /// Digests of what somebody on the links has read.
    read: BTreeSet<String>,
    /// The kinds of the bytes made so far, and where every layer finds them once the run has ended.
    kinds: BTreeMap<Vec<u8>, Kind>,
    known: Known,
    budget: Budget,
}

struct OpenSession {
    channel: Box<dyn Channel>,
    opener: ActorId,
    accepter: ActorId,
    exposure: Exposure,
}

impl<'r> Machine<'r> {
    /// A machine before the first step, for a run of `instance`.
    pub fn new(
        flow: &'r Flow,
        scenario: &'r Scenario,
        env: &'r Env,
        instance: Instance,
        recordings: &'r Recordings,
    ) -> Self {
        Self {
            flow,
            scenario,
            env,
            instance,
            recordings,
            probe: None,
            memory: None,
            clock: env.clock,
            stores: scenario.actors.iter().map(|_| Store::new()).collect(),
            sessions: BTreeMap::new(),
            registry: Registry::default(),
            asked: BTreeMap::new(),
            sent: BTreeMap::new(),
            read: BTreeSet::new(),
            kinds: BTreeMap::new(),
            known: Known::default(),
            budget: Budget::default(),
        }
    }

    /// The same with one more interference, where there is one.
    #[must_use]
    pub fn probed(self, probe: Option<&'r Tamper>) -> Self {
        Self { probe, ..self }
    }

    /// The same with keys and signatures that other runs of the flow have made.
    #[must_use]
    pub fn remembering(self, memory: &Arc<Memory>) -> Self {
        Self { memory: Some(Arc::clone(memory)), ..self }
    }

    /// Executes the steps until the end or the first refusal that the flow does not expect.
    pub fn run(mut self) -> Trace {
        let scenario = self.scenario;
        let mut events = Vec::with_capacity(scenario.steps.len());
        let mut outcome = Outcome::Completed;
        for (index, step) in scenario.steps.iter().enumerate() {
            let event = self.event(index + 1, step);
            self.budget.spend(&event);
            let stopped = match &event.outcome {
                EventOutcome::Rejected(rejection) if !rejection.expected => {
                    Some(Outcome::Rejected { step: step.id.clone(), rejection: rejection.clone() })
                }
                EventOutcome::Stalled { waiting } => {
                    Some(Outcome::Stalled { step: step.id.clone(), waiting: waiting.clone() })
                }
                EventOutcome::Rejected(_) | EventOutcome::Done => None,
            };
            if scenario.steps.iter().any(|other| other.repeats.as_ref().is_some_and(|first| first.step == step.id)) {
                self.sent.insert(step.id.clone(), event.flights.clone());
            }
            events.push(event);
            if let Some(stopped) = stopped {
                outcome = stopped;
                break;
            }
        }
        self.trace(events, outcome)
    }

    fn trace(self, events: Vec<Event>, outcome: Outcome) -> Trace {
        self.known.settle(self.kinds);
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
            probes: Vec::new(),
        }
    }

    fn event(&mut self, number: usize, step: &Step) -> Event {
        let clock = self.clock;
        let mut doing = Doing::default();
        let acts = step.place.acts();
        let costs = self.budget.check().map_err(|refused| Refusing { by: acts, refused, other_end: None }.into());
        let result = costs.and_then(|()| match &step.place {
            StepPlace::At(actor) => self.perform(step, *actor, *actor, &mut doing),
            StepPlace::Setup { from, to } => self.perform(step, *from, *to, &mut doing),
            StepPlace::Between { from, to, link, session } => match step.operation.spec().shape {
                Shape::Session => self.open(step, [*from, *to], *link, &mut doing),
                Shape::Close => self.close(step, *from, session.as_deref(), &mut doing),
                Shape::Local | Shape::Message | Shape::Setup => {
                    self.deliver(step, [*from, *to], *link, session.as_deref(), &mut doing)
                }
            },
        });
        self.leak(&mut doing);
        if let StepPlace::Between { link, .. } = &step.place {
            doing.relayed(step, self.flow.links[link.0].through.map(|relay| self.actor(relay)));
        }
        let outcome = match result {
            Ok(()) => EventOutcome::Done,
            Err(Stopped::Refused(refusing)) => EventOutcome::Rejected(self.rejection(step, refusing)),
            Err(Stopped::Waiting(actor)) => EventOutcome::Stalled { waiting: self.actor(actor).to_owned() },
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
            key_log: doing.key_log,
            counts: doing.counts,
            person_seconds: doing.person_seconds,
            stored: doing.stored,
            checks: doing.checks,
            learned: doing.learned,
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

    /// The randomness of a step is named after what it belongs to, so that another device has other keys and the same
    /// authorities, and another session other nonces and the same keys.
    fn party(&self, actor: ActorId, step: &Step, purpose: &str) -> Party {
        let Instance { device, session } = self.instance;
        let owner = match step.per {
            Per::Fleet => "fleet".to_owned(),
            Per::Owner => "owner".to_owned(),
            Per::Device => format!("device-{device}"),
            Per::Session => format!("device-{device}/session-{session}"),
        };
        let name = [&self.flow.id, &owner, self.actor(actor), &step.id, purpose];
        Party::new(&self.env.seed, &name).remembering(self.memory.clone())
    }

    /// What time it is for `actor` in `step`.
    fn clock_of(&self, actor: ActorId, step: &Step) -> Timestamp {
        let position = |id: &str| self.scenario.steps.iter().position(|step| step.id == id);
        let mut wrong = self.scenario.clocks.iter().filter(|clock| clock.actor == actor);
        let ahead = wrong.rfind(|clock| position(&clock.from) <= position(&step.id)).map_or(0, |clock| clock.ahead);
        self.clock.plus(ahead)
    }

    /// A local or setup operation of `actor`, whose result `holder` stores.
    fn perform(&mut self, step: &Step, actor: ActorId, holder: ActorId, doing: &mut Doing) -> Result<(), Stopped> {
        let args = self.args(step, &step.with, actor, doing)?;
        let mut party = self.party(actor, step, "operation");
        let (clock, name) = (self.clock_of(actor, step), self.actor(actor));
        let mut acting = Acting::new(args, &step.id, clock, &mut self.registry).by(name);
        let result = party::act(&mut party, || step.operation.perform(&mut acting));
        let (checks, waits, verifies_session) = (acting.checks, acting.waits, acting.verifies_session);
        let layer = acting.layer;
        let person_seconds = acting.person_seconds;
        doing.count(self.actor(actor), party.counts);
        doing.checked(self.actor(actor), checks, result.is_err());
        self.clock = self.clock.plus(waits);
        doing.person_seconds = person_seconds;
        let value = result.and_then(|value| check_size(value.as_ref().map_or(0, Value::size)).map(|()| value));
        let value = value.map_err(|refused| Refusing { by: actor, refused, other_end: None })?;
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

    fn open(&mut self, step: &Step, ends: [ActorId; 2], link: LinkId, doing: &mut Doing) -> Result<(), Stopped> {
        let [from, to] = ends;
        let with = self.args(step, &step.with, from, doing)?;
        let client = self.args(step, &step.client, from, doing)?;
        let server = self.args(step, &step.server, to, doing)?;
        let mut hand = self.hand_on_handshake(step);
        let opening = Opening {
            client,
            server,
            with,
            client_party: self.party(from, step, "session"),
            server_party: self.party(to, step, "session"),
            client_clock: self.clock_of(from, step),
            server_clock: self.clock_of(to, step),
            alter: &mut *hand,
            recorded: self.recorded_opener(step),
            step: &step.id,
        };
        let opened = step.operation.open(opening);
        drop(hand);
        let mut opened = opened.map_err(|refused| Refusing { by: from, refused, other_end: None })?;
        let is_open = opened.refused.is_none() && opened.waiting.is_none();
        doing.protection = is_open.then(|| opened.channel.protection());
        doing.session = Some(step.id.clone());
        doing.key_log = opened.channel.key_log();
        let exposure = self.flow.links[link.0].exposure;
        self.fly(opened.flights, ends, exposure, step, doing);
        self.count_channel(&mut *opened.channel, ends, doing);
        let refused_by = opened.refused.as_ref().map(|refused| refused.by_opener).or(opened.waiting);
        doing.checks.extend(opened.checks.iter().map(|check| self.end_check(check, ends, refused_by)));
        if let Some(refused) = opened.refused {
            return Err(refusing_end(refused, ends).into());
        }
        if let Some(is_opener) = opened.waiting {
            return Err(Stopped::Waiting(if is_opener { from } else { to }));
        }
        for (end, of_opener) in [(from, true), (to, false)] {
            let view = Value::Session(Arc::new(opened.channel.view(of_opener)));
            self.store(end, &step.id, view, step, Provenance::Made, doing);
        }
        let session = OpenSession { channel: opened.channel, opener: from, accepter: to, exposure };
        self.sessions.insert(step.id.clone(), session);
        Ok(())
    }

    /// What the scenario and the probe do on the link to `flight` of `step`.
    fn interference(&self, step: &Step, flight: usize, layer: ProbeLayer) -> Option<&'r Interference> {
        tamper::find(self.scenario.tampers.iter().chain(self.probe), &step.id, flight, layer)
    }

    /// What the opener sent in the step that is repeated, flight by flight.
    fn recorded_opener(&self, step: &Step) -> Option<Vec<Vec<u8>>> {
        let flights = self.sent.get(&step.repeats.as_ref()?.step)?;
        let opener = &flights.first()?.from;
        Some(flights.iter().filter(|flight| flight.from == *opener).map(|flight| flight.wire.0.clone()).collect())
    }

    /// The hand on the link while a session is opened: it interferes with one flight.
    fn hand_on_handshake(&self, step: &Step) -> Box<Hand<'r>> {
        let (scenario, probe, recordings) = (self.scenario, self.probe, self.recordings);
        let (id, mut number) = (step.id.clone(), 0);
        Box::new(move |_, wire| {
            let found = tamper::find(scenario.tampers.iter().chain(probe), &id, number, ProbeLayer::Wire);
            if let Some(how) = found {
                let recorded = recorded(how, recordings, &id, number);
                tamper::alter(how, wire, None, recorded.map(|flight| flight.wire.0.as_slice()));
            }
            number += 1;
        })
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

    fn close(&mut self, step: &Step, from: ActorId, session: Option<&str>, doing: &mut Doing) -> Result<(), Stopped> {
        let Some((id, mut open)) = session.and_then(|id| self.sessions.remove_entry(id)) else {
            return Err(closed(from, &step.id).into());
        };
        let ends = [open.opener, open.accepter];
        doing.protection = Some(open.channel.protection());
        let how = self.interference(step, 0, ProbeLayer::Wire);
        let recorded = how.and_then(|how| recorded(how, self.recordings, &step.id, 0));
        let (sent, refused) = open.channel.close(open.opener == from, &mut |wire| {
            if let Some(how) = how {
                tamper::alter(how, wire, None, recorded.map(|flight| flight.wire.0.as_slice()));
            }
        });
        self.fly(sent, ends, open.exposure, step, doing);
        self.count_channel(&mut *open.channel, ends, doing);
        doing.session = Some(id);
        refused.map_or(Ok(()), |refused| Err(refusing_end(refused, ends).into()))
    }

    /// A message, in clear or through a session.
    fn deliver(
        &mut self,
        step: &Step,
        ends: [ActorId; 2],
        link: LinkId,
        session: Option<&str>,
        doing: &mut Doing,
    ) -> Result<(), Stopped> {
        let [from, to] = ends;
        let args = self.args(step, &step.with, from, doing)?;
        let asked = step.reply_to.as_ref().and_then(|request| self.asked.get(request));
        let layout = Layout { asked: asked.map(|[sent, _]| Arc::clone(sent)), ..Layout::of(&args) };
        let message = self.message(step, from, args, doing)?;
        let exposure = self.flow.links[link.0].exposure;
        let sent: Arc<[u8]> = message.layer.bytes.0.as_slice().into();
        let received = match session {
            None => self.send_clear(step, message, ends, exposure, doing)?,
            Some(id) => self.send_through(step, id, message, ends, doing)?,
        };
        if self.scenario.steps.iter().any(|other| other.reply_to.as_ref() == Some(&step.id)) {
            self.asked.insert(step.id.clone(), [sent, received.as_slice().into()]);
        }
        let fields = step.operation.decode(&received, &layout).map_err(|why| Refusing {
            by: to,
            refused: Refused::malformed(why),
            other_end: None,
        })?;
        if session.is_none() && exposure != Exposure::None {
            self.overhear(step, ends, &fields, doing);
        }
        if let (None, Some(relay)) = (session, self.flow.links[link.0].through) {
            doing.read(step, self.actor(relay), self.actor(from), &fields);
        }
        self.bind(step, ends, &fields, doing)?;
        self.recognise(step, &fields, doing);
        Ok(())
    }

    /// What the sender writes; a dishonest one writes something else.
    fn message(&mut self, step: &Step, from: ActorId, args: Args, doing: &mut Doing) -> Result<Message, Stopped> {
        let again = step.repeats.as_ref().filter(|first| first.layer == ProbeLayer::Inside || is_clear(step));
        if let Some(flight) = again.and_then(|first| self.sent.get(&first.step)).and_then(|flights| flights.first()) {
            let layer =
                tamper::message(flight).cloned().unwrap_or_else(|| Layer::new("", flight.wire.0.clone(), Vec::new()));
            return Ok(Message { label: flight.label.clone(), layer: layer.decrypted(false) });
        }
        let mut party = self.party(from, step, "message");
        let (clock, name) = (self.clock_of(from, step), self.actor(from));
        let asked = step.reply_to.as_ref().and_then(|request| self.asked.get(request));
        let asked = asked.map(|[_, received]| Arc::clone(received));
        let mut acting = Acting::new(args, &step.id, clock, &mut self.registry).by(name);
        acting.asked = asked;
        let message = party::act(&mut party, || step.operation.encode(&mut acting));
        doing.count(self.actor(from), party.counts);
        let mut message = message.map_err(|refused| Refusing { by: from, refused, other_end: None })?;
        // One that was recorded elsewhere knows what was known there.
        message.layer = message.layer.knowing(self.known.clone());
        let layer = if is_clear(step) { ProbeLayer::Wire } else { ProbeLayer::Inside };
        Ok(match self.interference(step, 0, layer) {
            Some(how) => {
                self.altered(how, step, message).map_err(|refused| Refusing { by: from, refused, other_end: None })?
            }
            None => message,
        })
    }

    fn altered(&self, how: &Interference, step: &Step, message: Message) -> Result<Message, Refused> {
        if let Some(flight) = recorded(how, self.recordings, &step.id, 0)
            && let Some(layer) = tamper::message(flight)
        {
            return Ok(Message { label: flight.label.clone(), layer: layer.clone().decrypted(false) });
        }
        if let Interference::Flip(Target::Field(path)) = how
            && !tamper::has_field(&message.layer, path)
        {
            return Err(Refused::policy("no-field", format!("the message of `{}` has no field `{path}`", step.id)));
        }
        let mut bytes = message.layer.bytes.0.clone();
        tamper::alter(how, &mut bytes, Some(&message.layer), None);
        Ok(Message { layer: message.layer.with_bytes(bytes), label: message.label })
    }

    fn send_clear(
        &mut self,
        step: &Step,
        message: Message,
        ends: [ActorId; 2],
        exposure: Exposure,
        doing: &mut Doing,
    ) -> Result<Vec<u8>, Stopped> {
        doing.protection = Some(Protection::Clear);
        let wire = message.layer.bytes.clone();
        if wire.0.is_empty() {
            return Err(Stopped::Waiting(ends[1]));
        }
        let [from, to] = ends.map(|end| self.actor(end).to_owned());
        let flight = Flight { from, to, label: message.label, wire: wire.clone(), layers: vec![message.layer] };
        self.see(&flight, exposure, false, step, doing);
        doing.flights.push(flight);
        Ok(wire.0)
    }

    fn send_through(
        &mut self,
        step: &Step,
        id: &str,
        message: Message,
        ends: [ActorId; 2],
        doing: &mut Doing,
    ) -> Result<Vec<u8>, Stopped> {
        doing.session = Some(id.to_owned());
        let mut session =
            self.sessions.remove(id).filter(|session| session.channel.is_open()).ok_or_else(|| closed(ends[0], id))?;
        let pair = [session.opener, session.accepter];
        doing.protection = Some(session.channel.protection());
        let Message { label, layer } = message;
        if layer.bytes.0.is_empty() {
            return Err(Stopped::Waiting(ends[1]));
        }
        let from_opener = session.opener == ends[0];
        let again = step.repeats.as_ref().filter(|first| first.layer == ProbeLayer::Wire);
        let (mut sent, result) = if let Some(first) = again {
            let wire =
                self.sent.get(&first.step).and_then(|flights| flights.first()).map(|flight| flight.wire.0.clone());
            session.channel.inject(from_opener, &wire.unwrap_or_default())
        } else {
            let how = self.interference(step, 0, ProbeLayer::Wire);
            let recorded = how.and_then(|how| recorded(how, self.recordings, &step.id, 0));
            session.channel.send(from_opener, &layer.bytes.0, &mut |wire| {
                if let Some(how) = how {
                    tamper::alter(how, wire, None, recorded.map(|flight| flight.wire.0.as_slice()));
                }
            })
        };
        if let Some(first) = sent.first_mut() {
            first.label = label;
            first.layers.push(layer.decrypted(true));
        }
        self.fly(sent, pair, session.exposure, step, doing);
        self.count_channel(&mut *session.channel, pair, doing);
        self.sessions.insert(id.to_owned(), session);
        match result {
            Ok(read) if read.is_empty() => Err(Stopped::Waiting(ends[1])),
            Ok(read) => Ok(read),
            Err(refused) => Err(refusing_end(refused, pair).into()),
        }
    }

    /// Bytes of another run that the receiver stores are of the kind that their message says.
    fn recognise(&mut self, step: &Step, fields: &Members, doing: &Doing) {
        if step.edit != EditMark::Replayed {
            return;
        }
        let stored = step.receive.values().filter_map(|field| match operation::field(fields, field) {
            Some(Value::Bytes(bytes)) => Some(bytes),
            _ => None,
        });
        for bytes in stored {
            let layers = doing.flights.iter().flat_map(|flight| &flight.layers);
            let mut all = layers.flat_map(|layer| leaves(layer.fields()).into_iter().map(move |leaf| (layer, leaf)));
            if let Some((_, leaf)) = all.find(|(layer, leaf)| layer.bytes.0[leaf.start..leaf.end] == **bytes) {
                self.kinds.entry(bytes.clone()).or_insert(leaf.kind);
            }
        }
    }

    /// What the receiver stores of a message.
    fn bind(&mut self, step: &Step, ends: [ActorId; 2], fields: &Members, doing: &mut Doing) -> Result<(), Refusing> {
        let [from, to] = ends;
        let provenance = Provenance::Received { from: self.actor(from).to_owned() };
        for (name, field) in &step.receive {
            let Some(value) = operation::field(fields, field) else {
                let refused = Refused::malformed(format!("the message has no `{field}`"));
                return Err(Refusing { by: to, refused, other_end: None });
            };
            self.store(to, name, value.clone(), step, provenance.clone(), doing);
        }
        Ok(())
    }

    /// Notes what the bytes mean that were stored last, as the operation that made them explains them.
    fn explain(&mut self, actor: ActorId, name: &str, layer: Layer, doing: &mut Doing) {
        if let (Some(shown), Some(held)) = (doing.stored.last_mut(), self.stores[actor.0].get_mut(name)) {
            *shown = Arc::new(Artifact { layer: Some(Arc::new(layer)), ..Artifact::clone(shown) });
            held.artifact = Arc::clone(shown);
        }
    }

    /// Somebody on the link reads the fields of a message in clear.
    fn overhear(&mut self, step: &Step, ends: [ActorId; 2], fields: &Members, doing: &mut Doing) {
        for (name, value) in fields {
            let sha256 = hex::encode(mac::sha256(&value.canonical()));
            self.learn_on_link(format!("{}.{name}", step.id), sha256, false, doing);
        }
        let Some(attacker) = self.attacker().filter(|attacker| !ends.contains(attacker)) else { return };
        let value = Value::Members(fields.clone());
        self.store(attacker, &step.id, value, step, Provenance::Overheard, doing);
    }

    /// Somebody on an exposed link has the bytes that cross it, encrypted or not.
    fn see(&mut self, flight: &Flight, exposure: Exposure, sealed: bool, step: &Step, doing: &mut Doing) {
        if exposure != Exposure::None && flight.from != ATTACKER && !flight.wire.0.is_empty() {
            let sha256 = hex::encode(mac::sha256(&flight.wire.0));
            self.learn_on_link(step.id.clone(), sha256, sealed, doing);
        }
    }

    fn learn_on_link(&mut self, name: String, sha256: String, sealed: bool, doing: &mut Doing) {
        if !sealed {
            self.read.insert(sha256.clone());
        }
        let how = Provenance::Overheard;
        doing.learned.push(Learned { actor: ATTACKER.to_owned(), name, sha256, how, sealed });
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
                let artifact = Artifact { actor: ATTACKER.to_owned(), provenance, ..Artifact::clone(&held.artifact) };
                let artifact = Arc::new(artifact);
                doing.store(&artifact);
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
        let value = Arc::new(value);
        let artifact = Arc::new(artifact::artifact(self.actor(actor), name, &value, &step.id, provenance, &self.known));
        self.learn(actor, &value, step);
        doing.store(&artifact);
        self.stores[actor.0].insert(name.to_owned(), Holding { value, artifact });
    }

    /// Remembers what kind of bytes the step made.
    fn learn(&mut self, actor: ActorId, value: &Value, step: &Step) {
        let kind = match (value, step.operation.makes()) {
            // What an attacker takes for a secret may be anybody's public key, which explains itself.
            (Value::Secret(_), Kind::Plain) if Some(actor) != self.attacker() => Kind::Key,
            (_, kind) => kind,
        };
        if let (Value::Bytes(bytes) | Value::Secret(bytes), true) = (value, kind != Kind::Plain) {
            self.kinds.entry(bytes.clone()).or_insert(kind);
        }
    }

    /// Looks up the names in `arguments` at `actor`; an impersonating attacker forges what it does not hold.
    fn args(
        &mut self,
        step: &Step,
        arguments: &BTreeMap<String, Argument>,
        actor: ActorId,
        doing: &mut Doing,
    ) -> Result<Args, Refusing> {
        let is_other = self.instance.device != Instance::FIRST.device && !step.per.is_shared();
        let words: &[(String, String)] = if is_other { &self.flow.other_device } else { &[] };
        let mut find = |name: &str| match self.stores[actor.0].get(name) {
            Some(held) => Ok(Value::clone(&held.value)),
            None => self.forged(step, name, actor, doing),
        };
        look_up(arguments, words, &mut find).map_err(|refused| Refusing { by: actor, refused, other_end: None })
    }

    fn forged(&mut self, step: &Step, name: &str, actor: ActorId, doing: &mut Doing) -> Result<Value, Refused> {
        let genuine = step
            .impersonated
            .filter(|_| self.actor(actor) == ATTACKER)
            .and_then(|impersonated| self.stores[impersonated.0].get(name))
            .map(|held| Value::clone(&held.value))
            .ok_or_else(|| Refused::policy("not-held", format!("`{}` does not hold `{name}`", self.actor(actor))))?;
        let mut party = self.party(actor, step, &format!("forge {name}"));
        let value = party::act(&mut party, || forge::forge(name, &genuine, self.clock))?;
        doing.count(self.actor(actor), party.counts);
        let provenance = match value {
            Some(_) => Provenance::Forged,
            None if self.read.contains(&hex::encode(mac::sha256(&genuine.canonical()))) => Provenance::Overheard,
            None => Provenance::Presumed,
        };
        let value = value.unwrap_or(genuine);
        self.store(actor, name, value.clone(), step, provenance, doing);
        Ok(value)
    }

    fn fly(&mut self, sent: Vec<Sent>, ends: [ActorId; 2], exposure: Exposure, step: &Step, doing: &mut Doing) {
        let [opener, accepter] = ends.map(|end| self.actor(end).to_owned());
        for sent in sent {
            let (from, to) =
                if sent.from_opener { (opener.clone(), accepter.clone()) } else { (accepter.clone(), opener.clone()) };
            let flight = Flight { from, to, label: sent.label, wire: Bytes(sent.wire), layers: sent.layers };
            self.see(&flight, exposure, true, step, doing);
            doing.flights.push(flight);
        }
    }

    fn count_channel(&self, channel: &mut dyn Channel, ends: [ActorId; 2], doing: &mut Doing) {
        let (opener, accepter) = channel.take_counts();
        doing.count(self.actor(ends[0]), opener);
        doing.count(self.actor(ends[1]), accepter);
    }
}

/// A hand on the link: whether the opener sends, and the bytes before they arrive.
type Hand<'r> = dyn FnMut(bool, &mut Vec<u8>) + 'r;

/// Whether the step's message is sent through no session.
fn is_clear(step: &Step) -> bool {
    matches!(&step.place, StepPlace::Between { session: None, .. })
}

/// The flight that arrives in place of the genuine one.
fn recorded<'r>(how: &Interference, recordings: &'r Recordings, step: &str, flight: usize) -> Option<&'r Flight> {
    match how {
        Interference::Replace(instance) => recordings.flight(*instance, step, flight),
        Interference::Flip(_) | Interference::Truncate | Interference::Drop => None,
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
            through: link.through.map(|relay| flow.actors[relay.0].id.clone()),
        })
        .collect()
}
