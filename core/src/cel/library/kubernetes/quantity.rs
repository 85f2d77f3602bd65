//! Quantities such as `500m` and `1Gi`. Source: apiserver `library/quantity.go` over apimachinery `api/resource`.

use super::{PARSE, PARSING};
use crate::cel::library::{Function, Library, Overload};
use crate::cel::value::{Arena, Error, Opaque, Quantity, QuantityFormat, Result, Val};
use crate::quantity::{NANOS, parse};

/// Since 1.28.
pub fn library() -> Library {
    let o = Overload::new;
    let both = "kubernetes.Quantity.(kubernetes.Quantity) -> kubernetes.Quantity";
    let int = "kubernetes.Quantity.(int) -> kubernetes.Quantity";
    let test = "kubernetes.Quantity.(kubernetes.Quantity) -> bool";
    Library::new(vec![
        Function::new(
            "quantity",
            vec![
                o("string_to_quantity", "string -> kubernetes.Quantity", to_quantity)
                    .costs(PARSE)
                    .estimates(PARSING),
            ],
        ),
        Function::new(
            "isQuantity",
            vec![
                o("is_quantity_string", "string -> bool", |_, args| match args {
                    [Val::String(text)] => Ok(Val::Bool(parse(text).is_ok())),
                    _ => Err(Error::NoSuchOverload),
                })
                .costs(PARSE)
                .estimates(PARSING),
            ],
        ),
        Function::new(
            "sign",
            vec![o("quantity_sign", "kubernetes.Quantity -> int", |_, args| {
                Ok(Val::Int(quantity(args)?.nanos.signum() as i64))
            })],
        ),
        Function::new(
            "isGreaterThan",
            vec![o("quantity_is_greater_than", test, |_, args| {
                pair(args).map(|(a, b)| Val::Bool(a.nanos > b.nanos))
            })],
        ),
        Function::new(
            "isLessThan",
            vec![o("quantity_is_less_than", test, |_, args| {
                pair(args).map(|(a, b)| Val::Bool(a.nanos < b.nanos))
            })],
        ),
        Function::new(
            "compareTo",
            vec![o("quantity_compare_to", "kubernetes.Quantity.(kubernetes.Quantity) -> int", |_, args| {
                pair(args).map(|(a, b)| Val::Int(a.nanos.cmp(&b.nanos) as i64))
            })],
        ),
        Function::new(
            "asApproximateFloat",
            vec![o("quantity_get_float", "kubernetes.Quantity.() -> double", |_, args| {
                Ok(Val::Double(quantity(args)?.to_double()))
            })],
        ),
        Function::new(
            "asInteger",
            vec![o("quantity_get_int", "kubernetes.Quantity.() -> int", |_, args| {
                quantity(args)?
                    .to_int()
                    .map(Val::Int)
                    .ok_or(Error::Static(&"cannot convert value to integer"))
            })],
        ),
        Function::new(
            "isInteger",
            vec![o("quantity_is_integer", "kubernetes.Quantity.() -> bool", |_, args| {
                Ok(Val::Bool(quantity(args)?.to_int().is_some()))
            })],
        ),
        Function::new(
            "add",
            vec![
                o("quantity_add", both, |arena, args| combine(arena, args, 1)),
                o("quantity_add_int", int, |arena, args| combine(arena, args, 1)),
            ],
        ),
        Function::new(
            "sub",
            vec![
                o("quantity_sub", both, |arena, args| combine(arena, args, -1)),
                o("quantity_sub_int", int, |arena, args| combine(arena, args, -1)),
            ],
        ),
    ])
}

fn quantity<'a>(args: &[Val<'a>]) -> Result<'a, &'a Quantity> {
    match args.first() {
        Some(Val::Opaque(Opaque::Quantity(quantity))) => Ok(quantity),
        _ => Err(Error::NoSuchOverload),
    }
}

fn pair<'a>(args: &[Val<'a>]) -> Result<'a, (&'a Quantity, &'a Quantity)> {
    match *args {
        [Val::Opaque(Opaque::Quantity(a)), Val::Opaque(Opaque::Quantity(b))] => Ok((a, b)),
        _ => Err(Error::NoSuchOverload),
    }
}

fn to_quantity<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let [Val::String(text)] = args else { return Err(Error::NoSuchOverload) };
    match parse(text) {
        Ok(quantity) => Ok(Val::Opaque(Opaque::Quantity(arena.alloc(quantity)))),
        Err(message) => Err(Error::Message(arena.alloc(message))),
    }
}

fn combine<'a>(arena: &'a Arena, args: &[Val<'a>], sign: i128) -> Result<'a> {
    let (a, b) = match *args {
        [Val::Opaque(Opaque::Quantity(a)), Val::Opaque(Opaque::Quantity(b))] => (*a, *b),
        [Val::Opaque(Opaque::Quantity(a)), Val::Int(b)] => (
            *a,
            Quantity {
                nanos: i128::from(b) * NANOS,
                scale: 0,
                exact: true,
                format: QuantityFormat::DecimalSi,
            },
        ),
        _ => return Err(Error::NoSuchOverload),
    };
    let nanos = a.nanos.saturating_add(sign * b.nanos);
    let format = if a.nanos == 0 { b.format } else { a.format };
    let scale = match (a.nanos, b.nanos) {
        (0, _) => b.scale,
        (_, 0) => a.scale,
        _ => a.scale.min(b.scale),
    };
    let fits = i64::try_from(nanos / 10_i128.pow((9 + scale).clamp(0, 28) as u32)).is_ok();
    let sum = Quantity { nanos, scale, exact: a.exact && b.exact && fits, format };
    Ok(Val::Opaque(Opaque::Quantity(arena.alloc(sum))))
}
