//! Which steps of a run share a connection, and who opens and closes it.

use std::collections::BTreeMap;

use super::tcp::{Framing, Side};
use crate::trace::{Event, EventOutcome, Path, Place, Trace};
use crate::vocabulary::Medium;

/// An application protocol with the ports that IANA registered for it.
#[derive(PartialEq, Eq)]
struct Service {
    /// What the names of its operations begin with.
    operations: &'static str,
    /// The operation with which a client begins.
    first: &'static str,
    /// How often a client begins on one connection.
    begins: Begins,
    /// What carries it.
    transport: Transport,
    /// In clear.
    port: u16,
    /// Through TLS or DTLS.
    tls_port: u16,
}

/// What carries a protocol.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    Tcp,
    /// A flight is a datagram, and nobody opens or closes anything.
    Udp,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Begins {
    /// As often as it has something to ask.
    Again,
    /// Never again.
    Once,
}

/// Protocols over TCP and UDP, by name; what is not among them has no carrier that is known.
const SERVICES: &[Service] = &[
    // RFC 7252, section 6: either end asks.
    Service {
        operations: "coap-",
        first: "coap-request",
        begins: Begins::Again,
        transport: Transport::Udp,
        port: 5683,
        tls_port: 5684,
    },
    // RFC 9112, section 9.3: connections persist.
    Service {
        operations: "http-",
        first: "http-request",
        begins: Begins::Again,
        transport: Transport::Tcp,
        port: 80,
        tls_port: 443,
    },
    // MQTT 3.1.1, section 3.1: a second CONNECT is a violation.
    Service {
        operations: "mqtt-",
        first: "mqtt-connect",
        begins: Begins::Once,
        transport: Transport::Tcp,
        port: 1883,
        tls_port: 8883,
    },
];

/// Where a session is expected through which nothing was sent; a browser would look there.
const HTTPS: u16 = 443;
/// The same of a session over UDP.
const COAPS: u16 = 5684;

/// The operation that opens a session over TCP.
const TLS: &str = "tls";
/// The operation that opens a session over UDP.
const DTLS: &str = "dtls-psk";
/// The operation that closes a session.
const CLOSE: &str = "close";

/// The connections of a run.
#[derive(Default)]
pub(super) struct Plan<'t> {
    /// In the order in which they are opened.
    pub(super) conversations: Vec<Conversation<'t>>,
    /// The conversation by number of the event; an event that is not here has no known carrier.
    of_events: BTreeMap<usize, usize>,
}

/// A connection with what is said on it.
#[derive(Clone, Copy)]
pub(super) struct Conversation<'t> {
    /// The link's id.
    link: &'t str,
    /// Id of who opens it.
    client: &'t str,
    /// Id of who accepts it.
    server: &'t str,
    /// What it is packed into.
    pub(super) framing: Framing,
    /// What carries it.
    pub(super) transport: Transport,
    /// The session on it; absent for one in clear.
    session: Option<&'t str>,
    /// The protocol in it, as far as known.
    service: Option<&'static Service>,
    /// After which event, by number, which end closes it; absent for one that is open when the run ends.
    pub(super) closed: Option<(usize, Side)>,
}

impl<'t> Plan<'t> {
    /// The connections of `trace`.
    pub(super) fn of(trace: &'t Trace) -> Self {
        let mut plan = Self::default();
        for event in trace.events.iter().filter(|event| !event.flights.is_empty()) {
            let Place::Between { from, to, link } = &event.place else { continue };
            let framing = trace.link(link).and_then(framing);
            let found = match &event.session {
                Some(session) if *session == event.step => {
                    framing.and_then(|it| plan.open(event, [from, to], link, it))
                }
                Some(session) => plan.continue_session(event, from, session),
                None => framing.and_then(|framing| plan.in_clear(event, [from, to], link, framing)),
            };
            plan.of_events.extend(found.map(|index| (event.number, index)));
        }
        plan
    }

    /// The index of the connection that carries an event.
    pub(super) fn carrier(&self, event: &Event) -> Option<usize> {
        self.of_events.get(&event.number).copied()
    }

    fn add(&mut self, conversation: Conversation<'t>) -> usize {
        self.conversations.push(conversation);
        self.conversations.len() - 1
    }

    /// A refused handshake ends the connection: whoever refuses closes it.
    fn open(
        &mut self,
        event: &'t Event,
        [client, server]: [&'t str; 2],
        link: &'t str,
        framing: Framing,
    ) -> Option<usize> {
        let transport = match event.operation.as_str() {
            TLS => Transport::Tcp,
            DTLS => Transport::Udp,
            _ => return None,
        };
        let session = Some(event.step.as_str());
        let mut conversation =
            Conversation { link, client, server, framing, transport, session, service: None, closed: None };
        conversation.closed = match &event.outcome {
            EventOutcome::Done | EventOutcome::Stalled { .. } => None,
            EventOutcome::Rejected(rejection) => Some((event.number, conversation.side(&rejection.by))),
        };
        Some(self.add(conversation))
    }

    fn continue_session(&mut self, event: &Event, from: &str, session: &str) -> Option<usize> {
        let index = self.conversations.iter().position(|it| it.session == Some(session))?;
        let conversation = &mut self.conversations[index];
        conversation.service = conversation.service.or_else(|| service(event));
        if event.operation == CLOSE {
            conversation.closed = Some((event.number, conversation.side(from)));
        }
        Some(index)
    }

    /// In clear, nothing in the run closes the connection; its client does so after the last message.
    fn in_clear(
        &mut self,
        event: &'t Event,
        [from, to]: [&'t str; 2],
        link: &'t str,
        framing: Framing,
    ) -> Option<usize> {
        let service = service(event)?;
        let begins = event.operation == service.first;
        let fits = |it: &Conversation<'_>| {
            let is_same = it.link == link && it.session.is_none() && it.service == Some(service);
            let is_client = [it.client, it.server] == [from, to];
            is_same && (is_client || (!begins && [it.server, it.client] == [from, to]))
        };
        let found = self.conversations.iter().rposition(fits).filter(|_| !begins || service.begins == Begins::Again);
        let index = found.unwrap_or_else(|| {
            let (client, server) = (from, to);
            let transport = service.transport;
            let service = Some(service);
            self.add(Conversation { link, client, server, framing, transport, session: None, service, closed: None })
        });
        self.conversations[index].closed = Some((event.number, Side::Client));
        Some(index)
    }
}

impl Conversation<'_> {
    /// The end at which an actor is.
    pub(super) fn side(&self, actor: &str) -> Side {
        if actor == self.client { Side::Client } else { Side::Server }
    }

    /// The ids of client and server.
    pub(super) fn ends(&self) -> [&str; 2] {
        [self.client, self.server]
    }

    /// The port of the server.
    pub(super) fn port(&self) -> u16 {
        match (self.service, self.session, self.transport) {
            (Some(service), Some(_), _) => service.tls_port,
            (Some(service), None, _) => service.port,
            (None, _, Transport::Tcp) => HTTPS,
            (None, _, Transport::Udp) => COAPS,
        }
    }
}

fn service(event: &Event) -> Option<&'static Service> {
    SERVICES.iter().find(|service| event.operation.starts_with(service.operations))
}

/// How IP crosses a link; nothing where the link carries none.
fn framing(link: &Path) -> Option<Framing> {
    match link.medium {
        // A capture on a host sees Wi-Fi as Ethernet.
        Medium::Ethernet | Medium::WiFi => Some(Framing::Ethernet),
        Medium::Cellular | Medium::Internet | Medium::NbIot => Some(Framing::Ipv4),
        Medium::Thread => Some(Framing::Ipv6),
        Medium::Ble | Medium::Human | Medium::Lorawan | Medium::Optical | Medium::Serial => None,
    }
}
