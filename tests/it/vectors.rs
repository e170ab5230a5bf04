//! Known answers: every file in `tests/vectors` and in the folders that `TRUSTLANE_VECTORS` names.

mod crypto;
mod encoding;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use trustlane::operation::OPERATIONS;

/// What a primitive gives: members by name, or the code with which it refuses.
type Answer = Result<Members, String>;

/// Values by name.
type Members = BTreeMap<String, Value>;

/// A primitive, as a function of the members of a vector.
type Primitive = fn(&Given) -> Answer;

/// Everything that a vector file can be for, by name.
const PRIMITIVES: &[(&str, Primitive)] = &[
    ("aead", crypto::aead),
    ("aes-128-gcm", crypto::aes_128_gcm),
    ("agree", crypto::agree),
    ("base38", encoding::base38),
    ("base64", encoding::base64),
    ("canonical-json", encoding::canonical_json),
    ("csr", crypto::csr),
    ("ecdh-p256", crypto::ecdh_p256),
    ("ecdsa-sign", crypto::ecdsa_sign),
    ("ecdsa-verify", crypto::ecdsa_verify),
    ("handover", encoding::handover),
    ("hkdf", crypto::hkdf),
    ("hmac", crypto::hmac),
    ("http-request", encoding::http_request),
    ("http-response", encoding::http_response),
    ("jws-es256", crypto::jws_es256),
    ("jws-hs256", crypto::jws_hs256),
    ("matter-manual-code", encoding::matter_manual_code),
    ("matter-payload", encoding::matter_payload),
    ("mqtt-connect", encoding::mqtt_connect),
    ("mqtt-publish", encoding::mqtt_publish),
    ("mqtt-remaining-length", encoding::mqtt_remaining_length),
    ("mqtt-subscribe", encoding::mqtt_subscribe),
    ("percent-encoding", encoding::percent_encoding),
    ("sas-device-key", encoding::sas_device_key),
    ("sas-token", encoding::sas_token),
    ("sha256", crypto::sha256),
    ("sha384", crypto::sha384),
    ("sign", crypto::sign),
    ("tls12-prf", crypto::tls12_prf),
    ("tpm-credential", crypto::tpm_credential),
    ("tpm-public", crypto::tpm_public),
    ("verify", crypto::verify),
    ("verify-mac", crypto::verify_mac),
    ("wifi-payload", encoding::wifi_payload),
    ("x25519", crypto::x25519),
    ("x509-chain", crypto::x509_chain),
    ("x509-parse", crypto::x509_parse),
];

/// Vectors for algorithms that the core does not use, as file, name, the code with which it refuses, and the reason.
const UNSUPPORTED: &[(&str, &str, &str, &str)] =
    &[("csr", "simpleenroll request", "unsupported-algorithm", "the request is signed with SHA-1")];

/// Where the answers for each operation are, or why there are none.
const ANSWERS: &[(&str, Answers)] = &[
    ("agree", Answers::In(&["agree", "ecdh-p256"])),
    ("authority", Answers::In(&["ecdsa-sign", "x509-parse"])),
    ("authorize", Answers::None("policy, no cryptography")),
    ("check-before", Answers::None("compares, no cryptography")),
    ("check-equal", Answers::None("compares, no cryptography")),
    ("check-listed", Answers::None("compares, no cryptography")),
    ("check-log", Answers::In(&["canonical-json", "sha256"])),
    ("check-pinned", Answers::In(&["sha256"])),
    ("close", Answers::None("close_notify of the TLS library")),
    ("constant", Answers::None("what the author wrote")),
    ("count-use", Answers::None("counts, no cryptography")),
    ("credential", Answers::None("joins a key and a chain that exist")),
    ("crl", Answers::In(&["ecdsa-sign"])),
    ("csr", Answers::In(&["csr", "ecdsa-sign"])),
    ("decode", Answers::In(&["base64", "sas-token", "x509-parse"])),
    ("deliver", Answers::In(&["handover"])),
    ("digest", Answers::In(&["sha256", "sha384"])),
    ("hkdf", Answers::In(&["hkdf"])),
    ("hmac", Answers::In(&["hmac"])),
    ("http-request", Answers::In(&["http-request"])),
    ("http-response", Answers::In(&["http-response"])),
    ("human", Answers::None("what a person does")),
    ("install-anchor", Answers::None("hands over a certificate that exists")),
    ("issue", Answers::In(&["ecdsa-sign", "x509-parse"])),
    ("issue-credential", Answers::In(&["ecdsa-sign", "x509-parse"])),
    ("jws-sign", Answers::In(&["ecdsa-sign", "jws-es256", "jws-hs256"])),
    ("jws-verify", Answers::In(&["jws-es256", "jws-hs256"])),
    ("keygen", Answers::In(&["ecdsa-sign", "sign"])),
    ("message", Answers::None("the author's own layout; published frames are read in tests/suite/layout")),
    ("moment", Answers::None("reads the virtual clock")),
    ("mqtt-connack", Answers::None("two bytes, covered by the tests of the codec")),
    ("mqtt-connect", Answers::In(&["mqtt-connect", "mqtt-remaining-length"])),
    ("mqtt-puback", Answers::None("two bytes, covered by the tests of the codec")),
    ("mqtt-publish", Answers::In(&["mqtt-publish", "mqtt-remaining-length"])),
    ("mqtt-suback", Answers::None("a byte for each filter, covered by the tests of the codec")),
    ("mqtt-subscribe", Answers::In(&["mqtt-subscribe", "mqtt-remaining-length"])),
    ("nonce", Answers::None("the stream of the public seed, no published answers")),
    ("open", Answers::In(&["aead", "aes-128-gcm"])),
    ("pack", Answers::None("the author's own layout; published frames are read in tests/suite/layout")),
    ("policy", Answers::None("policy, no cryptography")),
    ("policy-attach", Answers::None("policy, no cryptography")),
    ("random", Answers::None("the stream of the public seed, no published answers")),
    ("registry-accept", Answers::None("policy, no cryptography")),
    ("registry-add", Answers::None("policy, no cryptography")),
    ("registry-approve", Answers::None("policy, no cryptography")),
    ("registry-bind", Answers::In(&["sha256", "x509-parse"])),
    ("registry-check", Answers::None("policy, no cryptography")),
    ("registry-connect", Answers::None("policy, no cryptography")),
    ("registry-decommission", Answers::None("policy, no cryptography")),
    ("registry-disconnect", Answers::None("policy, no cryptography")),
    ("registry-export", Answers::In(&["canonical-json", "sha256"])),
    ("registry-group", Answers::None("policy, no cryptography")),
    ("registry-set", Answers::None("policy, no cryptography")),
    ("registry-transfer", Answers::None("policy, no cryptography")),
    ("replace-text", Answers::None("replaces text, no cryptography")),
    ("scan", Answers::In(&["matter-manual-code", "matter-payload", "wifi-payload"])),
    ("seal", Answers::In(&["aead", "aes-128-gcm"])),
    ("sign", Answers::In(&["ecdsa-sign", "sign"])),
    ("thing-type", Answers::None("policy, no cryptography")),
    ("tls", Answers::In(&["aes-128-gcm", "ecdsa-verify", "hkdf", "tls12-prf", "x25519", "x509-chain"])),
    ("token", Answers::None("randomness as text, no published answers")),
    ("tpm-activate-credential", Answers::In(&["tpm-credential"])),
    ("tpm-make-credential", Answers::In(&["tpm-credential"])),
    ("tpm-name", Answers::In(&["tpm-public"])),
    ("tpm-public", Answers::In(&["tpm-public"])),
    ("unpack", Answers::None("the author's own layout; published frames are read in tests/suite/layout")),
    ("use-once", Answers::In(&["sha256"])),
    ("verify", Answers::In(&["ecdsa-verify", "verify"])),
    ("verify-chain", Answers::In(&["x509-chain"])),
    ("verify-csr", Answers::In(&["csr"])),
    ("verify-mac", Answers::In(&["verify-mac"])),
    ("wait", Answers::None("moves the clock")),
];

/// Where answers for an operation come from.
enum Answers {
    /// These vector files.
    In(&'static [&'static str]),
    /// Nowhere, for this reason.
    None(&'static str),
}

/// A value of a vector.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Boolean(bool),
    Bytes(Vec<u8>),
    List(Vec<Value>),
    Number(i64),
}

/// The input of a vector; a primitive that asks for what is not there is a mistake of the file.
#[derive(Debug)]
struct Given(Members);

impl Given {
    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn bytes(&self, name: &str) -> &[u8] {
        match &self.0[name] {
            Value::Bytes(bytes) => bytes,
            other => panic!("`{name}` is {other:?}"),
        }
    }

    fn text(&self, name: &str) -> &str {
        std::str::from_utf8(self.bytes(name)).unwrap()
    }

    fn number<N: TryFrom<i64, Error: std::fmt::Debug>>(&self, name: &str) -> N {
        match &self.0[name] {
            Value::Number(number) => N::try_from(*number).unwrap(),
            other => panic!("`{name}` is {other:?}"),
        }
    }

    fn flag(&self, name: &str) -> bool {
        self.0[name] == Value::Boolean(true)
    }

    fn list(&self, name: &str) -> &[Value] {
        match &self.0[name] {
            Value::List(items) => items,
            other => panic!("`{name}` is {other:?}"),
        }
    }
}

impl Value {
    fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Bytes(bytes.into())
    }
}

/// Members by name.
fn members<const N: usize>(members: [(&str, Value); N]) -> Members {
    members.map(|(name, value)| (name.to_owned(), value)).into()
}

/// Folders named by the environment.
fn folders() -> Vec<PathBuf> {
    let list = std::env::var("TRUSTLANE_VECTORS").unwrap_or_default();
    std::env::split_paths(&list).filter(|folder| !folder.as_os_str().is_empty()).collect()
}

/// The vector files of our own folder and of those named by the environment.
fn vector_files() -> Vec<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let mut files: Vec<PathBuf> = std::iter::once(own)
        .chain(folders())
        .flat_map(|folder| fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .collect();
    files.sort();
    files
}

fn read(path: &Path) -> toml::Table {
    fs::read_to_string(path).unwrap().parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The value written in a vector; the error names a file that is nowhere.
fn value(written: &toml::Value) -> Result<Value, String> {
    match written {
        toml::Value::Integer(number) => Ok(Value::Number(*number)),
        toml::Value::Boolean(flag) => Ok(Value::Boolean(*flag)),
        toml::Value::Array(items) => Ok(Value::List(items.iter().map(value).collect::<Result<_, _>>()?)),
        toml::Value::Table(table) => {
            let (kind, text) = table.iter().next().unwrap();
            let text = text.as_str().unwrap();
            match kind.as_str() {
                "hex" => Ok(Value::Bytes(hex::decode(text).unwrap())),
                "base64" => Ok(Value::Bytes(trustlane::protocol::encoding::from_base64(text).unwrap())),
                "text" => Ok(Value::bytes(text)),
                "file" => file(text).map(Value::Bytes).ok_or_else(|| text.to_owned()),
                kind => panic!("a value cannot be `{kind}`"),
            }
        }
        other => panic!("a value cannot be {other}"),
    }
}

/// The bytes of a sample, DER where it is PEM.
fn file(name: &str) -> Option<Vec<u8>> {
    let bytes = folders().iter().find_map(|folder| fs::read(folder.join(name)).ok())?;
    if !bytes.starts_with(b"-----BEGIN") {
        return Some(bytes);
    }
    let text = String::from_utf8(bytes).unwrap();
    let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    Some(trustlane::protocol::encoding::from_base64(&body).unwrap())
}

fn table(written: &toml::Value, key: &str) -> Result<Members, String> {
    let Some(table) = written.get(key) else { return Ok(Members::new()) };
    table.as_table().unwrap().iter().map(|(name, written)| Ok((name.clone(), value(written)?))).collect()
}

/// What became of a vector.
enum Judged {
    Right,
    Skipped(String),
    Wrong(String),
}

fn judge(operation: &str, primitive: Primitive, vector: &toml::Value) -> Judged {
    let given = match table(vector, "input") {
        Ok(given) => Given(given),
        Err(file) => return Judged::Skipped(format!("`{file}` is in no folder of TRUSTLANE_VECTORS")),
    };
    let got = primitive(&given);
    let name = vector["name"].as_str().unwrap();
    let refused = vector.get("refused").map(|code| code.as_str().unwrap());
    let unsupported = UNSUPPORTED.iter().find(|other| (other.0, other.1) == (operation, name));
    if let Some((.., expected, reason)) = unsupported {
        return match got {
            Err(code) if code == *expected => Judged::Skipped((*reason).to_owned()),
            got => Judged::Wrong(format!("it is no longer refused so, take it from the list: {got:?}")),
        };
    }
    match (got, refused) {
        (Err(code), Some(expected)) if code == expected => Judged::Right,
        (Ok(got), None) => match table(vector, "output").unwrap().into_iter().find(|(k, v)| got.get(k) != Some(v)) {
            None => Judged::Right,
            Some((member, expected)) => {
                Judged::Wrong(format!("`{member}` is {:?}, expected {expected:?}", got.get(&member)))
            }
        },
        (got, Some(expected)) => Judged::Wrong(format!("{got:?}, expected to be refused with `{expected}`")),
        (got, None) => Judged::Wrong(format!("{got:?}, expected an answer")),
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "what is skipped is said by name")]
fn every_known_answer_is_met() {
    let (mut n_right, mut wrong) = (0, Vec::new());
    for path in vector_files() {
        let file = read(&path);
        let operation = file["operation"].as_str().unwrap();
        let Some((_, primitive)) = PRIMITIVES.iter().find(|(name, _)| *name == operation) else {
            wrong.push(format!("{}: no primitive is called `{operation}`", path.display()));
            continue;
        };
        for vector in file["vector"].as_array().unwrap() {
            let name = format!("{operation}: {}", vector["name"].as_str().unwrap());
            match judge(operation, *primitive, vector) {
                Judged::Right => n_right += 1,
                Judged::Skipped(reason) => eprintln!("skipped {name}: {reason}"),
                Judged::Wrong(reason) => wrong.push(format!("{name}: {reason}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{n_right} right, {} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_primitive_has_a_file_of_its_name_and_every_vector_its_source() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let names: BTreeSet<&str> = PRIMITIVES.iter().map(|(name, _)| *name).collect();
    assert!(PRIMITIVES.is_sorted_by(|a, b| a.0 < b.0));
    for name in names {
        let file = read(&own.join(format!("{name}.toml")));
        assert_eq!(file["operation"].as_str(), Some(name));
        let mut seen = BTreeSet::new();
        for vector in file["vector"].as_array().unwrap() {
            let vector_name = vector["name"].as_str().unwrap();
            assert!(seen.insert(vector_name), "{name}: two vectors are called `{vector_name}`");
            assert!(vector.get("source").or(file.get("source")).is_some(), "{name}: `{vector_name}` has no source");
            let (refused, output) = (vector.get("refused").is_some(), vector.get("output").is_some());
            assert!(refused != output, "{name}: `{vector_name}` has neither or both of outputs and a refusal");
        }
    }
}

#[test]
fn every_operation_has_vectors() {
    let operations: Vec<&str> = OPERATIONS.iter().map(|operation| operation.spec().name).collect();
    let listed: Vec<&str> = ANSWERS.iter().map(|(name, _)| *name).collect();
    let mut missing: Vec<&str> = operations.iter().copied().filter(|name| !listed.contains(name)).collect();
    missing.extend(listed.iter().copied().filter(|name| !operations.contains(name)));
    assert!(missing.is_empty(), "not in both tables: {missing:?}");
    for (operation, answers) in ANSWERS {
        match answers {
            Answers::In(files) => {
                for file in *files {
                    let is_known = PRIMITIVES.iter().any(|(name, _)| name == file);
                    assert!(is_known, "`{operation}` has its answers in `{file}`, which is no primitive");
                }
            }
            Answers::None(reason) => assert!(!reason.is_empty()),
        }
    }
}
