//! Codes of diagnostics: each names the bad thing.

/// What kind of mistake a diagnostic reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(&'static CodeEntry);

/// A code with its explanation.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct CodeEntry {
    name: &'static str,
    explanation: &'static str,
}

impl Code {
    /// The code as it is printed.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// What it means and what to do, in one or two sentences.
    pub fn explanation(self) -> &'static str {
        self.0.explanation
    }
}

macro_rules! codes {
    ($($constant:ident $name:literal $explanation:literal)*) => {
        impl Code {
            $(#[doc = $explanation] pub const $constant: Self = Self(&CodeEntry { name: $name, explanation: $explanation });)*

            /// Every code, by name.
            pub const ALL: &[Self] = &[$(Self::$constant),*];
        }
    };
}

codes! {
    BROKEN_LINK "broken-link" "A chapter links to a page, an anchor or a file that the site does not have."
    DUPLICATE_NAME "duplicate-name" "Two things that share a name space have the same name; names are written once."
    INVALID_EDIT "invalid-edit" "An edit of a scenario does not name exactly one change that can be made to the flow."
    INVALID_LAYOUT "invalid-layout" "The layout of a message contradicts itself: a value that does not fit its field, a field after one that takes the rest, a layout inside of itself."
    INVALID_REFERENCE "invalid-reference" "A `$` reference, its members or its filters cannot be read, or do not fit the value."
    INVALID_TEMPLATE "invalid-template" "A page template failed; templates reach neither environment nor clock."
    INVALID_TOML "invalid-toml" "The file is not TOML."
    INVALID_VALUE "invalid-value" "A value is of the right type but not one of those allowed."
    KEY_LEAVES_CUSTODY "key-leaves-custody" "A private key is in another store than that of the actor that made it, or in a message."
    MISSING_ARGUMENT "missing-argument" "An operation, a claim or a directive needs an argument that was not given."
    MISSING_CHAPTER "missing-chapter" "A method has no chapter, or the summary names a chapter that does not exist."
    MISSING_KEY "missing-key" "A key that the format requires is absent."
    NO_MITIGATION "no-mitigation" "An attack gets through, and the flow neither names a mitigation that stops or lessens it nor says why there is none."
    NO_REVOCATION "no-revocation" "The device gets a credential that nobody can take back before its end."
    NONCE_NOT_COMPARED "nonce-not-compared" "A nonce is sent, and its maker compares it with nothing that comes back."
    NOT_A_TREE "not-a-tree" "Two answers lead to the same question, or one leads back; questions that lead to methods are a tree."
    NOT_HELD "not-held" "An actor uses a value that it neither made, nor was provisioned with, nor received before this step."
    OFF_LINK "off-link" "A message is sent over a link or through a session whose ends the sender and the receiver are not."
    SECRET_IN_CLEAR "secret-in-clear" "A secret crosses an exposed link or a boundary between zones unencrypted."
    SHARED_CREDENTIAL "shared-credential" "Two devices of the same method hold the same secret."
    STALE_ACKNOWLEDGEMENT "stale-acknowledgement" "An acknowledgement is for a finding that no lint makes; what it excused is gone or elsewhere."
    STALE_DECLARATION "stale-declaration" "A flow declares a weakness that its runs do not show."
    UNDETECTED_PROBE "undetected-probe" "The engine changed a flight of the baseline, nobody noticed, and a goal no longer holds."
    UNEXPECTED_OUTCOME "unexpected-outcome" "A run ended otherwise than the flow declares: an attack got through, or a baseline was refused."
    UNKNOWN_ARGUMENT "unknown-argument" "An operation, a claim or a directive was given an argument that it does not have."
    UNKNOWN_DIRECTIVE "unknown-directive" "A chapter uses a fenced directive or a role that does not exist."
    UNKNOWN_KEY "unknown-key" "A file has a key that its format does not know."
    UNKNOWN_NAME "unknown-name" "An actor, zone, link, session, step, flow or scenario of that name does not exist."
    UNKNOWN_OPERATION "unknown-operation" "No operation has that name; a new one needs Rust, everything else is data."
    UNMET_ASSERTION "unmet-assertion" "A chapter asserts something that the runs of the flow do not bear out; either the sentence or the flow is wrong."
    UNMET_GOAL "unmet-goal" "A run does not bear out a goal that the flow declares."
    UNREACHABLE_QUESTION "unreachable-question" "No answer leads to the question, so no reader would ever be asked it."
    UNSTATED_HARM "unstated-harm" "An attack gets through, and no goal of the flow says what it harms."
    UNSUPPORTED_EDITION "unsupported-edition" "The file is written in an edition of the flow language that this version does not read."
    UNVERIFIED "unverified" "Something signed is used or kept, and its receiver verifies it nowhere."
    USED_AFTER_END "used-after-end" "A certificate is presented, signed with or verified with outside of its validity."
    WRONG_PLACE "wrong-place" "A step happens where its operation cannot: a local operation on a link, a message at one actor."
    WRONG_TYPE "wrong-type" "A value has the wrong type."
}
