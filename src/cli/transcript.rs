//! A trace for people: each step, who checked what, real values shortened.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::flow::{BASELINE, Expectation, Flow, Scenario};
use crate::trace::{
    Check, EditMark, Event, EventOutcome, Outcome, Place, ProbeKind, ProbeLayer, ProbeOutcome, Protection, Provenance,
    Rejection, RejectionOrigin, Trace,
};

/// Whether to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// ANSI escapes.
    Colour,
    /// Plain text.
    Plain,
}

/// The transcript of `trace`.
pub fn transcript(flow: &Flow, scenario: &Scenario, trace: &Trace, paint: Paint) -> String {
    let mut text = String::new();
    let scenario_title = if scenario.id == BASELINE { String::new() } else { format!(": {}", scenario.title) };
    line(&mut text, &format!("{}{scenario_title}", paint.bold(&flow.title)));
    line(&mut text, &paint.faint(&format!("{} · {}", trace.started, flow.standards.join(", "))));
    if !scenario.why.is_empty() {
        line(&mut text, scenario.why.trim());
    }
    let mut phase = "";
    for event in &trace.events {
        if event.phase != phase {
            phase = &event.phase;
            line(&mut text, &format!("\n{}", paint.faint(&phase.to_uppercase())));
        }
        self::event(&mut text, event, paint);
    }
    probes(&mut text, trace, paint);
    line(&mut text, &format!("\n{}", ending(scenario, trace, paint)));
    text
}

/// What the engine attempted, flight by flight; the same ending of several attempts is told once.
fn probes(text: &mut String, trace: &Trace, paint: Paint) {
    if trace.probes.is_empty() {
        return;
    }
    line(text, &format!("\n{}", paint.faint("PROBES")));
    let mut told: BTreeMap<(usize, usize, ProbeLayer, ProbeKind, String), usize> = BTreeMap::new();
    for probe in &trace.probes {
        let number = trace.event(&probe.step).map_or(0, |event| event.number);
        let ending = match &probe.outcome {
            ProbeOutcome::Rejected { by, at, code, .. } => paint.good(&format!("refused by {by} in {at}: {code}")),
            ProbeOutcome::Stalled { waiting, at } => format!("{waiting} waits in {at}"),
            ProbeOutcome::Harmless => paint.faint("harmless"),
            ProbeOutcome::Undetected { differs, breaks } => {
                let broken = if breaks.is_empty() { String::new() } else { format!("; breaks {}", breaks.join(", ")) };
                paint.bad(&format!("undetected: {}{broken}", differs.join(", ")))
            }
        };
        *told.entry((number, probe.flight, probe.layer, probe.kind, ending)).or_default() += 1;
    }
    for ((number, flight, layer, kind, ending), n) in told {
        let inside = if layer == ProbeLayer::Inside { " inside" } else { "" };
        let times = if n == 1 { String::new() } else { format!(" ×{n}") };
        line(text, &format!("{number:>3}.{}  {}{inside}{times}: {ending}", flight + 1, kind.name()));
    }
}

fn event(text: &mut String, event: &Event, paint: Paint) {
    let bytes: usize = event.flights.iter().map(|flight| flight.wire.0.len()).sum();
    let size = if bytes == 0 { String::new() } else { format!("  {bytes} B") };
    let edit = match event.edit {
        EditMark::Original => "",
        EditMark::Altered => "  [altered]",
        EditMark::Inserted => "  [inserted]",
        EditMark::Impersonated => "  [attacker acts]",
        EditMark::Replayed => "  [replayed]",
        EditMark::Tampered => "  [tampered]",
    };
    let head = format!("{:>3}  {}  {}", event.number, place(event), paint.bold(&event.title));
    line(text, &format!("{head}{}{}", paint.faint(&size), paint.bad(edit)));
    for flight in &event.flights {
        line(
            text,
            &paint.faint(&format!(
                "       {} → {}  {}, {} B",
                flight.from,
                flight.to,
                flight.label,
                flight.wire.0.len()
            )),
        );
    }
    for check in &event.checks {
        line(text, &format!("       {}", self::check(check, paint)));
    }
    for artifact in &event.stored {
        let how = match &artifact.provenance {
            Provenance::Made | Provenance::Provisioned => "",
            Provenance::Received { .. } => " received",
            Provenance::Overheard => " overheard",
            Provenance::Leaked { .. } => " leaked",
            Provenance::Forged => " forged",
            Provenance::Presumed => " presumed",
        };
        let value = paint.faint(&artifact.summary);
        line(text, &format!("       + {}/{} {}{how}  {value}", artifact.actor, artifact.name, artifact.kind.title()));
    }
    if let EventOutcome::Stalled { waiting } = &event.outcome {
        line(text, &format!("       {}", paint.bad(&format!("… nobody refuses, and {waiting} waits"))));
    }
    if let EventOutcome::Rejected(rejection) = &event.outcome {
        line(text, &format!("       {}", refusal(rejection, paint)));
        if let Some(seen) = &rejection.other_end {
            line(text, &paint.faint(&format!("         the other end: {seen}")));
        }
    }
}

fn place(event: &Event) -> String {
    let lock = match event.protection {
        Protection::None => "",
        Protection::Clear => " (in clear)",
        Protection::Provisional => " (provisional)",
        Protection::Protected => " (protected)",
    };
    match &event.place {
        Place::At { actor } => actor.clone(),
        Place::Setup { from, to } if from == to => to.clone(),
        Place::Setup { from, to } => format!("{from} ⇒ {to}"),
        Place::Between { from, to, link } => format!("{from} → {to} via {link}{lock}"),
    }
}

fn check(check: &Check, paint: Paint) -> String {
    if check.held {
        format!("{} {}: {}", paint.good("✓"), check.by, check.what)
    } else {
        format!("{} {}: {}", paint.bad("✗"), check.by, check.what)
    }
}

fn refusal(rejection: &Rejection, paint: Paint) -> String {
    let whose = match rejection.origin {
        RejectionOrigin::Library => "library",
        RejectionOrigin::Policy => "policy",
    };
    let expected = if rejection.expected { " (as the method wants it)" } else { "" };
    paint.bad(&format!("✗ {} refuses [{}] {} ({whose}){expected}", rejection.by, rejection.code, rejection.message))
}

fn ending(scenario: &Scenario, trace: &Trace, paint: Paint) -> String {
    match (&trace.outcome, &scenario.expect) {
        (Outcome::Completed, _) if !scenario.kind.is_attack() => {
            paint.good(&format!("✓ every step happened, {} bytes on the links", trace.wire_bytes()))
        }
        (Outcome::Completed, Expectation::Completed(consequence)) => {
            paint.bad(&format!("! the attack gets through: {}", consequence.trim()))
        }
        (Outcome::Completed, Expectation::Rejected { .. } | Expectation::Stalled { .. }) => {
            paint.bad("! the attack gets through")
        }
        (Outcome::Stalled { step, waiting }, _) => {
            let words = format!("nobody refuses in {step}, and {waiting} waits");
            if matches!(scenario.expect, Expectation::Stalled { .. }) {
                paint.good(&format!("✓ {words}"))
            } else {
                paint.bad(&format!("✗ {words}"))
            }
        }
        (Outcome::Rejected { step, rejection }, _) => {
            let words = format!("refused by {} in {step}: {}", rejection.by, rejection.code);
            if matches!(scenario.expect, Expectation::Completed(_)) {
                paint.bad(&format!("✗ {words}"))
            } else {
                paint.good(&format!("✓ {words}"))
            }
        }
    }
}

fn line(text: &mut String, words: &str) {
    writeln!(text, "{words}").expect("writing to a string cannot fail");
}

impl Paint {
    fn bold(self, text: &str) -> String {
        self.wrap(text, "1")
    }

    fn faint(self, text: &str) -> String {
        self.wrap(text, "2")
    }

    fn good(self, text: &str) -> String {
        self.wrap(text, "32")
    }

    fn bad(self, text: &str) -> String {
        self.wrap(text, "31")
    }

    fn wrap(self, text: &str, code: &str) -> String {
        match self {
            Self::Colour if !text.is_empty() => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            Self::Colour | Self::Plain => text.to_owned(),
        }
    }
}
