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
const AUTHORIZER: &str = "kubernetes.authorization.Authorizer";

/// The environment without composed variables; `authorizer` is not there for message expressions.
pub(crate) fn environment(types: Env, slots: Slots, authorizer: bool) -> Env {
    let env = with_objects(types, Type::Dyn, slots.params.then_some(Type::Dyn));
    if !authorizer {
        return env;
    }
    let object = |name: &'static str| Type::Struct(name.into());
    env.with_variable("authorizer", object(AUTHORIZER))
        .with_variable("authorizer.requestResource", object("kubernetes.authorization.ResourceCheck"))
}

/// The environment of the type checker, which is another: it knows what objects and params are, and of `authorizer`
/// only the variable itself, in message expressions too.
///
/// Source: apiserver `pkg/admission/plugin/policy/validating/typechecking.go`, `buildEnvSet`.
pub(crate) fn type_checking(types: Env, object: Type, params: Option<Type>) -> Env {
    with_objects(types, object, params).with_variable("authorizer", Type::Struct(AUTHORIZER.into()))
}

/// The variables, in the order of [`Slots`].
fn with_objects(types: Env, object: Type, params: Option<Type>) -> Env {
    let named = |name: &'static str| Type::Struct(name.into());
    let env = types
        .with_variable("object", object.clone())
        .with_variable("oldObject", object)
        .with_variable("namespaceObject", named("kubernetes.Namespace"))
        .with_variable("request", named("kubernetes.AdmissionRequest"))
        .with_variable("variables", named(VARIABLES));
    match params {
        Some(params) => env.with_variable("params", params),
        None => env,
    }
}

/// The types that every policy has.
pub(crate) fn types(version: Version) -> Env {
    let text = Type::String;
    let texts = || Type::list(Type::String);
    let object = |name: &'static str| Type::Struct(name.into());
    let kind =
        |field: &'static str| [("group", Type::String), ("version", Type::String), (field, Type::String)];
    let env = Env::kubernetes(version)
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
    namespace_types(env)
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
pub(crate) fn with_variable(env: Env, name: &str, kind: Option<&Type>) -> Env {
    let declared = kind.map_or(Type::Dyn, declared);
    env.with_field(VARIABLES, name, declared).with_lazy("variables", name)
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
