//! The baseline and every scenario that changes it: life cycle, attacks, mitigations, and attacks with a mitigation.

use std::collections::BTreeSet;

use super::argument::Held;
use super::flow::{check_unique, word};
use super::layout::Layouts;
use super::scope::Scope;
use super::step::Stage;
use crate::diag::{Code, Sink, did_you_mean, error};
use crate::document::Node;
use crate::flow::def::{FlowDef, ScenarioDef, StepDef};
use crate::flow::parse::{MAX_STEPS, SETUP_PHASE, step_def, too_many_steps};
use crate::flow::{
    ATTACKER, Actor, ActorId, BASELINE, Custody, Expectation, Exposure, Interference, Leak, Link, Per, Scenario,
    ScenarioKind, Step, StepPlace, Tamper, Target, WrongClock, edit,
};
use crate::operation::Shape;
use crate::resolve::flow::DEVICE_ROLE;
use crate::source::Span;
use crate::trace::{EditMark, ProbeLayer};

/// Most scenarios of a flow; each is a run of its own.
const MAX_SCENARIOS: usize = 200;

/// Most that the steps of all scenarios weigh together: each scenario has a copy of the flow, with its changes.
const MAX_WEIGHT: usize = 3_000_000;

/// What the scenarios of a flow are resolved against.
pub struct Scenarios<'s> {
    /// The flow as written.
    pub def: &'s FlowDef,
    /// Which scenarios are resolved.
    pub scope: Scope<'s>,
    /// Its actors.
    pub actors: &'s [Actor],
    /// Its links.
    pub links: &'s [Link],
    /// The layouts of its messages.
    pub layouts: &'s Layouts,
    /// What each actor holds at the end of the baseline.
    pub held: &'s [Held],
}

/// The id of the scenario in which the attack called `attack` meets `mitigation`.
fn mitigated_id(attack: &str, mitigation: &Node) -> String {
    format!("{attack}-with-{}", mitigation.text("id"))
}

/// A scenario before its steps are resolved.
struct Sketch<'n> {
    id: String,
    title: String,
    why: String,
    kind: ScenarioKind,
    base: &'n str,
    edited: ScenarioDef,
    /// The table that says what leaks, and its threat.
    attack: Option<&'n Node>,
    expect: Option<&'n Node>,
    span: Span,
}

/// Scenarios with their edits made, as far as there is room for them.
struct Sketches<'n> {
    made: Vec<Option<Sketch<'n>>>,
    weight: usize,
}

impl<'n> Sketches<'n> {
    /// Adds a scenario; `None` where the scenarios of the flow are more than is allowed.
    fn add(&mut self, sketch: Option<Sketch<'n>>, span: &Span, sink: &mut Sink) -> Option<()> {
        let steps = sketch.iter().flat_map(|sketch| &sketch.edited.steps);
        self.weight += steps.map(|step| step.node.weight()).sum::<usize>();
        if self.weight > MAX_WEIGHT {
            let message = format!("the scenarios up to this one have more than {MAX_WEIGHT} values in their steps");
            let hint = "split the method into several flows, or shorten its steps: each scenario has a copy of them";
            sink.push(error(Code::INVALID_VALUE, span, message).hint(hint));
            return None;
        }
        self.made.push(sketch);
        Some(())
    }
}

impl<'s> Scenarios<'s> {
    /// Every scenario, the baseline with the resolved `steps` first; `None` where one has a mistake.
    pub fn resolve(&self, steps: Option<Vec<Step>>, sink: &mut Sink) -> Option<Vec<Scenario>> {
        let sketches = self.sketches(sink)?;
        let start = self.session_start(steps.as_deref().unwrap_or_default());
        let baseline = steps.map(|steps| self.baseline(steps, start.as_deref()));
        let scenarios: Vec<Option<Scenario>> =
            sketches.into_iter().map(|sketch| self.scenario(sketch?, start.as_deref(), sink)).collect();
        std::iter::once(baseline).chain(scenarios).collect()
    }

    fn baseline(&self, mut steps: Vec<Step>, start: Option<&str>) -> Scenario {
        self.assign_per(&mut steps, &self.def.steps, start);
        Scenario {
            id: BASELINE.to_owned(),
            kind: ScenarioKind::Baseline,
            base: None,
            title: "Baseline".to_owned(),
            why: String::new(),
            threat: None,
            actors: self.actors.to_vec(),
            steps,
            leaks: Vec::new(),
            tampers: Vec::new(),
            clocks: Vec::new(),
            expect: Expectation::Completed(String::new()),
            first_edit: None,
            span: self.def.node.span.clone(),
        }
    }

    /// Edits made, in the order of the file; `None` where there are too many.
    fn sketches(&self, sink: &mut Sink) -> Option<Vec<Option<Sketch<'s>>>> {
        let list = |key| self.def.node.find(key).map(Node::items).unwrap_or_default();
        let mut ids = vec![BASELINE];
        for key in ["lifecycle", "attack", "mitigation"] {
            for node in list(key) {
                check_unique(node, &mut ids, "scenario", sink);
            }
        }
        let against = list("mitigation").iter().map(|node| node.find("against").map_or(0, |map| map.entries().len()));
        let n_scenarios = ids.len() + against.sum::<usize>();
        if n_scenarios > MAX_SCENARIOS {
            let message = format!("the flow has {n_scenarios} scenarios, at most {MAX_SCENARIOS} are allowed");
            sink.error(Code::INVALID_VALUE, &self.def.node.span, message);
            return None;
        }
        let mut sketches = Sketches { made: Vec::new(), weight: 0 };
        let scope = self.scope;
        for node in list("lifecycle").iter().filter(|node| scope.has_base(node.text("id"), &self.def.node)) {
            sketches.add(self.lifecycle(node, sink), &node.span, sink)?;
        }
        for node in list("attack").iter().filter(|node| scope.has_scenario(node.text("id"))) {
            sketches.add(self.attack(node, sink), &node.span, sink)?;
        }
        for node in list("mitigation") {
            if scope.has_scenario(node.text("id")) {
                sketches.add(self.mitigation(node, sink), &node.span, sink)?;
            }
            let against = node.find("against").map(Node::entries).unwrap_or_default();
            for entry in against.iter().filter(|entry| scope.has_scenario(&mitigated_id(&entry.key, node))) {
                let attack = self.named("attack", &entry.key, &entry.key_span, sink);
                let mitigated = attack.and_then(|attack| self.mitigated(node, attack, &entry.value, &ids, sink));
                sketches.add(mitigated, &entry.key_span, sink)?;
            }
        }
        Some(sketches.made)
    }

    fn named(&self, key: &str, id: &str, span: &Span, sink: &mut Sink) -> Option<&'s Node> {
        let nodes = self.def.node.find(key).map(Node::items).unwrap_or_default();
        let found = nodes.iter().find(|node| node.text("id") == id);
        if found.is_none() {
            let hint = did_you_mean(id, nodes.iter().map(|node| node.text("id")));
            let what = if key == "lifecycle" { "life cycle scenario" } else { key };
            sink.push(error(Code::UNKNOWN_NAME, span, format!("no {what} is called `{id}`")).maybe_hint(hint));
        }
        found
    }

    fn lifecycle(&self, node: &'s Node, sink: &mut Sink) -> Option<Sketch<'s>> {
        let edited = edited(ScenarioDef::of(&self.def.steps), node, sink)?;
        let kind = ScenarioKind::Lifecycle(word(node, "shows")?);
        Some(Sketch { expect: node.find("expect"), ..sketch(node, kind, BASELINE, edited, None) })
    }

    /// What a scenario starts from: the baseline, or the life cycle scenario that it names.
    fn base(&self, node: &'s Node, sink: &mut Sink) -> Option<(&'s str, ScenarioDef)> {
        let Some(base) = node.find("base") else { return Some((BASELINE, ScenarioDef::of(&self.def.steps))) };
        let id = base.as_text()?;
        let lifecycle = self.named("lifecycle", id, &base.span, sink)?;
        // Its own mistakes are reported where it is resolved for itself.
        let edited = edited(ScenarioDef::of(&self.def.steps), lifecycle, &mut Sink::default())?;
        Some((id, edited.as_base()))
    }

    fn attack(&self, node: &'s Node, sink: &mut Sink) -> Option<Sketch<'s>> {
        let (base, def) = self.base(node, sink)?;
        let edited = edited(def, node, sink)?;
        let no_mitigation = node.find("no-mitigation").and_then(Node::as_text).map(str::to_owned);
        let kind = ScenarioKind::Attack { no_mitigation };
        Some(Sketch { expect: node.find("expect"), ..sketch(node, kind, base, edited, Some(node)) })
    }

    fn mitigation(&self, node: &'s Node, sink: &mut Sink) -> Option<Sketch<'s>> {
        let (base, def) = self.base(node, sink)?;
        Some(sketch(node, ScenarioKind::Mitigation, base, edited(def, node, sink)?, None))
    }

    /// The attack once more, on the flow with the mitigation.
    fn mitigated(
        &self,
        node: &'s Node,
        attack: &'s Node,
        expect: &'s Node,
        ids: &[&str],
        sink: &mut Sink,
    ) -> Option<Sketch<'s>> {
        let (base, def) = self.base(attack, sink)?;
        // Mistakes of the mitigation itself are reported once, where it stands alone.
        let with_mitigation = edited(def, node, &mut Sink::default())?;
        let edited = edited(with_mitigation, attack, sink)?;
        let kind =
            ScenarioKind::Mitigated { attack: attack.text("id").to_owned(), mitigation: node.text("id").to_owned() };
        let id = mitigated_id(attack.text("id"), node);
        if ids.contains(&id.as_str()) {
            sink.error(Code::DUPLICATE_NAME, &expect.span, format!("a scenario is called `{id}` already"));
        }
        Some(Sketch {
            id,
            title: format!("{}, with {}", attack.text("title"), lower_first(node.text("title"))),
            why: node.text("why").to_owned(),
            expect: Some(expect),
            span: expect.span.clone(),
            ..sketch(attack, kind, base, edited, Some(attack))
        })
    }

    fn scenario(&self, sketch: Sketch<'_>, start: Option<&str>, sink: &mut Sink) -> Option<Scenario> {
        let leaks = sketch.attack.map_or(Some(Vec::new()), |node| leaks(node, self.actors, self.held, sink));
        let ScenarioDef { mut steps, tampers, repeats, clocks, first_edit } = sketch.edited;
        let tampered: Vec<Tamper> = tampers.iter().map(|def| def.tamper.clone()).collect();
        let acts = !tampers.is_empty() || repeats.iter().any(|repeat| repeat.layer == ProbeLayer::Wire);
        end_at_refusal(&mut steps, sketch.expect);
        let actors = with_attacker(self.actors, &steps, acts || leaks.as_ref().is_some_and(|leaks| !leaks.is_empty()));
        let mut stage = Stage::new(&actors, self.links, self.layouts, sink);
        stage.leak(leaks.as_deref().unwrap_or_default());
        let resolved: Vec<Option<Step>> = steps.iter().map(|step| stage.step(step)).collect();
        let mut resolved: Vec<Step> = resolved.into_iter().collect::<Option<_>>()?;
        self.assign_per(&mut resolved, &steps, start);
        for def in &tampers {
            self.check_tamper(&def.tamper, &def.span, &resolved, sink)?;
        }
        for repeat in &repeats {
            let Some(position) = resolved.iter().position(|step| step.id == repeat.step) else { continue };
            if repeat.layer == ProbeLayer::Wire {
                let tamper = Tamper::replay(&repeat.step);
                self.check_tamper(&tamper, &sketch.span, &resolved, sink)?;
            }
            let again = Step::once_more(&resolved, position, repeat.layer);
            let after = position + again.len();
            resolved.splice(after..after, again);
            if resolved.len() > MAX_STEPS {
                too_many_steps(&format!("`{}`", sketch.id), resolved.len(), &sketch.span, sink);
                return None;
            }
        }
        let clocks = clocks.iter().map(|clock| {
            let actor = actor_called(&clock.actor, &actors, sink)?;
            Some(WrongClock { actor, ahead: clock.ahead, from: clock.from.clone() })
        });
        let clocks: Option<Vec<WrongClock>> = clocks.collect::<Vec<_>>().into_iter().collect();
        let expect = match sketch.expect {
            Some(expect) => expectation(expect, &resolved, &actors, sink)?,
            None => Expectation::Completed(String::new()),
        };
        let threat = sketch.attack.map(|node| node.text("threat")).unwrap_or_default();
        Some(Scenario {
            id: sketch.id,
            title: sketch.title,
            why: sketch.why,
            threat: (!threat.is_empty()).then(|| threat.to_owned()),
            kind: sketch.kind,
            base: Some(sketch.base.to_owned()),
            actors,
            steps: resolved,
            leaks: leaks?,
            tampers: tampered,
            clocks: clocks?,
            expect,
            first_edit: Some(first_edit),
            span: sketch.span,
        })
    }

    /// Only an active attacker can touch what is on a link; what is inside of a session its end can send as it likes.
    fn check_tamper(&self, tamper: &Tamper, span: &Span, steps: &[Step], sink: &mut Sink) -> Option<()> {
        // What comes after the refusal that must follow is not there any more.
        let Some(step) = steps.iter().find(|step| step.id == tamper.step) else { return Some(()) };
        let StepPlace::Between { link, session, .. } = &step.place else {
            let message = format!("no bytes cross a link in `{}`", step.id);
            sink.push(error(Code::INVALID_EDIT, span, message).hint("name a message or the opening of a session"));
            return None;
        };
        let link = &self.links[link.0];
        let is_record = session.is_some() && tamper.layer == ProbeLayer::Wire;
        let has_fields = step.operation.spec().shape == Shape::Message && !is_record;
        if matches!(tamper.how, Interference::Flip(Target::Field(_))) && !has_fields {
            let message = format!("what crosses the link in `{}` are records, which have no fields to name", step.id);
            let found = error(Code::INVALID_EDIT, span, message);
            sink.push(found.hint("leave `field` out, or say `layer = \"inside\"` to change the message in them"));
            return None;
        }
        let found = match tamper.layer {
            ProbeLayer::Wire if link.exposure != Exposure::Active => {
                error(Code::OFF_LINK, span, format!("the attacker cannot touch what crosses the link `{}`", link.id))
                    .hint("its exposure is not `active`")
            }
            ProbeLayer::Inside if session.is_none() => {
                error(Code::INVALID_EDIT, span, format!("`{}` is sent through no session", step.id))
                    .hint("leave `layer` out: the bytes on the link are the message")
            }
            ProbeLayer::Wire | ProbeLayer::Inside => return Some(()),
        };
        sink.push(found);
        None
    }

    /// The first step of the phase in which the device's bytes first cross a link on which somebody else is: from there
    /// on, each session of the device is another one.
    fn session_start(&self, steps: &[Step]) -> Option<String> {
        let exposed = steps.iter().position(|step| match &step.place {
            StepPlace::Between { link, .. } => self.links[link.0].exposure != Exposure::None,
            StepPlace::At(_) | StepPlace::Setup { .. } => false,
        })?;
        let in_phase = steps[..exposed].iter().rev().take_while(|step| step.phase == steps[exposed].phase).count();
        Some(steps[exposed - in_phase].id.clone())
    }

    /// How often each step happens: as its author says, or by where it stands.
    fn assign_per(&self, steps: &mut [Step], defs: &[StepDef], start: Option<&str>) {
        let is_device = |actor: ActorId| self.actors.get(actor.0).is_some_and(|actor| actor.role == DEVICE_ROLE);
        // Where the step with which a session begins was taken out, the next one that the baseline has too stands for it.
        let from_start = self.def.steps.iter().skip_while(|step| Some(step.id.text.as_str()) != start);
        let session_ids: BTreeSet<&str> = from_start.map(|step| step.id.text.as_str()).collect();
        let start = steps.iter().position(|step| session_ids.contains(step.id.as_str())).unwrap_or(steps.len());
        for (index, (step, def)) in steps.iter_mut().zip(defs).enumerate() {
            let is_shared =
                def.phase == SETUP_PHASE && !matches!(&step.place, StepPlace::Setup { to, .. } if is_device(*to));
            step.per = match word(&def.node, "per") {
                Some(per) => per,
                None if is_shared => Per::Fleet,
                None if index < start => Per::Device,
                None => Per::Session,
            };
        }
    }
}

fn sketch<'n>(
    node: &'n Node,
    kind: ScenarioKind,
    base: &'n str,
    edited: ScenarioDef,
    attack: Option<&'n Node>,
) -> Sketch<'n> {
    Sketch {
        id: node.text("id").to_owned(),
        title: node.text("title").to_owned(),
        why: node.text("why").to_owned(),
        kind,
        base,
        edited,
        attack,
        expect: None,
        span: node.find("id").map_or(&node.span, |id| &id.span).clone(),
    }
}

/// `def` with the edits of the scenario written at `node`, and the steps that it appends.
fn edited(mut def: ScenarioDef, node: &Node, sink: &mut Sink) -> Option<ScenarioDef> {
    edit::apply(&mut def, node.find("edit").map(Node::items).unwrap_or_default(), sink)?;
    let appended = node.find("step").map(Node::items).unwrap_or_default();
    if !appended.is_empty() {
        def.first_edit = def.first_edit.min(def.steps.len());
    }
    let n_steps = def.steps.len() + appended.len();
    if n_steps > MAX_STEPS {
        too_many_steps(
            &format!("`{}`", node.text("id")),
            n_steps,
            node.find("id").map_or(&node.span, |id| &id.span),
            sink,
        );
        return None;
    }
    for step in appended {
        let phase = def.steps.last().map_or("run", |last| &last.phase).to_owned();
        def.steps.push(step_def(step, &phase, EditMark::Inserted));
    }
    Some(def)
}

fn lower_first(title: &str) -> String {
    let mut letters = title.chars();
    let first = letters.next().map(|first| first.to_lowercase().to_string()).unwrap_or_default();
    // An acronym stays as it is.
    if letters.clone().next().is_some_and(char::is_uppercase) { title.to_owned() } else { first + letters.as_str() }
}

/// The run ends with the refusal that must follow, so the attacker need not be able to act in what comes after it.
fn end_at_refusal(steps: &mut Vec<StepDef>, expect: Option<&Node>) {
    let ending = expect.and_then(|expect| expect.find("rejected").or_else(|| expect.find("stalled")));
    let Some(step) = ending.map(|ending| ending.text("step")) else { return };
    if let Some(position) = steps.iter().position(|known| known.id.text == step) {
        steps.truncate(position + 1);
    }
}

fn with_attacker(actors: &[Actor], steps: &[StepDef], is_needed: bool) -> Vec<Actor> {
    let mut actors = actors.to_vec();
    let acts = steps.iter().any(|step| ["at", "from", "to"].iter().any(|key| step.node.text(key) == ATTACKER));
    if acts || is_needed {
        actors.push(Actor {
            id: ATTACKER.to_owned(),
            title: "Attacker".to_owned(),
            zone: None,
            role: "attacker".to_owned(),
            custody: Custody::None,
        });
    }
    actors
}

fn leaks(node: &Node, actors: &[Actor], held: &[Held], sink: &mut Sink) -> Option<Vec<Leak>> {
    let written = node.find("leak").map(Node::items).unwrap_or_default();
    written.iter().map(|leak| self::leak(leak, actors, held, sink)).collect()
}

fn leak(node: &Node, actors: &[Actor], held: &[Held], sink: &mut Sink) -> Option<Leak> {
    let text = node.as_text()?;
    let found = text.split_once('/').and_then(|(actor, name)| {
        let index = actors.iter().position(|known| known.id == actor)?;
        held[index].contains_key(name).then(|| Leak { actor: ActorId(index), name: name.to_owned() })
    });
    if found.is_none() {
        let known: BTreeSet<String> = actors
            .iter()
            .zip(held)
            .flat_map(|(actor, held)| held.keys().map(move |name| format!("{}/{name}", actor.id)))
            .collect();
        let hint = did_you_mean(text, known.iter().map(String::as_str));
        sink.push(error(Code::UNKNOWN_NAME, &node.span, format!("no actor holds `{text}`")).maybe_hint(hint));
    }
    found
}

fn actor_called(node: &Node, actors: &[Actor], sink: &mut Sink) -> Option<ActorId> {
    let text = node.as_text()?;
    let found = actors.iter().position(|actor| actor.id == text).map(ActorId);
    if found.is_none() {
        let hint = did_you_mean(text, actors.iter().map(|actor| actor.id.as_str()));
        sink.push(error(Code::UNKNOWN_NAME, &node.span, format!("no actor is called `{text}`")).maybe_hint(hint));
    }
    found
}

fn expectation(expect: &Node, steps: &[Step], actors: &[Actor], sink: &mut Sink) -> Option<Expectation> {
    match (expect.find("rejected"), expect.find("accepted"), expect.find("stalled")) {
        (None, Some(consequence), None) => Some(Expectation::Completed(consequence.as_text()?.to_owned())),
        (Some(rejected), None, None) => {
            let (step, by) = ending(rejected, steps, actors, sink)?;
            Some(Expectation::Rejected { step, by, code: rejected.text("code").to_owned() })
        }
        (None, None, Some(stalled)) => {
            let (step, by) = ending(stalled, steps, actors, sink)?;
            Some(Expectation::Stalled { step, by })
        }
        _ => {
            let message = "`expect` says none or several of `rejected`, `accepted` and `stalled`";
            let found = error(Code::INVALID_EDIT, &expect.span, message);
            sink.push(found.hint("an attack is refused, or it gets through, or somebody waits for ever"));
            None
        }
    }
}

/// The step and the actor with which a scenario ends.
fn ending(node: &Node, steps: &[Step], actors: &[Actor], sink: &mut Sink) -> Option<(String, String)> {
    let step = node.text("step");
    known_step(node, step, steps, sink)?;
    actor_called(node.find("by")?, actors, sink)?;
    Some((step.to_owned(), node.text("by").to_owned()))
}

fn known_step(ending: &Node, step: &str, steps: &[Step], sink: &mut Sink) -> Option<()> {
    let span = ending.find("step").map_or(&ending.span, |step| &step.span);
    if step.is_empty() {
        sink.push(error(Code::MISSING_KEY, span, "the rejection has no `step`").hint("name the step that is refused"));
        return None;
    }
    if steps.iter().any(|known| known.id == step) {
        return Some(());
    }
    let hint = did_you_mean(step, steps.iter().map(|known| known.id.as_str()));
    sink.push(error(Code::UNKNOWN_NAME, span, format!("no step is called `{step}` in this scenario")).maybe_hint(hint));
    None
}
