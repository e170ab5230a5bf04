//! Diffie-Hellman: a result that two parties compute, each from its own private key.

use x25519_dalek::StaticSecret;

use super::key::{PrivateKey, PublicKey};
use super::party::count;
use super::refusal::Refusal;

/// ECDH on P-256: the x coordinate of the shared point (NIST SP 800-56A, section 5.7.1.2).
pub fn agree(private: &PrivateKey, public: &PublicKey) -> [u8; 32] {
    count(|counts| counts.agree += 1);
    let shared = p256::ecdh::diffie_hellman(private.scalar(), public.point());
    (*shared.raw_secret_bytes()).into()
}

/// The public X25519 key of `private` (RFC 7748, section 6.1).
pub fn x25519_public(private: [u8; 32]) -> [u8; 32] {
    x25519_dalek::PublicKey::from(&StaticSecret::from(private)).to_bytes()
}

/// X25519; an all-zero result is refused, as RFC 7748, section 6.1, allows and RFC 8446, section 7.4.2, demands.
pub fn x25519(private: [u8; 32], public: [u8; 32]) -> Result<[u8; 32], Refusal> {
    count(|counts| counts.agree += 1);
    let shared = StaticSecret::from(private).diffie_hellman(&public.into());
    if shared.was_contributory() {
        Ok(shared.to_bytes())
    } else {
        Err(Refusal::new("malformed", "the public key has small order, so that the shared secret is zero"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::party::{Party, act};

    fn array(digits: &str) -> [u8; 32] {
        hex::decode(digits).unwrap().try_into().unwrap()
    }

    /// RFC 7748, section 6.1.
    #[test]
    fn x25519_known_answer() {
        let private = array("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
        let public = array("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
        let shared = array("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
        assert_eq!(x25519(private, public).unwrap(), shared);
        assert_eq!(x25519_public(private), array("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"));
    }

    #[test]
    fn x25519_refuses_the_zero_point() {
        assert_eq!(x25519([1; 32], [0; 32]).unwrap_err().code, "malformed");
    }

    #[test]
    fn both_ends_agree() {
        let mut party = Party::new("seed", &["agree"]);
        act(&mut party, || {
            let (a, b) = (PrivateKey::generate(), PrivateKey::generate());
            assert_eq!(agree(&a, b.public()), agree(&b, a.public()));
        });
        assert_eq!((party.counts.keygen, party.counts.agree), (2, 2));
    }
}
