//! The `kordon` command. Arguments in, text and an exit code out; the work is done in `kordon-shared`.
//!
//! A library too, so that `python -m kordon` is the same command.

mod access;
mod arguments;
mod fix;
mod netpol;
mod output;
mod packs;
mod progress;
mod shown;

use anstream::AutoStream;
use arguments::{BatchKind, Check, Command, FailOn, ObjectOutput, Shell};
use clap::{CommandFactory, Parser};
use kordon_shared::render::render_problems;
use kordon_shared::{FindingAction, ObjectFormat, Summary, batch, check_into, default};
use shown::Shown;
use std::ffi::OsString;
use std::io::{self, BufWriter, Write};

/// Nothing to complain about.
const CLEAN: u8 = 0;
/// Something was denied.
const FINDINGS: u8 = 1;
/// Something was wrong with the arguments, the files or the policies. Wins over findings.
const ERRORS: u8 = 2;

/// Runs the command with the arguments that follow its name, and gives its exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let line = std::iter::once(OsString::from("kordon")).chain(arguments);
    let command = match arguments::Arguments::try_parse_from(line) {
        Ok(arguments) => arguments.command,
        Err(error) => {
            let _ = error.print();
            return u8::try_from(error.exit_code()).unwrap_or(ERRORS);
        }
    };
    let code = match command {
        Command::Check(arguments) => run_check(&arguments),
        Command::Fix(arguments) => arguments.run(),
        Command::Default(arguments) => run_default(&arguments),
        Command::Test(arguments) => arguments.run(),
        Command::List(arguments) => arguments.run(),
        Command::Explain(arguments) => arguments.run(),
        Command::Export(arguments) => arguments.run(),
        Command::WhoCan(arguments) => arguments.run(),
        Command::CanI(arguments) => arguments.run(),
        Command::Netpol(arguments) => arguments.run(),
        Command::Batch { kind } => run_batch(kind),
        Command::Completion { shell } => completion(shell),
    };
    code.unwrap_or_else(|error| {
        // A reader that has read enough is no error worth words.
        if error.kind() != io::ErrorKind::BrokenPipe {
            let _ = writeln!(io::stderr(), "kordon: {error}");
        }
        ERRORS
    })
}

fn run_check(arguments: &Check) -> io::Result<u8> {
    let mut shown = Shown::new(arguments)?;
    let summary = check_into(&arguments.options(), &mut shown)?;
    shown.end(&summary, arguments.write_baseline.as_deref())?;
    if arguments.write_baseline.is_some() && summary.errors == 0 {
        return Ok(CLEAN);
    }
    Ok(exit_code(&summary, arguments.fail_on))
}

fn run_default(arguments: &arguments::Default) -> io::Result<u8> {
    let made = default(&arguments.options());
    let format = match arguments.output {
        ObjectOutput::Yaml => ObjectFormat::Yaml,
        ObjectOutput::Json => ObjectFormat::Json,
    };
    let mut err = BufWriter::new(AutoStream::new(io::stderr().lock(), arguments.reading.color.choice()));
    render_problems(&made.problems, true, &mut err)?;
    made.write(format, &mut BufWriter::new(io::stdout().lock()))?;
    Ok(if made.has_errors() { ERRORS } else { CLEAN })
}

fn exit_code(summary: &Summary, fail_on: FailOn) -> u8 {
    let least = match fail_on {
        FailOn::Deny => FindingAction::Deny,
        FailOn::Warn => FindingAction::Warn,
        FailOn::Audit => FindingAction::Audit,
    };
    if summary.errors > 0 {
        ERRORS
    } else if summary.gravest >= Some(least) {
        FINDINGS
    } else {
        CLEAN
    }
}

fn run_batch(kind: BatchKind) -> io::Result<u8> {
    let kind = match kind {
        BatchKind::Admit => batch::Kind::Admit,
        BatchKind::Vap => batch::Kind::Vap,
        BatchKind::Cel => batch::Kind::Cel,
        BatchKind::Crd => batch::Kind::Crd,
        BatchKind::Yaml => batch::Kind::Yaml,
        BatchKind::Netpol => batch::Kind::Netpol,
        BatchKind::Psa => batch::Kind::Psa,
        BatchKind::Quota => batch::Kind::Quota,
        BatchKind::Rbac => batch::Kind::Rbac,
        BatchKind::Typecheck => batch::Kind::TypeCheck,
    };
    batch::run(kind, io::stdin().lock(), io::stdout().lock())?;
    Ok(CLEAN)
}

fn completion(shell: Shell) -> io::Result<u8> {
    let shell = match shell {
        Shell::Bash => clap_complete::Shell::Bash,
        Shell::Zsh => clap_complete::Shell::Zsh,
        Shell::Fish => clap_complete::Shell::Fish,
        Shell::Powershell => clap_complete::Shell::PowerShell,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut arguments::Arguments::command(), "kordon", &mut script);
    io::stdout().lock().write_all(&script)?;
    Ok(CLEAN)
}
