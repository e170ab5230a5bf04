//! Controls × evidence → verdicts: how a flow stands against what frameworks ask.

use serde::Serialize;

use super::EvidenceVerdict;
use crate::claim::{Exhibit, Ruling};
use crate::flow::Flow;
use crate::framework::{Answer, Control, Declaration, Frameworks};

/// How a flow stands against a control.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ControlVerdict {
    /// Id of the framework; that of the criteria for one of these.
    pub framework: String,
    /// Identifier of the control.
    pub control: String,
    /// The edition in which it has this identifier.
    pub version: String,
    /// Whether nobody checked the identifier.
    pub is_unverified: bool,
    /// How the flow stands.
    pub verdict: Standing,
    /// Why, in sentences.
    pub reason: String,
    /// Names of the claims that are its evidence.
    pub claims: Vec<&'static str>,
    /// Events that show it, or that contradict it.
    pub exhibits: Vec<Exhibit>,
    /// What no run shows of it.
    pub remains: Option<String>,
    /// What somebody declares beside; it changes no verdict.
    pub declared: Vec<Declared>,
}

/// How a flow stands against a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
// From what a reader looks for first.
pub enum Standing {
    /// A run shows the opposite.
    Contradicted,
    /// No run could show it; the reason says what is missing.
    Inconclusive,
    /// Runs show a part; the reason says what stays declared.
    SupportedInPart,
    /// Runs show it.
    SupportedByTheDesign,
    /// It can only be declared.
    Declared,
    /// It cannot arise in the method.
    NotApplicable,
}

/// What somebody declares of a control.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Declared {
    /// The answer.
    pub answer: Answer,
    /// What is declared.
    pub statement: String,
    /// Who declares it.
    pub by: String,
}

/// Id under which verdicts of the criteria stand.
pub const CRITERIA: &str = "criteria";

impl Standing {
    /// Every one, in the order in which tables have them.
    pub const ALL: [Self; 6] = [
        Self::SupportedByTheDesign,
        Self::SupportedInPart,
        Self::Contradicted,
        Self::Inconclusive,
        Self::Declared,
        Self::NotApplicable,
    ];

    /// The words for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Contradicted => "contradicted",
            Self::Inconclusive => "inconclusive",
            Self::SupportedInPart => "supported in part",
            Self::SupportedByTheDesign => "supported by the design",
            Self::Declared => "declared",
            Self::NotApplicable => "not applicable",
        }
    }

    /// The name in files and style sheets.
    pub fn name(self) -> &'static str {
        match self {
            Self::Contradicted => "contradicted",
            Self::Inconclusive => "inconclusive",
            Self::SupportedInPart => "supported-in-part",
            Self::SupportedByTheDesign => "supported-by-the-design",
            Self::Declared => "declared",
            Self::NotApplicable => "not-applicable",
        }
    }
}

/// The verdicts of a flow on the controls of every framework, in their order.
pub fn controls(flow: &Flow, evidence: &[EvidenceVerdict], frameworks: &Frameworks) -> Vec<ControlVerdict> {
    let of_each = frameworks.frameworks.iter().flat_map(|framework| {
        framework.controls.iter().map(|control| {
            let declared = frameworks.declared(&framework.id, &control.id, &flow.id);
            judge(flow, &framework.id, control, evidence, declared)
        })
    });
    of_each.collect()
}

/// The verdicts of a flow on the criteria, in their order.
pub fn criteria(flow: &Flow, evidence: &[EvidenceVerdict], frameworks: &Frameworks) -> Vec<ControlVerdict> {
    let of_each =
        frameworks.criteria.iter().map(|control| judge(flow, CRITERIA, control, evidence, std::iter::empty()));
    of_each.collect()
}

fn judge<'f>(
    flow: &Flow,
    framework: &str,
    control: &Control,
    evidence: &[EvidenceVerdict],
    declared: impl Iterator<Item = &'f Declaration>,
) -> ControlVerdict {
    let claims: Vec<&'static str> = control.evidence.iter().map(|claim| claim.name()).collect();
    let named: Vec<&EvidenceVerdict> = evidence.iter().filter(|verdict| claims.contains(&verdict.claim)).collect();
    let (verdict, reason) = if is_of_other_media(flow, control) {
        let media: Vec<&str> = control.media.iter().map(|medium| medium.title()).collect();
        (Standing::NotApplicable, format!("No link of the method is one of these: {}.", media.join(", ")))
    } else if claims.is_empty() {
        (Standing::Declared, "No run can show it; it can only be declared.".to_owned())
    } else {
        stand(&named, control.remains.as_deref())
    };
    let weighs = |ruling: Ruling| match verdict {
        Standing::Contradicted => ruling == Ruling::Contradicted,
        Standing::SupportedByTheDesign | Standing::SupportedInPart => matches!(ruling, Ruling::Shown | Ruling::Partly),
        Standing::Inconclusive | Standing::Declared | Standing::NotApplicable => false,
    };
    let mut exhibits: Vec<Exhibit> = Vec::new();
    for exhibit in named.iter().filter(|it| weighs(it.testimony.ruling)).flat_map(|it| &it.testimony.exhibits) {
        if !exhibits.contains(exhibit) {
            exhibits.push(exhibit.clone());
        }
    }
    ControlVerdict {
        framework: framework.to_owned(),
        control: control.id.clone(),
        version: control.version.clone(),
        is_unverified: control.checked == crate::framework::Checked::None,
        verdict,
        reason,
        claims,
        exhibits,
        remains: control.remains.clone(),
        declared: declared
            .map(|one| Declared { answer: one.answer, statement: one.statement.clone(), by: one.by.clone() })
            .collect(),
    }
}

fn is_of_other_media(flow: &Flow, control: &Control) -> bool {
    !control.media.is_empty() && !flow.links.iter().any(|link| control.media.contains(&link.medium))
}

/// What the claims that are a control's evidence come to; `remains` is what no run shows of it.
pub fn stand(named: &[&EvidenceVerdict], remains: Option<&str>) -> (Standing, String) {
    let of = |ruling: Ruling| -> Vec<&&EvidenceVerdict> {
        named.iter().filter(|verdict| verdict.testimony.ruling == ruling).collect()
    };
    let reasons = |verdicts: &[&&EvidenceVerdict]| {
        let each = verdicts.iter().map(|verdict| format!("{}: {}", verdict.claim, verdict.testimony.reason));
        each.collect::<Vec<_>>().join(" ")
    };
    let (against, part, shown) = (of(Ruling::Contradicted), of(Ruling::Partly), of(Ruling::Shown));
    let (missing, never) = (of(Ruling::Inconclusive), of(Ruling::NotApplicable));
    if !against.is_empty() {
        return (Standing::Contradicted, reasons(&against));
    }
    if part.is_empty() && shown.is_empty() {
        if missing.is_empty() {
            return (Standing::NotApplicable, reasons(&never));
        }
        return (Standing::Inconclusive, reasons(&missing));
    }
    let mut sentences = vec![reasons(&shown), reasons(&part), reasons(&missing)];
    if let Some(remains) = remains {
        sentences.push(format!("Stays declared: {}", lower_first(remains)));
    }
    sentences.retain(|sentence| !sentence.is_empty());
    let is_whole = part.is_empty() && missing.is_empty() && remains.is_none();
    let standing = if is_whole { Standing::SupportedByTheDesign } else { Standing::SupportedInPart };
    (standing, sentences.join(" "))
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::Testimony;

    fn verdict(claim: &'static str, testimony: Testimony) -> EvidenceVerdict {
        EvidenceVerdict { claim, testimony }
    }

    fn exhibit() -> Exhibit {
        Exhibit { scenario: "baseline".to_owned(), step: "tls".to_owned() }
    }

    fn all() -> [EvidenceVerdict; 5] {
        [
            verdict("against", Testimony::contradicted("Broken.", [exhibit()])),
            verdict("missing", Testimony::inconclusive("Nobody tried.")),
            verdict("never", Testimony::not_applicable("No radio.")),
            verdict("part", Testimony::partly("Half.", [exhibit()])),
            verdict("shown", Testimony::shown("Seen.", [exhibit()])),
        ]
    }

    #[test]
    fn a_control_stands_as_its_evidence_says() {
        let all = all();
        let table: [(&[usize], Option<&str>, Standing, &str); 10] = [
            (&[4], None, Standing::SupportedByTheDesign, "shown: Seen."),
            (&[4], Some("The rest."), Standing::SupportedInPart, "shown: Seen. Stays declared: the rest."),
            (&[3], None, Standing::SupportedInPart, "part: Half."),
            (&[3, 4], None, Standing::SupportedInPart, "shown: Seen. part: Half."),
            (&[1, 4], None, Standing::SupportedInPart, "shown: Seen. missing: Nobody tried."),
            (&[2, 4], None, Standing::SupportedByTheDesign, "shown: Seen."),
            (&[0, 4], None, Standing::Contradicted, "against: Broken."),
            (&[0, 1, 2, 3, 4], Some("The rest."), Standing::Contradicted, "against: Broken."),
            (&[1, 2], Some("The rest."), Standing::Inconclusive, "missing: Nobody tried."),
            (&[2], None, Standing::NotApplicable, "never: No radio."),
        ];
        for (indices, remains, standing, reason) in table {
            let named: Vec<&EvidenceVerdict> = indices.iter().map(|index| &all[*index]).collect();
            assert_eq!(stand(&named, remains), (standing, reason.to_owned()), "{indices:?}");
        }
    }
}
