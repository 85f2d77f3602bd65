//! Custom resources as the API server has them before it validates them: without unknown fields and nulls that may not
//! be, with defaults, and with metadata read as such.
//!
//! Source: apiextensions-apiserver `pkg/apiserver/customresource_handler.go`, `unstructuredSchemaCoercer`, and of
//! `pkg/apiserver/schema` `pruning/algorithm.go`, `defaulting/algorithm.go`, `defaulting/prunenulls.go` and
//! `objectmeta/algorithm.go`.

use super::field_error::shown;
use super::metadata::Metadata;
use super::path::Path;
use crate::diagnostic::nearest;
use crate::document::{Draft, DraftValue, NodeRef, NodeValue, Object, Origin, Place};
use crate::schema::Structural;
use crate::source::Span;
use crate::typed::{Refusal, Warning};

/// How many values and bytes of text defaults may add to an object: those of elements are added to each.
const MAX_ADDED: usize = 32 * 1024 * 1024;

/// An object with the defaults of its schema, in which nothing is unknown: fields that are absent have their defaults,
/// and so do those that are null though they may not be; without a default such fields are dropped. Defaults are at the
/// place of what lacks them.
pub fn with_defaults(object: NodeRef<'_>, schema: &Structural) -> Result<Object, Refusal> {
    coerced(object, schema, None, true, false).map(|(object, _)| object)
}

/// The same without unknown fields, and what is said of them. `metadata` reads that of the object, whose schema says
/// nothing about it, and of resources within it. What is prepared for its creation may have no status.
pub(super) fn coerced(
    object: NodeRef<'_>,
    schema: &Structural,
    metadata: Option<&Metadata<'_>>,
    has_defaults: bool,
    drops_status: bool,
) -> Result<(Object, Vec<Warning>), Refusal> {
    let mut coercion = Coercion {
        draft: Draft::new(object.object()),
        metadata,
        warnings: Vec::new(),
        has_defaults,
        left: MAX_ADDED,
    };
    let known = Known { schema: Some(schema), kept: metadata.is_none(), is_root: true };
    let root = coercion.value(object, known, &Path::Root(None))?;
    let Coercion { mut draft, mut warnings, .. } = coercion;
    if drops_status {
        draft.remove(root, "status");
    }
    warnings.sort_by(|a, b| a.field.cmp(&b.field));
    Ok((draft.finish(root), warnings))
}

struct Coercion<'o, 'm> {
    draft: Draft<'o>,
    metadata: Option<&'m Metadata<'m>>,
    warnings: Vec<Warning>,
    has_defaults: bool,
    left: usize,
}

/// What is known of a value.
#[derive(Clone, Copy)]
struct Known<'s> {
    schema: Option<&'s Structural>,
    /// Unknown fields stay.
    kept: bool,
    is_root: bool,
}

impl<'s> Known<'s> {
    fn is_resource(&self) -> bool {
        self.is_root || self.schema.is_some_and(|schema| schema.embedded_resource)
    }

    /// The schema of a field.
    fn field(&self, name: &str) -> Option<&'s Structural> {
        let schema = self.schema?;
        schema.properties.get(name).or_else(|| schema.additional_schema())
    }

    /// Whether a field stays. Schemas that allow any field say nothing of what is in it.
    fn keeps(&self, name: &str) -> bool {
        let known = self.schema.is_some_and(|schema| {
            schema.properties.contains_key(name) || schema.additional_properties.is_some()
        });
        self.kept || known || self.is_head(name)
    }

    /// Whether a field is one that all resources have.
    fn is_head(&self, name: &str) -> bool {
        self.is_resource() && matches!(name, "apiVersion" | "kind" | "metadata")
    }
}

impl<'o> Coercion<'o, '_> {
    fn value(&mut self, node: NodeRef<'o>, mut known: Known<'_>, path: &Path<'_>) -> Result<Place, Refusal> {
        let preserves = known.schema.is_some_and(|schema| schema.preserve_unknown_fields);
        known.kept |= preserves;
        match node.value() {
            NodeValue::Map(map) => {
                let place = self.draft.written(node);
                for (name, entry) in map.iter() {
                    let is_named = known.is_head(name)
                        || known.schema.is_none_or(|schema| schema.properties.contains_key(name));
                    let path = if is_named { path.child(name) } else { path.key(name) };
                    if !known.keeps(name) {
                        self.drop(name, entry, &known, &path);
                        continue;
                    }
                    if let Some(entry) = self.entry(node, name, entry, known, &path)? {
                        self.draft.push(place, entry);
                    }
                }
                if let Some(schema) = known.schema {
                    let absent = |name: &str| map.lookup(name).is_none();
                    self.missing(schema, place, node.span(), absent)?;
                }
                Ok(place)
            }
            NodeValue::List(list) => {
                let place = self.draft.written(node);
                let items = known.schema.and_then(|schema| schema.items.as_deref());
                // Below a schema that says nothing nothing is unknown, unless fields are pruned by no schema at all.
                let within = Known { schema: items, kept: known.kept, is_root: false };
                for (index, element) in list.iter().enumerate() {
                    let default =
                        items.filter(|items| self.has_defaults && element.is_null() && !items.nullable);
                    let element = match default.and_then(|items| Some((items, items.default.as_ref()?))) {
                        Some((items, default)) => self.default(default.root(), items, node.span())?,
                        None => self.value(element, within, &path.index(index))?,
                    };
                    self.draft.push(place, element);
                }
                Ok(place)
            }
            _ => Ok(self.draft.written(node)),
        }
    }

    /// A field that stays, unless it is null and may not be.
    fn entry(
        &mut self,
        parent: NodeRef<'o>,
        name: &str,
        entry: NodeRef<'o>,
        known: Known<'_>,
        path: &Path<'_>,
    ) -> Result<Option<Place>, Refusal> {
        if let Some(metadata) = self.metadata.filter(|_| known.is_head(name)) {
            return self.head(name, entry, metadata, known, path);
        }
        let schema = known.field(name);
        if let Some(schema) = schema.filter(|schema| entry.is_null() && !schema.nullable) {
            return match &schema.default {
                Some(_) if !self.has_defaults => Ok(Some(self.draft.written(entry))),
                Some(default) => {
                    let place = self.default(default.root(), schema, parent.span())?;
                    self.draft.name_text(place, name);
                    Ok(Some(place))
                }
                None => Ok(None),
            };
        }
        let is_known = known.schema.is_some_and(|schema| {
            schema.properties.contains_key(name) || schema.additional_properties.is_some()
        });
        if !is_known {
            return Ok(Some(self.draft.copied(entry)));
        }
        let kept = self.metadata.is_none();
        self.value(entry, Known { schema, kept, is_root: false }, path).map(Some)
    }

    /// `apiVersion`, `kind` and `metadata` of a resource.
    fn head(
        &mut self,
        name: &str,
        entry: NodeRef<'o>,
        metadata: &Metadata<'_>,
        known: Known<'_>,
        path: &Path<'_>,
    ) -> Result<Option<Place>, Refusal> {
        let schema = known.field(name).filter(|_| !known.is_root);
        if schema.is_some_and(|schema| entry.is_null() && !schema.nullable && schema.default.is_none()) {
            return Ok(None);
        }
        if name != "metadata" {
            if entry.as_str().is_none() && !known.is_root {
                let field = path.to_string();
                let message = format!("{field}: Invalid value: {}: must be a string", shown(entry));
                return Err(Refusal { message, field, span: entry.span() });
            }
            return Ok(Some(self.draft.copied(entry)));
        }
        let field = path.to_string();
        let read = if known.is_root { metadata.of_root(entry)? } else { metadata.embedded(entry, &field)? };
        let Some((read, warnings)) = read else { return Ok(Some(self.draft.copied(entry))) };
        self.warnings.extend(warnings);
        let Some(read) = read.root().field(name) else { return Ok(None) };
        let place = self.foreign(read)?;
        // Defaults of properties of metadata are pruned from the schema itself.
        let has_property = known.schema.is_some_and(|schema| schema.properties.contains_key(name));
        if let Some(schema) = schema.filter(|_| !has_property) {
            self.missing(schema, place, entry.span(), |name| read.field(name).is_none())?;
        }
        self.draft.name_text(place, name);
        Ok(Some(place))
    }

    /// Says that a field is not kept.
    fn drop(&mut self, name: &str, entry: NodeRef<'_>, known: &Known<'_>, path: &Path<'_>) {
        let field = path.dotted().to_string();
        let names = known.schema.into_iter().flat_map(|schema| schema.properties.keys());
        let near = nearest(name, names.map(|name| &**name)).map(str::to_owned);
        let message = format!("unknown field \"{field}\"");
        self.warnings.push(Warning { message, field, span: entry.key_span(), near });
    }

    /// Adds the defaults of fields that are not there.
    fn missing(
        &mut self,
        schema: &Structural,
        place: Place,
        span: Span,
        absent: impl Fn(&str) -> bool,
    ) -> Result<(), Refusal> {
        if !self.has_defaults {
            return Ok(());
        }
        for (name, property) in &schema.properties {
            let Some(default) = property.default.as_ref().filter(|_| absent(name)) else { continue };
            let default = self.default(default.root(), property, span)?;
            self.draft.name_text(default, name);
            self.draft.push(place, default);
        }
        Ok(())
    }

    /// A default, which is pruned and has defaults of its own.
    fn default(&mut self, node: NodeRef<'_>, schema: &Structural, span: Span) -> Result<Place, Refusal> {
        let known = Known { schema: Some(schema), kept: self.metadata.is_none(), is_root: false };
        self.added(node, known, span)
    }

    fn added(&mut self, node: NodeRef<'_>, mut known: Known<'_>, span: Span) -> Result<Place, Refusal> {
        known.kept |= known.schema.is_some_and(|schema| schema.preserve_unknown_fields);
        let place = self.scalar(node, span)?;
        match node.value() {
            NodeValue::Map(map) => {
                // Of defaults what cannot be read is dropped.
                let strange = |name: &str, entry: NodeRef<'_>| {
                    known.is_head(name) && name != "metadata" && entry.as_str().is_none()
                };
                let kept = map.iter().filter(|(name, entry)| known.keeps(name) && !strange(name, *entry));
                for (name, entry) in kept {
                    let schema = known.field(name);
                    // Nulls of defaults stay, unless they have defaults of their own.
                    let default = schema
                        .filter(|schema| entry.is_null() && !schema.nullable)
                        .and_then(|schema| Some((schema, schema.default.as_ref()?)));
                    let entry = match default {
                        Some((schema, default)) => self.default(default.root(), schema, span)?,
                        None => {
                            let kept = self.metadata.is_none()
                                || schema.is_none() && known.kept
                                || known.is_head(name);
                            self.added(entry, Known { schema, kept, is_root: false }, span)?
                        }
                    };
                    self.draft.name_text(entry, name);
                    self.draft.push(place, entry);
                }
                if let Some(schema) = known.schema {
                    self.missing(schema, place, span, |name| map.lookup(name).is_none())?;
                }
            }
            NodeValue::List(list) => {
                let items = known.schema.and_then(|schema| schema.items.as_deref());
                let within = Known { schema: items, kept: known.kept, is_root: false };
                for element in list.iter() {
                    let default = items
                        .filter(|items| element.is_null() && !items.nullable)
                        .and_then(|items| Some((items, items.default.as_ref()?)));
                    let element = match default {
                        Some((items, default)) => self.default(default.root(), items, span)?,
                        None => self.added(element, within, span)?,
                    };
                    self.draft.push(place, element);
                }
            }
            _ => {}
        }
        Ok(place)
    }

    /// A scalar that was not written, or an empty list or map.
    fn scalar(&mut self, node: NodeRef<'_>, span: Span) -> Result<Place, Refusal> {
        let size = 64 + node.as_str().map_or(0, str::len);
        self.left = self.left.checked_sub(size).ok_or_else(|| Refusal {
            message: "the defaults of its schema make the object too large".to_owned(),
            field: String::new(),
            span,
        })?;
        Ok(self.draft.added(DraftValue::alone(node), Origin::Defaulted, span))
    }

    /// A value of another object over the same text, with its marks and places.
    fn foreign(&mut self, node: NodeRef<'_>) -> Result<Place, Refusal> {
        let place = self.scalar(node, node.span())?;
        self.draft.mark(place, node.origin());
        match node.value() {
            NodeValue::Map(map) => {
                for (name, entry) in map.iter() {
                    let entry = self.foreign(entry)?;
                    self.draft.name_text(entry, name);
                    self.draft.push(place, entry);
                }
            }
            NodeValue::List(list) => {
                for element in list.iter() {
                    let element = self.foreign(element)?;
                    self.draft.push(place, element);
                }
            }
            _ => {}
        }
        Ok(place)
    }
}
