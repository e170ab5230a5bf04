//! Message frames of Matter, and status reports (Matter Core Specification, sections 4.4 and 4.11.1).

use super::tlv::{self, Member};
use super::{case, interaction, pase};
use crate::annotation::{Field, Kind};
use crate::protocol::{Malformed, count_bytes, ensure};

/// The header in front of a message, never encrypted (section 4.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageHeader {
    /// Session, as the receiver numbers it; 0 for one without security.
    pub session_id: u16,
    /// Bits 0 and 1 are the type of the session, 0 for one between two nodes.
    pub security_flags: u8,
    /// Number of the message.
    pub counter: u32,
    /// Who sends, where the session does not tell.
    pub source: Option<u64>,
    /// For whom it is, where the session does not tell.
    pub destination: Option<u64>,
}

/// The header of what is inside of a message (section 4.4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProtocolHeader {
    /// Whether the sender began the exchange.
    pub initiator: bool,
    /// Whether the sender wants an acknowledgement.
    pub reliable: bool,
    /// Number of a message that is acknowledged along the way.
    pub acknowledged: Option<u32>,
    /// What the payload is.
    pub kind: PayloadKind,
    /// Exchange.
    pub exchange: u16,
}

/// A protocol and one of its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayloadKind {
    /// Protocol.
    pub protocol: u16,
    /// Its message.
    pub opcode: u8,
}

/// What a status report says (section 4.11.1, appendix D).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusReport {
    /// How it went, in general; 0 is success.
    pub general: u16,
    /// The protocol that the code belongs to.
    pub protocol: u32,
    /// What happened, in the words of the protocol.
    pub code: u16,
}

/// A message of the secure channel, for the explanation of its payload.
struct Payload {
    opcode: u8,
    title: &'static str,
    /// Members of its TLV; absent where it is none.
    members: Option<&'static [Member]>,
}

/// The protocol of sessions (section 4.11).
pub const SECURE_CHANNEL: u16 = 0;
/// The protocol of commands and attributes (chapter 10).
pub const INTERACTION_MODEL: u16 = 1;

/// Opcode of a status report.
pub const STATUS_REPORT: u8 = 0x40;

/// Messages of the secure channel by opcode (section 4.11.2).
const SECURE_CHANNEL_PAYLOADS: &[Payload] = &[
    Payload { opcode: pase::PARAM_REQUEST, title: "PBKDFParamRequest", members: Some(pase::PARAM_REQUEST_MEMBERS) },
    Payload { opcode: pase::PARAM_RESPONSE, title: "PBKDFParamResponse", members: Some(pase::PARAM_RESPONSE_MEMBERS) },
    Payload { opcode: pase::PAKE1, title: "Pake1", members: Some(pase::PAKE1_MEMBERS) },
    Payload { opcode: pase::PAKE2, title: "Pake2", members: Some(pase::PAKE2_MEMBERS) },
    Payload { opcode: pase::PAKE3, title: "Pake3", members: Some(pase::PAKE3_MEMBERS) },
    Payload { opcode: case::SIGMA1, title: "Sigma1", members: Some(case::SIGMA1_MEMBERS) },
    Payload { opcode: case::SIGMA2, title: "Sigma2", members: Some(case::SIGMA2_MEMBERS) },
    Payload { opcode: case::SIGMA3, title: "Sigma3", members: Some(case::SIGMA3_MEMBERS) },
    Payload { opcode: STATUS_REPORT, title: "StatusReport", members: None },
];

/// General codes (appendix D.3.1) that occur here.
const GENERAL: &[(u16, &str)] = &[(0, "SUCCESS"), (1, "FAILURE")];

/// Codes of the secure channel (section 4.11.1.3).
const CODES: &[(u16, &str)] = &[
    (0, "SESSION_ESTABLISHMENT_SUCCESS"),
    (1, "NO_SHARED_TRUST_ROOTS"),
    (2, "INVALID_PARAMETER"),
    (3, "CLOSE_SESSION"),
    (4, "BUSY"),
];

/// Bytes of the code that proves an encrypted message to be genuine (section 3.6).
pub const MIC: usize = 16;

const SOURCE_PRESENT: u8 = 1 << 2;
const DESTINATION: u8 = 0b11;
const DESTINATION_NODE: u8 = 1;
const INITIATOR: u8 = 1;
const ACKNOWLEDGES: u8 = 1 << 1;
const RELIABLE: u8 = 1 << 2;

impl MessageHeader {
    /// Its bytes: flags, session, security flags, counter, nodes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let source = if self.source.is_some() { SOURCE_PRESENT } else { 0 };
        let destination = if self.destination.is_some() { DESTINATION_NODE } else { 0 };
        let mut bytes = vec![source | destination];
        bytes.extend(self.session_id.to_le_bytes());
        bytes.push(self.security_flags);
        bytes.extend(self.counter.to_le_bytes());
        bytes.extend(self.source.into_iter().chain(self.destination).flat_map(u64::to_le_bytes));
        bytes
    }

    /// Reads the header at the beginning of a message, and gives what follows it.
    pub fn decode(bytes: &[u8]) -> Result<(Self, &[u8]), Malformed> {
        let mut reading = Reading::new(bytes);
        let header = reading.message_header()?;
        Ok((header, reading.rest()))
    }
}

impl ProtocolHeader {
    /// Its bytes: flags, opcode, exchange, protocol, acknowledgement.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
        let flags = flag(self.initiator, INITIATOR)
            | flag(self.acknowledged.is_some(), ACKNOWLEDGES)
            | flag(self.reliable, RELIABLE);
        let mut bytes = vec![flags, self.kind.opcode];
        bytes.extend(self.exchange.to_le_bytes());
        bytes.extend(self.kind.protocol.to_le_bytes());
        bytes.extend(self.acknowledged.into_iter().flat_map(u32::to_le_bytes));
        bytes
    }

    /// Reads the header at the beginning of `bytes`, and gives the application payload that follows it.
    pub fn decode(bytes: &[u8]) -> Result<(Self, &[u8]), Malformed> {
        let mut reading = Reading::new(bytes);
        let header = reading.protocol_header()?;
        Ok((header, reading.rest()))
    }
}

impl PayloadKind {
    /// A message of the secure channel.
    #[must_use]
    pub fn secure_channel(opcode: u8) -> Self {
        Self { protocol: SECURE_CHANNEL, opcode }
    }

    /// The name in the standard.
    #[must_use]
    pub fn title(self) -> String {
        let known = match self.protocol {
            SECURE_CHANNEL => self.payload().map(|payload| payload.title),
            INTERACTION_MODEL => interaction::title(self.opcode),
            _ => None,
        };
        known.map_or_else(|| format!("opcode {:#04x} of protocol {}", self.opcode, self.protocol), str::to_owned)
    }

    fn payload(self) -> Option<&'static Payload> {
        let is_ours = self.protocol == SECURE_CHANNEL;
        SECURE_CHANNEL_PAYLOADS.iter().find(|payload| is_ours && payload.opcode == self.opcode)
    }

    /// Explains an application payload of this kind.
    #[must_use]
    pub fn describe(self, payload: &[u8]) -> Vec<Field> {
        if payload.is_empty() {
            return Vec::new();
        }
        match (self.protocol, self.payload()) {
            (_, Some(Payload { members: Some(members), .. })) => tlv::describe(payload, members),
            (SECURE_CHANNEL, Some(_)) => StatusReport::describe(payload),
            (INTERACTION_MODEL, _) => interaction::describe(payload),
            _ => tlv::describe(payload, &[]),
        }
    }
}

impl StatusReport {
    /// Both ends have the keys (section 4.11.1.3).
    pub const ESTABLISHED: Self = Self { general: 0, protocol: 0, code: 0 };
    /// The receiver is no node of the fabric that is meant.
    pub const NO_SHARED_TRUST_ROOTS: Self = Self { general: 1, protocol: 0, code: 1 };
    /// What was received cannot be used.
    pub const INVALID_PARAMETER: Self = Self { general: 1, protocol: 0, code: 2 };
    /// The sender forgets the session.
    pub const CLOSE_SESSION: Self = Self { general: 0, protocol: 0, code: 3 };

    /// Its 8 bytes.
    #[must_use]
    pub fn encode(self) -> Vec<u8> {
        let mut bytes = self.general.to_le_bytes().to_vec();
        bytes.extend(self.protocol.to_le_bytes());
        bytes.extend(self.code.to_le_bytes());
        bytes
    }

    /// Reads a report without data of its own.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reading = Reading::new(bytes);
        let report = reading.status_report()?;
        let left = reading.rest().len();
        ensure(left == 0, || format!("{} after the end of the report", count_bytes(left)))?;
        Ok(report)
    }

    /// `FAILURE, INVALID_PARAMETER`.
    #[must_use]
    pub fn words(self) -> String {
        format!("{}, {}", named(self.general, GENERAL), named(self.code, CODES))
    }

    fn describe(bytes: &[u8]) -> Vec<Field> {
        let mut reading = Reading::new(bytes);
        let result = reading.status_report();
        reading.finish(result.err().as_ref())
    }
}

/// Explains a message without security: header, protocol header, and payload.
#[must_use]
pub fn describe_clear(bytes: &[u8]) -> Vec<Field> {
    let mut reading = Reading::new(bytes);
    match reading.message_header().and_then(|_| reading.protocol_header()) {
        Ok(header) => reading.payload(header.kind),
        Err(malformed) => reading.finish(Some(&malformed)),
    }
}

/// Explains an encrypted message: header, ciphertext, and the code at its end.
#[must_use]
pub fn describe_secured(bytes: &[u8]) -> Vec<Field> {
    let mut reading = Reading::new(bytes);
    if let Err(malformed) = reading.message_header() {
        return reading.finish(Some(&malformed));
    }
    let left = reading.rest().len();
    let sealed = left.saturating_sub(MIC);
    reading.opaque("Encrypted Message Payload", sealed, Kind::Ciphertext);
    reading.opaque("Message Integrity Check", left - sealed, Kind::Digest);
    reading.fields
}

/// Explains what was inside of an encrypted message: protocol header and payload.
#[must_use]
pub fn describe_protocol(bytes: &[u8]) -> Vec<Field> {
    let mut reading = Reading::new(bytes);
    match reading.protocol_header() {
        Ok(header) => reading.payload(header.kind),
        Err(malformed) => reading.finish(Some(&malformed)),
    }
}

fn named(number: u16, names: &[(u16, &str)]) -> String {
    let name = names.iter().find(|(known, _)| *known == number);
    name.map_or_else(|| number.to_string(), |(_, name)| (*name).to_owned())
}

/// Reads numbers, the least significant byte first, and explains them.
struct Reading<'b> {
    bytes: &'b [u8],
    at: usize,
    fields: Vec<Field>,
}

impl<'b> Reading<'b> {
    fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, at: 0, fields: Vec::new() }
    }

    fn rest(&self) -> &'b [u8] {
        &self.bytes[self.at..]
    }

    fn number<const N: usize>(&mut self, name: &str, words: impl FnOnce(u64) -> String) -> Result<u64, Malformed> {
        let left = self.rest().len();
        ensure(left >= N, || format!("`{name}` needs {}, {left} are left", count_bytes(N)))?;
        let number = self.rest()[..N].iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte));
        self.fields.push(Field::new(name, self.at..self.at + N, words(number)));
        self.at += N;
        Ok(number)
    }

    fn opaque(&mut self, name: &str, len: usize, kind: Kind) {
        if len > 0 {
            self.fields.push(Field::new(name, self.at..self.at + len, count_bytes(len)).of(kind));
            self.at += len;
        }
    }

    fn message_header(&mut self) -> Result<MessageHeader, Malformed> {
        let flags: u8 = narrow(self.number::<1>("Message Flags", |flags| format!("{flags:08b}"))?);
        ensure(flags >> 4 == 0, || format!("the version is {}, not 0", flags >> 4))?;
        let session_id = narrow(self.number::<2>("Session ID", |id| id.to_string())?);
        let security_flags = narrow(self.number::<1>("Security Flags", |flags| format!("{flags:08b}"))?);
        let counter = narrow(self.number::<4>("Message Counter", |counter| counter.to_string())?);
        let source = match flags & SOURCE_PRESENT {
            0 => None,
            _ => Some(self.number::<8>("Source Node ID", |id| format!("{id:016X}"))?),
        };
        let destination = match flags & DESTINATION {
            0 => None,
            DESTINATION_NODE => Some(self.number::<8>("Destination Node ID", |id| format!("{id:016X}"))?),
            _ => return Err(Malformed::new("the destination is a group, and none was joined")),
        };
        Ok(MessageHeader { session_id, security_flags, counter, source, destination })
    }

    fn protocol_header(&mut self) -> Result<ProtocolHeader, Malformed> {
        let flags: u8 = narrow(self.number::<1>("Exchange Flags", |flags| {
            let words =
                [(INITIATOR, "initiator"), (ACKNOWLEDGES, "acknowledges"), (RELIABLE, "wants an acknowledgement")];
            let set: Vec<&str> =
                words.iter().filter(|(flag, _)| flags & u64::from(*flag) != 0).map(|(_, word)| *word).collect();
            format!("{flags:08b} {}", set.join(", ")).trim_end().to_owned()
        })?);
        let known = INITIATOR | ACKNOWLEDGES | RELIABLE;
        ensure(flags & !known == 0, || format!("the exchange flags {flags:08b} announce an extension"))?;
        // What the opcode means depends on the protocol, which comes after it.
        let protocol = self.rest().get(3..5).map_or(0, |id| u16::from_le_bytes([id[0], id[1]]));
        let opcode = narrow(self.number::<1>("Protocol Opcode", |opcode| {
            let kind = PayloadKind { protocol, opcode: narrow(opcode) };
            format!("{opcode:#04x}: {}", kind.title())
        })?);
        let exchange = narrow(self.number::<2>("Exchange ID", |id| id.to_string())?);
        let protocol = narrow(self.number::<2>("Protocol ID", |id| match id {
            0 => "0: secure channel".to_owned(),
            1 => "1: Interaction Model".to_owned(),
            _ => id.to_string(),
        })?);
        let acknowledged = match flags & ACKNOWLEDGES {
            0 => None,
            _ => Some(narrow(self.number::<4>("Acknowledged Message Counter", |counter| counter.to_string())?)),
        };
        let kind = PayloadKind { protocol, opcode };
        let (initiator, reliable) = (flags & INITIATOR != 0, flags & RELIABLE != 0);
        Ok(ProtocolHeader { initiator, reliable, acknowledged, kind, exchange })
    }

    fn status_report(&mut self) -> Result<StatusReport, Malformed> {
        let words = |names: &'static [(u16, &'static str)]| move |code: u64| named(narrow(code), names);
        Ok(StatusReport {
            general: narrow(self.number::<2>("GeneralCode", words(GENERAL))?),
            protocol: narrow(self.number::<4>("ProtocolId", |id| id.to_string())?),
            code: narrow(self.number::<2>("ProtocolCode", words(CODES))?),
        })
    }

    /// The rest, as an application payload.
    fn payload(mut self, kind: PayloadKind) -> Vec<Field> {
        let inside = kind.describe(self.rest());
        if !inside.is_empty() {
            let inside = inside.into_iter().map(|field| field.shifted(self.at)).collect();
            let all = Field::new("Application Payload", self.at..self.bytes.len(), kind.title());
            self.fields.push(all.with_fields(inside));
        }
        self.fields
    }

    /// The fields so far, and what could not be read.
    fn finish(mut self, malformed: Option<&Malformed>) -> Vec<Field> {
        let left = self.rest().len();
        if left > 0 {
            let why = malformed.map_or_else(|| count_bytes(left), |malformed| malformed.message.clone());
            self.fields.push(Field::new("malformed", self.at..self.bytes.len(), why).of(Kind::Malformed));
        }
        self.fields
    }
}

/// For numbers that were read from as many bytes as `T` has.
fn narrow<T: TryFrom<u64>>(number: u64) -> T {
    T::try_from(number).ok().expect("the number was read from as many bytes")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::protocol::testing::assert_explained;

    #[test]
    fn headers_come_back() {
        let header = MessageHeader {
            session_id: 0xabcd,
            security_flags: 0,
            counter: 0x0102_0304,
            source: Some(0x1122_3344_5566_7788),
            destination: None,
        };
        let bytes = header.encode();
        assert_eq!(hex::encode(&bytes), "04cdab00040302018877665544332211");
        assert_eq!(MessageHeader::decode(&bytes).unwrap(), (header, &[][..]));
        let header = MessageHeader { source: None, destination: Some(1), ..header };
        assert_eq!(MessageHeader::decode(&header.encode()).unwrap().0, header);
        let kind = PayloadKind::secure_channel(STATUS_REPORT);
        let inside = ProtocolHeader { initiator: true, reliable: true, acknowledged: Some(7), kind, exchange: 0x1234 };
        assert_eq!(hex::encode(inside.encode()), "0740341200 0007000000".replace(' ', ""));
        assert_eq!(ProtocolHeader::decode(&inside.encode()).unwrap(), (inside, &[][..]));
    }

    #[test]
    fn a_status_report_says_what_happened() {
        let report = StatusReport::INVALID_PARAMETER;
        assert_eq!(hex::encode(report.encode()), "0100000000000200");
        assert_eq!(StatusReport::decode(&report.encode()).unwrap(), report);
        assert_eq!(report.words(), "FAILURE, INVALID_PARAMETER");
        assert_eq!(StatusReport::decode(&[0; 9]).unwrap_err().message, "1 byte after the end of the report");
    }

    #[test]
    fn what_does_not_fit_is_refused_for_its_reason() {
        let refused = |bytes: &[u8]| MessageHeader::decode(bytes).unwrap_err().message;
        assert_eq!(refused(&[0x10]), "the version is 1, not 0");
        assert_eq!(refused(&[0, 1]), "`Session ID` needs 2 bytes, 1 are left");
        assert_eq!(refused(&[2, 0, 0, 0, 0, 0, 0, 0]), "the destination is a group, and none was joined");
        let refused = |bytes: &[u8]| ProtocolHeader::decode(bytes).unwrap_err().message;
        assert_eq!(refused(&[8, 0, 0, 0, 0, 0]), "the exchange flags 00001000 announce an extension");
        assert_eq!(refused(&[2, 0, 0, 0, 0, 0]), "`Acknowledged Message Counter` needs 4 bytes, 0 are left");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            for describe in [describe_clear, describe_secured, describe_protocol, StatusReport::describe] {
                assert_explained(&bytes, &describe(&bytes));
            }
        }
    }
}
