//! An outcome for readers: people, programs, code scanning services.

mod github;
mod json;
mod sarif;
mod text;

use crate::check::Outcome;
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

/// Writes findings to `out`. For people, problems go to `err`; in all other formats they are part of what `out` gets.
/// `colour` is only for people.
pub fn render(
    outcome: &Outcome,
    format: Format,
    colour: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Text => text::render(outcome, colour, out, err),
        Format::Json => json::render(outcome, out),
        Format::Sarif => sarif::render(outcome, out),
        Format::Github => github::render(outcome, out),
    }
}

/// Writes problems for people.
pub fn render_problems(problems: &[Diagnostic], colour: bool, err: &mut dyn Write) -> io::Result<()> {
    text::problems(problems, colour, err)
}
