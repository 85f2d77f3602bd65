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
        self.write(&line(stage, done, total));
    }

    /// Takes the line back.
    pub(crate) fn hide(&mut self) {
        if std::mem::take(&mut self.shown) {
            self.write("");
        }
    }

    /// A terminal that is gone is no reason to stop.
    fn write(&self, text: &str) {
        let mut terminal = io::stderr().lock();
        let _ = write!(terminal, "\r\x1b[K{text}").and_then(|()| terminal.flush());
    }
}

fn line(stage: Stage, done: usize, total: usize) -> String {
    let (doing, things) = match stage {
        Stage::Reading => ("reading", "files"),
        Stage::Checking => ("checking", "documents"),
    };
    format!("{doing}: {done} of {total} {things}")
}

#[cfg(test)]
mod tests {
    use super::{Stage, line};

    #[test]
    fn a_line_tells_what_is_done() {
        assert_eq!(line(Stage::Reading, 2, 10), "reading: 2 of 10 files");
        assert_eq!(line(Stage::Checking, 3, 9), "checking: 3 of 9 documents");
    }
}
