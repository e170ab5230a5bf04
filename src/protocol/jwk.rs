//! Public keys as JSON Web Keys (RFC 7517), and their thumbprints (RFC 7638).

use serde_json::{Map, Value};

use super::encoding::base64url;
use crate::crypto::key::PublicKey;
use crate::crypto::key::algorithm::Algorithm;
use crate::crypto::mac::sha256;

/// The members of a JWK that its thumbprint is over, and no others: in the order of their names (RFC 7638, section
/// 3.2; RFC 8037, section 2).
#[must_use]
pub fn required_members(key: &PublicKey) -> Map<String, Value> {
    let bits = key.bits();
    let members: Vec<(&str, String)> = match key.algorithm() {
        Algorithm::P256 => elliptic("P-256", bits),
        Algorithm::P384 => elliptic("P-384", bits),
        Algorithm::Ed25519 => octets("Ed25519", bits),
        Algorithm::X25519 => octets("X25519", bits),
        Algorithm::Rsa => {
            let (modulus, exponent) = key.rsa_numbers().unwrap_or_default();
            vec![("e", base64url(&exponent)), ("kty", "RSA".to_owned()), ("n", base64url(&modulus))]
        }
    };
    members.into_iter().map(|(name, text)| (name.to_owned(), text.into())).collect()
}

/// A point on a curve; the content of `subjectPublicKey` is 0x04, x, y (RFC 7518, section 6.2.1).
fn elliptic(curve: &str, point: &[u8]) -> Vec<(&'static str, String)> {
    let (x, y) = point[1..].split_at(point.len() / 2);
    vec![("crv", curve.to_owned()), ("kty", "EC".to_owned()), ("x", base64url(x)), ("y", base64url(y))]
}

fn octets(curve: &str, bits: &[u8]) -> Vec<(&'static str, String)> {
    vec![("crv", curve.to_owned()), ("kty", "OKP".to_owned()), ("x", base64url(bits))]
}

/// SHA-256 thumbprint, base64url without padding: 43 characters (RFC 7638, section 3.1).
#[must_use]
pub fn thumbprint(key: &PublicKey) -> String {
    // `Map` keeps its members in the order in which they were put in: that of their names.
    base64url(&sha256(Value::Object(required_members(key)).to_string().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_members_of_a_key_on_a_curve_are_its_coordinates() {
        // RFC 7515, appendix A.3.1.
        let x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
        let y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
        let bytes = |text: &str| super::super::encoding::from_base64url(text).unwrap();
        let point = [&[4][..], &bytes(x), &bytes(y)].concat();
        let key = PublicKey::from_bits(Algorithm::P256, &point).unwrap();
        let json = Value::Object(required_members(&key)).to_string();
        assert_eq!(json, format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#));
    }
}
