//! What a run and the whole book cost, and how a run compares with the cryptography that it counts.

#![expect(clippy::unwrap_used, reason = "a bench that cannot begin may panic")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use trustlane::crypto::count::Counts;
use trustlane::crypto::key::{Algorithm, PrivateKey, SignatureForm, agree};
use trustlane::crypto::mac;
use trustlane::crypto::party::{Party, act};
use trustlane::diag::Sink;
use trustlane::flow::{Instance, Scenario};
use trustlane::resolve::Project;
use trustlane::run::runner::Runner;
use trustlane::source::Sources;
use trustlane::trace::Trace;
use trustlane::{env, load, project, run};

fn sources() -> Sources {
    load::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn resolved(sources: &Sources) -> Project {
    project(sources, &mut Sink::default()).unwrap()
}

/// The baseline of every flow.
fn runs(criterion: &mut Criterion) {
    let project = resolved(&sources());
    let env = env(&project);
    let mut group = criterion.benchmark_group("run");
    for flow in &project.flows {
        group.bench_function(BenchmarkId::from_parameter(&flow.id), |bencher| {
            bencher.iter(|| run::run(flow, &flow.scenarios[0], &env));
        });
    }
    group.finish();
}

/// The shipped book in memory, from files that were read to files that would be written.
fn books(criterion: &mut Criterion) {
    let sources = sources();
    let mut group = criterion.benchmark_group("build");
    group.sample_size(10);
    group.bench_function("reading", |bencher| bencher.iter(self::sources));
    group.bench_function("resolve", |bencher| bencher.iter(|| resolved(&sources)));
    group.bench_function("book", |bencher| {
        bencher.iter(|| trustlane::build(&sources, &mut Sink::default()).unwrap());
    });
    group.finish();
}

const FORM: SignatureForm = SignatureForm::X509;

/// Seconds that one operation of each kind takes, as we execute it.
type Costs = BTreeMap<&'static str, f64>;

/// The mean of many executions; a clock is what a bench is for.
fn seconds(n_times: u32, mut work: impl FnMut()) -> f64 {
    work();
    #[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
    let started = std::time::Instant::now();
    for _ in 0..n_times {
        work();
    }
    started.elapsed().as_secs_f64() / f64::from(n_times)
}

fn unit_costs() -> Costs {
    let mut party = Party::new("bench", &["party"]);
    act(&mut party, || {
        let (own, other) = (PrivateKey::generate(), PrivateKey::generate());
        let signature = own.sign(FORM, b"message").unwrap();
        let (own_public, other_public) = (own.public(), other.public());
        let spki = own_public.bits().to_vec();
        let ring = webpki::ring::ECDSA_P256_SHA256;
        let ephemeral = || {
            let mut scalar = [0; 32];
            trustlane::crypto::party::fill(&mut scalar);
            let secret = x25519_dalek::StaticSecret::from(scalar);
            let public = x25519_dalek::PublicKey::from(&secret);
            (secret, public)
        };
        let (secret, public) = ephemeral();
        let made = PrivateKey::generate_for;
        let [p384, ed25519, rsa] = [Algorithm::P384, Algorithm::Ed25519, Algorithm::Rsa].map(made);
        let [p384_signature, ed25519_signature, rsa_signature] =
            [&p384, &ed25519, &rsa].map(|key| key.sign(FORM, b"message").unwrap());
        Costs::from([
            ("keygen", seconds(200, || drop(black_box(PrivateKey::generate())))),
            ("sign", seconds(200, || drop(black_box(own.sign(FORM, b"message").unwrap())))),
            ("verify", seconds(200, || ring.verify_signature(&spki, b"message", &signature).unwrap())),
            ("verify outside of chains", seconds(200, || own_public.verify(FORM, b"message", &signature).unwrap())),
            ("ephemeral", seconds(200, || drop(black_box(ephemeral())))),
            ("agree", seconds(200, || drop(black_box(secret.diffie_hellman(&public))))),
            ("hash", seconds(200, || _ = black_box(mac::sha256(&[0; 256])))),
            ("hmac", seconds(200, || _ = black_box(mac::hmac_sha256(&[0; 32], &[0; 256])))),
            ("P-384 keygen", seconds(50, || drop(black_box(made(Algorithm::P384))))),
            ("P-384 sign", seconds(50, || drop(black_box(p384.sign(FORM, b"message"))))),
            ("P-384 verify", seconds(50, || p384.public().verify(FORM, b"message", &p384_signature).unwrap())),
            ("P-384 agree", seconds(50, || drop(black_box(agree(&p384, &p384.public()))))),
            ("Ed25519 keygen", seconds(200, || drop(black_box(made(Algorithm::Ed25519))))),
            ("Ed25519 sign", seconds(200, || drop(black_box(ed25519.sign(FORM, b"message"))))),
            ("Ed25519 verify", seconds(200, || ed25519.public().verify(FORM, b"message", &ed25519_signature).unwrap())),
            // Each is another key: what was made once is kept.
            ("RSA keygen", seconds(10, || drop(black_box(made(Algorithm::Rsa))))),
            ("RSA sign", seconds(50, || drop(black_box(rsa.sign(FORM, b"message"))))),
            ("RSA verify", seconds(200, || rsa.public().verify(FORM, b"message", &rsa_signature).unwrap())),
            ("agree over P-256", seconds(200, || drop(black_box(agree(&own, &other_public))))),
        ])
    })
}

/// What the trace counts, over all actors.
fn counted(trace: &Trace) -> Counts {
    let mut total = Counts::default();
    trace.events.iter().flat_map(|event| event.counts.values()).for_each(|counts| total.add(*counts));
    total
}

fn sum(counts: Counts, costs: &Costs) -> f64 {
    let of = |name: &str, n: u32| costs[name] * f64::from(n);
    // The counters of P-384 and Ed25519 do not tell keys, signatures and verifications apart: the mean of them.
    let mean = |names: &[&str], n: u32| {
        let sum: f64 = names.iter().map(|name| costs[name]).sum();
        sum / f64::from(u32::try_from(names.len()).unwrap()) * f64::from(n)
    };
    // An ephemeral key is for one agreement over X25519; the others are over P-256.
    let over_p256 = counts.agree.saturating_sub(counts.ephemeral);
    of("keygen", counts.keygen)
        + of("sign", counts.sign)
        + of("verify", counts.verify)
        + of("ephemeral", counts.ephemeral)
        + of("agree", counts.agree - over_p256)
        + of("agree over P-256", over_p256)
        + mean(&["P-384 keygen", "P-384 sign", "P-384 verify", "P-384 agree"], counts.p384)
        + mean(&["Ed25519 keygen", "Ed25519 sign", "Ed25519 verify"], counts.ed25519)
        + of("RSA keygen", counts.rsa_keygen)
        + of("RSA sign", counts.rsa_private)
        + of("RSA verify", counts.rsa_public)
        + of("hash", counts.hash)
        + of("hmac", counts.hmac)
}

/// Every scenario and every probe of the shipped flows: what it all costs, what one of them costs, and whether that
/// stays so with more of them.
#[expect(clippy::print_stdout, reason = "costs per run, and their growth, are what this bench reports")]
fn attempts(criterion: &mut Criterion) {
    let project = resolved(&sources());
    let env = env(&project);
    let all = || run::run_all(&project, &env, &mut Sink::default()).unwrap();
    let runs = all();
    let n_scenarios: usize = runs.traces.iter().map(Vec::len).sum();
    let n_probes: usize = runs.traces.iter().map(|traces| traces[0].probes.len()).sum();
    let whole = seconds(3, || drop(black_box(all())));
    let per_run = whole * 1e3 / f64::from(u32::try_from(runs.n_executed).unwrap());
    println!(
        "{} runs ({n_scenarios} scenarios, {n_probes} probes): {whole:.2} s, {per_run:.2} ms each",
        runs.n_executed
    );
    for flow in &project.flows {
        let per_attack = |times: usize| {
            let attacks: Vec<&Scenario> = flow.scenarios.iter().skip(1).collect();
            let n_runs = f64::from(u32::try_from(attacks.len() * times).unwrap());
            let work = || {
                let runner = Runner::new(flow, &env);
                for _ in 0..times {
                    for attack in &attacks {
                        drop(black_box(runner.run_as(attack, Instance::FIRST)));
                    }
                }
            };
            seconds(3, work) * 1e3 / n_runs
        };
        let [one, two, four] = [1, 2, 4].map(per_attack);
        println!("{}: {one:.2} ms an attack, of twice as many {two:.2} ms, of four times {four:.2} ms", flow.id);
    }
    let mut group = criterion.benchmark_group("attempts");
    group.sample_size(10);
    group.bench_function("every flow", |bencher| bencher.iter(all));
    group.finish();
}

/// A run against the sum of its counted primitives; the target is at most 1.5.
#[expect(clippy::print_stdout, reason = "the ratio is what this bench reports")]
fn overhead(criterion: &mut Criterion) {
    let project = resolved(&sources());
    let env = env(&project);
    let costs = unit_costs();
    println!("unit costs:");
    for (name, cost) in &costs {
        println!("  {name:<24} {:>8.1} µs", cost * 1e6);
    }
    let mut all = (0.0, 0.0);
    for flow in &project.flows {
        let trace = run::run(flow, &flow.scenarios[0], &env);
        let whole = seconds(20, || drop(black_box(run::run(flow, &flow.scenarios[0], &env))));
        let primitives = sum(counted(&trace), &costs);
        let ratio = whole / primitives;
        all = (all.0 + whole, all.1 + primitives);
        let (whole, primitives) = (whole * 1e6, primitives * 1e6);
        println!("{}: run {whole:.0} µs, its primitives {primitives:.0} µs, ratio {ratio:.2}", flow.id);
    }
    println!("all of them: ratio {:.2}", all.0 / all.1);
    let mut group = criterion.benchmark_group("primitive");
    let key = act(&mut Party::new("bench", &["key"]), PrivateKey::generate);
    let party = Party::new("bench", &["party"]);
    group.bench_function("keygen", |bencher| {
        bencher.iter_batched(
            || party.clone(),
            |mut party| act(&mut party, PrivateKey::generate),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("sign", |bencher| bencher.iter(|| key.sign(FORM, b"message")));
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    targets = runs, attempts, books, overhead
}
criterion_main!(benches);
