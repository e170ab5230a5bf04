//! What the primitive types of ASN.1 say to people.

use super::shape::Content;
use super::{
    BIT_STRING, BMP_STRING, BOOLEAN, ENUMERATED, GENERALIZED_TIME, INTEGER, NULL, OBJECT_IDENTIFIER, UTC_TIME,
    UTF8_STRING, oid, shown,
};
use crate::annotation::Kind;

/// The name of a tag as ASN.1 writes it.
pub(super) fn tag_name(tag: u8, number: u32) -> String {
    match tag >> 6 {
        0 => UNIVERSAL
            .iter()
            .find(|(known, _)| *known == number)
            .map_or_else(|| format!("[UNIVERSAL {number}]"), |(_, name)| (*name).to_owned()),
        1 => format!("[APPLICATION {number}]"),
        2 => format!("[{number}]"),
        _ => format!("[PRIVATE {number}]"),
    }
}

/// In the order of their numbers.
const UNIVERSAL: &[(u32, &str)] = &[
    (1, "BOOLEAN"),
    (2, "INTEGER"),
    (3, "BIT STRING"),
    (4, "OCTET STRING"),
    (5, "NULL"),
    (6, "OBJECT IDENTIFIER"),
    (10, "ENUMERATED"),
    (12, "UTF8String"),
    (13, "RELATIVE-OID"),
    (16, "SEQUENCE"),
    (17, "SET"),
    (18, "NumericString"),
    (19, "PrintableString"),
    (20, "TeletexString"),
    (22, "IA5String"),
    (23, "UTCTime"),
    (24, "GeneralizedTime"),
    (26, "VisibleString"),
    (28, "UniversalString"),
    (30, "BMPString"),
];

/// The value of a primitive; hexadecimal digits where it has no better words.
pub(super) fn words(tag: u8, octets: &[u8], content: &Content) -> String {
    let words = if matches!(content, Content::Carried | Content::Text) {
        text(octets)
    } else if matches!(content, Content::Opaque(_)) && tag != INTEGER {
        None
    } else {
        typed(tag, octets)
    };
    words.unwrap_or_else(|| shown(octets))
}

/// The kind of a primitive with this tag and content.
pub(super) fn kind(tag: u8, content: &Content) -> Kind {
    match content {
        Content::Opaque(kind) | Content::Wraps(_, kind) => *kind,
        Content::Text => Kind::Text,
        Content::Carried => Kind::Plain,
        Content::Any
        | Content::Choice(_)
        | Content::Flags(_)
        | Content::Of(_)
        | Content::Open
        | Content::OpenOf
        | Content::OpenWraps
        | Content::Sequence(_) => {
            if is_string(tag) || tag == BMP_STRING {
                Kind::Text
            } else {
                Kind::Plain
            }
        }
    }
}

fn typed(tag: u8, octets: &[u8]) -> Option<String> {
    match tag {
        BOOLEAN => match octets {
            [0] => Some("FALSE".to_owned()),
            [0xff] => Some("TRUE".to_owned()),
            _ => None,
        },
        INTEGER | ENUMERATED => integer(octets),
        NULL if octets.is_empty() => Some("NULL".to_owned()),
        OBJECT_IDENTIFIER => dotted(octets).map(|dotted| match oid::find(&dotted) {
            Some(known) => format!("{dotted} {}", known.name),
            None => dotted,
        }),
        UTC_TIME | GENERALIZED_TIME => time(tag, octets),
        BMP_STRING => {
            let (units, []) = octets.as_chunks::<2>() else { return None };
            String::from_utf16(&units.iter().map(|unit| u16::from_be_bytes(*unit)).collect::<Vec<_>>()).ok()
        }
        _ if is_string(tag) => text(octets),
        _ => None,
    }
}

fn is_string(tag: u8) -> bool {
    matches!(tag, UTF8_STRING | 0x12 | 0x13 | 0x14 | 0x16 | 0x1a)
}

fn text(octets: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(octets).ok()?;
    (!text.chars().any(|c| c.is_control() && !c.is_whitespace())).then(|| text.to_owned())
}

/// Decimal where it fits eight bytes.
fn integer(octets: &[u8]) -> Option<String> {
    let first = *octets.first()?;
    if octets.len() > 8 {
        return None;
    }
    let sign = if first & 0x80 == 0 { 0 } else { -1 };
    Some(octets.iter().fold(sign, |number: i64, octet| number << 8 | i64::from(*octet)).to_string())
}

/// The dotted form of an object identifier (X.690 8.19).
pub(super) fn dotted(octets: &[u8]) -> Option<String> {
    let mut arcs = Vec::new();
    let mut arc = 0_u64;
    for octet in octets {
        arc = arc.checked_mul(128)? | u64::from(octet & 0x7f);
        if octet & 0x80 == 0 {
            arcs.push(arc);
            arc = 0;
        }
    }
    if octets.last()? & 0x80 != 0 {
        return None;
    }
    // The first subidentifier holds two arcs.
    let (first, others) = arcs.split_first()?;
    let root = (first / 40).min(2);
    let mut dotted = format!("{root}.{}", first - 40 * root);
    for arc in others {
        dotted.push('.');
        dotted.push_str(&arc.to_string());
    }
    Some(dotted)
}

/// `2026-11-21T11:14:42Z`; both types end in `Z` and have seconds (RFC 5280 4.1.2.5).
fn time(tag: u8, octets: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(octets).ok()?;
    let digits = text.strip_suffix('Z').filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))?;
    let digits = match (tag, digits.len()) {
        // Two digits of the year mean 1950 to 2049 (RFC 5280 4.1.2.5.1).
        (UTC_TIME, 12) => format!("{}{digits}", if digits < "50" { "20" } else { "19" }),
        (GENERALIZED_TIME, 14) => digits.to_owned(),
        _ => return None,
    };
    let part = |from: usize| &digits[from..from + 2];
    Some(format!("{}-{}-{}T{}:{}:{}Z", &digits[..4], part(4), part(6), part(8), part(10), part(12)))
}

/// The bits of a BIT STRING: those that have names by their names.
pub(super) fn bits(unused: u8, octets: &[u8], content: &Content) -> String {
    let Content::Flags(names) = content else { return shown(octets) };
    let n_bits = (octets.len() * 8).saturating_sub(usize::from(unused));
    let set = (0..n_bits).filter(|bit| octets[bit / 8] & (0x80 >> (bit % 8)) != 0);
    set.map(|bit| names.get(bit).map_or_else(|| format!("bit {bit}"), |name| (*name).to_owned()))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Whether `octets` can be the content of a primitive `tag`; guards against opaque bytes that look like DER.
pub(super) fn is_plausible(tag: u8, octets: &[u8]) -> bool {
    match tag {
        BOOLEAN | INTEGER | ENUMERATED => {
            !octets.is_empty() && (tag != BOOLEAN || octets.len() == 1) && is_shortest(octets)
        }
        BIT_STRING => octets.first().is_some_and(|unused| *unused < 8),
        0x04 => true,
        NULL => octets.is_empty(),
        OBJECT_IDENTIFIER | UTC_TIME | GENERALIZED_TIME | BMP_STRING => typed(tag, octets).is_some(),
        _ if is_string(tag) => typed(tag, octets).is_some(),
        _ => tag >> 6 == 2,
    }
}

fn is_shortest(integer: &[u8]) -> bool {
    !matches!(integer, [0, next, ..] if next & 0x80 == 0) && !matches!(integer, [0xff, next, ..] if next & 0x80 != 0)
}
