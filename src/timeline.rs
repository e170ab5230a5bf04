//! Trace × profiles → [`Timeline`]: how long a run takes, how many bytes cross, and where a method cannot work.
//!
//! Times are whole microseconds; every quotient is rounded up. One thing happens after the other: nobody computes while
//! something is sent, so that a time is rather too long than too short. What the TLS library hashes is not counted.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::Serialize;

use crate::crypto::count::Counts;
use crate::flow::DEVICE_ROLE;
use crate::profile::{DeviceProfile, LinkProfile, Profiles, Transfer};
use crate::trace::{Event, Flight, Path, Place, Trace};
use crate::vocabulary::Medium;

/// The timelines of every flow, in the order of the project.
#[derive(Clone, Debug, Serialize)]
pub struct Timelines {
    /// One entry a flow.
    pub flows: Vec<FlowTimelines>,
}

/// The timelines of a flow's baseline.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct FlowTimelines {
    /// Edition of this format.
    pub format: u32,
    /// Id of the flow.
    pub flow: String,
    /// Id of the link that is shown where nobody chooses: that of the method's own medium.
    pub link: String,
    /// Id of the device that is shown where nobody chooses.
    pub device: String,
    /// Every pair of profiles: link by link, and for each device by device.
    pub pairs: Vec<Timeline>,
}

/// How long a run takes with one pair of profiles.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Timeline {
    /// Id of the link profile.
    pub link: String,
    /// Id of the device profile.
    pub device: String,
    /// The parts over the whole run.
    pub total: Times,
    /// What crosses the device's own link.
    pub traffic: Traffic,
    /// The phases in order.
    pub phases: Vec<PhaseTime>,
    /// The steps in order; printed for the pair that is shown where nobody chooses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepTime>,
    /// Where the method cannot work.
    pub obstacles: Vec<Obstacle>,
}

/// The parts of a time, each in microseconds; they follow each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Times {
    /// Setting up the device's links: attach, association, join.
    pub link_set_up: u64,
    /// Bytes on the device's links.
    pub transmission: u64,
    /// Silence that a duty cycle asks for.
    pub duty_cycle: u64,
    /// Latency of the device's links, round trips of connections among it.
    pub latency: u64,
    /// The device computes.
    pub device: u64,
    /// Others compute, and what others send to each other.
    pub others: u64,
    /// People act; every one of these is an estimate.
    pub people: u64,
    /// The virtual clock is moved on by `wait`.
    pub waiting: u64,
}

/// A part of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields of `Times` say what each is")]
// Network, computing, people, waiting.
pub enum Part {
    LinkSetUp,
    Transmission,
    DutyCycle,
    Latency,
    Device,
    Others,
    People,
    Waiting,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 8] = [
        Self::LinkSetUp,
        Self::Transmission,
        Self::DutyCycle,
        Self::Latency,
        Self::Device,
        Self::Others,
        Self::People,
        Self::Waiting,
    ];

    /// The name in style sheets.
    pub fn name(self) -> &'static str {
        match self {
            Self::LinkSetUp => "link-set-up",
            Self::Transmission => "transmission",
            Self::DutyCycle => "duty-cycle",
            Self::Latency => "latency",
            Self::Device => "device",
            Self::Others => "others",
            Self::People => "people",
            Self::Waiting => "waiting",
        }
    }

    /// What readers call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::LinkSetUp => "link set-up",
            Self::Transmission => "transmission",
            Self::DutyCycle => "silence for the duty cycle",
            Self::Latency => "latency",
            Self::Device => "device computes",
            Self::Others => "others",
            Self::People => "people, estimated",
            Self::Waiting => "waiting",
        }
    }
}

/// What crosses the links for which the link profile was chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Traffic {
    /// Bytes from the device.
    pub bytes_up: u64,
    /// Bytes to the device.
    pub bytes_down: u64,
    /// Flights: all that one side sends before it waits for the other.
    pub flights: u64,
    /// Frames or packets.
    pub frames: u64,
}

/// How long a phase takes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct PhaseTime {
    /// Its name.
    pub phase: String,
    /// The parts.
    pub times: Times,
}

/// How long a step takes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct StepTime {
    /// Its id.
    pub step: String,
    /// When it begins, in microseconds after the run.
    pub begins: u64,
    /// The parts.
    pub times: Times,
}

/// Something that takes too long to work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Obstacle {
    /// Id of the step that opens the session.
    pub step: String,
    /// Bytes of the handshake.
    pub bytes: u64,
    /// Frames or packets that it needs.
    pub frames: u64,
    /// How long it takes, in microseconds.
    pub takes: u64,
    /// How long a server waits, in microseconds.
    pub limit: u64,
}

/// The format of exported timelines.
const FORMAT: u32 = 1;
/// Private operations for which an RSA key pair is charged.
const RSA_KEY: u32 = 50;
/// Microseconds in a second.
const SECOND: u64 = 1_000_000;

/// The timelines of each trace for every pair of profiles.
pub fn timelines<'t>(baselines: impl Iterator<Item = &'t Trace>, profiles: &Profiles) -> Timelines {
    let baselines: Vec<&Trace> = baselines.collect();
    Timelines { flows: baselines.par_iter().map(|trace| of_flow(trace, profiles)).collect() }
}

/// The link and the device of the timeline that is shown where nobody chooses.
pub fn own_pair<'p>(trace: &Trace, profiles: &'p Profiles) -> (&'p LinkProfile, &'p DeviceProfile) {
    (own_link(trace, profiles), &profiles.devices[profiles.default_device])
}

fn of_flow(trace: &Trace, profiles: &Profiles) -> FlowTimelines {
    let (link, device) = own_pair(trace, profiles);
    let pairs = profiles.link_choices().flat_map(|link| profiles.device_choices().map(move |device| (link, device)));
    let pairs = pairs.map(|(of_link, of_device)| {
        let mut timeline = compute(trace, of_link, of_device, profiles);
        if (&of_link.id, &of_device.id) != (&link.id, &device.id) {
            timeline.steps.clear();
        }
        timeline
    });
    FlowTimelines {
        format: FORMAT,
        flow: trace.flow.clone(),
        link: link.id.clone(),
        device: device.id.clone(),
        pairs: pairs.collect(),
    }
}

/// The link that stands for the medium of the device's first link with a choice; the book's own where there is none.
fn own_link<'p>(trace: &Trace, profiles: &'p Profiles) -> &'p LinkProfile {
    let device = device_of(trace);
    let mut open = trace.links.iter().filter(|link| is_access(trace, link, device, profiles));
    let own = open.next().map(|link| profiles.of_medium(link.medium)).filter(|profile| profile.is_choice);
    own.unwrap_or(&profiles.links[profiles.default_link])
}

/// How long `trace` takes where the device is `device` and its own links are `link`.
pub fn compute(trace: &Trace, link: &LinkProfile, device: &DeviceProfile, profiles: &Profiles) -> Timeline {
    let mut clock = Clock::new(trace, link, device, profiles);
    let mut timeline = Timeline {
        link: link.id.clone(),
        device: device.id.clone(),
        total: Times::default(),
        traffic: Traffic::default(),
        phases: Vec::new(),
        steps: Vec::new(),
        obstacles: Vec::new(),
    };
    for (index, event) in trace.events.iter().enumerate() {
        let next = trace.events.get(index + 1).map_or(event.clock, |next| next.clock);
        let waited = u64::try_from(next.0 - event.clock.0).unwrap_or(0);
        let mut times = clock.event(event);
        times.waiting = waited.saturating_mul(SECOND);
        timeline.obstacles.extend(clock.obstacle(event, times));
        timeline.steps.push(StepTime { step: event.step.clone(), begins: timeline.total.sum(), times });
        timeline.total.add(times);
        match timeline.phases.last_mut().filter(|last| last.phase == event.phase) {
            Some(last) => last.times.add(times),
            None => timeline.phases.push(PhaseTime { phase: event.phase.clone(), times }),
        }
    }
    timeline.traffic = clock.traffic;
    timeline
}

/// What a link of the trace costs.
#[derive(Clone, Copy)]
struct Way<'p> {
    profile: &'p LinkProfile,
    /// Latency behind the profile's own, in microseconds.
    behind: u64,
    /// Whether the profile was chosen for it.
    is_chosen: bool,
    /// Whether the device is at one end.
    is_devices: bool,
}

struct Clock<'p> {
    device: &'p str,
    device_profile: &'p DeviceProfile,
    profiles: &'p Profiles,
    ways: BTreeMap<&'p str, Way<'p>>,
    /// Profiles that are set up, by id; a link without choice is set up for itself.
    set_up: BTreeSet<&'p str>,
    /// Links on which a connection is open for what is sent in clear.
    connected: BTreeSet<&'p str>,
    /// Who sent last, by link.
    last: BTreeMap<&'p str, &'p str>,
    traffic: Traffic,
}

impl<'p> Clock<'p> {
    fn new(trace: &'p Trace, link: &'p LinkProfile, profile: &'p DeviceProfile, profiles: &'p Profiles) -> Self {
        let device = device_of(trace);
        let way = |path: &'p Path| {
            let is_chosen = is_access(trace, path, device, profiles);
            let of_medium = profiles.of_medium(path.medium);
            let is_far = is_chosen && profiles.far.contains(&path.medium);
            let behind = if is_far { profiles.of_medium(Medium::Internet).latency() } else { 0 };
            let profile = if is_chosen { link } else { of_medium };
            Way { profile, behind, is_chosen, is_devices: path.between.iter().any(|end| end == device) }
        };
        Self {
            device,
            device_profile: profile,
            profiles,
            ways: trace.links.iter().map(|path| (path.id.as_str(), way(path))).collect(),
            set_up: BTreeSet::new(),
            connected: BTreeSet::new(),
            last: BTreeMap::new(),
            traffic: Traffic::default(),
        }
    }

    fn event(&mut self, event: &'p Event) -> Times {
        let mut times = Times::default();
        let link = match &event.place {
            // It was arranged before the method begins.
            Place::Setup { .. } => return times,
            Place::At { .. } => None,
            Place::Between { link, .. } => Some(link.as_str()),
        };
        times.people = u64::from(event.person_seconds).saturating_mul(SECOND);
        for (actor, counts) in &event.counts {
            let is_device = actor == self.device;
            let profile = if is_device { self.device_profile } else { &self.profiles.devices[self.profiles.peer] };
            let part = if is_device { &mut times.device } else { &mut times.others };
            *part = part.saturating_add(work(*counts, profile));
        }
        if let Some(link) = link
            && !event.flights.is_empty()
        {
            self.connect(event, link, &mut times);
            for flight in &event.flights {
                self.fly(link, flight, &mut times);
            }
        }
        times
    }

    /// Sets up what the first byte of `event` needs.
    fn connect(&mut self, event: &Event, link: &'p str, times: &mut Times) {
        let Some(way) = self.ways.get(link).copied() else { return };
        let radio = if way.is_chosen { way.profile.id.as_str() } else { link };
        if let Some(figure) = way.profile.set_up.as_ref().filter(|_| self.set_up.insert(radio)) {
            let part = if way.is_devices { &mut times.link_set_up } else { &mut times.others };
            *part = part.saturating_add(figure.value);
        }
        let connection = &self.profiles.connection;
        let opens = event.session.as_ref() == Some(&event.step);
        let is_needed = connection.operations.contains(&event.operation)
            && (opens || (event.session.is_none() && self.connected.insert(link)));
        if is_needed {
            let trips = connection.round_trips.value.saturating_mul(2);
            delay(way, trips.saturating_mul(way.latency()), times);
            // The last word of the set-up was the other end's.
            self.last.remove(link);
        }
    }

    fn fly(&mut self, link: &'p str, flight: &'p Flight, times: &mut Times) {
        let Some(way) = self.ways.get(link).copied() else { return };
        let bytes = flight.wire.0.len() as u64;
        let is_up = !way.is_devices || flight.from == self.device;
        let moved = way.profile.moved(bytes, is_up);
        let part = match (&way.profile.transfer, way.is_devices) {
            (Transfer::ByHand { .. }, _) => &mut times.people,
            (Transfer::Frames { .. } | Transfer::Stream { .. }, true) => &mut times.transmission,
            (Transfer::Frames { .. } | Transfer::Stream { .. }, false) => &mut times.others,
        };
        *part = part.saturating_add(moved.on_air);
        let silence = if way.is_devices { &mut times.duty_cycle } else { &mut times.others };
        *silence = silence.saturating_add(moved.silence);
        // What follows in the same direction is on its way already.
        let turns = self.last.insert(link, flight.from.as_str()) != Some(flight.from.as_str());
        if turns {
            delay(way, way.latency(), times);
        }
        if way.is_chosen {
            self.traffic.frames += moved.frames;
            self.traffic.flights += u64::from(turns);
            let direction = if is_up { &mut self.traffic.bytes_up } else { &mut self.traffic.bytes_down };
            *direction += bytes;
        }
    }

    /// A handshake over the chosen link that takes longer than a server waits.
    fn obstacle(&self, event: &Event, times: Times) -> Option<Obstacle> {
        let Place::Between { link, .. } = &event.place else { return None };
        let way = self.ways.get(link.as_str()).filter(|way| way.is_chosen)?;
        let opens = event.session.as_ref() == Some(&event.step);
        let takes = times.sum() - times.link_set_up - times.waiting;
        let limit = self.profiles.patience.value;
        let sizes = || event.flights.iter().map(|flight| flight.wire.0.len() as u64);
        (opens && takes > limit).then(|| Obstacle {
            step: event.step.clone(),
            bytes: sizes().sum(),
            frames: sizes().map(|bytes| way.profile.moved(bytes, true).frames).sum(),
            takes,
            limit,
        })
    }
}

impl Way<'_> {
    fn latency(&self) -> u64 {
        self.profile.latency().saturating_add(self.behind)
    }
}

fn delay(way: Way<'_>, micros: u64, times: &mut Times) {
    let part = if way.is_devices { &mut times.latency } else { &mut times.others };
    *part = part.saturating_add(micros);
}

/// Bytes as a link moves them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Frames or packets.
    pub frames: u64,
    /// Time on the link, in microseconds.
    pub on_air: u64,
    /// Time in which the sender must be silent afterwards, in microseconds.
    pub silence: u64,
}

impl LinkProfile {
    /// What it takes to move `bytes` in one flight, from the device (`is_up`) or to it.
    pub fn moved(&self, bytes: u64, is_up: bool) -> Moved {
        match &self.transfer {
            Transfer::ByHand { message } => Moved { frames: 1, on_air: message.value, silence: 0 },
            Transfer::Frames { cycle, payload, duty, .. } => {
                let frames = bytes.div_ceil(payload.value);
                let on_air = frames.saturating_mul(cycle.value);
                let silence = duty.as_ref().map_or(0, |duty| {
                    let rest = 1000_u64.saturating_sub(duty.value);
                    on_air.saturating_mul(rest).div_ceil(duty.value)
                });
                Moved { frames, on_air, silence }
            }
            Transfer::Stream { up, down, payload, .. } => {
                let rate = if is_up { up.value } else { down.value };
                let on_air = per_second(bytes.saturating_mul(8), rate);
                Moved { frames: bytes.div_ceil(payload.value), on_air, silence: 0 }
            }
        }
    }
}

/// How long the counted operations take, in microseconds; an ephemeral key pair is charged as a key pair.
pub fn work(counts: Counts, profile: &DeviceProfile) -> u64 {
    let charged = [
        (counts.keygen, &profile.keygen),
        (counts.ephemeral, &profile.keygen),
        (counts.sign, &profile.sign),
        (counts.verify, &profile.verify),
        (counts.agree, &profile.agree),
        // As `substitutes` in data/devices.toml says.
        (counts.p384.saturating_add(counts.ed25519), &profile.verify),
        (counts.rsa_keygen.saturating_mul(RSA_KEY), &profile.rsa_private),
        (counts.rsa_private, &profile.rsa_private),
        (counts.rsa_public, &profile.rsa_public),
    ];
    let operations = charged.iter().map(|(n, figure)| u64::from(*n).saturating_mul(figure.value));
    operations
        .chain([per_second(counts.hash_bytes, profile.hash.value), per_second(counts.aead_bytes, profile.aead.value)])
        .fold(0, u64::saturating_add)
}

/// Microseconds for `n` things at `rate` a second, rounded up.
fn per_second(n: u64, rate: u64) -> u64 {
    let micros = (u128::from(n) * u128::from(SECOND)).div_ceil(u128::from(rate));
    u64::try_from(micros).unwrap_or(u64::MAX)
}

fn device_of(trace: &Trace) -> &str {
    trace.actors.iter().find(|actor| actor.role == DEVICE_ROLE).map_or("", |actor| actor.id.as_str())
}

/// Whether the reader chooses the profile of `link`: the device is at one end, the other is in another zone, and the
/// medium is one of those that lead into a network.
fn is_access(trace: &Trace, link: &Path, device: &str, profiles: &Profiles) -> bool {
    let zone = |id: &String| trace.actors.iter().find(|actor| actor.id == *id).and_then(|actor| actor.zone.as_ref());
    link.between.iter().any(|end| end == device)
        && zone(&link.between[0]) != zone(&link.between[1])
        && profiles.access.contains(&link.medium)
}

impl Times {
    /// All parts, in the order of [`Part::ALL`].
    pub fn parts(&self) -> [(Part, u64); 8] {
        Part::ALL.map(|part| (part, self.part(part)))
    }

    /// One part, in microseconds.
    pub fn part(&self, part: Part) -> u64 {
        match part {
            Part::LinkSetUp => self.link_set_up,
            Part::Transmission => self.transmission,
            Part::DutyCycle => self.duty_cycle,
            Part::Latency => self.latency,
            Part::Device => self.device,
            Part::Others => self.others,
            Part::People => self.people,
            Part::Waiting => self.waiting,
        }
    }

    /// The whole time, in microseconds.
    pub fn sum(&self) -> u64 {
        self.parts().into_iter().fold(0, |sum, (_, micros)| sum.saturating_add(micros))
    }

    /// Adds `other` part by part.
    pub fn add(&mut self, other: Self) {
        let mine = [
            (&mut self.link_set_up, other.link_set_up),
            (&mut self.transmission, other.transmission),
            (&mut self.duty_cycle, other.duty_cycle),
            (&mut self.latency, other.latency),
            (&mut self.device, other.device),
            (&mut self.others, other.others),
            (&mut self.people, other.people),
            (&mut self.waiting, other.waiting),
        ];
        for (part, more) in mine {
            *part = part.saturating_add(more);
        }
    }
}

impl FlowTimelines {
    /// The timeline of a pair of profiles.
    pub fn pair(&self, link: &str, device: &str) -> Option<&Timeline> {
        self.pairs.iter().find(|pair| pair.link == link && pair.device == device)
    }
}
