//! Findings of objects mended, each by itself or one after the other.

use super::object::{CheckedObject, Checker, Worker};
use crate::finding::Finding;
use crate::fix::{Fix, Key, Mending, Patient, Rewritten, Verdict, edits, key, read};
use crate::waivers::Annotated;
use kordon::Source;
use kordon::admission::Operation;
use kordon::document::Document;
use std::collections::HashMap;
use std::sync::Arc;

/// In lists longer than this findings do not say by themselves how they are mended: each try reads the whole list again.
const LONGEST_LIST: usize = 64 * 1024;

/// Where an object stands.
pub(super) struct Place {
    pub(super) source: Arc<Source>,
    /// Its number among the documents of the source.
    pub(super) number: usize,
    /// Whether it is the only one.
    pub(super) alone: bool,
}

impl Checker<'_> {
    /// Whether there is something to mend.
    pub(super) fn can_mend(&self, of: &CheckedObject) -> bool {
        self.options.operation != Some(Operation::Delete)
            && of.findings.iter().any(|finding| self.fixes.contains_key(&*finding.policy))
    }

    /// Says of an object's findings how each is mended by itself.
    pub(super) fn offer(&self, worker: &mut Worker, place: &Place, of: &mut CheckedObject) {
        let Place { source, number, alone } = place;
        if !alone && source.text.len() > LONGEST_LIST {
            return;
        }
        let Some(document) = nth(source, &source.text, *number) else { return };
        let verdict = Verdict::of(of);
        let patient = Patient { document: &document, number: *number, verdict: &verdict };
        for finding in &mut of.findings {
            if let Some(made) = self.mend(worker, &patient, finding) {
                finding.mending = Some(match made {
                    Ok(made) => {
                        let edits = edits(source, &made.text);
                        Mending::Offered(Fix { patch: made.patch, edits })
                    }
                    Err(reason) => Mending::Refused(reason),
                });
            }
        }
    }

    /// Mends what can be mended of an object. Findings that stay are left, with the reason where their policy says how
    /// they would be mended.
    pub(super) fn apply(
        &self,
        worker: &mut Worker,
        place: &Place,
        of: &mut CheckedObject,
        rewritten: &mut Option<Rewritten>,
    ) {
        let (source, number) = (&place.source, place.number);
        let mut refused: HashMap<Key, String> = HashMap::new();
        let mut current: Vec<Finding> = of.findings.clone();
        let mut verdict = Verdict::of(of);
        let mut text = rewritten.as_ref().map_or_else(|| source.text.to_string(), |made| made.text.clone());
        loop {
            let next = current.iter().find(|finding| {
                self.fixes.contains_key(&*finding.policy)
                    && !refused.contains_key(&key(finding))
                    && !self.is_waived(&of.waivers, finding)
            });
            let Some(finding) = next else { break };
            let Some(document) = nth(source, &text, number) else { break };
            let patient = Patient { document: &document, number, verdict: &verdict };
            match self.mend(worker, &patient, finding) {
                Some(Ok(made)) => {
                    let Some(document) = nth(source, &made.text, number) else { break };
                    let after = self.check_object(worker, document);
                    verdict = Verdict::of(&after);
                    current = after.findings;
                    text = made.text;
                }
                Some(Err(reason)) => {
                    refused.insert(key(finding), reason);
                }
                None => break,
            }
        }
        let (left, mended): (Vec<Finding>, Vec<Finding>) = std::mem::take(&mut of.findings)
            .into_iter()
            .partition(|finding| verdict.keys.contains(&key(finding)));
        of.findings = left;
        for finding in &mut of.findings {
            finding.mending = refused.get(&key(finding)).cloned().map(Mending::Refused);
        }
        if !mended.is_empty() {
            let source = Arc::clone(source);
            let made = rewritten.get_or_insert(Rewritten { source, text: String::new(), mended: Vec::new() });
            made.text = text;
            made.mended.extend(mended);
        }
    }

    fn mend(
        &self,
        worker: &mut Worker,
        patient: &Patient<'_>,
        finding: &Finding,
    ) -> Option<Result<crate::fix::Made, String>> {
        let template = self.fixes.get(&*finding.policy)?;
        let mut decide = |document: Document| self.verdict(worker, document);
        Some(patient.mend(finding, template, &mut decide))
    }

    fn is_waived(&self, annotated: &Annotated, finding: &Finding) -> bool {
        self.waivers.would_waive(annotated, finding)
    }
}

impl Verdict {
    pub(super) fn of(checked: &CheckedObject) -> Verdict {
        let keys = checked.keys.iter().flatten().cloned();
        Verdict {
            keys: keys.chain(checked.findings.iter().map(key)).collect(),
            problems: checked.problems.len(),
        }
    }
}

fn nth(source: &Source, text: &str, number: usize) -> Option<Document> {
    read(source, text).into_iter().nth(number)?.ok()
}
