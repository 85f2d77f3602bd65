//! `netpol`: who reaches whom.

use crate::arguments::Reading;
use crate::{CLEAN, ERRORS, FINDINGS};
use anstream::AutoStream;
use clap::{Args, ValueEnum, ValueHint};
use kordon::network::{PortChoice, Protocol, Question};
use kordon_shared::{NetpolOptions, NetpolOutcome, netpol};
use std::io::{self, BufWriter};
use std::path::PathBuf;

/// Say who reaches whom by NetworkPolicies, and who says so
///
/// Lists the connections that NetworkPolicies, AdminNetworkPolicies and ClusterNetworkPolicies allow between Pods,
/// workloads and addresses outside, and what Ingresses lead to; how far the policies of each namespace cover its Pods;
/// and what about them deserves to be known: Pods that no policy selects, policies that select nothing, kinds that are
/// not decided here, a network plug-in that enforces none.
///
/// Ends of a question are namespace/pod, namespace/kind/name, an address or a CIDR, and as destination
/// namespace/service/name.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes:
  0  what was asked about is allowed; nothing changes; or nothing was asked
  1  what was asked about is denied, or something changes
  2  something is wrong with the arguments or the files; everything else was still done

Examples:
  kordon netpol deploy/
  kordon netpol --from shop/deployment/web --to shop/service/db --port 5432 deploy/
  kordon netpol --apply new-policy.yaml deploy/
  kordon netpol --diff main/ branch/
  kubectl get ns,pods,svc,networkpolicies -A -o yaml | kordon netpol -")]
pub(crate) struct Netpol {
    /// Files and folders with the objects; `-` is standard input
    #[arg(value_name = "FILES", required = true, value_hint = ValueHint::AnyPath)]
    files: Vec<PathBuf>,

    /// Files and folders as they were before: tell what is not the same in FILES; may be given several times
    #[arg(long, value_name = "BEFORE", value_hint = ValueHint::AnyPath, conflicts_with_all = ["apply", "from", "to"])]
    diff: Vec<PathBuf>,

    /// A file or folder that would be applied to FILES: tell what would change; may be given several times
    #[arg(long, value_name = "FILE", value_hint = ValueHint::AnyPath, conflicts_with_all = ["from", "to"])]
    apply: Vec<PathBuf>,

    /// Ask whether this end may send
    #[arg(long, value_name = "END", requires = "to")]
    from: Option<String>,

    /// Ask whether this end may receive
    #[arg(long, value_name = "END", requires = "from")]
    to: Option<String>,

    /// The port asked for, by number or name; all ports without it
    #[arg(long, requires = "from")]
    port: Option<String>,

    /// The protocol asked for
    #[arg(long, default_value = "TCP", ignore_case = true, requires = "from")]
    protocol: AskedProtocol,

    /// How to write what was found
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Output,

    #[command(flatten)]
    reading: Reading,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "UPPER")]
enum AskedProtocol {
    Tcp,
    Udp,
    Sctp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Output {
    /// For people
    Text,
    /// One JSON object
    Json,
}

impl Netpol {
    pub(crate) fn run(&self) -> io::Result<u8> {
        let read = netpol(&NetpolOptions {
            files: self.files.clone(),
            before: self.diff.clone(),
            apply: self.apply.clone(),
            kubernetes_version: self.reading.kubernetes_version,
            namespace: self.reading.namespace.clone(),
            hidden: self.reading.hidden,
        });
        let choice = self.reading.color.choice();
        let mut out = BufWriter::new(AutoStream::new(io::stdout().lock(), choice));
        let mut err = BufWriter::new(AutoStream::new(io::stderr().lock(), choice));
        let as_json = self.output == Output::Json;
        let outcome = match (&self.from, &self.to) {
            (Some(from), Some(to)) => {
                let port = self.port.as_deref().map(|port| {
                    port.parse()
                        .ok()
                        .filter(|number| *number > 0)
                        .map_or(PortChoice::Name(port), PortChoice::Number)
                });
                let protocol = match self.protocol {
                    AskedProtocol::Tcp => Protocol::Tcp,
                    AskedProtocol::Udp => Protocol::Udp,
                    AskedProtocol::Sctp => Protocol::Sctp,
                };
                read.write_answer(&Question { from, to, port, protocol }, as_json, &mut out, &mut err)?
            }
            _ => read.write(as_json, &mut out, &mut err)?,
        };
        Ok(match outcome {
            NetpolOutcome::Clean => CLEAN,
            NetpolOutcome::Told => FINDINGS,
            NetpolOutcome::Broken => ERRORS,
        })
    }
}
