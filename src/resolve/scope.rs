//! How much of a project is resolved: all of it, or what one run takes.

use crate::document::Node;

/// What is resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope<'a> {
    /// Everything.
    Whole,
    /// One scenario of one flow, with the scenarios that it builds upon, and nothing that only pages tell.
    Run {
        /// The id of the flow.
        flow: &'a str,
        /// The id of the scenario.
        scenario: &'a str,
    },
}

impl Scope<'_> {
    /// What `read` reads for the pages of a book; nothing where only a run is asked for.
    pub fn of_book<T: Default>(self, read: impl FnOnce() -> T) -> T {
        match self {
            Self::Whole => read(),
            Self::Run { .. } => T::default(),
        }
    }

    /// Whether the flow called `id` is resolved.
    pub fn has_flow(self, id: &str) -> bool {
        match self {
            Self::Whole => true,
            Self::Run { flow, .. } => flow == id,
        }
    }

    /// Whether the scenario called `id` of such a flow is resolved: an attack too where a mitigation of it is asked for.
    pub fn has_scenario(self, id: &str) -> bool {
        match self {
            Self::Whole => true,
            Self::Run { scenario, .. } => {
                scenario.strip_prefix(id).is_some_and(|rest| rest.is_empty() || rest.starts_with("-with-"))
            }
        }
    }

    /// Whether the life cycle scenario called `id` of `flow` is resolved: for itself, or as the base of others.
    pub fn has_base(self, id: &str, flow: &Node) -> bool {
        let others = ["attack", "mitigation"].into_iter().filter_map(|key| flow.find(key)).flat_map(Node::items);
        let mut builders = others.filter(|other| other.text("base") == id);
        self.has_scenario(id) || builders.any(|other| self.has_scenario(other.text("id")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mitigated_attack_takes_the_attack_but_no_other() {
        let scope = Scope::Run { flow: "brski", scenario: "replay-with-nonces" };
        let taken =
            ["replay-with-nonces", "replay", "nonces", "repl", "replay-with-clock"].map(|id| scope.has_scenario(id));
        assert_eq!(taken, [true, true, false, false, false]);
        assert!(scope.has_flow("brski") && !scope.has_flow("matter"));
    }
}
