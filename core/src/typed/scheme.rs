//! [`Scheme`]: the kinds of a Kubernetes version, prepared for decoding.

use super::defaults::{self, Rule};
use super::embedded::embedded;
use super::gates;
use super::prepare::Stored;
use crate::document::{FieldName, same_key};
use crate::schema::{Scalar, Schemas, Struct, StructId, Type, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// The kinds of a Kubernetes version with what it takes to decode them and to set their defaults; made once, then used
/// for many objects.
#[derive(Debug)]
pub struct Scheme {
    pub(super) schemas: Arc<Schemas>,
    /// By the number of their struct; made when they are first asked for, since there are a thousand.
    plans: Vec<OnceLock<Plan>>,
    /// How kinds are stored, likewise.
    stored: HashMap<(&'static str, &'static str), OnceLock<Option<Stored>>>,
    pub(super) names: Names,
}

/// A kind as it is admitted.
#[derive(Clone, Copy, Debug)]
pub(super) struct KindPlan {
    pub(super) id: StructId,
    /// How it is prepared for creation; `None` when it is not stored.
    pub(super) stored: Option<Stored>,
}

/// How a struct is decoded.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// As in Go's error messages, `DeploymentSpec`.
    pub(super) short_name: &'static str,
    pub(super) fields: Vec<FieldPlan>,
    /// Fields by the hash of their name: a table with free slots, each a hash and a number from 1.
    slots: Vec<(u32, u16)>,
    /// Fields that are there even when nothing is in them.
    pub(super) always: Vec<u16>,
    /// Fields with a declared default.
    pub(super) declared: Vec<(u16, serde_json::Value)>,
    pub(super) rule: Option<Rule>,
    /// Fields that the version drops because their feature is off by default.
    pub(super) gated: Vec<u16>,
}

#[derive(Debug)]
pub(super) struct FieldPlan {
    pub(super) name: FieldName,
    pub(super) kind: TypeId,
    /// Whether the field is left out when it is empty.
    pub(super) vanishes: bool,
    /// The embedded struct that declares the field, as errors name it.
    pub(super) embedded: &'static str,
}

/// Types that are met by name while decoding.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names {
    /// The number of `core/v1.ResourceList` among named types.
    pub(super) resource_list: Option<u32>,
    /// `apiextensions/v1.JSONSchemaProps`
    pub(super) json_schema: Option<StructId>,
}

impl Scheme {
    /// Prepares the kinds of a version.
    pub fn new(schemas: impl Into<Arc<Schemas>>) -> Scheme {
        let schemas = schemas.into();
        let json_schema = schemas.struct_named("apiextensions/v1.JSONSchemaProps");
        let plans = schemas.structs().iter().map(|_| OnceLock::new()).collect();
        let resource_list = (0..).map_while(|number| Some((number, schemas.named(number)?)));
        let resource_list = resource_list.into_iter().find(|(_, own)| own.name == "core/v1.ResourceList");
        let names = Names { resource_list: resource_list.map(|(number, _)| number), json_schema };
        let stored = schemas.kinds().map(|(version, kind, _)| ((version, kind), OnceLock::new())).collect();
        Scheme { schemas, plans, stored, names }
    }

    /// The kinds of Kubernetes 1.`minor`; see [`Schemas::for_version`].
    pub fn for_version(minor: u16) -> Option<Scheme> {
        Schemas::for_version(minor).map(Scheme::new)
    }

    /// The kinds as data.
    pub fn schemas(&self) -> &Arc<Schemas> {
        &self.schemas
    }

    pub(super) fn kind(&self, api_version: &str, kind: &str) -> Option<KindPlan> {
        let id = self.schemas.kind_id(api_version, kind)?;
        let stored = self.stored.get(&(api_version, kind))?;
        let stored = *stored.get_or_init(|| Stored::of(&self.schemas, api_version, kind));
        Some(KindPlan { id, stored })
    }

    pub(super) fn plan(&self, id: StructId) -> &Plan {
        static NONE: Plan = Plan {
            short_name: "",
            fields: Vec::new(),
            slots: Vec::new(),
            always: Vec::new(),
            declared: Vec::new(),
            rule: None,
            gated: Vec::new(),
        };
        let Some(plan) = self.plans.get(id.index()) else { return &NONE };
        plan.get_or_init(|| Plan::new(&self.schemas, self.schemas.structure(id)))
    }

    /// A type as Go prints it.
    pub(super) fn type_text(&self, id: TypeId) -> String {
        match self.schemas.type_of(id) {
            Type::Pointer(inner) => format!("*{}", self.type_text(inner)),
            Type::List(inner) => format!("[]{}", self.type_text(inner)),
            Type::Map(inner) => format!("map[string]{}", self.type_text(inner)),
            Type::Struct(id) => self.schemas.structure(id).go_name().to_owned(),
            Type::Named(number) => match self.schemas.named(number).map_or("", |own| own.go_name()) {
                // The older versions use the newer one's type.
                "v1alpha1.ReinvocationPolicyType" | "v1beta1.ReinvocationPolicyType" => {
                    "v1.ReinvocationPolicyType".to_owned()
                }
                name => name.to_owned(),
            },
            Type::Scalar(scalar) => match scalar {
                Scalar::String => "string",
                Scalar::Bool => "bool",
                Scalar::Int32 => "int32",
                Scalar::Int64 => "int64",
                Scalar::Float64 => "float64",
                Scalar::Bytes => "[]uint8",
                Scalar::Time => "v1.Time",
                Scalar::MicroTime => "v1.MicroTime",
                Scalar::Duration => "v1.Duration",
                Scalar::Quantity => "resource.Quantity",
                Scalar::IntOrString => "intstr.IntOrString",
                Scalar::RawExtension => "runtime.RawExtension",
                Scalar::FieldsV1 => "v1.FieldsV1",
                Scalar::Json => "v1.JSON",
                Scalar::SchemaOrBool => "v1.JSONSchemaPropsOrBool",
                Scalar::SchemaOrArray => "v1.JSONSchemaPropsOrArray",
                Scalar::SchemaOrStrings => "v1.JSONSchemaPropsOrStringArray",
            }
            .to_owned(),
        }
    }
}

impl Plan {
    fn new(schemas: &Schemas, own: &Struct) -> Plan {
        let minor = schemas.minor();
        let short_name = own.name.rsplit_once('.').map_or(own.name, |(_, name)| name);
        let mut plan = Plan { short_name, rule: defaults::rule(own.name, minor), ..Plan::default() };
        let is_kind = own.field("metadata").is_some();
        let dropped: Vec<&str> = gates::dropped(own.name, minor).collect();
        for (field, at) in own.fields.iter().zip(0..) {
            let vanishes = field.omit_zero || field.omit_empty && can_be_empty(schemas, field.kind);
            if !vanishes {
                plan.always.push(at);
            }
            if let Some(value) = field.default.and_then(|text| serde_json::from_str(text).ok()) {
                plan.declared.push((at, value));
            }
            if dropped.contains(&field.name.as_str()) {
                plan.gated.push(at);
            }
            plan.fields.push(FieldPlan {
                name: field.name.clone(),
                kind: field.kind,
                vanishes,
                embedded: embedded(own.name, field.name.as_str(), is_kind),
            });
        }
        plan.slots = vec![(0, 0); (plan.fields.len() * 2).next_power_of_two()];
        for (field, number) in plan.fields.iter().zip(1..) {
            let hash = field.name.hash();
            let mut at = hash as usize;
            let mask = plan.slots.len() - 1;
            while plan.slots.get(at & mask).is_some_and(|slot| slot.1 != 0) {
                at += 1;
            }
            if let Some(slot) = plan.slots.get_mut(at & mask) {
                *slot = (hash, number);
            }
        }
        plan
    }

    /// The field of a name, in the exact case as the API server has it.
    #[inline]
    pub(super) fn find(&self, hash: u32, name: &str) -> Option<(usize, &FieldPlan)> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = hash as usize;
        loop {
            let &(own, number) = self.slots.get(at & mask)?;
            let number = usize::from(number).checked_sub(1)?;
            if own == hash {
                let field = self.fields.get(number)?;
                if same_key(field.name.as_str(), name) {
                    return Some((number, field));
                }
            }
            at += 1;
        }
    }
}

/// Whether Go's `omitempty` can leave a value of the type out; it never does so for structs.
fn can_be_empty(schemas: &Schemas, id: TypeId) -> bool {
    match schemas.type_of(id) {
        Type::Pointer(_) | Type::List(_) | Type::Map(_) => true,
        Type::Struct(_) => false,
        Type::Named(number) => schemas.named(number).is_some_and(|own| can_be_empty(schemas, own.kind)),
        Type::Scalar(scalar) => matches!(
            scalar,
            Scalar::String | Scalar::Bool | Scalar::Int32 | Scalar::Int64 | Scalar::Float64 | Scalar::Bytes
        ),
    }
}
