//! The neutral picture: shapes, measured text, groups with identities, and when each appears. It knows no format.

pub mod geometry;
pub mod glyph;
pub mod palette;
pub mod text;
mod turn;

pub use turn::Timeline;

use geometry::{Point, Rect};
use palette::Tone;
use text::Font;

/// A finished picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Title for people and for screen readers.
    pub title: String,
    /// What the picture shows, in one or two sentences.
    pub description: String,
    /// Width in pixels.
    pub width: f32,
    /// Height in pixels.
    pub height: f32,
    /// What is drawn, from the back to the front.
    pub groups: Vec<Group>,
    /// When each group appears.
    pub timeline: Timeline,
    /// Where it may be cut into pages.
    pub cuts: Cuts,
    /// The picture in words: one line a step, in order.
    pub steps: Vec<String>,
}

/// Where a picture may be cut into pages of paper.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cuts {
    /// Lower edge of what stands above every page, in pixels.
    pub head: f32,
    /// Heights at which only lines that go on are cut, from the top, in pixels; none where it stays whole.
    pub at: Vec<f32>,
}

/// Things that belong, move and are addressed together.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// What the group is.
    pub kind: GroupKind,
    /// What it shows, for screen readers; empty for decoration.
    pub label: String,
    /// Its parts, from the back to the front; each appears after the one before it.
    pub parts: Vec<Part>,
}

/// What a group is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupKind {
    /// Lanes, zones, rules, the legend: there from the beginning.
    Ground,
    /// Something that appears and has no address of its own, such as a session.
    Passing,
    /// A step; its id is its address in every writing.
    Step(String),
}

/// Elements of a group that appear at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The manner.
    pub entrance: Entrance,
    /// The elements, from the back to the front.
    pub elements: Vec<Element>,
}

/// In which manner elements appear.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Entrance {
    /// Where they stand.
    Appearing,
    /// Sinking to their place, as what is put away.
    Settling,
    /// Travelling to their place; the number is where they start, relative to there, in pixels to the right.
    Travelling(f32),
}

/// Something that is drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Element {
    /// A shape.
    Shape(Shape),
    /// A line of text.
    Text(TextRun),
}

/// An outline with its paint.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// What the shape is for.
    pub role: Role,
    /// The outline.
    pub outline: Outline,
    /// How its inside is painted; absent for lines.
    pub fill: Option<Paint>,
    /// How its outline is painted.
    pub stroke: Option<Stroke>,
}

/// What a shape is for; the geometry is judged by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// An opaque ground for text: text lies inside it or away from it.
    Card,
    /// Marks the step that a reader asked for; invisible otherwise.
    Focus,
    /// The line of an actor.
    Lifeline,
    /// The line of a message.
    Message,
    /// Anything else.
    Ornament,
}

/// The form of a shape.
#[derive(Clone, Debug, PartialEq)]
pub enum Outline {
    /// A circle.
    Circle {
        /// Its centre.
        center: Point,
        /// Its radius.
        radius: f32,
    },
    /// A straight line.
    Line {
        /// Its start.
        from: Point,
        /// Its end.
        to: Point,
    },
    /// Any other form.
    Path(Vec<Segment>),
    /// A rectangle.
    Rect {
        /// Its frame.
        frame: Rect,
        /// The radius of its corners.
        radius: f32,
    },
}

/// A piece of a path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Segment {
    /// Back to the start of the contour.
    Close,
    /// A cubic curve by two control points to the third.
    Curve(Point, Point, Point),
    /// A straight line.
    Line(Point),
    /// A new contour.
    Move(Point),
}

/// A tone, more or less opaque.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paint {
    /// The tone.
    pub tone: Tone,
    /// From 0 (invisible) to 1.
    pub opacity: f32,
}

/// How an outline is painted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// Colour and opacity.
    pub paint: Paint,
    /// Width in pixels.
    pub width: f32,
    /// Its rhythm.
    pub dash: Dash,
}

/// The rhythm of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dash {
    /// Kept for what is sent in clear.
    Dashed,
    /// Fine dots: rules, and the frame of a provisional session.
    Dotted,
    /// Unbroken.
    Solid,
}

/// A line of text, measured.
#[derive(Clone, Debug, PartialEq)]
pub struct TextRun {
    /// The text; never empty, free of control characters.
    pub text: String,
    /// Typeface and weight.
    pub font: Font,
    /// Size in pixels.
    pub size: f32,
    /// Extra space after each character, in pixels.
    pub tracking: f32,
    /// Colour.
    pub tone: Tone,
    /// Which end of the text `at` is.
    pub anchor: Anchor,
    /// A point of the base line.
    pub at: Point,
    /// Width as measured with the shipped fonts.
    pub width: f32,
}

/// Which point of a text is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The right end.
    End,
    /// The middle.
    Middle,
    /// The left end.
    Start,
}

impl Scene {
    /// The ids of the steps that have an address, in their order.
    pub fn step_ids(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().filter_map(|group| match &group.kind {
            GroupKind::Step(step) => Some(step.as_str()),
            GroupKind::Ground | GroupKind::Passing => None,
        })
    }
}

impl Cuts {
    /// The pieces of a picture that is `height` pixels high, by upper and lower edge: the first at most `first` high, and
    /// the others, with the head above them, at most `others`, unless something that stays whole is higher.
    pub fn pages(&self, height: f32, first: f32, others: f32) -> Vec<(f32, f32)> {
        let mut pages = Vec::new();
        let mut top = 0.0;
        let mut cuts = self.at.iter().copied().filter(|at| *at > self.head).peekable();
        while top < height {
            let limit = if pages.is_empty() { first } else { top + others - self.head };
            let mut bottom = if height <= limit { height } else { cuts.next().unwrap_or(height) };
            while bottom < height && cuts.peek().is_some_and(|at| *at <= limit) {
                bottom = cuts.next().unwrap_or(height);
            }
            pages.push((top, bottom));
            top = bottom;
        }
        pages
    }
}

impl Group {
    /// A group of one part that appears together.
    pub fn new(kind: GroupKind, label: impl Into<String>, elements: Vec<Element>) -> Self {
        Self { kind, label: label.into(), parts: vec![Part::new(elements)] }
    }

    /// The group with `prefix` before its address, where it has one.
    #[must_use]
    pub fn addressed(mut self, prefix: &str) -> Self {
        if let GroupKind::Step(step) = &mut self.kind {
            step.insert_str(0, prefix);
        }
        self
    }

    /// The group moved to the right and downwards, in pixels.
    #[must_use]
    pub fn moved(mut self, right: f32, down: f32) -> Self {
        self.parts.iter_mut().flat_map(|part| &mut part.elements).for_each(|element| element.shift(right, down));
        self
    }

    /// How many motions it takes until the group is complete.
    pub fn n_motions(&self) -> u16 {
        u16::try_from(self.parts.len()).unwrap_or(u16::MAX)
    }

    /// All elements, from the back to the front.
    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.parts.iter().flat_map(|part| &part.elements)
    }
}

impl Part {
    /// Elements that appear where they stand.
    pub fn new(elements: Vec<Element>) -> Self {
        Self { entrance: Entrance::Appearing, elements }
    }
}

impl Shape {
    /// An ornament that has neither fill nor stroke yet.
    pub fn new(outline: Outline) -> Self {
        Self { role: Role::Ornament, outline, fill: None, stroke: None }
    }

    /// A rectangle with rounded corners.
    pub fn rect(frame: Rect, radius: f32) -> Self {
        Self::new(Outline::Rect { frame, radius })
    }

    /// A straight line.
    pub fn line(from: Point, to: Point) -> Self {
        Self::new(Outline::Line { from, to })
    }

    /// A line through `points` with rounded corners.
    pub fn way(points: &[Point]) -> Self {
        const RADIUS: f32 = 7.0;
        let mut segments = Vec::new();
        for (index, here) in points.iter().enumerate() {
            let (Some(before), Some(after)) = (index.checked_sub(1).map(|at| points[at]), points.get(index + 1)) else {
                segments.push(if index == 0 { Segment::Move(*here) } else { Segment::Line(*here) });
                continue;
            };
            let radius = RADIUS.min(here.distance(before) / 2.0).min(here.distance(*after) / 2.0);
            segments.push(Segment::Line(here.towards(before, radius)));
            segments.push(Segment::Curve(*here, *here, here.towards(*after, radius)));
        }
        Self::new(Outline::Path(segments))
    }

    /// A circle.
    pub fn circle(center: Point, radius: f32) -> Self {
        Self::new(Outline::Circle { center, radius })
    }

    /// The shape with `role`.
    #[must_use]
    pub fn role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    /// The shape filled.
    #[must_use]
    pub fn fill(mut self, tone: Tone, opacity: f32) -> Self {
        self.fill = Some(Paint { tone, opacity });
        self
    }

    /// The shape stroked with an unbroken, opaque line.
    #[must_use]
    pub fn stroke(mut self, tone: Tone, width: f32) -> Self {
        self.stroke = Some(Stroke { paint: Paint { tone, opacity: 1.0 }, width, dash: Dash::Solid });
        self
    }

    /// The shape with its stroke more or less opaque.
    #[must_use]
    pub fn stroke_opacity(mut self, opacity: f32) -> Self {
        if let Some(stroke) = &mut self.stroke {
            stroke.paint.opacity = opacity;
        }
        self
    }

    /// The shape with its stroke in the rhythm `dash`.
    #[must_use]
    pub fn dash(mut self, dash: Dash) -> Self {
        if let Some(stroke) = &mut self.stroke {
            stroke.dash = dash;
        }
        self
    }
}

impl Element {
    fn shift(&mut self, right: f32, down: f32) {
        let shift = |at: &mut Point| *at = geometry::point(at.x + right, at.y + down);
        match self {
            Self::Text(run) => shift(&mut run.at),
            Self::Shape(shape) => match &mut shape.outline {
                Outline::Circle { center, .. } => shift(center),
                Outline::Line { from, to } => {
                    shift(from);
                    shift(to);
                }
                Outline::Path(segments) => segments.iter_mut().flat_map(Segment::points).for_each(shift),
                Outline::Rect { frame, .. } => (frame.x, frame.y) = (frame.x + right, frame.y + down),
            },
        }
    }
}

impl Segment {
    fn points(&mut self) -> Vec<&mut Point> {
        match self {
            Self::Close => Vec::new(),
            Self::Curve(one, two, end) => vec![one, two, end],
            Self::Line(to) | Self::Move(to) => vec![to],
        }
    }
}

impl From<Shape> for Element {
    fn from(shape: Shape) -> Self {
        Self::Shape(shape)
    }
}

impl TextRun {
    /// The space that the text takes.
    pub fn rect(&self) -> Rect {
        let left = match self.anchor {
            Anchor::End => self.at.x - self.width,
            Anchor::Middle => self.at.x - self.width / 2.0,
            Anchor::Start => self.at.x,
        };
        Rect::new(left, self.at.y - text::ASCENT * self.size, self.width, (text::ASCENT + text::DESCENT) * self.size)
    }
}

/// The lines of `block` as text runs, the first line's box beginning at `top`; `x` is what `anchor` says.
pub fn runs(block: &text::Block, x: f32, top: f32, anchor: Anchor, tone: Tone) -> Vec<Element> {
    let style = block.style;
    let mut baseline =
        top + (style.leading - (text::ASCENT + text::DESCENT) * style.size) / 2.0 + text::ASCENT * style.size;
    let mut elements = Vec::with_capacity(block.lines.len());
    for (text, width) in &block.lines {
        elements.push(Element::Text(TextRun {
            text: text.clone(),
            font: style.font,
            size: style.size,
            tracking: style.tracking,
            tone,
            anchor,
            at: geometry::point(x, baseline),
            width: *width,
        }));
        baseline += style.leading;
    }
    elements
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_at_the_last_cut_that_fits() {
        let cuts = Cuts { head: 10.0, at: vec![5.0, 30.0, 50.0, 70.0, 90.0, 200.0] };
        assert_eq!(cuts.pages(220.0, 60.0, 60.0), [(0.0, 50.0), (50.0, 90.0), (90.0, 200.0), (200.0, 220.0)]);
        assert_eq!(cuts.pages(60.0, 60.0, 60.0), [(0.0, 60.0)]);
        assert_eq!(Cuts::default().pages(500.0, 60.0, 60.0), [(0.0, 500.0)], "what has no cuts stays whole");
    }
}
