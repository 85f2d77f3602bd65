//! Sets of code points, and which of them are one letter in two cases.

use super::unicode;

/// The greatest code point.
pub(crate) const MAX: u32 = 0x10_FFFF;

/// A set of code points as ranges that are sorted, apart from each other, and include both ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Class {
    ranges: Vec<(u32, u32)>,
}

impl Class {
    pub(crate) fn new(mut ranges: Vec<(u32, u32)>) -> Class {
        ranges.sort_unstable();
        ranges.dedup_by(|next, last| {
            let joins = next.0 <= last.1.saturating_add(1);
            if joins {
                last.1 = last.1.max(next.1);
            }
            joins
        });
        Class { ranges }
    }

    pub(crate) fn of(code: u32) -> Class {
        Class { ranges: vec![(code, code)] }
    }

    pub(crate) fn any() -> Class {
        Class { ranges: vec![(0, MAX)] }
    }

    pub(crate) fn not_newline() -> Class {
        Class::of('\n' as u32).negated()
    }

    pub(crate) fn ranges(&self) -> &[(u32, u32)] {
        &self.ranges
    }

    pub(crate) fn contains(&self, code: u32) -> bool {
        let after = self.ranges.partition_point(|range| range.0 <= code);
        after.checked_sub(1).and_then(|at| self.ranges.get(at)).is_some_and(|range| code <= range.1)
    }

    pub(crate) fn negated(&self) -> Class {
        let mut ranges = Vec::with_capacity(self.ranges.len() + 1);
        let mut from = 0;
        for &(low, high) in &self.ranges {
            if from < low {
                ranges.push((from, low - 1));
            }
            from = high + 1;
        }
        if from <= MAX {
            ranges.push((from, MAX));
        }
        Class { ranges }
    }
}

/// Runs of code points with the way to the next one of the same letter, read once for a pattern that needs it.
#[derive(Debug, Default)]
pub(crate) struct Folds {
    runs: Option<Vec<Run>>,
}

#[derive(Clone, Copy, Debug)]
struct Run {
    low: u32,
    high: u32,
    /// What is added for the next code point; `None` for neighbours that are each other's.
    distance: Option<i32>,
}

impl Folds {
    fn runs(&mut self) -> &[Run] {
        self.runs.get_or_insert_with(|| {
            unicode::folds().map(|(low, high, distance)| Run { low, high, distance }).collect()
        })
    }

    /// The next code point of the same letter, after the last the first again.
    pub(crate) fn next(&mut self, code: u32) -> u32 {
        let runs = self.runs();
        let after = runs.partition_point(|run| run.low <= code);
        let run = after.checked_sub(1).and_then(|at| runs.get(at)).filter(|run| code <= run.high);
        run.map_or(code, |run| run.next(code))
    }

    /// The least code point of the same letter.
    pub(crate) fn least(&mut self, code: u32) -> u32 {
        self.all(code).into_iter().min().unwrap_or(code)
    }

    /// A letter's code points, in the order of folding from this one.
    pub(crate) fn all(&mut self, code: u32) -> Vec<u32> {
        let mut all = vec![code];
        let mut next = self.next(code);
        while next != code {
            all.push(next);
            next = self.next(next);
        }
        all
    }

    /// The ranges with all that fold to something in them.
    pub(crate) fn closed(&mut self, ranges: &[(u32, u32)]) -> Vec<(u32, u32)> {
        let mut closed = ranges.to_vec();
        // A letter has at most four code points.
        let mut from = 0;
        for _ in 0..3 {
            let upto = closed.len();
            let runs = self.runs();
            let mut more = Vec::new();
            for &(low, high) in closed.get(from..upto).unwrap_or_default() {
                let first = runs.partition_point(|run| run.high < low);
                let touching = runs.get(first..).unwrap_or_default().iter().take_while(|run| run.low <= high);
                more.extend(touching.map(|run| run.folded(low.max(run.low), high.min(run.high))));
            }
            closed.extend(more);
            from = upto;
        }
        closed
    }
}

impl Run {
    fn next(self, code: u32) -> u32 {
        match self.distance {
            Some(distance) => code.saturating_add_signed(distance),
            None if (code - self.low).is_multiple_of(2) => code + 1,
            None => code - 1,
        }
    }

    /// What a part of the run folds to, and possibly more that belongs to the part.
    fn folded(self, low: u32, high: u32) -> (u32, u32) {
        match self.distance {
            Some(_) => (self.next(low), self.next(high)),
            None => (low - (low - self.low) % 2, high + 1 - (high - self.low) % 2),
        }
    }
}
