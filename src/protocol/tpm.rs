//! Structures of a TPM 2.0 as its commands carry them (TCG TPM 2.0 Library, part 2): public areas of P-256 keys, and
//! credential blobs.

use super::reader::Reader;
use super::writer::Writer;
use super::{Encoded, Malformed, ensure};
use crate::annotation::Kind;

/// What a restricted decryption key of a TPM is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Template {
    /// Endorsement key, template L-2 (TCG EK Credential Profile 2.5, annex B.3.4).
    Endorsement,
    /// Storage root key (TCG TPM 2.0 Provisioning Guidance, section 7.5.1).
    Storage,
}

/// A point of P-256, coordinates as 32 bytes each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// x-coordinate.
    pub x: [u8; 32],
    /// y-coordinate.
    pub y: [u8; 32],
}

/// A credential that one TPM can read, for the object of one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialBlob {
    /// HMAC over the encrypted credential and the name of the object.
    pub integrity: [u8; 32],
    /// The encrypted credential, with its length in front.
    pub identity: Vec<u8>,
    /// The ephemeral point from which the endorsement key derives the seed.
    pub point: Point,
}

/// `TPM_ALG_ECC`.
const ECC: [u8; 2] = [0x00, 0x23];
/// `TPM_ALG_SHA256`.
pub const SHA256: [u8; 2] = [0x00, 0x0b];
/// `TPM_ALG_AES` with 128 bits in the mode `TPM_ALG_CFB`.
const AES_128_CFB: [u8; 6] = [0x00, 0x06, 0x00, 0x80, 0x00, 0x43];
/// `TPM_ALG_NULL`.
const NULL: [u8; 2] = [0x00, 0x10];
/// `TPM_ECC_NIST_P256`.
const P256: [u8; 2] = [0x00, 0x03];
/// `PolicySecret(TPM_RH_ENDORSEMENT)` with SHA-256: whoever may use the endorsement hierarchy may use the key.
const POLICY_ENDORSEMENT: [u8; 32] = [
    0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8, 0x1a, 0x90, 0xcc, 0x8d, 0x46, 0xa5, 0xd7, 0x24, 0xfd, 0x52, 0xd7,
    0x6e, 0x06, 0x52, 0x0b, 0x64, 0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa,
];

/// Bytes of the longest credential: a digest (part 2, section 10.4.3).
pub const MAX_CREDENTIAL: usize = 32;

impl Template {
    /// Every template.
    const ALL: [Self; 2] = [Self::Endorsement, Self::Storage];

    /// `TPMA_OBJECT` (part 2, section 8.3) and the names of its bits.
    fn attributes(self) -> (u32, &'static str) {
        match self {
            Self::Endorsement => {
                (0x0003_00b2, "fixedTPM, fixedParent, sensitiveDataOrigin, adminWithPolicy, restricted, decrypt")
            }
            Self::Storage => {
                (0x0003_0472, "fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth, noDA, restricted, decrypt")
            }
        }
    }

    fn policy(self) -> &'static [u8] {
        match self {
            Self::Endorsement => &POLICY_ENDORSEMENT,
            Self::Storage => &[],
        }
    }

    /// The public area `TPMT_PUBLIC` of a key of this kind (part 2, section 12.2.4): over its bytes goes the name.
    pub fn public_area(self, point: Point) -> Encoded {
        let mut writer = Writer::default();
        self.write(point, &mut writer);
        writer.finish()
    }

    /// The public area with its size in front, `TPM2B_PUBLIC`.
    pub fn public(self, point: Point) -> Encoded {
        let mut writer = Writer::default();
        let n_bytes = self.public_area(point).bytes.len();
        size(&mut writer, "size", n_bytes);
        writer.within("publicArea", "", |writer| self.write(point, writer));
        writer.finish()
    }

    fn write(self, point: Point, writer: &mut Writer) {
        let (attributes, names) = self.attributes();
        writer.field("type", &ECC, "TPM_ALG_ECC");
        writer.field("nameAlg", &SHA256, "TPM_ALG_SHA256");
        writer.field("objectAttributes", &attributes.to_be_bytes(), names);
        size(writer, "authPolicy size", self.policy().len());
        writer.of(Kind::Digest, "authPolicy", self.policy(), "PolicySecret(TPM_RH_ENDORSEMENT)");
        writer.field("symmetric", &AES_128_CFB, "AES, 128 bits, CFB");
        writer.field("scheme", &NULL, "TPM_ALG_NULL");
        writer.field("curveID", &P256, "TPM_ECC_NIST_P256");
        writer.field("kdf", &NULL, "TPM_ALG_NULL");
        write_point(writer, point);
    }

    /// Reads `TPM2B_PUBLIC`: one of these templates and nothing else, with the point as it is.
    pub fn read(bytes: &[u8]) -> Result<(Self, Point), Malformed> {
        let point = bytes.len().checked_sub(68).map(|start| &bytes[start..]);
        let point = point.ok_or_else(|| Malformed::new("the public area is too short for a point of P-256"))?;
        let mut reader = Reader::new(point);
        let point = read_point(&mut reader)?;
        let template = Self::ALL.into_iter().find(|template| template.public(point).bytes == bytes);
        let template = template.ok_or_else(|| Malformed::new("the public area follows neither template"))?;
        Ok((template, point))
    }
}

impl CredentialBlob {
    /// `TPM2B_ID_OBJECT` and `TPM2B_ENCRYPTED_SECRET`, one after the other (part 2, sections 12.4.3 and 11.4.33).
    pub fn encode(&self) -> Encoded {
        let mut writer = Writer::default();
        writer.within("TPM2B_ID_OBJECT", "", |writer| {
            size(writer, "size", 2 + self.integrity.len() + self.identity.len());
            size(writer, "integrityHMAC size", self.integrity.len());
            writer.of(Kind::Digest, "integrityHMAC", &self.integrity, hex::encode(self.integrity));
            writer.of(Kind::Ciphertext, "encIdentity", &self.identity, hex::encode(&self.identity));
        });
        writer.within("TPM2B_ENCRYPTED_SECRET", "", |writer| {
            size(writer, "size", 68);
            write_point(writer, self.point);
        });
        writer.finish()
    }

    /// Reads what [`encode`](Self::encode) writes.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let n_bytes = usize::from(reader.number("size", |_| Ok(()))?);
        reader.number("integrityHMAC size", |n| ensure(n == 32, || "`integrityHMAC` is no SHA-256".to_owned()))?;
        let integrity = read_digest(&mut reader, "integrityHMAC")?;
        let n_identity = n_bytes.checked_sub(34).filter(|n| *n <= 2 + MAX_CREDENTIAL);
        let n_identity = n_identity.ok_or_else(|| Malformed::new("`encIdentity` has no length that it can have"))?;
        let identity = reader.field("encIdentity", n_identity, |bytes| Ok((bytes.to_vec(), String::new())))?;
        reader.number("size", |n| ensure(n == 68, || "the secret is no point of P-256".to_owned()))?;
        let point = read_point(&mut reader)?;
        reader.end()?;
        Ok(Self { integrity, identity, point })
    }
}

fn size(writer: &mut Writer, name: &str, n_bytes: usize) {
    let bytes = u16::try_from(n_bytes).unwrap_or(u16::MAX).to_be_bytes();
    writer.field(name, &bytes, n_bytes.to_string());
}

fn write_point(writer: &mut Writer, point: Point) {
    for (name, coordinate) in [("x", point.x), ("y", point.y)] {
        size(writer, &format!("{name} size"), coordinate.len());
        writer.of(Kind::Key, name, &coordinate, hex::encode(coordinate));
    }
}

fn read_point(reader: &mut Reader<'_>) -> Result<Point, Malformed> {
    let mut coordinate = |name: &str| {
        reader.number(name, |n| ensure(n == 32, || "a coordinate of P-256 has 32 bytes".to_owned()))?;
        read_digest(reader, name)
    };
    Ok(Point { x: coordinate("x")?, y: coordinate("y")? })
}

fn read_digest(reader: &mut Reader<'_>, name: &str) -> Result<[u8; 32], Malformed> {
    reader.field(name, 32, |bytes| {
        let bytes = <[u8; 32]>::try_from(bytes).map_err(|_| Malformed::new("it has not 32 bytes"))?;
        Ok((bytes, String::new()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::testing::explained;

    const POINT: Point = Point { x: [1; 32], y: [2; 32] };

    #[test]
    fn public_areas_are_read_as_they_were_written() {
        for template in Template::ALL {
            let bytes = explained(template.public(POINT));
            assert_eq!(Template::read(&bytes).unwrap(), (template, POINT));
            for at in 0..bytes.len() - 68 {
                let mut other = bytes.clone();
                other[at] ^= 1;
                assert_eq!(
                    Template::read(&other).unwrap_err().message,
                    "the public area follows neither template",
                    "{at}"
                );
            }
            for n in 0..bytes.len() {
                Template::read(&bytes[..n]).unwrap_err();
            }
        }
    }

    #[test]
    fn blobs_are_read_as_they_were_written() {
        let blob = CredentialBlob { integrity: [3; 32], identity: vec![4; 34], point: POINT };
        let bytes = explained(blob.encode());
        assert_eq!(CredentialBlob::decode(&bytes).unwrap(), blob);
        for n in 0..bytes.len() {
            CredentialBlob::decode(&bytes[..n]).unwrap_err();
        }
        let mut longer = bytes.clone();
        longer.push(0);
        assert_eq!(CredentialBlob::decode(&longer).unwrap_err().message, "1 byte after the end of the message");
        let long = CredentialBlob { identity: vec![4; 35], ..blob };
        let message = CredentialBlob::decode(&long.encode().bytes).unwrap_err().message;
        assert_eq!(message, "`encIdentity` has no length that it can have");
    }
}
