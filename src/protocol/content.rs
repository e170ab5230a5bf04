//! What carriers such as an HTTP body, a CBOR string or a store hold, told from the bytes themselves.

use std::ops::Range;
use std::sync::Arc;

use super::encoding::{Pem, from_base64, from_base64url, from_hex};
use super::matter_payload::OnboardingPayload;
use super::writer::shown;
use super::{json, jws, matter, sas};
use crate::annotation::{Field, Inside, Kind, Known, Layer};
use crate::crypto::der;

/// Explains `bytes` as a value called `name`.
#[must_use]
pub fn describe(name: &str, bytes: &[u8], known: &Known) -> Vec<Field> {
    if bytes.is_empty() {
        return Vec::new();
    }
    let field = look_into(Field::new(name, 0..bytes.len(), shown(bytes)), bytes, known);
    match field.inside {
        Inside::Fields(fields) => fields,
        Inside::Decoded(_) | Inside::Nothing => vec![field],
    }
}

/// A layer of bytes that are a value called `name`.
#[must_use]
pub fn layer(name: &str, bytes: Vec<u8>) -> Layer {
    let value = name.to_owned();
    Layer::explained_by(name, bytes, move |bytes, known| describe(&value, bytes, known))
}

/// `fields`, which explain `bytes`, with what is in their long leaves; a leaf that cannot be told stays as it is.
#[must_use]
pub fn complete(fields: Vec<Field>, bytes: &[u8], known: &Known) -> Vec<Field> {
    fields.into_iter().map(|field| look_into(field, bytes, known)).collect()
}

fn look_into(mut field: Field, bytes: &[u8], known: &Known) -> Field {
    if !field.is_unexplained() {
        field.inside = match field.inside {
            Inside::Decoded(layer) => Inside::Decoded(Arc::new(Arc::unwrap_or_clone(layer).knowing(known.clone()))),
            Inside::Fields(fields) => Inside::Fields(complete(fields, bytes, known)),
            Inside::Nothing => Inside::Nothing,
        };
        return field;
    }
    // Bytes that were changed on their way may be fewer than their sender wrote.
    let Some(content) = bytes.get(field.start..field.end) else { return field };
    if let Some(kind) = known.kind(content) {
        return field.of(kind);
    }
    if der::is_sequence(content) {
        return holding(field, content, complete(der::describe(content), content, known));
    }
    if let Some(fields) = matter::describe(content) {
        return holding(field, content, complete(fields, content, known));
    }
    match std::str::from_utf8(content) {
        Ok(text) if !text.chars().any(|c| c.is_control() && !c.is_ascii_whitespace()) => {
            look_into_text(field, text, known)
        }
        Ok(_) | Err(_) => field,
    }
}

fn look_into_text(field: Field, text: &str, known: &Known) -> Field {
    let fields = jws_fields(text)
        .or_else(|| json::describe(text))
        .or_else(|| sas::SasToken::decode(text).is_ok().then(|| sas::describe(text).fields))
        .or_else(|| pem_fields(text))
        .or_else(|| matter_fields(text));
    if let Some(fields) = fields {
        return holding(field, text.as_bytes(), complete(fields, text.as_bytes(), known));
    }
    let decodings =
        [("base64", from_base64(text)), ("base64url", from_base64url(text)), ("hexadecimal digits", from_hex(text))];
    for (encoding, decoded) in decodings {
        let Ok(decoded) = decoded else { continue };
        if let Some(kind) = known.kind(&decoded) {
            let value = format!("{encoding} of {}", shown(&decoded));
            return Field { value, ..field }.of(kind);
        }
        if der::is_sequence(&decoded) || std::str::from_utf8(&decoded).is_ok_and(|text| json::describe(text).is_some())
        {
            let layer = layer(encoding, decoded).knowing(known.clone());
            return Field { value: encoding.to_owned(), ..field }.decoding_to(layer);
        }
    }
    // What the run did not make, and yet is as long and written as a SHA-256, is a fingerprint that it was told.
    let is_fingerprint = text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    field.of(if is_fingerprint { Kind::Digest } else { Kind::Text })
}

/// `field` with `fields` in it, which explain its `content` from 0; a value that only repeats the content is dropped.
fn holding(field: Field, content: &[u8], fields: Vec<Field>) -> Field {
    let fields = fields.into_iter().map(|inner| inner.shifted(field.start)).collect();
    let value = if field.value == shown(content) { String::new() } else { field.value.clone() };
    Field { value, ..field }.with_fields(fields)
}

fn jws_fields(text: &str) -> Option<Vec<Field>> {
    let is_jws = text.starts_with('{') || text.matches('.').count() == 2;
    (is_jws && jws::Jws::decode(text).is_ok()).then(|| jws::describe(text).fields)
}

/// The blocks of a PEM text (RFC 7468, section 2), their bodies decoded.
fn pem_fields(text: &str) -> Option<Vec<Field>> {
    if !text.starts_with(BEGIN) {
        return None;
    }
    let mut blocks = Pem::decode_all(text).ok()?.into_iter();
    let mut fields = Vec::new();
    let mut at = 0;
    while let Some(begins) = text[at..].find(BEGIN).map(|begins| at + begins) {
        let body = begins + text[begins..].find('\n')? + 1;
        let end = body + text[body..].find("-----END ")?;
        fields.push(boundary(text, at..body));
        let layer = layer("DER", blocks.next()?.der);
        if body < end {
            fields.push(Field::new("base64", body..end, "base64").decoding_to(layer));
        }
        at = end + text[end..].find('\n').map_or(text.len() - end, |line| line + 1);
        fields.push(boundary(text, end..at));
    }
    if at < text.len() {
        fields.push(boundary(text, at..text.len()));
    }
    Some(fields)
}

const BEGIN: &str = "-----BEGIN ";

fn boundary(text: &str, range: Range<usize>) -> Field {
    Field::new("encapsulation boundary", range.clone(), text[range].trim_end()).of(Kind::Text)
}

/// The payload of a Matter QR symbol: a prefix, and base38 of packed members.
fn matter_fields(text: &str) -> Option<Vec<Field>> {
    let packed = OnboardingPayload::decode(text).ok()?.pack().ok()?.into_layer("packed members");
    Some(vec![
        Field::new("prefix", 0..3, &text[..3]),
        Field::new("base38", 3..text.len(), "base38").decoding_to(packed),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::leaves;
    use crate::protocol::testing::assert_explained;
    use crate::protocol::{encoding, writer::Writer};
    use proptest::prelude::*;

    const NAME: [u8; 20] = *b"\x30\x12\x31\x10\x30\x0e\x06\x03\x55\x04\x03\x0c\x07abcdefg";

    fn explained(bytes: &[u8], known: &Known) -> Vec<Field> {
        let layer = layer("value", bytes.to_vec()).knowing(known.clone());
        assert!(layer.is_complete());
        assert_eq!(layer.unexplained(), Vec::<String>::new());
        layer.fields().to_vec()
    }

    /// What the one field of `bytes` is decoded to.
    fn decoded(bytes: &[u8]) -> Layer {
        match &explained(bytes, &Known::default())[..] {
            [Field { inside: Inside::Decoded(layer), .. }] => Layer::clone(layer),
            fields => panic!("{fields:?}"),
        }
    }

    #[test]
    fn der_is_read_behind_every_encoding() {
        let name = |fields: &[Field]| leaves(fields).last().unwrap().value.clone();
        assert_eq!(name(&explained(&NAME, &Known::default())), "abcdefg");
        for text in [encoding::base64(&NAME), encoding::base64url(&NAME), encoding::hex(&NAME)] {
            assert_eq!(name(decoded(text.as_bytes()).fields()), "abcdefg", "{text}");
        }
        let pem = Pem { label: "NAME".to_owned(), der: NAME.to_vec() }.encode();
        let fields = explained(format!("{pem}{pem}").as_bytes(), &Known::default());
        assert_eq!(fields.len(), 6);
        let Inside::Decoded(layer) = &fields[4].inside else { panic!("{fields:?}") };
        assert_eq!(name(layer.fields()), "abcdefg");
    }

    #[test]
    fn members_of_json_are_looked_into() {
        let text = format!(r#"{{"certificate":"{}","words":"the quick brown fox"}}"#, encoding::base64(&NAME));
        let fields = explained(text.as_bytes(), &Known::default());
        assert!(matches!(fields[1].inside, Inside::Decoded(_)), "{fields:?}");
        assert_eq!((fields[1].name.as_str(), fields[3].kind), ("certificate", Kind::Text));
    }

    #[test]
    fn what_was_made_in_the_run_is_known_in_every_encoding() {
        let known = Known::default();
        known.settle([(vec![0xa5; 20], Kind::Random)].into());
        for bytes in [vec![0xa5; 20], "a5".repeat(20).into_bytes(), encoding::base64(&[0xa5; 20]).into_bytes()] {
            assert_eq!(explained(&bytes, &known)[0].kind, Kind::Random);
        }
        let layer = layer("value", vec![0xa5; 20]);
        assert_eq!(layer.unexplained().len(), 1, "nobody knows what it is");
    }

    #[test]
    fn fields_within_fields_are_completed() {
        let mut writer = Writer::default();
        writer.within("header", "", |writer| {
            writer.text("name", "Authorization: ");
            writer.text("value", &encoding::base64(&NAME));
        });
        let layer = writer.finish().into_layer("message");
        assert_eq!(layer.unexplained(), Vec::<String>::new());
        assert!(layer.is_complete());
    }

    #[test]
    fn a_message_that_was_cut_off_is_one_malformed_field() {
        let mut writer = Writer::default();
        writer.text("field-value", "the quick brown fox");
        let layer = writer.finish().into_layer("message").with_bytes(b"the quick".to_vec());
        assert!(layer.is_complete());
        assert_eq!(layer.fields()[0].kind, Kind::Malformed);
    }

    #[test]
    fn a_matter_payload_is_unpacked() {
        let fields = explained(b"MT:Y.K9042C00KA0648G00", &Known::default());
        let Inside::Decoded(packed) = &fields[1].inside else { panic!("{fields:?}") };
        assert_eq!(packed.bytes.0.len(), 11);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, text in "(-----BEGIN X-----\n|-----END X-----|\n|[{\"a:}]|AAAA|\\.){0,12}") {
            assert_explained(&bytes, &describe("value", &bytes, &Known::default()));
            assert_explained(text.as_bytes(), &describe("value", text.as_bytes(), &Known::default()));
        }
    }
}
