//! Claims about the sessions of a method: with what they are encrypted and signed.

use std::collections::BTreeSet;

use super::case::{Case, Run};
use super::testimony::{Exhibit, Testimony};
use super::{ClaimSpec, Evidence};
use crate::crypto::certificate::Certificate;
use crate::trace::{Artifact, ArtifactKind};

/// Sessions and certificates use strong algorithms, and nobody can make the ends agree on less.
pub struct StrongCryptography;

/// Who learns a long-term key later cannot decrypt what was sent before.
pub struct ForwardSecrecy;

/// Fewest bits of an RSA modulus (NIST SP 800-57 Part 1, table 2: 112 bits of strength).
const RSA_BITS: u32 = 2048;

impl Evidence for StrongCryptography {
    fn spec(&self) -> &'static ClaimSpec {
        const {
            &ClaimSpec {
                name: "strong-cryptography",
                shows: "The sessions of the runs without an attacker used authenticated encryption, their certificates keys of 112 bits of strength or more, and every attack that wanted the ends to agree on less was stopped.",
                does_not_show: "That an implementation of the algorithms is free of faults, or that they withstand a quantum computer.",
                params: &[],
            }
        }
    }

    fn judge(&self, case: &Case<'_>) -> Testimony {
        let opened = opened(case);
        let keys: BTreeSet<String> = case.genuine().flat_map(keys_of).collect();
        if let Some(weak) = keys.iter().find(|title| is_weak(title)) {
            return Testimony::contradicted(format!("A certificate has a key of {weak}."), []);
        }
        if opened.is_empty() {
            return Testimony::inconclusive("No session is opened whose algorithms could be judged.");
        }
        let suites: BTreeSet<String> = opened.iter().map(|(suite, _)| suite.clone()).collect();
        let unauthenticated = suites.iter().find(|suite| !AEADS.iter().any(|aead| suite.contains(aead)));
        let exhibits = opened.iter().map(|(_, exhibit)| exhibit.clone());
        if let Some(suite) = unauthenticated {
            return Testimony::contradicted(format!("{suite} has no authenticated encryption."), exhibits);
        }
        let keys: Vec<String> = keys.into_iter().collect();
        let keys = if keys.is_empty() { String::new() } else { format!(" Keys: {}.", keys.join(", ")) };
        let suites: Vec<String> = suites.into_iter().collect();
        let used = Testimony::shown(format!("Sessions use {}.{keys}", suites.join(", ")), exhibits);
        used.and(case.tried(self.spec().name, "No attack wants the ends to agree on less."))
    }
}

impl Evidence for ForwardSecrecy {
    fn spec(&self) -> &'static ClaimSpec {
        const {
            &ClaimSpec {
                name: "forward-secrecy",
                shows: "Every session of the runs without an attacker was keyed by an ephemeral key agreement.",
                does_not_show: "That the ends forget the ephemeral keys.",
                params: &[],
            }
        }
    }

    fn judge(&self, case: &Case<'_>) -> Testimony {
        let opened = opened(case);
        if opened.is_empty() {
            return Testimony::not_applicable("The method opens no session.");
        }
        let is_ephemeral = |name: &str| EPHEMERAL.iter().any(|word| name.contains(word));
        let (kept, open): (Vec<_>, Vec<_>) = opened.into_iter().partition(|(name, _)| is_ephemeral(name));
        let Some((name, _)) = open.first() else {
            return Testimony::shown(
                "Every session is keyed by an ephemeral key agreement.",
                kept.into_iter().map(|(_, exhibit)| exhibit),
            );
        };
        if name.contains("PSK") {
            let reason = format!("{name} derives its keys from the shared key alone.");
            return Testimony::contradicted(reason, open.into_iter().map(|(_, exhibit)| exhibit));
        }
        Testimony::inconclusive(format!("Nothing in the trace says how {name} agrees on its keys."))
    }
}

/// Parts of names of authenticated encryptions.
const AEADS: [&str; 3] = ["CCM", "CHACHA20", "GCM"];

/// Parts of names of protocols and cipher suites whose keys come from an ephemeral agreement: TLS 1.3 without a mere
/// pre-shared key (RFC 8446, section 2.2), (EC)DHE in TLS 1.2.
const EPHEMERAL: [&str; 3] = ["DHE_", "TLS 1.3", "DTLS 1.3"];

/// Every session of the runs without an attacker, each as protocol and cipher suite, with the event that opened it.
fn opened(case: &Case<'_>) -> Vec<(String, Exhibit)> {
    let in_run = |run: &Run<'_>| -> Vec<(String, Exhibit)> {
        let later = run.trace.events.iter().skip(run.first_edit);
        let stored = later.flat_map(|event| &event.stored);
        let sessions = stored.filter(|artifact| artifact.kind == ArtifactKind::Session);
        sessions.filter_map(|artifact| Some((name(artifact)?, run.exhibit(&artifact.step)))).collect()
    };
    case.genuine().flat_map(in_run).collect()
}

/// Protocol and cipher suite of a session, where it says them.
fn name(artifact: &Artifact) -> Option<String> {
    let decoded = &artifact.decoded;
    let member = |name: &str| decoded.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    Some(format!("{} with {}", member("protocol")?, member("cipher suite")?))
}

/// The algorithms of the keys in the certificates of a run.
fn keys_of(run: &Run<'_>) -> Vec<String> {
    let later = run.trace.events.iter().skip(run.first_edit);
    let certificates = later.flat_map(|event| &event.stored).filter(|it| it.kind == ArtifactKind::Certificate);
    let parsed = certificates.filter_map(|artifact| Certificate::from_der(&artifact.bytes.0).ok());
    parsed.map(|certificate| certificate.public_key().title()).collect()
}

fn is_weak(title: &str) -> bool {
    title.strip_prefix("RSA-").and_then(|bits| bits.parse::<u32>().ok()).is_some_and(|bits| bits < RSA_BITS)
}
