//! Messages with which a session is established from a passcode (Matter Core Specification, section 4.14.1.2).

use super::tlv::{Element, Member, kind, of, plain};
use crate::annotation::Kind;
use crate::protocol::{Malformed, ensure};

/// What the initiator begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamRequest {
    /// Random of the initiator.
    pub initiator_random: [u8; 32],
    /// By which number the initiator wants the session to be called.
    pub initiator_session_id: u16,
    /// Which passcode; 0 is the one on the label.
    pub passcode_id: u16,
    /// Whether the initiator knows salt and iterations already.
    pub has_parameters: bool,
}

/// What the responder answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamResponse {
    /// The random of the request.
    pub initiator_random: [u8; 32],
    /// Random of the responder.
    pub responder_random: [u8; 32],
    /// By which number the responder wants the session to be called.
    pub responder_session_id: u16,
    /// Rounds of PBKDF2.
    pub iterations: u32,
    /// Salt of PBKDF2.
    pub salt: Vec<u8>,
}

/// Opcode of `PBKDFParamRequest`.
pub const PARAM_REQUEST: u8 = 0x20;
/// Opcode of `PBKDFParamResponse`.
pub const PARAM_RESPONSE: u8 = 0x21;
/// Opcode of Pake1.
pub const PAKE1: u8 = 0x22;
/// Opcode of Pake2.
pub const PAKE2: u8 = 0x23;
/// Opcode of Pake3.
pub const PAKE3: u8 = 0x24;

/// Names of what is in `PBKDFParamRequest`.
pub const PARAM_REQUEST_MEMBERS: &[Member] = &[
    kind(1, "initiatorRandom", Kind::Random),
    plain(2, "initiatorSessionId"),
    plain(3, "passcodeId"),
    plain(4, "hasPBKDFParameters"),
    plain(5, "initiatorSessionParams"),
];
/// Names of what is in `PBKDFParamResponse`.
pub const PARAM_RESPONSE_MEMBERS: &[Member] = &[
    kind(1, "initiatorRandom", Kind::Random),
    kind(2, "responderRandom", Kind::Random),
    plain(3, "responderSessionId"),
    of(4, "pbkdf_parameters", &[plain(1, "iterations"), kind(2, "salt", Kind::Random)]),
    plain(5, "responderSessionParams"),
];
/// Names of what is in Pake1.
pub const PAKE1_MEMBERS: &[Member] = &[kind(1, "pA", Kind::Key)];
/// Names of what is in Pake2.
pub const PAKE2_MEMBERS: &[Member] = &[kind(1, "pB", Kind::Key), kind(2, "cB", Kind::Digest)];
/// Names of what is in Pake3.
pub const PAKE3_MEMBERS: &[Member] = &[kind(1, "cA", Kind::Digest)];

impl ParamRequest {
    /// Its TLV.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Element::Structure(vec![
            (1, octets(&self.initiator_random)),
            (2, Element::Unsigned(self.initiator_session_id.into())),
            (3, Element::Unsigned(self.passcode_id.into())),
            (4, Element::Boolean(self.has_parameters)),
        ])
        .to_bytes()
    }

    /// Reads it.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let element = Element::decode(bytes)?;
        Ok(Self {
            initiator_random: element.fixed(1, "initiatorRandom")?,
            initiator_session_id: element.number(2, "initiatorSessionId")?,
            passcode_id: element.number(3, "passcodeId")?,
            has_parameters: element.boolean(4, "hasPBKDFParameters")?,
        })
    }
}

impl ParamResponse {
    /// Its TLV.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let parameters =
            Element::Structure(vec![(1, Element::Unsigned(self.iterations.into())), (2, octets(&self.salt))]);
        Element::Structure(vec![
            (1, octets(&self.initiator_random)),
            (2, octets(&self.responder_random)),
            (3, Element::Unsigned(self.responder_session_id.into())),
            (4, parameters),
        ])
        .to_bytes()
    }

    /// Reads it; what the parameters must be is for the receiver to say.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let element = Element::decode(bytes)?;
        let parameters = element.need(4, "pbkdf_parameters")?;
        Ok(Self {
            initiator_random: element.fixed(1, "initiatorRandom")?,
            responder_random: element.fixed(2, "responderRandom")?,
            responder_session_id: element.number(3, "responderSessionId")?,
            iterations: parameters.number(1, "iterations")?,
            salt: parameters.octets(2, "salt")?.to_vec(),
        })
    }
}

/// TLV of Pake1.
#[must_use]
pub fn encode_pake1(share: &[u8]) -> Vec<u8> {
    Element::Structure(vec![(1, octets(share))]).to_bytes()
}

/// The initiator's share in Pake1.
pub fn decode_pake1(bytes: &[u8]) -> Result<Vec<u8>, Malformed> {
    share(&Element::decode(bytes)?, "pA")
}

/// TLV of Pake2.
#[must_use]
pub fn encode_pake2(share: &[u8], confirms: &[u8]) -> Vec<u8> {
    Element::Structure(vec![(1, octets(share)), (2, octets(confirms))]).to_bytes()
}

/// The responder's share and confirmation in Pake2.
pub fn decode_pake2(bytes: &[u8]) -> Result<(Vec<u8>, [u8; 32]), Malformed> {
    let element = Element::decode(bytes)?;
    Ok((share(&element, "pB")?, element.fixed(2, "cB")?))
}

/// TLV of Pake3.
#[must_use]
pub fn encode_pake3(confirms: &[u8]) -> Vec<u8> {
    Element::Structure(vec![(1, octets(confirms))]).to_bytes()
}

/// The initiator's confirmation in Pake3.
pub fn decode_pake3(bytes: &[u8]) -> Result<[u8; 32], Malformed> {
    Element::decode(bytes)?.fixed(1, "cA")
}

fn share(element: &Element, name: &str) -> Result<Vec<u8>, Malformed> {
    let share = element.octets(1, name)?;
    ensure(share.len() == SHARE, || format!("`{name}` has {} bytes, not {SHARE}", share.len()))?;
    Ok(share.to_vec())
}

fn octets(bytes: &[u8]) -> Element {
    Element::Octets(bytes.to_vec())
}

/// An uncompressed point of P-256.
const SHARE: usize = 65;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::Layer;
    use crate::protocol::matter::tlv;

    #[test]
    fn messages_come_back_with_every_byte_explained() {
        let request = ParamRequest {
            initiator_random: [1; 32],
            initiator_session_id: 0x1234,
            passcode_id: 0,
            has_parameters: false,
        };
        assert_eq!(ParamRequest::decode(&request.encode()).unwrap(), request);
        let response = ParamResponse {
            initiator_random: [1; 32],
            responder_random: [2; 32],
            responder_session_id: 7,
            iterations: 1000,
            salt: vec![3; 32],
        };
        assert_eq!(ParamResponse::decode(&response.encode()).unwrap(), response);
        let share = [4; 65];
        assert_eq!(decode_pake1(&encode_pake1(&share)).unwrap(), share);
        assert_eq!(decode_pake2(&encode_pake2(&share, &[5; 32])).unwrap(), (share.to_vec(), [5; 32]));
        assert_eq!(decode_pake3(&encode_pake3(&[6; 32])).unwrap(), [6; 32]);
        let all: [(Vec<u8>, &'static [Member]); 5] = [
            (request.encode(), PARAM_REQUEST_MEMBERS),
            (response.encode(), PARAM_RESPONSE_MEMBERS),
            (encode_pake1(&share), PAKE1_MEMBERS),
            (encode_pake2(&share, &[5; 32]), PAKE2_MEMBERS),
            (encode_pake3(&[6; 32]), PAKE3_MEMBERS),
        ];
        for (bytes, members) in all {
            let layer = Layer::new("message", bytes.clone(), tlv::describe(&bytes, members));
            assert!(layer.is_complete());
            assert_eq!(layer.unexplained(), Vec::<String>::new());
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_for_its_reason() {
        assert_eq!(decode_pake1(&encode_pake1(&[4; 64])).unwrap_err().message, "`pA` has 64 bytes, not 65");
        assert_eq!(decode_pake3(&encode_pake3(&[4; 31])).unwrap_err().message, "`cA` has 31 bytes, not 32");
        let long = ParamRequest::decode(&encode_pake3(&[1; 32])).unwrap_err().message;
        assert_eq!(long, "`initiatorSessionId` (context tag 2) is missing");
    }
}
