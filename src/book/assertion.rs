//! Assertions: what a chapter says of runs, held against them.

use super::{PageLink, RoleText, attack, words};
use crate::assess::fact::number;
use crate::assess::{FlowAssessment, GoalVerdict};
use crate::chapter::{ASSERTIONS, Assertion, AssertionKind, DirectiveUse, RoleUse};
use crate::diag::{Code, Diagnostic, Sink, did_you_mean, error};
use crate::fact::FACTS;
use crate::flow::{BASELINE, Flow};
use crate::source::Span;
use crate::trace::{Outcome, Trace};

/// The author's words with a link to the evidence, or why the runs do not bear them out.
pub fn role(
    role: &RoleUse,
    flow: &Flow,
    traces: &[Trace],
    assessment: &FlowAssessment,
) -> Result<RoleText, Box<Diagnostic>> {
    let words: Vec<&str> = role.words.iter().skip(1).map(String::as_str).collect();
    let source = Judge { flow, traces, assessment, span: &role.span }.judge(&words)?;
    Ok(RoleText { text: role.title.clone().unwrap_or_default(), is_code: false, source: Some(source) })
}

/// The lines of a directive with links to the evidence; those that the runs do not bear out go into `sink`.
pub fn lines(
    directive: &DirectiveUse,
    flow: &Flow,
    traces: &[Trace],
    assessment: &FlowAssessment,
    sink: &mut Sink,
) -> Vec<PageLink> {
    let mut links = Vec::new();
    for (line, span) in &directive.lines {
        let words: Vec<&str> = line.split_whitespace().collect();
        match (Judge { flow, traces, assessment, span }).judge(&words) {
            Ok(path) => links.push(PageLink { title: line.clone(), path }),
            Err(diagnostic) => sink.push(*diagnostic),
        }
    }
    links
}

/// What was looked for, or what is wrong with the assertion.
type Found<T> = Result<T, Box<Diagnostic>>;
/// The path of the evidence, or why there is none.
type Judged = Found<String>;

struct Judge<'j> {
    flow: &'j Flow,
    traces: &'j [Trace],
    assessment: &'j FlowAssessment,
    span: &'j Span,
}

impl Judge<'_> {
    fn judge(&self, words: &[&str]) -> Judged {
        let Some((assertion, names)) = ASSERTIONS.iter().find_map(|entry| Some((entry, matched(entry, words)?))) else {
            let message = format!("`{}` is no assertion", words.join(" "));
            let forms = ASSERTIONS.iter().map(|assertion| format!("`{}`", assertion.words)).collect::<Vec<_>>();
            let found = error(Code::INVALID_VALUE, self.span, message);
            return Err(Box::new(found.hint(format!("an assertion reads {}", forms.join(" or ")))));
        };
        match (assertion.kind, &names[..]) {
            (AssertionKind::Breaks, [scenario, goal]) => self.goal_under(scenario, goal, false),
            (AssertionKind::Figure, [figure, relation, bound]) => self.figure(figure, relation, bound),
            (AssertionKind::GetsThrough, [scenario]) => self.gets_through(scenario),
            (AssertionKind::Holds, [goal]) => self.holds(goal),
            (AssertionKind::Keeps, [scenario, goal]) => self.goal_under(scenario, goal, true),
            (AssertionKind::Order, [first, second]) => self.order(first, second),
            (AssertionKind::Refused, [scenario, actor]) => self.refused(scenario, actor, None),
            (AssertionKind::RefusedWith, [scenario, actor, code]) => self.refused(scenario, actor, Some(code)),
            (kind, names) => unreachable!("{kind:?} has as many names as its words have capitals, not {names:?}"),
        }
    }

    fn figure(&self, name: &str, relation: &str, bound: &str) -> Judged {
        let Some(value) = number(self.flow, self.assessment, name) else {
            return self.unknown(format!("there is no figure `{name}`"), name, FACTS.iter().map(|fact| fact.name));
        };
        let Ok(bound) = bound.replace(',', "").parse::<usize>() else {
            return Err(Box::new(error(Code::INVALID_VALUE, self.span, format!("`{bound}` is no whole number"))));
        };
        let Some((_, holds)) = RELATIONS.iter().find(|(sign, _)| *sign == relation) else {
            let signs = RELATIONS.map(|(sign, _)| sign);
            return self.invalid(format!("`{relation}` is no relation"), relation, signs);
        };
        if holds(value, bound) {
            return Ok(attack::method_path(self.flow));
        }
        self.unmet(&format!("`{name}` is {}, not {relation} {}", words::number(value), words::number(bound)))
    }

    fn gets_through(&self, scenario: &str) -> Judged {
        match &self.trace(scenario)?.outcome {
            Outcome::Completed => Ok(attack::scenario_path(self.flow, scenario)),
            other @ (Outcome::Rejected { .. } | Outcome::Stalled { .. }) => self.unmet(&ended(scenario, other)),
        }
    }

    fn refused(&self, scenario: &str, actor: &str, code: Option<&str>) -> Judged {
        let trace = self.trace(scenario)?;
        if !trace.actors.iter().any(|known| known.id == actor) {
            let known = trace.actors.iter().map(|actor| actor.id.as_str());
            return self.unknown(format!("`{}` has no actor `{actor}`", self.flow.id), actor, known);
        }
        match &trace.outcome {
            Outcome::Rejected { step, rejection }
                if rejection.by == actor && code.is_none_or(|code| rejection.code == code) =>
            {
                Ok(format!("{}#step-{step}", attack::scenario_path(self.flow, scenario)))
            }
            other => self.unmet(&ended(scenario, other)),
        }
    }

    fn holds(&self, goal: &str) -> Judged {
        let verdict = self.goal(goal)?;
        if verdict.held {
            return Ok(format!("{}#goal-{goal}", attack::method_path(self.flow)));
        }
        self.unmet(&format!("`{goal}` does not hold: {}", verdict.reason))
    }

    /// Whether `goal` holds in `scenario`.
    fn goal_under(&self, scenario: &str, goal: &str, expected: bool) -> Judged {
        self.trace(scenario)?;
        let is_broken = self.goal(goal)?.broken_by.iter().any(|breaker| breaker == scenario);
        if is_broken != expected {
            return Ok(attack::scenario_path(self.flow, scenario));
        }
        self.unmet(&format!("`{scenario}` {} `{goal}`", if is_broken { "breaks" } else { "leaves" }))
    }

    fn order(&self, first: &str, second: &str) -> Judged {
        let trace = self.trace(BASELINE)?;
        let number = |step: &str| {
            if let Some(event) = trace.event(step) {
                return Ok(event.number);
            }
            let known = trace.events.iter().map(|event| event.step.as_str());
            self.unknown(format!("`{}` has no step `{step}`", self.flow.id), step, known)
        };
        let (one, other) = (number(first)?, number(second)?);
        if one < other {
            return Ok(format!("{}#step-{first}", attack::method_path(self.flow)));
        }
        self.unmet(&format!("`{first}` is step {one}, `{second}` is step {other}"))
    }

    fn trace(&self, scenario: &str) -> Found<&Trace> {
        if let Some(trace) = self.traces.iter().find(|trace| trace.scenario == scenario) {
            return Ok(trace);
        }
        let known = self.flow.scenarios.iter().map(|scenario| scenario.id.as_str());
        self.unknown(format!("`{}` has no scenario `{scenario}`", self.flow.id), scenario, known)
    }

    fn goal(&self, goal: &str) -> Found<&GoalVerdict> {
        if let Some(verdict) = self.assessment.goals.iter().find(|verdict| verdict.goal == goal) {
            return Ok(verdict);
        }
        let known = self.assessment.goals.iter().map(|verdict| verdict.goal.as_str());
        self.unknown(format!("`{}` has no goal `{goal}`", self.flow.id), goal, known)
    }

    fn unknown<'k, T>(&self, message: String, name: &str, known: impl IntoIterator<Item = &'k str>) -> Found<T> {
        Err(Box::new(error(Code::UNKNOWN_NAME, self.span, message).maybe_hint(did_you_mean(name, known))))
    }

    fn invalid<'k>(&self, message: String, name: &str, known: impl IntoIterator<Item = &'k str>) -> Judged {
        Err(Box::new(error(Code::INVALID_VALUE, self.span, message).maybe_hint(did_you_mean(name, known))))
    }

    fn unmet(&self, shown: &str) -> Judged {
        let message = format!("the runs of `{}` do not bear this out: {shown}", self.flow.id);
        let found = error(Code::UNMET_ASSERTION, self.span, message);
        Err(Box::new(found.hint("say what the run shows, or mend the flow")))
    }
}

/// How a scenario ended, in words.
fn ended(scenario: &str, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Completed => format!("`{scenario}` gets through"),
        Outcome::Rejected { step, rejection } => {
            format!("`{scenario}` is refused in `{step}` by `{}` with `{}`", rejection.by, rejection.code)
        }
        Outcome::Stalled { step, waiting } => format!("nobody refuses `{scenario}`, and `{waiting}` waits in `{step}`"),
    }
}

/// Whether a figure, the first, stands as it should to its bound.
type Relation = fn(usize, usize) -> bool;

/// Signs between a figure and its bound, with what they mean.
const RELATIONS: [(&str, Relation); 5] = [
    ("<", |value, bound| value < bound),
    ("<=", |value, bound| value <= bound),
    ("=", |value, bound| value == bound),
    (">", |value, bound| value > bound),
    (">=", |value, bound| value >= bound),
];

/// The names in `words`, where they read as `assertion` does.
fn matched<'w>(assertion: &Assertion, words: &[&'w str]) -> Option<Vec<&'w str>> {
    let form: Vec<&str> = assertion.words.split(' ').collect();
    if form.len() != words.len() {
        return None;
    }
    let is_name = |word: &str| word.bytes().all(|byte| byte.is_ascii_uppercase());
    let mut names = Vec::new();
    for (expected, word) in form.into_iter().zip(words) {
        if is_name(expected) {
            names.push(*word);
        } else if expected != *word {
            return None;
        }
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_assertion_reads_as_itself() {
        for assertion in ASSERTIONS {
            let example: Vec<String> = assertion.words.split(' ').map(str::to_lowercase).collect();
            let example: Vec<&str> = example.iter().map(String::as_str).collect();
            let first = ASSERTIONS.iter().find(|other| matched(other, &example).is_some()).unwrap();
            assert_eq!(first.words, assertion.words);
        }
    }
}
