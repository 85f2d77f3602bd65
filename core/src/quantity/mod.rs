//! resource.Quantity: amounts such as `500m` and `1Gi`. Source: apimachinery `pkg/api/resource`.

mod decimal;
mod read;
mod text;

pub(crate) use decimal::Number;
pub(crate) use read::{Read, ReadAmount, read, written};

pub(crate) const TOO_LARGE: &str = "quantity is too large";

/// A resource.Quantity.
#[derive(Clone, Copy, Debug)]
pub struct Quantity<'a> {
    pub amount: Amount<'a>,
    pub format: QuantityFormat,
    /// Its text where Go keeps the one that it was read from.
    pub written: Option<&'a str>,
    /// Whether it is the result of a calculation. Go has another type for those, which shows.
    pub computed: bool,
}

/// A decimal number as Go keeps it, which decides what counts as an integer.
#[derive(Clone, Copy, Debug)]
pub enum Amount<'a> {
    /// `value * 10^scale`
    Small { value: i64, scale: i32 },
    /// Of any size.
    Big(Decimal<'a>),
}

/// A number of any size: its sign, its digits without leading zeros, and the power of ten of the last.
#[derive(Clone, Copy, Debug)]
pub struct Decimal<'a> {
    pub negative: bool,
    /// ASCII digits; empty for zero.
    pub digits: &'a [u8],
    pub scale: i32,
}

/// How a quantity was written and is written again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuantityFormat {
    DecimalSi,
    BinarySi,
    DecimalExponent,
}

impl Quantity<'_> {
    /// Equality as Go's types have it: nothing can be compared with the result of a calculation.
    pub(crate) fn equality(&self, other: &Quantity<'_>) -> Option<bool> {
        (!other.computed).then(|| self.amount.order(&other.amount).is_eq())
    }

    /// `AsInt64`: only quantities that Go keeps as an int64 with a scale of zero or more.
    pub(crate) fn to_int(self) -> Option<i64> {
        match self.amount {
            Amount::Small { value, scale } => up_scaled(value, scale).filter(|_| scale >= 0),
            Amount::Big(_) => None,
        }
    }

    /// `AsApproximateFloat64`
    pub(crate) fn to_double(self) -> f64 {
        let (unit, scale) = match self.amount {
            Amount::Small { value, scale } => (value as f64, scale),
            Amount::Big(Decimal { negative, digits, scale }) => {
                let size: f64 =
                    std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok()).unwrap_or(0.0);
                (if negative { -size } else { size }, scale)
            }
        };
        if scale == 0 { unit } else { unit * power_of_ten(scale) }
    }
}

/// The sum of two amounts or, with `subtract`, the difference; `None` when it takes too many digits.
pub(crate) fn combined(a: &Amount<'_>, b: &Amount<'_>, subtract: bool) -> Option<ReadAmount> {
    if let (&Amount::Small { value, scale }, &Amount::Small { value: other, scale: of_other }) = (a, b) {
        // The negative of the least int64 is itself.
        let other = if subtract { other.wrapping_neg() } else { other };
        if let Some((value, scale)) = small_sum((value, scale), (other, of_other)) {
            return Some(ReadAmount::Small { value, scale });
        }
    }
    let mut other = b.number();
    other.negative ^= subtract;
    a.number().sum(other).map(ReadAmount::Big)
}

/// The sum in int64, as long as that holds it.
fn small_sum(a: (i64, i32), b: (i64, i32)) -> Option<(i64, i32)> {
    match (a, b) {
        (a, (0, _)) => Some(a),
        ((0, _), b) => Some(b),
        _ => {
            let scale = a.1.min(b.1);
            Some((up_scaled(a.0, a.1 - scale)?.checked_add(up_scaled(b.0, b.1 - scale)?)?, scale))
        }
    }
}

/// `value * 10^power`
fn up_scaled(value: i64, power: i32) -> Option<i64> {
    if value == 0 {
        return Some(0);
    }
    value.checked_mul(10_i64.checked_pow(u32::try_from(power).ok()?)?)
}

/// Go's `math.Pow10`, the product or quotient of two entries of its tables.
fn power_of_ten(exponent: i32) -> f64 {
    let entry = |power: i32| format!("1e{power}").parse::<f64>().unwrap_or(f64::INFINITY);
    match exponent {
        0..=308 => entry(exponent / 32 * 32) * entry(exponent % 32),
        -323..0 => entry(exponent / 32 * 32) / entry(-exponent % 32),
        ..-323 => 0.0,
        _ => f64::INFINITY,
    }
}
