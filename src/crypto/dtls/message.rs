//! Handshake messages of DTLS 1.2 with a pre-shared key (RFC 6347, section 4.2; RFC 4279, section 2), as bytes.

use crate::crypto::refusal::Refusal;

pub(super) const CLIENT_HELLO: u8 = 1;
pub(super) const SERVER_HELLO: u8 = 2;
pub(super) const HELLO_VERIFY_REQUEST: u8 = 3;
pub(super) const SERVER_KEY_EXCHANGE: u8 = 12;
pub(super) const SERVER_HELLO_DONE: u8 = 14;
pub(super) const CLIENT_KEY_EXCHANGE: u8 = 16;
pub(super) const FINISHED: u8 = 20;

/// DTLS 1.2.
pub(super) const VERSION: [u8; 2] = [0xfe, 0xfd];
/// DTLS 1.0, which a `HelloVerifyRequest` names whatever follows (RFC 6347, section 4.2.1).
const VERSION_1_0: [u8; 2] = [0xfe, 0xff];
/// `TLS_PSK_WITH_AES_128_CCM_8` (RFC 6655, section 4).
pub(super) const SUITE: [u8; 2] = [0xc0, 0xa8];
/// RFC 7627, section 5.1.
const EXTENDED_MASTER_SECRET: u16 = 23;
/// RFC 5746, section 3.2.
const RENEGOTIATION_INFO: u16 = 0xff01;

const HEADER: usize = 12;

/// A handshake message that is not fragmented.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message<'b> {
    pub(super) kind: u8,
    pub(super) number: u16,
    pub(super) body: &'b [u8],
    /// Header and body, as they enter the hash of the handshake.
    pub(super) whole: &'b [u8],
}

/// What a client says first.
#[derive(Clone, Debug)]
pub(super) struct ClientHello {
    pub(super) version: [u8; 2],
    pub(super) random: [u8; 32],
    pub(super) cookie: Vec<u8>,
    pub(super) offers_suite: bool,
    pub(super) offers_null_compression: bool,
    pub(super) has_extended_master_secret: bool,
    /// All of it but the cookie, to which the cookie is bound.
    pub(super) parameters: Vec<u8>,
}

/// What a server answers.
#[derive(Clone, Debug)]
pub(super) struct ServerHello {
    pub(super) version: [u8; 2],
    pub(super) random: [u8; 32],
    pub(super) suite: [u8; 2],
    pub(super) compression: u8,
    pub(super) has_extended_master_secret: bool,
}

/// A message with its header (RFC 6347, section 4.2.2).
pub(super) fn message(kind: u8, number: u16, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("messages are short").to_be_bytes();
    let mut bytes = vec![kind];
    bytes.extend(&length[1..]);
    bytes.extend(number.to_be_bytes());
    bytes.extend([0; 3]);
    bytes.extend(&length[1..]);
    bytes.extend(body);
    bytes
}

/// The message in the fragment of a record.
pub(super) fn parse(fragment: &[u8]) -> Result<Message<'_>, Refusal> {
    let (header, body) = fragment
        .split_at_checked(HEADER)
        .ok_or_else(|| Refusal::malformed("a handshake message has a header of 12 bytes"))?;
    let number = |bytes: &[u8]| bytes.iter().fold(0_usize, |number, byte| number << 8 | usize::from(*byte));
    let (length, offset, here) = (number(&header[1..4]), number(&header[6..9]), number(&header[9..12]));
    if offset != 0 || here != length || here != body.len() {
        let message = format!(
            "a message of {length} bytes comes whole, not {here} bytes from {offset} on in a record with {}",
            body.len()
        );
        return Err(Refusal::malformed(message));
    }
    Ok(Message { kind: header[0], number: u16::from_be_bytes([header[4], header[5]]), body, whole: fragment })
}

/// The body of a `ClientHello`.
pub(super) fn client_hello(random: &[u8; 32], cookie: &[u8]) -> Vec<u8> {
    let mut body = VERSION.to_vec();
    body.extend(random);
    vector8(&mut body, &[]);
    vector8(&mut body, cookie);
    vector16(&mut body, &SUITE);
    vector8(&mut body, &[0]);
    vector16(&mut body, &extensions());
    body
}

/// The body of a `ServerHello`.
pub(super) fn server_hello(random: &[u8; 32]) -> Vec<u8> {
    let mut body = VERSION.to_vec();
    body.extend(random);
    vector8(&mut body, &[]);
    body.extend(SUITE);
    body.push(0);
    vector16(&mut body, &extensions());
    body
}

/// Both ends compute the extended master secret, and nobody renegotiates.
fn extensions() -> Vec<u8> {
    let mut bytes = EXTENDED_MASTER_SECRET.to_be_bytes().to_vec();
    vector16(&mut bytes, &[]);
    bytes.extend(RENEGOTIATION_INFO.to_be_bytes());
    vector16(&mut bytes, &[0]);
    bytes
}

/// The body of a `HelloVerifyRequest`.
pub(super) fn hello_verify_request(cookie: &[u8]) -> Vec<u8> {
    let mut body = VERSION_1_0.to_vec();
    vector8(&mut body, cookie);
    body
}

/// The body of a message that is one vector with a length of two bytes: identity or hint.
pub(super) fn one_vector(content: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    vector16(&mut body, content);
    body
}

fn vector8(bytes: &mut Vec<u8>, content: &[u8]) {
    bytes.push(u8::try_from(content.len()).expect("short vectors are short"));
    bytes.extend(content);
}

fn vector16(bytes: &mut Vec<u8>, content: &[u8]) {
    bytes.extend(u16::try_from(content.len()).expect("vectors were checked to be shorter than 64 KiB").to_be_bytes());
    bytes.extend(content);
}

impl ClientHello {
    pub(super) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let mut reader = Reader(body);
        let version = reader.array()?;
        let random = reader.array()?;
        reader.vector(1)?;
        let before = body.len() - reader.0.len();
        let cookie = reader.vector(1)?.to_vec();
        let after = reader.0;
        let suites = reader.vector(2)?;
        let compressions = reader.vector(1)?;
        let has_extended_master_secret = has_extension(reader)?;
        Ok(Self {
            version,
            random,
            cookie,
            offers_suite: suites.chunks(2).any(|suite| suite == SUITE),
            offers_null_compression: compressions.contains(&0),
            has_extended_master_secret,
            parameters: [&body[..before], after].concat(),
        })
    }
}

impl ServerHello {
    pub(super) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let mut reader = Reader(body);
        let version = reader.array()?;
        let random = reader.array()?;
        reader.vector(1)?;
        let suite = reader.array()?;
        let [compression] = reader.array()?;
        Ok(Self { version, random, suite, compression, has_extended_master_secret: has_extension(reader)? })
    }
}

/// The cookie of a `HelloVerifyRequest`.
pub(super) fn cookie(body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut reader = Reader(body);
    let _: [u8; 2] = reader.array()?;
    let cookie = reader.vector(1)?.to_vec();
    reader.end()?;
    Ok(cookie)
}

/// The content of a message that is one vector with a length of two bytes.
pub(super) fn content_of_one_vector(body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut reader = Reader(body);
    let content = reader.vector(2)?.to_vec();
    reader.end()?;
    Ok(content)
}

/// Whether the extensions at the end of a hello name the extended master secret.
fn has_extension(mut reader: Reader<'_>) -> Result<bool, Refusal> {
    if reader.0.is_empty() {
        return Ok(false);
    }
    let mut extensions = Reader(reader.vector(2)?);
    reader.end()?;
    let mut found = false;
    while !extensions.0.is_empty() {
        found |= u16::from_be_bytes(extensions.array()?) == EXTENDED_MASTER_SECRET;
        extensions.vector(2)?;
    }
    Ok(found)
}

struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take(&mut self, n_bytes: usize) -> Result<&'b [u8], Refusal> {
        let (taken, rest) =
            self.0.split_at_checked(n_bytes).ok_or_else(|| Refusal::malformed("the message ends too early"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Refusal> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    /// A vector whose length has `n_length` bytes.
    fn vector(&mut self, n_length: usize) -> Result<&'b [u8], Refusal> {
        let length = self.take(n_length)?.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
        self.take(length)
    }

    fn end(&self) -> Result<(), Refusal> {
        if self.0.is_empty() { Ok(()) } else { Err(Refusal::malformed("bytes after the end of the message")) }
    }
}
