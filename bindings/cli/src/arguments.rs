//! The command line.

use crate::access::{CanI, WhoCan};
use crate::fix::Fix;
use crate::netpol::Netpol;
use crate::output::{Output, OutputParser};
use crate::packs::{Explain, Export, List, Selected, Test};
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use kordon::admission::Operation;
use kordon::cel::environment::Version;
use kordon::pod_security::LevelVersion;
use kordon_shared::api::User;
use kordon_shared::render::Format;
use kordon_shared::{Date, DefaultOptions, Fixing, Options, View, WaiverOptions};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Decides Kubernetes manifests by ValidatingAdmissionPolicies as the API server would, without a cluster.
#[derive(Debug, Parser)]
#[command(name = "kordon", version, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Check(Box<Check>),
    Fix(Box<Fix>),
    Default(Default),
    Test(Test),
    List(List),
    Explain(Explain),
    Export(Export),
    WhoCan(WhoCan),
    CanI(CanI),
    Netpol(Netpol),
    /// Answer questions from standard input, one JSON object a line, on standard output
    ///
    /// The order is kept and memory is bounded. A line that cannot be understood is answered with its id and an
    /// `inputError`, and the run goes on. The exit code is 0 once all lines are answered.
    Batch {
        /// What the lines ask
        kind: BatchKind,
    },
    /// Print a completion script for a shell
    Completion {
        /// The shell
        shell: Shell,
    },
}

/// Check manifests against policies
///
/// Policies, bindings, params, namespaces, roles and custom resource definitions are found among all inputs. Each
/// object of FILES is decided as a request to create it. A policy without a binding applies to everything it matches
/// and denies. Without FILES, the policies themselves are checked.
///
/// Policies see objects as the API server has them, see --as. An object that it cannot read is an error. Fields that a
/// kind does not have are warnings, as with `kubectl --validate=warn`; kubectl's default, strict, refuses them.
///
/// Policies are also type checked against the kinds that they name, as for their status.typeChecking. What that finds is
/// a warning, since the API server accepts such policies, and leaves the exit code alone.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes:
  0  nothing was denied
  1  something was denied (see --fail-on)
  2  something is wrong with the arguments, the files or the policies; everything else was still checked

Examples:
  kordon check -p policies/ manifests/
  kordon check --pack all --severity high manifests/
  helm template chart | kordon check -p policies/ -
  kordon check -p policies/ --old-object before.yaml after.yaml
  kordon check --pack all --write-baseline known.yaml manifests/
  kordon check --pack all --baseline known.yaml --waivers waivers.yaml manifests/
  kordon check -p policies/ -o sarif manifests/ > kordon.sarif
  kordon check --pack all -o text -o junit=report.xml -o html=report.html manifests/")]
pub(crate) struct Check {
    /// Files and folders to check; `-` is standard input. Folders are searched for .yaml, .yml and .json
    #[arg(value_name = "FILES", value_hint = ValueHint::AnyPath)]
    files: Vec<PathBuf>,

    /// A file or folder with policies, their bindings and params; may be given several times. Other objects in it
    /// serve as context and are not checked; folders named testdata are passed over. `pack:NAME` is as --pack
    #[arg(short, long = "policy", alias = "policies", value_name = "POLICY", value_hint = ValueHint::AnyPath)]
    policies: Vec<PathBuf>,

    /// A pack that kordon carries, one of its policies, or `all`, see `kordon list`; may be given several times.
    /// Policies, bindings and params of the same name among the inputs take the place of a pack's
    #[arg(long = "pack", value_name = "NAME")]
    packs: Vec<String>,

    #[command(flatten)]
    selection: Selected,

    /// How to write what was found, and to which file if not to standard output; may be given several times, as in
    /// `-o text -o sarif=kordon.sarif`
    #[arg(short, long = "output", value_name = "FORMAT[=FILE]", default_value = "text", value_parser = OutputParser)]
    pub(crate) outputs: Vec<Output>,

    /// What paths of files come after in the links of markdown and html, as
    /// `https://example.com/team/shop/blob/main/`. In GitHub Actions and GitLab CI it is known
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) link_base: Option<String>,

    /// Show what the parts of a denied expression were
    #[arg(long)]
    explain: bool,

    /// The least grave action of a binding that makes the exit code 1. A finding of a binding with Warn or Audit is
    /// always shown, but by default only Deny fails
    #[arg(long, value_name = "ACTION", default_value = "deny")]
    pub(crate) fail_on: FailOn,

    /// A file with waivers: findings that do not count, why, and until when; may be given several times
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    waivers: Vec<PathBuf>,

    /// Objects may not waive findings of their own by the annotations kordon.dev/waive and kordon.dev/waive-reason
    #[arg(long)]
    no_waive_annotations: bool,

    /// A file with findings that do not count because they were there when it was written
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    baseline: Option<PathBuf>,

    /// Write what is found to a file for --baseline. It then does not fail
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) write_baseline: Option<PathBuf>,

    /// The day by which waivers expire, instead of today
    #[arg(long, value_name = "DATE", hide = true)]
    now: Option<Date>,

    /// The operation to decide; UPDATE for objects with an old one, else CREATE. UPDATE without an old object is an
    /// update that changes nothing
    #[arg(long, value_name = "OPERATION", ignore_case = true)]
    operation: Option<RequestOperation>,

    /// A file or folder with objects as they are before the request; matched by kind, namespace and name
    #[arg(long = "old-object", value_name = "FILE", value_hint = ValueHint::AnyPath)]
    old_objects: Vec<PathBuf>,

    /// What policies see of objects whose kind is built in; all others are taken as written
    #[arg(long = "as", value_name = "VIEW", default_value = "admitted")]
    view: ObjectView,

    /// Hold all pods, and the templates of workloads, against a level of the Pod Security Standards: baseline or
    /// restricted, as of the latest version or of one, such as restricted:v1.30. By default the labels of the namespaces
    /// among the inputs count, as in a cluster
    #[arg(long, value_name = "LEVEL[:VERSION]")]
    pod_security: Option<LevelVersion>,

    /// The user who makes the request
    #[arg(long, alias = "as-user", value_name = "NAME", default_value = "kubernetes-admin")]
    user: String,

    /// A group of the user; may be given several times. system:authenticated is always one, unless the user is
    /// system:anonymous
    #[arg(long = "group", alias = "as-group", value_name = "GROUP")]
    groups: Vec<String>,

    /// The namespace of namespaced objects that name none
    #[arg(short, long, default_value = "default")]
    namespace: String,

    /// The Kubernetes version whose CEL functions policies may use, and whose kinds and defaults there are
    #[arg(long, value_name = "VERSION", default_value = "1.37", value_parser = version)]
    kubernetes_version: Version,

    /// Policies without a binding do nothing, as in a cluster
    #[arg(long)]
    require_bindings: bool,

    /// Also search files and folders whose name begins with a dot
    #[arg(long)]
    hidden: bool,

    /// On how many threads documents are checked, by default as many as the machine has. What is found and its order
    /// do not depend on it
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,

    /// When to use colour; `auto` is on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
}

/// Print objects as the API server has them before it asks policies
///
/// Unknown fields are dropped, defaults set, quantities and times made canonical, and what the API server prepares for
/// creation is done. Objects whose kind is not built in are printed as they were written.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes:
  0  all objects were printed; warnings are on standard error
  2  a file is broken, or the API server would refuse an object; everything else was still printed")]
pub(crate) struct Default {
    /// Files and folders with the objects; `-` is standard input
    #[arg(value_name = "FILES", required = true, value_hint = ValueHint::AnyPath)]
    files: Vec<PathBuf>,

    /// How to write objects
    #[arg(short, long, value_name = "FORMAT", default_value = "yaml")]
    pub(crate) output: ObjectOutput,

    #[command(flatten)]
    pub(crate) reading: Reading,
}

/// How objects are read, and how what is wrong with them is shown.
#[derive(Debug, Args)]
pub(crate) struct Reading {
    /// The namespace of namespaced objects that name none
    #[arg(short, long, default_value = "default")]
    pub(crate) namespace: String,

    /// The Kubernetes version whose kinds and defaults there are
    #[arg(long, value_name = "VERSION", default_value = "1.37", value_parser = version)]
    pub(crate) kubernetes_version: Version,

    /// Also search files and folders whose name begins with a dot
    #[arg(long)]
    pub(crate) hidden: bool,

    /// When to use colour; `auto` is on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ObjectOutput {
    /// YAML documents
    Yaml,
    /// The object, or a List of several
    Json,
}

impl Default {
    pub(crate) fn options(&self) -> DefaultOptions {
        DefaultOptions {
            files: self.files.clone(),
            kubernetes_version: self.reading.kubernetes_version,
            namespace: self.reading.namespace.clone(),
            hidden: self.reading.hidden,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ObjectView {
    /// As the API server has them: unknown fields dropped, defaults set, quantities canonical
    Admitted,
    /// As they stand in their files
    Written,
}

impl ObjectView {
    fn view(self) -> View {
        match self {
            ObjectView::Admitted => View::Admitted,
            ObjectView::Written => View::Written,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum FailOn {
    Deny,
    Warn,
    Audit,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "UPPER")]
pub(crate) enum RequestOperation {
    Create,
    Update,
    Delete,
    Connect,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum BatchKind {
    /// Manifests to what the API server makes of them
    Admit,
    /// Admission requests against ValidatingAdmissionPolicies
    Vap,
    /// CEL expressions with their variables
    Cel,
    /// Custom resources against the rules of their schemas
    Crd,
    /// YAML texts, read as kubectl reads them
    Yaml,
    /// Pods by the Pod Security Standards
    Psa,
    /// Pods by LimitRanges and what a quota counts
    Quota,
    /// SubjectAccessReviews over RBAC objects
    Rbac,
    /// Who reaches whom by NetworkPolicies, and who says so
    Netpol,
    /// ValidatingAdmissionPolicies, for the warnings of their status.typeChecking
    Typecheck,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

impl Check {
    pub(crate) fn options(&self) -> Options {
        let packs = self.packs.iter().map(|name| format!("pack:{name}"));
        let user = User { username: self.user.clone(), groups: self.groups.clone(), ..User::default() };
        Options {
            policies: self.policies.iter().cloned().chain(packs.map(PathBuf::from)).collect(),
            selection: self.selection.selection(),
            files: self.files.clone(),
            old_objects: self.old_objects.clone(),
            operation: self.operation.map(|operation| match operation {
                RequestOperation::Create => Operation::Create,
                RequestOperation::Update => Operation::Update,
                RequestOperation::Delete => Operation::Delete,
                RequestOperation::Connect => Operation::Connect,
            }),
            user: user.authenticated(),
            kubernetes_version: self.kubernetes_version,
            namespace: self.namespace.clone(),
            require_bindings: self.require_bindings,
            hidden: self.hidden,
            explain: self.explain,
            view: self.view.view(),
            pod_security: self.pod_security,
            jobs: self.jobs,
            waivers: WaiverOptions {
                files: self.waivers.clone(),
                annotations: !self.no_waive_annotations,
                today: self.now.or_else(today),
            },
            baseline: self.baseline.clone(),
            fixing: self.fixing(),
            ..Options::default()
        }
    }
}

impl Check {
    /// Formats for programs say how findings are mended.
    fn fixing(&self) -> Fixing {
        let for_programs = |output: &Output| matches!(output.format, Format::Json | Format::Sarif);
        if self.outputs.iter().any(for_programs) { Fixing::Offer } else { Fixing::Nothing }
    }
}

impl Color {
    pub(crate) fn choice(self) -> anstream::ColorChoice {
        match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        }
    }
}

/// Today where the sun stands over Greenwich.
pub(crate) fn today() -> Option<Date> {
    jiff::Timestamp::now().to_string().get(..10)?.parse().ok()
}

pub(crate) fn version(text: &str) -> Result<Version, String> {
    text.trim_start_matches('v')
        .parse()
        .map_err(|error: <Version as std::str::FromStr>::Err| error.to_string())
}
