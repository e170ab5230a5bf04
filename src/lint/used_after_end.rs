//! A certificate is used outside of its validity.

use super::baseline::{Baseline, Given, Happened, references};
use super::{Finding, Lint, LintSpec, Risk};
use crate::crypto::certificate::Certificate;
use crate::diag::Code;

/// A certificate is used outside of its validity.
pub struct UsedAfterEnd;

impl Lint for UsedAfterEnd {
    fn spec(&self) -> &'static LintSpec {
        const {
            &LintSpec {
                code: Code::USED_AFTER_END,
                title: "a certificate used after its end",
                asks: "Every certificate that an actor presents, signs with, or verifies with must be valid by the virtual clock in the moment of the step. A step that was refused does not count: somebody looked. Verification judges the certificates of a path and not the anchor that it ends at, and a provisional session judges none.",
                why: "The end of a certificate bounds the harm of a lost key. An authority that goes on signing after its end, or a peer that nobody asks for the date, has no such bound.",
                references: &["CWE-298", "RFC 5280, section 6.1.3", "RFC 5280, section 4.1.2.5"],
                fix: "Renew the certificate before its end, let it be valid for as long as the method needs it, or verify it where it is used. A device whose manufacturer's identity is to last says `days = 0`: no end.",
                example: r#"
[[step]]
id = "short"
at = "server"
op = "authority"
with = { name = "Short CA", days = 1 }
out = "short"

[[step]]
id = "later"
at = "server"
op = "wait"
with.seconds = 172_800

[[step]]
id = "list"
at = "server"
op = "crl"
with.issuer = "$short"
out = "crl"
"#,
            }
        }
    }

    fn findings(&self, baseline: &Baseline<'_>) -> Vec<Finding> {
        let mut findings: Vec<(String, Finding)> = Vec::new();
        for happened in baseline.steps() {
            for given in baseline.given(happened.step, happened.step.operation.bearing().relies_on) {
                for certificate in certificates(baseline, &given) {
                    let Some(when) = outside(&certificate, happened) else { continue };
                    match findings.iter_mut().find(|(known, _)| *known == certificate.sha256()) {
                        Some((_, finding)) => finding.evidence.push(happened.step.id.clone()),
                        None => findings.push((certificate.sha256(), finding(&given, &certificate, happened, &when))),
                    }
                }
            }
        }
        let once = |(_, mut finding): (String, Finding)| {
            finding.evidence.dedup();
            finding
        };
        findings.into_iter().map(once).collect()
    }
}

fn certificates(baseline: &Baseline<'_>, given: &Given<'_>) -> Vec<Certificate> {
    let values = baseline.evaluate(given.actor, &given.argument.expr);
    values.iter().filter_map(crate::value::Value::certificates).flatten().collect()
}

/// By how much the step is outside of the certificate's validity, in words.
fn outside(certificate: &Certificate, happened: Happened<'_>) -> Option<String> {
    let clock = happened.event.clock;
    if clock > certificate.not_after() {
        Some(format!("after its end, {}", certificate.not_after()))
    } else if clock < certificate.not_before() {
        Some(format!("before its beginning, {}", certificate.not_before()))
    } else {
        None
    }
}

fn finding(given: &Given<'_>, certificate: &Certificate, happened: Happened<'_>, when: &str) -> Finding {
    let name = references(&given.argument.expr).first().map_or("", |reference| reference.name.as_str());
    Finding {
        step: happened.step.id.clone(),
        subject: format!("{}/{name}", given.actor),
        message: format!("`{}` uses the certificate `{}` {when}", given.actor, certificate.subject()),
        risk: Risk::High,
        evidence: vec![happened.step.id.clone()],
    }
}
