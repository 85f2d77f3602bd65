//! `fix`: what policies say of how to mend what they find, as a diff or done.

use crate::arguments::{Color, today, version};
use crate::packs::Selected;
use crate::{CLEAN, ERRORS, FINDINGS};
use anstream::AutoStream;
use clap::{Args, ValueHint};
use kordon::Diagnostic;
use kordon::cel::environment::Version;
use kordon_shared::render::render_problems;
use kordon_shared::{
    Date, Finding, Fixing, Mending, Options, Rewritten, Sink, WaiverOptions, check_into, unified_diff,
    write_back,
};
use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

/// Mend what policies find, where they say how
///
/// Prints what would change as a diff that `git apply` and `patch -p1` take; --write changes the files. Comments and
/// formatting stay. An edit is only made if then its finding is gone, no other has come, and nothing else has changed.
/// Findings that are waived are left alone.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes:
  0  there is nothing to mend, or all that can be mended was written
  1  there is something to mend, and --write was not given
  2  something is wrong with the arguments, the files or the policies; everything else was still done

Examples:
  kordon fix --pack all manifests/
  kordon fix --pack workload --write manifests/
  kordon fix --pack no-privilege-escalation deploy.yaml | git apply")]
pub(crate) struct Fix {
    /// Files and folders to mend. Folders are searched for .yaml, .yml and .json
    #[arg(value_name = "FILES", required = true, value_hint = ValueHint::AnyPath)]
    files: Vec<PathBuf>,

    /// A file or folder with policies, their bindings and params; may be given several times
    #[arg(short, long = "policy", alias = "policies", value_name = "POLICY", value_hint = ValueHint::AnyPath)]
    policies: Vec<PathBuf>,

    /// A pack that kordon carries, one of its policies, or `all`, see `kordon list`; may be given several times
    #[arg(long = "pack", value_name = "NAME")]
    packs: Vec<String>,

    #[command(flatten)]
    selection: Selected,

    /// Change the files
    #[arg(short, long)]
    write: bool,

    /// A file with waivers; may be given several times
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    waivers: Vec<PathBuf>,

    /// The day by which waivers expire, instead of today
    #[arg(long, value_name = "DATE", hide = true)]
    now: Option<Date>,

    /// The namespace of namespaced objects that name none
    #[arg(short, long, default_value = "default")]
    namespace: String,

    /// The Kubernetes version whose CEL functions policies may use, and whose kinds and defaults there are
    #[arg(long, value_name = "VERSION", default_value = "1.37", value_parser = version)]
    kubernetes_version: Version,

    /// Also search files and folders whose name begins with a dot
    #[arg(long)]
    hidden: bool,

    /// When to use colour; `auto` is on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Color,
}

/// What came of it so far.
#[derive(Default)]
struct Mended {
    /// By file, in the order of its documents.
    files: BTreeMap<Arc<str>, Vec<Rewritten>>,
    left: usize,
    /// Findings whose policy says how, and why it was not done.
    refused: Vec<String>,
    problems: Vec<Diagnostic>,
}

impl Sink for Mended {
    fn problem(&mut self, problem: Diagnostic) -> io::Result<()> {
        self.problems.push(problem);
        Ok(())
    }

    fn finding(&mut self, finding: Finding) -> io::Result<()> {
        self.left += usize::from(finding.counts());
        if let Some(Mending::Refused(reason)) = &finding.mending {
            let (line, ..) = finding.region();
            let place = format!("{}:{line}", finding.place.source.name);
            self.refused.push(format!("{place}: {}: {}: {reason}", finding.policy, finding.object));
        }
        Ok(())
    }

    fn rewritten(&mut self, rewritten: Rewritten) -> io::Result<()> {
        self.files.entry(Arc::clone(&rewritten.source.name)).or_default().push(rewritten);
        Ok(())
    }
}

impl Fix {
    pub(crate) fn run(&self) -> io::Result<u8> {
        if self.files.iter().any(|file| file.as_os_str() == "-") {
            writeln!(io::stderr(), "kordon: standard input cannot be mended, name files")?;
            return Ok(ERRORS);
        }
        let mut mended = Mended::default();
        let summary = check_into(&self.options(), &mut mended)?;
        let choice = self.color.choice();
        let mut err = BufWriter::new(AutoStream::new(io::stderr().lock(), choice));
        let count = mended.files.values().flatten().map(|rewritten| rewritten.mended.len()).sum::<usize>();
        let mut problems = mended.problems;
        let mut out = BufWriter::new(io::stdout().lock());
        for (name, parts) in &mended.files {
            if !self.write {
                out.write_all(unified_diff(name, parts).as_bytes())?;
            } else if let Err(problem) = write_back(name, parts) {
                problems.push(problem);
            }
        }
        out.flush()?;
        render_problems(&problems, true, &mut err)?;
        for reason in &mended.refused {
            writeln!(err, "not mended: {reason}")?;
        }
        let done = if self.write { "mended" } else { "can be mended" };
        writeln!(
            err,
            "{count} findings in {} files {done}, {} are left to you",
            mended.files.len(),
            mended.left
        )?;
        err.flush()?;
        let failed = problems.iter().any(|problem| problem.severity == kordon::Severity::Error);
        Ok(match (summary.errors > 0 || failed, count > 0 && !self.write) {
            (true, _) => ERRORS,
            (false, true) => FINDINGS,
            (false, false) => CLEAN,
        })
    }

    fn options(&self) -> Options {
        let packs = self.packs.iter().map(|name| format!("pack:{name}"));
        Options {
            policies: self.policies.iter().cloned().chain(packs.map(PathBuf::from)).collect(),
            selection: self.selection.selection(),
            files: self.files.clone(),
            kubernetes_version: self.kubernetes_version,
            namespace: self.namespace.clone(),
            hidden: self.hidden,
            waivers: WaiverOptions {
                files: self.waivers.clone(),
                annotations: true,
                today: self.now.or_else(today),
            },
            fixing: Fixing::Apply,
            ..Options::default()
        }
    }
}
