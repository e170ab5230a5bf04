//! A secret crosses a link or a boundary unencrypted.

use std::collections::BTreeSet;

use super::baseline::{Baseline, Happened, carries, references, writings};
use super::{Finding, Lint, LintSpec, Risk};
use crate::diag::Code;
use crate::flow::StepPlace;
use crate::trace::{Artifact, ArtifactKind, Protection};
use crate::vocabulary::{Exposure, Trust};

/// A secret crosses a link or a boundary unencrypted.
pub struct SecretInClear;

impl Lint for SecretInClear {
    fn spec(&self) -> &'static LintSpec {
        const {
            &LintSpec {
                code: Code::SECRET_IN_CLEAR,
                title: "a secret crosses a boundary in clear",
                asks: "The bytes of every private key, secret, token and credential are looked for in every message that was not encrypted, as they are and, from 16 bytes on, in hexadecimal and base64. On an exposed link the risk is high. On a link that nobody else is on it is low, and counts where the two ends live in zones of different trust. A message in a provisional session counts as clear for everything but tokens: its receiver is not verified yet. A MAC that serves as no key is meant to be seen and does not count.",
                why: "Whoever reads a secret can do what its owner can, and nobody notices that it was read. A line inside of a factory is such a boundary too: who records it has the secrets of every device that passes.",
                references: &["CWE-319", "NIST SP 800-57 Part 1, section 6.2", "ETSI EN 303 645, provision 5.5-7"],
                fix: "Send it in a session whose receiver was verified, encrypt it with `seal`, or make the key where it is used so that nothing has to travel. Where the boundary is what the method relies on, acknowledge it and say how the line is protected.",
                example: r#"
[[step]]
id = "token"
at = "server"
op = "random"
out = "token"

[[step]]
id = "inject"
from = "server"
to = "device"
via = "net"
op = "deliver"
with.token = "$token"
receive.token = "token"
"#,
            }
        }
    }

    fn findings(&self, baseline: &Baseline<'_>) -> Vec<Finding> {
        let secrets = secrets(baseline);
        baseline.steps().flat_map(|happened| in_step(baseline, &secrets, happened)).collect()
    }
}

/// A secret with every name it has and every way in which it is written.
struct Secret<'r> {
    /// How it came to be known first.
    first: &'r Artifact,
    /// Actor and name of each copy.
    names: BTreeSet<(&'r str, &'r str)>,
    needles: Vec<Vec<u8>>,
}

/// Every secret of the run once, however many hold it and however they write it.
fn secrets<'r>(baseline: &Baseline<'r>) -> Vec<Secret<'r>> {
    let mut secrets: Vec<Secret<'r>> = Vec::new();
    let mut public: BTreeSet<&'r [u8]> = BTreeSet::new();
    for (_, artifact) in baseline.artifacts() {
        let bytes = artifact.secret.as_ref().unwrap_or(&artifact.bytes);
        let name = (artifact.actor.as_str(), artifact.name.as_str());
        if let Some(known) = secrets.iter_mut().find(|secret| secret.needles.contains(&bytes.0)) {
            known.names.insert(name);
        } else if public.contains(bytes.0.as_slice()) || !artifact.kind.is_secret() || baseline.is_mere_tag(artifact) {
            // A reader may take for a token what its maker made as a plain name: who made it decides.
            public.insert(&bytes.0);
        } else {
            secrets.push(Secret { first: artifact, names: [name].into(), needles: writings(&bytes.0) });
        }
    }
    secrets
}

fn in_step(baseline: &Baseline<'_>, secrets: &[Secret<'_>], happened: Happened<'_>) -> Vec<Finding> {
    let Some(way) = way(baseline, happened) else { return Vec::new() };
    let is_provisional = happened.event.protection == Protection::Provisional;
    secrets
        .iter()
        .filter(|secret| !(is_provisional && secret.first.kind == ArtifactKind::Token))
        .filter(|secret| happened.event.flights.iter().any(|flight| carries_secret(baseline, happened, secret, flight)))
        .map(|secret| Finding {
            step: happened.step.id.clone(),
            subject: format!("{}/{}", secret.first.actor, secret.first.name),
            message: format!("`{}/{}` crosses {}", secret.first.actor, secret.first.name, way.words),
            risk: way.risk,
            evidence: vec![secret.first.step.clone(), happened.step.id.clone()],
        })
        .collect()
}

/// A short secret may be met by chance, so the sender must also have put it in.
fn carries_secret(
    baseline: &Baseline<'_>,
    happened: Happened<'_>,
    secret: &Secret<'_>,
    flight: &crate::trace::Flight,
) -> bool {
    let is_long = secret.needles[0].len() >= TELLING;
    let is_put = || {
        baseline.arguments(happened.step).iter().any(|given| {
            references(&given.argument.expr)
                .iter()
                .any(|used| secret.names.contains(&(given.actor, used.name.as_str())))
        })
    };
    carries(flight, &secret.needles) && (is_long || is_put())
}

/// Bytes from which on a find is no accident: 64 bits.
const TELLING: usize = 8;

/// How a step lets others read, and how bad that is.
struct Way {
    words: String,
    risk: Risk,
}

/// The way of a message that is not protected; `None` where nobody else can read it.
fn way(baseline: &Baseline<'_>, happened: Happened<'_>) -> Option<Way> {
    let StepPlace::Between { from, to, link, .. } = &happened.step.place else { return None };
    let link = &baseline.flow.links[link.0];
    let how = match happened.event.protection {
        Protection::Clear => "in clear",
        Protection::Provisional => "in a session whose receiver is not verified yet",
        Protection::None | Protection::Protected => return None,
    };
    let zone = |actor: &crate::flow::ActorId| {
        let zone = &baseline.flow.zones[baseline.flow.actors[actor.0].zone?];
        Some((zone.id.as_str(), zone.trust))
    };
    match (link.exposure, zone(from)?, zone(to)?) {
        (Exposure::Passive | Exposure::Active, _, _) => {
            Some(Way { words: format!("the exposed link `{}` {how}", link.id), risk: Risk::High })
        }
        (Exposure::None, (from, one), (to, other)) if one != other => {
            let (one, other) = (trust(one), trust(other));
            let words = format!("from the {one} zone `{from}` to the {other} zone `{to}` {how}");
            Some(Way { words, risk: Risk::Low })
        }
        (Exposure::None, _, _) => None,
    }
}

fn trust(trust: Trust) -> &'static str {
    match trust {
        Trust::Trusted => "trusted",
        Trust::SemiTrusted => "semi-trusted",
        Trust::Untrusted => "untrusted",
    }
}
