//! The values of a policy's variables for a request.
//!
//! Source: apiserver `pkg/admission/plugin/cel/activation.go`, `pkg/admission/conversion.go`.

use super::params::Param;
use super::{Engine, Hook};
use crate::admission::{GroupVersionKind, GroupVersionResource, METADATA_NAME_LABEL, Request};
use crate::authorization::User;
use crate::cel::value::{self, Arena, Map, Opaque, Val};
use crate::decision::Inputs;
use crate::document::{Limits, Object, ObjectBuilder, Str};
use crate::matching::Matched;
use crate::policy::CompiledPolicy;

/// Variables that are written down for a policy and a request. The buffers are kept.
#[derive(Debug, Default)]
pub(super) struct Written {
    builder: ObjectBuilder,
    request: Object,
    /// Whether the policy's rules name the request's own resource.
    own: bool,
    /// `request` for match conditions, where it is not `own`.
    own_request: Object,
    /// The objects as the kind that the rules name, where that is another.
    object: Option<Object>,
    old_object: Option<Object>,
}

impl Engine {
    /// The values of a policy's variables for a request.
    pub(super) fn inputs<'a>(
        &'a self,
        hook: &Hook,
        param: Option<&'a Param>,
        request: &'a Request,
        written: &'a Written,
        arena: &'a Arena,
    ) -> Inputs<'a> {
        let user = arena.alloc(self.authorizer_of(request, arena));
        let check = arena.alloc(value::ResourceCheck {
            authorizer: *user,
            group: &request.resource.group,
            resource: &request.resource.resource,
            subresource: &request.sub_resource,
            namespace: &request.namespace,
            name: &request.name,
            field_selector: "",
            label_selector: "",
        });
        let GroupVersionKind { group, version, kind } = &request.kind;
        let is_namespace = (group.as_str(), version.as_str(), kind.as_str()) == ("", "v1", "Namespace");
        let namespace = match request.namespace.as_str() {
            name if hook.compiled.reads_namespace && !name.is_empty() && !is_namespace => {
                self.namespace(name, arena)
            }
            _ => Val::Null,
        };
        let own_request = if written.own { &written.request } else { &written.own_request };
        Inputs {
            arena,
            object: value_of(&written.object, &request.object),
            old_object: value_of(&written.old_object, &request.old_object),
            namespace,
            request: Val::from_node(written.request.root()),
            own_request: Val::from_node(own_request.root()),
            params: param.map_or(Val::Null, |param| Val::from_node(param.object.root())),
            authorizer: (Val::Opaque(Opaque::Authorizer(user)), Val::Opaque(Opaque::ResourceCheck(check))),
        }
    }

    fn authorizer_of<'a>(&'a self, request: &'a Request, arena: &'a Arena) -> value::Authorizer<'a> {
        let groups = request.user_info.groups.iter().map(String::as_str);
        let groups = &*arena.alloc_slice_fill_iter(groups);
        value::Authorizer {
            user: User { name: &request.user_info.username, groups },
            authorizer: &*self.authorizer,
        }
    }

    /// `namespaceObject`, with the fields that expressions may see.
    fn namespace<'a>(&'a self, name: &'a str, arena: &'a Arena) -> Val<'a> {
        if let Some(namespace) = self.namespaces.find(name) {
            return Val::from_node(namespace.root());
        }
        let label = (Val::String(METADATA_NAME_LABEL), Val::String(name));
        let metadata = [
            (Val::String("name"), Val::String(name)),
            (Val::String("labels"), Val::Map(Map::new(&[label], arena))),
        ];
        let fields = [
            (Val::String("metadata"), Val::Map(Map::new(&metadata, arena))),
            (Val::String("spec"), Val::Map(Map::new(&[], arena))),
            (Val::String("status"), Val::Map(Map::new(&[], arena))),
        ];
        Val::Map(Map::new(&fields, arena))
    }
}

impl Engine {
    /// Brings the objects of a request into the version that a policy sees them in.
    pub(super) fn see_as(
        &self,
        written: &mut Written,
        matched: &Matched<'_>,
        request: &Request,
    ) -> Result<(), String> {
        (written.object, written.old_object) = (None, None);
        if *matched.kind == request.kind {
            return Ok(());
        }
        let convert = |object: &Option<Object>| {
            object.as_ref().map(|object| self.converted(object, &matched.kind)).transpose()
        };
        written.old_object = convert(&request.old_object)?;
        written.object = convert(&request.object)?;
        Ok(())
    }

    fn converted(&self, object: &Object, kind: &GroupVersionKind) -> Result<Object, String> {
        let own = GroupVersionKind::of(object);
        if own == *kind {
            return Ok(object.clone());
        }
        let is_built_in =
            |kind: &GroupVersionKind| crate::admission::is_namespaced(&kind.group, &kind.kind).is_some();
        if is_built_in(&own) && is_built_in(kind) {
            let version = kind.api_version();
            return match self.scheme() {
                Some(scheme) => scheme.convert(object, &version).map_err(|refusal| refusal.message),
                None => Err(format!("the kinds of Kubernetes {} are not known", self.version)),
            };
        }
        if self.kinds.has_conversion_webhook(&kind.group, &kind.kind) {
            return Err(format!("the webhook that converts {} is not called", kind.kind));
        }
        renamed(object, kind).ok_or_else(|| format!("{} is no object", own.kind))
    }
}

impl Written {
    /// The object that a request is about, as the policy sees it.
    pub(super) fn object_of<'w>(&'w self, request: &'w Request) -> Option<&'w Object> {
        let new = self.object.as_ref().or(request.object.as_ref());
        new.or_else(|| self.old_object.as_ref().or(request.old_object.as_ref()))
    }

    /// Writes what a policy reads of a request that it matched so.
    pub(super) fn write(&mut self, policy: &CompiledPolicy, matched: &Matched<'_>, request: &Request) {
        self.own = matched.is_own(request);
        if policy.reads_request {
            write(&mut self.builder, &mut self.request, request, (&matched.kind, &matched.resource));
            if !self.own && !policy.match_conditions.is_empty() {
                let own = (&*matched.kind, &request.resource);
                write(&mut self.builder, &mut self.own_request, request, own);
            }
        }
    }
}

fn write(
    builder: &mut ObjectBuilder,
    into: &mut Object,
    request: &Request,
    (kind, resource): (&GroupVersionKind, &GroupVersionResource),
) {
    builder.restart(into);
    let built = request.write(kind, resource, builder);
    if built.is_err() || !builder.finish_into(into) {
        *into = Object::default();
    }
}

/// The object under another kind's name, which is all that the API server changes of a custom resource without a
/// conversion webhook.
fn renamed(object: &Object, kind: &GroupVersionKind) -> Option<Object> {
    // What was read within limits is not refused for being read again.
    let limits = Limits { max_nodes: usize::MAX, max_depth: usize::MAX, ..Limits::default() };
    let mut builder = ObjectBuilder::new(limits);
    let root = object.root();
    builder.start("", Object::default());
    builder.begin_map(root.span()).ok()?;
    let names = [("apiVersion", kind.api_version()), ("kind", kind.kind.clone())];
    for (field, name) in &names {
        builder.key(Str::Owned(field), root.span());
        builder.string(Str::Owned(name), root.span()).ok()?;
    }
    for (field, value) in root.as_map()?.iter().filter(|(field, _)| !matches!(*field, "apiVersion" | "kind"))
    {
        builder.key(Str::Owned(field), value.key_span());
        builder.copy(value).ok()?;
    }
    builder.end(root.span()).ok()?;
    builder.finish()
}

/// An object's value; null when there is none. What was written for the policy comes first.
fn value_of<'a>(written: &'a Option<Object>, given: &'a Option<Object>) -> Val<'a> {
    written.as_ref().or(given.as_ref()).map_or(Val::Null, |object| Val::from_node(object.root()))
}
