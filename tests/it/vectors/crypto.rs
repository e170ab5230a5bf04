//! Primitives of the crypto core, through the operation that steps name wherever there is one.

use trustlane::clock::Timestamp;
use trustlane::crypto::aead::{Cipher, Inputs};
use trustlane::crypto::certificate::Certificate;
use trustlane::crypto::chain::{self, Usage};
use trustlane::crypto::csr::CertificateSigningRequest;
use trustlane::crypto::key::{Algorithm, PrivateKey, PublicKey, SignatureForm};
use trustlane::crypto::mac::{self, Hash};
use trustlane::crypto::party::{Party, act};
use trustlane::crypto::refusal::Refusal;
use trustlane::operation::{self, Acting, Arg, Args};
use trustlane::protocol::jws::Jws;
use trustlane::registry::Registry;
use trustlane::value;

use super::{Answer, Given, Value, members};

/// The canonical bytes of what the operation `name` gives.
fn perform<const N: usize>(name: &str, args: [(&str, value::Value); N]) -> Result<Vec<u8>, String> {
    let args = Args(args.map(|(name, value)| (name.to_owned(), Arg::Value(value))).into());
    let mut registry = Registry::default();
    let mut acting = Acting::new(args, "vector", Timestamp(0), &mut registry);
    let result = operation::find(name).unwrap().perform(&mut acting);
    result.map(|result| result.map(|value| value.canonical()).unwrap_or_default()).map_err(|refused| refused.code)
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` gives it away")]
fn code(refusal: Refusal) -> String {
    refusal.code.to_owned()
}

fn secret(bytes: &[u8]) -> value::Value {
    value::Value::Secret(bytes.to_vec())
}

fn bytes(bytes: &[u8]) -> value::Value {
    value::Value::Bytes(bytes.to_vec())
}

pub(super) fn aes_128_gcm(given: &Given) -> Answer {
    let inputs = Inputs { key: given.bytes("key"), nonce: given.bytes("nonce"), aad: given.bytes("aad") };
    let sealed = [given.bytes("ciphertext"), given.bytes("tag")].concat();
    let plaintext = Cipher::Aes128Gcm.open(inputs, &sealed).map_err(code)?;
    assert_eq!(Cipher::Aes128Gcm.seal(inputs, &plaintext).map_err(code)?, sealed);
    Ok(members([("plaintext", Value::bytes(plaintext))]))
}

pub(super) fn csr(given: &Given) -> Answer {
    let request = CertificateSigningRequest::from_der(given.bytes("csr")).map_err(code)?;
    request.verify().map_err(code)?;
    let mut found = members([("self-signature", Value::Boolean(true))]);
    let texts = [
        ("subject-common-name", request.subject_fields().common_name),
        ("challenge-password", request.challenge_password()),
    ];
    found.extend(texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), Value::bytes(text?)))));
    Ok(found)
}

pub(super) fn ecdh_p256(given: &Given) -> Answer {
    let key = PrivateKey::from_secret_bytes(Algorithm::P256, given.bytes("key")).map_err(code)?;
    let public = PublicKey::from_bits(Algorithm::P256, given.bytes("public-key")).map_err(code)?;
    let arguments = [("key", value::Value::PrivateKey(key)), ("public-key", value::Value::PublicKey(public))];
    Ok(members([("shared-secret", Value::Bytes(perform("agree", arguments)?))]))
}

pub(super) fn ecdsa_sign(given: &Given) -> Answer {
    let key = PrivateKey::from_secret_bytes(Algorithm::P256, given.bytes("key")).map_err(code)?;
    let message = given.bytes("message");
    let der = key.sign(SignatureForm::X509, message).map_err(code)?;
    key.public().verify(SignatureForm::X509, message, &der).map_err(code)?;
    Ok(members([("signature", Value::Bytes(key.sign(SignatureForm::JOSE, message).map_err(code)?))]))
}

pub(super) fn ecdsa_verify(given: &Given) -> Answer {
    let key = PublicKey::from_bits(Algorithm::P256, given.bytes("public-key")).map_err(code)?;
    key.verify(SignatureForm::JOSE, given.bytes("message"), given.bytes("signature")).map_err(code)?;
    Ok(members([("valid", Value::Boolean(true))]))
}

pub(super) fn hkdf(given: &Given) -> Answer {
    let (ikm, salt) = (given.bytes("ikm"), given.bytes("salt"));
    let arguments = [
        ("key", secret(ikm)),
        ("salt", bytes(salt)),
        ("info", bytes(given.bytes("info"))),
        ("bytes", value::Value::Number(given.number("length"))),
        ("hash", value::Value::Text(hash(given).to_owned())),
    ];
    // RFC 5869, section 2.2: extraction is an HMAC under the salt.
    let prk = if hash(given) == "sha384" { Hash::Sha384 } else { Hash::Sha256 }.hmac(salt, ikm);
    Ok(members([("okm", Value::Bytes(perform("hkdf", arguments)?)), ("prk", Value::bytes(prk))]))
}

pub(super) fn hmac(given: &Given) -> Answer {
    let arguments = [
        ("key", secret(given.bytes("key"))),
        ("data", bytes(given.bytes("message"))),
        ("hash", value::Value::Text(hash(given).to_owned())),
    ];
    Ok(members([("tag", Value::Bytes(perform("hmac", arguments)?))]))
}

fn jws(given: &Given, key: value::Value) -> Answer {
    let token = given.text("token");
    perform("jws-verify", [("token", value::Value::Token(token.to_owned())), ("key", key)])?;
    let jws = Jws::decode(token).map_err(|_| "malformed")?;
    Ok(members([("algorithm", Value::bytes(jws.algorithm())), ("payload", Value::bytes(jws.payload.clone()))]))
}

pub(super) fn jws_es256(given: &Given) -> Answer {
    let key = PublicKey::from_bits(Algorithm::P256, given.bytes("public-key")).map_err(code)?;
    jws(given, value::Value::PublicKey(key))
}

pub(super) fn jws_hs256(given: &Given) -> Answer {
    jws(given, secret(given.bytes("key")))
}

/// The hash function that a vector names; SHA-256 where it names none.
fn hash(given: &Given) -> &str {
    if given.has("hash") { given.text("hash") } else { "sha256" }
}

fn algorithm(given: &Given, name: &str) -> Algorithm {
    match given.text(name) {
        "ed25519" => Algorithm::Ed25519,
        "p256" => Algorithm::P256,
        "p384" => Algorithm::P384,
        "rsa-2048" => Algorithm::Rsa,
        "x25519" => Algorithm::X25519,
        other => panic!("no algorithm is called `{other}`"),
    }
}

pub(super) fn aead(given: &Given) -> Answer {
    let sealed = [given.bytes("ciphertext"), given.bytes("tag")].concat();
    let with = |name: &'static str, message: value::Value| {
        [
            ("cipher", value::Value::Text(given.text("cipher").to_owned())),
            ("key", secret(given.bytes("key"))),
            ("nonce", bytes(given.bytes("nonce"))),
            ("aad", bytes(given.bytes("aad"))),
            (name, message),
        ]
    };
    let plaintext = perform("open", with("ciphertext", bytes(&sealed)))?;
    assert_eq!(perform("seal", with("plaintext", bytes(&plaintext)))?, sealed);
    Ok(members([("plaintext", Value::Bytes(plaintext))]))
}

pub(super) fn agree(given: &Given) -> Answer {
    let key = PrivateKey::from_secret_bytes(algorithm(given, "algorithm"), given.bytes("key")).map_err(code)?;
    let public = PublicKey::from_bits(algorithm(given, "public-algorithm"), given.bytes("public-key")).map_err(code)?;
    let arguments = [("key", value::Value::PrivateKey(key)), ("public-key", value::Value::PublicKey(public))];
    Ok(members([("shared-secret", Value::Bytes(perform("agree", arguments)?))]))
}

/// The parameters of `sign` and `verify` that a vector gives, or else what the operations take for absent.
fn forms(given: &Given) -> [(&'static str, value::Value); 2] {
    let or = |name: &'static str, absent: &str| {
        let text = if given.has(name) { given.text(name) } else { absent };
        (name, value::Value::Text(text.to_owned()))
    };
    [or("format", "raw"), or("scheme", "pss")]
}

pub(super) fn sign(given: &Given) -> Answer {
    let key = if given.has("pkcs8") {
        PrivateKey::from_pkcs8_der(given.bytes("pkcs8"))
    } else {
        PrivateKey::from_secret_bytes(algorithm(given, "algorithm"), given.bytes("key"))
    }
    .map_err(code)?;
    assert_eq!(key.algorithm(), algorithm(given, "algorithm"));
    let public = key.public();
    let [format, scheme] = forms(given);
    let arguments = [("key", value::Value::PrivateKey(key)), ("data", bytes(given.bytes("message"))), format, scheme];
    let signature = perform("sign", arguments)?;
    Ok(members([("public-key", Value::bytes(public.bits())), ("signature", Value::Bytes(signature))]))
}

pub(super) fn verify(given: &Given) -> Answer {
    let key = PublicKey::from_spki_der(given.bytes("public-key")).map_err(code)?;
    let [format, scheme] = forms(given);
    let arguments = [
        ("key", value::Value::PublicKey(key)),
        ("data", bytes(given.bytes("message"))),
        ("signature", bytes(given.bytes("signature"))),
        format,
        scheme,
    ];
    perform("verify", arguments)?;
    Ok(members([("valid", Value::Boolean(true))]))
}

pub(super) fn verify_mac(given: &Given) -> Answer {
    let arguments = [
        ("key", secret(given.bytes("key"))),
        ("data", bytes(given.bytes("message"))),
        ("tag", bytes(given.bytes("tag"))),
        ("hash", value::Value::Text(hash(given).to_owned())),
    ];
    perform("verify-mac", arguments)?;
    Ok(members([("valid", Value::Boolean(true))]))
}

pub(super) fn sha384(given: &Given) -> Answer {
    let arguments = [("data", bytes(given.bytes("message"))), ("hash", value::Value::Text("sha384".to_owned()))];
    Ok(members([("digest", Value::Bytes(perform("digest", arguments)?))]))
}

pub(super) fn sha256(given: &Given) -> Answer {
    Ok(members([("digest", Value::Bytes(perform("digest", [("data", bytes(given.bytes("message")))])?))]))
}

/// Reads the published credential, and one of our own for the same key, name and secret.
pub(super) fn tpm_credential(given: &Given) -> Answer {
    let key = PrivateKey::from_secret_bytes(Algorithm::P256, given.bytes("key")).map_err(code)?;
    let activate = |credential: &[u8]| {
        let key = value::Value::PrivateKey(key.clone());
        let arguments = [("key", key), ("name", bytes(given.bytes("name"))), ("credential", bytes(credential))];
        perform("tpm-activate-credential", arguments)
    };
    let opened = activate(given.bytes("credential"))?;
    let template = value::Value::Text("endorsement".to_owned());
    let public = perform("tpm-public", [("key", value::Value::PrivateKey(key.clone())), ("template", template)])?;
    let arguments =
        [("endorsement", bytes(&public)), ("name", bytes(given.bytes("name"))), ("secret", secret(&opened))];
    let own = act(&mut Party::new("vector", &["tpm"]), || perform("tpm-make-credential", arguments))?;
    assert_eq!(activate(&own)?, opened);
    Ok(members([("secret", Value::Bytes(opened))]))
}

pub(super) fn tpm_public(given: &Given) -> Answer {
    let key = PrivateKey::from_secret_bytes(Algorithm::P256, given.bytes("key")).map_err(code)?;
    let template = value::Value::Text(given.text("template").to_owned());
    let public = perform("tpm-public", [("key", value::Value::PrivateKey(key)), ("template", template)])?;
    let name = perform("tpm-name", [("public", bytes(&public))])?;
    Ok(members([("public", Value::Bytes(public)), ("name", Value::Bytes(name))]))
}

#[expect(clippy::unnecessary_wraps, reason = "primitives stand in one table")]
pub(super) fn tls12_prf(given: &Given) -> Answer {
    let (secret, seed, length) = (given.bytes("secret"), given.bytes("seed"), given.number("length"));
    Ok(members([("data", Value::Bytes(mac::tls12_prf_sha256(secret, given.text("label"), seed, length)))]))
}

/// As the key exchange of TLS uses it: an all-zero result is refused (RFC 8446, section 7.4.2).
pub(super) fn x25519(given: &Given) -> Answer {
    let array = |name| <[u8; 32]>::try_from(given.bytes(name)).unwrap();
    let shared = x25519_dalek::StaticSecret::from(array("key")).diffie_hellman(&array("public-key").into());
    if !shared.was_contributory() {
        return Err("invalid-public-key".to_owned());
    }
    Ok(members([("shared-secret", Value::bytes(shared.to_bytes()))]))
}

fn certificate(value: &Value) -> Result<Certificate, String> {
    match value {
        Value::Bytes(der) => Certificate::from_der(der).map_err(code),
        other => panic!("a certificate cannot be {other:?}"),
    }
}

pub(super) fn x509_chain(given: &Given) -> Answer {
    let chain = given.list("chain").iter().map(certificate).collect::<Result<Vec<_>, _>>()?;
    let anchor = Certificate::from_der(given.bytes("anchor")).map_err(code)?;
    let now = Timestamp(given.number("time"));
    chain::verify(&chain, &[anchor], Usage::Any, None, &[], now).map_err(code)?;
    Ok(members([("valid", Value::Boolean(true))]))
}

pub(super) fn x509_parse(given: &Given) -> Answer {
    let certificate = Certificate::from_der(given.bytes("certificate")).map_err(code)?;
    let mut found = members([
        ("serial", Value::Bytes(certificate.serial_bytes())),
        ("not-before", Value::Number(certificate.not_before().0)),
        ("not-after", Value::Number(certificate.not_after().0)),
        ("is-authority", Value::Boolean(certificate.is_authority())),
    ]);
    let issuer = certificate.issuer();
    let texts = [
        ("subject-common-name", certificate.common_name()),
        ("subject-serial-number", certificate.subject_serial_number()),
        ("issuer-common-name", common_name(&issuer)),
        ("masa-url", certificate.masa_url()),
    ];
    found.extend(texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), Value::bytes(text?)))));
    Ok(found)
}

/// CN in a distinguished name on one line.
fn common_name(name: &str) -> Option<String> {
    name.split(", ").find_map(|attribute| attribute.strip_prefix("CN=")).map(str::to_owned)
}
