//! Closed sets of words that flows, traces and pictures share.

use serde::{Deserialize, Serialize};

/// How far a zone is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Trust {
    /// Controlled by a party that the method relies on.
    Trusted,
    /// Controlled, but exposed to visitors or suppliers.
    SemiTrusted,
    /// Anyone may be there.
    Untrusted,
}

impl Trust {
    /// The words for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Trusted => "trusted",
            Self::SemiTrusted => "partly trusted",
            Self::Untrusted => "untrusted",
        }
    }
}

/// Where an actor keeps its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Custody {
    /// Ordinary flash memory; a reader of the flash has the key.
    Flash,
    /// Hardware security module.
    Hsm,
    /// In the head or on a piece of paper of a person.
    Human,
    /// It holds no key.
    None,
    /// Printed on the device or its package.
    Label,
    /// Secure element.
    SecureElement,
    /// Trusted platform module.
    Tpm,
}

impl Custody {
    /// The words on an actor's card.
    pub fn title(self) -> &'static str {
        match self {
            Self::Flash => "key in flash",
            Self::Hsm => "key in HSM",
            Self::Human => "a person",
            Self::None => "no key",
            Self::Label => "printed",
            Self::SecureElement => "key in secure element",
            Self::Tpm => "key in TPM",
        }
    }
}

/// What a life cycle scenario shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LifecycleStage {
    /// A credential gives way to a new one.
    Rotation,
    /// A credential is taken back before its end.
    Revocation,
    /// The device gets another owner.
    OwnershipTransfer,
    /// The device goes out of service.
    Decommissioning,
    /// The connection is lost, and made again.
    LostConnection,
}

impl LifecycleStage {
    /// The name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Rotation => "Rotation",
            Self::Revocation => "Revocation",
            Self::OwnershipTransfer => "Ownership transfer",
            Self::Decommissioning => "Decommissioning",
            Self::LostConnection => "Lost connection",
        }
    }
}

/// What carries the bytes of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Medium {
    /// Bluetooth Low Energy.
    Ble,
    /// Mobile network (LTE and its kin).
    Cellular,
    /// Wired network.
    Ethernet,
    /// A person carries or types it.
    Human,
    /// The internet, by whatever path.
    Internet,
    /// Long-range, low-power radio.
    Lorawan,
    /// Narrow-band cellular radio.
    NbIot,
    /// Camera and printed code.
    Optical,
    /// Serial line or debug port.
    Serial,
    /// IEEE 802.15.4 mesh.
    Thread,
    /// IEEE 802.11.
    WiFi,
}

/// What an attacker on a link can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Exposure {
    /// Nobody else is on the link.
    None,
    /// Read.
    Passive,
    /// Read, drop, change, and answer in place of either end.
    Active,
}

impl Exposure {
    /// What somebody else can do on the link, in words.
    pub fn title(self) -> &'static str {
        match self {
            Self::None => "nobody else on it",
            Self::Passive => "an attacker can read",
            Self::Active => "an attacker can read, change and answer",
        }
    }
}

impl Medium {
    /// The name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Ble => "Bluetooth LE",
            Self::Cellular => "mobile network",
            Self::Ethernet => "Ethernet",
            Self::Human => "a person",
            Self::Internet => "internet",
            Self::Lorawan => "LoRaWAN",
            Self::NbIot => "NB-IoT",
            Self::Optical => "camera",
            Self::Serial => "serial line",
            Self::Thread => "Thread",
            Self::WiFi => "Wi-Fi",
        }
    }
}
