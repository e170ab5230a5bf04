//! Lints: small flows in `tests/suite/lint`, each with the findings that it must raise and the one edit that ends them.
//!
//! A case begins with a sentence; what it leaves out is [`HEADER`]. At its end stand comments: `# finding: lint step
//! subject risk` for each finding, then `# before:` and `# after:`, the edit (`\n` is a new line), and `# remains:` for
//! findings that it leaves.

use std::fs;
use std::path::{Path, PathBuf};

use trustlane::assess::finding::{FindingVerdict, findings};
use trustlane::claim::CLAIMS;
use trustlane::diag::{Code, Severity, Sink};
use trustlane::explain::{self, example::EXAMPLES};
use trustlane::flow::{Flow, Instance};
use trustlane::lint::{self, Baseline, LINTS};
use trustlane::operation::{End, OPERATIONS, Shape};
use trustlane::resolve::Project;
use trustlane::source::{Origin, Sources};
use trustlane::trace::Trace;
use trustlane::{env, load, project, run};

const HEADER: &str = r#"edition = 1
id = "case"
title = "Case"
summary = "As small as a flow can be."
family = "token"
registration = "on-demand"
course = { level = "Low", best-for = "Tests" }
zones = { field = "untrusted", cloud = "trusted" }
authorities.root = { at = "server" }
[actors.device]
zone = "field"
role = "device"
custody = "flash"
trusts = ["root"]
[actors.server]
zone = "cloud"
role = "server"
custody = "hsm"
credentials.server-tls = { issuer = "root", use = "server", name = "server.example" }
[links.net]
between = ["device", "server"]
medium = "internet"
exposure = "active"
[links.wire]
between = ["device", "server"]
medium = "serial"
exposure = "none"
"#;

const BOOK: &str = r#"[book]
title = "Case"
version = "1"
[run]
seed = "case"
clock = "2026-01-01T00:00:00Z"
"#;

/// The project of one flow file, and the run of its baseline.
fn ran(path: &str, text: &str) -> (Project, Trace) {
    let mut sources = Sources::default();
    for (path, file) in load::shipped().below("data", ".toml") {
        sources.insert(path.as_ref(), file.bytes.clone(), Origin::Shipped);
    }
    sources.insert("book.toml", BOOK.as_bytes().to_vec(), Origin::Project);
    sources.insert(path, text.as_bytes().to_vec(), Origin::Project);
    let mut sink = Sink::default();
    let project = project(&sources, &mut sink);
    let project = project.unwrap_or_else(|| panic!("{text}\n{:#?}", sink.into_sorted()));
    let trace = run::run(&project.flows[0], project.flows[0].baseline(), &env(&project));
    assert_eq!(trace.outcome, trustlane::trace::Outcome::Completed, "{text}");
    (project, trace)
}

/// `lint step subject risk` of each finding.
fn found(path: &str, text: &str) -> Vec<String> {
    let (project, trace) = ran(path, text);
    let flow = &project.flows[0];
    let other_device = run::run_as(flow, flow.baseline(), &env(&project), Instance::OTHER_DEVICE);
    let found = lint::ask(&Baseline::new(flow, &trace, Some(&other_device)));
    let line = |(lint, finding): &(&'static dyn lint::Lint, lint::Finding)| {
        for step in &finding.evidence {
            assert!(trace.event(step).is_some(), "{step} is no evidence: it never happened");
        }
        format!("{} {} {} {}", lint.name(), finding.step, finding.subject, finding.risk.title())
    };
    found.iter().map(line).collect()
}

/// What stands in the comments `# word: …` of a case.
fn said(text: &str, word: &str) -> Vec<String> {
    let opening = format!("# {word}: ");
    text.lines().filter_map(|line| line.strip_prefix(&opening)).map(|rest| rest.replace("\\n", "\n")).collect()
}

fn cases() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/lint");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|file| (file.clone(), fs::read_to_string(file).unwrap())).collect()
}

#[test]
fn every_case_raises_what_it_says_and_one_edit_ends_it() {
    for (file, text) in cases() {
        let place = file.display();
        assert!(text.starts_with("# ") && !said(&text, "finding").is_empty(), "{place}");
        let faulty = format!("{HEADER}{text}");
        assert_eq!(found("flows/case.toml", &faulty), said(&text, "finding"), "{place}");
        let (before, after) = (said(&text, "before"), said(&text, "after"));
        let [before, after] = [&before[0], &after[0]];
        let flow = text.split("# finding: ").next().unwrap();
        assert_eq!(flow.matches(before.as_str()).count(), 1, "{place}: the edit has one place");
        let clean = format!("{HEADER}{}", flow.replace(before.as_str(), after));
        assert_eq!(found("flows/case.toml", &clean), said(&text, "remains"), "{place}: its twin");
    }
}

#[test]
fn every_lint_has_a_case() {
    let raised: Vec<String> = cases().iter().flat_map(|(_, text)| said(text, "finding")).collect();
    for lint in LINTS {
        assert!(raised.iter().any(|line| line.starts_with(&format!("{} ", lint.name()))), "{}", lint.name());
    }
}

#[test]
fn the_example_of_every_lint_raises_it() {
    for lint in LINTS {
        let found = found("flows/case.toml", &format!("{HEADER}{}", lint.spec().example));
        assert!(found.iter().any(|line| line.starts_with(lint.name())), "{}: {found:?}", lint.name());
    }
}

/// A shipped flow without its goals and attacks, with one piece replaced.
fn mutated(flow: &str, before: &str, after: &str) -> Vec<String> {
    let path = format!("flows/{flow}.toml");
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&path)).unwrap();
    let text = text.split("[[goal]]").next().unwrap();
    let changed = match after {
        // The whole step.
        "" => {
            let blocks = text.split("\n[[step]]\n");
            let id = format!("id = \"{before}\"\n");
            blocks.filter(|block| !block.starts_with(&id)).collect::<Vec<_>>().join("\n[[step]]\n")
        }
        _ => text.replace(before, after),
    };
    assert_ne!(changed, text, "{flow}: {before}");
    let as_shipped = found(&path, text);
    found(&path, &changed).into_iter().filter(|line| !as_shipped.contains(line)).collect()
}

#[test]
fn a_check_that_is_taken_out_of_a_shipped_method_is_missed() {
    let caught = [
        ("brski", "voucher-nonce", "", vec!["nonce-not-compared nonce pledge/nonce high"]),
        ("brski", "pinned", "", vec!["unverified tls pledge/tls high"]),
        ("brski", "idevid-possession", "", vec!["unverified send-idevid-csr factory/idevid-csr high"]),
        ("x509-factory", "possession", "", vec!["unverified send-csr authority/csr high"]),
        ("x509-factory", ", crls = [\"$crl\"]", " ", vec!["unverified send-crl broker/crl high"]),
        ("idevid-to-ldevid", "chain-verified", "", vec![]),
        ("qr-softap-claim", "device-proven", "", vec!["nonce-not-compared phone-nonce phone/phone-nonce high"]),
        ("aws-jitp", "proof-code", "", vec!["nonce-not-compared code-bytes cloud/code-bytes high"]),
        ("dps-symmetric-key", "operation-known", "", vec!["nonce-not-compared operation-id dps/operation-id high"]),
        ("dps-symmetric-key", "hub-signature-right", "", vec!["unverified connect hub/password high"]),
    ];
    for (flow, before, after, expected) in caught {
        assert_eq!(mutated(flow, before, after), expected, "{flow}: {before}");
    }
}

/// What was said about the findings of a flow, and each with the reason for which it is accepted.
fn assessed(project: &Project, flow: &Flow) -> (Vec<(Severity, Code)>, Vec<FindingVerdict>) {
    let mut sink = Sink::default();
    let env = env(project);
    let other_device = run::run_as(flow, flow.baseline(), &env, Instance::OTHER_DEVICE);
    let findings = findings(flow, &run::run(flow, flow.baseline(), &env), &other_device, &mut sink);
    (sink.into_sorted().into_iter().map(|found| (found.severity, found.code)).collect(), findings)
}

#[test]
fn the_shipped_book_has_no_open_finding() {
    let project = project(&load::shipped(), &mut Sink::default()).unwrap();
    let assessed: Vec<_> = project.flows.iter().map(|flow| assessed(&project, flow)).collect();
    assert!(assessed.iter().all(|(said, _)| said.is_empty()), "{assessed:#?}");
    let findings = assessed.iter().flat_map(|(_, findings)| findings);
    let reasons: Vec<&String> = findings.map(|finding| finding.acknowledged.as_ref().unwrap()).collect();
    assert!(!reasons.is_empty() && reasons.iter().all(|reason| reason.ends_with('.')), "{reasons:?}");
}

#[test]
fn every_parameter_with_a_bearing_is_one_of_its_operation() {
    for operation in OPERATIONS {
        let spec = operation.spec();
        let name = |param: &trustlane::operation::Param| match param.end {
            End::With => param.name.to_owned(),
            End::Client => format!("client.{}", param.name),
            End::Server => format!("server.{}", param.name),
        };
        let known: Vec<String> = spec.params.iter().map(name).collect();
        for param in operation.bearing().params() {
            assert!(known.iter().any(|known| known == param), "`{}` has no `{param}`", spec.name);
        }
        assert!(spec.shape != Shape::Message || operation.bearing().params().next().is_none(), "{}", spec.name);
    }
}

#[test]
fn everything_with_a_name_is_explained() {
    let all = explain::all();
    assert_eq!(all.len(), Code::ALL.len() + CLAIMS.len());
    for explanation in &all {
        let name = explanation.name;
        assert!(explanation.summary.ends_with('.'), "{name}: {}", explanation.summary);
        assert!(!explanation.fix.is_empty() && !explanation.example.is_empty(), "{name} has no example: src/explain/");
    }
    assert!(EXAMPLES.is_sorted_by_key(|example| example.code.name()));
    for lint in LINTS {
        assert_eq!(lint.spec().code.name(), lint.name());
        let spec = lint.spec();
        let sentences = [spec.asks, spec.why, spec.fix].iter().all(|text| text.ends_with('.'));
        assert!(sentences && !spec.references.is_empty() && !spec.title.ends_with('.'), "{}", lint.name());
    }
    assert!(LINTS.is_sorted_by_key(|lint| lint.name()));
}

#[test]
fn an_open_finding_is_a_warning_and_an_acknowledged_one_is_not() {
    let (_, text) = cases().into_iter().find(|(file, _)| file.ends_with("used-after-end.toml")).unwrap();
    let check = |acknowledgement: &str| {
        let (project, _) = ran("flows/case.toml", &format!("{HEADER}{text}{acknowledgement}"));
        let (said, findings) = assessed(&project, &project.flows[0]);
        (said, findings.into_iter().map(|finding| finding.acknowledged).collect::<Vec<_>>())
    };
    let acknowledge =
        |at: &str| format!("\n[[acknowledge]]\nlint = \"used-after-end\"\nat = \"{at}\"\nreason = \"Known.\"\n");
    assert_eq!(check(""), (vec![(Severity::Warning, Code::USED_AFTER_END)], vec![None]));
    for at in ["list", "server/short"] {
        assert_eq!(check(&acknowledge(at)), (vec![], vec![Some("Known.".to_owned())]));
    }
    let (said, accepted) = check(&acknowledge("later"));
    assert_eq!(accepted, [None]);
    assert!(said.contains(&(Severity::Error, Code::STALE_ACKNOWLEDGEMENT)), "{said:?}");
}
