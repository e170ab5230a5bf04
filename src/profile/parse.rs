//! `data/links.toml` and `data/devices.toml` → [`Profiles`].

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::{Connection, DeviceProfile, Figure, LinkProfile, Profiles, Quantity, Source, Substitute, Transfer, Unit};
use crate::diag::{Code, Sink, did_you_mean, error};
use crate::document::{self, Entry, Node};
use crate::grammar::{ID, Key, LINE, PROSE, Shape, check, check_id, optional, required};
use crate::operation;
use crate::source::{Sources, Span};
use crate::vocabulary::Medium;

/// Path of the links in a project.
pub const LINKS_PATH: &str = "data/links.toml";
/// Path of the devices in a project.
pub const DEVICES_PATH: &str = "data/devices.toml";

const MEDIA: Shape = Shape::List(&MEDIUM);
const MEDIUM: Shape = Shape::Choice(&[
    "ble", "cellular", "ethernet", "human", "internet", "lorawan", "nb-iot", "optical", "serial", "thread", "wi-fi",
]);
const STANDING: Shape = Shape::Choice(&["sourced", "second-hand", "computed", "assumption", "estimate"]);
const EDITION: Key = required("edition", Shape::Number(1, 1), "edition of the format");

const FIGURE_KEYS: &[Key] = &[
    required("value", Shape::Number(0, 1_000_000_000_000), "the figure, a whole number"),
    required(
        "unit",
        Shape::Choice(&["us", "ms", "s", "bit/s", "kbit/s", "B", "B/s", "per-mille", "count"]),
        "its unit",
    ),
    required("source", ID, "where it is from: a name in `sources`"),
    required("standing", STANDING, "how far it is known"),
    optional("note", LINE, "a few words"),
];
const FIGURE: Shape = Shape::Table(FIGURE_KEYS);

const SOURCE: &[Key] =
    &[required("title", LINE, "title of the document, with the clause"), optional("url", LINE, "its address")];
const SOURCES: Key = required("sources", Shape::Map(&Shape::Table(SOURCE)), "the documents that figures are from");

const LINK: &[Key] = &[
    required("title", LINE, "name for people"),
    required("use", Shape::Choice(&["device", "fixed"]), "whether it can be chosen for the device"),
    required("media", MEDIA, "the media that it stands for"),
    optional("note", PROSE, "what holds of all its figures"),
    optional("rate-up", FIGURE, "goodput from the device"),
    optional("rate-down", FIGURE, "goodput to the device"),
    optional("cycle", FIGURE, "time of one frame, in place of rates"),
    optional("person", FIGURE, "time in which a person carries one message, in place of rates"),
    optional("payload", FIGURE, "octets of a message in a frame or packet"),
    optional("latency", FIGURE, "time from one end to the other"),
    optional("duty", FIGURE, "share of the time in which frames may be on the air"),
    optional("set-up", FIGURE, "once, before the first byte"),
];

const CONNECTION: &[Key] = &[
    required("operations", Shape::List(&ID), "operations that need a connection"),
    required("round-trips", FIGURE, "round trips before the first byte"),
];

/// Keys of `data/links.toml`.
pub const LINKS: &[Key] = &[
    EDITION,
    required("access", MEDIA, "media of which the reader chooses the profile where the device is at one end"),
    required("far", MEDIA, "media that lead to a server far away: the latency of the internet is added"),
    required("default", ID, "the link that is shown where nobody chooses and the method names none"),
    required("patience", FIGURE, "how long a server waits for a handshake"),
    required("connection", Shape::Table(CONNECTION), "connections under sessions and messages"),
    SOURCES,
    required("links", Shape::Map(&Shape::Table(LINK)), "the links"),
];

const SUBSTITUTE: &[Key] = &[
    required("what", LINE, "what has no figure"),
    required("as", LINE, "what it is charged as"),
    required("source", ID, "where that is from: a name in `sources`"),
    required("standing", STANDING, "how far that is known"),
    optional("note", LINE, "a few words"),
];

const DEVICE: &[Key] = &[
    required("title", LINE, "name for people"),
    required("use", Shape::Choice(&["device", "peer"]), "whether it can be chosen for the device"),
    optional("note", PROSE, "board and library"),
    required("keygen", FIGURE, "time of a key pair"),
    required("sign", FIGURE, "time of a signature"),
    required("verify", FIGURE, "time of a verification"),
    required("agree", FIGURE, "time of a key agreement"),
    required("rsa-private", FIGURE, "time of a private operation of RSA"),
    required("rsa-public", FIGURE, "time of a public operation of RSA"),
    required("hash", FIGURE, "octets hashed in a second"),
    required("aead", FIGURE, "octets encrypted or decrypted in a second"),
];

/// Keys of `data/devices.toml`.
pub const DEVICES: &[Key] = &[
    EDITION,
    required("default", ID, "the device that is shown where nobody chooses"),
    required("peer", ID, "the profile of everyone who is not the device"),
    SOURCES,
    optional("substitutes", Shape::Map(&Shape::Table(SUBSTITUTE)), "what is charged as something else"),
    required("devices", Shape::Map(&Shape::Table(DEVICE)), "the devices"),
];

/// Reads both files.
pub fn parse(sources: &Sources, sink: &mut Sink) -> Option<Profiles> {
    let links = file(sources, LINKS_PATH, &Shape::Table(LINKS), sink);
    let devices = file(sources, DEVICES_PATH, &Shape::Table(DEVICES), sink);
    let links = links.and_then(|node| read_links(&node, sink));
    let devices = devices.and_then(|node| read_devices(&node, sink));
    let (links, devices) = (links?, devices?);
    Some(Profiles {
        links: links.all,
        access: links.access,
        far: links.far,
        patience: links.patience,
        connection: links.connection,
        devices: devices.all,
        peer: devices.peer,
        default_link: links.default,
        default_device: devices.default,
        substitutes: devices.substitutes,
    })
}

fn file(sources: &Sources, path: &str, shape: &Shape, sink: &mut Sink) -> Option<Node> {
    let path: Arc<str> = path.into();
    let span = Span::new(&path, 0..0);
    let Some(text) = sources.text(&path) else {
        sink.error(Code::MISSING_KEY, &span, format!("the project has no `{path}`"));
        return None;
    };
    let mut node = document::parse(&path, text, sink)?;
    node.span = Span::new(&path, 0..text.find('\n').unwrap_or(text.len()));
    check(&node, shape, "the file", sink).then_some(node)
}

struct Links {
    all: Vec<LinkProfile>,
    access: Vec<Medium>,
    far: Vec<Medium>,
    patience: Figure,
    connection: Connection,
    default: usize,
}

struct Devices {
    all: Vec<DeviceProfile>,
    peer: usize,
    default: usize,
    substitutes: Vec<Substitute>,
}

/// The sources of a file by name, and where mistakes go.
struct Reader<'s> {
    sources: BTreeMap<String, Source>,
    sink: &'s mut Sink,
}

fn read_links(node: &Node, sink: &mut Sink) -> Option<Links> {
    let mut reader = Reader::new(node, sink);
    let entries = node.find("links")?.entries();
    let links: Vec<Option<LinkProfile>> = entries.iter().map(|entry| reader.link(entry)).collect();
    let patience = reader.figure(node, "patience", Quantity::Time);
    let connection = reader.connection(node.find("connection")?);
    let is_choice = |entry: &Entry| entry.value.text("use") == "device";
    let default = reader.index(node.find("default")?, entries, is_choice);
    let has_all = reader.every_medium_once(node.find("links")?);
    let links = links.into_iter().collect::<Option<Vec<_>>>()?;
    let (access, far) = (words(node, "access"), words(node, "far"));
    has_all.then_some(Links {
        all: links,
        access,
        far,
        patience: patience?,
        connection: connection?,
        default: default?,
    })
}

fn read_devices(node: &Node, sink: &mut Sink) -> Option<Devices> {
    let mut reader = Reader::new(node, sink);
    let entries = node.find("devices")?.entries();
    let devices: Vec<Option<DeviceProfile>> = entries.iter().map(|entry| reader.device(entry)).collect();
    let peer = reader.index(node.find("peer")?, entries, |_| true);
    let is_choice = |entry: &Entry| entry.value.text("use") == "device";
    let default = reader.index(node.find("default")?, entries, is_choice);
    let named = node.find("substitutes").map(Node::entries).unwrap_or_default();
    let substitutes: Vec<Option<Substitute>> = named.iter().map(|entry| reader.substitute(&entry.value)).collect();
    Some(Devices {
        all: devices.into_iter().collect::<Option<_>>()?,
        peer: peer?,
        default: default?,
        substitutes: substitutes.into_iter().collect::<Option<_>>()?,
    })
}

impl<'s> Reader<'s> {
    fn new(node: &Node, sink: &'s mut Sink) -> Self {
        let entries = node.find("sources").map(Node::entries).unwrap_or_default();
        let source = |entry: &Entry| Source {
            title: entry.value.text("title").to_owned(),
            url: entry.value.text("url").to_owned(),
        };
        Self { sources: entries.iter().map(|entry| (entry.key.clone(), source(entry))).collect(), sink }
    }

    fn link(&mut self, entry: &Entry) -> Option<LinkProfile> {
        let node = &entry.value;
        let is_id = check_id(&entry.key, &entry.key_span, self.sink);
        let transfer = self.transfer(entry);
        let set_up = self.maybe(node, "set-up", Quantity::Time);
        Some(LinkProfile {
            id: is_id.then(|| entry.key.clone())?,
            title: node.text("title").to_owned(),
            note: node.text("note").to_owned(),
            is_choice: node.text("use") == "device",
            media: words(node, "media"),
            transfer: transfer?,
            set_up: set_up.ok()?,
        })
    }

    /// Rates, or the time of a frame, or a person: one of them, with what it needs.
    fn transfer(&mut self, entry: &Entry) -> Option<Transfer> {
        let node = &entry.value;
        let has = |key: &str| node.find(key).is_some();
        match (has("rate-up") || has("rate-down"), has("cycle"), has("person")) {
            (true, false, false) => {
                let (up, down) = (self.rate(entry, "rate-up"), self.rate(entry, "rate-down"));
                let (payload, latency) = (self.payload(entry), self.needed(entry, "latency", Quantity::Time));
                Some(Transfer::Stream { up: up?, down: down?, payload: payload?, latency: latency? })
            }
            (false, true, false) => {
                let (cycle, payload) = (self.needed(entry, "cycle", Quantity::Time), self.payload(entry));
                let latency = self.needed(entry, "latency", Quantity::Time);
                let duty = self.maybe(node, "duty", Quantity::Share);
                if let Some(duty) = duty.as_ref().ok()?.as_ref().filter(|duty| !(1..=1000).contains(&duty.value)) {
                    self.invalid(&node.find("duty")?.span, format!("`duty` is {}, outside of 1 to 1000", duty.value));
                    return None;
                }
                Some(Transfer::Frames { cycle: cycle?, payload: payload?, latency: latency?, duty: duty.ok()? })
            }
            (false, false, true) => Some(Transfer::ByHand { message: self.needed(entry, "person", Quantity::Time)? }),
            (false, false, false) | (_, true, _) | (_, _, true) => {
                let message = format!("`{}` does not say in one way how bytes take time", entry.key);
                self.sink.push(
                    error(Code::INVALID_VALUE, &entry.key_span, message)
                        .hint("give `rate-up` and `rate-down`, or `cycle`, or `person`"),
                );
                None
            }
        }
    }

    fn device(&mut self, entry: &Entry) -> Option<DeviceProfile> {
        let node = &entry.value;
        let is_id = check_id(&entry.key, &entry.key_span, self.sink);
        let [keygen, sign, verify, agree, rsa_private, rsa_public] =
            ["keygen", "sign", "verify", "agree", "rsa-private", "rsa-public"]
                .map(|key| self.figure(node, key, Quantity::Time));
        let [hash, aead] = ["hash", "aead"].map(|key| self.above_zero(node, key, Quantity::Speed));
        Some(DeviceProfile {
            id: is_id.then(|| entry.key.clone())?,
            title: node.text("title").to_owned(),
            note: node.text("note").to_owned(),
            is_choice: node.text("use") == "device",
            keygen: keygen?,
            sign: sign?,
            verify: verify?,
            agree: agree?,
            rsa_private: rsa_private?,
            rsa_public: rsa_public?,
            hash: hash?,
            aead: aead?,
        })
    }

    fn connection(&mut self, node: &Node) -> Option<Connection> {
        let mut sound = true;
        for item in node.find("operations")?.items() {
            let name = item.as_text().unwrap_or_default();
            if operation::find(name).is_none() {
                sound = false;
                let known = operation::OPERATIONS.iter().map(|operation| operation.spec().name);
                let found = error(Code::UNKNOWN_OPERATION, &item.span, format!("unknown operation `{name}`"));
                self.sink.push(found.maybe_hint(did_you_mean(name, known)));
            }
        }
        let round_trips = self.figure(node, "round-trips", Quantity::Number)?;
        sound.then(|| Connection { operations: node.texts("operations"), round_trips })
    }

    fn substitute(&mut self, node: &Node) -> Option<Substitute> {
        self.source(node.find("source")?)?;
        Some(Substitute {
            what: node.text("what").to_owned(),
            charged_as: node.text("as").to_owned(),
            standing: word(node.text("standing"))?,
            note: node.text("note").to_owned(),
        })
    }

    /// The place of the entry that `node` names.
    fn index(&mut self, node: &Node, entries: &[Entry], fits: impl Fn(&Entry) -> bool) -> Option<usize> {
        let name = node.as_text()?;
        let found = entries.iter().position(|entry| entry.key == name && fits(entry));
        if found.is_none() {
            let known = entries.iter().filter(|entry| fits(entry)).map(|entry| entry.key.as_str());
            let message = format!("there is no profile `{name}` for this");
            self.sink.push(error(Code::UNKNOWN_NAME, &node.span, message).maybe_hint(did_you_mean(name, known)));
        }
        found
    }

    /// Each medium has the one link that stands for it.
    fn every_medium_once(&mut self, links: &Node) -> bool {
        let Shape::Choice(media) = MEDIUM else { return true };
        let items: Vec<&Node> = links.entries().iter().filter_map(|entry| entry.value.find("media")).collect();
        let items: Vec<&Node> = items.into_iter().flat_map(Node::items).collect();
        let mut sound = true;
        for medium in media {
            let mut named = items.iter().filter(|item| item.as_text() == Some(medium));
            if named.next().is_none() {
                sound = false;
                let message = format!("no link stands for the medium `{medium}`");
                self.sink.push(error(Code::MISSING_KEY, &links.span, message).hint("name it in the `media` of a link"));
            }
            for twin in named {
                sound = false;
                let message = format!("another link stands for the medium `{medium}` already");
                self.sink.push(error(Code::DUPLICATE_NAME, &twin.span, message));
            }
        }
        sound
    }

    fn rate(&mut self, entry: &Entry, key: &str) -> Option<Figure> {
        self.needs(entry, key)?;
        self.above_zero(&entry.value, key, Quantity::Rate)
    }

    fn payload(&mut self, entry: &Entry) -> Option<Figure> {
        self.needs(entry, "payload")?;
        self.above_zero(&entry.value, "payload", Quantity::Size)
    }

    fn needed(&mut self, entry: &Entry, key: &str, quantity: Quantity) -> Option<Figure> {
        self.needs(entry, key)?;
        self.figure(&entry.value, key, quantity)
    }

    fn needs(&mut self, entry: &Entry, key: &str) -> Option<()> {
        if entry.value.find(key).is_none() {
            self.sink.push(error(Code::MISSING_KEY, &entry.key_span, format!("`{}` has no `{key}`", entry.key)));
            return None;
        }
        Some(())
    }

    /// A figure by which something is divided.
    fn above_zero(&mut self, node: &Node, key: &str, quantity: Quantity) -> Option<Figure> {
        let figure = self.figure(node, key, quantity)?;
        if figure.value == 0 {
            self.invalid(&node.find(key)?.span, format!("`{key}` is 0"));
            return None;
        }
        Some(figure)
    }

    fn maybe(&mut self, node: &Node, key: &str, quantity: Quantity) -> Result<Option<Figure>, ()> {
        if node.find(key).is_none() {
            return Ok(None);
        }
        self.figure(node, key, quantity).map(Some).ok_or(())
    }

    fn figure(&mut self, node: &Node, key: &str, quantity: Quantity) -> Option<Figure> {
        let node = node.find(key)?;
        let source = self.source(node.find("source")?);
        let unit: Unit = word(node.text("unit"))?;
        let (measured, factor) = unit.scale();
        if measured != quantity {
            let message = format!("`{key}` cannot be measured in `{}`", node.text("unit"));
            self.invalid(&node.find("unit")?.span, message);
            return None;
        }
        let written = u64::try_from(node.find("value")?.as_integer()?).ok()?;
        Some(Figure {
            value: written * factor,
            written: (written, unit),
            source: source?,
            standing: word(node.text("standing"))?,
            note: node.text("note").to_owned(),
        })
    }

    fn source(&mut self, node: &Node) -> Option<Source> {
        let name = node.as_text()?;
        let found = self.sources.get(name).cloned();
        if found.is_none() {
            let hint = did_you_mean(name, self.sources.keys().map(String::as_str));
            let message = format!("there is no source `{name}`");
            self.sink.push(error(Code::UNKNOWN_NAME, &node.span, message).maybe_hint(hint));
        }
        found
    }

    fn invalid(&mut self, span: &Span, message: String) {
        self.sink.error(Code::INVALID_VALUE, span, message);
    }
}

/// A word of a closed set; the grammar has checked it.
fn word<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::from(text)).ok()
}

fn words<T: DeserializeOwned>(node: &Node, key: &str) -> Vec<T> {
    node.texts(key).iter().filter_map(|text| word(text)).collect()
}
