//! The `trustlane` command: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    trustlane::cli::main()
}
