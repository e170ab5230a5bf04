//! Where messages of a run leave one zone of trust for another.

use std::collections::BTreeSet;

use crate::diagram::Executed;
use crate::diagram::swimlane::words;
use crate::flow::{ATTACKER, Flow, Scenario, ScenarioKind, Step, StepPlace};
use crate::trace::{EditMark, Event, Place, Protection};

/// What crosses the border of a zone over one link, in one direction and under one protection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// Number from 1, in the order of first use.
    pub number: usize,
    /// Id of the link.
    pub link: String,
    /// Id of the sender.
    pub from: String,
    /// Id of the receiver, in another zone.
    pub to: String,
    /// How it is protected; `None` where no session came to be.
    pub protection: Protection,
    /// Ids of the steps in which something crosses, in order.
    pub steps: Vec<String>,
}

/// An attack that acts on a crossing.
#[derive(Clone, Copy, Debug)]
pub struct Threat<'f> {
    /// Id in the threat catalogue; absent where the attack names none.
    pub id: Option<&'f str>,
    /// The attack.
    pub attack: &'f Scenario,
}

/// The crossings of a run, in the order of first use.
pub fn crossings(run: &Executed<'_>) -> Vec<Crossing> {
    let mut crossings: Vec<Crossing> = Vec::new();
    for event in &run.trace.events {
        let Place::Between { link, .. } = &event.place else { continue };
        let protection = words::shown(event);
        for (from, to) in directions(run.scenario, event) {
            if zone(run.scenario, from) == zone(run.scenario, to) {
                continue;
            }
            let is_same = |known: &&mut Crossing| {
                known.link == *link && known.from == from && known.to == to && known.protection == protection
            };
            match crossings.iter_mut().find(is_same) {
                Some(known) => known.steps.push(event.step.clone()),
                None => crossings.push(Crossing {
                    number: crossings.len() + 1,
                    link: link.clone(),
                    from: from.to_owned(),
                    to: to.to_owned(),
                    protection,
                    steps: vec![event.step.clone()],
                }),
            }
        }
    }
    crossings
}

impl Crossing {
    /// The address, which stays when steps are inserted.
    pub fn id(&self) -> String {
        format!("{}.{}.{}.{}", self.link, self.from, self.to, protection_name(self.protection))
    }

    /// The attacks of `flow` that act on it: on one of its messages, or by a message of their own beside them.
    pub fn threats<'f>(&self, flow: &'f Flow) -> Vec<Threat<'f>> {
        let attacks = flow.scenarios.iter().filter(|scenario| matches!(scenario.kind, ScenarioKind::Attack { .. }));
        let acting = attacks.filter(|attack| self.is_hit_by(flow, attack));
        acting.map(|attack| Threat { id: attack.threat.as_deref(), attack }).collect()
    }

    fn is_hit_by(&self, flow: &Flow, attack: &Scenario) -> bool {
        let own: BTreeSet<&str> = self.steps.iter().map(String::as_str).collect();
        let edited = attack.steps.iter().filter(|step| step.edit != EditMark::Original);
        attack.tampers.iter().any(|tamper| own.contains(tamper.step.as_str()))
            || edited.into_iter().any(|step| match &step.place {
                StepPlace::Between { .. } if flow.baseline().steps.iter().any(|known| known.id == step.id) => {
                    own.contains(step.id.as_str())
                }
                StepPlace::Between { .. } => self.is_way_of(flow, attack, step),
                StepPlace::At(_) | StepPlace::Setup { .. } => false,
            })
    }

    /// Whether `step`, which the method does not have, goes the same way; the attacker may stand at either end.
    fn is_way_of(&self, flow: &Flow, attack: &Scenario, step: &Step) -> bool {
        let StepPlace::Between { from, to, link, .. } = &step.place else { return false };
        let id = |actor: usize| attack.actors.get(actor).map_or(ATTACKER, |actor| actor.id.as_str());
        let (from, to) = (id(from.0), id(to.0));
        let is_on_link = flow.links.get(link.0).is_some_and(|link| link.id == self.link);
        is_on_link && (from == self.from || from == ATTACKER) && (to == self.to || to == ATTACKER)
    }
}

/// The word for `protection` in an address.
fn protection_name(protection: Protection) -> &'static str {
    match protection {
        Protection::None => "none",
        Protection::Clear => "clear",
        Protection::Provisional => "provisional",
        Protection::Protected => "protected",
    }
}

/// Index of the zone of the actor called `id`; the attacker, and whoever is unknown, is in none.
pub fn zone(scenario: &Scenario, id: &str) -> Option<usize> {
    scenario.actors.iter().find(|actor| actor.id == id)?.zone
}

/// The ways that bytes of `event` went, each once.
fn directions<'e>(scenario: &Scenario, event: &'e Event) -> Vec<(&'e str, &'e str)> {
    let Place::Between { from, to, .. } = &event.place else { return Vec::new() };
    let own = (from.as_str(), to.as_str());
    let is_known = |id: &str| scenario.actors.iter().any(|actor| actor.id == id);
    let mut found: Vec<(&str, &str)> = Vec::new();
    for flight in &event.flights {
        let way = (flight.from.as_str(), flight.to.as_str());
        let way = if is_known(way.0) && is_known(way.1) { way } else { own };
        if !found.contains(&way) {
            found.push(way);
        }
    }
    found
}
