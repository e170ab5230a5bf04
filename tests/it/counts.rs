//! Operations that devices execute, against what the standards say that a step costs.
//!
//! The expectation is added up from the steps that a flow has, whatever the run has counted.

use std::path::Path;
use std::sync::LazyLock;

use trustlane::annotation::Layer;
use trustlane::annotation::{Field, Inside};
use trustlane::crypto::count::Counts;
use trustlane::diag::Sink;
use trustlane::flow::Expr;
use trustlane::resolve::Project;
use trustlane::trace::{Event, Place, Protection, Trace};
use trustlane::{env, load, project, run};
use x509_parser::prelude::{FromDer, X509Certificate};

static PROJECT: LazyLock<Project> = LazyLock::new(|| {
    let sources = load::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    project(&sources, &mut Sink::default()).unwrap()
});

static BASELINES: LazyLock<Vec<Trace>> =
    LazyLock::new(|| PROJECT.flows.iter().map(|flow| run::run(flow, &flow.scenarios[0], &env(&PROJECT))).collect());

/// Verifications outside of handshakes, with the reason for each. A certificate above which stands a trust anchor is
/// one verification, the anchor none (RFC 5280, section 6.1).
const VERIFIED: [(&str, &str, u32); 3] = [
    // The voucher, and the MASA's certificate under the manufacturer's root (RFC 8995, section 5.6.1).
    ("brski", "voucher-signature", 1 + 1),
    // The registrar's certificate under the pinned domain authority, put off since the handshake (section 5.6.2).
    ("brski", "pinned", 1),
    // The LDevID and the authority that issued it, under the owner's root.
    ("idevid-to-ldevid", "chain-verified", 2),
];

fn device(trace: &Trace) -> &str {
    trace.actors.iter().find(|actor| actor.role == "device").unwrap().id.as_str()
}

/// Events in which the device acts; what was arranged before the method begins is none.
fn events(trace: &Trace) -> impl Iterator<Item = &Event> {
    let id = device(trace);
    trace.events.iter().filter(move |event| match &event.place {
        Place::At { actor } => actor == id,
        Place::Setup { .. } => false,
        Place::Between { from, to, .. } => from == id || to == id,
    })
}

/// Handshake messages called `message`, from the device or from its peer.
fn messages<'t>(event: &'t Event, id: &str, is_own: bool, message: &str) -> impl Iterator<Item = &'t Layer> {
    let flights = event.flights.iter().filter(move |flight| (flight.from == id) == is_own);
    flights.flat_map(|flight| &flight.layers).filter(move |layer| layer.name == message)
}

/// The certificates in `fields`, at any depth (RFC 5280, section 4.1).
fn certificates(fields: &[Field]) -> Vec<&Field> {
    let inside = |field: &Field| matches!(&field.inside, Inside::Fields(fields) if fields.iter().any(|inner| inner.name == "tbsCertificate"));
    fields
        .iter()
        .flat_map(|field| match &field.inside {
            Inside::Fields(_) if inside(field) => vec![field],
            Inside::Fields(fields) => certificates(fields),
            Inside::Decoded(_) | Inside::Nothing => Vec::new(),
        })
        .collect()
}

/// Certificates that the peer sends, without those in which the device trusts: an anchor is believed, not verified.
fn chain_of_peer(trace: &Trace, event: &Event) -> u32 {
    let id = device(trace);
    let (_, flow) = PROJECT.flow(&trace.flow).unwrap();
    let step = flow.baseline().steps.iter().find(|step| step.id == event.step).unwrap();
    let anchors = match &step.client["trusts"].expr {
        Expr::Reference(reference) => trace.stores[id][&reference.name].bytes.0.clone(),
        other => panic!("{}: trusts {other:?}", event.step),
    };
    let is_held = |der: &[u8]| anchors.windows(der.len()).any(|held| held == der);
    let mut n_verified = 0;
    let received = event.flights.iter().filter(|flight| flight.from != id).flat_map(|flight| &flight.layers);
    for layer in received {
        for field in certificates(layer.fields()) {
            let whole = &layer.bytes.0[field.start..field.end];
            n_verified += u32::from(X509Certificate::from_der(whole).is_ok() && !is_held(whole));
        }
    }
    n_verified
}

/// What a step costs the device.
fn expected(trace: &Trace, event: &Event) -> Counts {
    let id = device(trace);
    let verify = VERIFIED.iter().find(|(flow, step, _)| (*flow, *step) == (&trace.flow, &event.step));
    let mut counts = Counts { verify: verify.map_or(0, |(.., n)| *n), ..Counts::default() };
    match event.operation.as_str() {
        // RFC 8446, sections 4.2.8, 4.4.3 and 4.4.2; RFC 5246, sections 7.4.3 and 7.4.8: one ephemeral key and one
        // agreement; a signature where the device shows a certificate; the peer's signature and its chain, which a
        // provisional handshake leaves for later (RFC 8995, section 5.1).
        "tls" => {
            let is_provisional = event.protection == Protection::Provisional;
            counts.verify += 1 + if is_provisional { 0 } else { chain_of_peer(trace, event) };
            counts.sign = u32::from(messages(event, id, true, "CertificateVerify").next().is_some());
            (counts.ephemeral, counts.agree) = (1, 1);
        }
        "keygen" => counts.keygen = 1,
        // RFC 2986, section 4.2: the key that is to be certified signs.
        "csr" | "jws-sign" => counts.sign = 1,
        "agree" => counts.agree = 1,
        // TPM 2.0 Library, part 1, section 24: one agreement; two keys are derived and one tag verified.
        "tpm-activate-credential" => (counts.agree, counts.hmac) = (1, 3),
        "hmac" => counts.hmac = 1,
        // RFC 5869, section 2: one HMAC to extract and one for each 32 bytes; the flows derive 32 bytes at most.
        "hkdf" => counts.hmac = 2,
        _ => {}
    }
    counts
}

/// What is counted as bytes or depends on representations is judged elsewhere.
fn operations(counts: Counts) -> Counts {
    Counts { hash: 0, hash_bytes: 0, aead_bytes: 0, ..counts }
}

#[test]
fn each_step_costs_the_device_what_its_standard_says() {
    let mut n_costly = 0;
    for trace in &*BASELINES {
        for event in events(trace) {
            let counted = event.counts.get(device(trace)).copied().unwrap_or_default();
            assert_eq!(operations(counted), expected(trace, event), "{}: {}", trace.flow, event.step);
            n_costly += usize::from(expected(trace, event) != Counts::default());
        }
    }
    assert!(n_costly > BASELINES.len() * 2, "{n_costly}");
}

/// Key generation with ephemeral keys, signatures, verifications and agreements of the device from the step `from` on.
fn whole(flow: &str, from: &str) -> [u32; 4] {
    let trace = BASELINES.iter().find(|trace| trace.flow == flow).unwrap();
    let first = trace.event(from).unwrap().number;
    let mut sum = Counts::default();
    let own = events(trace).filter(|event| event.number >= first);
    own.filter_map(|event| event.counts.get(device(trace))).for_each(|counted| sum.add(*counted));
    [sum.keygen + sum.ephemeral, sum.sign, sum.verify, sum.agree]
}

#[test]
fn whole_methods_cost_the_device_what_the_literature_says() {
    // BRSKI with a provisional connection, a voucher and EST over it, and one connection with the LDevID costs three
    // keys, four signatures (two handshakes, the voucher request, the CSR), five verifications (one handshake; the
    // voucher with its chain; the pin) and two agreements. In this flow the device then goes to work, and so has a
    // third handshake, with the broker: one key, one signature, one agreement, and the signature and certificate of a
    // peer more.
    let third = [1, 1, 2, 1];
    let second = 2;
    let literature = [3, 4, 1 + 2 + 1 + second, 2];
    let expected: Vec<u32> = literature.iter().zip(third).map(|(a, b)| a + b).collect();
    assert_eq!(whole("brski", "tls").to_vec(), expected);
    // A symmetric key of a device costs its two connections alone: a key, an agreement, and signature and chain of the
    // server each.
    assert_eq!(whole("dps-symmetric-key", "tls"), [2, 0, 2 * (1 + 1), 2]);
}
