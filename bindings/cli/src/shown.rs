//! What comes of a check on the terminal and in files, as it comes.

use crate::arguments::Check;
use crate::output::ci_links;
use crate::progress::Progress;
use anstream::AutoStream;
use kordon::Diagnostic;
use kordon_shared::packs::Metadata;
use kordon_shared::render::{Renderer, Style};
use kordon_shared::{Finding, NewBaseline, Sink, Stage, Summary};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Sink as Nowhere, Stderr, Stdout};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Readers wait no longer than this for what is there already.
const PATIENCE: Duration = Duration::from_millis(20);

// The streams take colours out again where they are not wanted.
type Stream<S> = BufWriter<AutoStream<S>>;

pub(crate) struct Shown {
    /// On the standard streams.
    renderers: Vec<Renderer<Stream<Stdout>, Stream<Stderr>>>,
    files: Vec<(PathBuf, Renderer<BufWriter<File>, Nowhere>)>,
    baseline: Option<NewBaseline>,
    progress: Progress,
    /// Whether something was written since readers last saw all of it.
    waiting: bool,
    seen: Option<Instant>,
}

impl Shown {
    pub(crate) fn new(arguments: &Check) -> io::Result<Shown> {
        let links = arguments.link_base.clone().or_else(ci_links);
        let colour = arguments.color.choice();
        let (mut renderers, mut files) = (Vec::new(), Vec::new());
        for output in &arguments.outputs {
            let style = Style { colour: output.file.is_none(), links: links.clone() };
            match &output.file {
                None => {
                    let out = BufWriter::new(AutoStream::new(io::stdout(), colour));
                    let err = BufWriter::new(AutoStream::new(io::stderr(), colour));
                    renderers.push(Renderer::new(output.format, &style, out, err));
                }
                Some(path) => {
                    let file = BufWriter::new(named(path, File::create(path))?);
                    files.push((path.clone(), Renderer::new(output.format, &style, file, io::sink())));
                }
            }
        }
        let (baseline, progress) =
            (arguments.write_baseline.is_some().then(NewBaseline::default), Progress::new());
        Ok(Shown { renderers, files, baseline, progress, waiting: false, seen: None })
    }

    /// Files first: a reader that stops early must not cost them.
    pub(crate) fn end(mut self, summary: &Summary, baseline: Option<&Path>) -> io::Result<()> {
        self.progress.hide();
        for (path, renderer) in self.files {
            named(&path, renderer.end(summary))?;
        }
        if let (Some(path), Some(baseline)) = (baseline, &self.baseline) {
            let written = File::create(path).and_then(|file| baseline.write(&mut BufWriter::new(file)));
            named(path, written)?;
        }
        self.renderers.into_iter().try_for_each(|renderer| renderer.end(summary))
    }

    fn write(&mut self) {
        self.progress.hide();
        self.waiting = true;
    }
}

fn named<T>(path: &Path, result: io::Result<T>) -> io::Result<T> {
    result.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

impl Sink for Shown {
    fn policies(&mut self, policies: &BTreeMap<String, Metadata>) {
        self.renderers.iter_mut().for_each(|renderer| renderer.policies(policies));
        self.files.iter_mut().for_each(|(_, renderer)| renderer.policies(policies));
    }

    fn problem(&mut self, problem: Diagnostic) -> io::Result<()> {
        self.write();
        for (path, renderer) in &mut self.files {
            named(path, renderer.problem(problem.clone()))?;
        }
        self.renderers.iter_mut().try_for_each(|renderer| renderer.problem(problem.clone()))
    }

    fn finding(&mut self, finding: Finding) -> io::Result<()> {
        self.write();
        if let Some(baseline) = &mut self.baseline {
            baseline.add(&finding);
        }
        if let (true, [renderer]) = (self.files.is_empty(), self.renderers.as_mut_slice()) {
            return renderer.finding(finding);
        }
        for (path, renderer) in &mut self.files {
            named(path, renderer.finding(finding.clone()))?;
        }
        self.renderers.iter_mut().try_for_each(|renderer| renderer.finding(finding.clone()))
    }

    fn pause(&mut self) -> io::Result<()> {
        if self.waiting && self.seen.is_none_or(|seen| seen.elapsed() >= PATIENCE) {
            self.waiting = false;
            self.seen = Some(Instant::now());
            return self.renderers.iter_mut().try_for_each(Renderer::flush);
        }
        Ok(())
    }

    fn progress(&mut self, stage: Stage, done: usize, total: usize) {
        self.progress.tell(stage, done, total);
    }
}
