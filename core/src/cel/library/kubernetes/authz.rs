//! Questions to the authorizer. Source: apiserver `library/authz.go`.

use crate::authorization::{Attributes, Decision as Outcome, Target, User};
use crate::cel::estimate::{CallEstimate, CostEstimate, EstimateCall};
use crate::cel::library::{CallCost, Function, Library, Overload};
use crate::cel::value::{
    Arena, Authorizer, Decision, Error, GroupCheck, Opaque, PathCheck, ResourceCheck, Result, Val,
};

/// What one check costs: two of them fit into the budget of an expression.
const CHECK: CallCost = |_, _| 350_000;

/// Since 1.27.
pub fn library() -> Library {
    let o = Overload::new;
    let narrow = |name, id, body| {
        let signature =
            "kubernetes.authorization.ResourceCheck.(string) -> kubernetes.authorization.ResourceCheck";
        Function::new(name, vec![o(id, signature, body)])
    };
    Library::new(vec![
        Function::new(
            "path",
            vec![o(
                "authorizer_path",
                "kubernetes.authorization.Authorizer.(string) -> kubernetes.authorization.PathCheck",
                path,
            )],
        ),
        Function::new(
            "group",
            vec![o(
                "authorizer_group",
                "kubernetes.authorization.Authorizer.(string) -> kubernetes.authorization.GroupCheck",
                group,
            )],
        ),
        Function::new(
            "serviceAccount",
            vec![o(
                "authorizer_serviceaccount",
                "kubernetes.authorization.Authorizer.(string, string) -> kubernetes.authorization.Authorizer",
                service_account,
            )],
        ),
        Function::new(
            "resource",
            vec![o(
                "groupcheck_resource",
                "kubernetes.authorization.GroupCheck.(string) -> kubernetes.authorization.ResourceCheck",
                resource,
            )],
        ),
        narrow("subresource", "resourcecheck_subresource", |a, v| {
            with(a, v, |check, subresource| ResourceCheck { subresource, ..check })
        }),
        narrow("namespace", "resourcecheck_namespace", |a, v| {
            with(a, v, |check, namespace| ResourceCheck { namespace, ..check })
        }),
        narrow("name", "resourcecheck_name", |a, v| {
            with(a, v, |check, name| ResourceCheck { name, ..check })
        }),
        Function::new(
            "check",
            vec![
                o(
                    "pathcheck_check",
                    "kubernetes.authorization.PathCheck.(string) -> kubernetes.authorization.Decision",
                    check,
                )
                .costs(CHECK)
                .estimates(|_| Some(CallEstimate::fixed(350_000))),
                o(
                    "resourcecheck_check",
                    "kubernetes.authorization.ResourceCheck.(string) -> kubernetes.authorization.Decision",
                    check,
                )
                .costs(CHECK)
                .estimates(|_| Some(CallEstimate::fixed(350_000))),
            ],
        ),
        Function::new(
            "errored",
            vec![o("decision_errored", "kubernetes.authorization.Decision.() -> bool", |_, args| {
                Ok(Val::Bool(!decision(args)?.error.is_empty()))
            })],
        ),
        Function::new(
            "error",
            vec![o("decision_error", "kubernetes.authorization.Decision.() -> string", |_, args| {
                Ok(Val::String(decision(args)?.error))
            })],
        ),
        Function::new(
            "allowed",
            vec![o("decision_allowed", "kubernetes.authorization.Decision.() -> bool", |_, args| {
                Ok(Val::Bool(decision(args)?.allowed))
            })],
        ),
        Function::new(
            "reason",
            vec![o("decision_reason", "kubernetes.authorization.Decision.() -> string", |_, args| {
                Ok(Val::String(decision(args)?.reason))
            })],
        ),
    ])
}

/// Since 1.31.
pub fn selectors() -> Library {
    let signature =
        "kubernetes.authorization.ResourceCheck.(string) -> kubernetes.authorization.ResourceCheck";
    let cost: CallCost = |args, _| {
        let length = args.get(1).map_or(1, Val::actual_size) as u64;
        // A list of the requirements that the text may hold, one to every other character, each a structure and a list.
        10 + length.div_ceil(10) + length.div_ceil(2) * (10 + 40)
    };
    Library::new(vec![
        Function::new(
            "fieldSelector",
            vec![
                Overload::new("authorizer_fieldselector", signature, |a, v| {
                    with(a, v, |check, field_selector| ResourceCheck { field_selector, ..check })
                })
                .costs(cost)
                .estimates(SELECTOR),
            ],
        ),
        Function::new(
            "labelSelector",
            vec![
                Overload::new("authorizer_labelselector", signature, |a, v| {
                    with(a, v, |check, label_selector| ResourceCheck { label_selector, ..check })
                })
                .costs(cost)
                .estimates(SELECTOR),
            ],
        ),
    ])
}

/// A list, and of each two characters a requirement: a structure and a list.
const SELECTOR: EstimateCall = |call| {
    let length = call.arg_size(0)?;
    let requirements = length.at(0.5).times(50.0);
    Some(CallEstimate::costs(CostEstimate::fixed(10) + length.at(0.1) + requirements))
};

fn decision<'a>(args: &[Val<'a>]) -> Result<'a, &'a Decision<'a>> {
    match args {
        [Val::Opaque(Opaque::Decision(decision))] => Ok(decision),
        _ => Err(Error::NoSuchOverload),
    }
}

fn path<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let [Val::Opaque(Opaque::Authorizer(authorizer)), Val::String(path)] = *args else {
        return Err(Error::NoSuchOverload);
    };
    if path.trim().is_empty() {
        return Err(Error::Static(&"path must not be empty"));
    }
    Ok(Val::Opaque(Opaque::PathCheck(arena.alloc(PathCheck { authorizer: *authorizer, path }))))
}

fn group<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let [Val::Opaque(Opaque::Authorizer(authorizer)), Val::String(group)] = *args else {
        return Err(Error::NoSuchOverload);
    };
    Ok(Val::Opaque(Opaque::GroupCheck(arena.alloc(GroupCheck { authorizer: *authorizer, group }))))
}

fn service_account<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let [Val::Opaque(Opaque::Authorizer(authorizer)), Val::String(namespace), Val::String(name)] = *args
    else {
        return Err(Error::NoSuchOverload);
    };
    if !super::format::is_dns1123_subdomain(name) {
        return Err(Error::Static(&"Invalid service account name"));
    }
    if !super::format::is_dns1123_label(namespace) {
        return Err(Error::Static(&"Invalid service account namespace"));
    }
    let name: &'a str = arena.alloc_str(&format!("system:serviceaccount:{namespace}:{name}"));
    let in_namespace: &'a str = arena.alloc_str(&format!("system:serviceaccounts:{namespace}"));
    let groups: &'a [&'a str] = arena.alloc_slice_copy(&["system:serviceaccounts", in_namespace]);
    let user = User { name, groups };
    Ok(Val::Opaque(Opaque::Authorizer(arena.alloc(Authorizer { user, ..*authorizer }))))
}

fn resource<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let [Val::Opaque(Opaque::GroupCheck(check)), Val::String(resource)] = *args else {
        return Err(Error::NoSuchOverload);
    };
    if resource.trim().is_empty() {
        return Err(Error::Static(&"resource must not be empty"));
    }
    let check = ResourceCheck {
        authorizer: check.authorizer,
        group: check.group,
        resource,
        subresource: "",
        namespace: "",
        name: "",
        field_selector: "",
        label_selector: "",
    };
    Ok(Val::Opaque(Opaque::ResourceCheck(arena.alloc(check))))
}

fn with<'a>(
    arena: &'a Arena,
    args: &[Val<'a>],
    change: fn(ResourceCheck<'a>, &'a str) -> ResourceCheck<'a>,
) -> Result<'a> {
    let [Val::Opaque(Opaque::ResourceCheck(check)), Val::String(text)] = *args else {
        return Err(Error::NoSuchOverload);
    };
    Ok(Val::Opaque(Opaque::ResourceCheck(arena.alloc(change(*check, text)))))
}

fn check<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let (authorizer, verb, target) = match *args {
        [Val::Opaque(Opaque::PathCheck(check)), Val::String(verb)] => {
            (check.authorizer, verb, Target::Path(check.path))
        }
        [Val::Opaque(Opaque::ResourceCheck(check)), Val::String(verb)] => (
            check.authorizer,
            verb,
            Target::Resource {
                group: check.group,
                resource: check.resource,
                subresource: check.subresource,
                namespace: check.namespace,
                name: check.name,
            },
        ),
        _ => return Err(Error::NoSuchOverload),
    };
    let answer = authorizer.authorizer.authorize(&Attributes { user: authorizer.user, verb, target });
    let decision = Decision {
        allowed: answer.decision == Outcome::Allow,
        reason: arena.alloc_str(&answer.reason),
        error: arena.alloc_str(&answer.error),
    };
    Ok(Val::Opaque(Opaque::Decision(arena.alloc(decision))))
}
