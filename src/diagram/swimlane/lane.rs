//! Who stands in the picture: a lane an actor, a column a zone.

use super::Excerpt;
use crate::flow::{ATTACKER, Actor, Custody, Flow, Scenario};
use crate::scene::text::{Block, Font, Style, wrap};
use crate::trace::{EventOutcome, Place};

const TITLE: Style = Style::new(Font::Bold, 15.0);
const ROLE: Style = Style::new(Font::Regular, 11.0);
const CUSTODY: Style = Style::new(Font::Regular, 10.0);
/// How the name of a zone is set.
pub(in crate::diagram) const ZONE: Style = Style::new(Font::Bold, 10.0).tracked(0.9);
/// Space between a zone's name and its edges.
pub(in crate::diagram) const ZONE_INSET: f32 = 16.0;
const ZONE_TEXT: f32 = 220.0;
const CARD_TEXT: f32 = 150.0;
const CARD_MIN: f32 = 136.0;
const CARD_PADDING: f32 = 14.0;

/// An actor's card and line.
#[derive(Debug)]
pub(in crate::diagram) struct Lane {
    /// The actor's id.
    pub(in crate::diagram) id: String,
    /// The name as one text.
    pub(in crate::diagram) name: String,
    /// The name on the card.
    pub(in crate::diagram) title: Block,
    /// What it does.
    pub(in crate::diagram) role: Block,
    /// Where its keys are.
    pub(in crate::diagram) custody: Block,
    /// Index in the flow's zones.
    pub(in crate::diagram) zone: Option<usize>,
    /// Half the width of the card.
    pub(in crate::diagram) half: f32,
    /// Half the width of the card, or of the zone's name where that is wider.
    pub(in crate::diagram) reach: f32,
}

/// Neighbouring lanes of one zone.
#[derive(Debug)]
pub(in crate::diagram) struct ZoneColumn {
    /// The zone's name.
    pub(in crate::diagram) title: String,
    /// First lane.
    pub(in crate::diagram) first: usize,
    /// Last lane.
    pub(in crate::diagram) last: usize,
}

/// All lanes, from left to right.
#[derive(Debug)]
pub(in crate::diagram) struct Cast {
    /// The lanes.
    pub(in crate::diagram) lanes: Vec<Lane>,
    /// The zones.
    pub(in crate::diagram) zones: Vec<ZoneColumn>,
}

impl Lane {
    fn new(actor: &Actor) -> Self {
        let custody = match actor.custody {
            Custody::None if actor.id == ATTACKER => "",
            custody => custody.title(),
        };
        let role = if actor.role.eq_ignore_ascii_case(&actor.title) { "" } else { &actor.role };
        let title = wrap(if actor.title.trim().is_empty() { &actor.id } else { &actor.title }, TITLE, CARD_TEXT);
        let (role, custody) = (wrap(role, ROLE, CARD_TEXT), wrap(custody, CUSTODY, CARD_TEXT));
        let text = title.width().max(role.width()).max(custody.width());
        let name = title.lines.iter().map(|(line, _)| line.as_str()).collect::<Vec<_>>().join(" ");
        let half = (text + 2.0 * CARD_PADDING).max(CARD_MIN) / 2.0;
        Self { id: actor.id.clone(), name, title, role, custody, zone: actor.zone, half, reach: half }
    }

    /// Whether it is the attacker's.
    pub(in crate::diagram) fn is_attacker(&self) -> bool {
        self.id == ATTACKER
    }

    /// Height of what stands on the card.
    pub(in crate::diagram) fn text_height(&self) -> f32 {
        self.title.height() + self.role.height() + self.custody.height()
    }
}

impl Cast {
    /// The actors of `scenario`, and whoever else the events name.
    pub(in crate::diagram) fn new(flow: &Flow, scenario: &Scenario, excerpt: &Excerpt<'_>) -> Self {
        let ids: Vec<&str> = excerpt.events.iter().copied().flat_map(named).collect();
        let shown = scenario.actors.iter().filter(|actor| !excerpt.is_part || ids.contains(&actor.id.as_str()));
        let mut lanes: Vec<Lane> = shown.map(Lane::new).collect();
        for id in ids {
            if lanes.iter().all(|lane| lane.id != id) {
                let (title, role) = (id.to_owned(), String::new());
                lanes.push(Lane::new(&Actor { id: id.to_owned(), title, zone: None, role, custody: Custody::None }));
            }
        }
        let mut zones: Vec<ZoneColumn> = Vec::new();
        for (index, lane) in lanes.iter().enumerate() {
            let Some(zone) = lane.zone.and_then(|zone| flow.zones.get(zone)) else { continue };
            match zones.last_mut() {
                Some(column) if column.last + 1 == index && lanes[column.last].zone == lane.zone => column.last = index,
                _ => zones.push(ZoneColumn { title: zone.title.to_uppercase(), first: index, last: index }),
            }
        }
        for zone in zones.iter().filter(|zone| zone.first == zone.last) {
            let name = wrap(&zone.title, ZONE, ZONE_TEXT).width() / 2.0;
            lanes[zone.first].reach = lanes[zone.first].reach.max(name);
        }
        Self { lanes, zones }
    }

    /// The lane of the actor called `id`, where it has one.
    pub(in crate::diagram) fn find(&self, id: &str) -> Option<usize> {
        self.lanes.iter().position(|lane| lane.id == id)
    }

    /// The lane of the actor called `id`.
    pub(in crate::diagram) fn lane(&self, id: &str) -> usize {
        self.find(id).expect("every actor that the trace names has a lane")
    }

    /// The name of the actor called `id`.
    pub(in crate::diagram) fn name(&self, id: &str) -> &str {
        &self.lanes[self.lane(id)].name
    }
}

fn named(event: &crate::trace::Event) -> Vec<&str> {
    let mut ids = match &event.place {
        Place::At { actor } => vec![actor.as_str()],
        Place::Setup { from, to } | Place::Between { from, to, .. } => vec![from.as_str(), to.as_str()],
    };
    ids.extend(event.checks.iter().map(|check| check.by.as_str()));
    if let EventOutcome::Rejected(rejection) = &event.outcome {
        ids.push(&rejection.by);
    }
    ids
}
