//! A run told step by step before anything has a place: what writings in characters are made from.

use crate::trace::Protection;

/// A run in words.
#[derive(Clone, Debug)]
pub struct Account {
    /// Title for people.
    pub title: String,
    /// What happened, in one or two sentences.
    pub description: String,
    /// The actors, from the left to the right.
    pub actors: Vec<Actor>,
    /// Zones of neighbouring actors, from the left to the right.
    pub zones: Vec<Zone>,
    /// Sessions, in the order in which they were opened.
    pub sessions: Vec<Session>,
    /// What happened, in order.
    pub steps: Vec<Step>,
    /// How the run ended, where it has to be said.
    pub ending: Option<Ending>,
}

/// Somebody who acts.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Name.
    pub name: String,
    /// What it does; empty where the name says it.
    pub role: String,
}

/// Neighbouring actors of one zone.
#[derive(Clone, Debug)]
pub struct Zone {
    /// Name.
    pub title: String,
    /// Index of the first actor.
    pub first: usize,
    /// Index of the last actor.
    pub last: usize,
}

/// A session that came to be.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    /// Index of the step that opened it.
    pub first: usize,
    /// Index of the last step in it.
    pub last: usize,
    /// How it was protected when it was opened.
    pub protection: Protection,
    /// Index of the step with which it became protected, where it was provisional before.
    pub raised: Option<usize>,
}

/// A step as it happened.
#[derive(Clone, Debug)]
pub struct Step {
    /// Id.
    pub id: String,
    /// Its number in every writing, from 1.
    pub number: usize,
    /// The phase that begins here.
    pub phase: Option<String>,
    /// A few words; never empty.
    pub title: String,
    /// Who does it, and with whom.
    pub course: Course,
    /// How it is protected, what it consists of, what carries it, how long it is, who changed it; blanks at which no
    /// line may break are U+00A0.
    pub notes: Vec<String>,
    /// What was verified, refused or seen.
    pub remarks: Vec<Remark>,
}

impl Step {
    /// The notes as one text, its dots at the ends of lines.
    pub fn note(&self) -> String {
        self.notes.join("\u{a0}· ")
    }
}

/// Who does a step, by index of the actors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// One actor by itself.
    At(usize),
    /// One actor gave it to another before the method began.
    Handed {
        /// Who had it.
        from: usize,
        /// Who has it since.
        to: usize,
    },
    /// A message or handshake.
    Sent {
        /// Who sends.
        from: usize,
        /// Who receives.
        to: usize,
        /// How what is sent is protected.
        protection: Protection,
        /// Whether it was refused.
        is_refused: bool,
    },
}

/// What an actor found out in a step.
#[derive(Clone, Debug)]
pub struct Remark {
    /// Index of the actor.
    pub actor: usize,
    /// How it turned out, where it was verified.
    pub held: Option<bool>,
    /// The words.
    pub text: String,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Ending {
    /// In a few words.
    pub heading: String,
    /// The rest; may be empty.
    pub rest: String,
    /// Whether an attack got through.
    pub got_through: bool,
}
