//! What links and devices cost: figures as data, each with its source and how far it is known.

pub mod parse;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::vocabulary::Medium;

/// Everything that timelines are computed from, beside the traces.
#[derive(Clone, Debug)]
pub struct Profiles {
    /// Links, in the order of the file.
    pub links: Vec<LinkProfile>,
    /// Media of which the reader chooses the profile where the device is at one end.
    pub access: Vec<Medium>,
    /// Media that lead to a server far away.
    pub far: Vec<Medium>,
    /// How long a server waits for a handshake.
    pub patience: Figure,
    /// Connections under sessions and messages.
    pub connection: Connection,
    /// Devices, in the order of the file.
    pub devices: Vec<DeviceProfile>,
    /// Index of the profile of everyone who is not the device.
    pub peer: usize,
    /// Index of the link that is shown where nobody chooses.
    pub default_link: usize,
    /// Index of the device that is shown where nobody chooses.
    pub default_device: usize,
    /// What is charged as something else.
    pub substitutes: Vec<Substitute>,
}

/// A link.
#[derive(Clone, Debug)]
pub struct LinkProfile {
    /// Id.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// What holds of all its figures; may be empty.
    pub note: String,
    /// Whether it can be chosen for the device.
    pub is_choice: bool,
    /// Media that it stands for.
    pub media: Vec<Medium>,
    /// How bytes take time.
    pub transfer: Transfer,
    /// Once, before the first byte; absent where nothing is to be set up.
    pub set_up: Option<Figure>,
}

/// How bytes take time.
#[derive(Clone, Debug)]
pub enum Transfer {
    /// A person carries each message.
    ByHand {
        /// Time of one message.
        message: Figure,
    },
    /// Each frame takes the same time, full or not.
    Frames {
        /// Time of one frame.
        cycle: Figure,
        /// Octets of the message that a frame carries.
        payload: Figure,
        /// Time from one end to the other.
        latency: Figure,
        /// Share of the time in which the sender may be on the air; absent where nothing limits it.
        duty: Option<Figure>,
    },
    /// Octets follow each other at a rate.
    Stream {
        /// From the device, or from the first end of a link without the device.
        up: Figure,
        /// To the device.
        down: Figure,
        /// Octets of the message that a packet carries.
        payload: Figure,
        /// Time from one end to the other.
        latency: Figure,
    },
}

/// A device, or whoever else computes.
#[derive(Clone, Debug)]
pub struct DeviceProfile {
    /// Id.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// Board and library; may be empty.
    pub note: String,
    /// Whether it can be chosen for the device.
    pub is_choice: bool,
    /// A key pair, also an ephemeral one.
    pub keygen: Figure,
    /// A signature.
    pub sign: Figure,
    /// A verification.
    pub verify: Figure,
    /// A key agreement.
    pub agree: Figure,
    /// A private operation of RSA.
    pub rsa_private: Figure,
    /// A public operation of RSA.
    pub rsa_public: Figure,
    /// Octets hashed in a second.
    pub hash: Figure,
    /// Octets encrypted or decrypted in a second.
    pub aead: Figure,
}

/// How connections are opened.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Operations that need one.
    pub operations: Vec<String>,
    /// Round trips before the first byte.
    pub round_trips: Figure,
}

/// Something that is charged as something else.
#[derive(Clone, Debug)]
pub struct Substitute {
    /// What.
    pub what: String,
    /// As what.
    pub charged_as: String,
    /// How far that is known.
    pub standing: Standing,
    /// Why; may be empty.
    pub note: String,
}

/// A figure with its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// In the unit of its quantity: microseconds, bits or octets a second, octets, thousandths, or a plain number.
    pub value: u64,
    /// As it is written.
    pub written: (u64, Unit),
    /// Where it is from.
    pub source: Source,
    /// How far it is known.
    pub standing: Standing,
    /// A few words; may be empty.
    pub note: String,
}

/// Where a figure is from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Source {
    /// Title, with the clause.
    pub title: String,
    /// Address; may be empty.
    pub url: String,
}

/// How far a figure is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
// From the firmest to the weakest.
pub enum Standing {
    /// Read in the source.
    Sourced,
    /// Quoted from the source by somebody else.
    SecondHand,
    /// Computed from sourced figures.
    Computed,
    /// Ours, because no source says it.
    Assumption,
    /// A round number for something that varies widely.
    Estimate,
}

/// The unit in which a figure is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Unit {
    /// Microseconds.
    #[serde(rename = "us")]
    Microseconds,
    /// Milliseconds.
    #[serde(rename = "ms")]
    Milliseconds,
    /// Seconds.
    #[serde(rename = "s")]
    Seconds,
    /// Bits a second.
    #[serde(rename = "bit/s")]
    Bits,
    /// Thousand bits a second.
    #[serde(rename = "kbit/s")]
    Kilobits,
    /// Octets.
    #[serde(rename = "B")]
    Octets,
    /// Octets a second.
    #[serde(rename = "B/s")]
    OctetsPerSecond,
    /// Thousandths.
    #[serde(rename = "per-mille")]
    PerMille,
    /// A plain number.
    #[serde(rename = "count")]
    Count,
}

/// What a figure measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Microseconds.
    Time,
    /// Bits a second.
    Rate,
    /// Octets.
    Size,
    /// Octets a second.
    Speed,
    /// Thousandths.
    Share,
    /// A plain number.
    Number,
}

impl Profiles {
    /// The link called `id`, of those that can be chosen.
    pub fn link(&self, id: &str) -> Option<&LinkProfile> {
        self.link_choices().find(|link| link.id == id)
    }

    /// The device called `id`, of those that can be chosen.
    pub fn device(&self, id: &str) -> Option<&DeviceProfile> {
        self.device_choices().find(|device| device.id == id)
    }

    /// The links that a device can have.
    pub fn link_choices(&self) -> impl Iterator<Item = &LinkProfile> {
        self.links.iter().filter(|link| link.is_choice)
    }

    /// The devices that there can be.
    pub fn device_choices(&self) -> impl Iterator<Item = &DeviceProfile> {
        self.devices.iter().filter(|device| device.is_choice)
    }

    /// The link that stands for `medium`.
    ///
    /// # Panics
    /// Never for profiles that were parsed: each medium has its link.
    pub fn of_medium(&self, medium: Medium) -> &LinkProfile {
        self.links.iter().find(|link| link.media.contains(&medium)).expect("each medium has its link")
    }
}

impl LinkProfile {
    /// Time from one end to the other, in microseconds.
    pub fn latency(&self) -> u64 {
        match &self.transfer {
            Transfer::ByHand { .. } => 0,
            Transfer::Frames { latency, .. } | Transfer::Stream { latency, .. } => latency.value,
        }
    }

    /// Its figures with what each says.
    pub fn figures(&self) -> Vec<(&'static str, &Figure)> {
        let mut figures = match &self.transfer {
            Transfer::ByHand { message } => vec![("time of a message", message)],
            Transfer::Frames { cycle, payload, latency, duty } => {
                let mut figures = vec![("time of a frame", cycle), ("octets in a frame", payload)];
                figures.extend(duty.as_ref().map(|duty| ("duty cycle", duty)));
                figures.push(("latency, one way", latency));
                figures
            }
            Transfer::Stream { up, down, payload, latency } => {
                let rates = [("rate from the device", up), ("rate to the device", down)];
                rates.into_iter().chain([("octets in a packet", payload), ("latency, one way", latency)]).collect()
            }
        };
        figures.extend(self.set_up.as_ref().map(|figure| ("set-up, once", figure)));
        figures
    }
}

impl DeviceProfile {
    /// Its figures with what each says.
    pub fn figures(&self) -> Vec<(&'static str, &Figure)> {
        vec![
            ("key pair", &self.keygen),
            ("signature", &self.sign),
            ("verification", &self.verify),
            ("key agreement", &self.agree),
            ("RSA, private", &self.rsa_private),
            ("RSA, public", &self.rsa_public),
            ("hash", &self.hash),
            ("AEAD", &self.aead),
        ]
    }
}

impl Standing {
    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sourced => "sourced",
            Self::SecondHand => "second-hand",
            Self::Computed => "computed",
            Self::Assumption => "assumption",
            Self::Estimate => "estimate",
        }
    }
}

impl Unit {
    /// What it measures, and how many of the quantity's own units it is.
    pub fn scale(self) -> (Quantity, u64) {
        match self {
            Self::Microseconds => (Quantity::Time, 1),
            Self::Milliseconds => (Quantity::Time, 1_000),
            Self::Seconds => (Quantity::Time, 1_000_000),
            Self::Bits => (Quantity::Rate, 1),
            Self::Kilobits => (Quantity::Rate, 1_000),
            Self::Octets => (Quantity::Size, 1),
            Self::OctetsPerSecond => (Quantity::Speed, 1),
            Self::PerMille => (Quantity::Share, 1),
            Self::Count => (Quantity::Number, 1),
        }
    }

    /// The sign for people; empty for a plain number.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Microseconds => "µs",
            Self::Milliseconds => "ms",
            Self::Seconds => "s",
            Self::Bits => "bit/s",
            Self::Kilobits => "kbit/s",
            Self::Octets => "B",
            Self::OctetsPerSecond => "B/s",
            Self::PerMille => "‰",
            Self::Count => "",
        }
    }
}
