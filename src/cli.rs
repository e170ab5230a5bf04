//! The command line: arguments and output only; no command has logic of its own.

pub mod build;
pub mod completions;
pub mod draw;
pub mod explain;
pub mod init;
pub mod progress;
pub mod run;
pub mod schema;
pub mod serve;
pub mod transcript;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::diag::render::{Colour, render};
use crate::diag::{Severity, Sink};
use crate::source::Sources;

/// Executes IoT device provisioning methods with real cryptography and publishes what really happened.
#[derive(Debug, Parser)]
#[command(name = "trustlane", version, about, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 all is well, 1 the project has mistakes, 2 the machine or the arguments do.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Begin a project: a book with a method of one's own, or the course
    #[command(after_help = "Examples:\n  trustlane init my-methods\n  trustlane init --course my-course")]
    Init(init::Init),
    /// Run every flow, draw it, and write the site
    #[command(after_help = "Examples:\n  trustlane build\n  trustlane build my-project -o public")]
    Build(build::Build),
    /// Do all that `build` does, and write nothing
    #[command(after_help = "Example:\n  trustlane check my-project")]
    Check(build::Check),
    /// Show the site in a browser and build it anew whenever a file is saved
    #[command(after_help = "Examples:\n  trustlane serve\n  trustlane serve my-project --port 8000")]
    Serve(serve::Serve),
    /// Run one flow and tell what happened
    #[command(
        after_help = "Examples:\n  trustlane run brski\n  trustlane run brski --scenario rogue-registrar\n  trustlane run brski --format json\n  trustlane run brski --capture brski.pcapng"
    )]
    Run(run::Run),
    /// Draw one flow, or all of them together
    #[command(
        after_help = "Examples:\n  trustlane draw brski -o brski.svg\n  trustlane draw brski --scenario rogue-registrar -o attack.png\n  trustlane draw --kind comparison -o methods.svg"
    )]
    Draw(draw::Draw),
    /// Explain a diagnostic, a lint or a claim
    #[command(after_help = "Examples:\n  trustlane explain\n  trustlane explain secret-in-clear")]
    Explain(explain::Explain),
    /// Print the JSON Schema of flow files, of book.toml or of traces
    #[command(after_help = "Example:\n  trustlane schema > flow.schema.json")]
    Schema(schema::Schema),
    /// Print what makes a shell complete the arguments of this program
    #[command(after_help = "Example:\n  trustlane completions bash > /etc/bash_completion.d/trustlane")]
    Completions(completions::Completions),
}

/// How a command ended, other than with a fault of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All is well.
    Well,
    /// The project has mistakes, which were reported.
    Mistakes,
}

/// Parses the arguments, does what they ask, and says how it went.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        Command::Init(init) => init.execute(),
        Command::Build(build) => build.execute(),
        Command::Check(check) => check.execute(),
        Command::Serve(serve) => serve.execute(),
        Command::Run(run) => run.execute(),
        Command::Draw(draw) => draw.execute(),
        Command::Explain(explain) => explain.execute(),
        Command::Schema(schema) => schema.execute(),
        Command::Completions(completions) => completions.execute(),
    };
    match result {
        Ok(Ending::Well) => ExitCode::SUCCESS,
        Ok(Ending::Mistakes) => ExitCode::from(1),
        Err(error) => {
            say_error(&format!("error: {error:#}\n"));
            ExitCode::from(2)
        }
    }
}

/// The folder of the project: the one that was named, or the current one.
fn root(project: Option<&PathBuf>) -> &Path {
    project.map_or(Path::new("."), PathBuf::as_path)
}

/// Prints what the sink collected, and says whether there was an error.
fn report(sink: Sink, sources: &Sources) -> Ending {
    report_as(sink, sources, Strictness::Errors)
}

/// What counts as a mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strictness {
    /// Errors.
    Errors,
    /// Errors and warnings.
    Warnings,
}

/// Prints what the sink collected, and says whether there was a mistake.
fn report_as(sink: Sink, sources: &Sources, strictness: Strictness) -> Ending {
    let diagnostics = sink.into_sorted();
    say_error(&render(&diagnostics, sources, colour()));
    let is_wrong = diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error || strictness == Strictness::Warnings);
    if is_wrong { Ending::Mistakes } else { Ending::Well }
}

/// Whether the error stream shows colours.
fn colour() -> Colour {
    if std::io::stderr().is_terminal() { Colour::Always } else { Colour::Never }
}

/// Prints `text`; a reader that has gone away is no fault.
fn say(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

fn say_error(text: &str) {
    // Where the error stream is closed there is nobody left to tell.
    drop(std::io::stderr().lock().write_all(text.as_bytes()));
}
