//! Figures × rubric → scores.

use serde::Serialize;

use super::FlowAssessment;
use super::fact::number;
use crate::flow::Flow;
use crate::rubric::{Part, Rubric, Score};

/// A score of a method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ScoreVerdict {
    /// Id of the score in the rubric.
    pub score: String,
    /// Points in tenths, 0 to 100.
    pub tenths: u32,
    /// What it follows from, in the order of the rubric.
    pub parts: Vec<PartVerdict>,
}

/// What a figure gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct PartVerdict {
    /// Name of the figure.
    pub fact: &'static str,
    /// Its value.
    pub value: usize,
    /// Its points in tenths, 0 to 100.
    pub tenths: u32,
    /// Its weight.
    pub weight: u32,
}

/// The scores of a flow, in the order of the rubric.
pub fn scores(flow: &Flow, assessment: &FlowAssessment, rubric: &Rubric) -> Vec<ScoreVerdict> {
    rubric.scores.iter().map(|score| verdict(flow, assessment, score)).collect()
}

fn verdict(flow: &Flow, assessment: &FlowAssessment, score: &Score) -> ScoreVerdict {
    let part = |part: &Part| {
        // The rubric names only figures that every method has; a test holds the two tables together.
        let value = number(flow, assessment, part.fact.name).unwrap_or_default();
        PartVerdict { fact: part.fact.name, value, tenths: part.tenths(value), weight: part.weight }
    };
    let parts: Vec<PartVerdict> = score.parts.iter().map(part).collect();
    let pairs = parts.iter().map(|part| (part.tenths, part.weight));
    ScoreVerdict { score: score.id.clone(), tenths: mean(pairs), parts }
}

/// The mean of values by weight, rounded; 0 of nothing.
pub fn mean(pairs: impl Iterator<Item = (u32, u32)>) -> u32 {
    let (sum, weight) = pairs.fold((0, 0), |(sum, whole), (value, weight)| (sum + value * weight, whole + weight));
    if weight == 0 { 0 } else { (2 * sum + weight) / (2 * weight) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_counts_each_value_by_its_weight_and_rounds_halves_up() {
        assert_eq!(mean([(100, 3), (0, 1)].into_iter()), 75);
        assert_eq!(mean([(0, 1), (1, 1)].into_iter()), 1);
        assert_eq!(mean(std::iter::empty()), 0);
    }
}
