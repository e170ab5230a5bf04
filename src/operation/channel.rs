//! Sessions: what an open channel can do, and the operation that closes one.

use super::{Args, Operation, Refused, Shape, Spec};
use crate::annotation::Layer;
use crate::clock::Timestamp;
use crate::crypto::count::Counts;
use crate::crypto::party::Party;
use crate::trace::Protection;
use crate::value::SessionView;

/// Everything that opening a session needs.
pub struct Opening<'r> {
    /// Arguments resolved at the end that opens.
    pub client: Args,
    /// Arguments resolved at the end that accepts.
    pub server: Args,
    /// Arguments of neither end.
    pub with: Args,
    /// Randomness and counts of the end that opens.
    pub client_party: Party,
    /// Randomness and counts of the end that accepts.
    pub server_party: Party,
    /// The clock of the end that opens.
    pub client_clock: Timestamp,
    /// The clock of the end that accepts.
    pub server_clock: Timestamp,
    /// A hand on the link.
    pub alter: Alter<'r>,
    /// Flights of an earlier opener, where a recording of them speaks and nobody else.
    pub recorded: Option<Vec<Vec<u8>>>,
    /// The step's id.
    pub step: &'r str,
}

/// A hand on the link: whether the opener sends, and the bytes, which may be changed before they arrive.
pub type Alter<'a> = &'a mut dyn FnMut(bool, &mut Vec<u8>);

/// A session after its handshake, opened or not.
pub struct Opened {
    /// The channel; kept even where the handshake was refused, for its counts.
    pub channel: Box<dyn Channel>,
    /// What crossed the link.
    pub flights: Vec<Sent>,
    /// Who refused, and why; absent where the session is open.
    pub refused: Option<EndRefused>,
    /// Where nobody refused and an end waits for ever: whether that is the opener.
    pub waiting: Option<bool>,
    /// What each end verified: whether the opener verified, and the words.
    pub checks: Vec<EndCheck>,
}

/// Something that one end of a session verified about the other.
#[derive(Clone, Debug)]
pub struct EndCheck {
    /// Whether the end that opened it verified.
    pub by_opener: bool,
    /// What was verified.
    pub what: String,
    /// Whether it authenticates the other end.
    pub authenticates: bool,
}

/// A refusal at one end.
#[derive(Clone, Debug)]
pub struct EndRefused {
    /// Whether the end that opened the session refused.
    pub by_opener: bool,
    /// The refusal.
    pub refused: Refused,
    /// What the other end saw.
    pub other_end: String,
}

/// Bytes that a channel put on the link.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Whether the opener sent them.
    pub from_opener: bool,
    /// A few words.
    pub label: String,
    /// The bytes.
    pub wire: Vec<u8>,
    /// What they contain.
    pub layers: Vec<Layer>,
}

/// A secure channel between two actors.
pub trait Channel: Send {
    /// Sends `plaintext`; returns what crossed the link and what the receiver read, which is nothing where `alter`
    /// keeps so much back that the receiver waits for more.
    fn send(
        &mut self,
        from_opener: bool,
        plaintext: &[u8],
        alter: &mut dyn FnMut(&mut Vec<u8>),
    ) -> (Vec<Sent>, Result<Vec<u8>, EndRefused>);

    /// Puts bytes on the link that the end in whose name they come did not send now.
    fn inject(&mut self, from_opener: bool, wire: &[u8]) -> (Vec<Sent>, Result<Vec<u8>, EndRefused>);

    /// Closes the channel from one end.
    fn close(&mut self, from_opener: bool, alter: &mut dyn FnMut(&mut Vec<u8>)) -> (Vec<Sent>, Option<EndRefused>);

    /// Whether it is open.
    fn is_open(&self) -> bool;

    /// How far it is protected now.
    fn protection(&self) -> Protection;

    /// A check of the peer held that had been put off: the channel is no longer provisional.
    fn peer_verified(&mut self);

    /// What the opener, or the other end, knows of the session.
    fn view(&self, of_opener: bool) -> SessionView;

    /// The secrets that protect it, a line each in the format of `SSLKEYLOGFILE`; none where the protocol has no such lines.
    fn key_log(&self) -> Vec<String>;

    /// Operations since the last call, of the opener and of the other end.
    fn take_counts(&mut self) -> (Counts, Counts);
}

/// Closes a session from one end.
pub struct Close;

impl Operation for Close {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "close",
                summary: "Closes a session; the other end sees a `close_notify` alert.",
                standard: "RFC 8446, section 6.1",
                shape: Shape::Close,
                params: &[],
                result: None,
                fields: &[],
            }
        }
    }
}
