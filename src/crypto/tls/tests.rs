//! Handshakes that hold, handshakes that are refused and why, and what either costs.

use super::*;
use crate::crypto::certificate::{Profile, Purpose, Subject, issue, self_signed};
use crate::crypto::key::PrivateKey;

const VERSIONS: [Version; 2] = [Version::Tls12, Version::Tls13];
const NOW: Timestamp = Timestamp(1_767_225_600);
const DAY: i64 = 86_400;
const NAME: &str = "est.example";

/// A root, an authority below it, a server of 100 days and a device of 10.
struct Pki {
    root: Credential,
    issuing: Credential,
    server: Credential,
    device: Credential,
}

impl Pki {
    fn new(seed: &str) -> Self {
        act(&mut Party::new(seed, &["pki"]), || {
            let key = PrivateKey::generate();
            let root_profile = profile("Root", Purpose::Authority { path_len: Some(1) }, 100);
            let root = Credential { chain: vec![self_signed(root_profile, &key).unwrap()], key };
            let issuing = below(&root, profile("Issuing", Purpose::Authority { path_len: Some(0) }, 100));
            let server = below(&issuing, profile(NAME, Purpose::Server, 100));
            let device = below(&issuing, profile("device", Purpose::Client, 10));
            Self { root, issuing, server, device }
        })
    }
}

fn profile(name: &str, purpose: Purpose, days: i64) -> Profile {
    Profile {
        subject: Subject { common_name: Some(name.to_owned()), ..Subject::default() },
        purpose,
        dns_names: if purpose == Purpose::Server { vec![name.to_owned()] } else { Vec::new() },
        not_before: Timestamp(NOW.0 - DAY),
        not_after: Timestamp(NOW.0 + days * DAY),
        serial: None,
        masa_url: None,
    }
}

/// A credential under `issuer`; the root itself is not presented.
fn below(issuer: &Credential, profile: Profile) -> Credential {
    let key = PrivateKey::generate();
    let mut chain = vec![issue(profile, &key.public(), issuer).unwrap()];
    chain.extend(issuer.chain.iter().filter(|link| link.subject() != link.issuer()).cloned());
    Credential { chain, key }
}

/// A mutual handshake of which a test changes one thing.
struct Case {
    client: ClientOptions,
    server: ServerOptions,
    now: Timestamp,
}

impl Case {
    fn new(pki: &Pki, version: Version) -> Self {
        let client = ClientOptions {
            trust: ServerTrust::Anchors(pki.root.chain.clone()),
            name: NAME.to_owned(),
            credential: Some(pki.device.clone()),
            version,
        };
        let server = ServerOptions {
            credential: pki.server.clone(),
            client_anchors: Some(pki.root.chain.clone()),
            crls: Vec::new(),
            version,
        };
        Self { client, server, now: NOW }
    }

    fn open(&self) -> (Connection, Vec<Flight>, Ended) {
        self.open_altered(&mut |_, _| {}).map_ended(|ended| ended.expect("an untouched handshake ends"))
    }

    fn open_altered(&self, alter: Alter<'_>) -> (Connection, Vec<Flight>, Option<Ended>) {
        let (client, server) = (Party::new("tls", &["client"]), Party::new("tls", &["server"]));
        let opened =
            Connection::open_altered(&self.client, &self.server, Clocks::both(self.now), client, server, alter)
                .unwrap();
        for layer in opened.1.iter().flat_map(|flight| &flight.layers) {
            assert!(layer.is_complete(), "{}", layer.name);
        }
        opened
    }

    /// Who refused with which code, and what the other end saw.
    fn refused(&self) -> (bool, &'static str, String) {
        refused(Some(self.open().2))
    }

    fn established(&self) -> Connection {
        let (connection, _, ended) = self.open();
        assert!(matches!(ended, Ended::Established), "{ended:?}");
        connection
    }
}

trait MapEnded {
    fn map_ended(self, map: impl FnOnce(Option<Ended>) -> Ended) -> (Connection, Vec<Flight>, Ended);
}

impl MapEnded for (Connection, Vec<Flight>, Option<Ended>) {
    fn map_ended(self, map: impl FnOnce(Option<Ended>) -> Ended) -> (Connection, Vec<Flight>, Ended) {
        (self.0, self.1, map(self.2))
    }
}

fn refused(ended: Option<Ended>) -> (bool, &'static str, String) {
    match ended {
        Some(Ended::Refused(refusal)) => (refusal.by_client, refusal.refusal.code, refusal.other_end),
        other => panic!("{other:?}"),
    }
}

/// Under TLS 1.3 the client has finished before the server judges its certificate (RFC 8446, section 2).
fn at_client(version: Version, alert: &str) -> String {
    match version {
        Version::Tls12 => format!("received the alert {alert}"),
        Version::Tls13 => format!("had finished its handshake, then received the alert {alert}"),
    }
}

#[test]
fn servers_refuse_clients() {
    let (pki, other) = (Pki::new("one"), Pki::new("two"));
    for version in VERSIONS {
        let case = |change: &dyn Fn(&mut Case)| {
            let mut case = Case::new(&pki, version);
            change(&mut case);
            case.refused()
        };
        let is = |code, alert| (false, code, at_client(version, alert));
        assert_eq!(case(&|case| case.now.0 += 20 * DAY), is("expired", "certificate_expired"));
        assert_eq!(case(&|case| case.client.credential = None), is("no-certificate", "certificate_required"));
        // The other root bears the same name, so that it is found, and its key does not fit.
        assert_eq!(
            case(&|case| case.client.credential = Some(other.device.clone())),
            is("bad-signature", "decrypt_error")
        );
        assert_eq!(
            case(&|case| case.client.credential = Some(pki.server.clone())),
            is("wrong-purpose", "unsupported_certificate")
        );
        assert_eq!(
            case(&|case| case.client.credential.as_mut().unwrap().chain.truncate(1)),
            is("unknown-issuer", "unknown_ca")
        );
        assert_eq!(
            case(&|case| case.client.credential.as_mut().unwrap().key = other.device.key.clone()),
            is("bad-signature", "decrypt_error")
        );
    }
}

#[test]
fn servers_refuse_revoked_clients() {
    let pki = Pki::new("one");
    let list = |issuer: &Credential, revoked: &[(Vec<u8>, Timestamp)]| {
        vec![CertificateRevocationList::create(issuer, revoked, NOW, Timestamp(NOW.0 + DAY), 1).unwrap()]
    };
    for version in VERSIONS {
        let mut case = Case::new(&pki, version);
        case.server.crls = list(&pki.issuing, &[(pki.device.chain[0].serial_bytes(), NOW)]);
        assert_eq!(case.refused(), (false, "revoked", at_client(version, "certificate_revoked")));
        case.server.crls = list(&pki.root, &[]);
        assert_eq!(case.refused(), (false, "unknown-revocation-status", at_client(version, "unknown_ca")));
        case.server.crls = list(&pki.issuing, &[]);
        case.established();
        // The library goes on believing a list past its next update.
        case.now.0 += 2 * DAY;
        case.established();
    }
}

#[test]
fn clients_refuse_servers() {
    let (pki, other) = (Pki::new("one"), Pki::new("two"));
    for version in VERSIONS {
        let case = |change: &dyn Fn(&mut Case)| {
            let mut case = Case::new(&pki, version);
            change(&mut case);
            case.refused()
        };
        let is = |code, alert| (true, code, format!("received the alert {alert}"));
        assert_eq!(case(&|case| case.now.0 += 200 * DAY), is("expired", "certificate_expired"));
        assert_eq!(case(&|case| case.now.0 -= 2 * DAY), is("not-yet-valid", "certificate_expired"));
        assert_eq!(case(&|case| case.client.name = "other.example".to_owned()), is("wrong-name", "bad_certificate"));
        assert_eq!(
            case(&|case| case.client.trust = ServerTrust::Anchors(other.root.chain.clone())),
            is("bad-signature", "decrypt_error")
        );
        assert_eq!(
            case(&|case| case.client.trust = ServerTrust::Anchors(pki.device.chain[..1].to_vec())),
            is("unknown-issuer", "unknown_ca")
        );
        assert_eq!(
            case(&|case| case.server.credential = pki.device.clone()),
            is("wrong-purpose", "unsupported_certificate")
        );
        assert_eq!(
            case(&|case| case.server.credential.key = other.server.key.clone()),
            is("bad-signature", "decrypt_error")
        );
    }
}

/// RFC 8995, section 5.1: the chain is believed for now, the signature of the handshake never is.
#[test]
fn provisional_trust_still_asks_for_the_servers_key() {
    let (pki, other) = (Pki::new("one"), Pki::new("two"));
    for version in VERSIONS {
        let mut case = Case::new(&pki, version);
        case.client.trust = ServerTrust::Provisional;
        case.client.name = "unknown.example".to_owned();
        assert_eq!(case.established().peer_chain(true), pki.server.chain);
        case.server.credential.key = other.server.key.clone();
        assert_eq!(case.refused(), (true, "bad-signature", "received the alert decrypt_error".to_owned()));
    }
}

#[test]
fn versions_must_meet() {
    let mut case = Case::new(&Pki::new("one"), Version::Tls12);
    case.server.version = Version::Tls13;
    assert!(!case.refused().0, "the server refuses");
}

#[test]
fn a_changed_hello_is_noticed() {
    let pki = Pki::new("one");
    let ended = |version| {
        let mut is_first = true;
        let (_, flights, ended) = Case::new(&pki, version).open_altered(&mut |from_client, wire| {
            if !from_client && std::mem::take(&mut is_first) {
                // Header 5, message header 4, version 2: the first byte of the ServerHello's random.
                wire[11] ^= 1;
            }
        });
        assert!(!flights.is_empty());
        refused(ended)
    };
    assert_eq!(ended(Version::Tls13).1, "decrypt-error");
    // In TLS 1.2 the signature of the ServerKeyExchange covers the randoms (RFC 8422, section 5.4).
    assert_eq!(ended(Version::Tls12), (true, "bad-signature", "received the alert decrypt_error".to_owned()));
}

#[test]
fn a_lost_flight_leaves_both_ends_waiting() {
    let pki = Pki::new("one");
    for version in VERSIONS {
        let (_, _, ended) = Case::new(&pki, version).open_altered(&mut |from_client, wire| {
            if !from_client {
                wire.clear();
            }
        });
        assert!(ended.is_none());
    }
}

#[test]
fn an_alert_by_somebody_else_ends_the_handshake() {
    let pki = Pki::new("one");
    for version in VERSIONS {
        let (_, _, ended) = Case::new(&pki, version).open_altered(&mut |from_client, wire| {
            if !from_client {
                // A fatal handshake_failure in clear.
                *wire = vec![21, 3, 3, 0, 2, 2, 40];
            }
        });
        assert_eq!((refused(ended.clone()).0, refused(ended).1), (true, "alert"));
    }
}

#[test]
fn messages_arrive_as_they_were_sent() {
    let pki = Pki::new("one");
    for version in VERSIONS {
        let mut connection = Case::new(&pki, version).established();
        for from_client in [true, false, true] {
            let (flights, read) = connection.send(from_client, b"GET / HTTP/1.1\r\n\r\n");
            assert_eq!(read.unwrap(), b"GET / HTTP/1.1\r\n\r\n");
            assert!(flights.iter().flat_map(|flight| &flight.layers).all(Layer::is_complete));
        }
        assert_eq!(connection.peer_chain(false), pki.device.chain);
        assert_eq!(connection.close(true, &mut |_| {}).0[0].label, "alert close_notify");
    }
}

/// A record holds 16 KiB (RFC 8446, section 5.1), and the library's own buffers 16 and 64 KiB.
#[test]
fn messages_may_be_longer_than_any_buffer() {
    let pki = Pki::new("one");
    let long: Vec<u8> = (0..=u8::MAX).cycle().take(200_000).collect();
    for version in VERSIONS {
        let mut connection = Case::new(&pki, version).established();
        assert!(connection.send(true, &long).1.unwrap() == long);
        assert!(connection.send(false, &long).1.unwrap() == long);
    }
}

#[test]
fn a_flipped_bit_in_a_record_is_refused() {
    let pki = Pki::new("one");
    for version in VERSIONS {
        for from_client in [true, false] {
            let mut connection = Case::new(&pki, version).established();
            let (flights, result) = connection.send_altered(from_client, b"text", &mut |wire| {
                *wire.last_mut().unwrap() ^= 1;
            });
            let refusal = result.unwrap_err();
            assert_eq!((refusal.by_client, refusal.refusal.code), (!from_client, "decrypt-error"));
            assert_eq!(refusal.other_end, "had finished its handshake, then received the alert bad_record_mac");
            assert!(flights.iter().flat_map(|flight| &flight.layers).all(Layer::is_complete));
        }
    }
}

#[test]
fn a_record_behind_a_lost_one_is_refused() {
    let pki = Pki::new("one");
    for version in VERSIONS {
        let mut connection = Case::new(&pki, version).established();
        assert_eq!(connection.send_altered(true, b"lost", &mut Vec::clear).1.unwrap(), b"");
        assert_eq!(connection.send(true, b"next").1.unwrap_err().refusal.code, "decrypt-error");
    }
}

/// RFC 8446, section 4.4.3: one signature each; each end verifies the other's and the two on its path.
#[test]
fn a_mutual_handshake_costs_what_the_standard_says() {
    let pki = Pki::new("one");
    for version in VERSIONS {
        let (client, server) = Case::new(&pki, version).established().take_counts();
        for counts in [client, server] {
            assert!(counts.aead_bytes > 0);
            let expected = Counts {
                ephemeral: 1,
                sign: 1,
                verify: 3,
                agree: 1,
                aead_bytes: counts.aead_bytes,
                // The signed parts of certificates and of the handshake.
                hash_bytes: counts.hash_bytes,
                ..Counts::default()
            };
            assert_eq!(counts, expected);
        }
        let mut case = Case::new(&pki, version);
        (case.client.credential, case.server.client_anchors) = (None, None);
        let (client, server) = case.established().take_counts();
        assert_eq!((client.sign, client.verify, server.sign, server.verify), (0, 3, 1, 0));
    }
}

#[test]
fn counts_are_taken_once() {
    let mut connection = Case::new(&Pki::new("one"), Version::Tls13).established();
    connection.take_counts();
    assert!(connection.take_counts().0.is_zero());
}

#[test]
fn the_same_names_give_the_same_bytes_on_every_thread() {
    let wire = |version: Version| {
        let (mut connection, mut flights, _) = Case::new(&Pki::new("one"), version).open();
        flights.extend(connection.send(true, b"text").0);
        flights.into_iter().map(|flight| flight.wire).collect::<Vec<_>>()
    };
    for version in VERSIONS {
        let here = wire(version);
        let there: Vec<_> = (0..4).map(|_| std::thread::spawn(move || wire(version))).collect();
        for thread in there {
            assert_eq!(thread.join().unwrap(), here);
        }
    }
}

#[test]
fn each_end_draws_from_its_own_stream() {
    let pki = Pki::new("one");
    let hello = |name: &str| {
        let case = Case::new(&pki, Version::Tls13);
        let (client, server) = (Party::new("tls", &["client"]), Party::new("tls", &[name]));
        Connection::open(&case.client, &case.server, NOW, client, server).unwrap().1
    };
    let (one, other) = (hello("server"), hello("another server"));
    assert_eq!(one[0].wire, other[0].wire);
    assert_ne!(one[1].wire, other[1].wire);
}

#[test]
fn an_old_version_offers_no_suites_of_the_new_one() {
    let (_, flights, _) = Case::new(&Pki::new("one"), Version::Tls12).open();
    assert!(!flights[0].wire.windows(2).any(|suite| suite == [0x13, 0x01]));
}

#[test]
fn secrets_are_logged_once() {
    for version in VERSIONS {
        let log = Case::new(&Pki::new("one"), version).established().key_log();
        let lines: std::collections::BTreeSet<_> = log.lines().collect();
        assert_eq!(lines.len(), log.lines().count());
        assert!(log.contains(if version == Version::Tls12 { "CLIENT_RANDOM " } else { "CLIENT_TRAFFIC_SECRET_0 " }));
    }
}

/// RFC 8446, section 7.5: both ends export the same.
#[test]
fn exported_material_depends_on_label_and_context() {
    let connection = Case::new(&Pki::new("one"), Version::Tls13).established();
    let export = |label, context| connection.exporter(label, context, 32);
    assert_eq!(export("EXPORTER-Channel-Binding", b"").len(), 32);
    assert_ne!(export("EXPORTER-Channel-Binding", b""), export("EXPORTER-Channel-Binding", b"x"));
}

#[test]
fn flights_are_labelled_by_their_messages() {
    let pki = Pki::new("one");
    let labels = |version| Case::new(&pki, version).open().1.into_iter().map(|flight| flight.label).collect::<Vec<_>>();
    assert_eq!(
        labels(Version::Tls13),
        [
            "ClientHello",
            "ServerHello, ChangeCipherSpec, EncryptedExtensions, CertificateRequest, Certificate, CertificateVerify, Finished",
            "ChangeCipherSpec, Certificate, CertificateVerify, Finished",
        ]
    );
    assert_eq!(
        labels(Version::Tls12),
        [
            "ClientHello",
            "ServerHello, Certificate, ServerKeyExchange, CertificateRequest, ServerHelloDone",
            "Certificate, ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Finished",
            "ChangeCipherSpec, Finished",
        ]
    );
}
