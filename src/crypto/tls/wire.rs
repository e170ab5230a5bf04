//! Bytes on the wire → records and handshake messages.

/// The records in `bytes`; what does not fill a record comes last as it is.
pub(super) fn records(bytes: &[u8]) -> Vec<&[u8]> {
    split(bytes, |rest| match rest {
        // content type, version, length (RFC 8446, section 5.1).
        [_, _, _, high, low, ..] => 5 + usize::from(u16::from_be_bytes([*high, *low])),
        _ => rest.len(),
    })
}

/// The handshake messages in the content of a record.
pub(super) fn handshakes(bytes: &[u8]) -> Vec<&[u8]> {
    split(bytes, |rest| match rest {
        // type, length (RFC 8446, section 4).
        [_, high, middle, low, ..] => 4 + (usize::from(*high) << 16) + (usize::from(*middle) << 8) + usize::from(*low),
        _ => rest.len(),
    })
}

fn split(bytes: &[u8], length: impl Fn(&[u8]) -> usize) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (part, after) = rest.split_at(length(rest).min(rest.len()));
        parts.push(part);
        rest = after;
    }
    parts
}
