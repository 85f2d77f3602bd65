//! CustomResourceDefinitions among the inputs: their rules, and custom resources held against them.

use crate::finding::{Finding, FindingAction};
use kordon::admission::{GroupVersionKind, Request};
use kordon::cel::environment::{Env, Version};
use kordon::crd::{CustomResourceDefinition, FieldError, Inputs, Validator, with_defaults};
use kordon::document::{Document, Object};
use kordon::{Diagnostic, Label, Source, Span};
use std::collections::HashMap;
use std::sync::Arc;

/// The rules of custom kinds.
#[derive(Debug, Default)]
pub(crate) struct CustomRules {
    kinds: HashMap<GroupVersionKind, (Arc<str>, Validator)>,
}

impl CustomRules {
    /// Learns the rules of a definition; what of it cannot be read is returned.
    pub(crate) fn add(&mut self, document: &Document) -> Vec<Diagnostic> {
        if !CustomResourceDefinition::is_definition(document) {
            return Vec::new();
        }
        let definition = match CustomResourceDefinition::from_document(document) {
            Ok(definition) => definition,
            Err(problems) => return problems,
        };
        let name: Arc<str> = definition.name.as_str().into();
        let env = Env::kubernetes(Version::NEWEST);
        for version in definition.versions {
            let validator = Validator::new(version.schema, true, &env);
            if !validator.is_empty() {
                let kind = GroupVersionKind::new(&definition.group, &version.name, &definition.kind);
                self.kinds.insert(kind, (Arc::clone(&name), validator));
            }
        }
        Vec::new()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// What the rules of its kind find in a custom resource. Rules that do not compile are findings of the definition.
    pub(crate) fn check(&self, request: &Request, source: &Arc<Source>, object: &str) -> Vec<Finding> {
        let (Some((name, validator)), Some(new)) = (self.kinds.get(&request.kind), &request.object) else {
            return Vec::new();
        };
        let defaulted = |object: &Object| with_defaults(object.root(), validator.schema());
        let old = request.old_object.as_ref().map(defaulted).transpose();
        // What is too deep to be copied is too deep to be read.
        let (Ok(new), Ok(old)) = (defaulted(new), old) else { return Vec::new() };
        let inputs = match &old {
            Some(old) => Inputs::update(new.root(), old.root()),
            None => Inputs::create(new.root()),
        };
        let outcome = validator.validate(&inputs);
        let errors = outcome.errors.into_iter().filter(|error| !error.is_of_compiling());
        errors.map(|error| finding(error, name, source, object)).collect()
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
    let whole = error.key.to(error.span);
    let lines = source.text.get(whole.start as usize..whole.end as usize).unwrap_or_default();
    let span = match (error.key == Span::default(), lines.trim_end().contains('\n')) {
        (true, _) => error.span,
        (false, true) => error.key,
        (false, false) => whole,
    };
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
        place: Label { source: Arc::clone(source), span, text: String::new() },
        path: if error.field == "<nil>" { String::new() } else { error.field },
        view: None,
        defaulted: None,
        validation: None,
        explanation: Vec::new(),
    }
}
