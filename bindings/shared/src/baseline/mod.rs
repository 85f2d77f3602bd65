//! The baseline: findings that were there when it was written. Only others count.
//!
//! ```yaml
//! apiVersion: kordon.dev/v1alpha1
//! kind: Baseline
//! findings:
//! - {policy: no-host-path, object: Deployment shop/web, path: "spec…", fingerprint: 9f86d081884c7d65…, count: 1}
//! ```

mod fingerprint;

use crate::decode::{self, Decoder};
use crate::finding::Finding;
use crate::waivers::{SuppressedBy, Suppression};
use kordon::document::{NodeRef, NodeValue};
use kordon::{Diagnostic, Severity};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::path::Path;

pub(crate) use fingerprint::fingerprint;

const CODE: &str = "broken-baseline";

/// How often each fingerprint is still to be found.
#[derive(Debug, Default)]
pub(crate) struct Baseline(HashMap<String, u64>);

impl Baseline {
    pub(crate) fn read(path: &Path, problems: &mut Vec<Diagnostic>) -> Baseline {
        let (documents, told) = decode::read(path, CODE);
        problems.extend(told);
        let mut baseline = Baseline::default();
        for document in &documents {
            let mut decoder = Decoder::new(&document.source, CODE);
            let root = document.object.root();
            decoder.head(root, "Baseline", "findings");
            match root.field("findings").map(|list| (list, list.as_list())) {
                Some((_, Some(list))) => {
                    for (at, entry) in list.iter().enumerate() {
                        baseline.add(&mut decoder, entry, &format!("findings[{at}]"));
                    }
                }
                Some((other, None)) => decoder.problem(other.span(), "`findings` must be a list"),
                None => decoder.problem(root.span(), "`findings` is required"),
            }
            problems.extend(decoder.problems);
        }
        baseline
    }

    fn add(&mut self, decoder: &mut Decoder<'_>, entry: NodeRef<'_>, path: &str) {
        decoder.fields(entry, path, &["policy", "object", "path", "fingerprint", "count"]);
        let fingerprint = decoder.required(entry, path, "fingerprint");
        let count = entry.field("count").map_or(Some(1), |count| match count.value() {
            NodeValue::Int(count) => u64::try_from(count).ok().filter(|&count| count > 0),
            _ => None,
        });
        match count {
            Some(count) => {
                let known = self.0.entry(fingerprint).or_default();
                *known = known.saturating_add(count);
            }
            None => {
                let span = entry.field("count").map_or(entry.span(), NodeRef::span);
                decoder.problem(span, format!("`{path}.count` must be a number of at least 1"));
            }
        }
    }

    /// Takes a finding for known as often as the baseline has it.
    pub(crate) fn judge(&mut self, finding: &mut Finding) {
        let Some(left) = self.0.get_mut(&finding.fingerprint).filter(|left| **left > 0) else { return };
        *left -= 1;
        if finding.suppression.is_none() {
            let (reason, owner) = ("it is in the baseline".to_owned(), String::new());
            let by = SuppressedBy::Baseline;
            finding.suppression = Some(Suppression { by, reason, owner, expires: None });
        }
    }

    /// What is to be said in the end of findings that were not there any more.
    pub(crate) fn problem(&self) -> Option<Diagnostic> {
        let gone: u64 = self.0.values().sum();
        let message = format!("{gone} findings of the baseline are gone");
        let note = Diagnostic::new(Severity::Note, "stale-baseline", message);
        (gone > 0).then(|| note.help("write it anew with `--write-baseline`"))
    }
}

/// Takes down all findings but those that are waived.
#[derive(Clone, Debug, Default)]
pub struct NewBaseline(BTreeMap<[String; 4], u64>);

impl NewBaseline {
    pub fn add(&mut self, finding: &Finding) {
        let by = finding.suppression.as_ref().map(|suppression| suppression.by);
        if by.is_none_or(|by| by == SuppressedBy::Baseline) {
            let Finding { object, policy, path, fingerprint, .. } = finding;
            let key = [object.clone(), policy.to_string(), path.clone(), fingerprint.clone()];
            *self.0.entry(key).or_default() += 1;
        }
    }

    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let entries = self.0.iter().map(|([object, policy, path, fingerprint], count)| {
            json!({"policy": policy, "object": object, "path": path, "fingerprint": fingerprint, "count": count})
        });
        let findings: Vec<serde_json::Value> = entries.collect();
        let document = json!({"apiVersion": decode::API_VERSION, "kind": "Baseline", "findings": findings});
        let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
        let text = serde_saphyr::to_string_with_options(&document, options);
        out.write_all(text.map_err(io::Error::other)?.as_bytes())?;
        out.flush()
    }
}
