//! What pictures cost: one and fifty from traces that are there, each kind, and the command as a process.

#![expect(clippy::unwrap_used, reason = "a bench that cannot begin may panic")]
#![expect(clippy::disallowed_methods, reason = "a bench measures real time")]
#![expect(clippy::print_stdout, reason = "what the process takes beyond its run is what this bench reports")]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use trustlane::diag::Sink;
use trustlane::diagram::swimlane::Swimlane;
use trustlane::diagram::{DIAGRAMS, Diagram, Executed, Subject};
use trustlane::resolve::Project;
use trustlane::scene::text::Fonts;
use trustlane::{env, load, project, run, svg};

/// The project of the one picture that is measured by itself: six actors and fourteen messages.
fn six() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/pictures")
}

fn resolved(root: &Path) -> Project {
    project(&load::load(root).unwrap(), &mut Sink::default()).unwrap()
}

/// One, and fifty one after the other: both as scenes and as files.
fn swimlanes(criterion: &mut Criterion) {
    let project = resolved(&six());
    let flow = &project.flows[0];
    let trace = run::run(flow, flow.baseline(), &env(&project));
    let run = Subject::Run(Executed { flow, scenario: flow.baseline(), trace: &trace });
    let scene = || Swimlane.draw(black_box(&run)).unwrap();
    let file = || svg::file(&scene(), "six");
    let mut group = criterion.benchmark_group("six actors and fourteen messages");
    // As the first picture of a process: no text was measured before.
    group.bench_function("first scene", |bencher| bencher.iter(|| Fonts::default().within(scene)));
    group.bench_function("first file", |bencher| bencher.iter(|| Fonts::default().within(file)));
    group.bench_function("scene", |bencher| bencher.iter(scene));
    group.bench_function("file", |bencher| bencher.iter(file));
    group.bench_function("fifty files", |bencher| bencher.iter(|| (0..50).map(|_| file().len()).sum::<usize>()));
    group.finish();
}

/// Every kind that shows the baseline of a shipped method, from its trace to the text of a file.
fn kinds(criterion: &mut Criterion) {
    let project = resolved(Path::new(env!("CARGO_MANIFEST_DIR")));
    let env = env(&project);
    let mut group = criterion.benchmark_group("kind");
    for flow in &project.flows {
        let trace = run::run(flow, flow.baseline(), &env);
        let run = Subject::Run(Executed { flow, scenario: flow.baseline(), trace: &trace });
        for kind in DIAGRAMS.iter().filter(|kind| kind.draw(&run).is_some()) {
            let id = BenchmarkId::new(kind.name(), format!("{}, {} steps", flow.id, trace.events.len()));
            group.bench_function(id, |bencher| bencher.iter(|| svg::file(&kind.draw(&run).unwrap(), &flow.id)));
        }
    }
    group.finish();
}

/// `trustlane draw` against the run that it makes, both many times in turn; medians.
fn processes(_: &mut Criterion) {
    const N_TIMES: usize = 30;
    for (root, flow) in [(six(), "six"), (PathBuf::from(env!("CARGO_MANIFEST_DIR")), "x509-factory")] {
        let project = resolved(&root);
        let (env, of) = (env(&project), project.flows.iter().find(|other| other.id == flow).unwrap());
        let mut whole = Vec::new();
        let mut own = Vec::new();
        for _ in 0..N_TIMES {
            whole.push(timed(|| draw(&root, flow)));
            own.push(timed(|| drop(black_box(run::run(of, of.baseline(), &env)))));
        }
        let [whole, own] = [median(whole), median(own)].map(|time| time.as_secs_f64() * 1e3);
        println!("draw {flow}: {whole:.1} ms as a process, {:.1} ms beyond its run of {own:.1} ms", whole - own);
    }
}

fn draw(root: &Path, flow: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trustlane"));
    let command = command.args(["draw", flow]).current_dir(root).stdout(Stdio::null());
    assert!(command.status().unwrap().success());
}

fn timed(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    targets = processes, swimlanes, kinds
}
criterion_main!(benches);
