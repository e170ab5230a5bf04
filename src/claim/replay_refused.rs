//! What crossed a link in a step is of no use a second time.

use super::{Claim, ClaimArgs, ClaimParam, ClaimSpec, Names, Verdict, one};
use crate::trace::{EditMark, Event, EventOutcome, Outcome, ProbeKind, ProbeOutcome, Trace};

/// What crossed a link in a step is of no use a second time.
pub struct ReplayRefused;

impl Claim for ReplayRefused {
    fn spec(&self) -> &'static ClaimSpec {
        const {
            &ClaimSpec {
                name: "replay-refused",
                shows: "The engine sent the bytes of this step once more, and in their place those of another session and of another device; each time somebody refused, waited in vain, or ended up as without it. Where an attack sends such bytes, somebody refused.",
                does_not_show: "That bytes of this step are of no use in another step, or after changes.",
                params: &[ClaimParam {
                    name: "step",
                    names: Names::Step,
                    summary: "the step whose bytes are replayed",
                }],
            }
        }
    }

    fn statement(&self, with: &ClaimArgs) -> String {
        format!("a replay of {} is refused", one(with, "step"))
    }

    fn judge(&self, trace: &Trace, with: &ClaimArgs) -> Verdict {
        let step = one(with, "step");
        if let Some(event) = gone_through(trace, step) {
            let reason = format!("`{}` sends bytes of another run, and nobody refuses them", event.step);
            return Verdict { held: false, reason, evidence: vec![event.step.clone()] };
        }
        let replays = trace.probes.iter().filter(|probe| probe.step == step && is_replay(probe.kind));
        let through = replays.clone().find(|probe| matches!(probe.outcome, ProbeOutcome::Undetected { .. }));
        let evidence = vec![step.to_owned()];
        match (through, replays.count()) {
            (Some(probe), _) => {
                let reason = format!("`{}` of `{step}` goes undetected", probe.kind.name());
                Verdict { held: false, reason, evidence }
            }
            // Only the baseline is probed, and only where an attacker can act.
            (None, 0) => {
                let reason = format!("nobody can replay `{step}` here: this run was not probed, or its link is closed");
                Verdict { held: true, reason, evidence: Vec::new() }
            }
            (None, n) => {
                let reason = format!("none of {n} replays of `{step}` goes undetected");
                Verdict { held: true, reason, evidence }
            }
        }
    }
}

/// The replay of `step` by an attack that ends as if nothing had happened.
fn gone_through<'t>(trace: &'t Trace, step: &str) -> Option<&'t Event> {
    let is_replay = |event: &Event| event.edit == EditMark::Replayed && event.step.trim_start_matches("again-") == step;
    let position = trace.events.iter().position(is_replay)?;
    let is_refused = |event: &Event| matches!(event.outcome, EventOutcome::Rejected(_));
    let has_gone = trace.outcome == Outcome::Completed && !trace.events[position..].iter().any(is_refused);
    has_gone.then(|| &trace.events[position])
}

fn is_replay(kind: ProbeKind) -> bool {
    match kind {
        ProbeKind::ReplayRun | ProbeKind::ReplaySession | ProbeKind::ReplayDevice => true,
        ProbeKind::Flip | ProbeKind::Truncate | ProbeKind::Drop | ProbeKind::Forge => false,
    }
}
