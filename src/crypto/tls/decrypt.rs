//! Captured records → what they contain, decrypted with the logged secrets. Reads only; the connection is not touched.

use std::sync::Arc;

use super::describe::{self, Encryption, Tls};
use super::provider::KeyStore;
use super::wire::{handshakes, records};
use crate::annotation::Layer;
use crate::crypto::aead::{Cipher, Inputs};
use crate::crypto::mac::{hkdf_expand_label, tls12_prf_sha256};

/// Reads the records of one connection, in the order in which they were sent.
#[derive(Clone)]
pub(super) struct Decoder {
    keys: Arc<KeyStore>,
    version: Tls,
    randoms: [Vec<u8>; 2],
    client: Direction,
    server: Direction,
    application_data: Vec<u8>,
    encrypted_bytes: u64,
}

/// State of one direction.
#[derive(Clone, Copy, Default)]
struct Direction {
    epoch: Epoch,
    sequence: u64,
}

/// Which keys protect the records of a direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Epoch {
    /// None yet.
    #[default]
    Clear,
    /// Handshake traffic secret (TLS 1.3).
    Handshake,
    /// Application traffic secret, or the one key of TLS 1.2.
    Application,
}

/// What records show.
pub(super) struct Seen {
    /// The messages in it, by name.
    pub(super) names: Vec<String>,
    /// Each record, and each message in it.
    pub(super) layers: Vec<Layer>,
}

const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;

const SERVER_HELLO: u8 = 2;
const FINISHED: u8 = 20;

impl Decoder {
    /// A decoder before the first record.
    pub(super) fn new(keys: Arc<KeyStore>) -> Self {
        Self {
            keys,
            version: Tls::V12,
            randoms: [Vec::new(), Vec::new()],
            client: Direction::default(),
            server: Direction::default(),
            application_data: Vec::new(),
            encrypted_bytes: 0,
        }
    }

    /// Lines in the format of NSS.
    pub(super) fn key_log(&self) -> String {
        self.keys.lines()
    }

    /// Application data read since the last call.
    pub(super) fn take_application_data(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.application_data)
    }

    /// Plaintext bytes of encrypted records since the last call.
    pub(super) fn take_encrypted_bytes(&mut self) -> u64 {
        std::mem::take(&mut self.encrypted_bytes)
    }

    /// Reads what one end sent in one go.
    pub(super) fn read_all(&mut self, from_client: bool, wire: &[u8]) -> Seen {
        let mut all = Seen { names: Vec::new(), layers: Vec::new() };
        for record in records(wire) {
            let seen = self.read(from_client, record);
            all.names.extend(seen.names);
            all.layers.extend(seen.layers);
        }
        all
    }

    /// Reads the next record of a direction.
    fn read(&mut self, from_client: bool, record: &[u8]) -> Seen {
        let opened = self.open(from_client, record);
        let encryption = match (&opened, self.version) {
            (None, _) => Encryption::None,
            (Some(_), Tls::V13) => Encryption::Tls13Gcm,
            (Some(_), Tls::V12) => Encryption::Tls12Gcm,
        };
        let is_decrypted = opened.is_some();
        let (content_type, content) = opened.unwrap_or_else(|| {
            (record.first().copied().unwrap_or_default(), record.get(5..).unwrap_or_default().to_vec())
        });
        let mut inner = Vec::new();
        let names = self.content(from_client, content_type, &content, is_decrypted, &mut inner);
        // A ServerHello says what its own record is to be read as.
        let version = self.version;
        let record = Layer::explained_by("TLS record", record.to_vec(), move |record, _| {
            describe::record(record, encryption, version)
        });
        // What is not encrypted is explained in the record itself.
        let inner = inner.into_iter().filter(|layer| layer.decrypted);
        Seen { names, layers: std::iter::once(record).chain(inner).collect() }
    }

    fn content(
        &mut self,
        from_client: bool,
        content_type: u8,
        content: &[u8],
        is_decrypted: bool,
        layers: &mut Vec<Layer>,
    ) -> Vec<String> {
        match content_type {
            HANDSHAKE => handshakes(content)
                .into_iter()
                .map(|message| {
                    self.note(from_client, message);
                    let name = describe::handshake_name(message[0]);
                    let version = self.version;
                    let layer = Layer::explained_by(name, message.to_vec(), move |message, _| {
                        describe::handshake(message, version)
                    });
                    layers.push(layer.decrypted(is_decrypted));
                    name.to_owned()
                })
                .collect(),
            ALERT => {
                let name = format!("alert {}", describe::alert_name(content.get(1).copied().unwrap_or_default()));
                let layer = Layer::explained_by(&*name, content.to_vec(), |content, _| describe::alert(content));
                layers.push(layer.decrypted(is_decrypted));
                vec![name]
            }
            CHANGE_CIPHER_SPEC => {
                if self.version == Tls::V12 {
                    self.direction(from_client).advance(Epoch::Application);
                }
                vec!["ChangeCipherSpec".to_owned()]
            }
            APPLICATION_DATA if is_decrypted => {
                self.application_data.extend(content);
                vec!["application data".to_owned()]
            }
            _ => vec!["unreadable record".to_owned()],
        }
    }

    /// Follows the handshake: version and randoms from the hellos, new keys after each Finished.
    fn note(&mut self, from_client: bool, message: &[u8]) {
        let kind = message[0];
        if kind <= SERVER_HELLO && message.len() >= 38 {
            // type 1, length 3, version 2, random 32.
            self.randoms[usize::from(!from_client)] = message[6..38].to_vec();
        }
        if kind == SERVER_HELLO && self.keys.find("SERVER_HANDSHAKE_TRAFFIC_SECRET").is_some() {
            self.version = Tls::V13;
            self.client.advance(Epoch::Handshake);
            self.server.advance(Epoch::Handshake);
        }
        if kind == FINISHED && self.version == Tls::V13 {
            self.direction(from_client).advance(Epoch::Application);
        }
    }

    fn direction(&mut self, from_client: bool) -> &mut Direction {
        if from_client { &mut self.client } else { &mut self.server }
    }

    /// Content type and content of an encrypted record; `None` where it is not encrypted or cannot be decrypted.
    fn open(&mut self, from_client: bool, record: &[u8]) -> Option<(u8, Vec<u8>)> {
        let Direction { epoch, sequence } = *self.direction(from_client);
        let opened = match (self.version, epoch) {
            (_, Epoch::Clear) => None,
            (Tls::V13, _) => self.open13(from_client, epoch, sequence, record),
            (Tls::V12, _) => self.open12(from_client, sequence, record),
        }?;
        self.direction(from_client).sequence += 1;
        self.encrypted_bytes += opened.1.len() as u64;
        Some(opened)
    }

    /// RFC 8446, sections 5.2 and 7.3.
    fn open13(&self, from_client: bool, epoch: Epoch, sequence: u64, record: &[u8]) -> Option<(u8, Vec<u8>)> {
        if *record.first()? != APPLICATION_DATA {
            return None;
        }
        let side = if from_client { "CLIENT" } else { "SERVER" };
        let label = match epoch {
            Epoch::Clear => return None,
            Epoch::Handshake => format!("{side}_HANDSHAKE_TRAFFIC_SECRET"),
            Epoch::Application => format!("{side}_TRAFFIC_SECRET_0"),
        };
        let secret = self.keys.find(&label)?;
        let key = hkdf_expand_label(&secret, "key", &[], 16);
        let mut nonce: [u8; 12] = hkdf_expand_label(&secret, "iv", &[], 12).try_into().ok()?;
        for (byte, number) in nonce[4..].iter_mut().zip(sequence.to_be_bytes()) {
            *byte ^= number;
        }
        let (header, sealed) = record.split_at_checked(5)?;
        let mut inner = Cipher::Aes128Gcm.open(Inputs { key: &key, nonce: &nonce, aad: header }, sealed).ok()?;
        // Zeros after the content type are padding.
        while inner.last() == Some(&0) {
            inner.pop();
        }
        let content_type = inner.pop()?;
        Some((content_type, inner))
    }

    /// RFC 5246, section 6.3, and RFC 5288, section 3.
    fn open12(&self, from_client: bool, sequence: u64, record: &[u8]) -> Option<(u8, Vec<u8>)> {
        let master = self.keys.find("CLIENT_RANDOM")?;
        let [client_random, server_random] = &self.randoms;
        let block = tls12_prf_sha256(&master, "key expansion", &[&server_random[..], client_random].concat(), 40);
        let (key_at, salt_at) = if from_client { (0, 32) } else { (16, 36) };
        let key = &block[key_at..key_at + 16];
        let (header, fragment) = record.split_at_checked(5)?;
        let (explicit, sealed) = fragment.split_at_checked(8)?;
        let nonce: [u8; 12] = [&block[salt_at..salt_at + 4], explicit].concat().try_into().ok()?;
        let length = u16::try_from(sealed.len().checked_sub(16)?).ok()?;
        let aad = [&sequence.to_be_bytes()[..], &header[..3], &length.to_be_bytes()].concat();
        Some((header[0], Cipher::Aes128Gcm.open(Inputs { key, nonce: &nonce, aad: &aad }, sealed).ok()?))
    }
}

impl Direction {
    fn advance(&mut self, epoch: Epoch) {
        *self = Self { epoch, sequence: 0 };
    }
}
