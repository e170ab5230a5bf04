//! Questions that lead to methods, one inside of the other.

use serde::Serialize;

use super::PageLink;
use super::attack::method_path;
use crate::decision::{Decisions, Next};
use crate::flow::Flow;

/// A question with all that follows from it.
#[derive(Clone, Debug, Serialize)]
pub struct QuestionView {
    /// The question.
    pub text: String,
    /// Why it is asked; may be empty.
    pub why: String,
    /// What can be answered.
    pub answers: Vec<AnswerView>,
}

/// An answer.
#[derive(Clone, Debug, Serialize)]
pub struct AnswerView {
    /// A few words.
    pub label: String,
    /// What follows from it.
    pub why: String,
    /// The question that is asked then; absent where methods are named.
    pub question: Option<Box<QuestionView>>,
    /// The methods of the book that fit.
    pub methods: Vec<PageLink>,
}

/// The question that is asked first, where there is one.
pub fn first(decisions: &Decisions, flows: &[Flow]) -> Option<QuestionView> {
    (!decisions.questions.is_empty()).then(|| question(decisions, 0, flows))
}

fn question(decisions: &Decisions, index: usize, flows: &[Flow]) -> QuestionView {
    let question = &decisions.questions[index];
    let answers = question.answers.iter().map(|answer| {
        let (next, methods) = match &answer.next {
            Next::Methods(ids) => (None, links(ids, flows)),
            Next::Question(next) => (Some(Box::new(self::question(decisions, *next, flows))), Vec::new()),
        };
        AnswerView { label: answer.label.clone(), why: answer.why.clone(), question: next, methods }
    });
    QuestionView { text: question.text.clone(), why: question.why.clone(), answers: answers.collect() }
}

fn links(ids: &[String], flows: &[Flow]) -> Vec<PageLink> {
    let found = ids.iter().filter_map(|id| flows.iter().find(|flow| flow.id == *id));
    found.map(|flow| PageLink { title: flow.title.clone(), path: method_path(flow) }).collect()
}
