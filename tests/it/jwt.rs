//! Tokens that flows make and refuse, judged by another implementation: `PyJWT` (Debian's `python3-jwt`).

use std::path::Path;
use std::process::Command;

use trustlane::diag::Sink;
use trustlane::protocol::jws::Jws;
use trustlane::trace::{Artifact, Trace};
use trustlane::{env, load, project, run};

/// Scenarios in which the service looks at a token, and what `PyJWT` says of it: the claim `sub` of one that it
/// accepts, or the name of the exception.
const JUDGED: &[(&str, &str)] = &[
    ("algorithm-confusion", "InvalidAlgorithmError"),
    ("baseline", "HT-0042"),
    ("expired-token", "ExpiredSignatureError"),
    ("guessed-token", "DecodeError"),
    ("key-bound", "HT-0042"),
    ("no-signature", "InvalidAlgorithmError"),
    ("other-audience", "InvalidAudienceError"),
    ("other-issuer", "InvalidIssuerError"),
    ("own-signature", "InvalidSignatureError"),
    ("too-early", "ImmatureSignatureError"),
];

const SCRIPT: &str = r#"
import sys, jwt
token, key = sys.argv[1:]
try:
    claims = jwt.decode(token, key, algorithms=["ES256"], audience="https://enrol.example",
        issuer="https://console.example", options={"require": ["aud", "exp", "iss", "jti", "nbf", "sub"]})
    print(claims["sub"])
except jwt.PyJWTError as error:
    print(type(error).__name__)
"#;

fn artifact<'t>(trace: &'t Trace, actor: &str, name: &str) -> &'t Artifact {
    let mut stored = trace.events.iter().flat_map(|event| &event.stored);
    let found = stored.find(|artifact| artifact.actor == actor && artifact.name == name);
    found.unwrap_or_else(|| panic!("{}: `{actor}` has no `{name}`", trace.scenario))
}

/// What Python says at the moment of the trace's clock.
fn python(arguments: &[&str], seconds: i64) -> String {
    let moment = trustlane::clock::Timestamp(seconds).to_string().replace('T', " ").replace('Z', "");
    let mut command = Command::new("faketime");
    command.env("TZ", "UTC").args(["-f", &format!("@{moment}"), "/usr/bin/python3", "-c"]).args(arguments);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn pyjwt_accepts_and_refuses_the_tokens_that_the_service_does() {
    let sources = load::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let project = project(&sources, &mut Sink::default()).unwrap();
    let flow = project.flows.iter().find(|flow| flow.id == "enrolment-token").unwrap();
    for (id, expected) in JUDGED {
        let scenario = flow.scenarios.iter().find(|scenario| scenario.id == *id).unwrap();
        let trace = run::run(flow, scenario, &env(&project));
        let presented = artifact(&trace, "service", "presented");
        let token = String::from_utf8(presented.bytes.0.clone()).unwrap();
        let key = artifact(&trace, "service", "issuer-key").pem.as_deref().unwrap();
        let clock = trace.event("signed").unwrap().clock;
        assert_eq!(python(&[SCRIPT, &token, key], clock.0), *expected, "{id}");
        if *expected == "HT-0042" {
            assert_eq!(Jws::decode(&token).unwrap().header["typ"], "JWT");
        }
    }
}

#[test]
fn a_token_is_of_the_kind_that_the_verifier_asks_for() {
    let signed = r#"
import jwt
print(jwt.encode({"sub": "HT-0042"}, "k" * 32, algorithm="HS256", headers={"typ": "at+jwt"}))
"#;
    let token = python(&[signed], 1_767_225_600);
    let verify = |kind: &str| {
        use trustlane::operation::{Acting, Arg, Args, find};
        use trustlane::value::Value;
        let args = [
            ("token", Value::Token(token.clone())),
            ("key", Value::Secret(b"k".repeat(32))),
            ("type", Value::Text(kind.to_owned())),
        ];
        let args = Args(args.map(|(name, value)| (name.to_owned(), Arg::Value(value))).into());
        let mut registry = trustlane::registry::Registry::default();
        let clock = trustlane::clock::Timestamp(0);
        find("jws-verify").unwrap().perform(&mut Acting::new(args, "verify", clock, &mut registry))
    };
    let claims = verify("AT+JWT").unwrap().unwrap();
    assert_eq!(claims.canonical(), br#"{"sub":"HT-0042"}"#);
    let refused = verify("JWT").unwrap_err();
    assert_eq!(refused.code, "wrong-type");
    assert_eq!(refused.message, "the token is of type `at+jwt`, `JWT` is required");
}
