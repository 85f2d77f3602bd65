//! Optional values. Source: cel-go `cel/library.go`.

use crate::cel::library::{Function, Library, Overload};
use crate::cel::value::{Arena, Error, List, Opaque, Result, Val, plain};

/// Since 1.28; `first` and `last` with the version of the library that a 1.37 binary has.
pub fn library() -> Library {
    let op = Overload::operator;
    let o = Overload::new;
    Library::new(vec![
        Function::new("optional.of", vec![o("optional_of", "<V> -> optional_type(<V>)", of)]),
        Function::new(
            "optional.ofNonZeroValue",
            vec![o("optional_ofNonZeroValue", "<V> -> optional_type(<V>)", |arena, args| match args {
                [value] if is_zero(value) => Ok(Val::Optional(None)),
                _ => of(arena, args),
            })],
        ),
        Function::new(
            "optional.none",
            vec![o("optional_none", " -> optional_type(<V>)", |_, _| Ok(Val::Optional(None)))],
        ),
        Function::new(
            "value",
            vec![o("optional_value", "optional_type(<V>).() -> <V>", |_, args| match args {
                [Val::Optional(Some(value))] => Ok(**value),
                [Val::Optional(None)] => Err(Error::Static(&"optional.none() dereference")),
                _ => Err(Error::NoSuchOverload),
            })],
        ),
        Function::new(
            "hasValue",
            vec![o("optional_hasValue", "optional_type(<V>).() -> bool", |_, args| match args {
                [Val::Optional(value)] => Ok(Val::Bool(value.is_some())),
                _ => Err(Error::NoSuchOverload),
            })],
        ),
        // `or` and `orValue` evaluate their argument only when it is needed: the VM's.
        Function::new(
            "or",
            vec![op("optional_or_optional", "optional_type(<V>).(optional_type(<V>)) -> optional_type(<V>)")],
        ),
        Function::new("orValue", vec![op("optional_orValue_value", "optional_type(<V>).(<V>) -> <V>")]),
        Function::new("_?._", vec![op("select_optional_field", "dyn, string -> optional_type(<V>)")]),
        Function::new(
            "_[?_]",
            vec![
                op("list_optindex_optional_int", "list(<V>), int -> optional_type(<V>)"),
                op(
                    "optional_list_optindex_optional_int",
                    "optional_type(list(<V>)), int -> optional_type(<V>)",
                ),
                op("map_optindex_optional_value", "map(<K>, <V>), <K> -> optional_type(<V>)"),
                op(
                    "optional_map_optindex_optional_value",
                    "optional_type(map(<K>, <V>)), <K> -> optional_type(<V>)",
                ),
            ],
        ),
        Function::new(
            "_[_]",
            vec![
                op("optional_list_index_int", "optional_type(list(<V>)), int -> optional_type(<V>)"),
                op("optional_map_index_value", "optional_type(map(<K>, <V>)), <K> -> optional_type(<V>)"),
            ],
        ),
        Function::new(
            "first",
            vec![o("list_first", "list(<V>).() -> optional_type(<V>)", |arena, args| {
                end(arena, args, |_| 0)
            })],
        ),
        Function::new(
            "last",
            vec![o("list_last", "list(<V>).() -> optional_type(<V>)", |arena, args| {
                end(arena, args, |length| length.wrapping_sub(1))
            })],
        ),
        Function::new(
            "optional.unwrap",
            vec![o("optional_unwrap", "list(optional_type(<V>)) -> list(<V>)", unwrap)],
        ),
        Function::new(
            "unwrapOpt",
            vec![o("optional_unwrapOpt", "list(optional_type(<V>)).() -> list(<V>)", unwrap)],
        ),
    ])
}

fn of<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    match args {
        [value] => Ok(Val::Optional(Some(arena.alloc(*value)))),
        _ => Err(Error::NoSuchOverload),
    }
}

fn end<'a>(arena: &'a Arena, args: &[Val<'a>], position: fn(usize) -> usize) -> Result<'a> {
    let [Val::List(list)] = args else { return Err(Error::NoSuchOverload) };
    let value = list.at(position(list.len()));
    Ok(Val::Optional(value.map(|value| &*arena.alloc(value))))
}

fn unwrap<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let [Val::List(list)] = args else { return Err(Error::NoSuchOverload) };
    let mut values = bumpalo::collections::Vec::new_in(arena);
    for element in list.iter() {
        match element {
            Val::Optional(value) => values.extend(value.copied()),
            other => {
                let text = plain(&other);
                return Err(Error::message(arena, format_args!("value {text} is not optional")));
            }
        }
    }
    Ok(Val::List(List::Slice(values.into_bump_slice())))
}

/// The zero value of its type.
pub(crate) fn is_zero(value: &Val<'_>) -> bool {
    match value {
        Val::Null | Val::Bool(false) | Val::Int(0) | Val::Uint(0) => true,
        Val::Double(value) => *value == 0.0,
        Val::Duration(value) => value.0 == 0,
        Val::Timestamp(value) => value.seconds == -62_135_596_800 && value.nanos == 0,
        Val::Opaque(Opaque::Enum(value)) => value.number() == 0,
        Val::Opaque(Opaque::Message(message)) => message.is_empty(),
        value => value.size() == Some(0),
    }
}
