//! What stands in the band of each event, measured but not placed.

use super::Excerpt;
use super::lane::Cast;
use super::{store, words};
use crate::flow::{Flow, Scenario};
use crate::quantity;
use crate::scene::palette::Tone;
use crate::scene::text::{Block, Font, Style, wrap};
use crate::trace::{Artifact, EditMark, Event, EventOutcome, Place, Protection, Rejection};

const NAME: Style = Style::new(Font::Bold, 13.0);
const NOTE: Style = Style::new(Font::Regular, 11.0);
const PILL: Style = Style::new(Font::Regular, 12.0);
const HEAD: Style = Style::new(Font::SemiBold, 12.0);
const CODE: Style = Style::new(Font::Mono, 10.5);
const PHASE: Style = Style::new(Font::Bold, 9.5).tracked(0.8);
const MARK: Style = Style::new(Font::Bold, 8.5).tracked(0.6);
const SIZE: Style = Style::new(Font::Mono, 10.5);
const CAPTION: Style = Style::new(Font::SemiBold, 10.5);

const MESSAGE_TEXT: f32 = 252.0;
const PILL_TEXT: f32 = 178.0;
const CARD_TEXT: f32 = 236.0;
const MARGIN_TEXT: f32 = 104.0;

/// Space right of a card's text, and left of it where it has no sign.
const CARD_PADDING: f32 = 13.0;
/// Space right of what is stored, and left of its sign.
const STORE_PADDING: f32 = 8.0;
/// Space between the paragraphs of a card.
pub(super) const CARD_SPACING: f32 = 3.0;
/// Space left of a pill's text, for its sign.
pub(super) const PILL_INDENT: f32 = 28.0;
/// Space right of a pill's text.
pub(super) const PILL_PADDING: f32 = 14.0;
/// Space left of a message's name, for its lock.
pub(super) const LOCK_INDENT: f32 = 16.0;

/// The band of one event.
#[derive(Debug)]
pub(super) struct Row<'a> {
    /// The event.
    pub(super) event: &'a Event,
    /// Whether it stands as in the baseline, before the first edit of an attack.
    pub(super) compact: bool,
    /// How what is sent is protected.
    pub(super) protection: Protection,
    /// The phase that begins here.
    pub(super) phase: Option<Block>,
    /// The word for a step that the scenario changed.
    pub(super) mark: Option<Block>,
    /// The colour of the change: an attack's stands out, another is only marked.
    pub(super) edited: Option<Tone>,
    /// Says that a session is protected from here on.
    pub(super) raised: Option<Raised>,
    /// What the number of the step points at.
    pub(super) body: Body,
    /// Checks, refusals, what the other end saw, and what is stored, from the top.
    pub(super) cards: Vec<Card>,
}

/// The words where a provisional session becomes a protected one.
#[derive(Debug)]
pub(super) struct Raised {
    /// The words.
    pub(super) caption: Block,
    /// The left lane of the session.
    pub(super) lane: usize,
    /// Whether this event raised it, so that the words stand below; above, where it is already raised.
    pub(super) below: bool,
}

/// What the number of a step points at.
#[derive(Debug)]
pub(super) enum Body {
    /// Only cards: a check at one actor.
    Cards,
    /// A line between two lanes.
    Message {
        /// The sender's lane.
        from: usize,
        /// The receiver's lane.
        to: usize,
        /// The lane of whoever relays it.
        through: Option<usize>,
        /// Above the line.
        name: Block,
        /// Below the line.
        note: Block,
        /// At the right edge.
        size: Block,
    },
    /// Something that one actor does or is given.
    Pill {
        /// Its lane.
        lane: usize,
        /// What.
        name: Block,
        /// From whom.
        note: Block,
        /// Whether it was arranged beforehand.
        is_setup: bool,
    },
}

/// An opaque ground with lines of text.
#[derive(Debug)]
pub(super) struct Card {
    /// Its lane.
    pub(super) lane: usize,
    /// What it says.
    pub(super) kind: CardKind,
    /// The paragraphs.
    pub(super) lines: Vec<CardLine>,
}

/// What a card says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CardKind {
    /// Something was verified.
    Check,
    /// An actor refused.
    Refusal,
    /// What an actor saw of another's refusal.
    Seen,
    /// What an actor has in its store from here on.
    Stored,
}

/// A paragraph on a card.
#[derive(Debug)]
pub(super) struct CardLine {
    /// The sign before it.
    pub(super) sign: Option<Sign>,
    /// The words.
    pub(super) text: Block,
    /// Whether it is secondary.
    pub(super) is_muted: bool,
}

/// The sign before a paragraph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// It did not hold.
    Cross,
    /// A secret was stored.
    Key,
    /// Something that need not be secret was stored.
    Sheet,
    /// It held.
    Tick,
}

impl Card {
    /// Width of the card.
    pub(super) fn width(&self) -> f32 {
        let text = self.lines.iter().map(|line| line.text.width()).fold(0.0, f32::max);
        self.indent() + text + self.padding()
    }

    /// Height of the card.
    pub(super) fn height(&self) -> f32 {
        let text: f32 = self.lines.iter().map(|line| line.text.height() + CARD_SPACING).sum();
        2.0 * self.inset() + text - if self.lines.is_empty() { 0.0 } else { CARD_SPACING }
    }

    /// Where its text begins.
    pub(super) fn indent(&self) -> f32 {
        match self.kind {
            CardKind::Check | CardKind::Refusal => 32.0,
            CardKind::Seen => CARD_PADDING,
            CardKind::Stored => 25.0,
        }
    }

    /// Space beside its sign and its text.
    pub(super) fn padding(&self) -> f32 {
        if self.kind == CardKind::Stored { STORE_PADDING } else { CARD_PADDING }
    }

    /// Space above and below its text.
    pub(super) fn inset(&self) -> f32 {
        if self.kind == CardKind::Stored { 3.5 } else { 7.0 }
    }
}

impl Body {
    /// Width of a pill.
    pub(super) fn pill_width(name: &Block, note: &Block) -> f32 {
        PILL_INDENT + name.width().max(note.width()) + PILL_PADDING
    }
}

/// The bands of all events, in order.
pub(super) fn rows<'a>(flow: &Flow, scenario: &Scenario, cast: &Cast, excerpt: &Excerpt<'a>) -> Vec<Row<'a>> {
    let change = if scenario.kind.is_attack() { Tone::Refused } else { Tone::Ink };
    let first_edit = excerpt.events.iter().position(|event| event.edit != EditMark::Original).unwrap_or(0);
    let mut phase = "";
    let mut number = 0;
    let mut rows = Vec::with_capacity(excerpt.events.len());
    for (index, event) in excerpt.events.iter().copied().enumerate() {
        let margin = margin(event, phase, number);
        (phase, number) = (&event.phase, event.number);
        let compact = index < first_edit;
        rows.push(Row {
            event,
            compact,
            protection: words::shown(event),
            phase: margin.map(|text| wrap(&text.to_uppercase(), PHASE, MARGIN_TEXT)).filter(|block| !block.is_empty()),
            mark: words::edit(event.edit).map(|word| wrap(&word.to_uppercase(), MARK, MARGIN_TEXT)),
            edited: words::edit(event.edit).map(|_| change),
            raised: None,
            body: body(flow, cast, event, compact),
            cards: cards(cast, event, compact),
        });
    }
    rows
}

/// What the margin says above `event`: that a phase begins, or how many steps were left out since the last one.
fn margin(event: &Event, phase: &str, number: usize) -> Option<String> {
    match event.number - number {
        _ if event.phase != phase => Some(event.phase.clone()),
        0 | 1 => None,
        2 => Some("1 step left out".to_owned()),
        gap => Some(format!("{} steps left out", gap - 1)),
    }
}

/// The words where the session whose left lane is `lane` becomes protected.
pub(super) fn raised(lane: usize, below: bool) -> Raised {
    Raised { caption: wrap("no longer provisional", CAPTION, MESSAGE_TEXT), lane, below }
}

fn body(flow: &Flow, cast: &Cast, event: &Event, compact: bool) -> Body {
    let title = if event.title.trim().is_empty() { &event.step } else { &event.title };
    match &event.place {
        Place::Between { from, to, link } if from != to => {
            let size = match words::wire_bytes(event) {
                0 => Block::empty(SIZE),
                count => wrap(&quantity::bytes(count), SIZE, f32::INFINITY),
            };
            let note = wrap(&words::note(flow, event, link, compact), NOTE, MESSAGE_TEXT);
            Body::Message {
                from: cast.lane(from),
                to: cast.lane(to),
                through: words::through(flow, link).and_then(|relay| cast.find(relay)),
                name: wrap(title, NAME, MESSAGE_TEXT),
                note,
                size,
            }
        }
        Place::At { .. } if is_verdict(event) => Body::Cards,
        Place::Setup { from, to } => {
            let note = if from == to { String::new() } else { format!("handed over by {}", cast.name(from)) };
            pill(cast.lane(to), title, &note, true)
        }
        Place::At { actor } => pill(cast.lane(actor), title, "", false),
        Place::Between { from, .. } => pill(cast.lane(from), title, "", false),
    }
}

fn pill(lane: usize, name: &str, note: &str, is_setup: bool) -> Body {
    Body::Pill { lane, name: wrap(name, PILL, PILL_TEXT), note: wrap(note, NOTE, PILL_TEXT), is_setup }
}

fn is_verdict(event: &Event) -> bool {
    !event.checks.is_empty() || matches!(event.outcome, EventOutcome::Rejected(_))
}

fn cards(cast: &Cast, event: &Event, compact: bool) -> Vec<Card> {
    let rejection = match &event.outcome {
        EventOutcome::Done | EventOutcome::Stalled { .. } => None,
        EventOutcome::Rejected(rejection) => Some(rejection),
    };
    let mut cards = checks(cast, event, rejection, compact);
    if let Some(rejection) = rejection {
        cards.push(refusal(cast, event, rejection));
        cards.extend(seen(cast, event, rejection));
    }
    cards.extend(stores(cast, event, compact));
    cards
}

/// A card for each store that something was put into; where all is as in the baseline, the attacker's only.
fn stores(cast: &Cast, event: &Event, compact: bool) -> Vec<Card> {
    let stores = store::stored(cast, event).into_iter();
    let shown = stores.filter(|(lane, _)| !compact || cast.lanes[*lane].is_attacker());
    shown.map(|(lane, artifacts)| Card { lane, kind: CardKind::Stored, lines: names(&artifacts) }).collect()
}

/// Most things of one store that a step names.
const MAX_STORED: usize = 4;

fn names(artifacts: &[&Artifact]) -> Vec<CardLine> {
    let name = |artifact: &&Artifact| CardLine {
        sign: Some(if artifact.kind.is_secret() { Sign::Key } else { Sign::Sheet }),
        text: wrap(&artifact.name, CODE, CARD_TEXT),
        is_muted: false,
    };
    let n_shown = if artifacts.len() > MAX_STORED { MAX_STORED - 1 } else { artifacts.len() };
    let mut lines: Vec<CardLine> = artifacts[..n_shown].iter().map(name).collect();
    if artifacts.len() > n_shown {
        lines.extend(small(&format!("and {} more", artifacts.len() - n_shown)));
    }
    lines
}

/// A card for each actor that verified something, the refused check excepted: the refusal tells it.
fn checks(cast: &Cast, event: &Event, rejection: Option<&Rejection>, compact: bool) -> Vec<Card> {
    let is_local = matches!(event.place, Place::At { .. });
    let mut cards: Vec<Card> = Vec::new();
    for check in &event.checks {
        if !check.held && rejection.is_some_and(|rejection| rejection.by == check.by) {
            continue;
        }
        let lane = cast.lane(&check.by);
        let sign = Some(if check.held { Sign::Tick } else { Sign::Cross });
        let line = CardLine { sign, text: wrap(&check.what, PILL, CARD_TEXT), is_muted: false };
        match cards.iter_mut().find(|card| card.lane == lane) {
            Some(card) => card.lines.push(line),
            None => cards.push(Card { lane, kind: CardKind::Check, lines: vec![line] }),
        }
    }
    if let (true, None, Some(card)) = (is_local, rejection, cards.first_mut()) {
        entitle(card, wrap(&event.title, HEAD, CARD_TEXT));
    }
    if let (false, None, Some(card)) = (compact, rejection, cards.last_mut()) {
        card.lines.extend(small(&event.clause));
    }
    cards.retain(|card| !card.lines.is_empty());
    cards
}

/// Puts `title` above the checks; a single check gives its sign to it.
fn entitle(card: &mut Card, title: Block) {
    if title.is_empty() {
        return;
    }
    let mut sign = None;
    if let [only] = card.lines.as_mut_slice() {
        sign = only.sign.take();
        only.is_muted = true;
    }
    card.lines.insert(0, CardLine { sign, text: title, is_muted: false });
}

fn refusal(cast: &Cast, event: &Event, rejection: &Rejection) -> Card {
    let words = format!("{} refuses: {}", cast.name(&rejection.by), rejection.message);
    let mut lines = vec![CardLine { sign: Some(Sign::Cross), text: wrap(&words, HEAD, CARD_TEXT), is_muted: false }];
    if matches!(event.place, Place::At { .. }) {
        lines.extend(small(&format!("step: {}", event.title)));
    }
    for check in event.checks.iter().filter(|check| !check.held && check.by == rejection.by) {
        lines.extend(small(&format!("checked: {}", check.what)));
    }
    lines.push(CardLine { sign: None, text: wrap(&rejection.code, CODE, CARD_TEXT), is_muted: true });
    lines.extend(small(&event.clause));
    if rejection.expected {
        lines.extend(small("as the method expects; the run goes on"));
    }
    lines.retain(|line| !line.text.is_empty());
    Card { lane: cast.lane(&rejection.by), kind: CardKind::Refusal, lines }
}

fn seen(cast: &Cast, event: &Event, rejection: &Rejection) -> Option<Card> {
    let words = rejection.other_end.as_ref()?;
    let (Place::Between { from, to, .. } | Place::Setup { from, to }) = &event.place else { return None };
    let other = if *from == rejection.by { to } else { from };
    let text = wrap(&format!("{} sees: {words}", cast.name(other)), NOTE, CARD_TEXT);
    Some(Card {
        lane: cast.lane(other),
        kind: CardKind::Seen,
        lines: vec![CardLine { sign: None, text, is_muted: true }],
    })
}

fn small(text: &str) -> Option<CardLine> {
    let text = wrap(text, NOTE, CARD_TEXT);
    (!text.is_empty()).then_some(CardLine { sign: None, text, is_muted: true })
}
