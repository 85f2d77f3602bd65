//! [`Request`]: all that is known about one admission request.

use super::{GroupVersionKind, GroupVersionResource, Kinds, Operation};
use crate::authorization::UserInfo;
use crate::document::{DocumentError, NodeRef, Object, ObjectBuilder, Str};
use crate::source::Span;

/// An admission request.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub uid: String,
    pub kind: GroupVersionKind,
    pub resource: GroupVersionResource,
    pub sub_resource: String,
    pub name: String,
    /// Empty for objects outside of namespaces; for a Namespace its own name, as the API server sets it.
    pub namespace: String,
    pub operation: Operation,
    pub user_info: UserInfo,
    pub dry_run: bool,
    /// The options of the operation; those of the verb when not given.
    pub options: Option<Object>,
    pub object: Option<Object>,
    pub old_object: Option<Object>,
}

impl Request {
    /// The creation of an object, everything else derived from it.
    ///
    /// ```
    /// use kordon::admission::Request;
    /// use kordon::document::{Limits, Object};
    /// let pod = br#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}}"#;
    /// let request = Request::create(Object::from_json(pod, &Limits::default())?);
    /// assert_eq!((request.resource.resource.as_str(), request.namespace.as_str()), ("pods", "default"));
    /// # Ok::<(), kordon::document::DocumentError>(())
    /// ```
    pub fn create(object: Object) -> Request {
        Request::derive(Some(object), None)
    }

    /// A request for an object, its old version, or both: creation, deletion or update.
    pub fn derive(object: Option<Object>, old_object: Option<Object>) -> Request {
        Request::derive_with(&Kinds::default(), object, old_object)
    }

    /// The same where more kinds are known than the built-in ones.
    ///
    /// Kind and name are as written in the object, or the old object when there is none. The namespace is a
    /// Namespace's own name, none for cluster-scoped kinds, and else as written, or `default` when the kind is known
    /// to be namespaced.
    pub fn derive_with(kinds: &Kinds, object: Option<Object>, old_object: Option<Object>) -> Request {
        let operation = match (&object, &old_object) {
            (_, None) => Operation::Create,
            (None, Some(_)) => Operation::Delete,
            (Some(_), Some(_)) => Operation::Update,
        };
        let mut request = Request { operation, object, old_object, ..Request::default() };
        if let Some(shown) = request.object.as_ref().or(request.old_object.as_ref()) {
            let kind = GroupVersionKind::of(shown);
            request.set_kind(kinds, kind);
        }
        request
    }

    /// Says what kind the request is about, and derives resource, name and namespace anew.
    pub fn set_kind(&mut self, kinds: &Kinds, kind: GroupVersionKind) {
        let shown = self.object.as_ref().or(self.old_object.as_ref());
        let metadata = shown.and_then(|object| object.root().field("metadata"));
        let text = |field| metadata.and_then(|metadata| metadata.field(field)).and_then(NodeRef::as_str);
        let name = text("name").unwrap_or_default().to_owned();
        let namespace = text("namespace").unwrap_or_default();
        self.namespace = match kinds.namespaced(&kind.group, &kind.kind) {
            Some(false) if kind.group.is_empty() && kind.kind == "Namespace" => name.clone(),
            Some(false) => String::new(),
            Some(true) if namespace.is_empty() => "default".to_owned(),
            _ => namespace.to_owned(),
        };
        self.name = name;
        self.resource = kinds.resource_of(&kind);
        self.kind = kind;
    }

    /// What the `request` variable of CEL holds, with the kind and resource that the policy was matched with.
    ///
    /// The type of the variable hides `uid`, `object` and `oldObject`, which are always empty or null; through `dyn`
    /// they are seen. Fields with `omitempty` in Go are absent when empty.
    ///
    /// Source: apiserver `pkg/admission/plugin/cel/condition.go`, `CreateAdmissionRequest`; api `admission/v1`.
    pub fn write(
        &self,
        kind: &GroupVersionKind,
        resource: &GroupVersionResource,
        builder: &mut ObjectBuilder,
    ) -> Result<(), DocumentError> {
        let none = Span::default();
        builder.begin_map(none)?;
        builder.key(Str::Owned("uid"), none);
        builder.string(Str::Owned(""), none)?;
        write_kind(builder, "kind", kind)?;
        write_resource(builder, "resource", resource)?;
        text(builder, "subResource", &self.sub_resource)?;
        write_kind(builder, "requestKind", &self.kind)?;
        write_resource(builder, "requestResource", &self.resource)?;
        text(builder, "requestSubResource", &self.sub_resource)?;
        text(builder, "name", &self.name)?;
        text(builder, "namespace", &self.namespace)?;
        text(builder, "operation", self.operation.as_str())?;
        self.write_user(builder)?;
        for absent in ["object", "oldObject"] {
            builder.key(Str::Owned(absent), none);
            builder.null(none)?;
        }
        builder.key(Str::Owned("dryRun"), none);
        builder.bool(self.dry_run, none)?;
        self.write_options(builder)?;
        builder.end(none)
    }

    fn write_user(&self, builder: &mut ObjectBuilder) -> Result<(), DocumentError> {
        let none = Span::default();
        let user = &self.user_info;
        builder.key(Str::Owned("userInfo"), none);
        builder.begin_map(none)?;
        text(builder, "username", &user.username)?;
        text(builder, "uid", &user.uid)?;
        if !user.groups.is_empty() {
            list(builder, "groups", &user.groups)?;
        }
        if !user.extra.is_empty() {
            builder.key(Str::Owned("extra"), none);
            builder.begin_map(none)?;
            for (key, values) in &user.extra {
                list(builder, key, values)?;
            }
            builder.end(none)?;
        }
        builder.end(none)
    }

    fn write_options(&self, builder: &mut ObjectBuilder) -> Result<(), DocumentError> {
        let none = Span::default();
        let kind = match (&self.options, self.operation) {
            (Some(options), _) => {
                builder.key(Str::Owned("options"), none);
                return builder.copy(options.root());
            }
            (None, Operation::Create) => "CreateOptions",
            (None, Operation::Update) => "UpdateOptions",
            (None, Operation::Delete) => "DeleteOptions",
            (None, Operation::Connect) => {
                builder.key(Str::Owned("options"), none);
                return builder.null(none);
            }
        };
        builder.key(Str::Owned("options"), none);
        builder.begin_map(none)?;
        text(builder, "kind", kind)?;
        text(builder, "apiVersion", "meta.k8s.io/v1")?;
        if self.dry_run {
            list(builder, "dryRun", &["All".to_owned()])?;
        }
        builder.end(none)
    }
}

/// A field that is left out when it is empty.
fn text(builder: &mut ObjectBuilder, key: &str, value: &str) -> Result<(), DocumentError> {
    if value.is_empty() {
        return Ok(());
    }
    builder.key(Str::Owned(key), Span::default());
    builder.string(Str::Owned(value), Span::default())
}

fn list(builder: &mut ObjectBuilder, key: &str, values: &[String]) -> Result<(), DocumentError> {
    builder.key(Str::Owned(key), Span::default());
    builder.begin_list(Span::default())?;
    for value in values {
        builder.string(Str::Owned(value), Span::default())?;
    }
    builder.end(Span::default())
}

fn write_kind(builder: &mut ObjectBuilder, key: &str, kind: &GroupVersionKind) -> Result<(), DocumentError> {
    triple(builder, key, [("group", &kind.group), ("version", &kind.version), ("kind", &kind.kind)])
}

fn write_resource(
    builder: &mut ObjectBuilder,
    key: &str,
    resource: &GroupVersionResource,
) -> Result<(), DocumentError> {
    triple(
        builder,
        key,
        [("group", &resource.group), ("version", &resource.version), ("resource", &resource.resource)],
    )
}

fn triple(builder: &mut ObjectBuilder, key: &str, fields: [(&str, &str); 3]) -> Result<(), DocumentError> {
    let none = Span::default();
    builder.key(Str::Owned(key), none);
    builder.begin_map(none)?;
    for (field, value) in fields {
        builder.key(Str::Owned(field), none);
        builder.string(Str::Owned(value), none)?;
    }
    builder.end(none)
}
