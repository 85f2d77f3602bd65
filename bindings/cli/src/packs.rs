//! `test`, `list`, `explain` and `export`: what has to do with policies themselves.

use crate::arguments::Color;
use crate::{CLEAN, ERRORS, FINDINGS};
use anstream::AutoStream;
use clap::{Args, ValueEnum, ValueHint};
use kordon::Diagnostic;
use kordon::cel::environment::Version;
use kordon_shared::packs::{self, Gravity, PackPolicy, Selection};
use kordon_shared::render::render_problems;
use kordon_shared::test::{TestOptions, render_json, render_text, test};
use serde_json::json;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

/// Run the tests of policies
///
/// A folder with policies has its tests in `testdata`: what is in `pass` must be let pass, in `fail` denied, in `skip`
/// not matched; `context` holds params, namespaces and roles, `tests.yaml` the expected messages. A test that the policy
/// never sees fails.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes:
  0  all tests passed
  1  a test failed
  2  something is wrong with the arguments, the files or the policies; everything else was still tested")]
pub(crate) struct Test {
    /// Folders with policies and their tests, or folders of such folders
    #[arg(value_name = "FOLDERS", default_value = ".", value_hint = ValueHint::DirPath)]
    folders: Vec<PathBuf>,

    /// Fail policies without tests, denials without expected messages, warnings, and validations that were not seen
    /// both true and false
    #[arg(long)]
    strict: bool,

    /// How to write what came of it
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Output,

    /// The namespace of namespaced objects that name none
    #[arg(short, long, default_value = "default")]
    namespace: String,

    /// The Kubernetes version whose CEL functions policies may use, and whose kinds and defaults there are
    #[arg(long, value_name = "VERSION", default_value = "1.37", value_parser = crate::arguments::version)]
    kubernetes_version: Version,

    /// When to use colour; `auto` is on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Color,
}

/// List the policies that kordon carries
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Packs or policies
    #[arg(value_name = "NAMES", default_value = "all")]
    names: Vec<String>,

    #[command(flatten)]
    selection: Selected,

    /// How to write them
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Output,
}

/// Print what a policy checks, why it matters and how to fix what it finds
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A policy, as `run-as-non-root` or `workload/run-as-non-root`
    #[arg(value_name = "POLICY")]
    name: String,
}

/// Print policies with their bindings and params for `kubectl apply -f -`; rules about several objects are left out
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// Packs or policies; `all` for all
    #[arg(value_name = "NAMES", required = true)]
    names: Vec<String>,

    #[command(flatten)]
    selection: Selected,

    /// What bindings do, instead of what they say
    #[arg(long, value_name = "ACTION")]
    action: Option<ExportAction>,
}

/// Which policies count, by their labels.
#[derive(Debug, Args)]
pub(crate) struct Selected {
    /// Only policies of at least this severity, and those without one
    #[arg(long, value_name = "SEVERITY")]
    severity: Option<Severity>,

    /// Only policies for a standard or one of its numbers, as `cis`, `5.2.2`, `C-0057`; may be given several times
    #[arg(long = "control", value_name = "CONTROL")]
    controls: Vec<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Output {
    /// For people
    Text,
    /// One JSON object
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ExportAction {
    Deny,
    Warn,
    Audit,
}

impl Selected {
    pub(crate) fn selection(&self) -> Selection {
        let severity = self.severity.map(|severity| match severity {
            Severity::Low => Gravity::Low,
            Severity::Medium => Gravity::Medium,
            Severity::High => Gravity::High,
            Severity::Critical => Gravity::Critical,
        });
        Selection { severity, controls: self.controls.clone() }
    }
}

impl Test {
    pub(crate) fn run(&self) -> io::Result<u8> {
        let tested = test(&TestOptions {
            paths: self.folders.clone(),
            kubernetes_version: self.kubernetes_version,
            namespace: self.namespace.clone(),
            strict: self.strict,
        });
        let choice = self.color.choice();
        let mut out = BufWriter::new(AutoStream::new(io::stdout().lock(), choice));
        match self.output {
            Output::Json => render_json(&tested, &mut out)?,
            Output::Text => {
                let mut err = BufWriter::new(AutoStream::new(io::stderr().lock(), choice));
                let suites = tested.suites.iter().flat_map(|suite| &suite.problems);
                let problems: Vec<Diagnostic> = tested.problems.iter().chain(suites).cloned().collect();
                render_problems(&problems, true, &mut err)?;
                render_text(&tested, true, &mut out)?;
            }
        }
        Ok(match (tested.has_errors(), tested.has_failures()) {
            (true, _) => ERRORS,
            (false, true) => FINDINGS,
            (false, false) => CLEAN,
        })
    }
}

impl List {
    pub(crate) fn run(&self) -> io::Result<u8> {
        let Some(policies) = found(&self.names, &self.selection)? else { return Ok(ERRORS) };
        let mut out = BufWriter::new(io::stdout().lock());
        if let Output::Json = self.output {
            let policies: Vec<serde_json::Value> = policies
                .iter()
                .map(|policy| {
                    let controls: Vec<String> =
                        policy.metadata.controls.iter().map(ToString::to_string).collect();
                    json!({
                        "pack": policy.pack, "name": policy.name, "title": policy.title(),
                        "severity": policy.metadata.severity, "category": policy.metadata.category,
                        "controls": controls,
                    })
                })
                .collect();
            serde_json::to_writer_pretty(&mut out, &json!({"version": 1, "policies": policies}))?;
            writeln!(out)?;
            return out.flush().map(|()| CLEAN);
        }
        let name = |policy: &PackPolicy| format!("{}/{}", policy.pack, policy.name);
        let width = policies.iter().map(|policy| name(policy).len()).max().unwrap_or_default();
        for policy in &policies {
            let severity = policy.metadata.severity.map_or("", Gravity::as_str);
            writeln!(out, "{:width$}  {severity:8}  {}", name(policy), policy.title())?;
        }
        out.flush().map(|()| CLEAN)
    }
}

impl Explain {
    pub(crate) fn run(&self) -> io::Result<u8> {
        let none = Selected { severity: None, controls: Vec::new() };
        let Some(policies) = found(std::slice::from_ref(&self.name), &none)? else { return Ok(ERRORS) };
        let mut out = BufWriter::new(io::stdout().lock());
        for (number, policy) in policies.iter().enumerate() {
            if number > 0 {
                writeln!(out)?;
            }
            let metadata = &policy.metadata;
            let controls: Vec<String> = metadata.controls.iter().map(ToString::to_string).collect();
            writeln!(out, "{}", policy.readme.trim_end())?;
            writeln!(out, "\n## Labels")?;
            writeln!(
                out,
                "Pack {}, severity {}",
                policy.pack,
                metadata.severity.map_or("unknown", Gravity::as_str)
            )?;
            if !controls.is_empty() {
                writeln!(out, "{}", controls.join(", "))?;
            }
        }
        out.flush().map(|()| CLEAN)
    }
}

impl Export {
    pub(crate) fn run(&self) -> io::Result<u8> {
        let Some(policies) = found(&self.names, &self.selection)? else { return Ok(ERRORS) };
        if !policies.is_empty() && policies.iter().all(PackPolicy::is_rule) {
            let problem =
                Diagnostic::error("nothing-to-export", "there are only rules about several objects");
            let problem = problem.help("kordon decides these itself: a cluster does not know them");
            render_problems(&[problem], true, &mut AutoStream::auto(io::stderr().lock()))?;
            return Ok(ERRORS);
        }
        let action = self.action.map(|action| match action {
            ExportAction::Deny => "Deny",
            ExportAction::Warn => "Warn",
            ExportAction::Audit => "Audit",
        });
        let mut out = io::stdout().lock();
        out.write_all(packs::export(&policies, action).as_bytes())?;
        Ok(CLEAN)
    }
}

/// The policies of names that are chosen; `None` when a name is of nothing, which is told.
fn found(names: &[String], selected: &Selected) -> io::Result<Option<Vec<PackPolicy>>> {
    let selection = selected.selection();
    let mut policies: Vec<PackPolicy> = Vec::new();
    for name in names {
        match packs::find(name) {
            Ok(found) => policies.extend(found),
            Err(problem) => {
                render_problems(&[problem], true, &mut AutoStream::auto(io::stderr().lock()))?;
                return Ok(None);
            }
        }
    }
    policies.retain(|policy| selection.takes(&policy.metadata));
    policies.sort_by_key(|policy| (policy.pack, policy.name));
    policies.dedup_by_key(|policy| (policy.pack, policy.name));
    Ok(Some(policies))
}
