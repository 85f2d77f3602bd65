//! The `kordon` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(kordon_cli::run(std::env::args_os().skip(1)))
}
