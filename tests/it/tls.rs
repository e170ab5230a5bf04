//! TLS between two parties in memory: what each end refuses and what the other sees, and that all of it can be repeated.

use trustlane::clock::Timestamp;
use trustlane::crypto::certificate::{self, Certificate, Credential, Profile, Purpose, Subject};
use trustlane::crypto::crl::CertificateRevocationList;
use trustlane::crypto::key::PrivateKey;
use trustlane::crypto::party::{Party, act};
use trustlane::crypto::tls::{ClientOptions, Connection, Ended, Flight, ServerOptions, ServerTrust, Version};

const VERSIONS: [Version; 2] = [Version::Tls13, Version::Tls12];
const DAY: i64 = 86_400;
/// 2026-01-01T00:00:00Z.
const NOW: Timestamp = Timestamp(1_767_225_600);
const NAME: &str = "broker.example";

fn party(name: &str) -> Party {
    Party::new("tests", &[name])
}

fn profile(common_name: &str, purpose: Purpose) -> Profile {
    Profile {
        subject: Subject { common_name: Some(common_name.to_owned()), ..Subject::default() },
        purpose,
        dns_names: matches!(purpose, Purpose::Server).then(|| common_name.to_owned()).into_iter().collect(),
        not_before: Timestamp(NOW.0 - DAY),
        not_after: Timestamp(NOW.0 + DAY),
        serial: None,
        masa_url: None,
    }
}

/// A root of its own key; `of` tells the keys of roots of one name apart.
fn root(common_name: &str, of: &str) -> Credential {
    act(&mut party(of), || {
        let key = PrivateKey::generate();
        let own = certificate::self_signed(profile(common_name, Purpose::Authority { path_len: None }), &key).unwrap();
        Credential { chain: vec![own], key }
    })
}

/// A new key with a certificate by `issuer`; the chain ends below the root.
fn issued(issuer: &Credential, profile: Profile) -> Credential {
    let name = profile.subject.common_name.clone().unwrap();
    act(&mut party(&name), || {
        let key = PrivateKey::generate();
        let mut chain = vec![certificate::issue(profile, &key.public(), issuer).unwrap()];
        let is_root = issuer.chain[0].subject() == issuer.chain[0].issuer();
        chain.extend(issuer.chain.iter().filter(|_| !is_root).cloned());
        Credential { chain, key }
    })
}

/// Two ends that trust each other, to be spoilt.
struct Ends {
    client: ClientOptions,
    server: ServerOptions,
    now: Timestamp,
    root: Credential,
    issuing: Credential,
}

fn ends(version: Version) -> Ends {
    let root = root("Root", "root");
    let issuing = issued(&root, profile("Issuing", Purpose::Authority { path_len: Some(0) }));
    let anchors = vec![root.chain[0].clone()];
    Ends {
        client: ClientOptions {
            trust: ServerTrust::Anchors(anchors.clone()),
            name: NAME.to_owned(),
            credential: Some(issued(&issuing, profile("device", Purpose::Client))),
            version,
        },
        server: ServerOptions {
            credential: issued(&issuing, profile(NAME, Purpose::Server)),
            client_anchors: Some(anchors),
            crls: Vec::new(),
            version,
        },
        now: NOW,
        root,
        issuing,
    }
}

impl Ends {
    fn open(&self) -> (Connection, Vec<Flight>, Ended) {
        Connection::open(&self.client, &self.server, self.now, party("client"), party("server")).unwrap()
    }

    fn established(&self) -> (Connection, Vec<Flight>) {
        let (connection, flights, ended) = self.open();
        assert!(matches!(ended, Ended::Established), "{ended:?}");
        (connection, flights)
    }

    fn device(&self) -> Certificate {
        self.client.credential.as_ref().unwrap().chain[0].clone()
    }
}

/// A revocation list that was made a day ago.
fn list(issuer: &Credential, revoked: &[&Certificate], next_update: i64) -> CertificateRevocationList {
    let revoked: Vec<_> = revoked.iter().map(|one| (one.serial_bytes(), Timestamp(NOW.0 - 1))).collect();
    let (this_update, next_update) = (Timestamp(NOW.0 - DAY), Timestamp(NOW.0 + next_update));
    CertificateRevocationList::create(issuer, &revoked, this_update, next_update, 1).unwrap()
}

/// What is spoilt, who refuses, with which code, and which alert the other end gets.
type Case = (&'static str, fn(&mut Ends), bool, &'static str, &'static str);

const CLIENT: bool = true;
const SERVER: bool = false;

const CASES: &[Case] = &[
    ("expired client", expired_client, SERVER, "expired", "certificate_expired"),
    ("not valid yet", |ends| ends.now = Timestamp(NOW.0 - 2 * DAY), CLIENT, "not-yet-valid", "certificate_expired"),
    ("server of another authority", other_authority, CLIENT, "unknown-issuer", "unknown_ca"),
    ("server of an authority of the same name", same_name, CLIENT, "bad-signature", "decrypt_error"),
    ("client of another authority", other_client, SERVER, "unknown-issuer", "unknown_ca"),
    ("no intermediate", |ends| ends.server.credential.chain.truncate(1), CLIENT, "unknown-issuer", "unknown_ca"),
    (
        "server with the wrong key",
        |ends| ends.server.credential.key = stray(),
        CLIENT,
        "bad-signature",
        "decrypt_error",
    ),
    ("client with the wrong key", wrong_client_key, SERVER, "bad-signature", "decrypt_error"),
    ("revoked client", revoked, SERVER, "revoked", "certificate_revoked"),
    ("no list of the issuer", list_of_root, SERVER, "unknown-revocation-status", "unknown_ca"),
    ("no client certificate", |ends| ends.client.credential = None, SERVER, "no-certificate", "certificate_required"),
    ("wrong name", |ends| ends.client.name.insert_str(0, "other."), CLIENT, "wrong-name", "bad_certificate"),
    ("client certificate on a server", wrong_purpose, CLIENT, "wrong-purpose", "unsupported_certificate"),
    ("server certificate on a client", wrong_client_purpose, SERVER, "wrong-purpose", "unsupported_certificate"),
];

fn stray() -> PrivateKey {
    act(&mut party("stray"), PrivateKey::generate)
}

fn expired_client(ends: &mut Ends) {
    let own = Profile { not_after: Timestamp(NOW.0 - 1), ..profile("device", Purpose::Client) };
    ends.client.credential = Some(issued(&ends.issuing, own));
}

fn other_authority(ends: &mut Ends) {
    ends.server.credential = issued(&root("Other root", "other"), profile(NAME, Purpose::Server));
}

fn same_name(ends: &mut Ends) {
    ends.server.credential = issued(&root("Root", "other"), profile(NAME, Purpose::Server));
}

fn other_client(ends: &mut Ends) {
    ends.client.credential = Some(issued(&root("Other root", "other"), profile("device", Purpose::Client)));
}

fn wrong_client_key(ends: &mut Ends) {
    ends.client.credential.as_mut().unwrap().key = stray();
}

fn revoked(ends: &mut Ends) {
    ends.server.crls = vec![list(&ends.issuing, &[&ends.device()], DAY)];
}

fn list_of_root(ends: &mut Ends) {
    ends.server.crls = vec![list(&ends.root, &[], DAY)];
}

fn wrong_purpose(ends: &mut Ends) {
    let own = Profile { dns_names: vec![NAME.to_owned()], ..profile(NAME, Purpose::Client) };
    ends.server.credential = issued(&ends.issuing, own);
}

fn wrong_client_purpose(ends: &mut Ends) {
    ends.client.credential = Some(issued(&ends.issuing, profile("device", Purpose::Server)));
}

#[test]
fn each_end_refuses_for_the_right_reason_and_the_other_gets_the_right_alert() {
    for version in VERSIONS {
        for (what, spoil, by_client, code, alert) in CASES {
            let mut ends = ends(version);
            spoil(&mut ends);
            let (_, flights, ended) = ends.open();
            let Ended::Refused(refused) = ended else { panic!("{}: {what} was accepted", version.title()) };
            let found = (refused.by_client, refused.refusal.code);
            assert_eq!(found, (*by_client, *code), "{}: {what}: {refused:?}", version.title());
            assert!(refused.other_end.contains(alert), "{}: {what}: {}", version.title(), refused.other_end);
            // TLS 1.3 lets a client finish before the server has seen its certificate.
            let had_finished = version == Version::Tls13 && !by_client;
            assert_eq!(refused.other_end.starts_with("had finished"), had_finished, "{what}: {}", refused.other_end);
            let last = flights.last().unwrap();
            assert_eq!(last.from_client, *by_client, "{what}: the alert goes out last");
            assert!(!refused.refusal.message.is_empty());
        }
    }
}

#[test]
fn what_is_in_order_is_accepted() {
    for version in VERSIONS {
        let mut ends = ends(version);
        ends.established();
        let other = list(&ends.issuing, &[], DAY);
        ends.server.crls = vec![other];
        ends.established();
        // A list that is out of date still counts: nobody has said that there must be a newer one.
        ends.server.crls = vec![list(&ends.issuing, &[], -1)];
        ends.established();
        ends.server.crls = Vec::new();
        ends.server.client_anchors = None;
        let (connection, _) = ends.established();
        assert!(connection.peer_chain(SERVER).is_empty(), "a server that does not ask gets no certificate");
        ends.client.credential = None;
        ends.established();
    }
}

#[test]
fn a_provisional_client_accepts_an_unknown_chain_but_no_wrong_key() {
    for version in VERSIONS {
        let mut ends = ends(version);
        other_authority(&mut ends);
        ends.client.trust = ServerTrust::Provisional;
        let (connection, _) = ends.established();
        assert_eq!(connection.peer_chain(CLIENT), ends.server.credential.chain);
        ends.server.credential.key = stray();
        let (_, _, ended) = ends.open();
        let Ended::Refused(refused) = ended else { panic!("{}: the wrong key was accepted", version.title()) };
        assert_eq!((refused.by_client, refused.refusal.code), (CLIENT, "bad-signature"));
        assert!(refused.other_end.contains("decrypt_error"), "{}", refused.other_end);
    }
}

#[test]
fn an_altered_record_is_refused() {
    for version in VERSIONS {
        for from_client in [CLIENT, SERVER] {
            let (mut connection, _) = ends(version).established();
            let (_, read) = connection.send_altered(from_client, b"temperature 21.5", &mut |wire| {
                *wire.last_mut().unwrap() ^= 1;
            });
            let refused = read.unwrap_err();
            assert_eq!((refused.by_client, refused.refusal.code), (!from_client, "decrypt-error"));
            assert!(refused.other_end.contains("bad_record_mac"), "{}: {}", version.title(), refused.other_end);
        }
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn the_capture_hides_what_was_written_and_explains_every_byte() {
    for version in VERSIONS {
        let (mut connection, handshake) = ends(version).established();
        let big = "0123456789abcdef".repeat(10_000);
        for (from_client, text) in [(CLIENT, "temperature 21.5"), (SERVER, "update at noon"), (CLIENT, big.as_str())] {
            let (flights, read) = connection.send(from_client, text.as_bytes());
            // `send` itself compares the decrypted capture with what was written.
            assert!(read.unwrap() == text.as_bytes(), "{}: {} bytes", version.title(), text.len());
            assert!(flights.iter().all(|flight| !contains(&flight.wire, &text.as_bytes()[..14])));
        }
        let layers = handshake.iter().flat_map(|flight| &flight.layers);
        assert!(layers.clone().any(|layer| layer.decrypted), "the end of every handshake is encrypted");
        for layer in layers {
            assert!(layer.is_complete(), "{}", layer.name);
            assert_eq!(layer.unexplained(), Vec::<String>::new());
        }
        let labels: Vec<&str> = handshake.iter().map(|flight| flight.label.as_str()).collect();
        assert!(labels[0].contains("ClientHello") && labels[1].contains("ServerHello"), "{labels:?}");
    }
}

/// Everything of a connection that can be seen.
fn whole(version: Version) -> (Vec<Vec<u8>>, String, Vec<u8>, String) {
    let (mut connection, mut flights) = ends(version).established();
    flights.extend(connection.send(CLIENT, b"temperature 21.5").0);
    flights.extend(connection.send(SERVER, b"update at noon").0);
    flights.extend(connection.close(CLIENT, &mut |_| {}).0);
    flights.extend(connection.close(SERVER, &mut |_| {}).0);
    let exporter = connection.exporter("EXPORTER-Channel-Binding", b"", 32);
    let wires = flights.into_iter().map(|flight| flight.wire).collect();
    (wires, connection.key_log(), exporter, connection.cipher_suite())
}

#[test]
fn every_byte_can_be_repeated_here_and_on_another_thread() {
    for version in VERSIONS {
        let first = whole(version);
        assert_eq!(first, whole(version));
        assert_eq!(first, std::thread::spawn(move || whole(version)).join().unwrap());
        assert_eq!(first.2.len(), 32);
    }
    assert_eq!(whole(Version::Tls13).3, "TLS13_AES_128_GCM_SHA256");
    assert_eq!(whole(Version::Tls12).3, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
}

#[test]
fn one_end_does_not_move_the_bytes_of_the_other() {
    for version in VERSIONS {
        let mut ends = ends(version);
        let (_, genuine) = ends.established();
        ends.server.client_anchors = None;
        let (_, changed) = ends.established();
        assert_eq!(genuine[0].wire, changed[0].wire, "the ClientHello is made before the server says anything");
    }
}

#[test]
fn operations_are_counted_at_the_end_that_performs_them() {
    for version in VERSIONS {
        let (mut connection, _) = ends(version).established();
        let (client, server) = connection.take_counts();
        // Each end signs once, and verifies one handshake signature and two certificates of the other's chain.
        for counts in [client, server] {
            assert_eq!((counts.keygen, counts.ephemeral, counts.agree), (0, 1, 1), "{}", version.title());
            assert_eq!((counts.sign, counts.verify), (1, 3), "{}", version.title());
        }
        connection.send(CLIENT, &[7; 1000]).1.unwrap();
        let (client, server) = connection.take_counts();
        assert!(client.aead_bytes >= 1000 && server.aead_bytes == client.aead_bytes, "{client:?} {server:?}");
        assert_eq!((client.sign, server.verify), (0, 0));
    }
}
