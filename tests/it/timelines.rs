//! Timelines: known answers worked out by hand, and what holds for every method and every pair of profiles.

use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;
use trustlane::annotation::Bytes;
use trustlane::clock::Timestamp;
use trustlane::crypto::count::Counts;
use trustlane::diag::Sink;
use trustlane::diag::render::{Colour, render};
use trustlane::flow::Flow;
use trustlane::profile::{Figure, LinkProfile, Profiles, Transfer};
use trustlane::resolve::Project;
use trustlane::source::Sources;
use trustlane::timeline::{Times, compute, timelines, work};
use trustlane::trace::{Event, Flight, Place, Trace};
use trustlane::{env, load, project, run, schema};

static SOURCES: LazyLock<Sources> = LazyLock::new(|| load::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap());

static PROJECT: LazyLock<Project> = LazyLock::new(|| {
    let mut sink = Sink::default();
    let found = project(&SOURCES, &mut sink);
    found.unwrap_or_else(|| panic!("{}", render(&sink.into_sorted(), &SOURCES, Colour::Never)))
});

static BASELINES: LazyLock<Vec<Trace>> = LazyLock::new(|| {
    let baseline = |flow: &Flow| run::run(flow, &flow.scenarios[0], &env(&PROJECT));
    PROJECT.flows.iter().map(baseline).collect()
});

fn profiles() -> &'static Profiles {
    &PROJECT.profiles
}

/// A trace of `events` between a device in one zone and a server in another, over one link that leads far away and a
/// serial line.
fn trace(events: Vec<Event>) -> Trace {
    let mut trace = BASELINES[0].clone();
    let device = trace.actors.iter().position(|actor| actor.role == "device").unwrap();
    let server = (device + 1) % trace.actors.len();
    for (index, id) in [(device, "device"), (server, "server")] {
        id.clone_into(&mut trace.actors[index].id);
        trace.actors[index].zone = Some(id.to_owned());
    }
    trace.links.truncate(2);
    for (link, (id, medium)) in trace
        .links
        .iter_mut()
        .zip([("net", trustlane::vocabulary::Medium::Internet), ("line", trustlane::vocabulary::Medium::Serial)])
    {
        (link.id, link.medium) = (id.to_owned(), medium);
        link.between = ["device".to_owned(), "server".to_owned()];
    }
    trace.events = events;
    trace
}

/// An event of the operation at the second `clock`; `sizes` are flights, negative where they come from the server.
fn event(step: &str, operation: &str, clock: i64, link: &str, sizes: &[i64]) -> Event {
    let mut event = BASELINES[0].events[0].clone();
    let ends = ["device".to_owned(), "server".to_owned()];
    event.flights = sizes
        .iter()
        .map(|size| {
            let [device, server] = ends.clone();
            let (from, to) = if *size > 0 { (device, server) } else { (server, device) };
            let wire = Bytes(vec![0; usize::try_from(size.unsigned_abs()).unwrap()]);
            Flight { from, to, label: String::new(), wire, layers: Vec::new() }
        })
        .collect();
    let [from, to] = ends;
    event.place = Place::Between { from, to, link: link.to_owned() };
    (event.step, event.operation) = (step.to_owned(), operation.to_owned());
    (event.clock, event.session) = (Timestamp(clock), None);
    (event.counts, event.person_seconds) = (std::collections::BTreeMap::new(), 0);
    event
}

fn times(events: Vec<Event>, link: &str, device: &str) -> Times {
    compute(&trace(events), profiles().link(link).unwrap(), profiles().device(device).unwrap(), profiles()).total
}

#[test]
fn a_handshake_takes_what_the_profiles_say() {
    let mut tls = event("tls", "tls", 0, "net", &[250, -1200, 900]);
    tls.session = Some("tls".to_owned());
    let device = Counts { ephemeral: 1, agree: 1, sign: 1, verify: 2, hash_bytes: 4769, ..Counts::default() };
    tls.counts.insert("device".to_owned(), device);
    let found = times(vec![tls], "nb-iot", "mcu-m0plus");
    // 15 s to attach. 2000 and 7200 bits at 30 kbit/s are 66 666.67 and 240 000 µs, 9600 at 20 kbit/s are 480 000.
    assert_eq!((found.link_set_up, found.transmission), (15_000_000, 66_667 + 240_000 + 480_000));
    // A round trip for TCP and three flights of 1.6 s; 20 ms more for the internet each way.
    assert_eq!(found.latency, (2 + 3) * 1_620_000);
    // 112.2 + 250.0 + 153.4 + 2 × 349.0 ms, and 4769 octets at 476.9 kB/s.
    assert_eq!(found.device, 112_200 + 250_000 + 153_400 + 698_000 + 10_000);
    assert_eq!(found.sum(), 15_000_000 + 786_667 + 8_100_000 + 1_223_600);
}

#[test]
fn frames_are_whole_and_a_duty_cycle_is_kept() {
    let found = times(vec![event("message", "deliver", 0, "net", &[52, 51])], "lorawan-dr0", "mcu-m4");
    // Three frames of 2.793472 s; at 1 % each is followed by 99 times its length. One latency: the direction is the same.
    assert_eq!((found.transmission, found.duty_cycle), (3 * 2_793_472, 3 * 2_793_472 * 99));
    assert_eq!((found.latency, found.link_set_up), (1_020_000, 6_483_000));
}

#[test]
fn a_link_that_nobody_chooses_keeps_its_profile() {
    let found = times(vec![event("message", "deliver", 0, "line", &[115])], "lorawan-dr0", "mcu-m4");
    // 920 bits at 92 160 bit/s are 9982.64 µs.
    assert_eq!(found, Times { transmission: 9_983, latency: 1_000, ..Times::default() });
}

#[test]
fn waiting_and_people_have_parts_of_their_own() {
    let mut person = event("look", "human", 0, "net", &[]);
    person.place = Place::At { actor: "server".to_owned() };
    person.person_seconds = 15;
    let mut wait = person.clone();
    (wait.step, wait.person_seconds) = ("wait".to_owned(), 0);
    let mut end = wait.clone();
    end.clock = Timestamp(4);
    let found = times(vec![person, wait, end], "wi-fi", "mcu-m4");
    assert_eq!(found, Times { people: 15_000_000, waiting: 4_000_000, ..Times::default() });
}

#[test]
fn a_connection_for_messages_in_clear_is_opened_once() {
    let request = |step: &str| event(step, "http-request", 0, "net", &[100]);
    let once = times(vec![request("a")], "ethernet", "mcu-m4");
    let twice =
        times(vec![request("a"), event("b", "http-response", 0, "net", &[-100]), request("c")], "ethernet", "mcu-m4");
    assert_eq!(once.latency, 3 * 20_200);
    assert_eq!(twice.latency, 5 * 20_200);
}

#[test]
fn a_handshake_that_outlasts_the_server_is_an_obstacle() {
    let mut tls = event("tls", "tls", 0, "net", &[200, -1000, 800]);
    tls.session = Some("tls".to_owned());
    let obstacles = |link: &str| {
        let link = profiles().link(link).unwrap();
        compute(&trace(vec![tls.clone()]), link, profiles().device("mcu-m4").unwrap(), profiles()).obstacles
    };
    assert_eq!(obstacles("nb-iot"), []);
    let [found] = obstacles("lorawan-dr0").try_into().unwrap();
    assert_eq!((found.step.as_str(), found.bytes, found.frames), ("tls", 2000, 4 + 20 + 16));
    // 40 frames at 1 %, and five latencies of 1.02 s.
    assert_eq!((found.takes, found.limit), (40 * 279_347_200 + 5 * 1_020_000, 60_000_000));
}

#[test]
fn every_pair_of_profiles_is_there_and_is_the_sum_of_its_parts() {
    let all = timelines(BASELINES.iter(), profiles());
    assert_eq!(all.flows.len(), PROJECT.flows.len());
    for (flow, trace) in all.flows.iter().zip(&*BASELINES) {
        assert_eq!(flow.pairs.len(), profiles().link_choices().count() * profiles().device_choices().count());
        for (link, device) in
            profiles().link_choices().flat_map(|it| profiles().device_choices().map(move |of| (it, of)))
        {
            let pair = flow.pair(&link.id, &device.id).unwrap();
            let whole = compute(trace, link, device, profiles());
            let sum = |parts: Vec<Times>| {
                let mut sum = Times::default();
                for part in parts {
                    sum.add(part);
                }
                sum
            };
            assert_eq!(sum(whole.steps.iter().map(|step| step.times).collect()), pair.total);
            assert_eq!(sum(pair.phases.iter().map(|phase| phase.times).collect()), pair.total);
            assert_eq!(pair.total.sum(), pair.total.parts().iter().map(|(_, part)| part).sum::<u64>());
            assert_eq!(whole.steps.len(), trace.events.len());
            let is_shown = (&link.id, &device.id) == (&flow.link, &flow.device);
            assert_eq!(pair.steps.is_empty(), !is_shown);
        }
    }
}

/// The link with the figure that `change` picks made worse.
fn worse(link: &LinkProfile, change: usize) -> Option<LinkProfile> {
    let mut link = link.clone();
    let slower = |figure: &mut Figure| figure.value = figure.value * 2 + 1;
    let fewer = |figure: &mut Figure| figure.value = figure.value.div_ceil(2);
    match (&mut link.transfer, change) {
        (Transfer::ByHand { message }, 0) => slower(message),
        (Transfer::Frames { cycle, .. }, 0) => slower(cycle),
        (Transfer::Frames { latency, .. }, 1) | (Transfer::Stream { latency, .. }, 2) => slower(latency),
        (Transfer::Frames { payload, .. }, 2) => fewer(payload),
        (Transfer::Frames { duty, .. }, 3) => fewer(duty.as_mut()?),
        (Transfer::Stream { up, .. }, 0) => fewer(up),
        (Transfer::Stream { down, .. }, 1) => fewer(down),
        (_, 4) => slower(link.set_up.as_mut()?),
        _ => return None,
    }
    Some(link)
}

#[test]
fn a_slower_link_is_never_faster() {
    let device = profiles().device("mcu-m4").unwrap();
    let mut n_slower = 0;
    for trace in &*BASELINES {
        for link in profiles().link_choices() {
            let before = compute(trace, link, device, profiles()).total.sum();
            for worse in (0..5).filter_map(|change| worse(link, change)) {
                let after = compute(trace, &worse, device, profiles()).total.sum();
                assert!(after >= before, "{}: {}", trace.flow, link.id);
                n_slower += usize::from(after > before);
            }
        }
    }
    assert!(n_slower > BASELINES.len() * profiles().link_choices().count() * 2, "{n_slower}");
}

#[test]
fn a_device_that_computes_more_takes_longer() {
    let one = Counts { sign: 1, ..Counts::default() };
    let more = Counts { sign: 2, hash_bytes: 64, ..Counts::default() };
    for device in profiles().device_choices() {
        assert_eq!(work(Counts::default(), device), 0);
        assert!(work(more, device) > work(one, device), "{}", device.id);
    }
}

#[test]
fn certificates_over_slow_lorawan_cannot_work() {
    // What shows certificates over TLS; a session of another protocol may be short enough.
    let shows = |trace: &&Trace| trace.events.iter().any(|event| event.operation == "tls");
    let flows = timelines(BASELINES.iter().filter(shows), profiles()).flows;
    assert!(flows.len() > 5);
    for flow in flows {
        for pair in &flow.pairs {
            let is_lorawan = pair.link.starts_with("lorawan");
            assert_eq!(!pair.obstacles.is_empty(), is_lorawan, "{}: {} with {}", flow.flow, pair.link, pair.device);
        }
    }
}

#[test]
fn exported_timelines_match_their_schema() {
    let validator = jsonschema::validator_for(&schema::timeline()).unwrap();
    for flow in timelines(BASELINES.iter(), profiles()).flows {
        let value: Value = serde_json::to_value(&flow).unwrap();
        let found: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert_eq!(found, Vec::<String>::new(), "{}", flow.flow);
    }
}
