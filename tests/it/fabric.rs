//! Attestation and CASE in a flow of their own, `tests/suite/matter/fabric.toml`: every attack ends as it says, every
//! byte is explained, and OpenSSL accepts certificates and declaration.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use trustlane::annotation::Layer;
use trustlane::crypto::matter_certificate::OperationalCertificate;
use trustlane::diag::Sink;
use trustlane::diag::render::{Colour, render};
use trustlane::protocol::matter::certificate;
use trustlane::source::Origin;
use trustlane::trace::{Outcome, Protection, Trace};
use trustlane::{env, load, project, run};

/// The baseline, and the attacks after it.
static RUNS: LazyLock<Vec<Trace>> = LazyLock::new(|| {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/matter/fabric.toml");
    let mut sources = load::shipped().filtered(|path, _| path.starts_with("data/"));
    let book = "[book]\ntitle = \"Case\"\nversion = \"1\"\n[run]\nseed = \"case\"\nclock = \"2026-01-01T00:00:00Z\"\n";
    sources.insert("book.toml", book.as_bytes(), Origin::Project);
    sources.insert("flows/fabric.toml", fs::read(file).unwrap(), Origin::Project);
    let mut sink = Sink::default();
    let runs = project(&sources, &mut sink).and_then(|project| run::run_all(&project, &env(&project), &mut sink));
    let found = render(&sink.into_sorted(), &sources, Colour::Never);
    assert_eq!(found, "");
    runs.unwrap().traces.remove(0)
});

fn openssl(folder: &Path, arguments: &[&str]) {
    let output = Command::new("openssl").args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn held(actor: &str, name: &str) -> Vec<u8> {
    RUNS[0].stores[actor][name].bytes.0.clone()
}

#[test]
fn every_attack_ends_as_the_flow_says() {
    assert_eq!(RUNS[0].outcome, Outcome::Completed);
    let rejected = RUNS[1..].iter().filter(|trace| matches!(trace.outcome, Outcome::Rejected { .. }));
    assert_eq!(rejected.count(), RUNS.len() - 1);
}

#[test]
fn every_byte_is_explained() {
    let mut n_layers = 0;
    for trace in RUNS.iter() {
        for event in &trace.events {
            let stored = event.stored.iter().filter_map(|artifact| artifact.layer.as_deref());
            for layer in event.flights.iter().flat_map(|flight| &flight.layers).chain(stored) {
                let place = format!("{}/{}: {}", trace.scenario, event.step, layer.name);
                assert!(layer.is_complete(), "{place}");
                // What an attack changed can be without meaning.
                if trace.scenario == "baseline" {
                    assert_eq!(layer.unexplained(), Vec::<String>::new(), "{place}");
                }
                n_layers += 1;
            }
        }
    }
    assert!(n_layers > 1_000);
}

#[test]
fn both_ends_of_case_have_keys_and_what_is_encrypted_is_shown() {
    let event = RUNS[0].event("case").unwrap();
    let labels: Vec<&str> = event.flights.iter().map(|flight| flight.label.as_str()).collect();
    assert_eq!(labels, ["Sigma1", "Sigma2", "Sigma3", "StatusReport"]);
    assert_eq!(event.protection, Protection::Protected);
    let inside: Vec<&Layer> =
        event.flights.iter().flat_map(|flight| &flight.layers).filter(|layer| layer.decrypted).collect();
    assert_eq!(
        inside.iter().map(|layer| layer.name.as_str()).collect::<Vec<_>>(),
        ["sigma-2-tbedata", "sigma-3-tbedata"]
    );
    // What is encrypted is on the wire nowhere in clear.
    let noc = certificate::encode(&operational("device", "noc")).bytes;
    assert!(inside[0].bytes.0.windows(noc.len()).any(|window| window == noc));
    assert!(event.flights.iter().all(|flight| !flight.wire.0.windows(noc.len()).any(|window| window == noc)));
    let complete = RUNS[0].event("complete").unwrap();
    assert_eq!(complete.flights[0].layers.len(), 3);
    assert_ne!(complete.flights[0].wire.0[1..3], [0, 0], "the number of a session");
}

fn operational(actor: &str, name: &str) -> OperationalCertificate {
    let certificate = trustlane::crypto::certificate::Certificate::from_der(&held(actor, name)).unwrap();
    OperationalCertificate::from_certificate(&certificate).unwrap()
}

/// The hazards page of the method: two key pairs, three signatures over elements and request, one in Sigma2.
#[test]
fn the_device_computes_what_the_standard_asks_for() {
    let counts = |step: &str| RUNS[0].event(step).unwrap().counts.get("device").copied().unwrap_or_default();
    let steps = ["node-key", "csr", "sign-elements", "sign-nocsr", "noc-chain", "case"];
    let total =
        |take: fn(&trustlane::crypto::count::Counts) -> u32| steps.iter().map(|step| take(&counts(step))).sum::<u32>();
    assert_eq!(total(|counts| counts.keygen), 2);
    assert_eq!(total(|counts| counts.sign), 4);
    assert_eq!(total(|counts| counts.verify), 5, "the chain twice, and Sigma3");
    assert_eq!(total(|counts| counts.agree), 1);
}

#[test]
fn openssl_accepts_certificates_and_declaration() {
    let folder = tempfile::tempdir().unwrap();
    let pem = |actor: &str, name: &str, file: &str| {
        let pem = RUNS[0].stores[actor][name].pem.as_ref().unwrap();
        // Of a credential the certificates.
        let certificates = pem.find("-----BEGIN CERTIFICATE").unwrap();
        fs::write(folder.path().join(file), &pem[certificates..]).unwrap();
    };
    pem("device", "rcac", "rcac.pem");
    pem("device", "icac", "icac.pem");
    pem("device", "noc", "noc.pem");
    pem("vendor", "paa", "paa.pem");
    pem("vendor", "pai", "pai.pem");
    pem("vendor", "dac", "dac.pem");
    let at = ["verify", "-attime", "1767225601", "-ignore_critical"];
    openssl(folder.path(), &[&at[..], &["-CAfile", "paa.pem", "-untrusted", "pai.pem", "dac.pem"]].concat());
    openssl(folder.path(), &[&at[..3], &["-CAfile", "rcac.pem", "-untrusted", "icac.pem", "noc.pem"]].concat());
    for purpose in ["sslclient", "sslserver"] {
        let options = ["-purpose", purpose, "-CAfile", "rcac.pem", "-untrusted", "icac.pem", "noc.pem"];
        openssl(folder.path(), &[&at[..3], &options].concat());
    }
    pem("commissioner", "declaration-signer", "signer.pem");
    fs::write(folder.path().join("declaration.der"), held("device", "declaration")).unwrap();
    let verify = ["cms", "-verify", "-binary", "-inform", "DER", "-in", "declaration.der", "-noverify"];
    openssl(folder.path(), &[&verify[..], &["-certfile", "signer.pem", "-out", "content"]].concat());
    assert_eq!(fs::read(folder.path().join("content")).unwrap(), held("csa", "declaration"));
}
