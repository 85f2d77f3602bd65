//! One JSON object.

use crate::check::{Outcome, Summary};
use crate::finding::Finding;
use kordon::Diagnostic;
use serde::Serialize;
use std::io::{self, Write};

/// The shape; its version grows when a field changes its meaning or goes away.
#[derive(Serialize)]
struct Document<'o> {
    version: u32,
    summary: &'o Summary,
    findings: &'o [Finding],
    problems: &'o [Diagnostic],
}

pub(super) fn render(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let Outcome { findings, problems, summary, .. } = outcome;
    serde_json::to_writer_pretty(&mut *out, &Document { version: 1, summary, findings, problems })?;
    writeln!(out)?;
    out.flush()
}
