//! TLS sessions.

use super::channel::{EndCheck, EndRefused, Sent};
use super::verify_chain::{ANCHORS, lists};
use super::{
    Accepts, Acting, Args, Bearing, Channel, End, Opened, Opening, Operation, Param, Refused, Shape, Spec, needs,
};
use crate::crypto::certificate::Certificate;
use crate::crypto::chain::{self, Usage};
use crate::crypto::count::Counts;
use crate::crypto::tls::{
    ClientOptions, Clocks, Connection, EndRefusal, Ended, Flight, ServerOptions, ServerTrust, Version,
};
use crate::trace::{ArtifactKind, Protection};
use crate::value::{SessionView, Value};

/// Opens a TLS session.
pub struct Tls;

/// Judges a provisional session against a pinned certificate.
pub struct CheckPinned;

const CREDENTIAL: Accepts = Accepts::Kinds(&[ArtifactKind::Credential]);
const CRLS: Accepts = Accepts::ListOf(&[ArtifactKind::CertificateRevocationList]);

const VERSIONS: Accepts = Accepts::Choice(&["1.2", "1.3"]);

const fn client(name: &'static str, accepts: Accepts, required: bool, summary: &'static str) -> Param {
    Param { name, end: End::Client, accepts, required, summary }
}

const fn server(name: &'static str, accepts: Accepts, required: bool, summary: &'static str) -> Param {
    Param { name, end: End::Server, accepts, required, summary }
}

impl Operation for Tls {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "tls",
                summary: "Opens a TLS session; it is mutual where the server trusts authorities of clients.",
                standard: "RFC 8446; RFC 5246",
                shape: Shape::Session,
                params: &[
                    Param {
                        name: "version",
                        end: End::With,
                        accepts: VERSIONS,
                        required: false,
                        summary: "the version; `1.3` where absent",
                    },
                    client(
                        "trusts",
                        ANCHORS,
                        false,
                        "anchors for the server's chain; without them the server is accepted provisionally (RFC 8995, section 5.1)",
                    ),
                    client("name", Accepts::Text, true, "the name that the client expects, and sends as SNI"),
                    client("credential", CREDENTIAL, false, "the client's key and chain"),
                    server("credential", CREDENTIAL, true, "the server's key and chain"),
                    server(
                        "trusts",
                        ANCHORS,
                        false,
                        "anchors for clients' chains; without them no certificate is asked for",
                    ),
                    client("version", VERSIONS, false, "the version that the client offers, where the ends differ"),
                    server("version", VERSIONS, false, "the version that the server accepts, where the ends differ"),
                    server("crls", CRLS, false, "revocation lists for clients' certificates"),
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn open(&self, opening: Opening<'_>) -> Result<Opened, Refused> {
        let common = opening.with.text_or("version", "1.3");
        let version = |end: &Args| match end.text_or("version", &common).as_str() {
            "1.2" => Version::Tls12,
            _ => Version::Tls13,
        };
        let anchors = opening.client.certificates("trusts")?;
        let is_provisional = opening.client.find("trusts").is_none();
        let credential = opening.client.value("credential").map(|_| opening.client.credential("credential"));
        let name = opening.client.text_or("name", "");
        let client_options = ClientOptions {
            trust: if is_provisional { ServerTrust::Provisional } else { ServerTrust::Anchors(anchors) },
            name: name.clone(),
            credential: credential.transpose()?,
            version: version(&opening.client),
        };
        let asks = opening.server.find("trusts").is_some();
        let server_options = ServerOptions {
            credential: opening.server.credential("credential")?,
            client_anchors: asks.then(|| opening.server.certificates("trusts")).transpose()?,
            crls: lists(&opening.server)?,
            version: version(&opening.server),
        };
        let clocks = Clocks { client: opening.client_clock, server: opening.server_clock };
        let (client, server) = (opening.client_party, opening.server_party);
        let (connection, flights, ended) = match &opening.recorded {
            None => Connection::open_altered(&client_options, &server_options, clocks, client, server, opening.alter)?,
            Some(wires) => Connection::open_recorded(&client_options, &server_options, clocks, client, server, wires)?,
        };
        let waiting = ended.is_none().then(|| opening.recorded.is_none() && connection.is_client_waiting());
        let refused = match ended {
            None | Some(Ended::Established) => None,
            Some(Ended::Refused(refusal)) => Some(end_refused(refusal)),
        };
        let checks = checks(is_provisional, asks, &name, refused.as_ref());
        let protection = if is_provisional { Protection::Provisional } else { Protection::Protected };
        let is_open = refused.is_none() && waiting.is_none();
        let channel = TlsChannel { connection, protection, is_open, step: opening.step.to_owned() };
        let flights = flights.into_iter().map(sent).collect();
        Ok(Opened { channel: Box::new(channel), flights, refused, waiting, checks })
    }

    fn bearing(&self) -> &'static Bearing {
        const {
            &Bearing {
                verifies: &["server.crls"],
                relies_on: &["client.credential", "client.trusts", "server.credential", "server.trusts"],
                passes_on: &["client.credential", "server.credential"],
                revocation: &["server.crls"],
                ..Bearing::NONE
            }
        }
    }
}

/// What each end verified; the server verifies only once the client has accepted it.
fn checks(is_provisional: bool, asks: bool, name: &str, refused: Option<&EndRefused>) -> Vec<EndCheck> {
    let by_client = if is_provisional {
        EndCheck {
            by_opener: true,
            what: "the server signed the handshake with the key in its certificate; the certificate itself is not judged yet".to_owned(),
            authenticates: false,
        }
    } else {
        EndCheck {
            by_opener: true,
            what: format!(
                "the server's chain ends at a trust anchor, is valid now and is for {name}; the handshake is signed"
            ),
            authenticates: true,
        }
    };
    let by_server = EndCheck {
        by_opener: false,
        what: "the client's chain ends at a trust anchor and is valid now; the handshake is signed".to_owned(),
        authenticates: true,
    };
    let client_refused = refused.is_some_and(|refused| refused.by_opener);
    std::iter::once(by_client).chain((asks && !client_refused).then_some(by_server)).collect()
}

fn end_refused(refusal: EndRefusal) -> EndRefused {
    EndRefused { by_opener: refusal.by_client, refused: refusal.refusal.into(), other_end: refusal.other_end }
}

fn sent(flight: Flight) -> Sent {
    Sent { from_opener: flight.from_client, label: flight.label, wire: flight.wire, layers: flight.layers }
}

struct TlsChannel {
    connection: Connection,
    protection: Protection,
    is_open: bool,
    step: String,
}

impl Channel for TlsChannel {
    fn send(
        &mut self,
        from_opener: bool,
        plaintext: &[u8],
        alter: &mut dyn FnMut(&mut Vec<u8>),
    ) -> (Vec<Sent>, Result<Vec<u8>, EndRefused>) {
        let (flights, result) = self.connection.send_altered(from_opener, plaintext, alter);
        self.is_open = result.is_ok();
        (flights.into_iter().map(sent).collect(), result.map_err(end_refused))
    }

    fn inject(&mut self, from_opener: bool, wire: &[u8]) -> (Vec<Sent>, Result<Vec<u8>, EndRefused>) {
        let (flights, result) = self.connection.inject(from_opener, wire);
        self.is_open = result.is_ok();
        (flights.into_iter().map(sent).collect(), result.map_err(end_refused))
    }

    fn close(&mut self, from_opener: bool, alter: &mut dyn FnMut(&mut Vec<u8>)) -> (Vec<Sent>, Option<EndRefused>) {
        self.is_open = false;
        let (flights, refusal) = self.connection.close(from_opener, alter);
        (flights.into_iter().map(sent).collect(), refusal.map(end_refused))
    }

    fn is_open(&self) -> bool {
        self.is_open
    }

    fn protection(&self) -> Protection {
        self.protection
    }

    fn peer_verified(&mut self) {
        self.protection = Protection::Protected;
    }

    fn view(&self, of_opener: bool) -> SessionView {
        SessionView {
            id: self.step.clone(),
            protocol: self.connection.version().title().to_owned(),
            cipher_suite: self.connection.cipher_suite(),
            protection: self.protection,
            peer_chain: self.connection.peer_chain(of_opener),
            exporter: self.connection.exporter(EXPORTER_LABEL, &[], 32),
            identity: None,
        }
    }

    fn key_log(&self) -> Vec<String> {
        self.connection.key_log().lines().map(str::to_owned).collect()
    }

    fn take_counts(&mut self) -> (Counts, Counts) {
        self.connection.take_counts()
    }
}

/// RFC 9266, section 2.
const EXPORTER_LABEL: &str = "EXPORTER-Channel-Binding";

impl Operation for CheckPinned {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "check-pinned",
                summary: "Judges the peer of a provisional session against one pinned certificate as the sole anchor; where it holds, the session is provisional no longer.",
                standard: "RFC 8995, section 5.6.2",
                shape: Shape::Local,
                params: &[
                    needs("session", Accepts::Kinds(&[ArtifactKind::Session]), "the session"),
                    needs("pin", ANCHORS, "the pinned certificate"),
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let Value::Session(session) = acting.args.need("session")?.clone() else {
            return Err(Refused::policy("wrong-kind", "`session` is no session"));
        };
        let pin: Vec<Certificate> = acting.args.certificates("pin")?;
        acting.check("the chain that the peer presented ends at the pinned certificate");
        // RFC 8995, section 5.6.2: the pin may be the peer's own certificate; no name and no other anchor counts.
        chain::verify(&session.peer_chain, &pin, Usage::Any, None, &[], acting.clock)?;
        acting.verifies_session = Some(session.id.clone());
        Ok(None)
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { verifies: &["session"], relies_on: &["pin"], ..Bearing::NONE } }
    }
}
