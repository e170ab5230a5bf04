//! Steps as written → [`Step`]s, with what each actor holds after each of them.

use std::collections::BTreeMap;

use super::argument::{Held, Scope, expression_kind};
use super::layout::{self, Layouts};
use crate::diag::{Code, Reported, Sink, did_you_mean, error};
use crate::document::{Entry, Node};
use crate::flow::def::StepDef;
use crate::flow::{
    ATTACKER, Actor, ActorId, Argument, ExpectedRejection, Exposure, Leak, Link, LinkId, Per, Step, StepPlace,
};
use crate::operation::{self, Accepts, End, OPERATIONS, Operation, Shape};
use crate::trace::ArtifactKind;

/// Resolves the steps of one scenario.
pub struct Stage<'s> {
    actors: &'s [Actor],
    links: &'s [Link],
    layouts: &'s Layouts,
    held: Vec<Held>,
    sessions: BTreeMap<String, (ActorId, ActorId, LinkId)>,
    ids: Vec<String>,
    sink: &'s mut Sink,
}

impl<'s> Stage<'s> {
    /// A stage on which nothing has happened.
    pub fn new(actors: &'s [Actor], links: &'s [Link], layouts: &'s Layouts, sink: &'s mut Sink) -> Self {
        let held = vec![Held::new(); actors.len()];
        Self { actors, links, layouts, held, sessions: BTreeMap::new(), ids: Vec::new(), sink }
    }

    /// Gives the attacker what leaks to it; it knows the value from the moment at which its owner has it.
    pub fn leak(&mut self, leaks: &[Leak]) {
        let Some(attacker) = self.actors.iter().position(|actor| actor.id == ATTACKER) else { return };
        for leak in leaks {
            self.held[attacker].insert(leak.name.clone(), None);
        }
    }

    /// What each actor holds after the steps so far.
    pub fn into_held(self) -> Vec<Held> {
        self.held
    }

    /// Resolves the next step; `None` where it has a mistake. What it would store is held all the same, so that one
    /// mistake is not reported once for every step that follows from it.
    pub fn step(&mut self, def: &StepDef) -> Option<Step> {
        if self.ids.contains(&def.id.text) {
            self.sink.error(Code::DUPLICATE_NAME, &def.id.span, format!("a step is called `{}` already", def.id.text));
        }
        self.ids.push(def.id.text.clone());
        let operation = self.operation(&def.node);
        let place = operation.and_then(|operation| self.place(&def.node, operation));
        let (Some(operation), Some(place)) = (operation, place) else {
            self.hold_blindly(def);
            return None;
        };
        let arguments = self.arguments(def, operation, &place);
        let out = self.out(def, operation, &place);
        let receive = self.receive(def, operation, &place, arguments.as_ref());
        self.open(def, operation, &place);
        self.overhear(def, operation, &place);
        let expect_rejected = self.expected(&def.node).ok()?;
        let [with, client, server] = arguments?;
        let own_title = def.node.text("title");
        Some(Step {
            id: def.id.text.clone(),
            title: if own_title.is_empty() { operation.spec().name.replace('-', " ") } else { own_title.to_owned() },
            phase: def.phase.clone(),
            place,
            operation,
            with,
            client,
            server,
            out: out.ok()?,
            receive: receive?,
            reply_to: self.reply_to(&def.node).ok()?,
            expect_rejected,
            why: def.node.text("why").to_owned(),
            clause: def.node.text("clause").to_owned(),
            edit: def.edit,
            // Decided once all steps of the scenario stand.
            per: Per::Session,
            repeats: None,
            impersonated: def.impersonated.as_deref().and_then(|id| self.find_actor(id)),
            span: def.id.span.clone(),
        })
    }

    fn operation(&mut self, node: &Node) -> Option<&'static dyn Operation> {
        let name = node.find("op")?;
        let text = name.as_text()?;
        let found = operation::find(text);
        if found.is_none() {
            let hint =
                did_you_mean(text, OPERATIONS.iter().map(|operation| operation.spec().name)).unwrap_or_else(|| {
                    "the reference lists every operation; a new one is a file in `src/operation/`".to_owned()
                });
            self.sink
                .push(error(Code::UNKNOWN_OPERATION, &name.span, format!("unknown operation `{text}`")).hint(hint));
        }
        found
    }

    fn place(&mut self, node: &Node, operation: &'static dyn Operation) -> Option<StepPlace> {
        let spec = operation.spec();
        let needed: &[&str] = match spec.shape {
            Shape::Local => &["at"],
            Shape::Setup => &["from", "to"],
            Shape::Message if node.find("in").is_some() => &["from", "to", "in"],
            Shape::Message | Shape::Session => &["from", "to", "via"],
            Shape::Close => &["from", "to", "in"],
        };
        let mut sound = true;
        for key in ["at", "from", "to", "via", "in"] {
            match (node.find(key), needed.contains(&key)) {
                (None, true) => {
                    sound = false;
                    let message = format!("`{}` needs `{key}`", spec.name);
                    self.sink.push(error(Code::WRONG_PLACE, &node.span, message).hint(place_hint(spec.shape)));
                }
                (Some(written), false) => {
                    sound = false;
                    let message = format!("`{}` has no use for `{key}`", spec.name);
                    self.sink.push(error(Code::WRONG_PLACE, &written.span, message).hint(place_hint(spec.shape)));
                }
                _ => {}
            }
        }
        if !sound {
            return None;
        }
        if spec.shape == Shape::Local {
            return Some(StepPlace::At(self.actor(node.find("at")?)?));
        }
        let (from, to) = (self.actor(node.find("from")?), self.actor(node.find("to")?));
        let (from, to) = (from?, to?);
        if spec.shape == Shape::Setup {
            return Some(StepPlace::Setup { from, to });
        }
        if from == to {
            self.sink.error(Code::OFF_LINK, &node.find("to")?.span, "sender and receiver are the same actor");
            return None;
        }
        match node.find("in") {
            Some(session) => self.in_session(session, from, to),
            None => self.on_link(node.find("via")?, from, to),
        }
    }

    fn actor(&mut self, name: &Node) -> Option<ActorId> {
        let text = name.as_text()?;
        let found = self.find_actor(text);
        if found.is_none() {
            let hint = did_you_mean(text, self.actors.iter().map(|actor| actor.id.as_str()));
            self.sink
                .push(error(Code::UNKNOWN_NAME, &name.span, format!("no actor is called `{text}`")).maybe_hint(hint));
        }
        found
    }

    fn find_actor(&self, id: &str) -> Option<ActorId> {
        self.actors.iter().position(|actor| actor.id == id).map(ActorId)
    }

    fn is_attacker(&self, actor: ActorId) -> bool {
        self.actors[actor.0].id == ATTACKER
    }

    fn on_link(&mut self, name: &Node, from: ActorId, to: ActorId) -> Option<StepPlace> {
        let text = name.as_text()?;
        let Some(index) = self.links.iter().position(|link| link.id == text) else {
            let hint = did_you_mean(text, self.links.iter().map(|link| link.id.as_str()));
            self.sink
                .push(error(Code::UNKNOWN_NAME, &name.span, format!("no link is called `{text}`")).maybe_hint(hint));
            return None;
        };
        let link = &self.links[index];
        let is_end = |actor: ActorId| {
            link.ends.contains(&actor) || (self.is_attacker(actor) && link.exposure == Exposure::Active)
        };
        if let Some(off) = [from, to].into_iter().find(|actor| !is_end(*actor)) {
            let ends = link.ends.map(|end| format!("`{}`", self.actors[end.0].id)).join(" and ");
            let message = format!("`{}` is not on the link `{text}`", self.actors[off.0].id);
            let hint = if self.is_attacker(off) {
                format!("its exposure is not `active`; an attacker there can read at most; it joins {ends}")
            } else {
                format!("`{text}` joins {ends}")
            };
            self.sink.push(error(Code::OFF_LINK, &name.span, message).hint(hint));
            return None;
        }
        Some(StepPlace::Between { from, to, link: LinkId(index), session: None })
    }

    fn in_session(&mut self, name: &Node, from: ActorId, to: ActorId) -> Option<StepPlace> {
        let text = name.as_text()?;
        let Some((opener, accepter, link)) = self.sessions.get(text).copied() else {
            let hint = did_you_mean(text, self.sessions.keys().map(String::as_str));
            let message = format!("no earlier step opens a session called `{text}`");
            self.sink.push(error(Code::UNKNOWN_NAME, &name.span, message).maybe_hint(hint));
            return None;
        };
        if (from, to) != (opener, accepter) && (to, from) != (opener, accepter) {
            let ends = [opener, accepter].map(|end| format!("`{}`", self.actors[end.0].id)).join(" and ");
            let off = if from == opener || from == accepter { to } else { from };
            let message = format!("`{}` is not an end of the session `{text}`", self.actors[off.0].id);
            self.sink.push(error(Code::OFF_LINK, &name.span, message).hint(format!("its ends are {ends}")));
            return None;
        }
        Some(StepPlace::Between { from, to, link, session: Some(text.to_owned()) })
    }

    /// The arguments in `with`, `client` and `server`.
    fn arguments(
        &mut self,
        def: &StepDef,
        operation: &'static dyn Operation,
        place: &StepPlace,
    ) -> Option<[BTreeMap<String, Argument>; 3]> {
        let (first, second) = ends(place);
        let with = self.table(def, operation, End::With, first);
        let client = self.table(def, operation, End::Client, first);
        let server = self.table(def, operation, End::Server, second);
        Some([with?, client?, server?])
    }

    fn table(
        &mut self,
        def: &StepDef,
        operation: &'static dyn Operation,
        end: End,
        actor: ActorId,
    ) -> Option<BTreeMap<String, Argument>> {
        let spec = operation.spec();
        let key = end_key(end);
        let node = def.node.find(key);
        let entries = node.map(Node::entries).unwrap_or_default();
        let held = self.held_by(actor, def);
        let mut scope = Scope { actor: &self.actors[actor.0].id, held: &held, layouts: self.layouts, sink: self.sink };
        let params: Vec<_> = spec.params.iter().filter(|param| param.end == end).collect();
        let mut found = BTreeMap::new();
        let mut sound = true;
        for entry in entries {
            let any = params.iter().find(|param| param.name == "*");
            let Some(param) = params.iter().find(|param| param.name == entry.key).or(any) else {
                sound = false;
                let hint = did_you_mean(&entry.key, params.iter().map(|param| param.name));
                let message = format!("`{}` has no argument `{}` in `{key}`", spec.name, entry.key);
                scope.sink.push(error(Code::UNKNOWN_ARGUMENT, &entry.key_span, message).maybe_hint(hint));
                continue;
            };
            match scope.argument(&entry.value, param) {
                Some(argument) => drop(found.insert(entry.key.clone(), argument)),
                None => sound = false,
            }
        }
        for param in
            params.iter().filter(|param| param.required && !entries.iter().any(|entry| entry.key == param.name))
        {
            sound = false;
            let span = node.map_or(&def.node.span, |node| &node.span);
            let message = format!("`{}` needs `{key}.{}`", spec.name, param.name);
            scope
                .sink
                .push(error(Code::MISSING_ARGUMENT, span, message).hint(format!("{}: {}", param.name, param.summary)));
        }
        if let (Some(node), Some(layout)) = (node, layout::layout_of(&found, "layout")) {
            let has_fields = params.iter().any(|param| param.accepts == Accepts::Field);
            sound &= !has_fields || layout::check_fields(layout, node, &found, &held, scope.sink);
        }
        sound.then_some(found)
    }

    /// What `actor` can use in the step; the attacker also knows by name what the actor holds whose place it takes.
    fn held_by(&self, actor: ActorId, def: &StepDef) -> Held {
        let mut held = self.held[actor.0].clone();
        if let Some(impersonated) = def.impersonated.as_deref().and_then(|id| self.find_actor(id))
            && self.is_attacker(actor)
        {
            for (name, kind) in &self.held[impersonated.0] {
                held.entry(name.clone()).or_insert(*kind);
            }
        }
        held
    }

    fn out(
        &mut self,
        def: &StepDef,
        operation: &'static dyn Operation,
        place: &StepPlace,
    ) -> Result<Option<String>, Reported> {
        let Some(name) = def.node.find("out") else { return Ok(None) };
        let text = name.as_text().unwrap_or_default().to_owned();
        let spec = operation.spec();
        if spec.result.is_none() {
            self.sink.error(Code::UNKNOWN_ARGUMENT, &name.span, format!("`{}` has no result to store", spec.name));
            return Err(Reported);
        }
        let holder = match place {
            StepPlace::At(actor) => *actor,
            StepPlace::Setup { to, .. } | StepPlace::Between { to, .. } => *to,
        };
        let with = def.node.find("with");
        let kind = operation.result(&|key| with?.find(key)?.as_text().map(str::to_owned));
        if self.store(holder, &text, kind, name) { Ok(Some(text)) } else { Err(Reported) }
    }

    fn store(&mut self, actor: ActorId, name: &str, kind: Option<ArtifactKind>, node: &Node) -> bool {
        let is_new = self.held[actor.0].insert(name.to_owned(), kind).is_none();
        if !is_new {
            let message = format!("`{}` holds `{name}` already", self.actors[actor.0].id);
            self.sink
                .push(error(Code::DUPLICATE_NAME, &node.span, message).hint("names are written once; choose another"));
        }
        is_new
    }

    fn receive(
        &mut self,
        def: &StepDef,
        operation: &'static dyn Operation,
        place: &StepPlace,
        arguments: Option<&[BTreeMap<String, Argument>; 3]>,
    ) -> Option<BTreeMap<String, String>> {
        let Some(node) = def.node.find("receive") else { return Some(BTreeMap::new()) };
        let (_, receiver) = ends(place);
        let mut bound = BTreeMap::new();
        let mut sound = true;
        for entry in node.entries() {
            let field = entry.value.as_text()?;
            let kind = self.field_kind(def, operation, field, place, arguments, entry);
            sound &= kind.is_ok();
            sound &= self.store(receiver, &entry.key, kind.ok().flatten(), &entry.value);
            bound.insert(entry.key.clone(), field.to_owned());
        }
        sound.then_some(bound)
    }

    fn field_kind(
        &mut self,
        def: &StepDef,
        operation: &'static dyn Operation,
        field: &str,
        place: &StepPlace,
        arguments: Option<&[BTreeMap<String, Argument>; 3]>,
        entry: &Entry,
    ) -> Result<Option<ArtifactKind>, Reported> {
        let spec = operation.spec();
        let known = spec.fields.iter().find(|known| {
            known.name == field
                || known.name.strip_suffix('*').is_some_and(|family| !family.is_empty() && field.starts_with(family))
        });
        if let Some(known) = known {
            return Ok(Some(known.kind));
        }
        if spec.fields.iter().any(|known| known.name == "*") {
            // The layout is agreed beforehand, so a field is of the kind that the sender puts in.
            let Some([with, ..]) = arguments else { return Ok(None) };
            let held = self.held_by(ends(place).0, def);
            if spec.params.iter().any(|param| param.accepts == Accepts::Layout) {
                return self.layout_kind(with, field, &held, entry);
            }
            if let Some(argument) = with.get(field) {
                return Ok(expression_kind(&argument.expr, &held));
            }
            let hint = did_you_mean(field, with.keys().map(String::as_str));
            let message = format!("the message has no field `{field}`");
            self.sink.push(error(Code::UNKNOWN_NAME, &entry.value.span, message).maybe_hint(hint));
            return Err(Reported);
        }
        let hint = did_you_mean(field, spec.fields.iter().map(|known| known.name));
        let message = format!("a message of `{}` has no field `{field}`", spec.name);
        self.sink.push(error(Code::UNKNOWN_NAME, &entry.value.span, message).maybe_hint(hint));
        Err(Reported)
    }

    /// The kind of a field of a message whose layout the flow declares.
    fn layout_kind(
        &mut self,
        with: &BTreeMap<String, Argument>,
        field: &str,
        held: &Held,
        entry: &Entry,
    ) -> Result<Option<ArtifactKind>, Reported> {
        let layout = layout::layout_of(with, "read-as").or_else(|| layout::layout_of(with, "layout"));
        let Some(layout) = layout else { return Ok(None) };
        layout::field_kind(layout, field, with, held).map_err(|known| {
            let hint = did_you_mean(field, known.iter().map(String::as_str));
            let message = format!("`{}` has no field `{field}`", layout.name);
            self.sink.push(error(Code::UNKNOWN_NAME, &entry.value.span, message).maybe_hint(hint));
            Reported
        })
    }

    fn open(&mut self, def: &StepDef, operation: &'static dyn Operation, place: &StepPlace) {
        if let (Shape::Session, StepPlace::Between { from, to, link, .. }) = (operation.spec().shape, place) {
            self.sessions.insert(def.id.text.clone(), (*from, *to, *link));
            let id = Node { span: def.id.span.clone(), ..def.node.clone() };
            self.store(*from, &def.id.text, Some(ArtifactKind::Session), &id);
            self.store(*to, &def.id.text, Some(ArtifactKind::Session), &id);
        }
    }

    /// The attacker reads the fields of every message that crosses an exposed link in clear, under the step's id.
    fn overhear(&mut self, def: &StepDef, operation: &'static dyn Operation, place: &StepPlace) {
        let StepPlace::Between { from, to, link, session: None } = place else { return };
        let Some(attacker) = self.find_actor(ATTACKER) else { return };
        let is_exposed = self.links[link.0].exposure != Exposure::None && ![*from, *to].contains(&attacker);
        if operation.spec().shape == Shape::Message && is_exposed {
            self.held[attacker.0].entry(def.id.text.clone()).or_insert(Some(ArtifactKind::Members));
        }
    }

    fn expected(&mut self, node: &Node) -> Result<Option<ExpectedRejection>, Reported> {
        let Some(rejected) = node.find("expect").and_then(|expect| expect.find("rejected")) else { return Ok(None) };
        rejected.find("by").and_then(|by| self.actor(by)).ok_or(Reported)?;
        Ok(Some(ExpectedRejection { by: rejected.text("by").to_owned(), code: rejected.text("code").to_owned() }))
    }

    fn reply_to(&mut self, node: &Node) -> Result<Option<String>, Reported> {
        let Some(request) = node.find("reply-to") else { return Ok(None) };
        let text = request.as_text().unwrap_or_default();
        if self.ids.iter().any(|id| id == text) {
            return Ok(Some(text.to_owned()));
        }
        let hint = did_you_mean(text, self.ids.iter().map(String::as_str));
        let message = format!("no earlier step is called `{text}`");
        self.sink.push(error(Code::UNKNOWN_NAME, &request.span, message).maybe_hint(hint));
        Err(Reported)
    }

    /// Stores the names of a step that cannot be resolved, of unknown kind, at whoever it may be.
    fn hold_blindly(&mut self, def: &StepDef) {
        let actors: Vec<ActorId> =
            ["at", "from", "to"].iter().filter_map(|key| self.find_actor(def.node.text(key))).collect();
        for actor in &actors {
            let out = def.node.text("out");
            let received = def.node.find("receive").map(Node::entries).unwrap_or_default();
            for name in received.iter().map(|entry| entry.key.as_str()).chain([out, def.id.text.as_str()]) {
                self.held[actor.0].entry(name.to_owned()).or_insert(None);
            }
        }
        if let [from, to, ..] = actors[..] {
            self.sessions.entry(def.id.text.clone()).or_insert((from, to, LinkId(0)));
        }
    }
}

/// Who acts at the `with` and `client` end, and who at the `server` end.
fn ends(place: &StepPlace) -> (ActorId, ActorId) {
    match place {
        StepPlace::At(actor) => (*actor, *actor),
        StepPlace::Setup { from, to } | StepPlace::Between { from, to, .. } => (*from, *to),
    }
}

fn end_key(end: End) -> &'static str {
    match end {
        End::With => "with",
        End::Client => "client",
        End::Server => "server",
    }
}

fn place_hint(shape: Shape) -> &'static str {
    match shape {
        Shape::Local => "it happens at one actor: `at`",
        Shape::Setup => "it is arranged out of band: `from` and `to`, no link",
        Shape::Message => "it is a message: `from`, `to`, and either `via` a link or `in` a session",
        Shape::Session => "it opens a session: `from`, `to` and `via`",
        Shape::Close => "it closes a session: `from`, `to` and `in`",
    }
}
