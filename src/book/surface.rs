//! The attack surface of a method, step by step: what an attacker can reach, what was tried there, and what came of it.

use std::collections::BTreeSet;

use serde::Serialize;

use super::attack::{AttackView, Attacks, step_link};
use super::step::{ProtectionView, protection};
use super::{PageLink, probe};
use crate::flow::Scenario;
use crate::trace::{EditMark, Event, Place, Trace};

/// A step that an attacker can reach, or that an attack changes.
#[derive(Clone, Debug, Serialize)]
pub struct SurfaceRow {
    /// The step.
    pub step: PageLink,
    /// How its bytes are protected.
    pub protection: ProtectionView,
    /// What an attacker on its link can do; empty for a step without one.
    pub exposure: &'static str,
    /// Attacks that change it.
    pub attacks: Vec<AttackView>,
    /// How many probes of its flights ended in each way, in words; those of no probe left out.
    pub probes: Vec<(&'static str, usize)>,
}

/// The surface of the method whose attacks these are.
pub fn surface(attacks: Attacks<'_>) -> Vec<SurfaceRow> {
    let baseline = &attacks.traces[0];
    let touched: Vec<(usize, BTreeSet<&str>)> = attacks
        .flow
        .attacks()
        .map(|(index, scenario)| (index, touched(baseline, &attacks.traces[index], scenario)))
        .collect();
    let rows = baseline.events.iter().filter_map(|event| {
        let here = touched.iter().filter(|(_, steps)| steps.contains(event.step.as_str()));
        let here: Vec<AttackView> = here.map(|(index, _)| attacks.card(*index)).collect();
        let probes: Vec<_> = baseline.probes.iter().filter(|probe| probe.step == event.step).cloned().collect();
        (!here.is_empty() || !probes.is_empty()).then_some(())?;
        Some(SurfaceRow {
            step: step_link(baseline, &event.step, attacks.own)?,
            protection: protection(event),
            exposure: exposure(attacks, event),
            attacks: here,
            probes: probe::totals(&probes),
        })
    });
    rows.collect()
}

fn exposure(attacks: Attacks<'_>, event: &Event) -> &'static str {
    let Place::Between { link, .. } = &event.place else { return "" };
    attacks.flow.links.iter().find(|known| known.id == *link).map_or("", |link| link.exposure.title())
}

/// The steps of the baseline that an attack changes, takes away, or puts something before.
fn touched<'t>(baseline: &'t Trace, attacked: &Trace, scenario: &Scenario) -> BTreeSet<&'t str> {
    let known = |step: &str| baseline.events.iter().position(|event| event.step == step);
    let mut steps = BTreeSet::new();
    let (mut next, mut is_inserted) = (0, false);
    for event in &attacked.events {
        let Some(at) = known(&event.step) else {
            is_inserted = true;
            continue;
        };
        // What stands between two steps that are there was taken away.
        steps.extend(baseline.events.get(next..at).into_iter().flatten().map(|event| event.step.as_str()));
        if event.edit != EditMark::Original || is_inserted {
            steps.insert(baseline.events[at].step.as_str());
        }
        (next, is_inserted) = (next.max(at + 1), false);
    }
    // An attack that changes no step, such as one with what leaked, or that only goes on, begins where it differs.
    if steps.is_empty() || is_inserted {
        let first = scenario.first_edit.unwrap_or(0).min(baseline.events.len().saturating_sub(1));
        let at = if is_inserted { next.saturating_sub(1) } else { first };
        steps.extend(baseline.events.get(at).map(|event| event.step.as_str()));
    }
    steps
}
