//! TLS 1.3 and 1.2 between two parties in memory, with every record captured and decrypted for display.

pub mod describe;
mod decrypt;
mod provider;
mod wire;

use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Duration;

use rustls::client::{ClientConnection, Resumption, WebPkiServerVerifier};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, ServerName, UnixTime};
use rustls::server::{NoServerSessionStorage, ServerConnection, WebPkiClientVerifier};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, Error, RootCertStore, ServerConfig, SupportedProtocolVersion};

use self::decrypt::Decoder;
use self::provider::{KeyStore, Provisional, TlsKey, provider};
use super::certificate::{Certificate, Credential};
use super::count::Counts;
use super::crl::CertificateRevocationList;
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
}

struct End<C> {
    connection: C,
    party: Party,
    error: Option<Error>,
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
        let keys = Arc::new(KeyStore::default());
        let clock = Arc::new(provider::Clock(UnixTime::since_unix_epoch(Duration::from_secs(
            u64::try_from(now.0).unwrap_or_default(),
        ))));
        let name = ServerName::try_from(client.name.clone()).map_err(|error| Refusal::new("wrong-name", error))?;
        let client_config = client_config(client, &clock, &keys)?;
        let server_config = server_config(server, &clock, &keys)?;
        let mut client_party = client_party;
        let mut server_party = server_party;
        let client_end = act(&mut client_party, || ClientConnection::new(Arc::new(client_config), name))?;
        let server_end = act(&mut server_party, || ServerConnection::new(Arc::new(server_config)))?;
        let mut connection = Self {
            client: End::new(client_end, client_party),
            server: End::new(server_end, server_party),
            decoder: Decoder::new(keys),
            version: client.version,
        };
        let flights = connection.exchange();
        let ended = match connection.refusal() {
            Some(refusal) => Ended::Refused(refusal),
            None => Ended::Established,
        };
        Ok((connection, flights, ended))
    }

    /// Lets both ends send what they have until neither has anything left.
    fn exchange(&mut self) -> Vec<Flight> {
        let mut flights = Vec::new();
        for _ in 0..MAX_ROUNDS {
            let before = flights.len();
            for from_client in [true, false] {
                let wire = if from_client { self.client.output() } else { self.server.output() };
                if !wire.is_empty() {
                    flights.push(self.carry(from_client, wire));
                }
            }
            if flights.len() == before {
                break;
            }
        }
        flights
    }

    /// Takes the records of one end to the other, and reads them for display.
    fn carry(&mut self, from_client: bool, wire: Vec<u8>) -> Flight {
        let mut layers = Vec::new();
        let mut names = Vec::new();
        for record in wire::records(&wire) {
            let seen = self.decoder.read(from_client, record);
            names.extend(seen.names);
            layers.extend(seen.layers);
            if from_client { self.server.input(record) } else { self.client.input(record) }
        }
        let n_encrypted = self.decoder.take_encrypted_bytes();
        self.client.party.counts.aead_bytes += n_encrypted;
        self.server.party.counts.aead_bytes += n_encrypted;
        Flight { from_client, label: names.join(", "), wire, layers }
    }

    fn refusal(&self) -> Option<EndRefusal> {
        let client = self.client.error.as_ref().filter(|error| alert_of(error).is_none());
        let server = self.server.error.as_ref().filter(|error| alert_of(error).is_none());
        let refusal = |by_client, error: &Error, other: &Option<Error>, had_finished| EndRefusal {
            by_client,
            refusal: error.clone().into(),
            other_end: other_end(other.as_ref(), had_finished),
        };
        match (client, server) {
            (Some(error), _) => {
                Some(refusal(true, error, &self.server.error, !self.server.connection.is_handshaking()))
            }
            (None, Some(error)) => {
                Some(refusal(false, error, &self.client.error, !self.client.connection.is_handshaking()))
            }
            // An alert without a cause at the other end would be a fault of the library.
            (None, None) => None,
        }
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
            self.client.write(plaintext)
        } else {
            self.server.write(plaintext)
        }
        let genuine = if from_client { self.client.output() } else { self.server.output() };
        let mut wire = genuine.clone();
        alter(&mut wire);
        let is_genuine = wire == genuine;
        let mut flights = vec![self.carry(from_client, wire)];
        flights.extend(self.exchange());
        if let Some(refusal) = self.refusal() {
            return (flights, Err(refusal));
        }
        let read = if from_client { self.server.read() } else { self.client.read() };
        if is_genuine {
            assert_eq!(self.decoder.take_application_data(), plaintext, "the capture decrypts to what was written");
        }
        (flights, Ok(read))
    }

    /// Closes one direction with `close_notify`.
    pub fn close(&mut self, from_client: bool) -> Vec<Flight> {
        if from_client {
            act(&mut self.client.party, || self.client.connection.send_close_notify());
        } else {
            act(&mut self.server.party, || self.server.connection.send_close_notify());
        }
        self.exchange()
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
        presented.unwrap_or_default().iter().filter_map(|der| Certificate::from_der(der).ok()).collect()
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
        (Some(alert), true) => format!("had finished its handshake, then received the alert {alert}"),
        (Some(alert), false) => format!("received the alert {alert}"),
        (None, true) => "had finished its handshake and sees nothing".to_owned(),
        (None, false) => "sees nothing and waits".to_owned(),
    }
}

impl<C> End<C> {
    fn new(connection: C, party: Party) -> Self {
        Self { connection, party, error: None, taken: Counts::default() }
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

            fn input(&mut self, record: &[u8]) {
                if self.error.is_some() {
                    return;
                }
                let connection = &mut self.connection;
                let result = act(&mut self.party, || {
                    let mut rest = record;
                    while !rest.is_empty() {
                        if connection.read_tls(&mut rest).is_err() {
                            break;
                        }
                    }
                    connection.process_new_packets()
                });
                self.error = result.err();
            }

            fn write(&mut self, plaintext: &[u8]) {
                let connection = &mut self.connection;
                act(&mut self.party, || connection.writer().write_all(plaintext).expect("memory can be written"));
            }

            fn read(&mut self) -> Vec<u8> {
                let mut plaintext = Vec::new();
                // An open connection without more data says `WouldBlock`, which is the end of what was sent.
                drop(self.connection.reader().read_to_end(&mut plaintext));
                plaintext
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
    let provider = provider(options.version);
    let builder = ClientConfig::builder_with_details(Arc::clone(&provider), Arc::<provider::Clock>::clone(clock))
        .with_protocol_versions(&[options.version.supported()])?;
    let builder = match &options.trust {
        ServerTrust::Anchors(anchors) => {
            let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots(anchors)?), provider);
            builder.with_webpki_verifier(verifier.build().map_err(|error| Refusal::new("no-anchors", error))?)
        }
        ServerTrust::Provisional => {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(Provisional(verifier::SUPPORTED)))
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
    let provider = provider(options.version);
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
