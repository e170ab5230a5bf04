//! Addresses of actors: those that standards set aside for documents, and no others.

/// Where an actor can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// IEEE 802 address, administered locally.
    pub(super) mac: [u8; 6],
    /// IPv4 address (RFC 5737).
    pub(super) v4: [u8; 4],
    /// IPv6 address (RFC 3849).
    pub(super) v6: [u8; 16],
}

/// RFC 5737: TEST-NET-1, TEST-NET-2 and TEST-NET-3.
const NETWORKS: [[u8; 3]; 3] = [[192, 0, 2], [198, 51, 100], [203, 0, 113]];

/// Hosts of a network of 24 bits; the first and the last address are no host's.
const HOSTS: usize = 254;

impl Address {
    /// The address of the `index`th actor; past the 762 that documents have, they come again.
    pub(super) fn of(index: usize) -> Self {
        let [a, b, c] = NETWORKS[index / HOSTS % NETWORKS.len()];
        let host = u8::try_from(index % HOSTS + 1).unwrap_or(u8::MAX);
        let mut v6 = [0; 16];
        v6[..4].copy_from_slice(&[0x20, 0x01, 0x0d, 0xb8]);
        v6[12..].copy_from_slice(&[a, b, c, host]);
        // The second bit of the first octet says that the address is administered locally (IEEE 802, section 8.4).
        Self { mac: [0x02, 0, a, b, c, host], v4: [a, b, c, host], v6 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_follow_each_other_through_the_networks_of_documents() {
        assert_eq!(Address::of(0).v4, [192, 0, 2, 1]);
        assert_eq!(Address::of(253).v4, [192, 0, 2, 254]);
        assert_eq!(Address::of(254).v4, [198, 51, 100, 1]);
        assert_eq!(Address::of(761).v4, [203, 0, 113, 254]);
        assert_eq!(Address::of(762), Address::of(0));
        assert_eq!(Address::of(1).mac, [2, 0, 192, 0, 2, 2]);
        assert_eq!(Address::of(1).v6[..4], [0x20, 0x01, 0x0d, 0xb8]);
        assert_eq!(Address::of(1).v6[12..], [192, 0, 2, 2]);
    }
}
