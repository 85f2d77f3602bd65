//! Decoding: a document becomes what the typed Go value would be written as. Source: `sigs.k8s.io/json`, a fork of Go's
//! `encoding/json`.
//!
//! One walk over the nodes with the table beside it. Fields that no struct has are left out and noted; empty fields
//! vanish where Go's `omitempty` says so, and others appear; declared defaults and those of structs are set as soon as
//! a struct is complete.

use super::Stage;
use super::complete::complete;
use super::path::{At, Step};
use super::scheme::{FieldPlan, Scheme};
use crate::document::{Draft, DraftValue, ListRef, MapRef, NodeRef, NodeValue, Origin, Place};
use crate::schema::{Scalar, StructId, Type, TypeId};
use crate::source::Span;

/// Deeper lists and maps are refused, so that recursion stays bounded.
const MOST_LEVELS: usize = 500;

pub(super) struct Decoder<'s, 'o> {
    pub(super) scheme: &'s Scheme,
    pub(super) draft: Draft<'o>,
    pub(super) unknown: Vec<Unknown>,
    /// The first value of a wrong type; decoding goes on after it.
    pub(super) wrong: Option<Wrong>,
    /// Inside of a type that decodes itself: its struct's name in errors, and nothing is unknown there.
    pub(super) within: Option<String>,
    stage: Stage,
    /// The version of the object's kind, `v1beta1`.
    version: &'o str,
    levels: usize,
}

/// A field that no struct has.
#[derive(Clone, Debug)]
pub(super) struct Unknown {
    pub(super) path: String,
    pub(super) span: Span,
    pub(super) near: Option<String>,
}

/// A value that cannot be decoded.
#[derive(Clone, Debug)]
pub(super) struct Wrong {
    pub(super) path: String,
    pub(super) message: String,
    pub(super) span: Span,
}

/// A value and whether `omitempty` leaves it out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decoded {
    pub(super) place: Place,
    pub(super) empty: bool,
}

/// Errors of types that read themselves end decoding at once.
pub(super) type Outcome<T> = Result<T, Box<Wrong>>;

impl<'s, 'o> Decoder<'s, 'o> {
    pub(super) fn new(
        scheme: &'s Scheme,
        draft: Draft<'o>,
        stage: Stage,
        version: &'o str,
    ) -> Decoder<'s, 'o> {
        Decoder { scheme, draft, unknown: Vec::new(), wrong: None, within: None, stage, version, levels: 0 }
    }

    /// Decodes a whole object of a kind.
    pub(super) fn object(&mut self, kind: StructId, node: NodeRef<'o>) -> Outcome<Place> {
        let root = self.draft.written(node);
        self.structure(kind, root, node.as_map(), None)?;
        Ok(root)
    }

    pub(super) fn value(&mut self, id: TypeId, node: NodeRef<'o>, at: &At<'_>) -> Outcome<Decoded> {
        match self.scheme.schemas.type_of(id) {
            Type::Scalar(scalar) => self.scalar(scalar, id, node, at),
            Type::Pointer(_) if node.is_null() => Ok(self.nil(node)),
            Type::Pointer(inner) => Ok(Decoded { empty: false, ..self.value(inner, node, at)? }),
            Type::Named(number) => {
                let kind = self.scheme.schemas.named(number).map(|own| own.kind);
                let inner = kind.map_or(Type::Scalar(Scalar::Json), |kind| self.scheme.schemas.type_of(kind));
                match (inner, kind) {
                    (Type::Scalar(scalar), _) => self.scalar(scalar, id, node, at),
                    (Type::Map(inner), _) => {
                        let decoded = self.map(inner, id, node, at)?;
                        let is_resource_list = self.scheme.names.resource_list == Some(number);
                        // Runtime classes have no defaults.
                        if is_resource_list && self.stage != Stage::Decoded && at.owner() != "Overhead" {
                            self.round_up(decoded.place);
                        }
                        Ok(decoded)
                    }
                    (Type::List(inner), _) => self.list(inner, id, node, at),
                    (_, Some(kind)) => self.value(kind, node, at),
                    _ => Ok(self.nil(node)),
                }
            }
            Type::List(inner) => self.list(inner, id, node, at),
            Type::Map(inner) => self.map(inner, id, node, at),
            Type::Struct(kind) => {
                let place = self.draft.written(node);
                if node.as_map().is_none() {
                    self.draft.replace(place, DraftValue::Map);
                    self.draft.mark(place, Origin::Empty);
                    if !node.is_null() {
                        self.wrong_type(id, node, at);
                        return Ok(Decoded { place, empty: false });
                    }
                }
                self.structure(kind, place, node.as_map(), Some(at))?;
                Ok(Decoded { place, empty: false })
            }
        }
    }

    /// A null that was written.
    pub(super) fn nil(&mut self, node: NodeRef<'o>) -> Decoded {
        let place = self.draft.written(node);
        self.draft.replace(place, DraftValue::Null);
        Decoded { place, empty: true }
    }

    fn list(&mut self, inner: TypeId, id: TypeId, node: NodeRef<'o>, at: &At<'_>) -> Outcome<Decoded> {
        let Some(list) = node.as_list() else {
            if !node.is_null() {
                self.wrong_type(id, node, at);
            }
            return Ok(self.nil(node));
        };
        let place = self.draft.written(node);
        self.items(inner, place, list, at)?;
        Ok(Decoded { place, empty: list.is_empty() })
    }

    pub(super) fn items(
        &mut self,
        inner: TypeId,
        place: Place,
        list: ListRef<'o>,
        at: &At<'_>,
    ) -> Outcome<()> {
        self.enter(list.node(), at)?;
        for (number, item) in list.iter().enumerate() {
            let decoded = self.value(inner, item, &At { up: Some(at), step: Step::Index(number) })?;
            self.draft.push(place, decoded.place);
        }
        self.levels -= 1;
        Ok(())
    }

    fn map(&mut self, inner: TypeId, id: TypeId, node: NodeRef<'o>, at: &At<'_>) -> Outcome<Decoded> {
        let Some(map) = node.as_map() else {
            if !node.is_null() {
                self.wrong_type(id, node, at);
            }
            return Ok(self.nil(node));
        };
        let place = self.draft.written(node);
        self.enter(node, at)?;
        for (key, entry) in map.iter() {
            let decoded = self.value(inner, entry, &At { up: Some(at), step: Step::Key(key) })?;
            self.draft.push(place, decoded.place);
        }
        self.levels -= 1;
        Ok(Decoded { place, empty: map.is_empty() })
    }

    /// Fills a struct: what is written, what is there anyway, and defaults.
    pub(super) fn structure(
        &mut self,
        kind: StructId,
        place: Place,
        map: Option<MapRef<'o>>,
        at: Option<&At<'_>>,
    ) -> Outcome<()> {
        let plan = self.scheme.plan(kind);
        let mut seen = 0_u128;
        if let Some(map) = map {
            if let Some(at) = at {
                self.enter(map.node(), at)?;
            } else {
                self.levels += 1;
            }
            for (key, entry) in map.iter() {
                let Some((number, field)) = plan.find(entry.key_hash(), key) else {
                    self.unknown_field(key, entry, at, &plan.fields);
                    continue;
                };
                seen |= 1 << (number & 127);
                let step = Step::Field {
                    name: field.name.as_str(),
                    embedded: field.embedded,
                    owner: plan.short_name,
                };
                let decoded = self.value(field.kind, entry, &At { up: at, step })?;
                if decoded.empty && field.vanishes {
                    if !matches!(entry.value(), NodeValue::List(_) | NodeValue::Map(_)) {
                        continue;
                    }
                    self.draft.hide_empty(decoded.place);
                }
                self.draft.push(place, decoded.place);
            }
            self.levels -= 1;
        }
        complete(&mut self.draft, self.scheme, kind, place, seen, self.stage);
        Ok(())
    }

    fn enter(&mut self, node: NodeRef<'o>, at: &At<'_>) -> Outcome<()> {
        self.levels += 1;
        if self.levels <= MOST_LEVELS {
            return Ok(());
        }
        let message = "exceeded max depth".to_owned();
        Err(Box::new(Wrong { path: at.text(), message, span: node.span() }))
    }

    fn unknown_field(&mut self, key: &str, entry: NodeRef<'o>, at: Option<&At<'_>>, known: &[FieldPlan]) {
        // Source: `saveStrictError` keeps the first hundred, each once.
        if self.within.is_some() || self.unknown.len() >= 100 {
            return;
        }
        let mut path = at.map(At::text).unwrap_or_default();
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(key);
        let near = crate::diagnostic::nearest(key, known.iter().map(|field| field.name.as_str()));
        self.unknown.push(Unknown { path, span: entry.key_span(), near: near.map(str::to_owned) });
    }

    /// Notes a value that Go cannot put into the type.
    pub(super) fn wrong_type(&mut self, id: TypeId, node: NodeRef<'o>, at: &At<'_>) {
        if self.wrong.is_none() {
            let mut id = id;
            while let Type::Pointer(inner) = self.scheme.schemas.type_of(id) {
                id = inner;
            }
            let text = self.scheme.type_text(id);
            let text = match (text.strip_prefix("map[string]"), at.step) {
                (Some(inner), Step::Field { name, .. }) => format!("map[{}]{inner}", self.key_type(name)),
                _ => text,
            };
            self.wrong = Some(self.mismatch(described(node), &text, node, at));
        }
    }

    /// The type of a map's keys, which is no string by name in a few fields.
    fn key_type(&self, field: &str) -> String {
        match field {
            "allocatedResourceStatuses" | "nodeAllocatableResources" => "v1.ResourceName".to_owned(),
            "attributes" | "capacity" | "consumedCapacity" | "requests" => {
                format!("{}.QualifiedName", self.version)
            }
            _ => "string".to_owned(),
        }
    }

    /// An error in Go's words.
    pub(super) fn mismatch(&self, found: &str, wanted: &str, node: NodeRef<'o>, at: &At<'_>) -> Wrong {
        let owner = self.within.as_deref().unwrap_or_else(|| at.owner());
        let message = format!(
            "json: cannot unmarshal {found} into Go struct field {owner}.{} of type {wanted}",
            at.fields()
        );
        Wrong { path: at.text(), message, span: node.span() }
    }
}

/// What a value is called in errors.
pub(super) fn described(node: NodeRef<'_>) -> &'static str {
    match node.value() {
        NodeValue::Null => "null",
        NodeValue::Bool(_) => "bool",
        NodeValue::Int(_) | NodeValue::Double(_) => "number",
        NodeValue::String(_) => "string",
        NodeValue::List(_) => "array",
        NodeValue::Map(_) => "object",
    }
}
