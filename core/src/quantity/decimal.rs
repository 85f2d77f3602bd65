//! Decimal numbers of any size, as digits: what gopkg.in/inf.v0 computes for quantities that no int64 holds.

use super::{Amount, Decimal};
use std::cmp::Ordering;

/// Zeros that a calculation may append; the API server has no limit and runs out of memory instead.
const MOST_ZEROS: i64 = 4_096;

/// A decimal number under calculation, see [`Decimal`].
#[derive(Clone, Debug)]
pub(crate) struct Number {
    pub(crate) negative: bool,
    /// ASCII digits without leading zeros.
    pub(crate) digits: Vec<u8>,
    pub(crate) scale: i32,
}

impl Number {
    pub(crate) fn small(value: i64, scale: i32) -> Number {
        let digits = value.unsigned_abs().to_string().into_bytes();
        Number { negative: value < 0, digits, scale }.trimmed()
    }

    /// Digits with a sign in front and a point anywhere; there must be a digit.
    pub(crate) fn read(text: &str) -> Option<Number> {
        let negative = text.starts_with('-');
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let digits = [whole, fraction].concat().into_bytes();
        let number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
        number.then(|| Number { negative, digits, scale: -(fraction.len() as i32) }.trimmed())
    }

    fn trimmed(mut self) -> Number {
        let zeros = self.digits.iter().take_while(|digit| **digit == b'0').count();
        self.digits.drain(..zeros);
        self
    }

    pub(crate) fn decimal(&self) -> Decimal<'_> {
        Decimal { negative: self.negative, digits: &self.digits, scale: self.scale }
    }

    /// Times a small factor.
    pub(crate) fn multiply(&mut self, factor: u64) {
        let mut carry = 0_u128;
        for digit in self.digits.iter_mut().rev() {
            carry += u128::from(*digit - b'0') * u128::from(factor);
            *digit = b'0' + (carry % 10) as u8;
            carry /= 10;
        }
        if carry > 0 {
            let front = carry.to_string().into_bytes();
            self.digits.splice(..0, front);
        }
    }

    /// By a small divisor, when nothing is left over.
    pub(crate) fn divided(&self, divisor: u32) -> Option<Number> {
        let (mut rest, mut quotient) = (0, Vec::with_capacity(self.digits.len()));
        for digit in &self.digits {
            rest = rest * 10 + u32::from(digit - b'0');
            quotient.push(b'0' + (rest / divisor) as u8);
            rest %= divisor;
        }
        (rest == 0).then(|| Number { digits: quotient, ..self.clone() }.trimmed())
    }

    /// Written with this power of ten as the unit, rounded away from zero; and whether that was exact. `None` when
    /// that takes too many digits.
    pub(crate) fn rounded(mut self, scale: i32) -> Option<(Number, bool)> {
        let shift = i64::from(self.scale) - i64::from(scale);
        self.scale = scale;
        if self.digits.is_empty() {
            return Some((self, true));
        }
        if shift > MOST_ZEROS {
            return None;
        }
        if let Ok(zeros) = usize::try_from(shift) {
            self.digits.extend(std::iter::repeat_n(b'0', zeros));
            return Some((self, true));
        }
        let keep = self.digits.len().saturating_sub(shift.unsigned_abs() as usize);
        let exact = self.digits.iter().skip(keep).all(|digit| *digit == b'0');
        self.digits.truncate(keep);
        if !exact {
            self.increase();
        }
        Some((self, exact))
    }

    fn increase(&mut self) {
        for digit in self.digits.iter_mut().rev() {
            if *digit < b'9' {
                *digit += 1;
                return;
            }
            *digit = b'0';
        }
        self.digits.insert(0, b'1');
    }

    /// The sum; `None` when it takes too many digits.
    pub(crate) fn sum(self, other: Number) -> Option<Number> {
        let scale = self.scale.min(other.scale);
        let ((a, _), (b, _)) = (self.rounded(scale)?, other.rounded(scale)?);
        if a.negative == b.negative {
            return Some(Number { digits: added(&a.digits, &b.digits), ..a });
        }
        let (larger, smaller) = match by_value(&a.digits, &b.digits) {
            Ordering::Less => (b, a),
            _ => (a, b),
        };
        Some(Number { digits: subtracted(&larger.digits, &smaller.digits), ..larger }.trimmed())
    }
}

/// Whole numbers by value.
fn by_value(a: &[u8], b: &[u8]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

fn added(a: &[u8], b: &[u8]) -> Vec<u8> {
    let (mut digits, mut carry) = (Vec::with_capacity(a.len().max(b.len()) + 1), 0);
    for place in 0..a.len().max(b.len()) {
        let at = |digits: &[u8]| digits.iter().rev().nth(place).map_or(0, |digit| digit - b'0');
        let sum = at(a) + at(b) + carry;
        digits.push(b'0' + sum % 10);
        carry = sum / 10;
    }
    if carry > 0 {
        digits.push(b'1');
    }
    digits.reverse();
    digits
}

/// The larger less the smaller.
fn subtracted(larger: &[u8], smaller: &[u8]) -> Vec<u8> {
    let (mut digits, mut borrow) = (Vec::with_capacity(larger.len()), 0);
    for place in 0..larger.len() {
        let at = |digits: &[u8]| digits.iter().rev().nth(place).map_or(0, |digit| i16::from(digit - b'0'));
        let rest = at(larger) - at(smaller) - borrow;
        borrow = i16::from(rest < 0);
        digits.push(b'0' + rest.rem_euclid(10) as u8);
    }
    digits.reverse();
    digits
}

impl Amount<'_> {
    pub(crate) fn number(&self) -> Number {
        match *self {
            Amount::Small { value, scale } => Number::small(value, scale),
            Amount::Big(Decimal { negative, digits, scale }) => {
                Number { negative, digits: digits.to_vec(), scale }
            }
        }
    }

    /// -1, 0 or 1
    pub(crate) fn sign(&self) -> i64 {
        match self {
            Amount::Small { value, .. } => value.signum(),
            Amount::Big(Decimal { digits: [], .. }) => 0,
            Amount::Big(decimal) => 1 - 2 * i64::from(decimal.negative),
        }
    }

    /// Order by value.
    pub(crate) fn order(&self, other: &Amount<'_>) -> Ordering {
        if let (Amount::Small { value: a, scale: of_a }, Amount::Small { value: b, scale: of_b }) =
            (self, other)
        {
            let unit = *of_a.min(of_b);
            let in_unit = |value: i64, scale: i32| {
                let power =
                    u32::try_from(i64::from(scale) - i64::from(unit)).ok().filter(|power| *power <= 18)?;
                Some(i128::from(value) * 10_i128.pow(power))
            };
            if let (Some(a), Some(b)) = (in_unit(*a, *of_a), in_unit(*b, *of_b)) {
                return a.cmp(&b);
            }
        }
        self.sign().cmp(&other.sign()).then_with(|| {
            if self.sign() == 0 {
                // Zeros may differ in their scale.
                return Ordering::Equal;
            }
            let order = magnitudes(&self.number(), &other.number());
            if self.sign() < 0 { order.reverse() } else { order }
        })
    }
}

/// Numbers by their size: first by where the first digit stands, then by the digits.
fn magnitudes(a: &Number, b: &Number) -> Ordering {
    let place = |number: &Number| number.digits.len() as i64 + i64::from(number.scale);
    let zeros = std::iter::repeat(&b'0');
    let longest = a.digits.len().max(b.digits.len());
    let (left, right) = (a.digits.iter().chain(zeros.clone()), b.digits.iter().chain(zeros));
    place(a).cmp(&place(b)).then_with(|| left.take(longest).cmp(right.take(longest)))
}
