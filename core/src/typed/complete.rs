//! What a struct has beyond what was written: fields that are there even when empty, declared defaults, and those of
//! functions; and without what the version has switched off.

use super::Stage;
use super::scheme::Scheme;
use super::value::Value;
use crate::document::{Draft, DraftValue, Origin, Place};
use crate::schema::{Scalar, StructId, Type, TypeId};
use crate::source::Span;

/// Completes a struct; `seen` has a bit for each field that was written.
pub(super) fn complete(
    draft: &mut Draft<'_>,
    scheme: &Scheme,
    kind: StructId,
    place: Place,
    seen: u128,
    stage: Stage,
) {
    let plan = scheme.plan(kind);
    for &number in &plan.always {
        if seen & 1 << (number & 127) != 0 {
            continue;
        }
        let Some(field) = plan.fields.get(usize::from(number)) else { continue };
        let zero = zero(draft, scheme, field.kind, draft.span(place), stage);
        draft.name(zero, &field.name);
        draft.push(place, zero);
    }
    if stage == Stage::Decoded {
        return;
    }
    for (number, value) in &plan.declared {
        let Some(field) = plan.fields.get(usize::from(*number)) else { continue };
        let name = field.name.as_str();
        let value_now = Value::new(draft, scheme, place);
        let is_pointer = matches!(scheme.schemas.type_of(field.kind), Type::Pointer(_));
        if !(if is_pointer { value_now.is_nil(name) } else { value_now.is_zero(name) }) {
            continue;
        }
        let default = declared(draft, scheme, field.kind, value, draft.span(place));
        draft.remove(place, name);
        draft.name(default, &field.name);
        draft.push(place, default);
    }
    if let Some(rule) = plan.rule {
        rule(&mut Value::new(draft, scheme, place));
    }
    if stage == Stage::Prepared {
        for &number in &plan.gated {
            let Some(field) = plan.fields.get(usize::from(number)) else { continue };
            let name = field.name.as_str();
            if field.vanishes {
                draft.remove(place, name);
            } else if let Some(place) = draft.field(place, name) {
                draft.replace(place, DraftValue::Null);
            }
        }
    }
}

/// A declared default as a value of a field's type.
fn declared(
    draft: &mut Draft<'_>,
    scheme: &Scheme,
    id: TypeId,
    value: &serde_json::Value,
    span: Span,
) -> Place {
    let origin = Origin::Defaulted;
    match value {
        serde_json::Value::String(text) => draft.added(DraftValue::String(text), origin, span),
        serde_json::Value::Bool(value) => draft.added(DraftValue::Bool(*value), origin, span),
        serde_json::Value::Number(number) => {
            draft.added(DraftValue::Int(number.as_i64().unwrap_or(0)), origin, span)
        }
        serde_json::Value::Object(entries) => {
            let place = draft.added(DraftValue::Map, origin, span);
            let kind = struct_in(scheme, id);
            for (name, value) in entries {
                let field = kind.and_then(|kind| scheme.schemas.structure(kind).field(name));
                let Some(field) = field else { continue };
                let entry = declared(draft, scheme, field.kind, value, span);
                draft.name(entry, &field.name);
                draft.push(place, entry);
            }
            place
        }
        _ => draft.added(DraftValue::Null, origin, span),
    }
}

fn struct_in(scheme: &Scheme, id: TypeId) -> Option<StructId> {
    match scheme.schemas.type_of(id) {
        Type::Struct(kind) => Some(kind),
        Type::Pointer(inner) => struct_in(scheme, inner),
        _ => None,
    }
}

/// What Go writes for a value that was never set.
pub(super) fn zero(draft: &mut Draft<'_>, scheme: &Scheme, id: TypeId, span: Span, stage: Stage) -> Place {
    let value = match scheme.schemas.type_of(id) {
        Type::Struct(kind) => {
            let place = draft.added(DraftValue::Map, Origin::Empty, span);
            complete(draft, scheme, kind, place, 0, stage);
            return place;
        }
        Type::Named(number) => match scheme.schemas.named(number) {
            Some(own) => return zero(draft, scheme, own.kind, span, stage),
            None => DraftValue::Null,
        },
        Type::Pointer(_) | Type::List(_) | Type::Map(_) => DraftValue::Null,
        Type::Scalar(scalar) => zero_of(scalar),
    };
    draft.added(value, Origin::Empty, span)
}

/// What Go writes for a scalar that was never set.
pub(super) fn zero_of(scalar: Scalar) -> DraftValue<'static> {
    match scalar {
        Scalar::String => DraftValue::String(""),
        Scalar::Bool | Scalar::SchemaOrBool => DraftValue::Bool(false),
        Scalar::Int32 | Scalar::Int64 | Scalar::IntOrString => DraftValue::Int(0),
        Scalar::Float64 => DraftValue::Double(0.0),
        Scalar::Duration => DraftValue::String("0s"),
        Scalar::Quantity => DraftValue::String("0"),
        Scalar::Bytes
        | Scalar::Time
        | Scalar::MicroTime
        | Scalar::RawExtension
        | Scalar::FieldsV1
        | Scalar::Json
        | Scalar::SchemaOrArray
        | Scalar::SchemaOrStrings => DraftValue::Null,
    }
}
