//! SPAKE2+ over P-256 with SHA-256 and HMAC (RFC 9383), and with the key schedule of the draft that Matter names
//! (draft-bar-cfrg-spake2plus-01).
//!
//! The prover knows a password, stretched to `w0` and `w1`; the verifier knows `w0` and `L = w1·P` and cannot compute
//! `w1` from them. Both find out whether the other one knows its part, and nothing else about it.

use p256::elliptic_curve::Group;
use p256::elliptic_curve::PrimeField;
use p256::elliptic_curve::sec1::{FromSec1Point, ToSec1Point};
use p256::{AffinePoint, ProjectivePoint, Scalar, Sec1Point};

use super::mac::{Hash, hmac_sha256, sha256};
use super::party::{self, count};
use super::refusal::Refusal;

/// How keys follow from the transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// RFC 9383, section 3.4: all keys are derived from the whole hash.
    Rfc9383,
    /// draft-bar-cfrg-spake2plus-01, section 3.3, as Matter uses it: the first half of the hash gives the keys for
    /// confirmation, the second half is the shared key.
    Draft01,
}

/// What both ends agree on beside the password.
#[derive(Clone, Copy, Debug)]
pub struct Agreement<'a> {
    /// The key schedule.
    pub schedule: Schedule,
    /// What the keys are bound to.
    pub context: &'a [u8],
    /// Name of the prover; empty in Matter.
    pub prover: &'a [u8],
    /// Name of the verifier; empty in Matter.
    pub verifier: &'a [u8],
}

/// What a password is stretched to.
#[derive(Clone)]
pub struct Password {
    w0: Scalar,
    w1: Scalar,
}

/// What the verifier keeps: `w0`, and `L` as an uncompressed point.
#[derive(Clone)]
pub struct Record {
    w0: Scalar,
    l: ProjectivePoint,
}

/// One end with its share.
pub struct End<S> {
    secret: S,
    scalar: Scalar,
    /// The share that it sends, 65 bytes.
    pub share: Vec<u8>,
}

/// The end that knows the password.
pub type Prover = End<Password>;

/// The end that keeps the record.
pub type Verifier = End<Record>;

/// What both ends compute.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    /// The hash of the transcript, or the half of it, from which the keys for confirmation are derived.
    pub main: Vec<u8>,
    /// The key under which the prover confirms.
    pub prover_key: Vec<u8>,
    /// The key under which the verifier confirms.
    pub verifier_key: Vec<u8>,
    /// The prover's confirmation, 32 bytes.
    pub prover_confirms: [u8; 32],
    /// The verifier's confirmation, 32 bytes.
    pub verifier_confirms: [u8; 32],
    /// The shared key: 32 bytes, 16 in the draft.
    pub shared: Vec<u8>,
}

/// Bytes to which a password is stretched: 40 for each of two scalars, so that their bias does not count.
pub const STRETCHED: usize = 80;

/// Bytes of a record: a scalar and an uncompressed point.
pub const RECORD: usize = 97;

/// Code of a share, or a record, that is no point of the curve.
pub const INVALID_PARAMETER: &str = "invalid-parameter";

impl Password {
    /// From the bytes of a password-based key derivation, the scalars modulo the order of the curve.
    #[must_use]
    pub fn from_stretched(bytes: &[u8; STRETCHED]) -> Self {
        let (first, second) = bytes.split_at(STRETCHED / 2);
        Self { w0: reduced(first), w1: reduced(second) }
    }

    /// From the scalars themselves.
    pub fn from_scalars(w0: &[u8], w1: &[u8]) -> Result<Self, Refusal> {
        Ok(Self { w0: scalar(w0)?, w1: scalar(w1)? })
    }

    /// What a verifier keeps of it.
    #[must_use]
    pub fn record(&self) -> Record {
        Record { w0: self.w0, l: times(&ProjectivePoint::GENERATOR, &self.w1) }
    }
}

impl Record {
    /// Reads `w0 ‖ L`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() != RECORD {
            return Err(invalid(format!("a verifier has {RECORD} bytes, this one {}", bytes.len())));
        }
        let (w0, l) = bytes.split_at(32);
        Ok(Self { w0: scalar(w0)?, l: point(l)? })
    }

    /// `w0 ‖ L`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        [self.w0.to_repr().to_vec(), encoded(&self.l)].concat()
    }
}

impl Prover {
    /// With a scalar from the acting party's stream.
    pub fn new(password: Password) -> Result<Self, Refusal> {
        Self::with_scalar(password, &drawn())
    }

    /// With this scalar.
    pub fn with_scalar(password: Password, x: &[u8]) -> Result<Self, Refusal> {
        let x = scalar(x)?;
        let share = times(&ProjectivePoint::GENERATOR, &x) + times(&point(&M)?, &password.w0);
        Ok(Self { scalar: x, share: encoded(&share), secret: password })
    }

    /// The keys, once the verifier's share is known.
    pub fn finish(&self, agreement: Agreement<'_>, share: &[u8]) -> Result<Keys, Refusal> {
        let Password { w0, w1 } = &self.secret;
        let unmasked = point(share)? - times(&point(&N)?, w0);
        let (z, v) = (times(&unmasked, &self.scalar), times(&unmasked, w1));
        keys(agreement, [&self.share, share], [&z, &v], w0)
    }
}

impl Verifier {
    /// With a scalar from the acting party's stream.
    pub fn new(record: Record) -> Result<Self, Refusal> {
        Self::with_scalar(record, &drawn())
    }

    /// With this scalar.
    pub fn with_scalar(record: Record, y: &[u8]) -> Result<Self, Refusal> {
        let y = scalar(y)?;
        let share = times(&ProjectivePoint::GENERATOR, &y) + times(&point(&N)?, &record.w0);
        Ok(Self { scalar: y, share: encoded(&share), secret: record })
    }

    /// The keys, once the prover's share is known.
    pub fn finish(&self, agreement: Agreement<'_>, share: &[u8]) -> Result<Keys, Refusal> {
        let Record { w0, l } = &self.secret;
        let unmasked = point(share)? - times(&point(&M)?, w0);
        let (z, v) = (times(&unmasked, &self.scalar), times(l, &self.scalar));
        keys(agreement, [share, &self.share], [&z, &v], w0)
    }
}

/// RFC 9383, sections 3.3 and 3.4; the transcript is the same in the draft.
fn keys(
    agreement: Agreement<'_>,
    [prover_share, verifier_share]: [&[u8]; 2],
    [z, v]: [&ProjectivePoint; 2],
    w0: &Scalar,
) -> Result<Keys, Refusal> {
    if bool::from(z.is_identity() | v.is_identity()) {
        return Err(invalid("a share is nothing but its mask"));
    }
    let Agreement { schedule, context, prover, verifier } = agreement;
    let (m, n) = (encoded(&point(&M)?), encoded(&point(&N)?));
    let (z, v, w0) = (encoded(z), encoded(v), w0.to_repr());
    let parts: [&[u8]; 10] = [context, prover, verifier, &m, &n, prover_share, verifier_share, &z, &v, &w0];
    let transcript: Vec<u8> =
        parts.iter().flat_map(|part| [&(part.len() as u64).to_le_bytes()[..], part].concat()).collect();
    let hash = sha256(&transcript);
    let derive = |key: &[u8], info: &[u8], n_bytes| Hash::Sha256.hkdf(&[], key, info, n_bytes);
    let (main, shared) = match schedule {
        Schedule::Rfc9383 => (hash.to_vec(), derive(&hash, b"SharedKey", 32)),
        Schedule::Draft01 => (hash[..16].to_vec(), hash[16..].to_vec()),
    };
    let confirmation = derive(&main, b"ConfirmationKeys", 2 * main.len());
    let (prover_key, verifier_key) = confirmation.split_at(main.len());
    Ok(Keys {
        prover_confirms: hmac_sha256(prover_key, verifier_share),
        verifier_confirms: hmac_sha256(verifier_key, prover_share),
        prover_key: prover_key.to_vec(),
        verifier_key: verifier_key.to_vec(),
        main,
        shared,
    })
}

/// Draws bytes until they are a scalar (FIPS 186-5, section A.2.2).
fn drawn() -> [u8; 32] {
    loop {
        let mut bytes = [0; 32];
        party::fill(&mut bytes);
        if scalar(&bytes).is_ok() {
            return bytes;
        }
    }
}

/// A scalar from 1 to the order of the curve.
fn scalar(bytes: &[u8]) -> Result<Scalar, Refusal> {
    let bytes: [u8; 32] = bytes.try_into().map_err(|_| invalid("a scalar has 32 bytes"))?;
    let scalar = Option::<Scalar>::from(Scalar::from_repr(bytes.into()));
    scalar.filter(|scalar| *scalar != Scalar::ZERO).ok_or_else(|| invalid("the scalar is 0 or beyond the order"))
}

/// A long number modulo the order of the curve.
fn reduced(bytes: &[u8]) -> Scalar {
    let shift = Scalar::from(1_u128 << 64);
    bytes.chunks(8).fold(Scalar::ZERO, |sum, limb| {
        let limb = limb.iter().fold(0, |limb, byte| limb << 8 | u64::from(*byte));
        sum * shift + Scalar::from(limb)
    })
}

/// A point of the curve from SEC 1; the point at infinity is none (RFC 9383, section 3.3: the cofactor is 1).
fn point(bytes: &[u8]) -> Result<ProjectivePoint, Refusal> {
    let encoded = Sec1Point::from_bytes(bytes).map_err(|error| invalid(error.to_string()))?;
    let affine = Option::<AffinePoint>::from(AffinePoint::from_sec1_point(&encoded));
    let point = affine.map(ProjectivePoint::from).filter(|point| !bool::from(point.is_identity()));
    point.ok_or_else(|| invalid("the bytes are no point of P-256"))
}

fn encoded(point: &ProjectivePoint) -> Vec<u8> {
    point.to_affine().to_sec1_point(false).as_bytes().to_vec()
}

/// A multiple of a point, which costs what a Diffie-Hellman result costs.
fn times(point: &ProjectivePoint, scalar: &Scalar) -> ProjectivePoint {
    count(|counts| counts.agree += 1);
    *point * *scalar
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal { code: INVALID_PARAMETER, message: message.into() }
}

/// RFC 9383, section 4: points whose discrete logarithms nobody knows.
const M: [u8; 33] = *b"\x02\x88\x6e\x2f\x97\xac\xe4\x6e\x55\xba\x9d\xd7\x24\x25\x79\xf2\x99\x3b\x64\xe1\x6e\xf3\xdc\xab\x95\xaf\xd4\x97\x33\x3d\x8f\xa1\x2f";
const N: [u8; 33] = *b"\x03\xd8\xbb\xd6\xc6\x39\xc6\x29\x37\xb0\x4d\x99\x7f\x38\xc3\x77\x07\x19\xc6\x29\xd7\x01\x4d\x49\xa2\x4b\x4f\x98\xba\xa1\x29\x2b\x49";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::party::{Party, act};

    const MATTER: Agreement<'_> =
        Agreement { schedule: Schedule::Draft01, context: b"context", prover: b"", verifier: b"" };

    fn exchange(prover: &Password, record: &Record) -> (Keys, Keys) {
        act(&mut Party::new("seed", &["spake2plus"]), || {
            let prover = Prover::new(prover.clone()).unwrap();
            let verifier = Verifier::new(record.clone()).unwrap();
            (prover.finish(MATTER, &verifier.share).unwrap(), verifier.finish(MATTER, &prover.share).unwrap())
        })
    }

    #[test]
    fn the_same_password_gives_the_same_keys_and_another_none() {
        let right = Password::from_stretched(&[7; STRETCHED]);
        let wrong = Password::from_stretched(&[8; STRETCHED]);
        let record = Record::from_bytes(&right.record().to_bytes()).unwrap();
        let (prover, verifier) = exchange(&right, &record);
        assert!(prover == verifier);
        let (prover, verifier) = exchange(&wrong, &record);
        assert_ne!(prover.verifier_confirms, verifier.verifier_confirms);
        assert_ne!(prover.prover_confirms, verifier.prover_confirms);
        assert_ne!(prover.shared, verifier.shared);
    }

    #[test]
    fn what_is_no_point_is_refused() {
        let password = Password::from_stretched(&[7; STRETCHED]);
        let mut party = Party::new("seed", &["spake2plus"]);
        let prover = act(&mut party, || Prover::new(password.clone())).unwrap();
        for share in [&[0][..], &[4; 65], &prover.share[..64], b""] {
            assert_eq!(prover.finish(MATTER, share).err().unwrap().code, INVALID_PARAMETER, "{share:?}");
        }
        // The verifier's mask and nothing else: an attacker without the password would know Z and V.
        let mask = encoded(&(point(&N).unwrap() * password.w0));
        assert_eq!(prover.finish(MATTER, &mask).err().unwrap().message, "a share is nothing but its mask");
        assert!(Record::from_bytes(&[0; RECORD]).is_err());
        assert_eq!(party.counts.agree, 2);
    }
}
