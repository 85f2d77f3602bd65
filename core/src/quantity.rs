//! resource.Quantity: reading and writing amounts such as `500m` and `1Gi`. Source: apimachinery `pkg/api/resource`.

use std::borrow::Cow;

/// A resource.Quantity: a whole number of `10^-9`, which is as fine as Kubernetes keeps them.
#[derive(Clone, Copy, Debug)]
pub struct Quantity {
    pub nanos: i128,
    /// Power of ten of the unit in which Go keeps the number; it decides what counts as an integer.
    pub scale: i32,
    /// Whether Go keeps it as an int64 rather than with arbitrary precision.
    pub exact: bool,
    pub format: QuantityFormat,
}

/// How a quantity was written and is written again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuantityFormat {
    DecimalSi,
    BinarySi,
    DecimalExponent,
}

pub(crate) const NANOS: i128 = 1_000_000_000;

/// Beyond int64 a binary quantity is cut (apimachinery `maxAllowed`).
const MOST: i128 = i64::MAX as i128 * NANOS;

/// Go has no bound on decimal quantities; here it is `10^28`.
const MOST_DECIMAL: i128 = 10_i128.pow(37);

const WRONG_FORMAT: &str =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const WRONG_NUMBER: &str = "unable to parse numeric part of quantity";
const WRONG_SUFFIX: &str = "unable to parse quantity's suffix";

/// Reads a quantity as `resource.ParseQuantity`.
pub(crate) fn parse(text: &str) -> Result<Quantity, &'static str> {
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

/// The text that a quantity is written as when it was read from another: Go keeps one that is canonical at first sight,
/// and makes a new one of the rest. Source: apimachinery `ParseQuantity`, `Quantity.MarshalJSON`.
pub(crate) fn written(text: &str) -> Result<Cow<'_, str>, &'static str> {
    let parsed = parse(text)?;
    let kept = text == "0" || parsed.exact && looks_canonical(text, parsed.format);
    Ok(if kept { Cow::Borrowed(text) } else { Cow::Owned(parsed.text()) })
}

/// Whether Go takes a text for canonical, which is no more than a guess: `+2` and `5.` pass.
fn looks_canonical(text: &str, format: QuantityFormat) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let number_end = unsigned.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let (number, suffix) = unsigned.split_at_checked(number_end).unwrap_or((unsigned, ""));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole = whole.trim_start_matches('0');
    let Some((_, exponent, _)) = interpret(suffix) else { return false };
    if format == QuantityFormat::BinarySi {
        return fraction.is_empty() && whole.parse::<i64>().is_ok_and(|value| value & 7 != 0);
    }
    let zeros = whole.bytes().chain(fraction.bytes()).rev().take_while(|&byte| byte == b'0').count();
    (exponent - fraction.len() as i64) % 3 == 0 && zeros < 3 && !whole.is_empty()
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

/// The number in nanos, rounded away from zero and cut at the most there is; and whether it was cut.
fn scaled(whole: &str, fraction: &str, base: u8, exponent: i64) -> (i128, bool) {
    let keep = if base == 2 { 19 } else { 30 };
    let (mut mantissa, mut kept, mut dropped, mut sticky) = (0_i128, 0, 0_i64, false);
    for byte in whole.bytes().chain(fraction.bytes()).skip_while(|&byte| byte == b'0') {
        if kept < keep {
            mantissa = mantissa * 10 + i128::from(byte - b'0');
            kept += 1;
        } else {
            dropped += 1;
            sticky |= byte != b'0';
        }
    }
    if mantissa == 0 {
        return (0, false);
    }
    let mut power = dropped - fraction.len() as i64 + 9;
    if base == 2 {
        mantissa = mantissa.saturating_mul(1 << exponent);
    } else {
        power = power.saturating_add(exponent);
    }
    let most = if base == 2 { MOST } else { MOST_DECIMAL };
    while power > 0 && mantissa <= most {
        mantissa = mantissa.saturating_mul(10);
        power -= 1;
    }
    while power < 0 && mantissa > 0 {
        sticky |= mantissa % 10 != 0;
        mantissa /= 10;
        power += 1;
    }
    mantissa += i128::from(sticky);
    if mantissa > most { (most, true) } else { (mantissa, false) }
}

impl Quantity {
    /// `AsInt64`: only quantities that Go keeps as an int64 with a scale of zero or more.
    pub(crate) fn to_int(self) -> Option<i64> {
        if !self.exact || self.scale < 0 {
            return None;
        }
        i64::try_from(self.nanos / NANOS).ok()
    }

    /// `AsApproximateFloat64`
    pub(crate) fn to_double(self) -> f64 {
        let unit = 10_i128.pow((9 + self.scale).clamp(0, 27) as u32);
        (self.nanos / unit) as f64 * 10_f64.powi(self.scale)
    }

    /// Rounded away from zero to a whole number of thousandths (`RoundUp(Milli)`).
    #[must_use]
    pub(crate) fn round_up_to_milli(mut self) -> Quantity {
        const MILLI: i128 = NANOS / 1_000;
        let rest = self.nanos % MILLI;
        if rest != 0 {
            self.nanos += rest.signum() * MILLI - rest;
        }
        self.scale = self.scale.max(-3);
        self
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
        // Beyond `E` Go finds no suffix and writes the number alone.
        while value % 1_000 == 0 {
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

#[cfg(test)]
mod tests {
    use super::{parse, written};

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
        ] {
            assert_eq!(written(text).as_deref(), Ok(want), "{text}");
        }
        assert!(written("1mi").is_err() && written("").is_err() && written("1 Gi").is_err());
    }

    #[test]
    fn rounding_goes_away_from_zero() {
        let rounded = |text| parse(text).unwrap().round_up_to_milli().text();
        assert_eq!([rounded("1n"), rounded("1500u"), rounded("-1n")], ["1m", "2m", "-1m"]);
    }
}
