//! DTLS sessions with a pre-shared key.

use super::channel::{EndCheck, EndRefused, Sent};
use super::{Accepts, Args, Bearing, Channel, End, Opened, Opening, Operation, Param, Refused, Shape, Spec};
use crate::crypto::count::Counts;
use crate::crypto::dtls::{Account, CIPHER_SUITE, Connection, LONGEST, ServerOptions, TITLE};
use crate::crypto::tls::{EndRefusal, Ended, Flight};
use crate::trace::{ArtifactKind, Protection};
use crate::value::SessionView;

/// Opens a DTLS 1.2 session with a pre-shared key.
pub struct DtlsPsk;

const KEY: Accepts = Accepts::Kinds(&[ArtifactKind::Secret]);

const fn param(end: End, name: &'static str, accepts: Accepts, required: bool, summary: &'static str) -> Param {
    Param { name, end, accepts, required, summary }
}

impl Operation for DtlsPsk {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "dtls-psk",
                summary: "Opens a DTLS 1.2 session with `TLS_PSK_WITH_AES_128_CCM_8`: both ends show that they have the same key. What does not open, or was received before, is dropped without a word, and the session stays open.",
                standard: "RFC 6347; RFC 4279; RFC 6655; RFC 7925",
                shape: Shape::Session,
                params: &[
                    param(
                        End::Client,
                        "identity",
                        Accepts::Text,
                        true,
                        "the client's PSK identity, which crosses the link in clear",
                    ),
                    param(End::Client, "key", KEY, true, "the client's key"),
                    param(
                        End::Server,
                        "identity",
                        Accepts::Text,
                        true,
                        "the PSK identity that the server knows; another one is refused with `unknown-psk-identity`",
                    ),
                    param(End::Server, "key", KEY, true, "the key that belongs to it"),
                    param(
                        End::Server,
                        "hint",
                        Accepts::Text,
                        false,
                        "what the server tells the client about the key that it means",
                    ),
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn open(&self, opening: Opening<'_>) -> Result<Opened, Refused> {
        let client = account(&opening.client)?;
        let hint = opening.server.text("hint");
        check_length("hint", hint.as_ref().map_or(0, String::len))?;
        let server = ServerOptions { account: account(&opening.server)?, hint };
        let (client_party, server_party) = (opening.client_party, opening.server_party);
        let (connection, flights, ended) = match &opening.recorded {
            None => Connection::open(client, server, client_party, server_party, opening.alter),
            Some(recorded) => Connection::open_recorded(client, server, client_party, server_party, recorded),
        };
        let waiting = ended.is_none().then(|| opening.recorded.is_none() && connection.is_client_waiting());
        let refused = match ended {
            None | Some(Ended::Established) => None,
            Some(Ended::Refused(refusal)) => Some(end_refused(refusal)),
        };
        let checks = checks(refused.as_ref(), waiting);
        let channel = DtlsChannel { connection, step: opening.step.to_owned() };
        let flights = flights.into_iter().map(sent).collect();
        Ok(Opened { channel: Box::new(channel), flights, refused, waiting, checks })
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { keys: &["client.key", "server.key"], ..Bearing::NONE } }
    }
}

fn account(args: &Args) -> Result<Account, Refused> {
    let account = Account { identity: args.text_or("identity", ""), key: args.bytes("key")? };
    check_length("identity", account.identity.len())?;
    check_length("key", account.key.len())?;
    if account.key.is_empty() {
        return Err(Refused::policy("wrong-length", "`key` is empty"));
    }
    Ok(account)
}

fn check_length(name: &str, n_bytes: usize) -> Result<(), Refused> {
    if n_bytes <= LONGEST {
        return Ok(());
    }
    Err(Refused::policy("wrong-length", format!("`{name}` has {n_bytes} bytes, at most {LONGEST} can be sent")))
}

/// What each end verified: the server first, because the client finishes first.
fn checks(refused: Option<&EndRefused>, waiting: Option<bool>) -> Vec<EndCheck> {
    let check = |by_opener: bool| EndCheck {
        by_opener,
        what: format!(
            "the {} has the key: its `Finished` opens and is over the same handshake",
            if by_opener { "server" } else { "client" }
        ),
        authenticates: true,
    };
    let by_server_only = refused.is_some_and(|refused| !refused.by_opener);
    let is_cut = waiting.is_some();
    match (is_cut, by_server_only) {
        (true, _) => Vec::new(),
        (false, true) => vec![check(false)],
        (false, false) => vec![check(false), check(true)],
    }
}

fn end_refused(refusal: EndRefusal) -> EndRefused {
    EndRefused { by_opener: refusal.by_client, refused: refusal.refusal.into(), other_end: refusal.other_end }
}

fn sent(flight: Flight) -> Sent {
    Sent { from_opener: flight.from_client, label: flight.label, wire: flight.wire, layers: flight.layers }
}

struct DtlsChannel {
    connection: Connection,
    step: String,
}

impl Channel for DtlsChannel {
    fn send(
        &mut self,
        from_opener: bool,
        plaintext: &[u8],
        alter: &mut dyn FnMut(&mut Vec<u8>),
    ) -> (Vec<Sent>, Result<Vec<u8>, EndRefused>) {
        let (flights, result) = self.connection.send(from_opener, plaintext, alter);
        (flights.into_iter().map(sent).collect(), result.map_err(end_refused))
    }

    fn inject(&mut self, from_opener: bool, wire: &[u8]) -> (Vec<Sent>, Result<Vec<u8>, EndRefused>) {
        let (flights, result) = self.connection.inject(from_opener, wire);
        (flights.into_iter().map(sent).collect(), result.map_err(end_refused))
    }

    fn close(&mut self, from_opener: bool, alter: &mut dyn FnMut(&mut Vec<u8>)) -> (Vec<Sent>, Option<EndRefused>) {
        let (flights, refusal) = self.connection.close(from_opener, alter);
        (flights.into_iter().map(sent).collect(), refusal.map(end_refused))
    }

    fn is_open(&self) -> bool {
        self.connection.is_open()
    }

    fn protection(&self) -> Protection {
        Protection::Protected
    }

    /// Both ends verified each other while the session was opened.
    fn peer_verified(&mut self) {}

    fn view(&self, of_opener: bool) -> SessionView {
        SessionView {
            id: self.step.clone(),
            protocol: TITLE.to_owned(),
            cipher_suite: CIPHER_SUITE.to_owned(),
            protection: Protection::Protected,
            peer_chain: Vec::new(),
            exporter: self.connection.exporter(EXPORTER_LABEL, 32),
            identity: self.connection.identity().filter(|_| !of_opener),
        }
    }

    fn key_log(&self) -> Vec<String> {
        self.connection.key_log()
    }

    fn take_counts(&mut self) -> (Counts, Counts) {
        self.connection.take_counts()
    }
}

/// RFC 9266, section 2; the extended master secret is what section 4.2 asks of TLS 1.2 for it.
const EXPORTER_LABEL: &str = "EXPORTER-Channel-Binding";
