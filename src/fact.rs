//! Figures of a method, by name: chapters quote them, and the rubric scores them.

/// A figure.
#[derive(Debug, PartialEq, Eq)]
pub struct Fact {
    /// Its name; `device` in it stands for any actor.
    pub name: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// What it says, a few words.
    pub summary: &'static str,
}

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// Things.
    Count,
    /// Hundredths of a whole.
    Percent,
    /// Seconds.
    Seconds,
    /// 1 for yes, 0 for no.
    Truth,
}

/// All figures, those of the run first.
pub const FACTS: &[Fact] = &[
    count("messages", "steps of the baseline in which bytes crossed a link or a session was opened"),
    count("sessions", "sessions opened"),
    bytes("wire-bytes", "bytes on all links"),
    bytes("device-wire-bytes", "bytes on the links of the device"),
    count("user-actions", "things that a person does"),
    fact("people-seconds", Unit::Seconds, "how long people take for them, as the authors estimate"),
    count("steps", "steps"),
    count("checks", "checks executed"),
    count("parties", "actors that take part"),
    fact("registered-in-bulk", Unit::Truth, "whether each device is registered before it is shipped"),
    fact("key-in-hardware", Unit::Truth, "whether the device keeps its key in a secure element, TPM or HSM"),
    count("attacks", "attacks executed"),
    count("attacks-accepted", "attacks that get through"),
    fact("attacks-refused-percent", Unit::Percent, "share of the attacks that are refused"),
    count("attacks-unmitigated", "attacks that get through and that no mitigation of the flow stops"),
    fact("goals-held-percent", Unit::Percent, "share of the method’s goals that its baseline bears out"),
    fact(
        "criteria-percent",
        Unit::Percent,
        "share of the criteria of secure provisioning that the design supports; one that it supports in part counts half",
    ),
    count("device.public-key", "operations of the device with asymmetric keys"),
    count("others.public-key", "operations of all other actors with asymmetric keys"),
    count("device.keygen", "key pairs made over P-256"),
    count("device.ephemeral", "key pairs made over X25519"),
    count("device.sign", "ECDSA signatures made over P-256"),
    count("device.verify", "ECDSA signatures verified over P-256"),
    count("device.agree", "key agreements over P-256 and X25519"),
    count("device.hmac", "HMACs computed"),
    count("device.hash", "messages hashed"),
    bytes("device.hash-bytes", "bytes hashed"),
    bytes("device.aead-bytes", "bytes encrypted or decrypted"),
];

const fn fact(name: &'static str, unit: Unit, summary: &'static str) -> Fact {
    Fact { name, unit, summary }
}

const fn count(name: &'static str, summary: &'static str) -> Fact {
    fact(name, Unit::Count, summary)
}

const fn bytes(name: &'static str, summary: &'static str) -> Fact {
    fact(name, Unit::Bytes, summary)
}

/// The figure called `name`.
pub fn find(name: &str) -> Option<&'static Fact> {
    FACTS.iter().find(|fact| fact.name == name)
}
