//! Ranges of sizes and costs. Their arithmetic stops at the largest number instead of passing it.
//!
//! Source: cel-go `checker/cost.go`.

use std::iter::Sum;
use std::ops::{Add, Mul};

/// How long a string, list, map or byte sequence may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SizeEstimate {
    pub min: u64,
    pub max: u64,
}

/// What an evaluation may cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CostEstimate {
    pub min: u64,
    pub max: u64,
}

impl SizeEstimate {
    /// Nothing is known.
    pub const UNKNOWN: SizeEstimate = SizeEstimate { min: 0, max: u64::MAX };

    pub const fn new(min: u64, max: u64) -> SizeEstimate {
        SizeEstimate { min, max }
    }

    pub const fn fixed(size: u64) -> SizeEstimate {
        SizeEstimate { min: size, max: size }
    }

    /// The range that holds both.
    #[must_use]
    pub fn union(self, other: SizeEstimate) -> SizeEstimate {
        SizeEstimate { min: self.min.min(other.min), max: self.max.max(other.max) }
    }

    /// What it costs to go over the whole size at a price for each unit.
    #[must_use]
    pub fn at(self, price: f64) -> CostEstimate {
        CostEstimate { min: priced(self.min, price), max: priced(self.max, price) }
    }

    /// The same numbers as a cost; through a double, so that they lose precision as in cel-go.
    #[must_use]
    pub fn as_cost(self) -> CostEstimate {
        self.at(1.0)
    }
}

impl CostEstimate {
    pub const fn new(min: u64, max: u64) -> CostEstimate {
        CostEstimate { min, max }
    }

    pub const fn fixed(cost: u64) -> CostEstimate {
        CostEstimate { min: cost, max: cost }
    }

    /// The range that holds both.
    #[must_use]
    pub fn union(self, other: CostEstimate) -> CostEstimate {
        CostEstimate { min: self.min.min(other.min), max: self.max.max(other.max) }
    }

    /// The cost times a factor, rounded up.
    #[must_use]
    pub fn times(self, factor: f64) -> CostEstimate {
        CostEstimate { min: priced(self.min, factor), max: priced(self.max, factor) }
    }
}

impl Add for SizeEstimate {
    type Output = SizeEstimate;

    fn add(self, other: SizeEstimate) -> SizeEstimate {
        SizeEstimate { min: self.min.saturating_add(other.min), max: self.max.saturating_add(other.max) }
    }
}

impl Mul for SizeEstimate {
    type Output = SizeEstimate;

    fn mul(self, other: SizeEstimate) -> SizeEstimate {
        SizeEstimate { min: self.min.saturating_mul(other.min), max: self.max.saturating_mul(other.max) }
    }
}

/// As many times a cost as the size says.
impl Mul<CostEstimate> for SizeEstimate {
    type Output = CostEstimate;

    fn mul(self, cost: CostEstimate) -> CostEstimate {
        CostEstimate { min: self.min.saturating_mul(cost.min), max: self.max.saturating_mul(cost.max) }
    }
}

impl Add for CostEstimate {
    type Output = CostEstimate;

    fn add(self, other: CostEstimate) -> CostEstimate {
        CostEstimate { min: self.min.saturating_add(other.min), max: self.max.saturating_add(other.max) }
    }
}

impl Mul for CostEstimate {
    type Output = CostEstimate;

    fn mul(self, other: CostEstimate) -> CostEstimate {
        CostEstimate { min: self.min.saturating_mul(other.min), max: self.max.saturating_mul(other.max) }
    }
}

impl Sum for CostEstimate {
    fn sum<I: Iterator<Item = CostEstimate>>(costs: I) -> CostEstimate {
        costs.fold(CostEstimate::default(), Add::add)
    }
}

/// A product with a fraction, rounded up. What a double cannot hold is rounded, and what passes 2^64 stops there.
fn priced(count: u64, price: f64) -> u64 {
    (count as f64 * price).ceil() as u64
}
