//! Compliance frameworks: what controls ask, and which claims are their evidence. All of it is data.

pub mod parse;

use serde::{Deserialize, Serialize};

use crate::claim::Evidence;
use crate::source::Span;
use crate::vocabulary::Medium;

/// Everything against which methods are judged.
#[derive(Debug, Default)]
pub struct Frameworks {
    /// Frameworks, by id.
    pub frameworks: Vec<Framework>,
    /// The criteria of secure provisioning, in the order of the file.
    pub criteria: Vec<Control>,
    /// What somebody declares where no run can tell.
    pub declarations: Vec<Declaration>,
}

/// A framework.
#[derive(Debug)]
pub struct Framework {
    /// Id: its file's name without `.toml`.
    pub id: String,
    /// Title.
    pub title: String,
    /// The edition whose identifiers these are.
    pub version: String,
    /// Who publishes it, and on what terms.
    pub source: String,
    /// Its controls, in the order of the file.
    pub controls: Vec<Control>,
    /// Where it is written.
    pub span: Span,
}

/// Something that a framework asks.
#[derive(Debug)]
pub struct Control {
    /// Identifier, as the framework writes it where it has one.
    pub id: String,
    /// The edition in which it has this identifier.
    pub version: String,
    /// A few words for it.
    pub title: String,
    /// What it asks, in our words.
    pub asks: String,
    /// Whose the identifier is.
    pub kind: IdKind,
    /// How strongly it asks, as the framework says; absent where it makes no difference.
    pub obligation: Option<Obligation>,
    /// Whether it bears on provisioning more than others.
    pub is_core: bool,
    /// How far the identifier was checked.
    pub checked: Checked,
    /// Against what it was checked; empty where it was not.
    pub checked_at: String,
    /// What it is about, as tags that threats share.
    pub tags: Vec<String>,
    /// Claims that are its evidence; none where it can only be declared.
    pub evidence: Vec<&'static dyn Evidence>,
    /// What no run shows of it; with such a rest it is supported in part at best.
    pub remains: Option<String>,
    /// It applies only where a link of the method is one of these; to every method where none is named.
    pub media: Vec<Medium>,
    /// Where it is written.
    pub span: Span,
}

/// Whose an identifier is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdKind {
    /// Ours: the framework numbers nothing here.
    Local,
    /// The framework's own.
    Official,
    /// A range of the framework's own.
    Range,
}

/// How strongly a control asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Obligation {
    /// Binding.
    Shall,
    /// Recommended.
    Should,
}

/// How far an identifier was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Checked {
    /// Not at all; it is shown only where the project asks for it, and marked.
    None,
    /// Against what the publisher itself gives out.
    Primary,
    /// Against a public copy or mapping by somebody else.
    Secondary,
}

/// What somebody declares of a control where no run can tell.
#[derive(Debug)]
pub struct Declaration {
    /// Id of the framework.
    pub framework: String,
    /// Identifier of the control.
    pub control: String,
    /// Id of the flow; every one where absent.
    pub flow: Option<String>,
    /// The answer.
    pub answer: Answer,
    /// What is declared.
    pub statement: String,
    /// Who declares it.
    pub by: String,
}

/// A declared answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It is not met.
    No,
    /// It does not apply.
    NotApplicable,
    /// It is met.
    Yes,
}

impl Frameworks {
    /// The framework called `id`.
    pub fn find(&self, id: &str) -> Option<&Framework> {
        self.frameworks.iter().find(|framework| framework.id == id)
    }

    /// What is declared of a control for a flow, in the order of the file.
    pub fn declared<'f>(
        &'f self,
        framework: &'f str,
        control: &'f str,
        flow: &'f str,
    ) -> impl Iterator<Item = &'f Declaration> {
        self.declarations.iter().filter(move |declared| {
            let is_own = declared.flow.as_deref().is_none_or(|own| own == flow);
            declared.framework == framework && declared.control == control && is_own
        })
    }
}

impl Framework {
    /// The control with the identifier `id`.
    pub fn control(&self, id: &str) -> Option<&Control> {
        self.controls.iter().find(|control| control.id == id)
    }
}

impl Control {
    /// The identifier as part of an anchor: lower-case letters, digits and hyphens.
    pub fn slug(&self) -> String {
        let letters = self.id.to_lowercase();
        let parts = letters.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join("-")
    }
}

impl Obligation {
    /// The word as the framework writes it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Shall => "shall",
            Self::Should => "should",
        }
    }
}

impl Checked {
    /// How far, in words.
    pub fn title(self) -> &'static str {
        match self {
            Self::None => "not checked",
            Self::Primary => "checked at its publisher",
            Self::Secondary => "checked against a copy",
        }
    }
}

impl Answer {
    /// The answer in words.
    pub fn title(self) -> &'static str {
        match self {
            Self::No => "not met",
            Self::NotApplicable => "does not apply",
            Self::Yes => "met",
        }
    }
}
