//! CustomResourceDefinitions among the inputs: their rules, and custom resources as they are served.

use crate::admitted::{View, refused_field};
use crate::finding::{Finding, FindingAction};
use kordon::admission::{GroupVersionKind, Request};
use kordon::cel::environment::{Env, Version};
use kordon::crd::{CustomResourceDefinition, CustomResourceStrategy, FieldError};
use kordon::document::{Document, NodeRef, Object};
use kordon::typed::{Options, Scheme};
use kordon::{Diagnostic, Label, Source};
use std::collections::HashMap;
use std::sync::Arc;

/// Custom kinds, as they are served.
#[derive(Debug, Default)]
pub(crate) struct CustomResources {
    kinds: HashMap<GroupVersionKind, (Arc<str>, CustomResourceStrategy)>,
}

impl CustomResources {
    /// Learns the kinds of a definition; what of it cannot be read is returned.
    pub(crate) fn add(&mut self, document: &Document, kubernetes: Version) -> Vec<Diagnostic> {
        if !CustomResourceDefinition::is_definition(document) {
            return Vec::new();
        }
        let definition = match CustomResourceDefinition::from_document(document) {
            Ok(definition) => definition,
            Err(problems) => return problems,
        };
        let name: Arc<str> = definition.name.as_str().into();
        for version in definition.versions {
            let kind = GroupVersionKind::new(&definition.group, &version.name, &definition.kind);
            let strategy =
                CustomResourceStrategy::new(kind.clone(), definition.namespaced, version, kubernetes);
            self.kinds.insert(kind, (Arc::clone(&name), strategy));
        }
        Vec::new()
    }

    /// Whether no kind has rules.
    pub(crate) fn have_no_rules(&self) -> bool {
        !self.kinds.values().any(|(_, strategy)| strategy.has_rules())
    }

    /// How an object is served, if its kind is one of them.
    pub(crate) fn of(&self, object: &Object) -> Option<&CustomResourceStrategy> {
        let field = |name: &str| object.root().field(name).and_then(NodeRef::as_str).unwrap_or_default();
        let kind = GroupVersionKind::from_api_version(field("apiVersion"), field("kind"));
        self.kinds.get(&kind).map(|(_, strategy)| strategy)
    }

    /// What the API server refuses of a custom resource, and the findings of its rules. Rules that do not compile are
    /// findings of the definition. An object that is as it was written is completed first.
    pub(crate) fn check(
        &self,
        request: &Request,
        seen: (View, &Arc<Source>),
        object: &str,
        scheme: Option<&Scheme>,
    ) -> (Vec<Diagnostic>, Vec<Finding>) {
        let (view, source) = seen;
        let (Some((name, strategy)), Some(new)) = (self.kinds.get(&request.kind), &request.object) else {
            return Default::default();
        };
        let complete = |object: &Object| match view {
            View::Admitted => Ok(object.clone()),
            View::Written => {
                strategy.admit(object.root(), scheme, &Options::default()).map(|made| made.object)
            }
        };
        let (Ok(new), Ok(old)) = (complete(new), request.old_object.as_ref().map(complete).transpose())
        else {
            return Default::default();
        };
        let validated = strategy.validate(new.root(), old.as_ref().map(Object::root));
        let refused = validated.errors.iter().filter(|_| view == View::Admitted);
        let refused = refused.map(|error| refused_field(error, object, source)).collect();
        let errors = validated.rules.into_iter().flat_map(|rules| rules.errors);
        let errors = errors.filter(|error| !error.is_of_compiling());
        (refused, errors.map(|error| finding(error, name, source, object)).collect())
    }
}

/// What is wrong with the rules of a definition that is created or updated.
pub(crate) fn check_definition(document: &Document, version: Version, object: &str) -> Vec<Finding> {
    if !CustomResourceDefinition::is_definition(document) {
        return Vec::new();
    }
    let Ok(definition) = CustomResourceDefinition::from_document(document) else { return Vec::new() };
    let errors = definition.check_rules(&Env::kubernetes(version));
    let name = definition.name.as_str().into();
    errors.into_iter().map(|error| finding(error, &name, &document.source, object)).collect()
}

fn finding(error: FieldError, definition: &Arc<str>, source: &Arc<Source>, object: &str) -> Finding {
    let span = error.place(&source.text);
    Finding {
        policy: Arc::clone(definition),
        binding: "".into(),
        param: "".into(),
        index: None,
        action: FindingAction::Deny,
        failed: false,
        message: error.detail,
        reason: "Invalid".into(),
        object: object.to_owned(),
        subject: Arc::default(),
        place: Label { source: Arc::clone(source), span, text: String::new() },
        path: if error.field == "<nil>" { String::new() } else { error.field },
        view: None,
        defaulted: None,
        validation: None,
        explanation: Vec::new(),
        related: Vec::new(),
        fingerprint: String::new(),
        suppression: None,
        mending: None,
    }
}
