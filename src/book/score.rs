//! Scores of all methods, with what they follow from and what the course says.

use serde::Serialize;

use super::attack::method_path;
use super::role::in_words;
use crate::assess::score::{PartVerdict, ScoreVerdict, mean};
use crate::assess::{Assessment, FlowAssessment};
use crate::flow::Flow;
use crate::resolve::Project;
use crate::rubric::{FULL, Level, Part, Rubric, Score};

/// The scores of all methods.
#[derive(Clone, Debug, Serialize)]
pub struct ScoresView {
    /// What is scored.
    pub scores: Vec<ScoreColumn>,
    /// One row a method, the best mean first.
    pub rows: Vec<ScoreRow>,
}

/// What is scored.
#[derive(Clone, Debug, Serialize)]
pub struct ScoreColumn {
    /// Id.
    pub id: String,
    /// Name.
    pub title: String,
    /// What it says.
    pub what: String,
    /// Whether more points are better.
    pub is_better_high: bool,
    /// What it follows from.
    pub parts: Vec<PartColumn>,
}

/// A figure that gives points.
#[derive(Clone, Debug, Serialize)]
pub struct PartColumn {
    /// What it counts.
    pub title: &'static str,
    /// Its name.
    pub fact: &'static str,
    /// Why it counts.
    pub why: String,
    /// Its weight.
    pub weight: u32,
    /// The value without a point.
    pub none: String,
    /// The value with all of them.
    pub full: String,
}

/// A method.
#[derive(Clone, Debug, Serialize)]
pub struct ScoreRow {
    /// Title.
    pub title: String,
    /// Its page.
    pub page: String,
    /// The mean, all scores weighing the same and turned so that more is better.
    pub mean: String,
    /// One cell a score.
    pub cells: Vec<ScoreCell>,
    /// The course's level; may be empty.
    pub level: String,
    /// Whether the level and the score agree; absent where the rubric says nothing of the level.
    pub agrees: Option<bool>,
    /// How the two compare, in sentences; may be empty.
    pub judgement: String,
}

/// A score of a method.
#[derive(Clone, Debug, Serialize)]
pub struct ScoreCell {
    /// Points in tenths.
    pub tenths: u32,
    /// Points in words.
    pub text: String,
    /// What it follows from.
    pub parts: Vec<PartCell>,
}

/// A figure of a method with its points.
#[derive(Clone, Debug, Serialize)]
pub struct PartCell {
    /// The figure.
    pub value: String,
    /// Its points.
    pub points: String,
}

/// The view, where the project scores anything.
pub fn view(project: &Project, assessment: &Assessment) -> Option<ScoresView> {
    let rubric = &project.rubric;
    let mut rows: Vec<(u32, ScoreRow)> =
        project.flows.iter().zip(&assessment.flows).map(|(flow, assessed)| row(flow, assessed, rubric)).collect();
    rows.sort_by(|(a, left), (b, right)| b.cmp(a).then_with(|| left.title.cmp(&right.title)));
    (!rubric.scores.is_empty()).then(|| ScoresView {
        scores: rubric.scores.iter().map(column).collect(),
        rows: rows.into_iter().map(|(_, row)| row).collect(),
    })
}

fn column(score: &Score) -> ScoreColumn {
    let part = |part: &Part| {
        let words = |value: i64| in_words(usize::try_from(value).unwrap_or_default(), part.fact.unit);
        PartColumn {
            title: part.fact.summary,
            fact: part.fact.name,
            why: part.why.clone(),
            weight: part.weight,
            none: words(part.none),
            full: words(part.full),
        }
    };
    ScoreColumn {
        id: score.id.clone(),
        title: score.title.clone(),
        what: score.what.clone(),
        is_better_high: score.is_better_high,
        parts: score.parts.iter().map(part).collect(),
    }
}

/// The row with its mean in tenths.
fn row(flow: &Flow, assessed: &FlowAssessment, rubric: &Rubric) -> (u32, ScoreRow) {
    let pairs = || rubric.scores.iter().zip(&assessed.scores);
    let turned =
        pairs().map(|(score, verdict)| if score.is_better_high { verdict.tenths } else { FULL - verdict.tenths });
    let mean = mean(turned.map(|tenths| (tenths, 1)));
    let level = rubric.levels.iter().find(|level| level.name == flow.course.level);
    let judged = rubric.judged.and_then(|index| Some((rubric.scores.get(index)?, assessed.scores.get(index)?)));
    let compared = level.zip(judged).map(|(level, (score, verdict))| compare(level, score, verdict));
    let row = ScoreRow {
        title: flow.title.clone(),
        page: method_path(flow),
        mean: points(mean),
        cells: pairs().map(|(score, verdict)| cell(score, verdict)).collect(),
        level: flow.course.level.clone(),
        agrees: compared.as_ref().map(|(agrees, _)| *agrees),
        judgement: compared.map(|(_, words)| words).unwrap_or_default(),
    };
    (mean, row)
}

fn cell(score: &Score, verdict: &ScoreVerdict) -> ScoreCell {
    let parts = score
        .parts
        .iter()
        .zip(&verdict.parts)
        .map(|(part, given)| PartCell { value: in_words(given.value, part.fact.unit), points: points(given.tenths) });
    ScoreCell { tenths: verdict.tenths, text: points(verdict.tenths), parts: parts.collect() }
}

/// Whether the course's level agrees with the score, and what makes the difference.
fn compare(level: &Level, score: &Score, verdict: &ScoreVerdict) -> (bool, String) {
    let range = format!("{} is {} to {}", level.name, points(level.from), points(level.to));
    let comes_to = format!("{} comes to {}", score.title.to_lowercase(), points(verdict.tenths));
    if (level.from..=level.to).contains(&verdict.tenths) {
        return (true, format!("{range}, and {comes_to}."));
    }
    // The part that moves the score furthest from the level decides: what is missing, or what is there.
    let is_below = verdict.tenths < level.from;
    let pull = |given: &PartVerdict| given.weight * if is_below { FULL - given.tenths } else { given.tenths };
    let parts = score.parts.iter().zip(&verdict.parts);
    let decides = parts.rev().max_by_key(|(_, given)| pull(given));
    let why = decides.map(|(part, given)| {
        let value = in_words(given.value, part.fact.unit);
        format!(
            " What makes the difference: {value}, {}; {} of 10 points, weight {}.",
            part.fact.summary,
            points(given.tenths),
            given.weight
        )
    });
    let way = if is_below { "less" } else { "more" };
    (false, format!("{range}, but {comes_to}, {way} than that.{}", why.unwrap_or_default()))
}

/// Tenths of a point, with one decimal.
fn points(tenths: u32) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}
