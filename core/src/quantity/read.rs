//! Quantities from text. Source: apimachinery `pkg/api/resource`, `ParseQuantity`.

use super::decimal::Number;
use super::{Amount, Decimal, Quantity, QuantityFormat, TOO_LARGE, combined};
use std::borrow::Cow;

const WRONG_FORMAT: &str =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const WRONG_NUMBER: &str = "unable to parse numeric part of quantity";
const WRONG_SUFFIX: &str = "unable to parse quantity's suffix";

/// The largest quantity with a binary suffix (apimachinery `maxAllowed`).
const MOST_BINARY: Amount<'static> = Amount::Small { value: i64::MAX, scale: 0 };

/// A quantity as it was read.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    pub(crate) amount: ReadAmount,
    pub(crate) format: QuantityFormat,
    /// Its text is its canonical form, or taken for it.
    pub(crate) as_written: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum ReadAmount {
    Small { value: i64, scale: i32 },
    Big(Number),
}

impl Read {
    fn amount(&self) -> Amount<'_> {
        match &self.amount {
            ReadAmount::Small { value, scale } => Amount::Small { value: *value, scale: *scale },
            ReadAmount::Big(number) => Amount::Big(number.decimal()),
        }
    }

    /// The canonical text.
    pub(crate) fn text(&self) -> String {
        let quantity =
            Quantity { amount: self.amount(), format: self.format, written: None, computed: false };
        quantity.text()
    }

    /// Whether the amounts are the same.
    pub(crate) fn equals(&self, other: &Read) -> bool {
        self.amount().order(&other.amount()).is_eq()
    }

    pub(crate) fn exceeds(&self, other: &Read) -> bool {
        self.amount().order(&other.amount()).is_gt()
    }

    /// Adds another amount, as long as the sum can be had. Of nothing and something the latter's format counts.
    pub(crate) fn add(&mut self, other: &Read) {
        let format = if self.is_zero() { other.format } else { self.format };
        if let Some(amount) = combined(&self.amount(), &other.amount(), false) {
            *self = Read { amount, format, as_written: false };
        }
    }

    /// The amount so many times.
    #[must_use]
    pub(crate) fn times(&self, factor: u64) -> Read {
        let amount = match &self.amount {
            ReadAmount::Small { value, scale } => {
                let product = i64::try_from(factor).ok().and_then(|factor| value.checked_mul(factor));
                match product {
                    Some(value) => ReadAmount::Small { value, scale: *scale },
                    None => {
                        let mut number = Number::small(*value, *scale);
                        number.multiply(factor);
                        ReadAmount::Big(number)
                    }
                }
            }
            ReadAmount::Big(number) => {
                let mut number = number.clone();
                number.multiply(factor);
                ReadAmount::Big(number)
            }
        };
        Read { amount, format: self.format, as_written: false }
    }

    /// `AsApproximateFloat64`
    pub(crate) fn to_double(&self) -> f64 {
        Quantity { amount: self.amount(), format: self.format, written: None, computed: false }.to_double()
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.amount().sign() == 0
    }

    /// The canonical text of the amount rounded up to thousandths, `RoundUp(Milli)`; `None` when it is no finer.
    pub(crate) fn rounded_up_to_milli(self) -> Option<String> {
        const MILLI: i32 = -3;
        let number = match self.amount {
            ReadAmount::Small { value, scale } => Number::small(value, scale),
            ReadAmount::Big(number) => number,
        };
        if number.scale >= MILLI {
            return None;
        }
        let (number, _) = number.rounded(MILLI)?;
        Some(Read { amount: ReadAmount::Big(number), ..self }.text())
    }
}

/// The text that a quantity is written as when it was read from another: Go keeps one that is canonical at first sight,
/// and makes a new one of the rest. Source: `Quantity.MarshalJSON`.
pub(crate) fn written(text: &str) -> Result<Cow<'_, str>, &'static str> {
    let read = read(text)?;
    Ok(if read.as_written { Cow::Borrowed(text) } else { Cow::Owned(read.text()) })
}

/// Reads a quantity as `resource.ParseQuantity`.
pub(crate) fn read(text: &str) -> Result<Read, &'static str> {
    if text.is_empty() {
        return Err(WRONG_FORMAT);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits_of = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let significant = unsigned.trim_start_matches('0');
    let (whole, rest) = significant.split_at_checked(digits_of(significant)).unwrap_or((significant, ""));
    let whole = if whole.is_empty() { "0" } else { whole };
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
    if let Some(read) = read_small(text, whole, fraction, (base, exponent, format)) {
        return Ok(read);
    }
    // Nothing but zeros is read as one zero.
    let value =
        if significant.is_empty() { "0" } else { text.get(..text.len() - suffix.len()).unwrap_or_default() };
    let mut number = Number::read(value).ok_or(WRONG_NUMBER)?;
    let negative = std::mem::take(&mut number.negative);
    if base == 2 {
        number.multiply(1 << exponent);
    } else {
        number.scale = number.scale.saturating_add(exponent);
    }
    if !number.digits.is_empty() {
        (number, _) = number.rounded(-9).ok_or(TOO_LARGE)?;
    }
    let mut format = format;
    if format == QuantityFormat::BinarySi {
        let amount = Amount::Big(Decimal { negative: false, digits: &number.digits, scale: number.scale });
        if amount.order(&MOST_BINARY).is_gt() {
            number = Number::small(i64::MAX, 0);
        } else if amount.sign() > 0 && amount.order(&Amount::Small { value: 1, scale: 0 }).is_lt() {
            format = QuantityFormat::DecimalSi;
        }
    }
    number.negative = negative;
    Ok(Read { amount: ReadAmount::Big(number), format, as_written: false })
}

/// The quantity in int64, as far as Go is sure at once that it holds it.
fn read_small(
    text: &str,
    whole: &str,
    fraction: &str,
    (base, exponent, format): (u8, i32, QuantityFormat),
) -> Option<Read> {
    let digits = i64::try_from(whole.len() + fraction.len()).ok()?;
    let (precision, mantissa, scale) = if base == 10 {
        (18 - digits, 1, exponent)
    } else if fraction.is_empty() {
        (15 - digits - (exponent as f32 * 3.0 / 10.0) as i64 - 1, 1 << exponent, 0)
    } else {
        return None;
    };
    let scale = scale.saturating_sub(fraction.len() as i32);
    if precision < 0 || scale < -9 {
        return None;
    }
    let shifted = [whole, fraction].concat();
    let value: i64 = shifted.parse().ok()?;
    let result = value.checked_mul(mantissa)?;
    let as_written = match format {
        QuantityFormat::BinarySi => value & 7 != 0,
        _ => scale % 3 == 0 && !shifted.ends_with("000") && !shifted.starts_with('0'),
    };
    let value = if text.starts_with('-') { -result } else { result };
    Some(Read { amount: ReadAmount::Small { value, scale }, format, as_written })
}

/// Base, exponent and family of a suffix.
fn interpret(suffix: &str) -> Option<(u8, i32, QuantityFormat)> {
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
            // Go cuts the exponent to 32 bits.
            Some((10, exponent.parse::<i64>().ok()? as i32, QuantityFormat::DecimalExponent))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{read, written};

    /// From apimachinery 0.37.2.
    #[test]
    fn texts_are_kept_where_go_keeps_them() {
        for (text, want) in [
            ("0.5", "500m"),
            ("1024Mi", "1Gi"),
            ("1.5Gi", "1536Mi"),
            ("0.5Mi", "512Ki"),
            ("1000", "1k"),
            ("+2", "+2"),
            ("5.", "5."),
            ("1E3", "1E3"),
            ("12e6", "12e6"),
            ("512", "512"),
            ("1e21", "1e21"),
            ("1000E", "1"),
            ("0Mi", "0"),
            ("9223372036854775808", "9223372036854775808"),
            ("1000Ei", "9223372036854775807"),
            ("-0.0000000001", "-1n"),
            ("1.0000000001", "1000000001n"),
            ("-.k", "0"),
            ("1023e25", "10230e24"),
            ("9223372036854775808T", "9223372036854775808T"),
            ("+", "0"),
        ] {
            assert_eq!(written(text).as_deref(), Ok(want), "{text}");
        }
        for text in [".Pi", "1mi", "", "1 Gi", "1e9223372036854775808"] {
            assert!(written(text).is_err(), "{text}");
        }
    }

    /// Go computes for minutes where the exponent is as large as this.
    #[test]
    fn extremes_end() {
        for text in ["9e99999", "-1e-99999", "1e-2147483648", "1.5e2147483647"] {
            assert!(written(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn rounding_goes_away_from_zero() {
        let rounded = |text| read(text).unwrap().rounded_up_to_milli();
        for (text, want) in
            [("1n", "1m"), ("1500u", "2m"), ("-1n", "-1m"), ("1.001m", "2m"), ("1.333333333", "1334m")]
        {
            assert_eq!(rounded(text).as_deref(), Some(want), "{text}");
        }
        assert_eq!(rounded("1500m"), None);
    }

    #[test]
    fn amounts_are_multiplied_exactly() {
        let times = |text: &str, factor| read(text).unwrap().times(factor).text();
        assert_eq!(times("250m", 3), "750m");
        assert_eq!(times("1.5Gi", 2), "3Gi");
        assert_eq!(times("0.1", 0), "0");
        assert_eq!(times("9E", 1_000), times("9", 1), "Go has no suffix beyond E and writes none");
        let thousand = read("9E").unwrap().times(1_000);
        assert!(thousand.equals(&read("9e21").unwrap()) && thousand.exceeds(&read("9E").unwrap()));
    }
}
