//! [`Trace`] → a capture that packet analysers open, with the secrets that decrypt it.
//!
//! The bytes of every message are those of the run, and so is the order.
//! What carries them is made up, because a run has no network: addresses, ports, TCP segments and acknowledgements,
//! UDP headers.
//! Where no carrier is known (a serial line, a printed code, values handed over by means that are not modelled), the
//! bytes stand alone under a link type for users, and no header is invented.

mod address;
mod pcapng;
mod plan;
mod tcp;
mod udp;

use std::collections::BTreeMap;

use self::address::Address;
use self::pcapng::{LinkType, Name, Writer};
use self::plan::{Conversation, Plan, Transport};
use self::tcp::{Connection, End, Framing, Segment, Side};
use self::udp::Exchange;
use crate::trace::{Event, Flight, Path, Place, Trace};

/// The run as a file in the pcapng format.
///
/// There is an interface for each link, or two where some of its messages have no known carrier.
/// A packet that carries bytes of a step has a comment with the step's number and title.
/// Its time is the virtual clock at which the step began; packets of the same second follow each other by 1 µs.
pub fn pcapng(trace: &Trace) -> Vec<u8> {
    let mut recorder = Recorder::new(trace);
    for event in &trace.events {
        recorder.event(event);
    }
    recorder.into_file()
}

/// The secrets of all sessions in the format of `SSLKEYLOGFILE` (RFC 9850); comments alone where there is no session.
pub fn key_log(trace: &Trace) -> String {
    let mut text = String::new();
    for line in heading(trace).lines() {
        text.extend(["# ", line, "\n"]);
    }
    text.extend(trace.events.iter().map(|event| lines(&event.key_log)));
    text
}

/// Bytes of the run on their way into a file.
struct Recorder<'t> {
    trace: &'t Trace,
    plan: Plan<'t>,
    /// By place in the plan; those that are open.
    connections: BTreeMap<usize, Carrier>,
    interfaces: Vec<Interface<'t>>,
    blocks: Vec<Block>,
    /// When the last packet was seen, in microseconds.
    last: u64,
    n_clients: u16,
}

/// What takes the bytes of a conversation.
enum Carrier {
    Tcp(Connection),
    Udp(Exchange),
}

impl Carrier {
    fn send(&mut self, from: Side, bytes: &[u8]) -> Vec<Segment> {
        match self {
            Self::Tcp(connection) => connection.send(from, bytes),
            Self::Udp(exchange) => {
                let packet = exchange.datagram(from, bytes);
                packet.into_iter().map(|packet| Segment { packet, has_payload: true }).collect()
            }
        }
    }

    fn close(&mut self, from: Side) -> Vec<Segment> {
        match self {
            Self::Tcp(connection) => connection.close(from),
            Self::Udp(_) => Vec::new(),
        }
    }
}

/// A link as one link type sees it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Interface<'t> {
    link: &'t str,
    link_type: LinkType,
}

/// What follows the interfaces.
enum Block {
    Packet { interface: usize, micros: u64, bytes: Vec<u8>, comment: Option<String> },
    Secrets(String),
}

impl<'t> Recorder<'t> {
    fn new(trace: &'t Trace) -> Self {
        Self {
            trace,
            plan: Plan::of(trace),
            connections: BTreeMap::new(),
            interfaces: Vec::new(),
            blocks: Vec::new(),
            last: 0,
            n_clients: 0,
        }
    }

    fn event(&mut self, event: &'t Event) {
        let Place::Between { link, .. } = &event.place else { return };
        let Some(index) = self.plan.carrier(event) else {
            for flight in &event.flights {
                let interface = self.interface(link, uncarried(event));
                self.packet(event, interface, flight.wire.0.clone(), Some(comment(event, flight)));
            }
            return;
        };
        let conversation = self.plan.conversations[index];
        let interface = self.interface(link, link_type(conversation.framing));
        let mut carrier = match self.connections.remove(&index) {
            Some(carrier) => carrier,
            None => self.open(event, interface, &conversation),
        };
        for flight in &event.flights {
            let segments = carrier.send(conversation.side(&flight.from), &flight.wire.0);
            self.segments(event, interface, segments, &comment(event, flight));
        }
        match conversation.closed {
            Some((number, side)) if number == event.number => {
                self.segments(event, interface, carrier.close(side), "");
            }
            Some(_) | None => drop(self.connections.insert(index, carrier)),
        }
    }

    /// Opens a connection; the secrets of the session on it go before its first packet.
    fn open(&mut self, event: &Event, interface: usize, conversation: &Conversation<'_>) -> Carrier {
        if !event.key_log.is_empty() {
            self.blocks.push(Block::Secrets(lines(&event.key_log)));
        }
        let [client, server] = conversation.ends().map(|actor| self.address(actor));
        let [client, server] = [(client, EPHEMERAL + self.n_clients % N_EPHEMERAL), (server, conversation.port())];
        self.n_clients = self.n_clients.wrapping_add(1);
        match conversation.transport {
            Transport::Tcp => {
                let ends = [client, server].map(|(address, port)| End::new(address, port));
                let mut connection = Connection::new(conversation.framing, ends);
                self.segments(event, interface, connection.open(), "");
                Carrier::Tcp(connection)
            }
            Transport::Udp => Carrier::Udp(Exchange::new(conversation.framing, client, server)),
        }
    }

    fn segments(&mut self, event: &Event, interface: usize, segments: Vec<Segment>, comment: &str) {
        for segment in segments {
            let comment = segment.has_payload.then(|| comment.to_owned());
            self.packet(event, interface, segment.packet, comment);
        }
    }

    fn packet(&mut self, event: &Event, interface: usize, bytes: Vec<u8>, comment: Option<String>) {
        let began = u64::try_from(event.clock.0).unwrap_or_default().saturating_mul(MICROS);
        let micros = began.max(self.last.saturating_add(1));
        self.last = micros;
        self.blocks.push(Block::Packet { interface, micros, bytes, comment });
    }

    fn interface(&mut self, link: &'t str, link_type: LinkType) -> usize {
        let wanted = Interface { link, link_type };
        self.interfaces.iter().position(|interface| *interface == wanted).unwrap_or_else(|| {
            self.interfaces.push(wanted);
            self.interfaces.len() - 1
        })
    }

    fn address(&self, actor: &str) -> Address {
        Address::of(self.trace.actors.iter().position(|party| party.id == actor).unwrap_or_default())
    }

    fn into_file(self) -> Vec<u8> {
        let mut writer = Writer::new(&heading(self.trace));
        for Interface { link, link_type } in self.interfaces {
            let path = self.trace.link(link);
            writer.interface(link_type, link, &path.map(|path| description(path, link_type)).unwrap_or_default());
        }
        writer.names(self.trace.actors.iter().enumerate().flat_map(|(index, actor)| {
            let address = Address::of(index);
            [Name::V4(address.v4, &actor.id), Name::V6(address.v6, &actor.id)]
        }));
        for block in self.blocks {
            match block {
                Block::Packet { interface, micros, bytes, comment } => {
                    writer.packet(interface, micros, &bytes, comment.as_deref());
                }
                Block::Secrets(key_log) => writer.tls_secrets(&key_log),
            }
        }
        writer.into_bytes()
    }
}

fn heading(trace: &Trace) -> String {
    format!("{}, {}: addresses, ports, TCP and UDP are made up\n{}", trace.flow, trace.scenario, trace.notice)
}

fn lines(key_log: &[String]) -> String {
    key_log.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}

fn comment(event: &Event, flight: &Flight) -> String {
    format!("step {}: {}; {} to {}: {}", event.number, event.title, flight.from, flight.to, flight.label)
}

fn description(path: &Path, link_type: LinkType) -> String {
    let ends = format!("{} between {} and {}", path.medium.title(), path.between[0], path.between[1]);
    match link_type {
        LinkType::Ethernet | LinkType::Raw => ends,
        LinkType::User0 => format!("{ends}; values handed over as a CBOR map, their carrier not modelled"),
        LinkType::User1 => format!("{ends}; bytes whose carrier is not modelled"),
    }
}

fn link_type(framing: Framing) -> LinkType {
    match framing {
        Framing::Ethernet => LinkType::Ethernet,
        Framing::Ipv4 | Framing::Ipv6 => LinkType::Raw,
    }
}

/// Values handed over are all of one format, which a reader can be told to decode.
fn uncarried(event: &Event) -> LinkType {
    let is_handed_over = event.session.is_none() && event.operation == DELIVER;
    if is_handed_over { LinkType::User0 } else { LinkType::User1 }
}

/// The operation that hands values over.
const DELIVER: &str = "deliver";

/// Microseconds in a second.
const MICROS: u64 = 1_000_000;

/// RFC 6335, section 6: the dynamic ports, and how many there are.
const EPHEMERAL: u16 = 49152;
const N_EPHEMERAL: u16 = u16::MAX - EPHEMERAL + 1;
