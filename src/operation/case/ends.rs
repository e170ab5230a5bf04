//! The two ends of CASE: what each computes, and what it refuses (Matter Core Specification, section 4.14.2.3).

use crate::clock::Timestamp;
use crate::crypto::case::{Encrypted, SessionKeys, Transcript, destination_id};
use crate::crypto::certificate::{Certificate, Credential};
use crate::crypto::chain::{self, Usage};
use crate::crypto::key::{Algorithm, PrivateKey, PublicKey, SignatureForm, agree};
use crate::crypto::matter_certificate::{OperationalCertificate, compressed_fabric_id, operational_group_key};
use crate::crypto::party;
use crate::operation::{Args, Refused};
use crate::protocol::matter::case::{Shown, Sigma1, Sigma2, decode_sigma3, encode_sigma3, to_be_signed};
use crate::protocol::matter::certificate;

/// The code with which a responder refuses who asks for a node that it is not.
pub(super) const NO_SHARED_TRUST_ROOTS: &str = "no-shared-trust-roots";

/// What a node has of a fabric.
pub(super) struct Membership {
    /// Its certificate in Matter's encoding, and the one between it and the root.
    noc: Vec<u8>,
    icac: Option<Vec<u8>>,
    key: PrivateKey,
    root: Certificate,
    /// The operational identity protection key.
    ipk: Vec<u8>,
    fabric_id: u64,
    pub(super) node_id: u64,
    now: Timestamp,
}

/// What a handshake agreed on.
pub(super) struct Agreed {
    pub(super) keys: SessionKeys,
    /// By which number the other end wants the session to be called.
    pub(super) peer_session_id: u16,
    /// The node and the authority between it and the root, as they were verified.
    pub(super) peer_chain: Vec<Certificate>,
}

/// Who opens the session.
pub(super) struct Initiator {
    own: Membership,
    peer_node_id: u64,
    key: PrivateKey,
    pub(super) sigma1: Vec<u8>,
}

/// Who accepts it.
pub(super) struct Responder {
    own: Membership,
    /// Whether it answers whatever node is meant.
    answers_all: bool,
    pub(super) session_id: u16,
}

/// A responder that waits for Sigma3.
pub(super) struct Responding {
    key: PrivateKey,
    shared: Vec<u8>,
    initiator_key: [u8; 65],
    peer_session_id: u16,
    sigma1: Vec<u8>,
    pub(super) sigma2: Vec<u8>,
    /// What is encrypted in Sigma2, in clear.
    pub(super) shown: Vec<u8>,
}

/// An initiator that waits for the report.
pub(super) struct Initiated {
    pub(super) agreed: Agreed,
    pub(super) sigma3: Vec<u8>,
    /// What is encrypted in Sigma3, in clear.
    pub(super) shown: Vec<u8>,
}

impl Membership {
    /// What the arguments of an end say, by its own clock. Call it as the party of the end.
    pub(super) fn new(args: &Args, now: Timestamp) -> Result<Self, Refused> {
        let Credential { chain, key } = args.credential("credential")?;
        let mut certificates = chain.iter().map(OperationalCertificate::from_certificate);
        let missing = || Refused::policy("no-certificate", "the node has no certificate");
        let noc = certificates.next().ok_or_else(missing)??;
        // The root is never sent (section 6.4.5).
        let icac = match chain.get(1).filter(|second| second.subject() != second.issuer()) {
            Some(_) => certificates.next().transpose()?,
            None => None,
        };
        let root = args.certificates("trusts")?.into_iter().next();
        let root = root.ok_or_else(|| Refused::policy("no-certificate", "the node trusts no root"))?;
        let (Some(node_id), Some(fabric_id)) = (noc.node_id(), noc.fabric_id()) else {
            return Err(Refused::policy("bad-certificate", "the certificate names no node of a fabric"));
        };
        let compressed = compressed_fabric_id(&root.public_key(), fabric_id);
        let encode = |certificate: &OperationalCertificate| certificate::encode(certificate).bytes;
        Ok(Self {
            noc: encode(&noc),
            icac: icac.as_ref().map(encode),
            key,
            ipk: operational_group_key(&args.bytes("ipk")?, &compressed),
            root,
            fabric_id,
            node_id,
            now,
        })
    }

    /// The certificates, signature and resumption identifier that this end shows.
    fn shown(&self, own_key: &[u8], other_key: &[u8], resumption_id: Option<[u8; 16]>) -> Result<Shown, Refused> {
        let signed = to_be_signed(&self.noc, self.icac.as_deref(), own_key, other_key);
        let signature = self.key.sign(SignatureForm::JOSE, &signed)?;
        let signature = signature
            .try_into()
            .map_err(|_| Refused::policy("wrong-algorithm", "a signature of P-256 has 64 bytes"))?;
        Ok(Shown { noc: self.noc.clone(), icac: self.icac.clone(), signature, resumption_id })
    }

    /// Judges what the other end showed; `expected` is the node that it must be. The result is its chain.
    fn judge(
        &self,
        shown: &[u8],
        keys: (&[u8], &[u8]),
        usage: Usage,
        expected: Option<u64>,
    ) -> Result<Vec<Certificate>, Refused> {
        let shown = Shown::decode(shown)?;
        let noc = certificate::decode(&shown.noc)?;
        let icac = shown.icac.as_deref().map(certificate::decode).transpose()?;
        let chain = std::iter::once(&noc).chain(&icac).map(OperationalCertificate::to_certificate);
        let chain = chain.collect::<Result<Vec<_>, _>>()?;
        chain::verify(&chain, std::slice::from_ref(&self.root), usage, None, &[], self.now)?;
        let found = noc.fabric_id().unwrap_or_default();
        if found != self.fabric_id {
            let message = format!("the certificate is of the fabric {found:016X}, not of {:016X}", self.fabric_id);
            return Err(Refused::policy("wrong-fabric", message));
        }
        let node_id = noc.node_id().ok_or_else(|| Refused::policy("wrong-node", "the certificate names no node"))?;
        if let Some(expected) = expected.filter(|expected| *expected != node_id) {
            let message = format!("the certificate is of the node {node_id:016X}, not of {expected:016X}");
            return Err(Refused::policy("wrong-node", message));
        }
        let signed = to_be_signed(&shown.noc, shown.icac.as_deref(), keys.0, keys.1);
        noc.key.verify(SignatureForm::JOSE, &signed, &shown.signature)?;
        Ok(chain)
    }
}

impl Initiator {
    /// Writes Sigma1.
    pub(super) fn new(own: Membership, peer_node_id: u64) -> Self {
        let random = fresh();
        let key = PrivateKey::generate();
        let destination_id = destination_id(&own.ipk, &random, &own.root.public_key(), own.fabric_id, peer_node_id);
        let session_id = fresh_session_id();
        let sigma1 = Sigma1 { random, session_id, destination_id, key: point(&key) }.encode();
        Self { own, peer_node_id, key, sigma1 }
    }

    /// Reads Sigma2, judges the responder, and writes Sigma3.
    pub(super) fn answer(&self, sigma2: &[u8]) -> Result<Initiated, Refused> {
        let read = Sigma2::decode(sigma2)?;
        let shared = shared(&self.key, &read.key)?;
        let transcript = Transcript { shared: &shared, ipk: &self.own.ipk, sigma1: &self.sigma1 };
        let shown = Encrypted::Sigma2.open(&transcript.sigma2_key(&read.random, &read.key), &read.encrypted)?;
        let own_key = point(&self.key);
        let peer_chain = self.own.judge(&shown, (&read.key, &own_key), Usage::Server, Some(self.peer_node_id))?;
        let shown = self.own.shown(&own_key, &read.key, None)?.encode();
        let sigma3 = encode_sigma3(&Encrypted::Sigma3.seal(&transcript.sigma3_key(sigma2), &shown)?);
        let keys = transcript.session_keys(sigma2, &sigma3);
        Ok(Initiated { agreed: Agreed { keys, peer_session_id: read.session_id, peer_chain }, sigma3, shown })
    }
}

impl Responder {
    pub(super) fn new(own: Membership, answers_all: bool) -> Self {
        Self { own, answers_all, session_id: fresh_session_id() }
    }

    /// Reads Sigma1, and writes Sigma2 if it is the node that is meant.
    pub(super) fn answer(&self, sigma1: &[u8]) -> Result<Responding, Refused> {
        let read = Sigma1::decode(sigma1)?;
        let own = &self.own;
        let expected = destination_id(&own.ipk, &read.random, &own.root.public_key(), own.fabric_id, own.node_id);
        if expected != read.destination_id && !self.answers_all {
            let message = "the destination is no node of a fabric of this device";
            return Err(Refused::policy(NO_SHARED_TRUST_ROOTS, message));
        }
        let random: [u8; 32] = fresh();
        let key = PrivateKey::generate();
        let (own_key, session_id) = (point(&key), self.session_id);
        let shared = shared(&key, &read.key)?;
        let shown = own.shown(&own_key, &read.key, Some(fresh()))?.encode();
        let transcript = Transcript { shared: &shared, ipk: &own.ipk, sigma1 };
        let encrypted = Encrypted::Sigma2.seal(&transcript.sigma2_key(&random, &own_key), &shown)?;
        let sigma2 = Sigma2 { random, session_id, key: own_key, encrypted }.encode();
        Ok(Responding {
            key,
            shared,
            initiator_key: read.key,
            peer_session_id: read.session_id,
            sigma1: sigma1.to_vec(),
            sigma2,
            shown,
        })
    }

    /// Reads Sigma3 and judges the initiator.
    pub(super) fn finish(&self, before: &Responding, sigma3: &[u8]) -> Result<Agreed, Refused> {
        let transcript = Transcript { shared: &before.shared, ipk: &self.own.ipk, sigma1: &before.sigma1 };
        let encrypted = decode_sigma3(sigma3)?;
        let shown = Encrypted::Sigma3.open(&transcript.sigma3_key(&before.sigma2), &encrypted)?;
        let own_key = point(&before.key);
        let peer_chain = self.own.judge(&shown, (&before.initiator_key, &own_key), Usage::Client, None)?;
        let keys = transcript.session_keys(&before.sigma2, sigma3);
        Ok(Agreed { keys, peer_session_id: before.peer_session_id, peer_chain })
    }
}

fn fresh<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    party::fill(&mut bytes);
    bytes
}

/// 0 is the session without security (section 4.14.2.3.1).
fn fresh_session_id() -> u16 {
    u16::from_le_bytes(fresh()).max(1)
}

fn point(key: &PrivateKey) -> [u8; 65] {
    let mut point = [0; 65];
    point.copy_from_slice(key.public().bits());
    point
}

/// The x-coordinate that both ends compute.
fn shared(own: &PrivateKey, other: &[u8; 65]) -> Result<Vec<u8>, Refused> {
    Ok(agree(own, &PublicKey::from_bits(Algorithm::P256, other)?)?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::crypto::matter_certificate::{Role, issue, self_signed};
    use crate::crypto::party::{Party, act};
    use crate::operation::Arg;
    use crate::value::Value;

    const NOW: Timestamp = Timestamp(1_767_225_600);
    const NEVER: (Timestamp, Timestamp) = (NOW, Timestamp::LAST);
    const DEVICE: u64 = 0xD;
    const CONTROLLER: u64 = 0xC;

    /// A root with nodes, named so that another seed makes another fabric.
    struct Fabric {
        root: Credential,
        ipk: Vec<u8>,
    }

    impl Fabric {
        fn new(seed: &str) -> Self {
            act(&mut Party::new(seed, &["root"]), || {
                let key = PrivateKey::generate();
                let root = self_signed(&Role::Root { id: 1, fabric_id: None }, &key, NEVER).unwrap();
                Self { root: Credential { chain: vec![root], key }, ipk: fresh::<16>().to_vec() }
            })
        }

        fn node(&self, id: u64, fabric_id: u64) -> Credential {
            act(&mut Party::new("node", &[&id.to_string()]), || {
                let (key, between) = (PrivateKey::generate(), PrivateKey::generate());
                let role = Role::Intermediate { id: 2, fabric_id: None };
                let icac = issue(&role, &between.public(), &self.root, NEVER).unwrap();
                let issuer = Credential { chain: vec![icac.clone()], key: between };
                let role = Role::Node { id, fabric_id, cats: Vec::new() };
                Credential { chain: vec![issue(&role, &key.public(), &issuer, NEVER).unwrap(), icac], key }
            })
        }

        fn member(&self, credential: Credential) -> Membership {
            let args = BTreeMap::from([
                ("credential".to_owned(), Arg::Value(Value::Credential(credential))),
                ("trusts".to_owned(), Arg::Value(Value::TrustAnchors(self.root.chain.clone()))),
                ("ipk".to_owned(), Arg::Value(Value::Secret(self.ipk.clone()))),
            ]);
            Membership::new(&Args(args), NOW).unwrap()
        }
    }

    fn as_party<T>(name: &str, work: impl FnOnce() -> T) -> T {
        act(&mut Party::new("seed", &[name]), work)
    }

    fn initiator(own: Membership) -> Initiator {
        as_party("initiator", || Initiator::new(own, DEVICE))
    }

    fn responder(own: Membership) -> Responder {
        as_party("responder", || Responder::new(own, false))
    }

    fn code<T>(result: Result<T, Refused>) -> String {
        result.map_or_else(|refused| refused.code, |_| "held".to_owned())
    }

    #[test]
    fn both_ends_agree_on_keys_and_know_each_other() {
        let fabric = Fabric::new("seed");
        let client = initiator(fabric.member(fabric.node(CONTROLLER, 7)));
        let server = responder(fabric.member(fabric.node(DEVICE, 7)));
        let waiting = as_party("answer", || server.answer(&client.sigma1)).unwrap();
        let sent = client.answer(&waiting.sigma2).unwrap();
        let agreed = server.finish(&waiting, &sent.sigma3).unwrap();
        assert_eq!(agreed.keys, sent.agreed.keys);
        assert_eq!(agreed.peer_session_id, Sigma1::decode(&client.sigma1).unwrap().session_id);
        assert_eq!(sent.agreed.peer_session_id, server.session_id);
        assert_eq!(
            agreed.peer_chain[0].subject(),
            "matter-node-id=000000000000000C, matter-fabric-id=0000000000000007"
        );
        assert_eq!(sent.agreed.peer_chain.len(), 2);
    }

    #[test]
    fn a_responder_refuses_for_the_stated_reason() {
        let (fabric, other) = (Fabric::new("seed"), Fabric::new("other"));
        let server = responder(fabric.member(fabric.node(DEVICE, 7)));
        let begin = |own| as_party("answer", || server.answer(&initiator(own).sigma1).map(|waiting| waiting.sigma2));
        assert_eq!(code(begin(fabric.member(fabric.node(CONTROLLER, 7)))), "held");
        assert_eq!(code(begin(other.member(other.node(CONTROLLER, 7)))), NO_SHARED_TRUST_ROOTS, "another root");
        let wrong_ipk = Fabric { root: fabric.root.clone(), ipk: vec![0; 16] };
        assert_eq!(code(begin(wrong_ipk.member(fabric.node(CONTROLLER, 7)))), NO_SHARED_TRUST_ROOTS, "another key");
        let elsewhere = responder(fabric.member(fabric.node(0xE, 7)));
        let client = initiator(fabric.member(fabric.node(CONTROLLER, 7)));
        let answer = as_party("answer", || elsewhere.answer(&client.sigma1).map(|waiting| waiting.sigma2));
        assert_eq!(code(answer), NO_SHARED_TRUST_ROOTS, "another node");
        assert_eq!(code(as_party("answer", || server.answer(&client.sigma1[1..]).map(|_| ()))), "malformed");
    }

    #[test]
    fn an_initiator_refuses_for_the_stated_reason() {
        let fabric = Fabric::new("seed");
        let client = initiator(fabric.member(fabric.node(CONTROLLER, 7)));
        let answer = |own: Membership| {
            let liar = Responder { answers_all: true, ..responder(own) };
            as_party("answer", || liar.answer(&client.sigma1)).unwrap().sigma2
        };
        let genuine = answer(fabric.member(fabric.node(DEVICE, 7)));
        assert_eq!(code(client.answer(&genuine)), "held");
        assert_eq!(code(client.answer(&answer(fabric.member(fabric.node(0xE, 7))))), "wrong-node");
        // The identity protection key follows from the fabric, so that only who has it gets as far.
        assert_eq!(code(client.answer(&answer(fabric.member(fabric.node(DEVICE, 8))))), "decrypt-error");
        let elsewhere = Membership { ipk: client.own.ipk.clone(), ..fabric.member(fabric.node(DEVICE, 8)) };
        assert_eq!(code(client.answer(&answer(elsewhere))), "wrong-fabric");
        let other = Fabric::new("other");
        let foreign = Membership {
            root: fabric.root.chain[0].clone(),
            ipk: client.own.ipk.clone(),
            ..other.member(other.node(DEVICE, 7))
        };
        assert_eq!(code(client.answer(&answer(foreign))), "bad-signature", "a root of the same name");
        let stranger =
            Membership { key: as_party("stranger", PrivateKey::generate), ..fabric.member(fabric.node(DEVICE, 7)) };
        assert_eq!(code(client.answer(&answer(stranger))), "bad-signature", "another key than the certificate's");
        let mut flipped = genuine.clone();
        let last = flipped.len() - 2;
        flipped[last] ^= 1;
        assert_eq!(code(client.answer(&flipped)), "decrypt-error");
        flipped = genuine;
        flipped[20] ^= 1;
        assert_eq!(code(client.answer(&flipped)), "decrypt-error", "what is in clear is in the key");
    }

    #[test]
    fn the_last_message_is_judged_like_the_others() {
        let fabric = Fabric::new("seed");
        let server = responder(fabric.member(fabric.node(DEVICE, 7)));
        let finish = |own: Membership, change: &dyn Fn(&mut Vec<u8>)| {
            let client = initiator(own);
            let waiting = as_party("answer", || server.answer(&client.sigma1)).unwrap();
            let mut sigma3 = client.answer(&waiting.sigma2).unwrap().sigma3;
            change(&mut sigma3);
            code(server.finish(&waiting, &sigma3))
        };
        assert_eq!(finish(fabric.member(fabric.node(CONTROLLER, 7)), &|_| {}), "held");
        assert_eq!(finish(fabric.member(fabric.node(CONTROLLER, 7)), &|bytes| bytes[50] ^= 1), "decrypt-error");
        assert_eq!(finish(fabric.member(fabric.node(CONTROLLER, 7)), &|bytes| bytes.truncate(9)), "malformed");
        let stranger =
            Membership { key: as_party("stranger", PrivateKey::generate), ..fabric.member(fabric.node(CONTROLLER, 7)) };
        assert_eq!(finish(stranger, &|_| {}), "bad-signature");
        let elsewhere = Membership { fabric_id: 7, ..fabric.member(fabric.node(CONTROLLER, 8)) };
        let elsewhere = Membership { ipk: fabric.member(fabric.node(DEVICE, 7)).ipk, ..elsewhere };
        assert_eq!(finish(elsewhere, &|_| {}), "wrong-fabric");
    }
}
