//! One JSON object.

use crate::check::{Outcome, Summary};
use crate::decided::DecidedObject;
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
    #[serde(skip_serializing_if = "Option::is_none")]
    decisions: Option<&'o [DecidedObject]>,
}

pub(super) fn render(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let Outcome { findings, problems, summary, decisions, .. } = outcome;
    let decisions = decisions.as_deref();
    serde_json::to_writer_pretty(
        &mut *out,
        &Document { version: 1, summary, findings, problems, decisions },
    )?;
    writeln!(out)?;
    out.flush()
}
