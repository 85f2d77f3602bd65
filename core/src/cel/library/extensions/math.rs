//! Numeric functions of `ext/math.go`; not in Kubernetes.

use crate::cel::library::{Function, Library, Overload};
use crate::cel::value::{Error, Result, Val};

pub fn library() -> Library {
    let double = |name, id, body| Function::new(name, vec![Overload::new(id, "double -> double", body)]);
    let test = |name, id, body| Function::new(name, vec![Overload::new(id, "double -> bool", body)]);
    Library::new(vec![
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
                Overload::new("math_abs_double", "double -> double", |_, args| map(args, f64::abs)),
                Overload::new("math_abs_int", "int -> int", |_, args| match args {
                    [Val::Int(value)] => {
                        value.checked_abs().map(Val::Int).ok_or(Error::Static(&"integer overflow"))
                    }
                    _ => Err(Error::NoSuchOverload),
                }),
                Overload::new("math_abs_uint", "uint -> uint", |_, args| {
                    args.first().copied().ok_or(Error::NoSuchOverload)
                }),
            ],
        ),
    ])
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
