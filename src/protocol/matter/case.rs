//! Messages with which two nodes of a fabric establish a session (Matter Core Specification, section 4.14.2.3).

use super::certificate;
use super::tlv::{Element, Member, kind, plain, tlv};
use crate::annotation::Kind;
use crate::protocol::Malformed;

/// What the initiator begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sigma1 {
    /// Random of the initiator.
    pub random: [u8; 32],
    /// By which number the initiator wants the session to be called.
    pub session_id: u16,
    /// Which node of which fabric is meant.
    pub destination_id: [u8; 32],
    /// Ephemeral key of the initiator, an uncompressed point.
    pub key: [u8; 65],
}

/// What the responder answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sigma2 {
    /// Random of the responder.
    pub random: [u8; 32],
    /// By which number the responder wants the session to be called.
    pub session_id: u16,
    /// Ephemeral key of the responder, an uncompressed point.
    pub key: [u8; 65],
    /// A [`Shown`] of the responder, encrypted.
    pub encrypted: Vec<u8>,
}

/// Who an end is, and its signature: what is encrypted in Sigma2 and Sigma3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Certificate of the node.
    pub noc: Vec<u8>,
    /// Certificate of the authority between the node's and the root.
    pub icac: Option<Vec<u8>>,
    /// r and s of the signature over [`to_be_signed`].
    pub signature: [u8; 64],
    /// By which a later session can be resumed; of the responder alone.
    pub resumption_id: Option<[u8; 16]>,
}

/// Opcode of Sigma1.
pub const SIGMA1: u8 = 0x30;
/// Opcode of Sigma2.
pub const SIGMA2: u8 = 0x31;
/// Opcode of Sigma3.
pub const SIGMA3: u8 = 0x32;

/// Names of what is in Sigma1.
pub const SIGMA1_MEMBERS: &[Member] = &[
    kind(1, "initiatorRandom", Kind::Random),
    plain(2, "initiatorSessionId"),
    kind(3, "destinationId", Kind::Digest),
    kind(4, "initiatorEphPubKey", Kind::Key),
    plain(5, "initiatorSessionParams"),
    kind(6, "resumptionID", Kind::Random),
    kind(7, "initiatorResumeMIC", Kind::Digest),
];
/// Names of what is in Sigma2.
pub const SIGMA2_MEMBERS: &[Member] = &[
    kind(1, "responderRandom", Kind::Random),
    plain(2, "responderSessionId"),
    kind(3, "responderEphPubKey", Kind::Key),
    kind(4, "encrypted2", Kind::Ciphertext),
    plain(5, "responderSessionParams"),
];
/// Names of what is in Sigma3.
pub const SIGMA3_MEMBERS: &[Member] = &[kind(1, "encrypted3", Kind::Ciphertext)];
/// Names of what is encrypted in Sigma2.
pub const ENCRYPTED2_MEMBERS: &[Member] = &[
    tlv(1, "responderNOC", certificate::MEMBERS),
    tlv(2, "responderICAC", certificate::MEMBERS),
    kind(3, "signature", Kind::Signature),
    kind(4, "resumptionID", Kind::Random),
];
/// Names of what is encrypted in Sigma3.
pub const ENCRYPTED3_MEMBERS: &[Member] = &[
    tlv(1, "initiatorNOC", certificate::MEMBERS),
    tlv(2, "initiatorICAC", certificate::MEMBERS),
    kind(3, "signature", Kind::Signature),
];

impl Sigma1 {
    /// Its TLV.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Element::Structure(vec![
            (1, octets(&self.random)),
            (2, Element::Unsigned(self.session_id.into())),
            (3, octets(&self.destination_id)),
            (4, octets(&self.key)),
        ])
        .to_bytes()
    }

    /// Reads it; session parameters and what asks for resumption are passed over.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let element = Element::decode(bytes)?;
        Ok(Self {
            random: element.fixed(1, "initiatorRandom")?,
            session_id: element.number(2, "initiatorSessionId")?,
            destination_id: element.fixed(3, "destinationId")?,
            key: element.fixed(4, "initiatorEphPubKey")?,
        })
    }
}

impl Sigma2 {
    /// Its TLV.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Element::Structure(vec![
            (1, octets(&self.random)),
            (2, Element::Unsigned(self.session_id.into())),
            (3, octets(&self.key)),
            (4, octets(&self.encrypted)),
        ])
        .to_bytes()
    }

    /// Reads it; session parameters are passed over.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let element = Element::decode(bytes)?;
        Ok(Self {
            random: element.fixed(1, "responderRandom")?,
            session_id: element.number(2, "responderSessionId")?,
            key: element.fixed(3, "responderEphPubKey")?,
            encrypted: element.octets(4, "encrypted2")?.to_vec(),
        })
    }
}

/// TLV of Sigma3.
#[must_use]
pub fn encode_sigma3(encrypted: &[u8]) -> Vec<u8> {
    Element::Structure(vec![(1, octets(encrypted))]).to_bytes()
}

/// What is encrypted in Sigma3, as it was sent.
pub fn decode_sigma3(bytes: &[u8]) -> Result<Vec<u8>, Malformed> {
    Ok(Element::decode(bytes)?.octets(1, "encrypted3")?.to_vec())
}

impl Shown {
    /// Its TLV: sigma-2-tbedata or sigma-3-tbedata.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Element::structure([
            (1, Some(octets(&self.noc))),
            (2, self.icac.as_deref().map(octets)),
            (3, Some(octets(&self.signature))),
            (4, self.resumption_id.as_ref().map(|id| octets(id))),
        ])
        .to_bytes()
    }

    /// Reads it.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let element = Element::decode(bytes)?;
        let icac = element.find(2).is_some().then(|| element.octets(2, "ICAC")).transpose()?;
        Ok(Self {
            noc: element.octets(1, "NOC")?.to_vec(),
            icac: icac.map(<[u8]>::to_vec),
            signature: element.fixed(3, "signature")?,
            resumption_id: element.find(4).is_some().then(|| element.fixed(4, "resumptionID")).transpose()?,
        })
    }
}

/// What an end signs: its certificates, its own ephemeral key, and that of the other end (sigma-2-tbsdata and
/// sigma-3-tbsdata).
#[must_use]
pub fn to_be_signed(noc: &[u8], icac: Option<&[u8]>, own_key: &[u8], other_key: &[u8]) -> Vec<u8> {
    Element::structure([
        (1, Some(octets(noc))),
        (2, icac.map(octets)),
        (3, Some(octets(own_key))),
        (4, Some(octets(other_key))),
    ])
    .to_bytes()
}

fn octets(bytes: &[u8]) -> Element {
    Element::Octets(bytes.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::Layer;
    use crate::protocol::matter::tlv::describe;

    #[test]
    fn messages_come_back_with_every_byte_explained() {
        let sigma1 = Sigma1 { random: [1; 32], session_id: 0x1234, destination_id: [2; 32], key: [4; 65] };
        assert_eq!(Sigma1::decode(&sigma1.encode()).unwrap(), sigma1);
        let sigma2 = Sigma2 { random: [3; 32], session_id: 7, key: [4; 65], encrypted: vec![5; 400] };
        assert_eq!(Sigma2::decode(&sigma2.encode()).unwrap(), sigma2);
        assert_eq!(decode_sigma3(&encode_sigma3(&[6; 40])).unwrap(), [6; 40]);
        let shown = Shown { noc: vec![0x15, 0x18], icac: None, signature: [7; 64], resumption_id: Some([8; 16]) };
        assert_eq!(Shown::decode(&shown.encode()).unwrap(), shown);
        let both = Shown { icac: Some(vec![0x15, 0x18]), resumption_id: None, ..shown.clone() };
        assert_eq!(Shown::decode(&both.encode()).unwrap(), both);
        let all: [(Vec<u8>, &'static [Member]); 5] = [
            (sigma1.encode(), SIGMA1_MEMBERS),
            (sigma2.encode(), SIGMA2_MEMBERS),
            (encode_sigma3(&[6; 40]), SIGMA3_MEMBERS),
            (shown.encode(), ENCRYPTED2_MEMBERS),
            (both.encode(), ENCRYPTED3_MEMBERS),
        ];
        for (bytes, members) in all {
            let layer = Layer::new("message", bytes.clone(), describe(&bytes, members));
            assert!(layer.is_complete());
            assert_eq!(layer.unexplained(), Vec::<String>::new());
        }
    }

    #[test]
    fn what_is_signed_is_what_is_shown_and_both_keys() {
        let signed = to_be_signed(&[1], None, &[2; 65], &[3; 65]);
        assert_eq!(hex::encode(&signed[..6]), "153001010130");
        assert_eq!(signed.len(), 1 + 4 + 2 * (3 + 65) + 1);
        assert_eq!(Shown::decode(&signed).unwrap_err().message, "`signature` has 65 bytes, not 64");
    }
}
