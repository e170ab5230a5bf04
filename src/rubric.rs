//! `data/rubric.toml` → [`Rubric`]: how figures of runs become scores.
//!
//! The rubric is a judgement, so it is data: whoever disagrees changes it, and every score with it.

use std::sync::Arc;

use crate::diag::{Code, Sink, did_you_mean, error};
use crate::document::{self, Node};
use crate::fact::{self, FACTS, Fact};
use crate::grammar::{ID, Key, LINE, PROSE, Shape, check, optional, required};
use crate::source::{Sources, Span};

/// Where the rubric is.
pub const PATH: &str = "data/rubric.toml";
/// The edition of the format.
const EDITION: i64 = 1;
/// Figures in a rubric lie far below this.
const MOST: i64 = 1_000_000_000;
/// Points that a score has at most, in tenths.
pub const FULL: u32 = 100;

/// How figures of runs become scores.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rubric {
    /// The scores, in the order of the file; none where a project scores nothing.
    pub scores: Vec<Score>,
    /// Index of the score that the course's levels speak of.
    pub judged: Option<usize>,
    /// What the course's levels come to.
    pub levels: Vec<Level>,
}

/// A score from 0 to 10.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// Id.
    pub id: String,
    /// Its name.
    pub title: String,
    /// What it says, in a sentence.
    pub what: String,
    /// Whether more points are better for whoever chooses.
    pub is_better_high: bool,
    /// What it is the weighted mean of.
    pub parts: Vec<Part>,
}

/// A figure that gives points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The figure.
    pub fact: &'static Fact,
    /// Why it counts.
    pub why: String,
    /// The value that gives no point.
    pub none: i64,
    /// The value that gives all ten; values between give points in proportion.
    pub full: i64,
    /// Its weight among the parts.
    pub weight: u32,
}

/// What a word of the course comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// The word.
    pub name: String,
    /// The fewest points that agree with it, in tenths.
    pub from: u32,
    /// The most.
    pub to: u32,
}

impl Part {
    /// The points of `value`, in tenths.
    pub fn tenths(&self, value: usize) -> u32 {
        let value = i64::try_from(value).unwrap_or(MOST).min(MOST);
        // A rubric may count downwards; both ends are turned, so that the rounding is the same.
        let sign = if self.full < self.none { -1 } else { 1 };
        let (way, whole) = ((value - self.none) * sign, (self.full - self.none) * sign);
        let rounded = (way * i64::from(FULL) * 2 + whole).div_euclid(2 * whole);
        u32::try_from(rounded.clamp(0, i64::from(FULL))).unwrap_or(FULL)
    }
}

const PART: &[Key] = &[
    required("fact", ID, "the figure of the method"),
    required("why", LINE, "why it counts"),
    required("none", Shape::Number(0, MOST), "the value that gives no point"),
    required("full", Shape::Number(0, MOST), "the value that gives all ten"),
    optional("weight", Shape::Number(1, 10), "its weight among the parts; 1 where absent"),
];

const SCORE: &[Key] = &[
    required("id", ID, "id of the score"),
    required("title", LINE, "its name"),
    required("what", PROSE, "what it says"),
    required("better", Shape::Choice(&["high", "low"]), "whether more or fewer points are better for whoever chooses"),
    required("part", Shape::List(&Shape::Table(PART)), "the figures that give points"),
];

const LEVEL: &[Key] = &[
    required("name", LINE, "the word, as flows write it in `course.level`"),
    required("from", Shape::Number(0, 10), "the fewest points that agree with it"),
    required("to", Shape::Number(0, 10), "the most points that agree with it"),
];

/// Keys of the file.
pub const RUBRIC: &[Key] = &[
    required("edition", Shape::Number(1, EDITION), "edition of the format"),
    required("score", Shape::List(&Shape::Table(SCORE)), "the scores"),
    optional("judged", ID, "the score that the course’s levels speak of"),
    optional("level", Shape::List(&Shape::Table(LEVEL)), "what the words of the course come to"),
];

/// Reads the rubric; an empty one where the file is missing or wrong.
pub fn parse(sources: &Sources, sink: &mut Sink) -> Rubric {
    let Some(text) = sources.text(PATH) else { return Rubric::default() };
    let path: Arc<str> = PATH.into();
    let Some(mut node) = document::parse(&path, text, sink) else { return Rubric::default() };
    node.span = Span::new(&path, 0..text.find('\n').unwrap_or(text.len()));
    if !check(&node, &Shape::Table(RUBRIC), "the rubric", sink) {
        return Rubric::default();
    }
    read(&node, sink).unwrap_or_default()
}

fn read(node: &Node, sink: &mut Sink) -> Option<Rubric> {
    let written = node.find("score").map(Node::items).unwrap_or_default();
    let ids: Vec<&str> = written.iter().map(|score| score.text("id")).collect();
    let mut is_whole = true;
    for (index, node) in written.iter().enumerate() {
        if ids[..index].contains(&ids[index]) {
            let span = node.find("id").map_or(&node.span, |id| &id.span);
            sink.error(Code::DUPLICATE_NAME, span, format!("a score is called `{}` already", ids[index]));
            is_whole = false;
        }
    }
    let judged = node.find("judged").map(|name| index(name, &ids, sink));
    let scores: Vec<Option<Score>> = written.iter().map(|node| score(node, sink)).collect();
    let levels: Vec<Option<Level>> =
        node.find("level").map(Node::items).unwrap_or_default().iter().map(|node| level(node, sink)).collect();
    let rubric = Rubric {
        scores: scores.into_iter().collect::<Option<_>>()?,
        judged: match judged {
            Some(found) => Some(found?),
            None => None,
        },
        levels: levels.into_iter().collect::<Option<_>>()?,
    };
    is_whole.then_some(rubric)
}

fn index(name: &Node, ids: &[&str], sink: &mut Sink) -> Option<usize> {
    let text = name.as_text().unwrap_or_default();
    let found = ids.iter().position(|id| *id == text);
    if found.is_none() {
        let message = format!("no score is called `{text}`");
        sink.push(error(Code::UNKNOWN_NAME, &name.span, message).maybe_hint(did_you_mean(text, ids.iter().copied())));
    }
    found
}

fn score(node: &Node, sink: &mut Sink) -> Option<Score> {
    let written = node.find("part").map(Node::items).unwrap_or_default();
    let parts: Vec<Option<Part>> = written.iter().map(|node| part(node, sink)).collect();
    if written.is_empty() {
        let message = format!("the score `{}` has no part", node.text("id"));
        sink.push(error(Code::INVALID_VALUE, &node.span, message).hint("name a figure that gives points"));
        return None;
    }
    Some(Score {
        id: node.text("id").to_owned(),
        title: node.text("title").to_owned(),
        what: node.text("what").to_owned(),
        is_better_high: node.text("better") == "high",
        parts: parts.into_iter().collect::<Option<_>>()?,
    })
}

fn part(node: &Node, sink: &mut Sink) -> Option<Part> {
    let name = node.find("fact")?;
    let text = name.as_text()?;
    let number = |key| node.find(key).and_then(Node::as_integer);
    let (none, full) = (number("none")?, number("full")?);
    let fact = fact::find(text);
    if fact.is_none() {
        let message = format!("there is no figure `{text}`");
        let hint = did_you_mean(text, FACTS.iter().map(|fact| fact.name));
        sink.push(error(Code::UNKNOWN_NAME, &name.span, message).maybe_hint(hint));
    }
    if none == full {
        let span = node.find("full").map_or(&node.span, |full| &full.span);
        let found = error(Code::INVALID_VALUE, span, format!("`{full}` gives no point and all ten"));
        sink.push(found.hint("let `none` and `full` differ"));
        return None;
    }
    let weight = u32::try_from(number("weight").unwrap_or(1)).unwrap_or(1);
    Some(Part { fact: fact?, why: node.text("why").to_owned(), none, full, weight })
}

fn level(node: &Node, sink: &mut Sink) -> Option<Level> {
    let tenths = |key| u32::try_from(node.find(key)?.as_integer()? * 10).ok();
    let (from, to) = (tenths("from")?, tenths("to")?);
    if from > to {
        let span = node.find("from").map_or(&node.span, |from| &from.span);
        let message = format!("`{}` begins above its end", node.text("name"));
        sink.push(error(Code::INVALID_VALUE, span, message).hint("let `from` be at most `to`"));
        return None;
    }
    Some(Level { name: node.text("name").to_owned(), from, to })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(none: i64, full: i64, values: &[usize]) -> Vec<u32> {
        let part = Part { fact: &FACTS[0], why: String::new(), none, full, weight: 1 };
        values.iter().map(|value| part.tenths(*value)).collect()
    }

    #[test]
    fn points_grow_in_proportion_and_stay_within_their_ends() {
        assert_eq!(points(2, 6, &[0, 2, 3, 4, 6, 100, usize::MAX]), [0, 0, 25, 50, 100, 100, 100]);
        assert_eq!(points(6, 2, &[0, 2, 3, 4, 6, 100]), [100, 100, 75, 50, 0, 0]);
        assert_eq!(points(0, 3, &[1, 2]), points(3, 0, &[2, 1]), "a third is a third, from either side");
    }
}
