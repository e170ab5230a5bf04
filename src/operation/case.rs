//! Sessions between two nodes of a Matter fabric: CASE.

mod ends;

use self::ends::{Agreed, Initiator, Membership, NO_SHARED_TRUST_ROOTS, Responder};
use super::channel::{EndCheck, EndRefused, Opened, Opening};
use super::matter_certificate::identifier;
use super::matter_session::{Conversation, End as SessionEnd, Secured, Stopped, TRANSPORT, Transport};
use super::verify_chain::ANCHORS;
use super::{Accepts, Bearing, End, Operation, Param, Refused, Shape, Spec};
use crate::annotation::Layer;
use crate::crypto::party::{Party, act};
use crate::protocol::content;
use crate::protocol::matter::case::{ENCRYPTED2_MEMBERS, ENCRYPTED3_MEMBERS, SIGMA1, SIGMA2, SIGMA3};
use crate::protocol::matter::message::{STATUS_REPORT, StatusReport};
use crate::protocol::matter::tlv::{self, Member};
use crate::trace::ArtifactKind;

/// Opens a session between two nodes.
pub struct Case;

const CREDENTIAL: Accepts = Accepts::Kinds(&[ArtifactKind::Credential]);
const SECRET: Accepts = Accepts::Kinds(&[ArtifactKind::Secret, ArtifactKind::Bytes]);

const fn of(end: End, name: &'static str, accepts: Accepts, summary: &'static str) -> Param {
    Param { name, end, accepts, required: true, summary }
}

impl Operation for Case {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "case",
                summary: "Opens a Matter session between two nodes of a fabric, which show each other their certificates.",
                standard: "Matter Core Specification, section 4.14.2",
                shape: Shape::Session,
                params: &[
                    TRANSPORT,
                    of(
                        End::Client,
                        "credential",
                        CREDENTIAL,
                        "the initiator's key with its NOC and, where there is one, the ICAC",
                    ),
                    of(End::Client, "trusts", ANCHORS, "the root of the fabric (RCAC)"),
                    of(End::Client, "ipk", SECRET, "epoch key of the fabric's identity protection key, 16 bytes"),
                    of(End::Client, "node-id", Accepts::Text, "the node that is meant, 16 hexadecimal digits"),
                    of(
                        End::Server,
                        "credential",
                        CREDENTIAL,
                        "the responder's key with its NOC and, where there is one, the ICAC",
                    ),
                    of(End::Server, "trusts", ANCHORS, "the root of the fabric (RCAC)"),
                    of(End::Server, "ipk", SECRET, "epoch key of the fabric's identity protection key, 16 bytes"),
                    Param {
                        name: "answers-all",
                        end: End::Server,
                        accepts: Accepts::Boolean,
                        required: false,
                        summary: "it answers whatever node is meant, as a dishonest responder does; `false` where absent",
                    },
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn open(&self, opening: Opening<'_>) -> Result<Opened, Refused> {
        let peer_node_id = identifier(&opening.client, "node-id")?;
        let transport = Transport::find(&opening.with.text_or("transport", "udp"));
        let (mut client, mut server) = (opening.client_party, opening.server_party);
        let initiator = act(&mut client, || Membership::new(&opening.client, opening.client_clock))?;
        let responder = act(&mut server, || Membership::new(&opening.server, opening.server_clock))?;
        let nodes = [initiator.node_id, responder.node_id];
        let mut talk = Conversation::new(opening.alter, opening.recorded, transport, &mut client, &mut server);
        let responder = act(&mut server, || Responder::new(responder, opening.server.is_set("answers-all")));
        let result = if talk.is_recorded() {
            by_recording(&mut talk, &responder, &mut server)
        } else {
            let initiator = act(&mut client, || Initiator::new(initiator, peer_node_id));
            establish(&mut talk, &initiator, &responder, &mut client, &mut server)
        };
        let flights = talk.flights;
        let (channel, refused, waiting) = match result {
            Ok(agreed) => (session(agreed, nodes, [client, server], transport, opening.step), None, None),
            Err(stopped) => {
                let failed = Secured::failed([client, server], PROTOCOL, opening.step);
                match stopped {
                    Stopped::Refused(refused) => (failed, Some(refused), None),
                    Stopped::Waiting(opener) => (failed, None, Some(opener)),
                }
            }
        };
        let checks = checks(refused.as_ref(), peer_node_id);
        Ok(Opened { channel: Box::new(channel), flights, refused, waiting, checks })
    }

    fn bearing(&self) -> &'static Bearing {
        const {
            &Bearing {
                relies_on: &["client.credential", "client.trusts", "server.credential", "server.trusts"],
                passes_on: &["client.credential", "server.credential"],
                keys: &["client.ipk", "server.ipk"],
                ..Bearing::NONE
            }
        }
    }
}

/// What each end verifies; the responder does so only once the initiator has accepted it.
fn checks(refused: Option<&EndRefused>, peer_node_id: u64) -> Vec<EndCheck> {
    let check = |by_opener, what: String| EndCheck { by_opener, what, authenticates: true };
    let is_unknown = refused.is_some_and(|refused| refused.refused.code == NO_SHARED_TRUST_ROOTS);
    if is_unknown {
        let what = "the destination is this node, in a fabric whose root and identity protection key it has".to_owned();
        return vec![EndCheck { by_opener: false, what, authenticates: false }];
    }
    let mut checks = vec![check(
        true,
        format!(
            "the responder's chain ends at the root of the fabric and is valid now, is for the node {peer_node_id:016X}, and its key signed both ephemeral keys"
        ),
    )];
    if !refused.is_some_and(|refused| refused.by_opener) {
        let what = "the initiator's chain ends at the root of the fabric and is valid now, is of the same fabric, and its key signed both ephemeral keys";
        checks.push(check(false, what.to_owned()));
    }
    checks
}

/// Sigma1 to Sigma3, and the report at their end (section 4.14.2.2); what each end has then, the opener first.
fn establish(
    talk: &mut Conversation<'_>,
    initiator: &Initiator,
    responder: &Responder,
    client: &mut Party,
    server: &mut Party,
) -> Result<[Agreed; 2], Stopped> {
    let sigma1 = talk.say(true, SIGMA1, &initiator.sigma1, &[SIGMA1])?.payload;
    let waiting = act(server, || responder.answer(&sigma1)).map_err(|refused| refuse(talk, false, refused))?;
    let heard = talk.say(false, SIGMA2, &waiting.sigma2, &[SIGMA2]);
    show(talk, &waiting.sigma2, "sigma-2-tbedata", &waiting.shown, ENCRYPTED2_MEMBERS);
    let sigma2 = heard?.payload;
    let sent = act(client, || initiator.answer(&sigma2)).map_err(|refused| refuse(talk, true, refused))?;
    let heard = talk.say(true, SIGMA3, &sent.sigma3, &[SIGMA3]);
    show(talk, &sent.sigma3, "sigma-3-tbedata", &sent.shown, ENCRYPTED3_MEMBERS);
    let sigma3 = heard?.payload;
    let agreed = act(server, || responder.finish(&waiting, &sigma3)).map_err(|refused| refuse(talk, false, refused))?;
    let report = talk.say(false, STATUS_REPORT, &StatusReport::ESTABLISHED.encode(), &[STATUS_REPORT])?.payload;
    match StatusReport::decode(&report) {
        Ok(StatusReport::ESTABLISHED) => Ok([sent.agreed, agreed]),
        Ok(report) => Err(talk.refuse(true, Refused::policy("status-report", report.words()))),
        Err(malformed) => Err(talk.refuse(true, malformed.into())),
    }
}

/// Nobody but a recording speaks to the responder, whose random and ephemeral key are others than those recorded.
fn by_recording(
    talk: &mut Conversation<'_>,
    responder: &Responder,
    server: &mut Party,
) -> Result<[Agreed; 2], Stopped> {
    let sigma1 = talk.say(true, SIGMA1, &[], &[SIGMA1])?.payload;
    let waiting = act(server, || responder.answer(&sigma1)).map_err(|refused| refuse(talk, false, refused))?;
    talk.say(false, SIGMA2, &waiting.sigma2, &[SIGMA2]).ok();
    show(talk, &waiting.sigma2, "sigma-2-tbedata", &waiting.shown, ENCRYPTED2_MEMBERS);
    let sigma3 = talk.say(true, SIGMA3, &[], &[SIGMA3])?.payload;
    let agreed = act(server, || responder.finish(&waiting, &sigma3)).map_err(|refused| refuse(talk, false, refused))?;
    let opener = Agreed { keys: agreed.keys.clone(), peer_session_id: responder.session_id, peer_chain: Vec::new() };
    Ok([opener, agreed])
}

fn refuse(talk: &mut Conversation<'_>, by_opener: bool, refused: Refused) -> Stopped {
    let report = match refused.code.as_str() {
        NO_SHARED_TRUST_ROOTS => StatusReport::NO_SHARED_TRUST_ROOTS,
        _ => StatusReport::INVALID_PARAMETER,
    };
    talk.refuse_with(by_opener, refused, report)
}

/// Adds what is encrypted in the message that was said last, if that arrived as it was sent.
fn show(talk: &mut Conversation<'_>, payload: &[u8], title: &str, inside: &[u8], members: &'static [Member]) {
    if let Some(sent) = talk.flights.last_mut().filter(|sent| sent.wire.ends_with(payload)) {
        let layer = Layer::explained_by(title, inside.to_vec(), move |bytes, known| {
            content::complete(tlv::describe(bytes, members), bytes, known)
        });
        sent.layers.push(layer.decrypted(true));
    }
}

fn session(agreed: [Agreed; 2], nodes: [u64; 2], parties: [Party; 2], transport: Transport, step: &str) -> Secured {
    let [opener, accepter] = agreed;
    let challenge = opener.keys.challenge;
    let [client, server] = parties;
    // What an end presented, and how it wants the session to be called, is what the other one heard of it.
    let ends = [
        SessionEnd {
            party: client,
            key: opener.keys.initiator_to_responder,
            node: nodes[0],
            session_id: accepter.peer_session_id,
            chain: accepter.peer_chain,
        },
        SessionEnd {
            party: server,
            key: accepter.keys.responder_to_initiator,
            node: nodes[1],
            session_id: opener.peer_session_id,
            chain: opener.peer_chain,
        },
    ];
    Secured::new(ends, PROTOCOL, SUITE, challenge, transport, step)
}

const PROTOCOL: &str = "Matter CASE";
const SUITE: &str = "ECDHE and ECDSA over P-256, AES-128-CCM";
