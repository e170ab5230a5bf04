//! Sessions from a passcode: PASE, and what the device keeps for it.

use super::channel::{EndCheck, Opened, Opening};
use super::matter_session::{Conversation, End as SessionEnd, Secured, Stopped, TRANSPORT, Transport};
use super::{Accepts, Acting, Args, Bearing, End, Operation, Param, Refused, Shape, Spec, needs};
use crate::annotation::Kind;
use crate::crypto::mac::{Hash, sha256};
use crate::crypto::party::{self, Party, act};
use crate::crypto::pbkdf2::pbkdf2_hmac_sha256;
use crate::crypto::spake2plus::{
    Agreement, INVALID_PARAMETER, Keys, Password, Prover, Record, STRETCHED, Schedule, Verifier as Keeper,
};
use crate::protocol::matter::message::{STATUS_REPORT, StatusReport};
use crate::protocol::matter::pase::{self, ParamRequest, ParamResponse};
use crate::protocol::matter_payload::check_passcode;
use crate::trace::ArtifactKind;
use crate::value::Value;

/// Opens a session from a passcode.
pub struct Pase;

/// What a device keeps of a passcode.
pub struct Verifier;

const SECRET: Accepts = Accepts::Kinds(&[ArtifactKind::Secret]);

impl Operation for Pase {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "pase",
                summary: "Opens a Matter session from the passcode on the label, with SPAKE2+ as Matter uses it.",
                standard: "Matter Core Specification, section 4.14.1",
                shape: Shape::Session,
                params: &[
                    TRANSPORT,
                    Param {
                        name: "passcode",
                        end: End::Client,
                        accepts: Accepts::Text,
                        required: true,
                        summary: "the passcode, in decimal digits",
                    },
                    Param {
                        name: "verifier",
                        end: End::Server,
                        accepts: SECRET,
                        required: true,
                        summary: "what `pase-verifier` made: `w0` and `L`, 97 bytes",
                    },
                    Param {
                        name: "salt",
                        end: End::Server,
                        accepts: Accepts::Any,
                        required: true,
                        summary: "the salt of the verifier, 16 to 32 bytes",
                    },
                    Param {
                        name: "iterations",
                        end: End::Server,
                        accepts: Accepts::Number,
                        required: true,
                        summary: "the rounds of the verifier; the client accepts 1000 to 100000",
                    },
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn open(&self, opening: Opening<'_>) -> Result<Opened, Refused> {
        let passcode = passcode(&opening.client)?;
        let record = Record::from_bytes(&opening.server.bytes("verifier")?)?;
        let salt = opening.server.bytes("salt")?;
        // What the device says is for the initiator to judge; it must only fit into the message.
        let iterations = u32::try_from(opening.server.number("iterations", 0)).unwrap_or(u32::MAX);
        let transport = Transport::find(&opening.with.text_or("transport", "btp"));
        let (mut client, mut server) = (opening.client_party, opening.server_party);
        let mut talk = Conversation::new(opening.alter, opening.recorded, transport, &mut client, &mut server);
        let device = Device { record, salt, iterations };
        let result = establish(&mut talk, passcode, &device, &mut client, &mut server);
        let flights = talk.flights;
        let (channel, refused, waiting) = match result {
            Ok(agreed) => (agreed.session([client, server], transport, opening.step), None, None),
            Err(stopped) => {
                let failed = Secured::failed([client, server], PROTOCOL, opening.step);
                match stopped {
                    Stopped::Refused(refused) => (failed, Some(refused), None),
                    Stopped::Waiting(opener) => (failed, None, Some(opener)),
                }
            }
        };
        let check = |by_opener, what: &str| EndCheck { by_opener, what: what.to_owned(), authenticates: true };
        let opener_refused = refused.as_ref().is_some_and(|refused| refused.by_opener);
        let mut checks = vec![check(true, "the other end keeps a verifier of the passcode (cB)")];
        if !opener_refused {
            checks.push(check(false, "the other end knows the passcode (cA)"));
        }
        Ok(Opened { channel: Box::new(channel), flights, refused, waiting, checks })
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { keys: &["client.passcode", "server.verifier"], ..Bearing::NONE } }
    }
}

impl Operation for Verifier {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "pase-verifier",
                summary: "Stretches a passcode to what a Matter device keeps in its place: `w0` and `L`.",
                standard: "Matter Core Specification, section 3.10",
                shape: Shape::Local,
                params: &[
                    needs("passcode", Accepts::Text, "the passcode, in decimal digits"),
                    needs("salt", Accepts::Any, "16 to 32 bytes"),
                    needs("iterations", Accepts::Number, "rounds of PBKDF2, 1000 to 100000"),
                ],
                result: Some(ArtifactKind::Secret),
                fields: &[],
            }
        }
    }

    fn makes(&self) -> Kind {
        Kind::Key
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let args = &acting.args;
        let salt = args.bytes("salt")?;
        check_salt(&salt)?;
        let iterations = check_iterations(args.number("iterations", 0))?;
        let password = stretch(passcode(args)?, &salt, iterations);
        Ok(Some(Value::Secret(password.record().to_bytes())))
    }

    fn bearing(&self) -> &'static Bearing {
        const { &Bearing { keys: &["passcode"], ..Bearing::NONE } }
    }
}

/// What the device brings.
struct Device {
    record: Record,
    salt: Vec<u8>,
    iterations: u32,
}

/// What both ends have in the end.
struct Agreed {
    shared: Vec<u8>,
    opener_session: u16,
    accepter_session: u16,
}

/// What the messages so far bind the keys to.
#[derive(Clone, Copy)]
struct Context<'m> {
    request: &'m [u8],
    response: &'m [u8],
}

impl Context<'_> {
    /// Section 3.10.3; the names of both ends are empty.
    fn hash(&self) -> [u8; 32] {
        sha256(&[b"CHIP PAKE V1 Commissioning", self.request, self.response].concat())
    }
}

/// The five messages of section 4.14.1.1, and the report at their end.
fn establish(
    talk: &mut Conversation<'_>,
    passcode: u32,
    device: &Device,
    client: &mut Party,
    server: &mut Party,
) -> Result<Agreed, Stopped> {
    let ask = act(client, || ParamRequest {
        initiator_random: drawn(),
        initiator_session_id: session_id(),
        passcode_id: 0,
        has_parameters: false,
    });
    let sent_request = ask.encode();
    let request = talk.say(true, pase::PARAM_REQUEST, &sent_request, &[pase::PARAM_REQUEST])?.payload;
    let asked = ParamRequest::decode(&request).map_err(|malformed| talk.refuse(false, malformed.into()))?;
    if asked.passcode_id != 0 {
        let message = format!("there is no passcode {}", asked.passcode_id);
        return Err(talk.refuse(false, Refused::policy(INVALID_PARAMETER, message)));
    }
    let answer = act(server, || ParamResponse {
        initiator_random: asked.initiator_random,
        responder_random: drawn(),
        responder_session_id: session_id(),
        iterations: device.iterations,
        salt: device.salt.clone(),
    });
    let sent_response = answer.encode();
    if talk.is_recorded() {
        talk.say(false, pase::PARAM_RESPONSE, &sent_response, &[pase::PARAM_RESPONSE]).ok();
        return by_recording(talk, device, Context { request: &request, response: &sent_response }, server);
    }
    let response = talk.say(false, pase::PARAM_RESPONSE, &sent_response, &[pase::PARAM_RESPONSE])?.payload;
    let found = parameters(&response, &ask).map_err(|refused| talk.refuse(true, refused))?;
    let prover = act(client, || Prover::new(stretch(passcode, &found.salt, found.iterations)));
    let prover = prover.map_err(|refusal| talk.refuse(true, refusal.into()))?;

    let share = talk.say(true, pase::PAKE1, &pase::encode_pake1(&prover.share), &[pase::PAKE1])?.payload;
    let own = Context { request: &request, response: &sent_response };
    let (keeper, device_keys) = keep(device, &share, &own, server).map_err(|refused| talk.refuse(false, refused))?;
    let pake2 = pase::encode_pake2(&keeper.share, &device_keys.verifier_confirms);
    let pake2 = talk.say(false, pase::PAKE2, &pake2, &[pase::PAKE2])?.payload;
    let own = Context { request: &sent_request, response: &response };
    let keys = confirm(&prover, &pake2, &own, client).map_err(|refused| talk.refuse(true, refused))?;
    let pake3 = pase::encode_pake3(&keys.prover_confirms);
    let pake3 = talk.say(true, pase::PAKE3, &pake3, &[pase::PAKE3])?.payload;
    check_confirmed(&pake3, &device_keys).map_err(|refused| talk.refuse(false, refused))?;

    let report = talk.say(false, STATUS_REPORT, &StatusReport::ESTABLISHED.encode(), &[STATUS_REPORT])?.payload;
    match StatusReport::decode(&report) {
        Ok(StatusReport::ESTABLISHED) => Ok(Agreed {
            shared: keys.shared,
            opener_session: ask.initiator_session_id,
            accepter_session: found.responder_session_id,
        }),
        Ok(report) => Err(talk.refuse(true, Refused::policy("status-report", report.words()))),
        Err(malformed) => Err(talk.refuse(true, malformed.into())),
    }
}

/// Nobody but a recording speaks to the device; its confirmation is of another session.
fn by_recording(
    talk: &mut Conversation<'_>,
    device: &Device,
    context: Context<'_>,
    server: &mut Party,
) -> Result<Agreed, Stopped> {
    let share = talk.say(true, pase::PAKE1, &[], &[pase::PAKE1])?.payload;
    let (keeper, keys) = keep(device, &share, &context, server).map_err(|refused| talk.refuse(false, refused))?;
    let pake2 = pase::encode_pake2(&keeper.share, &keys.verifier_confirms);
    talk.say(false, pase::PAKE2, &pake2, &[pase::PAKE2]).ok();
    let pake3 = talk.say(true, pase::PAKE3, &[], &[pase::PAKE3])?.payload;
    check_confirmed(&pake3, &keys).map_err(|refused| talk.refuse(false, refused))?;
    Ok(Agreed { shared: keys.shared, opener_session: 0, accepter_session: 0 })
}

/// The initiator looks at `PBKDFParamResponse`.
fn parameters(response: &[u8], ask: &ParamRequest) -> Result<ParamResponse, Refused> {
    let found = ParamResponse::decode(response)?;
    if found.initiator_random != ask.initiator_random {
        return Err(Refused::policy(
            INVALID_PARAMETER,
            "the answer is to another request: its initiatorRandom differs",
        ));
    }
    check_iterations(found.iterations.into())?;
    check_salt(&found.salt)?;
    Ok(found)
}

/// The device looks at Pake1.
fn keep(device: &Device, pake1: &[u8], context: &Context<'_>, server: &mut Party) -> Result<(Keeper, Keys), Refused> {
    let share = pase::decode_pake1(pake1)?;
    act(server, || {
        let keeper = Keeper::new(device.record.clone())?;
        let hash = context.hash();
        let keys = keeper.finish(agreement(&hash), &share)?;
        Ok((keeper, keys))
    })
}

/// The initiator looks at Pake2: whoever answered knows the verifier of this passcode.
fn confirm(prover: &Prover, pake2: &[u8], context: &Context<'_>, client: &mut Party) -> Result<Keys, Refused> {
    let (share, confirms) = pase::decode_pake2(pake2)?;
    let keys = act(client, || prover.finish(agreement(&context.hash()), &share))?;
    if keys.verifier_confirms != confirms {
        return Err(Refused::policy(WRONG_PROOF, "cB is not the confirmation that follows from the passcode"));
    }
    Ok(keys)
}

/// The device looks at Pake3: whoever asked knows the passcode.
fn check_confirmed(pake3: &[u8], keys: &Keys) -> Result<(), Refused> {
    if pase::decode_pake3(pake3)? != keys.prover_confirms {
        return Err(Refused::policy(WRONG_PROOF, "cA is not the confirmation that follows from the verifier"));
    }
    Ok(())
}

impl Agreed {
    /// Section 4.14.1.3: one key for each direction, and the challenge for attestation.
    fn session(self, [mut client, server]: [Party; 2], transport: Transport, step: &str) -> Secured {
        let derive = || Hash::Sha256.hkdf(&[], &self.shared, b"SessionKeys", 48);
        let derived = act(&mut client, derive);
        let mut server = server;
        act(&mut server, derive);
        let (to_responder, rest) = derived.split_at(16);
        let (to_initiator, challenge) = rest.split_at(16);
        let end = |party, key: &[u8], session_id| SessionEnd {
            party,
            key: key.to_vec(),
            // Nobody has a name yet: the nonce has the unspecified node (section 4.8).
            node: 0,
            session_id,
            chain: Vec::new(),
        };
        let ends = [end(client, to_responder, self.opener_session), end(server, to_initiator, self.accepter_session)];
        Secured::new(ends, PROTOCOL, SUITE, challenge.to_vec(), transport, step)
    }
}

fn agreement(context: &[u8]) -> Agreement<'_> {
    Agreement { schedule: Schedule::Draft01, context, prover: b"", verifier: b"" }
}

/// Section 3.9: the passcode is a number of four bytes, the least significant first.
fn stretch(passcode: u32, salt: &[u8], iterations: u32) -> Password {
    let stretched = pbkdf2_hmac_sha256(&passcode.to_le_bytes(), salt, iterations, STRETCHED);
    Password::from_stretched(&stretched.try_into().expect("as many bytes as were asked for"))
}

fn passcode(args: &Args) -> Result<u32, Refused> {
    let text = args.text_or("passcode", "");
    let number = text.parse().map_err(|_| Refused::malformed(format!("`{text}` is no passcode")))?;
    check_passcode(number)?;
    Ok(number)
}

/// `CRYPTO_PBKDF_ITERATIONS_MIN` and `CRYPTO_PBKDF_ITERATIONS_MAX` (section 3.9).
fn check_iterations(iterations: i64) -> Result<u32, Refused> {
    let number = u32::try_from(iterations).ok().filter(|number| (1_000..=100_000).contains(number));
    number.ok_or_else(|| Refused::policy(INVALID_PARAMETER, format!("{iterations} iterations, not 1000 to 100000")))
}

/// Section 3.9.
fn check_salt(salt: &[u8]) -> Result<(), Refused> {
    if (16..=32).contains(&salt.len()) {
        return Ok(());
    }
    Err(Refused::policy(INVALID_PARAMETER, format!("a salt of {} bytes, not 16 to 32", salt.len())))
}

/// A session is called by a number other than 0, which is that of messages without security.
fn session_id() -> u16 {
    u16::from_le_bytes(drawn()).max(1)
}

fn drawn<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    party::fill(&mut bytes);
    bytes
}

const PROTOCOL: &str = "Matter PASE";
const SUITE: &str = "SPAKE2+ over P-256, AES-128-CCM";
/// Code of a confirmation that is not the right one.
const WRONG_PROOF: &str = "wrong-proof";

#[cfg(test)]
mod tests;
