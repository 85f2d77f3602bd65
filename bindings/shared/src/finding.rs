//! A finding: one denied validation of one object, at its place.

use crate::admitted::View;
use crate::fix::Mending;
use crate::waivers::Suppression;
use kordon::admission::{GroupVersionKind, Request};
use kordon::document::NodeRef;
use kordon::{Label, Source, Span};
use serde::ser::{Serialize, SerializeStruct, Serializer};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One validation, or one policy as a whole, that does not let an object pass.
#[derive(Clone, Debug)]
pub struct Finding {
    pub policy: Arc<str>,
    pub binding: Arc<str>,
    /// `namespace/name` of the param object, empty without params.
    pub param: Arc<str>,
    /// Which of the policy's validations; `None` for the policy as a whole.
    pub index: Option<u32>,
    pub action: FindingAction,
    /// The expression gave no answer and the policy fails closed.
    pub failed: bool,
    pub message: String,
    /// The reason of the status, such as `Invalid`.
    pub reason: Arc<str>,
    /// The object as kubectl names things: `Deployment shop/web`.
    pub object: String,
    /// The same in parts.
    pub subject: Arc<Subject>,
    /// The value at fault where it is known, else the object.
    pub place: Label,
    /// The field path of the value at fault, empty for the object.
    pub path: String,
    /// The form of the object that was decided; `None` for the rules of custom resources.
    pub view: Option<View>,
    /// What the API server set the value at fault to, as JSON, when it was not written.
    pub defaulted: Option<String>,
    /// The validation that was not met.
    pub validation: Option<Validation>,
    /// What the parts of the expression were, when asked for, in the order of evaluation.
    pub explanation: Vec<Step>,
    /// What it follows from, or what else has a part in it: of rules about several objects.
    pub related: Vec<Related>,
    /// What stays the same when lines move: policy, object, and value at fault.
    pub fingerprint: String,
    /// Why it does not count, when it does not.
    pub suppression: Option<Suppression>,
    /// How it is mended, where its policy says how and that was asked for.
    pub mending: Option<Mending>,
}

/// A part of the reason for a finding, and where it stands unless it is built in.
#[derive(Clone, Debug)]
pub struct Related {
    pub text: String,
    pub place: Option<Label>,
}

/// An object that was checked, as a cluster tells it from others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    pub kind: GroupVersionKind,
    /// Empty for objects of the cluster.
    pub namespace: String,
    /// Empty when the API server makes it up.
    pub name: String,
    pub labels: BTreeMap<String, String>,
}

impl Subject {
    pub(crate) fn of(request: &Request) -> Subject {
        let shown = request.object.as_ref().or(request.old_object.as_ref());
        let metadata = shown.and_then(|object| object.root().field("metadata"));
        let labels = metadata.and_then(|metadata| metadata.field("labels")).and_then(NodeRef::as_map);
        let text = |(key, value): (&str, NodeRef<'_>)| Some((key.to_owned(), value.as_str()?.to_owned()));
        let is_namespace = request.kind.group.is_empty() && request.kind.kind == "Namespace";
        Subject {
            kind: request.kind.clone(),
            namespace: if is_namespace { String::new() } else { request.namespace.clone() },
            name: request.name.clone(),
            labels: labels.into_iter().flat_map(|labels| labels.iter()).filter_map(text).collect(),
        }
    }
}

/// A validation's expression and its place in the policy's file.
#[derive(Clone, Debug)]
pub struct Validation {
    pub expression: Arc<str>,
    pub source: Arc<Source>,
    pub span: Span,
}

/// A part of an expression and what it was.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Step {
    pub expression: String,
    pub value: String,
}

/// What a binding makes of a denied validation; the gravest of its validationActions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingAction {
    Audit,
    Warn,
    Deny,
}

impl FindingAction {
    pub fn as_str(self) -> &'static str {
        match self {
            FindingAction::Audit => "audit",
            FindingAction::Warn => "warn",
            FindingAction::Deny => "deny",
        }
    }
}

impl Finding {
    /// Whether it is neither waived nor in the baseline.
    pub fn counts(&self) -> bool {
        self.suppression.is_none()
    }

    /// What has to be said of a value at fault that is not in the file.
    pub fn note(&self) -> Option<String> {
        Some(format!("`{}` was defaulted to {}", self.path, self.defaulted.as_ref()?))
    }

    pub(crate) fn defaulted_value(&self) -> Option<serde_json::Value> {
        serde_json::from_str(self.defaulted.as_ref()?).ok()
    }

    /// Line and column of the place, both from 1, and the column of its end. A place of several lines counts up to the
    /// end of its first: nobody wants a whole object underlined.
    pub fn region(&self) -> (u32, u32, u32) {
        region(&self.place)
    }
}

/// Where to point at for a value: at its key too when both stand in one line, at the key alone when the value is long.
pub(crate) fn place_of(key: Span, value: Span, source: &Arc<Source>) -> Label {
    let whole = key.to(value);
    let lines = source.text.get(whole.start as usize..whole.end as usize).unwrap_or_default();
    let span = match (key == Span::default(), lines.trim_end().contains('\n')) {
        (true, _) => value,
        (false, true) => key,
        (false, false) => whole,
    };
    Label { source: Arc::clone(source), span, text: String::new() }
}

/// Line, column and end column of a place, see [`Finding::region`].
pub(crate) fn region(place: &Label) -> (u32, u32, u32) {
    let Label { source, span, .. } = place;
    let (line, column) = source.line_column(span.start);
    let (end_line, end_column) = source.line_column(span.end);
    if line == end_line {
        return (line, column, end_column.max(column + 1));
    }
    let length = u32::try_from(source.line(line).trim_end().chars().count()).unwrap_or(u32::MAX);
    (line, column, length.saturating_add(1).max(column + 1))
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (line, column, end_column) = self.region();
        let mut fields = serializer.serialize_struct("Finding", 23)?;
        fields.serialize_field("policy", &*self.policy)?;
        fields.serialize_field("binding", &*self.binding)?;
        if !self.param.is_empty() {
            fields.serialize_field("param", &*self.param)?;
        }
        if let Some(index) = self.index {
            fields.serialize_field("index", &index)?;
        }
        fields.serialize_field("action", self.action.as_str())?;
        fields.serialize_field("evaluation", if self.failed { "error" } else { "deny" })?;
        fields.serialize_field("message", &self.message)?;
        fields.serialize_field("reason", &*self.reason)?;
        fields.serialize_field("object", &self.object)?;
        fields.serialize_field("file", &*self.place.source.name)?;
        fields.serialize_field("line", &line)?;
        fields.serialize_field("column", &column)?;
        fields.serialize_field("endColumn", &end_column)?;
        if !self.path.is_empty() {
            fields.serialize_field("path", &self.path)?;
        }
        if let Some(view) = self.view {
            fields.serialize_field("view", view.as_str())?;
        }
        if let Some(defaulted) = self.defaulted_value() {
            fields.serialize_field("defaulted", &defaulted)?;
        }
        if let Some(validation) = &self.validation {
            fields.serialize_field("expression", &*validation.expression)?;
        }
        if !self.explanation.is_empty() {
            fields.serialize_field("explanation", &self.explanation)?;
        }
        if !self.related.is_empty() {
            fields.serialize_field("related", &self.related)?;
        }
        fields.serialize_field("fingerprint", &self.fingerprint)?;
        if let Some(suppression) = &self.suppression {
            fields.serialize_field("suppressed", suppression)?;
        }
        match &self.mending {
            Some(Mending::Offered(fix)) => fields.serialize_field("fix", fix)?,
            Some(Mending::Refused(reason)) => fields.serialize_field("noFix", reason)?,
            None => {}
        }
        fields.end()
    }
}

impl Serialize for Related {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Related", 4)?;
        fields.serialize_field("message", &self.text)?;
        if let Some(place) = &self.place {
            let (line, column, _) = region(place);
            fields.serialize_field("file", &*place.source.name)?;
            fields.serialize_field("line", &line)?;
            fields.serialize_field("column", &column)?;
        }
        fields.end()
    }
}
