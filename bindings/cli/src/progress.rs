//! One line on a terminal that tells how far a long run is.

use kordon_shared::Stage;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// Runs shorter than this show nothing.
const PATIENCE: Duration = Duration::from_millis(500);
const INTERVAL: Duration = Duration::from_millis(100);

/// Shows on standard error, if that is a terminal that can take a line back.
#[derive(Debug)]
pub(crate) struct Progress {
    next: Option<Instant>,
    shown: bool,
}

impl Progress {
    pub(crate) fn new() -> Progress {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let next = (io::stderr().is_terminal() && !dumb).then(|| Instant::now() + PATIENCE);
        Progress { next, shown: false }
    }

    pub(crate) fn tell(&mut self, stage: Stage, done: usize, total: usize) {
        let Some(next) = self.next else { return };
        let now = Instant::now();
        if now < next {
            return;
        }
        self.next = Some(now + INTERVAL);
        self.shown = true;
        let (doing, things) = match stage {
            Stage::Reading => ("reading", "files"),
            Stage::Checking => ("checking", "objects"),
        };
        self.write(&format!("{doing}: {done} of {total} {things}"));
    }

    /// Takes the line back.
    pub(crate) fn end(&self) {
        if self.shown {
            self.write("");
        }
    }

    /// A terminal that is gone is no reason to stop.
    fn write(&self, text: &str) {
        let mut terminal = io::stderr().lock();
        let _ = write!(terminal, "\r\x1b[K{text}").and_then(|()| terminal.flush());
    }
}
