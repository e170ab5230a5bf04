//! Subject → [`Scene`]: one table of diagram kinds.
//!
//! To add one: a file in `src/diagram/` with a unit struct and its `impl Diagram`, and a line in [`DIAGRAMS`].

pub mod account;
pub mod anchors;
pub mod attack;
pub mod boundary;
pub mod certificate;
pub mod chain;
pub mod comparison;
pub mod decisions;
pub mod knowledge;
mod legend;
pub mod lifecycle;
pub mod swimlane;
pub mod timeline;

use std::fmt;

use self::account::Account;
use crate::decision::Decisions;
use crate::flow::{BASELINE, Flow, Scenario};
use crate::scene::Scene;
use crate::timeline::Timeline;
use crate::trace::Trace;

/// The kinds of diagram, in the order in which a page shows them.
pub const DIAGRAMS: &[&dyn Diagram] = &[
    &swimlane::Swimlane,
    &attack::Attack,
    &boundary::Boundary,
    &timeline::TimelineChart,
    &knowledge::Knowledge,
    &anchors::Anchors,
    &chain::Chain,
    &lifecycle::Lifecycle,
    &comparison::Comparison,
    &decisions::DecisionTree,
];

/// What a picture is drawn from.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// A run of one scenario.
    Run(Executed<'a>),
    /// An attack, and the same attack where a mitigation is in place.
    Pair {
        /// The attack on the method as it is.
        attack: Executed<'a>,
        /// The attack on the method with the mitigation.
        mitigated: Executed<'a>,
    },
    /// How long a run takes.
    Duration {
        /// The run.
        run: Executed<'a>,
        /// Its times, step by step.
        timeline: &'a Timeline,
        /// Name of the link for which they were computed.
        link: &'a str,
        /// Name of the device for which they were computed.
        device: &'a str,
    },
    /// All methods of a book.
    Methods {
        /// Their figures.
        methods: &'a [comparison::Measured],
        /// Name of the link for which all of their times were computed.
        link: &'a str,
        /// Name of the device for which all of their times were computed.
        device: &'a str,
    },
    /// Questions that lead to methods.
    Decisions {
        /// The questions.
        decisions: &'a Decisions,
        /// Id and title of each flow of the book.
        titles: &'a [(String, String)],
    },
}

/// A run of one scenario.
#[derive(Clone, Copy, Debug)]
pub struct Executed<'a> {
    /// The method.
    pub flow: &'a Flow,
    /// The way in which it was run.
    pub scenario: &'a Scenario,
    /// What happened.
    pub trace: &'a Trace,
}

impl Executed<'_> {
    /// The method, and the scenario where it is not the method as written.
    pub fn title(&self) -> String {
        let Self { flow, scenario, .. } = self;
        if scenario.id == BASELINE { flow.title.clone() } else { format!("{}: {}", flow.title, scenario.title) }
    }
}

/// A kind of diagram.
pub trait Diagram: Sync {
    /// Name, kebab case; the option of a chapter's picture and the argument of `draw`.
    fn name(&self) -> &'static str;

    /// What it shows, in one sentence.
    fn summary(&self) -> &'static str;

    /// Whether every run has one, and not only the method as it is written.
    fn is_of_every_run(&self) -> bool {
        false
    }

    /// Whether it is of all methods together.
    fn is_of_book(&self) -> bool {
        false
    }

    /// The picture of `subject`; none where the subject has nothing that it could show.
    fn draw(&self, subject: &Subject<'_>) -> Option<Scene>;

    /// The same step by step in words, for writings in characters; only of kinds that tell a run from its beginning.
    fn account(&self, _subject: &Subject<'_>) -> Option<Account> {
        None
    }
}

impl fmt::Debug for dyn Diagram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The kind called `name`.
pub fn find(name: &str) -> Option<&'static dyn Diagram> {
    DIAGRAMS.iter().copied().find(|diagram| diagram.name() == name)
}
