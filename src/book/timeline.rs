//! How long a method takes: every pair of link and device, one of them phase by phase, and the figures behind it.

use serde::Serialize;

use super::words;
use crate::flow::Medium;
use crate::profile::{Figure, Profiles, Substitute};
use crate::timeline::{FlowTimelines, Obstacle, Timeline, Times};

/// The timelines of a method.
#[derive(Clone, Debug, Serialize)]
pub struct TimelineView {
    /// The links, a column each.
    pub links: Vec<String>,
    /// The devices, a row each.
    pub rows: Vec<RowView>,
    /// The link of the pair that is shown phase by phase.
    pub link: String,
    /// The device of that pair.
    pub device: String,
    /// Its whole time.
    pub total: String,
    /// What it is made of.
    pub parts: Vec<PartView>,
    /// Its phases.
    pub phases: Vec<PhaseView>,
    /// What crosses the device's own link, in words.
    pub traffic: String,
    /// Where the method cannot work, in words; one a link.
    pub obstacles: Vec<String>,
}

/// A device with its times.
#[derive(Clone, Debug, Serialize)]
pub struct RowView {
    /// Its name.
    pub title: String,
    /// One cell a link.
    pub cells: Vec<CellView>,
}

/// The time of a pair.
#[derive(Clone, Debug, Serialize)]
pub struct CellView {
    /// The time.
    pub text: String,
    /// Whether this pair is shown phase by phase.
    pub is_shown: bool,
    /// Whether the method cannot work.
    pub is_impossible: bool,
    /// What it is made of.
    pub parts: Vec<PartView>,
}

/// A part of a time.
#[derive(Clone, Debug, Serialize)]
pub struct PartView {
    /// Its class in style sheets.
    pub class: &'static str,
    /// What it is.
    pub label: &'static str,
    /// How long it is.
    pub text: String,
    /// Its share of the longest phase, in percent with one decimal.
    pub share: String,
}

/// A phase.
#[derive(Clone, Debug, Serialize)]
pub struct PhaseView {
    /// Its name.
    pub phase: String,
    /// How long it is.
    pub total: String,
    /// What it is made of.
    pub parts: Vec<PartView>,
}

/// The reference of profiles.
#[derive(Clone, Debug, Serialize)]
pub struct ProfilesView {
    /// Links, then devices, then what belongs to neither.
    pub groups: Vec<ProfileGroup>,
    /// What is charged as something else.
    pub substitutes: Vec<SubstituteView>,
}

/// Profiles of one sort.
#[derive(Clone, Debug, Serialize)]
pub struct ProfileGroup {
    /// Of which sort.
    pub title: &'static str,
    /// The profiles.
    pub profiles: Vec<ProfileView>,
}

/// A profile.
#[derive(Clone, Debug, Serialize)]
pub struct ProfileView {
    /// Id.
    pub id: String,
    /// Its anchor.
    pub anchor: String,
    /// Name.
    pub title: String,
    /// What it stands for, and what holds of all its figures; may be empty.
    pub note: String,
    /// Its figures.
    pub figures: Vec<FigureView>,
}

/// A figure.
#[derive(Clone, Debug, Serialize)]
pub struct FigureView {
    /// What it says.
    pub what: &'static str,
    /// The figure with its unit.
    pub value: String,
    /// How far it is known.
    pub standing: &'static str,
    /// Title of its source.
    pub source: String,
    /// Address of its source; may be empty.
    pub url: String,
    /// A few words; may be empty.
    pub note: String,
}

/// Something that is charged as something else.
#[derive(Clone, Debug, Serialize)]
pub struct SubstituteView {
    /// What.
    pub what: String,
    /// As what.
    pub charged_as: String,
    /// How far that is known.
    pub standing: &'static str,
    /// Why; may be empty.
    pub note: String,
}

/// The view of `timelines` with the pair of `link` and `device`, which are ids of profiles that can be chosen.
pub fn view(timelines: &FlowTimelines, profiles: &Profiles, link: &str, device: &str) -> Option<TimelineView> {
    let shown = timelines.pair(link, device)?;
    let cell = |pair: &Timeline| CellView {
        text: words::duration(pair.total.sum()),
        is_shown: (pair.link.as_str(), pair.device.as_str()) == (link, device),
        is_impossible: !pair.obstacles.is_empty(),
        parts: parts(pair.total, pair.total.sum()),
    };
    let rows = profiles.device_choices().map(|device| RowView {
        title: device.title.clone(),
        cells: timelines.pairs.iter().filter(|pair| pair.device == device.id).map(cell).collect(),
    });
    let longest = shown.phases.iter().map(|phase| phase.times.sum()).max().unwrap_or(0);
    let phases = shown.phases.iter().filter(|phase| phase.times.sum() > 0).map(|phase| PhaseView {
        phase: phase.phase.clone(),
        total: words::duration(phase.times.sum()),
        parts: parts(phase.times, longest),
    });
    Some(TimelineView {
        links: profiles.link_choices().map(|link| link.title.clone()).collect(),
        rows: rows.collect(),
        link: profiles.link(link)?.title.clone(),
        device: profiles.device(device)?.title.clone(),
        total: words::duration(shown.total.sum()),
        parts: parts(shown.total, shown.total.sum()),
        phases: phases.collect(),
        traffic: traffic(shown),
        obstacles: obstacles(timelines, profiles),
    })
}

/// The parts of a time that are not zero.
fn parts(times: Times, whole: u64) -> Vec<PartView> {
    let present = times.parts().into_iter().filter(|(_, micros)| *micros > 0);
    present
        .map(|(part, micros)| PartView {
            class: part.name(),
            label: part.label(),
            text: words::duration(micros),
            share: share(micros, whole),
        })
        .collect()
}

/// `part` of `whole` in percent with one decimal, at least 0.1.
fn share(part: u64, whole: u64) -> String {
    let tenths = (u128::from(part) * 1000).checked_div(u128::from(whole)).unwrap_or(0).clamp(1, 1000);
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn traffic(shown: &Timeline) -> String {
    let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let traffic = shown.traffic;
    format!(
        "{} from the device and {} to it, in {} and {}",
        words::bytes(number(traffic.bytes_up)),
        words::bytes(number(traffic.bytes_down)),
        words::count(number(traffic.flights), "flight", "flights"),
        words::count(number(traffic.frames), "frame or packet", "frames or packets"),
    )
}

/// For each link over which the method cannot work: its longest handshake with the quickest device.
fn obstacles(timelines: &FlowTimelines, profiles: &Profiles) -> Vec<String> {
    let of_link = |link: &str| {
        let pairs = timelines.pairs.iter().filter(|pair| pair.link == link);
        // A device that is quicker does not make the link any quicker.
        let worst = |pair: &Timeline| pair.obstacles.iter().max_by_key(|obstacle| obstacle.takes).cloned();
        let all: Option<Vec<Obstacle>> = pairs.map(worst).collect();
        all.and_then(|all| all.into_iter().min_by_key(|obstacle| obstacle.takes))
    };
    let found = profiles.link_choices().filter_map(|link| Some((link, of_link(&link.id)?)));
    found
        .map(|(link, obstacle)| {
            let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
            format!(
                "Over {} it cannot work: the handshake “{}” has {} in {} and takes {} with the quickest device, while a server waits {}.",
                link.title,
                obstacle.step,
                words::bytes(number(obstacle.bytes)),
                words::count(number(obstacle.frames), "frame", "frames"),
                words::duration(obstacle.takes),
                words::duration(obstacle.limit),
            )
        })
        .collect()
}

/// The reference of all profiles.
pub fn profiles(profiles: &Profiles) -> ProfilesView {
    let links = profiles.links.iter().map(|link| {
        let media: Vec<&str> = link.media.iter().map(|medium: &Medium| words::medium(*medium)).collect();
        let stands = match media.as_slice() {
            [] => String::new(),
            media => format!("Stands for: {}. ", media.join(", ")),
        };
        profile(&link.id, &link.title, &(stands + &link.note), link.figures())
    });
    let devices =
        profiles.devices.iter().map(|device| profile(&device.id, &device.title, &device.note, device.figures()));
    let around =
        vec![("round trips of a connection", &profiles.connection.round_trips), ("patience", &profiles.patience)];
    let operations = format!("Operations over a connection: {}.", profiles.connection.operations.join(", "));
    let around = profile("around", "Connections and handshakes", &operations, around);
    ProfilesView {
        groups: vec![
            ProfileGroup { title: "Links", profiles: links.chain([around]).collect() },
            ProfileGroup { title: "Devices", profiles: devices.collect() },
        ],
        substitutes: profiles.substitutes.iter().map(substitute).collect(),
    }
}

fn profile(id: &str, title: &str, note: &str, figures: Vec<(&'static str, &Figure)>) -> ProfileView {
    ProfileView {
        id: id.to_owned(),
        anchor: format!("profile-{id}"),
        title: title.to_owned(),
        note: note.trim().to_owned(),
        figures: figures.into_iter().map(|(what, figure)| figure_view(what, figure)).collect(),
    }
}

fn figure_view(what: &'static str, figure: &Figure) -> FigureView {
    let (value, unit) = figure.written;
    let value = words::number(usize::try_from(value).unwrap_or(usize::MAX));
    FigureView {
        what,
        value: format!("{value}\u{a0}{}", unit.sign()).trim_end_matches('\u{a0}').to_owned(),
        standing: figure.standing.word(),
        source: figure.source.title.clone(),
        url: figure.source.url.clone(),
        note: figure.note.clone(),
    }
}

fn substitute(substitute: &Substitute) -> SubstituteView {
    SubstituteView {
        what: substitute.what.clone(),
        charged_as: substitute.charged_as.clone(),
        standing: substitute.standing.word(),
        note: substitute.note.clone(),
    }
}
