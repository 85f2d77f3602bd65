//! Quantities such as `500m` and `1Gi`. Source: apiserver `library/quantity.go` over apimachinery `api/resource`.

use super::{PARSE, PARSING};
use crate::cel::library::{Function, Library, Overload};
use crate::cel::value::{Arena, Error, Opaque, Quantity, QuantityFormat, Result, Val};

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

const NANOS: i128 = 1_000_000_000;

/// Beyond int64 a quantity is cut (apimachinery `maxAllowed`).
const MOST: i128 = i64::MAX as i128 * NANOS;

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

const WRONG_FORMAT: &str =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const WRONG_NUMBER: &str = "unable to parse numeric part of quantity";
const WRONG_SUFFIX: &str = "unable to parse quantity's suffix";

/// Reads a quantity as `resource.ParseQuantity`.
pub(crate) fn parse(text: &str) -> std::result::Result<Quantity, &'static str> {
    if text.is_empty() {
        return Err(WRONG_FORMAT);
    }
    let (negative, unsigned) = match text.as_bytes().first() {
        Some(b'-') => (true, text.get(1..).unwrap_or_default()),
        Some(b'+') => (false, text.get(1..).unwrap_or_default()),
        _ => (false, text),
    };
    let digits_of = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (whole, rest) = unsigned.split_at_checked(digits_of(unsigned)).unwrap_or((unsigned, ""));
    let (fraction, suffix) = match rest.strip_prefix('.') {
        Some(after) => after.split_at_checked(digits_of(after)).unwrap_or((after, "")),
        None => ("", rest),
    };
    let letters = suffix.bytes().take_while(|byte| b"eEinumkKMGTP".contains(byte)).count();
    let exponent = suffix.get(letters..).unwrap_or_default();
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    if !exponent.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(WRONG_FORMAT);
    }
    let (base, exponent, format) = interpret(suffix).ok_or(WRONG_SUFFIX)?;
    let whole = whole.trim_start_matches('0');
    if unsigned.starts_with(|c: char| !c.is_ascii_digit()) && fraction.is_empty() {
        return Err(WRONG_NUMBER);
    }
    let digits = whole.len().max(1) + fraction.len();
    let (nanos, cut) = scaled(whole, fraction, base, exponent);
    let nanos = if negative { -nanos } else { nanos };
    let scale = if base == 2 { 0 } else { exponent.saturating_sub(fraction.len() as i64) };
    // Where Go keeps an int64 and a scale; elsewhere it computes with arbitrary precision.
    let precision = match base {
        2 if fraction.is_empty() => {
            15 - whole.len().max(1) as i64 - (exponent as f32 * 3.0 / 10.0) as i64 - 1
        }
        2 => -1,
        _ => 18 - digits as i64,
    };
    let exact = precision >= 0 && scale >= -9 && !cut;
    Ok(Quantity { nanos, scale: scale.clamp(-9, 18) as i32, exact, format })
}

/// Base, exponent and family of a suffix.
fn interpret(suffix: &str) -> Option<(u8, i64, QuantityFormat)> {
    let decimal = |exponent| Some((10, exponent, QuantityFormat::DecimalSi));
    let binary = |exponent| Some((2, exponent, QuantityFormat::BinarySi));
    match suffix {
        "n" => decimal(-9),
        "u" => decimal(-6),
        "m" => decimal(-3),
        "" => decimal(0),
        "k" => decimal(3),
        "M" => decimal(6),
        "G" => decimal(9),
        "T" => decimal(12),
        "P" => decimal(15),
        "E" => decimal(18),
        "Ki" => binary(10),
        "Mi" => binary(20),
        "Gi" => binary(30),
        "Ti" => binary(40),
        "Pi" => binary(50),
        "Ei" => binary(60),
        _ => {
            let exponent = suffix.strip_prefix(['e', 'E']).filter(|digits| !digits.is_empty())?;
            Some((10, exponent.parse().ok()?, QuantityFormat::DecimalExponent))
        }
    }
}

/// The number in nanos, rounded away from zero and cut at int64; and whether it was cut.
fn scaled(whole: &str, fraction: &str, base: u8, exponent: i64) -> (i128, bool) {
    let all: String = [whole, fraction].concat();
    let all = all.trim_start_matches('0');
    if all.is_empty() {
        return (0, false);
    }
    let keep = if base == 2 { 19 } else { 30 };
    let (kept, dropped) = all.split_at_checked(keep).unwrap_or((all, ""));
    let mut sticky = dropped.bytes().any(|byte| byte != b'0');
    let mut mantissa: i128 = kept.parse().unwrap_or(0);
    let mut power = dropped.len() as i64 - fraction.len() as i64 + 9;
    if base == 2 {
        mantissa = mantissa.saturating_mul(1 << exponent);
    } else {
        power = power.saturating_add(exponent);
    }
    while power > 0 && mantissa <= MOST {
        mantissa = mantissa.saturating_mul(10);
        power -= 1;
    }
    while power < 0 && mantissa > 0 {
        sticky |= mantissa % 10 != 0;
        mantissa /= 10;
        power += 1;
    }
    mantissa += i128::from(sticky);
    if mantissa > MOST { (MOST, true) } else { (mantissa, false) }
}

impl Quantity {
    /// `AsInt64`: only quantities that Go keeps as an int64 with a scale of zero or more.
    fn to_int(self) -> Option<i64> {
        if !self.exact || self.scale < 0 {
            return None;
        }
        i64::try_from(self.nanos / NANOS).ok()
    }

    /// `AsApproximateFloat64`
    fn to_double(self) -> f64 {
        let unit = 10_i128.pow((9 + self.scale).clamp(0, 27) as u32);
        (self.nanos / unit) as f64 * 10_f64.powi(self.scale)
    }

    /// The canonical text (`Quantity.String` of a computed quantity).
    pub(crate) fn text(&self) -> String {
        let magnitude = self.nanos.unsigned_abs();
        let sign = if self.nanos < 0 { "-" } else { "" };
        let whole = magnitude.is_multiple_of(NANOS as u128);
        if self.format == QuantityFormat::BinarySi && whole && magnitude >= 1_024 * NANOS as u128 {
            let (mut value, mut power) = (magnitude / NANOS as u128, 0);
            while value % 1_024 == 0 && power < 6 {
                value /= 1_024;
                power += 1;
            }
            let suffix = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].get(power).copied().unwrap_or_default();
            return format!("{sign}{value}{suffix}");
        }
        if magnitude == 0 {
            return "0".to_owned();
        }
        let (mut value, mut exponent) = (magnitude, -9);
        while value % 1_000 == 0 && exponent < 18 {
            value /= 1_000;
            exponent += 3;
        }
        if self.format == QuantityFormat::DecimalExponent {
            return if exponent == 0 {
                format!("{sign}{value}")
            } else {
                format!("{sign}{value}e{exponent}")
            };
        }
        let suffix = match exponent {
            -9 => "n",
            -6 => "u",
            -3 => "m",
            3 => "k",
            6 => "M",
            9 => "G",
            12 => "T",
            15 => "P",
            18 => "E",
            _ => "",
        };
        format!("{sign}{value}{suffix}")
    }
}
