//! Waivers: findings that someone has decided to live with, why, and until when.
//!
//! They stand in annotations of the object or in a file. One that has expired waives nothing, and one that waives nothing
//! is told, so that none outlives its reason.

mod annotation;
mod date;
mod file;

use crate::finding::{Finding, Subject};
use crate::packs;
use kordon::document::Document;
use kordon::{Diagnostic, Label};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::PathBuf;

pub use date::Date;

/// Which waivers count.
#[derive(Clone, Debug, Default)]
pub struct WaiverOptions {
    /// Files with waivers.
    pub files: Vec<PathBuf>,
    /// Whether objects may waive findings of their own by annotations.
    pub annotations: bool,
    /// The day by which waivers expire; without one, all that expire have expired.
    pub today: Option<Date>,
}

/// Why a finding does not count.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Suppression {
    pub by: SuppressedBy,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub owner: String,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "date::serialize")]
    pub expires: Option<Date>,
}

impl Suppression {
    /// `waived until 2027-01-31: the reason`.
    pub fn note(&self) -> String {
        let until = self.expires.map(|day| format!(" until {day}")).unwrap_or_default();
        let by = if self.owner.is_empty() { String::new() } else { format!(" by {}", self.owner) };
        match self.by {
            SuppressedBy::Baseline => "in the baseline".to_owned(),
            _ => format!("waived{by}{until}: {}", self.reason),
        }
    }
}

/// What keeps a finding from counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SuppressedBy {
    /// An annotation of the object.
    Annotation,
    /// A waiver in a file.
    Waiver,
    /// The baseline: it was there before.
    Baseline,
}

/// One policy that is not held against some objects.
#[derive(Clone, Debug)]
struct Waiver {
    policy: String,
    selector: Selector,
    suppression: Suppression,
    place: Label,
    /// How many findings it was for, whether it has expired or not.
    findings: usize,
}

/// Objects by what is written; what is not, is any.
#[derive(Clone, Debug, Default)]
struct Selector {
    namespace: Option<String>,
    /// `Deployment` or `Deployment.apps`.
    kind: Option<String>,
    name: Option<String>,
    labels: BTreeMap<String, String>,
}

/// All waivers of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waivers {
    options: WaiverOptions,
    /// Those of files, by the name of their policy.
    by_policy: HashMap<String, Vec<usize>>,
    in_files: Vec<Waiver>,
    of_objects: Vec<Waiver>,
}

impl Waivers {
    pub(crate) fn read(options: &WaiverOptions, problems: &mut Vec<Diagnostic>) -> Waivers {
        let mut waivers = Waivers { options: options.clone(), ..Waivers::default() };
        for path in &options.files {
            waivers.in_files.extend(file::read(path, problems));
        }
        for (at, waiver) in waivers.in_files.iter().enumerate() {
            waivers.by_policy.entry(waiver.policy.clone()).or_default().push(at);
        }
        waivers
    }

    /// Takes up an object's own waivers; gives where they are.
    pub(crate) fn take(&mut self, annotated: Annotated, problems: &mut Vec<Diagnostic>) -> Range<usize> {
        problems.extend(annotated.problems);
        let from = self.of_objects.len();
        self.of_objects.extend(annotated.waivers);
        from..self.of_objects.len()
    }

    /// Waives a finding if it may be, of an object that has these waivers of its own.
    pub(crate) fn judge(&mut self, own: Range<usize>, finding: &mut Finding) {
        let own = self.of_objects.get_mut(own).into_iter().flatten();
        let own = own.filter(|waiver| waiver.policy == *finding.policy);
        // The whole list is gone through: two waivers for one finding are both in use.
        let all = own.map(|waiver| waive(waiver, finding, self.options.today));
        let mut found: Vec<Option<Suppression>> = all.collect();
        for at in self.by_policy.get(&*finding.policy).into_iter().flatten() {
            let waiver = self.in_files.get_mut(*at);
            found.extend(waiver.map(|waiver| waive(waiver, finding, self.options.today)));
        }
        finding.suppression = found.into_iter().flatten().next();
    }

    /// Whether a finding is waived, without taking note of it.
    pub(crate) fn would_waive(&self, annotated: &Annotated, finding: &Finding) -> bool {
        let own = annotated.waivers.iter().filter(|waiver| waiver.policy == *finding.policy);
        let named = self.by_policy.get(&*finding.policy).into_iter().flatten();
        own.chain(named.filter_map(|at| self.in_files.get(*at)))
            .any(|waiver| waiver.selector.takes(&finding.subject) && !waiver.has_expired(self.options.today))
    }

    /// What is to be said of waivers in the end. Of policies that were not among these `policies`, nothing can be said.
    pub(crate) fn problems(&self, has_policy: &dyn Fn(&str) -> bool) -> Vec<Diagnostic> {
        let all = self.in_files.iter().chain(&self.of_objects);
        all.filter_map(|waiver| {
            let Waiver { policy, findings, place, .. } = waiver;
            let (code, message, help) = match waiver.suppression.expires {
                Some(day) if waiver.has_expired(self.options.today) => {
                    let stands = match findings {
                        0 => "and waives nothing".to_owned(),
                        1 => "1 finding stands".to_owned(),
                        many => format!("{many} findings stand"),
                    };
                    let message = format!("the waiver of policy `{policy}` expired on {day}: {stands}");
                    ("expired-waiver", message, "mend what is found, or decide anew")
                }
                _ if *findings > 0 => return None,
                _ if has_policy(policy) => {
                    let message = format!("the waiver of policy `{policy}` waives nothing");
                    ("unused-waiver", message, "remove it")
                }
                _ if packs::is_carried(policy) || policy.contains(['/', '.']) => return None,
                _ => {
                    let message =
                        format!("the waiver is of policy `{policy}`, which is not among the inputs");
                    ("unused-waiver", message, "see whether the name is right")
                }
            };
            Some(Diagnostic::warning(code, message).at(&place.source, place.span).help(help))
        })
        .collect()
    }
}

/// The waivers of one object, and what is wrong with its annotations.
#[derive(Debug, Default)]
pub(crate) struct Annotated {
    waivers: Vec<Waiver>,
    problems: Vec<Diagnostic>,
}

impl Annotated {
    pub(crate) fn of(document: &Document) -> Annotated {
        annotation::read(document)
    }
}

impl Waiver {
    fn has_expired(&self, today: Option<Date>) -> bool {
        self.suppression.expires.is_some_and(|day| today.is_none_or(|today| today > day))
    }
}

fn waive(waiver: &mut Waiver, finding: &Finding, today: Option<Date>) -> Option<Suppression> {
    if !waiver.selector.takes(&finding.subject) {
        return None;
    }
    waiver.findings += 1;
    (!waiver.has_expired(today)).then(|| waiver.suppression.clone())
}

impl Selector {
    fn takes(&self, subject: &Subject) -> bool {
        let is = |wanted: &Option<String>, value: &str| wanted.as_ref().is_none_or(|wanted| wanted == value);
        let kind = &subject.kind;
        let is_kind = match &self.kind {
            Some(wanted) if wanted.contains('.') => *wanted == format!("{}.{}", kind.kind, kind.group),
            wanted => is(wanted, &kind.kind),
        };
        is_kind
            && is(&self.namespace, &subject.namespace)
            && is(&self.name, &subject.name)
            && self.labels.iter().all(|(key, value)| subject.labels.get(key) == Some(value))
    }
}

#[cfg(test)]
mod tests;
