//! Types from their names, as cel-go writes them.

use super::Type;
use std::str::FromStr;

/// Types within types beyond this are refused.
const MAX_DEPTH: usize = 32;

impl FromStr for Type {
    type Err = String;

    /// `int`, `list(map(string, dyn))`, `optional_type(int)`, `wrapper(bool)`, `google.protobuf.Timestamp`,
    /// `kubernetes.Quantity`, …; a full name that is none of CEL's is that of an object type.
    fn from_str(text: &str) -> Result<Type, String> {
        parse(text, MAX_DEPTH).ok_or_else(|| format!("`{text}` is no CEL type"))
    }
}

fn parse(text: &str, depth: usize) -> Option<Type> {
    let text = text.trim();
    let Some((name, rest)) = text.split_once('(') else { return simple(text) };
    let depth = depth.checked_sub(1)?;
    let parameters: Option<Vec<Type>> =
        split(rest.strip_suffix(')')?).into_iter().map(|part| parse(part, depth)).collect();
    match (name, <[Type; 1]>::try_from(parameters?)) {
        ("list", Ok([element])) => Some(Type::list(element)),
        ("optional_type", Ok([value])) => Some(Type::optional(value)),
        ("type", Ok([of])) => Some(Type::type_of(of)),
        ("wrapper", Ok([inner])) => wrapper(inner),
        ("map", Err(parameters)) => match <[Type; 2]>::try_from(parameters) {
            Ok([key, value]) => Some(Type::map(key, value)),
            Err(_) => None,
        },
        _ => None,
    }
}

fn simple(name: &str) -> Option<Type> {
    Some(match name {
        "null" | "null_type" => Type::Null,
        "bool" => Type::Bool,
        "int" => Type::Int,
        "uint" => Type::Uint,
        "double" => Type::Double,
        "string" => Type::String,
        "bytes" => Type::Bytes,
        "timestamp" | "google.protobuf.Timestamp" => Type::Timestamp,
        "duration" | "google.protobuf.Duration" => Type::Duration,
        "dyn" | "google.protobuf.Value" => Type::Dyn,
        "any" | "google.protobuf.Any" => Type::Any,
        "list" | "google.protobuf.ListValue" => Type::list(Type::Dyn),
        "map" => Type::map(Type::Dyn, Type::Dyn),
        "google.protobuf.Struct" => Type::map(Type::String, Type::Dyn),
        "type" => Type::Type(None),
        "optional_type" => Type::optional(Type::Dyn),
        "google.protobuf.BoolValue" => return wrapper(Type::Bool),
        "google.protobuf.BytesValue" => return wrapper(Type::Bytes),
        "google.protobuf.DoubleValue" | "google.protobuf.FloatValue" => return wrapper(Type::Double),
        "google.protobuf.Int32Value" | "google.protobuf.Int64Value" => return wrapper(Type::Int),
        "google.protobuf.StringValue" => return wrapper(Type::String),
        "google.protobuf.UInt32Value" | "google.protobuf.UInt64Value" => return wrapper(Type::Uint),
        "net.IP" => Type::opaque("net.IP"),
        "net.CIDR" => Type::opaque("net.CIDR"),
        _ if is_full_name(name) => Type::Struct(name.to_owned().into()),
        _ => return None,
    })
}

fn wrapper(inner: Type) -> Option<Type> {
    let wraps =
        matches!(inner, Type::Bool | Type::Bytes | Type::Double | Type::Int | Type::String | Type::Uint);
    wraps.then(|| Type::Wrapper(inner.into()))
}

/// Whether a name has a namespace, as every object type's has.
fn is_full_name(name: &str) -> bool {
    let is_plain = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    name.contains('.') && name.split('.').all(is_plain)
}

/// Splits at commas outside of brackets.
fn split(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let at_comma = |c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    };
    text.split(at_comma).collect()
}
