//! Sessions of Matter: the unsecured conversation that establishes one, and the secured messages afterwards.
//!
//! Who establishes sessions in another manner makes an [`End`] for each side and hands them to [`Secured`].

use std::collections::{BTreeSet, VecDeque};

use super::channel::{Alter, Channel, EndRefused, Sent};
use super::{Accepts, End as ParamEnd, Param, Refused};
use crate::annotation::{Field, Layer};
use crate::crypto::aead::{Cipher, Inputs};
use crate::crypto::certificate::Certificate;
use crate::crypto::count::Counts;
use crate::crypto::party::{self, Party, act};
use crate::crypto::refusal::Refusal;
use crate::protocol::content;
use crate::protocol::matter::message::{self, MessageHeader, PayloadKind, ProtocolHeader, STATUS_REPORT, StatusReport};
use crate::trace::Protection;
use crate::value::SessionView;

/// What carries the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// BTP over Bluetooth Low Energy, which delivers by itself (Matter Core Specification, section 4.19).
    Btp,
    /// UDP, over which messages ask for acknowledgements (section 4.12).
    Udp,
}

/// The parameter that names the transport.
pub const TRANSPORT: Param = Param {
    name: "transport",
    end: ParamEnd::With,
    accepts: Accepts::Choice(&["btp", "udp"]),
    required: false,
    summary: "what carries the messages; with `udp` they ask for acknowledgements, with `btp`, where absent, they do not",
};

impl Transport {
    /// The transport called `name`.
    pub fn find(name: &str) -> Self {
        if name == "udp" { Self::Udp } else { Self::Btp }
    }

    /// Whether messages ask for acknowledgements.
    fn acknowledges(self) -> bool {
        self == Self::Udp
    }
}

/// Why a session is not established.
#[derive(Clone, Debug)]
pub enum Stopped {
    /// One end refused.
    Refused(EndRefused),
    /// One end, the opener where it is true, waits for bytes that do not come.
    Waiting(bool),
}

/// Messages without security, from which a session follows (section 4.14).
pub struct Conversation<'r> {
    alter: Alter<'r>,
    recorded: Option<VecDeque<Vec<u8>>>,
    transport: Transport,
    /// What crossed the link.
    pub flights: Vec<Sent>,
    opener: Voice,
    accepter: Voice,
}

/// What an end knows of the conversation.
#[derive(Default)]
struct Voice {
    counter: u32,
    exchange: u16,
    /// The ephemeral node ID of the opener.
    node: u64,
    received: Option<u32>,
}

/// A message as it was heard.
pub struct Heard {
    /// Its opcode.
    pub opcode: u8,
    /// Its application payload.
    pub payload: Vec<u8>,
}

impl<'r> Conversation<'r> {
    /// Nothing was said yet; counters, exchange and ephemeral node are drawn from the parties.
    pub fn new(
        alter: Alter<'r>,
        recorded: Option<Vec<Vec<u8>>>,
        transport: Transport,
        opener: &mut Party,
        accepter: &mut Party,
    ) -> Self {
        let voice = |exchange, node| Voice { counter: counter(), exchange, node, received: None };
        let opener = act(opener, || {
            let exchange = u16::from_le_bytes(drawn());
            // An operational node ID has its uppermost bit clear (section 2.5.5.1).
            let node = u64::from_le_bytes(drawn()) >> 1;
            voice(exchange, node)
        });
        let accepter = act(accepter, || voice(0, 0));
        Self { alter, recorded: recorded.map(Into::into), transport, flights: Vec::new(), opener, accepter }
    }

    /// Whether a recording speaks in place of the opener.
    pub fn is_recorded(&self) -> bool {
        self.recorded.is_some()
    }

    /// Takes a message of one end to the other, past the hand on the link; `expected` are the opcodes that can be
    /// used there.
    pub fn say(&mut self, from_opener: bool, opcode: u8, payload: &[u8], expected: &[u8]) -> Result<Heard, Stopped> {
        let wire = self.put(from_opener, opcode, payload);
        let Some(wire) = wire.filter(|wire| !wire.is_empty()) else { return Err(Stopped::Waiting(!from_opener)) };
        let heard = self.hear(from_opener, &wire)?;
        if expected.contains(&heard.opcode) {
            return Ok(heard);
        }
        let title = PayloadKind::secure_channel(heard.opcode).title();
        let refused = Refused::policy("unexpected-message", format!("{title} is not what comes next"));
        Err(self.refuse(!from_opener, refused))
    }

    /// One end refuses, and tells the other.
    pub fn refuse(&mut self, by_opener: bool, refused: Refused) -> Stopped {
        self.refuse_with(by_opener, refused, StatusReport::INVALID_PARAMETER)
    }

    /// One end refuses, and tells the other with this report.
    pub fn refuse_with(&mut self, by_opener: bool, refused: Refused, report: StatusReport) -> Stopped {
        let other_end = if by_opener && self.is_recorded() {
            "nothing".to_owned()
        } else {
            self.put(by_opener, STATUS_REPORT, &report.encode());
            format!("StatusReport {}", report.words())
        };
        Stopped::Refused(EndRefused { by_opener, refused, other_end })
    }

    /// Puts a message on the link; `None` where a recording that speaks for the opener has ended.
    fn put(&mut self, from_opener: bool, opcode: u8, payload: &[u8]) -> Option<Vec<u8>> {
        let is_first = self.flights.is_empty();
        let reliable = self.transport.acknowledges();
        let voice = if from_opener { &mut self.opener } else { &mut self.accepter };
        voice.counter = voice.counter.wrapping_add(1);
        let (source, destination) = if from_opener { (Some(voice.node), None) } else { (None, Some(voice.node)) };
        let header = MessageHeader { session_id: 0, security_flags: 0, counter: voice.counter, source, destination };
        let protocol = ProtocolHeader {
            initiator: from_opener,
            reliable,
            acknowledged: voice.received.filter(|_| reliable && !is_first),
            kind: PayloadKind::secure_channel(opcode),
            exchange: voice.exchange,
        };
        let mut wire = [header.encode(), protocol.encode(), payload.to_vec()].concat();
        match &mut self.recorded {
            Some(recorded) if from_opener => wire = recorded.pop_front()?,
            Some(_) => {}
            None => (self.alter)(from_opener, &mut wire),
        }
        let label = PayloadKind::secure_channel(opcode).title();
        let layers = vec![layer("Matter message", &wire, message::describe_clear)];
        self.flights.push(Sent { from_opener, label, wire: wire.clone(), layers });
        Some(wire)
    }

    /// The receiver reads a message; one that is not of this conversation it drops.
    fn hear(&mut self, from_opener: bool, wire: &[u8]) -> Result<Heard, Stopped> {
        let voice = if from_opener { &mut self.accepter } else { &mut self.opener };
        let read = || {
            let (header, inside) = MessageHeader::decode(wire).map_err(|malformed| malformed.message)?;
            let (protocol, payload) = ProtocolHeader::decode(inside).map_err(|malformed| malformed.message)?;
            Ok((header, protocol, payload))
        };
        let dropped = |code, message: String| {
            let refused = Refused::policy(code, message);
            Stopped::Refused(EndRefused { by_opener: !from_opener, refused, other_end: DROPPED.to_owned() })
        };
        let (header, protocol, payload) = read().map_err(|message: String| dropped("malformed", message))?;
        if header.session_id != 0 || header.security_flags != 0 {
            return Err(dropped(UNKNOWN_SESSION, format!("there is no session {}", header.session_id)));
        }
        if from_opener && voice.received.is_none() {
            // Whoever begins says how it is called, and which exchange it is.
            voice.exchange = protocol.exchange;
            voice.node = header.source.unwrap_or_default();
        }
        let node = if from_opener { header.source } else { header.destination };
        if node != Some(voice.node) {
            return Err(dropped(UNKNOWN_SESSION, "the message is for, or from, another node".to_owned()));
        }
        if protocol.exchange != voice.exchange || protocol.initiator != from_opener {
            return Err(dropped(UNKNOWN_EXCHANGE, format!("there is no exchange {}", protocol.exchange)));
        }
        if protocol.kind.protocol != message::SECURE_CHANNEL {
            return Err(dropped("unexpected-message", format!("{} needs a session", protocol.kind.title())));
        }
        voice.received = Some(header.counter);
        Ok(Heard { opcode: protocol.kind.opcode, payload: payload.to_vec() })
    }
}

/// One end of a session.
pub struct End {
    /// Randomness and counts.
    pub party: Party,
    /// What it encrypts with, 16 bytes.
    pub key: Vec<u8>,
    /// Its node, part of the nonce; 0 where it has no name yet (section 4.8).
    pub node: u64,
    /// How the other end calls the session.
    pub session_id: u16,
    /// What it presented.
    pub chain: Vec<Certificate>,
}

/// A session of which both ends have the keys.
pub struct Secured {
    opener: Side,
    accepter: Side,
    protocol: &'static str,
    suite: String,
    challenge: Vec<u8>,
    transport: Transport,
    step: String,
    is_open: bool,
    /// The exchange that waits for its answer, and whether the opener began it.
    pending: Option<(bool, u16)>,
}

struct Side {
    end: End,
    counter: u32,
    exchange: u16,
    received: BTreeSet<u32>,
    last: Option<u32>,
    taken: Counts,
}

impl Side {
    fn new(mut end: End) -> Self {
        let (counter, exchange) = act(&mut end.party, || (counter(), u16::from_le_bytes(drawn())));
        Self { end, counter, exchange, received: BTreeSet::new(), last: None, taken: Counts::default() }
    }

    fn take_counts(&mut self) -> Counts {
        let counts = self.end.party.counts;
        let new = counts.since(self.taken);
        self.taken = counts;
        new
    }
}

impl Secured {
    /// The session that `step` has established: `protocol` and `suite` for people, `challenge` for attestation.
    pub fn new(
        ends: [End; 2],
        protocol: &'static str,
        suite: impl Into<String>,
        challenge: Vec<u8>,
        transport: Transport,
        step: &str,
    ) -> Self {
        let [opener, accepter] = ends.map(Side::new);
        let (suite, step) = (suite.into(), step.to_owned());
        Self { opener, accepter, protocol, suite, challenge, transport, step, is_open: true, pending: None }
    }

    /// What is left of a session that was not established: what its ends have computed.
    pub fn failed(parties: [Party; 2], protocol: &'static str, step: &str) -> Self {
        let end = |party| End { party, key: Vec::new(), node: 0, session_id: 0, chain: Vec::new() };
        let failed = Self::new(parties.map(end), protocol, "", Vec::new(), Transport::Btp, step);
        Self { is_open: false, ..failed }
    }

    /// Encrypts a message of one end (section 4.8), and gives it with its protocol header and payload.
    fn seal(&mut self, from_opener: bool, kind: PayloadKind, payload: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let answers = self.pending.filter(|(by_opener, _)| *by_opener != from_opener);
        let reliable = self.transport.acknowledges();
        let (own, other) = self.sides(from_opener);
        own.counter = own.counter.wrapping_add(1);
        let header =
            MessageHeader { session_id: other.end.session_id, counter: own.counter, ..MessageHeader::default() };
        let exchange = answers.map_or(own.exchange, |(_, exchange)| exchange);
        let acknowledged = own.last.filter(|_| reliable && answers.is_some());
        let protocol = ProtocolHeader { initiator: answers.is_none(), reliable, acknowledged, kind, exchange };
        let inside = [protocol.encode(), payload.to_vec()].concat();
        let End { party, key, node, .. } = &mut own.end;
        // A message that is too long for CCM is not sent, and its receiver waits.
        let wire = act(party, || encrypt(key, *node, &header, &inside)).unwrap_or_default();
        if answers.is_none() {
            own.exchange = own.exchange.wrapping_add(1);
            self.pending = Some((from_opener, exchange));
        }
        (wire, inside)
    }

    /// The other end decrypts what arrives (section 4.8), and finds out whether it has seen it before.
    fn open(&mut self, from_opener: bool, wire: &[u8]) -> Result<Vec<u8>, Refused> {
        let pending = self.pending;
        let (sender, own) = self.sides(from_opener);
        let (header, _) = MessageHeader::decode(wire)?;
        if header.session_id != own.end.session_id || header.security_flags != 0 {
            let message = format!("there is no session {} of this kind", header.session_id);
            return Err(Refused::policy(UNKNOWN_SESSION, message));
        }
        let inside = act(&mut own.end.party, || decrypt(&sender.end.key, sender.end.node, wire))?;
        if !own.received.insert(header.counter) {
            let message = format!("message {} was received before", header.counter);
            return Err(Refused::policy(DUPLICATE_MESSAGE, message));
        }
        own.last = Some(header.counter);
        let (protocol, payload) = ProtocolHeader::decode(&inside)?;
        let is_known = pending.is_some_and(|(by_opener, exchange)| {
            exchange == protocol.exchange && (by_opener == from_opener) == protocol.initiator
        });
        if !is_known {
            return Err(Refused::policy(UNKNOWN_EXCHANGE, format!("there is no exchange {}", protocol.exchange)));
        }
        if !protocol.initiator {
            self.pending = None;
        }
        Ok(message_of(protocol.kind, payload))
    }

    fn sides(&mut self, from_opener: bool) -> (&mut Side, &mut Side) {
        if from_opener { (&mut self.opener, &mut self.accepter) } else { (&mut self.accepter, &mut self.opener) }
    }

    fn arrive(&mut self, from_opener: bool, wire: &[u8]) -> Result<Vec<u8>, EndRefused> {
        if wire.is_empty() {
            return Ok(Vec::new());
        }
        self.open(from_opener, wire).map_err(|refused| EndRefused {
            by_opener: !from_opener,
            refused,
            other_end: DROPPED.to_owned(),
        })
    }

    fn flight(from_opener: bool, label: String, wire: Vec<u8>, inside: Option<Vec<u8>>) -> Sent {
        let mut layers = vec![layer("Matter message", &wire, message::describe_secured)];
        let inside =
            inside.map(|inside| layer("Protocol message", &inside, message::describe_protocol).decrypted(true));
        layers.extend(inside);
        Sent { from_opener, label, wire, layers }
    }
}

impl Channel for Secured {
    fn send(
        &mut self,
        from_opener: bool,
        plaintext: &[u8],
        alter: &mut dyn FnMut(&mut Vec<u8>),
    ) -> (Vec<Sent>, Result<Vec<u8>, EndRefused>) {
        let (kind, payload) = match split_message(plaintext) {
            Ok(parts) => parts,
            Err(refused) => {
                let refused = EndRefused { by_opener: from_opener, refused, other_end: "nothing".to_owned() };
                return (Vec::new(), Err(refused));
            }
        };
        let (genuine, inside) = self.seal(from_opener, kind, payload);
        let mut wire = genuine.clone();
        alter(&mut wire);
        let shown = (wire == genuine).then_some(inside);
        let result = self.arrive(from_opener, &wire);
        (vec![Self::flight(from_opener, kind.title(), wire, shown)], result)
    }

    fn inject(&mut self, from_opener: bool, wire: &[u8]) -> (Vec<Sent>, Result<Vec<u8>, EndRefused>) {
        let result = self.arrive(from_opener, wire);
        (vec![Self::flight(from_opener, "message".to_owned(), wire.to_vec(), None)], result)
    }

    /// Section 4.11.1: whoever forgets a session says so, and waits for nothing.
    fn close(&mut self, from_opener: bool, alter: &mut dyn FnMut(&mut Vec<u8>)) -> (Vec<Sent>, Option<EndRefused>) {
        self.pending = None;
        let close = message_of(PayloadKind::secure_channel(STATUS_REPORT), &StatusReport::CLOSE_SESSION.encode());
        let (flights, result) = self.send(from_opener, &close, alter);
        self.is_open = false;
        (flights, result.err())
    }

    fn is_open(&self) -> bool {
        self.is_open
    }

    fn protection(&self) -> Protection {
        Protection::Protected
    }

    fn peer_verified(&mut self) {}

    fn view(&self, of_opener: bool) -> SessionView {
        let peer = if of_opener { &self.accepter } else { &self.opener };
        SessionView {
            id: self.step.clone(),
            protocol: self.protocol.to_owned(),
            cipher_suite: self.suite.clone(),
            protection: Protection::Protected,
            peer_chain: peer.end.chain.clone(),
            exporter: self.challenge.clone(),
        }
    }

    fn key_log(&self) -> Vec<String> {
        Vec::new()
    }

    fn take_counts(&mut self) -> (Counts, Counts) {
        (self.opener.take_counts(), self.accepter.take_counts())
    }
}

/// A message as an operation gives it to a session and gets it from there: opcode, protocol, and application payload.
/// Exchange, counters and acknowledgements are for the session to add.
pub fn message_of(kind: PayloadKind, payload: &[u8]) -> Vec<u8> {
    [&[kind.opcode][..], &kind.protocol.to_le_bytes(), payload].concat()
}

/// The parts of such a message.
pub fn split_message(bytes: &[u8]) -> Result<(PayloadKind, &[u8]), Refused> {
    match bytes {
        [opcode, low, high, payload @ ..] => {
            Ok((PayloadKind { protocol: u16::from_le_bytes([*low, *high]), opcode: *opcode }, payload))
        }
        _ => Err(Refused::malformed(format!("{} bytes are no message", bytes.len()))),
    }
}

/// A message as it goes over the link: its header, and what is inside of it encrypted (section 4.8). The key is that
/// of the sender, `node` its node in the session.
pub fn encrypt(key: &[u8], node: u64, header: &MessageHeader, inside: &[u8]) -> Result<Vec<u8>, Refusal> {
    let aad = header.encode();
    let nonce = nonce(header, node);
    let sealed = Cipher::Aes128Ccm.seal(Inputs { key, nonce: &nonce, aad: &aad }, inside)?;
    Ok([aad, sealed].concat())
}

/// What is inside of such a message (section 4.8).
pub fn decrypt(key: &[u8], node: u64, wire: &[u8]) -> Result<Vec<u8>, Refused> {
    let (header, sealed) = MessageHeader::decode(wire)?;
    let aad = &wire[..wire.len() - sealed.len()];
    Ok(Cipher::Aes128Ccm.open(Inputs { key, nonce: &nonce(&header, node), aad }, sealed)?)
}

/// Section 4.8: security flags, counter, and node of the sender.
fn nonce(header: &MessageHeader, node: u64) -> Vec<u8> {
    [&[header.security_flags][..], &header.counter.to_le_bytes(), &node.to_le_bytes()].concat()
}

fn layer(name: &str, bytes: &[u8], describe: fn(&[u8]) -> Vec<Field>) -> Layer {
    Layer::explained_by(name, bytes.to_vec(), move |bytes, known| content::complete(describe(bytes), bytes, known))
}

/// A counter begins at a random number of 28 bits (section 4.6).
fn counter() -> u32 {
    u32::from_le_bytes(drawn()) >> 4
}

fn drawn<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    party::fill(&mut bytes);
    bytes
}

const DROPPED: &str = "nothing: the message is dropped";
/// Code of a message for a session that the receiver does not have.
pub const UNKNOWN_SESSION: &str = "unknown-session";
/// Code of a message of an exchange that nobody has begun.
pub const UNKNOWN_EXCHANGE: &str = "unknown-exchange";
/// Code of a message whose number has been received (section 4.6).
pub const DUPLICATE_MESSAGE: &str = "duplicate-message";
