//! No two records of the registry are the same device, and no identity has two keys.

use std::collections::BTreeMap;

use super::{Claim, ClaimArgs, ClaimSpec, Verdict};
use crate::crypto::certificate::Certificate;
use crate::registry::Record;
use crate::trace::{Artifact, ArtifactKind, Trace};

/// No two records of the registry are the same device, and no identity has two keys.
pub struct IdentityUnique;

impl Claim for IdentityUnique {
    fn spec(&self) -> &'static ClaimSpec {
        const {
            &ClaimSpec {
                name: "identity-unique",
                shows: "At the end of this run no two records of the registry name the same certificate, the same key or the same serial number, and no two certificates that records name are of one subject and issuer and have different keys.",
                does_not_show: "That no copy of a key exists: a clone presents what the record says.",
                params: &[],
            }
        }
    }

    fn statement(&self, _: &ClaimArgs) -> String {
        "an identity is in the registry once, with one key".to_owned()
    }

    fn judge(&self, trace: &Trace, _: &ClaimArgs) -> Verdict {
        let known = certificates(trace);
        let shared = shared(trace, &known).or_else(|| two_keys(trace, &known));
        match shared {
            Some((reason, evidence)) => Verdict { held: false, reason, evidence },
            None => Verdict {
                held: true,
                reason: match trace.registry.records().len() {
                    1 => "the registry has one record".to_owned(),
                    n => format!("the {n} records of the registry have nothing in common that identifies a device"),
                },
                evidence: beginnings(trace, &trace.registry.records().keys().collect::<Vec<_>>()),
            },
        }
    }
}

/// A certificate of the run by what a record can say of it.
struct Known {
    certificate: Certificate,
    /// Fingerprint, digest of the key, serial number of the certificate and of the subject, each with its name.
    marks: Vec<(&'static str, String)>,
}

/// Every end entity's certificate that somebody held.
fn certificates(trace: &Trace) -> Vec<Known> {
    let mut found: BTreeMap<String, Known> = BTreeMap::new();
    for artifact in trace.events.iter().flat_map(|event| &event.stored) {
        for certificate in in_artifact(artifact).filter(|certificate| !certificate.is_authority()) {
            let mut marks = vec![
                ("certificate", certificate.sha256()),
                ("key", hex::encode(certificate.public_key().spki_sha256())),
                ("serial number", certificate.serial_hex()),
            ];
            marks.extend(certificate.subject_serial_number().map(|serial| ("serial number", serial)));
            found.entry(certificate.sha256()).or_insert(Known { certificate, marks });
        }
    }
    found.into_values().collect()
}

/// The end entity's certificate in an artifact that has one; X.509 objects stand at the beginning of their encoding.
fn in_artifact(artifact: &Artifact) -> impl Iterator<Item = Certificate> {
    let has_one = matches!(artifact.kind, ArtifactKind::Certificate | ArtifactKind::Chain | ArtifactKind::Credential);
    let pem = artifact.pem.as_deref().filter(|_| has_one).unwrap_or_default();
    let blocks = crate::protocol::encoding::Pem::decode_all(pem).unwrap_or_default();
    blocks.into_iter().filter_map(|block| Certificate::from_der(&block.der).ok())
}

/// What two records have in common, with the steps that made them.
fn shared(trace: &Trace, known: &[Known]) -> Option<(String, Vec<String>)> {
    let records: Vec<(&String, &Record)> = trace.registry.records().iter().collect();
    for (index, (one, first)) in records.iter().enumerate() {
        for (other, second) in &records[index + 1..] {
            let common =
                known.iter().flat_map(|known| &known.marks).find(|(_, mark)| names(first, mark) && names(second, mark));
            if let Some((what, _)) = common {
                let reason = format!("the records `{one}` and `{other}` have the same {what}");
                return Some((reason, beginnings(trace, &[one, other])));
            }
        }
    }
    None
}

/// Two certificates of one subject and issuer that records name and that have different keys.
fn two_keys(trace: &Trace, known: &[Known]) -> Option<(String, Vec<String>)> {
    let named = |known: &Known| {
        let mut records = trace.registry.records().iter();
        records.find(|(_, record)| known.marks[..2].iter().any(|(_, mark)| names(record, mark)))
    };
    let named: Vec<(&Certificate, &String)> =
        known.iter().filter_map(|known| Some((&known.certificate, named(known)?.0))).collect();
    for (index, (one, first)) in named.iter().enumerate() {
        for (other, second) in &named[index + 1..] {
            let is_same = one.subject() == other.subject() && one.issuer() == other.issuer();
            if is_same && one.public_key() != other.public_key() {
                let reason = format!("`{}` is registered with two keys", one.subject());
                return Some((reason, beginnings(trace, &[first, second])));
            }
        }
    }
    None
}

fn names(record: &Record, mark: &str) -> bool {
    let credentials = record.identity.iter().chain(&record.operational);
    let of_credentials = credentials.flat_map(|known| std::iter::once(&known.sha256).chain(&known.spki_sha256));
    of_credentials.chain(&record.serial).chain(record.attributes.values()).any(|value| value == mark)
}

/// The steps that made these records, each once.
fn beginnings(trace: &Trace, ids: &[&String]) -> Vec<String> {
    let mut steps: Vec<String> = Vec::new();
    for id in ids {
        let entry = trace.registry.log().entries().iter().find(|entry| entry.record == **id);
        steps.extend(entry.map(|entry| entry.step.clone()).filter(|step| !steps.contains(step)));
    }
    steps
}
