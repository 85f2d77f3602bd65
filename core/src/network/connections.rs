//! [`Connections`]: which ports of which protocols.

use std::fmt;
use std::str::FromStr;

/// A protocol that a NetworkPolicy can name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    #[default]
    Tcp,
    Udp,
    Sctp,
}

impl Protocol {
    pub const ALL: [Protocol; 3] = [Protocol::Tcp, Protocol::Udp, Protocol::Sctp];

    pub fn as_str(self) -> &'static str {
        match self {
            Protocol::Tcp => "TCP",
            Protocol::Udp => "UDP",
            Protocol::Sctp => "SCTP",
        }
    }
}

impl FromStr for Protocol {
    type Err = String;

    fn from_str(text: &str) -> Result<Protocol, String> {
        Protocol::ALL
            .into_iter()
            .find(|protocol| protocol.as_str() == text)
            .ok_or_else(|| format!("unknown protocol `{text}`: TCP, UDP or SCTP"))
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Ports as ranges that are sorted, apart from each other, and never empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Ports(Vec<(u16, u16)>);

/// Ports of each protocol.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Connections {
    tcp: Ports,
    udp: Ports,
    sctp: Ports,
}

impl Connections {
    /// None at all.
    pub const NONE: Connections =
        Connections { tcp: Ports(Vec::new()), udp: Ports(Vec::new()), sctp: Ports(Vec::new()) };

    /// All ports of all protocols.
    pub fn all() -> Connections {
        Connections { tcp: Ports::all(), udp: Ports::all(), sctp: Ports::all() }
    }

    /// The ports from one to another, both included.
    pub fn range(protocol: Protocol, first: u16, last: u16) -> Connections {
        let mut made = Connections::NONE;
        *made.ports_mut(protocol) = Ports::range(first, last);
        made
    }

    /// All ports of a protocol.
    pub fn of_protocol(protocol: Protocol) -> Connections {
        Connections::range(protocol, Ports::FIRST, Ports::LAST)
    }

    pub fn is_none(&self) -> bool {
        self.each().all(|(_, ports)| ports.0.is_empty())
    }

    pub fn is_all(&self) -> bool {
        self.each().all(|(_, ports)| *ports == Ports::all())
    }

    pub fn contains(&self, protocol: Protocol, port: u16) -> bool {
        self.ports(protocol).0.iter().any(|(first, last)| (*first..=*last).contains(&port))
    }

    /// The ranges of a protocol, sorted.
    pub fn ranges(&self, protocol: Protocol) -> &[(u16, u16)] {
        &self.ports(protocol).0
    }

    pub fn union(&self, other: &Connections) -> Connections {
        self.combined(other, Ports::union)
    }

    pub fn intersection(&self, other: &Connections) -> Connections {
        self.combined(other, Ports::intersection)
    }

    pub fn difference(&self, other: &Connections) -> Connections {
        self.combined(other, Ports::difference)
    }

    fn combined(&self, other: &Connections, with: impl Fn(&Ports, &Ports) -> Ports) -> Connections {
        Connections {
            tcp: with(&self.tcp, &other.tcp),
            udp: with(&self.udp, &other.udp),
            sctp: with(&self.sctp, &other.sctp),
        }
    }

    fn ports(&self, protocol: Protocol) -> &Ports {
        match protocol {
            Protocol::Tcp => &self.tcp,
            Protocol::Udp => &self.udp,
            Protocol::Sctp => &self.sctp,
        }
    }

    fn ports_mut(&mut self, protocol: Protocol) -> &mut Ports {
        match protocol {
            Protocol::Tcp => &mut self.tcp,
            Protocol::Udp => &mut self.udp,
            Protocol::Sctp => &mut self.sctp,
        }
    }

    fn each(&self) -> impl Iterator<Item = (Protocol, &Ports)> {
        [(Protocol::Sctp, &self.sctp), (Protocol::Tcp, &self.tcp), (Protocol::Udp, &self.udp)].into_iter()
    }
}

/// `all`, `none`, or the protocols by their names with their ports: `SCTP 7070, TCP 80,8080-8081`.
impl fmt::Display for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_all() {
            return f.write_str("all");
        }
        if self.is_none() {
            return f.write_str("none");
        }
        let mut separator = "";
        for (protocol, ports) in self.each().filter(|(_, ports)| !ports.0.is_empty()) {
            write!(f, "{separator}{protocol} ")?;
            separator = ", ";
            for (number, (first, last)) in ports.0.iter().enumerate() {
                let comma = if number > 0 { "," } else { "" };
                if first == last {
                    write!(f, "{comma}{first}")?;
                } else {
                    write!(f, "{comma}{first}-{last}")?;
                }
            }
        }
        Ok(())
    }
}

impl Ports {
    const FIRST: u16 = 1;
    const LAST: u16 = u16::MAX;

    fn all() -> Ports {
        Ports(vec![(Ports::FIRST, Ports::LAST)])
    }

    fn range(first: u16, last: u16) -> Ports {
        let first = first.max(Ports::FIRST);
        if first <= last { Ports(vec![(first, last)]) } else { Ports::default() }
    }

    fn union(&self, other: &Ports) -> Ports {
        let mut ranges: Vec<(u16, u16)> = self.0.iter().chain(&other.0).copied().collect();
        ranges.sort_unstable();
        let mut made: Vec<(u16, u16)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match made.last_mut() {
                Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
                _ => made.push((first, last)),
            }
        }
        Ports(made)
    }

    fn intersection(&self, other: &Ports) -> Ports {
        let mut made = Vec::new();
        let (mut ours, mut theirs) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let (Some(&&(first, last)), Some(&&(other_first, other_last))) = (ours.peek(), theirs.peek()) {
            let both = (first.max(other_first), last.min(other_last));
            if both.0 <= both.1 {
                made.push(both);
            }
            if last < other_last {
                ours.next();
            } else {
                theirs.next();
            }
        }
        Ports(made)
    }

    fn difference(&self, other: &Ports) -> Ports {
        self.intersection(&other.complement())
    }

    fn complement(&self) -> Ports {
        let mut made = Vec::new();
        let mut next = u32::from(Ports::FIRST);
        for &(first, last) in &self.0 {
            if let Some(before) = first.checked_sub(1).filter(|before| u32::from(*before) >= next) {
                made.push((next as u16, before));
            }
            next = u32::from(last) + 1;
        }
        if next <= u32::from(Ports::LAST) {
            made.push((next as u16, Ports::LAST));
        }
        Ports(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp(ranges: &[(u16, u16)]) -> Connections {
        ranges.iter().fold(Connections::NONE, |made, (first, last)| {
            made.union(&Connections::range(Protocol::Tcp, *first, *last))
        })
    }

    #[test]
    fn ranges_that_touch_are_one() {
        assert_eq!(tcp(&[(8081, 8081), (80, 80), (8080, 8080), (70, 79)]).to_string(), "TCP 70-80,8080-8081");
        assert_eq!(tcp(&[(5, 9), (6, 7)]).to_string(), "TCP 5-9");
        assert_eq!(tcp(&[(1, 65534), (65535, 65535)]), Connections::of_protocol(Protocol::Tcp));
        assert_eq!(tcp(&[(0, 0), (9, 8)]).to_string(), "none");
    }

    #[test]
    fn sets_are_combined_port_by_port() {
        let (a, b) = (tcp(&[(1, 10), (20, 30), (65000, 65535)]), tcp(&[(5, 25), (30, 30), (65535, 65535)]));
        for port in 1..=u16::MAX {
            let (in_a, in_b) = (a.contains(Protocol::Tcp, port), b.contains(Protocol::Tcp, port));
            assert_eq!(a.union(&b).contains(Protocol::Tcp, port), in_a || in_b, "{port}");
            assert_eq!(a.intersection(&b).contains(Protocol::Tcp, port), in_a && in_b, "{port}");
            assert_eq!(a.difference(&b).contains(Protocol::Tcp, port), in_a && !in_b, "{port}");
            if port == 100 {
                break;
            }
        }
        assert_eq!(a.difference(&b).to_string(), "TCP 1-4,26-29,65000-65534");
        assert_eq!(Connections::all().difference(&a).union(&a), Connections::all());
        assert!(a.difference(&a).is_none() && !a.contains(Protocol::Udp, 5));
    }

    #[test]
    fn protocols_are_printed_by_name() {
        let udp = Connections::range(Protocol::Udp, 53, 53);
        let sctp = Connections::of_protocol(Protocol::Sctp);
        assert_eq!(tcp(&[(80, 80)]).union(&udp).union(&sctp).to_string(), "SCTP 1-65535, TCP 80, UDP 53");
        assert_eq!(Connections::all().to_string(), "all");
        assert_eq!("ICMP".parse::<Protocol>(), Err("unknown protocol `ICMP`: TCP, UDP or SCTP".to_owned()));
    }
}
