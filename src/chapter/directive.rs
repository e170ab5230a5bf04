//! The tables of what chapters can embed: directives, roles and callouts.
//!
//! To add a directive: a variant of [`DirectiveKind`], an entry in [`DIRECTIVES`], what it becomes in `book/embed.rs`,
//! and a template of its name in `templates/components/`.

/// A fenced directive.
#[derive(Debug)]
pub struct Directive {
    /// Name between the braces.
    pub name: &'static str,
    /// Which one it is, for code.
    pub kind: DirectiveKind,
    /// What follows the name; empty for a directive without argument.
    pub argument: &'static str,
    /// Its options.
    pub options: &'static [DirectiveOption],
    /// What its lines are; empty for a directive without text.
    pub lines: &'static str,
    /// What it shows, one sentence.
    pub summary: &'static str,
}

/// An option of a directive, written `:name: value`.
#[derive(Debug)]
pub struct DirectiveOption {
    /// Name between the colons.
    pub name: &'static str,
    /// What it does.
    pub summary: &'static str,
}

/// The directives, for matching.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "`DIRECTIVES` says what each is")]
pub enum DirectiveKind {
    Artifacts,
    Assert,
    Attacks,
    Book,
    Checklists,
    Claims,
    Comparison,
    Decisions,
    Diagnostics,
    Directives,
    Evidence,
    Facts,
    Figure,
    Filters,
    Frameworks,
    Glossary,
    Goals,
    Lints,
    Members,
    Methods,
    Operations,
    Profiles,
    Question,
    Scores,
    Steps,
    Threats,
    Timeline,
}

const SCENARIO: DirectiveOption =
    DirectiveOption { name: "scenario", summary: "id of the scenario; `baseline` where nothing is said" };
const CAPTION: DirectiveOption = DirectiveOption { name: "caption", summary: "what the reader should see in it" };

/// All directives, by name.
pub const DIRECTIVES: &[Directive] = &[
    Directive {
        name: "artifacts",
        kind: DirectiveKind::Artifacts,
        argument: "flow",
        options: &[SCENARIO, DirectiveOption { name: "actor", summary: "id of the only actor whose store is shown" }],
        lines: "",
        summary: "Shows the values in the stores of a run: decoded, byte by byte, to download, with the command that checks each.",
    },
    Directive {
        name: "assert",
        kind: DirectiveKind::Assert,
        argument: "flow",
        options: &[],
        lines: "assertion",
        summary: "Lists what the runs of a flow bear out; an assertion that they do not bear out is an error.",
    },
    Directive {
        name: "attacks",
        kind: DirectiveKind::Attacks,
        argument: "flow",
        options: &[],
        lines: "",
        summary: "Shows a card with a picture for each attack of a flow, and what became of it.",
    },
    Directive {
        name: "book",
        kind: DirectiveKind::Book,
        argument: "",
        options: &[],
        lines: "",
        summary: "Lists the keys of `book.toml`.",
    },
    Directive {
        name: "checklists",
        kind: DirectiveKind::Checklists,
        argument: "",
        options: &[],
        lines: "",
        summary: "Lists the checklists of the book with the number of their points.",
    },
    Directive {
        name: "claims",
        kind: DirectiveKind::Claims,
        argument: "",
        options: &[],
        lines: "",
        summary: "Lists the claims that a flow can make of itself, what each shows and what it does not.",
    },
    Directive {
        name: "comparison",
        kind: DirectiveKind::Comparison,
        argument: "",
        options: &[],
        lines: "",
        summary: "Compares all methods in a picture and a table of figures computed from their runs.",
    },
    Directive {
        name: "decisions",
        kind: DirectiveKind::Decisions,
        argument: "",
        options: &[],
        lines: "",
        summary: "Asks the questions that lead to methods, as a tree and as a list.",
    },
    Directive {
        name: "diagnostics",
        kind: DirectiveKind::Diagnostics,
        argument: "",
        options: &[],
        lines: "",
        summary: "Lists the codes of diagnostics with what each means.",
    },
    Directive {
        name: "directives",
        kind: DirectiveKind::Directives,
        argument: "",
        options: &[],
        lines: "",
        summary: "Lists the directives, roles and callouts that chapters can use.",
    },
    Directive {
        name: "evidence",
        kind: DirectiveKind::Evidence,
        argument: "",
        options: &[],
        lines: "",
        summary: "Lists the claims that controls can name as evidence: what each shows, and what it does not.",
    },
    Directive {
        name: "facts",
        kind: DirectiveKind::Facts,
        argument: "",
        options: &[],
        lines: "",
        summary: "Lists the figures of a method that chapters can quote and the rubric can score.",
    },
    Directive {
        name: "figure",
        kind: DirectiveKind::Figure,
        argument: "flow",
        options: &[
            DirectiveOption { name: "kind", summary: "kind of picture; `swimlane` where nothing is said" },
            SCENARIO,
            CAPTION,
            DirectiveOption { name: "name", summary: "a name for it, with which texts refer to it" },
        ],
        lines: "",
        summary: "Draws a run: as a swimlane, or as another kind of picture.",
    },
    Directive {
        name: "filters",
        kind: DirectiveKind::Filters,
        argument: "",
        options: &[],
        lines: "",
        summary: "Lists the filters that turn a value into text.",
    },
    Directive {
        name: "frameworks",
        kind: DirectiveKind::Frameworks,
        argument: "",
        options: &[],
        lines: "",
        summary: "Shows how each method stands against the criteria of secure provisioning and against each framework.",
    },
    Directive {
        name: "glossary",
        kind: DirectiveKind::Glossary,
        argument: "",
        options: &[],
        lines: "",
        summary: "Lists the terms of the field; texts link to them where they first occur.",
    },
    Directive {
        name: "goals",
        kind: DirectiveKind::Goals,
        argument: "flow",
        options: &[],
        lines: "",
        summary: "Shows the security goals of a flow with their verdicts and evidence.",
    },
    Directive {
        name: "lints",
        kind: DirectiveKind::Lints,
        argument: "",
        options: &[],
        lines: "",
        summary: "Lists the lints that are asked of every flow: what each asks, why, and what to do.",
    },
    Directive {
        name: "members",
        kind: DirectiveKind::Members,
        argument: "",
        options: &[],
        lines: "",
        summary: "Lists the members of values, with the kinds that have them.",
    },
    Directive {
        name: "methods",
        kind: DirectiveKind::Methods,
        argument: "",
        options: &[],
        lines: "",
        summary: "Shows a card for each method, family by family.",
    },
    Directive {
        name: "operations",
        kind: DirectiveKind::Operations,
        argument: "",
        options: &[],
        lines: "",
        summary: "Prints the reference of the operations that steps can name.",
    },
    Directive {
        name: "profiles",
        kind: DirectiveKind::Profiles,
        argument: "",
        options: &[],
        lines: "",
        summary: "Lists the figures of links and devices from which timelines are computed, with their sources.",
    },
    Directive {
        name: "question",
        kind: DirectiveKind::Question,
        argument: "flow",
        options: &[SCENARIO],
        lines: "question",
        summary: "Asks the reader what becomes of a run, and folds the answer of the run below the question.",
    },
    Directive {
        name: "scores",
        kind: DirectiveKind::Scores,
        argument: "",
        options: &[],
        lines: "",
        summary: "Scores all methods after the rubric, with the figures behind each score, weights to choose and the course’s own level.",
    },
    Directive {
        name: "steps",
        kind: DirectiveKind::Steps,
        argument: "flow",
        options: &[SCENARIO],
        lines: "",
        summary: "Lists the steps of a run with their bytes, values and checks.",
    },
    Directive {
        name: "threats",
        kind: DirectiveKind::Threats,
        argument: "",
        options: &[],
        lines: "",
        summary: "Shows the threat catalogue against the methods: what was executed with which outcome, or why a threat cannot arise.",
    },
    Directive {
        name: "timeline",
        kind: DirectiveKind::Timeline,
        argument: "flow",
        options: &[
            DirectiveOption { name: "link", summary: "id of the link; the method's own where nothing is said" },
            DirectiveOption { name: "device", summary: "id of the device; that of the book where nothing is said" },
        ],
        lines: "",
        summary: "Shows how long a method takes over each link with each device, and one pair phase by phase.",
    },
];

/// A role: `` {name}`words` `` in running text.
#[derive(Debug)]
pub struct Role {
    /// Name between the braces.
    pub name: &'static str,
    /// Which one it is, for code.
    pub kind: RoleKind,
    /// The words between the backticks; the last stands for all that follow where the role has words of the author.
    pub words: &'static [&'static str],
    /// Whether it prints words of the author, with the others after them between `<` and `>`.
    pub has_title: bool,
    /// What it prints.
    pub summary: &'static str,
}

impl Role {
    /// How it is written.
    pub fn form(&self) -> String {
        if self.has_title {
            return format!("{{{}}}`words <{}>`", self.name, self.words.join(" "));
        }
        format!("{{{}}}`{}`", self.name, self.words.join(" "))
    }
}

/// The roles, for matching.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "`ROLES` says what each is")]
pub enum RoleKind {
    Assert,
    Bytes,
    Fact,
    Ref,
    Rejection,
    Value,
}

/// All roles, by name.
pub const ROLES: &[Role] = &[
    Role {
        name: "assert",
        kind: RoleKind::Assert,
        words: &["flow", "assertion"],
        has_title: true,
        summary: "The author's words, with a link to the evidence; an assertion that the runs of the flow do not bear out is an error.",
    },
    Role {
        name: "bytes",
        kind: RoleKind::Bytes,
        words: &["flow", "step"],
        has_title: false,
        summary: "Bytes that crossed a link in one step of the baseline.",
    },
    Role {
        name: "fact",
        kind: RoleKind::Fact,
        words: &["flow", "figure"],
        has_title: false,
        summary: "A figure of the baseline, such as `wire-bytes`, `attacks-accepted`, `device.sign` or `time.nb-iot.mcu-m0plus`.",
    },
    Role {
        name: "ref",
        kind: RoleKind::Ref,
        words: &["name"],
        has_title: false,
        summary: "The number of the figure or table of this name, with a link to it; names are one set in the book.",
    },
    Role {
        name: "rejection",
        kind: RoleKind::Rejection,
        words: &["flow", "scenario"],
        has_title: false,
        summary: "Code and words of the refusal that ended a scenario.",
    },
    Role {
        name: "value",
        kind: RoleKind::Value,
        words: &["flow", "actor/name"],
        has_title: false,
        summary: "A value in an actor's store at the end of the baseline, shortened.",
    },
];

/// A callout: a quotation that begins with `[!WORD]`.
#[derive(Debug)]
pub struct Callout {
    /// The word between `[!` and `]`.
    pub word: &'static str,
    /// The label that readers see.
    pub title: &'static str,
    /// What it is for.
    pub summary: &'static str,
}

/// All callouts; the first five are those of GitHub, in its order.
pub const CALLOUTS: &[Callout] = &[
    Callout { word: "NOTE", title: "Note", summary: "What is useful to know, also when skimming." },
    Callout { word: "TIP", title: "Tip", summary: "What makes a thing easier." },
    Callout { word: "IMPORTANT", title: "Important", summary: "What a reader must know to succeed." },
    Callout { word: "WARNING", title: "Warning", summary: "What needs attention to avoid trouble." },
    Callout { word: "CAUTION", title: "Caution", summary: "What may go wrong, and how badly." },
    Callout { word: "OBJECTIVES", title: "What you will learn", summary: "The aims of a chapter." },
    Callout { word: "TAKEAWAYS", title: "Takeaways", summary: "What to keep of a chapter." },
];

/// What an assertion can say of the runs of a flow.
#[derive(Debug)]
pub struct Assertion {
    /// Which one it is, for code.
    pub kind: AssertionKind,
    /// Its words; those in capitals stand for a name or a number.
    pub words: &'static str,
    /// What it says.
    pub summary: &'static str,
}

/// The assertions, for matching.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "`ASSERTIONS` says what each is")]
pub enum AssertionKind {
    Breaks,
    Figure,
    GetsThrough,
    Holds,
    Keeps,
    Order,
    Refused,
    RefusedWith,
}

/// All assertions; the one that begins with any figure comes last, so that it reads no other as its own.
pub const ASSERTIONS: &[Assertion] = &[
    Assertion {
        kind: AssertionKind::Breaks,
        words: "attack SCENARIO breaks GOAL",
        summary: "The goal no longer holds in the scenario.",
    },
    Assertion {
        kind: AssertionKind::GetsThrough,
        words: "attack SCENARIO gets through",
        summary: "The scenario ends without a refusal.",
    },
    Assertion {
        kind: AssertionKind::Refused,
        words: "attack SCENARIO is refused by ACTOR",
        summary: "The scenario ends with a refusal by the actor.",
    },
    Assertion {
        kind: AssertionKind::RefusedWith,
        words: "attack SCENARIO is refused by ACTOR with CODE",
        summary: "The same, for this reason.",
    },
    Assertion {
        kind: AssertionKind::Keeps,
        words: "attack SCENARIO leaves GOAL",
        summary: "The goal holds in the scenario too.",
    },
    Assertion { kind: AssertionKind::Holds, words: "goal GOAL holds", summary: "The baseline bears the goal out." },
    Assertion {
        kind: AssertionKind::Order,
        words: "step STEP comes before STEP",
        summary: "In the baseline the first step happens before the second.",
    },
    Assertion {
        kind: AssertionKind::Figure,
        words: "FIGURE RELATION NUMBER",
        summary: "A figure of the baseline, such as `device.sign`, is `=`, `<`, `<=`, `>` or `>=` a number.",
    },
];

/// The entry called `name`.
pub fn find_directive(name: &str) -> Option<&'static Directive> {
    DIRECTIVES.iter().find(|directive| directive.name == name)
}

/// The entry called `name`.
pub fn find_role(name: &str) -> Option<&'static Role> {
    ROLES.iter().find(|role| role.name == name)
}

/// The entry of `word`.
pub fn find_callout(word: &str) -> Option<&'static Callout> {
    CALLOUTS.iter().find(|callout| callout.word == word)
}
