//! Multicast DNS (RFC 6762) as far as finding a service takes it (RFC 6763): one question for the instances of a
//! service, and the answer with where one of them is.

use core::net::Ipv4Addr;
use std::collections::BTreeMap;

use super::writer::Writer;
use super::{Encoded, Malformed, ensure};
use crate::annotation::Kind;

/// A name: its labels, from the left.
pub type Name = Vec<String>;

/// Where an instance of a service is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// The service, such as `_hub._tcp.local`.
    pub service: Name,
    /// What people call it: one label, which may have spaces (RFC 6763, section 4.1.1).
    pub label: String,
    /// The host.
    pub host: Name,
    /// Its address.
    pub address: Ipv4Addr,
    /// The port.
    pub port: u16,
    /// Attributes (RFC 6763, section 6).
    pub text: BTreeMap<String, String>,
}

const PTR: u16 = 12;
const TXT: u16 = 16;
const A: u16 = 1;
const SRV: u16 = 33;
const IN: u16 = 1;
/// The class with the cache-flush bit: the record is the only one of its name and type (RFC 6762, section 10.2).
const UNIQUE: u16 = 0x8001;
/// The name, type, class, time to live and length that every record has, at least.
const SMALLEST_RECORD: usize = 11;
/// Largest message (RFC 6762, section 17).
const MAX_BYTES: usize = 9000;

/// Reads `_hub._tcp.local` as a name: labels of 1 to 63 bytes, 255 in all (RFC 1035, section 2.3.4).
pub fn name(text: &str) -> Result<Name, Malformed> {
    let labels: Name = text.split('.').map(str::to_owned).collect();
    check(&labels)?;
    Ok(labels)
}

fn check(name: &[String]) -> Result<(), Malformed> {
    let fits = |label: &String| (1..=63).contains(&label.len());
    ensure(name.iter().all(fits), || {
        format!("`{}` has a label that is empty or longer than 63 bytes", name.join("."))
    })?;
    let length: usize = name.iter().map(|label| label.len() + 1).sum::<usize>() + 1;
    ensure(length <= 255, || format!("a name of {length} bytes, at most 255 are allowed"))
}

/// A question for the instances of `service`.
pub fn query(service: &Name) -> Result<Encoded, Malformed> {
    check(service)?;
    let mut writer = Writer::default();
    header(&mut writer, 0, "standard query", [1, 0, 0, 0]);
    writer.within("question", format!("instances of {}", service.join(".")), |writer| {
        put_name(writer, "QNAME", service);
        number(writer, "QTYPE", PTR, "PTR");
        number(writer, "QCLASS", IN, "IN, answered by multicast");
    });
    Ok(writer.finish())
}

/// The service that a message asks for.
pub fn read_query(bytes: &[u8]) -> Result<Name, Malformed> {
    let mut cursor = Cursor::new(bytes)?;
    let [flags, questions, ..] = cursor.header()?;
    ensure(flags & 0xf800 == 0, || "the message is no query".to_owned())?;
    ensure(questions == 1, || format!("{questions} questions, one is expected"))?;
    let service = cursor.name()?;
    let (kind, class) = (cursor.number()?, cursor.number()?);
    ensure(kind == PTR && class & 0x7fff == IN, || format!("the question is of type {kind} and class {class}"))?;
    Ok(service)
}

/// The answer: the instance, and as additional records where it is (RFC 6763, section 12.1).
pub fn answer(instance: &Instance) -> Result<Encoded, Malformed> {
    let full: Name = std::iter::once(instance.label.clone()).chain(instance.service.iter().cloned()).collect();
    check(&full)?;
    check(&instance.host)?;
    let pairs: Vec<String> = instance.text.iter().map(|(key, value)| format!("{key}={value}")).collect();
    ensure(pairs.iter().all(|pair| pair.len() <= 255), || "an attribute has more than 255 bytes".to_owned())?;
    let mut writer = Writer::default();
    header(&mut writer, 0x8400, "authoritative response", [0, 1, 0, 3]);
    record(&mut writer, "answer", &instance.service, PTR, IN, 4500, &|writer| put_name(writer, "PTRDNAME", &full));
    record(&mut writer, "additional record", &full, SRV, UNIQUE, 120, &|writer| {
        number(writer, "priority", 0, "0");
        number(writer, "weight", 0, "0");
        number(writer, "port", instance.port, &instance.port.to_string());
        put_name(writer, "target", &instance.host);
    });
    record(&mut writer, "additional record", &full, TXT, UNIQUE, 4500, &|writer| {
        // An empty list is one empty string (RFC 6763, section 6.1).
        let empty = [String::new()];
        for pair in if pairs.is_empty() { &empty[..] } else { &pairs[..] } {
            let length = u8::try_from(pair.len()).unwrap_or(u8::MAX);
            writer.field("length", &[length], length.to_string());
            writer.of(Kind::Text, "attribute", pair.as_bytes(), pair.clone());
        }
    });
    let address = instance.address;
    record(&mut writer, "additional record", &instance.host, A, UNIQUE, 120, &|writer| {
        writer.field("address", &address.octets(), address.to_string());
    });
    Ok(writer.finish())
}

/// The first instance that an answer names, with all that it says of it.
pub fn read_answer(bytes: &[u8]) -> Result<Instance, Malformed> {
    let mut cursor = Cursor::new(bytes)?;
    let [flags, questions, answers, authorities, additional] = cursor.header()?;
    ensure(flags & 0xf800 == 0x8000, || "the message is no response".to_owned())?;
    for _ in 0..questions {
        cursor.name()?;
        cursor.take(4)?;
    }
    let n_records = [answers, authorities, additional].into_iter().map(usize::from).sum::<usize>();
    ensure(n_records * SMALLEST_RECORD <= bytes.len(), || format!("{n_records} records do not fit"))?;
    let records = (0..n_records).map(|_| cursor.record()).collect::<Result<Vec<_>, _>>()?;
    ensure(cursor.at == bytes.len(), || format!("{} bytes after the last record", bytes.len() - cursor.at))?;
    let find = |owner: Option<&Name>, kind: u16, title: &str| {
        let fits = |record: &&Record| record.kind == kind && owner.is_none_or(|owner| is_same(owner, &record.owner));
        records.iter().find(fits).ok_or_else(|| Malformed::new(format!("there is no {title} record")))
    };
    let pointer = find(None, PTR, "PTR")?;
    let full = cursor.name_at(pointer.data)?;
    let service = pointer.owner.clone();
    let (label, rest) = full.split_first().ok_or_else(|| Malformed::new("the instance has no name"))?;
    ensure(is_same(rest, &service), || "the instance is of another service".to_owned())?;
    let place = find(Some(&full), SRV, "SRV")?;
    ensure(place.length >= 7, || "the SRV record is too short".to_owned())?;
    let port = u16::from_be_bytes([bytes[place.data + 4], bytes[place.data + 5]]);
    let host = cursor.name_at(place.data + 6)?;
    let found = find(Some(&host), A, "A")?;
    ensure(found.length == 4, || format!("an address of {} bytes", found.length))?;
    let octets: [u8; 4] = std::array::from_fn(|index| bytes[found.data + index]);
    let text = find(Some(&full), TXT, "TXT")?;
    let text = attributes(&bytes[text.data..text.data + text.length])?;
    Ok(Instance { label: label.clone(), service, host, address: octets.into(), port, text })
}

/// Names are compared without case (RFC 6762, section 16).
fn is_same(one: &[String], other: &[String]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.eq_ignore_ascii_case(other))
}

/// The strings of a TXT record; one without `=`, or without a name before it, is passed over (RFC 6763, section 6.4).
fn attributes(mut data: &[u8]) -> Result<BTreeMap<String, String>, Malformed> {
    let mut text = BTreeMap::new();
    while let Some((length, rest)) = data.split_first() {
        let length = usize::from(*length);
        ensure(length <= rest.len(), || "an attribute is longer than its record".to_owned())?;
        let (pair, rest) = rest.split_at(length);
        let pair = std::str::from_utf8(pair).map_err(|error| Malformed::new(format!("no UTF-8: {error}")))?;
        if let Some((key, value)) = pair.split_once('=').filter(|(key, _)| !key.is_empty()) {
            // The first of a name counts (section 6.4).
            text.entry(key.to_owned()).or_insert_with(|| value.to_owned());
        }
        data = rest;
    }
    Ok(text)
}

fn header(writer: &mut Writer, flags: u16, words: &str, counts: [u16; 4]) {
    number(writer, "ID", 0, "0, as every multicast message");
    number(writer, "flags", flags, words);
    for (name, count) in ["QDCOUNT", "ANCOUNT", "NSCOUNT", "ARCOUNT"].into_iter().zip(counts) {
        number(writer, name, count, &count.to_string());
    }
}

fn number(writer: &mut Writer, name: &str, number: u16, words: &str) {
    writer.field(name, &number.to_be_bytes(), words);
}

fn put_name(writer: &mut Writer, field: &str, name: &[String]) {
    writer.within(field, name.join("."), |writer| {
        for label in name {
            let length = u8::try_from(label.len()).unwrap_or(u8::MAX);
            writer.field("length", &[length], length.to_string());
            writer.of(Kind::Text, "label", label.as_bytes(), label.clone());
        }
        writer.field("root", &[0], "end of the name");
    });
}

fn record(
    writer: &mut Writer,
    field: &str,
    owner: &[String],
    kind: u16,
    class: u16,
    seconds: u32,
    write: &dyn Fn(&mut Writer),
) {
    let title = match kind {
        A => "A",
        PTR => "PTR",
        SRV => "SRV",
        _ => "TXT",
    };
    let mut data = Writer::default();
    write(&mut data);
    let length = u16::try_from(data.finish().bytes.len()).unwrap_or(u16::MAX);
    writer.within(field, format!("{title} of {}", owner.join(".")), |writer| {
        put_name(writer, "NAME", owner);
        number(writer, "TYPE", kind, title);
        number(writer, "CLASS", class, if class == IN { "IN" } else { "IN, flush what is cached" });
        writer.field("TTL", &seconds.to_be_bytes(), format!("{seconds} s"));
        number(writer, "RDLENGTH", length, &length.to_string());
        writer.within("RDATA", "", |writer| write(writer));
    });
}

struct Record {
    owner: Name,
    kind: u16,
    /// Where the data begins.
    data: usize,
    length: usize,
}

struct Cursor<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Cursor<'b> {
    fn new(bytes: &'b [u8]) -> Result<Self, Malformed> {
        ensure(bytes.len() <= MAX_BYTES, || {
            format!("a message of {} bytes, at most {MAX_BYTES} are allowed", bytes.len())
        })?;
        Ok(Self { bytes, at: 0 })
    }

    fn take(&mut self, length: usize) -> Result<&'b [u8], Malformed> {
        let left = self.bytes.len() - self.at;
        ensure(length <= left, || format!("{length} bytes are needed at {}, {left} are left", self.at))?;
        self.at += length;
        Ok(&self.bytes[self.at - length..self.at])
    }

    fn number(&mut self) -> Result<u16, Malformed> {
        let bytes = self.take(2)?;
        Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    /// Flags and the four counts; the identifier is of no meaning (RFC 6762, section 18.1).
    fn header(&mut self) -> Result<[u16; 5], Malformed> {
        self.take(2)?;
        let mut numbers = [0; 5];
        for number in &mut numbers {
            *number = self.number()?;
        }
        Ok(numbers)
    }

    fn record(&mut self) -> Result<Record, Malformed> {
        let owner = self.name()?;
        let kind = self.number()?;
        self.take(6)?;
        let length = usize::from(self.number()?);
        let data = self.at;
        self.take(length)?;
        Ok(Record { owner, kind, data, length })
    }

    /// The name here; the cursor stands behind it afterwards.
    fn name(&mut self) -> Result<Name, Malformed> {
        let (name, next) = self.walk(self.at)?;
        self.at = next;
        Ok(name)
    }

    fn name_at(&self, at: usize) -> Result<Name, Malformed> {
        Ok(self.walk(at)?.0)
    }

    /// A pointer goes to an earlier place, so that every walk ends (RFC 1035, section 4.1.4).
    fn walk(&self, mut at: usize) -> Result<(Name, usize), Malformed> {
        let (mut name, mut next, mut length) = (Name::new(), None, 1);
        loop {
            let ends = || Malformed::new("the message ends inside of a name");
            let first = usize::from(*self.bytes.get(at).ok_or_else(ends)?);
            match first >> 6 {
                0 if first == 0 => return Ok((name, next.unwrap_or(at + 1))),
                0 => {
                    length += first + 1;
                    ensure(length <= 255, || "a name of more than 255 bytes".to_owned())?;
                    let label = self.bytes.get(at + 1..=at + first).ok_or_else(ends)?;
                    let label = std::str::from_utf8(label);
                    name.push(
                        label.map_err(|error| Malformed::new(format!("a label is no UTF-8: {error}")))?.to_owned(),
                    );
                    at += first + 1;
                }
                3 => {
                    let second = usize::from(*self.bytes.get(at + 1).ok_or_else(ends)?);
                    next = next.or(Some(at + 2));
                    let to = (first & 0x3f) << 8 | second;
                    ensure(to < at, || "a pointer that does not go back".to_owned())?;
                    at = to;
                }
                _ => return Err(Malformed::new("a label of no kind that there is")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::testing::explained;
    use proptest::prelude::*;

    fn hub() -> Instance {
        Instance {
            service: name("_hub._tcp.local").unwrap(),
            label: "Example Hub".to_owned(),
            host: name("hub-1.local").unwrap(),
            address: Ipv4Addr::new(192, 0, 2, 7),
            port: 8443,
            text: [("id", "hub-1"), ("v", "1")].map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        }
    }

    #[test]
    fn question_and_answer_come_back() {
        let service = name("_hub._tcp.local").unwrap();
        let bytes = explained(query(&service).unwrap());
        assert_eq!(hex::encode(&bytes), "000000000001000000000000045f687562045f746370056c6f63616c00000c0001");
        assert_eq!(read_query(&bytes).unwrap(), service);
        assert_eq!(read_answer(&explained(answer(&hub()).unwrap())).unwrap(), hub());
        let bare = Instance { text: BTreeMap::new(), ..hub() };
        assert_eq!(read_answer(&explained(answer(&bare).unwrap())).unwrap(), bare);
    }

    /// The same answer, with every name compressed as far as it goes, as responders in the field write it.
    #[test]
    fn names_are_followed_where_they_point() {
        let mut bytes = hex::decode("000084000000000100000003").unwrap();
        bytes.extend(b"\x04_hub\x04_tcp\x05local\0");
        bytes.extend(hex::decode("000c0001000011940008").unwrap());
        bytes.extend(b"\x05Front\xc0\x0c");
        let full = [0xc0, u8::try_from(bytes.len() - 8).unwrap()];
        bytes.extend(full);
        bytes.extend(hex::decode("0021800100000078000d00000000").unwrap());
        bytes.extend(8443_u16.to_be_bytes());
        let host = [0xc0, u8::try_from(bytes.len()).unwrap()];
        bytes.extend(b"\x04Hubs\xc0\x16");
        bytes.extend(full);
        bytes.extend(hex::decode("001080010000119400050476").unwrap());
        bytes.extend(b"=12");
        bytes.extend(host);
        bytes.extend(hex::decode("000180010000007800040a000001").unwrap());
        let found = read_answer(&bytes).unwrap();
        assert_eq!((found.label.as_str(), found.host.join(".").as_str(), found.port), ("Front", "Hubs.local", 8443));
        assert_eq!((found.address, found.text["v"].as_str()), (Ipv4Addr::new(10, 0, 0, 1), "12"));
        for end in 0..bytes.len() {
            assert!(read_answer(&bytes[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn what_is_no_answer_is_refused_for_the_stated_reason() {
        let bytes = explained(answer(&hub()).unwrap());
        let refused = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut changed = bytes.clone();
            change(&mut changed);
            read_answer(&changed).unwrap_err().message
        };
        assert_eq!(refused(&|bytes| bytes[2] = 0), "the message is no response");
        assert_eq!(refused(&|bytes| bytes.push(0)), "1 bytes after the last record");
        assert_eq!(refused(&|bytes| bytes[10] = 0xff), "65284 records do not fit");
        assert_eq!(refused(&|bytes| bytes[12..14].copy_from_slice(&[0xc0, 12])), "a pointer that does not go back");
        assert_eq!(refused(&|bytes| bytes[12] = 0x80), "a label of no kind that there is");
        assert_eq!(refused(&|bytes| bytes[30] = 99), "there is no PTR record");
        assert!(read_query(&bytes).unwrap_err().message.contains("no query"));
        assert!(name("a..b").unwrap_err().message.contains("empty"));
        assert!(name(&"a.".repeat(200)).is_err() && name(&["ab"; 100].join(".")).unwrap_err().message.contains("255"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
            let _ = (read_answer(&bytes), read_query(&bytes));
            let response = [&[0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 1][..], &bytes].concat();
            let _ = read_answer(&response);
        }
    }
}
