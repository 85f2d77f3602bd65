//! Rules about several objects at once: which are asked for, the objects that they see, and what is found.
//!
//! Objects are kept only when a rule is asked for.

use crate::admitted::View;
use crate::baseline::fingerprint;
use crate::finding::{Finding, FindingAction, Related, Subject, place_of};
use kordon::admission::Request;
use kordon::analysis::{ANALYSES, Cluster, Observation};
use kordon::document::{Document, NodeRef, Object};
use kordon::{Diagnostic, Fault, Source, Span};
use std::sync::Arc;

/// A ClusterRule: that a rule of the core is to be held, and what follows when it is not.
#[derive(Clone, Debug)]
pub struct ClusterRule {
    pub name: String,
    /// The gravest of its validationActions.
    pub action: FindingAction,
    pub source: Arc<Source>,
    pub span: Span,
}

impl ClusterRule {
    pub fn is_rule(object: &Object) -> bool {
        let field = |name: &str| object.root().field(name).and_then(NodeRef::as_str).unwrap_or_default();
        field("apiVersion").starts_with("kordon.dev/") && field("kind") == "ClusterRule"
    }

    /// Reads one. Fields that are not known are errors: a misspelt one would silently not count.
    pub fn from_document(document: &Document) -> Result<ClusterRule, Diagnostic> {
        let root = document.object.root();
        let at = |code: &'static str, message: String, node: NodeRef<'_>| {
            Diagnostic::error(code, message).at(&document.source, node.span())
        };
        let known = [
            (Some(root), &["apiVersion", "kind", "metadata", "spec"][..]),
            (root.field("spec"), &["validationActions"]),
        ];
        for (node, names) in known {
            let fields = node.and_then(NodeRef::as_map).into_iter().flat_map(|fields| fields.iter());
            if let Some((name, node)) = fields.into_iter().find(|(name, _)| !names.contains(name)) {
                let problem = Diagnostic::error("unknown-field", format!("unknown field `{name}`"));
                return Err(problem.at(&document.source, node.key_span()));
            }
        }
        let name = root.field("metadata").and_then(|metadata| metadata.field("name"));
        let Some(name) = name else {
            return Err(at("broken-rule", "a ClusterRule needs `metadata.name`".to_owned(), root));
        };
        let text = name.as_str().unwrap_or_default();
        if !rules().any(|rule| rule == text) {
            let problem = at("unknown-rule", format!("no rule is named `{text}`"), name);
            return Err(
                problem.help("`kordon list` shows the rules of the packs whose name begins with cluster-")
            );
        }
        let actions = root.field("spec").and_then(|spec| spec.field("validationActions"));
        let mut action = FindingAction::Deny;
        if let Some(node) = actions {
            let all = node.as_list().into_iter().flat_map(|list| list.iter());
            let read: Option<Vec<FindingAction>> = all.map(action_of).collect();
            action = match read.and_then(|actions| actions.into_iter().max()) {
                Some(action) => action,
                None => {
                    let message = "`validationActions` are some of Deny, Warn and Audit".to_owned();
                    return Err(at("broken-rule", message, node));
                }
            };
        }
        Ok(ClusterRule {
            name: text.to_owned(),
            action,
            source: Arc::clone(&document.source),
            span: root.span(),
        })
    }
}

fn action_of(node: NodeRef<'_>) -> Option<FindingAction> {
    match node.as_str()? {
        "Deny" => Some(FindingAction::Deny),
        "Warn" => Some(FindingAction::Warn),
        "Audit" => Some(FindingAction::Audit),
        _ => None,
    }
}

/// The names of all rules.
pub(crate) fn rules() -> impl Iterator<Item = &'static str> {
    ANALYSES.iter().flat_map(|analysis| analysis.rules.iter().copied())
}

/// Rules that are asked for, and the objects that they are about.
#[derive(Debug, Default)]
pub(crate) struct ClusterCheck {
    rules: Vec<ClusterRule>,
    kept: Vec<Kept>,
}

/// An object as policies see it.
#[derive(Debug)]
pub(crate) struct Kept {
    object: Object,
    source: Arc<Source>,
    view: View,
    namespace: String,
    subject: Arc<Subject>,
    /// One that is not checked is only there for others.
    checked: bool,
}

impl Kept {
    pub(crate) fn new(request: Request, source: Arc<Source>, view: View, checked: bool) -> Option<Kept> {
        let subject = Arc::new(Subject::of(&request));
        let Request { object, namespace, .. } = request;
        Some(Kept { object: object?, source, view, namespace, subject, checked })
    }
}

impl ClusterCheck {
    pub(crate) fn new(rules: Vec<ClusterRule>) -> ClusterCheck {
        ClusterCheck { rules, kept: Vec::new() }
    }

    /// Whether objects are to be kept.
    pub(crate) fn is_active(&self) -> bool {
        !self.rules.is_empty()
    }

    pub(crate) fn keep(&mut self, kept: Kept) {
        self.kept.push(kept);
    }

    /// What the rules find, in the order of the objects, and which object each finding is of.
    pub(crate) fn findings(&self) -> Vec<(usize, Finding)> {
        if !self.is_active() {
            return Vec::new();
        }
        let members = self.kept.iter().map(|kept| (&kept.object, kept.namespace.as_str(), kept.checked));
        let cluster = Cluster::new(members);
        let mut observations = Vec::new();
        for analysis in ANALYSES {
            if analysis.rules.iter().any(|rule| self.action(rule).is_some()) {
                observations.extend((analysis.run)(&cluster));
            }
        }
        observations.sort_by_key(|observation| observation.member);
        let found = observations.iter();
        found.filter_map(|found| Some((found.member, self.finding(found, &cluster)?))).collect()
    }

    fn action(&self, rule: &str) -> Option<FindingAction> {
        self.rules.iter().find(|asked| asked.name == rule).map(|asked| asked.action)
    }

    /// `None` for a rule that is not asked for, and for an object that is not checked.
    fn finding(&self, observation: &Observation<'_>, cluster: &Cluster<'_>) -> Option<Finding> {
        let action = self.action(observation.rule)?;
        let kept = self.kept.get(observation.member).filter(|kept| kept.checked)?;
        let member = cluster.members().get(observation.member)?;
        let Fault { path, key, value, defaulted } = Fault::at(&kept.object, observation.at);
        let related = observation.steps.iter().map(|step| Related {
            text: step.text.clone(),
            place: step.place.and_then(|(index, node)| {
                let other = self.kept.get(index)?;
                let Fault { key, value, .. } = Fault::at(&other.object, node);
                Some(place_of(key, value, &other.source))
            }),
        });
        let mut finding = Finding {
            policy: observation.rule.into(),
            binding: "".into(),
            param: "".into(),
            index: None,
            action,
            failed: false,
            message: observation.message.clone(),
            reason: "Invalid".into(),
            object: member.title(),
            place: place_of(key, value, &kept.source),
            path,
            view: Some(kept.view),
            defaulted,
            validation: None,
            explanation: Vec::new(),
            related: related.collect(),
            subject: Arc::clone(&kept.subject),
            fingerprint: String::new(),
            suppression: None,
            mending: None,
        };
        finding.fingerprint = fingerprint(&finding, Some(&kept.object));
        Some(finding)
    }
}
