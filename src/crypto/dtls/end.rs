//! One end of a connection: datagrams in, datagrams out, and what it holds of them.

use super::message::{
    self, CLIENT_HELLO, CLIENT_KEY_EXCHANGE, ClientHello, FINISHED, HELLO_VERIFY_REQUEST, Message, SERVER_HELLO,
    SERVER_HELLO_DONE, SERVER_KEY_EXCHANGE, SUITE, ServerHello,
};
use super::record::{Direction, MAX_PLAINTEXT, Record, WriteKeys, key_block, records};
use super::{Discarded, VERSION};
use crate::crypto::mac::{hmac_sha256, sha256, tls12_prf_sha256};
use crate::crypto::party::fill;
use crate::crypto::refusal::Refusal;
use crate::crypto::tls::describe::alert_name;

const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;

const CLOSE_NOTIFY: u8 = 0;
const UNEXPECTED_MESSAGE: u8 = 10;
const BAD_RECORD_MAC: u8 = 20;
const HANDSHAKE_FAILURE: u8 = 40;
const ILLEGAL_PARAMETER: u8 = 47;
const DECODE_ERROR: u8 = 50;
const DECRYPT_ERROR: u8 = 51;
const PROTOCOL_VERSION: u8 = 70;
const UNKNOWN_PSK_IDENTITY: u8 = 115;

const WARNING: u8 = 1;
const FATAL: u8 = 2;

/// More requests for a cookie than any server has a reason for.
const MAX_VERIFY_REQUESTS: usize = 4;

/// An identity and the key that belongs to it (RFC 4279, section 2).
#[derive(Clone, Debug)]
pub struct Account {
    /// The identity, UTF-8; at most [`LONGEST`](super::LONGEST) bytes.
    pub identity: String,
    /// The key; at most [`LONGEST`](super::LONGEST) bytes.
    pub key: Vec<u8>,
}

/// One end of a DTLS 1.2 connection with a pre-shared key.
///
/// It draws randomness and counts, so that a party must act whenever something is asked of it.
#[derive(Clone, Debug)]
pub struct End {
    role: Role,
    state: State,
    account: Account,
    /// Of a server.
    hint: Option<String>,
    read: Direction,
    write: Direction,
    /// Keys that the next `change_cipher_spec` of the other end puts into use.
    pending: Option<WriteKeys>,
    /// Keys that a server puts into use once the client has finished.
    own_keys: Option<WriteKeys>,
    handshake: Handshake,
    output: Vec<u8>,
    received: Vec<u8>,
    discarded: Option<Refusal>,
    failure: Option<Failure>,
}

/// Why an end gave up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It refused, and said so with a fatal alert.
    Refused(Refusal),
    /// The other end sent this alert.
    Alerted(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Client,
    Server,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Of a server.
    AwaitsClientHello,
    /// Of a server.
    AwaitsClientKeyExchange,
    /// Of a client.
    AwaitsServerHello,
    /// Of a client.
    AwaitsServerHelloDone,
    AwaitsFinished,
    Established,
    Closed,
}

#[derive(Clone, Debug, Default)]
struct Handshake {
    /// Messages from the `ClientHello` with a cookie on, headers included (RFC 6347, section 4.2.6).
    transcript: Vec<u8>,
    /// Number of the next message that is read, and of the next that is written.
    next_in: u16,
    next_out: u16,
    client_random: [u8; 32],
    server_random: [u8; 32],
    /// Of a server: what it makes cookies with.
    cookie_secret: [u8; 32],
    n_verify_requests: usize,
    has_hint: bool,
    master: Vec<u8>,
}

/// What an end does with something that it cannot take.
enum Fault {
    /// It is as if it had never come (RFC 6347, section 4.1.2.7).
    Discard(Refusal),
    /// The end gives up and says so with this alert.
    Fatal(u8, Refusal),
}

impl From<Discarded> for Fault {
    fn from(Discarded(refusal): Discarded) -> Self {
        Self::Discard(refusal)
    }
}

fn fatal(alert: u8, code: &'static str, message: impl std::fmt::Display) -> Fault {
    Fault::Fatal(alert, Refusal::new(code, message))
}

fn discard(code: &'static str, message: impl std::fmt::Display) -> Fault {
    Fault::Discard(Refusal::new(code, message))
}

impl End {
    /// A client, with its first `ClientHello` to be sent.
    pub fn client(account: Account) -> Self {
        let mut end = Self::new(Role::Client, State::AwaitsServerHello, account, None);
        fill(&mut end.handshake.client_random);
        end.say_hello(&[]);
        end
    }

    /// A server that knows one account.
    pub fn server(account: Account, hint: Option<String>) -> Self {
        let mut end = Self::new(Role::Server, State::AwaitsClientHello, account, hint);
        fill(&mut end.handshake.cookie_secret);
        fill(&mut end.handshake.server_random);
        end
    }

    fn new(role: Role, state: State, account: Account, hint: Option<String>) -> Self {
        Self {
            role,
            state,
            account,
            hint,
            read: Direction::default(),
            write: Direction::default(),
            pending: None,
            own_keys: None,
            handshake: Handshake::default(),
            output: Vec::new(),
            received: Vec::new(),
            discarded: None,
            failure: None,
        }
    }

    /// The datagram to be sent; empty where there is none.
    pub fn output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    /// Takes a datagram in.
    pub fn input(&mut self, datagram: &[u8]) {
        for record in records(datagram) {
            if self.state == State::Closed {
                return;
            }
            let result = record.map_err(Fault::from).and_then(|record| self.record(&record));
            match result {
                Ok(()) => {}
                Err(Fault::Discard(refusal)) => drop(self.discarded.get_or_insert(refusal)),
                Err(Fault::Fatal(alert, refusal)) => {
                    self.put(ALERT, &[FATAL, alert]);
                    self.state = State::Closed;
                    self.failure = Some(Failure::Refused(refusal));
                }
            }
        }
    }

    /// Sends application data, which is no longer than a record; nothing happens where the connection is not open.
    pub fn write(&mut self, plaintext: &[u8]) {
        if self.state == State::Established && plaintext.len() <= MAX_PLAINTEXT {
            self.put(APPLICATION_DATA, plaintext);
        }
    }

    /// Application data received since the last call.
    pub fn read(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.received)
    }

    /// Ends the connection with `close_notify`.
    pub fn close(&mut self) {
        if self.state == State::Established {
            self.put(ALERT, &[WARNING, CLOSE_NOTIFY]);
            self.state = State::Closed;
        }
    }

    /// Whether the handshake has finished at this end and nobody has ended the connection.
    pub fn is_established(&self) -> bool {
        self.state == State::Established
    }

    /// Why it gave up, where it did.
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// The first thing discarded since the last call.
    pub fn take_discarded(&mut self) -> Option<Refusal> {
        self.discarded.take()
    }

    /// The identity under which the client presented itself; at a server that took it.
    pub fn peer_identity(&self) -> Option<String> {
        (self.role == Role::Server && self.has_keys()).then(|| self.account.identity.clone())
    }

    /// Random of the client and master secret, with which others can decrypt; absent before there is one.
    pub fn secrets(&self) -> Option<(&[u8; 32], &[u8])> {
        self.has_keys().then_some((&self.handshake.client_random, &self.handshake.master))
    }

    /// Keying material for other uses (RFC 5705, section 4), with an empty context.
    pub fn export(&self, label: &str, n_bytes: usize) -> Vec<u8> {
        if !self.has_keys() {
            return Vec::new();
        }
        let Handshake { client_random, server_random, master, .. } = &self.handshake;
        tls12_prf_sha256(master, label, &[&client_random[..], server_random, &[0, 0]].concat(), n_bytes)
    }

    pub(super) fn write_keys(&self) -> Option<&WriteKeys> {
        self.write.keys()
    }

    fn has_keys(&self) -> bool {
        !self.handshake.master.is_empty()
    }

    fn put(&mut self, content_type: u8, content: &[u8]) {
        let record = self.write.write(content_type, content);
        self.output.extend(record);
    }

    /// Writes a handshake message and hashes it.
    fn say(&mut self, kind: u8, body: &[u8]) {
        let message = message::message(kind, self.handshake.next_out, body);
        self.handshake.next_out += 1;
        self.handshake.transcript.extend(&message);
        self.put(HANDSHAKE, &message);
    }

    fn say_hello(&mut self, cookie: &[u8]) {
        // The first ClientHello and the request for its cookie are not hashed (RFC 6347, section 4.2.6).
        self.handshake.transcript.clear();
        let body = message::client_hello(&self.handshake.client_random, cookie);
        self.say(CLIENT_HELLO, &body);
    }

    fn record(&mut self, record: &Record<'_>) -> Result<(), Fault> {
        if record.epoch != self.read.epoch {
            let message = format!("a record of epoch {} while epoch {} is read", record.epoch, self.read.epoch);
            return Err(discard("wrong-epoch", message));
        }
        self.read.check(record.sequence).map_err(Fault::Discard)?;
        let content = match self.read.keys() {
            None => record.fragment.to_vec(),
            Some(keys) => keys.open(record).map_err(|refusal| self.unreadable(refusal))?,
        };
        self.read.note(record.sequence);
        match record.content_type {
            HANDSHAKE => self.handshake(record, &content),
            CHANGE_CIPHER_SPEC => self.change_cipher_spec(&content),
            ALERT => self.alert(&content),
            APPLICATION_DATA if self.state == State::Established => {
                self.received.extend(content);
                Ok(())
            }
            other => Err(discard("unexpected-message", format!("a record of type {other} was not to come now"))),
        }
    }

    /// A record that does not open is no record, except where the first one after the keys were made does not: then
    /// the ends have different keys, which will not change (RFC 6347, section 4.1.2.7).
    fn unreadable(&self, refusal: Refusal) -> Fault {
        if self.state == State::AwaitsFinished {
            return Fault::Fatal(BAD_RECORD_MAC, refusal);
        }
        Fault::Discard(refusal)
    }

    fn change_cipher_spec(&mut self, content: &[u8]) -> Result<(), Fault> {
        match self.pending.take().filter(|_| content == [1] && self.state == State::AwaitsFinished) {
            Some(keys) => {
                self.read.advance(keys);
                Ok(())
            }
            None => Err(discard("unexpected-message", "`change_cipher_spec` was not to come now")),
        }
    }

    fn alert(&mut self, content: &[u8]) -> Result<(), Fault> {
        let [level, alert] = content else { return Err(discard("malformed", "an alert has two bytes")) };
        if *level == FATAL || *alert == CLOSE_NOTIFY {
            self.state = State::Closed;
            self.failure = (*alert != CLOSE_NOTIFY).then_some(Failure::Alerted(*alert));
        }
        Ok(())
    }

    fn handshake(&mut self, record: &Record<'_>, content: &[u8]) -> Result<(), Fault> {
        let message = message::parse(content).map_err(Fault::Discard)?;
        // A server that has given out nothing but cookies takes any number (RFC 6347, section 4.2.2).
        if self.state != State::AwaitsClientHello && message.number != self.handshake.next_in {
            let words = format!("message {} while {} is next", message.number, self.handshake.next_in);
            return Err(discard("out-of-sequence", words));
        }
        let result = match (self.state, message.kind) {
            (State::AwaitsClientHello, CLIENT_HELLO) => self.on_client_hello(record, &message),
            (State::AwaitsServerHello, HELLO_VERIFY_REQUEST) => self.on_verify_request(&message),
            (State::AwaitsServerHello, SERVER_HELLO) => self.on_server_hello(&message),
            (State::AwaitsServerHelloDone, SERVER_KEY_EXCHANGE) if !self.handshake.has_hint => self.on_hint(&message),
            (State::AwaitsServerHelloDone, SERVER_HELLO_DONE) => self.on_server_hello_done(&message),
            (State::AwaitsClientKeyExchange, CLIENT_KEY_EXCHANGE) => self.on_client_key_exchange(&message),
            (State::AwaitsFinished, FINISHED) if self.read.epoch == 1 => self.on_finished(&message),
            (State::Established | State::Closed | State::AwaitsClientHello, kind) => {
                Err(discard("unexpected-message", format!("a handshake message of type {kind} was not to come now")))
            }
            (_, kind) => {
                let words = format!("a handshake message of type {kind} was not to come now");
                Err(fatal(UNEXPECTED_MESSAGE, "unexpected-message", words))
            }
        };
        // A message whose content cannot be read ends the handshake.
        result.map_err(|fault| match fault {
            Fault::Discard(refusal) if refusal.code == "malformed" => Fault::Fatal(DECODE_ERROR, refusal),
            fault => fault,
        })
    }

    /// Takes a message into the hash of the handshake.
    fn take(&mut self, message: &Message<'_>) {
        self.handshake.transcript.extend(message.whole);
        self.handshake.next_in = message.number.wrapping_add(1);
    }

    /// RFC 6347, section 4.2.1: what a client says counts once it has shown that it receives at its address.
    fn on_client_hello(&mut self, record: &Record<'_>, message: &Message<'_>) -> Result<(), Fault> {
        let hello = ClientHello::parse(message.body).map_err(Fault::Discard)?;
        let cookie = hmac_sha256(&self.handshake.cookie_secret, &hello.parameters);
        // The answer has the number of the question, so that the server need not remember any.
        self.write.next = record.sequence;
        self.handshake.next_out = message.number;
        if hello.cookie != cookie {
            self.handshake.transcript.clear();
            self.say(HELLO_VERIFY_REQUEST, &message::hello_verify_request(&cookie));
            let words = "the cookie is not one that this server gave for these parameters";
            return if hello.cookie.is_empty() { Ok(()) } else { Err(discard("stale-cookie", words)) };
        }
        check_hello(&hello)?;
        self.handshake.client_random = hello.random;
        self.handshake.transcript.clear();
        self.take(message);
        let body = message::server_hello(&self.handshake.server_random);
        self.say(SERVER_HELLO, &body);
        if let Some(hint) = self.hint.clone() {
            self.say(SERVER_KEY_EXCHANGE, &message::one_vector(hint.as_bytes()));
        }
        self.say(SERVER_HELLO_DONE, &[]);
        self.state = State::AwaitsClientKeyExchange;
        Ok(())
    }

    fn on_verify_request(&mut self, message: &Message<'_>) -> Result<(), Fault> {
        let cookie = message::cookie(message.body).map_err(Fault::Discard)?;
        self.handshake.n_verify_requests += 1;
        if self.handshake.n_verify_requests > MAX_VERIFY_REQUESTS {
            return Err(fatal(UNEXPECTED_MESSAGE, "misbehaved", "the server asks for a cookie again and again"));
        }
        self.handshake.next_in = message.number.wrapping_add(1);
        self.say_hello(&cookie);
        Ok(())
    }

    fn on_server_hello(&mut self, message: &Message<'_>) -> Result<(), Fault> {
        let hello = ServerHello::parse(message.body).map_err(Fault::Discard)?;
        if hello.version != VERSION {
            return Err(fatal(PROTOCOL_VERSION, "incompatible", "the server chose another version than DTLS 1.2"));
        }
        if hello.suite != SUITE || hello.compression != 0 {
            return Err(fatal(ILLEGAL_PARAMETER, "misbehaved", "the server chose what the client did not offer"));
        }
        check_extended_master_secret(hello.has_extended_master_secret)?;
        self.handshake.server_random = hello.random;
        self.take(message);
        self.state = State::AwaitsServerHelloDone;
        Ok(())
    }

    /// A hint says which key is meant; a client with one account has no choice (RFC 4279, section 5.2).
    fn on_hint(&mut self, message: &Message<'_>) -> Result<(), Fault> {
        message::content_of_one_vector(message.body).map_err(Fault::Discard)?;
        self.handshake.has_hint = true;
        self.take(message);
        Ok(())
    }

    fn on_server_hello_done(&mut self, message: &Message<'_>) -> Result<(), Fault> {
        if !message.body.is_empty() {
            return Err(discard("malformed", "`ServerHelloDone` is empty"));
        }
        self.take(message);
        let identity = message::one_vector(self.account.identity.as_bytes());
        self.say(CLIENT_KEY_EXCHANGE, &identity);
        let [own, theirs] = self.derive();
        self.pending = Some(theirs);
        self.put(CHANGE_CIPHER_SPEC, &[1]);
        self.write.advance(own);
        let verify_data = self.verify_data("client finished");
        self.say(FINISHED, &verify_data);
        self.state = State::AwaitsFinished;
        Ok(())
    }

    fn on_client_key_exchange(&mut self, message: &Message<'_>) -> Result<(), Fault> {
        let identity = message::content_of_one_vector(message.body).map_err(Fault::Discard)?;
        if identity != self.account.identity.as_bytes() {
            let words = format!("no key belongs to the identity {}", String::from_utf8_lossy(&identity).escape_debug());
            return Err(fatal(UNKNOWN_PSK_IDENTITY, "unknown-psk-identity", words));
        }
        self.take(message);
        let [theirs, own] = self.derive();
        self.pending = Some(theirs);
        self.own_keys = Some(own);
        self.state = State::AwaitsFinished;
        Ok(())
    }

    fn on_finished(&mut self, message: &Message<'_>) -> Result<(), Fault> {
        let label = match self.role {
            Role::Client => "server finished",
            Role::Server => "client finished",
        };
        if message.body != self.verify_data(label) {
            return Err(fatal(DECRYPT_ERROR, "bad-finished", "the other end saw another handshake"));
        }
        self.take(message);
        if let Some(own) = self.own_keys.take() {
            self.put(CHANGE_CIPHER_SPEC, &[1]);
            self.write.advance(own);
            let verify_data = self.verify_data("server finished");
            self.say(FINISHED, &verify_data);
        }
        self.state = State::Established;
        Ok(())
    }

    /// The keys of both directions, the client's first, from the messages up to `ClientKeyExchange`.
    fn derive(&mut self) -> [WriteKeys; 2] {
        let key = &self.account.key;
        let length = u16::try_from(key.len()).expect("the length of a key was checked").to_be_bytes();
        // RFC 4279, section 2: as many zeros as the key has bytes stand for the other secret that there is none of.
        let premaster = [&length[..], &vec![0; key.len()], &length, key].concat();
        let session_hash = sha256(&self.handshake.transcript);
        // RFC 7627, section 4.
        self.handshake.master = tls12_prf_sha256(&premaster, "extended master secret", &session_hash, 48);
        let Handshake { master, client_random, server_random, .. } = &self.handshake;
        key_block(master, client_random, server_random)
    }

    /// RFC 5246, section 7.4.9.
    fn verify_data(&self, label: &str) -> Vec<u8> {
        tls12_prf_sha256(&self.handshake.master, label, &sha256(&self.handshake.transcript), 12)
    }
}

fn check_hello(hello: &ClientHello) -> Result<(), Fault> {
    // Versions of DTLS count downwards.
    if hello.version[0] != VERSION[0] || hello.version[1] > VERSION[1] {
        return Err(fatal(PROTOCOL_VERSION, "incompatible", "the client does not speak DTLS 1.2"));
    }
    if !hello.offers_suite || !hello.offers_null_compression {
        return Err(fatal(HANDSHAKE_FAILURE, "incompatible", "the client does not offer TLS_PSK_WITH_AES_128_CCM_8"));
    }
    check_extended_master_secret(hello.has_extended_master_secret)
}

/// RFC 7925, section 16: ends of this profile use the extended master secret, and no others are let in.
fn check_extended_master_secret(has: bool) -> Result<(), Fault> {
    if has {
        return Ok(());
    }
    Err(fatal(HANDSHAKE_FAILURE, "incompatible", "the other end does not offer the extended master secret"))
}

impl Failure {
    /// What somebody sees of the end that failed.
    pub fn words(&self) -> String {
        match self {
            Self::Refused(refusal) => format!("refused as well: {}", refusal.message),
            Self::Alerted(alert) => format!("received the alert {}", alert_name(*alert)),
        }
    }
}
