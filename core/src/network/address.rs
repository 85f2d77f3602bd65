//! Addresses and blocks of them, as NetworkPolicies write them.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// An IP address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    V4(u32),
    V6(u128),
}

/// All addresses from one to another of the same family, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Block {
    first: Address,
    last: Address,
}

/// An `ipBlock`: a block without some parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct IpBlock {
    pub(super) block: Block,
    pub(super) except: Vec<Block>,
}

impl Address {
    /// Reads an address as Kubernetes does in fields that are older than its strict reading: numbers may have zeros
    /// before them. An IPv4 address that is written as an IPv6 one is IPv4.
    ///
    /// Source: k8s.io/utils `net/parse.go`, ParseIPSloppy; Go's `net.IP.To4`.
    pub fn parse(text: &str) -> Option<Address> {
        if !text.contains(':') {
            return v4(text);
        }
        // The dotted end of such an address may have zeros too.
        let (head, dotted) = text.rsplit_once(':').filter(|(_, end)| end.contains('.')).unzip();
        let address: Ipv6Addr = match (head, dotted.map(v4)) {
            (Some(head), Some(Some(Address::V4(end)))) => {
                format!("{head}:{:x}:{:x}", end >> 16, end & 0xffff).parse().ok()?
            }
            (Some(_), _) => return None,
            (None, _) => text.parse().ok()?,
        };
        Some(match address.to_ipv4_mapped() {
            Some(mapped) => Address::V4(mapped.to_bits()),
            None => Address::V6(address.to_bits()),
        })
    }

    fn next(self) -> Option<Address> {
        match self {
            Address::V4(bits) => bits.checked_add(1).map(Address::V4),
            Address::V6(bits) => bits.checked_add(1).map(Address::V6),
        }
    }

    fn before(self) -> Option<Address> {
        match self {
            Address::V4(bits) => bits.checked_sub(1).map(Address::V4),
            Address::V6(bits) => bits.checked_sub(1).map(Address::V6),
        }
    }
}

fn v4(text: &str) -> Option<Address> {
    let mut bits = 0_u32;
    let mut parts = 0;
    for part in text.split('.') {
        let digits = part.trim_start_matches('0');
        if part.is_empty() || digits.len() > 3 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let number: u8 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
        bits = bits << 8 | u32::from(number);
        parts += 1;
    }
    (parts == 4).then_some(Address::V4(bits))
}

impl Block {
    /// Every address of IPv4, and of IPv6.
    pub const EVERYTHING: [Block; 2] = [
        Block { first: Address::V4(0), last: Address::V4(u32::MAX) },
        Block { first: Address::V6(0), last: Address::V6(u128::MAX) },
    ];

    /// One address.
    pub fn of(address: Address) -> Block {
        Block { first: address, last: address }
    }

    /// Reads a CIDR; bits after its length do not count.
    ///
    /// Source: k8s.io/utils `net/parse.go`, ParseCIDRSloppy; Go's `net.IPNet.Contains`.
    pub fn parse_cidr(text: &str) -> Option<Block> {
        let (address, length) = text.split_once('/')?;
        if length.is_empty() || length.len() > 3 || !length.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let length: u32 = length.parse().ok()?;
        let is_long = address.contains(':');
        match Address::parse(address)? {
            Address::V4(_) if is_long && length > 128 => None,
            // A mapped address counts as IPv4 as long as its mask leaves the prefix of mapped addresses.
            Address::V4(bits) if is_long && length < 96 => {
                Some(Block::masked_v6(Ipv4Addr::from_bits(bits).to_ipv6_mapped().to_bits(), length))
            }
            Address::V4(bits) => {
                let length = if is_long { length - 96 } else { length };
                let rest = 32_u32.checked_sub(length)?;
                let mask = u32::MAX.checked_shl(rest).unwrap_or_default();
                Some(Block { first: Address::V4(bits & mask), last: Address::V4(bits | !mask) })
            }
            Address::V6(bits) => (length <= 128).then(|| Block::masked_v6(bits, length)),
        }
    }

    fn masked_v6(bits: u128, length: u32) -> Block {
        let mask = u128::MAX.checked_shl(128_u32.saturating_sub(length)).unwrap_or_default();
        Block { first: Address::V6(bits & mask), last: Address::V6(bits | !mask) }
    }

    /// Reads an address or a CIDR.
    pub fn parse(text: &str) -> Option<Block> {
        Block::parse_cidr(text).or_else(|| Address::parse(text).map(Block::of))
    }

    pub fn first(self) -> Address {
        self.first
    }

    pub fn last(self) -> Address {
        self.last
    }

    pub fn contains(self, address: Address) -> bool {
        self.first <= address && address <= self.last
    }

    fn overlaps(self, other: Block) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    /// Whether another one begins right after this one's end.
    fn touches(self, other: Block) -> bool {
        self.last.next() == Some(other.first)
    }

    /// The part of the block that lies within another.
    fn within(self, other: Block) -> Option<Block> {
        self.overlaps(other)
            .then(|| Block { first: self.first.max(other.first), last: self.last.min(other.last) })
    }
}

impl IpBlock {
    pub(super) fn contains(&self, address: Address) -> bool {
        self.block.contains(address) && !self.except.iter().any(|except| except.contains(address))
    }
}

/// Cuts addresses into parts of which each lies wholly inside or outside of every block. Sorted.
pub(super) fn parts<'b>(of: &[Block], blocks: impl Iterator<Item = &'b IpBlock>) -> Vec<Block> {
    let mut starts: Vec<Address> = of.iter().map(|block| block.first).collect();
    for block in blocks.flat_map(|block| block.except.iter().chain([&block.block])) {
        starts.push(block.first);
        starts.extend(block.last.next());
    }
    starts.sort_unstable();
    starts.dedup();
    let mut made = Vec::new();
    for block in of {
        let from = starts.partition_point(|start| *start <= block.first);
        let inside = starts.iter().skip(from).take_while(|start| **start <= block.last);
        let mut first = block.first;
        for start in inside {
            made.extend(start.before().map(|last| Block { first, last }));
            first = *start;
        }
        made.push(Block { first, last: block.last });
    }
    made
}

/// Joins what touches; the blocks are sorted.
pub(super) fn joined(blocks: impl IntoIterator<Item = Block>) -> Vec<Block> {
    let mut made: Vec<Block> = Vec::new();
    for block in blocks {
        match made.last_mut() {
            Some(before) if before.touches(block) => before.last = block.last,
            _ => made.push(block),
        }
    }
    made
}

/// The parts of blocks that lie in others.
pub(super) fn overlap(ours: &[Block], theirs: &[Block]) -> Vec<Block> {
    let mut made: Vec<Block> =
        ours.iter().flat_map(|block| theirs.iter().filter_map(|other| block.within(*other))).collect();
    made.sort_unstable();
    joined(made)
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::V4(bits) => Ipv4Addr::from_bits(*bits).fmt(f),
            Address::V6(bits) => Ipv6Addr::from_bits(*bits).fmt(f),
        }
    }
}

/// An address, a CIDR, or else both ends.
impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last, width) = match (self.first, self.last) {
            (Address::V4(first), Address::V4(last)) => (u128::from(first), u128::from(last), 32),
            (Address::V6(first), Address::V6(last)) => (first, last, 128),
            _ => return Err(fmt::Error),
        };
        if first == last {
            return self.first.fmt(f);
        }
        let span = last - first;
        let is_power = span.checked_add(1).is_none_or(u128::is_power_of_two);
        if is_power && first & span == 0 {
            return write!(f, "{}/{}", self.first, width - (128 - span.leading_zeros()));
        }
        write!(f, "{}-{}", self.first, self.last)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn shown(text: &str) -> Option<String> {
        Block::parse(text).map(|block| block.to_string())
    }

    #[test]
    fn addresses_are_read_as_go_reads_them() {
        for (text, block) in [
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("010.001.0.0/16", "10.1.0.0/16"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("1.2.3.4", "1.2.3.4"),
            ("1.2.3.4/32", "1.2.3.4"),
            ("::/0", "::/0"),
            ("2001:db8::1/64", "2001:db8::/64"),
            ("::ffff:1.2.3.4", "1.2.3.4"),
            ("::ffff:1.2.03.4/120", "1.2.3.0/24"),
            ("::ffff:1.2.3.4/40", "::/40"),
            ("fe80::1", "fe80::1"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(block), "{text}");
        }
        for text in [
            "",
            "1.2.3",
            "1.2.3.4.5",
            "1.2.3.256",
            "1.2.3.4/33",
            "::/129",
            "1.2.3.4/",
            "1.2.3.4/-1",
            "a.b.c.d",
            ":::",
            "::1.2.3",
            "1.2.3.4/+8",
            "1..2.3",
            "::ffff:1.2.3.4/129",
            "0.0.0.0/0000",
        ] {
            assert_eq!(shown(text), None, "{text}");
        }
    }

    #[test]
    fn addresses_are_cut_at_the_ends_of_blocks() {
        let block = IpBlock {
            block: Block::parse("10.0.0.0/8").unwrap(),
            except: vec![Block::parse("10.128.0.0/9").unwrap()],
        };
        let cut = parts(&Block::EVERYTHING, std::iter::once(&block));
        let shown: Vec<String> = cut.iter().map(ToString::to_string).collect();
        let wanted =
            ["0.0.0.0-9.255.255.255", "10.0.0.0/9", "10.128.0.0/9", "11.0.0.0-255.255.255.255", "::/0"];
        assert_eq!(shown, wanted);
        assert_eq!(joined(cut.clone()), Block::EVERYTHING);
        let inside: Vec<bool> = cut.iter().map(|part| block.contains(part.first())).collect();
        assert_eq!(inside, [false, true, false, false, false]);
        let some = parts(&[Block::parse("10.0.0.0/7").unwrap()], std::iter::once(&block));
        let shown: Vec<String> = some.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["10.0.0.0/9", "10.128.0.0/9", "11.0.0.0/8"]);
    }

    #[test]
    fn the_last_addresses_have_none_after_them() {
        let block = IpBlock { block: Block::parse("255.255.255.255").unwrap(), except: Vec::new() };
        let all = IpBlock { block: Block::parse("::/0").unwrap(), except: Vec::new() };
        let cut = parts(&Block::EVERYTHING, [&block, &all].into_iter());
        let shown: Vec<String> = cut.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["0.0.0.0-255.255.255.254", "255.255.255.255", "::/0"]);
        let both = overlap(&[Block::parse("10.0.0.0/8").unwrap()], &[Block::parse("10.2.0.0/16").unwrap()]);
        assert_eq!(both, [Block::parse("10.2.0.0/16").unwrap()]);
    }
}
