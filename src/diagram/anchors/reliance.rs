//! Who relies on which certificate without proof, and in which steps.

use std::collections::BTreeMap;

use crate::diagram::Executed;
use crate::diagram::certificate::{Certificates, read};
use crate::flow::{ActorId, Argument, Expr, Part, Step, StepPlace};
use crate::operation::Accepts;
use crate::trace::{ArtifactKind, Event};

/// A certificate that is believed without proof.
#[derive(Debug)]
pub struct TrustAnchor {
    /// Index among the certificates of the run.
    pub certificate: usize,
    /// Who relies on it.
    pub relying: Vec<Reliance>,
    /// The certificates below it, by index.
    pub below: Vec<usize>,
}

/// How an actor relies on a trust anchor.
#[derive(Debug)]
pub struct Reliance {
    /// Id of the actor.
    pub actor: String,
    /// Names of the values that hold the anchor.
    pub names: Vec<String>,
    /// Ids of the steps that cannot hold without it, in order; none where it is stored and not used.
    pub steps: Vec<String>,
}

impl TrustAnchor {
    /// The steps that cannot hold without it, in order.
    pub fn steps<'t>(&self, run: &Executed<'t>) -> Vec<&'t Event> {
        let rests = |event: &&Event| self.relying.iter().any(|reliance| reliance.steps.contains(&event.step));
        run.trace.events.iter().filter(rests).collect()
    }
}

/// The trust anchors of a run, in the order of its certificates.
pub fn anchors(run: &Executed<'_>, certificates: &Certificates) -> Vec<TrustAnchor> {
    let mut found: BTreeMap<usize, Vec<Reliance>> = BTreeMap::new();
    for (actor, store) in &run.trace.stores {
        for name in store.values().filter(|artifact| artifact.kind == ArtifactKind::TrustAnchors) {
            note(run, certificates, &mut found, (actor, &name.name), None);
        }
    }
    let happened = |step: &&Step| run.trace.event(&step.id).is_some();
    for step in run.scenario.steps.iter().filter(happened) {
        for (actor, name) in relied_on(run, step) {
            note(run, certificates, &mut found, (actor, name), Some(&step.id));
        }
    }
    let anchor = |(certificate, relying)| TrustAnchor { certificate, relying, below: certificates.below(certificate) };
    found.into_iter().map(anchor).collect()
}

/// Notes that `actor` relies on the certificates in the value `name`, in `step` where one is given.
fn note(
    run: &Executed<'_>,
    certificates: &Certificates,
    found: &mut BTreeMap<usize, Vec<Reliance>>,
    (actor, name): (&str, &str),
    step: Option<&str>,
) {
    let artifact = run.trace.stores.get(actor).and_then(|store| store.get(name));
    // What is called a trust anchor and is a chain, or a credential, is believed by its first certificate.
    for certificate in artifact.map(|artifact| read(artifact)).unwrap_or_default().iter().take(1) {
        let Some(index) = certificates.find(certificate) else { continue };
        let relying = found.entry(index).or_default();
        let at = relying.iter().position(|reliance| reliance.actor == actor).unwrap_or_else(|| {
            relying.push(Reliance { actor: actor.to_owned(), names: Vec::new(), steps: Vec::new() });
            relying.len() - 1
        });
        let reliance = &mut relying[at];
        if !reliance.names.iter().any(|known| known == name) {
            reliance.names.push(name.to_owned());
        }
        reliance.steps.extend(step.filter(|step| !reliance.steps.iter().any(|known| known == step)).map(str::to_owned));
    }
}

/// The values that `step` takes for trust anchors, each with the actor in whose store it is.
fn relied_on<'a>(run: &Executed<'a>, step: &'a Step) -> Vec<(&'a str, &'a str)> {
    let (from, to) = match &step.place {
        StepPlace::At(actor) => (*actor, *actor),
        StepPlace::Setup { from, to } | StepPlace::Between { from, to, .. } => (*from, *to),
    };
    let ends = [(from, "", &step.with), (from, "client.", &step.client), (to, "server.", &step.server)];
    let mut names = Vec::new();
    for (ActorId(actor), end, arguments) in ends {
        let Some(actor) = run.scenario.actors.get(actor) else { continue };
        let believed = arguments.iter().filter(|(name, _)| is_for_anchors(step, end, name));
        for argument in believed.flat_map(|(_, argument)| references(argument)) {
            names.push((actor.id.as_str(), argument));
        }
    }
    names
}

/// Whether the parameter called `name`, after the prefix of its `end`, takes what is believed without proof.
fn is_for_anchors(step: &Step, end: &str, name: &str) -> bool {
    let accepts = |accepts: Accepts| match accepts {
        Accepts::Kinds(kinds) | Accepts::ListOf(kinds) => kinds.contains(&ArtifactKind::TrustAnchors),
        Accepts::Any
        | Accepts::Boolean
        | Accepts::Choice(_)
        | Accepts::Field
        | Accepts::Layout
        | Accepts::Metadata
        | Accepts::Number
        | Accepts::Parts
        | Accepts::Table
        | Accepts::Text => false,
    };
    let bearing = step.operation.bearing();
    let params = step.operation.spec().params;
    bearing.relies_on.contains(&format!("{end}{name}").as_str())
        && params.iter().any(|param| param.name == name && accepts(param.accepts))
}

/// The names of stored values in `argument`.
fn references(argument: &Argument) -> Vec<&str> {
    match &argument.expr {
        Expr::Reference(reference) if reference.members.is_empty() => vec![&reference.name],
        Expr::List(items) => items.iter().flat_map(references).collect(),
        Expr::Table(members) => members.values().flat_map(references).collect(),
        Expr::Template(parts) => parts
            .iter()
            .filter_map(|part| match part {
                Part::Reference(reference) => Some(reference.name.as_str()),
                Part::Literal(_) => None,
            })
            .collect(),
        Expr::Boolean(_) | Expr::Layout(_) | Expr::Number(_) | Expr::Reference(_) => Vec::new(),
    }
}
