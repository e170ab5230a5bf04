//! Datagrams (RFC 768) between two ends: one for each flight.

use super::address::Address;
use super::tcp::{Framing, Side};

/// Two ends that send each other datagrams.
#[derive(Clone, Copy)]
pub(super) struct Exchange {
    framing: Framing,
    client: (Address, u16),
    server: (Address, u16),
}

impl Exchange {
    /// Between a client and a server, each with its port.
    pub(super) fn new(framing: Framing, client: (Address, u16), server: (Address, u16)) -> Self {
        Self { framing, client, server }
    }

    /// The packet that takes `payload` from one end to the other, from its outermost header; nothing for no bytes, and
    /// for more than a datagram holds.
    pub(super) fn datagram(&self, from: Side, payload: &[u8]) -> Option<Vec<u8>> {
        if payload.is_empty() || payload.len() > LONGEST {
            return None;
        }
        let (sender, receiver) = match from {
            Side::Client => (self.client, self.server),
            Side::Server => (self.server, self.client),
        };
        let header = self.framing.ip(sender.0, receiver.0).udp(sender.1, receiver.1);
        let mut packet = Vec::with_capacity(header.size(payload.len()));
        header.write(&mut packet, payload).ok()?;
        Some(packet)
    }
}

/// Bytes that a datagram over IPv4 holds: 65 535 less 20 of IPv4 and 8 of UDP.
const LONGEST: usize = 65_507;
