//! An outcome for readers: people, programs, code scanning services.

mod github;
mod json;
mod sarif;
mod text;

use crate::check::{Outcome, Sink, Summary};
use crate::finding::Finding;
use kordon::Diagnostic;
use std::io::{self, Write};

/// How an outcome is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON object, `version` 1.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Workflow commands that GitHub Actions turns into annotations.
    Github,
}

/// Writes what comes of a check, as it comes where the format allows that.
///
/// Findings go to `out`. For people, problems go to `err`; in all other formats they are part of what `out` gets.
/// `colour` is only for people.
#[derive(Debug)]
pub struct Renderer<O, E> {
    out: O,
    err: E,
    format: Written,
}

#[derive(Debug)]
enum Written {
    Text(text::Text),
    Github,
    /// Formats that begin with what is only known at the end.
    Whole(Format, Outcome),
}

impl<O: Write, E: Write> Renderer<O, E> {
    pub fn new(format: Format, colour: bool, out: O, err: E) -> Renderer<O, E> {
        let format = match format {
            Format::Text => Written::Text(text::Text::new(colour)),
            Format::Github => Written::Github,
            Format::Json | Format::Sarif => Written::Whole(format, Outcome::default()),
        };
        Renderer { out, err, format }
    }

    /// Writes what is left to write.
    pub fn end(self, summary: &Summary) -> io::Result<()> {
        let Renderer { mut out, mut err, format } = self;
        match format {
            Written::Text(text) => text.end(summary, &mut out, &mut err)?,
            Written::Github => {}
            Written::Whole(format, mut outcome) => {
                outcome.summary = *summary;
                match format {
                    Format::Sarif => sarif::render(&outcome, &mut out)?,
                    _ => json::render(&outcome, &mut out)?,
                }
            }
        }
        out.flush()
    }

    /// Lets readers see what is written so far.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()?;
        self.err.flush()
    }
}

impl<O: Write, E: Write> Sink for Renderer<O, E> {
    fn problem(&mut self, problem: Diagnostic) -> io::Result<()> {
        match &mut self.format {
            Written::Text(text) => {
                // Where both streams are one terminal, what came first stands first.
                self.out.flush()?;
                text.problem(problem, &mut self.err)?;
                self.err.flush()
            }
            Written::Github => github::problem(&problem, &mut self.out),
            Written::Whole(_, outcome) => outcome.problem(problem),
        }
    }

    fn finding(&mut self, finding: Finding) -> io::Result<()> {
        match &mut self.format {
            Written::Text(text) => text.finding(&finding, &mut self.out),
            Written::Github => github::finding(&finding, &mut self.out),
            Written::Whole(_, outcome) => outcome.finding(finding),
        }
    }
}

/// Writes an outcome, problems first.
pub fn render(
    outcome: &Outcome,
    format: Format,
    colour: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Json => return json::render(outcome, out),
        Format::Sarif => return sarif::render(outcome, out),
        Format::Text | Format::Github => {}
    }
    let mut renderer = Renderer::new(format, colour, out, err);
    outcome.problems.iter().try_for_each(|problem| renderer.problem(problem.clone()))?;
    outcome.findings.iter().try_for_each(|finding| renderer.finding(finding.clone()))?;
    renderer.end(&outcome.summary)
}

/// Writes problems for people.
pub fn render_problems(problems: &[Diagnostic], colour: bool, err: &mut dyn Write) -> io::Result<()> {
    let mut text = text::Text::new(colour);
    problems.iter().try_for_each(|problem| text.problem(problem.clone(), err))?;
    text.notes(err)?;
    err.flush()
}
