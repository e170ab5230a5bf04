//! RSA-2048 over our own randomness: keys (FIPS 186-5, appendix A.1) and the private operation (RFC 8017).
//!
//! Verification is ring's; see `super`. A new key costs some seventy of its signatures, so each is kept under the
//! 32 bytes that it is made from: the scenarios of a flow make the same keys.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, ConcatenatingMul, Lcm, Limb, NonZero, Odd, Resize};
use p256::pkcs8::der::asn1::UintRef;
use p256::pkcs8::der::{Decode, Error as DerError, Reader, SliceReader};
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use ring::signature::RsaKeyPair;
use sha2::{Digest, Sha256};

use super::algorithm::RsaPadding;
use crate::crypto::der::element;
use crate::crypto::party;
use crate::crypto::refusal::Refusal;

/// Bits of the modulus of the keys that are made here and that can sign.
const BITS: u32 = 2048;
const PRIME_BITS: u32 = BITS / 2;
/// Bytes of the modulus, of a signature and of an encoded message.
const LENGTH: usize = 256;
const PRIME_LENGTH: usize = 128;
const EXPONENT: u64 = 65_537;
const HASH_LENGTH: usize = 32;

/// A private key.
pub(super) struct RsaKey {
    /// `RSAPrivateKey` (RFC 8017, appendix A.1.2) in DER.
    pub(super) private_der: Vec<u8>,
    /// `RSAPublicKey` (appendix A.1.1) in DER.
    pub(super) public_der: Vec<u8>,
    /// The first prime, big-endian; whoever knows it knows the key.
    pub(super) prime: Vec<u8>,
    p: Half,
    q: Half,
    /// q⁻¹ mod p.
    coefficient: BoxedMontyForm,
}

/// What the private operation needs modulo one of the primes.
struct Half {
    prime: Odd<BoxedUint>,
    params: BoxedMontyParams,
    exponent: BoxedUint,
}

/// Keys that were made, by what they were made from.
static MADE: Mutex<BTreeMap<[u8; 32], Arc<RsaKey>>> = Mutex::new(BTreeMap::new());

impl RsaKey {
    /// A new key from the acting party's stream.
    pub(super) fn draw() -> Arc<Self> {
        let mut seed = [0; 32];
        party::fill(&mut seed);
        if let Some(known) = MADE.lock().expect("no thread panics while it looks up a key").get(&seed) {
            return Arc::clone(known);
        }
        let key = Arc::new(Self::from_seed(seed));
        MADE.lock().expect("no thread panics while it keeps a key").insert(seed, Arc::clone(&key));
        key
    }

    /// Random probable primes (FIPS 186-5, appendix A.1.3), from the seed alone.
    fn from_seed(seed: [u8; 32]) -> Self {
        let mut rng = ChaCha20Rng::from_seed(seed);
        loop {
            let (p, q) = (prime(&mut rng), prime(&mut rng));
            // A.1.3, step 5.4: the primes must differ within their first 100 bits.
            if p.to_be_bytes()[..13] != q.to_be_bytes()[..13]
                && let Some(key) = Self::from_primes(&p, &q)
            {
                return key;
            }
        }
    }

    fn from_primes(p: &BoxedUint, q: &BoxedUint) -> Option<Self> {
        let one = BoxedUint::one_with_precision(PRIME_BITS);
        let (p_less, q_less) = (p.wrapping_sub(&one), q.wrapping_sub(&one));
        let order = NonZero::new(p_less.lcm(&q_less).resize(BITS)).into_option()?;
        let exponent = BoxedUint::from(EXPONENT);
        let private = exponent.clone().resize(BITS).invert_mod(&order).into_option()?;
        // A.1.1, criterion 3: the private exponent is longer than half of the modulus.
        if private.bits() <= PRIME_BITS {
            return None;
        }
        let (p_less, q_less) = (NonZero::new(p_less).into_option()?, NonZero::new(q_less).into_option()?);
        let (d_p, d_q) = (private.rem(&p_less), private.rem(&q_less));
        let coefficient =
            q.rem(&NonZero::new(p.clone()).into_option()?).invert_odd_mod(&Odd::new(p.clone()).into_option()?);
        let coefficient = coefficient.into_option()?;
        let modulus = p.concatenating_mul(q);
        let numbers = [&modulus, &exponent, &private, p, q, &d_p, &d_q, &coefficient];
        let numbers = numbers.map(|number| integer(&number.to_be_bytes()));
        let private_der = element(0x30, &[&integer(&[0])[..], &numbers.concat()].concat());
        let public_der = element(0x30, &numbers[..2].concat());
        Self::assemble(private_der, public_der, [p.clone(), q.clone()], [d_p, d_q], coefficient)
    }

    fn assemble(
        private_der: Vec<u8>,
        public_der: Vec<u8>,
        [p, q]: [BoxedUint; 2],
        [d_p, d_q]: [BoxedUint; 2],
        coefficient: BoxedUint,
    ) -> Option<Self> {
        let prime = p.to_be_bytes().to_vec();
        let (p, q) = (Half::new(p, d_p)?, Half::new(q, d_q)?);
        let coefficient = BoxedMontyForm::new(coefficient, &p.params);
        Some(Self { private_der, public_der, prime, p, q, coefficient })
    }

    /// Reads the PKCS#8 `der`, whose `RSAPrivateKey` is `inner`.
    pub(super) fn from_pkcs8_der(der: &[u8], inner: &[u8]) -> Result<Arc<Self>, Refusal> {
        // ring judges whether the numbers belong together (NIST SP 800-56B, section 6.4.1.4.3).
        let judged = RsaKeyPair::from_pkcs8(der).map_err(Refusal::malformed)?;
        if judged.public().modulus_len() != LENGTH {
            return Err(Refusal::malformed(format!("an RSA key of {} bits", judged.public().modulus_len() * 8)));
        }
        let [modulus, exponent, _, p, q, d_p, d_q, coefficient] = private_numbers(inner).map_err(Refusal::malformed)?;
        let public_der = element(0x30, &[integer(modulus), integer(exponent)].concat());
        let half = |bytes| BoxedUint::from_be_slice(bytes, PRIME_BITS).map_err(Refusal::malformed);
        let (primes, exponents) = ([half(p)?, half(q)?], [half(d_p)?, half(d_q)?]);
        Self::assemble(inner.to_vec(), public_der, primes, exponents, half(coefficient)?)
            .map(Arc::new)
            .ok_or_else(|| Refusal::malformed("an RSA key whose primes are even"))
    }

    /// The private operation with the Chinese remainder theorem (RFC 8017, section 5.2.1).
    fn private(&self, message: &[u8; LENGTH]) -> Vec<u8> {
        let message = BoxedUint::from_be_slice(message, BITS).expect("a message has the length of the modulus");
        let (m_1, m_2) = (self.p.power(&message), self.q.power(&message).retrieve());
        let difference = &m_1 - &self.p.reduced(&m_2);
        let h = (&difference * &self.coefficient).retrieve();
        self.q.prime.as_ref().concatenating_mul(&h).wrapping_add(m_2.resize(BITS)).to_be_bytes().to_vec()
    }

    /// Signs with SHA-256; a salt comes from the acting party's stream.
    pub(super) fn sign(&self, padding: RsaPadding, message: &[u8]) -> Vec<u8> {
        let digest = Sha256::digest(message).into();
        match padding {
            RsaPadding::Pkcs1 => self.private(&encode_pkcs1(&digest)),
            RsaPadding::Pss => {
                let mut salt = [0; HASH_LENGTH];
                party::fill(&mut salt);
                self.private(&encode_pss(&digest, &salt))
            }
        }
    }
}

impl Half {
    fn new(prime: BoxedUint, exponent: BoxedUint) -> Option<Self> {
        let prime = Odd::new(prime).into_option()?;
        Some(Self { params: BoxedMontyParams::new(prime.clone()), prime, exponent })
    }

    fn reduced(&self, number: &BoxedUint) -> BoxedMontyForm {
        BoxedMontyForm::new(number.rem(self.prime.as_nz_ref()), &self.params)
    }

    fn power(&self, number: &BoxedUint) -> BoxedMontyForm {
        self.reduced(number).pow(&self.exponent)
    }
}

/// EMSA-PKCS1-v1_5 (RFC 8017, section 9.2).
fn encode_pkcs1(digest: &[u8; HASH_LENGTH]) -> [u8; LENGTH] {
    /// `DigestInfo` of SHA-256, up to the digest (section 9.2, note 1).
    const DIGEST_INFO: [u8; 19] = [
        0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04,
        0x20,
    ];
    const START: usize = LENGTH - HASH_LENGTH - DIGEST_INFO.len();
    let mut encoded = [0xff; LENGTH];
    encoded[..2].copy_from_slice(&[0, 1]);
    encoded[START - 1] = 0;
    encoded[START..LENGTH - HASH_LENGTH].copy_from_slice(&DIGEST_INFO);
    encoded[LENGTH - HASH_LENGTH..].copy_from_slice(digest);
    encoded
}

/// EMSA-PSS with MGF1, both with SHA-256 (RFC 8017, section 9.1.1).
fn encode_pss(digest: &[u8; HASH_LENGTH], salt: &[u8; HASH_LENGTH]) -> [u8; LENGTH] {
    const MASKED: usize = LENGTH - HASH_LENGTH - 1;
    let hash = Sha256::new().chain_update([0; 8]).chain_update(digest).chain_update(salt).finalize();
    let mut encoded = [0; LENGTH];
    encoded[MASKED - HASH_LENGTH - 1] = 1;
    encoded[MASKED - HASH_LENGTH..MASKED].copy_from_slice(salt);
    // MGF1 (appendix B.2.1).
    for (counter, block) in (0_u32..).zip(encoded[..MASKED].chunks_mut(HASH_LENGTH)) {
        let mask = Sha256::new().chain_update(hash).chain_update(counter.to_be_bytes()).finalize();
        block.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
    }
    // The encoded message is one bit shorter than the modulus.
    encoded[0] &= 0x7f;
    encoded[MASKED..LENGTH - 1].copy_from_slice(&hash);
    encoded[LENGTH - 1] = 0xbc;
    encoded
}

/// Odd primes below 2000: six candidates of seven have a divisor among them.
static SMALL_PRIMES: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let mut primes: Vec<u64> = Vec::new();
    for number in (3..2000).step_by(2) {
        if primes.iter().all(|prime| number % prime != 0) {
            primes.push(number);
        }
    }
    primes
});

/// Rounds of Miller-Rabin; 4 bring the error below 2⁻¹⁰⁰ for random candidates of this size (FIPS 186-5, table B.1).
const ROUNDS: usize = 5;

/// A prime whose first two bits are set, so that the product of two has 2048 bits, and for which the public exponent
/// has an inverse.
fn prime(rng: &mut ChaCha20Rng) -> BoxedUint {
    loop {
        let mut bytes = [0; PRIME_LENGTH];
        rng.fill_bytes(&mut bytes);
        bytes[0] |= 0xc0;
        bytes[PRIME_LENGTH - 1] |= 1;
        let candidate = BoxedUint::from_be_slice(&bytes, PRIME_BITS).expect("a candidate has this length");
        if is_worth_testing(&candidate) && is_probably_prime(&candidate, rng) {
            return candidate;
        }
    }
}

fn remainder(number: &BoxedUint, divisor: u64) -> u64 {
    let divisor = NonZero::new(Limb::from(divisor)).expect("a divisor is not zero");
    number.rem_limb(divisor).0
}

fn is_worth_testing(candidate: &BoxedUint) -> bool {
    // The public exponent is prime: it has an inverse unless it divides p − 1.
    SMALL_PRIMES.iter().all(|prime| remainder(candidate, *prime) != 0) && remainder(candidate, EXPONENT) != 1
}

/// Miller-Rabin (FIPS 186-5, appendix B.3.1).
fn is_probably_prime(candidate: &BoxedUint, rng: &mut ChaCha20Rng) -> bool {
    let Some(odd) = Odd::new(candidate.clone()).into_option() else { return false };
    let params = BoxedMontyParams::new(odd);
    let one = BoxedMontyForm::one(&params);
    let minus_one = -&one;
    let precision = candidate.bits_precision();
    let less_one = candidate.wrapping_sub(BoxedUint::one_with_precision(precision));
    let n_twos = less_one.trailing_zeros();
    let odd_part = less_one.shr(n_twos);
    (0..ROUNDS).all(|_| {
        let mut base = [0; PRIME_LENGTH];
        rng.fill_bytes(&mut base);
        // Below the candidate, whose first two bits are set.
        base[0] &= 0x7f;
        let base = BoxedUint::from_be_slice(&base, PRIME_BITS).expect("a base has this length").resize(precision);
        let mut power = BoxedMontyForm::new(base, &params).pow(&odd_part);
        if power == one || power == minus_one {
            return true;
        }
        (1..n_twos).any(|_| {
            power = power.square();
            power == minus_one
        })
    })
}

/// INTEGER of a non-negative number, without leading zeros but the one that keeps it non-negative (X.690, 8.3).
fn integer(big_endian: &[u8]) -> Vec<u8> {
    let n_zeros = big_endian.iter().take_while(|byte| **byte == 0).count();
    let digits = &big_endian[n_zeros..];
    let sign: &[u8] = if digits.first().is_none_or(|byte| *byte >= 0x80) { &[0] } else { &[] };
    element(0x02, &[sign, digits].concat())
}

/// n, e, d, p, q, d mod (p − 1), d mod (q − 1) and q⁻¹ mod p of an `RSAPrivateKey` of two primes.
fn private_numbers(der: &[u8]) -> Result<[&[u8]; 8], DerError> {
    let mut reader = SliceReader::new(der)?;
    let numbers = reader.sequence(|inner| {
        UintRef::decode(inner)?;
        let mut numbers: [&[u8]; 8] = [&[]; 8];
        for number in &mut numbers {
            *number = UintRef::decode(inner)?.as_bytes();
        }
        Ok::<_, DerError>(numbers)
    })?;
    reader.finish()?;
    Ok(numbers)
}

/// Modulus and exponent of an `RSAPublicKey`, without leading zeros; the error says why it is none.
pub(super) fn public_numbers(der: &[u8]) -> Result<(&[u8], &[u8]), DerError> {
    let mut reader = SliceReader::new(der)?;
    let (modulus, exponent) =
        reader.sequence(|inner| Ok::<_, DerError>((UintRef::decode(inner)?, UintRef::decode(inner)?)))?;
    reader.finish()?;
    Ok((modulus.as_bytes(), exponent.as_bytes()))
}

/// Bits of the modulus of an `RSAPublicKey`; the error says why it is none.
pub(super) fn modulus_bits(der: &[u8]) -> Result<usize, DerError> {
    let (digits, _) = public_numbers(der)?;
    let zeros = digits.first().map_or(0, |first| first.leading_zeros() as usize);
    Ok(digits.len() * 8 - zeros)
}

#[cfg(test)]
mod tests {
    use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};

    use super::*;
    use crate::crypto::party::{Party, act};

    #[test]
    fn a_key_is_the_same_whenever_it_is_made_and_ring_verifies_what_it_signs() {
        act(&mut Party::new("seed", &["rsa"]), || {
            let key = RsaKey::from_seed([7; 32]);
            assert_eq!(key.private_der, RsaKey::from_seed([7; 32]).private_der);
            assert_ne!(key.private_der, RsaKey::from_seed([8; 32]).private_der);
            assert_eq!(modulus_bits(&key.public_der).unwrap(), 2048);
            let message = b"message";
            let verified = |algorithm, padding| {
                UnparsedPublicKey::new(algorithm, &key.public_der).verify(message, &key.sign(padding, message))
            };
            verified(&RSA_PKCS1_2048_8192_SHA256, RsaPadding::Pkcs1).unwrap();
            verified(&RSA_PSS_2048_8192_SHA256, RsaPadding::Pss).unwrap();
            verified(&RSA_PSS_2048_8192_SHA256, RsaPadding::Pkcs1).unwrap_err();
        });
    }

    #[test]
    fn the_product_of_two_primes_is_no_prime() {
        let mut rng = ChaCha20Rng::from_seed([0; 32]);
        let (p, q) = (prime(&mut rng), prime(&mut rng));
        assert!(is_probably_prime(&p, &mut rng));
        assert!(!is_probably_prime(&p.concatenating_mul(&q), &mut rng));
    }
}
