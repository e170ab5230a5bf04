//! What the picture says in words, and its text alternative.

use super::lane::Cast;
use super::store;
use crate::flow::{Expectation, Exposure, Flow, LinkId, Medium, Scenario};
use crate::quantity;
use crate::trace::{EditMark, Event, EventOutcome, Outcome, Place, Protection, Trace};

/// The medium as it stands in a note.
pub(in crate::diagram) fn medium(medium: Medium) -> &'static str {
    match medium {
        Medium::Ble => "Bluetooth LE",
        Medium::Cellular => "cellular",
        Medium::Ethernet => "Ethernet",
        Medium::Human => "by hand",
        Medium::Internet => "internet",
        Medium::Lorawan => "LoRaWAN",
        Medium::NbIot => "NB-IoT",
        Medium::Optical => "optical",
        Medium::Serial => "serial line",
        Medium::Thread => "Thread",
        Medium::WiFi => "Wi-Fi",
    }
}

/// The word beside a step that an attack changed.
pub(in crate::diagram) fn edit(mark: EditMark) -> Option<&'static str> {
    match mark {
        EditMark::Original => None,
        EditMark::Altered => Some("altered"),
        EditMark::Inserted => Some("inserted"),
        EditMark::Impersonated => Some("impersonated"),
        EditMark::Replayed => Some("replayed"),
        EditMark::Tampered => Some("tampered"),
    }
}

/// Bytes of all flights of `event`.
pub(in crate::diagram) fn wire_bytes(event: &Event) -> usize {
    event.flights.iter().map(|flight| flight.wire.0.len()).sum()
}

/// The id of the actor that relays what crosses `link`.
pub(in crate::diagram) fn through<'f>(flow: &'f Flow, link: &str) -> Option<&'f str> {
    let relay = flow.links.iter().find(|other| other.id == link)?.through?;
    Some(&flow.actors[relay.0].id)
}

/// The line below a message: how it is protected, what it consists of, what carries it.
pub(in crate::diagram) fn note(flow: &Flow, event: &Event, link: &str, compact: bool) -> String {
    let link = flow.links.iter().enumerate().map(|(index, link)| (LinkId(index), link)).find(|(_, l)| l.id == link);
    let exposure = link.map_or(Exposure::Active, |(_, link)| link.exposure);
    let carrier = link.map(|(_, link)| match link.through {
        Some(relay) => format!("{} through {}", medium(link.medium), flow.actors[relay.0].title),
        None => medium(link.medium).to_owned(),
    });
    let mut parts: Vec<String> = Vec::new();
    match (shown(event), exposure) {
        (Protection::Clear, Exposure::None) => parts.push("nobody else on the link".to_owned()),
        (Protection::None, _) => parts.push(unsent(event).to_owned()),
        (Protection::Clear, Exposure::Passive | Exposure::Active) => parts.push("in clear".to_owned()),
        (Protection::Provisional, _) => parts.push("provisional".to_owned()),
        (Protection::Protected, _) => parts.push("protected".to_owned()),
    }
    if !compact {
        parts.extend(flights(event));
    }
    // Within a session the link is that of its opening.
    if shown(event) == Protection::Clear || (!compact && is_opening(event)) {
        parts.extend(carrier);
    }
    // The dot stays at the end of a line.
    parts.join("\u{a0}· ")
}

/// How a picture shows the protection of `event`: a session that was refused protects nothing.
pub(in crate::diagram) fn shown(event: &Event) -> Protection {
    match &event.outcome {
        EventOutcome::Rejected(_) | EventOutcome::Stalled { .. } if is_opening(event) => Protection::None,
        EventOutcome::Done | EventOutcome::Rejected(_) | EventOutcome::Stalled { .. } => event.protection,
    }
}

/// Whether `event` opens a session: a session bears the id of the step that opened it.
fn is_opening(event: &Event) -> bool {
    event.session.as_ref() == Some(&event.step)
}

fn unsent(event: &Event) -> &'static str {
    if event.flights.is_empty() { "nothing sent" } else { "no session established" }
}

fn flights(event: &Event) -> Option<String> {
    let different = |label: &&str| !label.is_empty() && *label != event.title;
    match event.flights.as_slice() {
        [] => None,
        [only] => Some(only.label.as_str()).filter(different).map(str::to_owned),
        [first, .., last] if first.label == last.label => Some(format!("{} flights", event.flights.len())),
        [first, .., last] => Some(format!("{} … {}", first.label, last.label)),
    }
}

/// Whether an attacker could read what `event` sends.
fn protection(event: &Event) -> &'static str {
    match shown(event) {
        Protection::None => unsent(event),
        Protection::Clear => "in clear",
        Protection::Provisional => "encrypted, peer not yet verified",
        Protection::Protected => "encrypted and authenticated",
    }
}

/// What a sign of protection means, for the legend.
pub(in crate::diagram) fn legend(protection: Protection) -> &'static str {
    match protection {
        Protection::None => "nothing sent",
        Protection::Clear => "in clear: readable on the link",
        Protection::Provisional => "provisional: encrypted, peer not yet verified",
        Protection::Protected => "protected: encrypted and authenticated",
    }
}

/// `event` as one line of the text alternative.
pub(in crate::diagram) fn sentence(cast: &Cast, event: &Event) -> String {
    let mut text = match &event.place {
        Place::At { actor } => format!("{}. {}: {}", event.number, cast.name(actor), event.title),
        Place::Setup { from, to } if from == to => {
            format!("{}. Beforehand, {}: {}", event.number, cast.name(to), event.title)
        }
        Place::Setup { from, to } => {
            format!("{}. Beforehand, {} to {}: {}", event.number, cast.name(from), cast.name(to), event.title)
        }
        Place::Between { from, to, .. } => format!(
            "{}. {} to {}, {}: {} ({})",
            event.number,
            cast.name(from),
            cast.name(to),
            protection(event),
            event.title,
            quantity::bytes(wire_bytes(event))
        ),
    };
    if let Some(mark) = edit(event.edit) {
        text = format!("{text} [{mark} by the attack]");
    }
    let mut parts = vec![text];
    for check in &event.checks {
        let verdict = if check.held { "holds" } else { "does not hold" };
        parts.push(format!("{} checks: {}, {verdict}", cast.name(&check.by), check.what));
    }
    for (lane, artifacts) in store::stored(cast, event) {
        let names: Vec<&str> = artifacts.iter().map(|artifact| artifact.name.as_str()).collect();
        parts.push(format!("{} stores {}", cast.lanes[lane].name, names.join(", ")));
    }
    if let EventOutcome::Rejected(rejection) = &event.outcome {
        parts.push(format!("{} refuses: {} ({})", cast.name(&rejection.by), rejection.message, rejection.code));
        parts.extend(rejection.other_end.as_ref().map(|seen| format!("the other end sees: {seen}")));
    }
    if let EventOutcome::Stalled { waiting } = &event.outcome {
        parts.push(format!("nobody refuses, and {} waits", cast.name(waiting)));
    }
    parts.join("; ")
}

/// How the run ended, where a picture has to say it: a heading and the rest; `true` where an attack got through.
pub(in crate::diagram) fn ending(cast: &Cast, scenario: &Scenario, trace: &Trace) -> Option<(String, String, bool)> {
    let is_attack = scenario.kind.is_attack();
    match &trace.outcome {
        Outcome::Completed if is_attack => {
            let consequence = match &scenario.expect {
                Expectation::Completed(consequence) => consequence.clone(),
                Expectation::Rejected { .. } | Expectation::Stalled { .. } => String::new(),
            };
            Some(("The attack got through".to_owned(), consequence, true))
        }
        Outcome::Completed => None,
        Outcome::Stalled { step, waiting } => {
            let number = trace.event(step).map_or_else(String::new, |event| format!(" at step {}", event.number));
            let rest = format!("Nobody refused{number}, and {} waits", cast.name(waiting));
            Some(("The run came to a standstill".to_owned(), rest, false))
        }
        Outcome::Rejected { step, rejection } => {
            let number = trace.event(step).map_or_else(String::new, |event| format!(" at step {}", event.number));
            let heading = if is_attack { "The attack was stopped" } else { "The run was refused" };
            Some((
                heading.to_owned(),
                format!("{} refused{number}: {}", cast.name(&rejection.by), rejection.code),
                false,
            ))
        }
    }
}

/// One or two sentences on a picture with `n_shown` steps.
pub(in crate::diagram) fn description(cast: &Cast, scenario: &Scenario, trace: &Trace, n_shown: usize) -> String {
    let names: Vec<&str> = cast.lanes.iter().map(|lane| lane.name.as_str()).collect();
    let text = format!("Swimlane of {n_shown} steps between {}.", names.join(", "));
    match ending(cast, scenario, trace) {
        None => text,
        Some((heading, rest, _)) if rest.is_empty() => format!("{text} {heading}."),
        Some((heading, rest, _)) => format!("{text} {heading}: {}.", rest.trim_end_matches('.')),
    }
}
