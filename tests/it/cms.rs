//! Signed messages of the shipped flows, read by another implementation: OpenSSL.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use trustlane::crypto::certificate::Certificate;
use trustlane::crypto::cms::{SignedData, certificates_only};
use trustlane::protocol::encoding::Pem;
use trustlane::trace::{ArtifactKind, Trace};

use crate::runs::RUNS;

/// What OpenSSL writes, or says where it refuses.
fn openssl(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, String> {
    let output = Command::new("openssl").args(arguments).current_dir(folder).output().unwrap();
    if output.status.success() { Ok(output.stdout) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

/// Every certificate that somebody holds at the end of the run.
fn certificates(trace: &Trace) -> Vec<Certificate> {
    let held = trace.stores.values().flat_map(|store| store.values());
    let held = held.filter(|artifact| {
        use ArtifactKind::{Certificate, Chain, Credential, TrustAnchors};
        matches!(artifact.kind, Certificate | Chain | Credential | TrustAnchors)
    });
    let blocks = held.flat_map(|artifact| Pem::decode_all(artifact.pem.as_deref().unwrap()).unwrap());
    let blocks = blocks.filter(|block| block.label == "CERTIFICATE");
    blocks.map(|block| Certificate::from_der(&block.der).unwrap()).collect()
}

/// Every signed message that the flows make, with the time of its step and the run's certificates.
fn messages() -> BTreeMap<Vec<u8>, (String, i64, Vec<Certificate>)> {
    let mut messages = BTreeMap::new();
    for trace in RUNS.traces.iter().flatten() {
        let signing = trace.events.iter().filter(|event| event.operation == "cms-sign");
        for (event, artifact) in signing.flat_map(|event| event.stored.iter().map(move |stored| (event, stored))) {
            messages.entry(artifact.bytes.0.clone()).or_insert_with(|| {
                let name = format!("{}/{}: {}", trace.flow, trace.scenario, event.step);
                (name, event.clock.0, certificates(trace))
            });
        }
    }
    messages
}

#[test]
fn openssl_verifies_every_signed_message() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    let messages = messages();
    for (der, (name, time, certificates)) in &messages {
        let pem = |only: &dyn Fn(&Certificate) -> bool| -> String {
            certificates.iter().filter(|certificate| only(certificate)).map(Certificate::pem).collect()
        };
        write("message.der", der);
        write("authorities.pem", pem(&Certificate::is_authority).as_bytes());
        write("certificates.pem", pem(&|_| true).as_bytes());
        let time = time.to_string();
        let verify = [
            &["cms", "-verify", "-inform", "DER", "-in", "message.der", "-binary", "-certfile", "certificates.pem"][..],
            &["-CAfile", "authorities.pem", "-partial_chain", "-purpose", "any", "-attime", &time],
        ]
        .concat();
        let content = openssl(folder.path(), &verify).unwrap_or_else(|said| panic!("{name}: {said}"));
        assert_eq!(SignedData::from_der(der).unwrap().content.unwrap(), content, "{name}");
        write("message.der", &[&der[..der.len() - 1], &[der[der.len() - 1] ^ 1]].concat());
        assert!(openssl(folder.path(), &verify).is_err(), "{name}: the signature was changed");
    }
}

#[test]
fn openssl_takes_certificates_out() {
    let folder = tempfile::tempdir().unwrap();
    let chain: Vec<Certificate> =
        RUNS.traces.iter().map(|runs| certificates(&runs[0])).find(|all| all.len() > 2).unwrap();
    fs::write(folder.path().join("message.der"), certificates_only(&chain)).unwrap();
    let arguments = ["pkcs7", "-inform", "DER", "-in", "message.der", "-print_certs"];
    let said = String::from_utf8(openssl(folder.path(), &arguments).unwrap()).unwrap();
    for certificate in chain {
        assert!(said.contains(&certificate.pem()), "{}", certificate.subject());
    }
}
