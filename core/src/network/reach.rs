//! [`Reach`]: who reaches whom, over all workloads at once.
//!
//! Pods of one workload that no policy tells apart are one party, and so are addresses outside of the cluster. What
//! policies allow is worked out once for each different list of policies, not for each Pod.

use super::address::{Block, IpBlock, joined, parts};
use super::connections::Connections;
use super::decision::End;
use super::endpoint::ObjectName;
use super::exposure::Exposure;
use super::policy::{Direction, Peer, Policy, Rule};
use super::{Network, TooLarge};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Pairs of parties that may be listed, and connections that may be kept.
const MOST_PAIRS: usize = 1 << 25;
/// Rules and their peers that may be held against parties.
const MOST_STEPS: usize = 1 << 28;

/// All connections that policies allow.
#[derive(Debug)]
pub struct Reach {
    pool: Pool,
    workloads: Vec<Workload>,
    /// Parts of the addresses outside that the ingress rules tell apart.
    sources: Vec<Block>,
    /// The same of egress rules.
    destinations: Vec<Block>,
    /// Ingresses and the like, with the workload that each leads to.
    exposed: Vec<(String, usize, Id)>,
    /// What each party outside or inside may send or get: by workload, then by part.
    rows: Vec<Vec<Id>>,
}

/// One or more Pods that policies do not tell apart.
#[derive(Debug)]
struct Workload {
    name: String,
    /// Whether there may be more than one.
    several: bool,
    /// The rows of its ingress and egress.
    ingress: usize,
    egress: usize,
}

/// A connection between two parties.
#[derive(Clone, Debug)]
pub struct Connection<'r> {
    pub from: Party<'r>,
    pub to: Party<'r>,
    pub connections: &'r Connections,
}

/// One end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Party<'r> {
    /// `namespace/pod` or `namespace/Kind/name`.
    Workload(&'r str),
    /// Addresses outside of the cluster.
    Outside(Vec<Block>),
    /// What leads to a workload: `Ingress shop/front`.
    Through(&'r str),
}

/// What is not worked out from one set of objects alone.
#[derive(Debug, Default)]
pub(super) struct Finer<'f> {
    /// Blocks at whose ends addresses are cut too, of ingress and egress rules.
    pub(super) blocks: [Vec<&'f IpBlock>; 2],
    /// Workloads whose Pods are each a party.
    pub(super) apart: HashSet<ObjectName>,
}

/// Different connections by their numbers.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    all: Vec<Connections>,
    ids: HashMap<Connections, Id>,
    unions: HashMap<(Id, Id), Id>,
    intersections: HashMap<(Id, Id), Id>,
}

pub(super) type Id = u32;

const NONE: Id = 0;
const ALL: Id = 1;

/// Endpoints by the party that they belong to.
struct Parties {
    of_endpoint: Vec<u32>,
    /// The endpoints of each party.
    endpoints: Vec<Vec<usize>>,
}

impl Network<'_> {
    /// Works out who reaches whom.
    pub fn reach(&self) -> Result<Reach, TooLarge> {
        self.finer_reach(&Finer::default())
    }

    pub(super) fn finer_reach(&self, finer: &Finer<'_>) -> Result<Reach, TooLarge> {
        let parties = self.parties(&finer.apart);
        let cut = |direction: Direction, more: &[&IpBlock]| {
            let own = self.policies.iter().flat_map(|policy| policy.blocks(direction));
            parts(&Block::EVERYTHING, own.chain(more.iter().copied()))
        };
        let [ingress, egress] = &finer.blocks;
        let (sources, destinations) = (cut(Direction::Ingress, ingress), cut(Direction::Egress, egress));
        let count = parties.endpoints.len();
        if count.saturating_mul(count + sources.len() + destinations.len()) > MOST_PAIRS {
            return Err(TooLarge("Pods and address blocks"));
        }
        let mut made = Rows {
            network: self,
            parties: &parties,
            pool: Pool::new(),
            rows: Vec::new(),
            known: HashMap::new(),
            steps: 0,
            ways: self
                .policies
                .iter()
                .map(|policy| Direction::BOTH.map(|direction| Way::of(policy, direction)))
                .collect(),
        };
        let mut workloads = Vec::with_capacity(count);
        let names = self.party_names(&parties);
        for (endpoints, name) in parties.endpoints.iter().zip(names) {
            let Some(&first) = endpoints.first() else { continue };
            workloads.push(Workload {
                name,
                several: endpoints.len() > 1 || self.endpoints.get(first).is_some_and(|own| own.several),
                ingress: made.row(Direction::Ingress, first, &sources)?,
                egress: made.row(Direction::Egress, first, &destinations)?,
            });
        }
        let Rows { mut pool, rows, .. } = made;
        let mut led: BTreeMap<(String, usize), Connections> = BTreeMap::new();
        for Exposure { through, endpoint, connections } in self.exposures()? {
            let Some(party) = parties.of_endpoint.get(endpoint) else { continue };
            let all = led.entry((through, *party as usize)).or_default();
            *all = all.union(&connections);
        }
        let exposed = led.into_iter().map(|((through, party), all)| (through, party, pool.id(all))).collect();
        Ok(Reach { pool, workloads, sources, destinations, exposed, rows })
    }

    /// Workloads of which policies tell some Pods from others.
    pub(super) fn divided(&self) -> HashSet<ObjectName> {
        let parties = self.parties(&HashSet::new());
        let mut seen = HashSet::new();
        let firsts = parties.endpoints.iter().filter_map(|endpoints| self.endpoints.get(*endpoints.first()?));
        firsts.filter(|own| !seen.insert(&own.owner)).map(|own| own.owner.clone()).collect()
    }

    /// Puts together what belongs to one workload and is told apart by no selector, address or named port.
    fn parties(&self, apart: &HashSet<ObjectName>) -> Parties {
        let mut of_endpoint = Vec::with_capacity(self.endpoints.len());
        let mut owners = HashMap::new();
        let has_names = Direction::BOTH.into_iter().any(|direction| {
            let rules = self.policies.iter().flat_map(|policy| policy.rules(direction).unwrap_or_default());
            rules.into_iter().any(Rule::has_names)
        });
        let blocks: Vec<&IpBlock> = Direction::BOTH
            .into_iter()
            .flat_map(|direction| self.policies.iter().flat_map(move |policy| policy.blocks(direction)))
            .collect();
        for (number, own) in self.endpoints.iter().enumerate() {
            let next = owners.len() as u32;
            let named = has_names.then(|| own.port_names());
            let addresses = own.addresses.as_slice();
            let addresses = if blocks.is_empty() { &[] } else { addresses };
            let alone = apart.contains(&own.owner).then_some(number);
            of_endpoint.push(*owners.entry((&own.owner, named, addresses, alone)).or_insert(next));
        }
        let mut next = owners.len() as u32;
        for set in self.members.all() {
            // Those of a party that are members become a party of their own.
            let mut new = HashMap::new();
            for number in set.iter() {
                if let Some(party) = of_endpoint.get_mut(number) {
                    *party = *new.entry(*party).or_insert_with(|| {
                        next += 1;
                        next - 1
                    });
                }
            }
            // Numbers are made small again before they run out.
            if next > u32::MAX / 2 {
                next = renumber(&mut of_endpoint);
            }
        }
        let count = renumber(&mut of_endpoint);
        let mut endpoints = vec![Vec::new(); count as usize];
        for (number, party) in of_endpoint.iter().enumerate() {
            if let Some(list) = endpoints.get_mut(*party as usize) {
                list.push(number);
            }
        }
        Parties { of_endpoint, endpoints }
    }

    /// The name of the workload, or of its first Pod where the workload is more than one party.
    fn party_names(&self, parties: &Parties) -> Vec<String> {
        let first = |endpoints: &[usize]| endpoints.first().and_then(|first| self.endpoints.get(*first));
        let mut counts: HashMap<&ObjectName, usize> = HashMap::new();
        for own in parties.endpoints.iter().filter_map(|endpoints| first(endpoints)) {
            *counts.entry(&own.owner).or_default() += 1;
        }
        let name = |endpoints: &Vec<usize>| match first(endpoints) {
            Some(own) if counts.get(&own.owner) == Some(&1) => own.owner.to_string(),
            Some(own) if endpoints.len() > 1 => format!("{} and {} more", own.name, endpoints.len() - 1),
            Some(own) => own.name.to_string(),
            None => String::new(),
        };
        parties.endpoints.iter().map(name).collect()
    }
}

/// Numbers from 0 on in place of others, as many as there are.
fn renumber(numbers: &mut [u32]) -> u32 {
    let mut new: HashMap<u32, u32> = HashMap::new();
    for number in numbers {
        let next = new.len() as u32;
        *number = *new.entry(*number).or_insert(next);
    }
    new.len() as u32
}

/// Rows while they are made.
struct Rows<'n, 'o> {
    network: &'n Network<'o>,
    parties: &'n Parties,
    pool: Pool,
    rows: Vec<Vec<Id>>,
    /// Rows by the policies that they come from, and the endpoint where its port names count.
    known: HashMap<(Direction, Vec<u32>, Option<usize>), usize>,
    steps: usize,
    /// Of each policy, by direction; none when it is not about it.
    ways: Vec<[Option<Way>; 2]>,
}

/// What there is to a policy in one direction.
#[derive(Clone, Copy, Debug)]
struct Way {
    has_names: bool,
    /// Rules, blocks and what is excepted from them; where the order of rules counts, peers too.
    weight: usize,
}

impl Way {
    fn of(policy: &Policy<'_>, direction: Direction) -> Option<Way> {
        let rules = policy.rules(direction)?;
        let blocks: usize = policy.blocks(direction).map(|block| 1 + block.except.len()).sum();
        let peers = if policy.tier.is_network_policy() {
            0
        } else {
            rules.iter().flat_map(|rule| &rule.peers).flatten().count()
        };
        Some(Way { has_names: rules.iter().any(Rule::has_names), weight: rules.len() + blocks + peers })
    }
}

impl<'o> Rows<'_, 'o> {
    /// The row of what an endpoint may get or send.
    fn row(&mut self, direction: Direction, own: usize, outside: &[Block]) -> Result<usize, TooLarge> {
        let network = self.network;
        let way =
            |at: &u32| self.ways.get(*at as usize).and_then(|ways| ways.get(direction as usize)).copied();
        let selecting = network.selecting.get(own).into_iter().flatten();
        let about: Vec<(u32, Way)> = selecting.filter_map(|at| Some((*at, way(at)??))).collect();
        let by_names = direction == Direction::Ingress && about.iter().any(|(_, way)| way.has_names);
        let weight: usize = about.iter().map(|(_, way)| way.weight).sum();
        let key = (direction, about.into_iter().map(|(at, _)| at).collect(), by_names.then_some(own));
        if let Some(row) = self.known.get(&key) {
            return Ok(*row);
        }
        let width = self.parties.endpoints.len() + outside.len();
        if (self.rows.len() + 1).saturating_mul(width) > MOST_PAIRS {
            return Err(TooLarge("Pods and policies"));
        }
        self.count(weight.saturating_mul(width))?;
        let policies: Vec<&Policy<'o>> = network.policies_of(own, direction).collect();
        let row = if policies.is_empty() {
            vec![ALL; width]
        } else if policies.iter().all(|policy| policy.tier.is_network_policy()) {
            self.sum(direction, own, &policies, outside)?
        } else {
            self.one_by_one(direction, own, outside)
        };
        self.rows.push(row);
        self.known.insert(key, self.rows.len() - 1);
        Ok(self.rows.len() - 1)
    }

    /// NetworkPolicies only add: what each rule allows goes to those whom it is about.
    fn sum(
        &mut self,
        direction: Direction,
        own: usize,
        policies: &[&Policy<'o>],
        outside: &[Block],
    ) -> Result<Vec<Id>, TooLarge> {
        let (network, parties) = (self.network, self.parties);
        let width = parties.endpoints.len() + outside.len();
        let mut row = vec![NONE; width];
        for rule in policies.iter().flat_map(|policy| policy.rules(direction).unwrap_or_default()) {
            let by_peer = direction == Direction::Egress && rule.has_names();
            let destination = match direction {
                Direction::Ingress => network.endpoints.get(own),
                Direction::Egress => None,
            };
            let plain = self.pool.id(rule.connections(destination));
            let places: Vec<usize> = match &rule.peers {
                None => (0..width).collect(),
                Some(peers) => peers.iter().flat_map(|peer| self.places(peer, outside)).collect(),
            };
            self.count(places.len())?;
            for at in places {
                let first = || network.endpoints.get(*parties.endpoints.get(at)?.first()?);
                let granted = match first().filter(|_| by_peer) {
                    Some(peer) => self.pool.id(rule.connections(Some(peer))),
                    None => plain,
                };
                if let Some(place) = row.get_mut(at) {
                    *place = self.pool.union(*place, granted);
                }
            }
        }
        Ok(row)
    }

    /// The places in a row that a peer is about.
    fn places(&self, peer: &Peer, outside: &[Block]) -> Vec<usize> {
        let (network, parties) = (self.network, self.parties);
        match peer {
            Peer::Pods(id) => {
                let numbers = network.members.of(*id).iter();
                let mut places: Vec<usize> = numbers
                    .filter_map(|number| parties.of_endpoint.get(number))
                    .map(|party| *party as usize)
                    .collect();
                places.sort_unstable();
                places.dedup();
                places
            }
            Peer::Blocks(blocks) => {
                let is_in = |address| blocks.iter().any(|block| block.contains(address));
                let count = parties.endpoints.len();
                let parts = outside.iter().enumerate().filter(|(_, part)| is_in(part.first()));
                // Pods whose address is known.
                let pods = parties.endpoints.iter().enumerate().filter(|(_, endpoints)| {
                    let first = endpoints.first().and_then(|first| network.endpoints.get(*first));
                    first.is_some_and(|own| own.addresses.iter().any(|address| is_in(*address)))
                });
                parts.map(|(at, _)| count + at).chain(pods.map(|(at, _)| at)).collect()
            }
            Peer::Nothing => Vec::new(),
        }
    }

    /// Counts what has to be compared.
    fn count(&mut self, steps: usize) -> Result<(), TooLarge> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > MOST_STEPS { Err(TooLarge("rules and what they are about")) } else { Ok(()) }
    }

    /// Where the order of rules counts.
    fn one_by_one(&mut self, direction: Direction, own: usize, outside: &[Block]) -> Vec<Id> {
        let inside = self.parties.endpoints.iter().filter_map(|endpoints| endpoints.first());
        let inside = inside.map(|number| End::Endpoint(*number));
        let ends = inside.chain(outside.iter().map(|part| End::Outside(part.first())));
        let network = self.network;
        ends.map(|end| self.pool.id(network.allowed(direction, own, end))).collect()
    }
}

impl Reach {
    /// Tells all connections: from outside, through Ingresses and the like, then of each workload to outside and to
    /// others, in the order of their names. Traffic of
    /// a workload to itself is told where it may have more than one Pod.
    pub fn each(&self, tell: &mut dyn FnMut(Connection<'_>)) {
        let mut pool = self.pool.clone();
        let mut order: Vec<usize> = (0..self.workloads.len()).collect();
        order.sort_by_key(|at| self.workloads.get(*at).map(|own| own.name.as_str()));
        let name = |at: usize| Party::Workload(self.name(at));
        for at in &order {
            for (id, blocks) in self.outside(*at, Direction::Ingress) {
                let connections = pool.of(id);
                tell(Connection { from: Party::Outside(blocks), to: name(*at), connections });
            }
        }
        for (through, at, id) in self.exposed.iter().filter(|(_, _, id)| *id != NONE) {
            tell(Connection { from: Party::Through(through), to: name(*at), connections: pool.of(*id) });
        }
        for at in &order {
            for (id, blocks) in self.outside(*at, Direction::Egress) {
                let connections = pool.of(id);
                tell(Connection { from: name(*at), to: Party::Outside(blocks), connections });
            }
            for other in &order {
                let id = self.between(*at, *other, &mut pool);
                if id != NONE && (at != other || self.workloads.get(*at).is_some_and(|own| own.several)) {
                    let connections = pool.of(id);
                    tell(Connection { from: name(*at), to: name(*other), connections });
                }
            }
        }
    }

    /// The names of all workloads.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.workloads.iter().map(|own| own.name.as_str())
    }

    pub(super) fn pool(&self) -> Pool {
        self.pool.clone()
    }

    pub(super) fn len(&self) -> usize {
        self.workloads.len()
    }

    pub(super) fn name(&self, at: usize) -> &str {
        self.workloads.get(at).map(|own| own.name.as_str()).unwrap_or_default()
    }

    pub(super) fn exposed(&self) -> &[(String, usize, Id)] {
        &self.exposed
    }

    pub(super) fn is_several(&self, at: usize) -> bool {
        self.workloads.get(at).is_some_and(|own| own.several)
    }

    pub(super) fn between(&self, from: usize, to: usize, pool: &mut Pool) -> Id {
        let row = |row: Option<usize>, at: usize| {
            row.and_then(|row| self.rows.get(row)).and_then(|row| row.get(at)).copied().unwrap_or(NONE)
        };
        let egress = row(self.workloads.get(from).map(|own| own.egress), to);
        let ingress = row(self.workloads.get(to).map(|own| own.ingress), from);
        pool.intersection(egress, ingress)
    }

    /// What a workload may get from, or send to, each part of the addresses outside.
    pub(super) fn outside_parts(&self, at: usize, direction: Direction) -> impl Iterator<Item = (Block, Id)> {
        let own = self.workloads.get(at);
        let (row, parts) = match direction {
            Direction::Ingress => (own.map(|own| own.ingress), &self.sources),
            Direction::Egress => (own.map(|own| own.egress), &self.destinations),
        };
        let row = row.and_then(|row| self.rows.get(row)).map(Vec::as_slice).unwrap_or_default();
        parts.iter().copied().zip(row.iter().skip(self.workloads.len()).copied())
    }

    /// The addresses outside by what is allowed.
    fn outside(&self, at: usize, direction: Direction) -> Vec<(Id, Vec<Block>)> {
        let mut found: Vec<(Id, Vec<Block>)> = Vec::new();
        let mut places = HashMap::new();
        for (part, id) in self.outside_parts(at, direction).filter(|(_, id)| *id != NONE) {
            let place = *places.entry(id).or_insert(found.len());
            match found.get_mut(place) {
                Some((_, blocks)) => blocks.push(part),
                None => found.push((id, vec![part])),
            }
        }
        found.into_iter().map(|(id, blocks)| (id, joined(blocks))).collect()
    }
}

/// `external`, with the addresses where it is not all of them.
impl std::fmt::Display for Party<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Party::Workload(name) | Party::Through(name) => f.write_str(name),
            Party::Outside(blocks) if *blocks == Block::EVERYTHING => f.write_str("external"),
            Party::Outside(blocks) => {
                let blocks: Vec<String> = blocks.iter().map(ToString::to_string).collect();
                write!(f, "external {}", super::decision::listed(&blocks))
            }
        }
    }
}

impl Pool {
    pub(super) fn new() -> Pool {
        let (none, all) = (Connections::NONE, Connections::all());
        let ids = HashMap::from([(none.clone(), NONE), (all.clone(), ALL)]);
        Pool { all: vec![none, all], ids, unions: HashMap::new(), intersections: HashMap::new() }
    }

    pub(super) fn id(&mut self, connections: Connections) -> Id {
        if let Some(id) = self.ids.get(&connections) {
            return *id;
        }
        let id = self.all.len() as Id;
        self.all.push(connections.clone());
        self.ids.insert(connections, id);
        id
    }

    pub(super) fn of(&self, id: Id) -> &Connections {
        const NOTHING: &Connections = &Connections::NONE;
        self.all.get(id as usize).unwrap_or(NOTHING)
    }

    fn union(&mut self, one: Id, other: Id) -> Id {
        match (one, other) {
            (NONE, id) | (id, NONE) => return id,
            (ALL, _) | (_, ALL) => return ALL,
            _ if one == other => return one,
            _ => {}
        }
        if let Some(id) = self.unions.get(&(one, other)) {
            return *id;
        }
        let id = self.id(self.of(one).union(self.of(other)));
        self.unions.insert((one, other), id);
        id
    }

    fn intersection(&mut self, one: Id, other: Id) -> Id {
        match (one, other) {
            (ALL, id) | (id, ALL) => return id,
            (NONE, _) | (_, NONE) => return NONE,
            _ if one == other => return one,
            _ => {}
        }
        if let Some(id) = self.intersections.get(&(one, other)) {
            return *id;
        }
        let id = self.id(self.of(one).intersection(self.of(other)));
        self.intersections.insert((one, other), id);
        id
    }
}
