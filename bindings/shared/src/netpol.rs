//! `netpol`: who reaches whom by the NetworkPolicies in files, who says so, and what changes.

use crate::admitted::{Seen, admit, without_tables};
use crate::custom::CustomResources;
use crate::files;
use crate::inputs::{advised, no_object};
use crate::render::render_problems;
use kordon::cel::environment::Version;
use kordon::document::{Document, Limits, NodeRef, Object, documents};
use kordon::network::{
    Connection, Coverage, Difference, Isolated, Network, Question, Reach, Remark, Side, TooLarge,
};
use kordon::typed::{Options, Scheme, Stage};
use kordon::{Diagnostic, Severity, Source};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

/// How many remarks of one sort are told one by one to people.
const MOST_REMARKS: usize = 10;
/// Names of parties are padded up to this width.
const WIDEST: usize = 60;

/// What to look at.
#[derive(Clone, Debug)]
pub struct NetpolOptions {
    pub files: Vec<PathBuf>,
    /// Files as they were: what has changed since is told.
    pub before: Vec<PathBuf>,
    /// Files that would be applied to the others: what would change is told.
    pub apply: Vec<PathBuf>,
    pub kubernetes_version: Version,
    /// For namespaced objects that name none.
    pub namespace: String,
    /// Also search files and folders whose name begins with a dot.
    pub hidden: bool,
}

/// Objects that are read.
#[derive(Clone, Debug, Default)]
pub struct Netpol {
    objects: Vec<Document>,
    /// Where changes are asked for, the objects that they are changes of.
    before: Option<Vec<Document>>,
    namespace: String,
    /// What is wrong with the files and with objects, which are then missing, or was warned of.
    pub problems: Vec<Diagnostic>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetpolOutcome {
    /// What was asked about is allowed, nothing changes, or nothing was asked.
    Clean,
    /// What was asked about is denied, or something changes.
    Told,
    /// The inputs or the question are broken.
    Broken,
}

/// Reads the objects.
pub fn netpol(options: &NetpolOptions) -> Netpol {
    let mut made = Netpol { namespace: options.namespace.clone(), ..Netpol::default() };
    let version = options.kubernetes_version;
    let Some(scheme) = Scheme::for_version(version.minor) else {
        made.problems.push(without_tables(version, Severity::Error));
        return made;
    };
    let mut reader = Reader { options, scheme, problems: &mut made.problems };
    let objects = reader.read(&options.files);
    if !options.apply.is_empty() {
        let mut after = objects.clone();
        // Of objects with one name the last counts.
        after.extend(reader.read(&options.apply));
        (made.before, made.objects) = (Some(objects), after);
    } else {
        made.before = (!options.before.is_empty()).then(|| reader.read(&options.before));
        made.objects = objects;
    }
    made
}

struct Reader<'r> {
    options: &'r NetpolOptions,
    scheme: Scheme,
    problems: &'r mut Vec<Diagnostic>,
}

impl Reader<'_> {
    /// Objects with their defaults, and with their status.
    fn read(&mut self, paths: &[PathBuf]) -> Vec<Document> {
        let (files, problems) = files::find(paths, self.options.hidden);
        self.problems.extend(problems);
        let custom = CustomResources::default();
        let namespace = &self.options.namespace;
        let admitting = Options { stage: Stage::Defaulted, namespace, old: None };
        let mut read = Vec::new();
        for file in files {
            let bytes = match file.read() {
                Ok(bytes) => bytes,
                Err(problem) => {
                    self.problems.push(problem);
                    continue;
                }
            };
            for document in documents(&file.name, &bytes, &Limits::default()) {
                let document = match document {
                    Ok(document) => document,
                    Err(problem) => {
                        self.problems.push(advised(problem));
                        continue;
                    }
                };
                if let Some(problem) = no_object(&document, file.named) {
                    self.problems.push(problem);
                    continue;
                }
                let seen = admit(Some(&self.scheme), &custom, document, &admitting, self.problems);
                read.extend(seen.map(|Seen { document, .. }| document));
            }
        }
        read
    }
}

impl Netpol {
    /// Whether anything was wrong with the inputs.
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// Writes the answer to a question.
    pub fn write_answer(
        &self,
        question: &Question<'_>,
        as_json: bool,
        out: &mut dyn Write,
        err: &mut dyn Write,
    ) -> io::Result<NetpolOutcome> {
        let network = match self.network(&self.objects) {
            Ok(network) => network,
            Err(error) => return self.broken(&error, as_json, out, err),
        };
        let answer = match network.answer(question) {
            Ok(answer) => answer,
            Err(error) => return self.broken(&error, as_json, out, err),
        };
        if as_json {
            json(&json!({"version": 1, "answer": answer, "problems": self.problems}), out)?;
        } else {
            render_problems(&self.problems, true, err)?;
            match (&answer.connections, answer.allowed) {
                (Some(connections), true) => writeln!(out, "allowed: {connections}")?,
                (_, true) => writeln!(out, "allowed")?,
                (_, false) => writeln!(out, "denied")?,
            }
            write_side("egress", &answer.egress, out)?;
            write_side("ingress", &answer.ingress, out)?;
            for note in &answer.notes {
                writeln!(out, "  note: {note}")?;
            }
            out.flush()?;
        }
        Ok(self.outcome(!answer.allowed))
    }

    /// Writes all connections and what policies cover, or what changes.
    pub fn write(
        &self,
        as_json: bool,
        out: &mut dyn Write,
        err: &mut dyn Write,
    ) -> io::Result<NetpolOutcome> {
        if let Some(before) = &self.before {
            let compared = self.network(before).and_then(|before| {
                Difference::between(&before, &self.network(&self.objects)?).map_err(large)
            });
            return match compared {
                Ok(difference) => self.write_difference(&difference, as_json, out, err),
                Err(error) => self.broken(&error, as_json, out, err),
            };
        }
        let network = self.network(&self.objects);
        let reached = network.and_then(|network| {
            let reach = network.reach().map_err(large)?;
            Ok((network.coverage(), reach))
        });
        let (coverage, reach) = match reached {
            Ok(found) => found,
            Err(error) => return self.broken(&error, as_json, out, err),
        };
        let sources = self.sources();
        if as_json {
            self.write_json(&coverage, &reach, &sources, out)?;
        } else {
            let mut problems = self.problems.clone();
            problems.extend(told(&coverage, &sources));
            render_problems(&problems, true, err)?;
            write_text(&coverage, &reach, out)?;
        }
        Ok(self.outcome(false))
    }

    fn write_json(
        &self,
        coverage: &Coverage<'_>,
        reach: &Reach,
        sources: &Sources<'_>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        // Connections may be many: they are written as they come.
        write!(out, "{{\n  \"version\": 1,\n  \"connections\": [")?;
        let (mut first, mut wrote) = (true, Ok(()));
        reach.each(&mut |connection| {
            if wrote.is_ok() {
                let separator = if std::mem::take(&mut first) { "\n    " } else { ",\n    " };
                wrote = write!(out, "{separator}{}", row(&connection));
            }
        });
        wrote?;
        let end = if first { "]" } else { "\n  ]" };
        let coverage = covered(coverage, &|node| sources.place(node));
        writeln!(out, "{end},\n  \"coverage\": {coverage},\n  \"problems\": {}\n}}", json!(self.problems))?;
        out.flush()
    }

    fn write_difference(
        &self,
        difference: &Difference,
        as_json: bool,
        out: &mut dyn Write,
        err: &mut dyn Write,
    ) -> io::Result<NetpolOutcome> {
        if as_json {
            json(&json!({"version": 1, "difference": difference, "problems": self.problems}), out)?;
            return Ok(self.outcome(!difference.is_empty()));
        }
        render_problems(&self.problems, true, err)?;
        for change in &difference.changes {
            let (from, to) = (&change.from, &change.to);
            let what = [("+", change.opened()), ("-", change.closed())];
            for (sign, connections) in what.into_iter().filter(|(_, connections)| !connections.is_none()) {
                writeln!(out, "{sign} {from}  ->  {to}  {connections}")?;
            }
        }
        for (what, names) in [("new", &difference.added), ("gone", &difference.removed)] {
            for name in names {
                writeln!(out, "  {name} is {what}")?;
            }
        }
        if difference.is_empty() {
            writeln!(out, "nothing changes")?;
        }
        out.flush()?;
        Ok(self.outcome(!difference.is_empty()))
    }

    fn broken(
        &self,
        error: &str,
        as_json: bool,
        out: &mut dyn Write,
        err: &mut dyn Write,
    ) -> io::Result<NetpolOutcome> {
        let mut problems = self.problems.clone();
        problems.push(Diagnostic::error("broken-question", error));
        if as_json {
            json(&json!({"version": 1, "problems": problems}), out)?;
        } else {
            render_problems(&problems, true, err)?;
        }
        Ok(NetpolOutcome::Broken)
    }

    fn outcome(&self, told: bool) -> NetpolOutcome {
        match (self.has_errors(), told) {
            (true, _) => NetpolOutcome::Broken,
            (false, true) => NetpolOutcome::Told,
            (false, false) => NetpolOutcome::Clean,
        }
    }

    fn network<'o>(&self, documents: &'o [Document]) -> Result<Network<'o>, String> {
        Network::new(documents.iter().map(|document| &document.object), &self.namespace).map_err(large)
    }

    fn sources(&self) -> Sources<'_> {
        let all = self.objects.iter();
        Sources(all.map(|document| (std::ptr::from_ref(&document.object), &document.source)).collect())
    }
}

/// The texts of objects.
struct Sources<'s>(HashMap<*const Object, &'s Arc<Source>>);

impl Sources<'_> {
    fn of(&self, node: NodeRef<'_>) -> Option<&Arc<Source>> {
        self.0.get(&std::ptr::from_ref(node.object())).copied()
    }

    fn place(&self, node: NodeRef<'_>) -> Option<Value> {
        let source = self.of(node)?;
        let (line, column) = source.line_column(node.span().start);
        Some(json!({"file": &*source.name, "line": line, "column": column}))
    }
}

/// A connection as JSON.
pub(crate) fn row(connection: &Connection<'_>) -> Value {
    let Connection { from, to, connections } = connection;
    let name = |party: &kordon::network::Party<'_>| match party {
        kordon::network::Party::Workload(name) => json!(name),
        kordon::network::Party::Through(name) => json!({"through": name}),
        kordon::network::Party::Outside(blocks) => {
            json!({"external": blocks.iter().map(ToString::to_string).collect::<Vec<String>>()})
        }
    };
    json!({"from": name(from), "to": name(to), "connections": connections.to_string()})
}

/// What policies cover, as JSON; `place` finds where a value stands.
pub(crate) fn covered(coverage: &Coverage<'_>, place: &dyn Fn(NodeRef<'_>) -> Option<Value>) -> Value {
    let remarks = coverage.remarks.iter().map(|remark| {
        let mut shown = json!({
            "check": remark.check,
            "object": title(remark.at.object()),
            "message": remark.message,
        });
        let path = remark.at.object().path(remark.at);
        if let (Value::Object(fields), false) = (&mut shown, path.is_empty()) {
            fields.insert("path".to_owned(), json!(path));
        }
        if let (Value::Object(fields), Some(Value::Object(place))) = (&mut shown, place(remark.at)) {
            fields.extend(place);
        }
        shown
    });
    json!({
        "namespaces": coverage.namespaces,
        "policies": coverage.policies,
        "undecided": coverage.undecided,
        "remarks": remarks.collect::<Vec<Value>>(),
    })
}

/// Remarks as warnings.
fn told(coverage: &Coverage<'_>, sources: &Sources<'_>) -> Vec<Diagnostic> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let mut told = Vec::new();
    for Remark { check, message, at } in &coverage.remarks {
        let count = counts.entry(check).or_default();
        *count += 1;
        if *count <= MOST_REMARKS {
            let problem = Diagnostic::warning(check, format!("{}: {message}", title(at.object())));
            told.push(match sources.of(*at) {
                Some(source) => problem.at(source, at.span()),
                None => problem,
            });
        }
    }
    let mut more: Vec<(&str, usize)> =
        counts.into_iter().filter(|(_, count)| *count > MOST_REMARKS).collect();
    more.sort_unstable();
    told.extend(more.into_iter().map(|(check, count)| {
        let message = format!("{} more of `{check}`; `-o json` has them all", count - MOST_REMARKS);
        Diagnostic::new(Severity::Warning, "more", message)
    }));
    told
}

fn write_text(coverage: &Coverage<'_>, reach: &Reach, out: &mut dyn Write) -> io::Result<()> {
    let width = reach.names().map(|name| name.chars().count()).max().unwrap_or_default();
    let width = width.max("external".len()).min(WIDEST);
    let mut wrote = Ok(());
    reach.each(&mut |Connection { from, to, connections }| {
        if wrote.is_ok() {
            let (from, to) = (from.to_string(), to.to_string());
            wrote = writeln!(out, "{from:width$}  ->  {to:width$}  {connections}");
        }
    });
    wrote?;
    for own in &coverage.namespaces {
        let side = |name: &str, Isolated { isolated, default_deny }: &Isolated| {
            let deny = if default_deny.is_some() { ", default deny" } else { "" };
            format!("{name} {isolated} of {} isolated{deny}", own.pods)
        };
        let (ingress, egress) = (side("ingress", &own.ingress), side("egress", &own.egress));
        writeln!(out, "namespace {}: {ingress}; {egress}", own.namespace)?;
    }
    for (kind, count) in &coverage.undecided {
        writeln!(out, "left out: {count} {kind}")?;
    }
    out.flush()
}

fn write_side(name: &str, side: &Side, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  {name}: {}", side.reason)
}

/// An object as kubectl names things.
fn title(object: &Object) -> String {
    let root = object.root();
    let text = |node: Option<NodeRef<'_>>| node.and_then(NodeRef::as_str).unwrap_or_default().to_owned();
    let own = |field: &str| text(root.field("metadata").and_then(|metadata| metadata.field(field)));
    match own("namespace").as_str() {
        "" => format!("{} {}", text(root.field("kind")), own("name")),
        namespace => format!("{} {namespace}/{}", text(root.field("kind")), own("name")),
    }
}

fn large(error: TooLarge) -> String {
    error.to_string()
}

fn json(value: &Value, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)?;
    out.flush()
}
