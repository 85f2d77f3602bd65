//! Whether a value has a type, as far as an evaluation looks.

use crate::cel::types::{OPTIONAL, Type};
use crate::cel::value::Val;

/// cel-go's `IsAssignableRuntimeType`: containers are judged by their first entry.
pub(crate) fn accepts(kind: &Type, value: &Val<'_>) -> bool {
    let (mut kind, mut value) = (kind, *value);
    loop {
        return match (kind, &value) {
            (Type::Dyn | Type::Any | Type::Param(_) | Type::Error, _) => true,
            (Type::Null, Val::Null)
            | (Type::Bool, Val::Bool(_))
            | (Type::Int, Val::Int(_))
            | (Type::Uint, Val::Uint(_))
            | (Type::Double, Val::Double(_))
            | (Type::String, Val::String(_))
            | (Type::Bytes, Val::Bytes(_))
            | (Type::Timestamp, Val::Timestamp(_))
            | (Type::Duration, Val::Duration(_))
            | (Type::Type(_), Val::Type(_))
            | (Type::Wrapper(_), Val::Null) => true,
            (Type::Wrapper(inner), _) => {
                kind = inner;
                continue;
            }
            (Type::List(element), Val::List(list)) => match list.at(0) {
                Some(first) => {
                    (kind, value) = (element, first);
                    continue;
                }
                None => true,
            },
            (Type::Map(key, entry), Val::Map(map)) => match map.at(0) {
                Some((first, inner)) => {
                    if !accepts_scalar(key, &first) {
                        return false;
                    }
                    (kind, value) = (entry, inner);
                    continue;
                }
                None => true,
            },
            (Type::Opaque(name, _), Val::Optional(_)) => name == OPTIONAL,
            (Type::Struct(name) | Type::Opaque(name, _), Val::Opaque(opaque)) => *name == opaque.type_name(),
            (Type::String, Val::Opaque(opaque)) => opaque.type_name() == "string",
            _ => false,
        };
    }
}

fn accepts_scalar(kind: &Type, value: &Val<'_>) -> bool {
    !matches!(kind, Type::List(_) | Type::Map(..)) && accepts(kind, value)
}
