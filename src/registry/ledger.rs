//! Ledgers: values that are good for one use, and uses that are counted.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

/// What was used, and how often.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Ledger {
    /// Uses so far.
    pub uses: usize,
    /// SHA-256 of each value that was used, hexadecimal digits; the values themselves are not kept.
    values: BTreeSet<String>,
}

impl Ledger {
    /// Enters the digest of a value; `false` where it is there already.
    pub(super) fn enter(&mut self, digest: String) -> bool {
        let is_new = self.values.insert(digest);
        self.uses += usize::from(is_new);
        is_new
    }
}
