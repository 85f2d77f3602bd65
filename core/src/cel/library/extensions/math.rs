//! Numeric functions of `ext/math.go`; not in Kubernetes.

use crate::cel::library::{Function, Library, Overload};
use crate::cel::value::{Arena, Error, Result, Val};
use std::cmp::Ordering;

pub fn library() -> Library {
    let o = Overload::new;
    let double = |name, id, body| Function::new(name, vec![o(id, "double -> double", body)]);
    let test = |name, id, body| Function::new(name, vec![o(id, "double -> bool", body)]);
    Library::new(vec![
        Function::new("math.@max", MAXIMUM.map(|(id, signature)| o(id, signature, maximum)).into()),
        Function::new("math.@min", MINIMUM.map(|(id, signature)| o(id, signature, minimum)).into()),
        double("math.ceil", "math_ceil_double", |_, args| map(args, f64::ceil)),
        double("math.floor", "math_floor_double", |_, args| map(args, f64::floor)),
        double("math.round", "math_round_double", |_, args| map(args, f64::round)),
        double("math.trunc", "math_trunc_double", |_, args| map(args, f64::trunc)),
        test("math.isNaN", "math_isNaN_double", |_, args| check(args, f64::is_nan)),
        test("math.isInf", "math_isInf_double", |_, args| check(args, f64::is_infinite)),
        test("math.isFinite", "math_isFinite_double", |_, args| check(args, f64::is_finite)),
        Function::new(
            "math.abs",
            vec![
                o("math_abs_double", "double -> double", |_, args| map(args, f64::abs)),
                o("math_abs_int", "int -> int", |_, args| match args {
                    [Val::Int(value)] => {
                        value.checked_abs().map(Val::Int).ok_or(Error::Static(&"integer overflow"))
                    }
                    _ => Err(Error::NoSuchOverload),
                }),
                o("math_abs_uint", "uint -> uint", |_, args| {
                    args.first().copied().ok_or(Error::NoSuchOverload)
                }),
            ],
        ),
        Function::new(
            "math.sign",
            vec![
                o("math_sign_double", "double -> double", sign),
                o("math_sign_int", "int -> int", sign),
                o("math_sign_uint", "uint -> uint", sign),
            ],
        ),
        Function::new(
            "math.sqrt",
            vec![
                o("math_sqrt_double", "double -> double", sqrt),
                o("math_sqrt_int", "int -> double", sqrt),
                o("math_sqrt_uint", "uint -> double", sqrt),
            ],
        ),
        Function::new(
            "math.bitAnd",
            vec![
                o("math_bitAnd_int_int", "int, int -> int", |_, args| bits(args, |a, b| a & b)),
                o("math_bitAnd_uint_uint", "uint, uint -> uint", |_, args| bits(args, |a, b| a & b)),
            ],
        ),
        Function::new(
            "math.bitOr",
            vec![
                o("math_bitOr_int_int", "int, int -> int", |_, args| bits(args, |a, b| a | b)),
                o("math_bitOr_uint_uint", "uint, uint -> uint", |_, args| bits(args, |a, b| a | b)),
            ],
        ),
        Function::new(
            "math.bitXor",
            vec![
                o("math_bitXor_int_int", "int, int -> int", |_, args| bits(args, |a, b| a ^ b)),
                o("math_bitXor_uint_uint", "uint, uint -> uint", |_, args| bits(args, |a, b| a ^ b)),
            ],
        ),
        Function::new(
            "math.bitNot",
            vec![
                o("math_bitNot_int_int", "int -> int", not),
                o("math_bitNot_uint_uint", "uint -> uint", not),
            ],
        ),
        Function::new(
            "math.bitShiftLeft",
            vec![
                o("math_bitShiftLeft_int_int", "int, int -> int", shift_left),
                o("math_bitShiftLeft_uint_int", "uint, int -> uint", shift_left),
            ],
        ),
        Function::new(
            "math.bitShiftRight",
            vec![
                o("math_bitShiftRight_int_int", "int, int -> int", shift_right),
                o("math_bitShiftRight_uint_int", "uint, int -> uint", shift_right),
            ],
        ),
    ])
}

/// The overloads behind the macros `math.greatest` and `math.least`.
const MAXIMUM: [(&str, &str); 15] = [
    ("math_@max_double", "double -> double"),
    ("math_@max_int", "int -> int"),
    ("math_@max_uint", "uint -> uint"),
    ("math_@max_double_double", "double, double -> double"),
    ("math_@max_int_int", "int, int -> int"),
    ("math_@max_uint_uint", "uint, uint -> uint"),
    ("math_@max_int_uint", "int, uint -> dyn"),
    ("math_@max_int_double", "int, double -> dyn"),
    ("math_@max_double_int", "double, int -> dyn"),
    ("math_@max_double_uint", "double, uint -> dyn"),
    ("math_@max_uint_int", "uint, int -> dyn"),
    ("math_@max_uint_double", "uint, double -> dyn"),
    ("math_@max_list_double", "list(double) -> double"),
    ("math_@max_list_int", "list(int) -> int"),
    ("math_@max_list_uint", "list(uint) -> uint"),
];

const MINIMUM: [(&str, &str); 15] = [
    ("math_@min_double", "double -> double"),
    ("math_@min_int", "int -> int"),
    ("math_@min_uint", "uint -> uint"),
    ("math_@min_double_double", "double, double -> double"),
    ("math_@min_int_int", "int, int -> int"),
    ("math_@min_uint_uint", "uint, uint -> uint"),
    ("math_@min_int_uint", "int, uint -> dyn"),
    ("math_@min_int_double", "int, double -> dyn"),
    ("math_@min_double_int", "double, int -> dyn"),
    ("math_@min_double_uint", "double, uint -> dyn"),
    ("math_@min_uint_int", "uint, int -> dyn"),
    ("math_@min_uint_double", "uint, double -> dyn"),
    ("math_@min_list_double", "list(double) -> double"),
    ("math_@min_list_int", "list(int) -> int"),
    ("math_@min_list_uint", "list(uint) -> uint"),
];

fn maximum<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    extreme(arena, args, "math.@max", Ordering::Less)
}

fn minimum<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    extreme(arena, args, "math.@min", Ordering::Greater)
}

/// The first of the arguments, or of a list's elements, that no other one stands to in the order `worse`.
fn extreme<'a>(arena: &'a Arena, args: &[Val<'a>], name: &str, worse: Ordering) -> Result<'a> {
    let pick = |best: Val<'a>, next: Val<'a>| match best.compare(&next) {
        Ok(order) => Ok(if order == worse { next } else { best }),
        Err(error) => Err(Error::message(arena, format_args!("{error}: {name}"))),
    };
    match args {
        [Val::List(list)] => {
            let mut elements = list.iter();
            let Some(first) = elements.next() else {
                let text = format_args!("{name}(list) argument must not be empty");
                return Err(Error::message(arena, text));
            };
            match elements.try_fold(first, pick)? {
                best @ (Val::Int(_) | Val::Uint(_) | Val::Double(_)) => Ok(best),
                _ => Err(Error::message(arena, format_args!("no such overload: {name}"))),
            }
        }
        [only] => Ok(*only),
        [first, second] => pick(*first, *second),
        _ => Err(Error::NoSuchOverload),
    }
}

fn map<'a>(args: &[Val<'a>], apply: fn(f64) -> f64) -> Result<'a> {
    match args {
        [Val::Double(value)] => Ok(Val::Double(apply(*value))),
        _ => Err(Error::NoSuchOverload),
    }
}

fn check<'a>(args: &[Val<'a>], accept: fn(f64) -> bool) -> Result<'a> {
    match args {
        [Val::Double(value)] => Ok(Val::Bool(accept(*value))),
        _ => Err(Error::NoSuchOverload),
    }
}

fn sign<'a>(_: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    Ok(match args {
        [Val::Double(value)] if value.is_nan() => Val::Double(*value),
        [Val::Double(value)] => Val::Double(f64::from(i8::from(*value > 0.0) - i8::from(*value < 0.0))),
        [Val::Int(value)] => Val::Int(value.signum()),
        [Val::Uint(value)] => Val::Uint(u64::from(*value > 0)),
        _ => return Err(Error::NoSuchOverload),
    })
}

fn sqrt<'a>(_: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    Ok(Val::Double(match args {
        [Val::Double(value)] => value.sqrt(),
        [Val::Int(value)] => (*value as f64).sqrt(),
        [Val::Uint(value)] => (*value as f64).sqrt(),
        _ => return Err(Error::NoSuchOverload),
    }))
}

fn bits<'a>(args: &[Val<'a>], apply: fn(u64, u64) -> u64) -> Result<'a> {
    match args {
        [Val::Int(a), Val::Int(b)] => Ok(Val::Int(apply(*a as u64, *b as u64) as i64)),
        [Val::Uint(a), Val::Uint(b)] => Ok(Val::Uint(apply(*a, *b))),
        _ => Err(Error::NoSuchOverload),
    }
}

fn not<'a>(_: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    match args {
        [Val::Int(value)] => Ok(Val::Int(!value)),
        [Val::Uint(value)] => Ok(Val::Uint(!value)),
        _ => Err(Error::NoSuchOverload),
    }
}

fn shift_left<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    shift(arena, args, "math.bitShiftLeft()", u64::checked_shl)
}

/// Signed numbers are shifted as if they had no sign.
fn shift_right<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    shift(arena, args, "math.bitShiftRight()", u64::checked_shr)
}

fn shift<'a>(
    arena: &'a Arena,
    args: &[Val<'a>],
    name: &str,
    apply: fn(u64, u32) -> Option<u64>,
) -> Result<'a> {
    let [value, Val::Int(by)] = args else { return Err(Error::NoSuchOverload) };
    if *by < 0 {
        return Err(Error::message(arena, format_args!("{name} negative offset: {by}")));
    }
    let shifted = |value| u32::try_from(*by).ok().and_then(|by| apply(value, by)).unwrap_or(0);
    match value {
        Val::Int(value) => Ok(Val::Int(shifted(*value as u64) as i64)),
        Val::Uint(value) => Ok(Val::Uint(shifted(*value))),
        _ => Err(Error::NoSuchOverload),
    }
}
