//! Durations as Go's `time` package reads and CEL writes them.

use crate::cel::value::Duration;

/// Reads `1h30m`, `-1.5s`, `0`: Go's `time.ParseDuration`.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, ()> {
    let (negative, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (true, text.get(1..).unwrap_or_default()),
        Some(b'+') => (false, text.get(1..).unwrap_or_default()),
        _ => (false, text),
    };
    if rest == "0" {
        return Ok(Duration(0));
    }
    if rest.is_empty() {
        return Err(());
    }
    let mut total: u128 = 0;
    while !rest.is_empty() {
        let whole = digits(rest);
        let (mut number, after) = rest.split_at_checked(whole).ok_or(())?;
        rest = after;
        let mut fraction = "";
        if let Some(after) = rest.strip_prefix('.') {
            (fraction, rest) = after.split_at_checked(digits(after)).ok_or(())?;
        }
        if number.is_empty() && fraction.is_empty() {
            return Err(());
        }
        let unit_length = rest.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(rest.len());
        let (unit, after) = rest.split_at_checked(unit_length).ok_or(())?;
        rest = after;
        let unit: u128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return Err(()),
        };
        if number.is_empty() {
            number = "0";
        }
        let number: u64 = number.parse().map_err(|_| ())?;
        total += u128::from(number) * unit + fraction_of(fraction, unit);
        if total > 1 << 63 {
            return Err(());
        }
    }
    match (negative, i64::try_from(total)) {
        (false, Ok(nanos)) => Ok(Duration(nanos)),
        (true, Ok(nanos)) => Ok(Duration(-nanos)),
        (true, Err(_)) if total == 1 << 63 => Ok(Duration(i64::MIN)),
        _ => Err(()),
    }
}

/// Go keeps as many digits of the fraction as fit an int64 and cuts the product.
fn fraction_of(digits: &str, unit: u128) -> u128 {
    let kept = digits.get(..18.min(digits.len())).unwrap_or_default();
    let value: u128 = kept.parse().unwrap_or(0);
    value * unit / 10_u128.pow(kept.len() as u32)
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// Seconds with as many decimals as needed and an `s`: what `string(duration)` gives.
pub(crate) fn duration_text(duration: Duration) -> String {
    let seconds = duration.0 / 1_000_000_000;
    let nanos = duration.0 % 1_000_000_000;
    format!("{}s", seconds as f64 + nanos as f64 / 1e9)
}
