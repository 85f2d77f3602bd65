//! The CEL environment of a policy: which variables there are and what types they have.
//!
//! Source: apiserver `pkg/admission/plugin/cel/compile.go` and `composition.go`.

use crate::cel::environment::{Env, ObjectType, Version};
use crate::cel::types::Type;

/// Places of a policy's variables in an activation. `params` is only there with a `paramKind`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slots {
    pub(crate) params: bool,
}

impl Slots {
    pub(crate) const OBJECT: usize = 0;
    pub(crate) const OLD_OBJECT: usize = 1;
    pub(crate) const NAMESPACE: usize = 2;
    pub(crate) const REQUEST: usize = 3;
    const PARAMS: usize = 5;
    /// How many there are at most.
    pub(crate) const MOST: usize = 8;

    pub(crate) fn params(self) -> Option<usize> {
        self.params.then_some(Slots::PARAMS)
    }

    pub(crate) fn authorizer(self) -> usize {
        Slots::PARAMS + usize::from(self.params)
    }

    pub(crate) fn request_resource(self) -> usize {
        self.authorizer() + 1
    }
}

const VARIABLES: &str = "kubernetes.variables";

/// The environment without composed variables; `authorizer` is not there for message expressions.
pub(super) fn environment(version: Version, slots: Slots, authorizer: bool) -> Env {
    let text = Type::String;
    let texts = || Type::list(Type::String);
    let object = |name: &'static str| Type::Struct(name.into());
    let kind =
        |field: &'static str| [("group", Type::String), ("version", Type::String), (field, Type::String)];
    let mut env = Env::kubernetes(version)
        .with_variable("object", Type::Dyn)
        .with_variable("oldObject", Type::Dyn)
        .with_variable("namespaceObject", object("kubernetes.Namespace"))
        .with_variable("request", object("kubernetes.AdmissionRequest"))
        .with_variable("variables", object(VARIABLES))
        .with_object(ObjectType::new("kubernetes.GroupVersionKind", kind("kind")))
        .with_object(ObjectType::new("kubernetes.GroupVersionResource", kind("resource")))
        .with_object(ObjectType::new(
            "kubernetes.UserInfo",
            [
                ("username", text.clone()),
                ("uid", text.clone()),
                ("groups", texts()),
                ("extra", Type::map(Type::String, texts())),
            ],
        ))
        .with_object(ObjectType::new(
            "kubernetes.AdmissionRequest",
            [
                ("kind", object("kubernetes.GroupVersionKind")),
                ("resource", object("kubernetes.GroupVersionResource")),
                ("subResource", text.clone()),
                ("requestKind", object("kubernetes.GroupVersionKind")),
                ("requestResource", object("kubernetes.GroupVersionResource")),
                ("requestSubResource", text.clone()),
                ("name", text.clone()),
                ("namespace", text.clone()),
                ("operation", text.clone()),
                ("userInfo", object("kubernetes.UserInfo")),
                ("dryRun", Type::Bool),
                ("options", Type::Dyn),
            ],
        ))
        .with_object(ObjectType::new(VARIABLES, []));
    env = namespace_types(env);
    if slots.params {
        env = env.with_variable("params", Type::Dyn);
    }
    if authorizer {
        env = env
            .with_variable("authorizer", object("kubernetes.authorization.Authorizer"))
            .with_variable("authorizer.requestResource", object("kubernetes.authorization.ResourceCheck"));
    }
    env
}

fn namespace_types(env: Env) -> Env {
    let text = Type::String;
    let texts = || Type::list(Type::String);
    let object = |name: &'static str| Type::Struct(name.into());
    let labels = || Type::map(Type::String, Type::String);
    env.with_object(ObjectType::new(
        "kubernetes.Namespace",
        [
            ("metadata", object("kubernetes.NamespaceMetadata")),
            ("spec", object("kubernetes.NamespaceSpec")),
            ("status", object("kubernetes.NamespaceStatus")),
        ],
    ))
    .with_object(ObjectType::new("kubernetes.NamespaceSpec", [("finalizers", texts())]))
    .with_object(ObjectType::new(
        "kubernetes.NamespaceStatus",
        [("conditions", Type::list(object("kubernetes.NamespaceCondition"))), ("phase", text.clone())],
    ))
    .with_object(ObjectType::new(
        "kubernetes.NamespaceCondition",
        [
            ("status", text.clone()),
            ("type", text.clone()),
            ("lastTransitionTime", Type::Timestamp),
            ("message", text.clone()),
            ("reason", text.clone()),
        ],
    ))
    .with_object(ObjectType::new(
        "kubernetes.NamespaceMetadata",
        [
            ("name", text.clone()),
            ("generateName", text.clone()),
            ("namespace", text.clone()),
            ("labels", labels()),
            ("annotations", labels()),
            ("UID", text.clone()),
            ("creationTimestamp", Type::Timestamp),
            ("deletionGracePeriodSeconds", Type::Int),
            ("deletionTimestamp", Type::Timestamp),
            ("generation", Type::Int),
            ("resourceVersion", text),
            ("finalizers", texts()),
        ],
    ))
}

/// The environment with one more composed variable; `None` is the type of one that does not compile.
pub(super) fn with_variable(
    env: Env,
    fields: &mut Vec<(String, Type)>,
    name: &str,
    kind: Option<&Type>,
) -> Env {
    let declared = kind.map_or(Type::Dyn, declared);
    fields.push((name.to_owned(), declared));
    let all = fields.iter().map(|(name, kind)| (name.as_str(), kind.clone()));
    env.with_object(ObjectType::new(VARIABLES, all)).with_lazy("variables", name)
}

/// What later expressions know about a variable's type: Kubernetes' types and optionals are `dyn`.
fn declared(kind: &Type) -> Type {
    match kind {
        Type::Any
        | Type::Bool
        | Type::Bytes
        | Type::Double
        | Type::Duration
        | Type::Int
        | Type::Null
        | Type::String
        | Type::Timestamp
        | Type::Uint => kind.clone(),
        Type::List(element) => Type::list(declared(element)),
        Type::Map(key, value) => Type::map(declared(key), declared(value)),
        _ => Type::Dyn,
    }
}
