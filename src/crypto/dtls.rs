//! DTLS 1.2 with a pre-shared key between two parties in memory: RFC 6347, RFC 4279 and RFC 6655, in the profile of
//! RFC 7925.
//!
//! The cipher suite is `TLS_PSK_WITH_AES_128_CCM_8`, the master secret the extended one (RFC 7627), and a client has
//! to show a cookie before a server remembers it. What an end sends in one go is one datagram.
//! Left out are fragments of handshake messages, the timers after which a handshake repeats a flight, and resumption.

mod end;
mod message;
mod record;

pub use self::end::{Account, End, Failure};
use self::message::VERSION;
use self::record::{HEADER, MAX_PLAINTEXT, WriteKeys, records};
use super::count::Counts;
use super::party::{Party, act};
use super::refusal::Refusal;
use super::tls::describe::{self, dtls};
use super::tls::{EndRefusal, Ended, Flight};
use crate::annotation::Layer;

/// What a server brings.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// The account that it knows.
    pub account: Account,
    /// What it tells a client about the key that it means (RFC 4279, section 5.2); nothing where it is absent.
    pub hint: Option<String>,
}

/// A connection with both of its ends.
pub struct Connection {
    client: Peer,
    server: Peer,
    /// Which end failed first, the client or not; whatever happens to the other one follows from it.
    first_failed: Option<bool>,
    /// What was discarded first, and whether at the client.
    discarded: Option<(bool, Refusal)>,
}

/// A hand on the link: whether the client sends, and the datagram, which may be changed before it arrives.
pub type Alter<'a> = &'a mut dyn FnMut(bool, &mut Vec<u8>);

struct Peer {
    end: End,
    party: Party,
    taken: Counts,
}

/// Something that an end drops without a word.
#[derive(Clone, Debug)]
struct Discarded(Refusal);

/// More rounds than any handshake takes.
const MAX_ROUNDS: usize = 16;

/// The name of the protocol, for people.
pub const TITLE: &str = "DTLS 1.2";

/// The cipher suite by its IANA name.
pub const CIPHER_SUITE: &str = "TLS_PSK_WITH_AES_128_CCM_8";

/// Longest key, identity or hint in bytes, so that a message with it fits a record; RFC 4279, section 5.3, asks for keys
/// of 64 bytes and identities of 128 at least.
pub const LONGEST: usize = 1 << 13;

impl Connection {
    /// Performs the handshake with a hand on the link. Where both ends wait for each other in the end, there is no
    /// `Ended`.
    pub fn open(
        client: Account,
        server: ServerOptions,
        client_party: Party,
        server_party: Party,
        alter: Alter<'_>,
    ) -> (Self, Vec<Flight>, Option<Ended>) {
        let mut connection = Self::new(client, server, client_party, server_party);
        let flights = connection.exchange(alter);
        let ended = connection.ended();
        (connection, flights, ended)
    }

    /// A handshake in which nobody but a recording speaks for the client: `recorded` has the datagrams of an earlier
    /// one.
    pub fn open_recorded(
        client: Account,
        server: ServerOptions,
        client_party: Party,
        server_party: Party,
        recorded: &[Vec<u8>],
    ) -> (Self, Vec<Flight>, Option<Ended>) {
        let mut connection = Self::new(client, server, client_party, server_party);
        drop(connection.client.output());
        let mut flights = Vec::new();
        for genuine in recorded {
            flights.push(connection.carry(true, genuine));
            let answer = connection.server.output();
            if !answer.is_empty() {
                flights.push(connection.flight(false, answer));
            }
        }
        let ended = connection.server.end.is_established().then_some(Ended::Established);
        let ended = connection.refusal().map(Ended::Refused).or(ended);
        (connection, flights, ended)
    }

    fn new(client: Account, server: ServerOptions, client_party: Party, server_party: Party) -> Self {
        Self {
            client: Peer::new(client_party, || End::client(client)),
            server: Peer::new(server_party, || End::server(server.account, server.hint)),
            first_failed: None,
            discarded: None,
        }
    }

    fn ended(&mut self) -> Option<Ended> {
        if self.client.end.is_established() && self.server.end.is_established() {
            self.discarded = None;
            return Some(Ended::Established);
        }
        self.refusal().map(Ended::Refused)
    }

    /// Lets both ends send what they have until neither has anything left.
    fn exchange(&mut self, alter: Alter<'_>) -> Vec<Flight> {
        let mut flights = Vec::new();
        for _ in 0..MAX_ROUNDS {
            let before = flights.len();
            for from_client in [true, false] {
                let mut datagram = self.peer(from_client).output();
                if !datagram.is_empty() {
                    alter(from_client, &mut datagram);
                    flights.push(self.carry(from_client, &datagram));
                }
            }
            if flights.len() == before {
                break;
            }
        }
        flights
    }

    /// Takes a datagram to the other end, and reads it for display.
    fn carry(&mut self, from_client: bool, datagram: &[u8]) -> Flight {
        let flight = self.flight(from_client, datagram.to_vec());
        let receiver = self.peer(!from_client);
        let had_failed = receiver.end.failure().is_some();
        receiver.act(|end| end.input(datagram));
        let has_failed = !had_failed && receiver.end.failure().is_some();
        let discarded = receiver.end.take_discarded();
        if has_failed {
            self.first_failed.get_or_insert(!from_client);
        }
        if let Some(refusal) = discarded {
            self.discarded.get_or_insert((!from_client, refusal));
        }
        flight
    }

    fn flight(&mut self, from_client: bool, wire: Vec<u8>) -> Flight {
        let (names, layers) = seen(&wire, self.peer(from_client).end.write_keys());
        Flight { from_client, label: names.join(", "), wire, layers }
    }

    fn peer(&mut self, is_client: bool) -> &mut Peer {
        if is_client { &mut self.client } else { &mut self.server }
    }

    /// Who refused first: an end that gave up, or one that dropped what the other end waits to have answered.
    fn refusal(&self) -> Option<EndRefusal> {
        if let Some(by_client) = self.first_failed {
            let (end, other) = self.ends(by_client);
            let refusal = match end.failure()? {
                Failure::Refused(refusal) => refusal.clone(),
                Failure::Alerted(alert) => {
                    Refusal::new("alert", format!("received the alert {}", describe::alert_name(*alert)))
                }
            };
            let other_end = other.failure().map_or_else(|| NOTHING.to_owned(), Failure::words);
            return Some(EndRefusal { by_client, refusal, other_end });
        }
        let (by_client, refusal) = self.discarded.clone()?;
        Some(EndRefusal { by_client, refusal, other_end: DROPPED.to_owned() })
    }

    fn ends(&self, client_first: bool) -> (&End, &End) {
        let (client, server) = (&self.client.end, &self.server.end);
        if client_first { (client, server) } else { (server, client) }
    }

    /// Sends `plaintext` from one end past a hand on the link; what the other end read comes back with the flights.
    ///
    /// A record that does not open, or was received before, is dropped without a word (RFC 6347, section 4.1.2.7): the
    /// connection stays open, and the refusal says why nothing arrived. What does not fit a record is not sent.
    pub fn send(
        &mut self,
        from_client: bool,
        plaintext: &[u8],
        alter: &mut dyn FnMut(&mut Vec<u8>),
    ) -> (Vec<Flight>, Result<Vec<u8>, EndRefusal>) {
        if plaintext.len() > MAX_PLAINTEXT {
            let message = format!("{} bytes, at most {MAX_PLAINTEXT} fit a record", plaintext.len());
            let refusal = Refusal::new("too-large", message);
            return (Vec::new(), Err(EndRefusal { by_client: from_client, refusal, other_end: NOTHING.to_owned() }));
        }
        self.peer(from_client).act(|end| end.write(plaintext));
        let mut is_genuine = true;
        let flights = self.exchange(&mut |_, datagram| {
            let genuine = datagram.clone();
            alter(datagram);
            is_genuine = *datagram == genuine;
        });
        let result = self.arrived(from_client);
        let is_whole = result.as_ref().is_ok_and(|read| read == plaintext);
        assert!(!is_genuine || is_whole || !self.is_open(), "an untouched record arrives as it was sent");
        (flights, result)
    }

    /// Puts a datagram on the link that the end in whose name it comes did not send now.
    pub fn inject(&mut self, from_client: bool, datagram: &[u8]) -> (Vec<Flight>, Result<Vec<u8>, EndRefusal>) {
        let mut flights = vec![self.carry(from_client, datagram)];
        flights.extend(self.exchange(&mut |_, _| {}));
        (flights, self.arrived(from_client))
    }

    fn arrived(&mut self, from_client: bool) -> Result<Vec<u8>, EndRefusal> {
        let refusal = self.refusal();
        self.discarded = None;
        refusal.map_or_else(|| Ok(self.peer(!from_client).end.read()), Err)
    }

    /// Closes the connection with `close_notify`; `alter` is a hand on the link.
    pub fn close(
        &mut self,
        from_client: bool,
        alter: &mut dyn FnMut(&mut Vec<u8>),
    ) -> (Vec<Flight>, Option<EndRefusal>) {
        self.peer(from_client).act(End::close);
        let flights = self.exchange(&mut |_, datagram| alter(datagram));
        let refusal = self.refusal();
        self.discarded = None;
        (flights, refusal)
    }

    /// Whether both ends can still send.
    pub fn is_open(&self) -> bool {
        self.client.end.is_established() && self.server.end.is_established()
    }

    /// Whether the client has not finished its handshake.
    pub fn is_client_waiting(&self) -> bool {
        !self.client.end.is_established()
    }

    /// The identity under which the client presented itself.
    pub fn identity(&self) -> Option<String> {
        self.server.end.peer_identity()
    }

    /// Keying material for other uses (RFC 5705, section 4); empty before there are keys.
    pub fn exporter(&self, label: &str, n_bytes: usize) -> Vec<u8> {
        self.client.end.export(label, n_bytes)
    }

    /// The client's secrets in the format of NSS, with which others can decrypt the capture.
    pub fn key_log(&self) -> Vec<String> {
        let line = |(random, master): (&[u8; 32], &[u8])| {
            format!("CLIENT_RANDOM {} {}", hex::encode(random), hex::encode(master))
        };
        self.client.end.secrets().map(line).into_iter().collect()
    }

    /// Operations of client and server since the last call.
    pub fn take_counts(&mut self) -> (Counts, Counts) {
        (self.client.take_counts(), self.server.take_counts())
    }
}

const NOTHING: &str = "sees nothing and waits";
const DROPPED: &str = "sees nothing: what cannot be taken is dropped without a word";

impl Peer {
    fn new(mut party: Party, begin: impl FnOnce() -> End) -> Self {
        let end = act(&mut party, begin);
        Self { end, party, taken: Counts::default() }
    }

    fn act<T>(&mut self, work: impl FnOnce(&mut End) -> T) -> T {
        let end = &mut self.end;
        act(&mut self.party, || work(end))
    }

    fn output(&mut self) -> Vec<u8> {
        self.end.output()
    }

    fn take_counts(&mut self) -> Counts {
        let counts = self.party.counts.since(self.taken);
        self.taken = self.party.counts;
        counts
    }
}

/// The names of the messages in a datagram, and its layers: each record, and each message that was encrypted, as far
/// as the sender's keys open it.
fn seen(datagram: &[u8], keys: Option<&WriteKeys>) -> (Vec<String>, Vec<Layer>) {
    let (mut names, mut layers) = (Vec::new(), Vec::new());
    let mut rest = datagram;
    for record in records(datagram) {
        let Ok(record) = record else {
            names.push("unreadable record".to_owned());
            layers.push(record_layer(rest));
            break;
        };
        let (bytes, after) = rest.split_at(HEADER + record.fragment.len());
        layers.push(record_layer(bytes));
        rest = after;
        let opened = if record.epoch == 0 { None } else { keys.and_then(|keys| keys.open(&record).ok()) };
        let is_decrypted = opened.is_some();
        let is_readable = is_decrypted || record.epoch == 0;
        let content = opened.unwrap_or_else(|| record.fragment.to_vec());
        let (name, layer) = content_of(record.content_type, content, is_readable);
        names.push(name);
        // What is not encrypted is explained in the record itself.
        layers.extend(layer.filter(|_| is_decrypted).map(|layer| layer.decrypted(true)));
    }
    (names, layers)
}

fn record_layer(bytes: &[u8]) -> Layer {
    Layer::explained_by("DTLS record", bytes.to_vec(), |record, _| dtls::record(record))
}

/// The name of what a record carries, and its explanation where it is no application data.
fn content_of(content_type: u8, content: Vec<u8>, is_readable: bool) -> (String, Option<Layer>) {
    match content_type {
        _ if !is_readable => ("unreadable record".to_owned(), None),
        20 => ("ChangeCipherSpec".to_owned(), None),
        21 => {
            let name = format!("alert {}", describe::alert_name(content.get(1).copied().unwrap_or_default()));
            let layer = Layer::explained_by(&*name, content, |content, _| describe::alert(content));
            (name, Some(layer))
        }
        22 => {
            let name = describe::handshake_name(content.first().copied().unwrap_or_default());
            (name.to_owned(), Some(Layer::explained_by(name, content, |message, _| dtls::handshake(message))))
        }
        23 => ("application data".to_owned(), None),
        _ => ("unreadable record".to_owned(), None),
    }
}
