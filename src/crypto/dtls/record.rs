//! The record layer of one end (RFC 6347, section 4.1): epochs, sequence numbers, protection and the replay window.

use super::{Discarded, VERSION};
use crate::crypto::aead::{Cipher, Inputs};
use crate::crypto::mac::tls12_prf_sha256;
use crate::crypto::refusal::Refusal;

/// Bytes of a record before its fragment.
pub(super) const HEADER: usize = 13;
const NONCE_EXPLICIT: usize = 8;
const TAG: usize = 8;
/// Records that are remembered behind the latest one (RFC 6347, section 4.1.2.6).
const WINDOW: u64 = 64;
/// Most bytes of plaintext in a record (RFC 5246, section 6.2.1).
pub(super) const MAX_PLAINTEXT: usize = 1 << 14;

/// Keys of one direction: `client_write_*` or `server_write_*`.
#[derive(Clone, Debug)]
pub(super) struct WriteKeys {
    key: Vec<u8>,
    iv: Vec<u8>,
}

/// One direction of a connection at one end.
#[derive(Clone, Debug, Default)]
pub(super) struct Direction {
    pub(super) epoch: u16,
    /// The number of the next record that is written.
    pub(super) next: u64,
    /// The latest record that was read.
    latest: Option<u64>,
    /// Bit n says that the record n before the latest one was read.
    window: u64,
    keys: Option<WriteKeys>,
}

/// A record as it stands in a datagram.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'b> {
    pub(super) content_type: u8,
    pub(super) epoch: u16,
    pub(super) sequence: u64,
    pub(super) fragment: &'b [u8],
    header: &'b [u8],
}

/// The keys of both directions, the client's first (RFC 5246, section 6.3; an AEAD needs no MAC keys).
pub(super) fn key_block(master: &[u8], client_random: &[u8], server_random: &[u8]) -> [WriteKeys; 2] {
    let seed = [server_random, client_random].concat();
    let block = tls12_prf_sha256(master, "key expansion", &seed, 2 * 16 + 2 * 4);
    [(0, 32), (16, 36)]
        .map(|(key, iv)| WriteKeys { key: block[key..key + 16].to_vec(), iv: block[iv..iv + 4].to_vec() })
}

/// The records of a datagram; what is no record ends it.
pub(super) fn records(datagram: &[u8]) -> Vec<Result<Record<'_>, Discarded>> {
    let mut found = Vec::new();
    let mut rest = datagram;
    while !rest.is_empty() {
        match next(rest) {
            Ok((record, after)) => {
                found.push(Ok(record));
                rest = after;
            }
            Err(why) => {
                found.push(Err(Discarded(Refusal::malformed(why))));
                break;
            }
        }
    }
    found
}

fn next(bytes: &[u8]) -> Result<(Record<'_>, &[u8]), String> {
    let (header, rest) = bytes.split_at_checked(HEADER).ok_or("a record has a header of 13 bytes")?;
    let length = usize::from(u16::from_be_bytes([header[11], header[12]]));
    if header[1] != VERSION[0] {
        return Err(format!("the version {:02x}{:02x} is none of DTLS", header[1], header[2]));
    }
    let (fragment, after) = rest
        .split_at_checked(length)
        .ok_or_else(|| format!("the record has {length} bytes, and {} are left in the datagram", rest.len()))?;
    let sequence = header[5..11].iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
    let epoch = u16::from_be_bytes([header[3], header[4]]);
    Ok((Record { content_type: header[0], epoch, sequence, fragment, header }, after))
}

impl WriteKeys {
    fn nonce(&self, explicit: &[u8]) -> Vec<u8> {
        // RFC 6655, section 3: a salt of four bytes from the key block, then the explicit part.
        [&self.iv, explicit].concat()
    }

    /// The plaintext of a record that was protected with these keys.
    pub(super) fn open(&self, record: &Record<'_>) -> Result<Vec<u8>, Refusal> {
        let short = || Refusal::malformed("a protected record has an explicit nonce and a tag of 8 bytes each");
        let (explicit, sealed) = record.fragment.split_at_checked(NONCE_EXPLICIT).ok_or_else(short)?;
        let length = sealed.len().checked_sub(TAG).ok_or_else(short)?;
        let aad = aad(&record.header[3..11], &record.header[..3], length);
        let nonce = self.nonce(explicit);
        Cipher::Aes128Ccm8.open(Inputs { key: &self.key, nonce: &nonce, aad: &aad }, sealed)
    }
}

/// RFC 5246, section 6.2.3.3, with epoch and sequence number in place of the sequence number (RFC 6347, section 4.1.2.1).
fn aad(number: &[u8], type_and_version: &[u8], length: usize) -> Vec<u8> {
    let length = u16::try_from(length).unwrap_or(u16::MAX);
    [number, type_and_version, &length.to_be_bytes()].concat()
}

impl Direction {
    /// Begins the next epoch with these keys.
    pub(super) fn advance(&mut self, keys: WriteKeys) {
        *self = Self { epoch: self.epoch + 1, keys: Some(keys), ..Self::default() };
    }

    /// The keys, where the direction is protected.
    pub(super) fn keys(&self) -> Option<&WriteKeys> {
        self.keys.as_ref()
    }

    /// The next record with this content, which is no longer than [`MAX_PLAINTEXT`].
    pub(super) fn write(&mut self, content_type: u8, content: &[u8]) -> Vec<u8> {
        let mut number = self.epoch.to_be_bytes().to_vec();
        number.extend(&self.next.to_be_bytes()[2..]);
        self.next += 1;
        let type_and_version = [content_type, VERSION[0], VERSION[1]];
        let fragment = match &self.keys {
            None => content.to_vec(),
            Some(keys) => {
                // RFC 6655, section 3: the explicit part may be the epoch with the sequence number.
                let nonce = keys.nonce(&number);
                let aad = aad(&number, &type_and_version, content.len());
                let sealed = Cipher::Aes128Ccm8.seal(Inputs { key: &keys.key, nonce: &nonce, aad: &aad }, content);
                [&number[..], &sealed.expect("key and nonce have the lengths of the cipher")].concat()
            }
        };
        let length = u16::try_from(fragment.len()).expect("a record is shorter than 64 KiB");
        [&type_and_version[..], &number, &length.to_be_bytes(), &fragment].concat()
    }

    /// Whether a record of this number was read before, or is too old to tell.
    pub(super) fn check(&self, sequence: u64) -> Result<(), Refusal> {
        let Some(latest) = self.latest.filter(|latest| sequence <= *latest) else { return Ok(()) };
        let behind = latest - sequence;
        let message = if behind >= WINDOW {
            format!("record {sequence} is older than the {WINDOW} that are remembered")
        } else if self.window >> behind & 1 == 1 {
            format!("record {sequence} of epoch {} was received before", self.epoch)
        } else {
            return Ok(());
        };
        Err(Refusal::new("replayed-record", message))
    }

    /// Notes a record that was read, once it is known to be genuine.
    pub(super) fn note(&mut self, sequence: u64) {
        match self.latest {
            Some(latest) if sequence <= latest => {
                let behind = latest - sequence;
                self.window |= if behind < WINDOW { 1 << behind } else { 0 };
            }
            latest => {
                let ahead = latest.map_or(WINDOW, |latest| sequence - latest);
                self.window = if ahead < WINDOW { self.window << ahead } else { 0 } | 1;
                self.latest = Some(sequence);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn direction() -> Direction {
        let mut direction = Direction::default();
        direction.advance(WriteKeys { key: vec![1; 16], iv: vec![2; 4] });
        direction
    }

    #[test]
    fn a_window_takes_each_record_once_in_any_order() {
        let mut direction = direction();
        for sequence in [0, 3, 1, 70, 69, 7] {
            assert_eq!(direction.check(sequence), Ok(()), "{sequence}");
            direction.note(sequence);
            assert_eq!(direction.check(sequence).unwrap_err().code, "replayed-record", "{sequence}");
        }
        assert!(direction.check(6).unwrap_err().message.contains("older than the 64"), "70 - 6 is beyond the window");
        assert_eq!(direction.check(8), Ok(()));
        assert_eq!(direction.check(71), Ok(()));
    }

    #[test]
    fn a_record_opens_with_its_keys_and_unchanged_alone() {
        let mut writer = direction();
        let datagram = writer.write(23, b"temperature");
        let read = |datagram: &[u8]| {
            let records = records(datagram);
            let [Ok(record)] = &records[..] else { panic!("{records:?}") };
            direction().keys().unwrap().open(record)
        };
        assert_eq!(read(&datagram).unwrap(), b"temperature");
        // Type, version, epoch, sequence number, explicit nonce, ciphertext and tag are all authenticated.
        for index in [0, 2, 3, 10, 13, 22, datagram.len() - 1] {
            let mut changed = datagram.clone();
            changed[index] ^= 1;
            assert_eq!(read(&changed).unwrap_err().code, "decrypt-error", "byte {index}");
        }
    }

    #[test]
    fn a_datagram_that_is_cut_has_no_record() {
        let datagram = direction().write(23, b"temperature");
        for length in [1, 12, 13, datagram.len() - 1] {
            let found = records(&datagram[..length]);
            assert!(matches!(&found[..], [Err(Discarded(refusal))] if refusal.code == "malformed"), "{length}");
        }
        assert!(records(&[]).is_empty());
        assert_eq!(records(&[datagram.clone(), datagram].concat()).len(), 2);
    }
}
