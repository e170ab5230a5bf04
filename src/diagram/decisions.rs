//! The decision tree: questions from left to right, and the methods to which their answers lead.

mod paint;
mod place;

use super::{Diagram, Subject};
use crate::decision::{Answer, Decisions, Next, Question};
use crate::quantity;
use crate::scene::{Cuts, Scene, Timeline};

/// The name of the kind.
pub const DECISIONS: &str = "decisions";

/// Questions that lead to methods.
#[derive(Debug)]
pub struct DecisionTree;

impl Diagram for DecisionTree {
    fn name(&self) -> &'static str {
        DECISIONS
    }

    fn summary(&self) -> &'static str {
        "Questions that lead to methods, as a tree: each answer leads to another question or to the methods that fit."
    }

    fn is_of_book(&self) -> bool {
        true
    }

    fn draw(&self, subject: &Subject<'_>) -> Option<Scene> {
        let Subject::Decisions { decisions, titles } = *subject else { return None };
        draw(decisions, titles)
    }
}

/// The picture; none where nothing is asked.
fn draw(decisions: &Decisions, titles: &[(String, String)]) -> Option<Scene> {
    if decisions.questions.is_empty() {
        return None;
    }
    let tree = Tree { decisions, titles };
    let layout = place::Layout::new(&tree);
    let (groups, height) = paint::groups(&layout);
    let count = quantity::count(decisions.questions.len(), "question", "questions");
    Some(Scene {
        title: "Which method?".to_owned(),
        description: format!("Tree of {count} that lead to methods. The first: {}", decisions.questions[0].text),
        width: layout.width,
        height,
        timeline: Timeline::in_turn(&groups),
        cuts: Cuts::default(),
        groups,
        steps: decisions.questions.iter().map(|question| tree.sentence(question)).collect(),
    })
}

/// Questions with the names of methods.
struct Tree<'a> {
    decisions: &'a Decisions,
    /// Id and title of each flow of the book.
    titles: &'a [(String, String)],
}

impl Tree<'_> {
    /// The names of the methods of the book among `ids`.
    fn methods(&self, ids: &[String]) -> Vec<&str> {
        let title = |id: &String| self.titles.iter().find(|(known, _)| known == id).map(|(_, title)| title.as_str());
        let found: Vec<&str> = ids.iter().filter_map(title).collect();
        if found.is_empty() { vec!["no method of this book"] } else { found }
    }

    /// `question` and its answers as one line.
    fn sentence(&self, question: &Question) -> String {
        let told: Vec<String> = question.answers.iter().map(|answer| self.answer(answer)).collect();
        format!("{} {}", question.text, told.join("; "))
    }

    fn answer(&self, answer: &Answer) -> String {
        let next = match &answer.next {
            Next::Methods(ids) => self.methods(ids).join(", "),
            Next::Question(index) => self.decisions.questions[*index].text.clone(),
        };
        format!("{}: {next}", answer.label)
    }
}
