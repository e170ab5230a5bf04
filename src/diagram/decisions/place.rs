//! Where the cards of the tree stand: a column for each depth, and for each subtree a strip of its own.

use super::Tree;
use crate::decision::{Answer, Next, Question};
use crate::scene::geometry::Rect;
use crate::scene::text::{Block, Font, Style, wrap};

const QUESTION: Style = Style::new(Font::SemiBold, 12.5);
const LABEL: Style = Style::new(Font::SemiBold, 11.5);
const METHOD: Style = Style::new(Font::SemiBold, 12.5);
const WHY: Style = Style::new(Font::Regular, 10.5);
const QUESTION_TEXT: f32 = 136.0;
const LABEL_TEXT: f32 = 112.0;
const LEAF_TEXT: f32 = 200.0;

pub(super) const MARGIN: f32 = 24.0;
/// Inside of a card, left and right of its text.
pub(super) const PADDING: f32 = 14.0;
/// Inside of a card, above and below its text.
pub(super) const INSET: f32 = 11.0;
/// From a card to the line from which its answers branch off.
pub(super) const TRUNK: f32 = 16.0;
/// From that line to the words of an answer.
pub(super) const BRANCH: f32 = 12.0;
/// Around the words of an answer.
pub(super) const AIR: f32 = 8.0;
/// From the words of an answer to where it leads.
pub(super) const ARROW: f32 = 26.0;
const GAP: f32 = 14.0;

/// A question with its place.
pub(super) struct Placed<'a> {
    /// The question.
    pub(super) question: &'a Question,
    /// Its words.
    pub(super) text: Block,
    /// Its card.
    pub(super) card: Rect,
    /// Where its answers branch off.
    pub(super) trunk: f32,
    /// Its answers, from the top.
    pub(super) answers: Vec<PlacedAnswer>,
}

/// An answer with its place.
pub(super) struct PlacedAnswer {
    /// Its words.
    pub(super) label: Block,
    /// The height on which they stand.
    pub(super) y: f32,
    /// The left edge of what it leads to.
    pub(super) end: f32,
    /// The methods to which it leads; absent where it leads to a question.
    pub(super) leaf: Option<Leaf>,
}

/// Methods with their place.
pub(super) struct Leaf {
    /// Their names.
    pub(super) methods: Vec<Block>,
    /// What follows from the answer.
    pub(super) why: Block,
    /// Their card.
    pub(super) card: Rect,
}

/// Things with their places.
pub(super) struct Layout<'a> {
    /// The questions, in the order of the file.
    pub(super) questions: Vec<Placed<'a>>,
    /// Width of the picture.
    pub(super) width: f32,
    /// Where the cards end.
    pub(super) bottom: f32,
}

/// The left edge of the cards of a depth, and how wide they and the words of their answers are.
#[derive(Clone, Copy, Debug, Default)]
struct Depth {
    left: f32,
    cards: f32,
    labels: f32,
}

impl<'a> Layout<'a> {
    /// Gives everything its room.
    pub(super) fn new(tree: &'a Tree<'a>) -> Self {
        let questions = &tree.decisions.questions;
        let mut placed: Vec<Placed<'a>> = questions.iter().map(|question| measured(tree, question)).collect();
        let depths = depths(tree, &placed);
        let mut strip = Strip { tree, placed: &mut placed, depths: &depths };
        let (bottom, _) = strip.place(0, 0, MARGIN);
        let cards = placed.iter().map(|question| question.card.right());
        let leaves = placed.iter().flat_map(|question| &question.answers).filter_map(|answer| answer.leaf.as_ref());
        let right = cards.chain(leaves.map(|leaf| leaf.card.right())).fold(0.0, f32::max);
        Self { questions: placed, width: (right + MARGIN).ceil(), bottom }
    }
}

fn measured<'a>(tree: &Tree<'a>, question: &'a Question) -> Placed<'a> {
    let text = wrap(&question.text, QUESTION, QUESTION_TEXT);
    let card = Rect::new(0.0, 0.0, text.width() + 2.0 * PADDING, text.height() + 2.0 * INSET);
    let answers = question.answers.iter().map(|answer| PlacedAnswer {
        label: wrap(&answer.label, LABEL, LABEL_TEXT),
        y: 0.0,
        end: 0.0,
        leaf: leaf(tree, answer),
    });
    Placed { question, text, card, trunk: 0.0, answers: answers.collect() }
}

fn leaf(tree: &Tree<'_>, answer: &Answer) -> Option<Leaf> {
    let Next::Methods(ids) = &answer.next else { return None };
    let methods: Vec<Block> = tree.methods(ids).into_iter().map(|title| wrap(title, METHOD, LEAF_TEXT)).collect();
    let why = wrap(&answer.why, WHY, LEAF_TEXT);
    let width = methods.iter().map(Block::width).fold(why.width(), f32::max);
    let height = methods.iter().map(Block::height).sum::<f32>() + 2.0 + why.height();
    Some(Leaf { methods, why, card: Rect::new(0.0, 0.0, width + 2.0 * PADDING, height + 2.0 * INSET) })
}

/// The columns, each as wide as its widest card and answer.
fn depths(tree: &Tree<'_>, placed: &[Placed<'_>]) -> Vec<Depth> {
    let mut depths: Vec<Depth> = Vec::new();
    let mut open = vec![(0_usize, 0_usize)];
    while let Some((index, depth)) = open.pop() {
        if depths.len() <= depth {
            depths.resize(depth + 1, Depth::default());
        }
        let own = &placed[index];
        depths[depth].cards = depths[depth].cards.max(own.card.width);
        depths[depth].labels =
            own.answers.iter().map(|answer| answer.label.width()).fold(depths[depth].labels, f32::max);
        let answers = &tree.decisions.questions[index].answers;
        open.extend(answers.iter().filter_map(|answer| match answer.next {
            Next::Methods(_) => None,
            Next::Question(next) => Some((next, depth + 1)),
        }));
    }
    let mut left = MARGIN;
    for depth in &mut depths {
        depth.left = left;
        left = depth.next();
    }
    depths
}

impl Depth {
    /// The left edge of what answers lead to.
    fn next(&self) -> f32 {
        (self.left + self.cards + TRUNK + BRANCH + self.labels + AIR + ARROW).ceil()
    }
}

/// Places the questions one below the other.
struct Strip<'a, 'p> {
    tree: &'p Tree<'a>,
    placed: &'p mut [Placed<'a>],
    depths: &'p [Depth],
}

impl Strip<'_, '_> {
    /// Places the question at `index` with all that follows from `top` downwards; where that ends, and the height of
    /// the middle of its card.
    fn place(&mut self, index: usize, depth: usize, top: f32) -> (f32, f32) {
        let column = self.depths[depth];
        let height = self.placed[index].card.height;
        let needed = self.answers(index, depth, top);
        // A card that is higher than all of its answers together pushes them down.
        let (first, last) = needed.ends;
        let middle = f32::midpoint(first, last);
        let shift = (top + height / 2.0 - middle).max(0.0);
        let needed = if shift > 0.0 { self.answers(index, depth, top + shift) } else { needed };
        let middle = middle + shift;
        let own = &mut self.placed[index];
        (own.card.x, own.card.y) = (column.left, middle - height / 2.0);
        own.trunk = column.left + column.cards + TRUNK;
        (needed.bottom.max(middle + height / 2.0), middle)
    }

    /// Places the answers of the question at `index` from `top` downwards.
    fn answers(&mut self, index: usize, depth: usize, top: f32) -> Answers {
        let end = self.depths[depth].next();
        let mut heights = Vec::new();
        let mut y = top;
        for number in 0..self.placed[index].answers.len() {
            let half = self.placed[index].answers[number].label.height() / 2.0 + 3.0;
            let (mut bottom, mut middle) = self.target(index, number, depth, y, end);
            if middle - half < y {
                (bottom, middle) = self.target(index, number, depth, y + (y + half - middle), end);
            }
            let answer = &mut self.placed[index].answers[number];
            (answer.y, answer.end) = (middle, end);
            heights.push(middle);
            y = bottom.max(middle + half) + GAP;
        }
        let (first, last) = (heights.first().copied().unwrap_or(top), heights.last().copied().unwrap_or(top));
        Answers { ends: (first, last), bottom: if heights.is_empty() { top } else { y - GAP } }
    }

    /// Places what an answer leads to; where that ends, and the height of its middle.
    fn target(&mut self, index: usize, number: usize, depth: usize, top: f32, left: f32) -> (f32, f32) {
        match self.tree.decisions.questions[index].answers[number].next {
            Next::Question(next) => self.place(next, depth + 1, top),
            Next::Methods(_) => {
                let leaf = self.placed[index].answers[number].leaf.as_mut().expect("methods were measured");
                (leaf.card.x, leaf.card.y) = (left, top);
                (leaf.card.bottom(), leaf.card.center().y)
            }
        }
    }
}

/// Where answers stand.
struct Answers {
    /// The heights of the first and of the last.
    ends: (f32, f32),
    bottom: f32,
}
