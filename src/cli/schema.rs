//! `trustlane schema`.

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::{Ending, say};
use crate::schema;

/// Arguments of `schema`.
#[derive(Args, Debug)]
pub struct Schema {
    /// What to describe
    #[arg(value_enum, default_value = "flow")]
    of: Of,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Of {
    /// Files in flows/
    Flow,
    /// The file book.toml
    Book,
    /// The file data/threats.toml
    Threats,
    /// The file data/decisions.toml
    Decisions,
    /// The file data/glossary.toml
    Glossary,
    /// The file data/rubric.toml
    Rubric,
    /// Files in content/compliance/
    Framework,
    /// The file data/declarations.toml
    Declarations,
    /// What `run --format json` prints
    Trace,
    /// The file `timeline.json` that an edition has for each flow
    Timeline,
}

impl Schema {
    /// Prints the schema.
    pub fn execute(self) -> Result<Ending> {
        let schema = match self.of {
            Of::Flow => schema::flow(),
            Of::Book => schema::book(),
            Of::Threats => schema::threats(),
            Of::Decisions => schema::decisions(),
            Of::Glossary => schema::glossary(),
            Of::Rubric => schema::rubric(),
            Of::Framework => schema::framework(),
            Of::Declarations => schema::declarations(),
            Of::Trace => schema::trace(),
            Of::Timeline => schema::timeline(),
        };
        say(&format!("{schema:#}\n"))?;
        Ok(Ending::Well)
    }
}
