//! Choices out of bytes.

use arbitrary::Unstructured;

/// Where generators take their choices from. When the bytes are used up, each choice is the first, which generators
/// keep the simplest, so that every stream of bytes ends in a finite value.
#[derive(Debug)]
pub struct Entropy<'b>(Unstructured<'b>);

impl<'b> Entropy<'b> {
    pub fn new(bytes: &'b [u8]) -> Entropy<'b> {
        Entropy(Unstructured::new(bytes))
    }

    /// Whether all bytes are used up.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A number below `count`, 0 when there is nothing to choose from.
    pub fn below(&mut self, count: usize) -> usize {
        self.0.int_in_range(0..=count.max(1) - 1).unwrap_or(0)
    }

    /// True once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) + 1 == times
    }

    pub fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len())]
    }
}

/// Bytes that look random and depend on nothing but the seed: SplitMix64.
pub fn bytes(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.extend((mixed ^ (mixed >> 31)).to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}
