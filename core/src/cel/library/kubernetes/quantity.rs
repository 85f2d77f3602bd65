//! Quantities such as `500m` and `1Gi`. Source: apiserver `library/quantity.go` over apimachinery `api/resource`.

use super::{PARSE, PARSING};
use crate::cel::library::{Function, Library, Overload};
use crate::cel::value::{Arena, Error, Opaque, Result, Val};
use crate::quantity::{
    Amount, Decimal, Number, Quantity, QuantityFormat, Read, ReadAmount, TOO_LARGE, combined, read,
};

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
                    [Val::String(text)] => Ok(Val::Bool(read(text).is_ok())),
                    _ => Err(Error::NoSuchOverload),
                })
                .costs(PARSE)
                .estimates(PARSING),
            ],
        ),
        Function::new(
            "sign",
            vec![o("quantity_sign", "kubernetes.Quantity -> int", |_, args| {
                Ok(Val::Int(quantity(args)?.amount.sign()))
            })],
        ),
        Function::new(
            "isGreaterThan",
            vec![o("quantity_is_greater_than", test, |_, args| {
                pair(args).map(|(a, b)| Val::Bool(a.amount.order(&b.amount).is_gt()))
            })],
        ),
        Function::new(
            "isLessThan",
            vec![o("quantity_is_less_than", test, |_, args| {
                pair(args).map(|(a, b)| Val::Bool(a.amount.order(&b.amount).is_lt()))
            })],
        ),
        Function::new(
            "compareTo",
            vec![o("quantity_compare_to", "kubernetes.Quantity.(kubernetes.Quantity) -> int", |_, args| {
                pair(args).map(|(a, b)| Val::Int(a.amount.order(&b.amount) as i64))
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
                o("quantity_add", both, |arena, args| combine(arena, args, false)),
                o("quantity_add_int", int, |arena, args| combine(arena, args, false)),
            ],
        ),
        Function::new(
            "sub",
            vec![
                o("quantity_sub", both, |arena, args| combine(arena, args, true)),
                o("quantity_sub_int", int, |arena, args| combine(arena, args, true)),
            ],
        ),
    ])
}

fn quantity<'a>(args: &[Val<'a>]) -> Result<'a, &'a Quantity<'a>> {
    match args.first() {
        Some(Val::Opaque(Opaque::Quantity(quantity))) => Ok(quantity),
        _ => Err(Error::NoSuchOverload),
    }
}

fn pair<'a>(args: &[Val<'a>]) -> Result<'a, (&'a Quantity<'a>, &'a Quantity<'a>)> {
    match *args {
        [Val::Opaque(Opaque::Quantity(a)), Val::Opaque(Opaque::Quantity(b))] => Ok((a, b)),
        _ => Err(Error::NoSuchOverload),
    }
}

fn to_quantity<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let [Val::String(text)] = args else { return Err(Error::NoSuchOverload) };
    match read(text) {
        Ok(Read { amount, format, as_written }) => {
            let quantity = Quantity {
                amount: stored(amount, arena),
                format,
                written: as_written.then_some(*text),
                computed: false,
            };
            Ok(Val::Opaque(Opaque::Quantity(arena.alloc(quantity))))
        }
        Err(message) => Err(Error::Message(arena.alloc(message))),
    }
}

fn stored(amount: ReadAmount, arena: &Arena) -> Amount<'_> {
    match amount {
        ReadAmount::Small { value, scale } => Amount::Small { value, scale },
        ReadAmount::Big(number) => kept(&number, arena),
    }
}

fn kept<'a>(number: &Number, arena: &'a Arena) -> Amount<'a> {
    let Number { negative, digits, scale } = number;
    Amount::Big(Decimal { negative: *negative, digits: arena.alloc_slice_copy(digits), scale: *scale })
}

/// `Quantity.Add` and `Sub`.
fn combine<'a>(arena: &'a Arena, args: &[Val<'a>], subtract: bool) -> Result<'a> {
    let (a, amount, format) = match *args {
        [Val::Opaque(Opaque::Quantity(a)), Val::Opaque(Opaque::Quantity(b))] => (a, b.amount, b.format),
        [Val::Opaque(Opaque::Quantity(a)), Val::Int(value)] => {
            (a, Amount::Small { value, scale: 0 }, QuantityFormat::DecimalExponent)
        }
        _ => return Err(Error::NoSuchOverload),
    };
    let sum = combined(&a.amount, &amount, subtract).ok_or(Error::Static(&TOO_LARGE))?;
    let format = if a.amount.sign() == 0 { format } else { a.format };
    let sum = Quantity { amount: stored(sum, arena), format, written: None, computed: true };
    Ok(Val::Opaque(Opaque::Quantity(arena.alloc(sum))))
}
