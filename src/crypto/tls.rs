//! TLS 1.3 and 1.2 between two parties in memory, with every record captured and decrypted for display.

pub mod describe;
mod decrypt;
mod provider;
mod wire;

use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Duration;

use rustls::client::{ClientConnection, Resumption, WebPkiServerVerifier};
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, ServerName, UnixTime};
use rustls::server::{NoServerSessionStorage, ServerConnection, WebPkiClientVerifier};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, Error, RootCertStore, ServerConfig, SupportedProtocolVersion};

use self::decrypt::{Decoder, Seen};
use self::provider::{KeyStore, Provisional, TlsKey, provider};
use super::certificate::{Certificate, Credential};
use super::count::Counts;
use super::crl::CertificateRevocationList;
use super::key::Algorithm;
use super::party::{Party, act};
use super::refusal::{Refusal, alert_of};
use super::verifier;
use crate::annotation::Layer;
use crate::clock::Timestamp;

/// Version of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// RFC 5246.
    Tls12,
    /// RFC 8446.
    Tls13,
}

/// How a client judges the server's chain.
#[derive(Clone, Debug)]
pub enum ServerTrust {
    /// The chain ends at one of these.
    Anchors(Vec<Certificate>),
    /// Any chain is accepted for now; the handshake's signature is verified all the same (RFC 8995, section 5.1).
    Provisional,
}

/// What a client brings.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// How it judges the server.
    pub trust: ServerTrust,
    /// The name that it expects.
    pub name: String,
    /// Its own key and chain.
    pub credential: Option<Credential>,
    /// The version that it offers.
    pub version: Version,
}

/// What a server brings.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// Its key and chain.
    pub credential: Credential,
    /// Where clients' chains must end; absent where it asks for no certificate.
    pub client_anchors: Option<Vec<Certificate>>,
    /// Revocation lists for clients' certificates.
    pub crls: Vec<CertificateRevocationList>,
    /// The version that it accepts.
    pub version: Version,
}

/// Records that one end sent in one go.
#[derive(Clone, Debug)]
pub struct Flight {
    /// Whether the client sent them.
    pub from_client: bool,
    /// The messages in them, by name.
    pub label: String,
    /// The bytes on the wire.
    pub wire: Vec<u8>,
    /// Each record, and each message in it.
    pub layers: Vec<Layer>,
}

/// How a handshake ended.
#[derive(Clone, Debug)]
pub enum Ended {
    /// Both ends have finished.
    Established,
    /// One end refused.
    Refused(EndRefusal),
}

/// A refusal at one end, and what the other saw.
#[derive(Clone, Debug)]
pub struct EndRefusal {
    /// Whether the client refused.
    pub by_client: bool,
    /// The library's words.
    pub refusal: Refusal,
    /// What the other end saw.
    pub other_end: String,
}

/// A TLS connection with both of its ends.
pub struct Connection {
    client: End<ClientConnection>,
    server: End<ServerConnection>,
    decoder: Decoder,
    version: Version,
    /// What the ends have to present, so that nobody reads it once more.
    certificates: Vec<Certificate>,
    /// Which end failed first, the client or not; whatever happens to the other one follows from it.
    first_failed: Option<bool>,
}

/// What time it is at each end.
#[derive(Clone, Copy, Debug)]
pub struct Clocks {
    /// At the client.
    pub client: Timestamp,
    /// At the server.
    pub server: Timestamp,
}

impl Clocks {
    /// The same time at both.
    pub fn both(now: Timestamp) -> Self {
        Self { client: now, server: now }
    }
}

/// A hand on the wire: whether the client sends, and the bytes, which may be changed before they arrive.
pub type Alter<'a> = &'a mut dyn FnMut(bool, &mut Vec<u8>);

struct End<C> {
    connection: C,
    party: Party,
    error: Option<Error>,
    received: Vec<u8>,
    taken: Counts,
}

/// More rounds than any handshake takes.
const MAX_ROUNDS: usize = 12;

impl Version {
    /// The name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Tls12 => "TLS 1.2",
            Self::Tls13 => "TLS 1.3",
        }
    }

    fn supported(self) -> &'static SupportedProtocolVersion {
        match self {
            Self::Tls12 => &rustls::version::TLS12,
            Self::Tls13 => &rustls::version::TLS13,
        }
    }
}

impl Connection {
    /// Performs the handshake. A configuration that no end could be started with is refused as a whole.
    pub fn open(
        client: &ClientOptions,
        server: &ServerOptions,
        now: Timestamp,
        client_party: Party,
        server_party: Party,
    ) -> Result<(Self, Vec<Flight>, Ended), Refusal> {
        let clocks = Clocks::both(now);
        let (connection, flights, ended) =
            Self::open_altered(client, server, clocks, client_party, server_party, &mut |_, _| {})?;
        Ok((connection, flights, ended.expect("without a hand on the wire, the ends finish or one of them refuses")))
    }

    /// The same with a hand on the wire. Where both ends wait for each other in the end, there is no `Ended`.
    pub fn open_altered(
        client: &ClientOptions,
        server: &ServerOptions,
        clocks: Clocks,
        client_party: Party,
        server_party: Party,
        alter: Alter<'_>,
    ) -> Result<(Self, Vec<Flight>, Option<Ended>), Refusal> {
        let mut connection = Self::new(client, server, clocks, client_party, server_party)?;
        let flights = connection.exchange(alter);
        let is_waiting = connection.client.connection.is_handshaking() || connection.server.connection.is_handshaking();
        let ended = match connection.refusal() {
            Some(refusal) => Some(Ended::Refused(refusal)),
            None => (!is_waiting).then_some(Ended::Established),
        };
        Ok((connection, flights, ended))
    }

    /// A handshake in which nobody but a recording speaks for the client: `recorded` has the flights of an earlier one.
    pub fn open_recorded(
        client: &ClientOptions,
        server: &ServerOptions,
        clocks: Clocks,
        client_party: Party,
        server_party: Party,
        recorded: &[Vec<u8>],
    ) -> Result<(Self, Vec<Flight>, Option<Ended>), Refusal> {
        let mut connection = Self::new(client, server, clocks, client_party, server_party)?;
        let mut flights = Vec::new();
        for genuine in recorded {
            flights.push(connection.carry(true, &[], &mut |_, wire| wire.clone_from(genuine)));
            let answer = connection.server.output();
            if !answer.is_empty() {
                flights.push(connection.answer_to_nobody(answer));
            }
        }
        let ended = match connection.refusal() {
            Some(refusal) => Some(Ended::Refused(refusal)),
            None => (!connection.server.connection.is_handshaking()).then_some(Ended::Established),
        };
        Ok((connection, flights, ended))
    }

    /// Both ends before the first byte.
    fn new(
        client: &ClientOptions,
        server: &ServerOptions,
        clocks: Clocks,
        client_party: Party,
        server_party: Party,
    ) -> Result<Self, Refusal> {
        let keys = Arc::new(KeyStore::default());
        let credentials = client.credential.iter().chain([&server.credential]);
        let certificates = credentials.flat_map(|credential| &credential.chain).cloned().collect();
        let clock = |now: Timestamp| {
            let seconds = Duration::from_secs(u64::try_from(now.0).unwrap_or_default());
            Arc::new(provider::Clock(UnixTime::since_unix_epoch(seconds)))
        };
        let name = ServerName::try_from(client.name.clone()).map_err(|error| Refusal::new("wrong-name", error))?;
        let client_config = client_config(client, &clock(clocks.client), &keys)?;
        let server_config = server_config(server, &clock(clocks.server), &keys)?;
        let mut client_party = client_party;
        let mut server_party = server_party;
        let mut client_end = act(&mut client_party, || ClientConnection::new(Arc::new(client_config), name))?;
        let mut server_end = act(&mut server_party, || ServerConnection::new(Arc::new(server_config)))?;
        client_end.set_buffer_limit(None);
        server_end.set_buffer_limit(None);
        Ok(Self {
            client: End::new(client_end, client_party),
            server: End::new(server_end, server_party),
            decoder: Decoder::new(keys),
            version: client.version,
            certificates,
            first_failed: None,
        })
    }

    /// What the server sends where no client listens.
    fn answer_to_nobody(&mut self, wire: Vec<u8>) -> Flight {
        let Seen { names, layers } = self.decoder.read_all(false, &wire);
        self.server.party.counts.aead_bytes += self.decoder.take_encrypted_bytes();
        Flight { from_client: false, label: names.join(", "), wire, layers }
    }

    /// Lets both ends send what they have until neither has anything left.
    fn exchange(&mut self, alter: Alter<'_>) -> Vec<Flight> {
        let mut flights = Vec::new();
        for _ in 0..MAX_ROUNDS {
            let before = flights.len();
            for from_client in [true, false] {
                let wire = if from_client { self.client.output() } else { self.server.output() };
                if !wire.is_empty() {
                    flights.push(self.carry(from_client, &wire, alter));
                }
            }
            if flights.len() == before {
                break;
            }
        }
        flights
    }

    /// Takes the records of one end to the other, past the hand on the wire, and reads for display what arrives.
    fn carry(&mut self, from_client: bool, genuine: &[u8], alter: Alter<'_>) -> Flight {
        let mut wire = genuine.to_vec();
        alter(from_client, &mut wire);
        // Whatever arrives, the keys move on as the sender moved on.
        let display = (wire != genuine).then(|| self.decoder.clone());
        let sent = self.decoder.read_all(from_client, genuine);
        let n_encrypted = self.decoder.take_encrypted_bytes();
        let Seen { names, layers } = display.map_or(sent, |mut display| display.read_all(from_client, &wire));
        self.charge(from_client, n_encrypted, &wire);
        for record in wire::records(&wire) {
            let has_failed = if from_client { self.server.input(record) } else { self.client.input(record) };
            if has_failed {
                self.first_failed.get_or_insert(!from_client);
            }
        }
        Flight { from_client, label: names.join(", "), wire, layers }
    }

    /// Charges what the records of a flight cost: the sender always, the receiver if it still reads what arrives.
    fn charge(&mut self, from_client: bool, n_encrypted: u64, arrived: &[u8]) {
        let client_works = from_client || (self.client.error.is_none() && !arrived.is_empty());
        let server_works = !from_client || (self.server.error.is_none() && !arrived.is_empty());
        self.client.party.counts.aead_bytes += if client_works { n_encrypted } else { 0 };
        self.server.party.counts.aead_bytes += if server_works { n_encrypted } else { 0 };
    }

    fn refusal(&self) -> Option<EndRefusal> {
        let by_client = self.first_failed?;
        let (error, other, had_finished) = if by_client {
            (&self.client.error, &self.server.error, !self.server.connection.is_handshaking())
        } else {
            (&self.server.error, &self.client.error, !self.client.connection.is_handshaking())
        };
        let refusal = error.clone().expect("this end has failed").into();
        Some(EndRefusal { by_client, refusal, other_end: other_end(other.as_ref(), had_finished) })
    }

    /// Sends `plaintext` from one end; what the other end read comes back with the flights.
    pub fn send(&mut self, from_client: bool, plaintext: &[u8]) -> (Vec<Flight>, Result<Vec<u8>, EndRefusal>) {
        self.send_altered(from_client, plaintext, &mut |_| {})
    }

    /// The same, with a hand on the wire: `alter` changes what was sent before it arrives.
    pub fn send_altered(
        &mut self,
        from_client: bool,
        plaintext: &[u8],
        alter: &mut dyn FnMut(&mut Vec<u8>),
    ) -> (Vec<Flight>, Result<Vec<u8>, EndRefusal>) {
        if from_client {
            self.client.write(plaintext);
        } else {
            self.server.write(plaintext);
        }
        let mut is_genuine = true;
        let mut is_first = true;
        // Only what was asked to be sent is altered, not what the other end answers.
        let flights = self.exchange(&mut |_, wire| {
            if std::mem::take(&mut is_first) {
                let genuine = wire.clone();
                alter(wire);
                is_genuine = *wire == genuine;
            }
        });
        let captured = self.decoder.take_application_data();
        assert_eq!(captured, plaintext, "the capture decrypts to what was written");
        if let Some(refusal) = self.refusal() {
            return (flights, Err(refusal));
        }
        let read = if from_client { self.server.read() } else { self.client.read() };
        assert!(!is_genuine || read == plaintext, "an untouched record arrives as it was sent");
        (flights, Ok(read))
    }

    /// Puts records on the wire that the end in whose name they come did not send now, and lets the other one answer.
    pub fn inject(&mut self, from_client: bool, wire: &[u8]) -> (Vec<Flight>, Result<Vec<u8>, EndRefusal>) {
        let mut flights = vec![self.carry(from_client, &[], &mut |_, bytes| *bytes = wire.to_vec())];
        flights.extend(self.exchange(&mut |_, _| {}));
        if let Some(refusal) = self.refusal() {
            return (flights, Err(refusal));
        }
        let read = if from_client { self.server.read() } else { self.client.read() };
        (flights, Ok(read))
    }

    /// Whether the client has not finished its handshake.
    pub fn is_client_waiting(&self) -> bool {
        self.client.connection.is_handshaking()
    }

    /// Closes one direction with `close_notify`; `alter` is a hand on the wire.
    pub fn close(
        &mut self,
        from_client: bool,
        alter: &mut dyn FnMut(&mut Vec<u8>),
    ) -> (Vec<Flight>, Option<EndRefusal>) {
        if from_client {
            act(&mut self.client.party, || self.client.connection.send_close_notify());
        } else {
            act(&mut self.server.party, || self.server.connection.send_close_notify());
        }
        let mut is_first = true;
        let flights = self.exchange(&mut |_, wire| {
            if std::mem::take(&mut is_first) {
                alter(wire);
            }
        });
        (flights, self.refusal())
    }

    /// The version in use.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The cipher suite by its IANA name; empty before one is chosen.
    pub fn cipher_suite(&self) -> String {
        let suite = self.client.connection.negotiated_cipher_suite();
        suite.and_then(|suite| suite.suite().as_str()).unwrap_or_default().to_owned()
    }

    /// The chain that the other end presented, as the client or the server saw it.
    pub fn peer_chain(&self, of_client: bool) -> Vec<Certificate> {
        let presented = if of_client {
            self.client.connection.peer_certificates()
        } else {
            self.server.connection.peer_certificates()
        };
        let known = |der: &[u8]| self.certificates.iter().find(|known| known.der() == der).cloned();
        let certificate = |der: &CertificateDer<'_>| known(der).or_else(|| Certificate::from_der(der).ok());
        presented.unwrap_or_default().iter().filter_map(certificate).collect()
    }

    /// Keying material for other uses (RFC 8446, section 7.5); empty before the handshake has finished.
    pub fn exporter(&self, label: &str, context: &[u8], n_bytes: usize) -> Vec<u8> {
        let output = vec![0; n_bytes];
        self.client.connection.export_keying_material(output, label.as_bytes(), Some(context)).unwrap_or_default()
    }

    /// The secrets in the format of NSS, with which others can decrypt the capture.
    pub fn key_log(&self) -> String {
        self.decoder.key_log()
    }

    /// Operations of client and server since the last call.
    pub fn take_counts(&mut self) -> (Counts, Counts) {
        (self.client.take_counts(), self.server.take_counts())
    }
}

fn other_end(error: Option<&Error>, had_finished: bool) -> String {
    let alert = error.and_then(alert_of).map(|alert| describe::alert_name(alert.into()));
    match (alert, had_finished) {
        (None, _) if error.is_some() => format!("refused as well: {}", error.map(Error::to_string).unwrap_or_default()),
        (Some(alert), true) => format!("had finished its handshake, then received the alert {alert}"),
        (Some(alert), false) => format!("received the alert {alert}"),
        (None, true) => "had finished its handshake and sees nothing".to_owned(),
        (None, false) => "sees nothing and waits".to_owned(),
    }
}

impl<C> End<C> {
    fn new(connection: C, party: Party) -> Self {
        Self { connection, party, error: None, received: Vec::new(), taken: Counts::default() }
    }

    fn take_counts(&mut self) -> Counts {
        let counts = self.party.counts.since(self.taken);
        self.taken = self.party.counts;
        counts
    }
}

/// Both kinds of connection have the same methods, but no trait for them.
macro_rules! impl_end {
    ($connection:ty) => {
        impl End<$connection> {
            fn output(&mut self) -> Vec<u8> {
                let connection = &mut self.connection;
                act(&mut self.party, || {
                    let mut wire = Vec::new();
                    while connection.wants_write() {
                        connection.write_tls(&mut wire).expect("memory can be written");
                    }
                    wire
                })
            }

            /// Takes a record in; whether this is where the end failed.
            fn input(&mut self, record: &[u8]) -> bool {
                if self.error.is_some() {
                    return false;
                }
                let (connection, received) = (&mut self.connection, &mut self.received);
                let result = act(&mut self.party, || {
                    let mut rest = record;
                    while !rest.is_empty() {
                        if connection.read_tls(&mut rest).is_err() {
                            break;
                        }
                    }
                    let result = connection.process_new_packets();
                    // An open connection without more data says `WouldBlock`, which is the end of what was sent.
                    // Read at once, because the library holds no more than one record's plaintext.
                    drop(connection.reader().read_to_end(received));
                    result
                });
                self.error = result.err();
                self.error.is_some()
            }

            fn write(&mut self, plaintext: &[u8]) {
                let connection = &mut self.connection;
                act(&mut self.party, || connection.writer().write_all(plaintext).expect("the buffer has no limit"));
            }

            fn read(&mut self) -> Vec<u8> {
                std::mem::take(&mut self.received)
            }
        }
    };
}

impl_end!(ClientConnection);
impl_end!(ServerConnection);

fn client_config(
    options: &ClientOptions,
    clock: &Arc<provider::Clock>,
    keys: &Arc<KeyStore>,
) -> Result<ClientConfig, Refusal> {
    let anchors = match &options.trust {
        ServerTrust::Anchors(anchors) => &anchors[..],
        ServerTrust::Provisional => &[],
    };
    let signatures = signatures(anchors, options.credential.as_ref());
    let provider = provider(options.version, signatures);
    let builder = ClientConfig::builder_with_details(Arc::clone(&provider), Arc::<provider::Clock>::clone(clock))
        .with_protocol_versions(&[options.version.supported()])?;
    let builder = match &options.trust {
        ServerTrust::Anchors(anchors) => {
            let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots(anchors)?), provider);
            builder.with_webpki_verifier(verifier.build().map_err(|error| Refusal::new("no-anchors", error))?)
        }
        ServerTrust::Provisional => {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(Provisional(signatures)))
        }
    };
    let mut config = match &options.credential {
        Some(credential) => builder.with_client_cert_resolver(resolver(credential)),
        None => builder.with_no_client_auth(),
    };
    config.resumption = Resumption::disabled();
    config.key_log = Arc::<KeyStore>::clone(keys);
    Ok(config)
}

fn server_config(
    options: &ServerOptions,
    clock: &Arc<provider::Clock>,
    keys: &Arc<KeyStore>,
) -> Result<ServerConfig, Refusal> {
    let anchors = options.client_anchors.as_deref().unwrap_or_default();
    let provider = provider(options.version, signatures(anchors, Some(&options.credential)));
    let builder = ServerConfig::builder_with_details(Arc::clone(&provider), Arc::<provider::Clock>::clone(clock))
        .with_protocol_versions(&[options.version.supported()])?;
    let builder = match &options.client_anchors {
        None => builder.with_no_client_auth(),
        Some(anchors) => {
            let mut verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots(anchors)?), provider);
            if !options.crls.is_empty() {
                let lists = options.crls.iter().map(|list| CertificateRevocationListDer::from(list.der().to_vec()));
                verifier = verifier.with_crls(lists).only_check_end_entity_revocation();
            }
            builder.with_client_cert_verifier(verifier.build().map_err(|error| Refusal::new("no-anchors", error))?)
        }
    };
    let mut config = builder.with_cert_resolver(resolver(&options.credential));
    config.key_log = Arc::<KeyStore>::clone(keys);
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    Ok(config)
}

/// What an end verifies: Ed25519 and RSA where one of its anchors or certificates is for such a key.
fn signatures(anchors: &[Certificate], own: Option<&Credential>) -> WebPkiSupportedAlgorithms {
    let chain = own.map_or(&[][..], |credential| &credential.chain);
    let needs = |certificate: &Certificate| match certificate.public_key().algorithm() {
        Algorithm::Ed25519 | Algorithm::Rsa => true,
        Algorithm::P256 | Algorithm::P384 | Algorithm::X25519 => false,
    };
    if anchors.iter().chain(chain).any(needs) { verifier::EXTENDED } else { verifier::SUPPORTED }
}

fn roots(anchors: &[Certificate]) -> Result<RootCertStore, Refusal> {
    let mut roots = RootCertStore::empty();
    for anchor in anchors {
        roots.add(CertificateDer::from(anchor.der().to_vec()))?;
    }
    Ok(roots)
}

fn resolver(credential: &Credential) -> Arc<SingleCertAndKey> {
    let chain = credential.chain.iter().map(|link| CertificateDer::from(link.der().to_vec())).collect();
    let key = Arc::new(TlsKey(credential.key.clone()));
    Arc::new(SingleCertAndKey::from(CertifiedKey::new(chain, key)))
}

#[cfg(test)]
mod tests;
