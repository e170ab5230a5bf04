//! Where zones, actors and lines stand: actors are as high as the lines that end at them, and lines leave their zone
//! at once, turn between zones, and pass below zones in which they do not end.

use super::crossing::Crossing;
use super::nest::{self, NEST, Outer};
use super::track::{self, Route};
use super::words;
use crate::diagram::Executed;
use crate::diagram::swimlane::Excerpt;
use crate::diagram::swimlane::lane::{Cast, Lane, ZONE};
use crate::flow::Exposure;
use crate::scene::geometry::Rect;
use crate::scene::text::{Block, Font, Style, wrap};
use crate::trace::Place;

const LINK: Style = Style::new(Font::SemiBold, 11.5);
const EXPOSURE: Style = Style::new(Font::Regular, 10.5);
const STEPS: Style = Style::new(Font::Regular, 10.5);
const TRUST: Style = Style::new(Font::Regular, 10.5);
const INNER: Style = Style::new(Font::Regular, 10.5);

const MARGIN: f32 = 24.0;
const LABEL_TEXT: f32 = 176.0;
const ZONE_TEXT: f32 = 190.0;
/// Space between a zone's border and its actors.
const PADDING: f32 = 24.0;
/// Space between the upper edge of a zone and its name.
pub(super) const HEADER_INSET: f32 = 14.0;
const CARD_GAP: f32 = 26.0;
const CARD_INSET: f32 = 14.0;
/// Space between a border and the labels beside it.
const LABEL_INSET: f32 = 19.0;
/// Space left of what a label says, for a lock or an eye.
pub(super) const LABEL_INDENT: f32 = 18.0;
const BUNDLE_GAP: f32 = 14.0;
/// From the upper edge of the words on a line to the line.
pub(super) const PITCH: f32 = 28.0;
const LINE_DROP: f32 = 20.0;
const BELOW_LINE: f32 = 10.0;
const TRACK: f32 = 11.0;
/// Lines nearer than this look like one.
const NEAR: f32 = 5.0;
/// How far a card is moved down, and how often at most, until no line lies upon another.
const NUDGE: f32 = 6.0;
const NUDGES: usize = 24;
/// Left of what an inner link says, its line.
pub(super) const INNER_INDENT: f32 = 30.0;

/// A zone with its actors.
#[derive(Debug)]
pub(super) struct Column {
    /// The zone's name.
    pub(super) name: String,
    /// How far it is trusted, in words.
    pub(super) trust: &'static str,
    /// The name as it is set.
    pub(super) title: Block,
    /// How far it is trusted, as it is set.
    pub(super) trust_text: Block,
    /// Index in the flow's zones; absent for whoever is in none.
    pub(super) zone: Option<usize>,
    /// Who lives there, from the top.
    pub(super) lanes: Vec<usize>,
    /// Its border.
    pub(super) frame: Rect,
    /// In how many others it lies.
    pub(super) depth: usize,
    /// Whether other zones lie in it, so that its border goes around their columns too.
    pub(super) is_open: bool,
}

impl Column {
    /// Name and trust of a zone, as they are set.
    pub(super) fn head(name: &str, trust: &str) -> (Block, Block) {
        (wrap(&name.to_uppercase(), ZONE, ZONE_TEXT), wrap(trust, TRUST, ZONE_TEXT))
    }

    /// Leaves name and border to the frame around it and the zones in it.
    pub(super) fn open(&mut self) {
        (self.title, self.trust_text) = (Block::empty(ZONE), Block::empty(TRUST));
        self.is_open = true;
    }
}

/// All crossings of two actors over one link.
#[derive(Debug)]
pub(super) struct Bundle {
    /// The actor in the zone on the left.
    pub(super) left: usize,
    /// The actor in the zone on the right.
    pub(super) right: usize,
    /// The crossings, by index.
    pub(super) crossings: Vec<usize>,
    /// What carries them.
    pub(super) name: Block,
    /// What an attacker can do there.
    pub(super) exposure: Block,
    /// Whether an attacker can do anything there.
    pub(super) is_exposed: bool,
    /// What stands on each line.
    pub(super) texts: Vec<Block>,
    /// Upper edge at the actor on the left, first from the card's, then from the picture's.
    pub(super) left_top: f32,
    /// The same at the actor on the right.
    pub(super) right_top: f32,
}

/// A link between two actors of one zone.
#[derive(Debug)]
pub(super) struct Inner {
    /// The upper actor.
    pub(super) upper: usize,
    /// The lower actor, above which the words stand.
    pub(super) lower: usize,
    /// What carries it, and what an attacker can do there.
    pub(super) text: Block,
    /// Whether the lower stands directly below the upper.
    pub(super) is_adjacent: bool,
    /// Number of those that lead around others, from 1.
    pub(super) around: usize,
}

/// A picture whose things have their places.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    /// The run.
    pub(super) run: &'a Executed<'a>,
    /// Who stands in the picture.
    pub(super) cast: Cast,
    /// What is drawn.
    pub(super) crossings: Vec<Crossing>,
    /// The zones from left to right.
    pub(super) columns: Vec<Column>,
    /// The zones with zones in them, the outermost first.
    pub(super) outers: Vec<Outer>,
    /// The frames of actors.
    pub(super) frames: Vec<Rect>,
    /// The lines between zones.
    pub(super) bundles: Vec<Bundle>,
    /// The way of each crossing.
    pub(super) routes: Vec<Route>,
    /// The lines within zones.
    pub(super) inner: Vec<Inner>,
    /// Where the labels of each gap between zones begin.
    pub(super) labels: Vec<f32>,
    /// Left edge of the legend.
    pub(super) left: f32,
    /// Width of the picture.
    pub(super) width: f32,
    /// Lower edge of what was placed.
    pub(super) bottom: f32,
}

impl Bundle {
    fn head(&self) -> f32 {
        self.name.height() + self.exposure.height()
    }

    /// From its upper edge to the line at `index`.
    pub(super) fn line(&self, index: usize) -> f32 {
        self.head() + LINE_DROP + PITCH * steps(index)
    }

    fn height(&self) -> f32 {
        self.line(self.crossings.len() - 1) + BELOW_LINE
    }

    fn width(&self) -> f32 {
        let texts = self.texts.iter().map(Block::width).fold(0.0, f32::max);
        LABEL_INDENT + texts.max(self.exposure.width()).max(self.name.width())
    }
}

impl<'a> Plan<'a> {
    /// Gives everything its place.
    pub(super) fn new(run: &'a Executed<'a>, crossings: Vec<Crossing>) -> Self {
        let cast = Cast::new(run.flow, run.scenario, &Excerpt::whole(run.trace));
        let mut columns = columns(run, &cast);
        let outers = nest::outers(run.flow, &mut columns);
        let bundles = bundles(run, &cast, &columns, &crossings);
        let inner = inner(run, &columns);
        let frames = vec![Rect::default(); cast.lanes.len()];
        let mut plan = Self {
            run,
            cast,
            crossings,
            columns,
            outers,
            frames,
            bundles,
            routes: Vec::new(),
            inner,
            labels: Vec::new(),
            left: MARGIN,
            width: 0.0,
            bottom: 0.0,
        };
        plan.stack();
        plan.spread();
        plan
    }

    /// The column of the actor at `lane`.
    pub(super) fn column(&self, lane: usize) -> usize {
        column_of(&self.columns, lane)
    }

    /// Heights: cards from the top, each where its first line from the left comes straight, if there is room.
    fn stack(&mut self) {
        let header = |column: &Column| column.title.height() + column.trust_text.height();
        let head = HEADER_INSET + self.outers.iter().map(Outer::header).fold(0.0, f32::max) + 10.0;
        let nested = |column: &Column| column.depth + usize::from(column.is_open);
        let deepest = steps(self.columns.iter().map(nested).max().unwrap_or(0));
        let top = MARGIN + deepest * head + HEADER_INSET + self.columns.iter().map(header).fold(0.0, f32::max) + 16.0;
        for lane in 0..self.frames.len() {
            let text = self.cast.lanes[lane].text_height() + 2.0 * CARD_INSET;
            self.frames[lane].height = text.max(self.side(lane, Side::Left)).max(self.side(lane, Side::Right));
        }
        for column in 0..self.columns.len() {
            let mut y = top;
            for lane in self.columns[column].lanes.clone() {
                y += self.inner.iter().filter(|link| link.lower == lane).map(|link| link.text.height()).sum::<f32>();
                self.frames[lane].y = self.straight(lane).map_or(y, |straight| straight.max(y));
                for _ in 0..NUDGES {
                    if !self.coincides(lane) {
                        break;
                    }
                    self.frames[lane].y += NUDGE;
                }
                y = self.frames[lane].bottom() + CARD_GAP;
            }
        }
        for bundle in &mut self.bundles {
            bundle.left_top += self.frames[bundle.left].y;
            bundle.right_top += self.frames[bundle.right].y;
        }
        let lowest = self.frames.iter().map(|frame| frame.bottom()).fold(top, f32::max);
        let columns = self.columns.iter_mut().map(|column| (column.depth, &mut column.frame));
        let outers = self.outers.iter_mut().map(|outer| (outer.depth, &mut outer.frame));
        for (depth, frame) in columns.chain(outers) {
            frame.y = MARGIN + head * steps(depth);
            frame.height = lowest + PADDING + NEST * (deepest - steps(depth)) - frame.y;
        }
    }

    /// Where the card of `lane` must begin so that its first line from the zone on its left comes straight.
    fn straight(&self, lane: usize) -> Option<f32> {
        let column = self.column(lane);
        let near = |bundle: &&Bundle| bundle.right == lane && self.column(bundle.left) + 1 == column;
        let first = self.bundles.iter().filter(near).min_by(|a, b| a.right_top.total_cmp(&b.right_top))?;
        Some(self.frames[first.left].y + first.left_top - first.right_top)
    }

    /// Whether a line that ends at the left of `lane` would lie upon another that sets out in the same gap.
    fn coincides(&self, lane: usize) -> bool {
        let column = self.column(lane);
        let ending = self.bundles.iter().enumerate().filter(|(_, bundle)| bundle.right == lane);
        let mut leaving = self.bundles.iter().enumerate().filter(|(_, it)| self.column(it.left) + 1 == column);
        let heights = |bundle: &Bundle, top: f32| -> Vec<f32> {
            (0..bundle.crossings.len()).map(|line| top + bundle.line(line)).collect()
        };
        let ends: Vec<(usize, f32)> = ending
            .flat_map(|(at, it)| heights(it, self.frames[lane].y + it.right_top).into_iter().map(move |y| (at, y)))
            .collect();
        leaving.any(|(at, it)| {
            let starts = heights(it, self.frames[it.left].y + it.left_top);
            // A bundle may come straight, and is parallel to itself otherwise.
            starts.iter().any(|start| ends.iter().any(|(other, end)| *other != at && (start - end).abs() < NEAR))
        })
    }

    /// Places what ends at one side of a card, from the card's upper edge; the height that they need.
    fn side(&mut self, lane: usize, side: Side) -> f32 {
        let mut ending: Vec<usize> = (0..self.bundles.len())
            .filter(|index| match side {
                Side::Left => self.bundles[*index].right == lane,
                Side::Right => self.bundles[*index].left == lane,
            })
            .collect();
        ending.sort_by_key(|index| self.order(&self.bundles[*index], side));
        let heights: f32 = ending.iter().map(|index| self.bundles[*index].height() + BUNDLE_GAP).sum();
        let needed = (heights - BUNDLE_GAP).max(0.0) + CARD_INSET;
        // From the top on both sides, so that lines between cards at one height are straight.
        let mut top = CARD_INSET / 2.0;
        for index in ending {
            let bundle = &mut self.bundles[index];
            match side {
                Side::Left => bundle.right_top = top,
                Side::Right => bundle.left_top = top,
            }
            top += bundle.height() + BUNDLE_GAP;
        }
        needed
    }

    /// Lines that pass below other zones come last; the others in the order of the cards at which they end.
    fn order(&self, bundle: &Bundle, side: Side) -> (bool, usize, usize) {
        let other = match side {
            Side::Left => bundle.left,
            Side::Right => bundle.right,
        };
        let (left, right) = (self.column(bundle.left), self.column(bundle.right));
        let row = self.columns[self.column(other)].lanes.iter().position(|lane| *lane == other).unwrap_or(0);
        (right > left + 1, row, bundle.crossings[0])
    }

    /// Widths: zones as wide as their cards and names, gaps as wide as the labels and turns in them.
    fn spread(&mut self) {
        let frames = self.columns.iter().map(|column| column.frame).chain(self.outers.iter().map(|outer| outer.frame));
        let floor = frames.map(Rect::bottom).fold(MARGIN, f32::max);
        let mut routes = track::routes(self, floor);
        let lowest = routes.iter().filter_map(|route| route.below).fold(floor, f32::max);
        let mut x = MARGIN;
        for column in 0..self.columns.len() {
            let width = self.zone_width(column);
            x += NEST * steps(self.borders(column, |outer| outer.first).count());
            self.columns[column].frame.x = x;
            self.columns[column].frame.width = width;
            for lane in &self.columns[column].lanes {
                let card = 2.0 * self.cast.lanes[*lane].half;
                self.frames[*lane].width = (width - 2.0 * PADDING).max(card);
                self.frames[*lane].x = x + PADDING;
            }
            x += width + NEST * steps(self.borders(column, |outer| outer.last).count());
            if column + 1 < self.columns.len() {
                x += self.gap(column, x, &mut routes);
            }
        }
        for index in 0..self.outers.len() {
            let outer = &self.outers[index];
            let inner = |end: fn(&Outer) -> usize| {
                let borders = self.borders(end(outer), end).filter(|other| other.depth >= outer.depth);
                NEST * steps(borders.count())
            };
            let left = self.columns[outer.first].frame.x - inner(|outer| outer.first);
            let right = self.columns[outer.last].frame.right() + inner(|outer| outer.last);
            (self.outers[index].frame.x, self.outers[index].frame.width) = (left, right - left);
        }
        self.routes = routes;
        self.width = x + MARGIN;
        self.bottom = lowest;
    }

    /// The zones around the one at `column` whose border stands beside its own, at the `end` where they stop.
    fn borders(&self, column: usize, end: fn(&Outer) -> usize) -> impl Iterator<Item = &Outer> {
        let zone = self.columns[column].zone;
        self.outers.iter().filter(move |outer| end(outer) == column && Some(outer.zone) != zone)
    }

    /// Whether a border stands at the side of `column` that `end` says.
    pub(super) fn is_edge(&self, column: usize, end: fn(&Outer) -> usize) -> bool {
        let Column { zone, is_open, .. } = self.columns[column];
        !is_open || self.outers.iter().any(|outer| Some(outer.zone) == zone && end(outer) == column)
    }

    fn zone_width(&self, column: usize) -> f32 {
        let around = self.outers.iter().filter(|outer| (outer.first, outer.last) == (column, column));
        let around = around.map(|outer| outer.title.width().max(outer.trust_text.width())).fold(0.0, f32::max);
        let column = &self.columns[column];
        let cards = column.lanes.iter().map(|lane| 2.0 * self.cast.lanes[*lane].half).fold(0.0, f32::max);
        let inner = self.inner.iter().filter(|link| column.lanes.contains(&link.lower));
        let inner = inner.map(|link| INNER_INDENT + link.text.width()).fold(0.0, f32::max);
        (cards.max(column.title.width()).max(inner).max(around) + 2.0 * PADDING).ceil()
    }

    /// Places labels and turns between `column` and the next, from `x` on; the width that they need.
    fn gap(&mut self, column: usize, x: f32, routes: &mut [Route]) -> f32 {
        let leaving = self.bundles.iter().filter(|bundle| column_of(&self.columns, bundle.left) == column);
        let labels = leaving.map(Bundle::width).fold(0.0, f32::max).ceil();
        let first = if labels > 0.0 { x + LABEL_INSET + labels + 12.0 } else { x + LABEL_INSET };
        self.labels.push(x + LABEL_INSET);
        let turns = track::assign(self, routes, column, |track| first + TRACK * steps(track));
        first + TRACK * steps(turns) + LABEL_INSET - x
    }
}

#[expect(clippy::cast_precision_loss, reason = "a picture has some dozen of anything")]
fn steps(count: usize) -> f32 {
    count as f32
}

/// A side of a card.
#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
}

fn column_of(columns: &[Column], lane: usize) -> usize {
    columns.iter().position(|column| column.lanes.contains(&lane)).expect("every actor stands in a column")
}

fn columns(run: &Executed<'_>, cast: &Cast) -> Vec<Column> {
    let zones = nest::order(&run.flow.zones).into_iter().map(Some).chain([None]);
    let column = |zone: Option<usize>| {
        let is_here = |lane: &Lane| lane.zone.filter(|zone| *zone < run.flow.zones.len()) == zone;
        let lanes: Vec<usize> = (0..cast.lanes.len()).filter(|lane| is_here(&cast.lanes[*lane])).collect();
        let found = zone.map(|zone| &run.flow.zones[zone]);
        let name = found.map_or_else(|| "In no zone".to_owned(), |zone| zone.title.clone());
        let trust = found.map_or("whoever can reach a link", |zone| zone.trust.title());
        let (title, trust_text) = Column::head(&name, trust);
        (!lanes.is_empty()).then(|| Column {
            title,
            trust_text,
            name,
            trust,
            zone,
            lanes,
            frame: Rect::default(),
            depth: nest::around(run.flow, zone).count(),
            is_open: false,
        })
    };
    zones.filter_map(column).collect()
}

fn bundles(run: &Executed<'_>, cast: &Cast, columns: &[Column], crossings: &[Crossing]) -> Vec<Bundle> {
    let mut bundles: Vec<Bundle> = Vec::new();
    for (index, crossing) in crossings.iter().enumerate() {
        let (from, to) = (cast.lane(&crossing.from), cast.lane(&crossing.to));
        let is_rightwards = column_of(columns, from) < column_of(columns, to);
        let (left, right) = if is_rightwards { (from, to) } else { (to, from) };
        let text = wrap(&words::steps(run.trace, crossing), STEPS, f32::INFINITY);
        let is_same = |bundle: &&mut Bundle| {
            let first = &crossings[bundle.crossings[0]];
            (bundle.left, bundle.right, &first.link) == (left, right, &crossing.link)
        };
        if let Some(bundle) = bundles.iter_mut().find(is_same) {
            bundle.crossings.push(index);
            bundle.texts.push(text);
            continue;
        }
        let exposure = words::exposure(run.flow, &crossing.link);
        bundles.push(Bundle {
            left,
            right,
            crossings: vec![index],
            name: wrap(&words::carrier(run.flow, &crossing.link), LINK, LABEL_TEXT),
            exposure: wrap(exposure.title(), EXPOSURE, LABEL_TEXT - LABEL_INDENT),
            is_exposed: exposure != Exposure::None,
            texts: vec![text],
            left_top: 0.0,
            right_top: 0.0,
        });
    }
    bundles
}

fn inner(run: &Executed<'_>, columns: &[Column]) -> Vec<Inner> {
    let mut pairs: Vec<(usize, usize, Vec<String>)> = Vec::new();
    for link in run.flow.links.iter().filter(|link| is_used(run, &link.id)) {
        let [one, other] = link.ends.map(|end| end.0);
        let Some((upper, lower)) = neighbours(columns, one, other) else { continue };
        let words = format!("{}: {}", words::carrier(run.flow, &link.id), link.exposure.title());
        match pairs.iter_mut().find(|pair| (pair.0, pair.1) == (upper, lower)) {
            Some(pair) => pair.2.push(words),
            None => pairs.push((upper, lower, vec![words])),
        }
    }
    let title = |lane: usize| run.scenario.actors.get(lane).map_or("", |actor| actor.title.as_str());
    let mut around = 0;
    let inner = pairs.into_iter().map(|(upper, lower, links)| {
        let lanes = &columns[column_of(columns, upper)].lanes;
        let is_adjacent = lanes.windows(2).any(|pair| pair == [upper, lower]);
        let links = links.join("; ");
        let text = if is_adjacent { links } else { format!("to {}: {links}", title(upper)) };
        around += usize::from(!is_adjacent);
        Inner { upper, lower, text: wrap(&text, INNER, LABEL_TEXT - INNER_INDENT), is_adjacent, around }
    });
    inner.collect()
}

fn is_used(run: &Executed<'_>, link: &str) -> bool {
    run.trace.events.iter().any(|event| matches!(&event.place, Place::Between { link: used, .. } if used == link))
}

/// The upper and the lower of two actors of one zone.
fn neighbours(columns: &[Column], one: usize, other: usize) -> Option<(usize, usize)> {
    let lanes = &columns.iter().find(|column| column.lanes.contains(&one))?.lanes;
    let row = |lane: usize| lanes.iter().position(|known| *known == lane);
    let (first, second) = (row(one)?, row(other)?);
    (first != second).then_some(if first < second { (one, other) } else { (other, one) })
}
