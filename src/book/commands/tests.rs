//! Every printed command, run by OpenSSL as it is printed.

use std::path::Path;
use std::process::Command as Process;

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, PublicKeyData, SerialNumber, date_time_ymd,
};
use sha2::{Digest, Sha256};

use super::*;
use crate::annotation::Bytes;
use crate::trace::ArtifactKind as Kind;
use crate::trace::Provenance;

const CLOCK: i64 = 1_790_000_000;

struct Sample {
    artifact: Artifact,
    file: &'static str,
}

fn sample(kind: ArtifactKind, file: &'static str, der: &[u8], pem: Option<String>) -> Sample {
    let artifact = Artifact {
        secret: None,
        actor: "device".into(),
        name: file.into(),
        step: "make".into(),
        kind,
        provenance: Provenance::Made,
        bytes: Bytes(der.to_vec()),
        sha256: hex::encode(Sha256::digest(der)),
        pem: pem.into(),
        summary: String::new().into(),
        decoded: Vec::new().into(),
        layer: None,
    };
    Sample { artifact, file }
}

fn params(name: &str, is_ca: bool) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
    params.use_authority_key_identifier_extension = true;
    if is_ca {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    } else {
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    }
    params
}

/// A root, an intermediate, a device certificate below it, a server certificate of a stranger, and all other kinds.
fn samples() -> Vec<Sample> {
    let key = || KeyPair::generate().unwrap();
    let (root_key, middle_key, leaf_key) = (key(), key(), key());
    let root = params("Root", true).self_signed(&root_key).unwrap();
    let root_issuer = Issuer::new(params("Root", true), &root_key);
    let middle = params("Middle", true).signed_by(&middle_key, &root_issuer).unwrap();
    let middle_issuer = Issuer::new(params("Middle", true), &middle_key);
    let mut client = params("Device", false);
    client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let leaf = client.signed_by(&leaf_key, &middle_issuer).unwrap();
    let mut request = CertificateParams::default();
    request.distinguished_name.push(DnType::CommonName, "Device");
    let request = request.serialize_request(&leaf_key).unwrap();
    let list = CertificateRevocationListParams {
        this_update: date_time_ymd(2026, 1, 1),
        next_update: date_time_ymd(2027, 1, 1),
        crl_number: SerialNumber::from(1),
        issuing_distribution_point: None,
        revoked_certs: vec![],
        key_identifier_method: KeyIdMethod::Sha256,
    };
    let list = list.signed_by(&middle_issuer).unwrap();
    let stranger_key = key();
    let stranger = params("Stranger", true);
    let orphan = params("Orphan", false).signed_by(&key(), &Issuer::new(stranger, &stranger_key)).unwrap();
    let chain = [leaf.pem(), middle.pem()].concat();
    let chain_der = [leaf.der().as_ref(), middle.der().as_ref()].concat();
    let private = leaf_key.serialize_der();
    let public = leaf_key.subject_public_key_info();
    vec![
        sample(Kind::Certificate, "root.pem", root.der(), Some(root.pem())),
        sample(Kind::Certificate, "middle.pem", middle.der(), Some(middle.pem())),
        sample(Kind::Certificate, "leaf.pem", leaf.der(), Some(leaf.pem())),
        sample(Kind::Certificate, "orphan.pem", orphan.der(), Some(orphan.pem())),
        sample(Kind::Chain, "chain.pem", &chain_der, Some(chain.clone())),
        sample(Kind::TrustAnchors, "anchors.pem", root.der(), Some(root.pem())),
        sample(Kind::CertificateSigningRequest, "request.pem", request.der(), Some(request.pem().unwrap())),
        sample(Kind::CertificateRevocationList, "list.pem", list.der(), Some(list.pem().unwrap())),
        sample(Kind::PrivateKey, "key.pem", &private, Some(leaf_key.serialize_pem())),
        sample(Kind::PrivateKey, "key.der", &private, None),
        sample(Kind::Credential, "credential.pem", &private, Some(leaf_key.serialize_pem() + &chain)),
        sample(Kind::PublicKey, "public.pem", &public, Some(leaf_key.public_key_pem())),
        sample(Kind::PublicKey, "public.der", &public, None),
        sample(Kind::Bytes, "bytes.der", &public, None),
        sample(Kind::Bytes, "nonce.bin", b"nonce", None),
        sample(Kind::Text, "text.txt", b"text", None),
    ]
}

fn shelf(samples: &[Sample]) -> Shelf {
    let mut shelf = Shelf::default();
    for sample in samples.iter().filter(|sample| sample.artifact.kind == ArtifactKind::Certificate) {
        shelf.add(sample.file, &sample.artifact.bytes.0);
    }
    shelf
}

fn run(folder: &Path, line: &str) -> (bool, String) {
    let output = Process::new("sh").arg("-c").arg(line).current_dir(folder).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    (output.status.success(), text.into_owned())
}

#[test]
#[expect(clippy::disallowed_methods, reason = "OpenSSL reads files")]
fn openssl_accepts_every_command_as_it_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let samples = samples();
    for Sample { artifact, file } in &samples {
        let content = artifact.pem.as_ref().cloned().map_or_else(|| artifact.bytes.0.clone(), String::into_bytes);
        std::fs::write(folder.path().join(file), content).unwrap();
    }
    let shelf = shelf(&samples);
    for Sample { artifact, file } in &samples {
        let command = check(artifact, file, CLOCK, &shelf);
        let (succeeded, text) = run(folder.path(), &command.line);
        assert!(succeeded, "{}\n{text}", command.line);
        let printed = command.prints.unwrap_or_default();
        assert!(text.contains(&printed), "{}\n{text} is not {printed}", command.line);
    }
}

#[test]
fn a_chain_names_its_root_and_what_stands_between() {
    let samples = samples();
    let line = |file: &str| {
        let sample = samples.iter().find(|sample| sample.file == file).unwrap();
        check(&sample.artifact, file, CLOCK, &shelf(&samples)).line
    };
    assert_eq!(
        line("leaf.pem"),
        "openssl verify -attime 1790000000 -purpose sslclient -CAfile root.pem -untrusted middle.pem leaf.pem"
    );
    assert_eq!(line("root.pem"), "openssl verify -attime 1790000000 -purpose any -CAfile root.pem root.pem");
    assert_eq!(line("orphan.pem"), "openssl x509 -text -noout -in orphan.pem");
    assert_eq!(line("list.pem"), "openssl crl -CAfile middle.pem -noout -in list.pem");
}
