//! DTLS with a pre-shared key: what each end refuses and what the other sees, judged by OpenSSL and by tshark.

use std::net::UdpSocket;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use trustlane::crypto::dtls::{Account, Connection, End, ServerOptions};
use trustlane::crypto::party::{Party, act};
use trustlane::crypto::tls::{EndRefusal, Ended, Flight};

const KEY: [u8; 16] = *b"0123456789abcdef";
const CLIENT: bool = true;
const SERVER: bool = false;

fn party(name: &str) -> Party {
    Party::new("tests", &[name])
}

fn account(identity: &str, key: &[u8]) -> Account {
    Account { identity: identity.to_owned(), key: key.to_vec() }
}

fn options(identity: &str, key: &[u8]) -> ServerOptions {
    ServerOptions { account: account(identity, key), hint: None }
}

type Hand<'a> = &'a mut dyn FnMut(bool, &mut Vec<u8>);

fn open(alter: Hand<'_>) -> (Connection, Vec<Flight>, Option<Ended>) {
    Connection::open(account("urn:7", &KEY), options("urn:7", &KEY), party("client"), party("server"), alter)
}

fn established() -> (Connection, Vec<Flight>) {
    let (connection, flights, ended) = open(&mut |_, _| {});
    assert!(matches!(ended, Some(Ended::Established)), "{ended:?}");
    (connection, flights)
}

fn refused(ended: Option<Ended>) -> EndRefusal {
    match ended {
        Some(Ended::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_handshake_takes_six_datagrams_and_explains_every_byte() {
    let (_, flights) = established();
    let labels: Vec<(bool, &str)> = flights.iter().map(|flight| (flight.from_client, flight.label.as_str())).collect();
    assert_eq!(
        labels,
        [
            (CLIENT, "ClientHello"),
            (SERVER, "HelloVerifyRequest"),
            (CLIENT, "ClientHello"),
            (SERVER, "ServerHello, ServerHelloDone"),
            (CLIENT, "ClientKeyExchange, ChangeCipherSpec, Finished"),
            (SERVER, "ChangeCipherSpec, Finished"),
        ]
    );
    for layer in flights.iter().flat_map(|flight| &flight.layers) {
        assert!(layer.is_complete(), "{}", layer.name);
        assert_eq!(layer.unexplained(), Vec::<String>::new());
    }
    let decrypted = flights.iter().flat_map(|flight| &flight.layers).filter(|layer| layer.decrypted);
    assert_eq!(decrypted.map(|layer| layer.name.as_str()).collect::<Vec<_>>(), ["Finished", "Finished"]);
}

#[test]
fn a_hint_is_sent_where_the_server_has_one() {
    let server = ServerOptions { hint: Some("fleet-1".to_owned()), ..options("urn:7", &KEY) };
    let (_, flights, ended) =
        Connection::open(account("urn:7", &KEY), server, party("client"), party("server"), &mut |_, _| {});
    assert!(matches!(ended, Some(Ended::Established)));
    assert_eq!(flights[3].label, "ServerHello, ServerKeyExchange, ServerHelloDone");
}

#[test]
fn each_end_refuses_for_the_right_reason_and_the_other_sees_the_right_thing() {
    let meet = |client: Account, server: ServerOptions| {
        refused(Connection::open(client, server, party("client"), party("server"), &mut |_, _| {}).2)
    };
    let unknown = meet(account("urn:8", &KEY), options("urn:7", &KEY));
    assert_eq!((unknown.by_client, unknown.refusal.code), (SERVER, "unknown-psk-identity"));
    assert!(unknown.other_end.contains("unknown_psk_identity"), "{}", unknown.other_end);
    let wrong = meet(account("urn:7", b"another key"), options("urn:7", &KEY));
    assert_eq!((wrong.by_client, wrong.refusal.code), (SERVER, "decrypt-error"));
    assert!(wrong.other_end.contains("bad_record_mac"), "{}", wrong.other_end);
}

/// Changes a byte of the datagram called by its number.
fn change(number: usize, byte: impl Fn(usize) -> usize) -> impl FnMut(bool, &mut Vec<u8>) {
    let mut count = 0;
    move |_, datagram| {
        if count == number {
            let index = byte(datagram.len());
            datagram[index] ^= 1;
        }
        count += 1;
    }
}

#[test]
fn a_change_on_the_way_is_noticed_or_healed() {
    // Bytes of the header of record and message: 25; then the version, and the random.
    let (_, flights, ended) = open(&mut change(0, |_| 30));
    assert!(matches!(ended, Some(Ended::Established)), "the server asks once more for a cookie that fits: {ended:?}");
    assert_eq!(flights.len(), 8);
    let random_of_server = refused(open(&mut change(3, |_| 30)).2);
    assert_eq!((random_of_server.by_client, random_of_server.refusal.code), (SERVER, "decrypt-error"));
    let tag_of_client = refused(open(&mut change(4, |length| length - 1)).2);
    assert_eq!((tag_of_client.by_client, tag_of_client.refusal.code), (SERVER, "decrypt-error"));
    let tag_of_server = refused(open(&mut change(5, |length| length - 1)).2);
    assert_eq!((tag_of_server.by_client, tag_of_server.refusal.code), (CLIENT, "decrypt-error"));
    assert!(tag_of_server.other_end.contains("bad_record_mac"), "{}", tag_of_server.other_end);
    let (_, flights, ended) = open(&mut change(2, |_| 30));
    assert!(matches!(ended, Some(Ended::Established)), "the cookie is bound to the random: {ended:?}");
    // The cookie that follows is for what arrived, and the one after it for what was said.
    assert_eq!(flights.len(), 10);
    let suite = refused(open(&mut change(3, |_| 25 + 2 + 32 + 1 + 1)).2);
    assert_eq!((suite.by_client, suite.refusal.code), (CLIENT, "misbehaved"));
    assert!(suite.other_end.contains("illegal_parameter"), "{}", suite.other_end);
}

#[test]
fn what_does_not_arrive_leaves_an_end_waiting() {
    for number in 0..6 {
        let mut count = 0;
        let (connection, _, ended) = open(&mut |_, datagram| {
            if count == number {
                datagram.clear();
            }
            count += 1;
        });
        assert!(ended.is_none(), "{number}: {ended:?}");
        assert!(connection.is_client_waiting(), "{number}");
    }
}

#[test]
fn a_recorded_handshake_meets_another_cookie() {
    let (_, flights) = established();
    let recorded: Vec<Vec<u8>> =
        flights.into_iter().filter(|flight| flight.from_client).map(|flight| flight.wire).collect();
    let (connection, _, ended) = Connection::open_recorded(
        account("urn:7", &KEY),
        options("urn:7", &KEY),
        party("client"),
        party("server, another day"),
        &recorded,
    );
    let refusal = refused(ended);
    assert_eq!((refusal.by_client, refusal.refusal.code), (SERVER, "stale-cookie"));
    assert!(!connection.is_open());
}

#[test]
fn a_changed_or_repeated_record_is_dropped_and_the_session_goes_on() {
    let (mut connection, _) = established();
    let (sent, read) = connection.send(CLIENT, b"temperature 21.5", &mut |_| {});
    assert_eq!(read.unwrap(), b"temperature 21.5");
    let again = connection.inject(CLIENT, &sent[0].wire).1.unwrap_err();
    assert_eq!((again.by_client, again.refusal.code), (SERVER, "replayed-record"));
    assert!(again.other_end.starts_with("sees nothing"), "{}", again.other_end);
    let changed = connection.send(SERVER, b"update at noon", &mut |wire| *wire.last_mut().unwrap() ^= 1).1;
    let changed = changed.unwrap_err();
    assert_eq!((changed.by_client, changed.refusal.code), (CLIENT, "decrypt-error"));
    assert!(changed.other_end.starts_with("sees nothing"), "{}", changed.other_end);
    let cut = connection.send(SERVER, b"update at noon", &mut |wire| wire.truncate(9)).1.unwrap_err();
    assert_eq!((cut.by_client, cut.refusal.code), (CLIENT, "malformed"));
    let lost = connection.send(SERVER, b"update at noon", &mut Vec::clear).1;
    assert_eq!(lost.unwrap(), b"");
    let large = connection.send(SERVER, &vec![0; (1 << 14) + 1], &mut |_| {}).1.unwrap_err();
    assert_eq!((large.by_client, large.refusal.code), (SERVER, "too-large"));
    assert!(connection.is_open());
    assert_eq!(connection.send(SERVER, b"update at noon", &mut |_| {}).1.unwrap(), b"update at noon");
    let (flights, refusal) = connection.close(CLIENT, &mut |_| {});
    assert!(refusal.is_none() && !connection.is_open());
    assert_eq!(flights[0].label, "alert close_notify");
}

/// Everything of a connection that can be seen.
fn whole() -> (Vec<Vec<u8>>, Vec<String>, Vec<u8>) {
    let (mut connection, mut flights) = established();
    flights.extend(connection.send(CLIENT, b"temperature 21.5", &mut |_| {}).0);
    flights.extend(connection.close(SERVER, &mut |_| {}).0);
    let wires = flights.into_iter().map(|flight| flight.wire).collect();
    (wires, connection.key_log(), connection.exporter("EXPORTER-Channel-Binding", 32))
}

#[test]
fn every_byte_can_be_repeated_here_and_on_another_thread() {
    let first = whole();
    assert_eq!(first, whole());
    assert_eq!(first, std::thread::spawn(whole).join().unwrap());
    assert_eq!(first.2.len(), 32);
}

#[test]
fn each_end_computes_macs_and_hashes_and_nothing_with_a_key_pair() {
    let (mut connection, _) = established();
    let (client, server) = connection.take_counts();
    for counts in [client, server] {
        assert_eq!((counts.keygen, counts.ephemeral, counts.sign, counts.verify, counts.agree), (0, 0, 0, 0, 0));
        // The hash of the session, and one for each Finished.
        assert_eq!(counts.hash, 3);
        // Finished is 24 bytes long, and each end seals one and opens one.
        assert_eq!(counts.aead_bytes, 48);
    }
    // P_SHA256 takes an HMAC for each A(i) and each block: 4 for 48 bytes of master secret, 4 for 40 of keys, 2 for
    // each Finished; the server makes a cookie twice.
    assert_eq!((client.hmac, server.hmac), (12, 14));
}

/// An `openssl` that speaks DTLS on this machine, ended with the test.
struct OpenSsl(Child);

impl OpenSsl {
    fn spawn(args: &[&str]) -> Self {
        let child = Command::new("openssl")
            .args(args)
            .args(["-dtls1_2", "-cipher", "PSK-AES128-CCM8:@SECLEVEL=0", "-psk_identity", "urn:7"])
            .args(["-psk", &hex::encode(KEY)])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        Self(child.unwrap())
    }

    /// Writes a line to it, and keeps it from reading the end of its input.
    fn say(&mut self, line: &str) {
        use std::io::Write;
        let stdin = self.0.stdin.as_mut().unwrap();
        stdin.write_all(line.as_bytes()).unwrap();
        stdin.flush().unwrap();
    }

    fn heard(mut self) -> String {
        use std::io::Read;
        self.0.kill().unwrap();
        let mut text = String::new();
        self.0.stdout.take().unwrap().read_to_string(&mut text).unwrap();
        text
    }
}

impl Drop for OpenSsl {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Lets `end` and whoever is at the other end of `socket` talk until `is_done` or too long.
fn talk(socket: &UdpSocket, end: &mut End, party: &mut Party, mut is_done: impl FnMut(&mut End) -> bool) {
    socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let (began, mut buffer) = (Instant::now(), [0; 4096]);
    loop {
        let output = end.output();
        if !output.is_empty() {
            // Nobody may listen there yet.
            drop(socket.send(&output));
        }
        if is_done(end) {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "{end:?}");
        if let Ok(length) = socket.recv(&mut buffer) {
            act(party, || end.input(&buffer[..length]));
        }
    }
}

#[test]
fn openssl_serves_our_client() {
    let reserved = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = reserved.local_addr().unwrap();
    drop(reserved);
    let port = address.port().to_string();
    let mut server = OpenSsl::spawn(&["s_server", "-nocert", "-accept", &port, "-psk_hint", "fleet-1", "-quiet"]);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(address).unwrap();
    std::thread::sleep(Duration::from_millis(500));
    let mut party = party("client");
    let mut client = act(&mut party, || End::client(account("urn:7", &KEY)));
    talk(&socket, &mut client, &mut party, |end| end.is_established());
    act(&mut party, || client.write(b"temperature 21.5\n"));
    talk(&socket, &mut client, &mut party, |_| true);
    server.say("update at noon\n");
    let mut read = Vec::new();
    talk(&socket, &mut client, &mut party, |end| {
        read.extend(end.read());
        read == b"update at noon\n"
    });
    act(&mut party, || client.close());
    talk(&socket, &mut client, &mut party, |_| true);
    std::thread::sleep(Duration::from_millis(200));
    assert!(server.heard().contains("temperature 21.5"));
}

#[test]
fn openssl_is_served_by_our_server() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let mut client = OpenSsl::spawn(&["s_client", "-connect", &address, "-quiet"]);
    let (_, from) = {
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        socket.peek_from(&mut [0; 4096]).unwrap()
    };
    socket.connect(from).unwrap();
    let mut party = party("server");
    let mut server = act(&mut party, || End::server(account("urn:7", &KEY), Some("fleet-1".to_owned())));
    talk(&socket, &mut server, &mut party, |end| end.is_established());
    assert_eq!(server.peer_identity().as_deref(), Some("urn:7"));
    client.say("temperature 21.5\n");
    let mut read = Vec::new();
    talk(&socket, &mut server, &mut party, |end| {
        read.extend(end.read());
        read == b"temperature 21.5\n"
    });
    act(&mut party, || server.write(b"update at noon\n"));
    talk(&socket, &mut server, &mut party, |_| true);
    std::thread::sleep(Duration::from_millis(200));
    assert!(client.heard().contains("update at noon"));
}

#[test]
fn openssl_and_we_refuse_a_wrong_key() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let _client = OpenSsl::spawn(&["s_client", "-connect", &address, "-quiet"]);
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let (_, from) = socket.peek_from(&mut [0; 4096]).unwrap();
    socket.connect(from).unwrap();
    let mut party = party("server");
    let mut server = act(&mut party, || End::server(account("urn:7", b"another key"), None));
    talk(&socket, &mut server, &mut party, |end| end.failure().is_some());
    assert!(format!("{:?}", server.failure()).contains("decrypt-error"), "{:?}", server.failure());
}
