//! How types read in errors: cel-go's `FormatCELType`.

use super::Type;
use std::fmt;

pub(super) fn wrapper_name(inner: &Type) -> &'static str {
    match inner {
        Type::Bool => "google.protobuf.BoolValue",
        Type::Bytes => "google.protobuf.BytesValue",
        Type::Double => "google.protobuf.DoubleValue",
        Type::Int => "google.protobuf.Int64Value",
        Type::String => "google.protobuf.StringValue",
        Type::Uint => "google.protobuf.UInt64Value",
        _ => "wrapper",
    }
}

/// A type by its full name, cel-go's `Type.String()`.
#[derive(Clone, Copy, Debug)]
pub struct Declared<'t>(pub &'t Type);

impl fmt::Display for Declared<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parameters: Vec<&Type> = match self.0 {
            Type::Param(name) => return write!(f, "<{name}>"),
            Type::Wrapper(inner) => return write!(f, "wrapper({inner})"),
            Type::List(element) => vec![element],
            Type::Map(key, value) => vec![key, value],
            Type::Type(inner) => inner.iter().map(|inner| &**inner).collect(),
            Type::Opaque(_, parameters) => parameters.iter().collect(),
            _ => Vec::new(),
        };
        f.write_str(self.0.name())?;
        for (at, parameter) in parameters.iter().enumerate() {
            write!(f, "{}{}", if at == 0 { "(" } else { ", " }, Declared(parameter))?;
        }
        f.write_str(if parameters.is_empty() { "" } else { ")" })
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Null => f.write_str("null"),
            Type::Any => f.write_str("any"),
            Type::Error => f.write_str("!error!"),
            Type::Wrapper(inner) => write!(f, "wrapper({inner})"),
            Type::Timestamp => f.write_str("timestamp"),
            Type::Duration => f.write_str("duration"),
            Type::List(element) => write!(f, "list({element})"),
            Type::Map(key, value) => write!(f, "map({key}, {value})"),
            Type::Type(Some(inner)) => write!(f, "type({inner})"),
            Type::Type(None) => f.write_str("type"),
            Type::Opaque(name, parameters) if !parameters.is_empty() => {
                write!(f, "{name}(")?;
                for (i, parameter) in parameters.iter().enumerate() {
                    if i > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{parameter}")?;
                }
                f.write_str(")")
            }
            other => f.write_str(other.name()),
        }
    }
}
