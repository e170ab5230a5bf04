//! Figures of a method by name: [`crate::fact::FACTS`], computed.

use super::{AttackVerdict, Facts, FlowAssessment, Standing};
use crate::crypto::count::Counts;
use crate::flow::{Flow, Registration};
use crate::vocabulary::Custody;

/// The figure called `name`; none where there is no such figure or actor.
pub fn number(flow: &Flow, assessment: &FlowAssessment, name: &str) -> Option<usize> {
    let facts = &assessment.facts;
    let Some((actor, member)) = name.split_once('.') else { return of_method(flow, assessment, name) };
    let counts = if actor == "others" { of_others(facts) } else { of_actor(flow, facts, actor)? };
    count(counts, member)
}

/// What all actors but the device compute.
fn of_others(facts: &Facts) -> Counts {
    let mut sum = Counts::default();
    facts.counts.iter().filter(|(id, _)| **id != facts.device).for_each(|(_, counts)| sum.add(*counts));
    sum
}

/// What an actor computes; one that computes nothing has no entry, yet its figures are known: zero.
fn of_actor(flow: &Flow, facts: &Facts, actor: &str) -> Option<Counts> {
    let actor = if actor == "device" { facts.device.as_str() } else { actor };
    let is_known = || flow.actors.iter().any(|known| known.id == actor);
    facts.counts.get(actor).copied().or_else(|| is_known().then(Counts::default))
}

fn of_method(flow: &Flow, assessment: &FlowAssessment, name: &str) -> Option<usize> {
    let facts = &assessment.facts;
    let refused = facts.attacks.saturating_sub(facts.attacks_accepted);
    Some(match name {
        "messages" => facts.messages,
        "sessions" => facts.sessions,
        "wire-bytes" => facts.wire_bytes,
        "device-wire-bytes" => facts.device_wire_bytes,
        "user-actions" => facts.user_actions,
        "people-seconds" => facts.people_seconds,
        "steps" => facts.steps,
        "checks" => facts.checks,
        "parties" => facts.parties,
        "registered-in-bulk" => usize::from(flow.registration == Registration::Bulk),
        "key-in-hardware" => usize::from(is_key_in_hardware(flow, facts)),
        "attacks" => facts.attacks,
        "attacks-accepted" => facts.attacks_accepted,
        "attacks-refused-percent" => percent(refused, facts.attacks),
        "attacks-unmitigated" => assessment.attacks.iter().filter(|attack| is_unmitigated(attack)).count(),
        "goals-held-percent" => {
            percent(assessment.goals.iter().filter(|goal| goal.held).count(), assessment.goals.len())
        }
        "criteria-percent" => criteria_percent(assessment),
        _ => return None,
    })
}

fn is_key_in_hardware(flow: &Flow, facts: &Facts) -> bool {
    let device = flow.actors.iter().find(|actor| actor.id == facts.device);
    device.is_some_and(|device| match device.custody {
        Custody::Hsm | Custody::SecureElement | Custody::Tpm => true,
        Custody::Flash | Custody::Human | Custody::Label | Custody::None => false,
    })
}

/// Whether an attack gets through with every mitigation of the flow as well.
fn is_unmitigated(attack: &AttackVerdict) -> bool {
    attack.accepted && attack.mitigations.iter().all(|again| again.accepted)
}

/// Criteria that do not arise, or that can only be declared, say nothing about the design.
fn criteria_percent(assessment: &FlowAssessment) -> usize {
    let halves = assessment.criteria.iter().filter_map(|criterion| match criterion.verdict {
        Standing::SupportedByTheDesign => Some(2),
        Standing::SupportedInPart => Some(1),
        Standing::Contradicted | Standing::Inconclusive => Some(0),
        Standing::Declared | Standing::NotApplicable => None,
    });
    let (n, sum) = halves.fold((0, 0), |(n, sum), half| (n + 1, sum + half));
    percent(sum, 2 * n)
}

/// Hundredths, rounded; all of nothing is all.
fn percent(part: usize, whole: usize) -> usize {
    if whole == 0 { 100 } else { (200 * part + whole) / (2 * whole) }
}

fn count(counts: Counts, member: &str) -> Option<usize> {
    let value = match member {
        "keygen" => counts.keygen,
        "ephemeral" => counts.ephemeral,
        "sign" => counts.sign,
        "verify" => counts.verify,
        "agree" => counts.agree,
        "p384" => counts.p384,
        "ed25519" => counts.ed25519,
        "rsa-keygen" => counts.rsa_keygen,
        "rsa-private" => counts.rsa_private,
        "rsa-public" => counts.rsa_public,
        "public-key" => public_key(counts),
        "hmac" => counts.hmac,
        "hash" => counts.hash,
        "hash-bytes" => return usize::try_from(counts.hash_bytes).ok(),
        "aead-bytes" => return usize::try_from(counts.aead_bytes).ok(),
        _ => return None,
    };
    Some(value as usize)
}

/// Operations with asymmetric keys, whatever their algorithm.
fn public_key(counts: Counts) -> u32 {
    let p256 = counts.keygen + counts.sign + counts.verify + counts.agree;
    let rsa = counts.rsa_keygen + counts.rsa_private + counts.rsa_public;
    p256 + counts.ephemeral + counts.p384 + counts.ed25519 + rsa
}
