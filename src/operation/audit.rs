//! The audit log of the registry: exported, and verified by whoever has a checkpoint.

use std::collections::BTreeMap;

use super::{Accepts, Acting, Operation, Refused, Shape, Spec, needs};
use crate::registry::log::{self, Broken};
use crate::trace::ArtifactKind;
use crate::value::Value;

/// Verifies a copy of the log.
pub struct CheckLog;

/// Exports the log.
pub struct RegistryExport;

impl Operation for CheckLog {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "check-log",
                summary: "Verifies a copy of the audit log against a checkpoint: an altered line and a line that is missing at the end are refused.",
                standard: "RFC 8785",
                shape: Shape::Local,
                params: &[
                    needs("log", Accepts::Text, "the log, a line of JSON for each entry"),
                    needs("head", Accepts::Text, "hash of the last entry when the checkpoint was made"),
                    needs("entries", Accepts::Text, "how many entries there were then"),
                ],
                result: None,
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let [log, head, entries] = ["log", "head", "entries"].map(|name| acting.args.text_or(name, ""));
        let expected = entries.parse().map_err(|_| Refused::malformed(format!("`{entries}` is no number")))?;
        acting.check(format!("the log is whole up to entry {expected}"));
        match log::verify_against(&log, &head, expected) {
            Ok(_) => Ok(None),
            Err(Broken::Altered { line, reason }) => {
                Err(Refused::policy("log-altered", format!("entry {line} is not what was written: {reason}")))
            }
            Err(Broken::Truncated { n_entries, expected }) => {
                Err(Refused::policy("log-truncated", format!("the log has {n_entries} entries of {expected}")))
            }
        }
    }
}

impl Operation for RegistryExport {
    fn spec(&self) -> &'static Spec {
        const {
            &Spec {
                name: "registry-export",
                summary: "Exports the audit log with its checkpoint: the members `log`, `head` and `entries`.",
                standard: "RFC 8785",
                shape: Shape::Local,
                params: &[],
                result: Some(ArtifactKind::Members),
                fields: &[],
            }
        }
    }

    fn perform(&self, acting: &mut Acting<'_>) -> Result<Option<Value>, Refused> {
        let log = acting.registry.log();
        let entries = i64::try_from(log.entries().len()).unwrap_or(i64::MAX);
        Ok(Some(Value::Members(BTreeMap::from([
            ("entries".to_owned(), Value::Number(entries)),
            ("head".to_owned(), Value::Text(log.head().to_owned())),
            ("log".to_owned(), Value::Text(log.lines())),
        ]))))
    }
}
