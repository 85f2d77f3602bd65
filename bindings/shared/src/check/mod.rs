//! `check`: every object among the inputs against every policy among them.
//!
//! What objects are held against comes first, then each object by itself, on several threads, then what needs to know of
//! all of them.

mod context;
mod mending;
mod object;

use crate::admitted::View;
use crate::api::Text;
use crate::baseline::Baseline;
use crate::cluster::ClusterCheck;
use crate::decided::DecidedObject;
use crate::files::{self, InputFile};
use crate::finding::{Finding, FindingAction};
use crate::fix::{Fixing, Rewritten};
use crate::inputs::{Inputs, Role};
use crate::ordered::in_order;
use crate::packs::{self, Metadata, Selection};
use crate::pieces::{Input, Piece};
use crate::waivers::{SuppressedBy, WaiverOptions, Waivers};
use context::Context;
use kordon::admission::Operation;
use kordon::authorization::UserInfo;
use kordon::cel::environment::Version;
use kordon::document::Document;
use kordon::pod_security::LevelVersion;
use kordon::policy::ValidatingAdmissionPolicy;
use kordon::{Diagnostic, Severity};
use object::{Checked, CheckedObject, Checker, Worker};
use std::collections::{BTreeMap, HashSet};
use std::io;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How many policies that matched nothing are told one by one.
const MOST_UNUSED: usize = 3;

/// What to check, and as what.
#[derive(Clone, Debug)]
pub struct Options {
    /// Files and folders with policies, their bindings and params; `pack:NAME` is a pack, see [`crate::packs::find`].
    pub policies: Vec<PathBuf>,
    /// Which of the policies count.
    pub selection: Selection,
    /// Files and folders to check; policies among them count too.
    pub files: Vec<PathBuf>,
    /// The same in memory, read after those.
    pub texts: Vec<(Text, Role)>,
    /// Files with the objects as they are before the request.
    pub old_objects: Vec<PathBuf>,
    /// `None`: UPDATE for an object with an old one, else CREATE.
    pub operation: Option<Operation>,
    pub user: UserInfo,
    pub kubernetes_version: Version,
    /// For namespaced objects that name none.
    pub namespace: String,
    /// Policies without a binding do nothing, as in a cluster.
    pub require_bindings: bool,
    /// Also search files and folders whose name begins with a dot.
    pub hidden: bool,
    /// Explain findings by the values of the parts of their expression.
    pub explain: bool,
    /// Tell what every policy made of every object.
    pub decisions: bool,
    /// What policies see of objects whose kind is built in.
    pub view: View,
    /// The level of the Pod Security Standards that all pods must meet; `None` for what their namespaces ask for.
    pub pod_security: Option<LevelVersion>,
    pub waivers: WaiverOptions,
    pub fixing: Fixing,
    /// A file with findings that do not count, since they were there before.
    pub baseline: Option<PathBuf>,
    /// On how many threads objects are checked; `None` for as many as the machine has. Nothing else depends on it.
    pub jobs: Option<NonZeroUsize>,
    /// Give the objects back too, all of which are then in memory.
    pub keep_objects: bool,
}

impl Options {
    fn threads(&self) -> usize {
        if cfg!(target_family = "wasm") {
            return 1;
        }
        let available = || std::thread::available_parallelism().map_or(1, usize::from);
        self.jobs.map_or_else(available, usize::from)
    }
}

impl Default for Options {
    fn default() -> Options {
        Options {
            policies: Vec::new(),
            selection: Selection::default(),
            files: Vec::new(),
            texts: Vec::new(),
            old_objects: Vec::new(),
            operation: None,
            user: UserInfo::default(),
            kubernetes_version: Version::default(),
            namespace: "default".to_owned(),
            require_bindings: false,
            hidden: false,
            explain: false,
            decisions: false,
            view: View::default(),
            pod_security: None,
            waivers: WaiverOptions::default(),
            fixing: Fixing::default(),
            baseline: None,
            jobs: None,
            keep_objects: false,
        }
    }
}

/// What came of a check.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// In the order of the objects in their files, then of the policies.
    pub findings: Vec<Finding>,
    /// What is wrong with files, policies and bindings, or deserves to be known about them.
    pub problems: Vec<Diagnostic>,
    /// The objects as they were written, with [`Options::keep_objects`].
    pub objects: Vec<Document>,
    /// What the labels of the policies say of them.
    pub policies: BTreeMap<String, Metadata>,
    /// Every object that policies were asked about, with [`Options::decisions`].
    pub decisions: Option<Vec<DecidedObject>>,
    pub summary: Summary,
}

/// Counts of a check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    pub files: usize,
    pub policies: usize,
    /// Objects that were checked.
    pub objects: usize,
    /// Objects with at least one finding that counts.
    pub objects_with_findings: usize,
    /// Those that count.
    pub findings: usize,
    /// Findings that do not count because they are waived.
    #[serde(skip_serializing_if = "is_none")]
    pub waived: usize,
    /// Findings that do not count because they are in the baseline.
    #[serde(skip_serializing_if = "is_none")]
    pub known: usize,
    pub errors: usize,
    pub warnings: usize,
    /// The gravest action of a finding that counts.
    #[serde(skip)]
    pub gravest: Option<FindingAction>,
}

fn is_none(count: &usize) -> bool {
    *count == 0
}

/// What a check does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Files are read for what objects are held against.
    Reading,
    /// Documents are checked.
    Checking,
}

/// Is told how many of how many files or documents are done.
type Progress<'p> = &'p mut (dyn FnMut(Stage, usize, usize) + Send);

impl Outcome {
    /// Whether anything was wrong with the inputs.
    pub fn has_errors(&self) -> bool {
        self.summary.errors > 0
    }
}

/// Is told what comes of a check while it goes on, always in the same order: problems with what objects are held against,
/// then for each object its problems and findings, then what can be said of all of them.
///
/// An error ends the check.
pub trait Sink {
    /// What the labels of the policies say of them, before there are findings.
    fn policies(&mut self, policies: &BTreeMap<String, Metadata>) {
        let _ = policies;
    }

    fn problem(&mut self, problem: Diagnostic) -> io::Result<()>;

    fn finding(&mut self, finding: Finding) -> io::Result<()>;

    /// An object as it was written, when [`Options::keep_objects`] asks for them.
    fn object(&mut self, document: Document) -> io::Result<()> {
        drop(document);
        Ok(())
    }

    /// What every policy made of an object, with [`Options::decisions`].
    fn decided(&mut self, decided: DecidedObject) -> io::Result<()> {
        drop(decided);
        Ok(())
    }

    /// A text in which something was mended, with [`Fixing::Apply`].
    fn rewritten(&mut self, rewritten: Rewritten) -> io::Result<()> {
        drop(rewritten);
        Ok(())
    }

    /// A document is done; the next may take a while.
    fn pause(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn progress(&mut self, stage: Stage, done: usize, total: usize) {
        let _ = (stage, done, total);
    }
}

impl Sink for Outcome {
    fn policies(&mut self, policies: &BTreeMap<String, Metadata>) {
        self.policies.clone_from(policies);
    }

    fn problem(&mut self, problem: Diagnostic) -> io::Result<()> {
        self.problems.push(problem);
        Ok(())
    }

    fn finding(&mut self, finding: Finding) -> io::Result<()> {
        self.findings.push(finding);
        Ok(())
    }

    fn object(&mut self, document: Document) -> io::Result<()> {
        self.objects.push(document);
        Ok(())
    }

    fn decided(&mut self, decided: DecidedObject) -> io::Result<()> {
        self.decisions.get_or_insert_default().push(decided);
        Ok(())
    }
}

/// Checks. Never fails as a whole: what is wrong is among the problems, and the rest is checked.
pub fn check(options: &Options) -> Outcome {
    let mut outcome = Outcome { decisions: options.decisions.then(Vec::new), ..Outcome::default() };
    // Memory takes everything.
    outcome.summary = check_into(options, &mut outcome).unwrap_or_default();
    outcome
}

/// The same for what is told as soon as it is known. Findings are not kept, nor are documents without any.
pub fn check_into(options: &Options, sink: &mut (dyn Sink + Send)) -> io::Result<Summary> {
    let mut context = Context::read(options, &mut |stage, done, total| sink.progress(stage, done, total));
    let mut waiver_problems = Vec::new();
    let waivers = Waivers::read(&options.waivers, &mut waiver_problems);
    let checker = Checker::new(options, &waivers, &mut context);
    let Context { mut inputs, files, documents } = context;
    let policies = inputs.policies.len() + inputs.rules.len();
    let summary = Summary { files: inputs.files, policies, ..Summary::default() };
    let cluster = ClusterCheck::new(inputs.rules.clone());
    inputs.problems.extend(waiver_problems);
    let baseline = options.baseline.iter().map(|path| Baseline::read(path, &mut inputs.problems));
    let baseline = baseline.last().unwrap_or_default();
    sink.policies(&inputs.metadata);
    let mut run = Run { options, sink, cluster, kept: Vec::new(), summary, waivers, baseline };
    std::mem::take(&mut inputs.problems).into_iter().try_for_each(|problem| run.problem(problem))?;

    let pieces = files.iter().flat_map(|input| input.pieces().map(move |piece| (input, piece)));
    let size = |(_, piece): &(&Input, Piece)| piece.bytes.len();
    let mut done = 0;
    let workers = in_order(
        options.threads(),
        pieces,
        size,
        || Worker::new(options),
        |worker, piece| checker.check(worker, piece),
        &mut |checked| {
            done += 1;
            run.sink.progress(Stage::Checking, done, documents);
            run.checked(&checker, checked)
        },
    )?;

    let used = workers.into_iter().flat_map(|worker| worker.used).collect();
    run.cluster(&checker, std::mem::take(&mut inputs.context))?;
    run.whole(&checker, &inputs, &used)?;
    Ok(run.summary)
}

/// Policies, what is checked, and at last packs, since they give way to what else there is.
pub(crate) fn find_files(options: &Options, problems: &mut Vec<Diagnostic>) -> Vec<(InputFile, Role)> {
    let is_pack = |path: &&PathBuf| packs::named_by(path).is_some();
    let (names, paths): (Vec<&PathBuf>, Vec<&PathBuf>) = options.policies.iter().partition(is_pack);
    let paths: Vec<PathBuf> = paths.into_iter().cloned().collect();
    let mut found = Vec::new();
    let policies = files::find_policies(&paths, options.hidden);
    let checked = files::find(&options.files, options.hidden);
    for ((files, told), role) in [(policies, Role::Policy), (checked, Role::Check)] {
        problems.extend(told);
        found.extend(files.into_iter().map(|file| (file, role)));
    }
    let mut seen = HashSet::new();
    for name in names.into_iter().filter_map(|path| packs::named_by(path)) {
        match packs::find(name) {
            Ok(policies) => {
                let new = policies.iter().filter(|policy| seen.insert(policy.name));
                found.extend(new.map(|policy| (policy.file(), Role::Pack)));
            }
            Err(problem) => problems.push(problem),
        }
    }
    found
}

/// One check under way.
struct Run<'r> {
    options: &'r Options,
    sink: &'r mut (dyn Sink + Send),
    cluster: ClusterCheck,
    /// Of each object that is kept for rules about several: its own waivers, and whether something is found.
    kept: Vec<(Range<usize>, bool)>,
    summary: Summary,
    waivers: Waivers,
    baseline: Baseline,
}

impl Run<'_> {
    fn problem(&mut self, problem: Diagnostic) -> io::Result<()> {
        match problem.severity {
            Severity::Error => self.summary.errors += 1,
            Severity::Warning => self.summary.warnings += 1,
            Severity::Note => {}
        }
        self.sink.problem(problem)
    }

    fn checked(&mut self, checker: &Checker<'_>, checked: Checked) -> io::Result<()> {
        checked.problems.into_iter().try_for_each(|problem| self.problem(problem))?;
        for CheckedObject { mut problems, mut findings, waivers, decided, kept, written, .. } in
            checked.objects
        {
            if self.summary.objects == 0
                && let Some(problem) = checker.of_all_objects()
            {
                self.problem(problem)?;
            }
            self.summary.objects += 1;
            let own = self.waivers.take(waivers, &mut problems);
            findings.iter_mut().for_each(|finding| self.judge(own.clone(), finding));
            let found = findings.iter().any(Finding::counts);
            self.summary.objects_with_findings += usize::from(found);
            problems.into_iter().try_for_each(|problem| self.problem(problem))?;
            if let Some(kept) = kept {
                self.kept.push((own, found));
                self.cluster.keep(kept);
            }
            if let Some(mut decided) = decided {
                decided.shift(self.summary.findings + self.summary.waived + self.summary.known);
                self.sink.decided(decided)?;
            }
            findings.into_iter().try_for_each(|finding| self.finding(finding))?;
            written.into_iter().try_for_each(|document| self.sink.object(document))?;
        }
        checked.rewritten.into_iter().try_for_each(|rewritten| self.sink.rewritten(rewritten))?;
        self.sink.pause()
    }

    /// Says of a finding why it does not count, if it does not.
    fn judge(&mut self, own: Range<usize>, finding: &mut Finding) {
        self.waivers.judge(own, finding);
        self.baseline.judge(finding);
    }

    fn finding(&mut self, finding: Finding) -> io::Result<()> {
        match finding.suppression.as_ref().map(|suppression| suppression.by) {
            None => {
                self.summary.findings += 1;
                self.summary.gravest = self.summary.gravest.max(Some(finding.action));
            }
            Some(SuppressedBy::Baseline) => self.summary.known += 1,
            Some(SuppressedBy::Annotation | SuppressedBy::Waiver) => self.summary.waived += 1,
        }
        self.sink.finding(finding)
    }

    /// Rules about several objects, once all are there.
    fn cluster(&mut self, checker: &Checker<'_>, context: Vec<Document>) -> io::Result<()> {
        if !self.cluster.is_active() {
            return Ok(());
        }
        let mut problems = Vec::new();
        for document in context {
            checker.keep(document, &mut problems).into_iter().for_each(|kept| self.cluster.keep(kept));
        }
        problems.into_iter().try_for_each(|problem| self.problem(problem))?;
        for (object, mut finding) in self.cluster.findings() {
            let Some((own, _)) = self.kept.get(object) else { continue };
            self.judge(own.clone(), &mut finding);
            if let Some((_, found)) = self.kept.get_mut(object).filter(|_| finding.counts()) {
                self.summary.objects_with_findings += usize::from(!std::mem::replace(found, true));
            }
            self.finding(finding)?;
        }
        Ok(())
    }

    /// What can be said of the inputs as a whole.
    fn whole(&mut self, checker: &Checker<'_>, inputs: &Inputs, used: &HashSet<Arc<str>>) -> io::Result<()> {
        let asked =
            !self.options.files.is_empty() || self.options.texts.iter().any(|(_, role)| *role == Role::Check);
        if asked && self.summary.objects == 0 {
            let message = "no Kubernetes object to check among the files";
            self.problem(Diagnostic::error("no-objects", message))?;
        }
        if inputs.policies.is_empty()
            && checker.custom.have_no_rules()
            && !checker.pod_security.is_active()
            && !self.cluster.is_active()
            && self.summary.errors == 0
        {
            let help = "name files or folders with ValidatingAdmissionPolicies with `--policy`";
            let problem = Diagnostic::error("no-policies", "no ValidatingAdmissionPolicy among the inputs");
            self.problem(problem.help(help))?;
        }
        if self.summary.objects > 0 {
            let unused = unused_policies(self.options, inputs, used);
            unused.into_iter().try_for_each(|problem| self.problem(problem))?;
        }
        let has_policy = |name: &str| {
            inputs.policies.iter().any(|policy| policy.name == name)
                || inputs.rules.iter().any(|rule| rule.name == name)
        };
        let told = self.waivers.problems(&has_policy);
        told.into_iter().chain(self.baseline.problem()).try_for_each(|problem| self.problem(problem))
    }
}

/// Says so of policies that a user named. Packs are for whatever there is.
fn unused_policies(options: &Options, inputs: &Inputs, used: &HashSet<Arc<str>>) -> Vec<Diagnostic> {
    let bound: HashSet<&str> = inputs.bindings.iter().map(|binding| binding.policy_name.as_str()).collect();
    let mut problems = Vec::new();
    let is_mine = |policy: &&ValidatingAdmissionPolicy| {
        !used.contains(policy.name.as_str()) && packs::named_by(Path::new(&*policy.source.name)).is_none()
    };
    let mut unused: Vec<&ValidatingAdmissionPolicy> = inputs.policies.iter().filter(is_mine).collect();
    let unbound = |policy: &&ValidatingAdmissionPolicy| {
        options.require_bindings && !bound.contains(policy.name.as_str())
    };
    let is_long = unused.len() > MOST_UNUSED && !unused.iter().any(unbound);
    let rest = if is_long { unused.split_off(MOST_UNUSED) } else { Vec::new() };
    for policy in unused {
        let (name, bound) = (&policy.name, bound.contains(policy.name.as_str()));
        let (message, help) = if options.require_bindings && !bound {
            (
                format!("policy `{name}` has no binding and does nothing"),
                "add a ValidatingAdmissionPolicyBinding",
            )
        } else {
            let causes = "see its matchConstraints, matchConditions and bindings";
            (format!("policy `{name}` matched no object"), causes)
        };
        let problem = Diagnostic::warning("unused-policy", message).help(help);
        problems.push(problem.at(&policy.source, policy.span));
    }
    if let Some(first) = rest.first() {
        let message = format!("{} more policies matched no object", rest.len());
        let names: Vec<&str> = rest.iter().map(|policy| policy.name.as_str()).collect();
        let problem = Diagnostic::warning("unused-policy", message).help(names.join(", "));
        problems.push(problem.at(&first.source, first.span));
    }
    problems
}
