//! `data/decisions.toml` → [`Decisions`]: questions that lead to methods.

use std::sync::Arc;

use crate::diag::{Code, Sink, did_you_mean, error};
use crate::document::{self, Node};
use crate::grammar::{ID, Key, LINE, PROSE, Shape, check, optional, required};
use crate::source::{Origin, Sources, Span};
use crate::threat::check_name;

/// Where the questions are.
pub const PATH: &str = "data/decisions.toml";
/// The edition of the format.
const EDITION: i64 = 1;
/// A tree with more questions helps nobody to choose.
const MOST: usize = 64;

/// Questions that lead to methods: a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decisions {
    /// The questions, the one that is asked first before all others; none where a project asks nothing.
    pub questions: Vec<Question>,
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Id, with which answers name it.
    pub id: String,
    /// The question.
    pub text: String,
    /// Why it is asked; may be empty.
    pub why: String,
    /// What can be answered.
    pub answers: Vec<Answer>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// A few words.
    pub label: String,
    /// What follows from it, in a sentence.
    pub why: String,
    /// Where it leads.
    pub next: Next,
}

/// Where an answer leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Ids of the flows that fit.
    Methods(Vec<String>),
    /// Index of the next question.
    Question(usize),
}

const ANSWER: &[Key] = &[
    required("label", LINE, "the answer, a few words"),
    required("why", PROSE, "what follows from it"),
    optional("next", ID, "the question that is asked then"),
    optional("methods", Shape::List(&ID), "the flows that fit, where no question is left"),
];

const QUESTION: &[Key] = &[
    required("id", ID, "id, with which answers name the question"),
    required("text", LINE, "the question"),
    optional("why", PROSE, "why it is asked"),
    required("answer", Shape::List(&Shape::Table(ANSWER)), "what can be answered"),
];

/// Keys of the file.
pub const DECISIONS: &[Key] = &[
    required("edition", Shape::Number(1, EDITION), "edition of the format"),
    required("question", Shape::List(&Shape::Table(QUESTION)), "the questions, the first of all first"),
];

/// Reads the questions; none where the file is missing or does not lead anywhere. The shipped file speaks of every
/// shipped flow, also of those that the project does not choose.
pub fn parse(sources: &Sources, sink: &mut Sink) -> Decisions {
    let Some(text) = sources.text(PATH) else { return Decisions::default() };
    let path: Arc<str> = PATH.into();
    let Some(mut node) = document::parse(&path, text, sink) else { return Decisions::default() };
    node.span = Span::new(&path, 0..text.find('\n').unwrap_or(text.len()));
    if !check(&node, &Shape::Table(DECISIONS), "the file of decisions", sink) {
        return Decisions::default();
    }
    let written = node.find("question").map(Node::items).unwrap_or_default();
    if let Some(one_more) = written.get(MOST) {
        let message = format!("there are more than {MOST} questions");
        sink.push(error(Code::INVALID_VALUE, &one_more.span, message).hint("ask fewer: a reader has to follow them"));
        return Decisions::default();
    }
    check_flows(written, sources, sink);
    read(written, sink).unwrap_or_default()
}

/// The tree of `written`; none where it is not one.
fn read(written: &[Node], sink: &mut Sink) -> Option<Decisions> {
    let ids: Vec<&str> = written.iter().map(|node| node.text("id")).collect();
    let mut is_whole = true;
    for (index, node) in written.iter().enumerate() {
        if ids[..index].contains(&ids[index]) {
            let span = node.find("id").map_or(&node.span, |id| &id.span);
            sink.error(Code::DUPLICATE_NAME, span, format!("a question is called `{}` already", ids[index]));
            is_whole = false;
        }
    }
    let questions: Vec<Option<Question>> = written.iter().map(|node| question(node, &ids, sink)).collect();
    let questions: Vec<Question> = questions.into_iter().collect::<Option<_>>()?;
    let decisions = Decisions { questions };
    (is_whole && is_tree(&decisions, written, sink)).then_some(decisions)
}

fn question(node: &Node, ids: &[&str], sink: &mut Sink) -> Option<Question> {
    let written = node.find("answer").map(Node::items).unwrap_or_default();
    let answers: Vec<Option<Answer>> = written.iter().map(|answer| self::answer(answer, ids, sink)).collect();
    Some(Question {
        id: node.text("id").to_owned(),
        text: node.text("text").to_owned(),
        why: node.text("why").to_owned(),
        answers: answers.into_iter().collect::<Option<_>>()?,
    })
}

fn answer(node: &Node, ids: &[&str], sink: &mut Sink) -> Option<Answer> {
    let next = match (node.find("next"), node.find("methods")) {
        (Some(next), None) => Next::Question(index(next, ids, sink)?),
        (None, Some(methods)) if !methods.items().is_empty() => Next::Methods(node.texts("methods")),
        (None, None | Some(_)) | (Some(_), Some(_)) => {
            let message =
                format!("the answer `{}` leads to a question or to methods, and not to both", node.text("label"));
            let span = node.find("label").map_or(&node.span, |label| &label.span);
            sink.push(error(Code::INVALID_VALUE, span, message).hint("write either `next` or `methods`"));
            return None;
        }
    };
    Some(Answer { label: node.text("label").to_owned(), why: node.text("why").to_owned(), next })
}

fn index(next: &Node, ids: &[&str], sink: &mut Sink) -> Option<usize> {
    let name = next.as_text().unwrap_or_default();
    let found = ids.iter().position(|id| *id == name);
    if found.is_none() {
        let message = format!("no question is called `{name}`");
        let hint = did_you_mean(name, ids.iter().copied());
        sink.push(error(Code::UNKNOWN_NAME, &next.span, message).maybe_hint(hint));
    }
    found
}

fn check_flows(written: &[Node], sources: &Sources, sink: &mut Sink) {
    if sources.find(PATH).is_none_or(|file| file.origin != Origin::Project) {
        return;
    }
    let flows = sources.below("flows", ".toml").filter_map(|(path, _)| path.rsplit('/').next()?.strip_suffix(".toml"));
    let flows: Vec<&str> = flows.collect();
    let answers = written.iter().filter_map(|question| question.find("answer")).flat_map(Node::items);
    let methods = answers.filter_map(|answer| answer.find("methods")).flat_map(Node::items);
    methods.for_each(|method| check_name(method, "flow", &flows, sink));
}

/// Whether one way leads from the first question to each; what is not so is reported.
fn is_tree(decisions: &Decisions, written: &[Node], sink: &mut Sink) -> bool {
    let mut walk = Walk { decisions, written, way: Vec::new(), seen: vec![false; written.len()], is_tree: true };
    if !written.is_empty() {
        walk.visit(0, sink);
    }
    for (node, _) in written.iter().zip(&walk.seen).filter(|(_, seen)| !**seen) {
        let span = node.find("id").map_or(&node.span, |id| &id.span);
        let message = format!("no answer leads to the question `{}`", node.text("id"));
        sink.push(error(Code::UNREACHABLE_QUESTION, span, message).hint("name it in the `next` of an answer"));
        walk.is_tree = false;
    }
    walk.is_tree
}

/// The way through the questions.
struct Walk<'d> {
    decisions: &'d Decisions,
    written: &'d [Node],
    /// The questions that led here.
    way: Vec<usize>,
    seen: Vec<bool>,
    is_tree: bool,
}

impl Walk<'_> {
    fn visit(&mut self, question: usize, sink: &mut Sink) {
        self.seen[question] = true;
        self.way.push(question);
        let answers = self.written[question].find("answer").map(Node::items).unwrap_or_default();
        let decisions = self.decisions;
        for (answer, node) in decisions.questions[question].answers.iter().zip(answers) {
            let Next::Question(next) = answer.next else { continue };
            if !self.seen[next] {
                self.visit(next, sink);
                continue;
            }
            let id = &decisions.questions[next].id;
            let message = if self.way.contains(&next) {
                format!("the answer leads back to the question `{id}`")
            } else {
                format!("another answer leads to the question `{id}` already")
            };
            let span = node.find("next").map_or(&node.span, |next| &next.span);
            sink.push(error(Code::NOT_A_TREE, span, message).hint("let one answer alone lead to a question"));
            self.is_tree = false;
        }
        self.way.pop();
    }
}
