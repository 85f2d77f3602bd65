//! Fields that were written twice: the document room remembers where, and here they get their path.

use super::Warning;
use super::decode::Decoder;
use crate::document::{NodeRef, NodeValue, Object};
use crate::schema::{StructId, Type, TypeId};
use crate::source::Span;

impl Decoder<'_, '_> {
    /// What the API server warns of, in the order of the text.
    pub(super) fn warnings(&mut self, kind: StructId, object: &Object) -> Vec<Warning> {
        let unknown = std::mem::take(&mut self.unknown).into_iter().map(|unknown| Warning {
            message: format!("unknown field {}", crate::go::quoted(&unknown.path)),
            field: unknown.path,
            span: unknown.span,
            near: unknown.near,
        });
        let mut warnings: Vec<Warning> = unknown.collect();
        if object.duplicate_keys().is_empty() {
            return warnings;
        }
        for &span in object.duplicate_keys().iter().take(100) {
            let Some((path, kept)) = self.place_of(kind, object, span) else { continue };
            let message = format!("duplicate field {}", crate::go::quoted(&path));
            if !warnings.iter().any(|other| other.message == message) {
                warnings.push(Warning { message, field: path, span: kept, near: None });
            }
        }
        warnings.sort_by_key(|warning| warning.span.start);
        warnings.truncate(100);
        warnings
    }

    /// The path of a key that another of the same name replaced, and the place of that one; `None` where the API server
    /// does not look.
    fn place_of(&self, kind: StructId, object: &Object, span: Span) -> Option<(String, Span)> {
        let name = key_text(object.text(), span);
        let mut path = String::new();
        let mut node = object.root();
        let mut step = Some(Type::Struct(kind));
        loop {
            let inside = |child: &NodeRef<'_>| {
                let value = child.span();
                value.start <= span.start && span.end <= value.end
            };
            let schemas = &self.scheme.schemas;
            match (step?, node.value()) {
                (Type::Struct(id), NodeValue::Map(map)) => {
                    let own = schemas.structure(id);
                    let deeper = map.iter().find(|(_, child)| inside(child));
                    let Some((key, child)) = deeper else {
                        let kept = map.lookup(&name)?;
                        own.field(&name)?;
                        join(&mut path, &name);
                        return Some((path, kept.key_span()));
                    };
                    join(&mut path, key);
                    (node, step) = (child, own.field(key).map(|field| self.resolved(field.kind)));
                }
                (Type::Map(inner), NodeValue::Map(map)) => {
                    let Some((key, child)) = map.iter().find(|(_, child)| inside(child)) else {
                        let kept = map.lookup(&name)?;
                        join(&mut path, &name);
                        return Some((path, kept.key_span()));
                    };
                    join(&mut path, key);
                    (node, step) = (child, Some(self.resolved(inner)));
                }
                (Type::List(inner), NodeValue::List(list)) => {
                    let (number, child) = list.iter().enumerate().find(|(_, child)| inside(child))?;
                    path.push_str(&format!("[{number}]"));
                    (node, step) = (child, Some(self.resolved(inner)));
                }
                _ => return None,
            }
        }
    }

    /// A type without pointers and names around it.
    fn resolved(&self, mut id: TypeId) -> Type {
        loop {
            match self.scheme.schemas.type_of(id) {
                Type::Pointer(inner) => id = inner,
                Type::Named(number) => match self.scheme.schemas.named(number) {
                    Some(own) => id = own.kind,
                    None => return Type::Named(number),
                },
                other => return other,
            }
        }
    }
}

/// A key as it stands in the text, without quotes.
fn key_text(text: &str, span: Span) -> String {
    let key = text.get(span.start as usize..span.end as usize).unwrap_or_default().trim();
    key.trim_matches(['"', '\'']).to_owned()
}

fn join(path: &mut String, name: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(name);
}
