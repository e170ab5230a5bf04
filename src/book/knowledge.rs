//! Who knows what, and since when.

use serde::Serialize;

use super::attack::step_link;
use super::step::actor_title;
use super::{PageLink, words};
use crate::flow::{ATTACKER, Scenario};
use crate::trace::{Learned, Trace};

/// What one party knows at the end.
#[derive(Clone, Debug, Serialize)]
pub struct KnowerView {
    /// Who.
    pub name: String,
    /// How much, in words.
    pub summary: String,
    /// What, in the order in which it came to know it.
    pub rows: Vec<KnownView>,
}

/// Something that is known.
#[derive(Clone, Debug, Serialize)]
pub struct KnownView {
    /// The step since which it is known.
    pub step: PageLink,
    /// Its name.
    pub name: String,
    /// How it came to be known.
    pub how: String,
}

/// What each party of `trace` knows, the attacker last; `own` is the path of the page.
pub fn knowledge(scenario: &Scenario, trace: &Trace, own: &str) -> Vec<KnowerView> {
    let mut ids: Vec<&str> = trace.actors.iter().map(|party| party.id.as_str()).collect();
    if !ids.contains(&ATTACKER) {
        ids.push(ATTACKER);
    }
    let knowers = ids.into_iter().map(|id| {
        let rows: Vec<KnownView> = trace
            .events
            .iter()
            .flat_map(|event| {
                event.learned.iter().filter(move |known| known.actor == id).map(move |known| (event, known))
            })
            .filter_map(|(event, known)| {
                let (name, how) = (known.name.clone(), how(scenario, known));
                Some(KnownView { step: step_link(trace, &event.step, own)?, name, how })
            })
            .collect();
        let sealed = trace.known(id, trace.events.len()).filter(|known| known.sealed).count();
        let is_party = trace.actors.iter().any(|party| party.id == id);
        let name = if is_party { actor_title(scenario, id) } else { "Somebody on the exposed links".to_owned() };
        KnowerView { name, summary: summary(rows.len() - sealed, sealed), rows }
    });
    knowers.filter(|knower| !knower.rows.is_empty()).collect()
}

fn summary(n_open: usize, n_sealed: usize) -> String {
    let open = words::count(n_open, "value", "values");
    match n_sealed {
        0 => open,
        n => format!("{open}, and {} that are encrypted", words::count(n, "flight", "flights")),
    }
}

fn how(scenario: &Scenario, known: &Learned) -> String {
    let how = words::provenance(&known.how, |id| actor_title(scenario, id));
    if known.sealed { format!("{how}, encrypted") } else { how }
}
