//! What must stay secret crosses exposed links in verified sessions only.

use super::case::{Case, Run, count};
use super::testimony::{Exhibit, Testimony};
use super::{ClaimSpec, Evidence};
use crate::trace::{Event, Protection};

/// What must stay secret crosses exposed links in verified sessions only.
pub struct ChannelProtected;

impl Evidence for ChannelProtected {
    fn spec(&self) -> &'static ClaimSpec {
        const {
            &ClaimSpec {
                name: "channel-protected",
                shows: "In the runs without an attacker messages crossed exposed links encrypted and authenticated, and no secret crossed one readable or to a receiver that was not verified.",
                does_not_show: "That messages without a secret are encrypted too: the reason says how many are not. That traffic tells nothing by its length and time.",
                params: &[],
            }
        }
    }

    fn judge(&self, case: &Case<'_>) -> Testimony {
        let exposed = |run: &Run<'_>, event: &Event| Case::is_exposed(run.trace, event) && !event.flights.is_empty();
        let is_sent = |event: &Event| event.session.as_ref() != Some(&event.step);
        let mut exhibits: Vec<Exhibit> = Vec::new();
        let mut n_clear = 0;
        for run in case.genuine() {
            // What an earlier run of the method's life did already is not counted again.
            let events = run.trace.events.iter().skip(run.first_edit);
            for event in events.filter(|event| exposed(run, event) && is_sent(event)) {
                match event.protection {
                    Protection::Protected => exhibits.push(run.exhibit(&event.step)),
                    Protection::Clear | Protection::Provisional => n_clear += 1,
                    Protection::None => {}
                }
            }
        }
        let readable = match n_clear {
            0 => String::new(),
            n => format!(
                " {} without a secret crossed them readable, or before the receiver was verified.",
                count(n, "message", "messages")
            ),
        };
        let found = case.found("secret-in-clear", |found| found.is_high);
        if exhibits.is_empty() && found.is_none() {
            return Testimony::inconclusive(format!(
                "No message crosses an exposed link in a session that both ends rely on.{readable}"
            ));
        }
        let n_sent = count(exhibits.len(), "message crossed", "messages crossed");
        let reason =
            format!("{n_sent} exposed links in verified sessions, and no secret crossed one otherwise.{readable}");
        let protected = match found {
            Some(found) => found,
            None => Testimony::shown(reason, exhibits),
        };
        match case.found("secret-in-clear", |found| !found.is_high) {
            Some(inner) => protected.and(Testimony::partly(inner.reason, inner.exhibits)),
            None => protected,
        }
    }
}
