//! Keys, signatures and certificates of every algorithm: what we make, OpenSSL reads and verifies.

use std::fs;
use std::path::Path;
use std::process::Command;

use trustlane::annotation::{self, Layer};
use trustlane::clock::Timestamp;
use trustlane::crypto::certificate::{Certificate, Credential, Profile, Purpose, Subject, issue, self_signed};
use trustlane::crypto::chain::{self, Usage};
use trustlane::crypto::csr::CertificateSigningRequest;
use trustlane::crypto::der;
use trustlane::crypto::key::{Algorithm, EcdsaForm, PrivateKey, RsaPadding, SignatureForm};
use trustlane::crypto::party::{Party, act};
use trustlane::crypto::tls::{ClientOptions, Connection, Ended, ServerOptions, ServerTrust, Version};
use trustlane::diag::Sink;
use trustlane::diag::render::{Colour, render};
use trustlane::operation::{self, Acting, Arg, Args};
use trustlane::registry::Registry;
use trustlane::trace::{EventOutcome, Trace};
use trustlane::value::Value;
use trustlane::{env, load, project, run};

/// 2026-01-01T00:00:00Z.
const NOW: Timestamp = Timestamp(1_767_225_600);
const SIGNING: [Algorithm; 4] = [Algorithm::Ed25519, Algorithm::P256, Algorithm::P384, Algorithm::Rsa];

fn openssl(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("openssl").args(arguments).current_dir(folder).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "openssl {}: {said}", arguments.join(" "));
    said
}

fn acting<T>(name: &str, work: impl FnOnce() -> T) -> T {
    act(&mut Party::new("keys", &[name]), work)
}

#[test]
fn openssl_reads_every_key_and_writes_it_alike() {
    let folder = tempfile::tempdir().unwrap();
    for algorithm in Algorithm::ALL {
        let key = acting(algorithm.title(), || PrivateKey::generate_for(algorithm));
        fs::write(folder.path().join("key.pem"), key.pkcs8_pem()).unwrap();
        openssl(folder.path(), &["pkey", "-in", "key.pem", "-check", "-noout"]);
        openssl(folder.path(), &["pkey", "-in", "key.pem", "-outform", "DER", "-pubout", "-out", "public.der"]);
        assert_eq!(fs::read(folder.path().join("public.der")).unwrap(), key.public().spki_der());
        openssl(
            folder.path(),
            &["pkcs8", "-topk8", "-nocrypt", "-in", "key.pem", "-outform", "DER", "-out", "key.der"],
        );
        assert_eq!(fs::read(folder.path().join("key.der")).unwrap(), key.pkcs8_der(), "{algorithm:?}");
    }
}

/// A new key of OpenSSL as PKCS#8.
fn made_by_openssl(folder: &Path, kind: &[&str]) -> Vec<u8> {
    openssl(folder, &[&["genpkey", "-out", "made.pem", "-algorithm"], kind].concat());
    openssl(folder, &["pkcs8", "-topk8", "-nocrypt", "-in", "made.pem", "-outform", "DER", "-out", "made.der"]);
    fs::read(folder.join("made.der")).unwrap()
}

#[test]
fn we_read_every_key_of_openssl() {
    let folder = tempfile::tempdir().unwrap();
    let kinds: [(Algorithm, &[&str]); 5] = [
        (Algorithm::Ed25519, &["ED25519"]),
        (Algorithm::P256, &["EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
        (Algorithm::P384, &["EC", "-pkeyopt", "ec_paramgen_curve:P-384"]),
        (Algorithm::Rsa, &["RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
        (Algorithm::X25519, &["X25519"]),
    ];
    for (algorithm, kind) in kinds {
        let der = made_by_openssl(folder.path(), kind);
        let key = PrivateKey::from_pkcs8_der(&der).unwrap();
        assert_eq!(key.algorithm(), algorithm);
        assert_eq!(key.pkcs8_der(), der);
    }
    let refusal = PrivateKey::from_pkcs8_der(&made_by_openssl(folder.path(), &["ED448"])).unwrap_err();
    assert_eq!(refusal.code, "malformed");
}

#[test]
fn openssl_verifies_every_signature() {
    let folder = tempfile::tempdir().unwrap();
    let pss = ["-pkeyopt", "rsa_padding_mode:pss", "-pkeyopt", "rsa_pss_saltlen:digest"];
    let cases: [(Algorithm, RsaPadding, Vec<&str>); 5] = [
        (Algorithm::Ed25519, RsaPadding::Pkcs1, vec!["-rawin"]),
        (Algorithm::P256, RsaPadding::Pkcs1, vec!["-rawin", "-digest", "sha256"]),
        (Algorithm::P384, RsaPadding::Pkcs1, vec!["-rawin", "-digest", "sha384"]),
        (Algorithm::Rsa, RsaPadding::Pkcs1, vec!["-rawin", "-digest", "sha256"]),
        (Algorithm::Rsa, RsaPadding::Pss, [&["-rawin", "-digest", "sha256"][..], &pss].concat()),
    ];
    for (algorithm, rsa, options) in cases {
        let form = SignatureForm { ecdsa: EcdsaForm::Der, rsa };
        let (key, signature) = acting("signer", || {
            let key = PrivateKey::generate_for(algorithm);
            let signature = key.sign(form, b"message").unwrap();
            (key, signature)
        });
        fs::write(folder.path().join("key.pem"), key.public().spki_pem()).unwrap();
        fs::write(folder.path().join("message"), "message").unwrap();
        fs::write(folder.path().join("signature"), signature).unwrap();
        let verify = ["pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-in", "message", "-sigfile", "signature"];
        openssl(folder.path(), &[&verify[..], &options].concat());
    }
}

fn profile(name: &str, purpose: Purpose) -> Profile {
    Profile {
        subject: Subject { common_name: Some(name.to_owned()), ..Subject::default() },
        purpose,
        dns_names: vec!["server.example".to_owned()],
        not_before: NOW,
        not_after: Timestamp(NOW.0 + 4_000_000_000),
        serial: None,
        masa_url: None,
    }
}

/// A root and an end entity under it, both of `algorithm`.
fn chain_of(algorithm: Algorithm) -> (Certificate, Credential) {
    acting(algorithm.title(), || {
        let key = PrivateKey::generate_for(algorithm);
        let root = self_signed(profile("root", Purpose::Authority { path_len: Some(0) }), &key).unwrap();
        let issuer = Credential { chain: vec![root.clone()], key };
        let key = PrivateKey::generate_for(algorithm);
        let request = CertificateSigningRequest::create(&Subject::default(), &key, Some("secret")).unwrap();
        request.verify().unwrap();
        let leaf = issue(profile("server", Purpose::ClientAndServer), &request.public_key(), &issuer).unwrap();
        (root, Credential { chain: vec![leaf], key })
    })
}

#[test]
fn certificates_of_every_algorithm_are_issued_and_verified() {
    let folder = tempfile::tempdir().unwrap();
    for algorithm in SIGNING {
        let (root, credential) = chain_of(algorithm);
        let anchors = [root.clone()];
        chain::verify(&credential.chain, &anchors, Usage::Server, Some("server.example"), &[], NOW).unwrap();
        fs::write(folder.path().join("root.pem"), root.pem()).unwrap();
        fs::write(folder.path().join("leaf.pem"), credential.chain[0].pem()).unwrap();
        openssl(folder.path(), &["verify", "-x509_strict", "-attime", "1767225601", "-CAfile", "root.pem", "leaf.pem"]);
        let request = acting("request", || {
            CertificateSigningRequest::create(&Subject::default(), &credential.key, None).unwrap()
        });
        fs::write(folder.path().join("csr.pem"), request.pem()).unwrap();
        openssl(folder.path(), &["req", "-verify", "-noout", "-in", "csr.pem"]);
    }
    let (_, issuer) = chain_of(Algorithm::P256);
    let refusal = acting("x25519", || {
        let key = PrivateKey::generate_for(Algorithm::X25519);
        CertificateSigningRequest::create(&Subject::default(), &key, None).unwrap_err();
        issue(profile("device", Purpose::Client), &key.public(), &issuer).unwrap_err()
    });
    assert_eq!(refusal.code, "wrong-algorithm");
}

#[test]
fn handshakes_use_keys_of_every_algorithm() {
    for algorithm in SIGNING {
        let (root, credential) = chain_of(algorithm);
        let client = ClientOptions {
            trust: ServerTrust::Anchors(vec![root.clone()]),
            name: "server.example".to_owned(),
            credential: Some(credential.clone()),
            version: Version::Tls13,
        };
        let server =
            ServerOptions { credential, client_anchors: Some(vec![root]), crls: Vec::new(), version: Version::Tls13 };
        let parties = ["client", "server"].map(|name| Party::new("keys", &[name]));
        let [client_party, server_party] = parties;
        let (mut connection, _, ended) = Connection::open(&client, &server, NOW, client_party, server_party).unwrap();
        assert!(matches!(ended, Ended::Established), "{algorithm:?}: {ended:?}");
        // Each end signs once, and verifies one handshake signature and one certificate.
        let (counts, _) = connection.take_counts();
        let counted = match algorithm {
            Algorithm::Ed25519 => (counts.ed25519, 3),
            Algorithm::P256 | Algorithm::X25519 => (counts.sign + counts.verify, 3),
            Algorithm::P384 => (counts.p384, 3),
            Algorithm::Rsa => (counts.rsa_private * 10 + counts.rsa_public, 12),
        };
        assert_eq!(counted.0, counted.1, "{algorithm:?}: {counts:?}");
    }
}

#[test]
fn an_rsa_key_has_no_suite_in_tls_1_2() {
    let (root, credential) = chain_of(Algorithm::Rsa);
    let version = Version::Tls12;
    let trust = ServerTrust::Anchors(vec![root]);
    let client = ClientOptions { trust, name: "server.example".to_owned(), credential: None, version };
    let server = ServerOptions { credential, client_anchors: None, crls: Vec::new(), version };
    let parties = ["client", "server"].map(|name| Party::new("keys", &[name]));
    let [client_party, server_party] = parties;
    let (.., ended) = Connection::open(&client, &server, NOW, client_party, server_party).unwrap();
    let Ended::Refused(refused) = ended else { panic!("{ended:?}") };
    assert_eq!((refused.by_client, refused.refusal.code), (false, "incompatible"));
}

#[test]
fn every_byte_of_every_key_is_explained() {
    for algorithm in Algorithm::ALL {
        let key = acting(algorithm.title(), || PrivateKey::generate_for(algorithm));
        for der in [key.pkcs8_der(), key.public().spki_der()] {
            let fields = der::describe(&der);
            let layer = Layer::new("DER", der.clone(), fields.clone());
            assert!(layer.is_complete(), "{algorithm:?}: {fields:?}");
            assert_eq!(layer.unexplained(), Vec::<String>::new(), "{algorithm:?}");
            let names: Vec<&str> = annotation::leaves(&fields).iter().map(|field| field.name.as_str()).collect();
            assert!(!names.contains(&"malformed"), "{algorithm:?}: {names:?}");
            let is_private = der == key.pkcs8_der();
            if algorithm == Algorithm::Rsa {
                let expected = if is_private { "coefficient" } else { "modulus" };
                assert!(names.contains(&expected), "{names:?}");
            }
        }
    }
}

/// Performs `jws-sign` or `jws-verify`.
fn jws(name: &str, args: [(&str, Arg); 2]) -> Result<Value, String> {
    let args = Args(args.map(|(name, arg)| (name.to_owned(), arg)).into());
    let mut registry = Registry::default();
    let mut acting = Acting::new(args, "jws", NOW, &mut registry);
    let performed = operation::find(name).unwrap().perform(&mut acting);
    performed.map(Option::unwrap).map_err(|refused| refused.code)
}

#[test]
fn tokens_are_signed_with_the_algorithm_of_the_key() {
    let keys = acting("jws", || Algorithm::ALL.map(PrivateKey::generate_for));
    let sign = |key: &PrivateKey| {
        let payload = Arg::Table([("a".to_owned(), Arg::Value(Value::Number(1)))].into());
        acting("sign", || jws("jws-sign", [("key", Arg::Value(Value::PrivateKey(key.clone()))), ("payload", payload)]))
    };
    let verify = |key: &PrivateKey, token: &Value| {
        let key = Arg::Value(Value::PublicKey(key.public()));
        jws("jws-verify", [("key", key), ("token", Arg::Value(token.clone()))]).map(|_| ())
    };
    for key in &keys {
        let Some(name) = key.algorithm().jws_name() else {
            assert_eq!(sign(key).unwrap_err(), "wrong-algorithm");
            continue;
        };
        let token = sign(key).unwrap();
        let text = token.text().unwrap();
        let header = trustlane::protocol::jws::Jws::decode(&text).unwrap();
        assert_eq!(header.algorithm(), name);
        for other in &keys {
            let expected = if other == key { Ok(()) } else { Err("wrong-algorithm".to_owned()) };
            assert_eq!(verify(other, &token), expected, "{name} with {:?}", other.algorithm());
        }
    }
}

fn own_runs() -> Vec<Trace> {
    let sources = load::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/run")).unwrap();
    let mut sink = Sink::default();
    let runs = project(&sources, &mut sink).and_then(|project| {
        let runs = run::run_all(&project, &env(&project), &mut sink)?;
        let (index, _) = project.flow("own")?;
        Some(runs.traces[index].clone())
    });
    runs.unwrap_or_else(|| panic!("{}", render(&sink.into_sorted(), &sources, Colour::Never)))
}

/// What an actor stored under a name.
fn stored(trace: &Trace, actor: &str, name: &str) -> Vec<u8> {
    let mut artifacts = trace.events.iter().flat_map(|event| &event.stored);
    artifacts.find(|found| found.actor == actor && found.name == name).unwrap().bytes.0.clone()
}

#[test]
fn a_method_of_ones_own_uses_every_algorithm_and_openssl_agrees() {
    let traces = own_runs();
    assert!(traces.len() > 10, "the baseline and its attacks, each with the outcome that it declares");
    let baseline = &traces[0];
    let folder = tempfile::tempdir().unwrap();
    let message = [&b"report"[..], &stored(baseline, "server", "challenge")].concat();
    fs::write(folder.path().join("message"), message).unwrap();
    let pss = "rsa_padding_mode:pss";
    let cases: [(&str, &str, &[&str]); 4] = [
        ("p384-public", "p384-signature", &["-digest", "sha384"]),
        ("ed25519-public", "ed25519-signature", &[]),
        ("rsa-public", "rsa-signature", &["-digest", "sha256"]),
        ("rsa-public", "pss-signature", &["-digest", "sha256", "-pkeyopt", pss]),
    ];
    for (key, signature, options) in cases {
        fs::write(folder.path().join("key.der"), stored(baseline, "server", key)).unwrap();
        fs::write(folder.path().join("signature"), stored(baseline, "device", signature)).unwrap();
        let verify = "pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in message -sigfile signature";
        let verify: Vec<&str> = verify.split(' ').collect();
        openssl(folder.path(), &[&verify[..], options].concat());
    }
    for name in ["p256", "p384", "x25519"] {
        let session = |actor: &str| stored(baseline, actor, &format!("{actor}-session-{name}"));
        assert_eq!(session("device"), session("server"), "{name}");
    }
}

#[test]
fn refusals_of_keys_that_do_not_fit_are_the_flows_and_of_signatures_the_librarys() {
    let mut codes: Vec<(String, String)> = Vec::new();
    for trace in own_runs().iter().skip(1) {
        let last = trace.events.last().unwrap();
        let EventOutcome::Rejected(rejection) = &last.outcome else { continue };
        codes.push((rejection.code.clone(), format!("{:?}", rejection.origin)));
    }
    for (code, origin) in [
        ("bad-mac", "Library"),
        ("bad-signature", "Library"),
        ("decrypt-error", "Library"),
        ("wrong-algorithm", "Policy"),
        ("wrong-length", "Policy"),
    ] {
        assert!(codes.contains(&(code.to_owned(), origin.to_owned())), "{code}: {codes:?}");
    }
}
