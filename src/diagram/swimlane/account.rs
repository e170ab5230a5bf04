//! The swimlane without places, for writings in characters.

use super::lane::Cast;
use super::session::Capsule;
use super::{Excerpt, row, session, words};
use crate::diagram::Executed;
use crate::diagram::account::{Account, Actor, Course, Ending, Remark, Session, Step, Zone};
use crate::flow::Flow;
use crate::quantity;
use crate::scene::text::clean;
use crate::trace::{Event, EventOutcome, Place, Rejection};

/// The run in words.
pub(super) fn account(run: Executed<'_>) -> Account {
    let Executed { flow, scenario, trace } = run;
    let excerpt = Excerpt::whole(trace);
    let cast = Cast::new(flow, scenario, &excerpt);
    let mut rows = row::rows(flow, scenario, &cast, &excerpt);
    let capsules = session::capsules(&cast, &mut rows);
    let mut phase = "";
    let mut steps = Vec::with_capacity(trace.events.len());
    for event in &trace.events {
        let begins = event.phase != phase && !clean(&event.phase).is_empty();
        phase = &event.phase;
        steps.push(Step { phase: begins.then(|| clean(phase)), ..step(flow, &cast, event) });
    }
    for (index, capsule) in capsules.iter().filter_map(|capsule| Some((capsule.raised?, capsule))) {
        let text = "no longer provisional".to_owned();
        steps[index].remarks.push(Remark { actor: capsule.left, held: None, text });
    }
    Account {
        title: run.title(),
        description: words::description(&cast, scenario, trace, trace.events.len()),
        actors: actors(&cast, run),
        zones: cast.zones.iter().map(|zone| zone_of(flow, &cast, zone.first, zone.last)).collect(),
        sessions: capsules.iter().map(lifetime).collect(),
        steps,
        ending: words::ending(&cast, scenario, trace).map(|(heading, rest, got_through)| Ending {
            heading,
            rest,
            got_through,
        }),
    }
}

fn actors(cast: &Cast, run: Executed<'_>) -> Vec<Actor> {
    let role = |id: &str| run.scenario.actors.iter().find(|actor| actor.id == id).map(|actor| clean(&actor.role));
    let actor = |lane: &super::lane::Lane| {
        let role = role(&lane.id).filter(|role| !role.eq_ignore_ascii_case(&lane.name));
        Actor { name: clean(&lane.name), role: role.unwrap_or_default() }
    };
    cast.lanes.iter().map(actor).collect()
}

fn zone_of(flow: &Flow, cast: &Cast, first: usize, last: usize) -> Zone {
    let zone = cast.lanes[first].zone.and_then(|zone| flow.zones.get(zone));
    Zone { title: zone.map_or_else(String::new, |zone| clean(&zone.title)), first, last }
}

fn lifetime(capsule: &Capsule) -> Session {
    let &Capsule { first, last, protection, raised, .. } = capsule;
    Session { first, last, protection, raised }
}

fn step(flow: &Flow, cast: &Cast, event: &Event) -> Step {
    let title = clean(&event.title);
    Step {
        id: event.step.clone(),
        number: event.number,
        phase: None,
        title: if title.is_empty() { event.step.clone() } else { title },
        course: course(cast, event),
        notes: notes(flow, cast, event),
        remarks: remarks(cast, event),
    }
}

fn course(cast: &Cast, event: &Event) -> Course {
    match &event.place {
        Place::At { actor } => Course::At(cast.lane(actor)),
        Place::Setup { from, to } | Place::Between { from, to, .. } if from == to => Course::At(cast.lane(to)),
        Place::Setup { from, to } => Course::Handed { from: cast.lane(from), to: cast.lane(to) },
        Place::Between { from, to, .. } => Course::Sent {
            from: cast.lane(from),
            to: cast.lane(to),
            protection: words::shown(event),
            is_refused: matches!(event.outcome, EventOutcome::Rejected(_)),
        },
    }
}

fn notes(flow: &Flow, cast: &Cast, event: &Event) -> Vec<String> {
    let mut notes = Vec::new();
    match &event.place {
        Place::At { .. } => {}
        Place::Setup { from, to } if from == to => notes.push("beforehand".to_owned()),
        Place::Setup { from, .. } => notes.push(format!("handed over beforehand by {}", cast.name(from))),
        Place::Between { link, .. } => {
            notes.push(words::note(flow, event, link, false));
            notes.extend(event.session.as_ref().filter(|id| **id != event.step).map(|id| format!("session {id}")));
            notes.extend(Some(words::wire_bytes(event)).filter(|count| *count > 0).map(quantity::bytes));
        }
    }
    notes.extend(words::edit(event.edit).map(str::to_owned));
    notes.iter().map(|note| clean(note)).filter(|note| !note.is_empty()).collect()
}

fn remarks(cast: &Cast, event: &Event) -> Vec<Remark> {
    let check = |check: &crate::trace::Check| Remark {
        actor: cast.lane(&check.by),
        held: Some(check.held),
        text: clean(&check.what),
    };
    let mut remarks: Vec<Remark> = event.checks.iter().map(check).collect();
    match &event.outcome {
        EventOutcome::Done => {}
        EventOutcome::Rejected(rejection) => remarks.extend(refusal(cast, event, rejection)),
        EventOutcome::Stalled { waiting } => {
            let text = format!("nobody refuses, and {} waits", cast.name(waiting));
            remarks.push(Remark { actor: cast.lane(waiting), held: None, text });
        }
    }
    remarks.retain(|remark| !remark.text.is_empty());
    remarks
}

fn refusal(cast: &Cast, event: &Event, rejection: &Rejection) -> Vec<Remark> {
    let text = format!("{} refuses: {} ({})", cast.name(&rejection.by), rejection.message, rejection.code);
    let mut remarks = vec![Remark { actor: cast.lane(&rejection.by), held: Some(false), text: clean(&text) }];
    if let (Some(seen), Place::Between { from, to, .. } | Place::Setup { from, to }) =
        (&rejection.other_end, &event.place)
    {
        let other = if *from == rejection.by { to } else { from };
        let text = clean(&format!("{} sees: {seen}", cast.name(other)));
        remarks.push(Remark { actor: cast.lane(other), held: None, text });
    }
    remarks
}
