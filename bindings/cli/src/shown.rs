//! What comes of a check on the terminal, as it comes.

use crate::progress::Progress;
use anstream::{AutoStream, ColorChoice};
use kordon::Diagnostic;
use kordon_shared::render::{Format, Renderer};
use kordon_shared::{Finding, Sink, Stage, Summary};
use std::io::{self, BufWriter, Stderr, Stdout};
use std::time::{Duration, Instant};

/// Readers wait no longer than this for what is there already.
const PATIENCE: Duration = Duration::from_millis(20);

// The streams take colours out again where they are not wanted.
type Stream<S> = BufWriter<AutoStream<S>>;

pub(crate) struct Shown {
    renderer: Renderer<Stream<Stdout>, Stream<Stderr>>,
    progress: Progress,
    /// Whether something was written since readers last saw all of it.
    waiting: bool,
    seen: Option<Instant>,
}

impl Shown {
    pub(crate) fn new(format: Format, colour: ColorChoice) -> Shown {
        let out = BufWriter::new(AutoStream::new(io::stdout(), colour));
        let err = BufWriter::new(AutoStream::new(io::stderr(), colour));
        let renderer = Renderer::new(format, true, out, err);
        Shown { renderer, progress: Progress::new(), waiting: false, seen: None }
    }

    pub(crate) fn end(mut self, summary: &Summary) -> io::Result<()> {
        self.progress.hide();
        self.renderer.end(summary)
    }

    fn write(&mut self) {
        self.progress.hide();
        self.waiting = true;
    }
}

impl Sink for Shown {
    fn problem(&mut self, problem: Diagnostic) -> io::Result<()> {
        self.write();
        self.renderer.problem(problem)
    }

    fn finding(&mut self, finding: Finding) -> io::Result<()> {
        self.write();
        self.renderer.finding(finding)
    }

    fn pause(&mut self) -> io::Result<()> {
        if self.waiting && self.seen.is_none_or(|seen| seen.elapsed() >= PATIENCE) {
            self.waiting = false;
            self.seen = Some(Instant::now());
            return self.renderer.flush();
        }
        Ok(())
    }

    fn progress(&mut self, stage: Stage, done: usize, total: usize) {
        self.progress.tell(stage, done, total);
    }
}
