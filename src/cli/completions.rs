//! `trustlane completions`.

use anyhow::Result;
use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use super::{Cli, Ending, say};

/// Arguments of `completions`.
#[derive(Args, Debug)]
pub struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// Prints the script.
    pub fn execute(self) -> Result<Ending> {
        let mut script = Vec::new();
        generate(self.shell, &mut Cli::command(), "trustlane", &mut script);
        say(&String::from_utf8(script)?)?;
        Ok(Ending::Well)
    }
}
