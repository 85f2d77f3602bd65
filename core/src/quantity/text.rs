//! Quantities as text. Source: apimachinery `pkg/api/resource`, `Quantity.CanonicalizeBytes`.

use super::decimal::Number;
use super::{Amount, Quantity, QuantityFormat};

impl Quantity<'_> {
    /// The canonical text, `Quantity.String`.
    pub(crate) fn text(&self) -> String {
        if let Some(written) = self.written {
            return written.to_owned();
        }
        if self.amount.sign() == 0 {
            return "0".to_owned();
        }
        let number = self.amount.number();
        let sign = if number.negative { "-" } else { "" };
        let large = Number { negative: false, ..number.clone() }.is_at_least_1024();
        let whole = number.clone().rounded(0).filter(|(_, exact)| *exact && large);
        let (digits, suffix) = match (self.format, whole) {
            (QuantityFormat::BinarySi, Some((whole, _))) => binary_text(whole),
            (QuantityFormat::DecimalExponent, _) => {
                let (digits, exponent) = decimal_text(number);
                (digits, if exponent == 0 { String::new() } else { format!("e{exponent}") })
            }
            _ => {
                let (digits, exponent) = decimal_text(number);
                (digits, decimal_suffix(exponent).to_owned())
            }
        };
        format!("{sign}{}{suffix}", String::from_utf8_lossy(&digits))
    }
}

impl Number {
    fn is_at_least_1024(&self) -> bool {
        Amount::Big(self.decimal()).order(&Amount::Small { value: 1_024, scale: 0 }).is_ge()
    }
}

fn binary_text(mut whole: Number) -> (Vec<u8>, String) {
    let mut power = 0;
    while let Some(smaller) = whole.divided(1_024) {
        whole = smaller;
        power += 1;
    }
    let suffix = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].get(power).copied().unwrap_or_default();
    (whole.digits, suffix.to_owned())
}

/// Digits without zeros at the end, and a power of ten that is a multiple of three.
fn decimal_text(number: Number) -> (Vec<u8>, i32) {
    let (mut digits, mut exponent) = (number.digits, number.scale);
    while digits.pop_if(|digit| *digit == b'0').is_some() {
        exponent += 1;
    }
    while exponent % 3 != 0 {
        digits.push(b'0');
        exponent -= 1;
    }
    (digits, exponent)
}

/// Powers that have no suffix are left out, as they are there.
fn decimal_suffix(exponent: i32) -> &'static str {
    match exponent {
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
    }
}
