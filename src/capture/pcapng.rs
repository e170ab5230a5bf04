//! Blocks of the pcapng file format (draft-ietf-opsawg-pcapng), little-endian, timestamps in microseconds.

/// A capture under construction: a section header, then blocks in the order in which they are put.
pub(super) struct Writer(Vec<u8>);

/// Registered link types (draft-ietf-opsawg-pcaplinktype).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LinkType {
    /// `LINKTYPE_ETHERNET`.
    Ethernet = 1,
    /// `LINKTYPE_RAW`: an IPv4 or IPv6 header comes first.
    Raw = 101,
    /// `LINKTYPE_USER0`: values handed over, as a CBOR map.
    User0 = 147,
    /// `LINKTYPE_USER1`: any other bytes of which no carrier is known.
    User1 = 148,
}

/// An address with the name of who has it.
pub(super) enum Name<'t> {
    /// IPv4.
    V4([u8; 4], &'t str),
    /// IPv6.
    V6([u8; 16], &'t str),
}

impl Writer {
    /// A section whose length is not said.
    pub(super) fn new(comment: &str) -> Self {
        let mut writer = Self(Vec::new());
        writer.block(SECTION_HEADER, |body| {
            body.extend(BYTE_ORDER_MAGIC.to_le_bytes());
            body.extend([1, 0, 0, 0]); // version 1.0
            body.extend(u64::MAX.to_le_bytes());
            option(body, OPT_COMMENT, comment);
            option(body, SHB_USERAPPL, "Trustlane");
            body.extend(END_OF_OPTIONS);
        });
        writer
    }

    /// An interface; packets name it by its place among the interfaces.
    pub(super) fn interface(&mut self, link_type: LinkType, name: &str, description: &str) {
        self.block(INTERFACE_DESCRIPTION, |body| {
            body.extend((link_type as u16).to_le_bytes());
            body.extend([0; 2]);
            body.extend(NO_LIMIT.to_le_bytes());
            option(body, IF_NAME, name);
            option(body, IF_DESCRIPTION, description);
            body.extend(END_OF_OPTIONS);
        });
    }

    /// The names of addresses, so that a reader can show them.
    pub(super) fn names<'t>(&mut self, names: impl Iterator<Item = Name<'t>>) {
        self.block(NAME_RESOLUTION, |body| {
            for name in names {
                let (kind, address, name) = match &name {
                    Name::V4(address, name) => (NRB_IPV4, address.as_slice(), name),
                    Name::V6(address, name) => (NRB_IPV6, address.as_slice(), name),
                };
                tagged(body, kind, &[address, name.as_bytes(), b"\0"].concat());
            }
            body.extend(END_OF_OPTIONS);
        });
    }

    /// Secrets that decrypt TLS in the packets that follow, in the format of `SSLKEYLOGFILE`.
    pub(super) fn tls_secrets(&mut self, key_log: &str) {
        self.block(DECRYPTION_SECRETS, |body| {
            body.extend(TLS_KEY_LOG.to_le_bytes());
            body.extend(length(key_log.len()).to_le_bytes());
            padded(body, key_log.as_bytes());
        });
    }

    /// A packet as `interface` saw it, in microseconds since 1970.
    pub(super) fn packet(&mut self, interface: usize, micros: u64, bytes: &[u8], comment: Option<&str>) {
        self.block(ENHANCED_PACKET, |body| {
            body.extend(length(interface).to_le_bytes());
            // The upper half goes first, whatever the byte order of the file.
            body.extend(&micros.to_le_bytes()[4..]);
            body.extend(&micros.to_le_bytes()[..4]);
            body.extend(length(bytes.len()).to_le_bytes());
            body.extend(length(bytes.len()).to_le_bytes());
            padded(body, bytes);
            if let Some(comment) = comment {
                option(body, OPT_COMMENT, comment);
                body.extend(END_OF_OPTIONS);
            }
        });
    }

    /// The bytes of the file.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Section 3.1: the length stands before and after the body, and counts both and the type.
    fn block(&mut self, kind: u32, write: impl FnOnce(&mut Vec<u8>)) {
        let mut body = Vec::new();
        write(&mut body);
        let total = length(body.len() + 12);
        self.0.extend(kind.to_le_bytes());
        self.0.extend(total.to_le_bytes());
        self.0.extend(body);
        self.0.extend(total.to_le_bytes());
    }
}

fn option(body: &mut Vec<u8>, code: u16, text: &str) {
    let end = text.floor_char_boundary(usize::from(u16::MAX));
    tagged(body, code, &text.as_bytes()[..end]);
}

/// Section 3.5: a code, the length of the value, and the value, padded to 32 bits.
fn tagged(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
    body.extend(code.to_le_bytes());
    body.extend(length.to_le_bytes());
    padded(body, &value[..usize::from(length)]);
}

fn padded(body: &mut Vec<u8>, bytes: &[u8]) {
    body.extend(bytes);
    body.resize(body.len().next_multiple_of(4), 0);
}

fn length(n: usize) -> u32 {
    u32::try_from(n).expect("a run puts less than 4 GiB into one block")
}

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const NAME_RESOLUTION: u32 = 4;
const ENHANCED_PACKET: u32 = 6;
const DECRYPTION_SECRETS: u32 = 10;

const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;
/// The "snap length" of an interface that cuts no packet.
const NO_LIMIT: u32 = 0;
/// `TLSK`.
const TLS_KEY_LOG: u32 = 0x544c_534b;

const END_OF_OPTIONS: [u8; 4] = [0; 4];
const OPT_COMMENT: u16 = 1;
const SHB_USERAPPL: u16 = 4;
const IF_NAME: u16 = 2;
const IF_DESCRIPTION: u16 = 3;
const NRB_IPV4: u16 = 1;
const NRB_IPV6: u16 = 2;
