//! What is judged about runs: one table of claims.

use std::fmt;

/// A claim that a flow can make of itself.
pub trait Claim: Sync {
    /// Name, kebab case.
    fn name(&self) -> &'static str;
}

impl fmt::Debug for dyn Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
