//! Pods among the inputs, held against a level that was asked for or against what their namespaces ask for.

use crate::admitted::View;
use crate::finding::{Finding, FindingAction, place_of};
use kordon::admission::{Operation, Request};
use kordon::document::{Document, NodeRef, Object};
use kordon::pod_security::{
    Evaluator, InvalidLabel, Level, LevelVersion, Mode, PodKind, Policy, is_significant_update,
};
use kordon::{Fault, Source};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What to hold pods against.
#[derive(Debug)]
pub(crate) struct PodSecurityCheck {
    evaluator: Evaluator,
    /// For all pods, whatever their namespaces ask for.
    asked: Option<LevelVersion>,
    /// What namespaces among the inputs ask for.
    namespaces: HashMap<String, Policy>,
}

impl PodSecurityCheck {
    pub(crate) fn new<'d>(
        minor: u16,
        asked: Option<LevelVersion>,
        objects: impl Iterator<Item = &'d Document>,
    ) -> PodSecurityCheck {
        let namespaces = objects.filter(|document| is_namespace(&document.object)).filter_map(|document| {
            let root = document.object.root();
            let name = root.field("metadata")?.field("name")?.as_str()?;
            let (policy, _) = Policy::of_namespace(root, Policy::default());
            (!policy.is_fully_privileged()).then(|| (name.to_owned(), policy))
        });
        PodSecurityCheck { evaluator: Evaluator::emulating(minor), asked, namespaces: namespaces.collect() }
    }

    /// Whether there is anything to hold pods against.
    pub(crate) fn is_active(&self) -> bool {
        self.asked.is_some() || !self.namespaces.is_empty()
    }

    pub(crate) fn check(
        &self,
        request: &Request,
        source: &Arc<Source>,
        view: View,
        name: &str,
    ) -> Vec<Finding> {
        let Some(object) = &request.object else { return Vec::new() };
        let mut made = Made { object, source, view, name, findings: Vec::new() };
        if !matches!(request.operation, Operation::Create | Operation::Update) {
            return made.findings;
        }
        if is_namespace(object) {
            let (_, invalid) = Policy::of_namespace(object.root(), Policy::default());
            invalid.iter().for_each(|label| made.invalid(label, &request.name));
        }
        let Some(kind) = PodKind::of(object) else { return made.findings };
        let Some(pod) = kind.pod() else { return made.findings };
        let is_pod = matches!(kind, PodKind::Pod(_));
        let old = request.old_object.as_ref().and_then(PodKind::of).and_then(PodKind::pod);
        if is_pod
            && request.operation == Operation::Update
            && old.is_some_and(|old| !is_significant_update(pod, old))
        {
            return made.findings;
        }
        let mut told = HashSet::new();
        for (action, asked) in self.demands(&request.namespace, is_pod) {
            for violation in self.evaluator.evaluate(asked, pod) {
                let text = violation.text();
                // What is denied is not warned of too.
                if told.insert((violation.check, text.clone())) {
                    let verb = if action == FindingAction::Deny { "violates" } else { "would violate" };
                    let message = format!("{verb} PodSecurity \"{asked}\": {text}");
                    let fault = violation.at.first().copied().unwrap_or_else(|| object.root());
                    made.add(violation.check, action, asked, message, fault);
                }
            }
        }
        made.findings
    }

    /// What is to be done about which level, the gravest first. The API server refuses only pods themselves.
    fn demands(&self, namespace: &str, is_pod: bool) -> Vec<(FindingAction, LevelVersion)> {
        if let Some(asked) = self.asked {
            return vec![(FindingAction::Deny, asked)];
        }
        let Some(policy) = self.namespaces.get(namespace) else { return Vec::new() };
        let all = [
            (FindingAction::Deny, Mode::Enforce),
            (FindingAction::Warn, Mode::Warn),
            (FindingAction::Audit, Mode::Audit),
        ];
        let asked = all.into_iter().filter(|(_, mode)| is_pod || *mode != Mode::Enforce);
        asked
            .map(|(action, mode)| (action, policy.of(mode)))
            .filter(|(_, asked)| asked.level != Level::Privileged)
            .collect()
    }
}

/// Findings of one object.
struct Made<'o> {
    object: &'o Object,
    source: &'o Arc<Source>,
    view: View,
    name: &'o str,
    findings: Vec<Finding>,
}

impl Made<'_> {
    fn invalid(&mut self, label: &InvalidLabel<'_>, name: &str) {
        let message = format!("Namespace \"{name}\" is invalid: {}", label.message());
        self.add("namespaceLabels", FindingAction::Deny, LevelVersion::default(), message, label.node);
    }

    fn add(
        &mut self,
        check: &str,
        action: FindingAction,
        asked: LevelVersion,
        message: String,
        fault: NodeRef<'_>,
    ) {
        let Fault { path, key, value, defaulted } = Fault::at(self.object, fault);
        let is_level = asked.level != Level::Privileged;
        self.findings.push(Finding {
            policy: format!("pod-security/{check}").into(),
            binding: if is_level { asked.to_string().into() } else { "".into() },
            param: "".into(),
            index: None,
            action,
            failed: false,
            message,
            reason: if is_level { "Forbidden".into() } else { "Invalid".into() },
            object: self.name.to_owned(),
            subject: Arc::default(),
            place: place_of(key, value, self.source),
            path,
            view: Some(self.view),
            defaulted,
            validation: None,
            explanation: Vec::new(),
            related: Vec::new(),
            fingerprint: String::new(),
            suppression: None,
            mending: None,
        });
    }
}

fn is_namespace(object: &Object) -> bool {
    let text = |name: &str| object.root().field(name).and_then(NodeRef::as_str);
    text("apiVersion") == Some("v1") && text("kind") == Some("Namespace")
}
