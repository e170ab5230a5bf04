//! Crossings of trust boundaries as readers see them: the table beside the picture, from the same data.

use serde::Serialize;

use super::threat::{self, ThreatView};
use super::{PageLink, attack, words};
use crate::diagram::Executed;
use crate::diagram::boundary::crossing::{Crossing, Threat, crossings, zone};
use crate::flow::{Flow, Scenario};
use crate::threat::Catalogue;
use crate::trace::{Outcome, Trace};

/// A crossing.
#[derive(Clone, Debug, Serialize)]
pub struct CrossingView {
    /// Its number in the picture.
    pub number: usize,
    /// Its address in the picture.
    pub id: String,
    /// The sender, and its zone.
    pub from: SideView,
    /// The receiver, and its zone.
    pub to: SideView,
    /// What carries the bytes.
    pub medium: &'static str,
    /// What an attacker can do there.
    pub exposure: &'static str,
    /// How it is protected, in a word or two.
    pub protection: &'static str,
    /// Class of the protection.
    pub class: &'static str,
    /// What crosses: the steps, in order.
    pub steps: Vec<PageLink>,
    /// What was tried there.
    pub threats: Vec<AttemptView>,
}

/// An end of a crossing.
#[derive(Clone, Debug, Serialize)]
pub struct SideView {
    /// The actor's name.
    pub actor: String,
    /// The zone's name; empty for whoever is in none.
    pub zone: String,
}

/// An attack on a crossing.
#[derive(Clone, Debug, Serialize)]
pub struct AttemptView {
    /// The threat that it executes; absent where it names none.
    pub threat: Option<ThreatView>,
    /// The attack, on this page.
    pub attack: PageLink,
    /// How it ended, in a word or two.
    pub outcome: &'static str,
}

/// The crossings of the baseline of `flow`.
pub fn view(flow: &Flow, traces: &[Trace], threats: &Catalogue) -> Vec<CrossingView> {
    let run = Executed { flow, scenario: flow.baseline(), trace: &traces[0] };
    crossings(&run).iter().map(|crossing| crossing_view(&run, traces, threats, crossing)).collect()
}

fn crossing_view(run: &Executed<'_>, traces: &[Trace], threats: &Catalogue, crossing: &Crossing) -> CrossingView {
    let Executed { flow, scenario, trace } = *run;
    let link = flow.links.iter().find(|link| link.id == crossing.link);
    let own = attack::method_path(flow);
    let attempt = |found: Threat<'_>| AttemptView {
        threat: found.id.map(|id| threat::view(id, threats)),
        attack: PageLink { title: found.attack.title.clone(), path: format!("{own}#attack-{}", found.attack.id) },
        outcome: outcome(flow, traces, found.attack),
    };
    CrossingView {
        number: crossing.number,
        id: crossing.id(),
        from: side(flow, scenario, &crossing.from),
        to: side(flow, scenario, &crossing.to),
        medium: link.map_or("", |link| words::medium(link.medium)),
        exposure: link.map_or("", |link| link.exposure.title()),
        protection: words::protection(crossing.protection).0,
        class: words::protection_class(crossing.protection),
        steps: crossing.steps.iter().filter_map(|step| attack::step_link(trace, step, &own)).collect(),
        threats: crossing.threats(flow).into_iter().map(attempt).collect(),
    }
}

fn side(flow: &Flow, scenario: &Scenario, id: &str) -> SideView {
    let actor = scenario.actors.iter().find(|actor| actor.id == id);
    let zone = zone(scenario, id).and_then(|zone| flow.zones.get(zone));
    SideView {
        actor: actor.map_or_else(|| id.to_owned(), |actor| actor.title.clone()),
        zone: zone.map_or_else(String::new, |zone| zone.title.clone()),
    }
}

fn outcome(flow: &Flow, traces: &[Trace], attack: &Scenario) -> &'static str {
    let index = flow.scenarios.iter().position(|scenario| scenario.id == attack.id);
    match index.and_then(|index| traces.get(index)).map(|trace| &trace.outcome) {
        Some(Outcome::Completed) => "gets through",
        Some(Outcome::Rejected { .. }) => "refused",
        Some(Outcome::Stalled { .. }) => "stalled",
        None => "",
    }
}
