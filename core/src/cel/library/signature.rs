//! Signatures written as text, so that a library's declarations read like its documentation.

use crate::cel::types::Type;
use std::borrow::Cow;

/// Splits `receiver.(args) -> result` or `args -> result`.
pub(super) fn parse(signature: &'static str) -> (bool, Vec<Type>, Type) {
    let (left, result) = signature.split_once(" -> ").unwrap_or((signature, "*error*"));
    let mut args = Vec::new();
    let (receiver, rest) = match left.split_once(".(") {
        Some((receiver, rest)) => {
            args.push(type_of(receiver));
            (true, rest.strip_suffix(')').unwrap_or(rest))
        }
        None => (false, left),
    };
    args.extend(split(rest).into_iter().map(type_of));
    (receiver, args, type_of(result))
}

/// A type by its name in signatures.
pub(crate) fn type_of(text: &'static str) -> Type {
    let text = text.trim();
    if let Some((name, rest)) = text.split_once('(') {
        let mut inner = split(rest.strip_suffix(')').unwrap_or(rest)).into_iter().map(type_of);
        let first = inner.next().unwrap_or(Type::Error);
        return match name {
            "list" => Type::list(first),
            "map" => Type::map(first, inner.next().unwrap_or(Type::Error)),
            "optional_type" => Type::optional(first),
            "type" => Type::type_of(first),
            _ => Type::Error,
        };
    }
    if let Some(name) = text.strip_prefix('<') {
        return Type::param(name.strip_suffix('>').unwrap_or(name));
    }
    match text {
        "null" => Type::Null,
        "bool" => Type::Bool,
        "int" => Type::Int,
        "uint" => Type::Uint,
        "double" => Type::Double,
        "string" => Type::String,
        "bytes" => Type::Bytes,
        "timestamp" => Type::Timestamp,
        "duration" => Type::Duration,
        "dyn" => Type::Dyn,
        // Kubernetes declares its own types as object types, all but net.IP and net.CIDR.
        name if name.starts_with("kubernetes.") => Type::Struct(Cow::Borrowed(name)),
        name => Type::opaque(name),
    }
}

/// Splits at commas outside of brackets.
fn split(text: &'static str) -> Vec<&'static str> {
    let mut parts = Vec::new();
    let (mut depth, mut from) = (0, 0);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            b',' if depth == 0 => {
                parts.extend(text.get(from..at));
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.extend(text.get(from..).filter(|part| !part.trim().is_empty()));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_read_as_written() {
        let (receiver, args, result) = parse("list(<A>).(map(string, int), <A>) -> optional_type(<A>)");
        assert!(receiver);
        let args: Vec<String> = args.iter().map(Type::to_string).collect();
        assert_eq!(args, ["list(A)", "map(string, int)", "A"]);
        assert_eq!(result.to_string(), "optional_type(A)");
        assert!(parse(" -> string").1.is_empty());
    }
}
