//! `who-can` and `can-i`: questions about the roles and bindings among files.

use crate::arguments::{Color, version};
use crate::{CLEAN, ERRORS, FINDINGS};
use anstream::AutoStream;
use clap::{Args, ValueEnum, ValueHint};
use kordon::Diagnostic;
use kordon::cel::environment::Version;
use kordon_shared::access::{AccessOptions, can_i, render_json, render_text, who_can};
use kordon_shared::api::User;
use kordon_shared::render::render_problems;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

/// List who may do something, by the roles and bindings among files
///
/// Roles that Kubernetes makes itself are known, and aggregated ClusterRoles have the rules that they select. Members of
/// system:masters may do everything and are not listed, nor are bindings that Kubernetes makes itself.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes:
  0  the question is answered
  2  something is wrong with the arguments or the files

Examples:
  kordon who-can get secrets -n shop rbac/
  kordon who-can delete deployments.apps/web -n shop rbac/
  kordon who-can create pods --subresource exec -A rbac/
  kordon who-can get /metrics rbac/")]
pub(crate) struct WhoCan {
    #[command(flatten)]
    asked: Asked,

    /// How to write the answer
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Output,
}

/// Tell whether somebody may do something, by the roles and bindings among files
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes:
  0  yes
  1  no
  2  something is wrong with the arguments or the files

Example:
  kordon can-i create pods --as system:serviceaccount:shop:deployer -n shop rbac/")]
pub(crate) struct CanI {
    #[command(flatten)]
    asked: Asked,

    /// Who; a ServiceAccount is system:serviceaccount:NAMESPACE:NAME and has its groups
    #[arg(long = "as", value_name = "USER")]
    user: String,

    /// A group of the user; may be given several times. system:authenticated is always one, unless the user is
    /// system:anonymous
    #[arg(long = "as-group", value_name = "GROUP")]
    groups: Vec<String>,
}

#[derive(Debug, Args)]
struct Asked {
    /// get, list, watch, create, update, patch, delete, or another verb
    #[arg(value_name = "VERB")]
    verb: String,

    /// A resource by any of its names, with the name of an object behind a slash if there is one; or a path
    #[arg(value_name = "TYPE | TYPE/NAME | /PATH")]
    what: String,

    /// Files and folders with roles and bindings; `-` is standard input
    #[arg(value_name = "FILES", required = true, value_hint = ValueHint::AnyPath)]
    files: Vec<PathBuf>,

    /// A part of the resource, as log or exec
    #[arg(long, value_name = "NAME", default_value = "")]
    subresource: String,

    /// Where it is to be done
    #[arg(short, long, default_value = "default")]
    namespace: String,

    /// In all namespaces
    #[arg(short = 'A', long)]
    all_namespaces: bool,

    /// The Kubernetes version whose resources there are
    #[arg(long, value_name = "VERSION", default_value = "1.37", value_parser = version)]
    kubernetes_version: Version,

    /// Also search files and folders whose name begins with a dot
    #[arg(long)]
    hidden: bool,

    /// When to use colour; `auto` is on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Color,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Output {
    /// A table
    Text,
    /// One JSON object
    Json,
}

impl Asked {
    fn options(&self) -> AccessOptions {
        AccessOptions {
            verb: self.verb.clone(),
            what: self.what.clone(),
            subresource: self.subresource.clone(),
            namespace: self.namespace.clone(),
            all_namespaces: self.all_namespaces,
            files: self.files.clone(),
            kubernetes_version: self.kubernetes_version,
            hidden: self.hidden,
        }
    }

    fn tell(&self, problems: &[Diagnostic]) -> io::Result<()> {
        render_problems(problems, true, &mut AutoStream::new(io::stderr().lock(), self.color.choice()))
    }
}

impl WhoCan {
    pub(crate) fn run(&self) -> io::Result<u8> {
        let answer = who_can(&self.asked.options());
        let mut out = BufWriter::new(io::stdout().lock());
        match self.output {
            Output::Json => render_json(&answer, &mut out)?,
            Output::Text => {
                self.asked.tell(&answer.problems)?;
                render_text(&answer, &mut out)?;
            }
        }
        Ok(if answer.has_errors() { ERRORS } else { CLEAN })
    }
}

impl CanI {
    pub(crate) fn run(&self) -> io::Result<u8> {
        let user = User { username: self.user.clone(), groups: self.groups.clone(), ..User::default() };
        let user = user.authenticated();
        let answer = can_i(&self.asked.options(), &user.username, &user.groups);
        self.asked.tell(&answer.problems)?;
        let reason = if answer.reason.is_empty() { String::new() } else { format!(" - {}", answer.reason) };
        writeln!(io::stdout().lock(), "{}{reason}", if answer.allowed { "yes" } else { "no" })?;
        Ok(match (answer.has_errors(), answer.allowed) {
            (true, _) => ERRORS,
            (false, true) => CLEAN,
            (false, false) => FINDINGS,
        })
    }
}
