//! A TCP connection (RFC 9293) around bytes that crossed a link: every segment as it would have been on the wire.

use etherparse::{IpHeaders, PacketBuilder, PacketBuilderStep, TcpOptionElement};

use super::address::Address;

/// What a segment is packed into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Framing {
    /// IPv4 in an Ethernet frame.
    Ethernet,
    /// IPv4 alone.
    Ipv4,
    /// IPv6 alone.
    Ipv6,
}

/// An end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// The end that opened it.
    Client,
    /// The other one.
    Server,
}

/// A connection between two ends.
pub(super) struct Connection {
    framing: Framing,
    client: End,
    server: End,
}

/// One end of a connection.
pub(super) struct End {
    address: Address,
    port: u16,
    /// The sequence number of the next byte that it sends.
    next: u32,
}

/// A segment on its way.
pub(super) struct Segment {
    /// The packet, from its outermost header.
    pub(super) packet: Vec<u8>,
    /// Whether it carries bytes of the run.
    pub(super) has_payload: bool,
}

/// What a segment is for, with the flags that follow.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Acknowledge,
    Answer,
    Finish,
    Open,
    /// The last segment of a message pushes it to the reader (RFC 9293, section 3.9.1.2).
    Push,
    Send,
}

impl End {
    /// The end at `address`. Its numbers begin at 0: that they cannot be guessed (RFC 6528) matters to nobody here.
    pub(super) fn new(address: Address, port: u16) -> Self {
        Self { address, port, next: 0 }
    }
}

impl Side {
    /// The end that faces this one.
    fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

impl Connection {
    /// A connection that is not open yet.
    pub(super) fn new(framing: Framing, [client, server]: [End; 2]) -> Self {
        Self { framing, client, server }
    }

    /// The handshake in three steps (RFC 9293, section 3.5).
    pub(super) fn open(&mut self) -> Vec<Segment> {
        [(Side::Client, Purpose::Open), (Side::Server, Purpose::Answer), (Side::Client, Purpose::Acknowledge)]
            .map(|(from, purpose)| self.segment(from, purpose, &[]))
            .into()
    }

    /// `bytes` in segments; every second one is acknowledged, and the last (RFC 5681, section 4.2).
    pub(super) fn send(&mut self, from: Side, bytes: &[u8]) -> Vec<Segment> {
        let chunks: Vec<&[u8]> = bytes.chunks(usize::from(self.framing.segment_size())).collect();
        let mut segments = Vec::new();
        for (index, chunk) in chunks.iter().enumerate() {
            let is_last = index + 1 == chunks.len();
            segments.push(self.segment(from, if is_last { Purpose::Push } else { Purpose::Send }, chunk));
            if is_last || index % 2 == 1 {
                segments.push(self.segment(from.other(), Purpose::Acknowledge, &[]));
            }
        }
        segments
    }

    /// One end has nothing more to send, then the other (RFC 9293, section 3.6).
    pub(super) fn close(&mut self, from: Side) -> Vec<Segment> {
        [(from, Purpose::Finish), (from.other(), Purpose::Finish), (from, Purpose::Acknowledge)]
            .map(|(from, purpose)| self.segment(from, purpose, &[]))
            .into()
    }

    fn segment(&mut self, from: Side, purpose: Purpose, payload: &[u8]) -> Segment {
        let (sender, receiver) = match from {
            Side::Client => (&mut self.client, &self.server),
            Side::Server => (&mut self.server, &self.client),
        };
        let header = self.framing.ip(sender.address, receiver.address);
        let header = header.tcp(sender.port, receiver.port, sender.next, WINDOW);
        let header = match purpose {
            Purpose::Open => header.syn(),
            Purpose::Answer => header.syn().ack(receiver.next),
            Purpose::Acknowledge | Purpose::Send => header.ack(receiver.next),
            Purpose::Push => header.psh().ack(receiver.next),
            Purpose::Finish => header.fin().ack(receiver.next),
        };
        // SYN and FIN take a sequence number each (RFC 9293, section 3.4).
        let (options, n_numbers): (&[TcpOptionElement], u32) = match purpose {
            Purpose::Open | Purpose::Answer => {
                (&[TcpOptionElement::MaximumSegmentSize(self.framing.segment_size())], 1)
            }
            Purpose::Finish => (&[], 1),
            Purpose::Acknowledge | Purpose::Push | Purpose::Send => (&[], 0),
        };
        let header = header.options(options).expect("one option of four bytes fits into a header");
        let mut packet = Vec::with_capacity(header.size(payload.len()));
        header.write(&mut packet, payload).expect("a segment is far smaller than a packet can be");
        let n_bytes = u32::try_from(payload.len()).expect("a segment is far smaller than a packet can be");
        sender.next = sender.next.wrapping_add(n_numbers).wrapping_add(n_bytes);
        Segment { packet, has_payload: !payload.is_empty() }
    }
}

impl Framing {
    pub(super) fn ip(self, from: Address, to: Address) -> PacketBuilderStep<IpHeaders> {
        match self {
            Self::Ethernet => PacketBuilder::ethernet2(from.mac, to.mac).ipv4(from.v4, to.v4, HOPS),
            Self::Ipv4 => PacketBuilder::ipv4(from.v4, to.v4, HOPS),
            Self::Ipv6 => PacketBuilder::ipv6(from.v6, to.v6, HOPS),
        }
    }

    /// The greatest payload of a segment, in bytes.
    fn segment_size(self) -> u16 {
        match self {
            // 1500 bytes of Ethernet, less 20 of IPv4 and 20 of TCP (RFC 9293, section 3.7.1).
            Self::Ethernet | Self::Ipv4 => 1460,
            // The 1280 bytes that every IPv6 link carries (RFC 8200, section 5), less 40 of IPv6 and 20 of TCP.
            Self::Ipv6 => 1220,
        }
    }
}

/// Bytes that an end is ready to take, without window scaling.
const WINDOW: u16 = u16::MAX;
/// RFC 1700, "IP time to live parameter"; what most hosts send.
const HOPS: u8 = 64;
