//! The `kordon` command.

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use kordon::admission::Operation;
use kordon::authorization::UserInfo;
use kordon::cel::environment::Version;
use kordon_shared::batch::{self, Kind};
use kordon_shared::check::{Options, check};
use kordon_shared::render::{self, Format};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Kubernetes' own policy engine, without a cluster.
#[derive(Parser)]
#[command(name = "kordon", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check manifests against ValidatingAdmissionPolicies
    Check(CheckArgs),
    /// Answer questions, one JSON object a line, on standard input
    Batch {
        /// What is asked
        kind: BatchKind,
    },
    /// Print the completion script of a shell
    Completion { shell: clap_complete::Shell },
}

#[derive(Clone, Copy, ValueEnum)]
enum BatchKind {
    Vap,
    Cel,
    Yaml,
    Rbac,
}

#[derive(Clone, Copy, Default, ValueEnum)]
enum Output {
    #[default]
    Text,
    Json,
    Sarif,
    Github,
}

/// Exit codes: 0 nothing is denied, 1 something is denied, 2 an input or a policy is broken.
///
/// Policies without a binding are taken as bound to everything with Deny. Findings of bindings that only Warn or
/// Audit are printed and do not change the exit code. What is not bound or matched at all is a warning.
#[derive(Args)]
struct CheckArgs {
    /// Files or folders with policies, bindings and params
    #[arg(short, long, value_name = "PATH", required = true)]
    policies: Vec<PathBuf>,
    /// Files or folders with manifests (.yaml, .yml, .json), or - for standard input
    #[arg(value_name = "PATH", required = true)]
    inputs: Vec<PathBuf>,
    /// How to print what is found
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Output,
    /// The operation of the requests: CREATE, UPDATE or DELETE
    #[arg(long, default_value = "CREATE")]
    operation: Operation,
    /// The name of the user who makes the requests
    #[arg(long = "as", value_name = "USER", default_value = "")]
    user: String,
    /// A group of the user; may be given several times
    #[arg(long = "as-group", value_name = "GROUP")]
    groups: Vec<String>,
    /// A file with the old object, for UPDATE
    #[arg(long, value_name = "FILE")]
    old_object: Option<PathBuf>,
    /// The version whose CEL functions there are
    #[arg(long, value_name = "VERSION", default_value = "1.37")]
    kubernetes_version: Version,
    /// Leave out policies that have no binding, as a cluster does
    #[arg(long)]
    require_bindings: bool,
    /// Show the values of the parts of each failed expression
    #[arg(long)]
    explain: bool,
    /// Show notes too, such as documents that are no resources
    #[arg(long)]
    notes: bool,
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Check(args) => run_check(args),
        Command::Batch { kind } => {
            let kind = match kind {
                BatchKind::Vap => Kind::Vap,
                BatchKind::Cel => Kind::Cel,
                BatchKind::Yaml => Kind::Yaml,
                BatchKind::Rbac => Kind::Rbac,
            };
            let output = std::io::BufWriter::new(std::io::stdout().lock());
            match batch::run(kind, std::io::stdin().lock(), output) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => {
                    eprintln!("error: {error}");
                    ExitCode::from(2)
                }
            }
        }
        Command::Completion { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "kordon", &mut std::io::stdout());
            ExitCode::SUCCESS
        }
    }
}

fn run_check(args: CheckArgs) -> ExitCode {
    let options = Options {
        policies: args.policies,
        inputs: args.inputs,
        operation: args.operation,
        user: UserInfo { username: args.user, groups: args.groups, ..UserInfo::default() },
        old_object: args.old_object,
        kubernetes_version: args.kubernetes_version,
        require_bindings: args.require_bindings,
        explain: args.explain,
    };
    let watched = std::io::stderr().is_terminal();
    let outcome = check(&options, &mut |done, total| {
        if watched && total >= 1_000 && (done % 200 == 0 || done == total) {
            eprint!("\r{done} of {total} resources checked");
            if done == total {
                eprintln!();
            }
        }
    });
    let format = match args.output {
        Output::Text => Format::Text,
        Output::Json => Format::Json,
        Output::Sarif => Format::Sarif,
        Output::Github => Format::Github,
    };
    // anstream takes the colours out where they are not wanted: NO_COLOR, CLICOLOR, or no terminal.
    if matches!(format, Format::Text | Format::Sarif) {
        let _ = write!(anstream::stderr(), "{}", render::problems(&outcome.problems, args.notes, true));
    }
    let found = render::findings(&outcome, format, true);
    let written = match format {
        Format::Text => write!(anstream::stdout(), "{found}"),
        _ => write!(std::io::stdout(), "{found}"),
    };
    match written {
        Ok(()) => ExitCode::from(outcome.exit_code()),
        Err(_) => ExitCode::from(2),
    }
}
